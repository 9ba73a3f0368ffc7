"""What is executed is what the page shows, once and with its output; anything else is an error."""

import pytest

from livedocs.pages.chapter import Chapter, ChapterError
from livedocs.rendering import shown as rendered
from livedocs.settings import Settings
from tests.conftest import ROOT
from tests.converting import Converter

BLOCK = "```python\nx = 1\n```\n"
PAGES = Settings.load(ROOT).pages()


def indented(spaces):
    return "".join(" " * spaces + line for line in BLOCK.splitlines(keepends=True))


@pytest.fixture(scope="module")
def converter(tmp_path_factory):
    root = tmp_path_factory.mktemp("paginas")
    (root / "docs").mkdir()
    (root / "snippets").mkdir()
    return Converter(root)


@pytest.fixture
def convert(converter):
    def convert(text):
        path = converter.settings.root / "docs" / "p.md"
        path.write_text(text, "utf-8", newline="")
        return converter.page(path)

    return convert


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (f"# a\n\n{indented(4)}", 3, "va con cuatro espacios más que la viñeta"),
        (f"1. a\n\n{indented(8)}", 3, "va con cuatro espacios más que la viñeta"),
        (f"# a\n\n<!--\n{BLOCK}-->\n", 4, "adentro de un comentario HTML"),
        (f"# a\n\n<!--\n\n{BLOCK}\n-->\n\nb\n", 5, "adentro de un comentario HTML"),
        (f"<script>\n{BLOCK}</script>\n", 2, "adentro de <script>"),
        (f"a\n\n<template>\n\n{BLOCK}\n</template>\n", 5, "adentro de <template>"),
        (f"<pre>\n{BLOCK}</pre>\n", 2, "adentro de <pre>"),
        (f"{BLOCK}\n<!--\n\n{BLOCK}\n-->\n", 7, "adentro de un comentario HTML"),
    ],
)
def test_a_block_that_runs_and_is_not_seen_is_an_error(convert, text, line, said):
    with pytest.raises(ChapterError) as caught:
        convert(text)
    assert str(caught.value).startswith(f"docs/p.md:{line}: ") and said in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        BLOCK,
        f"1. a\n\n{indented(4)}",
        f"- a\n    - b\n\n{indented(8)}",
        f"/// details | a\n    type: 'hint'\n\n{BLOCK}\n///\n",
        f"/// tab | a\n\n{BLOCK}\n///\n",
        "> ```python\n> x = 1\n> ```\n",
        f"<div>\n\n{BLOCK}\n</div>\n",
        f"<!-- fmt: off -->\n{BLOCK}<!-- fmt: on -->\n",
        '```python\nx = 1\n   \ny = """\n\t\n"""\n```\n',
        "```python\nx = '<b>&amp;</b> <!-- --> </code></pre>'\n```\n",
        '```{.python title="<b>" hl_lines="1"}\nx = 1\n```\n',
    ],
)
def test_a_block_that_is_seen_is_shown_once_with_its_output(convert, text):
    html = convert(text)
    assert html.count('id="b1"') == html.count("salida-1") == 1
    assert "kv:" not in html and "language-" not in html, "nothing of the check is left"


def test_a_block_that_is_not_executed_has_no_name(convert):
    html = convert('```{.python notest data-why="a"}\nx = 1\n```\n')
    assert '<div class="highlight">' in html and "id=" not in html


# Planted: what a difference between the two parsers would give -----------------------------

TWO = Chapter.parse(f"# a\n\n{BLOCK}\n{BLOCK.replace('x', 'y')}", "docs/p.md", ROOT)


def code(block, text, language="python"):
    return (
        f'<div id="{block}" class="language-{language} highlight"><pre><code>{text}\n</code></pre></div>'
    )


GOOD = [
    code("b1", "x = 1"),
    rendered.mark("b1", "<p>1</p>"),
    code("b2", "y = 1"),
    rendered.mark("b2", "<p>2</p>"),
]


def check(*parts):
    rendered.check("\n".join(parts), TWO, ["b1", "b2"])


def test_a_page_as_it_should_be():
    check(*GOOD, code("", "$ ls", "console"))


@pytest.mark.parametrize(
    ("parts", "line", "said"),
    [
        ((*GOOD, GOOD[0]), 3, "más de una vez"),
        ((*GOOD[:2],), 7, "no muestra este bloque"),
        ((GOOD[0].replace("x", "z"), *GOOD[1:]), 3, "con el código que se ejecutó"),
        ((GOOD[0], *GOOD[2:]), 3, "no queda justo debajo"),
        ((GOOD[0], GOOD[2], GOOD[1], GOOD[3]), 3, "no queda justo debajo"),
        ((GOOD[2], GOOD[3], *GOOD[:2]), 3, "no queda justo debajo"),
        ((GOOD[0], f"<pre>{GOOD[1]}</pre>", *GOOD[2:]), 3, "no queda justo debajo"),
        ((*GOOD, code("", "z = 1")), 1, "sin ejecutarlo, el bloque que empieza con «z = 1»"),
        ((*GOOD, code("", ">>> z", "pycon")), 1, "sin ejecutarlo"),
    ],
)  # fmt: skip
def test_a_planted_difference_is_found(parts, line, said):
    with pytest.raises(ChapterError) as caught:
        check(*parts)
    assert caught.value.line == line and said in caught.value.reason


# The pages of the site ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def site_converter():
    return Converter()


@pytest.mark.parametrize("path", PAGES, ids=[path.relative_to(ROOT).as_posix() for path in PAGES])
def test_pages_show_every_block_and_no_other(site_converter, path):
    """Without executing them: what the build would say, said by the quick tests."""
    html = site_converter.page(path)
    assert html.count('class="kv-output') >= len(Chapter.load(path, ROOT).executed_cells)
