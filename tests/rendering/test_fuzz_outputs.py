"""Whatever a kernel sends, or a store gives back, is painted or refused, and none of it is markup.

Bundles that nobody would send, drawings that nobody would draw and entries that nobody wrote,
read as a browser would: by an HTML 5 parser.
"""

from __future__ import annotations

import base64
import io
import json
import re
import time
from dataclasses import asdict
from pathlib import Path

import html5lib
import nbformat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from livedocs.derived import messages, notebook, notebook_page, promises, standalone
from livedocs.execution.kernel_setup import SUMMARY_MIME
from livedocs.execution.results import CellResult, Execution, failure, from_json, judged
from livedocs.finishing import completeness
from livedocs.pages.chapter import Chapter
from livedocs.rendering import outputs
from livedocs.rendering.figures import OutputError
from livedocs.rendering.svg import SVG_TAGS
from tests.converting import PROVENANCE
from tests.execution.test_faults_store import WHOLE
from tests.fuzzing import fuzz

# What is drawn ---------------------------------------------------------------------------

HOSTILE = st.sampled_from(
    ["</pre><script>boom()</script>", "<img src=x onerror=boom()>", '" onload="boom()', "' onclick='boom()",
     "javascript:boom()", "]]>", "<!--", "-->", "&lt;script&gt;", "<svg onload=boom()>", "</style>", "</title>",
     "</textarea>", "</noscript>", "<!--kv:b1-->", "{{ 7 * 7 }}", "\x1b]8;;javascript:boom()\x07a\x1b]8;;\x07",
     "\x1b[", "\x1b]", "\x9b31m", "\x00", "\x7f", "\u202e", "\ufeff", "\ufffe", "\r", "\b\b", "\t", "0x7f12ab34cd",
     "10ms/step", "12.3 s", "data:text/html,<script>boom()</script>", "url(https://otro.sitio/x)"]
)  # fmt: skip
ANY = st.characters(exclude_categories=["Cs"])
TEXT = st.lists(HOSTILE | st.text(ANY, max_size=12), max_size=5).map("".join)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(TEXT, inside, max_size=4),
    max_leaves=12,
)  # fmt: skip

NAMES = st.sampled_from(
    [*["path", "text", "g", "polygon"] * 3, *sorted(SVG_TAGS), "script", "style", "foreignObject", "a", "animate", "set", "title", "desc", "iframe",
     "x:script", "h:img", "h:script", "feImage", "metadata"]
)  # fmt: skip
ATTRIBUTES = st.dictionaries(
    st.sampled_from(
        ["id", "d", "fill", "stroke", "style", "href", "xlink:href", "onload", "onclick", "width", "height",
         "viewBox", "transform", "clip-path", "mask", "points", "class", "x", "font-size", "font", "text-anchor",
         "font-weight", "y", "src", "action", "attributeName", "from", "to", "values", "begin", "xml:base", "role"]
    ),
    st.sampled_from(
        ["#a", "url(#a)", "url(https://otro.sitio/x)", "javascript:boom()", "data:text/html,a", "10", "10pt",
         "1.5px", "M0 0L1.25 3.5", "0,0 1,1", "1,", "x", "middle", "start", "bold", "fill:url(//otro.sitio)",
         "fill:#000;stroke:url(#a)", r"u\72l(//otro.sitio)", "black", "white", "rotate(0 1 1)", "0 0 9 9",
         "data:image/png;base64,iVBORw0KGgo=", "data:image/png;base64,A", "data:image/svg+xml,<svg/>", "14.00"]
    ) | TEXT,
    max_size=4,
)  # fmt: skip


def _quoted(value: str) -> str:
    value = re.sub("[\x00-\x08\x0b-\x1f\ufffe\uffff]", "", value)  # what XML has no way to say
    for raw, escaped in (("&", "&amp;"), ("<", "&lt;"), ('"', "&quot;")):
        value = value.replace(raw, escaped)
    return value


@st.composite
def element(draw, depth: int = 0) -> str:
    name = draw(NAMES)
    said = "".join(f' {key}="{_quoted(value)}"' for key, value in draw(ATTRIBUTES).items())
    inside = "".join(draw(st.lists(element(depth + 1), max_size=3))) if depth < 3 else ""
    text = draw(st.just("") | TEXT.map(_quoted) | st.just("<![CDATA[<script>boom()</script>]]>"))
    return f"<{name}{said}>{text}{inside}</{name}>{draw(st.just('') | TEXT.map(_quoted))}"


