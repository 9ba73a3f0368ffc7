"""The site on a phone without data: what was read or kept is read, and a version is never half there.

Without network means here that the browser is offline and that the server is gone.
"""

from __future__ import annotations

import functools
import http.server
import json
import re
import shutil
import threading
import time
from pathlib import Path

import pytest

from livedocs.finishing import without_network
from tests.browser import Handler
from tests.conftest import ROOT

PLACE = "/curso/"  # below the root of its server, as it is published
CLASS = "clases/102-sequential/"
LESSON, OTHER = CLASS + "compilar-y-entrenar/", "clases/103-functional-y-subclassing/saltos/"
GUIDE = "guias/model-subclassing/"


class Server:
    """A server of the site that can go away and come back, and whose site can be replaced."""

    def __init__(self, site: Path, folder: Path):
        self.link = folder / PLACE.strip("/")
        self.asked: list[str] = []
        self.fails = re.compile("(?!)")  # addresses that are not answered
        self.waits = re.compile("(?!)")  # addresses that wait for `go`
        self.go = threading.Event()
        self.port, self.running = 0, None
        self.show(site)
        outer = self

        class Ours(Handler):
            def do_GET(self):
                outer.asked.append(self.path.removeprefix(PLACE))
                if outer.waits.search(self.path):
                    outer.go.wait(60)
                if outer.fails.search(self.path):
                    self.close_connection = True
                    return
                try:
                    super().do_GET()
                except (BrokenPipeError, ConnectionResetError):  # it was cancelled
                    self.close_connection = True

        self.handler = functools.partial(Ours, directory=str(folder))
        self.start()

    def show(self, site: Path) -> None:
        self.link.unlink(missing_ok=True)
        self.link.symlink_to(site, target_is_directory=True)

    def start(self) -> None:
        self.running = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), self.handler)
        self.port = self.running.server_port
        threading.Thread(target=self.running.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.go.set()
        if self.running:
            self.running.shutdown()
            self.running.server_close()
            self.running = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}{PLACE}"


class Reader:
    """Somebody with a phone."""

    def __init__(self, browser, server: Server):
        self.server = server
        self.context = browser.new_context(
            keeping=True,
            viewport={"width": 360, "height": 780},
            accept_downloads=True,
            permissions=["clipboard-read", "clipboard-write"],
        )
        self.problems: list[str] = []
        self.page = self.tab()

    def tab(self):
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        return page

    def open(self, file: str, page=None) -> None:
        (page or self.page).goto(self.server.address + file)

    def lose_the_network(self) -> None:
        self.context.set_offline(True)
        self.server.stop()

    def get_it_back(self) -> None:
        self.server.start()
        self.context.set_offline(False)

    def stored(self) -> dict[str, list[str]]:
        """What each store holds, by its name."""
        return self.page.evaluate(
            """async () => {
              const found = {};
              for (const name of await caches.keys())
                found[name] = (await (await caches.open(name)).keys()).map(({url}) => new URL(url).pathname);
              return found;
            }"""
        )

    def versions(self) -> set[str]:
        return {name.rpartition(" ")[2] for name in self.stored()} - {"memoria", "ajeno"}

    def files(self) -> set[str]:
        """What is kept of the site, of all its versions."""
        return {file.removeprefix(PLACE) for files in self.stored().values() for file in files}

    def until(self, condition: str, arg=None) -> None:
        """Wait for what a script says, perhaps later: `wait_for_function` takes a promise for a yes."""
        end = time.monotonic() + 120
        while not self.page.evaluate(condition, arg):
            assert time.monotonic() < end, condition
            self.page.wait_for_timeout(50)

    def until_version(self, site: Path) -> None:
        """Wait for the worker of a version to be the one that answers."""
        self.until(
            """async ([root, version]) => {
              const kept = await caches.match(root, {cacheName: `keras-en-vivo ${root} memoria`});
              const {installing, waiting, active} = await navigator.serviceWorker.ready;
              return kept && (await kept.json()).version === version && !installing && !waiting
                && active.state === "activated";
            }""",
            [self.server.address, name(site)],
        )

    def until_kept(self, *files: str) -> None:
        self.until(
            """async addresses => {
              for (const address of addresses) if (!await caches.match(address)) return false;
              return true;
            }""",
            [self.server.address + file for file in files],
        )

    def settle(self) -> None:
        """Wait for the worker to have kept the page that is open."""
        self.until("() => Boolean(navigator.serviceWorker.controller)")
        file = self.page.url.removeprefix(self.server.address)
        self.until_kept(file, *(s for s in [self.scripts()] if s))

    def scripts(self) -> str:
        place = self.page.locator("[data-kv-scripts]")
        if not place.count():
            return ""
        source = place.evaluate("place => new URL(place.dataset.kvScripts, location).href")
        return source.removeprefix(self.server.address)

    def keep(self, folder: str) -> None:
        self.open(folder)
        self.page.locator("[data-kv-keep] button").click()
        self.page.locator("[data-kv-state=kept]").wait_for()

    def copy_up_to(self, number: int, page=None) -> str:
        page = page or self.page
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        page.locator(f"#b{number} .kv-upto", has_text="Hasta acá").click()
        page.locator(f"#b{number} .kv-upto", has_text="Copiado").wait_for()
        return page.evaluate("navigator.clipboard.readText()")

    def served(self, file: str) -> str:
        """A file as the page that is open gets it."""
        return self.page.evaluate("a => fetch(a).then(r => r.text())", self.server.address + file)

    def answer_a_question(self) -> None:
        quiz = self.page.locator(".kv-quiz").first
        quiz.locator("input[data-right]").check()
        quiz.get_by_role("button", name="Comprobar").click()
        quiz.locator(".kv-quiz__verdict.kv-yes", has_text="Sí.").wait_for()

    def search(self, text: str) -> str:
        """What is first among the results."""
        self.page.get_by_role("button", name="Buscar", exact=True).first.click()
        self.page.locator("input[name=query]").fill(text)
        found = self.page.locator(".md-search-result__item a").first
        found.wait_for()
        return found.get_attribute("href")


