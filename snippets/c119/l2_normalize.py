"""Una capa que lleva cada vector a norma euclídea 1.

Keras ya la trae: `UnitNormalization` y `keras.ops.normalize`.
"""

import keras
from keras import layers, ops


# --8<-- [start:class]
@keras.saving.register_keras_serializable(package="keras_en_vivo")
class L2Normalize(layers.Layer):
    """x / max(||x||, epsilon), a lo largo de un eje.

    Args:
        axis: El eje de cada vector.
        epsilon: La menor norma por la que se divide: los ceros quedan en cero.

    Entrada: tensor float de un eje o más. Salida: la misma forma y el mismo
    dtype. No tiene pesos. En media precisión suma en float32, donde 300² entra.
    """

    def __init__(self, axis=-1, epsilon=1e-12, **kwargs):
        super().__init__(**kwargs)
        if epsilon <= 0:
            raise ValueError(f"epsilon={epsilon}: tiene que ser positivo.")
        self.axis = axis
        self.epsilon = epsilon

    def call(self, inputs):
        wide = keras.backend.result_type(inputs.dtype, "float32")
        x = ops.cast(inputs, wide)
        total = ops.sum(ops.square(x), axis=self.axis, keepdims=True)
        # El piso va antes de la raíz: su gradiente en 0 es infinito
        norm = ops.sqrt(ops.maximum(total, self.epsilon**2))
        return ops.cast(x / norm, inputs.dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        own = {"axis": self.axis, "epsilon": self.epsilon}
        return {**super().get_config(), **own}


# --8<-- [end:class]
