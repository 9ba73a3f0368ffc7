"""What a doubter, a reporter and a carrier find on the site: what ran, a filled issue, the page as text."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from livedocs.derived import verified
from livedocs.finishing import completeness
from tests.browser import base, urls

LESSON = "/clases/102-sequential/compilar-y-entrenar/"
PHONE = {"width": 360, "height": 780}


@pytest.fixture
def phone(browser):
    context = browser.new_context(
        viewport=PHONE, has_touch=True, reduced_motion="reduce", bypass_csp=True,
        permissions=["clipboard-read", "clipboard-write"],
    )  # fmt: skip
    yield context.new_page()
    context.close()


# What was executed --------------------------------------------------------------------


def test_every_page_that_shows_an_execution_is_told(site):
    published = json.loads((site / verified.FILE).read_text("utf-8"))["pages"]
    listing = (site / "verificado/index.html").read_text("utf-8")
    told = {f"/{page['url']}": page for page in published.values()}
    ran = 0
    for url in urls(site):
        page = completeness.read((site / url.strip("/") / "index.html").read_text("utf-8"))
        if page.outputs and not url.startswith("/notebooks/"):
            ran += 1
            assert len(told[url]["blocks"]) == len(page.outputs), url
            row = rf'href="\.\.{re.escape(url)}">[^|]*?<code[^>]*>{told[url]["outputs"][:12]}</code>'
            assert re.search(row, listing), url
    assert ran == len(told) > 100


def test_whoever_doubts_is_led_there(site):
    home = (site / "index.html").read_text("utf-8")
    lesson = (site / LESSON.strip("/") / "index.html").read_text("utf-8")
    assert '<a href="verificado/">todo lo que ves se ejecutó</a>' in home
    for page, up in ((home, ""), (lesson, "../../../")):
        foot = page[page.index('<div class="md-copyright">') :]
        assert re.search(rf'href="{up}verificado/">qué se ejecutó</a>', foot)
    provenance = lesson[lesson.index('class="kv-provenance') :]
    assert 'href="../../../verificado/">Qué se ejecutó, página por página</a>' in provenance


# Reporting a problem ------------------------------------------------------------------


def fields_of(link) -> dict[str, str]:
    address = urlsplit(link)
    assert address.path.endswith("/issues/new")
    return {name: values[0] for name, values in parse_qs(address.query).items()}


def test_the_foot_of_a_page_opens_an_issue_that_says_what_made_it(phone, address, site):
    phone.goto(address + LESSON)
    link = phone.get_by_role("link", name="Avisar de un problema", exact=True)
    told = fields_of(link.get_attribute("href"))
    published = json.loads((site / verified.FILE).read_text("utf-8"))["pages"]
    page = published["clases/102-sequential/compilar-y-entrenar.md"]
    assert told["page"] == "clases/102-sequential/compilar-y-entrenar.md"
    assert told["execution"] == f"{page['execution'][:12]} · {page['outputs'][:12]}"
    for part in (f"Keras {page['keras']}", page["backend"], page["numpy"], page["python"], page["data"]):
        assert part in told["versions"]


def test_every_field_that_is_filled_is_in_the_form():
    import yaml

    from tests.conftest import ROOT

    form = yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE/error-en-una-pagina.yml").read_text("utf-8"))
    known = {part["id"] for part in form["body"]}
    assert {"page", "block", "problem", "versions", "execution"} <= known


def test_a_block_opens_an_issue_that_says_which_it_is(phone, address, site):
    phone.goto(address + LESSON)
    menu = phone.locator("#kv-more")
    assert menu.count() == 0, "it is there when it is asked for"
    dots = phone.get_by_role("button", name="Más sobre el bloque 3", exact=True)
    dots.scroll_into_view_if_needed()
    dots.tap()
    assert dots.get_attribute("aria-expanded") == "true" and menu.is_visible()
    box = menu.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
    assert menu.get_by_role("link", name="Enlace a este bloque").get_attribute("href") == "#b3"
    told = fields_of(menu.get_by_role("link", name="Avisar de un problema").get_attribute("href"))
    code = phone.locator("#b3 code").text_content().strip().split("\n")[0]
    assert told["block"].startswith("3 · ") and "#b3 · " in told["block"]
    assert told["block"].endswith(code[:72])
    assert told["title"].endswith("bloque 3: ") and told["execution"] and told["page"].endswith(".md")
    dots.tap()
    assert not menu.is_visible() and dots.get_attribute("aria-expanded") == "false"


def test_the_menu_of_a_block_works_from_the_keyboard(browser, address):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=True)
    page = context.new_page()
    page.goto(address + LESSON)
    dots = page.get_by_role("button", name="Más sobre el bloque 2", exact=True)
    dots.focus()
    page.keyboard.press("Enter")
    assert page.locator("#kv-more").is_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Enlace a este bloque"
    dots.focus()
    page.keyboard.press("Enter")
    assert not page.locator("#kv-more").is_visible()
    page.keyboard.press("Enter")
    assert page.locator("#kv-more").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#kv-more").is_visible()
    assert page.evaluate("document.activeElement.classList.contains('kv-dots')")
    # Three presses before the browser tells of the first, or the scroll of reaching the button told late.
    dots.evaluate("dots => { dots.click(); dots.click(); dots.click(); }")
    assert page.locator("#kv-more").is_visible() and dots.get_attribute("aria-expanded") == "true"
    page.keyboard.press("Escape")
    told = "async dots => { scrollBy(0, 40); dots.click(); await new Promise(done => setTimeout(done, 200)); }"
    dots.evaluate(told)
    assert page.locator("#kv-more").is_visible()
    page.evaluate("scrollBy(0, 40)")  # when the block goes, its menu goes
    page.locator("#kv-more").wait_for(state="hidden")
    assert dots.get_attribute("aria-expanded") == "false"
    context.close()


def test_the_bar_of_a_block_stays_on_one_line(phone, address):
    for url in (LESSON, "/snippets/", "/errores/datos-con-otra-forma/"):
        phone.goto(address + url)
        phone.locator(".kv-dots").first.wait_for(state="attached")
        heights = phone.evaluate(
            "[...document.querySelectorAll('.kv-bar')].filter(b => b.checkVisibility()).map(b => b.offsetHeight)"
        )
        assert heights and max(heights) <= 34, url
        assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], url


@pytest.mark.slow
def test_without_a_repository_nothing_offers_to_report(project, browser):
    from tests.browser import serving

    project.page("a", "---\ntitle: A\n---\n\n# A { #a }\n\n```python\nprint(1)\n```\n")
    config = project.root / "mkdocs.yml"
    text = re.sub(r"^(?:repo_url|edit_uri):.*$", "", config.read_text("utf-8"), flags=re.M)
    config.write_text(text, "utf-8")
    done = project.build()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "issues/new" not in project.html("a")
    with serving(project.root / "site") as here:
        page = browser.new_page()
        page.goto(here + "/a/")
        page.locator("#b1 .kv-bar button").first.wait_for()
        assert page.locator(".kv-dots").count() == 0
        page.close()


# The page as text ---------------------------------------------------------------------


def test_no_page_is_left_out(site):
    index = (site / "llms.txt").read_text("utf-8")
    listed = re.findall(r"^- \[.*?\]\(([^)]+)\)", index, re.M)
    assert len(listed) == len(set(listed))
    wanted = {
        f"{url.strip('/')}/index.md".lstrip("/")
        for url in urls(site)
        if not url.startswith("/notebooks/")
    }
    found = {re.sub(r"^https?://[^/]+", "", link).removeprefix(base(site)) for link in listed}
    assert found == wanted and len(wanted) > 150
    for name in wanted:
        text = (site / name).read_text("utf-8")
        assert text.startswith("# ") and len(text) > 200, name
        html = (site / name).with_name("index.html").read_text("utf-8")
        assert '<link rel="alternate" type="text/markdown" href="index.md">' in html, name


def test_each_block_of_a_page_and_each_text_it_printed_are_in_its_markdown(site):
    from livedocs.execution.executor import Executor
    from livedocs.pages.chapter import Chapter
    from livedocs.rendering.streams import settle
    from livedocs.settings import Settings
    from tests.conftest import ROOT

    settings = Settings.load(ROOT)
    paths = [settings.docs / f"{LESSON.strip('/')}.md", settings.docs / "empezar/primer-modelo.md"]
    chapters = [Chapter.load(path, ROOT) for path in paths]
    executions = Executor(settings).run(chapters)
    for chapter in chapters:
        text = (site / chapter.name / "index.md").read_text("utf-8")
        for cell, result in zip(chapter.executed_cells, executions[chapter.path].results, strict=True):
            assert cell.code.strip("\n") in text
            for output in result.outputs:
                if output["output_type"] == "stream":
                    assert settle(output["text"]).strip("\n") in text


def test_nothing_of_the_site_s_syntax_is_carried(site):
    for path in site.rglob("index.md"):
        if "contribuir" in path.parts:  # it explains that syntax
            continue
        text = re.sub(r"(`{3,}|~{3,}).*?\1", "", path.read_text("utf-8"), flags=re.S)
        text = re.sub(r"(`+).+?\1", "", text)
        for syntax in ("{ #", "{ .", "<!--", "/// ", "--8<--", "data-volatile"):
            assert syntax not in text, (path, syntax)
        assert text.count("<details>") == text.count("</details>"), path


def test_the_button_copies_the_page(phone, address, site):
    phone.goto(address + LESSON)
    button = phone.get_by_role("button", name="Copiar la página")
    button.tap()
    phone.wait_for_function("document.querySelector('[data-kv-carry]').textContent === 'Copiada ✓'")
    wanted = (site / LESSON.strip("/") / "index.md").read_text("utf-8")
    assert phone.evaluate("navigator.clipboard.readText()") == wanted
    assert (
        phone.locator(".md-dialog[role=status]").text_content().strip()
        == "Copiada la página, como Markdown"
    )
    phone.wait_for_function(
        "document.querySelector('[data-kv-carry]').textContent === 'Copiar la página'"
    )


def test_what_can_not_be_fetched_is_said_and_can_be_tried_again(phone, address, site):
    phone.route("**/index.md", lambda route: route.abort())
    phone.goto(address + LESSON)
    phone.get_by_role("button", name="Copiar la página").tap()
    phone.locator(".md-dialog--active", has_text="No se pudo copiar").wait_for()
    phone.unroute("**/index.md")
    phone.locator("[data-kv-carry]").tap()
    phone.locator("[data-kv-carry]", has_text="Copiada").wait_for()


def test_without_javascript_there_is_no_button(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + LESSON)
    assert page.locator("[data-kv-carry]").count() == 1
    assert not page.locator("[data-kv-carry]").is_visible()
    assert not page.locator(".kv-dots").first.is_visible()
    context.close()
