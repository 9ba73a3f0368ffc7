"""How a block ended, against what its page announces."""

from __future__ import annotations

import builtins
import re

import nbformat

from livedocs.execution.cleaning import strip_ansi
from livedocs.execution.kernel_setup import BLOCK_MIME
from livedocs.execution.results import is_error, last_words
from livedocs.pages.chapter import Cell


def told_apart(outputs: list[dict]) -> tuple[list[dict], dict]:
    """The outputs of a block, and what the kernel told about how it ended."""
    shown, told = [], {}
    for output in outputs:
        if BLOCK_MIME in output.get("data", {}):
            told |= output["data"][BLOCK_MIME]
        else:
            shown.append(output)
    return shown, told


def ended_with(reply: dict, outputs: list[dict]) -> dict | None:
    """The error that ended a block: others may have been shown before it."""
    if reply.get("status") != "error":
        return None
    same = [output for output in outputs if is_error(output) and output["ename"] == reply["ename"]]
    return (
        same[-1]
        if same
        else nbformat.v4.new_output(
            "error", ename=reply["ename"], evalue=reply.get("evalue", ""), traceback=[]
        )
    )


def judge(cell: Cell, error: dict | None, told: dict) -> str:
    """What is wrong with how a block ended, in Spanish; empty if it ended as announced."""
    if error is None:
        if cell.raises:
            return f"el bloque anuncia «{cell.raises}», pero terminó sin error."
        return ""
    if cell.raises is None:
        return f"el bloque falló con {error['ename']}."
    if error["ename"] != cell.raises:
        return f"el bloque anuncia «{cell.raises}», pero lanzó {error['ename']}."
    known = getattr(builtins, cell.raises, None)
    if isinstance(known, type) and "raised" in told:  # the kernel names what is not Python's own
        return f"el bloque anuncia «{cell.raises}», el de Python, pero lanzó {told['raised']}."
    return ""


def left_behind(reply: dict, outputs: list[dict], told: dict) -> str:
    """What a block must not do even if it ends as announced, in Spanish; empty if nothing."""
    if any(payload.get("source") == "ask_exit" for payload in reply.get("payload") or ()):
        return "el bloque llama a exit() o quit(), que cierra la sesión de quien lo copie; sacalo."
    if commands := told.get("commands"):
        command, code = commands[0]
        return f"el comando «{command}» falló (terminó con código {code})."
    if streams := told.get("streams"):
        names = " y ".join(f"sys.{name}" for name in streams)
        return f"el bloque cambia {names} y no lo devuelve; usá contextlib.redirect_stdout."
    if reply.get("status") == "ok" and (error := next(filter(is_error, outputs), None)):
        return f"el bloque mostró un error ({last_words(error)}) y siguió."
    return ""


def unwritable(half: str) -> str:
    """What is wrong with a block that shows half a surrogate pair, in Spanish; empty if it is ""."""
    if not half:
        return ""
    return (
        f"el bloque muestra «\\u{ord(half):x}», la mitad de un carácter, que ninguna página puede escribir; "
        "mostralo con ascii(), o sacalo del texto."
    )


def raised_at(error: dict | None) -> int:
    """The line of the block that raised, from the traceback; 0 if it can't be told."""
    if error is None:
        return 0
    text = strip_ansi("\n".join(error["traceback"]))
    frames = re.findall(r"Cell In\[\d+\], line (\d+)", text)
    return int(frames[0]) if frames else 0
