"""The gate fails, and names what is missing, when something is taken out of a built site."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from livedocs.finishing import completeness
from tests.conftest import fence

PAGE = (
    "---\ntitle: Uno\nlesson: true\n---\n\n# Uno { #uno }\n\n## Parte { #parte }\n\n"
    "[Dos](dos.md#dos) y [el comienzo](../index.md).\n\n"
    + fence("print('hola')")
    + fence("import warnings\nwarnings.warn('ojo')")
    + fence("1 / 0", 'data-raises="ZeroDivisionError"')
    + fence("x = 1\n\nx")
)


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> tuple[Path, dict]:
    from tests.conftest import Project

    project = Project(tmp_path_factory.mktemp("completo") / "proyecto")
    project.page("clases/uno", PAGE)
    project.page("clases/dos", "# Dos { #dos }\n\n[Uno](uno.md)\n")
    done = project.build()
    assert done.returncode == 0, done.stdout + done.stderr
    manifest = json.loads((project.root / ".livedocs" / "site" / "manifest.json").read_text("utf-8"))
    return project.root / "site", manifest


@pytest.fixture
def site(built, tmp_path) -> Path:
    """A copy, to take things out of."""
    return Path(shutil.copytree(built[0], tmp_path / "site"))


def problems(site: Path, built) -> list[str]:
    return completeness.problems(site, built[1])


def change(site: Path, page: str, pattern: str, to: str = "") -> None:
    path = site / page
    text, count = re.subn(pattern, to, path.read_text("utf-8"), count=1, flags=re.S)
    assert count == 1, pattern
    path.write_text(text, "utf-8")


def test_the_manifest_promises_what_the_page_has(built):
    promised = built[1]["pages"]["clases/uno.md"]
    assert promised["anchors"] == ["uno", "parte"] and promised["blocks"] == 4
    assert promised["outputs"] == {"b1": ["text"], "b2": ["warning"], "b3": ["error"], "b4": ["text"]}
    assert promised["links"] == ["clases/dos.md#dos", "index.md"]
    assert "notebooks/descargas/clases/uno-ejecutado.ipynb" in built[1]["files"]


def test_a_whole_site_passes(site, built):
    assert problems(site, built) == []


def test_a_page_that_is_missing(site, built):
    shutil.rmtree(site / "clases" / "dos")
    told = problems(site, built)
    assert "falta la página clases/dos/ (clases/dos.md)." in told
    assert any("clases/uno/index.html: el enlace ../dos/#dos no lleva" in line for line in told)


@pytest.mark.parametrize(
    ("taken", "told"),
    [
        (r'<div class="kv-output">\s*<pre class="kv-text"[^>]*>hola</pre>\s*</div>', "al bloque 1 le falta una salida (text)"),
        (r'<div class="kv-warning">.*?</div>', "al bloque 2 le falta una salida (warning)"),
        (r'<div class="kv-error">.*?</details></div>', "al bloque 3 le falta una salida (error)"),
        (r'<div id="b4" class="highlight">.*?</div>', "falta el bloque ejecutado 4"),
        (r'<h2 id="parte">', "falta el ancla «parte»"),
    ],
)  # fmt: skip
def test_what_is_taken_out_of_a_page_is_named(site, built, taken, told):
    change(site, "clases/uno/index.html", taken)
    assert any(told in line and "clases/uno.md" in line for line in problems(site, built))


def test_an_output_that_is_only_in_a_comment_is_missing(site, built):
    change(site, "clases/uno/index.html", r'(<pre class="kv-text"[^>]*>hola</pre>)', r"<!-- \1 -->")
    assert any("al bloque 1 le falta una salida" in line for line in problems(site, built))


def test_a_download_that_is_missing(site, built):
    (site / "notebooks" / "descargas" / "clases" / "uno-ejecutado.ipynb").unlink()
    assert "falta el archivo notebooks/descargas/clases/uno-ejecutado.ipynb." in problems(site, built)


def test_an_output_that_a_notebook_page_lost(site, built):
    change(site, "notebooks/clases/uno/index.html", r'class="kv-output', 'class="otra-cosa')
    assert any("notebooks/clases/uno.md: muestra 3 salidas" in line for line in problems(site, built))


def test_a_link_to_an_anchor_that_is_not_there(site, built):
    change(site, "clases/dos/index.html", r'<h1 id="dos">', "<h1>")
    told = problems(site, built)
    assert "clases/uno.md: enlaza a clases/dos.md#dos y en esa página no hay un ancla «dos»." in told


def test_a_link_that_the_page_did_not_have_in_its_markdown_is_followed_too(site, built):
    change(site, "clases/dos/index.html", "</article>", '<a href="../tres/">Tres</a></article>')
    assert "clases/dos/index.html: el enlace ../tres/ no lleva a ningún lado." in problems(site, built)


def test_the_build_fails_when_the_generator_loses_something(project):
    """A theme that drops the content of a page: MkDocs alone would call it a clean build."""
    project.page("uno", "# Uno { #uno }\n\n" + fence("print('hola')"))
    template = project.root / "overrides" / "partials" / "content.html"
    template.write_text("{{ page.content | replace('kv-text', 'perdida') }}", "utf-8")
    done = project.build()
    assert done.returncode
    said = done.stdout + done.stderr
    assert "uno.md: al bloque 1 le falta una salida (text)." in said and "Traceback" not in said


def test_a_comment_in_code_above_the_title_is_no_title(project):
    """The place for a page's card is below its title, wherever that is."""
    project.page("uno", fence("# un comentario\nprint('hola')") + "# Uno { #uno }\n\nTexto.\n")
    done = project.build()
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"c1" lang="es"># un comentario' in project.html("uno")
