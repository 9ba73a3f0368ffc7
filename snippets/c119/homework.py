"""Checker of the homework of Clase 119: focal loss and macro F1 at 5 % of positives.

One file, with no dependency but Keras and NumPy: keep it beside a notebook and
`from homework import check`, or run it inside one.

Pieces are judged by the numbers they give, and those are compared with the right
ones and with the ones that each usual mistake gives: that is where hints come from.
Scores are not believed either: they are computed again from the models. It runs on
any backend.
"""

from collections import defaultdict
from dataclasses import dataclass, field

import keras
import numpy as np

__all__ = ["check"]

#: What has to be gained at threshold 0.5 where classes overlap, in F1 points of 100.
MIN_GAIN, MIN_SEEDS, MIN_WINS = 2.0, 5, 4

#: Where the gain is expected, where it is not, and the two losses compared.
HARD, EASY = "solapadas", "separadas"
BASE, FOCAL = "cross-entropy", "focal"

#: What a student's file defines, in the order in which `check` takes it.
DEFINES = {
    "BinaryFocalLoss": "la pérdida, con «gamma» y «alpha»",
    "MacroF1": "la métrica",
    "runs": "una lista con un diccionario por entrenamiento",
    "make_split": "la función del enunciado que da los datos",
}


@dataclass
class Criterion:
    """One line of the checklist; `ok` is None if it could not be judged."""

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
    """What `check` found. `print(report)` shows the checklist, in Spanish.

    Attributes:
        criteria: The lines of the checklist, in order.
        gains: Points of macro F1 that the focal loss adds on test, one per seed, for
            each pair of a setting and a threshold, "0.5" or "elegido".
    """

    criteria: list[Criterion] = field(default_factory=list)
    gains: dict[tuple[str, str], list[float]] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether every criterion was judged and met."""
        return all(criterion.ok for criterion in self.criteria)

    def __str__(self):
        met = sum(criterion.ok is True for criterion in self.criteria)
        last = f"{met} de {len(self.criteria)} criterios."
        verdict = "Homework aprobado: " if self.passed else "Todavía no: "
        return "\n".join([*map(str, self.criteria), verdict + last])


def check(focal_loss, macro_f1, runs, make_split) -> Report:
    """Judge the homework.

    Args:
        focal_loss: Class or function that takes `gamma` and `alpha` by name and gives a
            loss for one column of probabilities; `alpha` goes with the positives.
        macro_f1: Class or function without arguments that gives a new metric for two
            classes; a metric, or a function of the targets and the predictions, too.
        runs: One dict for each training, with "setting", "loss" ("cross-entropy",
            "focal", or other names to compare more), "seed", "model", "f1" (on test,
            threshold 0.5), "threshold" (chosen on validation) and "f1_tuned" (with it).
        make_split: Function of a setting and a seed that gives the data as
            `(x_train, y_train), (x_valid, y_valid), (x_test, y_test)`.

    Returns:
        A `Report`. It never raises because of what the pieces or the models compute.
    """
    report = Report()
    report.criteria += [
        _guarded("Pérdida focal", _loss_formula, focal_loss),
        _guarded("Pérdida con pesos", _loss_weights, focal_loss),
        _guarded("F1 macro", _metric_value, macro_f1),
        _guarded("F1 entre épocas", _metric_reset, macro_f1),
        _guarded("F1 con etiquetas (n,)", _metric_shapes, macro_f1),
    ]
    missing = _missing(runs)
    report.criteria.append(missing)
    names = "Métrica en uso", "F1 en test", "Umbral elegido", "Mejora"
    if not missing.ok:
        report.criteria += [Criterion(name, None, "sin evaluar") for name in names]
        return report
    rows = [_Row(run, make_split) for run in runs]
    report.gains = _gains(rows)
    report.criteria += [
        _metric_used(rows, macro_f1),
        _on_test(rows),
        _tuned(rows),
        _gain(report.gains),
    ]
    return report


def _guarded(name, judge, piece) -> Criterion:
    """The verdict of `judge`, or what the student's code raised."""
    try:
        return judge(name, piece)
    except Exception as error:
        text = str(error).strip().splitlines()
        found = f"{type(error).__name__}: {text[0][:110] if text else ''}"
        return Criterion(
            name,
            False,
            found,
            "Falla al usarla: leé el mensaje entero con un lote de prueba.",
        )


