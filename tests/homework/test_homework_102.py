"""The checker of the homework of Clase 102: homeworks that pass, and wrong ones it names.

Nothing here depends on the backend: `KERAS_BACKEND=jax python -m pytest` on this file, too.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import keras  # noqa: E402
from keras import layers  # noqa: E402

from livedocs.data.profiles import synthetic_fashion_mnist  # noqa: E402
from snippets.c102.homework import check  # noqa: E402
from tests.homework.odd import Odd, explode  # noqa: E402

#: What trains many networks waits for `make test-all`.
slow = pytest.mark.slow

TRUNKS = {"Tiny": [64], "Medium": [256, 128], "Wide": [1024]}
PARAMS = {"Tiny": 50_890, "Medium": 235_146, "Wide": 814_090}
SPARSE = "sparse_categorical_crossentropy"


class EpochTimer(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.seconds = []

    def on_epoch_begin(self, epoch, logs=None):
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds.append(time.perf_counter() - self.start)


class Data:
    """Few rows of the synthetic Fashion-MNIST: enough to learn, and to learn by heart."""

    def __init__(self):
        (x_train, y_train), (x_test, y_test) = synthetic_fashion_mnist()
        rows = lambda images: images.reshape(-1, 784).astype("float32") / 255
        self.x_train, self.y_train = rows(x_train[:1200]), y_train[:1200]
        self.x_test, self.y_test = rows(x_test[:800]), y_test[:800]

    @property
    def all(self):
        return self.x_train, self.y_train, self.x_test, self.y_test


@pytest.fixture(scope="module")
def data():
    return Data()


def build(hidden, activation="relu", end="softmax", loss=SPARSE, extra=(), optimizer="adam", **dense):
    model = keras.Sequential([keras.Input((784,))])
    for units in hidden:
        model.add(layers.Dense(units, activation=activation, **dense))
    for layer in extra:
        model.add(layer)
    model.add(layers.Dense(10, activation=end))
    model.compile(optimizer, loss, metrics=["accuracy"])
    return model


def run(make, data, seed=1, epochs=3, batch_size=100, rows=None):
    """A training as the page does it: the model, its accuracy on test and its seconds."""
    keras.utils.set_random_seed(seed)
    model, timer = make(), EpochTimer()
    x, y = data.x_train[:rows], data.y_train[:rows]
    model.fit(x, y, batch_size=batch_size, epochs=epochs, callbacks=[timer], verbose=0)
    return model, accuracy(data.x_test, data.y_test)(model), timer.seconds


def accuracy(x, y):
    """`evaluate` without the graph that it would trace for each model."""
    y = y.argmax(1) if y.ndim > 1 else y
    return lambda model: float(np.mean(keras.ops.convert_to_numpy(model(x)).argmax(1) == y))


def row(name, runs):
    models, accuracy, seconds = zip(*runs, strict=True)
    return {"params": PARAMS[name], "accuracy": accuracy, "seconds": seconds, "models": models}


@pytest.fixture(scope="module")
def reference(data):
    return {
        name: row(name, [run(lambda: build(hidden), data, seed) for seed in (1, 2, 3)])
        for name, hidden in TRUNKS.items()
    }


def changed(reference, name="Tiny", **items):
    """The reference with other figures of a network."""
    return reference | {name: reference[name] | items}


def replaced(reference, name, *trained):
    """The reference with the first run of a network exchanged for another."""
    old = reference[name]
    kept = list(zip(old["models"], old["accuracy"], old["seconds"], strict=True))[1:]
    return reference | {name: row(name, [trained, *kept])}


def values(model):
    return [keras.ops.convert_to_numpy(v) for v in model.weights]


def failed(report):
    return {c.name: c.hint for c in report.criteria if c.ok is False}


def hints(results, data):
    report = check(results, *data.all)
    assert not report.passed
    return failed(report)


def test_reference_passes(reference, data):
    before = [w for r in reference.values() for m in r["models"] for w in values(m)]
    report = check(reference, *data.all)
    assert report.passed, report
    assert "✘" not in str(report) and "Homework aprobado: 11 de 11" in str(report)
    for name in TRUNKS:
        assert report.accuracy[name] == pytest.approx(reference[name]["accuracy"], abs=2e-3)
    evaluated = reference["Wide"]["models"][0].evaluate(data.x_test, data.y_test, verbose=0)
    assert report.accuracy["Wide"][0] == pytest.approx(evaluated[1], abs=2e-3)
    after = [w for r in reference.values() for m in r["models"] for w in values(m)]
    assert all(map(np.array_equal, before, after)), "check moved the weights"


@pytest.mark.parametrize("decimals", [2, 3])
def test_rounded_figures_arrays_and_columns_of_labels_pass(reference, data, decimals):
    rounded = reference
    for name in TRUNKS:
        rounded = changed(rounded, name, accuracy=np.round(reference[name]["accuracy"], decimals))
    labels = data.y_train[:, None], data.y_test[:, None]
    report = check(rounded, data.x_train, labels[0], data.x_test, labels[1])
    assert report.passed, report


def passes(reference, data, make, **options):
    report = check(replaced(reference, "Tiny", *run(make, data, **options)), *data.all)
    assert report.passed, report


def test_regularized_weights_pass(reference, data):
    passes(reference, data, lambda: build([64], kernel_regularizer=keras.regularizers.L2(1e-3)))


@slow
def test_accumulated_gradients_pass(reference, data):
    adam = keras.optimizers.Adam(1e-2, gradient_accumulation_steps=2)
    passes(reference, data, lambda: build([64], optimizer=adam))


def test_raw_images_through_a_nested_network_that_ends_in_a_layer_of_softmax_pass(reference, data):
    images = Data()
    images.x_train, images.x_test = (
        (255 * x).round().astype("uint8").reshape(-1, 28, 28) for x in (data.x_train, data.x_test)
    )
    flat = lambda: [keras.Input((28, 28)), layers.Rescaling(1 / 255), layers.Flatten()]

    def make(hidden):
        trunk = keras.Sequential([*flat(), *(layers.Dense(n, "relu") for n in hidden)])
        inputs = keras.Input((28, 28))
        model = keras.Model(inputs, layers.Softmax()(layers.Dense(10)(trunk(inputs))))
        model.compile("adam", SPARSE, metrics=["accuracy"])
        return model

    results = {}
    for name, old in reference.items():
        models = [make(TRUNKS[name]) for _ in old["models"]]
        for model, other in zip(models, old["models"], strict=True):
            model.optimizer.build(model.trainable_variables)
            model.set_weights(other.get_weights())
            for mine, its in zip(model.optimizer.variables, other.optimizer.variables, strict=True):
                mine.assign(its)
        results[name] = old | {"models": models}
    report = check(results, *images.all)
    assert report.passed, report


@slow
@pytest.mark.parametrize("loss", [SPARSE, "logits"])
def test_saved_and_loaded_networks_pass(reference, data, tmp_path, loss):
    if loss == "logits":
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        trained = run(lambda: build([64], end=None, loss=loss), data)
        reference = replaced(reference, "Tiny", *trained)
    results = reference
    for name in TRUNKS:
        loaded = []
        for n, model in enumerate(reference[name]["models"]):
            model.save(tmp_path / f"{name}{n}.keras")
            loaded.append(keras.saving.load_model(tmp_path / f"{name}{n}.keras"))
        results = changed(results, name, models=loaded)
    report = check(results, *data.all)
    assert report.passed, report


@slow
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_passes(reference, data, policy):
    keras.config.set_dtype_policy(policy)
    try:
        trained = run(lambda: build([64]), data)
    finally:
        keras.config.set_dtype_policy("float32")
    report = check(replaced(reference, "Tiny", *trained), *data.all)
    assert report.passed, report


@slow
def test_one_fit_per_epoch_and_more_seeds_than_asked_pass(reference, data):
    keras.utils.set_random_seed(4)
    model, timer, seconds = build([64]), EpochTimer(), []
    for _ in range(3):
        model.fit(data.x_train, data.y_train, batch_size=100, callbacks=[timer], verbose=0)
        seconds += timer.seconds
    old = reference["Tiny"]
    runs = list(zip(old["models"], old["accuracy"], old["seconds"], strict=True))
    trained = model, accuracy(data.x_test, data.y_test)(model), seconds
    report = check(reference | {"Tiny": row("Tiny", [*runs, trained])}, *data.all)
    assert report.passed and len(report.accuracy["Tiny"]) == 4, report


@slow
def test_an_optimizer_without_memory_passes(data):
    sgd = lambda: keras.optimizers.SGD(0.1)
    results = {
        name: row(name, [run(lambda: build(hidden, optimizer=sgd()), data, n) for n in (1, 2, 3)])
        for name, hidden in TRUNKS.items()
    }
    report = check(results, *data.all)
    assert report.passed, report


@keras.saving.register_keras_serializable("test_c102")
class Subclassed(keras.Model):
    """The output is created first: the order of the attributes is not that of the graph."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.flat = layers.Flatten()
        self.salida = layers.Dense(10)
        self.oculta = layers.Dense(64)

    def call(self, inputs):
        x = keras.ops.tanh(self.oculta(self.flat(inputs)))
        return keras.ops.softmax(self.salida(x))


