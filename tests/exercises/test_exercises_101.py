"""Other answers to the exercises of Clase 101."""

import pytest

from tests.attempts import right, suite, wrong
from tests.exercises import attempts_101_classes

PAGE = "clases/101-regresion-y-clasificacion-con-mlp"

INCOME = """
scaler = layers.Normalization()
scaler.adapt({data})
income_net = keras.Sequential(
    [
        keras.Input(shape=(8,)),
        scaler,
        layers.Dense(64, activation="relu"),
        layers.Dense({second}, activation="relu"),
        layers.Dense(1, activation={output}),
    ]
)
income_net.compile(optimizer=keras.optimizers.Adam(0.005), loss="mse")
income_net.fit(in_train, income_train, batch_size=100, epochs=6, verbose=0)
said = income_net.predict(in_test, verbose=0)
mae_dollars = np.abs(income_test - {said}).mean() * {unit}
floor_dollars = np.abs(income_test - np.median({typical})).mean() * 10_000
"""


def income(
    data="in_train",
    second=32,
    output="None",
    said="said.squeeze()",
    unit="10_000",
    typical="income_train",
):
    return INCOME.format(data=data, second=second, output=output, said=said, unit=unit, typical=typical)


SHIRT = """
y_train, y_test = {labels}
shirt_net = keras.Sequential(
    [
        keras.Input(shape=(784,)),
        layers.Dense(32, activation="relu"),
        layers.Dense(16, activation="relu"),
        layers.Dense(1, activation={output}),
    ]
)
shirt_net.compile(
    optimizer=keras.optimizers.Adam(0.002),
    loss={loss},
    metrics={metrics},
)
shirt_net.fit(rows_train, y_train, epochs=8, batch_size=32, verbose=0)
result = shirt_net.evaluate({measured}, verbose=0, return_dict=True)
p_shirt = shirt_net.predict(rows_test, verbose=0){taken}
"""


def shirt(
    labels='(garment_train == 6).astype("float32"), (garment_test == 6).astype("float32")',
    output='"sigmoid"',
    loss='"binary_crossentropy"',
    metrics='["accuracy", "auc"]',
    measured="rows_test, y_test",
    taken=".ravel()",
):
    return SHIRT.format(
        labels=labels, output=output, loss=loss, metrics=metrics, measured=measured, taken=taken
    )


STARS = """
y_stars = {labels}
stars_net = keras.Sequential(
    [
        keras.Input(shape=(3,)),
        layers.Dense(16, activation="relu"),
        layers.Dense({units}, activation={output}),
    ]
)
stars_net.compile(optimizer=keras.optimizers.Adam(0.02), loss={loss})
stars_net.fit(x, y_stars, epochs={epochs}, verbose=0)
guess = {guess}
"""


def stars(
    labels="stars - 1",
    units=5,
    output='"softmax"',
    loss='"sparse_categorical_crossentropy"',
    epochs=30,
    guess="stars_net.predict(x, verbose=0).argmax(axis=1) + 1",
):
    return STARS.format(labels=labels, units=units, output=output, loss=loss, epochs=epochs, guess=guess)


