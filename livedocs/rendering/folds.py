"""What a block keeps folded until the reader has thought, or has done it: the output, or more.

A fold is written in two pieces of HTML around what it holds: the page's Markdown is in between.
"""

from __future__ import annotations

from livedocs.execution.results import OK, Execution
from livedocs.pages.chapter import Cell, Chapter

#: What goes after what a fold holds.
END = "</details>"


def start(summary: str, css: str) -> str:
    """What goes before what a fold holds; `css`: the class that gives it its look."""
    return f'<details class="{css} kv-fold"><summary>{summary}</summary>'


def around_block(cell: Cell) -> str:
    """How the fold that holds a block, with its output, starts; "" if the block is in sight."""
    if "check" in cell.attributes:
        return start("Corré esto sobre lo tuyo", "check")
    if cell.gapped:
        return start("Ver completo", "solution")
    return ""


def predicted(cell: Cell, outputs: list[dict], output: str) -> str:
    """The painted output of a block that asks to be predicted, folded.

    Raises:
        ValueError: there is none; in Spanish.
    """
    if not output:
        raise ValueError(_NOTHING)
    text = all(o["output_type"] == "stream" for o in outputs)
    summary = (
        "Ver lo que imprimió" if text else "Ver lo que pasó" if cell.raises else "Ver lo que mostró"
    )
    return f"{start(summary, 'question')}\n{output}\n{END}"


_NOTHING = "este bloque lleva «predict» y no muestra nada; hacé que imprima algo, o sacale «predict»."


def problems(chapter: Chapter, execution: Execution) -> list[str]:
    """The blocks of a page that ask to predict nothing, each with file and line."""
    return [
        f"{chapter.where(cell)}: {_NOTHING}"
        for cell, result in zip(chapter.executed_cells, execution.results, strict=True)
        if "predict" in cell.attributes and result.status == OK and not _shows(result.outputs)
    ]


def _shows(outputs: list[dict]) -> bool:
    return any(o["output_type"] != "stream" or o["text"].strip() for o in outputs)
