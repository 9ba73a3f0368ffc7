"""Insides of others that the engine leans on, each with what breaks if an upgrade changes it."""

from __future__ import annotations

import inspect
from pathlib import Path

import markdown
from nbconvert.filters import markdown2html
from pymdownx.highlight import HighlightExtension
from pymdownx.snippets import SnippetPreprocessor
from pymdownx.superfences import RE_NESTED_FENCE_START, RE_OPTIONS


def test_nbconvert_turns_the_prose_of_a_notebook_into_html():
    broken = (
        "nbconvert.filters.markdown2html ya no convierte como antes: la prosa de las páginas de los "
        "notebooks (livedocs/derived/notebook_page.py) sale distinta."
    )
    shown = markdown2html("## Título\n\n- `x` y **y**\n")
    assert '<h2 id="' in shown and "<code>x</code>" in shown and "<strong>y</strong>" in shown, broken


def test_superfences_reads_the_languages_setting_of_highlight_when_it_converts():
    broken = (
        "pymdownx ya no lee «pygments_lang_class» de su extensión al convertir: rendering/shown.py no sabe qué "
        "bloques están pintados como Python y no puede comparar la página con lo que se ejecutó."
    )
    md = markdown.Markdown(extensions=["pymdownx.superfences", "pymdownx.highlight"])
    (highlight,) = [e for e in md.registeredExtensions if isinstance(e, HighlightExtension)]
    highlight.setConfig("pygments_lang_class", True)
    shown = md.convert("```{.python #b1}\nx = 1\n```\n")
    assert 'class="language-python highlight"' in shown and 'id="b1"' in shown, broken


def test_superfences_says_what_opens_a_fence():
    broken = (
        "cambió «RE_NESTED_FENCE_START» o «RE_OPTIONS» de pymdownx.superfences: chapter.py decide con ellas "
        "qué apertura es un bloque para la página, y podría ver uno que la página no ve."
    )
    opening = RE_NESTED_FENCE_START.match('```text title="a"')
    assert opening and opening["lang"] == "text" and not opening["unrecognized"], broken
    assert [found["key"] for found in RE_OPTIONS.finditer(opening["options"])] == ["title"], broken
    assert RE_NESTED_FENCE_START.match("```text a:b")["unrecognized"], broken
    assert RE_NESTED_FENCE_START.match("```{.text}")["attrs"] == ".text", broken


def test_snippets_asks_for_each_path_and_each_selection():
    broken = (
        "cambió cómo pymdownx.snippets busca y recorta lo que incluye: includes.py ya no vigila los rangos, las "
        "secciones, los enlaces y los archivos que se incluyen a sí mismos."
    )
    assert list(inspect.signature(SnippetPreprocessor.get_snippet_path).parameters) == [
        "self",
        "path",
    ], broken
    asked = list(inspect.signature(SnippetPreprocessor.select_snippet_lines).parameters)
    assert asked == ["self", "lines", "target"], broken
    assert "self.seen" in Path(inspect.getsourcefile(SnippetPreprocessor)).read_text("utf-8"), broken
