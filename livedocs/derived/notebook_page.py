"""A notebook as HTML in the site's own markup: its page, for any generator."""

from __future__ import annotations

import base64
import json
import re
import struct

from nbconvert.filters import markdown2html
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from livedocs.rendering import errors, figures, outputs


def render(notebook: dict) -> str:
    """The cells of an executed notebook, painted as on the pages.

    Args:
        notebook: A valid nbformat 4 notebook, as `livedocs.derived.notebook` writes it.
    """
    return '<div class="kv-notebook">\n' + "\n".join(map(_cell, notebook["cells"])) + "\n</div>"


def _cell(cell: dict) -> str:
    if cell["cell_type"] == "markdown":
        return f'<div class="kv-notebook__text">{_prose(cell["source"])}</div>'
    code = highlight(cell["source"], PythonLexer(), HtmlFormatter(cssclass="highlight", wrapcode=True))
    tags = cell["metadata"].get("tags", [])
    try:
        painted = outputs.render(
            json.loads(json.dumps(cell["outputs"])),
            alt=cell["metadata"].get("alt", ""),
            volatile="volatile" in tags,
            expected="x" if "raises-exception" in tags else "",
            uid=cell["id"],
        )
    except figures.OutputError as error:  # its page says where
        painted = errors.render_failure(str(error), "notebook")
    return f'<div class="kv-notebook__code">\n{code}\n{painted}\n</div>'


def _prose(text: str) -> str:
    """Jupyter's own Markdown; it writes letters as numbers, which here are letters."""
    html = re.sub("&#([0-9]{3,});", lambda code: chr(int(code[1])), markdown2html(text))
    return re.sub(r'<img (?=src="data:image/png;base64,(.{32}))', _sized, html)


def _sized(image: re.Match) -> str:
    """A PNG says its size in its first bytes; with it, a page makes room before the drawing comes."""
    width, height = struct.unpack(">II", base64.b64decode(image[1])[16:24])
    return f'<img width="{width}" height="{height}" '
