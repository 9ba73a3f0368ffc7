"""«¿Qué imprime?»: the output of a block behind a question, whose answer the run decides.

The author writes the options and why; which of them is right is read from what the block printed.
Without JavaScript it is a list of options and, folded, the output and the reasons.
"""

from __future__ import annotations

import html
import itertools
import xml.etree.ElementTree as ET

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor
from markdown.util import HTML_PLACEHOLDER_RE

from livedocs.execution.results import OK, Execution
from livedocs.pages.chapter import Cell, Chapter
from livedocs.rendering.outputs import settle

#: What goes after the list of reasons.
END = "</details>\n</div>"
#: The class of that list.
REASONS = "kv-quiz__why"


def answer(cell: Cell, outputs: list[dict]) -> int:
    """Which option is what the block printed.

    Raises:
        ValueError: none of them; in Spanish.
    """
    printed = settle(
        "".join(o["text"] for o in outputs if o["output_type"] == "stream" and o["name"] == "stdout")
    ).strip()
    right = [number for number, option in enumerate(cell.options) if option.text == printed]
    if len(right) != 1:  # they are distinct
        raise ValueError(f"ninguna opción de la lista es lo que imprimió este bloque: «{printed}».")
    return right[0]


def problems(chapter: Chapter, execution: Execution) -> list[str]:
    """The quizzes of a page without their right option, each with file and line."""
    found = []
    for cell, result in zip(chapter.executed_cells, execution.results, strict=True):
        if cell.options and result.status == OK:
            try:
                answer(cell, result.outputs)
            except ValueError as error:
                found.append(f"{chapter.where(cell)}: {error}")
    return found


def start(cell: Cell, outputs: list[dict], output: str, uid: str) -> str:
    """The question, its options and a fold with the output, up to the list of reasons.

    That list follows, with the class :data:`REASONS`, and then :data:`END`.

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
        f" <code>{html.escape(option.text)}</code></label>"
        for number, option in enumerate(cell.options)
    )
    return (
        f'<div class="kv-quiz">\n<fieldset>\n<legend>¿Qué imprime?</legend>\n{choices}\n</fieldset>\n'
        f'<p class="kv-quiz__verdict" role="status"></p>\n'
        f'<details class="question kv-fold"><summary>Ver lo que imprimió</summary>\n{output}\n'
        f'<p class="kv-label">Por qué</p>'
    )


class Reasons(Treeprocessor):
    """Recognises, in the page being converted, the list of reasons below each quiz.

    Attributes:
        pending: What stands above each list that was announced and not found → its block.
    """

    def __init__(self, md: Markdown):
        super().__init__(md)
        self.pending: dict[str, Cell] = {}
        md.treeprocessors.register(self, "livedocs-quiz", 15)  # the text of the items is there at 20

    def announce(self, above: str, cell: Cell) -> str:
        """Stash what goes above a list; return the line to put there."""
        placeholder = self.md.htmlStash.store(above)
        self.pending[placeholder] = cell
        return placeholder

    def run(self, root: ET.Element) -> None:
        if not self.pending:
            return
        for parent in root.iter():
            for child, following in itertools.pairwise(parent):
                above = (child.text or "").strip()
                cell = self.pending.get(above)
                if (
                    cell
                    and following.tag == "ul"
                    and self._said(following) == [option.text for option in cell.options]
                ):
                    following.set("class", REASONS)
                    del self.pending[above]

    def _said(self, items: ET.Element) -> list[str]:
        """The code that each item starts with."""
        found = []
        for item in items:
            code = "".join(item[0].itertext()) if len(item) and item[0].tag == "code" else ""
            # What highlights inline code keeps it apart, as it will be written.
            kept = HTML_PLACEHOLDER_RE.sub(lambda m: self.md.htmlStash.rawHtmlBlocks[int(m[1])], code)
            found.append(html.unescape(kept).strip() if kept != code else code.strip())
        return found