@slow
def test_a_subclassed_network_with_another_activation_passes(reference, data):
    def make():
        model = Subclassed()
        model.compile("adam", SPARSE, metrics=["accuracy"])
        return model

    results = replaced(reference, "Tiny", *run(make, data))
    assert check(results, *data.all).passed


@slow
def test_functional_network_with_logits_and_one_hot_labels_pass(reference, data):
    def make():
        inputs = keras.Input((784,))
        x = layers.Activation("relu")(layers.Dense(64)(inputs))
        model = keras.Model(inputs, layers.Dense(10)(x))
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile("adam", loss, metrics=["accuracy"])
        return model

    results = replaced(reference, "Tiny", *run(make, data))
    one_hot = [keras.utils.to_categorical(y, 10) for y in (data.y_train, data.y_test)]
    report = check(results, data.x_train, one_hot[0], data.x_test, one_hot[1])
    assert report.passed, report


# Wrong architectures ------------------------------------------------------------------


def test_networks_exchanged(reference, data):
    swapped = reference | {"Medium": reference["Wide"], "Wide": reference["Medium"]}
    assert "Esa es la red de Wide" in hints(swapped, data)["Arquitecturas"]


@slow
@pytest.mark.parametrize("hidden", [[32], [64, 64], [128, 256]])
def test_other_units(reference, data, hidden):
    name = "Medium" if len(hidden) > 1 else "Tiny"
    found = hints(replaced(reference, name, *run(lambda: build(hidden), data, epochs=1)), data)
    assert f"{name} es 784→" in found["Arquitecturas"]


