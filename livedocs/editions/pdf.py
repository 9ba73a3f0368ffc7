"""Pages as PDF, printed by a headless browser as a reader's own would print them."""

from __future__ import annotations

import io
import mimetypes
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

#: Names of the browsers that can print, in order of preference.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
#: Where pages are while they are printed if the site has no address; nothing answers there.
NOWHERE = "http://sin-publicar.invalid/"

_FOOTER = (
    '<div style="width: 100%; padding: 0 15mm; font: 7pt sans-serif; color: #565c67; '
    'display: flex; justify-content: space-between">'
    '<span class="title"></span><span><span class="pageNumber"></span> / <span class="totalPages"></span>'
    "</span></div>"
)
#: Links to other pages lead to the published site, or nowhere if there is none.
_SETTLE_LINKS = """published => {
  for (const link of document.querySelectorAll("a[href]")) {
    if (link.origin !== location.origin || link.pathname === location.pathname) continue;
    if (published) link.href = link.href.replace(/(^|\\/)index\\.html(?=#|$)/, "$1").replace(/\\.html(?=#|$)/, "/");
    else link.removeAttribute("href");
  }
}"""


class PrintError(Exception):
    """A page could not be printed; says which and why, in Spanish."""


def chromium() -> str | None:
    """Where Chromium is, or Chrome; None if there is neither."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def print_pages(path: str, edition: Path, pages: list[Path], pdf: Path, site_url: str = "") -> None:
    """Print pages of a built site, one after another, as one tagged PDF with an outline, on A4.

    Args:
        path: The browser.
        edition: Folder of the site, built with links to files.
        pages: The pages, in order.
        pdf: Where it goes.
        site_url: Address of the published site; "" if not known (links between pages are then text).

    Raises:
        PrintError: the browser does not start, or a page can't be printed.
    """
    from playwright.sync_api import Error, sync_playwright

    site = site_url.rstrip("/") + "/" if site_url else NOWHERE
    printed, at = [], None
    try:
        with sync_playwright() as playwright:
            opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
            context = opened.new_context(color_scheme="light", reduced_motion="reduce")
            context.route("**/*", lambda route: _answer(route, site, edition))
            page = context.new_page()
            for at in pages:
                page.goto(site + at.relative_to(edition).as_posix(), wait_until="load")
                page.evaluate(_SETTLE_LINKS, bool(site_url))
                printed.append(page.pdf(
                    format="A4", tagged=True, outline=True, print_background=True,
                    margin={"top": "15mm", "bottom": "18mm", "left": "15mm", "right": "15mm"},
                    display_header_footer=True, header_template="<span></span>", footer_template=_FOOTER,
                ))  # fmt: skip
            opened.close()
    except Error as error:
        what = f"no se pudo imprimir {at.name}" if at else f"no arranca {path}"
        raise PrintError(f"Los PDF no se hicieron: {what}. {error.message.splitlines()[0]}") from None
    if len(printed) == 1:
        pdf.write_bytes(printed[0])
    else:
        _bind(printed, pdf)


def _bind(printed: list[bytes], pdf: Path) -> None:
    """Several PDFs as one, each with its outline."""
    from pypdf import PdfWriter

    with PdfWriter() as whole:
        for part in printed:
            whole.append(io.BytesIO(part))
        whole.compress_identical_objects()
        whole.write(pdf)


def _answer(route, site: str, edition: Path) -> None:
    """Serve the site's address from its folder, and nothing else."""
    path = edition / unquote(urlsplit(route.request.url).path[len(urlsplit(site).path) :])
    if route.request.url.startswith(site) and path.is_file():
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        route.fulfill(path=path, content_type=kind)
    else:
        route.abort()
