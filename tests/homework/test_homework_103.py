"""The checker of the homework of Clase 103: homeworks that pass, and wrong ones it names.

Nothing here depends on the backend: `KERAS_BACKEND=jax python -m pytest` on this file, too.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import keras  # noqa: E402
from keras import layers  # noqa: E402

from livedocs.data.profiles import synthetic_california_housing  # noqa: E402
from snippets.c103.homework import check  # noqa: E402
from tests.homework.odd import Odd, explode  # noqa: E402

#: What trains several models, or one for long, waits for `make test-all`.
slow = pytest.mark.slow


class Data:
    """Synthetic California Housing, split and scaled."""

    def __init__(self):
        x, price = synthetic_california_housing()
        order = np.random.default_rng(0).permutation(len(x))
        test, train = order[:1000], order[1000:]
        mean, sd = x[train].mean(0), x[train].std(0)
        self.raw_x = x[train], x[test]
        self.x = (x[train] - mean) / sd, (x[test] - mean) / sd
        self.dollars = price[train], price[test]
        self.median = np.median(price[train])

    def y(self, unit=100_000, median=None, median_test=None, form=dict):
        """Targets of train and test, as a dict or as a list (price first)."""
        median = self.median if median is None else median
        cuts = median, median if median_test is None else median_test
        made = []
        for price, cut in zip(self.dollars, cuts, strict=True):
            pair = {"price": price / unit, "expensive": (price > cut).astype("float32")}
            made.append(pair if form is dict else form(pair.values()))
        return made


@pytest.fixture(scope="module")
def data():
    return Data()


LOSS = {"price": "mse", "expensive": "binary_crossentropy"}
WEIGHTS = {"price": 0.7, "expensive": 0.3}


def build(form=dict, sigmoid="sigmoid", shared=True, names=("price", "expensive"), heads=True):
    inputs = keras.Input((8,))

    def trunk(tag):
        x = layers.Dense(64, activation="relu", name=f"uno_{tag}")(inputs)
        return layers.Dense(32, activation="relu", name=f"dos_{tag}")(x)

    a = trunk("a")
    b = a if shared else trunk("b")
    if heads:
        a = layers.Dense(16, activation="relu")(a)
        b = layers.Dense(16, activation="relu")(b)
    price = layers.Dense(1, name=names[0])(a)
    expensive = layers.Dense(1, activation=sigmoid, name=names[1])(b)
    if form is dict:
        return keras.Model(inputs, dict(zip(names, (price, expensive), strict=True)))
    return keras.Model(inputs, form([price, expensive]))


def trained(model, x, y, epochs=7, loss=LOSS, weights=WEIGHTS):
    model.compile(keras.optimizers.Adam(6e-3), loss=loss, loss_weights=weights)
    model.fit(x, y, batch_size=64, epochs=epochs, verbose=0)
    return model


@pytest.fixture(scope="module")
def reference(data):
    keras.utils.set_random_seed(1)
    return trained(build(), data.x[0], data.y()[0])


def verdict(model, data, y=None, **options):
    y = y or data.y()
    return check(model, data.x[0], y[0], data.x[1], y[1], **options)


def failed(report):
    return {c.name: c.hint for c in report.criteria if c.ok is False}


def test_reference_passes(reference, data):
    before = [keras.ops.convert_to_numpy(weight) + 0 for weight in reference.weights]
    report = verdict(reference, data)
    assert report.passed, report
    assert report.mae < 50_000 and report.accuracy >= 0.85
    assert "✘" not in str(report) and "Homework aprobado" in str(report)
    measured = reference.evaluate(data.x[1], data.y()[1], verbose=0, return_dict=True)
    prices = reference.predict(data.x[1], verbose=0)["price"].ravel()
    assert np.isclose(report.mae, np.abs(prices * 1e5 - data.dollars[1]).mean(), rtol=1e-3)
    assert measured["loss"] > 0
    for weight, old in zip(reference.weights, before, strict=True):
        assert np.array_equal(keras.ops.convert_to_numpy(weight), old), "check moved the weights"


@slow
def test_lists_and_other_names_pass(data):
    keras.utils.set_random_seed(1)
    y = data.y(form=list)
    losses, weights = ["mse", "binary_crossentropy"], [0.7, 0.3]
    model = trained(build(list, names=("zz", "aa")), data.x[0], y[0], 7, losses, weights)
    assert verdict(model, data, y).passed, verdict(model, data, y)


@keras.saving.register_keras_serializable("test_c103")
class TwoHeads(keras.Model):
    def __init__(self, reverse=False, tuples=False, **kwargs):
        super().__init__(**kwargs)
        self.reverse, self.tuples = reverse, tuples
        self.cabeza = layers.Dense(1)
        self.trunk = keras.Sequential(
            [layers.Dense(64, activation="relu"), layers.Dense(32, activation="relu")]
        )
        self.caro = layers.Dense(1, activation="sigmoid")

    def call(self, inputs):
        x = self.trunk(inputs)
        pair = {"price": self.cabeza(x), "expensive": self.caro(x)}
        if self.reverse:
            pair = dict(reversed(pair.items()))
        return tuple(pair.values()) if self.tuples else pair


@slow
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("tuples", [False, True])
def test_a_class_drawn_as_a_graph_passes_and_one_drawn_as_a_box_does_not(data, reverse, tuples):
    keras.utils.set_random_seed(1)
    y, loss, weights = data.y(), LOSS, WEIGHTS
    if tuples:
        y = data.y(form=list)
        loss, weights = list(LOSS.values()), list(WEIGHTS.values())
        if reverse:
            y, loss, weights = [part[::-1] for part in y], loss[::-1], weights[::-1]
    inputs, own = keras.Input((8,)), TwoHeads(reverse, tuples)
    model = trained(keras.Model(inputs, own.call(inputs)), data.x[0], y[0], 7, loss, weights)
    report = verdict(model, data, y)
    assert report.passed, report
    trained(own, data.x[0], y[0], 2, loss, weights)
    for boxed in (own, keras.Model(inputs, own(inputs))):
        if boxed is not own:
            trained(boxed, data.x[0], y[0], 2, loss, weights)
        hints = failed(verdict(boxed, data, y))
        assert "keras.Model(inputs, modelo.call(inputs))" in hints["Dibujo"]
        assert "Tronco compartido" not in hints and "Pérdidas" not in hints


def passes(model, data, y=None):
    report = verdict(model, data, y)
    assert report.passed, report


class Named(keras.Model):
    """A class that is a graph too: it gives its inputs and outputs to `keras.Model`."""

    def __init__(self):
        whole = build()
        super().__init__(whole.inputs, whole.output)


def test_logits_with_a_loss_that_expects_them_pass(data):
    keras.utils.set_random_seed(1)
    bce = keras.losses.BinaryCrossentropy(from_logits=True)
    model = trained(build(sigmoid=None), data.x[0], data.y()[0], 7, LOSS | {"expensive": bce})
    report = verdict(model, data)
    assert report.passed and "logits" in str(report), report
    assert report.accuracy > 0.85


@slow
def test_wrapped_models_and_classes_with_a_graph_pass(data):
    keras.utils.set_random_seed(1)
    inputs = keras.Input((8,))
    passes(trained(keras.Model(inputs, build()(inputs)), data.x[0], data.y()[0]), data)
    passes(trained(Named(), data.x[0], data.y()[0]), data)


@slow
def test_a_nested_trunk_that_scales_and_regularizes_passes(data):
    keras.utils.set_random_seed(1)
    scale = layers.Normalization()
    scale.adapt(data.raw_x[0])
    inputs = keras.Input((8,))
    first = layers.Dense(
        64, "relu", kernel_regularizer=keras.regularizers.L2(1e-4), kernel_initializer="he_normal"
    )
    trunk = keras.Sequential([scale, first, layers.BatchNormalization(), layers.Dense(32, "relu")])
    x = trunk(inputs)
    heads = {"price": layers.Dense(1)(x), "expensive": layers.Dense(1, "sigmoid")(x)}
    y = data.y()
    model = trained(keras.Model(inputs, heads), data.raw_x[0], y[0])
    report = check(model, data.raw_x[0], y[0], data.raw_x[1], y[1])
    assert report.passed, report


@slow
def test_a_residual_trunk_with_two_inputs_passes(data):
    keras.utils.set_random_seed(1)
    inputs = {"place": keras.Input((2,), name="place"), "home": keras.Input((6,), name="home")}
    x = layers.Concatenate()([inputs["place"], inputs["home"]])
    x = layers.Dense(64, "relu")(x)
    x = x + layers.Dense(64, "relu")(x)
    model = keras.Model(
        inputs, {"price": layers.Dense(1)(x), "expensive": layers.Dense(1, "sigmoid")(x)}
    )
    x = [{"place": part[:, :2], "home": part[:, 2:]} for part in data.x]
    y = data.y()
    trained(model, x[0], y[0])
    report = check(model, x[0], y[0], x[1], y[1])
    assert report.passed, report


def test_a_saved_and_loaded_model_passes(reference, data, tmp_path):
    reference.save(tmp_path / "modelo.keras")
    passes(keras.saving.load_model(tmp_path / "modelo.keras"), data)


@slow
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_passes(data, policy):
    keras.utils.set_random_seed(1)
    keras.config.set_dtype_policy(policy)
    try:
        model = build()
    finally:
        keras.config.set_dtype_policy("float32")
    passes(trained(model, data.x[0], data.y()[0]), data)


@slow
def test_an_optimizer_without_memory_passes(data):
    keras.utils.set_random_seed(1)
    model = build()
    model.compile(keras.optimizers.SGD(0.05), loss=LOSS, loss_weights=WEIGHTS)
    model.fit(data.x[0], data.y()[0], batch_size=32, epochs=8, verbose=0)
    passes(model, data)


@pytest.mark.parametrize("form", ["standardised", "function", "given"])
def test_other_scales_pass(reference, data, form):
    sd = data.dollars[0].std()
    y, unit = data.y(), 100_000
    if form == "function":
        unit = lambda price: price * 100_000
    if form == "standardised":
        mean = data.dollars[0].mean()
        for part, price in zip(y, data.dollars, strict=True):
            part["price"] = (price - mean) / sd
        keras.utils.set_random_seed(1)
        model = trained(build(), data.x[0], y[0])
        report = verdict(model, data, y, price_unit=sd)
        assert report.passed, report
        assert "price_unit= con su desvío" in failed(verdict(model, data, y))["Entrega"]
        for part, price in zip(y, data.dollars, strict=True):
            part["price"] = (price - price.mean()) / price.std()
        hints = failed(verdict(model, data, y, price_unit=sd))
        assert "los dos los de train" in hints["Escala del precio"]
        return
    report = verdict(reference, data, y, price_unit=unit)
    assert report.passed, report


def test_layers_not_shared(data):
    model = trained(build(shared=False), data.x[0], data.y()[0], 1)
    hints = failed(verdict(model, data))
    assert "dos capas con pesos propios" in hints["Tronco compartido"]
    assert "64 unidades" in hints["Tronco compartido"]
    assert "Pérdidas" not in hints and "Pesos" not in hints


@slow
def test_only_one_layer_shared(data):
    inputs = keras.Input((8,))
    x = layers.Dense(64, activation="relu")(inputs)
    heads = [layers.Dense(16, activation="relu")(x) for _ in range(2)]
    model = keras.Model(
        inputs,
        {
            "price": layers.Dense(1)(heads[0]),
            "expensive": layers.Dense(1, activation="sigmoid")(heads[1]),
        },
    )
    model = trained(model, data.x[0], data.y()[0], 1)
    assert "dos capas con pesos propios" in failed(verdict(model, data))["Tronco compartido"]


@slow
def test_two_parallel_layers_are_not_a_trunk(data):
    inputs = keras.Input((8,))
    x = layers.Concatenate()([layers.Dense(64)(inputs), layers.Dense(32)(inputs)])
    price = layers.Dense(1, name="price")(x)
    expensive = layers.Dense(1, activation="sigmoid", name="expensive")(x)
    model = keras.Model(inputs, {"price": price, "expensive": expensive})
    model = trained(model, data.x[0], data.y()[0], 1)
    assert "una detrás de la otra" in failed(verdict(model, data))["Tronco compartido"]


@slow
def test_no_head_of_its_own(data):
    inputs = keras.Input((8,))
    x = layers.Dense(64, activation="relu")(inputs)
    price = layers.Dense(1, name="price")(layers.Dense(32, activation="relu")(x))
    expensive = layers.Dense(1, activation="sigmoid", name="expensive")(price)
    model = keras.Model(inputs, {"price": price, "expensive": expensive})
    model = trained(model, data.x[0], data.y()[0], 1)
    assert "cabezas" in failed(verdict(model, data))["Tronco compartido"]


def test_one_output(data):
    model = keras.Sequential([keras.Input((8,)), layers.Dense(64), layers.Dense(1)])
    model.compile("adam", "mse")
    report = verdict(model, data)
    assert not report.passed and report.mae is None
    assert "Hacen falta dos" in failed(report)["Dos salidas"]
    assert "sin evaluar" in str(report)


def test_weights_swapped(data):
    model = trained(build(), data.x[0], data.y()[0], 1, weights={"price": 0.3, "expensive": 0.7})
    assert "Están al revés" in failed(verdict(model, data))["Pesos"]


@slow
def test_weights_missing(data):
    model = trained(build(), data.x[0], data.y()[0], 1, weights=None)
    assert "Falta loss_weights" in failed(verdict(model, data))["Pesos"]


@slow
def test_lists_with_dict_outputs_are_swapped_by_keras(data):
    model = build()
    model.compile("adam", loss=["mse", "binary_crossentropy"], loss_weights=[0.7, 0.3])
    model.fit(data.x[0], data.y()[0], verbose=0)
    hints = failed(verdict(model, data))
    assert "cruzadas" in hints["Pérdidas"] and "orden alfabético" in hints["Pérdidas"]
    assert "al revés" in hints["Pesos"]


@slow
def test_targets_in_the_wrong_order(data):
    y = [part[::-1] for part in data.y(form=list)]
    losses, weights = ["mse", "binary_crossentropy"], [0.7, 0.3]
    model = trained(build(list), data.x[0], y[0], 3, losses, weights)
    saturated = keras.ops.convert_to_numpy(model(data.x[0])[1])
    assert np.ptp(saturated) == 0, "no trap without it: the sigmoid was asked for prices"
    hints = failed(verdict(model, data, y))
    assert "otro orden" in hints["Pérdidas"]
    assert "Tronco compartido" not in hints, "its trunk is shared"
    assert "logits" not in hints["Salida de expensive"], "its loss is not BCE"


@slow
def test_one_loss_for_both(data):
    model = trained(build(), data.x[0], data.y()[0], 1, loss="mse", weights=None)
    hints = failed(verdict(model, data))
    assert "se aplica a las dos" in hints["Pérdidas"]


@slow
def test_target_in_dollars(data):
    keras.utils.set_random_seed(1)
    y = data.y(unit=1)
    model = trained(build(), data.x[0], y[0], 3)
    report = verdict(model, data, y)
    hints = failed(report)
    assert "tapa a la BCE" in hints["Escala del precio"]
    assert "tapa a la otra" in hints["Exactitud en test"]
    assert "Pérdidas" not in hints and "Pesos" not in hints, report


def test_wrong_price_unit(reference, data):
    for unit in (1, 1000):
        hints = failed(verdict(reference, data, price_unit=unit))
        assert "price_unit son los dólares" in hints["Escala del precio"]


def test_logarithm_is_not_a_unit(reference, data):
    y = data.y()
    for part, price in zip(y, data.dollars, strict=True):
        part["price"] = np.log(price)
    assert "en qué unidad" in str(verdict(reference, data, y))
    hints = failed(verdict(reference, data, y, price_unit=180_000))
    assert "logaritmo" in hints["Escala del precio"]
    assert verdict(reference, data, y, price_unit=np.exp).mae > 1


def test_test_in_another_scale(reference, data):
    y = data.y()
    y[1]["price"] = data.dollars[1] / 1000
    assert "misma escala" in failed(verdict(reference, data, y))["Escala del precio"]


def test_untrained_model(data):
    model = build()
    model.compile("adam", loss=LOSS, loss_weights=WEIGHTS)
    report = verdict(model, data)
    hints = failed(report)
    assert "ningún paso" in hints["MAE en test"], report
    assert "ningún paso" in hints["Entrenado"] and "Tronco compartido" not in hints


def test_model_not_compiled(data):
    hints = failed(verdict(build(), data))
    assert "Compilá" in hints["Pérdidas"]


@pytest.mark.parametrize(
    "cuts, culprit",
    [
        (lambda p, q: {"median": np.median(q)}, "la mediana de test"),
        (lambda p, q: {"median_test": np.median(q)}, "la mediana de test para test"),
        (lambda p, q: {"median": p.mean()}, "el promedio de train"),
        (lambda p, q: {"median": np.median(np.r_[p, q])}, "train y test juntos"),
    ],
)
def test_wrong_median(reference, data, cuts, culprit):
    y = data.y(**cuts(*data.dollars))
    report = verdict(reference, data, y)
    assert culprit in failed(report)["Etiqueta expensive"], report


def test_label_upside_down(reference, data):
    y = data.y()
    for part in y:
        part["expensive"] = 1 - part["expensive"]
    assert "al revés" in failed(verdict(reference, data, y))["Etiqueta expensive"]


@slow
def test_logits_without_from_logits_and_from_logits_with_sigmoid(data):
    keras.utils.set_random_seed(1)
    model = trained(build(sigmoid=None), data.x[0], data.y()[0], 3)
    hints = failed(verdict(model, data))
    assert "Son logits" in hints["Salida de expensive"]
    bce = keras.losses.BinaryCrossentropy(from_logits=True)
    model = trained(build(), data.x[0], data.y()[0], 3, LOSS | {"expensive": bce})
    assert "from_logits=True pide" in failed(verdict(model, data))["Pérdidas"]


@slow
def test_fitted_on_the_rows_of_test(data):
    keras.utils.set_random_seed(1)
    model = trained(build(), data.x[1], data.y()[1], 60)
    assert "ajustá con x_train" in failed(verdict(model, data))["Filas de test"]


def test_rows_of_test_among_those_of_training(reference, data):
    y = data.y()
    for rows in (slice(None), slice(0, 800)):
        x_test, y_test = data.x[0][rows], {name: part[rows] for name, part in y[0].items()}
        report = check(reference, data.x[0], y[0], x_test, y_test)
        assert "no vio" in failed(report)["Filas de test"]
    x_test = np.concatenate([data.x[1][:900], data.x[0][:100]])
    y_test = {name: np.concatenate([y[1][name][:900], y[0][name][:100]]) for name in y[1]}
    assert "no vio" in failed(check(reference, data.x[0], y[0], x_test, y_test))["Filas de test"]


def test_test_scaled_with_its_own_rows(reference, data):
    y, (raw_train, raw_test) = data.y(), data.raw_x
    own = (raw_test - raw_test.mean(0)) / raw_test.std(0)
    report = check(reference, data.x[0], y[0], own, y[1])
    assert set(failed(report)) == {"Escala de las entradas"}, report
    assert "con sus propias filas" in failed(report)["Escala de las entradas"]
    ends = lambda x: (x - x.min(0)) / np.ptp(x, axis=0)
    report = check(reference, ends(raw_train), y[0], ends(raw_test), y[1])
    assert "con sus propias filas" in failed(report)["Escala de las entradas"]
    every = np.concatenate(data.raw_x)
    both = [(x - every.mean(0)) / every.std(0) for x in data.raw_x]
    report = check(reference, both[0], y[0], both[1], y[1])
    assert "train y test juntos" in failed(report)["Escala de las entradas"]


@slow
def test_a_layer_of_each_branch_before_the_shared_ones(data):
    inputs = keras.Input((8,))
    shared = [layers.Dense(32, "relu"), layers.Dense(32, "relu")]
    ends = []
    for branch in "ab":
        x = layers.Dense(16, "relu", name=f"propia_{branch}")(inputs)
        ends.append(shared[1](shared[0](x)))
    outputs = {"price": layers.Dense(1)(ends[0]), "expensive": layers.Dense(1, "sigmoid")(ends[1])}
    model = trained(keras.Model(inputs, outputs), data.x[0], data.y()[0], 2)
    hints = failed(verdict(model, data))
    assert "es de una sola salida y va antes" in hints["Tronco compartido"]


@slow
@pytest.mark.parametrize("joined", ["before", "after"])
def test_a_sham_trunk(data, joined):
    inputs = keras.Input((8,))
    trunk = layers.Dense(1)(layers.Dense(1)(inputs))
    ends = []
    for _ in range(2):
        if joined == "before":
            ends.append(layers.Dense(32, "relu")(layers.Concatenate()([inputs, trunk])))
        else:
            ends.append(layers.Concatenate()([layers.Dense(32, "relu")(inputs), trunk]))
    outputs = {"price": layers.Dense(1)(ends[0]), "expensive": layers.Dense(1, "sigmoid")(ends[1])}
    model = trained(keras.Model(inputs, outputs), data.x[0], data.y()[0], 2)
    assert "por otro camino" in failed(verdict(model, data))["Tronco compartido"]


def copy_of(reference):
    model = keras.models.clone_model(reference)
    model.set_weights(reference.get_weights())
    model.compile("adam", loss=LOSS, loss_weights=WEIGHTS)
    return model


def test_compiled_again_after_training(reference, data):
    model = copy_of(reference)
    assert set(failed(verdict(model, data))) == {"Entrenado"}
    model.fit(data.x[0][:64], {k: v[:64] for k, v in data.y()[0].items()}, verbose=0)
    found = failed(verdict(model, data))
    assert "Hacen falta 100" in found["Entrenado"] and set(found) == {"Entrenado"}


def test_steps_that_were_only_counted(reference, data):
    model = copy_of(reference)
    model.optimizer.build(model.trainable_variables)
    model.optimizer.iterations.assign(500)
    assert "momentos del optimizador" in failed(verdict(model, data))["Entrenado"]


@pytest.mark.parametrize(
    "loss", ["huber", pytest.param("mae", marks=slow), pytest.param("log_cosh", marks=slow)]
)
def test_another_loss_for_the_price(data, loss):
    rows = {name: part[:64] for name, part in data.y()[0].items()}
    model = trained(build(), data.x[0][:64], rows, 1, LOSS | {"price": loss})
    report = verdict(model, data)
    assert "'mse'" in failed(report)["Pérdidas"]
    assert ("MAE" if loss == "mae" else "otra pérdida") in str(report)


@slow
def test_inputs_not_scaled(data):
    keras.utils.set_random_seed(1)
    y = data.y()
    model = trained(build(), data.raw_x[0], y[0], 1)
    report = check(model, data.raw_x[0], y[0], data.raw_x[1], y[1])
    assert "no están a escala" in failed(report)["MAE en test"], report


@pytest.mark.parametrize("rank", [1, 2])
@pytest.mark.parametrize("dtype", ["int64", "bool", "float64"])
def test_shapes_and_types_of_the_targets(reference, data, rank, dtype):
    y = data.y()
    for part in y:
        part["expensive"] = part["expensive"].astype(dtype)
        if rank == 2:
            part.update({name: value[:, None] for name, value in part.items()})
    assert verdict(reference, data, y).passed


def test_bad_arguments_are_a_line_of_the_checklist(reference, data):
    x, y = data.x, data.y()
    hole = x[0].copy()
    hole[3, 3] = np.nan
    words = {
        word: [reference, x[0], y[0], x[1], y[1]]
        for word in (
            "es str",
            "1 objetivos",
            "filas",
            "por muestra",
            "binario",
            "hay NaN",
            "un número por fila",
        )
    }
    words["es str"][0] = "modelo"
    words["1 objetivos"][2::2] = data.dollars
    words["filas"][1] = x[0][:5]
    words["por muestra"][1] = iter([1])
    words["binario"][2::2] = [y[0]["price"]] * 2, [y[1]["price"]] * 2
    words["hay NaN"][1] = hole
    words["un número por fila"][2] = {"price": x[0], "expensive": y[0]["expensive"]}
    for word, arguments in words.items():
        report = check(*arguments)
        assert report.criteria[0].ok is False and word in str(report.criteria[0]), report
        assert "sin evaluar" in str(report) and not report.passed


@slow
@pytest.mark.parametrize(
    "answer",
    [
        explode,
        lambda x: {"a": x},
        lambda x: [x, x, x],
        lambda x: [x[:, :1], x[:, 0]],
        lambda x: x[:, 0],
        lambda x: None,
        lambda x: [x[:, :1] * float("nan"), x[:, :1]],
        lambda x: [x[:3, :1], x[:, :1]],
        lambda x: [x[0, 0], x[0, 0]],
    ],
)
def test_no_model_makes_it_raise(data, answer):
    for compiled in (False, True):
        odd = Odd(answer)
        if compiled:
            odd.compile("adam", "mse")
        assert "✘" in str(verdict(odd, data))
    assert "✘" in str(verdict(keras.Sequential([layers.Dense(64)]), data))


class Hostile:
    def __getattr__(self, name):
        raise RuntimeError(name)

    __len__ = __iter__ = __bool__ = __eq__ = __array__ = lambda self, *_, **__: 1 / 0
    __hash__ = None


@pytest.mark.parametrize(
    "junk",
    [None, "x", 3, {}, [], (1, None), np.nan, b"", Hostile(), iter([])],
    ids=lambda junk: type(junk).__name__,
)
def test_nothing_handed_in_makes_it_raise(reference, data, junk):
    y = data.y()
    right = [reference, data.x[0], y[0], data.x[1], y[1]]
    for n in range(5):
        for wrong in (junk, [junk] * 2, {"price": junk, "expensive": junk}, {"price": junk}):
            assert not check(*right[:n], wrong, *right[n + 1 :]).passed
    if junk is not None:
        assert not check(*right, price_unit=junk).passed


def test_checker_works_from_a_copy_of_its_file(tmp_path):
    source = ROOT / "snippets" / "c103" / "homework.py"
    (tmp_path / "homework.py").write_text(source.read_text("utf-8"), "utf-8")
    run = subprocess.run(
        [sys.executable, "-I", "-c", "import sys; sys.path.insert(0, '.'); import homework"],
        cwd=tmp_path, capture_output=True, text=True, env=dict(os.environ),
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-1000:]
