"""The checker of the homework of Clase 103: homeworks that pass, and wrong ones it names."""

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

#: The pages run the checkers too, in every run; the wrong homeworks, in `make test-all`.
pytestmark = pytest.mark.slow


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
    before = [weight.numpy() for weight in reference.weights]
    report = verdict(reference, data)
    assert report.passed, report
    assert report.mae < 50_000 and report.accuracy >= 0.85
    assert "✘" not in str(report) and "Homework aprobado" in str(report)
    measured = reference.evaluate(data.x[1], data.y()[1], verbose=0, return_dict=True)
    prices = reference.predict(data.x[1], verbose=0)["price"].ravel()
    assert np.isclose(report.mae, np.abs(prices * 1e5 - data.dollars[1]).mean(), rtol=1e-3)
    assert measured["loss"] > 0
    for weight, old in zip(reference.weights, before, strict=True):
        assert np.array_equal(weight.numpy(), old), "check moved the weights"


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


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("tuples", [False, True])
def test_subclassed_model_passes(data, reverse, tuples):
    keras.utils.set_random_seed(1)
    y, loss, weights = data.y(), LOSS, WEIGHTS
    if tuples:
        y = data.y(form=list)
        loss, weights = list(LOSS.values()), list(WEIGHTS.values())
        if reverse:
            y, loss, weights = [part[::-1] for part in y], loss[::-1], weights[::-1]
    model = trained(TwoHeads(reverse, tuples), data.x[0], y[0], 7, loss, weights)
    report = verdict(model, data, y)
    assert report.passed, report


@pytest.mark.parametrize("form", ["standardised", "function", "given"])
def test_other_scales_pass(reference, data, form):
    sd = data.dollars[0].std()
    y, unit = data.y(), 100_000
    if form == "function":
        unit = lambda price: price * 100_000
    if form == "standardised":  # the same model, with its last layer in the new scale
        model = keras.models.clone_model(reference)
        model.set_weights(reference.get_weights())
        kernel, bias = model.get_layer("price").get_weights()
        mean = data.dollars[0].mean()
        model.get_layer("price").set_weights([kernel * 1e5 / sd, (bias * 1e5 - mean) / sd])
        model.compile("adam", loss=LOSS, loss_weights=WEIGHTS)
        for part, price in zip(y, data.dollars, strict=True):
            part["price"] = (price - mean) / sd
        report = verdict(model, data, y, price_unit=sd)
        assert report.passed, report
        assert np.isclose(report.mae, verdict(reference, data).mae, rtol=1e-3)
        with pytest.raises(ValueError, match="price_unit= con su desvío"):
            verdict(model, data, y)
        return
    report = verdict(reference, data, y, price_unit=unit)
    assert report.passed, report


def test_layers_not_shared(data):
    model = trained(build(shared=False), data.x[0], data.y()[0], 1)
    hints = failed(verdict(model, data))
    assert "dos capas con pesos propios" in hints["Tronco compartido"]
    assert "64 unidades" in hints["Tronco compartido"]
    assert "Pérdidas" not in hints and "Pesos" not in hints


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


def test_two_parallel_layers_are_not_a_trunk(data):
    inputs = keras.Input((8,))
    x = layers.Concatenate()([layers.Dense(64)(inputs), layers.Dense(32)(inputs)])
    price = layers.Dense(1, name="price")(x)
    expensive = layers.Dense(1, activation="sigmoid", name="expensive")(x)
    model = keras.Model(inputs, {"price": price, "expensive": expensive})
    model = trained(model, data.x[0], data.y()[0], 1)
    assert "una detrás de la otra" in failed(verdict(model, data))["Tronco compartido"]


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


def test_weights_missing(data):
    model = trained(build(), data.x[0], data.y()[0], 1, weights=None)
    assert "Falta loss_weights" in failed(verdict(model, data))["Pesos"]


def test_lists_with_dict_outputs_are_swapped_by_keras(data):
    model = build()
    model.compile("adam", loss=["mse", "binary_crossentropy"], loss_weights=[0.7, 0.3])
    model.fit(data.x[0], data.y()[0], verbose=0)
    hints = failed(verdict(model, data))
    assert "cruzadas" in hints["Pérdidas"] and "orden alfabético" in hints["Pérdidas"]
    assert "al revés" in hints["Pesos"]


def test_targets_in_the_wrong_order(data):
    y = [part[::-1] for part in data.y(form=list)]
    losses, weights = ["mse", "binary_crossentropy"], [0.7, 0.3]
    model = trained(build(list), data.x[0], y[0], 1, losses, weights)
    assert "otro orden" in failed(verdict(model, data, y))["Pérdidas"]


def test_one_loss_for_both(data):
    model = trained(build(), data.x[0], data.y()[0], 1, loss="mse", weights=None)
    hints = failed(verdict(model, data))
    assert "se aplica a las dos" in hints["Pérdidas"]


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
    with pytest.raises(ValueError, match="en qué unidad"):
        verdict(reference, data, y)
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
    assert not report.passed and "Tronco compartido" not in hints


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


def test_logits(data):
    keras.utils.set_random_seed(1)
    bce = keras.losses.BinaryCrossentropy(from_logits=True)
    model = trained(build(sigmoid=None), data.x[0], data.y()[0], 3, LOSS | {"expensive": bce})
    hints = failed(verdict(model, data))
    assert "Son logits" in hints["expensive es una probabilidad"]
    assert "from_logits=True pide" in hints["Pérdidas"]
    model = trained(build(sigmoid=None), data.x[0], data.y()[0], 3)
    hints = failed(verdict(model, data))
    assert "Son logits" in hints["expensive es una probabilidad"]


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


def test_bad_arguments_say_what_is_wrong(reference, data):
    x, y = data.x, data.y()
    with pytest.raises(TypeError, match="recibió str"):
        check("modelo", x[0], y[0], x[1], y[1])
    with pytest.raises(ValueError, match="dos objetivos"):
        check(reference, x[0], data.dollars[0], x[1], data.dollars[1])
    with pytest.raises(ValueError, match="misma cantidad de filas"):
        check(reference, x[0][:5], y[0], x[1], y[1])
    with pytest.raises(ValueError, match="arreglos con una fila por muestra"):
        check(reference, iter([1]), y[0], x[1], y[1])
    with pytest.raises(ValueError, match="binario"):
        check(reference, x[0], [y[0]["price"]] * 2, x[1], [y[1]["price"]] * 2)


def test_checker_works_from_a_copy_of_its_file(tmp_path):
    source = ROOT / "snippets" / "c103" / "homework.py"
    (tmp_path / "homework.py").write_text(source.read_text("utf-8"), "utf-8")
    run = subprocess.run(
        [sys.executable, "-I", "-c", "import sys; sys.path.insert(0, '.'); import homework"],
        cwd=tmp_path, capture_output=True, text=True, env=dict(os.environ),
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-1000:]
