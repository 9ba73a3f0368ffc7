"""Parsing Python from more than one thread, as whoever serves the site does."""

from __future__ import annotations

import ast
import threading

_turn = threading.Lock()


def parse(code: str) -> ast.Module:
    """As `ast.parse`, one thread at a time.

    CPython 3.11 and 3.12 count how deep a tree is for all threads together: two that build one at
    once end with a `SystemError`, «AST constructor recursion depth mismatch».

    Raises:
        SyntaxError: the code is no Python.
    """
    with _turn:
        return ast.parse(code)
