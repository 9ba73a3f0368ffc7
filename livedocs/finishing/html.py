"""The last word on a page's markup: no idle white space, in reach of the keyboard, in its language."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from livedocs.derived import review

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
#: A file of more lines is read on the site: on paper a line says so in its place.
UNPRINTED_FILE = 120
#: The opening of a block of code, up to its `<pre>`.
_BLOCK = re.compile(
    r'(<div(?: id="(?P<kind>[bg])(?P<number>\d+)")? class="[^"]*\bhighlight">)(?P<name><span class="filename">[^<]*</span>)?\s*$'
)
#: The mark that links to a heading: part of no name, and no stop of the keyboard.
_PERMALINK = re.compile(r'<a class="(?:headerlink|anchor-link)"')
_HEADING = re.compile(
    r'<h(?P<level>[23]) id="(?P<id>[^"]+)">(?P<name>.*?)<a [^>]*>¶</a></h(?P=level)>', re.S
)
_NO_CONTENTS = re.compile(r'(<nav class="md-nav md-nav--secondary"[^>]*>)\s*(</nav>)')
_ALIGNED = re.compile(r'<(t[hd]) style="text-align: (left|center|right);">')


def readable(page: str) -> str:
    """A page's complete HTML, lighter and readable by any means: keyboard, screen reader, translator."""
    parts = _RAW.split(_with_contents(page))  # text, raw, its tag, text, raw, its tag…
    finished = []
    scripts, unrun = "data-kv-scripts" in page, itertools.count(1)
    reports = "data-kv-report" in page
    for number in range(0, len(parts), 3):
        text = _text(parts[number])
        if parts[number + 2 : number + 3] == ["pre"] and "<code" in parts[number + 1]:
            text = _BLOCK.sub(lambda opening: _bar(opening, scripts, reports, unrun), text)
        finished.append(text)
        for raw, tag in zip(parts[number + 1 : number + 2], parts[number + 2 : number + 3], strict=True):
            finished.append(_code(raw) if tag == "pre" else raw)
    return "".join(finished)


def _text(part: str) -> str:
    """Markup outside code: no idle white space, tables that scroll by keyboard."""
    part = re.sub(r"\s*\n\s*", "\n", part)
    part = re.sub(rf"\n(?={_BLOCK_TAG})", "", part)
    part = _PERMALINK.sub(r'\g<0> aria-hidden="true" tabindex="-1"', part)
    part = _ALIGNED.sub(r'<\1 class="kv-\2">', part)  # inline styles are forbidden
    part = re.sub(
        r"<table>.*?</table>",
        r'<div class="kv-wide" tabindex="0" role="group" aria-label="Tabla">\g<0></div>',
        part,
        flags=re.S,
    )
    part = part.replace(f"<a {review.HELD_LINK}=", "<a href=")
    part = part.replace(
        '<div class="tabbed-labels">',
        '<div class="tabbed-labels" tabindex="0" role="group" aria-label="Pestañas">',
    )
    return part.replace("<code>", '<code lang="en" translate="no">')


def _bar(opening: re.Match, scripts: bool, reports: bool, unrun: Iterator[int]) -> str:
    """The opening of a block of code with what can be done with it, above the code.

    Args:
        opening: A match of :data:`_BLOCK`.
        scripts: Whether the page has a script up to each block.
        reports: Whether it says where to report a problem.
        unrun: Numbers for the blocks that have none.
    """
    which = f"el bloque {opening['number']}" if opening["number"] else f"el fragmento {next(unrun)}"
    if opening["kind"] == "g":  # the same block is below, complete
        which += ", con huecos"
    buttons = f'<button type="button" aria-label="Copiar {which}">Copiar</button>'
    if opening["number"] and scripts:
        buttons += (
            f'<button type="button" class="kv-upto" aria-label="Copiar hasta acá: {which} y lo que necesita">'
            "Hasta acá</button>"
        )
    if opening["kind"] == "b" and reports:
        buttons += f'<button type="button" class="kv-dots" aria-label="Más sobre {which}"></button>'
    return f'{opening[1]}<div class="kv-bar">{opening["name"] or ""}{buttons}</div>'


def _with_contents(page: str) -> str:
    """A page that its generator took for one without headings, a notebook, with its contents."""
    if "kv-notebook" not in page:
        return page
    items = "".join(
        f'<li class="md-nav__item"><a href="#{heading["id"]}" class="md-nav__link kv-level-{heading["level"]}">'
        f'<span class="md-ellipsis">{re.sub("<[^>]+>", "", heading["name"])}</span></a></li>'
        for heading in _HEADING.finditer(page)
    )
    contents = (
        '<div class="md-nav__title">Tabla de contenidos</div>'
        f'<ul class="md-nav__list" data-md-component="toc" data-md-scrollfix>{items}</ul>'
    )
    return (
        _NO_CONTENTS.sub(lambda empty: empty[1] + contents + empty[2], page, count=1) if items else page
    )


def _code(block: str) -> str:
    """A `<pre>`: only the tokens that have a colour; comments are in Spanish, the rest is not."""
    if block.startswith("<pre>") and "<code" not in block:  # the prose of notebooks
        block = f"<pre><code>{block[5:-6]}</code></pre>"
    if "<code" not in block:
        return block
    if (lines := block.count("\n")) > UNPRINTED_FILE:
        block = block.replace("<pre", '<pre class="kv-unprinted"', 1)
        block += f'<p class="kv-on-paper">Este archivo tiene {lines} líneas: leelo en esta página del sitio.</p>'
    if lines > LONG_FILE:
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
