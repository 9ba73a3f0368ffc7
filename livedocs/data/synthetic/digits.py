"""MNIST, imitated: handwritten digits drawn with a pen."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from livedocs.data.synthetic.shapes import (
    Batch,
    Images,
    Split,
    cover,
    draw_classes,
    draw_variants,
    from_segment,
    split,
)

__all__ = ["synthetic_mnist"]

_SIDE = 28
_BOX = 20  # every digit fills a box of this side, in height or in width
_TRAIN_IMAGES = 6000
_TEST_IMAGES = 1000
_MNIST_SEED = 19981101


def synthetic_mnist() -> Split:
    """Ten drawn digits, in the layout of MNIST.

    Returns:
        `(x_train, y_train), (x_test, y_test)`, all `uint8`: 6000 and 1000
        grey-level images of shape `(28, 28)`, white (255) strokes with soft
        edges on a background of exactly 0, and their labels, 0 to 9, of shape
        `(6000,)` and `(1000,)`. As in the real set, a digit fills a box of
        20 × 20 pixels and its centre of mass is the centre of the image.
        Classes are roughly balanced and the images shuffled. The arrays are
        the caller's to modify.

    Every image is drawn by this module: the strokes of one of several ways of
    writing the digit, displaced, slanted, turned, bent and thickened at
    random; no pixel comes from the real set (LeCun, Cortes and Burges 1998).
    """
    return split(_mnist_images(), _TRAIN_IMAGES)


@functools.cache
def _mnist_images() -> Images:
    shape = (_SIDE, _SIDE)
    draws = [
        functools.partial(
            draw_variants,
            [(style.weight, functools.partial(_written, style)) for style in styles],
            shape,
        )
        for styles in _DIGITS
    ]
    return draw_classes(_MNIST_SEED, _TRAIN_IMAGES + _TEST_IMAGES, 3, shape, draws)


@dataclass(frozen=True)
class _Style:
    """A way of writing a digit.

    Attributes:
        weight: how usual it is.
        points: what the pen goes through, in a box of about 10 × 14; `y` downwards.
        strokes: the numbers of the points of each stroke, in order: a smooth
            curve, closed if it ends where it began. Where two strokes share a
            point there is a corner or a crossing.
    """

    weight: float
    points: tuple[tuple[float, float], ...]
    strokes: tuple[tuple[int, ...], ...]


def _written(style: _Style, rng: np.random.Generator, n: int) -> np.ndarray:
    """`n` images of a digit written in a style."""
    return _centred(_inked(style, Batch(rng, n)))


def _inked(style: _Style, b: Batch) -> np.ndarray:
    """Draw a digit in its box: `uint8`, shape `(n, 20, 20)`."""
    paths = [_path(hand, style.strokes) for hand in _hand(style, b)]
    tremble = np.float32(0.16)
    for path in paths:
        for line in path:
            line += tremble * (b.rng.random(line.shape, np.float32) - np.float32(0.5))
    # Fit it in the box, the thickness of the strokes included.
    ends = [np.concatenate(path, axis=1) for path in paths]
    lows, highs = ([end(line, axis=1)[:, None, None] for line in ends] for end in (np.min, np.max))
    radius = b.between(0.75, 1.75)
    size = np.maximum(highs[0] - lows[0], highs[1] - lows[1])
    scale = (_BOX - 2 * radius) / size
    for path, low, high in zip(paths, lows, highs, strict=True):
        for i, line in enumerate(path):
            path[i] = (line[:, :, None, None] - ((low + high) * 0.5)[:, None]) * scale[:, None]

    axis = np.arange(_BOX, dtype=np.float32) - np.float32((_BOX - 1) / 2)
    column, row = axis[None, None, :], axis[None, :, None]
    nearest = np.full((b.n, _BOX, _BOX), np.float32(1e6))
    for line_x, line_y in zip(*paths, strict=True):
        for i, j in pairwise(range(line_x.shape[1])):
            start, end = (line_x[:, i], line_y[:, i]), (line_x[:, j], line_y[:, j])
            square, _ = from_segment(column, row, start, end)
            np.minimum(nearest, square, out=nearest)
    # The pen presses more at one side of the digit than at the other.
    press = 1 + b.between(-0.02, 0.02) * column + b.between(-0.02, 0.02) * row
    soft = b.between(1.0, 1.8)
    ink = cover((np.sqrt(nearest) - radius * press) / soft) * b.between(0.85, 1.15)
    return np.rint(np.minimum(ink, 1) * 255).astype(np.uint8)


def _hand(style: _Style, b: Batch) -> tuple[np.ndarray, np.ndarray]:
    """Where each image's hand puts the points of a style: `x` and `y`, of shape `(n, points)`."""
    points = np.array(style.points, np.float32)
    shape = (b.n, len(points))
    astray = b.between(0.4, 2.4)[:, 0]
    x = points[:, 0] - 5 + astray * (b.rng.random(shape, np.float32) - np.float32(0.5))
    y = points[:, 1] - 7 + astray * (b.rng.random(shape, np.float32) - np.float32(0.5))
    width = b.between(0.61, 1.28)[:, 0]
    taper = b.between(-0.058, 0.058)[:, 0]
    waist = b.between(-0.04, 0.04)[:, 0]  # the upper half larger than the lower one, or smaller
    bow, curl = b.between(-0.04, 0.04)[:, 0], b.between(-0.05, 0.05)[:, 0]
    slant = b.between(-0.28, 0.58)[:, 0]
    sine = b.between(-0.375, 0.375)[:, 0]
    cosine = np.sqrt(1 - sine * sine)
    y = y + waist * (y * y - 49)
    x, y = x * (1 + taper * y) * width + bow * y * y, y + curl * x * x
    x = x - slant * y
    return cosine * x - sine * y, sine * x + cosine * y


