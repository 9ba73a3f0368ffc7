"""The built site in a real browser: phone and desktop, light and dark, nobody else's hosts."""

from __future__ import annotations

import pytest

from tests.browser import OPEN_ALL, SIZES, serving, urls


def test_no_published_page_shows_a_failure(site):
    for path in site.rglob("*.html"):
        assert "kv-failed" not in path.read_text("utf-8"), path


#: In `make test`, one page of each kind; in `make test-all`, every one, light and dark.
SAMPLE = (
    "/",
    "/clases/103-functional-y-subclassing/",
    "/notebooks/guias/model-subclassing/init-y-call/",
)


@pytest.mark.parametrize(
    ("scheme", "sample"),
    [
        pytest.param("light", SAMPLE, id="sample"),
        *(pytest.param(s, None, id=s, marks=pytest.mark.slow) for s in ("light", "dark")),
    ],
)
def test_pages_are_quiet_self_contained_and_fit(browser, address, site, scheme, sample):
    width, height = SIZES["phone"]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        reduced_motion="reduce",  # what slides in is for a moment wider than the screen
    )
    wanted = sample or urls(site)
    found = {url: problems for url in wanted if (problems := _problems(context, address, url))}
    context.close()
    assert found == {}


def _problems(context, address, url) -> list[str]:
    """What a page writes on the console, asks of other hosts, or pushes out of a screen."""
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda m: problems.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: problems.append(str(error)))

    def check(request):
        if not request.url.startswith((address, "data:", "blob:")):
            problems.append(f"asks another host: {request.url}")

    page.on("request", check)
    page.goto(address + url, wait_until="networkidle")
    page.evaluate(OPEN_ALL)
    for width, height in SIZES.values():
        page.set_viewport_size({"width": width, "height": height})
        used = page.evaluate("document.documentElement.scrollWidth")
        if used > width:
            problems.append(f"it is {used} px wide on a screen of {width}")
    page.close()
    return problems


PLANTED = """\
<!doctype html><html lang="es"><head><meta charset="utf-8"><title>x</title></head><body>
<h1>Prueba</h1>{}</body></html>"""


@pytest.mark.parametrize(
    ("violation", "said"),
    [
        ("<p>Nada de malo.</p>", None),
        ("<pre>" + "x" * 400 + "</pre>", "px wide"),
        ('<p>Una imagen <img src="http://127.0.0.1:9/a.png" alt=""></p>', "asks another host"),
        ("<script>nada()</script>", "nada is not defined"),
    ],
)
def test_a_planted_violation_is_seen(browser, tmp_path, violation, said):
    (tmp_path / "index.html").write_text(PLANTED.format(violation), "utf-8")
    (tmp_path / "favicon.ico").write_bytes(b"")
    context = browser.new_context(viewport={"width": 360, "height": 740})
    with serving(tmp_path) as address:
        found = _problems(context, address, "/")
    context.close()
    assert any(said in problem for problem in found) if said else found == []


def test_the_page_itself_forbids_other_hosts(browser, address, site):
    """The policy is on every page, and the browser enforces it."""
    for path in site.rglob("*.html"):
        assert 'http-equiv="Content-Security-Policy"' in path.read_text("utf-8"), path
    page = browser.new_context().new_page()
    page.goto(address)
    blocked = page.evaluate(
        """() => new Promise(resolve => {
          const found = [];
          addEventListener('securitypolicyviolation', e => {
            found.push(e.effectiveDirective);
            if (found.length === 3) resolve(found.sort());
          });
          const add = (tag, set) => document.body.append(Object.assign(document.createElement(tag), set));
          add('img', {src: 'http://example.invalid/x.png'});
          add('script', {src: 'http://example.invalid/x.js'});
          add('script', {textContent: 'window.hacked = true'});
          setTimeout(() => resolve(found.sort()), 3000);
        })"""
    )
    assert blocked == ["img-src", "script-src-elem", "script-src-elem"]
    assert page.evaluate("window.hacked") is None
    page.close()


@pytest.mark.slow
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


@pytest.mark.slow
def test_drawings_follow_the_scheme(browser, address):
    """The ink of a diagram is dark on light and light on dark."""
    inks = {}
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)
        page = context.new_page()
        page.goto(address + "/clases/102-sequential/dos-sintaxis/")
        inks[scheme] = page.evaluate(
            "getComputedStyle(document.querySelector('.kv-diagram .kv-stroke-ink')).stroke"
        )
        context.close()
    brightness = {s: sum(int(n) for n in ink[4:-1].split(",")) for s, ink in inks.items()}
    assert brightness["light"] < 150 < 500 < brightness["dark"]
