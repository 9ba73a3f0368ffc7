"""Other answers to the exercises of Clase 103."""

import pytest

from tests.attempts import right, suite, wrong

PAGE = "clases/103-functional-y-subclassing"

WIDE_DEEP = """
inputs = keras.Input((8,), name="features")
wide = layers.Dense(1, name="wide")(inputs)
deep = layers.Dense(30, "{activation}", name="deep_1")(inputs)
deep = layers.Dense(30, "{activation}", name="deep_2")(deep)
deep = layers.Dense({out}, name="deep_out")(deep)
price = layers.{joint}(name="price")([{wide}, deep])
wide_deep = keras.Model(inputs, price)
"""

BLOCK = """
@keras.saving.register_keras_serializable("mio")
class ResBlock(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.hidden = layers.Dense(units{first})
        self.project = layers.Dense(units{second})

    def build(self, shape):
        self.hidden.build(shape)
        self.project.build(shape)

    def call(self, x):
        return ops.relu({sum})

    def get_config(self):
        return {{**super().get_config(), "units": self.units}}


res_net = keras.Sequential(
    [keras.Input((8,)), layers.Dense(30, "relu"), ResBlock(30), ResBlock(30), layers.Dense(1)]
)
"""


def block(first=', "relu"', second="", total="x + self.project(self.hidden(x))", train=True):
    code = BLOCK.format(first=first, second=second, sum=total)
    return code + 'fit(res_net, x_train, price_train, epochs=1, loss="mse")\n' * train


def wide_and_deep(activation="relu", out=1, joint="Add", wide="wide", train=True):
    code = WIDE_DEEP.format(activation=activation, out=out, joint=joint, wide=wide)
    return code + 'fit(wide_deep, x_train, price_train, epochs=4, loss="mse")\n' * train


