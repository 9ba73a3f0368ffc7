"""One word per concept: the prose of the site keeps to its glossary and to its voice."""

import re

import pytest

from livedocs.pages.chapter import Chapter
from livedocs.pages.glossary import Glossary, anchor
from livedocs.settings import Settings
from tests.conftest import ROOT

PAGES = Settings.load(ROOT).pages()
TERMS = ROOT / "docs" / "glosario.yml"


@pytest.fixture(scope="module")
def glossary():
    return Glossary.load(TERMS)


def problems(glossary, text):
    return glossary.problems(Chapter.parse(text, "docs/p.md", ROOT))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_prose_of_the_site_keeps_to_the_glossary(path, glossary):
    assert glossary.problems(Chapter.load(path, ROOT)) == []


@pytest.mark.parametrize(
    ("prose", "instead"),
    [
        ("Un gráfico de capas.", "«grafo»"),
        ("La perdida baja.", "«pérdida»"),
        ("Una epoca más.", "«época»"),
        ("La API secuencial.", "«API Sequential»"),
        ("La Functional API.", "«API Functional»"),
        ("La API funcional.", "«API Functional»"),
        ("El corrector de la clase.", "«verificador»"),
        ("Bajá el cuaderno.", "«notebook»"),
        ("Entregá tu tarea.", "«homework»"),
        ("Una retrollamada.", "«callback»"),
        ("Si puedes, hazlo.", "voseo"),
        ("Usted decide.", "voseo"),
        ("Ahora vamos a entrenar.", "directo"),
        ("Es simplemente esto.", "muletilla"),
        ("Sobreescribí el método.", "«sobrescribir»"),
    ],
)
def test_forbidden_words_are_flagged_with_file_and_line(glossary, prose, instead):
    (problem,) = problems(glossary, f"# T\n\nBien.\n{prose}\n")
    assert problem.startswith("docs/p.md:4: ")
    assert instead in problem


@pytest.mark.parametrize(
    "prose",
    [
        "`perdida`",
        "«la perdida»",
        "```text\nla perdida\n```",
        "[x](perdida.md)",
        "Un gráfico de barras.",
        "La API Functional (*Functional API*).",
        "Keras, guía [*The Functional API*](https://keras.io/guides/functional_api/).",
        "Cada tarea de `make`.",
    ],
)
def test_code_quotes_and_addresses_are_not_prose(glossary, prose):
    assert problems(glossary, f"# T\n\n{prose}\n") == []


def test_the_listing_has_every_term_once_with_its_anchor_and_its_letter(glossary):
    listing = glossary.listing()
    for term in glossary.terms:
        name = f" · *{term['en']}*" if term["en"] != term["es"] else ""
        entry = f"\n{term['es']}{name} {{ #{anchor(term['es'])} }}\n:   "
        assert listing.text.count(entry) == 1, term
    assert len(listing.anchors) == len(set(listing.anchors)) > len(glossary.terms)
    for letter in re.findall(r"^### (.) ", listing.text, re.M):
        assert f"[{letter}](#letra-{letter.lower()})" in listing.text


def _page(prose, name="clases/uno", title="Uno"):
    return Chapter.parse(
        f"---\ntitle: {title}\n---\n\n# T {{ #t }}\n\n{prose}\n", f"docs/{name}.md", ROOT
    )


@pytest.mark.parametrize(
    ("prose", "term", "used"),
    [
        ("Dos capas densas.", "capa densa", True),
        ("El *batch* va.", "lote", True),
        ("Cada ÉPOCA cuenta.", "época", True),
        ("Las dos pérdidas.", "pérdida", True),
        ("Los datos de siempre.", "pérdida", False),  # «los» is not «loss»
        ("El `batch` de código.", "lote", False),
        ("```text\nlote\n```", "lote", False),
        ("Lotería.", "lote", False),
    ],
)
def test_where_a_term_is_used(glossary, prose, term, used):
    assert (term in glossary.uses([_page(prose)])) is used


def test_a_use_leads_to_the_section_and_the_page_that_says_it_most_comes_first(glossary):
    once = _page("Nada.\n\n## Otra { #otra }\n\nUn lote.", "guias/una", "Con [corchetes]")
    often = _page("Un lote.\n\nOtro lote.", "clases/dos", "Dos")
    uses = glossary.uses([once, often])["lote"]
    assert [(use.page, use.anchor) for use in uses] == [("clases/dos.md", ""), ("guias/una.md", "otra")]
    text = glossary.listing([once, often]).text
    assert "Se usa en [Dos](clases/dos.md), [Con \\[corchetes\\]](guias/una.md#otra)." in text


def test_many_uses_lead_to_the_search(glossary):
    text = glossary.listing([_page("Una época.", f"clases/{n}", f"P{n}") for n in range(5)]).text
    assert "[P2](clases/2.md) y [2 más](?q=%C3%A9poca)." in text


def test_each_term_has_an_anchor_of_its_own(glossary):
    anchors = [anchor(term["es"]) for term in glossary.terms]
    assert len(set(anchors)) == len(anchors) > 50
    assert anchor("Difusión (broadcasting)") == "t-difusion-broadcasting"
    assert anchor("señal de tamaño 1") == "t-senal-de-tamano-1"


@pytest.mark.parametrize("text", ["", "terms: []\n", "- uno\n", "terms: []\nvoice: x\n"])
def test_a_file_without_its_two_lists_says_what_it_has_to_have(tmp_path, text):
    path = tmp_path / "g.yml"
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=r"g\.yml: tiene que tener dos listas"):
        Glossary.load(path)


def test_a_broken_entry_says_what_is_missing(tmp_path):
    path = tmp_path / "g.yml"
    path.write_text("terms:\n  - {en: loss, es: pérdida}\nvoice: []\n", "utf-8")
    with pytest.raises(ValueError, match="le falta what"):
        Glossary.load(path)


def test_terms_are_explained_once_and_only_in_running_text(project):
    (project.root / "docs" / "glosario.yml").write_text(TERMS.read_text("utf-8"), "utf-8")
    project.page(
        "p",
        "# Un batch\n\nEl `batch`. Un lote (*batch*) y otro batch con **dropout**.\n\n```python\nprint('batch')\n```\n",
    )
    assert project.build().returncode == 0
    html = project.html("p")
    article = html[html.index("<article") : html.index("</article")]
    assert article.count("<abbr") == 2
    assert '<em><abbr title="lote: las muestras' in article
    assert "<strong><abbr" in article
