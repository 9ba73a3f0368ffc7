"""Kernels that start at once: copies of a process that has already imported the libraries.

Importing TensorFlow and Keras takes seconds, and every page has a kernel of its own. On Linux
one process imports them once, computes nothing, and is forked for each kernel; a copy is as
empty as a new kernel. Elsewhere, where forking such a process is not safe, nothing changes:
:func:`give` says so, and Jupyter starts the kernel as always.

A library reads the environment when it is imported, so a page that changes the environment, or
that does not import Keras, gets an ordinary kernel.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import gc
import json
import os
import re
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import psutil
from jupyter_client.provisioning import LocalProvisioner

if TYPE_CHECKING:  # what is imported here, a kernel's process holds
    from jupyter_client.manager import AsyncKernelManager

    from livedocs.chapter import Chapter

#: What the blocks of a page import, and what a kernel needs before the first one.
LIBRARIES = (
    "ipykernel.kernelapp", "matplotlib_inline.backend_inline", "matplotlib.pyplot", "pydot",
    "rich.console", "tensorflow", "keras",
)  # fmt: skip


def suit(chapter: Chapter) -> bool:
    """Whether the kernel of a chapter may be a copy of a process that has imported Keras."""
    code = "\n".join(cell.code for cell in chapter.executed_cells)
    return (
        sys.platform == "linux"
        and bool(re.search(r"^\s*(import|from) keras\b", code, re.MULTILINE))
        and not re.search(r"\b(environ|putenv)\b|%env\b", code)
    )


def give(manager: AsyncKernelManager, env: dict[str, str]) -> None:
    """Make a manager that has not started yet fork its kernel.

    The kernel is then started with a `cwd`, this `env`, which is adapted, and a log file as
    `stdout`.
    """
    if "KERAS_HOME" in env:  # Keras is imported before the kernel's folder is known
        env["KERAS_HOME"] = os.path.join("..", "keras")
    manager.provisioner = _Forked(kernel_spec=manager.kernel_spec, parent=manager)


class _Forked(LocalProvisioner):
    """A local kernel that another process forks for us, or an ordinary one if it can't."""

    async def launch_kernel(self, cmd, **kwargs):
        pid = await asyncio.to_thread(_fork, cmd, kwargs["env"], kwargs["cwd"], kwargs["stdout"].name)
        if pid is None:
            return await super().launch_kernel(cmd, **kwargs)
        self.pid = self.pgid = pid  # it leads a session of its own
        self.process = _Process(pid)
        self.cwd = kwargs["cwd"]
        return self.connection_info


class _Process(psutil.Process):
    """A process that is not our child, with what Jupyter asks of a `Popen`."""

    stdin = stdout = stderr = None

    def poll(self) -> int | None:
        return None if self.is_running() else 0

    def wait(self, timeout: float | None = None) -> int:
        with contextlib.suppress(psutil.NoSuchProcess):
            super().wait(timeout)
        return 0

    def send_signal(self, sig: int) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            super().send_signal(sig)


_parents: dict[tuple, subprocess.Popen] = {}
_turn = threading.Lock()


def _fork(cmd: list[str], env: dict[str, str], cwd: str, log: str) -> int | None:
    """The process identifier of a new kernel; None if the libraries can't be imported."""
    request = json.dumps({"argv": cmd[cmd.index("-m") + 1 :], "env": env, "cwd": cwd, "log": log})
    with _turn:
        # Imported with these, Keras has read its configuration from there.
        place = env.get("KERAS_HOME"), env.get("HOME")
        parent = _parents.get(place)
        if parent is None or parent.poll() is not None:
            parent = _parents[place] = subprocess.Popen(
                [sys.executable, "-m", __name__],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env=env, cwd=cwd, text=True,
            )  # fmt: skip
            atexit.register(_end, parent)
        with contextlib.suppress(BrokenPipeError):
            print(request, file=parent.stdin, flush=True)
        answer = parent.stdout.readline()
    return int(answer) if answer else None


def _end(parent: subprocess.Popen) -> None:
    with contextlib.suppress(BrokenPipeError):
        parent.stdin.close()
    parent.stdout.close()
    parent.wait()


def _serve() -> None:
    """In the process that is copied: import, then fork a kernel for each line of stdin."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # an import that prints must not answer for us
    for name in LIBRARIES:
        __import__(name)
    if len(os.listdir("/proc/self/task")) > 1:
        sys.exit("some library started a thread, which a copy would not have")
    gc.collect()
    gc.freeze()  # a kernel does not look for garbage among the libraries
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the kernels
    for line in sys.stdin:
        if (pid := os.fork()) == 0:
            answers.close()
            return _become_kernel(**json.loads(line))
        print(pid, file=answers, flush=True)


def _become_kernel(argv: list[str], env: dict[str, str], cwd: str, log: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.chdir(cwd)
    os.environ.clear()
    # The kernel leaves when its parent does: that is this process's.
    os.environ.update(env, JPY_PARENT_PID=str(os.getppid()))
    for place, flags, descriptors in (
        (os.devnull, os.O_RDONLY, [0]),
        (log, os.O_WRONLY | os.O_APPEND, [1, 2]),
    ):
        opened = os.open(place, flags)
        for descriptor in descriptors:
            os.dup2(opened, descriptor)
        os.close(opened)
    del sys.path[0]  # the folder of whoever was copied; IPython puts the kernel's
    sys.argv = argv
    from ipykernel import kernelapp

    kernelapp.launch_new_instance(argv=argv[1:])


if __name__ == "__main__":
    _serve()
