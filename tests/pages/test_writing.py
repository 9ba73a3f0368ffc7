"""Each page is written as the guide says; each fault is told with file, line and what to do."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from livedocs.pages import anatomy, course, writing
from livedocs.pages.chapter import Chapter
from livedocs.pages.glossary import Glossary
from livedocs.settings import Settings
from tests.conftest import ROOT, fence

SETTINGS = Settings.load(ROOT)
PAGES = SETTINGS.pages()
#: A line of code as wide as a page takes.
WIDE = "x = " + "0" * 68
CHECK = fence("assert x, 'x es cero: ¿la sumaste?'", "check")
EXERCISE = (
    "## Ejercicio §: sumar { #ejercicio-§ }\n\nSumá.\n\n/// details | Pista\n    type: hint\n\nUno.\n\n///\n\n"
    + CHECK
    + "/// details | Solución\n    type: solution\n\n"
    + fence("x = 1", 'data-todo="Sumá."')
    + "///\n\n"
)
QUIZ = fence("print(2)", "quiz") + "- `2`: es lo que se pide.\n- `3`: es otro.\n- `4`: es otro.\n\n"
PREPARE = "## Preparar { #preparar }\n\n" + fence("import keras")


def an_index(sections: dict[str, str] = anatomy.CLASS_INDEX, **changes: str) -> str:
    """The first page of a class, with every part; `changes` replaces the text of some, by anchor."""
    parts = {anchor: f"## {title} {{ #{anchor} }}\n\nTexto.\n\n" for anchor, title in sections.items()}
    parts["lecciones"] += f"{anatomy.LESSONS}\n\n"
    return HEAD + "".join((parts | changes).values())


HEAD = "---\ntitle: T\ndescription: D\npart: P\nsource: S\n---\n\n# T { #t }\n\n"


def a_lesson(body: str, anchor: str = "t") -> str:
    return f"---\ntitle: L\ndescription: D\nlesson: true\n---\n\n# L {{ #{anchor} }}\n\n{PREPARE}{body}"


def _home() -> Chapter:
    head = "---\ncourses:\n  - page: clases/101-uno\n    what: Armás uno.\n---\n"
    return Chapter.parse(f"{head}# Inicio {{ #inicio }}\n", "docs/index.md", ROOT)


def a_class(**changes: str) -> list[Chapter]:
    """The pages of a class and the home page; `changes` replaces the text of some, by name."""
    texts = {
        "index": an_index(),
        "sumar": a_lesson("".join(EXERCISE.replace("§", str(n)) for n in range(1, 6)) + QUIZ * 8),
        "homework": a_lesson("", "homework"),
        "errores": a_lesson("", "errores"),
        "preguntas": a_lesson("", "faq"),
    } | changes
    pages = [
        Chapter.parse(text, f"docs/clases/101-uno/{name}.md", ROOT)
        for name, text in texts.items()
        if text
    ]
    return [*pages, _home()]


def told_of_the_course(chapters: list[Chapter], nav: list[str] | None = None) -> list[str]:
    return anatomy.of_the_course(chapters, [c.source for c in chapters] if nav is None else nav)


def told(text: str, path: str = "docs/p.md") -> list[str]:
    return writing.problems(Chapter.parse(text, path, ROOT))


def chapters() -> list[Chapter]:
    return [Chapter.load(page, ROOT) for page in PAGES]


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_page_is_written_as_the_guide_says(path):
    problems = writing.problems(Chapter.load(path, ROOT))
    assert not problems, "\n" + "\n".join(problems)


def test_every_class_and_guide_is_whole_and_leads_on():
    problems = anatomy.of_the_course(chapters(), course.listed(ROOT / "mkdocs.yml"))
    assert not problems, "\n" + "\n".join(problems)


def test_a_whole_class_has_nothing_to_mend():
    pages = a_class()
    assert told_of_the_course(pages) == []
    for page in pages:
        assert writing.problems(page) == []


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("# T { #t }\n\n## Sin ancla\n", 3, "al título «Sin ancla» le falta un ancla fija"),
        ("# T { #t }\n\n## A { #á }\n", 3, "le falta un ancla fija"),
        ("# T { #t }\n\n### C { #c }\n", 3, "salta del nivel 1 al 3; usá ##"),
        ("# T { #t }\n\n# Otro { #o }\n", 3, "la página ya tiene título"),
        ("# T { #t }\n\n## How to read the summary { #s }\n", 3, "está en inglés"),
        ("# T { #t }\n\n## A { #a }\n\n## A { #b }\n", 5, "ya hay un título «A»"),
        ("# T { #t }\n\nTODO: terminar\n", 3, "quedó un «TODO»"),
        ("---\ndescription: dijo \"a\" y ya\n---\n\n# T { #t }\n", 1, "usá las latinas"),
        ("# T { #t }\n\n| a | b |\n| --- | --- |\n| 1 |\n", 5, "la fila tiene 1 columnas y el encabezado 2"),
        ("# T { #t }\n\n| a | b |\n| 1 | 2 |\n", 4, "le falta, debajo del encabezado"),
        ("# T { #t }\n\nLa exactitud llega a 0,87.\n\n" + fence("x = 1"), 3, "«0,87» está escrito a mano"),
        ("# T { #t }\n\nSon 109 386 pesos.\n\n" + fence("x = 1"), 3, "«109 386» está escrito a mano"),
        ("# T { #t }\n\n" + fence("assert 1", "check"), 4, "no dice nada si falla"),
        ("# T { #t }\n\n" + fence(f"x = 1\n{WIDE}0"), 5, "tiene 73 caracteres y en un teléfono entran 72"),
    ],
)  # fmt: skip
def test_what_is_told_of_any_page(text, line, words):
    (problem,) = told(text)
    assert problem.startswith(f"docs/p.md:{line}: ") and words in problem


@pytest.mark.parametrize(
    "text",
    [
        "# T { #t }\n\nLlega a 0,87.\n\n" + fence("assert round(x, 2) == 0.87"),
        "# T { #t }\n\nSon 109 386.\n\n" + fence("assert n == 109_386"),
        "# T { #t }\n\nVale 2,30.\n\n" + fence("assert abs(loss - 2.3026) < 0.01"),
        "# T { #t }\n\nUna página sin código puede decir 0,87.\n",
        "# T { #t }\n\n- Una lista:\n\n    ```python\n    " + WIDE + "\n    ```\n",
        "# T { #t }\n\n" + fence('--8<-- "c103/res_block.py:class"'),
        "# T { #t }\n\n```text\n" + WIDE + "0\n```\n",
        "# T { #t }\n\nCon `0,87` y «0,87» no se afirma nada.\n",
        "# T { #t }\n\n| a | b |\n| --- | --- |\n| `x | y` | 2 |\n",
        "# T { #t }\n\n## Leer `for the of and` { #a }\n",
        "# T { #t }\n\n```text\n## No es un título\nTODO\n```\n",
    ],
)  # fmt: skip
def test_what_is_right_is_left_alone(text):
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        (an_index().replace("part: P\n", ""), "index", "a la cabecera le falta «part:»"),
        (an_index(resultados=""), "index", "le falta la sección «## Resultados de aprendizaje { #resultados }»"),
        (an_index(objetivo="") + "## Objetivo { #objetivo }\n", "index", "fuera de orden"),
        (an_index().replace(anatomy.LESSONS, ""), "index", "falta la línea «<!-- lecciones -->»"),
        (a_lesson("").replace("lesson: true\n", ""), "l", "le falta «lesson: true»"),
        (a_lesson("").replace("description: D\n", ""), "l", "le falta «description:»"),
        (a_lesson("").replace("#preparar", "#otra"), "l", "empieza con la sección «## Preparar"),
        (a_lesson(fence("x = 1") * 30), "l", "la lección tiene 31 bloques; con más de 30, partila"),
        (a_lesson(EXERCISE).replace("§", "1").replace("type: hint", "type: note", 1), "l", "al ejercicio-1 le falta una pista"),
        (a_lesson(EXERCISE).replace("§", "1").replace(CHECK, "", 1), "l", "al ejercicio-1 le falta su autoevaluación"),
    ],
)  # fmt: skip
def test_what_is_told_of_the_pages_of_a_class(text, name, words):
    problems = told(text, f"docs/clases/101-uno/{name}.md")
    assert any(words in problem for problem in problems), problems
    assert "fuera de orden" in words or len(problems) == 1, problems


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"index": ""}, "a su carpeta le falta «index.md»"),
        ({"errores": ""}, "docs/clases/101-uno/index.md:1: a la clase le falta errores.md"),
        ({"errores": a_lesson("", "otra")}, "errores.md:1: le falta el título con el ancla { #errores }"),
        ({"sumar": a_lesson(QUIZ * 8)}, "lleva 5 ejercicios o más"),
        ({"otra": a_lesson(EXERCISE.replace("§", "1"))}, "hay dos ejercicios con el ancla ejercicio-1"),
        ({"sumar": a_lesson("".join(EXERCISE.replace("§", str(n)) for n in range(1, 6)))}, "(quiz) o más; hay 0"),
    ],
)  # fmt: skip
def test_what_is_told_of_a_class_as_a_whole(changes, words):
    problems = told_of_the_course(a_class(**changes))
    assert any(words in problem for problem in problems), problems


def test_a_page_of_a_class_that_is_not_in_the_menu():
    pages = a_class()
    (problem,) = told_of_the_course(pages, [c.source for c in pages if "errores" not in c.source])
    assert problem == (
        "docs/clases/101-uno/errores.md:1: no está en el menú; agregala en «nav» de mkdocs.yml."
    )


def test_a_class_that_nobody_leads_to():
    one, two = (
        Chapter.parse(an_index(), f"docs/clases/{name}/index.md", ROOT)
        for name in ("101-uno", "102-dos")
    )
    (missing,) = anatomy.unlisted([one, two], _home())
    assert missing.startswith("docs/clases/102-dos/index.md:1: no está entre las clases del inicio")
    assert "page: clases/102-dos" in missing
    (way,) = anatomy.without_a_way_in([one, two])
    assert way.startswith("docs/clases/101-uno/index.md:") and "102-dos" in way


@pytest.mark.parametrize(
    ("prose", "instead"),
    [
        ("Usa la capa.", "voseo"),
        ("Bien. Mira esto.", "voseo"),
        ("- Escribe el código.", "voseo"),
        ("Ya verás.", "voseo"),
        ("Recuerda el lote.", "voseo"),
        ("Pasa tambien acá.", "tilde"),
        ("Una funcion.", "tilde"),
        ("Está aquí.", "acá"),
    ],
)
def test_tuteo_and_missing_accents_are_told(prose, instead):
    glossary = Glossary.load(ROOT / "docs" / "glosario.yml")
    (problem,) = glossary.problems(Chapter.parse(f"# T\n\n{prose}\n", "docs/p.md", ROOT))
    assert problem.startswith("docs/p.md:3: ") and instead in problem


@pytest.mark.parametrize("prose", ["La capa usa la entrada.", "Lo que mira `fit`.", "Se escribe así."])
def test_the_third_person_is_no_tuteo(prose):
    glossary = Glossary.load(ROOT / "docs" / "glosario.yml")
    assert glossary.problems(Chapter.parse(f"# T\n\n{prose}\n", "docs/p.md", ROOT)) == []


def test_the_command_tells_the_same(project):
    project.page("mal", "# Mal\n")
    (project.root / "docs" / "glosario.yml").write_text("terms: []\nvoice: []\n", "utf-8")
    done = project.command("livedocs", "check")
    assert (
        done.returncode == 1 and "docs/mal.md:1: al título «Mal» le falta un ancla fija" in done.stderr
    )
    assert (
        subprocess.run([sys.executable, "-m", "livedocs", "check", "--help"], cwd=ROOT).returncode == 0
    )


# Predictions above an open output ---------------------------------------------------------------


def asks(prose: str, attributes: str = "", path: str = "docs/clases/102/uno.md") -> list[str]:
    text = f"# T {{ #t }}\n\n## S {{ #s }}\n\n{prose}\n\n" + fence("print(1)", attributes)
    return writing.open_predictions(Chapter.parse(text, path, ROOT))


@pytest.mark.parametrize(
    "prose",
    [
        "Predecí antes de mirar. La capa tiene cien.",
        "Predecí qué cuenta da `loss`, y comprobala:",
        "Predicción: van a ser idénticas o parecidas.",
        "¿En qué dirección cambia el número? Apostá.",
        "Pensalo antes de mirar.",
        "Antes de mirar la salida, hacé la cuenta.",
        "Antes de leer la salida: pensá la forma.",
        "Adiviná el orden.",
        "Entran ocho. ¿Qué forma sale, y cuánto suma cada fila?",
        "¿Qué imprime?\n\nApostá una.\n\nEs una capa.",
        "**¿Qué informa cada una?**",
    ],
)
def test_a_prediction_above_an_open_output_is_told(prose):
    (said,) = asks(prose)
    assert said.startswith("docs/clases/102/uno.md:") and "queda a la vista; agregale «predict»" in said
    for folded in ("predict", "check"):
        assert asks(prose, folded) == []


@pytest.mark.parametrize(
    "prose",
    [
        "Muestra la forma.",
        "Con el modelo, predecí **una sola** imagen.",
        "La pregunta se fija antes de mirar el test.",
        "¿Se puede dibujar antes de ver los datos? Usá la API Functional.",
        "¿Cambia algo? No, `fit` es el mismo.",
        "`predict` te ahorra adivinar el orden.",
        "Antes de mirar, apostá.\n\n## Otra { #otra }\n\nMuestra la forma.",
        "Antes de mirar, apostá.\n\n```{.python predict}\nprint(2)\n```\n\nMuestra la forma.",
        "/// details | ¿Cuántas hay?\n    type: question\n\nApostá.\n\n///",
        "¿Cuál es?\n\n```{.python quiz}\nprint(1)\n```\n\n- `1`: ¿es uno?\n- `2`: ¿es dos?\n- `3`: ¿es tres?",
    ],
)
def test_what_is_no_prediction_is_left_alone(prose):
    assert asks(prose) == []


def test_the_prose_before_a_tab_counts():
    text = "# T { #t }\n\nApostá.\n\n/// tab | Una\n\n" + fence("print(1)") + "///\n"
    assert len(writing.open_predictions(Chapter.parse(text, "docs/p.md", ROOT))) == 1


def test_only_pages_of_a_folder_of_lessons_are_looked_at():
    text = "# T { #t }\n\n¿Qué imprime?\n\n" + fence("print(1)")
    for path in ("docs/clases/102/uno.md", "docs/guias/a/index.md"):
        assert sum("se pide una predicción" in problem for problem in told(text, path)) == 1
    assert told(text, "docs/guias/a.md") == told(text, "docs/p.md") == []


AN_ERROR = (
    "---\ntitle: T\ndescription: D\nerror:\n  moment: medir\n---\n\n# T { #error }\n\n"
    "## A { #que-quiere-decir }\n\n## B { #por-que }\n\n## C { #correccion }\n\n"
    + fence("x = 1")
    + "## D { #comprobarlo }\n\n"
    + fence("assert x == 1")
    + "## E { #donde }\n"
)
SILENT = "  moment: medir\n  silent: true\n  symptoms: [uno, dos]\n"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("", "", ""),
        ("  moment: medir\n", "  moment: nunca\n", "«moment», en «error:», dice cuándo aparece"),
        ("  moment: medir\n", "  moment: medir\n  clase: x\n", "nada más"),
        ("  moment: medir\n", SILENT, "«symptoms» lleva tres frases o más"),
        ("## B { #por-que }\n", "", "al error le falta la sección «## Por qué pasa { #por-que }»"),
        ("x = 1", "x = (1 / 0)", ""),
        (fence("x = 1"), "", "le falta un bloque que ande"),
        ("assert x == 1", "print(x)", "le falta un «assert»"),
    ],
)
def test_the_page_of_an_error_has_its_parts(old, new, words):
    found = told(AN_ERROR.replace(old, new, 1) if old else AN_ERROR, "docs/errores/uno.md")
    assert (words in found[0] and len(found) == 1) if words else not found


def test_a_folder_is_all_its_pages(project):
    project.page("guia/una", "# Una { #una }\n")
    project.page("guia/mas/otra", "# Otra { #otra }\n\n## Sin ancla\n")
    shutil.copy(ROOT / "docs" / "glosario.yml", project.root / "docs")
    done = project.command("livedocs", "check", "docs/guia")
    assert "2 páginas revisadas" in done.stdout and "docs/guia/mas/otra.md:3" in done.stderr
