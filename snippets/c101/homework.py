"""Verificador del homework de la Clase 101: Fashion-MNIST de punta a punta.

Un solo archivo, que solo necesita Keras y NumPy: dejalo al lado de un notebook y usá
`from homework import check`, o correlo adentro.

No cree lo que se informó: evalúa el modelo en las tres partes, lee en la historia cuándo
frenó el entrenamiento y vuelve a contar las confusiones. Un número que no coincide se
compara con los que dan las equivocaciones de siempre: de ahí salen las pistas. Anda en
cualquier backend.
"""

from dataclasses import dataclass, field
from itertools import pairwise

import keras
import numpy as np

__all__ = ["check"]

#: Columnas de una imagen y unidades de las `Dense`, de la entrada a la salida.
UNITS = (784, 300, 100, 10)
PATIENCE, CLASSES, WORST = 5, 10, 4

#: Las prendas, según su etiqueta, y las que comparten silueta.
GARMENTS = ["remera", "pantalón", "pulóver", "vestido", "abrigo"]
GARMENTS += ["sandalia", "camisa", "zapatilla", "bolso", "bota"]
ALIKE = {0, 2, 4, 6}

#: Lo mínimo: filas de validación y de test, y exactitud según las filas de entrenamiento.
MIN_ROWS = 500
FLOORS = ((45_000, 0.86), (18_000, 0.84), (9_000, 0.82), (4_000, 0.79), (0, 0.6))

#: Lo que define el archivo de quien entrega, en el orden en que lo recibe `check`.
DEFINES = {
    "best": "el modelo cargado de best.keras",
    "history": "lo que devolvió fit",
    "accuracy": "la exactitud de best en test",
    "confusion": "su matriz de confusión en test, (10, 10)",
    "pairs": "las cuatro parejas de clases que más confunde",
    "x_train": "las filas de entrenamiento",
    "y_train": "sus etiquetas",
    "x_val": "las filas de validación",
    "y_val": "sus etiquetas",
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
        accuracy: La exactitud de `best` en test, medida acá; NaN si no se pudo.
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
    best, history, accuracy, confusion, pairs, x_train, y_train, x_val, y_val, x_test, y_test
) -> Report:  # fmt: skip
    """Juzga el homework.

    Args:
        best: El `keras.Model` cargado del archivo. Puede terminar en softmax o en logits, y
            llevar adentro `Rescaling`, `Normalization`, `Flatten` o `Dropout`.
        history: Lo que devolvió `fit`, o su diccionario `history`, con "val_loss".
        accuracy: La exactitud de `best` en test, de 0 a 1, con dos decimales o más.
        confusion: Enteros, `(10, 10)`: la fila es la clase real y la columna, la predicha.
        pairs: Cuatro pares de etiquetas distintas; el orden no importa.
        x_train, x_val, x_test: Las entradas como las recibieron `fit` y `evaluate`, una
            fila por imagen.
        y_train, y_val, y_test: Las etiquetas, `(n,)` o `(n, 1)` de 0 a 9, u one-hot `(n, 10)`.

    Returns:
        Un `Report`. No lanza por lo que se entregó ni por lo que haga el modelo.
    """
    rows = x_train, y_train, x_val, y_val, x_test, y_test
    try:
        return _check(best, history, accuracy, confusion, pairs, rows)
    except Exception as error:
        hint = "Algo de lo entregado no se puede leer: revisalo con la tabla del enunciado."
        return Report([Criterion("Entrega", False, _short(error), hint)])


def _check(best, history, accuracy, confusion, pairs, rows) -> Report:
    judges = {
        "Tres conjuntos": _splits,
        "Escala": _scale,
        "Arquitectura": _architecture,
        "Activaciones y pérdida": _activations,
        "Optimizador": _optimizer,
        "EarlyStopping": _stopping,
        "ModelCheckpoint": _checkpoint,
        "Exactitud en test": _accuracy,
        "Matriz de confusión": _matrix,
        "Confusiones": _pairs,
        "Aprende": _learned,
    }
    wrong = _wrong_rows(rows) or _wrong_work(best, history, accuracy, confusion, pairs)
    if wrong:
        left = [Criterion(name, None, "sin evaluar") for name in judges]
        return Report([Criterion("Entrega", False, *wrong), *left])
    work = _Work(best, history, float(accuracy), np.asarray(confusion), pairs, rows)
    sizes = " + ".join(_spaced(len(part.y)) for part in work.parts)
    criteria = [Criterion("Entrega", True, f"{sizes} filas, con todo lo pedido")]
    criteria += [_guarded(name, judge, work) for name, judge in judges.items()]
    return Report(criteria, work.on_test)


