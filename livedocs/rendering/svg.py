"""A drawing rebuilt from an allow-list, in colours that follow the page: diagrams and figures."""

from __future__ import annotations

import base64
import binascii
import io
import math
import re
import xml.etree.ElementTree as ET

from livedocs.execution.kernel_setup import FIGURE_INK
from livedocs.rendering.figures import lighter_png

SVG_NAMESPACE = "http://www.w3.org/2000/svg"
XLINK_HREF = "{http://www.w3.org/1999/xlink}href"

#: Pixels that a phone of 360 leaves for a drawing inside a folded block, and the smallest text that reads well in it.
PHONE_WIDTH, SMALLEST_TEXT = 260, 10
#: Least widths are multiples of these pixels, up to the widest: each has its class in the style sheet.
STEP, WIDEST = 40, 1600

SVG_TAGS = set(
    [
        "svg",
        "g",
        "path",
        "polygon",
        "polyline",
        "line",
        "rect",
        "circle",
        "ellipse",
        "text",
        "tspan",
        "defs",
        "use",
        "clipPath",
        "image",
        "linearGradient",
        "radialGradient",
        "stop",
        "marker",
        "pattern",
        "mask",
        "symbol",
    ]
)
SVG_ATTRIBUTES = set(
    [
        "d",
        "points",
        "x",
        "y",
        "x1",
        "y1",
        "x2",
        "y2",
        "cx",
        "cy",
        "r",
        "rx",
        "ry",
        "width",
        "height",
        "viewBox",
        "transform",
        "fill",
        "stroke",
        "stop-color",
        "stop-opacity",
        "offset",
        "stroke-width",
        "stroke-dasharray",
        "stroke-dashoffset",
        "stroke-linecap",
        "stroke-linejoin",
        "stroke-miterlimit",
        "stroke-opacity",
        "fill-opacity",
        "fill-rule",
        "opacity",
        "clip-path",
        "clip-rule",
        "text-anchor",
        "font-size",
        "font-weight",
        "font-style",
        "dominant-baseline",
        "id",
        "dx",
        "dy",
        "rotate",
        "gradientUnits",
        "gradientTransform",
        "preserveAspectRatio",
        "marker-end",
        "marker-start",
        "orient",
        "refX",
        "refY",
        "markerWidth",
        "markerHeight",
        "textLength",
        "lengthAdjust",
    ]
)
#: Colours that Graphviz and our figures use for "ink" and "paper" follow the page's scheme.
_INKS = {"black", "#000000", "#000", FIGURE_INK}
_PAPERS = {"white", "#ffffff", "#fff"}


#: A drawing nests far less; Python could not walk one that is made to nest more.
MAX_DEPTH = 200
#: What a value of a drawing may call. Others (`url`, `image-set`, `var`…) may ask for an address.
_FUNCTIONS = frozenset(
    ["rotate", "translate", "scale", "matrix", "skewx", "skewy", "rgb", "rgba", "hsl", "hsla"]
)
_NUMBER = r"\d{1,9}(?:\.\d+)?|\.\d+"
#: How far across each point of a polygon is.
_ACROSS = re.compile(rf"(?:^|\s)(-?(?:{_NUMBER})),")


