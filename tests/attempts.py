"""Other answers to a page's exercises: do its self-checks accept the right ones, and no others?

Each `tests/exercises/test_exercises_*.py` holds attempts at the exercises of a page, as plain strings
that anyone who teaches can read and add to. An attempt takes the place of the page's solution;
what it and the self-check need of the page above comes from «Copiar hasta acá». All the
attempts at a page run in one process, on fresh names: see `tests/attempt_process.py`.

    python -m tests.attempts 103                           # the pages whose name holds «103»
    python -m tests.attempts 103 --backend jax --python …  # in an environment with another backend
"""

from __future__ import annotations

import argparse
import ast
import functools
import importlib
import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest

from livedocs.derived import standalone
from livedocs.execution.kernel_environment import KERNEL_ENV
from livedocs.execution.results import CellResult, Execution
from livedocs.pages.chapter import Cell, Chapter
from livedocs.settings import Settings

ROOT = Path(__file__).parent.parent
SECONDS = 900  # for all the attempts at a page, on a busy machine
_USES = "def attempt_"


@dataclass(frozen=True)
class Attempt:
    """An answer to an exercise.

    Attributes:
        exercise: Number of the exercise.
        name: What is particular about it, in Spanish.
        code: The answer.
        says: Part of the message with which the self-check rejects it; "" if it is right.
    """

    exercise: int
    name: str
    code: str
    says: str = ""

    def __str__(self) -> str:
        return f"{self.exercise}-{self.name}"


def right(exercise: int, name: str, code: str) -> Attempt:
    return Attempt(exercise, name, textwrap.dedent(code).strip("\n") + "\n")


def wrong(exercise: int, name: str, says: str, code: str) -> Attempt:
    return Attempt(exercise, name, textwrap.dedent(code).strip("\n") + "\n", says)


@dataclass(frozen=True)
class Exercise:
    """An exercise of a page.

    Attributes:
        page: Where it is.
        before: The blocks above its solution, those of its statement included.
        solution: The blocks of its solution.
        checks: Those of its self-check.
    """

    page: Chapter
    before: tuple[Cell, ...]
    solution: tuple[Cell, ...]
    checks: tuple[Cell, ...]


@functools.cache
def exercises_of(unit: str) -> dict[int, Exercise]:
    """The exercises of a class or guide by number, from the headings `{ #ejercicio-… }` of its pages."""
    pages = sorted((ROOT / "docs" / unit).glob("*.md"))
    found = [item for page in pages for item in _on_page(Chapter.load(page, ROOT)).items()]
    return dict(sorted(found, key=lambda item: item[0]))


def _on_page(chapter: Chapter) -> dict[int, Exercise]:
    regions: dict[int, list[Cell]] = {}
    starts: dict[int, int] = {}
    seen: list[Cell] = []
    opened, level = 0, 0
    headings = list(chapter.headings)
    for cell in chapter.executed_cells:
        while headings and headings[0].line < cell.line:
            heading = headings.pop(0)
            if match := re.fullmatch(r"ejercicio-(\d+)", heading.anchor):
                opened, level = int(match[1]), heading.level
                starts[opened] = len(seen)
            elif heading.level <= level:
                opened = level = 0
        if opened:
            regions.setdefault(opened, []).append(cell)
        seen.append(cell)
    found = {}
    for number, cells in regions.items():
        solution = tuple(cell for cell in cells if cell.in_solution)
        stated = cells[: cells.index(solution[0])]
        checks = tuple(cell for cell in cells if "check" in cell.attributes)
        # In the statement, a self-check may stand above the solution that it judges.
        before = (*seen[: starts[number]], *(cell for cell in stated if cell not in checks))
        found[number] = Exercise(chapter, before, solution, checks)
    return found


def prelude(exercise: Exercise, attempts: list[str], seed: int) -> str:
    """What attempts and self-check need of the page above them, as a script."""
    checks = "\n".join(cell.code for cell in exercise.checks)
    uses = [
        f"{_USES}{number}():\n" + textwrap.indent(f"{code}\n{checks}\n", "    ")
        for number, code in enumerate(attempts)
    ]
    cells = (*exercise.before, Cell("\n\n".join(uses), 0, 0))
    page = Chapter(exercise.page.path, cells, exercise.page.meta)
    nowhere = dict.fromkeys(("keras", "backend", "python"), "")
    execution = Execution(tuple(CellResult("ok", []) for _ in cells), nowhere)
    script = standalone.scripts(page, execution, seed).text(len(cells) - 1)
    return script[: script.index(f"{_USES}0")]