def _guarded(name, judge, work) -> Criterion:
    """El veredicto de `judge`, o lo que lanzó el modelo."""
    try:
        return Criterion(name, *judge(work))
    except Exception as error:
        hint = "El modelo falla al usarlo: probalo con best(x_test[:5])."
        return Criterion(name, False, _short(error), hint)


def _short(error) -> str:
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0][:110] if text else ''}"


# Lo que se entregó -------------------------------------------------------------------


def _wrong_rows(arrays) -> tuple[str, str] | None:
    """Qué tienen de malo las filas y sus etiquetas, y qué hacer; None si nada."""
    hint = "Las x y las y son arreglos, con una etiqueta por fila."
    try:
        arrays = [np.asarray(array) for array in arrays]
        rows = [len(array) for array in arrays]
        numbers = all(np.isfinite(array.astype("float32")).all() for array in arrays)
    except (TypeError, ValueError):
        return "las filas o las etiquetas no son arreglos de números", hint
    if 0 in rows or rows[::2] != rows[1::2]:
        return f"hay {rows[::2]} filas y {rows[1::2]} etiquetas", hint
    if not numbers:
        hint = "Buscalos con np.isnan(x).sum(): uno solo alcanza para que la pérdida sea nan."
        return "hay NaN o infinitos entre las filas o las etiquetas", hint
    for labels in map(_classes, arrays[1::2]):
        if labels.ndim != 1 or not np.isin(labels, range(CLASSES)).all():
            hint = "Van de 0 a 9, una por fila, o en one-hot de diez columnas."
            return "las etiquetas no son diez clases", hint
    for name, size in (("la validación", rows[2]), ("el test", rows[4])):
        if size < MIN_ROWS:
            hint = f"Con menos de {MIN_ROWS} manda el azar: usá más filas."
            return f"{name} trae {size} filas", hint
    return None


def _number(value) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _wrong_work(best, history, accuracy, confusion, pairs) -> tuple[str, str] | None:
    """Lo mismo, de lo demás."""
    if not isinstance(best, keras.Model):
        hint = 'best = keras.models.load_model("best.keras"): el modelo, no el nombre del archivo.'
        return f"best es {type(best).__name__}", hint
    curves = getattr(history, "history", history)
    if not isinstance(curves, dict):
        return f"history es {type(history).__name__}", "history = model.fit(…)."
    losses = curves.get("val_loss")
    if not isinstance(losses, list | tuple | np.ndarray) or not len(losses):
        hint = (
            "Pasale validation_data=(x_val, y_val) a fit: sin ella no hay qué vigilar."
        )
        return "history no tiene «val_loss»", hint
    if not all(map(_number, losses)):
        return "«val_loss» no son números", "history = model.fit(…), sin retocar."
    if not _number(accuracy):
        hint = 'Es un número, como 0.87: evaluate(…, return_dict=True)["accuracy"].'
        return f"accuracy es {type(accuracy).__name__}", hint
    try:
        matrix = np.asarray(confusion).astype("float64")
    except (TypeError, ValueError):
        matrix = np.zeros(0)
    if matrix.shape != (CLASSES, CLASSES):
        hint = "Son diez filas, la clase real, y diez columnas, la predicha: np.zeros((10, 10), int) y a contar."
        return f"confusion tiene forma {matrix.shape}", hint
    try:
        two = np.asarray([tuple(pair) for pair in pairs])
        right = two.shape == (WORST, 2) and np.isin(two, range(CLASSES)).all()
    except (TypeError, ValueError):
        right = False
    if not right:
        hint = "pairs es una lista de cuatro pares de etiquetas, como [(0, 6), …]."
        return f"pairs no son {WORST} parejas", hint
    return None


@dataclass
class _Part:
    """Filas, etiquetas como enteros y etiquetas como se entregaron."""

    name: str
    x: np.ndarray
    y: np.ndarray
    given: np.ndarray


