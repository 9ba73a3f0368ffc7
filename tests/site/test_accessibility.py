"""No violation of WCAG 2.2 A and AA that axe-core can find, and what it can't."""

from __future__ import annotations

import pytest

from tests.browser import OPEN_ALL, SIZES, expected_urls, serving, urls

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
#: In `make test`, a short page; in `make test-all`, every one.
SAMPLE = ("/",)

#: axe measures the contrast of each word of the code, 12 s in a long page. Of the words that
#: look the same (ink, paper, size, weight) it is left one; the others stay as bare text.
ONE_WORD_OF_EACH_LOOK = """() => {
  const seen = new Set(), again = [];
  for (const word of document.querySelectorAll('pre span:not([id], [lang], [tabindex])')) {
    const style = getComputedStyle(word);
    let paper = word;
    while (paper && getComputedStyle(paper).backgroundColor === 'rgba(0, 0, 0, 0)') paper = paper.parentElement;
    const look = [style.color, paper && getComputedStyle(paper).backgroundColor, style.fontSize,
                  style.fontWeight, style.opacity, style.display].join();
    seen.has(look) ? again.push(word) : seen.add(look);
  }
  again.forEach(word => word.replaceWith(...word.childNodes));
}"""


def _violations(page, where: str) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{where} {rule['id']}: {node['html'][:160]} {node.get('failureSummary', '')[-200:]}"
        for rule in found
        for node in rule["nodes"]
    ]


def _open(context, address: str, url: str):
    page = context.new_page()
    page.goto(address + url)
    page.evaluate(OPEN_ALL)
    page.evaluate(ONE_WORD_OF_EACH_LOOK)
    return page


@pytest.mark.parametrize(
    "url",
    [pytest.param(u, marks=() if u in SAMPLE else pytest.mark.slow) for u in expected_urls()],
)
def test_axe_finds_nothing(browser, address, url):
    found = []
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme, reduced_motion="reduce")
        page = _open(context, address, url)
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            found += _violations(page, f"{url} ({size}, {scheme})")
        context.close()
    assert found == [], "\n".join(found[:20])


#: What only who has begun sees: bars, «Seguí donde dejaste», a question before clearing.
BEGUN = """localStorage.setItem("keras-en-vivo:progreso", JSON.stringify({app: "keras-en-vivo", version: 1,
  at: "clases/102-sequential/dos-sintaxis",
  pages: {"clases/102-sequential/dos-sintaxis": {done: ["ejercicio-1"], last: "def-sequential"}}}))"""


@pytest.mark.parametrize(
    ("url", "opens"),
    [("/", "[data-kv-continue]"), ("/progreso/", "dialog"), ("/404.html", ".kv-find")],
)
def test_axe_finds_nothing_in_what_not_everybody_sees(browser, address, url, opens):
    found = []
    for scheme in ("light", "dark"):
        context = browser.new_context(
            color_scheme=scheme, reduced_motion="reduce", viewport={"width": 360, "height": 780}
        )
        context.add_init_script(BEGUN)
        page = _open(context, address, url)
        if opens == "dialog":
            page.locator("[data-kv-do=clear]").click()
        assert page.locator(opens).is_visible()
        found += _violations(page, f"{url} ({scheme})")
        context.close()
    assert found == [], "\n".join(found[:20])


def test_every_page_is_looked_at(site):
    assert urls(site) == expected_urls()


@pytest.mark.parametrize(
    ("violation", "rule"),
    [
        ("<p>Nada de malo.</p>", None),
        ('<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">', "image-alt"),
        ('<p style="color:#bbb;background:#fff">Gris sobre blanco</p>', "color-contrast"),
        (
            "<pre>dos <span>de</span> <span>igual</span> <span style='color:#bbb'>gris</span></pre>",
            "color-contrast",
        ),
        ("<button></button>", "button-name"),
    ],
)
def test_a_planted_violation_is_found(browser, tmp_path, violation, rule):
    (tmp_path / "index.html").write_text(
        '<!doctype html><html lang="es"><head><meta charset="utf-8"><title>x</title></head>'
        f"<body><main><h1>Prueba</h1>{violation}</main></body></html>",
        "utf-8",
    )
    context = browser.new_context()
    with serving(tmp_path) as address:
        found = _violations(_open(context, address, "/"), "/")
    context.close()
    assert any(rule in line for line in found) if rule else found == []
