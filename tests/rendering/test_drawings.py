"""Drawings of ours: inside the page, in its colours, harmless, legible on a phone; and what they claim."""

import base64
import itertools
import os
import re
import xml.etree.ElementTree as ET

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest

from livedocs.derived import notebook, notebook_page
from livedocs.execution.results import CellResult, Execution
from livedocs.pages import writing
from livedocs.pages.chapter import Chapter, ChapterError
from livedocs.rendering import drawings
from livedocs.staging import StagingError, stage
from tests.conftest import ROOT
from tests.converting import PROVENANCE, Converter

OURS = sorted((ROOT / "docs" / drawings.FOLDER).glob("*.svg"))
NAMES = [path.stem for path in OURS]

SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20" width="40" height="20" font-family="sans-serif">
<title>No se ve</title>
<defs><marker id="punta"><path d="M0 0L8 4" fill="#A81C26"/></marker></defs>
<rect width="40" height="20" fill="#ffffff"/>
<path d="M0 0L9 9" stroke="#2b5797" fill="none" marker-end="url(#punta)"/>
<use href="#punta"/>
<text x="1" y="9" font-family="monospace" class="kv-said">a &lt; b</text>
</svg>
"""
ASKED = "![Dos cajas y una flecha de `a` a «b».](../dibujos/d.svg){ .kv-drawing }"
WITHOUT_ALT = "![](../dibujos/d.svg){ .kv-drawing }"


@pytest.fixture(scope="module")
def converter(tmp_path_factory):
    root = tmp_path_factory.mktemp("dibujos")
    for folder in ("docs/clases", "docs/dibujos", "snippets"):
        (root / folder).mkdir(parents=True)
    return Converter(root)


@pytest.fixture
def convert(converter):
    """A page's HTML, given its text and that of the drawing `d.svg`."""

    def convert(text, svg=SVG):
        docs = converter.settings.docs
        (docs / "dibujos" / "d.svg").write_text(svg, "utf-8")
        path = docs / "clases" / "p.md"
        path.write_text(text, "utf-8")
        return converter.page(path)

    return convert


# On the page ----------------------------------------------------------------------------


def test_a_drawing_is_inside_its_page_and_in_its_colours(convert):
    html = convert(f"# P\n\nAntes.\n\n{ASKED}\n\nDespués.\n")
    assert '<figure class="kv-drawing"><svg' in html and "<img" not in html
    assert not re.search(r"<p>\s*<figure", html)
    assert 'role="img" aria-label="Dos cajas y una flecha de a a «b»."' in html
    svg = html[html.index("<svg") : html.index("</svg>")]
    assert set(re.findall(r"#[\w-]+", svg)) == {"#d1-punta"}, "no fixed colour"
    for name in ("kv-fill-paper", "kv-stroke-blue", "kv-fill-red", "kv-said", "kv-mono"):
        assert name in html
    assert "No se ve" not in html and "font-family" not in html and "a &lt; b" in html
    assert html.index("Antes") < html.index("<figure") < html.index("Después")


def test_two_copies_of_a_drawing_share_no_name(convert):
    html = convert(f"# P\n\n{ASKED}\n\n{ASKED}\n")
    ids = re.findall(r'\bid="([^"]+-punta)"', html)
    assert ids == ["d1-punta", "d2-punta"]
    assert re.findall(r"url\(#([^)]+)\)", html) == ids == re.findall(r'href="#(d[^"]+)"', html)


@pytest.mark.parametrize(
    "around",
    [
        "/// details | Más\n\n{}\n\n///\n",
        "- Uno\n\n    {}\n\n- Dos\n",
        "> {}\n",
        "<!-- fmt: off -->\n\n{}\n",
    ],
)
def test_a_drawing_may_be_inside_something(convert, around):
    assert convert("# P\n\n" + around.format(ASKED)).count('<figure class="kv-drawing"') == 1


def test_text_about_drawings_asks_for_none(convert):
    text = f"# P\n\nSe escribe `{ASKED}`.\n\n```text\n{ASKED}\n```\n\n<!--\n\n{ASKED}\n\n-->\n"
    assert "<svg" not in convert(text)


def test_a_generator_that_does_not_say_which_page_it_is_finds_the_drawing(converter, convert):
    convert(f"# P\n\n{ASKED}\n")
    assert "<figure" in converter.text(f"# P\n\n{ASKED}\n")


