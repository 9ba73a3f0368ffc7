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
]

pytestmark = pytest.mark.slow  # one page of exercises is judged in every run

test_judged, test_complete, test_messages = suite(PAGE, ATTEMPTS)
