"""What the browser remembers of a reader: lessons read, exercises done, where they left off."""

from __future__ import annotations

import json
import re

import pytest

from livedocs.pages.chapter import Chapter
from tests.browser import serving
from tests.conftest import ROOT, Project

STORE = "keras-en-vivo:progreso"
CLASS, NAME = "/clases/102-sequential/dos-sintaxis/", "clases/102-sequential/dos-sintaxis"
HOMEWORK = "/clases/102-sequential/homework/"
OTHER = "/clases/103-functional-y-subclassing/saltos/"
OTHER_NAME = "clases/103-functional-y-subclassing/saltos"


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 360, "height": 780}, accept_downloads=True)
    page = context.new_page()
    page.problems = []
    # Of ours: without storage, or from a file that was built for a server, the theme has its own.
    page.on(
        "pageerror",
        lambda error: (
            page.problems.append(error.stack) if "progreso.js" in (error.stack or "") else None
        ),
    )
    yield page
    assert page.problems == []
    context.close()


def stored(page) -> dict:
    return json.loads(page.evaluate(f"localStorage.getItem({STORE!r})") or "{}")


def progress(**pages) -> dict:
    return {"app": "keras-en-vivo", "version": 1, "at": "", "pages": pages}


def tick(page, anchor):
    box = page.locator(f"#{anchor} ~ .kv-done input").first
    box.check()
    return box


def test_done_exercises_are_remembered_and_counted(page, address):
    page.goto(address + OTHER)
    boxes = page.locator(".kv-done input[aria-label^='Lo hice']")
    total = boxes.count()
    assert total >= 2
    tick(page, "ejercicio-1")
    tick(page, "ejercicio-5")
    page.reload()
    assert page.locator(".kv-progress output").inner_text() == "2"
    assert page.locator(".kv-progress progress").evaluate("p => [p.value, p.max]") == [2, total]
    assert sum(box.is_checked() for box in boxes.all()) == 2
    boxes.first.uncheck()
    assert page.locator(".kv-progress output").inner_text() == "1"


def test_two_classes_have_an_exercise_1_each(page, address):
    page.goto(address + CLASS)
    tick(page, "ejercicio-1")
    page.goto(address + OTHER)
    assert not page.locator("#ejercicio-1 ~ .kv-done input").first.is_checked()
    assert stored(page)["pages"][NAME]["done"] == ["ejercicio-1"]


def test_a_lesson_is_read_at_its_end_and_what_the_reader_says_wins(page, address):
    page.goto(address + CLASS)
    box = page.get_by_label("Marcar como leída")
    assert not box.is_checked()
    box.scroll_into_view_if_needed()
    page.locator(".kv-end [role=status]:has-text('Llegaste al final')").wait_for()
    assert box.is_checked() and stored(page)["pages"][NAME]["read"] is True
    box.uncheck()
    page.reload()
    box.scroll_into_view_if_needed()
    page.wait_for_timeout(2500)
    assert not box.is_checked()


def test_home_shows_nothing_to_who_has_not_begun(page, address):
    page.goto(address)
    assert not page.locator("[data-kv-continue]").is_visible()
    assert page.locator(".kv-how-far:visible").count() == 0
    listed = Chapter.load(ROOT / "docs" / "index.md", ROOT).meta["courses"]
    assert page.locator(".kv-courses h3").count() == len(listed) >= 6


def test_home_leads_back_to_where_the_reader_was_and_shows_how_far(page, address):
    page.goto(address + CLASS)
    tick(page, "ejercicio-1")
    page.evaluate("document.getElementById('def-sequential').scrollIntoView()")
    page.wait_for_timeout(1000)
    last = stored(page)["pages"][NAME]["last"]
    page.goto(address)
    place = page.locator("[data-kv-continue]")
    assert "La misma pila, con dos sintaxis" in place.inner_text()
    assert re.search(r"\b1 de \d+ ejercicios", place.inner_text())
    card = page.locator(".kv-courses > li", has_text="Clase 102")
    assert card.locator("progress").evaluate("p => p.value") == 1
    assert page.locator(".kv-how-far:visible").count() == 1
    place.locator("a").click()
    assert page.url == f"{address}{CLASS}#{last}"
    page.goto(address + "/glosario/")
    page.goto(address + CLASS)
    inside = page.locator(".kv-resume a")
    assert inside.get_attribute("href").endswith(f"#{last}")


def test_the_homework_is_marked_when_its_verifier_passes(page, address):
    page.goto(address + HOMEWORK)
    page.get_by_label("Mi homework pasó el verificador").check()
    assert page.locator(".kv-progress").count() == 0  # it is no exercise
    page.goto(address)
    card = page.locator(".kv-courses > li", has_text="Clase 102")
    assert "homework aprobado" in card.inner_text()


