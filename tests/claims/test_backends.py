"""The pages on JAX and on PyTorch: each block ends as on the page, or as its text says.

All the blocks of a page run in order in one process, with the project's data, where TensorFlow is
not installed or does as if it were not: a reader of another backend has none. In an environment
that has JAX (`make test-jax` makes one), JAX is tried; PyTorch, and a JAX that is elsewhere, with
the interpreter that a variable names:

    LIVEDOCS_TORCH_PYTHON=…/bin/python python -m pytest -m slow tests/claims/test_backends.py -k torch
"""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from livedocs.derived.standalone.names import statements_of
from livedocs.execution.kernel_environment import KERNEL_ENV
from livedocs.pages.chapter import Cell, Chapter, Prose
from livedocs.settings import Settings
from tests.conftest import ROOT

SETTINGS = Settings.load(ROOT)
BACKENDS = {"jax": "JAX", "torch": "PyTorch"}
SECONDS = 900  # for a page, on a busy machine
#: The class about TensorFlow's graphs: what of it is another backend's is in the pages without it.
TENSORFLOW = "clases/120-funciones-y-grafos/"
#: The errors: those that begin with TensorFlow are about its graphs too, and no block runs without it.
#: One that imports it further down is of any backend, and only what wants TensorFlow is left out.
ATLAS = "errores/"


def is_about_tensorflow(chapter: Chapter) -> bool:
    """Whether a page has nothing to say to who has another backend."""
    cells = chapter.executed_cells
    first = cells[:1] if chapter.name.startswith(ATLAS) else cells
    return chapter.name.startswith((TENSORFLOW, ATLAS)) and any(
        "import tensorflow" in cell.code for cell in first
    )


CHAPTERS = {
    chapter.name: chapter
    for chapter in (Chapter.load(path, ROOT) for path in SETTINGS.pages())
    if any("keras" in cell.code for cell in chapter.executed_cells) and not is_about_tensorflow(chapter)
}

