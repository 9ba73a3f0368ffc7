"""Sixty searches, as readers type, dictate and paste them, and the section that has to come first.

What was expected is in `queries.yml`, written before the first run. What a reader sees is counted:
the errors that the search box puts above the results, then the results with their sections.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

QUERIES = yaml.safe_load(Path(__file__).with_name("queries.yml").read_text("utf-8"))["queries"]
#: How many have the right section first; all of them have it among the first three.
FIRST = 54
CLASSES = {
    "101": "101-regresion-y-clasificacion-con-mlp", "102": "102-sequential",
    "103": "103-functional-y-subclassing", "104": "104-callbacks-tensorboard-guardar-y-restaurar",
    "119": "119-losses-metricas-capas-modelos", "120": "120-funciones-y-grafos",
}  # fmt: skip


def addresses(expected: str) -> list[tuple[str, str]]:
    """The pages, as the site has them, and the section of each that was put down; "" for any."""
    found = []
    for each in expected.split("|"):
        page, _, section = each.strip().partition("#")
        start, _, rest = page.partition("/")
        page = f"clases/{CLASSES[start]}/{rest}" if start in CLASSES else page
        found.append((f"/{page.rstrip('/')}/", section))
    return found


@pytest.fixture(scope="module")
def shown(browser, address):
    """The results of a search as groups of addresses, in the order in which they are seen."""
    page = browser.new_context().new_page()
    page.goto(address)
    page.locator("input[name=query]").click()
    page.wait_for_function("() => window.kvFind")

    look = """() => {
      const path = a => new URL(a.href).pathname + new URL(a.href).hash;
      const panel = document.querySelector('.kv-found');
      const errors = panel.hidden ? [] : [...panel.querySelectorAll('a')].map(a => [path(a)]);
      const items = [...document.querySelectorAll('.md-search-result__item')];
      return [...errors, ...items.map(item => [...item.querySelectorAll('a')].map(path))];
    }"""

    def ask(query: str) -> list[list[str]]:
        # What was shown before goes away, so that no slow answer is taken for this one's.
        page.evaluate(
            """() => {
              const box = document.querySelector('input[name=query]'); box.value = ''; box.focus();
              document.querySelector('.md-search-result__meta').textContent = '';
              document.querySelector('.md-search-result__list').replaceChildren();
            }"""
        )
        page.keyboard.insert_text(query)
        page.wait_for_function(
            "() => document.querySelector('.md-search-result__meta').textContent.trim()"
        )
        found = None
        while (seen := page.evaluate(look)) != found:  # the last answer is the one that stays
            found = seen
            page.wait_for_timeout(900)
        return found

    ask("x")
    ask("keras")  # the worker is awake
    yield ask
    page.close()


def rank(results: list[list[str]], expected: str) -> int:
    """Where the first group stands that has an expected section among its first three; 0 if none has."""
    for number, links in enumerate(results, 1):
        sections = [link for link in links if "#" in link][:3]
        for page, section in addresses(expected):
            if links[0].partition("#")[0] == page and (not section or f"{page}#{section}" in sections):
                return number
    return 0


@pytest.mark.slow
def test_the_right_section_comes_first(shown):
    assert len(QUERIES) == 60
    ranks = {query: rank(shown(query), expected) for query, expected in QUERIES}
    late = {query: place for query, place in ranks.items() if place != 1}
    assert not [query for query, place in late.items() if not 1 <= place <= 3], late
    assert len(ranks) - len(late) >= FIRST, late
