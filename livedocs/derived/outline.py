"""The course as a reader walks it: its classes and guides, each with its lessons and their exercises.

The menu says their order, the home page which ones have a card and what each is for; the rest comes
from the pages. What a browser remembers of a reader is kept by the name of a page (`Chapter.name`),
so two classes may have an `ejercicio-1` each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from livedocs.pages import reading
from livedocs.pages.chapter import DOCS_FOLDER, Chapter
from livedocs.pages.course import Unit

#: Front matter of the home page: a list of `page` and `what`.
KEY = "courses"
HOMEWORK = "homework"
#: A class calls itself «Clase 102 — La API Sequential»: what it is, and its name.
DASH = " — "


def exercises(chapter: Chapter) -> list[str]:
    """The anchors of what a reader ticks off in a page, in order."""
    return [heading.anchor for heading in chapter.headings if heading.asks]


def lessons(
    uris: Iterable[str], chapters: Mapping[str, Chapter], at: Callable[[str], str]
) -> list[dict]:
    """The lessons among some pages, in their order, as templates and the reader's browser need them.

    Args:
        uris: The pages, from `docs/`.
        chapters: Every page that could be read, by its path below `docs/`.
        at: The address of a page, from its path below `docs/`.

    Returns:
        For each: its name as `page`, `title`, `description`, `url`, minutes of `read`ing and of
        `practice`, and the anchors of its `exercises`.
    """
    found = []
    for uri in uris:
        chapter = chapters.get(uri)
        if chapter is None or not chapter.is_lesson:
            continue
        time = reading.time(chapter)
        found.append(
            {
                "page": chapter.name,
                "title": chapter.meta["title"],
                "description": chapter.meta.get("description", ""),
                "url": at(uri),
                "read": time.reading,
                "practice": time.practice,
                "exercises": exercises(chapter),
            }
        )
    return found


def total(found: list[dict]) -> dict[str, int]:
    """Minutes of reading and of practice of some lessons together, as `reading.Time` has them."""
    return {
        "reading": sum(lesson["read"] for lesson in found),
        "practice": sum(lesson["practice"] for lesson in found),
    }


def courses(
    entries: Iterable[dict],
    chapters: Mapping[str, Chapter],
    units: Iterable[Unit],
    at: Callable[[str], str],
) -> list[dict]:
    """What the cards of the home page show, in the order that it asks for.

    Args:
        entries: The home page's `courses`.
        chapters: Every page that could be read, by its path below `docs/`.
        units: The classes and guides that are folders.
        at: The address of a page, from its path below `docs/`.

    Raises:
        ValueError: an entry that names no page, in Spanish.
    """
    by_name = {chapter.name: chapter for chapter in chapters.values()}
    pages = {unit.folder: unit.pages for unit in units}
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
        inside = lessons(pages.get(chapter.name, (chapter.source,)), chapters, at)
        found.append(
            {
                "page": chapter.name,
                "kind": kind if dash else "",
                "title": name or kind,
                "what": str(entry["what"]),
                "url": at(chapter.source),
                "minutes": sum(total(inside).values()),
                "lessons": inside,
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


def moved(unit: Unit, chapters: dict[str, Chapter], at: Callable[[str], str]) -> dict[str, str]:
    """The page, from the index's folder, of each anchor that only one page of a unit has.

    So links from when the class was a single page, the index, still lead to their section.
    """
    pages: dict[str, list[str]] = {}
    own = {heading.anchor for heading in chapters[unit.index].headings}
    for uri in unit.pages:
        for heading in chapters[uri].headings if uri in chapters else ():
            pages.setdefault(heading.anchor, []).append(uri)
    return {
        anchor: at(uris[0]).removeprefix(f"{unit.folder}/")
        for anchor, uris in pages.items()
        if anchor and anchor not in own and len(uris) == 1
    }
