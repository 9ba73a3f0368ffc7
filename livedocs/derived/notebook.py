"""A chapter as a Jupyter notebook: executed, and to-do (without the solutions)."""

from __future__ import annotations

import ast
import posixpath
import re
from dataclasses import dataclass, field
from urllib.parse import urljoin

import nbformat

from livedocs.derived.standalone.above import above
from livedocs.execution.results import Execution
from livedocs.pages import syntax
from livedocs.pages.chapter import Block, Cell, Chapter, Prose
from livedocs.rendering import drawings

#: Where notebook pages are, and below them the notebooks to download with what they import.
NOTEBOOKS = "notebooks"
DOWNLOADS = f"{NOTEBOOKS}/descargas"
#: How the names of the two that can be downloaded end.
EXECUTED, TODO = "-ejecutado", "-para-completar"

_HEADING_ATTRIBUTES = re.compile(r"^(#{1,6} .*?)\s*\{[^}\n]*\}\s*$")
_INLINE_ATTRIBUTES = re.compile(r"(?<=[\])`*_])\{[:.#][^}\n]*\}")
_LINK = re.compile(r"(?<!!)\[(?P<text>[^\]\n]*)\]\((?P<target>[^)\s]+)\)")

#: Titles of boxes that bring none.
_TITLES = {"note": "Nota", "tip": "Consejo", "warning": "Atención", "question": "Pregunta",
           "myth": "Lo que se lee, y lo que pasa", "hint": "Pista", "solution": "Solución",
           "details": "Más"}  # fmt: skip

#: Jupyter stops at a diagram that can't be drawn; whoever lacks Graphviz can go on without it.
_DIAGRAMS = """\
# Solo en el notebook: plot_model pide pydot y Graphviz. Si te faltan,
# avisa y sigue; lo demás funciona igual.
import keras

_plot_model = keras.utils.plot_model


def plot_model_or_notice(*args, **kwargs):
    try:
        return _plot_model(*args, **kwargs)
    except ImportError as error:
        print("Diagrama sin dibujar:", error)


keras.utils.plot_model = plot_model_or_notice"""

#: Before a block with gaps, and before the same block filled, which lets whoever goes on run what follows.
_TO_FILL = "# Completá cada ▢ y corré esta celda."
_FILLED = "# Completo: para comparar, o para seguir si no te sale."

#: The first cell: what the reader has against what the notebook was verified with.
_VERSIONS = """\
# Verificado con Keras {keras}, {backend} y Python {python}.
try:
    import keras
except ImportError as error:
    raise ImportError(
        f"Falta Keras o su backend ({{error}}): %pip install keras tensorflow"
    ) from None

if int(keras.__version__.split(".")[0]) < 3:
    raise ImportError(
        f"Tenés Keras {{keras.__version__}} y hace falta Keras 3: "
        "%pip install --upgrade keras, y reiniciá el kernel."
    )
same = keras.__version__ == "{keras}" and keras.backend.backend() == "{backend_name}"
print(f"Tenés Keras {{keras.__version__}} con {{keras.backend.backend()}}:", end=" ")
print("es lo verificado." if same else "no es lo verificado; alguna salida puede cambiar.")"""

#: The same cell goes on: a file that the notebook needs, beside it or from the site.
_FETCH = """\

# El verificador es un archivo. Si no está al lado de este notebook, se baja del sitio.
from pathlib import Path
from urllib.request import urlretrieve

if not Path("{name}").exists():
    try:
        urlretrieve("{address}", "{name}")
    except OSError as error:
        print("No se pudo bajar {name}:", error)
        print("Bajalo de {page} y ponelo al lado de este notebook.")"""


def page_uri(chapter: Chapter) -> str:
    """Where the site shows the notebook of a page, as a source of MkDocs."""
    return f"{NOTEBOOKS}/{chapter.name}.ipynb"


def download_uri(chapter: Chapter, kind: str) -> str:
    """Where a page's notebook is downloaded from; `kind`: :data:`EXECUTED` or :data:`TODO`."""
    return f"{DOWNLOADS}/{chapter.name}{kind}.ipynb"


