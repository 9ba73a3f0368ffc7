"""A difference told in a terminal and in Markdown, for who looks at a change of the course."""

from __future__ import annotations

import html
import re

from livedocs.derived.differences.compare import (
    CHANGED,
    NEW,
    OLD,
    SAME,
    BlockChange,
    Change,
    Difference,
    PageChange,
    Row,
)
from livedocs.derived.differences.record import Record

#: What each kind of output is called.
KINDS = {
    "text": "texto",
    "warning": "advertencia",
    "error": "error",
    "summary": "tabla",
    "diagram": "diagrama",
    "figure": "figura",
    "status": "cómo terminó",
    "digest": "salida",
}
#: What each version is called.
NAMES = {
    "keras": "Keras",
    "backend": "backend",
    "numpy": "NumPy",
    "python": "Python",
    "data": "datos",
    "seed": "semilla",
}
#: Lines that are shown around one that changed.
AROUND = 2
#: Lines of one output that Markdown shows: who wants them all has the HTML.
_LONGEST = 40


def counts(difference: Difference) -> str:
    """How much changed, in one sentence."""
    both = [page for page in difference.pages if page.old and page.new and page.blocks]
    blocks = sum(len(page.blocks) for page in both)
    told = []
    if both:
        told.append(f"{_plural(len(both), 'página cambia', 'páginas cambian')} ({_blocks(blocks)})")
    for label, many, some in (
        ("página nueva", "páginas nuevas", [p for p in difference.pages if p.old is None]),
        ("página que ya no está", "páginas que ya no están", [p for p in difference.pages if p.new is None]),
        ("página cambió de nombre", "páginas cambiaron de nombre", [p for p in difference.pages if p.was]),
    ):  # fmt: skip
        if some:
            told.append(_plural(len(some), label, many))
    rest = _plural(difference.same, "página da lo mismo", "páginas dan lo mismo")
    slight = (
        f" {_plural(difference.slight, 'salida difiere', 'salidas difieren')} menos que la tolerancia."
        if difference.slight
        else ""
    )
    if not told:
        return f"Ninguna salida cambió: {rest}.{slight}"
    return f"{', '.join(told)}; {rest}.{slight}"


def made(difference: Difference) -> list[str]:
    """What each side was made with, when they differ: «NumPy: 2.3.5 → 2.4.6»."""
    return [f"{NAMES[name]}: {old} → {new}" for name, old, new in difference.made]


def common(record: Record) -> str:
    """What a record was made with."""
    named = {"keras": "Keras ", "numpy": "NumPy ", "python": "Python "}  # the others say it themselves
    told = [f"{named.get(name, '')}{' o '.join(values)}" for name, values in record.made.items()]
    return f"{', '.join(filter(str.strip, told))}; semilla {record.seed}"


def where(change: BlockChange) -> str:
    """A block, as it is named to a reader: its number and the section it is in."""
    section = f" · {plain(change.block.section)}" if change.block.section else ""
    return f"Bloque {change.number}{section}"


def state(change: BlockChange) -> str:
    """What came of a block, if it is more than that its outputs changed."""
    if change.old is None:
        return "es nuevo"
    if change.new is None:
        return "ya no está"
    return "con otro código" if change.recoded else ""


def said(page: PageChange) -> str:
    """What came of a page, if it is more than that its blocks changed."""
    if page.old is None:
        return f"es nueva ({_blocks(len(page.new.blocks))})"
    if page.new is None:
        return f"ya no está ({_blocks(len(page.old.blocks))})"
    return f"antes, {page.was}" if page.was else ""


