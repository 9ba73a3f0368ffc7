"""One chapter in one kernel: its blocks in order, within limits, until one fails."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import platform
import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import nbformat
import psutil
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from livedocs.data import profiles
from livedocs.execution import processes, warm_kernels
from livedocs.execution.cleaning import Cleaner, half_of_a_pair, whole_streams
from livedocs.execution.endings import (
    ended_with,
    judge,
    left_behind,
    raised_at,
    told_apart,
    unwritable,
)
from livedocs.execution.kernel_environment import BACKEND, environment
from livedocs.execution.key import ExecutionError, versions
from livedocs.execution.progress import Progress
from livedocs.execution.results import FAILED, NOT_RUN, OK, CellResult, Execution, is_error, last_words
from livedocs.pages.chapter import Cell, Chapter
from livedocs.settings import Settings


class _KernelManager(AsyncKernelManager):
    """A kernel of this very interpreter, whatever kernels the machine has registered."""

    @property
    def kernel_spec(self) -> KernelSpec:
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, language="python", display_name="Python 3")


#: Seconds that a kernel has to answer for the first time, on a busy machine.
STARTING = 120

#: MiB that may be written below Python, where no page shows it: what a program prints by itself.
NOISE_MB = 64

#: Seconds that the threads of a page have to end, once its last block has.
SETTLING = 5

_DIED = (
    "el kernel murió mientras ejecutaba este bloque: algo terminó el proceso desde "
    "adentro (un error de memoria, un «exit()») o desde afuera (un «kill»)."
)

#: Messages that hold something to show.
_SHOWN = frozenset(["stream", "display_data", "execute_result", "error", "update_display_data"])


class _Client(NotebookClient):
    """A client that weighs what a block shows as it comes, and hears what comes too late."""

    def __init__(self, *args, limit: int, on_excess, **kwargs):
        super().__init__(*args, **kwargs)
        self._limit, self._on_excess = limit, on_excess
        self._weight: dict[int, int] = {}  # of each cell
        self._ended: dict[str, int] = {}  # cells by the message that asked for them
        self.late: set[int] = set()  # cells that went on, or showed something, once they had ended

    def process_message(self, msg, cell, cell_index):
        kind = msg["msg_type"]
        if kind in _SHOWN:
            weight = self._weight.get(cell_index, 0) + _weigh(msg["content"])
            self._weight[cell_index] = weight
            if weight > self._limit:
                self._on_excess(kind)
                return None
        found = super().process_message(msg, cell, cell_index)
        if kind in ("clear_output", "update_display_data"):  # it replaces what was shown
            self._weight[cell_index] = _weigh(cell.outputs)
        return found

    def listen(self) -> None:
        """Notice messages of cells that have ended, which nbclient leaves out."""
        channel = self.kc.iopub_channel
        get_msg = channel.get_msg

        async def heard(*args, **kwargs):
            msg = await get_msg(*args, **kwargs)
            ended = self._ended.get(msg["parent_header"].get("msg_id"))
            if ended is not None and msg["msg_type"] in _SHOWN:
                self.late.add(ended)
            return msg

        channel.get_msg = heard

    def end(self, execute_reply: dict, cell_index: int) -> None:
        if execute_reply:
            self._ended[execute_reply["parent_header"]["msg_id"]] = cell_index

    def still_at_work(self, messages: Iterable[str]) -> None:
        """Take note of the cells, by the messages that asked for them, whose threads go on."""
        self.late |= {self._ended[message] for message in messages if message in self._ended}


def _weigh(value: object) -> int:
    """Characters of all the strings that a message holds."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(map(_weigh, value.values()))
    if isinstance(value, list | tuple):
        return sum(map(_weigh, value))
    return 8