@slow
@pytest.mark.parametrize("extra", [layers.Dropout(0.2), layers.BatchNormalization()])
def test_layers_that_were_not_asked_for(reference, data, extra):
    trained = run(lambda: build([64], extra=[extra]), data)
    found = check(replaced(reference, "Tiny", *trained), *data.all)
    assert "solo difieran" in failed(found)["Arquitecturas"]
    assert type(extra).__name__ in str(found)


@slow
def test_images_not_flattened(reference, data):
    images = Data()
    images.x_train, images.x_test = (x.reshape(-1, 28, 28) for x in (data.x_train, data.x_test))

    def make():
        pool = layers.GlobalAveragePooling1D()
        net = [keras.Input((28, 28)), layers.Dense(64, "relu"), pool, layers.Dense(10, "softmax")]
        model = keras.Sequential(net)
        model.compile("adam", SPARSE, metrics=["accuracy"])
        return model

    found = hints(replaced(reference, "Tiny", *run(make, images)), images)
    assert "Aplaná" in found["Arquitecturas"]


@slow
def test_no_activation(reference, data):
    trained = run(lambda: build([64], activation=None), data)
    found = hints(replaced(reference, "Tiny", *trained), data)
    assert "equivalen a una" in found["Activaciones y pérdida"]


@slow
@pytest.mark.parametrize("end", ["sigmoid", "relu"])
def test_an_output_that_is_not_softmax(reference, data, end):
    trained = run(lambda: build([64], end=end), data)
    found = hints(replaced(reference, "Tiny", *trained), data)
    assert "una probabilidad por prenda" in found["Activaciones y pérdida"]


