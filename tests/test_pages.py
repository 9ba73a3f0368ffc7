"""The pages of the site as they are in `docs/`: every fence is a test, and nothing else is."""

import re
import subprocess
import sys

import markdown
import pytest

from livedocs.chapter import Chapter, outline_problems
from livedocs.settings import Settings
from tests.conftest import ROOT

PAGES = Settings.load(ROOT).pages()
SHOWN = [path.relative_to(ROOT).as_posix() for path in PAGES]


def fences_by_other_means(text: str) -> int:
    """Python blocks in the HTML that the theme's own fence parser makes, without ours."""
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.S)
    html = markdown.markdown(
        text,
        extensions=["attr_list", "pymdownx.superfences", "pymdownx.highlight", "pymdownx.blocks.details",
                    "pymdownx.blocks.tab", "pymdownx.blocks.admonition"],
        extension_configs={"pymdownx.highlight": {"pygments_lang_class": True}},
    )  # fmt: skip
    return len(re.findall(r'<div class="language-(?:python3?|py)[ "]', html))


def exempt(text: str) -> int:
    """Openings marked `notest` that give a reason."""
    return len(
        re.findall(
            r'^[ \t>]*[`~]{3,}\{\.(?:python3?|py) [^}\n]*\bnotest\b[^}\n]*data-why="[^"]+"', text, re.M
        )
    )


@pytest.fixture(scope="module")
def collected() -> dict[str, int]:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "docs"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode in (0, 5), done.stdout
    names = [line.split("::")[0] for line in done.stdout.splitlines() if "::" in line]
    return {name: names.count(name) for name in names}


@pytest.mark.parametrize("path", PAGES, ids=SHOWN)
def test_every_fence_is_a_test(path, collected):
    text = path.read_text("utf-8")
    name = path.relative_to(ROOT).as_posix()
    assert collected.get(name, 0) == fences_by_other_means(text) - exempt(text)


def test_a_fence_in_a_tab_inside_a_folded_block_counts():
    text = "//// details | A\n\n/// tab | B\n\n```python\nx = 1\n```\n\n///\n\n////\n"
    assert fences_by_other_means(text) == 1
    assert len(Chapter.parse(text, "p.md", ROOT).executed_cells) == 1


@pytest.mark.parametrize("path", PAGES, ids=SHOWN)
def test_headings_have_ascii_anchors_and_go_down_by_one(path):
    assert outline_problems(Chapter.load(path, ROOT)) == []


@pytest.mark.parametrize("path", [p for p in PAGES if p.parent.name == "clases"], ids=lambda p: p.stem)
def test_class_pages_follow_the_anatomy(path):
    text = path.read_text("utf-8")
    wanted = ("objetivo", "resultados", "temas", "definiciones", "dataset", "ejercicios", "homework",
              "errores", "faq", "puntos-clave", "referencias", "siguiente")  # fmt: skip
    places = [text.find(f"{{ #{name} }}") for name in wanted]
    assert -1 not in places, [n for n, place in zip(wanted, places, strict=True) if place < 0]
    assert places == sorted(places)
    chapter = Chapter.load(path, ROOT)
    assert {"title", "description", "part", "source", "minutes"} <= set(chapter.meta)
    exercises = len(re.findall(r"\{ #ejercicio-\d+ \}", text))
    assert exercises >= 5
    todos = [cell for cell in chapter.cells if "data-todo" in cell.attributes]
    checks = [cell for cell in chapter.cells if "check" in cell.attributes]
    assert len(todos) >= exercises and len(checks) >= exercises
