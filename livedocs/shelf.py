"""What a page yields, on disk from one build to the next: see :mod:`livedocs.kept`.

Plain values only (text, bytes, numbers, lists…), written as data: reading a shelf runs nothing. What
is damaged, of another version of the engine or can't be written is worked out again, in silence:
nothing is lost but time.
"""

from __future__ import annotations

import contextlib
import json
import platform
import sqlite3
from collections.abc import Hashable, Iterable
from importlib import metadata
from pathlib import Path

from livedocs.kept import MISSING, digest, folder_digest

#: Distributions whose version can change what is made of a page and of its execution.
MAKERS = (
    "markdown", "pymdown-extensions", "pygments", "mkdocs", "mkdocs-material", "nbformat", "nbconvert",
    "mistune", "pyyaml",
)  # fmt: skip


def engine() -> str:
    """A short name for all that turns pages into a site, but for the pages and their outputs."""
    versions = [platform.python_version()]
    for name in MAKERS:
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions.append(f"{name} {metadata.version(name)}")
    return digest(folder_digest(Path(__file__).parent), *versions)


class Shelf:
    """Values by name, in a file. What a whole turn did not ask for is dropped.

    Args:
        path: The file; it is made if it can be.
        version: Names all that values depend on and their names do not say. Those of another
            version are not seen.
    """

    def __init__(self, path: Path, version: str):
        self.path, self.version = path, version
        self._new: dict[str, bytes] = {}
        self._file = self._open()

    def _open(self) -> sqlite3.Connection | None:
        for _ in range(2):
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                file = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
                file.execute("PRAGMA synchronous = OFF")  # a loss costs time, and is noticed
                file.execute("CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value BLOB)")
                return file
            except sqlite3.OperationalError:  # nowhere to write it, or no room
                return None
            except sqlite3.DatabaseError:  # no database: another try, with a new one
                with contextlib.suppress(OSError):
                    self.path.unlink()
            except OSError:
                return None
        return None

    def get(self, key: Hashable) -> object:
        """The value kept under a key; `MISSING` if there is none that can be read."""
        name = self._name(key)
        if self._file is None:
            return MISSING
        try:
            row = self._file.execute("SELECT value FROM kept WHERE name = ?", (name,)).fetchone()
            return (
                MISSING
                if row is None
                else _restored(json.loads(row[0].decode("utf-8", "surrogatepass")))
            )
        except (sqlite3.Error, ValueError, KeyError, TypeError, AttributeError):
            return MISSING

    def put(self, key: Hashable, value: object) -> None:
        """Keep a value, if it is plain; it is written when the turn ends."""
        with contextlib.suppress(TypeError):
            text = json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))
            self._new[self._name(key)] = text.encode("utf-8", "surrogatepass")

    def turn(self, asked: Iterable[Hashable]) -> None:
        """Write what is new and drop what nobody asked for; all of it or nothing.

        Args:
            asked: The keys of what was asked for, here or where it was at hand.
        """
        if self._file is not None:
            with contextlib.suppress(sqlite3.Error):
                known = {name for (name,) in self._file.execute("SELECT name FROM kept")}
                gone, new = known - set(map(self._name, asked)), list(self._new.items())
                if gone or new:
                    self._file.execute("BEGIN IMMEDIATE")
                    try:
                        self._file.executemany("DELETE FROM kept WHERE name = ?", [(n,) for n in gone])
                        self._file.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?)", new)
                        self._file.execute("COMMIT")
                    except sqlite3.Error:
                        self._file.execute("ROLLBACK")
        self._new = {}

    def _name(self, key: Hashable) -> str:
        return digest(self.version, repr(key))


def _plain(value: object) -> object:
    """A value as JSON, from which it can be restored exactly.

    Raises:
        TypeError: it is not plain.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, bytes):
        return {"bytes": value.decode("latin-1")}
    if isinstance(value, tuple) and type(value) is tuple:
        return {"tuple": [_plain(each) for each in value]}
    if isinstance(value, dict) and all(isinstance(name, str) for name in value):
        return {"dict": {name: _plain(each) for name, each in value.items()}}
    raise TypeError(f"not plain: {type(value).__name__}")


def _restored(value: object) -> object:
    if isinstance(value, list):
        return [_restored(each) for each in value]
    if isinstance(value, dict):
        ((kind, inside),) = value.items()
        if kind == "bytes":
            return inside.encode("latin-1")
        if kind == "tuple":
            return tuple(map(_restored, inside))
        return {name: _restored(each) for name, each in inside.items()}
    return value
