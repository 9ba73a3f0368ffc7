"""Parsing Python from more than one thread, as whoever serves the site does."""

from __future__ import annotations

import ast
import contextlib
import threading

TRIES = 50

_turn = threading.Lock()


def parse(code: str) -> ast.Module:
    """As `ast.parse`, one thread at a time.

    CPython 3.11 and 3.12 count how deep a tree is for all threads together: two that build one at
    once end with a `SystemError`, «AST constructor recursion depth mismatch». Libraries parse in
    threads of their own too, so what ended so is tried again.

    Raises:
        SyntaxError: the code is no Python.
    """
    with _turn:
        for _ in range(TRIES):
            with contextlib.suppress(SystemError):
                return ast.parse(code)
        return ast.parse(code)
