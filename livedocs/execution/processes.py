"""The folder of a kernel and the processes that live from it: both disappear, whatever happens.

A block may start processes that leave its session, fork twice or drop the environment. On
Linux a kernel adopts its orphans, and this process adopts those of a kernel that was killed.
Elsewhere, what is left is recognised by the mark in its environment or by its working folder.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator, Set
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from livedocs.execution.kernel_environment import MARK

PREFIX, LOCK = "kv-", "en-uso.lock"


@contextlib.contextmanager
def kernel_folder() -> Iterator[Path]:
    """A new folder; when it is left, it is removed with the processes that live from it."""
    before = _adopted()
    with (
        tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as name,
        FileLock(Path(name, LOCK), thread_local=False),  # it is let go when its process ends
    ):
        try:
            yield Path(name)
        finally:
            end_family(Path(name), before)


def sweep() -> None:
    """Remove the folders, and end the kernels, of runs that could not do it: they were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError, Timeout):
            if not (folder / LOCK).is_file() or folder.is_symlink():
                continue
            if hasattr(os, "getuid") and folder.stat().st_uid != os.getuid():
                continue
            with FileLock(folder / LOCK, timeout=0, thread_local=False):
                end_family(folder)
                shutil.rmtree(folder, ignore_errors=True)
            shutil.rmtree(folder, ignore_errors=True)


def end_family(folder: Path, others: Set[psutil.Process] | None = None) -> None:
    """End every process that lives from a kernel's folder.

    Args:
        others: The processes that this one had adopted when the folder was made: those that it
            adopted since come from a kernel that is gone. None: those are not looked for.
    """
    place = os.path.realpath(folder)
    for _ in range(20):  # one may be starting another meanwhile
        found = [process for process in psutil.process_iter() if _belongs(process, place)]
        if others is not None:
            found += _adopted() - others - set(found)
        if not found:
            return
        for process in found:
            end_tree(process.pid)
        psutil.wait_procs(found, timeout=1)


def end_tree(pid: int) -> None:
    """Kill a process and all its descendants; harmless if it is gone."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for member in (*process.children(recursive=True), process):
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()


def resident_mb(process: psutil.Process) -> float:
    """Memory of a process and its descendants, in MiB."""
    total = 0
    with contextlib.suppress(psutil.NoSuchProcess):
        for member in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                total += member.memory_info().rss
    return total / 2**20


def _belongs(process: psutil.Process, place: str) -> bool:
    if process.pid == os.getpid():
        return False
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        if process.environ().get(MARK) == os.path.basename(place):
            return True
        folder = process.cwd()
        return folder == place or folder.startswith(place + os.sep)
    except (psutil.Error, OSError):
        return False  # gone, or of somebody else


def _adopted() -> set[psutil.Process]:
    """Children of this process that it did not start: a kernel's orphans, once it is gone.

    What this process starts stays in its session, but for kernels, which carry a mark; what a
    kernel starts never was in it.
    """
    if sys.platform != "linux":
        return set()
    found = set()
    for process in psutil.Process().children():
        with contextlib.suppress(psutil.Error, OSError):
            if os.getsid(process.pid) != os.getsid(0) and not _is_kernel(process):
                found.add(process)
    return found


def _is_kernel(process: psutil.Process) -> bool:
    return process.status() != psutil.STATUS_ZOMBIE and MARK in process.environ()


@contextlib.contextmanager
def ended_by_signal() -> Iterator[None]:
    """While it lasts, SIGTERM ends this process as an exception: what is left behind is removed."""
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return

    def leave(number, frame):
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """While it lasts, a second Ctrl-C does not cut the cleaning that the first one asked for."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def adopt_orphans(wanted: bool = True) -> None:
    """Make this process the parent of those whose own has ended, so that it can be asked for them."""
    if sys.platform == "linux":
        import ctypes

        set_child_subreaper = 36  # PR_SET_CHILD_SUBREAPER, of <linux/prctl.h>
        ctypes.CDLL(None).prctl(set_child_subreaper, int(wanted), 0, 0, 0)


@contextlib.contextmanager
def adopting_orphans() -> Iterator[None]:
    """While it lasts, the orphans of a kernel that is killed are children of this process."""
    adopt_orphans()
    try:
        yield
    finally:
        adopt_orphans(False)
