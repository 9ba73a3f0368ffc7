"""Other answers to the exercises of Clase 119."""

import pytest

from tests.attempts import right, suite, wrong

PAGE = "clases/119-losses-metricas-capas-modelos"

FOCAL = """
class FocalLoss(keras.losses.Loss):
    def __init__(self, gamma=2.0, alpha=0.25, **kwargs):
        super().__init__(**kwargs)
        self.gamma, self.alpha = gamma, alpha

    def call(self, y_true, y_pred):
        {body}


def trained(loss):
    net = fashion_net()
    net.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
    net.fit(x_train, y_train, epochs=2, verbose=0)
    return net.evaluate(x_test, y_test, verbose=0)[1]


"""
TRAINED = 'focal_accuracy, ce_accuracy = trained(FocalLoss()), trained("categorical_crossentropy")\n'


def focal(body, train=True):
    return FOCAL.format(body=body.replace("\n", "\n        ")) + TRAINED * train


CLIPPED = """
class ClippedModel(keras.Model):
    def __init__(self, network, clip_norm):
        super().__init__()
        self.network, self.limit = network, clip_norm
        self.watch = keras.metrics.Mean(name="grad_norm")

    def call(self, inputs, training=False):
        return self.network(inputs, training=training)

    def train_step(self, data):
        x, y, weight = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(x, y, y_pred, sample_weight={weight})
        grads = tape.gradient(loss, self.trainable_variables)
        {clip}
        self.optimizer.apply(grads, self.trainable_variables)
        self.watch.update_state({watched})
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss, sample_weight=ops.shape(x)[0])
        return self.compute_metrics(x, y, y_pred, sample_weight=weight)
"""


def clipped(
    clip="grads, norm = tf.clip_by_global_norm(grads, self.limit)", watched="norm", weight="weight"
):
    return CLIPPED.format(clip=clip, watched=watched, weight=weight)


SCALED = """
class Scaled(ScaledDraft):
    def get_config(self):
        {config}

    @classmethod
    def from_config(cls, config):
        fn = keras.saving.deserialize_keras_object(config.pop("fn"))
        return cls(fn=fn, **config)


scaled_model = keras.Sequential([keras.Input((4,)), Scaled({factor}, {fn}), layers.Dense(1)])
scaled_model.save("ejercicio5.keras")
loaded_model = keras.models.load_model("ejercicio5.keras", custom_objects=dict(Scaled=Scaled))
"""
CONFIG = """config = super(ScaledDraft, self).get_config()
        config["factor"] = self.factor
        config["fn"] = keras.saving.serialize_keras_object(self.fn)
        return config"""

RESHAPE = "y_true = ops.reshape(y_true, ops.shape(y_pred))"
SHORT = """
class ShortCost(keras.losses.Loss):
    def __init__(self, factor=3.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, y_true, y_pred):
        {first}
        gap = y_true - y_pred
        return ops.mean(ops.where(gap > 0, self.factor * gap, -gap), axis=-1)

    def get_config(self):
        return {config}
"""

