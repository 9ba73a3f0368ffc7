"""The environment is made once, or one sentence says why it can't be and nothing is left half-made."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

import pytest

from livedocs import environment
from livedocs.environment import EnvironmentProblem, ensure, port_problem, python_problem
from tests.conftest import ROOT, heeding_ctrl_c

PROJECT = '[project]\nname = "x"\nversion = "1"\n'

#: What pip prints, shortened, and what the contributor must be told.
FAILURES = {
    "no network": (
        "Collecting absl-py==2.5.1\n"
        "  WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError: [Errno -3]'\n"
        "ERROR: Could not find a version that satisfies the requirement absl-py==2.5.1\n"
        "ERROR: No matching distribution found for absl-py==2.5.1\n",
        "no hay conexión",
    ),
    "conflict": (
        "ERROR: Cannot install x because these package versions have conflicting dependencies.\n"
        "ERROR: ResolutionImpossible: for help visit the documentation\n",
        "no tiene una versión para este sistema",
    ),
    "full disk": (
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n",
        "Se llenó el disco",
    ),
    "anything else": ("ERROR: Cannot do it\n", "pip no pudo instalar: ERROR: Cannot do it"),
}


@pytest.mark.parametrize("version", [(3, 11, 5), (3, 11, 7), (3, 12, 1), (3, 13, 0), (3, 13, 9)])
def test_pythons_that_serve(version):
    assert python_problem(version) == ""


@pytest.mark.parametrize(
    ("version", "why"),
    [
        ((3, 10, 13), "piden uno más nuevo"),
        ((3, 11, 2), "piden uno más nuevo"),
        ((3, 14, 0), "TensorFlow todavía no"),
        ((4, 0, 0), "TensorFlow todavía no"),
    ],
)
def test_pythons_that_do_not_serve_are_told_before_anything_is_fetched(version, why):
    problem = python_problem(version, "python3")
    assert ".".join(map(str, version)) in problem and why in problem
    assert "No se bajó nada" in problem and "PYTHON=python3.12" in problem


def test_the_bounds_are_those_of_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    oldest, newest = (".".join(map(str, v)) for v in (environment.OLDEST, environment.TOO_NEW))
    assert project["requires-python"] == f">={oldest},<{newest}"


def test_the_readme_tells_the_same_costs_and_bounds():
    readme = (ROOT / "README.md").read_text("utf-8")
    assert f"{environment.DOWNLOAD_MB} MB" in readme
    assert f"{environment._gb(environment.DISK_MB)} GB" in readme
    assert "3.11.5" in readme and "3.13" in readme


@pytest.fixture
def clone(tmp_path, monkeypatch) -> Path:
    """A clone whose environments are made by a stand-in for `venv` and filled by one for pip."""
    root = tmp_path / "clon"
    root.mkdir()
    (root / "mkdocs.yml").touch()
    (root / "pyproject.toml").write_text(PROJECT, "utf-8")
    (root / "constraints.txt").write_text("absl-py==2.5.1\n", "utf-8")
    monkeypatch.delenv("VENV", raising=False)
    monkeypatch.setattr(environment, "_make", lambda python, venv: fill(venv))
    return root


def fill(venv: Path, printed: str = "Downloading a-1-py3-none-any.whl (2.5 MB)\n", status: int = 0):
    """A stand-in for an environment: its Python prints what pip would and ends as it would."""
    python = environment.interpreter(venv)
    python.parent.mkdir(parents=True)
    python.write_text(f"#!{sys.executable}\nprint({printed!r}, end='')\nraise SystemExit({status})\n")
    python.chmod(0o755)


def test_made_once_and_again_only_when_what_it_holds_changes(clone):
    out = io.StringIO()
    python = ensure(clone, out=out)
    assert python == clone / ".venv" / "bin" / "python"
    said = out.getvalue()
    assert "unos 730 MB" in said and "Listo" in said and said.count("\n") < 8
    ensure(clone, out=(out := io.StringIO()))
    assert out.getvalue() == ""
    (clone / "pyproject.toml").write_text(PROJECT + "[tool.livedocs]\nseed = 1\n", "utf-8")
    ensure(clone, out=(out := io.StringIO()))
    assert out.getvalue() == "", "un límite de ejecución no cambia lo que hay que instalar"
    (clone / "constraints.txt").write_text("absl-py==2.5.2\n", "utf-8")
    ensure(clone, out=(out := io.StringIO()))
    assert "Cambiaron las dependencias" in out.getvalue()


class _Terminal(io.StringIO):
    def isatty(self):
        return True


def test_the_wait_is_told_while_pip_says_nothing(tmp_path):
    """pip is silent while it fetches a large file and while it installs."""
    packages = tmp_path / "site-packages"
    (packages / "a-1.dist-info").mkdir(parents=True)
    out = _Terminal()

    def shown(text: str) -> bool:
        limit = time.monotonic() + 30
        while text not in out.getvalue() and time.monotonic() < limit:
            time.sleep(0.05)
        return text in out.getvalue()

    with environment._Counter(out, 3, lambda: packages) as told:
        assert shown("0 s: buscando los paquetes")
        told.line("  Downloading big_one-1.0-cp311-manylinux_x86_64.whl.metadata (4.5 kB)\n")
        told.line("  Downloading big_one-1.0-cp311-manylinux_x86_64.whl (572.4 MB)\n")
        assert shown("bajando big_one (572,4 MB), paquete 1 de unos 3; van 0 de unos 730 MB")
        told.line("  Using cached small-2.0.tar.gz (500 kB)\n")
        assert shown("bajando small (0,5 MB), paquete 2 de unos 3; van 572 de unos 730 MB")
        told.line("Installing collected packages: a, b, c\n")
        assert shown("instalando: 1 de 3 paquetes listos")
        (packages / "b-1.dist-info").mkdir()
        assert shown("instalando: 2 de 3 paquetes listos")
    assert out.getvalue().endswith("\r\x1b[2K"), "la línea del avance no queda en la pantalla"


def test_extras_are_added_and_kept(clone):
    ensure(clone, extras=["jax"], out=io.StringIO())
    ensure(clone, out=(out := io.StringIO()))
    assert out.getvalue() == ""
    made = json.loads((clone / ".venv" / ".listo").read_text("utf-8"))
    assert made["extras"] == ["jax"]


def test_another_python_is_noticed_when_the_environment_exists(clone, monkeypatch):
    ensure(clone, out=io.StringIO())
    stamp = clone / ".venv" / ".listo"
    made = json.loads(stamp.read_text("utf-8"))
    other = [3, 13, 0] if sys.version_info[:2] == (3, 12) else [3, 12, 1]
    stamp.write_text(json.dumps({**made, "python": other}), "utf-8")
    out = io.StringIO()
    ensure(clone, out=out)
    assert out.getvalue() == "", "sin PYTHON=… sirve el que hay"
    ensure(clone, asked=sys.executable, out=out)
    assert f"es de Python {'.'.join(map(str, other))} y pediste" in out.getvalue()
    assert json.loads(stamp.read_text("utf-8"))["python"] == list(sys.version_info[:3])


def test_asking_for_a_python_that_does_not_serve_leaves_the_environment(clone, monkeypatch):
    ensure(clone, out=io.StringIO())
    monkeypatch.setattr(environment, "_version_of", lambda python: (3, 14, 0))
    with pytest.raises(EnvironmentProblem, match=r"es Python 3\.14\.0"):
        ensure(clone, asked="python3.14", out=io.StringIO())
    assert (clone / ".venv" / ".listo").exists()


def test_a_python_that_is_not_there(clone):
    with pytest.raises(EnvironmentProblem, match=r"No se encontró «python3\.99»"):
        ensure(clone, asked="python3.99", out=io.StringIO())
    assert not (clone / ".venv").exists()


@pytest.mark.parametrize("failure", FAILURES)
def test_what_fails_is_one_sentence_and_leaves_nothing(clone, monkeypatch, failure):
    printed, told = FAILURES[failure]
    monkeypatch.setattr(environment, "_make", lambda python, venv: fill(venv, printed, 1))
    with pytest.raises(EnvironmentProblem, match=told) as problem:
        ensure(clone, out=io.StringIO())
    assert "\n" not in str(problem.value) and ".cache/setup.log" in str(problem.value)
    assert not (clone / ".venv").exists()
    assert (clone / ".cache" / "setup.log").read_text("utf-8") == printed


def test_no_room_is_told_before_anything_is_fetched(clone, monkeypatch):
    monkeypatch.setattr(
        shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**10, 10**10 - 10**9, 10**9)
    )
    with pytest.raises(EnvironmentProblem, match=r"quedan 1,0 GB\. No se bajó nada"):
        ensure(clone, out=io.StringIO())
    assert not (clone / ".venv").exists()


def test_a_folder_that_can_not_be_written(clone, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(
        EnvironmentProblem, match="No se bajó ni se ejecutó nada: no se puede escribir en «"
    ):
        ensure(clone, out=io.StringIO())


def test_ctrl_c_while_installing_leaves_nothing(clone):
    """The command itself, with a pip that never ends."""
    (clone / "venv.py").write_text(
        "import sys, os, pathlib\n"
        "python = pathlib.Path(sys.argv[1]) / 'bin' / 'python'\n"
        "python.parent.mkdir(parents=True)\n"
        f"python.write_text('#!{sys.executable}\\nimport time\\ntime.sleep(600)\\n')\n"
        "python.chmod(0o755)\n",
        "utf-8",
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-m", "livedocs", "setup"], cwd=clone, env=env,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=heeding_ctrl_c,
    ) as command:  # fmt: skip
        deadline = time.monotonic() + 60
        while not (clone / ".cache" / "setup.log").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        command.send_signal(signal.SIGINT)
        _, said = command.communicate(timeout=60)
    assert command.returncode == 130
    assert said.splitlines()[-1] == "Se cortó a pedido; no quedó nada a medias."
    assert "Traceback" not in said
    assert not (clone / ".venv").exists()


def test_a_busy_port_is_told_before_anything_is_executed():
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        problem = port_problem(f"127.0.0.1:{port}")
        assert f"127.0.0.1:{port}" in problem and f"ADDRESS=127.0.0.1:{port + 1}" in problem
        done = subprocess.run(
            [sys.executable, "-m", "livedocs", "serve", "--address", f"127.0.0.1:{port}"],
            cwd=ROOT, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
    assert done.returncode == 2 and done.stderr.strip() == problem


@pytest.mark.parametrize("address", ["8000", "localhost", "127.0.0.1:puerto", ":8000"])
def test_what_is_no_address(address):
    assert "no es una dirección" in port_problem(address)


def test_a_free_port():
    assert port_problem("127.0.0.1:0") == ""


def test_every_task_of_the_makefile_is_told():
    """Each task has a line in `make help`, and is listed as a task, not as a file."""
    text = (ROOT / "Makefile").read_text("utf-8")
    tasks = set(re.findall(r"^([a-z-]+):.*## .", text, re.M))
    listed = next(line for line in text.splitlines() if line.startswith(".PHONY:")).split()[1:]
    assert tasks == set(listed)
