"""The engine of «Keras en vivo»: a page is parsed once, executed once and shown three ways.

What others may build on is here; everything else may change. The names are found when they are
asked for, so that `python -m livedocs setup` runs before anything is installed.
"""

from importlib import import_module

_WHERE = {
    "Chapter": "livedocs.pages.chapter",
    "Edition": "livedocs.staging",
    "Executor": "livedocs.execution.executor",
    "Settings": "livedocs.settings",
    "Staged": "livedocs.staging",
    "finish": "livedocs.finishing",
    "stage": "livedocs.staging",
}

__all__ = [*_WHERE]


def __getattr__(name):
    if name not in _WHERE:
        raise AttributeError(f"livedocs no tiene «{name}»; tiene {', '.join(__all__)}")
    return getattr(import_module(_WHERE[name]), name)
