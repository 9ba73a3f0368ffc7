"""`keras.datasets` without a network.

The blocks of a chapter call Keras' real loaders; what those loaders return
while the site is being built is decided here, by the *data profile* (the value
of the environment variable `LIVEDOCS_DATA`):

`"synthetic"`
    Data made by this module: same dtypes, classes, columns and difficulty as
    the real sets, fewer samples. Fashion-MNIST and California Housing exist.
`"official"`
    Keras is left alone: it downloads the real data, or finds it in its cache.
anything else
    A folder of `.npz` files named after the loader: `fashion_mnist.npz`,
    `mnist.npz` and `cifar10.npz` with the arrays `x_train`, `y_train`,
    `x_test` and `y_test`; `california_housing.npz` with `x` and `y`.

`install` puts a profile in force, `provenance` says in Spanish where the data
come from and `fingerprint` identifies the data in a cache key.

Importing this module imports neither Keras nor any of its backends.

The synthetic images use only operations that IEEE 754 rounds in one way (sums,
products, quotients, square roots; no sines, no reductions, no BLAS), so their
bytes depend on the NumPy version alone, not on the processor nor its threads.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import os
import pkgutil
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import numpy as np

__all__ = [
    "fingerprint",
    "install",
    "provenance",
    "synthetic_california_housing",
    "synthetic_fashion_mnist",
]

Split = tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]

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

    It imports Keras, if there is anything to replace. A name taken with `from keras.datasets.mnist import
    load_data` before the call keeps the loader it was bound to; every other
    way of reaching a loader sees the new one. A second call replaces the
    first; `"official"` puts Keras' own loaders back.

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


def fingerprint(profile: str) -> str:
    """Identify the data of a profile, for a cache key.

    Returns:
        `"official"`; `"synthetic-"` and the SHA-256 of this module's source
        (the data are a function of it and of the NumPy version, which the key
        must hold apart); or `"folder-"` and a SHA-256 of the names and
        contents of the folder's `.npz` files, wherever the folder is.

    Raises:
        FileNotFoundError, NotADirectoryError, ValueError: as `install`.
    """
    if profile == OFFICIAL:
        return OFFICIAL
    if profile == SYNTHETIC:
        return f"synthetic-{_sha256_of(Path(__file__))}"
    digest = hashlib.sha256()
    for file in sorted(_existing_folder(profile).glob("*.npz")):
        if file.is_file():
            digest.update(f"{file.name}\0{_sha256_of(file)}\n".encode())
    return f"folder-{digest.hexdigest()}"


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
        reason = f"keras.datasets.{name} no tiene versión sintética todavía."
        served = _FOLDER_ARRAYS
    else:
        reason = f"keras.datasets.{name} no se puede leer de una carpeta todavía."
        served = {}
    options = ["poné LIVEDOCS_DATA=official, que lo descarga"]
    if name in served:
        options.append(f"apuntá LIVEDOCS_DATA a una carpeta que tenga {name}.npz")
    options.append("agregalo en livedocs/datasets.py")
    message = (
        f"{reason} Para usar keras.datasets.{name}.{function}: "
        f"{', '.join(options[:-1])}, o {options[-1]}."
    )

    @functools.wraps(original)
    def refuse(*args, **kwargs):
        raise NotImplementedError(message)

    return refuse


def _synthetic_loader(name: str) -> Callable | None:
    if name == "fashion_mnist":
        return _image_loader(synthetic_fashion_mnist)
    if name == "california_housing":
        return _california_loader(synthetic_california_housing)
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


# --- Fashion-MNIST: drawn garments -------------------------------------------

_SIDE = 28
_CLASSES = 10
_TRAIN_IMAGES = 6000
_TEST_IMAGES = 1000
_FASHION_SEED = 20170825


def synthetic_fashion_mnist() -> Split:
    """Ten classes of drawn garments, in the layout of Fashion-MNIST.

    Returns:
        `(x_train, y_train), (x_test, y_test)`, all `uint8`: 6000 and 1000
        grey-level images of shape `(28, 28)`, 0 (background, exactly) to 255,
        and their labels, of shape `(6000,)` and `(1000,)`, 0 to 9 in the order
        of the real set: T-shirt/top, trouser, pullover, dress, coat, sandal,
        shirt, sneaker, bag, ankle boot. Classes are roughly balanced and the
        images shuffled. The arrays are the caller's to modify.

    Every image is drawn by this module from random widths, lengths, poses,
    greys and textures; no pixel comes from the real set (Xiao, Rasul and
    Vollgraf 2017). As there, shirts, T-shirts, pullovers and coats overlap.
    """
    images, labels = _fashion_images()
    x, y = images.copy(), labels.copy()
    return (x[:_TRAIN_IMAGES], y[:_TRAIN_IMAGES]), (x[_TRAIN_IMAGES:], y[_TRAIN_IMAGES:])


@functools.cache
def _fashion_images() -> tuple[np.ndarray, np.ndarray]:
    total = _TRAIN_IMAGES + _TEST_IMAGES
    shuffler = np.random.default_rng([_FASHION_SEED, _CLASSES])
    labels = shuffler.permutation(np.arange(total, dtype=np.int64) % _CLASSES)
    images = np.empty((total, _SIDE, _SIDE), np.uint8)
    for label, draw in enumerate(_GARMENTS):
        where = np.flatnonzero(labels == label)
        # Small batches keep the arrays in the processor's cache.
        for batch, some in enumerate(np.array_split(where, 4)):
            sketch = _Sketch(np.random.default_rng([_FASHION_SEED, label, batch]), len(some))
            draw(sketch)
            images[some] = sketch.pixels()
    return images, labels.astype(np.uint8)


class _Sketch:
    """A batch of `n` images being drawn together, one shape at a time.

    `x` and `y` are the coordinates of the pixels' centres, arrays of shape
    `(n, 28, 28)`: pixels, origin at the centre of the image, `y` downwards,
    seen through each image's own shift, scale, tilt and slant. Random
    parameters have shape `(n, 1, 1)`. Everything is `float32`. `ink` holds the
    greys, 0 to 1.
    """

    def __init__(self, rng: np.random.Generator, n: int) -> None:
        self.rng = rng
        self.n = n
        axis = np.arange(_SIDE, dtype=np.float32) - np.float32((_SIDE - 1) / 2)
        x = axis[None, None, :] - self.between(-0.8, 0.8)
        y = axis[None, :, None] - self.between(-0.7, 0.7)
        sine = self.between(-0.05, 0.05)
        cosine = np.sqrt(1 - sine * sine)
        slant = self.between(-0.05, 0.05)
        zoom = self.between(0.92, 1.04)
        self.x = ((cosine + slant * sine) * x + (slant * cosine - sine) * y) * zoom
        self.y = (sine * x + cosine * y) * (zoom * self.between(0.97, 1.03))
        self.ink = np.zeros((n, _SIDE, _SIDE), np.float32)

    # Random parameters

    def between(self, low: float, high: float) -> np.ndarray:
        """One number per image, uniform between two limits."""
        u = self.rng.random((self.n, 1, 1), np.float32)
        return np.float32(low) + u * np.float32(high - low)

    def chance(self, probability: float) -> np.ndarray:
        """One 1.0 or 0.0 per image."""
        return (self.rng.random((self.n, 1, 1), np.float32) < probability).astype(np.float32)

    def choose(self, *weights: float) -> list[np.ndarray]:
        """One 1.0 per image in one of several arrays, 0.0 in the others."""
        u = self.rng.random((self.n, 1, 1), np.float32) * np.float32(sum(weights))
        edges = pairwise(np.cumsum((0.0, *weights)))
        return [((low <= u) & (u < high)).astype(np.float32) for low, high in edges]

    def grey(self) -> np.ndarray:
        """The grey of a cloth, from dark to nearly white."""
        return self.between(0.22, 1.0)

    def accent(self, grey: np.ndarray) -> np.ndarray:
        """A grey that stands out from another one, lighter or darker."""
        darker = grey * self.between(0.08, 0.5)
        lighter = grey + (1 - grey) * self.between(0.6, 1.0)
        wants_lighter = (grey < 0.45) | ((grey < 0.65) & (self.chance(0.5) > 0))
        return np.where(wants_lighter, lighter, darker)

    # Drawing

    def paint(self, shape: np.ndarray, grey: np.ndarray | float) -> None:
        """Cover a shape (coverage of each pixel, 0 to 1) with a grey."""
        self.ink += shape * (grey - self.ink)

    def erase(self, shape: np.ndarray) -> None:
        """Back to the background inside a shape."""
        self.ink *= 1 - shape

    def shade(self, factor: np.ndarray) -> None:
        """Multiply the light; the background stays at 0."""
        self.ink *= factor

    def relief(self, strength: float = 1.0) -> None:
        """Light from one side, folds and the grain of the cloth."""
        x, y = self.x, self.y
        light = self.between(-0.014, 0.014) * x + self.between(-0.008, 0.008) * y
        folds = _wave(
            x * self.between(0.05, 0.13) + y * self.between(-0.05, 0.05) + self.between(0.0, 1.0)
        )
        grain = self.rng.random(self.ink.shape, np.float32) - np.float32(0.5)
        self.shade(
            1
            + light
            + self.between(0.01, 0.09) * np.float32(strength) * folds
            + self.between(0.03, 0.16) * np.float32(strength) * grain
        )

    def print_cloth(self, plain: float, stripes: float, checks: float, print_: float) -> None:
        """A woven or printed pattern, or (weight `plain`) none."""
        _, striped, checked, printed = self.choose(plain, stripes, checks, print_)
        rows = _wave(self.y * self.between(0.14, 0.34) + self.between(0.0, 1.0))
        columns = _wave(self.x * self.between(0.14, 0.34) + self.between(0.0, 1.0))
        amount = self.between(0.1, 0.42)
        self.shade(
            1
            - amount * striped * np.clip(2.5 * rows + 0.5, 0, 1)
            - amount * checked * (0.5 + 0.25 * (rows + columns))
            - amount * printed * self.blotches()
        )

    def blotches(self) -> np.ndarray:
        """Smooth random spots, 0 to 1, about four pixels wide."""
        coarse = self.rng.random((self.n, 8, 8), np.float32)
        position = np.arange(_SIDE, dtype=np.float32) / 4
        left = position.astype(np.intp)
        part = position - left
        rows = coarse[:, left] * (1 - part)[:, None] + coarse[:, left + 1] * part[:, None]
        spots = rows[:, :, left] * (1 - part) + rows[:, :, left + 1] * part
        return np.clip(spots * 3 - 1, 0, 1)

    def pixels(self) -> np.ndarray:
        """The finished images: `uint8`, shape `(n, 28, 28)`."""
        return np.rint(np.clip(self.ink, 0, 1) * 255).astype(np.uint8)


# Shapes. Each function gives the signed distance (pixels, negative inside) of
# points to a shape, good enough near its edge; `_cover` turns it into coverage.


def _cover(distance: np.ndarray) -> np.ndarray:
    return np.clip(np.float32(0.5) - distance, 0, 1)


def _both(*distances: np.ndarray) -> np.ndarray:
    """Intersection."""
    return functools.reduce(np.maximum, distances)


def _either(*distances: np.ndarray) -> np.ndarray:
    """Union."""
    return functools.reduce(np.minimum, distances)


def _wave(phase: np.ndarray) -> np.ndarray:
    """A smooth wave of period 1 and height 1: two parabolas, no sine."""
    phase = phase - np.rint(phase)
    return phase * (8 - 16 * np.abs(phase))


def _profile(t: np.ndarray, *knots: tuple) -> np.ndarray:
    """The broken line through `(t, value)` knots, flat beyond both ends."""
    value = np.float32(0) + knots[0][1]
    for (t0, v0), (t1, v1) in pairwise(knots):
        width = t1 - t0
        value = value + np.clip(t - t0, 0, width) * ((v1 - v0) / width)
    return value


def _bar(x, y, start: tuple, end: tuple, r0, r1) -> np.ndarray:
    """A strip with flat ends, of half-width `r0` at the start and `r1` at the end."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = np.sqrt(dx * dx + dy * dy)
    ux, uy = dx / length, dy / length
    px, py = x - start[0], y - start[1]
    along = px * ux + py * uy
    across = np.abs(py * ux - px * uy)
    taper = r0 + (r1 - r0) * np.clip(along / length, 0, 1)
    return np.maximum(across - taper, np.abs(along - length * 0.5) - length * 0.5)