_NAMESPACES = (
    'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'xmlns:x="http://www.w3.org/2000/svg" xmlns:h="http://www.w3.org/1999/xhtml"'
)
SVG = st.builds(
    lambda before, given, inside: f"{before}<svg {_NAMESPACES} {given}>{''.join(inside)}</svg>",
    st.sampled_from(
        ["", '<?xml version="1.0"?>', "<!DOCTYPE svg>", '<!DOCTYPE svg [<!ENTITY a "b">]>', "<!-- a -->",
         "<?xml-stylesheet href='https://otro.sitio/x'?>"]
    ),
    st.sampled_from(["", 'width="72pt" height="36pt"', 'onload="boom()"', 'width="-1"', 'width="1e9pt" height="2"']),
    st.lists(element(), max_size=4),
)  # fmt: skip


def _png(mode: str = "RGBA", kind: str = "PNG") -> bytes:
    saved = io.BytesIO()
    Image.new(mode, (3, 2)).save(saved, kind)
    return saved.getvalue()


#: Pictures, and others that say to be one: a bundle may call anything `image/png`.
PICTURES = [
    _png(), _png("RGB"), _png("L"), _png("P"), _png("1"), _png("I;16"), _png("CMYK", "JPEG"), _png("CMYK", "TIFF"),
    _png("F", "TIFF"), _png("RGB", "GIF"), _png("RGB", "BMP"), _png("RGB", "WEBP"), b"<svg onload='boom()'/>", b"",
]  # fmt: skip


@st.composite
def picture(draw) -> str:
    data = bytearray(draw(st.sampled_from(PICTURES)))
    for _ in range(draw(st.integers(0, 3))):
        if data:
            data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    data = data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data
    text = base64.b64encode(bytes(data)).decode()
    return text[draw(st.integers(0, 1)) :] + draw(
        st.sampled_from(["", "\n", "=", '"><script>boom()</script>'])
    )


SHAPE = st.fixed_dictionaries(
    {
        "title": TEXT,
        "columns": st.lists(TEXT, max_size=3),
        "rows": st.lists(st.lists(TEXT, max_size=3), max_size=3),
        "totals": st.lists(st.tuples(TEXT, TEXT).map(list), max_size=2),
    }
)
ODD_SHAPE = st.tuples(SHAPE, st.sampled_from(["title", "columns", "rows", "totals"]), JSON).map(
    lambda drawn: drawn[0] | {drawn[1]: drawn[2]}
)
BUNDLE = st.fixed_dictionaries(
    {},
    optional={
        "text/plain": TEXT | st.lists(TEXT, max_size=2),
        "text/html": TEXT,
        "text/latex": TEXT,
        "application/javascript": TEXT,
        "application/json": JSON,
        "image/svg+xml": SVG | TEXT | st.lists(TEXT, max_size=2),
        "image/png": picture(),
        "image/jpeg": picture(),
        "image/gif": picture(),
        "image/webp": picture(),
        "image/bmp": picture(),
        SUMMARY_MIME: SHAPE | ODD_SHAPE | JSON,
        "application/vnd.otro+json": JSON,
    },
)  # fmt: skip
METADATA = st.fixed_dictionaries(
    {},
    optional={
        "alt": TEXT | JSON,
        "image/png": st.dictionaries(st.sampled_from(["width", "height", "x"]), st.floats() | JSON) | JSON,
        "image/jpeg": st.dictionaries(st.sampled_from(["width", "height"]), st.integers() | st.floats()),
        "isolated": JSON,
    },
)  # fmt: skip
OUTPUT = st.one_of(
    st.fixed_dictionaries(
        {"output_type": st.just("stream"), "name": st.sampled_from(["stdout", "stderr"]), "text": TEXT}
    ),
    st.fixed_dictionaries(
        {"output_type": st.just("error"), "ename": TEXT, "evalue": TEXT,
         "traceback": st.lists(TEXT, max_size=3)}
    ),
    st.fixed_dictionaries({"output_type": st.just("display_data"), "data": BUNDLE, "metadata": METADATA}),
    st.fixed_dictionaries(
        {"output_type": st.just("execute_result"), "data": BUNDLE, "metadata": METADATA,
         "execution_count": st.none() | st.integers(1, 9)}
    ),
)  # fmt: skip

