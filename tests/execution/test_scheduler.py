"""A cluster gives what this machine gives, byte for byte; who would give something else refuses."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest

from livedocs.execution import scheduler, worker
from livedocs.execution.executor import Executor
from livedocs.execution.key import ExecutionError, parts
from livedocs.execution.progress import Progress
from livedocs.pages.chapter import Chapter
from livedocs.settings import Settings
from tests.conftest import ROOT, Project, fence, heeding_ctrl_c

with_dask = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None,
    reason="falta el extra «dask»: «make test-dask» lo instala y corre estas pruebas",
)


@pytest.fixture(scope="module")
def cluster():
    """Two workers, each a process with one thread, whose addresses and processes it tells."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as made:
        yield made


@pytest.fixture
def empty_cluster():
    """A cluster without workers."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=0, processes=True, dashboard_address=None) as made:
        yield made


def run(root: Path, pages: dict[str, str], address: str = "", **changes):
    """Execute pages; return their executions, what was told and the executor."""
    chapters = [Chapter.parse(text, f"docs/{name}.md", root) for name, text in pages.items()]
    told = io.StringIO()
    executor = Executor(Settings(root, scheduler=address, **changes), Progress(told))
    return executor.run(chapters), told.getvalue(), executor


def shown(executions) -> dict[str, str]:
    """What pages show, as the bytes that are kept, without how long it took."""
    return {
        path: json.dumps([(r.status, r.outputs, r.reason, r.line) for r in execution.results])
        for path, execution in executions.items()
    }


PAGES = {
    "salidas": fence("import sys\nprint('á', 1 / 3)\nprint('aviso', file=sys.stderr)\n{'x': 1}")
    + fence("def f():\n    return 1 / 0\nf()", 'data-raises="ZeroDivisionError"')
    + fence("import numpy as np\nnp.random.default_rng(1).normal(size=3)"),
    "figura": fence(
        "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])\nplt.show()",
        'data-alt="Una línea que sube y baja."',
    ),
    "keras": fence(
        "import keras\nimport numpy as np\nx = np.linspace(-1, 1, 64).reshape(-1, 1)\n"
        "model = keras.Sequential([keras.layers.Dense(4), keras.layers.Dense(1)])\n"
        "model.compile(loss='mse')\nmodel.fit(x, x * 2, epochs=2, verbose=0).history['loss']"
    )
    + fence("model.summary()"),
    "falla": fence("x = 1") + fence("x +") + fence("x"),
    "vacía": "# Nada\n",
}


@with_dask
@pytest.mark.slow
def test_a_cluster_gives_what_this_machine_gives_byte_for_byte(tmp_path, cluster):
    far, told, executor = run(tmp_path / "lejos", PAGES, cluster.scheduler_address)
    near, _, _ = run(tmp_path / "acá", PAGES)
    assert shown(far) == shown(near)
    assert {path: e.provenance["blocks"] for path, e in far.items()} == {
        path: e.provenance["blocks"] for path, e in near.items()
    }
    assert sorted(executor.executed) == sorted(far) and "con 2 workers" in told
    assert "Aviso" not in told and "✓ keras: 2 de 2 bloques" in told
    names = {path.name for path in (tmp_path / "acá" / ".livedocs" / "executions").glob("*.json")}
    assert names == {p.name for p in (tmp_path / "lejos" / ".livedocs" / "executions").glob("*.json")}


def waiting_once(folder: Path) -> str:
    """A block that tells its process, and waits for long the first time that it is executed."""
    return fence(
        "import os, time\nfrom pathlib import Path\n"
        f"told = Path({str(folder)!r}, 'empezado')\nfirst = not told.exists()\n"
        "if first:\n"
        "    told.with_suffix('.x').write_text(f'{os.getpid()} {os.getppid()}')\n"
        "    told.with_suffix('.x').rename(told)\n"
        "    time.sleep(300)\n"
        "print('hecho')"
    )


def kernel_of(folder: Path, seconds: float = 90) -> tuple[psutil.Process, psutil.Process]:
    """The kernel that told its process there, and the worker that it belongs to."""
    deadline = time.monotonic() + seconds
    while not (folder / "empezado").exists():
        assert time.monotonic() < deadline, "the block did not begin"
        time.sleep(0.1)
    pid, parent = map(int, (folder / "empezado").read_text().split())
    around = psutil.Process(parent)
    while "warm_kernels" in " ".join(around.cmdline()):
        around = around.parent()
    return psutil.Process(pid), around


def gone(process: psutil.Process, seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


@with_dask
@pytest.mark.slow
def test_a_worker_killed_in_the_middle_loses_nothing(tmp_path, cluster):
    pages = {f"p{n}": fence(f"print({n})") for n in range(4)} | {"q": waiting_once(tmp_path)}
    killed = []

    def kill():
        kernel, its_worker = kernel_of(tmp_path)
        its_worker.kill()
        killed.extend([kernel, its_worker])

    thread = threading.Thread(target=kill)
    thread.start()
    far, told, executor = run(tmp_path / "lejos", pages, cluster.scheduler_address)
    thread.join()
    near, _, _ = run(tmp_path / "acá", pages)
    assert shown(far) == shown(near) and "hecho" in shown(far)["docs/q.md"]
    assert sorted(executor.executed) == sorted(far) and "Aviso" not in told
    kernel, its_worker = killed
    assert gone(its_worker) and gone(kernel), "what the worker had started ended with it"
    cluster.wait_for_workers(2, timeout=60)  # its nanny starts another, for the tests that follow


@with_dask
@pytest.mark.slow
def test_ctrl_c_here_ends_what_runs_there(tmp_path, cluster):
    project = Project(tmp_path / "proyecto")
    project.page("q", "# Q\n\n" + waiting_once(tmp_path))
    asked = subprocess.Popen(
        [sys.executable, "-m", "livedocs", "run", "docs/q.md"],
        cwd=project.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        preexec_fn=heeding_ctrl_c,
        env=os.environ | {"PYTHONPATH": str(ROOT), "LIVEDOCS_SCHEDULER": cluster.scheduler_address},
    )  # fmt: skip
    kernel, _ = kernel_of(tmp_path)
    asked.send_signal(signal.SIGINT)
    said = asked.communicate(timeout=60)[0]
    assert asked.returncode == 130 and "Se cortó a pedido" in said and "Traceback" not in said, said
    assert gone(kernel)
    _, told, executor = run(tmp_path / "después", {"p": fence("x = 1")}, cluster.scheduler_address)
    assert executor.executed == ["docs/p.md"] and "Aviso" not in told, "the workers go on"


# Who refuses ------------------------------------------------------------------------


@pytest.fixture
def join(empty_cluster, tmp_path):
    """Start a worker of the cluster with another folder of packages before the others."""
    started = []

    def join(name: str, *paths: Path) -> None:
        started.append(
            subprocess.Popen(
                [
                    sys.executable, "-m", "distributed.cli.dask_worker", empty_cluster.scheduler_address,
                    "--nthreads", "1", "--no-nanny", "--no-dashboard", "--name", name,
                    "--local-directory", str(tmp_path / "workers"),
                ],
                cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (*paths, ROOT)))},
            )
        )  # fmt: skip
        empty_cluster.wait_for_workers(len(started), timeout=90)

    yield join
    for process in started:
        process.kill()
        process.wait()


def other_keras(tmp_path) -> Path:
    """A folder in which another version of Keras seems to be installed."""
    told = tmp_path / "otro" / "keras-99.0.dist-info"
    told.mkdir(parents=True)
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: keras\nVersion: 99.0\n", "utf-8")
    return told.parent


def other_engine(tmp_path) -> Path:
    """A folder with this engine, and another number of version."""
    folder = tmp_path / "motor"
    shutil.copytree(ROOT / "livedocs", folder / "livedocs", ignore=shutil.ignore_patterns("__pycache__"))
    path = folder / "livedocs" / "execution" / "key.py"
    text = path.read_text("utf-8")
    assert 'ENGINE = "' in text
    path.write_text(re.sub(r'(?m)^ENGINE = ".*"', 'ENGINE = "otra"', text), "utf-8")
    return folder


def old_engine(tmp_path) -> Path:
    """A folder with an engine from before there were workers."""
    folder = other_engine(tmp_path)
    (folder / "livedocs" / "execution" / "worker.py").unlink()
    return folder


@with_dask
@pytest.mark.slow
@pytest.mark.parametrize(
    ("made", "words"),
    [
        (
            other_keras,
            r"el worker distinto \(tcp://\S+\) no sirve: tiene keras 99\.0 y hace falta 3\.\d",
        ),
        (other_engine, "no sirve: tiene otra versión del motor; dejá el mismo commit"),
        (old_engine, "hay workers con otra versión del motor, o sin él: dejá en cada máquina el mismo"),
    ],
)
def test_a_cluster_that_would_give_something_else_is_refused(tmp_path, empty_cluster, join, made, words):
    join("distinto", made(tmp_path))
    with pytest.raises(ExecutionError, match=words):
        run(tmp_path / "p", {"p": fence("x = 1"), "q": fence("x = 2")}, empty_cluster.scheduler_address)
    assert not list((tmp_path / "p").rglob("*.json"))


@with_dask
@pytest.mark.slow
def test_the_others_take_what_a_worker_refuses(tmp_path, empty_cluster, join):
    join("distinto", other_keras(tmp_path))
    join("igual")
    pages = {f"p{n}": fence(f"print({n})") for n in range(5)}
    far, told, executor = run(tmp_path / "lejos", pages, empty_cluster.scheduler_address)
    assert all(execution.failed is None for execution in far.values())
    assert len(executor.executed) == 5
    assert told.count("Aviso") == told.count("tiene keras 99.0") == 1


def asked_for(tmp_path, **changes) -> tuple[dict, Chapter, Settings]:
    chapter = Chapter.parse(fence("x = 1"), "docs/p.md", tmp_path)
    settings = Settings(tmp_path)
    return parts(chapter, settings) | changes, chapter, settings


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ""),
        ({"python": "3.99.1"}, r"^tiene Python 3\.\d+\.\d+ y hace falta 3\.99\.1$"),
        ({"machine": ["Plan9", "mips"]}, r"^es \S+ \S+ y hace falta Plan9 mips$"),
        ({"data": "folder-x"}, r"^tiene otros datos \(LIVEDOCS_DATA\)$"),
        ({"engine": "x"}, "^tiene otra versión del motor; dejá el mismo commit en las dos máquinas$"),
        ({"env": {}}, "^tiene otra versión del motor"),
        ({"code": "x", "new": 1}, "^tiene otra versión del motor[^;]*;[^;]*$"),
        ({"python": "3.99.1", "engine": "x"}, "^tiene otra versión del motor.*; tiene Python"),
    ],
)
def test_a_refusal_names_each_difference(tmp_path, changes, words):
    why = worker.refusal(*asked_for(tmp_path, **changes))
    assert re.search(words, why) if words else why == ""


def test_a_refusal_names_each_library(tmp_path):
    depends, chapter, settings = asked_for(tmp_path)
    libraries = depends["libraries"] | {"numpy": "0.1", "torch": "2"}
    del libraries["rich"]
    why = worker.refusal(depends | {"libraries": libraries}, chapter, settings)
    assert re.fullmatch(
        r"tiene numpy \S+ y hace falta 0\.1; tiene rich \S+ de más; le falta torch 2", why
    )


def test_a_worker_without_the_data_says_so(tmp_path):
    depends, chapter, _ = asked_for(tmp_path)
    why = worker.refusal(depends, chapter, Settings(tmp_path, data=str(tmp_path / "no-hay")))
    assert "no existe esa carpeta" in why


def test_an_order_holds_what_is_executed_and_nothing_else(tmp_path):
    text = "Prosa.\n\n" + fence("x = 1") + fence("y = 2", 'notest data-why="porque sí"')
    chapter = Chapter.parse(text, "docs/p.md", tmp_path)
    asked = json.loads(worker.order(chapter, Settings(tmp_path, seed=7), {}))
    assert [cell["code"] for cell in asked["cells"]] == ["x = 1"]
    assert asked["settings"]["seed"] == 7 and "Prosa" not in json.dumps(asked)
    assert str(tmp_path) not in json.dumps(asked), "where the project is, is of this machine"


# A cluster that is not there ----------------------------------------------------------


def test_without_the_extra_one_message_says_what_to_install(tmp_path):
    """Also where the extra is installed: a module that can't be imported stands in its place."""
    (tmp_path / "distributed.py").write_text("raise ImportError('no está')\n", "utf-8")
    project = Project(tmp_path / "proyecto")
    project.page("p", "# P\n\n" + fence("x = 1"))
    done = project.command(
        "livedocs", "run",
        PYTHONPATH=os.pathsep.join([str(tmp_path), str(ROOT)]), LIVEDOCS_SCHEDULER="tcp://10.0.0.1:8786",
    )  # fmt: skip
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.splitlines() == [
        "LIVEDOCS_SCHEDULER=tcp://10.0.0.1:8786 manda las páginas a un cluster de Dask, y acá falta "
        "«distributed». Instalalo con: python -m livedocs setup --extra dask. Sin esa variable, se "
        "ejecutan en esta máquina."
    ]


