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


THREE = """
ins = {"place": keras.Input((2,)), "home": keras.Input((5,)), "income": keras.Input((1,))}
codes = [layers.Dense(8, "relu")(node) for node in ins.values()]
joined = layers.Concatenate(name="joined")(codes)
three_inputs = keras.Model(ins, layers.Dense(1)(joined))
parts = {"place": x_test[:, :2], "home": x_test[:, 2:7], "income": x_test[:, 7:]}
"""

TWO_ENDS = """
start = keras.Input((8,))
code = layers.Dense(4, "relu", name="narrow")(layers.Dense(16, "{kind}", name="wide")(start))
funnel = keras.Model(start, layers.Dense(1, name="price")(code))
squeeze = keras.Model(start, code)
by_hand = {counts}
"""


def reused(
    twin="keras.models.model_from_json(recipe)",
    load='twin.load_weights("mlp.weights.h5")',
    base='keras.Model(twin.input, twin.get_layer("hidden_2").output)',
    freeze="base.trainable = False",
):
    return f"""
twin = {twin}
{load}
base = {base}
{freeze}
reuse = keras.Sequential([keras.Input((8,)), base, layers.Dense(1, name="new_head")])
"""


def cautious(answer):
    return f"""
class Cautious(keras.Model):
    def __init__(self):
        super().__init__()
        self.price = layers.Dense(1)

    def call(self, x):
        said = self.price(x)
        if isinstance(said, keras.KerasTensor):
            return said
        return {answer}
"""