def _classes(labels) -> np.ndarray:
    labels = np.asarray(labels)
    if labels.ndim == 2 and labels.shape[1] == CLASSES:
        return labels.argmax(1)
    return labels[:, 0] if labels.shape[1:] == (1,) else labels


class _Work:
    """Lo entregado y lo que hace de verdad."""

    def __init__(self, best, history, accuracy, confusion, pairs, rows):
        self.best, self.reported, self.confusion = best, accuracy, confusion
        self.pairs = [tuple(sorted(map(int, pair))) for pair in pairs]
        self.curves = getattr(history, "history", history)
        self.losses = np.asarray(self.curves["val_loss"], "float64")
        #: El modelo como salió de `fit`, si se entregó lo que devolvió.
        last = getattr(history, "model", None)
        self.last = last if isinstance(last, keras.Model) else None
        params = getattr(history, "params", None)
        self.limit = params.get("epochs") if isinstance(params, dict) else None
        self.parts = self.train, self.val, self.test = [
            _Part(name, np.asarray(x), _classes(y).astype(int), np.asarray(y))
            for name, x, y in zip(
                ("x_train", "x_val", "x_test"), rows[::2], rows[1::2], strict=True
            )
        ]
        self.dense = [
            layer
            for layer in best._flatten_layers(recursive=True)
            if isinstance(layer, keras.layers.Dense) and layer.built
        ]
        self.half = any("16" in layer.compute_dtype for layer in (best, *self.dense))
        try:
            self.said = _answers(best, self.test.x)
            self.on_test = float(np.mean(self.said == self.test.y))
        except Exception:  # los criterios dicen por qué
            self.said, self.on_test = None, float("nan")

    @property
    def compiled(self):
        """El modelo del que se leen la pérdida y el optimizador."""
        return self.best if self.best.compiled or self.last is None else self.last

    @property
    def slack(self) -> int:
        """Filas de test que la precisión del modelo puede mover."""
        return max(3, int(5e-3 * len(self.test.y) * self.half))

    def close(self, a, b) -> bool:
        """Si dos salidas son iguales, hasta donde llega la precisión del modelo."""
        return np.allclose(a, b, atol=0.05 if self.half else 1e-3)

    def same(self, a, b) -> bool:
        """Lo mismo, de dos pérdidas."""
        return bool(np.isclose(a, b, rtol=0.02 if self.half else 1e-3, atol=1e-4))


def _outputs(model, x) -> np.ndarray:
    """Lo que contesta un modelo, (n, 10)."""
    return np.concatenate(
        [_predict(model, x[i : i + 4096]) for i in range(0, len(x), 4096)]
    )


def _answers(model, x) -> np.ndarray:
    return _outputs(model, x).argmax(-1)


def _hits(model, part) -> float:
    return float(np.mean(_answers(model, part.x) == part.y))


def _loss(model, part) -> float:
    """La pérdida media, con lo que suman los regularizadores."""
    if model.compiled:
        found = model.evaluate(
            part.x, part.given, batch_size=1000, verbose=0, return_dict=True
        )
        return float(found["loss"])
    outputs = _outputs(model, part.x)
    if outputs.min() < 0 or not np.allclose(outputs.sum(1), 1, atol=0.05):
        outputs = _softmax(outputs)
    chosen = outputs[np.arange(len(part.y)), part.y]
    return float(
        -np.log(np.clip(chosen, 1e-7, 1)).mean() + sum(map(_array, model.losses))
    )


def _predict(model, x) -> np.ndarray:
    output = model(x, training=False)
    if isinstance(output, dict | list | tuple):
        raise TypeError(f"la salida es {type(output).__name__} y se espera un arreglo")
    output = _array(output)
    if output.shape != (len(x), CLASSES):
        raise ValueError(
            f"la salida tiene forma {output.shape} y se espera ({len(x)}, 10)"
        )
    return output


def _array(tensor) -> np.ndarray:
    return keras.ops.convert_to_numpy(tensor).astype("float32")


def _softmax(logits) -> np.ndarray:
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


# Los datos -------------------------------------------------------------------------------


