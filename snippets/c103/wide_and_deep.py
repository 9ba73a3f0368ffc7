"""Wide & Deep, as a Functional model and as a subclass of `keras.Model`.

Source: Cheng et al. (2016), *Wide & Deep Learning for Recommender Systems*,
https://arxiv.org/abs/1606.07792, in the form for tables of numbers of
Géron, chapter 10. Here the wide path is a `Dense(1)`, so that what is
added at the end has one column on both sides.
"""

import keras
from keras import layers


# --8<-- [start:functional]
def wide_and_deep(n_features, units=30, name="wide_and_deep"):
    """Wide & Deep for one number, as a graph of layers.

    Args:
        n_features: Columns of the input; at least 1.
        units: Width of the two hidden layers of the deep path.
        name: Name of the model.

    Returns:
        An uncompiled Functional model from float32 `(batch, n_features)` to
        float32 `(batch, 1)`.

    Raises:
        ValueError: `n_features` is less than 1.
    """
    if n_features < 1:
        raise ValueError(f"n_features={n_features}: va al menos una columna.")
    # 1. Entrada
    inputs = keras.Input(shape=(n_features,), name="features")
    # 2. Tronco: el camino ancho y el profundo salen de la misma entrada
    wide = layers.Dense(1, name="wide")(inputs)
    deep = layers.Dense(units, activation="relu", name="deep_1")(inputs)
    deep = layers.Dense(units, activation="relu", name="deep_2")(deep)
    deep = layers.Dense(1, name="deep_out")(deep)
    # 3. Salida
    price = layers.Add(name="price")([wide, deep])
    return keras.Model(inputs, price, name=name)


# --8<-- [end:functional]


# --8<-- [start:class]
@keras.saving.register_keras_serializable(package="keras_en_vivo")
class WideAndDeep(keras.Model):
    """The model of `wide_and_deep`, by subclassing.

    Args:
        units: Width of the two hidden layers of the deep path.

    Input: float tensor `(batch, features)`; output: `(batch, 1)`.
    """

    def __init__(self, units=30, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.wide = layers.Dense(1, name="wide")
        relu = {"units": units, "activation": "relu"}
        self.deep_1 = layers.Dense(**relu, name="deep_1")
        self.deep_2 = layers.Dense(**relu, name="deep_2")
        self.deep_out = layers.Dense(1, name="deep_out")

    def build(self, input_shape):
        hidden_shape = (*input_shape[:-1], self.units)
        self.wide.build(input_shape)
        self.deep_1.build(input_shape)
        self.deep_2.build(hidden_shape)
        self.deep_out.build(hidden_shape)

    def call(self, inputs):
        deep = self.deep_2(self.deep_1(inputs))
        return self.wide(inputs) + self.deep_out(deep)

    def get_config(self):
        return {**super().get_config(), "units": self.units}


# --8<-- [end:class]
