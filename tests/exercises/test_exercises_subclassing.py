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
]

test_judged, test_complete, test_messages = suite(PAGE, ATTEMPTS)
