"""Other answers to the exercises of the guide to the Functional API."""

import pytest

from tests.attempts import right, suite, wrong

PAGE = "guias/api-funcional"

WIDE_NET = """
same = {{"padding": "same"}}
inputs = keras.Input((32, 32, 3))
stem = layers.Conv2D(16, 3, activation="{stem}", name="stem", **same)(inputs)
x = layers.Conv2D(32, 3, activation="relu", name="conv_a", **same)(stem)
x = layers.Conv2D(32, 3, name="conv_b", **same)(x)
skip = layers.Conv2D(32, {size}, name="shortcut", **same)(stem)
x = layers.{joint}(name="joined")([x, skip])
x = layers.GlobalAveragePooling2D()(x)
wide_net = keras.Model(inputs, layers.Dense(10, "softmax")(x))
"""

ROUTER = """
node = router.get_layer("joined").output
angry = layers.Dense({units}, {activation}, name="angry")(node)
priority, department = router.outputs
outputs = {{"priority": priority, "department": department, "angry": angry}}
router_plus = keras.Model(router.inputs, outputs)
"""
LOSSES = """
router_plus.compile(
    "adam",
    loss={
        "angry": "binary_crossentropy",
        "department": "categorical_crossentropy",
        "priority": "binary_crossentropy",
    },
)
"""

SCALED = """
class ScaledDense(layers.Dense):
    def __init__(self, units, factor=1.0, **kwargs):
        super().__init__(units, **kwargs)
        self.factor = factor

    def call(self, inputs):
        return {answer}

    def get_config(self):
        return {config}


scaled_model = keras.Sequential([keras.Input((4,)), ScaledDense(3, factor=10.0, name="scaled")])
scaled_copy = keras.Sequential.from_config(
    scaled_model.get_config(), custom_objects={{"ScaledDense": ScaledDense}}
)
scaled_copy.set_weights(scaled_model.get_weights())
"""


def scaled(
    answer="super().call(inputs) * self.factor", config='{**super().get_config(), "factor": self.factor}'
):
    return SCALED.format(answer=answer, config=config)


COUNTED = """
start = keras.Input((12,))
x = layers.Dense({a}, "{kind}", name="first")(start)
x = layers.Dense({b}, "{kind}", name="second")(x)
found = keras.Model(start, layers.Dense(2, "{last}", name="third")(x))
"""


def went_on(
    load='keras.models.load_model("before.keras")',
    ready="",
    moved="int(student.optimizer.iterations) - start",
    same="False",
):
    return f"""
mnist_model.save("before.keras")
student = {load}
start = int(student.optimizer.iterations)
{ready}
student.fit(x_train[:3200], y_train[:3200], verbose=0)
moved, same = {moved}, {same}
"""


def compared(node="hidden_2", joint="Subtract", order="left), eyes(right", made="eyes"):
    return f"""
eyes = keras.Model(mnist_model.input, mnist_model.get_layer("{node}").output)
eyes = {made}
left, right = keras.Input((784,)), keras.Input((784,))
compare = keras.Model([left, right], layers.{joint}()([eyes({order})]))
"""


def against(ones):
    return f"""
@keras.saving.register_keras_serializable()
class Against(layers.Layer):
    def call(self, a, b):
        x = ops.concatenate([a, b], axis=1)
        return ops.concatenate([x - ops.mean(x, axis=1, keepdims=True), {ones}], axis=1)


pair = [keras.Input((3,)), keras.Input((3,))]
against_model = keras.Model(pair, Against()(*pair))
"""


def careful(answer, source="doubter"):
    return f"""
class Careful(keras.Model):
    def decide(self, x, limit):
        probs = self.predict(x, verbose=0)
        best, sure = probs.argmax(axis=1), probs.max(axis=1)
        return {answer}


source = {source}
careful = Careful(source.input, source.output)
"""


