"""The checker of the homework of Clase 101: homeworks that pass, and wrong ones it names.

Nothing here depends on the backend: `KERAS_BACKEND=jax python -m pytest` on this file, too.
"""

import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import keras  # noqa: E402
from keras import layers  # noqa: E402

from livedocs.data.profiles import synthetic_fashion_mnist  # noqa: E402
from snippets.c101 import homework  # noqa: E402
from tests.homework.odd import Odd, explode  # noqa: E402

#: What trains a network of its own waits for `make test-all`.
slow = pytest.mark.slow

SPARSE = "sparse_categorical_crossentropy"


@dataclass(frozen=True)
class Work:
    """What a student hands in, in the order of `check`."""

    best: object
    history: object
    accuracy: object
    confusion: object
    pairs: object
    x_train: object
    y_train: object
    x_val: object
    y_val: object
    x_test: object
    y_test: object

    def report(self):
        return homework.check(*(getattr(self, name) for name in homework.DEFINES))

    def hints(self, **changes):
        """The hint of each criterion that fails with some changes; one does."""
        report = replace(self, **changes).report()
        assert not report.passed, report
        return {c.name: c.hint for c in report.criteria if c.ok is False}

    @property
    def rows(self):
        return [getattr(self, name) for name in list(homework.DEFINES)[5:]]

    @property
    def losses(self):
        return self.history.history["val_loss"]


@pytest.fixture(scope="module")
def rows():
    """Few rows of the synthetic Fashion-MNIST, as images: train, validation and test."""
    (x, y), (x_test, y_test) = synthetic_fashion_mnist()
    return x[:1500], y[:1500], x[1500:2100], y[1500:2100], x_test, y_test


def flat(rows, scale=255):
    """The same rows as the page prepares them."""
    return [a.reshape(-1, 784).astype("float32") / scale if a.ndim == 3 else a for a in rows]


def net(*inner, hidden=(300, 100), activation="relu", end="softmax", shape=(784,), **dense):
    model = keras.Sequential([keras.Input(shape), *inner])
    for units in hidden:
        model.add(layers.Dense(units, activation=activation, **dense))
    model.add(layers.Dense(10, activation=end))
    return model


def compiled(model, loss=SPARSE, optimizer="adam"):
    model.compile(optimizer, loss, metrics=["accuracy"])
    return model


def work(make, rows, folder, seed=1, epochs=60, stop=None, keep=None, load=None):
    """The homework as the page does it, with another network, other rows or other callbacks."""
    keras.utils.set_random_seed(seed)
    model, file = make(), folder / f"best{len(list(folder.iterdir()))}.keras"
    stop = [keras.callbacks.EarlyStopping(patience=5)] if stop is None else stop
    keep = keras.callbacks.ModelCheckpoint(file, save_best_only=True, **(keep or {}))
    x, y, x_val, y_val, *_ = rows
    history = model.fit(
        x, y, batch_size=100, epochs=epochs, validation_data=(x_val, y_val), callbacks=[*stop, keep], verbose=0
    )  # fmt: skip
    best = keras.models.load_model(file, **(load or {}))
    return handed_in(best, history, rows)


def labels(y):
    return y.argmax(1) if y.ndim == 2 and y.shape[1] == 10 else y.reshape(-1)


def answers(model, x):
    return keras.ops.convert_to_numpy(model(x)).argmax(1)


def counted(real, said):
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (real, said), 1)
    return counts


def handed_in(best, history, rows):
    real, said = labels(rows[5]), answers(best, rows[4])
    confusion = counted(real, said)
    both = np.triu(confusion + confusion.T, k=1)
    worst = np.argsort(-both, axis=None)[:4]
    pairs = np.transpose(np.unravel_index(worst, both.shape)).tolist()
    return Work(best, history, float((said == real).mean()), confusion, pairs, *rows)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("pesos")


@pytest.fixture(scope="module")
def reference(rows, folder):
    return work(lambda: compiled(net()), flat(rows), folder)


def values(model):
    return [keras.ops.convert_to_numpy(v) for v in model.weights]


# Homeworks that pass --------------------------------------------------------------------


