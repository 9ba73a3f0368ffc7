"""Files that others watch: one with the same bytes keeps its time, and none is seen half-written."""

from __future__ import annotations

from pathlib import Path


def write_if_changed(path: Path, data: bytes) -> None:
    """Make a file hold `data`, whole or not at all; one that already does is not touched."""
    if path.is_file() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".tmp")
    draft.write_bytes(data)
    draft.replace(path)
