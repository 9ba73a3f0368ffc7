"""Python-Markdown extension: the outputs of each block, painted below it.

It runs after the page's text was normalised (priority 30, which would drop what is stashed
before it) and includes were expanded (32), and before SuperFences (25) takes the fences.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from contextvars import ContextVar
from pathlib import Path

from markdown import Extension, Markdown
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from livedocs.execution.executor import FAILED, NOT_RUN, OK, Executor, failure
from livedocs.pages import notes
from livedocs.pages.chapter import Cell, Chapter, ChapterError
from livedocs.pages.glossary import Glossary
from livedocs.rendering import outputs, quiz
from livedocs.settings import Settings
from livedocs.staging import FRAGMENT

PRIORITY = 28

#: The page being converted; an adapter that knows it sets it, for messages with file and line.
current_page: ContextVar[Path | None] = ContextVar("current_page", default=None)

#: Whether a failure is painted on the page (while serving) or raised (everywhere else).
show_failures: ContextVar[bool] = ContextVar("show_failures", default=False)

_executors: dict[Settings, Executor] = {}


def executor(root: Path | None = None) -> Executor:
    """The executor of this process for a project, which remembers what it ran."""
    settings = Settings.load(root)
    return _executors.setdefault(settings, Executor(settings))


class LivedocsExtension(Extension):
    def extendMarkdown(self, md: Markdown) -> None:
        md.preprocessors.register(_Painter(md, notes.Notes(md)), "livedocs", PRIORITY)
        terms = executor().settings.docs / "glosario.yml"
        if terms.is_file():
            tooltips = _Tooltips(md, Glossary.load(terms).tooltips())
            md.treeprocessors.register(tooltips, "livedocs-tooltips", 6)  # after inline and toc


def makeExtension(**kwargs) -> LivedocsExtension:
    return LivedocsExtension(**kwargs)


class _Painter(Preprocessor):
    def __init__(self, md: Markdown, on_code: notes.Notes):
        super().__init__(md)
        self.notes = on_code

    def run(self, lines: list[str]) -> list[str]:
        self.notes.reset()
        runner = executor()
        root = runner.settings.root
        if fragment := _fragment(lines, root):
            return [self.stash(fragment)]
        page = current_page.get()
        try:
            # Messages name the file's own lines; the text here has lost its front matter.
            chapter = Chapter.load(page, root) if page else None
            name = page.name if page else "página"
            shown = Chapter.parse("\n".join(lines), name, root, expand=False)
            chapter = chapter or shown
        except ChapterError as error:
            if not show_failures.get():
                raise
            return [self.stash(outputs.render_failure(error.reason, f"{error.path}:{error.line}"))]
        if not shown.cells:
            return lines
        if [cell.code for cell in shown.cells] != [cell.code for cell in chapter.cells]:
            raise ChapterError(
                "los bloques de la página no son los del archivo: ¿lo cambia otra extensión?",
                chapter.path,
                1,
            )
        execution = runner.run([chapter])[chapter.path]
        broken = failure(chapter, execution)
        if broken and not show_failures.get():
            raise ChapterError(broken.message, broken.path, broken.line)
        where = f"{broken.path}:{broken.line}" if broken else ""
        results = iter(execution.results)
        painted, done, count = [], 0, 0
        for number, (cell, own) in enumerate(zip(shown.cells, chapter.cells, strict=True)):
            painted += lines[done : cell.line - 1]
            count += own.executed
            painted += _plain_fence(cell, lines, f"b{count}" if own.executed else "")
            done = cell.end_line
            html = ""
            if own.executed:
                result = next(results)
                if result.status == FAILED:
                    html = outputs.render_failure(broken.message, where)
                elif result.status == NOT_RUN:
                    html = outputs.render_not_run(where)
                elif result.status == OK:
                    html = self.paint(own, result.outputs, f"s{number}", chapter)
            if html:
                around = cell.prefix.rstrip()
                painted += [around, cell.prefix + self.stash(html), around]
            if own.executed and notes.marks(own.code):
                around = cell.prefix.rstrip()
                painted += [around, cell.prefix + self.notes.announce(f"b{count}"), around]
        return painted + lines[done:]

    def paint(self, cell: Cell, found: list[dict], uid: str, chapter: Chapter) -> str:
        painted = paint(cell, found, uid)
        if "quiz" not in cell.attributes:
            return painted
        try:
            return quiz.render(cell, found, painted, uid)
        except ValueError as error:
            if not show_failures.get():
                raise ChapterError(str(error), chapter.path, cell.line) from None
            return outputs.render_failure(str(error), chapter.where(cell))

    def stash(self, html: str) -> str:
        return self.md.htmlStash.store(html)


def _fragment(lines: list[str], root: Path) -> str:
    """The content of a page that was painted when it was staged; "" if it is not one."""
    text = "\n".join(lines).strip()
    if not (match := re.fullmatch(FRAGMENT.format("(.+)"), text)):
        return ""
    path, build = (root / match[1]).resolve(), Settings(root).build.resolve()
    return path.read_text("utf-8") if path.is_relative_to(build) else ""


class _Tooltips(Treeprocessor):
    """Explains each term of the glossary where the page's running text first uses it."""

    OPAQUE = frozenset(["code", "pre", "a", "abbr", "summary", "h1", "h2", "h3", "h4", "h5", "h6"])

    def __init__(self, md: Markdown, tooltips: dict[str, str]):
        super().__init__(md)
        self.tooltips = tooltips
        names = sorted(map(re.escape, tooltips), key=len, reverse=True)
        self.words = re.compile(rf"(?<![\w-])(?:{'|'.join(names)})(?![\w-])", re.I)

    def run(self, root: ET.Element) -> None:
        self._explain(root, dict(self.tooltips))

    def _explain(self, element: ET.Element, pending: dict[str, str]) -> None:
        if element.tag in self.OPAQUE:
            return
        found, element.text = self._split(element.text, pending)
        for place, abbr in enumerate(found):
            element.insert(place, abbr)
        for child in list(element)[len(found) :]:
            self._explain(child, pending)
            found, child.tail = self._split(child.tail, pending)
            place = list(element).index(child) + 1
            for offset, abbr in enumerate(found):
                element.insert(place + offset, abbr)

    def _split(self, text: str | None, pending: dict[str, str]) -> tuple[list[ET.Element], str | None]:
        """The terms explained in a piece of text, and what comes before the first."""
        if not text or isinstance(text, AtomicString):
            return [], text
        found: list[ET.Element] = []
        before, end = text, 0
        for match in self.words.finditer(text):
            meaning = pending.pop(match[0].lower(), None)
            if meaning is None:
                continue
            between = text[end : match.start()]
            if found:
                found[-1].tail = between
            else:
                before = between
            abbr = ET.Element("abbr", title=meaning)
            abbr.text = AtomicString(match[0])
            found.append(abbr)
            end = match.end()
        if found:
            found[-1].tail = text[end:]
        return found, before


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


def _plain_fence(cell: Cell, lines: list[str], block: str) -> list[str]:
    """The fence's lines with an opening that any highlighter understands."""
    opening = lines[cell.line - 1]
    fence = re.match(r"[ \t>]*(`{3,}|~{3,})", opening)[1]
    options = [f"#{block}"] if block else []
    options += [
        f'{name}="{cell.attributes[name]}"' for name in ("title", "hl_lines") if name in cell.attributes
    ]
    return [
        f"{cell.prefix}{fence}{{{' '.join(['.python', *options])}}}",
        *lines[cell.line : cell.end_line],
    ]
