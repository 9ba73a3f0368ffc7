"""The checker of the homework of Clase 119: homeworks that pass, and wrong ones it names."""

import os

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import keras
from keras import layers, ops

from snippets.c119.focal_loss import BinaryFocalLoss
from snippets.c119.homework import check, f1_of_classes
from snippets.c119.macro_f1 import MacroF1

tensorflow_only = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="tf.Variable is the mistake that is looked for"
)

#: The pages run the checkers too, in every run; the wrong homeworks, in `make test-all`.
pytestmark = pytest.mark.slow

GAPS = {"solapadas": 1.5, "separadas": 4.0}


def make_split(setting, seed):
    draw = np.random.default_rng([seed, int(10 * GAPS[setting])])
    parts = []
    for rows in (3000, 2000, 3000):
        y = (draw.random((rows, 1)) < 0.05).astype("float32")
        x = draw.normal(size=(rows, 4)).astype("float32")
        x[:, :2] += y * GAPS[setting] / np.sqrt(2)
        parts.append((x, y))
    return parts


def probabilities(model, x):
    return ops.convert_to_numpy(model(ops.convert_to_tensor(x)))


def best_threshold(y, p):
    grid = np.linspace(0.01, 0.99, 99)
    return grid[np.argmax([f1_of_classes(y, p, t).mean() for t in grid])]


def network():
    return keras.Sequential([keras.Input((4,)), layers.Dense(16, "relu"), layers.Dense(1, "sigmoid")])


def compiled(loss):
    """A model, and a function that leaves it and its optimizer as new, with a seed's weights.

    Compiling costs more than training it: five seeds share one.
    """
    model = network()
    model.compile(keras.optimizers.Adam(0.02), loss=loss)
    model.optimizer.build(model.trainable_variables)
    start = [ops.convert_to_numpy(v) for v in model.optimizer.variables]

    def renew(seed):
        keras.utils.set_random_seed(seed)
        model.set_weights(network().get_weights())  # a clone would repeat its own
        for variable, value in zip(model.optimizer.variables, start, strict=True):
            variable.assign(value)

    return model, renew


def train(setting, name, seed, model, renew):
    (x, y), (x_valid, y_valid), (x_test, y_test) = make_split(setting, seed)
    renew(seed)
    model.fit(x, y, batch_size=250, epochs=10, verbose=0)
    trained = network()
    trained.set_weights(model.get_weights())
    trained.compile(loss=model.loss, metrics=[MacroF1()])
    cut, p = best_threshold(y_valid, probabilities(model, x_valid)), probabilities(model, x_test)
    return {
        "setting": setting,
        "loss": name,
        "seed": seed,
        "model": trained,
        "f1": f1_of_classes(y_test, p).mean(),
        "threshold": cut,
        "f1_tuned": f1_of_classes(y_test, p, cut).mean(),
    }


@pytest.fixture(scope="module")
def runs():
    losses = {"cross-entropy": "binary_crossentropy", "focal": BinaryFocalLoss(2.0, 0.75)}
    tried = {name: compiled(loss) for name, loss in losses.items()}
    return [
        train(setting, name, seed, *tried[name])
        for setting in GAPS
        for name in losses
        for seed in range(1, 6)
    ]


def failed(report):
    return {c.name: c.hint for c in report.criteria if c.ok is False}


def pieces(loss=BinaryFocalLoss, metric=MacroF1):
    return failed(check(loss, metric, [], make_split))


def test_reference_passes(runs):
    report = check(BinaryFocalLoss, MacroF1, runs, make_split)
    assert report.passed, report
    assert len(report.gains["solapadas", "0.5"]) == 5
    assert np.mean(report.gains["solapadas", "0.5"]) > 2 > np.mean(report.gains["separadas", "0.5"])
    assert "✘" not in str(report) and "Homework aprobado" in str(report)


def test_instances_and_factories_are_judged_too(runs):
    assert set(pieces(metric=MacroF1(name="f1"))) == {"Corridas"}
    assert set(pieces(metric=lambda: MacroF1(2))) == {"Corridas"}
    assert set(pieces(loss=lambda gamma, alpha: BinaryFocalLoss(gamma, alpha))) == {"Corridas"}


def test_missing_runs_are_reported(runs):
    report = check(BinaryFocalLoss, MacroF1, runs[:-1], make_split)
    assert "semilla con suerte" in failed(report)["Corridas"]
    assert "sin evaluar" in str(report) and not report.passed
    cut = [{k: v for k, v in run.items() if k != "threshold"} for run in runs]
    assert "threshold" in failed(check(BinaryFocalLoss, MacroF1, cut, make_split))["Corridas"]


def focal_variant(compute):
    """A loss made of `compute(y, p, p_t, gamma, alpha)`."""

    def make(gamma, alpha):
        def loss(y_true, y_pred):
            p = ops.clip(y_pred, 1e-7, 1 - 1e-7)
            p_t = ops.where(y_true > 0.5, p, 1 - p)
            return compute(y_true, p, p_t, gamma, alpha)

        return loss

    return make


