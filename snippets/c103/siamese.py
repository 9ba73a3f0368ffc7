"""Red siamesa: un codificador para dos imágenes, que dice si son de la misma clase.

Fuente: Bromley et al. (1993), *Signature Verification using a "Siamese" Time Delay
Neural Network*; la diferencia absoluta viene de Koch et al. (2015), *Siamese Neural
Networks for One-shot Image Recognition*.
"""

import keras
from keras import layers, ops


# --8<-- [start:functional]
def siamese(image_shape=(28, 28), units=64, name="siamese"):
    """Un modelo que dice si dos imágenes son de la misma clase.

    Las dos pasan por el mismo codificador, cuyos pesos se cuentan una vez, y
    con `|a - b|` la respuesta no depende del orden del par.

    Args:
        image_shape: La forma de una imagen, sin el lote.
        units: El largo del vector que representa a una imagen.
        name: El nombre del modelo.

    Returns:
        Un modelo Functional sin compilar. Entradas `left` y `right`, float32
        `(batch, *image_shape)`, en un diccionario o en una lista en ese orden;
        salida float32 `(batch, 1)`, la probabilidad de «misma clase».
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
