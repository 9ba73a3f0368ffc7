"""Searching as students do: without accents, in either language, with pieces of code and errors."""

from __future__ import annotations

import json

import pytest

from livedocs.finishing.search import enrich, plain

CALLBACKS = "/clases/104-callbacks-tensorboard-guardar-y-restaurar/"
CLASS, OWN = "/clases/102-sequential/", "/clases/119-losses-metricas-capas-modelos/"
GLOSSARY, WRITING = "/glosario/", "/contribuir/"
#: Words of every lesson: any of them will do.
LESSON = ("/empezar/", "/clases/", "/guias/")

#: What somebody types, the page expected among the first three, and the section of it
#: expected among the first three of the page ("" if any will do).
QUERIES = [
    # Accents, or none
    ("perdida", OWN + "perdida-como-clase/", "perdida-clase"),
    ("pérdida", OWN + "perdida-como-clase/", "perdida-clase"),
    ("metrica", OWN + "metrica-como-funcion/", "metrica-funcion"),
    ("métrica", OWN + "metrica-como-funcion/", "metrica-funcion"),
    ("epoca", LESSON, ""),
    ("parametros", CLASS + "entrada-y-parametros/", "def-parametros"),
    ("regularizacion", GLOSSARY, "letra-r"),
    ("retropropagacion", GLOSSARY, "letra-r"),
    ("exhaustividad", GLOSSARY, "letra-e"),
    # Singular and plural
    ("pérdidas", OWN + "perdida-como-clase/", "perdida-clase"),
    ("metricas", OWN + "metrica-como-funcion/", "metrica-funcion"),
    ("épocas", LESSON, ""),
    ("capas densas", LESSON, ""),
    ("semillas", CLASS + "homework/", "homework-tabla"),
    ("optimizadores", CLASS + "compilar-y-entrenar/", "compile"),
    ("callback", CALLBACKS + "callback-propio/", ""),
    # English for Spanish, Spanish for English
    ("loss", OWN, ""),
    ("metrics", OWN + "metrica-como-funcion/", "metrica-funcion"),
    ("epoch", "/empezar/cuatro-palabras/", "epoca"),
    ("layers", LESSON, ""),
    ("overfitting", GLOSSARY, "letra-s"),
    ("learning rate", CALLBACKS + "la-tasa/", ""),
    ("tasa de aprendizaje", CALLBACKS + "la-tasa/", ""),
    ("accuracy", LESSON, ""),
    ("lote", CLASS + "compilar-y-entrenar/", "def-batch-size"),
    ("conjunto de datos", LESSON, ""),
    # Pieces of identifiers
    ("Dense", LESSON, ""),
    ("load_model", LESSON, ""),
    ("train_step", LESSON, ""),
    ("from_logits", LESSON, ""),
    ("batch_size", CLASS + "compilar-y-entrenar/", "def-batch-size"),
    ("validation_split", CLASS + "preguntas/", "faq-5"),
    ("EarlyStopping", CALLBACKS + "parar-a-tiempo/", ""),
    ("BatchNormalization", "/guias/model-subclassing/modo-training/", "batchnorm"),
    ("plot_model", LESSON, ""),
    ("input_shape", CLASS + "preguntas/", "faq-3"),
    # Pieces of errors; whole messages lead to the atlas, in `queries.yml` and in the finder's tests
    ("Unrecognized keyword arguments", CLASS + "entrada-y-parametros/", "entrada"),
    ("ValueError", LESSON, ""),
    # Pieces to copy: the lesson and the gallery
    ("ResBlock", "/clases/103-functional-y-subclassing/escribir-clases/", "ejercicio-4"),
    ("L2Normalize", OWN + "capa-propia/", "ejercicio-3"),
    ("ClippedModel", OWN + "pasos-viejos-y-nuevos/", "ejercicio-4"),
    ("red siamesa", "/snippets/", "c103-siamese"),
    ("BinaryFocalLoss", "/snippets/", "c119-focal-loss"),
    # Nothing is spelt so
    ("secuencial", CLASS, ""),
    ("overfiting", GLOSSARY, "letra-s"),
    ("optimisador", CLASS, ""),
    ("learnig rate", LESSON, ""),
    # Questions
    ("cómo guardo un modelo", CLASS + "guardar-y-cargar/", "guardar"),
    ("¿cómo cargo los pesos?", LESSON, ""),
    # The site itself
    ("cómo guardar un modelo", CLASS + "guardar-y-cargar/", "guardar"),
    ("make serve", WRITING, "empezar"),
]


