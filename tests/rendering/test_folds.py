"""What stays folded until the reader thinks, or does it: quizzes, predictions, checks, gaps."""

from __future__ import annotations

import json
import re

import html5lib
import pytest

from livedocs.execution.results import CellResult, Execution
from livedocs.integrations import markdown as markdown_extension
from livedocs.pages.chapter import Chapter, ChapterError
from livedocs.rendering import shown as rendered
from tests.browser import serving
from tests.conftest import ROOT, fence
from tests.converting import PROVENANCE, Converter

QUIZ = fence("print('<b>')", "quiz") + "- `<b>`: *así*.\n- `2`: no, es `int`.\n- `3`: ver [Q](#q).\n\n"
GAPS = fence('x = ▢ + len("▢")', 'data-gaps="64 | relu"')
PAGE = (
    "# Q { #q }\n\n" + QUIZ + fence("print(1)", "predict") + fence("assert True, 'a'", "check") + GAPS
    + "Fin, en uso.\n"
)  # fmt: skip


@pytest.fixture(scope="module")
def converter(tmp_path_factory) -> Converter:
    root = tmp_path_factory.mktemp("pliegues")
    for folder in ("docs", "snippets"):
        (root / folder).mkdir()
    return Converter(root)


@pytest.fixture(scope="module")
def tree(converter):
    html = converter.text(PAGE)
    assert "kv:" not in html
    return html5lib.parse(f"<!doctype html><body>{html}</body>", namespaceHTMLElements=False)


def with_class(tree, name: str) -> list:
    return [e for e in tree.iter() if name in (e.get("class") or "").split()]


def text(element) -> str:
    return re.sub(r"\s+", " ", "".join(element.itertext())).strip()


def summaries(tree) -> dict[str, object]:
    return {text(fold.find("summary")): fold for fold in with_class(tree, "kv-fold")}


def test_a_quiz_asks_above_and_tells_in_its_fold(tree):
    (asked,) = with_class(tree, "kv-quiz")
    field, verdict, fold = list(asked)
    assert text(field.find("legend")) == "¿Qué imprime?"
    labels = field.findall("label")
    assert [text(label) for label in labels] == ["<b>", "2", "3"]
    inputs = [label.find("input") for label in labels]
    assert [each.get("data-right") is not None for each in inputs] == [True, False, False]
    assert len({each.get("name") for each in inputs}) == 1 and {e.get("type") for e in inputs} == {
        "radio"
    }
    assert verdict.get("role") == "status" and text(verdict) == ""
    assert fold.get("open") is None and text(fold.find("summary")) == "Ver lo que imprimió"
    (why,) = with_class(fold, "kv-quiz__why")
    assert [text(item) for item in why] == ["<b>: así.", "2: no, es int.", "3: ver Q."]
    # After the output, and nowhere else on the page.
    inside = [e.get("class") or e.tag for e in fold]
    assert inside.index("kv-output") < inside.index("kv-quiz__why")
    assert text(tree.find("body")).count("no, es int") == 1


def test_a_prediction_folds_its_output_only(tree):
    found = with_class(tree, "kv-fold")
    predicted = next(f for f in found if "salida-2" in text(f))
    assert text(predicted.find("summary")) == "Ver lo que imprimió"
    assert not with_class(predicted, "highlight") and with_class(predicted, "kv-output")


def test_a_check_folds_its_code_and_says_whose_output_it_is(tree):
    fold = summaries(tree)["Corré esto sobre lo tuyo"]
    assert fold.get("open") is None
    (code,) = with_class(fold, "highlight")
    (output,) = with_class(fold, "kv-output")
    assert code.get("id") == "b3" and "assert True" in text(code)
    assert text(output) == "Corrida de referencia salida-3"


def test_gaps_are_in_sight_and_the_whole_folded(tree):
    fold = summaries(tree)["Ver completo"]
    codes = {e.get("id"): text(e) for e in with_class(tree, "highlight")}
    assert codes["g4"] == 'x = ▢ + len("▢")' and codes["b4"] == 'x = 64 + len("relu")'
    assert [e.get("id") for e in with_class(fold, "highlight")] == ["b4"]
    assert "salida-4" in text(fold)


def test_what_follows_is_in_no_fold(tree):
    last = tree.find("body")[-1]
    assert last.tag == "p" and text(last) == "Fin, en uso."


@pytest.mark.parametrize(
    ("outputs", "summary"),
    [
        ([{"output_type": "execute_result", "data": {"text/plain": "3"}}], "Ver lo que mostró"),
        ([{"output_type": "stream", "name": "stdout", "text": "3"}], "Ver lo que imprimió"),
    ],
)
def test_a_prediction_says_what_it_hides(converter, monkeypatch, outputs, summary):
    give(monkeypatch, converter, CellResult("ok", outputs))
    assert f"<summary>{summary}</summary>" in converter.text("# a\n\n" + fence("3", "predict"))


def give(monkeypatch, converter, *results: CellResult) -> None:
    monkeypatch.setattr(
        converter.fake,
        "run",
        lambda chapters: {chapter.path: Execution(results, PROVENANCE) for chapter in chapters},
    )


