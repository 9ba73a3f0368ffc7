"""A page as plain Markdown: its prose, its blocks and what they gave, as text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from livedocs.derived.carried.origin import Origin
from livedocs.derived.differences.record import shown
from livedocs.derived.review import Review
from livedocs.execution.results import Execution
from livedocs.pages.chapter import Block, Cell, Chapter, Prose
from livedocs.rendering import drawings

#: Titles of boxes that bring none.
_TITLES = {"note": "Nota", "tip": "Consejo", "warning": "Atención", "question": "Pregunta",
           "myth": "Lo que se lee, y lo que pasa", "hint": "Pista", "solution": "Solución",
           "details": "Más"}  # fmt: skip
_HEADING = re.compile(r"^(#{1,6} .*?)\s*\{[^}\n]*\}\s*$")
#: Code in a line, and what is between: only there are attributes, links and comments the page's own.
_CODE = re.compile(r"((`+)(?!`).+?(?<!`)\2(?!`))")
_ATTRIBUTES = re.compile(r"\s*\{:?\s*[#.][^}\n]*\}|(?<=\))\{[^}\n]*\}")
_LINK = re.compile(r"(?<!!)\]\((?P<target>[^)\s]+)\)")
_COMMENT = re.compile(r"<!--.*?-->")
_TAG = re.compile(r"</?(?:div|span|p|section)\b[^>]*>")
#: Never twice the same, so it is not carried.
_MEASURED = re.compile(r"<span data-volatile[^>]*>.*?</span>")
_FENCE = re.compile(r"\s*(`{3,}|~{3,})")


def page(
    chapter: Chapter,
    execution: Execution,
    origin: Origin,
    fills: Mapping[str, str] | None = None,
    made: str = "",
) -> str:
    """A page, whole.

    Args:
        chapter: The page.
        execution: What came of its blocks.
        origin: Where it is.
        fills: What the site puts in the place of each comment of the page, in its Markdown.
        made: What executed it, in a phrase; "" if nothing ran.
    """
    return _Writer(chapter, execution, origin, dict(fills or {}), made).text()


def review(made: Review, origin: Origin) -> str:
    """The page of all the quizzes of some lessons.

    Args:
        made: The review.
        origin: Where its page is.
    """
    stub = Chapter(f"docs/{made.page}", (), {"title": made.head["title"]})
    whole = _Writer(stub, Execution((), {}), origin, {}, "")
    lines = whole._head(f"# {made.head['title']}")
    for question in made.questions:
        there = Origin(question.page, origin.at, origin.site_url)
        writer = _Writer(stub, Execution((), {}), there if origin.site_url else origin, {}, "")
        lines += ["", f"## {whole.plain(f'[{question.title}]({question.target})')}"]
        writer._cell(question.cell, question.outputs, 0)
        reasons = (
            f"- {_as_code(option.text)}: {writer.plain(option.why)}" for option in question.cell.options
        )
        lines += [*writer.lines, *reasons, "", "</details>"]
    return "\n".join(_tight(lines)).strip() + "\n"


def fenced(text: str, language: str = "") -> str:
    """A text as a block of code, whatever fences it holds."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


