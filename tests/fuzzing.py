"""Fuzzers: a few examples with the other tests, and as many as fit in the time that is asked for.

`LIVEDOCS_FUZZ_SECONDS=600` makes each look for so long, always for new ones; `make fuzz` does it.
"""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable, Iterable

from hypothesis import HealthCheck, example, given, settings

#: How long each fuzzer looks; 0: its few examples.
SECONDS = float(os.environ.get("LIVEDOCS_FUZZ_SECONDS", "0"))


def fuzz(check: Callable[..., None], *, examples: int, known: Iterable[dict] = (), **strategies) -> None:
    """Give a check what the strategies draw, until it fails or the time is over.

    Args:
        check: What has to hold; it raises if it doesn't.
        examples: How many at a time.
        known: Arguments that once broke it, which are always tried.
    """
    tried = 0

    @functools.wraps(check)
    def counted(**drawn) -> None:
        nonlocal tried
        tried += 1
        check(**drawn)

    looked = counted
    for arguments in known:
        looked = example(**arguments)(looked)
    looked = settings(
        max_examples=examples,
        deadline=None,
        derandomize=False,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )(given(**strategies)(looked))
    end = time.monotonic() + SECONDS
    looked()
    while time.monotonic() < end:
        looked()
    print(f"{tried} ejemplos")