def paint_svg(source: str, alt: str, uid: str, scale: float = 4 / 3) -> str:
    """Rebuild an SVG from an allow-list, in colours that follow the page.

    Args:
        source: SVG as Graphviz or Matplotlib wrote it.
        alt: Alternative text.
        uid: Prefix of its identifiers, unique on the page.
        scale: Pixels per point of its natural size.

    Raises:
        xml.etree.ElementTree.ParseError: `source` is not well-formed, is no SVG, nests more than
            :data:`MAX_DEPTH` elements or holds a picture that can't be decoded.
    """
    source = re.sub(r"<!DOCTYPE.*?>", "", source, count=1, flags=re.S)  # no entities either
    _refuse_deep(source)
    tree = ET.fromstring(source)
    try:
        svg = _copy(tree, uid)
    except binascii.Error:
        raise ET.ParseError("trae una imagen mal codificada") from None
    if svg is None or svg.tag != "svg":
        raise ET.ParseError("no empieza con <svg>")
    width, height = (_pixels(tree.get(side, ""), scale) for side in ("width", "height"))
    if width and height:
        svg.set("width", f"{width:.0f}")
        svg.set("height", f"{height:.0f}")
    sizes = [float(size[0]) for e in svg.iter() if (size := re.match(_NUMBER, e.get("font-size", "")))]
    if classes := _least_width(width, min(filter(None, sizes), default=14.0) * scale):
        svg.set("class", classes)  # may shrink so far; then it scrolls
    _join_labels(svg)
    _lighten(svg)
    svg.set("xmlns", SVG_NAMESPACE)
    svg.set("role", "img")
    svg.set("aria-label", alt)
    text = ET.tostring(svg, encoding="unicode", short_empty_elements=True)
    return re.sub(r">\s+<", "><", text)


def _least_width(width: float, smallest: float) -> str:
    """The classes that let a drawing shrink while its smallest text, of `smallest` pixels, reads well."""
    needed = SMALLEST_TEXT * width / smallest
    if needed <= PHONE_WIDTH:
        return "kv-fit"
    steps = math.ceil(needed / STEP)
    return f"kv-fit kv-least-{steps}" if steps * STEP < min(width, WIDEST) else ""


def _join_labels(svg: ET.Element) -> None:
    """Make one text, centred in its box, of the pieces in which Graphviz writes a line of a label.

    It places each piece by the widths of its own font; in the reader's they would collide.
    """
    for group in list(svg.iter("g")):
        box: tuple[float, float] | None = None
        line: ET.Element | None = None
        for child in list(group):
            if child.tag == "polygon":
                across = [float(x) for x in _ACROSS.findall(child.get("points", ""))]
                box, line = (min(across), max(across)) if across else None, None
            elif child.tag != "text" or child.get("text-anchor") != "start" or not box:
                line = None
            elif line is not None and line.get("y") == child.get("y"):
                line.append(_piece(child, line))
                group.remove(child)
            else:
                line = child
                piece = _piece(child)
                line.text = None
                line.append(piece)
                line.attrib.pop("font-weight", None)
                line.set("text-anchor", "middle")
                line.set("x", str((box[0] + box[1]) / 2))


def _piece(text: ET.Element, line: ET.Element | None = None) -> ET.Element:
    piece = ET.Element("tspan")
    piece.text = text.text
    if weight := text.get("font-weight"):
        piece.set("font-weight", weight)
    if line is not None and (size := text.get("font-size")) != line.get("font-size"):
        piece.set("font-size", size or "14")
    return piece


