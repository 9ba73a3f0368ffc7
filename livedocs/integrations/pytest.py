"""pytest plugin: pytest-markdown-docs collects one test per block, our executor runs them once.

Through its own hooks: our parser finds the blocks, our runner reports what came of each.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from pytest_markdown_docs._runners import _Runner, register_runner
from pytest_markdown_docs.plugin import (
    MarkdownDocstringCodeModule,
    MarkdownInlinePythonItem,
    MarkdownTextFile,
)

from livedocs.derived import gallery
from livedocs.execution.executor import Executor
from livedocs.execution.key import ExecutionError
from livedocs.execution.progress import Progress
from livedocs.execution.results import NOT_RUN, Execution, failure
from livedocs.pages.chapter import Chapter, ChapterError
from livedocs.settings import Settings


class BlockFailure(Exception):
    """A block that did not end as its page announces; the message is for the contributor."""


class _Pages:
    """The pages of this session: parsed at collection, executed before the first test."""

    def __init__(self, failures: Path | None = None) -> None:
        self.settings = Settings.load()
        self.executor = Executor(self.settings, failures=failures)
        self.collecting: Path | None = None
        self.chapters: dict[Path, Chapter] = {}
        self.unreadable: dict[Path, ChapterError] = {}
        self.executions: dict[str, Execution] = {}

    def parse(self, text: str) -> list[SimpleNamespace]:
        """The tokens that pytest-markdown-docs reads of markdown-it, one per block.

        A page that can't be parsed is one block, which fails: the others are still tested.
        """
        try:
            chapter = Chapter.load(self.collecting, self.settings.root)
        except ChapterError as error:
            self.unreadable[self.collecting] = error
            return [_token(error.line, error.line, "python", "")]
        self.chapters[self.collecting] = chapter
        return [
            _token(
                cell.line,
                cell.end_line,
                "python" if cell.executed else "python notest",
                cell.code + "\n",
            )
            for cell in chapter.cells
        ]

    def execute(self, paths: set[Path]) -> None:
        readable = sorted(paths & self.chapters.keys())
        self.executions = self.executor.run([self.chapters[path] for path in readable])

    def complaint(self, path: Path, line: int) -> str:
        """What is wrong with the block at a line of a page; empty if nothing.

        Raises:
            pytest.skip.Exception: an earlier block failed, and this one was not executed.
        """
        if path in self.unreadable:
            return str(self.unreadable[path])
        chapter = self.chapters[path]
        execution = self.executions[chapter.path]
        number = next(n for n, cell in enumerate(chapter.executed_cells) if cell.line == line)
        if execution.results[number].status == NOT_RUN:
            broken = failure(chapter, execution)
            pytest.skip(f"no se ejecutó: antes falló {broken.path}:{broken.line}")
        return str(failure(chapter, execution, number) or "")


def _token(line: int, end_line: int, info: str, content: str) -> SimpleNamespace:
    return SimpleNamespace(type="fence", map=[line - 1, end_line], info=info, content=content)


_pages: _Pages | None = None
_failures = pytest.StashKey[Path]()

#: Where the processes that share these tests tell each other which pages failed.
FAILURES = "livedocs_failures"


def pytest_configure(config):
    global _pages
    _add_gallery(config)
    shared = getattr(config, "workerinput", {}).get(FAILURES)
    _pages = _Pages(Path(shared) if shared else None)


def _add_gallery(config) -> None:
    """The page that nobody writes is tested with those of `docs/`, if all of these are."""
    settings = Settings.load()
    if any((config.invocation_params.dir / arg).resolve() == settings.docs for arg in config.args):
        with contextlib.suppress(gallery.GalleryError):  # the gallery's own tests say what is wrong
            if page := gallery.write(settings):
                config.args.append(str(page))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    """Only where tests are shared among processes: a folder for this run."""
    stash = node.config.stash
    if _failures not in stash:
        stash[_failures] = Path(tempfile.mkdtemp(prefix="kv-fallas-"))
    node.workerinput[FAILURES] = str(stash[_failures])


def pytest_unconfigure(config):
    if folder := config.stash.get(_failures, None):
        shutil.rmtree(folder, ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_markdown_docs_markdown_it():
    return _pages


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path, parent):
    """Blocks are looked for in pages only, never in the docstrings of the engine."""
    found = yield
    return [node for node in found if not isinstance(node, MarkdownDocstringCodeModule)]


def pytest_collectstart(collector):
    if isinstance(collector, MarkdownTextFile):
        _pages.collecting = Path(collector.path)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session):
    """Execute every page that has a test to run, in parallel, before the first of them."""
    option = session.config.option
    if option.collectonly or (session.testsfailed and not option.continue_on_collection_errors):
        return  # pytest itself stops here
    items = [item for item in session.items if isinstance(item, MarkdownInlinePythonItem)]
    if not items:
        return
    capture = session.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        _pages.executor.progress = Progress()
        try:
            _pages.execute({Path(item.path) for item in items})
        except ExecutionError as error:
            pytest.exit(f"No se pudo ejecutar ninguna página: {error}", returncode=3)
        except KeyboardInterrupt:
            pytest.exit("Se cortó a pedido. Las páginas que terminaron quedaron guardadas.", 130)


@register_runner(default=True)
class OncePerPage(_Runner):
    """Reports a block's result from the one execution of its page."""

    def runtest(self, test, args, **_) -> None:
        if complaint := _pages.complaint(Path(test.source_path), test.start_line):
            raise BlockFailure(complaint)

    def repr_failure(self, test, excinfo, style=None) -> str:
        return str(excinfo.value)
