"""A Markdown page as a list of prose and code cells, each with its file and line.

This is the only parser of pages: the tests, the page and the notebook all start
from the :class:`Chapter` it returns.
"""

from __future__ import annotations

import difflib
import hashlib
import re
import textwrap
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import yaml
from markdown.extensions.attr_list import get_attrs_and_remainder
from pygments.lexers import find_lexer_class_by_name
from pygments.lexers import python as python_lexers
from pygments.util import ClassNotFound
from pymdownx.snippets import SnippetMissingError
from pymdownx.superfences import RE_NESTED_FENCE_START, RE_OPTIONS

from livedocs.pages import notes
from livedocs.pages.includes import IncludeError, Includes

SNIPPETS_FOLDER = "snippets"
DOCS_FOLDER = "docs"

#: Languages of fences that are executed; others of the family would show Python that never ran.
LANGUAGES = {"python", "py", "python3"}
PYTHON_FAMILY = (
    python_lexers.PythonLexer,
    python_lexers.Python2Lexer,
    python_lexers.PythonConsoleLexer,
    python_lexers.PythonTracebackLexer,
    python_lexers.Python2TracebackLexer,
)

#: What a fence of another language may carry without braces; with anything else it is no fence.
_FENCE_OPTIONS = {"hl_lines", "linenums", "title", "title_mode"}

#: The ``///`` blocks of the site and the options of each, besides `attrs`.
BLOCKS = {
    "details": {"type", "open"},
    "tab": {"new", "select"},
    "note": set(),
    "tip": set(),
    "warning": set(),
    "question": set(),
}
#: The types of a folded block that the site gives a look of its own.
TYPES = {"hint", "solution", "question", "note", "tip", "warning"}

#: What the front matter of a page may say, and what kind of value it takes.
META = {
    "title": (str, "un texto"),
    "description": (str, "un texto"),
    "part": (str, "un texto"),
    "source": (str, "un texto"),
    "minutes": (int, "un número entero de minutos, mayor que cero: «minutes: 30»"),
    "hide": (list, "una lista"),
    "search": (dict, "una lista de «clave: valor»"),
    "template": (str, "un texto"),
    "glossary": (bool, "«true» o «false»"),
    "downloads": (bool, "«true» o «false»"),
    "pieces": (dict, "una lista de «clave: valor»"),
}

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
_OPTION = re.compile(r"^[ \t>]* {4}\S")
_HEADING = re.compile(
    r"^(?P<marks>#{1,6})[ \t]+(?P<title>.*?)[ \t]*(?:\{(?P<attributes>[^}]*)\})?[ \t]*#*$"
)
_ANCHOR = re.compile(r"(?:^|\s)#(?P<name>[^\s}]+)")
_OLD_META = re.compile(r"^ {0,3}[A-Za-z0-9_-]+:")  # MkDocs takes such first lines for a front matter
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
    """A page: its parts in order, prose and cells; its `///` blocks and its headings."""

    path: str
    parts: tuple[Prose | Cell, ...]
    meta: dict = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()
    headings: tuple[Heading, ...] = ()

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Every Python fence, those marked ``notest`` included."""
        return tuple(part for part in self.parts if isinstance(part, Cell))

    @property
    def executed_cells(self) -> tuple[Cell, ...]:
        return tuple(cell for cell in self.cells if cell.executed)

    @property
    def source(self) -> str:
        """The page's path below `docs/`: "clases/102-sequential.md"."""
        return self.path.removeprefix(f"{DOCS_FOLDER}/")

    @property
    def name(self) -> str:
        """What the page is known by, and no other: its path below `docs/`, without the suffix.

        The index of a folder is known by its folder, as in its address.
        """
        path = PurePosixPath(self.source).with_suffix("")
        return str(path.parent if path.name in ("index", "README") and path.parent.name else path)

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
            ChapterError: a fence or block that is not closed, an unknown attribute, language,
                block or key of the front matter, an anchor used twice, an include that does not
                exist, code that a reader could not run elsewhere.
        """
        return _Parser(text, path, root, expand).chapter()


class _Parser:
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
        self.check_meta(meta, at)
        return meta, end + 1

    def check_meta(self, meta: dict, at: dict[str, int]) -> None:
        """`at`: the index of the line of each key."""
        for key, value in meta.items():
            index = at.get(str(key), 0)
            if key not in META:
                near = difflib.get_close_matches(str(key), META, n=1)
                hint = f" ¿Quisiste escribir «{near[0]}»?" if near else ""
                raise self.fail(
                    f"la cabecera no lleva «{key}».{hint} Las claves son {', '.join(META)}.", index
                )
            kind, said = META[key]
            right = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
            if not right or (key == "minutes" and value < 1) or (kind is str and not value.strip()):
                raise self.fail(f"«{key}» tiene que ser {said}.", index)
        if "minutes" in meta and "title" not in meta:
            raise self.fail(
                "una página con «minutes» se ofrece como notebook: le falta «title», cómo se llama.",
                at["minutes"],
            )

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
        language, attributes = self.info(info, opening, start)
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

    def info(self, info: str, opening: re.Match | None, index: int) -> tuple[str | None, dict[str, str]]:
        """Language and attributes of an opening fence; language None: not Python.

        Args:
            info: What follows the fence.
            opening: The same as SuperFences understands it, which decides what the page shows.
            index: Its line.
        """
        if info.startswith("{"):
            if not info.endswith("}"):
                raise self.fail("falta la llave que cierra «}» en la apertura del bloque.", index)
            if "`" in info:
                raise self.fail(
                    "la apertura de un bloque no puede llevar comillas invertidas; usá «…».", index
                )
            body = info[1:-1].strip()
            words = body.split(maxsplit=1)
            if not words or not words[0].startswith("."):
                classes = [value for key, value in get_attrs_and_remainder(info[1:-1])[0] if key == "."]
                if "python" in body.lower() or classes:
                    raise self.fail("el lenguaje va primero y con punto: escribí «{.python …}».", index)
                return None, {}
            language, rest = words[0][1:], words[1] if len(words) > 1 else ""
        else:
            language, _, rest = info.replace("\t", " ").partition(" ")
            if "{" in rest and language.lower() in LANGUAGES:
                raise self.fail(
                    "usá una sola forma de apertura: «```python» o «```{.python atributo}».", index
                )
        name = language.lower()
        if name in LANGUAGES:
            return name, self.attributes(rest.strip(), index)
        self.check_language(name, info, index)
        options = {found["key"] for found in RE_OPTIONS.finditer((opening and opening["options"]) or "")}
        if opening is None or opening["unrecognized"] or options - _FENCE_OPTIONS:
            raise self.fail(
                f'no se entiende la apertura «{info}»: van el lenguaje y, si hace falta, title="…".',
                index,
            )
        return None, {}

    def check_language(self, name: str, info: str, index: int) -> None:
        """Refuse what looks like Python and would not run, and what nobody highlights."""
        if not name:
            return
        try:
            lexer = find_lexer_class_by_name(name)
        except ClassNotFound:
            like_python = name.lstrip(".{").startswith(("py", "ipy")) or difflib.get_close_matches(
                name, LANGUAGES, cutoff=0.7
            )
            wanted = "python" if like_python else "text"
            why = "no se ejecuta ni se colorea" if like_python else "no es un lenguaje que se coloree"
            raise self.fail(f"«{info}» {why}; escribí «```{wanted}».", index) from None
        if issubclass(lexer, PYTHON_FAMILY):
            raise self.fail(
                f"los bloques «{name}» no se ejecutan; escribí el código como «```python» y "
                "la salida aparece sola.",
                index,
            )

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
