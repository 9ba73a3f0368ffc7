"""Python-Markdown extension: the outputs of each block, painted below it.

It runs after the page's text was normalised (priority 30, which would drop what is stashed
before it) and includes were expanded (32), and before SuperFences (25) takes the fences. When
the page is HTML again it is compared with what was found in its text (`rendering/shown.py`).
"""

from __future__ import annotations

import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path

from markdown import Extension, Markdown
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from pymdownx.highlight import HighlightExtension

from livedocs.execution.executor import Executor
from livedocs.execution.results import FAILED, NOT_RUN, OK, WAITING, failure
from livedocs.integrations.tooltips import Tooltips
from livedocs.pages import gaps, notes
from livedocs.pages.chapter import Cell, Chapter, ChapterError
from livedocs.pages.glossary import Glossary
from livedocs.rendering import drawings, errors, folds, outputs, quiz, unfinished
from livedocs.rendering import shown as rendered
from livedocs.settings import Settings
from livedocs.staging import FRAGMENT, Staged, stage

PRIORITY = 28
_FRAGMENT = re.compile(FRAGMENT.format("(.+)") + r"[ \t]*")
#: After raw HTML is back (30) and before the marks of notes become links (5).
CHECK_PRIORITY = 6

#: The page being converted; an adapter that knows it sets it, for messages with file and line.
current_page: ContextVar[Path | None] = ContextVar("current_page", default=None)

#: Whether a failure is painted on the page (while serving) or raised (everywhere else).
show_failures: ContextVar[bool] = ContextVar("show_failures", default=False)

#: Folder of the project being built; None: that of the working folder.
project_root: ContextVar[Path | None] = ContextVar("project_root", default=None)

#: What is raised for a page that can't be shown: an adapter puts it in its tool's own terms.
complaint: ContextVar[Callable[[ChapterError], Exception]] = ContextVar(
    "complaint", default=lambda error: error
)

#: Who stages the pages when a generator begins; whoever serves them does it its own way.
stager: ContextVar[Callable[..., Staged]] = ContextVar("stager", default=stage)

_executors: dict[Settings, Executor] = {}


def use(chosen: Executor) -> None:
    """Make this one the executor of this process."""
    _executors[chosen.settings] = chosen


def executor(settings: Settings | None = None) -> Executor:
    """The executor of this process, which remembers what it ran."""
    settings = settings or Settings.load(project_root.get())
    return _executors.setdefault(settings, Executor(settings))


class LivedocsExtension(Extension):
    def extendMarkdown(self, md: Markdown) -> None:
        painter = _Painter(md, notes.Notes(md), quiz.Reasons(md))
        md.preprocessors.register(painter, "livedocs", PRIORITY)
        check = _Check(md, painter)
        md.treeprocessors.register(_AtLast(md, check), "livedocs-check", -1)
        # After the attributes of images (8) and before a generator looks for their files (0).
        md.treeprocessors.register(_Drawings(md, painter), "livedocs-drawings", 7)
        md.postprocessors.register(check, "livedocs-check", CHECK_PRIORITY)
        terms = executor().settings.docs / "glosario.yml"
        if terms.is_file():
            tooltips = Tooltips(md, Glossary.load(terms).tooltips(), _way_to_entries)
            md.treeprocessors.register(tooltips, "livedocs-tooltips", 6)  # after inline and toc


def makeExtension(**kwargs) -> LivedocsExtension:
    return LivedocsExtension(**kwargs)


