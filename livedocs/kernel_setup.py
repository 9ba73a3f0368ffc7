"""What every kernel runs before the first block of a page.

It changes how things are shown, never what they compute: `plot_model` and `summary` also
display themselves for the page, figures are drawn as SVG, warnings lose this machine's paths.
"""

from __future__ import annotations

import inspect
import io
import os
import re
import sys
import warnings
from unittest import mock

#: Ink of a figure's text and axes; the page turns it into the colour of its own text.
FIGURE_INK = "#1a1b1c"

SUMMARY_MIME = "application/vnd.livedocs.summary+json"

#: What a kernel tells of how a block ended, if it is worth telling; the page does not show it.
BLOCK_MIME = "application/vnd.livedocs.block+json"


def install(seed: int, data: str) -> None:
    """Prepare the kernel.

    Args:
        seed: Seed of Python, NumPy and the backend.
        data: Data profile (see :mod:`livedocs.datasets`).
    """
    import random

    import numpy
    import wrapt

    from livedocs import processes

    processes.adopt_orphans()
    _streams_in_order()
    _threads_speak_for_their_block()
    _tell_how_blocks_end()
    _quiet_warnings()
    _matplotlib_as_svg()
    random.seed(seed)
    numpy.random.seed(seed)

    def prepare(keras) -> None:
        from livedocs import datasets

        datasets.install(data)
        _show_diagrams(keras)
        _show_summaries(keras)
        # Python and NumPy go on from where the page is.
        drawn = random.getstate(), numpy.random.get_state()
        keras.utils.set_random_seed(seed)
        random.setstate(drawn[0])
        numpy.random.set_state(drawn[1])

    _imports_draw_nothing()
    # Keras takes seconds to import: a page without it does not wait.
    wrapt.register_post_import_hook(prepare, "keras")
    # Blocks see what a reader has: not this repository.
    ours = os.environ.pop("PYTHONPATH", None)
    sys.path[:] = [place for place in sys.path if place != ours]


def _imports_draw_nothing() -> None:
    """Give the page the same numbers whether Keras was imported before it or in its middle.

    Importing TensorFlow draws from Python's generator, from which Keras takes its seeds.
    """
    import random

    import numpy
    import wrapt

    before = {}

    class Remember:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if name in ("tensorflow", "keras"):
                before.setdefault(name, (random.getstate(), numpy.random.get_state()))

    def restore(module) -> None:
        if states := before.pop(module.__name__, None):
            random.setstate(states[0])
            numpy.random.set_state(states[1])

    for name in ("tensorflow", "keras"):
        wrapt.register_post_import_hook(restore, name)
    sys.meta_path.insert(0, Remember)  # before the finder of wrapt


def _streams_in_order() -> None:
    """Make what goes to stdout and stderr arrive in the order in which it was written."""
    from ipykernel.iostream import OutStream

    # Not `write`: IPython sets one of its own on each stream while a block runs.
    original, last = OutStream._schedule_flush, None

    def schedule_flush(self):
        nonlocal last
        if last is not None and last is not self:
            last.flush()
        last = self
        return original(self)

    OutStream._schedule_flush = schedule_flush


def _threads_speak_for_their_block() -> None:
    """Make what a thread shows belong to the block that started it, however late it comes."""
    import threading

    shell, start = _shell(), threading.Thread.start

    def start_for_block(self):
        parent, run = shell.get_parent(), self.run

        def run_for_block():
            shell.set_thread_parent(parent)
            run()

        self.run = run_for_block
        return start(self)

    threading.Thread.start = start_for_block


def _tell_how_blocks_end() -> None:
    """After a block, tell the engine what its outputs do not: see `BLOCK_MIME`.

    `raised`: the exception that ended it, with its module, if it is not one of Python's own;
    `commands`: those that were run with "!" and failed, with their exit codes; `streams`: which
    of the standard ones it left replaced (they are put back).
    """
    shell, streams = _shell(), {"stdout": sys.stdout, "stderr": sys.stderr}
    depth, commands, system = 0, [], shell.system

    def run_command(command):
        system(command)
        if code := shell.user_ns.get("_exit_code"):
            commands.append([command, code])

    def begin(info):
        nonlocal depth
        depth += 1  # a block may run others, as %%capture does
        if depth == 1:
            commands.clear()

    def end(result):
        nonlocal depth
        depth = max(0, depth - 1)
        if depth:
            return
        told = {}
        error = result.error_before_exec or result.error_in_exec
        if error is not None and type(error).__module__ != "builtins":
            told["raised"] = f"{type(error).__module__}.{type(error).__qualname__}"
        if commands:
            told["commands"] = list(commands)
        if replaced := [name for name, stream in streams.items() if getattr(sys, name) is not stream]:
            told["streams"] = replaced
            for name in replaced:
                setattr(sys, name, streams[name])
        if told:
            _display({BLOCK_MIME: told}, {})

    shell.system = run_command
    shell.events.register("pre_run_cell", begin)
    shell.events.register("post_run_cell", end)


