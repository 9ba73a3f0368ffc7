"""Other answers to the exercises of the guide to Model Subclassing."""

from tests.attempts import right, suite, wrong

PAGE = "guias/model-subclassing"

SKIP = """
class SkipNet(keras.Model):
    def __init__(self, num_classes, units=32, blocks=2):
        super().__init__()
        self.out = layers.Dense(num_classes, activation="softmax")
        self.drop = layers.Dropout(0.3)
        self.blocks = {blocks}
        self.enter = layers.Dense(units, "relu")

    def call(self, inputs{flag}):
        x = ops.cast(inputs, "float32"){scale}
        x = self.enter(ops.reshape(x, (-1, 784)))
        for block in self.blocks:
            x = {step}
        return self.out(self.drop(x{passed}))


skip_net = SkipNet(10, blocks=3)
skip_net.compile("adam", keras.losses.SparseCategoricalCrossentropy())
skip_net.fit(images, labels, epochs={epochs}, verbose=0)
"""


def skip_net(**changes):
    usual = {
        "blocks": '[layers.Dense(units, "relu") for _ in range(blocks)]',
        "flag": ", training=None",
        "passed": ", training=training",
        "scale": " / 255",
        "step": "ops.add(block(x), x)",
        "epochs": 3,
    }
    return SKIP.format(**{**usual, **changes})


HARD = """
def hard_step(net, optimizer, x, y):
    with tf.GradientTape() as tape:
        y_pred = net(x, training={training})
        each = keras.losses.sparse_categorical_crossentropy(y, y_pred)
        {loss}
    optimizer.apply(tape.gradient(loss, net.trainable_variables), net.trainable_variables)
    return {answer}
"""


def hard_step(loss, training=True, answer="float(loss)"):
    return HARD.format(loss=loss, training=training, answer=answer)


MASKED = "loss = tf.reduce_mean(tf.boolean_mask(each, each >= np.median(each)))"

REFINER = """
class Refiner(keras.Model):
    def __init__(self, steps=3):
        super().__init__()
        self.steps = {kept}
        self.probs = layers.Dense(10)
        self.again = layers.Dense(64)

    def call(self, x):
        done = 0
        while done < {until}:
            x, done = {step}, done + 1
        return ops.softmax(self.probs(x))


refiner = Refiner()
"""


def refiner(kept="steps", until="self.steps", step="ops.tanh(self.again(x))"):
    return REFINER.format(kept=kept, until=until, step=step)


TWO_PATHS = """
class TwoPaths(keras.Model):
    def __init__(self):
        super().__init__()
        self.join, self.out = layers.Concatenate(), layers.Dense(1)
        self.wide, self.narrow = layers.Dense(8), layers.Dense(4)

    def call(self, x):
        a = {first}
        b = {second}
        return {last}


paths = TwoPaths()
{built}
"""


def two_paths(**changes):
    usual = {
        "first": "ops.relu(self.wide(x))",
        "second": "ops.tanh(self.narrow(x))",
        "last": "self.out(self.join([a, b]))",
        "built": "paths(rows)",
    }
    return TWO_PATHS.format(**{**usual, **changes})


CAUTIOUS = """
@keras.saving.register_keras_serializable(package="mio")
class Cautious(Classifier):
    def __init__(self, num_classes, *args, floor=0.1, **kwargs):
        super().__init__(num_classes{passed})
        self.floor = floor

    def call(self, inputs, training=None):
        p = super().call(inputs, training)
        return keras.ops.add(keras.ops.multiply(p, {share}), {even})

    def get_config(self):
        config = super().get_config()
        config.update({own})
        return config


cautious = Cautious(3, hidden=(16,){given})
"""


def cautious(**changes):
    usual = {
        "passed": ", *args, **kwargs",
        "share": "1 - self.floor",
        "even": "self.floor / self.num_classes",
        "own": "floor=self.floor",
        "given": ", floor=0.3",
    }
    return CAUTIOUS.format(**{**usual, **changes})