class _Painter(Preprocessor):
    def __init__(self, md: Markdown, on_code: notes.Notes, reasons: quiz.Reasons):
        super().__init__(md)
        self.notes, self.reasons = on_code, reasons
        self.chapter: Chapter | None = None  # the page being converted, once it was understood
        self.with_output: list[str] = []
        self.failed: list[str] = []  # whose failures are shown, and nothing of theirs is folded

    def run(self, lines: list[str]) -> list[str]:
        try:
            return self._paint_all(lines)
        except ChapterError as error:
            if not show_failures.get():
                raise complaint.get()(error) from None
            self.chapter = None
            return [self.stash(errors.render_failure(error.reason, f"{error.path}:{error.line}"))]

    def _paint_all(self, lines: list[str]) -> list[str]:
        self.notes.reset()
        self.reasons.pending.clear()
        self.chapter, self.with_output, self.failed = None, [], []
        if any(_FRAGMENT.fullmatch(line) for line in lines):
            return [self.fragment(line) for line in lines]
        for extension in self.md.registeredExtensions:
            if isinstance(extension, HighlightExtension):  # the check needs to know the languages
                extension.setConfig("pygments_lang_class", True)
        runner = executor()
        root = runner.settings.root
        page = current_page.get()
        # Messages name the file's own lines; the text here has lost its front matter.
        chapter = Chapter.load(page, root) if page else None
        try:
            shown = Chapter.parse("\n".join(lines), "página", root, expand=False)
        except ChapterError as error:
            if chapter is None:
                raise
            before = max(0, len(page.read_text("utf-8-sig").split("\n")) - len(lines))
            raise ChapterError(error.reason, chapter.path, error.line + before) from None
        self.chapter = chapter = chapter or shown
        if not shown.cells and not chapter.cells:
            return lines
        if [cell.code for cell in shown.cells] != [cell.code for cell in chapter.cells]:
            raise ChapterError(
                "los bloques de la página no son los del archivo: ¿lo cambia otra extensión?",
                chapter.path,
                _first_difference(shown, chapter),
            )
        execution = runner.run([chapter])[chapter.path]
        broken = failure(chapter, execution)
        if broken and not show_failures.get():
            raise ChapterError(broken.message, broken.path, broken.line)
        where = f"{broken.path}:{broken.line}" if broken else ""
        results = iter(execution.results)
        marks = iter(getattr(execution, "marks", ()) or [""] * len(execution.results))
        painted, done = [], 0
        for number, (cell, own, block) in enumerate(
            zip(shown.cells, chapter.cells, rendered.names(chapter), strict=True)
        ):
            painted += lines[done : cell.line - 1]
            done = cell.end_line
            html, above_reasons, failed = "", False, False
            if own.executed:
                result, known = next(results), next(marks)
                failed = result.status != OK
                if result.status == WAITING:
                    html = rendered.mark(block, unfinished.WAITING)
                elif result.status == FAILED:
                    html = rendered.mark(block, errors.render_failure(broken.message, where))
                elif result.status == NOT_RUN:
                    html = rendered.mark(block, errors.render_not_run(where))
                else:
                    html, above_reasons, failed = self.paint(
                        own, result.outputs, f"s{number}", chapter, block
                    )
            fold = "" if failed else folds.around_block(cell)
            if cell.gapped:
                painted += _plain_fence(cell, lines, rendered.gapped(block))
            if fold:
                painted += _alone(self.stash(fold), cell)
            painted += _plain_fence(cell, lines, block, fill=True)
            if failed:
                self.failed.append(block)
            if html:
                self.with_output.append(block)
            if html and own.executed and (label := unfinished.label(known)):
                painted += _alone(self.stash(label), cell)
            if above_reasons:
                painted += _alone(self.reasons.announce(html, own), cell)
                painted += lines[done : cell.options.end_line]
                done = cell.options.end_line
                painted += _alone(self.stash(quiz.END), cell)
            elif html:
                painted += _alone(self.stash(html), cell)
            if fold:
                painted += _alone(self.stash(folds.END), cell)
            if own.executed and notes.marks(own.code):
                painted += _alone(self.notes.announce(block), cell)
        return painted + lines[done:]

    def paint(
        self, cell: Cell, found: list[dict], uid: str, chapter: Chapter, block: str
    ) -> tuple[str, bool, bool]:
        """The outputs of a block, marked.

        And whether a quiz's list of reasons goes on from there, and whether it is a failure.
        """
        try:
            painted = paint(cell, found, uid)
            marked = rendered.mark(block, painted) if painted else ""
            if cell.options:
                return quiz.start(cell, found, marked, uid), True, False
            if "predict" in cell.attributes:
                return folds.predicted(cell, found, marked), False, False
            return marked, False, False
        except ValueError as error:
            if not show_failures.get():
                raise ChapterError(str(error), chapter.path, cell.line) from None
            shown = errors.render_failure(str(error), chapter.where(cell))
            return rendered.mark(block, shown), False, True

    def fragment(self, line: str) -> str:
        """A line, or what was painted when the page was staged if it stands for that."""
        match = _FRAGMENT.fullmatch(line)
        if not match:
            return line
        settings = executor().settings
        path = (settings.root / match[1]).resolve()
        inside = path.is_relative_to(settings.build.resolve())
        return self.stash(path.read_text("utf-8")) if inside else line

    def stash(self, html: str) -> str:
        return self.md.htmlStash.store(html)


