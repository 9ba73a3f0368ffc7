"""Verificador del homework de la Clase 119: focal loss y F1 macro con 5 % de positivos.

Un solo archivo, que solo necesita Keras y NumPy: dejalo al lado de un notebook y usá
`from homework import check`, o correlo adentro.

Compara los números de cada pieza con los correctos y con los de las equivocaciones de
siempre: de ahí salen las pistas. Tampoco cree lo informado: recalcula los F1 con los
modelos, busca la pérdida en el modelo compilado y en sus probabilidades, y ve con qué
filas aprendió por lo bien que las conoce. Anda en cualquier backend.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field

import keras
import numpy as np

__all__ = ["check"]

#: Lo que hay que ganar en el caso solapado con umbral 0,5, en puntos de F1 (de 100).
MIN_GAIN, MIN_SEEDS, MIN_WINS = 2.0, 5, 0.8

#: Pasos mínimos del optimizador por entrenamiento.
MIN_STEPS = 100

#: Dónde se espera la mejora y dónde no, con la distancia entre las clases.
HARD, EASY = "solapadas", "separadas"
GAP = {HARD: 1.5, EASY: 4.0}

#: Dos modelos son el mismo si sus probabilidades nunca difieren más que esto. Y la parte
#: de su pérdida que una red todavía puede ahorrar moviendo sus logits.
SAME, MAX_LEFT = 1e-3, 0.05

#: γ, y los factores de positivos y de negativos, de cada pérdida.
LOSSES = {
    "cross-entropy": (0.0, 1.0, 1.0),
    "focal": (2.0, 0.75, 0.25),
    "α=0.25": (2.0, 0.25, 0.75),
    "α pareja": (2.0, 0.5, 0.5),
    "sin γ": (0.0, 0.75, 0.25),
}
BASE, FOCAL = "cross-entropy", "focal"
ASKED = {HARD: list(LOSSES), EASY: [BASE, FOCAL]}

#: Lo que define quien entrega, en el orden en que lo recibe `check`.
DEFINES = {
    "BinaryFocalLoss": "la pérdida, con «gamma» y «alpha»",
    "MacroF1": "la métrica",
    "runs": "una lista con un diccionario por entrenamiento",
    "make_split": "la función del enunciado que da los datos",
}


@dataclass
class Criterion:
    """Una línea de la lista; `ok` es None si no se pudo juzgar."""

    name: str
    ok: bool | None
    measured: str = ""
    hint: str = ""

    def __str__(self):
        mark = {True: "✔", False: "✘", None: "–"}[self.ok]
        line = f"{mark} {self.name}: {self.measured}"
        return f"{line}\n    → {self.hint}" if self.hint and not self.ok else line


@dataclass
class Report:
    """Lo que encontró `check`. `print(report)` muestra la lista.

    Attributes:
        criteria: Las líneas de la lista, en orden.
        gains: Por conjunto y umbral ("0.5" o "elegido"), los puntos de F1 macro que suma
            la focal en test, uno por semilla.
    """

    criteria: list[Criterion] = field(default_factory=list)
    gains: dict[tuple[str, str], list[float]] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Si se juzgaron y se cumplen todos los criterios."""
        return all(criterion.ok for criterion in self.criteria)

    def __str__(self):
        met = sum(criterion.ok is True for criterion in self.criteria)
        last = f"{met} de {len(self.criteria)} criterios."
        verdict = "Homework aprobado: " if self.passed else "Todavía no: "
        return "\n".join([*map(str, self.criteria), verdict + last])


def check(focal_loss, macro_f1, runs, make_split) -> Report:
    """Juzga el homework.

    Args:
        focal_loss: Clase o función que con `gamma` y `alpha` por nombre da una pérdida para
            una columna de probabilidades; `alpha` va con los positivos.
        macro_f1: Clase o función que da una métrica para dos clases, sin argumentos o con
            `num_classes`; o una métrica, o una función de etiquetas y predicciones.
        runs: Un diccionario por entrenamiento: "setting", "loss" (de `LOSSES`, u otra para
            comparar más), "seed", "model", "f1" (en test, umbral 0,5), "threshold"
            (elegido en validación) y "f1_tuned" (con ese umbral).
        make_split: Función de conjunto y semilla que da
            `(x_train, y_train), (x_valid, y_valid), (x_test, y_test)`.

    Returns:
        Un `Report`. No lanza por lo que hagan las piezas o los modelos.
    """
    study = _Study(runs, make_split)
    criteria = [*_judge_pieces(focal_loss, macro_f1), *_judge_runs(study)]
    return Report(criteria, study.gains)


def _judge_pieces(focal_loss, macro_f1) -> list[Criterion]:
    return [
        _guarded(name, judge, piece)
        for name, judge, piece in (
            ("Focal loss", _loss_formula, focal_loss),
            ("Pérdida con pesos", _loss_weights, focal_loss),
            ("F1 macro", _metric_value, macro_f1),
            ("F1 entre épocas", _metric_reset, macro_f1),
            ("F1 con etiquetas (n,)", _metric_shapes, macro_f1),
            ("F1 con pesos", _metric_weights, macro_f1),
        )
    ]


def _judge_runs(study) -> list[Criterion]:
    """Si falla uno de los tres primeros, no se juzga nada más."""
    criteria = []
    for name, judge in (
        ("Corridas", _read),
        ("Datos", _draw),
        ("Modelos", _predict),
        ("Pérdida compilada", _loss_compiled),
        ("Mismo entrenamiento", _steps),
        ("Pérdida entrenada", _loss_trained),
        ("Filas de entrenamiento", _rows_seen),
        ("Métrica en uso", _metric_used),
        ("F1 en test", _on_test),
        ("Umbral elegido", _tuned),
        ("Mejora", _gain),
    ):
        ready = all(criterion.ok for criterion in criteria[:3])
        criteria.append(
            _guarded(name, judge, study)
            if ready
            else Criterion(name, None, "sin evaluar")
        )
    return criteria


