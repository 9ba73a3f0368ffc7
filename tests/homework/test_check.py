"""`python -m snippets.check`: students' files that pass, that fail and that misbehave."""

import importlib
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from snippets import check as command
from tests.conftest import ROOT

#: A class whose checker is quick, for what happens before the checker.
TOY = '''
"""A homework that is met when the answer is 42."""

DEFINES = {"answer": "un entero", "words": "una lista de palabras"}


class Report:
    def __init__(self, passed, text):
        self.passed, self.text = passed, text

    def __str__(self):
        return self.text


def check(answer, words, unit=1):
    if not isinstance(answer, int):
        raise TypeError(f"answer es un entero y llegó {type(answer).__name__}.")
    lines = [f"✔ {word}" for word in words]
    return Report(answer * unit == 42, "\\n".join([*lines, f"Da {answer * unit}."]))
'''

GOOD = "answer = 42\nwords = []\n"


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """What a student has: a copy of `snippets/` with the class 900, and a folder."""
    copy = tmp_path / "copia" / "snippets"
    (copy / "c900").mkdir(parents=True)
    for name in ("__init__.py", "check.py", "_judge.py"):
        shutil.copy(ROOT / "snippets" / name, copy)
    (copy / "c900" / "homework.py").write_text(TOY, "utf-8")
    (tmp_path / "temporal").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporal"))
    return Desk(tmp_path)


