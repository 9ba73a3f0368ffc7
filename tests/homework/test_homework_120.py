"""The checker of the homework of Clase 120: homeworks that pass, and wrong ones it names."""

import functools
import os
import time

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import tensorflow as tf

from snippets.c120 import homework
from snippets.c120.homework import _RATE as RATE
from snippets.c120.homework import _SEEDS as SEEDS
from snippets.c120.homework import _STEPS as STEPS
from snippets.c120.homework import DEFINES, check, make_data

#: The page runs the checker too, in every run; the wrong homeworks, in `make test-all`.
pytestmark = pytest.mark.slow

GLOBAL_RATE = RATE


def eager_step(x, y, w, b, rate):
    assert y.shape[1:] == (1,), "y va como columna"
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(x @ w + b - y))
    to_w, to_b = tape.gradient(loss, [w, b])
    w.assign_sub(rate * to_w)
    b.assign_sub(rate * to_b)
    return loss


graph_step = tf.function(eager_step)


@tf.function
def graph_loop(x, y, w, b, rate, steps):
    for _ in tf.range(steps):
        eager_step(x, y, w, b, rate)


def train(way, seed, flat=False, steps=STEPS):
    x, y = make_data(seed)
    x, y = tf.constant(x), tf.constant(y if flat else y[:, None])
    w, b = tf.Variable(tf.zeros((2, 1))), tf.Variable(0.0)
    start = time.perf_counter()
    if way == "loop":
        loop = loose_loop if flat else graph_loop
        loop(x, y, w, b, tf.constant(RATE), tf.constant(steps))
    else:
        step = (loose_step, tf.function(loose_step)) if flat else (eager_step, graph_step)
        for _ in range(steps):
            step[way == "step"](x, y, w, b, tf.constant(RATE))
    return time.perf_counter() - start, w.numpy(), b.numpy()


@functools.cache
def trained():
    graph_step(*batch(), tf.constant(RATE))
    found = {}
    for way in ("eager", "step", "loop"):
        train(way, 1, steps=2)
        seconds, w, b = zip(*(train(way, seed) for seed in SEEDS), strict=True)
        found[way] = {"seconds": list(seconds), "w": list(w), "b": list(b)}
    return found


def batch():
    x, y = make_data(1)
    return x, y[:, None], tf.Variable(tf.zeros((2, 1))), tf.Variable(0.0)


def judged(eager=eager_step, step=graph_step, loop=graph_loop, results=None):
    return check(eager, step, loop, trained() if results is None else results)


def wrong(**pieces):
    """What fails, each criterion with all that it says; there must be something."""
    report = judged(**pieces)
    found = {c.name: f"{c.measured}\n{c.hint}" for c in report.criteria if c.ok is False}
    assert found and not report.passed and str(report).startswith(("✔", "✘"))
    return found


def altered(way="loop", **changes):
    """The same results, with one thing changed."""
    results = {name: dict(row) for name, row in trained().items()}
    for key, change in changes.items():
        results[way][key] = change(results[way][key])
    return results


# Homeworks that are right -------------------------------------------------------------


def test_reference_passes():
    report = judged()
    assert report.passed, report
    assert report.faster["step"] >= 1.4 and report.faster["loop"] >= 5
    assert "✘" not in str(report) and "Homework aprobado: 13 de 13" in str(report)


def reshaping_step(x, y, w, b, rate):
    """Takes `y` of any shape, names nothing as the page does, and answers more than the loss."""
    y = tf.reshape(y, (-1, 1))
    with tf.GradientTape(persistent=True) as tape:
        error = tf.linalg.matmul(x, w) + b - y
        cost = tf.math.reduce_mean(error**2)
    slopes = [tape.gradient(cost, weight) for weight in (w, b)]
    for weight, slope in zip((w, b), slopes, strict=True):
        weight.assign(weight - rate * slope)
    return cost, slopes


@tf.function
def loop_of_decorated_steps(x, y, w, b, rate, steps):
    loss = tf.constant(0.0)
    for _ in tf.range(steps):
        loss = graph_step(x, y, w, b, rate)
    return loss


@tf.function
def while_loop(x, y, w, b, rate, steps):
    def body(i):
        eager_step(x, y, w, b, rate)
        return i + 1

    return tf.while_loop(lambda i: i < steps, body, [tf.constant(0)])


@tf.function
def while_of_autograph(x, y, w, b, rate, steps):
    done = tf.constant(0)
    while done < steps:
        eager_step(x, y, w, b, rate)
        done += 1
    return w, b


