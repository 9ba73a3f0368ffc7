"""Runs chapters: one Jupyter kernel and one empty folder each, in parallel, once.

An execution is looked up by everything it depends on (see :meth:`Executor.key`): first in
memory, then in the cache. A failed one is never written to disk, but for the processes that
share a run. Two processes never execute the same chapter at once: one waits for the other.
"""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import hashlib
import os
import platform
import re
import site
import sys
import sysconfig
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import asdict, replace
from importlib import metadata
from pathlib import Path

import nbformat
import psutil
from filelock import FileLock, Timeout
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from livedocs import datasets, processes, warm_kernels
from livedocs.cache import Cache, digest
from livedocs.chapter import Cell, Chapter
from livedocs.kernel_environment import BACKEND, KERNEL_ENV, environment
from livedocs.kernel_setup import BLOCK_MIME
from livedocs.progress import Progress
from livedocs.results import (
    FAILED,
    NOT_RUN,
    OK,
    CellResult,
    Execution,
    Failure,
    failure,
    from_json,
    is_error,
    judged,
    last_words,
)
from livedocs.settings import Settings

__all__ = [
    "FAILED", "KERNEL_ENV", "NOT_RUN", "OK", "CellResult", "Execution", "ExecutionError", "Executor",
    "Failure", "failure", "strip_ansi", "versions",
]  # fmt: skip

#: Distributions whose version can change an output.
LIBRARIES = (
    "keras", "tensorflow", "numpy", "matplotlib", "matplotlib-inline", "pydot", "pygraphviz",
    "h5py", "rich", "ipython", "ipykernel", "wrapt",
)  # fmt: skip

#: Modules of the engine that shape what a kernel returns.
ENGINE_MODULES = (
    "execution.py", "kernel_environment.py", "kernel_setup.py", "datasets.py", "warm_kernels.py",
)  # fmt: skip


class ExecutionError(Exception):
    """No chapter could be run at all; the message, in Spanish, says why."""


