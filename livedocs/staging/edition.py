"""What is staged for whom: the edition that is asked for, and the tree that is handed over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


class StagingError(Exception):
    """No site can be built.

    Args:
        problems: What is wrong, in Spanish, each with file and line.
    """

    def __init__(self, problems: list[str]):
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass(frozen=True)
class Edition:
    """Which site will be built from the tree.

    Attributes:
        site_url: Address of the published site, for the links of its notebooks; "" if not known.
        colab: What goes before a notebook's address for Colab to open it; "" to offer none.
        local: Whether the site will be read as files, without a server.
        downloads: The zip and the PDFs made for it, by name.
        excluded: Whether the page at an address (from `docs/`) will not be built: what it gives
            is then not published either.
    """

    site_url: str = ""
    colab: str = ""
    local: bool = False
    downloads: dict[str, Path] = field(default_factory=dict)
    excluded: Callable[[str], bool] = lambda uri: False

    @property
    def name(self) -> str:
        return "copy" if self.local else "site"


@dataclass(frozen=True)
class Staged:
    """A tree ready for a generator.

    Attributes:
        folder: Where all of it is.
        manifest: What the site must hold, as `manifest.json` has it.
        problems: What is wrong with pages that were staged all the same, to be shown on them.
        local: As in its edition.
        terms: The glossary's entries, for the search.
        asked: What else each page is asked for by, by address.
        beside: Files that go into the built site as they are, by address: a generator would take
            some of them, the pages as Markdown, for pages.
        names: Of what each page says and of what came of executing it, by its path below `docs/`.
    """

    folder: Path
    manifest: dict
    problems: tuple[str, ...] = ()
    local: bool = False
    terms: tuple[dict, ...] = ()
    asked: dict[str, list[str]] = field(default_factory=dict)
    beside: dict[str, bytes] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    @property
    def docs(self) -> Path:
        """The tree of Markdown and files."""
        return self.folder / "docs"
