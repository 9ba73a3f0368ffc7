"""The checker of the homework of Clase 119: homeworks that pass, and wrong ones it names."""

import functools
import os

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import keras
from keras import layers, ops

from snippets.c119 import homework
from snippets.c119.focal_loss import BinaryFocalLoss
from snippets.c119.homework import EASY, HARD, check, f1_of_classes
from snippets.c119.macro_f1 import MacroF1

tensorflow_only = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="tf.Variable is the mistake that is looked for"
)

#: The pages run the checkers too, in every run; the wrong homeworks, in `make test-all`.
pytestmark = pytest.mark.slow

GAPS = {"solapadas": 1.5, "separadas": 4.0}


@functools.cache
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


PRESETS = {
    "cross-entropy": "binary_crossentropy",
    "focal": BinaryFocalLoss(2.0, 0.75),
    "α=0.25": BinaryFocalLoss(2.0, 0.25),
    "α pareja": BinaryFocalLoss(2.0, 0.5),
    "sin γ": BinaryFocalLoss(0.0, 0.75),
}


def network(units=16, **options):
    return keras.Sequential(
        [keras.Input((4,)), layers.Dense(units, "relu", **options), layers.Dense(1, "sigmoid")]
    )


def state(model):
    return [ops.convert_to_numpy(v) for v in inner(model).variables]


def inner(model):
    """The optimizer that moves the weights: in half precision, another one scales the loss."""
    return getattr(model.optimizer, "inner_optimizer", model.optimizer)


def put(model, values):
    for variable, value in zip(inner(model).variables, values, strict=True):
        variable.assign(value)


@functools.cache
def trainer(loss):
    """A compiled model, with the state of its optimizer when new.

    Compiling costs more than training: all the trainings with a loss share one.
    """
    model = network()
    model.compile(keras.optimizers.Adam(0.02), loss=loss)
    model.optimizer.build(model.trainable_variables)
    return model, state(model)


def measured(setting, name, seed, model):
    """The dictionary of a training."""
    _, (x_valid, y_valid), (x_test, y_test) = make_split(setting, seed)
    cut, p = best_threshold(y_valid, probabilities(model, x_valid)), probabilities(model, x_test)
    return {
        "setting": setting,
        "loss": name,
        "seed": seed,
        "model": model,
        "f1": f1_of_classes(y_test, p).mean(),
        "threshold": cut,
        "f1_tuned": f1_of_classes(y_test, p, cut).mean(),
    }


def train(setting, name, seed, loss=None, compiled=None, part=0, epochs=10, **options):
    """A training, given as a model of its own with the optimizer as the training left it."""
    loss = loss or PRESETS[name]
    x, y = make_split(setting, seed)[part]
    model, start = trainer(loss)
    keras.utils.set_random_seed(seed)
    model.set_weights(network().get_weights())  # a clone would repeat its own
    put(model, start)
    model.fit(x, y, batch_size=250, epochs=epochs, verbose=0, **options)
    own = network()
    own.set_weights(model.get_weights())
    own.compile(keras.optimizers.Adam(0.02), loss=compiled or loss, metrics=[MacroF1()])
    own.optimizer.build(own.trainable_variables)
    put(own, state(model))
    return measured(setting, name, seed, own)


SEEDS = range(1, 6)


@pytest.fixture(scope="module")
def runs():
    return [
        train(setting, name, seed)
        for setting, losses in {HARD: PRESETS, EASY: list(PRESETS)[:2]}.items()
        for name in losses
        for seed in SEEDS
    ]


def again(runs, names=("focal",), settings=(HARD, EASY), seeds=SEEDS, make=train, **options):
    """The same homework, with some trainings made in another way."""
    chosen = lambda r: r["setting"] in settings and r["loss"] in names and r["seed"] in seeds
    keys = "setting", "loss", "seed"
    return [make(*(run[key] for key in keys), **options) if chosen(run) else run for run in runs]