def verdicts(
    page: str, attempts: list[Attempt], python=sys.executable, backend="tensorflow"
) -> list[dict]:
    """How each attempt ended: `ended` is "passed", "check", "solution" or "prelude".

    If not "passed", with the `error`'s name, its `message` and the `source` line that raised it.
    """
    settings = Settings.load(ROOT)
    exercises = exercises_of(page)
    order, sent = [], []
    for number, exercise in exercises.items():
        own = [attempt for attempt in attempts if attempt.exercise == number]
        codes = [attempt.code for attempt in own]
        if own:
            order += own
            sent.append(
                {
                    "prelude": prelude(exercise, codes, settings.seed),
                    "attempts": codes,
                    "checks": [cell.code for cell in exercise.checks],
                }
            )
    with tempfile.TemporaryDirectory(prefix="kv-") as folder:
        answer = Path(folder, "answer.json")
        home = {"KERAS_HOME": folder} if settings.data != "official" else {}
        env = {**os.environ, **KERNEL_ENV, **home, "KERAS_BACKEND": backend, "MPLBACKEND": "agg"}
        done = subprocess.run(
            [str(python), "-m", "tests.attempt_process"],
            input=json.dumps({"data": settings.data, "exercises": sent, "answer": str(answer)}),
            cwd=ROOT, env=env | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
            timeout=SECONDS,
        )  # fmt: skip
        if not answer.exists():
            raise RuntimeError(f"las pruebas de {page} no terminaron: {done.stderr[-2000:]}")
        found = dict(zip(map(id, order), json.loads(answer.read_text("utf-8")), strict=True))
    return [found[id(attempt)] for attempt in attempts]


def complaint(attempt: Attempt, verdict: dict) -> str:
    """Why a verdict isn't the one that an attempt deserves; "" if it is."""
    end, message = verdict["ended"], verdict.get("message", "")
    told = f"{verdict.get('error')}: {message}\n    en: {verdict.get('source')}"
    if end == "prelude":
        return f"no corre lo que hace falta de la página: {told}"
    if not attempt.says:
        where = "la autoevaluación" if end == "check" else "el intento"
        return "" if end == "passed" else f"está bien, y {where} falla con {told}"
    if end == "passed":
        return f"está mal, y la autoevaluación lo acepta; tendría que decir «{attempt.says}»."
    if end == "check" and verdict["error"] == "AssertionError" and attempt.says in message:
        return ""
    return f"tendría que fallar en un assert con «{attempt.says}», y falla con {told}"


def suite(page: str, attempts: list[Attempt]):
    """The tests of a page: each attempt, and that no exercise lacks them."""
    known: list[dict] = []

    @pytest.mark.parametrize("number", range(len(attempts)), ids=[str(a) for a in attempts])
    def test_the_self_check_judges(number):
        if not known:
            known.extend(verdicts(page, attempts))
        assert not (wrong := complaint(attempts[number], known[number])), f"{attempts[number]}: {wrong}"

    def test_each_exercise_has_two_right_answers_and_a_wrong_one():
        for number in exercises_of(page):
            own = [attempt for attempt in attempts if attempt.exercise == number]
            assert sum(not attempt.says for attempt in own) >= 2, (
                f"ejercicio {number}: faltan respuestas"
            )
            assert any(attempt.says for attempt in own), f"ejercicio {number}: falta una respuesta mala"

    def test_each_assert_of_a_self_check_says_what_is_wrong():
        for exercise in exercises_of(page).values():
            for cell in exercise.checks:
                for node in ast.walk(ast.parse(cell.code)):
                    if isinstance(node, ast.Assert):
                        line = f"{exercise.page.path}:{cell.line + node.lineno}"
                        text = ast.unparse(node.msg) if node.msg else ""
                        assert re.search(r"['\"].*\w+ \w+", text), (
                            f"{line}: a este assert le falta el mensaje"
                        )

    return (
        test_the_self_check_judges,
        test_each_exercise_has_two_right_answers_and_a_wrong_one,
        test_each_assert_of_a_self_check_says_what_is_wrong,
    )


def own_solutions(page: str) -> list[Attempt]:
    """The page's own solutions, as attempts."""
    found = []
    for number, exercise in exercises_of(page).items():
        code = "\n\n".join(cell.code for cell in exercise.solution if not cell.raises)
        found.append(Attempt(number, "la de la página", code))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.attempts")
    parser.add_argument("names", nargs="*", help="parte del nombre de las páginas; todas, si falta")
    parser.add_argument("--backend", default="tensorflow", choices=["tensorflow", "jax", "torch"])
    parser.add_argument("--python", default=sys.executable, help="el intérprete que corre los intentos")
    arguments = parser.parse_args()
    bad, tried = 0, []
    for path in sorted((ROOT / "tests" / "exercises").glob("test_exercises_*.py")):
        module = importlib.import_module(f"tests.exercises.{path.stem}")
        if arguments.names and not any(name in f"{module.PAGE} {path.stem}" for name in arguments.names):
            continue
        tried.append(module.PAGE)
        attempts = [*own_solutions(module.PAGE), *module.ATTEMPTS]
        for attempt, verdict in zip(
            attempts, verdicts(module.PAGE, attempts, arguments.python, arguments.backend), strict=True
        ):
            reason = complaint(attempt, verdict)
            bad += bool(reason)
            said = f" — {verdict['message'].splitlines()[0]}" if attempt.says and not reason else ""
            mark, seconds = "✘" if reason else "✔", verdict.get("seconds", 0)
            print(f"{mark} {seconds:4.1f} s {module.PAGE} {attempt}{said}{reason and f': {reason}'}")
    if not tried:
        print(
            f"Ninguna página con intentos se llama así: {', '.join(arguments.names)}. Los intentos están "
            "en tests/exercises/test_exercises_<página>.py.",
            file=sys.stderr,
        )
        return 2
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