def test_reference_passes(reference):
    before = values(reference.best)
    report = reference.report()
    assert report.passed, report
    assert "✘" not in str(report) and "Homework aprobado: 12 de 12" in str(report)
    assert report.accuracy == pytest.approx(reference.accuracy, abs=2e-3)
    assert all(map(np.array_equal, before, values(reference.best))), "check moved the weights"


def test_rounded_figures_columns_of_labels_and_other_pairs_pass(reference, folder):
    reference.best.save(folder / "columns.keras")  # a model that saw columns refuses rows
    changes = {name: getattr(reference, name).reshape(-1, 1) for name in ("y_train", "y_val", "y_test")}
    unusual = replace(
        reference,
        best=keras.models.load_model(folder / "columns.keras"),
        accuracy=np.float32(round(reference.accuracy, 2)),
        history=reference.history.history,
        confusion=reference.confusion.astype("float32"),
        pairs=np.array(reference.pairs)[::-1, ::-1],
        **changes,
    )
    report = unusual.report()
    assert report.passed, report


def test_a_file_loaded_without_its_compilation_passes(reference, folder):
    reference.best.save(folder / "again.keras")
    bare = keras.models.load_model(folder / "again.keras", compile=False)
    report = replace(reference, best=bare).report()
    assert report.passed, report
    hints = replace(reference, best=bare).hints(history=reference.history.history)
    assert "compile=False" in hints["Activaciones y pérdida"]


@slow
def test_functional_network_with_logits_and_one_hot_labels_passes(rows, folder):
    def make():
        inputs = keras.Input((784,))
        x = layers.Activation("tanh")(layers.Dense(300)(inputs))
        x = layers.Dense(100, activation="relu")(x)
        loss = keras.losses.CategoricalCrossentropy(from_logits=True)
        return compiled(keras.Model(inputs, layers.Dense(10)(x)), loss, keras.optimizers.Adam(2e-3))

    one_hot = [keras.utils.to_categorical(a, 10) if a.ndim == 1 else a for a in flat(rows)]
    report = work(make, one_hot, folder).report()
    assert report.passed, report


