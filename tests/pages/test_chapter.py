"""Every Python fence is found wherever it stands; what can't be understood says file and line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedocs.pages.chapter import Chapter, ChapterError

FENCES = """\
---
title: Prueba
lesson: true
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
    assert chapter.meta == {"title": "Prueba", "lesson": True}


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
        ("> /// tip\n> a\n> ///\n/// note\nb\n///\n", 4, "dejá una línea vacía antes"),
        ("> /// tip\n> a\n> ///\nb\n/// note\nc\n///\n", 5, "dejá una línea vacía antes"),
        ("hola\n\n///\n", 3, "nadie abrió"),
        ("---\ntitle: [\n---\n", 2, "YAML"),
        ("---\ntitle: a\n", 1, "no se cierra"),
        # A fence that is not closed is said where it opens, not where the next one makes no sense.
        (
            "a\n\n```python\nx = 1\n\nb\n\n```python\ny = 2\n```\n",
            3,
            "no se cierra antes de que se abra otro, en la línea 8",
        ),
        ("```text\nx\n\n```{.python}\ny = 2\n```\n", 1, "no se cierra antes"),
        # Shown as Python and never run.
        ("a\n\n```pyhton\nx\n```\n", 3, "«pyhton» no se ejecuta ni se colorea; escribí «```python»"),
        ("```pyi\nx\n```\n", 1, "«pyi» no se ejecutan; escribí el código como «```python»"),
        ("```{.numpy}\nx\n```\n", 1, "«numpy» no se ejecutan"),
        ("```python3.11\nx\n```\n", 1, "escribí «```python»"),
        ("```python:x\nx\n```\n", 1, "escribí «```python»"),
        ("```pytb\nx\n```\n", 1, "no se ejecutan"),
        ('```{title="a" .python}\nx\n```\n', 1, "va primero y con punto"),
        ("```cosa\nx\n```\n", 1, "no es un lenguaje que se coloree; escribí «```text»"),
        ("```text algo raro\nx\n```\n", 1, "no se entiende la apertura"),
        ('```text color="a"\nx\n```\n', 1, "no se entiende la apertura"),
        # `///` blocks.
        ("a\n\n/// detials | Solución\n\n///\n", 3, "¿Quisiste escribir «/// details»?"),
        ("/// detalles | a\n///\n", 1, "¿Quisiste escribir «/// details»?"),
        ("/// tipo | a\n///\n", 1, "no hay bloques «/// tipo»"),
        ("/// details Solución\n///\n", 1, "«/// nombre | Título»"),
        ("/// details | a\n    type: solucion\n\n///\n", 2, "¿Quisiste escribir «solution»?"),
        ("/// details | a\n    open: si\n\n///\n", 2, "«true» o «false»"),
        ("/// note | a\n    type: hint\n\n///\n", 2, "no tiene la opción «type»"),
        ("/// details | a\n    type: [\n\n///\n", 2, "no son YAML válido"),
        ("/// details | a\n    Texto.\n\n///\n", 2, "dejá antes una línea vacía"),
        ("/// tab\n\n///\n", 1, "le falta el título"),
        # Front matter.
        ("---\ntitle: a\nlesson: mucho\n---\n", 3, "«true» o «false»"),
        ("---\nlesson: true\n---\n", 2, "le falta «title»"),
        ("---\ntitle:\n---\n", 2, "«title» tiene que ser un texto"),
        ("---\ntitle: a\ndescripcion: b\n---\n", 3, "¿Quisiste escribir «description»?"),
        (
            "---\ntitle: a\n---\n\n# A { #a }\n\n## B { #b }\n\n## C { #b }\n",
            9,
            "«#b» está dos veces: acá y en la línea 7",
        ),
        ("Nota: algo\n\n# A\n", 1, "MkDocs toma esta primera línea por cabecera"),
    ],
)
def test_bad_pages_say_file_line_and_what_to_do(tmp_path, text, line, words):
    with pytest.raises(ChapterError) as caught:
        parse(text, tmp_path)
    assert str(caught.value).startswith(f"docs/p.md:{line}: ")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "written", ["solution", "'solution'", '"solution"', '"solution" # x', "solution  # x"]
)
def test_the_options_of_a_block_are_yaml(tmp_path, written):
    """A solution that only Markdown saw would give its code away in the to-do notebook."""
    text = f'/// details | S\n    type: {written}\n\n```{{.python data-todo="x"}}\nx = 1\n```\n\n///\n'
    chapter = parse(text, tmp_path)
    assert chapter.cells[0].in_solution
    assert [(b.line, b.body, b.end_line) for b in chapter.blocks] == [(1, 3, 8)]


