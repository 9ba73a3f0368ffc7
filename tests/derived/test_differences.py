"""Two executions compared by what their outputs say: what changed shows, and nothing else does."""

from __future__ import annotations

import base64
import io
import json

import pytest
from PIL import Image

from livedocs.derived.differences import record, report, report_html
from livedocs.derived.differences.compare import compare, numbers
from livedocs.execution.executor import Executor
from livedocs.execution.kernel_setup import SUMMARY_MIME
from livedocs.execution.results import FAILED, NOT_RUN, OK, CellResult, Execution
from livedocs.pages.chapter import Chapter
from tests.conftest import ROOT, fence

MADE = {
    "keras": "3.15.1", "backend": "TensorFlow 2.21.0", "numpy": "2.4.6", "python": "3.11.7",
    "data": "datos sintéticos", "profile": "synthetic", "blocks": 1, "seconds": 3.5,
}  # fmt: skip


def stdout(text):
    return {"output_type": "stream", "name": "stdout", "text": text}


def display(data, **metadata):
    return {"output_type": "display_data", "data": data, "metadata": metadata}


def side(*blocks, uri="p.md", seed=42, **made):
    """A record of one page; each block is its outputs, or its code, its outputs and its attributes."""
    blocks = [
        block if isinstance(block, tuple) else (f"f({n})", block) for n, block in enumerate(blocks)
    ]
    text = "# Página { #p }\n\n" + "".join(fence(code, *more) for code, _, *more in blocks)
    chapter = Chapter.parse(text, f"docs/{uri}", ROOT)
    results = tuple(CellResult(OK, outputs) for _, outputs, *_ in blocks)
    page = record.page(chapter, Execution(results, MADE | made), "clave", "p/")
    return record.Record(seed, {uri: page})


def only_change(old, new, **options):
    """The one output that changed between two blocks."""
    difference = compare(side(old), side(new), **options)
    (page,) = difference.pages
    (block,) = page.blocks
    (change,) = block.changes
    return change


# Real executions ----------------------------------------------------------------------


@pytest.fixture
def pages(project):
    project.page(
        "azar",
        "# Azar { #azar }\n\nUna línea.\n\n## Tirar { #tirar }\n\n"
        + fence("import random\n\nprint('dado:', random.random())")
        + fence("print('fijo: 3')")
        + fence("import time\n\nt = time.perf_counter()\nprint(f'{1000 * t:.3f} ms', object())")
        + fence("print(t)", "volatile"),
    )
    project.page("prosa", "# Prosa { #prosa }\n\n" + fence("print(1)"))
    return project


def recorded(project, **changes):
    settings = project.settings(**changes)
    return record.of_project(settings, Executor(settings))


def test_a_planted_seed_shows_and_measured_times_do_not(pages):
    first = recorded(pages)
    again_settings = pages.settings()
    executor = Executor(again_settings)
    executor.forget([Chapter.load(path, pages.root) for path in again_settings.pages()])
    assert not compare(first, record.of_project(again_settings, executor)), "the same seed, run again"

    difference = compare(first, recorded(pages, seed=7))
    assert difference.made == (("seed", "42", "7"),)
    assert [page.uri for page in difference.pages] == ["azar.md"]
    (block,) = difference.pages[0].blocks
    assert (block.number, block.block.section) == (1, "Tirar")
    (change,) = block.changes
    assert change.kind == "text"
    ((old, new),) = numbers(change.rows[0])
    assert old != new and change.said == f"{old} → {new}"
    told = report.terminal(difference)
    assert (
        "docs/azar.md · Azar" in told and "  Bloque 1 · Tirar: texto: " in told and "prosa" not in told
    )


def test_a_planted_change_of_prose_does_not_show(pages):
    before = recorded(pages)
    path = pages.root / "docs" / "azar.md"
    text = path.read_text("utf-8")
    changed = text.replace("Una línea.", "Otras dos líneas.\n\nMás prosa.").replace(
        "## Tirar", "## Lanzar"
    )
    path.write_text(changed, "utf-8")
    assert path.read_text("utf-8") != text
    difference = compare(before, recorded(pages))
    assert not difference and difference.same == 2
    assert report.terminal(difference) == "Ninguna salida cambió: 2 páginas dan lo mismo."


