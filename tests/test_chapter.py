"""Every Python fence is found wherever it stands; what can't be understood says file and line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedocs.pages.chapter import Chapter, ChapterError

FENCES = """\
---
title: Prueba
minutes: 5
---

# Prueba { #prueba }

```python
margin = 1
```

1. En una lista:

    ```python
    in_list = 1
    if in_list:
        in_list = 2
    ```

//// details | Plegado
    type: solution

/// tab | Uno

~~~python
in_tab = 1
~~~

///

/// tab | Dos

```{.python data-raises="ValueError" data-todo="Escribí algo."}
raise ValueError("a")
```

///

////

> Cita
>
> ```py
> quoted = 1
> ```

````markdown
```python
not_mine = 1
```
````

```console
$ python
```

```{.python notest data-why="instala paquetes"}
%pip install keras
```
"""


def parse(text, root):
    return Chapter.parse(text, "docs/p.md", root)


def test_fences_are_found_wherever_they_stand(tmp_path):
    with pytest.raises(ChapterError, match="primer bloque de una solución"):
        parse(FENCES, tmp_path)
    text = FENCES.replace("~~~python", '~~~{.python data-todo="x"}').replace(
        ' data-todo="Escribí algo."', ""
    )
    chapter = parse(text, tmp_path)
    assert [cell.code.split(" = ")[0] for cell in chapter.cells] == [
        "margin", "in_list", "in_tab", 'raise ValueError("a")', "quoted", "%pip install keras",
    ]  # fmt: skip
    assert len(chapter.executed_cells) == 5
    assert chapter.meta == {"title": "Prueba", "minutes": 5}


def test_cells_know_their_lines_and_lose_their_indentation(tmp_path):
    chapter = parse("# a\n\n1. b\n\n    ```python\n    if 1:\n        x = 1\n    ```\n", tmp_path)
    (cell,) = chapter.cells
    assert (cell.line, cell.end_line, cell.prefix) == (5, 8, "    ")
    assert cell.code == "if 1:\n    x = 1"


def test_cells_know_the_blocks_around_them(tmp_path):
    text = (
        '/// details | Solución\n    type: solution\n\n```{.python data-todo="x"}\nx = 1\n```\n\n///\n'
    )
    (cell,) = parse(text, tmp_path).cells
    assert cell.in_solution
    assert cell.blocks[0].title == "Solución"


def test_includes_are_expanded_by_section(tmp_path):
    (tmp_path / "snippets").mkdir()
    (tmp_path / "snippets" / "a.py").write_text(
        "import keras\n# --8<-- [start:f]\ndef f():\n    return 1\n# --8<-- [end:f]\n", "utf-8"
    )
    (cell,) = parse('```python\n--8<-- "a.py:f"\nprint(f())\n```\n', tmp_path).cells
    assert cell.code == "def f():\n    return 1\nprint(f())"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("# a\n\n```python\nx = 1\n", 3, "no se cierra"),
        ("```{.python data-raise='x'}\nx\n```\n", 1, "data-raises"),
        ("```{.python data-raises}\nx\n```\n", 1, "le falta el valor"),
        ("```{.python volatile=1}\nx\n```\n", 1, "va solo"),
        ("```{.python notest}\nx\n```\n", 1, "data-why"),
        ("\n```{python .x}\nx\n```\n", 2, "va primero y con punto"),
        ("```python {.x}\nx\n```\n", 1, "una sola forma"),
        ('```python\n--8<-- "nada.py"\n```\n', 1, "nada.py"),
        ('```{.python data-alt="la `x`"}\nx\n```\n', 1, "comillas invertidas"),
        ('a\n\n```text\n--8<-- "nada.txt"\n```\n', 3, "nada.txt"),
        ('a\n\n--8<-- "nada.md"\n', 3, "nada.md"),
        ("```pycon\n>>> 1\n```\n", 1, "no se ejecutan"),
        ("```python\n\n```\n", 1, "vacío"),
        ("```python\nfrom snippets.c103 import x\n```\n", 1, "snippets"),
        ("- ```python\n  x\n  ```\n", 1, "viñeta"),
        ("1. a\n\n    ```python\n  x = 1\n    ```\n", 4, "menos sangría"),
        ("/// note | a\n\nhola\n", 1, "no se cierra"),
        ("hola\n\n///\n", 3, "nadie abrió"),
        ("---\ntitle: [\n---\n", 2, "YAML"),
        ("---\ntitle: a\n", 1, "no se cierra"),
    ],
)
def test_bad_pages_say_file_line_and_what_to_do(tmp_path, text, line, words):
    with pytest.raises(ChapterError) as caught:
        parse(text, tmp_path)
    assert str(caught.value).startswith(f"docs/p.md:{line}: ")
    assert words in str(caught.value)


def test_a_page_that_is_not_utf8_says_so(tmp_path):
    path = tmp_path / "p.md"
    path.write_bytes("# Título\n\nbien\n".encode() + b"mal: \xe9\n")
    with pytest.raises(ChapterError, match=r"p\.md:4: .*UTF-8"):
        Chapter.load(path, tmp_path)


@given(st.text(alphabet='`~>/ \n\tpython{}.="-:#|xé', max_size=200))
def test_any_text_is_a_chapter_or_a_clear_error(text):
    try:
        Chapter.parse(text, "p.md", __import__("pathlib").Path("."))
    except ChapterError as error:
        assert str(error).startswith("p.md:")