@slow
def test_logits_without_from_logits(reference, data):
    trained = run(lambda: build([64], end=None), data)
    found = hints(replaced(reference, "Tiny", *trained), data)
    assert "from_logits=True" in found["Activaciones y pérdida"]


@slow
def test_another_loss(reference, data):
    one_hot = Data()
    one_hot.y_train, one_hot.y_test = (
        keras.utils.to_categorical(y, 10) for y in (data.y_train, data.y_test)
    )
    trained = run(lambda: build([64], loss="mse"), one_hot)
    assert SPARSE in hints(replaced(reference, "Tiny", *trained), data)["Activaciones y pérdida"]


# Wrong figures ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "words"),
    [(50_816, "Faltan los sesgos"), (3 * 50_890 + 2, "incluye los de Adam"), (7, "un sesgo por salida")],
)
def test_wrong_parameters(reference, data, params, words):
    assert words in hints(changed(reference, params=params), data)["Parámetros"]


def scores(reference, measure, name="Tiny"):
    return [float(measure(model)) for model in reference[name]["models"]]


def test_accuracy_on_the_training_rows(reference, data):
    on_train = scores(reference, accuracy(data.x_train, data.y_train))
    assert not np.allclose(on_train, reference["Tiny"]["accuracy"], atol=5e-3), "no trap without a gap"
    found = hints(changed(reference, accuracy=on_train), data)
    assert "Es la exactitud de entrenamiento" in found["Exactitud en test"]
    assert set(found) == {"Exactitud en test"}


def test_accuracy_on_the_validation_rows(reference, data):
    last = slice(int(0.9 * len(data.x_train)), None)
    found = hints(
        changed(reference, accuracy=scores(reference, accuracy(data.x_train[last], data.y_train[last]))),
        data,
    )
    assert "validación" in found["Exactitud en test"]


def test_loss_percentage_or_invention_instead_of_the_accuracy(reference, data):
    rows = np.arange(len(data.y_test)), data.y_test
    loss = scores(
        reference, lambda model: -np.log(keras.ops.convert_to_numpy(model(data.x_test))[rows]).mean()
    )
    percents = [100 * a for a in reference["Tiny"]["accuracy"]]
    better = [
        a + extra for a, extra in zip(reference["Tiny"]["accuracy"], (0.08, 0.11, 0.09), strict=True)
    ]
    best = [max(reference["Tiny"]["accuracy"])] * 3
    for wrong, words in (
        (loss, "Es la pérdida"),
        (percents, "porcentaje"),
        ([0.999] * 3, "al final"),
        (better, "al final"),
        (best, "la mejor de las semillas"),
        ([float("nan")] * 3, "al final"),
    ):
        assert words in hints(changed(reference, accuracy=wrong), data)["Exactitud en test"]


def test_accuracies_in_another_order(reference, data):
    reordered = reference["Wide"]["accuracy"][::-1]
    found = hints(changed(reference, "Wide", accuracy=reordered), data)
    assert "otra semilla" in found["Exactitud en test"]