def _ellipse(x, y, cx, cy, rx, ry) -> np.ndarray:
    px, py = (x - cx) / rx, (y - cy) / ry
    return (np.sqrt(px * px + py * py) - 1) * np.minimum(rx, ry)


def _box(x, y, cx, cy, half_x, half_y) -> np.ndarray:
    return np.maximum(np.abs(x - cx) - half_x, np.abs(y - cy) - half_y)


# Garments


def _torso(s: _Sketch, top, shoulder, chest, waist, hip, hem, neck) -> np.ndarray:
    """Distance to the body of an upper garment; half-widths by height."""
    drop = s.between(1.2, 2.4)
    half = _profile(
        s.y,
        (top, neck),
        (top + drop, shoulder),
        (top + 6, chest),
        (top + 14, waist),
        (hem, hip),
    )
    return _both(np.abs(s.x) - half, top - s.y, s.y - hem)


def _sleeves(s: _Sketch, top, shoulder, length, spread) -> np.ndarray:
    """Distance to a pair of sleeves; `spread` is the sine of their angle with the body."""
    start = (shoulder - 1.7, top + 2.4)
    fall = np.sqrt(1 - spread * spread)
    end = (start[0] + length * spread, start[1] + length * fall)
    return _bar(np.abs(s.x), s.y, start, end, s.between(2.2, 3.1), s.between(1.4, 2.2))


