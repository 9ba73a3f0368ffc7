"""How Keras' objects show themselves on a page: models as diagrams, summaries as tables.

It runs in the kernel, once Keras is imported, and changes what is shown, never what is computed.
"""

from __future__ import annotations

import inspect
import io
import os
import re
from unittest import mock

from livedocs.execution.kernel_setup import SUMMARY_MIME, display, on_the_page

# Diagrams -----------------------------------------------------------------------------


def show_diagrams(keras) -> None:
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
        if not on_the_page() or (result is None and not _written(wanted["to_file"])):
            return result
        model = wanted.pop("model")
        wanted.pop("to_file")
        wanted["dpi"] = 72
        dot = keras.utils.model_to_dot(model, **wanted)
        svg = _draw(_narrow(dot.to_string()), "svg", "dot").decode()
        display(
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


def show_summaries(keras) -> None:
    """Show `summary()` as a table on the page; where its text is captured, leave it alone."""
    import rich.console

    original = keras.Model.summary
    # In Jupyter rich would display an empty block each time Keras captures its table.
    rich.console._is_jupyter = lambda: False

    def summary(self, line_length=None, positions=None, print_fn=None, **kwargs):
        if print_fn is not None or not on_the_page():
            return original(self, line_length, positions, print_fn, **kwargs)
        text, wide = io.StringIO(), io.StringIO()
        original(self, line_length, positions, print_fn=text.write, **kwargs)
        with mock.patch.dict(os.environ, COLUMNS="400"):  # wide enough not to wrap a name
            original(self, 400, None, print_fn=wide.write, **kwargs)
        display({"text/plain": text.getvalue(), SUMMARY_MIME: parse_summary(wide.getvalue())}, {})

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
