"""What a reader may take away, as the page «Para llevarse» lists it: only what there is."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from pathlib import Path

from livedocs.derived import notebook
from livedocs.pages.chapter import SNIPPETS_FOLDER

#: Name of the course as a zip, and of the folder that is in it.
COURSE = "keras-en-vivo"
#: Where the zip and the PDFs are, from the root of the site.
FOLDER = "descargas"

#: Where each part goes in the page that asks for it with `downloads: true`.
ZIP_PLACEHOLDER = "<!-- descargas: zip -->"
TABLE_PLACEHOLDER = "<!-- descargas: tabla -->"
SNIPPETS_PLACEHOLDER = "<!-- descargas: snippets -->"
#: Sizes follow those of the outputs, some of which are never twice the same.
_CHANGING = "data-volatile data-search-exclude"


@dataclass(frozen=True)
class Download:
    """A file of the site.

    Attributes:
        uri: Where it is, from the root of the site.
        bytes: Its size.
    """

    uri: str
    bytes: int

    @property
    def size(self) -> str:
        """Its size in kB or MB (powers of 1000), as it is written in Spanish: «3,4 MB»."""
        if self.bytes < 999_500:
            return f"{max(1, round(self.bytes / 1000))} kB"
        return f"{self.bytes / 1e6:.1f} MB".replace(".", ",")


@dataclass
class Lesson:
    """What there is of a lesson: its page (an address from `docs/`) and its notebooks."""

    title: str
    page: str
    done: Download
    todo: Download


@dataclass
class Group:
    """Lessons that go together: a class or a guide, or a page by itself.

    Attributes:
        title: What it is called.
        page: Its first page, an address from `docs/`.
        lessons: In order.
        pdf: All of it on paper.
    """

    title: str
    page: str
    lessons: list[Lesson] = field(default_factory=list)
    pdf: Download | None = None


@dataclass
class Downloads:
    """What this build of the site offers.

    Attributes:
        local: Whether it is the copy that goes into the zip.
        course: The zip.
        groups: In the order of the course, by the name of the class, guide or page.
        snippets: The files of code.
        pdfs: Those of the groups, by name.
    """

    local: bool = False
    course: Download | None = None
    groups: dict[str, Group] = field(default_factory=dict)
    snippets: list[Download] = field(default_factory=list)
    pdfs: dict[str, Download] = field(default_factory=dict)

    def fill(self, markdown: str) -> str:
        """A page's Markdown with what there is instead of each placeholder."""
        for placeholder, part in self.parts().items():
            markdown = markdown.replace(placeholder, part)
        return markdown

    def parts(self) -> dict[str, str]:
        """What there is, in Markdown, by the placeholder in whose place it goes."""
        return {
            ZIP_PLACEHOLDER: self._zip(),
            TABLE_PLACEHOLDER: self._table(),
            SNIPPETS_PLACEHOLDER: self._snippets(),
        }

    def _zip(self) -> str:
        if self.local:
            return (
                "Es la copia que estás leyendo. Los notebooks ya están en la carpeta "
                f"`{notebook.DOWNLOADS}`, y el código, en `{SNIPPETS_FOLDER}`: abrilos desde ahí. "
                "Si tocás un enlace a uno, tu navegador puede mostrarlo como texto en vez de guardarlo."
            )
        if self.course:
            text = f"Bajar el zip ({self.course.size})"
            return f"[{text}]({self.course.uri}){{ .md-button download {_CHANGING} }}"
        return (
            "Esta copia del sitio se hizo sin el zip y sin los PDF. Con el repositorio, "
            "`make site` los hace y esta página los enlaza."
        )

    def _table(self) -> str:
        parts = []
        for group in filter(lambda group: group.lessons, self.groups.values()):
            parts.append(f"**[{_literal(group.title)}]({group.page})**")
            if group.pdf:
                parts[-1] += f" · {_link(group.pdf, f'{group.title}: PDF', 'todo en un PDF, ')}"
            rows = ["| Página | Ejecutado | Para completar |", "| --- | --- | --- |"]
            for lesson in group.lessons:
                done = _link(lesson.done, f"{lesson.title}: notebook ejecutado")
                todo = _link(lesson.todo, f"{lesson.title}: notebook para completar")
                rows.append(f"| [{_literal(lesson.title)}]({lesson.page}) | {done} | {todo} |")
            parts.append("\n".join(rows))
        if not any(group.pdf for group in self.groups.values()):
            where = "No vienen en el zip" if self.local else "Esta copia del sitio no los trae"
            parts.append(f"¿Y los PDF? {where}: se bajan del sitio publicado.")
        return "\n\n".join(parts)

    def _snippets(self) -> str:
        return "\n".join(
            f"- [`{snippet.uri}`]({snippet.uri}){{ download }}, {snippet.size}"
            for snippet in self.snippets
            if not snippet.uri.endswith("/__init__.py")
        )


def find(folder: Path | None) -> dict[str, Path]:
    """The zip and the PDFs that were made for a build, by path in the folder; none without one.

    Raises:
        ValueError: the folder has no zip, in Spanish.
    """
    if folder is None:
        return {}
    if not (folder / f"{COURSE}.zip").is_file():
        raise ValueError(
            f"LIVEDOCS_DOWNLOADS={folder}: ahí no está {COURSE}.zip. "
            f"Hacelo con «python -m livedocs downloads {folder}»."
        )
    found = [path for path in sorted(folder.rglob("*")) if path.suffix in (".zip", ".pdf")]
    return {path.relative_to(folder).as_posix(): path for path in found}


def _literal(text: str) -> str:
    """A title in a cell of a table, where `__init__` would be letters in bold."""
    return html.escape(text).replace("|", "").replace("_", "&#95;").replace("*", "&#42;")


def _link(download: Download, name: str, before: str = "") -> str:
    said = _literal(f"{name}, {download.size}")
    return f'[{before}{download.size}]({download.uri}){{ download {_CHANGING} aria-label="{said}" }}'
