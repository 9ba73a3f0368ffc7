"""Someone who knows only Python goes from home to a trained model, with nothing but what the pages say.

What is typed here is what the lesson asks for: the names of its statements, and an answer written
from them. Its solutions are never opened.
"""

from __future__ import annotations

import re
import shlex

import nbformat
import pytest

from tests.derived.test_notebook import errors, run_away_from_home
from tests.site.test_walks import PHONE
from tests.standalone import run_as_a_reader

#: What the lesson says of its ▢: five photos, and ten probabilities for each.
GAPS = ("5", "5", "10")
#: The first exercise, done from its statement: another layer in the middle, and the rest as above.
ANSWER = """\
mine = keras.Sequential()
mine.add(keras.Input(shape=(28, 28)))
mine.add(layers.Rescaling(1 / 255))
mine.add(layers.Flatten())
mine.add(layers.Dense(64, activation="relu"))
mine.add(layers.Dense(32, activation="relu"))
mine.add(layers.Dense(10, activation="softmax"))
mine.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
mine.fit(x_train, y_train, epochs=3, verbose=0)
my_accuracy = mine.evaluate(x_test, y_test, verbose=0)[1]
"""
PASSED, TRAINED = "Ejercicio 1 correcto", re.compile(r"antes (\d+)%, ahora (\d+)%")


@pytest.fixture
def lesson(browser, address):
    """The first lesson, on a phone, reached from home by its links."""
    context = browser.new_context(
        viewport=PHONE,
        has_touch=True,
        reduced_motion="reduce",
        accept_downloads=True,
        bypass_csp=True,
        permissions=["clipboard-read", "clipboard-write"],
    )
    page = context.new_page()
    page.goto(address)
    start = page.get_by_role("link", name="Empezar")
    box = start.bounding_box()
    assert box["y"] + box["height"] < PHONE["height"], "hay que verlo sin bajar"
    start.tap()
    page.get_by_role("heading", name="Empezá acá", level=1).wait_for()
    page.locator(".kv-lessons").get_by_role("link", name="Tu primer modelo en diez minutos").tap()
    page.get_by_role("heading", name="Tu primer modelo en diez minutos", level=1).wait_for()
    yield page
    context.close()


def filled(code: str) -> str:
    """A block with every ▢ as the lesson says."""
    for piece in GAPS:
        code = code.replace("▢", piece, 1)
    return code


def copied(page, block) -> str:
    """What the first button of a block leaves in the clipboard."""
    button = block.locator(".kv-bar button:not(.kv-upto)").first
    page.evaluate("navigator.clipboard.writeText('')")
    button.tap()
    page.wait_for_function("navigator.clipboard.readText().then(text => text !== '')")
    return page.evaluate("navigator.clipboard.readText()")


@pytest.mark.slow
def test_whoever_knows_only_python_trains_a_model_on_their_computer(lesson, tmp_path):
    page = lesson
    page.get_by_text("En tu computadora", exact=True).tap()
    commands = page.locator(".highlight:has-text('python prendas.py')")
    file, command = tmp_path / "prendas.py", copied(page, commands).strip()
    assert shlex.split(command) == ["python", file.name]

    # In order, block after block; the exercise is answered where it stands, before its self-check.
    check = page.locator("#ejercicio-1 ~ details:has(> summary:has-text('Corré esto sobre lo tuyo'))")
    check.first.locator("summary").first.tap()
    answered, script = False, []
    for block in page.locator("article .highlight:visible:has(.kv-upto)").all():
        if not answered and block.evaluate("e => e.closest('details') !== null"):
            script.append(ANSWER)
            answered = True
        script.append(filled(copied(page, block)))
    assert answered and len(script) >= 12 and "▢" not in "".join(script)
    file.write_text("\n\n".join(script), "utf-8")

    done = run_as_a_reader(file)
    assert done.returncode == 0, done.stderr[-3000:]
    before, after = map(int, TRAINED.search(done.stdout).groups())
    assert before < 35 and after > 70
    assert PASSED in done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["prendas.keras", "prendas.py"]


@pytest.mark.slow
def test_whoever_knows_only_python_trains_a_model_in_a_notebook(lesson, tmp_path):
    with lesson.expect_download() as download:
        lesson.get_by_role("link", name="notebook para completar").tap()
    downloaded = tmp_path / "prendas.ipynb"
    download.value.save_as(downloaded)
    book = nbformat.read(downloaded, 4)
    (asked,) = (cell for cell in book.cells if "solution" in cell.metadata.get("tags", []))
    assert all(name in asked.source for name in ("mine", "my_accuracy", "x_test"))
    asked.source = ANSWER
    for cell in book.cells:
        if "gaps" in cell.metadata.get("tags", []):
            cell.source = filled(cell.source.partition("\n")[2])  # below what says to fill it

    done = run_away_from_home(book, tmp_path / "lugar", [])
    code = [cell for cell in done.cells if cell.cell_type == "code"]
    assert not [error for cell in code for error in errors(cell)]
    said = "".join(o.text for cell in code for o in cell.outputs if o.output_type == "stream")
    before, after = map(int, TRAINED.search(said).groups())
    assert before < 35 and after > 70 and PASSED in said
    assert (tmp_path / "lugar" / "prendas.keras").is_file()
