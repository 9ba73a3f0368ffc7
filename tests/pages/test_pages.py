"""The pages of the site as they are in `docs/`: every fence is a test, and nothing else is."""

import re
import subprocess
import sys

import markdown
import pytest

from livedocs.pages.chapter import Chapter
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