# What has to hold ------------------------------------------------------------------------

#: What the engine itself writes, and nothing else may.
OURS = frozenset(
    ["html", "head", "body", "div", "pre", "p", "span", "details", "summary", "figure", "img", "table",
     "caption", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd", *SVG_TAGS]
)  # fmt: skip
#: And what a notebook's page has besides: its prose.
PROSE = OURS | frozenset(["h1", "h2", "a", "code", "em", "strong", "ul", "ol", "li"])
INERT = re.compile(r"#[^\s\"']*|data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]*")
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def assert_inert(shown: str, allowed: frozenset[str] = OURS) -> None:
    """A browser that shows it runs nothing and asks nobody for anything."""
    tree = html5lib.parse(f"<!doctype html><body>{shown}</body>", namespaceHTMLElements=False)
    for each in tree.iter():
        assert isinstance(each.tag, str), f"a comment: {each.text}"
        tag = each.tag.rpartition("}")[2]  # a drawing's elements say that they are
        assert tag in allowed, each.tag
        for name, value in each.attrib.items():
            name = str(name).lower()
            assert not name.startswith("on") and name not in ("style", "srcdoc", "action"), name
            if name.endswith(("href", "src")):
                assert INERT.fullmatch(value), value
            elif tag in SVG_TAGS:
                assert not re.search(r"(?i)url\s*\((?!#)|image-set", value) or name == "aria-label", (
                    value
                )


def as_nbformat_has_it(output: dict) -> bool:
    """What a session lets in, and what a store has to hold."""
    cell = nbformat.v4.new_code_cell()
    cell["outputs"] = [output]
    valid = nbformat.validator.isvalid(nbformat.from_dict(nbformat.v4.new_notebook(cells=[cell])))
    return valid and (output["output_type"] != "stream" or output["name"] in ("stdout", "stderr"))


def a_page(blocks: int = 1) -> Chapter:
    fence = '```{.python data-alt="Un texto que dice algo."}\nx = 1\n```\n\n'
    text = "---\ntitle: T\nlesson: true\n---\n\n# T { #t }\n\n## S { #s }\n\n" + fence * blocks
    return Chapter.parse(text, "docs/p.md", Path())


PAGE = a_page()


def assert_painted(sent: list[dict]) -> None:
    execution = Execution((CellResult("ok", sent),), PROVENANCE)
    try:
        shown = outputs.render(sent, alt="Un texto.", uid="s1")
    except OutputError as error:
        assert re.match(r"este bloque [^\n]*[.;]", str(error)), "it says which, and what to do"
    else:
        assert_inert(shown)
        assert not CONTROLS.search(shown)
        promised = promises.of(PAGE, execution) | {"anchors": []}
        page = completeness.read(f'<div id="b1" class="highlight"></div>{shown}')
        assert completeness._missing(promised, page) == []
    # The rest of the site is made of the same.
    assert failure(PAGE, judged(PAGE, execution)) is None
    for made in (notebook.executed(PAGE, execution), notebook.todo(PAGE, execution)):
        written = nbformat.writes(nbformat.from_dict(made))
        nbformat.validate(nbformat.reads(written, as_version=4))
        assert_inert(notebook_page.render(made), PROSE)
    standalone.scripts(PAGE, execution, 42).as_javascript()
    messages.script(messages.messages([PAGE], {PAGE.path: execution}), lambda uri: uri)


def shows(data: dict, metadata: dict | None = None) -> dict:
    """An example that once was found: an output with this bundle."""
    return {"sent": [{"output_type": "display_data", "data": data, "metadata": metadata or {}}]}


def prints(text: str) -> dict:
    return {"sent": [{"output_type": "stream", "name": "stdout", "text": text}]}


CMYK = base64.b64encode(_png("CMYK", "JPEG")).decode()
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>'
FOUND: list[dict] = [
    prints("\x1b[0m"),  # it was promised, and shows nothing
    prints("\x00"),
    prints("\x9b31mrojo\x9b0m \x7f\x85"),
    prints("\x1b(B\x1b[m\x1b]0;título\x07 \x1bPq\x1b\\"),
    shows({"image/png": CMYK}),  # it is none, and can't become one
    shows({"image/gif": base64.b64encode(_png("RGB", "GIF")).decode()}),
    shows({"image/bmp": base64.b64encode(_png("RGB", "BMP")).decode(), "text/plain": "<obj>"}),
    shows({"image/svg+xml": DRAWING}, {"alt": 5}),
    shows({"image/svg+xml": DRAWING}, {"alt": "\x1b]8;;javascript:boom()\x07a\x85"}),
    shows({"image/svg+xml": DRAWING.replace("<path", "<text>\x7f\x9b</text><path")}),
    shows({"image/svg+xml": DRAWING}, {"alt": ["a"]}),
    shows({"image/svg+xml": DRAWING.replace("<path", '<g><polygon points="#a 1"/></g><path')}),
    shows({"image/svg+xml": DRAWING.replace("<svg", f'<svg width="{9**999}" height="1"')}),
    shows({"image/svg+xml": DRAWING.replace("<path", '<text font-size="0">a</text><path')}),
    shows({"image/svg+xml": "", "text/plain": "a"}),
    shows({"image/png": CMYK}, {"image/png": [1]}),
    shows({"image/png": CMYK}, {"image/png": {"width": float("inf"), "height": True}}),
    shows({SUMMARY_MIME: {}}),
    shows({SUMMARY_MIME: {"title": "a", "columns": ["b"], "rows": [[1]], "totals": []}}),
    shows({SUMMARY_MIME: {"title": "a", "columns": [], "rows": [], "totals": [["b"]]}}),
]


def test_any_output_is_painted_or_refused_and_none_becomes_markup():
    fuzz(assert_painted, examples=60, known=FOUND, sent=st.lists(OUTPUT, max_size=3))


# Entries of a store ----------------------------------------------------------------------


@st.composite
def entry(draw):
    """An entry as it should be, with some of it changed, taken out or put in."""
    whole = json.loads(json.dumps(WHOLE))
    whole["results"][0]["outputs"] = draw(st.lists(OUTPUT, max_size=2)) or whole["results"][0]["outputs"]
    for _ in range(draw(st.integers(0, 3))):
        place = whole
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(place[key], dict | list) and draw(st.integers(0, 3)):
                place = place[key]
                continue
            change = draw(st.sampled_from(["other", "gone", "more"]))
            if change == "other":
                place[key] = draw(JSON)
            elif change == "gone":
                del place[key]
            elif isinstance(place, dict):
                place[draw(TEXT)] = draw(JSON)
            else:
                place.append(draw(JSON))
            break
    return whole


def assert_read_or_missed(kept) -> None:
    execution = from_json(kept, 1)
    if execution is None:
        return
    assert all(map(as_nbformat_has_it, execution.results[0].outputs)), "what is read can be published"
    text = json.dumps(asdict(execution))
    assert json.dumps(asdict(from_json(json.loads(text), 1))) == text
    assert_painted(execution.results[0].outputs)
    failure(PAGE, judged(PAGE, execution))


def test_any_entry_is_read_or_is_a_miss():
    fuzz(assert_read_or_missed, examples=60, kept=entry() | JSON)


# Text ------------------------------------------------------------------------------------


def test_any_long_text_is_settled_in_little_time():
    """What repeats is what makes an expression look at the same text again and again."""

    def check(piece: str, before: str) -> None:
        text = before + piece * (200_000 // len(piece))
        started = time.process_time()
        outputs.render([{"output_type": "stream", "name": "stdout", "text": text}])
        outputs.render([{"output_type": "error", "ename": "E", "evalue": text, "traceback": [text]}])
        assert time.process_time() - started < 10

    known = [{"piece": piece, "before": ""} for piece in ("\x1b]", "\x1b[", "\x1b[0;", "[", "a  ", "1", "0x1", "\r", "\t")]  # fmt: skip
    fuzz(check, examples=8, known=known, piece=TEXT.filter(bool), before=TEXT)


def test_the_fuzzer_reaches_what_is_painted_and_what_is_refused():
    """It would prove nothing if everything were refused."""
    seen = {"kv-text": 0, "kv-figure": 0, "kv-summary": 0, "kv-error": 0, "<path": 0, "refused": 0}

    @given(sent=st.lists(OUTPUT, max_size=3))
    @settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def count(sent):
        try:
            shown = outputs.render(sent, alt="Un texto.", uid="s1")
        except OutputError:
            seen["refused"] += 1
            return
        for kind in seen:
            seen[kind] += kind in shown

    count()
    assert all(seen.values()), seen
