"""Which statements of the blocks above a block needs: the rule of «Copiar hasta acá»."""

from __future__ import annotations

from collections.abc import Iterable

from livedocs.derived.standalone.statements import Statement


def needed(statements: list[Statement], number: int) -> list[Statement]:
    """The statements of earlier blocks that block `number` needs, in order.

    Where a block can't be read, those below it, and itself, may need anything above.
    """
    if any(s.opaque and (s.cell == number or (s.cell < number and not s.lost)) for s in statements):
        return [s for s in statements if s.cell < number and not s.lost]
    definitions: dict[str, list[int]] = {}
    for place, statement in enumerate(statements):
        if statement.defines:
            for name in statement.binds:
                definitions.setdefault(name, []).append(place)

    needed: set[str] = {"§settings"}

    def need(names: Iterable[str], place: int) -> None:
        """Also what functions and classes will look up when they are used at `place`."""
        for name in names:
            if name in needed:
                continue
            needed.add(name)
            before = [at for at in definitions.get(name, ()) if at < place]
            if before:
                need(statements[before[-1]].reads, place)

    kept: list[int] = []
    for place in range(len(statements) - 1, -1, -1):
        statement = statements[place]
        if statement.cell > number:
            continue
        own = statement.cell == number
        wanted = needed & (statement.binds | statement.changes)
        # A seed counts for what is kept below it, in its block.
        seeds = statement.seeds and kept and statements[kept[-1]].cell == statement.cell
        if not (own or wanted or seeds):
            continue
        if not own:
            kept.append(place)
        needed.difference_update(statement.replaces)
        need(statement.reads, place)
    return [statements[place] for place in reversed(kept)]
