"""The pages as Markdown, to be taken elsewhere: whole, with their outputs, and well-formed."""

from __future__ import annotations

import re

import pytest
from markdown import markdown

from livedocs import Edition, stage
from livedocs.derived import carried, outline
from livedocs.derived.carried.origin import Origin
from livedocs.derived.promises import address
from livedocs.derived.review import reviews
from livedocs.execution.kernel_setup import SUMMARY_MIME
from livedocs.execution.results import OK, CellResult, Execution
from livedocs.pages.chapter import Chapter
from tests.conftest import ROOT, fence

SITE = "https://sitio.example/curso/"


def stdout(text):
    return {"output_type": "stream", "name": "stdout", "text": text}


def written(text, *outputs, uri="clases/uno/a.md", site_url=SITE, fills=None, made="Keras 3"):
    """A page as it is carried; `outputs`: those of its blocks, in order."""
    chapter = Chapter.parse(text, f"docs/{uri}", ROOT)
    results = tuple(CellResult(OK, each) for each in outputs)
    assert len(results) == len(chapter.executed_cells)
    return carried.page(chapter, Execution(results, {}), Origin(uri, address, site_url), fills, made)


def blocks_of(text):
    """The blocks of code of a Markdown, by the rules of CommonMark: language and content."""
    found, fence, language, kept, quote = [], "", "", [], ""
    for line in text.split("\n"):
        quote = quote if fence else re.match(r"(?:> ?)*", line)[0]
        bare = line.removeprefix(quote) if line.startswith(quote) else line.removeprefix(quote.rstrip())
        run = re.match(r" *(`{3,})(.*)", bare)
        if fence and run and not run[2].strip() and len(run[1]) >= len(fence):
            found.append((language, "\n".join(kept)))
            fence = ""
        elif fence:
            kept.append(bare)
        elif run:
            fence, language, kept = run[1], run[2], []
    assert not fence, "a block that is not closed"
    return found


# What it says -------------------------------------------------------------------------


def test_it_begins_with_where_it_is_from_and_what_executed_it():
    text = written("---\ntitle: T\n---\n\n# Título { #t }\n\nProsa.\n", made="Keras 3.15.1; datos")
    assert text.startswith("# Título\n\n> Página: https://sitio.example/curso/clases/uno/a/\n>\n")
    assert "> Todo lo que sigue se ejecutó: Keras 3.15.1; datos." in text
    assert text.endswith("\n\nProsa.\n")
    alone = written("Sin título.\n", site_url="", made="")
    assert alone.startswith("# clases/uno/a\n\n> Textos y figuras") and "ejecutó" not in alone


def test_a_block_is_followed_by_what_it_gave():
    warning = {"output_type": "stream", "name": "stderr", "text": "UserWarning: x\n"}
    error = {"output_type": "error", "ename": "ValueError", "evalue": "así", "traceback": ["File y"]}
    text = written(
        "# A { #a }\n\n" + fence("f()") + fence("g()", 'data-raises="ValueError"'),
        [stdout("uno\n"), warning],
        [error],
    )
    assert blocks_of(text) == [
        ("python", "f()"), ("text", "uno"), ("text", "UserWarning: x"),
        ("python", "g()"), ("text", "ValueError: así"),
    ]  # fmt: skip
    assert "Salida:\n\n```text\nuno" in text and "Advertencia:" in text and "Error:" in text
    assert "File y" not in text


def test_a_summary_is_a_table():
    data = {
        "title": 'Model: "m"', "columns": ["Layer (type)", "Param #"],
        "rows": [["a|b (Dense)", "10"], ["_c_ (ReLU)", ""]], "totals": [["Total params", "10 (40.00 B)"]],
    }  # fmt: skip
    output = {"output_type": "display_data", "data": {SUMMARY_MIME: data}, "metadata": {}}
    text = written("# A { #a }\n\n" + fence("m.summary()"), [output])
    assert '`Model: "m"`:' in text and "- Total params: 10 (40.00 B)" in text
    html = markdown(text, extensions=["tables", "fenced_code"])
    assert html.count("<tr>") == 3 and "_c_ (ReLU)" in html and "<em>" not in html


def test_a_picture_is_what_it_shows_and_a_link():
    svg = {"image/svg+xml": "<svg></svg>", "text/plain": "<Figure>"}
    figure = {"output_type": "display_data", "data": svg, "metadata": {}}
    diagram = {**figure, "metadata": {"alt": "Grafo del modelo m, 2 capas."}}
    text = written(
        "# A { #a }\n\n" + fence("plot()", 'data-alt="La pérdida baja."'), [figure, diagram], made=""
    )
    there = "[verlo en la página](https://sitio.example/curso/clases/uno/a/#b1)"
    assert f"Figura ({there}): La pérdida baja." in text
    assert f"Diagrama ({there}): Grafo del modelo m, 2 capas." in text
    assert "svg" not in text


