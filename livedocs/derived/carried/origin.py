"""Where a page is, for the links of its Markdown."""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """Where a page is, for its links to lead somewhere from anywhere.

    Attributes:
        uri: The page, an address from `docs/`.
        at: The address of a page of the site, from its path below `docs/`.
        site_url: Where the site is published; "" if it is not known: links are then relative.
    """

    uri: str
    at: Callable[[str], str]
    site_url: str = ""

    @property
    def page(self) -> str:
        """The page itself."""
        return self.to(self.at(self.uri)) if self.site_url else "./"

    def to(self, address: str) -> str:
        """An address of the site, from the root, as a link."""
        if self.site_url:
            return f"{self.site_url.rstrip('/')}/{address}"
        found = posixpath.relpath(address or ".", self.at(self.uri) or ".")
        return f"{found}/" if address.endswith("/") or not address else found

    def link(self, target: str) -> str:
        """What a page's Markdown links to, as a link."""
        if re.match(r"[a-z]+:", target):
            return target
        path, hash_, anchor = html.unescape(target).partition("#")
        if path.startswith("/"):  # from the root of the site, as the engine writes its own
            return self.to(path[1:]) + hash_ + anchor
        if path.startswith("?"):  # the search, on any page
            return self.to("") + path
        place = (
            posixpath.normpath(posixpath.join(posixpath.dirname(self.uri), path)) if path else self.uri
        )
        return self.to(self.at(place) if place.endswith(".md") else place) + hash_ + anchor
