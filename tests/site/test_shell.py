"""What surrounds the lessons: home, the page that is not there, the glossary, what is shared."""

from __future__ import annotations

import io
import json
import re

import pytest
from PIL import Image

from tests.browser import OPEN_ALL, base
from tests.conftest import fence
from tests.site.test_html import dead_links


@pytest.fixture
def phone(browser):
    context = browser.new_context(viewport={"width": 360, "height": 780})
    yield context.new_page()
    context.close()


def test_home_has_one_filled_button_and_it_is_on_the_first_screen_of_a_phone(phone, address):
    phone.goto(address)
    (button,) = phone.locator("article .md-button--primary").all()
    assert button.inner_text() == "Empezar"
    box = button.bounding_box()
    assert box["y"] + box["height"] < 780 and box["height"] >= 24
    button.click()
    assert phone.url.endswith("/empezar/")


def test_home_goes_from_what_it_is_to_its_classes_to_the_proof(phone, address):
    phone.goto(address)
    tops = [
        phone.locator(selector).first.bounding_box()["y"]
        for selector in ("h1", "#para-quien", ".kv-start", "ul.kv-courses", ".highlight", ".kv-quiz")
    ]
    assert tops == sorted(tops)
    assert phone.locator(".kv-courses > li h3").first.inner_text() == "Empezá acá"
    card = phone.locator(".kv-courses > li", has_text="Clase 102")
    assert re.search(r"Clase 102\s*\d+ minutos", card.inner_text())
    card.click(position={"x": 20, "y": 100})  # all of it leads there
    assert phone.url.endswith("/clases/102-sequential/")


def test_a_page_that_is_not_there_leads_to_the_search_and_home(phone, address, site):
    phone.goto(address + "/404.html")
    assert phone.title() == "Esta página no está - Keras en vivo"
    box = phone.get_by_label("Una palabra del tema")
    assert box.bounding_box()["y"] < 780
    box.fill("learning rate")
    box.press("Enter")
    phone.locator(".md-search-result__item a").first.wait_for()
    assert "q=learning+rate" in phone.url
    phone.goto(address + "/404.html")
    phone.get_by_role("link", name="las clases y las guías").click()
    assert phone.url == f"{address}{base(site)}#clases"


def test_the_glossary_is_one_column_of_terms_that_can_be_linked(phone, address):
    phone.goto(address + "/glosario/#t-tasa-de-aprendizaje")
    terms = phone.locator("article dl > dt[id^='t-']")
    assert terms.count() > 70 and phone.locator("article table").count() == 0
    term = phone.locator("#t-tasa-de-aprendizaje")
    assert 48 <= term.bounding_box()["y"] < 400
    meaning = phone.locator("#t-tasa-de-aprendizaje + dd")
    assert meaning.bounding_box()["width"] > 300
    assert phone.evaluate("document.documentElement.scrollWidth") == 360
    phone.locator(".kv-letters a", has_text="T").click()
    assert phone.url.endswith("#letra-t")
    small = phone.locator(".kv-letters a").evaluate_all(
        "all => all.filter(a => Math.min(a.offsetWidth, a.offsetHeight) < 24).length"
    )
    assert small == 0


def test_a_use_of_a_term_leads_to_a_page_that_says_it(phone, address):
    phone.goto(address + "/glosario/")
    phone.locator("#t-sobreajuste + dd .kv-uses a").first.click()
    phone.wait_for_load_state()
    phone.evaluate(OPEN_ALL)
    assert re.search("sobreajuste|overfitting", phone.locator("article").inner_text(), re.I)
    target = phone.evaluate("location.hash.slice(1)")
    assert not target or phone.locator(f"[id='{target}']").count() == 1


# Shared ------------------------------------------------------------------------------------

HEAD = "---\ntitle: {}\ndescription: Qué tiene.\nlesson: true\n---\n\n# {} {{ #t }}\n\n" + fence("x = 1")


def tags(html: str) -> dict[str, str]:
    return dict(re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)"', html))


@pytest.fixture
def course(project):
    project.page(
        "index",
        "---\ntitle: Keras en vivo\ntagline: un curso\ncourses:\n  - page: clases/uno\n"
        "    what: Armás algo.\n---\n\n# Inicio { #inicio }\n",
    )
    project.page("clases/uno", HEAD.format("Clase 1 — Uno", "Uno"))
    return project


def test_a_published_page_says_who_it_is_to_those_who_share_it(course):
    built = course.build(SITE_URL="https://x.org/k/")
    assert built.returncode == 0, built.stderr
    html = course.html("clases/uno")
    said = tags(html)
    assert said["og:url"] == "https://x.org/k/clases/uno/"
    assert said["og:title"] == "Clase 1 — Uno" and said["og:description"] == "Qué tiene."
    assert said["twitter:card"] == "summary_large_image" and said["og:image:alt"].startswith("Clase 1")
    picture = course.root / "site" / said["og:image"].removeprefix("https://x.org/k/")
    assert Image.open(io.BytesIO(picture.read_bytes())).size == (1200, 630)
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html)[1])
    assert (data["@type"], data["url"]) == ("Course", "https://x.org/k/clases/uno/")
    notebook = course.html("notebooks/clases/uno")
    assert '<link rel="canonical" href="https://x.org/k/clases/uno/">' in notebook
    assert "<title>Notebook: Clase 1" in notebook and "og:title" not in notebook
    assert "<title>Keras en vivo: un curso</title>" in course.html("")
    sitemap = (course.root / "site" / "sitemap.xml").read_text("utf-8")
    assert "<loc>https://x.org/k/clases/uno/</loc>" in sitemap and "notebooks" not in sitemap
    # Its 404 page is shown at any address, so its links say the folder.
    lost = (course.root / "site" / "404.html").read_text("utf-8")
    assert base(course.root / "site") == "/k/"
    assert '="/k/assets' in lost
    assert not [dead for dead in dead_links(course.root / "site") if "/k/assets" in dead]
    drawn = sorted(p.stat().st_mtime_ns for p in (course.root / ".livedocs" / "cards").iterdir())
    assert len(drawn) == 2
    assert course.build(SITE_URL="https://x.org/k/").returncode == 0
    again = sorted(p.stat().st_mtime_ns for p in (course.root / ".livedocs" / "cards").iterdir())
    assert again == drawn


def test_without_an_address_none_is_invented(course):
    assert course.build(SITE_URL="").returncode == 0
    html = course.html("clases/uno")
    said = tags(html)
    assert said["og:title"] == "Clase 1 — Uno"
    assert not {"og:url", "og:image", "twitter:card"} & said.keys() and 'rel="canonical"' not in html
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html)[1])
    assert data["@type"] == "Course" and "url" not in data
    assert not (course.root / "site" / "assets" / "tarjetas").exists()


def test_a_course_that_names_no_page_stops_the_build_with_its_file(course):
    course.page(
        "index", "---\ncourses:\n  - page: clases/dos\n    what: x\n---\n\n# Inicio { #inicio }\n"
    )
    built = course.build()
    assert built.returncode and "docs/index.md:1: «courses» nombra clases/dos" in built.stderr
