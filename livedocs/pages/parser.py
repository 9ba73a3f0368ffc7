"""The only parser of pages: from Markdown to a :class:`Chapter`, or one message with file and line."""

from __future__ import annotations

import difflib
import itertools
import re
import textwrap
from pathlib import Path

import yaml
from pymdownx.snippets import SnippetMissingError
from pymdownx.superfences import RE_NESTED_FENCE_START

from livedocs.pages import gaps, notes, quizzes
from livedocs.pages.chapter import (
    SNIPPETS_FOLDER,
    Block,
    Cell,
    Chapter,
    ChapterError,
    Heading,
    Prose,
)
from livedocs.pages.grammar import BLOCKS, TYPES, meta_problem
from livedocs.pages.includes import IncludeError, Includes
from livedocs.pages.openings import OpeningError, read_opening

_FENCE = re.compile(r"^(?P<prefix>[ \t>]*)(?P<fence>`{3,}|~{3,})(?P<info>.*)$")
_FENCE_AFTER_MARKER = re.compile(r"^[ \t>]*(?:[-*+]|\d+[.)])[ \t]+(?:`{3,}|~{3,})[^`]*$")
_BLOCK = re.compile(r"^(?P<prefix>[ \t>]*)(?P<slashes>/{3,})[ \t]*(?P<head>.*)$")
_OPTION = re.compile(r"^[ \t>]* {4}\S")
_HEADING = re.compile(
    r"^(?P<marks>#{1,6})[ \t]+(?P<title>.*?)[ \t]*(?:\{(?P<attributes>[^}]*)\})?[ \t]*#*$"
)
_ANCHOR = re.compile(r"(?:^|\s)#(?P<name>[^\s}]+)")
_OLD_META = re.compile(r"^ {0,3}[A-Za-z0-9_-]+:")  # MkDocs takes such first lines for a front matter
_WHOLE_FILE = re.compile(r'\s*-+8<-+ "(?P<name>[\w./-]+\.py)"\s*')
_OWN_IMPORT = re.compile(r"^\s*(?:from|import)\s+(livedocs|snippets|tests)\b", re.M)


