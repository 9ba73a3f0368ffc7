"""No violation of WCAG 2.2 A and AA that axe-core can find, and what it can't."""

from __future__ import annotations

import itertools

import pytest

from tests.browser import OPEN_ALL, SIZES, serving, urls

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
#: One page of each kind every time; all of them, in every screen, in `make test-all`.
SAMPLE = ["/", "/clases/102-sequential/", "/snippets/", "/cuadernos/model-subclassing/"]
SCREENS = [
    pytest.param("phone", "dark", "sample", id="sample"),
    *(
        pytest.param(*screen, id="-".join(screen), marks=pytest.mark.slow)
        for screen in itertools.product(SIZES, ("light", "dark"), ("pages", "notebooks"))
    ),
]


def _violations(context, address, url) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    page = context.new_page()
    page.goto(address + url, wait_until="networkidle")
    page.evaluate(OPEN_ALL)
    found = Axe().run(page, options=RULES).response["violations"]
    page.close()
    return [
        f"{url} {rule['id']}: {node['html'][:160]} {node.get('failureSummary', '')[-200:]}"
        for rule in found
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize(("size", "scheme", "kind"), SCREENS)
def test_axe_finds_nothing(browser, address, site, size, scheme, kind):
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
    )
    wanted = [url for url in urls(site) if ("/cuadernos/" in url) == (kind == "notebooks")]
    wanted = SAMPLE if kind == "sample" else wanted
    assert set(wanted) & set(urls(site))
    found = [violation for url in wanted for violation in _violations(context, address, url)]
    context.close()
    assert found == [], "\n".join(found[:20])


@pytest.mark.parametrize(
    ("violation", "rule"),
    [
        ("<p>Nada de malo.</p>", None),
        ('<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">', "image-alt"),
        ('<p style="color:#bbb;background:#fff">Gris sobre blanco</p>', "color-contrast"),
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
        found = _violations(context, address, "/")
    context.close()
    assert any(rule in line for line in found) if rule else found == []