@pytest.fixture
def server(site, tmp_path):
    server = Server(site, tmp_path)
    yield server
    server.stop()


@pytest.fixture
def reader(browser, server):
    reader = Reader(browser, server)
    yield reader
    assert reader.problems == []
    reader.context.close()


# What was read -------------------------------------------------------------------------------


def test_what_was_read_is_read_again_without_network(reader):
    reader.open(LESSON)
    reader.settle()
    reader.lose_the_network()
    reader.open("")
    assert reader.page.locator("h1").inner_text() == "Keras en vivo"
    reader.open(LESSON)
    assert reader.page.locator("article h1").is_visible()
    reader.answer_a_question()
    assert reader.copy_up_to(1).strip()
    term = reader.page.locator("article .kv-term, article abbr[title]").first
    term.click()
    assert len(reader.page.locator("#kv-meaning").inner_text()) > 20
    # What was not read says so, and that it can be read when the network is back.
    reader.open(OTHER)
    asked = reader.page.locator(".kv-kept__asked")
    asked.wait_for()
    assert re.search(r"No hay conexión, y «.+ · Clase 103» no está guardada", asked.inner_text())
    reader.page.get_by_role("link", name="Probar de nuevo").click()
    asked.wait_for()
    reader.get_it_back()
    reader.page.get_by_role("link", name="Probar de nuevo").click()
    reader.page.locator("article h1", has_text="Saltos").wait_for()
    assert reader.page.url == reader.server.address + OTHER


@pytest.mark.slow
def test_the_page_of_what_is_kept_leads_to_what_was_read(reader):
    reader.open(LESSON)
    reader.settle()
    reader.open(OTHER)
    reader.settle()
    reader.lose_the_network()
    reader.open("una/que/no/existe/")
    kept = reader.page.locator("[data-kv-kept]")
    assert "la página que pediste" in kept.locator(".kv-kept__asked").inner_text()
    assert kept.get_by_text("Todavía no guardaste ninguna clase.").is_visible()
    assert kept.get_by_role("button", name="Guardar").count() == 0  # it could not be done now
    assert kept.locator("h3 + ul > li").count() == 2
    kept.locator("h3 + ul a", has_text="Clase 103").click()
    reader.page.locator("article h1", has_text="Saltos").wait_for()
    reader.open(CLASS.rstrip("/") + "/compilar-y-entrenar")  # without its last bar
    reader.page.locator("article .kv-quiz").first.wait_for()
    reader.open("sin-conexion/")
    reader.page.get_by_role("link", name="el inicio", exact=True).click()
    reader.page.locator(".kv-courses").wait_for()


