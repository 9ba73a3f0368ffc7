"""Jupyter outputs as page content: text, summary tables, diagrams, figures, errors.

Everything an output holds is escaped or, for SVG, rebuilt from an allow-list: what a block
prints can never become markup of the page. What chance of the machine decides (durations,
memory addresses, whole outputs marked `volatile`) carries the attribute `data-volatile`.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable

from livedocs.execution.kernel_setup import SUMMARY_MIME
from livedocs.rendering.errors import paint_error
from livedocs.rendering.figures import OutputError, paint_picture, text_of
from livedocs.rendering.streams import paint_stream, pre, settle, without_controls
from livedocs.rendering.summaries import paint_summary
from livedocs.rendering.svg import paint_svg


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
            parts.append(paint_stream(output))
        elif kind == "error":
            parts.append(paint_error(output, bool(expected)))
        else:
            parts.append(_display(output, alt, f"{uid}-{number}"))
    body = without_controls("\n".join(part for part in parts if part))
    if not body:
        return ""
    marks = " data-volatile data-search-exclude" if volatile else ""
    css = "kv-output"
    if check:
        css += " kv-check"
        body = f'<p class="kv-label">Corrida de referencia</p>\n{body}'
    return f'<div class="{css}"{marks}>\n{body}\n</div>'


def _display(output: dict, alt: str, uid: str) -> str:
    data, own = output["data"], text_of(output.get("metadata", {}).get("alt"))
    if SUMMARY_MIME in data:
        return paint_summary(data[SUMMARY_MIME])
    alt = own or alt
    if "image/svg+xml" in data:
        try:
            # A diagram's natural size is large for a phone; one point per pixel reads well.
            svg = text_of(data["image/svg+xml"])
            drawing = paint_svg(svg, alt, uid, scale=1.0 if own else 4 / 3)
        except ET.ParseError as error:
            raise OutputError(
                f"este bloque dibujó un SVG que no se puede mostrar ({error}); revisá con qué lo hace."
            ) from None
        kind = "kv-diagram" if own else "kv-figure"
        name = "Diagrama" if own else "Figura"
        scroll = f' tabindex="0" role="group" aria-label="{name}, se puede desplazar"'
        return f'<figure class="{kind}"{scroll}>{drawing}</figure>'
    if picture := paint_picture(output, alt):
        return picture
    text = settle(text_of(data.get("text/plain"))).strip("\n")
    return pre(text, label="Salida") if text else ""
