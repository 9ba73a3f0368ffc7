"""Sharing out work among machines that don't talk to each other: each takes one part, by its number."""

from __future__ import annotations

import re
from collections.abc import Mapping


def part_of(weights: Mapping[str, float], part: str) -> set[str]:
    """What is in a part, «1/4» for instance; all the parts of four are everything, once.

    Args:
        weights: How much each piece of work is.
        part: Which part, of how many.

    Raises:
        ValueError: it is no part; in Spanish.
    """
    found = re.fullmatch(r"(\d+)/(\d+)", part)
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise ValueError(f"--part dice qué parte de cuántas, como 1/4; dice «{part}».")
    number, of = map(int, found.groups())
    # The large ones are dealt out first, one to each part.
    dealt = sorted(weights, key=lambda piece: (-weights[piece], piece))
    return set(dealt[number - 1 :: of])