#: How a block ends on other backends where it does not as on TensorFlow: an exception, or "" for
#: none. Pages, and in each a piece of the code that no other block has. The text around says it.
ELSEWHERE: dict[str, dict[str, dict[str, str]]] = {
    "clases/101-regresion-y-clasificacion-con-mlp/combinaciones": {
        # A label that is out of range.
        'trained("softmax", sparse, y + 1)': {"jax": "", "torch": "IndexError"},
        'trained("softmax", "mse", y)': {"torch": "RuntimeError"},
        'assert kind("mse", "enteros, (n,)")': {"jax": "AssertionError", "torch": "AssertionError"},
    },
    "clases/101-regresion-y-clasificacion-con-mlp/combinaciones-binarias": {
        'trained("sigmoid", "sparse_categorical_crossentropy", y)': {"jax": "", "torch": "IndexError"},
        'trained("sigmoid", bce, 2 * y - 1)': {
            "torch": "RuntimeError"
        },  # a label that is no probability
        'reported = run["accuracy"][-1]': {"torch": "NameError"},  # of the block above
    },
    "clases/101-regresion-y-clasificacion-con-mlp/binaria": {
        "six = bce(": {"torch": "RuntimeError"},  # a label that is no probability
    },
    "clases/101-regresion-y-clasificacion-con-mlp/preguntas": {
        # Other weights.
        'assert found["0 a 255"]["loss"] > (': {"jax": "AssertionError", "torch": "AssertionError"},
    },
    "clases/103-functional-y-subclassing/que-es-dinamico": {
        "class Switch": {"jax": "RuntimeError", "torch": ""},  # an `if` on the value of a tensor
        "con run_eagerly=True, el mismo if": {"jax": "RuntimeError"},
    },
    "clases/119-losses-metricas-capas-modelos/pasos-viejos-y-nuevos": {
        "str(caught[0].message)": {"jax": "IndexError", "torch": "IndexError"},  # what TensorFlow warned
    },
    "clases/119-losses-metricas-capas-modelos/trampas": {
        "def numpy_loss": {"jax": "TracerArrayConversionError", "torch": "TypeError"},
        "assert len(drawn) == 1": {"torch": "AssertionError"},
        "def count_errors": {"jax": "", "torch": "RuntimeError"},
        'assert counted["PythonCounter"]': {"jax": "AssertionError", "torch": "AssertionError"},
    },
    "clases/120-funciones-y-grafos/otros-backends": {
        "picked = ops.cond(": {"jax": "TypeError"},  # it traces both branches and compares them
        "grown = ops.while_loop(": {"jax": "TypeError"},
    },
    "errores/if-con-un-tensor": {
        # JAX's TracerBoolConversionError, which Keras cannot say in other words.
        "outputs = FlipNegative()(inputs)": {"jax": "AttributeError", "torch": ""},
        "self.flip = FlipNegative()": {"jax": "RuntimeError", "torch": ""},  # it cannot build it
        "class RowSum": {"jax": "StopIteration"},  # it looks for TensorFlow's message
    },
    "guias/api-funcional/decidir": {
        "lookup(np.array([[1, 2, 3, 12]]))": {"jax": "", "torch": "IndexError"},
        "adder([np.zeros((2, 6, 8))": {"jax": "TypeError", "torch": "RuntimeError"},
    },
    "guias/api-funcional/mezclar-estilos": {
        'FixedRNN(name="free_rnn")(free)': {"jax": "", "torch": ""},  # `call` is given a size
        "np.zeros((40, timesteps, input_dim))": {"jax": "", "torch": ""},
    },
    "guias/model-subclassing/init-y-call": {
        "class NoSuper": {"torch": "AttributeError"},
    },
    "guias/model-subclassing/con-parametros": {
        "np.array([0, 9]), three(": {"jax": "", "torch": "IndexError"},
    },
    "errores/sin-gradientes": {
        "def mistakes(": {"jax": "", "torch": ""},  # the gradient of a step is 0
    },
    "errores/trainable-sin-recompilar": {
        # PyTorch keeps no graph; JAX fails in `fit` and loses the weights.
        'print("descongelada, ¿cambia?:", changed)': {"jax": "ValueError", "torch": "ValueError"},
        "thawed = moved(net, base)": {"jax": "TypeError"},
        "assert len(net.trainable_weights) == 2": {"jax": "TypeError", "torch": ""},
        "assert thawed": {"jax": "NameError"},
    },
    # The errors of the classes 102 and 103.
    "errores/fit-sin-compile": {
        'print("compile lo aceptó")': {"jax": ""},
    },
    "errores/add-despues-de-fit": {
        # Changed after `fit`: PyTorch keeps no graph; JAX fails in `fit` and loses the weights.
        'fit_says = history["loss"][-1]': {"jax": "ValueError", "torch": "ValueError"},
        "pairs = list(zip(before, after, strict=True))": {"jax": "TypeError"},
        "old_optimizer = grown.optimizer": {"jax": "TypeError"},
        "«extra» se entrena": {"jax": "TypeError"},
        "stale.predict(x, verbose=0)": {"jax": "", "torch": ""},
    },
    "errores/una-perdida-para-dos-salidas": {
        'loss="mse")\nmixed.fit(': {"torch": "RuntimeError"},
    },
    "errores/capas-creadas-en-call": {
        "class Wasteful": {"jax": "", "torch": ""},
    },
    "errores/call-con-dos-argumentos": {
        "pair.fit([left, right]": {"jax": "RuntimeError", "torch": "RuntimeError"},
    },
    "errores/categoricalaccuracy-con-enteros": {
        "SparseCategoricalAccuracy(), one_hot": {"jax": "ValueError", "torch": "RuntimeError"},
    },
    "errores/estado-fuera-de-add-weight": {
        "class ListGap": {"jax": "UnexpectedTracerError", "torch": ""},  # PyTorch has no graph
        "class Peek": {"jax": "UnexpectedTracerError", "torch": ""},
    },
    "errores/sin-super-init": {
        "class Block(": {"torch": "AttributeError"},
    },
    "errores/softmax-con-una-salida": {
        "loss[-1] < 0.8 * loss[0]": {"jax": "AssertionError", "torch": "AssertionError"},
    },
    "errores/exactitud-del-azar": {
        # The loss is not that of the logits: softmax is saturated, and the neurons do not die.
        'print("neuronas prendidas:"': {"jax": "AssertionError", "torch": "AssertionError"},
    },
    "errores/adapt-despues-de-predict": {
        "net.predict(x, verbose=0)  # arma el grafo": {"torch": ""},  # it has no graph
    },
    "errores/etiquetas-fuera-de-rango": {
        "classifier(3).fit(x, stars": {"jax": "", "torch": "IndexError"},
        "net.fit(x[:8], stars": {"jax": "", "torch": "IndexError"},
        "one.fit(x[:8], expensive": {"jax": "", "torch": "IndexError"},
    },
    "errores/perdida-con-otra-forma": {
        "def wrong_axis(": {"jax": "TypeError", "torch": "RuntimeError"},
    },
    "errores/pesos-en-init": {
        "class FixedDense": {"jax": "TypeError", "torch": "RuntimeError"},
        "FixedDense(9, 3)(rows)": {"jax": "TypeError", "torch": "RuntimeError"},
    },
    "errores/lote-none": {
        # JAX and PyTorch put a number where TensorFlow puts None.
        "broken.predict(x, batch_size=4": {"jax": "", "torch": ""},
        "class Share": {"jax": "", "torch": ""},
        "class AddZeros": {"jax": "", "torch": ""},
        "class Noise": {"jax": "ValueError", "torch": ""},
        "ops.ones((ops.shape(inputs)[0], 1))": {"jax": "TypeError", "torch": "TypeError"},
    },
    "errores/rango-desconocido": {
        'print("primero:", y.shape)': {"jax": "", "torch": ""},  # each call has its own shapes
        "model.evaluate(x, y[:, None]": {"jax": "", "torch": ""},
    },
    "errores/dos-entradas-un-arreglo": {
        "broken = two_inputs()": {"jax": "", "torch": ""},  # a `fit` that failed leaves nothing behind
    },
    "errores/perdida-negativa": {
        "wrong, history = trained(labels)": {"torch": "RuntimeError"},  # it looks at the labels
        "bad = float(bce(two": {"torch": "RuntimeError"},
        "said = wrong.predict": {"torch": "NameError"},  # of the block above
        "for name, y in others.items()": {"torch": "NameError"},  # of the block above
    },
    "errores/logits-sin-from-logits": {
        # They divide by the sum of the scores before clipping.
        "for scores in ([-1, -2, -3]": {"jax": "AssertionError", "torch": "AssertionError"},
        'last = history["loss"][-1]': {"jax": "AssertionError", "torch": "AssertionError"},
    },
}