def test_two_folders_are_compared_from_the_command_line(pages, tmp_path):
    first, second = tmp_path / "a.json.gz", tmp_path / "b.json"
    done = pages.command("livedocs", "export", str(first))
    assert done.returncode == 0, done.stderr
    assert "2 páginas, 5 bloques. Keras " in done.stdout and "semilla 42" in done.stdout
    assert pages.command("livedocs", "export", str(second), LIVEDOCS_SEED="7").returncode == 0
    page, text = tmp_path / "informe.html", tmp_path / "informe.md"
    done = pages.command(
        "livedocs", "diff", str(first), str(second), "--report", str(page), "--report", str(text)
    )
    assert done.returncode == 0, done.stderr
    assert "semilla: 42 → 7" in done.stdout and "1 página cambia (1 bloque)" in done.stdout
    assert "<del>" in page.read_text("utf-8")
    assert "```diff\n- dado: 0." in text.read_text("utf-8")
    done = pages.command("livedocs", "diff", str(first), ".", "--exit-code")
    assert (done.returncode, done.stdout) == (0, "Ninguna salida cambió: 2 páginas dan lo mismo.\n")
    done = pages.command("livedocs", "diff", str(second), ".", "--exit-code")
    assert done.returncode == 1 and "semilla: 7 → 42" in done.stdout


# Each kind of output ------------------------------------------------------------------


def test_the_numbers_of_a_text_are_told_apart_from_its_words():
    change = only_change(
        [stdout("loss: 0.50 dense_3\nigual 1\n")], [stdout("loss: 0.60 dense_3\nigual 1\n")]
    )
    assert change.said == "0.50 → 0.60"
    assert [row.state for row in change.rows] == ["changed", "same"]
    change = only_change([stdout("dense_3 1\n")], [stdout("dense_4 1\n")])
    assert change.said == "«dense_3 1» → «dense_4 1»", "a name is no number"
    change = only_change([stdout("a\nb\n")], [stdout("a\nc\nb\n")])
    assert change.said == "una línea más"
    assert only_change([stdout("(1, 28, 28) y 1,204")], [stdout("(1, 32, 28) y 1,205")]).said == (
        "28 → 32 y otro número"
    )


def test_a_line_faces_the_one_that_took_its_place():
    page = report_html.page(compare(side([stdout("a\nb\nc\nd\n")]), side([stdout("a\nx\ny\nd\n")])))
    assert '<tr><td class="old">b</td><td class="new">x</td></tr>' in page
    assert '<tr><td class="old">c</td><td class="new">y</td></tr>' in page


def test_how_many_spaces_align_a_text_is_no_difference():
    assert not compare(side([stdout("a   1\n")]), side([stdout("a 1  \n")]))


def test_a_tolerance_forgives_the_last_decimals_and_counts_them():
    old, new = side([stdout("loss: 0.5000\n")]), side([stdout("loss: 0.5001\n")])
    assert compare(old, new)
    difference = compare(old, new, tolerance=0.001)
    assert not difference and difference.slight == 1
    assert "1 salida difiere menos que la tolerancia" in report.terminal(difference)
    assert compare(old, side([stdout("loss: 0.6\n")]), tolerance=0.001)
    assert compare(old, side([stdout("perdida: 0.5\n")]), tolerance=0.001), "words are no number"


@pytest.mark.parametrize("text", ["12 ms/step", "0x7f3a5c001d30", "3 s"])
def test_what_chance_decides_is_no_difference(text):
    other = text.replace("2", "7").replace("3", "4")
    assert other != text
    assert not compare(side([stdout(f"a {text}\n")]), side([stdout(f"a {other}\n")]))


def test_a_volatile_block_gives_nothing_to_compare():
    old = side(("f()", [stdout("1\n")], "volatile"))
    assert not compare(old, side(("f()", [stdout("2\n")], "volatile")))
    assert old.pages["p.md"].blocks[0].shown == []


def summary(*rows, total="10"):
    data = {
        "title": 'Model: "m"', "columns": ["Layer (type)", "Output Shape", "Param #"],
        "rows": [list(row) for row in rows], "totals": [["Total params", total]],
    }  # fmt: skip
    return display({SUMMARY_MIME: data, "text/plain": "x"})


def test_a_summary_is_compared_by_rows():
    old = summary(("a (Dense)", "(None, 4)", "10"), ("b (Dense)", "(None, 1)", "5"))
    new = summary(
        ("a (Dense)", "(None, 8)", "20"), ("c (ReLU)", "(None, 8)", "0"), ("b (Dense)", "(None, 1)", "5"),
        total="25",
    )  # fmt: skip
    change = only_change([old], [new])
    assert change.said == "a (Dense): (None, 4) → (None, 8); a (Dense): 10 → 20 y 2 cambios más"
    assert [row.state for row in change.rows] == ["changed", "new", "same", "changed"]
    text = report.markdown(compare(side([old]), side([new])))
    assert "| cambió | a (Dense) | (None, 4) → **(None, 8)** | 10 → **20** |" in text
    assert "| nueva | c (ReLU) | (None, 8) | 0 |" in text


GRAPH = (
    "Grafo del modelo m, 2 capas: a (Dense), salida (None, 4); b (Dense), salida (None, 1), recibe a."
)


