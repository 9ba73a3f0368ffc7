"""The whole site, built again from nothing, is the same but for what is marked volatile."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.volatile import fingerprint

PARTS = ("docs", "snippets", "overrides", "livedocs", "benchmarks", "mkdocs.yml", "pyproject.toml")


@pytest.mark.rerun
def test_a_cold_build_of_the_site_is_the_same(site, tmp_path):
    """`site` took its executions from the cache; this build runs every block again."""
    for part in PARTS:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, tmp_path / part)
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    assert "bloques" in done.stderr, "nothing was executed: this build was not cold"
    first, second = fingerprint(site), fingerprint(tmp_path / "site")
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []
