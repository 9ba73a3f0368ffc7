"""The gallery of snippets: `docs/snippets.md`, made of the code and of a card for each file.

The code is in `snippets/c*/`; the card of `c103/res_block.py`, in `galeria/c103/res_block.md`:
a title, what each piece does, its tags, and below them an example as on any page. Where a
piece is taught is found in the pages. Nobody commits the page: staging writes it.
"""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import markdown
import yaml

from livedocs.derived import taught
from livedocs.files import write_if_changed
from livedocs.kept import Kept, folder_digest
from livedocs.pages import syntax
from livedocs.pages.chapter import SNIPPETS_FOLDER, Chapter, ChapterError
from livedocs.pages.words import plain
from livedocs.settings import Settings

PAGE = "snippets.md"
CARDS = f"{SNIPPETS_FOLDER}/galeria"
TAGS = f"{CARDS}/etiquetas.yml"

#: Where the files are published, from the root of the site.
DOWNLOADS = "snippets/archivos"

#: A longer file is folded, and left out of the search: its class is what somebody looks for.
SHOWN_LINES = 120
EXAMPLE_LINES = 12
#: As many as the style sheet can choose (`.kv-gallery`).
MAX_TAGS = 20

HEADER = """\
---
title: Snippets
description: Capas, modelos, pérdidas, métricas y verificadores para copiar o descargar, cada uno con un ejemplo ejecutado.
search:
  boost: 0.4
---

# Snippets { #snippets }

Código de las clases para llevarte: copialo entero, con sus `import`, o descargá el archivo. Corre con Keras y NumPy, sin nada de este sitio. Debajo de cada uno hay un ejemplo con lo que imprimió.

Los datos de los ejemplos son inventados. Muestran que la pieza anda, no cuánto mejora un modelo: eso se mide en la clase que la enseña.

## Elegir { #elegir }
"""


class GalleryError(Exception):
    """What keeps the gallery from being made.

    Args:
        problems: What is wrong and what to do, in Spanish, each with its file and line.
    """

    def __init__(self, problems: Iterable[str]):
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True)
class Piece:
    """A public class or function: what it does, in a line of Markdown, and its tags."""

    name: str
    what: str
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """A file of code and its card.

    Attributes:
        path: From `snippets/`, as includes name it: `c103/res_block.py`.
        title: What the entry is called, in Markdown.
        pieces: In the order of the file; the first decides in which part of the page it goes.
        example: The body of the card, in Markdown.
        lines: How long the file is.
        lessons: Links, in Markdown, to where pages include it.
    """

    path: str
    title: str
    pieces: tuple[Piece, ...]
    example: str
    lines: int
    lessons: tuple[str, ...]

    @property
    def anchor(self) -> str:
        return _anchor(self.path.removesuffix(".py"))


@dataclass(frozen=True)
class Tags:
    """The vocabulary, by question. The first question, what a piece is, has a title for each answer."""

    groups: dict[str, list[str]]
    titles: dict[str, str]

    @property
    def names(self) -> list[str]:
        return [name for group in self.groups.values() for name in group]


def sources(root: Path) -> list[Path]:
    """The files of the gallery: those of `snippets/c*/` whose name has no leading underscore."""
    return sorted(p for p in (root / SNIPPETS_FOLDER).glob("c*/*.py") if not p.name.startswith("_"))


def render(root: Path, lessons: dict[str, list[str]] | None = None) -> str:
    """The page, in Markdown.

    Args:
        lessons: Where each file is taught, as `taught.links` has it; None: it is looked for.

    Raises:
        GalleryError: a file without a card or a card without a file, a public piece that its
            card does not describe, a tag that is not in the vocabulary, an example that is
            missing or too long.
    """
    tags = _tags(root)
    lessons = taught.links(root, PAGE) if lessons is None else lessons
    entries, problems = [], _orphans(root)
    for source in sources(root):
        try:
            entries.append(_entry(source, root, tags, lessons))
        except GalleryError as error:
            problems += error.problems
    if problems:
        raise GalleryError(problems)
    parts = {kind: [e for e in entries if kind in e.pieces[0].tags] for kind in tags.titles}
    text = [HEADER, _index([entry for part in parts.values() for entry in part], tags)]
    for kind, part in parts.items():
        if part:
            text += [f"## {tags.titles[kind]} {{ #{_anchor(kind)} }}\n", *map(_show, part)]
    return "\n".join(text)


def write(settings: Settings, kept: Kept | None = None) -> Path | None:
    """Write the page where it can be parsed and executed; None if there is nothing to show.

    Args:
        kept: What was read and written the time before.

    Raises:
        GalleryError: as `render`.
    """
    if not sources(settings.root):
        return None
    page, kept = settings.build / "generated" / PAGE, kept or Kept()
    lessons = taught.links(settings.root, PAGE, kept)
    key = "gallery", folder_digest(settings.root / SNIPPETS_FOLDER), repr(lessons)
    write_if_changed(page, kept.of(key, lambda: render(settings.root, lessons)).encode())
    return page


