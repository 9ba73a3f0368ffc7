"""F1 macro, con una matriz de confusión que dura toda la época.

El F1 de una clase es 2 TP / (reales + predichas); el macro, el promedio simple entre
clases. No es el promedio de lo que da cada lote, y por eso hay estado. Una clase que no
está ni en las etiquetas ni en las predicciones vale 0, como en `keras.metrics.F1Score`
(scikit-learn la deja afuera).
"""

import keras
import numpy as np
from keras import ops


# --8<-- [start:class]
@keras.saving.register_keras_serializable(package="keras_en_vivo")
class MacroF1(keras.metrics.Metric):
    """El promedio del F1 de cada clase, exacto con cualquier tamaño de lote.

    Args:
        num_classes: Cuántas clases hay; dos o más.
        threshold: Con una salida sigmoide, desde dónde dice clase 1.

    Entrada: etiquetas enteras, `(batch,)` o `(batch, 1)`, o one-hot
    `(batch, classes)`; probabilidades `(batch, classes)`, o una columna con la
    de la clase 1. Salida: un número float de 0 a 1; `nan` si hubo una etiqueta
    fuera de 0 … `num_classes - 1`, que dejaría filas sin contar.
    """

    def __init__(self, num_classes=2, threshold=0.5, name="macro_f1", **kwargs):
        super().__init__(name=name, **kwargs)
        if num_classes < 2:
            raise ValueError(f"num_classes={num_classes}: hacen falta dos o más.")
        self.num_classes = num_classes
        self.threshold = threshold
        # Fila: clase verdadera. Columna: clase predicha.
        self.confusion = self.add_weight(
            name="confusion",
            shape=(num_classes, num_classes),
            initializer="zeros",
            dtype="float32",
        )

    def one_hot(self, y, threshold=None):
        """Una fila por muestra, sea cual sea la forma de `y`."""
        if len(y.shape) == 2 and y.shape[-1] == self.num_classes:
            y = ops.argmax(y, axis=-1)
        elif threshold is not None:
            y = y > threshold
        y = ops.reshape(ops.cast(y, "int32"), (-1, 1))
        # Una etiqueta que no existe deja una fila de ceros
        return ops.cast(y == ops.arange(self.num_classes), "float32")

    def update_state(self, y_true, y_pred, sample_weight=None):
        true = self.one_hot(ops.convert_to_tensor(y_true))
        said = self.one_hot(ops.convert_to_tensor(y_pred), self.threshold)
        # Si no existe y pesa, el resultado es nan: que se note
        known = ops.sum(true, axis=-1, keepdims=True) > 0
        if sample_weight is not None:
            weight = ops.reshape(ops.cast(sample_weight, "float32"), (-1, 1))
            true, known = true * weight, ops.logical_or(known, weight == 0)
        true = ops.where(known, true, np.nan)
        self.confusion.assign_add(ops.matmul(ops.transpose(true), said))

    def result(self):
        hits = ops.diagonal(self.confusion)
        real = ops.sum(self.confusion, axis=1)
        said = ops.sum(self.confusion, axis=0)
        # Una clase ausente daría 0 / 0: vale 0
        return ops.mean(ops.divide_no_nan(2 * hits, real + said))

    def get_config(self):
        own = {"num_classes": self.num_classes, "threshold": self.threshold}
        return {**super().get_config(), **own}


# --8<-- [end:class]
