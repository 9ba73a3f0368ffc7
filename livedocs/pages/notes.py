"""Notes on code: a comment `# (1)` in a block, explained by item 1 of the list after it.

On the page the comment becomes a numbered link to its item, and back. The number is drawn by
the style sheet: it is not in the text, so nobody copies it.
"""

from __future__ import annotations

import io
import itertools
import re
import tokenize
import xml.etree.ElementTree as ET

from markdown import Markdown
from markdown.postprocessors import Postprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

_MARK = re.compile(r"# \((\d+)\)")
_ITEM = re.compile(r"^[ \t>]*(\d+)\. +\S")
_PAINTED = re.compile(r'id="(b\d+)"|[ ]*<span class="c1"># \((\d+)\)</span>')


def _comments(code: str) -> list[tokenize.TokenInfo]:
    if not _MARK.search(code):  # most blocks have none, and are read often
        return []
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    except (tokenize.TokenError, SyntaxError):  # a block that shows a syntax error
        return []
    return [t for t in tokens if t.type == tokenize.COMMENT and _MARK.fullmatch(t.string)]


def marks(code: str) -> list[int]:
    """The numbers of the notes of a block, as they come."""
    return [int(_MARK.fullmatch(token.string)[1]) for token in _comments(code)]


def without_marks(code: str) -> str:
    """The code as somebody takes it away: without the comments that only number notes."""
    lines = code.split("\n")
    for token in _comments(code):
        row, column = token.start
        lines[row - 1] = lines[row - 1][:column].rstrip()
    return "\n".join(lines)


def complaint(code: str, after: list[str]) -> str:
    """What is wrong with the notes of a block, in Spanish; empty if nothing is.

    Args:
        code: The block.
        after: The lines of the page that follow it.
    """
    found = marks(code)
    if not found:
        return ""
    wanted = list(range(1, len(found) + 1))
    if found != wanted:
        return f"las notas van «# (1)», «# (2)»… en orden y sin repetir; acá van {found}."
    items = []
    for line in "\n".join(after).strip("\n").split("\n"):
        if match := _ITEM.match(line):
            items.append(int(match[1]))
        elif not line.startswith((" ", "\t", ">")):
            break
    if items != wanted:
        return (
            f"el bloque tiene {len(found)} {'nota' if len(found) == 1 else 'notas'} y la lista que "
            f"lo sigue, {len(items)}: escribí debajo «1. …», un ítem por nota, sin líneas vacías."
        )
    return ""


class Notes:
    """The notes of the page being converted, from its text to its HTML."""

    def __init__(self, md: Markdown):
        self.md = md
        self.pending: dict[str, str] = {}  # placeholder above a list → its block
        md.treeprocessors.register(_Lists(md, self), "livedocs-notes", 15)
        md.postprocessors.register(_Marks(md, self), "livedocs-notes", 5)  # raw HTML is back at 30
        self.blocks: set[str] = set()

    def reset(self) -> None:
        self.pending, self.blocks = {}, set()

    def announce(self, block: str) -> str:
        """A line to put between a block and its list."""
        placeholder = self.md.htmlStash.store(f"<!-- {block} -->")
        self.pending[placeholder] = block
        self.blocks.add(block)
        return placeholder


class _Lists(Treeprocessor):
    def __init__(self, md: Markdown, notes: Notes):
        super().__init__(md)
        self.notes = notes

    def run(self, root: ET.Element) -> None:
        for parent in list(root.iter()):
            for child, following in itertools.pairwise(list(parent)):
                block = self.notes.pending.get((child.text or "").strip())
                if block is None or following.tag != "ol":
                    continue
                parent.remove(child)
                following.set("class", "kv-notes")
                for number, item in enumerate(following, 1):
                    item.set("id", f"{block}-n{number}")
                    # Raw: MkDocs would look for the mark among the names of the tree.
                    back = self.md.htmlStash.store(
                        f'<a class="kv-note-back" href="#{block}-m{number}" '
                        f'aria-label="Volver a la marca {number} del código">↩</a>'
                    )
                    _append(item[-1] if len(item) and item[-1].tag == "p" else item, back)


def _append(element: ET.Element, text: str) -> None:
    if len(element):
        element[-1].tail = AtomicString((element[-1].tail or "") + text)
    else:
        element.text = AtomicString((element.text or "") + text)


class _Marks(Postprocessor):
    def __init__(self, md: Markdown, notes: Notes):
        super().__init__(md)
        self.notes = notes

    def run(self, text: str) -> str:
        block = ""

        def link(match: re.Match) -> str:
            nonlocal block
            if match[1]:
                block = match[1]
                return match[0]
            if block not in self.notes.blocks:
                return match[0]
            number = match[2]
            return (
                f'<a class="kv-note" id="{block}-m{number}" href="#{block}-n{number}" '
                f'data-n="{number}" lang="es" aria-label="Nota {number}"></a>'
            )

        return _PAINTED.sub(link, text) if self.notes.blocks else text