ATTEMPTS = [
    # 1: Wide & Deep ---------------------------------------------------------------------
    right(
        1,
        "las ReLU como capas aparte, compilado a mano",
        """
        features = keras.Input(shape=(8,), name="features")
        x = layers.Dense(30, name="deep_1")(features)
        x = layers.ReLU()(x)
        x = layers.Dense(30, name="deep_2")(x)
        x = layers.Activation("relu")(x)
        x = layers.Dense(1, name="deep_out")(x)
        ancho = layers.Dense(1, name="wide")(features)
        wide_deep = keras.Model(inputs=features, outputs=layers.add([x, ancho], name="price"))
        wide_deep.compile(keras.optimizers.Adam(5e-3), "mae")
        wide_deep.fit(x_train, price_train, epochs=5, verbose=0)
        """,
    ),
    right(
        1,
        "las capas ocultas en un for",
        """
        inputs = keras.Input((8,), name="features")
        deep = inputs
        for n in (1, 2):
            deep = layers.Dense(30, activation=ops.relu, name=f"deep_{n}")(deep)
        both = [layers.Dense(1, name="wide")(inputs), layers.Dense(1, name="deep_out")(deep)]
        wide_deep = keras.Model(inputs, layers.Add(name="price")(both), name="ancho_y_profundo")
        fit(wide_deep, x_train, price_train, epochs=6, loss=keras.losses.Huber(), metrics=["mae"])
        """,
    ),
    wrong(
        1,
        "la entrada cruda en la suma",
        "¿sumaste la entrada cruda?",
        wide_and_deep(wide="inputs", train=False),
    ),
    wrong(
        1,
        "el promedio en vez de la suma",
        "sumalos con Add",
        wide_and_deep(joint="Average", train=False),
    ),
    wrong(1, "sin ReLU", "¿les falta la ReLU?", wide_and_deep(activation="linear", train=False)),
    wrong(1, "sin entrenar", "falta entrenar", wide_and_deep(train=False)),
    # 2: precio y rango de precio --------------------------------------------------------
    right(
        2,
        "capas sin nombre y métricas como objetos",
        """
        inputs = keras.Input((8,))
        trunk = layers.Dense(64, "relu")(layers.Dense(64, "relu")(inputs))
        heads = {"range": layers.Dense(3, "softmax")(trunk), "price": layers.Dense(1)(trunk)}
        price_range = keras.Model(inputs, heads)
        price_range.compile(
            keras.optimizers.Adam(3e-3),
            loss={"price": "mae", "range": keras.losses.SparseCategoricalCrossentropy()},
            metrics={
                "price": [keras.metrics.MeanAbsoluteError()],
                "range": [keras.metrics.SparseCategoricalAccuracy()],
            },
        )
        price_range.fit(x_train, {"range": range_train, "price": price_train}, epochs=8, verbose=0)
        """,
    ),
    right(
        2,
        "por subclasificación",
        """
        class TwoHeads(keras.Model):
            def __init__(self):
                super().__init__()
                self.trunk = [layers.Dense(64, "relu"), layers.Dense(32, "relu")]
                self.price = layers.Dense(1)
                self.level = layers.Dense(3, "softmax")

            def call(self, x):
                for dense in self.trunk:
                    x = dense(x)
                return {"price": self.price(x), "range": self.level(x)}


        price_range = TwoHeads()
        fit(
            price_range,
            x_train,
            {"price": price_train, "range": range_train},
            epochs=8,
            loss={"price": "mse", "range": "sparse_categorical_crossentropy"},
            metrics={"price": ["mae"], "range": ["accuracy"]},
        )
        """,
    ),
    wrong(
        2,
        "una lista de salidas",
        "tiene que ser un diccionario",
        """
        inputs = keras.Input((8,))
        trunk = layers.Dense(8, "relu")(inputs)
        price_range = keras.Model(inputs, [layers.Dense(1)(trunk), layers.Dense(3, "softmax")(trunk)])
        """,
    ),
    wrong(
        2,
        "dos redes separadas",
        "falta el tronco común",
        """
        inputs = keras.Input((8,))
        heads = {
            "price": layers.Dense(1)(layers.Dense(8, "relu")(inputs)),
            "range": layers.Dense(3, "softmax")(layers.Dense(8, "relu")(inputs)),
        }
        price_range = keras.Model(inputs, heads)
        """,
    ),
    wrong(
        2,
        "sin softmax",
        "¿falta softmax?",
        """
        inputs = keras.Input((8,))
        trunk = layers.Dense(8, "relu")(inputs)
        price_range = keras.Model(inputs, {"price": layers.Dense(1)(trunk), "range": layers.Dense(3)(trunk)})
        """,
    ),
    # 3: red siamesa ---------------------------------------------------------------------
    right(
        3,
        "diferencia al cuadrado y un codificador más hondo",
        """
        image = keras.Input((28, 28))
        x = layers.Dense(128, "relu")(layers.Flatten()(image))
        encoder = keras.Model(image, layers.Dense(64)(x))
        left, right = keras.Input((28, 28), name="left"), keras.Input((28, 28), name="right")
        gap = layers.Subtract()([encoder(left), encoder(right)])
        same = layers.Dense(1, "sigmoid")(layers.Multiply()([gap, gap]))
        siamese_net = keras.Model({"right": right, "left": left}, same)
        fit(siamese_net, pairs_train, same_train, epochs=4, loss="binary_crossentropy")
        """,
    ),
    right(
        3,
        "por subclasificación",
        """
        class Siamese(keras.Model):
            def __init__(self):
                super().__init__()
                self.flat = layers.Flatten()
                self.embed = layers.Dense(64, "relu")
                self.same = layers.Dense(1, "sigmoid")

            def call(self, pair):
                a, b = (self.embed(self.flat(pair[side])) for side in ("left", "right"))
                return self.same(ops.maximum(a, b) - ops.minimum(a, b))


        siamese_net = Siamese()
        fit(siamese_net, pairs_train, same_train, epochs=4, loss="binary_crossentropy")
        """,
    ),
    wrong(
        3,
        "dos codificadores",
        "hay dos codificadores",
        """
        sides = {side: keras.Input((28, 28), name=side) for side in ("left", "right")}
        a, b = (layers.Dense(64, "relu")(layers.Flatten()(side)) for side in sides.values())
        siamese_net = keras.Model(sides, layers.Dense(1, "sigmoid")(ops.abs(a - b)))
        fit(siamese_net, pairs_train, same_train, epochs=1, loss="binary_crossentropy")
        """,
    ),
    wrong(
        3,
        "concatenar y listo",
        "la comparación depende del orden",
        """
        sides = {side: keras.Input((28, 28), name=side) for side in ("left", "right")}
        embed = layers.Dense(64, "relu")
        both = layers.Concatenate()([embed(layers.Flatten()(side)) for side in sides.values()])
        siamese_net = keras.Model(sides, layers.Dense(1, "sigmoid")(both))
        """,
    ),
    wrong(
        3,
        "sin entrenar",
        "¿Faltan épocas?",
        """
        sides = {side: keras.Input((28, 28), name=side) for side in ("left", "right")}
        embed = layers.Dense(64, "relu")
        a, b = (embed(layers.Flatten()(side)) for side in sides.values())
        siamese_net = keras.Model(sides, layers.Dense(1, "sigmoid")(ops.abs(a - b)))
        """,
    ),
    # 4: un bloque residual como capa ----------------------------------------------------
    right(4, "con ops.relu y sin controlar el ancho", block()),
    right(
        4,
        "creando las Dense en build, y la red con la API Functional",
        """
        @keras.saving.register_keras_serializable(package="otra", name="Salto")
        class ResBlock(layers.Layer):
            def __init__(self, units, **kwargs):
                super().__init__(**kwargs)
                self.units = units

            def build(self, input_shape):
                self.hidden = layers.Dense(self.units, activation=keras.activations.relu)
                self.hidden.build(input_shape)
                self.project = layers.Dense(self.units)
                self.project.build(input_shape)
                self.join = layers.Add()

            def call(self, inputs):
                change = self.project(self.hidden(inputs))
                return keras.activations.relu(self.join([change, inputs]))

            def get_config(self):
                config = super().get_config()
                config.update(units=self.units)
                return config


        inputs = keras.Input((8,))
        x = layers.Dense(30, "relu")(inputs)
        for _ in range(2):
            x = ResBlock(30)(x)
        res_net = keras.Model(inputs, layers.Dense(1)(x))
        res_net.compile("adam", "mae")
        res_net.fit(x_train, price_train, epochs=2, verbose=0)
        """,
    ),
    wrong(4, "sin el salto", "revisá la suma", block(total="self.project(self.hidden(x))", train=False)),
    wrong(4, "la primera sin ReLU", "hidden va primero y con ReLU", block(first="", train=False)),
    wrong(4, "la segunda con ReLU", "sin activación", block(second=', "relu"', train=False)),
    wrong(4, "sin build", "¿escribiste build", block().replace("def build", "def sin_build")),
    wrong(
        4,
        "sin registrar",
        "¿registraste la clase",
        block().replace('@keras.saving.register_keras_serializable("mio")\n', ""),
    ),
    wrong(4, "sin entrenar", "entrenalo con price_train", block(train=False)),
    # 5: encontrar los dos caminos -------------------------------------------------------
    right(
        5,
        "tuplas en vez de listas",
        """
        keras.utils.plot_model(wide_deep, to_file="model.png", show_layer_names=True)
        deep = ("features", "deep_1", "deep_2", "deep_out", "price")
        paths = (("features", "wide", "price"), deep)
        """,
    ),
    right(
        5,
        "recorriendo el grafo",
        """
        def walk(name):
            if name == "price":
                return [[name]]
            ahead = [target for source, target in arrows(wide_deep) if source == name]
            return [[name, *rest] for target in ahead for rest in walk(target)]


        paths = sorted(walk("features"), key=len)
        """,
    ),
    wrong(
        5,
        "el profundo primero",
        "El camino ancho va primero",
        """
        paths = [["features", "deep_1", "deep_2", "deep_out", "price"], ["features", "wide", "price"]]
        """,
    ),
    wrong(
        5,
        "una capa salteada",
        "¿salteaste una capa?",
        """
        paths = [["features", "wide", "price"], ["features", "deep_1", "deep_out", "price"]]
        """,
    ),
]

pytestmark = pytest.mark.slow  # one page of exercises is judged in every run

test_judged, test_complete, test_messages = suite(PAGE, ATTEMPTS)