def where(settings: Settings, told: str) -> str:
    """A message about a line of the written page, about the line of the card that it came from."""
    match = re.match(
        rf"(?:docs|{re.escape(settings.build.name)}/generated)/{re.escape(PAGE)}:(\d+): ", told
    )
    if not match:
        return told
    lines = (settings.build / "generated" / PAGE).read_text("utf-8").splitlines()
    number = int(match[1])
    for card in sorted((settings.root / CARDS).rglob("*.md")):
        example = _example(Chapter.load(card, settings.root), card)
        rows = example.splitlines()
        for start in range(max(0, number - len(rows)), min(number, len(lines))):
            if lines[start : start + len(rows)] == rows:
                text = card.read_text("utf-8-sig")
                first = text.count("\n", 0, text.index(example))
                place = f"{card.relative_to(settings.root).as_posix()}:{first + number - start}"
                return f"{place}: {told[match.end() :]}"
    return told


# Reading ------------------------------------------------------------------------------


def _tags(root: Path) -> Tags:
    try:
        found = yaml.safe_load((root / TAGS).read_text("utf-8"))
    except FileNotFoundError:
        raise GalleryError([f"{TAGS}:1: no existe; ahí va el vocabulario de etiquetas."]) from None
    except yaml.YAMLError as error:
        line = error.problem_mark.line + 1 if getattr(error, "problem_mark", None) else 1
        raise GalleryError(
            [f"{TAGS}:{line}: no es YAML válido; revisá comillas y dos puntos."]
        ) from None
    groups = list(found.values()) if isinstance(found, dict) else []
    if not groups or not isinstance(groups[0], dict) or not all(isinstance(g, list) for g in groups[1:]):
        raise GalleryError(
            [
                f"{TAGS}:1: va una pregunta por clave; la primera, con un título por etiqueta («capa: Capas»)."
            ]
        )
    tags = Tags({question: list(group) for question, group in found.items()}, groups[0])
    if len(tags.names) > MAX_TAGS or len(set(tags.names)) < len(tags.names):
        raise GalleryError([f"{TAGS}:1: van hasta {MAX_TAGS} etiquetas, todas distintas."])
    return tags


def _entry(source: Path, root: Path, tags: Tags, lessons: dict[str, list[str]]) -> Entry:
    shown = source.relative_to(root).as_posix()
    path = shown.removeprefix(f"{SNIPPETS_FOLDER}/")
    try:
        code = source.read_text("utf-8")
        public = _public(code)
    except UnicodeDecodeError:
        raise GalleryError([f"{shown}:1: no es UTF-8; guardalo con esa codificación."]) from None
    except SyntaxError as error:
        raise GalleryError([f"{shown}:{error.lineno}: no es Python válido: {error.msg}."]) from None
    card = _card(source, root)
    name = card.relative_to(root).as_posix()
    if not card.is_file():
        raise GalleryError(
            [
                f"{shown}:1: le falta su ficha, {name}, con título, qué hace cada pieza, etiquetas y "
                "un ejemplo. Está explicado en docs/contribuir.md."
            ]
        )
    try:
        chapter = Chapter.load(card, root)
    except ChapterError as error:
        raise GalleryError([str(error)]) from None
    lines = card.read_text("utf-8-sig").splitlines()
    line = lambda word: next((n for n, text in enumerate(lines, 1) if word in text), 1)

    title, described = chapter.meta.get("title"), chapter.meta.get("pieces")
    problems = []
    if not isinstance(title, str):
        problems.append(f"{name}:1: falta «title:», cómo se llama en la galería.")
    if not isinstance(described, dict):
        problems.append(f"{name}:1: falta «pieces:», con lo que hace cada pieza de {shown}.")
        described = {}
    for piece, at in public.items():
        if piece not in described:
            problems.append(
                f"{shown}:{at}: «{piece}» es pública y {name} no la describe; agregala, o dejala "
                "afuera de «__all__»."
            )
    pieces = {}
    for piece, about in described.items():
        try:
            pieces[piece] = _piece(piece, about, tags)
            if piece not in public:
                raise ValueError(f"«{piece}» no es una pieza pública de {shown}")
        except ValueError as error:
            problems.append(f"{name}:{line(f'{piece}:')}: {error}.")
    if not chapter.executed_cells:
        problems.append(
            f"{name}:{len(lines)}: falta el ejemplo, un bloque «```python» que use la pieza."
        )
    for cell in chapter.cells:
        if (rows := cell.end_line - cell.line - 1) > EXAMPLE_LINES:
            problems.append(
                f"{chapter.where(cell)}: el bloque tiene {rows} líneas; en la galería van hasta {EXAMPLE_LINES}."
            )
    if problems:
        raise GalleryError(problems)
    return Entry(
        path=path,
        title=title,
        pieces=tuple(pieces[piece] for piece in public),
        example=_example(chapter, card),
        lines=code.count("\n"),
        lessons=tuple(
            dict.fromkeys([*lessons.get(path, ()), *lessons.get(_anchor(path.removesuffix(".py")), ())])
        ),
    )