def per_row(values):
    return ops.mean(values, axis=-1)


def weigh(y, a, b):
    return ops.where(y > 0.5, a, b)


WRONG_LOSSES = {
    "intercambiadas": lambda y, p, p_t, g, a: per_row(
        -weigh(y, g, 1 - g) * (1 - p_t) ** a * ops.log(p_t)
    ),
    "signo menos": lambda y, p, p_t, g, a: per_row(weigh(y, a, 1 - a) * (1 - p_t) ** g * ops.log(p_t)),
    "por igual": lambda y, p, p_t, g, a: per_row(-a * (1 - p_t) ** g * ops.log(p_t)),
    "al revés": lambda y, p, p_t, g, a: per_row(-weigh(y, 1 - a, a) * (1 - p_t) ** g * ops.log(p_t)),
    "Falta α": lambda y, p, p_t, g, a: per_row(-((1 - p_t) ** g) * ops.log(p_t)),
    "Falta el factor": lambda y, p, p_t, g, a: per_row(-weigh(y, a, 1 - a) * ops.log(p_t)),
    "no p_t**γ": lambda y, p, p_t, g, a: per_row(-weigh(y, a, 1 - a) * p_t**g * ops.log(p_t)),
    "Solo cuentan": lambda y, p, p_t, g, a: per_row(-a * y * (1 - p_t) ** g * ops.log(p_t)),
}


@pytest.mark.parametrize("words", WRONG_LOSSES)
def test_wrong_losses(words):
    assert words in pieces(focal_variant(WRONG_LOSSES[words]))["Pérdida focal"]


def test_gamma_and_alpha_exchanged_in_the_constructor():
    hints = pieces(lambda gamma, alpha: BinaryFocalLossUnchecked(alpha, gamma))
    assert "intercambiadas" in hints["Pérdida focal"]


class BinaryFocalLossUnchecked(BinaryFocalLoss):
    def __init__(self, gamma, alpha):
        super().__init__()
        self.gamma, self.alpha = gamma, alpha


def test_loss_that_is_not_finite():
    def make(gamma, alpha):
        def loss(y, p):
            p_t = ops.where(y > 0.5, p, 1 - p)
            return per_row(-weigh(y, alpha, 1 - alpha) * (1 - p_t) ** gamma * ops.log(p_t))

        return loss

    assert "ops.clip" in pieces(make)["Pérdida focal"]


def test_loss_that_returns_a_scalar_or_another_form():
    right = focal_variant(
        lambda y, p, p_t, g, a: ops.mean(-weigh(y, a, 1 - a) * (1 - p_t) ** g * ops.log(p_t))
    )
    assert "escalar" in pieces(right)["Pérdida con pesos"]


def test_loss_class_that_broadcasts():
    class Loose(keras.losses.Loss):
        def __init__(self, gamma, alpha):
            super().__init__()
            self.gamma, self.alpha = gamma, alpha

        def call(self, y, p):
            p = ops.clip(p, 1e-7, 1 - 1e-7)
            p_t = y * p + (1 - y) * (1 - p)
            a = y * self.alpha + (1 - y) * (1 - self.alpha)
            return ops.mean(-a * (1 - p_t) ** self.gamma * ops.log(p_t), axis=-1)

    hints = pieces(Loose)
    assert "(n, n)" in hints["Pérdida con pesos"] and "Pérdida focal" not in hints


def test_loss_with_other_arguments():
    hints = pieces(lambda a, b: BinaryFocalLoss(a, b))
    assert "Pérdida focal" in hints


def f1_function(y_true, y_pred):
    """Macro F1 of one batch: Keras averages it over batches."""
    y, said, scores = ops.cast(y_true, "float32"), ops.cast(y_pred > 0.5, "float32"), []
    for a, b in ((y, said), (1 - y, 1 - said)):
        scores.append(ops.divide_no_nan(2 * ops.sum(a * b), ops.sum(a) + ops.sum(b)))
    return ops.mean(ops.stack(scores))


class BatchAverage(keras.metrics.Mean):
    def update_state(self, y_true, y_pred, sample_weight=None):
        super().update_state(f1_function(ops.reshape(y_true, ops.shape(y_pred)), y_pred))


@pytest.mark.parametrize("metric", [f1_function, BatchAverage])
def test_f1_per_batch_and_averaged(metric):
    assert "promedio del F1 de cada lote" in pieces(metric=metric)["F1 macro"]


class NeverReset(MacroF1):
    def reset_state(self):
        pass


def test_metric_never_reset():
    hints = pieces(metric=NeverReset)
    assert "Arrastra la época anterior" in hints["F1 entre épocas"]
    assert "F1 macro" not in hints


class BinaryF1(MacroF1):
    def result(self):
        hits, real = ops.diagonal(self.confusion), ops.sum(self.confusion, axis=1)
        return (2 * hits / (real + ops.sum(self.confusion, axis=0)))[1]


class Accuracy(MacroF1):
    def result(self):
        return ops.sum(ops.diagonal(self.confusion)) / ops.sum(self.confusion)


