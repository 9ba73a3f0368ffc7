"""The site's logo as pixels, for what asks for a picture and takes no SVG: cards, icons of a phone."""

from __future__ import annotations

import io

RED, WHITE = "#c4232b", "#ffffff"
#: As in docs/assets/logo.svg, in the units of its box.
BOX, CORNER, WIDTH = 32, 7, 3.2
STROKES = (((8, 7), (8, 25)), ((8, 16.5), (16, 8)), ((11.5, 13), (19, 25)))
ARROW = ((20, 9.5), (26.5, 14), (20, 18.5))
#: Drawn this much larger, and made smaller: no stairs at the edges.
_FINE = 4


def draw(side: int, *, square: bool = False, scale: float = 1.0):
    """The logo, as a picture of Pillow in RGBA.

    Args:
        side: Its size, in pixels.
        square: Whether its corners are full, for what cuts them by itself.
        scale: How much of its size the letter takes; less leaves room for a cut.
    """
    from PIL import Image, ImageDraw

    image = Image.new("RGBA", (side * _FINE, side * _FINE), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    unit = side * _FINE / BOX
    at = lambda x, y: (
        (BOX / 2 + (x - BOX / 2) * scale) * unit,
        (BOX / 2 + (y - BOX / 2) * scale) * unit,
    )
    last = side * _FINE - 1
    pen.rounded_rectangle((0, 0, last, last), radius=0 if square else CORNER * unit, fill=RED)
    half = WIDTH * scale * unit / 2
    for line in STROKES:
        pen.line([at(*point) for point in line], fill=WHITE, width=round(2 * half))
        for x, y in (at(*point) for point in line):  # round ends
            pen.ellipse((x - half, y - half, x + half, y + half), fill=WHITE)
    pen.polygon([at(*point) for point in ARROW], fill=WHITE)
    return image.resize((side, side), Image.Resampling.LANCZOS)


def png(side: int, **how) -> bytes:
    """As :func:`draw`, as a file."""
    file = io.BytesIO()
    draw(side, **how).save(file, "PNG", optimize=True)
    return file.getvalue()