def _guarded(name, judge, piece) -> Criterion:
    """El veredicto de `judge`, o lo que lanzó el código de quien entrega."""
    try:
        return judge(name, piece)
    except (Exception, SystemExit) as error:
        hint = "Falla al usarla: leé el mensaje entero con un lote de prueba."
        return Criterion(name, False, _said(error), hint)


def _said(error) -> str:
    try:
        text = str(error).strip().splitlines()
    except Exception:
        text = []
    return f"{type(error).__name__}: {text[0][:110] if text else '(sin mensaje)'}"


# La pérdida ---------------------------------------------------------------------------

_TRUE = np.array([1, 1, 1, 0, 0, 0, 1, 0, 1, 0], "float32")[:, None]
_PROB = np.array([0.9, 0.3, 0.6, 0.1, 0.8, 0.4, 0.02, 0.97, 0.0001, 0.9999], "float32")[
    :, None
]

#: γ y α que se prueban: con un solo par, una pérdida que ignora uno puede acertar.
_PAIRS = (2.0, 0.25), (0.5, 0.7), (0.0, 0.75)


def _focal(y, p, gamma, alpha_1, alpha_0):
    """Focal con un factor por clase, recortada como en Keras."""
    p = np.clip(p.astype("float64"), 1e-7, 1 - 1e-7)
    p_t = np.where(y > 0.5, p, 1 - p)
    return (
        -np.where(y > 0.5, alpha_1, alpha_0) * (1 - p_t) ** gamma * np.log(p_t)
    ).ravel()


def _make(focal_loss, gamma, alpha):
    try:
        return focal_loss(gamma=gamma, alpha=alpha)
    except ValueError:
        raise
    except TypeError as error:
        raise TypeError(f"tiene que aceptar gamma= y alpha= ({error})") from error


def _numbers(loss, y, p) -> np.ndarray:
    """De a una muestra, cualquier reducción da lo mismo."""
    each = [loss(_tensor(y[i : i + 1]), _tensor(p[i : i + 1])) for i in range(len(y))]
    return np.array([float(np.mean(_array(value))) for value in each])


def _tensor(array):
    return keras.ops.convert_to_tensor(array)


def _array(value) -> np.ndarray:
    return keras.ops.convert_to_numpy(value)


def _loss_formula(name, focal_loss) -> Criterion:
    for gamma, alpha in _PAIRS:
        given = _numbers(_make(focal_loss, gamma, alpha), _TRUE, _PROB)
        right = _focal(_TRUE, _PROB, gamma, alpha, 1 - alpha)
        if not _close(given, right):
            worst = int(np.nanargmax(np.nan_to_num(np.abs(given - right), nan=np.inf)))
            found = (
                f"con γ={gamma:g}, α={alpha:g}, y={_TRUE[worst, 0]:.0f} y p={_PROB[worst, 0]:.4g} "
                f"da {given[worst]:.4f} y es {right[worst]:.4f}"
            )
            return Criterion(name, False, found, _loss_mistake(given, gamma, alpha))
    edge_y, edge_p = (
        np.array([[1], [0], [1], [0]], "float32"),
        np.array([[0], [1], [1], [0]], "float32"),
    )
    edges = _numbers(_make(focal_loss, 2.0, 0.25), edge_y, edge_p)
    if not np.isfinite(edges).all():
        hint = "log(0) no es finito: recortá la probabilidad con ops.clip antes del logaritmo."
        return Criterion(
            name, False, "con probabilidades 0 y 1 da nan o infinito", hint
        )
    return Criterion(
        name, True, f"igual a la fórmula, con {len(_PAIRS)} pares de γ y α"
    )


def _loss_mistake(given, gamma, alpha) -> str:
    """La pista de la equivocación que da esos números."""
    right = _focal(_TRUE, _PROB, gamma, alpha, 1 - alpha)
    first_gamma, first_alpha = _PAIRS[0]
    wrong = {
        "γ y α están intercambiadas: γ es el exponente de (1 − p_t) y α, el factor de adelante.": [
            _focal(_TRUE, _PROB, alpha, gamma, 1 - gamma),
            _focal(_TRUE, _PROB, alpha, gamma, gamma),
        ],
        "Falta el signo menos: el logaritmo de una probabilidad es negativo.": [-right],
        "α multiplica a las dos clases por igual, y así no cambia la decisión. Los negativos "
        "llevan 1 − α.": [_focal(_TRUE, _PROB, gamma, alpha, alpha)],
        "α va con los positivos y 1 − α con los negativos: acá están al revés.": [
            _focal(_TRUE, _PROB, gamma, 1 - alpha, alpha)
        ],
        "Falta α: los positivos llevan α y los negativos, 1 − α.": [
            _focal(_TRUE, _PROB, gamma, 1, 1)
        ],
        "Falta el factor (1 − p_t)**γ.": [_focal(_TRUE, _PROB, 0, alpha, 1 - alpha)],
        f"No usa γ: siempre da lo de γ={first_gamma:g}.": [
            _focal(_TRUE, _PROB, first_gamma, alpha, 1 - alpha)
        ],
        f"No usa α: siempre da lo de α={first_alpha:g}.": [
            _focal(_TRUE, _PROB, gamma, first_alpha, 1 - first_alpha)
        ],
        f"No usa lo que recibe: siempre da lo de γ={first_gamma:g} y α={first_alpha:g}.": [
            _focal(_TRUE, _PROB, first_gamma, first_alpha, 1 - first_alpha)
        ],
        "El factor es (1 − p_t)**γ, no p_t**γ.": [_power_of_p(gamma, alpha)],
        "Solo cuentan los positivos: para los negativos, p_t es 1 − p.": [
            right * (_TRUE.ravel() > 0.5)
        ],
        "Es el logaritmo en base 2 o en base 10: va el natural.": [
            right / np.log(2),
            right / np.log(10),
        ],
    }  # fmt: skip
    for hint, values in wrong.items():
        if any(_close(given, value) for value in values):
            return hint
    middle = (_PROB.ravel() > 0.01) & (_PROB.ravel() < 0.99)
    if _close(given[middle], right[middle]):
        return (
            "Recortás demasiado la probabilidad: ops.clip tiene que dejar pasar 0,0001 y 0,9999. "
            "Con keras.config.epsilon() alcanza."
        )
    return "Compará muestra por muestra con −α_t · (1 − p_t)**γ · log(p_t)."