class Parser:
    def __init__(self, text: str, path: str, root: Path, expand: bool):
        self.expands = expand
        text = text.replace("\u0002", "").replace("\u0003", "")  # Markdown drops them too
        self.lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self.path, self.root = path, root
        self.parts: list[Prose | Cell] = []
        self.blocks: list[tuple[int, Block]] = []  # those still open, with their slashes
        self.closed: list[Block] = []
        self.headings: list[Heading] = []
        self.includes = Includes(root / SNIPPETS_FOLDER)
        self.prose_start = 0

    def fail(self, message: str, index: int) -> ChapterError:
        return ChapterError(message, self.path, index + 1)

    def chapter(self) -> Chapter:
        meta, index = self.front_matter()
        self.lines[index:] = [line.expandtabs(4) for line in self.lines[index:]]  # so does Markdown
        self.prose_start = index
        while index < len(self.lines):
            line = self.lines[index]
            if match := _FENCE.match(line):
                index = self.fence(match, index)
            else:
                if _FENCE_AFTER_MARKER.match(line):
                    raise self.fail(
                        "el bloque de código empieza en la línea de la viñeta; ponelo en la línea "
                        "siguiente, con cuatro espacios de sangría.",
                        index,
                    )
                if match := _BLOCK.match(line):
                    self.block(match, index)
                elif match := _HEADING.match(line):
                    self.heading(match, index)
                self.included_prose(line, index)
                index += 1
        if self.blocks:
            _, block = self.blocks[-1]
            raise self.fail(
                f"el bloque «/// {block.name}» que se abre acá no se cierra; "
                "agregá una línea con las mismas barras al final.",
                block.line - 1,
            )
        self.flush_prose(len(self.lines))
        blocks = tuple(sorted(self.closed, key=lambda block: block.line))
        chapter = Chapter(self.path, tuple(self.parts), meta, blocks, tuple(self.headings))
        self.check_todos(chapter)
        return chapter

    def check_todos(self, chapter: Chapter) -> None:
        """The first cell of each solution, and no other, says what the student has to write."""
        seen = set()
        for cell in chapter.cells:
            solution = next((b for b in cell.blocks if b.type == "solution"), None)
            first = solution is not None and solution.line not in seen
            if first:
                seen.add(solution.line)
            if first and "data-todo" not in cell.attributes:
                raise self.fail(
                    "es el primer bloque de una solución: decí qué hay que escribir en el notebook "
                    'para completar, con data-todo="…".',
                    cell.line - 1,
                )
            if "data-todo" in cell.attributes and not first:
                raise self.fail(
                    "«data-todo» va en el primer bloque de una solución (type: solution).", cell.line - 1
                )

    def front_matter(self) -> tuple[dict, int]:
        if self.lines[0].rstrip() != "---":
            if self.expands and _OLD_META.match(self.lines[0]):
                raise self.fail(
                    "MkDocs toma esta primera línea por cabecera y no la muestra; empezá la página con "
                    "su título, o con una cabecera entre dos líneas «---».",
                    0,
                )
            return {}, 0
        for end in range(1, len(self.lines)):
            if self.lines[end].rstrip() in ("---", "..."):
                break
        else:
            raise self.fail("la cabecera que abre con «---» no se cierra con otra línea «---».", 0)
        text = "\n".join(self.lines[1:end])
        try:
            meta = yaml.safe_load(text) or {}
            node = yaml.compose(text)
        except (yaml.YAMLError, ValueError) as error:
            mark = getattr(error, "problem_mark", None)
            raise self.fail(
                "la cabecera no es YAML válido; revisá comillas y dos puntos.",
                1 + mark.line if mark else 0,
            ) from None
        if not isinstance(meta, dict):
            raise self.fail("la cabecera tiene que ser una lista de «clave: valor».", 0)
        at = {key.value: 1 + key.start_mark.line for key, _ in node.value} if node else {}
        if found := meta_problem(meta):
            key, message = found
            raise self.fail(message, at.get(key, 0))
        return meta, end + 1

    def flush_prose(self, end: int) -> None:
        text = "\n".join(self.lines[self.prose_start : end])
        if text.strip():
            self.parts.append(Prose(text, self.prose_start + 1))

    # Blocks -----------------------------------------------------------------

    def block(self, match: re.Match, index: int) -> None:
        slashes, head = len(match["slashes"]), match["head"].strip()
        if head:
            name, title = (part.strip() for part in head.partition("|")[::2])
            if not re.fullmatch(r"[\w-]+", name):
                raise self.fail(
                    "no se entiende esta línea: un bloque se abre con «/// nombre | Título».", index
                )
            if name not in BLOCKS:
                near = difflib.get_close_matches(name.lower(), BLOCKS, n=1)
                hint = f" ¿Quisiste escribir «/// {near[0]}»?" if near else ""
                raise self.fail(
                    f"no hay bloques «/// {name}».{hint} Los que hay: {', '.join(BLOCKS)}.", index
                )
            if self.after_a_quoted_block(match["prefix"], index):
                raise self.fail(
                    "dejá una línea vacía antes de este «///»: pegado a otro que está en una cita, el sitio "
                    "no se termina de construir nunca.",
                    index,
                )
            if name == "tab" and not title:
                raise self.fail("a la pestaña le falta el título: «/// tab | Título».", index)
            options, body = self.options(name, len(match["prefix"]), index)
            type_ = options.get("type", name)
            self.blocks.append((slashes, Block(name, title, type_, index + 1, body + 1)))
        elif self.blocks and self.blocks[-1][0] == slashes:
            _, block = self.blocks.pop()
            block.end_line = index + 1
            self.closed.append(block)
        elif any(opened == slashes for opened, _ in self.blocks):
            _, inner = self.blocks[-1]
            raise self.fail(
                f"acá se cierra un bloque, pero el que se abrió en la línea {inner.line} "
                f"(«/// {inner.name}») sigue abierto; cerralo antes.",
                index,
            )
        else:
            raise self.fail(f"esta línea cierra con «{'/' * slashes}» un bloque que nadie abrió.", index)

    def after_a_quoted_block(self, prefix: str, index: int) -> bool:
        """Whether a block opens in the paragraph of another that is deeper in quotes.

        PyMdown Extensions 13.1 looks at it again and again, with more memory each time.
        """
        above = itertools.takewhile(str.strip, reversed(self.lines[:index]))
        found = filter(None, map(_BLOCK.match, above))
        return any(other["prefix"].count(">") > prefix.count(">") for other in found)

    def options(self, name: str, width: int, index: int) -> tuple[dict, int]:
        """The options of the block that opens at `index`, and the index of the line after them.

        `width`: that of the indentation and quote marks before the block.
        """
        end = index + 1
        while end < len(self.lines) and _OPTION.match(self.lines[end]):
            end += 1
        text = textwrap.dedent("\n".join(line[width:] for line in self.lines[index + 1 : end]))
        if not text:
            return {}, end
        try:
            found = yaml.safe_load(text)
        except (yaml.YAMLError, ValueError):
            found = None
        if not isinstance(found, dict):
            raise self.fail(
                f"lo que sigue con cuatro espacios son las opciones de «/// {name}», y no son YAML "
                "válido («type: solution»); si es texto, dejá antes una línea vacía.",
                index + 1,
            )
        known = BLOCKS[name] | {"attrs"}
        for key, value in found.items():
            line = next((n for n in range(index + 1, end) if str(key) in self.lines[n]), index + 1)
            if key not in known:
                raise self.fail(
                    f"«/// {name}» no tiene la opción «{key}»; las que hay: {', '.join(sorted(known))}.",
                    line,
                )
            if key == "type" and value not in TYPES:
                near = difflib.get_close_matches(str(value), TYPES, n=1)
                hint = f" ¿Quisiste escribir «{near[0]}»?" if near else ""
                raise self.fail(
                    f"no hay un tipo «{value}».{hint} Los que hay: {', '.join(sorted(TYPES))}.", line
                )
            if key in ("open", "new", "select") and not isinstance(value, bool):
                raise self.fail(f"«{key}» tiene que ser «true» o «false».", line)
        return found, end

    def heading(self, match: re.Match, index: int) -> None:
        anchor = _ANCHOR.search(match["attributes"] or "")
        name = anchor["name"] if anchor else ""
        before = next((h for h in self.headings if name and h.anchor == name), None)
        if before:
            raise self.fail(
                f"el ancla «#{name}» está dos veces: acá y en la línea {before.line}; cambiá una.", index
            )
        self.headings.append(Heading(len(match["marks"]), match["title"], name, index + 1))

    # Fences -----------------------------------------------------------------

    def fence(self, match: re.Match, start: int) -> int:
        """Handle the fence that opens at ``start``; return the index after its end."""
        prefix, fence = match["prefix"], match["fence"]
        info = match["info"].strip()
        opening = RE_NESTED_FENCE_START.match(self.lines[start].rstrip(), len(prefix))
        if opening is None and "`" in info and not info.startswith("{"):
            return start + 1  # inline code that happens to start the line
        quotes = prefix.count(">")
        code: list[str] = []
        for end in range(start + 1, len(self.lines)):
            line, inside = self.strip_prefix(self.lines[end], prefix, quotes)
            if inside and re.fullmatch(re.escape(fence) + r"[ \t]*", line):
                break
            if not inside and line.strip():
                raise self.fail(
                    "esta línea tiene menos sangría que el bloque de código que se abrió en la "
                    f"línea {start + 1}, y lo corta; alineala o cerrá antes el bloque.",
                    end,
                )
            if re.match(re.escape(fence) + r"+[ \t]*[\w.{]", line):
                raise self.fail(
                    f"el bloque de código que se abre acá no se cierra antes de que se abra otro, en la "
                    f"línea {end + 1}; agregá «{fence}» donde termina. Si lo de adentro es parte de él, "
                    f"abrilo y cerralo con «{fence + fence[0]}».",
                    start,
                )
            code.append(line if line.strip() else "")  # so does Markdown
        else:
            raise self.fail(
                f"el bloque de código que se abre acá no se cierra; agregá una línea «{fence}».",
                start,
            )
        try:
            language, attributes = read_opening(info, opening)
        except OpeningError as error:
            raise self.fail(str(error), start) from None
        text = self.expand("\n".join(code), start, prefix)
        if re.search(rf"^{re.escape(fence)}[ \t]*$", text, re.M):
            raise self.fail(
                f"lo que se incluye trae una línea «{fence}», que cerraría el bloque; abrilo y cerralo "
                f"con «{fence + fence[0]}».",
                start,
            )
        if language is None:
            return end + 1
        self.flush_prose(start)
        self.check(text, attributes, start)
        text, gapped = self.fill(text, attributes, start)
        if wrong := notes.complaint(text, self.lines[end + 1 :]):
            raise self.fail(wrong, start)
        options = self.options_below(end + 1, prefix, start) if "quiz" in attributes else None
        blocks = tuple(block for _, block in self.blocks)
        whole = _WHOLE_FILE.fullmatch("\n".join(code))
        file = whole["name"] if whole else ""
        cell = Cell(text, start + 1, end + 1, attributes, blocks, prefix, file, gapped, options)
        self.parts.append(cell)
        self.prose_start = end + 1
        return end + 1

    def fill(self, code: str, attributes: dict[str, str], start: int) -> tuple[str, str]:
        """The code as it is executed and, if it has gaps, as the page shows it."""
        value = attributes.get("data-gaps")
        if value is None:
            if gaps.GAP in code and "notest" not in attributes:
                raise self.fail(
                    f"el bloque tiene {gaps.GAP} y no dice con qué se llena: agregá en la apertura "
                    'data-gaps="… | …", un pedazo por hueco.',
                    start,
                )
            return code, ""
        try:
            filled = gaps.fill(code, value)
        except ValueError as error:
            raise self.fail(str(error), start) from None
        if notes.marks(filled):
            raise self.fail("un bloque con huecos no lleva notas numeradas; sacale las «# (1)».", start)
        return filled, code

    def options_below(self, index: int, prefix: str, start: int) -> quizzes.Options:
        """The list below the quiz that opens at `start` and ends before `index`."""
        after = []
        for line in self.lines[index:]:
            line, inside = self.strip_prefix(line, prefix, prefix.count(">"))
            if not inside and line.strip():
                break  # out of the list or quote that the block is in
            after.append(line)
        try:
            return quizzes.read(after, index + 1)
        except quizzes.QuizError as error:
            raise self.fail(
                str(error), start if error.offset is None else index + error.offset
            ) from None

    @staticmethod
    def strip_prefix(line: str, prefix: str, quotes: int) -> tuple[str, bool]:
        """Remove the indentation and quote marks of a fence from one of its lines."""
        line, width = line.expandtabs(4), len(prefix.expandtabs(4))
        head, rest = line[:width], line[width:]
        inside = head.count(">") == quotes and not head.strip(" >")
        return (rest, True) if inside or not line.strip(" >") else (line, False)

    def expand(self, code: str, index: int, prefix: str = "") -> str:
        """Expand the ``--8<--`` includes of a fence, with the rules of pymdownx.snippets."""
        if "8<" not in code or not self.expands:
            return code
        try:
            lines = self.includes.run(code.split("\n"))
        except (IncludeError, SnippetMissingError, OSError, UnicodeDecodeError) as error:
            raise self.fail(self.includes.said(code, error), index) from None
        text = "\n".join(lines)
        if text != code and ">" in prefix:
            raise self.fail(
                "adentro de una cita («>») no se puede incluir; sacá el bloque de ahí.", index
            )
        # As Markdown does with the page: tabs, and lines with nothing but spaces.
        width = len(prefix.expandtabs(4))
        lines = [(" " * width + line).expandtabs(4)[width:] for line in text.split("\n")]
        return "\n".join(line if line.strip() else "" for line in lines)

    def included_prose(self, line: str, index: int) -> None:
        """What a line of prose includes has to exist, and to be prose."""
        if "8<" not in line or not self.expands:
            return
        if re.fullmatch(r"[ \t]*-+8<-+[ \t]*", line):
            raise self.fail('fuera del código, cada inclusión va en su línea: --8<-- "archivo".', index)
        for included in self.expand(line, index).split("\n"):
            if included != line and (_FENCE.match(included) or _BLOCK.match(included)):
                raise self.fail(
                    "lo que se incluye acá trae bloques de código o «///», que no se leerían; incluí solo "
                    'prosa, y el código con --8<-- "archivo" adentro de su bloque.',
                    index,
                )

    def check(self, code: str, attributes: dict[str, str], index: int) -> None:
        if not code.strip():
            raise self.fail("el bloque de Python está vacío; escribí código o borralo.", index)
        if "notest" in attributes:
            return
        if match := _OWN_IMPORT.search(code):
            raise self.fail(
                f"el bloque importa «{match[1]}», que quien copie no tiene; incluí el código con "
                '--8<-- "archivo.py:sección".',
                index,
            )