def _opening(s: _Sketch, top, neck, pointed, depth) -> np.ndarray:
    """Distance to the hole of a round or pointed neckline."""
    x = np.abs(s.x)
    scoop = _ellipse(s.x, s.y, 0, top - 0.4, neck * 0.95, depth)
    vee = _both(x * 0.9 + (s.y - top) * (neck / (depth + 1)) - neck * 0.9, top - 2 - s.y)
    return np.where(pointed > 0, vee, scoop)


def _upper_garment(s: _Sketch, *, hem, long, none, pointed, loose, fabric) -> dict:
    """Body, sleeves, cloth and neckline, common to T-shirts, pullovers, coats and shirts.

    `hem` is the limits of the hem's height; `long` and `none` the chances of
    long sleeves and of no sleeves; `pointed`, of a pointed neckline; `loose`,
    extra half-width; `fabric`, the weights of `_Sketch.print_cloth`. Returns
    the numbers that the details need: heights of the top and the hem,
    half-width of the neck, grey of the cloth, distance to the body; and
    `detailed`, 0.0 for the few garments without any detail that tells their
    class: nobody could get them all right.
    """
    top = s.between(-13.2, -12)
    hem = s.between(*hem)
    shoulder = s.between(6.2, 7.6) + loose
    chest = shoulder - s.between(-0.2, 0.9)
    waist = chest - s.between(-0.4, 1.3)
    hip = waist + s.between(-0.4, 1.4)
    neck = s.between(2.4, 4.0)
    grey = s.grey()

    bare = s.chance(none)
    is_long = s.chance(long) * (1 - bare)
    reach = is_long * (hem - top - s.between(2.5, 6.0)) + (1 - is_long) * s.between(4.0, 8.0)
    spread = is_long * s.between(0.12, 0.32) + (1 - is_long) * s.between(0.3, 0.8)
    body = _torso(s, top, shoulder - 1.2 * bare, chest - 0.4 * bare, waist, hip, hem, neck)
    arms = _sleeves(s, top, shoulder, reach, spread) + 40 * bare

    s.paint(_cover(arms), grey * s.between(0.8, 1.05))
    s.paint(_cover(body - 0.9) * (arms < 0.5), grey * s.between(0.35, 0.8))
    s.paint(_cover(body), grey)
    s.print_cloth(*fabric)

    hole = _opening(s, top, neck, s.chance(pointed), s.between(1.2, 4.2))
    s.paint(_cover(hole - s.between(0.3, 1.1)) * (s.ink > 0), s.accent(grey))
    s.paint(_cover(hole) * (s.ink > 0), grey * 0.4 * s.chance(0.5))
    detailed = 1 - s.chance(0.045)
    return {"top": top, "hem": hem, "neck": neck, "grey": grey, "body": body, "detailed": detailed}