@pytest.mark.slow
def test_without_network_the_search_says_that_it_is_not_kept(reader):
    reader.open(LESSON)
    reader.settle()
    reader.lose_the_network()
    reader.open(LESSON)
    reader.page.get_by_role("button", name="Buscar", exact=True).first.click()
    reader.page.locator(".md-search-result__meta", has_text="No hay conexión").wait_for()
    reader.problems.clear()  # the theme's own, of its index


@pytest.mark.slow
def test_a_first_visit_costs_little_more_than_the_page(reader):
    """kB of all that the worker asks for, compressed: what the page already asked for comes from the browser."""
    import gzip

    reader.open(LESSON)
    reader.settle()
    reader.until_kept("", "sin-conexion/")
    site = reader.server.link
    asked = [file.split("?")[0] for file in reader.server.asked]
    files = [site / (f"{file}index.html" if file.endswith("/") or not file else file) for file in asked]
    ours = [f for f in files if f.is_file() and f.name in ("sw.js", "sin-conexion.json", "index.html")]
    cost = sum(len(gzip.compress(file.read_bytes(), 6)) for file in ours) / 1000
    page = len(gzip.compress((site / LESSON / "index.html").read_bytes(), 6)) / 1000
    assert cost - page < 75, asked
    assert not [file for file in asked if "search" in file or file.endswith(".ipynb")], asked


# A class --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_class_that_was_kept_is_whole_without_network(reader, site):
    reader.keep(CLASS)
    told = reader.page.locator("[data-kv-keep]").inner_text()
    assert re.search(r"Guardada · \d,\d MB", told) and "Quitar" in told
    listed = json.loads((site / without_network.LIST).read_text("utf-8"))
    promised = [listed["files"][n] for n in listed["courses"][CLASS.rstrip("/")]]
    said = float(re.search(r"(\d+,\d) MB", told)[1].replace(",", "."))
    assert said == pytest.approx(sum(size for _, _, size in promised) / 1e6, abs=0.06)
    reader.lose_the_network()

    pages = [
        path.parent
        for place in ("", "notebooks/")
        for path in (site / place / CLASS).rglob("index.html")
    ]
    assert len(pages) > 15
    for path in pages:
        reader.open(path.relative_to(site).as_posix() + "/")
        assert reader.page.locator("article h1").first.is_visible(), path
        assert "sin-conexion" not in reader.page.url, path
        broken = reader.page.evaluate(
            "[...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.src.slice(0, 80))"
        )
        assert broken == [], path

    reader.open(LESSON)
    reader.answer_a_question()
    assert reader.copy_up_to(2).strip()
    link = reader.page.get_by_role("link", name="notebook ejecutado")
    with reader.page.expect_download() as download:
        link.click()
    name = download.value.suggested_filename
    original = site / "notebooks" / "descargas" / CLASS / name
    assert Path(download.value.path()).read_bytes() == original.read_bytes()
    assert json.loads(original.read_text("utf-8"))["cells"]

    assert reader.search("keras.Sequential add pop")
    reader.page.locator(".md-search-result__item a[href*='102-sequential']").first.click()
    reader.page.wait_for_url(f"**/{CLASS}**")
    assert reader.page.locator("article h1").is_visible()
    reader.open("errores/")
    reader.page.get_by_label("Pegá el mensaje").fill(
        "ValueError: You must call `compile()` before using the model."
    )
    reader.page.get_by_role("button", name="Buscar el error").click()
    reader.page.locator(".kv-finder ol a[href*='fit-sin-compile']").click()
    reader.page.wait_for_url("**/errores/fit-sin-compile/**")
    assert reader.page.locator("article .kv-error").first.is_visible()
    for file in ("", "glosario/", "machete/", "progreso/"):
        reader.open(file)
        assert reader.page.url == reader.server.address + file