def test_the_page_it_is_written_in_may_be_deeper(converter, convert):
    path = converter.settings.docs / "clases" / "102" / "leccion.md"
    path.parent.mkdir(exist_ok=True)
    convert("# P\n")
    path.write_text(f"# P\n\n{ASKED.replace('../', '../../')}\n", "utf-8")
    assert "<figure" in converter.page(path)


# What is refused ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (ASKED.replace("d.svg", "no.svg"), "no está; revisá el nombre y la ruta"),
        (WITHOUT_ALT, "le falta el texto alternativo"),
        (WITHOUT_ALT.replace("[]", "[ ]"), "le falta el texto alternativo"),
        (ASKED.replace("../dibujos", "../../dibujos"), "los dibujos están en docs/dibujos/"),
        (ASKED.replace("../dibujos", "../assets"), "los dibujos están en docs/dibujos/"),
        (f"Mirá: {ASKED}", "va solo en su línea"),
        (f"{ASKED} así.", "va solo en su línea"),
        (f"Antes.\n{ASKED}", "va solo en su línea"),
        (ASKED.replace("{ .kv-drawing }", ""), "va solo en su línea"),
        (ASKED.replace(".kv-drawing", ".kv-drawing .otra"), "va solo en su línea"),
    ],
)
def test_one_message_says_what_is_wrong_in_the_page(convert, line, said):
    with pytest.raises(ChapterError) as caught:
        convert(f"---\ntitle: P\n---\n\n# P\n\n{line}\n")
    place = 7 + line.count("\n")
    assert str(caught.value).startswith(f"docs/clases/p.md:{place}: ") and said in str(caught.value)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("<script>alert(1)</script>", "<script> no va en un dibujo"),
        ("<style>@import url(//x.example)</style>", "<style> no va en un dibujo"),
        ("<foreignObject><b/></foreignObject>", "<foreignObject> no va en un dibujo"),
        ('<image href="data:image/png;base64,AA=="/>', "<image> no va en un dibujo"),
        ('<a href="https://x.example"><rect/></a>', "<a> no va en un dibujo"),
        ('<b xmlns="http://www.w3.org/1999/xhtml"/>', "<b> no va en un dibujo"),
        ('<rect onclick="alert(1)"/>', "«onclick» ejecuta código"),
        ('<rect ONLOAD="alert(1)"/>', "«ONLOAD» ejecuta código"),
        ('<use href="otro.svg#a"/>', "«otro.svg#a» está fuera del dibujo"),
        ('<use xmlns:x="http://www.w3.org/1999/xlink" x:href="javascript:1"/>', "está fuera del dibujo"),
        ('<rect fill="url(https://x.example/#a)"/>', "no es un color del sitio"),
        ('<rect marker-end="url(https://x.example/#a)"/>', "está fuera del dibujo"),
        ('<rect style="fill: red"/>', "«style» no va en un dibujo"),
        ('<rect fill="tomato"/>', "«tomato» no es un color del sitio"),
        ('<rect class="md-button"/>', "la clase «md-button» no es del sitio"),
        ('<text font-family="Comic Sans MS"/>', "«font-family» va en la raíz"),
        ("<rect>", "no es SVG bien formado"),
        ("<g>" * 300 + "</g>" * 300, "anida más de 200"),
    ],
)
def test_one_message_says_what_is_wrong_in_the_drawing(convert, line, said):
    svg = SVG.replace("<title>No se ve</title>", line)
    with pytest.raises(ChapterError) as caught:
        convert(f"# P\n\n{ASKED}\n", svg)
    place = r"\d+" if "bien formado" in said else "2"  # it is known at the end of what was left open
    assert re.match(rf"docs/dibujos/d\.svg:{place}: ", str(caught.value)) and said in str(caught.value)


@pytest.mark.parametrize(
    ("svg", "said"),
    [
        ('<!DOCTYPE svg [<!ENTITY a "b">]>\n' + SVG, "no lleva <!DOCTYPE>"),
        (SVG.replace(' viewBox="0 0 40 20"', ""), "le falta «viewBox»"),
        (SVG.replace(' xmlns="http://www.w3.org/2000/svg"', ""), "un dibujo empieza con <svg"),
        ("", "no es SVG bien formado"),
    ],
)
def test_a_file_that_is_no_drawing(convert, svg, said):
    with pytest.raises(ChapterError, match=re.escape(said)):
        convert(f"# P\n\n{ASKED}\n", svg)