def _draw_t_shirt(s: _Sketch) -> None:
    g = _upper_garment(
        s, hem=(9, 13.4), long=0.12, none=0.11, pointed=0.3, loose=0, fabric=(6, 2, 0.4, 1.2)
    )
    # A printed motif on the chest, round or square.
    cx, cy = s.between(-1, 1), s.between(-6, 0)
    rx, ry = s.between(1.7, 4), s.between(1.5, 3.5)
    round_, square, _ = s.choose(1, 1, 1)
    motif = _cover(_ellipse(s.x, s.y, cx, cy, rx, ry)) * round_
    motif += _cover(_box(s.x, s.y, cx, cy, rx, ry)) * square
    s.paint(motif * g["detailed"] * s.between(0.6, 1), s.accent(g["grey"]))
    s.relief()


def _draw_pullover(s: _Sketch) -> None:
    g = _upper_garment(
        s, hem=(8.8, 13.4), long=0.87, none=0.02, pointed=0.2, loose=0.3, fabric=(5, 2.5, 0.8, 1.7)
    )
    # Ribbed waistband, sometimes; a broad band across the chest, sometimes.
    ribs = 0.8 + 0.2 * _wave(s.x * s.between(0.35, 0.5))
    band = (
        _cover(np.maximum(g["body"], g["hem"] - s.between(1.5, 2.8) - s.y))
        * s.chance(0.85)
        * g["detailed"]
    )
    s.shade(1 - band * (1 - ribs * s.between(0.55, 0.9)))
    height = s.between(-7, 3)
    stripe = (
        _cover(np.abs(s.y - height) - s.between(1, 3)) * (s.ink > 0) * s.chance(0.25) * g["detailed"]
    )
    s.paint(stripe, s.accent(g["grey"]))
    s.relief(1.2)


def _draw_coat(s: _Sketch) -> None:
    g = _upper_garment(
        s, hem=(9, 13.6), long=0.9, none=0.03, pointed=0.5, loose=0.3, fabric=(7, 0.5, 0.8, 1)
    )
    inside = _cover(g["body"]) * g["detailed"]
    trim = s.accent(g["grey"])
    # The front edge, or the front left ajar over the lining.
    off = s.between(-0.6, 0.6)
    ajar = s.chance(0.75)
    gap = s.between(0.3, 0.8) + ajar * _profile(s.y, (g["top"], 0.4), (g["hem"], s.between(1, 3)))
    s.paint(_cover(np.abs(s.x - off) - gap) * inside * s.chance(0.92), trim)
    # Lapels: two slanting edges from the neck to the chest.
    end = g["top"] + s.between(5, 10)
    edge = _bar(np.abs(s.x - off), s.y, (g["neck"], g["top"]), (0.4, end), 0.6, 0.6)
    s.paint(_cover(edge) * inside * s.chance(0.8), trim)
    buttons = _cover(np.abs(s.x - off - 1.4) - 0.5) * _cover(np.abs((s.y % 4) - 2) - 0.6)
    s.paint(buttons * (s.y > end) * inside * s.chance(0.5), trim)
    pocket = _box(np.abs(s.x), s.y, s.between(3, 4.5), s.between(3, 7), s.between(1.2, 2), 0.5)
    s.paint(_cover(pocket) * inside * s.chance(0.5), trim)
    belt = _cover(np.abs(s.y - s.between(0, 3)) - s.between(0.6, 1.2)) * s.chance(0.15)
    s.paint(belt * inside, trim)
    s.relief(1.1)


def _draw_shirt(s: _Sketch) -> None:
    g = _upper_garment(
        s, hem=(9, 13.5), long=0.6, none=0.1, pointed=0.5, loose=0.15, fabric=(4, 0.6, 1.8, 1)
    )
    inside = _cover(g["body"]) * g["detailed"]
    trim = s.accent(g["grey"])
    buttoned = s.chance(0.88)
    off = s.between(-0.4, 0.4)
    placket = _cover(np.abs(s.x - off) - s.between(0.4, 1.0)) * inside * buttoned
    s.paint(placket * s.between(0.65, 1), trim)
    buttons = _cover(np.abs(s.x - off) - 0.5) * _cover(np.abs((s.y % 3.5) - 1.75) - 0.5)
    s.paint(buttons * inside * buttoned * s.chance(0.7), trim)
    # The two points of the collar.
    tip = g["top"] + s.between(2, 4)
    collar = _bar(np.abs(s.x), s.y, (g["neck"], g["top"] - 0.3), (0.9, tip), 1.3, 0.5)
    s.paint(_cover(collar) * s.chance(0.8) * g["detailed"], trim)
    pocket = _box(s.x, s.y, s.between(2.4, 3.6), s.between(-5, -3), 1.5, s.between(1, 1.6))
    s.paint((_cover(pocket) - _cover(pocket + 0.9)) * inside * s.chance(0.7), trim)
    s.relief()


def _draw_trouser(s: _Sketch) -> None:
    top = s.between(-13.4, -12.4)
    crotch = top + s.between(6, 10)
    short = s.chance(0.07)
    hem = short * s.between(0, 5) + (1 - short) * s.between(11.5, 13.6)
    waist = s.between(3.2, 4.8) + short
    hip = waist + s.between(0.2, 1.6)
    opening = s.between(0.0, 1.8) + short
    foot = opening + s.between(2.2, 4.6) + short
    x = np.abs(s.x)
    outer = _profile(s.y, (top, waist), (crotch, hip), (hem, foot))
    inner = _profile(s.y, (crotch - 1, -1), (crotch + 0.5, 0), (hem, opening))
    shape = _both(x - outer, inner - x, top - s.y, s.y - hem)
    grey = s.grey()
    s.paint(_cover(shape), grey)
    s.print_cloth(8, 0.4, 0.4, 0.8)
    # A crease or a worn patch along each leg; the fly and the waistband.
    middle = (outer + np.maximum(inner, 0)) * 0.5
    s.shade(1 + s.between(-0.25, 0.25) * _cover(np.abs(x - middle) - s.between(0.2, 1)))
    fly = _cover(_both(np.abs(s.x) - 0.4, s.y - crotch, top + 1.5 - s.y))
    s.shade(1 - 0.5 * fly * s.chance(0.6))
    s.shade(1 - s.between(-0.1, 0.5) * _cover(np.abs(s.y - top - 1) - 0.6))
    pocket = _bar(x, s.y, (waist * 0.5, top + 1.5), (hip, top + 4), 0.4, 0.4)
    s.shade(1 - 0.4 * _cover(pocket) * s.chance(0.5))
    s.relief()


