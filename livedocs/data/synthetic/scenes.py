"""CIFAR-10, imitated: small colour scenes with a drawn vehicle or animal."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from livedocs.data.synthetic.shapes import (
    Batch,
    Images,
    Split,
    bar,
    both,
    box,
    capsule,
    cover,
    draw_classes,
    draw_variants,
    either,
    ellipse,
    profile,
    smooth_noise,
    split,
    wave,
)

__all__ = ["synthetic_cifar10"]

_SIDE = 32
_TRAIN_IMAGES = 3000
_TEST_IMAGES = 600
_CIFAR_SEED = 20090408

_Colour = tuple[float, float, float] | np.ndarray
_BLACK, _WHITE, _GLASS = (0.07, 0.07, 0.08), (0.95, 0.95, 0.93), (0.2, 0.27, 0.34)


def synthetic_cifar10() -> Split:
    """Ten classes of drawn colour scenes, in the layout of CIFAR-10.

    Returns:
        `(x_train, y_train), (x_test, y_test)`, all `uint8`: 3000 and 600
        images of shape `(32, 32, 3)`, red, green and blue, 0 to 255, and their
        labels, of shape `(3000, 1)` and `(600, 1)`, 0 to 9 in the order of the
        real set: airplane, automobile, bird, cat, deer, dog, frog, horse,
        ship, truck. Classes are roughly balanced and the images shuffled. The
        arrays are the caller's to modify.

    Every image is drawn by this module with random places, sizes, poses,
    colours and weather; no pixel comes from the real set (Krizhevsky 2009). As
    there, classes share their backgrounds, and a vehicle or an animal may face
    either side, anywhere: its shape decides, more than its colours.
    """
    return split(_cifar_images(), _TRAIN_IMAGES)


@functools.cache
def _cifar_images() -> Images:
    shape = (_SIDE, _SIDE, 3)
    draws = [
        functools.partial(
            draw_variants,
            [(weight, functools.partial(_drawn, *steps)) for weight, *steps in variants],
            shape,
        )
        for variants in _MOTIFS
    ]
    images, labels = draw_classes(_CIFAR_SEED, _TRAIN_IMAGES + _TEST_IMAGES, 3, shape, draws)
    return images, labels[:, None]


def _drawn(
    background: Callable[[_Scene], None],
    motif: Callable[[_Scene], None],
    rng: np.random.Generator,
    n: int,
) -> np.ndarray:
    scene = _Scene(rng, n)
    background(scene)
    motif(scene)
    return scene.pixels()


class _Scene(Batch):
    """A batch of `n` colour images being drawn together, one shape at a time.

    `column` and `row` are the coordinates of the pixels' centres, for the
    background: pixels, origin at the centre of the image, `row` downwards. `x`
    and `y`, of shape `(n, 32, 32)`, are those of the motif, which `place` puts
    somewhere. Colours are triples of numbers or of arrays `(n, 1, 1)`, 0 to 1;
    `rgb`, of shape `(3, n, 32, 32)`, holds the image. All is `float32`.
    """

    def __init__(self, rng: np.random.Generator, n: int) -> None:
        super().__init__(rng, n)
        axis = np.arange(_SIDE, dtype=np.float32) - np.float32((_SIDE - 1) / 2)
        self.column, self.row = axis[None, None, :], axis[None, :, None]
        self.rgb = np.zeros((3, n, _SIDE, _SIDE), np.float32)
        self.sun = self.between(0.0, 0.025)

    def place(self, sizes=(0.75, 1.15), aside=6.0, up=-3.0, down=4.0, tilt=0.1) -> None:
        """Put the motif somewhere, at some size, facing either side."""
        zoom = 1 / self.between(*sizes)
        mirror = 1 - 2 * self.chance(0.5)
        x = (self.column - self.between(-aside, aside)) * zoom * mirror
        y = (self.row - self.between(up, down)) * zoom
        sine = self.between(-tilt, tilt)
        cosine = np.sqrt(1 - sine * sine)
        self.x, self.y = cosine * x - sine * y, sine * x + cosine * y

    # Colours

    def mix(self, one: _Colour, other: _Colour) -> np.ndarray:
        """A colour between two, a bit lighter or darker."""
        one, other = _colour(one), _colour(other)
        return (one + (other - one) * self.between(0, 1)) * self.between(0.85, 1.15)

    def pick(self, *colours: _Colour) -> np.ndarray:
        """One of several colours, not quite."""
        weights = self.choose(*[1] * len(colours))
        chosen = sum(weight * _colour(c) for weight, c in zip(weights, colours, strict=True))
        return chosen * self.between(0.75, 1.2) + self.between(-0.04, 0.04)

    def paintwork(self) -> np.ndarray:
        """The colour of a vehicle."""
        return self.pick(
            (0.75, 0.1, 0.1), (0.12, 0.22, 0.6), (0.9, 0.9, 0.9), (0.12, 0.12, 0.14), (0.6, 0.62, 0.65),
            (0.9, 0.72, 0.1), (0.1, 0.42, 0.25), (0.45, 0.62, 0.8), (0.85, 0.42, 0.1),
        )  # fmt: skip

    # Drawing

    def paint(self, shape: np.ndarray, colour: _Colour) -> None:
        """Cover a shape (coverage of each pixel, 0 to 1) with a colour."""
        self.rgb += shape * (_colour(colour) - self.rgb)

    def solid(self, distance: np.ndarray, colour: _Colour) -> None:
        """Paint a shape, given by its distance, lit from above."""
        self.paint(cover(distance), _colour(colour) * (1 - self.sun * self.y))

    def noise(self, cell: int) -> np.ndarray:
        """Smooth noise, -0.5 to 0.5, in spots of `cell` pixels."""
        return smooth_noise(self.rng, self.n, _SIDE, cell) - np.float32(0.5)

    def pixels(self) -> np.ndarray:
        """The finished photographs: `uint8`, shape `(n, 32, 32, 3)`."""
        # The light of the hour, the contrast of the lens and the grain of the film.
        cast = np.stack([self.between(-0.06, 0.06) for _ in range(3)])
        grain = self.rng.random(self.rgb.shape[1:], np.float32) - np.float32(0.5)
        light = self.between(0.5, 1.2) + self.between(-0.008, 0.008) * self.column
        picture = (self.rgb + cast + self.between(0.03, 0.14) * grain) * light
        pixels = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
        return np.moveaxis(pixels, 0, -1)

    # Backgrounds

    def sky(self) -> None:
        """From blue to overcast or dusk, with clouds."""
        above = self.pick((0.25, 0.45, 0.8), (0.45, 0.65, 0.9), (0.7, 0.75, 0.8), (0.55, 0.6, 0.7))
        below = self.pick((0.75, 0.85, 0.95), (0.85, 0.85, 0.85), (0.9, 0.75, 0.6), (0.6, 0.75, 0.92))
        self.rgb[:] = above + (below - above) * ((self.row + 16) / 32)
        clouds = np.clip((self.noise(8) + 0.4 * self.noise(4)) * 3, 0, 1)
        self.paint(clouds * self.between(0, 0.8), _WHITE)

    def ground(self, horizon, near: _Colour, far: _Colour, rough: float) -> np.ndarray:
        """Fill below a horizon; returns where, as coverage."""
        depth = np.clip((self.row - horizon) / 20, 0, 1)
        near, far = _colour(near), _colour(far)
        texture = 1 + self.between(0.3, 1) * rough * (self.noise(2) + self.noise(4))
        where = cover(horizon - self.row)
        self.paint(where, (far + (near - far) * depth) * texture)
        return where

    def runway(self) -> None:
        self.sky()
        tarmac = self.mix((0.4, 0.4, 0.42), (0.6, 0.6, 0.58))
        self.ground(self.between(2, 11), tarmac, tarmac, 0.2)

    def sea(self) -> None:
        self.sky()
        horizon = self.between(-3, 6)
        deep = self.pick((0.05, 0.2, 0.4), (0.1, 0.35, 0.45), (0.3, 0.4, 0.45), (0.15, 0.3, 0.55))
        where = self.ground(horizon, deep, deep * 0.7 + 0.25, 0.3)
        swell = wave(self.row * self.between(0.2, 0.4) + self.noise(8) * 2)
        self.paint(where * np.clip(swell, 0, 1) * self.between(0.05, 0.35), _WHITE)

    def beach(self) -> None:
        self.sea()
        sand = self.mix((0.75, 0.65, 0.45), (0.5, 0.42, 0.32))
        self.ground(self.between(5, 10), sand, sand * 0.85, 0.2)

    def meadow(self) -> None:
        """Grass, green or dry, under a sky or in front of a wood."""
        self.sky()
        horizon = self.between(-5, 6)
        wood = self.row - horizon + self.between(2, 14) + self.noise(4) * 8
        leaves = self.mix((0.1, 0.22, 0.08), (0.28, 0.38, 0.18)) * (1 + self.noise(2))
        trunks = np.clip(wave(self.column * self.between(0.08, 0.2) + self.noise(16)) * 3 - 1.5, 0, 1)
        seen = cover(-wood) * self.chance(0.75)
        self.paint(seen, leaves)
        self.paint(seen * trunks * self.chance(0.5) * 0.7, (0.25, 0.18, 0.12))
        grass = self.pick((0.25, 0.45, 0.12), (0.4, 0.55, 0.2), (0.6, 0.55, 0.3), (0.5, 0.4, 0.25))
        self.ground(horizon, grass, grass * 0.8 + 0.1, 0.6)

    def road(self) -> None:
        """A street or a road across the picture, with a house or trees behind."""
        self.sky()
        horizon = self.between(-6, 4)
        start = self.between(-12, 12)
        house = box(self.column, self.row, start, horizon, self.between(5, 14), self.between(4, 14))
        wall = self.pick((0.6, 0.35, 0.25), (0.75, 0.7, 0.6), (0.5, 0.5, 0.55), (0.85, 0.8, 0.7))
        windows = (wave(self.column * 0.22) > 0.3) * (wave(self.row * 0.2) > 0.2)
        built = self.chance(0.55)
        self.paint(cover(house) * built, wall)
        self.paint(cover(house + 1) * windows * built * 0.7, _GLASS)
        trees = self.row - horizon + self.between(1, 7) + self.noise(4) * 9
        self.paint(cover(-trees) * self.chance(0.6), self.mix((0.12, 0.25, 0.1), (0.3, 0.42, 0.2)))
        tar = self.pick((0.3, 0.3, 0.32), (0.45, 0.45, 0.46), (0.6, 0.58, 0.55), (0.5, 0.48, 0.35))
        self.ground(horizon, tar, tar * 0.9 + 0.08, 0.2)
        line = np.abs(self.row - self.between(10, 16)) - 0.5
        dashes = wave(self.column * self.between(0.05, 0.1) + self.between(0, 1)) > 0
        self.paint(cover(line) * dashes * self.chance(0.4), (0.9, 0.88, 0.75))

    def room(self) -> None:
        """A wall and a floor, a rug or a sofa; or a garden."""
        wall = self.pick(
            (0.8, 0.75, 0.65), (0.6, 0.65, 0.7), (0.5, 0.35, 0.3), (0.35, 0.4, 0.35), _WHITE
        )
        self.rgb[:] = wall * (1 + 0.2 * self.noise(16))
        floor = self.pick((0.5, 0.35, 0.22), (0.6, 0.58, 0.55), (0.3, 0.42, 0.18), (0.7, 0.6, 0.5))
        self.ground(self.between(-4, 10), floor, floor * 0.85, 0.35)
        sofa = box(
            self.column, self.row, self.between(-14, 14), self.between(2, 12), self.between(6, 16),
            self.between(5, 10),
        )  # fmt: skip
        cloth = self.pick((0.55, 0.2, 0.2), (0.25, 0.35, 0.5), (0.75, 0.7, 0.6), (0.3, 0.3, 0.3))
        self.paint(cover(sofa) * self.chance(0.5), cloth * (1 + 0.3 * self.noise(4)))
        frame = box(
            self.column, self.row, self.between(-14, 14), -10, self.between(3, 6), self.between(3, 7)
        )
        self.paint(
            cover(frame) * self.chance(0.4), self.pick(_GLASS, (0.75, 0.85, 0.95), (0.6, 0.5, 0.3))
        )

    def undergrowth(self) -> None:
        """Leaves, mud or pebbles seen from near."""
        base = self.pick(
            (0.2, 0.35, 0.12), (0.4, 0.32, 0.2), (0.5, 0.48, 0.42), (0.35, 0.5, 0.2), (0.2, 0.3, 0.3)
        )
        spots = self.noise(4) * self.between(0.3, 1) + self.noise(8) * self.between(0.3, 1)
        self.rgb[:] = base * (1 + spots)
        blade = np.abs(wave((self.column + self.row * self.between(-1, 1)) * 0.06 + self.between(0, 1)))
        light = self.mix((0.35, 0.5, 0.15), (0.6, 0.6, 0.4))
        self.paint(np.clip(1 - blade * 4, 0, 1) * self.chance(0.5) * 0.7, light)


def _colour(colour: _Colour) -> np.ndarray:
    """A triple as an array `(3, …)` that broadcasts with `rgb`."""
    if isinstance(colour, np.ndarray):
        return colour
    return np.array(colour, np.float32)[:, None, None, None]


# Vehicles


def _draw_airplane_from_the_side(s: _Scene) -> None:
    s.place((0.75, 1.15), tilt=0.25)
    skin = s.pick(_WHITE, (0.8, 0.82, 0.85), (0.55, 0.57, 0.6), (0.85, 0.85, 0.9))
    trim = s.paintwork()
    reach = s.between(9, 12.5)
    wing = s.between(3, 7)
    s.solid(bar(s.x, s.y, (-1, -0.5), (4, -wing * 0.7), 1.8, 0.5), skin * 0.7)
    s.solid(bar(s.x, s.y, (reach - 2.5, 0), (reach + 1.5, s.between(-8, -5.5)), 1.9, 1.1), trim)
    body = capsule(s.x, s.y, (-reach, 0.3), (reach, -0.6), s.between(1.8, 2.7), 0.9)
    s.solid(body, skin)
    s.paint(cover(both(body, np.abs(s.y - 0.9) - 0.6)) * s.chance(0.5), trim)
    windows = (wave(s.x * 0.45) > 0) * cover(both(np.abs(s.y + 0.5) - 0.5, np.abs(s.x) - reach + 3))
    s.paint(windows * 0.8, _GLASS)
    s.paint(cover(ellipse(s.x, s.y, -reach - 0.6, -0.6, 1.2, 0.8)), _GLASS)
    s.solid(capsule(s.x, s.y, (-1.5, wing * 0.7), (1.5, wing * 0.7), 1.1, 0.8), skin * 0.6)
    s.solid(bar(s.x, s.y, (-1.5, 0.8), (4.5, wing), 2.3, 0.7), skin * 0.82)
    s.solid(bar(s.x, s.y, (reach - 2, -0.3), (reach + 1.5, 1.5), 1, 0.5), skin * 0.8)


def _draw_airplane_from_below(s: _Scene) -> None:
    s.place((0.7, 1.1), down=2.0, tilt=0.75)
    skin = s.pick(_WHITE, (0.75, 0.77, 0.8), (0.4, 0.42, 0.45), (0.25, 0.27, 0.3))
    y = np.abs(s.y)
    sweep, span = s.between(1, 7), s.between(8.5, 13)
    s.solid(bar(s.x, y, (-1.5, 0), (sweep, span), s.between(2, 3), 0.8), skin * 0.9)
    s.solid(bar(s.x, y, (9.5, 0), (9.5 + sweep * 0.4, span * 0.38), 1.6, 0.7), skin * 0.85)
    engine = capsule(s.x, y, (sweep * 0.2 - 3, span * 0.42), (sweep * 0.2, span * 0.42), 0.9, 0.9)
    s.solid(engine + 9 * s.chance(0.4), skin * 0.6)
    s.solid(capsule(s.x, s.y, (-11, 0), (11, 0), s.between(1.4, 2.2), 0.8), skin)
    s.paint(cover(ellipse(s.x, s.y, -11, 0, 1.3, 0.9)), _GLASS)


def _wheel(s: _Scene, x: float | np.ndarray, y: float | np.ndarray, radius) -> None:
    s.paint(cover(ellipse(s.x, s.y, x, y, radius, radius)), _BLACK)
    s.paint(cover(ellipse(s.x, s.y, x, y, radius * 0.45, radius * 0.45)), (0.6, 0.6, 0.62))


def _shadow(s: _Scene, y, half) -> None:
    """What a vehicle or an animal casts on the ground."""
    s.paint(cover(ellipse(s.x, s.y, 0, y, half, 1.6)) * s.between(0.3, 0.8), (0.1, 0.1, 0.1))


def _draw_car_from_the_side(s: _Scene) -> None:
    s.place((0.75, 1.15), up=0.0, down=4.0, tilt=0.05)
    coat = s.paintwork()
    _shadow(s, 6.5, 12)
    base, half = s.between(0, 1), s.between(10, 12.5)
    roof = s.between(4, 5.8)
    front, back = s.between(-8, -5), s.between(5, 10.5)
    cabin = base - profile(
        s.x, (front, 0), (front + s.between(2.5, 4.5), roof), (back - s.between(1, 4), roof), (back, 0)
    )
    s.solid(both(cabin - s.y, s.y - base - 1, front - s.x, s.x - back), coat)
    glass = both(cabin + 1.1 - s.y, s.y - base + 0.3, 0.5 - np.abs(s.x - s.between(-0.5, 2)))
    s.paint(cover(glass), s.mix(_GLASS, (0.5, 0.6, 0.7)))
    nose = s.between(0, 1.2)
    hood = base - 1 + profile(s.x, (-half, nose), (front, 0), (back, 0), (half, nose * 0.6))
    s.solid(both(hood - s.y, s.y - 5.5, np.abs(s.x) - half), coat)
    s.paint(cover(both(np.abs(s.y - 4.6) - 0.7, np.abs(s.x) - half)) * 0.6, _BLACK)
    s.paint(cover(box(s.x, s.y, -half + 0.8, 1.8, 0.9, 0.7)), (0.95, 0.9, 0.6))
    s.paint(cover(box(s.x, s.y, half - 0.7, 1.6, 0.8, 0.7)), (0.7, 0.08, 0.06))
    radius = s.between(2, 2.8)
    _wheel(s, -half * 0.62, 5.2, radius)
    _wheel(s, half * 0.6, 5.2, radius)


def _draw_car_from_the_front(s: _Scene) -> None:
    s.place((0.75, 1.15), up=0.0, down=3.0, tilt=0.06)
    coat = s.paintwork()
    x = np.abs(s.x)
    half, roof = s.between(8, 10), s.between(-8.5, -6)
    _shadow(s, 8.5, half + 1)
    s.paint(cover(box(x, s.y, half - 1.8, 6.5, 1.5, 2.6)), _BLACK)
    cabin = both(roof - s.y, s.y, x - profile(s.y, (roof, half * 0.62), (0, half * 0.9)))
    s.solid(cabin, coat)
    s.paint(cover(both(cabin + 1.1, s.y + 0.8)), s.mix(_GLASS, (0.5, 0.6, 0.7)))
    s.solid(both(x - half, -1.5 - s.y, s.y - 6.5), coat)
    s.paint(cover(box(x, s.y, half - 2.2, 2, 1.7, s.between(0.8, 1.4))), (0.95, 0.93, 0.75))
    s.paint(cover(box(x, s.y, 0, 2.2, half - 5, s.between(0.7, 1.5))), (0.15, 0.15, 0.16))
    s.paint(cover(box(x, s.y, 0, 5, 2, 0.7)), (0.9, 0.9, 0.85))


def _truck_front(s: _Scene, coat: np.ndarray, floor) -> None:
    """The cab, the chassis and the wheels of a truck that goes left."""
    top = s.between(-6, -2.5)
    slope = s.between(0, 0.25)
    _shadow(s, 7.5, 13.5)
    s.paint(cover(box(s.x, s.y, 0, floor + 0.8, 12.5, 1)), (0.2, 0.2, 0.21))
    edge = -13 + slope * (floor - s.y) * 0.6
    s.solid(both(top - s.y, s.y - floor - 1.2, edge - s.x, s.x + 5.5), coat)
    glass = both(top + 1 - s.y, s.y - top - 4, edge + 0.8 - s.x, s.x + 6.8)
    s.paint(cover(glass), s.mix(_GLASS, (0.45, 0.55, 0.65)))
    s.paint(cover(box(s.x, s.y, -12.3, floor - 0.4, 0.8, 0.7)), (0.95, 0.9, 0.6))
    radius = s.between(2, 2.7)
    _wheel(s, -9, 6, radius)
    _wheel(s, s.between(2, 4.5), 6, radius)
    _wheel(s, s.between(8.5, 10), 6, radius)


def _draw_box_truck(s: _Scene) -> None:
    s.place((0.75, 1.1), up=-1.0, down=3.0, tilt=0.05)
    load, top = s.paintwork(), s.between(-11, -6.5)
    side = both(top - s.y, s.y - 4.5, -4.8 - s.x, s.x - s.between(11, 13.5))
    s.solid(side, load)
    seams = np.clip(wave(s.x * s.between(0.15, 0.4)), 0, 1) * s.chance(0.4)
    s.paint(cover(side) * seams * 0.35, _BLACK)
    band = both(side + 1.2, np.abs(s.y - s.between(-5, 0)) - s.between(0.6, 2))
    s.paint(cover(band) * s.chance(0.5), s.paintwork())
    _truck_front(s, s.paintwork(), 4)


def _draw_open_truck(s: _Scene) -> None:
    s.place((0.75, 1.1), up=-1.0, down=3.0, tilt=0.05)
    coat = s.paintwork()
    tank = s.chance(0.4)
    height = s.between(-3, 0)
    heap = height + 1 - profile(s.x, (-4, 0), (s.between(1, 6), s.between(1, 5)), (12, 0))
    cargo = both(heap - s.y, s.y - height - 1, -4 - s.x, s.x - 12) + 40 * tank
    s.solid(cargo, s.pick((0.5, 0.38, 0.25), (0.35, 0.35, 0.36), (0.65, 0.5, 0.3)) * (1 + s.noise(2)))
    dump = both(height - s.y, s.y - 4.5, -4.8 - s.x + 0.3 * (s.y - 4), s.x - 12.5 - 0.15 * s.y)
    s.solid(dump + 40 * tank, s.paintwork())
    ribs = np.clip(wave(s.x * 0.25) * 2, 0, 1) * 0.3
    s.paint(cover(dump + 40 * tank) * ribs, _BLACK)
    barrel = capsule(s.x, s.y, (-0.5, 0), (8.5, 0), s.between(3.6, 4.6), 4.2)
    s.solid(barrel + 40 * (1 - tank), s.pick(_WHITE, (0.7, 0.72, 0.75), (0.8, 0.3, 0.15)))
    _truck_front(s, coat, 4)


def _draw_steamer(s: _Scene) -> None:
    s.place((0.7, 1.1), up=-1.0, down=4.0, tilt=0.06)
    coat = s.pick((0.1, 0.12, 0.2), (0.55, 0.12, 0.1), _WHITE, (0.35, 0.38, 0.42), (0.1, 0.25, 0.45))
    deck, keel = s.between(0.5, 2), s.between(5, 6.5)
    half = s.between(11, 14)
    house = s.pick(_WHITE, (0.85, 0.83, 0.75), (0.6, 0.62, 0.65))
    middle, length = s.between(-3, 7), s.between(2.5, 7)
    rows = s.between(3, 6)
    tower = either(
        both(np.abs(s.x - middle) - length, deck - rows - s.y, s.y - deck),
        both(np.abs(s.x - middle) - length * 0.6, deck - rows * 1.6 - s.y, s.y - deck),
    )
    mast = box(s.x, s.y, middle - length * 0.4, deck - 6, 0.5, 6)
    s.solid(mast, (0.3, 0.3, 0.3))
    funnel = box(s.x, s.y, middle + 1, deck - rows * 1.6 - 1.5, s.between(0.8, 1.8), 2.5)
    s.solid(funnel, s.paintwork())
    s.solid(tower, house)
    panes = (wave(s.x * 0.4) > 0) * (wave((s.y - deck) * 0.38 + 0.1) > 0)
    s.paint(cover(tower + 0.5) * panes * 0.7, _GLASS)
    crates = box(s.x, s.y, middle - length - 4, deck - 1, s.between(1.5, 3.5), s.between(1, 2.5))
    s.solid(crates + 40 * s.chance(0.5), s.paintwork())
    bow = half + 0.7 * (deck - s.y)
    hull = both(
        deck - s.y - 0.008 * s.x * s.x, s.y - keel, -bow - s.x, s.x - half + 1 + 0.3 * (s.y - deck)
    )
    s.solid(hull, coat)
    s.paint(cover(both(hull, keel - 1.6 - s.y)) * s.chance(0.5), (0.55, 0.15, 0.12))
    foam = both(np.abs(s.y - keel) - 0.6 - s.noise(2), np.abs(s.x) - half)
    s.paint(cover(foam) * 0.7, _WHITE)


def _draw_sailing_boat(s: _Scene) -> None:
    s.place((0.75, 1.1), up=-1.0, down=3.0, tilt=0.15)
    sail = s.pick(_WHITE, (0.95, 0.92, 0.85), (0.8, 0.3, 0.25), (0.3, 0.45, 0.7), _WHITE)
    top, half = s.between(-13.5, -10), s.between(6.5, 10)
    s.solid(box(s.x, s.y, 0, (top + 6) * 0.5, 0.45, (6 - top) * 0.5), (0.35, 0.25, 0.18))
    main = both(0.6 - s.x, s.y - 4, (s.x - 0.6) - (s.y - top) * (half / (4 - top)))
    jib = both(s.x + 0.6, s.y - 3.5, (-0.6 - s.x) - (s.y - top - 2) * (half * 0.8 / (2 - top)))
    s.solid(main, sail)
    s.solid(jib, sail * 0.9)
    hull = both(4.8 - s.y, s.y - s.between(7.5, 9), np.abs(s.x) - half - 1.5 + 0.7 * (s.y - 4.8))
    s.solid(hull, s.paintwork())
    s.paint(cover(both(np.abs(s.y - 8.6) - 0.5, np.abs(s.x) - half)) * 0.6, _WHITE)


# Animals


def _eye(s: _Scene, x, y, radius=0.8) -> None:
    s.paint(cover(ellipse(s.x, s.y, x, y, radius, radius)), _BLACK)


def _legs(s: _Scene, coat: np.ndarray, fore, hind, hip, foot, thick) -> None:
    """Four legs, the two of the far side darker, in mid-step."""
    for shade, side in ((0.6, s.between(1, 2.5)), (0.92, 0)):
        for x in (fore, hind):
            step = s.between(-2, 2)
            knee = (x + side + step * 0.3, (hip + foot) * 0.5)
            s.solid(capsule(s.x, s.y, (x + side, hip), knee, thick * 1.5, thick), coat * shade)
            s.solid(capsule(s.x, s.y, knee, (x + side + step, foot), thick, thick * 0.8), coat * shade)


def _draw_perched_bird(s: _Scene) -> None:
    s.place((0.75, 1.15), tilt=0.25)
    coat = s.pick(
        (0.5, 0.35, 0.2),
        (0.2, 0.35, 0.65),
        (0.75, 0.15, 0.12),
        (0.8, 0.7, 0.2),
        (0.3, 0.3, 0.32),
        _WHITE,
    )
    wing = coat * s.between(0.4, 0.85)
    belly = s.mix(coat, _WHITE)
    s.solid(
        bar(s.x, s.y, (-15, s.between(9, 12)), (15, s.between(8.5, 12)), 1.1, 0.8), (0.35, 0.25, 0.16)
    )
    for x in (0.5, 3):
        s.solid(bar(s.x, s.y, (x, 4), (x - 0.5, 10.5), 0.5, 0.5), (0.6, 0.4, 0.2))
    s.solid(bar(s.x, s.y, (5, 3), (s.between(11, 14), s.between(3, 9)), 1.9, 1.2), wing)
    stout = s.between(3.8, 5.2)
    s.solid(capsule(s.x, s.y, (-1.5, 0.5), (5, 3), stout, 2.2), coat)
    s.solid(ellipse(s.x, s.y, -2, 3, stout * 0.75, stout * 0.65), belly)
    s.solid(capsule(s.x, s.y, (1, 0.5), (7.5, 3.5), 2.6, 0.8), wing)
    head = s.between(-6.5, -4.5)
    s.solid(bar(s.x, s.y, (-6, head), (s.between(-12, -9.5), head + 0.8), 1.2, 0.2), (0.85, 0.6, 0.15))
    s.solid(
        ellipse(s.x, s.y, -4, head, 3.2, 3), s.pick((0.2, 0.2, 0.2), (0.8, 0.2, 0.15)) * 0.4 + coat * 0.6
    )
    _eye(s, -5, head - 0.5, 0.75)


def _draw_flying_bird(s: _Scene) -> None:
    s.place((0.7, 1.1), tilt=0.4)
    coat = s.pick((0.25, 0.2, 0.18), _WHITE, (0.45, 0.45, 0.48), (0.4, 0.3, 0.2), (0.15, 0.15, 0.17))
    x = np.abs(s.x)
    lift, droop, span = s.between(2, 8), s.between(-3, 5), s.between(10, 14)
    s.solid(capsule(x, s.y, (1, 0), (span * 0.5, -lift), 2.2, 1.7), coat * 0.9)
    s.solid(capsule(x, s.y, (span * 0.5, -lift), (span, -lift + droop), 1.7, 0.3), coat * 0.75)
    s.solid(ellipse(s.x, s.y, 0, 1, 2.4, s.between(2.6, 3.8)), coat)
    s.solid(bar(s.x, s.y, (0, 3), (0, s.between(6, 8)), 1, 2.2), coat * 0.7)
    s.solid(ellipse(s.x, s.y, -0.8, -2.6, 1.7, 1.6), s.mix(coat, _WHITE))
    s.solid(bar(s.x, s.y, (-2, -2.6), (-4.5, -2.2), 0.7, 0.2), (0.9, 0.6, 0.15))


def _cat_coat(s: _Scene) -> np.ndarray:
    return s.pick(
        (0.55, 0.52, 0.5), (0.8, 0.5, 0.22), (0.12, 0.11, 0.11), (0.88, 0.86, 0.82), (0.5, 0.4, 0.3)
    )


def _dog_coat(s: _Scene) -> np.ndarray:
    return s.pick(
        (0.55, 0.35, 0.18), (0.8, 0.62, 0.38), (0.15, 0.13, 0.12), (0.88, 0.86, 0.82), (0.45, 0.4, 0.38)
    )


def _sitting_body(s: _Scene, coat: np.ndarray, lean) -> np.ndarray:
    """The body of a cat or a dog that sits or lies behind its head; returns its distance."""
    body = ellipse(s.x, s.y, lean, s.between(7, 9), 6 + np.abs(lean) * 0.5, s.between(6, 8))
    s.solid(body, coat * 0.9)
    for x in (-2.2, 2.2):
        s.solid(capsule(s.x, s.y, (x, 6), (x, 13), 1.6, 1.7), coat)
    return body


def _draw_cat_face(s: _Scene) -> None:
    s.place((0.8, 1.25), up=-1.0, down=4.0, tilt=0.2)
    coat = _cat_coat(s)
    lean = s.between(0, 7)
    tail = (lean + 6, 11), (lean + 9, s.between(0, 6))
    s.solid(capsule(s.x, s.y, *tail, 1.5, 1.2), coat * 0.8)
    body = _sitting_body(s, coat, lean)
    x = np.abs(s.x)
    ear = (s.between(4.2, 5.6), s.between(-13.5, -12))
    s.solid(bar(x, s.y, (3.2, -7.5), ear, 2.7, 0.2), coat * 0.9)
    s.paint(cover(bar(x, s.y, (3.4, -8), ear, 1.4, 0)), (0.8, 0.55, 0.52))
    face = ellipse(s.x, s.y, 0, -4.5, s.between(5.2, 6.4), s.between(4.6, 5.4))
    s.solid(face, coat)
    stripes = np.clip(wave(s.y * 0.3 + x * 0.1) * 2, 0, 1) * s.chance(0.5) * 0.45
    s.paint(cover(either(face, body)) * stripes * (x > 1), coat * 0.3)
    s.solid(ellipse(x, s.y, 1.1, -2.4, 1.7, 1.4), s.mix(coat, _WHITE))
    s.paint(
        cover(ellipse(x, s.y, 2.5, -5.2, 1.5, 1.2)),
        s.pick((0.55, 0.7, 0.25), (0.85, 0.7, 0.2), (0.4, 0.6, 0.75)),
    )
    s.paint(cover(ellipse(x, s.y, 2.5, -5.2, 0.6, 1.1)), _BLACK)
    s.paint(cover(ellipse(s.x, s.y, 0, -3.2, 0.9, 0.6)), (0.75, 0.4, 0.4))
    for slope in (-0.5, 0.8):
        whisker = bar(x, s.y, (2.4, -2.4), (8, -2.4 + slope), 0.3, 0.2)
        s.paint(cover(whisker) * 0.5, _WHITE)


def _draw_dog_face(s: _Scene) -> None:
    s.place((0.8, 1.25), up=-1.0, down=4.0, tilt=0.2)
    coat = _dog_coat(s)
    _sitting_body(s, coat, s.between(0, 5))
    x = np.abs(s.x)
    s.solid(ellipse(s.x, s.y, 0, -4.5, s.between(4.6, 5.8), s.between(5.2, 6.2)), coat)
    muzzle = s.mix(coat, _WHITE)
    drop = s.between(-2, 2)
    s.solid(
        capsule(x, s.y, (4.4, -8), (s.between(5.4, 7.5), drop), 1.8, 2.1), coat * s.between(0.45, 0.9)
    )
    s.solid(ellipse(s.x, s.y, 0, -1, s.between(2.6, 3.4), s.between(2.6, 3.4)), muzzle)
    tongue = ellipse(s.x, s.y, 0, 2, 1.1, s.between(1.4, 2.4))
    s.paint(cover(tongue) * s.chance(0.5), (0.85, 0.4, 0.42))
    s.paint(cover(ellipse(s.x, s.y, 0, -2.4, 1.7, 1.2)), _BLACK)
    s.paint(cover(ellipse(x, s.y, 2.3, -5.8, 0.95, 0.95)), _BLACK)
    s.paint(cover(bar(s.x, s.y, (0, -10), (0, -4), s.between(0.5, 1.2), 0.6)) * s.chance(0.35), _WHITE)


def _draw_cat_from_the_side(s: _Scene) -> None:
    s.place((0.8, 1.2), up=-1.0, down=3.0)
    coat = _cat_coat(s)
    _shadow(s, 10.5, 10)
    rise = s.between(-9, 0)
    s.solid(capsule(s.x, s.y, (7, 1), (11, s.between(-3, 2)), 1.2, 1.1), coat * 0.85)
    s.solid(capsule(s.x, s.y, (11, -1), (s.between(9, 13), rise), 1.2, 0.9), coat * 0.85)
    _legs(s, coat, -4, 5.5, 4, 10.5, 1.2)
    body = capsule(s.x, s.y, (-4, 2), (6, 2), 3.3, 3.6)
    s.solid(body, coat)
    x = np.abs(s.x + 7)
    head = s.between(-4.5, -1)
    s.solid(bar(x, s.y, (2.4, head - 2.5), (3.2, head - 6.8), 1.7, 0.2), coat * 0.9)
    face = ellipse(s.x, s.y, -7, head, 4, 3.6)
    s.solid(face, coat)
    stripes = np.clip(wave(s.x * 0.3) * 2, 0, 1) * s.chance(0.55) * 0.45
    s.paint(cover(body) * stripes, coat * 0.3)
    s.paint(cover(ellipse(x, s.y, 1.6, head - 0.4, 1, 0.8)), s.pick((0.55, 0.7, 0.25), (0.85, 0.7, 0.2)))
    s.paint(cover(ellipse(x, s.y, 0, head + 1.2, 0.7, 0.5)), (0.75, 0.4, 0.4))


def _draw_dog_from_the_side(s: _Scene) -> None:
    s.place((0.8, 1.2), up=-1.0, down=3.0)
    coat = _dog_coat(s)
    _shadow(s, 11.5, 10)
    s.solid(capsule(s.x, s.y, (8, 0), (s.between(10, 13), s.between(-7, 1)), 1.1, 0.6), coat * 0.85)
    _legs(s, coat, -4.5, 6.5, 3, 11.5, 1.2)
    s.solid(capsule(s.x, s.y, (-4, 1), (6.5, 0.5), 3.6, 3), coat)
    head = s.between(-7, -4)
    s.solid(capsule(s.x, s.y, (-5, 0), (-7, head), 2.8, 2.4), coat)
    s.solid(capsule(s.x, s.y, (-7.5, head), (-12, head + 1.5), 3, 1.5), coat)
    s.paint(cover(ellipse(s.x, s.y, -13, head + 0.9, 1, 0.9)), _BLACK)
    s.solid(
        capsule(s.x, s.y, (-5.5, head - 1.5), (-4.2, head + 3), 1.3, 1.5), coat * s.between(0.4, 0.8)
    )
    _eye(s, -8.6, head - 0.8)
    collar = bar(s.x, s.y, (-7.5, head + 3.4), (-3, head + 2.2), 0.6, 0.6)
    s.paint(cover(collar) * s.chance(0.4), s.paintwork())


def _draw_deer(s: _Scene) -> None:
    s.place((0.75, 1.15), up=-1.0, down=3.0)
    coat = s.mix((0.42, 0.26, 0.14), (0.72, 0.5, 0.3))
    _legs(s, coat, -4.5, 6, 2, 13, 0.75)
    s.solid(capsule(s.x, s.y, (-4.5, 0.5), (6, 0), s.between(2.6, 3.3), 3), coat)
    s.paint(cover(ellipse(s.x, s.y, 8.2, 0, 1.2, 1.8)) * s.chance(0.7), _WHITE)
    spots = np.clip(wave(s.x * 0.33) * 3, 0, 1) * np.clip(wave(s.y * 0.4) * 3, 0, 1)
    s.paint(cover(ellipse(s.x, s.y, 2, -1, 6, 2)) * spots * s.chance(0.3) * 0.8, _WHITE)
    nape = (s.between(-9, -7), s.between(-8, -5.5))
    s.solid(capsule(s.x, s.y, (-5, 0), nape, 2, 1.4), coat)
    muzzle = (nape[0] - 3.6, nape[1] + 1.6)
    antlers = 40 * s.chance(0.25)
    bone = s.mix((0.5, 0.4, 0.28), (0.8, 0.72, 0.55))
    tall = s.between(4.5, 6.5)
    for lean in (-2.2, 3.2):
        fork = (nape[0] + lean * 0.8, nape[1] - tall * 0.55)
        tip = (nape[0] + lean * 1.1, nape[1] - tall - 1)
        s.solid(capsule(s.x, s.y, nape, fork, 0.65, 0.6) + antlers, bone)
        s.solid(capsule(s.x, s.y, fork, tip, 0.6, 0.45) + antlers, bone)
        s.solid(capsule(s.x, s.y, fork, (fork[0] - 2, fork[1] - 2.2), 0.55, 0.4) + antlers, bone)
    s.solid(capsule(s.x, s.y, nape, (nape[0] + 3, nape[1] - 1.6), 0.9, 0.7), coat * 0.8)
    s.solid(capsule(s.x, s.y, nape, muzzle, 1.8, 0.9), coat)
    s.paint(cover(ellipse(s.x, s.y, *muzzle, 0.8, 0.7)), _BLACK)
    _eye(s, nape[0] - 1, nape[1] - 0.2, 0.6)


def _draw_horse(s: _Scene) -> None:
    s.place((0.75, 1.15), up=-1.0, down=3.0)
    coat = s.pick(
        (0.4, 0.22, 0.12), (0.6, 0.35, 0.18), (0.12, 0.1, 0.1), (0.85, 0.83, 0.8), (0.5, 0.48, 0.46)
    )
    mane = coat * s.between(0.15, 0.7)
    fence = either(np.abs(s.row - s.between(-3, 1)) - 0.6, np.abs(s.row - s.between(3, 6)) - 0.6)
    s.paint(cover(fence) * s.chance(0.25), (0.75, 0.7, 0.62))
    s.solid(capsule(s.x, s.y, (8.5, -1.5), (s.between(10.5, 13.5), s.between(3, 8)), 1.3, 1.1), mane)
    _legs(s, coat, -5, 6, 2, 13, s.between(1, 1.3))
    s.solid(capsule(s.x, s.y, (-5, 0), (6, -0.5), s.between(3.6, 4.3), 4), coat)
    poll = (s.between(-10, -8), s.between(-10, -7))
    s.solid(capsule(s.x, s.y, (-4, -1.5), (poll[0] + 2.2, poll[1] + 0.5), 1.8, 1.5), mane)
    s.solid(capsule(s.x, s.y, (-5.5, -0.5), poll, 3.2, 1.9), coat)
    s.solid(bar(s.x, s.y, poll, (poll[0] + 0.8, poll[1] - 3.2), 0.9, 0.2), coat * 0.85)
    muzzle = (poll[0] - s.between(2, 3.5), poll[1] + s.between(4.5, 5.5))
    s.solid(capsule(s.x, s.y, poll, muzzle, 2, 1.4), coat)
    blaze = capsule(s.x, s.y, (poll[0] - 1.4, poll[1]), muzzle, 0.6, 0.6)
    s.paint(cover(blaze) * s.chance(0.35), _WHITE)
    _eye(s, poll[0] - 0.4, poll[1] + 0.6, 0.6)
    saddle = both(ellipse(s.x, s.y, 0.5, -3.5, 3, 2.5), s.y)
    s.paint(cover(saddle) * s.chance(0.25), s.paintwork())


def _frog_skin(s: _Scene) -> np.ndarray:
    return s.pick(
        (0.3, 0.5, 0.12), (0.45, 0.62, 0.2), (0.42, 0.36, 0.2), (0.3, 0.34, 0.2), (0.55, 0.4, 0.25)
    )


def _warts(s: _Scene, distance: np.ndarray, skin: np.ndarray) -> None:
    spots = np.clip(s.noise(2) * 6 - 0.8, 0, 1) * s.chance(0.6)
    s.paint(cover(distance + 0.5) * spots * 0.6, skin * 0.3)


def _draw_frog_from_the_front(s: _Scene) -> None:
    s.place((0.7, 1.15), tilt=0.2)
    skin = _frog_skin(s)
    x = np.abs(s.x)
    _shadow(s, 10, 12)
    s.solid(ellipse(x, s.y, 8.5, 6, 3.6, s.between(3.5, 4.5)), skin * 0.75)
    s.solid(capsule(x, s.y, (8, 9.5), (s.between(10.5, 13), 10.5), 1, 0.8), skin * 0.7)
    body = ellipse(s.x, s.y, 0, s.between(2.5, 4), s.between(8, 9.5), s.between(5.5, 7))
    s.solid(body, skin)
    _warts(s, body, skin)
    s.solid(capsule(x, s.y, (4.5, 6), (4.8, 10.5), 1.4, 1.2), skin * 0.85)
    s.solid(ellipse(s.x, s.y, 0, 7, 4, 3), s.mix(skin, (0.9, 0.9, 0.7)))
    mouth = np.abs(s.y - 3.6 + 0.02 * s.x * s.x) - 0.4
    s.paint(cover(both(mouth, x - 6.5)) * 0.8, skin * 0.25)
    apart = s.between(4, 5.5)
    s.solid(ellipse(x, s.y, apart, -3, 2.7, 2.6), skin * 1.05)
    s.paint(cover(ellipse(x, s.y, apart, -3.2, 1.8, 1.7)), s.pick((0.85, 0.7, 0.2), (0.75, 0.4, 0.15)))
    s.paint(cover(ellipse(x, s.y, apart, -3.2, 1.2, 0.8)), _BLACK)


def _draw_frog_from_the_side(s: _Scene) -> None:
    s.place((0.7, 1.15), tilt=0.2)
    skin = _frog_skin(s)
    _shadow(s, 9.5, 12)
    body = capsule(s.x, s.y, (-5, s.between(-1.5, 1)), (5, 4.5), 4.4, 3.6)
    s.solid(body, skin)
    _warts(s, body, skin)
    s.solid(capsule(s.x, s.y, (-7, 3), (-1, 6.5), 2, 2), s.mix(skin, (0.9, 0.9, 0.7)))
    thigh = capsule(s.x, s.y, (3, 6.5), (s.between(8, 10), 4), 2.6, 2.2)
    s.paint(cover(thigh - 0.8), skin * 0.4)
    s.solid(thigh, skin * 0.9)
    s.solid(capsule(s.x, s.y, (3, 9), (s.between(8, 11), 9.5), 1.2, 1), skin * 0.75)
    s.solid(capsule(s.x, s.y, (-3.5, 5), (-5, 9.5), 1.4, 1.1), skin * 0.85)
    s.paint(cover(bar(s.x, s.y, (-9.5, 1.5), (-3, 2.2), 0.45, 0.4)) * 0.8, skin * 0.25)
    eye = (s.between(-6, -4.5), s.between(-5, -3.5))
    s.solid(ellipse(s.x, s.y, *eye, 2.5, 2.3), skin * 1.05)
    s.paint(cover(ellipse(s.x, s.y, *eye, 1.6, 1.5)), s.pick((0.85, 0.7, 0.2), (0.75, 0.4, 0.15)))
    s.paint(cover(ellipse(s.x, s.y, *eye, 1.0, 0.7)), _BLACK)


# For each class, its variants: weight, background and motif.
_Variant = tuple[float, Callable[[_Scene], None], Callable[[_Scene], None]]
_MOTIFS: tuple[tuple[_Variant, ...], ...] = (
    (
        (2, _Scene.sky, _draw_airplane_from_the_side),
        (1, _Scene.runway, _draw_airplane_from_the_side),
        (2, _Scene.sky, _draw_airplane_from_below),
    ),
    (
        (3, _Scene.road, _draw_car_from_the_side),
        (1, _Scene.meadow, _draw_car_from_the_side),
        (2, _Scene.road, _draw_car_from_the_front),
    ),
    (
        (2, _Scene.undergrowth, _draw_perched_bird),
        (1, _Scene.sky, _draw_perched_bird),
        (1, _Scene.meadow, _draw_perched_bird),
        (2, _Scene.sky, _draw_flying_bird),
        (1, _Scene.sea, _draw_flying_bird),
    ),
    (
        (2, _Scene.room, _draw_cat_face),
        (1, _Scene.undergrowth, _draw_cat_face),
        (2, _Scene.room, _draw_cat_from_the_side),
        (1, _Scene.meadow, _draw_cat_from_the_side),
    ),
    (
        (3, _Scene.meadow, _draw_deer),
        (2, _Scene.undergrowth, _draw_deer),
        (1, _Scene.road, _draw_deer),
    ),
    (
        (2, _Scene.room, _draw_dog_face),
        (1, _Scene.undergrowth, _draw_dog_face),
        (1, _Scene.room, _draw_dog_from_the_side),
        (2, _Scene.meadow, _draw_dog_from_the_side),
    ),
    (
        (2, _Scene.undergrowth, _draw_frog_from_the_front),
        (1, _Scene.room, _draw_frog_from_the_front),
        (2, _Scene.undergrowth, _draw_frog_from_the_side),
        (1, _Scene.meadow, _draw_frog_from_the_side),
    ),
    (
        (4, _Scene.meadow, _draw_horse),
        (1, _Scene.beach, _draw_horse),
        (1, _Scene.road, _draw_horse),
    ),
    (
        (3, _Scene.sea, _draw_steamer),
        (2, _Scene.sea, _draw_sailing_boat),
    ),
    (
        (3, _Scene.road, _draw_box_truck),
        (2, _Scene.road, _draw_open_truck),
        (1, _Scene.meadow, _draw_open_truck),
    ),
)
