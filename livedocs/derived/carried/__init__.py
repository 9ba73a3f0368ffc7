"""The pages as plain Markdown, to be taken elsewhere, and their index for programs.

A page's says what it says, its code and what its code gave, as text, without the site's own syntax:
any reader of Markdown shows it, and a person reads it as it is.
"""

from livedocs.derived.carried.origin import Origin
from livedocs.derived.carried.texts import INDEX, NAME, Texts, lists
from livedocs.derived.carried.writer import page, review

__all__ = ["INDEX", "NAME", "Origin", "Texts", "lists", "page", "review"]