def _power_of_p(gamma, alpha):
    p_t = np.where(_TRUE > 0.5, _PROB, 1 - _PROB).astype("float64").ravel()
    alpha_t = np.where(_TRUE.ravel() > 0.5, alpha, 1 - alpha)
    return -alpha_t * p_t**gamma * np.log(p_t)


def _close(a, b):
    return a.shape == b.shape and np.allclose(a, b, rtol=1e-3, atol=1e-5)


def _loss_weights(name, focal_loss) -> Criterion:
    """Con etiquetas `(n,)` y pesos por muestra, como los da `evaluate`."""
    loss = _make(focal_loss, 2.0, 0.25)
    each = _numbers(loss, _TRUE, _PROB)
    weights = np.array([3, 0, 1, 2, 0, 1, 0, 1, 2, 1], "float32")
    model, size = _echo(loss=loss), len(_TRUE)
    plain = model.evaluate(_PROB, _TRUE[:, 0], batch_size=size, verbose=0)
    weighted = model.evaluate(
        _PROB, _TRUE, sample_weight=weights, batch_size=size, verbose=0
    )
    if not np.isclose(plain, each.mean(), rtol=1e-3):
        hint = (
            "Con etiquetas (n,) y salida (n, 1), la resta o el producto se difunde a (n, n). Dales la misma "
            "forma con ops.reshape."
        )
        return Criterion(
            name,
            False,
            f"con y de forma (n,) da {plain:.4f} y es {each.mean():.4f}",
            hint,
        )
    right = float(np.mean(weights * each))
    if not np.isclose(weighted, right, rtol=1e-3):
        flat = np.isclose(weighted, each.mean() * weights.mean(), rtol=1e-3)
        hint = (
            "Devolvés un escalar: Keras ya no puede pesar cada muestra. Promediá con axis=-1."
            if flat
            else "Tiene que devolver un número por muestra, de forma (n,)."
        )
        return Criterion(
            name, False, f"con sample_weight da {weighted:.4f} y es {right:.4f}", hint
        )
    return Criterion(name, True, "un número por muestra, con cualquier forma de y")


def _echo(loss="mse", graph=False, **options):
    """Un modelo compilado que predice su entrada.

    Sin grafo, que tarda más en armarse que en correr una vez; pero solo con uno se nota
    un estado que vive en Python.
    """
    model = keras.Sequential(
        [keras.Input((1,)), keras.layers.Activation("linear", dtype="float32")]
    )
    model.compile(loss=loss, run_eagerly=not graph, **options)
    return model


# La métrica ---------------------------------------------------------------------------


def f1_of_classes(y, p, threshold=0.5, strict=True) -> np.ndarray:
    """F1 de la clase 0 y de la 1; 0 si la clase no aparece."""
    y, p = np.ravel(y) > 0.5, np.ravel(p)
    said = p > threshold if strict else p >= threshold
    scores = []
    for label in (False, True):
        hits = np.sum((y == label) & (said == label))
        scores.append(2 * hits / max(1, np.sum(y == label) + np.sum(said == label)))
    return np.array(scores)


def _rows_of(seed, n=96):
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.2).astype("float32")
    p = np.clip(0.25 + 0.35 * y + rng.normal(0, 0.2, n), 0.01, 0.99).astype("float32")
    return y[:, None], p[:, None]


def _new(macro_f1):
    """Una métrica para `compile`, con lo entregado."""
    if isinstance(macro_f1, keras.metrics.Metric):
        return macro_f1.__class__.from_config(macro_f1.get_config())
    if not callable(macro_f1):
        found = type(macro_f1).__name__
        raise TypeError(f"MacroF1 es una subclase de Metric y llegó {found}")
    for arguments in ({"num_classes": 2}, {}):
        try:
            return macro_f1(**arguments)
        except TypeError as error:  # no tiene ese argumento, o pide otro
            why = error
    if not isinstance(macro_f1, type):
        return macro_f1  # una función de etiquetas y predicciones
    try:
        return macro_f1(2)
    except TypeError:
        raise why from None


def _measure(model, y, p, **options) -> float:
    logs = model.evaluate(p, y, batch_size=16, verbose=0, return_dict=True, **options)
    logs.pop("loss")
    return float(np.mean(_array(next(iter(logs.values())))))


def _metric_value(name, macro_f1) -> Criterion:
    y, p = _rows_of(1)
    model = _echo(metrics=[_new(macro_f1)], graph=True)
    given = _measure(model, y, p)
    f1 = f1_of_classes(y, p)
    if np.isclose(given, f1.mean(), atol=1e-4):
        return Criterion(
            name,
            True,
            f"{_comma(given)} en seis lotes, igual a la cuenta con todo junto",
        )
    batches = [(y[i : i + 16], p[i : i + 16]) for i in range(0, len(y), 16)]
    each = [f1_of_classes(*batch) for batch in batches]
    present = [
        scores[[bool((b[0] < 0.5).any()), bool((b[0] > 0.5).any())]]
        for scores, b in zip(each, batches, strict=True)
    ]
    said = np.ravel(p) > 0.5
    wrong = {
        "Es el promedio del F1 de cada lote. Guardá cuentas (la matriz de confusión) con add_weight y "
        "dividí recién en result().": [
            np.mean([s.mean() for s in each]),
            np.mean([s.mean() for s in present]),
            np.mean([s[1] for s in each]),
        ],
        "Es el F1 de los positivos (binario). Macro es el promedio del F1 de las dos clases.": [f1[1]],
        "Es el F1 de los negativos. Macro es el promedio del F1 de las dos clases.": [f1[0]],
        "Es la exactitud (o el F1 micro, que es lo mismo). Macro promedia el F1 de cada clase.": [
            np.mean(said == (np.ravel(y) > 0.5))
        ],
        "Es el F1 pesado por la cantidad de muestras. Macro da el mismo peso a cada clase.": [
            np.average(f1, weights=[1 - y.mean(), y.mean()])
        ],
        "Solo cuenta el último lote: usá assign_add y no assign.": [each[-1].mean(), each[-1][1]],
        "Solo cuenta el primer lote: el estado vive en un atributo de Python, que el grafo congela. "
        "Creálo con add_weight.": [each[0].mean(), each[0][1]],
        "Dice «positivo» para todo: con una sola columna no sirve argmax, hace falta un umbral.": [
            f1_of_classes(y, np.ones_like(p)).mean(), f1_of_classes(y, np.ones_like(p))[1]
        ],
        "Dice «negativo» para todo: argmax de una sola columna es siempre 0. Usá un umbral.": [
            f1_of_classes(y, np.zeros_like(p)).mean()
        ],
    }  # fmt: skip
    hint = next(
        (
            text
            for text, values in wrong.items()
            if any(np.isclose(given, v, atol=1e-4) for v in values)
        ),
        "Compará con el F1 de cada clase, 2·TP / (reales + predichos), calculado con todas las filas.",
    )
    return Criterion(name, False, f"da {_comma(given)} y es {_comma(f1.mean())}", hint)