def diagram(alt=GRAPH, labels=("a", "b"), y="1"):
    texts = "".join(f'<text y="{y}">{label}</text>' for label in labels)
    svg = f'<svg xmlns="http://www.w3.org/2000/svg">{texts}</svg>'
    return display({"image/svg+xml": svg, "text/plain": "<m>"}, alt=alt)


def test_a_diagram_is_compared_by_its_graph_and_not_by_where_its_boxes_are():
    assert not compare(side([diagram()]), side([diagram(y="99")]))
    change = only_change([diagram()], [diagram(GRAPH.replace("(None, 4)", "(None, 8)"))])
    assert change.said == "4 → 8"
    assert only_change([diagram()], [diagram(labels=("a", "z"))]).said == "se dibuja con otros textos"
    page = report_html.page(compare(side([diagram()]), side([diagram(labels=("a", "z"))])))
    pictures = page.split("data:image/svg+xml;base64,")[1:]
    shown = [base64.b64decode(picture.split('"')[0]).decode() for picture in pictures]
    assert [">b<" in shown[0], ">z<" in shown[1]] == [True, True], "old and new, side by side"


def figure(points, name="m1"):
    svg = f'<svg><g id="{name}"><path d="M {points}"/></g><text>época</text></svg>'
    return display({"image/svg+xml": svg, "text/plain": "<Figure>"})


def test_a_figure_is_compared_by_where_its_points_are():
    assert not compare(side([figure("1 2.000001")]), side([figure("1 2.000002", "m2")]))
    assert only_change([figure("1 2")], [figure("1 3")]).said == "se movieron sus puntos"
    assert only_change([figure("1 2")], [figure("1 2 L 3 4")]).said == "está dibujada de otra manera"


def test_a_painted_figure_is_compared_by_its_pixels():
    def png(colour, mode="RGB"):
        image = Image.new(mode, (10, 10), "white")
        image.putpixel((0, 0), colour)
        saved = io.BytesIO()
        image.save(saved, "PNG")
        return display({"image/png": base64.b64encode(saved.getvalue()).decode()})

    assert not compare(side([png((9, 9, 9))]), side([png((9, 9, 9, 255), "RGBA")])), "the same pixels"
    assert only_change([png((9, 9, 9))], [png((200, 9, 9))]).said == "cambió el 1,0 % de sus píxeles"


def test_an_error_is_compared_by_its_message_and_not_by_its_trace():
    def error(text, trace):
        return {"output_type": "error", "ename": "ValueError", "evalue": text, "traceback": [trace]}

    assert not compare(side([error("así", "a")]), side([error("así", "b")]))
    change = only_change([error("Input 0", "a")], [error("Input 1", "a")])
    assert (change.kind, change.said) == ("error", "0 → 1")
    change = only_change([error("así", "a")], [error("de otro modo", "a")])
    assert change.said == "«ValueError: así» → «ValueError: de otro modo»"


def test_the_trace_that_a_message_brings_along_says_nothing_of_where_libraries_are():
    def error(place, line, said="no se puede"):
        text = (
            f'in user code:\n\n    File "{place}/fromnumeric.py", line {line}, in std  **\n\n    {said}'
        )
        return {"output_type": "error", "ename": "E", "evalue": text, "traceback": []}

    assert not compare(side([error("…/numpy", 4028)]), side([error("/otra/carpeta/numpy", 4111)]))
    assert compare(side([error("…/numpy", 4028)]), side([error("…/numpy", 4028, "otra cosa")]))


def test_an_output_that_appears_or_goes_is_told():
    difference = compare(side([stdout("a\n")]), side([stdout("a\n"), diagram()]))
    (change,) = difference.pages[0].blocks[0].changes
    assert (change.kind, change.said, change.old) == ("diagram", "es nueva", None)
    (change,) = compare(side([stdout("a\n")]), side([])).pages[0].blocks[0].changes
    assert (change.said, change.new) == ("ya no está", None)


def test_a_block_that_fails_now_is_told_with_its_reason():
    text = "# P { #p }\n\n" + fence("f()") + fence("g()")
    chapter = Chapter.parse(text, "docs/p.md", ROOT)
    results = CellResult(FAILED, [], reason="el bloque falló con NameError."), CellResult(NOT_RUN, [])
    broken = record.Record(42, {"p.md": record.page(chapter, Execution(results, MADE), "k", "p/")})
    (page,) = compare(side(("f()", []), ("g()", [])), broken).pages
    assert [block.changes[0].said for block in page.blocks] == [
        "el bloque falló con NameError.",
        "ahora no se ejecuta",
    ]


# Blocks and pages ---------------------------------------------------------------------


