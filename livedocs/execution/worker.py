"""In a worker of a cluster: executes a chapter if it would give what the machine that asks would.

What travels is JSON. The worker reads what the outputs depend on from its own installation, and
refuses a chapter whose key would be another there, saying in what they differ.
"""

from __future__ import annotations

import asyncio
import functools
import json
import os
from dataclasses import asdict
from pathlib import Path

from livedocs.execution import processes
from livedocs.execution.key import ExecutionError, parts
from livedocs.execution.progress import Progress
from livedocs.execution.session import Session
from livedocs.pages.chapter import Cell, Chapter
from livedocs.settings import Settings

#: Settings that travel with a chapter: its data, its seed and its limits.
_SENT = ("data", "block_seconds", "chapter_seconds", "memory_mb", "output_kb", "seed", "warm")

_ANOTHER = "tiene otra versión del motor; dejá el mismo commit en las dos máquinas"


def order(chapter: Chapter, settings: Settings, depends: dict) -> str:
    """A chapter for a worker: what is executed, how, and what its outputs depend on, here."""
    cells = [
        {
            "code": cell.code,
            "line": cell.line,
            "end_line": cell.end_line,
            "attributes": cell.attributes,
        }
        for cell in chapter.executed_cells
    ]
    sent = {name: getattr(settings, name) for name in _SENT}
    return json.dumps({"path": chapter.path, "cells": cells, "settings": sent, "depends": depends})


def execute(order: str) -> str:
    """Execute what `order` made, in the process of a worker.

    Returns:
        JSON: `worker`, its address; and `refused`, why it doesn't, in Spanish, or `execution`, as
        `dataclasses.asdict` has it, and `unusable`, as in `Session`.
    """
    from distributed import get_worker  # it is there: we are in one

    me = get_worker()
    asked = json.loads(order)
    try:
        chapter = Chapter(asked["path"], tuple(Cell(**cell) for cell in asked["cells"]))
        settings = Settings(Path(__file__).parent.parent.parent, **asked["settings"])
        why = refusal(asked["depends"], chapter, settings)
    except TypeError:  # a chapter, a cell or the settings are not made so here
        why = _ANOTHER
    if why:
        name = f"{me.name} ({me.address})" if me.name != me.address else me.address
        return json.dumps({"worker": me.address, "refused": f"el worker {name} no sirve: {why}."})
    _prepare()
    with Path(os.devnull).open("w") as nowhere:
        session = Session(chapter, settings, Progress(nowhere))
        execution = asyncio.run(_while_wanted(session, me))
    return json.dumps(
        {"worker": me.address, "execution": asdict(execution), "unusable": session.unusable}
    )


def refusal(depends: dict, chapter: Chapter, settings: Settings) -> str:
    """Why this machine would give other outputs, in Spanish; "" if it would not.

    Args:
        depends: What the outputs depend on where they are asked for, as `key.parts` has it.
    """
    try:
        mine = parts(chapter, settings)
    except (ExecutionError, ValueError, OSError) as error:
        return str(error).rstrip(".")
    mine = json.loads(json.dumps(mine))
    found = []
    for name in sorted(depends.keys() | mine.keys()):
        asked, have = depends.get(name), mine.get(name)
        if asked != have:
            found += _told(name, asked, have)
    return "; ".join(dict.fromkeys(found))


def _told(name: str, asked: object, have: object) -> list[str]:
    """One difference, in words."""
    if name == "libraries" and isinstance(asked, dict) and isinstance(have, dict):
        return [
            _library(library, asked.get(library), have.get(library))
            for library in sorted(asked.keys() | have.keys())
            if asked.get(library) != have.get(library)
        ]
    if name == "python":
        return [f"tiene Python {have} y hace falta {asked}"]
    if name == "machine" and isinstance(asked, list) and isinstance(have, list):
        return [f"es {' '.join(have)} y hace falta {' '.join(asked)}"]
    if name == "data":
        return ["tiene otros datos (LIVEDOCS_DATA)"]
    return [_ANOTHER]


def _library(name: str, asked: str | None, have: str | None) -> str:
    if have is None:
        return f"le falta {name} {asked}"
    return f"tiene {name} {have} " + (f"y hace falta {asked}" if asked else "de más")


@functools.cache
def _prepare() -> None:
    """Once in each worker's process: end what killed ones left, and adopt what kernels will leave."""
    processes.sweep()
    processes.adopt_orphans()


async def _while_wanted(session: Session, me) -> object:
    """The session's execution; it is cut if nobody waits for it any more."""
    key = me.get_current_task()
    work = asyncio.ensure_future(session.execute())
    while not (await asyncio.wait([work], timeout=1))[0]:
        task = me.state.tasks.get(key)
        if task is None or task.state == "cancelled":
            work.cancel()
    return work.result()
