"""Finished executions on disk, found by what they depend on.

jupyter-cache was tried first: its key is the notebook's code alone, so it serves
stale outputs when a library, the data or the engine changes, and it raises on a damaged
entry. A file per key, named by a digest of everything an output depends on, does neither.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import uuid
from dataclasses import dataclass
from pathlib import Path

from livedocs.files import cannot_write

#: Entries kept; the least recently used ones beyond it are removed. A course of two hundred
#: classes has some three thousand pages, and a run must not push out what it will look for.
MAX_ENTRIES = 10_000


def digest(value: object) -> str:
    """SHA-256 of a JSON value, independent of the order of its keys."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def sealed(value: dict) -> dict:
    """A value with its digest: what an entry holds."""
    return {"digest": digest(value), "value": value}


def opened(entry: str | bytes) -> dict | None:
    """The value that a sealed entry holds; None if it is damaged or is none."""
    try:
        found = json.loads(entry)
        return found["value"] if found["digest"] == digest(found["value"]) else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


@dataclass(frozen=True)
class Entry:
    """An entry that is kept: its key, its bytes and when it was last used, in seconds since 1970."""

    key: str
    size: int
    used: float


class Cache:
    """JSON values by key. An entry appears whole or not at all; a damaged one is a miss.

    What an entry says is for its reader to judge: another version may have written it.
    """

    def __init__(self, folder: Path):
        self.folder = folder

    def get(self, key: str) -> dict | None:
        try:
            return self.read(key)
        except OSError:
            return None

    def read(self, key: str) -> dict | None:
        """As :meth:`get`, but a folder that can't be read is no miss.

        Raises:
            OSError: there may be an entry, and it can't be read.
        """
        path = self.folder / f"{key}.json"
        try:
            entry = path.read_bytes()
        except FileNotFoundError:
            return None
        if (value := opened(entry)) is not None:
            with contextlib.suppress(OSError):  # a folder that is only for reading
                os.utime(path)
        return value

    def adopt(self, old: Path) -> None:
        """Take the entries of the folder where they were kept before, if it is still there."""
        if old.is_dir() and not self.folder.exists():
            with contextlib.suppress(OSError):  # then what was there is executed again
                self.folder.parent.mkdir(parents=True, exist_ok=True)
                old.rename(self.folder)

    def trouble(self) -> str:
        """Why nothing can be kept here, in a Spanish sentence; empty if it can."""
        return cannot_write(self.folder)

    def put(self, key: str, value: dict) -> None:
        """Keep a value.

        Raises:
            OSError: the folder can't be written.
            ValueError, TypeError: the value is no JSON.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        # Not `tempfile`, whose files nobody else may read: the folder may be of several people.
        draft = self.folder / f"{uuid.uuid4().hex}.part"
        try:
            with draft.open("x", encoding="utf-8") as file:
                json.dump(sealed(value), file, ensure_ascii=False)
            os.replace(draft, self.folder / f"{key}.json")
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        self._prune()

    def remove(self, key: str) -> None:
        (self.folder / f"{key}.json").unlink(missing_ok=True)

    def entries(self) -> list[Entry]:
        """What is kept, the least recently used first; empty if there is no such folder."""
        found = []
        with contextlib.suppress(FileNotFoundError), os.scandir(self.folder) as files:
            for file in files:
                if file.name.endswith(".json"):
                    with contextlib.suppress(OSError):  # another process removed it meanwhile
                        status = file.stat()
                        found.append(Entry(file.name[:-5], status.st_size, status.st_mtime))
        return sorted(found, key=lambda entry: entry.used)

    def claimed(self) -> frozenset[str]:
        """Keys that some process is executing now, or was when it was killed."""
        with contextlib.suppress(FileNotFoundError):
            return frozenset(n[:-5] for n in os.listdir(self.folder) if n.endswith(".lock"))
        return frozenset()

    def remove_drafts(self, before: float) -> None:
        """Remove what was being written by a process that was killed before a time."""
        for draft in self.folder.glob("*.part"):
            with contextlib.suppress(OSError):
                if draft.stat().st_mtime < before:
                    draft.unlink()

    def _prune(self) -> None:
        if sum(name.endswith(".json") for name in os.listdir(self.folder)) > MAX_ENTRIES:
            for entry in self.entries()[:-MAX_ENTRIES]:
                self.remove(entry.key)
