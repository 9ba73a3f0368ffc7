"""Macro F1 from a confusion matrix that is kept for a whole epoch.

F1 of a class is 2 TP / (real + predicted); macro F1, the plain mean over classes.
It is not a mean of what each batch gives, hence the state. Convention for a class
that is neither in the targets nor in the predictions: its F1 is 0, as in
`keras.metrics.F1Score` (scikit-learn leaves it out).
"""

import keras
from keras import ops


# --8<-- [start:class]
@keras.saving.register_keras_serializable(package="keras_en_vivo")
class MacroF1(keras.metrics.Metric):
    """Mean over classes of F1, exact for any batch size.

    Args:
        num_classes: How many classes there are; at least 2.
        threshold: With a sigmoid output, from where it says class 1.

    Input: targets as integers, `(batch,)` or `(batch, 1)`, or one-hot
    `(batch, classes)`; probabilities `(batch, classes)`, or one column
    with that of class 1. Output: a float scalar from 0 to 1.
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
        """One row per sample, whatever the form of `y`."""
        if len(y.shape) == 2 and y.shape[-1] == self.num_classes:
            y = ops.argmax(y, axis=-1)
        elif threshold is not None:
            y = y > threshold
        y = ops.reshape(ops.cast(y, "int32"), (-1,))
        return ops.one_hot(y, self.num_classes, dtype="float32")

    def update_state(self, y_true, y_pred, sample_weight=None):
        true = self.one_hot(ops.convert_to_tensor(y_true))
        said = self.one_hot(ops.convert_to_tensor(y_pred), self.threshold)
        if sample_weight is not None:
            weight = ops.cast(sample_weight, "float32")
            true = true * ops.reshape(weight, (-1, 1))
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