def test_a_link_to_a_file_elsewhere_and_bytes_that_are_no_text(converter, convert):
    convert("# P\n")
    folder = converter.settings.docs / "dibujos"
    outside = converter.settings.root / "afuera.svg"
    outside.write_text(SVG, "utf-8")
    (folder / "enlace.svg").symlink_to(outside)
    (folder / "bytes.svg").write_bytes(b"\xff\xfe")
    for name, said in (
        ("enlace", "un enlace a un archivo de otra carpeta"),
        ("bytes", "no es texto en UTF-8"),
    ):
        with pytest.raises(ChapterError, match=said):
            convert(f"# P\n\n{ASKED.replace('d.svg', f'{name}.svg')}\n")


def test_staging_tells_of_all_and_publishes_no_copy(project):
    (project.root / "docs" / "dibujos").mkdir()
    (project.root / "docs" / "dibujos" / "d.svg").write_text(SVG, "utf-8")
    project.page("clases/a", f"# A\n\n{ASKED.replace('d.svg', 'no.svg')}\n")
    project.page("clases/b", f"# B\n\n{WITHOUT_ALT}\n")
    with pytest.raises(StagingError) as caught:
        stage(project.settings())
    assert [told.partition(": ")[0] for told in caught.value.problems] == [
        "docs/clases/a.md:3",
        "docs/clases/b.md:3",
    ]
    tolerant = stage(project.settings(), tolerant=True)
    assert len(tolerant.problems) == 2
    for page in ("a", "b"):
        project.page(f"clases/{page}", f"# {page}\n\n{ASKED}\n")
    staged = stage(project.settings())
    assert not [uri for uri in staged.manifest["files"] if "dibujos" in uri]


# Elsewhere ------------------------------------------------------------------------------


def test_a_notebook_holds_the_drawing_as_a_picture(tmp_path):
    folder = tmp_path / "docs" / "dibujos"
    folder.mkdir(parents=True)
    (folder / "d.svg").write_text(SVG, "utf-8")
    chapter = Chapter.parse(f"# P\n\n{ASKED}\n\n```python\nx = 1\n```\n", "docs/clases/p.md", tmp_path)
    execution = Execution((CellResult("ok", []),), PROVENANCE)

    def shown():
        drawn = drawings.data_uris(chapter, tmp_path)
        made = notebook.executed(chapter, execution, drawn=drawn)
        prose = next(cell.source for cell in made.cells if "Dos cajas" in cell.source)
        alt, kind, data = re.search(r"!\[(.*)\]\(data:image/(.*);base64,(.*)\)", prose).groups()
        assert alt == "Dos cajas y una flecha de a a «b»." and "kv-drawing" not in prose
        page = notebook_page.render(made)
        assert f'src="data:image/{kind};base64,{data}"' in page and f'alt="{alt}"' in page
        return kind, base64.b64decode(data)

    assert shown() == ("svg+xml", re.sub(r">\s+<", "><", SVG).strip().encode())
    from PIL import Image

    picture = folder / "d.png"
    Image.new("L", (4, 2)).save(picture, pnginfo=drawings.made_from(SVG))
    assert shown() == ("png", picture.read_bytes())
    Image.new("L", (4, 2)).save(picture, pnginfo=drawings.made_from(SVG + " "))
    assert shown()[0] == "svg+xml", "a picture of another version is not shown"
    alone = notebook.todo(chapter, execution)
    assert "*Dos cajas y una flecha de a a «b».*" in alone.cells[0].source


def test_the_numbers_of_an_alternative_text_are_the_drawing_s(tmp_path):
    page = f"# P {{ #p }}\n\n{ASKED.replace('Dos', '0,87')}\n\n```python\nx = 1\n```\n"
    assert writing.problems(Chapter.parse(page, "docs/p.md", tmp_path)) == []
    page = page.replace("\n\n```", "\n\nDio 0,87.\n\n```")
    assert "0,87" in writing.problems(Chapter.parse(page, "docs/p.md", tmp_path))[0]


# Those of the site ----------------------------------------------------------------------


