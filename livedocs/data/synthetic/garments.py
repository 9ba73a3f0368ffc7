"""Fashion-MNIST, imitated: drawn garments."""

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
    cover,
    draw_classes,
    either,
    ellipse,
    profile,
    smooth_noise,
    split,
    wave,
)

__all__ = ["synthetic_fashion_mnist"]

_SIDE = 28
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
    return split(_fashion_images(), _TRAIN_IMAGES)


@functools.cache
def _fashion_images() -> Images:
    total = _TRAIN_IMAGES + _TEST_IMAGES
    draws = [functools.partial(_drawn, draw) for draw in _GARMENTS]
    return draw_classes(_FASHION_SEED, total, 4, (_SIDE, _SIDE), draws)


def _drawn(draw: Callable[[_Sketch], None], rng: np.random.Generator, n: int) -> np.ndarray:
    sketch = _Sketch(rng, n)
    draw(sketch)
    return sketch.pixels()


class _Sketch(Batch):
    """A batch of `n` images being drawn together, one shape at a time.

    `x` and `y` are the coordinates of the pixels' centres, arrays of shape
    `(n, 28, 28)`: pixels, origin at the centre of the image, `y` downwards,
    seen through each image's own shift, scale, tilt and slant. Random
    parameters have shape `(n, 1, 1)`. Everything is `float32`. `ink` holds the
    greys, 0 to 1.
    """

    def __init__(self, rng: np.random.Generator, n: int) -> None:
        super().__init__(rng, n)
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
        folds = wave(
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
        rows = wave(self.y * self.between(0.14, 0.34) + self.between(0.0, 1.0))
        columns = wave(self.x * self.between(0.14, 0.34) + self.between(0.0, 1.0))
        amount = self.between(0.1, 0.42)
        self.shade(
            1
            - amount * striped * np.clip(2.5 * rows + 0.5, 0, 1)
            - amount * checked * (0.5 + 0.25 * (rows + columns))
            - amount * printed * self.blotches()
        )

    def blotches(self) -> np.ndarray:
        """Smooth random spots, 0 to 1, about four pixels wide."""
        spots = smooth_noise(self.rng, self.n, _SIDE, 4)
        return np.clip(spots * 3 - 1, 0, 1)

    def pixels(self) -> np.ndarray:
        """The finished images: `uint8`, shape `(n, 28, 28)`."""
        return np.rint(np.clip(self.ink, 0, 1) * 255).astype(np.uint8)


# Garments


def _torso(s: _Sketch, top, shoulder, chest, waist, hip, hem, neck) -> np.ndarray:
    """Distance to the body of an upper garment; half-widths by height."""
    drop = s.between(1.2, 2.4)
    half = profile(
        s.y,
        (top, neck),
        (top + drop, shoulder),
        (top + 6, chest),
        (top + 14, waist),
        (hem, hip),
    )
    return both(np.abs(s.x) - half, top - s.y, s.y - hem)


def _sleeves(s: _Sketch, top, shoulder, length, spread) -> np.ndarray:
    """Distance to a pair of sleeves; `spread` is the sine of their angle with the body."""
    start = (shoulder - 1.7, top + 2.4)
    fall = np.sqrt(1 - spread * spread)
    end = (start[0] + length * spread, start[1] + length * fall)
    return bar(np.abs(s.x), s.y, start, end, s.between(2.2, 3.1), s.between(1.4, 2.2))


def _opening(s: _Sketch, top, neck, pointed, depth) -> np.ndarray:
    """Distance to the hole of a round or pointed neckline."""
    x = np.abs(s.x)
    scoop = ellipse(s.x, s.y, 0, top - 0.4, neck * 0.95, depth)
    vee = both(x * 0.9 + (s.y - top) * (neck / (depth + 1)) - neck * 0.9, top - 2 - s.y)
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

    s.paint(cover(arms), grey * s.between(0.8, 1.05))
    s.paint(cover(body - 0.9) * (arms < 0.5), grey * s.between(0.35, 0.8))
    s.paint(cover(body), grey)
    s.print_cloth(*fabric)

    hole = _opening(s, top, neck, s.chance(pointed), s.between(1.2, 4.2))
    s.paint(cover(hole - s.between(0.3, 1.1)) * (s.ink > 0), s.accent(grey))
    s.paint(cover(hole) * (s.ink > 0), grey * 0.4 * s.chance(0.5))
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
    motif = cover(ellipse(s.x, s.y, cx, cy, rx, ry)) * round_
    motif += cover(box(s.x, s.y, cx, cy, rx, ry)) * square
    s.paint(motif * g["detailed"] * s.between(0.6, 1), s.accent(g["grey"]))
    s.relief()


def _draw_pullover(s: _Sketch) -> None:
    g = _upper_garment(
        s, hem=(8.8, 13.4), long=0.87, none=0.02, pointed=0.2, loose=0.3, fabric=(5, 2.5, 0.8, 1.7)
    )
    # Ribbed waistband, sometimes; a broad band across the chest, sometimes.
    ribs = 0.8 + 0.2 * wave(s.x * s.between(0.35, 0.5))
    band = (
        cover(np.maximum(g["body"], g["hem"] - s.between(1.5, 2.8) - s.y))
        * s.chance(0.85)
        * g["detailed"]
    )
    s.shade(1 - band * (1 - ribs * s.between(0.55, 0.9)))
    height = s.between(-7, 3)
    stripe = cover(np.abs(s.y - height) - s.between(1, 3)) * (s.ink > 0) * s.chance(0.25) * g["detailed"]
    s.paint(stripe, s.accent(g["grey"]))
    s.relief(1.2)


def _draw_coat(s: _Sketch) -> None:
    g = _upper_garment(
        s, hem=(9, 13.6), long=0.9, none=0.03, pointed=0.5, loose=0.3, fabric=(7, 0.5, 0.8, 1)
    )
    inside = cover(g["body"]) * g["detailed"]
    trim = s.accent(g["grey"])
    # The front edge, or the front left ajar over the lining.
    off = s.between(-0.6, 0.6)
    ajar = s.chance(0.75)
    gap = s.between(0.3, 0.8) + ajar * profile(s.y, (g["top"], 0.4), (g["hem"], s.between(1, 3)))
    s.paint(cover(np.abs(s.x - off) - gap) * inside * s.chance(0.92), trim)
    # Lapels: two slanting edges from the neck to the chest.
    end = g["top"] + s.between(5, 10)
    edge = bar(np.abs(s.x - off), s.y, (g["neck"], g["top"]), (0.4, end), 0.6, 0.6)
    s.paint(cover(edge) * inside * s.chance(0.8), trim)
    buttons = cover(np.abs(s.x - off - 1.4) - 0.5) * cover(np.abs((s.y % 4) - 2) - 0.6)
    s.paint(buttons * (s.y > end) * inside * s.chance(0.5), trim)
    pocket = box(np.abs(s.x), s.y, s.between(3, 4.5), s.between(3, 7), s.between(1.2, 2), 0.5)
    s.paint(cover(pocket) * inside * s.chance(0.5), trim)
    belt = cover(np.abs(s.y - s.between(0, 3)) - s.between(0.6, 1.2)) * s.chance(0.15)
    s.paint(belt * inside, trim)
    s.relief(1.1)


def _draw_shirt(s: _Sketch) -> None:
    g = _upper_garment(
        s, hem=(9, 13.5), long=0.6, none=0.1, pointed=0.5, loose=0.15, fabric=(4, 0.6, 1.8, 1)
    )
    inside = cover(g["body"]) * g["detailed"]
    trim = s.accent(g["grey"])
    buttoned = s.chance(0.88)
    off = s.between(-0.4, 0.4)
    placket = cover(np.abs(s.x - off) - s.between(0.4, 1.0)) * inside * buttoned
    s.paint(placket * s.between(0.65, 1), trim)
    buttons = cover(np.abs(s.x - off) - 0.5) * cover(np.abs((s.y % 3.5) - 1.75) - 0.5)
    s.paint(buttons * inside * buttoned * s.chance(0.7), trim)
    # The two points of the collar.
    tip = g["top"] + s.between(2, 4)
    collar = bar(np.abs(s.x), s.y, (g["neck"], g["top"] - 0.3), (0.9, tip), 1.3, 0.5)
    s.paint(cover(collar) * s.chance(0.8) * g["detailed"], trim)
    pocket = box(s.x, s.y, s.between(2.4, 3.6), s.between(-5, -3), 1.5, s.between(1, 1.6))
    s.paint((cover(pocket) - cover(pocket + 0.9)) * inside * s.chance(0.7), trim)
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
    outer = profile(s.y, (top, waist), (crotch, hip), (hem, foot))
    inner = profile(s.y, (crotch - 1, -1), (crotch + 0.5, 0), (hem, opening))
    shape = both(x - outer, inner - x, top - s.y, s.y - hem)
    grey = s.grey()
    s.paint(cover(shape), grey)
    s.print_cloth(8, 0.4, 0.4, 0.8)
    # A crease or a worn patch along each leg; the fly and the waistband.
    middle = (outer + np.maximum(inner, 0)) * 0.5
    s.shade(1 + s.between(-0.25, 0.25) * cover(np.abs(x - middle) - s.between(0.2, 1)))
    fly = cover(both(np.abs(s.x) - 0.4, s.y - crotch, top + 1.5 - s.y))
    s.shade(1 - 0.5 * fly * s.chance(0.6))
    s.shade(1 - s.between(-0.1, 0.5) * cover(np.abs(s.y - top - 1) - 0.6))
    pocket = bar(x, s.y, (waist * 0.5, top + 1.5), (hip, top + 4), 0.4, 0.4)
    s.shade(1 - 0.4 * cover(pocket) * s.chance(0.5))
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
    half = profile(
        s.y,
        (top, neck),
        (top + 1.5, shoulder),
        (top + 5, chest),
        (height, waist),
        (height + 5, hip),
        (hem, skirt),
    )
    body = both(np.abs(s.x) - half, top - s.y, s.y - hem)
    grey = s.grey()
    bare, short, long = s.choose(5, 3, 2)
    reach = short * s.between(3, 6.5) + (1 - short) * s.between(11, 17)
    spread = long * s.between(0.08, 0.28) + (1 - long) * s.between(0.25, 0.6)
    arms = _sleeves(s, top, shoulder, reach, spread) + 0.5 + 40 * bare
    s.paint(cover(arms), grey * s.between(0.8, 1.05))
    s.paint(cover(body - 0.8) * (arms < 0.5), grey * s.between(0.35, 0.8))
    s.paint(cover(body), grey)
    s.print_cloth(6, 1, 0.6, 2.4)
    # Straps: the cloth between the shoulders and the bust is cut away.
    strap = shoulder - s.between(0.8, 1.8)
    cut = both(np.abs(s.x) - strap, s.y - top - s.between(2.5, 5.5))
    straps = bare * s.chance(0.5)
    s.erase(cover(cut) * straps)
    hole = _opening(s, top, neck, s.chance(0.45), s.between(1.2, 4.5))
    s.paint(cover(hole) * (1 - straps), grey * 0.35 * s.chance(0.4))
    belt = cover(both(np.abs(s.y - height) - s.between(0.4, 1.1), body)) * s.chance(0.4)
    s.paint(belt, s.accent(grey))
    slit = np.abs(s.x) - profile(s.y, (height + 3, -1), (hem, s.between(0, 1.6)))
    s.erase(cover(slit) * s.chance(0.15))
    # Pleats fan out below the waist.
    fan = wave(s.x / (half + 1) * s.between(1, 2.2) + s.between(0, 1))
    s.shade(1 + s.between(0, 0.22) * fan * (s.y > height))
    s.relief()


def _foot(s: _Sketch, ground, sole, *heights: tuple) -> np.ndarray:
    """Distance to a shoe seen from its left: toe at the left, knots of height over the sole."""
    roof = ground - sole - profile(s.x, *heights)
    return both(roof - s.y, s.y - ground, np.abs(s.x) - 13)


def _laces(s: _Sketch, start: tuple, end: tuple) -> np.ndarray:
    """Coverage of the rungs of a lacing along a line."""
    line = bar(s.x, s.y, start, end, 1.1, 1.1)
    rungs = wave((s.x * 0.6 + s.y) * s.between(0.32, 0.5))
    return cover(line) * np.clip(rungs * 3, 0, 1)


def _draw_sandal(s: _Sketch) -> None:
    flat, heeled, wedged = s.choose(4, 3.5, 1.6)
    rise = flat * s.between(0, 1.2) + heeled * s.between(4, 10) + wedged * s.between(2.5, 6)
    ground = s.between(3, 4.5) + 0.5 * rise
    thick = s.between(0.5, 1.3) + flat * s.between(0, 1)
    ball = s.between(-5, -2)
    heel = s.between(9, 12)
    sole = ground - profile(s.x, (ball, 0), (ball + 6, rise * 0.55), (heel - 3, rise))
    grey = s.between(0.4, 1)
    dark = grey * s.between(0.5, 1)
    length = both(-12.8 - s.x, s.x - heel - 0.8)

    wedge = both(sole - thick - s.y, s.y - ground, length, ball - s.x) + 40 * (1 - wedged)
    s.paint(cover(wedge), dark)
    post = bar(
        s.x, s.y, (heel - 0.6, ground - rise), (heel - s.between(-0.3, 1), ground + 0.2),
        s.between(0.7, 2.3), s.between(0.4, 1.6),
    )  # fmt: skip
    s.paint(cover(post + 40 * (1 - heeled)), dark)
    s.paint(cover(both(np.abs(s.y - sole) - thick, length)), dark)

    # Straps: arches over the toes and the instep, a stay at the heel, a ring round the ankle.
    r = s.between(0.45, 1.3)
    low = ground - thick
    for centre, width, height, chance in ((-8.4, 2.8, 3.6, 1), (-4.2, 3.2, 5.4, 0.6)):
        cx = s.between(centre - 1, centre + 1)
        wide, tall = s.between(width - 0.6, width + 0.8), s.between(height - 1, height + 1)
        arch = both(ellipse(s.x, s.y, cx, low, wide, tall), s.y - low)
        worn = s.chance(chance)
        s.paint(cover(arch) * worn * s.chance(0.4), grey * 0.35)  # the lining, in the shade
        s.paint(cover(np.abs(arch) - r) * worn, grey)
    toes = ellipse(s.x, s.y, s.between(-9, -6), low, s.between(2.5, 4.5), s.between(3, 5))
    s.paint(cover(both(toes, s.y - low)) * s.chance(0.35), grey)
    ankle = ground - rise - s.between(5.5, 8.5)
    stay = bar(s.x, s.y, (heel - 0.4, ground - rise), (heel - 1.2, ankle), r, r * 0.8)
    has_ankle = s.chance(0.75)
    s.paint(cover(stay) * has_ankle, grey)
    ring = np.abs(ellipse(s.x, s.y, heel - 4, ankle, s.between(2.6, 3.8), s.between(0.9, 1.8)))
    s.paint(cover(ring - r * 0.7) * has_ankle, grey)
    instep = (s.between(-5, -1), low - rise * 0.3 - 3)
    strap = bar(s.x, s.y, instep, (heel - 6.5, ankle), r * 0.7, r * 0.7)
    s.paint(cover(strap) * has_ankle * s.chance(0.6), grey)
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
    upper = cover(shape)
    s.paint(upper, grey)
    s.print_cloth(7, 0.3, 0.4, 1.5)
    cap = ellipse(s.x, s.y, -11.5, ground - sole, s.between(2, 4.5), 3.5)
    s.paint(cover(cap) * upper * s.chance(0.4), trim)
    s.paint(upper * cover(9.8 - s.x) * s.chance(0.35), trim)
    # Two or three slanting stripes on the side.
    stripes = wave((s.x + s.y * s.between(0.4, 0.9)) * s.between(0.25, 0.4) + s.between(0, 1))
    side = box(s.x, s.y, s.between(-1, 4), ground - sole - 2.5, s.between(2.5, 4.5), 2.2)
    s.paint(np.clip(stripes * 3, 0, 1) * cover(side) * upper * s.chance(0.5), trim)
    s.paint(
        _laces(s, (-5, ground - sole - toe - 1.4), (1, ground - sole - collar + 0.5)) * upper,
        s.accent(grey),
    )
    band = cover(np.abs(s.y - ground + sole * 0.5) - sole * 0.5) * upper
    s.paint(band * s.chance(0.85), s.between(0.3, 1))
    s.shade(1 - 0.35 * cover(np.abs(s.y - ground + sole) - 0.4) * upper)
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
    loop = np.abs(ellipse(s.x, s.y, 0, top + 0.5, width, room + 0.5)) - s.between(0.5, 1.1)
    s.paint(cover(both(loop, s.y - top - 0.5)) * (handle + strap), grey * s.between(0.6, 1.1))
    s.paint(cover(body), grey)
    s.print_cloth(6, 0.5, 1, 2)
    inside = cover(body + 0.3)
    # A flap, straight or curved, with its clasp; or a zip; or side panels.
    flap, zip_, panels, _ = s.choose(3, 2, 1.5, 2)
    fold = cy + s.between(-0.5, 0.4) * half_y + s.between(-0.02, 0.02) * s.x * s.x
    s.shade(1 - s.between(0.25, 0.7) * cover(np.abs(s.y - fold) - 0.5) * inside * flap)
    s.paint(cover(box(s.x, s.y, 0, fold, s.between(0.6, 1.6), 1)) * inside * flap, trim)
    s.paint(cover(np.abs(s.y - top - 1.8) - 0.45) * inside * zip_, trim)
    s.shade(1 - s.between(0.2, 0.6) * cover(half_x * 0.62 - np.abs(s.x)) * inside * panels)
    quilt = wave((s.x + s.y) * 0.2) * wave((s.x - s.y) * 0.2)
    s.shade(1 + 0.2 * quilt * s.chance(0.15))
    s.relief(1.2)


def _draw_ankle_boot(s: _Sketch) -> None:
    total = s.between(11, 25)
    ground = total * 0.5 + s.between(-0.3, 1)
    top = ground - total
    heel = s.chance(0.5) * s.between(0.08, 0.28) * total
    sole = s.between(0.6, 1.6)
    base = ground - profile(s.x, (-3, 0), (5, heel))
    toe = s.between(2, 3.8)
    instep = s.between(0.6, 0.85) * (total - heel - 2)
    instep = np.minimum(instep, s.between(6, 9))
    front = s.between(-0.5, 3.5)
    back = s.between(10.5, 12.6)
    roof = base - sole - profile(s.x, (-13, toe * 0.4), (-11, toe), (-6, toe + 1), (front, instep))
    foot = both(roof - s.y, s.y - base, -12.8 - s.x, s.x - back)
    lean = s.between(-0.08, 0.12)
    shaft = both(front - 0.8 + lean * (s.y - top) - s.x, s.x - back, top - s.y, s.y - base + sole)
    shape = either(foot, shaft)
    grey = s.grey()
    trim = s.accent(grey)
    upper = cover(shape)
    start, end = (back - 2.2, ground - heel), (back - 1.6, ground + 0.2)
    post = bar(s.x, s.y, start, end, 2.2, s.between(0.6, 2.2))
    s.paint(cover(post) * (heel > 0), grey * s.between(0.4, 1))
    s.paint(upper, grey)
    s.print_cloth(8, 0.2, 0.2, 1.2)
    laced, elastic, zipped, cuffed, _ = s.choose(3, 2, 1.5, 1.5, 2)
    s.paint(_laces(s, (-5, ground - sole - toe - 1.5), (front + 1.2, top + 2)) * upper * laced, trim)
    panel = bar(s.x, s.y, ((front + back) * 0.5, top), ((front + back) * 0.5, top + 8), 2.2, 1)
    s.paint(cover(panel) * upper * elastic, grey * s.between(0.2, 0.6))
    seam = cover(np.abs(s.x - (front + back) * 0.5) - 0.45) * upper * (s.y < base - 2)
    s.paint(seam * zipped, trim)
    s.paint(cover(np.abs(s.y - top - 1) - s.between(0.8, 2)) * upper * cuffed, trim)
    rubber = cover(np.abs(s.y - base + sole * 0.5) - sole * 0.5)
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
