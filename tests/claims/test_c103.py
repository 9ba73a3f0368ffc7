"""The snippets of Clase 103: layers and models that survive a save."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import keras  # noqa: E402
from keras import layers  # noqa: E402
from keras.ops import convert_to_numpy as to_numpy  # noqa: E402

from snippets.c103.res_block import ResBlock  # noqa: E402
from snippets.c103.siamese import siamese  # noqa: E402
from snippets.c103.wide_and_deep import WideAndDeep, wide_and_deep  # noqa: E402

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(32, 8)).astype("float32")
IMAGES = RNG.uniform(size=(2, 16, 28, 28)).astype("float32")


# Snippets -----------------------------------------------------------------------------


def res_net():
    return keras.Sequential([keras.Input((8,)), ResBlock(8), layers.Dense(1)])


def subclassed():
    model = WideAndDeep(units=12)
    model.build((None, 8))
    return model


PAIR = {"left": IMAGES[0], "right": IMAGES[1]}
MODELS = {
    "wide_and_deep": (lambda: wide_and_deep(8), ROWS),
    "WideAndDeep": (subclassed, ROWS),
    "ResBlock": (res_net, ROWS),
    "siamese": (siamese, PAIR),
}


@pytest.fixture(params=MODELS)
def made(request):
    keras.utils.set_random_seed(3)
    build, x = MODELS[request.param]
    return build(), x


def test_output_is_one_float_per_row(made):
    model, x = made
    rows = len(keras.tree.flatten(x)[0])
    output = model(x)
    assert tuple(output.shape) == (rows, 1)
    assert keras.backend.standardize_dtype(output.dtype) == "float32"
    assert np.isfinite(to_numpy(output)).all()


def test_every_weight_moves_in_training(made):
    model, x = made
    before = [weight.numpy() for weight in model.trainable_weights]
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse")
    model.fit(x, np.ones((len(keras.tree.flatten(x)[0]), 1)), verbose=0)
    for weight, old in zip(model.trainable_weights, before, strict=True):
        assert not np.array_equal(weight.numpy(), old), weight.path


@pytest.mark.slow
def test_saved_models_predict_the_same_in_another_process(tmp_path):
    keras.utils.set_random_seed(3)
    for name, (build, x) in MODELS.items():
        model = build()
        model.save(tmp_path / f"{name}.keras")
        np.save(tmp_path / f"{name}.npy", model.predict(x, verbose=0))
    np.savez(tmp_path / "x.npz", rows=ROWS, **PAIR)
    code = f"""
        import keras, numpy as np, warnings
        import snippets.c103.res_block, snippets.c103.wide_and_deep
        warnings.simplefilter("error", UserWarning)
        x = dict(np.load("x.npz"))
        rows = x.pop("rows")
        for name in {list(MODELS)!r}:
            model = keras.models.load_model(name + ".keras")
            found = model.predict(x if name == "siamese" else rows, verbose=0)
            assert np.array_equal(found, np.load(name + ".npy")), name
    """
    environment = os.environ | {"PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": "-1"}
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=tmp_path, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]


def test_counts_and_the_two_forms_of_wide_and_deep_agree():
    functional, model = wide_and_deep(8), WideAndDeep()
    model.build((None, 8))
    assert functional.count_params() == model.count_params() == 1240
    for layer in functional.layers:
        if layer.weights:
            getattr(model, layer.name).set_weights(layer.get_weights())
    assert np.allclose(to_numpy(functional(ROWS)), to_numpy(model(ROWS)), atol=1e-6)
    assert siamese().count_params() == 50_240 + 65


def test_siamese_does_not_mind_the_order():
    model = siamese()
    a = model({"left": IMAGES[0], "right": IMAGES[1]})
    b = model({"left": IMAGES[1], "right": IMAGES[0]})
    assert np.array_equal(to_numpy(a), to_numpy(b))


def test_res_block_adds_its_input():
    block = ResBlock(8, activation="linear")
    block(ROWS)
    block.project.set_weights([np.zeros((8, 8)), np.zeros(8)])
    assert np.array_equal(to_numpy(block(ROWS)), ROWS)
    assert ResBlock.from_config(block.get_config()).get_config() == block.get_config()


@pytest.mark.parametrize("width", [4, 1])
def test_res_block_rejects_another_width(width):
    with pytest.raises(ValueError, match=f"espera 8 columnas y recibió {width}"):
        ResBlock(8)(np.zeros((2, width), "float32"))


@pytest.mark.parametrize("units", [0, 2.5, "8"])
def test_res_block_rejects_bad_units(units):
    with pytest.raises(ValueError, match="entero positivo"):
        ResBlock(units)


def test_wide_and_deep_rejects_no_columns():
    with pytest.raises(ValueError, match="va al menos una columna"):
        wide_and_deep(0)