class Regression:
    """Methods, in place of functions."""

    def eager(self, x, y, w, b, rate):
        return eager_step(x, y, w, b, rate)

    @tf.function
    def step(self, x, y, w, b, rate):
        return eager_step(x, y, w, b, rate)

    @tf.function
    def loop(self, x, y, w, b, rate, steps):
        for _ in tf.range(steps):
            self.step(x, y, w, b, rate)


def wrapped(function):
    """A function of Python that only calls a decorated one."""
    return lambda *args, **kwargs: function(*args, **kwargs)


REGRESSION = Regression()

RIGHT = {
    "con reshape adentro": {
        "eager": reshaping_step,
        "step": tf.function(reshaping_step),
        "loop": while_loop,
    },
    "con XLA": {
        "step": tf.function(eager_step, jit_compile=True),
        "loop": tf.function(graph_loop.python_function, jit_compile=True),
    },
    "métodos de una clase": {
        "eager": REGRESSION.eager,
        "step": REGRESSION.step,
        "loop": REGRESSION.loop,
    },
    "envueltas, y un bucle de pasos decorados": {
        "step": wrapped(graph_step),
        "loop": wrapped(loop_of_decorated_steps),
    },
    "reduce_retracing y while": {
        "step": tf.function(eager_step, reduce_retracing=True),
        "loop": while_of_autograph,
    },
}


@pytest.mark.parametrize("name", RIGHT)
def test_homeworks_in_other_forms_are_right(name):
    report = judged(**RIGHT[name])
    assert report.passed, report


def test_results_in_other_forms_are_right():
    arrays = {
        way: {
            "seconds": np.array(row["seconds"]),
            "w": np.array(row["w"]),
            "b": tuple(map(float, row["b"])),
        }
        for way, row in trained().items()
    }
    flat = altered(
        w=lambda ws: [w.ravel().tolist() for w in ws], b=lambda bs: [tf.Variable(b) for b in bs]
    )
    for results in (arrays, flat, {**trained(), "numpy": None}):
        work = homework._Work(tf, None, None, None, results, {})
        assert homework._same_weights(work)[0] and homework._reported(work)[0]
        assert not homework._delivery(homework._Work(tf, None, None, None, results, {}))[0]


# Homeworks that are wrong -------------------------------------------------------------


def loose_step(x, y, w, b, rate):
    """As on the page, without a look at the shapes."""
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(x @ w + b - y))
    to_w, to_b = tape.gradient(loss, [w, b])
    w.assign_sub(rate * to_w)
    b.assign_sub(rate * to_b)
    return loss


@tf.function
def loose_loop(x, y, w, b, rate, steps):
    for _ in tf.range(steps):
        loose_step(x, y, w, b, rate)


def decorated_each_time(*args):
    return tf.function(eager_step)(*args)


@tf.function
def through_python(x, y, w, b, rate):
    return tf.py_function(lambda *args: eager_step(*args[:2], w, b, args[2]), [x, y, rate], tf.float32)


@tf.function
def only_slopes(x, y, w, b):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(x @ w + b - y))
    return loss, tape.gradient(loss, [w, b])


def moved_outside(x, y, w, b, rate):
    assert y.shape[1:] == (1,)
    loss, (to_w, to_b) = only_slopes(x, y, w, b)
    w.assign_sub(rate * to_w)
    b.assign_sub(rate * to_b)
    return loss


@tf.function
def numbered(x, y, w, b, rate, number):
    return eager_step(x, y, w, b, rate)


class Counted:
    """A new number of Python for every step."""

    number = 0

    def __call__(self, *args):
        self.number += 1
        return numbered(*args, self.number)


def rate_as_number(x, y, w, b, rate):
    return graph_step(x, y, w, b, float(rate))


def global_rate(x, y, w, b, rate):
    return eager_step(x, y, w, b, GLOBAL_RATE)


def step_with(loss=None, move=None, answer=None):
    """A step with one thing that is not as it should be."""

    def step(x, y, w, b, rate):
        assert y.shape[1:] == (1,)
        with tf.GradientTape() as tape:
            cost = (loss or (lambda left: tf.reduce_mean(tf.square(left))))(x @ w + b - y)
        slopes = tape.gradient(cost, [w, b])
        (move or sub)(w, b, rate, *slopes)
        return cost if answer is None else answer(cost)

    return step


def sub(w, b, rate, to_w, to_b):
    w.assign_sub(rate * to_w)
    b.assign_sub(rate * to_b)


def add(w, b, rate, to_w, to_b):
    w.assign_add(rate * to_w)
    b.assign_add(rate * to_b)


def rebind(w, b, rate, to_w, to_b):
    w = w - rate * to_w
    b = b - rate * to_b


