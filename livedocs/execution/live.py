"""Execution while the page is being looked at: nobody waits for it, and it is shown as it comes.

A page that changed is run whole, from top to bottom in a fresh kernel, as always: that is what is
kept and what is shown in the end. Until then the blocks that changed are also run by themselves,
each after what it needs of those above («Copiar hasta acá»), in a kernel of their own: theirs is
the output that somebody waits for, and it may be far down the page.
"""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cached_property

from livedocs.execution import processes
from livedocs.execution.ahead import Pieces, Quiet, Ready, Told, only
from livedocs.execution.executor import Executor
from livedocs.execution.key import ExecutionError
from livedocs.execution.progress import Progress
from livedocs.execution.results import OK, WAITING, CellResult, Execution
from livedocs.execution.session import Session
from livedocs.kept import digest
from livedocs.pages.chapter import Chapter
from livedocs.settings import Settings

PROVISIONAL = "provisional"

#: What a block needs is run beforehand, for the next time, if it takes as many seconds.
WORTH = 0.5


@dataclass(frozen=True)
class Unfinished(Execution):
    """What is known of a page before all of it has run.

    Attributes:
        marks: For each executed block: "provisional" if it was shown before the page was run
            whole, "waiting" if what it showed is no longer true; "" if nothing of it changed.
    """

    marks: tuple[str, ...] = ()

    @property
    def finished(self) -> bool:
        return False

    @cached_property
    def digest(self) -> str:
        return digest(super().digest, *self.marks)


@dataclass
class _Run:
    """A page under way."""

    chapter: Chapter
    key: str
    known: list[CellResult | None]  # what each block showed before, if it still holds
    changed: list[int]  # the blocks whose code is new
    first: int  # the first that is new, or depends on one
    urgent: bool  # it was edited, and somebody waits
    order: int
    results: list[CellResult] = field(default_factory=list)  # of the run from top to bottom
    ahead: dict[int, CellResult] = field(default_factory=dict)  # of blocks run by themselves
    tasks: list[asyncio.Task] = field(default_factory=list)
    shown: Execution | None = None
    over: bool = False

    def execution(self, provenance: dict) -> Execution:
        if self.shown is None:
            results, marks = [], []
            for number, known in enumerate(self.known):
                found = known
                if number < len(self.results):
                    found = self.results[number]
                elif number in self.ahead:
                    found = self.ahead[number]
                mark = PROVISIONAL if number >= self.first else ""
                results.append(found or CellResult(WAITING, []))
                marks.append(mark if found else WAITING)
            self.shown = Unfinished(tuple(results), provenance, tuple(marks))
        return self.shown