def _draw_dress(s: _Sketch) -> None:
    top = s.between(-13.4, -12.2)
    hem = s.between(10.5, 13.6)
    shoulder = s.between(3.4, 5.8)
    chest = shoulder - s.between(-0.2, 0.9)
    waist = chest - s.between(0, 1.6)
    height = top + s.between(7.5, 12)
    hip = waist + s.between(-0.1, 2.2)
    flare = s.between(0, 1)
    skirt = hip + s.between(-0.8, 0.6) + 3.6 * flare * flare
    neck = s.between(1.8, 3)
    half = _profile(
        s.y,
        (top, neck),
        (top + 1.5, shoulder),
        (top + 5, chest),
        (height, waist),
        (height + 5, hip),
        (hem, skirt),
    )
    body = _both(np.abs(s.x) - half, top - s.y, s.y - hem)
    grey = s.grey()
    bare, short, long = s.choose(5, 3, 2)
    reach = short * s.between(3, 6.5) + (1 - short) * s.between(11, 17)
    spread = long * s.between(0.08, 0.28) + (1 - long) * s.between(0.25, 0.6)
    arms = _sleeves(s, top, shoulder, reach, spread) + 0.5 + 40 * bare
    s.paint(_cover(arms), grey * s.between(0.8, 1.05))
    s.paint(_cover(body - 0.8) * (arms < 0.5), grey * s.between(0.35, 0.8))
    s.paint(_cover(body), grey)
    s.print_cloth(6, 1, 0.6, 2.4)
    # Straps: the cloth between the shoulders and the bust is cut away.
    strap = shoulder - s.between(0.8, 1.8)
    cut = _both(np.abs(s.x) - strap, s.y - top - s.between(2.5, 5.5))
    straps = bare * s.chance(0.5)
    s.erase(_cover(cut) * straps)
    hole = _opening(s, top, neck, s.chance(0.45), s.between(1.2, 4.5))
    s.paint(_cover(hole) * (1 - straps), grey * 0.35 * s.chance(0.4))
    belt = _cover(_both(np.abs(s.y - height) - s.between(0.4, 1.1), body)) * s.chance(0.4)
    s.paint(belt, s.accent(grey))
    slit = np.abs(s.x) - _profile(s.y, (height + 3, -1), (hem, s.between(0, 1.6)))
    s.erase(_cover(slit) * s.chance(0.15))
    # Pleats fan out below the waist.
    fan = _wave(s.x / (half + 1) * s.between(1, 2.2) + s.between(0, 1))
    s.shade(1 + s.between(0, 0.22) * fan * (s.y > height))
    s.relief()


def _foot(s: _Sketch, ground, sole, *heights: tuple) -> np.ndarray:
    """Distance to a shoe seen from its left: toe at the left, knots of height over the sole."""
    roof = ground - sole - _profile(s.x, *heights)
    return _both(roof - s.y, s.y - ground, np.abs(s.x) - 13)


def _laces(s: _Sketch, start: tuple, end: tuple) -> np.ndarray:
    """Coverage of the rungs of a lacing along a line."""
    line = _bar(s.x, s.y, start, end, 1.1, 1.1)
    rungs = _wave((s.x * 0.6 + s.y) * s.between(0.32, 0.5))
    return _cover(line) * np.clip(rungs * 3, 0, 1)


def _draw_sandal(s: _Sketch) -> None:
    flat, heeled, wedged = s.choose(4, 3.5, 1.6)
    rise = flat * s.between(0, 1.2) + heeled * s.between(4, 10) + wedged * s.between(2.5, 6)
    ground = s.between(3, 4.5) + 0.5 * rise
    thick = s.between(0.5, 1.3) + flat * s.between(0, 1)
    ball = s.between(-5, -2)
    heel = s.between(9, 12)
    sole = ground - _profile(s.x, (ball, 0), (ball + 6, rise * 0.55), (heel - 3, rise))
    grey = s.between(0.4, 1)
    dark = grey * s.between(0.5, 1)
    length = _both(-12.8 - s.x, s.x - heel - 0.8)

    wedge = _both(sole - thick - s.y, s.y - ground, length, ball - s.x) + 40 * (1 - wedged)
    s.paint(_cover(wedge), dark)
    post = _bar(
        s.x, s.y, (heel - 0.6, ground - rise), (heel - s.between(-0.3, 1), ground + 0.2),
        s.between(0.7, 2.3), s.between(0.4, 1.6),
    )  # fmt: skip
    s.paint(_cover(post + 40 * (1 - heeled)), dark)
    s.paint(_cover(_both(np.abs(s.y - sole) - thick, length)), dark)

    # Straps: arches over the toes and the instep, a stay at the heel, a ring round the ankle.
    r = s.between(0.45, 1.3)
    low = ground - thick
    for centre, width, height, chance in ((-8.4, 2.8, 3.6, 1), (-4.2, 3.2, 5.4, 0.6)):
        cx = s.between(centre - 1, centre + 1)
        wide, tall = s.between(width - 0.6, width + 0.8), s.between(height - 1, height + 1)
        arch = _both(_ellipse(s.x, s.y, cx, low, wide, tall), s.y - low)
        worn = s.chance(chance)
        s.paint(_cover(arch) * worn * s.chance(0.4), grey * 0.35)  # the lining, in the shade
        s.paint(_cover(np.abs(arch) - r) * worn, grey)
    toes = _ellipse(s.x, s.y, s.between(-9, -6), low, s.between(2.5, 4.5), s.between(3, 5))
    s.paint(_cover(_both(toes, s.y - low)) * s.chance(0.35), grey)
    ankle = ground - rise - s.between(5.5, 8.5)
    stay = _bar(s.x, s.y, (heel - 0.4, ground - rise), (heel - 1.2, ankle), r, r * 0.8)
    has_ankle = s.chance(0.75)
    s.paint(_cover(stay) * has_ankle, grey)
    ring = np.abs(_ellipse(s.x, s.y, heel - 4, ankle, s.between(2.6, 3.8), s.between(0.9, 1.8)))
    s.paint(_cover(ring - r * 0.7) * has_ankle, grey)
    instep = (s.between(-5, -1), low - rise * 0.3 - 3)
    strap = _bar(s.x, s.y, instep, (heel - 6.5, ankle), r * 0.7, r * 0.7)
    s.paint(_cover(strap) * has_ankle * s.chance(0.6), grey)
    s.relief(1.5)