@pytest.mark.slow
def test_a_guide_can_be_kept_and_what_is_removed_is_gone(reader):
    reader.open("")
    reader.settle()
    before = reader.files()
    reader.open(GUIDE)
    button = reader.page.locator("[data-kv-keep] button")
    button.wait_for()
    assert button.inner_text() == "Guardar esta guía"
    reader.keep(GUIDE)
    reader.open("sin-conexion/")
    mine = reader.page.locator(".kv-kept__courses li", has_text="Model Subclassing")
    assert re.search(r"Guardada · \d,\d MB", mine.inner_text())
    assert reader.page.locator(".kv-kept__courses li").first.inner_text() == mine.inner_text()
    mine.get_by_role("button", name="Quitar").click()
    mine.locator("[data-kv-state=none]").wait_for()
    left = reader.files() - before
    assert {file for file in left if not file.startswith(GUIDE)} == set(), "only the page that was read"
    reader.page.get_by_role("button", name="Quitar todo").click()
    reader.page.get_by_role("button", name="Quitar todo").wait_for(state="hidden")
    assert reader.files() == before
    reader.lose_the_network()
    reader.open(GUIDE)
    assert "no está guardada" in reader.page.locator(".kv-kept__asked").inner_text()


@pytest.mark.slow
@pytest.mark.parametrize("why", ["cancel", "network"])
def test_what_is_cut_short_leaves_nothing_half_kept(reader, why):
    reader.open(CLASS)
    reader.settle()
    before = reader.files()
    reader.server.waits = re.compile("notebooks/descargas/")
    reader.server.fails = re.compile("notebooks/descargas/" if why == "network" else "(?!)")
    box = reader.page.locator("[data-kv-keep]")
    box.locator("button").click()
    reader.until("() => document.querySelector('[data-kv-keep] progress').value >= 10")
    assert re.search(
        r"Guardando…[^]*\d+ de \d+ archivos[^]*Cancelar".replace("[^]", r"[\s\S]"), box.inner_text()
    )
    assert len(reader.files()) > len(before)
    if why == "cancel":
        box.get_by_role("button", name="Cancelar").click()
        reader.page.locator("[data-kv-state=none]").wait_for()
    else:
        reader.server.go.set()
        reader.page.locator("[data-kv-state=failed]").wait_for()
        assert "se cortó la conexión. No quedó nada a medias." in box.inner_text()
    reader.server.go.set()
    assert reader.files() == before
    assert box.get_by_role("button", name="Guardar esta clase").is_visible()
    reader.server.waits = reader.server.fails = re.compile("(?!)")
    box.locator("button").click()
    reader.page.locator("[data-kv-state=kept]").wait_for()


@pytest.mark.slow
def test_what_does_not_fit_says_so_and_the_site_goes_on(reader):
    reader.open(CLASS)
    reader.settle()
    before = reader.files()
    used = reader.page.evaluate("navigator.storage.estimate().then(({usage}) => usage)")
    session = reader.context.new_cdp_session(reader.page)
    origin = reader.server.address.removesuffix(PLACE)
    session.send("Storage.overrideQuotaForOrigin", {"origin": origin, "quotaSize": used + 1_000_000})
    box = reader.page.locator("[data-kv-keep]")
    box.locator("button").click()
    reader.page.locator("[data-kv-state=failed]").wait_for()
    assert "no queda lugar" in box.inner_text()
    assert reader.files() == before
    session.send("Storage.overrideQuotaForOrigin", {"origin": origin, "quotaSize": used})
    reader.open(OTHER)  # it can't be kept, and nobody who reads notices
    assert reader.page.locator("article h1").is_visible()


@pytest.mark.slow
@pytest.mark.parametrize(
    "lacks",
    [
        "delete Navigator.prototype.serviceWorker",
        "ServiceWorkerContainer.prototype.register = () => Promise.reject(new DOMException('no', 'SecurityError'))",
        "Object.defineProperty(Navigator.prototype, 'serviceWorker', {get() { throw new DOMException('no', 'SecurityError'); }})",
    ],
    ids=["none", "refused", "forbidden"],
)
def test_where_nothing_can_be_kept_the_site_is_as_it_is(reader, lacks):
    reader.context.add_init_script(lacks)
    said = []
    reader.page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
    reader.open(CLASS)
    reader.page.wait_for_load_state("networkidle")
    assert not reader.page.locator("[data-kv-keep]").is_visible()
    reader.open(LESSON)
    reader.answer_a_question()
    reader.open("sin-conexion/")
    reader.page.get_by_text("no deja guardar páginas").wait_for()
    assert said == []


# A new version -----------------------------------------------------------------------------------

OLD, NEW = "la versión de antes", "la versión de ahora"
#: All that the next tests look at, with what it needs.
PART = ("404.html", "assets", "clases", "glosario", "index.html", "search", "sin-conexion")


