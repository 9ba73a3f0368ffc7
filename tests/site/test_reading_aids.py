"""What helps to follow a class: progress, minutes, quizzes, paper. All of it optional."""

from __future__ import annotations

import re

import pytest

from livedocs.pages.chapter import Chapter, ChapterError
from livedocs.rendering import quiz
from tests.browser import SIZES

CLASS = "/clases/102-sequential/"

FOLDED = """[...document.querySelectorAll('article details > :not(summary)')]
  .filter(e => e.getClientRects().length && !e.checkVisibility()).map(e => e.outerHTML.slice(0, 80))"""


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def test_done_exercises_are_remembered_and_counted(page, address):
    page.goto(address + CLASS)
    boxes = page.locator(".kv-done input")
    total = boxes.count()
    assert total >= 5
    boxes.nth(0).check()
    boxes.nth(2).check()
    page.reload()
    assert page.locator(".kv-progress output").inner_text() == "2"
    assert page.locator(".kv-progress progress").evaluate("p => [p.value, p.max]") == [2, total]
    assert [boxes.nth(n).is_checked() for n in range(3)] == [True, False, True]
    boxes.nth(0).uncheck()
    assert page.locator(".kv-progress output").inner_text() == "1"


def test_reading_resumes_where_it_was_left(page, address):
    page.goto(address + CLASS)
    assert page.locator(".kv-resume").count() == 0
    page.locator("#fit").scroll_into_view_if_needed()
    page.evaluate("document.getElementById('fit').scrollIntoView()")
    page.wait_for_timeout(700)
    page.goto(address + "/")
    page.goto(address + CLASS)
    link = page.locator(".kv-resume a")
    assert "Entrenar con fit" in link.inner_text()
    link.click()
    assert page.url.endswith("#fit")
    assert page.locator(".kv-resume").count() == 0


def test_without_storage_nothing_breaks(page, address):
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.add_init_script(
        "Object.defineProperty(Storage.prototype, 'setItem', {value() { throw new Error('llena'); }})"
    )
    page.goto(address + CLASS)
    page.locator(".kv-done input").first.check()
    assert page.locator(".kv-progress output").inner_text() == "1"
    assert problems == []


def test_aids_work_from_a_file(page, site):
    page.goto((site / "clases/102-sequential/index.html").as_uri())
    page.locator(".kv-done input").first.check()
    assert page.locator(".kv-progress output").inner_text() == "1"


@pytest.mark.parametrize("size", SIZES)
def test_without_javascript_everything_can_be_read(browser, address, size):
    width, height = SIZES[size]
    context = browser.new_context(java_script_enabled=False, viewport={"width": width, "height": height})
    page = context.new_page()
    page.goto(address + CLASS)
    assert not page.locator(".kv-progress").is_visible()
    assert page.locator(".kv-quiz details summary").first.is_visible()
    page.locator(".kv-quiz summary").first.click()
    assert page.locator(".kv-quiz .kv-output").first.is_visible()
    context.close()


def test_a_quiz_says_whether_it_is_right(page, address):
    page.goto(address + CLASS)
    question = page.locator(".kv-quiz").first
    assert not question.locator(".kv-output").is_visible()
    wrong = question.locator("input:not([data-right])").first
    wrong.check()
    assert question.locator("[role=status]").inner_text().startswith("No.")
    question.locator("input[data-right]").check()
    assert question.locator("[role=status]").inner_text().startswith("Sí")
    assert question.locator(".kv-output").is_visible()
    right = question.locator("label:has([data-right]) code").inner_text()
    assert right == question.locator(".kv-output pre").inner_text().strip()


def test_lessons_lead_on(page, address):
    page.goto(address + CLASS)
    assert page.locator("a.md-footer__link--prev").count() == 1
    assert page.locator("a.md-footer__link--next").count() == 1


def test_code_is_copied_without_prompts_nor_output(browser, address):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(address + CLASS)
    page.locator("article .highlight").first.hover()
    page.locator(
        "article .highlight button[data-md-type=copy], article .highlight .md-clipboard"
    ).first.click()
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
    block.locator("button[data-md-type=copy], .md-clipboard").first.click()
    page.wait_for_timeout(200)
    copied = page.evaluate("navigator.clipboard.readText()")
    context.close()
    assert "unpack_x_y_sample_weight(data)\n" in copied and "# (1)" not in copied


def test_on_paper_everything_is_open_and_nothing_is_cut(page, address):
    page.goto(address + CLASS)
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
    page.goto(address + CLASS)
    slow = page.evaluate(
        """[...document.querySelectorAll('*')].filter(e =>
             getComputedStyle(e).transitionDuration.split(',').some(t => parseFloat(t) > 0.01)).length"""
    )
    assert slow == 0
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    context.close()


def test_focus_is_visible_wherever_the_keyboard_goes(page, address):
    page.goto(address + CLASS)
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


# Made at build time ---------------------------------------------------------------------

QUIZ = '```{{.python quiz data-options="{}"}}\nprint(2 + 2)\n```\n'
PRINTED = [{"output_type": "stream", "name": "stdout", "text": "4\n"}]


def _cell(options, tmp_path):
    return Chapter.parse(QUIZ.format(options), "p.md", tmp_path).cells[0]


def test_the_right_option_is_what_was_printed(tmp_path):
    cell = _cell("22 | 4 | 5", tmp_path)
    assert quiz.answer(cell, PRINTED) == 1
    html = quiz.render(cell, PRINTED, "<pre>4</pre>", "s0")
    assert re.findall(r"<input[^>]*data-right[^>]*> <code>(.*?)</code>", html) == ["4"]


def test_a_quiz_without_its_answer_is_refused(tmp_path):
    with pytest.raises(ValueError, match="ninguna opción"):
        quiz.answer(_cell("3 | 5", tmp_path), PRINTED)


@pytest.mark.parametrize("options", ["4", "4 | 4", "4 | "])
def test_a_quiz_needs_options(tmp_path, options):
    with pytest.raises(ChapterError, match=r"p.md:1: .*dos o más opciones"):
        _cell(options, tmp_path)


def test_quiz_and_options_go_together(tmp_path):
    with pytest.raises(ChapterError, match="van juntos"):
        Chapter.parse("```{.python quiz}\nprint(1)\n```\n", "p.md", tmp_path)


def test_a_wrong_quiz_stops_the_build_with_its_line(project):
    project.page("p", "# P\n\n" + QUIZ.format("3 | 5"))
    done = project.build()
    assert done.returncode != 0
    assert "docs/p.md:3: ninguna opción" in done.stderr + done.stdout
