"""What the outputs of a page depend on: the name under which its execution is kept.

Prose is no part of it. Versions that nobody can read from outside, those of the engine and of the
synthetic data, are numbers raised by hand; a test notices when the code behind them changes.
"""

from __future__ import annotations

import functools
import os
import platform
import sys
from importlib import metadata

from livedocs.data import profiles
from livedocs.execution.cache import digest
from livedocs.execution.kernel_environment import KERNEL_ENV
from livedocs.pages.chapter import Chapter
from livedocs.settings import Settings

#: Distributions whose version can change an output.
LIBRARIES = (
    "keras", "tensorflow", "numpy", "matplotlib", "matplotlib-inline", "pydot", "pygraphviz",
    "h5py", "rich", "ipython", "ipykernel", "wrapt",
)  # fmt: skip

#: The engine's version: what a block shows may change only with it. Raise it (any other text
#: does) when a change to `execution/` or to the display of Keras' objects can change an output.
ENGINE = "bb0fc07f3d66e14ead62c9c904230c074037ae0ec28c147adf32ef46bd114bbd"


class ExecutionError(Exception):
    """No chapter could be run at all; the message, in Spanish, says why."""


def key(chapter: Chapter, settings: Settings) -> str:
    """Everything the outputs of a page depend on, as one digest.

    Raises:
        ExecutionError: a library is not installed.
        ValueError, OSError: the data profile is unusable, in Spanish.
    """
    return digest(parts(chapter, settings))


def parts(chapter: Chapter, settings: Settings) -> dict:
    """What the outputs of a page depend on, by name: JSON, to compare one machine with another.

    Raises:
        As `key`.
    """
    return {
        "code": chapter.code_digest,
        "data": profiles.fingerprint(settings.data),
        "seed": settings.seed,
        "python": platform.python_version(),
        "machine": [platform.system(), platform.machine()],
        "env": KERNEL_ENV,
        "libraries": versions(),
        "engine": ENGINE,
    }


def versions() -> dict[str, str]:
    """Installed version of each library that can change an output.

    Raises:
        ExecutionError: one is not installed.
    """
    return dict(_versions(tuple(map(_changed, sys.path))))


@functools.lru_cache(maxsize=1)
def _versions(places: tuple) -> dict[str, str]:
    """As `versions`, read once while nothing is installed: each page asks for all of them."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            raise ExecutionError(f"falta instalar «{name}»; corré «make serve» o «make test».") from None
    return found


def _changed(place: str) -> tuple[str, int]:
    """A folder of packages and when something was last installed in it, or taken out."""
    try:
        return place, os.stat(place or ".").st_mtime_ns
    except OSError:
        return place, 0