def test_what_an_earlier_version_kept_is_not_lost(page, address):
    page.goto(address)
    old = json.dumps({"done": ["ejercicio-1", "homework"], "last": "fit"})
    page.evaluate(
        "([k, v]) => localStorage.setItem(k, v)", ["keras-en-vivo:/clases/102-sequential/", old]
    )
    page.goto(address + CLASS)
    assert page.locator("#ejercicio-1 ~ .kv-done input").first.is_checked()
    page.goto(address + HOMEWORK)
    assert page.get_by_label("Mi homework pasó el verificador").is_checked()
    assert page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('keras-en-vivo:/'))") == []


def choose(page, name, data):
    content = data if isinstance(data, bytes) else json.dumps(data).encode()
    page.locator("[data-kv-panel] input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/json", "buffer": content}
    )
    status = page.locator("[data-kv-panel] > [role=status]:not(:empty)")
    status.wait_for()
    return status.inner_text()


def test_progress_goes_to_another_browser_and_adds_to_what_is_there(page, browser, address, tmp_path):
    page.goto(address + OTHER)
    tick(page, "ejercicio-1")
    page.goto(address + "/progreso/")
    with page.expect_download() as download:
        page.get_by_role("button", name="Bajar mi progreso").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.name.startswith("keras-en-vivo-progreso-")

    context = browser.new_context()
    other = context.new_page()
    other.goto(address + OTHER)
    tick(other, "ejercicio-5")
    other.goto(address + "/progreso/")
    said = choose(other, file.name, file.read_bytes())
    assert said.startswith("Listo") and file.name in said
    assert sorted(stored(other)["pages"][OTHER_NAME]["done"]) == ["ejercicio-1", "ejercicio-5"]
    panel = other.locator(".kv-panel__courses li", has_text="Clase 103")
    assert re.search(r"\b2 de \d+ ejercicios", panel.inner_text())
    context.close()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe no es nada",
        b"{",
        b"null",
        b"[]",
        [1],
        {"app": "otra", "version": 1, "pages": {}},
        {"app": "keras-en-vivo", "version": 2, "pages": {}},
        {"app": "keras-en-vivo", "version": 1, "pages": []},
        b" " * 2_000_000,
    ],
    ids=range(10),
)
def test_a_bad_file_is_told_in_one_sentence_and_changes_nothing(page, address, data):
    page.goto(address + CLASS)
    tick(page, "ejercicio-1")
    page.goto(address + "/progreso/")
    before = page.evaluate("JSON.stringify(localStorage)")
    said = choose(page, "foto.json", data)
    assert said == "«foto.json» no es un archivo de progreso de este sitio; no se cambió nada."
    assert page.evaluate("JSON.stringify(localStorage)") == before


HOSTILE = "<img src=x onerror=window.hacked=1>"


def test_a_hostile_file_adds_nothing_but_what_is_known(page, address):
    page.goto(address + "/progreso/")
    raw = (
        f'{{"app": "keras-en-vivo", "version": 1, "other": 1, "at": "{HOSTILE}", "pages": {{'
        f'"__proto__": {{"read": true}}, "constructor": {{"read": "x"}}, "{HOSTILE}": {{"read": true}},'
        f'"../../x": {{"read": true}}, "{NAME}": {{"read": "yes", "done": ["ejercicio-1", "{HOSTILE}", 7], "last": "{HOSTILE}",'
        '"hack": 1}}}'
    )
    choose(page, f"{HOSTILE}.json", raw.encode())
    kept = stored(page)
    assert kept["pages"][NAME] == {"done": ["ejercicio-1"]}
    assert HOSTILE not in json.dumps(kept) and "../../x" not in kept["pages"] and "other" not in kept
    assert page.evaluate("({}).read") is None
    for url in ("/", CLASS, "/progreso/"):
        page.goto(address + url)
        assert page.evaluate("window.hacked") is None
        assert page.locator("img[src=x]").count() == 0


def test_clearing_asks_first(page, address):
    page.goto(address + CLASS)
    tick(page, "ejercicio-1")
    page.goto(address + "/progreso/")
    page.get_by_role("button", name="Borrar todo").click()
    assert page.evaluate("document.activeElement.textContent") == "No, dejarlo"
    page.keyboard.press("Escape")
    assert stored(page)["pages"][NAME]["done"] == ["ejercicio-1"]
    page.get_by_role("button", name="Borrar todo").click()
    page.get_by_role("button", name="Sí, borrar").click()
    assert page.evaluate(f"localStorage.getItem({STORE!r})") is None
    assert page.locator("[data-kv-nothing]").is_visible()
    page.locator("[data-kv-panel] > [role=status]:has-text('se borró')").wait_for()


@pytest.mark.parametrize("refuses", ["setItem", "localStorage"])
def test_where_nothing_can_be_kept_nothing_breaks_and_it_is_said(page, address, refuses):
    page.add_init_script(
        "Object.defineProperty(Storage.prototype, 'setItem', {value() { throw new Error('llena'); }})"
        if refuses == "setItem"
        else "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no'); }})"
    )
    page.goto(address + CLASS)
    tick(page, "ejercicio-1")
    assert page.locator(".kv-progress output").inner_text() == "1"
    assert "no deja guardar" in page.locator(".kv-end").inner_text()
    page.goto(address + "/progreso/")
    assert page.locator("[data-kv-panel] [data-kv-unsaved]").is_visible()
    assert choose(page, "mio.json", progress(**{NAME: {"read": True}})).startswith("Listo")
    bar = page.locator(".kv-panel__courses li", has_text="Clase 102").locator("progress")
    assert bar.evaluate("p => p.value") == 1
    page.goto(address)
    assert page.locator(".kv-start .md-button--primary").is_visible()


