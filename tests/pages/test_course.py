"""Classes and guides are folders; `nav` alone says their order, and their index what they hold."""

from __future__ import annotations

import pytest

from livedocs.derived import outline
from livedocs.derived.promises import address
from livedocs.pages import course, reading
from livedocs.pages.chapter import Chapter

PAGES = [
    "index.md", "clases/102-b/index.md", "clases/102-b/z.md", "clases/102-b/a.md", "clases/suelta.md",
    "clases/101-a/index.md", "guias/g/index.md", "guias/g/u.md", "guias/sin-portada/u.md",
    "otra/carpeta/index.md",
]  # fmt: skip


def test_units_follow_the_menu_and_then_the_names():
    nav = ["index.md", "clases/102-b/index.md", "clases/102-b/z.md", "guias/g/index.md"]
    found = course.units(nav, PAGES)
    assert [(unit.folder, unit.pages) for unit in found] == [
        ("clases/102-b", ("clases/102-b/z.md", "clases/102-b/a.md")),
        ("guias/g", ("guias/g/u.md",)),
        ("clases/101-a", ()),
    ]
    assert [unit.is_class for unit in found] == [True, False, True]


def test_the_folder_that_comes_first_is_a_unit_and_no_class():
    nav = ["empezar/index.md", "empezar/z.md", "clases/101-a/index.md"]
    first, second = course.units(nav, [*nav, "empezar/a.md"])
    assert (first.folder, first.index) == ("empezar", "empezar/index.md")
    assert first.pages == ("empezar/z.md", "empezar/a.md")
    assert [first.is_class, second.is_class] == [False, True]


@pytest.mark.parametrize(
    ("uri", "folder"),
    [
        ("clases/102-b/a.md", "clases/102-b"),
        ("empezar/index.md", "empezar"),
        ("empezar/a.md", "empezar"),
        ("empezar.md", ""),
        ("empezar/b/a.md", ""),
        ("clases/a.md", ""),
        ("clases/b/c/a.md", ""),
        ("index.md", ""),
        ("otra/b/a.md", ""),
    ],
)
def test_the_unit_of_a_page(uri, folder):
    assert course.unit_of(uri) == folder


def test_the_menu_is_read_without_a_generator(tmp_path):
    config = tmp_path / "mkdocs.yml"
    assert course.listed(config) == []
    config.write_text(
        "site_url: !ENV [URL, '']\nnav:\n  - index.md\n  - Clases:\n      - a.md\n      - B: [b.md, C: c.md]\n",
        "utf-8",
    )
    assert course.listed(config) == ["index.md", "a.md", "b.md", "c.md"]


def _chapter(path, text, root):
    return Chapter.parse(text, f"docs/{path}", root)


def test_the_index_lists_its_lessons_and_where_each_anchor_is_now(tmp_path):
    head = "---\ntitle: {}\ndescription: Qué se ve.\nlesson: true\n---\n\n# T {{ #t-{} }}\n\n"
    texts = {
        "clases/1/index.md": "# Uno { #uno }\n",
        "clases/1/b.md": head.format("Beta", "b")
        + "## Ejercicio 1 { #ejercicio-1 }\n\n## Igual { #igual }\n",
        "clases/1/a.md": head.format("Alfa", "a") + "## Igual { #igual }\n",
    }
    chapters = {uri: _chapter(uri, text, tmp_path) for uri, text in texts.items()}
    (unit,) = course.units(["clases/1/b.md"], list(texts))
    found = outline.lessons(unit.pages, chapters, address)
    assert [(one["title"], one["page"], one["exercises"]) for one in found] == [
        ("Beta", "clases/1/b", ["ejercicio-1"]),
        ("Alfa", "clases/1/a", []),
    ]
    assert outline.total(found) == {"reading": 2, "practice": 0}
    assert outline.moved(unit, chapters, address) == {
        "t-b": "b/",
        "t-a": "a/",
        "ejercicio-1": "b/",
    }


def _code(lines: int, opening: str = "python") -> str:
    return f"```{opening}\n" + "x = 1\n" * lines + "```\n\n"


def test_what_is_folded_is_no_reading_and_solutions_are_practice(tmp_path):
    words = "palabra " * 400 + "\n\n"
    folded = f"/// details | Más\n    type: question\n\n{words}{_code(30)}///\n\n"
    solution = _code(8, '{.python data-todo="x"}')
    solution = f"/// details | Solución\n    type: solution\n\n{solution}///\n\n"
    text = f"# T {{ #t }}\n\n{words}{_code(15)}{folded}"
    assert reading.time(_chapter("p.md", text, tmp_path)) == reading.Time(3, 0)
    check = _code(30, "{.python check}")
    text += f"## Ejercicio {{ #ejercicio-1 }}\n\n{words}{solution}{check}### Dentro {{ #d }}\n\n"
    assert reading.time(_chapter("p.md", text, tmp_path)) == reading.Time(3, 8)
    text += f"## Después {{ #despues }}\n\n{words}"
    assert reading.time(_chapter("p.md", text, tmp_path)) == reading.Time(5, 8)
