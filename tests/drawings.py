"""The drawings of `docs/dibujos/` as PNG, beside their SVG, for notebooks: `python -m tests.drawings`.

Colab shows no SVG in its text. A browser makes them; each says of which SVG it is.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from livedocs.rendering import drawings
from tests.browser import FLAGS, chromium

FOLDER = Path(__file__).parent.parent / "docs" / drawings.FOLDER
SCALE, COLOURS = 1.5, 24


def main() -> None:
    from PIL import Image
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = browser.new_page(device_scale_factor=SCALE)
        for path in sorted(FOLDER.glob("*.svg")):
            source = path.read_text("utf-8")
            page.set_content(source)
            shot = io.BytesIO(page.locator("svg").screenshot())
            with Image.open(shot) as picture:
                small = picture.convert("RGB").quantize(COLOURS)
            small.save(path.with_suffix(".png"), optimize=True, pnginfo=drawings.made_from(source))
            print(f"✓ {path.stem}.png: {path.with_suffix('.png').stat().st_size / 1000:.1f} kB")
        browser.close()


if __name__ == "__main__":
    if chromium() is None:
        sys.exit("Hace falta Chromium para los PNG de los dibujos: «apt install chromium».")
    main()