def _metric_reset(name, macro_f1) -> Criterion:
    first, second = _rows_of(1), _rows_of(2)
    flipped = second[0], (1 - second[1]).astype("float32")
    model = _echo(metrics=[_new(macro_f1)], graph=True)
    before = _measure(model, *first)
    after = _measure(model, *flipped)
    alone = _measure(_echo(metrics=[_new(macro_f1)]), *flipped)
    if np.isclose(after, alone, atol=1e-4):
        return Criterion(name, True, "empieza de cero en cada época")
    if np.isclose(after, before, atol=1e-6):
        hint = (
            "Repite el primer valor: el estado vive en un atributo de Python, que el grafo congela. Creálo "
            "con add_weight."
        )
    else:
        hint = (
            "Arrastra la época anterior. Keras pone en cero lo creado con add_weight: no uses tf.Variable y "
            "no sobrescribas reset_state con algo que no borre."
        )
    return Criterion(
        name, False, f"con datos nuevos da {_comma(after)} y es {_comma(alone)}", hint
    )


def _metric_shapes(name, macro_f1) -> Criterion:
    y, p = _rows_of(3)
    column = _measure(_echo(metrics=[_new(macro_f1)]), y, p)
    flat = _measure(_echo(metrics=[_new(macro_f1)]), y[:, 0], p)
    if np.isclose(flat, column, atol=1e-4):
        return Criterion(name, True, "mismo valor con (n,) y con (n, 1)")
    hint = "(n,) contra (n, 1) se difunde a (n, n). Empezá con ops.reshape(..., (-1,)) en las dos."
    return Criterion(
        name, False, f"{_comma(flat)} con (n,) y {_comma(column)} con (n, 1)", hint
    )


def _metric_weights(name, macro_f1) -> Criterion:
    y, p = _rows_of(4)
    weights = np.random.default_rng(5).integers(0, 4, len(y)).astype("float32")
    model = _echo(weighted_metrics=[_new(macro_f1)])
    given = _measure(model, y, p, sample_weight=weights)
    right = f1_of_classes(
        np.repeat(y, weights.astype(int)), np.repeat(p, weights.astype(int))
    )
    if np.isclose(given, right.mean(), atol=1e-4):
        return Criterion(name, True, "sample_weight cuenta")
    hint = (
        "Un peso de 3 vale por tres filas iguales: multiplicá cada cuenta por su peso."
    )
    if np.isclose(given, f1_of_classes(y, p).mean(), atol=1e-4):
        hint = "update_state ignora sample_weight: multiplicá cada cuenta por su peso."
    found = f"con sample_weight da {_comma(given)} y es {_comma(right.mean())}"
    return Criterion(name, False, found, hint)


# Los entrenamientos -------------------------------------------------------------------

_KEYS = "setting", "loss", "seed", "model", "f1", "threshold", "f1_tuned"

_PARTS = "train", "valid", "test"


class _Study:
    """Lo entregado y, paso a paso, lo que se averigua.

    Attributes:
        rows: Los entrenamientos, revisados.
        data: Por conjunto y semilla, las filas y etiquetas de cada parte.
        gains: Como en `Report`.
    """

    def __init__(self, runs, make_split):
        self.runs, self.make_split = runs, make_split
        self.rows, self.data, self.gains = [], {}, {}

    def pairs(self):
        """Cada entrenamiento con su par de entropía cruzada, con los mismos datos."""
        table = {(row.setting, row.loss, row.seed): row for row in self.rows}
        for row in self.rows:
            base = table.get((row.setting, BASE, row.seed))
            if row.loss != BASE and base:
                yield base, row


class _Row:
    """Un entrenamiento; `said`: respuestas de su modelo, por semilla de los datos y parte."""

    def __init__(self, run, number):
        self.place = f"la corrida {number}"
        self.setting, self.loss, self.model = run["setting"], run["loss"], run["model"]
        self.seed = _whole(run["seed"])
        scores = [_number(run[key]) for key in ("f1", "threshold", "f1_tuned")]
        self.f1, self.threshold, self.f1_tuned = scores
        self.parts, self.said = {}, {}

    def wrong(self) -> str:
        """Por qué no se puede juzgar; "" si se puede."""
        if not isinstance(self.setting, str) or self.setting not in GAP:
            return f"en {self.place}, «setting» no es «{HARD}» ni «{EASY}»"
        if not isinstance(self.loss, str):
            return f"en {self.place}, «loss» no es un nombre"
        if self.seed is None:
            return f"en {self.place}, «seed» no es un entero"
        if not isinstance(self.model, keras.Model):
            found = type(self.model).__name__
            return f"en {self.place}, «model» no es un modelo de Keras: es {found}"
        for key in ("f1", "threshold", "f1_tuned"):
            value = getattr(self, key)
            if value is None or not 0 <= value <= 1:
                return f"en {self.place}, «{key}» no es un número de 0 a 1"
        return ""

    def score(self, part, threshold=0.5, strict=True) -> float:
        return float(f1_of_classes(*self.parts[part], threshold, strict).mean())

    def best(self, part) -> float:
        """El mayor F1 macro, con umbrales cada 0,01."""
        return max(self.score(part, cut) for cut in np.linspace(0.01, 0.99, 99))

    def __str__(self):
        return f"«{self.setting}», «{self.loss}», semilla {self.seed}"