class Desk:
    def __init__(self, root: Path):
        self.copy, self.folder, self.temporary = root / "copia", root / "mía", root / "temporal"
        self.folder.mkdir()

    def run(self, source: str | bytes | dict, *options, name="tarea.py"):
        """What the command does with a file, and that it leaves nothing behind."""
        file = self.folder / name
        if isinstance(source, dict):
            source = json.dumps(source)
        if isinstance(source, str):
            source = textwrap.dedent(source).encode()
        file.write_bytes(source)
        return self.command("900", str(file), *options)

    def command(self, *arguments):
        done = subprocess.run(
            [sys.executable, "-m", "snippets.check", *arguments],
            cwd=self.copy, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert list(self.temporary.iterdir()) == [], "something was left behind"
        for ours in ("Traceback", "_judge.py", "check.py"):
            assert ours not in done.stdout + done.stderr, done.stderr
        return done

    def refusal(self, *arguments, **names) -> str:
        done = self.run(*arguments, **names)
        assert (done.returncode, done.stdout) == (2, ""), done.stdout
        return done.stderr.strip()


def notebook(*cells, **changes):
    made = [
        cell
        if isinstance(cell, dict)
        else {"cell_type": "code", "source": textwrap.dedent(cell), "metadata": {}, "outputs": []}
        for cell in cells
    ]
    return {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **changes}


# The verdict --------------------------------------------------------------------------


def test_a_homework_that_passes_and_one_that_does_not(desk):
    done = desk.run("answer = 42\nwords = ['hola']\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, "✔ hola\nDa 42.\n", "")
    done = desk.run("answer = 41\nwords = []\n")
    assert (done.returncode, done.stdout) == (1, "Da 41.\n")


def test_what_has_a_default_is_taken_if_it_is_defined(desk):
    assert desk.run("answer, words, unit = 21, [], 2").returncode == 0


def test_a_file_runs_as_a_script_in_its_own_folder(desk):
    (desk.folder / "datos.txt").write_text("42")
    (desk.folder / "ayuda.py").write_text("def read():\n    return open('datos.txt').read()\n")
    done = desk.run(
        """\
        import sys
        from ayuda import read
        words = sys.argv[1:]
        if __name__ == "__main__":
            answer = int(read())
        """
    )
    assert done.returncode == 0, done.stderr


def test_names_of_the_library_beside_the_file_do_not_break_the_checker(desk):
    for name in ("json", "inspect", "types", "homework", "snippets"):
        (desk.folder / f"{name}.py").write_text("raise RuntimeError('soy otro')")
    assert desk.run(GOOD).returncode == 0


def test_a_file_in_the_encoding_that_it_declares_runs(desk):
    source = "# -*- coding: latin-1 -*-\nanswer, words = 42, ['sí']\n".encode("latin-1")
    assert desk.run(source).stdout == "✔ sí\nDa 42.\n"
    assert desk.run("\ufeff" + GOOD).returncode == 0


def test_a_thread_that_goes_on_does_not_hold_the_verdict(desk):
    started = time.monotonic()
    done = desk.run(
        "import threading, time\nthreading.Thread(target=time.sleep, args=[50]).start()\n" + GOOD
    )
    assert done.returncode == 0 and time.monotonic() - started < 20


def test_a_copy_of_the_process_gives_no_verdict(desk):
    done = desk.run("import os\nchild = os.fork()\nanswer, words = 42 if child else 0, []\n")
    assert done.returncode == 0


def test_it_needs_neither_the_engine_of_the_site_nor_its_libraries(desk):
    done = desk.run(
        """\
        import sys
        own = {"livedocs", "nbformat", "psutil", "IPython"}
        words, answer = sorted(own & set(sys.modules)), 42
        """
    )
    assert done.stdout == "Da 42.\n"


# Files that can't be judged -----------------------------------------------------------


def test_what_is_asked_is_checked_before_anything_runs(desk):
    done = desk.command("900", "no_existe.py")
    assert done.returncode == 2 and "No existe «no_existe.py»" in done.stderr
    done = desk.command("901", "no_existe.py")
    assert done.returncode == 2 and "«901». Hay de: 900" in done.stderr
    assert "ni un .ipynb" in desk.refusal(GOOD, name="tarea.txt")
    (desk.folder / "carpeta.py").mkdir()
    assert "ni un .ipynb" in desk.command("900", str(desk.folder / "carpeta.py")).stderr
    assert "mayor que 0" in desk.refusal(GOOD, "--segundos", "-1")
    for wrong in ([], ["900"], ["900", "a.py", "--segundos", "x"], ["900", "a.py", "b.py"]):
        done = desk.command(*wrong)
        assert done.returncode == 2 and "No se entiende" in done.stderr and "Uso:" in done.stderr
    done = desk.command("--help")
    assert done.returncode == 0 and "--segundos" in done.stdout and "900" in done.stdout


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("answer = 42\nwords = [\n", "«tarea.py», línea 2: SyntaxError: '[' was never closed"),
        ("def f():\nanswer = 1\n", "«tarea.py», línea 2: IndentationError"),
        ("answer = 1\x00", "«tarea.py»"),
        ("x = 1\ndef f(n):\n    return n / 0\nf(3)\n", "línea 3: ZeroDivisionError: division by zero"),
        ("import json\njson.loads('{')\n", "«tarea.py», línea 2: json.decoder.JSONDecodeError"),
        ("def f(): f()\nf()", "línea 1: RecursionError"),
        ("class E(Exception):\n    def __str__(self): 1/0\nraise E\n", "línea 3: "),
        ("import sys\nsys.exit(0)\n", "«tarea.py», línea 2: llama a exit()"),
        ("raise KeyboardInterrupt", "línea 1: KeyboardInterrupt"),
        ("answer = input()\n", "línea 1: EOFError: EOF when reading a line. Si pide datos con input()"),
        ("import os\nos._exit(3)\n", "antes de tiempo (código 3)"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n", "falta de memoria"),
        ("import os\nos.abort()\n", "hizo caer a Python (SIGABRT)"),
        ("words = []\n", "le falta definir:\n  · answer: un entero"),
        ("", "  · answer: un entero\n  · words: una lista de palabras"),
        ("answer, words = 'x', []", "answer es un entero y llegó str."),
        ("answer, words = 42, 7", "Se espera:\n  · answer: un entero"),
        ("answer, words = 42, [type('W', (), {'__str__': lambda s: 1 / 0})()]", "ZeroDivisionError"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_judged_gets_one_clear_message(desk, source, said):
    assert said in desk.refusal(source)


def test_the_line_is_that_of_the_students_own_code(desk):
    (desk.folder / "ayuda.py").write_text("\n\n\n\n\ndef break_it():\n    return {}['falta']\n")
    assert "«tarea.py», línea 2: KeyError: 'falta'" in desk.refusal("import ayuda\nayuda.break_it()\n")


@pytest.mark.parametrize("source", ["# año\nanswer = 1\n".encode("latin-1"), GOOD.encode("utf-16")])
def test_a_file_that_is_not_utf8(desk, source):
    assert desk.refusal(source) == (
        "«tarea.py» no está guardado en UTF-8: abrilo en tu editor y guardalo con esa codificación."
    )


def test_a_file_that_may_not_be_read(desk, monkeypatch):
    if os.geteuid() == 0:  # root reads everything: a link that leads to itself can't be read
        loop = desk.folder / "tarea.py"
        loop.symlink_to(loop)
        done = desk.command("900", str(loop))
        assert done.returncode == 2 and "No existe" in done.stderr
        return
    (desk.folder / "tarea.py").write_text(GOOD)
    (desk.folder / "tarea.py").chmod(0)
    assert "PermissionError" in desk.command("900", str(desk.folder / "tarea.py")).stderr


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def test_a_file_that_hangs_is_killed_with_its_children(desk):
    said = desk.refusal(
        """\
        import signal, subprocess, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        child = subprocess.Popen(["sleep", "300"])
        print("hijo", child.pid, file=open("hijo.txt", "w"))
        print("voy por acá")
        time.sleep(300)
        """,
        "--segundos", "2",
    )  # fmt: skip
    assert "lleva más de 2 s y se cortó" in said and "  | voy por acá" in said
    pid = int((desk.folder / "hijo.txt").read_text().split()[1])
    deadline = time.monotonic() + 5
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(pid)


def test_children_of_a_file_that_ends_do_not_stay(desk):
    done = desk.run(
        """\
        import subprocess
        child = subprocess.Popen(["sleep", "300"], start_new_session=True)
        answer, words = 42, [str(child.pid)]
        """
    )
    pid = int(done.stdout.split()[1])
    deadline = time.monotonic() + 5
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert done.returncode == 0 and not alive(pid)


def test_a_file_that_takes_too_much_memory_is_cut_with_that_of_its_children(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "MEMORY_MB", 300)
    file = tmp_path / "homework.py"
    file.write_text(
        "import subprocess, sys, time\n"
        "code = 'import time; huge = b\"x\" * 2**28; time.sleep(50)'\n"
        "for _ in range(2): subprocess.Popen([sys.executable, '-S', '-c', code], start_new_session=True)\n"
        "time.sleep(50)\n"
    )
    outcome = command.check_file(103, file, 30)
    assert outcome.code == 2 and "300 MiB de memoria, con sus procesos" in outcome.text


def test_a_verdict_of_a_million_letters_is_cut(desk):
    done = desk.run("answer, words = 42, ['a' * 10**6]\n")
    assert done.returncode == 0 and "y sigue" in done.stdout and len(done.stdout) < 25_000


# The backend --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("installed", "asked", "settings", "backend", "said"),
    [
        (["keras", "jax"], "", "", "jax", ""),
        (["keras", "torch"], "", "tensorflow", "torch", ""),
        (["keras", "tensorflow", "jax"], "", "", "tensorflow", ""),
        (["keras", "tensorflow", "jax"], "", "jax", "jax", ""),
        (["keras", "tensorflow", "jax"], "jax", "tensorflow", "jax", ""),
        (["keras"], "", "", "", "no hay ninguno"),
        (["keras", "jax"], "torch", "", "torch", "KERAS_BACKEND=jax"),
        ([], "", "", "", "Falta Keras"),
    ],
)
def test_it_runs_on_the_backend_that_is_installed(
    installed, asked, settings, backend, said, tmp_path, monkeypatch
):
    monkeypatch.setattr(command, "_installed", lambda name: name in installed)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setenv("KERAS_BACKEND", asked)
    if settings:
        (tmp_path / "keras.json").write_text(json.dumps({"backend": settings}))
    found, why = command._backend()
    assert found == backend and said in why and bool(why) == bool(said)


def test_what_is_installed_is_told_without_importing_it():
    assert command._installed("keras") and not command._installed("no_existe_esto")


# What a file prints -------------------------------------------------------------------


def test_what_a_file_prints_is_not_the_checklist(desk):
    done = desk.run("print('✔ Todo\\nHomework aprobado: 9 de 9.')\nanswer, words = 1, []\n")
    assert (done.returncode, done.stdout, done.stderr) == (1, "Da 1.\n", "")


def test_garbage_is_cut_and_made_visible(desk):
    said = desk.refusal(
        """\
        import os, sys
        for _ in range(300):
            sys.stdout.buffer.write(os.urandom(50_000).replace(b"\\n", b""))
        sys.stdout.buffer.write(b"\\n\\xff\\x00\\x1b[2J\\rHomework aprobado: 9 de 9.\\n")
        sys.stdout.flush()
        os._exit(0)
        """
    )
    assert len(said) < 3000 and "\x1b" not in said and "\x00" not in said
    assert "\\x1b[2J" in said and "\n  | Homework aprobado" in said
    assert all(line.startswith("  | ") for line in said.splitlines()[2:])


def test_endless_output_is_cut_by_the_clock(desk):
    said = desk.refusal("while True: print('y' * 1000)", "--segundos", "2")
    assert "más de 2 s" in said and len(said) < 3000


def test_a_file_that_closes_its_output_is_judged(desk):
    assert desk.run("import os\nos.close(1), os.close(2)\n" + GOOD).returncode == 0


def test_names_with_control_characters_are_made_visible(desk):
    done = desk.run("answer, words = 42, ['\\x1b[31mrojo', 'a\\u202eb', '\\ud800']\n")
    assert done.returncode == 0, done.stderr
    assert "\\x1b[31mrojo" in done.stdout and "\\u202e" in done.stdout and "\\ud800" in done.stdout


# Notebooks ----------------------------------------------------------------------------


def test_a_notebook_runs_in_order_without_magics(desk):
    done = desk.run(
        notebook(
            {"cell_type": "markdown", "source": "# Tarea", "metadata": {}},
            "%matplotlib inline\n!pip install keras\nimport math\nmath?\nx = 40\n",
            "%%time\nx += 2 if x else 0",
            "%%bash\nexit 1",
            "if x:\n    %timeit 1\n    y = (7\n      % 4)\ndisplay(y)",
            {"cell_type": "code", "source": ["answer = x\n", "words = [str(y)]"], "metadata": {}},
        ),
        name="tarea.ipynb",
    )
    assert (done.returncode, done.stdout) == (0, "✔ 3\nDa 42.\n"), done.stderr


def test_a_notebook_with_a_cell_that_is_meant_to_raise(desk):
    raising = {"cell_type": "code", "source": "1 / 0", "metadata": {"tags": ["raises-exception"]}}
    done = desk.run(notebook(raising, GOOD), name="tarea.ipynb")
    assert (done.returncode, done.stdout) == (0, "Da 42.\n")


def test_a_notebook_with_exercises_to_do_is_judged_by_its_homework(desk):
    done = desk.run(notebook("raise NotImplementedError('Ejercicio 1')", GOOD), name="tarea.ipynb")
    assert done.returncode == 0
    assert "Ojo" in done.stdout and "celda de código 1, línea 1: NotImplementedError" in done.stdout


def test_a_notebook_that_lacks_a_name_says_which_cells_failed(desk):
    cells = ["def f():\n    1 / 0", "\nf()", "x = = 1", "answer = y", *["z"] * 5]
    said = desk.refusal(notebook(*cells), name="tarea.ipynb")
    assert "  · answer: un entero" in said
    assert "celda de código 2 (por la celda 1), línea 2: ZeroDivisionError" in said
    assert "celda de código 3, línea 1: SyntaxError" in said and "y 3 más" in said


@pytest.mark.parametrize(
    "source",
    [
        b"{",
        b"[]",
        b'{"cells": 3}',
        b'{"worksheets": []}',
        b'{"cells": [{"cell_type": "code"}]}',
        b"[" * 10**5,
    ],
)
def test_a_damaged_notebook(desk, source):
    assert "no es un notebook de Jupyter" in desk.refusal(source, name="tarea.ipynb")


def test_a_notebook_in_another_encoding(desk):
    assert "no está guardado en UTF-8" in desk.refusal(b'{"cells": "\xf1"}', name="tarea.ipynb")


def test_a_notebook_that_checks_itself_does_not_do_it_for_ever(desk):
    checking = "from snippets.check import check_file\nseen = check_file(900, 'tarea.ipynb')\n"
    cells = [checking, "answer, words = 42, [f'código {seen.code}', seen.text]"]
    done = desk.run(notebook(*cells), name="tarea.ipynb")
    assert done.returncode == 0
    assert "código 2" in done.stdout and "no se revisa de nuevo" in done.stdout


def test_from_a_notebook_the_outcome_shows_itself():
    outcome = command.check_file("c105", "x.py")
    assert repr(outcome) == str(outcome) == outcome.text
    assert (
        "«105». Hay de: 101, 102, 103, 104, 119, 120" in outcome.text
        and outcome.code == command.NOT_JUDGED
    )


# The classes --------------------------------------------------------------------------

#: Plain `keras.datasets` in the student's process, served without a network.
SERVED = f"""
import sys, wrapt
def serve(keras):
    sys.path.append({str(ROOT)!r})
    from livedocs.data import profiles as datasets
    datasets.install("synthetic")
wrapt.register_post_import_hook(serve, "keras")
"""

FASHION = """
import time
import keras
from keras import layers

(x_train, y_train), (x_test, y_test) = keras.datasets.fashion_mnist.load_data()
x_train, y_train = x_train[:1500].reshape(-1, 784) / 255, y_train[:1500]
x_test = x_test.reshape(-1, 784) / 255


class EpochTimer(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.seconds = []

    def on_epoch_begin(self, epoch, logs=None):
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds.append(time.perf_counter() - self.start)


def run(hidden, seed, epochs=3):
    keras.utils.set_random_seed(seed)
    net = keras.Sequential([keras.Input((784,))])
    for units in hidden:
        net.add(layers.Dense(units, activation="relu"))
    net.add(layers.Dense(10, activation="softmax"))
    net.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    timer = EpochTimer()
    net.fit(x_train, y_train, epochs=epochs, batch_size=100, callbacks=[timer], verbose=0)
    return net, net.evaluate(x_test, y_test)[1], timer.seconds


results = {}
for name, hidden in {"Tiny": [64], "Medium": [256, 128], "Wide": [1024]}.items():
    models, accuracy, seconds = zip(*[run(hidden, seed, EPOCHS) for seed in SEEDS])
    results[name] = {"params": models[0].count_params(), "accuracy": list(accuracy),
                     "seconds": list(seconds), "models": list(models)}
"""

GARMENTS = """
import keras
import numpy as np
from keras import layers

(images, labels), (x_test, y_test) = keras.datasets.fashion_mnist.load_data()
rows, x_test = (x.reshape(-1, 784).astype("float32") / 255 for x in (images[:3000], x_test))
x_train, y_train, x_val, y_val = rows[:2500], labels[:2500], rows[2500:], labels[2500:3000]
keras.utils.set_random_seed(1)
model = keras.Sequential([keras.Input((784,)), layers.Dense(300, "relu"), layers.Dense(100, "relu")])
model.add(layers.Dense(10, "softmax"))
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
callbacks = [
    keras.callbacks.EarlyStopping(patience=PATIENCE),
    keras.callbacks.ModelCheckpoint("best.keras", save_best_only=True),
]
history = model.fit(
    x_train, y_train, epochs=60, batch_size=100, validation_data=(x_val, y_val), callbacks=callbacks
)
best = keras.models.load_model("best.keras")
accuracy = best.evaluate(x_test, y_test)[1]
confusion = np.zeros((10, 10), int)
np.add.at(confusion, (y_test, best.predict(x_test).argmax(1)), 1)
both = np.triu(confusion + confusion.T, k=1)
pairs = np.transpose(np.unravel_index(np.argsort(both, axis=None)[-4:], both.shape))
"""

HOUSING = """
import keras
import numpy as np
from keras import layers

(x_train, p_train), (x_test, p_test) = keras.datasets.california_housing.load_data()
mean, sd = x_train.mean(0), x_train.std(0)
x_train, x_test = (x_train - mean) / sd, (x_test - mean) / sd
middle = np.median(p_train)
y_train, y_test = ({"price": p / 1e5, "expensive": (p > middle).astype("float32")} for p in (p_train, p_test))
keras.utils.set_random_seed(1)
inputs = keras.Input((8,))
trunk = layers.Dense(32, activation="relu")(layers.Dense(64, activation="relu")(inputs))
price = layers.Dense(1, name="price")(trunk)
rich = layers.Dense(1, activation="sigmoid", name="expensive")(trunk)
homework_model = keras.Model(inputs, {"price": price, "expensive": rich})
homework_model.compile(
    keras.optimizers.Adam(6e-3),
    loss={"price": "mse", "expensive": "binary_crossentropy"},
    loss_weights={"price": 0.7, "expensive": 0.3},
)
if EPOCHS:
    homework_model.fit(x_train, y_train, batch_size=64, epochs=EPOCHS, verbose=0)
"""

FOCAL = """
import keras
import numpy as np
from keras import layers, ops

GAPS = {"solapadas": 1.5, "separadas": 4.0}


def make_split(setting, seed):
    draw = np.random.default_rng([seed, int(10 * GAPS[setting])])
    for rows in (3000, 2000, 3000):
        y = (draw.random((rows, 1)) < 0.05).astype("float32")
        x = draw.normal(size=(rows, 4)).astype("float32")
        x[:, :2] += y * GAPS[setting] / np.sqrt(2)
        yield x, y


class BinaryFocalLoss(keras.losses.Loss):
    def __init__(self, gamma=2.0, alpha=0.25, **kwargs):
        super().__init__(**kwargs)
        self.gamma, self.alpha = gamma, alpha

    def call(self, y, p):
        y, p = ops.reshape(y, ops.shape(p)), ops.clip(p, 1e-7, 1 - 1e-7)
        p_t, alpha = ops.where(y > 0.5, p, 1 - p), ops.where(y > 0.5, self.alpha, 1 - self.alpha)
        return ops.mean(-alpha * (1 - p_t) ** self.gamma * ops.log(p_t), -1)


class MacroF1(keras.metrics.Metric):
    def __init__(self, name="macro_f1", **kwargs):
        super().__init__(name=name, **kwargs)
        self.counts = self.add_variable((2, 2), "zeros", name="counts")

    def update_state(self, y, p, sample_weight=None):
        said = ops.one_hot(ops.cast(ops.reshape(p, (-1,)) > 0.5, "int32"), 2)
        true = ops.one_hot(ops.cast(ops.reshape(y, (-1,)), "int32"), 2)
        if sample_weight is not None:
            true = true * ops.reshape(sample_weight, (-1, 1))
        self.counts.assign_add(ops.matmul(ops.transpose(true), said))

    def result(self):
        total = ops.sum(self.counts, 0) + ops.sum(self.counts, 1)
        return ops.mean(ops.divide_no_nan(2 * ops.diagonal(self.counts), total))


def macro(y, p, cut=0.5):
    y, said = y.ravel() > 0.5, p.ravel() > cut
    pairs = [(np.sum((y == c) & (said == c)), np.sum(y == c) + np.sum(said == c)) for c in (False, True)]
    return float(np.mean([2 * hits / max(total, 1) for hits, total in pairs]))


def run(setting, name, loss, seed):
    (x, y), (x_v, y_v), (x_t, y_t) = make_split(setting, seed)
    keras.utils.set_random_seed(seed)
    net = keras.Sequential([keras.Input((4,)), layers.Dense(16, "relu"), layers.Dense(1, "sigmoid")])
    net.compile(keras.optimizers.Adam(0.02), loss=loss, metrics=[MacroF1()])
    net.fit(x, y, batch_size=250, epochs=10, verbose=0)
    p_v, p = np.asarray(net(x_v)), np.asarray(net(x_t))
    cut = max(np.linspace(0.01, 0.99, 99), key=lambda t: macro(y_v, p_v, t))
    return {"setting": setting, "loss": name, "seed": seed, "model": net, "f1": macro(y_t, p),
            "threshold": cut, "f1_tuned": macro(y_t, p, cut)}


losses = {"cross-entropy": "binary_crossentropy", "focal": BinaryFocalLoss(2.0, 0.75)}
witnesses = {"α=0.25": (2.0, 0.25), "α pareja": (2.0, 0.5), "sin γ": (0.0, 0.75)}
overlapped = losses | {name: BinaryFocalLoss(*values) for name, values in witnesses.items()}
runs = [
    run(setting, name, loss, seed)
    for setting, tried in {"solapadas": overlapped, "separadas": losses}.items()
    for name, loss in tried.items()
    for seed in range(1, SEEDS)
]
"""

DESCENT = """
import time
import tensorflow as tf
from snippets.c120.homework import make_data


def eager_step(x, y, w, b, rate):
    y = tf.reshape(y, (-1, 1))
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((x @ w + b - y) ** 2)
    for v, g in zip((w, b), tape.gradient(loss, [w, b])):
        v.assign_sub(rate * g)
    return loss


graph_step = tf.function(eager_step) if DECORATED else eager_step


@tf.function
def graph_loop(x, y, w, b, rate, steps):
    for _ in tf.range(steps):
        eager_step(x, y, w, b, rate)


def train(way, seed):
    x, y = map(tf.constant, make_data(seed))
    w, b, rate = tf.Variable(tf.zeros((2, 1))), tf.Variable(0.0), tf.constant(0.1)
    start = time.perf_counter()
    if way == "loop":
        graph_loop(x, y, w, b, rate, tf.constant(500))
    else:
        for _ in range(500):
            (eager_step if way == "eager" else graph_step)(x, y, w, b, rate)
    return time.perf_counter() - start, w.numpy(), b.numpy()


results = {}
for way in ("eager", "step", "loop"):
    train(way, 1)
    results[way] = dict(zip(("seconds", "w", "b"), zip(*[train(way, seed) for seed in (1, 2, 3)])))
"""


@pytest.fixture
def served(tmp_path, monkeypatch):
    """A folder for a student's file, whose `keras.datasets` needs no network."""
    (tmp_path / "arranque").mkdir()
    (tmp_path / "arranque" / "sitecustomize.py").write_text(SERVED, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "arranque"))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    return tmp_path


def judged(number, served, source, **values):
    file = served / "mi_homework.py"
    settings = "\n".join(f"{name} = {value!r}" for name, value in values.items())
    file.write_text(settings + source, "utf-8")
    return command.check_file(number, file)


@pytest.mark.slow
def test_a_homework_of_101_that_passes(served):
    outcome = judged(101, served, GARMENTS, PATIENCE=5)
    assert outcome.code == 0 and "Homework aprobado" in outcome.text, outcome
    assert (served / "best.keras").exists()


@pytest.mark.slow
def test_a_homework_of_101_that_does_not(served):
    outcome = judged(101, served, GARMENTS, PATIENCE=2)
    assert outcome.code == 1 and "✘ EarlyStopping" in outcome.text, outcome


@pytest.mark.slow
def test_a_homework_of_102_that_passes(served):
    outcome = judged(102, served, FASHION, SEEDS=(1, 2, 3), EPOCHS=3)
    assert outcome.code == 0 and "Homework aprobado" in outcome.text, outcome


@pytest.mark.slow
def test_a_homework_of_102_that_does_not(served):
    outcome = judged(102, served, FASHION, SEEDS=(1,), EPOCHS=1)
    assert outcome.code == 1 and "✘ Entrega" in outcome.text and "3 semillas" in outcome.text, outcome


def test_a_homework_of_103_that_passes(served):
    outcome = judged(103, served, HOUSING, EPOCHS=7)
    assert outcome.code == 0 and "Homework aprobado" in outcome.text, outcome


@pytest.mark.slow
def test_a_homework_of_103_that_does_not(served):
    outcome = judged(103, served, HOUSING, EPOCHS=0)
    assert outcome.code == 1 and "✘ MAE en test" in outcome.text and "ningún paso" in outcome.text, (
        outcome
    )


@pytest.mark.slow
def test_a_homework_of_119_that_passes(served):
    outcome = judged(119, served, FOCAL, SEEDS=6)
    assert outcome.code == 0 and "Homework aprobado" in outcome.text, outcome


@pytest.mark.slow
def test_a_homework_of_119_that_does_not(served):
    outcome = judged(119, served, FOCAL, SEEDS=1)
    assert outcome.code == 1 and "✘ Corridas" in outcome.text and "✔ F1 macro" in outcome.text, outcome


@pytest.mark.slow
def test_a_homework_of_120_that_passes(served):
    outcome = judged(120, served, DESCENT, DECORATED=True)
    assert outcome.code == 0 and "Homework aprobado" in outcome.text, outcome


@pytest.mark.slow
def test_a_homework_of_120_that_does_not(served):
    outcome = judged(120, served, DESCENT, DECORATED=False)
    assert outcome.code == 1 and "eager disfrazado" in outcome.text, outcome


def test_every_page_says_what_its_checker_takes_and_how_to_run_it():
    assert list(command._homeworks()) == ["101", "102", "103", "104", "119", "120"]
    for number in command._homeworks():
        homework = importlib.import_module(f"snippets.c{number}.homework")
        arguments = inspect.signature(homework.check).parameters.values()
        assert len([a for a in arguments if a.default is a.empty]) == len(homework.DEFINES)
        page = next((ROOT / "docs" / "clases").glob(f"{number}-*/homework.md")).read_text("utf-8")
        assert re.search(rf"python -m snippets.check {number} mi_\w+\.py", page)
        for name in homework.DEFINES:
            assert f"`{name}`" in page or f"`{name}(" in page, (number, name)
