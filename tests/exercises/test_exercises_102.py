"""Other answers to the exercises of Clase 102."""

import pytest

from tests.attempts import right, suite, wrong

PAGE = "clases/102-sequential"

PLANNED = """
size = {size}
planned = keras.Sequential([keras.Input((784,)), layers.Dense(10, "softmax")])
planned.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
run = planned.fit(
    x_train[:2000], y_train[:2000], batch_size=size, epochs=3, verbose=0, validation_split={split}
)
"""

MEANS = """
rows = {data}
means = np.array([rows[y_train == c].mean(axis=0) for c in range(10)])
guess = ((x_test[:200, None] - means) ** 2).sum(axis=-1).argmin(axis=1)
"""

ATTEMPTS = [
    # 1: dos sintaxis, un modelo ---------------------------------------------------------
    right(
        1,
        "con clear_session, sin nombrar las capas",
        """
        keras.utils.clear_session()
        entrada = keras.Input((784,))
        a = layers.Dense(64, "relu")
        b = layers.Dense(32, "relu")
        c = layers.Dense(10, "softmax")
        list_model = keras.Sequential([entrada, a, b, c])

        keras.utils.clear_session()
        add_model = keras.Sequential()
        add_model.add(keras.Input((784,)))
        add_model.add(layers.Dense(64, "relu"))
        add_model.add(layers.Dense(32, "relu"))
        add_model.add(layers.Dense(10, "softmax"))
        """,
    ),
    right(
        1,
        "la segunda, desde la configuración de la primera",
        """
        widths = {64: ops.relu, 32: ops.relu, 10: ops.softmax}
        stack = [layers.InputLayer(shape=(784,))]
        stack += [layers.Dense(n, activation=f, name=f"d{n}") for n, f in widths.items()]
        list_model = keras.Sequential(stack, name="misma")

        add_model = keras.Sequential(name=list_model.name)
        add_model.add(keras.Input(shape=[784]))
        for layer in list_model.layers:
            add_model.add(type(layer).from_config(layer.get_config()))
        """,
    ),
    wrong(
        1,
        "sin nombres",
        "¿los nombres son los mismos?",
        """
        def build():
            return [
                keras.Input((784,)),
                layers.Dense(64, activation="relu"),
                layers.Dense(32, activation="relu"),
                layers.Dense(10, activation="softmax"),
            ]

        list_model = keras.Sequential(build())
        add_model = keras.Sequential()
        for part in build():
            add_model.add(part)
        """,
    ),
    wrong(
        1,
        "sin activaciones",
        "no es relu",
        """
        def build():
            return [
                keras.Input((784,)),
                layers.Dense(64, name="a"),
                layers.Dense(32, name="b"),
                layers.Dense(10, name="c"),
            ]

        list_model = keras.Sequential(build(), name="m")
        add_model = keras.Sequential(name="m")
        for part in build():
            add_model.add(part)
        """,
    ),
    wrong(
        1,
        "sin Input",
        "¿le falta Input?",
        """
        list_model = keras.Sequential([layers.Dense(64), layers.Dense(32), layers.Dense(10)])
        add_model = list_model
        """,
    ),
    # 2: contar parámetros a mano --------------------------------------------------------
    right(
        2,
        "las tres cuentas escritas una por una",
        """
        by_layer = [784 * 128 + 128, 128 * 64 + 64, 64 * 10 + 10]
        hand_total = by_layer[0] + by_layer[1] + by_layer[2]
        counted_model = keras.Sequential(
            [
                keras.Input((784,)),
                layers.Dense(128, activation="relu"),
                layers.Dense(64, activation="relu"),
                layers.Dense(10, activation="softmax"),
            ]
        )
        """,
    ),
    right(
        2,
        "con NumPy y un modelo Functional",
        """
        ins, outs = np.array([784, 128, 64]), np.array([128, 64, 10])
        by_layer = (ins + 1) * outs
        hand_total = by_layer.sum()
        x = inputs = keras.Input((784,))
        for units in outs:
            x = layers.Dense(int(units))(x)
        counted_model = keras.Model(inputs, x)
        """,
    ),
    wrong(
        2,
        "sin sesgos",
        "¿contaste un sesgo por neurona?",
        """
        by_layer = [784 * 128, 128 * 64, 64 * 10]
        hand_total = sum(by_layer)
        counted_model = keras.Sequential(
            [keras.Input((784,)), layers.Dense(128), layers.Dense(64), layers.Dense(10)]
        )
        """,
    ),
    wrong(
        2,
        "otra red",
        "revisá los tamaños",
        """
        by_layer = [784 * 100 + 100, 100 * 50 + 50, 50 * 10 + 10]
        hand_total = sum(by_layer)
        counted_model = keras.Sequential(
            [keras.Input((784,)), layers.Dense(100), layers.Dense(50), layers.Dense(10)]
        )
        """,
    ),
    wrong(
        2,
        "el total sin sumar",
        "no la suma de by_layer",
        """
        by_layer = [784 * 128 + 128, 128 * 64 + 64, 64 * 10 + 10]
        hand_total = by_layer[-1]
        counted_model = keras.Sequential(
            [keras.Input((784,)), layers.Dense(128), layers.Dense(64), layers.Dense(10)]
        )
        """,
    ),
    # 3: entrenar, guardar, recargar -----------------------------------------------------
    right(
        3,
        "con add, etiquetas one-hot y SGD",
        """
        saved_model = keras.Sequential()
        saved_model.add(keras.Input((784,)))
        saved_model.add(layers.Dense(32))
        saved_model.add(layers.ReLU())
        saved_model.add(layers.Dense(10))
        saved_model.add(layers.Softmax())
        saved_model.compile("sgd", "categorical_crossentropy")
        few = keras.utils.to_categorical(y_train[:1500], 10)
        saved_model.fit(x_train[:1500], few, batch_size=32, epochs=5, verbose=0)
        keras.saving.save_model(saved_model, "ejercicio3.keras")
        loaded_model = keras.saving.load_model("ejercicio3.keras")
        """,
    ),
    right(
        3,
        "Functional, una época por vez",
        """
        inputs = keras.Input((784,))
        hidden = layers.Dense(32, "relu")(inputs)
        saved_model = keras.Model(inputs, layers.Dense(10, "softmax")(hidden))
        saved_model.compile(keras.optimizers.Nadam(), keras.losses.SparseCategoricalCrossentropy())
        for _ in range(5):
            saved_model.fit(x_train[:1500], y_train[:1500], verbose=0)
        saved_model.save("ejercicio3.keras")
        loaded_model = keras.models.load_model("ejercicio3.keras")
        """,
    ),
    wrong(
        3,
        "lotes de 64",
        "lotes de 32",
        """
        saved_model = keras.Sequential([keras.Input((784,)), layers.Dense(32, "relu"), layers.Dense(10, "softmax")])
        saved_model.compile("adam", "sparse_categorical_crossentropy")
        saved_model.fit(x_train[:1500], y_train[:1500], batch_size=64, epochs=5, verbose=0)
        saved_model.save("ejercicio3.keras")
        loaded_model = keras.models.load_model("ejercicio3.keras")
        """,
    ),
    wrong(
        3,
        "guardado antes de entrenar",
        "¿guardaste antes de terminar de entrenar?",
        """
        saved_model = keras.Sequential([keras.Input((784,)), layers.Dense(32, "relu"), layers.Dense(10, "softmax")])
        saved_model.compile("adam", "sparse_categorical_crossentropy")
        saved_model.save("ejercicio3.keras")
        loaded_model = keras.models.load_model("ejercicio3.keras")
        saved_model.fit(x_train[:1500], y_train[:1500], epochs=5, verbose=0)
        """,
    ),
    wrong(
        3,
        "compilado de nuevo después de cargar",
        "¿compilaste de nuevo?",
        """
        saved_model = keras.Sequential([keras.Input((784,)), layers.Dense(32, "relu"), layers.Dense(10, "softmax")])
        saved_model.compile("adam", "sparse_categorical_crossentropy")
        saved_model.fit(x_train[:1500], y_train[:1500], epochs=5, verbose=0)
        saved_model.save("ejercicio3.keras")
        loaded_model = keras.models.load_model("ejercicio3.keras")
        loaded_model.compile("adam", "sparse_categorical_crossentropy")
        """,
    ),
    # 4: una muestra contra cien ---------------------------------------------------------
    right(
        4,
        "con None y predict_on_batch",
        """
        one = model.predict_on_batch(x_test[0][None])
        hundred = model.predict_on_batch(x_test[:100])
        """,
    ),
    right(
        4,
        "llamando al modelo, que da tensores",
        """
        one = model(np.expand_dims(x_test[0], axis=0))
        hundred = model(ops.convert_to_tensor(x_test[:100]))
        """,
    ),
    wrong(
        4,
        "sin la dimensión del lote",
        "¿falta el lote?",
        """
        hundred = model.predict(x_test[:100], verbose=0)
        one = hundred[0]
        """,
    ),
    wrong(
        4,
        "otra imagen",
        "¿es la misma imagen?",
        """
        one = model.predict(x_test[-1:], verbose=0)
        hundred = model.predict(x_test[:100], verbose=0)
        """,
    ),
    # 5: cuánto habla fit ----------------------------------------------------------------
    right(
        5,
        "de a uno, con add",
        """
        talker = keras.Sequential()
        talker.add(keras.Input((784,)))
        talker.add(layers.Dense(10, "softmax"))
        talker.compile(loss="sparse_categorical_crossentropy")
        printed = dict()
        printed[0] = text_of_fit(talker, 0)
        printed[1] = text_of_fit(talker, 1)
        printed[2] = text_of_fit(talker, 2)
        for_file = 2
        """,
    ),
    right(
        5,
        "con redirect_stdout y una red nueva cada vez",
        """
        printed = {}
        for level in (2, 1, 0):
            talker = keras.Sequential([keras.Input((784,)), layers.Dense(10), layers.Softmax()])
            talker.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                talker.fit(x_train[:256], y_train[:256], epochs=2, verbose=level)
            printed[level] = out.getvalue()
        for_file = max(printed)
        """,
    ),
    wrong(
        5,
        "1 para el archivo",
        "los retrocesos de la barra",
        """
        talker = keras.Sequential([keras.Input((784,)), layers.Dense(10, "softmax")])
        talker.compile("adam", "sparse_categorical_crossentropy")
        printed = {level: text_of_fit(talker, level) for level in range(3)}
        for_file = 1
        """,
    ),
    wrong(
        5,
        "una lista de textos",
        "tiene que ser un diccionario",
        """
        talker = keras.Sequential([keras.Input((784,)), layers.Dense(10, "softmax")])
        talker.compile("adam", "sparse_categorical_crossentropy")
        printed = [text_of_fit(talker, level) for level in range(3)]
        for_file = 2
        """,
    ),
    # 6: doce pasos por época ------------------------------------------------------------
    right(
        6,
        "con add, SGD y el lote más grande que sirve",
        """
        size = 136
        planned = keras.Sequential()
        planned.add(keras.Input((784,)))
        planned.add(layers.Dense(10))
        planned.add(layers.Softmax())
        planned.compile("sgd", keras.losses.SparseCategoricalCrossentropy(), metrics=["accuracy"])
        run = planned.fit(
            x_train[:2000], y_train[:2000], size, 3, verbose=0, validation_split=1 / 4
        )
        """,
    ),
    right(
        6,
        "con one-hot y las apartadas a mano",
        """
        size = np.int64(130)
        inputs = keras.Input((784,))
        planned = keras.Model(inputs, layers.Dense(10, "softmax")(inputs))
        planned.compile("rmsprop", "categorical_crossentropy", metrics=["accuracy"])
        hot = keras.utils.to_categorical(y_train[:2000], 10)
        run = planned.fit(
            x_train[:1500], hot[:1500], batch_size=int(size), epochs=3, verbose=0,
            validation_data=(x_train[1500:2000], hot[1500:]),
        )
        """,
    ),
    wrong(
        6,
        "la cuenta con las 2000 filas",
        "¿dividiste las filas que quedan para entrenar?",
        PLANNED.format(size="2000 // 12", split="0.25"),
    ),
    wrong(
        6,
        "aparta otra fracción, con el mismo número de pasos",
        "¿apartaste el 25 % de las 2000?",
        PLANNED.format(size="136", split="0.2"),
    ),
    wrong(6, "sin validar", "no trae val_loss", PLANNED.format(size="167", split="0.0")),
    wrong(
        6,
        "size no es el lote que usó",
        "¿es el lote que usó fit?",
        PLANNED.format(size="125", split="0.25") + "size = 12\n",
    ),
    wrong(
        6,
        "sin softmax",
        "no suman 1",
        PLANNED.format(size="125", split="0.25").replace('"softmax"', '"linear"'),
    ),
    # 7: clasificar sin red --------------------------------------------------------------
    right(
        7,
        "con bucles y listas",
        """
        means = [x_train[y_train == c].mean(0).tolist() for c in range(10)]
        guess = []
        for row in x_test[:200]:
            guess.append(min(range(10), key=lambda c: np.sum((row - means[c]) ** 2)))
        """,
    ),
    right(
        7,
        "con una matriz one-hot y el cuadrado desarrollado",
        """
        hot = np.eye(10, dtype="float32")[y_train]
        means = hot.T @ x_train / hot.sum(axis=0)[:, None]
        score = 2 * x_test[:200] @ means.T - (means**2).sum(axis=1)
        guess = score.argmax(axis=1)
        """,
    ),
    wrong(
        7,
        "una columna por clase",
        "una fila por clase",
        MEANS.format(data="x_train") + "means = means.T\n",
    ),
    wrong(7, "sin escalar", "usá x_train", MEANS.format(data="x_train * 255")),
    wrong(
        7,
        "las filas en otro orden",
        "no es el promedio de las filas",
        MEANS.format(data="x_train[::-1]"),
    ),
    wrong(
        7,
        "la más lejana",
        "¿elegís la distancia más chica",
        MEANS.format(data="x_train").replace("argmin", "argmax"),
    ),
    wrong(
        7,
        "diferencias sin cuadrado",
        "¿elegís la distancia más chica",
        MEANS.format(data="x_train").replace(" ** 2", ""),
    ),
    wrong(
        7,
        "todas las filas de test",
        "una clase por fila",
        MEANS.format(data="x_train").replace("[:200, None]", "[:, None]"),
    ),
]

pytestmark = pytest.mark.slow  # one page of exercises is judged in every run

test_judged, test_complete, test_messages = suite(PAGE, ATTEMPTS)
