"""Other answers to the exercises of Clase 120."""

import pytest

from tests.attempts import right, suite, wrong

PAGE = "clases/120-funciones-y-grafos"

#: In the processor's time: what else the machine does changes nothing.
SPEEDUP = """
def spent(work, x, calls):
    start = time.process_time()
    for _ in range(calls):
        work(x)
    return time.process_time() - start


def speedup(function, x, calls):
    {body}


by_size = {{{sizes}}}
by_ops = {{n: speedup(chained(n), two, 20) for n in (1, 10, 100)}}
"""
SIZES = "n: speedup(poly, tf.ones((n,)), 5) for n in (1_000, 100_000, 1_000_000)"
WARMED = """graph = tf.function(function)
    graph(x)
    return spent(function, x, calls) / spent(graph, x, calls)"""


def speedup(body=WARMED, sizes=SIZES):
    return SPEEDUP.format(body=body, sizes=sizes)


RELAXED = "\n        relaxed_counts = count_traces(double, sizes, relax=True)\n"

WATCHED = """
traced = []


@tf.function{options}
def watched(x):
    traced.append(int(x.shape[0] or 0))
    total = tf.add_n(tf.unstack(x)) if x.shape[0] else tf.reduce_sum(x)
    {told}
    return total


for vector in four:
    watched(vector)
"""
TOLD = 'tf.print(total, output_stream="file://watched.txt")'


def watched(told=TOLD, options=""):
    return WATCHED.format(told=told, options=options)


HALVER = """
class Halver(layers.Layer):
    def call(self, inputs):
        def too_big(x):
            return {question}

        return ops.while_loop(too_big, lambda x: x / 2, inputs)
"""

