"""Whether two pictures look the same: by what is written on them, and by where their points are."""

from __future__ import annotations

import base64
import binascii
import html
import io
import re

from PIL import Image, ImageChops

#: How far a point of a drawing may move, in its own units, and nobody sees it.
UNSEEN = 0.05
#: Differences of a pixel's colour, out of 255, that nobody sees.
UNSEEN_COLOUR = 8

_TEXT = re.compile(r"<text\b[^>]*>(.*?)</text>", re.S)
_NUMBER = re.compile(r"(?<![\w#.])-?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?", re.I)
#: Names that a drawing gives to its own parts, which follow their content.
_NAMES = re.compile(
    r"""\s(?:id|xlink:href|href|clip-path)=(?:"[^"]*"|'[^']*')|url\(#[^)]*\)|<!--.*?-->|<metadata>.*?</metadata>""",
    re.S,
)


def labels(svg: str) -> list[str]:
    """What is written on a drawing, in order."""
    return [html.unescape(re.sub(r"<[^>]+>", "", text)).strip() for text in _TEXT.findall(svg)]


def difference(old: dict, new: dict) -> str:
    """What tells two figures apart, in a few Spanish words; "" if nobody would see it."""
    if old["mime"] != new["mime"]:
        return "está en otro formato"
    if old["mime"] == "image/svg+xml":
        return _drawn(old["data"], new["data"])
    return _painted(old["data"], new["data"])


def _drawn(old: str, new: str) -> str:
    sides = [_NAMES.sub("", svg) for svg in (old, new)]
    if labels(sides[0]) != labels(sides[1]):
        return "tiene otros textos"
    if _NUMBER.sub("#", sides[0]) != _NUMBER.sub("#", sides[1]):
        return "está dibujada de otra manera"
    pairs = zip(*(map(float, _NUMBER.findall(svg)) for svg in sides), strict=True)
    furthest = max((abs(a - b) for a, b in pairs), default=0.0)
    return "se movieron sus puntos" if furthest > UNSEEN else ""


def _painted(old: str, new: str) -> str:
    try:
        first, second = (
            Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA") for data in (old, new)
        )
    except (OSError, SyntaxError, ValueError, binascii.Error, Image.DecompressionBombError):
        return "es otra" if old != new else ""
    if first.size != second.size:
        return f"mide {_size(second)} y medía {_size(first)}"
    apart = ImageChops.difference(first, second).getdata()
    changed = sum(max(pixel) > UNSEEN_COLOUR for pixel in apart)
    share = 100 * changed / (first.width * first.height)
    return f"cambió el {share:.1f} % de sus píxeles".replace(".", ",") if changed else ""


def _size(image: Image.Image) -> str:
    return f"{image.width} × {image.height}"