def subtract(w, b, rate, to_w, to_b):
    w -= rate * to_w


def only_w(w, b, rate, to_w, to_b):
    w.assign_sub(rate * to_w)


def only_b(w, b, rate, to_w, to_b):
    b.assign_sub(rate * to_b)


def from_zero(w, b, rate, to_w, to_b):
    w.assign(-rate * to_w)
    b.assign(-rate * to_b)


def no_slope(x, y, w, b, rate):
    left = x @ w + b - y
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(left))
    sub(w, b, rate, *tape.gradient(loss, [w, b]))


def own_variables(x, y, w, b, rate):
    return eager_step(x, y, tf.Variable(w), tf.Variable(b), rate)


def with_numpy(x, y, w, b, rate):
    return eager_step(x - np.mean(x), y, w, b, rate)


def with_numpy_method(x, y, w, b, rate):
    loss = eager_step(x, y, w, b, rate)
    print(loss.numpy())
    return loss


def transposed(x, y, w, b, rate):
    return eager_step(tf.transpose(x), y, w, b, rate)


WRONG_STEPS = {
    "eager disfrazado": (eager_step, "Grafo del paso", "eager disfrazado"),
    "decorada en cada llamada": (decorated_each_time, "Grafo del paso", "Decorá una sola vez"),
    "py_function": (through_python, "Grafo del paso", "EagerPyFunc"),
    "los pesos se mueven afuera": (moved_outside, "Grafo del paso", "adentro de la función decorada"),
    "traza en cada paso": (Counted(), "Trazas", "Vuelve a trazar en cada paso"),
    "traza con cada tasa": (rate_as_number, "Trazas", "Pasala como tensor"),
    "tasa horneada": (tf.function(global_rate), "Tasa", "se mueve como con 0,1\nQuedó fija"),
    "pesos sin mover": (tf.function(step_with(move=rebind)), "Grafo del paso", "no se mueven"),
    "w -= …": (tf.function(step_with(move=subtract)), "Grafo del paso", "w.assign_sub(…): w -="),
    "hacia el otro lado": (tf.function(step_with(move=add)), "Cuenta del paso", "Se alejan"),
    "solo w": (tf.function(step_with(move=only_w)), "Cuenta del paso", "b no se mueve"),
    "solo b": (tf.function(step_with(move=only_b)), "Cuenta del paso", "w no se mueve"),
    "assign": (tf.function(step_with(move=from_zero)), "Cuenta del paso", "da ("),
    "la mitad": (
        tf.function(step_with(loss=lambda left: tf.reduce_mean(tf.square(left)) / 2)),
        "Cuenta del paso",
        "sin dividir por 2",
    ),
    "la suma": (
        tf.function(step_with(loss=lambda left: tf.reduce_sum(tf.square(left)))),
        "Cuenta del paso",
        "tf.reduce_mean",
    ),
    "sin return": (
        tf.function(step_with(answer=lambda cost: None)),
        "Cuenta del paso",
        "devuelve nada",
    ),
    "raíz": (tf.function(step_with(answer=tf.sqrt)), "Cuenta del paso", "error cuadrático medio"),
    "variables adentro": (tf.function(own_variables), "Grafo del paso", "Creás una tf.Variable"),
    "NumPy adentro": (tf.function(with_numpy), "Grafo del paso", "Adentro hay NumPy"),
    ".numpy()": (tf.function(with_numpy_method), "Grafo del paso", "Adentro hay NumPy"),
    "gradiente None": (tf.function(no_slope), "Grafo del paso", "adentro del with"),
    "x traspuesta": (tf.function(transposed), "Grafo del paso", "revisá el orden"),
    "otros argumentos": (tf.function(lambda x, y: x), "Grafo del paso", "(x, y, w, b, rate)"),
    "una y de forma (n,)": (tf.function(loose_step), "Formas", "se difunde a (n, n)"),
}


@pytest.mark.parametrize("name", WRONG_STEPS)
def test_wrong_steps(name):
    step, criterion, words = WRONG_STEPS[name]
    assert words in wrong(step=step).get(criterion, ""), judged(step=step)


@tf.function
def unrolled(x, y, w, b, rate, steps):
    for _ in range(steps):
        eager_step(x, y, w, b, rate)


@tf.function
def fixed(x, y, w, b, rate, steps):
    for _ in tf.range(30):
        eager_step(x, y, w, b, rate)


@tf.function
def one_less(x, y, w, b, rate, steps):
    for _ in tf.range(1, steps):
        eager_step(x, y, w, b, rate)


def loop_outside(x, y, w, b, rate, steps):
    for _ in range(int(steps)):
        graph_step(x, y, w, b, rate)