class Executor:
    """Executes chapters and remembers what it executed.

    Args:
        settings: Limits, data profile and folders.
        progress: Where the work under way is shown.
        failures: A folder where the processes of one run, which disappears with it, tell each
            other what failed, so that each chapter is executed once; None if there is only one.
    """

    def __init__(
        self, settings: Settings, progress: Progress | None = None, failures: Path | None = None
    ):
        self.settings = settings
        self.progress = progress or Progress()
        self.cache = Cache(settings.cache)
        self.failures = Cache(failures) if failures else None
        self.executed: list[str] = []  # pages run by a kernel, for reports and tests
        self._memory: dict[str, Execution] = {}
        self._warned = False

    def key(self, chapter: Chapter) -> str:
        """Everything the outputs of a chapter depend on, as one digest."""
        return digest(
            {
                "code": chapter.code_digest,
                "data": datasets.fingerprint(self.settings.data),
                "seed": self.settings.seed,
                "python": platform.python_version(),
                "machine": [platform.system(), platform.machine()],
                "env": KERNEL_ENV,
                "libraries": versions(),
                "engine": _engine_digest(),
            }
        )

    def run(self, chapters: list[Chapter]) -> dict[str, Execution]:
        """Executions by page. Each distinct chapter is run at most once.

        Raises:
            ExecutionError: the data profile or the environment is unusable.
        """
        try:
            keys = {chapter.path: self.key(chapter) for chapter in chapters}
        except (ValueError, OSError) as error:
            raise ExecutionError(str(error)) from None
        pending = {}
        for chapter in chapters:
            key = keys[chapter.path]
            if key not in self._memory and (found := self._find(key, chapter)):
                self._memory[key] = found
            if key not in self._memory:
                pending[key] = chapter
        if pending:
            self._execute_all(pending)
        return {chapter.path: judged(chapter, self._memory[keys[chapter.path]]) for chapter in chapters}

    def _find(self, key: str, chapter: Chapter) -> Execution | None:
        """What another run, or another process of this one, left on disk."""
        for cache in filter(None, (self.cache, self.failures)):
            if found := from_json(cache.get(key), len(chapter.executed_cells)):
                return found
        return None

    def _execute_all(self, pending: dict[str, Chapter]) -> None:
        processes.sweep()
        if trouble := self.cache.trouble():  # said before the wait, not after it
            self._warn(trouble)
        # nbclient installs signal handlers when it runs in the main thread, and would then
        # swallow Ctrl-C; in a thread of its own it also works below a running event loop.
        with ThreadPoolExecutor(max_workers=1) as thread, self.progress, processes.ended_by_signal():
            loop = asyncio.new_event_loop()
            task = loop.create_task(self._gather(pending))
            work = thread.submit(loop.run_until_complete, task)
            try:
                work.result()
            except (KeyboardInterrupt, SystemExit):
                with processes.undisturbed():
                    loop.call_soon_threadsafe(task.cancel)
                    wait([work])
                raise
            finally:
                thread.shutdown()
                loop.close()

    async def _gather(self, pending: dict[str, Chapter]) -> None:
        slots = asyncio.Semaphore(self.settings.workers)
        unusable: list[str] = []

        async def one(key: str, chapter: Chapter) -> None:
            while True:
                async with slots:
                    with self._claim(key) as ours:
                        if ours:
                            self._memory[key] = self._find(key, chapter) or await execute(key, chapter)
                            return
                await asyncio.sleep(0.3)

        async def execute(key: str, chapter: Chapter) -> Execution:
            session = _Session(chapter, self.settings, self.progress)
            execution = await session.execute()
            self.executed.append(chapter.path)
            if session.unusable:
                unusable.append(session.unusable)
            self._keep(key, execution)
            return execution

        try:
            async with asyncio.TaskGroup() as group:
                for key, chapter in pending.items():
                    group.create_task(one(key, chapter))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        if unusable and len(unusable) == len(pending):
            raise ExecutionError(unusable[0])

    @contextlib.contextmanager
    def _claim(self, key: str) -> Iterator[bool]:
        """Whether this process, and no other meanwhile, may execute what has this key."""
        lock = FileLock(self.cache.folder / f"{key}.lock", thread_local=False)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            yield False
            return
        except (OSError, NotImplementedError):  # nowhere to write it: nobody to share with
            yield True
            return
        try:
            yield True
        finally:
            with contextlib.suppress(OSError):  # who waits for it looks in the cache first
                Path(lock.lock_file).unlink()
            lock.release()

    def _keep(self, key: str, execution: Execution) -> None:
        cache = self.failures if execution.failed else self.cache
        if cache is None:
            return
        try:
            cache.put(key, asdict(execution))
        except (OSError, ValueError, TypeError) as error:
            self._warn(f"no se pudo guardar una ejecución ({error}).")

    def _warn(self, trouble: str) -> None:
        if not self._warned:
            self._warned = True
            self.progress.note(
                f"Aviso: {trouble} Las páginas se ejecutan igual, pero la próxima vez habrá que "
                "ejecutarlas de nuevo."
            )

    def forget_failures(self) -> None:
        """Let chapters that failed be tried again."""
        self._memory = {k: e for k, e in self._memory.items() if not e.failed}


def versions() -> dict[str, str]:
    """Installed version of each library that can change an output."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            raise ExecutionError(f"falta instalar «{name}»; corré «make serve» o «make test».") from None
    return found


def _engine_digest() -> str:
    here = Path(__file__).parent
    return hashlib.sha256(b"".join((here / name).read_bytes() for name in ENGINE_MODULES)).hexdigest()


class _KernelManager(AsyncKernelManager):
    """A kernel of this very interpreter, whatever kernels the machine has registered."""

    @property
    def kernel_spec(self) -> KernelSpec:
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, language="python", display_name="Python 3")


#: Messages that hold something to show.
_SHOWN = frozenset(["stream", "display_data", "execute_result", "error", "update_display_data"])


class _Client(NotebookClient):
    """A client that weighs what a block shows as it comes, and hears what comes too late."""

    def __init__(self, *args, limit: int, on_excess, **kwargs):
        super().__init__(*args, **kwargs)
        self._limit, self._on_excess = limit, on_excess
        self._weight: dict[int, int] = {}  # of each cell
        self._ended: dict[str, int] = {}  # cells by the message that asked for them
        self.late: set[int] = set()  # cells that showed something once they had ended

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


def _weigh(value: object) -> int:
    """Characters of all the strings that a message holds."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(map(_weigh, value.values()))
    if isinstance(value, list | tuple):
        return sum(map(_weigh, value))
    return 8


