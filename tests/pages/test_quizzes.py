"""«¿Qué imprime?» and blocks with gaps as an author writes them: what is read, and each complaint."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from livedocs.execution.executor import Executor
from livedocs.pages.chapter import Chapter, ChapterError
from livedocs.rendering import folds, quiz
from livedocs.settings import Settings
from tests.conftest import ROOT, fence

ITEMS = "- `22`: pega los textos, y son números.\n- `4`: es la **suma**.\n- ``5`0``: no, ver [acá](b.md#c).\n"
QUIZ = "# Q\n\n" + fence("print(2 + 2)", "quiz") + ITEMS + "\nSigue.\n"
PRINTED = [{"output_type": "stream", "name": "stdout", "text": "4\n"}]


def read(text: str) -> Chapter:
    return Chapter.parse(text, "docs/p.md", Path("/nada"))


def test_the_options_are_the_list_below():
    (cell,) = read(QUIZ).cells
    assert [option.text for option in cell.options] == ["22", "4", "5`0"]
    assert [option.why for option in cell.options][1:] == ["es la **suma**.", "no, ver [acá](b.md#c)."]
    assert (cell.options.line, cell.options.end_line) == (7, 9)


@pytest.mark.parametrize(
    "text",
    [
        QUIZ.replace("```\n\n-", "```\n-"),
        QUIZ.replace("son números.", "son\n  números."),
        QUIZ.replace("son números.", "son\nnúmeros."),
        QUIZ.replace("- ", "* "),
        QUIZ.replace("\nSigue.\n", ""),
        "/// tab | A\n\n" + QUIZ.removeprefix("# Q\n\n").replace("\nSigue.\n", "///\n"),
        "- a\n\n" + "".join(f"    {line}\n" if line else "\n" for line in QUIZ.split("\n")[2:]),
        "".join(f"> {line}\n" for line in QUIZ.split("\n")),
    ],
    ids=["close", "continued", "lazy", "stars", "last", "tab", "item", "quote"],
)
def test_wherever_the_list_is(text):
    (cell,) = read(text).cells
    assert [option.text for option in cell.options] == ["22", "4", "5`0"]
    assert next(iter(cell.options)).why == "pega los textos, y son números."


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (QUIZ.replace(ITEMS, ""), 3, "le falta debajo la lista de opciones: «- `lo que imprime`: por qué»"),
        (QUIZ.replace(ITEMS, "Un párrafo.\n\n" + ITEMS), 3, "le falta debajo la lista"),
        (QUIZ.replace("- ", "1. "), 3, "le falta debajo la lista"),
        (QUIZ.replace("- `4`: es la **suma**.\n", ""), 7, "lleva 3 o 4 opciones y acá hay 2"),
        (QUIZ.replace("\nSigue", "- `6`: a.\n- `7`: b.\n\nSigue"), 7, "acá hay 5"),
        (QUIZ.replace("`4`: es", "4: es"), 8, "cada opción empieza con lo que imprimiría, como código"),
        (QUIZ.replace("`4`: es la **suma**.", "`4`"), 8, "a la opción «4» le falta, después de «: », por qué"),
        (QUIZ.replace("`4`: es la **suma**.", "`4`:"), 8, "a la opción «4» le falta"),
        (QUIZ.replace("`4`: es", "`4` es"), 8, "a la opción «4» le falta"),
        (QUIZ.replace("``5`0``", "`22`"), 9, "la opción «22» está dos veces"),
        (QUIZ.replace("\n- `4`", "\n\n- `4`"), 8, "sin líneas vacías entre un ítem y otro"),
        (QUIZ.replace("quiz}", 'quiz data-options="4 | 5"}'), 3, "«data-options» ya no existe: dejá «quiz» solo"),
        (QUIZ.replace("quiz}", "quiz predict}"), 3, "«quiz» y «predict» no van juntos"),
        (QUIZ.replace("quiz}", "quiz volatile}"), 3, "un «quiz» no falla e imprime siempre lo mismo"),
        (QUIZ.replace("quiz}", 'quiz notest data-why="a"}'), 3, "no puede llevar «quiz»"),
    ],
)  # fmt: skip
def test_a_quiz_to_mend_is_told_with_its_line(text, line, said):
    with pytest.raises(ChapterError) as caught:
        read(text)
    assert str(caught.value).startswith(f"docs/p.md:{line}: ") and said in str(caught.value)


def test_the_right_option_is_what_was_printed():
    (cell,) = read(QUIZ).cells
    assert quiz.answer(cell, PRINTED) == 1
    with pytest.raises(
        ValueError, match="ninguna opción de la lista es lo que imprimió este bloque: «5»"
    ):
        quiz.answer(cell, [PRINTED[0] | {"text": "5\n"}])


def test_a_wrong_quiz_stops_the_build_with_its_line(project):
    project.page("p", QUIZ.replace("`4`", "`3`"))
    project.page("q", "# Q\n\n" + fence("x = 1", "predict"))
    done = project.build()
    assert done.returncode != 0
    assert "docs/p.md:3: ninguna opción" in done.stderr + done.stdout
    assert "docs/q.md:3: este bloque lleva «predict» y no muestra nada" in done.stderr + done.stdout


# The course --------------------------------------------------------------------------------

SETTINGS = Settings.load(ROOT)
ASKING = [path for path in SETTINGS.pages() if "{.python quiz" in path.read_text("utf-8")]


@pytest.mark.parametrize("path", ASKING, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_option_is_explained_and_exactly_one_is_printed(path):
    """By what the pages printed when they were executed."""
    chapter = Chapter.load(path, ROOT)
    execution = Executor(SETTINGS).run([chapter])[chapter.path]
    assert quiz.problems(chapter, execution) + folds.problems(chapter, execution) == []
    for cell, result in zip(chapter.executed_cells, execution.results, strict=True):
        if not cell.options:
            continue
        printed = "".join(o["text"] for o in result.outputs if o.get("name") == "stdout").strip()
        assert "\n" not in printed, chapter.where(cell)
        assert [option.text == printed for option in cell.options].count(True) == 1, chapter.where(cell)
        for option in cell.options:
            assert len(option.why.split()) >= 3, f"{chapter.where(cell)}: {option.text}: ¿por qué?"


def test_the_course_asks_something():
    assert "docs/index.md" in {path.relative_to(ROOT).as_posix() for path in ASKING}


# Gaps --------------------------------------------------------------------------------------

GAPPED = "# G\n\n" + fence('x = Dense(▢, activation="▢")', 'data-gaps="64 | relu"')


def test_a_block_with_gaps_is_the_same_code_filled():
    (cell,) = read(GAPPED).cells
    assert cell.code == 'x = Dense(64, activation="relu")'
    assert cell.gapped == 'x = Dense(▢, activation="▢")'
    filled = read(
        GAPPED.replace("▢", "64", 1).replace("▢", "relu").replace(' data-gaps="64 | relu"', "")
    )
    assert read(GAPPED).code_digest == filled.code_digest, "what is executed"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GAPPED.replace("64 | relu", "64"), "el bloque tiene 2 ▢ y «data-gaps» trae 1 pedazo"),
        (GAPPED.replace("64 | relu", "64 | relu | 3"), "tiene 2 ▢ y «data-gaps» trae 3 pedazos"),
        (GAPPED.replace("64 | relu", "64 |  | 3"), "le falta un pedazo"),
        (GAPPED.replace("▢", "1"), "tiene 0 ▢"),
        (
            GAPPED.replace('{.python data-gaps="64 | relu"}', "python"),
            "tiene ▢ y no dice con qué se llena",
        ),
        (GAPPED.replace(")\n", ")  # (1)\n") + "1. a\n", "un bloque con huecos no lleva notas"),
        (GAPPED.replace("{.python", "{.python check"), "«check» y «data-gaps» no van juntos"),
    ],
)
def test_gaps_to_mend_are_told_with_their_line(text, said):
    with pytest.raises(ChapterError) as caught:
        read(text)
    assert str(caught.value).startswith("docs/p.md:3: ") and said in str(caught.value)


def test_the_formatter_takes_a_block_with_gaps(tmp_path):
    """What is no Python it passes over, and goes on."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs" / ".ruff.toml", tmp_path / "docs")
    page = tmp_path / "docs" / "p.md"
    ruff = [str(Path(sys.executable).with_name("ruff")), "format", "--check", "--no-cache", str(page)]
    plain = fence("x = 1")
    for text, status in [(GAPPED + plain, 0), (GAPPED + plain.replace("x = 1", "x=1"), 1)]:
        page.write_text(text, "utf-8")
        done = subprocess.run(ruff, capture_output=True, text=True)
        assert done.returncode == status, done.stdout + done.stderr
