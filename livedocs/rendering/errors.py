"""An error that was announced, one that was not, and a block that did not run."""

from __future__ import annotations

import html
import re

from livedocs.rendering.streams import pre, settle

_FRAME = re.compile(r"(?:File|Cell) ")
#: A line of code of a frame that is not the one being run, which carries an arrow.
_AROUND = re.compile(r" +\d+(?: |$)")


def paint_error(output: dict, expected: bool) -> str:
    last = settle(f"{output['ename']}: {output['evalue']}" if output["evalue"] else output["ename"])
    trace = _calls(settle("\n".join(output["traceback"])).strip("\n"))
    label = "Error" if expected else "Error inesperado"
    fold = (
        f"\n<details data-search-exclude>\n<summary>Traza completa</summary>\n"
        f"{pre(trace, label='Traza completa', lang='en')}\n</details>"
        if trace
        else ""
    )
    return (
        f'<div class="kv-error">\n<p class="kv-label">{label}</p>\n'
        f"{pre(last, label=label, lang='en')}{fold}\n</div>"
    )


def _calls(trace: str) -> str:
    """A traceback with every call; of the code of libraries, only the line of each call."""
    kept, library = [], False
    for line in trace.split("\n"):
        if _FRAME.match(line):
            library = line.startswith("File ")
        if not (library and _AROUND.match(line)):
            kept.append(line)
    return "\n".join(kept)


def render_failure(message: str, where: str) -> str:
    """A block that failed, as a contributor sees it while serving."""
    return (
        '<div class="kv-output kv-failed" role="alert">\n'
        f'<p class="kv-label">Este bloque falló · {html.escape(where)}</p>\n'
        f"{pre(message, mark=False)}\n</div>"
    )


def render_not_run(where: str) -> str:
    """A block that did not run because an earlier one failed."""
    return (
        '<div class="kv-output kv-failed">\n'
        f'<p class="kv-label">No se ejecutó: antes falló el bloque de {html.escape(where)}</p>\n</div>'
    )
