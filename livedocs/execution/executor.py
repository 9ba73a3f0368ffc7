"""Runs chapters: one Jupyter kernel and one empty folder each, in parallel, once.

An execution is looked up by everything it depends on (see :meth:`Executor.key`): first in
memory, then in the cache. A failed one is never written to disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import platform
import re
import site
import sys
import sysconfig
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

import nbformat
import psutil
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from livedocs.data import profiles as datasets
from livedocs.execution import warm_kernels
from livedocs.execution.cache import Cache, digest
from livedocs.execution.progress import Progress
from livedocs.pages.chapter import Cell, Chapter
from livedocs.settings import Settings

BACKEND = "tensorflow"

#: Distributions whose version can change an output.
LIBRARIES = (
    "keras", "tensorflow", "numpy", "matplotlib", "matplotlib-inline", "pydot", "pygraphviz",
    "h5py", "rich", "ipython", "ipykernel", "wrapt",
)  # fmt: skip

#: Modules of the engine that shape what a kernel returns.
ENGINE_MODULES = ("executor.py", "kernel_setup.py", "../data/profiles.py", "warm_kernels.py")

#: One thread each and no GPU: the same bits wherever and however busily it runs.
KERNEL_ENV = {
    "KERAS_BACKEND": BACKEND,
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "CUDA_VISIBLE_DEVICES": "-1",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONIOENCODING": "utf-8",
    "COLUMNS": "96",
    "TZ": "UTC",
}

OK, FAILED, NOT_RUN = "ok", "failed", "not_run"


@dataclass(frozen=True)
class CellResult:
    """What came of one executed cell.

    Attributes:
        status: "ok", "failed" or "not_run" (an earlier block of the page failed).
        outputs: Jupyter outputs (nbformat 4), in the order they came.
        seconds: Wall-clock time.
        reason: Why it failed, in Spanish; empty otherwise.
        line: Line of the block's code that raised, counted from 1; 0 if not known.
    """

    status: str
    outputs: list
    seconds: float = 0.0
    reason: str = ""
    line: int = 0


@dataclass(frozen=True)
class Execution:
    """The results of a chapter's executed cells, in order, and where they come from.

    `provenance` holds the versions of Keras, its backend, NumPy and Python, the number of
    blocks, the seconds and a phrase that names the data.
    """

    results: tuple[CellResult, ...]
    provenance: dict

    @property
    def failed(self) -> CellResult | None:
        return next((result for result in self.results if result.status == FAILED), None)


@dataclass(frozen=True)
class Failure:
    """A block that failed: where, and a message for whoever edits the page."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class ExecutionError(Exception):
    """No chapter could be run at all; the message, in Spanish, says why."""


def failure(chapter: Chapter, execution: Execution) -> Failure | None:
    """The failure of a chapter's execution, with the code around it, or None."""
    for cell, result in zip(chapter.executed_cells, execution.results, strict=True):
        if result.status != FAILED:
            continue
        included = cell.end_line - cell.line - 1 != len(cell.code.split("\n"))
        line = cell.line if included else cell.line + result.line
        pending = sum(r.status == NOT_RUN for r in execution.results)
        parts = [result.reason, _excerpt(cell, result.line)]
        parts += [_last_words(output) for output in result.outputs if _is_error(output)]
        if pending:
            plural = "el bloque que sigue" if pending == 1 else f"los {pending} bloques que siguen"
            parts.append(f"No se ejecutó {plural}." if pending == 1 else f"No se ejecutaron {plural}.")
        return Failure(chapter.path, line, "\n".join(part for part in parts if part))
    return None


def _excerpt(cell: Cell, marked: int) -> str:
    rows = cell.code.rstrip("\n").split("\n")
    return "\n".join(
        f"  {'>' if number == marked else ' '} {cell.line + number:>4} | {row}"
        for number, row in enumerate(rows, 1)
    )