def beside_uri(chapter: Chapter, file: str) -> str:
    """Where a file of `snippets/` that a page's notebooks import is: beside them."""
    return posixpath.join(DOWNLOADS, posixpath.dirname(chapter.name), file_name(file))


def file_name(file: str) -> str:
    """What a file of `snippets/` is called beside a notebook: "c103/homework.py", homework_103.py."""
    *folders, name = file.split("/")
    return (
        "_".join([name.removesuffix(".py"), *(folder.removeprefix("c") for folder in folders)]) + ".py"
    )


def executed(
    chapter: Chapter,
    execution: Execution,
    site_url: str = "",
    url: str = "",
    drawn: dict[str, str] | None = None,
) -> dict:
    """The chapter with the outputs of its execution.

    Args:
        chapter: The page.
        execution: Its results.
        site_url: Address of the published site; "" if not known (links then become text).
        url: Address of the page below `site_url`.
        drawn: What shows each of its drawings, by the address that the page writes; a notebook
            has one file. Without it, their alternative texts stand in their places.

    Returns:
        A valid nbformat 4 notebook.
    """
    return _Writer(chapter, execution, site_url, url, drawn or {}, todo=False).notebook()


def todo(
    chapter: Chapter,
    execution: Execution,
    site_url: str = "",
    url: str = "",
    drawn: dict[str, str] | None = None,
) -> dict:
    """The chapter without outputs and with a place to write instead of each solution.

    The cell in place of a solution fails with a message that says what to write; the
    self-checks stay. None of those, nor a cell that uses what a solution defines, stops
    whoever runs all of it. Arguments as in :func:`executed`.
    """
    return _Writer(chapter, execution, site_url, url, drawn or {}, todo=True).notebook()


