"""Blocks run by themselves, each after what it needs of those above, and told as soon as they end.

Whoever edits a block usually edits it again. What it needs may take long to run (a model that is
trained), so it is run once more beforehand, in a kernel that then waits for the block.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from livedocs.execution.progress import Progress
from livedocs.execution.results import CellResult
from livedocs.execution.session import Session
from livedocs.pages.chapter import Cell, Chapter
from livedocs.settings import Settings

#: The text of what a block needs of those above, as (block, place in the page, text) in order.
Pieces = Sequence[tuple[int, int, str]]
Heard = Callable[[int, CellResult], None]


class Told(Session):
    """A session that tells of each block as soon as it ends."""

    def __init__(self, chapter, settings, progress, heard: Heard):
        super().__init__(chapter, settings, progress)
        self.heard, self.count = heard, itertools.count()

    async def _run_cell(self, client, cell, clean):
        result = await super()._run_cell(client, cell, clean)
        self.heard(next(self.count), result)
        return result


class Quiet(Progress):
    """Says nothing."""

    def update(self, name: str, block: int, total: int) -> None: ...

    def finish(self, name: str, done: int, total: int, seconds: float) -> None: ...

    def note(self, text: str) -> None: ...


def only(
    chapter: Chapter, above: Sequence[Pieces], blocks: Iterable[int]
) -> tuple[Chapter, list[int | None]]:
    """A page with some of the executed blocks of another, and what they need of those above.

    Returns:
        The page; and for each of its blocks, the number of the block that it is, None if it only
        holds what the next one needs.
    """
    cells: list[Cell] = []
    whose: list[int | None] = []
    done: set[int] = set()  # places of the statements that are there already
    whole: set[int] = set()
    for number in blocks:
        cell = chapter.executed_cells[number]
        pieces = [p for p in above[number] if p[1] not in done and p[0] not in whole]
        if pieces:
            code = "\n".join(source for _, _, source in pieces)
            cells.append(replace(cell, code=code, attributes={}, options=None))
            whose.append(None)
            done.update(place for _, place, _ in pieces)
        cells.append(cell)
        whose.append(number)
        whole.add(number)
    return replace(chapter, parts=tuple(cells)), whose


class Ready(Told):
    """A session that runs all the blocks of a page but the last, and waits to be asked for that one.

    Its page says nothing of the last block but that there is one.
    """

    def __init__(self, thin: Chapter, settings: Settings):
        super().__init__(thin, settings, Quiet(), lambda number, result: None)
        self.asked: asyncio.Future[Cell] = asyncio.get_running_loop().create_future()
        self.task = asyncio.ensure_future(self.execute())

    def fits(self, thin: Chapter) -> bool:
        """Whether it is running, or has run, what another page has before its last block."""
        before = [[cell.code for cell in page.executed_cells[:-1]] for page in (self.chapter, thin)]
        same = self.chapter.path == thin.path and before[0] == before[1]
        return same and not self.task.done() and not self.asked.done()

    async def finish(self, cell: Cell, heard: Heard) -> None:
        """Run the last block."""
        self.heard = heard
        self.asked.set_result(cell)
        await self.task

    async def _run_cell(self, client, cell, clean):
        if cell is self.chapter.executed_cells[-1]:
            cell = await self.asked
            self.deadline = time.monotonic() + self.settings.chapter_seconds
        return await super()._run_cell(client, cell, clean)
