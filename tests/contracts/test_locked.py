"""What is installed is what was locked: pip refuses a file with another digest."""

from __future__ import annotations

import hashlib
import io
import re
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from livedocs import environment, locked
from tests import locking
from tests.conftest import ROOT
from tests.update import EXTRAS

TEXT = (ROOT / locked.FILE).read_text("utf-8")
GROUPS = locked.groups(TEXT)


def test_it_says_the_versions_of_the_constraints_and_no_address():
    pinned = locked.versions((ROOT / "constraints.txt").read_text("utf-8"))
    ours = locked.versions(TEXT)
    assert {name: ours[name] for name in pinned} == pinned
    assert ours.keys() - pinned.keys() == {"setuptools", "wheel"}, "no los nombra «pip freeze»"
    assert "://" not in TEXT


def test_each_package_has_digests():
    packages = re.split(r"^(?=[\w.-]+==)", "".join(GROUPS.values()), flags=re.M)[1:]
    assert len(packages) > 100
    for package in packages:
        assert re.fullmatch(r"[\w.-]+==\S+( \\\n  --hash=sha256:[0-9a-f]{64})+\n", package), package


def test_the_groups_are_the_extras_that_have_pins():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert list(GROUPS) == [locked.BASE, *EXTRAS]
    assert set(project["optional-dependencies"]) - set(EXTRAS) == {"torch"}


def test_nothing_that_is_needed_here_is_left_out():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = locking.needed(project["dependencies"], locking.installed())
    assert {"keras", "tensorflow", "numpy", "h5py"} <= needed
    assert needed <= locked.versions(GROUPS[locked.BASE]).keys()


def project(folder: Path, pinned: str, text: str) -> Path:
    folder.mkdir()
    (folder / "mkdocs.yml").touch()
    (folder / "constraints.txt").write_text(pinned, "utf-8")
    (folder / locked.FILE).write_text(text, "utf-8")
    return folder


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="las huellas son de los archivos de Linux"
)
def test_extras_add_their_group(tmp_path, monkeypatch):
    text = f"{locked.TITLE}base\na==1 \\\n  --hash=sha256:0\n{locked.TITLE}jax\nb==2 \\\n  --hash=sha256:1\n"
    root = project(tmp_path / "p", "a==1\nb==2\n", text)
    assert locked.requirements(root) == "a==1 \\\n  --hash=sha256:0\n"
    assert "b==2" in locked.requirements(root, ["jax", "torch"])
    (root / "constraints.txt").write_text("a==1.1\nb==2\n", "utf-8")
    assert locked.requirements(root) == "", "con otras versiones no hay con qué comparar"
    (root / "constraints.txt").write_text("a==1\nb==2\n", "utf-8")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert locked.requirements(root) == ""


@pytest.mark.parametrize(
    ("file", "serves"),
    [
        ("a-1-py3-none-any.whl", True),
        ("a-1-py2.py3-none-any.whl", True),
        ("a-1-py312-none-any.whl", True),
        ("a-1-py310-none-any.whl", False),
        ("a-1-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl", True),
        ("a-1-cp310-abi3-manylinux_2_28_aarch64.whl", True),
        ("a-1-cp310-cp310-manylinux_2_28_x86_64.whl", False),
        ("a-1-cp311-cp311-macosx_11_0_arm64.whl", False),
        ("a-1-cp311-cp311-musllinux_1_2_x86_64.whl", False),
        ("a-1.tar.gz", False),
    ],
)
def test_wheels_for_linux(file, serves):
    assert locking.for_linux(file) is serves


def wheel(folder: Path) -> str:
    """Leave in a folder a package with nothing; return its digest."""
    folder.mkdir()
    path = folder / "nada-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("nada.py", "")
        file.writestr("nada-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: nada\nVersion: 1\n")
        file.writestr(
            "nada-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        file.writestr("nada-1.dist-info/RECORD", "")
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="las huellas son de los archivos de Linux"
)
def test_pip_refuses_a_file_that_is_another(tmp_path, monkeypatch):
    digest = wheel(tmp_path / "indice")
    for name, value in {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path / "indice")}.items():
        monkeypatch.setenv(name, value)
    environment._make(sys.executable, tmp_path / "venv")
    python = environment.interpreter(tmp_path / "venv")
    # The project itself is built from an index, which there is none of here.
    monkeypatch.setattr(locked, "requirements", lambda root, extras: text)
    steps, run = [], environment._pip

    def only_the_first(python, step, file, shown):
        steps.append(step)
        return run(python, step, file, shown) if "--require-hashes" in step else 0

    monkeypatch.setattr(environment, "_pip", only_the_first)
    root = project(tmp_path / "p", "nada==1\n", "")
    text = f"nada==1 \\\n  --hash=sha256:{'0' * 64}\n"
    with pytest.raises(environment.EnvironmentProblem, match=r"de nada no es lo que dice locked\.txt"):
        environment._install(python, root, (), io.StringIO())
    assert len(steps) == 1, "después de eso no se instala nada"
    assert not list(environment.packages(python).glob("nada*"))
    text = f"nada==1 \\\n  --hash=sha256:{digest}\n"
    environment._install(python, root, (), io.StringIO())
    assert list(environment.packages(python).glob("nada*"))
