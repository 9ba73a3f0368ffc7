"""The distribution of the checkers: it builds, installs and judges far from the repository."""

import os
import subprocess
import sys
import zipfile

import pytest

from snippets.check import _homeworks
from tests.conftest import ROOT
from tests.homework.test_check import FOCAL

pytestmark = pytest.mark.slow


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, **options)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rueda")
    before = set((ROOT / "snippets").rglob("*"))
    pip = sys.executable, "-m", "pip"
    code, said = run(
        *pip, "wheel", "--no-deps", "--no-index", "--no-build-isolation", "-w", str(folder), str(ROOT / "snippets"),
        cwd=folder,
    )  # fmt: skip
    assert code == 0, said
    new = [p for p in set((ROOT / "snippets").rglob("*")) - before if "__pycache__" not in p.parts]
    assert not new, f"quedó en snippets/: {new}"
    (file,) = folder.glob("*.whl")
    return file


def test_it_has_every_checker_and_asks_for_keras_and_numpy_only(wheel):
    with zipfile.ZipFile(wheel) as inside:
        names = inside.namelist()
        (metadata,) = [name for name in names if name.endswith("METADATA")]
        text = inside.read(metadata).decode()
    for number in _homeworks():
        assert f"keras_en_vivo/c{number}/homework.py" in names
    assert {name.split("/")[0] for name in names} == {"keras_en_vivo", metadata.split("/")[0]}
    asked = sorted(line for line in text.splitlines() if line.startswith("Requires-Dist"))
    assert [line.split()[1].rstrip("<>=.0123456789") for line in asked] == ["keras", "numpy"]


def test_the_command_judges_without_the_repository(wheel, tmp_path):
    target = tmp_path / "instalado"
    pip = sys.executable, "-m", "pip"
    code, said = run(*pip, "install", "--no-deps", "--no-index", "--target", str(target), str(wheel))
    assert code == 0, said
    desk = tmp_path / "mía"
    desk.mkdir()
    environment = {k: v for k, v in os.environ.items() if k != "KERAS_BACKEND"}
    environment["PYTHONPATH"] = str(target)  # and not the repository
    command = str(target / "bin" / "keras-en-vivo-check")
    nowhere = "import importlib.util as u\nassert not u.find_spec('snippets')\n"
    for seeds, status, words in ((6, 0, "Homework aprobado"), (1, 1, "✘ Corridas")):
        source = f"{nowhere}SEEDS = {seeds}\n{FOCAL}"
        (desk / "mi_homework.py").write_text(source, "utf-8")
        code, said = run(sys.executable, command, "119", "mi_homework.py", cwd=desk, env=environment)
        assert code == status and words in said, said
    code, said = run(sys.executable, command, "--help", cwd=desk, env=environment)
    assert code == 0 and "keras-en-vivo-check 103 mi_homework.py" in said