def _number(value) -> float | None:
    try:
        number = float(value)
    except Exception:
        return None
    return number if np.isfinite(number) else None


def _whole(value) -> int | None:
    number = _number(value)
    return int(number) if number is not None and number == int(number) else None


def _read(name, study) -> Criterion:
    """La lista tiene todo lo pedido."""
    keys = "Cada corrida es un diccionario con " + ", ".join(_KEYS) + "."
    try:
        runs = list(itertools.islice(study.runs, 1000))
    except TypeError:
        found = f"«runs» es {type(study.runs).__name__} y va una lista"
        return Criterion(name, False, found, keys)
    rows = []
    for number, run in enumerate(runs, 1):
        if not isinstance(run, Mapping):
            found = f"la corrida {number} es {type(run).__name__}"
            return Criterion(name, False, found, keys)
        absent = [key for key in _KEYS if key not in run]
        if absent:
            found = f"a la corrida {number} le falta {', '.join(absent)}"
            return Criterion(name, False, found, keys)
        rows.append(_Row(run, number))
        if wrong := rows[-1].wrong():
            return Criterion(name, False, wrong, keys)
    seeds = {}
    for row in rows:
        found = seeds.setdefault((row.setting, row.loss), [])
        if row.seed in found:
            hint = "Una corrida por conjunto, pérdida y semilla: sacá la que sobra."
            return Criterion(name, False, f"{row} está dos veces", hint)
        found.append(row.seed)
    for setting, losses in ASKED.items():
        for loss in losses:
            found = seeds.get((setting, loss), [])
            if len(found) < MIN_SEEDS:
                hint = "Una corrida sola no distingue una mejora de una semilla con suerte."
                text = f"«{setting}» con «{loss}» tiene {len(found)} semillas (hacen falta {MIN_SEEDS})"
                return Criterion(name, False, text, hint)
            if set(found) != set(seeds[setting, BASE]):
                hint = "Compará de a pares: las mismas semillas con todas las pérdidas."
                text = (
                    f"en «{setting}», las semillas de «{loss}» no son las de «{BASE}»"
                )
                return Criterion(name, False, text, hint)
    study.rows = rows
    return Criterion(
        name, True, f"{len(rows)}, con {MIN_SEEDS} semillas o más en cada caso"
    )


def _draw(name, study) -> Criterion:
    """Los datos son los del enunciado, salvo la cantidad de filas."""
    as_is = "Usá make_split tal como está en el enunciado."
    for setting, seed in dict.fromkeys((row.setting, row.seed) for row in study.rows):
        where = f"make_split(«{setting}», {seed})"
        try:
            drawn = _split(study.make_split, setting, seed)
            if len(study.data) == 0:
                again = _split(study.make_split, setting, seed)
                if not all(np.array_equal(drawn[p][0], again[p][0]) for p in _PARTS):
                    hint = (
                        "Cada llamada sortea otras filas: así no se puede volver a medir. "
                        + as_is
                    )
                    return Criterion(
                        name, False, f"{where} cambia de una llamada a otra", hint
                    )
        except (Exception, SystemExit) as error:
            return Criterion(name, False, f"{where}: {_said(error)}", as_is)
        for part, (_, y) in drawn.items():
            if not (
                np.isin(y, (0, 1)).all() and 0.03 < y.mean() < 0.07 and y.sum() > 50
            ):
                found = (
                    f"{where}: en «{part}» no hay 5 % de positivos, con etiquetas 0 y 1"
                )
                return Criterion(name, False, found, as_is)
            gap = np.linalg.norm(_middle(drawn, part, 1) - _middle(drawn, part, 0))
            if abs(gap - GAP[setting]) > 0.35:
                found = f"{where}: en «{part}» las clases están a {_comma(gap, 1)} y van a {_comma(GAP[setting], 1)}"
                return Criterion(name, False, found, as_is)
        for one, other in itertools.combinations(_PARTS, 2):
            shared = len(_known(drawn[one][0]) & _known(drawn[other][0]))
            if shared:
                hint = "El modelo se mide con filas que no vio. " + as_is
                found = f"{where}: hay {shared} filas de «{one}» en «{other}»"
                return Criterion(name, False, found, hint)
        study.data[setting, seed] = drawn
    for one, other in itertools.combinations(study.data, 2):
        if one[0] == other[0] and np.array_equal(
            study.data[one]["train"][0][:50], study.data[other]["train"][0][:50]
        ):
            found = f"en «{one[0]}», las semillas {one[1]} y {other[1]} dan las mismas filas"
            return Criterion(name, False, found, as_is)
    return Criterion(
        name, True, "5 % de positivos, sin filas repetidas entre las partes"
    )


def _split(make_split, setting, seed) -> dict:
    """Las partes como arrays float32; las etiquetas, `(n,)`."""
    parts = {}
    for part, (x, y) in zip(_PARTS, make_split(setting, seed), strict=True):
        x, y = np.asarray(x, "float32"), np.asarray(y, "float32").ravel()
        if x.ndim != 2 or len(x) != len(y) or not np.isfinite(x).all():
            raise ValueError(
                f"en «{part}», x no es una tabla con una fila por etiqueta"
            )
        parts[part] = x, y
    return parts


def _middle(drawn, part, label):
    x, y = drawn[part]
    return x[y == label].mean(axis=0)


