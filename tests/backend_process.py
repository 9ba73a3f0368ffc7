"""The process in which the blocks of a page run in order on the backend of its environment.

A script, as `tests/attempt_process.py`: it reads a request from its input, as JSON, and writes how
each block ended to the file that the request names. Of this project it needs the data alone, so
that it also runs in an environment that has another backend and nothing else.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import sys
import tempfile
import time
import types
from importlib.machinery import PathFinder
from pathlib import Path

#: Characters kept of what a block prints.
PRINTED = 100_000


class WithoutTensorFlow(PathFinder):
    """Finds everything but TensorFlow: who has another backend need not have it."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] == "tensorflow" else super().find_spec(name, path, target)


def main() -> None:
    request = json.load(sys.stdin)
    if os.environ["KERAS_BACKEND"] != "tensorflow":
        sys.meta_path[:] = [WithoutTensorFlow if f is PathFinder else f for f in sys.meta_path]
    from tests.attempt_process import prepare, run

    prepare(request["data"])
    import keras
    import numpy as np

    random.seed(request["seed"])
    np.random.seed(request["seed"])
    keras.utils.set_random_seed(request["seed"])
    page = types.ModuleType("__main__")  # as in a notebook: what a block defines is of `__main__`
    sys.modules["__main__"] = page
    ends = []
    with tempfile.TemporaryDirectory(prefix="kv-") as folder:
        os.chdir(folder)
        for code in request["blocks"]:
            started = time.monotonic()
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                problem = run(code, vars(page)) or {}
            seconds = time.monotonic() - started
            ends.append(problem | {"seconds": seconds, "printed": printed.getvalue()[:PRINTED]})
            Path(request["answer"]).write_text(json.dumps(ends), "utf-8")
        os.chdir("/")


if __name__ == "__main__":
    main()
