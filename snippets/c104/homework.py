"""Verificador del homework de la Clase 104: cuatro callbacks y lo que dejan en el disco.

Un solo archivo, que necesita Keras, NumPy y el paquete `tensorboard`, con el que se leen
los archivos de eventos: dejalo al lado de un notebook y usá `from homework import check`, o
correlo adentro.

No cree lo que se informó. Carga el archivo que escribió `ModelCheckpoint` y lo evalúa. Con
los `val_loss` de la historia hace trabajar otra vez a `EarlyStopping` y a
`ReduceLROnPlateau`, y compara: dónde tendrían que haber cortado y qué tasas tendrían que
haber usado. Y lee los archivos de eventos, que tienen que decir lo mismo que la historia.
"""

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np

__all__ = ["check"]

#: Matrices de pesos de la red, en orden.
KERNELS = [(784, 300), (300, 100), (100, 10)]

#: Lo que pide el enunciado.
EPOCHS, STOP_PATIENCE, RATE_PATIENCE, MONITOR = 100, 10, 3, "val_loss"

#: Lo mínimo: filas de validación y de test, y exactitud según las filas de entrenamiento.
MIN_ROWS, MIN_ACCURACY = 500, {50_000: 0.88, 10_000: 0.85, 0: 0.80}

#: Lo que define el archivo de quien entrega, en el orden en que lo recibe `check`.
DEFINES = {
    "history": "lo que devolvió fit",
    "callbacks": "la lista que le pasaste a fit",
    "test_accuracy": "la exactitud en test del modelo recargado, de 0 a 1",
    "x_train": "las filas de entrenamiento",
    "x_val": "las de validación",
    "y_val": "sus etiquetas",
    "x_test": "las de test",
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
        accuracy: La exactitud en test del modelo recargado, medida acá.
    """

    criteria: list[Criterion] = field(default_factory=list)
    accuracy: float = float("nan")

    @property
    def passed(self) -> bool:
        """Si se juzgaron y se cumplen todos los criterios."""
        return all(criterion.ok for criterion in self.criteria)

    def __str__(self):
        met = sum(criterion.ok is True for criterion in self.criteria)
        last = f"{met} de {len(self.criteria)} criterios."
        verdict = "Homework aprobado: " if self.passed else "Todavía no: "
        return "\n".join([*map(str, self.criteria), verdict + last])


def check(
    history, callbacks, test_accuracy, x_train, x_val, y_val, x_test, y_test
) -> Report:
    """Juzga el homework.

    Args:
        history: Lo que devolvió `fit`, o su diccionario `history`.
        callbacks: La lista que recibió `fit`; de ahí salen el archivo y la carpeta de eventos.
        test_accuracy: La exactitud en test del modelo recargado, con dos decimales o más.
        x_train, x_val, x_test: Las entradas como las recibieron `fit` y `evaluate`.
        y_val, y_test: Las etiquetas, `(n,)` o `(n, 1)` de 0 a 9, u one-hot `(n, 10)`.

    Returns:
        Un `Report`. No lanza por lo que se entregó ni por lo que haga un modelo.
    """
    try:
        return _check(
            history, callbacks, test_accuracy, x_train, x_val, y_val, x_test, y_test
        )
    except Exception as error:
        hint = "Algo de lo entregado no se puede leer: revisá la historia, los callbacks y las filas."
        return Report([Criterion("Entrega", False, _short(error), hint)])


def _check(history, callbacks, test_accuracy, *arrays) -> Report:
    judges = {
        "Callbacks": _callbacks,
        "Red": _network,
        "Corte": _stop,
        "Mejor época": _best_epoch,
        "Tasa": _rate,
        "Eventos": _events,
        "Filas": _rows,
        "Exactitud en test": _accuracy,
        "Aprende": _learned,
    }
    report = Report()
    wrong = (
        _wrong_history(history)
        or _wrong_callbacks(callbacks)
        or _wrong_rows(test_accuracy, *arrays)
    )
    if wrong:
        report.criteria = [Criterion("Entrega", False, *wrong)]
        report.criteria += [Criterion(name, None, "sin evaluar") for name in judges]
        return report
    run = _Run(history, callbacks, float(test_accuracy), *arrays)
    told = f"{run.epochs} épocas, {len(callbacks)} callbacks y los datos"
    report.criteria = [Criterion("Entrega", True, told)]
    report.criteria += [_guarded(name, judge, run) for name, judge in judges.items()]
    report.accuracy = run.on_test
    return report


class _Unjudged(Exception):
    """Falta otra cosa para poder juzgar un criterio."""


def _guarded(name, judge, run) -> Criterion:
    """El veredicto de `judge`, o lo que lanzó lo que se entregó."""
    try:
        return Criterion(name, *judge(run))
    except _Unjudged as why:
        return Criterion(name, None, str(why))
    except Exception as error:
        hint = (
            "Falla al usarlo: probá keras.models.load_model con tu archivo, y evaluate."
        )
        return Criterion(name, False, _short(error), hint)


def _short(error) -> str:
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0][:110] if text else ''}"


# Lo que se entregó -------------------------------------------------------------------


def _wrong_history(history) -> tuple[str, str] | None:
    """Qué tiene de malo la historia, y qué hacer; None si nada."""
    log = history if isinstance(history, dict) else getattr(history, "history", None)
    hint = "Es lo que devuelve fit: history = model.fit(…)."
    if not isinstance(log, dict) or not log:
        return f"history es {type(history).__name__}, sin épocas", hint
    if MONITOR not in log or "loss" not in log:
        hint = "Sin validación no hay qué mirar: pasale validation_data=(x_val, y_val) a fit."
        return f"la historia no tiene {MONITOR}", hint
    try:
        columns = [np.asarray(column, "float64") for column in log.values()]
        sizes = {column.shape for column in columns}
    except (TypeError, ValueError):
        return "la historia no tiene números", hint
    if len(sizes) > 1 or len(next(iter(sizes))) != 1 or (0,) in sizes:
        return "las columnas de la historia no tienen un lugar por época", hint
    if not np.isfinite([log["loss"], log[MONITOR]]).all():
        hint = "Bajá la tasa de aprendizaje: contra un NaN, ninguna época mejora."
        return "la pérdida dio NaN o infinito", hint
    return None


def _wrong_callbacks(callbacks) -> tuple[str, str] | None:
    """Lo mismo, de la lista de callbacks."""
    if not isinstance(callbacks, list | tuple) or not len(callbacks):
        hint = f"callbacks es {DEFINES['callbacks']}."
        return f"callbacks es {type(callbacks).__name__}", hint
    for one in callbacks:
        if isinstance(one, type):
            hint = "Va el objeto y no la clase: con paréntesis, EarlyStopping(…)."
            return f"{one.__name__} está sin crear", hint
        if not isinstance(one, keras.callbacks.Callback):
            hint = "Cada elemento es un callback de Keras, o hereda de Callback."
            return f"en callbacks hay un {type(one).__name__}", hint
    return None


def _wrong_rows(
    test_accuracy, x_train, x_val, y_val, x_test, y_test
) -> tuple[str, str] | None:
    """Lo mismo, de las filas, sus etiquetas y la exactitud."""
    if isinstance(test_accuracy, bool) or not isinstance(
        test_accuracy, int | float | np.number
    ):
        hint = (
            "Es un número: best.evaluate(x_test, y_test, return_dict=True)['accuracy']."
        )
        return f"test_accuracy es {type(test_accuracy).__name__}", hint
    hint = "x_train, x_val, x_test, y_val e y_test son arreglos, con una etiqueta por fila."
    try:
        arrays = [np.asarray(a) for a in (x_train, x_val, y_val, x_test, y_test)]
        rows = [len(array) for array in arrays]
        numbers = all(np.isfinite(array.astype("float32")).all() for array in arrays)
    except (TypeError, ValueError):
        return "las filas o las etiquetas no son arreglos de números", hint
    if 0 in rows or rows[1] != rows[2] or rows[3] != rows[4]:
        return f"hay {rows[1:]} filas y etiquetas", hint
    if len({array.shape[1:] for array in (arrays[0], arrays[1], arrays[3])}) > 1:
        shapes = ", ".join(str(arrays[n].shape) for n in (0, 1, 3))
        return f"x_train, x_val y x_test son {shapes}", "Van preparadas igual las tres."
    if not numbers:
        return "hay NaN o infinitos entre las filas o las etiquetas", hint
    for labels in map(_classes, arrays[2::2]):
        if labels.ndim != 1 or not np.isin(labels, range(10)).all():
            hint = "Van de 0 a 9, una por fila, o en one-hot de diez columnas."
            return "las etiquetas no son diez clases", hint
    if min(rows[1], rows[3]) < MIN_ROWS:
        hint = f"Hacen falta {MIN_ROWS} por lo menos: con menos, manda el azar."
        return f"validación y test traen {rows[1]} y {rows[3]} filas", hint
    return None


def _classes(labels) -> np.ndarray:
    labels = np.asarray(labels)
    if labels.ndim == 2 and labels.shape[1] == 10:
        return labels.argmax(1)
    return labels[:, 0] if labels.shape[1:] == (1,) else labels


class _Run:
    """Lo entregado, y lo que hace de verdad el modelo del archivo."""

    def __init__(self, history, callbacks, reported, x_train, *arrays):
        self.log = history if isinstance(history, dict) else history.history
        self.val = np.asarray(self.log[MONITOR], "float64")
        self.epochs, self.best_epoch = len(self.val), int(self.val.argmin()) + 1
        params = getattr(history, "params", None) or {}
        self.steps = params.get("steps")
        self.model = getattr(history, "model", None)
        self.callbacks, self.reported = list(callbacks), reported
        self.x_train = np.asarray(x_train)
        self.x_val, self.y_val, self.x_test, self.y_test = map(np.asarray, arrays)
        self.best, self.on_test, self.why = None, float("nan"), None
        try:
            self.file = Path(self.checkpoint.filepath)
            if self.file.is_file() and self.file.suffix == ".keras":
                self.best = keras.saving.load_model(self.file)
                self.on_test = _score(self.best, self.x_test, self.y_test)
        except Exception as error:
            self.why = error  # los criterios dicen por qué

    def of(self, kind) -> list:
        """Los callbacks de una clase, o de las que heredan de ella."""
        return [one for one in self.callbacks if isinstance(one, kind)]

    def one(self, kind):
        found = self.of(kind)
        if not found:
            raise _Unjudged(f"sin evaluar: falta {kind.__name__}")
        return found[0]

    @property
    def checkpoint(self):
        """El `ModelCheckpoint` que guarda el mejor, si hay varios."""
        found = self.of(keras.callbacks.ModelCheckpoint)
        best = [
            one for one in found if one.save_best_only and not one.save_weights_only
        ]
        return best[0] if best else self.one(keras.callbacks.ModelCheckpoint)

    def loaded(self):
        """El modelo del archivo, ya cargado."""
        if isinstance(self.why, _Unjudged):
            raise self.why
        if self.best is None:
            raise self.why or _Unjudged("sin evaluar: no hay un .keras para cargar")
        return self.best


# Números del modelo --------------------------------------------------------------------


def _array(tensor) -> np.ndarray:
    return keras.ops.convert_to_numpy(tensor).astype("float32")


def _predict(model, x) -> np.ndarray:
    parts = [model(x[i : i + 4096], training=False) for i in range(0, len(x), 4096)]
    if not all(hasattr(part, "shape") for part in parts):
        kind = type(parts[0]).__name__
        raise TypeError(f"la salida es {kind} y se espera un arreglo")
    output = np.concatenate([_array(part) for part in parts])
    if output.shape != (len(x), 10):
        raise ValueError(
            f"la salida tiene forma {output.shape} y se espera ({len(x)}, 10)"
        )
    return output


def _score(model, x, y) -> float:
    return float(np.mean(_predict(model, x).argmax(1) == _classes(y)))


def _loss(model, x, y) -> float:
    """Lo que da `evaluate`, con la pérdida compilada."""
    return float(
        model.evaluate(x, y, batch_size=512, verbose=0, return_dict=True)["loss"]
    )


def _log_probabilities(model, x) -> np.ndarray:
    output = _predict(model, x)
    if output.min() >= 0 and np.allclose(output.sum(1), 1, atol=0.02):
        return np.log(np.clip(output, 1e-30, 1))
    logits = output - output.max(1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(1, keepdims=True))


# Los criterios --------------------------------------------------------------------------


def _callbacks(run):
    wanted = ("EarlyStopping", "ModelCheckpoint", "ReduceLROnPlateau", "TensorBoard")
    kinds = [getattr(keras.callbacks, name) for name in wanted]
    for kind in kinds:
        if not run.of(kind):
            hint = (
                f"Agregá keras.callbacks.{kind.__name__}(…) a la lista que recibe fit."
            )
            return False, f"falta {kind.__name__}", hint
    stop, rate, saver = (
        run.one(keras.callbacks.EarlyStopping),
        run.one(keras.callbacks.ReduceLROnPlateau),
        run.checkpoint,
    )
    for one in (stop, saver, rate):
        name = type(one).__name__
        if one.monitor != MONITOR:
            hint = f"Los tres tienen que mirar lo mismo: monitor={MONITOR!r}, que es el de fábrica."
            return False, f"{name} mira {one.monitor}", hint
        if one.mode == "max" or one.monitor_op is keras.ops.greater:
            return (
                False,
                f"{name} busca el máximo",
                'La pérdida se minimiza: sacá mode="max".',
            )
    if not saver.save_best_only:
        hint = "Con save_best_only=False queda la última época, no la mejor."
        return False, "ModelCheckpoint guarda todas las épocas", hint
    if saver.save_weights_only:
        hint = "Guardá el modelo entero, que se carga solo: sacá save_weights_only."
        return False, "ModelCheckpoint guarda solo los pesos", hint
    if saver.save_freq != "epoch":
        hint = "A mitad de época no hay val_loss que comparar, y guarda siempre: sacá save_freq."
        return False, f"ModelCheckpoint guarda cada {saver.save_freq} lotes", hint
    if "{" in str(saver.filepath):
        hint = 'Con un nombre fijo, como "best.keras", queda uno solo: el mejor.'
        return False, f"ModelCheckpoint escribe en {saver.filepath}", hint
    for one, patience in ((stop, STOP_PATIENCE), (rate, RATE_PATIENCE)):
        if one.patience != patience:
            hint = f"El enunciado pide patience={patience}."
            return False, f"{type(one).__name__} tiene patience={one.patience}", hint
    for kind in kinds:
        if run.model is not None and run.one(kind)._model is None:
            hint = "Pasale la lista entera: fit(…, callbacks=callbacks)."
            return False, f"fit no recibió {kind.__name__}", hint
    return True, "los cuatro, y miran val_loss", ""


def _network(run):
    model = run.loaded()
    dense = [
        layer
        for layer in model._flatten_layers(recursive=True)
        if isinstance(layer, keras.layers.Dense) and layer.built
    ]
    shapes = [tuple(layer.kernel.shape) for layer in dense]
    drawn = "→".join(map(str, [s[0] for s in shapes[:1]] + [s[1] for s in shapes]))
    if sorted(shapes) != sorted(KERNELS):
        return False, f"el archivo tiene {drawn or 'otra red'}", "Es 784→300→100→10."
    x, y = run.x_val[:512], _classes(run.y_val[:512]).astype(int)
    # Sin activación, el logaritmo de la salida, centrado, es una cuenta recta de la entrada.
    half = len(x) // 2
    a, b = x[:half].astype("float32"), x[half : 2 * half].astype("float32")
    centered = [
        log - log.mean(1, keepdims=True)
        for log in (_log_probabilities(model, part) for part in (a, b, (a + b) / 2))
    ]
    bend = np.abs(centered[0] + centered[1] - 2 * centered[2]).mean()
    if bend < 1e-3 * np.abs(centered[2]).mean():
        hint = 'Sin activación, las tres Dense equivalen a una: poné activation="relu".'
        return False, f"{drawn}, sin activación en el tronco", hint
    if not model.compiled:
        return False, "el archivo no trae la compilación", "Compilá antes de fit."
    entropy = -_log_probabilities(model, x)[np.arange(len(x)), y].mean()
    extra = sum(float(_array(part)) for part in model.losses)
    given = _loss(model, x, run.y_val[:512]) - extra
    if not np.isclose(given, entropy, rtol=0.02, atol=1e-3):
        hint = 'Va loss="sparse_categorical_crossentropy" con softmax; si la salida son logits, from_logits=True.'
        return False, f"{drawn}, y la pérdida no es la entropía cruzada", hint
    return True, drawn, ""


def _stop(run):
    """Si el final de la historia es el que decide `EarlyStopping` con esos `val_loss`."""
    given = run.one(keras.callbacks.EarlyStopping)
    again = keras.callbacks.EarlyStopping(
        monitor=MONITOR,
        mode="min",
        min_delta=abs(given.min_delta),
        patience=given.patience,
        baseline=given.baseline,
        start_from_epoch=given.start_from_epoch,
    )
    _, stopped = _replay(again, run.val)
    best = f"la mejor fue la {run.best_epoch}"
    if stopped == run.epochs:
        return True, f"cortó en la época {stopped}; {best}", ""
    if stopped is None and run.epochs >= EPOCHS:
        return True, f"llegó a {run.epochs} sin cortar; {best}", ""
    if stopped is None:
        hint = f"Pedí epochs={EPOCHS}, y que el final lo decida EarlyStopping."
        return False, f"corrió {run.epochs} épocas y no llegó a cortar", hint
    hint = "O la historia no es de ese fit, o se juntan dos: entregá la de uno solo, con estos callbacks."
    return False, f"tenía que cortar en la {stopped} y hay {run.epochs}", hint


def _replay(callback, values, rate=1.0):
    """Las tasas de cada época, y en cuál corta un callback (o None), con esos `val_loss`."""
    model = SimpleNamespace(optimizer=keras.optimizers.SGD(rate), stop_training=False)
    stopped = None
    callback.set_model(model)
    callback.on_train_begin()
    rates = []
    for epoch, value in enumerate(values):
        rates.append(float(_array(model.optimizer.learning_rate)))
        callback.on_epoch_end(epoch, {MONITOR: float(value)})
        if model.stop_training and stopped is None:
            stopped = epoch + 1
    return rates, stopped


def _best_epoch(run):
    """Si el archivo es el de la época de menor `val_loss`."""
    name = run.checkpoint.filepath
    if not Path(name).is_file():
        hint = "ModelCheckpoint lo escribe ahí: ¿corrió fit en esta carpeta?"
        return False, f"no está {name}", hint
    model, least = run.loaded(), run.val.min()
    value = _loss(model, run.x_val, run.y_val)
    margin = 1e-2 if "16" in str(model.compute_dtype) else 1e-4
    found = (
        f"{name} da {_comma(value, 4)} en validación, y el mínimo es {_comma(least, 4)}"
    )
    if not np.isclose(value, least, rtol=margin, atol=1e-5):
        near = np.flatnonzero(np.isclose(run.val, value, rtol=margin, atol=1e-5))
        hint = "No es de este entrenamiento: quedó de otro, o x_val e y_val no son los que recibió fit."
        if len(near):
            hint = f"Es el de la época {near[0] + 1}, y la mejor fue la {run.best_epoch}: ¿lo escribió otro callback?"
        if len(near) and near[-1] + 1 == run.epochs:
            hint = "Es el de la última época: ¿lo pisaste con model.save, o con otro ModelCheckpoint?"
        return False, found, hint
    took = _epoch_of(run, model)
    if took is not None and took != run.best_epoch:
        hint = "Tiene la misma pérdida y otros pasos: es de otro entrenamiento, o lo guardaste de nuevo."
        took = f"{took:.1f}".replace(".", ",").removesuffix(",0")
        return (
            False,
            f"{name} lleva {took} épocas y la mejor fue la {run.best_epoch}",
            hint,
        )
    return True, f"época {run.best_epoch} de {run.epochs}, con {_comma(value, 4)}", ""


def _epoch_of(run, model) -> float | None:
    """De qué época es un modelo, por los pasos de su optimizador; None si no se sabe."""
    optimizer = getattr(model, "optimizer", None)
    if not run.steps or optimizer is None or hasattr(optimizer, "inner_optimizer"):
        return None  # con precisión mixta no se cuenta un paso que desborda
    count = lambda one: int(_array(getattr(one, "_iterations", one.iterations)))
    before, last = 0, getattr(run.model, "optimizer", None)
    if last is not None and not hasattr(last, "inner_optimizer"):
        # lo que el modelo ya había entrenado antes de este fit
        before = max(0, count(last) - run.epochs * run.steps)
    return (count(optimizer) - before) / run.steps


def _rate(run):
    """Si las tasas son las que da `ReduceLROnPlateau` con esos `val_loss`."""
    given = run.one(keras.callbacks.ReduceLROnPlateau)
    if run.of(keras.callbacks.LearningRateScheduler):
        hint = "El scheduler escribe la tasa al empezar cada época y gana siempre: dejá solo ReduceLROnPlateau."
        return False, "hay también un LearningRateScheduler", hint
    used = run.log.get("learning_rate")
    if used is None:
        hint = "ReduceLROnPlateau la anota en la historia: ¿estaba en la lista de fit?"
        return False, "la historia no tiene learning_rate", hint
    again = keras.callbacks.ReduceLROnPlateau(
        monitor=MONITOR,
        mode="min",
        factor=given.factor,
        patience=given.patience,
        min_delta=abs(given.min_delta),
        cooldown=given.cooldown,
        min_lr=given.min_lr,
    )
    expected = _replay(again, run.val, float(used[0]))[0]
    for epoch, (was, due) in enumerate(zip(used, expected, strict=True), 1):
        if not np.isclose(was, due, rtol=1e-3):
            found = f"en la época {epoch} usó {was:.2g} y le tocaba {due:.2g}"
            hint = "Otra cosa mueve la tasa: un callback tuyo, o la historia es de otro fit."
            return False, found, hint
    changes = int(np.count_nonzero(np.diff(used)))
    if not changes:
        longest = _longest_plateau(run.val, abs(given.min_delta))
        why = f"no bajó: la racha más larga sin mejorar fue de {longest} épocas, y espera {given.patience}"
        if longest >= given.patience:
            why = f"no bajó: {used[0]:.2g} ya era el mínimo, min_lr"
        return True, why, ""
    times = "una vez" if changes == 1 else f"{changes} veces"
    return True, f"bajó {times}, de {used[0]:.2g} a {used[-1]:.2g}", ""


def _longest_plateau(values, min_delta) -> int:
    """Las épocas seguidas que pasaron sin mejorar; la última no alcanza a cambiar nada."""
    best, wait, longest = np.inf, 0, 0
    for value in values[:-1]:
        wait = 0 if value < best - min_delta else wait + 1
        best, longest = min(best, value) if wait == 0 else best, max(longest, wait)
    return longest


def _events(run):
    """Si los archivos de eventos dicen lo mismo que la historia."""
    folder = Path(run.one(keras.callbacks.TensorBoard).log_dir)
    for part, key in (("train", "loss"), ("validation", MONITOR)):
        found = _points(folder / part)
        if found is None:
            hint = "Instalá el paquete con el que se leen: pip install tensorboard."
            return False, "falta el paquete tensorboard", hint
        where, values = f"{folder / part}", run.log[key]
        if not found:
            hint = "¿Corrió fit en esta carpeta? Mirá qué hay en logs con Path.rglob."
            return False, f"no hay eventos en {where}", hint
        if len(found) > run.epochs:
            hint = "Hay más de una corrida mezclada: usá una carpeta por corrida, o borrala antes de entrenar."
            return (
                False,
                f"{where} tiene {len(found)} épocas y la historia {run.epochs}",
                hint,
            )
        if len(found) < run.epochs:
            hint = "Son de otro entrenamiento, o de uno que no terminó."
            return (
                False,
                f"{where} tiene {len(found)} épocas y la historia {run.epochs}",
                hint,
            )
        if not np.allclose(found, values, rtol=1e-3, atol=1e-6):
            hint = "Los números no son los de la historia: los eventos son de otro entrenamiento."
            return False, f"{where} tiene {len(found)} épocas, con otras pérdidas", hint
    return True, f"{run.epochs} épocas en {folder}, las de la historia", ""


def _points(folder: Path) -> list[float] | None:
    """La pérdida de cada época, de los archivos de eventos; None si no hay con qué leerlos."""
    try:
        from tensorboard.backend.event_processing import event_accumulator
        from tensorboard.util import tensor_util
    except ImportError:
        return None
    if not folder.is_dir():
        return []
    log = event_accumulator.EventAccumulator(str(folder), size_guidance={"tensors": 0})
    tags = log.Reload().Tags()["tensors"]
    points = log.Tensors("epoch_loss") if "epoch_loss" in tags else []
    return [float(tensor_util.make_ndarray(p.tensor_proto)) for p in points]


def _rows(run):
    """Si la validación y el test están aparte."""
    names = {"x_train": run.x_train, "x_val": run.x_val, "x_test": run.x_test}
    why = {
        (
            "x_val",
            "x_train",
        ): "EarlyStopping no vería el sobreajuste: validá con filas que no entrenan.",
        (
            "x_test",
            "x_val",
        ): "Elegir la época mirando el test lo arruina: sacá la validación del entrenamiento.",
        ("x_test", "x_train"): "x_test tiene que traer imágenes que la red no vio.",
    }
    for (one, other), hint in why.items():
        share = _repeated(names[one], names[other])
        if share > 0.05:
            return False, f"el {share:.0%} de {one} está en {other}", hint
    sizes = ", ".join(_spaced(len(x)) for x in names.values())
    return True, f"{sizes}, sin repetidas", ""


def _repeated(one, other) -> float:
    """Fracción de las filas de `one` que están en `other`."""
    weights = np.random.default_rng(0).normal(size=one[0].size)
    a, b = (x.reshape(len(x), -1) @ weights for x in (one, other))
    return float(np.isin(a, b).mean())


def _accuracy(run):
    model = run.loaded()
    real, said = run.on_test, run.reported
    if np.isnan(real):
        _predict(model, run.x_test[:5])  # que dice por qué
    decimals = next((n for n in (2, 3) if round(said, n) == said), 4)
    margin = 0.5 * 10.0**-decimals + 3 / len(run.x_test)
    if abs(said - real) <= margin:
        return True, f"{_comma(real)}, la del archivo", ""
    found = f"informaste {_comma(said)} y el archivo da {_comma(real)}"
    is_it = lambda value: value is not None and abs(said - value) <= margin
    hint = "Medila con el modelo que cargaste: best.evaluate(x_test, y_test)."
    if said > 1.5:
        hint = "La exactitud va de 0 a 1: no es un porcentaje ni la pérdida."
    elif is_it(_try(lambda: _score(run.model, run.x_test, run.y_test))):
        hint = "Es la del modelo que quedó en la memoria: evaluá el que cargaste del archivo."
    elif is_it(_try(lambda: _score(model, run.x_val, run.y_val))):
        hint = (
            "Es la de validación, que eligió la época: la de test se mide con x_test."
        )
    elif is_it(_try(lambda: _loss(model, run.x_test, run.y_test))):
        hint = "Es la pérdida: evaluate devuelve primero la pérdida y después la exactitud."
    elif any(is_it(value) for value in run.log.get("accuracy", [])[-1:]):
        hint = "Es la de entrenamiento: medila con evaluate(x_test, y_test)."
    return False, found, hint


def _try(measure):
    try:
        return measure()
    except Exception:
        return None


def _learned(run):
    run.loaded()
    rows = len(run.x_train)
    least = next(value for size, value in MIN_ACCURACY.items() if rows >= size)
    found = f"{_comma(run.on_test)} en test, con {_spaced(rows)} filas"
    if run.on_test >= least:
        return True, found, ""
    hint = f"Con esas filas se llega a {_comma(least, 2)}: ¿las entradas van de 0 a 1?"
    return False, found, hint


# Números en castellano -------------------------------------------------------------------


def _spaced(number: float) -> str:
    return f"{number:,.0f}".replace(",", "\N{NO-BREAK SPACE}")


def _comma(number: float, digits: int = 3) -> str:
    return f"{number:.{digits}f}".replace(".", ",")
