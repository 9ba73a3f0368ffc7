"""Forked kernels: as good as new ones, apart from each other, and none left behind."""

import os
import signal
import subprocess
import sys
import tempfile
import time

import psutil
import pytest

from livedocs.execution import warm_kernels
from livedocs.execution.results import failure
from tests.conftest import ROOT, fence, heeding_ctrl_c

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="solo en Linux se bifurcan")

PID = "import os\nprint(os.getpid(), os.getppid())"


def run(project, *pages, **changes):
    """The printed text of each page's blocks."""
    names = [f"p{number}" for number in range(len(pages))]
    for name, blocks in zip(names, pages, strict=True):
        project.page(name, f"# {name}\n\n" + "".join(map(fence, blocks)))
    chapters, executions, _ = project.run(*names, **changes)
    for chapter, execution in zip(chapters, executions, strict=True):
        assert not failure(chapter, execution), failure(chapter, execution)
    return [
        [
            "".join(o.get("text", "") for o in result.outputs if o["output_type"] == "stream")
            for result in execution.results
        ]
        for execution in executions
    ]


def test_pages_share_a_parent_and_nothing_else(project):
    one, two = run(
        project,
        ["import string\nstring.digits = 'pisada'\nleft = 1", PID],
        ["import string\nprint(string.digits, 'left' in globals())", PID],
        jobs=1,
    )
    kernel, parent = one[1].split()
    other_kernel, other_parent = two[1].split()
    assert parent == other_parent and kernel != other_kernel
    assert int(parent) != os.getpid()
    assert two[0] == "0123456789 False\n"
    assert not psutil.pid_exists(int(kernel)) and not psutil.pid_exists(int(other_kernel))


def test_a_killed_parent_is_replaced(project):
    ((pids,),) = run(project, [PID])
    parent = psutil.Process(int(pids.split()[1]))
    parent.kill()
    parent.wait(10)
    ((again,),) = run(project, [PID + "\nprint('otra vez')"])
    assert "otra vez" in again
    assert int(again.split()[1]) != parent.pid


def test_without_the_libraries_the_kernel_is_an_ordinary_one(project, monkeypatch):
    monkeypatch.setattr(warm_kernels, "ALWAYS", ("biblioteca_que_no_existe",))
    ((pids,),) = run(project, [PID + "\nprint('sin bifurcar')"])
    assert "sin bifurcar" in pids
    assert int(pids.split()[1]) == os.getpid()


def test_nobody_waits_for_an_import_that_hangs(project, tmp_path, monkeypatch):
    (tmp_path / "atascada.py").write_text("import time\ntime.sleep(300)\n")
    monkeypatch.setattr(warm_kernels, "ALWAYS", ("atascada",))
    monkeypatch.setattr(warm_kernels, "PATIENCE", 1)
    start = subprocess.Popen

    def with_the_module(*args, env, **kwargs):
        return start(*args, env=env | {"PYTHONPATH": f"{env['PYTHONPATH']}:{tmp_path}"}, **kwargs)

    monkeypatch.setattr(warm_kernels.subprocess, "Popen", with_the_module)
    ((pids,),) = run(project, [PID + "\nprint('sin esperar')"])
    assert "sin esperar" in pids
    assert int(pids.split()[1]) == os.getpid()


@pytest.mark.slow
def test_a_page_that_changes_the_environment_is_heard(project):
    code = (
        "import os\nos.environ['KERAS_MAX_EPOCHS'] = '3'\nimport keras\nprint(keras.config.max_epochs())"
    )
    assert run(project, [code]) == [["3\n"]]


@pytest.mark.slow
def test_numbers_are_those_of_an_ordinary_kernel(project, monkeypatch):
    code = (
        "import keras\nnet = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])\n"
        "net.compile('adam', 'mse')\n"
        "x = keras.random.normal((64, 4))\n"
        "print(net.fit(x, x[:, :3], epochs=2, verbose=0).history['loss'])"
    )
    (forked,) = run(project, [code])
    monkeypatch.setattr(warm_kernels, "give", lambda *_: None)
    assert run(project, [code + "\n"]) == [forked]


def test_a_personal_style_does_not_reach_a_figure(project, tmp_path, monkeypatch):
    style = tmp_path / "matplotlib" / "matplotlibrc"
    style.parent.mkdir()
    style.write_text("lines.linewidth: 9\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))  # another parent, which has imported nothing yet
    code = "import matplotlib\nprint(matplotlib.rcParams['lines.linewidth'])"
    assert run(project, [code]) == [["1.5\n"]]


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_is_cut_leaves_no_process(project, how):
    project.page("p", "# P\n\n" + fence("import time\ntime.sleep(300)"))
    with tempfile.TemporaryDirectory(prefix="t-") as temporary:
        runner = subprocess.Popen(
            [sys.executable, "-m", "livedocs", "run"],
            cwd=project.root,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": temporary},
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=heeding_ctrl_c,
        )
        family = []
        for _ in range(300):
            family = psutil.Process(runner.pid).children(recursive=True)
            if len(family) >= 2:  # the parent and the kernel
                break
            time.sleep(0.1)
        assert len(family) >= 2
        os.killpg(runner.pid, how)  # as the keyboard does; a kernel leads a group of its own
        _, told = runner.communicate(timeout=30)
        _, alive = psutil.wait_procs(family, timeout=20)
        assert not alive
        if how == signal.SIGINT:
            assert "Se cortó a pedido" in told and "Traceback" not in told
            assert not os.listdir(temporary)
