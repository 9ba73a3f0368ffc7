"""«Copiar hasta acá»: what a block needs of those above it, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from livedocs.derived import standalone
from livedocs.execution.results import CellResult, Execution
from livedocs.pages.chapter import Chapter
from tests.conftest import ROOT

PROVENANCE = {"keras": "3", "backend": "TensorFlow 2", "numpy": "2", "python": "3.11"}


def scripts(tmp_path, *blocks, outputs=()):
    """The scripts of a page made of `blocks`: code, or (attributes, code)."""
    fences = [("", b) if isinstance(b, str) else b for b in blocks]
    text = "# T\n\n" + "\n\n".join(f"```{{.python {a}}}\n{code}\n```" for a, code in fences)
    chapter = Chapter.parse(text, "p.md", tmp_path)
    found = [CellResult("ok", list(outputs))] * len(chapter.executed_cells)
    made = standalone.scripts(chapter, Execution(tuple(found), PROVENANCE), seed=42)
    return [made.text(n) for n in range(len(blocks))]


def body(script):
    """A script without its heading."""
    lines = [line for line in script.split("\n") if not line.startswith(("# Keras en vivo", "# Verif"))]
    return "\n".join(lines).strip()


def last(tmp_path, *blocks, **options):
    return body(scripts(tmp_path, *blocks, **options)[-1])


def test_a_block_takes_what_it_needs_and_leaves_the_rest(tmp_path):
    assert last(tmp_path, "a = 1\nprint(a)", "b = 2", "print(a)") == "a = 1\n\nprint(a)"


def test_comments_stay_with_their_statement(tmp_path):
    found = last(tmp_path, "# De otra.\nb = 2\n\n# Lo que vale.\na = 1  # uno", "print(a)")
    assert found == "# Lo que vale.\na = 1  # uno\n\nprint(a)"


def test_imports_come_first_once_each_and_with_a_seed(tmp_path):
    found = last(
        tmp_path,
        "import keras\nimport json",
        "from keras import layers\nx = layers.Dense(1)",
        "import keras\nprint(x, keras)",
    )
    assert found == (
        "import keras\nfrom keras import layers\n\nkeras.utils.set_random_seed(42)\n\n"
        "x = layers.Dense(1)\n\nimport keras\nprint(x, keras)"
    )


def test_only_the_last_value_of_a_name_counts(tmp_path):
    assert last(tmp_path, "a = 1", "a = 2", "print(a)") == "a = 2\n\nprint(a)"
    assert last(tmp_path, "a = 1", "a = a + 1", "print(a)").startswith("a = 1\n\na = a + 1")


def test_functions_bring_what_they_will_look_up_when_called(tmp_path):
    found = last(
        tmp_path, "def f():\n    return g() + k", "def g():\n    return 1", "k = 2", "print(f())"
    )
    assert [line for line in found.split("\n") if line and not line.startswith(" ")] == [
        "def f():", "def g():", "k = 2", "print(f())",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        "model.fit(x)",
        "model.trainable = False",
        "model.layers[0].trainable = False",
        "for layer in model.layers:\n    layer.trainable = False",
        "for name in ['a']:\n    getattr(model, name).set_weights([])",
        "first = model.get_layer('a')\nfirst.set_weights([])",
        "with scope() as s:\n    model.add(s)",
        "train(model)",
        "optimizer.apply([], model.variables)",
        "del model.a",
        "trainer = Trainer(model)\ntrainer.run()",
        "setattr(model, 'a', 1)",
    ],
)
def test_what_changes_an_object_is_kept(tmp_path, change):
    above = (
        "x = 1\nscope = optimizer = 2\nmodel = make()",
        "def train(net):\n    net.fit(x)\n\n\nclass Trainer:\n    def __init__(self, net):\n"
        "        self.net = net\n\n    def run(self):\n        self.net.fit(x)",
    )
    found = last(tmp_path, *above, change, "print(model.predict(x))")
    assert change.split("\n")[-1] in found


@pytest.mark.parametrize(
    "look",
    [
        "model.summary()",
        "print(model.predict(x))",
        "assert model.count_params() == 3",
        "y = x.mean()",
        "scores = model.evaluate(x)",
        "look(model)",
        "other = keras.Model(x, x)\nother.fit(x)",
    ],
)
def test_what_only_looks_is_left_out(tmp_path, look):
    above = ("import keras\nx = 1\nmodel = make()", "def look(net):\n    print(net.name)")
    found = last(tmp_path, *above, look, "print(model.predict(x))")
    assert look.split("\n")[-1] not in found.removesuffix("print(model.predict(x))")


def test_who_shares_an_object_sees_its_changes(tmp_path):
    found = last(
        tmp_path,
        "layer = Dense(1)\na = Model(layer)\nb = Model(layer)",
        "a.fit()",
        "print(b.predict())",
    )
    assert "a.fit()" in found


def test_files_are_written_before_they_are_read(tmp_path):
    found = last(
        tmp_path,
        "import keras\nmodel = make()",
        'model.save("m.keras")\nmodel.save("otro.keras")',
        'print(keras.models.load_model("m.keras"))',
    )
    assert 'model.save("m.keras")' in found and "otro.keras" not in found


@pytest.mark.parametrize(
    ("writes", "reads"),
    [
        (
            'model.fit(1, callbacks=[keras.callbacks.ModelCheckpoint("m.keras")])',
            'load_model("m.keras")',
        ),
        (
            'keep = ModelCheckpoint("m.keras")\nmodel.fit(1, callbacks=[1, keep])',
            'load_model("m.keras")',
        ),
        ('keeps = [ModelCheckpoint("m.keras")]\nmodel.fit(1, callbacks=keeps)', 'load_model("m.keras")'),
        ('model.save("a.keras")', 'for name in "ab":\n    print(load_model(f"{name}.keras"))'),
        ('for name in "ab":\n    model.save(f"{name}.keras")', 'print(load_model("a.keras"))'),
        ('def launch():\n    Path("p.py").write_text("1")\n\n\nlaunch()', 'run_path("p.py")'),
        ('Path("p.py").write_text("1")', 'def run(file):\n    return file\n\n\nprint(run("p.py"))'),
        (
            'def f(x):\n    tf.print(x, output_stream="file://t.txt")\n\n\nf(1)',
            'print(open("t.txt").read())',
        ),
        ('model.export("exportado")', 'print(tf.saved_model.load("exportado"))'),
    ],
)
def test_a_file_is_also_written_by_a_callback_a_function_or_under_a_name_to_fill_in(
    tmp_path, writes, reads
):
    found = last(tmp_path, "import keras\nmodel = make()", writes, reads)
    assert all(part in found for part in writes.split("\n\n\n"))


@pytest.mark.parametrize("call", ["np.add.at(cm, (x, x), 1)", "np.fill_diagonal(cm, 0)"])
def test_a_function_of_numpy_may_change_its_first_argument(tmp_path, call):
    above = ("import numpy as np\nx = np.arange(3)\ncm = np.zeros((3, 3))", call)
    assert call in last(tmp_path, *above, "print(cm)")
    assert call not in last(tmp_path, *above, "print(x)")


def test_a_traced_function_keeps_what_was_there_at_its_first_call(tmp_path):
    traced = "@tf.function\ndef f(x):\n    return x * gain"
    blocks = (f"import tensorflow as tf\ngain = 1\n\n\n{traced}", "f(2)", "gain = 10", "print(f(2))")
    found = last(tmp_path, *blocks)
    assert found.index("gain = 1\n") < found.index("\nf(2)") < found.index("gain = 10")
    # If nothing that it reads is bound again, a call leaves no trace.
    assert "\nf(2)" not in last(tmp_path, blocks[0], "f(2)", "print(f(2))")


def test_a_traced_function_keeps_a_variable_that_a_name_no_longer_is(tmp_path):
    traced = "@tf.function\ndef f(x):\n    return x * gain"
    start = f"import tensorflow as tf\ngain = tf.Variable(1.0)\n\n\n{traced}\n\n\nf(2)"
    found = last(tmp_path, start, "gain.assign(0.0)", "gain = tf.Variable(5.0)\nprint(f(2))")
    assert "gain.assign(0.0)" in found


@pytest.mark.parametrize("made", ["@tf.function\ndef f(x):\n    return x", "f = tf.function(abs)"])
def test_who_asks_how_many_traces_there_were_takes_the_calls(tmp_path, made):
    blocks = ("import tensorflow as tf", made, "for n in range(3):\n    f(n)")
    assert "    f(n)" in last(tmp_path, *blocks, "assert f.experimental_get_tracing_count() == 3")
    assert "    f(n)" not in last(tmp_path, *blocks, "print(f)")


def test_what_a_layer_notes_down_is_noted_when_its_model_runs(tmp_path):
    spy = "class Spy(Layer):\n    def call(self, x):\n        seen.append(x)\n        return x"
    blocks = (f"seen = []\n\n\n{spy}", "net = build(Spy())", "net.predict(1)")
    assert "net.predict(1)" in last(tmp_path, *blocks, "print(len(seen))")
    assert "net.predict(1)" not in last(tmp_path, *blocks, "print(net)")


def test_what_a_function_gives_is_changed_and_not_the_function(tmp_path):
    functions = "def build():\n    return make()\n\n\ndef train(net):\n    net.fit(1)\n    return net"
    assert "train(build())" not in last(tmp_path, functions, "train(build())", "print(build())")
    kept = last(tmp_path, functions, "net = build()\ntrain(net)", "print(net.predict(1))")
    assert "train(net)" in kept


def test_settings_of_the_process_are_kept(tmp_path):
    found = last(tmp_path, "import keras", 'keras.config.set_dtype_policy("float16")', "print(keras)")
    assert "set_dtype_policy" in found


def test_a_block_that_raises_stays_out_of_others_and_says_so_in_its_own(tmp_path):
    blocks = ("model = make()", ('data-raises="ValueError"', "model.fit(1)"), "print(model)")
    own, after = scripts(tmp_path, *blocks)[1:]
    assert "# Termina con ValueError" in own and own.endswith("model.fit(1)\n")
    assert "fit" not in after


@pytest.mark.parametrize("magic", ["%time b = 2", "!echo hola", "%%capture\nb = 2", "len?"])
def test_below_what_only_ipython_reads_everything_above_is_kept(tmp_path, magic):
    own, after = scripts(tmp_path, "a = 1", "c = 3", magic, "print(b)")[2:]
    assert body(own).endswith(f"a = 1\n\nc = 3\n\n{magic}") and "notebook" in own
    assert body(after).endswith(f"a = 1\n\nc = 3\n\n{magic}\n\nprint(b)") and "notebook" in after


def test_a_block_that_shows_a_syntax_error_stays_out_of_others(tmp_path):
    own, after = scripts(
        tmp_path, "a = 1", ('data-raises="SyntaxError"', "b = = 2"), "print(a)"
    )[1:]  # fmt: skip
    assert own.endswith("a = 1\n\nb = = 2\n") and "# Termina con SyntaxError" in own
    assert body(after) == "a = 1\n\nprint(a)" and "notebook" not in own + after


def test_a_value_that_a_notebook_shows_is_printed(tmp_path):
    shown = [{"output_type": "execute_result", "data": {"text/plain": "1"}}]
    assert last(tmp_path, "a = 1\na", outputs=shown) == "a = 1\nprint(a)"
    assert last(tmp_path, "a = 1\na") == "a = 1\na"


def test_a_figure_is_shown(tmp_path):
    drawn = [{"output_type": "display_data", "data": {"image/svg+xml": "<svg/>"}}]
    found = last(tmp_path, "import matplotlib.pyplot as plt\nplt.plot([1])", outputs=drawn)
    assert found.endswith("plt.plot([1])\nplt.show()")


def test_the_javascript_holds_the_same_texts(tmp_path):
    import json

    chapter = Chapter.parse(
        "# T\n\n```python\na = '</script>'\n```\n\n```python\nprint(a)\n```\n", "p.md", tmp_path
    )
    empty = CellResult("ok", [])
    made = standalone.scripts(chapter, Execution((empty, empty), PROVENANCE), seed=1)
    data = json.loads(made.as_javascript().removeprefix("kvScripts="))
    texts = ["".join(data["pieces"][piece] for piece in block) for block in data["blocks"]]
    assert texts == [made.text(0), made.text(1)]


def run(*names):
    return subprocess.run(
        [sys.executable, "-m", "tests.standalone", *names],
        cwd=ROOT, capture_output=True, text=True, env={**os.environ, "COLUMNS": "80"},
    )  # fmt: skip


@pytest.mark.slow
def test_copies_of_the_short_pages_run_by_themselves():
    done = run("index", "que-api-elegir")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]


@pytest.mark.rerun
def test_copies_of_every_block_run_by_themselves():
    done = run()
    print(done.stdout.splitlines()[-1])
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


# In the browser ------------------------------------------------------------------------


def test_the_button_copies_the_script(browser, address, site):
    from livedocs.settings import Settings
    from tests.standalone import of_page

    settings = Settings.load(ROOT)
    wanted = [
        s.text for s in of_page(settings.docs / "guias/model-subclassing/con-parametros.md", settings)
    ]
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(address + "/guias/model-subclassing/con-parametros/")
    buttons = page.locator("[id^=b] > .kv-bar .kv-upto")
    buttons.first.wait_for()
    assert buttons.count() == len(wanted), "one for each block that ran"
    for number in (0, 5, len(wanted) - 1):
        button = page.locator(f"#b{number + 1} .kv-upto")
        assert button.get_attribute("aria-label").startswith(
            f"Copiar hasta acá: el bloque {number + 1} "
        )
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        button.click()
        page.locator(f"#b{number + 1} .kv-upto", has_text="Copiado").wait_for()
        page.wait_for_function(
            "wanted => navigator.clipboard.readText().then(text => text === wanted)", arg=wanted[number]
        )
    context.close()


def test_blocks_that_do_not_run_have_no_such_button(browser, address, site):
    page = browser.new_context().new_page()
    page.goto(address + "/contribuir/")
    page.locator("article .kv-bar button").first.wait_for()
    assert page.locator(".kv-upto").count() == 0
    page.close()


def test_without_the_scripts_it_says_so_and_can_be_tried_again(browser, address, site):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.route("**/assets/bloques/**", lambda route: route.abort())
    page.goto(address + "/guias/model-subclassing/con-parametros/")
    page.locator("#b1 .kv-upto").click()
    page.locator(".md-dialog--active", has_text="No se pudo copiar").wait_for()
    page.unroute("**/assets/bloques/**")
    page.locator("#b1 .kv-upto").click()
    page.locator("#b1 .kv-upto", has_text="Copiado").wait_for()
    context.close()