ATTEMPTS = [
    # 1: predecir el ingreso -------------------------------------------------------------
    right(1, "en una lista, con squeeze", income()),
    right(
        1,
        "con API Functional, la capa sin nombre y las predicciones como columna",
        """
        scale = layers.Normalization()
        scale.adapt(in_train.astype("float64"))
        table = keras.Input((8,))
        hidden = layers.Dense(64, "relu")(scale(table))
        hidden = layers.Dense(32, "relu")(hidden)
        income_net = keras.Model(table, layers.Dense(1)(hidden))
        income_net.compile("adam", "mean_squared_error", metrics=["mae"])
        income_net.fit(in_train, income_train, epochs=12, verbose=0)
        column = income_test.reshape(-1, 1)
        mae_dollars = float(np.mean(np.abs(column - income_net.predict(in_test, verbose=0)))) * 1e4
        floor_dollars = 1e4 * np.mean(abs(np.median(income_train) - income_test))
        """,
    ),
    wrong(1, "resta cruzada", "cruza filas", income(said="said")),
    wrong(1, "en decenas de miles", "¿en qué unidad está?", income(unit="1")),
    wrong(1, "en la unidad del precio", "¿en qué unidad está?", income(unit="100_000")),
    wrong(1, "la Normalization del precio", "no son las de in_train", income(data="x_train")),
    wrong(1, "una capa oculta más chica", "van [64, 32, 1]", income(second=16)),
    wrong(1, "salida con sigmoid", "puede dar cualquier número", income(output='"sigmoid"')),
    wrong(
        1,
        "la vara es la media",
        "la mediana de income_train",
        income(typical="income_train")
        + "floor_dollars = np.abs(income_test - income_train.mean()).mean() * 1e4\n",
    ),
    # 2: remera o camisa -----------------------------------------------------------------
    right(2, "etiquetas con decimales y el AUC por su nombre", shirt()),
    right(
        2,
        "etiquetas enteras en columna y la métrica escrita entera",
        shirt(
            labels='(garment_train[:, None] // 6).astype("int32"), (garment_test[:, None] // 6)',
            metrics="[keras.metrics.BinaryAccuracy(name='acc'), keras.metrics.AUC(name='auc_roc')]",
            taken="[:, 0]",
        ),
    ),
    wrong(2, "las clases como vienen", "¿", shirt(labels="garment_train, garment_test")),
    wrong(
        2,
        "el 1 es remera",
        "¿el 1 es camisa, o remera?",
        shirt(labels="garment_train == 0, garment_test == 0"),
    ),
    wrong(2, "la columna entera", "va (", shirt(taken="")),
    wrong(2, "sin AUC", "faltan la exactitud o el AUC", shirt(metrics='["accuracy"]')),
    wrong(
        2,
        "medido con el entrenamiento",
        "¿",
        shirt(measured="rows_train[:300], y_train[:300]").replace("epochs=8", "epochs=30"),
    ),
    wrong(
        2,
        "sin sigmoid",
        "falta sigmoid",
        shirt(output="None", loss="keras.losses.BinaryCrossentropy(from_logits=True)"),
    ),
    # 6: de una a cinco estrellas --------------------------------------------------------
    right(6, "en una lista", stars()),
    right(
        6,
        "con one-hot",
        stars(
            labels="keras.utils.to_categorical(stars - 1, 5)",
            loss='"categorical_crossentropy"',
            guess="1 + np.argmax(stars_net.predict(x, verbose=0), axis=-1)",
        ),
    ),
    right(
        6,
        "con las estrellas en una columna",
        stars(labels='(stars - 1)[:, None].astype("uint8")', epochs=40),
    ),
    wrong(
        6,
        "una salida de más",
        "una salida por estrella",
        stars(labels="stars", units=6, guess="stars_net.predict(x, verbose=0).argmax(axis=1)"),
    ),
    wrong(
        6,
        "como una cantidad",
        "una salida por estrella",
        stars(
            labels="stars",
            units=1,
            output="None",
            loss='"mse"',
            guess="stars_net.predict(x, verbose=0).round()[:, 0]",
        ),
    ),
    wrong(6, "con sigmoid", "falta softmax", stars(output='"sigmoid"')),
    wrong(
        6,
        "la posición en vez de la estrella",
        "¿le sumaste 1",
        stars(guess="stars_net.predict(x, verbose=0).argmax(axis=1)"),
    ),
    wrong(6, "casi sin entrenar", "entrená más épocas", stars(epochs=1)),
    wrong(
        6,
        "las clases al revés",
        "la de una estrella es la clase 0",
        stars(labels="5 - stars", guess="5 - stars_net.predict(x, verbose=0).argmax(axis=1)"),
    ),
    # 7: ¿quién se olvidó de adapt? ------------------------------------------------------
    right(
        7,
        "mirando qué hace con una fila",
        """
        def not_adapted(model):
            row = np.arange(1.0, 9.0, dtype="float32")[None]
            scalers = [layer for layer in model.layers if isinstance(layer, layers.Normalization)]
            return [layer.name for layer in scalers if np.allclose(as_numpy(layer(row)), row)]
        """,
    ),
    right(
        7,
        "por los pesos y el nombre de la clase",
        """
        def not_adapted(model):
            found = []
            for layer in model.layers:
                if type(layer).__name__ == "Normalization":
                    mean, variance, count = [as_numpy(weight) for weight in layer.weights]
                    if not mean.any() and (variance == 1).all():
                        found += [layer.name]
            return tuple(found)
        """,
    ),
    wrong(
        7,
        "todas las Normalization",
        "Con las capas ['lista'] devolvió ['lista']",
        """
        def not_adapted(model):
            return [layer.name for layer in model.layers if isinstance(layer, layers.Normalization)]
        """,
    ),
    wrong(
        7,
        "mira solo la media",
        "Con las capas ['centrada']",
        """
        def not_adapted(model):
            scalers = [layer for layer in model.layers if isinstance(layer, layers.Normalization)]
            return [layer.name for layer in scalers if np.abs(as_numpy(layer.mean)).max() < 0.01]
        """,
    ),
    wrong(
        7,
        "se queda con la primera",
        "esperábamos ['primera', 'otra']",
        """
        def not_adapted(model):
            for layer in model.layers:
                if isinstance(layer, layers.Normalization) and np.allclose(as_numpy(layer.variance), 1):
                    return [layer.name]
            return []
        """,
    ),
    wrong(
        7,
        "imprime y no devuelve",
        "falta return",
        """
        def not_adapted(model):
            print([layer.name for layer in model.layers])
        """,
    ),
]
ATTEMPTS += attempts_101_classes.ATTEMPTS

pytestmark = pytest.mark.slow  # one page of exercises is judged in every run

test_judged, test_complete, test_messages = suite(PAGE, ATTEMPTS)
