"""What of the course runs on JAX and on PyTorch, written down for the page that shows it.

    python -m tests.backends jax            # where JAX is: the environment of «make test-jax»
    python -m tests.backends torch          # where PyTorch is: that of «make test-torch»

Each page runs on the backend as in `tests/claims/test_backends.py`, and what each block prints is
compared with what it printed on TensorFlow, which is on the site. The result goes to
`docs/backends.json`; the other backend's stays as it was. A block that ends as its reader is not
told is a failure, as in those tests.
"""

from __future__ import annotations

import argparse
import datetime
import itertools
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from livedocs.derived.backends import (
    DIFFERENT,
    ELSEWHERE,
    FILE,
    NUMBERS,
    SAME,
    UNPRINTED,
    WANTS_TENSORFLOW,
)
from livedocs.execution.executor import Executor
from livedocs.execution.results import CellResult
from livedocs.files import write_if_changed
from livedocs.pages.chapter import Chapter
from livedocs.rendering.streams import without_chance
from tests.claims.test_backends import (
    CHAPTERS,
    SETTINGS,
    ends,
    interpreter,
    names_of,
    problems,
    wants_tensorflow,
)

_NUMBER = re.compile(r"[-+]?\d+(?:\.\d*)?(?:e[-+]?\d+)?|\bnan\b|\binf\b")


def printed(result: CellResult) -> str | None:
    """What a block printed on TensorFlow; None if it showed something that is no text of its own."""
    shown = [o for o in result.outputs if o["output_type"] != "error"]
    if any(o["output_type"] != "stream" or o["name"] != "stdout" for o in shown):
        return None
    return "".join(o["text"] for o in shown)


def compared(ours: str | None, theirs: str) -> str:
    """How what a block prints on two backends differs."""
    if ours is None:
        return UNPRINTED
    ours, theirs = (_bare(text) for text in (ours, theirs))
    if ours == theirs:
        return SAME if ours else UNPRINTED
    return NUMBERS if _NUMBER.sub("#", ours) == _NUMBER.sub("#", theirs) else DIFFERENT


def _bare(text: str) -> str:
    """The words of a text, without what chance decides: a column that is wider is the same column."""
    return " ".join(without_chance(text).split())


def judged(chapter: Chapter, backend: str, results: list[CellResult], ended: list[dict]) -> dict:
    """How each executed block of a page went: how many of each kind, and those that end otherwise.

    Args:
        results: Of the page's blocks, on TensorFlow.
        ended: How each ended on the other backend.
    """
    kinds, elsewhere, different, absent = Counter(), [], [], set()
    cells = chapter.executed_cells
    for number, (cell, result, end) in enumerate(zip(cells, results, ended, strict=True), 1):
        if end.get("error") and wants_tensorflow(end, absent):
            absent |= names_of(cell)
            kind = WANTS_TENSORFLOW
        elif end.get("error", "") != (cell.raises or ""):
            kind = ELSEWHERE
            elsewhere.append(
                {"block": number, "tensorflow": cell.raises or "", backend: end.get("error", "")}
            )
        else:
            ours, theirs = printed(result), end["printed"]
            kind = compared(ours, theirs)
            if kind == DIFFERENT:
                here, there = first_difference(ours, theirs)
                different.append({"block": number, "tensorflow": here, backend: there})
        kinds[kind] += 1
    return {"kinds": dict(sorted(kinds.items())), "elsewhere": elsewhere, "different": different}


def first_difference(ours: str, theirs: str) -> tuple[str, str]:
    """The first line that says something else, cut to what a table shows."""
    lines = itertools.zip_longest(ours.strip().split("\n"), theirs.strip().split("\n"), fillvalue="")
    pairs = ((a.strip(), b.strip()) for a, b in lines)
    here, there = next(
        p for p in pairs if _NUMBER.sub("#", _bare(p[0])) != _NUMBER.sub("#", _bare(p[1]))
    )
    return here.replace("`", "'")[:60], there.replace("`", "'")[:60]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.backends")
    parser.add_argument("backend", choices=["jax", "torch"])
    parser.add_argument("pages", nargs="*", help="un pedazo del nombre de cada página; ninguno: todas")
    parser.add_argument("--jobs", type=int, default=2, help="cuántas a la vez")
    chosen = parser.parse_args(arguments)
    chapters = [
        c for n, c in CHAPTERS.items() if not chosen.pages or any(piece in n for piece in chosen.pages)
    ]
    executions = Executor(SETTINGS).run(chapters)
    file = SETTINGS.root / FILE
    known = json.loads(file.read_text("utf-8")) if file.is_file() else {}

    wrong: list[str] = []

    def one(chapter: Chapter) -> tuple[str, dict]:
        with tempfile.TemporaryDirectory(prefix="kv-") as folder:
            ended = ends(chapter, chosen.backend, Path(folder))
        found = judged(chapter, chosen.backend, list(executions[chapter.path].results), ended)
        wrong.extend(problems(chapter, chosen.backend, ended))
        print(f"{chapter.path}: {found['kinds']}", file=sys.stderr, flush=True)
        return chapter.source, found

    found = {
        "date": datetime.date.today().isoformat(),
        "versions": _versions(chosen.backend),
        "data": SETTINGS.data if SETTINGS.data in ("synthetic", "official") else "folder",
        # The others stay as they were.
        "pages": known.get(chosen.backend, {}).get("pages", {}) if chosen.pages else {},
    }
    with ThreadPoolExecutor(chosen.jobs) as pool:
        found["pages"] |= dict(pool.map(one, chapters))
    # Once, when every page ran: if it is cut, the page that shows them says what it said.
    text = json.dumps(known | {chosen.backend: found}, ensure_ascii=False, indent=1, sort_keys=True)
    write_if_changed(file, f"{text}\n".encode())
    print(f"Escrito: {FILE}, con {len(found['pages'])} páginas.")
    print("\n".join(sorted(wrong)) or "Cada bloque termina como dice su página.")
    return bool(wrong)


def _versions(backend: str) -> dict[str, str]:
    code = (
        "import json, platform; from importlib.metadata import version as v; "
        f"print(json.dumps({{n: v(n) for n in ('keras', '{backend}', 'numpy')}} "
        "| {'python': platform.python_version()}))"
    )
    done = subprocess.run([interpreter(backend), "-c", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


if __name__ == "__main__":
    sys.exit(main())
