"""What Clase 119 states, against `fit`: its own `train_step`, traps and what depends on the backend.

The code of the page is taken from the page, so that it cannot drift from what is tested. What is
said of JAX and of PyTorch is here too, and runs where those are:
`KERAS_BACKEND=torch pytest tests/claims/test_claims_119.py`.
"""

import ast
import os
import warnings

import numpy as np
import pytest

from livedocs.pages.chapter import Chapter
from tests.conftest import ROOT

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import keras
from keras import layers, ops

BACKEND = keras.backend.backend()
tensorflow_only = pytest.mark.skipif(
    BACKEND != "tensorflow", reason="the page's train_step is written with tf.GradientTape"
)

FOLDER = ROOT / "docs" / "clases" / "119-losses-metricas-capas-modelos"
CELLS = [cell for lesson in sorted(FOLDER.glob("*.md")) for cell in Chapter.load(lesson, ROOT).cells]

RNG = np.random.default_rng(1)
X = RNG.normal(size=(100, 4)).astype("float32")
Y = 3 * X.sum(1, keepdims=True)
FLAGS = (Y > 0).astype("float32")
WEIGHTS = RNG.random(100)


def page(*names):
    """The classes or functions of the page called `names`, made with the page's imports."""
    space = {"keras": keras, "layers": layers, "ops": ops, "np": np, "__name__": "page"}
    if BACKEND == "tensorflow":
        import tensorflow

        space["tf"] = tensorflow
    for name in names:
        defining = [c.code for c in CELLS if f"class {name}(" in c.code or f"def {name}(" in c.code]
        assert defining, f"{name}: no block"
        # The definition alone: the rest of the block uses the page's data.
        trees = [ast.parse(code) for code in defining]
        for tree in trees:
            tree.body = [node for node in tree.body if getattr(node, "name", None) == name]
        # A lesson may define it again in «Preparar»: the same thing everywhere.
        assert len({ast.dump(tree) for tree in trees}) == 1, f"{name}: otra definición en otra lección"
        tree = trees[0]
        exec(compile(tree, f"the page's {name}", "exec"), space)
    return [space[name] for name in names]


@pytest.fixture
def half():
    keras.config.set_dtype_policy("mixed_float16")
    yield
    keras.config.set_dtype_policy("float32")


# The page's train_step ----------------------------------------------------------------

COMPILED = {
    "one": ("mse", Y, ["mae"]),
    "dict": (
        {"price": "mse", "flag": "binary_crossentropy"},
        {"price": Y, "flag": FLAGS},
        {"price": ["mae"], "flag": ["accuracy"]},
    ),
    "list": (["mse", "binary_crossentropy"], [Y, FLAGS], [["mae"], ["accuracy"]]),
}


def branched(kind):
    """Regularised weights and outputs, batch statistics, and one output, a dict or a list of two."""
    inputs = keras.Input((4,))
    hidden = layers.Dense(8, "relu", kernel_regularizer="l2")(inputs)
    hidden = layers.Dropout(0.2)(layers.BatchNormalization()(hidden))
    price = layers.Dense(1, activity_regularizer="l2", name="price", dtype="float32")(hidden)
    flag = layers.Dense(1, "sigmoid", name="flag", dtype="float32")(hidden)
    return keras.Model(
        inputs, {"one": price, "dict": {"price": price, "flag": flag}}.get(kind, [price, flag])
    )


def trained(kind, seed, step=None, optimizer=keras.optimizers.SGD, x=X, **fit):
    """The history and the weights of `fit`, with its own step or with another."""
    keras.utils.set_random_seed(seed)
    net = branched(kind)
    model = step(net.input, net.output) if step else net
    loss, y, metrics = COMPILED[kind]
    model.compile(optimizer(0.01), loss=loss, metrics=metrics)
    rows = keras.tree.map_structure(lambda a: a[:30], y)
    options = {"batch_size": 32, "epochs": 3, "verbose": 0, "validation_data": (x[:30], rows), **fit}
    return model.fit(x, y, **options).history, net.get_weights()


def assert_same(mine, theirs, rtol=1e-4, atol=1e-5):
    (my_log, my_weights), (their_log, their_weights) = mine, theirs
    assert my_log.keys() == their_log.keys()
    for name in their_log:
        np.testing.assert_allclose(my_log[name], their_log[name], rtol=rtol, atol=atol, err_msg=name)
    for a, b in zip(my_weights, their_weights, strict=True):
        np.testing.assert_allclose(a, b, rtol=rtol, atol=atol)


@tensorflow_only
@pytest.mark.parametrize("seed", [1, *(pytest.param(s, marks=pytest.mark.slow) for s in (2, 3))])
@pytest.mark.parametrize("kind", COMPILED)
def test_the_step_of_the_page_does_what_fit_does(kind, seed):
    (step,) = page("StepByStep")
    assert_same(trained(kind, seed, step), trained(kind, seed))