@dataclass
class _Writer:
    chapter: Chapter
    execution: Execution
    site_url: str
    url: str
    drawn: dict[str, str]
    todo: bool
    opened: bool = False
    cells: list = field(default_factory=list)
    prose: list[str] = field(default_factory=list)

    def notebook(self) -> dict:
        results = iter(self.execution.results)
        needs_start = any(re.search(r"\bkeras\b", cell.code) for cell in self.chapter.executed_cells)
        stub_of: Block | None = None  # the solution whose place to write was already made
        diagrams_ready = False
        for part in self.chapter.parts:
            if isinstance(part, Prose):
                self._add_prose(part)
                continue
            result = next(results) if part.executed else None
            if part.options:
                self.prose.append(_question(part))
            self._flush()
            if needs_start:
                needs_start = False
                self._code(self._start(), tags=["preparation"])
            if self.todo and part.in_solution:
                solution = next(block for block in part.blocks if block.type == "solution")
                if solution is not stub_of:
                    stub_of = solution
                    self._code(_stub(part), tags=["solution", "raises-exception"])
                continue
            if part.file and self.site_url:
                self._code(self._import_of(part), tags=["preparation"])
                continue
            if "plot_model(" in part.code and not diagrams_ready:
                diagrams_ready = True
                self._code(_DIAGRAMS, tags=["preparation"])
            tags = []
            if part.raises or (self.todo and self._unsolved(part)):
                tags.append("raises-exception")
            if "volatile" in part.attributes:
                tags.append("volatile")
            if part.gapped and self.todo:
                self._code(f"{_TO_FILL}\n{part.gapped}", tags=["gaps", "raises-exception"])
                self._code(f"{_FILLED}\n{part.code}", tags=tags, cell=part)
                self.cells[-1].metadata["jupyter"] = {"source_hidden": True}
            elif part.executed:
                outputs = [] if self.todo else [dict(output) for output in result.outputs]
                self._code(part.code, outputs, tags, part)
            else:
                self.prose.append(f"```python\n{part.code}\n```")
        self._flush()
        notebook = nbformat.v4.new_notebook(cells=self.cells)
        notebook.metadata = {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python", "version": self.execution.provenance["python"]},
        }
        nbformat.validate(notebook)
        return notebook

    # Cells ----------------------------------------------------------------------------

    def _unsolved(self, cell: Cell) -> bool:
        """Whether a cell may fail until the reader has written the solutions that it uses."""
        cells = self.chapter.executed_cells
        if "check" in cell.attributes or cell not in cells:
            return "check" in cell.attributes
        return any(cells[piece.cell].in_solution for piece in above(self.chapter)[cells.index(cell)])

    def _code(self, code: str, outputs: list | None = None, tags: list | None = None, cell=None) -> None:
        node = nbformat.v4.new_code_cell(code.strip("\n"))
        node.id = f"c{len(self.cells)}"  # random ones would differ from build to build
        node.metadata = {"tags": tags} if tags else {}
        if cell and cell.attributes.get("data-alt"):
            node.metadata["alt"] = cell.attributes["data-alt"]
        if outputs:
            node.outputs = [nbformat.from_dict(output) for output in outputs]
        if not self.todo:
            node.execution_count = 1 + sum(c.cell_type == "code" for c in self.cells)
            for output in node.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = node.execution_count
        self.cells.append(node)

    def _start(self) -> str:
        """The first cell: versions, and the files that the notebook imports."""
        origin = self.execution.provenance
        parts = [
            _VERSIONS.format(
                keras=origin["keras"],
                backend=origin["backend"],
                backend_name=origin["backend"].split()[0].lower(),
                python=origin["python"],
            )
        ]
        files = [cell.file for cell in self.chapter.executed_cells if cell.file]
        for file in dict.fromkeys(files if self.site_url else ()):
            address = urljoin(self.site_url, beside_uri(self.chapter, file))
            page = urljoin(self.site_url, self.url)
            parts.append(_FETCH.format(name=file_name(file), address=address, page=page))
        return "\n".join(parts)

    def _import_of(self, cell: Cell) -> str:
        """Import, from the file beside the notebook, what other cells use of it."""
        module = file_name(cell.file).removesuffix(".py")
        defined = [
            node.name
            for node in syntax.parse(cell.code).body
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
        ]
        others = [other.code for other in self.chapter.executed_cells if other is not cell]
        used = {
            node.id
            for code in others
            for node in ast.walk(syntax.parse(code))
            if isinstance(node, ast.Name)
        }
        return f"from {module} import {', '.join(name for name in defined if name in used)}"

    def _flush(self) -> None:
        text = re.sub(r"\n{3,}", "\n\n", "\n\n".join(self.prose)).strip()
        self.prose.clear()
        if text:
            node = nbformat.v4.new_markdown_cell(text)
            node.id = f"m{len(self.cells)}"
            self.cells.append(node)

    def _opening(self) -> str:
        origin = self.execution.provenance
        made = (
            f"Verificado con Keras {origin['keras']}, {origin['backend']}, NumPy {origin['numpy']} y "
            f"Python {origin['python']}."
        )
        if self.todo:
            made += (
                " En este notebook las soluciones están por escribir: cada celda que falta te dice qué "
                "hacer, y la autoevaluación que le sigue te dice si quedó bien."
            )
        else:
            made += f" Las salidas que ves salieron de {origin['data']}."
        needs = "Para correrlo hacen falta Keras 3 con un backend, NumPy y Matplotlib."
        home = (
            f" [La página de esta clase]({urljoin(self.site_url, self.url)})." if self.site_url else ""
        )
        return f"*{made} {needs}{home}*"

    # Prose ----------------------------------------------------------------------------

    def _add_prose(self, part: Prose) -> None:
        """Turn the site's Markdown into a notebook's: no `///`, no attributes, whole links."""
        opens = {block.line: block for block in self.chapter.blocks}
        closes = {block.end_line: block for block in self.chapter.blocks}
        reasons = [cell.options for cell in self.chapter.cells if cell.options]
        before = {options.line: ["<details><summary>Por qué</summary>", ""] for options in reasons}
        after = {options.end_line: ["", "</details>"] for options in reasons}
        fence = ""
        for number, line in enumerate(part.text.split("\n"), part.line):
            around = [b for b in self.chapter.blocks if b.line <= number <= b.end_line]
            solution = next((b for b in around if self.todo and b.type == "solution"), None)
            if fenced := re.match(r"\s*(`{3,}|~{3,})", line):
                fence = "" if fence == fenced[1] else fence or fenced[1]
            if solution and solution.line == number and self._look(solution).holds_code:
                self.prose.append(self._look(solution).opening())  # the title of its place to write
            if solution or any(block.line < number < block.body for block in around):
                continue
            if number in opens:
                self.prose.append(self._look(opens[number]).opening())
            elif number in closes:
                self.prose.append(self._look(closes[number]).closing())
            else:
                text = line if fence else self._line(line)
                for each in (*before.get(number, ()), text, *after.get(number, ())):
                    self._append_line(self._look(around[-1]).line(each) if around else each)

    def _look(self, block: Block) -> _Look:
        holds_code = any(block.line in (b.line for b in cell.blocks) for cell in self.chapter.cells)
        return _Look(block, holds_code)

    def _append_line(self, text: str) -> None:
        if text.startswith("# ") and not self.opened:
            self.opened = True
            self.prose += [text, self._opening(), ""]
            return
        if self.prose:
            self.prose[-1] += "\n" + text
        else:
            self.prose.append(text)

    def _line(self, line: str) -> str:
        if drawing := drawings.reference(line):
            indent = line[: line.index("!")]
            shown = self.drawn.get(drawing.target)
            return f"{indent}![{drawing.alt}]({shown})" if shown else f"{indent}*{drawing.alt}*"
        line = re.sub(r"<!--.*?-->", "", _HEADING_ATTRIBUTES.sub(r"\1", line))
        line = _INLINE_ATTRIBUTES.sub("", line)
        return _LINK.sub(self._link, line)

    def _link(self, match: re.Match) -> str:
        target = match["target"]
        if re.match(r"[a-z]+:", target):
            return match[0]
        if not self.site_url:
            return match["text"]
        path, _, anchor = target.partition("#")
        if path.endswith(".md"):
            folder = posixpath.dirname(self.chapter.source)
            path = posixpath.normpath(posixpath.join(folder, path[: -len(".md")])) + "/"
            path = re.sub(r"(^|/)index/$", r"\1", path)
        elif not path:
            path = self.url
        address = urljoin(self.site_url, path) + (f"#{anchor}" if anchor else "")
        return f"[{match['text']}]({address})"


