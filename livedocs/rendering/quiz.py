"""«¿Qué imprime?»: the output of a block behind a question, whose answer the run decides.

The author writes the options; which of them is right is read from what the block printed.
Without JavaScript it is a list of options and a folded output.
"""

from __future__ import annotations

import html

from livedocs.execution.results import OK, Execution
from livedocs.pages.chapter import Cell, Chapter
from livedocs.rendering.outputs import settle


def options(cell: Cell) -> list[str]:
    return [option.strip() for option in cell.attributes["data-options"].split("|")]


def answer(cell: Cell, outputs: list[dict]) -> int:
    """Which option is what the block printed.

    Raises:
        ValueError: none of them, or more than one; in Spanish.
    """
    printed = settle(
        "".join(o["text"] for o in outputs if o["output_type"] == "stream" and o["name"] == "stdout")
    )
    right = [number for number, option in enumerate(options(cell)) if option == printed.strip()]
    if len(right) != 1:
        which = "ninguna opción de «data-options» es" if not right else "más de una opción es"
        raise ValueError(f"{which} lo que imprimió este bloque: «{printed.strip()}».")
    return right[0]


def problems(chapter: Chapter, execution: Execution) -> list[str]:
    """The quizzes of a page without exactly one right option, each with file and line."""
    found = []
    for cell, result in zip(chapter.executed_cells, execution.results, strict=True):
        if "quiz" in cell.attributes and result.status == OK:
            try:
                answer(cell, result.outputs)
            except ValueError as error:
                found.append(f"{chapter.where(cell)}: {error}")
    return found


def render(cell: Cell, outputs: list[dict], output: str, uid: str) -> str:
    """The question, its options and, folded, the block's output.

    Args:
        cell: The block.
        outputs: What it gave, as Jupyter outputs.
        output: The same, painted.
        uid: Name, unique on the page, that joins the options.

    Raises:
        ValueError: as `answer`.
    """
    right = answer(cell, outputs)
    choices = "\n".join(
        f'<label><input type="radio" name="quiz-{uid}"{" data-right" if number == right else ""}>'
        f" <code>{html.escape(option)}</code></label>"
        for number, option in enumerate(options(cell))
    )
    return (
        f'<div class="kv-quiz">\n<fieldset>\n<legend>¿Qué imprime?</legend>\n{choices}\n</fieldset>\n'
        f'<p class="kv-quiz__verdict" role="status"></p>\n'
        f'<details class="question"><summary>Ver lo que imprimió</summary>\n{output}\n</details>\n</div>'
    )
