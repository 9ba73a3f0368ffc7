"""Jupyter outputs as page content: text, summary tables, diagrams, figures, errors.

Everything an output holds is escaped or, for SVG, rebuilt from an allow-list: what a block
prints can never become markup of the page. What chance of the machine decides (durations,
memory addresses, whole outputs marked `volatile`) carries the attribute `data-volatile`.
"""

from __future__ import annotations

import base64
import binascii
import html
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable

from PIL import Image

from livedocs.execution.kernel_setup import FIGURE_INK, SUMMARY_MIME

_VOLATILE = re.compile(
    r"(?<![\w.,])\d+(?:[.,]\d+)?\s?(?:ns|µs|us|ms|s|min)(?:/(?:step|epoch|época|paso|lote|muestra))?(?![\w%])"
    r"|0x[0-9a-f]{6,}"
)
_ANSI = re.compile(r"\x1b\[(?P<codes>[0-9;?]*)[ -/]*(?P<final>[@-~])|\x1b\][^\x07]*(?:\x07|\x1b\\)")

SVG_NAMESPACE = "http://www.w3.org/2000/svg"
XLINK_HREF = "{http://www.w3.org/1999/xlink}href"

#: Pixels that a phone of 360 leaves for a drawing inside a folded block, and the smallest text that reads well in it.
PHONE_WIDTH, SMALLEST_TEXT = 260, 8

