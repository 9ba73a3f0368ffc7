"""Decides what has to be executed, and executes it: several chapters at once, each of them once.

An execution is looked up by everything it depends on (`key.py`): first in memory, then in the
cache of this project, then in the store that machines share, if there is one. A failed one is never
written to either, but for the processes that share a run. Two processes never execute the same
chapter of a project at once: one waits for the other.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import asdict
from pathlib import Path

from filelock import FileLock, Timeout

from livedocs.execution import processes, scheduler
from livedocs.execution.cache import Cache
from livedocs.execution.key import ExecutionError, key
from livedocs.execution.progress import Progress
from livedocs.execution.results import OK, Execution, from_json, judged
from livedocs.execution.store import Store
from livedocs.pages.chapter import Chapter
from livedocs.settings import Settings


class Executor:
    """Executes chapters and remembers what it executed.

    Args:
        settings: Limits, data profile and folders.
        progress: Where the work under way is shown.
        failures: A folder where the processes of one run, which disappears with it, tell each
            other what failed, so that each chapter is executed once; None if there is only one.
    """

    def __init__(
        self, settings: Settings, progress: Progress | None = None, failures: Path | None = None
    ):
        self.settings = settings
        self.progress = progress or Progress()
        self.cache = Cache(settings.cache)
        self.cache.adopt(settings.root / ".cache" / "livedocs")
        self.failures = Cache(failures) if failures else None
        self.store = Store(settings.store, self._tell) if settings.store else None
        self.executed: list[str] = []  # pages run by a kernel, for reports and tests
        self._memory: dict[str, Execution] = {}
        self._afresh: set[str] = set()  # not to be looked for in the store
        self._warned = False

    def key(self, chapter: Chapter) -> str:
        """Everything the outputs of a chapter depend on, as one digest."""
        return key(chapter, self.settings)

    def run(self, chapters: list[Chapter]) -> dict[str, Execution]:
        """Executions by page. Each distinct chapter is run at most once.

        Raises:
            ExecutionError: the data profile or the environment is unusable.
        """
        try:
            keys = {chapter.path: self.key(chapter) for chapter in chapters}
        except (ValueError, OSError) as error:
            raise ExecutionError(str(error)) from None
        pending = {}
        for chapter in chapters:
            key = keys[chapter.path]
            if key not in self._memory and (found := self._find(key, chapter)):
                self._memory[key] = found
            if key not in self._memory:
                pending[key] = chapter
        self._fetch(pending)
        if pending:
            self._execute_all(pending)
        return {chapter.path: judged(chapter, self._memory[keys[chapter.path]]) for chapter in chapters}

    def _find(self, key: str, chapter: Chapter) -> Execution | None:
        """What another run, or another process of this one, left on disk."""
        for cache in filter(None, (self.cache, self.failures)):
            if found := from_json(cache.get(key), len(chapter.executed_cells)):
                return found
        return None

    def _fetch(self, pending: dict[str, Chapter]) -> None:
        """Take out of the pending ones those that the store has."""
        if self.store is None:
            return
        before = len(pending)
        asked = [name for name, chapter in pending.items() if chapter.executed_cells]
        for name, value in self.store.get(name for name in asked if name not in self._afresh):
            if found := self._taken(name, pending[name], value):
                self._memory[name] = found
                del pending[name]
        if taken := before - len(pending):
            count = (
                "1 página ya estaba ejecutada"
                if taken == 1
                else f"{taken} páginas ya estaban ejecutadas"
            )
            self._tell(f"▸ {count} en «{self.store.shown}».")

    def _taken(self, key: str, chapter: Chapter, value: dict | None) -> Execution | None:
        """What the store has of a chapter, kept here too; None if it is no whole execution."""
        found = from_json(value, len(chapter.executed_cells))
        if found is None or any(result.status != OK for result in found.results):
            return None
        self._keep(key, found)
        return found

    def _execute_all(self, pending: dict[str, Chapter]) -> None:
        processes.sweep()
        if trouble := self.cache.trouble():  # said before the wait, not after it
            self._warn(trouble)
        # nbclient installs signal handlers when it runs in the main thread, and would then
        # swallow Ctrl-C; in a thread of its own it also works below a running event loop.
        with (
            ThreadPoolExecutor(max_workers=1) as thread,
            self.progress,
            processes.ended_by_signal(),
            processes.adopting_orphans(),
        ):
            loop = asyncio.new_event_loop()
            task = loop.create_task(self._gather(pending))
            work = thread.submit(loop.run_until_complete, task)
            try:
                # A wait without a limit would not hear a Ctrl-C that the system gives to another thread.
                while not wait([work], timeout=0.2).done:
                    pass
                work.result()
            except (KeyboardInterrupt, SystemExit):
                with processes.undisturbed():
                    loop.call_soon_threadsafe(task.cancel)
                    wait([work])
                raise
            finally:
                thread.shutdown()
                loop.close()

    async def _gather(self, pending: dict[str, Chapter]) -> None:
        async with scheduler.chosen(self.settings, self.progress) as machines:
            await self._share_out(pending, machines)

    async def _share_out(self, pending: dict[str, Chapter], machines: scheduler.Machines) -> None:
        slots = asyncio.Semaphore(machines.slots)
        unusable: list[str] = []

        async def one(key: str, chapter: Chapter) -> None:
            while True:
                async with slots:
                    with self._claim(key) as ours:
                        if ours:
                            self._memory[key] = await found(key, chapter) or await execute(key, chapter)
                            return
                await asyncio.sleep(0.3)

        async def found(key: str, chapter: Chapter) -> Execution | None:
            """What another process of this machine, or another machine, executed meanwhile."""
            if execution := self._find(key, chapter):
                return execution
            if self.store is None or key in self._afresh or not chapter.executed_cells:
                return None
            return self._taken(key, chapter, await self.store.find(key))

        async def execute(key: str, chapter: Chapter) -> Execution:
            outcome = await machines.execute(chapter)
            execution = outcome.execution
            self.executed.append(chapter.path)
            if outcome.unusable:
                unusable.append(outcome.unusable)
            self._keep(key, execution)
            if self.store is not None and chapter.executed_cells and not execution.failed:
                group.create_task(self.store.put(key, asdict(execution)))
            self._afresh.discard(key)
            return execution

        try:
            async with asyncio.TaskGroup() as group:
                for key, chapter in pending.items():
                    group.create_task(one(key, chapter))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        if unusable and len(unusable) == len(pending):
            raise ExecutionError(unusable[0])

    @contextlib.contextmanager
    def _claim(self, key: str) -> Iterator[bool]:
        """Whether this process, and no other meanwhile, may execute what has this key."""
        lock = FileLock(self.cache.folder / f"{key}.lock", thread_local=False)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            yield False
            return
        except (OSError, NotImplementedError):  # nowhere to write it: nobody to share with
            yield True
            return
        try:
            yield True
        finally:
            with contextlib.suppress(OSError):  # who waits for it looks in the cache first
                Path(lock.lock_file).unlink()
            lock.release()

    def _keep(self, key: str, execution: Execution) -> None:
        cache = self.failures if execution.failed else self.cache
        if cache is None:
            return
        try:
            cache.put(key, asdict(execution))
        except (OSError, ValueError, TypeError) as error:
            self._warn(f"no se pudo guardar una ejecución ({error}).")

    def _tell(self, text: str) -> None:
        self.progress.note(text)

    def _warn(self, trouble: str) -> None:
        if not self._warned:
            self._warned = True
            self._tell(
                f"Aviso: {trouble} Las páginas se ejecutan igual, pero la próxima vez habrá que "
                "ejecutarlas de nuevo."
            )

    def forget(self, chapters: list[Chapter]) -> None:
        """Drop what is known of these chapters: the next run executes them."""
        for chapter in chapters:
            self._memory.pop(key := self.key(chapter), None)
            self.cache.remove(key)
            self._afresh.add(key)

    def forget_failures(self) -> None:
        """Let chapters that failed be tried again."""
        self._memory = {k: e for k, e in self._memory.items() if not e.failed}
