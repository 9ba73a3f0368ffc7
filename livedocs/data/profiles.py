"""`keras.datasets` without a network.

The blocks of a chapter call Keras' real loaders; what those loaders return
while the site is being built is decided here, by the *data profile* (the value
of the environment variable `LIVEDOCS_DATA`):

`"synthetic"`
    Data made by `livedocs.data.synthetic`: same dtypes, classes, columns and
    difficulty as the real sets, fewer samples.
`"official"`
    Keras is left alone: it downloads the real data, or finds it in its cache.
anything else
    A folder of `.npz` files named after the loader: `fashion_mnist.npz`,
    `mnist.npz` and `cifar10.npz` with the arrays `x_train`, `y_train`,
    `x_test` and `y_test`; `california_housing.npz` with `x` and `y`.

`install` puts a profile in force, `provenance` says in Spanish where the data
come from and `fingerprint` identifies the data in a cache key.

Importing this module imports neither Keras nor any of its backends.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import os
import pkgutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np

from livedocs.data.synthetic import (
    Split,
    synthetic_california_housing,
    synthetic_cifar10,
    synthetic_fashion_mnist,
    synthetic_mnist,
)

__all__ = ["fingerprint", "install", "provenance"]

SYNTHETIC = "synthetic"
OFFICIAL = "official"

_IMAGE_ARRAYS = ("x_train", "y_train", "x_test", "y_test")

# What a folder can serve, and the arrays each file must hold.
_FOLDER_ARRAYS = {
    "california_housing": ("x", "y"),
    "cifar10": _IMAGE_ARRAYS,
    "fashion_mnist": _IMAGE_ARRAYS,
    "mnist": _IMAGE_ARRAYS,
}


# --- Profiles ----------------------------------------------------------------


def install(profile: str) -> None:
    """Make the loaders of `keras.datasets` obey a data profile.

    It imports Keras, if there is anything to replace. A name taken with `from
    keras.datasets.mnist import load_data` before the call keeps the loader it
    was bound to; every other way of reaching a loader sees the new one. A
    second call replaces the first; `"official"` puts Keras' own loaders back.

    Args:
        profile: `"synthetic"`, `"official"` or the path of a folder of `.npz`
            files. A relative path is resolved now, so a later `chdir` is
            harmless.

    Raises:
        FileNotFoundError: the folder does not exist.
        NotADirectoryError: the path is a file.
        ValueError: the profile is blank.

    With a folder, a missing file raises `FileNotFoundError` and a damaged or
    incomplete one `ValueError`, when its loader is called. A loader that the
    profile cannot serve raises `NotImplementedError` when called.
    """
    if profile == OFFICIAL:
        _restore()
        return
    if profile == SYNTHETIC:
        serve = _synthetic_loader
    else:
        serve = functools.partial(_folder_loader, _existing_folder(profile))

    import keras

    _restore()
    for _, name, _ in pkgutil.iter_modules(keras.datasets.__path__):
        public = importlib.import_module(f"keras.datasets.{name}")
        original = public.load_data
        loader = serve(name) or _unavailable(name, "load_data", original, profile)
        _replace(name, "load_data", original, loader)
        # Keras downloads the vocabulary of the text sets apart from the texts.
        word_index = getattr(public, "get_word_index", None)
        if word_index is not None:
            blocked = _unavailable(name, "get_word_index", word_index, profile)
            _replace(name, "get_word_index", word_index, blocked)


def provenance(profile: str) -> str:
    """Say in Spanish, in one short phrase, where the data of a profile come from.

    A folder appears by its name only: a page must not show the paths of the
    machine that built it. The folder need not exist.

    Raises:
        ValueError: the profile is blank.
    """
    if profile == SYNTHETIC:
        return (
            "datos sintéticos, hechos por este proyecto: imitan la forma y la "
            "dificultad de los reales, no sus cifras"
        )
    if profile == OFFICIAL:
        return "datos oficiales, como los entrega Keras"
    return f"datos de la carpeta «{_folder(profile).name}»"


#: The version of the synthetic sets: raise it (any other text does) when their numbers change.
SYNTHETIC_VERSION = "16ea48f75b7dc7e9870553d5b52ab033bc1e7fe1d925d1ed52263005ff2364c2"


def fingerprint(profile: str) -> str:
    """Identify the data of a profile, for a cache key.

    Returns:
        `"official"`; `"synthetic-"` and the version of the sets (they are a function of it
        and of the NumPy version, which the key must hold apart); or `"folder-"` and
        one of the names and contents of the folder's `.npz` files, wherever the
        folder is.

    Raises:
        FileNotFoundError, NotADirectoryError, ValueError: as `install`.
    """
    if profile == OFFICIAL:
        return OFFICIAL
    if profile == SYNTHETIC:
        return f"synthetic-{SYNTHETIC_VERSION}"
    return f"folder-{_sha256_of_all(_existing_folder(profile), '*.npz')}"


def _sha256_of_all(folder: Path, pattern: str) -> str:
    digest = hashlib.sha256()
    for file in sorted(folder.glob(pattern)):
        if file.is_file():
            digest.update(f"{file.name}\0{_sha256_of(file)}\n".encode())
    return digest.hexdigest()


def _sha256_of(file: Path) -> str:
    status = file.stat()
    return _sha256_memo(str(file), status.st_mtime_ns, status.st_size)


@functools.lru_cache(maxsize=256)
def _sha256_memo(path: str, mtime_ns: int, size: int) -> str:
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _folder(profile: str) -> Path:
    if not profile.strip():
        raise ValueError(
            "LIVEDOCS_DATA está vacía. Poné «synthetic», «official» o la ruta "
            "de una carpeta con archivos .npz."
        )
    return Path(os.path.abspath(Path(profile).expanduser()))


def _existing_folder(profile: str) -> Path:
    folder = _folder(profile)
    if folder.is_dir():
        return folder
    advice = "Poné «synthetic», «official» o la ruta de una carpeta con archivos .npz."
    if folder.exists():
        raise NotADirectoryError(f"LIVEDOCS_DATA={profile!r} es un archivo, no una carpeta. {advice}")
    raise FileNotFoundError(
        f"LIVEDOCS_DATA={profile!r}: no existe esa carpeta (busqué en {folder}). {advice}"
    )


# --- Putting loaders in Keras' place -----------------------------------------

# Every place a loader can be reached from: the public package, the module that
# defines it and, once something has touched it, the tree behind `tf.keras`.
_PACKAGES = ("keras.datasets", "keras.src.datasets", "keras._tf_keras.keras.datasets")

_replaced: list[tuple[ModuleType, str, Callable]] = []


def _replace(name: str, function: str, original: Callable, loader: Callable) -> None:
    for package in _PACKAGES:
        module = sys.modules.get(f"{package}.{name}")
        if module is not None and getattr(module, function, None) is original:
            _replaced.append((module, function, original))
            setattr(module, function, loader)


def _restore() -> None:
    while _replaced:
        module, function, original = _replaced.pop()
        setattr(module, function, original)


def _unavailable(name: str, function: str, original: Callable, profile: str) -> Callable:
    """A stand-in, with the signature of `original`, that explains itself."""
    if profile == SYNTHETIC:
        reason, place = "no tiene versión sintética todavía", "livedocs/synthetic"
    else:
        reason, place = "no se puede leer de una carpeta todavía", "livedocs/data/profiles.py"
    message = (
        f"keras.datasets.{name} {reason}. Para usar keras.datasets.{name}.{function}: "
        f"poné LIVEDOCS_DATA=official, que lo descarga, o agregalo en {place}."
    )

    @functools.wraps(original)
    def refuse(*args, **kwargs):
        raise NotImplementedError(message)

    return refuse


def _synthetic_loader(name: str) -> Callable | None:
    if name == "california_housing":
        return _california_loader(synthetic_california_housing)
    if name == "cifar10":
        return _cifar10_loader(synthetic_cifar10)
    if name == "fashion_mnist":
        return _image_loader(synthetic_fashion_mnist)
    if name == "mnist":
        return _mnist_loader(synthetic_mnist)
    return None


def _folder_loader(folder: Path, name: str) -> Callable | None:
    if name not in _FOLDER_ARRAYS:
        return None
    read = functools.partial(_read_arrays, folder / f"{name}.npz", _FOLDER_ARRAYS[name])
    if name == "california_housing":
        return _california_loader(read)

    def read_split() -> Split:
        x_train, y_train, x_test, y_test = read()
        return (x_train, y_train), (x_test, y_test)

    if name == "mnist":
        return _mnist_loader(read_split)
    if name == "cifar10":
        return _cifar10_loader(read_split)
    return _image_loader(read_split)


def _image_loader(read: Callable[[], Split]) -> Callable:
    def load_data():
        """Stand-in for a loader of images of `keras.datasets`."""
        return read()

    return load_data


def _mnist_loader(read: Callable[[], Split]) -> Callable:
    def load_data(path="mnist.npz"):
        """Stand-in for `keras.datasets.mnist.load_data`; it ignores `path`."""
        return read()

    return load_data


def _cifar10_loader(read: Callable[[], Split]) -> Callable:
    def load_data():
        """Stand-in for `keras.datasets.cifar10.load_data`."""
        import keras

        (x_train, y_train), (x_test, y_test) = read()
        if keras.config.image_data_format() == "channels_first":
            x_train, x_test = (np.moveaxis(x, -1, 1) for x in (x_train, x_test))
        return (x_train, y_train), (x_test, y_test)

    return load_data


def _california_loader(read: Callable[[], tuple[np.ndarray, np.ndarray]]) -> Callable:
    # The order of the checks, the wording of the errors and the legacy
    # generator are Keras': a page shows what its reader will get.
    def load_data(version="large", path="california_housing.npz", test_split=0.2, seed=113):
        """Stand-in for `keras.datasets.california_housing.load_data`.

        Args:
            version: `"large"`, all the rows, or `"small"`, the first 600 (one
                region, for the file is ordered by place).
            path: ignored: nothing is downloaded.
            test_split: fraction of the rows kept for testing, in [0, 1).
            seed: of the shuffling that comes before the split.

        Returns:
            `(x_train, y_train), (x_test, y_test)`.

        Raises:
            ValueError: `version` or `test_split` is not valid.
        """
        if not 0 <= test_split < 1:
            raise ValueError(
                f"Invalid `test_split` argument: {test_split}. "
                "It must be between 0 and 1 (exclusive of 1)."
            )
        x, y = read()
        if version == "small":
            x, y = x[:600], y[:600]
        elif version != "large":
            raise ValueError(
                f"Argument `version` must be one of 'small', 'large'. Received: version={version}"
            )
        order = np.arange(len(x))
        np.random.RandomState(seed).shuffle(order)
        train, test = np.split(order, [int(len(x) * (1 - test_split))])
        return (x[train], y[train]), (x[test], y[test])

    return load_data


def _read_arrays(file: Path, names: tuple[str, ...]) -> tuple[np.ndarray, ...]:
    """Read the named arrays of an `.npz` file: inputs and targets, in pairs."""
    where = f"«{file.name}», en la carpeta de LIVEDOCS_DATA («{file.parent.name}»)"
    if not file.is_file():
        raise FileNotFoundError(
            f"Falta el archivo {where}. Tiene que traer los arreglos {', '.join(names)}."
        )
    try:
        content = np.load(file, allow_pickle=False)
        if not isinstance(content, np.lib.npyio.NpzFile):
            raise ValueError("not an archive")
        with content:
            missing = [name for name in names if name not in content.files]
            arrays = tuple(content[name] for name in names if name not in missing)
    except Exception as error:  # NumPy, zipfile and zlib fail in a dozen ways
        hint = ""
        if file.stat().st_size < 1000:
            hint = (
                f" Pesa {file.stat().st_size} bytes: ¿será un puntero de Git LFS "
                "o un enlace simbólico copiado como texto?"
            )
        raise ValueError(f"No se puede leer {where}: está dañado o no es un .npz.{hint}") from error
    if missing:
        raise ValueError(
            f"A {where}, le faltan arreglos: {', '.join(missing)}. Tiene que traer {', '.join(names)}."
        )
    for i in range(0, len(names), 2):
        (x_name, y_name), (x, y) = names[i : i + 2], arrays[i : i + 2]
        if x.ndim == 0 or y.ndim == 0 or len(x) != len(y):
            raise ValueError(
                f"En {where}, no coinciden las muestras de {x_name} {x.shape} y de {y_name} {y.shape}."
            )
    return arrays
