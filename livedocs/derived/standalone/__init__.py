"""A block with what it needs of the blocks above it: a script that runs from an empty file.

A backward slice of the page's top-level statements. From the block's own statements
upwards, a statement stays if it binds a name that is still needed, changes an object that
a needed name holds (`model.fit`, `layer.trainable = False`) or writes a file that is read
below. What it reads is then needed too. What can't be told from the text alone is kept: a
script may hold a statement too many, never one too few. The tests run every script.
"""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass

from livedocs.derived.standalone.names import statements_of
from livedocs.derived.standalone.slice import needed
from livedocs.derived.standalone.statements import SEED, SYNTAX_ERRORS, Reader
from livedocs.execution.results import Execution
from livedocs.pages.chapter import Cell, Chapter
from livedocs.pages.notes import without_marks


@dataclass(frozen=True)
class Scripts:
    """The scripts of a page, which share most of their text.

    Attributes:
        pieces: Pieces of text, each once.
        blocks: For each executed block of the page, in order, the numbers of its pieces.
    """

    pieces: tuple[str, ...]
    blocks: tuple[tuple[int, ...], ...]

    def text(self, number: int) -> str:
        """The script of the executed block `number`, counted from 0."""
        return "".join(self.pieces[piece] for piece in self.blocks[number])

    def as_javascript(self) -> str:
        """What a page loads: a script, and not data, so that it also loads from a file system."""
        data = json.dumps(
            {"pieces": self.pieces, "blocks": self.blocks}, ensure_ascii=False, separators=(",", ":")
        )
        return f"kvScripts={data}\n"


def scripts(chapter: Chapter, execution: Execution, seed: int) -> Scripts:
    """The script of each executed block of a page.

    Args:
        chapter: The page.
        execution: Its results: they say which expressions showed a value, and which blocks drew.
        seed: Seed with which the page was executed.
    """
    statements = Reader().read(chapter.executed_cells)
    pieces: dict[str, int] = {}
    blocks = []
    for number, cell in enumerate(chapter.executed_cells):
        outputs = execution.results[number].outputs
        parts = _parts(chapter, execution, statements, number, _final(cell, outputs), seed)
        blocks.append(tuple(pieces.setdefault(part, len(pieces)) for part in parts if part))
    return Scripts(tuple(pieces), tuple(blocks))


def _parts(chapter, execution, statements, number, final, seed) -> list[str]:
    """The pieces of one script: a heading, imports, what is needed from above, and the block."""
    kept = needed(statements, number)
    imports = list(dict.fromkeys(s.source for s in kept if s.is_import))
    rest = [s for s in kept if not s.is_import]
    cell = chapter.executed_cells[number]
    opaque = any(s.opaque and (s in kept or s.cell == number) for s in statements)
    opaque = opaque and cell.raises not in SYNTAX_ERRORS
    parts = [_heading(chapter, execution, cell, opaque)]
    for source in imports:
        parts += [source, "\n"]
    if any("keras" in source for source in imports):
        if not any(s.is_import and "keras" in s.binds for s in kept):
            parts.insert(1, "import keras\n")
        if not (rest and rest[0].seeds):
            parts.append(f"\nkeras.utils.{SEED}({seed})\n")
    before = None
    for statement in rest:
        gap = "\n\n\n" if statement.defines or (before and before.defines) else "\n\n"
        if before and before.cell == statement.cell and not (statement.defines or before.defines):
            gap = statement.gap
        parts += [gap if before else "\n", statement.source]
        before = statement
    if before:
        parts.append("\n\n\n" if before.defines else "\n\n")
    else:
        parts.append("\n")
    return [*parts, final]


def _heading(chapter: Chapter, execution: Execution, cell: Cell, opaque: bool) -> str:
    origin = execution.provenance
    title = chapter.meta.get("title", chapter.name)
    lines = [
        f"# Keras en vivo: {title}",
        f"# Verificado con Keras {origin['keras']}, {origin['backend']} y Python {origin['python']}.",
    ]
    if opaque:
        lines.append("# Usa instrucciones de IPython («%», «!», «?»): pegalo en un notebook.")
    if "plot_model(" in cell.code:
        lines.append("# plot_model pide pydot y Graphviz.")
    if cell.raises:
        lines.append(f"# Termina con {cell.raises}, como en la página.")
    return "\n".join(lines) + "\n"


def _final(cell: Cell, outputs: list[dict]) -> str:
    """The block's own text; what a notebook shows by itself, a script has to print or show."""
    code = without_marks(cell.code).strip("\n")
    kinds = {output["output_type"] for output in outputs}
    found = statements_of(code) or []
    if "execute_result" in kinds and found and isinstance(found[-1], ast.Expr):
        lines = code.split("\n")
        start, last = found[-1].lineno - 1, found[-1]
        shown = ast.get_source_segment(code, last)
        code = "\n".join([*lines[:start], f"print({shown})", *lines[last.end_lineno :]])
    figures = any(
        "image/svg+xml" in o.get("data", {}) or "image/png" in o.get("data", {}) for o in outputs
    )
    if figures and "plt." in code and "plt.show(" not in code:
        code += "\nplt.show()"
    return code + "\n"