class LiveExecutor(Executor):
    """Executes in the background. What :meth:`run` gives may be unfinished; it never waits.

    Args:
        settings: Limits, data profile and folders.
        above: What each executed block of a page needs of those above it.
        changed: Called, from another thread, with a page of which more is known.
        progress: Where the work under way is shown.
    """

    def __init__(
        self,
        settings: Settings,
        above: Callable[[Chapter], Sequence[Pieces]],
        changed: Callable[[str], None],
        progress: Progress | None = None,
    ):
        super().__init__(settings, progress)
        self.above, self.changed = above, changed
        self._turn = threading.RLock()
        self._keys: dict[str, tuple[Chapter, str]] = {}
        self._whole: dict[str, tuple[Chapter, Execution]] = {}  # the last of each page
        self._runs: dict[str, _Run] = {}
        self._busy: set[str] = set()
        self._open: tuple[str, ...] = ()
        self._latest: dict[str, Execution] = {}
        self._ready: Ready | None = None
        self._orders = itertools.count()
        self._loop = asyncio.new_event_loop()
        # nbclient leaves behind a task that looks for its kernel, and complains.
        self._loop.set_exception_handler(lambda *_: None)
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> LiveExecutor:
        processes.sweep()
        processes.adopt_orphans()
        if trouble := self.cache.trouble():
            self._warn(trouble)
        self._thread.start()
        return self

    def __exit__(self, *exc) -> None:
        """End every kernel; a second Ctrl-C does not cut it."""
        with processes.undisturbed():
            with self._turn:
                for run in self._runs.values():
                    run.over = True
                self._runs.clear()
            asyncio.run_coroutine_threadsafe(_end_all(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
            processes.adopt_orphans(False)

    # What is known ------------------------------------------------------------------------

    def key(self, chapter: Chapter) -> str:
        known = self._keys.get(chapter.path)
        if known is None or known[0].code_digest != chapter.code_digest:
            known = self._keys[chapter.path] = chapter, super().key(chapter)
        return known[1]

    def run(self, chapters: list[Chapter]) -> dict[str, Execution]:
        try:
            with self._turn:
                for chapter in chapters:
                    self._latest[chapter.path] = self._judge(chapter, self._now(chapter))
                return {chapter.path: self._latest[chapter.path] for chapter in chapters}
        except (ValueError, OSError) as error:
            raise ExecutionError(str(error)) from None

    def _now(self, chapter: Chapter) -> Execution:
        key = self.key(chapter)
        if key not in self._memory and (found := self._find(key, chapter)):
            self._memory[key] = found
        if not chapter.executed_cells:  # there is nothing to run
            self._memory.setdefault(key, Execution((), self._origin(chapter)))
        if execution := self._memory.get(key):
            self._drop(chapter.path)
            if not (execution.failed and chapter.path in self._whole):
                self._whole[chapter.path] = chapter, execution
            return execution
        run = self._runs.get(chapter.path)
        if run is None or run.key != key:
            self._drop(chapter.path)
            run = self._runs[chapter.path] = self._begun(chapter, key)
            self._loop.call_soon_threadsafe(self._pump)
        return run.execution(self._origin(chapter))

    def _origin(self, chapter: Chapter) -> dict:
        return Session(chapter, self.settings, self.progress)._provenance(len(chapter.executed_cells), 0)

    def _begun(self, chapter: Chapter, key: str) -> _Run:
        """A page that has to be executed, with what still holds of what it showed before."""
        cells = chapter.executed_cells
        old, execution = self._whole.get(chapter.path, (None, None))
        known: list[CellResult | None] = [None] * len(cells)
        same: dict[int, int] = {}  # where each block was before
        if old is not None:
            codes = [[(c.code, c.raises) for c in page.executed_cells] for page in (old, chapter)]
            for match in SequenceMatcher(a=codes[0], b=codes[1], autojunk=False).get_matching_blocks():
                same |= {match.b + n: match.a + n for n in range(match.size)}
            before, now = self.above(old), self.above(chapter)
            for number, place in same.items():
                if [p[2] for p in now[number]] == [p[2] for p in before[place]]:
                    result = execution.results[place]
                    known[number] = result if result.status == OK else None
        first = next((n for n, result in enumerate(known) if result is None), len(cells))
        changed = [n for n in range(len(cells)) if n not in same] if old is not None else []
        return _Run(chapter, key, known, changed, first, old is not None, next(self._orders))

    def open(self, pages: Iterable[str]) -> None:
        """Say which pages somebody looks at: they go first."""
        self._open = tuple(pages)
        self._loop.call_soon_threadsafe(self._let_go)

    def _let_go(self) -> None:
        if self._ready and self._ready.chapter.path not in self._open:  # it holds memory
            self._ready.task.cancel()
            self._ready = None

    def keep(self, pages: Iterable[str]) -> None:
        """Say which pages there are: what is under way of others is ended."""
        with self._turn:
            for page in self._runs.keys() - set(pages):
                self._drop(page)

    def version(self, page: str) -> str:
        """Tells what is known now of a page from what was known before; "" if it was never asked for."""
        with self._turn:
            if run := self._runs.get(page):
                return run.execution(self._origin(run.chapter)).digest
            return self._latest[page].digest if page in self._latest else ""

    def running(self, page: str) -> bool:
        """Whether a page is still to be executed, or is under way."""
        return page in self._runs

    def pending(self) -> int:
        """How many pages are not known yet."""
        return len(self._runs)

    def forget(self, chapters: list[Chapter]) -> None:
        with self._turn:
            super().forget(chapters)

    def forget_failures(self, pages: Iterable[str] = ()) -> None:
        """Let pages that failed be tried again."""
        with self._turn:
            for page in pages:
                key = self._keys[page][1] if page in self._keys else ""
                if key in self._memory and self._memory[key].failed:
                    del self._memory[key]

    def _drop(self, page: str) -> None:
        if run := self._runs.pop(page, None):
            run.over = True
            self._loop.call_soon_threadsafe(_cancel, run)

    # The work, in the thread of the loop --------------------------------------------------

    def _pump(self) -> None:
        """Start what can be started: what was edited, at once; of the rest, what is looked at first."""
        with self._turn:
            idle = [run for run in self._runs.values() if not run.tasks and not run.over]
            idle.sort(key=lambda run: (not run.urgent, run.chapter.path not in self._open, run.order))
            active = sum(bool(run.tasks) for run in self._runs.values())
            for run in idle:
                if not run.urgent and active >= self.settings.workers:
                    break
                active += 1
                run.tasks.append(self._loop.create_task(self._execute(run)))
                if run.changed and max(run.changed) > 0:
                    run.tasks.append(self._loop.create_task(self._look_ahead(run)))

    async def _execute(self, run: _Run) -> None:
        """The page, from top to bottom."""
        try:
            while True:
                with self._claim(run.key) as ours:
                    if ours:
                        execution = self._find(run.key, run.chapter) or await self._stream(run)
                        break
                await asyncio.sleep(0.3)
            with self._turn:
                if not run.over:
                    run.over = True
                    self._memory[run.key] = execution
                    self._runs.pop(run.chapter.path, None)
                    for task in run.tasks:
                        if task is not asyncio.current_task():
                            task.cancel()
            self.changed(run.chapter.path)
        except Exception as error:
            run.over = True  # until it changes
            self.progress.note(f"✗ el motor no pudo con {run.chapter.path}: {error!r}")
        finally:
            run.tasks.clear()
            self._pump()

    async def _stream(self, run: _Run) -> Execution:
        def heard(number: int, result: CellResult) -> None:
            with self._turn:
                run.results.append(result)
                run.shown = None
                if run.changed and len(run.results) > max(run.changed):
                    for task in run.tasks[1:]:  # it was not that far ahead
                        task.cancel()
            self.changed(run.chapter.path)

        session = Told(run.chapter, self.settings, self.progress, heard)
        execution = await session.execute()
        self.executed.append(run.chapter.path)
        self._keep(run.key, execution)
        return execution

    async def _look_ahead(self, run: _Run) -> None:
        """The blocks that changed, without those that they don't need."""
        above = self.above(run.chapter)
        thin, whose = only(run.chapter, above, run.changed)

        def heard(number: int, result: CellResult) -> None:
            block = whose[number]
            if block is None:
                return
            with self._turn:
                run.ahead[block] = result
                run.shown = None
            self.changed(run.chapter.path)

        ready, self._ready = self._ready, None
        try:
            if ready and ready.fits(thin):
                await ready.finish(thin.executed_cells[-1], heard)
            else:
                if ready:
                    ready.task.cancel()
                await Told(thin, self.settings, Quiet(), heard).execute()
        finally:
            dropped = run.over and run.key not in self._memory  # it changed again, or all is over
            if len(run.changed) == 1 and not dropped and not self._ready:
                needs = {piece[0] for piece in above[run.changed[0]]}
                known = [*run.results, *run.known[len(run.results) :]]
                if sum(result.seconds for n in needs if (result := known[n])) >= WORTH:
                    self._ready = Ready(thin, self.settings)  # the block may be edited again


def _cancel(run: _Run) -> None:
    for task in run.tasks:
        task.cancel()


async def _end_all() -> None:
    mine = asyncio.current_task()
    tasks = [task for task in asyncio.all_tasks() if task is not mine]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