def _refuse_deep(source: str) -> None:
    depth = 0
    for event, _ in ET.iterparse(io.BytesIO(source.encode("utf-8", "replace")), ("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            raise ET.ParseError(f"anida más de {MAX_DEPTH} elementos")


def _pixels(length: str, scale: float) -> float:
    match = re.fullmatch(rf"({_NUMBER})(pt|px|)", length)
    return float(match[1]) * (scale if match[2] == "pt" else 1) if match else 0.0


def _copy(element: ET.Element, uid: str) -> ET.Element | None:
    namespace, _, tag = element.tag.rpartition("}") if isinstance(element.tag, str) else ("", "", "")
    if tag not in SVG_TAGS or (namespace and namespace != "{" + SVG_NAMESPACE):
        return None
    found = dict(element.attrib)
    for declaration in found.pop("style", "").split(";"):
        name, _, value = declaration.partition(":")
        if value:
            found[name.strip()] = value.strip()
    if size := re.search(rf"({_NUMBER})px", found.get("font", "")):  # Matplotlib writes the shorthand
        found["font-size"] = size[1]
    result = ET.Element(tag)
    classes = []
    for name, value in found.items():
        if name == "id":
            result.set("id", f"{uid}-{value}")
        elif name in (XLINK_HREF, "href"):
            if value.startswith("#"):
                result.set("href", f"#{uid}-{value[1:]}")
            elif value.startswith("data:image/png;base64,"):
                picture = lighter_png(base64.b64decode(value.partition(",")[2]))
                result.set("href", f"data:image/png;base64,{base64.b64encode(picture).decode()}")
        elif name in ("fill", "stroke"):
            if css := _scheme_class(name, value):
                classes.append(css)
            else:
                result.set(name, own_url(value, uid))
        elif name in SVG_ATTRIBUTES:
            result.set(name, own_url(value, uid))
    if tag in ("text",) and "fill" not in found:
        classes.append("kv-fill-ink")
    if classes:
        result.set("class", " ".join(classes))
    result.text, result.tail = element.text, element.tail
    for child in element:
        if (copied := _copy(child, uid)) is not None:
            result.append(copied)
        elif child.tail:
            _append_text(result, child.tail)
    return result


#: Attributes whose numbers need no more than one decimal of a point.
_MEASURES = frozenset(
    ["d", "points", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "width", "height"]
)
_POINTLESS = re.compile(r"rotate\(-?0(?:\.0+)?[ ,][^)]*\)|scale\(1 1\)")


def _lighten(svg: ET.Element) -> None:
    """Drop what changes nothing that is seen: decimals, names nobody refers to, empty groups."""
    markup = ET.tostring(svg, encoding="unicode")
    wanted = set(re.findall(r"href=\"#([^\"]+)\"|url\(#([^)]+)\)", markup))
    wanted = {name for pair in wanted for name in pair if name}

    def visit(element: ET.Element) -> None:
        for child in list(element):
            visit(child)
            if child.tag in ("g", "defs") and not len(child) and not (child.text or "").strip():
                _append_text_before(element, child)
                element.remove(child)
        for name, value in list(element.attrib.items()):
            if name in _MEASURES:
                value = re.sub(r"-?\d+\.\d+", lambda n: _short(float(n[0])), value)
                element.set(name, re.sub(r"\s+", " ", value).strip())
            elif name == "transform":
                if value := _POINTLESS.sub("", value).strip():
                    element.set(name, value)
                else:
                    del element.attrib[name]
            elif name == "id" and value not in wanted:
                del element.attrib[name]

    visit(svg)


def _short(number: float) -> str:
    return f"{number:.1f}".rstrip("0").rstrip(".").replace("-0.", "-.") if abs(number) >= 0.05 else "0"


def _append_text_before(parent: ET.Element, child: ET.Element) -> None:
    """Keep the text that follows a child about to be removed."""
    if tail := (child.tail or "").strip():
        place = list(parent).index(child)
        if place:
            parent[place - 1].tail = (parent[place - 1].tail or "") + tail
        else:
            parent.text = (parent.text or "") + tail


def _append_text(element: ET.Element, text: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


def _scheme_class(name: str, colour: str) -> str:
    if colour.lower() in _INKS:
        return f"kv-{name}-ink"
    if colour.lower() in _PAPERS:
        return f"kv-{name}-paper"
    return ""


def own_url(value: str, uid: str) -> str:
    """Keep references to parts of the same drawing, and nothing else that may have an address.

    Of CSS, a value may only use what a drawing needs: no escapes, which may spell anything, and
    no other functions than :data:`_FUNCTIONS`.
    """
    if match := re.fullmatch(r"url\(#([\w.-]+)\)", value):
        return f"url(#{uid}-{match[1]})"
    called = re.findall(r"([^\s,;(]*)\s*\(", value)
    return value if "\\" not in value and all(f.lower() in _FUNCTIONS for f in called) else "none"