class _Check(Postprocessor):
    """Compares the converted page with what the painter found in its text."""

    def __init__(self, md: Markdown, painter: _Painter):
        super().__init__(md)
        self.painter = painter
        self.whole = False  # the table of contents runs every postprocessor on each heading

    def run(self, text: str) -> str:
        if not self.whole:
            return text
        self.whole = False
        painter = self.painter
        try:
            if painter.chapter:
                if cell := next(iter(painter.reasons.pending.values()), None):
                    raise ChapterError(
                        "la lista de opciones de este «quiz» no queda, en la página, como una lista justo "
                        "debajo de él; revisá la sangría y lo que la rodea.",
                        painter.chapter.path,
                        cell.line,
                    )
                rendered.check(text, painter.chapter, painter.with_output, painter.failed)
        except ChapterError as error:
            if not show_failures.get():
                raise complaint.get()(error) from None
            where = f"{error.path}:{error.line}"
            text = errors.render_failure(error.reason, where) + text
        return rendered.settle(text)


class _AtLast(Treeprocessor):
    """After all the others: what postprocessors get next is the whole page."""

    def __init__(self, md: Markdown, check: _Check):
        super().__init__(md)
        self.check = check

    def run(self, root: ET.Element) -> None:
        self.check.whole = True


class _Drawings(Treeprocessor):
    """Puts each drawing in the place of the image that asks for it."""

    def __init__(self, md: Markdown, painter: _Painter):
        super().__init__(md)
        self.painter = painter

    def run(self, root: ET.Element) -> None:
        asked = None
        parents = {child: parent for parent in root.iter() for child in parent}
        images = [
            i for i in root.iter("img") if drawings.asked_for(i.get("class", ""), i.get("src", ""))
        ]
        for number, image in enumerate(images, 1):
            chapter = self.painter.chapter
            if chapter is None:  # the page already says what is wrong with it
                return
            try:
                asked = drawings.references(chapter) if asked is None else asked
                html = self._painted(image, parents[image], asked, chapter, f"d{number}")
            except ChapterError as error:
                if not show_failures.get():
                    raise complaint.get()(error) from None
                html = errors.render_failure(error.reason, f"{error.path}:{error.line}")
            place = parents[image]
            place.remove(image)
            place.text = (place.text or "") + self.md.htmlStash.store(html)

    def _painted(
        self, image: ET.Element, around: ET.Element, asked: list, chapter: Chapter, uid: str
    ) -> str:
        this = next((each for each in asked if each.target == image.get("src")), None)
        alone = len(around) == 1 and not any(
            (t or "").strip() for t in (around.text, image.tail, *around.attrib.values())
        )
        if this is None or not alone or around.tag != "p":
            line = this.line if this else 1
            raise ChapterError(drawings.HOW_TO_WRITE, chapter.path, line)
        asked.remove(this)
        path, source = drawings.load(this, chapter, executor().settings.root)
        return drawings.paint(source, this.alt, uid, path.as_posix())


def _way_to_entries() -> str:
    """The page of the glossary, from the one being converted; "" if there is none."""
    page, entries = current_page.get(), executor().settings.docs / "glosario.md"
    if page is None or not entries.is_file():
        return ""
    return Path(os.path.relpath(entries, page.parent)).as_posix()


def paint(cell: Cell, found: list[dict], uid: str) -> str:
    """A cell's outputs as HTML, as its opening fence wants them."""
    return outputs.render(
        found,
        alt=cell.attributes.get("data-alt", ""),
        volatile="volatile" in cell.attributes,
        expected=cell.raises or "",
        uid=uid,
        check="check" in cell.attributes,
    )


def _first_difference(shown: Chapter, chapter: Chapter) -> int:
    """The line of the first block of the file that is not as in the text given to Markdown."""
    for number, cell in enumerate(chapter.cells):
        if number >= len(shown.cells) or shown.cells[number].code != cell.code:
            return cell.line
    return 1


def _alone(line: str, cell: Cell) -> list[str]:
    """A line as a paragraph of its own, where a block is."""
    around = cell.prefix.rstrip()
    return [around, cell.prefix + line, around]


def _plain_fence(cell: Cell, lines: list[str], block: str, fill: bool = False) -> list[str]:
    """The fence's lines with an opening that any highlighter understands; `fill`: its gaps too."""
    opening = lines[cell.line - 1]
    fence = re.match(r"[ \t>]*(`{3,}|~{3,})", opening)[1]
    options = [f"#{block}"]
    options += [
        f'{name}="{cell.attributes[name]}"' for name in ("title", "hl_lines") if name in cell.attributes
    ]
    rest = "\n".join(lines[cell.line : cell.end_line])
    if fill and cell.gapped:
        rest = gaps.fill(rest, cell.attributes["data-gaps"])
    return [f"{cell.prefix}{fence}{{{' '.join(['.python', *options])}}}", *rest.split("\n")]