def _known(x) -> set[bytes]:
    return {row.tobytes() for row in np.ascontiguousarray(x)}


def _predict(name, study) -> Criterion:
    """Cada entrenamiento tiene su modelo, que da una probabilidad."""
    for one, other in itertools.combinations(study.rows, 2):
        if one.model is other.model:
            hint = "Creá y compilá una red nueva en cada corrida, y guardá esa."
            return Criterion(name, False, f"{one} y {other} son el mismo modelo", hint)
    for row in study.rows:
        for (setting, seed), drawn in study.data.items():
            if setting != row.setting or not (
                seed == row.seed or row.loss in (BASE, FOCAL)
            ):
                continue
            try:
                x = np.concatenate([drawn[part][0] for part in _PARTS])
                ends = np.cumsum([len(drawn[part][0]) for part in _PARTS])[:-1]
                p = np.split(_answers(row.model, x), ends)
                row.said[seed] = dict(zip(_PARTS, p, strict=True))
            except (Exception, SystemExit) as error:
                hint = (
                    f"Probá model(x_test): va una columna de sigmoide. {_logits(error)}"
                )
                return Criterion(name, False, f"{row}: {_said(error)}", hint.strip())
        row.parts = {
            part: (study.data[row.setting, row.seed][part][1], row.said[row.seed][part])
            for part in _PARTS
        }
    x = next(iter(study.data.values()))["test"][0][:2000]
    answers = [_answers(row.model, x) for row in study.rows]
    for (one, p), (other, q) in itertools.combinations(
        zip(study.rows, answers, strict=True), 2
    ):
        # Si solo cambia la pérdida, deciden los criterios de la pérdida.
        compared = one.setting != other.setting or one.loss == other.loss
        if compared and np.abs(p - q).max() < SAME:
            hint = "Son el mismo entrenamiento, o una copia: entrená una red en cada corrida."
            return Criterion(name, False, f"{one} y {other} contestan lo mismo", hint)
    return Criterion(name, True, "uno por corrida, con una probabilidad de salida")


class _NotAProbability(ValueError):
    pass


def _logits(error) -> str:
    if not isinstance(error, _NotAProbability):
        return ""
    return "Si da logits, terminá con activation='sigmoid'."


def _answers(model, x, rows=25_000) -> np.ndarray:
    """Las probabilidades, `(n,)` y float64."""
    found = []
    for start in range(0, len(x), rows):
        batch = x[start : start + rows]
        p = _array(model(_tensor(batch), training=False))
        if p.shape not in ((len(batch),), (len(batch), 1)):
            raise ValueError(f"con {len(batch)} filas da una salida de forma {p.shape}")
        found.append(p.ravel().astype("float64"))
    p = np.concatenate(found)
    if not np.isfinite(p).all():
        raise ValueError("da nan o infinito")
    if p.min() < 0 or p.max() > 1:
        raise _NotAProbability(
            f"da valores de {p.min():.2f} a {p.max():.2f}, no probabilidades"
        )
    return p


# Con qué se entrenaron ----------------------------------------------------------------


def _loss_compiled(name, study) -> Criterion:
    """La del modelo compilado, con filas de pérdida conocida."""
    hint = "Compilá cada red con la pérdida que dice «loss», y dejala compilada."
    for row in study.rows:
        if row.loss not in LOSSES:
            continue
        if not row.model.compiled:
            return Criterion(name, False, f"{row} no está compilada", hint)
        right = _focal(_TRUE, _PROB, *LOSSES[row.loss])
        try:
            given = _compiled_loss(row.model, study.data[row.setting, row.seed], right)
        except (Exception, SystemExit) as error:
            return Criterion(name, False, f"{row}: {_said(error)}", hint)
        if not _close(given, right):
            found = (
                f"{row} tiene otra: {_formula(given)}. Va {_factors(*LOSSES[row.loss])}"
            )
            return Criterion(name, False, found, hint)
    return Criterion(name, True, "en cada modelo, la que dice «loss»")


def _compiled_loss(model, data, right) -> np.ndarray:
    """La de cada fila conocida, sin lo que suman los regularizadores."""
    known = data["train"][0][: len(_TRUE)]
    flat = _array(model(_tensor(known), training=False)).ndim == 1
    extra = sum(float(np.sum(_array(value))) for value in model.losses)

    def total(rows):
        p = _PROB[rows].ravel() if flat else _PROB[rows]
        x, y = _tensor(known[rows]), _tensor(_TRUE[rows])
        found = model.compute_loss(x=x, y=y, y_pred=_tensor(p))
        return float(_array(found)) - extra

    # Positivos y negativos por separado: dos llamadas y no diez.
    groups = [np.flatnonzero(_TRUE.ravel() == label) for label in (1, 0)]
    means = np.array([total(group) for group in groups])
    if _close(means, np.array([right[group].mean() for group in groups])):
        return right
    return np.array([total([row]) for row in range(len(_TRUE))])


def _formula(given) -> str:
    """Lo que calcula una pérdida, como γ y un factor por clase, si tiene esa forma."""
    y, p = _TRUE.ravel(), _PROB.ravel().astype("float64")
    p_t = np.where(y > 0.5, p, 1 - p)
    found = {}
    with np.errstate(all="ignore"):
        for label in (0, 1):
            # En logaritmos, una recta: la pendiente es γ; la ordenada, log del factor.
            use = (y == label) & (p_t < 0.9999)
            ratio = np.log(given[use] / -np.log(p_t[use]))
            if not np.isfinite(ratio).all():
                return "no da los números de una entropía cruzada ni de una focal"
            found[label] = np.polyfit(np.log(1 - p_t[use]), ratio, 1)
    gamma, factors = found[1][0], (np.exp(found[1][1]), np.exp(found[0][1]))
    if not _close(given, _focal(_TRUE, _PROB, gamma, *factors)):
        return "no da los números de una entropía cruzada ni de una focal"
    return _factors(gamma, *factors)


