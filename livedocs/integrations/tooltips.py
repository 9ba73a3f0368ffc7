"""The terms of the glossary, explained where the text of a page uses them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString


class Tooltips(Treeprocessor):
    """Explains each term of the glossary where each section's running text first uses it.

    The term leads to its entry too; the script opens the explanation in place.

    Args:
        md: The converter.
        tooltips: What to show for each form and the anchor of its entry, by its form in lower case.
        way: Says where the page with the entries is from the one being converted; "" if nowhere.
    """

    OPAQUE = frozenset(["code", "pre", "a", "abbr", "summary", "h1", "h2", "h3", "h4", "h5", "h6"])

    def __init__(self, md: Markdown, tooltips: dict[str, tuple[str, str]], way: Callable[[], str]):
        super().__init__(md)
        self.tooltips, self.way = tooltips, way
        self.entries = ""  # the page of the glossary, from the one being converted
        names = sorted(map(re.escape, tooltips), key=len, reverse=True)
        self.words = re.compile(rf"(?<![\w-])(?:{'|'.join(names)})(?![\w-])", re.I)

    def run(self, root: ET.Element) -> None:
        self.entries = self.way()
        self._explain(root, dict(self.tooltips))

    def _explain(self, element: ET.Element, pending: dict[str, tuple[str, str]]) -> None:
        if element.tag == "h2":
            pending.update(self.tooltips)
        if element.tag in self.OPAQUE:
            return
        found, element.text = self._split(element.text, pending)
        for place, abbr in enumerate(found):
            element.insert(place, abbr)
        for child in list(element)[len(found) :]:
            self._explain(child, pending)
            found, child.tail = self._split(child.tail, pending)
            place = list(element).index(child) + 1
            for offset, abbr in enumerate(found):
                element.insert(place + offset, abbr)

    def _split(
        self, text: str | None, pending: dict[str, tuple[str, str]]
    ) -> tuple[list[ET.Element], str | None]:
        """The terms explained in a piece of text, and what comes before the first."""
        if not text or isinstance(text, AtomicString):
            return [], text
        found: list[ET.Element] = []
        before, end = text, 0
        for match in self.words.finditer(text):
            explained = pending.pop(match[0].lower(), None)
            if explained is None:
                continue
            between = text[end : match.start()]
            if found:
                found[-1].tail = between
            else:
                before = between
            found.append(self._term(match[0], *explained))
            end = match.end()
        if found:
            found[-1].tail = text[end:]
        return found, before

    def _term(self, text: str, meaning: str, anchor: str) -> ET.Element:
        term = ET.Element("abbr", title=meaning)
        term.text = AtomicString(text)
        if not self.entries:
            return term
        link = ET.Element("a", {"class": "kv-term", "href": f"{self.entries}#{anchor}"})
        link.append(term)
        return link
