"""What helps to follow a class: minutes, quizzes, paper. All of it optional."""

from __future__ import annotations

import pytest

from tests.browser import SIZES

LESSON = "/clases/102-sequential/dos-sintaxis/"

FOLDED = """[...document.querySelectorAll('article details > :not(summary)')]
  .filter(e => e.getClientRects().length && !e.checkVisibility()).map(e => e.outerHTML.slice(0, 80))"""


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("size", SIZES)
def test_without_javascript_everything_can_be_read(browser, address, size):
    width, height = SIZES[size]
    context = browser.new_context(java_script_enabled=False, viewport={"width": width, "height": height})
    page = context.new_page()
    page.goto(address + LESSON)
    assert not page.locator(".kv-progress").is_visible()
    assert page.locator(".kv-quiz details summary").first.is_visible()
    page.locator(".kv-quiz summary").first.click()
    assert page.locator(".kv-quiz .kv-output").first.is_visible()
    assert page.locator(".kv-quiz__why li").first.is_visible()
    assert page.locator(".kv-quiz button").count() == 0, "it would do nothing"
    context.close()


def test_a_quiz_is_judged_when_asked_and_not_before(page, address):
    """By mouse: a wrong choice looks wrong and is explained; then another may be tried."""
    page.goto(address + LESSON)
    question = page.locator(".kv-quiz").first
    check, verdict = question.get_by_role("button", name="Comprobar"), question.locator("[role=status]")
    assert check.is_disabled() and not question.locator(".kv-output").is_visible()
    wrong = question.locator("input:not([data-right])").first
    wrong.check()
    assert verdict.inner_text() == "" and question.locator(".kv-yes, .kv-no").count() == 0
    check.click()
    chosen = question.locator("label:has(:checked)")
    assert verdict.inner_text().startswith(f"No es esa. {chosen.locator('code').inner_text()}: ")
    assert "kv-no" in chosen.get_attribute("class") and "kv-no" in verdict.get_attribute("class")
    why = question.locator(".kv-quiz__why > li").first.text_content()
    assert verdict.text_content() == f"No es esa. {why}"
    assert not question.locator(".kv-output").is_visible(), "the answer is not given away"
    right = question.locator("input[data-right]")
    right.check()
    assert verdict.inner_text() == "" and question.locator(".kv-no").count() == 0
    check.click()
    assert verdict.inner_text().startswith("Sí. ") and "kv-yes" in verdict.get_attribute("class")
    question.locator("summary").click()
    printed = question.locator(".kv-output pre").inner_text().strip()
    assert question.locator("label.kv-yes code").inner_text() == printed


def test_the_arrows_of_the_keyboard_do_not_give_the_answer(page, address):
    page.goto(address + LESSON)
    question = page.locator(".kv-quiz").first
    verdict, options = question.locator("[role=status]"), question.locator("input")
    options.first.focus()
    for _ in range(options.count()):
        page.keyboard.press("ArrowDown")
        assert question.locator("input:checked").count() == 1
        assert verdict.inner_text() == "" and question.locator(".kv-yes, .kv-no").count() == 0
    while question.locator("input[data-right]:checked").count() == 0:
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert verdict.inner_text().startswith("Sí. ")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the button
    assert verdict.inner_text().startswith("No es esa. ")


def test_lessons_lead_on(page, address):
    page.goto(address + LESSON)
    assert page.locator("a.md-footer__link--prev").count() == 1
    assert page.locator("a.md-footer__link--next").count() == 1


def test_code_is_copied_without_prompts_nor_output(browser, address):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(address + LESSON)
    page.locator("article .kv-bar button").first.click()
    page.wait_for_timeout(200)
    copied = page.evaluate("navigator.clipboard.readText()")
    context.close()
    assert copied.startswith("import logging\n")
    assert ">>>" not in copied and "In [" not in copied


def test_notes_of_the_code_lead_to_their_text_and_back(browser, address):
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, permissions=["clipboard-read", "clipboard-write"]
    )
    page = context.new_page()
    page.goto(address + "/clases/119-losses-metricas-capas-modelos/paso-de-entrenamiento/")
    mark = page.locator(".highlight:has-text('unpack_x_y_sample_weight(data)') .kv-note").first
    mark.click()
    assert "x, y = data" in page.locator("li:target").inner_text()
    page.locator("li:target .kv-note-back").click()
    assert page.evaluate("location.hash") == "#" + mark.get_attribute("id")
    # The code scrolls to its mark; the page does not move sideways.
    assert mark.is_visible() and page.evaluate("scrollX") == 0
    block = page.locator(
        ".highlight:has-text('unpack_x_y_sample_weight(data)')", has=page.locator(".kv-note")
    ).first
    block.locator(".kv-bar button").first.click()
    page.wait_for_timeout(200)
    copied = page.evaluate("navigator.clipboard.readText()")
    context.close()
    assert "unpack_x_y_sample_weight(data)\n" in copied and "# (1)" not in copied


def test_on_paper_everything_is_open_and_nothing_is_cut(page, address):
    page.goto(address + LESSON)
    assert page.evaluate(FOLDED) != []
    page.emulate_media(media="print")
    for gone in (".md-header", ".md-sidebar--primary", ".md-footer", ".kv-card__links", ".kv-done"):
        assert not page.locator(gone).first.is_visible(), gone
    assert page.evaluate(FOLDED) == []
    assert page.evaluate(
        "[...document.querySelectorAll('article pre > code, .kv-output pre')]"
        ".every(e => !['auto', 'scroll'].includes(getComputedStyle(e).overflowX))"
    )


def test_motion_stops_for_who_asks(browser, address):
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(address + LESSON)
    slow = page.evaluate(
        """[...document.querySelectorAll('*')].filter(e =>
             getComputedStyle(e).transitionDuration.split(',').some(t => parseFloat(t) > 0.01)).length"""
    )
    assert slow == 0
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    context.close()


def test_focus_is_visible_wherever_the_keyboard_goes(page, address):
    page.goto(address + LESSON)
    for _ in range(60):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            """() => {
              const e = document.activeElement, s = getComputedStyle(e);
              return e === document.body || s.outlineStyle !== 'none' || s.boxShadow !== 'none'
                || e.outerHTML.slice(0, 120);
            }"""
        )
        assert seen is True, seen
