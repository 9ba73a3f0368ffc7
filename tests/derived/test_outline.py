"""The course as a reader walks it, and what is told of its pages to who shares them."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from livedocs.derived import cards, outline, sharing
from livedocs.pages import course
from livedocs.pages.chapter import Chapter
from tests.conftest import ROOT

at = lambda uri: uri.removesuffix(".md") + "/"


def chapters(**pages):
    """Pages by their path, from a title and what follows it."""
    found = {}
    for name, (title, body) in pages.items():
        uri = name.replace("__", "/") + ".md"
        text = f"---\ntitle: {title}\nlesson: true\n---\n\n# T {{ #t }}\n\n{body}\n"
        found[uri] = Chapter.parse(text, f"docs/{uri}", ROOT)
    return found


FOLDER = {
    "clases__uno__index": ("Clase 1 — Uno", ""),
    "clases__uno__fit": ("Entrenar", "## Ejercicio 3 { #ejercicio-3 }"),
    "clases__uno__homework": ("Homework", "## Homework { #homework }"),
    "clases__dos": ("Clase 2 — Dos", "## E { #e }\n\n### Ejercicio 1 { #ejercicio-1 }"),
    "otra": ("Otra", ""),
}


def the_courses(*names):
    entries = [{"page": name, "what": "Armás algo."} for name in names]
    return outlined(entries)


def outlined(entries):
    pages = chapters(**FOLDER)
    return outline.courses(entries, pages, course.units([], list(pages)), at)


def test_a_class_has_the_lessons_of_its_folder_or_is_one():
    one, two = the_courses("clases/uno", "clases/dos")
    assert [(each["page"], each["exercises"]) for each in one["lessons"]] == [
        ("clases/uno/fit", ["ejercicio-3"]),
        ("clases/uno/homework", ["homework"]),
    ]
    assert (one["kind"], one["title"], one["minutes"]) == ("Clase 1", "Uno", 2)
    assert [(each["page"], each["exercises"]) for each in two["lessons"]] == [
        ("clases/dos", ["ejercicio-1"])
    ]


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([{"page": "clases/tres", "what": "x"}], "nombra clases/tres"),
        ([{"page": "clases/uno"}], "«what»"),
        (["clases/uno"], "«page»"),
    ],
)
def test_an_entry_that_leads_nowhere_says_what_to_do(entries, words):
    with pytest.raises(ValueError, match=words) as told:
        outlined(entries)
    assert str(told.value).startswith("docs/index.md:1: ")


def test_a_page_knows_its_class():
    pages, found = chapters(**FOLDER), the_courses("clases/uno")
    of = lambda uri: outline.course_of(pages[uri], found)
    assert of("clases/uno/fit.md") == of("clases/uno/index.md") == found[0]
    assert of("otra.md") is None


def test_what_machines_are_told_names_an_address_only_if_it_is_known():
    found = the_courses("clases/uno")
    lesson = ({"title": "Entrenar"}, "clases/uno/fit", "clases/uno/fit/", found[0], [])
    told = sharing.structured(*lesson, "https://x.org/k/")
    assert (told["@type"], told["url"]) == ("LearningResource", "https://x.org/k/clases/uno/fit/")
    assert told["isPartOf"]["@type"] == "Course" and told["isPartOf"]["name"] == "Clase 1: Uno"
    assert "url" not in str(sharing.structured(*lesson, ""))
    whole = sharing.structured({"title": "Clase 1 — Uno"}, "clases/uno", "clases/uno/", found[0], [], "")
    assert (whole["@type"], whole["timeRequired"]) == ("Course", "PT2M")
    home = sharing.structured({"description": "D"}, "index", "", None, found, "https://x.org/")
    assert [part["url"] for part in home["hasPart"]] == ["https://x.org/clases/uno/index/"]
    assert sharing.structured({"title": "Glosario"}, "glosario", "glosario/", None, [], "") is None


@pytest.mark.parametrize("title", ["Corto", "¿Qué API elijo?", "palabra " * 60, "x" * 300])
def test_a_card_is_a_small_picture_of_its_size(title):
    data = cards.draw(title, "Clase 1")
    image = Image.open(io.BytesIO(data)).convert("RGB")
    assert image.size == (1200, 630) and len(data) < 60_000
    margin = image.crop((1200 - 70, 20, 1200, 490))  # nothing is cut by the edge
    assert margin.getcolors(10) == [(70 * 470, (255, 255, 255))]


def test_a_card_is_drawn_once_and_again_if_its_words_change(tmp_path, monkeypatch):
    first = cards.card("Uno", "Clase 1", tmp_path)
    monkeypatch.setattr(cards, "draw", lambda *words: pytest.fail("se volvió a dibujar"))
    assert cards.card("Uno", "Clase 1", tmp_path) == first
    monkeypatch.setattr(cards, "draw", lambda *words: b"otra")
    assert cards.card("Dos", "Clase 1", tmp_path) == b"otra"
