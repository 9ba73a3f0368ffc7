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
import tempfile
import time
from pathlib import Path

from livedocs.files import cannot_write

#: Entries kept; the least recently used ones beyond it are removed.
MAX_ENTRIES = 1000
#: Seconds after which nobody is still writing a file.
ABANDONED = 600


def digest(value: object) -> str:
    """SHA-256 of a JSON value, independent of the order of its keys."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


class Cache:
    """JSON values by key. An entry appears whole or not at all; a damaged one is a miss.

    What an entry says is for its reader to judge: another version may have written it.
    """

    def __init__(self, folder: Path):
        self.folder = folder

    def get(self, key: str) -> dict | None:
        path = self.folder / f"{key}.json"
        try:
            entry = json.loads(path.read_text("utf-8"))
            if entry["digest"] != digest(entry["value"]):
                return None
            os.utime(path)
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return entry["value"]

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
        handle, name = tempfile.mkstemp(dir=self.folder, suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump({"digest": digest(value), "value": value}, file, ensure_ascii=False)
            os.replace(name, self.folder / f"{key}.json")
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        self._prune()

    def remove(self, key: str) -> None:
        (self.folder / f"{key}.json").unlink(missing_ok=True)

    def _prune(self) -> None:
        entries = sorted(self.folder.glob("*.json"), key=_age)
        for path in entries[:-MAX_ENTRIES]:
            path.unlink(missing_ok=True)
        for path in self.folder.glob("*.part"):  # whoever wrote it was killed
            if time.time() - _age(path) > ABANDONED:
                path.unlink(missing_ok=True)


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # another process removed it meanwhile
        return 0.0
