"""The options of «¿Qué imprime?»: the list below the block, one option per item and why.

Each item starts with the option as inline code and goes on, after a colon, with one sentence:
which belief leads there and why it fails or, for the right one, why it is so. Which one is
right is not written: the run decides it (`rendering/quiz.py`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

FEWEST, MOST = 3, 4

_ITEM = re.compile(r" {0,3}[-*+] +(?P<text>\S.*)")
_OPTION = re.compile(r"(?P<ticks>`+)(?!`)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)(?P<rest>.*)")
#: What ends a list without an empty line: a fence, a `///` block, a heading.
_OTHER = re.compile(r"[ \t]*(?:`{3,}|~{3,}|/{3,}|#{1,6} )")

_HOW = "«- `lo que imprime`: por qué», una por línea"


class QuizError(Exception):
    """A list that its author has to mend.

    Args:
        message: What is wrong and what to do, in Spanish.
        offset: At which line, counted from 0 below the block; None if it is the block itself.
    """

    def __init__(self, message: str, offset: int | None = None):
        self.offset = offset
        super().__init__(message)


@dataclass(frozen=True)
class Option:
    """What a block might print, and why it does or does not.

    Attributes:
        text: The option, as it is compared with what the block prints.
        why: One sentence of Markdown.
    """

    text: str
    why: str


@dataclass(frozen=True)
class Options:
    """The list below a quiz: its options and the lines of the page that it takes."""

    found: tuple[Option, ...]
    line: int
    end_line: int

    def __iter__(self):
        return iter(self.found)

    def __len__(self):
        return len(self.found)


def read(after: list[str], line: int) -> Options:
    """The options of a quiz.

    Args:
        after: The lines of the page that follow the block, without its own indentation.
        line: Line of the page, counted from 1, of the first of them.

    Raises:
        QuizError: there is no list, or it is not one of three or four distinct options, each
            explained.
    """
    start = next((n for n, text in enumerate(after) if text.strip()), len(after))
    items: list[tuple[int, str]] = []
    end = start
    for end, text in enumerate([*after[start:], ""], start):
        if match := _ITEM.match(text):
            items.append((end, match["text"]))
        elif not items or not text.strip() or _OTHER.match(text):
            break
        else:
            items[-1] = (items[-1][0], f"{items[-1][1]} {text.strip()}")
    if not items:
        raise QuizError(f"al «quiz» le falta debajo la lista de opciones: {_HOW}.")
    following = next((text for text in after[end:] if text.strip()), "")
    if _ITEM.match(following):
        raise QuizError("la lista de opciones va sin líneas vacías entre un ítem y otro.", end)
    options: list[Option] = []
    for at, text in items:
        match = _OPTION.match(text)
        if not match:
            raise QuizError(f"cada opción empieza con lo que imprimiría, como código: {_HOW}.", at)
        option, rest = match["code"].strip(), match["rest"]
        if not re.match(r": +\S", rest):
            raise QuizError(
                f"a la opción «{option}» le falta, después de «: », por qué imprime eso o por qué no.",
                at,
            )
        if any(option == other.text for other in options):
            raise QuizError(f"la opción «{option}» está dos veces; cambiá una.", at)
        options.append(Option(option, rest[1:].strip()))
    if not FEWEST <= len(options) <= MOST:
        raise QuizError(
            f"un «quiz» lleva {FEWEST} o {MOST} opciones y acá hay {len(options)}: {_HOW}.", start
        )
    return Options(tuple(options), line + start, line + end - 1)
