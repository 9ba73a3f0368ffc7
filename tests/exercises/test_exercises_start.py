"""Other answers to the exercises of «Empezá acá»."""

from tests.attempts import right, suite, wrong

PAGE = "empezar"

MINE = """
mine = keras.Sequential(
    [
        keras.Input(shape={shape}),
        {middle}
        layers.Dense({out}, activation="softmax"),
    ]
)
mine.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
mine.fit(x_train, y_train, epochs={epochs}, verbose=0)
my_accuracy = {measured}
"""
USUAL = 'layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(32, "relu"),'
ON_TEST = "mine.evaluate(x_test, y_test, verbose=0)[1]"


def mine(middle=USUAL, epochs=3, measured=ON_TEST, shape="(28, 28)", out=10):
    return MINE.format(middle=middle, epochs=epochs, measured=measured, shape=shape, out=out)


ATTEMPTS = [
    # 1: cambiar una cosa ---------------------------------------------------------------
    right(
        1,
        "una capa más, y la exactitud del diccionario",
        mine(
            f'{USUAL} layers.Dense(32, "relu"),',
            measured="mine.evaluate(x_test, y_test, verbose=0, return_dict=True)['accuracy']",
        ),
    ),
    right(
        1,
        "con add(), y contando los aciertos",
        """
        mine = keras.Sequential()
        mine.add(keras.Input((28, 28)))
        mine.add(layers.Rescaling(1.0 / 255))
        mine.add(layers.Flatten())
        mine.add(layers.Dense(100, activation="relu"))
        mine.add(layers.Dense(10, activation="softmax"))
        mine.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
        mine.fit(x_train, y_train, epochs=3, verbose=0)
        my_accuracy = (mine.predict(x_test, verbose=0).argmax(axis=1) == y_test).mean()
        """,
    ),
    wrong(1, "sin entrenar", "¿la entrenaste con", mine(epochs=0)),
    wrong(
        1,
        "medida con las fotos que vio",
        "¿es el segundo número de evaluate",
        mine(measured="mine.evaluate(x_train, y_train, verbose=0)[1]"),
    ),
    wrong(
        1,
        "la pérdida en vez de la exactitud",
        "¿es el segundo número de evaluate",
        mine(measured="mine.evaluate(x_test, y_test, verbose=0)[0]"),
    ),
    wrong(
        1,
        "igual a la otra",
        "mine tiene tantos números como model",
        mine('layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(64, "relu"),'),
    ),
    wrong(1, "once salidas", "y va (None, 10)", mine(out=11)),
    wrong(
        1,
        "de 784 en fila",
        "y va una foto",
        """
        mine = keras.Sequential(
            [keras.Input((784,)), layers.Dense(32, "relu"), layers.Dense(10, "softmax")]
        )
        my_accuracy = 0.8
        """,
    ),
    # 2: acomodar unos píxeles ----------------------------------------------------------
    right(
        2,
        "con -1, y llamando al modelo",
        """
        album = np.reshape(stream, (-1, 28, 28))
        third = album[[2]]
        answers = ops.convert_to_numpy(model(album)) if "ops" in globals() else model.predict(album)
        """,
    ),
    right(
        2,
        "de a una, y el eje agregado después",
        """
        album = np.stack([stream[i * 784 : (i + 1) * 784].reshape(28, 28) for i in range(6)])
        third = np.expand_dims(album[2], axis=0)
        answers = np.concatenate([model.predict(album[i : i + 1], verbose=0) for i in range(6)])
        """,
    ),
    wrong(
        2,
        "en filas de 784",
        "y va (6, 28, 28)",
        "album = stream.reshape(6, 784)\nthird = album[2:3]\nanswers = np.zeros((6, 10))",
    ),
    wrong(
        2,
        "las muestras al final",
        "los números van en el orden en que vienen",
        """
        album = np.transpose(stream.reshape(28, 28, 6), (2, 0, 1))
        third = album[2:3]
        answers = model.predict(album, verbose=0)
        """,
    ),
    wrong(
        2,
        "la tercera sin el eje del lote",
        "usá una rebanada",
        """
        album = stream.reshape(6, 28, 28)
        third = album[2]
        answers = model.predict(album, verbose=0)
        """,
    ),
    wrong(
        2,
        "contada desde uno",
        "contá desde cero",
        """
        album = stream.reshape(6, 28, 28)
        third = album[3:4]
        answers = model.predict(album, verbose=0)
        """,
    ),
    wrong(
        2,
        "contesta por una sola",
        "diez números por cada foto",
        """
        album = stream.reshape(6, 28, 28)
        third = album[2:3]
        answers = model.predict(third, verbose=0)
        """,
    ),
    # 3: una muestra, a mano ------------------------------------------------------------
    right(
        3,
        "con bucles, sin @",
        """
        z = [
            sum(sample[0, i] * weights[i, j] for i in range(2)) + biases[j] for j in range(3)
        ]
        hand_probs = np.array([[np.exp(v) / sum(np.exp(w) for w in z) for v in z]])
        hand_loss = np.log(1 / hand_probs[0][1])
        hand_steps = len(range(0, 100, 32)) * 5
        """,
    ),
    right(
        3,
        "restando el máximo, y la pérdida en un arreglo",
        """
        z = np.dot(sample, weights) + biases
        e = np.exp(z - z.max(axis=1, keepdims=True))
        hand_probs = e / e.sum(axis=1, keepdims=True)
        hand_loss = -np.log(hand_probs[:, 1])
        hand_steps = int(np.ceil(100 / 32)) * 5
        """,
    ),
    wrong(
        3,
        "sin softmax",
        "¿falta softmax?",
        "hand_probs = sample @ weights + biases\nhand_loss = 1.0\nhand_steps = 20",
    ),
    wrong(
        3,
        "sin los sesgos",
        "¿sumaste los sesgos antes de softmax?",
        """
        e = np.exp(sample @ weights)
        hand_probs = e / e.sum()
        hand_loss, hand_steps = -np.log(hand_probs[0, 1]), 20
        """,
    ),
    wrong(
        3,
        "con la clase 2",
        "de lo que le dio a la clase 1",
        """
        e = np.exp(sample @ weights + biases)
        hand_probs = e / e.sum()
        hand_loss, hand_steps = -np.log(hand_probs[0, 2]), 20
        """,
    ),
    wrong(
        3,
        "una pérdida por clase",
        "hand_loss es un solo número",
        """
        e = np.exp(sample @ weights + biases)
        hand_probs = e / e.sum()
        hand_loss, hand_steps = -np.log(hand_probs), 20
        """,
    ),
    wrong(
        3,
        "sin el lote que no se llena",
        "contá también el último lote",
        """
        e = np.exp(sample @ weights + biases)
        hand_probs = e / e.sum()
        hand_loss, hand_steps = -np.log(hand_probs[0, 1]), 100 // 32 * 5
        """,
    ),
    # 4: achicar un programa ------------------------------------------------------------
    right(
        4,
        "con los datos afuera y otra pérdida",
        '''
        smallest = """
        import numpy as np
        from keras import Sequential, layers
        net = Sequential([layers.Flatten(), layers.Dense(10)])
        net.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
        net.fit(np.zeros((50, 2, 2)), np.zeros(49), verbose=0)
        """
        import textwrap

        smallest = textwrap.dedent(smallest)
        ''',
    ),
    right(
        4,
        "con evaluate y con un comentario",
        r"""
        smallest = (
            "# no hay tantas etiquetas como muestras\n"
            "import keras\nimport numpy\n"
            "m = keras.Sequential([keras.layers.Flatten()])\n"
            "m.compile(loss='mse')\n"
            "m.evaluate(numpy.ones((3, 1)), numpy.ones((2, 1)))"
        )
        """,
    ),
    wrong(
        4,
        "sin los import",
        "¿le faltan los import?",
        r"""
        smallest = (
            "m = keras.Sequential([keras.layers.Dense(1)])\n"
            "m.compile(loss='mse')\nm.fit(np.ones((3, 1)), np.ones(2))"
        )
        """,
    ),
    wrong(
        4,
        "otro error",
        "tiene que fallar con",
        'smallest = "import keras\\nkeras.Sequential([1])"',
    ),
    wrong(
        4,
        "no falla",
        "y da ningún error",
        r"""
        smallest = (
            "import keras, numpy as np\nm = keras.Sequential([keras.layers.Dense(1)])\n"
            "m.compile(loss='mse')\nm.fit(np.ones((3, 1)), np.ones(3), verbose=0)"
        )
        """,
    ),
    wrong(
        4,
        "baja los datos",
        "smallest baja datos",
        r"""
        smallest = (
            "import keras\n(x, y), _ = keras.datasets.fashion_mnist.load_data()\n"
            "m = keras.Sequential([keras.layers.Dense(1)])\n"
            "m.compile(loss='mse')\nm.fit(x, y[1:])"
        )
        """,
    ),
    wrong(4, "demasiado largo", "¿qué más se puede sacar?", 'smallest = "x = 1\\n" * 6'),
    wrong(4, "no es texto", "entre comillas triples", "smallest = lambda: None"),
]

test_judged, test_complete, test_messages = suite(PAGE, ATTEMPTS)
