"""What changed in the files of the project: asked of the file system, several times a second.

Notices from the system would come a little sooner, and do not come at all for folders of another
machine or of a container's host. Looking at a thousand files takes milliseconds.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

#: Seconds between two looks, and for which everything has to be quiet: an editor may write twice.
EVERY, QUIET = 0.08, 0.03

_State = dict[str, tuple[int, int, int]]


@dataclass(frozen=True)
class Changes:
    """Files that changed, by their path from the project's folder."""

    written: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.written or self.added or self.gone or self.renamed)

    @property
    def all(self) -> set[str]:
        """The files that are or were."""
        moved = (name for pair in self.renamed for name in pair)
        return {*self.written, *self.added, *self.gone, *moved}

    def said(self) -> list[str]:
        """Each change, in Spanish."""
        return [
            *(f"{name} cambió" for name in self.written),
            *(f"{old} ahora es {new}" for old, new in self.renamed),
            *(f"{name} es nuevo" for name in self.added),
            *(f"{name} ya no está" for name in self.gone),
        ]


class Watcher:
    """Looks at the files below some folders.

    Args:
        root: The project's folder.
        places: Folders and files of it.
    """

    def __init__(self, root: Path, places: Iterable[str]):
        self.root, self.places = root, tuple(places)
        self.state = self._look()

    def changes(self) -> Changes:
        """What changed since the last time, once nothing has changed for a moment."""
        now = self._look()
        if now == self.state:
            return Changes()
        while True:
            time.sleep(QUIET)
            again = self._look()
            if again == now:
                break
            now = again
        before, self.state = self.state, now
        added, gone = sorted(now.keys() - before.keys()), sorted(before.keys() - now.keys())
        files = {before[name]: name for name in gone}  # the same file by another name
        renamed = tuple((files[now[name]], name) for name in added if now[name] in files)
        moved = {name for pair in renamed for name in pair}
        return Changes(
            tuple(sorted(name for name in now.keys() & before.keys() if now[name] != before[name])),
            tuple(name for name in added if name not in moved),
            tuple(name for name in gone if name not in moved),
            renamed,
        )

    def _look(self) -> _State:
        found: _State = {}
        for place in self.places:
            path = os.path.join(self.root, place)
            if os.path.isdir(path):
                self._walk(path, place, found)
            else:
                _note(path, place, found)
        return found

    def _walk(self, path: str, name: str, found: _State) -> None:
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    inside = f"{name}/{entry.name}"
                    if (
                        entry.name.startswith(".")
                        or entry.name in ("__pycache__",)
                        or _draft(entry.name)
                    ):
                        continue
                    if entry.is_dir():
                        self._walk(entry.path, inside, found)
                    else:
                        _note(entry.path, inside, found)
        except OSError:
            return  # it went away meanwhile


def _note(path: str, name: str, found: _State) -> None:
    try:
        state = os.stat(path)
    except OSError:
        return
    found[name] = state.st_mtime_ns, state.st_size, state.st_ino


def _draft(name: str) -> bool:
    """Whether it is an editor's own: a copy, or a file half-written."""
    return name.endswith(("~", ".swp", ".swx", ".tmp")) or name == "4913" or name.startswith("#")