def failed(report):
    return {c.name: c.hint for c in report.criteria if c.ok is False}


def pieces(loss=BinaryFocalLoss, metric=MacroF1):
    return {c.name: f"{c.measured}\n{c.hint}" for c in homework._judge_pieces(loss, metric) if not c.ok}


def judged(runs, split=make_split):
    """What is wrong with the trainings: each criterion that fails, with what it says."""
    found = homework._judge_runs(homework._Study(runs, split))
    return {c.name: f"{c.measured}\n{c.hint}" for c in found if c.ok is False}


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
    assert words in pieces(focal_variant(WRONG_LOSSES[words]))["Focal loss"]


def test_gamma_and_alpha_exchanged_in_the_constructor():
    hints = pieces(lambda gamma, alpha: BinaryFocalLossUnchecked(alpha, gamma))
    assert "intercambiadas" in hints["Focal loss"]


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

    assert "ops.clip" in pieces(make)["Focal loss"]


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
    assert "(n, n)" in hints["Pérdida con pesos"] and "Focal loss" not in hints


def test_loss_with_other_arguments():
    hints = pieces(lambda a, b: BinaryFocalLoss(a, b))
    assert "Focal loss" in hints


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
    assert {"Focal loss", "F1 macro"} <= set(hints)


def score(part, threshold=0.5, which=None):
    def measure(run):
        x, y = make_split(run["setting"], run["seed"])[part]
        f1 = f1_of_classes(y, probabilities(run["model"], x), threshold)
        return f1.mean() if which is None else f1[which]

    return measure


def changed(runs, **changes):
    return [{**run, **{key: value(run) for key, value in changes.items()}} for run in runs]


def remade(run, loss=None, make=network, **options):
    """The same training in another model: its weights and the state of its optimizer."""
    model = make()
    model.set_weights(run["model"].get_weights())
    options = {"metrics": [MacroF1()], **options}
    model.compile(keras.optimizers.Adam(0.02), loss=loss or PRESETS[run["loss"]], **options)
    model.optimizer.build(model.trainable_variables)
    put(model, state(run["model"]))
    return measured(run["setting"], run["loss"], run["seed"], model)


def of_first_seed(runs, change):
    first = lambda run: run["setting"] == HARD and run["seed"] == 1
    return [change(run) if first(run) else run for run in runs]


# Homeworks that are right -------------------------------------------------------------


def test_reference_passes(runs):
    report = check(BinaryFocalLoss, MacroF1, runs, make_split)
    assert report.passed, report
    assert len(report.gains[HARD, "0.5"]) == 5
    assert np.mean(report.gains[HARD, "0.5"]) > 2 > np.mean(report.gains[EASY, "0.5"])
    assert "✘" not in str(report) and "Homework aprobado" in str(report)


class AskedForClasses(MacroF1):
    def __init__(self, num_classes, **kwargs):
        super().__init__(num_classes, **kwargs)


class OtherName(MacroF1):
    def __init__(self, n, **kwargs):
        super().__init__(n, **kwargs)


@pytest.mark.parametrize(
    "metric",
    [AskedForClasses, OtherName, MacroF1(name="f1"), lambda: MacroF1(2), lambda num_classes: MacroF1(num_classes)],
)  # fmt: skip
def test_metrics_in_other_forms_are_right(metric):
    assert not pieces(metric=metric)


def plain_focal(gamma, alpha):
    """A closure over NumPy-like code, which clips at 1e-6."""

    def loss(y_true, y_pred):
        y = ops.reshape(ops.cast(y_true, "float32"), ops.shape(y_pred))
        p = ops.clip(y_pred, 1e-6, 1 - 1e-6)
        positive = -alpha * (1 - p) ** gamma * ops.log(p) * y
        negative = -(1 - alpha) * p**gamma * ops.log(1 - p) * (1 - y)
        return ops.squeeze(positive + negative, axis=-1)

    return loss


