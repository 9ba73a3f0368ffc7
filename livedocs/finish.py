"""What is done to every finished page: lighter, readable by any means, closed to other hosts.

One function on the final HTML, so that pages, notebooks and the 404 get the same treatment
whatever made them.
"""

from __future__ import annotations

import base64
import hashlib
import html
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
_SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<code>.*?)</script>", re.S)
_ALIGNED = re.compile(r'<(t[hd]) style="text-align: (left|center|right);">')


def finish(page: str, *, policy: bool = True, local: bool = False) -> str:
    """A page as it is published.

    Args:
        page: Its complete HTML.
        policy: Whether it forbids itself other hosts; the live reload of `serve` needs it off.
        local: Whether it has to work opened as a file too, which is of no site.
    """
    parts = _RAW.split(page)  # text, raw, its tag, text, raw, its tag…
    finished = []
    for number in range(0, len(parts), 3):
        finished.append(_text(parts[number]))
        for raw, tag in zip(parts[number + 1 : number + 2], parts[number + 2 : number + 3], strict=True):
            finished.append(_code(raw) if tag == "pre" else raw)
    page = "".join(finished)
    return _closed(page, "'self' file:" if local else "'self'") if policy else page


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


def lighter_asset(text: str) -> str:
    """A style sheet or script of ours without its block comments, indentation and empty lines."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//")) + "\n"


def _closed(page: str, own: str) -> str:
    """Let the page use its own site (`own`) and the inline scripts it has now, nothing else."""
    digests = []
    for script in _SCRIPT.finditer(page):
        if "src=" in script["attributes"] or "application/json" in script["attributes"]:
            continue
        digest = base64.b64encode(hashlib.sha256(script["code"].encode()).digest()).decode()
        if digest not in digests:
            digests.append(digest)
    rules = {
        "default-src": own,
        "script-src": " ".join([own, *(f"'sha256-{digest}'" for digest in digests)]),
        "img-src": f"{own} data:",  # the figures of a page travel inside it
        "object-src": "'none'",
        "base-uri": own,
        "form-action": own,
    }
    content = html.escape("; ".join(f"{name} {value}" for name, value in rules.items()), quote=False)
    meta = f'<meta http-equiv="Content-Security-Policy" content="{content}">'
    return page.replace('<meta charset="utf-8">', f'<meta charset="utf-8">{meta}', 1)