def _splits(work):
    """Si ninguna fila está en dos partes."""
    marks = [
        [hash(row.tobytes()) for row in np.ascontiguousarray(p.x)] for p in work.parts
    ]
    for n, m in ((0, 1), (0, 2), (1, 2)):
        seen = set(marks[n])
        share = np.mean([mark in seen for mark in marks[m]])
        if share > 0.02:
            a, b = work.parts[n].name, work.parts[m].name
            found = f"el {share:.0%} de {b} está también en {a}"
            hint = "Con filas que ya vio, la red parece mejor de lo que es. Cortá una vez y no repitas filas."
            if (n, m) == (0, 1):
                hint = "Sacá de x_train las filas de validación: x_val, x_train = x[a:], x[:a]."
            return False, found, hint
    if len(work.val.y) >= len(work.train.y):
        return False, "hay más validación que entrenamiento", "Cortá al revés."
    return True, "sin filas repetidas entre ellos", ""


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


def _scale(work):
    """Si a la primera `Dense` le llegan números chicos, y de la misma escala en las tres partes."""
    first = next((d for d in work.dense if d.kernel.shape[0] == UNITS[0]), None)
    if first is None:
        return None, "sin evaluar hasta que la red sea la pedida", ""
    sizes = [
        float(np.abs(_seen(work.best, [first], part.x[:256])[id(first)]).mean())
        for part in work.parts
    ]
    if sizes[0] > 5:
        hint = "Dividí por 255 antes de entrenar, o poné Rescaling(1 / 255) al principio de la red."
        return False, "a la red le llegan píxeles de 0 a 255", hint
    if sizes[0] < 0.02:
        hint = "¿Dividiste dos veces por 255? Mirá x_train.max(): tiene que dar 1."
        return False, "a la red le llegan números casi nulos", hint
    for part, size in zip(work.parts, sizes, strict=True):
        if not 1 / 3 < size / sizes[0] < 3:
            hint = "La exactitud lo disimula y la pérdida no: prepará las tres partes con la misma función."
            return False, f"{part.name} está en otra escala que x_train", hint
    return True, "la misma en las tres partes", ""


# La red ------------------------------------------------------------------------------------


def _chain() -> list[tuple[int, int]]:
    """Formas de las matrices de pesos."""
    return list(pairwise(UNITS))


def _architecture(work):
    shapes = [tuple(layer.kernel.shape) for layer in work.dense]
    wanted = "→".join(map(str, UNITS))
    if not shapes:
        return False, "ninguna Dense tiene pesos", f"La red es {wanted}."
    found = "→".join(map(str, (shapes[0][0], *(shape[1] for shape in shapes))))
    if sorted(shapes) != sorted(_chain()):
        hint = f"La red pedida es {wanted}, de la entrada a la salida."
        if shapes[0][0] != UNITS[0] and work.test.x.ndim > 2:
            hint = "Aplaná las imágenes antes de la primera Dense: reshape(-1, 784) o Flatten()."
        return False, found, hint
    own = {id(weight) for layer in work.dense for weight in layer.weights}
    extra = sorted(
        {
            type(layer).__name__
            for layer in work.best._flatten_layers(include_self=False, recursive=True)
            if not getattr(layer, "layers", None)
            and any(id(w) not in own for w in layer.trainable_variables)
        }
    )
    if extra:
        hint = "Las únicas capas que aprenden son las tres Dense pedidas."
        return False, f"{found}, y además {', '.join(extra)}", hint
    return True, found, ""


