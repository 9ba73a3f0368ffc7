"""A kernel that does not start, does not listen, eats memory or never stops talking."""

import os
import re
import subprocess
import sys
import time

import psutil
import pytest

from livedocs.execution import session
from livedocs.execution.key import ExecutionError
from livedocs.execution.results import FAILED, NOT_RUN, failure
from tests.conftest import ROOT, fence
from tests.execution.test_execution import run_one, text_of


def statuses(execution):
    return [result.status for result in execution.results]


# It never starts ------------------------------------------------------------------------

#: What is started in the kernel's place, and what the message says of it.
NO_KERNELS = {
    "it ends at once": (["-c", "import sys; sys.exit('falta libzmq')"], "falta libzmq"),
    "it never answers": (["-c", "import time; time.sleep(300)"], "no contestó en 2 s"),
    "it is no program": (None, "no-existe"),
}


def without_kernels(monkeypatch, how):
    arguments, said = NO_KERNELS[how]
    ordinary = session._KernelManager.kernel_spec

    def kernel_spec(manager):
        spec = ordinary.fget(manager)
        spec.argv = [spec.argv[0], *arguments] if arguments else ["/no-existe/python"]
        return spec

    monkeypatch.setattr(session._KernelManager, "kernel_spec", property(kernel_spec))
    monkeypatch.setattr(session, "STARTING", 2)
    return said


@pytest.mark.parametrize("how", NO_KERNELS)
def test_a_kernel_that_never_starts_is_one_sentence_that_says_what_to_do(project, monkeypatch, how):
    project.page("p", "# P\n\n" + fence("print(1)"))
    before = set(psutil.Process().children(recursive=True))
    with monkeypatch.context() as broken:
        said = without_kernels(broken, how)
        with pytest.raises(ExecutionError) as told:
            project.run("p", warm=0)
    message = str(told.value)
    assert message.startswith("el kernel de Jupyter no arranca") and said in message, message
    assert "make setup" in message and "Traceback" not in message
    assert not set(psutil.Process().children(recursive=True)) - before, "nobody is left"
    _, (execution,), _ = project.run("p", warm=0)
    assert text_of(execution.results[0]) == "1\n", "the next run is right"


def test_a_kernel_that_never_starts_is_all_that_is_told(project):
    """Nothing is left to complain when the process ends, either."""
    project.page("index", "# P\n\n" + fence("print(1)"))
    code = (
        "import sys\nfrom livedocs.__main__ import main\nfrom livedocs.execution import session\n"
        "ordinary = session._KernelManager.kernel_spec\n\n"
        "def kernel_spec(manager):\n    spec = ordinary.fget(manager)\n"
        "    spec.argv = [spec.argv[0], '-c', 'import sys; sys.exit(\"falta libzmq\")']\n    return spec\n\n"
        "session._KernelManager.kernel_spec = property(kernel_spec)\nsys.exit(main(['run']))\n"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT), "LIVEDOCS_WARM": "0"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=project.root,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 2 and done.stdout == ""
    progress, told = done.stderr.strip().split("\n")
    assert progress.startswith("✗ index: 0 de 1 bloques")
    assert (
        told.startswith("el kernel de Jupyter no arranca: terminó enseguida.") and "make setup" in told
    )


# It does not listen ---------------------------------------------------------------------

DEAF = (
    "import signal\nfor number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):\n"
    "    signal.signal(number, signal.SIG_IGN)\n"
)


@pytest.mark.parametrize(
    "loop",
    [
        "while True:\n    pass",
        "while True:\n    try:\n        while True:\n            pass\n"
        "    except BaseException:\n        pass",
        "import ctypes\nctypes.PyDLL(None).sleep(300)",  # without letting go of the interpreter
    ],
    ids=["signals", "exceptions", "held interpreter"],
)
def test_a_block_that_ignores_interrupts_is_cut(project, loop):
    code = "import os\nprint(os.getpid())"
    _, execution, broken = run_one(project, fence(code), fence(DEAF + loop), fence("x"), block_seconds=2)
    assert statuses(execution)[1:] == [FAILED, NOT_RUN]
    assert re.match(r"docs/p.md:8: el bloque lleva más de 2 s y se cortó", str(broken))
    assert not psutil.pid_exists(int(text_of(execution.results[0])))
    assert run_one(project, fence("print('bien')"))[2] is None


