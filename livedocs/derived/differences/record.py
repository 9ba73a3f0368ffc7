"""What the pages of a project gave when they were executed, in one file that can be taken anywhere.

Executions are kept by what they depend on, not by page: a record says which belongs to which. It
leaves out what the speed of the machine decides, so two honest executions give the same record.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from livedocs.derived import gallery
from livedocs.execution.cache import digest
from livedocs.execution.executor import Executor
from livedocs.execution.kernel_setup import SUMMARY_MIME
from livedocs.execution.results import OK, Execution
from livedocs.pages.chapter import DOCS_FOLDER, Cell, Chapter, ChapterError
from livedocs.rendering.streams import settle, without_chance
from livedocs.settings import Settings

#: What the file is, and how it is written; raised when an older reader would misread it.
FORMAT = 1
#: Hexadecimal digits with which a block tells its outputs.
SHORT = 16
#: What of an execution's provenance tells one machine's from another's, in the order it is told.
MADE_WITH = ("keras", "backend", "numpy", "python", "data")


class RecordError(Exception):
    """A side that can't be read; the message, in Spanish, says why and what to do."""


@dataclass(frozen=True)
class Block:
    """An executed block of a page and what it gave.

    Attributes:
        digest: Identifies what it gave, without what chance decides.
        code: What was executed; "" in a record that keeps digests only.
        section: The title of the part of the page where it is.
        status: As in its result; `reason` says why it failed.
        volatile: Whether all it gives depends on the speed of the machine, and is not kept.
        shown: Its outputs, as `shown` has them; None in a record that keeps digests only.
    """

    digest: str
    code: str = ""
    section: str = ""
    status: str = OK
    reason: str = ""
    volatile: bool = False
    shown: list[dict] | None = None


@dataclass(frozen=True)
class Page:
    """A page that executes something.

    Attributes:
        title: Its title.
        url: Its address, from the root of the site.
        execution: The name under which its execution is kept: a digest of all it depends on.
        outputs: A digest of all that its blocks gave.
        seconds: What executing it took.
        made: Versions and data, by the names of :data:`MADE_WITH`.
        blocks: Its executed blocks, in order.
    """

    title: str
    url: str
    execution: str
    outputs: str
    seconds: float
    made: dict[str, str]
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True)
class Record:
    """What the pages gave, by address from `docs/`, and the seed that they started from."""

    seed: int
    pages: dict[str, Page] = field(default_factory=dict)

    @property
    def made(self) -> dict[str, list[str]]:
        """Each version and the data, as its pages have them: one value, if they agree."""
        return {
            name: list(dict.fromkeys(page.made.get(name, "") for page in self.pages.values()))
            for name in MADE_WITH
        }

    def as_json(self, whole: bool = True) -> str:
        """The record's text. Not `whole`: of each block its digest only, as the site publishes it."""
        pages = {}
        for uri, page in self.pages.items():
            told = vars(page) | page.made  # the served site makes this again at each save
            del told["made"]
            told["blocks"] = [asdict(block) if whole else block.digest for block in page.blocks]
            pages[uri] = told
        made = {"format": FORMAT, "seed": self.seed, "pages": pages}
        return json.dumps(made, ensure_ascii=False, indent=None if whole else 1) + "\n"

    def write(self, path: Path) -> None:
        """Write it whole to a file; with `.gz` at the end of its name, compressed.

        Raises:
            RecordError: it can't be written.
        """
        data = self.as_json().encode()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
        except OSError as error:
            raise RecordError(f"no se puede escribir {path} ({error.strerror}).") from None


# Making one ---------------------------------------------------------------------------


#: The digests of the blocks of an execution that was seen before: a server asks at every save.
_seen: dict[tuple, tuple[str, ...]] = {}


def page(chapter: Chapter, execution: Execution, key: str, url: str, *, whole: bool = True) -> Page:
    """A page's entry.

    Args:
        chapter: The page.
        execution: What came of it.
        key: The name under which the execution is kept.
        url: Where the site has the page.
        whole: Whether to say what each block gave, and not only its digest.
    """
    pairs = list(zip(chapter.executed_cells, execution.results, strict=True))
    if whole:
        blocks = tuple(_block(chapter, cell, result) for cell, result in pairs)
    else:
        name = execution.digest, *("volatile" in cell.attributes for cell, _ in pairs)
        if name not in _seen:
            _seen[name] = tuple(_block(chapter, cell, result).digest for cell, result in pairs)
        blocks = tuple(map(Block, _seen[name]))
    origin = execution.provenance
    return Page(
        title=chapter.meta.get("title") or _title(chapter),
        url=url,
        execution=key,
        outputs=digest([block.digest for block in blocks]),
        seconds=origin["seconds"],
        made={name: str(origin[name]) for name in MADE_WITH},
        blocks=blocks,
    )


