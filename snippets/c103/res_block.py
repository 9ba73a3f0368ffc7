"""Un bloque residual de dos capas Dense.

Fuente: He et al. (2016), *Deep Residual Learning for Image Recognition*,
https://arxiv.org/abs/1512.03385; la capa sigue la guía de Keras
*Making new layers and models via subclassing*.
"""

import keras
from keras import layers


# --8<-- [start:class]
@keras.saving.register_keras_serializable(package="keras_en_vivo")
class ResBlock(layers.Layer):
    """Dos capas Dense y una conexión de salto: `activation(x + F(x))`.

    Args:
        units: Ancho del bloque. La entrada ya tiene que traerlo.
        activation: Se aplica adentro del bloque y después de la suma.

    Entrada: tensor float `(batch, ..., units)`. Salida: misma forma y dtype.

    Raises:
        ValueError: `units` no es un entero positivo, o la entrada tiene otro
            ancho (la suma fallaría o, con una columna, se difundiría).
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
