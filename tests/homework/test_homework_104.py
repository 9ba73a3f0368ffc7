"""The checker of the homework of Clase 104: homeworks that pass, and wrong ones it names."""

import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from tests.conftest import ROOT

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import keras
from keras import callbacks as kc
from keras import layers

from livedocs.data.profiles import synthetic_fashion_mnist
from snippets.c104 import homework
from snippets.c104.homework import DEFINES, check
from tests.homework.odd import Odd, explode

SPARSE = "sparse_categorical_crossentropy"


class Data:
    """Few rows of the synthetic Fashion-MNIST: enough to learn, and to stop early."""

    def __init__(self):
        (x, y), (x_test, y_test) = synthetic_fashion_mnist()
        rows = lambda images: images.reshape(-1, 784).astype("float32") / 255
        self.x_train, self.y_train = rows(x[:1500]), y[:1500]
        self.x_val, self.y_val = rows(x[5000:5500]), y[5000:5500]
        self.x_test, self.y_test = rows(x_test), y_test


@pytest.fixture(scope="module")
def data():
    return Data()


def build(hidden=(300, 100), end="softmax", loss=SPARSE, activation="relu", extra=()):
    stack = [layers.Dense(units, activation) for units in hidden]
    model = keras.Sequential([keras.Input((784,)), *stack, *extra, layers.Dense(10, end)])
    model.compile(keras.optimizers.Adam(0.003), loss, metrics=["accuracy"])
    return model


def four(folder, stop=(), saver=(), rate=(), board=()):
    """The four callbacks as the statement asks for them, with other arguments if any."""
    return [
        kc.EarlyStopping(**{"patience": 10, "min_delta": 1e-3, **dict(stop)}),
        kc.ModelCheckpoint(
            **{"filepath": f"{folder}/best.keras", "save_best_only": True, **dict(saver)}
        ),
        kc.ReduceLROnPlateau(**{"patience": 3, "min_lr": 1e-5, **dict(rate)}),
        kc.TensorBoard(f"{folder}/logs", **dict(board)),
    ]


def hand_in(data, folder, callbacks=None, model=None, epochs=100, given=None, **fit):
    """A training, and what a student hands in of it, by name."""
    keras.utils.set_random_seed(1)
    model = model or build()
    callbacks = callbacks or four(folder)
    history = model.fit(
        data.x_train, data.y_train, batch_size=250, epochs=epochs, verbose=0,
        validation_data=(data.x_val, data.y_val), callbacks=given or callbacks, **fit,
    )  # fmt: skip
    handed = {"history": history, "callbacks": callbacks, "test_accuracy": 0.0}
    handed |= {name: getattr(data, name) for name in list(DEFINES)[3:]}
    savers = [one for one in callbacks if isinstance(one, kc.ModelCheckpoint)]
    files = [one.filepath for one in savers if one.save_best_only and os.path.exists(one.filepath)]
    if files and str(files[0]).endswith(".keras"):
        handed["test_accuracy"] = accuracy(keras.saving.load_model(files[0]), data.x_test, data.y_test)
    return handed


def accuracy(model, x, y):
    y = y.argmax(1) if y.ndim > 1 else y
    return float(np.mean(keras.ops.convert_to_numpy(model(x)).argmax(1) == y))


@pytest.fixture(scope="module")
def reference(data, tmp_path_factory):
    return hand_in(data, tmp_path_factory.mktemp("referencia"))


def copied(reference, folder):
    """The reference with its files in another folder, where a test may spoil them."""
    _stop, saver, _rate, board = reference["callbacks"]
    subprocess.run(["cp", "-r", board.log_dir, saver.filepath, str(folder)], check=True)
    return changed(reference, saver=kept(saver, filepath=f"{folder}/best.keras"),
                   board=kept(board, log_dir=f"{folder}/logs"))  # fmt: skip


def kept(callback, **attributes):
    """A callback as `fit` left it, with other attributes."""
    other = object.__new__(type(callback))
    vars(other).update({**vars(callback), **attributes})
    return other