def test_another_tab_is_not_overwritten(page, address):
    page.goto(address + OTHER)
    second = page.context.new_page()
    second.goto(address + OTHER)
    tick(page, "ejercicio-1")
    second.locator("#ejercicio-1 ~ .kv-done input:checked").first.wait_for()
    tick(second, "ejercicio-5")
    assert sorted(stored(page)["pages"][OTHER_NAME]["done"]) == ["ejercicio-1", "ejercicio-5"]
    second.close()


def test_it_works_from_a_file(page, site):
    page.goto((site / "clases/102-sequential/dos-sintaxis/index.html").as_uri())
    tick(page, "ejercicio-1")
    assert page.locator(".kv-progress output").inner_text() == "1"
    page.goto((site / "index.html").as_uri())
    going_on = page.locator("[data-kv-continue]").inner_text()
    assert re.search(r"\b1 de \d+ ejercicios", going_on)


# A class of several pages ----------------------------------------------------------------


@pytest.fixture(scope="module", params=["server", "file"])
def folder(request, tmp_path_factory):
    """A class that is a folder of lessons, served or read as files: its address and how pages end."""
    project = Project(tmp_path_factory.mktemp("carpeta") / "proyecto")
    project.page(
        "index",
        "---\ntitle: Inicio\ncourses:\n  - page: clases/uno\n    what: Armás algo.\n---\n\n"
        "# Inicio { #inicio }\n\n<!-- livedocs: resume -->\n\n<!-- livedocs: courses -->\n",
    )
    project.page(
        "progreso", "---\ntitle: P\nprogress: true\n---\n\n# P { #p }\n\n<!-- livedocs: progress -->\n"
    )
    head = "---\ntitle: {}\nlesson: true\n---\n\n# {} {{ #t }}\n\n"
    project.page(
        "clases/uno/index", head.format("Clase 1 — Uno", "Uno") + "<!-- livedocs: lessons -->\n"
    )
    code = "```python\nx = 1\n```\n\n"
    for name, title, rest in (
        ("a", "Armar", "## Parte { #parte }\n\n## Otra { #otra }\n\n### Ejercicio 1 { #ejercicio-1 }\n"),
        ("b", "Entrenar", "## Ejercicio 2 { #ejercicio-2 }\n"),
    ):
        project.page(f"clases/uno/{name}", head.format(title, title) + code + rest)
    homework = head.format("Homework", "Homework").replace("#t", "#homework")
    project.page("clases/uno/homework", homework + code)
    local = request.param == "file"
    done = project.command("mkdocs", "build", "--strict", *(["--no-directory-urls"] if local else []))
    assert done.returncode == 0, done.stderr
    site = project.root / "site"
    if local:
        yield site.as_uri(), ".html"
    else:
        with serving(site) as served:
            yield served, "/"


def test_a_class_of_several_pages_shows_each_and_takes_up_what_it_had_as_one(page, folder):
    root, end = folder
    page.goto(f"{root}/index.html")
    place = page.evaluate("new URL('.', location).pathname")
    entry = f"keras-en-vivo:{place}clases/uno{end}"
    old = json.dumps({"done": ["ejercicio-2", "homework"]})
    page.evaluate("([k, v]) => localStorage.setItem(k, v)", [entry, old])
    page.reload()
    kept = stored(page)["pages"]
    assert kept["clases/uno/b"]["done"] == ["ejercicio-2"]
    assert kept["clases/uno/homework"]["done"] == ["homework"]
    page.goto(f"{root}/clases/uno/a{end}")
    page.get_by_label("Marcar como leída").check()
    page.goto(f"{root}/clases/uno/homework{end}")
    assert page.get_by_label("Mi homework pasó el verificador").is_checked()
    page.goto(f"{root}/clases/uno/a{end}")
    index = f"{root}/clases/uno/index.html"
    page.goto(index)
    rows = page.locator(".kv-lessons li")
    assert [row.locator("[data-kv-mark]").is_visible() for row in rows.all()] == [True, False, False]
    said = "1 de 3 lecciones leídas · 1 de 2 ejercicios · homework aprobado"
    assert page.locator(".kv-lessons .kv-how-far").inner_text().strip() == said
    page.goto(f"{root}/index.html")
    going_on = page.locator("[data-kv-continue] a")
    assert "Entrenar" in going_on.inner_text()  # the last one is read: the next that is not
    going_on.click()
    assert page.url == f"{root}/clases/uno/b{end}"


def test_the_rail_of_a_class_names_its_page(page, folder):
    root, end = folder
    page.goto(f"{root}/clases/uno/a{end}")
    assert "Armar · Clase 1 - " in page.title()
    assert page.locator(".md-footer a:has-text('Tu progreso')").count() == 1
