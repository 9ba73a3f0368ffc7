"""A Markdown page as a list of prose and code cells, each with its file and line.

This is the only parser of pages: the tests, the page and the notebook all start
from the :class:`Chapter` it returns.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

import markdown
import yaml
from pymdownx.snippets import SnippetExtension, SnippetMissingError

from livedocs.pages import notes

SNIPPETS_FOLDER = "snippets"

#: Languages of fences that are executed. ``LOOKALIKES`` would show Python that never ran.
LANGUAGES = {"python", "py", "python3"}
LOOKALIKES = {"pycon", "ipython", "ipython3", "python-repl", "python2", "py3", "pycon3"}

#: What a Python fence may carry, and whether it takes a value.
ATTRIBUTES = {
    "data-raises": True,
    "data-why": True,
    "data-alt": True,
    "data-todo": True,
    "data-options": True,
    "title": True,
    "hl_lines": True,
    "notest": False,
    "volatile": False,
    "check": False,
    "quiz": False,
}

_FENCE = re.compile(r"^(?P<prefix>[ \t>]*)(?P<fence>`{3,}|~{3,})(?P<info>.*)$")
_FENCE_AFTER_MARKER = re.compile(r"^[ \t>]*(?:[-*+]|\d+[.)])[ \t]+(?:`{3,}|~{3,})[^`]*$")
_BLOCK = re.compile(r"^(?P<prefix>[ \t>]*)(?P<slashes>/{3,})[ \t]*(?P<head>.*)$")
_OPTION = re.compile(r"^[ \t>]* {4}(?P<key>\w+):[ \t]*(?P<value>.*?)[ \t]*$")
_ATTRIBUTE = re.compile(r"(?P<key>[^\s=\"']+)(?:=(?:\"(?P<value>[^\"]*)\"|(?P<bare>[^\s\"]+)))?(?=\s|$)")
_WHOLE_FILE = re.compile(r'\s*-+8<-+ "(?P<name>[\w./-]+\.py)"\s*')
_OWN_IMPORT = re.compile(r"^\s*(?:from|import)\s+(livedocs|snippets|tests)\b", re.M)


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


@dataclass(frozen=True)
class Block:
    """A ``///`` block that encloses a part of the page (details, tab, note…)."""

    name: str
    title: str
    type: str
    line: int


@dataclass(frozen=True)
class Prose:
    """Consecutive lines of the page outside Python fences."""

    text: str
    line: int


@dataclass(frozen=True)
class Cell:
    """A Python fence.

    Attributes:
        code: The code, includes expanded and the indentation of the fence removed.
        line: Line of the opening fence, counted from 1; the code starts on the next.
        end_line: Line of the closing fence.
        attributes: What the opening fence carries; flags have the value "".
        blocks: The ``///`` blocks around it, outermost first.
        prefix: What stands before the fence on its line (list indentation, quote marks).
        file: The file of `snippets/` that the cell shows whole, and nothing else; "" if none.
    """

    code: str
    line: int
    end_line: int
    attributes: dict[str, str] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()
    prefix: str = ""
    file: str = ""

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
    """A page: its parts in order, prose and cells."""

    path: str
    parts: tuple[Prose | Cell, ...]
    meta: dict = field(default_factory=dict)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Every Python fence, those marked ``notest`` included."""
        return tuple(part for part in self.parts if isinstance(part, Cell))

    @property
    def executed_cells(self) -> tuple[Cell, ...]:
        return tuple(cell for cell in self.cells if cell.executed)

    @property
    def name(self) -> str:
        return Path(self.path).stem

    @property
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
            ChapterError: a fence or block that is not closed, an unknown attribute, an
                include that does not exist, code that a reader could not run elsewhere.
        """
        return _Parser(text, path, root, expand).chapter()


