"""What the first page of a class or guide says of the others: which there are and how long they take."""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from livedocs.pages import reading
from livedocs.pages.chapter import Chapter
from livedocs.pages.course import Unit


def lessons(unit: Unit, chapters: dict[str, Chapter]) -> list[dict]:
    """The lessons of a unit, in order, as its index and the home page show them.

    Args:
        unit: The class or guide.
        chapters: Every page, by address from `docs/`.

    Returns:
        For each: `title`, `description`, `uri` (from `docs/`), `name`, minutes of `reading` and of
        `practice`, and the anchors of its `exercises`.
    """
    found = []
    for uri in unit.pages:
        chapter = chapters.get(uri)
        if chapter is None or not chapter.is_lesson:
            continue
        time = reading.time(chapter)
        found.append(
            {
                "title": chapter.meta["title"],
                "description": chapter.meta.get("description", ""),
                "uri": uri,
                "name": chapter.name,
                "reading": time.reading,
                "practice": time.practice,
                "exercises": [heading.anchor for heading in chapter.headings if heading.asks],
            }
        )
    return found


def listing(unit: Unit, found: list[dict]) -> str:
    """The same as a Markdown list, for the index page."""
    items = []
    for number, lesson in enumerate(found, 1):
        link = posixpath.relpath(lesson["uri"], unit.folder)
        facts = f"{lesson['reading']} min de lectura"
        if lesson["practice"]:
            facts += f" y {lesson['practice']} de práctica"
        items.append(
            f'{number}. <span data-kv-lesson="{lesson["name"]}">**[{lesson["title"]}]({link})**</span>  \n'
            f"    {lesson['description']} <small>{facts}.</small>"
        )
    return "\n".join(items)


def total(found: list[dict]) -> dict[str, int]:
    """Minutes of reading and of practice of a whole unit, and how many exercises it has."""
    return {
        "reading": sum(lesson["reading"] for lesson in found),
        "practice": sum(lesson["practice"] for lesson in found),
        "exercises": sum(len(lesson["exercises"]) for lesson in found),
    }


def moved(unit: Unit, chapters: dict[str, Chapter], address: Callable[[str], str]) -> dict[str, str]:
    """The page, from the index's folder, of each anchor that only one page of a unit has.

    So links from when the class was a single page, the index, still lead to their section.
    """
    pages: dict[str, list[str]] = {}
    own = {heading.anchor for heading in chapters[unit.index].headings}
    for uri in unit.pages:
        for heading in chapters[uri].headings if uri in chapters else ():
            pages.setdefault(heading.anchor, []).append(uri)
    return {
        anchor: address(uris[0]).removeprefix(f"{unit.folder}/")
        for anchor, uris in pages.items()
        if anchor and anchor not in own and len(uris) == 1
    }
