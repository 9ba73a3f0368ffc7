"""A Markdown page as a list of prose and code cells, each with its file and line.

The tests, the page and the notebook all start from the :class:`Chapter` that the only parser of
pages (`parser.py`) returns.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

from livedocs.pages.quizzes import Options

SNIPPETS_FOLDER = "snippets"
DOCS_FOLDER = "docs"


class ChapterError(Exception):
    """Something in a page that its author has to mend.

    Args:
        message: What is wrong and what to do, in Spanish.
        path: The page.
        line: Line of the page, counted from 1.
    """

    def __init__(self, message: str, path: str, line: int):
        self.path, self.line, self.reason = path, line, message
        super().__init__(f"{path}:{line}: {message}")


@dataclass
class Block:
    """A ``///`` block that encloses a part of the page (details, tab, note…).

    Attributes:
        name: What it is.
        title: What its opening says after the bar; "" if nothing.
        type: Its `type` option; without one, its name.
        line: Line that opens it, counted from 1.
        body: First line after its options.
        end_line: Line that closes it.
    """

    name: str
    title: str
    type: str
    line: int
    body: int = 0
    end_line: int = 0


@dataclass(frozen=True)
class Heading:
    """A title of the page, with its anchor ("" if it has none) and its line."""

    level: int
    title: str
    anchor: str
    line: int

    @property
    def asks(self) -> bool:
        """Whether it opens something that a reader does and ticks off: an exercise, a homework."""
        return self.anchor == "homework" or bool(re.fullmatch(r"ejercicio-\d+", self.anchor))


@dataclass(frozen=True)
class Prose:
    """Consecutive lines of the page outside Python fences."""

    text: str
    line: int


@dataclass(frozen=True)
class Cell:
    """A Python fence.

    Attributes:
        code: The code, includes expanded, gaps filled and the indentation of the fence removed.
        line: Line of the opening fence, counted from 1; the code starts on the next.
        end_line: Line of the closing fence.
        attributes: What the opening fence carries; flags have the value "".
        blocks: The ``///`` blocks around it, outermost first.
        prefix: What stands before the fence on its line (list indentation, quote marks).
        file: The file of `snippets/` that the cell shows whole, and nothing else; "" if none.
        gapped: The code with a ▢ in place of what the reader fills in; "" if it has no gaps.
        options: What a quiz might print; None if it is none.
    """

    code: str
    line: int
    end_line: int
    attributes: dict[str, str] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()
    prefix: str = ""
    file: str = ""
    gapped: str = ""
    options: Options | None = None

    @property
    def executed(self) -> bool:
        return "notest" not in self.attributes

    @property
    def raises(self) -> str | None:
        """Name of the exception that the cell must raise, or None."""
        return self.attributes.get("data-raises")

    @property
    def in_solution(self) -> bool:
        return any(block.type == "solution" for block in self.blocks)


@dataclass(frozen=True)
class Chapter:
    """A page: its parts in order, prose and cells; its `///` blocks and its headings."""

    path: str
    parts: tuple[Prose | Cell, ...]
    meta: dict = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()
    headings: tuple[Heading, ...] = ()

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """Every Python fence, those marked ``notest`` included."""
        return tuple(part for part in self.parts if isinstance(part, Cell))

    @cached_property
    def executed_cells(self) -> tuple[Cell, ...]:
        return tuple(cell for cell in self.cells if cell.executed)

    @property
    def source(self) -> str:
        """The page's path below `docs/`: "clases/102-sequential.md"."""
        return self.path.removeprefix(f"{DOCS_FOLDER}/")

    @cached_property
    def name(self) -> str:
        """What the page is known by, and no other: its path below `docs/`, without the suffix.

        The index of a folder is known by its folder, as in its address.
        """
        path = PurePosixPath(self.source).with_suffix("")
        return str(path.parent if path.name in ("index", "README") and path.parent.name else path)

    @property
    def is_lesson(self) -> bool:
        """Whether it is read from beginning to end, and taken away as a notebook."""
        return self.meta.get("lesson", False)

    @cached_property
    def code_digest(self) -> str:
        """Identifies what is executed; prose, titles and alternative texts do not count."""
        parts = [f"{cell.raises}\0{cell.code}" for cell in self.executed_cells]
        return hashlib.sha256("\1".join(parts).encode()).hexdigest()

    def where(self, cell: Cell) -> str:
        return f"{self.path}:{cell.line}"

    @classmethod
    def load(cls, path: Path, root: Path) -> Chapter:
        """Read a page. ``path`` is shown relative to ``root``, whose snippets it may include.

        Raises:
            ChapterError: a page that can't be read, or that :meth:`parse` rejects.
        """
        shown = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
        try:
            text = path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            raise ChapterError("no existe esta página; revisá el nombre.", shown, 1) from None
        except UnicodeDecodeError as error:
            line = path.read_bytes()[: error.start].count(b"\n") + 1
            raise ChapterError(
                "hay un byte que no es UTF-8; guardá el archivo como UTF-8.", shown, line
            ) from None
        return cls.parse(text, shown, root)

    @classmethod
    def parse(cls, text: str, path: str, root: Path, *, expand: bool = True) -> Chapter:
        """Parse a page's text. With `expand` False its includes were expanded already.

        Raises:
            ChapterError: a fence or block that is not closed, an unknown attribute, language,
                block or key of the front matter, an anchor used twice, an include that does not
                exist, code that a reader could not run elsewhere.
        """
        from livedocs.pages.parser import Parser  # it makes what is defined here

        return Parser(text, path, root, expand).chapter()
