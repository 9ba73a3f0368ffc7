"""A line that says what is being executed: one that rewrites itself on a terminal."""

from __future__ import annotations

import os
import sys
import time
from typing import TextIO


class Progress:
    """Shows the chapters under way: name, block k of n, seconds.

    On a terminal a single line is rewritten; elsewhere a line is written when a chapter
    begins, every `every` seconds while it runs, and when it ends.

    Args:
        stream: Where to write; None means `sys.stderr` at the time of writing.
        every: Seconds between lines when `stream` is not a terminal.
    """

    def __init__(self, stream: TextIO | None = None, every: float = 15.0):
        self._stream, self._every = stream, every
        self._running: dict[str, tuple[int, int, float]] = {}
        self._shown: dict[str, float] = {}
        self._line = ""

    @property
    def stream(self) -> TextIO:
        return self._stream or sys.stderr

    @property
    def live(self) -> bool:
        return self.stream.isatty()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *exc) -> None:
        self._erase()
        self._running.clear()

    def update(self, name: str, block: int, total: int) -> None:
        """Block `block` (from 1) of `total` of the chapter `name` is running."""
        now = time.monotonic()
        started = self._running.get(name, (0, 0, now))[2]
        self._running[name] = (block, total, started)
        if self.live:
            line = " · ".join(
                f"{n}: bloque {k} de {of}, {now - t:.0f} s" for n, (k, of, t) in self._running.items()
            )
            line = _fitted(f"▸ {line}", self._columns() - 1)  # a full line would wrap
            if line != self._line:
                self._line = line
                self._write(f"\r\x1b[2K{line}")
        elif now - self._shown.get(name, -self._every) >= self._every:
            self._shown[name] = now
            self._write(f"▸ {name}: bloque {block} de {total}, {now - started:.0f} s\n")

    def finish(self, name: str, done: int, total: int, seconds: float) -> None:
        """The chapter `name` ended with `done` of its `total` blocks as they should be."""
        self._running.pop(name, None)
        self._shown.pop(name, None)
        if total:
            mark = "✓" if done == total else "✗"
            self.note(f"{mark} {name}: {done} de {total} bloques, {seconds:.1f} s")

    def note(self, text: str) -> None:
        """A line that stays."""
        self._erase()
        self._write(f"{text}\n")

    def _columns(self) -> int:
        try:
            return os.get_terminal_size(self.stream.fileno()).columns or 80
        except (OSError, ValueError):
            return 80

    def _erase(self) -> None:
        if self.live and self._line:
            self._line = ""
            self._write("\r\x1b[2K")

    def _write(self, text: str) -> None:
        self.stream.write(text)
        self.stream.flush()


def _fitted(line: str, width: int) -> str:
    return line if len(line) <= width else line[: max(0, width - 1)] + "…"
