"""What every kernel runs before the first block of a page.

It changes how things are shown, never what they compute: `plot_model` and `summary` also
display themselves for the page, figures are drawn as SVG, warnings lose this machine's paths.
"""

from __future__ import annotations

import os
import sys
import warnings
import weakref

#: Ink of a figure's text and axes; the page turns it into the colour of its own text.
FIGURE_INK = "#1a1b1c"

SUMMARY_MIME = "application/vnd.livedocs.summary+json"

#: What a kernel tells of how a block ended, if it is worth telling; the page does not show it.
BLOCK_MIME = "application/vnd.livedocs.block+json"


def install(seed: int, data: str) -> None:
    """Prepare the kernel.

    Args:
        seed: Seed of Python, NumPy and the backend.
        data: Data profile (see :mod:`livedocs.data.profiles`).
    """
    import random

    import numpy
    import wrapt

    from livedocs.execution import processes

    processes.adopt_orphans()
    _any_text_travels()
    _streams_in_order()
    _threads_speak_for_their_block()
    _tell_how_blocks_end()
    _quiet_warnings()
    _matplotlib_as_svg()
    random.seed(seed)
    numpy.random.seed(seed)

    def prepare(keras) -> None:
        from livedocs.data import profiles as datasets
        from livedocs.execution import keras_display

        datasets.install(data)
        keras_display.show_diagrams(keras)
        keras_display.show_summaries(keras)
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


def _any_text_travels() -> None:
    """Send half a surrogate pair as it is, for the engine to judge: in UTF-8 it can't be written.

    Jupyter raises where it sends: in the thread that publishes, which goes on in silence.
    """
    import json

    from jupyter_client.jsonutil import json_default

    session = _shell().kernel.session
    pack = session.pack

    def pack_as_ascii(message):
        try:
            return json.dumps(message, default=json_default, allow_nan=False).encode("ascii")
        except (TypeError, ValueError):
            return pack(message)

    session.pack = pack_as_ascii


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


#: Threads that blocks started, and the message that asked for the block of each.
_threads: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


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
        start(self)
        _threads[self] = parent.get("header", {}).get("msg_id", "")

    threading.Thread.start = start_for_block


def settle(seconds: float) -> None:
    """After the last block, wait for the threads that are still at work, to hear what they show.

    Tells the engine, as `threads`, the messages that asked for the blocks whose threads go on
    after that time. Only of those that Python waits for when a script ends: not of daemons, nor
    of the workers of a pool, which wait for ever.
    """
    import concurrent.futures.thread as pools
    import time

    end = time.monotonic() + seconds
    for thread in list(_threads):
        thread.join(max(0.0, end - time.monotonic()))
    left = {
        message
        for thread, message in list(_threads.items())
        if thread.is_alive() and not thread.daemon and thread not in pools._threads_queues
    }
    if left:
        display({BLOCK_MIME: {"threads": sorted(left)}}, {})


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
            display({BLOCK_MIME: told}, {})

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


def on_the_page() -> bool:
    """False while a block captures what is printed: then its text is what it wants."""
    from ipykernel.iostream import OutStream

    return isinstance(sys.stdout, OutStream)


def display(data: dict, metadata: dict) -> None:
    from IPython.display import display

    display(data, metadata=metadata, raw=True)
