"""Our parser against Python-Markdown, on pages that nobody would write.

Whatever a page is made of, either it is refused with its file and line or what it shows is
what was found in it. Few pages in the quick tests; see `tests/fuzzing.py` for more.
"""

from __future__ import annotations

import html
import re

import html5lib
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livedocs.pages.chapter import Chapter, ChapterError
from tests.converting import Converter
from tests.fuzzing import fuzz

CODE = st.lists(
    st.sampled_from(
        ["x = 1", "if x:\n    y = 2", "s = '''\n   \n'''", "# 8<", "t = '<b>&amp;'", "", "   ", "\tz = 3",
         "print('```')", "/// note | a", "<!--", "-->", "</pre>", "u = 1  # `a`"]
    ),
    min_size=1, max_size=4,
).map("\n".join)  # fmt: skip
FENCE = st.sampled_from(["```", "````", "~~~", "``` ", "  ```"])
GOOD = st.sampled_from(
    ["python", "py", "{.python}", "{.python check}", "{.python predict}", '{.python title="a <b>"}', "python3",
     '{.python notest data-why="a"}', '{.python hl_lines="1"}', "text", "", "console", "yaml", 'text title="a"']
)  # fmt: skip
BAD = st.sampled_from(
    ["pyi", "pyhton", "python:x", "python3.11", "{.numpy}", "text algo", "{#a}", "pycon"]
)
QUIZ = "```{.python quiz}\nprint(1)\n```"
GAPS = '```{.python data-gaps="1 | a"}\nx = ▢, "▢"\n```'
ITEMS = ["- `1`: uno.", "- ``2`3``: *dos*.", "- `<b>`: tres,\n  y sigue.", "* `4`: [cuatro](p.md)."]
INCLUDE = st.sampled_from(
    ['--8<-- "a.py"', '--8<-- "fences.md"', '--8<-- "a.py:f"', ';--8<-- "a.py"', '--8<-- "tabs.py"']
)
PROSE = st.sampled_from(
    ["Texto.", "- uno", "1. uno", "> cita", "<!-- a -->", "<!--", "-->", "<div>", "</div>", "<script>",
     "</script>", "<template>", "</template>", "<pre>", "</pre>", "<div markdown>", "# Título", "## Otro",
     "| a | b |\n| - | - |\n| 1 | 2 |", ":   definición", "`<!--`", "```inline```", "[a]: b", "    sangrado",
     "<details>", "</details>", "***", "término\n:   qué es", "*[a]: b", "<textarea>", "</textarea>", "clave: a"]
)  # fmt: skip


ENCLOSING = st.sampled_from(
    ["note | a", "details | b\n    type: hint", "tab | c", "details | d\n    type: 'hint'", "tip"]
)
BROKEN = st.sampled_from(
    ["/// detials | e\n\n///", "/// details | f\n    type: [\n\n///", "/// tip", "///"]
)


def one_in(draw, many: int) -> bool:
    return draw(st.integers(1, many)) == many


@st.composite
def block(draw, depth: int = 0) -> str:
    kind = draw(
        st.sampled_from(["fence", "fence", "fence", "fold", "prose", "prose", "include", "enclosing"])
    )
    if kind == "fold" and draw(st.booleans()):
        return GAPS
    if kind == "fold":
        items = draw(st.permutations(ITEMS))[: 2 if one_in(draw, 40) else 3]
        return QUIZ + draw(st.sampled_from(["\n\n", "\n"])) + "\n".join(items)
    if kind == "fence":
        fence = draw(FENCE)
        code = draw(CODE) + ("\n" + draw(INCLUDE) if one_in(draw, 6) else "")
        close = "" if one_in(draw, 40) else fence
        return f"{fence}{draw(BAD if one_in(draw, 40) else GOOD)}\n{code}\n{close}"
    if kind == "include" and one_in(draw, 4):
        return draw(INCLUDE)
    if kind == "enclosing" and one_in(draw, 12):
        return draw(BROKEN)
    if kind == "enclosing" and depth < 2:
        bars, gap = "/" * (5 - depth), draw(st.sampled_from(["\n\n", "\n"]))
        inside = gap.join(draw(st.lists(block(depth + 1), max_size=3)))
        return f"{bars} {draw(ENCLOSING)}{gap}{inside}{gap}{bars}"
    return draw(PROSE)