def changed(reference, **callbacks):
    """The reference with other callbacks: by `stop`, `saver`, `rate` or `board`."""
    names = dict(zip(("stop", "saver", "rate", "board"), reference["callbacks"], strict=True))
    return reference | {"callbacks": [c for c in (names | callbacks).values() if c]}


def with_log(reference, epochs=None, **columns):
    """The reference with another history."""
    old = reference["history"]
    log = {key: list(values)[:epochs] for key, values in old.history.items()} | columns
    return reference | {"history": SimpleNamespace(history=log, params=old.params, model=old.model)}


def hints(handed):
    report = check(**handed)
    assert not report.passed, report
    return {c.name: c.hint for c in report.criteria if c.ok is False}


# Right ones -----------------------------------------------------------------------------


def test_the_reference_passes(reference, data):
    report = check(**reference)
    assert report.passed and "Homework aprobado: 10 de 10" in str(report), report
    assert report.accuracy == pytest.approx(reference["test_accuracy"], abs=1e-3)
    assert "bajó" in str(report) and "cortó en la época" in str(report)


def test_a_rounded_accuracy_the_bare_dictionary_and_a_column_of_labels_pass(reference):
    odd = reference | {
        "history": reference["history"].history,
        "test_accuracy": round(reference["test_accuracy"], 2),
        "y_val": reference["y_val"][:, None],
        "y_test": reference["y_test"][:, None],
        "callbacks": tuple(reference["callbacks"]),
    }
    report = check(**odd)
    assert report.passed, report


def test_several_checkpoints_other_names_and_restored_weights_pass(data, tmp_path):
    more = [
        kc.ModelCheckpoint(f"{tmp_path}/todas/{{epoch}}.weights.h5", save_weights_only=True),
        kc.ModelCheckpoint(f"{tmp_path}/acc.keras", monitor="val_accuracy"),
        kc.CSVLogger(f"{tmp_path}/log.csv"),
    ]
    chosen = four(
        tmp_path, {"restore_best_weights": True}, {"filepath": f"{tmp_path}/mejor.keras"},
        board={"histogram_freq": 1},
    )  # fmt: skip
    report = check(**hand_in(data, tmp_path, [*more, *chosen[::-1]]))
    assert report.passed, report


def test_raw_images_through_a_functional_network_of_logits_with_dropout_pass(tmp_path):
    data = Data()
    for name in ("x_train", "x_val", "x_test"):
        images = (255 * getattr(data, name)).round().astype("uint8").reshape(-1, 28, 28)
        setattr(data, name, images)
    for name in ("y_train", "y_val", "y_test"):
        setattr(data, name, keras.utils.to_categorical(getattr(data, name), 10))
    inputs = keras.Input((28, 28))
    x = layers.Flatten()(layers.Rescaling(1 / 255)(inputs))
    x = layers.ReLU()(layers.Dense(300)(x))
    x = layers.Dropout(0.2)(layers.Dense(100, "tanh")(x))
    model = keras.Model(inputs, layers.Dense(10)(x))
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.003), loss, metrics=["accuracy"])
    report = check(**hand_in(data, tmp_path, model=model))
    assert report.passed, report


def test_a_network_that_had_trained_before_passes(data, tmp_path):
    model = build()
    model.fit(data.x_train, data.y_train, batch_size=500, epochs=2, verbose=0)
    report = check(**hand_in(data, tmp_path, model=model))
    assert report.passed, report


def test_a_rate_that_was_at_its_least_passes_and_the_log_says_why(data, tmp_path):
    report = check(**hand_in(data, tmp_path, four(tmp_path, rate={"min_lr": 0.003})))
    assert report.passed and "ya era el mínimo" in str(report), report


def test_without_a_plateau_the_log_says_why_the_rate_did_not_fall(reference):
    falling = list(np.linspace(2, 1, 100))
    handed = with_log(reference, loss=falling, val_loss=falling, learning_rate=[0.003] * 100)
    handed["history"].history = {
        k: handed["history"].history[k] for k in ("loss", "val_loss", "learning_rate")
    }
    (rate,) = [c for c in check(**handed).criteria if c.name == "Tasa"]
    assert rate.ok and "la racha más larga sin mejorar fue de 0 épocas, y espera 3" in rate.measured
    (stop,) = [c for c in check(**handed).criteria if c.name == "Corte"]
    assert stop.ok and "llegó a 100" in stop.measured