def test_a_prediction_of_nothing_is_refused(converter, monkeypatch):
    give(monkeypatch, converter, CellResult("ok", []))
    with pytest.raises(ChapterError, match="lleva «predict» y no muestra nada"):
        converter.text("# a\n\n" + fence("x = 3", "predict"))


@pytest.mark.parametrize("block", [fence("1 / 0", "check"), GAPS, QUIZ, fence("1 / 0", "predict")])
def test_a_failure_is_never_folded(converter, monkeypatch, block):
    """While the site is served, whoever mends a page sees what failed."""
    give(monkeypatch, converter, CellResult("failed", [], reason="falló"))
    token = markdown_extension.show_failures.set(True)
    try:
        html = converter.text("# a\n\n" + block)
    finally:
        markdown_extension.show_failures.reset(token)
    assert html.count("kv-failed") == 1 and "kv-fold" not in html


def test_a_quiz_that_misses_its_answer_is_shown_while_serving(converter, monkeypatch):
    printed = {"output_type": "stream", "name": "stdout", "text": "otra cosa"}
    give(monkeypatch, converter, CellResult("ok", [printed]))
    token = markdown_extension.show_failures.set(True)
    try:
        html = converter.text("# a\n\n" + QUIZ)
    finally:
        markdown_extension.show_failures.reset(token)
    assert html.count("kv-failed") == 1 and "ninguna opción" in html and "kv-quiz" not in html


# Planted: what the comparison with the page has to find -------------------------------------

CODE = '<div id="{}" class="language-python highlight"><pre><code>{}\n</code></pre></div>'
FOLD = '<details class="kv-fold">{}</details>'


@pytest.mark.parametrize("fold", ["check", "predict", 'data-gaps="1"'])
def test_an_output_in_the_open_is_found(fold):
    code = "x = ▢" if "gaps" in fold else "x = 1"
    chapter = Chapter.parse(f"# a\n\n{fence(code, fold)}", "docs/p.md", ROOT)
    block, output = CODE.format("b1", "x = 1"), rendered.mark("b1", "<p>1</p>")
    with_gaps = CODE.format("g1", "x = ▢") if "gaps" in fold else ""
    good = block + FOLD.format(output) if fold == "predict" else with_gaps + FOLD.format(block + output)
    rendered.check(good, chapter, ["b1"])
    for bad in (with_gaps + block + output, FOLD.format(with_gaps + block) + output):
        with pytest.raises(ChapterError, match="no queda plegado"):
            rendered.check(bad, chapter, ["b1"])


def test_other_gaps_than_those_of_the_page_are_found():
    chapter = Chapter.parse("# a\n\n" + fence("x = ▢", 'data-gaps="1"'), "docs/p.md", ROOT)
    block = FOLD.format(CODE.format("b1", "x = 1"))
    with pytest.raises(ChapterError, match="con el código que se ejecutó"):
        rendered.check(CODE.format("g1", "x = 1") + block, chapter, [])
    with pytest.raises(ChapterError, match="no muestra este bloque"):
        rendered.check(block, chapter, [])


# In a browser ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    from tests.conftest import Project

    project = Project(tmp_path_factory.mktemp("pliegues") / "proyecto")
    project.page("p", "# Q { #q }\n\n" + fence("y = 1") + GAPS.replace("x = ", "print(y); x = ")
                 + fence("print(x)", "predict") + QUIZ)  # fmt: skip
    done = project.build()
    assert done.returncode == 0, done.stdout + done.stderr
    return project.root / "site"


def test_the_buttons_of_a_block_with_gaps(browser, site):
    """«Copiar» gives the code to fill in; «Copiar hasta acá», a script that runs."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()

    def copied() -> str:
        page.wait_for_timeout(300)
        return page.evaluate("navigator.clipboard.readText()")

    with serving(site) as address:
        page.goto(f"{address}/p/")
        block = page.locator("#g2")
        block.hover()
        block.get_by_role("button", name="Copiar el bloque 2, con huecos").click()
        assert copied().strip() == 'print(y); x = ▢ + len("▢")'
        block.locator(".kv-upto").click()
        script = copied()
    context.close()
    assert "▢" not in script and 'print(y); x = 64 + len("relu")' in script and "y = 1" in script
    exec(compile(script, "script", "exec"), {})


def test_later_scripts_use_the_filled_code(site):
    text = (site / "assets/bloques/p.js").read_text("utf-8").removeprefix("kvScripts=")
    scripts = json.loads(text)
    made = ["".join(scripts["pieces"][piece] for piece in pieces) for pieces in scripts["blocks"]]
    assert not any("▢" in script for script in made)
    assert 'x = 64 + len("relu")' in made[2] and made[2].endswith("print(x)\n")


def test_a_link_to_a_folded_block_opens_it(browser, site):
    page = browser.new_context().new_page()
    with serving(site) as address:
        page.goto(f"{address}/p/#b2")
        assert page.locator("#b2").is_visible()
    page.close()