QUIZ = (
    "# A { #a }\n\n" + fence("print(2)", "quiz").rstrip() + "\n\n- `1`: no.\n- `2`: sí, [acá](b.md#x).\n"
    "- `3`: tampoco.\n\nSigue.\n"
)


def test_the_answer_of_a_quiz_is_folded_and_its_options_are_not():
    text = written(QUIZ, [stdout("2\n")])
    before, folded = text.split("<details>")
    assert "**¿Qué imprime?**\n\n- `1`\n- `2`\n- `3`" in before and "no." not in before
    folded, after = folded.split("</details>")
    assert "```text\n2\n```" in folded and "- `1`: no." in folded
    assert "[acá](https://sitio.example/curso/clases/uno/b/#x)" in folded
    assert after.strip() == "Sigue."


def test_what_the_page_folds_is_folded():
    text = written(
        "# A { #a }\n\n/// details | Pista\n    type: hint\n\nUna pista.\n\n///\n\n"
        + "/// details | Solución\n    type: solution\n\n"
        + fence("s()", 'data-todo="Escribí s."')
        + "///\n\n"
        + fence("print(1)", "predict")
        + fence("assert True, 'x'", "check")
        + fence("f(▢)", 'data-gaps="1"'),
        [stdout("hecho\n")], [stdout("1\n")], [], [],
    )  # fmt: skip
    folds = re.findall(r"<details>\n<summary>(.*?)</summary>\n\n(.*?)\n\n</details>", text, re.S)
    assert [name for name, _ in folds] == [
        "Pista", "Solución", "Ver lo que pasó", "Corré esto sobre lo tuyo", "Ver completo",
    ]  # fmt: skip
    assert folds[0][1] == "Una pista."
    assert blocks_of(folds[1][1]) == [("python", "s()"), ("text", "hecho")]
    assert "f(▢)" in text.split("Ver completo")[0] and "f(1)" in folds[4][1]
    assert text.count("<details>") == text.count("</details>")


def test_boxes_are_quotes_and_their_code_stays_in_them():
    text = written(
        "# A { #a }\n\n/// note | Ojo\n\nDice `x`.\n\n" + fence("f()") + "///\n\nSigue.\n",
        [stdout("1\n")],
    )
    quoted = [line for line in text.split("\n") if line.startswith(">")][-20:]
    assert "> **Ojo**" in quoted and "> f()" in quoted and "> 1" in quoted
    assert blocks_of(text) == [("python", "f()"), ("text", "1")]
    assert text.endswith("\nSigue.\n")


def test_a_block_that_does_not_run_says_why():
    text = written("# A { #a }\n\n" + fence("import x", 'notest data-why="pide otra cosa"'))
    assert "*Este bloque no se ejecuta: pide otra cosa.*" in text


def test_the_syntax_of_the_site_stays_behind():
    text = written(
        "# A { #a }\n\n## B `{x}` { #b }\n\nUn párrafo `{.python}` y `<!-- no -->`.\n{ .kv-lead }\n\n"
        "[C](../../d.md){ .md-button } <!-- se va --> `a`{ .k } [d](dir/x.zip)\n\n<div data-x></div>\n\n"
        '*Término* { #t-x }\n:   Qué es, y `{ #no }`.\n\n[z](z.zip){ download data-x aria-label="y" }\n\n'
        "![Una línea](../../dibujos/u.svg){ .kv-drawing }\n\n/// tab | Uno\n\nx\n\n///\n",
    )
    assert "## B `{x}`\n" in text
    assert "Un párrafo `{.python}` y `<!-- no -->`.\n" in text
    assert f"[C]({SITE}d/)  `a` [d]({SITE}clases/uno/dir/x.zip)" in text
    assert f"*Dibujo: Una línea* ([verlo en la página]({SITE}clases/uno/a/))" in text
    assert "**Uno**" in text and "*Término*\n:   Qué es, y `{ #no }`.\n" in text
    assert f"[z]({SITE}clases/uno/z.zip)\n" in text
    for gone in ("kv-", "se va", "<div", "{ #t", "///", "download"):
        assert gone not in text


def test_without_a_published_site_links_lead_from_page_to_page():
    text = written(
        "# A { #a }\n\n[b](b.md#x), [c](../dos/c.md), [h](../../index.md), [s](?q=x)\n", site_url=""
    )
    assert "[b](../b/#x), [c](../../dos/c/), [h](../../../), [s](../../../?q=x)" in text


def test_code_keeps_its_empty_lines_and_prose_does_not():
    text = written(
        "# A { #a }\n\n\n\nUno.\n\n\n\n" + fence("x = 1\n\n\ny = 2") + "\n\n\nDos.\n",
        [stdout("a\n\n\nb\n")],
    )
    assert ("python", "x = 1\n\n\ny = 2") in blocks_of(text) and ("text", "a\n\n\nb") in blocks_of(text)
    prose = re.split(r"```.*?```", text, flags=re.S)
    assert len(prose) == 3 and not any("\n\n\n" in part for part in prose)


