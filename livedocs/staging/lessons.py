"""What a page gives besides itself: the scripts of its blocks, notebooks, their page, the review."""

from __future__ import annotations

from functools import partial

import nbformat

from livedocs.derived import carried, notebook, review, standalone, verified
from livedocs.derived.differences import record
from livedocs.derived.downloads import Download, Group, Lesson
from livedocs.derived.notebook_page import render
from livedocs.derived.promises import address
from livedocs.execution.results import Execution
from livedocs.kept import Later
from livedocs.pages.chapter import SNIPPETS_FOLDER, Chapter
from livedocs.rendering import drawings
from livedocs.staging.tree import Tree

SCRIPTS = "assets/bloques"  # the scripts behind «Copiar hasta acá», fetched when they are asked for


class Lessons(Tree):
    """The tree, with what is derived from the pages that run something."""

    def derive(self, uri: str, chapter: Chapter, execution: Execution) -> None:
        """The scripts of a page's blocks and, if it is a lesson, its notebooks and their page."""
        meta = self.meta[uri] = {"provenance": execution.provenance}
        if execution.failed or not execution.finished:
            return
        seed, site = self.settings.seed, self.edition.site_url
        scripts = lambda: standalone.scripts(chapter, execution, seed).as_javascript()
        make = partial(self.notebooks, uri, chapter, execution)
        try:
            text = self.lasting(uri, "scripts", scripts, str(seed))
            if chapter.is_lesson:
                done, todo, painted = self.lasting(uri, "notebooks", make, site, self.drawings)
        except Later:
            return
        meta["scripts"] = f"{SCRIPTS}/{chapter.name}.js"
        self.put(meta["scripts"], text.encode())
        if not chapter.is_lesson:
            return
        made = []
        for kind, text in ((notebook.EXECUTED, done), (notebook.TODO, todo)):
            data = text.encode()
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
        self.notebook_page(page, uri, chapter, execution, painted)

    def notebooks(self, uri: str, chapter: Chapter, execution: Execution) -> list[str]:
        """The notebooks of a lesson, executed and to fill in, and the first painted as a page."""
        # They link to the published site, whichever edition this is.
        links = (self.edition.site_url, address(uri))
        drawn = drawings.data_uris(chapter, self.settings.root)
        done = notebook.executed(chapter, execution, *links, drawn)
        todo = notebook.todo(chapter, execution, *links, drawn)
        return [nbformat.writes(done) + "\n", nbformat.writes(todo) + "\n", render(done)]

    def verify(self, in_order: list[tuple[str, Chapter]]) -> None:
        """What was executed, for programs that ask and for what the pages say of themselves."""
        ran = {}
        for uri, chapter in in_order:
            if chapter.executed_cells:
                made = self.ran[uri], self.executor.key(chapter), self.at(uri)
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

    def notebook_page(self, page: str, lesson: str, chapter, execution, painted: str) -> None:
        name = page.removesuffix(".md") + ".html"
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
        self.put(page, self.with_head(head, self.held(name) + "\n"))
        self.pages[page] = {"url": address(page, self.edition.local), "anchors": [], "outputs": {},
                            "blocks": 0, "links": [],
                            "painted": painted.count('class="kv-output')}  # fmt: skip

    def review(self, made: review.Review) -> None:
        """The page of all the quizzes of a folder of lessons, painted beforehand."""
        folder = made.page.rpartition("/")[0]
        depends = [
            (self.names[u], e.digest) for u, e in self.ran.items() if u.rpartition("/")[0] == folder
        ]
        painted = self.kept.of(
            ("review", made.page, *depends, self.edition.local),
            lambda: made.painted(lambda uri: address(uri, self.edition.local)),
        )
        names = [f"{made.page.removesuffix('.md')}-{n}.html" for n in range(1, len(painted) + 1)]
        self.fragments |= {name: text.encode() for name, text in zip(names, painted, strict=True)}
        body = made.body(lambda number: self.held(names[number - 1]))
        key = "carried", made.page, *depends, self.texts.site_url
        written = lambda origin: self.kept.of(key, partial(carried.review, made, origin))
        head = made.head | self.texts.add(made.page, made.head, written)
        self.put(made.page, self.with_head(head, body))
        self.pages[made.page] = made.promise(address(made.page, self.edition.local), painted, body)
