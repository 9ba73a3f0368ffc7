"""What came of a page's blocks, and what is wrong with it: read from an execution, old or new.

An execution is kept by what was executed. What a page says *about* a block (its alternative
text) is no part of that: it is judged here, each time a result is read.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, replace
from functools import cached_property

from livedocs.kept import digest
from livedocs.pages.chapter import Cell, Chapter

OK, FAILED, NOT_RUN = "ok", "failed", "not_run"
#: Of a page that is being executed while it is seen: nothing is known yet of this block.
WAITING = "waiting"

#: What the provenance of an execution holds.
PROVENANCE = frozenset(
    ["keras", "backend", "numpy", "python", "data", "profile", "blocks", "seconds"]
)  # fmt: skip

#: Words that say nothing of what a figure shows.
_EMPTY = frozenset(
    """
    a acá al con de del el ella en es esta este la las lo los se un una unas unos y
    alt captura chart curva dato descripción diagrama dibujo ejemplo esquema figura figure foto
    gráfica gráfico gráficos imagen image imágenes img matplotlib mostrar muestra pantalla picture
    plot resultado salida texto todo ver
    gif jpeg jpg png svg
    """.split()  # noqa: SIM905
)
SHORTEST_ALT = 8

#: Kinds of data that may be any value, and not only text.
_JSON = re.compile(r"^application/(.*\+)?json$")


@dataclass(frozen=True)
class CellResult:
    """What came of one executed cell.

    Attributes:
        status: "ok", "failed" or "not_run" (an earlier block of the page failed).
        outputs: Jupyter outputs (nbformat 4), in the order they came.
        seconds: Wall-clock time.
        reason: Why it failed, in Spanish; empty otherwise.
        line: Line of the block's code that raised, counted from 1; 0 if not known.
    """

    status: str
    outputs: list
    seconds: float = 0.0
    reason: str = ""
    line: int = 0


@dataclass(frozen=True)
class Execution:
    """The results of a chapter's executed cells, in order, and where they come from.

    `provenance` holds the versions of Keras, its backend, NumPy and Python, the number of
    blocks, the seconds and a phrase that names the data.
    """

    results: tuple[CellResult, ...]
    provenance: dict

    @property
    def failed(self) -> CellResult | None:
        return next((result for result in self.results if result.status == FAILED), None)

    @property
    def finished(self) -> bool:
        """Whether it is of the whole page, run from top to bottom in a kernel of its own."""
        return True

    @cached_property
    def digest(self) -> str:
        """Tells it from any other."""
        said = [[r.status, r.outputs, r.seconds, r.reason, r.line] for r in self.results]
        return digest(json.dumps([said, self.provenance], ensure_ascii=False, default=str))


@dataclass(frozen=True)
class Failure:
    """A block that failed: where, and a message for whoever edits the page."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def from_json(entry: object, blocks: int) -> Execution | None:
    """An execution of so many blocks, as `dataclasses.asdict` wrote it; None if it isn't one."""
    try:
        results = tuple(CellResult(**result) for result in entry["results"])
        provenance = dict(entry["provenance"])
    except (KeyError, TypeError, ValueError):
        return None
    whole = all(map(_is_result, results)) and len(results) == blocks
    if not whole or not provenance.keys() >= PROVENANCE:
        return None
    texts = PROVENANCE - {"blocks", "seconds"}
    if not all(isinstance(provenance[name], str) for name in texts):
        return None
    if type(provenance["blocks"]) is not int or not _is_time(provenance["seconds"]):
        return None
    return Execution(results, provenance)


def _is_result(result: CellResult) -> bool:
    """Whether it is what a session writes: another version, or whoever wrote the store, may differ."""
    return (
        result.status in (OK, FAILED, NOT_RUN)
        and _is_time(result.seconds)
        and isinstance(result.reason, str)
        and type(result.line) is int
        and isinstance(result.outputs, list)
        and all(map(_is_output, result.outputs))
    )


