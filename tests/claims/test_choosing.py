"""The decision guide leads described situations to the right API, by its own links."""

import re

import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "que-api-elegir.md").read_text("utf-8")

#: A situation, the answers that follow from it, question by question, and where it must lead.
SITUATIONS = [
    ("Clasificar prendas con tres capas densas, una tras otra", ["No", "Sí"], "sequential"),
    ("Una red convolucional que apila Conv2D, pooling y Dense", ["No", "Sí"], "sequential"),
    ("Wide & Deep: un camino directo y otro profundo a la misma salida", ["No", "No", "Sí", "No"], "functional"),
    ("Precio y rango de precio, con un tronco y dos cabezas", ["No", "No", "Sí", "No"], "functional"),
    ("Red siamesa: el mismo codificador sobre dos imágenes", ["No", "No", "Sí", "No"], "functional"),
    ("Una ResNet con bloques residuales de capas comunes", ["No", "No", "Sí", "No"], "functional"),
    ("Un grafo con una activación con parámetro aprendido que no está en Keras", ["No", "No", "Sí", "Sí"], "capa"),
    ("Una celda recurrente propia dentro de un clasificador de series", ["No", "No", "No", "Sí"], "capa"),
    ("Una red recursiva sobre árboles sintácticos, distintos en cada muestra", ["No", "No", "No", "No"], "subclassing"),
    ("Una pila común, recortando los gradientes a mano y registrando su norma", ["Sí"], "train-step"),
]  # fmt: skip


def section(anchor: str) -> str:
    """The text below the heading with this anchor, up to the next heading."""
    match = re.search(rf"^#+ .*\{{ #{anchor} \}}$(.*?)(?=^#)", PAGE, re.M | re.S)
    assert match, f"no heading has the anchor #{anchor}"
    return match[1]


def follow(answers: list[str]) -> str:
    """Where a reader ends who answers so, starting at the first question."""
    place = "pregunta-1"
    for answer in answers:
        choices = dict(re.findall(r"^- \*\*(.+?)\*\* → \[.*?\]\(#([\w-]+)\)$", section(place), re.M))
        assert set(choices) == {"Sí", "No"}, f"#{place} must offer both answers"
        place = choices[answer]
    return place


@pytest.mark.parametrize(("situation", "answers", "api"), SITUATIONS, ids=lambda value: str(value)[:40])
def test_situations_lead_to_the_right_api(situation, answers, api):
    assert follow(answers) == f"respuesta-{api}"
    assert section(f"respuesta-{api}").strip()


def test_every_recommendation_is_reached():
    reached = {api for _, _, api in SITUATIONS}
    assert reached == set(re.findall(r"\{ #respuesta-([\w-]+) \}", PAGE))
    assert len(SITUATIONS) >= 10


def test_the_guide_needs_no_script_and_its_steps_are_headings_and_links():
    assert "<script" not in PAGE and "onclick" not in PAGE
    questions = re.findall(r"^### \d\. ¿.+\? \{ #pregunta-(\d) \}$", PAGE, re.M)
    assert questions == sorted(questions) == [str(n + 1) for n in range(len(questions))]