def _activations(work):
    order = {shape: n for n, shape in enumerate(_chain())}
    if sorted(tuple(d.kernel.shape) for d in work.dense) != sorted(order):
        return None, "sin evaluar hasta que la red sea la pedida", ""
    x, y = work.test.x[:128], work.test.y[:128]
    dense = sorted(work.dense, key=lambda d: order[tuple(d.kernel.shape)])
    received = _seen(work.best, dense, x)
    raw = [
        received[id(d)] @ _array(d.kernel) + (_array(d.bias) if d.use_bias else 0)
        for d in dense
    ]
    for before, after in zip(raw, dense[1:], strict=False):
        if work.close(before, received[id(after)]):
            hint = 'Sin activación, dos Dense seguidas equivalen a una: poné activation="relu".'
            return False, "el tronco no tiene activación", hint
    output, probability = _predict(work.best, x), _softmax(raw[-1])
    softmax = work.close(output, probability)
    if not softmax and not work.close(output, raw[-1]):
        hint = 'Las diez salidas tienen que sumar 1: Dense(10, activation="softmax").'
        return False, "la salida no es softmax", hint
    if not work.compiled.compiled:
        hint = "Compilá el modelo, y cargá el archivo sin compile=False."
        return False, "el modelo no está compilado", hint
    # Respuestas nuestras: las de una red que no aprendió distinguen mal las pérdidas.
    given = np.random.default_rng(0).normal(0, 2, (len(y), CLASSES)).astype("float32")
    answer = _softmax(given)
    right = -np.log(answer[np.arange(len(y)), y]).mean()
    loss = _compiled_loss(work.compiled, x, y, answer if softmax else given)
    if not np.isclose(loss, right, rtol=0.01):
        hint = 'Va loss="sparse_categorical_crossentropy" (o la que pide one-hot, si así están las etiquetas).'
        if not softmax:
            hint = 'La salida son logits: pasá from_logits=True a la pérdida, o poné activation="softmax".'
        return False, "la pérdida compilada no es la entropía cruzada", hint
    ends = "softmax" if softmax else "logits"
    return True, f"tronco con activación, {ends} y entropía cruzada", ""


def _compiled_loss(model, x, y, output) -> float:
    """Lo que da la pérdida compilada por una salida, con etiquetas enteras o one-hot."""
    model(x, training=False)  # que dice lo que suman sus regularizadores
    output = keras.ops.convert_to_tensor(output)
    for labels in (y, np.eye(CLASSES, dtype="float32")[y]):
        try:
            loss = model.compute_loss(x=x, y=labels, y_pred=output)
            return float(_array(loss) - sum(map(_array, model.losses)))
        except Exception:
            continue
        finally:
            model.reset_metrics()
    return float("nan")


def _optimizer(work):
    optimizer = getattr(work.compiled, "optimizer", None)
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    name = type(optimizer).__name__
    if isinstance(optimizer, keras.optimizers.Adam):
        return True, name, ""
    hint = 'compile(optimizer="adam", …); la tasa la elegís vos.'
    if optimizer is None:
        return False, "ninguno", hint
    if name == "RMSprop":
        hint = 'compile sin optimizer usa RMSprop: poné optimizer="adam".'
    return False, f"{name}, y se pide Adam", hint


# El entrenamiento --------------------------------------------------------------------------


def _follows_accuracy(work, epoch) -> bool:
    """Si una época es la mejor según la exactitud de validación."""
    watched = [
        values for key, values in work.curves.items()
        if key.startswith("val_") and "acc" in key and len(values) == len(work.losses)
    ]  # fmt: skip
    return any(int(np.argmax(values)) == epoch for values in watched)


def _stopping(work):
    """Si la historia termina `PATIENCE` épocas después de su mejor pérdida de validación."""
    losses = work.losses
    if not np.isfinite(losses).all():
        hint = "Con nan los pesos ya no vuelven: construí la red otra vez y mirá la escala de las entradas."
        return False, "«val_loss» tiene nan o infinitos", hint
    best, ran = int(np.argmin(losses)), len(losses)
    waited = ran - 1 - best
    found = f"mejor «val_loss» en la época {best + 1} de {ran}"
    if waited == PATIENCE:
        return True, f"{found}: frenó {PATIENCE} después", ""
    if waited > PATIENCE:
        hint = f"Siguió {waited} épocas sin mejorar: va EarlyStopping(patience={PATIENCE}) entre los callbacks."
    elif work.limit == ran:
        hint = "Se acabaron las épocas antes de que hiciera falta frenar: dale más, como epochs=100."
    else:
        hint = f"Frenó a las {waited} épocas: va patience={PATIENCE}, vigilando «val_loss» (lo de fábrica)."
    if work.limit != ran and _follows_accuracy(work, ran - 1 - PATIENCE):
        hint = (
            "Parece vigilar la exactitud: sacá monitor, que de fábrica es «val_loss»."
        )
    return False, found, hint