@keras.saving.register_keras_serializable("test_c101")
class Subclassed(keras.Model):
    """The output is created first: the order of the attributes is not that of the graph."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.salida = layers.Dense(10)
        self.segunda = layers.Dense(100, activation="relu")
        self.primera = layers.Dense(300, activation="relu")
        self.apagar = layers.Dropout(0.1)

    def call(self, inputs, training=None):
        x = self.apagar(self.primera(inputs), training=training)
        return keras.ops.softmax(self.salida(self.segunda(x)))


@slow
def test_a_subclassed_network_with_dropout_and_adamw_passes(rows, folder):
    report = work(lambda: compiled(Subclassed(), optimizer="adamw"), flat(rows), folder).report()
    assert report.passed, report


@slow
def test_raw_images_rescaled_inside_the_network_pass(rows, folder):
    make = lambda: compiled(net(layers.Rescaling(1 / 255), layers.Flatten(), shape=(28, 28)))
    report = work(make, rows, folder).report()
    assert report.passed, report


@slow
def test_normalization_adapted_inside_the_network_passes(rows, folder):
    pixels = flat(rows, scale=1)
    norm = layers.Normalization(axis=None)
    norm.adapt(pixels[0])
    report = work(lambda: compiled(net(norm)), pixels, folder).report()
    assert report.passed, report


@slow
def test_regularized_weights_and_restored_ones_pass(rows, folder):
    stop = [keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)]
    make = lambda: compiled(net(kernel_regularizer=keras.regularizers.L2(1e-4)))
    report = work(make, flat(rows), folder, stop=stop).report()
    assert report.passed, report


@slow
def test_mixed_precision_passes(rows, folder):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        done = work(lambda: compiled(net()), flat(rows), folder)
    finally:
        keras.config.set_dtype_policy("float32")
    report = done.report()
    assert report.passed, report


# Wrong data -----------------------------------------------------------------------------


@slow
def test_pixels_of_0_to_255(rows, folder):
    hints = work(lambda: compiled(net()), flat(rows, scale=1), folder).hints()
    assert "Dividí por 255" in hints["Escala"]


@slow
def test_pixels_divided_twice(rows, folder):
    hints = work(lambda: compiled(net()), flat(rows, scale=255**2), folder, epochs=3).hints()
    assert "dos veces" in hints["Escala"]


@pytest.mark.parametrize("part", ["x_val", "x_test"])
def test_a_part_in_another_scale(reference, part):
    report = replace(reference, **{part: 255 * getattr(reference, part)}).report()
    scale = next(c for c in report.criteria if c.name == "Escala")
    assert scale.ok is False and part in scale.measured and "misma función" in scale.hint, report


def test_rows_in_two_parts(reference):
    some = slice(0, 600)
    hints = reference.hints(x_val=reference.x_train[some], y_val=reference.y_train[some])
    assert "Sacá de x_train" in hints["Tres conjuntos"]
    hints = reference.hints(x_test=reference.x_train[some], y_test=reference.y_train[some])
    assert "ya vio" in hints["Tres conjuntos"]
    hints = reference.hints(x_test=reference.x_val, y_test=reference.y_val)
    assert "no repitas filas" in hints["Tres conjuntos"]


def test_parts_cut_the_other_way_round(reference):
    hints = reference.hints(x_train=reference.x_train[:500], y_train=reference.y_train[:500])
    assert "Cortá al revés" in hints["Tres conjuntos"]


def test_a_part_of_a_few_rows(reference):
    hints = reference.hints(x_val=reference.x_val[:99], y_val=reference.y_val[:99])
    assert "manda el azar" in hints["Entrega"]


def test_labels_in_other_rows(reference):
    mixed = np.random.default_rng(0).permutation(reference.y_test)
    hints = reference.hints(y_test=mixed)
    assert "azar" in hints["Aprende"] and "Exactitud en test" in hints


@slow
def test_trained_on_the_rows_of_test(rows, folder):
    (x, y), _ = synthetic_fashion_mnist()
    many = [*rows[:2], x[1500:4500], y[1500:4500], *rows[4:]]  # so that chance explains less
    swapped = flat([*many[4:], *many[2:]])
    # Its last epoch, the one that knows those rows best.
    done = work(lambda: compiled(net()), swapped, folder, stop=[], epochs=40, keep={"monitor": "loss"})
    hidden = replace(done, x_train=flat(many)[0], y_train=many[1])
    assert "filas de test" in hidden.hints()["Aprende"]


# Wrong networks -------------------------------------------------------------------------


@slow
@pytest.mark.parametrize("hidden", [(256, 128), (300,), (100, 300)])
def test_other_units(rows, folder, hidden):
    hints = work(lambda: compiled(net(hidden=hidden)), flat(rows), folder, epochs=2).hints()
    assert "784→300→100→10" in hints["Arquitectura"]


@slow
def test_another_layer_that_learns(rows, folder):
    done = work(lambda: compiled(net(layers.BatchNormalization())), flat(rows), folder, epochs=2)
    assert "únicas capas que aprenden" in done.hints()["Arquitectura"]
    assert "BatchNormalization" in str(done.report())


@slow
def test_images_not_flattened(rows, folder):
    def make():
        model = net(shape=(28, 28))
        model.add(layers.GlobalAveragePooling1D())
        return compiled(model)

    images = [a / 255 if a.ndim == 3 else a for a in rows]
    assert "Aplaná" in work(make, images, folder, epochs=2).hints()["Arquitectura"]


@slow
@pytest.mark.parametrize(
    ("options", "loss", "words"),
    [
        ({"activation": None}, SPARSE, "equivalen a una"),
        ({"end": "sigmoid"}, SPARSE, "sumar 1"),
        ({"end": None}, SPARSE, "from_logits=True"),
    ],
)
def test_wrong_activations(rows, folder, options, loss, words):
    done = work(lambda: compiled(net(**options), loss), flat(rows), folder, epochs=3)
    assert words in done.hints()["Activaciones y pérdida"]


@slow
@pytest.mark.parametrize("loss", ["mse", "binary_crossentropy"])
def test_another_loss(rows, folder, loss):
    one_hot = [keras.utils.to_categorical(a, 10) if a.ndim == 1 else a for a in flat(rows)]
    done = work(lambda: compiled(net(), loss), one_hot, folder, epochs=3)
    assert SPARSE in done.hints()["Activaciones y pérdida"]


@slow
@pytest.mark.parametrize(("optimizer", "words"), [("sgd", "la tasa"), ("rmsprop", "sin optimizer")])
def test_another_optimizer(rows, folder, optimizer, words):
    done = work(lambda: compiled(net(), optimizer=optimizer), flat(rows), folder, epochs=3)
    assert words in done.hints()["Optimizador"]


# Wrong trainings ------------------------------------------------------------------------


@slow
def test_no_early_stopping(reference, rows, folder):
    epochs = len(reference.losses) + 12
    hints = work(lambda: compiled(net()), flat(rows), folder, stop=[], epochs=epochs).hints()
    assert "sin mejorar" in hints["EarlyStopping"] and set(hints) == {"EarlyStopping"}


@slow
def test_too_few_epochs(rows, folder):
    hints = work(lambda: compiled(net()), flat(rows), folder, epochs=3).hints()
    assert "epochs=100" in hints["EarlyStopping"]


@slow
def test_another_patience(rows, folder):
    stop = [keras.callbacks.EarlyStopping(patience=2)]
    hints = work(lambda: compiled(net()), flat(rows), folder, stop=stop).hints()
    assert "patience=5" in hints["EarlyStopping"]


def test_stopped_by_the_accuracy(reference):
    """By hand: in which epoch the accuracy is best, a run decides."""
    losses = [1.0, 0.8, 0.6, 0.5, 0.55, 0.6, 0.7, 0.8]
    accuracy = [0.5, 0.6, 0.8, 0.7, 0.7, 0.7, 0.7, 0.7]
    hints = reference.hints(history={"val_loss": losses, "val_accuracy": accuracy})
    assert "Parece vigilar la exactitud" in hints["EarlyStopping"]


def test_a_loss_that_is_nan(reference):
    hints = reference.hints(history={"val_loss": [0.9, float("nan"), float("nan")]})
    assert "nan" in hints["EarlyStopping"]


def test_no_validation_data(reference):
    curves = {k: v for k, v in reference.history.history.items() if not k.startswith("val_")}
    assert "validation_data" in reference.hints(history=curves)["Entrega"]


def test_the_model_that_was_left_in_memory(reference):
    last = handed_in(reference.history.model, reference.history, reference.rows)
    assert "load_model" in last.hints()["ModelCheckpoint"]


def test_a_file_of_the_last_epoch(reference, folder):
    reference.history.model.save(folder / "last.keras")
    hints = reference.hints(best=keras.models.load_model(folder / "last.keras"))
    assert "save_best_only" in hints["ModelCheckpoint"]


@slow
def test_a_file_of_another_epoch(rows, folder):
    keep = {"monitor": "loss", "mode": "max"}  # the first
    hints = work(lambda: compiled(net()), flat(rows), folder, keep=keep).hints()
    assert "época 1" in hints["ModelCheckpoint"]


def test_a_file_chosen_by_the_accuracy(reference):
    """By hand: the loss of the file is that of the epoch of most accuracy, and not the least."""
    found = min(reference.losses)
    losses = [1.0, found, 0.9 * found, *(2.0 + n for n in range(5))]
    accuracy = [0.5, 0.9, 0.8, *([0.7] * 5)]
    hints = reference.hints(history={"val_loss": losses, "val_accuracy": accuracy})
    assert "mejor exactitud" in hints["ModelCheckpoint"]


@slow
def test_a_file_of_another_run_or_other_validation_rows(reference, rows, folder):
    other = work(lambda: compiled(net()), flat(rows), folder, seed=2)
    hints = reference.hints(best=other.best, confusion=other.confusion, accuracy=other.accuracy)
    assert "otra corrida" in hints["ModelCheckpoint"]
    x, y = reference.x_val, reference.y_val
    hints = reference.hints(x_val=x[:550], y_val=y[:550])
    assert "validation_data" in hints["ModelCheckpoint"]


def test_a_network_that_was_not_trained(reference):
    keras.utils.set_random_seed(3)
    blank = compiled(net())
    rows = reference.rows
    hints = handed_in(blank, reference.history, rows).hints()
    assert "Aprende" in hints and "ModelCheckpoint" in hints


# Wrong figures --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def harder(reference):
    """The same work on a test that keeps half of the right answers: its accuracy is another."""
    right = answers(reference.best, reference.x_test) == reference.y_test
    keep = ~right | (np.arange(len(right)) % 2 == 0)
    *rows, x_test, y_test = reference.rows
    done = handed_in(reference.best, reference.history, [*rows, x_test[keep], y_test[keep]])
    report = done.report()
    assert report.passed, str(report)
    return done


def test_accuracies_of_somewhere_else(harder):
    on = lambda x, y: float((answers(harder.best, x) == y).mean())
    figures = {
        "validación, con la que se eligió": on(harder.x_val, harder.y_val),
        "de entrenamiento": on(harder.x_train, harder.y_train),
        "porcentaje": 100 * harder.accuracy,
        "historia de fit": harder.history.history["accuracy"][0],
        "Es la pérdida": harder.best.evaluate(harder.x_test, harder.y_test, verbose=0)[0],
        "dos decimales o más": 0.123,
    }
    for words, figure in figures.items():
        assert abs(figure - harder.accuracy) > 0.01, (words, "no trap without a gap")
        hints = harder.hints(accuracy=figure)
        assert words in hints["Exactitud en test"], (words, figure, hints)
        assert set(hints) == {"Exactitud en test"}
    assert "dos decimales" in harder.hints(accuracy=float("nan"))["Exactitud en test"]


def test_the_accuracy_of_the_model_in_memory(reference):
    """In the place of the last epoch's, one that is far from the best: an untrained network."""
    last = compiled(net())
    history = SimpleNamespace(history=reference.history.history, model=last)
    told = float((answers(last, reference.x_test) == reference.y_test).mean())
    hints = reference.hints(history=history, accuracy=told)
    assert "última época" in hints["Exactitud en test"]


