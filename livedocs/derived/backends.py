"""What of the course runs on other backends, as its own tests found: a table for a page.

The result is a committed file, which `python -m tests.backends` writes; no number of it is typed.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

FILE = "docs/backends.json"
#: Where the table goes in the page that asks for it with `backends: true`.
PLACEHOLDER = "<!-- backends -->"

#: How a block went: it prints the same; other numbers; other words; nothing that can be compared;
#: it ends otherwise (an error for none, or another); it wants TensorFlow.
SAME, NUMBERS, DIFFERENT, UNPRINTED = "same", "numbers", "different", "unprinted"
ELSEWHERE, WANTS_TENSORFLOW = "elsewhere", "tensorflow"
NAMES = {"jax": "JAX", "torch": "PyTorch"}


def load(root: Path) -> dict:
    """The result, by backend; empty if there is none.

    Raises:
        ValueError: it can't be read; in Spanish, with what to do.
    """
    file = root / FILE
    if not file.is_file():
        return {}
    try:
        found = json.loads(file.read_text("utf-8"))
        return {name: found[name] for name in NAMES if "pages" in found.get(name, {})}
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{FILE}: no se puede leer ({error}); hacelo de nuevo con «python -m tests.backends jax»."
        ) from None


@dataclass(frozen=True)
class Part:
    """A class, a guide or the errors: its title and its pages, each with its title, by their paths."""

    title: str
    pages: dict[str, str]


def listing(result: dict, parts: list[Part]) -> str:
    """What was tried, how many blocks run in each part of the course, and which end otherwise.

    Args:
        result: As `load` gives it.
        parts: Of the course, in order.
    """
    if not result:
        return "Todavía no hay un resultado guardado."
    lines = []
    for backend, found in result.items():
        versions = ", ".join(f"{_NAMED.get(n, n)} {v}" for n, v in sorted(found["versions"].items()))
        count = len(found["pages"])
        tried = "1 página" if count == 1 else f"{count} páginas"
        lines.append(f"- **{NAMES[backend]}**: {tried}, el {found['date']}, con {versions}.")
    for backend, found in result.items():
        lines += ["", f"## Con {NAMES[backend]} {{ #con-{backend} }}", "", *_HEAD]
        for part in parts:
            tried = [found["pages"][uri] for uri in part.pages if uri in found["pages"]]
            if tried:
                lines.append(_row(part.title, tried))
        lines += ["", f"### Lo que no es igual con {NAMES[backend]} {{ #distinto-{backend} }}", ""]
        lines += [
            f"- [{_plain(title)}]({uri}){told}"
            for part in parts
            for uri, title in part.pages.items()
            if (told := _differences(found["pages"].get(uri), backend))
        ] or ["Todo termina igual."]
    return "\n".join(lines)


_NAMED = {"keras": "Keras", "jax": "JAX", "torch": "PyTorch", "numpy": "NumPy", "python": "Python"}
_HEAD = [
    "| Parte | Bloques que corren | Imprimen lo mismo | Otros números | Otras palabras |",
    "| --- | --- | --- | --- | --- |",
]


def _row(title: str, pages: list[dict]) -> str:
    kinds = Counter()
    for page in pages:
        kinds.update(page["kinds"])
    blocks = sum(kinds.values())
    runs = blocks - kinds[WANTS_TENSORFLOW] - kinds[ELSEWHERE]
    cells = f"{runs} de {blocks}", kinds[SAME], kinds[NUMBERS], kinds[DIFFERENT]
    return f"| {_plain(title)} | {' | '.join(map(str, cells))} |"


def _differences(page: dict | None, backend: str) -> str:
    """The blocks of a page that end otherwise, want TensorFlow or say something else."""
    if page is None:
        return ""
    told = []
    for end in page["elsewhere"]:
        here, there = (f"da `{end[who]}`" if end[who] else "no falla" for who in ("tensorflow", backend))
        told.append(f"el bloque {end['block']} {there} (con TensorFlow, {here})")
    if count := page["kinds"].get(WANTS_TENSORFLOW, 0):
        told.append(f"{count} {'bloque pide' if count == 1 else 'bloques piden'} TensorFlow")
    for said in page["different"]:
        here, there = _code(said["tensorflow"]), _code(said[backend])
        told.append(f"el bloque {said['block']} dice {there} (con TensorFlow, {here})")
    return f": {'; '.join(told)}." if told else ""


def _code(line: str) -> str:
    """A line of an output, as code in Markdown, whatever it holds."""
    return f"``` {line} ```" if line else "nada"


def _plain(title: str) -> str:
    return title.replace("|", "\\|").replace("[", "\\[").replace("]", "\\]")