def _path(v: np.ndarray, strokes: tuple[tuple[int, ...], ...]) -> list[np.ndarray]:
    """One coordinate, `(n, points)`, along each stroke, as a broken line near its curve."""
    lines = []
    for stroke in strokes:
        # Catmull and Rom's curve, whose tangents look at the neighbouring points.
        closed = stroke[0] == stroke[-1]
        before, after = (stroke[-2], stroke[1]) if closed else (stroke[0], stroke[-1])
        knots = v[:, [before, *stroke, after]]
        p0, p1, p2, p3 = (knots[:, i : knots.shape[1] - 3 + i] for i in range(4))
        slope, bend, twist = p2 - p0, 2 * p0 - 5 * p1 + 4 * p2 - p3, 3 * (p1 - p2) + p3 - p0
        chords = 2 if len(stroke) == 2 else 3
        steps = [np.float32(i / chords) for i in range(chords)]
        chain = np.stack([p1 + (slope + (bend + twist * t) * t) * t * 0.5 for t in steps], axis=2)
        lines.append(np.concatenate([chain.reshape(len(v), -1), knots[:, -2:-1]], axis=1))
    return lines


def _centred(boxes: np.ndarray) -> np.ndarray:
    """Place boxes so that the centre of mass is the middle of the image, to the pixel."""
    # Sums of whole numbers: exact in any order.
    ink = boxes.astype(np.int64)
    total = ink.sum(axis=(1, 2))
    place = np.arange(_BOX)
    images = np.zeros((len(boxes), _SIDE, _SIDE), np.uint8)
    offsets = []
    for moment in ((ink.sum(axis=2) * place).sum(axis=1), (ink.sum(axis=1) * place).sum(axis=1)):
        # floor(13.5 - moment / total + 0.5): the box never leaves the image.
        offsets.append(np.clip((_SIDE * total - 2 * moment) // (2 * total), 0, _SIDE - _BOX))
    rows, columns = (offset[:, None] + place for offset in offsets)
    images[np.arange(len(boxes))[:, None, None], rows[:, :, None], columns[:, None, :]] = boxes
    return images


_DIGITS = (
    (
        _Style(
            1,
            ((5, 0), (1.4, 2.8), (0.5, 7), (1.4, 11.4), (5, 14), (8.6, 11.4), (9.5, 7), (8.6, 2.8)),
            ((0, 1, 2, 3, 4, 5, 6, 7, 0),),
        ),
        _Style(  # the pen does not quite come back to where it began
            0.5,
            ((6, 0.6), (2, 2), (0.5, 7), (2, 12.4), (5.4, 14), (9.3, 9), (8.8, 2.4), (4.8, -0.2)),
            ((0, 1, 2, 3, 4, 5, 6, 7),),
        ),
    ),
    (
        _Style(6, ((5, 0), (5.1, 7), (5, 14)), ((0, 1, 2),)),
        _Style(1.5, ((2.4, 3.4), (5.2, 0), (5.2, 14)), ((0, 1), (1, 2))),
        _Style(1, ((2.2, 3), (5, 0), (5, 14), (1.8, 14), (8.2, 13.8)), ((0, 1), (1, 2), (3, 4))),
    ),
    (
        _Style(
            1,
            ((1, 3.4), (2.6, 0.8), (5.6, 0), (8.3, 2), (7.8, 5.2), (4.8, 9.4), (0.8, 13.6), (9.6, 13.2)),
            ((0, 1, 2, 3, 4, 5, 6), (6, 7)),
        ),
        _Style(  # with a loop
            0.8,
            (
                (1, 3), (5, 0), (8.2, 3), (6, 8.6), (2, 13.4),
                (0.6, 11.6), (3.2, 10.8), (6.4, 13.4), (9.8, 12),
            ),
            ((0, 1, 2, 3, 4, 5, 6, 7, 8),),
        ),
    ),
    (
        _Style(
            1,
            (
                (1, 1.8), (4.6, 0), (8.2, 2.6), (6.8, 5.6), (3.6, 6.6),
                (8.2, 8.6), (8.4, 12), (4.8, 14), (0.6, 12.4),
            ),
            ((0, 1, 2, 3, 4), (4, 5, 6, 7, 8)),
        ),
        _Style(  # flat above
            0.3,
            ((1, 0.4), (8.4, 0), (4.4, 5.6), (8.6, 8.4), (8.2, 12.2), (4.6, 14), (0.6, 12.6)),
            ((0, 1), (1, 2), (2, 3, 4, 5, 6)),
        ),
    ),
    (
        _Style(
            1,
            ((1.8, 0.4), (0.8, 5), (1, 8.4), (9.4, 7.8), (7.6, 0), (6.6, 14)),
            ((0, 1, 2), (2, 3), (4, 5)),
        ),
        _Style(0.6, ((6.6, 0), (0.4, 8.8), (9.6, 8.8), (6.4, 14)), ((0, 1), (1, 2), (0, 3))),
    ),
    (
        _Style(
            1,
            ((9.2, 0), (2.6, 0.4), (1.8, 6), (5, 5), (8.4, 7), (8.6, 11), (5.4, 14), (0.6, 12.8)),
            ((0, 1), (1, 2), (2, 3, 4, 5, 6, 7)),
        ),
        _Style(  # in one go, the corners rounded
            0.5,
            ((9, 0.2), (4.6, 0.6), (2.4, 3.4), (4, 6.2), (8, 8), (8, 12), (4.4, 14), (0.6, 12.6)),
            ((0, 1, 2, 3, 4, 5, 6, 7),),
        ),
    ),
    (
        _Style(
            1,
            (
                (7, 0), (3.4, 3), (1, 8), (1.6, 12.2), (4.8, 14),
                (8.2, 12), (7.8, 8.6), (4.8, 7.6), (1.6, 10.6),
            ),
            ((0, 1, 2, 3, 4, 5, 6, 7, 8),),
        ),
        _Style(  # straight, with a small loop
            0.6,
            ((4, 0), (1.8, 5), (1, 10), (3.2, 14), (7, 12.8), (6.8, 9.8), (3.6, 9.6), (1.4, 12)),
            ((0, 1, 2, 3, 4, 5, 6, 7),),
        ),
    ),
    (
        _Style(1, ((0.6, 0.8), (9.2, 0.4), (6, 6.6), (4, 14)), ((0, 1), (1, 2, 3))),
        _Style(0.4, ((0.6, 2.4), (2, 0.6), (8.8, 0.4), (5, 7), (4, 14)), ((0, 1), (1, 2), (2, 3, 4))),
        _Style(
            0.4,
            ((0.6, 0.8), (9, 0.4), (6, 6.6), (3.6, 14), (2.6, 7.4), (8.4, 6.8)),
            ((0, 1), (1, 2, 3), (4, 5)),
        ),
    ),
    (
        _Style(
            1,
            (
                (8.2, 1.8), (5, 0), (1.8, 2), (2, 4.6), (5, 6.8), (8.6, 9.4),
                (8.2, 12.4), (5, 14), (1.8, 12.4), (1.6, 9.2), (7.8, 4.4),
            ),
            ((0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 4, 10, 0),),
        ),
        _Style(  # one circle on another
            0.5,
            ((5, 0), (2, 3.2), (5, 6.6), (8, 3.2), (1.4, 10.2), (5, 14), (8.6, 10.2)),
            ((0, 1, 2, 3, 0), (2, 4, 5, 6, 2)),
        ),
    ),
    (
        _Style(
            1,
            ((8.4, 3), (5, 0), (1.4, 2.4), (1.6, 6), (5, 7.4), (8, 5), (8.2, 9), (6.8, 14)),
            ((0, 1, 2, 3, 4, 5, 0), (0, 6, 7)),
        ),
        _Style(  # with a curved tail
            0.6,
            ((8.2, 3), (5, 0), (1.4, 2.6), (2, 6.2), (5.4, 6.8), (8.6, 8.6), (6.6, 13.2), (2, 13.4)),
            ((0, 1, 2, 3, 4, 0), (0, 5, 6, 7)),
        ),
    ),
)  # fmt: skip