def test_labels_in_a_column_against_a_row_of_answers(reference):
    column = reference.y_test.reshape(-1, 1)
    told = float((answers(reference.best, reference.x_test) == column).mean())
    hints = reference.hints(y_test=column, accuracy=told)
    assert "todas con todas" in hints["Exactitud en test"]


def test_wrong_matrices(reference):
    real, said = labels(reference.y_test), answers(reference.best, reference.x_test)
    once = np.zeros((10, 10), int)
    once[real, said] += 1
    right = reference.confusion
    val = counted(reference.y_val, answers(reference.best, reference.x_val))
    last = counted(real, answers(reference.history.model, reference.x_test))
    for matrix, words in (
        (right.T, "traspuesta"),
        (once, "np.add.at"),
        (right / right.sum(1, keepdims=True), "fracciones"),
        (val, "de validación"),
        (last, "última época"),
        (right + 1, "sin mezclar"),
        (np.full((10, 10), np.nan), "sin mezclar"),
    ):
        assert np.abs(matrix - right).sum() > 6 or np.isnan(matrix).any(), words
        hints = reference.hints(confusion=matrix)
        assert words in hints["Matriz de confusión"] and set(hints) == {"Matriz de confusión"}


def test_wrong_pairs(reference):
    (a, b), *others = reference.pairs
    for pairs, words in (
        ([(a, a), *others], "diagonal"),
        ([(a, b), (b, a), *others[1:]], "misma pareja"),
        ([(1, 8), *others], "transpuesta"),
    ):
        hints = reference.hints(pairs=pairs)
        assert words in hints["Confusiones"] and set(hints) == {"Confusiones"}