@st.composite
def page(draw) -> str:
    parts = []
    for each in draw(st.lists(block(), min_size=1, max_size=7)):
        prefix = draw(
            st.sampled_from(
                ["", "", "", "", "", "", "    ", "  ", "   ", "> ", "        ", ">     ", "\t"]
            )
        )
        parts.append("\n".join(prefix + line for line in each.split("\n")))
        parts.append(draw(st.sampled_from(["\n\n", "\n\n", "\n", "\n \n"])))
    return "".join(parts)


@pytest.fixture(scope="module")
def converter(tmp_path_factory) -> Converter:
    root = tmp_path_factory.mktemp("fuzz")
    (root / "docs").mkdir()
    (root / "snippets").mkdir()
    for name, text in {
        "a.py": "import keras\n# --8<-- [start:f]\ndef f():\n    return 1\n# --8<-- [end:f]\n",
        "fences.md": "a\n\n```\nb\n```\n\n```python\nc = 1\n```\n",
        "tabs.py": "if 1:\n\tx = '\t'\n\n   \n\ty = 1\n",
    }.items():
        (root / "snippets" / name).write_text(text, "utf-8")
    return Converter(root)


def seen(shown: str) -> tuple[list[tuple[str, str]], list[str]]:
    """What a browser would show of a page: its named blocks with their text, and its outputs.

    By another reader than the engine's: an HTML 5 parser.
    """
    tree = html5lib.parse(f"<!doctype html><body>{shown}</body>", namespaceHTMLElements=False)
    blocks, outputs = [], []
    hidden = {"script", "style", "template", "textarea", "title", "iframe", "noscript"}

    def visit(element) -> None:
        if not isinstance(element.tag, str) or element.tag in hidden:
            return
        classes = element.get("class", "").split()
        if "highlight" in classes and re.fullmatch(r"b\d+", element.get("id", "")):
            blocks.append((element.get("id"), "".join(element.find(".//code").itertext())))
        if "kv-output" in classes:
            own = [child for child in element if child.get("class") != "kv-label"]
            outputs.append("".join("".join(child.itertext()) for child in own).strip())
        for child in element:
            visit(child)

    visit(tree)
    return blocks, outputs


def bare(code: str) -> str:
    return "\n".join(line.rstrip() for line in code.strip("\n").split("\n"))


#: Pages on which the two once differed, or that were never converted.
FOUND: list[dict] = [
    {"text": "> /// tip\n> a\n> ///\n/// note\nb\n///\n"},
    {"text": "//// note\n> > /// tip\n> > a\n> > ///\n> b\n> /// note\n> c\n> ///\n////\n"},
]


def test_a_page_shows_what_was_found_in_it_or_is_refused(converter):
    fuzz(lambda text: assert_shown(converter, text), examples=60, known=FOUND, text=page())


def assert_shown(converter: Converter, text: str) -> None:
    path = converter.settings.root / "docs" / "p.md"
    path.write_text(text, "utf-8", newline="")
    try:
        cells = Chapter.load(path, converter.settings.root).executed_cells
        shown = converter.page(path)
    except ChapterError as error:
        assert re.match(r"docs/p\.md:\d+: \S", str(error)), error
        assert 1 <= error.line <= text.count("\n") + 1
        return
    blocks, outputs = seen(shown)
    assert blocks == [(f"b{n}", code) for n, (_, code) in enumerate(blocks, 1)], "in order, each once"
    assert [bare(code) for _, code in blocks] == [bare(cell.code) for cell in cells]
    assert outputs == [
        next(iter(cell.options)).text if cell.options else f"salida-{n}"
        for n, cell in enumerate(cells, 1)
    ]
    assert "kv:" not in html.unescape(shown) and 'class="language-' not in shown


def test_the_fuzzer_reaches_pages_that_are_shown(converter):
    """It would prove nothing if every page were refused."""
    shown = refused = 0

    @given(text=page())
    @settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def count(text):
        nonlocal shown, refused
        path = converter.settings.root / "docs" / "p.md"
        path.write_text(text, "utf-8", newline="")
        try:
            shown += "kv-output" in converter.page(path)
        except ChapterError:
            refused += 1

    count()
    assert shown >= 3 and refused >= 3
