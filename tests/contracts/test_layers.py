"""`make lint` refuses an import against the order of the layers."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT


def lint(root: Path) -> subprocess.CompletedProcess:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True)


@pytest.fixture
def copy(tmp_path) -> Path:
    shutil.copytree(
        ROOT / "livedocs", tmp_path / "livedocs", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_order_holds(copy):
    done = lint(copy)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "statement"),
    [
        ("pages/chapter.py", "from livedocs.execution import executor"),
        ("execution/executor.py", "from livedocs.rendering import quiz"),
        ("rendering/quiz.py", "from livedocs.derived import notebook"),
        ("derived/notebook.py", "import livedocs.staging"),
        ("staging/tree.py", "from livedocs.integrations import markdown"),
        ("rendering/quiz.py", "from livedocs.data import profiles"),
        ("pages/glossary.py", "import mkdocs"),
        ("finishing/html.py", "import mkdocs.plugins"),
        ("execution/executor.py", "import pytest"),
        ("staging/tree.py", "import pytest_markdown_docs"),
    ],
)
def test_an_import_against_the_order_is_refused(copy, module, statement):
    path = copy / "livedocs" / module
    text = path.read_text("utf-8")
    path.write_text(text.replace("from __future__ import annotations\n", f"from __future__ import annotations\n\n{statement}\n", 1), "utf-8")  # fmt: skip
    done = lint(copy)
    assert done.returncode == 1 and "BROKEN" in done.stdout, done.stdout
