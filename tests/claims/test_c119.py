"""The snippets of Clase 119: losses, metrics, layers and models against NumPy and the built-ins.

Everything but `ClippedModel` runs on any backend: `KERAS_BACKEND=jax pytest tests/test_c119.py`.
"""

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import keras  # noqa: E402
from keras import layers, ops  # noqa: E402

from snippets.c119.clipped_model import ClippedModel  # noqa: E402
from snippets.c119.focal_loss import BinaryFocalLoss, FocalLoss  # noqa: E402
from snippets.c119.homework import f1_of_classes  # noqa: E402
from snippets.c119.l2_normalize import L2Normalize  # noqa: E402
from snippets.c119.macro_f1 import MacroF1  # noqa: E402

TENSORFLOW = keras.backend.backend() == "tensorflow"
tensorflow_only = pytest.mark.skipif(
    not TENSORFLOW, reason="train_step uses tf.GradientTape: each backend writes its own"
)
fuzzed = settings(
    max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
SEED = st.integers(0, 2**32 - 1)
#: A few shapes only: on JAX each new one is compiled.
ROWS = st.sampled_from([1, 2, 7, 32])
CLASSES = st.sampled_from([2, 3, 10])


def array(value):
    return np.asarray(ops.convert_to_numpy(value), dtype="float64")


def softmax_rows(rng, rows, classes, edges=True):
    """Probabilities, some of them exactly 0 and 1, and integer labels."""
    logits = rng.normal(scale=3, size=(rows, classes))
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    labels = rng.integers(0, classes, rows)
    if edges:
        hard = rng.random(rows) < 0.3
        p[hard] = np.eye(classes)[rng.integers(0, classes, rows)][hard]
    return p.astype("float32"), labels


# Focal loss ---------------------------------------------------------------------------


def focal_by_hand(labels, p, gamma, alpha):
    p = np.clip(p.astype("float64"), 1e-7, 1 - 1e-7)
    p_t = p[np.arange(len(p)), labels]
    alpha = np.broadcast_to(alpha, p.shape[1])[labels]
    return -alpha * (1 - p_t) ** gamma * np.log(p_t)


@fuzzed
@given(SEED, ROWS, CLASSES, st.sampled_from([0.0, 0.5, 1.0, 2.0, 5.0]), st.booleans())
def test_focal_loss_is_the_formula_and_the_built_in(seed, rows, classes, gamma, by_class):
    rng = np.random.default_rng(seed)
    p, labels = softmax_rows(rng, rows, classes)
    alpha = rng.random(classes).tolist() if by_class else float(rng.random())
    one_hot = np.eye(classes, dtype="float32")[labels]
    weights = rng.random(rows).astype("float32")
    mine = FocalLoss(gamma, alpha, reduction=None)(one_hot, p)
    theirs = keras.losses.CategoricalFocalCrossentropy(alpha, gamma, reduction=None)(one_hot, p)
    assert mine.shape == (rows,)
    np.testing.assert_allclose(array(mine), focal_by_hand(labels, p, gamma, alpha), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(array(mine), array(theirs), rtol=1e-5, atol=1e-5)
    for reduction in ("sum", "mean", "mean_with_sample_weight"):
        ours = FocalLoss(gamma, alpha, reduction=reduction)(one_hot, p, sample_weight=weights)
        built_in = keras.losses.CategoricalFocalCrossentropy(alpha, gamma, reduction=reduction)
        expected = array(built_in(one_hot, p, sample_weight=weights))
        np.testing.assert_allclose(array(ours), expected, rtol=1e-5, atol=1e-5)


@fuzzed
@given(SEED, ROWS, st.sampled_from([0.0, 0.5, 2.0, 5.0]), st.floats(0, 1), st.booleans())
def test_binary_focal_loss_is_the_built_in(seed, rows, gamma, alpha, flat):
    rng = np.random.default_rng(seed)
    p, labels = softmax_rows(rng, rows, 2)
    p, y = p[:, 1:], labels[:, None].astype("float32")
    weights = rng.random(rows).astype("float32")
    built_in = keras.losses.BinaryFocalCrossentropy(
        apply_class_balancing=True, alpha=alpha, gamma=gamma, reduction=None
    )
    mine = BinaryFocalLoss(gamma, alpha, reduction=None)(y[:, 0] if flat else y, p)
    assert mine.shape == (rows,)
    clipped = np.clip(p, np.float32(1e-7), np.float32(1 - 1e-7))  # 1 - p rounds in float32
    expected = focal_by_hand(labels, np.hstack([1 - clipped, clipped]), gamma, [1 - alpha, alpha])
    np.testing.assert_allclose(array(mine), expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(array(mine), array(built_in(y, p)), rtol=1e-5, atol=1e-5)
    weighted = BinaryFocalLoss(gamma, alpha)(y, p, sample_weight=weights)
    np.testing.assert_allclose(array(weighted), np.mean(array(mine) * weights), rtol=1e-5, atol=1e-6)


def test_gamma_zero_is_crossentropy():
    rng = np.random.default_rng(0)
    p, labels = softmax_rows(rng, 50, 4)
    y = np.eye(4)[labels]
    assert np.isclose(FocalLoss(0.0, 1.0)(y, p), keras.losses.CategoricalCrossentropy()(y, p), atol=1e-5)


@pytest.mark.parametrize("loss", [FocalLoss, BinaryFocalLoss])
def test_focal_losses_take_half_precision(loss):
    p = np.array([[0.0], [1.0], [0.3], [0.999]], "float16")
    y = np.array([[1], [0], [1], [1]])
    if loss is FocalLoss:
        p, y = np.hstack([1 - p, p]).astype("float16"), np.eye(2)[y.ravel()]
    wide = array(loss(reduction=None)(y, p))
    narrow = loss(reduction=None, dtype="float16")(y, p)
    assert keras.backend.standardize_dtype(narrow.dtype) == "float16"
    assert np.isfinite(wide).all() and np.isfinite(array(narrow)).all()
    np.testing.assert_allclose(array(narrow), wide, rtol=0.02, atol=1e-3)


@pytest.mark.parametrize("loss", [FocalLoss, BinaryFocalLoss])
def test_focal_losses_reject_a_negative_gamma(loss):
    with pytest.raises(ValueError, match="gamma=-1"):
        loss(gamma=-1)


@pytest.mark.parametrize("shape", [(8,), (8, 1), (8, 2)])
@pytest.mark.parametrize("how", ["eager", "fit", "evaluate"])
def test_focal_loss_refuses_labels_of_another_shape(shape, how):
    """Integers `(n, 1)` would broadcast against `(n, classes)` and give a false number."""
    labels = np.ones(shape, "int32")
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3, "softmax")])
    model.compile("sgd", loss=FocalLoss())
    # The batch is None in a graph of TensorFlow
    said = r"etiquetas tienen forma \((8|None),.*\) y las predicciones \((8|None), 3\).*to_categorical"
    with pytest.raises(ValueError, match=said):
        if how == "eager":
            FocalLoss()(labels, np.full((8, 3), 1 / 3, "float32"))
        else:
            getattr(model, how)(X[:8], labels, verbose=0)