@pytest.mark.parametrize(
    "output",
    [
        "```\n# Otro título\n",
        "````\n```python\nevil()\n```\n````\n",
        "> ```\n",
        "~~~\n</details>\n",
        "`" * 30,
    ],
)
def test_a_fence_in_an_output_or_in_the_code_breaks_nothing(output):
    code = f"print('''\n{output}\n''')"
    if re.search(r"^```", code, re.M):  # a page can't hold it in a fence of three
        text = "# A { #a }\n\n" + "`" * 31 + f"python\n{code}\n" + "`" * 31 + "\n\nSigue.\n"
    else:
        text = "# A { #a }\n\n" + fence(code) + "Sigue.\n"
    made = written(text, [stdout(output)])
    assert blocks_of(made) == [("python", code), ("text", output.rstrip("\n"))]
    assert made.endswith("\nSigue.\n")


def test_what_the_site_fills_in_is_filled_in():
    fills = {
        "<!-- glosario -->": "## Uno { #uno }\n\n- [x](clases/a.md#b): y <span data-volatile data-search-exclude>3 s</span>"
    }
    text = written("# G { #g }\n\n<!-- glosario -->\n", uri="glosario.md", fills=fills)
    assert f"## Uno\n\n- [x]({SITE}clases/a/#b): y –" in text


def test_the_lists_that_templates_make_are_lists():
    lessons = [{"title": "L", "url": "clases/uno/l/", "description": "De qué va."}]
    courses = [{"kind": "Clase 1", "title": "C", "url": "clases/uno/", "what": "Hacés algo."}]
    fills = carried.lists({"lessons": lessons, outline.KEY: courses})
    text = written(
        "# A { #a }\n\n<!-- lecciones -->\n\n<!-- livedocs: courses -->\n\n<!-- livedocs: resume -->\n",
        fills=fills,
    )
    assert f"1. [L]({SITE}clases/uno/l/): De qué va." in text
    assert f"- [Clase 1: C]({SITE}clases/uno/): Hacés algo." in text
    assert "<!--" not in text


def test_a_review_is_carried_with_its_answers():
    chapter = Chapter.parse("---\ntitle: A\nlesson: true\n---\n" + QUIZ, "docs/clases/uno/a.md", ROOT)
    made = {
        "keras": "3",
        "backend": "b",
        "numpy": "2",
        "python": "3",
        "data": "d",
        "blocks": 1,
        "seconds": 1,
    }
    (found,) = reviews([chapter], {chapter.path: Execution((CellResult(OK, [stdout("2\n")]),), made)})
    text = carried.review(found, Origin(found.page, address, SITE))
    assert text.startswith("# Repaso: ") and f"({SITE}clases/uno/a/" in text
    assert blocks_of(text) == [("python", "print(2)"), ("text", "2")]
    assert f"- `2`: sí, [acá]({SITE}clases/uno/b/#x)." in text and text.rstrip().endswith("</details>")


# Where they are -----------------------------------------------------------------------


def test_the_index_lists_each_page_with_what_it_is_about():
    texts = carried.Texts(address, SITE)
    added = texts.add("index.md", {"title": "Curso", "description": "Un curso."}, lambda o: o.page)
    assert added == {"carried": "index.md"}
    texts.add("clases/uno/index.md", {"title": "Uno [x]"}, lambda o: o.page)
    files = texts.files(
        [("Clases", "c", ["clases/uno/index.md"]), ("Nada", "n", []), ("Otras", "o", ["index.md"])]
    )
    assert files == {
        "index.md": SITE.encode(),
        "clases/uno/index.md": f"{SITE}clases/uno/".encode(),
        "llms.txt": (
            "# Curso\n\n> Un curso.\n\n"
            f"## Clases\n\n- [Uno \\[x\\]]({SITE}clases/uno/index.md)\n\n"
            f"## Otras\n\n- [Curso]({SITE}index.md): Un curso.\n"
        ).encode(),
    }
    assert carried.Texts(address, offered=False).add("a.md", {}, lambda o: "") == {}
    assert carried.Texts(address, offered=False).files([]) == {}


def test_a_site_has_them_all_and_the_copy_without_a_server_none(project):
    project.page("a", "---\ntitle: A\ndescription: De qué va.\n---\n\n# A { #a }\n\nProsa.\n")
    staged = stage(project.settings(), Edition(site_url=SITE))
    assert sorted(staged.beside) == ["a/index.md", "index.md", "llms.txt"]
    assert f"- [A]({SITE}a/index.md): De qué va.\n".encode() in staged.beside["llms.txt"]
    assert {"a/index.md", "llms.txt"} <= set(staged.manifest["files"]), "the gate looks for them"
    assert "carried: index.md\n" in (staged.docs / "a.md").read_text("utf-8")
    copy = stage(project.settings(), Edition(local=True))
    assert copy.beside == {} and "llms.txt" not in copy.manifest["files"]
    assert "carried:" not in (copy.docs / "a.md").read_text("utf-8")