def _draw_sneaker(s: _Sketch) -> None:
    sole = s.between(0.8, 2.4)
    toe = s.between(1.2, 3.4)
    collar = s.between(5.2, 8) + s.chance(0.3) * s.between(3, 8)
    ground = (collar + sole) * 0.5 + s.between(-0.5, 1.5)
    shape = _foot(
        s, ground, sole,
        (-13, toe * 0.4),
        (-11, toe),
        (-6, toe + s.between(0.4, 1.6)),
        (s.between(-1, 2.5), collar),
        (8, collar - s.between(0, 2)),
        (12, collar + s.between(-0.5, 1.5)),
        (13, collar - s.between(1, 3)),
    )  # fmt: skip
    grey = s.grey()
    trim = s.accent(grey)
    upper = _cover(shape)
    s.paint(upper, grey)
    s.print_cloth(7, 0.3, 0.4, 1.5)
    cap = _ellipse(s.x, s.y, -11.5, ground - sole, s.between(2, 4.5), 3.5)
    s.paint(_cover(cap) * upper * s.chance(0.4), trim)
    s.paint(upper * _cover(9.8 - s.x) * s.chance(0.35), trim)
    # Two or three slanting stripes on the side.
    stripes = _wave((s.x + s.y * s.between(0.4, 0.9)) * s.between(0.25, 0.4) + s.between(0, 1))
    side = _box(s.x, s.y, s.between(-1, 4), ground - sole - 2.5, s.between(2.5, 4.5), 2.2)
    s.paint(np.clip(stripes * 3, 0, 1) * _cover(side) * upper * s.chance(0.5), trim)
    s.paint(
        _laces(s, (-5, ground - sole - toe - 1.4), (1, ground - sole - collar + 0.5)) * upper,
        s.accent(grey),
    )
    band = _cover(np.abs(s.y - ground + sole * 0.5) - sole * 0.5) * upper
    s.paint(band * s.chance(0.85), s.between(0.3, 1))
    s.shade(1 - 0.35 * _cover(np.abs(s.y - ground + sole) - 0.4) * upper)
    s.relief(1.2)


def _draw_bag(s: _Sketch) -> None:
    half_x, half_y = s.between(6.5, 12.6), s.between(4, 9)
    handle, strap, _ = s.choose(5, 2.5, 2)
    room = handle * s.between(3, 8) + strap * s.between(6, 13)
    cy = np.minimum(room * 0.5, 13 - half_y)
    top = cy - half_y
    taper = s.between(-0.2, 0.15)
    corner = s.between(0.5, 4.5)
    px = np.maximum(np.abs(s.x) - (half_x + taper * (s.y - cy)) + corner, 0)
    py = np.maximum(np.abs(s.y - cy) - half_y + corner, 0)
    body = np.sqrt(px * px + py * py) - corner
    grey = s.grey()
    trim = s.accent(grey)

    width = handle * s.between(2.5, 5.5) + strap * (half_x - s.between(0.5, 2)) + 1
    loop = np.abs(_ellipse(s.x, s.y, 0, top + 0.5, width, room + 0.5)) - s.between(0.5, 1.1)
    s.paint(_cover(_both(loop, s.y - top - 0.5)) * (handle + strap), grey * s.between(0.6, 1.1))
    s.paint(_cover(body), grey)
    s.print_cloth(6, 0.5, 1, 2)
    inside = _cover(body + 0.3)
    # A flap, straight or curved, with its clasp; or a zip; or side panels.
    flap, zip_, panels, _ = s.choose(3, 2, 1.5, 2)
    fold = cy + s.between(-0.5, 0.4) * half_y + s.between(-0.02, 0.02) * s.x * s.x
    s.shade(1 - s.between(0.25, 0.7) * _cover(np.abs(s.y - fold) - 0.5) * inside * flap)
    s.paint(_cover(_box(s.x, s.y, 0, fold, s.between(0.6, 1.6), 1)) * inside * flap, trim)
    s.paint(_cover(np.abs(s.y - top - 1.8) - 0.45) * inside * zip_, trim)
    s.shade(1 - s.between(0.2, 0.6) * _cover(half_x * 0.62 - np.abs(s.x)) * inside * panels)
    quilt = _wave((s.x + s.y) * 0.2) * _wave((s.x - s.y) * 0.2)
    s.shade(1 + 0.2 * quilt * s.chance(0.15))
    s.relief(1.2)


