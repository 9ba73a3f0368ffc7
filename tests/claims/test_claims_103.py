"""What the pages on the API Functional claim and no block of theirs can show by itself."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
from keras import layers


@pytest.fixture
def two_heads():
    keras.utils.set_random_seed(42)
    inputs = keras.Input(shape=(8,))
    hidden = layers.Dense(4)(inputs)
    outputs = {name: layers.Dense(1, name=name)(hidden) for name in ("price", "age")}
    net = keras.Model(inputs, outputs)
    net.compile(
        loss={"price": "mse", "age": "mae"},
        loss_weights={"price": 0.8, "age": 0.2},
        metrics={"price": ["mse"], "age": ["mae"]},
    )
    x = np.random.default_rng(0).normal(size=(1000, 8)).astype("float32")
    return net, x, {"price": 3 * x[:, 0], "age": x[:, 1]}


def test_the_loss_of_one_output_averages_batches_and_the_total_averages_rows(two_heads):
    """With TensorFlow. Fold at the end of #varias-salidas: why `adds_up` compares with a margin."""
    net, x, targets = two_heads
    scores = net.evaluate(x, targets, batch_size=992, verbose=0, return_dict=True)
    real = 0.8 * scores["price_mse"] + 0.2 * scores["age_mae"]
    assert np.isclose(scores["loss"], real, rtol=1e-4)
    assert abs(scores["price_loss"] - scores["price_mse"]) > 0.01
    batches = [
        net.evaluate(x[part], {k: v[part] for k, v in targets.items()}, verbose=0, return_dict=True)
        for part in (slice(0, 992), slice(992, None))
    ]
    assert np.isclose(scores["price_loss"], np.mean([one["price_mse"] for one in batches]), rtol=1e-3)


def test_lists_throughout_do_not_cross_the_weights(two_heads):
    """Key points: only a dict of outputs with a list of weights crosses them."""
    net, x, targets = two_heads
    expected = net.evaluate(x, targets, batch_size=1000, verbose=0, return_dict=True)["loss"]
    in_order = [net.output["price"], net.output["age"]]
    for outputs, y, crossed in (
        (in_order, [targets["price"], targets["age"]], False),
        (dict(net.output), targets, True),
    ):
        other = keras.Model(net.input, outputs)
        loss = ["mse", "mae"] if not crossed else {"price": "mse", "age": "mae"}
        other.compile(loss=loss, loss_weights=[0.8, 0.2])
        scores = other.evaluate(x, y, batch_size=1000, verbose=0, return_dict=True)
        assert np.isclose(scores["loss"], expected, rtol=1e-3) != crossed


def test_batch_callbacks_run_once_per_execution_even_for_a_learning_rate():
    """Fold after `fit`: a rate that moves in each batch gives other weights with more steps."""
    x = np.random.default_rng(0).normal(size=(1024, 8)).astype("float32")

    def weights(steps):
        keras.utils.set_random_seed(7)
        net = keras.Sequential([keras.Input((8,)), layers.Dense(1)])
        optimizer = keras.optimizers.SGD(0.1)
        net.compile(optimizer, "mse", steps_per_execution=steps)

        def decay(batch, logs):
            optimizer.learning_rate = float(optimizer.learning_rate) * 0.9

        spy = keras.callbacks.LambdaCallback(on_train_batch_end=decay)
        net.fit(x, 3 * x[:, 0], shuffle=False, verbose=0, callbacks=[spy])
        return net.get_weights()[0], float(optimizer.learning_rate)

    (one, rate_one), (many, rate_many) = weights(1), weights(16)
    assert np.isclose(rate_one, 0.1 * 0.9**32, rtol=1e-3) and np.isclose(
        rate_many, 0.1 * 0.9**2, rtol=1e-3
    )
    assert not np.allclose(one, many, atol=1e-4)


def test_odd_sizes_build_and_then_fail():
    """Guide, #fuerte-revisa: what the graph leaves open is found out when it runs."""
    image = keras.Input((None, None, 3))
    small = layers.MaxPooling2D(2)(image)
    joined = layers.Concatenate()([image, layers.UpSampling2D(2)(small)])
    net = keras.Model(image, joined)
    assert net(np.zeros((1, 8, 8, 3))).shape == (1, 8, 8, 6)
    with pytest.raises(Exception, match=r"Concat|[Ss]izes|concatenat"):
        net(np.zeros((1, 9, 9, 3)))
