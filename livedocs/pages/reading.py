"""How long each part of a page takes to read, and where its exercises are."""

from __future__ import annotations

import re

from livedocs.pages.chapter import Chapter, Prose

WORDS_PER_MINUTE = 200
#: Code is read slower, and run: seconds for each line that is not blank.
SECONDS_PER_LINE = 4

_HEADING = re.compile(r"^## .*\{ ?#(?P<anchor>[\w-]+) ?\}[ \t]*$", re.M)
_MARKUP = re.compile(r"\]\([^)]*\)|\{[^}\n]*\}|^/{3,}.*$|^ {4}\w+:.*$|^\|[-| :]+\|$|^---$", re.M)


def minutes(chapter: Chapter) -> dict[str, int]:
    """Whole minutes, at least one, of each `##` section, by its anchor."""
    seconds: dict[str, float] = {}
    anchor = None
    for part in chapter.parts:
        if not isinstance(part, Prose):
            if anchor:
                lines = [line for line in part.code.splitlines() if line.strip()]
                seconds[anchor] += SECONDS_PER_LINE * len(lines)
            continue
        end = 0
        for match in [*_HEADING.finditer(part.text), None]:
            text = part.text[end : match.start() if match else None]
            if anchor:
                words = re.findall(r"\w+", _MARKUP.sub(" ", text))
                seconds[anchor] += len(words) * 60 / WORDS_PER_MINUTE
            if match:
                anchor, end = match["anchor"], match.end()
                seconds[anchor] = 0.0
    return {anchor: max(1, round(value / 60)) for anchor, value in seconds.items()}


def show(page: str, found: dict[str, int]) -> str:
    """The page with each section's minutes below its heading."""

    def below(match: re.Match) -> str:
        time = found.get(match["anchor"])
        return f'{match[0]}<p class="kv-minutes">{time} min de lectura</p>' if time else match[0]

    return re.sub(r'<h2 id="(?P<anchor>[^"]+)">.*?</h2>', below, page, flags=re.S)
