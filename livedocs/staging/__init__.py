"""Everything a site generator needs, in a folder: Markdown and files, and what the site must hold.

The pages are parsed and executed, and what they ask for is filled in: their front matter says all
that a template shows, so templates compute nothing. Beside the tree, a manifest says what a site
built from it must hold; `livedocs.finishing` compares. No generator is imported here.

Only what changed is written: a file with the same bytes keeps its time, so a server that watches
the tree rebuilds nothing for nothing.

Step by step, each module on the one before: `tree` reads the pages and holds the files, `lessons`
derives what a page gives besides itself, `pages` writes the pages; here, the order of it all.
"""

from __future__ import annotations

import json
from functools import partial

import yaml
from filelock import FileLock

from livedocs.derived import atlas, messages, review, verified
from livedocs.derived.surroundings import Surroundings
from livedocs.execution.executor import Executor
from livedocs.files import cannot_write, write_if_changed
from livedocs.kept import Kept, digest
from livedocs.pages import course
from livedocs.pages.chapter import ChapterError
from livedocs.pages.glossary import Glossary
from livedocs.rendering import drawings
from livedocs.settings import Settings
from livedocs.staging.edition import Edition, Staged, StagingError
from livedocs.staging.pages import Pages
from livedocs.staging.tree import FRAGMENT

__all__ = ["FRAGMENT", "Edition", "Staged", "StagingError", "stage"]


def stage(
    settings: Settings,
    edition: Edition | None = None,
    *,
    executor: Executor | None = None,
    tolerant: bool = False,
    kept: Kept | None = None,
) -> Staged:
    """Parse and execute every page and write the tree.

    Args:
        settings: The project.
        edition: Which site it is for.
        executor: Who executes; None means a new one.
        tolerant: Whether pages with problems are staged too, to be seen while they are mended.
        kept: What the pages yielded when they were staged before; it gets what they yield now.

    Raises:
        StagingError: pages that can't be read, or blocks that did not end as they should; nothing
            was written.
        ExecutionError: nothing could be executed at all.
    """
    kept = kept or Kept()
    found = _Stage(settings, edition or Edition(), executor or Executor(settings), kept).run(tolerant)
    kept.turn()
    return found


class _Stage(Pages):
    def run(self, tolerant: bool) -> Staged:
        if trouble := cannot_write(self.folder):  # known before the wait
            raise StagingError([trouble])
        problems, chapters = [], {}
        sources, broken = self.sources()
        problems += broken
        for uri, path in sources.items():
            try:
                chapter = chapters[uri] = self.read(uri, path)
                name = "drawings", self.names[uri], self.drawings
                problems += self.kept.of(name, partial(drawings.problems, chapter, self.settings.root))
            except ChapterError as error:
                problems.append(str(error))
        executions = self.executor.run(list(chapters.values()))
        self.ran = {uri: executions[chapter.path] for uri, chapter in chapters.items()}
        for uri, chapter in chapters.items():
            problems += self.of(uri, "problems", partial(self.wrong, chapter, self.ran[uri]))
        config = self.settings.root / "mkdocs.yml"
        says = config.read_bytes() if config.is_file() else b""
        try:
            self.kept.nav = self.kept.of(("nav", digest(says)), lambda: course.listed(config))
        except (yaml.YAMLError, AttributeError):
            if not tolerant:
                raise
        nav = self.kept.nav  # while it is being mended, as it was
        self.units = {unit.folder: unit for unit in course.units(nav, list(sources))}
        self.around = Surroundings(chapters, self.units, self.at)
        problems += self.around.problems
        if problems and not tolerant:
            raise StagingError(problems)
        self.files()
        in_order = self.in_order(chapters)
        self.verify(in_order)
        for uri, chapter in in_order:
            if chapter.cells:
                self.derive(uri, chapter, self.ran[uri])
        ordered = [chapter for _, chapter in in_order]
        self.atlas = atlas.entries(ordered)
        for uri, chapter in in_order:
            said = partial(messages.messages, [chapter], executions)
            self.messages += self.of(uri, "messages", said)
        if self.messages or self.atlas:
            ran = next((executions[c.path].provenance for c in ordered if c.executed_cells), None)
            text = messages.script(self.messages, self.at, self.atlas, ran)
            self.put(messages.SCRIPT, text.encode())
        for uri, path in sources.items():
            self.page(uri, path, chapters)
        for made in review.reviews(ordered, executions):
            self.review(made)
        groups = verified.groups(self.texts.pages, self.units.values(), self.around.title)
        beside = self.texts.files(groups)
        files = (set(self.tree) - set(self.pages)) | set(beside)
        manifest = {"pages": self.pages, "files": sorted(files)}
        with FileLock(self.folder.with_suffix(".lock"), thread_local=False):  # others may be building
            self.kept.mirror(self.folder / "fragments", self.fragments)
            self.kept.mirror(self.folder / "docs", self.tree)
            if not tolerant:  # nothing is compared with what is still being mended
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
            {uri: digest(self.names[uri], ran.digest) for uri, ran in self.ran.items()},
        )
