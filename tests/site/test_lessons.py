"""A lesson fits in a sitting: what a phone shows of it, with everything folded, and no more."""

from __future__ import annotations

import pytest

from livedocs.derived.promises import address as place
from livedocs.pages import course
from livedocs.settings import Settings
from tests.conftest import ROOT

SCREENS, SIZE = 25, {"width": 360, "height": 780}
LESSONS = [
    page.relative_to(ROOT / "docs").as_posix()
    for page in Settings.load(ROOT).pages()
    if course.unit_of(page.relative_to(ROOT / "docs").as_posix())
]


@pytest.fixture(scope="module")
def phone(browser):
    context = browser.new_context(viewport=SIZE)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("uri", LESSONS)
def test_a_lesson_is_at_most_25_phone_screens(phone, address, uri):
    phone.goto(f"{address}/{place(uri)}")
    phone.evaluate("document.fonts.ready")
    screens = phone.evaluate("document.documentElement.scrollHeight") / SIZE["height"]
    assert screens <= SCREENS, (
        f"docs/{uri}: son {screens:.1f} pantallas de teléfono y entran {SCREENS}; partila en dos."
    )