@dataclass
class _Writer:
    chapter: Chapter
    execution: Execution
    origin: Origin
    fills: dict[str, str]
    made: str
    lines: list[str] = field(default_factory=list)
    opened: bool = False

    def text(self) -> str:
        results = iter(self.execution.results)
        number = 0
        for part in self.chapter.parts:
            if isinstance(part, Prose):
                self._prose(part)
                continue
            result = next(results) if part.executed else None
            number += part.executed
            self._cell(part, result.outputs if result else None, number)
        if not self.opened:  # a page without a title of its own
            self.lines = [
                *self._head(f"# {self.chapter.meta.get('title', self.chapter.name)}"),
                *self.lines,
            ]
        return "\n".join(_tight(self.lines)).strip() + "\n"

    def _head(self, title: str) -> list[str]:
        told = [f"> Página: {self.origin.page}"] if self.origin.site_url else []
        if self.made:
            told.append(f"> Todo lo que sigue se ejecutó: {self.made}.")
        told.append("> Textos y figuras: CC BY 4.0. Código: MIT. Keras en vivo.")
        return [title, "", *"\n>\n".join(told).split("\n"), ""]

    # Prose ----------------------------------------------------------------------------

    def _prose(self, part: Prose) -> None:
        opens = {block.line: block for block in self.chapter.blocks}
        closes = {block.end_line: block for block in self.chapter.blocks}
        ends = {cell.options.end_line for cell in self.chapter.cells if cell.options}
        fence = ""
        for number, line in enumerate(part.text.split("\n"), part.line):
            around = [b for b in self.chapter.blocks if b.line <= number <= b.end_line]
            if any(block.line < number < block.body for block in around):
                continue  # its options
            if number in opens:
                self._open(opens[number], around[:-1])
                continue
            if number in closes:
                self._add(["", "</details>", ""] if _folds(closes[number]) else [""], around[:-1])
                continue
            if match := _FENCE.match(line):
                fence = "" if fence and line.strip().startswith(fence) else fence or match[1]
            self._line(line if fence or match else self.plain(line), around, bool(fence or match))
            if number in ends:
                self._add(["", "</details>", ""], around)

    def _open(self, block: Block, around: list[Block]) -> None:
        title = block.title or _TITLES.get(block.type, "")
        if _folds(block):
            self._add(
                ["", "<details>", f"<summary>{html.escape(title, quote=False)}</summary>", ""], around
            )
        elif block.name == "tab":
            self._add(["", f"**{title}**", ""], around)
        else:
            self._add([""], around)
            self._add([f"**{title}**", ""], [*around, block])

    def _line(self, line: str, around: list[Block], code: bool) -> None:
        if not code and line.startswith("# ") and not self.opened:
            self.opened = True
            self._add(self._head(line), around)
        else:
            self._add(line.split("\n"), around)

    def _add(self, lines: Iterable[str], around: Iterable[Block], prefix: str = "") -> None:
        quote = "> " * sum(_quotes(block) for block in around)
        self.lines += [f"{quote}{prefix}{line}" for line in lines]

    def plain(self, line: str) -> str:
        """A line of the page without what only its site understands."""
        if drawing := drawings.reference(line):
            return f"*Dibujo: {drawing.alt}* ([verlo en la página]({self.origin.page}))"
        if (fill := self.fills.get(line.strip())) is not None:
            return "\n".join(self.plain(each) for each in fill.split("\n"))
        line = _HEADING.sub(r"\1", line)
        pieces = [
            piece for n, piece in enumerate(_CODE.split(line)) if n % 3 != 2
        ]  # not the ticks alone
        pieces[::2] = map(self._between, pieces[::2])
        return "".join(pieces)

    def _between(self, text: str) -> str:
        """What is between the code of a line, without comments, attributes and tags; links, whole."""
        text = _TAG.sub("", _MEASURED.sub("–", _COMMENT.sub("", text)))
        text = _ATTRIBUTES.sub("", text)
        return _LINK.sub(lambda link: f"]({self.origin.link(link['target'])})", text)

    # Code and what it gave ------------------------------------------------------------

    def _cell(self, cell: Cell, outputs: list[dict] | None, number: int) -> None:
        parts: list[str] = []
        fold = "Corré esto sobre lo tuyo" if "check" in cell.attributes else ""
        if cell.gapped:
            parts += [fenced(cell.gapped.strip("\n"), "python"), ""]
            fold = "Ver completo"
        if fold:
            parts += ["<details>", f"<summary>{fold}</summary>", ""]
        if title := cell.attributes.get("title"):
            parts += [f"`{title}`:", ""]
        parts += [fenced(cell.code.strip("\n"), "python"), ""]
        if outputs is None:
            parts += ["*Este bloque no se ejecuta: " + cell.attributes.get("data-why", "") + ".*", ""]
        told = self._outputs(cell, outputs or [], number)
        if cell.options:
            options = "\n".join(f"- {_as_code(option.text)}" for option in cell.options)
            parts += ["**¿Qué imprime?**", "", options, "", "<details>"]
            parts += ["<summary>Respuesta, y por qué</summary>", "", *told]  # the reasons follow
        elif "predict" in cell.attributes and told:
            parts += ["<details>", "<summary>Ver lo que pasó</summary>", "", *told, "</details>", ""]
        else:
            parts += told
        if fold:
            parts += ["</details>", ""]
        prefix = re.sub(r"[^\s>]", " ", cell.prefix)
        self._add(["", *"\n".join(parts).split("\n")], cell.blocks, prefix)

    def _outputs(self, cell: Cell, outputs: list[dict], number: int) -> list[str]:
        """What a block gave, each output in its lines with an empty one below."""
        changing = " (cambia con la máquina)" if "volatile" in cell.attributes else ""
        found = []
        for item in shown(outputs, masked=False):
            kind = item["kind"]
            there = f"[verlo en la página]({self.origin.page}#b{number})"
            if kind == "text":
                found += [f"Salida{changing}:", "", fenced(item["text"], "text"), ""]
            elif kind == "warning":
                found += ["Advertencia:", "", fenced(item["text"], "text"), ""]
            elif kind == "error":
                said = f"{item['name']}: {item['text']}" if item["text"] else item["name"]
                found += ["Error:", "", fenced(said, "text"), ""]
            elif kind == "summary":
                found += [*_table(item["data"]), ""]
            elif kind == "diagram":
                found += [f"Diagrama ({there}): {_one_line(item['alt'])}", ""]
            else:
                alt = cell.attributes.get("data-alt", "")
                found += [f"Figura ({there}): {_one_line(alt)}", ""]
        return found


def _tight(lines: Iterable[str]) -> list[str]:
    """The lines without two empty ones together, but in code."""
    kept: list[str] = []
    fence = ""
    for line in lines:
        line = line.rstrip() if not fence else line
        if match := re.match(r"[> ]*(`{3,}|~{3,})", line):
            fence = "" if fence and match[1].startswith(fence) else fence or match[1]
        empty = not line.strip("> ") and not fence
        if not (empty and kept and not kept[-1].strip("> ")):
            kept.append(line)
    return kept


def _folds(block: Block) -> bool:
    return block.name == "details"


def _quotes(block: Block) -> bool:
    return block.name not in ("details", "tab")


def _one_line(text: str) -> str:
    return html.escape(" ".join(text.split()), quote=False)


def _as_code(text: str) -> str:
    ticks = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    space = " " if "`" in text else ""
    return f"{ticks}{space}{text}{space}{ticks}"


def _table(data: dict) -> list[str]:
    """A `summary()` as a table of Markdown, and its totals as a list."""

    def row(cells: Iterable[str]) -> str:
        return "| " + " | ".join(_as_code(str(c)).replace("|", "\\|") if c else "" for c in cells) + " |"

    columns = data["columns"]
    head = "| " + " | ".join(_one_line(str(column)) for column in columns) + " |"
    lines = [f"{_as_code(data['title'])}:", "", head, "|" + " --- |" * len(columns)]
    lines += [row(cells) for cells in data["rows"]]
    return [
        *lines,
        "",
        *(f"- {_one_line(label)}: {_one_line(value)}" for label, value in data["totals"]),
    ]
