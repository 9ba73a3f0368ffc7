"""A page with all the quizzes of a folder of lessons, to go over them: made, never written.

Each is shown as on its own page, with what came of executing that one: nothing runs again.
"""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from nbconvert.filters import markdown2html
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from livedocs.derived.promises import links_of
from livedocs.execution.results import OK, Execution
from livedocs.pages import anatomy
from livedocs.pages.chapter import Cell, Chapter
from livedocs.pages.words import without_html
from livedocs.rendering import outputs, quiz

#: What the page is called, in the folder of the lessons.
NAME = "repaso.md"
#: Where a painted link keeps its address until finishing: a generator may take an `href` of its own
#: accord as written for the file of the page, not for its address.
HELD_LINK = "data-kv-href"

_LINK = re.compile(r'<a href="(?P<target>[^"]*)"')
_LINKED = re.compile(r"\[(?P<text>[^\]]*)\]\([^)]*\)")


@dataclass(frozen=True)
class Question:
    """A quiz and where it comes from.

    Attributes:
        title: The page's title and the section's, for a heading.
        target: The section, as a link from the review: "primer-modelo.md#capas".
        page: Where the quiz is, as an address from `docs/`.
        cell: The block.
        outputs: What it gave.
    """

    title: str
    target: str
    page: str
    cell: Cell
    outputs: list[dict]


@dataclass(frozen=True)
class Review:
    """The quizzes of a folder of lessons.

    Attributes:
        page: Where the review goes, as an address from `docs/`: "clases/102-sequential/repaso.md".
        of: The title of the class or guide.
        questions: Its quizzes, page by page.
        provenance: That of the pages that have one, their blocks and seconds together.
    """

    page: str
    of: str
    questions: tuple[Question, ...]
    provenance: dict

    @property
    def head(self) -> dict:
        """The page's front matter."""
        return {
            "title": f"Repaso: {self.of}",
            "description": f"Todas las preguntas «¿Qué imprime?» de {self.of}, para repasar.",
            "search": {"exclude": True},
            "provenance": self.provenance,
        }

    def body(self, fragment: Callable[[int], str]) -> str:
        """The page, in Markdown.

        Args:
            fragment: The line that stands for the painted question of a number, counted from 1.
        """
        count = len(self.questions)
        asked = "La única pregunta" if count == 1 else f"Las {count} preguntas"
        parts = [
            f"# Repaso: todas las preguntas de {without_html(self.of)} {{ #repaso }}",
            f"{asked} «¿Qué imprime?» de estas páginas. Cada título lleva a la sección de la que sale: "
            "ahí está el código que viene antes.",
        ]
        for number, question in enumerate(self.questions, 1):
            title = without_html(question.title)
            parts.append(f"## [{title}]({question.target}) {{ #pregunta-{number} }}")
            parts.append(fragment(number))
        return "\n\n".join(parts) + "\n"

    def painted(self, address: Callable[[str], str]) -> list[str]:
        """Each question, as HTML whose links wait for finishing as :data:`HELD_LINK`.

        Args:
            address: Where the site has a page of `docs/`.
        """
        return [
            _paint(question, f"r{number}", self._links(question, address))
            for number, question in enumerate(self.questions, 1)
        ]

    def promise(self, url: str, painted: list[str], body: str) -> dict:
        """The manifest's entry: what the site must hold of the page.

        Args:
            url: Its address.
            painted: What `painted` gave.
            body: What `body` gave.
        """
        return {
            "url": url,
            "anchors": ["repaso", *(f"pregunta-{n}" for n in range(1, len(painted) + 1))],
            "outputs": {}, "blocks": 0,
            "links": sorted(links_of(body, self.page)),
            "painted": sum(text.count('class="kv-output') for text in painted),
            "quizzes": len(painted),
        }  # fmt: skip

    def _links(self, question: Question, address: Callable[[str], str]) -> Callable[[re.Match], str]:
        """Turns the links of a page's Markdown into those that lead there from the review."""
        here = address(self.page)

        def link(match: re.Match) -> str:
            target = html.unescape(match["target"])
            if re.match(r"[a-z]+:", target):
                return match[0]
            path, _, anchor = target.partition("#")
            uri = posixpath.join(posixpath.dirname(question.page), path) if path else question.page
            uri = posixpath.normpath(uri)
            there = address(uri) if uri.endswith(".md") else uri
            start = here if here.endswith("/") else posixpath.dirname(here)
            found = posixpath.relpath(there or ".", start or ".")
            found += "/" if there.endswith("/") or not there else ""
            found += f"#{anchor}" if anchor else ""
            return f'<a {HELD_LINK}="{html.escape(found)}"'

        return link