ATTEMPTS = [
    # 1: bloques con salto ---------------------------------------------------------------
    right(1, "con ops, y la salida creada primero", skip_net()),
    right(
        1,
        "un Sequential a la entrada y Add para los saltos",
        """
        @keras.saving.register_keras_serializable(package="mio")
        class SkipNet(keras.Model):
            def __init__(self, num_classes, units=32, blocks=2, **kwargs):
                super().__init__(**kwargs)
                relu = dict(units=units, activation=keras.activations.relu)
                self.start = keras.Sequential(
                    [layers.Flatten(), layers.Rescaling(1.0 / 255), layers.Dense(**relu)]
                )
                self.count, self.join = blocks, layers.Add()
                for n in range(blocks):
                    setattr(self, f"block_{n}", layers.Dense(**relu))
                self.head = keras.Sequential(
                    [layers.Dropout(0.3), layers.Dense(num_classes), layers.Softmax()]
                )

            def call(self, inputs, training=False):
                x = self.start(inputs)
                for n in range(self.count):
                    x = self.join([x, getattr(self, f"block_{n}")(x)])
                return self.head(x, training=training)


        skip_net = SkipNet(num_classes=10, units=32, blocks=3, name="skip_net")
        skip_net.compile(keras.optimizers.Adam(2e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
        skip_net.fit(images, labels, batch_size=16, epochs=3, verbose=0)
        """,
    ),
    wrong(
        1,
        "una sola Dense repetida",
        "¿cada bloque tiene su propia Dense?",
        skip_net(blocks='[layers.Dense(units, "relu")] * blocks'),
    ),
    wrong(1, "sin declarar training", "¿declaraste training en call?", skip_net(flag="", passed="")),
    wrong(
        1,
        "dropout siempre encendido",
        "el Dropout tiene que callarse",
        skip_net(passed=", training=True"),
    ),
    wrong(1, "sin la suma", "x + bloque(x)", skip_net(step="block(x)", epochs=1)),
    wrong(1, "sin escalar", "¿escalás a 0–1", skip_net(scale="", epochs=1)),
    wrong(1, "sin entrenar", "¿lo entrenaste", skip_net(epochs=0)),
    # 2: un paso que solo mira lo difícil ------------------------------------------------
    right(2, "con boolean_mask", hard_step(MASKED)),
    right(
        2,
        "con las k peores",
        hard_step(
            "worst = ops.top_k(each, k=len(x) // 2)[0]\n        loss = ops.mean(worst)",
            answer="loss.numpy().item()",
        ),
    ),
    wrong(
        2,
        "promedia todo el lote",
        "¿dividiste por cuántas quedaron?",
        hard_step("loss = ops.mean(each)"),
    ),
    wrong(
        2,
        "divide por todo el lote",
        "¿dividiste por cuántas quedaron?",
        hard_step('loss = ops.mean(each * ops.cast(each >= np.median(each), "float32"))'),
    ),
    wrong(
        2,
        "informa lo difícil y aprende de todo",
        "el gradiente es el de ese promedio",
        hard_step(
            "loss = ops.mean(each)",
            answer="float(tf.reduce_mean(tf.boolean_mask(each, each >= np.median(each))))",
        ),
    ),
    wrong(2, "en modo inferencia", "training=True", hard_step(MASKED, training=False)),
    wrong(2, "devuelve un tensor", "convertilo con float", hard_step(MASKED, answer="loss")),
    # 3: vueltas que se eligen después ---------------------------------------------------
    right(3, "con ops, y un while en vez del for", refiner()),
    right(
        3,
        "una Dense seguida de Activation, y **kwargs",
        """
        class Refiner(keras.Model):
            def __init__(self, steps=3, **kwargs):
                super().__init__(**kwargs)
                self.steps = steps
                self.turn = keras.Sequential([layers.Dense(64), layers.Activation("tanh")])
                self.head = keras.Sequential([layers.Dense(10), layers.Softmax()])

            def call(self, inputs, training=False):
                x = inputs
                for _ in range(self.steps):
                    x = self.turn(x)
                return self.head(x)


        refiner = Refiner(steps=3, name="refiner")
        """,
    ),
    wrong(
        3,
        "una Dense por vuelta",
        "¿es la misma Dense(64) en cada vuelta?",
        """
        class Refiner(keras.Model):
            def __init__(self, steps=3):
                super().__init__()
                self.steps = steps
                self.turns = [layers.Dense(64, "tanh") for _ in range(steps)]
                self.head = layers.Dense(10, "softmax")

            def call(self, x):
                for turn in self.turns:
                    x = turn(x)
                return self.head(x)


        refiner = Refiner()
        """,
    ),
    wrong(3, "un número fijo de vueltas", "leé self.steps dentro de call", refiner(until="3")),
    wrong(3, "sin tanh", "¿tanh en cada vuelta", refiner(step="self.again(x)")),
    wrong(
        3, "softmax en cada vuelta", "¿tanh en cada vuelta", refiner(step="ops.softmax(self.again(x))")
    ),
    wrong(3, "ignora el argumento", "no guarda 7", refiner(kept="3")),
    # 4: dos caminos que se juntan -------------------------------------------------------
    right(4, "con Concatenate, y las activaciones en call", two_paths()),
    right(
        4,
        "un dict de capas y el otro orden",
        """
        class TwoPaths(keras.Model):
            def __init__(self, **kwargs):
                super().__init__(**kwargs)
                self.parts = {
                    "tanh": layers.Dense(4, keras.activations.tanh),
                    "relu": layers.Dense(8, keras.activations.relu),
                    "out": layers.Dense(1),
                }

            def call(self, inputs, training=False):
                sides = [self.parts[name](inputs) for name in ("tanh", "relu")]
                return self.parts["out"](ops.hstack(sides))


        paths = TwoPaths(name="paths")
        paths(keras.Input((3,)))
        """,
    ),
    wrong(4, "sin llamarlo", "no a su método call", two_paths(built="")),
    wrong(
        4,
        "con .call",
        "no a su método call",
        two_paths(built="paths.call(ops.convert_to_tensor(rows))"),
    ),
    wrong(4, "uno detrás del otro", "¿las creaste en __init__", two_paths(second="self.narrow(a)")),
    wrong(
        4,
        "las capas nacen en call",
        "¿las creaste en __init__",
        two_paths(last="layers.Dense(1)(self.join([a, b]))"),
    ),
    wrong(4, "sin tanh", "¿ReLU en la de 8", two_paths(second="self.narrow(x)")),
    wrong(
        4,
        "las activaciones cambiadas",
        "¿ReLU en la de 8",
        two_paths(first="ops.tanh(self.wide(x))", second="ops.relu(self.narrow(x))"),
    ),
    # 5: un piso para cada clase ---------------------------------------------------------
    right(5, "con keras.ops, y update en la configuración", cautious()),
    right(
        5,
        "sin heredar de Classifier",
        """
        class Cautious(keras.Model):
            def __init__(self, num_classes, hidden=(64,), rate=0.2, floor=0.1, **kwargs):
                super().__init__(**kwargs)
                self.own = dict(num_classes=num_classes, hidden=list(hidden), rate=rate, floor=floor)
                self.floor = floor
                self.enter = [layers.Rescaling(1 / 255), layers.Flatten()]
                self.stack = [layers.Dense(n, "relu") for n in hidden] + [layers.Dropout(rate)]
                self.stack += [layers.Dense(num_classes, "softmax")]

            def call(self, x, training=False):
                for layer in self.enter + self.stack:
                    drops = {"training": training} if isinstance(layer, layers.Dropout) else {}
                    x = layer(x, **drops)
                return x + self.floor * (1 / x.shape[-1] - x)

            def get_config(self):
                return super().get_config() | self.own


        cautious = Cautious(3, (16,), floor=0.3)
        cautious.predict(images[:2], verbose=0)
        """,
    ),
    wrong(5, "floor fuera de get_config", "¿está en get_config?", cautious(own="{}")),
    wrong(5, "reparte floor a cada clase", "va 0.7 * p + 0.1", cautious(even="self.floor")),
    wrong(5, "no usa floor", "va 0.7 * p + 0.1", cautious(even="0", share="1")),
    wrong(5, "no pasa los demás argumentos", "¿llegan num_classes y hidden", cautious(passed="")),
    wrong(5, "con el piso de fábrica", "va 0.7 * p + 0.1", cautious(given="")),
    # 6: abrir la caja -------------------------------------------------------------------
    right(
        6,
        "en un bucle, con las salidas en una tupla",
        """
        tensor = entry = keras.Input((28, 28))
        steps = []
        for layer in (raw.flat, raw.hidden, raw.probs):
            tensor = layer(tensor)
            steps.append(tensor)
        opened = keras.Model(inputs=entry, outputs=tuple(steps[1:]))
        """,
    ),
    right(
        6,
        "una sola expresión por salida, con raw.layers",
        """
        flat, hidden, probs = raw.layers
        entry = keras.Input(batch_shape=(None, 28, 28))
        middle = hidden(flat(entry))
        opened = keras.models.Model([entry], [middle, probs(middle)], name="opened")
        """,
    ),
    wrong(
        6,
        "raw entero",
        "llamá a sus capas una por una",
        """
        image = keras.Input((28, 28))
        opened = keras.Model(image, [raw.hidden(raw.flat(image)), raw(image)])
        """,
    ),
    wrong(
        6,
        "capas nuevas",
        "le falta raw.hidden",
        """
        image = keras.Input((28, 28))
        middle = layers.Dense(64, "relu")(raw.flat(image))
        opened = keras.Model(image, [middle, layers.Dense(10, "softmax")(middle)])
        opened.set_weights(raw.get_weights())
        """,
    ),
    wrong(
        6,
        "las salidas al revés",
        "primero la de raw.hidden",
        """
        image = keras.Input((28, 28))
        middle = raw.hidden(raw.flat(image))
        opened = keras.Model(image, [raw.probs(middle), middle])
        """,
    ),
    wrong(
        6,
        "una sola salida",
        "primero la de raw.hidden",
        """
        image = keras.Input((28, 28))
        opened = keras.Model(image, raw.probs(raw.hidden(raw.flat(image))))
        """,
    ),
    wrong(
        6,
        "otra clase en vez de un grafo",
        "no tiene entradas",
        """
        opened = Simple()
        opened(keras.Input((28, 28)))
        """,
    ),
    wrong(
        6,
        "algo en el medio",
        "no contesta lo mismo que raw",
        """
        image = keras.Input((28, 28))
        middle = raw.hidden(raw.flat(image))
        opened = keras.Model(image, [middle, raw.probs(middle * 2 + 1)])
        """,
    ),
]

test_judged, test_complete, test_messages = suite(PAGE, ATTEMPTS)
