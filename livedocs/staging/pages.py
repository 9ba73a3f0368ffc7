"""The pages: their Markdown with what they ask for filled in, and all that templates show in their head."""

from __future__ import annotations

import re
from dataclasses import asdict
from functools import partial
from pathlib import Path

from livedocs.derived import (
    atlas,
    backends,
    cards,
    carried,
    gallery,
    measured,
    messages,
    outline,
    promises,
    verified,
)
from livedocs.kept import digest
from livedocs.pages import anatomy, reading
from livedocs.pages.chapter import Chapter
from livedocs.pages.glossary import PLACEHOLDER, Glossary, Listing
from livedocs.staging.lessons import Lessons
from livedocs.staging.tree import FRAGMENT

#: Where a template may put what a student needs to know of a page, below its title.
CARD = FRAGMENT.replace("fragment {}", "card")

#: How much the pages of a class weigh in the search that are no lessons: they say a little of
#: everything, and who searches wants the lesson. Who pastes a message is led to its page by the finder.
SEARCHED = {"index.md": 0.3, "homework.md": 0.5, "errores.md": 0.3, "preguntas.md": 0.8}
SEARCHED_ERROR = 0.3

_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n.*?^(?:---|\.\.\.)[ \t]*\r?\n", re.S | re.M)


class Pages(Lessons):
    """The tree, with its pages."""

    def in_order(self, chapters: dict[str, Chapter]) -> list[tuple[str, Chapter]]:
        """Pages of no unit by name, and those of each unit as the course has them."""
        order = [uri for unit in self.units.values() for uri in (unit.index, *unit.pages)]
        place = {uri: number for number, uri in enumerate(order, 1)}
        return sorted(chapters.items(), key=lambda item: (place.get(item[0], 0), item[0]))

    def page(self, uri: str, path: Path, chapters: dict[str, Chapter]) -> None:
        """A page's Markdown with its front matter, and what the site must hold of it."""
        chapter = chapters.get(uri)
        if chapter is None:  # it can't be read; whoever serves it shows why
            self.tree[uri] = path.read_bytes()
            return
        body = self.kept.of(("body", self.names[uri]), partial(_body, path, chapter))
        meta = chapter.meta | self.meta.get(uri, {}) | {"path": uri}
        meta.pop("asked", None)  # for the search alone
        boost = SEARCHED.get(path.name) if self.around.unit(uri) else None
        if boost := SEARCHED_ERROR if anatomy.is_error(chapter) else boost:
            meta["search"] = {"boost": boost, **meta.get("search", {})}
        if exercises := [anchor for anchor in outline.exercises(chapter) if anchor != outline.HOMEWORK]:
            meta["exercises"] = len(exercises)
        if meta.pop("lesson", False):
            meta["minutes"] = asdict(reading.time(chapter))
        if anatomy.is_error(chapter) and "error" in meta:
            when = anatomy.MOMENTS.get(meta["error"].get("moment"), "")
            meta["atlas"] = {"url": self.at(f"{anatomy.ATLAS}/index.md"), "when": when}
        meta |= self.around.of(uri, self.offered)
        anchors = []
        fills = {}  # what goes in the place of comments of the page
        if meta.pop("glossary", False):
            listing = self.glossary(chapters)
            fills[PLACEHOLDER] = listing.text
            anchors += listing.anchors
        if meta.pop("messages", False):
            fills[messages.PLACEHOLDER] = messages.listing(self.messages, uri)
            fills[atlas.BY_SYMPTOM] = atlas.by_symptom(self.atlas, uri)
            fills[atlas.BY_MOMENT] = atlas.by_moment(self.atlas, uri)
            anchors += messages.anchors(self.messages) + atlas.anchors(self.atlas)
        if meta.pop("backends", False):
            found = backends.load(self.settings.root)
            fills[backends.PLACEHOLDER] = backends.listing(found, self.parts(chapters))
            anchors += [f"{kind}-{name}" for name in found for kind in ("con", "distinto")]
        if uri in self.record.pages:
            meta["digest"] = verified.digest(self.record.pages[uri])
        if meta.pop("verified", False):
            groups = verified.groups(self.record.pages, self.units.values(), self.around.title)
            fills[verified.PLACEHOLDER] = verified.listing(self.record, uri, groups)
            anchors += [anchor for _, anchor, uris in groups if self.record.pages.keys() & set(uris)]
        if told := self.around.structured(uri, self.edition.site_url):
            meta["structured"] = told
        if self.edition.site_url and not self.edition.local and "title" in meta:
            meta["card"] = f"{cards.FOLDER}/{chapter.name}.png"
            says = self.around.card(uri)
            kept = partial(cards.card, *says, self.settings.build / "cards")
            self.put(meta["card"], self.kept.of(("card", *says), kept))
        if meta.pop("downloads", False):
            fills |= self.offered.parts()
        if meta.pop("measured", False):
            fills |= measured.fills(body, chapter.path, self.settings.root)
        for comment, text in fills.items():
            body = body.replace(comment, text)
        body = body.replace(anatomy.LESSONS, FRAGMENT.replace("fragment {}", "lessons"))
        fills |= carried.lists(meta)
        meta |= self.texts.add(uri, meta, partial(self.carried, uri, chapter, fills))
        self.tree[uri] = self.with_head(meta, body)
        promised = partial(promises.of, chapter, self.ran[uri], self.edition.local)
        promise = self.of(uri, "promise", promised, str(self.edition.local))
        self.pages[uri] = promise | {"anchors": promise["anchors"] + anchors}

    def carried(self, uri: str, chapter: Chapter, fills: dict[str, str], origin: carried.Origin) -> str:
        """The page as plain Markdown, with what it gave."""
        made = verified.phrase(self.record.pages[uri]) if uri in self.record.pages else ""
        write = partial(carried.page, chapter, self.ran[uri], origin, fills, made)
        return self.of(uri, "carried", write, self.texts.site_url, made, digest(repr(fills)))

    def parts(self, chapters: dict[str, Chapter]) -> list[backends.Part]:
        """The units of the course and the errors, with the titles of their pages."""
        pages: dict[str, dict[str, str]] = {}
        for uri, chapter in self.in_order(chapters):
            unit = self.around.unit(uri)
            part = (
                unit.index if unit else f"{anatomy.ATLAS}/index.md" if anatomy.is_error(chapter) else uri
            )
            pages.setdefault(part, {})[uri] = chapter.meta.get("title", chapter.name)
        titles = {uri: chapter.meta.get("title", chapter.name) for uri, chapter in chapters.items()}
        return [backends.Part(titles.get(part, part), found) for part, found in pages.items()]

    def glossary(self, chapters: dict[str, Chapter]) -> Listing:
        """The glossary's terms, with the pages of the course that use each."""
        glossary = Glossary.load(self.settings.docs / "glosario.yml")
        taught = [
            chapter
            for uri, chapter in chapters.items()
            if chapter.executed_cells and outline.KEY not in chapter.meta and uri != gallery.PAGE
        ]
        return glossary.listing(taught)


def _body(path: Path, chapter: Chapter) -> str:
    """A page without its front matter, with a place for a card below its title."""
    lines = path.read_text("utf-8-sig").split("\n")
    if title := next((h for h in chapter.headings if h.level == 1), None):
        lines.insert(title.line, f"\n{CARD}\n")
    return _FRONT_MATTER.sub("", "\n".join(lines))
