"""Blocks with gaps: the code with ▢ in place of what the reader fills in, and what that is.

The page shows the first and the engine executes it filled: both are the same code by construction.
"""

from __future__ import annotations

GAP = "▢"


def pieces(value: str) -> list[str]:
    """What fills each gap, in order, from the value of `data-gaps`."""
    return [piece.strip() for piece in value.split(" | ")]


def fill(code: str, value: str) -> str:
    """The code with each ▢ replaced, in order, by its piece.

    Raises:
        ValueError: as many pieces as gaps there are not, or a piece is empty; in Spanish.
    """
    first, *others = code.split(GAP)
    found = pieces(value)
    if not all(found):
        raise ValueError("a «data-gaps» le falta un pedazo; van separados por « | », ninguno vacío.")
    if len(found) != len(others):
        said = "1 pedazo" if len(found) == 1 else f"{len(found)} pedazos"
        raise ValueError(
            f"el bloque tiene {len(others)} {GAP} y «data-gaps» trae {said}; va uno por {GAP}, en orden "
            "y separados por « | »."
        )
    return first + "".join(piece + code for piece, code in zip(found, others, strict=True))