# The loss -----------------------------------------------------------------------------

_TRUE = np.array([1, 1, 1, 0, 0, 0, 1, 0], "float32")[:, None]
_PROB = np.array([0.9, 0.3, 0.6, 0.1, 0.8, 0.4, 0.02, 0.97], "float32")[:, None]


def _focal(y, p, gamma, alpha_1, alpha_0):
    """Focal loss with one factor for each class, clipped as Keras does."""
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
    """The loss of each sample, asked one by one: any reduction gives the same."""
    each = [loss(_tensor(y[i : i + 1]), _tensor(p[i : i + 1])) for i in range(len(y))]
    return np.array([float(np.mean(_array(value))) for value in each])


def _tensor(array):
    return keras.ops.convert_to_tensor(array)


def _array(value) -> np.ndarray:
    return keras.ops.convert_to_numpy(value)


def _loss_formula(name, focal_loss) -> Criterion:
    gamma, alpha = 2.0, 0.25
    given = _numbers(_make(focal_loss, gamma, alpha), _TRUE, _PROB)
    right = _focal(_TRUE, _PROB, gamma, alpha, 1 - alpha)
    if not _close(given, right):
        wrong = {
            "γ y α están intercambiadas: γ es el exponente de (1 − p_t) y α, el factor de adelante.": (
                [
                    _focal(_TRUE, _PROB, alpha, gamma, 1 - gamma),
                    _focal(_TRUE, _PROB, alpha, gamma, gamma),
                ]
            ),
            "Falta el signo menos: el logaritmo de una probabilidad es negativo.": [
                -right
            ],
            "α multiplica a las dos clases por igual, y así no cambia la decisión. Los negativos "
            "llevan 1 − α.": [_focal(_TRUE, _PROB, gamma, alpha, alpha)],
            "α va con los positivos y 1 − α con los negativos: acá están al revés.": (
                [_focal(_TRUE, _PROB, gamma, 1 - alpha, alpha)]
            ),
            "Falta α: los positivos llevan α y los negativos, 1 − α.": [
                _focal(_TRUE, _PROB, gamma, 1, 1)
            ],
            "Falta el factor (1 − p_t)**γ.": [
                _focal(_TRUE, _PROB, 0, alpha, 1 - alpha)
            ],
            "El factor es (1 − p_t)**γ, no p_t**γ.": [_power_of_p(gamma, alpha)],
            "Solo cuentan los positivos: para los negativos, p_t es 1 − p.": [
                right * (_TRUE.ravel() > 0.5)
            ],
        }
        hint = next(
            (
                text
                for text, values in wrong.items()
                if any(_close(given, value) for value in values)
            ),
            "Compará muestra por muestra con −α_t · (1 − p_t)**γ · log(p_t).",
        )
        worst = int(np.nanargmax(np.nan_to_num(np.abs(given - right), nan=np.inf)))
        found = (
            f"con y={_TRUE[worst, 0]:.0f}, p={_PROB[worst, 0]:.2f} da {given[worst]:.4f} "
            f"y es {right[worst]:.4f}"
        )
        return Criterion(name, False, found, hint)
    edge_y, edge_p = (
        np.array([[1], [0], [1], [0]], "float32"),
        np.array([[0], [1], [1], [0]], "float32"),
    )
    edges = _numbers(_make(focal_loss, gamma, alpha), edge_y, edge_p)
    if not np.isfinite(edges).all():
        hint = "log(0) no es finito: recortá la probabilidad con ops.clip antes del logaritmo."
        return Criterion(
            name, False, "con probabilidades 0 y 1 da nan o infinito", hint
        )
    return Criterion(name, True, "γ=2, α=0.25, igual a la fórmula")


def _power_of_p(gamma, alpha):
    p_t = np.where(_TRUE > 0.5, _PROB, 1 - _PROB).astype("float64").ravel()
    alpha_t = np.where(_TRUE.ravel() > 0.5, alpha, 1 - alpha)
    return -alpha_t * p_t**gamma * np.log(p_t)


def _close(a, b):
    return a.shape == b.shape and np.allclose(a, b, rtol=1e-3, atol=1e-5)


