"""`livedocs.data.profiles` and `livedocs.data.synthetic`: what Keras' loaders return while the site is built."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from livedocs.data import profiles as datasets
from livedocs.data import synthetic
from livedocs.data.synthetic import digits, garments, housing, scenes

ROOT = Path(__file__).parent.parent.parent

LOADERS = ("boston_housing", "california_housing", "cifar10", "cifar100")
LOADERS += ("fashion_mnist", "imdb", "mnist", "reuters")
SYNTHETIC = ("california_housing", "cifar10", "fashion_mnist", "mnist")


@pytest.fixture(scope="session")
def keras():
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    return importlib.import_module("keras")


@pytest.fixture
def install(keras):
    """`datasets.install`, undone after the test."""
    yield datasets.install
    datasets.install("official")


@pytest.fixture
def folder(tmp_path):
    """A folder with the four sets it can serve, tiny."""
    rng = np.random.default_rng(0)
    home = tmp_path / "mis-datos"
    home.mkdir()
    for name, shape in (("fashion_mnist", (28, 28)), ("mnist", (28, 28)), ("cifar10", (32, 32, 3))):
        np.savez(
            home / f"{name}.npz",
            x_train=rng.integers(0, 256, (12, *shape), np.uint8),
            y_train=rng.integers(0, 10, 12, np.uint8),
            x_test=rng.integers(0, 256, (5, *shape), np.uint8),
            y_test=rng.integers(0, 10, 5, np.uint8),
        )
    x, y = rng.random((701, 8), np.float32), rng.random(701, np.float32)
    np.savez(home / "california_housing.npz", x=x, y=y)
    return home


def equal(a, b) -> bool:
    """Whether two `(x_train, y_train), (x_test, y_test)` are the same, dtypes included."""
    pairs = [(u, v) for p, q in zip(a, b, strict=True) for u, v in zip(p, q, strict=True)]
    return all(u.dtype == v.dtype and np.array_equal(u, v) for u, v in pairs)


def synthetic_arrays() -> list[np.ndarray]:
    images = (synthetic.synthetic_fashion_mnist, synthetic.synthetic_mnist, synthetic.synthetic_cifar10)
    arrays = [array for make in images for pair in make() for array in pair]
    return [*arrays, *synthetic.synthetic_california_housing()]


def synthetic_digest() -> str:
    return hashlib.sha256(b"".join(array.tobytes() for array in synthetic_arrays())).hexdigest()


# The synthetic sets


def test_fashion_shapes_and_values():
    (x_train, y_train), (x_test, y_test) = synthetic.synthetic_fashion_mnist()
    assert x_train.shape == (6000, 28, 28) and y_train.shape == (6000,)
    assert x_test.shape == (1000, 28, 28) and y_test.shape == (1000,)
    assert {a.dtype for a in (x_train, y_train, x_test, y_test)} == {np.dtype("uint8")}
    x = np.concatenate([x_train, x_test])
    assert x.min() == 0 and x.max() == 255
    # A garment on an empty background: neither an empty image nor a full one.
    ink = (x > 0).mean(axis=(1, 2))
    assert ink.min() > 0.03 and ink.max() < 0.9
    assert (x[:, :, [0, -1]] == 0).mean() > 0.9


def test_mnist_shapes_and_values():
    (x_train, y_train), (x_test, y_test) = synthetic.synthetic_mnist()
    assert x_train.shape == (6000, 28, 28) and y_train.shape == (6000,)
    assert x_test.shape == (1000, 28, 28) and y_test.shape == (1000,)
    assert {a.dtype for a in (x_train, y_train, x_test, y_test)} == {np.dtype("uint8")}
    x = np.concatenate([x_train, x_test])
    assert x.min() == 0 and x.max() == 255
    ink = (x > 0).mean(axis=(1, 2))
    assert ink.min() > 0.02 and ink.max() < 0.5 and 0.1 < ink.mean() < 0.25


def test_mnist_digits_fill_their_box_and_are_centred():
    (x, _), _ = synthetic.synthetic_mnist()
    heights, widths = ((x > 0).any(axis=axis).sum(axis=1) for axis in (2, 1))
    size = np.maximum(heights, widths)
    assert size.max() == 20 and (size >= 18).mean() > 0.99
    mass = x.astype(float) / x.sum(axis=(1, 2), keepdims=True)
    place = np.arange(28)
    for axis in (1, 2):
        centre = (mass.sum(axis=axis) * place).sum(axis=1)
        assert np.abs(centre - 13.5).max() <= 0.51


def test_cifar10_shapes_and_values():
    (x_train, y_train), (x_test, y_test) = synthetic.synthetic_cifar10()
    assert x_train.shape == (3000, 32, 32, 3) and y_train.shape == (3000, 1)
    assert x_test.shape == (600, 32, 32, 3) and y_test.shape == (600, 1)
    assert {a.dtype for a in (x_train, y_train, x_test, y_test)} == {np.dtype("uint8")}
    x = np.concatenate([x_train, x_test]).astype(np.float32)
    assert x.min() == 0 and x.max() == 255
    assert (x.std(axis=(1, 2)).mean(axis=1) > 4).all(), "no blank image"
    means, spreads = x.mean(axis=(0, 1, 2)), x.std(axis=(0, 1, 2))
    assert means.min() > 90 and means.max() < 150 and spreads.min() > 40, "as light as photographs"
    assert np.abs(x[..., 0] - x[..., 2]).mean() > 15, "and in colour"


@pytest.mark.parametrize("make", ["synthetic_fashion_mnist", "synthetic_mnist", "synthetic_cifar10"])
def test_classes_are_balanced_and_shuffled(make):
    (_, y_train), (_, y_test) = getattr(synthetic, make)()
    for labels in (y_train.ravel(), y_test.ravel()):
        share = np.bincount(labels, minlength=10) / len(labels)
        assert len(share) == 10 and share.min() > 0.07 and share.max() < 0.13
        assert set(labels[:100]) == set(range(10))


@pytest.mark.parametrize("make", ["synthetic_fashion_mnist", "synthetic_mnist", "synthetic_cifar10"])
def test_images_have_no_duplicates(make):
    (x_train, _), (x_test, _) = getattr(synthetic, make)()
    images = {image.tobytes() for image in (*x_train, *x_test)}
    assert len(images) == len(x_train) + len(x_test)


def test_housing_shapes_and_ranges():
    x, y = synthetic.synthetic_california_housing()
    assert x.shape == (5000, 8) and y.shape == (5000,)
    assert x.dtype == y.dtype == np.float32
    assert np.isfinite(x).all()
    limits = [(-124.4, -114.5), (32.5, 42.0), (1, 52), (2, 40_000), (2, 6500), (3, 36_000), (1, 6500)]
    for column, (low, high) in zip(x.T, [*limits, (0.4999, 15.0001)], strict=True):
        assert np.float32(low) <= column.min() and column.max() <= np.float32(high)
    assert (x[:, 2:7] == np.rint(x[:, 2:7])).all(), "ages and counts are whole numbers"
    assert y.min() >= 14_999 and y.max() == 500_001
    assert 0.03 <= (y == 500_001).mean() <= 0.06
    assert 165_000 < np.median(y) < 195_000
    assert len(np.unique(x, axis=0)) == len(x)


def test_housing_relations_are_the_plausible_ones():
    x, y = synthetic.synthetic_california_housing()
    r = np.corrcoef(np.column_stack([x, y]).T)
    assert r[7, 8] > 0.5, "income and price"
    assert r[0, 1] < -0.8, "the state lies along a diagonal"
    assert r[3:7, 3:7].min() > 0.8, "big districts are big in everything"
    assert r[2, 3] < -0.15, "old districts are small"


def test_synthetic_arrays_belong_to_the_caller():
    before = synthetic_digest()
    for array in synthetic_arrays():
        array[:] = 0
    assert synthetic_digest() == before


def test_synthetic_data_are_deterministic_in_and_across_processes():
    before = synthetic_digest()
    for made in (digits._mnist_images, garments._fashion_images, housing._housing, scenes._cifar_images):
        made.cache_clear()
    np.random.seed(1)  # whatever the page did with the global generator
    assert synthetic_digest() == before
    code = (
        "import sys; from tests.data.test_datasets import synthetic_digest; print(synthetic_digest())\n"
        "assert not {'keras', 'tensorflow'} & set(sys.modules)"
    )
    other = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert other.stdout.strip() == before


# Their difficulty: what the chapters rely on


def accuracy(keras, split, *layers) -> float:
    """Of a classifier on test data, after 5 epochs."""
    (x_train, y_train), (x_test, y_test) = split
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input(x_train.shape[1:]), *layers])
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x_train / 255.0, y_train, batch_size=32, epochs=5, verbose=0)
    return model.evaluate(x_test / 255.0, y_test, verbose=0)[1]


def dense_accuracy(keras, split) -> float:
    return accuracy(keras, split, keras.layers.Flatten(), keras.layers.Dense(128, activation="relu"))


@pytest.mark.slow
def test_a_dense_network_beats_a_linear_model_on_fashion(keras):
    split = synthetic.synthetic_fashion_mnist()
    linear, dense = accuracy(keras, split), dense_accuracy(keras, split)
    assert 0.70 <= linear <= 0.83
    assert 0.85 <= dense <= 0.93
    assert dense - linear >= 0.05


@pytest.mark.slow
def test_a_dense_network_beats_a_linear_model_on_mnist(keras):
    split = synthetic.synthetic_mnist()
    linear, dense = accuracy(keras, split), dense_accuracy(keras, split)
    assert 0.82 <= linear <= 0.91
    assert 0.92 <= dense <= 0.975
    assert dense - linear >= 0.03


@pytest.mark.slow
def test_a_convolutional_network_beats_a_dense_one_on_cifar10(keras):
    split = synthetic.synthetic_cifar10()
    convolutions = [
        keras.layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")
        for filters in (32, 64, 64)
    ]
    convolutional, dense = accuracy(keras, split, *convolutions), dense_accuracy(keras, split)
    assert 0.58 <= convolutional <= 0.80
    assert 0.30 <= dense <= 0.55
    assert convolutional - dense >= 0.12


def test_a_linear_model_misses_the_housing_criterion(install, keras):
    install("synthetic")
    (x, y), (x_test, y_test) = keras.datasets.california_housing.load_data()
    # Least squares: no training of a linear model gets a lower squared error.
    design, design_test = (np.column_stack([a, np.ones(len(a))]).astype(float) for a in (x, x_test))
    guess = design_test @ np.linalg.lstsq(design, y, rcond=None)[0]
    median = np.median(y)
    assert np.abs(guess - y_test).mean() > 54_000
    assert ((guess > median) == (y_test > median)).mean() < 0.83


@pytest.mark.slow
def test_two_heads_meet_the_housing_criterion(install, keras):
    install("synthetic")
    (x, y), (x_test, y_test) = keras.datasets.california_housing.load_data()
    mean, std, median = x.mean(axis=0), x.std(axis=0), np.median(y)

    keras.utils.set_random_seed(0)
    dense = lambda units: keras.layers.Dense(units, activation="relu")
    inputs = keras.Input((8,))
    trunk = dense(32)(dense(64)(inputs))
    price = keras.layers.Dense(1, name="price")(dense(16)(trunk))
    expensive = keras.layers.Dense(1, activation="sigmoid", name="expensive")(dense(16)(trunk))
    model = keras.Model(inputs, {"price": price, "expensive": expensive})
    model.compile(
        keras.optimizers.Adam(1e-3),
        loss={"price": "mse", "expensive": "binary_crossentropy"},
        loss_weights={"price": 0.7, "expensive": 0.3},
        metrics={"price": "mae", "expensive": "accuracy"},
    )

    def targets(y):
        return {"price": y / 100_000, "expensive": (y > median).astype("float32")}

    model.fit((x - mean) / std, targets(y), batch_size=32, epochs=20, verbose=0)
    result = model.evaluate((x_test - mean) / std, targets(y_test), verbose=0, return_dict=True)
    assert 25_000 < result["price_mae"] * 100_000 < 45_000
    assert 0.87 <= result["expensive_accuracy"] < 0.95


# Putting a profile in force


@pytest.mark.parametrize("profile", ["synthetic", "folder"])
def test_every_loader_keeps_its_signature(install, keras, folder, profile):
    names = {name for _, name, _ in pkgutil.iter_modules(keras.datasets.__path__)}
    assert names >= set(LOADERS)
    modules = {name: importlib.import_module(f"keras.datasets.{name}") for name in names}
    before = {name: module.load_data for name, module in modules.items()}
    install(str(folder) if profile == "folder" else profile)
    for name, module in modules.items():
        assert module.load_data is not before[name]
        assert inspect.signature(module.load_data) == inspect.signature(before[name])


def test_every_way_of_reaching_a_loader_sees_ours(install, keras):
    install("synthetic")
    expected = synthetic.synthetic_fashion_mnist()
    from keras.datasets import fashion_mnist
    from keras.datasets.fashion_mnist import load_data

    for loader in (keras.datasets.fashion_mnist.load_data, fashion_mnist.load_data, load_data):
        assert equal(loader(), expected)
    for package in ("keras.src.datasets", "keras._tf_keras.keras.datasets"):
        assert importlib.import_module(f"{package}.fashion_mnist").load_data is load_data


def test_official_leaves_keras_as_it_was(keras):
    modules = [importlib.import_module(f"keras.datasets.{name}") for name in LOADERS]
    before = [module.load_data for module in modules]
    datasets.install("official")
    assert [module.load_data for module in modules] == before
    datasets.install("synthetic")
    datasets.install("synthetic")
    datasets.install("official")
    assert [module.load_data for module in modules] == before
    assert all(loader.__module__.startswith("keras.src.") for loader in before)


@pytest.mark.parametrize("arguments", [{}, {"version": "small"}, {"test_split": 0.0}, {"seed": 7}])
def test_california_is_split_as_keras_does(install, keras, folder, monkeypatch, arguments):
    original = keras.datasets.california_housing.load_data
    source = importlib.import_module("keras.src.datasets.california_housing")
    monkeypatch.setattr(source, "get_file", lambda *a, **k: str(folder / "california_housing.npz"))
    expected = original(**arguments)
    install(str(folder))
    assert equal(keras.datasets.california_housing.load_data(**arguments), expected)


@pytest.mark.parametrize("arguments", [{"version": "medium"}, {"test_split": 1}, {"test_split": -0.1}])
def test_california_rejects_what_keras_rejects(install, keras, folder, monkeypatch, arguments):
    original = keras.datasets.california_housing.load_data
    source = importlib.import_module("keras.src.datasets.california_housing")
    monkeypatch.setattr(source, "get_file", lambda *a, **k: str(folder / "california_housing.npz"))
    with pytest.raises(ValueError) as theirs:
        original(**arguments)
    install("synthetic")
    with pytest.raises(ValueError) as ours:
        keras.datasets.california_housing.load_data(**arguments)
    assert str(ours.value) == str(theirs.value)


def test_synthetic_california_through_the_loader(install, keras):
    install("synthetic")
    (x_train, y_train), (x_test, y_test) = keras.datasets.california_housing.load_data()
    assert (len(x_train), len(y_train), len(x_test), len(y_test)) == (4000, 4000, 1000, 1000)
    (small, _), (small_test, _) = keras.datasets.california_housing.load_data(version="small")
    assert (len(small), len(small_test)) == (480, 120)
    assert np.ptp(small[:, 1]) < np.ptp(x_train[:, 1]) / 4, "the small version is one region"


@pytest.mark.parametrize("name", ["cifar10", "fashion_mnist", "mnist"])
def test_synthetic_images_through_the_loader(install, keras, name):
    install("synthetic")
    expected = getattr(synthetic, f"synthetic_{name}")()
    assert equal(getattr(keras.datasets, name).load_data(), expected)


def test_cifar10_obeys_the_image_data_format(install, keras):
    install("synthetic")
    (expected, _), _ = synthetic.synthetic_cifar10()
    before = keras.config.image_data_format()
    keras.config.set_image_data_format("channels_first")
    try:
        (x, _), (x_test, _) = keras.datasets.cifar10.load_data()
    finally:
        keras.config.set_image_data_format(before)
    assert x.shape == (3000, 3, 32, 32) and x_test.shape == (600, 3, 32, 32)
    assert np.array_equal(x[:, 1], expected[..., 1])


@pytest.mark.parametrize("name", sorted(set(LOADERS) - set(SYNTHETIC)))
def test_a_set_without_synthetic_version_says_so(install, keras, name):
    install("synthetic")
    message = f"keras.datasets.{name} no tiene versión sintética todavía"
    with pytest.raises(NotImplementedError, match=message) as caught:
        getattr(keras.datasets, name).load_data()
    assert "LIVEDOCS_DATA=official" in str(caught.value)


def test_the_vocabulary_of_the_text_sets_is_not_downloaded(install, keras):
    install("synthetic")
    for module in (keras.datasets.imdb, keras.datasets.reuters):
        with pytest.raises(NotImplementedError, match="get_word_index"):
            module.get_word_index()


# A folder of files


@pytest.mark.parametrize("name", ["fashion_mnist", "mnist", "cifar10"])
def test_a_folder_serves_images(install, keras, folder, name):
    install(str(folder))
    (x_train, y_train), (x_test, y_test) = getattr(keras.datasets, name).load_data()
    with np.load(folder / f"{name}.npz") as content:
        expected = (content["x_train"], content["y_train"]), (content["x_test"], content["y_test"])
    assert equal(((x_train, y_train), (x_test, y_test)), expected)


def test_a_relative_folder_survives_a_change_of_directory(install, keras, folder, tmp_path, monkeypatch):
    monkeypatch.chdir(folder.parent)
    install(folder.name)
    monkeypatch.chdir("/")
    assert len(keras.datasets.mnist.load_data()[0][0]) == 12


def test_a_folder_does_not_serve_everything(install, keras, folder):
    install(str(folder))
    with pytest.raises(
        NotImplementedError, match=r"keras\.datasets\.imdb no se puede leer de una carpeta"
    ):
        keras.datasets.imdb.load_data()


@pytest.mark.parametrize("use", [datasets.install, datasets.fingerprint])
def test_a_missing_folder_is_reported_at_once(keras, tmp_path, use):
    with pytest.raises(FileNotFoundError, match=r"LIVEDOCS_DATA=.*no existe esa carpeta"):
        use(str(tmp_path / "no-está"))
    (tmp_path / "archivo").touch()
    with pytest.raises(NotADirectoryError, match=r"LIVEDOCS_DATA=.*no una carpeta"):
        use(str(tmp_path / "archivo"))
    with pytest.raises(ValueError, match="LIVEDOCS_DATA está vacía"):
        use(" ")


def test_a_failed_install_changes_nothing(install, keras, tmp_path):
    install("synthetic")
    before = keras.datasets.mnist.load_data
    with pytest.raises(FileNotFoundError):
        install(str(tmp_path / "no-está"))
    assert keras.datasets.mnist.load_data is before


def test_a_missing_file_is_reported_when_it_is_wanted(install, keras, folder):
    (folder / "mnist.npz").unlink()
    install(str(folder))
    with pytest.raises(FileNotFoundError, match=r"Falta el archivo «mnist.npz».*«mis-datos».*x_train"):
        keras.datasets.mnist.load_data()
    keras.datasets.fashion_mnist.load_data()


def _truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _corrupt(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[300:400] = bytes(100)
    file.write_bytes(content)


def _pickled(file: Path) -> None:
    np.savez(file, **{name: np.array([{}]) for name in ("x_train", "y_train", "x_test", "y_test")})


def _lone_array(file: Path) -> None:
    with open(file, "wb") as stream:
        np.save(stream, np.zeros(3))


DAMAGES = {
    "empty": lambda file: file.write_bytes(b""),
    "link-as-text": lambda file: file.write_text("keras_home/datasets/mnist.npz"),
    "truncated": _truncate,
    "corrupt": _corrupt,
    "pickled": _pickled,
    "npy": _lone_array,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_reported(install, keras, folder, damage):
    damage(folder / "mnist.npz")
    install(str(folder))
    with pytest.raises(ValueError, match=r"No se puede leer «mnist.npz».*está dañado"):
        keras.datasets.mnist.load_data()


def test_an_incomplete_file_is_reported(install, keras, folder):
    np.savez(folder / "mnist.npz", x_train=np.zeros(3), y_train=np.zeros(3))
    np.savez(folder / "california_housing.npz", x=np.zeros((3, 8)), y=np.zeros(4))
    install(str(folder))
    with pytest.raises(ValueError, match=r"«mnist.npz».*le faltan arreglos: x_test, y_test"):
        keras.datasets.mnist.load_data()
    with pytest.raises(ValueError, match=r"«california_housing.npz».*no coinciden las muestras"):
        keras.datasets.california_housing.load_data()


# Saying which data they are


def test_provenance_says_it_in_spanish_without_paths(folder):
    assert datasets.provenance("synthetic").startswith("datos sintéticos, hechos por este proyecto")
    assert datasets.provenance("official") == "datos oficiales, como los entrega Keras"
    for profile in (str(folder), f"{folder}/", "/srv/no/existe/mis-datos"):
        assert datasets.provenance(profile) == "datos de la carpeta «mis-datos»"


def test_provenance_of_the_current_folder_is_its_name(folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert datasets.provenance(".") == "datos de la carpeta «mis-datos»"


def test_fingerprint_follows_the_content(folder, tmp_path):
    first = datasets.fingerprint(str(folder))
    assert first == datasets.fingerprint(f"{folder}/")
    (folder / "LEEME.md").write_text("no cuenta")
    assert datasets.fingerprint(str(folder)) == first
    moved = tmp_path / "otra"
    folder.rename(moved)
    assert datasets.fingerprint(str(moved)) == first, "the place does not count"
    content = bytearray((moved / "mnist.npz").read_bytes())
    content[-1] ^= 1
    (moved / "mnist.npz").write_bytes(content)
    os.utime(moved / "mnist.npz", ns=(1, 1))
    second = datasets.fingerprint(str(moved))
    assert second != first
    (moved / "mnist.npz").rename(moved / "cifar100.npz")
    assert datasets.fingerprint(str(moved)) not in (first, second), "the names count"


def test_fingerprint_tells_profiles_apart(folder):
    profiles = ("synthetic", "official", str(folder))
    prints = [datasets.fingerprint(profile) for profile in profiles]
    assert prints[1] == "official" and len(set(prints)) == 3
