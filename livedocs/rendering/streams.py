"""What a block printed, as a terminal would leave it, with what chance decided marked."""

from __future__ import annotations

import html
import itertools
import re

_VOLATILE = re.compile(
    r"(?<![\w.,])\d+(?:[.,]\d+)?\s?(?:ns|µs|us|ms|s|min)(?:/(?:step|epoch|época|paso|lote|muestra))?(?![\w%])"
    r"|0x[0-9a-f]{6,}|(?<='shared_object_id': )\d+"  # Keras numbers its objects by their address
)
#: What parts two columns, and a row of a matrix.
_GAP = re.compile(r"(?<=\S) {2,}(?=\S)")
_ROW = re.compile(r" *\[+[^\[\]]+\]")
#: What tells a terminal something: control sequences, strings for it (the address of a link, a
#: title), and the shorter ones. The end of a string is not looked for beyond the next escape: in
#: a text full of them that never end, it would be looked for again and again.
_ANSI = re.compile(
    r"(?:\x1b\[|\x9b)(?P<codes>[0-9:;<=>?]*)[ -/]*(?P<final>[@-~])"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x80-\x9f]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b(?:[ -/]+[0-~]|[0-OQ-WYZ\\`-~])"
)
#: Characters that show nothing.
_CONTROLS = frozenset(map(chr, {*range(32), *range(127, 160)} - {9}))
_NOTHING = dict.fromkeys(map(ord, _CONTROLS - {"\n"}))


def without_controls(text: str) -> str:
    """A text, or HTML, without characters that show nothing."""
    return text.translate(_NOTHING)


def settle(text: str) -> str:
    """The text as a terminal would leave it: ANSI codes, `\\r` and `\\b` resolved."""
    lines = []
    for line in text.replace("\r\n", "\n").split("\n"):
        row: list[str] = []
        column = 0
        position = 0
        while position < len(line):
            char = line[position]
            if char in _CONTROLS and (match := _ANSI.match(line, position)):
                if match["final"] == "K":
                    erased = match["codes"] or "0"
                    row = row[:column] if erased == "0" else [" "] * column if erased == "1" else []
                position = match.end()
                continue
            position += 1
            if char == "\r":
                column = 0
            elif char == "\b":
                column = max(0, column - 1)
            elif char not in _CONTROLS:
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


def without_chance(text: str) -> str:
    """The text with «…» in place of each measurement and address."""
    return _VOLATILE.sub("…", text)


def in_columns(text: str) -> bool:
    """Whether a text is a table or a matrix, which means nothing once its lines are folded."""
    lines = [line for line in text.split("\n") if line.strip()]
    if sum(len(_GAP.findall(line)) >= 2 for line in lines) >= 3:
        return True
    return any(
        len(line) == len(after) and _ROW.match(line) and _ROW.match(after)
        for line, after in itertools.pairwise(lines)
    )


def pre(text: str, *, mark: bool = True, label: str = "", lang: str = "", css: str = "kv-text") -> str:
    body = mark_volatile(text) if mark else html.escape(text)
    extra = f' lang="{lang}"' if lang else ""
    if label == "Salida" and in_columns(text):  # warnings and errors are read, not looked up
        css = "kv-text kv-columns"
    if label:  # a region that scrolls must be reachable, and named
        extra += f' role="group" aria-label="{html.escape(label)}"'
    # No <code>: the theme would add a copy button to what is not code.
    return f'<pre class="{css}" tabindex="0"{extra}>{body}</pre>'


def paint_stream(output: dict) -> str:
    text = settle(output["text"]).strip("\n")
    if not text.strip():
        return ""
    if output["name"] == "stdout":
        return pre(text, label="Salida")
    title = "Advertencia" if re.search(r"warning", text, re.I) else "Mensaje de la biblioteca"
    return (
        f'<div class="kv-warning">\n<p class="kv-label">{title}</p>\n'
        f"{pre(text, label=title, lang='en')}\n</div>"
    )