@tensorflow_only
@pytest.mark.parametrize("seed", [1, *(pytest.param(s, marks=pytest.mark.slow) for s in (2, 3))])
@pytest.mark.parametrize("kind", ["one", "dict"])
def test_it_does_what_fit_does_in_mixed_float16_and_it_learns(half, kind, seed):
    (step,) = page("StepByStep")
    mine = trained(kind, seed, step, epochs=6)
    assert_same(mine, trained(kind, seed, epochs=6), rtol=1e-3, atol=1e-4)
    assert mine[0]["loss"][-1] < 0.8 * mine[0]["loss"][0]


@tensorflow_only
@pytest.mark.parametrize("optimizer", [keras.optimizers.Adam, keras.optimizers.RMSprop])
def test_it_does_what_fit_does_with_other_optimizers_and_weights(optimizer):
    (step,) = page("StepByStep")
    options = {"optimizer": optimizer, "sample_weight": WEIGHTS}
    assert_same(trained("one", 4, step, **options), trained("one", 4, **options))


@tensorflow_only
def test_without_scaling_the_loss_it_does_not_learn_in_mixed_float16(half):
    (unscaled,) = page("Unscaled")
    stuck = trained("one", 1, unscaled, epochs=6)[1][0]
    learned = trained("one", 1, epochs=6)[1][0]
    keras.utils.set_random_seed(1)
    start = branched("one").get_weights()[0]
    assert np.abs(stuck - start).max() < 0.01 * np.abs(learned - start).max()