def test_test_rows_that_were_trained_on(reference, data):
    on_train = changed(reference, accuracy=scores(reference, accuracy(data.x_train, data.y_train)))
    report = check(on_train, data.x_train, data.y_train, data.x_train[:900], data.y_train[:900])
    assert "no vio" in failed(report)["Filas"]
    some = slice(0, 500)
    rows, labels = data.x_train.copy(), data.y_train.copy()
    rows[:100], labels[:100] = data.x_test[:100], data.y_test[:100]
    report = check(reference, rows, labels, data.x_test[some], data.y_test[some])
    assert "no vio" in failed(report)["Filas"], report


# Wrong trainings ----------------------------------------------------------------------


def test_times_of_another_number_of_epochs(reference, data):
    short = [seconds[:2] for seconds in reference["Wide"]["seconds"]]
    report = check(changed(reference, "Wide", seconds=short), *data.all)
    assert "misma cantidad en las tres" in failed(report)["Épocas"]
    assert "Tiny 3, Medium 3, Wide 2" in str(report)


@slow
def test_trained_for_another_number_of_epochs(reference, data):
    trained = run(lambda: build([64]), data, epochs=6)
    assert "misma cantidad en las tres" in hints(replaced(reference, "Tiny", *trained), data)["Épocas"]
    model, score, seconds = trained
    found = hints(replaced(reference, "Tiny", model, score, seconds[:3]), data)
    assert "Otra cantidad de épocas" in found["Pasos por época"] and "Épocas" not in found
    model.history = None  # as if it had been loaded
    found = hints(replaced(reference, "Tiny", model, score, seconds[:3]), data)
    assert "otra cantidad de épocas" in found["Pasos por época"]
    found = hints(replaced(reference, "Tiny", model, score, seconds[:5]), data)
    assert "otro entrenamiento" in found["Pasos por época"]


@slow
def test_one_epoch_is_not_enough_to_time(reference, data):
    results = {
        name: row(name, [run(lambda: build(hidden), data, epochs=1)] * 3)
        for name, hidden in TRUNKS.items()
    }
    found = hints(results, data)
    assert "primera época arma el grafo" in found["Épocas"]
    assert "red nueva por semilla" in found["Semillas"]


@slow
@pytest.mark.parametrize("other", [{"rows": 900}, {"batch_size": 50}])
def test_other_rows_or_batches_for_one_network(reference, data, other):
    trained = run(lambda: build([64]), data, **other)
    found = hints(replaced(reference, "Tiny", *trained), data)
    assert "otras filas u otro batch_size" in found["Pasos por época"]


@slow
@pytest.mark.parametrize("fits", [(6,), (3, 3)])
def test_the_last_epochs_timed_of_twice_as_many(reference, data, fits):
    def late(hidden, seed):
        keras.utils.set_random_seed(seed)
        model, timer = build(hidden), EpochTimer()
        for epochs in fits:
            model.fit(
                data.x_train, data.y_train, batch_size=100, epochs=epochs, callbacks=[timer], verbose=0
            )
        return model, accuracy(data.x_test, data.y_test)(model), timer.seconds[-3:]

    results = {name: row(name, [late(h, n) for n in (1, 2, 3)]) for name, h in TRUNKS.items()}
    report = check(results, *data.all)
    assert "cronometrá todas" in failed(report)["Pasos por época"], report
    assert "72 pasos son 6 épocas, y mediste 3" in str(report)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        ([[0.5, 0.5, 0.5]] * 3, "EpochTimer"),
        ([[0.5, 0.31, 0.29]] * 3, "EpochTimer"),
        ([[3e-6, 2e-6, n * 1e-6] for n in (4, 5, 6)], "Ninguna máquina"),
    ],
)
def test_times_that_no_clock_gives(reference, data, seconds, words):
    found = hints(changed(reference, seconds=seconds), data)
    assert words in found["Tiempos"] and set(found) == {"Tiempos"}


def test_another_optimizer_for_one_network(reference, data):
    trained = run(lambda: build([64], optimizer="sgd"), data)
    found = hints(replaced(reference, "Tiny", *trained), data)
    assert "mismo optimizador" in found["Pasos por época"]