@dataclass(frozen=True)
class _Look:
    """How a notebook shows a `///` block; one that holds code cells can't be folded."""

    block: Block
    holds_code: bool

    @property
    def heading(self) -> str:
        return self.block.title or _TITLES.get(self.block.type, "")

    @property
    def folded(self) -> bool:
        return self.block.name == "details" and not self.holds_code

    def opening(self) -> str:
        if self.folded:
            return f"<details><summary>{self.heading}</summary>\n"
        if self.holds_code or self.block.name == "tab":
            return f"**{self.heading}**\n" if self.heading else ""
        return f"> **{self.heading}**\n>"

    def closing(self) -> str:
        return "\n</details>" if self.folded else ""

    def line(self, text: str) -> str:
        quoted = not (self.folded or self.holds_code or self.block.name == "tab")
        return f"> {text}".rstrip() if quoted else text


def _question(cell: Cell) -> str:
    """What goes before a quiz; the list of reasons comes below its output, folded."""
    ticks = {option: "``" if "`" in option.text else "`" for option in cell.options}
    *others, last = (f"{mark}{option.text}{mark}" for option, mark in ticks.items())
    return f"**¿Qué imprime?** Elegí antes de correrlo: {', '.join(others)} o {last}."


def _stub(cell: Cell) -> str:
    wanted = cell.attributes.get("data-todo", "Escribí acá tu solución.")
    message = wanted.replace("\\", "\\\\").replace('"', '\\"')
    return f'# {wanted}\n# Cuando la tengas, borrá la línea que sigue.\nraise NotImplementedError(\n    "{message}"\n)'