@pytest.fixture(scope="module")
def two(site, tmp_path_factory) -> tuple[Path, Path]:
    """A part of the site in two versions: pages, scripts and what is copied say which."""
    return tuple(
        version(site, tmp_path_factory.mktemp("version") / "sitio", mark) for mark in (OLD, NEW)
    )


def version(site: Path, folder: Path, mark: str) -> Path:
    def others(place, names):
        if Path(place) == site:
            return [name for name in names if name not in PART]
        if Path(place) == site / "clases":
            return [name for name in names if name not in (CLASS.split("/")[1], OTHER.split("/")[1])]
        return [name for name in names if name.endswith(".map")]

    shutil.copytree(site, folder, ignore=others)
    for path in folder.rglob("*.html"):  # as it was before it was finished
        text = re.sub(r'<link rel="manifest".*?(?=</head>)', "", path.read_text("utf-8"), flags=re.S)
        if CLASS in path.as_posix():
            text = text.replace("</h1>", f" {mark}</h1>", 1)
        path.write_text(text, "utf-8")
    scripts = folder / "assets" / "bloques" / f"{LESSON.rstrip('/')}.js"
    text = scripts.read_text("utf-8")
    assert "import " in text
    scripts.write_text(text.replace("import ", f"# {mark}\\nimport ", 1), "utf-8")
    ours = folder / "assets" / "keras-en-vivo.js"
    ours.write_text(
        ours.read_text("utf-8") + f"\ndocument.documentElement.dataset.mark={json.dumps(mark)};", "utf-8"
    )
    shutil.copy(ROOT / "docs" / without_network.SOURCE, folder / "assets")
    without_network.finish(folder)
    return folder


def marks(page) -> set[str]:
    """Which versions a page and its script are of."""
    return {
        page.evaluate("document.documentElement.dataset.mark"),
        re.search(f"{OLD}|{NEW}", page.locator("h1").inner_text())[0],
    }


def name(site: Path) -> str:
    return json.loads((site / without_network.LIST).read_text("utf-8"))["version"]


def look_for_a_new_version(reader) -> None:
    reader.page.evaluate("navigator.serviceWorker.ready.then(r => { r.update(); })")


@pytest.mark.slow
def test_a_new_version_replaces_the_old_one_whole_and_interrupts_nobody(reader, two):
    old, new = two
    reader.server.show(old)
    reader.keep(CLASS)
    reader.open(LESSON)
    reader.settle()
    reader.page.evaluate("caches.open('ajeno').then(store => store.put('/otro', new Response('')))")
    assert reader.versions() == {name(old)} and marks(reader.page) == {OLD}
    quiz = reader.page.locator(".kv-quiz").first
    quiz.locator("input[data-right]").check()
    reader.page.evaluate("window.untouched = true")

    reader.server.show(new)
    look_for_a_new_version(reader)
    reader.until_version(new)
    # Who is in the middle of a question stays there, and all that the page asks for is still of its version.
    assert reader.page.evaluate("window.untouched")
    quiz.get_by_role("button", name="Comprobar").click()
    quiz.locator(".kv-quiz__verdict.kv-yes").wait_for()
    assert reader.versions() == {name(old), name(new)}
    assert OLD in reader.copy_up_to(1)
    # Another tab begins with the new one, all of it, and does not change the first.
    second = reader.tab()
    reader.open(LESSON, second)
    assert marks(second) == {NEW} and NEW in reader.copy_up_to(1, second)
    reader.page.bring_to_front()
    assert marks(reader.page) == {OLD} and OLD in reader.served(reader.scripts())
    # The next page is of the new version; nobody reads the old one, and it goes.
    reader.open(CLASS)
    assert marks(reader.page) == {NEW}
    reader.until("async name => !(await caches.keys()).some(n => n.endsWith(name))", name(old))
    assert reader.versions() == {name(new)} and "ajeno" in reader.stored()
    reader.page.locator("[data-kv-state=kept]").wait_for()
    second.close()
    reader.lose_the_network()
    for page in sorted((new / CLASS).rglob("index.html")):
        reader.open(page.parent.relative_to(new).as_posix() + "/")
        assert marks(reader.page) == {NEW}, page
    reader.open(LESSON)
    assert NEW in reader.copy_up_to(1)