def test_a_test_of_a_few_rows(reference, data):
    report = check(reference, data.x_train, data.y_train, data.x_test[:100], data.y_test[:100])
    assert "500 filas por lo menos" in failed(report)["Entrega"]


def three(make, data, name, **options):
    return {name: row(name, [run(make, data, seed, **options) for seed in (1, 2, 3)])}


@slow
def test_fitted_on_the_rows_of_test(reference, data):
    swapped = Data()
    swapped.x_train, swapped.y_train = data.x_test, data.y_test
    results = {
        name: row(
            name,
            [
                (model, accuracy(data.x_test, data.y_test)(model), seconds)
                for model, _, seconds in (
                    run(lambda: build(hidden), swapped, n, batch_size=66, epochs=3) for n in (1, 2, 3)
                )
            ],
        )
        for name, hidden in TRUNKS.items()
    }
    found = hints(results, data)
    assert "ajustá con x_train" in found["Filas"]


@slow
def test_half_the_rows_in_batches_half_as_large(reference, data):
    half = three(lambda: build([1024]), data, "Wide", rows=600, batch_size=50)
    found = hints(reference | half, data)
    assert "mismas filas en las tres" in found["Filas"]
    assert "Pasos por época" not in found, "steps can't tell"


@slow
def test_untrained_network(reference, data):
    model = build([64])
    score = accuracy(data.x_test, data.y_test)(model)
    found = hints(replaced(reference, "Tiny", model, score, [1.0, 1.0, 1.0]), data)
    assert "no está entrenado" in found["Pasos por época"]
    assert "fit después de compile" in found["Aprenden"]


def test_steps_that_were_only_counted(reference, data):
    model = build([64])
    model.set_weights(reference["Tiny"]["models"][0].get_weights())
    model.optimizer.build(model.trainable_variables)
    model.optimizer.iterations.assign(36)
    old = reference["Tiny"]
    found = hints(replaced(reference, "Tiny", model, old["accuracy"][0], old["seconds"][0]), data)
    assert "momentos están en cero" in found["Pasos por época"]


@slow
def test_compiled_again_after_fit(reference, data):
    model, score, seconds = run(lambda: build([64]), data)
    model.compile("adam", SPARSE, metrics=["accuracy"])
    found = hints(replaced(reference, "Tiny", model, score, seconds), data)
    assert "compilar después de fit" in found["Pasos por época"]


def test_network_not_compiled(reference, data):
    model = keras.Sequential(
        [keras.Input((784,)), layers.Dense(64, "relu"), layers.Dense(10, "softmax")]
    )
    model.set_weights(reference["Tiny"]["models"][0].get_weights())
    old = reference["Tiny"]
    results = replaced(reference, "Tiny", model, old["accuracy"][0], old["seconds"][0])
    assert "tal como salen de fit" in hints(results, data)["Activaciones y pérdida"]


@pytest.mark.parametrize("noise", [0, 1e-6, 1e-2])
def test_one_training_given_for_every_seed(reference, data, noise):
    old = reference["Tiny"]
    twin = keras.models.clone_model(old["models"][1])
    draw = np.random.default_rng(0)
    twin.set_weights([w + noise * draw.normal(size=w.shape) for w in old["models"][1].get_weights()])
    twin.compile("adam", SPARSE)
    score = accuracy(data.x_test, data.y_test)(twin)
    found = hints(replaced(reference, "Tiny", twin, score, old["seconds"][0]), data)
    assert "copia de la otra" in found["Semillas"]


@slow
def test_every_seed_from_the_same_first_weights(reference, data):
    keras.utils.set_random_seed(7)
    first = build([64]).get_weights()

    def make():
        model = build([64])
        model.set_weights(first)
        return model

    found = hints(reference | three(make, data, "Tiny"), data)
    assert "mismos pesos" in found["Semillas"]