class _Session:
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
        warm_kernels.give(manager, self.chapter, env)
        client = _Client(
            nbformat.v4.new_notebook(),
            km=manager,
            limit=self.settings.output_kb * 1024,
            on_excess=self._too_much,
            allow_errors=True,
            shutdown_kernel="immediate",
            coalesce_streams=False,  # it would move what is printed after a figure before it
            startup_timeout=120,
            iopub_timeout=self.settings.block_seconds,  # what is shown may come after the reply
            raise_on_iopub_timeout=True,
            extra_arguments=["--IPKernelApp.capture_fd_output=False"],
            on_cell_executed=self._remember_reply,
        )
        clean = _Cleaner(work, self.settings.root)
        self.deadline = time.monotonic() + self.settings.chapter_seconds
        with (folder / "kernel.log").open("wb") as log:
            async with client.async_setup_kernel(
                cwd=str(work), env=env, stdout=log, stderr=log,
                cleanup_kc=True,
            ):  # fmt: skip
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
                reason="algo que este bloque dejó en marcha (un hilo, un proceso) siguió mostrando "
                "cosas cuando el bloque ya había terminado; esperalo, por ejemplo con join().",
            )

    async def _set_up(self, client: NotebookClient, folder: Path) -> None:
        cell = nbformat.v4.new_code_cell(
            "__import__('livedocs.kernel_setup').kernel_setup"
            f".install(seed={self.settings.seed!r}, data={self.settings.data!r})"
        )
        client.nb.cells.append(cell)
        try:
            await client.async_execute_cell(cell, len(client.nb.cells) - 1, store_history=False)
        except DeadKernelError:
            _propagate_cancellation()
            tail = (folder / "kernel.log").read_text("utf-8", "replace")[-600:]
            raise ExecutionError(f"el kernel de Jupyter no arranca: {tail.strip()}") from None
        for output in cell.outputs:
            if is_error(output):
                raise ExecutionError(f"no se pudo preparar el kernel: {last_words(output)}")

    def _remember_reply(self, cell, cell_index, execute_reply) -> None:
        self.reply = execute_reply or {}

    async def _run_cell(self, client: NotebookClient, cell: Cell, clean: _Cleaner) -> CellResult:
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
        outputs, told = _told_apart(clean.outputs(_whole_streams(node.get("outputs", []))))
        if died:
            reason = (
                "el kernel murió mientras ejecutaba este bloque: algo terminó el proceso desde "
                "adentro (un error de memoria, un «exit()») o desde afuera (un «kill»)."
            )
            return CellResult(FAILED, outputs, seconds, reason)
        error = _ended_with(self.reply.get("content", {}), outputs)
        reason = _judge(cell, error, told) or _left_behind(self.reply.get("content", {}), outputs, told)
        if reason:
            return CellResult(FAILED, outputs, seconds, reason, _raised_at(error))
        return CellResult(OK, outputs, seconds)

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
            resident = 0.0
            if now - weighed > 0.5:  # it reads every process of the machine
                weighed, resident = now, processes.resident_mb(process)
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

    def _provenance(self, blocks: int, seconds: float) -> dict:
        found = versions()
        return {
            "keras": found["keras"],
            "backend": f"TensorFlow {found[BACKEND]}",
            "numpy": found["numpy"],
            "python": platform.python_version(),
            "data": datasets.provenance(self.settings.data),
            "profile": self.settings.data
            if self.settings.data in ("synthetic", "official")
            else "folder",
            "blocks": blocks,
            "seconds": round(seconds, 1),
        }


def _whole_streams(outputs: list) -> list[dict]:
    """Join consecutive pieces of the same stream: where they were cut depends on timing."""
    joined: list[dict] = []
    for output in map(dict, outputs):
        last = joined[-1] if joined else {}
        if output["output_type"] == "stream" and last.get("name") == output["name"]:
            last["text"] += output["text"]
        else:
            joined.append(output)
    return joined


def _propagate_cancellation() -> None:
    """nbclient takes being cancelled for the death of the kernel."""
    if (task := asyncio.current_task()) and task.cancelling():
        raise asyncio.CancelledError


def _told_apart(outputs: list[dict]) -> tuple[list[dict], dict]:
    """The outputs of a block, and what the kernel told about how it ended."""
    shown, told = [], {}
    for output in outputs:
        if BLOCK_MIME in output.get("data", {}):
            told |= output["data"][BLOCK_MIME]
        else:
            shown.append(output)
    return shown, told