# Wrong callbacks ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["stop", "saver", "rate", "board"])
def test_a_callback_is_missing(reference, name):
    assert "Agregá keras.callbacks." in hints(changed(reference, **{name: None}))["Callbacks"]


@pytest.mark.parametrize(
    ("name", "attributes", "words"),
    [
        ("saver", {"save_best_only": False}, "queda la última época"),
        ("saver", {"save_weights_only": True}, "sacá save_weights_only"),
        ("saver", {"save_freq": 20}, "guarda siempre"),
        ("saver", {"filepath": "{epoch}.keras"}, "Con un nombre fijo"),
        ("saver", {"monitor": "val_accuracy"}, "mirar lo mismo"),
        ("stop", {"monitor": "loss"}, "mirar lo mismo"),
        ("rate", {"mode": "max"}, "se minimiza"),
        ("stop", {"patience": 3}, "patience=10"),
        ("rate", {"patience": 10}, "patience=3"),
        ("board", {"_model": None}, "Pasale la lista entera"),
    ],
)
def test_a_callback_with_other_arguments(reference, name, attributes, words):
    at = ("stop", "saver", "rate", "board").index(name)
    other = kept(reference["callbacks"][at], **attributes)
    assert words in hints(changed(reference, **{name: other}))["Callbacks"]


def test_a_checkpoint_that_kept_every_epoch(data, tmp_path):
    callbacks = four(tmp_path, saver={"save_best_only": False})
    found = hints(hand_in(data, tmp_path, callbacks))
    assert "queda la última época" in found["Callbacks"]
    assert "última época" in found["Mejor época"]


def test_a_list_that_fit_never_received(data, tmp_path):
    found = hints(hand_in(data, tmp_path, given=[kc.CSVLogger(f"{tmp_path}/a.csv")], epochs=2))
    assert "Pasale la lista entera" in found["Callbacks"]
    assert "¿corrió fit en esta carpeta?" in found["Mejor época"]
    assert "¿Corrió fit en esta carpeta?" in found["Eventos"]
    assert "¿estaba en la lista" in found["Tasa"]


def test_a_scheduler_beside(reference):
    both = [*reference["callbacks"], kc.LearningRateScheduler(lambda epoch: 0.003)]
    assert "gana siempre" in hints(reference | {"callbacks": both})["Tasa"]


# Wrong files ----------------------------------------------------------------------------


def test_the_last_epoch_over_the_best(reference, tmp_path):
    spoilt = copied(reference, tmp_path)
    reference["history"].model.save(tmp_path / "best.keras")
    assert "la última época" in hints(spoilt)["Mejor época"]


def test_a_file_of_another_training(reference, data, tmp_path):
    spoilt = copied(reference, tmp_path)
    model = build()
    model.fit(data.x_train, data.y_train, batch_size=250, epochs=2, verbose=0)
    model.save(tmp_path / "best.keras")
    found = hints(spoilt)
    assert "No es de este entrenamiento" in found["Mejor época"]


def test_the_file_of_another_epoch(reference, tmp_path):
    spoilt = copied(reference, tmp_path)
    model = keras.saving.load_model(tmp_path / "best.keras")
    value = model.evaluate(reference["x_val"], reference["y_val"], verbose=0)[0]
    val = list(reference["history"].history["val_loss"])
    val[2] = val[int(np.argmin(val))] - 0.3
    assert min(val) < value - 0.2
    assert "y la mejor fue la 3" in hints(with_log(spoilt, val_loss=val))["Mejor época"]


def test_the_same_weights_saved_again_without_their_steps(reference, tmp_path):
    spoilt = copied(reference, tmp_path)
    best, fresh = keras.saving.load_model(tmp_path / "best.keras"), build()
    fresh.set_weights(best.get_weights())
    fresh.save(tmp_path / "best.keras")
    assert "otros pasos" in hints(spoilt)["Mejor época"]