def _draw_ankle_boot(s: _Sketch) -> None:
    total = s.between(11, 25)
    ground = total * 0.5 + s.between(-0.3, 1)
    top = ground - total
    heel = s.chance(0.5) * s.between(0.08, 0.28) * total
    sole = s.between(0.6, 1.6)
    base = ground - _profile(s.x, (-3, 0), (5, heel))
    toe = s.between(2, 3.8)
    instep = s.between(0.6, 0.85) * (total - heel - 2)
    instep = np.minimum(instep, s.between(6, 9))
    front = s.between(-0.5, 3.5)
    back = s.between(10.5, 12.6)
    roof = base - sole - _profile(s.x, (-13, toe * 0.4), (-11, toe), (-6, toe + 1), (front, instep))
    foot = _both(roof - s.y, s.y - base, -12.8 - s.x, s.x - back)
    lean = s.between(-0.08, 0.12)
    shaft = _both(front - 0.8 + lean * (s.y - top) - s.x, s.x - back, top - s.y, s.y - base + sole)
    shape = _either(foot, shaft)
    grey = s.grey()
    trim = s.accent(grey)
    upper = _cover(shape)
    start, end = (back - 2.2, ground - heel), (back - 1.6, ground + 0.2)
    post = _bar(s.x, s.y, start, end, 2.2, s.between(0.6, 2.2))
    s.paint(_cover(post) * (heel > 0), grey * s.between(0.4, 1))
    s.paint(upper, grey)
    s.print_cloth(8, 0.2, 0.2, 1.2)
    laced, elastic, zipped, cuffed, _ = s.choose(3, 2, 1.5, 1.5, 2)
    s.paint(_laces(s, (-5, ground - sole - toe - 1.5), (front + 1.2, top + 2)) * upper * laced, trim)
    panel = _bar(s.x, s.y, ((front + back) * 0.5, top), ((front + back) * 0.5, top + 8), 2.2, 1)
    s.paint(_cover(panel) * upper * elastic, grey * s.between(0.2, 0.6))
    seam = _cover(np.abs(s.x - (front + back) * 0.5) - 0.45) * upper * (s.y < base - 2)
    s.paint(seam * zipped, trim)
    s.paint(_cover(np.abs(s.y - top - 1) - s.between(0.8, 2)) * upper * cuffed, trim)
    rubber = _cover(np.abs(s.y - base + sole * 0.5) - sole * 0.5)
    s.paint(rubber * upper * s.chance(0.7), s.between(0.15, 1))
    s.relief(1.1)


_GARMENTS = (
    _draw_t_shirt,
    _draw_trouser,
    _draw_pullover,
    _draw_dress,
    _draw_coat,
    _draw_sandal,
    _draw_shirt,
    _draw_sneaker,
    _draw_bag,
    _draw_ankle_boot,
)


# --- California Housing: an imagined state -----------------------------------

_HOUSING_ROWS = 5000
_SMALL_ROWS = 600  # what `version="small"` keeps: the first rows, one region
_HOUSING_SEED = 1990
_LOWEST_PRICE, _HIGHEST_PRICE = 14_999, 500_001

# The coast and the inland border, south to north: (longitude, latitude).
_COAST = np.array(
    [
        (-117.12, 32.54), (-117.28, 33.00), (-117.90, 33.60), (-118.40, 33.74),
        (-118.52, 34.03), (-119.20, 34.15), (-119.60, 34.42), (-120.47, 34.45),
        (-120.65, 35.15), (-121.30, 35.70), (-121.95, 36.60), (-122.05, 36.96),
        (-122.50, 37.50), (-122.52, 37.80), (-123.00, 38.00), (-123.70, 38.92),
        (-124.10, 40.00), (-124.35, 40.44), (-124.10, 41.00), (-124.20, 41.95),
    ]
)  # fmt: skip
_BORDER = np.array([(-114.60, 32.72), (-114.55, 34.90), (-119.95, 39.00), (-119.95, 41.95)])

# Where people live: longitude, latitude, scatter in degrees, share of the rows.
_TOWNS = np.array(
    [
        (-122.42, 37.76, 0.04, 4),  # San Francisco
        (-122.22, 37.50, 0.10, 6),  # the peninsula
        (-121.92, 37.33, 0.10, 8),  # San José
        (-121.45, 38.58, 0.16, 6),  # Sacramento
        (-121.10, 37.75, 0.22, 4),  # Stockton, Modesto
        (-119.78, 36.77, 0.22, 4),  # Fresno
        (-119.03, 35.37, 0.18, 3),  # Bakersfield
        (-121.70, 36.72, 0.15, 2),  # Monterrey
        (-119.65, 34.45, 0.15, 2),  # Santa Bárbara
        (-118.30, 34.03, 0.13, 20),  # Los Angeles
        (-118.48, 34.20, 0.11, 6),  # the San Fernando valley
        (-117.88, 33.76, 0.13, 10),  # Orange
        (-117.35, 34.03, 0.20, 8),  # Riverside, San Bernardino
        (-117.10, 32.82, 0.12, 8),  # San Diego
        (-122.20, 40.30, 0.55, 4),  # the north
        (-118.60, 36.00, 1.10, 5),  # everywhere else
    ]
)  # fmt: skip
_EAST_BAY = (-122.18, 37.78, 0.07)
_SAN_FRANCISCO = (-122.40, 37.65)
_LOS_ANGELES = (-118.40, 34.05)


