"""Two people walk through the site, in a real browser: what each does, in order, and nothing else."""

from __future__ import annotations

import re

import nbformat
import pytest

from tests.derived.test_notebook import errors, run_away_from_home
from tests.standalone import run_as_a_reader

PHONE = {"width": 360, "height": 780}
#: What a student writes for the first exercise of class 102: not what the page's solution says.
ANSWER = """\
def red():
    return [
        keras.Input((784,)),
        layers.Dense(64, "relu", name="uno"),
        layers.Dense(32, "relu", name="dos"),
        layers.Dense(10, "softmax", name="tres"),
    ]


list_model = keras.Sequential(red(), name="mia")
add_model = keras.Sequential(name="mia")
for parte in red():
    add_model.add(parte)
"""


@pytest.mark.slow
def test_a_student_on_a_phone_goes_from_home_to_a_passed_exercise_and_comes_back(
    browser, address, tmp_path
):
    context = browser.new_context(
        viewport=PHONE, has_touch=True, reduced_motion="reduce", accept_downloads=True, bypass_csp=True
    )
    page = context.new_page()
    page.goto(address)
    assert not page.locator("[data-kv-continue]").is_visible()
    page.locator('.kv-courses a[href*="102-sequential"]').tap()
    page.get_by_role("heading", name=re.compile("Clase 102")).wait_for()
    assert page.get_by_role("link", name="Ir al homework").is_visible()
    page.locator(".kv-lessons").get_by_role("link", name="Mirar y preparar los datos").tap()

    # A question: wrong first, and it is told why; then right.
    quiz = page.locator(".kv-quiz").first
    wrong, right = quiz.locator("input:not([data-right])").first, quiz.locator("input[data-right]")
    answer = quiz.locator("details")
    assert answer.get_attribute("open") is None
    wrong.check()
    assert quiz.locator(".kv-quiz__verdict").inner_text() == ""  # nothing is judged yet
    quiz.get_by_role("button", name="Comprobar").tap()
    assert quiz.locator(".kv-quiz__verdict").inner_text().startswith("No es esa")
    right.check()
    quiz.get_by_role("button", name="Comprobar").tap()
    assert quiz.locator(".kv-quiz__verdict").inner_text().startswith("Sí")

    # To the next lesson, and its exercise: a hint, and the notebook to complete it.
    page.locator(".md-footer__link--next").tap()
    page.get_by_role("heading", name="La misma pila, con dos sintaxis").wait_for()
    exercise = page.locator("#ejercicio-1")
    exercise.scroll_into_view_if_needed()
    solution, check = (
        page.locator(f"#ejercicio-1 ~ details:has(> summary:has-text('{said}'))").first
        for said in ("Solución", "Corré esto sobre lo tuyo")
    )
    assert solution.get_attribute("open") is None and check.get_attribute("open") is None
    page.locator("#ejercicio-1 ~ details > summary:has-text('Pista')").first.tap()
    with page.expect_download() as download:
        page.get_by_role("link", name="notebook para completar").tap()
    file = tmp_path / "tarea.ipynb"
    download.value.save_as(file)
    passed_with(ANSWER, file, tmp_path / "bien")
    page.get_by_label(re.compile("Lo hice: .*dos sintaxis", re.I)).check()
    page.get_by_label("Marcar como leída").check()
    page.close()

    # The day after.
    page = context.new_page()
    page.goto(address)
    going_on = page.locator("[data-kv-continue]")
    assert "Seguí donde dejaste" in going_on.inner_text()
    assert re.search(r"\b1 de \d+ ejercicios", going_on.inner_text())
    going_on.locator("a").tap()
    page.wait_for_url(re.compile("/clases/102-sequential/."))
    page.goto(address + "/clases/102-sequential/")
    row = page.locator(".kv-lessons li", has_text="La misma pila, con dos sintaxis")
    assert row.get_by_text("✓ leída").is_visible()
    context.close()


def passed_with(answer: str, file, folder) -> None:
    """Write an answer where a notebook asks for the first exercise's, run it, and see its self-check pass."""
    book = nbformat.read(file, 4)
    asked = [cell for cell in book.cells if "solution" in cell.metadata.get("tags", [])]
    asked[0].source = answer
    check = book.cells[book.cells.index(asked[0]) + 2].source
    assert "assert" in check
    done = run_away_from_home(book, folder, [])
    (ran,) = (cell for cell in done.cells if cell.source == check)
    assert not errors(ran) and ran.outputs, ran


KEYS = 150  # no stop of the keyboard is further than this


def tab_to(page, selector: str) -> None:
    """Press Tab until something is in focus; each stop can be seen."""
    for _ in range(KEYS):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            """() => { const e = document.activeElement, box = e.getBoundingClientRect();
                 return e === document.body || (e.checkVisibility({visibilityProperty: true})
                   && box.right > 0 && box.left < innerWidth && box.bottom > 0 && box.top < innerHeight); }"""
        )
        assert seen, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"el teclado no llega a {selector}")


def test_a_reader_with_a_keyboard_answers_a_quiz_and_copies_a_script(browser, address, tmp_path):
    context = browser.new_context(
        viewport={"width": 1280, "height": 800},
        reduced_motion="reduce",
        bypass_csp=True,
        permissions=["clipboard-read", "clipboard-write"],
    )
    page = context.new_page()
    page.goto(address)
    tab_to(page, ".md-skip")
    page.keyboard.press("Enter")
    tab_to(page, '.kv-courses a[href*="102-sequential"]')
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=re.compile("Clase 102")).wait_for()
    tab_to(page, ".md-skip")
    page.keyboard.press("Enter")
    tab_to(page, ".kv-lessons a")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Mirar y preparar los datos").wait_for()
    tab_to(page, ".md-skip")
    page.keyboard.press("Enter")

    tab_to(page, ".kv-quiz input")
    quiz = page.locator(".kv-quiz").first
    verdict = quiz.locator(".kv-quiz__verdict")
    page.keyboard.press("Space")
    for _ in range(quiz.locator("input").count()):  # the arrows choose, and judge nothing
        if page.evaluate("document.activeElement.hasAttribute('data-right')"):
            break
        page.keyboard.press("ArrowDown")
        assert verdict.inner_text() == ""
    tab_to(page, ".kv-quiz__check")
    page.keyboard.press("Enter")
    assert verdict.inner_text().startswith("Sí")

    tab_to(page, ".kv-upto")
    page.keyboard.press("Enter")
    page.locator(".md-dialog[role=status]:has-text('Copiado')").wait_for(state="attached")
    script = tmp_path / "script.py"
    script.write_text(page.evaluate("navigator.clipboard.readText()"), "utf-8")
    context.close()
    ran = run_as_a_reader(script)
    assert ran.returncode == 0, ran.stderr[-2000:]