def plain(title: str) -> str:
    """A heading without the marks of Markdown."""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)|[`*]", r"\1", title)


def _plural(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _blocks(count: int) -> str:
    return _plural(count, "bloque", "bloques")


# In a terminal ------------------------------------------------------------------------


def terminal(difference: Difference) -> str:
    """The difference in a line per block."""
    lines = [*made(difference), counts(difference)]
    for page in difference.pages:
        note = f": {said(page)}" if said(page) else ""
        lines += ["", f"docs/{page.uri} · {plain(page.page.title)}{note}"]
        for block in page.blocks:
            whole = state(block)
            parts = [
                f"{KINDS[c.kind]}: {_short(c.said)}" if c.said else KINDS[c.kind] for c in block.changes
            ]
            told = "; ".join(part for part in (whole, *parts) if part)
            lines.append(f"  {where(block)}: {told}")
    return "\n".join(lines)


def _short(text: str, most: int = 160) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


# In Markdown --------------------------------------------------------------------------


def markdown(difference: Difference) -> str:
    """The difference for a comment or the summary of a job: without pictures, which go in the HTML."""
    lines = ["# Diferencias de las salidas", "", f"**{counts(difference)}**", ""]
    lines += [f"- {_literal(line)}" for line in made(difference)]
    if not difference.made:
        lines.append(f"Los dos lados: {_literal(common(difference.new))}.")
    for page in difference.pages:
        lines += ["", f"## {_literal(plain(page.page.title))}", "", f"`docs/{page.uri}`"]
        if said(page):
            lines[-1] += f": {_literal(said(page))}"
        for block in page.blocks:
            lines += ["", f"### {_literal(where(block))}"]
            if whole := state(block):
                lines += ["", f"El bloque {whole}."]
            if not block.changes:
                lines += ["", *_fenced(block.block.code.split("\n"), "python")]
            for change in block.changes:
                lines += ["", *_change(change)]
    return "\n".join(lines) + "\n"


def _change(change: Change) -> list[str]:
    head = f"**{KINDS[change.kind].capitalize()}**: {_literal(_short(change.said))}"
    if change.kind == "summary" and change.rows:
        return [head, "", *_table(change.rows)]
    if change.kind == "figure":
        return [f"{head}. Las dos, en el informe en HTML."]
    rows = change.rows or tuple(alone(change))
    if not rows:
        return [head]
    shown = []
    for row in near(rows):
        if row is None:
            shown.append("  …")
        elif row.state == SAME:
            shown.append(f"  {row.new}")
        else:
            shown += [f"- {row.old}"] if row.state in (CHANGED, OLD) else []
            shown += [f"+ {row.new}"] if row.state in (CHANGED, NEW) else []
    if len(shown) > _LONGEST:
        shown = [*shown[:_LONGEST], f"  … y {len(shown) - _LONGEST} líneas más"]
    return [head, "", *_fenced(shown, "diff")]


def alone(change: Change) -> list[Row]:
    """The lines of an output that only one side has."""
    item, state = (change.new, NEW) if change.new else (change.old, OLD)
    if item is None or change.kind == "figure":
        return []
    text = item.get("alt") if change.kind == "diagram" else item.get("text")
    if change.kind == "summary":
        text = "\n".join(" | ".join(map(str, row)) for row in item["data"]["rows"])
    if change.kind == "error":
        text = f"{item['name']}: {text}"
    lines = str(text).split("\n")
    return [Row(state, line, "") if state == OLD else Row(state, "", line) for line in lines]


def near(rows: tuple[Row, ...]) -> list[Row | None]:
    """The rows that changed with those around them; None where others were left out."""
    wanted = {
        place
        for number, row in enumerate(rows)
        if row.state != SAME
        for place in range(number - AROUND, number + AROUND + 1)
    }
    kept: list[Row | None] = []
    for number, row in enumerate(rows):
        if number in wanted:
            kept.append(row)
        elif kept[-1:] != [None]:
            kept.append(None)
    return kept


def _table(rows: tuple[Row, ...]) -> list[str]:
    width = max(len(row.old or row.new) for row in rows)
    head = ["", *[""] * width]
    lines = [f"| {' | '.join(head)} |", f"| {' | '.join(['---'] * len(head))} |"]
    for row in rows:
        if row.state == CHANGED:
            pairs = list(zip(row.old, row.new, strict=False))
            cells = [_cell(b) if a == b else f"{_cell(a)} → **{_cell(b)}**" for a, b in pairs]
            mark = "cambió"
        else:
            cells = [_cell(each) for each in row.old or row.new]
            mark = {OLD: "ya no está", NEW: "nueva"}.get(row.state, "")
        cells += [""] * (width - len(cells))
        lines.append(f"| {' | '.join([mark, *cells])} |")
    return lines


def _cell(text: str) -> str:
    return _literal(text).replace("|", "&#124;")


def _literal(text: str) -> str:
    """Text from outside that Markdown must not read as its own."""
    text = html.escape(" ".join(str(text).split()), quote=False)
    return re.sub(r"([\\`*_{}\[\]#~!|])", r"\\\1", text)


def _fenced(lines: list[str], language: str) -> list[str]:
    longest = max((len(run) for run in re.findall("`+", "\n".join(lines))), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}{language}", *lines, fence]