def _loss_weights(name, focal_loss) -> Criterion:
    """Targets `(n,)` and sample weights, as `evaluate` gives them to the loss."""
    loss = _make(focal_loss, 2.0, 0.25)
    each = _numbers(loss, _TRUE, _PROB)
    weights = np.array([3, 0, 1, 2, 0, 1, 0, 1], "float32")
    model = _echo(loss=loss)
    plain = model.evaluate(_PROB, _TRUE[:, 0], batch_size=8, verbose=0)
    weighted = model.evaluate(
        _PROB, _TRUE, sample_weight=weights, batch_size=8, verbose=0
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


def _echo(loss="mse", metrics=None):
    """A compiled model that predicts its input."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Activation("linear")])
    model.compile(loss=loss, metrics=metrics)
    return model


# The metric ---------------------------------------------------------------------------


def f1_of_classes(y, p, threshold=0.5) -> np.ndarray:
    """F1 of class 0 and of class 1; 0 for a class that is nowhere."""
    y, said = np.ravel(y) > 0.5, np.ravel(p) > threshold
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
    """A metric to give to `compile`, from whatever the student handed in."""
    if isinstance(macro_f1, keras.metrics.Metric):
        return macro_f1.__class__.from_config(macro_f1.get_config())
    if isinstance(macro_f1, type):
        return macro_f1()
    try:
        made = macro_f1()
    except TypeError:
        return macro_f1  # a function of the targets and the predictions
    return made


def _measure(model, y, p, batch_size=16) -> float:
    logs = model.evaluate(p, y, batch_size=batch_size, verbose=0, return_dict=True)
    logs.pop("loss")
    return float(np.mean(next(iter(logs.values()))))


def _metric_value(name, macro_f1) -> Criterion:
    y, p = _rows_of(1)
    model = _echo(metrics=[_new(macro_f1)])
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
    model = _echo(metrics=[_new(macro_f1)])
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


# The trainings ------------------------------------------------------------------------

_KEYS = "setting", "loss", "seed", "model", "f1", "threshold", "f1_tuned"


def _missing(runs) -> Criterion:
    name = "Corridas"
    for run in runs:
        absent = [key for key in _KEYS if key not in run]
        if absent:
            hint = "Cada corrida es un diccionario con " + ", ".join(_KEYS) + "."
            return Criterion(name, False, f"a una le falta {', '.join(absent)}", hint)
    seeds = defaultdict(set)
    for run in runs:
        seeds[run["setting"], run["loss"]].add(run["seed"])
    for setting in (HARD, EASY):
        for loss in (BASE, FOCAL):
            found = len(seeds[setting, loss])
            if found < MIN_SEEDS:
                hint = "Una corrida sola no distingue una mejora de una semilla con suerte."
                text = f"«{setting}» con «{loss}» tiene {found} semillas (hacen falta {MIN_SEEDS})"
                return Criterion(name, False, text, hint)
        if seeds[setting, BASE] != seeds[setting, FOCAL]:
            hint = "Compará de a pares: la misma semilla con las dos pérdidas."
            return Criterion(
                name, False, f"en «{setting}» las semillas no coinciden", hint
            )
    return Criterion(
        name, True, f"{len(runs)}, con {MIN_SEEDS} semillas o más en cada caso"
    )


class _Row:
    """A training, measured again on the three parts of its data."""

    def __init__(self, run, make_split):
        self.setting, self.loss, self.seed = run["setting"], run["loss"], run["seed"]
        self.f1, self.f1_tuned = float(run["f1"]), float(run["f1_tuned"])
        self.threshold, self.model = float(run["threshold"]), run["model"]
        names = "train", "valid", "test"
        self.data = dict(zip(names, make_split(self.setting, self.seed), strict=True))
        self.parts = {}
        for part, (x, y) in self.data.items():
            probability = _array(self.model(_tensor(x), training=False))
            self.parts[part] = (
                y,
                probability[:, -1] if probability.ndim == 2 else probability,
            )

    def measured(self):
        """The model after `evaluate`: one just loaded shows its metrics only then."""
        x, y = self.data["test"]
        if self.model.compiled:
            self.model.evaluate(x[:32], y[:32], verbose=0)
        return self.model

    def score(self, part, threshold=0.5) -> float:
        return float(f1_of_classes(*self.parts[part], threshold).mean())

    def best(self, part) -> float:
        """The highest macro F1 that any threshold gives, on a grid of 0.01."""
        return max(
            self.score(part, threshold) for threshold in np.linspace(0.01, 0.99, 99)
        )

    def __str__(self):
        return f"«{self.setting}», «{self.loss}», semilla {self.seed}"


def _metric_used(rows, macro_f1) -> Criterion:
    name, made = "Métrica en uso", _new(macro_f1)
    for row in rows:
        if not (_compiled(row.model, made) or _compiled(row.measured(), made)):
            hint = "Pasala en compile(metrics=[...]): así la ves en cada época."
            return Criterion(name, False, f"{row} no la tiene compilada", hint)
    return Criterion(name, True, "compilada en todos los modelos")


def _compiled(model, made) -> bool:
    """Whether a model has a metric like `made` among those it was compiled with."""
    used = [m for metric in model.metrics for m in getattr(metric, "metrics", [metric])]
    return any(type(m) is type(made) or getattr(m, "_fn", None) is made for m in used)


def _on_test(rows) -> Criterion:
    name = "F1 en test"
    wrong = [
        row for row in rows if not np.isclose(row.f1, row.score("test"), atol=5e-4)
    ]
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
    elif np.isclose(row.f1, row.f1_tuned, atol=5e-4):
        hint = "Es el F1 con el umbral elegido: en «f1» va el de umbral 0,5."
    return Criterion(name, False, found, hint)


def _tuned(rows) -> Criterion:
    name = "Umbral elegido"
    for row in rows:
        real = row.score("test", row.threshold)
        if not np.isclose(row.f1_tuned, real, atol=5e-4):
            found = f"{row}: con umbral {row.threshold:.2f}, informaste {_comma(row.f1_tuned)} y da {_comma(real)}"
            return Criterion(
                name,
                False,
                found,
                "Usá en test el mismo umbral que elegiste en validación.",
            )
    peeked = [row.f1_tuned >= row.best("test") - 1e-9 for row in rows]
    settled = [
        row.score("valid", row.threshold) < row.best("valid") - 0.01 for row in rows
    ]
    if np.mean(peeked) > 0.8 and np.mean(settled) > 0.2:
        hint = "El umbral también se aprende: elegilo con las filas de validación."
        return Criterion(
            name, False, "es el mejor para test en casi todas las corridas", hint
        )
    if np.mean(settled) > 0.5:
        hint = "Recorré umbrales de 0,01 a 0,99 y quedate con el de mayor F1 macro en validación."
        return Criterion(name, False, "hay umbrales mejores en validación", hint)
    return Criterion(name, True, "elegido en validación, informado en test")


def _gains(rows) -> dict[tuple[str, str], list[float]]:
    table = {(row.setting, row.loss, row.seed): row for row in rows}
    gains = defaultdict(list)
    for (setting, loss, seed), row in table.items():
        base = table.get((setting, BASE, seed))
        if loss == FOCAL and base:
            gains[setting, "0.5"].append(100 * (row.score("test") - base.score("test")))
            tuned = row.score("test", row.threshold) - base.score(
                "test", base.threshold
            )
            gains[setting, "elegido"].append(100 * tuned)
    return dict(gains)


def _gain(gains) -> Criterion:
    """The claim, where it is true; the other three figures are there to be read."""
    hard = np.array(gains[HARD, "0.5"])
    wins = int(np.sum(hard >= MIN_GAIN))
    text = "focal menos entropía cruzada, en puntos" + "".join(
        f"\n    {setting}, umbral {kind.replace('.', ',')}: {_points(values)}"
        for (setting, kind), values in gains.items()
    )
    ok = bool(hard.mean() >= MIN_GAIN and wins >= min(MIN_WINS, len(hard)))
    hint = (
        "Perdés F1: ¿α=0,25 quedó del lado de la minoría? Si la minoría es la clase positiva, alpha=0.75."
        if hard.mean() < 0
        else f"Hacen falta {MIN_GAIN:.0f} puntos de media y en {MIN_WINS} semillas; hay {wins}. ¿Qué clase pesa más?"
    )
    return Criterion("Mejora", ok, text, hint)


def _points(values) -> str:
    return f"{np.mean(values):+.1f} ± {np.std(values, ddof=1):.1f}".replace(".", ",")


def _comma(number, decimals=3) -> str:
    return f"{number:.{decimals}f}".replace(".", ",")
