"""What a finished site has to be kept: a manifest, icons, a worker and the list of what may be kept."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from livedocs.finishing import completeness, without_network
from livedocs.finishing.policy import closed
from tests.conftest import ROOT, fence

HEAD = (
    '<!doctype html><html lang="es"><head><meta charset="utf-8"><title>{} - Sitio</title></head><body>'
)


def page(site: Path, name: str, title: str, body: str = "") -> None:
    path = site / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{HEAD.format(title)}<article>{body}</article></body></html>", "utf-8")


@pytest.fixture
def site(tmp_path) -> Path:
    """What another generator could have left: HTML and files, nothing of MkDocs."""
    site = tmp_path / "sitio"
    page(site, "index.html", "Inicio", '<img src="assets/logo.svg" alt="">')
    page(site, "404.html", "No está")
    page(site, "glosario/index.html", "Glosario")
    page(site, "guardado/index.html", "Guardado", '<div data-kv-kept></div><a href="../glosario/">g</a>')
    page(site, "clases/a/index.html", "Clase 1", '<div data-kv-keep="Guardar esta clase"></div>')
    scripts = '<div data-kv-scripts="../../../assets/bloques/clases/a/uno.js"></div>'
    page(site, "clases/a/uno/index.html", "Uno", scripts + '<a href="../../../errores/x/">e</a>')
    page(site, "clases/b/index.html", "Otra")
    page(site, "errores/x/index.html", "Un error")
    page(site, "notebooks/clases/a/uno/index.html", "Notebook")
    for name in (
        "assets/logo.svg", "assets/bloques/clases/a/uno.js", "search/search_index.json", "assets/errores.js",
        "notebooks/descargas/clases/a/uno.ipynb", "notebooks/descargas/clases/b/dos.ipynb", "descargas/curso.zip",
    ):  # fmt: skip
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(name, "utf-8")
    for name in (without_network.SOURCE, without_network.SCRIPT, without_network.PAINTER):
        shutil.copy(ROOT / "docs" / name, site / "assets")
    return site


def listed(site: Path) -> dict:
    return json.loads((site / without_network.LIST).read_text("utf-8"))


def names(site: Path, numbers: list[int]) -> set[str]:
    return {listed(site)["files"][n][0] for n in numbers}


def test_a_class_is_its_pages_with_their_notebooks_their_scripts_and_the_errors_it_explains(site):
    without_network.finish(site)
    assert list(listed(site)["courses"]) == ["clases/a"]
    assert names(site, listed(site)["courses"]["clases/a"]) == {
        "clases/a/index.html", "clases/a/uno/index.html", "assets/bloques/clases/a/uno.js",
        "notebooks/clases/a/uno/index.html", "notebooks/descargas/clases/a/uno.ipynb", "errores/x/index.html",
    }  # fmt: skip


def test_with_the_first_class_come_what_searches_and_what_the_page_of_the_kept_names(site):
    without_network.finish(site)
    assert names(site, listed(site)["tools"]) == {
        "search/search_index.json", "assets/errores.js", "glosario/index.html",
    }  # fmt: skip
    shell = names(site, listed(site)["shell"])
    assert {"index.html", "guardado/index.html", "assets/logo.svg", without_network.SCRIPT} <= shell
    assert "descargas/curso.zip" not in names(site, range(len(listed(site)["files"])))
    assert listed(site)["files"][listed(site)["shows"]][0] == "guardado/index.html"
    assert "Clase 1" in listed(site)["titles"].values()


def test_each_file_is_listed_as_it_is_published(site):
    without_network.finish(site)
    for file, digest, size in listed(site)["files"]:
        data = (site / file).read_bytes()
        assert (digest, size) == (hashlib.sha256(data).hexdigest()[:16], len(data)), file


def test_the_version_changes_when_something_that_is_kept_does_and_only_then(site, tmp_path):
    found = {}
    for change in ("none", "again", "page", "script", "worker", "zip"):
        copy = Path(shutil.copytree(site, tmp_path / change))
        changed = {
            "page": "clases/a/uno/index.html", "script": "assets/bloques/clases/a/uno.js",
            "worker": without_network.SOURCE, "zip": "descargas/curso.zip",
        }.get(change)  # fmt: skip
        if changed:
            (copy / changed).write_text((copy / changed).read_text("utf-8") + "\n/* otro */", "utf-8")
        without_network.finish(copy)
        found[change] = listed(copy)["version"]
        assert f'VERSION="{found[change]}"' in (copy / without_network.WORKER).read_text("utf-8")
    assert found["none"] == found["again"] == found["zip"]
    assert len({found[change] for change in ("none", "page", "script", "worker")}) == 4


def test_every_page_leads_to_the_manifest_wherever_it_is(site):
    without_network.finish(site)
    for path in site.rglob("*.html"):
        text = path.read_text("utf-8")
        links = completeness.read(text).links
        assert (without_network.MANIFEST in text) is (path.name != "404.html"), path
        for link in links:
            if link.endswith((without_network.MANIFEST, without_network.SCRIPT, without_network.TOUCH)):
                assert (path.parent / link).resolve().is_file(), (path, link)
    manifest = json.loads((site / without_network.MANIFEST).read_text("utf-8"))
    assert manifest["start_url"] == manifest["scope"] == "./" and manifest["lang"] == "es"
    for icon in manifest["icons"]:
        picture = Image.open(io.BytesIO((site / icon["src"]).read_bytes()))
        assert "x".join(map(str, picture.size)) == icon["sizes"]
        corner = picture.convert("RGBA").getpixel((0, 0))
        assert corner[3] == (255 if icon.get("purpose") == "maskable" else 0)
    assert {icon["sizes"] for icon in manifest["icons"]} == {"192x192", "512x512"}


@pytest.mark.parametrize("how", [{"local": True}, {"serving": True}], ids=["file", "serving"])
def test_what_is_read_as_files_or_while_it_is_written_has_no_worker(site, how):
    before = (site / "index.html").read_text("utf-8")
    without_network.finish(site, **how)
    assert (site / "index.html").read_text("utf-8") == before
    for name in (
        without_network.SOURCE,
        without_network.SCRIPT,
        without_network.LIST,
        without_network.MANIFEST,
    ):
        assert not (site / name).exists(), name
    worker = site / without_network.WORKER
    # One that was there goes away by itself.
    assert not worker.exists() if how.get("local") else "unregister()" in worker.read_text("utf-8")


def test_a_site_that_does_not_show_what_is_kept_keeps_nothing(site):
    page(site, "guardado/index.html", "Guardado")
    without_network.finish(site)
    assert "unregister()" in (site / without_network.WORKER).read_text("utf-8")
    assert not (site / without_network.MANIFEST).exists()


def test_the_policy_lets_a_page_have_a_worker_and_a_manifest_of_its_own_site_only():
    policy = closed('<head><meta charset="utf-8"></head>')
    assert "worker-src 'self'; manifest-src 'self';" in policy


def test_a_class_and_the_page_of_what_is_kept_have_their_places(project):
    project.page("index", "# Inicio { #inicio }\n")
    project.page("guardado", "---\ntitle: G\nkept: true\n---\n\n# G { #g }\n\n<!-- livedocs: kept -->\n")
    lesson = "---\ntitle: {}\nlesson: true\n---\n\n# {} {{ #t }}\n\n"
    project.page("clases/uno/index", lesson.format("Clase 1", "Uno") + "<!-- lecciones -->\n")
    project.page("clases/uno/a", lesson.format("A", "A") + fence("x = 1"))
    done = project.build()
    assert done.returncode == 0, done.stderr
    site = project.root / "site"
    assert 'data-kv-keep="Guardar esta clase"' in project.html("clases/uno")
    kept = names(site, listed(site)["courses"]["clases/uno"])
    assert {"clases/uno/a/index.html", "notebooks/descargas/clases/uno/a-ejecutado.ipynb"} <= kept
    assert without_network.SCRIPT in project.html("clases/uno/a")
