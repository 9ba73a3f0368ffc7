"""The built site in a real browser: phone and desktop, light and dark, nobody else's hosts."""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import threading
from pathlib import Path

import pytest

SIZES = {"phone": (360, 740), "tablet": (768, 1024), "desktop": (1280, 900)}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
HOW_TO = "instalá Chromium (por ejemplo, «apt install chromium») y volvé a correr las pruebas"


def chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((found for name in names if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def address(site):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    handler = functools.partial(Quiet, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="session")
def browser():
    path = chromium()
    if path is None:
        if os.environ.get("LIVEDOCS_REQUIRE_BROWSER"):
            pytest.fail(f"hace falta un navegador: {HOW_TO}")
        pytest.skip(f"no hay navegador en esta máquina: {HOW_TO}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


def urls(site: Path) -> list[str]:
    pages = [path.parent.relative_to(site).as_posix() for path in site.rglob("index.html")]
    return sorted("/" if page == "." else f"/{page}/" for page in pages)


def test_no_published_page_shows_a_failure(site):
    for path in site.rglob("*.html"):
        assert "kv-failed" not in path.read_text("utf-8"), path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_pages_are_quiet_self_contained_and_fit(browser, address, site, size, scheme):
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    for url in urls(site):
        page = context.new_page()
        problems: list[str] = []
        page.on("console", lambda m: problems.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "request",
            lambda request: (
                problems.append(f"asks another host: {request.url}")
                if not request.url.startswith((address, "data:", "blob:"))
                else None
            ),
        )
        page.goto(address + url, wait_until="networkidle")
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        used = page.evaluate("document.documentElement.scrollWidth")
        assert used <= width, f"{url} is {used} px wide on a screen of {width}"
        assert problems == [], url
        page.close()
    context.close()


def test_text_of_diagrams_and_tables_is_legible_on_a_phone(browser, address, site):
    """No text of a diagram or of a summary is drawn below 8 px at 360 px of width."""
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    for url in urls(site):
        page.goto(address + url)
        small = page.evaluate(
            """() => {
              document.querySelectorAll('details').forEach(d => d.open = true);
              const found = [];
              for (const text of document.querySelectorAll('.kv-diagram svg text')) {
                const size = parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a;
                if (size && size < 8) found.push([text.textContent, size]);
              }
              for (const cell of document.querySelectorAll('.kv-table td, .kv-table th')) {
                const size = parseFloat(getComputedStyle(cell).fontSize);
                if (size < 8) found.push([cell.textContent, size]);
              }
              return found;
            }"""
        )
        assert small == [], url
    context.close()


def test_drawings_follow_the_scheme(browser, address):
    """The ink of a diagram is dark on light and light on dark."""
    inks = {}
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)
        page = context.new_page()
        page.goto(address + "/clases/102-sequential/")
        inks[scheme] = page.evaluate(
            "getComputedStyle(document.querySelector('.kv-diagram .kv-stroke-ink')).stroke"
        )
        context.close()
    brightness = {s: sum(int(n) for n in ink[4:-1].split(",")) for s, ink in inks.items()}
    assert brightness["light"] < 150 < 500 < brightness["dark"]