def synthetic_california_housing() -> tuple[np.ndarray, np.ndarray]:
    """Districts of an imagined state, in the layout of California Housing.

    Returns:
        `(x, y)`, both `float32`. `x` has shape `(5000, 8)`; its columns are, in
        the order of Keras' file: longitude and latitude (degrees, to the
        hundredth), median age of the houses (years, 1 to 52), rooms, bedrooms,
        inhabitants and households of the district (counts), and median income
        (tens of thousands of dollars, 0.4999 to 15.0001). `y`, of shape
        `(5000,)`, is the median house value in dollars, in hundreds, cut to
        14 999–500 001. Rows are ordered by place: the first 600 are one
        region. The arrays are the caller's to modify.

    Only the coast line and the places of the towns are California's; every
    district is drawn at random. Prices depend on income, on the distance to the
    sea and to two metropolitan centres, on age (old houses are dear near the
    centres, cheap inland) and on crowding, with interactions: a linear model
    does not do. The real set is that of Pace and Barry (1997), census of 1990.
    """
    x, y = _housing()
    return x.copy(), y.copy()


@functools.cache
def _housing() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(_HOUSING_SEED)
    n = _HOUSING_ROWS
    longitude, latitude = _places(rng)
    to_sea = _distance_to_coast(longitude, latitude)
    north, south = (
        np.exp(-((_degrees(longitude, latitude, *centre) / 0.75) ** 2))
        for centre in (_SAN_FRANCISCO, _LOS_ANGELES)
    )
    city = np.maximum(north, south)
    sea = np.exp(-to_sea / 0.35)

    age = np.clip(np.rint(24 + 15 * city + rng.normal(0, 10.5, n)), 1, 52)
    income = np.exp(1.19 + 0.12 * sea + 0.06 * city - 0.003 * (age - 28) + rng.normal(0, 0.45, n))
    income = np.clip(np.round(income, 4), 0.4999, 15.0001)
    households = np.exp(6.02 - 0.018 * (age - 28) + rng.normal(0, 0.66, n))
    crowding = np.exp(1.03 - 0.05 * (income - 3.9) / 1.9 + 0.05 * south + rng.normal(0, 0.22, n))
    rooms_each = np.exp(1.62 + 0.085 * (income - 3.9) / 1.9 * 1.6 - 0.10 * city + rng.normal(0, 0.15, n))
    bedrooms_each = 1.0 + np.exp(rng.normal(-2.9, 0.8, n))
    households = np.maximum(np.rint(households), 2)
    rooms = np.maximum(np.rint(households * rooms_each), 4)
    bedrooms = np.maximum(np.rint(households * bedrooms_each), 2)
    population = np.maximum(np.rint(households * crowding), 4)

    wealth = np.log(income / 3.5)
    level = (
        11.42
        + 0.60 * sea
        + 0.70 * north
        + 0.62 * south
        + (0.52 + 0.45 * city) * wealth
        + 0.010 * (age - 30) * (1.5 * city - 0.7)
        - 0.30 * (np.log(crowding) - 1.03)
        + rng.normal(0, 0.165, n)
    )
    price = np.clip(np.round(np.exp(level), -2), _LOWEST_PRICE, _HIGHEST_PRICE)
    price = np.where(price >= 500_000, _HIGHEST_PRICE, price)
    x = np.stack([longitude, latitude, age, rooms, bedrooms, population, households, income], axis=1)
    return x.astype(np.float32), price.astype(np.float32)


def _places(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Longitudes and latitudes of the districts, on land, ordered by town."""
    others = _HOUSING_ROWS - _SMALL_ROWS
    share = _TOWNS[:, 3] / _TOWNS[:, 3].sum()
    town = np.sort(rng.choice(len(_TOWNS), others, p=share))
    centre = np.concatenate([np.tile(_EAST_BAY, (_SMALL_ROWS, 1)), _TOWNS[town, :3]])
    # The suburbs: a few districts lie far from their town.
    scatter = centre[:, 2] * np.exp(rng.normal(0, 0.45, _HOUSING_ROWS))
    longitude = centre[:, 0] + scatter * rng.normal(0, 1.15, _HOUSING_ROWS)
    latitude = centre[:, 1] + scatter * rng.normal(0, 0.9, _HOUSING_ROWS)
    latitude = np.clip(latitude, 32.54, 41.95)
    shore = np.interp(latitude, _COAST[:, 1], _COAST[:, 0])
    border = np.interp(latitude, _BORDER[:, 1], _BORDER[:, 0])
    # Whoever fell into the sea is moved to the beach.
    beach = shore + 0.02 + np.abs(rng.normal(0, 0.05, _HOUSING_ROWS))
    longitude = np.where(longitude < shore, beach, np.minimum(longitude, border))
    return np.round(longitude, 2), np.round(latitude, 2)


def _degrees(longitude, latitude, other_longitude, other_latitude) -> np.ndarray:
    """Distance in degrees of latitude (111 km); at these latitudes, 0.8 per degree east."""
    return np.hypot(0.8 * (longitude - other_longitude), latitude - other_latitude)


def _distance_to_coast(longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    """Degrees of latitude to the nearest stretch of `_COAST`."""
    nearest = np.full(len(longitude), np.inf)
    for (x0, y0), (x1, y1) in pairwise(_COAST):
        dx, dy = 0.8 * (x1 - x0), y1 - y0
        px, py = 0.8 * (longitude - x0), latitude - y0
        along = np.clip((px * dx + py * dy) / (dx * dx + dy * dy), 0, 1)
        nearest = np.minimum(nearest, np.hypot(px - along * dx, py - along * dy))
    return nearest
