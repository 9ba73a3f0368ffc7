"""Insides of others that the engine leans on, each with what breaks if an upgrade changes it."""

from __future__ import annotations

import inspect
from pathlib import Path

import markdown
import nbformat
from nbconvert.exporters import HTMLExporter, templateexporter
from nbconvert.exporters import html as html_exporter
from pymdownx.highlight import HighlightExtension
from pymdownx.snippets import SnippetPreprocessor
from pymdownx.superfences import RE_NESTED_FENCE_START, RE_OPTIONS


def test_nbconvert_reads_its_html_again_with_a_name_of_its_module(monkeypatch):
    broken = (
        "nbconvert ya no relee el HTML con «html_exporter.BeautifulSoup(html, features=…)»: "
        "«_AsWritten», en mkdocs_hooks.py, dejó de reemplazarlo, y los notebooks tardan un tercio más "
        "y llevan textos en inglés. Quitá el reemplazo o buscá dónde quedó esa lectura."
    )
    assert hasattr(html_exporter, "BeautifulSoup"), broken
    read = []

    class Instead(str):
        def __new__(cls, html, features):
            read.append(features)
            return super().__new__(cls, html)

        def select(self, selector):
            return []

    monkeypatch.setattr(html_exporter, "BeautifulSoup", Instead)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("áé")])
    shown, _ = HTMLExporter().from_notebook_node(notebook)
    assert read and "áé" in shown, broken


def test_nbconvert_gives_templates_the_filters_of_a_dictionary_of_its_module(monkeypatch):
    broken = (
        "nbconvert ya no toma sus filtros de «templateexporter.default_filters»: «kv_cell» y «kv_code» no "
        "llegan a overrides/notebook/mkdocs_html/notebook.html.j2, y los notebooks no se pueden mostrar."
    )
    assert isinstance(getattr(templateexporter, "default_filters", None), dict), broken
    monkeypatch.setitem(templateexporter.default_filters, "kv_contract", lambda text: f"<{text}>")
    exporter = HTMLExporter()
    assert "kv_contract" in exporter.environment.filters, broken


def test_superfences_reads_the_languages_setting_of_highlight_when_it_converts():
    broken = (
        "pymdownx ya no lee «pygments_lang_class» de su extensión al convertir: rendered.py no sabe qué "
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