@pytest.mark.parametrize(
    "loss",
    [
        lambda gamma, alpha: BinaryFocalLoss(gamma, alpha),
        functools.partial(keras.losses.BinaryFocalCrossentropy, apply_class_balancing=True),
        plain_focal,
    ],
)
def test_losses_in_other_forms_are_right(loss):
    assert not pieces(loss=loss)


def functional():
    inputs = keras.Input((4,))
    hidden = layers.Dense(16, "relu")(inputs)
    return keras.Model(inputs, layers.Activation("sigmoid")(layers.Dense(1)(hidden)))


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden, self.out = layers.Dense(16, "relu"), layers.Dense(1, "sigmoid")
        self.build((None, 4))

    def build(self, input_shape):
        self.hidden.build((None, 4))
        self.out.build((None, 16))
        self.built = True

    def call(self, inputs):
        return self.out(self.hidden(inputs))


class OwnComputeLoss(Subclassed):
    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return super().compute_loss(x, y, y_pred, sample_weight)


def wrapped():
    return keras.Sequential([keras.Input((4,)), network()])


def flat():
    model = network()
    return keras.Sequential([*model.layers, layers.Reshape(())])


def regularized():
    return network(kernel_regularizer="l2")


def half():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        return network()
    finally:
        keras.config.set_dtype_policy("float32")


RIGHT_MODELS = {
    "API Functional": {"make": functional},
    "Model Subclassing": {"make": Subclassed},
    "compute_loss propio": {"make": OwnComputeLoss},
    "una red adentro de otra": {"make": wrapped},
    "salida (n,)": {"make": flat},
    "L2": {"make": regularized},
    "weighted_metrics": {"metrics": [], "weighted_metrics": [MacroF1()]},
    "media precisión": {"make": half},
}


@pytest.mark.parametrize("name", RIGHT_MODELS)
def test_models_in_other_forms_are_right(runs, name):
    options = dict(RIGHT_MODELS[name])
    assert not judged(of_first_seed(runs, lambda run: remade(run, **options)))


def test_models_saved_and_loaded_are_right(runs, tmp_path):
    def through_a_file(run):
        run["model"].save(tmp_path / "m.keras")
        return {**run, "model": keras.models.load_model(tmp_path / "m.keras")}

    assert not judged(of_first_seed(runs, through_a_file))


def test_reports_in_other_forms_are_right(runs):
    rounded = changed(runs, f1=lambda r: round(r["f1"], 2), f1_tuned=lambda r: round(r["f1_tuned"], 2))
    assert not judged(rounded)
    typed = changed(runs, seed=lambda r: np.int64(r["seed"]), f1=lambda r: np.float32(r["f1"]))
    assert not judged(run for run in typed)  # and a generator
    assert not judged(tuple(runs), lambda *of: iter(make_split(*of)))
    extra = {**train(EASY, "sin γ", 1), "loss": "otra cosa"}
    assert not judged([*runs, extra])


# Homeworks that are wrong -------------------------------------------------------------


class DeafToGamma(BinaryFocalLoss):
    def __init__(self, gamma=2.0, alpha=0.25):
        super().__init__(2.0, alpha)


class DeafToAlpha(BinaryFocalLoss):
    def __init__(self, gamma=2.0, alpha=0.25):
        super().__init__(gamma, 0.25)


def clipped(gamma, alpha):
    return lambda y, p: plain_focal(gamma, alpha)(y, ops.clip(p, 0.015, 0.985))


def base_two(gamma, alpha):
    return lambda y, p: plain_focal(gamma, alpha)(y, p) / np.log(2)


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        (DeafToGamma, "No usa γ"),
        (DeafToAlpha, "No usa α"),
        (clipped, "Recortás demasiado"),
        (base_two, "base 2"),
    ],
)
def test_losses_that_are_right_with_some_numbers_only(loss, words):
    assert words in pieces(loss=loss)["Focal loss"]


