"""Drawings made by hand: an SVG of `docs/dibujos/`, put inside the page that asks for it.

A page asks with an image alone in its line, which GitHub shows too::

    ![Texto alternativo](../../dibujos/nombre.svg){ .kv-drawing }

The file is an ordinary SVG in the site's light colours. On a page each of those colours becomes
a class, so the drawing follows light and dark. Notebooks show the PNG beside it, made from it,
because Colab shows no SVG in its text (github.com/googlecolab/colabtools/issues/2092).
"""

from __future__ import annotations

import base64
import hashlib
import posixpath
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from livedocs.pages.chapter import DOCS_FOLDER, Chapter, ChapterError, Prose
from livedocs.rendering.svg import (
    MAX_DEPTH,
    SVG_ATTRIBUTES,
    SVG_NAMESPACE,
    SVG_TAGS,
    XLINK_HREF,
    own_url,
)

#: Where drawings are, below `docs/`. They travel inside pages, so the site has no copy.
FOLDER = "dibujos"
#: The class of an image that is a drawing.
CLASS = "kv-drawing"
#: The colours of a drawing, as the style sheet has them for light, and what each is called there.
PALETTE = {
    "#1d2026": "ink",
    "#565c67": "soft-ink",
    "#ffffff": "paper",
    "#dcdfe5": "line",
    "#878d99": "line-strong",
    "#a81c26": "red",
    "#7a4f00": "amber",
    "#17693f": "green",
    "#2b5797": "blue",
}
#: What to tell whoever wrote it in another way.
HOW_TO_WRITE = (
    f"un dibujo va solo en su línea, entre dos vacías: ![texto alternativo](…/{FOLDER}/nombre.svg)"
    f"{{ .{CLASS} }}; corregí esta."
)

#: A picture inside would not follow the page.
_TAGS = SVG_TAGS - {"image"}
#: What a file says of itself, for whoever opens it alone.
_UNSEEN = {"title", "desc"}
#: Attributes of the root that the page decides.
_DROPPED = {"role", "aria-label", "width", "height", "font-family"}
_FENCED = re.compile(r"^[ \t>]*(`{3,}|~{3,}).*?^[ \t>]*\1`*~*[ \t]*$|<!--.*?-->", re.M | re.S)
_CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)")
_SUSPECT = re.compile(rf"!\[[^\n]*(?:\.{CLASS}\b|\b{FOLDER}/[^)\s]*\.svg\))")
_REFERENCE = re.compile(
    rf"[ \t>]*!\[(?P<alt>[^\]\n]*)\]\((?P<target>[^)\s]+)\)\{{[ \t]*\.{CLASS}[ \t]*\}}[ \t]*"
)
_PLACE = re.compile(rf"{DOCS_FOLDER}/{FOLDER}/[\w-]+\.svg")


@dataclass(frozen=True)
class Reference:
    """An image of a page that is a drawing.

    Attributes:
        alt: Its alternative text, as plain text.
        target: Its address as the page writes it.
        line: The page's line, counted from 1.
    """

    alt: str
    target: str
    line: int


def reference(line: str) -> Reference | None:
    """The drawing that a line of Markdown asks for; None if it asks for none."""
    match = _REFERENCE.fullmatch(line)
    return Reference(match["alt"].replace("`", "").strip(), match["target"], 0) if match else None


def asked_for(classes: str, source: str) -> bool:
    """Whether an image of a converted page is, or would be, a drawing."""
    return CLASS in classes.split() or bool(re.search(rf"\b{FOLDER}/[^/]+\.svg$", source))


def references(chapter: Chapter) -> list[Reference]:
    """The drawings that a page asks for, in order.

    Raises:
        ChapterError: an image that would be a drawing and is not written as one, or that has no
            alternative text.
    """
    found = []
    for part in chapter.parts:
        if not isinstance(part, Prose):
            continue
        text = _FENCED.sub(lambda fence: "\n" * fence[0].count("\n"), part.text)
        for number, line in enumerate(text.split("\n"), part.line):
            if asked := reference(line):
                if not asked.alt:
                    raise ChapterError(
                        "al dibujo le falta el texto alternativo; escribí entre los corchetes qué "
                        "muestra, para quien no lo ve.",
                        chapter.path,
                        number,
                    )
                found.append(Reference(asked.alt, asked.target, number))
            elif _SUSPECT.search(_CODE.sub("", line)):
                raise ChapterError(HOW_TO_WRITE, chapter.path, number)
    return found