def _is_error(output: dict) -> bool:
    return output["output_type"] == "error"


def _last_words(output: dict) -> str:
    return f"{output['ename']}: {output['evalue']}"


class Executor:
    """Executes chapters and remembers what it executed.

    Args:
        settings: Limits, data profile and folders.
        progress: Where the work under way is shown.
    """

    def __init__(self, settings: Settings, progress: Progress | None = None):
        self.settings = settings
        self.progress = progress or Progress()
        self.cache = Cache(settings.cache)
        self.executed: list[str] = []  # pages run by a kernel, for reports and tests
        self._memory: dict[str, Execution] = {}

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
            if key not in self._memory and (entry := self.cache.get(key)):
                self._memory[key] = _from_json(entry)
            if key not in self._memory:
                pending[key] = chapter
        if pending:
            self._execute_all(pending)
        return {path: self._memory[key] for path, key in keys.items()}

    def _execute_all(self, pending: dict[str, Chapter]) -> None:
        # nbclient installs signal handlers when it runs in the main thread, and would then
        # swallow Ctrl-C; in a thread of its own it also works below a running event loop.
        with ThreadPoolExecutor(max_workers=1) as thread, self.progress:
            loop = asyncio.new_event_loop()
            work = thread.submit(loop.run_until_complete, self._gather(pending))
            try:
                work.result()
            except KeyboardInterrupt:
                for task in asyncio.all_tasks(loop):
                    loop.call_soon_threadsafe(task.cancel)
                raise
            finally:
                thread.shutdown()
                loop.close()

    async def _gather(self, pending: dict[str, Chapter]) -> None:
        slots = asyncio.Semaphore(self.settings.workers)

        async def one(key: str, chapter: Chapter) -> None:
            async with slots:
                execution = await _Session(chapter, self.settings, self.progress).execute()
            self.executed.append(chapter.path)
            self._memory[key] = execution
            if not execution.failed:
                self.cache.put(key, asdict(execution))

        await asyncio.gather(*(one(key, chapter) for key, chapter in pending.items()))

    def forget(self, chapters: list[Chapter]) -> None:
        """Drop what is known of these chapters: the next run executes them."""
        for chapter in chapters:
            self._memory.pop(key := self.key(chapter), None)
            self.cache.remove(key)

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


def _from_json(entry: dict) -> Execution:
    return Execution(tuple(CellResult(**r) for r in entry["results"]), entry["provenance"])


class _KernelManager(AsyncKernelManager):
    """A kernel of this very interpreter, whatever kernels the machine has registered."""

    @property
    def kernel_spec(self) -> KernelSpec:
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, language="python", display_name="Python 3")


