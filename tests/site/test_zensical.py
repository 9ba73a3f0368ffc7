"""The same staged tree through another generator: the same pages, outputs, files and links.

Material for MkDocs ends in May 2027; this keeps the way out open. What Zensical can't do yet is
listed in docs/decisiones/etapas.md.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from livedocs import Settings, finish, stage
from livedocs.finishing import completeness
from livedocs.integrations.markdown import executor
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

#: The newest release that brings its own interface; later ones ask for a package apart.
RELEASE = ("zensical==0.0.73", "deepmerge==2.0", "tomli==2.4.1")


@pytest.fixture(scope="module")
def zensical() -> Path:
    """Where Zensical is: it is installed on the spot, beside the environment and not in it."""
    place = Settings.load(ROOT).build / "zensical"
    if not (place / "zensical").is_dir():
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--target",
            str(place),
        ]
        done = subprocess.run([*command, *RELEASE], capture_output=True, text=True)
        if done.returncode:
            said = (done.stderr.strip().splitlines() or ["pip no dijo por qué"])[-1]
            pytest.skip(f"Zensical no se puede instalar en esta máquina: {said}")
    return place


@pytest.fixture(scope="module")
def other(zensical) -> tuple[Path, dict]:
    """The course built by Zensical, finished, and its manifest."""
    runner = executor(Settings.load(ROOT))
    staged = stage(runner.settings, executor=runner)
    site = runner.settings.build / "zensical-site"  # it wants it within the project
    config = (ROOT / "mkdocs.yml").read_text("utf-8")
    config = config.replace("docs_dir: docs", f"docs_dir: {staged.docs.relative_to(ROOT)}")
    config = config.replace("site_dir: site", f"site_dir: {site.relative_to(ROOT)}")
    config = re.sub(r"^hooks:\n.*?(?=^\w)", "", config, flags=re.M | re.S)
    path = ROOT / "zensical.tmp.yml"  # it looks for the theme beside its configuration
    path.write_text(config, "utf-8")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "zensical", "build", "--clean", "-f", str(path)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(zensical)])},
            capture_output=True,
            text=True,
        )
    finally:
        path.unlink()
    assert done.returncode == 0, done.stdout + done.stderr
    finish(site, staged)  # the gate is in here: it raises if anything is missing
    return site, staged.manifest


def test_nothing_is_missing(other):
    site, manifest = other
    assert completeness.problems(site, manifest) == []
    assert len(manifest["pages"]) > 10


def test_every_page_shows_what_it_shows_with_mkdocs(other, site):
    theirs, manifest = other
    compared = 0
    for page in manifest["pages"].values():
        file = page["url"] + "index.html"
        a, b = (completeness.read((place / file).read_text("utf-8")) for place in (site, theirs))
        assert (a.outputs, a.painted, a.tooltips) == (b.outputs, b.painted, b.tooltips), file
        compared += a.painted
    assert compared > 300


def test_no_page_asks_another_host_for_anything(other):
    asks = re.compile(
        r'<(?:script|img|iframe|source)\b[^>]*\bsrc="(https?:)?//|<link\b[^>]*\bhref="https?://(?![^>]*rel="(?:canonical|license))'
    )
    for path in other[0].rglob("*.html"):
        text = path.read_text("utf-8")
        assert not asks.search(text), path
        assert "Content-Security-Policy" in text, path


def test_the_executions_are_still_there(other):
    """`--clean` empties `.cache`; what was executed is elsewhere."""
    assert list(Settings.load(ROOT).cache.glob("*.json"))


def test_the_search_index_splits_words_as_ours(other):
    index = json.loads((other[0] / "search.json").read_text("utf-8"))
    assert "A-Z" in index["config"]["separator"]
