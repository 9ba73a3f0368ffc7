"""Focal loss, for a softmax and for a sigmoid output.

Source: Lin, Goyal, Girshick, He and Dollár (2017), *Focal Loss for Dense Object
Detection*, https://arxiv.org/abs/1708.02002. Keras has both built in, as
`CategoricalFocalCrossentropy` and `BinaryFocalCrossentropy`; use those. These two
exist to be read, and to be tested against them.
"""

import keras
from keras import ops


# --8<-- [start:softmax]
@keras.saving.register_keras_serializable(package="keras_en_vivo")
class FocalLoss(keras.losses.Loss):
    """-alpha * (1 - p_t)**gamma * log(p_t), p_t the probability of the true class.

    Args:
        gamma: How much an easy sample is played down; 0 leaves cross-entropy.
        alpha: One factor for every class, or a list with one for each.

    Input: one-hot targets and probabilities, `(batch, classes)`.
    Output before the reduction: float `(batch,)`.
    """

    def __init__(self, gamma=2.0, alpha=0.25, name="focal_loss", **kwargs):
        super().__init__(name=name, **kwargs)
        if gamma < 0:
            raise ValueError(f"gamma={gamma}: tiene que ser 0 o mayor.")
        self.gamma = gamma
        self.alpha = alpha

    def call(self, y_true, y_pred):
        # En float16, 1 - 1e-7 redondea a 1
        wide = keras.backend.result_type(y_pred.dtype, "float32")
        # log(0) es infinito: nunca llegamos a 0 ni a 1
        tiny = keras.config.epsilon()
        p = ops.clip(ops.cast(y_pred, wide), tiny, 1 - tiny)
        alpha = ops.cast(self.alpha, wide)
        focal = -alpha * (1 - p) ** self.gamma * ops.log(p)
        # El one-hot deja solo la clase verdadera
        return ops.sum(ops.cast(y_true, wide) * focal, axis=-1)

    def get_config(self):
        own = {"gamma": self.gamma, "alpha": self.alpha}
        return {**super().get_config(), **own}


# --8<-- [end:softmax]


# --8<-- [start:sigmoid]
@keras.saving.register_keras_serializable(package="keras_en_vivo")
class BinaryFocalLoss(keras.losses.Loss):
    """The focal loss of one probability: that of the positive class.

    Args:
        gamma: How much an easy sample is played down.
        alpha: Factor of the positives; negatives take `1 - alpha`.

    Input: targets 0 or 1, `(batch,)` or `(batch, 1)`; probabilities `(batch, 1)`.
    Output before the reduction: float `(batch,)`.
    """

    def __init__(self, gamma=2.0, alpha=0.25, name="binary_focal_loss", **kwargs):
        super().__init__(name=name, **kwargs)
        if gamma < 0 or not 0 <= alpha <= 1:
            raise ValueError(
                f"gamma={gamma}, alpha={alpha}: gamma va de 0 en adelante "
                "y alpha, de 0 a 1. ¿Están al revés?"
            )
        self.gamma = gamma
        self.alpha = alpha

    def call(self, y_true, y_pred):
        # Sin esto, (batch,) contra (batch, 1) daría (batch, batch)
        positive = ops.reshape(y_true, ops.shape(y_pred)) > 0.5
        wide = keras.backend.result_type(y_pred.dtype, "float32")
        tiny = keras.config.epsilon()
        p = ops.clip(ops.cast(y_pred, wide), tiny, 1 - tiny)
        p_t = ops.where(positive, p, 1 - p)
        alpha_t = ops.where(positive, self.alpha, 1 - self.alpha)
        alpha_t = ops.cast(alpha_t, wide)
        focal = -alpha_t * (1 - p_t) ** self.gamma * ops.log(p_t)
        return ops.mean(focal, axis=-1)

    def get_config(self):
        own = {"gamma": self.gamma, "alpha": self.alpha}
        return {**super().get_config(), **own}


# --8<-- [end:sigmoid]
