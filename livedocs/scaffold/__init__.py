"""New classes and lessons, whole from the start: what they must have, running, with what to write marked.

The pages come from `templates/`. What is for their author to write begins with «Por escribir»;
everything else already builds and passes the tests. Nothing that exists is replaced: the places
of a page that others lead to (the menu, the home page, the class before) get a line more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from string import Template

from livedocs.files import write_if_changed
from livedocs.pages import anatomy, course
from livedocs.pages.chapter import Chapter
from livedocs.pages.words import slug

TEMPLATES = Path(__file__).parent / "templates"
#: How a part begins that its author has still to write.
PENDING = re.compile(r"(?<!«)\bpor escribir\b", re.I)


class ScaffoldError(Exception):
    """Nothing was written, and why, in Spanish."""


@dataclass(frozen=True)
class Made:
    """What was written.

    Attributes:
        files: New files, from the root.
        edited: Files that got a line more, from the root.
        next: What to write first, in order, in Spanish.
    """

    files: tuple[str, ...]
    edited: tuple[str, ...]
    next: tuple[str, ...]


def new_class(root: Path, number: int, title: str) -> Made:
    """Write a class: its pages, its place in the course, its snippets and its attempts.

    Args:
        root: The project.
        number: Of the class, in the programme: 105.
        title: «Redes convolucionales», without its number.

    Raises:
        ScaffoldError: there is such a class, or a place where it has to be named is not found.
    """
    if not 100 <= number <= 999:
        raise ScaffoldError(f"«{number}» no es el número de una clase; va uno de tres cifras, como 105.")
    title = _checked(title)
    nav = course.listed(root / "mkdocs.yml")
    classes = [u for u in course.units(nav, nav) if u.is_class]
    if there := [u for u in classes if _number(u.folder) == number]:
        raise ScaffoldError(f"La clase {number} ya está, en docs/{there[0].folder}/.")
    before = [u for u in classes if _number(u.folder) < number]
    after = [u for u in classes if _number(u.folder) > number]
    if not before:
        raise ScaffoldError(f"No hay ninguna clase antes de la {number}; la primera se agrega a mano.")
    folder = f"{course.CLASSES}/{number}-{slug(title)}"
    quizzes = [_filled("quiz.md", units=units, right=units + 1) for units in range(2, 10)]
    numbers = range(1, anatomy.EXERCISES + 1)
    exercises = [_filled("exercise.md", k=k, units=k + 1) for k in numbers]
    attempts = [_filled("attempt.txt", k=k, units=k + 1).rstrip("\n") for k in numbers]
    half = anatomy.QUIZZES // 2
    says = {"number": number, "title": title, "folder": folder}
    pages = {
        "index.md": {"next": _lead_to(root, after[0].folder) if after else _END},
        "primera-leccion.md": {
            "title": "Primera lección", "slug": "primera-leccion",
            "quizzes": "".join(quizzes[:half]), "exercises": "".join(exercises),
        },
        "homework.md": {}, "errores.md": {},
        "preguntas.md": {"quizzes": "".join(quizzes[half:])},
    }  # fmt: skip
    written = {
        f"docs/{folder}/{name}": _filled(_template(name), **says | more) for name, more in pages.items()
    }
    written[f"snippets/c{number}/__init__.py"] = f'"""Clase {number}."""\n'
    tests = f"tests/exercises/test_exercises_{number}.py"
    written[tests] = _filled("attempts.txt", **says, attempts="".join(attempts))
    home, config = "docs/index.md", "mkdocs.yml"
    edited = {
        config: _after_unit(root / config, before[-1].folder, _menu(number, title, folder)),
        home: _after_card(root / home, before[-1].folder, folder),
        f"docs/{before[-1].index}": _leading(root / "docs" / before[-1].index, folder, number, title),
    }
    _write(root, written, edited)
    return Made(
        tuple(written),
        tuple(edited),
        (
            f"docs/{folder}/index.md: el objetivo y los resultados; de ahí salen las lecciones.",
            f"docs/{folder}/primera-leccion.md: la idea, con su ejemplo y sus ejercicios. Cambiale el nombre "
            "(acá y en «nav»), y sumá las demás con make new LECCION=…",
            f"{home}: qué va a poder hacer quien la termine, en «courses».",
            f"snippets/c{number}/homework.py: el verificador, con «check» y «DEFINES», y su ficha en "
            f"snippets/galeria/c{number}/homework.md.",
            f"{tests}: otras respuestas a los ejercicios, buenas y malas.",
        ),
    )


def new_lesson(root: Path, place: str, title: str) -> Made:
    """Write a lesson in a class or guide that exists, last before its homework or its review.

    Args:
        root: The project.
        place: Its page: `clases/102-sequential/mi-leccion`, with or without `docs/` and `.md`.
        title: The lesson's.

    Raises:
        ScaffoldError: there is such a page, or no such class or guide.
    """
    title = _checked(title)
    uri = place.strip().removeprefix("docs/").removesuffix(".md").strip("/") + ".md"
    folder = course.unit_of(uri)
    if not folder or not (root / "docs" / folder / "index.md").is_file():
        raise ScaffoldError(
            f"«{place}» no está en una clase ni en una guía; va su carpeta y el nombre de la página, "
            "como clases/102-sequential/mi-leccion."
        )
    name = Path(uri).stem
    if name != slug(name):
        raise ScaffoldError(f"«{name}» no sirve de nombre; va en minúsculas, sin acentos y con guiones.")
    if (root / "docs" / uri).exists():
        raise ScaffoldError(f"docs/{uri} ya está; elegí otro nombre.")
    taken = [
        int(heading.anchor.partition("-")[2])
        for page in sorted((root / "docs" / folder).glob("*.md"))
        for heading in Chapter.load(page, root).headings
        if anatomy.is_exercise(heading.anchor)
    ]
    k = max(taken, default=0) + 1
    exercise = _filled("exercise.md", k=k, units=k + 1)
    quiz = _filled("quiz.md", units=5, right=6)
    text = _filled("lesson.md", title=title, slug=name, quizzes=quiz, exercises=exercise)
    written = {f"docs/{uri}": text}
    edited = {"mkdocs.yml": _last_lesson(root / "mkdocs.yml", folder, f"{_quoted(title)}: {uri}")}
    _write(root, written, edited)
    return Made(
        tuple(written),
        tuple(edited),
        (
            f"docs/{uri}: la idea, con su ejemplo; después el ejercicio {k}, al lado de lo que practica.",
            "Otras respuestas a ese ejercicio, en el archivo de la clase de tests/exercises/.",
        ),
    )


_END = "Por escribir: qué leer después. Es la última clase del sitio."


def pending(text: str) -> list[int]:
    """The lines of a page that its author has still to write."""
    return [number for number, line in enumerate(text.split("\n"), 1) if PENDING.search(line)]


def _checked(title: str) -> str:
    title = " ".join(title.split())
    if not title or '"' in title or not slug(title):
        raise ScaffoldError(
            'Falta el título, o lleva comillas inglesas: TITULO="Redes convolucionales".'
        )
    return title


def _number(folder: str) -> int:
    found = re.match(r"\d+", Path(folder).name)
    return int(found[0]) if found else 0


def _template(page: str) -> str:
    return page if (TEMPLATES / page).is_file() else "lesson.md"


def _filled(template: str, **values) -> str:
    return Template((TEMPLATES / template).read_text("utf-8")).substitute(values)


def _lead_to(root: Path, folder: str) -> str:
    title = Chapter.load(root / "docs" / folder / "index.md", root).meta["title"]
    return f"**[{title}](../{Path(folder).name}/index.md).** Por escribir: para qué hace falta."


def _quoted(title: str) -> str:
    """A key of YAML: quoted if it holds what YAML reads otherwise."""
    return title if re.fullmatch(r"[^\W_](?:[\w ,.()]|-(?=\w))*", title) else f'"{title}"'


def _menu(number: int, title: str, folder: str) -> list[str]:
    lines = [f'- "{number} · {title}":', f"    - {folder}/index.md"]
    names = {"Primera lección": "primera-leccion", "Homework": "homework", "Errores comunes": "errores",
             "Preguntas frecuentes": "preguntas", "Repaso": "repaso"}  # fmt: skip
    return lines + [f"    - {words}: {folder}/{name}.md" for words, name in names.items()]


def _listed(config: Path, folder: str) -> tuple[list[str], list[int]]:
    """The lines of the configuration, and which of them list pages of a class or guide."""
    text = config.read_text("utf-8").split("\n")
    inside = [n for n, line in enumerate(text) if re.search(rf"[ \"']{re.escape(folder)}/", line)]
    if not inside or inside[0] == 0:
        raise ScaffoldError(f"{config.name}: «nav» no lista {folder}; agregala, y probá de nuevo.")
    return text, inside


def _after_unit(config: Path, folder: str, lines: list[str]) -> str:
    """The configuration with lines after those of a class, as deep in the menu as it is."""
    text, inside = _listed(config, folder)
    head = text[inside[0] - 1]
    margin = head[: len(head) - len(head.lstrip())]
    text[inside[-1] + 1 : inside[-1] + 1] = [margin + line for line in lines]
    return "\n".join(text)


def _last_lesson(config: Path, folder: str, entry: str) -> str:
    """The configuration with an entry after the lessons of a class or guide."""
    text, inside = _listed(config, folder)
    last = {f"{folder}/{name}" for name in (*anatomy.CLASS_PAGES, "repaso.md")}
    at = next((n for n in inside if any(uri in text[n] for uri in last)), inside[-1] + 1)
    margin = re.match(r" *", text[inside[-1]])[0]
    text.insert(at, f"{margin}- {entry}")
    return "\n".join(text)


def _after_card(home: Path, before: str, folder: str) -> str:
    """The home page with a card after the one of the class before."""
    text = home.read_text("utf-8")
    card = re.search(rf"^( *)- page: {re.escape(before)}\n(?:\1 .*\n)+", text, re.M)
    if not card:
        raise ScaffoldError(
            f"docs/{home.name}: en «courses» no está {before}; agregala, y probá de nuevo."
        )
    what = "Por escribir, qué va a poder hacer quien la termine."
    entry = f"{card[1]}- page: {folder}\n{card[1]}  what: {what}\n"
    return text[: card.end()] + entry + text[card.end() :]


def _leading(index: Path, folder: str, number: int, title: str) -> str:
    """The first page of the class before, that leads to this one."""
    text = index.read_text("utf-8")
    found = re.search(r"^## .*\{ #siguiente \}\n\n?", text, re.M)
    if not found:
        raise ScaffoldError(f"{index.name}: le falta la sección «Siguiente clase»; agregala.")
    link = (
        f"**[Clase {number} — {title}](../{Path(folder).name}/index.md).** Por escribir: cómo sigue.\n\n"
    )
    return text[: found.end()] + link + text[found.end() :]


def _write(root: Path, written: dict[str, str], edited: dict[str, str]) -> None:
    """All the files, or none: what is new goes away if something can't be written."""
    if there := [name for name in written if (root / name).exists()]:
        raise ScaffoldError(f"{there[0]} ya está; no se tocó nada. Borralo, o elegí otro nombre.")
    before = {name: (root / name).read_bytes() for name in edited}
    made: list[Path] = []
    try:
        for name, text in written.items():
            made += [p for p in (root / name).parents if not p.exists()]
            made.append(root / name)
            write_if_changed(root / name, text.encode())
        for name, text in edited.items():
            write_if_changed(root / name, text.encode())
    except OSError as error:
        for name, data in before.items():
            if (root / name).read_bytes() != data:
                (root / name).write_bytes(data)
        for path in sorted(made, key=lambda p: len(p.parts), reverse=True):
            if path.is_dir():
                path.rmdir()
            else:
                path.unlink(missing_ok=True)
        raise ScaffoldError(
            f"No se pudo escribir en {root} ({error.strerror or error}); no se tocó nada."
        ) from None
