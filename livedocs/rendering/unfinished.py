"""What a page shows of a block before all of it has run, while somebody edits it."""

from __future__ import annotations

#: In the place of an output that is not known yet.
WAITING = '<div class="kv-output kv-waiting"><p class="kv-label">Esperando…</p></div>'

_PROVISIONAL = '<p class="kv-provisional">provisorio</p>'


def label(mark: str) -> str:
    """What goes above an output, by its mark in `execution.live.Unfinished`; "" if nothing."""
    return _PROVISIONAL if mark == "provisional" else ""