class LastBatch(MacroF1):
    def update_state(self, y_true, y_pred, sample_weight=None):
        self.reset_state()
        super().update_state(y_true, y_pred, sample_weight)


class Everything(MacroF1):
    def __init__(self):
        super().__init__(threshold=-1.0)


WRONG_METRICS = {
    "(binario)": BinaryF1,
    "exactitud": Accuracy,
    "último lote": LastBatch,
    "«positivo» para todo": Everything,
}


@pytest.mark.parametrize("words", WRONG_METRICS)
def test_wrong_metrics(words):
    assert words in pieces(metric=WRONG_METRICS[words])["F1 macro"]


class Loose(MacroF1):
    """Compares `(n,)` with `(n, 1)` and counts the n² pairs."""

    def update_state(self, y_true, y_pred, sample_weight=None):
        said = ops.cast(y_pred > 0.5, "float32")
        y = ops.cast(y_true, "float32")
        both = [[(1 - y) * (1 - said), (1 - y) * said], [y * (1 - said), y * said]]
        self.confusion.assign_add(ops.stack([ops.stack([ops.sum(c) for c in row]) for row in both]))


def test_metric_that_broadcasts():
    hints = pieces(metric=Loose)
    assert "(n, n)" in hints["F1 con etiquetas (n,)"] and "F1 macro" not in hints


@tensorflow_only
def test_metric_with_state_that_keras_does_not_see():
    import tensorflow as tf

    class Hidden(MacroF1):
        def __init__(self):
            keras.metrics.Metric.__init__(self)
            self.num_classes, self.threshold = 2, 0.5
            self.confusion = tf.Variable(tf.zeros((2, 2)))

        def result(self):
            counts = self.confusion.value()
            total = ops.sum(counts, axis=0) + ops.sum(counts, axis=1)
            return ops.mean(2 * ops.diagonal(counts) / total)

    hints = pieces(metric=Hidden)
    assert "tf.Variable" in hints["F1 entre épocas"] and "F1 macro" not in hints


def test_broken_pieces_are_reported_and_not_raised():
    def broken(*_, **__):
        raise RuntimeError("se rompió")

    hints = failed(check(broken, broken, [], make_split))
    assert {"Pérdida focal", "F1 macro"} <= set(hints)


def changed(runs, **changes):
    return [{**run, **{key: value(run) for key, value in changes.items()}} for run in runs]


def score(part, threshold=0.5, which=None):
    def measure(run):
        x, y = make_split(run["setting"], run["seed"])[part]
        f1 = f1_of_classes(y, probabilities(run["model"], x), threshold)
        return f1.mean() if which is None else f1[which]

    return measure


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (score(0), "entrenamiento"),
        (score(1), "validación"),
        (score(2, which=1), "(binario)"),
        (lambda run: run["f1_tuned"], "umbral elegido"),
        (lambda run: 0.99, "Medí con"),
    ],
)
def test_f1_measured_on_something_else(runs, wrong, words):
    report = check(BinaryFocalLoss, MacroF1, changed(runs, f1=wrong), make_split)
    assert words in failed(report)["F1 en test"], report
    assert not report.passed


def test_threshold_chosen_on_test(runs):
    def peeked(run):
        x, y = make_split(run["setting"], run["seed"])[2]
        return best_threshold(y, probabilities(run["model"], x))

    wrong = changed(runs, threshold=peeked)
    wrong = changed(wrong, f1_tuned=lambda run: score(2, run["threshold"])(run))
    report = check(BinaryFocalLoss, MacroF1, wrong, make_split)
    assert "validación" in failed(report)["Umbral elegido"], report


def test_threshold_not_the_one_used(runs):
    wrong = changed(runs, f1_tuned=lambda run: run["f1_tuned"] + 0.05)
    assert "mismo umbral" in failed(check(BinaryFocalLoss, MacroF1, wrong, make_split))["Umbral elegido"]


def test_alpha_on_the_wrong_side(runs):
    """With the two losses exchanged, the focal loses what it gained."""
    other = {"focal": "cross-entropy", "cross-entropy": "focal"}
    report = check(BinaryFocalLoss, MacroF1, changed(runs, loss=lambda r: other[r["loss"]]), make_split)
    assert "alpha=0.75" in failed(report)["Mejora"]


def test_metric_not_compiled(runs):
    model = keras.Sequential(runs[0]["model"].layers)  # not a clone: it would be compiled alike
    model.compile(loss="mse")
    report = check(BinaryFocalLoss, MacroF1, [{**runs[0], "model": model}, *runs[1:]], make_split)
    assert set(failed(report)) == {"Métrica en uso"}, report


def test_a_loaded_model_shows_its_metric(runs, tmp_path):
    """Saved and loaded, a model lists no metric until it is evaluated."""
    runs[0]["model"].save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    report = check(BinaryFocalLoss, MacroF1, [{**runs[0], "model": loaded}, *runs[1:]], make_split)
    assert "Métrica en uso" not in failed(report), report
