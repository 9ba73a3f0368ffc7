"""The tree under way: its files, what is read for it and what is kept of each page between two turns."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import yaml

from livedocs.derived import atlas, carried, downloads, gallery, messages
from livedocs.derived.differences import record
from livedocs.derived.downloads import Download, Downloads
from livedocs.derived.promises import address
from livedocs.derived.surroundings import Surroundings
from livedocs.execution.executor import Executor
from livedocs.execution.results import Execution, failure
from livedocs.kept import Kept, digest, folder_digest
from livedocs.pages.chapter import DOCS_FOLDER, SNIPPETS_FOLDER, Chapter
from livedocs.pages.course import Unit
from livedocs.rendering import drawings, folds, quiz
from livedocs.settings import Settings
from livedocs.staging.edition import Edition, StagingError

#: Read by the engine, and no part of the site.
NOT_STAGED = ("glosario.yml", "palabras.txt", "backends.json")
#: A page whose content is a file of HTML that was painted beforehand.
FRAGMENT = "<!-- livedocs: fragment {} -->"

#: What an address, or a page that links to it, would take for something else.
_ODD = re.compile(r"[\x00-\x1f\x7f\"'<>&#?%\\^`{|}]")
T = TypeVar("T")


class Tree:
    """What every step of the staging adds to, and where it finds what the steps before found."""

    def __init__(self, settings: Settings, edition: Edition, executor: Executor, kept: Kept):
        self.settings, self.edition, self.executor, self.kept = settings, edition, executor, kept
        self.names: dict[str, str] = {}  # of what each page says, whatever it includes with it
        self.snippets = folder_digest(settings.root / SNIPPETS_FOLDER)
        self.drawings = folder_digest(settings.docs / drawings.FOLDER)
        self.folder = settings.build / edition.name
        self.tree: dict[str, bytes] = {}  # the files of `docs`, by address
        self.fragments: dict[str, bytes] = {}
        self.meta: dict[str, dict] = {}  # what each page's front matter gets
        self.pages: dict[str, dict] = {}  # the manifest's
        self.offered = Downloads(local=edition.local)
        self.units: dict[str, Unit] = {}  # by folder, in the order of the course
        self.messages: list[messages.Message] = []
        self.atlas: list[atlas.Entry] = []
        self.record: record.Record  # what was executed
        self.texts = carried.Texts(self.at, edition.site_url, offered=not edition.local)
        self.around: Surroundings  # what pages are told of each other

    def read(self, uri: str, path: Path) -> Chapter:
        root, data = self.settings.root, path.read_bytes()
        name = self.names[uri] = digest(uri, data, self.snippets if b"8<" in data else "")
        if path.is_relative_to(self.settings.docs):
            return self.kept.of(("chapter", name), partial(Chapter.load, path, root))
        made_here = partial(Chapter.parse, data.decode(), f"{DOCS_FOLDER}/{uri}", root)
        return self.kept.of(("chapter", name), made_here)

    def of(self, uri: str, what: str, make: Callable[[], T], *others: str) -> T:
        """What a page yields, by what it says and what came of executing it, and by what else is named."""
        return self.kept.of((what, self.names[uri], self.ran[uri].digest, *others), make)

    def lasting(self, uri: str, what: str, make: Callable[[], T], *others: str) -> T:
        """As `of`, for what takes long: it may be left for another turn."""
        return self.kept.lasting((what, self.names[uri], self.ran[uri].digest, *others), make)

    def wrong(self, chapter: Chapter, execution: Execution) -> list[str]:
        """What is wrong with the blocks of a page."""
        if told := failure(chapter, execution):
            return [gallery.where(self.settings, str(told))]
        return quiz.problems(chapter, execution) + folds.problems(chapter, execution)

    def sources(self) -> tuple[dict[str, Path], list[str]]:
        """The file of each page, by address: those of `docs/` and the gallery, which is made here."""
        docs = self.settings.docs
        found = {page.relative_to(docs).as_posix(): page for page in self.settings.pages()}
        found = {uri: page for uri, page in found.items() if not self.edition.excluded(uri)}
        seen: dict[str, str] = {}
        problems = []
        for uri in found:
            if odd := _ODD.search(uri):
                problems.append(
                    f"docs/{uri}: el nombre de un archivo es su dirección, y no lleva «{odd[0]}»; dejale "
                    "letras, números, guiones y puntos."
                )
            if (other := seen.setdefault(address(uri), uri)) != uri:
                problems.append(
                    f"docs/{other} y docs/{uri} tienen la misma dirección ({address(uri)}); "
                    "cambiale el nombre a una."
                )
        try:
            if made := gallery.write(self.settings, self.kept):
                found[gallery.PAGE] = made
        except gallery.GalleryError as error:
            problems += error.problems
        return found, problems

    def put(self, uri: str, data: bytes) -> None:
        """Add a file of the engine's to the tree, unless one of the project has its place."""
        taken = uri in self.tree or (self.settings.docs / uri).is_file()
        if taken and self.tree.get(uri) != data:
            raise StagingError(
                [
                    f"docs/{uri}: en esa dirección el sitio pone algo suyo; cambiale el nombre o la carpeta."
                ]
            )
        self.tree[uri] = data

    # What pages do not write themselves ------------------------------------------------------

    def files(self) -> None:
        """The files of `docs/` that are no pages, those of the gallery, and what was made before."""
        docs, root = self.settings.docs, self.settings.root
        for path in sorted(docs.rglob("*")):
            uri = path.relative_to(docs).as_posix()
            hidden = any(part.startswith(".") for part in Path(uri).parts)
            inside = uri in NOT_STAGED or uri.startswith(f"{drawings.FOLDER}/")
            if path.is_file() and path.suffix != ".md" and not inside and not hidden:
                self.tree[uri] = path.read_bytes()
        for source in gallery.sources(root):
            self.put(f"{gallery.DOWNLOADS}/{source.parent.name}/{source.name}", source.read_bytes())
        if self.edition.local:
            for path in sorted((root / SNIPPETS_FOLDER).rglob("*.py")):
                uri = path.relative_to(root).as_posix()
                self.put(uri, path.read_bytes())
                self.offered.snippets.append(Download(uri, path.stat().st_size))
            return
        for name, path in self.edition.downloads.items():
            uri = f"{downloads.FOLDER}/{name}"
            self.put(uri, path.read_bytes())
            made = Download(uri, path.stat().st_size)
            if path.suffix == ".zip":
                self.offered.course = made
            else:
                self.offered.pdfs[name.removesuffix(".pdf")] = made

    def held(self, name: str) -> str:
        """The line of Markdown that stands for a fragment."""
        path = (self.folder / "fragments" / name).relative_to(self.settings.root)
        return FRAGMENT.format(path.as_posix())

    def with_head(self, meta: dict, body: str) -> bytes:
        """A page with its front matter."""
        key = "page", json.dumps(meta, sort_keys=False, default=str), digest(body)
        return self.kept.of(key, lambda: _with_head(meta, body).encode())

    def at(self, uri: str) -> str:
        return address(uri, self.edition.local)


def _with_head(meta: dict, body: str) -> str:
    if not meta:
        return body
    return f"---\n{yaml.safe_dump(meta, allow_unicode=True, sort_keys=False, width=1000)}---\n{body}"
