"""What a page shows of a block before all of it has run, while somebody edits it."""

from __future__ import annotations

#: In the place of an output that is not known yet.
WAITING = '<div class="kv-output kv-waiting"><p class="kv-label">Esperando…</p></div>'

_LABELS = {
    "provisional": '<p class="kv-provisional">provisorio</p>',
    "waiting": "",  # what is in its place says so
}


def label(mark: str) -> str:
    """What goes above an output that may still change."""
    return _LABELS[mark]
