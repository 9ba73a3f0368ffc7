"""The messages that pages print and the errors of the atlas: which count, where they lead, how they are listed."""

from __future__ import annotations

import json

import pytest

from livedocs.derived import atlas, messages
from livedocs.pages.chapter import Chapter
from tests.conftest import fence

ENTRY = (
    "---\ntitle: Partir por `cero`\ndescription: Lo que pasa al partir.\nerror:\n  moment: entrenar\n---\n\n"
    + "# Partir por `cero` { #error }\n\n"
    + fence("import warnings")
    + fence("1 / 0", 'data-raises="ZeroDivisionError"')
    + fence("print('ValueError: dos palabras')\nprint('nada')")
    + "## La corrección { #correccion }\n\n"
    + fence("warnings.warn('ojo con `x`|y', UserWarning)")
    + "## En otras versiones { #otras-versiones }\n\nAntes:\n\n"
    + "```text\nZeroDivisionError: integer division\nor modulo by zero\n```\n\n"
    + "## Dónde se enseña { #donde }\n\n```text\nValueError: esto no\n```\n"
)
SILENT = (
    "---\ntitle: La cuenta da menos\ndescription: Se pierde una fila.\nerror:\n  moment: medir\n"
    "  silent: true\n  symptoms:\n    - falta una fila\n    - da menos\n    - no cierra\n---\n\n"
    "# La cuenta da menos { #error }\n"
)
LESSON = (
    "---\ntitle: Lección\n---\n\n# Lección { #leccion }\n\n## Otra { #otra }\n\n"
    + fence("1 / 0", 'data-raises="ZeroDivisionError"')
    + fence("raise KeyError('\\x1b[1mnegrita\\x1b[0m')", 'data-raises="KeyError"')
    + fence("assert False, 'lo que dice la página'", 'data-raises="AssertionError"')
)


@pytest.fixture
def pages(project) -> list[Chapter]:
    project.page("errores/partir", ENTRY)
    project.page("errores/menos", SILENT)
    project.page("leccion", LESSON)
    names = ("errores/partir", "errores/menos", "leccion")
    return [Chapter.load(project.root / "docs" / f"{name}.md", project.root) for name in names]


@pytest.fixture
def found(project, pages) -> list[messages.Message]:
    _, executions, _ = project.run("errores/partir", "errores/menos", "leccion")
    return messages.messages(pages, {c.path: e for c, e in zip(pages, executions, strict=True)})


def test_errors_warnings_and_what_is_printed_as_one_count(found):
    assert [(m.kind, m.uri, m.anchor, m.about) for m in found] == [
        ("ZeroDivisionError", "errores/partir.md", "", True),
        ("ValueError", "errores/partir.md", "", True),
        ("UserWarning", "errores/partir.md", "", True),
        ("ZeroDivisionError", "leccion.md", "otra", False),
        ("KeyError", "leccion.md", "otra", False),
    ]
    assert "negrita" in found[4].text and "\x1b" not in found[4].text
    assert (found[0].text, found[0].title, found[0].page) == (
        "division by zero",
        "Partir por cero",
        "Lo que pasa al partir.",
    )
    assert "ojo con `x`|y" in found[2].text


def test_the_finder_reads_each_page_once_with_what_it_said_before_and_how_it_is_told(found, pages):
    provenance = {"keras": "3", "backend": "TensorFlow 2", "python": "3.11", "numpy": "2"}
    text = messages.script(
        found, lambda uri: uri.removesuffix(".md") + "/", atlas.entries(pages), provenance
    )
    versions, entries = text.rstrip(";\n").split(";\nwindow.kvMessages=")
    assert versions == 'window.kvVersions="Keras 3, TensorFlow 2, Python 3.11"'
    assert [(e["u"], e["a"], len(e["m"]), e.get("s")) for e in json.loads(entries)] == [
        ("errores/menos/", 1, 0, ["falta una fila", "da menos", "no cierra"]),
        ("errores/partir/", 1, 4, []),
        ("leccion/#otra", 0, 2, None),
    ]
    assert json.loads(entries)[1]["m"][0] == "ZeroDivisionError: integer division\nor modulo by zero", (
        "only what is under «En otras versiones»"
    )


def test_the_list_leads_to_the_page_that_is_about_the_error(found):
    listed = messages.listing(found, "errores/index.md")
    assert "- [`division by zero`](partir.md): Partir por cero" in listed
    assert listed.count("division by zero") == 1
    assert "ojo con 'x'¦y" in listed
    assert messages.anchors(found) == ["keyerror", "userwarning", "valueerror", "zerodivisionerror"]
    assert "### ValueError { #valueerror }" in listed


def test_the_atlas_is_listed_by_what_is_seen_and_by_moment(pages):
    entries = atlas.entries(pages)
    assert (
        atlas.by_symptom(entries, "errores/index.md")
        == "- [«Falta una fila»](menos.md): la cuenta da menos."
    )
    listed = atlas.by_moment(entries, "otra/pagina.md")
    assert "### Al entrenar { #al-entrenar }\n\n- [Partir por `cero`](../errores/partir.md)" in listed
    assert listed.index("#al-entrenar") < listed.index("#al-medir")
    assert atlas.anchors(entries) == ["al-entrenar", "al-medir"]


def test_what_keras_says_first_is_where_and_the_list_says_what():
    text = (
        "Exception encountered when calling Sequential.call().\n\nInvalid input shape for x\n\nArguments"
    )
    assert messages._first(text) == "Invalid input shape for x"
    assert len(messages._first("palabra " * 100)) <= messages._SHOWN