def test_focal_loss_takes_more_axes_and_one_hot_in_fit():
    p = np.full((2, 5, 3), 1 / 3, "float32")
    assert FocalLoss(reduction=None)(np.eye(3)[np.zeros((2, 5), int)], p).shape == (2, 5)
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3, "softmax")])
    model.compile("sgd", loss=FocalLoss())
    history = model.fit(X, np.eye(3)[np.arange(100) % 3], verbose=0).history
    assert np.isfinite(history["loss"]).all()


def test_exchanged_arguments_are_noticed():
    with pytest.raises(ValueError, match="al revés"):
        BinaryFocalLoss(gamma=0.25, alpha=2.0)


# Macro F1 -----------------------------------------------------------------------------


def macro_f1_by_hand(labels, said, classes, weights):
    scores = []
    for c in range(classes):
        hits = np.sum(weights * ((labels == c) & (said == c)))
        total = np.sum(weights * (labels == c)) + np.sum(weights * (said == c))
        scores.append(2 * hits / total if total else 0.0)
    return np.mean(scores)


@fuzzed
@given(SEED, ROWS, CLASSES, st.booleans(), st.booleans(), st.integers(1, 4))
def test_macro_f1_is_numpy_and_the_built_in(seed, rows, classes, one_hot, weighted, batches):
    rng = np.random.default_rng(seed)
    mine, theirs = MacroF1(classes), keras.metrics.F1Score(average="macro")
    seen = []
    for _ in range(batches):
        p, labels = softmax_rows(rng, rows, classes)
        labels[rng.random(rows) < 0.5] = 0  # some class is often absent
        w = rng.random(rows).astype("float32") + 0.01 if weighted else None
        y = np.eye(classes, dtype="float32")[labels]
        mine.update_state(y if one_hot else labels, p, sample_weight=w)
        theirs.update_state(y, p, sample_weight=w)
        seen.append((labels, p.argmax(1), np.ones(rows) if w is None else w))
    labels, said, w = (np.concatenate(part) for part in zip(*seen, strict=True))
    expected = macro_f1_by_hand(labels, said, classes, w)
    assert np.isclose(float(mine.result()), expected, atol=1e-5)
    assert np.isclose(float(mine.result()), float(theirs.result()), atol=1e-5)