def _factors(gamma, positives, negatives) -> str:
    parts = [
        f"{abs(round(float(value), 2)):g}".replace(".", ",")
        for value in (gamma, positives, negatives)
    ]
    return "γ = {}, con factor {} para los positivos y {} para los negativos".format(
        *parts
    )


def _steps(name, study) -> Criterion:
    """Si en cada par solo cambia la pérdida."""
    taken = {}
    for row in study.rows:
        optimizer = getattr(row.model, "optimizer", None)
        taken[row] = int(_array(optimizer.iterations)) if optimizer else 0
        if taken[row] == 0:
            hint = "Entrená con fit y no compiles de nuevo después: eso borra el optimizador."
            return Criterion(
                name, False, f"en {row}, el optimizador no dio ningún paso", hint
            )
        if taken[row] < MIN_STEPS:
            hint = f"Entrená todas las redes {MIN_STEPS} pasos (lotes) o más."
            return Criterion(name, False, f"{row} dio {taken[row]} pasos", hint)
        state = [_array(v) for v in optimizer.variables if len(v.shape)]
        if state and not any(value.any() for value in state):
            hint = "Entrená con fit: el optimizador cuenta pasos, pero no tiene nada acumulado."
            return Criterion(
                name, False, f"en {row}, el optimizador está sin usar", hint
            )
    for base, row in study.pairs():
        if taken[base] != taken[row]:
            hint = "Que solo cambie la pérdida: las mismas épocas, con lotes del mismo tamaño."
            found = f"{row} dio {taken[row]} pasos y «{BASE}», {taken[base]}"
            return Criterion(name, False, found, hint)
        if _sizes(base.model) != _sizes(row.model):
            hint = "Que solo cambie la pérdida: la misma red para todas."
            return Criterion(name, False, f"{row} es otra red que «{BASE}»", hint)
        if _kind(base.model) != _kind(row.model):
            hint = "Que solo cambie la pérdida: el mismo optimizador para todas."
            found = f"{row} usó {_kind(row.model)} y «{BASE}», {_kind(base.model)}"
            return Criterion(name, False, found, hint)
    return Criterion(
        name, True, "mismos pasos, misma red y mismo optimizador en cada par"
    )


def _sizes(model) -> list:
    return [tuple(weight.shape) for weight in model.weights]


def _kind(model) -> str:
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    return type(optimizer).__name__


def _loss_trained(name, study) -> Criterion:
    """Si las probabilidades son las que deja cada pérdida.

    Una red que minimiza una pérdida no la baja corriendo y estirando sus logits; una
    entrenada con otra, o con `class_weight`, sí.
    """
    shares = {}
    for row in study.rows:
        if row.setting == HARD and row.loss in LOSSES:
            shares.setdefault(row.loss, []).append(_left(*row.parts["train"], row.loss))
    for loss, values in shares.items():
        if np.median(values) > MAX_LEFT:
            found = (
                f"en «{HARD}», corriendo las probabilidades de «{loss}», esa pérdida baja "
                f"{100 * np.median(values):.0f} % en entrenamiento"
            )
            hint = (
                "No son las que esa pérdida deja: ¿entrenaste con otra, o con class_weight? Si no, falta "
                "entrenamiento: más épocas o una tasa mayor."
            )
            return Criterion(name, False, found, hint)
    return Criterion(name, True, "las probabilidades son las que deja cada pérdida")


def _left(y, p, loss) -> float:
    """Parte de la pérdida que se ahorra corriendo y estirando los logits de `p`."""
    p = np.clip(p, 1e-6, 1 - 1e-6)
    z = np.log(p / (1 - p))
    edges = np.linspace(-14, 14, 281)  # de a 0,1: hay miles de filas
    counts = np.array([np.histogram(z[y == label], edges)[0] for label in (1, 0)])
    used = counts.any(axis=0)
    counts, middle = counts[:, used], ((edges[:-1] + edges[1:]) / 2)[used]
    gamma, *factors = LOSSES[loss]

    def total(stretch, shift):
        q = 1 / (1 + np.exp(-(stretch * middle + shift)))
        q = np.clip(q, 1e-7, 1 - 1e-7)
        positives = factors[0] * (1 - q) ** gamma * -np.log(q)
        negatives = factors[1] * q**gamma * -np.log(1 - q)
        return counts[0] @ positives + counts[1] @ negatives

    moved = [
        total(np.exp(stretch), shift)
        for stretch in np.linspace(-1.2, 1.2, 13)
        for shift in np.linspace(-3, 3, 31)
    ]
    return 1 - min(moved) / total(1, 0)


def _rows_seen(name, study) -> Criterion:
    """Si una red conoce mejor sus filas de entrenamiento que las de test.

    Cuán difícil es cada parte lo dicen las redes de las otras semillas, que no las vieron.
    """
    for loss in (BASE, FOCAL):
        extra = []
        for row in study.rows:
            if row.loss != loss:
                continue
            others = [r for r in study.rows if r is not row and _alike(r, row)]
            own = _advantage(row, row, study)
            extra.append(own - np.mean([_advantage(r, row, study) for r in others]))
        extra = np.array(extra)
        spread = extra.std(ddof=1) / np.sqrt(len(extra))
        if np.mean(extra > 0) >= 0.9 and extra.mean() > max(0.003, 3 * spread):
            found = f"con «{loss}», las redes conocen mejor las filas de test que las de entrenamiento"
            hint = "Ajustá con la primera parte de make_split; test es solo para medir."
            return Criterion(name, False, found, hint)
    return Criterion(name, True, "no se nota que ninguna red haya visto las de test")


def _alike(one, other) -> bool:
    return (one.setting, one.loss) == (other.setting, other.loss)


def _advantage(row, owner, study) -> float:
    """Pérdida en entrenamiento menos en test, sobre la de test, con los datos de `owner`."""
    data, said = study.data[owner.setting, owner.seed], row.said[owner.seed]
    train, test = (
        np.mean(_focal(data[part][1], said[part], *LOSSES[row.loss]))
        for part in ("train", "test")
    )
    return float((train - test) / test)


# Lo que se informó --------------------------------------------------------------------


