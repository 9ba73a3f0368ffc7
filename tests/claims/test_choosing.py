"""The decision guide leads described situations to the right API, by its own links."""

import re

import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "que-api-elegir.md").read_text("utf-8")

#: A situation, the answers that follow from it, question by question, and where it must lead.
SITUATIONS = [
    ("Clasificar prendas con tres capas densas, una tras otra", ["Sí"], "sequential"),
    ("Una red convolucional que apila Conv2D, pooling y Dense", ["Sí"], "sequential"),
    ("Una pila común, recortando los gradientes y mirando su norma", ["Sí"], "sequential"),
    ("Wide & Deep: un camino directo y otro profundo a la misma salida", ["No", "Sí", "No"], "functional"),
    ("Precio y rango de precio, con un tronco y dos cabezas", ["No", "Sí", "No"], "functional"),
    ("Red siamesa: el mismo codificador sobre dos imágenes", ["No", "Sí", "No"], "functional"),
    ("Una ResNet con bloques residuales de capas comunes", ["No", "Sí", "No"], "functional"),
    ("Un grafo con una activación con parámetro aprendido que no está en Keras", ["No", "Sí", "Sí"], "capa"),
    ("Una celda recurrente propia dentro de un clasificador de series", ["No", "No", "Sí"], "capa"),
    ("Una red recursiva sobre árboles sintácticos, distintos en cada muestra", ["No", "No", "No"], "subclassing"),
]  # fmt: skip


def section(anchor: str) -> str:
    """The text below the heading with this anchor, up to the next heading."""
    match = re.search(rf"^#+ .*\{{ #{anchor} \}}$(.*?)(?=^#)", PAGE, re.M | re.S)
    assert match, f"no heading has the anchor #{anchor}"
    return match[1]


def choices(place: str) -> dict[str, str]:
    """Answer -> anchor, as the question with this anchor links them."""
    found = dict(re.findall(r"^- \*\*(.+?)\*\* → \[.*?\]\(#([\w-]+)\)$", section(place), re.M))
    assert set(found) == {"Sí", "No"}, f"#{place} must offer both answers"
    return found


def follow(answers: list[str]) -> str:
    """Where a reader ends who answers so, starting at the first question."""
    place = "pregunta-1"
    for answer in answers:
        place = choices(place)[answer]
    return place


@pytest.mark.parametrize(("situation", "answers", "api"), SITUATIONS, ids=lambda value: str(value)[:40])
def test_situations_lead_to_the_right_api(situation, answers, api):
    assert follow(answers) == f"respuesta-{api}"
    assert section(f"respuesta-{api}").strip()


def test_the_training_step_is_asked_last_of_whoever_has_an_answer():
    anchors = re.findall(r"\{ #(pregunta-\d) \}", PAGE)
    assert "(#pregunta-5)" in section("recomendaciones") and anchors[-1] == "pregunta-5"
    assert choices("pregunta-5") == {"Sí": "respuesta-train-step", "No": "recomendaciones"}
    earlier = [place for anchor in anchors[:-1] for place in choices(anchor).values()]
    assert "respuesta-train-step" not in earlier


def test_clipping_needs_no_training_step():
    """Two ready-made things come before it, and the page runs the first."""
    assert "[`global_clipnorm`](#recorte)" in section("pregunta-5")
    assert "step_norm(global_clipnorm=0.5)" in section("recorte")


def test_every_recommendation_is_reached():
    reached = {api for _, _, api in SITUATIONS} | {"train-step"}
    assert reached == set(re.findall(r"\{ #respuesta-([\w-]+) \}", PAGE))
    assert len(SITUATIONS) >= 10


def test_the_guide_needs_no_script_and_its_steps_are_headings_and_links():
    assert "<script" not in PAGE and "onclick" not in PAGE
    questions = re.findall(r"^### \d\. ¿.+\? \{ #pregunta-(\d) \}$", PAGE, re.M)
    assert questions == sorted(questions) == [str(n + 1) for n in range(len(questions))]