def reviews(chapters: Iterable[Chapter], executions: dict[str, Execution]) -> list[Review]:
    """The review of each folder of lessons that has a quiz.

    Args:
        chapters: The pages, in the order in which they are read.
        executions: What came of them, by path; pages that failed are left out.
    """
    folders: dict[str, list[Chapter]] = {}
    for chapter in chapters:
        if anatomy.in_lessons(chapter):
            folders.setdefault(posixpath.dirname(chapter.source), []).append(chapter)
    found = []
    for folder, pages in folders.items():
        questions = [question for page in pages for question in _questions(page, executions[page.path])]
        if questions:
            index = next((page for page in pages if page.source == f"{folder}/index.md"), None)
            of = _title(index) if index else posixpath.basename(folder)
            asking = {question.page for question in questions}
            origins = [executions[page.path].provenance for page in pages if page.source in asking]
            provenance = origins[0] | {
                key: sum(origin[key] for origin in origins) for key in ("blocks", "seconds")
            }
            found.append(Review(f"{folder}/{NAME}", of, tuple(questions), provenance))
    return found


def _questions(chapter: Chapter, execution: Execution) -> list[Question]:
    found = []
    for cell, result in zip(chapter.executed_cells, execution.results, strict=True):
        if not cell.options or result.status != OK:
            continue
        try:
            quiz.answer(cell, result.outputs)
        except ValueError:  # its page says so
            continue
        above = [h for h in chapter.headings if h.line < cell.line and h.level > 1]
        section = next((h for h in reversed(above) if h.anchor), None)
        title, target = _title(chapter), posixpath.basename(chapter.source)
        if section:
            title = f"{title} · {_unlinked(section.title)}"
            target = f"{target}#{section.anchor}"
        found.append(Question(title, target, chapter.source, cell, result.outputs))
    return found


def _title(chapter: Chapter) -> str:
    heading = next((h.title for h in chapter.headings if h.level == 1), chapter.name)
    return chapter.meta.get("title") or _unlinked(heading)


def _unlinked(title: str) -> str:
    """A heading that can be a link itself."""
    return _LINKED.sub(r"\g<text>", title)


def _paint(question: Question, uid: str, link: Callable[[re.Match], str]) -> str:
    cell = question.cell
    code = highlight(
        cell.code.strip("\n"), PythonLexer(), HtmlFormatter(cssclass="highlight", wrapcode=True)
    )
    painted = outputs.render(question.outputs, alt=cell.attributes.get("data-alt", ""), uid=uid)
    reasons = "\n".join(f"<li>{_reason(option, link)}</li>" for option in cell.options)
    return "\n".join(
        [
            code,
            quiz.start(cell, question.outputs, painted, uid),
            f'<ul class="{quiz.REASONS}">\n{reasons}\n</ul>',
            quiz.END,
        ]
    )


def _reason(option, link: Callable[[re.Match], str]) -> str:
    why = markdown2html(option.why).strip().removeprefix("<p>").removesuffix("</p>")
    return f"<code>{html.escape(option.text)}</code>: {_LINK.sub(link, why)}"