class Unweighted(MacroF1):
    def update_state(self, y_true, y_pred, sample_weight=None):
        super().update_state(y_true, y_pred)


def test_metric_that_ignores_the_weights():
    wrong = pieces(metric=Unweighted)
    assert set(wrong) == {"F1 con pesos"} and "ignora sample_weight" in wrong["F1 con pesos"]


WEIGHTS = {0: 1.0, 1: 3.0}


def one_model(runs):
    models = {(r["setting"], r["loss"]): r["model"] for r in runs}
    return changed(runs, model=lambda r: models[r["setting"], r["loss"]])


def copies(runs):
    def copy(run):
        if run["setting"] == HARD and run["loss"] == "focal" and run["seed"] == 2:
            made = remade(
                next(r for r in runs if (r["setting"], r["loss"], r["seed"]) == (HARD, "focal", 1))
            )
            made["model"].set_weights([w + 1e-6 for w in made["model"].get_weights()])
            return {**run, "model": made["model"]}
        return run

    return [copy(run) for run in runs]


def recompiled(run):
    model = network()
    model.set_weights(run["model"].get_weights())
    model.compile("adam", PRESETS[run["loss"]], metrics=[MacroF1()])
    return {**run, "model": model}


def counted_by_hand(run):
    made = recompiled(run)
    made["model"].optimizer.build(made["model"].trainable_variables)
    made["model"].optimizer.iterations.assign(120)
    return made


WRONG_TRAININGS = {
    "focal que es entropía cruzada con class_weight": (
        lambda runs: again(runs, settings=(HARD,), loss="binary_crossentropy", class_weight=WEIGHTS),
        "Pérdida compilada",
        "γ = 0, con factor 1 para los positivos y 1 para los negativos",
    ),
    "γ = 0": (
        lambda runs: again(runs, settings=(HARD,), loss=PRESETS["sin γ"]),
        "Pérdida compilada",
        "γ = 0, con factor 0,75",
    ),
    "α al revés": (
        lambda runs: again(runs, seeds=(1,), loss=PRESETS["α=0.25"]),
        "Pérdida compilada",
        "γ = 2, con factor 0,25 para los positivos",
    ),
    "una época contra diez": (
        lambda runs: again(runs, ("cross-entropy",), seeds=(1,), epochs=1),
        "Mismo entrenamiento",
        "12 pasos",
    ),
    "quince épocas contra diez": (
        lambda runs: again(runs, seeds=(1,), epochs=15),
        "Mismo entrenamiento",
        "180 pasos",
    ),
    "el mismo modelo para todas las semillas": (one_model, "Modelos", "son el mismo modelo"),
    "copias más 1e-6": (copies, "Modelos", "contestan lo mismo"),
    "ajustadas con test": (
        lambda runs: again(runs, ("cross-entropy", "focal"), part=2),
        "Filas de entrenamiento",
        "primera parte de make_split",
    ),
    "compiladas de nuevo": (
        lambda runs: of_first_seed(runs, recompiled),
        "Mismo entrenamiento",
        "no compiles de nuevo",
    ),
    "pasos escritos a mano": (
        lambda runs: of_first_seed(runs, counted_by_hand),
        "Mismo entrenamiento",
        "sin usar",
    ),
    "compilada con focal, entrenada con otra": (
        lambda runs: again(
            runs, settings=(HARD,), loss="binary_crossentropy", compiled=PRESETS["focal"]
        ),
        "Pérdida entrenada",
        "¿entrenaste con otra",
    ),
    "class_weight además de la focal": (
        lambda runs: again(runs, settings=(HARD,), class_weight=WEIGHTS),
        "Pérdida entrenada",
        "class_weight",
    ),
    "logits": (
        lambda runs: of_first_seed(runs, lambda r: remade(r, make=logits)),
        "Modelos",
        "activation='sigmoid'",
    ),
    "sin la métrica": (
        lambda runs: of_first_seed(runs, lambda r: remade(r, metrics=["accuracy"])),
        "Métrica en uso",
        "compile(metrics",
    ),
    "umbral 0,5 en todas": (
        lambda runs: changed(runs, threshold=lambda r: 0.5, f1_tuned=lambda r: r["f1"]),
        "Umbral elegido",
        "Recorré umbrales",
    ),
    "una corrida repetida": (lambda runs: [*runs, runs[0]], "Corridas", "dos veces"),
    "sin un testigo": (
        lambda runs: [r for r in runs if r["loss"] != "sin γ"],
        "Corridas",
        "«sin γ» tiene 0 semillas",
    ),
}  # fmt: skip