def eager_loop(x, y, w, b, rate, steps):
    for _ in range(int(steps)):
        eager_step(x, y, w, b, rate)


def steps_as_number(x, y, w, b, rate, steps):
    return graph_loop(x, y, w, b, rate, int(steps))


@tf.function
def baked_loop(x, y, w, b, rate, steps):
    for _ in tf.range(steps):
        eager_step(x, y, w, b, GLOBAL_RATE)


@tf.function(autograph=False)
def without_autograph(x, y, w, b, rate, steps):
    for _ in tf.range(steps):
        eager_step(x, y, w, b, rate)


@tf.function
def keeps_losses(x, y, w, b, rate, steps):
    losses = []
    for _ in tf.range(steps):
        losses.append(eager_step(x, y, w, b, rate))
    return tf.stack(losses)


@tf.function
def without_steps(x, y, w, b, rate):
    return eager_step(x, y, w, b, rate)


WRONG_LOOPS = {
    "range de Python": (unrolled, "Grafo del bucle", "se desenrolla"),
    "pasos fijos": (fixed, "Cuenta del bucle", "los pasos que recibe"),
    "uno de menos": (one_less, "Cuenta del bucle", "como después de 11"),
    "bucle afuera": (loop_outside, "Grafo del bucle", "El bucle está afuera"),
    "sin grafo": (eager_loop, "Grafo del bucle", "eager disfrazado"),
    "pasos como número": (steps_as_number, "Trazas del bucle", "Traza de nuevo"),
    "tasa horneada": (baked_loop, "Tasa", "graph_loop se mueve como con 0,1"),
    "sin AutoGraph": (without_autograph, "Grafo del bucle", "AutoGraph no la convirtió"),
    "pérdidas en una lista": (keeps_losses, "Grafo del bucle", "en una lista de Python"),
    "sin steps": (without_steps, "Grafo del bucle", "también steps"),
    "una y de forma (n,)": (loose_loop, "Formas", "graph_loop acepta y de forma (n,)"),
}


@pytest.mark.parametrize("name", WRONG_LOOPS)
def test_wrong_loops(name):
    loop, criterion, words = WRONG_LOOPS[name]
    assert words in wrong(loop=loop).get(criterion, ""), judged(loop=loop)


def test_wrong_eager_steps():
    assert "sin @tf.function" in wrong(eager=graph_step)["Paso eager"]
    assert "Se alejan" in wrong(eager=step_with(move=add))["Paso eager"]
    assert "eager_step acepta y" in wrong(eager=loose_step)["Formas"]


def test_graphs_that_were_turned_off():
    tf.config.run_functions_eagerly(True)
    try:
        found = wrong()
    finally:
        tf.config.run_functions_eagerly(False)
    assert "run_functions_eagerly" in found["Entrega"]


def slowed(step, size=500):
    """The same step with work of more, that a graph can't save."""
    heavy = tf.random.stateless_normal((size, size), (1, 2))

    def slow(x, y, w, b, rate):
        big = tf.linalg.matmul(heavy, heavy + b)  # what does not count, the graph leaves out
        return step(x, y, w, b, rate + 1e-12 * big[0, 0])

    return slow


SLOW = slowed(eager_step)


@tf.function
def slow_loop(x, y, w, b, rate, steps):
    for _ in tf.range(steps):
        SLOW(x, y, w, b, rate)


def test_graphs_that_are_not_faster(monkeypatch):
    monkeypatch.setattr(homework, "ATTEMPTS", 1)
    monkeypatch.setattr(homework, "TURNS", 2)
    monkeypatch.setattr(homework, "LOOPED", 100)
    assert "2,0× o más" in wrong(step=tf.function(SLOW))["Ganancia"]
    assert "5,0× o más" in wrong(loop=slow_loop)["Ganancia"]


def test_a_slow_moment_of_the_machine_is_not_the_homework_s_fault(monkeypatch):
    slow_at_first = iter([(1.1, 3.0)] * 3 + [(4.0, 90.0)] * 3)
    monkeypatch.setattr(homework, "_ratios", lambda work: next(slow_at_first))
    assert judged().passed


def flat_results():
    results = {}
    for way in ("eager", "step", "loop"):
        seconds, w, b = zip(*(train(way, seed, flat=True) for seed in SEEDS), strict=True)
        results[way] = {"seconds": seconds, "w": w, "b": b}
    return results