class _Parser:
    def __init__(self, text: str, path: str, root: Path, expand: bool):
        self.expands = expand
        self.lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self.path, self.root = path, root
        self.parts: list[Prose | Cell] = []
        self.blocks: list[tuple[int, Block]] = []
        self.prose_start = 0

    def fail(self, message: str, index: int) -> ChapterError:
        return ChapterError(message, self.path, index + 1)

    def chapter(self) -> Chapter:
        meta, index = self.front_matter()
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
                self.expand(line, index)  # an include that does not exist is said here too
                index += 1
        if self.blocks:
            _, block = self.blocks[-1]
            raise self.fail(
                f"el bloque «/// {block.name}» que se abre acá no se cierra; "
                "agregá una línea con las mismas barras al final.",
                block.line - 1,
            )
        self.flush_prose(len(self.lines))
        chapter = Chapter(self.path, tuple(self.parts), meta)
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
                    "es el primer bloque de una solución: decí qué hay que escribir en el cuaderno "
                    'para completar, con data-todo="…".',
                    cell.line - 1,
                )
            if "data-todo" in cell.attributes and not first:
                raise self.fail(
                    "«data-todo» va en el primer bloque de una solución (type: solution).", cell.line - 1
                )

    def front_matter(self) -> tuple[dict, int]:
        if self.lines[0].rstrip() != "---":
            return {}, 0
        for end in range(1, len(self.lines)):
            if self.lines[end].rstrip() in ("---", "..."):
                break
        else:
            raise self.fail("la cabecera que abre con «---» no se cierra con otra línea «---».", 0)
        try:
            meta = yaml.safe_load("\n".join(self.lines[1:end])) or {}
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            raise self.fail(
                "la cabecera no es YAML válido; revisá comillas y dos puntos.",
                1 + mark.line if mark else 0,
            ) from None
        if not isinstance(meta, dict):
            raise self.fail("la cabecera tiene que ser una lista de «clave: valor».", 0)
        return meta, end + 1

    def flush_prose(self, end: int) -> None:
        text = "\n".join(self.lines[self.prose_start : end])
        if text.strip():
            self.parts.append(Prose(text, self.prose_start + 1))

    # Blocks -----------------------------------------------------------------

    def block(self, match: re.Match, index: int) -> None:
        slashes, head = len(match["slashes"]), match["head"].strip()
        if head:
            name, _, title = head.partition("|")
            if not re.fullmatch(r"[\w-]+", name.strip()):
                return  # a line that merely starts with slashes
            type_ = name.strip()
            for line in self.lines[index + 1 :]:
                if not (option := _OPTION.match(line)):
                    break
                if option["key"] == "type":
                    type_ = option["value"]
            self.blocks.append((slashes, Block(name.strip(), title.strip(), type_, index + 1)))
        elif self.blocks and self.blocks[-1][0] == slashes:
            self.blocks.pop()
        elif any(opened == slashes for opened, _ in self.blocks):
            _, inner = self.blocks[-1]
            raise self.fail(
                f"acá se cierra un bloque, pero el que se abrió en la línea {inner.line} "
                f"(«/// {inner.name}») sigue abierto; cerralo antes.",
                index,
            )
        else:
            raise self.fail(f"esta línea cierra con «{'/' * slashes}» un bloque que nadie abrió.", index)

    # Fences -----------------------------------------------------------------

    def fence(self, match: re.Match, start: int) -> int:
        """Handle the fence that opens at ``start``; return the index after its end."""
        prefix, fence = match["prefix"], match["fence"]
        info = match["info"].strip()
        if fence[0] == "`" and "`" in info:
            if info.startswith("{"):
                raise self.fail(
                    "la apertura de un bloque no puede llevar comillas invertidas; usá «…».", start
                )
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
            code.append(line)
        else:
            raise self.fail(
                f"el bloque de código que se abre acá no se cierra; agregá una línea «{fence}».",
                start,
            )
        language, attributes = self.info(info, start)
        text = self.expand("\n".join(code), start)
        if language is None:
            return end + 1
        self.flush_prose(start)
        self.check(text, attributes, start)
        if wrong := notes.complaint(text, self.lines[end + 1 :]):
            raise self.fail(wrong, start)
        blocks = tuple(block for _, block in self.blocks)
        whole = _WHOLE_FILE.fullmatch("\n".join(code))
        file = whole["name"] if whole else ""
        self.parts.append(Cell(text, start + 1, end + 1, attributes, blocks, prefix, file))
        self.prose_start = end + 1
        return end + 1

    @staticmethod
    def strip_prefix(line: str, prefix: str, quotes: int) -> tuple[str, bool]:
        """Remove the indentation and quote marks of a fence from one of its lines."""
        line, width = line.expandtabs(4), len(prefix.expandtabs(4))
        head, rest = line[:width], line[width:]
        inside = head.count(">") == quotes and not head.strip(" >")
        return (rest, True) if inside or not line.strip(" >") else (line, False)

    def info(self, info: str, index: int) -> tuple[str | None, dict[str, str]]:
        """Language and attributes of an opening fence; language None: not Python."""
        if info.startswith("{"):
            if not info.endswith("}"):
                raise self.fail("falta la llave que cierra «}» en la apertura del bloque.", index)
            body = info[1:-1].strip()
            words = body.split(maxsplit=1)
            if not words or not words[0].startswith("."):
                if "python" in body.lower():
                    raise self.fail("el lenguaje va primero y con punto: escribí «{.python …}».", index)
                return None, {}
            language, rest = words[0][1:], words[1] if len(words) > 1 else ""
        else:
            language, _, rest = info.partition(" ")
            if "{" in rest and language.lower() in LANGUAGES:
                raise self.fail(
                    "usá una sola forma de apertura: «```python» o «```{.python atributo}».", index
                )
        name = language.lower()
        if name in LOOKALIKES:
            raise self.fail(
                f"los bloques «{language}» no se ejecutan; escribí el código como «```python» y "
                "la salida aparece sola.",
                index,
            )
        if name not in LANGUAGES:
            return None, {}
        return name, self.attributes(rest.strip(), index)

    def attributes(self, text: str, index: int) -> dict[str, str]:
        found: dict[str, str] = {}
        position = 0
        while position < len(text):
            match = _ATTRIBUTE.match(text, position)
            if not match:
                raise self.fail(
                    f"no se entiende «{text[position:]}» en la apertura del bloque; "
                    'los valores van entre comillas dobles: data-why="…".',
                    index,
                )
            key = match["key"]
            value = match["value"] if match["value"] is not None else match["bare"]
            if key not in ATTRIBUTES:
                near = difflib.get_close_matches(key, ATTRIBUTES, n=1)
                hint = f" ¿Quisiste escribir «{near[0]}»?" if near else ""
                raise self.fail(
                    f"el atributo «{key}» no existe.{hint} Los que hay: {', '.join(ATTRIBUTES)}.",
                    index,
                )
            if ATTRIBUTES[key] and not value:
                raise self.fail(f'a «{key}» le falta el valor: escribí {key}="…".', index)
            if not ATTRIBUTES[key] and value is not None:
                raise self.fail(f"«{key}» va solo, sin valor.", index)
            found[key] = value or ""
            position = match.end()
            while position < len(text) and text[position].isspace():
                position += 1
        if "notest" in found and "data-why" not in found:
            raise self.fail(
                'un bloque con «notest» tiene que decir por qué no se ejecuta: data-why="…".', index
            )
        if ("quiz" in found) != ("data-options" in found):
            raise self.fail('«quiz» y data-options="a | b | c" van juntos.', index)
        if "quiz" in found:
            options = [option.strip() for option in found["data-options"].split("|")]
            if len(options) < 2 or len(set(options)) < len(options) or not all(options):
                raise self.fail(
                    "«data-options» lleva dos o más opciones distintas, separadas por «|».", index
                )
            if {"notest", "data-raises", "volatile"} & set(found):
                raise self.fail("un «quiz» se ejecuta, no falla e imprime siempre lo mismo.", index)
        if "notest" in found and "data-raises" in found:
            raise self.fail(
                "un bloque con «notest» no se ejecuta: no puede llevar «data-raises».", index
            )
        return found

    def expand(self, code: str, index: int) -> str:
        """Expand the ``--8<--`` includes of a fence, with the rules of pymdownx.snippets."""
        if "8<" not in code or not self.expands:
            return code
        extension = SnippetExtension(
            base_path=[str(self.root / SNIPPETS_FOLDER)], check_paths=True, dedent_subsections=True
        )
        converter = markdown.Markdown(extensions=[extension])
        try:
            return "\n".join(converter.preprocessors["snippet"].run(code.split("\n")))
        except (SnippetMissingError, OSError, UnicodeDecodeError) as error:
            wanted = re.findall(r"8<-+[ \t]+[\"']([^\"']+)", code)
            raise self.fail(
                f"no se puede incluir {' ni '.join(f'«{name}»' for name in wanted) or 'el archivo'} "
                f"(se busca en «{SNIPPETS_FOLDER}/»): {error}. Revisá el nombre y la sección.",
                index,
            ) from None

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
