"""The last word on a page's markup: no idle white space, in reach of the keyboard, in its language."""

from __future__ import annotations

import re

#: Elements whose white space is meaning, or is not ours.
_RAW = re.compile(r"(<(pre|script|style|textarea|svg)\b[^>]*>.*?</\2>)", re.S)
_BLOCK_TAG = (
    r"</?(?:div|ul|ol|li|table|t[rdh]|thead|tbody|nav|section|article|p|h[1-6]|dl|d[td]|details)\b"
)
#: Pygments tokens that the page shows in the colour of plain code: names, punctuation, space.
_PLAIN_TOKEN = re.compile(r'<span class="(?:n|p|o|w|bp)">([^<]*)</span>|<span></span>')
#: Tokens that share a colour share a name too, and neighbours with one name become one.
_SAME_COLOUR = {"sa": "s2", "s1": "s2", "kn": "k", "ow": "k", "mf": "mi"}
#: A file of more lines, which is read outside the page, keeps the colour of its comments only.
LONG_FILE = 300
_COLOURED = re.compile(r'<span class="(?!c1|sd|hll)[a-z0-9]+">([^<]*)</span>')
_ALIGNED = re.compile(r'<(t[hd]) style="text-align: (left|center|right);">')


def readable(page: str) -> str:
    """A page's complete HTML, lighter and readable by any means: keyboard, screen reader, translator."""
    parts = _RAW.split(page)  # text, raw, its tag, text, raw, its tag…
    finished = []
    for number in range(0, len(parts), 3):
        finished.append(_text(parts[number]))
        for raw, tag in zip(parts[number + 1 : number + 2], parts[number + 2 : number + 3], strict=True):
            finished.append(_code(raw) if tag == "pre" else raw)
    return "".join(finished)


def _text(part: str) -> str:
    """Markup outside code: no idle white space, tables that scroll by keyboard."""
    part = re.sub(r"\s*\n\s*", "\n", part)
    part = re.sub(rf"\n(?={_BLOCK_TAG})", "", part)
    part = _ALIGNED.sub(r'<\1 class="kv-\2">', part)  # inline styles are forbidden
    part = re.sub(
        r"<table>.*?</table>",
        r'<div class="kv-wide" tabindex="0" role="group" aria-label="Tabla">\g<0></div>',
        part,
        flags=re.S,
    )
    part = part.replace(
        '<div class="tabbed-labels">',
        '<div class="tabbed-labels" tabindex="0" role="group" aria-label="Pestañas">',
    )
    return part.replace("<code>", '<code lang="en" translate="no">')


def _code(block: str) -> str:
    """A `<pre>`: only the tokens that have a colour; comments are in Spanish, the rest is not."""
    if block.startswith("<pre>") and "<code" not in block:  # the prose of notebooks
        block = f"<pre><code>{block[5:-6]}</code></pre>"
    if "<code" not in block:
        return block
    if block.count("\n") > LONG_FILE:
        block = _COLOURED.sub(r"\1", block)
    before = None
    while before != block:
        before, block = block, _PLAIN_TOKEN.sub(r"\1", block)
    block = re.sub(
        rf'<span class="({"|".join(_SAME_COLOUR)})">',
        lambda m: f'<span class="{_SAME_COLOUR[m[1]]}">',
        block,
    )
    before = None
    while before != block:
        before = block
        block = re.sub(r'(<span class="(\w+)">[^<]*)</span><span class="\2">', r"\1", block)
    block = re.sub(r'<span class="(c1|sd)">', r'<span class="\1" lang="es">', block)
    # Long lines scroll, so the keyboard has to reach them; the script lets go of those that don't.
    return block.replace("<code>", '<code lang="en" translate="no" tabindex="0">', 1)