@pytest.fixture(scope="module")
def ask(browser, address):
    page = browser.new_context().new_page()
    page.goto(address)
    box = page.locator("input[name=query]")
    box.click()

    def ask(query: str) -> list[list[str]]:
        """The addresses of each result: its page, then the sections found in it."""
        box.fill("")
        page.wait_for_timeout(50)  # what was asked before has been answered
        page.evaluate("document.querySelector('.md-search-result__list').replaceChildren()")
        page.keyboard.insert_text(query)  # as pasting and dictating do: no key is pressed
        try:
            page.wait_for_selector(".md-search-result__link", timeout=5000, state="attached")
        except Exception:
            return []
        return page.evaluate(
            """[...document.querySelectorAll('.md-search-result__item')].map(item =>
                 [...item.querySelectorAll('a')].map(a => new URL(a.href)).map(u => u.pathname + u.hash))"""
        )

    ask("x")  # wakes the worker
    yield ask
    page.close()


def test_there_are_forty_queries():
    assert len(QUERIES) >= 40


@pytest.mark.parametrize(("query", "page", "section"), QUERIES, ids=[q for q, _, _ in QUERIES])
def test_a_query_finds_its_page(ask, query, page, section):
    results = ask(query)
    best = next((r for r in results[:3] if r[0].startswith(page)), None)
    assert best, results[:3]
    if section:
        assert f"{page}#{section}" in [link for link in best if "#" in link][:3], best


def test_what_is_nowhere_is_not_found(ask):
    assert ask("zzxqy") == []


def test_notebooks_are_no_duplicates(site):
    index = json.loads((site / "search" / "search_index.json").read_text("utf-8"))
    assert index["docs"]
    assert not [doc["location"] for doc in index["docs"] if doc["location"].startswith("notebooks/")]


def test_what_a_block_shows_is_apart_and_long_programs_and_traces_are_out(site):
    index = {
        "config": {"fields": {"title": {"boost": 1000}, "text": {"boost": 1}}},
        "docs": [
            {
                "location": "a",
                "title": "Un error",
                "text": "<p>Se lee</p><pre><code>fit(x)  # época\nfit(x)</code></pre>"
                "<pre>ValueError: bad &lt;shape&gt; (3, 4)</pre><pre><code>"
                + "verifier " * 1000
                + "</code></pre>",
            }
        ],
    }
    (section,) = enrich(index, [], {})["docs"]
    assert section["text"] == "<p>Se lee</p>"
    assert section["error"] == "ValueError: bad <shape> (3, 4)"
    assert section["code"].split() == ["fit", "época", "epoca"]
    built = json.loads((site / "search" / "search_index.json").read_text("utf-8"))
    assert not [d["location"] for d in built["docs"] if "Traceback (most" in json.dumps(d)]
    assert any("error" in d for d in built["docs"])


def test_a_section_is_also_said_plainly_and_in_the_other_language():
    index = {
        "config": {"fields": {"title": {"boost": 1000}, "text": {"boost": 1}}},
        "docs": [
            {"location": "a", "title": "Épocas", "text": "<p>Bajar la p&eacute;rdida del año</p>"},
            {"location": "b", "title": "Other", "text": "two layers"},
            {"location": "c", "title": "Más", "text": ""},
        ],
    }
    terms = [
        {"en": "epoch", "es": "época"},
        {"en": "loss", "es": "pérdida"},
        {"en": "layer", "es": "capa", "asked": ["estrato"]},
    ]
    first, second, third = enrich(index, terms, {"c": ["cómo seguir", "retomar"]})["docs"]
    assert third["plain_title"] == "mas como seguir retomar"
    assert first["plain_title"] == "epocas epoch"
    assert first["plain"] == "loss perdida"
    assert "plain_title" not in second
    assert second["plain"] == "capa estrato"
    assert index["config"]["fields"]["plain_title"] == index["config"]["fields"]["title"]


@pytest.mark.parametrize(("text", "expected"), [("Pérdida", "perdida"), ("AÑO", "año"), ("güe", "gue")])
def test_plain_keeps_the_letters(text, expected):
    assert plain(text) == expected
