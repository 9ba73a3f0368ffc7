"""Words as they are compared: whoever searches writes without accents."""

from __future__ import annotations

import re
import unicodedata


def plain(text: str) -> str:
    """In lower case and without accents; «ñ» is a letter, not an accent."""
    parts = unicodedata.normalize("NFD", text.lower().replace("ñ", "\0"))
    return "".join(c for c in parts if not unicodedata.combining(c)).replace("\0", "ñ")


def without_html(title: str) -> str:
    """A title, plain or in Markdown, to be written in Markdown: what looks like HTML is text."""
    return re.sub(r"(`[^`]*`)|<", lambda found: found[1] or "&lt;", title)
