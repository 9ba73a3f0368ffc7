"""The search index, so that Spanish without accents and either language's term find a section.

Material searches for the words as written. Two more fields say them in other ways, `plain`
(of the text) and `plain_title`: words with an accent without it, and, for each term of the
glossary that a section uses, its name in the other language and what else it is asked for by.
What a section shows in blocks has fields of its own, so that a long program does not win over the
text that explains it: `error`, the messages, and `code`, each word of code and outputs once, if few sections have it.
Nothing of these fields is shown.
The browser asks without accents too (`overrides/partials/search-on-demand.html`).
"""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from livedocs.pages.words import plain

#: Splits identifiers too: `from_logits`, `keras.layers.Dense`, `load_model`, `TrainStep`.
SEPARATOR = r"[\s\u200b\-_,:;!¡?¿«»<>=+*\[\](){}\"'`´’/\\|…·]+|\.(?!\d)|&[lg]t;|&quot;|&#x27;|(?!\b)(?=[A-Z][a-z])"
_SOURCES = {"plain_title": "title", "plain": "text"}
#: A title's word counts as this many of the text. Material's 1000 lets one word of a title win
#: over a whole error message in the text.
TITLE_BOOST = 8
#: A word of an error's message counts as this many of the text, and one of code as this many.
ERROR_BOOST, CODE_BOOST = 3, 0.5
#: A program this long, in characters, is a file to take away (a verifier): its words find nothing.
PROGRAM = 6000
#: A word of code that more of the sections have than this tells none from another.
COMMON = 0.08
_WORD = re.compile(r"\w+")
_BLOCK = re.compile(r"<pre>(.*?)</pre>", re.S)
_MESSAGE = re.compile(r"[\w.]*(?:Error|Exception|Warning|Interrupt)\b")
_SEPARATOR = re.compile(SEPARATOR)


def finish(
    site: Path, terms: Iterable[dict], asked: dict[str, list[str]] | None = None, *, local: bool = False
) -> None:
    """Enrich the search index that a generator left in a site, if it left one.

    Args:
        site: A built site.
        terms: Entries of the glossary.
        asked: What else each page is asked for by, by address.
        local: Whether it will be read as files: then the index is a script too.
    """
    for name, adapter in _ADAPTERS.items():
        path = site / name
        if path.is_file():
            index = adapter(json.loads(path.read_text("utf-8")), terms, asked or {})
            text = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
            path.write_text(text, "utf-8")
            if local:  # a file may not read another, but it may run it
                path.with_suffix(".js").write_text(f"var __index = {text};\n", "utf-8")


def _zensical(index: dict, terms: Iterable[dict], asked: dict[str, list[str]]) -> dict:
    """Zensical's index has no fields of one's own: only where words end."""
    index["config"]["separator"] = SEPARATOR
    return index


def enrich(index: dict, terms: Iterable[dict], asked: dict[str, list[str]]) -> dict:
    """The index as Material wrote it, plus what else each of its sections may be asked for.

    Args:
        index: Contents of `search_index.json`.
        terms: Entries of the glossary, with `en`, `es` and perhaps `asked`, other words for it.
        asked: What else each page is asked for by, by address.
    """
    index["config"]["separator"] = SEPARATOR
    other_names = _other_names(terms)
    fields = index["config"]["fields"]
    fields["title"]["boost"] = TITLE_BOOST
    for extra, source in _SOURCES.items():
        fields[extra] = dict(fields[source])
    fields["error"], fields["code"] = {"boost": ERROR_BOOST}, {"boost": CODE_BOOST}
    codes = [_set_blocks_apart(section) for section in index["docs"]]
    having = Counter(word for words in codes for word in words)
    most = max(COMMON * len(codes), 2)
    for section, words in zip(index["docs"], codes, strict=True):
        told = _words_of(html.unescape(re.sub(r"<[^>]+>", " ", section["text"])))
        if rare := [word for word in words if having[word] <= most and word not in told]:
            section["code"] = " ".join(rare)
        for extra, source in _SOURCES.items():
            text = html.unescape(re.sub(r"<[^>]+>", " ", section.get(source, "")))
            if words := _also(text, other_names):
                section[extra] = " ".join(words)
        if more := asked.get(section["location"]):
            section["plain_title"] = " ".join(
                [section.get("plain_title", ""), *map(plain, more)]
            ).strip()
    return index


def _set_blocks_apart(section: dict) -> dict[str, None]:
    """Take out of the text of a section the messages and the code of its blocks.

    Returns:
        The words of the code, as the search asks for them, in their order.
    """
    messages, words = [], {}
    for block in _BLOCK.findall(section.get("text", "")):
        shown = html.unescape(re.sub(r"<[^>]+>", "", block)).strip()
        if _MESSAGE.match(shown):
            messages.append(shown)
        elif len(shown) < PROGRAM:
            words |= _words_of(shown)
    section["text"] = _BLOCK.sub("", section.get("text", ""))
    if messages:
        section["error"] = "\n".join(dict.fromkeys(messages))
    return words


def _words_of(text: str) -> dict[str, None]:
    """The words of a text and those of them without accents, as the search tells words apart."""
    pieces = (piece.lower() for piece in _SEPARATOR.split(text))
    told = [piece for piece in pieces if len(piece) > 1 and not piece.isdigit()]
    return dict.fromkeys(word for piece in told for word in (piece, _bare(piece)) if word)


def _bare(word: str) -> str:
    """A word without its accents; "" if it has none."""
    return bare if (bare := plain(word)) != word.lower() else ""


def _also(text: str, other_names: list[tuple[str, re.Pattern, set[str]]]) -> list[str]:
    folded = plain(text)
    words = {bare for word in set(_WORD.findall(text)) if (bare := _bare(word))}
    for first, name, others in other_names:
        if first in folded and name.search(folded):  # the plain look spares most of the others
            words |= others
    return sorted(words)


def _other_names(terms: Iterable[dict]) -> list[tuple[str, re.Pattern, set[str]]]:
    """For each name of a term: its first word, what finds it and the words of its other names."""
    names: dict[str, set[str]] = {}
    for term in terms:
        english = plain(re.sub(r"^to ", "", term["en"]))
        spanish = plain(re.sub(r"\s*\(.*\)", "", term["es"]))
        asked = {plain(word) for word in term.get("asked", ())}
        for name, other in ((english, spanish), (spanish, english)):
            if others := asked | {other} - {name}:
                names.setdefault(name, set()).update(others)
    return [
        (name.split()[0], _inflected(name), {w for other in others for w in _WORD.findall(other)})
        for name, others in names.items()
    ]


def _inflected(name: str) -> re.Pattern:
    # «capa densa» also as «capas densas»: each word may carry the ending of the plural.
    words = r"\W+".join(rf"{re.escape(word)}(?:s|es)?" for word in name.split())
    return re.compile(rf"(?<!\w){words}(?!\w)")


#: Where each generator leaves its index, and how it is enriched.
_ADAPTERS = {"search/search_index.json": enrich, "search.json": _zensical}
