"""The built files by themselves: valid HTML, and every internal link and anchor leads somewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import html5lib
import pytest

from tests.browser import base
from tests.conftest import ROOT


class _Links(HTMLParser):
    def __init__(self, text: str):
        super().__init__()
        self.links: list[str] = []
        self.names: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in ("href", "src") and value and tag != "base":
                self.links.append(value)
            elif name == "id":
                self.names.append(value)


def dead_links(site: Path) -> list[str]:
    """Internal links and anchors of a built site that lead nowhere, and names used twice."""
    parsed = {path: _Links(path.read_text("utf-8")) for path in site.rglob("*.html")}
    root = base(site)
    found = []
    for path, page in parsed.items():
        shown = path.relative_to(site).as_posix()
        found += [
            f"{shown}: two elements are #{name}"
            for name in set(page.names)
            if page.names.count(name) > 1
        ]
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (
                site / parts.path.removeprefix(root).lstrip("/")
                if parts.path.startswith("/")
                else path.parent / parts.path
            )
            target = (path if not parts.path else target).resolve() if parts.path else path
            target = Path(unquote(str(target)))
            if target.is_dir():
                target = target / "index.html"
            if not target.is_file():
                found.append(f"{shown}: {link} leads nowhere")
            elif (
                parts.fragment
                and target in parsed
                and unquote(parts.fragment) not in parsed[target].names
            ):
                found.append(f"{shown}: {link} has no such anchor")
    return found


def invalid(text: str) -> list[str]:
    """What the HTML specification calls parse errors, with line and column."""
    parser = html5lib.HTMLParser()
    parser.parse(text)
    return [f"{place}: {code} {data}" for place, code, data in parser.errors]


def test_links_and_anchors_lead_somewhere(site):
    assert dead_links(site.resolve()) == []


@pytest.mark.parametrize("part", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, 6))])
def test_pages_are_valid_html(site, part):
    found = {
        path.relative_to(site).as_posix(): errors
        for path in sorted(site.rglob("*.html"))[part::6]
        if (errors := invalid(path.read_text("utf-8")))
    }
    assert found == {}


def test_no_inline_styles_nor_handlers(site):
    """The content security policy would ignore them in silence."""
    for path in site.rglob("*.html"):
        text = re.sub(r"<(script|pre)\b.*?</\1>", "", path.read_text("utf-8"), flags=re.S)
        assert re.findall(r"<[^>]* (?:style|on\w+)=[^>]*>", text) == [], path


def test_pictures_carry_their_sizes(site):
    """Room is made for them before they come: nothing moves."""
    pictures = 0
    for path in site.rglob("*.html"):
        article = path.read_text("utf-8").partition("<article")[2].partition("</article>")[0]
        figures = re.findall(r"<figure\b.*?</figure>", article, re.S)
        found = re.findall(r"<img\b[^>]*>", article) + re.findall(r"<svg\b[^>]*>", "".join(figures))
        assert [f for f in found if not (" width=" in f and " height=" in f)] == [], path
        pictures += len(found)
    assert pictures > 50


def test_the_theme_speaks_as_the_site_does(site):
    """In Spanish, to «vos»; what it says otherwise is in `overrides/`."""
    foreign = ("Teclee", "Made with", "Not found", "Inicializando")
    for path in site.rglob("*.html"):
        text = path.read_text("utf-8")
        assert [word for word in foreign if word in text] == [], path
        assert "Escrib\\u00ed para buscar" in text or "Escribí para buscar" in text, path
    lost = (site / "404.html").read_text("utf-8")
    assert "<h1>Esta página no está</h1>" in lost and ">Buscar</button>" in lost


def test_what_the_templates_say_uses_the_words_of_the_site():
    files = [*(ROOT / "overrides").rglob("*.html"), *(ROOT / "docs" / "assets").glob("*.js")]
    assert len(files) > 5
    for path in files:
        found = re.findall(r"[Cc]uaderno|\baquí\b|[Cc]orrector", path.read_text("utf-8"))
        assert found == [], path


@pytest.mark.parametrize(
    ("violation", "said"),
    [
        ('<p id="a"><a href="#a">bien</a></p>', None),
        ('<a href="#nada">x</a>', "no such anchor"),
        ('<a href="otra/">x</a>', "leads nowhere"),
        ('<img src="nada.png" alt="">', "leads nowhere"),
        ('<p id="a"></p><p id="a"></p>', "two elements"),
    ],
)
def test_a_planted_dead_link_is_found(tmp_path, violation, said):
    (tmp_path / "index.html").write_text(violation, "utf-8")
    found = dead_links(tmp_path)
    assert any(said in line for line in found) if said else found == []


@pytest.mark.parametrize(
    ("body", "valid"),
    [
        ("<p>bien</p>", True),
        ("<p><div></p>", False),
        ("<b><i></b></i>", False),
        ("<p class='a' class='b'>", False),
    ],
)
def test_planted_broken_html_is_found(body, valid):
    page = f"<!doctype html><html><head><title>x</title></head><body>{body}</body></html>"
    assert (invalid(page) == []) is valid
