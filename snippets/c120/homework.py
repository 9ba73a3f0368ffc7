"""Verificador del homework de la Clase 120: la misma regresión, eager y en un grafo.

Un solo archivo, que solo necesita TensorFlow y NumPy: dejalo al lado de un notebook y usá
`from homework import check`, o correlo adentro.

Llama a las tres funciones con datos suyos y compara lo que mueven con la misma cuenta hecha
con NumPy. Anota qué `tf.function` corre en cada llamada: así ve si hay un grafo, cuántas
veces se trazó y qué operaciones tiene. El tiempo lo mide acá, en procesador: lo que otro
programa le saca a tu máquina no se cuenta, y cada cociente se prueba más de una vez.
"""

import re
import time
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

__all__ = ["check", "make_data"]

#: Lo que se pide: semillas, pasos por corrida, tasa, y cuántas veces más rápido que eager.
#: Con guion bajo: quien pega esto en su notebook suele tener ahí su propia RATE.
_SEEDS, _STEPS, _RATE = (1, 2, 3), 200, 0.1
MIN_STEP, MIN_LOOP = 2.0, 5.0

#: Parte de lo pedido que alcanza: con la máquina ocupada, el cociente baja para cualquiera.
SLACK = 0.7

#: Las tres formas de correr la cuenta, de la más lenta a la más rápida.
_WAYS = "eager", "step", "loop"

#: Cuánto pueden diferir dos cuentas en float32, y la de NumPy, que es en float64.
SAME, NEAR = 1e-5, 1e-4

#: Mediciones de cada cociente y veces que se prueba; turnos de cada una, y pasos por turno.
REPEATS, ATTEMPTS, TURNS, TIMED, LOOPED = 3, 5, 6, 20, 1000