ATTEMPTS = [
    # 1: medir en serio ------------------------------------------------------------------
    right(1, "con una función que mide", speedup()),
    right(
        1,
        "con el grafo concreto, que ya está trazado",
        speedup(
            "graph = tf.function(function).get_concrete_function(x)\n"
            "    costs = [spent(work, x, calls) for work in (function, graph)]\n"
            "    return costs[0] / costs[1]"
        ),
    ),
    wrong(
        1,
        "cuenta la traza",
        "contaste la traza",
        speedup("return spent(function, x, calls) / spent(tf.function(function), x, calls)"),
    ),
    wrong(
        1,
        "grafo sobre eager",
        "¿dividiste al revés?",
        speedup(
            "graph = tf.function(function)\n"
            "    graph(x)\n"
            "    return spent(graph, x, calls) / spent(function, x, calls)"
        ),
    ),
    wrong(
        1,
        "eager, medido en una sola llamada",
        "calls era 6",
        speedup(
            "graph = tf.function(function)\n"
            "    graph(x)\n"
            "    return calls * spent(function, x, 1) / spent(graph, x, calls)"
        ),
    ),
    wrong(
        1,
        "las claves como texto, y sin el tamaño grande",
        "Las claves de by_size son",
        speedup(sizes="str(n): speedup(poly, tf.ones((n,)), 5) for n in (1_000, 100_000)"),
    ),
    # 2: las trazas de un lote que cambia ------------------------------------------------
    right(
        2,
        "contando las pasadas de Python",
        """
        def count_traces(function, sizes, relax=False):
            passes, counts = [], []

            @tf.function(reduce_retracing=relax)
            def noted(x):
                passes.append(x.shape)
                return function(x)

            for size in sizes:
                noted(tf.zeros((size, 3)))
                counts.append(len(passes))
            return counts
        """
        + RELAXED,
    ),
    right(
        2,
        "con una función por llamada",
        """
        def count_traces(function, sizes, relax=False):
            graph = tf.function(reduce_retracing=relax)(function)

            def after(size):
                graph(tf.zeros([size, 3]))
                return graph.experimental_get_tracing_count()

            return [after(size) for size in sizes]
        """
        + RELAXED,
    ),
    wrong(
        2,
        "decora en cada vuelta",
        "¿decorás antes del bucle?",
        """
        def count_traces(function, sizes, relax=False):
            counts = []
            for size in sizes:
                graph = tf.function(function, reduce_retracing=relax)
                graph(tf.zeros((size, 3)))
                counts.append(graph.experimental_get_tracing_count())
            return counts
        """
        + RELAXED,
    ),
    wrong(
        2,
        "devuelve la última cuenta",
        "va una lista con una cuenta por llamada",
        """
        def count_traces(function, sizes, relax=False):
            graph = tf.function(function, reduce_retracing=relax)
            for size in sizes:
                graph(tf.zeros((size, 3)))
            return graph.experimental_get_tracing_count()
        """
        + RELAXED,
    ),
    wrong(
        2,
        "relax no llega a tf.function",
        "falta reduce_retracing=True",
        """
        def count_traces(function, sizes, relax=False):
            graph, counts = tf.function(function), []
            for size in sizes:
                graph(tf.zeros((size, 3)))
                counts.append(graph.experimental_get_tracing_count())
            return counts
        """
        + RELAXED,
    ),
    wrong(
        2,
        "los ejes al revés",
        "esperábamos (4, 3)",
        """
        def count_traces(function, sizes, relax=False):
            graph, counts = tf.function(function, reduce_retracing=relax), []
            for size in sizes:
                graph(tf.zeros((3, size)))
                counts.append(graph.experimental_get_tracing_count())
            return counts
        """
        + RELAXED,
    ),
    # 3: un for y un if adentro del grafo ------------------------------------------------
    right(
        3,
        "por posición",
        """
        @tf.function
        def sum_evens(values):
            total = tf.constant(0.0)
            for i in tf.range(tf.shape(values)[0]):
                if tf.equal(tf.math.floormod(values[i], 2.0), 0.0):
                    total = total + values[i]
            return total


        rewritten = tf.autograph.to_code(sum_evens.python_function)
        """,
    ),
    right(
        3,
        "decorada después, y al revés",
        """
        def evens(values):
            total = 0.0
            for value in values:
                if value % 2 != 0:
                    total -= 0.0
                else:
                    total += value
            return total


        sum_evens = tf.function(evens)
        rewritten = tf.autograph.to_code(evens)
        """,
    ),
    wrong(
        3,
        "sin bucle",
        "En el grafo no hay ningún While",
        """
        @tf.function
        def sum_evens(values):
            return tf.reduce_sum(tf.where(values % 2 == 0, values, 0.0))


        rewritten = tf.autograph.to_code(sum_evens.python_function)
        """,
    ),
    wrong(
        3,
        "sin decorar",
        "no está decorada",
        """
        def sum_evens(values):
            total = 0.0
            for value in values:
                if value % 2 == 0:
                    total += value
            return total


        rewritten = tf.autograph.to_code(sum_evens)
        """,
    ),
    wrong(
        3,
        "los impares",
        "y los pares suman",
        """
        @tf.function
        def sum_evens(values):
            total = 0.0
            for value in values:
                if value % 2 == 1:
                    total += value
            return total


        rewritten = tf.autograph.to_code(sum_evens.python_function)
        """,
    ),
    wrong(
        3,
        "el código de antes de AutoGraph",
        "En rewritten no aparece for_stmt",
        """
        import inspect


        @tf.function
        def sum_evens(values):
            total = 0.0
            for value in values:
                if value % 2 == 0:
                    total += value
            return total


        rewritten = inspect.getsource(sum_evens.python_function)
        """,
    ),
    # 4: print contra tf.print -----------------------------------------------------------
    right(4, "con add_n", watched()),
    right(
        4,
        "decorada después",
        """
        traced = []


        def noted(x):
            global traced
            traced = [*traced, len(x)]
            tf.print(tf.math.reduce_sum(x), output_stream="file://watched.txt")
            return tf.math.reduce_sum(x)


        watched = tf.function(noted)
        sums = [watched(vector) for vector in four]
        """,
    ),
    wrong(
        4,
        "anota en cada llamada",
        "se anota al trazar",
        """
        traced = []


        @tf.function
        def watched(x):
            total = tf.reduce_sum(x)
            tf.print(total, output_stream="file://watched.txt")
            return total


        for vector in four:
            traced.append(len(vector))
            watched(vector)
        """,
    ),
    wrong(
        4,
        "escribe el promedio",
        "esperábamos las cuatro sumas",
        watched('tf.print(tf.reduce_mean(x), output_stream="file://watched.txt")'),
    ),
    wrong(
        4,
        "escribe al trazar",
        "¿Lo escribe tf.print en cada llamada?",
        watched('open("watched.txt", "a").write(f"{4 * len(traced) - 1}\\n")'),
    ),
    wrong(
        4,
        "con una firma abierta",
        "Trazas de watched: 1.",
        watched(options="(input_signature=[tf.TensorSpec((None,))])"),
    ),
    # 5: una firma para todos los lotes --------------------------------------------------
    right(
        5,
        "la suma, dividida",
        """
        @tf.function(input_signature=(tf.TensorSpec([None, 784], name="images"),))
        def mean_pixels(images):
            return tf.reduce_sum(images, -1) / 784.0
        """,
    ),
    right(
        5,
        "con keras.ops, y decorada después",
        """
        def means(batch):
            return keras.ops.mean(batch, axis=1)


        mean_pixels = tf.function(means, input_signature=[tf.TensorSpec((None, 784), "float32")])
        """,
    ),
    wrong(
        5,
        "con reduce_retracing",
        "Se trazó 2 veces",
        """
        @tf.function(reduce_retracing=True)
        def mean_pixels(images):
            return tf.reduce_mean(images, axis=1)
        """,
    ),
    wrong(
        5,
        "la firma, abierta del todo",
        "Aceptó 783 columnas",
        """
        @tf.function(input_signature=[tf.TensorSpec((None, None), tf.float32)])
        def mean_pixels(images):
            return tf.reduce_mean(images, axis=1)
        """,
    ),
    wrong(
        5,
        "el promedio de cada píxel",
        "¿el promedio es de cada fila?",
        """
        @tf.function(input_signature=[tf.TensorSpec((None, 784), tf.float32)])
        def mean_pixels(images):
            return tf.reduce_mean(images, axis=0)
        """,
    ),
    wrong(
        5,
        "la suma",
        "No es el promedio de cada imagen",
        """
        @tf.function(input_signature=[tf.TensorSpec((None, 784), tf.float32)])
        def mean_pixels(images):
            return tf.reduce_sum(images, axis=1)
        """,
    ),
    # 6: los dos contadores --------------------------------------------------------------
    right(
        6,
        "con la cuenta de trazas",
        """
        def count_runs(function, inputs):
            runs = tf.Variable(0)

            @tf.function
            def counted(x):
                runs.assign(runs + 1)
                return function(x)

            for x in inputs:
                counted(x)
            return counted.experimental_get_tracing_count(), runs.numpy()
        """,
    ),
    right(
        6,
        "con una clase",
        """
        class Counter:
            def __init__(self, function):
                self.function, self.passes = function, 0
                self.runs = tf.Variable(0, dtype="int64")

            @tf.function
            def __call__(self, x):
                self.passes += 1
                self.runs.assign_add(1)
                return self.function(x)


        def count_runs(function, inputs):
            counter = Counter(function)
            for x in inputs:
                counter(x)
            return counter.passes, int(counter.runs)
        """,
    ),
    wrong(
        6,
        "las dos cuentas, de Python",
        "esa cuenta tiene que ser una operación",
        """
        def count_runs(function, inputs):
            python_runs, graph_runs = [], []

            @tf.function
            def counted(x):
                python_runs.append(1)
                graph_runs.append(1)
                return function(x)

            for x in inputs:
                counted(x)
            return len(python_runs), len(graph_runs)
        """,
    ),
    wrong(
        6,
        "decora en cada llamada",
        "¿está decorada, y una sola vez?",
        """
        def count_runs(function, inputs):
            python_runs, graph_runs = [], tf.Variable(0)

            def counted(x):
                python_runs.append(1)
                graph_runs.assign_add(1)
                return function(x)

            for x in inputs:
                tf.function(counted)(x)
            return len(python_runs), int(graph_runs)
        """,
    ),
    wrong(
        6,
        "llama a la función afuera",
        "llamala adentro de la decorada",
        """
        def count_runs(function, inputs):
            python_runs, graph_runs = [], tf.Variable(0)

            @tf.function
            def counted(x):
                python_runs.append(1)
                graph_runs.assign_add(1)
                return x

            for x in inputs:
                function(counted(x))
            return len(python_runs), int(graph_runs)
        """,
    ),
    # 7: una ganancia que se mueve -------------------------------------------------------
    right(
        7,
        "con una variable de Keras",
        """
        def make_gain(start):
            gain = keras.Variable(start, dtype="float32", trainable=False)

            def apply(x):
                return keras.ops.multiply(x, gain)

            def set_gain(value):
                gain.assign(value)

            return tf.function(apply), set_gain
        """,
    ),
    right(
        7,
        "con una clase",
        """
        class Gain(tf.Module):
            def __init__(self, start):
                super().__init__()
                self.value = tf.Variable(start, dtype="float32")

            @tf.function
            def apply(self, x):
                return tf.multiply(self.value, x)


        def make_gain(start):
            gain = Gain(start)

            def set_gain(value):
                gain.value.assign(value)

            return gain.apply, set_gain
        """,
    ),
    wrong(
        7,
        "un número de Python",
        "¿la ganancia quedó fija al trazar?",
        """
        def make_gain(start):
            gain = start

            @tf.function
            def apply(x):
                return x * gain

            def set_gain(value):
                nonlocal gain
                gain = value

            return apply, set_gain
        """,
    ),
    wrong(
        7,
        "otra variable en cada cambio",
        "¿la ganancia quedó fija al trazar?",
        """
        def make_gain(start):
            kept = {"gain": tf.Variable(start)}

            @tf.function
            def apply(x):
                return x * kept["gain"]

            def set_gain(value):
                kept["gain"] = tf.Variable(value)

            return apply, set_gain
        """,
    ),
    wrong(
        7,
        "sin decorar",
        "apply no está decorada",
        """
        def make_gain(start):
            gain = tf.Variable(start)
            return lambda x: x * gain, gain.assign
        """,
    ),
    wrong(
        7,
        "una variable para todas",
        "Con ganancia 2 y x = 3",
        """
        shared = tf.Variable(1.0)


        def make_gain(start):
            shared.assign(start)
            return tf.function(lambda x: x * shared), shared.assign
        """,
    ),
    # 8: partir hasta que entre ----------------------------------------------------------
    right(
        8,
        "contando las vueltas con un logaritmo",
        """
        class Halver(layers.Layer):
            def call(self, inputs):
                top = ops.maximum(ops.max(ops.abs(inputs)), 1.0)
                return inputs / ops.power(2.0, ops.ceil(ops.log2(top)))
        """,
    ),
    right(
        8,
        "con la cuenta de vueltas en el estado",
        """
        class Halver(layers.Layer):
            def call(self, inputs):
                def keep_going(x, turns):
                    return ops.any(ops.absolute(x) > 1.0)

                def halve(x, turns):
                    return 0.5 * x, turns + 1

                return ops.while_loop(keep_going, halve, (inputs, 0))[0]
        """,
    ),
    wrong(
        8, "sin valor absoluto", "¿miraste el valor absoluto", HALVER.format(question="ops.max(x) > 1")
    ),
    wrong(
        8,
        "mira el promedio",
        "y el lote entero?",
        HALVER.format(question="ops.mean(ops.abs(x)) > 1"),
    ),
    wrong(
        8,
        "cada número por su cuenta",
        "y el lote entero?",
        """
        class Halver(layers.Layer):
            def call(self, inputs):
                for _ in range(10):
                    inputs = ops.where(ops.abs(inputs) > 1, inputs / 2, inputs)
                return inputs
        """,
    ),
    wrong(
        8,
        "cuenta las vueltas con Python",
        "quedó fija al trazar",
        """
        class Halver(layers.Layer):
            turns = 0

            def call(self, inputs):
                if hasattr(inputs, "numpy"):  # con números
                    top = max(1.0, float(ops.max(ops.abs(inputs))))
                    Halver.turns = int(np.ceil(np.log2(top)))
                return inputs / 2**Halver.turns
        """,
    ),
]

pytestmark = pytest.mark.slow  # one page of exercises is judged in every run

test_judged, test_complete, test_messages = suite(PAGE, ATTEMPTS)
