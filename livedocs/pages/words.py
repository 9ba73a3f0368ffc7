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


def blanked(pattern: re.Pattern, text: str) -> str:
    """A text with spaces for what a pattern finds, and each line where it was."""
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def slug(text: str) -> str:
    """Words as an address or a file name has them: `tasa-de-aprendizaje`."""
    return re.sub(r"[^a-z0-9]+", "-", plain(text).replace("ñ", "n")).strip("-")