class _Session:
    """One chapter in one kernel."""

    def __init__(self, chapter: Chapter, settings: Settings, progress: Progress):
        self.chapter, self.settings, self.progress = chapter, settings, progress
        self.reply: dict | None = None
        self.verdict = ""  # why we killed the kernel

    async def execute(self) -> Execution:
        cells = self.chapter.executed_cells
        results: list[CellResult] = []
        started = time.perf_counter()
        if cells:
            with tempfile.TemporaryDirectory(prefix="kv-", ignore_cleanup_errors=True) as folder:
                await self._run_cells(Path(folder), cells, results)
        seconds = time.perf_counter() - started
        done = sum(result.status == OK for result in results)
        self.progress.finish(self.chapter.name, done, len(cells), seconds)
        results += [CellResult(NOT_RUN, [])] * (len(cells) - len(results))
        return Execution(tuple(results), self._provenance(len(cells), seconds))

    async def _run_cells(self, folder: Path, cells: tuple[Cell, ...], results: list) -> None:
        work = folder / "trabajo"
        for place in (work, folder / "ipython", folder / "keras"):
            place.mkdir()
        (folder / "matplotlibrc").touch()  # without a file there, Matplotlib reads the user's
        notebook = nbformat.v4.new_notebook()
        manager = _KernelManager(connection_file=str(folder / "kernel.json"))
        if os.name == "posix":  # TCP would be open to every user of the machine
            manager.transport, manager.ip = "ipc", str(folder / "k")
        env = self._environment(folder)
        warm_kernels.give(manager, self.chapter, env)
        client = NotebookClient(
            notebook,
            km=manager,
            allow_errors=True,
            shutdown_kernel="immediate",
            coalesce_streams=False,  # it would move what is printed after a figure before it
            startup_timeout=120,
            extra_arguments=["--IPKernelApp.capture_fd_output=False"],
            on_cell_executed=self._remember_reply,
        )
        clean = _Cleaner(work, self.settings.root)
        self.deadline = time.monotonic() + self.settings.chapter_seconds
        with (folder / "kernel.log").open("wb") as log:
            try:
                async with client.async_setup_kernel(
                    cwd=str(work), env=env, stdout=log, stderr=log,
                    cleanup_kc=True,
                ):  # fmt: skip
                    await self._set_up(client, folder)
                    for index, cell in enumerate(cells, 1):
                        self.report = lambda k=index: self.progress.update(
                            self.chapter.name, k, len(cells)
                        )
                        result = await self._run_cell(client, cell, clean)
                        results.append(result)
                        if result.status == FAILED:
                            break
            finally:
                _kill_tree(manager)

    def _environment(self, folder: Path) -> dict[str, str]:
        env = {**os.environ, **KERNEL_ENV}
        env["IPYTHONDIR"] = str(folder / "ipython")
        env["MATPLOTLIBRC"] = str(folder / "matplotlibrc")  # nobody's personal style
        env["PYTHONPATH"] = str(Path(__file__).parent.parent.parent)
        if self.settings.data != "official":
            env["KERAS_HOME"] = str(folder / "keras")
        return env

    async def _set_up(self, client: NotebookClient, folder: Path) -> None:
        cell = nbformat.v4.new_code_cell(
            "__import__('importlib').import_module('livedocs.execution.kernel_setup')"
            f".install(seed={self.settings.seed!r}, data={self.settings.data!r})"
        )
        client.nb.cells.append(cell)
        try:
            await client.async_execute_cell(cell, len(client.nb.cells) - 1, store_history=False)
        except DeadKernelError:
            tail = (folder / "kernel.log").read_text("utf-8", "replace")[-600:]
            raise ExecutionError(f"el kernel de Jupyter no arranca: {tail.strip()}") from None
        for output in cell.outputs:
            if _is_error(output):
                raise ExecutionError(f"no se pudo preparar el kernel: {_last_words(output)}")

    def _remember_reply(self, cell, cell_index, execute_reply) -> None:
        self.reply = execute_reply["content"] if execute_reply else None

    async def _run_cell(self, client: NotebookClient, cell: Cell, clean: _Cleaner) -> CellResult:
        node = nbformat.v4.new_code_cell(cell.code)
        client.nb.cells.append(node)
        started = time.perf_counter()
        watch = asyncio.ensure_future(self._watch(client.km, node))
        died = False
        try:
            await client.async_execute_cell(node, len(client.nb.cells) - 1)
        except DeadKernelError:
            died = True
        finally:
            watch.cancel()
        seconds = time.perf_counter() - started
        outputs = [] if self.verdict else clean.outputs(_whole_streams(node.get("outputs", [])))
        if died:
            reason = self.verdict or (
                "el kernel murió mientras ejecutaba este bloque: algo terminó el proceso desde "
                "adentro (un error de memoria, un «exit()») o desde afuera (un «kill»)."
            )
            return CellResult(FAILED, outputs, seconds, reason)
        error = next((output for output in outputs if _is_error(output)), None)
        if error is None and self.reply and self.reply.get("status") == "error":
            error = nbformat.v4.new_output(
                "error", ename=self.reply["ename"], evalue=self.reply["evalue"], traceback=[]
            )
        reason = _judge(cell, error) or _missing_alternative(cell, outputs)
        if reason:
            return CellResult(FAILED, outputs, seconds, reason, _raised_at(error))
        return CellResult(OK, outputs, seconds)

    async def _watch(self, manager, node) -> None:
        """Kill the kernel when the block passes a limit, and say which."""
        settings = self.settings
        block_end = time.monotonic() + settings.block_seconds
        process = psutil.Process(manager.provisioner.pid)
        weighed = 0.0
        while True:
            self.report()
            await asyncio.sleep(0.1)
            now = time.monotonic()
            resident = 0.0
            if now - weighed > 0.5:  # it reads every process of the machine
                weighed, resident = now, _resident_mb(process)
            if now > block_end:
                self.verdict = (
                    f"el bloque lleva más de {settings.block_seconds} s y se cortó: ¿hay un bucle "
                    "que no termina? El límite es «block_seconds», en pyproject.toml."
                )
            elif now > self.deadline:
                self.verdict = (
                    f"la página lleva más de {settings.chapter_seconds} s y se cortó acá. "
                    "El límite es «chapter_seconds», en pyproject.toml."
                )
            elif resident > settings.memory_mb:
                self.verdict = (
                    f"el bloque usó más de {settings.memory_mb} MiB de memoria y se cortó: achicá "
                    "los datos. El límite es «memory_mb», en pyproject.toml."
                )
            elif (
                sum(len(o.get("text", "")) for o in node.get("outputs", [])) > settings.output_kb * 1024
            ):
                self.verdict = (
                    f"el bloque imprimió más de {settings.output_kb} KiB y se cortó: mostrá solo lo "
                    "que hace falta leer. El límite es «output_kb», en pyproject.toml."
                )
            if self.verdict:
                _kill_tree(manager)
                return

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