def test_a_line_of_spaces_is_an_empty_line(tmp_path):
    """As the page shows it, so it runs."""
    (cell,) = parse("```python\nx = 1\n   \ny = 2\n```\n", tmp_path).cells
    assert cell.code == "x = 1\n\ny = 2"


def test_pages_are_known_by_their_path(tmp_path):
    name = lambda path: Chapter.parse("", path, tmp_path).name
    assert name("docs/x/intro.md") == "x/intro" and name("docs/y/intro.md") == "y/intro"
    assert name("docs/a/b.md") != name("docs/a-b.md")
    assert name("docs/a/index.md") == "a" and name("docs/index.md") == "index"


# Includes -------------------------------------------------------------------------------


@pytest.fixture
def included(tmp_path):
    folder = tmp_path / "snippets"
    folder.mkdir()
    for name, text in {
        "a.py": "x = 1\ny = 2\n",
        "open.py": "# --8<-- [start:f]\nx = 1\n",
        "twice.py": "# --8<-- [start:f]\nx = 1\n# --8<-- [start:f]\n# --8<-- [end:f]\n",
        "me.py": 'x = 1\n--8<-- "me.py"\n',
        "pair.py": '--8<-- "riap.py"\n',
        "riap.py": '--8<-- "pair.py"\n',
        "fence.md": "a\n```\nb\n```\n",
        "prose.md": "Una línea.\n",
        "tabs.py": "if 1:\n\tx = 1\n   \n\ty = 2\n",
    }.items():
        (folder / name).write_text(text, "utf-8")
    (tmp_path / "secreto.py").write_text("x = 'secreto'\n", "utf-8")
    (folder / "enlace.py").symlink_to(tmp_path / "secreto.py")
    return tmp_path


@pytest.mark.parametrize(
    ("include", "said"),
    [
        ("a.py:1:9", "tiene 2 líneas, y se pide la 9"),
        ("a.py:3:4", "tiene 2 líneas, y se pide la 4"),
        ("a.py:1:1,7:7", "y se pide la 7"),
        ("a.py:-4:", "y se pide la 3"),
        ("open.py:f", "la sección «f» no se abre y se cierra una vez"),
        ("twice.py:f", "la sección «f» no se abre y se cierra una vez"),
        ("a.py:g", "no tiene esa sección"),
        ("nada.py", "«nada.py»: no está"),
        ("me.py", "«me.py» se incluye a sí mismo"),
        ("pair.py", "«pair.py» se incluye a sí mismo"),
        ("enlace.py", "es un enlace a un archivo de otra carpeta"),
        ("../secreto.py", "no está"),
    ],
)
@pytest.mark.parametrize("fence", ["python", "text"])
def test_bad_includes_say_file_line_and_what_to_do(included, include, said, fence):
    with pytest.raises(ChapterError) as caught:
        parse(f'a\n\n```{fence}\n--8<-- "{include}"\n```\n', included)
    assert str(caught.value).startswith("docs/p.md:3: no se puede incluir") and said in str(caught.value)


@pytest.mark.parametrize("include", ["a.py:1:2", "a.py:2", "a.py:-2:", "a.py:1:1,2:2", "a.py::2"])
def test_good_ranges_are_included(included, include):
    assert "= " in parse(f'```python\n--8<-- "{include}"\n```\n', included).cells[0].code


def test_what_is_included_reads_as_markdown_reads_it(included):
    text = '1. a\n\n    ```python\n    --8<-- "tabs.py"\n    ```\n'
    assert parse(text, included).cells[0].code == "if 1:\n    x = 1\n\n    y = 2\n"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('```text\n--8<-- "fence.md"\n```\n\n```python\nx = 1\n```\n', 1, "abrilo y cerralo con «````»"),
        ('a\n\n--8<-- "fence.md"\n', 3, "incluí solo prosa"),
        ("--8<--\nprose.md\n--8<--\n", 1, "cada inclusión va en su línea"),
        ('> ```python\n> --8<-- "a.py"\n> ```\n', 1, ""),
    ],
)
def test_what_an_include_brings_cannot_change_the_page(included, text, line, said):
    with pytest.raises(ChapterError, match=f"p.md:{line}: .*{said}"):
        parse(text, included)
    assert parse('````text\n--8<-- "fence.md"\n````\n\n--8<-- "prose.md"\n', included).cells == ()


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
