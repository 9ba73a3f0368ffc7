"""Wide & Deep, como modelo Functional y como subclase de `keras.Model`.

Fuente: Cheng et al. (2016), *Wide & Deep Learning for Recommender Systems*,
https://arxiv.org/abs/1606.07792, en la forma para tablas de números de Géron, cap. 10.
Acá el camino ancho es una `Dense(1)`: lo que se suma al final tiene una columna de
cada lado.
"""

import keras
from keras import layers


# --8<-- [start:functional]
def wide_and_deep(n_features, units=30, name="wide_and_deep"):
    """Wide & Deep para un número, como un grafo de capas.

    Args:
        n_features: Columnas de la entrada; una o más.
        units: Ancho de las dos capas ocultas del camino profundo.
        name: El nombre del modelo.

    Returns:
        Un modelo Functional sin compilar, de float32 `(batch, n_features)` a
        float32 `(batch, 1)`.

    Raises:
        ValueError: `n_features` es menor que 1.
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
    """El modelo de `wide_and_deep`, escrito como una clase.

    Args:
        units: Ancho de las dos capas ocultas del camino profundo.

    Entrada: tensor float `(batch, features)`. Salida: `(batch, 1)`.
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
