"""How long a lesson takes, by what its reader sees: reading apart from practice.

What is folded counts nothing for reading: hints, solutions, verifiers, self-checks. Practice is
the statements of the exercises and the writing of their solutions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from livedocs.kept import once
from livedocs.pages.chapter import Chapter, Prose

WORDS_PER_MINUTE = 200
#: Code is read slower, and run: seconds for each line that is not blank.
SECONDS_PER_LINE = 4
#: Thinking and typing one line of a solution, in seconds.
SECONDS_PER_LINE_WRITTEN = 45

_MARKUP = re.compile(r"\]\([^)]*\)|\{[^}\n]*\}|^/{3,}.*$|^ {4}\w+:.*$|^\|[-| :]+\|$|^---$", re.M)


@dataclass(frozen=True)
class Time:
    """Whole minutes: of reading, at least one, and of practice, 0 without exercises."""

    reading: int
    practice: int


@once
def time(chapter: Chapter) -> Time:
    """How long a page takes to read, and to do what it asks for."""
    folded = [(block.line, block.end_line) for block in chapter.blocks if block.name == "details"]
    reading = practice = 0.0
    level = 0  # of the exercise that is open
    starts = {heading.line: heading for heading in chapter.headings}
    for line, words, code, cell in _lines(chapter):
        if heading := starts.get(line):
            if heading.asks:
                level = heading.level
            elif heading.level <= level:
                level = 0
        seconds = words * 60 / WORDS_PER_MINUTE + code * SECONDS_PER_LINE
        if cell and cell.in_solution and level:
            practice += code * SECONDS_PER_LINE_WRITTEN
        elif (cell and "check" in cell.attributes) or any(start <= line <= end for start, end in folded):
            continue
        elif level:
            practice += seconds
        else:
            reading += seconds
    return Time(max(1, round(reading / 60)), round(practice / 60))


def _lines(chapter: Chapter):
    """Line, words of prose, lines of code and the cell they are in, if they are."""
    for part in chapter.parts:
        if not isinstance(part, Prose):
            yield part.line, 0, sum(bool(line.strip()) for line in part.code.splitlines()), part
            continue
        text = _MARKUP.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), part.text)
        for offset, line in enumerate(text.split("\n")):
            yield part.line + offset, len(re.findall(r"\w+", line)), 0, None
