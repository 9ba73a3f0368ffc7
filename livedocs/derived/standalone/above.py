"""What each block of a page needs of the blocks above it, as pieces: to run a block by itself.

The same rule as «Copiar hasta acá»: if it is the same text as before, so is what the block shows.
"""

from __future__ import annotations

from typing import NamedTuple

from livedocs.derived.standalone.slice import needed
from livedocs.derived.standalone.statements import Reader
from livedocs.kept import once
from livedocs.pages.chapter import Chapter


class Piece(NamedTuple):
    """A statement of a page: the executed block that it is in, its place in the page, its text."""

    cell: int
    place: int
    source: str


@once
def above(chapter: Chapter) -> tuple[tuple[Piece, ...], ...]:
    """For each executed block, what it needs of those above it, in order."""
    statements = Reader().read(chapter.executed_cells)
    place = {id(statement): number for number, statement in enumerate(statements)}
    return tuple(
        tuple(Piece(s.cell, place[id(s)], s.source) for s in needed(statements, number))
        for number in range(len(chapter.executed_cells))
    )