WRONG_RESULTS = {
    "y de forma (n,)": (flat_results, "Mismos pesos", "la resta se difunde"),
    "sin entrenar": (
        lambda: altered("step", w=lambda w: [0 * v for v in w], b=lambda b: [0 * v for v in b]),
        "Mismos pesos",
        "antes de entrenar",
    ),
    "otra semilla": (
        lambda: altered("eager", w=lambda w: w[::-1], b=lambda b: b[::-1]),
        "Mismos pesos",
        "Son los de la semilla 3",
    ),
    "redondeados": (
        lambda: altered(
            w=lambda w: [np.round(v, 2) for v in w], b=lambda b: [round(float(v), 2) for v in b]
        ),
        "Mismos pesos",
        "redondeados",
    ),
    "a 2e-5": (
        lambda: altered(b=lambda b: [v + np.float32(2e-5) for v in b]),
        "Mismos pesos",
        "de eager",
    ),
    "pocos pasos": (
        lambda: altered("eager", **few_steps()),
        "Mismos pesos",
        "Son los de 10 pasos",
    ),
    "un tiempo cero": (lambda: altered(seconds=lambda s: [0, *s[1:]]), "Tiempos informados", "positivo"),
    "el mismo tiempo": (
        lambda: altered(seconds=lambda s: [s[0]] * 3),
        "Tiempos informados",
        "se repite",
    ),
    "el bucle más lento": (
        lambda: altered(seconds=lambda s: [100 + v for v in s]),
        "Tiempos informados",
        "el trazado",
    ),
    "falta una forma": (lambda: {"eager": {}, "step": {}}, "Entrega", "eager, «seconds»: no está"),
    "falta el bucle": (
        lambda: {way: row for way, row in trained().items() if way != "loop"},
        "Entrega",
        "en results falta «loop»",
    ),
    "dos semillas": (lambda: altered(b=lambda b: b[:2]), "Entrega", "tiene 2 lugares"),
    "w de tres números": (lambda: altered(w=lambda w: [[1, 2, 3]] * 3), "Entrega", "no hay 2"),
    "NaN": (lambda: altered(b=lambda b: [np.nan] * 3), "Entrega", "NaN"),
    "texto": (lambda: altered(seconds=lambda s: ["mucho"] * 3), "Entrega", "no son números"),
    "una lista": (lambda: [], "Entrega", "results es list"),
}


def few_steps():
    w, b = zip(*(train("eager", seed, steps=10)[1:] for seed in SEEDS), strict=True)
    return {"w": lambda _: w, "b": lambda _: b}


@pytest.mark.parametrize("name", WRONG_RESULTS)
def test_wrong_results(name):
    results, criterion, words = WRONG_RESULTS[name]
    found = wrong(results=results())
    assert words in found.get(criterion, ""), found


# Whatever is handed in ----------------------------------------------------------------


class Hostile:
    """Nothing about it can be asked."""

    def __getattr__(self, name):
        raise RuntimeError("\n")

    def __call__(self, *args, **kwargs):
        raise SystemExit("se va")

    def __str__(self):
        raise ValueError("ni su nombre")


def silent(*args, **kwargs):
    class Silent(Exception):
        def __str__(self):
            raise RuntimeError

    raise Silent


ODD = {
    "nada": lambda: None,
    "un número": lambda: 3,
    "sale": Hostile,
    "sin mensaje": lambda: silent,
    "un tipo": lambda: dict,
    "sin argumentos": lambda: lambda: 0,
    "devuelve un objeto": lambda: lambda *args, **kwargs: object(),
    "decorada y rota": lambda: tf.function(silent),
    "una excepción": lambda: Exception,
}


@pytest.mark.parametrize("name", ODD)
def test_no_homework_makes_it_raise(name):
    piece = ODD[name]()
    for report in (check(piece, piece, piece, trained()), check(piece, piece, piece, piece)):
        assert not report.passed and "Todavía no" in str(report)


def test_no_results_make_it_raise():
    for value in (None, 3, "x", [[]], [None] * 3, [Hostile()] * 3, {}, [[1, [2]]] * 3):
        for key in ("seconds", "w", "b"):
            assert not judged(results=altered(**{key: lambda _, value=value: value})).passed


def test_what_it_takes_is_what_it_says():
    x, y = make_data(1)
    assert x.shape == (100, 2) and y.shape == (100,) and x.dtype == y.dtype == "float32"
    assert list(DEFINES) == ["eager_step", "graph_step", "graph_loop", "results"]
    plain = type(tf.function(eager_step))
    before = plain.__call__
    judged(results={})
    assert plain.__call__ is before  # the spies are gone


def test_without_tensorflow_it_says_what_is_missing(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "tensorflow", None)
    assert "pip install tensorflow" in str(check(None, None, None, None))
