"""What the drawn sets share: random parameters for a batch of images, and shapes.

A shape is a function that gives the signed distance (pixels, negative inside)
of points to it, good enough near its edge; `cover` turns it into coverage.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from itertools import pairwise

import numpy as np

__all__ = [
    "Batch",
    "Images",
    "Split",
    "bar",
    "both",
    "box",
    "capsule",
    "cover",
    "draw_classes",
    "draw_variants",
    "either",
    "ellipse",
    "from_segment",
    "profile",
    "smooth_noise",
    "split",
    "wave",
]

Images = tuple[np.ndarray, np.ndarray]
Split = tuple[Images, Images]


def draw_classes(
    seed: int, total: int, parts: int, shape: tuple[int, ...], draws: list[Callable]
) -> Images:
    """Draw `total` shuffled images of as many classes as there are `draws`.

    Args:
        seed: what everything random depends on.
        parts: batches per class: small ones keep the arrays in the processor's cache.
        shape: of one image.
        draws: for each class, `draw(rng, n)`, which returns `n` images in `uint8`.

    Returns:
        The images and their labels, `uint8`, of shape `(total,)`.
    """
    classes = len(draws)
    labels = np.random.default_rng([seed, classes]).permutation(
        np.arange(total, dtype=np.int64) % classes
    )
    images = np.empty((total, *shape), np.uint8)
    for label, draw in enumerate(draws):
        where = np.flatnonzero(labels == label)
        for batch, some in enumerate(np.array_split(where, parts)):
            images[some] = draw(np.random.default_rng([seed, label, batch]), len(some))
    return images, labels.astype(np.uint8)


def draw_variants(
    variants: list[tuple[float, Callable]], shape: tuple[int, ...], rng: np.random.Generator, n: int
) -> np.ndarray:
    """Draw `n` images, each in one of several ways: `(weight, draw)`, as in `draw_classes`."""
    images = np.zeros((n, *shape), np.uint8)
    chosen = Batch(rng, n).choose(*(weight for weight, _ in variants))
    for (_, draw), mask in zip(variants, chosen, strict=True):
        where = np.flatnonzero(mask)
        if len(where):
            images[where] = draw(rng, len(where))
    return images


def split(images: Images, train: int) -> Split:
    """Copies of the first `train` samples and of the others, as Keras gives them."""
    x, y = (array.copy() for array in images)
    return (x[:train], y[:train]), (x[train:], y[train:])


class Batch:
    """A batch of `n` images: random parameters, of shape `(n, 1, 1)` and `float32`."""

    def __init__(self, rng: np.random.Generator, n: int) -> None:
        self.rng = rng
        self.n = n

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


def smooth_noise(rng: np.random.Generator, n: int, side: int, cell: int) -> np.ndarray:
    """Random values at the corners of cells `cell` pixels wide, 0 to 1, smooth between them."""
    corners = (side - 1) // cell + 2
    coarse = rng.random((n, corners, corners), np.float32)
    position = np.arange(side, dtype=np.float32) / cell
    left = position.astype(np.intp)
    part = position - left
    rows = coarse[:, left] * (1 - part)[:, None] + coarse[:, left + 1] * part[:, None]
    return rows[:, :, left] * (1 - part) + rows[:, :, left + 1] * part


def cover(distance: np.ndarray) -> np.ndarray:
    return np.clip(np.float32(0.5) - distance, 0, 1)


def both(*distances: np.ndarray) -> np.ndarray:
    """Intersection."""
    return functools.reduce(np.maximum, distances)


def either(*distances: np.ndarray) -> np.ndarray:
    """Union."""
    return functools.reduce(np.minimum, distances)


def wave(phase: np.ndarray) -> np.ndarray:
    """A smooth wave of period 1 and height 1: two parabolas, no sine."""
    phase = phase - np.rint(phase)
    return phase * (8 - 16 * np.abs(phase))


def profile(t: np.ndarray, *knots: tuple) -> np.ndarray:
    """The broken line through `(t, value)` knots, flat beyond both ends."""
    value = np.float32(0) + knots[0][1]
    for (t0, v0), (t1, v1) in pairwise(knots):
        width = t1 - t0
        value = value + np.clip(t - t0, 0, width) * ((v1 - v0) / width)
    return value


def bar(x, y, start: tuple, end: tuple, r0, r1) -> np.ndarray:
    """A strip with flat ends, of half-width `r0` at the start and `r1` at the end."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = np.sqrt(dx * dx + dy * dy)
    ux, uy = dx / length, dy / length
    px, py = x - start[0], y - start[1]
    along = px * ux + py * uy
    across = np.abs(py * ux - px * uy)
    taper = r0 + (r1 - r0) * np.clip(along / length, 0, 1)
    return np.maximum(across - taper, np.abs(along - length * 0.5) - length * 0.5)


def from_segment(x, y, start: tuple, end: tuple) -> tuple[np.ndarray, np.ndarray]:
    """Squared distance of points to a segment, and how far along it (0 to 1) they are."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    px, py = x - start[0], y - start[1]
    square = np.maximum(dx * dx + dy * dy, np.float32(1e-6))
    along = np.clip(px * (dx / square) + py * (dy / square), 0, 1)
    px, py = px - along * dx, py - along * dy
    return px * px + py * py, along


def capsule(x, y, start: tuple, end: tuple, r0, r1) -> np.ndarray:
    """A strip with round ends, of radius `r0` at the start and `r1` at the end."""
    square, along = from_segment(x, y, start, end)
    return np.sqrt(square) - (r0 + (r1 - r0) * along)


def ellipse(x, y, cx, cy, rx, ry) -> np.ndarray:
    px, py = (x - cx) / rx, (y - cy) / ry
    return (np.sqrt(px * px + py * py) - 1) * np.minimum(rx, ry)


def box(x, y, cx, cy, half_x, half_y) -> np.ndarray:
    return np.maximum(np.abs(x - cx) - half_x, np.abs(y - cy) - half_y)