def test_confusions_of_other_garments(reference):
    """A model that takes trousers for bags, and the other way round."""
    swap = np.arange(10)
    swap[[1, 8]] = 8, 1
    rows = reference.rows
    rows[5] = swap[reference.y_test]
    wrong = handed_in(reference.best, reference.history, rows)
    assert "sigue en su fila" in wrong.hints()["Confusiones"]


@pytest.mark.parametrize(
    ("trained_on", "tested_on", "accepted"),
    [(4000, 10_000, True), (50_000, 1000, True), (50_000, 10_000, False)],
)
def test_with_few_rows_the_fourth_pair_may_be_of_other_garments(trained_on, tested_on, accepted):
    """Shoes and boots, as with 4000 real images and one seed of three."""
    real, said = np.zeros((2, tested_on), int)
    pairs = [(2, 4), (2, 6), (0, 6), (7, 9)]
    for (a, b), times in zip(pairs, (50, 40, 30, 20), strict=True):
        at = np.flatnonzero(real + said == 0)[:times]
        real[at], said[at] = a, b
        if not a:
            real[at], said[at] = b, a
    part = lambda rows, y: SimpleNamespace(y=np.resize(y, rows))
    work = SimpleNamespace(
        pairs=pairs,
        said=said,
        half=False,
        slack=3,
        test=part(tested_on, real),
        train=part(trained_on, real),
    )
    ok, found, hint = homework._pairs(work)
    assert ok is accepted and "zapatilla–bota" in found and ("en su fila" in hint) is not accepted


