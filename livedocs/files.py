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


def mirror(folder: Path, tree: dict[str, bytes]) -> None:
    """Make a folder hold these files and no others; those that are already so are not touched."""
    for uri, data in tree.items():
        write_if_changed(folder / uri, data)
    if folder.is_dir():
        for path in sorted(folder.rglob("*"), reverse=True):
            if path.is_dir():
                if not any(path.iterdir()):
                    path.rmdir()
            elif path.relative_to(folder).as_posix() not in tree:
                path.unlink()


def prune(place: Path, top: Path) -> None:
    """Remove a folder, and those around it up to `top`, as long as they are empty."""
    while place != top and place.is_dir() and not any(place.iterdir()):
        place.rmdir()
        place = place.parent
