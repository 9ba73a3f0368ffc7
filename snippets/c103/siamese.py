"""Siamese network: one encoder for two images, to tell whether they match.

Source: Bromley et al. (1993), *Signature Verification using a "Siamese"
Time Delay Neural Network*; Koch et al. (2015), *Siamese Neural Networks for
One-shot Image Recognition*, from which the absolute difference is taken.
"""

import keras
from keras import layers, ops


# --8<-- [start:functional]
def siamese(image_shape=(28, 28), units=64, name="siamese"):
    """A model that says whether two images are of the same class.

    Both images go through the same encoder, whose weights count once, and
    `|a - b|` makes the answer independent of the order of the pair.

    Args:
        image_shape: Shape of one image, without the batch.
        units: Length of the vector that represents an image.
        name: Name of the model.

    Returns:
        An uncompiled Functional model. Inputs `left` and `right`, float32
        `(batch, *image_shape)`, as a dict or a list in that order; output
        float32 `(batch, 1)`, the probability of "same class".
    """
    # 1. Entrada
    left = keras.Input(shape=image_shape, name="left")
    right = keras.Input(shape=image_shape, name="right")
    # 2. Tronco: una sola instancia, llamada dos veces
    encoder = keras.Sequential(
        [
            keras.Input(shape=image_shape),
            layers.Flatten(name="flatten"),
            layers.Dense(units, activation="relu", name="embedding"),
        ],
        name="encoder",
    )
    distance = ops.abs(encoder(left) - encoder(right))
    # 3. Salida
    same = layers.Dense(1, activation="sigmoid", name="same")(distance)
    return keras.Model({"left": left, "right": right}, same, name=name)


# --8<-- [end:functional]
