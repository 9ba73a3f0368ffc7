"""A difference as one HTML file that opens by itself: old and new side by side, no script, no host."""

from __future__ import annotations

import base64
import html
import re
from itertools import zip_longest

from livedocs.derived.differences import report
from livedocs.derived.differences.compare import (
    CHANGED,
    NEW,
    NUMBER,
    OLD,
    BlockChange,
    Change,
    Difference,
    Row,
    lines,
    value,
)

_STYLE = """
:root{color-scheme:light dark;--ink:#1d2026;--soft:#565c67;--paper:#fff;--line:#dcdfe5;--old:#fbe6e7;--new:#e2f2e8;--oldmark:#f2b8bc;--newmark:#a9dbbd}
@media(prefers-color-scheme:dark){:root{--ink:#e3e5ea;--soft:#a3a9b5;--paper:#1b1d23;--line:#3a3f4a;--old:#43262a;--new:#1f3a2b;--oldmark:#7c363d;--newmark:#2f6b49}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:72rem;margin:0 auto;padding:1rem}
h1{font-size:1.6rem}h2{font-size:1.25rem;border-top:1px solid var(--line);padding-top:1.2rem;margin-top:2.4rem}h3{font-size:1rem;margin:1.6rem 0 .3rem}
.soft,h2 small{color:var(--soft);font-weight:400}code,pre,table{font:13px/1.45 ui-monospace,monospace}
pre,.pair,.wide{overflow-x:auto;margin:.4rem 0;border:1px solid var(--line)}pre{padding:.5rem .7rem}
table{border-collapse:collapse;min-width:100%}td,th{padding:.15rem .6rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);white-space:pre}
.text td{width:50%;border-bottom:0;white-space:pre-wrap;overflow-wrap:anywhere}.text td+td{border-left:1px solid var(--line)}
.old{background:var(--old)}.new{background:var(--new)}del,ins{text-decoration:none;border-radius:2px}del{background:var(--oldmark)}ins{background:var(--newmark)}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:1px;background:var(--line)}.pair figure{margin:0;padding:.6rem;background:#fff;color:#1d2026}.pair img{max-width:100%;height:auto}
figcaption{font-size:.8rem;color:#565c67}details{margin:.4rem 0}summary{cursor:pointer;color:var(--soft)}
@media(max-width:40rem){.pair{grid-template-columns:1fr}}
"""
_PICTURES = ("image/svg+xml", "image/png", "image/jpeg")
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def page(difference: Difference) -> str:
    """The whole report. Whatever the records hold is escaped, or shown as a picture that runs nothing."""
    made = report.made(difference) or [f"Los dos lados: {report.common(difference.new)}."]
    body = [
        "<h1>Diferencias de las salidas</h1>",
        f"<p><strong>{_text(report.counts(difference))}</strong></p>",
        f"<ul>{''.join(f'<li>{_text(line)}</li>' for line in made)}</ul>",
    ]
    if len(difference.pages) > 3:
        items = "".join(
            f'<li><a href="#p{n}">{_text(report.plain(p.page.title))}</a> <span class="soft">{_text(report.said(p)) or len(p.blocks)}</span></li>'
            for n, p in enumerate(difference.pages)
        )
        body.append(f"<nav><ol>{items}</ol></nav>")
    for number, changed in enumerate(difference.pages):
        said = f": {report.said(changed)}" if report.said(changed) else ""
        body.append(
            f'<h2 id="p{number}">{_text(report.plain(changed.page.title))} '
            f"<small>docs/{_text(changed.uri + said)}</small></h2>"
        )
        body += [_block(block) for block in changed.blocks]
    return (
        '<!doctype html>\n<html lang="es">\n<head>\n<meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Diferencias de las salidas</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    )


def _block(block: BlockChange) -> str:
    whole = report.state(block)
    parts = [f"<h3>{_text(report.where(block))}</h3>"]
    if whole:
        parts.append(f'<p class="soft">El bloque {whole}.</p>')
    if block.recoded:
        code = _lines(lines(block.old.code, block.new.code))
    else:
        code = f"<pre>{_text(block.block.code)}</pre>" if block.block.code else ""
    if code:
        opened = "" if block.changes else " open"
        parts.append(f"<details{opened}><summary>El código</summary>{code}</details>")
    parts += [_change(change) for change in block.changes]
    return "\n".join(parts)


def _change(change: Change) -> str:
    head = f"<p><strong>{report.KINDS[change.kind].capitalize()}</strong>: {_text(change.said)}</p>"
    if change.kind in ("figure", "diagram"):
        told = _lines(change.rows) if change.rows else ""
        return head + _pair(change) + told
    if change.kind == "summary" and change.rows:
        return f'{head}<div class="wide">{_table(change.rows)}</div>'
    rows = change.rows or tuple(report.alone(change))
    return head + (_lines(rows) if rows else "")


def _pair(change: Change) -> str:
    """The old picture and the new one, side by side; an image runs nothing that it may bring."""
    shown = []
    for caption, item in (("Antes", change.old), ("Ahora", change.new)):
        picture = "No está."
        if item and item["mime"] in _PICTURES:
            data = str(item["data"])
            if item["mime"] == "image/svg+xml":
                data = base64.b64encode(data.encode()).decode()
            source = re.sub(r"[^A-Za-z0-9+/=]", "", data)
            alt = _text(str(item.get("alt", "")))
            picture = f'<img src="data:{item["mime"]};base64,{source}" alt="{alt}">'
        shown.append(f"<figure><figcaption>{caption}</figcaption>{picture}</figure>")
    return f'<div class="pair">{"".join(shown)}</div>'


def _lines(rows: tuple[Row, ...]) -> str:
    """Two versions of a text, side by side: lines that differ in their numbers face each other."""
    found = []
    for row in _facing(report.near(rows)):
        if row is None:
            found.append('<tr><td class="soft">…</td><td class="soft">…</td></tr>')
            continue
        old, new = _text(row.old), _text(row.new)
        if row.state == CHANGED:
            old, new = _marked(row, row.old, "del"), _marked(row, row.new, "ins")
        before = ' class="old"' if row.state in (CHANGED, OLD, _FACING) else ""
        after = ' class="new"' if row.state in (CHANGED, NEW, _FACING) else ""
        found.append(f"<tr><td{before}>{old}</td><td{after}>{new}</td></tr>")
    return f'<div class="wide"><table class="text"><tbody>{"".join(found)}</tbody></table></div>'


#: A line that went and the one that came in its place.
_FACING = "facing"


def _facing(rows: list[Row | None]) -> list[Row | None]:
    """The same rows, each line that went on the row of the one that came in its place."""
    found: list[Row | None] = []
    waiting: list[int] = []  # rows of lines that went, with nothing in front yet
    for row in rows:
        if row and row.state == NEW and waiting:
            place = waiting.pop(0)
            found[place] = Row(_FACING, found[place].old, row.new)
            continue
        found.append(row)
        if row and row.state == OLD:
            waiting.append(len(found) - 1)
        else:
            waiting = []
    return found


def _marked(row: Row, text: str, tag: str) -> str:
    """A line with the numbers that changed marked and, in the new one, by how much."""
    before, after = NUMBER.findall(row.old), NUMBER.findall(row.new)
    pairs = iter(zip(before, after, strict=True))
    parts, end = [], 0
    for match in NUMBER.finditer(text):
        one, other = next(pairs)
        parts.append(_text(text[end : match.start()]))
        shown = _text(match[0])
        title = f' title="{_text(_by(one, other))}"' if tag == "ins" else ""
        parts.append(shown if one == other else f"<{tag}{title}>{shown}</{tag}>")
        end = match.end()
    return "".join(parts) + _text(text[end:])


def _by(old: str, new: str) -> str:
    """How much a number changed: «+1,9 %»; how much it is more, if it was nothing."""
    one, other = value(old), value(new)
    told = f"{100 * (other - one) / abs(one):+.1f} %" if one else f"{other - one:+g}"
    return told.replace(".", ",")


def _table(rows: tuple[Row, ...]) -> str:
    found = []
    for row in rows:
        if row.state == CHANGED:
            cells = [
                f"<td>{_text(one)}</td>"
                if one == other
                else f"<td><del>{_text(one)}</del> <ins>{_text(other)}</ins></td>"
                for one, other in zip_longest(row.old, row.new, fillvalue="")
            ]
        else:
            cells = [f"<td>{_text(cell)}</td>" for cell in row.old or row.new]
        mark = {OLD: ' class="old"', NEW: ' class="new"'}.get(row.state, "")
        found.append(f"<tr{mark}>{''.join(cells)}</tr>")
    return f"<table><tbody>{''.join(found)}</tbody></table>"


def _text(text: str) -> str:
    return html.escape(str(text))
