"""The messages that the pages print, so that a reader who pastes one finds where it is explained.

They are those of the build: if a new version of Keras says an error in other words, so do these.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from livedocs.derived.atlas import Entry
from livedocs.execution.results import Execution
from livedocs.pages import anatomy
from livedocs.pages.chapter import Chapter, Heading
from livedocs.pages.words import without_html
from livedocs.rendering.streams import settle

#: The script that the finder reads.
SCRIPT = "assets/mensajes.js"
#: Where the list goes in the page that asks for it with `messages: true`.
PLACEHOLDER = "<!-- mensajes -->"
#: What the code of a page decides: it says nothing of what a reader did.
_OWN = {"AssertionError", "NameError", "SystemExit", "KeyboardInterrupt"}
_SAID = re.compile(
    r"^[\w.]*?(?P<kind>\w*(?:Error|Warning|WARNING)): *(?:(?:tensorflow|absl): ?)?(?P<text>\S.*)$", re.M
)
_LONGEST = 1200  # characters; what tells an error from another comes first
_SHOWN = 110


@dataclass(frozen=True)
class Message:
    """An error or a warning that a page prints.

    Attributes:
        kind: Its class, as Python names it.
        text: What it says.
        uri: The page, from `docs/`.
        anchor: The section of the page; "" if the whole page is about it.
        title: The section's title, or the page's.
        page: The title of its page; of a page about an error, its description.
        about: Whether the section is about the error.
    """

    kind: str
    text: str
    uri: str
    anchor: str
    title: str
    page: str
    about: bool


def messages(chapters: Iterable[Chapter], executions: dict[str, Execution]) -> list[Message]:
    """Every message, once per section, in the order of the pages."""
    found: dict[tuple, Message] = {}
    for chapter in chapters:
        execution = executions[chapter.path]
        if execution.failed:
            continue
        for cell, result in zip(chapter.executed_cells, execution.results, strict=True):
            if "check" in cell.attributes:
                continue
            about, meta = anatomy.is_error(chapter), chapter.meta
            if about:
                place = "", meta.get("title", ""), meta.get("description", "")
            elif section := _section(chapter, cell.line):
                place = section.anchor, section.title, meta.get("title", "")
            else:
                continue
            anchor, title, page = map(_plain, place)
            for kind, text in (said for output in result.outputs for said in _said(output)):
                made = Message(kind, text[:_LONGEST], chapter.source, anchor, title, page, about)
                found.setdefault((kind, text, made.uri, made.anchor), made)
    return list(found.values())


def script(
    found: Iterable[Message],
    at: Callable[[str], str],
    atlas: Iterable[Entry] = (),
    provenance: dict | None = None,
) -> str:
    """What the finder reads: by section, address, titles, messages and how readers tell it.

    Args:
        found: The messages.
        at: The address of a page of `docs/`.
        atlas: The errors that have a page, with the wordings of other versions.
        provenance: Of an execution, for the versions that printed the messages; None if not known.
    """
    sections: dict[str, dict] = {}
    for entry in atlas:
        address = at(entry.uri)
        sections[address] = {
            "u": address, "t": entry.title, "p": entry.description, "a": 1, "m": list(entry.older),
            "s": list(entry.symptoms),
        }  # fmt: skip
    for message in found:
        address = _to(at(message.uri), message.anchor)
        entry = sections.setdefault(
            address,
            {"u": address, "t": message.title, "p": message.page, "a": int(message.about), "m": []},
        )
        entry["m"].append(f"{message.kind}: {message.text}")
    versions = "Keras {keras}, {backend}, Python {python}".format_map(provenance) if provenance else ""
    text = json.dumps(list(sections.values()), ensure_ascii=False, separators=(",", ":"))
    return f"window.kvVersions={json.dumps(versions)};\nwindow.kvMessages={text};\n"


def listing(found: Iterable[Message], uri: str) -> str:
    """The messages by class, in Markdown, each leading to its section from the page at `uri`."""
    kinds: dict[str, dict[str, str]] = {}
    for message in sorted(found, key=lambda m: not m.about):  # the section about it wins
        first, page = _first(message.text), posixpath.relpath(message.uri, posixpath.dirname(uri) or ".")
        row = f"- [`{first}`]({_to(page, message.anchor)}): {without_html(message.title)}"
        kinds.setdefault(message.kind, {}).setdefault(first, row)
    parts = []
    for kind in sorted(kinds):
        rows = "\n".join(kinds[kind][text] for text in sorted(kinds[kind], key=str.lower))
        parts.append(f"### {kind} {{ #{kind.lower()} }}\n\n{rows}")
    return "\n\n".join(parts)


def anchors(found: Iterable[Message]) -> list[str]:
    """Those that the list has."""
    return sorted({message.kind.lower() for message in found})


def _said(output: dict) -> list[tuple[str, str]]:
    if output["output_type"] == "error":
        pairs = [(output["ename"], output["evalue"])]
    elif output["output_type"] == "stream":
        pairs = [(m["kind"], m["text"]) for m in _SAID.finditer(output["text"])]
    else:
        pairs = []
    told = ((kind, settle(text).strip()) for kind, text in pairs if kind not in _OWN)
    return [(kind, text) for kind, text in told if text]


def _to(page: str, anchor: str) -> str:
    return f"{page}#{anchor}" if anchor else page


def _section(chapter: Chapter, line: int) -> Heading | None:
    above = [h for h in chapter.headings if h.level > 1 and h.anchor and h.line < line]
    return above[-1] if above else None


def _first(text: str) -> str:
    """The start of a message, on one line, that can be written as code."""
    lines = [line for line in text.split("\n") if line.strip()]
    # Keras says first where it was; what happened comes below.
    told = lines[1] if lines[0].startswith("Exception encountered") and len(lines) > 1 else lines[0]
    told = re.sub(r"\s+", " ", told).replace("`", "'").replace("|", "¦").strip()
    return told if len(told) <= _SHOWN else told[: _SHOWN - 1].rsplit(" ", 1)[0] + "…"


def _plain(title: str) -> str:
    return title.replace("`", "")
