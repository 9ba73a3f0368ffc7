"""Converts pages as the site does, with outputs that say which block they are of: nothing runs."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import markdown
from mkdocs.config import load_config
from mkdocs.utils.meta import get_data

from livedocs.execution.results import CellResult, Execution
from livedocs.integrations import markdown as markdown_extension
from livedocs.pages.chapter import Cell, Chapter
from livedocs.settings import Settings
from tests.conftest import ROOT

PROVENANCE = {
    "keras": "3", "backend": "TensorFlow 2", "numpy": "2", "python": "3.11", "data": "datos sintéticos",
    "profile": "synthetic", "blocks": 5, "seconds": 1.0,
}  # fmt: skip


class FakeExecutor:
    """Gives each block an output of its own, in place of running it."""

    def __init__(self, settings: Settings):
        self.settings = settings

    def run(self, chapters: list[Chapter]) -> dict[str, Execution]:
        return {
            chapter.path: Execution(
                tuple(_result(n, cell) for n, cell in enumerate(chapter.executed_cells, 1)), PROVENANCE
            )
            for chapter in chapters
        }


def _result(number: int, cell: Cell) -> CellResult:
    said = next(iter(cell.options)).text if cell.options else f"salida-{number}"
    return CellResult("ok", [{"output_type": "stream", "name": "stdout", "text": f"{said}\n"}])


class Converter:
    """The Markdown of the site, for the pages of a project.

    Args:
        root: Folder of the project.
    """

    def __init__(self, root: Path = ROOT):
        config = load_config(str(ROOT / "mkdocs.yml"))
        settings = Settings(root)
        self.fake = FakeExecutor(settings)
        self.settings = settings
        configs = config.mdx_configs
        configs["pymdownx.snippets"]["base_path"] = [str(root / "snippets")]
        with self._ours():
            self.md = markdown.Markdown(extensions=config.markdown_extensions, extension_configs=configs)

    def _ours(self):
        return mock.patch.object(markdown_extension, "executor", lambda *_: self.fake)

    def page(self, path: Path) -> str:
        """A page of the project as HTML, as before the theme puts it in its place."""
        text, _ = get_data(path.read_text("utf-8-sig"))
        return self.text(text, path)

    def text(self, text: str, path: Path | None = None) -> str:
        """The text of a page, without its front matter, as HTML; `path`: the page's file."""
        markdown_extension.current_page.set(path)
        with self._ours():
            self.md.reset()
            return self.md.convert(text)