# Things handed in that are not what was asked -------------------------------------------


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ({"best": "best.keras"}, "load_model"),
        ({"history": None}, "model.fit"),
        ({"history": {"val_loss": []}}, "validation_data"),
        ({"history": {"val_loss": ["a"]}}, "sin retocar"),
        ({"accuracy": "0.87"}, "es un número"),
        ({"accuracy": True}, "es un número"),
        ({"confusion": np.zeros((9, 9))}, "diez filas"),
        ({"confusion": [["a"]]}, "diez filas"),
        ({"pairs": [(0, 6)]}, "cuatro pares"),
        ({"pairs": [("remera", "camisa")] * 4}, "cuatro pares"),
        ({"pairs": 4}, "cuatro pares"),
    ],
)
def test_a_bad_item_is_named(reference, items, words):
    hints = reference.hints(**items)
    assert words.lower() in hints["Entrega"].lower(), hints
    assert "sin evaluar" in str(replace(reference, **items).report())


def test_missing_values_in_the_rows(reference):
    x = reference.x_train.copy()
    x[3, 4] = np.nan
    assert "np.isnan" in reference.hints(x_train=x)["Entrega"]


def test_a_model_that_breaks_is_a_line_of_the_checklist(reference):
    narrow = {name: getattr(reference, name)[:, :500] for name in ("x_train", "x_val", "x_test")}
    assert "best(x_test[:5])" in reference.hints(**narrow)["Exactitud en test"]


@slow
@pytest.mark.parametrize(
    "answer",
    [
        explode,
        lambda x: {"a": x},
        lambda x: [x, x],
        lambda x: x[:, 0],
        lambda x: None,
        lambda x: x[:, :10] * float("nan"),
        lambda x: x[:3, :10],
    ],
)
def test_no_model_makes_it_raise(reference, answer):
    for loss in (None, SPARSE):
        odd = Odd(answer)
        if loss:
            odd.compile("adam", loss)
        report = replace(reference, best=odd).report()
        assert not report.passed and "✘ Arquitectura" in str(report)
    unbuilt = keras.Sequential([layers.Dense(64), layers.Dense(10)])
    assert "✘" in str(replace(reference, best=unbuilt).report())


class Hostile:
    def __getattr__(self, name):
        raise RuntimeError(name)

    __len__ = __iter__ = __bool__ = __eq__ = __array__ = lambda self, *_, **__: 1 / 0
    __hash__ = None


@pytest.mark.parametrize(
    "junk",
    [None, "x", {}, [], (1, None), np.nan, b"", Hostile(), iter([]), {"val_loss": Hostile()}],
    ids=lambda junk: type(junk).__name__,
)
def test_nothing_handed_in_makes_it_raise(reference, junk):
    for name in homework.DEFINES:
        for wrong in (junk, [junk] * 10):
            assert not replace(reference, **{name: wrong}).report().passed


@pytest.mark.parametrize(
    "change", [lambda y: y + 1, lambda y: y - 0.5, lambda y: np.char.add("z", y.astype(str))]
)
def test_labels_that_are_not_ten_classes(reference, change):
    assert "Entrega" in reference.hints(y_test=change(reference.y_test))


def test_checker_works_from_a_copy_of_its_file(tmp_path):
    source = ROOT / "snippets" / "c101" / "homework.py"
    (tmp_path / "homework.py").write_text(source.read_text("utf-8"), "utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "-c", "import sys; sys.path.insert(0, '.'); import homework"],
        cwd=tmp_path, capture_output=True, text=True, env=dict(os.environ),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-1000:]
