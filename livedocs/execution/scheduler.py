"""Who executes a chapter: this machine, or a Dask cluster that has the same of everything.

The cluster is asked for by its address. It needs the extra `dask`, which nothing else imports.
A worker that would give other outputs refuses the chapter (`worker.py`), and another gets it; what
a cluster loses on its way is executed here. Whoever reaches a cluster runs code on it: it has to
be yours.
"""

from __future__ import annotations

import asyncio
import json
import logging
import operator
import pkgutil
import time
import uuid
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from livedocs.execution import worker
from livedocs.execution.key import ExecutionError, parts
from livedocs.execution.progress import Progress
from livedocs.execution.results import OK, Execution, from_json
from livedocs.execution.session import Session
from livedocs.pages.chapter import Chapter
from livedocs.settings import Settings

if TYPE_CHECKING:
    from distributed import Client, Future

#: Seconds to reach a cluster, and to see its first worker.
PATIENCE = 20.0

#: Seconds that a chapter waits for some worker to be there, when there were and they are gone.
WITHOUT_WORKERS = 60.0


@dataclass(frozen=True)
class Outcome:
    """A chapter's execution; `unusable` says, in Spanish, why no kernel could be had, or is ""."""

    execution: Execution
    unusable: str = ""


class Machines(Protocol):
    """Who executes: entered before the first chapter, left after the last.

    Attributes:
        slots: Chapters that it takes at the same time.
    """

    slots: int

    async def __aenter__(self) -> Machines: ...
    async def __aexit__(self, *error) -> None: ...
    async def execute(self, chapter: Chapter) -> Outcome: ...


def chosen(settings: Settings, progress: Progress) -> Machines:
    """Who executes, as the settings say."""
    here = Here(settings, progress)
    return Cluster(settings, progress, here) if settings.scheduler else here


class Here:
    """This machine: a kernel for each chapter."""

    def __init__(self, settings: Settings, progress: Progress):
        self.settings, self.progress = settings, progress
        self.slots = settings.workers

    async def __aenter__(self) -> Here:
        return self

    async def __aexit__(self, *error) -> None:
        pass

    async def execute(self, chapter: Chapter) -> Outcome:
        session = Session(chapter, self.settings, self.progress)
        execution = await session.execute()
        return Outcome(execution, session.unusable)


class _Lost(Exception):
    """The cluster can't give a chapter any more; the message, in Spanish, says why."""


