"""The course as a reader walks it: its classes and guides, each with its lessons and their exercises.

The home page says which ones, in its front matter, and what each is for; the rest comes from
their pages. What a browser remembers of a reader is kept by the name of a page
(`Chapter.name`), so two classes may have an `ejercicio-1` each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePosixPath

from livedocs.pages.chapter import DOCS_FOLDER, Chapter, Heading

#: Front matter of the home page: a list of `page` and `what`.
KEY = "courses"
HOMEWORK = "homework"
#: A class calls itself «Clase 102 — La API Sequential»: what it is, and its name.
DASH = " — "


def is_exercise(heading: Heading) -> bool:
    """Whether a reader ticks it off: an exercise, or the homework."""
    if heading.anchor.startswith("ejercicio-"):
        return heading.level in (2, 3)
    return heading.anchor == HOMEWORK and heading.level in (1, 2)


def exercises(chapter: Chapter) -> list[str]:
    """The anchors of what a reader ticks off in a page, in order."""
    return [heading.anchor for heading in chapter.headings if is_exercise(heading)]


def lessons(index: Chapter, chapters: Iterable[Chapter], at: Callable[[str], str]) -> list[dict]:
    """The lessons of a class: the pages of its folder, or the class itself if it is one page.

    Args:
        index: The page that the class is known by.
        chapters: Every page, in the order in which they are read.
        at: The address of a page, from its path below `docs/`.
    """
    folder = PurePosixPath(index.source)
    inside = [
        c
        for c in chapters
        if folder.name == "index.md" and PurePosixPath(c.source).parent == folder.parent
    ]
    pages = [c for c in inside if c is not index] or [index]
    return [
        {
            "page": c.name,
            "title": c.meta.get("title", c.name),
            "url": at(c.source),
            "exercises": exercises(c),
        }
        for c in pages
    ]


def courses(
    entries: Iterable[dict],
    chapters: Mapping[str, Chapter],
    at: Callable[[str], str],
    minutes: Callable[[Chapter], int],
) -> list[dict]:
    """What the cards of the home page show, in the order that it asks for.

    Args:
        entries: The home page's `courses`.
        chapters: Every page that could be read, by its path below `docs/`.
        at: The address of a page, from its path below `docs/`.
        minutes: How long a class takes; 0 if nobody knows.

    Raises:
        ValueError: an entry that names no page, in Spanish.
    """
    by_name = {chapter.name: chapter for chapter in chapters.values()}
    found = []
    for entry in entries:
        if not (isinstance(entry, dict) and {"page", "what"} <= entry.keys()):
            raise ValueError(
                f"{DOCS_FOLDER}/index.md:1: en «{KEY}» cada entrada lleva «page» (como "
                "clases/102-sequential) y «what» (qué vas a poder hacer, en una línea)."
            )
        chapter = by_name.get(str(entry["page"]))
        if chapter is None:
            raise ValueError(
                f"{DOCS_FOLDER}/index.md:1: «{KEY}» nombra {entry['page']}, y no hay una página con ese "
                "camino; fijate en la carpeta, sin «docs/» ni «.md»."
            )
        kind, dash, name = chapter.meta.get("title", chapter.name).partition(DASH)
        found.append(
            {
                "page": chapter.name,
                "kind": kind if dash else "",
                "title": name or kind,
                "what": str(entry["what"]),
                "url": at(chapter.source),
                "minutes": minutes(chapter),
                "lessons": lessons(chapter, chapters.values(), at),
            }
        )
    return found


def course_of(chapter: Chapter, found: Iterable[dict]) -> dict | None:
    """The class that a page is or belongs to, of those of :func:`courses`."""
    for course in found:
        if chapter.name == course["page"] or chapter.name in (
            each["page"] for each in course["lessons"]
        ):
            return course
    return None
