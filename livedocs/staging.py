"""Everything a site generator needs, in a folder: Markdown and files, and what the site must hold.

The pages are parsed and executed, and what they ask for is filled in: their front matter says all
that a template shows, so templates compute nothing. Beside the tree, a manifest says what a site
built from it must hold; `livedocs.finishing` compares. No generator is imported here.

Only what changed is written: a file with the same bytes keeps its time, so a server that watches
the tree rebuilds nothing for nothing.
"""

from __future__ import annotations

import html
import json
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import yaml

from livedocs.derived import downloads, gallery, notebook, review, standalone
from livedocs.derived.downloads import Download, Downloads, Lesson
from livedocs.derived.notebook_page import render
from livedocs.execution.cache import cannot_write
from livedocs.execution.executor import Executor
from livedocs.execution.results import OK, Execution, failure
from livedocs.files import write_if_changed
from livedocs.pages import reading
from livedocs.pages.chapter import DOCS_FOLDER, SNIPPETS_FOLDER, Chapter, ChapterError, Heading, Prose
from livedocs.pages.glossary import PLACEHOLDER, Glossary
from livedocs.rendering import folds, quiz
from livedocs.settings import Settings

SCRIPTS = "assets/bloques"  # the scripts behind «Copiar hasta acá», fetched when they are asked for
#: Read by the engine, and no part of the site.
NOT_STAGED = ("glosario.yml",)
#: A page whose content is a file of HTML that was painted beforehand.
FRAGMENT = "<!-- livedocs: fragment {} -->"
#: Where a template may put what a student needs to know of a page, below its title.
CARD = FRAGMENT.replace("fragment {}", "card")

_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n.*?^(?:---|\.\.\.)[ \t]*\r?\n", re.S | re.M)
_LINK = re.compile(r"(?<!!)\]\((?P<target>[^)\s]+)\)")
_FENCED = re.compile(r"^[ \t>]*(`{3,}|~{3,}).*?^[ \t>]*\1[ \t]*$", re.M | re.S)
_CODE = re.compile(r"`[^`\n]*`")


class StagingError(Exception):
    """No site can be built.

    Args:
        problems: What is wrong, in Spanish, each with file and line.
    """

    def __init__(self, problems: list[str]):
        self.problems = problems
        super().__init__("\n".join(problems))


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
    """

    folder: Path
    manifest: dict
    problems: tuple[str, ...] = ()
    local: bool = False
    terms: tuple[dict, ...] = ()

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

    def run(self, tolerant: bool) -> Staged:
        if trouble := cannot_write(self.folder):  # known before the wait
            raise StagingError([trouble])
        problems, chapters = [], {}
        sources, broken = self.sources()
        problems += broken
        for uri, path in sources.items():
            try:
                chapters[uri] = self.read(uri, path)
            except ChapterError as error:
                problems.append(str(error))
        executions = self.executor.run(list(chapters.values()))
        for chapter in chapters.values():
            execution = executions[chapter.path]
            if told := failure(chapter, execution):
                problems.append(gallery.where(self.settings, str(told)))
            else:
                problems += quiz.problems(chapter, execution) + folds.problems(chapter, execution)
        if problems and not tolerant:
            raise StagingError(problems)
        self.files()
        for uri, chapter in chapters.items():
            if chapter.cells:
                self.derive(uri, chapter, executions[chapter.path])
        for uri, path in sources.items():
            self.page(uri, path, chapters.get(uri), executions)
        for made in review.reviews(chapters.values(), executions):
            self.review(made)
        manifest = {"pages": self.pages, "files": sorted(set(self.tree) - set(self.pages))}
        _write(self.folder / "fragments", self.fragments)
        _write(self.folder / "docs", self.tree)
        text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        write_if_changed(self.folder / "manifest.json", text.encode())
        terms = self.settings.docs / "glosario.yml"
        return Staged(
            self.folder,
            manifest,
            tuple(problems),
            self.edition.local,
            tuple(Glossary.load(terms).terms) if terms.is_file() else (),
        )

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
            if path.is_file() and path.suffix != ".md" and uri not in NOT_STAGED and not hidden:
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
        if "minutes" not in chapter.meta:
            return
        # Notebooks link to the published site, whichever edition this is.
        links = (self.edition.site_url, address(uri))
        done = notebook.executed(chapter, execution, *links)
        todo = notebook.todo(chapter, execution, *links)
        made = []
        for kind, node in ((notebook.EXECUTED, done), (notebook.TODO, todo)):
            data = (nbformat.writes(node) + "\n").encode()
            made.append(Download(notebook.download_uri(chapter, kind), len(data)))
            self.put(made[-1].uri, data)
        pdf = self.offered.pdfs.get(chapter.name)
        self.offered.lessons.append(Lesson(chapter.meta["title"], uri, *made, pdf))
        for name in {cell.file for cell in chapter.executed_cells if cell.file}:  # what they import
            source = self.settings.root / SNIPPETS_FOLDER / name
            self.put(notebook.beside_uri(chapter, name), source.read_bytes())
        page = notebook.page_uri(chapter).removesuffix(".ipynb") + ".md"
        meta["notebook_url"] = address(page, self.edition.local)
        meta["lesson"] = {
            "done": made[0].uri,
            "todo": made[1].uri,
            "pdf": pdf and {"uri": pdf.uri, "size": pdf.size},
        }
        if self.edition.colab:
            meta["colab"] = f"{self.edition.colab}/{made[1].uri}"
        self.notebook_page(page, uri, chapter, execution, done)

    def notebook_page(self, page: str, lesson: str, chapter, execution, done: dict) -> None:
        name = page.removesuffix(".md") + ".html"
        painted = render(done)
        self.fragments[name] = painted.encode()
        head = {
            "title": chapter.meta["title"],
            "notebook": True,
            "hide": ["toc"],
            "search": {"exclude": True},
            "chapter_url": address(lesson, self.edition.local),
            "provenance": execution.provenance,
        }
        self.put(page, _with_head(head, self.held(name) + "\n").encode())
        self.pages[page] = {"url": address(page, self.edition.local), "anchors": [], "outputs": {},
                            "blocks": 0, "links": [], "minutes": {},
                            "painted": painted.count('class="kv-output')}  # fmt: skip

    def review(self, made: review.Review) -> None:
        """The page of all the quizzes of a folder of lessons, painted beforehand."""
        painted = made.painted(lambda uri: address(uri, self.edition.local))
        names = [f"{made.page.removesuffix('.md')}-{n}.html" for n in range(1, len(painted) + 1)]
        self.fragments |= {name: text.encode() for name, text in zip(names, painted, strict=True)}
        body = made.body(lambda number: self.held(names[number - 1]))
        self.put(made.page, _with_head(made.head, body).encode())
        self.pages[made.page] = {
            "url": address(made.page, self.edition.local),
            "anchors": ["repaso", *(f"pregunta-{n}" for n in range(1, len(painted) + 1))],
            "outputs": {}, "blocks": 0, "minutes": {},
            "links": sorted(_links(body, made.page)),
            "painted": sum(text.count('class="kv-output') for text in painted),
            "quizzes": len(painted),
        }  # fmt: skip

    def held(self, name: str) -> str:
        """The line of Markdown that stands for a fragment."""
        path = (self.folder / "fragments" / name).relative_to(self.settings.root)
        return FRAGMENT.format(path.as_posix())

    # Pages -----------------------------------------------------------------------------------

    def page(self, uri: str, path: Path, chapter: Chapter | None, executions) -> None:
        """A page's Markdown with its front matter, and what the site must hold of it."""
        if chapter is None:  # it can't be read; whoever serves it shows why
            self.tree[uri] = path.read_bytes()
            return
        body = _body(path, chapter)
        meta = chapter.meta | self.meta.get(uri, {}) | {"path": uri}
        prose = "\n\n".join(part.text for part in chapter.parts if isinstance(part, Prose))
        prose = _FENCED.sub("", prose)
        if exercises := sum(map(_is_exercise, chapter.headings)):
            meta["exercises"] = exercises
        if meta.pop("glossary", False):
            body = body.replace(PLACEHOLDER, Glossary.load(self.settings.docs / "glosario.yml").table())
        if meta.pop("downloads", False):
            body = self.offered.fill(body)
        self.tree[uri] = _with_head(meta, body).encode()
        execution = executions[chapter.path]
        self.pages[uri] = {
            "url": address(uri, self.edition.local),
            "anchors": [heading.anchor for heading in chapter.headings if heading.anchor],
            "blocks": len(chapter.executed_cells),
            "outputs": {} if execution.failed else _outputs(execution),
            "links": sorted(_links(prose, uri)),
            "minutes": reading.minutes(chapter) if "minutes" in chapter.meta else {},
            "quizzes": 0 if execution.failed else sum(bool(c.options) for c in chapter.executed_cells),
        }