def _metric_used(name, study) -> Criterion:
    for row in study.rows:
        hint = "Pasala en compile(metrics=[...]): así la ves en cada época."
        if not row.model.compiled:
            return Criterion(name, False, f"{row} no está compilada", hint)
        x, y = study.data[row.setting, row.seed]["test"]
        right = row.score("test")
        try:
            shown = _shown(row.model, x, y)
        except (Exception, SystemExit) as error:
            return Criterion(name, False, f"{row}: {_said(error)}", hint)
        if not any(abs(value - right) < 3e-3 for value in shown):
            found = (
                f"ninguna métrica compilada de {row} da su F1 macro, {_comma(right)}"
            )
            return Criterion(name, False, found, hint)
    return Criterion(name, True, "compilada en todos los modelos")


def _shown(model, x, y) -> list[float]:
    """Las métricas del modelo con esas filas, desde cero."""
    model.reset_metrics()
    p = model(_tensor(x), training=False)
    logs = model.compute_metrics(_tensor(x), _tensor(y[:, None]), p)
    values = [
        float(_array(value)) for value in logs.values() if np.size(_array(value)) == 1
    ]
    model.reset_metrics()
    return values


def _on_test(name, study) -> Criterion:
    wrong = [row for row in study.rows if not _told(row, row.f1, 0.5)]
    if not wrong:
        return Criterion(
            name, True, "lo informado es lo que dan los modelos con umbral 0,5"
        )
    row = wrong[0]
    found = (
        f"{row}: informaste {_comma(row.f1)} y en test da {_comma(row.score('test'))}"
    )
    hint = "Medí con model(x_test) y umbral 0,5, después de entrenar."
    if np.isclose(row.f1, row.score("train"), atol=5e-4):
        hint = "Es el F1 de entrenamiento: la mejora se mide con filas que el modelo no vio."
    elif np.isclose(row.f1, row.score("valid"), atol=5e-4):
        hint = "Es el F1 de validación: informá el de test."
    elif np.isclose(row.f1, f1_of_classes(*row.parts["test"])[1], atol=5e-4):
        hint = "Es el F1 de los positivos (binario): macro promedia las dos clases."
    elif np.isclose(row.f1, _accuracy(row), atol=5e-4):
        hint = "Es la exactitud: macro promedia el F1 de las dos clases."
    elif np.isclose(row.f1, row.f1_tuned, atol=5e-4):
        hint = "Es el F1 con el umbral elegido: en «f1» va el de umbral 0,5."
    return Criterion(name, False, found, hint)


def _accuracy(row) -> float:
    y, p = row.parts["test"]
    return float(np.mean((y > 0.5) == (p > 0.5)))


def _told(row, value, threshold) -> bool:
    """Si un F1 es el del modelo en test, con dos decimales o más.

    Perdona dos filas de más a un lado del umbral, por `>=` o el redondeo de media precisión.
    """
    real = [row.score("test", threshold, strict) for strict in (True, False)]
    room = 0.0055 if round(value, 2) == value else 2e-3
    return any(abs(value - score) <= room for score in real)


def _tuned(name, study) -> Criterion:
    for row in study.rows:
        if not _told(row, row.f1_tuned, row.threshold):
            real = row.score("test", row.threshold)
            found = f"{row}: con umbral {row.threshold:.2f}, informaste {_comma(row.f1_tuned)} y da {_comma(real)}"
            return Criterion(
                name,
                False,
                found,
                "Usá en test el mismo umbral que elegiste en validación.",
            )
    lost = np.array(
        [row.best("valid") - row.score("valid", row.threshold) for row in study.rows]
    )
    peeked = [
        row.score("test", row.threshold) >= row.best("test") - 1e-9
        for row in study.rows
    ]
    if np.mean(peeked & (lost > 1e-9)) > 0.5:
        hint = "El umbral también se aprende: elegilo con las filas de validación."
        return Criterion(
            name, False, "es el mejor para test en casi todas las corridas", hint
        )
    if lost.max() > 0.03 or np.mean(lost) > 0.01:
        row = study.rows[int(lost.argmax())]
        hint = "Recorré umbrales de 0,01 a 0,99 y quedate con el de mayor F1 macro en validación."
        found = f"{row}: hay umbrales que en validación dan {_comma(lost.max())} más"
        return Criterion(name, False, found, hint)
    return Criterion(name, True, "elegido en validación, informado en test")


def _gain(name, study) -> Criterion:
    """Exige la mejora donde se espera; las otras tres cifras son para leer."""
    for base, row in study.pairs():
        if row.loss == FOCAL:
            half, tuned = (
                100 * (row.score("test", b) - base.score("test", a))
                for a, b in ((0.5, 0.5), (base.threshold, row.threshold))
            )
            study.gains.setdefault((row.setting, "0.5"), []).append(half)
            study.gains.setdefault((row.setting, "elegido"), []).append(tuned)
    hard = np.array(study.gains[HARD, "0.5"])
    wins, needed = int(np.sum(hard >= MIN_GAIN)), int(np.ceil(MIN_WINS * len(hard)))
    text = "focal menos entropía cruzada, en puntos" + "".join(
        f"\n    {setting}, umbral {kind.replace('.', ',')}: {_points(values)}"
        for (setting, kind), values in study.gains.items()
    )
    ok = bool(hard.mean() >= MIN_GAIN and wins >= needed)
    hint = (
        "Perdés F1: ¿α=0,25 quedó del lado de la minoría? Si la minoría es la clase positiva, alpha=0.75."
        if hard.mean() < 0
        else f"Hacen falta {MIN_GAIN:.0f} puntos de media y en {needed} semillas; hay {wins}. ¿Qué clase pesa más?"
    )
    return Criterion(name, ok, text, hint)


def _points(values) -> str:
    return f"{np.mean(values):+.1f} ± {np.std(values, ddof=1):.1f}".replace(".", ",")


def _comma(number, decimals=3) -> str:
    return f"{number:.{decimals}f}".replace(".", ",")
