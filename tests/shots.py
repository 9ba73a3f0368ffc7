"""Screenshots of what a reader sees, into `.cache/shots/`: `make shots`; of the README: `make screenshot`."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

from tests.browser import FLAGS, chromium, serving

SCREENS = {"phone": (360, 740), "desktop": (1280, 860)}
CLASS, GUIDE = "/clases/102-sequential/", "/guias/api-funcional/"
WRONG, RIGHT = ".kv-quiz input:not([data-right])", ".kv-quiz input[data-right]"
CHECK, SOLUTION = ".kv-quiz__check", "[id^=ejercicio] ~ details > summary"
#: What to look at: a name, its page, what is at the top of the picture, and what is touched before.
VIEWS = [
    ("inicio", "/", "", ()),
    ("clase", CLASS, "", ()),
    ("clase-lecciones", CLASS, "#lecciones", ()),
    ("leccion", CLASS + "compilar-y-entrenar/", "", ()),
    ("leccion-dibujo", CLASS + "compilar-y-entrenar/", ".kv-drawing", ()),
    ("quiz-antes", CLASS + "compilar-y-entrenar/", ".kv-quiz", ()),
    ("quiz-mal", CLASS + "compilar-y-entrenar/", ".kv-quiz", (WRONG, CHECK)),
    ("quiz-bien", CLASS + "compilar-y-entrenar/", ".kv-quiz", (RIGHT, CHECK)),
    ("ejercicio-antes", CLASS + "dos-sintaxis/", "#ejercicio-1", ()),
    ("ejercicio-despues", CLASS + "dos-sintaxis/", SOLUTION, (SOLUTION,)),
    ("huecos", CLASS + "compilar-y-entrenar/", ".highlight[id^=g]", ()),
    ("mito", CLASS + "dos-sintaxis/", ".myth", ()),
    ("homework", CLASS + "homework/", "", ()),
    ("errores", CLASS + "errores/", "", ()),
    ("errores-uno", CLASS + "errores/", "#error-2", ()),
    ("repaso", CLASS + "repaso/", "", ()),
    ("guia", GUIDE, "", ()),
    ("guia-diagrama", GUIDE + "saltos/", ".kv-diagram", ()),
    ("guia-tabla", GUIDE + "modelos-dentro-de-modelos/", ".kv-summary", ()),
    ("elegir", "/que-api-elegir/", "", ()),
    ("galeria", "/snippets/", "", ()),
    ("galeria-pieza", "/snippets/", "#c103-siamese", ()),
    ("glosario", "/glosario/", "", ()),
    ("glosario-terminos", "/glosario/", "article dl", ()),
    ("progreso", "/progreso/", "", ()),
    ("notebook", "/notebooks/clases/102-sequential/compilar-y-entrenar/", "", ()),
]


def main(site: Path, folder: Path, only: str = "") -> None:
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    with serving(site) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        for screen, scheme in itertools.product(SCREENS, ("light", "dark")):
            width, height = SCREENS[screen]
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
            )
            page = context.new_page()
            for name, url, target, touched in VIEWS:
                if only not in name:
                    continue
                page.goto(address + url)
                for each in touched:
                    page.locator(each).first.click()
                if target:
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
