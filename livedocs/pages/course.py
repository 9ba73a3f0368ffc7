"""The course as `mkdocs.yml` orders it: units, which are classes and guides, and their pages.

A unit is a folder of `docs/clases/` or `docs/guias/`, or `docs/empezar/`, which is built as a guide:
its `index.md` and its lessons. The order is that of `nav`, the only place that says it; no site
generator is needed to read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

import yaml

#: The folders whose folders are units.
CLASSES, GUIDES = "clases", "guias"
#: The unit that comes before the classes, a folder by itself.
START = "empezar"


@dataclass(frozen=True)
class Unit:
    """A class or a guide.

    Attributes:
        folder: Below `docs/`: "clases/102-sequential".
        pages: Its pages but the index, from `docs/`, in the order of `nav`; those that `nav`
            leaves out come last, by name.
    """

    folder: str
    pages: tuple[str, ...]

    @property
    def index(self) -> str:
        """Its first page, from `docs/`."""
        return f"{self.folder}/index.md"

    @property
    def is_class(self) -> bool:
        return self.folder.startswith(f"{CLASSES}/")


def units(nav: list[str], pages: list[str]) -> list[Unit]:
    """The units of a course, in order.

    Args:
        nav: Every page that `nav` lists, from `docs/`, in order.
        pages: Every page there is.
    """
    place = {uri: number for number, uri in enumerate(nav)}
    members: dict[str, list[str]] = {}
    for uri in sorted(pages, key=lambda uri: (place.get(uri, len(place)), uri)):
        if folder := unit_of(uri):
            members.setdefault(folder, []).append(uri)
    return [
        Unit(folder, tuple(uri for uri in found if uri != f"{folder}/index.md"))
        for folder, found in members.items()
        if f"{folder}/index.md" in found
    ]


@cache
def unit_of(uri: str) -> str:
    """The folder of the unit that a page (from `docs/`) belongs to; "" if to none."""
    folder = PurePosixPath(uri).parent
    known = folder.as_posix() == START or folder.parent.as_posix() in (CLASSES, GUIDES)
    return folder.as_posix() if known else ""


def listed(config: Path) -> list[str]:
    """The pages that the `nav` of an `mkdocs.yml` lists, in order; none without one."""
    if not config.is_file():
        return []
    return list(_leaves(yaml.load(config.read_text("utf-8"), _Loader).get("nav") or []))


class _Loader(yaml.SafeLoader):
    """Reads the tags that only MkDocs knows as nothing."""


_Loader.add_multi_constructor("!", lambda loader, suffix, node: None)


def _leaves(item):
    if isinstance(item, str):
        yield item
    elif isinstance(item, dict):
        item = list(item.values())
    if isinstance(item, list):
        for part in item:
            yield from _leaves(part)