def test_no_file(reference, tmp_path):
    saver = kept(reference["callbacks"][1], filepath=f"{tmp_path}/nada.keras")
    report = check(**changed(reference, saver=saver))
    assert "¿corrió fit en esta carpeta?" in str(report) and "sin evaluar" in str(report)


def test_a_file_that_is_not_a_model(reference, tmp_path):
    spoilt = copied(reference, tmp_path)
    (tmp_path / "best.keras").write_text("hola")
    assert "load_model" in hints(spoilt)["Red"]


def test_two_runs_in_one_folder(reference, data, tmp_path):
    spoilt = copied(reference, tmp_path)
    build().fit(
        data.x_train, data.y_train, batch_size=500, epochs=2, verbose=0,
        validation_data=(data.x_val, data.y_val), callbacks=[kc.TensorBoard(f"{tmp_path}/logs")],
    )  # fmt: skip
    assert "más de una corrida" in hints(spoilt)["Eventos"]


def test_events_of_another_training(reference, tmp_path):
    log = reference["history"].history
    moved = with_log(reference, loss=[value + 0.5 for value in log["loss"]])
    assert "no son los de la historia" in hints(moved)["Eventos"]
    board = kept(reference["callbacks"][3], log_dir=f"{tmp_path}/nada")
    assert "Path.rglob" in hints(changed(reference, board=board))["Eventos"]
    log = {key: [*values, values[-1]] for key, values in log.items()}
    assert "uno que no terminó" in hints(with_log(reference, **log))["Eventos"]


def test_without_the_package_that_reads_events(reference, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard.util", None)
    assert "pip install tensorboard" in hints(reference)["Eventos"]


# Wrong networks -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"hidden": (30, 10)}, "Es 784→300→100→10"),
        ({"hidden": (100, 300)}, "Es 784→300→100→10"),
        ({"activation": None}, "equivalen a una"),
        ({"end": None}, "from_logits=True"),
        ({"loss": keras.losses.SparseCategoricalCrossentropy(ignore_class=0)}, SPARSE),
    ],
)
def test_another_network(data, tmp_path, options, words):
    found = hints(hand_in(data, tmp_path, model=build(**options), epochs=3))
    assert words in found["Red"]


def test_a_network_that_did_not_learn(tmp_path):
    data = Data()
    data.x_train = np.random.default_rng(0).uniform(size=data.x_train.shape).astype("float32")
    found = hints(hand_in(data, tmp_path))
    assert "¿las entradas van de 0 a 1?" in found["Aprende"]


def test_more_rows_ask_for_more(reference):
    few = dict(reference)
    for rows, least in ((50_000, "0,88"), (10_000, "0,85")):
        model = build()  # its weights are of no training
        model.save(reference["callbacks"][1].filepath + f".{rows}.keras")
        saver = kept(
            reference["callbacks"][1], filepath=reference["callbacks"][1].filepath + f".{rows}.keras"
        )
        few = changed(reference, saver=saver) | {"x_train": np.zeros((rows, 784), "float16")}
        assert least in hints(few)["Aprende"]


# Wrong numbers --------------------------------------------------------------------------


def test_accuracies_of_other_places(reference, data):
    model = reference["history"].model
    best = keras.saving.load_model(reference["callbacks"][1].filepath)
    losses = best.evaluate(data.x_test, data.y_test, verbose=0)[0]
    told = {
        "memoria": accuracy(model, data.x_test, data.y_test),
        "validación": accuracy(best, data.x_val, data.y_val),
        "Es la pérdida": losses,
        "Es la de entrenamiento": reference["history"].history["accuracy"][-1],
        "porcentaje": 100 * reference["test_accuracy"],
        "que cargaste": 0.123,
    }
    wrong = 0
    for words, value in told.items():
        if abs(value - reference["test_accuracy"]) < 0.005:
            continue  # the same number by chance: nothing to tell apart
        wrong += 1
        assert words in hints(reference | {"test_accuracy": value})["Exactitud en test"], words
    assert wrong >= 4