ATTEMPTS = [
    # 1: mirar por dentro ----------------------------------------------------------------
    right(
        1,
        "por posición, con ops",
        """
        two_views = keras.Model(
            inputs=mnist_model.inputs,
            outputs=dict(probs=mnist_model.outputs[0], hidden=mnist_model.layers[2].output),
        )
        hidden = two_views(x_test[:200])["hidden"]
        off_share = ops.mean(ops.cast(ops.equal(hidden, 0.0), "float32"))
        """,
    ),
    right(
        1,
        "volviendo a llamar a las capas",
        """
        image = keras.Input((784,))
        first, second, last = mnist_model.layers[1:]
        seen = second(first(image))
        two_views = keras.Model(image, {"probs": last(seen), "hidden": seen})
        active = np.count_nonzero(two_views.predict(x_test[:200], verbose=0)["hidden"])
        off_share = 1 - active / (200 * 64)
        """,
    ),
    wrong(
        1,
        "la otra capa del mismo ancho",
        "no es la salida de hidden_2",
        """
        hidden = mnist_model.layers[1].output
        two_views = keras.Model(mnist_model.input, {"hidden": hidden, "probs": mnist_model.output})
        off_share = float((two_views.predict(x_test[:200], verbose=0)["hidden"] == 0).mean())
        """,
    ),
    wrong(
        1,
        "una lista de salidas",
        "tiene que ser un diccionario",
        """
        hidden = mnist_model.get_layer("hidden_2").output
        two_views = keras.Model(mnist_model.input, [hidden, mnist_model.output])
        off_share = float((two_views.predict(x_test[:200], verbose=0)[0] == 0).mean())
        """,
    ),
    wrong(
        1,
        "la parte que no es cero",
        "la parte de ceros de hidden",
        """
        hidden = mnist_model.get_layer("hidden_2").output
        two_views = keras.Model(mnist_model.input, {"hidden": hidden, "probs": mnist_model.output})
        off_share = float((two_views.predict(x_test[:200], verbose=0)["hidden"] > 0).mean())
        """,
    ),
    # 2: un salto que cambia de ancho ----------------------------------------------------
    right(
        2,
        "ReLU como capas aparte y layers.add",
        """
        img = keras.Input(shape=(32, 32, 3))
        stem = layers.ReLU()(layers.Conv2D(16, 3, padding="same", name="stem")(img))
        a = layers.ReLU()(layers.Conv2D(32, 3, padding="same", name="conv_a")(stem))
        b = layers.Conv2D(32, 3, padding="same", name="conv_b")(a)
        cut = layers.Conv2D(32, kernel_size=(1, 1), name="shortcut", padding="same")(stem)
        y = layers.GlobalAveragePooling2D()(layers.add([cut, b], name="joined"))
        wide_net = keras.Model(img, layers.Softmax()(layers.Dense(10)(y)))
        """,
    ),
    right(
        2,
        "el salto como Dense sobre los canales, y el promedio con ops",
        """
        def conv(name, units, x, **options):
            return layers.Conv2D(units, 3, padding="same", name=name, **options)(x)


        img = keras.Input(shape=(32, 32, 3))
        stem = conv("stem", 16, img, activation="relu")
        path = conv("conv_b", 32, conv("conv_a", 32, stem, activation="relu"))
        joined = layers.Add(name="joined")([path, layers.Dense(32, name="shortcut")(stem)])
        probs = layers.Dense(10, "softmax")(ops.mean(joined, axis=(1, 2)))
        wide_net = keras.Model(img, probs)
        """,
    ),
    wrong(2, "un salto de 3 × 3", "¿de qué tamaño", WIDE_NET.format(stem="relu", size=3, joint="Add")),
    wrong(
        2,
        "concatenar",
        "¿falta padding, o concatenaste?",
        WIDE_NET.format(stem="relu", size=1, joint="Concatenate"),
    ),
    wrong(
        2,
        "stem sin ReLU",
        "¿stem y conv_a llevan ReLU?",
        WIDE_NET.format(stem="linear", size=1, joint="Add"),
    ),
    wrong(
        2,
        "el promedio en vez de la suma",
        "sumalos con Add",
        WIDE_NET.format(stem="relu", size=1, joint="Average"),
    ),
    # 3: una cabeza más ------------------------------------------------------------------
    right(3, "otro orden y otro optimizador", ROUTER.format(units=1, activation='"sigmoid"') + LOSSES),
    right(
        3,
        "llamando a router y con las pérdidas como objetos",
        """
        wires = router.input
        body = keras.Model(wires, [*router.outputs, router.get_layer("joined").output])
        again = [keras.Input(t.shape[1:], dtype=t.dtype, name=t.name) for t in router.inputs]
        p, d, node = body(again)
        angry = layers.Dense(1, activation=ops.sigmoid, name="angry")(node)
        router_plus = keras.Model(again, {"angry": angry, "department": d, "priority": p})
        binary = keras.losses.BinaryCrossentropy()
        router_plus.compile(
            loss={
                "priority": binary,
                "department": keras.losses.CategoricalCrossentropy(),
                "angry": binary,
            }
        )
        """,
    ),
    wrong(
        3,
        "una pérdida para todas",
        "no es categorical_crossentropy",
        ROUTER.format(units=1, activation='"sigmoid"')
        + 'router_plus.compile("adam", loss=dict.fromkeys(outputs, "binary_crossentropy"))\n',
    ),
    wrong(
        3, "sin sigmoide", "¿falta la activación?", ROUTER.format(units=1, activation="None") + LOSSES
    ),
    wrong(3, "sin compilar", "Falta compilar", ROUTER.format(units=1, activation='"sigmoid"')),
    wrong(3, "dos columnas", "tendrían que ser 173", ROUTER.format(units=2, activation='"softmax"')),
    # 4: una capa que sobrevive a la copia -----------------------------------------------
    right(4, "heredando de Dense, en un Sequential", scaled()),
    right(
        4,
        "desde cero, el sesgo primero, con clone_model",
        """
        class ScaledDense(layers.Layer):
            def __init__(self, units=32, factor=1.0, **kwargs):
                super().__init__(**kwargs)
                self.units, self.factor = units, factor

            def build(self, shape):
                self.b = self.add_weight(shape=(self.units,), initializer="zeros", name="b")
                self.w = self.add_weight(shape=(shape[-1], self.units), name="w")

            def call(self, x):
                return ops.add(ops.matmul(x, self.w * self.factor), self.factor * self.b)

            def get_config(self):
                config = super().get_config()
                config["units"], config["factor"] = self.units, self.factor
                return config


        four = keras.Input((4,))
        scaled_model = keras.Model(four, ScaledDense(3, 10.0, name="scaled")(four))
        scaled_copy = keras.models.clone_model(scaled_model)
        for old, new in zip(scaled_model.weights, scaled_copy.weights):
            new.assign(old)
        """,
    ),
    wrong(
        4,
        "get_config sin factor",
        "¿están los dos en get_config?",
        scaled(config="super().get_config()"),
    ),
    wrong(
        4,
        "get_config sin el nombre",
        "perdió el nombre",
        scaled(config='{"units": self.units, "factor": self.factor}'),
    ),
    wrong(
        4,
        "el factor no llega a los sesgos",
        "multiplica también a los sesgos",
        scaled("ops.matmul(inputs, self.kernel) * self.factor + self.bias"),
    ),
    wrong(
        4,
        "sin copiar los pesos",
        "¿le copiaste los pesos?",
        scaled().replace("scaled_copy.set", "scaled_model.set"),
    ),
    # 5: de la cuenta al grafo -----------------------------------------------------------
    right(
        5,
        "las activaciones como capas",
        """
        start = keras.Input((12,), name="start")
        x = layers.ReLU()(layers.Dense(10, name="first")(start))
        x = layers.ReLU()(layers.Dense(3, name="second")(x))
        x = layers.Softmax()(layers.Dense(2, name="third")(x))
        found = keras.Model(start, x, name="found")
        """,
    ),
    right(
        5,
        "en un for, con los anchos despejados",
        """
        width, x = 12, keras.Input((12,))
        start = x
        for name, count in (("first", 130), ("second", 33), ("third", 8)):
            width = count // (width + 1)
            kind = "softmax" if name == "third" else "relu"
            x = layers.Dense(width, activation=kind, name=name)(x)
        found = keras.Model(inputs=start, outputs=x)
        """,
    ),
    wrong(
        5, "contar sin los sesgos", "y buscamos", COUNTED.format(a=11, b=3, kind="relu", last="softmax")
    ),
    wrong(5, "sin softmax", "¿falta softmax?", COUNTED.format(a=10, b=3, kind="relu", last="linear")),
    wrong(
        5,
        "tanh en vez de ReLU",
        "las dos primeras llevan ReLU",
        COUNTED.format(a=10, b=3, kind="tanh", last="softmax"),
    ),
    # 6: la copia que sigue sola ---------------------------------------------------------
    right(
        6,
        "con los pasos anotados antes",
        """
        mnist_model.save("before.keras")
        student = keras.saving.load_model("before.keras")
        start = int(student.optimizer.iterations)
        student.fit(x_train[:3200], y_train[:3200], epochs=1, batch_size=32, verbose=0)
        moved = int(student.optimizer.iterations) - start
        gap = mnist_model.predict(x_test[:200], verbose=0) - student.predict(x_test[:200], verbose=0)
        same = bool(np.abs(gap).max() == 0)
        """,
    ),
    right(
        6,
        "contando los lotes con un callback",
        """
        mnist_model.save("before.keras")
        student = keras.models.load_model("before.keras")
        seen = []
        spy = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(batch))
        student.fit(x_train[:3200], y_train[:3200], callbacks=[spy], verbose=0)
        moved, same = len(seen), False
        """,
    ),
    wrong(
        6,
        "compilar de nuevo",
        "¿Volviste a compilar?",
        went_on(ready='student.compile("rmsprop", "sparse_categorical_crossentropy")'),
    ),
    wrong(6, "el mismo modelo con otro nombre", "cargalo del archivo", went_on(load="mnist_model")),
    wrong(
        6, "moved es el total", "los pasos de más", went_on(moved="int(student.optimizer.iterations)")
    ),
    wrong(6, "creer que siguen juntos", "sale lo contrario", went_on(same="True")),
    # 7: los mismos ojos, en el medio ----------------------------------------------------
    right(
        7,
        "llamando a cada capa, con ops",
        """
        left, right = keras.Input((784,)), keras.Input((784,))
        seen = []
        for side in (left, right):
            for name in ("hidden_1", "hidden_2"):
                side = mnist_model.get_layer(name)(side)
            seen.append(side)
        compare = keras.Model([left, right], ops.subtract(*seen))
        """,
    ),
    right(
        7,
        "un Sequential con las capas de la red",
        """
        eyes = keras.Sequential([keras.Input((784,)), *mnist_model.layers[1:3]])
        pair = [keras.Input((784,), name=name) for name in ("one", "other")]
        one, other = map(eyes, pair)
        compare = keras.Model(inputs=pair, outputs=one - other)
        """,
    ),
    wrong(7, "hasta hidden_1", "una sola copia de los pesos, hasta hidden_2", compared(node="hidden_1")),
    wrong(7, "la suma", "¿otra cuenta, otro nodo o capas nuevas?", compared(joint="Add")),
    wrong(7, "al revés", "el primero menos lo que ve", compared(order="right), eyes(left")),
    wrong(
        7, "una copia con pesos nuevos", "capas nuevas", compared(made="keras.models.clone_model(eyes)")
    ),
    # 8: una resta con tamaño libre ------------------------------------------------------
    right(8, "con ones_like", against("ops.ones_like(x[:, :1])")),
    right(
        8,
        "rellenando con pad, y las entradas con nombre",
        """
        @keras.saving.register_keras_serializable()
        class Against(keras.Layer):
            def call(self, a, b):
                mean = (ops.sum(a, axis=1) + ops.sum(b, axis=1)) / 6
                parts = [a - mean[:, None], b - mean[:, None]]
                whole = ops.concatenate(parts, axis=1)
                return ops.pad(whole - 1, [[0, 0], [0, 1]]) + 1


        a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
        against_model = keras.Model(inputs=[a, b], outputs=Against(name="against")(a, b))
        """,
    ),
    wrong(
        8,
        "el lote fijo",
        "¿el tamaño del lote quedó fijo?",
        against("ops.ones((32, 1))").replace("(3,)", "batch_shape=(32, 3)"),
    ),
    wrong(8, "ceros en vez de unos", "tiene que ser de unos", against("ops.zeros_like(x[:, :1])")),
    wrong(
        8,
        "el promedio del lote",
        "¿promediaste el lote",
        against("ops.ones_like(x[:, :1])").replace("axis=1, keepdims", "axis=0, keepdims"),
    ),
    wrong(
        8,
        "sin registrar",
        "¿registraste la clase",
        against("ops.ones_like(x[:, :1])").replace("@keras.saving.register_keras_serializable()", ""),
    ),
    # 9: un grafo con un método ----------------------------------------------------------
    right(
        9,
        "fila por fila, con las entradas sueltas",
        """
        class Careful(keras.Model):
            def decide(self, x, limit):
                rows = self.predict(x, verbose=0)
                return np.array([row.argmax() if row.max() >= limit else -1 for row in rows])


        careful = Careful(inputs=doubter.input, outputs=doubter.output, name="careful")
        """,
    ),
    right(
        9,
        "heredando de Doubter, con una llamada",
        """
        class Careful(Doubter):
            def decide(self, x, limit):
                probs = ops.convert_to_numpy(self(x, training=False))
                said = probs.argmax(axis=-1)
                said[probs.max(axis=-1) < limit] = -1
                return said


        careful = Careful(doubter.input, doubter.output)
        """,
    ),
    wrong(9, "sin callarse nunca", "o −1 si no llega", careful("best")),
    wrong(
        9,
        "la probabilidad en vez de la clase",
        "o −1 si no llega",
        careful("np.where(sure >= limit, sure, -1)"),
    ),
    wrong(
        9,
        "una caja cerrada",
        "careful no es un grafo",
        """
        class Careful(keras.Model):
            def call(self, x):
                return doubter(x)

            def decide(self, x, limit):
                probs = self.predict(x, verbose=0)
                return np.where(probs.max(1) >= limit, probs.argmax(1), -1)


        careful = Careful()
        careful(x_test[:2])
        """,
    ),
    wrong(
        9,
        "una red nueva, sin lo aprendido",
        "¿creaste capas nuevas?",
        careful(
            "np.where(sure >= limit, best, -1)",
            "keras.models.clone_model(keras.Model(doubter.input, doubter.output))",
        ),
    ),
]

pytestmark = pytest.mark.slow  # one page of exercises is judged in every run

test_judged, test_complete, test_messages = suite(PAGE, ATTEMPTS)