def test_the_palette_is_that_of_the_style_sheet():
    css = (ROOT / "docs" / "assets" / "keras-en-vivo.css").read_text("utf-8")
    light = css[css.index("[data-md-color-scheme] {") : css.index('[data-md-color-scheme="slate"]')]
    for colour, name in drawings.PALETTE.items():
        assert f"--kv-{name}: {colour};" in light
        for use in ("fill", "stroke"):
            assert re.search(rf"\.kv-{use}-{name} {{ {use}: var\(--kv-{name}\); }}", css), name


@pytest.mark.parametrize("path", OURS, ids=NAMES)
def test_drawings_are_small_and_have_their_picture(path):
    source = path.read_text("utf-8")
    assert len(source.encode()) < 6000
    assert drawings.is_made_from(path.with_suffix(".png"), source), (
        f"docs/dibujos/{path.stem}.png no es de este dibujo; hacelo con «python -m tests.drawings»."
    )


#: What is wrong on the screen: text that is small, outside, over another text or across a box.
LOOK = """() => [...document.querySelectorAll('.kv-drawing svg')].flatMap(svg => {
  const box = svg.getBoundingClientRect(), found = [];
  const texts = [...svg.querySelectorAll('text')].map(text => [text, text.getBoundingClientRect()]);
  const meet = (a, b, y) => a.left < b.right - 1 && b.left < a.right - 1 &&
    a.top < b.bottom - y && b.top < a.bottom - y;
  texts.forEach(([text, at], n) => {
    const said = text.textContent;
    const size = parseFloat(getComputedStyle(text).fontSize) * box.width / svg.viewBox.baseVal.width;
    if (size < 11) found.push(`${said}: ${size} px`);
    if (at.left < box.left || at.right > box.right || at.top < box.top || at.bottom > box.bottom)
      found.push(`${said}: afuera`);
    texts.slice(n + 1).filter(([, other]) => meet(at, other, 3))
      .forEach(([other]) => found.push(`${said} sobre ${other.textContent}`));
    for (const rect of svg.querySelectorAll('rect')) {
      const q = rect.getBoundingClientRect();
      const inside = at.left >= q.left && at.right <= q.right && at.top >= q.top - 1 && at.bottom <= q.bottom + 1;
      if (q.height && meet(at, q, 2) && !inside) found.push(`${said} cruza una caja`);
    }
  });
  return found;
})"""


@pytest.fixture(scope="module")
def open_page(browser):
    """A page with drawings, as the site's own style sheet and script leave it."""
    contexts = []

    def open_page(*paths, scheme="default", width=360):
        body = "".join(
            drawings.paint(p.read_text("utf-8"), p.stem, f"d{n}", p.name) for n, p in enumerate(paths)
        )
        context = browser.new_context(viewport={"width": width, "height": 740})
        contexts.append(context)
        page = context.new_page()
        page.set_content(
            f'<html><body data-md-color-scheme="{scheme}" class="md-typeset" '
            f'style="margin: 16px; font-size: 20px">{body}<div class="md-dialog"></div></body></html>'
        )
        page.add_style_tag(content="html { font-size: 125% }")
        page.add_style_tag(path=ROOT / "docs" / "assets" / "keras-en-vivo.css")
        page.add_script_tag(path=ROOT / "docs" / "assets" / "keras-en-vivo.js")
        return page

    yield open_page
    for context in contexts:
        context.close()


def test_drawings_are_legible_on_a_phone_and_on_a_desk(open_page):
    for width in (360, 1280):
        assert open_page(*OURS, width=width).evaluate(LOOK) == []


def test_a_text_over_another_is_seen(open_page, tmp_path):
    path = tmp_path / "mal.svg"
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 340 40">'
        '<rect x="20" y="2" width="9" height="20" fill="#ffffff"/>'
        '<text x="5" y="15" font-size="12">uno dos</text><text x="9" y="17" font-size="12">tres</text>'
        '<text x="320" y="35" font-size="9">cuatro</text></svg>',
        "utf-8",
    )
    seen = " ".join(open_page(path).evaluate(LOOK))
    for said in ("uno dos sobre tres", "uno dos cruza una caja", "cuatro: afuera", "cuatro: 8.6"):
        assert said in seen


