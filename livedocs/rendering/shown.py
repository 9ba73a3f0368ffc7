"""Whether a converted page shows what its parser found: the same code, each block once, with its output.

Two programs read a page: ours finds what is executed, Python-Markdown decides what is shown.
Where they differ a page would show code that never ran, or hide code that did; so the
finished HTML is read once more, and a difference is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser

from pygments.lexers import find_lexer_class_by_name
from pygments.util import ClassNotFound

from livedocs.pages.chapter import Cell, Chapter, ChapterError
from livedocs.pages.grammar import PYTHON_FAMILY

#: Elements whose content nobody reads as part of the page.
_HIDDEN = {"script", "style", "template", "textarea", "title", "iframe", "noscript", "select", "object"}
#: Elements without an end.
VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())  # noqa: SIM905
_MARKER = re.compile(r"<!--kv:(?P<name>[bn]\d+)-->")
_LANGUAGE_CLASS = re.compile(r'(<(?:div|code)\b[^>]*? class=")language-(?P<language>[^" ]*) (highlight)')
_PASSING_ID = re.compile(r'(<div) id="n\d+"( class="[^"]*\bhighlight)')


def name(number: int, executed: bool) -> str:
    """What a block is called while its page is converted: executed ones keep it, as `#b1`."""
    return f"{'b' if executed else 'n'}{number}"


def names(chapter: Chapter) -> list[str]:
    """The name of each cell of a page: executed cells and the others are counted apart."""
    count = {True: 0, False: 0}
    found = []
    for cell in chapter.cells:
        count[cell.executed] += 1
        found.append(name(count[cell.executed], cell.executed))
    return found


def gapped(block: str) -> str:
    """What the block with gaps is called, given the name of the same block filled: `#g1`."""
    return f"g{block[1:]}"


def mark(block: str, output: str) -> str:
    """The output of a block, so that :func:`check` recognises it."""
    return f"<!--kv:{block}-->{output}"


def settle(html: str) -> str:
    """The page without what only :func:`check` needed."""
    html = _PASSING_ID.sub(r"\1\2", _MARKER.sub("", html))
    return _LANGUAGE_CLASS.sub(r"\1\3", html)


def check(html: str, chapter: Chapter, with_output: Iterable[str], failed: Iterable[str] = ()) -> None:
    """That a converted page shows its cells and nothing else as Python.

    Args:
        html: As converted, before :func:`settle`.
        chapter: The page.
        with_output: Names of the blocks whose outputs were added to it.
        failed: Names of those that failed, which are never folded.

    Raises:
        ChapterError: a cell that is not there once, as highlighted code, in its order, with the
            text that was executed and its output below, folded if it has to be; another block
            highlighted as Python.
    """
    shown = _Shown(html)
    with_output, failed = set(with_output), set(failed)
    wanted: dict[str, Cell] = {}
    for block, cell in zip(names(chapter), chapter.cells, strict=True):
        if cell.gapped:
            wanted[gapped(block)] = cell
        wanted[block] = cell
    found = {block: [code for at, code in shown.blocks if at == block] for block in wanted}
    for block, cell in wanted.items():
        if len(found[block]) != 1:
            raise ChapterError(_why_not_shown(block, cell, shown), chapter.path, cell.line)
        if _bare(found[block][0]) != _bare(cell.gapped if block.startswith("g") else cell.code):
            raise ChapterError(
                "la página no muestra este bloque con el código que se ejecutó; dejale solo texto común y "
                "su propia sangría.",
                chapter.path,
                cell.line,
            )
    for at, code in shown.blocks:
        if at not in wanted:
            first = next((line for line in code.splitlines() if line.strip()), "")
            line = _line_of(first, chapter)
            raise ChapterError(
                f"la página mostraría como Python, sin ejecutarlo, el bloque que empieza con «{first.strip()}»; "
                "revisá cómo se abre ese bloque y el de antes.",
                chapter.path,
                line,
            )
        code_folded = block not in failed and _folded(block, cell)
        folded = {"code": code_folded}
        if block in with_output:
            hidden = "predict" in cell.attributes or cell.options is not None
            folded["output"] = code_folded or (hidden and block not in failed)
        for kind, wanted_so in folded.items():
            if (f"{kind} {block}" in shown.folded) != wanted_so:
                raise ChapterError(
                    "este bloque, o su salida, no queda plegado como corresponde; revisá la sangría y lo que "
                    "lo rodea.",
                    chapter.path,
                    cell.line,
                )
    order = [
        f"{kind}{block}"
        for block in wanted
        for kind in ("code ", "output ")
        if kind == "code " or block in with_output
    ]
    for event, place in zip([*shown.events, ""], [*order, ""], strict=False):
        if event != place:
            cell = wanted.get(
                (place or event).partition(" ")[2], chapter.cells[0] if chapter.cells else None
            )
            raise ChapterError(
                "la salida de este bloque no queda justo debajo de él; revisá la sangría y lo que lo rodea.",
                chapter.path,
                cell.line if cell else 1,
            )


def _folded(block: str, cell: Cell) -> bool:
    """Whether the code itself of a block has to be in a fold of the site's own."""
    return "check" in cell.attributes or (bool(cell.gapped) and not block.startswith("g"))