def of_project(
    settings: Settings, executor: Executor | None = None, only: Iterable[Path] = ()
) -> Record:
    """The record of a project: its stored executions, and those that are missing, made now.

    Args:
        settings: The project.
        executor: Who executes; None means a new one.
        only: The pages wanted; none means all of them, and the gallery.

    Raises:
        RecordError: a page that can't be read.
        ExecutionError: nothing could be executed at all.
    """
    from livedocs.derived.promises import address

    executor = executor or Executor(settings)
    try:
        chapters = [Chapter.load(path, settings.root) for path in only or settings.pages()]
        if not only and (made := gallery.write(settings)):
            text = made.read_text("utf-8")
            chapters.append(Chapter.parse(text, f"{DOCS_FOLDER}/{gallery.PAGE}", settings.root))
    except (ChapterError, gallery.GalleryError) as error:
        raise RecordError(str(error)) from None
    chapters = [chapter for chapter in chapters if chapter.executed_cells]
    executions = executor.run(chapters)
    found = {
        chapter.source: page(
            chapter, executions[chapter.path], executor.key(chapter), address(chapter.source)
        )
        for chapter in chapters
    }
    return Record(settings.seed, dict(sorted(found.items())))


def _block(chapter: Chapter, cell: Cell, result) -> Block:
    volatile = "volatile" in cell.attributes
    items = [] if volatile else shown(result.outputs)
    above = [h for h in chapter.headings if h.line < cell.line]
    return Block(
        digest=digest([result.status, items])[:SHORT],
        code=cell.code.strip("\n"),
        section=above[-1].title if above else "",
        status=result.status,
        reason=result.reason,
        volatile=volatile,
        shown=items,
    )


def _title(chapter: Chapter) -> str:
    return next((h.title for h in chapter.headings if h.level == 1), chapter.name)


def shown(outputs: Iterable[dict], *, masked: bool = True) -> list[dict]:
    """What the outputs of a block say, each with its `kind`; `masked`, without what chance decides.

    `text` and `warning` carry `text`; `error`, `name` and `text`; `summary`, `data` as
    `paint_summary` reads it; `diagram` and `figure`, `mime`, `data` and, a diagram, `alt`.
    """
    clean = _without_chance if masked else str
    found = []
    for output in outputs:
        kind = output["output_type"]
        if kind == "stream":
            text = clean(settle(output["text"]).strip("\n"))
            if text.strip():
                name = "text" if output["name"] == "stdout" else "warning"
                found.append({"kind": name, "text": text})
        elif kind == "error":
            text = clean(settle(output["evalue"]))
            found.append({"kind": "error", "name": output["ename"], "text": text})
        elif item := _display(output, clean):
            found.append(item)
    return found


#: A call inside a library, in the trace that some messages bring along.
_CALL = re.compile(r'(?<=File ")[^"\n]*[/\\]([^/\\"\n]+", line )\d+')


def _without_chance(text: str) -> str:
    """A text without measurements, nor where libraries are and the lines that they were called at."""
    return _CALL.sub(r"…/\1…", without_chance(text))


def _display(output: dict, clean: Callable[[str], str]) -> dict | None:
    data, alt = output["data"], output.get("metadata", {}).get("alt", "")
    if SUMMARY_MIME in data:
        return {"kind": "summary", "data": data[SUMMARY_MIME]}
    for mime in ("image/svg+xml", "image/png", "image/jpeg"):
        if mime in data:
            picture = {"mime": mime, "data": "".join(data[mime])}
            return {"kind": "diagram", "alt": alt, **picture} if alt else {"kind": "figure", **picture}
    text = clean(settle("".join(data.get("text/plain", ""))).strip("\n"))
    return {"kind": "text", "text": text} if text.strip() else None


# Reading one --------------------------------------------------------------------------


def load(side: Path) -> Record:
    """A side of a comparison: a record that was exported or published, or a project's folder.

    Raises:
        RecordError: it is neither, or it is damaged.
        ExecutionError, ValueError: a project that can't be executed.
    """
    if side.is_dir():
        if not (side / DOCS_FOLDER).is_dir():
            raise RecordError(
                f"{side}: no es la carpeta de un proyecto (no tiene «{DOCS_FOLDER}»). Pasá esa carpeta, o "
                "un archivo hecho con «python -m livedocs export»."
            )
        return of_project(Settings.load(side))
    try:
        data = side.read_bytes()
        if data.startswith(b"\x1f\x8b"):
            data = gzip.decompress(data)
        told = json.loads(data)
    except OSError as error:
        raise RecordError(f"{side}: no se puede leer ({error.strerror or error}).") from None
    except (ValueError, EOFError) as error:
        raise RecordError(f"{side}: no es JSON ({error}). {_HOW}") from None
    return _from_json(told, side)


_HOW = "Hacelo de nuevo con «python -m livedocs export»."


def _from_json(told: object, side: Path) -> Record:
    try:
        if told["format"] != FORMAT:
            raise RecordError(
                f"{side}: está escrito de otra manera (formato {told['format']}, y acá se lee el "
                f"{FORMAT}). {_HOW}"
            )
        pages = {str(uri): _page_from(page) for uri, page in told["pages"].items()}
        return Record(int(told["seed"]), pages)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise RecordError(f"{side}: no dice lo que dieron las páginas, o está dañado. {_HOW}") from None


def _page_from(told: dict) -> Page:
    blocks = tuple(
        Block(digest=str(each)) if isinstance(each, str) else Block(**each) for each in told["blocks"]
    )
    return Page(
        title=str(told["title"]),
        url=str(told["url"]),
        execution=str(told["execution"]),
        outputs=str(told["outputs"]),
        seconds=float(told["seconds"]),
        made={name: str(told[name]) for name in MADE_WITH},
        blocks=blocks,
    )
