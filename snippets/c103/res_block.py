"""A residual block of two Dense layers.

Source: He et al. (2016), *Deep Residual Learning for Image Recognition*,
https://arxiv.org/abs/1512.03385; the layer follows the Keras guide
*Making new layers and models via subclassing*.
"""

import keras
from keras import layers


# --8<-- [start:class]
@keras.saving.register_keras_serializable(package="keras_en_vivo")
class ResBlock(layers.Layer):
    """Two Dense layers with a skip connection: `activation(x + F(x))`.

    Args:
        units: Width of the block. Inputs must already have it.
        activation: Applied inside the block and after the sum.

    Input: float tensor `(batch, ..., units)`. Output: same shape and dtype.

    Raises:
        ValueError: `units` is not a positive whole number, or the inputs
            have another width (the sum would fail or, silently, broadcast).
    """

    def __init__(self, units, activation="relu", **kwargs):
        super().__init__(**kwargs)
        if not isinstance(units, int) or units < 1:
            raise ValueError(f"units={units!r}: va un entero positivo.")
        self.units = units
        self.activation = keras.activations.get(activation)
        self.hidden = layers.Dense(units, activation, name="hidden")
        self.project = layers.Dense(units, name="project")

    def build(self, input_shape):
        if input_shape[-1] != self.units:
            raise ValueError(
                f"ResBlock({self.units}) suma su entrada: espera {self.units} "
                f"columnas y recibió {input_shape[-1]}. "
                f"Poné antes una Dense({self.units})."
            )
        self.hidden.build(input_shape)
        self.project.build(input_shape)

    def call(self, inputs):
        residual = self.project(self.hidden(inputs))
        return self.activation(inputs + residual)

    def get_config(self):
        own = {
            "units": self.units,
            "activation": keras.activations.serialize(self.activation),
        }
        return {**super().get_config(), **own}


# --8<-- [end:class]