@with_dask
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nada://x", "hola"])
def test_a_cluster_that_can_not_be_reached_is_one_message(tmp_path, monkeypatch, address):
    monkeypatch.setattr(scheduler, "PATIENCE", 1)
    with pytest.raises(ExecutionError, match=f"no se pudo llegar al cluster {address} de LIVEDOCS_SCHE"):
        run(tmp_path, {"p": fence("x = 1")}, address)


@with_dask
@pytest.mark.slow
def test_a_cluster_without_workers_is_one_message(tmp_path, monkeypatch, empty_cluster):
    monkeypatch.setattr(scheduler, "PATIENCE", 2)
    with pytest.raises(ExecutionError, match=r"no tiene ningún worker\. Arrancá uno.*--nthreads 1"):
        run(tmp_path, {"p": fence("x = 1")}, empty_cluster.scheduler_address)


@with_dask
@pytest.mark.slow
def test_what_a_cluster_loses_is_executed_here(tmp_path, monkeypatch, empty_cluster, join):
    """Its only worker is killed: nobody else comes."""
    monkeypatch.setattr(scheduler, "WITHOUT_WORKERS", 3)
    join("igual")

    def kill():
        kernel_of(tmp_path)[1].kill()

    thread = threading.Thread(target=kill)
    thread.start()
    pages = {"p": fence("print(1)"), "q": waiting_once(tmp_path), "r": fence("print(2)")}
    ran, told, _ = run(tmp_path / "p", pages, empty_cluster.scheduler_address)
    thread.join()
    assert all(execution.failed is None for execution in ran.values())
    assert told.count("Aviso") == 1
    assert "se quedó sin workers. Lo que falte se ejecuta en esta máquina." in told


