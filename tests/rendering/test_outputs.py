"""Whatever a block prints, it can't become markup, and reads as a terminal would leave it."""

import base64
import io
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from livedocs.execution.keras_display import parse_summary
from livedocs.rendering import figures, outputs, streams
from livedocs.rendering import svg as svg_module

VOID = {"img", "br", "use", "path", "rect"}


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def test_hostile_text_shows_its_characters():
    html = outputs.render([stream("</pre><script>alert(1)</script>")])
    assert set(Tags(html).tags) == {"div", "pre"}
    assert "</pre><script>alert(1)</script>" in Tags(html).text


@given(st.text(max_size=60), st.sampled_from(["stdout", "stderr"]))
def test_no_text_becomes_markup(text, name):
    html = outputs.render([stream(text, name)])
    assert set(Tags(html).tags) <= {"div", "pre", "p", "span"}


def test_hostile_errors_and_html_outputs_are_text_too():
    error = {"output_type": "error", "ename": "E", "evalue": "<img onerror=x>", "traceback": ["<b>"]}
    rich = {
        "output_type": "display_data",
        "metadata": {},
        "data": {"text/html": "<script>1</script>", "text/plain": "<obj>"},
    }
    html = outputs.render([error, rich])
    assert not {"img", "b", "script"} & set(Tags(html).tags)
    assert "<obj>" in Tags(html).text


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        ("a\rb", "b"),
        ("abc\b\bX", "aXc"),
        ("\x1b[31mrojo\x1b[0m", "rojo"),
        ("1/4 ━━\r\x1b[2K4/4 ok\n", "4/4 ok\n"),
        ("largo largo\rcorto\x1b[K", "corto"),
        ("\x1b]8;;http://x\x07enlace\x1b]8;;\x07", "enlace"),
        ("a\r\nb", "a\nb"),
    ],
)
def test_text_is_what_a_terminal_would_show(raw, seen):
    assert streams.settle(raw) == seen


@given(st.text(max_size=80))
def test_settling_leaves_no_control_characters(text):
    assert not re.search(r"[\x00-\x08\x0b-\x1f]", streams.settle(text))


@pytest.mark.parametrize("text", ["10ms/step", "0s", "12.3 s", "3 µs", "0x7f12ab34cd", "1,5 s/época"])
def test_measured_times_and_addresses_are_volatile(text):
    assert f"<span data-volatile data-search-exclude>{text}</span>" in streams.mark_volatile(
        f"- {text} -"
    )


def test_the_number_that_keras_gives_an_object_is_volatile():
    told = "{'registered_name': None, 'shared_object_id': 140594842528784}, 'units': 140594842528784"
    assert streams.without_chance(told) == told.replace("140594842528784", "…", 1)


@pytest.mark.parametrize("text", ["accuracy: 0.8150", "784 muestras", "5 sobres", "(32, 10)", "1.5 %"])
def test_results_are_not_volatile(text):
    assert "data-volatile" not in streams.mark_volatile(text)


def test_svg_is_rebuilt_from_an_allow_list():
    hostile = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        'width="72pt" height="36pt" onload="x()"><script>x()</script><style>*{}</style>'
        '<foreignObject><p>a</p></foreignObject><a xlink:href="javascript:x()"><path d="M0 0"/></a>'
        '<g fill="url(https://otro.sitio/x)" style="stroke:#000000;background:url(//x)">'
        '<text onclick="x">a &lt; b</text><image xlink:href="https://otro.sitio/i.png"/></g></svg>'
    )
    svg = svg_module.paint_svg(hostile, 'uno "dos" <tres>', "s1")
    tree = ET.fromstring(svg)
    tags = {element.tag.split("}")[1] for element in tree.iter()}
    assert tags <= {"svg", "g", "text", "image"}
    assert not [name for element in tree.iter() for name in element.attrib if name.startswith("on")]
    assert "otro.sitio" not in svg and "javascript" not in svg
    assert tree.get("aria-label") == 'uno "dos" <tres>'
    assert (tree.get("width"), tree.get("height")) == ("96", "48")
    assert "kv-stroke-ink" in svg


def figure(data, kind="image/svg+xml"):
    return {"output_type": "display_data", "metadata": {}, "data": {kind: data}}


def drawing(inside="", attributes=""):
    return f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{inside}</svg>'


@pytest.mark.parametrize(
    "value",
    [
        "url(https://otro.sitio/x)", "URL(https://otro.sitio/x)", r"u\72l(https://otro.sitio/x)",
        "image-set('https://otro.sitio/x' 1x)", "-webkit-image-set(url(https://otro.sitio/x) 1x)",
        "url (https://otro.sitio/x)", "src('https://otro.sitio/x')", "url(#a) url(https://otro.sitio/x)",
        "cross-fade(url(https://otro.sitio/x))", "var(--x, url(https://otro.sitio/x))",
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["fill", "stroke", "clip-path", "mask", "marker-end", "transform"])
def test_no_value_of_an_svg_asks_for_an_address(name, value):
    for source in (f'<path d="M0 0" {name}="{value}"/>', f"<path d='M0 0' style=\"{name}:{value}\"/>"):
        if source.count('"') % 2 == 0:
            assert "otro.sitio" not in svg_module.paint_svg(drawing(source), "", "s1")


@pytest.mark.parametrize(
    "value",
    ["rgb(1, 2, 3)", "#12abcd", "rotate(45 1 1)", "matrix(1 0 0 1 2 3)", "translate(1,2) scale(2)"],
)
def test_values_that_a_drawing_needs_stay(value):
    name = "fill" if value[0] in "r#" and "rot" not in value else "transform"
    assert value in svg_module.paint_svg(drawing(f'<path d="M0 0" {name}="{value}"/>'), "", "s1")


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (figure("<svg"), "SVG que no se puede mostrar"),
        (figure("<p/>"), "no empieza con <svg>"),
        (figure(drawing("<g>" * 5000 + "</g>" * 5000)), "anida más de 200"),
        (figure(drawing('<image href="data:image/png;base64,A"/>')), "imagen mal codificada"),
        (figure("A", "image/png"), "PNG que no está bien codificado"),
    ],
)
def test_a_figure_that_cannot_be_shown_is_an_error_and_not_a_notice(output, said):
    with pytest.raises(figures.OutputError, match=said):
        outputs.render([output])


