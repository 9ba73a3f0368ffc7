"""MkDocs: stage before it reads the pages, finish when it has written the site.

Between the two, it is spared what it did the time before, and writes beside the site, which is
replaced when the new one is whole.
"""

from __future__ import annotations

import atexit
import html
import logging
import re
import signal
import threading
from functools import partial
from pathlib import Path

from markupsafe import Markup
from mkdocs.exceptions import Abort
from mkdocs.plugins import event_priority
from mkdocs.structure.files import InclusionLevel, get_files

from livedocs.derived import downloads
from livedocs.execution.key import ExecutionError
from livedocs.files import cannot_write, why_not
from livedocs.finishing import IncompleteSite, finish
from livedocs.finishing.replacement import Replacement
from livedocs.integrations import markdown
from livedocs.integrations.converted import Converted
from livedocs.kept import Kept, digest
from livedocs.pages.chapter import DOCS_FOLDER
from livedocs.settings import Settings
from livedocs.shelf import Shelf, engine
from livedocs.staging import Edition, Staged, StagingError, stage

log = logging.getLogger("mkdocs.livedocs")

_serving = False
_source: Path | None = None  # the folder of pages that is edited; MkDocs reads the staged one
_staged: Staged | None = None
_site: Replacement | None = None  # what will take the place of the site; None while serving
_converted: Converted | None = None  # while a whole site is built; whoever serves keeps its own


def on_startup(command, dirty):
    global _serving
    _serving = command == "serve"


@event_priority(100)
def on_config(config):
    """Stage the project; from here on its pages are the staged ones."""
    global _source, _staged, _converted
    root = Path(config.config_file_path).parent.resolve()
    if Path(config.docs_dir).resolve() != root / DOCS_FOLDER:
        raise _told([f"mkdocs.yml: «docs_dir» tiene que ser «{DOCS_FOLDER}»: ahí están las páginas."])
    if trouble := cannot_write(Path(config.site_dir)):  # known before the wait
        raise Abort(f"No se puede construir el sitio: {trouble}")
    markdown.complaint.set(lambda error: Abort(str(error)))
    markdown.project_root.set(root)  # wherever the command was given
    markdown.show_failures.set(_serving)
    includes = config.mdx_configs.get("pymdownx.snippets", {})
    includes["base_path"] = [str(root / folder) for folder in includes.get("base_path", ())]
    runner = markdown.executor()
    runner.forget_failures()
    folder = config.extra.get("downloads")
    try:
        edition = Edition(
            site_url=config.site_url or "",
            colab=_colab(config),
            local=not config.use_directory_urls,
            downloads=downloads.find(root / folder if folder else None),
            excluded=_excluded(config),
        )
        staging, shelves = markdown.stager.get(), _shelves(runner.settings, edition)
        if shelves and staging is stage:
            staging = partial(stage, kept=shelves[0])
        _staged = staging(runner.settings, edition, executor=runner, tolerant=_serving)
    except StagingError as error:
        raise _told(error.problems, "en las páginas") from None
    except ExecutionError as error:
        raise Abort(f"No se pudo ejecutar ninguna página: {error}") from None
    except KeyboardInterrupt:
        raise Abort("Se cortó a pedido. Las páginas que terminaron quedaron guardadas.") from None
    except ValueError as error:
        raise Abort(str(error)) from None
    except OSError as error:
        raise Abort(f"El sitio no se construyó: {why_not(error)}.") from None
    for problem in _staged.problems:
        log.error(problem)
    _source = Path(config.docs_dir)
    config.docs_dir = str(_staged.docs)
    _converted = Converted(shelves[1], runner.settings, _staged, config) if shelves else None
    if not _serving:
        _build_beside(config)
    return config


def _build_beside(config) -> None:
    """Leave the site as it is until there is another one, whole, to take its place."""
    global _site
    try:
        _site = Replacement(Path(config.site_dir))
    except OSError as error:
        raise Abort(f"El sitio no se construyó: {why_not(error)}.") from None
    atexit.register(_site.close)
    config.site_dir = str(_site.folder)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, _stop)


def _stop(number, frame):
    log.error("Se cortó a pedido. El sitio quedó como estaba; las páginas que terminaron, guardadas.")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # once is enough
    raise KeyboardInterrupt


def _shelves(settings: Settings, edition: Edition) -> tuple[Kept, Kept] | None:
    """What was staged and what was built the time before, while a whole site is built."""
    if _serving:
        return None
    version = digest(engine(), f"{settings.seed} {settings.data}")
    return tuple(
        Kept(Shelf(settings.build / "kept" / f"{edition.name}-{kind}.db", version))
        for kind in ("staged", "built")
    )


def on_serve(server, config, builder):
    """Watch the pages as they are edited; the staged ones change when those do."""
    server.unwatch(config.docs_dir)
    server.watch(str(_source))


def on_page_markdown(text, page, config, files):
    """Tell the extension which file it paints, for messages with file and line."""
    edited = _source / page.file.src_uri
    markdown.current_page.set(edited if edited.is_file() else None)
    for name in ("title", "description"):  # themes write them as they are
        if isinstance(said := page.meta.get(name), str):
            page.meta[name] = Markup(html.escape(said))  # what is escaped again stays as it is
    if _converted:
        _converted.take_over(page, text, files)


@event_priority(-100)  # the search plugin has written its index
def on_post_build(config):
    try:
        kept = _converted.kept if _converted else None
        finish(Path(config.site_dir), _staged, serving=_serving, kept=kept)
    except IncompleteSite as error:
        raise _told(error.problems, "en lo construido") from None
    if _site:
        _site.take()
        config.site_dir = str(_site.site)
        if signal.getsignal(signal.SIGINT) is _stop:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def on_build_error(error):
    """What a generator doesn't put into words."""
    if isinstance(error, OSError):
        raise Abort(f"El sitio no se construyó: {why_not(error)}.") from None


def _told(problems: list[str], where: str = "en la configuración") -> Abort:
    for problem in problems:
        log.error(problem)
    count = "1 problema" if len(problems) == 1 else f"{len(problems)} problemas"
    return Abort(f"El sitio no se construyó: {count} {where} (arriba, con archivo y línea).")


def _excluded(config):
    """Whether MkDocs leaves out the page at an address: `exclude_docs`, drafts, hidden ones."""
    wanted = InclusionLevel.is_in_serve if _serving else InclusionLevel.is_included
    built = {file.src_uri for file in get_files(config).documentation_pages(inclusion=wanted)}
    return lambda uri: uri not in built


def _colab(config) -> str:
    """Where Colab finds what the deploy publishes; "" if the repository is not known to it."""
    at = re.fullmatch(r"https://github\.com/([^/]+/[^/]+?)(?:\.git)?/?", config.repo_url or "")
    if not (at and config.remote_branch):
        return ""
    return f"https://colab.research.google.com/github/{at[1]}/blob/{config.remote_branch}"
