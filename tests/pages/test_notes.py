"""Notes on code: numbered marks that lead to the list below and are copied by nobody."""

import re

import pytest

from livedocs.pages.chapter import Chapter, ChapterError
from livedocs.pages.notes import marks, without_marks

CODE = 'a = 1  # (1)\nb = """\n  # (2)\n"""  # (2)\nprint(a)  # no es una nota (3)'
PAGE = f"# Notas\n\n```python\n{CODE}\n```\n\n1. La primera.\n2. La **segunda**.\n\nMás texto.\n"


def test_only_comments_that_are_a_number_are_marks():
    assert marks(CODE) == [1, 2]
    assert without_marks(CODE) == 'a = 1\nb = """\n  # (2)\n"""\nprint(a)  # no es una nota (3)'
    assert marks("if (:  # (1)") == []


def test_marks_lead_to_items_and_are_not_taken_away(project):
    project.page(
        "clases/p", PAGE.replace("# Notas", "---\ntitle: Notas\nlesson: true\n---\n\n# Notas", 1)
    )
    built = project.build()
    assert built.returncode == 0, built.stderr
    html = project.html("clases/p")
    code = re.search(r'id="b1".*?</pre>', html, re.S)[0]
    assert re.findall(r'<a class="kv-note" id="(.*?)" href="(.*?)" data-n="(\d)"', code) == [
        ("b1-m1", "#b1-n1", "1"),
        ("b1-m2", "#b1-n2", "2"),
    ]
    shown = re.sub(r"<[^>]+>", "", code)
    assert "# (1)" not in shown and "no es una nota (3)" in shown
    assert '<ol class="kv-notes">' in html and '<li id="b1-n2">La <strong>segunda</strong>.' in html
    assert 'href="#b1-m2"' in html and "<!-- b1 -->" not in html
    assert "kv-note" not in project.html(".")

    # The script has no marks, and the notebook keeps them.
    script = (project.root / "site/assets/bloques/clases/p.js").read_text("utf-8")
    assert "# (1)" not in script and "no es una nota (3)" in script
    notebook = (project.root / "site/notebooks/descargas/clases/p-ejecutado.ipynb").read_text("utf-8")
    assert "a = 1  # (1)" in notebook and "1. La primera." in notebook


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (PAGE.replace("2. La **segunda**.\n", ""), "tiene 2 notas y la lista que lo sigue, 1"),
        (PAGE.replace("1. La primera.\n2. La **segunda**.\n", "Nada.\n"), "la lista que lo sigue, 0"),
        (PAGE.replace("a = 1  # (1)", "a = 1  # (3)"), "en orden y sin repetir; acá van [3, 2]"),
    ],
)
def test_notes_and_list_have_to_agree(tmp_path, page, said):
    with pytest.raises(ChapterError) as error:
        Chapter.parse(page, "p.md", tmp_path)
    assert said in str(error.value) and error.value.line == 3


def test_an_item_may_have_several_lines(tmp_path):
    page = PAGE.replace("1. La primera.", "1. La primera,\n   que sigue acá.")
    assert len(Chapter.parse(page, "p.md", tmp_path).cells) == 1
