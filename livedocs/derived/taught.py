"""Where the pages teach each file of `snippets/`: they include it, or lead to its card."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

from livedocs.kept import Kept, digest
from livedocs.pages import course

_HEADING_OR_USE = re.compile(
    r"^#{1,6} (?P<title>.+?) \{ ?#(?P<anchor>[\w-]+) ?\}$"
    r"|^[ \t>]*--8<-- [\"'](?P<path>[^\"':]+)"
    r"|\(\S*\bsnippets\.md#(?P<card>[\w-]+)\)",
    re.M,
)


def links(root: Path, gallery: str, kept: Kept | None = None) -> dict[str, list[str]]:
    """Links, in Markdown, to the nearest heading above each use of a file of `snippets/`.

    Args:
        gallery: The page of the cards, from `docs/`, which teaches none.
        kept: What was read of each page before.

    Returns:
        By the path of the file, where a page includes it; by the anchor of its card, where a page
        leads to it.
    """
    docs, kept = root / "docs", kept or Kept()
    found: dict[str, list[str]] = {}
    for page in sorted(docs.rglob("*.md")):
        if page == docs / gallery:
            continue
        address = page.relative_to(docs).as_posix()
        place, link = address, address
        title = ""
        data = page.read_bytes()
        for match in kept.of(("taught", digest(data)), partial(_matches, data)):
            if used := match["path"] or match["card"]:
                found.setdefault(used, []).append(f"[{place}]({link})")
            elif not title:
                title = place = _with_class(match["title"], docs, address)
            else:
                place, link = f"{title}, «{match['title']}»", f"{address}#{match['anchor']}"
    return found


def _matches(data: bytes) -> list[dict]:
    """What a page says of snippets and, so that they have a place, its headings."""
    text = data.decode("utf-8-sig", "replace").replace("\r\n", "\n")
    return [match.groupdict() for match in _HEADING_OR_USE.finditer(text)]


def _with_class(title: str, docs: Path, address: str) -> str:
    """The title of a page, after the class whose lesson it is: «Clase 103 · Compartir capas»."""
    name = title.partition(" — ")[0]
    index = docs / course.unit_of(address) / "index.md"
    if not course.unit_of(address) or not index.is_file():
        return name
    first = _HEADING_OR_USE.search(index.read_text("utf-8-sig"))
    kind = first["title"].partition(" — ")[0] if first and first["title"] else ""
    return f"{kind} · {name}" if kind and kind != name else name