# It eats memory -------------------------------------------------------------------------

EATING = "kept = []\nwhile True:\n    kept.append(bytearray(b'x') * 2**24)"


def test_what_a_block_starts_counts_as_its_memory(project):
    code = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {EATING!r}])"
    _, execution, broken = run_one(project, fence("x = 1"), fence(code), memory_mb=600)
    assert statuses(execution)[1] == FAILED
    assert str(broken).startswith("docs/p.md:7: el bloque usó más de 600 MiB"), broken
    assert "memory_mb" in str(broken)


def test_memory_that_nobody_has_is_an_error_of_its_block(project):
    _, _, broken = run_one(project, fence("x = 1"), fence("y = 2\nz = bytearray(2**62)"), fence("x"))
    assert str(broken).startswith("docs/p.md:9: el bloque falló con MemoryError"), broken


def test_a_page_that_eats_memory_is_no_trouble_for_another(project):
    project.page("p", "# P\n\n" + fence(EATING))
    project.page("q", "# Q\n\n" + fence("import time\ntime.sleep(1)\nprint('termina')"))
    (p, q), (eats, ends), _ = project.run("p", "q", jobs=2, memory_mb=600)
    assert "más de 600 MiB" in str(failure(p, eats)) and failure(q, ends) is None
    assert project.run("q")[2].executed == [], "what ended well is kept"


# It never stops talking -----------------------------------------------------------------

MEGAS = {
    "one print": "print('x' * 50_000_000)",
    "many": "for _ in range(50_000):\n    print('x' * 1000)",
    "stderr": "import sys\nfor _ in range(5000):\n    print('x' * 10_000, file=sys.stderr)",
    "below Python": "import os\nfor _ in range(5000):\n    os.write(1, b'x' * 10_000)\nprint('x' * 50_000_000)",
    "binary": "import sys\nsys.stdout.write(bytes(range(256)).decode('latin-1') * 200_000)",
    "html": "from IPython.display import HTML\nHTML('x' * 50_000_000)",
    "value": "'x' * 50_000_000",
    "error": "raise ValueError('x' * 50_000_000)",
    "picture": (
        "from IPython.display import display\ndisplay({'image/png': 'A' * 50_000_000}, raw=True)"
    ),
}


def test_a_program_that_never_stops_printing_does_not_fill_the_disk(project):
    code = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'while True: print(\"x\" * 9999)'])"
    _, execution, broken = run_one(project, fence("x = 1"), fence(code), fence("x"))
    assert statuses(execution)[1:] == [FAILED, NOT_RUN]
    assert str(broken).startswith("docs/p.md:7: un programa que el bloque lanzó escribió más de 64 MiB")


@pytest.mark.parametrize("code", MEGAS.values(), ids=MEGAS)
def test_50_mb_of_output_are_cut(project, code):
    process = psutil.Process()
    before, started = process.memory_info().rss, time.monotonic()
    alt = 'data-alt="Un ruido de prueba."'
    _, execution, broken = run_one(project, fence(code, alt), fence("print('sigue')"))
    assert statuses(execution) == [FAILED, NOT_RUN]
    assert re.match(r"docs/p.md:3: el bloque (imprimió|mostró) más de 512 KiB", str(broken)), broken
    assert len(str(broken)) < 2000 and sum(map(len, map(str, execution.results))) < 2_000_000
    assert not list(project.settings().cache.glob("*.json")), "nothing of it is kept"
    assert time.monotonic() - started < 60
    assert process.memory_info().rss - before < 600 * 2**20
    assert run_one(project, fence("print('bien')"))[2] is None
