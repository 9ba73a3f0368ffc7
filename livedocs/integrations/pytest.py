"""pytest plugin: pytest-markdown-docs collects one test per block, our executor runs them once.

Through its own hooks: our parser finds the blocks, our runner reports what came of each.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from pytest_markdown_docs._runners import _Runner, register_runner
from pytest_markdown_docs.plugin import (
    MarkdownDocstringCodeModule,
    MarkdownInlinePythonItem,
    MarkdownTextFile,
)

from livedocs.execution.executor import NOT_RUN, OK, Execution, ExecutionError, Executor, failure
from livedocs.execution.progress import Progress
from livedocs.pages.chapter import Chapter, ChapterError
from livedocs.settings import Settings


class BlockFailure(Exception):
    """A block that did not end as its page announces; the message is for the contributor."""


class _Pages:
    """The pages of this session: parsed at collection, executed before the first test."""

    def __init__(self) -> None:
        self.settings = Settings.load()
        self.executor = Executor(self.settings)
        self.collecting: Path | None = None
        self.chapters: dict[Path, Chapter] = {}
        self.executions: dict[str, Execution] = {}

    def parse(self, text: str) -> list[SimpleNamespace]:
        """The tokens that pytest-markdown-docs reads of markdown-it, one per block."""
        chapter = Chapter.load(self.collecting, self.settings.root)
        self.chapters[self.collecting] = chapter
        return [
            SimpleNamespace(
                type="fence",
                map=[cell.line - 1, cell.end_line],
                info="python" if cell.executed else "python notest",
                content=cell.code + "\n",
            )
            for cell in chapter.cells
        ]

    def execute(self, paths: set[Path]) -> None:
        self.executions = self.executor.run([self.chapters[path] for path in sorted(paths)])

    def find(self, path: Path, line: int) -> tuple[Chapter, Execution, int]:
        """The page of a block, its execution and the block's place in it."""
        chapter = self.chapters[path]
        number = next(n for n, cell in enumerate(chapter.executed_cells) if cell.line == line)
        return chapter, self.executions[chapter.path], number


_pages: _Pages | None = None


def pages() -> _Pages:
    global _pages
    _pages = _pages or _Pages()
    return _pages


@pytest.hookimpl(tryfirst=True)
def pytest_markdown_docs_markdown_it():
    return pages()


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path, parent):
    """Blocks are looked for in pages only, never in the docstrings of the engine."""
    found = yield
    return [node for node in found if not isinstance(node, MarkdownDocstringCodeModule)]


def pytest_collectstart(collector):
    if isinstance(collector, MarkdownTextFile):
        pages().collecting = Path(collector.path)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """A page that can't be parsed: its file and line, without our traceback."""
    report = yield
    if report.failed and isinstance(collector, MarkdownTextFile):
        lines = str(report.longrepr).splitlines()
        name = f"{ChapterError.__module__}.{ChapterError.__name__}: "
        for line in lines:
            if name in line:
                report.longrepr = line.split(name, 1)[1]
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session):
    """Execute every page that has a test to run, in parallel, before the first of them."""
    if session.config.option.collectonly:
        return
    items = [item for item in session.items if isinstance(item, MarkdownInlinePythonItem)]
    if not items:
        return
    capture = session.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        pages().executor.progress = Progress()
        try:
            pages().execute({Path(item.path) for item in items})
        except ExecutionError as error:
            pytest.exit(f"No se pudo ejecutar ninguna página: {error}", returncode=3)


@register_runner(default=True)
class OncePerPage(_Runner):
    """Reports a block's result from the one execution of its page."""

    def runtest(self, test, args, **_) -> None:
        chapter, execution, number = pages().find(Path(test.source_path), test.start_line)
        status = execution.results[number].status
        if status == OK:
            return
        broken = failure(chapter, execution)
        if status == NOT_RUN:
            pytest.skip(f"no se ejecutó: antes falló {broken.path}:{broken.line}")
        raise BlockFailure(str(broken))

    def repr_failure(self, test, excinfo, style=None) -> str:
        return str(excinfo.value)
