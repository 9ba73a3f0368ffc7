"""The atlas of errors as its index lists it: by what is seen, by moment; and what the finder adds.

Each error is a page of `docs/errores/`, whose head says when it appears and, if it prints nothing,
how a reader would tell it. The messages of those pages are in :mod:`livedocs.derived.messages`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass

from livedocs.pages import anatomy
from livedocs.pages.chapter import Chapter, Prose
from livedocs.pages.words import without_html

#: Where each index goes in the page with `messages: true`.
BY_SYMPTOM, BY_MOMENT = "<!-- errores por lo que se ve -->", "<!-- errores por momento -->"
_TEXT = re.compile(r"^```text\n(?P<text>.*?)^```$", re.M | re.S)


@dataclass(frozen=True)
class Entry:
    """An error of the atlas.

    Attributes:
        uri: Its page, from `docs/`.
        title: What happened.
        description: In one line.
        moment: One of `anatomy.MOMENTS`.
        silent: Whether it gives a wrong result and no message.
        symptoms: How a reader would tell it.
        older: What it said in other versions, with the class of the error.
    """

    uri: str
    title: str
    description: str
    moment: str
    silent: bool
    symptoms: tuple[str, ...]
    older: tuple[str, ...]


def entries(chapters: Iterable[Chapter]) -> list[Entry]:
    """Those among some pages, by address."""
    found = []
    for chapter in chapters:
        if anatomy.is_error(chapter):
            meta, head = chapter.meta, chapter.meta.get("error", {})
            found.append(
                Entry(
                    chapter.source, meta.get("title", ""), meta.get("description", ""),
                    head.get("moment", ""), bool(head.get("silent")),
                    tuple(map(str, head.get("symptoms", ()))), tuple(_older(chapter)),
                )
            )  # fmt: skip
    return sorted(found, key=lambda entry: entry.uri)


def by_symptom(found: Iterable[Entry], uri: str) -> str:
    """The silent errors in Markdown, each by the first thing that is seen, for the page at `uri`."""
    rows = [
        f"- [«{without_html(_capital(entry.symptoms[0]))}»]({_from(uri, entry)}): "
        f"{without_html(_small(entry.title))}."
        for entry in found
        if entry.silent and entry.symptoms
    ]
    return "\n".join(sorted(rows, key=str.lower))


def by_moment(found: Iterable[Entry], uri: str) -> str:
    """Every error in Markdown, under the moment in which it appears, for the page at `uri`."""
    found = list(found)
    parts = []
    for moment, title in anatomy.MOMENTS.items():
        rows = [
            f"- [{without_html(entry.title)}]({_from(uri, entry)})"
            for entry in found
            if entry.moment == moment
        ]
        if rows:
            parts.append(f"### {title} {{ #al-{moment} }}\n\n" + "\n".join(sorted(rows, key=str.lower)))
    return "\n\n".join(parts)


def anchors(found: Iterable[Entry]) -> list[str]:
    """Those that :func:`by_moment` has."""
    return sorted({f"al-{entry.moment}" for entry in found if entry.moment in anatomy.MOMENTS})


def _older(chapter: Chapter) -> Iterable[str]:
    start = next((h.line for h in chapter.headings if h.anchor == anatomy.OLDER), None)
    if start is None:
        return
    end = next((h.line for h in chapter.headings if h.line > start and h.level <= 2), 10**9)
    for part in chapter.parts:
        if isinstance(part, Prose):
            for match in _TEXT.finditer(part.text):
                if start < part.line + part.text.count("\n", 0, match.start()) < end:
                    yield match["text"].strip()


def _from(uri: str, entry: Entry) -> str:
    return posixpath.relpath(entry.uri, posixpath.dirname(uri) or ".")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _small(title: str) -> str:
    """A title within a sentence: code and names keep their capital."""
    first = title.split()[0] if title.split() else ""
    return title[:1].lower() + title[1:] if first[1:].islower() else title