def plain(n=3, kind="relu"):
    return f"""
hidden = [layers.Dense(16, "{kind}") for _ in range({n})]
plain = keras.Sequential([keras.Input((8,)), *hidden, layers.Dense(1)])
plain.set_weights(tower.get_weights())
"""


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
    # 6: el ingreso, por su cuenta -------------------------------------------------------
    right(
        6,
        "paso a paso, con el orden cambiado",
        """
        income = keras.Input((1,), name="income")
        place = keras.Input((2,), name="place")
        home = keras.Input((5,), name="home")
        a = layers.Dense(8, activation="relu")(income)
        b = layers.ReLU()(layers.Dense(8)(home))
        c = layers.Dense(8, activation="relu")(place)
        price = layers.Dense(1)(layers.Concatenate(name="joined")([a, b, c]))
        three_inputs = keras.Model({"income": income, "home": home, "place": place}, price)
        parts = dict(zip(("place", "home", "income"), np.split(x_test, [2, 7], axis=1)))
        """,
    ),
    right(
        6,
        "con una función que codifica",
        """
        def encode(node):
            return keras.Sequential([layers.Dense(8, keras.activations.relu)])(node)


        cuts = {"income": slice(-1, None), "place": slice(0, 2), "home": slice(2, -1)}
        parts = {name: x_test[:, cut] for name, cut in cuts.items()}
        nodes = {name: keras.Input(part.shape[1:]) for name, part in parts.items()}
        joined = layers.Concatenate(name="joined")([encode(node) for node in nodes.values()])
        three_inputs = keras.Model(inputs=nodes, outputs=layers.Dense(1)(joined))
        """,
    ),
    wrong(
        6,
        "una lista de entradas",
        "van en un diccionario",
        THREE.replace("keras.Model(ins,", "keras.Model(list(ins.values()),"),
    ),
    wrong(6, "el ingreso sin su eje", "tiene forma", THREE.replace("x_test[:, 7:]", "x_test[:, 7]")),
    wrong(6, "las columnas corridas", "trae otras columnas", THREE.replace("2:7", "3:8")),
    wrong(6, "sin ReLU", "falta la ReLU", THREE.replace(', "relu"', "")),
    # 7: dos modelos de un grafo ---------------------------------------------------------
    right(
        7,
        "squeeze pedido por el nombre de la capa",
        """
        start = keras.Input((8,), name="features")
        x = layers.Dense(16, activation=ops.tanh, name="wide")(start)
        x = layers.Dense(4, activation=ops.relu, name="narrow")(x)
        funnel = keras.Model(inputs=start, outputs=layers.Dense(1, name="price")(x))
        squeeze = keras.Model(funnel.input, funnel.get_layer("narrow").output)
        by_hand = (144, 68, 5)
        """,
    ),
    right(
        7,
        "en un for, y squeeze primero",
        """
        nodes = [keras.Input((8,))]
        for name, units, kind in (("wide", 16, "tanh"), ("narrow", 4, "relu"), ("price", 1, None)):
            nodes.append(layers.Dense(units, kind, name=name)(nodes[-1]))
        squeeze, funnel = (keras.Model(nodes[0], node) for node in nodes[2:])
        by_hand = [(before + 1) * after for before, after in ((8, 16), (16, 4), (4, 1))]
        """,
    ),
    wrong(
        7,
        "capas creadas dos veces",
        "Hay dos capas wide",
        """
        def chain(start):
            x = layers.Dense(16, "tanh", name="wide")(start)
            return layers.Dense(4, "relu", name="narrow")(x)


        start = keras.Input((8,))
        funnel = keras.Model(start, layers.Dense(1, name="price")(chain(start)))
        squeeze = keras.Model(start, chain(start))
        by_hand = [144, 68, 5]
        """,
    ),
    wrong(
        7, "sin los sesgos", "¿sumaste los sesgos?", TWO_ENDS.format(kind="tanh", counts=[128, 64, 4])
    ),
    wrong(7, "otra activación", "wide lleva tanh", TWO_ENDS.format(kind="relu", counts=[144, 68, 5])),
    wrong(
        7,
        "como Sequential",
        "Es un Sequential",
        """
        hidden = [keras.Input((8,)), layers.Dense(16, "tanh", name="wide"), layers.Dense(4, "relu", name="narrow")]
        squeeze = keras.Sequential(hidden)
        funnel = keras.Sequential([*hidden, layers.Dense(1, name="price")])
        by_hand = [144, 68, 5]
        """,
    ),
    # 8: reconstruir y reusar ------------------------------------------------------------
    right(
        8,
        "anidado, como nested",
        """
        twin = keras.models.model_from_json(recipe)
        twin.load_weights("mlp.weights.h5")
        base = keras.Model(twin.inputs, twin.get_layer("hidden_2").output, name="base")
        base.trainable = False
        inputs = keras.Input((8,))
        reuse = keras.Model(inputs, layers.Dense(1, name="new_head")(base(inputs)))
        """,
    ),
    right(
        8,
        "capa por capa, como Sequential",
        """
        twin = keras.models.model_from_json(recipe)
        twin.load_weights("mlp.weights.h5")
        learned = [twin.get_layer(name) for name in ("hidden_1", "hidden_2")]
        for layer in learned:
            layer.trainable = False
        reuse = keras.Sequential([keras.Input((8,)), *learned, layers.Dense(1, name="new_head")])
        """,
    ),
    wrong(8, "sin cargar los pesos", "¿cargaste los pesos?", reused(load="pass")),
    wrong(8, "sin congelar", "¿congelaste lo aprendido", reused(freeze="pass")),
    wrong(8, "el modelo original", "reconstruilo desde recipe", reused(twin="model", load="pass")),
    wrong(
        8,
        "capas nuevas del mismo tamaño",
        "¿creaste capas nuevas?",
        reused(
            base="keras.models.clone_model(keras.Model(twin.input, twin.get_layer('hidden_2').output))"
        ),
    ),
    # 9: frenar los negativos ------------------------------------------------------------
    right(
        9,
        "el mayor de los dos",
        cautious("ops.maximum(said, 0.1 * said)"),
    ),
    right(
        9,
        "como activación, con otro nombre para los argumentos",
        """
        class Cautious(keras.Model):
            def __init__(self):
                super().__init__()
                self.price = layers.Dense(1, name="price")
                self.soft = layers.LeakyReLU(negative_slope=0.1)

            def call(self, x, training=None):
                return self.soft(self.price(x))
        """,
    ),
    wrong(
        9,
        "un if sobre el promedio",
        "¿La decisión es por lote?",
        cautious("said if ops.convert_to_numpy(said).mean() > 0 else said / 10"),
    ),
    wrong(9, "una ReLU", "las otras se dividen por 10", cautious("ops.relu(said)")),
    wrong(
        9,
        "con NumPy adentro",
        "A mano anda, y en fit o predict no",
        """
        class Cautious(keras.Model):
            def __init__(self):
                super().__init__()
                self.price = layers.Dense(1)

            def build(self, shape):
                self.price.build(shape)

            def call(self, x):
                said = self.price(x)
                return ops.stack([row if row[0] > 0 else row / 10 for row in said])
        """,
    ),
    # 10: la primera que alcance ---------------------------------------------------------
    right(
        10,
        "con add",
        """
        plain = keras.Sequential(name="plain")
        plain.add(keras.Input((8,)))
        for _ in tower.hidden:
            plain.add(layers.Dense(16, activation="relu"))
        plain.add(layers.Dense(1))
        for mine, other in zip(plain.layers, [*tower.hidden, tower.price]):
            mine.set_weights(other.get_weights())
        """,
    ),
    right(
        10,
        "con ReLU aparte, y construida al final",
        """
        rows = [layer for _ in range(3) for layer in (layers.Dense(16), layers.ReLU())]
        plain = keras.Sequential([*rows, layers.Dense(1)])
        plain.build((None, 8))
        plain.set_weights(tower.get_weights())
        """,
    ),
    wrong(
        10,
        "con la API Functional",
        "La primera que alcanza es otra",
        """
        start = x = keras.Input((8,))
        for _ in range(3):
            x = layers.Dense(16, "relu")(x)
        plain = keras.Model(start, layers.Dense(1)(x))
        plain.set_weights(tower.get_weights())
        """,
    ),
    wrong(
        10,
        "la torre adentro de la lista",
        "Adentro hay una clase tuya",
        "plain = keras.Sequential([keras.Input((8,)), tower])",
    ),
    wrong(10, "sin los pesos", "¿copiaste los pesos?", plain().rpartition("plain.set")[0]),
    wrong(10, "sin ReLU", "¿Llevan ReLU", plain(kind="linear")),
    wrong(10, "una capa de menos", "parámetros y tower", plain(n=2).rpartition("plain.set")[0]),
]

pytestmark = pytest.mark.slow  # one page of exercises is judged in every run

test_judged, test_complete, test_messages = suite(PAGE, ATTEMPTS)
