"""The Markdown of every page, where it goes, and `llms.txt`, its index for programs (llmstxt.org)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from livedocs.derived import outline
from livedocs.derived.carried.origin import Origin
from livedocs.derived.sharing import SITE
from livedocs.pages import anatomy

#: What a page's Markdown is called, in its folder.
NAME = "index.md"
#: The index, from the root of the site.
INDEX = "llms.txt"


class Texts:
    """The pages as Markdown, as they are written.

    Args:
        at: The address of a page of the site, from its path below `docs/`.
        site_url: Where the site is published; "" if it is not known.
        offered: Whether there are any: the copy without a server, which can't fetch them, has none.
    """

    def __init__(self, at: Callable[[str], str], site_url: str = "", offered: bool = True):
        self.at, self.site_url, self.offered = at, site_url, offered
        self._texts: dict[str, bytes] = {}
        self._told: dict[str, tuple[str, str]] = {}

    @property
    def pages(self) -> list[str]:
        """Those that were added, by their addresses from `docs/`."""
        return [*self._told]

    def add(self, uri: str, meta: dict, written: Callable[[Origin], str]) -> dict:
        """Write a page; return what its front matter says of it: where it is, from the page."""
        if not self.offered:
            return {}
        self._texts[self._where(uri)] = written(Origin(uri, self.at, self.site_url)).encode()
        self._told[uri] = str(meta.get("title", uri)), str(meta.get("description", ""))
        return {"carried": NAME}

    def files(self, groups: Iterable[tuple[str, str, list[str]]]) -> dict[str, bytes]:
        """All of them and the index, by address from the root of the site.

        Args:
            groups: The course in order: of each class or guide, a title, an anchor and its pages.
        """
        if not self.offered:
            return {}
        return self._texts | {INDEX: self._index(groups).encode()}

    def _where(self, uri: str) -> str:
        return f"{self.at(uri)}{NAME}"

    def _index(self, groups: Iterable[tuple[str, str, list[str]]]) -> str:
        root = Origin("index.md", self.at, self.site_url)
        title, about = self._told.get("index.md", (SITE, ""))
        parts = [f"# {title}", f"> {about}"] if about else [f"# {title}"]
        for name, _, uris in groups:
            rows = [self._row(uri, root) for uri in uris if uri in self._told]
            if rows:
                parts += [f"## {name}", "\n".join(rows)]
        return "\n\n".join(parts) + "\n"

    def _row(self, uri: str, root: Origin) -> str:
        title, about = self._told[uri]
        title = re.sub(r"([\[\]])", r"\\\1", title)
        return f"- [{title}]({root.to(self._where(uri))})" + (f": {about}" if about else "")


def lists(meta: dict) -> dict[str, str]:
    """What templates put in the place of the comments of a page, as Markdown.

    Args:
        meta: The page's front matter, with its `lessons` or its `courses`.
    """
    lessons = [
        f"{number}. [{lesson['title']}](/{lesson['url']})"
        + (f": {lesson['description']}" if lesson["description"] else "")
        for number, lesson in enumerate(meta.get("lessons", ()), 1)
    ]
    courses = [
        f"- [{': '.join(filter(None, (course['kind'], course['title'])))}](/{course['url']}): {course['what']}"
        for course in meta.get(outline.KEY, ())
    ]
    return {anatomy.LESSONS: "\n".join(lessons), "<!-- livedocs: courses -->": "\n".join(courses)}
