"""The picture that goes with a page's address when somebody shares it: a card with its title.

Drawn with the fonts that come with Matplotlib, so every machine draws the same; a card that was
drawn before is not drawn again.
"""

from __future__ import annotations

import hashlib
import io
from functools import lru_cache
from pathlib import Path

from livedocs.derived import logo
from livedocs.files import write_if_changed

#: Where they are, from the root of the site.
FOLDER = "assets/tarjetas"
SIZE = (1200, 630)
PROMISE = "Todo lo que se lee acá se ejecutó"
SITE = "Keras en vivo"

# As in docs/assets/keras-en-vivo.css, in its light scheme.
_PAPER, _INK, _SOFT, _RED, _OUTPUT, _LINE = (
    "#ffffff",
    "#1d2026",
    "#565c67",
    "#c4232b",
    "#f4f5f7",
    "#dcdfe5",
)
_MARGIN, _TOP, _BOTTOM = 80, 170, 460
_COLOURS = 32


def card(title: str, kind: str, folder: Path) -> bytes:
    """The PNG of a page.

    Args:
        title: What the page is called; it gets as many lines as it needs, cut if it needs too many.
        kind: What goes above it: the class that the page belongs to.
        folder: Where cards are kept from one time to the next.
    """
    recipe = "\0".join((title, kind, PROMISE, SITE)).encode() + Path(__file__).read_bytes()
    kept = folder / f"{hashlib.sha256(recipe).hexdigest()[:32]}.png"
    if not kept.is_file():
        write_if_changed(kept, draw(title, kind))
    return kept.read_bytes()


def draw(title: str, kind: str) -> bytes:
    """As :func:`card`, always drawn."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", SIZE, _PAPER)
    pen = ImageDraw.Draw(image)
    width, height = SIZE
    pen.rectangle((0, 0, width, 14), fill=_RED)
    pen.text((_MARGIN, 86), kind or SITE, font=_font(34), fill=_SOFT)
    size, lines = _fitted(pen, title, width - 2 * _MARGIN, _BOTTOM - _TOP)
    for number, line in enumerate(lines):
        pen.text((_MARGIN, _TOP + number * size * 1.22), line, font=_font(size, bold=True), fill=_INK)
    # The promise, as the outputs of the pages: in grey, with a mark.
    pen.rectangle((0, 500, width, height), fill=_OUTPUT)
    pen.rectangle((0, 500, width, 501), fill=_LINE)
    pen.text((_MARGIN, 544), "›", font=_font(36, bold=True), fill=_RED)
    pen.text((_MARGIN + 34, 548), PROMISE, font=_font(30), fill=_INK)
    mark = logo.draw(64)
    image.paste(mark, (width - _MARGIN - 64, 534), mark)
    file = io.BytesIO()
    image.quantize(_COLOURS, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


def _fitted(pen, title: str, width: int, height: int) -> tuple[int, list[str]]:
    """The largest letters in which a title fits, and its lines."""
    for size in (76, 68, 60, 52, 46):
        lines = _wrapped(pen, title, _font(size, bold=True), width)
        if len(lines) * size * 1.22 <= height:
            return size, lines
    kept = int(height / (size * 1.22))
    return size, [*lines[: kept - 1], f"{lines[kept - 1][:-1]}…"] if len(lines) > kept else lines


def _wrapped(pen, text: str, font, width: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and pen.textlength(longer, font=font) <= width:
            lines[-1] = longer
        else:
            while pen.textlength(word, font=font) > width and len(word) > 2:
                word = f"{word[:-2]}…"
            lines.append(word)
    return lines


@lru_cache
def _font(size: int, bold: bool = False):
    import matplotlib
    from PIL import ImageFont

    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    place = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name
    return ImageFont.truetype(place, size, layout_engine=ImageFont.Layout.BASIC)
