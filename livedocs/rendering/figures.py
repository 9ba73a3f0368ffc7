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


def paint_picture(output: dict, alt: str) -> str:
    """The PNG or JPEG that an output holds, inside the page; "" if it holds none.

    Raises:
        OutputError: it is not well encoded.
    """
    data = output["data"]
    for kind in ("image/png", "image/jpeg"):
        if picture := data.get(kind):
            source = re.sub(r"[^A-Za-z0-9+/=]", "", "".join(picture))
            try:
                if kind == "image/png":
                    source = base64.b64encode(lighter_png(base64.b64decode(source))).decode()
            except binascii.Error:
                raise OutputError(
                    "este bloque mostró un PNG que no está bien codificado; revisá con qué lo hace."
                ) from None
            size = "".join(
                f' {side}="{int(value)}"'
                for side, value in output.get("metadata", {}).get(kind, {}).items()
                if side in ("width", "height") and isinstance(value, int | float)
            )
            return (
                f'<figure class="kv-figure"><img src="data:{kind};base64,{source}" '
                f'alt="{html.escape(alt)}"{size}></figure>'
            )
    return ""


def lighter_png(picture: bytes) -> bytes:
    """The same pixels in fewer bytes: no alpha if opaque, one channel if grey."""
    try:
        image = Image.open(io.BytesIO(picture))
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
