"""A new class and a new lesson: whole, running, in their places, and what is left to write said."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from livedocs import scaffold
from livedocs.execution.executor import Executor
from livedocs.pages import anatomy, course
from livedocs.pages.chapter import Chapter
from livedocs.settings import Settings
from tests.conftest import ROOT

FOLDER = "clases/105-redes-convolucionales"


@pytest.fixture
def copy(tmp_path) -> Path:
    """The course, in another place."""
    for name in ("docs", "snippets", "overrides"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("mkdocs.yml", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, timeout=600)


def test_a_new_class_is_whole_and_in_its_place(copy):
    done = run(copy, "livedocs", "new", "--clase", "105", "--titulo", "Redes convolucionales")
    assert done.returncode == 0, done.stderr
    assert "Qué escribir primero" in done.stdout and f"1. docs/{FOLDER}/index.md" in done.stdout
    checked = run(copy, "livedocs", "check")
    assert checked.returncode == 0, checked.stderr
    assert f"docs/{FOLDER}/index.md:3: falta escribir" in checked.stdout
    nav = course.listed(copy / "mkdocs.yml")
    folders = [u.folder for u in course.units(nav, nav) if u.is_class]
    assert [folder[7:10] for folder in folders] == ["101", "102", "103", "104", "105", "119", "120"]
    before = (copy / "docs" / folders[3] / "index.md").read_text("utf-8")
    assert "(../105-redes-convolucionales/index.md)" in before
    after = (copy / "docs" / FOLDER / "index.md").read_text("utf-8")
    assert f"(../{Path(folders[5]).name}/index.md)" in after
    assert (copy / "snippets/c105/__init__.py").is_file()


@pytest.mark.slow
def test_its_blocks_run(copy):
    made = scaffold.new_class(copy, 105, "Redes convolucionales")
    pages = [Chapter.load(copy / name, copy) for name in made.files if name.endswith(".md")]
    executions = Executor(Settings(copy)).run(pages)
    assert not [name for name, execution in executions.items() if execution.failed]
    assert sum(len(page.executed_cells) for page in pages) > 2 * anatomy.EXERCISES + anatomy.QUIZZES


@pytest.mark.slow
def test_the_site_is_built_with_it_and_its_exercises_are_judged(copy):
    scaffold.new_class(copy, 105, "Redes: ¿qué ven?")
    scaffold.new_lesson(copy, "clases/105-redes-que-ven/otra-leccion", "Otra lección: y van dos")
    shutil.copytree(ROOT / ".livedocs/executions", copy / ".livedocs/executions")
    shutil.copytree(ROOT / "livedocs", copy / "livedocs")  # mkdocs.yml names the hook in its own folder
    built = run(copy, "mkdocs", "build", "--strict")
    assert built.returncode == 0, built.stderr[-3000:]
    for name in ("attempts.py", "attempt_process.py", "__init__.py", "exercises/__init__.py"):
        (copy / "tests" / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / "tests" / name, copy / "tests" / name)
    env = {**os.environ, "PYTHONPATH": str(copy)}
    judged = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-m", "slow", "tests/exercises/test_exercises_105.py"],
        cwd=copy, env=env, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert judged.returncode == 1, judged.stdout[-3000:]  # the sixth exercise has no other answers yet
    assert "ejercicio 6" in judged.stdout.lower(), judged.stdout[-3000:]


def test_a_new_lesson_goes_on_with_the_numbers_of_its_class(copy):
    made = scaffold.new_lesson(copy, "docs/clases/102-sequential/mi-leccion.md", "Mi lección: dos")
    assert made.files == ("docs/clases/102-sequential/mi-leccion.md",)
    assert run(copy, "livedocs", "check").returncode == 0
    nav = course.listed(copy / "mkdocs.yml")
    at = nav.index("clases/102-sequential/mi-leccion.md")
    assert nav[at + 1] == "clases/102-sequential/homework.md"
    exercises = [
        h.anchor
        for h in Chapter.load(copy / made.files[0], copy).headings
        if anatomy.is_exercise(h.anchor)
    ]
    taken = "\n".join(p.read_text("utf-8") for p in (ROOT / "docs/clases/102-sequential").glob("*.md"))
    assert len(exercises) == 1 and f"{{ #{exercises[0]} }}" not in taken


def test_a_new_lesson_of_a_guide_goes_before_its_review(copy):
    scaffold.new_lesson(copy, "guias/api-funcional/otra", "Otra")
    nav = course.listed(copy / "mkdocs.yml")
    assert nav[nav.index("guias/api-funcional/otra.md") + 1] == "guias/api-funcional/repaso.md"


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["--clase", "103", "--titulo", "X"], "La clase 103 ya está, en docs/clases/103-functional"),
        (["--clase", "100", "--titulo", "X"], "No hay ninguna clase antes de la 100"),
        (["--clase", "12", "--titulo", "X"], "no es el número de una clase"),
        (["--clase", "105", "--titulo", " "], "Falta el título"),
        (["--clase", "105", "--titulo", "¿?"], "Falta el título"),
        (["--leccion", "clases/999-x/a", "--titulo", "X"], "no está en una clase ni en una guía"),
        (["--leccion", "../../etc/a", "--titulo", "X"], "no está en una clase ni en una guía"),
        (["--leccion", "clases/102-sequential/Mi Lección", "--titulo", "X"], "no sirve de nombre"),
        (["--leccion", "clases/102-sequential/datos", "--titulo", "X"], "datos.md ya está"),
    ],
)
def test_what_cannot_be_written_is_one_sentence_and_nothing_is(copy, arguments, words):
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    done = run(copy, "livedocs", "new", *arguments)
    assert done.returncode == 2 and words in done.stderr and done.stderr.count("\n") == 1
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before


def test_what_fails_in_the_middle_leaves_nothing(copy, monkeypatch):
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    write, times = scaffold.write_if_changed, []

    def full_disk(path, data):
        times.append(path)
        if len(times) == 9:
            raise OSError(28, "No space left on device")
        write(path, data)

    monkeypatch.setattr(scaffold, "write_if_changed", full_disk)
    with pytest.raises(scaffold.ScaffoldError, match="no se tocó nada"):
        scaffold.new_class(copy, 105, "Redes convolucionales")
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before
    assert not (copy / "docs" / FOLDER).exists() and not (copy / "snippets/c105").exists()