def address(uri: str, local: bool = False) -> str:
    """Where a page is, from the root of the site: a folder, or a file in the local edition."""
    place = uri.removesuffix(".md")
    if local:
        return f"{place}.html"
    folder = re.sub(r"(?:^|(?<=/))index$", "", place)
    return folder if not folder or folder.endswith("/") else f"{folder}/"


def _outputs(execution: Execution) -> dict[str, list[str]]:
    """What each executed block must show, by its anchor: kinds of output, in order."""
    shown = {}
    for number, result in enumerate(execution.results, 1):
        kinds = [kind for output in result.outputs if (kind := _kind(output))]
        if kinds and result.status == OK:
            shown[f"b{number}"] = kinds
    return shown


def _kind(output: dict) -> str:
    """What an output must look like on the page; "" if it may leave no trace there."""
    if output["output_type"] == "error":
        return "error"
    if output["output_type"] == "stream":
        return ("text" if output["name"] == "stdout" else "warning") if output["text"].strip() else ""
    data, alt = output["data"], output.get("metadata", {}).get("alt")
    if any(kind.endswith("summary+json") for kind in data):
        return "summary"
    if any(kind.startswith("image/") for kind in data):
        return "diagram" if alt else "figure"
    return "text" if "".join(data.get("text/plain", "")).strip() else ""


def _links(prose: str, uri: str) -> set[str]:
    """The pages, with their anchors, that a page's prose links to, as addresses from `docs/`."""
    found = set()
    for match in _LINK.finditer(_CODE.sub("", prose)):
        target, _, anchor = html.unescape(match["target"]).partition("#")
        if re.match(r"[a-z]+:", target) or (target and not target.endswith(".md")):
            continue
        page = posixpath.normpath(posixpath.join(posixpath.dirname(uri), target)) if target else uri
        found.add(f"{page}#{anchor}" if anchor else page)
    return found


def _is_exercise(heading: Heading) -> bool:
    """Whether a reader ticks it off."""
    return (heading.level == 3 and heading.anchor.startswith("ejercicio-")) or (
        heading.level == 2 and heading.anchor == "homework"
    )


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


# Writing ------------------------------------------------------------------------------------


def _write(folder: Path, tree: dict[str, bytes]) -> None:
    """Make a folder hold these files and no others; those that are already so are not touched."""
    for uri, data in tree.items():
        write_if_changed(folder / uri, data)
    if folder.is_dir():
        for path in sorted(folder.rglob("*"), reverse=True):
            if path.is_dir():
                if not any(path.iterdir()):
                    path.rmdir()
            elif path.relative_to(folder).as_posix() not in tree:
                path.unlink()
