"""`python -m livedocs serve`: what a contributor saves is seen at once, and nobody waits for the rest.

The files are looked at; what changed is staged; each browser is told if the page that it shows is
another one now. Pages are executed in the background, and shown as they are while that lasts.
"""

from __future__ import annotations

import logging
import os
import queue
import sys
import time
from pathlib import Path

from livedocs.derived.standalone.above import above
from livedocs.execution import processes
from livedocs.execution.key import ExecutionError
from livedocs.execution.live import LiveExecutor
from livedocs.execution.progress import Progress
from livedocs.integrations.serving.server import Server
from livedocs.integrations.serving.site import CONFIG, ConfigProblem, Site
from livedocs.integrations.serving.watching import EVERY, Changes, Watcher
from livedocs.pages.chapter import DOCS_FOLDER, SNIPPETS_FOLDER
from livedocs.settings import Settings
from livedocs.staging import StagingError

#: Seconds without a change after which what nobody waits for is done: whoever saves, saves again.
STILL = 1.0
WATCHED = (DOCS_FOLDER, SNIPPETS_FOLDER, "overrides", CONFIG, "pyproject.toml")


def serve(root: Path, address: str) -> None:
    """Serve a project until Ctrl-C.

    Args:
        root: Its folder.
        address: Host and port, as in "127.0.0.1:8000".

    Raises:
        ValueError: the settings can't be used, in Spanish.
    """
    os.environ["NO_MKDOCS_2_WARNING"] = "1"
    host, _, port = address.rpartition(":")
    with processes.ended_by_signal():
        _Desk(Settings.load(root), (host.strip("[]"), int(port))).work()