def _example(chapter: Chapter, card: Path) -> str:
    """The body of a card."""
    lines = card.read_text("utf-8-sig").splitlines()
    return "\n".join(lines[chapter.parts[0].line - 1 :]).strip()


def _piece(name: str, about: object, tags: Tags) -> Piece:
    what, own = (about.get("what"), about.get("tags")) if isinstance(about, dict) else (None, None)
    if not (isinstance(what, str) and what.strip()):
        raise ValueError(f"a «{name}» le falta «what:», qué hace en una línea")
    if not (isinstance(own, list) and own):
        raise ValueError(f"a «{name}» le falta «tags:», la lista de sus etiquetas")
    if unknown := [str(tag) for tag in own if tag not in tags.names]:
        raise ValueError(
            f"«{name}» lleva «{'», «'.join(unknown)}», que no está en {TAGS}; las que hay: "
            f"{', '.join(tags.names)}"
        )
    if sum(tag in tags.titles for tag in own) != 1:
        raise ValueError(f"«{name}» lleva una, y solo una, de estas etiquetas: {', '.join(tags.titles)}")
    return Piece(name, what.strip(), tuple(own))


def _card(source: Path, root: Path) -> Path:
    return root / CARDS / source.relative_to(root / SNIPPETS_FOLDER).with_suffix(".md")


def _public(code: str) -> dict[str, int]:
    """The line of each public class and function of a module: those of `__all__`, if it has one."""
    body = syntax.parse(code).body
    lines = {node.name: node.lineno for node in body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    for node in body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            listed = [getattr(item, "value", "") for item in getattr(node.value, "elts", ())]
            return {name: lines.get(name, node.lineno) for name in listed}
    return {name: line for name, line in lines.items() if not name.startswith("_")}


def _orphans(root: Path) -> list[str]:
    """What to say of the cards whose file is not there."""
    wanted = {_card(source, root) for source in sources(root)}
    return [
        f"{card.relative_to(root).as_posix()}:1: es la ficha de un archivo que no está; borrala o "
        "ponele el nombre de su .py."
        for card in sorted((root / CARDS).rglob("*.md"))
        if card not in wanted
    ]


# Writing ------------------------------------------------------------------------------


def _index(entries: list[Entry], tags: Tags) -> str:
    """A card for each piece, and a choice of tag that hides the others without a script."""
    used = {tag for entry in entries for piece in entry.pieces for tag in piece.tags}
    number = {tag: n for n, tag in enumerate(tags.names, 1)}
    radio = '<label><input type="radio" name="etiqueta" id="t{}"{}> {}</label>'.format
    lines = ['<div class="kv-gallery">', "<fieldset>", "<legend>Mostrar</legend>"]
    lines += [f"<p>{radio(0, ' checked', 'todo')}</p>"]
    for question, group in tags.groups.items():
        choices = [radio(number[tag], "", html.escape(tag)) for tag in group if tag in used]
        if choices:
            lines += [f"<p><span>{html.escape(question)}</span>", *choices, "</p>"]
    lines += ["</fieldset>", "<ul>"]
    for entry in entries:
        for piece in entry.pieces:
            marks = " ".join(f"t{number[tag]}" for tag in piece.tags)
            lines += [
                f'<li class="{marks}"><a href="#{entry.anchor}">{_inline(entry.title)}: '
                f"<code>{piece.name}</code></a>",
                f"<span>{_inline(piece.what)}</span>",
                f"<small>{' · '.join(piece.tags)}</small></li>",
            ]
    return "\n".join([*lines, "</ul>", "</div>", ""])


def _show(entry: Entry) -> str:
    lines = [f"### {entry.title} {{ #{entry.anchor} }}", ""]
    bullet = "- " if len(entry.pieces) > 1 else ""
    lines += [f"{bullet}**`{piece.name}`**: {piece.what}" for piece in entry.pieces]
    lines += ["", f"[Descargar {entry.path}]({DOWNLOADS}/{entry.path}){{ .md-button download }}"]
    lines += ["{ .kv-card__links }", ""]
    if entry.lessons:
        lines += [f"Dónde se enseña: {'; '.join(entry.lessons)}.", ""]
    code = ["<!-- fmt: off -->", "", "```python", f'--8<-- "{entry.path}"', "```", ""]
    code += ["<!-- fmt: on -->", ""]
    if entry.lines > SHOWN_LINES:
        fold = [f"/// details | El código: {entry.lines} líneas", "    type: note"]
        code = [*fold, '    attrs: {data-search-exclude: ""}', "", *code, "///", ""]
    return "\n".join([*lines, *code, entry.example, ""])


def _inline(text: str) -> str:
    """A line of Markdown as HTML, without its paragraph."""
    return re.sub(r"^<p>|</p>$", "", markdown.markdown(text))


def _anchor(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", plain(text))
