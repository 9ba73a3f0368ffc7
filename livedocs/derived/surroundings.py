"""What a page is told of the course around it: its class, the lessons, the cards, who shares it.

All of it goes into front matter, so that templates compute nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from livedocs.derived import outline, sharing
from livedocs.derived.downloads import Downloads
from livedocs.pages import course
from livedocs.pages.chapter import Chapter
from livedocs.pages.course import Unit


class Surroundings:
    """The course as its pages show it.

    Args:
        chapters: Every page that could be read, by its path below `docs/`.
        units: The classes and guides that are folders, by folder.
        at: The address of a page, from its path below `docs/`.
    """

    def __init__(self, chapters: dict[str, Chapter], units: dict[str, Unit], at: Callable[[str], str]):
        self.chapters, self.units, self.at = chapters, units, at
        #: Where a reader sees what the browser remembers, and what can be taken away; "" if nowhere.
        self.progress, self.downloads = self._page_with("progress"), self._page_with("downloads")
        self.verified = self._page_with("verified")  # where what was executed is told; "" if nowhere
        home = chapters.get("index.md")
        entries = home.meta.get(outline.KEY, ()) if home else ()
        #: What the home page has cards of; and why it has none, in Spanish, with file and line.
        self.courses: list[dict] = []
        self.problems: list[str] = []
        try:
            self.courses = outline.courses(entries, chapters, units.values(), at)
        except ValueError as error:
            self.problems.append(str(error))

    def _page_with(self, key: str) -> str:
        shown = (uri for uri, chapter in self.chapters.items() if chapter.meta.get(key))
        return next(map(self.at, shown), "")

    def title(self, uri: str) -> str:
        return self.chapters[uri].meta.get("title", "") if uri in self.chapters else ""

    def unit(self, uri: str) -> Unit | None:
        """The class or guide that a page belongs to."""
        return self.units.get(course.unit_of(uri))

    def unit_of(self, uri: str) -> dict:
        """What a page is told of its class or guide; nothing if it is of none."""
        if not (unit := self.unit(uri)):
            return {}
        title = self.title(unit.index)
        return {"unit": {"title": title, "short": _short(title), "url": self.at(unit.index)}}

    def of(self, uri: str, offered: Downloads) -> dict:
        """The front matter of a page that comes from the pages around it."""
        meta, chapter = {}, self.chapters[uri]
        unit = self.unit(uri)
        meta |= self.unit_of(uri)
        if unit and uri == unit.index:
            meta["lessons"] = outline.lessons(unit.pages, self.chapters, self.at)
            meta["total"] = outline.total(meta["lessons"])
            meta["homework"] = next(
                (each["url"] for each in meta["lessons"] if outline.HOMEWORK in each["exercises"]), ""
            )
            meta["downloads_url"] = self.downloads
            meta["moved"] = outline.moved(unit, self.chapters, self.at)
            if pdf := offered.pdfs.get(unit.folder):
                meta["pdf"] = {"uri": pdf.uri, "size": pdf.size}
        if outline.KEY in chapter.meta or "progress" in chapter.meta:
            meta[outline.KEY] = self.courses
        if self.verified:
            meta["verified_url"] = self.verified
        if self.progress:
            meta["progress_url"] = self.progress
        return meta

    def structured(self, uri: str, site_url: str) -> dict | None:
        """What other programs are told of a page; None if nothing."""
        chapter = self.chapters[uri]
        found = self.courses if outline.KEY in chapter.meta else []
        inside = outline.course_of(chapter, self.courses)
        return sharing.structured(chapter.meta, chapter.name, self.at(uri), inside, found, site_url)

    def card(self, uri: str) -> tuple[str, str]:
        """What the picture of a page says, for who shares it: its title and of what class it is."""
        chapter = self.chapters[uri]
        inside = outline.course_of(chapter, self.courses)
        kind, dash, title = chapter.meta["title"].partition(outline.DASH)
        return (title, kind) if dash else (kind, inside["kind"] if inside else "")


def _short(title: str) -> str:
    """«Clase 102», or the name of a guide: what tells its lessons from those of others."""
    kind, _, name = title.partition(outline.DASH)
    return kind if any(letter.isdigit() for letter in kind) else name or kind
