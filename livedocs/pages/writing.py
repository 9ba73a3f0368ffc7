"""What a page must be, besides code that runs: its headings, its sections, its exercises, its numbers.

Each problem is one sentence in Spanish with file and line that says what to do, as the parser's
are; `python -m livedocs check` shows them, and so does the test of each page.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from livedocs.pages import anatomy, course, syntax
from livedocs.pages.chapter import Cell, Chapter, Prose
from livedocs.pages.grammar import FOLDING

#: What fits in a lesson.
BLOCKS = 30
#: Widest line of code: what a phone shows without scrolling, in a lesson; elsewhere, what fits in
#: a page of contributors.
CODE_COLUMNS, OTHER_COLUMNS = 56, 72

_FENCE = re.compile(r"^[ \t>]*(?P<fence>`{3,}|~{3,})")
_ENGLISH = re.compile(r"\b(?:the|of|and|with|how|your|what|why|when|from|using|is|are)\b", re.I)
_UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|TBD)\b")
#: Decimals and thousands as Spanish writes them: 0,87 and 100 480.
_NUMBER = re.compile(
    r"(?<![\d,.])(?<!\d[ \u00a0])\d{1,3}(?:[ \u00a0]\d{3})+(?:,\d+)?(?![\d,])|(?<![\d,.])\d+,\d+(?![\d,])"
)
_INLINE_CODE = re.compile(r"(?<!`)(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)")
_LITERAL = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:e[+-]?\d+)?")
_NOT_NUMBERS = re.compile(
    r"!\[[^\]\n]*\]\([^)\s]*\)|`[^`\n]*`|\]\([^)\s]*\)|«[^»\n]*»|\{[^}\n]*\}|<!--.*?-->", re.S
)
#: What asks the reader to say what will come: a few words, or a question right above the block.
_PREDICT = re.compile(
    r"\b(?:apostá|adiviná|anticipá|arriesgá)\b|\bpredicción:"
    r"|\bpredecí\b(?=\s*(?:[:.,;¿]|antes|primero|qué|cuál|cuánt|lo que|la salida|el resultado))"
    r"|\bantes de mirar\b(?!\s+(?:el|los|las|la(?!\s+salida))\b)"
    r"|\bantes de (?:seguir|(?:leer|ver) la salida|(?:correr|ejecutar)l[oa])\b"
    r"|¿[^¿?]*\?\W*\Z",
    re.I,
)


def problems(chapter: Chapter) -> list[str]:
    """Everything to mend in a page, each with file and line, in the order of the page.

    Args:
        chapter: A page; those of a class or a guide must have their parts.
    """
    page = _Page(chapter)
    found = [*page.headings(), *page.head(), *page.prose(), *page.numbers(), *page.checks()]
    found += [*page.widths()]
    if course.unit_of(chapter.source):
        found += [*page.exercises()]
        found += [*page.index()] if Path(chapter.path).name == "index.md" else [*page.lesson()]
    if anatomy.is_error(chapter):
        found += [*page.error()]
    told = [f"{chapter.path}:{line}: {told}" for line, told in sorted(set(found))]
    return told + (open_predictions(chapter) if anatomy.in_lessons(chapter) else [])


def open_predictions(chapter: Chapter) -> list[str]:
    """The blocks whose output stands open below prose that asks to predict it, with what to do.

    What counts is the prose right above the block: from the block, the heading or the edge of a
    folded part that comes before.
    """
    page = _Page(chapter)
    edges = {heading.line for heading in chapter.headings}
    options: set[int] = set()
    for block in chapter.blocks:
        options |= {*range(block.line, block.body), block.end_line}
        if block.name != "tab":
            edges |= {block.line, block.end_line}
    found, before = [], 0
    for cell in chapter.cells:
        start = max([before, *(edge for edge in edges if edge < cell.line)])
        before = cell.options.end_line if cell.options else cell.end_line
        if not cell.executed or any(key in cell.attributes for key in FOLDING):
            continue
        above = "\n".join(
            line for at, line in page.lines if start < at < cell.line and at not in options
        )
        if match := _PREDICT.search(above.strip()):
            found.append(
                f"{chapter.path}:{cell.line}: arriba se pide una predicción («{_short(match[0])}») y la "
                "salida de este bloque queda a la vista; agregale «predict», o hacelo «quiz»."
            )
    return found


class _Page:
    def __init__(self, chapter: Chapter):
        self.chapter = chapter
        self.lines = list(_prose_lines(chapter))
        #: Line, level, anchor and words of each heading.
        self.titles = [(h.line, h.level, h.anchor, h.title) for h in chapter.headings]

    def headings(self):
        level, seen = 0, set()
        for line, depth, anchor, words in self.titles:
            if not re.fullmatch(r"[a-z0-9-]+", anchor):
                yield (
                    line,
                    (
                        f"al título «{words}» le falta un ancla fija; terminá la línea con {{ #nombre }}, en "
                        "minúsculas, sin acentos y con guiones."
                    ),
                )
            if depth > level + 1 and level:
                yield (
                    line,
                    (
                        f"el título salta del nivel {level} al {depth}; usá {'#' * (level + 1)}, que es el que sigue."
                    ),
                )
            if depth == 1 and level:
                yield line, "la página ya tiene título; este va con ##."
            level = depth
            if words in seen:
                yield line, f"ya hay un título «{words}» en la página; decí en qué se distingue este."
            seen.add(words)
            if len(_ENGLISH.findall(re.sub(r"`[^`]*`|\*[^*]*\*|«[^»]*»", "", words))) >= 2:
                yield line, f"el título «{words}» está en inglés; escribilo en castellano."

    def head(self):
        """A quotation mark would end the attribute of HTML in which a template writes the text."""
        for key in ("title", "description"):
            if '"' in str(self.chapter.meta.get(key, "")):
                yield 1, f"«{key}» lleva comillas inglesas; usá las latinas, «así»."

    def prose(self):
        for number, line in self.lines:
            if match := _UNFINISHED.search(_NOT_NUMBERS.sub("", line)):
                yield number, f"quedó un «{match[0]}»; terminá esa parte o sacala."
        yield from self._tables()

    def _tables(self):
        rows: list[tuple[int, str]] = []
        for number, line in [*self.lines, (0, "")]:
            if line.lstrip().startswith("|"):
                rows.append((number, line))
                continue
            if len(rows) > 1 and re.fullmatch(r"[\s|:-]+", rows[1][1]):
                wanted = _columns(rows[0][1])
                for at, row in rows[1:]:
                    if (has := _columns(row)) != wanted:
                        yield (
                            at,
                            (
                                f"la fila tiene {has} columnas y el encabezado {wanted}; si una celda lleva una "
                                r"barra, escribila «\|»."
                            ),
                        )
            elif len(rows) > 1:
                yield rows[1][0], "a la tabla le falta, debajo del encabezado, la línea «| --- | --- |»."
            rows = []

    def numbers(self):
        """Numbers that only a run can decide and that no block of the page has."""
        if not self.chapter.executed_cells:
            return
        code = re.sub(r"(?<=\d)_(?=\d)", "", "\n".join(cell.code for cell in self.chapter.cells))
        literals = {float(literal) for literal in _LITERAL.findall(code)}
        for at, line in self.lines:
            if line.lstrip().startswith(("data-", "type:")):
                continue
            shown = _NOT_NUMBERS.sub(lambda m: " " * len(m[0]), line)
            for match in _NUMBER.finditer(shown):
                value = re.sub(r"[ \u00a0]", "", match[0]).replace(",", ".")
                decimals = len(value.partition(".")[2])
                if not any(
                    abs(number - float(value)) <= 0.5000001 * 10**-decimals for number in literals
                ):
                    yield (
                        at,
                        (
                            f"«{match[0]}» está escrito a mano y ningún bloque lo comprueba; agregá un «assert» con "
                            f"{value}, o sacá el número."
                        ),
                    )

    def checks(self):
        for cell in self.chapter.cells:
            if "check" not in cell.attributes:
                continue
            try:
                tree = syntax.parse(cell.code)
            except SyntaxError:
                continue
            for node in ast.walk(tree):
                if isinstance(node, ast.Assert) and node.msg is None:
                    yield (
                        _line_of(cell, node.lineno),
                        (
                            "este «assert» de la autoevaluación no dice nada si falla; agregale un mensaje: qué "
                            "salió mal y qué mirar."
                        ),
                    )

    def widths(self):
        narrow = course.unit_of(self.chapter.source) or anatomy.is_error(self.chapter)
        columns = CODE_COLUMNS if narrow else OTHER_COLUMNS
        for cell in self.chapter.cells:
            lines = cell.code.split("\n")
            if len(lines) != cell.end_line - cell.line - 1:
                continue  # it includes a file, which is written for another width
            for number, line in enumerate(lines, start=1):
                if len(line) > columns:
                    yield (
                        _line_of(cell, number),
                        (
                            f"esta línea de código tiene {len(line)} caracteres y en un teléfono entran "
                            f"{columns}; partila."
                        ),
                    )

    def keys(self, wanted):
        for key in wanted:
            if key not in self.chapter.meta:
                yield 1, f"a la cabecera le falta «{key}:»; lleva {', '.join(wanted)}."

    def index(self):
        """The first page of a class or guide: its sections, in order, and the place of the list."""
        is_class = self.chapter.source.startswith(f"{course.CLASSES}/")
        yield from self.keys(anatomy.CLASS_KEYS if is_class else anatomy.LESSON_KEYS)
        yield from self.sections(
            anatomy.CLASS_INDEX if is_class else anatomy.GUIDE_INDEX, "a la portada"
        )
        places = {anchor: line for line, _, anchor, _ in self.titles}
        if not any(line.strip() == anatomy.LESSONS for _, line in self.lines):
            yield (
                places.get("lecciones", 1),
                f"falta la línea «{anatomy.LESSONS}», donde va la lista de lecciones.",
            )

    def sections(self, wanted: dict[str, str], whose: str):
        """The sections that a page must have, in order."""
        places, last = {anchor: line for line, _, anchor, _ in self.titles}, 0
        for anchor, title in wanted.items():
            if anchor not in places:
                yield 1, f"{whose} le falta la sección «## {title} {{ #{anchor} }}»."
                continue
            if places[anchor] < last:
                yield places[anchor], f"la sección «{title}» está fuera de orden: {', '.join(wanted)}."
            last = max(last, places[anchor])

    def error(self):
        """The page of an error: its head, its parts, code that mends it and code that proves it."""
        yield from self.keys((*anatomy.LESSON_KEYS, "error"))
        yield from self.sections(anatomy.ERROR_PARTS, "al error")
        head = self.chapter.meta.get("error", {})
        if head.get("moment") not in anatomy.MOMENTS:
            yield 1, f"«moment», en «error:», dice cuándo aparece: {', '.join(anatomy.MOMENTS)}."
        symptoms = head.get("symptoms", [])
        if head.get("silent") and (not isinstance(symptoms, list) or len(symptoms) < 3):
            yield (
                1,
                "un error que no avisa se busca por lo que se ve: «symptoms» lleva tres frases o más.",
            )
        if head.keys() - {"moment", "silent", "symptoms"}:
            yield 1, "«error:» lleva «moment» y, si no avisa, «silent» y «symptoms»; nada más."
        starts = [(line, anchor) for line, level, anchor, _ in self.titles if level == 2]
        ends = [line for line, _ in starts[1:]] + [10**9]
        for (line, anchor), end in zip(starts, ends, strict=True):
            cells = [cell for cell in self.chapter.executed_cells if line < cell.line < end]
            if anchor == "correccion" and not any(cell.raises is None for cell in cells):
                yield line, "a la corrección le falta un bloque que ande."
            if anchor == "comprobarlo" and not any("assert" in cell.code for cell in cells):
                yield line, "a esta sección le falta un «assert» que muestre que quedó bien."

    def lesson(self):
        yield from self.keys(anatomy.LESSON_KEYS)
        if not self.chapter.is_lesson:
            yield 1, "a la cabecera le falta «lesson: true»: es una página de una clase o de una guía."
        sections = [(line, anchor) for line, level, anchor, _ in self.titles if level == 2]
        if self.chapter.executed_cells and (not sections or sections[0][1] != "preparar"):
            line = sections[0][0] if sections else 1
            yield (
                line,
                "una lección empieza con la sección «## Preparar { #preparar }», con sus imports.",
            )
        blocks = len(self.chapter.executed_cells)
        if blocks > BLOCKS and Path(self.chapter.path).name not in anatomy.CLASS_PAGES:
            yield 1, f"la lección tiene {blocks} bloques; con más de {BLOCKS}, partila en dos."

    def exercises(self):
        starts = [
            (line, level, anchor)
            for line, level, anchor, _ in self.titles
            if anatomy.is_exercise(anchor)
        ]
        for line, level, anchor in starts:
            after = (other for other, depth, _, _ in self.titles if other > line and depth <= level)
            end = next(after, 10**9)
            cells = [cell for cell in self.chapter.cells if line < cell.line < end]
            types = {text.strip() for number, text in self.lines if line < number < end}
            if "type: hint" not in types:
                yield (
                    line,
                    f"al {anchor} le falta una pista plegada: «/// details | Pista», con «type: hint».",
                )
            if not any(cell.in_solution for cell in cells):
                yield (
                    line,
                    f"al {anchor} le falta la solución plegada: «/// details | Solución», con «type: solution».",
                )
            if not any("check" in cell.attributes for cell in cells):
                yield line, f"al {anchor} le falta su autoevaluación: un bloque ```{{.python check}}."


def _prose_lines(chapter: Chapter):
    """Number and text of each line of prose outside fences of any language."""
    for part in chapter.parts:
        if not isinstance(part, Prose):
            continue
        fence = ""
        for offset, line in enumerate(part.text.split("\n")):
            if match := _FENCE.match(line):
                if not fence:
                    fence = match["fence"]
                elif line.strip() == fence:
                    fence = ""
                continue
            if not fence:
                yield part.line + offset, line


def _short(text: str) -> str:
    """A piece of prose on one line, to be quoted."""
    text = " ".join(text.split()).rstrip("*_ ")
    return text if len(text) <= 60 else f"{text[:58].rsplit(' ', 1)[0]}…"


def _columns(row: str) -> int:
    bare = _INLINE_CODE.sub(lambda code: code[0].replace("|", " "), row.strip()).replace(r"\|", "  ")
    return len(bare.strip("|").split("|"))


def _line_of(cell: Cell, line: int) -> int:
    """The page's line of a line of a block; that of its opening if it shows a file."""
    return cell.line if cell.file else cell.line + line
