"""The course as a zip, read from the file system in a real browser; and what the site offers."""

from __future__ import annotations

import os
import re
import stat
import zipfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from livedocs.derived.downloads import Download, Downloads, Group, Lesson, find
from livedocs.editions import zip as offline
from tests.browser import urls
from tests.conftest import ROOT
from tests.site.test_html import dead_links, invalid
from tests.volatile import without_volatile

LESSON = """\
---
title: Una clase
lesson: true
---

# Una clase {{ #clase }}

Leé [la guía](https://keras.io/guides/) y volvé al [inicio](index.md).

```python
print("{long}fin-de-línea")
```

## Ejercicios {{ #ejercicios }}

/// details | Solución
    type: solution

```{{.python data-todo="Definí «answer»."}}
answer = "una respuesta abierta"
```

///
""".format(long="una línea muy larga " * 12)

PAGE = "---\ntitle: Para llevarse\ndownloads: true\n---\n\n# Para llevarse { #d }\n\n"
PAGE += "<!-- descargas: zip -->\n\n<!-- descargas: tabla -->\n"


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """The course as somebody has it who unpacked the zip in a folder of theirs."""
    folder = tmp_path_factory.mktemp("zip")
    offline.build(ROOT, folder / "keras-en-vivo")
    packed = offline.pack(folder / "keras-en-vivo", folder / "curso.zip")
    target = folder / "Mis cosas" / "Año 1: workers & señales #2"
    zipfile.ZipFile(packed).extractall(target)
    return target / "keras-en-vivo"


