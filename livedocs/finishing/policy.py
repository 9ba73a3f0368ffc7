"""A content security policy in each page: no other host, no script that was not there when it was built."""

from __future__ import annotations

import base64
import hashlib
import html
import re

_SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<code>.*?)</script>", re.S)

#: Data that a page carries is not executed.
_DATA = re.compile(r"application/(?:ld\+)?json")


def closed(page: str, *, local: bool = False) -> str:
    """Let a page use its own site and the inline scripts it has now, nothing else.

    Args:
        page: Its complete HTML, to which nothing will be added.
        local: Whether it has to work opened as a file too, which is of no site.
    """
    own = "'self' file:" if local else "'self'"
    digests = []
    for script in _SCRIPT.finditer(page):
        if "src=" in script["attributes"] or _DATA.search(script["attributes"]):
            continue
        digest = base64.b64encode(hashlib.sha256(script["code"].encode()).digest()).decode()
        if digest not in digests:
            digests.append(digest)
    rules = {
        "default-src": own,
        "script-src": " ".join([own, *(f"'sha256-{digest}'" for digest in digests)]),
        "img-src": f"{own} data:",  # the figures of a page travel inside it
        "worker-src": own,  # the search's, and the one that keeps pages to read without network
        "manifest-src": own,
        "object-src": "'none'",
        "base-uri": own,
        "form-action": own,
    }
    content = html.escape("; ".join(f"{name} {value}" for name, value in rules.items()), quote=False)
    meta = f'<meta http-equiv="Content-Security-Policy" content="{content}">'
    return page.replace('<meta charset="utf-8">', f'<meta charset="utf-8">{meta}', 1)