def test_odd_sizes_are_no_sizes():
    assert "<svg" in svg_module.paint_svg(drawing(attributes='width="1.2.3" height=".5pt"'), "", "s1")
    odd = figure(base64.b64encode(png()).decode(), "image/png")
    odd["metadata"] = {"image/png": {"width": "ancho", "height": 3}}
    assert 'height="3"' in outputs.render([odd]) and "ancho" not in outputs.render([odd])


def png(*more, size=(4, 4)):
    saved = io.BytesIO()
    first = Image.new("RGBA", size, "red")
    first.save(
        saved, "PNG", save_all=bool(more), append_images=[Image.new("RGBA", size, c) for c in more]
    )
    return saved.getvalue()


def test_a_png_that_moves_keeps_its_frames():
    moving = png("blue", "green")
    assert Image.open(io.BytesIO(figures.lighter_png(moving))).n_frames == 3


def test_an_enormous_png_is_left_as_it_is(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 4)
    picture = png()
    with pytest.raises(Image.DecompressionBombError):
        Image.open(io.BytesIO(picture))
    assert figures.lighter_png(picture) == picture


def test_svg_entities_are_refused():
    bomb = '<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>'
    with pytest.raises(figures.OutputError, match="SVG que no se puede mostrar"):
        outputs.render([figure(bomb)])


def test_references_inside_svg_are_unique_on_the_page():
    source = (
        '<svg xmlns="http://www.w3.org/2000/svg"><defs><clipPath id="c"/></defs>'
        '<path clip-path="url(#c)" d="M0 0"/></svg>'
    )
    first, second = (svg_module.paint_svg(source, "", uid) for uid in ("s1", "s2"))
    assert 'id="s1-c"' in first and "url(#s1-c)" in first
    assert 'id="s2-c"' in second


SUMMARY = """\
Model: "m"
┏━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━┳━━━━━━━━━┳━━━━━━━━━━━━━━┓
┃ Layer (type)  ┃ Output Shape ┃ Param # ┃ Connected to ┃
┡━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━╇━━━━━━━━━╇━━━━━━━━━━━━━━┩
│ a<b> (Dense)  │ (None, 4)    │      20 │ x[0][0],     │
│               │              │         │ y[0][0]      │
├───────────────┼─────────────┼─────────┼──────────────┤
│    └ c (Add)  │ ?            │       0 │ -            │
└───────────────┴─────────────┴─────────┴──────────────┘
 Total params: 20 (80.00 B)
"""


def test_summary_is_read_into_rows_and_totals():
    data = parse_summary(SUMMARY)
    assert data["title"] == 'Model: "m"'
    assert data["columns"] == ["Layer (type)", "Output Shape", "Param #", "Connected to"]
    assert data["rows"] == [
        ["a<b> (Dense)", "(None, 4)", "20", "x[0][0], y[0][0]"],
        ["   └ c (Add)", "?", "0", "-"],
    ]
    assert data["totals"] == [["Total params", "20 (80.00 B)"]]


def test_summary_is_an_accessible_table():
    output = {
        "output_type": "display_data",
        "metadata": {},
        "data": {outputs.SUMMARY_MIME: parse_summary(SUMMARY), "text/plain": SUMMARY},
    }
    html = outputs.render([output])
    assert html.count('scope="col"') == 4
    assert html.count('scope="row"') == 2
    assert "a&lt;b&gt; (Dense)" in html
    assert "<caption>" in html and "<dt>Total params</dt>" in html


def test_warnings_and_errors_are_marked():
    html = outputs.render([stream("UserWarning: ojo\n", "stderr")])
    assert "kv-warning" in html and "Advertencia" in html
    error = {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": ["uno", "dos"]}
    html = outputs.render([error], expected="ValueError")
    assert "ValueError: no" in html and "<details data-search-exclude>" in html and 'lang="en"' in html


def test_nothing_to_show_is_nothing():
    assert outputs.render([]) == ""
    assert outputs.render([stream("\n")]) == ""


def test_of_the_code_of_libraries_a_trace_keeps_the_line_of_each_call():
    trace = (
        "Cell In[2], line 2\n      1 a = 1\n----> 2 f(a)\n\n"
        "File …/keras/x.py:9, in f(a)\n      7     # nota\n      8 \n----> 9     return g(a)\n     10 \n\n"
        "ValueError: mal"
    )
    shown = outputs.render(
        [{"output_type": "error", "ename": "ValueError", "evalue": "mal", "traceback": [trace]}]
    )
    for kept in (
        "      1 a = 1",
        "----&gt; 2 f(a)",
        "File …/keras/x.py:9, in f(a)",
        "----&gt; 9     return g(a)",
    ):
        assert kept in shown
    assert "# nota" not in shown and "     10" not in shown
