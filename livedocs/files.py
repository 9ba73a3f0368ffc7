"""Files that others watch: one with the same bytes keeps its time, and none is seen half-written.

The standard library only: it is also needed before anything is installed.
"""

from __future__ import annotations

import tempfile
from pathlib import Path


def write_if_changed(path: Path, data: bytes) -> None:
    """Make a file hold `data`, whole or not at all; one that already does is not touched."""
    if path.is_file() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".tmp")
    draft.write_bytes(data)
    draft.replace(path)


def cannot_write(folder: Path) -> str:
    """Why nothing can be written in a folder, which may not exist yet, in Spanish; "" if it can."""
    place = next((p for p in (folder, *folder.parents) if p.exists()), folder)
    try:
        with tempfile.TemporaryFile(dir=place):
            return ""
    except OSError as error:
        return f"no se puede escribir en «{place}» ({error.strerror or error})."
