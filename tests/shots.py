"""Screenshots of what a reader sees, into `.cache/shots/`: `make shots`; of the README: `make screenshot`."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

from tests.browser import FLAGS, chromium, serving, urls

SCREENS = {"phone": (360, 740), "desktop": (1280, 860)}
#: What to look at: a name, which pages, and what is at the top of the picture.
VIEWS = [
    ("inicio", "/", None),
    ("clase", "/clases/", None),
    ("clase-quiz", "/clases/", ".kv-quiz"),
    ("clase-salida", "/clases/", ".kv-summary"),
    ("clase-ejercicio", "/clases/", "h3[id^=ejercicio]"),
    ("clase-error", "/clases/", "h3[id^=error]"),
    ("clase-homework", "/clases/", "#homework"),
    ("guia-api-funcional", "/guias/api-funcional/", None),
    (
        "guia-api-funcional-diagrama",
        "/guias/api-funcional/saltos/",
        "#resnet-grafo ~ :has(.kv-diagram), #resnet-grafo ~ .kv-diagram",
    ),
    ("guia-api-funcional-tabla", "/guias/api-funcional/saltos/", ".kv-summary"),
    ("guia-subclassing", "/guias/model-subclassing/", None),
    ("guia-subclassing-tabla", "/guias/model-subclassing/cuando-usarla/", "article table"),
    ("elegir", "/que-api-elegir/", None),
    ("galeria", "/snippets/", None),
    ("galeria-pieza", "/snippets/", "#c103-siamese"),
    ("glosario", "/glosario/", None),
    ("glosario-terminos", "/glosario/", "#terminos"),
    ("progreso", "/progreso/", None),
    ("notebook", "/notebooks/", None),
]


def main(site: Path, folder: Path, only: str = "") -> None:
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    pages = urls(site)
    with serving(site) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        for screen, scheme in itertools.product(SCREENS, ("light", "dark")):
            width, height = SCREENS[screen]
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
            )
            page = context.new_page()
            for name, start, target in VIEWS:
                url = next(
                    (u for u in pages if u == start or (start != "/" and u.startswith(start))), None
                )
                if url is None or only not in name:
                    continue
                page.goto(address + url)
                if target and page.locator(target).count():
                    page.evaluate(
                        "t => scrollTo(0, document.querySelector(t).getBoundingClientRect().top + scrollY - 90)",
                        target,
                    )
                    page.wait_for_timeout(100)
                page.screenshot(path=folder / f"{name}-{screen}-{scheme}.png")
            context.close()
        browser.close()


def readme(site: Path, path: Path) -> None:
    """The picture of the README: a block of a class, with its output, as a reader sees it."""
    from PIL import Image
    from playwright.sync_api import sync_playwright

    with serving(site) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1200, "height": 800}, reduced_motion="reduce")
        page.goto(address + "/")
        page.evaluate(
            "scrollTo(0, document.querySelector('.highlight').getBoundingClientRect().top - 120)"
        )
        page.wait_for_timeout(200)
        page.screenshot(path=path)
        browser.close()
    with Image.open(path) as picture:  # a third of the weight, and the same to the eye
        picture.convert("RGB").quantize(128).save(path, optimize=True)


if __name__ == "__main__":
    if chromium() is None:
        sys.exit("Hace falta Chromium para las capturas: «apt install chromium».")
    if sys.argv[2].endswith(".png"):
        readme(Path(sys.argv[1]), Path(sys.argv[2]))
    else:
        main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