def _judge(cell: Cell, error: dict | None) -> str:
    """What is wrong with how a block ended, in Spanish; empty if it ended as announced."""
    if error is None:
        if cell.raises:
            return f"el bloque anuncia «{cell.raises}», pero terminó sin error."
        return ""
    if cell.raises is None:
        return f"el bloque falló con {error['ename']}."
    if error["ename"] != cell.raises:
        return f"el bloque anuncia «{cell.raises}», pero lanzó {error['ename']}."
    return ""


def _missing_alternative(cell: Cell, outputs: list) -> str:
    drawn = any(
        kind.startswith("image/") and "alt" not in output.get("metadata", {})
        for output in outputs
        for kind in output.get("data", {})
    )
    if drawn and "data-alt" not in cell.attributes:
        return (
            "el bloque dibuja una figura y no dice qué muestra; agregá en la apertura "
            'data-alt="…" con una o dos frases para quien no la ve.'
        )
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
        for place, shown in self.places:
            if len(place) > 1:
                text = text.replace(place, shown)
        return re.sub(r"\S*ipykernel_\d+\S*?\.py", "<bloque>", text)

    def outputs(self, outputs: list) -> list[dict]:
        return [self._walk(dict(output)) for output in outputs]

    def _walk(self, value):
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: self._walk(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._walk(item) for item in value]
        return value


def _resident_mb(process: psutil.Process) -> float:
    total = 0
    try:
        for member in (process, *process.children(recursive=True)):
            total += member.memory_info().rss
    except psutil.NoSuchProcess:
        pass
    return total / 2**20


def _kill_tree(manager: AsyncKernelManager) -> None:
    """Kill a kernel and everything it started; harmless if it is gone."""
    pid = getattr(manager.provisioner, "pid", None) if manager.provisioner else None
    if pid is None:
        return
    try:
        process = psutil.Process(pid)
        members = [*process.children(recursive=True), process]
    except psutil.NoSuchProcess:
        return
    for member in members:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.kill()