_SVG_TAGS = set(
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
_SVG_ATTRIBUTES = set(
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
_NUMBER = r"\d+(?:\.\d+)?|\.\d+"


class OutputError(ValueError):
    """An output that a page can't show; the message, in Spanish, says which and what to do."""


def render(
    outputs: Iterable[dict],
    *,
    alt: str = "",
    volatile: bool = False,
    expected: str = "",
    uid: str = "",
    check: bool = False,
) -> str:
    """The outputs of one block as HTML.

    Args:
        outputs: Jupyter outputs (nbformat 4).
        alt: Alternative text of the figures that bring none of their own.
        volatile: Whether everything shown depends on the speed of the machine.
        expected: Name of the exception the block was to raise.
        uid: Prefix, unique on the page, of the identifiers inside SVG.
        check: Whether the block is the self-check of an exercise.

    Returns:
        A `<div class="kv-output">`, or "" if there is nothing to show.

    Raises:
        OutputError: a figure that is not what it says to be.
    """
    parts = []
    for number, output in enumerate(outputs):
        kind = output["output_type"]
        if kind == "stream":
            parts.append(_stream(output))
        elif kind == "error":
            parts.append(_error(output, bool(expected)))
        else:
            parts.append(_display(output, alt, f"{uid}-{number}"))
    body = "\n".join(part for part in parts if part)
    if not body:
        return ""
    marks = " data-volatile data-search-exclude" if volatile else ""
    css = "kv-output kv-check" if check else "kv-output"
    return f'<div class="{css}"{marks}>\n{body}\n</div>'


def render_failure(message: str, where: str) -> str:
    """A block that failed, as a contributor sees it while serving."""
    return (
        '<div class="kv-output kv-failed" role="alert">\n'
        f'<p class="kv-label">Este bloque falló · {html.escape(where)}</p>\n'
        f"{_pre(message, mark=False)}\n</div>"
    )


def render_not_run(where: str) -> str:
    """A block that did not run because an earlier one failed."""
    return (
        '<div class="kv-output kv-failed">\n'
        f'<p class="kv-label">No se ejecutó: antes falló el bloque de {html.escape(where)}</p>\n</div>'
    )


# Text ---------------------------------------------------------------------------------


def settle(text: str) -> str:
    """The text as a terminal would leave it: ANSI codes, `\\r` and `\\b` resolved."""
    lines = []
    for line in text.replace("\r\n", "\n").split("\n"):
        row: list[str] = []
        column = 0
        position = 0
        while position < len(line):
            if match := _ANSI.match(line, position):
                if match["final"] == "K":
                    erased = match["codes"] or "0"
                    row = row[:column] if erased == "0" else [" "] * column if erased == "1" else []
                position = match.end()
                continue
            char = line[position]
            position += 1
            if char == "\r":
                column = 0
            elif char == "\b":
                column = max(0, column - 1)
            elif char == "\t" or char >= " ":
                row.extend(" " * (column - len(row)))
                row[column : column + 1] = [char]
                column += 1
        lines.append("".join(row).rstrip())
    return "\n".join(lines)


def mark_volatile(text: str) -> str:
    """Escape a text, wrapping what a measurement or an address put in it."""
    parts, end = [], 0
    for match in _VOLATILE.finditer(text):
        parts.append(html.escape(text[end : match.start()]))
        parts.append(f"<span data-volatile data-search-exclude>{html.escape(match[0])}</span>")
        end = match.end()
    return "".join(parts) + html.escape(text[end:])


def _pre(text: str, *, mark: bool = True, label: str = "", lang: str = "", css: str = "kv-text") -> str:
    body = mark_volatile(text) if mark else html.escape(text)
    extra = f' lang="{lang}"' if lang else ""
    if label:  # a region that scrolls must be reachable, and named
        extra += f' role="group" aria-label="{html.escape(label)}"'
    # No <code>: the theme would add a copy button to what is not code.
    return f'<pre class="{css}" tabindex="0"{extra}>{body}</pre>'


def _stream(output: dict) -> str:
    text = settle(output["text"]).strip("\n")
    if not text.strip():
        return ""
    if output["name"] == "stdout":
        return _pre(text, label="Salida")
    title = "Advertencia" if re.search(r"warning", text, re.I) else "Mensaje de la biblioteca"
    return (
        f'<div class="kv-warning">\n<p class="kv-label">{title}</p>\n'
        f"{_pre(text, label=title, lang='en')}\n</div>"
    )


def _error(output: dict, expected: bool) -> str:
    last = settle(f"{output['ename']}: {output['evalue']}" if output["evalue"] else output["ename"])
    trace = settle("\n".join(output["traceback"])).strip("\n")
    label = "Error" if expected else "Error inesperado"
    fold = (
        f"\n<details>\n<summary>Traza completa</summary>\n"
        f"{_pre(trace, label='Traza completa', lang='en')}\n</details>"
        if trace
        else ""
    )
    return (
        f'<div class="kv-error">\n<p class="kv-label">{label}</p>\n'
        f"{_pre(last, label=label, lang='en')}{fold}\n</div>"
    )


# Rich outputs -------------------------------------------------------------------------


def _display(output: dict, alt: str, uid: str) -> str:
    data, own = output["data"], output.get("metadata", {}).get("alt")
    if SUMMARY_MIME in data:
        return _summary(data[SUMMARY_MIME])
    alt = own or alt
    if svg := data.get("image/svg+xml"):
        try:
            # A diagram's natural size is large for a phone; one point per pixel reads well.
            drawing = paint_svg("".join(svg), alt, uid, scale=1.0 if own else 4 / 3)
        except ET.ParseError as error:
            raise OutputError(
                f"este bloque dibujó un SVG que no se puede mostrar ({error}); revisá con qué lo hace."
            ) from None
        kind = "kv-diagram" if own else "kv-figure"
        scroll = ' tabindex="0" role="group" aria-label="Diagrama, se puede desplazar"' if own else ""
        return f'<figure class="{kind}"{scroll}>{drawing}</figure>'
    for kind in ("image/png", "image/jpeg"):
        if picture := data.get(kind):
            source = re.sub(r"[^A-Za-z0-9+/=]", "", "".join(picture))
            try:
                if kind == "image/png":
                    source = base64.b64encode(lighter_png(base64.b64decode(source))).decode()
            except binascii.Error:
                raise OutputError(
                    "este bloque mostró un PNG que no está bien codificado; revisá con qué lo hace."
                ) from None
            size = "".join(
                f' {side}="{int(value)}"'
                for side, value in output.get("metadata", {}).get(kind, {}).items()
                if side in ("width", "height") and isinstance(value, int | float)
            )
            return (
                f'<figure class="kv-figure"><img src="data:{kind};base64,{source}" '
                f'alt="{html.escape(alt)}"{size}></figure>'
            )
    text = settle("".join(data.get("text/plain", ""))).strip("\n")
    return _pre(text, label="Salida") if text else ""


def _summary(data: dict) -> str:
    """`model.summary()` as a table with its totals."""
    columns = data["columns"]
    numeric = {number for number, name in enumerate(columns) if name.startswith("Param")}

    def cell(tag: str, number: int, text: str, extra: str = "") -> str:
        css = ' class="kv-number"' if number in numeric else ""
        return f"<{tag}{css}{extra}>{html.escape(text)}</{tag}>"

    head = "".join(cell("th", n, text, ' scope="col"') for n, text in enumerate(columns))
    rows = "\n".join(
        "<tr>"
        + "".join(
            cell("th" if n == 0 else "td", n, text, ' scope="row"' if n == 0 else "")
            for n, text in enumerate(row)
        )
        + "</tr>"
        for row in data["rows"]
    )
    totals = "\n".join(
        f"<div><dt>{html.escape(label)}</dt><dd>{html.escape(value)}</dd></div>"
        for label, value in data["totals"]
    )
    title = html.escape(data["title"])
    return (
        f'<div class="kv-summary" lang="en" translate="no">\n'
        f'<div class="kv-scroll" tabindex="0" role="group" aria-label="{title}">\n'
        f'<table class="kv-table">\n<caption>{title}</caption>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody>\n</table>\n</div>\n<dl>\n{totals}\n</dl>\n</div>"
    )


# SVG ----------------------------------------------------------------------------------


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
    sizes = [float(size) for size in re.findall(rf'font-size="({_NUMBER})', source)]
    if min(sizes, default=14.0) * scale * PHONE_WIDTH >= SMALLEST_TEXT * width:
        svg.set("class", "kv-fit")  # may shrink to the screen; others scroll
    _lighten(svg)
    svg.set("xmlns", SVG_NAMESPACE)
    svg.set("role", "img")
    svg.set("aria-label", alt)
    text = ET.tostring(svg, encoding="unicode", short_empty_elements=True)
    return re.sub(r">\s+<", "><", text)


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
    if tag not in _SVG_TAGS or (namespace and namespace != "{" + SVG_NAMESPACE):
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
                result.set(name, _own_url(value, uid))
        elif name in _SVG_ATTRIBUTES:
            result.set(name, _own_url(value, uid))
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


def lighter_png(picture: bytes) -> bytes:
    """The same pixels in fewer bytes: no alpha if opaque, one channel if grey."""
    try:
        image = Image.open(io.BytesIO(picture))
        if getattr(image, "n_frames", 1) > 1:  # it moves
            return picture
        image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return picture
    if image.mode == "RGBA" and image.getextrema()[3] == (255, 255):
        image = image.convert("RGB")
    if image.mode == "RGB":
        red, green, blue = image.split()
        if red.tobytes() == green.tobytes() == blue.tobytes():
            image = red
    saved = io.BytesIO()
    image.save(saved, "PNG", optimize=True)
    return min(picture, saved.getvalue(), key=len)


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


def _own_url(value: str, uid: str) -> str:
    """Keep references to parts of the same drawing, and nothing else that may have an address.

    Of CSS, a value may only use what a drawing needs: no escapes, which may spell anything, and
    no other functions than :data:`_FUNCTIONS`.
    """
    if match := re.fullmatch(r"url\(#([\w.-]+)\)", value):
        return f"url(#{uid}-{match[1]})"
    called = re.findall(r"([^\s,;(]*)\s*\(", value)
    return value if "\\" not in value and all(f.lower() in _FUNCTIONS for f in called) else "none"
