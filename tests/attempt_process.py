"""The process in which attempts at a page's exercises run, each followed by its self-check.

A script: it reads a request from its input, as JSON, and writes the verdicts to the file
that the request names. Of this project it needs the data alone, so that it also runs in an
environment that has another backend and nothing else.
"""

from __future__ import annotations

import json
import linecache
import os
import shutil
import sys
import tempfile
import time
from itertools import count
from pathlib import Path

_numbers = count()


def main() -> None:
    request = json.load(sys.stdin)
    prepare(request["data"])
    verdicts = [verdict for exercise in request["exercises"] for verdict in judge(exercise)]
    Path(request["answer"]).write_text(json.dumps(verdicts), "utf-8")


def prepare(data: str) -> None:
    """What a reader has: Keras, the data of the profile and a way to draw diagrams."""
    import matplotlib.pyplot  # noqa: F401
    import pydot

    from livedocs.data import profiles as datasets

    datasets.install(data)

    def create(dot, prog=None, format="ps", encoding=None):  # Graphviz from its wheel
        import pygraphviz

        return pygraphviz.AGraph(string=dot.to_string()).draw(format=format, prog=prog or "dot")

    pydot.Dot.create = create


def judge(exercise: dict) -> list[dict]:
    """One verdict for each attempt at an exercise: where it ended, and with what error."""
    import keras

    with tempfile.TemporaryDirectory(prefix="kv-") as folder:
        base = Path(folder, "base")
        base.mkdir()
        os.chdir(base)
        session = {"__name__": "__main__"}
        if problem := run(exercise["prelude"], session):
            return [{"ended": "prelude", **problem}] * len(exercise["attempts"])
        objects = keras.saving.get_custom_objects()
        registered = dict(objects)
        verdicts = []
        for code in exercise["attempts"]:
            own = Path(folder, str(len(verdicts)))
            shutil.copytree(base, own)
            os.chdir(own)
            # Nothing of another attempt is left: names, registered classes, files, seed.
            names = dict(session)
            objects.clear()
            objects.update(registered)
            keras.utils.set_random_seed(42)
            started = time.process_time()
            found = verdict(code, exercise["checks"], names)
            verdicts.append(found | {"seconds": time.process_time() - started})
        os.chdir("/")
        return verdicts


def verdict(code: str, checks: list[str], names: dict) -> dict:
    if problem := run(code, names):
        return {"ended": "solution", **problem}
    for check in checks:
        if problem := run(check, names):
            return {"ended": "check", **problem}
    return {"ended": "passed"}


def run(code: str, names: dict) -> dict | None:
    """Execute code; the error that stopped it, or None."""
    name = f"<bloque {next(_numbers)}>"
    # Whoever reads the source of a function, as TensorFlow does, finds it.
    linecache.cache[name] = (len(code), None, code.splitlines(True), name)
    try:
        exec(compile(code, name, "exec"), names)
    except Exception as error:
        line = 0
        trace = error.__traceback__
        while trace:
            if trace.tb_frame.f_code.co_filename == name:
                line = trace.tb_lineno
            trace = trace.tb_next
        source = linecache.getline(name, line).strip()
        return {"error": type(error).__name__, "message": str(error), "source": source}
    return None


if __name__ == "__main__":
    main()