def _quiet_warnings() -> None:
    """Warnings as `Category: message`, each once per block, without file names."""
    warnings.formatwarning = lambda message, category, *_, **__: f"{category.__name__}: {message}\n"
    # A side effect of saving that tells the reader nothing (NumPy 2 against h5py).
    warnings.filterwarnings("ignore", message="__array__ implementation doesn't accept a copy")


# Figures ------------------------------------------------------------------------------


def _matplotlib_as_svg() -> None:
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    import matplotlib
    from matplotlib_inline.config import InlineBackend

    matplotlib.rcParams.update(
        {
            "figure.figsize": (5.2, 3.2),
            "figure.constrained_layout.use": True,
            "font.size": 10.5,
            "font.family": "sans-serif",
            "savefig.facecolor": "none",
            "figure.facecolor": "none",
            "axes.facecolor": "none",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "legend.frameon": False,
            "svg.fonttype": "none",  # text stays text: lighter, selectable, it follows the page
            "svg.hashsalt": "keras-en-vivo",
            **dict.fromkeys(
                ("text.color", "axes.edgecolor", "axes.labelcolor", "axes.titlecolor",
                 "xtick.color", "ytick.color", "legend.labelcolor"),
                FIGURE_INK,
            ),
        }
    )  # fmt: skip
    backend = InlineBackend.instance(parent=_shell())
    backend.rc = {}
    backend.figure_formats = {"svg"}
    backend.print_figure_kwargs = {"bbox_inches": "tight", "metadata": {"Date": None}}
    _shell().run_line_magic("matplotlib", "inline")


def _shell():
    from IPython import get_ipython

    return get_ipython()


# Diagrams -----------------------------------------------------------------------------


def _show_diagrams(keras) -> None:
    """Make `plot_model` work without Graphviz on the machine, and show itself as SVG."""
    import pydot

    def create(self, prog=None, format="ps", encoding=None):
        return _draw(self.to_string(), format, prog or "dot")

    pydot.Dot.create = create
    original = keras.utils.plot_model
    signature = inspect.signature(original)

    def plot_model(*args, **kwargs):
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        wanted = dict(bound.arguments)
        wanted |= wanted.pop("kwargs", {})
        try:
            result = original(*args, **kwargs)
        except ValueError as error:
            # The file is written; what fails is IPython's Image, which can't embed an SVG.
            if "Cannot embed" not in str(error):
                raise
            result = None
        if not _on_the_page() or (result is None and not _written(wanted["to_file"])):
            return result
        model = wanted.pop("model")
        wanted.pop("to_file")
        wanted["dpi"] = 72
        dot = keras.utils.model_to_dot(model, **wanted)
        svg = _draw(_narrow(dot.to_string()), "svg", "dot").decode()
        _display(
            {"image/svg+xml": _without_object_ids(svg), "text/plain": f"<{model.name}>"},
            {"alt": describe_graph(model, wanted["expand_nested"])},
        )

    plot_model.__signature__ = signature
    plot_model.__doc__ = original.__doc__
    keras.utils.plot_model = plot_model


def _draw(dot: str, format: str, prog: str) -> bytes:
    import pygraphviz

    return pygraphviz.AGraph(string=dot).draw(format=format, prog=prog)


def _narrow(dot: str) -> str:
    """One cell below the other in each box: half as wide, so that a phone shows the whole graph."""
    dot = dot.replace('</td><td bgcolor="white">', '</td></tr><tr><td bgcolor="white">')
    return re.sub(r' colspan="\d+"', "", dot).replace('cellpadding="10"', 'cellpadding="4"')


def _written(path) -> bool:
    return os.path.exists(path)


def _without_object_ids(svg: str) -> str:
    """Drop titles and comments, which hold Python's `id()` of each layer."""
    svg = re.sub(r"<!--.*?-->\s*", "", svg, flags=re.S)
    svg = re.sub(r"<title>.*?</title>\s*", "", svg, flags=re.S)
    return svg[svg.index("<svg") :]


