"""«Qué se ejecutó»: for whoever doubts, each page with its blocks, its seconds and a digest of what it gave.

The same is published for programs, as `verificacion.json`: `python -m livedocs diff` reads it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable

from livedocs.derived.differences.record import Page, Record
from livedocs.pages import anatomy
from livedocs.pages.course import Unit

#: What programs read, from the root of the site.
FILE = "verificacion.json"
#: Where the list goes in the page that asks for it with `verified: true`.
PLACEHOLDER = "<!-- verificacion -->"
#: Digits of a digest that a page shows; the file has them all.
SHOWN = 12

#: Measured: never twice the same.
_MEASURED = "<span data-volatile data-search-exclude>{}</span>"
_DATA = "data"


def versions(page: Page) -> str:
    """What executed a page, in one line: «Keras 3.15.1, TensorFlow 2.21.0, NumPy 2.4.6 y Python 3.11.7»."""
    return "Keras {keras}, {backend}, NumPy {numpy} y Python {python}".format_map(page.made)


def digest(page: Page) -> str:
    """What names a page's execution and what it gave, for whoever reports a problem in it."""
    return f"{page.execution[:SHOWN]} · {page.outputs[:SHOWN]}"


def phrase(page: Page) -> str:
    """What executed a page and what it gave, for its text when it is carried away."""
    return f"{versions(page)}; {page.made[_DATA]} (huella {page.outputs[:SHOWN]})"


def listing(record: Record, uri: str, groups: Iterable[tuple[str, str, list[str]]]) -> str:
    """What was executed, in Markdown, for the page at `uri`.

    Args:
        record: What the pages gave.
        uri: The page that shows it, an address from `docs/`.
        groups: The course in order: of each class or guide, a title, an anchor and its pages.
    """
    pages = record.pages
    blocks = sum(len(page.blocks) for page in pages.values())
    seconds = sum(page.seconds for page in pages.values())
    parts = [
        f"{_count(len(pages), 'página', 'páginas')} y {_count(blocks, 'bloque', 'bloques')}, en "
        f"{_MEASURED.format(_time(seconds))} de ejecución, con la semilla {record.seed}.",
    ]
    made = {}
    for name, page in pages.items():
        made.setdefault((versions(page), page.made[_DATA]), []).append(name)
    if len(made) == 1:
        ((what, data),) = made
        parts.append(f"Todas con {what}. Las cifras vienen de {data}.")
    else:
        parts.append(
            "\n".join(
                f"- {_count(len(names), 'página', 'páginas')} con {what}, y {data}."
                for (what, data), names in made.items()
            )
        )
    left = dict(pages)
    for title, anchor, uris in groups:
        rows = [_row(left.pop(each), each, uri) for each in uris if each in left]
        if rows:
            parts.append(f"### {title} {{ #{anchor} }}")
            parts.append(
                "\n".join(
                    ["| Página | Bloques | Segundos | Huella |", "| --- | ---: | ---: | --- |", *rows]
                )
            )
    return "\n\n".join(parts)


def groups(
    pages: Iterable[str], units: Iterable[Unit], title: Callable[[str], str]
) -> list[tuple[str, str, list[str]]]:
    """The pages as the list shows them: those of each class or guide, the errors and the others.

    Args:
        pages: Their addresses from `docs/`, in order.
        units: The classes and guides, in order.
        title: The title of a page.
    """
    found = [
        (title(unit.index), unit.folder.replace("/", "-"), [unit.index, *unit.pages]) for unit in units
    ]
    inside = {uri for _, _, uris in found for uri in uris}
    left = [uri for uri in pages if uri not in inside]
    errors = [uri for uri in left if uri.startswith(f"{anatomy.ATLAS}/")]
    others = [uri for uri in left if uri not in errors]
    return [
        *found,
        ("Errores", "paginas-de-errores", errors),
        ("Otras páginas", "otras-paginas", others),
    ]


def _row(page: Page, uri: str, at: str) -> str:
    link = posixpath.relpath(uri, posixpath.dirname(at) or ".")
    seconds = _MEASURED.format(f"{page.seconds:.1f}".replace(".", ","))
    title = re.sub(r"([\[\]|*_`<])", r"\\\1", page.title)
    return f"| [{title}]({link}) | {len(page.blocks)} | {seconds} | `{page.outputs[:SHOWN]}` |"


def _time(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:.0f} s"


def _count(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
