"""The messages that pages print: which count, where each is explained, and how they are listed."""

from __future__ import annotations

import json

from livedocs.derived import messages
from tests.conftest import fence

PAGE = (
    "# Errores\n\n## Preparar { #preparar }\n\n"
    + fence("import warnings")
    + "## Error 1: partir por cero { #error-1 }\n\n"
    + fence("1 / 0", 'data-raises="ZeroDivisionError"')
    + fence("print('ValueError: dos palabras')\nprint('nada')")
    + fence("warnings.warn('ojo con `x`|y', UserWarning)")
    + "## Otra { #otra }\n\n"
    + fence("1 / 0", 'data-raises="ZeroDivisionError"')
    + fence("raise KeyError('\\x1b[1mnegrita\\x1b[0m')", 'data-raises="KeyError"')
    + fence("assert False, 'lo que dice la página'", 'data-raises="AssertionError"')
)


def found_in(project, text=PAGE):
    project.page("errores", text)
    (chapter,), (execution,), _ = project.run("errores")
    return messages.messages([chapter], {chapter.path: execution})


def test_errors_warnings_and_what_is_printed_as_one_count(project):
    found = found_in(project)
    assert [(m.kind, m.anchor, m.about) for m in found] == [
        ("ZeroDivisionError", "error-1", True),
        ("ValueError", "error-1", True),
        ("UserWarning", "error-1", True),
        ("ZeroDivisionError", "otra", False),
        ("KeyError", "otra", False),
    ]
    assert "negrita" in found[4].text and "\x1b" not in found[4].text
    assert found[0].text == "division by zero"
    assert "ojo con `x`|y" in found[2].text


def test_the_script_has_a_section_once_with_its_messages(project):
    text = messages.script(found_in(project), lambda uri: uri.removesuffix(".md") + "/")
    entries = json.loads(text.removeprefix("window.kvMessages=").rstrip(";\n"))
    assert [(e["u"], e["a"], len(e["m"])) for e in entries] == [
        ("errores/#error-1", 1, 3),
        ("errores/#otra", 0, 2),
    ]


def test_the_list_leads_to_the_section_that_is_about_the_error(project):
    found = found_in(project)
    listed = messages.listing(found, "clases/lista.md")
    assert "- [`division by zero`](../errores.md#error-1): Error 1: partir por cero" in listed
    assert listed.count("division by zero") == 1
    assert "`ojo con 'x'¦y`" in listed or "ojo con 'x'¦y" in listed
    assert messages.anchors(found) == ["keyerror", "userwarning", "valueerror", "zerodivisionerror"]
    assert "### ValueError { #valueerror }" in listed


def test_what_keras_says_first_is_where_and_the_list_says_what():
    text = (
        "Exception encountered when calling Sequential.call().\n\nInvalid input shape for x\n\nArguments"
    )
    assert messages._first(text) == "Invalid input shape for x"
    assert len(messages._first("palabra " * 100)) <= messages._SHOWN