def _bare(code: str) -> str:
    return "\n".join(line.rstrip() for line in code.strip("\n").split("\n"))


def _line_of(text: str, chapter: Chapter) -> int:
    """The line of a page's prose that holds a text; 1 if none does."""
    for part in chapter.parts:
        if not isinstance(part, Cell):
            for number, line in enumerate(part.text.split("\n"), part.line):
                if text.strip() and text.strip() in line:
                    return number
    return 1


def _why_not_shown(block: str, cell: Cell, shown: _Shown) -> str:
    if len([at for at, _ in shown.blocks if at == block]) > 1:
        return "la página muestra este bloque más de una vez."
    if any(f"#{block}}}" in text or f'id="{block}"' in text for text in shown.comments):
        return (
            "este bloque está adentro de un comentario HTML («<!-- … -->»): se ejecutaría y no se vería. "
            "Sacalo de ahí, o borralo."
        )
    if tag := shown.hidden.get(block):
        return f"este bloque está adentro de <{tag}>: se ejecutaría y no se vería. Sacalo de ahí."
    return (
        "la página no muestra este bloque como código. Si está en una lista, va con cuatro espacios más que "
        "la viñeta y una línea vacía antes; si no, sin sangría."
    )


class _Shown(HTMLParser):
    """What a page shows.

    Attributes:
        blocks: The name and text of each piece of code highlighted as Python.
        events: Those names and those of outputs, in order: "code b1", "output b1".
        comments: The text of each HTML comment.
        folded: Those of them that are in a fold of the site's own.
        hidden: Blocks that are there and are not seen, and the element that hides them.
    """

    def __init__(self, html: str):
        super().__init__()
        self.blocks: list[tuple[str, str]] = []
        self.events: list[str] = []
        self.folded: set[str] = set()
        self.comments: list[str] = []
        self.hidden: dict[str, str] = {}
        self.open: list[_Element] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list) -> None:
        if tag in VOID:
            return
        given = dict(attrs)
        classes = (given.get("class") or "").split()
        element = _Element(tag, folds="kv-fold" in classes)
        if "highlight" in classes and tag != "code" and _python(classes):
            element.block = given.get("id") or ""
            hider = next((e.tag for e in self.open if e.tag in _HIDDEN or e.tag in ("pre", "code")), "")
            if hider:
                self.hidden[element.block] = hider
            else:
                element.seen = True
        self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list) -> None:
        pass  # an SVG's shape

    def handle_data(self, data: str) -> None:
        hider = next((e.tag for e in self.open if e.tag in _HIDDEN), "")
        if hider:
            self.hidden |= dict.fromkeys(re.findall(r'id="([bng]\d+)"', data), hider)
        elif any(e.tag == "code" for e in self.open):
            for element in self.open:
                if element.seen:
                    element.text.append(data)

    def handle_comment(self, data: str) -> None:
        if match := _MARKER.fullmatch(f"<!--{data}-->"):
            if not any(e.tag in _HIDDEN or e.tag in ("pre", "code") for e in self.open):
                self.happened(f"output {match['name']}")
        else:
            self.comments.append(data)

    def happened(self, event: str) -> None:
        self.events.append(event)
        if any(element.folds for element in self.open):
            self.folded.add(event)

    def handle_endtag(self, tag: str) -> None:
        inner = [element.tag for element in self.open]
        hider = max((n for n, each in enumerate(inner) if each in _HIDDEN), default=0)
        if tag not in inner[hider:]:  # what hides goes on until its own end
            return
        while self.open:
            element = self.open.pop()
            if element.seen:
                self.blocks.append((element.block, "".join(element.text)))
                self.happened(f"code {element.block}")
            if element.tag == tag:
                return


@dataclass
class _Element:
    tag: str
    folds: bool = False
    block: str = ""
    seen: bool = False
    text: list[str] = field(default_factory=list)


def _python(classes: list[str]) -> bool:
    """Whether the classes of a highlighted block say that its language is Python, or of its family."""
    for each in classes:
        if each.startswith("language-"):
            try:
                return issubclass(
                    find_lexer_class_by_name(each.removeprefix("language-")), PYTHON_FAMILY
                )
            except ClassNotFound:
                return False
    return False