@fuzzed
@given(SEED, ROWS, st.sampled_from([0.2, 0.5, 0.9]), st.booleans(), st.booleans())
def test_macro_f1_of_one_column(seed, rows, threshold, flat_y, flat_p):
    rng = np.random.default_rng(seed)
    p, labels = softmax_rows(rng, rows, 2)
    p, y = p[:, 1:], labels[:, None]
    mine = MacroF1(threshold=threshold)
    mine.update_state(y[:, 0] if flat_y else y, p[:, 0] if flat_p else p)
    said = (p[:, 0] > threshold).astype(int)
    expected = macro_f1_by_hand(labels, said, 2, np.ones(rows))
    assert np.isclose(float(mine.result()), expected, atol=1e-5)
    theirs = keras.metrics.F1Score(average="macro", threshold=0.5)  # one column for each class
    theirs.update_state(np.hstack([1 - y, y]), np.eye(2, dtype="float32")[said])
    assert np.isclose(float(mine.result()), float(theirs.result()), atol=1e-5)


def test_macro_f1_of_absent_classes_is_zero():
    metric = MacroF1(4)
    assert float(metric.result()) == 0
    metric.update_state(np.array([0, 1]), np.eye(4, dtype="float32")[[0, 1]])
    assert float(metric.result()) == 0.5  # two classes right, two nowhere
    metric.reset_state()
    assert float(metric.result()) == 0 and not array(metric.confusion).any()


def test_macro_f1_in_fit_is_reset_every_epoch_and_exact():
    rng = np.random.default_rng(0)
    x = rng.random((200, 1)).astype("float32")
    y = (x[:, 0] + rng.normal(0, 0.2, 200) > 0.5).astype("int64")
    model = keras.Sequential([keras.Input((1,)), layers.Activation("linear")])
    model.compile(loss="mse", metrics=[MacroF1()])
    scores = [model.evaluate(x, y, batch_size=b, verbose=0)[1] for b in (7, 200, 7)]
    np.testing.assert_allclose(scores, f1_of_classes(y, x).mean(), atol=1e-5)


