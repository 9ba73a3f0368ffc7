"""What a page yields, kept by what it depends on: nothing is worked out twice.

Whoever serves the site stages it again at each save. Of all the pages one has changed; for the
others, what was parsed, sliced or painted the time before is still what it has to be.
"""

from __future__ import annotations

import functools
import hashlib
import time
from collections.abc import Callable, Hashable, Iterable
from pathlib import Path
from typing import Protocol, TypeVar

from livedocs import files

T = TypeVar("T")
#: What a shelf gives for what it has not.
MISSING = object()


def digest(*parts: bytes | str) -> str:
    """A short name for some contents."""
    found = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        found.update(b"%d:" % len(data))
        found.update(data)
    return found.hexdigest()


def folder_digest(folder: Path) -> str:
    """A short name for the files of a folder, their places and contents."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            found += [path.relative_to(folder).as_posix(), path.read_bytes()]
    return digest(*found)


class Shelf(Protocol):
    """Where values are from one process to the next: :class:`livedocs.shelf.Shelf`."""

    def get(self, key: Hashable) -> object: ...
    def put(self, key: Hashable, value: object) -> None: ...
    def turn(self, asked: Iterable[Hashable]) -> None: ...


class Later(Exception):
    """Something that takes long was left for another turn."""


class Kept:
    """Values by what they depend on. What two turns in a row do not ask for is forgotten.

    Args:
        shelf: Where they are kept from one process to the next too; None: nowhere.
        patience: Seconds that may be spent in one turn on what takes long; the rest is left for later.

    Attributes:
        postponed: Whether something was left for later in the last turn.
        nav: The pages of the menu, in order, as it could last be read.
    """

    def __init__(self, shelf: Shelf | None = None, patience: float = float("inf")):
        self._shelf, self.patience = shelf, patience
        self.postponed = self._postpones = False
        self.nav: list[str] = []
        self._spent = 0.0
        self._now: dict[Hashable, object] = {}
        self._before: dict[Hashable, object] = {}
        self._mirrored: dict[Path, dict[str, bytes]] = {}

    def of(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value kept under a key, which names all that it depends on; made if there is none."""
        if key not in self._now:
            self._now[key] = self._before[key] if key in self._before else self._found(key, make)
        return self._now[key]

    def lasting(self, key: Hashable, make: Callable[[], T]) -> T:
        """As `of`, for what takes long to make.

        Raises:
            Later: this turn's time is over.
        """
        return self.of(key, lambda: self._made(make))

    def _found(self, key: Hashable, make: Callable[[], T]) -> T:
        if self._shelf is None:
            return make()
        found = self._shelf.get(key)
        if found is MISSING:
            found = make()
            self._shelf.put(key, found)
        return found

    def _made(self, make: Callable[[], T]) -> T:
        if self._spent > self.patience:
            self._postpones = True
            raise Later
        started = time.monotonic()
        try:
            return make()
        finally:
            self._spent += time.monotonic() - started

    def mirror(self, folder: Path, tree: dict[str, bytes]) -> None:
        """Make a folder hold these files and no others; what it was made to hold before is not read."""
        before = self._mirrored.get(folder)
        if before is None:
            files.mirror(folder, tree)
        else:
            for uri, data in tree.items():
                if before.get(uri) != data:
                    files.write_if_changed(folder / uri, data)
            gone = before.keys() - tree.keys()
            for uri in gone:
                (folder / uri).unlink(missing_ok=True)
            for place in {(folder / uri).parent for uri in gone}:
                files.prune(place, folder)
        self._mirrored[folder] = dict(tree)

    def held(self, folder: Path) -> dict[str, bytes]:
        """What a folder was made to hold, by place."""
        return self._mirrored.get(folder, {})

    def turn(self) -> None:
        """Begin another turn."""
        self._before, self._now = self._now, {}
        if self._shelf is not None:
            self._shelf.turn(self._before)
        self.postponed, self._postpones, self._spent = self._postpones, False, 0.0


def once(function: Callable[..., T]) -> Callable[..., T]:
    """For a function of a chapter, which never changes, and perhaps of other lasting objects.

    What it gave the last time is kept with the chapter, and given again for the same objects.
    """
    name = f"{function.__module__}.{function.__qualname__}"

    @functools.wraps(function)
    def kept(chapter, *others):
        memory = chapter.__dict__
        known = memory.get(name)
        if known is None or any(a is not b for a, b in zip(known[0], others, strict=True)):
            known = memory[name] = others, function(chapter, *others)
        return known[1]

    return kept