@pytest.fixture
def reader(browser, course):
    """A page of the browser and what it complained of or asked for that is no file."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    problems: list[str] = []
    page.on("console", lambda m: problems.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: problems.append(str(error)))

    def failed(request):
        if request.failure != "net::ERR_ABORTED":  # what a click on a link interrupts
            problems.append(f"{request.url}: {request.failure}")

    def check(request):
        if not request.url.startswith(("file:", "data:")):
            problems.append(f"asks another host: {request.url}")

    page.on("requestfailed", failed)
    page.on("request", check)
    yield page, problems
    page.context.close()


def _file(url: str) -> Path:
    return Path(unquote(urlsplit(url).path))


@pytest.mark.slow
def test_every_page_opens_from_a_file_in_silence(reader, course):
    page, problems = reader
    pages = sorted(course.rglob("*.html"))
    assert len(pages) > 10
    diagrams = 0
    for path in pages:
        page.goto(path.as_uri(), wait_until="networkidle")
        assert problems == [], path
        hidden = page.evaluate(
            """() => {
              document.querySelectorAll('details').forEach(d => d.open = true);
              return [...document.querySelectorAll('.kv-diagram svg, .kv-figure img, .kv-figure svg')]
                .filter(e => e.closest('.tabbed-block') === null)
                .filter(e => !e.checkVisibility() || !e.getBoundingClientRect().width || e.naturalWidth === 0)
                .map(e => e.outerHTML.slice(0, 80));
            }"""
        )
        assert hidden == [], path
        diagrams += page.locator(".kv-diagram svg").count()
    assert diagrams > 20


@pytest.mark.slow
def test_the_menu_leads_from_page_to_page(reader, course):
    page, problems = reader
    page.goto((course / "index.html").as_uri())
    for text, name in [
        ("Glosario", "glosario.html"),
        ("Para llevarse", "descargas.html"),
        ("Inicio", "index.html"),
    ]:
        page.locator("nav.md-nav--primary a.md-nav__link", has_text=text).first.click()
        page.wait_for_url(f"**/{name}")
    page.locator("article a[href='clases/102-sequential/index.html']").first.click()
    page.wait_for_url("**/clases/102-sequential/index.html")
    page.locator("article a[href='datos.html']").first.click()
    page.wait_for_url("**/clases/102-sequential/datos.html")
    page.locator(".kv-card__links a", has_text="Ver el notebook").click()
    page.wait_for_url("**/notebooks/clases/102-sequential/datos.html")
    assert problems == []


@pytest.mark.slow
@pytest.mark.parametrize("start", ["errores/index.html", "index.html"])
def test_a_pasted_error_is_found_without_a_server(reader, course, start):
    """On the page of the atlas and in the search box, from the files alone."""
    page, problems = reader
    page.goto((course / start).as_uri())
    if start == "index.html":
        page.locator("input[name=query]").click()
        links = page.locator(".kv-found a")
    else:
        page.get_by_label("Pegá el mensaje de error").focus()
        links = page.locator(".kv-finder li a")
    page.keyboard.insert_text("RuntimeError: You must call `compile()` before using the model.")
    if start != "index.html":
        page.get_by_role("button", name="Buscar el error").click()
    links.first.wait_for()
    assert _file(links.first.get_attribute("href")) == course / "errores/fit-sin-compile.html"
    assert problems == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("perdida", "clases/119-losses-metricas-capas-modelos/perdida-como-clase.html"),
        ("pérdida", "clases/119-losses-metricas-capas-modelos/perdida-como-clase.html"),
        ("métricas", "clases/119-losses-metricas-capas-modelos/metrica-como-funcion.html"),
        ("cómo guardar un modelo", "clases/102-sequential/guardar-y-cargar.html"),
        ("overfitting", "glosario.html"),
        (
            "EarlyStopping",
            "clases/104-callbacks-tensorboard-guardar-y-restaurar/parar-a-tiempo.html",
        ),
        ("batch_size", "clases/102-sequential/compilar-y-entrenar.html"),
        ("make serve", "contribuir.html"),
    ],
)
def test_search_finds_and_opens_a_page(reader, course, query, expected):
    page, problems = reader
    page.goto((course / "index.html").as_uri())
    box = page.locator("input[name=query]")
    box.click()
    box.fill(query)
    box.dispatch_event("keyup")
    page.wait_for_selector(".md-search-result__link", state="attached")
    links = page.evaluate(
        "[...document.querySelectorAll('.md-search-result__item')].slice(0, 3).map(e => e.querySelector('a').href)"
    )
    names = [_file(link).relative_to(course).as_posix() for link in links]
    assert expected in names
    page.locator(".md-search-result__item").nth(names.index(expected)).locator("a").first.click()
    page.wait_for_url(f"**/{expected}*")
    assert page.locator("article h1").count() == 1
    assert problems == []


@pytest.mark.slow
def test_a_reader_s_progress_is_remembered_from_a_file(reader, course):
    page, problems = reader
    page.goto((course / "clases" / "102-sequential" / "dos-sintaxis.html").as_uri())
    page.locator(".kv-done input").first.check()
    page.reload()
    assert page.locator(".kv-done input").first.is_checked()
    assert page.locator("[data-kv-progress] output").inner_text() == "1"
    assert problems == []


@pytest.mark.slow
def test_what_can_be_downloaded_is_in_the_folder_and_linked(reader, course):
    page, _ = reader
    page.goto((course / "descargas.html").as_uri())
    linked = {
        _file(url)
        for url in page.evaluate(
            "[...document.querySelectorAll('article a[download]')].map(a => a.href)"
        )
    }
    notebooks = set((course / "notebooks" / "descargas").rglob("*.ipynb"))
    code = course / "snippets"
    gallery = set((code / "archivos").rglob("*.py"))  # linked from its own page
    snippets = {p for p in code.rglob("*.py") if p.name != "__init__.py"} - gallery
    assert len(notebooks) >= 10 and snippets and gallery
    assert linked == notebooks | snippets
    for path in snippets:
        assert path.read_bytes() == (ROOT / path.relative_to(course)).read_bytes()


@pytest.mark.slow
def test_the_files_of_the_zip_are_sound(course):
    assert dead_links(course.resolve()) == []
    for path in course.rglob("*.html"):
        text = path.read_text("utf-8")
        assert invalid(text) == [], path
        policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1]
        assert "file:" in policy and "unsafe" not in policy and "http" not in policy
    assert "index.html" in (course / "LEEME.txt").read_text("utf-8")
    assert not (course / "404.html").exists() and not list(course.rglob("sitemap*"))


@pytest.mark.slow
def test_lessons_fit_on_paper(browser, address, site):
    """Code is wrapped, diagrams and tables fit, solutions are open and the menu is not there."""
    context = browser.new_context(viewport={"width": 680, "height": 1000})  # A4 less its margins
    page = context.new_page()
    page.emulate_media(media="print")
    solutions = 0
    for url in (url for url in urls(site) if url.startswith(("/clases/", "/guias/"))):
        page.goto(address + url)
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        found = page.evaluate(
            """() => {
              const inside = document.querySelector('article').getBoundingClientRect();
              const wide = [...document.querySelectorAll('article :is(pre, code, table, svg, img)')].filter(e =>
                e.checkVisibility() &&
                (e.getBoundingClientRect().right > inside.right + 3 ||
                 (e.matches('pre') && e.scrollWidth > e.clientWidth + 1)));
              const shown = selector => [...document.querySelectorAll(selector)].filter(e => e.checkVisibility()).length;
              return {
                wide: wide.map(e => e.outerHTML.slice(0, 90)),
                closed: shown('details:not([open])'),
                solutions: shown('details.solution pre'),
                menu: shown('.md-header, .md-sidebar, .md-footer, .kv-card__links, .headerlink'),
                traces: shown('.kv-error details'),
              };
            }"""
        )
        solutions += found.pop("solutions")
        assert found == {"wide": [], "closed": 0, "menu": 0, "traces": 0}, url
    assert solutions > 20
    context.close()


# What the site offers ---------------------------------------------------------------------


def test_a_folder_gives_the_same_zip_whatever_its_dates(tmp_path):
    packed = []
    for number, name in enumerate(("uno", "dos")):
        folder = tmp_path / name / "curso"
        for file in ("b.html", "a/ñ.txt", "a/x.js.map"):
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file, "utf-8")
            os.utime(path, (1e9 + number, 1e9 + number))
        packed.append(offline.pack(folder, tmp_path / f"{name}.zip"))
    assert packed[0].read_bytes() == packed[1].read_bytes()
    assert zipfile.ZipFile(packed[0]).namelist() == ["curso/a/ñ.txt", "curso/b.html"]
    assert sorted(p.name for p in tmp_path.glob(".*")) == []


@pytest.mark.parametrize(
    ("size", "said"),
    [(0, "1 kB"), (412_300, "412 kB"), (999_499, "999 kB"), (999_500, "1,0 MB"), (3_440_000, "3,4 MB")],
)
def test_sizes_are_said_in_spanish(size, said):
    assert Download("a", size).size == said


def test_a_pdf_that_was_not_made_is_not_linked():
    files = Download("c/a.ipynb", 9000), Download("c/b.ipynb", 5000)
    one = Group("A | B", "a.md", [Lesson("A", "a.md", *files)], Download("descargas/a.pdf", 70_000))
    other = Group("C", "c.md", [Lesson("C", "c.md", *files)])
    filled = Downloads(groups={"a": one, "c": other}).fill("<!-- descargas: tabla -->")
    assert filled.count(".pdf") == 1 and "todo en un PDF" in filled
    alone = Downloads(groups={"c": other}).fill("<!-- descargas: tabla --><!-- descargas: zip -->")
    assert ".pdf" not in alone and ".zip" not in alone and "make site" in alone


def test_a_folder_without_the_zip_is_refused(tmp_path):
    assert find(None) == {}
    with pytest.raises(ValueError, match=r"ahí no está keras-en-vivo\.zip.*livedocs downloads"):
        find(tmp_path)


@pytest.mark.slow
def test_a_build_without_downloads_offers_none(project):
    project.page("descargas", PAGE)
    assert project.build().returncode == 0
    html = project.html("descargas")
    assert "se hizo sin el zip y sin los PDF" in html and ".zip" not in html
    built = project.build(LIVEDOCS_DOWNLOADS="nada")
    assert built.returncode != 0
    assert "ahí no está keras-en-vivo.zip" in built.stdout + built.stderr
    assert "Traceback" not in built.stderr
    assert project.html("descargas") == html  # the old site is as it was


@pytest.mark.slow
def test_the_site_links_the_zip_and_the_pdf_that_were_made(project, browser):
    from pypdf import PdfReader

    project.page("clase", LESSON)
    project.page("descargas", PAGE)
    site_url = "https://ejemplo.org/curso/"
    made = project.command("livedocs", "downloads", "hecho", SITE_URL=site_url.rstrip("/"))
    assert made.returncode == 0, made.stderr
    assert sorted(p.name for p in (project.root / "hecho").iterdir()) == [
        "clase.pdf",
        "keras-en-vivo.zip",
    ]

    built = project.build(LIVEDOCS_DOWNLOADS="hecho", SITE_URL=site_url)
    assert built.returncode == 0, built.stderr
    for name in ("keras-en-vivo.zip", "clase.pdf"):
        path = project.root / "site" / "descargas" / name
        said = Download(name, path.stat().st_size).size
        assert path.read_bytes() == (project.root / "hecho" / name).read_bytes()
        assert re.search(rf'href="{name}"[^>]*>[^<]*{said}', project.html("descargas")), name
    assert 'href="../descargas/clase.pdf"' in project.html("clase")
    # Sizes change from run to run: they are marked, and not searched for.
    assert not re.search(
        r"\d [kM]B", without_volatile(project.html("descargas") + project.html("clase"))
    )
    index = (project.root / "site" / "search" / "search_index.json").read_text("utf-8")
    assert "Una clase" in index and not re.search(r"\d [kM]B", index)
    done = zipfile.ZipFile(project.root / "hecho" / "keras-en-vivo.zip").read(
        "keras-en-vivo/notebooks/descargas/clase-ejecutado.ipynb"
    )
    assert (
        done
        == (project.root / "site" / "notebooks" / "descargas" / "clase-ejecutado.ipynb").read_bytes()
    )

    pdf = PdfReader(project.root / "hecho" / "clase.pdf")
    text = re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pdf.pages))
    assert pdf.metadata.title.startswith("Una clase") and pdf.root_object["/Lang"] == "es"
    assert pdf.root_object["/MarkInfo"]["/Marked"] and pdf.outline[0].title == "Una clase"
    assert "una respuesta abierta" in text and "fin-de-línea" in text
    assert "keras.io/guides" in text and "ejemplo.org/curso" in text
    assert "Ver el notebook" not in text and "Búsqueda" not in text
    assert {"https://keras.io/guides/", site_url} == {
        note.get_object()["/A"]["/URI"]
        for page in pdf.pages
        for note in page.get("/Annots", [])
        if "/URI" in note.get_object().get("/A", {})
    }


@pytest.fixture
def lesson_project(project):
    project.page(
        "clase",
        "---\ntitle: Clase\nlesson: true\n---\n\n# Clase { #clase }\n\n```python\nprint(1)\n```\n",
    )
    return project


@pytest.mark.slow
def test_without_a_browser_there_is_a_zip_and_it_is_said(lesson_project):
    made = lesson_project.command("livedocs", "downloads", "hecho", PATH="/nada")
    assert made.returncode == 0, made.stderr
    assert "No se hicieron los PDF: no hay Chromium en esta máquina" in made.stdout
    assert [p.name for p in (lesson_project.root / "hecho").iterdir()] == ["keras-en-vivo.zip"]


@pytest.mark.slow
def test_a_browser_that_does_not_start_leaves_nothing(lesson_project, tmp_path):
    broken = tmp_path / "bin" / "chromium"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(broken.stat().st_mode | stat.S_IXUSR)
    made = lesson_project.command(
        "livedocs", "downloads", "hecho", PATH=f"{broken.parent}:/usr/bin:/bin"
    )
    assert made.returncode == 2
    assert "Los PDF no se hicieron: no arranca" in made.stderr and "Traceback" not in made.stderr
    assert not (lesson_project.root / "hecho").exists() and not list(lesson_project.root.glob(".hecho*"))


@pytest.mark.slow
def test_a_page_that_fails_makes_no_zip(project):
    project.page("clase", "# Clase { #clase }\n\n```python\nprint(nada)\n```\n")
    made = project.command("livedocs", "downloads", "hecho")
    assert made.returncode == 1
    assert "docs/clase.md:4" in made.stderr and "Traceback" not in made.stderr
    assert not (project.root / "hecho").exists()


def test_a_folder_with_other_things_is_left_alone(project):
    made = project.command("livedocs", "downloads", "docs")
    assert made.returncode == 2
    assert "ahí ya hay otras cosas" in made.stderr
    assert (project.root / "docs" / "index.md").is_file()
