"""A command, timed: its seconds and, if asked, the memory of it and of everything it started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

#: How often the memory is looked at, in seconds.
EVERY = 0.25
_MIB = 2**20


class Failed(Exception):
    """A command did not end well; the message, in Spanish, says how, with its last words."""


@dataclass(frozen=True)
class Run:
    """What running a command took.

    Attributes:
        seconds: From start to end.
        mib: The most that its processes held at once; 0.0 if it was not measured.
    """

    seconds: float
    mib: float = 0.0


def run(
    command: list[str],
    folder: Path,
    log: Path,
    *,
    env: dict[str, str] | None = None,
    memory: bool = False,
    limit: float = 7200,
) -> Run:
    """Run a command in a folder until it ends; what it prints goes to `log`.

    Args:
        command: It and its arguments.
        folder: Where it works.
        log: A file, which is written again.
        env: Its whole environment; None means this one's.
        memory: Whether to measure what it holds, which takes a little time from it.
        limit: Seconds after which it is ended.

    Raises:
        Failed: it can't be started, ended with another status than 0 or took too long.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        started = time.perf_counter()
        try:
            process = subprocess.Popen(
                command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=out,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise Failed(f"no se pudo arrancar «{command[0]}» ({error.strerror})") from None
        watch = _Watch(process.pid) if memory else None
        try:
            status = process.wait(limit)
        except subprocess.TimeoutExpired:
            raise Failed(f"no terminó en {limit:.0f} s") from None
        finally:
            seconds = time.perf_counter() - started
            peak = watch.stop() if watch else 0.0
            _end(process)
    if status != 0:
        raise Failed(f"terminó con estado {status}: {last_words(log)}")
    return Run(seconds, peak)


def last_words(log: Path) -> str:
    """The last line with something that a command printed."""
    lines = [line.strip() for line in log.read_text("utf-8", "replace").splitlines()]
    return next((line for line in reversed(lines) if line), "no dijo nada")[:300]


def _end(process: subprocess.Popen) -> None:
    """Leave nothing of a command that was given up."""
    if process.poll() is None:
        for sign in (signal.SIGINT, signal.SIGKILL):  # ours cleans up on the first
            if hasattr(os, "killpg"):
                os.killpg(process.pid, sign)
            else:
                process.kill()
            try:
                process.wait(20)
                return
            except subprocess.TimeoutExpired:
                continue


class _Watch:
    """The most memory that a process and its descendants hold at once.

    In Linux each page that several processes share is divided among them (PSS): forked kernels
    share most of theirs. Elsewhere what they share is counted for each.
    """

    def __init__(self, pid: int):
        self.process, self.peak = psutil.Process(pid), 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._done.wait(EVERY):
            try:
                tree = [self.process, *self.process.children(recursive=True)]
            except psutil.Error:
                continue
            self.peak = max(self.peak, sum(map(_held, tree)) / _MIB)

    def stop(self) -> float:
        self._done.set()
        self._thread.join()
        return self.peak


def _held(process: psutil.Process) -> int:
    """Bytes of memory that are of this process."""
    try:
        if sys.platform.startswith("linux"):
            rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
            return 1024 * int(rollup.partition("\nPss:")[2].split()[0])
        return process.memory_info().rss
    except (psutil.Error, OSError, IndexError, ValueError):
        return 0  # it ended meanwhile


def size(folder: Path) -> float:
    """MiB of the files of a folder; 0.0 if there is none."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / _MIB