ATTEMPTS = [
    # 1: focal loss ----------------------------------------------------------------------
    right(
        1,
        "primero p_t y después la cuenta",
        focal(
            "p_t = ops.sum(ops.cast(y_true, y_pred.dtype) * y_pred, axis=-1)\n"
            "p_t = ops.maximum(p_t, 1e-7)\n"
            "return -self.alpha * ops.power(1 - p_t, self.gamma) * ops.log(p_t)"
        ),
    ),
    right(
        1,
        "la entropía cruzada de Keras, con el factor adelante",
        focal(
            "ce = keras.losses.categorical_crossentropy(y_true, y_pred)\n"
            "return self.alpha * (1 - ops.exp(-ce)) ** self.gamma * ce"
        ),
    ),
    wrong(
        1,
        "sin recortar",
        "falta ops.clip",
        focal(
            "return -ops.sum(y_true * self.alpha * (1 - y_pred) ** self.gamma * ops.log(y_pred), axis=-1)",
            train=False,
        ),
    ),
    wrong(
        1,
        "un promedio en vez de un valor por muestra",
        "uno por muestra",
        focal(
            "p = ops.clip(y_pred, 1e-7, 1 - 1e-7)\n"
            "each = -self.alpha * (1 - p) ** self.gamma * ops.log(p)\n"
            "return ops.mean(ops.sum(y_true * each, axis=-1))",
            train=False,
        ),
    ),
    wrong(
        1,
        "alpha solo para los positivos, como en la binaria",
        "compará tu fórmula",
        focal(
            "p = ops.clip(y_pred, 1e-7, 1 - 1e-7)\n"
            "mine = -self.alpha * (1 - p) ** self.gamma * ops.log(p)\n"
            "rest = -(1 - self.alpha) * p**self.gamma * ops.log(1 - p)\n"
            "return ops.sum(ops.where(y_true > 0.5, mine, rest), axis=-1)",
            train=False,
        ),
    ),
    # 2: F1 macro con estado -------------------------------------------------------------
    right(
        2,
        "con una cuenta por par de clases",
        """
        class MacroF1(keras.metrics.Metric):
            def __init__(self, num_classes, name="f1_macro", **kwargs):
                super().__init__(name=name, **kwargs)
                self.n = num_classes
                self.table = self.add_variable((num_classes, num_classes), "zeros", name="table")

            def labels(self, y):
                y = ops.convert_to_tensor(y)
                y = ops.argmax(y, axis=-1) if len(y.shape) == 2 and y.shape[1] == self.n else y
                return ops.cast(ops.reshape(y, (-1,)), "int32")

            def update_state(self, y_true, y_pred, sample_weight=None):
                cell = self.labels(y_pred) * self.n + self.labels(y_true)
                each = ops.one_hot(cell, self.n * self.n)
                if sample_weight is not None:
                    each = each * ops.cast(ops.reshape(sample_weight, (-1, 1)), "float32")
                self.table.assign_add(ops.reshape(ops.sum(each, axis=0), (self.n, self.n)))

            def result(self):
                good = ops.diagonal(self.table)
                both = ops.sum(self.table, 0) + ops.sum(self.table, 1)
                return ops.mean(2 * good / ops.maximum(both, 1e-9))
        """,
    ),
    right(
        2,
        "desde la precisión y la exhaustividad",
        """
        class MacroF1(keras.metrics.Metric):
            def __init__(self, num_classes):
                super().__init__()
                self.num_classes = num_classes
                self.matrix = self.add_weight(shape=(num_classes, num_classes), initializer="zeros")

            def update_state(self, y_true, y_pred, sample_weight=None):
                if len(np.shape(y_true)) == 1:
                    y_true = ops.one_hot(ops.cast(y_true, "int32"), self.num_classes)
                said = ops.one_hot(ops.argmax(y_pred, axis=1), self.num_classes)
                if sample_weight is not None:
                    said = said * ops.expand_dims(ops.cast(sample_weight, "float32"), 1)
                y_true = ops.cast(y_true, "float32")
                self.matrix.assign(self.matrix + ops.einsum("nt,np->tp", y_true, said))

            def result(self):
                tp = ops.diagonal(self.matrix)
                fn = ops.sum(self.matrix, axis=1) - tp
                fp = ops.sum(self.matrix, axis=0) - tp
                precision = ops.divide_no_nan(tp, tp + fp)
                recall = ops.divide_no_nan(tp, tp + fn)
                return ops.mean(ops.divide_no_nan(2 * precision * recall, precision + recall))
        """,
    ),
    wrong(
        2,
        "promedia el F1 de cada lote",
        "¿promediaste F1",
        """
        class MacroF1(keras.metrics.MeanMetricWrapper):
            def __init__(self, num_classes):
                super().__init__(macro_f1_of, name="macro_f1")
        """,
    ),
    wrong(
        2,
        "ignora sample_weight",
        "multiplicaste las cuentas por sample_weight",
        """
        class MacroF1(keras.metrics.Metric):
            def __init__(self, num_classes):
                super().__init__()
                self.num_classes = num_classes
                self.matrix = self.add_weight(shape=(num_classes, num_classes), initializer="zeros")

            def update_state(self, y_true, y_pred, sample_weight=None):
                if len(np.shape(y_true)) == 1:
                    y_true = ops.one_hot(y_true, self.num_classes)
                said = ops.one_hot(ops.argmax(y_pred, axis=1), self.num_classes)
                self.matrix.assign_add(ops.matmul(ops.transpose(y_true), said))

            def result(self):
                total = ops.sum(self.matrix, axis=0) + ops.sum(self.matrix, axis=1)
                return ops.mean(ops.divide_no_nan(2 * ops.diagonal(self.matrix), total))
        """,
    ),
    # 3: una capa que normaliza ----------------------------------------------------------
    right(
        3,
        "con ops.normalize",
        """
        class L2Normalize(layers.Layer):
            def __init__(self, axis=-1, **kwargs):
                super().__init__(**kwargs)
                self.axis = axis

            def call(self, x):
                return ops.normalize(x, axis=self.axis, order=2, epsilon=1e-12)


        inputs = keras.Input((784,))
        unit_model = keras.Model(inputs, layers.Dense(10)(L2Normalize()(inputs)))
        """,
    ),
    right(
        3,
        "con rsqrt y add",
        """
        class L2Normalize(keras.Layer):
            def __init__(self, axis=-1):
                super().__init__()
                self.axis = axis

            def call(self, inputs):
                squares = ops.sum(inputs * inputs, axis=self.axis, keepdims=True)
                return inputs * ops.rsqrt(ops.maximum(squares, 1e-12))


        unit_model = keras.Sequential()
        unit_model.add(keras.Input((784,)))
        unit_model.add(L2Normalize())
        unit_model.add(layers.Dense(32, "relu"))
        unit_model.add(layers.Dense(10, "softmax"))
        """,
    ),
    wrong(
        3,
        "la versión obvia, sin piso",
        "falta el piso",
        """
        class L2Normalize(layers.Layer):
            def __init__(self, axis=-1):
                super().__init__()
                self.axis = axis

            def call(self, x):
                return x / ops.norm(x, axis=self.axis, keepdims=True)
        """,
    ),
    wrong(
        3,
        "sin raíz",
        "¿sacaste la raíz",
        """
        class L2Normalize(layers.Layer):
            def __init__(self, axis=-1):
                super().__init__()
                self.axis = axis

            def call(self, x):
                return x / ops.maximum(ops.sum(x**2, axis=self.axis, keepdims=True), 1e-12)
        """,
    ),
    wrong(
        3,
        "ignora axis",
        "usá self.axis",
        """
        class L2Normalize(layers.Layer):
            def __init__(self, axis=-1):
                super().__init__()

            def call(self, x):
                return ops.normalize(x, axis=-1)
        """,
    ),
    # 4: recortar el gradiente -----------------------------------------------------------
    right(4, "con tf.clip_by_global_norm", clipped()),
    right(
        4,
        "con los gradientes en un solo vector",
        clipped(
            "flat = ops.concatenate([ops.reshape(g, (-1,)) for g in grads])\n"
            "        norm = ops.norm(flat)\n"
            "        grads = [ops.where(norm > self.limit, g * self.limit / norm, g) for g in grads]"
        ),
    ),
    wrong(
        4,
        "recorta cada tensor por separado",
        "uno solo para todos los tensores",
        clipped(
            "norm = tf.linalg.global_norm(grads)\n        grads = [tf.clip_by_norm(g, self.limit) for g in grads]"
        ),
    ),
    wrong(
        4,
        "registra la norma recortada",
        "la norma de antes de recortar",
        clipped(watched="tf.linalg.global_norm(grads)"),
    ),
    wrong(4, "se olvida de los pesos por muestra", "sample_weight cuenta", clipped(weight="None")),
    wrong(
        4,
        "devuelve solo la pérdida",
        "¿devuelve train_step todas las métricas?",
        clipped().replace("return self.compute_metrics(", "self.compute_metrics(")
        + '        return {"loss": loss}\n',
    ),
    # 5: get_config, guardar y cargar ----------------------------------------------------
    right(
        5,
        "heredando de ScaledDraft",
        SCALED.format(config=CONFIG, factor=0.5, fn="keras.activations.tanh"),
    ),
    right(
        5,
        "con el nombre de la función, y Functional",
        """
        class Scaled(layers.Layer):
            def __init__(self, factor, fn, **kwargs):
                super().__init__(**kwargs)
                self.fn = fn
                self.factor = factor

            def call(self, x):
                return self.fn(ops.multiply(x, self.factor))

            def get_config(self):
                own = {"factor": self.factor, "fn": keras.activations.serialize(self.fn)}
                return super().get_config() | own

            @classmethod
            def from_config(cls, config):
                return cls(**{**config, "fn": keras.activations.get(config["fn"])})


        inputs = keras.Input((4,))
        scaled = Scaled(fn=keras.activations.tanh, factor=3, name="escala")(inputs)
        scaled_model = keras.Model(inputs, layers.Dense(1)(scaled))
        scaled_model.save("ejercicio5.keras")
        loaded_model = keras.saving.load_model("ejercicio5.keras", {"Scaled": Scaled})
        """,
    ),
    wrong(
        5,
        "sin super().get_config()",
        "super().get_config()",
        SCALED.format(
            config='return {"factor": self.factor, "fn": keras.saving.serialize_keras_object(self.fn)}',
            factor=2.0,
            fn="keras.activations.tanh",
        ),
    ),
    wrong(
        5,
        "loaded_model es el mismo",
        "es el mismo objeto",
        SCALED.format(config=CONFIG, factor=2.0, fn="keras.activations.tanh")
        + "loaded_model = scaled_model\n",
    ),
    # 6: quedarse corto cuesta más -------------------------------------------------------
    right(
        6,
        "con relu de los dos lados",
        """
        def short_cost(y_true, y_pred):
            missing = ops.relu(y_true - y_pred)
            spare = ops.relu(y_pred - y_true)
            return ops.mean(3 * missing + spare, axis=-1)
        """,
    ),
    right(
        6,
        "con un factor por elemento, y suma",
        """
        def short_cost(y_true, y_pred):
            factor = 1.0 + 2.0 * ops.cast(y_pred < y_true, "float32")
            return ops.sum(factor * ops.abs(y_pred - y_true), axis=1) / y_pred.shape[1]
        """,
    ),
    wrong(
        6,
        "un escalar",
        "uno por fila",
        """
        def short_cost(y_true, y_pred):
            gap = y_true - y_pred
            return ops.mean(ops.where(gap > 0, 3 * gap, -gap))
        """,
    ),
    wrong(
        6,
        "los argumentos cruzados",
        "Castiga al que se pasó",
        """
        def short_cost(y_pred, y_true):
            gap = y_true - y_pred
            return ops.mean(ops.where(gap > 0, 3 * gap, -gap), axis=-1)
        """,
    ),
    wrong(
        6,
        "suma la fila en vez de promediarla",
        "el promedio de la fila",
        """
        def short_cost(y_true, y_pred):
            gap = y_true - y_pred
            return ops.sum(ops.where(gap > 0, 3 * gap, -gap), axis=-1)
        """,
    ),
    # 7: el costo, con su factor ---------------------------------------------------------
    right(
        7,
        "con maximum",
        """
        class ShortCost(keras.losses.Loss):
            def __init__(self, factor=3.0, name="short_cost", **kwargs):
                super().__init__(name=name, **kwargs)
                self.factor = float(factor)

            def call(self, y_true, y_pred):
                gap = ops.reshape(y_true, y_pred.shape) - y_pred
                return ops.mean(ops.maximum(self.factor * gap, -gap), axis=-1)

            def get_config(self):
                config = super().get_config()
                config.update(factor=self.factor)
                return config
        """,
    ),
    right(
        7,
        "agrega el eje solo si falta",
        """
        class ShortCost(keras.losses.Loss):
            def __init__(self, factor=3.0, name=None, reduction="mean", dtype=None):
                super().__init__(name=name, reduction=reduction, dtype=dtype)
                self.factor = factor

            def call(self, y_true, y_pred):
                if len(y_true.shape) < len(y_pred.shape):
                    y_true = ops.expand_dims(y_true, -1)
                short = ops.cast(y_pred < y_true, "float32")
                factor = short * self.factor + (1 - short)
                return ops.mean(factor * ops.abs(y_true - y_pred), axis=-1)

            def get_config(self):
                return super().get_config() | {"factor": self.factor}
        """,
    ),
    wrong(
        7,
        "sin acomodar la forma",
        "ops.reshape",
        SHORT.format(first="", config='super().get_config() | {"factor": self.factor}'),
    ),
    wrong(
        7,
        "sin el factor en la config",
        "sumá factor",
        SHORT.format(first=RESHAPE, config="super().get_config()"),
    ),
    wrong(
        7,
        "la config, sin lo de la clase madre",
        "super().get_config()",
        SHORT.format(first=RESHAPE, config='{"factor": self.factor}'),
    ),
    # 8: entre las dos primeras ----------------------------------------------------------
    right(
        8,
        "con la segunda más alta",
        """
        def in_top_2(y_true, y_pred):
            second = ops.sort(y_pred, axis=-1)[:, -2]
            own = ops.sum(y_true * y_pred, axis=-1)
            return ops.cast(own >= second, "float32")
        """,
    ),
    right(
        8,
        "con top_k",
        """
        def in_top_2(y_true, y_pred):
            _, best = ops.top_k(y_pred, 2)
            label = ops.cast(ops.argmax(y_true, -1), best.dtype)
            same = ops.any(best == ops.expand_dims(label, -1), axis=-1)
            return ops.where(same, 1.0, 0.0)
        """,
    ),
    wrong(
        8,
        "un promedio por lote",
        "un número por",
        """
        def in_top_2(y_true, y_pred):
            hit = ops.in_top_k(ops.argmax(y_true, -1), y_pred, k=2)
            return ops.mean(ops.cast(hit, "float32"))
        """,
    ),
    wrong(
        8,
        "solo la primera",
        "entre las dos más probables",
        """
        def in_top_2(y_true, y_pred):
            hit = ops.argmax(y_true, -1) == ops.argmax(y_pred, -1)
            return ops.cast(hit, "float32")
        """,
    ),
    # 9: etiquetas con tope --------------------------------------------------------------
    right(
        9,
        "con maximum y minimum",
        """
        class CappedTargets(keras.Model):
            def train_step(self, data):
                x, y, weight = keras.utils.unpack_x_y_sample_weight(data)
                low = ops.minimum(ops.maximum(y, -4.0), 4.0)
                return super().train_step(keras.utils.pack_x_y_sample_weight(x, low, weight))
        """,
    ),
    right(
        9,
        "sin desarmar los pesos",
        """
        class CappedTargets(keras.Model):
            def train_step(self, data):
                x, y, *rest = data
                return super().train_step((x, ops.clip(y, -4, 4), *rest))
        """,
    ),
    wrong(
        9,
        "desarma dos cosas",
        "unpack_x_y_sample_weight",
        """
        class CappedTargets(keras.Model):
            def train_step(self, data):
                x, y = data
                return super().train_step((x, ops.clip(y, -4.0, 4.0)))
        """,
    ),
    wrong(
        9,
        "pierde los pesos",
        "pasás los pesos",
        """
        class CappedTargets(keras.Model):
            def train_step(self, data):
                x, y, _ = keras.utils.unpack_x_y_sample_weight(data)
                return super().train_step((x, ops.clip(y, -4.0, 4.0)))
        """,
    ),
    wrong(
        9,
        "recorta también en la validación",
        "solo al entrenar",
        """
        class CappedTargets(keras.Model):
            def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, **kwargs):
                y = ops.clip(y, -4.0, 4.0)
                return super().compute_loss(x, y, y_pred, sample_weight, **kwargs)
        """,
    ),
    # 10: qué pesos no se movieron -------------------------------------------------------
    right(
        10,
        "con un diccionario",
        """
        def stuck(model, x, y):
            def values():
                return {v.path: v.numpy().copy() for v in model.trainable_variables}

            before = values()
            model.train_on_batch(x, y)
            after = values()
            return [path for path in before if (before[path] == after[path]).all()]
        """,
    ),
    right(
        10,
        "con get_weights y un solo lote en fit",
        """
        def stuck(model, x, y):
            old = [w.copy() for w in model.get_weights()]
            model.fit(x, y, batch_size=len(x), epochs=1, verbose=0)
            moved = [np.any(a != b) for a, b in zip(old, model.get_weights(), strict=True)]
            return [v.path for v, m in zip(model.weights, moved, strict=True) if not m]
        """,
    ),
    wrong(
        10,
        "compara cada variable con ella misma",
        "copiaste los valores",
        """
        def stuck(model, x, y):
            before = list(model.trainable_variables)
            model.train_on_batch(x, y)
            pairs = zip(before, model.trainable_variables)
            return [v.path for old, v in pairs if np.array_equal(old.numpy(), v.numpy())]
        """,
    ),
    wrong(
        10,
        "el nombre en vez del path",
        "cut/kernel y cut/bias",
        """
        def stuck(model, x, y):
            before = [v.numpy().copy() for v in model.trainable_variables]
            model.train_on_batch(x, y)
            pairs = zip(before, model.trainable_variables)
            return [v.name for old, v in pairs if np.array_equal(old, v.numpy())]
        """,
    ),
    wrong(
        10,
        "una época de muchos pasos",
        "va uno",
        """
        def stuck(model, x, y):
            before = [v.numpy().copy() for v in model.trainable_variables]
            model.fit(x, y, verbose=0)
            pairs = zip(before, model.trainable_variables)
            return [v.path for old, v in pairs if np.array_equal(old, v.numpy())]
        """,
    ),
]

pytestmark = pytest.mark.slow  # one page of exercises is judged in every run

test_judged, test_complete, test_messages = suite(PAGE, ATTEMPTS)