def logits():
    return keras.Sequential([keras.Input((4,)), layers.Dense(16, "relu"), layers.Dense(1)])


@pytest.mark.parametrize("name", WRONG_TRAININGS)
def test_wrong_trainings(runs, name):
    make, criterion, words = WRONG_TRAININGS[name]
    wrong = judged(make(runs))
    assert words in wrong.get(criterion, ""), wrong


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
    assert words in judged(changed(runs, f1=wrong))["F1 en test"]


def test_threshold_chosen_on_test(runs):
    def peeked(run):
        x, y = make_split(run["setting"], run["seed"])[2]
        return best_threshold(y, probabilities(run["model"], x))

    wrong = changed(runs, threshold=peeked)
    wrong = changed(wrong, f1_tuned=lambda run: score(2, run["threshold"])(run))
    assert "validación" in judged(wrong)["Umbral elegido"]


def test_threshold_not_the_one_used(runs):
    wrong = changed(runs, f1_tuned=lambda run: run["f1_tuned"] - 0.05)
    assert "mismo umbral" in judged(wrong)["Umbral elegido"]


SPLITS = {
    "test es entrenamiento": (lambda s, k: [*make_split(s, k)[:2], make_split(s, k)[0]], "en «test»"),
    "las mismas filas": (lambda s, k: make_split(s, 1), "dan las mismas filas"),
    "otra en cada llamada": (
        lambda s, k: make_split(s, np.random.randint(10**6)),
        "de una llamada a otra",
    ),
    "siempre separadas": (lambda s, k: make_split(EASY, k), "las clases están a"),
    "dos partes": (lambda s, k: make_split(s, k)[:2], "ValueError"),
    "rota": (lambda s, k: 1 / 0, "ZeroDivisionError"),
    "nada": (None, "TypeError"),
}


@pytest.mark.parametrize("name", SPLITS)
def test_other_data(runs, name):
    split, words = SPLITS[name]
    assert words in judged(runs, split)["Datos"]


class Raising(keras.Model):
    def call(self, inputs):
        raise RuntimeError("se rompió")


ODD = [None, "runs", 7, [None], [[]], [{}], {"a": 1}, [{"setting": []}], iter(()), (1 / 0 for _ in "a")]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: str(odd)[:12])
def test_nothing_makes_it_raise(odd):
    assert "Corridas" in judged(odd)


@pytest.mark.parametrize("odd", [None, "x", 7, float("nan"), [], int, lambda: None, Raising()])
def test_no_piece_makes_it_raise(odd):
    assert {"Focal loss", "F1 macro"} <= set(pieces(odd, odd))


@pytest.mark.parametrize(
    "value",
    [
        {"model": None}, {"model": Raising()}, {"model": "red"}, {"model": keras.Sequential()},
        {"f1": float("nan")}, {"f1": "0,9"}, {"f1": 61.2}, {"f1": np.zeros(3)}, {"threshold": None},
        {"seed": "uno"}, {"seed": -1}, {"setting": ["solapadas"]}, {"loss": {}},
    ],
    ids=str,
)  # fmt: skip
def test_no_training_makes_it_raise(runs, value):
    assert judged([{**runs[0], **value}, *runs[1:]])