def _checkpoint(work):
    """Si `best` es el de la menor pérdida de validación."""
    if work.best is work.last:
        hint = 'Es el mismo objeto que salió de fit: el que se informa es load_model("best.keras").'
        return False, "best no salió de un archivo", hint
    losses, measured = work.losses, _loss(work.best, work.val)
    if work.same(measured, np.nanmin(losses)):
        return True, f"evaluate en validación da {_comma(measured, 4)}, el mínimo", ""
    found = f"evaluate en validación da {_comma(measured, 4)} y el mínimo es {_comma(np.nanmin(losses), 4)}"
    if work.same(measured, losses[-1]):
        hint = "Es el modelo de la última época: falta save_best_only=True, o guardaste otra vez al final."
        return False, found, hint
    alike = [n for n, loss in enumerate(losses) if work.same(measured, loss)]
    if alike and _follows_accuracy(work, alike[0]):
        hint = "Es la época de mejor exactitud: sacá monitor, que de fábrica es «val_loss»."
    elif alike:
        hint = f"Es el de la época {alike[0] + 1}: ModelCheckpoint tiene que vigilar «val_loss» (lo de fábrica)."
    else:
        hint = "No es de ninguna época: o el archivo es de otra corrida, o x_val no son las filas de validation_data."
    return False, found, hint


# Lo informado ------------------------------------------------------------------------------


def _accuracy(work):
    measured, reported = work.on_test, work.reported
    if np.isnan(measured):
        _predict(work.best, work.test.x[:5])  # que dice por qué
    found = f"informaste {_comma(reported)} y el archivo da {_comma(measured)}"
    if _is(work, reported, measured):
        return True, f"{_comma(measured)}, la que da el archivo", ""
    return False, found, _why_not(work)


def _is(work, reported, measured) -> bool:
    """Si son la misma exactitud, con dos decimales o más y algunas filas de margen."""
    decimals = next((n for n in (2, 3) if abs(round(reported, n) - reported) < 1e-6), 4)
    # Un poco más: 0,875 se redondea a 0,88, y en float32 no es exacto.
    margin = 0.5 * 10.0**-decimals + 1e-6 + work.slack / len(work.test.y)
    return bool(abs(reported - measured) <= margin)


def _why_not(work) -> str:
    """De dónde sale la exactitud informada, si es uno de los lugares de siempre."""
    reported, test = work.reported, work.test
    if reported > 1.5 and _is(work, reported / 100, work.on_test):
        return "La exactitud va de 0 a 1, sin pasarla a porcentaje."
    column = test.given.shape[1:] == (1,)
    if column and _is(work, reported, np.mean(work.said == test.given)):
        return (
            "Con y_test de forma (n, 1), == compara todas con todas: usá y_test[:, 0]."
        )
    if _is(work, reported, _hits(work.best, work.val)):
        return (
            "Es la de validación, con la que se eligió la época: se informa la de test."
        )
    if work.last is not None and _is(work, reported, _hits(work.last, test)):
        return (
            "Es la del modelo de la última época: la que se informa es la del archivo."
        )
    curves = [v for k, v in work.curves.items() if "acc" in k and len(v)]
    if any(_is(work, reported, value) for values in curves for value in values):
        return "Está en la historia de fit: es de entrenamiento o de validación, y se informa la de test."
    if _is(work, reported, _hits(work.best, work.train)):
        return "Es la exactitud de entrenamiento: medila con evaluate(x_test, y_test)."
    if work.best.compiled and work.same(reported, _loss(work.best, test)):
        return "Es la pérdida: evaluate devuelve primero la pérdida y después las métricas."
    return (
        "Usá best.evaluate(x_test, y_test) y copiá lo que dé, con dos decimales o más."
    )


def _count(real, said) -> np.ndarray:
    counts = np.zeros((CLASSES, CLASSES), int)
    np.add.at(counts, (real, said), 1)
    return counts


