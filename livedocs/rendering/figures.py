"""Pictures, in as few bytes as they need."""

from __future__ import annotations

import base64
import binascii
import html
import io
import re

from PIL import Image


class OutputError(ValueError):
    """An output that a page can't show; the message, in Spanish, says which and what to do."""


#: The pictures that a page shows; a bundle may hold others, which it leaves out.
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")


def text_of(value: object) -> str:
    """The text that a bundle holds, whole or in lines; "" if it is something else."""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "".join(value)
    return value if isinstance(value, str) else ""


def paint_picture(output: dict, alt: str) -> str:
    """The picture that an output holds, inside the page; "" if it holds none.

    Raises:
        OutputError: it is not well encoded.
    """
    data = output["data"]
    for kind in PICTURES:
        if kind in data:
            source = re.sub(r"[^A-Za-z0-9+/=]", "", text_of(data[kind]))
            try:
                picture = base64.b64decode(source)
            except binascii.Error:
                picture = b""
            if not picture:
                raise OutputError(
                    f"este bloque mostró un {kind.removeprefix('image/').upper()} que no está bien "
                    "codificado; revisá con qué lo hace."
                )
            if kind == "image/png":
                source = base64.b64encode(lighter_png(picture)).decode()
            sizes = output.get("metadata", {}).get(kind)
            size = "".join(
                f' {side}="{int(value)}"'
                for side, value in (sizes.items() if isinstance(sizes, dict) else ())
                if side in ("width", "height") and type(value) in (int, float) and 0 < value < 1e6
            )
            return (
                f'<figure class="kv-figure"><img src="data:{kind};base64,{source}" '
                f'alt="{html.escape(alt)}"{size}></figure>'
            )
    return ""


def lighter_png(picture: bytes) -> bytes:
    """The same pixels in fewer bytes: no alpha if opaque, one channel if grey."""
    try:
        image = Image.open(io.BytesIO(picture), formats=["PNG"])
        if getattr(image, "n_frames", 1) > 1:  # it moves
            return picture
        image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return picture
    if image.mode == "RGBA" and image.getextrema()[3] == (255, 255):
        image = image.convert("RGB")
    if image.mode == "RGB":
        red, green, blue = image.split()
        if red.tobytes() == green.tobytes() == blue.tobytes():
            image = red
    saved = io.BytesIO()
    image.save(saved, "PNG", optimize=True)
    return min(picture, saved.getvalue(), key=len)