@pytest.mark.skipif(BACKEND != "jax", reason="the signature is another on JAX")
def test_a_step_written_for_tensorflow_fails_on_jax():
    class Tf(keras.Sequential):
        def train_step(self, data):
            return {}

    model = Tf([keras.Input((4,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(TypeError, match="positional arguments"):
        model.fit(X, Y, verbose=0)


# Losses -------------------------------------------------------------------------------


def test_the_own_crossentropy_takes_tensors_on_any_backend_and_numpy_on_two():
    (own,) = page("my_crossentropy")
    p = np.full((5, 4), 0.25, "float32")
    y = np.eye(4, dtype="float32")[[0, 1, 2, 3, 0]]
    right = keras.losses.categorical_crossentropy(ops.convert_to_tensor(y), ops.convert_to_tensor(p))
    mine = own(ops.convert_to_tensor(y), ops.convert_to_tensor(p))
    np.testing.assert_allclose(ops.convert_to_numpy(mine), ops.convert_to_numpy(right), atol=1e-5)
    if BACKEND == "torch":
        with pytest.raises(TypeError):
            own(y, p)
    else:
        np.testing.assert_allclose(
            ops.convert_to_numpy(own(y, p)), ops.convert_to_numpy(right), atol=1e-5
        )
    model = keras.Sequential([keras.Input((4,)), layers.Activation("linear")])
    model.compile(loss=own)
    assert np.isclose(model.evaluate(p, y, verbose=0), -np.log(0.25), atol=1e-4)


def test_the_built_in_focal_takes_integers_of_two_axes_in_silence():
    p = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4]], "float32")
    labels = np.array([[1], [0], [2]])
    focal = keras.losses.CategoricalFocalCrossentropy()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        wrong = float(focal(labels, p))
    assert not np.isclose(wrong, float(focal(np.eye(3)[labels[:, 0]], p)), rtol=0.1)
    for integers in (labels, labels[:, 0]):
        with pytest.raises(ValueError, match="must have the same"):
            keras.losses.CategoricalCrossentropy()(integers, p)


# Gradients, graphs and state ----------------------------------------------------------


def dense(units=1):
    return keras.Sequential([keras.Input((4,)), layers.Dense(units)])


def test_a_loss_without_gradient_fails_except_on_jax():
    def count_errors(y_true, y_pred):
        return ops.mean(ops.cast(ops.abs(y_true - y_pred) > 0.5, "float32"), axis=-1)

    model = dense()
    before = model.get_weights()
    model.compile("sgd", count_errors)
    if BACKEND == "jax":
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            model.fit(X, Y, verbose=0)
        for old, new in zip(before, model.get_weights(), strict=True):
            np.testing.assert_array_equal(old, new)
    else:
        text = {"tensorflow": "No gradients provided", "torch": "does not require grad"}[BACKEND]
        with pytest.raises((ValueError, RuntimeError), match=text):
            model.fit(X, Y, verbose=0)


def test_a_cut_branch_leaves_a_warning_on_tensorflow_only():
    inputs = keras.Input((4,))
    cut = ops.round(layers.Dense(3, name="cut")(inputs))
    outputs = layers.Dense(1)(layers.Concatenate()([cut, layers.Dense(3)(inputs)]))
    model = keras.Model(inputs, outputs)
    before = model.get_layer("cut").get_weights()[0]
    model.compile("sgd", "mse")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(X, Y, verbose=0)
    said = [w for w in caught if "radient" in str(w.message)]
    assert bool(said) == (BACKEND == "tensorflow"), said
    np.testing.assert_array_equal(before, model.get_layer("cut").get_weights()[0])


def test_python_randomness_is_frozen_where_there_is_a_graph():
    (frozen,) = page("FrozenNoise")
    noisy = keras.Sequential([keras.Input((1,)), frozen()])
    drawn = {round(float(noisy.predict(np.zeros((1, 1)), verbose=0)[0, 0]), 5) for _ in range(4)}
    assert len(drawn) == (4 if BACKEND == "torch" else 1)


def test_a_python_counter_is_frozen_where_there_is_a_graph():
    class PythonCounter(keras.metrics.Metric):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.batches = 0

        def update_state(self, y_true, y_pred, sample_weight=None):
            self.batches = self.batches + 1

        def result(self):
            return self.batches

    model = dense()
    model.compile("sgd", "mse", metrics=[PythonCounter(name="batches")])
    told = model.fit(X, Y, batch_size=25, epochs=3, verbose=0).history["batches"]
    if BACKEND == "torch":
        assert np.diff(told).tolist() == [4, 4]
    else:
        assert len(set(told)) == 1 and told[0] != 4


def test_what_a_loss_of_another_shape_says_with_weights():
    def wrong_axis(y_true, y_pred):
        return ops.mean(ops.square(y_true - y_pred), axis=0)

    model = dense(3)
    model.compile("sgd", wrong_axis)
    model.fit(X, X[:, :3], batch_size=50, verbose=0)
    said = {
        "tensorflow": "Dimensions must be equal",
        "jax": "incompatible shapes for broadcasting",
        "torch": "must match the size",
    }
    with pytest.raises((ValueError, TypeError, RuntimeError), match=said[BACKEND]):
        model.fit(X, X[:, :3], sample_weight=WEIGHTS, batch_size=50, verbose=0)
    if BACKEND == "jax":  # the page: such a model is of no use from then on
        with pytest.raises((TypeError, RuntimeError)):
            model(X)
    else:
        assert model(X).shape == (100, 3)


@pytest.mark.skipif(BACKEND == "torch", reason="on PyTorch it raises: see the next one")
def test_steps_per_execution_changes_when_batch_callbacks_run():
    """It is not speed only: a learning rate that moves by batch moves another way."""

    def ends(steps):
        batches = []
        keras.utils.set_random_seed(1)
        model = dense()
        model.compile(keras.optimizers.SGD(0.01), "mse", steps_per_execution=steps)

        def slower(batch, logs):
            batches.append(batch)
            model.optimizer.learning_rate = 0.01 / (1 + batch)

        callback = keras.callbacks.LambdaCallback(on_train_batch_end=slower)
        model.fit(X, Y, batch_size=10, shuffle=False, verbose=0, callbacks=[callback])
        return batches, model.get_weights()[0]

    one, many = ends(1), ends(5)
    assert len(one[0]) == 10 and len(many[0]) == 2
    if BACKEND == "tensorflow":  # JAX reads the learning rate once per epoch
        assert not np.allclose(one[1], many[1], rtol=1e-3)


@pytest.mark.skipif(BACKEND == "torch", reason="on PyTorch it raises: see the next one")
def test_steps_per_execution_leaves_the_same_weights():
    """The homework's reference run: with no callback that looks at a batch, nothing else changes."""

    def weights(steps):
        keras.utils.set_random_seed(1)
        model = dense()
        model.compile(keras.optimizers.Adam(0.01), "mse", steps_per_execution=steps)
        model.fit(X, Y, batch_size=10, epochs=2, verbose=0)
        return model.get_weights()

    for one, many in zip(weights(1), weights(5), strict=True):
        np.testing.assert_allclose(one, many, atol=1e-6)


@pytest.mark.skipif(BACKEND != "torch", reason="only PyTorch rejects it")
def test_pytorch_rejects_steps_per_execution():
    model = dense()
    with pytest.raises(ValueError, match="steps_per_execution"):
        model.compile("sgd", "mse", steps_per_execution=2)
        model.fit(X, Y, verbose=0)


# Saving and weights -------------------------------------------------------------------


def test_positional_add_weight_fails_only_with_the_name_first():
    class Positional(layers.Layer):
        def __init__(self, *given):
            super().__init__()
            self.given = given

        def build(self, input_shape):
            self.w = self.add_weight(*self.given)

        def call(self, inputs):
            return inputs

    with pytest.raises(ValueError, match="keyword argument"):
        Positional("w", (4, 1))(X)
    layer = Positional((4, 1), "zeros")
    layer(X)
    assert layer.w.shape == (4, 1) and not ops.convert_to_numpy(layer.w).any()


@pytest.mark.parametrize("name", ["tanh", "relu", "square", "abs"])
def test_a_function_by_its_name_comes_back_only_if_keras_activations_has_it(name):
    config = keras.saving.serialize_keras_object(getattr(ops, name))
    if hasattr(keras.activations, name):
        assert callable(keras.saving.deserialize_keras_object(config))
    else:
        with pytest.raises(TypeError, match="Could not locate function"):
            keras.saving.deserialize_keras_object(config)
