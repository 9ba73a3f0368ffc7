"""Everything a site generator needs, in a folder: Markdown and files, and what the site must hold.

The pages are parsed and executed, and what they ask for is filled in: their front matter says all
that a template shows, so templates compute nothing. Beside the tree, a manifest says what a site
built from it must hold; `livedocs.finishing` compares. No generator is imported here.

Only what changed is written: a file with the same bytes keeps its time, so a server that watches
the tree rebuilds nothing for nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import nbformat
import yaml

from livedocs.derived import (
    atlas,
    backends,
    cards,
    carried,
    downloads,
    gallery,
    messages,
    notebook,
    outline,
    promises,
    review,
    standalone,
    verified,
)
from livedocs.derived.differences import record
from livedocs.derived.downloads import Download, Downloads, Group, Lesson
from livedocs.derived.notebook_page import render
from livedocs.derived.promises import address
from livedocs.derived.surroundings import Surroundings
from livedocs.execution.executor import Executor
from livedocs.execution.results import Execution, failure
from livedocs.files import cannot_write, mirror, write_if_changed
from livedocs.pages import anatomy, course, reading
from livedocs.pages.chapter import DOCS_FOLDER, SNIPPETS_FOLDER, Chapter, ChapterError
from livedocs.pages.course import Unit
from livedocs.pages.glossary import PLACEHOLDER, Glossary, Listing
from livedocs.rendering import drawings, folds, quiz
from livedocs.settings import Settings

SCRIPTS = "assets/bloques"  # the scripts behind «Copiar hasta acá», fetched when they are asked for
#: Read by the engine, and no part of the site.
NOT_STAGED = ("glosario.yml", "palabras.txt", "backends.json")
#: A page whose content is a file of HTML that was painted beforehand.
FRAGMENT = "<!-- livedocs: fragment {} -->"
#: Where a template may put what a student needs to know of a page, below its title.
CARD = FRAGMENT.replace("fragment {}", "card")

_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n.*?^(?:---|\.\.\.)[ \t]*\r?\n", re.S | re.M)


class StagingError(Exception):
    """No site can be built.

    Args:
        problems: What is wrong, in Spanish, each with file and line.
    """

    def __init__(self, problems: list[str]):
        self.problems = problems
        super().__init__("\n".join(problems))


#: How much the pages of a class weigh in the search that are no lessons: they say a little of
#: everything, and who searches wants the lesson. Who pastes a message is led to its page by the finder.
SEARCHED = {"index.md": 0.3, "homework.md": 0.5, "errores.md": 0.3, "preguntas.md": 0.8}
SEARCHED_ERROR = 0.3


@dataclass(frozen=True)
class Edition:
    """Which site will be built from the tree.

    Attributes:
        site_url: Address of the published site, for the links of its notebooks; "" if not known.
        colab: What goes before a notebook's address for Colab to open it; "" to offer none.
        local: Whether the site will be read as files, without a server.
        downloads: The zip and the PDFs made for it, by name.
        excluded: Whether the page at an address (from `docs/`) will not be built: what it gives
            is then not published either.
    """

    site_url: str = ""
    colab: str = ""
    local: bool = False
    downloads: dict[str, Path] = field(default_factory=dict)
    excluded: Callable[[str], bool] = lambda uri: False

    @property
    def name(self) -> str:
        return "copy" if self.local else "site"


@dataclass(frozen=True)
class Staged:
    """A tree ready for a generator.

    Attributes:
        folder: Where all of it is.
        manifest: What the site must hold, as `manifest.json` has it.
        problems: What is wrong with pages that were staged all the same, to be shown on them.
        local: As in its edition.
        terms: The glossary's entries, for the search.
        asked: What else each page is asked for by, by address.
        beside: Files that go into the built site as they are, by address: a generator would take
            some of them, the pages as Markdown, for pages.
    """

    folder: Path
    manifest: dict
    problems: tuple[str, ...] = ()
    local: bool = False
    terms: tuple[dict, ...] = ()
    asked: dict[str, list[str]] = field(default_factory=dict)
    beside: dict[str, bytes] = field(default_factory=dict)

    @property
    def docs(self) -> Path:
        """The tree of Markdown and files."""
        return self.folder / "docs"


def stage(
    settings: Settings,
    edition: Edition | None = None,
    *,
    executor: Executor | None = None,
    tolerant: bool = False,
) -> Staged:
    """Parse and execute every page and write the tree.

    Args:
        settings: The project.
        edition: Which site it is for.
        executor: Who executes; None means a new one.
        tolerant: Whether pages with problems are staged too, to be seen while they are mended.

    Raises:
        StagingError: pages that can't be read, or blocks that did not end as they should; nothing
            was written.
        ExecutionError: nothing could be executed at all.
    """
    return _Stage(settings, edition or Edition(), executor or Executor(settings)).run(tolerant)


class _Stage:
    def __init__(self, settings: Settings, edition: Edition, executor: Executor):
        self.settings, self.edition, self.executor = settings, edition, executor
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

    def run(self, tolerant: bool) -> Staged:
        if trouble := cannot_write(self.folder):  # known before the wait
            raise StagingError([trouble])
        problems, chapters = [], {}
        sources, broken = self.sources()
        problems += broken
        for uri, path in sources.items():
            try:
                chapters[uri] = self.read(uri, path)
                problems += drawings.problems(chapters[uri], self.settings.root)
            except ChapterError as error:
                problems.append(str(error))
        executions = self.executor.run(list(chapters.values()))
        for chapter in chapters.values():
            execution = executions[chapter.path]
            if told := failure(chapter, execution):
                problems.append(gallery.where(self.settings, str(told)))
            else:
                problems += quiz.problems(chapter, execution) + folds.problems(chapter, execution)
        nav = course.listed(self.settings.root / "mkdocs.yml")
        self.units = {unit.folder: unit for unit in course.units(nav, list(sources))}
        self.around = Surroundings(chapters, self.units, self.at)
        problems += self.around.problems
        if problems and not tolerant:
            raise StagingError(problems)
        self.files()
        in_order = self.in_order(chapters)
        self.verify(in_order, executions)
        for uri, chapter in in_order:
            if chapter.cells:
                self.derive(uri, chapter, executions[chapter.path])
        ordered = [chapter for _, chapter in in_order]
        self.atlas = atlas.entries(ordered)
        self.messages = messages.messages(ordered, executions)
        if self.messages or self.atlas:
            ran = next((executions[c.path].provenance for c in ordered if c.executed_cells), None)
            text = messages.script(self.messages, self.at, self.atlas, ran)
            self.put(messages.SCRIPT, text.encode())
        for uri, path in sources.items():
            self.page(uri, path, chapters, executions)
        for made in review.reviews(ordered, executions):
            self.review(made)
        groups = verified.groups(self.texts.pages, self.units.values(), self.around.title)
        beside = self.texts.files(groups)
        files = (set(self.tree) - set(self.pages)) | set(beside)
        manifest = {"pages": self.pages, "files": sorted(files)}
        mirror(self.folder / "fragments", self.fragments)
        mirror(self.folder / "docs", self.tree)
        text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        write_if_changed(self.folder / "manifest.json", text.encode())
        terms = self.settings.docs / "glosario.yml"
        return Staged(
            self.folder,
            manifest,
            tuple(problems),
            self.edition.local,
            tuple(Glossary.load(terms).terms) if terms.is_file() else (),
            {self.at(uri): list(map(str, c.meta.get("asked", ()))) for uri, c in chapters.items()},
            beside,
        )

    def in_order(self, chapters: dict[str, Chapter]) -> list[tuple[str, Chapter]]:
        """Pages of no unit by name, and those of each unit as the course has them."""
        order = [uri for unit in self.units.values() for uri in (unit.index, *unit.pages)]
        place = {uri: number for number, uri in enumerate(order, 1)}
        return sorted(chapters.items(), key=lambda item: (place.get(item[0], 0), item[0]))

    def read(self, uri: str, path: Path) -> Chapter:
        root = self.settings.root
        if path.is_relative_to(self.settings.docs):
            return Chapter.load(path, root)
        return Chapter.parse(path.read_text("utf-8"), f"{DOCS_FOLDER}/{uri}", root)  # made here

    def sources(self) -> tuple[dict[str, Path], list[str]]:
        """The file of each page, by address: those of `docs/` and the gallery, which is made here."""
        docs = self.settings.docs
        found = {page.relative_to(docs).as_posix(): page for page in self.settings.pages()}
        found = {uri: page for uri, page in found.items() if not self.edition.excluded(uri)}
        seen: dict[str, str] = {}
        problems = []
        for uri in found:
            if (other := seen.setdefault(address(uri), uri)) != uri:
                problems.append(
                    f"docs/{other} y docs/{uri} tienen la misma dirección ({address(uri)}); "
                    "cambiale el nombre a una."
                )
        try:
            if made := gallery.write(self.settings):
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

    def derive(self, uri: str, chapter: Chapter, execution: Execution) -> None:
        """The scripts of a page's blocks and, if it is a lesson, its notebooks and their page."""
        meta = self.meta[uri] = {"provenance": execution.provenance}
        if execution.failed:
            return
        meta["scripts"] = f"{SCRIPTS}/{chapter.name}.js"
        scripts = standalone.scripts(chapter, execution, self.settings.seed)
        self.put(meta["scripts"], scripts.as_javascript().encode())
        if not chapter.is_lesson:
            return
        # Notebooks link to the published site, whichever edition this is.
        links = (self.edition.site_url, address(uri))
        drawn = drawings.data_uris(chapter, self.settings.root)
        done = notebook.executed(chapter, execution, *links, drawn)
        todo = notebook.todo(chapter, execution, *links, drawn)
        made = []
        for kind, node in ((notebook.EXECUTED, done), (notebook.TODO, todo)):
            data = (nbformat.writes(node) + "\n").encode()
            made.append(Download(notebook.download_uri(chapter, kind), len(data)))
            self.put(made[-1].uri, data)
        self.group(uri, chapter).lessons.append(Lesson(chapter.meta["title"], uri, *made))
        for name in {cell.file for cell in chapter.executed_cells if cell.file}:  # what they import
            source = self.settings.root / SNIPPETS_FOLDER / name
            self.put(notebook.beside_uri(chapter, name), source.read_bytes())
        page = notebook.page_uri(chapter).removesuffix(".ipynb") + ".md"
        meta["notebook_url"] = address(page, self.edition.local)
        meta["files"] = {"done": made[0].uri, "todo": made[1].uri}
        if pdf := self.offered.pdfs.get(chapter.name):
            meta["pdf"] = {"uri": pdf.uri, "size": pdf.size}
        if self.edition.colab:
            meta["colab"] = f"{self.edition.colab}/{made[1].uri}"
        self.notebook_page(page, uri, chapter, execution, done)

    def verify(self, in_order: list[tuple[str, Chapter]], executions: dict[str, Execution]) -> None:
        """What was executed, for programs that ask and for what the pages say of themselves."""
        ran = {}
        for uri, chapter in in_order:
            if chapter.executed_cells:
                made = executions[chapter.path], self.executor.key(chapter), self.at(uri)
                ran[uri] = record.page(chapter, *made, whole=False)
        self.record = record.Record(self.settings.seed, ran)
        self.put(verified.FILE, self.record.as_json(whole=False).encode())

    def group(self, uri: str, chapter: Chapter) -> Group:
        """Where the downloads of a lesson go: with its class or guide, or by themselves."""
        unit = self.around.unit(uri)
        name, page = (unit.folder, unit.index) if unit else (chapter.name, uri)
        title = self.around.title(page) or chapter.meta["title"]
        pdf = self.offered.pdfs.get(name)
        return self.offered.groups.setdefault(name, Group(title, page, pdf=pdf))

    def notebook_page(self, page: str, lesson: str, chapter, execution, done: dict) -> None:
        name = page.removesuffix(".md") + ".html"
        painted = render(done)
        self.fragments[name] = painted.encode()
        head = {
            "title": chapter.meta["title"],
            "notebook": True,
            "search": {"exclude": True},
            "chapter_url": address(lesson, self.edition.local),
            "provenance": execution.provenance,
            "digest": verified.digest(self.record.pages[lesson]),
            "progress_url": self.around.progress,
            "verified_url": self.around.verified,
            **self.around.unit_of(lesson),
        }
        self.put(page, _with_head(head, self.held(name) + "\n").encode())
        self.pages[page] = {"url": address(page, self.edition.local), "anchors": [], "outputs": {},
                            "blocks": 0, "links": [],
                            "painted": painted.count('class="kv-output')}  # fmt: skip

    def review(self, made: review.Review) -> None:
        """The page of all the quizzes of a folder of lessons, painted beforehand."""
        painted = made.painted(lambda uri: address(uri, self.edition.local))
        names = [f"{made.page.removesuffix('.md')}-{n}.html" for n in range(1, len(painted) + 1)]
        self.fragments |= {name: text.encode() for name, text in zip(names, painted, strict=True)}
        body = made.body(lambda number: self.held(names[number - 1]))
        head = made.head | self.texts.add(made.page, made.head, lambda o: carried.review(made, o))
        self.put(made.page, _with_head(head, body).encode())
        self.pages[made.page] = made.promise(address(made.page, self.edition.local), painted, body)

    def held(self, name: str) -> str:
        """The line of Markdown that stands for a fragment."""
        path = (self.folder / "fragments" / name).relative_to(self.settings.root)
        return FRAGMENT.format(path.as_posix())

    # Pages -----------------------------------------------------------------------------------

    def page(self, uri: str, path: Path, chapters: dict[str, Chapter], executions) -> None:
        """A page's Markdown with its front matter, and what the site must hold of it."""
        chapter = chapters.get(uri)
        if chapter is None:  # it can't be read; whoever serves it shows why
            self.tree[uri] = path.read_bytes()
            return
        body = _body(path, chapter)
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
        if uri in self.record.pages:
            meta["digest"] = verified.digest(self.record.pages[uri])
        if meta.pop("verified", False):
            groups = verified.groups(self.record.pages, self.units.values(), self.around.title)
            fills[verified.PLACEHOLDER] = verified.listing(self.record, uri, groups)
            anchors += [anchor for _, anchor, uris in groups if self.record.pages.keys() & set(uris)]
        if meta.pop("backends", False):
            ran = backends.load(self.settings.root)
            fills[backends.PLACEHOLDER] = backends.listing(ran, self.parts(chapters))
            anchors += [f"{kind}-{name}" for name in ran for kind in ("con", "distinto")]
        if told := self.around.structured(uri, self.edition.site_url):
            meta["structured"] = told
        if self.edition.site_url and not self.edition.local and "title" in meta:
            meta["card"] = f"{cards.FOLDER}/{chapter.name}.png"
            self.put(meta["card"], cards.card(*self.around.card(uri), self.settings.build / "cards"))
        if meta.pop("downloads", False):
            fills |= self.offered.parts()
        for comment, text in fills.items():
            body = body.replace(comment, text)
        body = body.replace(anatomy.LESSONS, FRAGMENT.replace("fragment {}", "lessons"))
        fills |= carried.lists(meta)
        made = verified.phrase(self.record.pages[uri]) if uri in self.record.pages else ""
        ran = executions[chapter.path]
        meta |= self.texts.add(uri, meta, lambda origin: carried.page(chapter, ran, origin, fills, made))
        self.tree[uri] = _with_head(meta, body).encode()
        self.pages[uri] = promises.of(chapter, executions[chapter.path], self.edition.local)
        self.pages[uri]["anchors"] += anchors

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

    def at(self, uri: str) -> str:
        return address(uri, self.edition.local)

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


def _with_head(meta: dict, body: str) -> str:
    if not meta:
        return body
    return f"---\n{yaml.safe_dump(meta, allow_unicode=True, sort_keys=False, width=1000)}---\n{body}"
