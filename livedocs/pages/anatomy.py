"""What the course is made of: the parts of a class, of a guide and of the page of an error.

What is written in each page is judged in :mod:`livedocs.pages.writing`; here, which pages and parts
there must be, and whether the classes and guides are whole.
"""

from __future__ import annotations

import itertools
import re
from pathlib import Path, PurePosixPath

from livedocs.pages import course
from livedocs.pages.chapter import Chapter, Prose

#: Where the first page of a class or guide lists its lessons; filled when staging.
LESSONS = "<!-- lecciones -->"
#: The parts of the first page of a class and of a guide, in order, by their anchors.
CLASS_INDEX = {
    "objetivo": "Objetivo", "resultados": "Resultados de aprendizaje", "requisitos": "Antes de empezar",
    "lecciones": "Lecciones", "puntos-clave": "Puntos clave", "referencias": "Referencias",
    "siguiente": "Siguiente clase",
}  # fmt: skip
GUIDE_INDEX = {
    "objetivo": "Objetivo", "requisitos": "Antes de empezar", "lecciones": "Lecciones",
    "referencias": "Referencias", "siguiente": "Cómo seguir",
}  # fmt: skip
#: What a class has besides its lessons, and the anchor of each.
CLASS_PAGES = {"homework.md": "homework", "errores.md": "errores", "preguntas.md": "faq"}
CLASS_KEYS = ("title", "description", "part", "source")
LESSON_KEYS = ("title", "description")
#: The folder of the atlas: one page per error, and an index.
ATLAS = "errores"
#: The parts of the page of an error, in order, by their anchors.
ERROR_PARTS = {
    "que-quiere-decir": "Qué quiere decir", "por-que": "Por qué pasa", "correccion": "La corrección",
    "comprobarlo": "Cómo saber que quedó bien", "donde": "Dónde se enseña",
}  # fmt: skip
#: The optional part with the wordings of other versions, each in a fence of text.
OLDER = "otras-versiones"
#: When an error meets its reader, in the order of a program, and what readers are told of it.
MOMENTS = {
    "preparar": "Al preparar los datos y el entorno", "construir": "Al construir", "compilar": "Al compilar",
    "entrenar": "Al entrenar", "medir": "Al evaluar y predecir", "guardar": "Al guardar",
    "cargar": "Al cargar",
}  # fmt: skip
#: How many a class has at least, and a guide.
EXERCISES, GUIDE_EXERCISES = 5, 2
QUIZZES, GUIDE_QUIZZES = 8, 5


def in_lessons(chapter: Chapter) -> bool:
    """Whether a page is in a folder of lessons: a class, a guide or «Empezá acá»."""
    return bool(course.unit_of(chapter.source))


def is_error(chapter: Chapter) -> bool:
    """Whether a page is that of one error, in the atlas."""
    path = PurePosixPath(chapter.source)
    return path.parent.as_posix() == ATLAS and path.name != "index.md"


def of_the_course(chapters: list[Chapter], nav: list[str]) -> list[str]:
    """What is to mend in the classes and guides as wholes, each with file, line and what to do.

    Args:
        chapters: Every page.
        nav: The pages that the site's menu lists, from `docs/`, in order.
    """
    by_source = {chapter.source: chapter for chapter in chapters}
    units = course.units(nav, list(by_source))
    found = []
    for chapter in chapters:
        folder = course.unit_of(chapter.source)
        if folder and f"{folder}/index.md" not in by_source:
            found.append(f"{chapter.path}:1: a su carpeta le falta «index.md», la portada.")
        if folder and chapter.source not in nav:
            found.append(f"{chapter.path}:1: no está en el menú; agregala en «nav» de mkdocs.yml.")
    for unit in units:
        index = by_source[unit.index]
        pages = [by_source[uri] for uri in unit.pages]
        named = {Path(uri).name: by_source[uri] for uri in unit.pages}
        for name, anchor in CLASS_PAGES.items() if unit.is_class else ():
            if name not in named:
                found.append(f"{index.path}:1: a la clase le falta {name}.")
            elif anchor not in {h.anchor for h in named[name].headings}:
                found.append(f"{named[name].path}:1: le falta el título con el ancla {{ #{anchor} }}.")
        exercises = [h.anchor for page in pages for h in page.headings if is_exercise(h.anchor)]
        wanted = EXERCISES if unit.is_class else GUIDE_EXERCISES
        if len(exercises) < wanted:
            found.append(
                f"{index.path}:1: lleva {wanted} ejercicios o más, cada uno en la lección que "
                f"practica («## … {{ #ejercicio-1 }}»); hay {len(exercises)}."
            )
        for anchor in {a for a in exercises if exercises.count(a) > 1}:
            found.append(
                f"{index.path}:1: hay dos ejercicios con el ancla {anchor}; numeralos de corrido."
            )
        quizzes = sum("quiz" in cell.attributes for page in pages for cell in page.cells)
        wanted = QUIZZES if unit.is_class else GUIDE_QUIZZES
        if quizzes < wanted:
            found.append(f"{index.path}:1: lleva {wanted} preguntas (quiz) o más; hay {quizzes}.")
    home = by_source.get("index.md")
    found += unlisted([by_source[unit.index] for unit in units], home) if home else []
    return found + without_a_way_in([by_source[unit.index] for unit in units if unit.is_class])


def unlisted(indexes: list[Chapter], home: Chapter) -> list[str]:
    """The classes and guides that the home page has no card of, each with what to do."""
    listed = {entry.get("page") for entry in home.meta.get("courses", ()) if isinstance(entry, dict)}
    return [
        f"{chapter.path}:1: no está entre las clases del inicio; agregala en «courses», en la cabecera "
        f"de {home.path}: «page: {chapter.name}» y «what», qué vas a poder hacer."
        for chapter in indexes
        if chapter.name not in listed
    ]


def without_a_way_in(indexes: list[Chapter]) -> list[str]:
    """The classes to which the class before does not lead, each with what to do."""
    found = []
    for before, chapter in itertools.pairwise(indexes):
        text = "\n".join(part.text for part in before.parts if isinstance(part, Prose))
        at = text.rfind("{ #siguiente }")
        name = Path(chapter.path).parent.name
        if at >= 0 and f"{name}/index.md" not in text[at:]:
            line = next((h.line for h in before.headings if h.anchor == "siguiente"), 1)
            found.append(
                f"{before.path}:{line}: la siguiente clase es {name} y acá no hay un enlace que lleve "
                "a ella."
            )
    return found


def is_exercise(anchor: str) -> bool:
    return bool(re.fullmatch(r"ejercicio-\d+", anchor))