class _Desk:
    """Where everything that happens comes to: files that changed, blocks that ended, browsers."""

    def __init__(self, settings: Settings, address: tuple[str, int]):
        self.settings, self.address = settings, address
        self.news: queue.SimpleQueue[str] = queue.SimpleQueue()  # pages of which more is known
        self.progress = _Shown(self.tell_state)
        self.trouble: dict[str, list[str]] = {}  # what keeps the site from being as the files say
        self.said: list[str] = []  # the problems that the terminal already told
        self.changed_at = 0.0
        self.server: Server | None = None

    def work(self) -> None:
        _heed_mkdocs()
        watcher = Watcher(self.settings.root, WATCHED)
        self.executor = LiveExecutor(self.settings, above, self.news.put, self.progress)
        self.site = Site(self.settings.root, self.executor)
        try:
            with (
                self.executor,
                Server(self.address, self.site, self.state, self.opened) as self.server,
            ):
                host = f"[{self.address[0]}]" if ":" in self.address[0] else self.address[0]
                self.progress.note(
                    f"Sirviendo en http://{host}:{self.server.server_port}/ · Ctrl-C para terminar"
                )
                self.begin(watcher)
                while True:
                    self.hear(EVERY)
                    if changes := watcher.changes():
                        self.changed(changes)
        finally:
            self.site.close()

    def begin(self, watcher: Watcher) -> None:
        """Stage for the first time; until that can be done, wait for a change."""
        started = time.monotonic()
        while not self.attempt(self.site.load):
            while not (changes := watcher.changes()):
                time.sleep(EVERY)
            self.say(changes.said())
        self.server.ready.set()
        self.report()
        waiting = self.executor.pending()
        more = (
            f" Falta ejecutar {_pages(waiting)}; se ven igual, y se completan solas." if waiting else ""
        )
        self.progress.note(f"El sitio está listo ({time.monotonic() - started:.1f} s).{more}")

    # What happens -------------------------------------------------------------------------

    def changed(self, changes: Changes) -> None:
        """Files changed."""
        started = time.monotonic()
        self.say(changes.said())
        if "pyproject.toml" in changes.all:
            self.say(["pyproject.toml: los límites nuevos valen cuando vuelvas a empezar el servidor"])
        self.executor.forget_failures(changes.written)
        others = changes.added or changes.gone or changes.renamed or CONFIG in changes.written
        if not others or not self.attempt(self.site.load):
            self.attempt(self.site.refresh)
        self.report()
        self.server.tell_versions()
        self.changed_at = time.monotonic()
        self.progress.note(f"✓ listo en {self.changed_at - started:.2f} s")

    def hear(self, seconds: float) -> None:
        """Wait for news of the pages that are being executed."""
        try:
            pages = {self.news.get(timeout=seconds)}
        except queue.Empty:
            still = time.monotonic() - self.changed_at > STILL
            if still and self.site.kept.postponed and not self.trouble:
                self.attempt(self.site.refresh)
                self.server.tell_versions()
            return
        while not self.news.empty():
            pages.add(self.news.get())
        if any(not self.executor.running(page) for page in pages):  # one is whole
            self.attempt(self.site.refresh)
            self.report()
        self.server.tell_versions()
        self.tell_state()

    def attempt(self, stage) -> bool:
        """Stage; if it can't be done, say why. What `mkdocs.yml` has wrong, it has until it is read again."""
        kind = "config" if stage == self.site.load else "pages"
        self.trouble.pop(kind, None)
        try:
            stage()
        except ConfigProblem as error:
            self.trouble["config"] = str(error).split("\n")
        except StagingError as error:
            self.trouble[kind] = error.problems
        except (ExecutionError, ValueError, OSError) as error:
            self.trouble[kind] = [str(error)]
        else:
            if kind == "config":
                self.trouble.clear()
            return True
        self.report()
        return False

    def opened(self) -> None:
        self.executor.open(self.server.open_pages())

    # What is said -------------------------------------------------------------------------

    def problems(self) -> list[str]:
        """What is to be mended; of the pages, those that say it on their page are told there too."""
        unlisted = self.site.unlisted() if self.site.config else []
        trouble = (problem for each in self.trouble.values() for problem in each)
        return list(dict.fromkeys([*trouble, *self.site.problems, *unlisted]))

    def report(self) -> None:
        """Tell the terminal what is newly wrong, and what no longer is."""
        found = self.problems()
        # What a page that is under way had wrong, it still has until it is known.
        found += [p for p in self.said if p not in found and self.executor.running(p.partition(":")[0])]
        for problem in found:
            if problem not in self.said:
                self.progress.note(f"\n✗ {problem}\n")
        if self.said and not found:
            self.progress.note("✓ No queda nada por arreglar.")
        elif gone := [problem for problem in self.said if problem not in found]:
            self.progress.note(f"✓ Arreglado: {'; '.join(_first(problem) for problem in gone)}")
        self.said = found
        self.tell_state()

    def say(self, lines: list[str]) -> None:
        for line in lines:
            self.progress.note(f"[{time.strftime('%H:%M:%S')}] {line}")

    def state(self) -> dict:
        """What the bar of every browser says."""
        return {
            "running": self.progress.running(),
            "pending": self.executor.pending(),
            "problems": [_first(problem) for problem in self.said],
        }

    def tell_state(self) -> None:
        if self.server and self.server.listeners:
            self.server.tell("state", self.state())


class _Shown(Progress):
    """Shows the work in the terminal, and lets browsers know."""

    def __init__(self, told):
        super().__init__()
        self.told = told

    def update(self, name: str, block: int, total: int) -> None:
        before = self._running.get(name, (0, 0, 0))[0]
        super().update(name, block, total)
        if block != before:
            self.told()

    def finish(self, name: str, done: int, total: int, seconds: float) -> None:
        super().finish(name, done, total, seconds)
        self.told()

    def running(self) -> list[dict]:
        found = self._running.copy().items()
        return [{"page": name, "block": k, "total": of} for name, (k, of, _) in found]


def _first(problem: str) -> str:
    return problem.partition("\n")[0]


def _pages(count: int) -> str:
    return "1 página" if count == 1 else f"{count} páginas"


def _heed_mkdocs() -> None:
    """Let MkDocs say what it finds wrong in the pages; of the menu, this server says it better."""
    log = logging.getLogger("mkdocs")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("MkDocs: %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.WARNING)
    log.propagate = False
    logging.getLogger("mkdocs.structure.nav").setLevel(logging.CRITICAL)
    logging.getLogger("mkdocs.livedocs").setLevel(logging.CRITICAL)  # our problems are told above
