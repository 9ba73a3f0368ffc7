"""Verificador del homework de la Clase 102: tres redes densas sobre Fashion-MNIST.

Un solo archivo, que solo necesita Keras y NumPy: dejalo al lado de un notebook y usá
`from homework import check`, o correlo adentro.

No cree lo que se informó: vuelve a medir en los modelos los parámetros y la exactitud, y
compara las épocas cronometradas con los pasos que dio cada optimizador. Las filas que una
red no vio le cuestan más que las que aprendió: eso dice, si la diferencia es mayor que el
azar, con cuáles se ajustó. Un número que no coincide se compara con los que dan las
equivocaciones de siempre: de ahí salen las pistas. Anda en cualquier backend.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import keras
import numpy as np

__all__ = ["check"]

#: Unidades de las `Dense` de cada red, de la entrada a la salida.
NETWORKS = {"Tiny": (64, 10), "Medium": (256, 128, 10), "Wide": (1024, 10)}

#: Columnas de una imagen, y lo que se le pide a cada red.
COLUMNS, MIN_SEEDS, MIN_EPOCHS, MIN_ACCURACY = 784, 3, 2, 0.6

#: Lo mínimo: filas de test, y segundos que una máquina puede tardar en un paso.
MIN_TEST, MIN_STEP = 500, 2e-5

#: Lo que define el archivo de quien entrega, en el orden en que lo recibe `check`.
DEFINES = {
    "results": "un diccionario con «Tiny», «Medium» y «Wide»",
    "x_train": "las filas de entrenamiento",
    "y_train": "sus etiquetas",
    "x_test": "las filas de test",
    "y_test": "sus etiquetas",
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
        accuracy: Por red, la exactitud de sus modelos en test, medida acá.
    """

    criteria: list[Criterion] = field(default_factory=list)
    accuracy: dict[str, list[float]] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Si se juzgaron y se cumplen todos los criterios."""
        return all(criterion.ok for criterion in self.criteria)

    def __str__(self):
        met = sum(criterion.ok is True for criterion in self.criteria)
        last = f"{met} de {len(self.criteria)} criterios."
        verdict = "Homework aprobado: " if self.passed else "Todavía no: "
        return "\n".join([*map(str, self.criteria), verdict + last])


def check(results, x_train, y_train, x_test, y_test) -> Report:
    """Juzga el homework.

    Args:
        results: Por red, según su nombre, un diccionario con "params" (entero) y tres listas
            con un lugar por semilla: "accuracy" (en test, de 0 a 1), "seconds" (una lista
            con los de cada época) y "models" (compilados y entrenados). Las exactitudes
            pueden estar redondeadas, a dos decimales o más.
        x_train, x_test: Las entradas como las recibieron `fit` y `evaluate`, una fila por imagen.
        y_train, y_test: Las etiquetas, `(n,)` o `(n, 1)` de 0 a 9, u one-hot `(n, 10)`.

    Returns:
        Un `Report`. No lanza por lo que se entregó ni por lo que haga un modelo.
    """
    try:
        return _check(results, x_train, y_train, x_test, y_test)
    except Exception as error:
        hint = "Algo de lo entregado no se puede leer: revisá results, las filas y las etiquetas."
        return Report([Criterion("Entrega", False, _short(error), hint)])


def _check(results, x_train, y_train, x_test, y_test) -> Report:
    judges = {
        "Arquitecturas": _architectures,
        "Activaciones y pérdida": _activations,
        "Parámetros": _parameters,
        "Semillas": _seeds,
        "Épocas": _epochs,
        "Pasos por época": _steps,
        "Tiempos": _times,
        "Filas": _rows,
        "Exactitud en test": _accuracy,
        "Aprenden": _learned,
    }
    report = Report()
    if wrong := _wrong_rows(x_train, y_train, x_test, y_test) or _wrong_results(
        results
    ):
        report.criteria = [Criterion("Entrega", False, *wrong)]
        report.criteria += [Criterion(name, None, "sin evaluar") for name in judges]
        return report
    report.criteria = [Criterion("Entrega", True, "tres redes, con todo lo pedido")]
    data = _Data(x_train, y_train, x_test, y_test)
    runs = [
        _Run(name, seed, results[name], data)
        for name in NETWORKS
        for seed in range(len(results[name]["models"]))
    ]
    report.criteria += [_guarded(name, judge, runs) for name, judge in judges.items()]
    for run in runs:
        report.accuracy.setdefault(run.name, []).append(run.on_test)
    return report


def _guarded(name, judge, runs) -> Criterion:
    """El veredicto de `judge`, o lo que lanzó un modelo."""
    try:
        return Criterion(name, *judge(runs))
    except Exception as error:
        hint = "El modelo falla al usarlo: probalo con model(x_test[:5])."
        return Criterion(name, False, _short(error), hint)


def _short(error) -> str:
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0][:110] if text else ''}"


# Lo que se entregó -------------------------------------------------------------------


def _wrong_rows(*arrays) -> tuple[str, str] | None:
    """Qué tienen de malo las filas y sus etiquetas, y qué hacer; None si nada."""
    hint = "x_train, y_train, x_test e y_test son arreglos, con una etiqueta por fila."
    try:
        arrays = [np.asarray(array) for array in arrays]
        rows = [len(array) for array in arrays]
        numbers = all(np.isfinite(array.astype("float32")).all() for array in arrays)
    except (TypeError, ValueError):
        return "las filas o las etiquetas no son arreglos de números", hint
    if 0 in rows or rows[0] != rows[1] or rows[2] != rows[3]:
        return f"hay {rows} filas y etiquetas", hint
    if not numbers:
        return "hay NaN o infinitos entre las filas o las etiquetas", hint
    for labels in map(_classes, arrays[1::2]):
        if labels.ndim != 1 or not np.isin(labels, range(10)).all():
            hint = "Van de 0 a 9, una por fila, o en one-hot de diez columnas."
            return "las etiquetas no son diez clases", hint
    if rows[2] < MIN_TEST:
        hint = f"Medí sobre todo el test, con {MIN_TEST} filas por lo menos: con menos, manda el azar."
        return f"el test trae {rows[2]} filas", hint
    return None


def _list_of(good) -> Callable:
    return lambda items: (
        isinstance(items, _LISTS) and len(items) and all(map(good, items))
    )


_LISTS = list | tuple | np.ndarray
_number = lambda value: isinstance(value, int | float | np.number)
_duration = lambda second: _number(second) and 0 < second < 3600

#: Lo que lleva cada red: cómo se reconoce y cómo se pide.
_KEYS = {
    "params": (lambda value: isinstance(value, int | np.integer), "es un entero"),
    "accuracy": (_list_of(_number), "es una lista de números, como 0.87"),
    "seconds": (
        _list_of(_list_of(_duration)),
        "es una lista con la de EpochTimer de cada semilla: los segundos de cada época. Un total no dice "
        "cuántas épocas hubo",
    ),
    "models": (
        _list_of(lambda model: isinstance(model, keras.Model)),
        "es una lista con los modelos entrenados",
    ),
}


def _wrong_results(results) -> tuple[str, str] | None:
    """Lo mismo, de lo que se midió."""
    if not isinstance(results, dict):
        return f"results es {type(results).__name__}", f"Es {DEFINES['results']}."
    for name in NETWORKS:
        row = results.get(name)
        if not isinstance(row, dict):
            return f"falta {name}", f"results es {DEFINES['results']}."
        for key, (right, what) in _KEYS.items():
            if not right(row.get(key)):
                return f"{name}: revisá «{key}»", f'results["{name}"]["{key}"] {what}.'
        sizes = {key: len(row[key]) for key in _KEYS if key != "params"}
        if min(sizes.values()) < MIN_SEEDS or len(set(sizes.values())) > 1:
            found = ", ".join(f"{n} en {key}" for key, n in sizes.items())
            hint = f"Hacen falta {MIN_SEEDS} semillas o más, con un lugar en cada lista: una no distingue una red mejor de una con suerte."
            return f"{name} tiene {found}", hint
    return None


class _Data:
    """Las filas, y sus etiquetas como enteros."""

    def __init__(self, x_train, y_train, x_test, y_test):
        self.x_train, self.x_test = np.asarray(x_train), np.asarray(x_test)
        self.y_train, self.y_test = _classes(y_train), _classes(y_test)

    def repeated(self) -> float:
        """Fracción de las filas de test que están entre las de entrenamiento."""
        if self.x_train.shape[1:] != self.x_test.shape[1:]:
            return 0.0
        weights = np.random.default_rng(0).normal(size=self.x_test[0].size)
        train, test = (
            x.reshape(len(x), -1) @ weights for x in (self.x_train, self.x_test)
        )
        return float(np.isin(test, train).mean())


def _classes(labels) -> np.ndarray:
    labels = np.asarray(labels)
    one_hot = labels.ndim == 2 and labels.shape[1] == 10
    if one_hot:
        return labels.argmax(1)
    return labels[:, 0] if labels.shape[1:] == (1,) else labels


class _Run:
    """Un modelo, lo que se informó de él y lo que hace de verdad."""

    def __init__(self, name, seed, row, data):
        self.name, self.seed, self.data = name, seed, data
        self.model, self.params = row["models"][seed], row["params"]
        self.reported = float(row["accuracy"][seed])
        self.seconds = [float(second) for second in row["seconds"][seed]]
        self.epochs = len(self.seconds)
        self.half = "16" in self.model.compute_dtype
        self.dense = [
            layer
            for layer in self.model._flatten_layers(recursive=True)
            if isinstance(layer, keras.layers.Dense) and layer.built
        ]
        self.half |= any("16" in layer.compute_dtype for layer in self.dense)
        optimizer = getattr(self.model, "optimizer", None)
        #: Con precisión mixta, donde no se cuenta un paso que desborda.
        self.scaled = hasattr(optimizer, "inner_optimizer")
        self.optimizer = getattr(optimizer, "inner_optimizer", optimizer)
        # `iterations` cuenta grupos si se acumulan gradientes
        taken = getattr(self.optimizer, "_iterations", 0)
        self.steps = int(keras.ops.convert_to_numpy(taken))
        # lo que dejó `fit`, salvo que el modelo se haya cargado
        params = getattr(getattr(self.model, "history", None), "params", None) or {}
        self.batches = params.get("steps")
        try:
            self.on_test = self.accuracy(data.x_test, data.y_test)
        except Exception:
            self.on_test = float("nan")  # los criterios dicen por qué

    def close(self, a, b) -> bool:
        """Si dos salidas son iguales, hasta donde llega la precisión del modelo."""
        return np.allclose(a, b, atol=0.05 if self.half else 1e-3)

    def accuracy(self, x, y) -> float:
        parts = [_predict(self.model, x[i : i + 4096]) for i in range(0, len(x), 4096)]
        return float(np.mean(np.concatenate(parts).argmax(-1) == y))

    def costs(self, x, y) -> np.ndarray:
        """Entropía cruzada de cada fila."""
        parts = [_predict(self.model, x[i : i + 4096]) for i in range(0, len(x), 4096)]
        p = np.concatenate(parts)
        if p.min() < 0 or not self.close(p.sum(1), 1):
            p = _softmax(p)
        return -np.log(np.clip(p[np.arange(len(y)), y.astype(int)], 1e-7, 1))

    def __str__(self):
        return f"{self.name}, corrida {self.seed + 1}"


def _predict(model, x) -> np.ndarray:
    output = model(x, training=False)
    if isinstance(output, dict | list | tuple):
        raise TypeError(f"la salida es {type(output).__name__} y se espera un arreglo")
    output = _array(output)
    if output.shape != (len(x), 10):
        raise ValueError(
            f"la salida tiene forma {output.shape} y se espera ({len(x)}, 10)"
        )
    return output


def _array(tensor) -> np.ndarray:
    return keras.ops.convert_to_numpy(tensor).astype("float32")


def _softmax(logits) -> np.ndarray:
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


# Las redes -------------------------------------------------------------------------


def _chain(name) -> list[tuple[int, int]]:
    """Formas de las matrices de pesos de una red."""
    units = NETWORKS[name]
    return list(zip((COLUMNS, *units[:-1]), units, strict=True))


def _size(name) -> int:
    return sum(n * units + units for n, units in _chain(name))


def _architectures(runs):
    drawn = {}
    for run in runs:
        shapes = [tuple(layer.kernel.shape) for layer in run.dense]
        inputs = shapes[0][0] if shapes else "?"
        drawn[run.name] = "→".join(map(str, (inputs, *(shape[1] for shape in shapes))))
        wanted = "→".join(map(str, (COLUMNS, *NETWORKS[run.name])))
        twin = next((n for n in NETWORKS if sorted(shapes) == sorted(_chain(n))), None)
        found = f"{run}: {drawn[run.name]}"
        if not shapes:
            return False, found, "Ninguna Dense tiene pesos: falta entrenarla."
        if twin and twin != run.name:
            return False, found, f"Esa es la red de {twin}: {run.name} es {wanted}."
        if shapes[0][0] != COLUMNS and not twin and run.data.x_test.ndim > 2:
            hint = "Aplaná las imágenes antes de la primera Dense: reshape(-1, 784) o Flatten()."
            return False, found, hint
        if twin is None:
            return False, found, f"{run.name} es {wanted}, de la entrada a la salida."
        extra = [
            type(layer).__name__
            for layer in run.model._flatten_layers(include_self=False, recursive=True)
            if layer not in run.dense
            and not getattr(layer, "layers", None)
            and (layer.weights or isinstance(layer, keras.layers.Dropout))
        ]
        if extra or run.model.count_params() != _size(run.name):
            found += f", y además {', '.join(extra) or 'otros pesos'}"
            return False, found, "Compará redes que solo difieran en las Dense pedidas."
    return True, ", ".join(f"{n} {text}" for n, text in drawn.items()), ""


def _seen(model, layers, x) -> dict[int, np.ndarray]:
    """Lo que recibe cada capa mientras el modelo predice, según el id de la capa."""
    received = {}

    def spy_on(layer):
        call = layer.call

        def spy(inputs, *args, **kwargs):
            received[id(layer)] = _array(inputs)
            return call(inputs, *args, **kwargs)

        vars(layer)["call"] = spy  # sin el __setattr__ de Keras, que lo seguiría

    try:
        for layer in layers:
            spy_on(layer)
        _predict(model, x)
    finally:
        for layer in layers:
            vars(layer).pop("call", None)
    return received


def _activations(runs):
    for run in runs:
        x, y = run.data.x_test[:128], run.data.y_test[:128]
        order = {shape: n for n, shape in enumerate(_chain(run.name))}
        if sorted(tuple(d.kernel.shape) for d in run.dense) != sorted(order):
            return None, "sin evaluar hasta que las redes sean las pedidas", ""
        dense = sorted(run.dense, key=lambda d: order[tuple(d.kernel.shape)])
        received = _seen(run.model, dense, x)
        raw = [
            received[id(d)] @ d.get_weights()[0]
            + (d.get_weights()[1] if d.use_bias else 0)
            for d in dense
        ]
        for before, after in zip(raw, dense[1:], strict=False):
            if run.close(before, received[id(after)]):
                hint = 'Sin activación, dos Dense seguidas equivalen a una: poné activation="relu".'
                return False, f"{run}: el tronco no tiene activación", hint
        output, probability = _predict(run.model, x), _softmax(raw[-1])
        softmax = run.close(output, probability)
        if not softmax and not run.close(output, raw[-1]):
            hint = 'Tiene que dar una probabilidad por prenda: Dense(10, activation="softmax").'
            return False, f"{run}: la salida no es softmax", hint
        if not run.model.compiled:
            hint = "Entregá los modelos tal como salen de fit."
            return False, f"{run}: no está compilado", hint
        # Respuestas nuestras: las de una red que no aprendió distinguen mal las pérdidas.
        given = np.random.default_rng(0).normal(0, 2, (len(y), 10)).astype("float32")
        answer = _softmax(given)
        right = -np.log(answer[np.arange(len(y)), y.astype(int)]).mean()
        loss = _compiled_loss(run.model, x, y, answer if softmax else given)
        if not np.isclose(loss, right, rtol=0.01):
            hint = 'Va loss="sparse_categorical_crossentropy" (o la que pide one-hot, si así están las etiquetas).'
            if not softmax:
                hint = 'La salida son logits: pasá from_logits=True a la pérdida, o poné activation="softmax".'
            return False, f"{run}: la pérdida compilada no es la entropía cruzada", hint
    return True, "tronco con activación, softmax y entropía cruzada", ""


def _compiled_loss(model, x, y, output=None) -> float:
    """Lo que da la pérdida compilada, con etiquetas enteras o one-hot.

    Evalúa la salida del modelo, u otra. Los regularizadores quedan afuera.
    """
    own = model(x, training=False)  # que también dice lo que suman sus regularizadores
    output = own if output is None else keras.ops.convert_to_tensor(output)
    for labels in (y, np.eye(10, dtype="float32")[y.astype(int)]):
        try:
            loss = model.compute_loss(x=x, y=labels, y_pred=output)
            return float(_array(loss) - sum(map(_array, model.losses)))
        except Exception:
            continue
        finally:
            model.reset_metrics()
    return float("nan")


def _parameters(runs):
    for run in runs:
        size = _size(run.name)
        if run.params == size:
            continue
        found = f"{run.name}: informaste {_spaced(run.params)} y son {_spaced(size)}"
        hint = "Cada Dense tiene entradas × salidas pesos, y un sesgo por salida."
        if run.params == size - sum(NETWORKS[run.name]):
            hint = "Faltan los sesgos: uno por unidad."
        elif abs(run.params - 3 * size) < 10:
            hint = "Ese total incluye los de Adam: usá model.count_params()."
        return False, found, hint
    return True, ", ".join(f"{name} {_spaced(_size(name))}" for name in NETWORKS), ""


def _seeds(runs):
    for n, a in enumerate(runs):
        for b in runs[:n]:
            if a.name != b.name:
                continue
            if a.model is b.model:
                hint = "Construí una red nueva por semilla: así, la segunda sigue entrenando a la primera."
                return False, f"{a.name}: es el mismo modelo repetido", hint
            if a.dense and b.dense and _alike(a.dense[0], b.dense[0]) > 0.5:
                hint = (
                    "O una es copia de la otra, o partieron de los mismos pesos. Llamá a "
                    "keras.utils.set_random_seed(seed), con otra semilla, antes de construir."
                )
                return (
                    False,
                    f"{a.name}: dos modelos tienen casi los mismos pesos",
                    hint,
                )
    return True, "distintas en cada red", ""


def _alike(a, b) -> float:
    """Coseno entre los pesos de dos capas: cerca de 0 si cada una partió de su semilla."""
    a, b = (layer.get_weights()[0].ravel() for layer in (a, b))
    return a @ b / (np.linalg.norm(a) * np.linalg.norm(b)) if a.shape == b.shape else 0


# Los entrenamientos ------------------------------------------------------------------------


def _epochs(runs):
    counts = {
        run.name: sorted({r.epochs for r in runs if r.name == run.name}) for run in runs
    }
    text = ", ".join(f"{name} {' o '.join(map(str, n))}" for name, n in counts.items())
    if len({run.epochs for run in runs}) > 1:
        hint = "Usá la misma cantidad en las tres, sin EarlyStopping: si no, no se comparan."
        return False, text, hint
    if runs[0].epochs < MIN_EPOCHS:
        hint = "La primera época arma el grafo: hacen falta dos o más para medir la que sigue."
        return False, text, hint
    return True, f"{runs[0].epochs} medidas en cada corrida", ""


def _steps(runs):
    """Si los optimizadores dieron los pasos de las épocas cronometradas, y los mismos en todas."""
    for run in runs:
        if not run.steps:
            hint = (
                "El modelo no está entrenado, o lo volviste a compilar después de fit."
            )
            return False, f"{run}: el optimizador no dio ningún paso", hint
        state = [v for v in run.optimizer.variables if tuple(v.shape)]
        if state and not any(np.any(_array(v)) for v in state):
            hint = "Sus momentos están en cero, como recién creados: entregá el modelo tal como sale de fit."
            return False, f"{run}: el optimizador no recibió ningún gradiente", hint
    rates = [run.batches or run.steps / max(run.epochs, 1) for run in runs]
    usual = max(sorted(rates), key=rates.count)
    for run, rate in zip(runs, rates, strict=True):
        missing = rate * run.epochs - run.steps
        if run.batches and not 0 <= missing <= run.scaled * 0.05 * run.steps:
            epochs = f"{run.steps / rate:.1f}".replace(".", ",").removesuffix(",0")
            found = f"{run}: {_spaced(run.steps)} pasos son {epochs} épocas, y mediste {run.epochs}"
            hint = "Otra cantidad de épocas que las que mediste: cronometrá todas, desde la primera."
            return False, found, hint
        if rate == usual and (usual == int(usual) or run.scaled):
            continue
        if run.scaled and abs(rate - usual) < 0.05 * usual:
            continue
        found = f"{run}: {_spaced(run.steps)} pasos en {run.epochs} épocas medidas"
        if rate == usual or rate != int(rate):
            hint = "No da un número entero por época: los tiempos son de otro entrenamiento."
        else:
            hint = (
                f"Las demás dan {_spaced(usual)} por época. O entrenaste otra cantidad de épocas que las que "
                "mediste, o usaste otras filas u otro batch_size."
            )
        return False, found, hint
    kinds = {type(run.optimizer).__name__: str(run) for run in runs}
    if len(kinds) > 1:
        found = " y ".join(f"{kind} ({run})" for kind, run in kinds.items())
        return (
            False,
            found,
            "Usá el mismo optimizador en todas: si no, también él cambia el resultado.",
        )
    return True, f"{_spaced(usual)} en todas, con {next(iter(kinds))}", ""


def _times(runs):
    """Si los tiempos pueden ser de un reloj; que lo sean no se puede saber."""
    rule = "Dejá la lista de EpochTimer como sale, sin redondear."
    for n, run in enumerate(runs):
        if len(set(run.seconds)) < run.epochs:
            return (
                False,
                f"{run}: dos épocas duran lo mismo, hasta el último decimal",
                rule,
            )
        if twin := next((r for r in runs[:n] if r.seconds == run.seconds), None):
            return False, f"{run} y {twin}: los mismos tiempos", rule
        if run.steps and min(run.seconds) < MIN_STEP * run.steps / run.epochs:
            found = f"{run}: {_spaced(run.steps / run.epochs)} pasos en {min(run.seconds):.1g} s"
            return False, found, f"Ninguna máquina corre tan rápido. {rule}"
    return (
        True,
        "distintos y posibles; que sean de un reloj, el verificador no lo ve",
        "",
    )


def _rows(runs):
    """Si lo que cuesta cada fila muestra que una red se ajustó con otras filas."""
    data = runs[0].data
    if data.repeated() > 0.05:
        hint = "x_test tiene que traer imágenes que la red no vio."
        return False, "hay filas de test entre las de entrenamiento", hint
    # Filas suficientes, las mismas para todas: primera mitad, segunda mitad y test.
    half = min(len(data.x_train) // 2, 10_000)
    ends = np.r_[0:half, len(data.x_train) - half : len(data.x_train)]
    costs = {}
    for run in runs:
        train = run.costs(data.x_train[ends], data.y_train[ends])
        test = run.costs(data.x_test[:10_000], data.y_test[:10_000])
        mean = costs.setdefault(run.name, [0, 0])
        mean[0], mean[1] = mean[0] + train, mean[1] + test
    odd = []
    for name, (train, test) in costs.items():
        if _sigmas(train, test) > 3.5:
            hint = "Acierta más en test que en lo que debería haber visto: ajustá con x_train, y_train."
            return False, f"{name} parece entrenada con las filas de test", hint
        # Se resta lo que cada fila les cuesta a todas: queda lo propio de esta red.
        others = [costs[other][0] for other in costs if other != name]
        own = train - np.mean(others, axis=0)
        seen, unseen = slice(half), slice(half, None)
        if own[seen].mean() > own[unseen].mean():
            seen, unseen = unseen, seen
        gap = own[unseen].mean() - own[seen].mean()
        if gap > 0.6 * (test.mean() - train[seen].mean()):
            odd.append((_sigmas(own[unseen], own[seen]), name))
    if odd and max(odd)[0] > 5:
        hint = "Usá las mismas filas en las tres: todas las de x_train."
        return False, f"{max(odd)[1]} parece no haber visto una mitad de x_train", hint
    return True, "test aparte, y nada delata que se entrenara con otras", ""


def _sigmas(a, b) -> float:
    """Por cuántos errores estándar la media de `a` supera a la de `b`."""
    return (a.mean() - b.mean()) / np.sqrt(a.var() / len(a) + b.var() / len(b) + 1e-30)


def _accuracy(runs):
    for run in runs:
        if abs(run.reported - run.on_test) <= _rounding(run):
            continue
        found = f"{run}: informaste {_comma(run.reported)} y en test da {_comma(run.on_test)}"
        if np.isnan(run.on_test):
            _predict(run.model, run.data.x_test[:5])  # que dice por qué
        return False, found, _why_not([r for r in runs if r.name == run.name], run)
    return True, "lo informado es lo que dan los modelos", ""


def _rounding(run) -> float:
    """Cuánto puede alejarse una exactitud de lo medido: dos decimales o más, y tres filas."""
    decimals = next((n for n in (2, 3) if round(run.reported, n) == run.reported), 4)
    rows = max(3 / len(run.data.x_test), 5e-3 * run.half)
    return 0.5 * 10.0**-decimals + rows


def _why_not(runs, wrong) -> str:
    """De dónde salen las exactitudes de una red, si es uno de los lugares de siempre."""
    data, reported = wrong.data, np.array([run.reported for run in runs])
    margins = np.array([_rounding(run) for run in runs])

    def are(others) -> bool:
        return bool(np.all(np.abs(reported - np.array(others)) <= margins))

    def measured(first_row):
        part = data.x_train[first_row:], data.y_train[first_row:]
        return [run.accuracy(*part) for run in runs]

    if reported.max() > 1.5:
        return "La exactitud va de 0 a 1: no es un porcentaje ni la pérdida."
    on_test = [run.on_test for run in runs]
    if np.all(np.abs(np.sort(reported) - np.sort(on_test)) <= margins):
        return "Es la de otra semilla: los modelos y las exactitudes van en el mismo orden."
    if are([max(on_test)] * len(runs)):
        return "Es la mejor de las semillas, repetida: va la de cada una."
    if are([_compiled_loss(r.model, data.x_test, data.y_test) for r in runs]):
        return "Es la pérdida: evaluate devuelve primero la pérdida y después la exactitud."
    if are(measured(0)):
        return "Es la exactitud de entrenamiento: medila con evaluate(x_test, y_test)."
    rows = len(data.x_train)
    if are(measured(int(0.9 * rows))) or are(measured(int(0.8 * rows))):
        return "Es la de validación, que sale de las filas de entrenamiento: usá las de test."
    return (
        "La última línea de fit es la de entrenamiento, promediada mientras aprende. "
        "Usá evaluate(x_test, y_test) al final y copiá lo que dé, con dos decimales o más."
    )


def _learned(runs):
    worst = min(runs, key=lambda run: np.nan_to_num(run.on_test))
    found = f"la que menos, {worst}: {_comma(worst.on_test)}"
    if worst.on_test >= MIN_ACCURACY:
        return True, found, ""
    hint = f"Falta entrenar: tiene que llegar a {_comma(MIN_ACCURACY, 1)}. ¿Las entradas van de 0 a 1?"
    if not worst.steps:
        hint = "El optimizador no dio ningún paso: ¿llamaste a fit después de compile?"
    return False, found, hint


# Números en castellano -------------------------------------------------------------------


def _spaced(number: float) -> str:
    return f"{number:,.0f}".replace(",", "\N{NO-BREAK SPACE}")


def _comma(number: float, digits: int = 3) -> str:
    return f"{number:.{digits}f}".replace(".", ",")