def load(asked: Reference, chapter: Chapter, root: Path) -> tuple[Path, str]:
    """The file of a drawing, from the folder of the project, and its text.

    Raises:
        ChapterError: it is not there, not in :data:`FOLDER` or not UTF-8.
    """
    place = posixpath.normpath(posixpath.join(posixpath.dirname(chapter.path), asked.target))
    if not chapter.path.startswith(f"{DOCS_FOLDER}/"):  # a generator that doesn't say which page it is
        place = f"{DOCS_FOLDER}/" + re.sub(r"^(?:\.\./)+", "", asked.target)
    path = root / place
    if not _PLACE.fullmatch(place):
        said = f"los dibujos están en {DOCS_FOLDER}/{FOLDER}/ y «{asked.target}» lleva a otro lado; corregí la ruta."
    elif not path.is_file():
        said = f"el dibujo «{asked.target}» no está; revisá el nombre y la ruta, que se cuenta desde esta página."
    elif not path.resolve().is_relative_to((root / DOCS_FOLDER).resolve()):
        said = f"el dibujo «{asked.target}» es un enlace a un archivo de otra carpeta; poné el archivo mismo."
    else:
        try:
            return Path(place), path.read_text("utf-8-sig")
        except UnicodeDecodeError:
            said = f"el dibujo «{asked.target}» no es texto en UTF-8; guardalo como UTF-8."
    raise ChapterError(said, chapter.path, asked.line)


def problems(chapter: Chapter, root: Path) -> list[str]:
    """What is wrong with the drawings of a page, each with file and line; empty if nothing is."""
    found = []
    try:
        asked = references(chapter)
    except ChapterError as error:
        return [str(error)]
    for each in asked:
        try:
            path, source = load(each, chapter, root)
            paint(source, each.alt, "d", path.as_posix())
        except ChapterError as error:
            found.append(str(error))
    return found


def data_uris(chapter: Chapter, root: Path) -> dict[str, str]:
    """Each drawing of a page as an address that holds it whole, by the address that the page writes.

    For notebooks, which have one file and no style sheet: its colours are the file's, on paper.
    Only those of which :func:`problems` has nothing to say.
    """
    found = {}
    for asked in references(chapter) if not problems(chapter, root) else ():
        path, source = load(asked, chapter, root)
        picture = (root / path).with_suffix(".png")
        kind, data = "svg+xml", _tight(source).encode()  # all but Colab show it
        if is_made_from(picture, source):
            kind, data = "png", picture.read_bytes()
        found[asked.target] = f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
    return found


def made_from(source: str) -> PngInfo:
    """What the PNG of a drawing carries to say of which SVG it is."""
    info = PngInfo()
    info.add_text("Source", hashlib.sha256(source.encode()).hexdigest())
    return info


def is_made_from(picture: Path, source: str) -> bool:
    """Whether a file is the PNG of a drawing as its SVG is now."""
    if not picture.is_file():
        return False
    with Image.open(picture) as image:
        return image.info.get("Source") == hashlib.sha256(source.encode()).hexdigest()


def paint(source: str, alt: str, uid: str, path: str) -> str:
    """A drawing as HTML, in colours that follow the page.

    Args:
        source: The text of its file.
        alt: Alternative text.
        uid: Prefix of its identifiers, unique on the page.
        path: Its file, for messages.

    Raises:
        ChapterError: it is not well-formed SVG, or holds what a drawing must not: scripts, event
            handlers, styles, other addresses, colours that the site does not have.
    """
    svg = _Reader(source, path).svg
    painted = _painted(svg, uid)
    painted.set("role", "img")
    painted.set("aria-label", alt)
    text = _tight(ET.tostring(painted, encoding="unicode", short_empty_elements=True))
    return f'<figure class="{CLASS}">{text}</figure>'


def _tight(markup: str) -> str:
    return re.sub(r">\s+<", "><", markup).strip()


