"""What is done to a built site, whatever built it: a folder of HTML becomes what is published.

In this order, since each reads what the one before wrote: the pages, their policy, the search
index, the style sheet, what can be kept to read without network; last, the comparison with what
was staged.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from livedocs.files import write_if_changed
from livedocs.finishing import completeness, html, policy, search, styles, without_network
from livedocs.kept import Kept, digest
from livedocs.staging import Staged

#: Ours, made lighter: from the root of the site.
STYLES = ("assets/keras-en-vivo.css", "assets/recorrido.css")
SCRIPTS = ("keras-en-vivo", "progreso", "errores", "sin-conexion", "guardado")
ASSETS = (*STYLES, *(f"assets/{name}.js" for name in SCRIPTS))
#: Only servers use them.
SERVED = ("404.html", "sitemap.xml", "sitemap.xml.gz")


class IncompleteSite(Exception):
    """The site lacks something that was staged.

    Args:
        problems: What is missing, in Spanish, each naming its page or file.
    """

    def __init__(self, problems: list[str]):
        self.problems = problems
        super().__init__("\n".join(problems))


def finish(site: Path, staged: Staged, *, serving: bool = False, kept: Kept | None = None) -> None:
    """Finish a built site, in place.

    Args:
        site: Its folder.
        staged: What it was built from.
        serving: Whether it is being seen while it is written: the live reload needs the policy
            off, and the style sheet stays whole.
        kept: What its pages were made into the time before; this ends its turn.

    Raises:
        IncompleteSite: a page, an output, a download, an anchor or the target of a link is missing.
    """
    kept = kept or Kept()
    if staged.local:
        for name in SERVED:
            (site / name).unlink(missing_ok=True)
    for name, data in staged.beside.items():
        write_if_changed(site / name, data)
    for path in sorted(site.rglob("*.html")):
        before = path.read_text("utf-8")
        key = "finished", digest(before), staged.local, serving
        after = kept.of(key, partial(_finished, before, staged.local, serving))
        if after != before:
            path.write_text(after, "utf-8")
    for name in ASSETS:
        if (site / name).is_file():
            styles.lighten_asset(site / name)
    search.finish(site, staged.terms, staged.asked, local=staged.local)
    if not serving:
        styles.lighten(site, STYLES)
    without_network.finish(site, serving=serving, local=staged.local)
    problems = [] if serving else completeness.problems(site, staged.manifest, kept)
    kept.turn()
    if problems:
        raise IncompleteSite(problems)


def _finished(page: str, local: bool, serving: bool) -> str:
    page = html.readable(page)
    return page if serving else policy.closed(page, local=local)