def test_macro_f1_counts_in_single_precision_whatever_its_dtype():
    metric = MacroF1(dtype="float16")
    for _ in range(3):
        metric.update_state(np.ones(2048), np.ones((2048, 1), "float16"))
    assert array(metric.confusion)[1, 1] == 6144


@pytest.mark.parametrize("label", [-1, 3, 9])
def test_macro_f1_is_nan_with_a_label_out_of_range(label):
    """Dropping the row in silence would show a score of other rows."""
    p = np.eye(3, dtype="float32")[[0, 1, 2, 2]]
    labels = np.array([0, 1, 2, label])
    metric = MacroF1(3)
    metric.update_state(labels, p)
    assert np.isnan(float(metric.result()))
    metric.reset_state()
    metric.update_state(labels, p, sample_weight=np.array([1, 1, 1, 0]))
    assert float(metric.result()) == 1, "a row of weight 0 does not count"
    model = keras.Sequential([keras.Input((3,)), layers.Activation("linear")])
    model.compile(loss=lambda y_true, y_pred: ops.mean(y_pred, axis=-1), metrics=[MacroF1(3)])
    assert np.isnan(model.evaluate(p, labels, verbose=0)[1])


def test_macro_f1_rejects_one_class():
    with pytest.raises(ValueError, match="dos o más"):
        MacroF1(1)


# L2Normalize --------------------------------------------------------------------------


@fuzzed
@given(
    SEED, ROWS, st.sampled_from([1, 3, 8]), st.sampled_from([1e-3, 1.0, 1e3]), st.sampled_from([-1, 0])
)
def test_l2_normalize_is_numpy_and_the_built_in(seed, rows, columns, scale, axis):
    rng = np.random.default_rng(seed)
    x = (scale * rng.normal(size=(rows, columns))).astype("float32")
    x[rng.random(rows) < 0.2] = 0
    mine = array(L2Normalize(axis=axis)(x))
    norm = np.sqrt(np.sum(x.astype("float64") ** 2, axis=axis, keepdims=True))
    np.testing.assert_allclose(mine, x / np.maximum(norm, 1e-12), atol=1e-5)
    np.testing.assert_allclose(mine, array(layers.UnitNormalization(axis=axis)(x)), atol=1e-5)
    np.testing.assert_allclose(mine, array(ops.normalize(x, axis=axis, epsilon=1e-12)), atol=1e-5)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "mixed_float16"])
def test_l2_normalize_keeps_the_dtype_and_does_not_overflow(dtype):
    rows = np.array([[300.0, 400.0], [0.0, 0.0]], "float32")
    unit = L2Normalize(dtype=dtype)(rows)
    expected = "float16" if dtype == "mixed_float16" else dtype
    assert keras.backend.standardize_dtype(unit.dtype) == expected
    np.testing.assert_allclose(array(ops.cast(unit, "float32")), [[0.6, 0.8], [0, 0]], atol=3e-3)


def test_l2_normalize_of_three_axes_in_a_functional_model():
    inputs = keras.Input((5, 3))
    model = keras.Model(inputs, L2Normalize()(inputs))
    x = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
    assert model.output_shape == (None, 5, 3) and model.count_params() == 0
    np.testing.assert_allclose(np.linalg.norm(model.predict(x, verbose=0), axis=-1), 1, atol=1e-5)


def test_l2_normalize_rejects_a_bad_epsilon():
    with pytest.raises(ValueError, match="epsilon=0"):
        L2Normalize(epsilon=0)


# ClippedModel -------------------------------------------------------------------------

RNG = np.random.default_rng(1)
X = RNG.normal(size=(100, 4)).astype("float32")
Y = 3 * X.sum(1, keepdims=True)
FLAGS = (Y > 0).astype("float32")


def network():
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [keras.Input((4,)), layers.Dense(8, "relu", kernel_regularizer="l2"), layers.Dense(1)]
    )


