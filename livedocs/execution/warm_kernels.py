"""Kernels that start at once: copies of a process that has already imported the libraries.

Importing TensorFlow and Keras takes seconds, and every page has a kernel of its own. On Linux
one process imports them once, makes the synthetic data, and is forked for each kernel; a copy is
as empty as a new kernel. Pages without Keras have a lighter process of their own.

Where forking such a process is not safe, and for a page that changes the environment or its
folder, which a library reads when it is imported, Jupyter starts the kernel as always.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import gc
import inspect
import json
import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import threading
from typing import TYPE_CHECKING

import psutil
from jupyter_client.provisioning import LocalProvisioner

from livedocs.execution.kernel_environment import OWN

if TYPE_CHECKING:  # what is imported here, a kernel's process holds
    from jupyter_client.manager import AsyncKernelManager

    from livedocs.pages.chapter import Chapter

#: What every kernel needs before its first block, and what the blocks with Keras import.
ALWAYS = (
    "ipykernel.kernelapp", "matplotlib_inline.backend_inline", "matplotlib.pyplot",
    "stack_data", "executing", "pygments.lexers.python",
)  # fmt: skip
WITH_KERAS = ("pydot", "rich.console", "tensorflow", "keras")
#: What pages with the synthetic data load.
WITH_SYNTHETIC = ("livedocs.data.ahead",)

PATIENCE = 120  # seconds for those imports, on a busy machine


def give(manager: AsyncKernelManager, chapter: Chapter, env: dict[str, str], data: str) -> None:
    """Make a manager that has not started yet fork its kernel, if the chapter allows it.

    The kernel is then started with a `cwd`, this `env`, which is adapted, and a log file as
    `stdout`.
    """
    code = "\n".join(cell.code for cell in chapter.executed_cells)
    if sys.platform != "linux" or re.search(r"\b(environ|putenv|chdir)\b|%(env|cd)\b", code):
        return
    env["KERAS_HOME"] = os.path.join("..", "keras")  # imported before the kernel's folder is known
    provisioner = _Forked(kernel_spec=manager.kernel_spec, parent=manager)
    provisioner.libraries = ALWAYS
    if re.search(r"^\s*(import|from) (keras|tensorflow)\b", code, re.MULTILINE):
        provisioner.libraries += WITH_KERAS + (WITH_SYNTHETIC if data == "synthetic" else ())
    manager.provisioner = provisioner


class _Forked(LocalProvisioner):
    """A local kernel that another process forks for us, or an ordinary one if it can't."""

    libraries: tuple[str, ...]

    async def launch_kernel(self, cmd, **kwargs):
        request = {
            "argv": cmd[cmd.index("-m") + 1 :],
            "env": kwargs["env"],
            "cwd": kwargs["cwd"],
            "log": os.fspath(kwargs["stdout"].name),
        }
        pid = await asyncio.to_thread(_fork, self.libraries, request)
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


def _fork(libraries: tuple[str, ...], request: dict) -> int | None:
    """The process identifier of a new kernel; None if the libraries can't be imported."""
    env = request["env"]
    with _turn:
        # What the libraries read when they are imported, a kernel can't change.
        general = {name: value for name, value in env.items() if name not in OWN}
        kind = libraries, *sorted(general.items())
        parent = _parents.get(kind)
        if parent is None or parent.poll() is not None:
            parent = _parents[kind] = subprocess.Popen(
                [sys.executable, "-m", __name__, *libraries],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env=general | {"MATPLOTLIBRC": env["MATPLOTLIBRC"]},
                cwd=request["cwd"], text=True,
            )  # fmt: skip
            atexit.register(_end, parent)
        with contextlib.suppress(BrokenPipeError):
            print(json.dumps(request), file=parent.stdin, flush=True)
        if not select.select([parent.stdout], [], [], PATIENCE)[0]:
            parent.kill()  # the next kernel gets another
        answer = parent.stdout.readline()
    return int(answer) if answer else None


def _end(parent: subprocess.Popen) -> None:
    parent.kill()
    parent.communicate()


def _serve(libraries: list[str]) -> None:
    """In the process that is copied: import, then fork a kernel for each line of stdin."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # an import that prints must not answer for us
    for name in libraries:
        __import__(name)
    inspect.getmodule(_serve.__code__)  # it maps every module, and the first error of a page asks it
    if len(os.listdir("/proc/self/task")) > 1:
        sys.exit("some library started a thread, which a copy would not have")
    os.chdir("/")  # the folder of the first kernel will be removed
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
    os.environ.update(env)
    tempfile.tempdir = None  # an import may have asked for it, and it is remembered
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

    # Told whose child it is, a kernel leaves when its parent does.
    kernelapp.launch_new_instance(argv=[*argv[1:], f"--IPKernelApp.parent_handle={os.getppid()}"])


if __name__ == "__main__":
    _serve(sys.argv[1:])