class Session:
    """One chapter in one kernel."""

    def __init__(self, chapter: Chapter, settings: Settings, progress: Progress):
        self.chapter, self.settings, self.progress = chapter, settings, progress
        self.reply: dict = {}
        self.verdict = ""  # why we killed the kernel
        self.unusable = ""  # why no kernel could be had
        self.kernel = 0  # its process

    async def execute(self) -> Execution:
        """Run the chapter. Whatever goes wrong is a failed result of the block it happened in."""
        cells = self.chapter.executed_cells
        results: list[CellResult] = []
        started = time.perf_counter()
        try:
            if cells:
                with processes.kernel_folder() as folder:
                    await self._run_cells(folder, cells, results)
        except Exception as error:
            if isinstance(error, ExecutionError):
                reason = self.unusable = str(error)
            else:
                what = str(error).partition("\n")[0][:200]
                reason = f"el motor no pudo con este bloque ({type(error).__name__}: {what})."
            if len(results) == len(cells):
                results.pop()
            results.append(CellResult(FAILED, [], reason=reason))
        seconds = time.perf_counter() - started
        done = sum(result.status == OK for result in results)
        self.progress.finish(self.chapter.name, done, len(cells), seconds)
        results += [CellResult(NOT_RUN, [])] * (len(cells) - len(results))
        return Execution(tuple(results), self._provenance(len(cells), seconds))

    async def _run_cells(self, folder: Path, cells: tuple[Cell, ...], results: list) -> None:
        work = folder / "trabajo"
        work.mkdir()
        manager = _KernelManager(connection_file=str(folder / "kernel.json"))
        if os.name == "posix":  # TCP would be open to every user of the machine
            manager.transport, manager.ip = "ipc", str(folder / "k")
        env = environment(folder, self.settings.data)
        if self.settings.warm:
            warm_kernels.give(manager, self.chapter, env, self.settings.data)
        client = _Client(
            nbformat.v4.new_notebook(),
            km=manager,
            limit=self.settings.output_kb * 1024,
            on_excess=self._too_much,
            allow_errors=True,
            shutdown_kernel="immediate",
            coalesce_streams=False,  # it would move what is printed after a figure before it
            startup_timeout=STARTING,
            iopub_timeout=self.settings.block_seconds,  # what is shown may come after the reply
            raise_on_iopub_timeout=True,
            extra_arguments=["--IPKernelApp.capture_fd_output=False"],
            on_cell_executed=self._remember_reply,
        )
        clean = Cleaner(work, self.settings.root)
        self.deadline = time.monotonic() + self.settings.chapter_seconds
        self.log = folder / "kernel.log"
        with self.log.open("wb") as log:
            async with _started(client, folder, cwd=str(work), env=env, stdout=log, stderr=log):
                self.kernel = manager.provisioner.pid
                try:
                    await self._set_up(client, folder)
                    client.listen()
                    for index, cell in enumerate(cells, 1):
                        self.report = lambda k=index: self.progress.update(
                            self.chapter.name, k, len(cells)
                        )
                        result = await self._run_cell(client, cell, clean)
                        results.append(result)
                        self._blame_the_late(client, results)
                        if any(result.status == FAILED for result in results):
                            break
                        client.end(self.reply, len(client.nb.cells) - 1)
                    else:
                        await self._settle(client, results)
                finally:
                    # While it lives: its orphans are its children.
                    processes.end_tree(self.kernel)

    def _blame_the_late(self, client: _Client, results: list[CellResult]) -> None:
        """What a thread shows once its block has ended belongs to that block, and to no other."""
        for index in client.late:
            number = index - 1  # the first cell set the kernel up
            results[number] = replace(
                results[number],
                status=FAILED,
                reason="algo que este bloque dejó en marcha (un hilo, un proceso) siguió cuando el "
                "bloque ya había terminado, y lo que muestre no saldría en la página; esperalo, por "
                "ejemplo con join().",
            )

    async def _set_up(self, client: NotebookClient, folder: Path) -> None:
        cell = nbformat.v4.new_code_cell(
            "__import__('importlib').import_module('livedocs.execution.kernel_setup')"
            f".install(seed={self.settings.seed!r}, data={self.settings.data!r})"
        )
        client.nb.cells.append(cell)
        try:
            await client.async_execute_cell(cell, len(client.nb.cells) - 1, store_history=False)
        except DeadKernelError:
            _propagate_cancellation()
            raise _not_started(folder, "terminó enseguida") from None
        for output in cell.outputs:
            if is_error(output):
                raise ExecutionError(f"no se pudo preparar el kernel: {last_words(output)}")

    def _remember_reply(self, cell, cell_index, execute_reply) -> None:
        self.reply = execute_reply or {}

    async def _run_cell(self, client: NotebookClient, cell: Cell, clean: Cleaner) -> CellResult:
        node = nbformat.v4.new_code_cell(cell.code)
        client.nb.cells.append(node)
        self.reply = {}
        started = time.perf_counter()
        watch = asyncio.ensure_future(self._watch())
        died = False
        try:
            await client.async_execute_cell(node, len(client.nb.cells) - 1)
        except DeadKernelError:
            _propagate_cancellation()
            died = True
        finally:
            watch.cancel()
        seconds = time.perf_counter() - started
        if self.verdict:  # it may come when the block has just ended: it is its own all the same
            return CellResult(FAILED, [], seconds, self.verdict)
        raw = whole_streams(node.get("outputs", []))
        outputs, told = told_apart(clean.outputs(raw))
        if died:
            return CellResult(FAILED, outputs, seconds, _DIED)
        (reply,) = clean.outputs([self.reply.get("content", {})])
        error = ended_with(reply, outputs)
        reason = (
            judge(cell, error, told)
            or left_behind(reply, outputs, told)
            or unwritable(half_of_a_pair(raw))
        )
        if reason:
            return CellResult(FAILED, outputs, seconds, reason, raised_at(error))
        return CellResult(OK, outputs, seconds)

    async def _settle(self, client: _Client, results: list[CellResult]) -> None:
        """Hear what the threads of the page show once its last block has ended."""
        node = nbformat.v4.new_code_cell(
            "__import__('importlib').import_module('livedocs.execution.kernel_setup')"
            f".settle({SETTLING})"
        )
        client.nb.cells.append(node)
        watch = asyncio.ensure_future(self._watch())
        reason = ""
        try:
            await client.async_execute_cell(node, len(client.nb.cells) - 1, store_history=False)
        except DeadKernelError:
            _propagate_cancellation()
            reason = _DIED
        finally:
            watch.cancel()
        if reason := self.verdict or reason:
            results[-1] = replace(results[-1], status=FAILED, reason=reason)
        _, told = told_apart(node.outputs)
        client.still_at_work(told.get("threads", ()))
        self._blame_the_late(client, results)

    def _too_much(self, kind: str) -> None:
        verb = "imprimió" if kind == "stream" else "mostró"
        self._cut(
            f"el bloque {verb} más de {self.settings.output_kb} KiB y se cortó: mostrá solo lo "
            "que hace falta leer. El límite es «output_kb», en pyproject.toml."
        )

    def _cut(self, verdict: str) -> None:
        if not self.verdict:
            self.verdict = verdict
            processes.end_tree(self.kernel)

    async def _watch(self) -> None:
        """Kill the kernel when the block passes a limit, and say which."""
        settings = self.settings
        block_end = time.monotonic() + settings.block_seconds
        process = psutil.Process(self.kernel)
        weighed = 0.0
        while not self.verdict:
            self.report()
            await asyncio.sleep(0.1)
            now = time.monotonic()
            resident = noise = 0.0
            if now - weighed > 0.5:  # it reads every process of the machine
                weighed, resident = now, processes.resident_mb(process)
                noise = self.log.stat().st_size / 2**20
            if now > block_end:
                self._cut(
                    f"el bloque lleva más de {settings.block_seconds} s y se cortó: ¿hay un bucle "
                    "que no termina? El límite es «block_seconds», en pyproject.toml."
                )
            elif now > self.deadline:
                self._cut(
                    f"la página lleva más de {settings.chapter_seconds} s y se cortó acá. "
                    "El límite es «chapter_seconds», en pyproject.toml."
                )
            elif resident > settings.memory_mb:
                self._cut(
                    f"el bloque usó más de {settings.memory_mb} MiB de memoria y se cortó: achicá "
                    "los datos. El límite es «memory_mb», en pyproject.toml."
                )
            elif noise > NOISE_MB:
                self._cut(
                    f"un programa que el bloque lanzó escribió más de {NOISE_MB} MiB, que la página no "
                    "muestra, y se cortó: mandá eso a subprocess.DEVNULL."
                )

    def _provenance(self, blocks: int, seconds: float) -> dict:
        found = versions()
        return {
            "keras": found["keras"],
            "backend": f"TensorFlow {found[BACKEND]}",
            "numpy": found["numpy"],
            "python": platform.python_version(),
            "data": profiles.provenance(self.settings.data),
            "profile": self.settings.data
            if self.settings.data in ("synthetic", "official")
            else "folder",
            "blocks": blocks,
            "seconds": round(seconds, 1),
        }