@dataclass
class Cluster:
    """A Dask cluster, by the address of its scheduler.

    Args:
        here: Who executes what the cluster loses.
    """

    settings: Settings
    progress: Progress
    here: Here
    slots: int = 1
    _client: Client | None = None
    _refusals: dict[str, str] = field(default_factory=dict)  # by address of the worker
    _warned: bool = False

    @property
    def address(self) -> str:
        return self.settings.scheduler

    async def __aenter__(self) -> Cluster:
        try:
            from distributed import Client
        except ImportError:
            raise ExecutionError(
                f"LIVEDOCS_SCHEDULER={self.address} manda las páginas a un cluster de Dask, y acá falta "
                "«distributed». Instalalo con: python -m livedocs setup --extra dask. Sin esa variable, "
                "se ejecutan en esta máquina."
            ) from None
        logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # we tell what happens
        self._here = asyncio.Semaphore(self.here.slots)
        client = Client(
            self.address, asynchronous=True, timeout=PATIENCE, set_as_default=False, name="livedocs"
        )
        try:
            self._client = await client
            await client.wait_for_workers(1, timeout=PATIENCE)
        except (OSError, ValueError, TimeoutError) as error:
            await client.close()
            raise ExecutionError(self._unreached(error)) from None
        workers = await self._workers()
        self.slots = sum(workers.values()) + len(workers)  # one each to begin with at once
        count = "1 worker" if len(workers) == 1 else f"{len(workers)} workers"
        self.progress.note(f"Se ejecutan en el cluster {self.address}, con {count}.")
        return self

    def _unreached(self, error: Exception) -> str:
        if self._client is None:
            return (
                f"no se pudo llegar al cluster {self.address} de LIVEDOCS_SCHEDULER "
                f"({str(error).strip().partition(chr(10))[0] or type(error).__name__}). Revisá que "
                "«dask scheduler» esté en marcha y que la dirección sea la que dice al arrancar."
            )
        return (
            f"el cluster {self.address} no tiene ningún worker. Arrancá uno, con este mismo proyecto "
            f"instalado: dask worker {self.address} --nthreads 1"
        )

    async def __aexit__(self, *error) -> None:
        await self._client.close()

    async def execute(self, chapter: Chapter) -> Outcome:
        """What some worker made of a chapter; what this machine did, if the cluster lost it.

        Raises:
            ExecutionError: every worker refuses it; the message names the differences.
        """
        try:
            return await self._execute_there(chapter)
        except _Lost as error:
            if not self._warned:
                self._warned = True
                self.progress.note(f"Aviso: {error} Lo que falte se ejecuta en esta máquina.")
            async with self._here:
                return await self.here.execute(chapter)

    async def _execute_there(self, chapter: Chapter) -> Outcome:
        order = worker.order(chapter, self.settings, parts(chapter, self.settings))
        cells = chapter.executed_cells
        started = time.perf_counter()
        while True:
            # By its name, which only workers look up: the cluster's scheduler may have no engine.
            task = (operator.call, (pkgutil.resolve_name, "livedocs.execution.worker:execute"), order)
            name = f"livedocs-{chapter.name}-{uuid.uuid4().hex}"
            willing = await self._willing()
            try:
                future = self._client.get({name: task}, name, sync=False, workers=willing)
            except Exception:  # it closes itself when the connection does not come back
                raise self._unconnected() from None
            try:
                answer = json.loads(await self._answer(future))
            finally:
                future.release()
            if "refused" not in answer:
                break
            self._refuse(answer["worker"], answer["refused"])
        execution = from_json(answer["execution"], len(cells))
        if execution is None:
            raise _Lost(f"el worker {answer['worker']} contestó algo que no se entiende.")
        done = sum(result.status == OK for result in execution.results)
        self.progress.finish(chapter.name, done, len(cells), time.perf_counter() - started)
        return Outcome(execution, answer["unusable"])

    def _unconnected(self) -> _Lost:
        return _Lost(f"se perdió la conexión con el cluster {self.address}.")

    async def _workers(self) -> dict[str, int]:
        """The addresses of the workers there are, and the threads of each.

        Raises:
            _Lost: the connection is gone.
        """
        try:
            return await self._client.nthreads()
        except Exception:  # of the connection, or that there is none any more
            raise self._unconnected() from None

    async def _willing(self) -> list[str] | None:
        """The workers that have not refused; None while none has, and so whoever joins may do.

        Raises:
            ExecutionError: all of them have.
        """
        if not self._refusals:
            return None
        workers = await self._workers()
        willing = [address for address in workers if address not in self._refusals]
        if workers and not willing:
            raise ExecutionError(
                f"ningún worker del cluster {self.address} puede ejecutar estas páginas: darían otra "
                "cosa que en esta máquina. " + " ".join(sorted(set(self._refusals.values())))
            )
        return willing or None

    def _refuse(self, address: str, why: str) -> None:
        if address not in self._refusals:
            self._refusals[address] = why
            self.progress.note(f"Aviso: {why}")

    async def _answer(self, future: Future) -> str:
        """What a worker answers, while there is one to wait for.

        Raises:
            _Lost: there is none, the connection is gone, or whoever took it died again and again.
            ExecutionError: a worker has no engine that can read the order.
        """
        waiting = asyncio.ensure_future(future.result())
        seen = time.monotonic()
        try:
            while not (await asyncio.wait([waiting], timeout=2))[0]:
                if await self._workers():
                    seen = time.monotonic()
                elif time.monotonic() - seen > WITHOUT_WORKERS:
                    raise _Lost(f"el cluster {self.address} se quedó sin workers.")
            return waiting.result()
        except (_Lost, ExecutionError):
            raise
        except asyncio.CancelledError:
            if (task := asyncio.current_task()) and task.cancelling():
                raise
            raise _Lost(f"el cluster {self.address} dejó de lado lo que se le pidió.") from None
        except CancelledError:  # what a client says of all it asked for, once it lost the scheduler
            raise self._unconnected() from None
        except (ImportError, AttributeError):
            raise ExecutionError(
                f"en el cluster {self.address} hay workers con otra versión del motor, o sin él: dejá en cada "
                "máquina el mismo commit de este proyecto, instalado."
            ) from None
        except Exception as error:
            what = (str(error).strip().splitlines() or [""])[0][:300]
            raise _Lost(f"el cluster {self.address} falló ({type(error).__name__}: {what}).") from None
        finally:
            waiting.cancel()