@with_dask
@pytest.mark.slow
def test_a_cluster_whose_scheduler_dies_loses_nothing(tmp_path, monkeypatch):
    """Neither what was under way nor what had not been asked for yet."""
    monkeypatch.setattr(scheduler, "PATIENCE", 8)
    started = []

    def start(module: str, *arguments: str) -> None:
        command = [sys.executable, "-m", f"distributed.cli.{module}", *arguments, "--no-dashboard"]
        started.append(
            subprocess.Popen(
                command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                env=os.environ | {"PYTHONPATH": str(ROOT)},
            )
        )  # fmt: skip

    told = tmp_path / "dirección.json"
    start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(told))
    deadline = time.monotonic() + 90
    while not told.exists() or not told.read_text().strip():
        assert time.monotonic() < deadline
        time.sleep(0.2)
    address = json.loads(told.read_text())["address"]
    start("dask_worker", address, "--nthreads", "1", "--no-nanny")
    time.sleep(5)

    def kill():
        kernel_of(tmp_path)
        started[0].kill()

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        pages = {"q": waiting_once(tmp_path)} | {f"p{n}": fence(f"print({n})") for n in range(4)}
        ran, said, _ = run(tmp_path / "p", pages, address)
    finally:
        thread.join()
        for process in started:
            process.kill()
    assert len(ran) == 5 and all(execution.failed is None for execution in ran.values())
    assert said.count("Aviso") == 1 and "se perdió la conexión con el cluster" in said


def test_nothing_to_execute_asks_no_cluster(tmp_path):
    run(tmp_path, {"p": fence("x = 1")})
    ran, told, executor = run(tmp_path, {"p": fence("x = 1")}, "tcp://127.0.0.1:9")
    assert executor.executed == [] and told == "" and asdict(ran["docs/p.md"])["results"]


# What is leant on -----------------------------------------------------------------------


@with_dask
def test_distributed_tells_a_worker_what_was_left_aside():
    """`worker._while_wanted` reads there whether somebody waits for the chapter."""
    from typing import get_args

    from distributed.worker_state_machine import TaskState, TaskStateState, WorkerState

    broken = "distributed cambió: un worker ya no dice que una tarea se dejó de lado (worker.py)"
    assert "cancelled" in get_args(TaskStateState), broken
    assert WorkerState(nthreads=1).tasks == {} and TaskState("x").state == "released", broken