#: Lo que define el archivo de quien entrega, en el orden en que lo recibe `check`.
DEFINES = {
    "eager_step": "la función de un paso, sin decorar",
    "graph_step": "el mismo paso, decorado con tf.function",
    "graph_loop": "el bucle entero, decorado, con tf.range",
    "results": "un diccionario con «eager», «step» y «loop»",
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
        faster: Cuántas veces más rápido que eager es cada forma, medido acá.
    """

    criteria: list[Criterion] = field(default_factory=list)
    faster: dict[str, float] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Si se juzgaron y se cumplen todos los criterios."""
        return all(criterion.ok for criterion in self.criteria)

    def __str__(self):
        met = sum(criterion.ok is True for criterion in self.criteria)
        last = f"{met} de {len(self.criteria)} criterios."
        verdict = "Homework aprobado: " if self.passed else "Todavía no: "
        return "\n".join([*map(str, self.criteria), verdict + last])


def make_data(seed) -> tuple[np.ndarray, np.ndarray]:
    """Los datos del enunciado: `x` de forma (100, 2) e `y` de forma (100,), float32."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(100, 2))
    y = x @ [2.0, -1.0] + 3.0 + draw.normal(0, 0.1, 100)
    return x.astype("float32"), y.astype("float32")


def check(eager_step, graph_step, graph_loop, results) -> Report:
    """Juzga el homework.

    Args:
        eager_step: Función de `(x, y, w, b, rate)`: un paso del descenso, que mueve las
            variables `w`, de forma (d, 1), y `b`, escalar, y devuelve la pérdida de antes
            de moverlas. `x` es (n, d) e `y`, (n, 1); `rate` es un tensor.
        graph_step: Lo mismo, con `tf.function`.
        graph_loop: Función de `(x, y, w, b, rate, steps)` que da `steps` pasos adentro del
            grafo; `steps` es un tensor o un entero de Python.
        results: Por forma de correr ("eager", "step" y "loop"), un diccionario con
            "seconds", "w" y "b": listas con un lugar por semilla, 1, 2 y 3.

    Returns:
        Un `Report`. No lanza por lo que se entregó ni por lo que hagan las funciones.
    """
    try:
        import tensorflow as tf
    except ImportError:
        hint = "Esta clase es de TensorFlow: pip install tensorflow."
        return Report([Criterion("Entrega", False, "falta TensorFlow", hint)])
    report = Report()
    work = _Work(tf, eager_step, graph_step, graph_loop, results, report.faster)
    for name, judge in (
        ("Entrega", _delivery),
        ("Paso eager", _eager),
        ("Grafo del paso", _step_graph),
        ("Cuenta del paso", _step_weights),
        ("Trazas", _traces),
        ("Grafo del bucle", _loop_graph),
        ("Cuenta del bucle", _loop_weights),
        ("Trazas del bucle", _loop_traces),
        ("Tasa", _rates),
        ("Formas", _shapes),
        ("Mismos pesos", _same_weights),
        ("Tiempos informados", _reported),
        ("Ganancia", _gain),
    ):
        report.criteria.append(_guarded(name, judge, work, report.criteria))
    return report


def _guarded(name, judge, work, before) -> Criterion:
    """El veredicto de `judge`, o lo que lanzó el código de quien entrega."""
    failed = {criterion.name for criterion in before if not criterion.ok}
    if failed & _NEEDS.get(name, {"Entrega"}):
        return Criterion(name, None, "sin evaluar")
    try:
        return Criterion(name, *judge(work))
    except (Exception, SystemExit) as error:
        return Criterion(name, False, _said(error), _explained(error))


#: Lo que tiene que estar bien para que valga la pena mirar cada cosa.
_NEEDS = {
    "Entrega": set(),
    "Cuenta del paso": {"Entrega", "Grafo del paso"},
    "Tasa": {"Entrega", "Cuenta del paso", "Cuenta del bucle"},
    "Trazas": {"Entrega", "Grafo del paso"},
    "Cuenta del bucle": {"Entrega", "Grafo del bucle"},
    "Trazas del bucle": {"Entrega", "Grafo del bucle", "Cuenta del bucle"},
    "Formas": {"Entrega", "Paso eager", "Cuenta del paso", "Cuenta del bucle"},
    "Ganancia": {
        *("Entrega", "Paso eager", "Grafo del paso", "Cuenta del paso", "Trazas"),
        *("Grafo del bucle", "Cuenta del bucle", "Trazas del bucle", "Tasa"),
    },
}


class _Work:
    """Lo que se entregó, y cómo se lo llama."""

    def __init__(self, tf, eager_step, graph_step, graph_loop, results, faster):
        self.tf, self.faster = tf, faster
        self.eager_step, self.graph_step = eager_step, graph_step
        self.graph_loop, self.results = graph_loop, results

    def data(self, seed=7, flat=False):
        x, y = make_data(seed)
        return self.tf.constant(x), self.tf.constant(y if flat else y[:, None])

    def zeros(self):
        w = self.tf.Variable(np.zeros((2, 1), "float32"))
        return w, self.tf.Variable(np.float32(0))

    def rate(self, value=_RATE):
        return self.tf.constant(value, "float32")

    def after(self, function, rates, data=None, **loop) -> tuple[np.ndarray, list]:
        """Los tres pesos después de dar pasos, y lo que devolvió cada llamada."""
        x, y = data or self.data()
        w, b = self.zeros()
        said = [function(x, y, w, b, self.rate(rate), **loop) for rate in rates]
        return _three(w, b), said

    @contextmanager
    def watched(self):
        """La lista de las `tf.function` que corren, con lo que reciben."""
        plain = self.tf.function(lambda: None)
        kinds, depth, calls = {type(plain), type(plain.get_concrete_function())}, 0, []
        own = {kind: kind.__call__ for kind in kinds}

        def spy_on(original):
            def spy(function, *args, **kwargs):
                nonlocal depth
                if depth == 0:  # no las que se llaman adentro de otra
                    calls.append((function, args, kwargs))
                depth += 1
                try:
                    return original(function, *args, **kwargs)
                finally:
                    depth -= 1

            return spy

        for kind, original in own.items():
            kind.__call__ = spy_on(original)
        try:
            yield calls
        finally:
            for kind, original in own.items():
                kind.__call__ = original


def _three(w, b) -> np.ndarray:
    return np.append(np.ravel(w), np.ravel(b)).astype("float64")


def _right(rates, seed=7, mean=np.mean) -> tuple[np.ndarray, list[float]]:
    """La cuenta de siempre: los tres pesos, y la pérdida antes de cada paso."""
    x, y = (array.astype("float64") for array in make_data(seed))
    weights, losses = np.zeros(3), []
    for rate in rates:
        left = x @ weights[:2] + weights[2] - y
        losses.append(float(np.mean(left**2)))
        slope = np.append(x.T @ left, left.sum()) * 2 / len(y)
        weights = weights - rate * slope
    return weights, losses


# Lo que se entregó ----------------------------------------------------------------------


def _delivery(work):
    for name in list(DEFINES)[:3]:
        if not callable(getattr(work, name)):
            found = f"{name} es {type(getattr(work, name)).__name__}"
            return False, found, f"Tiene que ser {DEFINES[name]}."
    if work.tf.config.functions_run_eagerly():
        hint = (
            "Quedó prendido tf.config.run_functions_eagerly(True), que apaga todos los grafos: "
            "volvé a pasarle False."
        )
        return False, "las tf.function corren en eager", hint
    if not isinstance(work.results, dict):
        found = f"results es {type(work.results).__name__}"
        return False, found, f"Es {DEFINES['results']}."
    for way in _WAYS:
        row = work.results.get(way)
        if not isinstance(row, dict):
            return False, f"en results falta «{way}»", f"Es {DEFINES['results']}."
        for key in ("seconds", "w", "b"):
            if wrong := _wrong_list(row.get(key), 2 if key == "w" else 1):
                hint = (
                    f'results["{way}"]["{key}"] es una lista con un lugar por semilla, 1, 2 y 3'
                    + (", y en cada uno van los dos pesos." if key == "w" else ".")
                )
                return False, f"{way}, «{key}»: {wrong}", hint
    return True, "tres funciones, y las corridas de tres semillas", ""


def _wrong_list(values, size) -> str:
    """Qué tiene de malo una lista de números por semilla; "" si nada."""
    if not isinstance(values, list | tuple | np.ndarray):
        return f"es {type(values).__name__}" if values is not None else "no está"
    if len(values) != len(_SEEDS):
        return f"tiene {len(values)} lugares"
    try:
        numbers = [np.asarray(value, "float64").ravel() for value in values]
    except Exception:
        return "no son números"
    if any(len(number) != size for number in numbers):
        return f"no hay {size} por semilla"
    return "" if np.isfinite(numbers).all() else "hay NaN o infinitos"


# El paso --------------------------------------------------------------------------------


def _eager(work):
    with work.watched() as calls:
        found, said = work.after(work.eager_step, [_RATE] * 3)
    if calls:
        hint = "Dejá una versión sin @tf.function: sin ella no hay con qué comparar."
        return False, "eager_step ya corre en un grafo", hint
    return _same_step(found, said, [_RATE] * 3)


def _same_step(found, said, rates):
    """Si los pesos y las pérdidas son los de la cuenta; si no, en qué se parecen."""
    right, losses = _right(rates)
    if not np.allclose(found, right, atol=NEAR):
        return False, f"da {_listed(found)} y es {_listed(right)}", _moved(found, rates)
    given = [_first(value) for value in said]
    if not all(
        value is not None and abs(value - loss) < 1e-3 * max(1, loss)
        for value, loss in zip(given, losses, strict=True)
    ):
        shown = "nada" if given[0] is None else _comma(given[0])
        hint = "Devolvé la pérdida (el error cuadrático medio) de antes de mover w y b."
        return False, f"devuelve {shown} y la pérdida es {_comma(losses[0])}", hint
    return True, f"los mismos pesos y pérdidas que la cuenta, en {len(rates)} pasos", ""


def _first(value) -> float | None:
    """El número que devolvió un paso, o el primero si son varios."""
    if isinstance(value, list | tuple) and value:
        value = value[0]
    if value is None:
        return None
    try:
        number = np.asarray(value, "float64").ravel()
        return float(number[0]) if number.size == 1 else None
    except Exception:
        return None


_STILL = "w y b no se mueven: cambialas con assign_sub. Un nombre nuevo adentro de la función no las toca."


def _moved(found, rates) -> str:
    """La pista de la equivocación que mueve los pesos así."""
    if np.allclose(found, 0, atol=1e-9):
        return _STILL
    if np.isclose(found[2], 0, atol=1e-9):
        return "b no se mueve: también lleva su gradiente y su assign_sub."
    if np.allclose(found[:2], 0, atol=1e-9):
        return "w no se mueve: también lleva su gradiente y su assign_sub."
    for factor, hint in {
        -1: "Se alejan: van en contra del gradiente, con assign_sub.",
        0.5: "Se mueven la mitad: la pérdida es el error cuadrático medio, sin dividir por 2.",
        100: "Es la suma de los errores y no la media: usá tf.reduce_mean.",
    }.items():
        with np.errstate(all="ignore"):
            if np.allclose(
                found, _right([rate * factor for rate in rates])[0], rtol=1e-3
            ):
                return hint
    if len(rates) > 1 and np.allclose(found, _right(rates[:1])[0], atol=NEAR):
        return (
            "Solo se mueven en la primera llamada: assign_sub, y no assign desde cero."
        )
    return f"Cada paso es w ← w − tasa · gradiente, y lo mismo b, con la tasa que recibe ({_comma(rates[0])})."


def _step_graph(work):
    with work.watched() as calls:
        found, _ = work.after(work.graph_step, [_RATE] * 2)
    return _graph(calls, found, "graph_step", 2)


def _graph(calls, found, name, times):
    """Si las llamadas corrieron todas en un grafo, con los pesos adentro."""
    if not calls:
        hint = "Es eager disfrazado: ninguna tf.function corre cuando se la llama. Decorala con @tf.function."
        return False, f"{name} no arma ningún grafo", hint
    if len({id(function) for function, *_ in calls}) > 1 and len(calls) == times:
        hint = "Decorá una sola vez, afuera: cada tf.function nueva empieza por trazar."
        return False, f"cada llamada a {name} crea otra tf.function", hint
    types = _operations(calls[-1])
    if python := sorted(kind for kind in types if "PyFunc" in kind):
        hint = "Vuelve a Python en cada llamada: escribila con operaciones de tf, sin py_function ni numpy_function."
        return False, f"el grafo tiene {python[0]}", hint
    if not any(kind.startswith("Assign") for kind in types):
        if np.allclose(found, 0, atol=1e-9):
            return False, "el grafo no mueve ninguna variable", _STILL
        hint = "Que la actualización quede adentro de la función decorada: w.assign_sub(…) y b.assign_sub(…)."
        return False, "el grafo no mueve ninguna variable", hint
    return (
        True,
        f"un grafo de {sum(types.values())} operaciones, con los pesos adentro",
        "",
    )


def _operations(call) -> dict[str, int]:
    """Cuántas operaciones de cada tipo tiene el grafo de una llamada, con los de adentro."""
    function, args, kwargs = call
    if not hasattr(function, "graph"):
        function = function.get_concrete_function(*args, **kwargs)
    graph, types = function.graph.as_graph_def(), {}
    nodes = [*graph.node, *(n for f in graph.library.function for n in f.node_def)]
    for node in nodes:
        types[node.op] = types.get(node.op, 0) + 1
    return types


def _step_weights(work):
    found, said = work.after(work.graph_step, [_RATE] * 20)
    return _same_step(found, said, [_RATE] * 20)


def _rates(work):
    tried = 0.02, 0.2, 0.0
    for name, loop in (("graph_step", {}), ("graph_loop", {"steps": 1})):
        for rate in tried:
            found, _ = work.after(getattr(work, name), [rate], **loop)
            if not np.allclose(found, _right([rate])[0], atol=NEAR):
                used = next(
                    (
                        r
                        for r in (_RATE, *tried)
                        if np.allclose(found, _right([r])[0], atol=NEAR)
                    ),
                    None,
                )
                hint = (
                    "Quedó fija al trazar, o es una global: usá la que recibe la función, sin convertirla."
                    if used is not None
                    else "Cada paso usa la tasa que recibe: w ← w − tasa · gradiente."
                )
                what = f"con tasa {_comma(rate)}, {name} se mueve como con {_comma(used)}" if used is not None else (
                    f"con tasa {_comma(rate)}, {name} da {_listed(found)}"
                )  # fmt: skip
                return False, what, hint
    return True, "cada llamada usa la tasa que recibe", ""


def _traces(work):
    x, y = work.data()
    w, b = work.zeros()
    same, other = [_RATE] * 4, [0.09, 0.08, 0.07]
    with work.watched() as calls:
        counts = []
        for rate in same + other:
            work.graph_step(x, y, w, b, work.rate(rate))
            counts.append(_traced(calls))
    again = counts[len(same) - 1] - counts[0]
    if again:
        hint = (
            "Vuelve a trazar en cada paso: le llega un objeto o un número de Python nuevo. Pasá tensores, "
            "y decorá una sola vez."
        )
        return False, f"{again} trazas de más en {len(same) - 1} llamadas iguales", hint
    if again := counts[-1] - counts[0]:
        hint = "Traza con cada tasa nueva: ¿la convertís en un número de Python? Pasala como tensor."
        return False, f"{again} trazas de más con {len(other)} tasas", hint
    return True, f"ninguna de más en {len(counts)} llamadas, con cuatro tasas", ""


def _traced(calls) -> int:
    """Trazas que llevan todas las funciones que se llamaron."""
    functions = {id(function): function for function, *_ in calls}.values()
    counters = (
        getattr(f, "experimental_get_tracing_count", lambda: 1) for f in functions
    )
    return sum(counter() for counter in counters)


# El bucle -------------------------------------------------------------------------------


def _loop_graph(work):
    with work.watched() as calls:  # el número de Python es el que se desenrolla
        found, _ = work.after(work.graph_loop, [_RATE], steps=12)
    if len(calls) > 1:
        hint = "El bucle está afuera: que un solo grafo dé todos los pasos, con tf.range adentro."
        return False, f"12 pasos son {len(calls)} llamadas a una tf.function", hint
    ok, found, hint = _graph(calls, found, "graph_loop", 1)
    if not ok:
        return ok, found, hint
    types = _operations(calls[0])
    if not {"While", "StatelessWhile"} & set(types):
        hint = "El range de Python se desenrolla: el grafo repite el paso tantas veces como pasos haya. Usá tf.range."
        return (
            False,
            f"el grafo no tiene ningún bucle, y sí {sum(types.values())} operaciones",
            hint,
        )
    return True, "un While, con la cantidad de pasos afuera del grafo", ""


def _loop_weights(work):
    for steps in (12, 30):
        rates = [_RATE] * steps
        tensor = work.tf.constant(steps)
        found, _ = work.after(work.graph_loop, [_RATE], steps=tensor)
        right, _ = _right(rates)
        if not np.allclose(found, right, atol=NEAR):
            for other in (*range(1, 61), 100, _STEPS, 1000):
                if np.allclose(found, _right([_RATE] * other)[0], atol=NEAR):
                    hint = "Tiene que dar los pasos que recibe en «steps»."
                    what = f"con steps={steps} queda como después de {other}"
                    return False, what, hint
            what = f"con steps={steps} da {_listed(found)} y es {_listed(right)}"
            return False, what, _moved(found, rates)
    return True, "los mismos pesos que la cuenta, con 12 y con 30 pasos", ""


def _loop_traces(work):
    x, y = work.data()
    w, b = work.zeros()
    counts = []
    with work.watched() as calls:
        for steps, rate in ((3, _RATE), (3, _RATE), (5, _RATE), (8, 0.05), (9, 0.02)):
            work.graph_loop(x, y, w, b, work.rate(rate), work.tf.constant(steps))
            counts.append(_traced(calls))
    if again := counts[-1] - counts[0]:
        hint = "Traza de nuevo con cada cantidad de pasos o con cada tasa: usá los tensores que recibe."
        return False, f"{again} trazas de más en {len(counts) - 1} llamadas", hint
    return (
        True,
        f"ninguna de más en {len(counts)} llamadas, con cuatro cantidades de pasos",
        "",
    )


# Las formas, los resultados y el reloj --------------------------------------------------


def _shapes(work):
    """Con `y` de forma (n,), o se niega o da lo mismo."""
    flat, right = work.data(flat=True), _right([_RATE])[0]
    for name, loop in (
        ("eager_step", {}),
        ("graph_step", {}),
        ("graph_loop", {"steps": 1}),
    ):
        try:
            found, _ = work.after(getattr(work, name), [_RATE], flat, **loop)
        except (Exception, SystemExit):
            continue
        if not np.allclose(found, right, atol=NEAR):
            hint = (
                "La resta de (n, 1) y (n,) se difunde a (n, n) sin avisar: empezá por un assert sobre y.shape, "
                "o por tf.reshape."
            )
            return (
                False,
                f"{name} acepta y de forma (n,) y mueve los pesos a otro lado",
                hint,
            )
    return True, "una y de forma (n,) no pasa en silencio", ""


def _same_weights(work):
    found = {
        way: np.array([
            _three(w, b) for w, b in zip(work.results[way]["w"], work.results[way]["b"], strict=True)
        ])
        for way in _WAYS
    }  # fmt: skip
    for place, seed in enumerate(_SEEDS):
        right, _ = _right([_RATE] * _STEPS, seed)
        for way in _WAYS:
            if not np.allclose(found[way][place], right, atol=NEAR):
                what = f"{way}, semilla {seed}: {_listed(found[way][place])} y es {_listed(right)}"
                return False, what, _strayed(found[way][place], seed)
            apart = np.abs(found[way][place] - found["eager"][place]).max()
            if apart > SAME:
                what = f"{way}, semilla {seed}: a {apart:.1e} de eager"
                return False, what, "Los mismos pasos, con la misma tasa, desde cero."
    return True, "iguales a 1e-5 en las tres formas, y a la cuenta", ""


def _strayed(found, seed) -> str:
    """Por qué una corrida terminó con otros pesos."""
    _, y = make_data(seed)
    if np.allclose(found[:2], 0, atol=0.02) and abs(found[2] - y.mean()) < 0.1:
        return (
            "Con y de forma (n,) la resta se difunde a (n, n): los pesos quedan en 0 y b, en la media de y. "
            "Dale forma (n, 1) antes de entrenar."
        )
    if np.allclose(found, 0, atol=1e-9):
        return "Son los de antes de entrenar: guardalos después del último paso."
    for other in _SEEDS:
        if np.allclose(found, _right([_RATE] * _STEPS, other)[0], atol=NEAR):
            return f"Son los de la semilla {other}: va un lugar por semilla, en orden."
    for steps in (1, 3, 10, 20, 30, 50, 100):
        if np.allclose(found, _right([_RATE] * steps, seed)[0], atol=NEAR):
            return f"Son los de {steps} pasos: hacen falta {_STEPS}."
    if np.abs(found - _right([_RATE] * _STEPS, seed)[0]).max() < 0.006:
        return "Están redondeados, o faltan pasos: guardá los números enteros."
    return f"Son {_STEPS} pasos con tasa {_comma(_RATE)}, desde w y b en cero, con los datos de make_data."


def _reported(work):
    seconds = {
        way: np.asarray(work.results[way]["seconds"], "float64").ravel()
        for way in _WAYS
    }
    for way, values in seconds.items():
        if (values <= 0).any():
            hint = "Van los segundos de cada corrida, uno por semilla, sin redondear."
            return False, f"en «{way}» hay un tiempo que no es positivo", hint
        if len(set(values)) < len(values):
            hint = "Cada semilla se mide aparte: tres corridas nunca tardan exactamente lo mismo."
            return False, f"en «{way}» se repite un tiempo", hint
    eager, step, loop = (float(np.median(seconds[way])) for way in _WAYS)
    shown = f"eager {_times(eager / step)} el paso, {_times(eager / loop)} el bucle"
    if not loop < min(eager, step):
        hint = (
            f"El bucle es el más rápido de los tres. ¿Quedó adentro el trazado, o son menos de {_STEPS} pasos? "
            "Llamá una vez antes de medir."
        )
        return False, shown, hint
    return True, shown, ""


def _gain(work):
    """Las dos ganancias; cada una vale si alguna de las veces que se prueba llega."""
    for _ in range(ATTEMPTS):
        ratios = [_ratios(work) for _ in range(REPEATS)]
        for way, value in zip(("step", "loop"), np.median(ratios, axis=0), strict=True):
            work.faster[way] = max(work.faster.get(way, 0.0), float(value))
        step, loop = work.faster["step"], work.faster["loop"]
        if step >= SLACK * MIN_STEP and loop >= SLACK * MIN_LOOP:
            break
    found = f"el paso decorado {_times(step)} y el bucle {_times(loop)}, mediana de {REPEATS}"
    if step < SLACK * MIN_STEP:
        hint = (
            f"El paso tiene que ser {_times(MIN_STEP)} o más. ¿El gradiente está escrito a mano? Con tan pocas "
            "operaciones hay poco que ahorrar: va con tf.GradientTape. ¿Queda algo afuera de la función decorada?"
        )
        return False, found, hint
    if loop < SLACK * MIN_LOOP:
        hint = f"El bucle tiene que ser {_times(MIN_LOOP)} o más: que no vuelva a Python entre un paso y otro."
        return False, found, hint
    return True, found, ""


def _ratios(work) -> tuple[float, float]:
    """Lo que cuesta un paso en eager, sobre lo que cuesta en los otros dos.

    De cada uno vale la vez más barata, y se turnan: así un tirón de la máquina no le toca
    siempre al mismo.
    """
    x, y = work.data()
    w, b = work.zeros()
    rate, steps = work.rate(), work.tf.constant(LOOPED)

    def cost(function, times, *extra):
        start = _clock()
        for _ in range(times):
            function(x, y, w, b, rate, *extra)
        return max(_clock() - start, 1e-6)

    for function, extra in (
        *((work.eager_step, ()), (work.graph_step, ())),
        (work.graph_loop, (steps,)),
    ):
        cost(function, 2, *extra)  # si hay que trazar, que sea antes
    turns = [
        (cost(work.graph_step, TIMED), cost(work.eager_step, TIMED))
        for _ in range(TURNS)
    ]
    step, eager = (min(costs) / TIMED for costs in zip(*turns, strict=True))
    loop = min(cost(work.graph_loop, 1, steps) for _ in range(2)) / LOOPED
    return eager / step, eager / loop


def _clock() -> float:
    """Segundos de procesador; en los sistemas que los cuentan de a 16 ms, los del reloj."""
    fine = time.get_clock_info("process_time").resolution < 1e-3
    return time.process_time() if fine else time.perf_counter()


# Cómo se dice ---------------------------------------------------------------------------

#: Qué hacer con lo que lanza TensorFlow cuando algo no puede ir en un grafo.
_RAISED = {
    r"singleton tf\.Variables|on the first call": "Creás una tf.Variable adentro: w y b llegan hechas, solo hay que moverlas.",
    r"has no attribute 'numpy'|to a numpy array|__array__": "Adentro hay NumPy: al trazar no hay números, así que usá operaciones de tf.",
    r"`variable [-+*]= value`": "Usá w.assign_sub(…): w -= … no mueve la variable.",
    r"must be defined before the loop|must also be initialized": "AutoGraph pide que lo que cambia en el bucle exista antes, con su forma y su tipo.",
    r"out of scope|InaccessibleTensor": "Guardás tensores del bucle en una lista de Python: quedan adentro del grafo.",
    r"'NoneType'|None values not supported": "Un gradiente es None: la predicción y la pérdida van adentro del with tf.GradientTape().",
    r"interpreted as an integer|as a Python `bool`|Iterating over a symbolic": "AutoGraph no la convirtió: ¿autograph=False, o una lambda? Definila con def y decorala con @tf.function.",
    r"positional argument|keyword argument|required argument|Binding inputs": "Los argumentos son (x, y, w, b, rate) y, en graph_loop, también steps.",
    r"Matrix size-incompatible|Incompatible shapes|Dimensions must be equal": "x es (n, d), w es (d, 1) e y es (n, 1): revisá el orden del producto.",
}  # fmt: skip


def _explained(error) -> str:
    text = f"{type(error).__name__} {_text(error)}"
    found = (hint for pattern, hint in _RAISED.items() if re.search(pattern, text))
    return next(
        found,
        "Falla al usarla: llamala con make_data(1), con y[:, None], y leé el mensaje entero.",
    )


def _text(error) -> str:
    try:
        return str(error)
    except Exception:
        return ""


def _said(error) -> str:
    """Una excepción en una línea; lo que TensorFlow cuenta de más está arriba."""
    lines = [line.strip() for line in _text(error).splitlines() if line.strip()]
    inner = (line for line in lines if re.match(r"\w+(?:Error|Exception): ", line))
    line = next(
        inner, f"{type(error).__name__}: {lines[0] if lines else '(sin mensaje)'}"
    )
    return line[:130]


def _listed(weights) -> str:
    return "(" + "; ".join(_comma(weight) for weight in weights) + ")"


def _comma(number) -> str:
    return f"{number:.3g}".replace(".", ",")


def _times(ratio) -> str:
    return f"{ratio:.1f}×".replace(".", ",")