def test_blocks_are_paired_by_their_code():
    old = side(
        ("import keras", []), ("print(model.summary())", [stdout("1\n")]), ("print(x)", [stdout("2\n")])
    )
    new = side(
        ("import keras", []),
        ("y = layers.Dense(4)", []),
        ("print(model.summary(1))", [stdout("9\n")]),
        ("print(x)", [stdout("2\n")]),
    )
    (page,) = compare(old, new).pages
    told = [(block.number, report.state(block), len(block.changes)) for block in page.blocks]
    assert told == [(2, "es nuevo", 0), (3, "con otro código", 1)]
    (page,) = compare(new, old).pages
    assert [report.state(block) for block in page.blocks] == ["ya no está", "con otro código"]


def test_other_code_that_gives_the_same_is_no_difference():
    assert not compare(side(("print(1)", [stdout("1\n")])), side(("print( 1 )", [stdout("1\n")])))


def test_pages_that_come_go_and_move_are_told():
    old, new = side([stdout("1\n")]), side([stdout("1\n")], uri="otra.md")
    (page,) = compare(old, new).pages
    assert (page.uri, page.was, page.blocks) == ("otra.md", "p.md", ())
    different = side(("g()", []), uri="otra.md")
    difference = compare(old, different)
    assert [(page.uri, report.said(page)) for page in difference.pages] == [
        ("otra.md", "es nueva (1 bloque)"),
        ("p.md", "ya no está (1 bloque)"),
    ]
    assert "1 página nueva, 1 página que ya no está; 0 páginas dan lo mismo." in report.terminal(
        difference
    )


def test_what_a_side_was_made_with_is_told():
    difference = compare(side([]), side([], numpy="2.3.5"))
    assert not difference and report.made(difference) == ["NumPy: 2.4.6 → 2.3.5"]


# The file and the reports -------------------------------------------------------------


def test_a_record_survives_the_journey(tmp_path):
    made = side([stdout("é 1\n"), diagram(), figure("1 2")], ("g()", [], "volatile"))
    for name in ("a.json", "a.json.gz"):
        made.write(tmp_path / name)
        assert record.load(tmp_path / name) == made
    assert (tmp_path / "a.json.gz").stat().st_size < (tmp_path / "a.json").stat().st_size


def test_what_the_site_publishes_says_which_blocks_give_another_thing(tmp_path):
    published = tmp_path / "verificacion.json"
    published.write_text(side([stdout("1\n")], [stdout("2\n")]).as_json(whole=False), "utf-8")
    assert "f(0)" not in published.read_text("utf-8")
    old = record.load(published)
    assert not compare(old, side([stdout("1\n")], [stdout("2\n")]))
    (page,) = compare(old, side([stdout("1\n")], [stdout("3\n")])).pages
    assert [block.number for block in page.blocks] == [2]
    assert "un lado no guarda las salidas" in report.terminal(compare(old, side([], [stdout("2\n")])))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("no es json", "no es JSON"),
        ("[]", "no dice lo que dieron las páginas"),
        (json.dumps({"format": 99}), "está escrito de otra manera (formato 99"),
        (
            json.dumps({"format": 1, "seed": 1, "pages": {"a.md": {"title": "x"}}}),
            "no dice lo que dieron",
        ),
        ("\x1f\x8b", "no es JSON"),
    ],
)
def test_a_damaged_record_is_one_message(tmp_path, content, told):
    path = tmp_path / "a.json"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(record.RecordError, match=r"a\.json: ") as raised:
        record.load(path)
    assert told in str(raised.value) and "\n" not in str(raised.value)


def test_a_side_that_is_nothing_is_one_message(tmp_path):
    with pytest.raises(record.RecordError, match="no se puede leer"):
        record.load(tmp_path / "nada.json")
    with pytest.raises(record.RecordError, match="no es la carpeta de un proyecto"):
        record.load(tmp_path)


def test_a_report_executes_nothing_of_what_it_tells():
    evil = "</pre><script>alert(1)</script>"
    svg = {"image/svg+xml": f"<svg onload='x'>{evil}</svg>"}
    blocks = [stdout(f"{evil} 1\n"), display(svg, alt=evil), display(svg)]
    others = [
        stdout(f"{evil} 2\n```\n"),
        display(svg, alt=f'" onerror="{evil}'),
        display({"image/png": '"><b>'}),
    ]
    difference = compare(
        side((f"# {evil}\nf()", blocks)), side((f"# {evil}\nf()", others), [stdout(evil)])
    )
    page = report_html.page(difference)
    assert "<script" not in page and "onerror=&quot;" not in page.replace("&quot; onerror", "")
    assert "default-src 'none'" in page and "http" not in page.split("<body>")[1]
    text = report.markdown(difference)
    opened = False
    for line in text.split("\n"):  # outside fences nothing is markup
        opened = (
            not opened if line.startswith("````") or (line.startswith("```") and not opened) else opened
        )
        assert opened or "<script" not in line