class _Reader:
    """The elements of a drawing's file, each refused with its line if it does not belong there."""

    def __init__(self, source: str, path: str):
        self.path = path
        self.depth = 0
        self.builder = ET.TreeBuilder()
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.StartDoctypeDeclHandler = self.doctype  # no entities either
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.builder.data
        try:
            self.parser.Parse(source.encode("utf-8", "replace"), True)
        except expat.ExpatError as error:
            raise ChapterError(
                "el dibujo no es SVG bien formado; revisá que cada etiqueta cierre y las comillas.",
                path,
                error.lineno,
            ) from None
        self.svg = self.builder.close()

    def refuse(self, said: str) -> ChapterError:
        return ChapterError(said, self.path, self.parser.CurrentLineNumber)

    def doctype(self, *_) -> None:
        raise self.refuse("un dibujo no lleva <!DOCTYPE>; sacalo.")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, tag = name.rpartition("}")
        self.depth += 1
        if self.depth == 1 and (namespace, tag) != (SVG_NAMESPACE, "svg"):
            raise self.refuse(f'un dibujo empieza con <svg xmlns="{SVG_NAMESPACE}">; corregí la raíz.')
        if self.depth == 1 and "viewBox" not in attributes:
            raise self.refuse("a la raíz del dibujo le falta «viewBox», que dice su tamaño; agregalo.")
        if self.depth > MAX_DEPTH:
            raise self.refuse(f"el dibujo anida más de {MAX_DEPTH} elementos; simplificalo.")
        if namespace != SVG_NAMESPACE or tag not in _TAGS | _UNSEEN:
            raise self.refuse(f"<{tag}> no va en un dibujo: solo formas y texto; sacalo.")
        given = {("{" + n if "}" in n else n): value for n, value in attributes.items()}
        for attribute, value in given.items():
            if said := _why_not(attribute, value, root=self.depth == 1):
                raise self.refuse(said)
        self.builder.start(tag, given)

    def end(self, name: str) -> None:
        self.depth -= 1
        self.builder.end(name.rpartition("}")[2])


def _why_not(name: str, value: str, *, root: bool) -> str:
    """Why an attribute does not belong in a drawing; "" if it does."""
    shown = name.rpartition("}")[2]
    if shown.lower().startswith("on"):
        return f"«{shown}» ejecuta código, y un dibujo no lleva ninguno; sacalo."
    if name in ("href", XLINK_HREF):
        if not re.fullmatch(r"#[\w.-]+", value):
            return f"«{value}» está fuera del dibujo; usá solo partes suyas, como «#nombre»."
        return ""
    if name in ("fill", "stroke"):
        if value == "none" or value.lower() in PALETTE or re.fullmatch(r"url\(#[\w.-]+\)", value):
            return ""
        return (
            f"«{value}» no es un color del sitio, y no cambiaría con el modo oscuro; "
            f"los que hay: {', '.join(PALETTE)}."
        )
    if name == "font-family":
        return "" if root or value == "monospace" else "«font-family» va en la raíz, o es «monospace»."
    if name == "class":
        return "" if all(each.startswith("kv-") for each in value.split()) else (
            f"la clase «{value}» no es del sitio; las del sitio empiezan con «kv-»."
        )  # fmt: skip
    if root and name in _DROPPED:
        return ""
    if name not in SVG_ATTRIBUTES or name.startswith("stop-"):
        return f"«{shown}» no va en un dibujo; sacalo."
    if own_url(value, "") == "none" and value != "none":
        return f"«{value}» está fuera del dibujo; usá solo partes suyas, como «url(#nombre)»."
    return ""


def _painted(element: ET.Element, uid: str) -> ET.Element:
    """A copy with its own identifiers and classes in place of colours."""
    result = ET.Element(element.tag)
    classes = []
    given = dict(element.attrib)
    if element.tag == "text":
        given.setdefault("fill", "#1d2026")
    for name, value in given.items():
        if name == "id":
            result.set("id", f"{uid}-{value}")
        elif name in ("href", XLINK_HREF):
            result.set("href", f"#{uid}-{value[1:]}")
        elif colour := PALETTE.get(value.lower()) if name in ("fill", "stroke") else None:
            classes.append(f"kv-{name}-{colour}")
        elif name == "class":
            classes += value.split()
        elif name == "font-family" and value == "monospace":
            classes.append("kv-mono")
        elif name not in _DROPPED or (element.tag != "svg" and name != "font-family"):
            result.set(name, own_url(value, uid))
    if classes:
        result.set("class", " ".join(classes))
    if element.tag == "svg":  # room is made for it before it is painted
        _, _, width, height = element.get("viewBox").replace(",", " ").split()
        result.set("width", width)
        result.set("height", height)
    result.text, result.tail = element.text, element.tail
    result.extend(_painted(child, uid) for child in element if child.tag not in _UNSEEN)
    return result
