"""What a site must hold of a page: the manifest's entry, against which the built site is compared."""

from __future__ import annotations

import html
import posixpath
import re

from livedocs.execution.kernel_setup import SUMMARY_MIME
from livedocs.execution.results import OK, Execution
from livedocs.pages.chapter import Chapter, Prose
from livedocs.rendering.figures import PICTURES, text_of
from livedocs.rendering.streams import settle

_LINK = re.compile(r"(?<!!)\]\((?P<target>[^)\s]+)\)")
_FENCED = re.compile(r"^[ \t>]*(`{3,}|~{3,}).*?^[ \t>]*\1[ \t]*$", re.M | re.S)
_CODE = re.compile(r"`[^`\n]*`")


def of(chapter: Chapter, execution: Execution, local: bool = False) -> dict:
    """Its address, anchors, executed blocks, outputs by block and links to other pages."""
    prose = "\n\n".join(part.text for part in chapter.parts if isinstance(part, Prose))
    return {
        "url": address(chapter.source, local),
        "anchors": [heading.anchor for heading in chapter.headings if heading.anchor],
        "blocks": len(chapter.executed_cells),
        "outputs": {} if execution.failed else _outputs(execution),
        "links": sorted(links_of(_FENCED.sub("", prose), chapter.source)),
        "quizzes": 0 if execution.failed else sum(bool(c.options) for c in chapter.executed_cells),
    }


def address(uri: str, local: bool = False) -> str:
    """Where a page is, from the root of the site: a folder, or a file in the local edition."""
    place = uri.removesuffix(".md")
    if local:
        return f"{place}.html"
    folder = re.sub(r"(?:^|(?<=/))index$", "", place)
    return folder if not folder or folder.endswith("/") else f"{folder}/"


def _outputs(execution: Execution) -> dict[str, list[str]]:
    """What each executed block must show, by its anchor: kinds of output, in order."""
    shown = {}
    for number, result in enumerate(execution.results, 1):
        kinds = [kind for output in result.outputs if (kind := _kind(output))]
        if kinds and result.status == OK:
            shown[f"b{number}"] = kinds
    return shown


def _kind(output: dict) -> str:
    """What an output must look like on the page; "" if it may leave no trace there."""
    if output["output_type"] == "error":
        return "error"
    if output["output_type"] == "stream":
        return ("text" if output["name"] == "stdout" else "warning") if _seen(output["text"]) else ""
    data, alt = output["data"], text_of(output.get("metadata", {}).get("alt"))
    if SUMMARY_MIME in data:
        return "summary"
    if "image/svg+xml" in data:
        return "diagram" if alt else "figure"
    if not data.keys().isdisjoint(PICTURES):
        return "figure"
    return "text" if _seen(text_of(data.get("text/plain"))) else ""


def _seen(text: str) -> bool:
    return bool(settle(text).strip())


def links_of(prose: str, uri: str) -> set[str]:
    """The pages, with their anchors, that a page's prose links to, as addresses from `docs/`."""
    found = set()
    for match in _LINK.finditer(_CODE.sub("", prose)):
        target, _, anchor = html.unescape(match["target"]).partition("#")
        if re.match(r"[a-z]+:", target) or (target and not target.endswith(".md")):
            continue
        page = posixpath.normpath(posixpath.join(posixpath.dirname(uri), target)) if target else uri
        found.add(f"{page}#{anchor}" if anchor else page)
    return found
