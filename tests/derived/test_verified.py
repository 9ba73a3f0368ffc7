"""«Qué se ejecutó»: what the site says of its own executions, for people and for programs."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from livedocs import Edition, Settings, stage
from livedocs.derived import verified
from livedocs.derived.differences import record
from livedocs.derived.differences.compare import compare
from livedocs.execution.executor import Executor
from tests.conftest import fence
from tests.volatile import fingerprint

HEAD = "---\ntitle: {}\n{}---\n\n# {} {{ #t }}\n\n"


def filled(project, **changes):
    """Two pages that execute something and the one that tells it; staged, with its record."""
    project.page("clases/uno/index", HEAD.format("Clase 1 — Uno", "", "Uno") + "Nada se ejecuta.\n")
    project.page("clases/uno/a", HEAD.format("La [a] | `b`", "", "A") + fence("print(1)") + fence("2"))
    project.page(
        "errores/e", HEAD.format("E", "", "E") + fence("import time\nprint(time.perf_counter(), 's')")
    )
    project.page("verificado", HEAD.format("Qué", "verified: true\n", "Qué") + "<!-- verificacion -->\n")
    settings = project.settings(**changes)
    executor = Executor(settings)
    staged = stage(settings, Edition(), executor=executor)
    published = json.loads((staged.docs / verified.FILE).read_text("utf-8"))
    return staged, published, executor


def test_each_page_that_ran_is_told_with_its_blocks_and_its_digest(project):
    staged, published, executor = filled(project)
    assert published["format"] == record.FORMAT and published["seed"] == 42
    assert list(published["pages"]) == ["errores/e.md", "clases/uno/a.md"]
    page = published["pages"]["clases/uno/a.md"]
    assert page["title"] == "La [a] | `b`" and page["url"] == "clases/uno/a/" and page["seconds"] > 0
    assert len(page["blocks"]) == 2 and all(re.fullmatch("[0-9a-f]{16}", b) for b in page["blocks"])
    assert (executor.cache.folder / f"{page['execution']}.json").is_file(), "the name it is kept under"
    for name in ("keras", "backend", "numpy", "python", "data"):
        assert page[name]
    text = (staged.docs / "verificado.md").read_text("utf-8")
    assert f"2 páginas y 3 bloques, en {verified._MEASURED.format('')[:-7]}" in text
    assert "con la semilla 42.\n\nTodas con Keras " in text
    assert "### Clase 1 — Uno { #clases-uno }\n\n| Página | Bloques | Segundos | Huella |" in text
    row = next(line for line in text.split("\n") if "clases/uno/a.md" in line)
    assert row.startswith("| [La \\[a\\] \\| \\`b\\`](clases/uno/a.md) | 2 | <span data-volatile")
    assert row.endswith(f"| `{page['outputs'][:12]}` |")
    assert "### Errores { #paginas-de-errores }" in text and "### Otras páginas" not in text
    assert {"clases-uno", "paginas-de-errores"} <= set(
        staged.manifest["pages"]["verificado.md"]["anchors"]
    )
    assert verified.FILE in staged.manifest["files"]


def test_pages_say_where_it_is_told_and_their_own_digest(project):
    staged, published, _ = filled(project)
    text = (staged.docs / "clases/uno/a.md").read_text("utf-8")
    page = published["pages"]["clases/uno/a.md"]
    assert "verified_url: verificado/\n" in text
    assert f"digest: {page['execution'][:12]} · {page['outputs'][:12]}\n" in text
    assert "digest:" not in (staged.docs / "clases/uno/index.md").read_text("utf-8")


def test_another_seed_or_other_code_is_another_execution_and_other_prose_is_not(project):
    _, before, _ = filled(project)
    path = project.root / "docs/clases/uno/a.md"
    prose = path.read_text("utf-8") + "\nMás prosa.\n"
    path.write_text(prose, "utf-8")
    settings = project.settings()
    again = record.of_project(settings)
    assert again.pages["clases/uno/a.md"].execution == before["pages"]["clases/uno/a.md"]["execution"]
    path.write_text(prose.replace("print(1)", "print(3)"), "utf-8")
    changed = record.of_project(settings).pages["clases/uno/a.md"]
    assert changed.execution != before["pages"]["clases/uno/a.md"]["execution"]
    assert [block.digest for block in changed.blocks][1:] == before["pages"]["clases/uno/a.md"][
        "blocks"
    ][1:]
    assert changed.blocks[0].digest != before["pages"]["clases/uno/a.md"]["blocks"][0]


def test_what_is_published_is_compared_with_what_runs_here(project):
    staged, _, _ = filled(project)
    published = project.root / "verificacion.json"
    shutil.copy(staged.docs / verified.FILE, published)
    assert not compare(record.load(published), record.load(project.root))
    path = project.root / "docs/clases/uno/a.md"
    path.write_text(path.read_text("utf-8").replace("print(1)", "print(3)"), "utf-8")
    (page,) = compare(record.load(published), record.load(project.root)).pages
    assert (page.uri, [block.number for block in page.blocks]) == ("clases/uno/a.md", [1])


def test_pages_with_other_versions_are_told_apart():
    made = {"keras": "3.15.1", "backend": "TF", "numpy": "2", "python": "3.11", "data": "unos datos"}
    page = record.Page("A", "a/", "k", "o" * 64, 200.0, made, (record.Block("d"),))
    other = record.Page("B", "b/", "k", "p" * 64, 10.0, made | {"keras": "3.16.0"}, ())
    text = verified.listing(
        record.Record(1, {"a.md": page, "b.md": other}),
        "x/verificado.md",
        [("U", "u", ["a.md", "b.md"])],
    )
    assert "- 1 página con Keras 3.15.1, TF, NumPy 2 y Python 3.11, y unos datos." in text
    assert "- 1 página con Keras 3.16.0" in text
    assert "| [A](../a.md) | 1 |" in text and "4 min" in text, "210 s"


@pytest.mark.slow
def test_two_builds_that_take_other_times_are_the_same_site(project):
    filled(project)
    assert project.build().returncode == 0
    first = fingerprint(project.root / "site")
    times = json.loads((project.root / "site" / verified.FILE).read_text("utf-8"))
    settings = Settings.load(project.root)
    shutil.rmtree(settings.cache)
    assert project.build().returncode == 0
    again = json.loads((project.root / "site" / verified.FILE).read_text("utf-8"))
    seconds = [{uri: page["seconds"] for uri, page in each["pages"].items()} for each in (times, again)]
    assert seconds[0] != seconds[1], "they were measured again"
    assert fingerprint(project.root / "site") == first