def interpreter(backend: str) -> str:
    """The Python with that backend; the test is skipped where none is at hand."""
    variable = f"LIVEDOCS_{backend.upper()}_PYTHON"
    if named := os.environ.get(variable):
        return named
    if importlib.util.find_spec(backend) or os.environ.get("KERAS_BACKEND") == backend:
        return sys.executable
    pytest.skip(f"no hay {BACKENDS[backend]} en este entorno: nombrá otro intérprete con {variable}")


def ends(chapter: Chapter, backend: str, folder: Path) -> list[dict]:
    """How each executed block of a page ends, as `tests/attempt_process.py` tells it."""
    answer = folder / "answer.json"
    cache = {
        "JAX_COMPILATION_CACHE_DIR": str(folder / "jax"),  # a page compiles the same thing many times
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    }
    env = {
        **os.environ, **KERNEL_ENV, **cache, "KERAS_BACKEND": backend, "MPLBACKEND": "agg",
        "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    if SETTINGS.data != "official":
        env["KERAS_HOME"] = str(folder / "keras")
    request = {
        "data": SETTINGS.data,
        "seed": SETTINGS.seed,
        "blocks": [cell.code for cell in chapter.executed_cells],
        "answer": str(answer),
    }
    done = subprocess.run(
        [interpreter(backend), "-m", "tests.backend_process"], input=json.dumps(request), cwd=ROOT,
        env=env, capture_output=True, text=True, timeout=SECONDS,
    )  # fmt: skip
    found = json.loads(answer.read_text("utf-8")) if answer.exists() else []
    if len(found) < len(chapter.executed_cells):
        where = chapter.where(chapter.executed_cells[len(found)])
        pytest.fail(f"{where}: con {BACKENDS[backend]} el proceso se cortó acá.\n{done.stderr[-2000:]}")
    return found


def problems(chapter: Chapter, backend: str, found: list[dict]) -> list[str]:
    """The blocks that did not end as their reader is told, each with what to do."""
    wrong, absent = [], {"tf"}  # names that a reader without TensorFlow lacks
    listed = {
        id(cell_with(chapter, code)): said for code, said in ELSEWHERE.get(chapter.name, {}).items()
    }
    for cell, end in zip(chapter.executed_cells, found, strict=True):
        got, page = end.get("error", ""), cell.raises or ""
        where = f"{chapter.where(cell)}: con {BACKENDS[backend]}"
        said = listed.get(id(cell), {}).get(backend)
        if got and wants_tensorflow(end, absent):
            absent |= names_of(cell)
        elif said is not None and got == page:
            wrong.append(f"{where}, ya termina como en la página: sacalo de ELSEWHERE y del texto.")
        elif got != (page if said is None else said):
            wrong.append(
                f"{where}, este bloque termina con {how(end)}, y no con "
                f"{(page if said is None else said) or 'éxito'}. Si tiene que ser así, decilo en el texto "
                "y agregalo a ELSEWHERE, en tests/claims/test_backends.py."
            )
    return wrong


def how(end: dict) -> str:
    if "error" not in end:
        return "éxito"
    return f"{end['error']} («{end['message'].strip()[:150]}», en «{end['source']}»)"


def wants_tensorflow(end: dict, absent: set[str]) -> bool:
    """Whether a block failed for want of TensorFlow, or of a name that such a block defines."""
    if end["error"] == "ModuleNotFoundError":
        return any(name in end["message"] for name in ("tensorflow", "tensorboard"))
    if "train_step() takes 2 positional arguments" in end["message"]:
        return True  # JAX calls with another signature a `train_step` that is TensorFlow's
    name = re.match(r"name '(\w+)' is not defined", end["message"])
    return end["error"] == "NameError" and bool(name) and name[1] in absent


def names_of(cell: Cell) -> set[str]:
    """What a block would have defined."""
    tree = ast.Module(statements_of(cell.code) or [], [])
    stored = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    imports = (n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom))
    stored |= {(a.asname or a.name).partition(".")[0] for n in imports for a in n.names}
    return stored | {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef)}