def _ended_with(reply: dict, outputs: list[dict]) -> dict | None:
    """The error that ended a block: others may have been shown before it."""
    if reply.get("status") != "error":
        return None
    same = [output for output in outputs if is_error(output) and output["ename"] == reply["ename"]]
    return (
        same[-1]
        if same
        else nbformat.v4.new_output(
            "error", ename=reply["ename"], evalue=reply.get("evalue", ""), traceback=[]
        )
    )


def _judge(cell: Cell, error: dict | None, told: dict) -> str:
    """What is wrong with how a block ended, in Spanish; empty if it ended as announced."""
    if error is None:
        if cell.raises:
            return f"el bloque anuncia «{cell.raises}», pero terminó sin error."
        return ""
    if cell.raises is None:
        return f"el bloque falló con {error['ename']}."
    if error["ename"] != cell.raises:
        return f"el bloque anuncia «{cell.raises}», pero lanzó {error['ename']}."
    known = getattr(builtins, cell.raises, None)
    if isinstance(known, type) and "raised" in told:  # the kernel names what is not Python's own
        return f"el bloque anuncia «{cell.raises}», el de Python, pero lanzó {told['raised']}."
    return ""


def _left_behind(reply: dict, outputs: list[dict], told: dict) -> str:
    """What a block must not do even if it ends as announced, in Spanish; empty if nothing."""
    if any(payload.get("source") == "ask_exit" for payload in reply.get("payload") or ()):
        return "el bloque llama a exit() o quit(), que cierra la sesión de quien lo copie; sacalo."
    if commands := told.get("commands"):
        command, code = commands[0]
        return f"el comando «{command}» falló (terminó con código {code})."
    if streams := told.get("streams"):
        names = " y ".join(f"sys.{name}" for name in streams)
        return f"el bloque cambia {names} y no lo devuelve; usá contextlib.redirect_stdout."
    if reply.get("status") == "ok" and (error := next(filter(is_error, outputs), None)):
        return f"el bloque mostró un error ({last_words(error)}) y siguió."
    return ""


def _raised_at(error: dict | None) -> int:
    """The line of the block that raised, from the traceback; 0 if it can't be told."""
    if error is None:
        return 0
    text = strip_ansi("\n".join(error["traceback"]))
    frames = re.findall(r"Cell In\[\d+\], line (\d+)", text)
    return int(frames[0]) if frames else 0


def strip_ansi(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[ -/]*[@-~]", "", text)


#: Pictures inside a text, and kinds of output that are nothing else.
_ENCODED = re.compile(r"(base64,\s?[A-Za-z0-9+/=\n]{100,})")
_PICTURES = frozenset(["image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"])

#: The file that a block's code pretends to be in. From the start of a word, and with an end in
#: sight: in a long text without spaces, anything else takes minutes.
_TEMPORARY = re.compile(r"(?<!\S)\S*?ipykernel_\d+\S{0,80}?\.py")


class _Cleaner:
    """Takes this machine's paths out of what a kernel returned."""

    def __init__(self, work: Path, root: Path):
        paths = sysconfig.get_paths()
        packages = {paths["purelib"], paths["platlib"], *site.getsitepackages()}
        places = {str(work): ".", str(work.parent): "…", str(root): "…", str(Path.home()): "~"}
        places |= dict.fromkeys((paths["stdlib"], paths["platstdlib"], sys.prefix), "…")
        places |= dict.fromkeys(packages, "…")
        places |= {os.path.realpath(place): shown for place, shown in places.items()}
        # The longest first: site-packages lies inside the prefix.
        self.places = sorted(places.items(), key=lambda item: -len(item[0]))

    def text(self, text: str) -> str:
        # Encoded pictures hold no paths, but any six letters may turn up in one.
        pieces = _ENCODED.split(text) if "base64," in text else [text]
        pieces[::2] = map(self._plain, pieces[::2])
        return "".join(pieces)

    def _plain(self, text: str) -> str:
        for place, shown in self.places:
            if len(place) > 1:
                text = text.replace(place, shown)
        return _TEMPORARY.sub("<bloque>", text) if "ipykernel_" in text else text

    def outputs(self, outputs: list) -> list[dict]:
        return [self._walk(dict(output)) for output in outputs]

    def _walk(self, value):
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {k: item if k in _PICTURES else self._walk(item) for k, item in value.items()}
        if isinstance(value, list):
            return [self._walk(item) for item in value]
        return value