def fitted(model, optimizer, **options):
    model.compile(optimizer, loss="mse", metrics=["mae"])
    options = {"batch_size": 32, "epochs": 3, "shuffle": False, "verbose": 0, **options}
    return model.fit(X, Y, **options).history


@tensorflow_only
@pytest.mark.parametrize("clip", [1.0, *(pytest.param(c, marks=pytest.mark.slow) for c in (0.1, 1e6))])
@pytest.mark.parametrize("weights", [None, RNG.random(100)])
def test_clipping_is_that_of_the_optimizer(clip, weights):
    options = {"sample_weight": weights, "validation_data": (X[:30], Y[:30])}
    mine, theirs = ClippedModel(network(), clip), network()
    my_log = fitted(mine, keras.optimizers.SGD(0.01), **options)
    their_log = fitted(theirs, keras.optimizers.SGD(0.01, global_clipnorm=clip), **options)
    for a, b in zip(mine.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)
    assert my_log.pop("grad_norm")[0] > 0.1
    assert my_log.keys() == their_log.keys()
    for name in their_log:
        np.testing.assert_allclose(my_log[name], their_log[name], rtol=1e-4, err_msg=name)
    assert "grad_norm" not in mine.evaluate(X, Y, return_dict=True, verbose=0)


def two_outputs(kind, cut=False):
    """Outputs as `kind`; `cut`, with a branch that gets no gradient."""
    inputs = keras.Input((4,))
    hidden = layers.Dense(8, "relu", kernel_regularizer="l2")(inputs)
    hidden = layers.Dropout(0.2)(layers.BatchNormalization()(hidden))
    if cut:
        rounded = ops.round(layers.Dense(3, name="cut")(inputs))
        hidden = layers.Concatenate()([hidden, rounded])
    price = layers.Dense(1, activity_regularizer="l2", name="price", dtype="float32")(hidden)
    flag = layers.Dense(1, "sigmoid", name="flag", dtype="float32")(hidden)
    return keras.Model(inputs, {"dict": {"price": price, "flag": flag}, "list": [price, flag]}[kind])


def clipped_and_fit(make, loss, y, metrics, clip, x=X):
    """What `ClippedModel` and `fit` with `global_clipnorm` give: logs, weights and warnings."""
    found = []
    for own in (True, False):
        keras.utils.set_random_seed(1)
        net = make()
        model = ClippedModel(net, clip) if own else net
        optimizer = keras.optimizers.SGD(0.01, global_clipnorm=None if own else clip)
        model.compile(optimizer, loss=loss, metrics=metrics)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            log = model.fit(x, y, batch_size=32, epochs=3, verbose=0).history
        found.append((log, net.get_weights(), {str(w.message)[:25] for w in caught}))
    norms = found[0][0].pop("grad_norm")
    for name in found[1][0]:
        np.testing.assert_allclose(found[0][0][name], found[1][0][name], rtol=1e-4, err_msg=name)
    for a, b in zip(found[0][1], found[1][1], strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)
    assert found[0][0].keys() == found[1][0].keys() and found[0][2] == found[1][2]
    return norms, found[0][2]


TWO = {
    "dict": (
        {"price": "mse", "flag": "binary_crossentropy"},
        {"price": Y, "flag": FLAGS},
        {"price": ["mae"], "flag": ["accuracy"]},
    ),
    "list": (["mse", "binary_crossentropy"], [Y, FLAGS], [["mae"], ["accuracy"]]),
}


@tensorflow_only
@pytest.mark.parametrize("kind", TWO)
@pytest.mark.parametrize("cut", [False, True])
def test_clipping_takes_several_outputs_and_branches_without_gradient(kind, cut):
    norms, said = clipped_and_fit(lambda: two_outputs(kind, cut), *TWO[kind], clip=0.5)
    assert min(norms) > 0.5 and bool(said) == cut, said