@contextlib.asynccontextmanager
async def _started(client: NotebookClient, folder: Path, **how):
    """A kernel, or why there is none.

    Raises:
        ExecutionError: it did not start, in Spanish.
    """
    async with contextlib.AsyncExitStack() as stack:
        # Cancelled while it starts, it would be left to nbclient to do at the end of this process.
        stack.callback(atexit.unregister, client._cleanup_kernel)
        try:
            await stack.enter_async_context(client.async_setup_kernel(cleanup_kc=True, **how))
        except (RuntimeError, OSError) as error:  # it ended, it is silent, there is no such program
            late = "respond" in str(error)
            what = f"no contestó en {STARTING} s" if late else "terminó enseguida"
            raise _not_started(folder, str(error) if isinstance(error, OSError) else what) from None
        yield


def _not_started(folder: Path, what: str) -> ExecutionError:
    tail = (folder / "kernel.log").read_text("utf-8", "replace").strip()[-600:]
    return ExecutionError(
        f"el kernel de Jupyter no arranca: {what}. Volvé a preparar el entorno: borrá su carpeta y "
        f"corré «make setup».{' Dijo: ' if tail else ''}{tail}"
    )


def _propagate_cancellation() -> None:
    """nbclient takes being cancelled for the death of the kernel."""
    if (task := asyncio.current_task()) and task.cancelling():
        raise asyncio.CancelledError