def _is_time(value: object) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _is_output(output: object) -> bool:
    """Whether it is one of nbformat 4: its own validator would take longer than the rest of a build."""
    match output:
        case {"output_type": "stream", "name": "stdout" | "stderr", "text": str(), **more}:
            return not more
        case {"output_type": "error", "ename": str(), "evalue": str(), "traceback": lines, **more}:
            return not more and isinstance(lines, list) and _is_text(lines)
        case {"output_type": "display_data", "data": dict(data), "metadata": dict(), **more}:
            return not more and _is_bundle(data)
        case {
            "output_type": "execute_result", "data": dict(data), "metadata": dict(),
            "execution_count": count, **more,
        }:  # fmt: skip
            numbered = count is None or (type(count) is int and count >= 0)
            return not more and numbered and _is_bundle(data)
    return False


def _is_bundle(data: dict) -> bool:
    return all(_is_text(value) or _JSON.search(kind) for kind, value in data.items())


def _is_text(value: object) -> bool:
    lines = value if isinstance(value, list) else [value]
    return all(isinstance(line, str) for line in lines)


def judged(chapter: Chapter, execution: Execution) -> Execution:
    """The execution as this page may show it: a figure that it doesn't describe is a failure."""
    results = tuple(
        replace(result, status=FAILED, reason=reason)
        if result.status == OK and (reason := _undescribed(cell, result.outputs))
        else result
        for cell, result in zip(chapter.executed_cells, execution.results, strict=True)
    )
    return replace(execution, results=results)


def failure(chapter: Chapter, execution: Execution, number: int | None = None) -> Failure | None:
    """A failure of a chapter's execution, with the code around it, or None.

    Args:
        number: The executed block to look at, counted from 0; None means the first that failed.
    """
    for place, (cell, result) in enumerate(zip(chapter.executed_cells, execution.results, strict=True)):
        if result.status != FAILED or number not in (None, place):
            continue
        included = cell.end_line - cell.line - 1 != len(cell.code.split("\n"))
        line = cell.line if included else cell.line + result.line
        pending = sum(r.status == NOT_RUN for r in execution.results)
        parts = [result.reason, _excerpt(cell, result.line)]
        parts += [last_words(output) for output in result.outputs if is_error(output)]
        if pending:
            plural = "el bloque que sigue" if pending == 1 else f"los {pending} bloques que siguen"
            parts.append(f"No se ejecutó {plural}." if pending == 1 else f"No se ejecutaron {plural}.")
        return Failure(chapter.path, line, "\n".join(part for part in parts if part))
    return None


def _excerpt(cell: Cell, marked: int) -> str:
    rows = cell.code.rstrip("\n").split("\n")
    return "\n".join(
        f"  {'>' if number == marked else ' '} {cell.line + number:>4} | {row}"
        for number, row in enumerate(rows, 1)
    )


def is_error(output: dict) -> bool:
    return output["output_type"] == "error"


def last_words(output: dict) -> str:
    return f"{output['ename']}: {output['evalue']}"


# Alternative texts --------------------------------------------------------------------


def _undescribed(cell: Cell, outputs: list) -> str:
    """What is missing for those who don't see a block's figures, in Spanish; empty if nothing."""
    alt = cell.attributes.get("data-alt")
    if alt is not None:
        if says_nothing(alt):
            return (
                f"data-alt=«{alt}» no dice qué muestra la figura; escribí una o dos frases que le "
                "sirvan a quien no la ve."
            )
        return ""
    drawn = any(
        kind.startswith("image/") and "alt" not in output.get("metadata", {})
        for output in outputs
        for kind in output.get("data", {})
    )
    if drawn:
        return (
            "el bloque dibuja una figura y no dice qué muestra; agregá en la apertura "
            'data-alt="…" con una o dos frases para quien no la ve.'
        )
    return ""


def says_nothing(alt: str) -> bool:
    """Whether an alternative text is too short, or names the medium and not what is seen."""
    words = re.findall(r"[^\W\d_]+", alt.lower())
    return len(alt.strip()) < SHORTEST_ALT or all(word in _EMPTY for word in words)