def _matrix(work):
    given, test = work.confusion, work.test
    if work.said is None:
        _predict(work.best, test.x[:5])  # que dice por qué
    right = _count(test.y, work.said)

    def are(other) -> bool:
        return bool(np.abs(given - other).sum() <= 2 * work.slack)

    if are(right):
        return (
            True,
            f"suma {_spaced(right.sum())}, y {_spaced(right.trace())} en la diagonal",
            "",
        )
    found, total = f"suma {_spaced(np.nan_to_num(given.sum()))}", _spaced(right.sum())
    found += f" y el test tiene {total} filas"
    if given.sum() == right.sum():
        found = f"suma {total}, como corresponde, pero repartidas de otro modo"
    if are(right.T):
        hint = "Está traspuesta: la fila es la clase real y la columna, la predicha."
    elif are(right > 0):
        hint = "confusion[y, pred] += 1 suma una sola vez por casillero: usá np.add.at(confusion, (y, pred), 1)."
    elif np.allclose(
        given, right / np.maximum(right.sum(1, keepdims=True), 1), atol=0.01
    ):
        hint = "Son fracciones: van cantidades, sin dividir por el total de cada fila."
    elif are(_count(work.val.y, _answers(work.best, work.val.x))):
        hint = "Es la de validación: contá sobre x_test."
    elif work.last is not None and are(_count(test.y, _answers(work.last, test.x))):
        hint = (
            "Es la del modelo de la última época: contá lo que predice el del archivo."
        )
    else:
        hint = "Contá best.predict(x_test).argmax(axis=1) contra y_test, sin mezclar ninguna de las dos."
    return False, found, hint


def _pairs(work):
    if work.said is None:
        return None, "sin evaluar hasta que el modelo prediga", ""
    counts = _count(work.test.y, work.said)
    both = np.triu(counts + counts.T, k=1)
    order = np.argsort(-both, axis=None, kind="stable")[:WORST]
    worst = [tuple(map(int, np.unravel_index(n, both.shape))) for n in order]
    if any(a == b for a, b in work.pairs):
        hint = "La diagonal son aciertos: ponela en cero antes de buscar."
        return False, "hay una clase en pareja con sí misma", hint
    if len(set(work.pairs)) < WORST:
        hint = "(0, 6) y (6, 0) son la misma pareja: sumá la matriz con su transpuesta y mirá una mitad."
        return False, "hay parejas repetidas", hint
    lowest = both[worst[-1]]
    odd = next(
        (p for p in work.pairs if both[p] < lowest - (work.slack if work.half else 1)),
        None,
    )
    if odd:
        hint = f"La cuarta se confunde {lowest} veces: sumá la matriz con su transpuesta y buscá las cuatro mayores."
        return False, f"{_named(odd)} se confunde {both[odd]} veces", hint
    found = ", ".join(map(_named, worst))
    # Con pocas filas, el cuarto lugar puede ser de otra: zapatilla y bota, por ejemplo.
    many = len(work.train.y) >= 18_000 and len(work.test.y) >= 5000
    sure = WORST if many else 2
    if not all({*pair} <= ALIKE for pair in worst[:sure]):
        hint = "Lo usual es que sean de remera, pulóver, abrigo y camisa: ¿cada etiqueta sigue en su fila?"
        return False, found, hint
    return True, found, ""


def _named(pair) -> str:
    return "–".join(GARMENTS[label] for label in pair)


def _learned(work):
    floor = next(least for rows, least in FLOORS if len(work.train.y) >= rows)
    measured = work.on_test
    found = f"{_comma(measured)} en test"
    if np.isnan(measured):
        return False, found, "El modelo no predice: probalo con best(x_test[:5])."
    if measured < floor:
        hint = f"Con {_spaced(len(work.train.y))} filas tiene que llegar a {_comma(floor, 2)}. ¿Escala, épocas, tasa?"
        if measured < 0.15:
            hint = "Es lo que da el azar con diez clases. Mirá si «loss» es nan, o si cargaste una red sin entrenar."
        return False, found, hint
    hits = _hits(work.best, work.val)
    noise = np.sqrt(0.25 / len(work.test.y) + 0.25 / len(work.val.y))
    if measured - hits > 5 * noise:
        hint = "Acierta bastante más en test que en validación: ¿entrenaste con filas de test?"
        return False, f"{found} y {_comma(hits)} en validación", hint
    if hits - measured > 5 * noise:
        hint = "Acierta bastante más en validación que en test: ¿entrenaste con filas de validación?"
        return False, f"{found} y {_comma(hits)} en validación", hint
    return True, f"{found}; con esas filas se pide {_comma(floor, 2)}", ""


# Números en castellano -------------------------------------------------------------------


def _spaced(number: float) -> str:
    return f"{number:,.0f}".replace(",", "\N{NO-BREAK SPACE}")


def _comma(number: float, digits: int = 3) -> str:
    return f"{number:.{digits}f}".replace(".", ",")
