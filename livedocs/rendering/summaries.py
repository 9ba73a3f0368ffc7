"""`model.summary()` as a table with its totals."""

from __future__ import annotations

import html

from livedocs.rendering.figures import OutputError


def paint_summary(data: dict) -> str:
    """`model.summary()` as a table with its totals.

    Raises:
        OutputError: it is not what `keras_display.parse_summary` gives.
    """
    match data:
        case {"title": str(), "columns": list(columns), "rows": list(rows), "totals": list(totals)}:
            lines = [columns, *rows, *totals]
            whole = all(
                isinstance(line, list) and all(isinstance(t, str) for t in line) for line in lines
            )
            if whole and all(len(total) == 2 for total in totals):
                return _paint(data)
    raise OutputError("este bloque mostró un resumen que no se entiende; revisá con qué lo hace.")


def _paint(data: dict) -> str:
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
        f"<div><dt>{html.escape(label)}</dt>{_total(value)}</div>" for label, value in data["totals"]
    )
    title = html.escape(data["title"])
    return (
        f'<div class="kv-summary" lang="en" translate="no">\n'
        f'<div class="kv-scroll" tabindex="0" role="group" aria-label="{title}">\n'
        f'<table class="kv-table">\n<caption>{title}</caption>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody>\n</table>\n</div>\n<dl>\n{totals}\n</dl>\n</div>"
    )


def _total(value: str) -> str:
    """A total and what it weighs, each in its column: `109,386 (427.29 KB)`."""
    number, bracket, size = value.partition(" (")
    parts = [number, f"({size}"] if bracket else [number]
    return "".join(f"<dd>{html.escape(part)}</dd>" for part in parts)