@tensorflow_only
@pytest.mark.parametrize("clip", [0.5, pytest.param(1e6, marks=pytest.mark.slow)])
def test_clipping_scales_the_loss_in_mixed_float16(clip):
    plain, _ = clipped_and_fit(lambda: two_outputs("dict"), *TWO["dict"], clip=clip)
    keras.config.set_dtype_policy("mixed_float16")
    try:
        halves, _ = clipped_and_fit(lambda: two_outputs("dict"), *TWO["dict"], clip=clip)
    finally:
        keras.config.set_dtype_policy("float32")
    np.testing.assert_allclose(halves, plain, rtol=0.5, err_msg="the norm is that without the scale")


@tensorflow_only
def test_clipping_takes_embeddings_and_networks_without_training():
    class Plain(keras.Model):
        def __init__(self):
            super().__init__()
            self.steps = [layers.Embedding(5, 4), layers.Flatten(), layers.Dense(1)]

        def call(self, inputs):
            for step in self.steps:
                inputs = step(inputs)
            return inputs

    words = RNG.integers(0, 5, (100, 3))
    norms, _ = clipped_and_fit(Plain, "mse", Y, ["mae"], clip=0.5, x=words)
    assert np.isfinite(norms).all()


@tensorflow_only
def test_clipped_model_rejects_a_bad_norm():
    with pytest.raises(ValueError, match="clip_norm=0"):
        ClippedModel(network(), clip_norm=0)


@pytest.mark.skipif(TENSORFLOW, reason="on TensorFlow it works")
def test_clipped_model_says_what_to_do_on_another_backend():
    with pytest.raises(NotImplementedError, match="global_clipnorm"):
        ClippedModel(network())


# Saving -------------------------------------------------------------------------------

CLASS_OF = {
    "focal_loss": FocalLoss,
    "binary_focal_loss": BinaryFocalLoss,
    "macro_f1": MacroF1,
    "l2_normalize": L2Normalize,
    "clipped_model": ClippedModel,
}
MODULE_OF = {"binary_focal_loss": "focal_loss"}


def model_with(name):
    """A trained model that holds one of the snippets, with arguments not its defaults."""
    keras.utils.set_random_seed(2)
    out = 1 if name == "binary_focal_loss" else 3
    body = [layers.Dense(out, "sigmoid" if out == 1 else "softmax")]
    if name == "l2_normalize":
        body.insert(0, L2Normalize(axis=1, epsilon=1e-6, name="unit"))
    model = keras.Sequential([keras.Input((4,)), *body])
    if name == "clipped_model":
        model = ClippedModel(model, clip_norm=0.3)
    loss = {
        "focal_loss": FocalLoss(1.5, [0.2, 0.3, 0.5]),
        "binary_focal_loss": BinaryFocalLoss(1.5, 0.6),
    }
    metrics = [MacroF1(3)] if name == "macro_f1" else None
    model.compile("sgd", loss=loss.get(name, "categorical_crossentropy"), metrics=metrics)
    model.fit(X, targets(name), verbose=0)
    return model


def targets(name):
    labels = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)
    return (labels > 1).astype("float32")[:, None] if name == "binary_focal_loss" else np.eye(3)[labels]


SAVED = [name for name in CLASS_OF if TENSORFLOW or name != "clipped_model"]

#: What a new process does before it loads: import the classes, which registers them; hand
#: them over as `custom_objects`, unregistered; or nothing.
PRELUDES = {
    "imported": "from snippets.c119 import {modules}\nobjects = None",
    "custom_objects": (
        "import snippets.c119.{module} as module\n"
        "keras.saving.get_custom_objects().clear()\n"
        "objects = {{'{class_name}': module.{class_name}}}"
    ),
    "unknown": "objects = None",
}