@pytest.mark.slow
def test_a_new_version_that_does_not_come_whole_changes_nothing(reader, two):
    old, new = two
    reader.server.show(old)
    reader.keep(CLASS)
    reader.server.show(new)
    reader.server.fails = re.compile("bloques/clases/102-sequential/compilar")
    before = len(reader.server.asked)
    look_for_a_new_version(reader)
    while not any("bloques/" in file for file in reader.server.asked[before:]):
        reader.page.wait_for_timeout(100)
    reader.until("async () => !(await navigator.serviceWorker.ready).installing")
    reader.lose_the_network()
    reader.open(LESSON)
    assert marks(reader.page) == {OLD} and OLD in reader.copy_up_to(1)
    # With network again it is tried again: only what changed is asked for.
    reader.server.fails = re.compile("(?!)")
    reader.get_it_back()
    before = len(reader.server.asked)
    look_for_a_new_version(reader)
    reader.until_version(new)
    again = [file for file in reader.server.asked[before:] if file.startswith("notebooks/")]
    assert again == []
    reader.open(LESSON)
    assert marks(reader.page) == {NEW} and NEW in reader.copy_up_to(1)


@pytest.mark.slow
def test_a_page_of_a_new_version_never_gets_what_was_kept_of_the_old_one(reader, two):
    """The site was replaced, and the worker of the new version could not come yet."""
    old, new = two
    reader.server.show(old)
    reader.open(CLASS)
    reader.settle()
    reader.page.evaluate("window.old = true")
    reader.server.show(new)
    reader.server.fails = re.compile(r"sw\.js|sin-conexion\.json")
    reader.open(LESSON)  # it was not kept: it comes from the network, with its scripts
    assert marks(reader.page) == {NEW} and NEW in reader.copy_up_to(1)
    reader.page.wait_for_timeout(500)
    assert not any(LESSON in file for file in reader.files()), "it is of no version that is kept"
    reader.open(CLASS)
    assert marks(reader.page) == {OLD}


# Installed ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_it_can_be_installed(reader):
    reader.open(LESSON)
    reader.settle()
    session = reader.context.new_cdp_session(reader.page)
    found = session.send("Page.getAppManifest")
    assert found["errors"] == [] and found["url"].endswith(f"{PLACE}app.webmanifest")
    errors = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [e["errorId"] for e in errors] in ([], ["in-incognito"])  # the browser of a test always is
    scope = reader.page.evaluate("navigator.serviceWorker.ready.then(r => r.scope)")
    assert scope == reader.server.address
    # Opened as an app, it searches without network too.
    reader.page.evaluate("dispatchEvent(new Event('appinstalled'))")
    reader.until_kept("search/search_index.json", "assets/mensajes.js", "glosario/")
    reader.lose_the_network()
    reader.open("")
    assert reader.search("callbacks")


@pytest.mark.slow
def test_its_icons_are_the_logo(browser, site):
    """As Chromium draws the SVG, pixel by pixel."""
    import io

    from PIL import Image, ImageChops

    page = browser.new_context(viewport={"width": 192, "height": 192}).new_page()
    svg = (site / "assets" / "logo.svg").read_text("utf-8")
    page.set_content(f"<body style='margin:0'>{svg.replace('<svg', '<svg width=192 height=192', 1)}")
    drawn = Image.open(io.BytesIO(page.screenshot(omit_background=True))).convert("RGBA")
    ours = Image.open(site / "assets" / "icono-192.png").convert("RGBA")
    different = ImageChops.difference(drawn, ours).convert("L").point(lambda v: 255 * (v > 64))
    assert sum(v > 0 for v in different.getdata()) < 192 * 192 * 0.01
    page.context.close()


@pytest.mark.slow
def test_axe_finds_nothing_in_what_is_kept(browser, server):
    from tests.site.test_accessibility import _violations

    reader = Reader(browser, server)
    found = []
    for scheme in ("light", "dark"):
        reader.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        reader.keep(CLASS) if scheme == "light" else reader.open(CLASS)
        reader.page.locator("[data-kv-state=kept]").wait_for()
        found += _violations(reader.page, f"kept, {scheme}")
    reader.lose_the_network()
    for scheme in ("light", "dark"):
        reader.page.emulate_media(color_scheme=scheme)
        reader.open(OTHER)
        reader.page.locator(".kv-kept__asked").wait_for()
        found += _violations(reader.page, f"offline, {scheme}")
        assert reader.page.evaluate("document.documentElement.scrollWidth") == 360
    assert found == []
    reader.context.close()
