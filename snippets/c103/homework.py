"""Verificador del homework de la Clase 103: dos salidas sobre California Housing.

Un solo archivo, que solo necesita Keras y NumPy: dejalo al lado de un notebook y usá
`from homework import check`, o correlo adentro.

Juzga un modelo por lo que hace, no por cómo se llaman sus capas. Encuentra las
compartidas moviendo el kernel de cada `Dense` y mirando qué salidas se mueven con él; que
nada las esquive lo comprueba congelando lo que dan; y averigua las pérdidas y sus pesos
dándole a la pérdida compilada predicciones con puntaje conocido. Las salidas pueden ir en
una lista o en un diccionario, y anda en cualquier backend.
"""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field

import keras
import numpy as np

__all__ = ["check"]

#: Lo que hay que lograr en las filas de test.
MAX_MAE, MIN_ACCURACY = 50_000, 0.85

#: Mínimo de pasos desde el último `compile`: lo que se entrenó antes no se puede saber.
MIN_STEPS = 100

#: Pesos de las dos pérdidas.
PRICE_WEIGHT, EXPENSIVE_WEIGHT = 0.7, 0.3

#: El precio más bajo y el más alto de California Housing, en dólares.
LOWEST, HIGHEST = 14_999, 500_001

#: Lo que define el archivo de quien entrega, en el orden en que lo recibe `check`.
DEFINES = {
    "homework_model": "el modelo, compilado y entrenado",
    "x_train": "las entradas de entrenamiento",
    "y_train": "sus dos objetivos, «price» y «expensive»",
    "x_test": "las entradas de test",
    "y_test": "sus dos objetivos",
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
        mae: Error absoluto medio del precio en test, en dólares, o None.
        accuracy: Exactitud de "expensive" en test, o None.
    """

    criteria: list[Criterion] = field(default_factory=list)
    mae: float | None = None
    accuracy: float | None = None

    @property
    def passed(self) -> bool:
        """Si se juzgaron y se cumplen todos los criterios."""
        return all(criterion.ok for criterion in self.criteria)

    def __str__(self):
        met = sum(criterion.ok is True for criterion in self.criteria)
        last = f"{met} de {len(self.criteria)} criterios."
        verdict = "Homework aprobado: " if self.passed else "Todavía no: "
        return "\n".join([*map(str, self.criteria), verdict + last])


def check(model, x_train, y_train, x_test, y_test, price_unit=None) -> Report:
    """Juzga un modelo entrenado para el homework.

    Args:
        model: Modelo de Keras compilado y entrenado, de cualquiera de las tres APIs.
        x_train, x_test: Las entradas como las recibieron `fit` y `evaluate`.
        y_train, y_test: Los dos objetivos como los recibieron `fit` y `evaluate`: un
            diccionario o una lista con el precio, en la escala con que se entrenó, y con
            "expensive" en 0 y 1; cada uno, `(n,)` o `(n, 1)`. No importan ni el orden ni
            los nombres.
        price_unit: Dólares de una unidad del objetivo del precio: 100_000 si lo dividiste por
            eso, o su desvío en dólares si lo estandarizaste; o una función que lo pase a
            dólares. Por defecto se deduce, si lo dividiste por una potencia de diez: el
            precio más alto del conjunto es 500 001 dólares.

    Returns:
        Un `Report`. No lanza por lo que se entregó ni por lo que haga un modelo.
    """
    try:
        return _check(model, x_train, y_train, x_test, y_test, price_unit)
    except _WrongDelivery as error:
        found, hint = error.args
    except Exception as error:
        found = _short_error(error)
        hint = "El modelo falla al usarlo: probalo con homework_model(x_test[:5])."
    report = Report([Criterion("Entrega", False, found, hint)])
    report.criteria += [Criterion(name, None, "sin evaluar") for name in NAMES]
    return report


class _WrongDelivery(Exception):
    """Qué se encontró en lo que se entregó, y qué hacer."""


#: Los criterios que siguen a "Entrega" y "Dos salidas".
NAMES = (
    "Dibujo",
    "Tronco compartido",
    "Entrenado",
    "Pérdidas",
    "Pesos",
    "Etiqueta expensive",
    "Escala del precio",
    "Escala de las entradas",
    "Filas de test",
    "Salida de expensive",
    "MAE en test",
    "Exactitud en test",
)


def _check(model, x_train, y_train, x_test, y_test, price_unit) -> Report:
    if not isinstance(model, keras.Model):
        found = f"homework_model es {type(model).__name__}"
        raise _WrongDelivery(found, "Pasá el modelo de Keras, no su nombre ni history.")
    everything = slice(None)
    x_train, x_test = _rows(x_train, everything), _rows(x_test, everything)
    targets = _Targets(x_train, y_train, x_test, y_test, price_unit)
    report = Report(
        [Criterion("Entrega", True, "un modelo, y sus filas con objetivos")]
    )

    few = _rows(x_train, slice(256))
    outputs = _predict(model, few)
    report.criteria.append(_two_outputs(outputs))
    if not report.criteria[-1].ok:
        report.criteria += [Criterion(name, None, "sin evaluar") for name in NAMES]
        return report

    probes = _probe_losses(model, x_train, targets)
    price, expensive = _which_is_which(model, probes, targets, outputs)
    fitted, predicted = _predict(model, x_train), _predict(model, x_test)
    logits = _are_logits(probes, expensive, fitted)
    to_probability = _sigmoid if logits else np.copy
    splits = [
        _Split(
            targets.to_dollars(outputs[price].ravel().astype("float64")),
            targets.to_dollars(prices),
            to_probability(outputs[expensive].ravel()),
            prices > targets.median,
        )
        for outputs, prices in (
            (fitted, targets.price_train),
            (predicted, targets.price_test),
        )
    ]
    train, test = splits
    report.mae = float(np.mean(test.errors))
    report.accuracy = float(np.mean((test.probability > 0.5) == test.label))
    why = _why_bad(model, x_train, test)
    if targets.spread > 50:
        why = "La pérdida del precio tapa a la otra: empezá por la escala."
    judges = (
        lambda: _drawing(model),
        lambda: _shared_trunk(model, few, len(outputs)),
        lambda: _trained(model),
        lambda: _losses(model, probes, price, expensive, logits),
        lambda: _weights(model, probes, price, expensive),
        lambda: _labels(targets),
        lambda: _scale(targets),
        lambda: _input_scale(x_train, x_test),
        lambda: _test_rows(x_train, x_test, train, test),
        lambda: _probability(predicted[expensive].ravel(), probes, expensive, logits),
        lambda: (
            report.mae < MAX_MAE,
            f"{_spaced(report.mae)} $ (tiene que ser menor que {_spaced(MAX_MAE)} $)",
            why or "Falta entrenar: probá más épocas o un tronco más ancho.",
        ),
        lambda: (
            report.accuracy >= MIN_ACCURACY,
            f"{_comma(report.accuracy)} (tiene que llegar a {_comma(MIN_ACCURACY, 2)})",
            why
            or "Falta entrenar, o la etiqueta o la salida no son las del enunciado: "
            "mirá los criterios de arriba.",
        ),
    )
    report.criteria += [
        _guarded(name, judge) for name, judge in zip(NAMES, judges, strict=True)
    ]
    return report


def _guarded(name, judge) -> Criterion:
    """El veredicto de `judge`, o lo que lanzó el modelo."""
    try:
        return Criterion(name, *judge())
    except Exception as error:
        hint = "El modelo falla al usarlo: probalo con homework_model(x_test[:5])."
        return Criterion(name, False, _short_error(error), hint)


@dataclass
class _Split:
    """Lo que se predice para unas filas, y la verdad: dólares y "expensive"."""

    dollars: np.ndarray
    truth: np.ndarray
    probability: np.ndarray
    label: np.ndarray

    @property
    def errors(self) -> np.ndarray:
        return np.abs(self.dollars - self.truth)

    @property
    def costs(self) -> np.ndarray:
        """Lo que cuesta cada fila, sumadas las dos salidas."""
        right = np.where(self.label, self.probability, 1 - self.probability)
        return self.errors / MAX_MAE - np.log(np.clip(right, 1e-6, 1))


# Los datos ----------------------------------------------------------------------------


class _Targets:
    """Los dos objetivos, que se distinguen por sus valores, y la unidad del precio."""

    def __init__(self, x_train, y_train, x_test, y_test, price_unit):
        train, test = _leaves(y_train), _leaves(y_test)
        if len(train) != 2 or len(test) != 2:
            found = f"y_train trae {len(train)} objetivos e y_test, {len(test)}"
            hint = "Cada uno trae dos, el precio y expensive, en un diccionario."
            raise _WrongDelivery(found, hint)
        for name, x, y in (("train", x_train, train), ("test", x_test, test)):
            if any(np.ndim(part) not in (1, 2) or part.size != len(part) for part in y):
                hint = "Cada objetivo es un número por fila: (n,) o (n, 1)."
                raise _WrongDelivery(f"y_{name} no tiene esa forma", hint)
            parts = [*_leaves(x), *y]
            rows = {len(part) for part in parts}
            if len(rows) > 1 or 0 in rows:
                found = f"x_{name} e y_{name} traen {sorted(rows)} filas"
                raise _WrongDelivery(found, "Tienen que ser las mismas, y alguna.")
            if not all(np.isfinite(part.astype("float64")).all() for part in parts):
                hint = "Buscalos con np.isnan, y completá o sacá esas filas."
                found = f"hay NaN o infinitos en x_{name} o en y_{name}"
                raise _WrongDelivery(found, hint)
        binary = [set(np.unique(part)) <= {0, 1} for part in train]
        if sum(binary) != 1:
            found = f"objetivos con solo 0 y 1: {sum(binary)}"
            hint = "Uno, y solo uno, es binario: expensive. El otro es el precio."
            raise _WrongDelivery(found, hint)
        self.structure = y_train
        self.dtypes = [np.asarray(part).dtype for part in train]
        self.ranks = [np.ndim(part) for part in train]
        self.expensive = binary.index(True)
        self.price = 1 - self.expensive
        self.price_train, self.price_test = (
            np.ravel(y[self.price]).astype("float64") for y in (train, test)
        )
        self.label_train, self.label_test = (
            np.ravel(y[self.expensive]).astype(bool) for y in (train, test)
        )
        self.median = np.median(self.price_train)
        self.spread = self.price_train.std()
        self.range = np.ptp(np.concatenate([self.price_train, self.price_test]))
        self.deduced = price_unit is None
        if price_unit is None:
            price_unit = _power_of_ten(HIGHEST / max(self.price_train.max(), 1e-9))
        self.price_unit = price_unit

    def to_dollars(self, price: np.ndarray) -> np.ndarray:
        """Dólares, salvo una constante que se cancela en toda diferencia."""
        if isinstance(self.price_unit, Callable):
            return np.asarray(self.price_unit(price), dtype="float64").ravel()
        return price * self.price_unit


def _power_of_ten(unit: float) -> float:
    """La potencia de diez que es `unit`, salvo redondeo."""
    nearest = 10.0 ** round(np.log10(unit))
    if abs(unit / nearest - 1) > 1e-3:
        raise _WrongDelivery(
            "no se puede deducir en qué unidad está el precio",
            "Si lo estandarizaste, pasá price_unit= con su desvío de train en dólares; si "
            "hiciste otra cosa, con una función que lo devuelva a dólares.",
        )
    return nearest


def _leaves(structure) -> list:
    """Los arreglos de un diccionario (por clave, como los ordena Keras) o lista, o uno solo."""
    return [np.asarray(leaf) for leaf in keras.tree.flatten(structure)]


def _rows(x, rows: slice):
    try:
        return keras.tree.map_structure(lambda part: np.asarray(part)[rows], x)
    except IndexError:
        hint = "Son arreglos con una fila por muestra, o un diccionario o una lista de ellos."
        found = f"x_train o x_test es {type(x).__name__}"
        raise _WrongDelivery(found, hint) from None


def _predict(model, x) -> list[np.ndarray]:
    """Las salidas en inferencia, un arreglo cada una, por clave; nunca de un grafo viejo."""
    return [_array(part) for part in keras.tree.flatten(model(x, training=False))]


def _array(tensor) -> np.ndarray:
    return keras.ops.convert_to_numpy(tensor).astype("float32")


def _sigmoid(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(logits, -60, 60)))


# Las salidas y el tronco --------------------------------------------------------------


def _two_outputs(outputs) -> Criterion:
    shapes = [("n", *output.shape[1:]) for output in outputs]
    text = " y ".join(str(shape).replace("'", "") for shape in shapes)
    single = all(output.ndim in (1, 2) and output[0].size == 1 for output in outputs)
    if len(outputs) != 2:
        hint = (
            "Hacen falta dos: una capa final para el precio y otra para expensive, las dos "
            "en «outputs»."
        )
        found = "1 salida" if len(outputs) == 1 else f"{len(outputs)} salidas"
        return Criterion("Dos salidas", False, f"{found}, {text}", hint)
    hint = "Cada salida es un número por fila: terminá cada cabeza con Dense(1)."
    return Criterion("Dos salidas", single, text, hint)


def _drawing(model):
    """Si `plot_model` muestra un tronco y dos cabezas, y no un cuadro con todo adentro."""
    boxes = [
        operation
        for operation in getattr(model, "operations", [])
        if not isinstance(operation, keras.layers.InputLayer)
    ]
    if len(boxes) == 1 and isinstance(boxes[0], keras.Model):
        return _drawing(boxes[0])  # lo muestra expand_nested=True
    if not boxes:
        hint = (
            "plot_model dibuja una clase como un solo cuadro. Rearmala con la API Functional: "
            "keras.Model(inputs, modelo.call(inputs)) usa las mismas capas. Después, compilá y "
            "entrená."
        )
        return False, "un solo cuadro: el grafo no se ve", hint
    ends = {id(t._keras_history.operation) for t in keras.tree.flatten(model.outputs)}
    hint = "Cada salida sale de su propia capa, después del tronco."
    found = f"{len(boxes)} cuadros y {len(ends)} finales"
    return len(ends) == 2 and len(boxes) >= 3, found, hint


def _shared_trunk(model, x, n_outputs: int):
    """Qué capas Dense llegan a qué salidas: se ve moviendo sus kernels."""
    dense = [
        layer
        for layer in model._flatten_layers(recursive=True)
        if isinstance(layer, keras.layers.Dense)
    ]
    reach = {id(layer): _reached(model, layer, x) for layer in dense}
    before = _predict(model, x)
    everywhere = set(range(n_outputs))
    shared = [layer for layer in dense if reach[id(layer)] == everywhere]
    own = [[d for d in dense if reach[id(d)] == {n}] for n in range(n_outputs)]

    if not any(a is not b and _feeds(model, a, b, x) for a in shared for b in shared):
        # Una salida saturada no se mueve con ningún kernel: nada dice de su tronco.
        if not all(np.isfinite(part).all() and np.ptp(part) for part in before):
            found = "sin evaluar: una salida da lo mismo en todas las filas, o NaN"
            return None, found
        return False, _shared_text(shared), _sharing_hint(shared, own)
    text = " → ".join(f"{d.name} ({d.units})" for d in _in_order(model, shared, x))
    for layer in [*own[0], *own[1]]:
        if any(_feeds(model, layer, d, x) for d in shared):
            hint = (
                f"«{layer.name}» es de una sola salida y va antes que una compartida: las dos "
                "primeras Dense son las del tronco, y lo propio viene después."
            )
            return False, f"{text}; «{layer.name}» va antes", hint
    if not all(own):
        hint = (
            "Después del tronco, cada salida necesita al menos una Dense propia: "
            "ramificá en dos cabezas."
        )
        return False, f"{text}; falta una cabeza propia", hint
    with _hooked(shared, lambda layer, x, y: keras.ops.zeros_like(y) + y[:1]):
        frozen = _predict(model, x)
    if not all(np.allclose(part, part[:1], rtol=1e-3, atol=1e-3) for part in frozen):
        hint = (
            "Con el tronco quieto, las salidas se siguen moviendo: a una cabeza le llega la "
            "entrada por otro camino. Que reciba solo lo que sale de la segunda Dense."
        )
        return False, f"{text}; hay un camino por fuera", hint
    return True, f"{text} llegan a las dos salidas"


def _shared_text(shared) -> str:
    if not shared:
        return "ninguna Dense llega a las dos salidas"
    names = ", ".join(f"{layer.name} ({layer.units})" for layer in shared)
    if len(shared) == 1:
        return f"solo {names} llega a las dos salidas"
    return f"{names} llegan a las dos salidas, pero ninguna alimenta a otra"


def _sharing_hint(shared, own) -> str:
    for a in own[0]:
        for b in own[1]:
            if a.units == b.units > 1:
                return (
                    f"«{a.name}» y «{b.name}» tienen {a.units} unidades cada una, pero son dos "
                    "capas con pesos propios. Creá la capa una sola vez y seguí las dos ramas "
                    "desde su salida."
                )
    if len(shared) == 1:
        return (
            "Compartí las dos primeras: las ramas empiezan después de la segunda Dense."
        )
    return (
        "Las dos primeras Dense van una detrás de la otra, y las dos cabezas salen de la "
        "segunda."
    )


class _Nudged:
    """Una capa Dense con el kernel cambiado mientras dura el bloque."""

    def __init__(self, layer):
        self.layer = layer

    def __enter__(self):
        self.kernel = _array(self.layer.kernel).copy()  # una vista cambiaría
        noise = np.random.default_rng(0).normal(size=self.kernel.shape)
        size = 1 + np.abs(self.kernel).max()
        self.layer.kernel.assign((self.kernel + size * noise).astype("float32"))

    def __exit__(self, *_):
        self.layer.kernel.assign(self.kernel)


def _reached(model, layer, x) -> set[int]:
    """Posiciones de las salidas que cambian al cambiar el kernel de una capa."""
    if not layer.built:
        return set()
    before = _predict(model, x)
    with _Nudged(layer):
        after = _predict(model, x)
    return {
        n for n, pair in enumerate(zip(before, after, strict=True)) if _differ(*pair)
    }


def _differ(a: np.ndarray, b: np.ndarray) -> bool:
    return not np.array_equal(a, b, equal_nan=True)


@contextmanager
def _hooked(layers, hook):
    """Mientras dura, cada capa devuelve `hook(layer, inputs, outputs)`."""

    def hooked(layer, call):
        return lambda x, *args, **kwargs: hook(layer, x, call(x, *args, **kwargs))

    try:
        for layer in layers:  # sin el __setattr__ de Keras, que lo registraría
            vars(layer)["call"] = hooked(layer, layer.call)
        yield
    finally:
        for layer in layers:
            vars(layer).pop("call", None)


def _seen_by(model, layer, x) -> list[np.ndarray]:
    """Lo que recibe una capa mientras el modelo predice: un arreglo por llamada."""
    received = []

    def spy(layer, inputs, outputs):
        received.append(_array(inputs))
        return outputs

    with _hooked([layer], spy):
        _predict(model, x)
    return received


def _feeds(model, first, second, x) -> bool:
    """Si lo que recibe `second` depende del kernel de `first`."""
    before = _seen_by(model, second, x)
    with _Nudged(first):
        after = _seen_by(model, second, x)
    return any(_differ(a, b) for a, b in zip(before, after, strict=True))


def _in_order(model, layers, x) -> list:
    """Las capas, de entrada a salida: cada una tras las que la alimentan."""

    def depth(layer):
        return sum(
            _feeds(model, other, layer, x) for other in layers if other is not layer
        )

    return sorted(layers, key=depth)


# Las pérdidas -------------------------------------------------------------------------

_GRID = np.array([0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9])

#: Puntaje medio de una predicción constante `c` contra los objetivos `y`.
_SCORES = {
    "MSE": lambda c, y: np.mean((c - y) ** 2),
    "BCE": lambda c, y: -np.mean(y * np.log(c) + (1 - y) * np.log(1 - c)),
    "BCE con from_logits=True": lambda c, y: np.mean(np.log1p(np.exp(c)) - c * y),
    "MAE": lambda c, y: np.mean(np.abs(c - y)),
}


@dataclass
class _Probe:
    """Cómo se puntúa una salida: la pérdida, su peso y la posición de su objetivo."""

    loss: str
    weight: float = 0.0
    target: int | None = None


def _probe_losses(model, x, targets) -> list[_Probe] | str:
    """La pérdida de cada salida, según los puntajes de predicciones constantes.

    Returns:
        Un `_Probe` por salida, o el motivo por el que no hay.
    """
    if not model.compiled:
        return "el modelo no está compilado"
    # Objetivos propios: chicos, para que ninguna pérdida tape a otra, y desparejos, para que
    # una en parte parábola y en parte recta, como la de Huber, no pase por parábola.
    values = [None, None]
    values[targets.price] = np.array([0.0, 2.0, 3.0, 5.0])
    values[targets.expensive] = np.array([0.0, 1.0, 1.0, 1.0])
    shaped = [
        (value if rank == 1 else value[:, None]).astype(dtype)
        for value, rank, dtype in zip(
            values, targets.ranks, targets.dtypes, strict=True
        )
    ]
    y = keras.tree.pack_sequence_as(targets.structure, shaped)
    x = _rows(x, slice(4))
    outputs = model(x, training=False)
    shapes = [tuple(output.shape) for output in keras.tree.flatten(outputs)]

    def score(position, constant):
        parts = [np.full(shape, 0.5, "float32") for shape in shapes]
        parts[position][:] = constant
        y_pred = keras.tree.pack_sequence_as(outputs, parts)
        return float(model.compute_loss(x=x, y=y, y_pred=y_pred, training=False))

    try:
        curves = [np.array([score(n, c) for c in _GRID]) for n in range(len(shapes))]
    except Exception as error:
        return f"la pérdida compilada falló con {type(error).__name__}"
    finally:
        model.reset_metrics()
    return [_fit_curve(curve, values) for curve in curves]


def _fit_curve(curve: np.ndarray, values: list) -> _Probe:
    """La pérdida y el objetivo cuyos puntajes son proporcionales a la curva medida."""
    measured = curve - curve[0]
    if np.abs(measured).max() < 1e-6:
        return _Probe("ninguna")
    best, error = _Probe("otra pérdida"), 1e-3
    for loss, score in _SCORES.items():
        for target, value in enumerate(values):
            wanted = np.array([score(c, value) for c in _GRID])
            wanted -= wanted[0]
            weight = wanted @ measured / (wanted @ wanted)
            off = np.abs(measured - weight * wanted).max() / np.abs(measured).max()
            if off < error:
                best, error = _Probe(loss, float(weight), target), off
    return best


def _which_is_which(model, probes, targets, outputs) -> tuple[int, int]:
    """Posiciones de las salidas entrenadas con el precio y con "expensive"."""
    if not isinstance(probes, str):
        for n, probe in enumerate(probes):
            if probe.target is not None:
                return (n, 1 - n) if probe.target == targets.price else (1 - n, n)
    # Sin una pérdida a quien preguntar, "expensive" es la que parece una probabilidad.
    inside = [bool(np.all((output >= 0) & (output <= 1))) for output in outputs]
    expensive = inside.index(True) if any(inside) else targets.expensive
    return 1 - expensive, expensive


_LISTS = (
    "Con diccionarios no hay orden que confundir: si las salidas son un diccionario, una "
    "lista se reparte por orden alfabético de los nombres."
)


def _are_logits(probes, expensive: int, outputs) -> bool:
    """Si "expensive" da logits, a una pérdida que los espera."""
    if isinstance(probes, str) or "from_logits" not in probes[expensive].loss:
        return False
    return bool(np.any((outputs[expensive] < 0) | (outputs[expensive] > 1)))


def _losses(model, probes, price: int, expensive: int, logits: bool):
    if isinstance(probes, str):
        hint = (
            "Compilá con las dos pérdidas y pasale a check las y con la misma forma que le "
            "pasaste a fit."
        )
        return False, probes, hint
    found = probes[price].loss, probes[expensive].loss
    text = f"precio con {found[0]}, expensive con {found[1]}"
    if found == ("MSE", "BCE") or (found[0] == "MSE" and logits):
        return True, text
    if found == ("BCE", "MSE"):
        hint = f"Están cruzadas, o las y van en otro orden que las salidas. {_LISTS}"
    elif "from_logits" in found[1]:
        hint = (
            "from_logits=True pide una salida sin sigmoid. Terminá expensive con "
            "activation='sigmoid' y usá loss='binary_crossentropy'."
        )
    elif found == ("MSE", "MSE"):
        hint = "Una sola 'mse' se aplica a las dos salidas: pasá un diccionario con las dos."
    elif "ninguna" in found:
        hint = "Hay una salida sin pérdida: no se entrena. Pasá una pérdida por salida."
    else:
        hint = "El precio va con 'mse' y expensive con 'binary_crossentropy'."
    return False, text, hint


def _weights(model, probes, price: int, expensive: int):
    if isinstance(probes, str):
        return None, "sin evaluar"
    if "otra pérdida" in (probes[price].loss, probes[expensive].loss):
        return None, "sin evaluar hasta que las pérdidas estén bien"
    found = probes[price].weight, probes[expensive].weight
    text = f"precio {_comma(found[0], 2)}, expensive {_comma(found[1], 2)}"
    wanted = PRICE_WEIGHT, EXPENSIVE_WEIGHT
    if np.allclose(found, wanted, atol=0.005):
        return True, text
    if np.allclose(found, wanted[::-1], atol=0.005):
        hint = f"Están al revés: 0,7 es para el precio. {_LISTS}"
    elif np.allclose(found, 1, atol=0.005):
        hint = "Falta loss_weights en compile: sin él, las dos pesan 1."
    else:
        hint = "loss_weights va en compile: 0.7 para el precio y 0.3 para expensive."
    return False, text, hint


# El entrenamiento ---------------------------------------------------------------------


def _steps(model) -> int:
    """Pasos desde el último `compile`, de a uno aunque se acumulen gradientes."""
    optimizer = getattr(model, "optimizer", None)
    inner = getattr(optimizer, "inner_optimizer", optimizer)  # en precisión mixta
    return int(keras.ops.convert_to_numpy(getattr(inner, "_iterations", 0)))


def _trained(model):
    steps = _steps(model)
    found = f"{_spaced(steps)} pasos desde el último compile"
    if not steps:
        hint = "El optimizador no dio ningún paso: ¿llamaste a fit después de compile?"
        return False, found, hint
    inner = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    state = [v for v in inner.variables if tuple(v.shape)]
    if state and not any(np.any(_array(v)) for v in state):
        hint = "Los momentos del optimizador están en cero, como si nunca hubiera recibido un gradiente."
        return False, found, f"{hint} Entregá el modelo tal como sale de fit."
    hint = (
        f"Hacen falta {MIN_STEPS} o más: lo que el modelo sabe tiene que venir de las dos pérdidas "
        "pedidas. Compilá una vez, con ellas, y entrená."
    )
    return steps >= MIN_STEPS, found, hint


# Etiquetas, escala, probabilidad ------------------------------------------------------


def _labels(targets):
    """Si "expensive" es estar por encima de la mediana de los precios de train."""
    share = f"{100 * targets.label_train.mean():.1f}".replace(".", ",")
    wrong = [
        _mislabelled(targets, split, targets.median) for split in ("train", "test")
    ]
    if not any(wrong):
        return True, f"mediana de train ({share} % de unos en train)"
    text = f"{wrong[0]} filas de train y {wrong[1]} de test no coinciden ({share} % de unos)"
    total = len(targets.price_train) + len(targets.price_test)
    if sum(wrong) > 0.98 * total:
        return False, text, "Está al revés: 1 es por encima de la mediana."
    every = np.concatenate([targets.price_train, targets.price_test])
    suspects = {
        "la mediana de test": np.median(targets.price_test),
        "la mediana de train y test juntos": np.median(every),
        "el promedio de train": targets.price_train.mean(),
        "el promedio de test": targets.price_test.mean(),
        "el promedio de train y test juntos": every.mean(),
    }
    own = None
    for suspect, threshold in suspects.items():
        both = [_mislabelled(targets, split, threshold) for split in ("train", "test")]
        if not any(both):
            own = suspect
            break
        if not wrong[0] and not both[1]:
            own = f"{suspect} para test"
    rule = "Calculá la mediana una vez, con los precios de entrenamiento, y usala en los dos."
    hint = f"Usaste {own}. {rule}" if own else rule
    return False, text, hint


def _mislabelled(targets, split: str, threshold: float) -> int:
    """Filas cuya etiqueta no es "precio sobre el umbral"; en un empate, da igual."""
    price = getattr(targets, f"price_{split}")
    label = getattr(targets, f"label_{split}")
    tie = np.abs(price - threshold) <= 1e-6 * targets.range
    return int(np.sum((label != (price > threshold)) & ~tie))


def _scale(targets):
    given = isinstance(targets.price_unit, Callable)
    unit = (
        "según tu función" if given else f"1 unidad = {_spaced(targets.price_unit)} $"
    )
    deduced = ", deducido del máximo" if targets.deduced else ""
    text = f"desvío {_short(targets.spread)} ({unit}{deduced})"
    ends = np.array([targets.price_train.max(), targets.price_test.max()])
    if _alike(targets.price_train[:, None], targets.price_test[:, None], 3e-4):
        hint = "Test tiene exactamente la media y el desvío de train: usá en los dos los de train."
        return False, f"{text}; test tiene su propia escala", hint
    if abs(ends[0] - ends[1]) > 0.2 * np.ptp(targets.price_train):
        hint = (
            f"Train llega hasta {_short(ends[0])} y test hasta {_short(ends[1])}: usá en "
            "los dos la misma escala, calculada con train."
        )
        return False, text, hint
    if targets.spread > 50:
        hint = (
            "El precio va en una unidad tan chica que su MSE, al cuadrado, tapa a la BCE. "
            "Dividilo por 100 000 (o estandarizalo con train) antes de fit."
        )
        return False, text, hint
    if targets.spread < 0.01:
        hint = "Con números tan chicos la MSE casi no pesa: dividí por 100 000."
        return False, text, hint
    prices = targets.to_dollars(
        np.concatenate([targets.price_train, targets.price_test])
    )
    low, middle, high = prices.min(), np.median(prices), prices.max()
    if not 0.8 < (high - low) / (HIGHEST - LOWEST) < 1.1:
        hint = (
            f"Con price_unit={targets.price_unit}, de la casa más barata a la más cara hay "
            f"{_spaced(high - low)} $, y en California hay {_spaced(HIGHEST - LOWEST)} $. "
            "price_unit son los dólares de una unidad de tu objetivo."
        )
        return False, text, hint
    if not 0.2 < (middle - low) / (high - low) < 0.5:
        hint = (
            "El objetivo no es el precio en otra unidad (¿un logaritmo?). Pasá price_unit "
            "como una función que lo devuelva a dólares; por ejemplo, np.exp."
        )
        return False, text, hint
    return True, text


def _alike(a: np.ndarray, b: np.ndarray, close: float) -> bool:
    """Si cada columna tiene igual media e igual desvío: por azar, no pasa."""
    spread = a.std(0) + 1e-12
    means, spreads = (a.mean(0) - b.mean(0)) / spread, b.std(0) / spread - 1
    return bool(np.all(np.abs(means) < close) and np.all(np.abs(spreads) < close))


def _columns(x) -> np.ndarray:
    """Todas las columnas de las entradas, una al lado de la otra."""
    parts = [part.reshape(len(part), -1).astype("float64") for part in _leaves(x)]
    return np.concatenate(parts, 1)


def _input_scale(x_train, x_test):
    train, test = _columns(x_train), _columns(x_test)
    varies = np.ptp(train, axis=0) > 0
    train, test = train[:, varies], test[:, varies]
    if train.shape[1] < 3:
        return True, "con tan pocas columnas no se puede decir más"
    ends = [np.array([x.min(0), x.max(0)]) for x in (train, test)]
    same_ends = np.allclose(*ends, rtol=1e-4, atol=1e-4)
    rule = "Calculá la media y el desvío con train, una vez, y usalos en los dos."
    if _alike(train, test, 1e-3) or same_ends:
        hint = f"Escalaste test con sus propias filas. {rule}"
        return (
            False,
            "las columnas de test tienen la misma media y el mismo desvío",
            hint,
        )
    every = np.concatenate([train, test])
    if np.allclose(every.mean(0), 0, atol=1e-4) and np.allclose(
        every.std(0), 1, atol=1e-4
    ):
        hint = f"Escalaste con train y test juntos. {rule}"
        return False, "la media 0 es la de todas las filas", hint
    return True, "test no se escaló con sus propias filas"


def _test_rows(x_train, x_test, train, test):
    """Si las filas de test quedaron aparte, hasta donde se nota."""
    columns = [_columns(x) for x in (x_train, x_test)]
    if columns[0].shape[1] != columns[1].shape[1]:
        return False, "train y test tienen otras columnas", "Prepará los dos igual."
    weights = np.random.default_rng(0).normal(size=columns[0].shape[1])
    seen = np.isin(columns[1] @ weights, columns[0] @ weights).mean()
    if seen > 0.05:
        hint = "x_test tiene que traer filas que el modelo no vio."
        return False, f"el {100 * seen:.0f} % de las filas de test está en train", hint
    noise = np.sqrt(
        train.costs.var() / len(train.costs) + test.costs.var() / len(test.costs)
    )
    if train.costs.mean() - test.costs.mean() > 3.5 * noise:
        hint = "Acierta más en test que en lo que debería haber visto: ajustá con x_train, y_train."
        return False, "parece entrenado con las filas de test", hint
    return True, "aparte de train, y nada delata que se entrenara con ellas"


def _probability(output: np.ndarray, probes, expensive: int, logits: bool):
    text = f"de {_comma(output.min(), 2)} a {_comma(output.max(), 2)}"
    if np.isnan(output).any():
        hint = "Hay NaN: bajá la tasa de aprendizaje y revisá que las entradas estén a escala."
        return False, text, hint
    if logits:
        return True, f"logits, {text}, con from_logits=True"
    hint = (
        "Son logits y la pérdida espera probabilidades: terminá la cabeza con "
        "activation='sigmoid', o usá keras.losses.BinaryCrossentropy(from_logits=True)."
    )
    if isinstance(probes, str) or probes[expensive].loss != "BCE":
        hint = (
            "No es una probabilidad: mirá antes con qué pérdida se entrena esta salida."
        )
    return bool(np.all((output >= 0) & (output <= 1))), f"probabilidad, {text}", hint


def _why_bad(model, x_train, test: _Split) -> str:
    """El motivo probable de los malos puntajes, si se nota."""
    if np.isnan(test.dollars).any():
        return "Hay NaN: bajá la tasa de aprendizaje y revisá que las entradas estén a escala."
    if not _steps(model):
        return "El optimizador no dio ningún paso: ¿llamaste a fit después de compile?"
    if _columns(x_train).std(axis=0).max() > 50:
        return (
            "Las entradas no están a escala: si no lo hace el modelo, restá la media y dividí "
            "por el desvío de train, columna por columna."
        )
    if test.dollars.std() < 0.1 * test.truth.std():
        return "Predice casi el mismo precio para todas las filas: todavía no aprendió."
    return ""


# Números en español -------------------------------------------------------------------


def _spaced(number: float) -> str:
    return f"{number:,.0f}".replace(",", "\N{NO-BREAK SPACE}")


def _comma(number: float, digits: int = 3) -> str:
    return f"{number:.{digits}f}".replace(".", ",")


def _short(number: float) -> str:
    return _comma(number, 2) if abs(number) < 1000 else _spaced(number)


def _short_error(error: Exception) -> str:
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0][:110] if text else ''}"