def describe_graph(model, expand_nested: bool = False) -> str:
    """A model's graph in Spanish, from which a reader could draw it again.

    Args:
        model: A built Keras model.
        expand_nested: Whether the layers of nested models are described too.

    Returns:
        One paragraph: each layer in order with its type, output shape and what it receives.
    """
    layers = _graph_layers(model)
    if layers is None:  # a subclass: the drawing is one closed box
        name, kind = model.name, type(model).__name__
        return f"Modelo {name} ({kind}): una sola caja cerrada, sin capas a la vista; salida {_shape_of(model)}."
    parts = []
    for layer, sources in layers:
        name = f"{layer.name} ({type(layer).__name__}), salida {_shape_of(layer)}"
        if sources:
            parts.append(f"{name}, recibe {_join(sources)}")
        else:
            parts.append(name)
        if expand_nested and _graph_layers(layer):
            parts[-1] += f" [por dentro: {describe_graph(layer, True)}]"
    outputs = _join(getattr(model, "output_names", None) or [])
    ending = f" Salida del modelo: {outputs}." if outputs else ""
    count = "1 capa" if len(layers) == 1 else f"{len(layers)} capas"
    return f"Grafo del modelo {model.name}, {count}: {'; '.join(parts)}.{ending}"


def _graph_layers(model) -> list[tuple[object, list[str]]] | None:
    """Layers of a model in topological order, each with the names of those that feed it.

    None if Keras sees no graph: a subclassed model, or a layer.
    """
    functional = getattr(model, "_functional", None) or model
    operations = getattr(functional, "operations", None)
    if not operations:
        return None
    nodes = {node for depth in functional._nodes_by_depth.values() for node in depth}
    found = []
    for operation in operations:
        sources = [
            parent.operation.name
            for node in operation._inbound_nodes
            if node in nodes
            for parent in node.parent_nodes
        ]
        found.append((operation, sources))
    return found


def _shape_of(layer) -> str:
    try:
        output = layer.output
    except (AttributeError, ValueError):
        return "de forma desconocida"
    outputs = output if isinstance(output, (list, tuple)) else [output]
    if isinstance(output, dict):
        outputs = list(output.values())
    return _join(str(tuple(tensor.shape)) for tensor in outputs)


def _join(names) -> str:
    names = [str(name) for name in names]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} y {names[-1]}" if names else ""


# Summaries ----------------------------------------------------------------------------


def _show_summaries(keras) -> None:
    """Show `summary()` as a table on the page; where its text is captured, leave it alone."""
    import rich.console

    original = keras.Model.summary
    # In Jupyter rich would display an empty block each time Keras captures its table.
    rich.console._is_jupyter = lambda: False

    def summary(self, line_length=None, positions=None, print_fn=None, **kwargs):
        if print_fn is not None or not _on_the_page():
            return original(self, line_length, positions, print_fn, **kwargs)
        text, wide = io.StringIO(), io.StringIO()
        original(self, line_length, positions, print_fn=text.write, **kwargs)
        with mock.patch.dict(os.environ, COLUMNS="400"):  # wide enough not to wrap a name
            original(self, 400, None, print_fn=wide.write, **kwargs)
        _display({"text/plain": text.getvalue(), SUMMARY_MIME: parse_summary(wide.getvalue())}, {})

    summary.__doc__ = original.__doc__
    summary.__signature__ = inspect.signature(original)
    for model_class in (keras.Model, keras.Sequential):
        if "summary" in vars(model_class) or model_class is keras.Model:
            model_class.summary = summary


def parse_summary(text: str) -> dict:
    """The text of a `summary()` wide enough not to wrap, as data.

    Returns:
        `title`, `columns`, `rows` (lists of cells as Keras wrote them) and `totals`, pairs of
        a label and what follows it.
    """
    title, columns, rows, totals = "", [], [], []
    row: list[list[str]] = []  # the lines of the row being read: one per connection
    for line in re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines():
        bare = line.strip()
        if bare[:1] in ("┃", "│"):
            first, *others = re.split("[┃│]", bare)[1:-1]
            row.append([first[1:].rstrip(), *(cell.strip() for cell in others)])
        elif bare[:1] in ("┡", "├", "└") and row:
            merged = [" ".join(filter(str.strip, column)) for column in zip(*row, strict=True)]
            columns, rows = (columns, [*rows, merged]) if columns else (merged, rows)
            row = []
        elif bare.startswith("Model:") and not title:
            title = bare
        elif columns and ":" in bare:
            label, _, value = bare.partition(":")
            totals.append([label, value.strip()])
    return {"title": title, "columns": columns, "rows": rows, "totals": totals}


def _on_the_page() -> bool:
    """False while a block captures what is printed: then its text is what it wants."""
    from ipykernel.iostream import OutStream

    return isinstance(sys.stdout, OutStream)


def _display(data: dict, metadata: dict) -> None:
    from IPython.display import display

    display(data, metadata=metadata, raw=True)
