"""Focal loss, para una salida softmax y para una sigmoide.

Fuente: Lin, Goyal, Girshick, He y Dollár (2017), *Focal Loss for Dense Object
Detection*, ICCV, https://arxiv.org/abs/1708.02002. Keras trae las dos, con los nombres
`CategoricalFocalCrossentropy` y `BinaryFocalCrossentropy`: usá esas. Estas están para
leerlas, y se prueban contra ellas.
"""

import keras
from keras import ops


# --8<-- [start:softmax]
@keras.saving.register_keras_serializable(package="keras_en_vivo")
class FocalLoss(keras.losses.Loss):
    """-alpha * (1 - p_t)**gamma * log(p_t); p_t es la probabilidad de la clase verdadera.

    Args:
        gamma: Cuánto pierde peso una muestra fácil; 0 deja la entropía cruzada.
        alpha: Un factor para todas las clases, o una lista con uno por clase.

    Entrada: etiquetas one-hot y probabilidades, `(batch, classes)`.
    Salida antes de la reducción: float `(batch,)`.
    Lanza `ValueError` si las etiquetas no tienen la forma de las predicciones.
    """

    def __init__(self, gamma=2.0, alpha=0.25, name="focal_loss", **kwargs):
        super().__init__(name=name, **kwargs)
        if gamma < 0:
            raise ValueError(f"gamma={gamma}: tiene que ser 0 o mayor.")
        self.gamma = gamma
        self.alpha = alpha

    def call(self, y_true, y_pred):
        # Enteros (n, 1) se difundirían contra (n, clases) sin un error
        labels, said = tuple(y_true.shape), tuple(y_pred.shape)
        pairs = zip(labels[1:], said[1:], strict=False)
        if len(labels) != len(said) or any(
            None not in pair and pair[0] != pair[1] for pair in pairs
        ):
            raise ValueError(
                f"Las etiquetas tienen forma {labels} y las predicciones {said}: "
                "tienen que coincidir. Si son enteros, pasalas a one-hot con "
                "keras.utils.to_categorical."
            )
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
    """La focal loss de una sola probabilidad, la de la clase positiva.

    Args:
        gamma: Cuánto pierde peso una muestra fácil.
        alpha: Factor de los positivos; los negativos llevan `1 - alpha`.

    Entrada: etiquetas 0 o 1, `(batch,)` o `(batch, 1)`; probabilidades `(batch, 1)`.
    Salida antes de la reducción: float `(batch,)`.
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