def test_drawings_follow_the_scheme_of_the_page(open_page):
    ink = "getComputedStyle(document.querySelector('.kv-drawing text')).fill"
    paper = "getComputedStyle(document.querySelector('.kv-drawing rect')).fill"
    seen = [
        (p.evaluate(ink), p.evaluate(paper))
        for p in (open_page(OURS[0]), open_page(OURS[0], scheme="slate"))
    ]
    assert seen == [("rgb(29, 32, 38)", "rgb(255, 255, 255)"), ("rgb(240, 241, 244)", "rgb(27, 29, 35)")]


# What they claim ------------------------------------------------------------------------


def texts(name):
    tree = ET.parse(ROOT / "docs" / drawings.FOLDER / f"{name}.svg")
    return ["".join(each.itertext()) for each in tree.iter("{http://www.w3.org/2000/svg}text")]


def test_rows_batches_and_steps_are_those_of_fit():
    import keras
    from keras import layers, ops

    said = texts("filas-lotes-pasos")
    numbers = [int(each) for each in said if each.isdigit()]
    assert numbers[:20] == list(range(20)) and numbers[-4:] == [16, 17, 18, 19]
    drawn = numbers[20:-4]
    assert sorted(drawn) == list(range(16)) and drawn != sorted(drawn)
    seen = []

    class Spy(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(1)

        def call(self, x):
            return self.dense(x)

        def train_step(self, data):
            seen.append(ops.convert_to_numpy(data[0])[:, 0].astype(int).tolist())
            return super().train_step(data)

        def test_step(self, data):
            seen.append(ops.convert_to_numpy(data[0])[:, 0].astype(int).tolist())
            return super().test_step(data)

    keras.utils.set_random_seed(1)
    spy, rows = Spy(), np.arange(20.0).reshape(-1, 1)
    spy.compile(loss="mse", run_eagerly=True)
    spy.fit(rows, rows, epochs=2, batch_size=6, validation_split=0.2, verbose=0)
    assert [len(batch) for batch in seen] == [6, 6, 4, 4] * 2
    assert seen[3] == seen[7] == [16, 17, 18, 19], "the last ones, not mixed, in every epoch"
    for epoch in ([*itertools.chain(*seen[:3])], [*itertools.chain(*seen[4:7])]):
        assert sorted(epoch) == list(range(16)) and epoch != sorted(epoch)
    # With a seed, TensorFlow mixes alike in every epoch: the drawing must not promise otherwise.
    assert seen[:3] == seen[4:7] and not any("cada época" in each for each in said)
    assert spy.optimizer.iterations == 2 * 3
    assert [each for each in said if each.startswith("paso ")] == ["paso 1", "paso 2", "paso 3"]


def test_python_runs_while_it_is_traced_and_what_it_drew_stays():
    """With TensorFlow, as the pages run."""
    import keras
    from keras import layers

    visits = []

    class Talker(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(2, kernel_initializer="identity")

        def call(self, x):
            visits.append(np.random.normal())
            x = x + visits[-1]
            for _ in range(3):
                x = self.dense(x)
            return x

    talker, zeros = Talker(), np.zeros((2, 2), "float32")
    first = talker.predict(zeros, verbose=0)
    before = len(visits)
    for _ in range(20):
        again = talker.predict(zeros, verbose=0)
    assert len(visits) == before, "Python did not run again"
    assert np.array_equal(first, again), "the number it drew is part of the graph"
    assert texts("python-y-grafo").count("dense") == 3 and "  for _ in range(3):".strip() in texts(
        "python-y-grafo"
    )


def test_weights_in_a_list_are_crossed_and_named_ones_are_not():
    import keras
    from keras import layers

    inputs = keras.Input((2,))
    zero = {"kernel_initializer": "zeros"}
    outputs = {name: layers.Dense(1, name=name, **zero)(inputs) for name in ("price", "age")}
    x = np.ones((4, 2))
    y = {"price": np.full((4, 1), 1.0), "age": np.full((4, 1), 10.0)}  # mse 1, mae 10

    def total(weights):
        net = keras.Model(inputs, outputs)
        net.compile(loss={"price": "mse", "age": "mae"}, loss_weights=weights)
        return net.evaluate(x, y, verbose=0, return_dict=True)["loss"]

    assert np.isclose(total({"price": 0.8, "age": 0.2}), 0.8 * 1 + 0.2 * 10)
    assert np.isclose(total({"age": 0.2, "price": 0.8}), 0.8 * 1 + 0.2 * 10), "in any order"
    assert np.isclose(total([0.8, 0.2]), 0.2 * 1 + 0.8 * 10), "by the alphabet: age, price"


def test_no_sum_tells_equal_from_different_and_the_distance_does():
    pairs = np.array([(0, 0), (1, 1), (0, 1), (1, 0)], float)
    same = np.array([True, True, False, False])
    for u in np.linspace(-3, 3, 13):
        for v in np.linspace(-3, 3, 13):
            total = pairs @ (u, v)
            assert np.isclose(total[same].sum(), total[~same].sum()), "both diagonals add up to the same"
            assert not total[same].min() > total[~same].max()
    distance = abs(pairs[:, 0] - pairs[:, 1])
    assert (distance[same] < 0.5).all() and (distance[~same] > 0.5).all()


def test_a_vector_less_a_column_is_a_matrix():
    from keras import ops

    y, p = np.arange(200.0), np.arange(200.0)[:, None] / 7
    matrix = ops.convert_to_numpy(ops.subtract(y, p))
    assert matrix.shape == (200, 200) and matrix.size - 200 == 39_800
    assert matrix[0, 1] == y[1] - p[0, 0], "row: the prediction; column: the label"
    assert np.allclose(np.diag(matrix), y - p[:, 0])
    said = texts("resta-de-formas")
    assert "(200,) − (200, 1) → (200, 200)" in said and any("39 800" in each for each in said)
    assert "y₁−p₀" in said


def counted(threshold):
    """What is at each side of a threshold, from the bars of the file."""
    tree = ET.parse(ROOT / "docs" / drawings.FOLDER / "umbral.svg")
    bars = {
        kind: [float(r.get("height")) / 10 for r in tree.find(f".//*[@class='kv-{kind}']")]
        for kind in ("pos", "neg")
    }
    fn, tp = (int(sum(part)) for part in (bars["pos"][:threshold], bars["pos"][threshold:]))
    tn, fp = (int(sum(part)) for part in (bars["neg"][:threshold], bars["neg"][threshold:]))
    comma = lambda value: f"{value:.2f}".replace(".", ",")
    return [
        f"FN {fn}", f"VP {tp}", f"VN {tn}", f"FP {fp}", f"umbral 0,{threshold}",
        f"precisión {tp}/{tp + fp} = {comma(tp / (tp + fp))}",
        f"recall {tp}/{tp + fn} = {comma(tp / (tp + fn))}",
        f"F1 {comma(2 * tp / (2 * tp + fp + fn))}",
    ]  # fmt: skip


def test_the_threshold_counts_the_bars_that_are_drawn():
    said = texts("umbral")
    assert [each for each in said if each in counted(5)] == counted(5)
    assert "Positivos: 20 casos" in said and "Negativos: 36 casos" in said
    assert any("inventados" in each for each in said)


def test_the_threshold_moves_with_the_keyboard_and_counts_again(open_page):
    page = open_page(next(p for p in OURS if p.stem == "umbral"))
    shown = "[...document.querySelectorAll('.kv-said')].map(text => text.textContent)"
    line = "document.querySelector('.kv-threshold path').getBoundingClientRect().x"
    places = "[...document.querySelectorAll('.kv-neg rect')].map(bar => bar.getBoundingClientRect().x)"
    wrong = "['.kv-pos .kv-fill-amber', '.kv-neg .kv-fill-red'].map(s => document.querySelectorAll(s).length)"
    slider = page.get_by_role("slider", name="Mové el umbral")
    page.keyboard.press("Tab")
    assert slider.evaluate("input => input === document.activeElement")
    for cut in (5, 6, 7, 8, 9):
        assert page.evaluate(shown) == counted(cut)
        assert abs(page.evaluate(line) - page.evaluate(places)[cut]) < 2, "between two bars"
        assert page.evaluate(wrong) == [cut, 10 - cut]
        heard = slider.get_attribute("aria-valuetext")
        assert heard.startswith(f"0,{cut}: ") and counted(cut)[-1] in heard
        assert page.evaluate(LOOK) == []
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Home")
    assert page.evaluate(shown) == counted(1) and page.evaluate(LOOK) == []
