"""What a page must be, besides code that runs: its headings, its sections, its exercises, its numbers.

Each problem is one sentence in Spanish with file and line that says what to do, as the parser's
are; `python -m livedocs check` shows them, and so does the test of each page.
"""

from __future__ import annotations

import ast
import itertools
import re
from pathlib import Path

from livedocs.pages.chapter import Cell, Chapter, Prose

#: The parts of a class, in order, by their anchors.
ANATOMY = {
    "objetivo": "Objetivo", "resultados": "Resultados de aprendizaje", "temas": "Temas",
    "definiciones": "Definiciones", "dataset": "Dataset y recursos", "ejercicios": "Ejercicios",
    "homework": "Homework verificable", "errores": "Errores comunes", "faq": "Preguntas frecuentes",
    "puntos-clave": "Puntos clave", "referencias": "Referencias", "siguiente": "Siguiente clase",
}  # fmt: skip
CLASS_KEYS = ("title", "description", "part", "source", "minutes")
EXERCISES = 5

_FENCE = re.compile(r"^[ \t>]*(?P<fence>`{3,}|~{3,})")
_ENGLISH = re.compile(r"\b(?:the|of|and|with|how|your|what|why|when|from|using|is|are)\b", re.I)
_UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|TBD)\b")
#: Decimals and thousands as Spanish writes them: 0,87 and 100 480.
_NUMBER = re.compile(
    r"(?<![\d,.])(?<!\d[ \u00a0])\d{1,3}(?:[ \u00a0]\d{3})+(?:,\d+)?(?![\d,])|(?<![\d,.])\d+,\d+(?![\d,])"
)
_INLINE_CODE = re.compile(r"(?<!`)(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)")
_LITERAL = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:e[+-]?\d+)?")
_NOT_NUMBERS = re.compile(r"`[^`\n]*`|\]\([^)\s]*\)|«[^»\n]*»|\{[^}\n]*\}|<!--.*?-->", re.S)


def problems(chapter: Chapter) -> list[str]:
    """Everything to mend in a page, each with file and line, in the order of the page.

    Args:
        chapter: A page; those of `docs/clases/` must have the parts of a class.
    """
    page = _Page(chapter)
    found = [*page.headings(), *page.prose(), *page.numbers(), *page.checks()]
    if Path(chapter.path).parent.name == "clases":
        found += [*page.anatomy(), *page.exercises()]
    return [f"{chapter.path}:{line}: {told}" for line, told in sorted(set(found))]


def unlisted(chapters: list[Chapter], home: Chapter) -> list[str]:
    """The classes and guides that the home page has no card of, each with what to do."""
    listed = {entry.get("page") for entry in home.meta.get("courses", ()) if isinstance(entry, dict)}
    return [
        f"{chapter.path}:1: no está entre las clases del inicio; agregala en «courses», en la cabecera "
        f"de {home.path}: «page: {chapter.name}» y «what», qué vas a poder hacer."
        for chapter in chapters
        if "minutes" in chapter.meta and chapter.name not in listed
    ]


def without_a_way_in(chapters: list[Chapter]) -> list[str]:
    """The classes to which the class before does not lead, each with what to do."""
    classes = sorted((c for c in chapters if Path(c.path).parent.name == "clases"), key=lambda c: c.path)
    found = []
    for before, chapter in itertools.pairwise(classes):
        text = "\n".join(part.text for part in before.parts if isinstance(part, Prose))
        at = text.rfind("{ #siguiente }")
        if at >= 0 and Path(chapter.path).name not in text[at:]:
            line = next((n for n, _, anchor, _ in _Page(before).titles if anchor == "siguiente"), 1)
            found.append(
                f"{before.path}:{line}: la siguiente clase es {Path(chapter.path).name} y acá no hay un "
                "enlace que lleve a ella."
            )
    return found


class _Page:
    def __init__(self, chapter: Chapter):
        self.chapter = chapter
        self.lines = list(_prose_lines(chapter))
        #: Line, level, anchor and words of each heading.
        self.titles = [(h.line, h.level, h.anchor, h.title) for h in chapter.headings]

    def headings(self):
        level = 0
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
            if len(_ENGLISH.findall(re.sub(r"`[^`]*`|\*[^*]*\*|«[^»]*»", "", words))) >= 2:
                yield line, f"el título «{words}» está en inglés; escribilo en castellano."

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
                tree = ast.parse(cell.code)
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

    def anatomy(self):
        for key in CLASS_KEYS:
            if key not in self.chapter.meta:
                yield 1, f"a la cabecera le falta «{key}:»; una clase lleva {', '.join(CLASS_KEYS)}."
        places = {anchor: line for line, _, anchor, _ in self.titles}
        last = 0
        for anchor, title in ANATOMY.items():
            if anchor not in places:
                yield 1, f"a la clase le falta la sección «## {title} {{ #{anchor} }}»."
                continue
            if places[anchor] < last:
                yield places[anchor], f"la sección «{title}» está fuera de orden: {', '.join(ANATOMY)}."
            last = max(last, places[anchor])

    def exercises(self):
        starts = [
            (line, anchor)
            for line, _, anchor, _ in self.titles
            if re.fullmatch(r"ejercicio-\d+", anchor)
        ]
        if len(starts) < EXERCISES:
            yield (
                1,
                f"una clase lleva {EXERCISES} ejercicios o más («### … {{ #ejercicio-1 }}»); hay {len(starts)}.",
            )
        ends = sorted(line for line, depth, _, _ in self.titles if depth <= 3)
        for line, anchor in starts:
            end = next((other for other in ends if other > line), 10**9)
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


def _columns(row: str) -> int:
    bare = _INLINE_CODE.sub(lambda code: code[0].replace("|", " "), row.strip()).replace(r"\|", "  ")
    return len(bare.strip("|").split("|"))


def _line_of(cell: Cell, line: int) -> int:
    """The page's line of a line of a block; that of its opening if it shows a file."""
    return cell.line if cell.file else cell.line + line