def cell_with(chapter: Chapter, code: str) -> Cell:
    """The only executed block of a page with a piece of code."""
    having = [cell for cell in chapter.executed_cells if code in cell.code]
    assert len(having) == 1, f"{chapter.path}: {len(having)} bloques dicen «{code}»; tiene que ser uno."
    return having[0]


def text_around(chapter: Chapter, cell: Cell) -> str:
    """The prose of a block's section and that with which the sections around it begin.

    The page of an error is one section.
    """
    lines = {}
    for part in chapter.parts:
        if isinstance(part, Prose):
            lines |= dict(enumerate(part.text.split("\n"), start=part.line))
    if chapter.name.startswith(ATLAS):
        return "\n".join(lines.values())
    ends_at = [heading.line for heading in chapter.headings] + [10**9]
    text, level = "", 7
    for number, heading in reversed(list(enumerate(chapter.headings))):
        if heading.line < cell.line and 1 < heading.level < level:
            level = heading.level
            own = range(heading.line, ends_at[number + 1])
            text += "\n".join(line for at, line in sorted(lines.items()) if at in own)
    return text


@pytest.mark.slow
@pytest.mark.parametrize("page", CHAPTERS)
@pytest.mark.parametrize("backend", BACKENDS)
def test_each_block_ends_as_its_reader_is_told(backend, page, tmp_path):
    wrong = problems(CHAPTERS[page], backend, ends(CHAPTERS[page], backend, tmp_path))
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize(
    ("page", "code"), [(page, code) for page, codes in ELSEWHERE.items() for code in codes]
)
def test_the_text_says_where_another_backend_differs(page, code):
    chapter = CHAPTERS[page]
    cell = cell_with(chapter, code)
    assert re.search(r"\bJAX\b|\bPyTorch\b|[Oo]tro backend|TensorFlow", text_around(chapter, cell)), (
        f"{chapter.where(cell)}: termina de otro modo con otro backend y el texto no lo dice; decilo ahí."
    )
    assert (cell.raises or "") not in ELSEWHERE[page][code].values()