# Things handed in that are not what was asked -------------------------------------------


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ({"accuracy": [0.8]}, "3 semillas"),
        ({"accuracy": ["0.8", "0.8", "0.8"]}, "números"),
        ({"seconds": [1.5, 1.6, 1.4]}, "cuántas épocas"),
        ({"seconds": [[0.0, 1.0]] * 3}, "EpochTimer"),
        ({"seconds": [[1e9, 1e9]] * 3}, "EpochTimer"),
        ({"models": ["tiny"] * 3}, "modelos entrenados"),
        ({"models": None}, "modelos entrenados"),
        ({"params": "50890"}, "entero"),
    ],
)
def test_a_bad_item_is_named(reference, data, items, words):
    report = check(changed(reference, **items), *data.all)
    assert words in failed(report)["Entrega"], report
    assert "sin evaluar" in str(report)


def test_a_bad_whole_is_a_line_of_the_checklist(reference, data):
    for results in ([], None, {}, {"Tiny": 3}):
        assert "diccionario" in hints(results, data)["Entrega"]
    for x in (None, data.x_train[:5], iter([1]), [[1], [1, 2]]):
        report = check(reference, x, data.y_train, data.x_test, data.y_test)
        assert "una etiqueta por fila" in failed(report)["Entrega"]


def test_a_model_that_breaks_is_a_line_of_the_checklist(reference, data):
    narrow = [x[:, :500] for x in (data.x_train, data.x_test)]
    report = check(reference, narrow[0], data.y_train, narrow[1], data.y_test)
    assert "model(x_test[:5])" in failed(report)["Exactitud en test"]


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
def test_no_model_makes_it_raise(reference, data, answer):
    for compiled in (False, True):
        odd = Odd(answer)
        if compiled:
            odd.compile("adam", SPARSE)
        report = check(changed(reference, models=[odd] * 3), *data.all)
        assert not report.passed and "✘ Arquitecturas" in str(report)
    unbuilt = keras.Sequential([layers.Dense(64), layers.Dense(10)])
    assert "✘" in str(check(changed(reference, models=[unbuilt] * 3), *data.all))


class Hostile:
    def __getattr__(self, name):
        raise RuntimeError(name)

    __len__ = __iter__ = __bool__ = __eq__ = __array__ = lambda self, *_, **__: 1 / 0
    __hash__ = None


@pytest.mark.parametrize(
    "junk",
    [None, "x", {}, [], (1, None), np.nan, b"", Hostile(), iter([])],
    ids=lambda junk: type(junk).__name__,
)
def test_nothing_handed_in_makes_it_raise(reference, data, junk):
    entries = [junk, {"Tiny": junk}, reference | {"Tiny": junk}]
    entries += [changed(reference, **{key: junk}) for key in reference["Tiny"]]
    entries += [changed(reference, **{key: [junk] * 3}) for key in ("accuracy", "seconds", "models")]
    for results in entries:
        assert not check(results, *data.all).passed
    for n, part in enumerate(data.all):
        for wrong in (junk, [junk] * len(part)):
            arrays = [*data.all[:n], wrong, *data.all[n + 1 :]]
            assert not check(reference, *arrays).passed


@pytest.mark.parametrize(
    "labels", [lambda y: y + 1, lambda y: y - 0.5, lambda y: np.char.add("z", y.astype(str))]
)
def test_labels_that_are_not_ten_classes(reference, data, labels):
    report = check(reference, data.x_train, data.y_train, data.x_test, labels(data.y_test))
    assert "Entrega" in failed(report)


def test_checker_works_from_a_copy_of_its_file(tmp_path):
    source = ROOT / "snippets" / "c102" / "homework.py"
    (tmp_path / "homework.py").write_text(source.read_text("utf-8"), "utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "-c", "import sys; sys.path.insert(0, '.'); import homework"],
        cwd=tmp_path, capture_output=True, text=True, env=dict(os.environ),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-1000:]