LOADER = """
import json, sys
import keras, numpy as np
found = {}
for name, prelude in json.load(open("preludes.json")).items():
    exec(prelude)
    data = np.load(name + ".npz")
    try:
        model = keras.models.load_model(name + ".keras", custom_objects=objects)
    except (TypeError, ValueError) as error:
        found[name] = str(error)
        continue
    found[name] = model.evaluate(data["x"], data["y"], verbose=0, return_dict=True)
    np.save(name + ".npy", model.predict(data["x"], verbose=0))
    model.fit(data["x"], data["y"], verbose=0)
json.dump(found, open("found.json", "w"))
"""


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Models saved twice: by registered classes, and by the same classes unregistered."""
    folder = tmp_path_factory.mktemp("saved")
    models = {}
    for name in SAVED:
        models[name] = model_with(name)
        models[name].save(folder / f"{name}.keras")
        np.savez(folder / f"{name}.npz", x=X, y=targets(name))
    return folder, models


@pytest.mark.slow
@pytest.mark.parametrize("how", PRELUDES)
def test_saved_models_load_in_a_fresh_process(saved, how):
    folder, models = saved
    preludes = {}
    for name in SAVED:
        class_name, module = CLASS_OF[name].__name__, MODULE_OF.get(name, name)
        modules = ", ".join(sorted({MODULE_OF.get(n, n) for n in SAVED}))
        preludes[name] = PRELUDES[how].format(modules=modules, module=module, class_name=class_name)
        if how == "custom_objects":  # the file holds the registered name
            preludes[name] += f"\nobjects['keras_en_vivo>{class_name}'] = objects['{class_name}']"
    (folder / "preludes.json").write_text(json.dumps(preludes))
    env = os.environ | {"PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": "-1"}
    run = subprocess.run(
        [sys.executable, "-c", LOADER], cwd=folder, env=env, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr[-2000:]
    found = json.loads((folder / "found.json").read_text())
    assert list(found) == SAVED
    for name, model in models.items():
        if how == "unknown":
            assert f"Could not locate class '{CLASS_OF[name].__name__}'" in found[name], found[name]
            continue
        assert isinstance(found[name], dict), found[name]
        np.testing.assert_allclose(
            np.load(folder / f"{name}.npy"), model.predict(X, verbose=0), atol=1e-6
        )
        expected = model.evaluate(X, targets(name), verbose=0, return_dict=True)
        assert found[name].keys() == expected.keys()
        for key in expected:
            assert np.isclose(found[name][key], expected[key], rtol=1e-5), (name, key)


@pytest.mark.parametrize(
    "made",
    [
        FocalLoss(3.0, [0.2, 0.8], name="mine", reduction="sum"),
        BinaryFocalLoss(3.0, 0.7, name="mine"),
        MacroF1(5, threshold=0.3, name="mine"),
        L2Normalize(axis=1, epsilon=1e-3, name="mine"),
    ],
    ids=lambda made: type(made).__name__,
)
def test_configs_go_and_come_back(made):
    config = keras.saving.serialize_keras_object(made)
    again = keras.saving.deserialize_keras_object(json.loads(json.dumps(config)))
    assert type(again) is type(made) and again.name == "mine"
    assert again.get_config() == made.get_config()


@tensorflow_only
@pytest.mark.parametrize(("built", "traces"), [(False, 2), (True, 1)])
def test_a_step_is_traced_once_if_the_optimizer_is_built(built, traces):
    """Why the page's reference calls `adam.build`."""

    class Counted(keras.Sequential):
        steps = 0

        def train_step(self, *args, **kwargs):
            self.steps += 1
            return super().train_step(*args, **kwargs)

    net = Counted([keras.Input((4,)), layers.Dense(1, activation="sigmoid")])
    adam = keras.optimizers.Adam(0.01)
    if built:
        adam.build(net.trainable_variables)
    net.compile(optimizer=adam, loss=BinaryFocalLoss(), metrics=[MacroF1()], steps_per_execution=2)
    net.fit(np.zeros((8, 4)), np.ones((8, 1)), batch_size=2, epochs=2, verbose=0)
    assert net.steps == traces