def test_the_accuracy_of_the_model_in_memory(reference, data):
    spoilt = with_log(reference)
    spoilt["history"].model = last = build()
    score = accuracy(last, data.x_test, data.y_test)
    found = hints(spoilt | {"test_accuracy": score})
    assert "quedó en la memoria" in found["Exactitud en test"]


def test_validated_on_the_test_or_on_the_training_rows(reference, data):
    on_test = {"x_val": data.x_test, "y_val": data.y_test}
    assert "Elegir la época mirando el test" in hints(reference | on_test)["Filas"]
    on_train = {"x_val": data.x_train[:600], "y_val": data.y_train[:600]}
    found = hints(reference | on_train)
    assert "no vería el sobreajuste" in found["Filas"]
    assert "x_val e y_val no son los que recibió fit" in found["Mejor época"]
    seen = {"x_test": data.x_train[:600], "y_test": data.y_train[:600]}
    assert "no vio" in hints(reference | seen)["Filas"]


def test_few_epochs_or_an_end_that_early_stopping_did_not_decide(reference):
    assert "Pedí epochs=100" in hints(with_log(reference, epochs=4))["Corte"]
    log = reference["history"].history
    longer = {key: [*values, *[values[-1]] * 12] for key, values in log.items()}
    assert "entregá la de uno solo" in hints(with_log(reference, **longer))["Corte"]


def test_rates_that_the_callback_does_not_give(reference):
    rates = reference["history"].history["learning_rate"]
    flat = hints(with_log(reference, learning_rate=[rates[0]] * len(rates)))
    assert "Otra cosa mueve la tasa" in flat["Tasa"]


# Things handed in that are not what was asked -------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"history": None}, "devuelve fit"),
        ({"history": {}}, "devuelve fit"),
        ({"history": {"loss": [1.0]}}, "validation_data"),
        ({"history": {"loss": [1.0, 2.0], "val_loss": [1.0]}}, ""),
        ({"history": {"loss": ["a"], "val_loss": [1.0]}}, ""),
        ({"history": {"loss": [1.0], "val_loss": [float("nan")]}}, "NaN"),
        ({"callbacks": []}, "callbacks es la lista"),
        ({"callbacks": [kc.EarlyStopping]}, "con paréntesis"),
        ({"callbacks": ["EarlyStopping"]}, "hereda de Callback"),
        ({"test_accuracy": "0.87"}, "Es un número"),
        ({"test_accuracy": [0.1, 0.87]}, "Es un número"),
        ({"x_test": None}, "una etiqueta por fila"),
        ({"x_train": [[]]}, "preparadas igual"),
        ({"y_val": np.arange(500)}, "Van de 0 a 9"),
        ({"x_val": np.zeros((5, 784)), "y_val": np.zeros(5)}, "500 por lo menos"),
    ],
)
def test_a_bad_item_is_named(reference, change, words):
    report = check(**(reference | change))
    assert words in hints(reference | change)["Entrega"]
    assert "sin evaluar" in str(report)


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
def test_nothing_handed_in_makes_it_raise(reference, junk):
    for name in DEFINES:
        for wrong in (junk, [junk], {"loss": junk, "val_loss": junk}):
            assert not check(**(reference | {name: wrong})).passed


@pytest.mark.parametrize("answer", [explode, lambda x: {"a": x}, lambda x: [x, x], lambda x: x[:, 0]])
def test_no_model_makes_it_raise(reference, monkeypatch, answer):
    monkeypatch.setattr(homework.keras.saving, "load_model", lambda file: Odd(answer))
    report = check(**reference)
    assert not report.passed and "✘ Red" in str(report) and "✘ Exactitud en test" in str(report)


def test_checker_works_from_a_copy_of_its_file(tmp_path):
    source = ROOT / "snippets" / "c104" / "homework.py"
    (tmp_path / "homework.py").write_text(source.read_text("utf-8"), "utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "-c", "import sys; sys.path.insert(0, '.'); import homework"],
        cwd=tmp_path, capture_output=True, text=True, env=dict(os.environ),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-1000:]
