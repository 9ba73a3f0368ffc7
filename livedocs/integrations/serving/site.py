"""The site while it is edited: each page is converted when somebody looks at it, and kept.

MkDocs builds a whole site; whoever edits a page looks at one. Here its own pieces do for that page
what `mkdocs build` does for all: the same configuration, plugins, Markdown and templates, in the
same order. Nothing is written but what is staged.
"""

from __future__ import annotations

import contextvars
import logging
import mimetypes
import re
import shutil
import tempfile
import threading
from pathlib import Path

import yaml
from mkdocs.commands.build import get_context
from mkdocs.config import load_config
from mkdocs.exceptions import MkDocsException
from mkdocs.structure.files import File, Files, InclusionLevel, get_files, set_exclusions
from mkdocs.structure.nav import get_navigation
from mkdocs.structure.pages import Page
from mkdocs.utils import meta

from livedocs.execution.live import LiveExecutor
from livedocs.finishing import html, search
from livedocs.integrations import markdown
from livedocs.kept import Kept, digest, folder_digest
from livedocs.pages.chapter import DOCS_FOLDER, SNIPPETS_FOLDER
from livedocs.rendering import drawings, errors
from livedocs.shelf import Shelf, engine
from livedocs.staging import Edition, Staged, stage

CONFIG = "mkdocs.yml"
#: Seconds of a refresh that may go to the notebooks and scripts of pages: the rest, in the next one.
PATIENCE = 0.25
INDEX = "search/search_index.json"
_HELD = re.compile(rb"<!-- livedocs: fragment (\S+) -->")


class ConfigProblem(Exception):
    """What is wrong with `mkdocs.yml`, in Spanish, with its line."""


class Site:
    """The site of a project, always as its files are now.

    Args:
        root: The project's folder.
        executor: Who executes its pages; it does not wait for them.
    """

    def __init__(self, root: Path, executor: LiveExecutor):
        self.root, self.executor = root, executor
        version = digest(engine(), repr(executor.settings))
        self.kept = Kept(Shelf(executor.settings.build / "kept" / "serve.db", version), PATIENCE)
        self.turn = threading.RLock()
        self.nowhere = tempfile.mkdtemp(prefix="livedocs-")  # MkDocs wants a folder for the site
        self.problems: tuple[str, ...] = ()
        self.config = None
        self._pages: dict[str, tuple[str, bytes]] = {}  # finished, by address, and what from
        self._heads: dict[str, tuple[bytes, str, dict]] = {}
        self._theme: list[File] = []
        self._outline: object = None
        self.by_url: dict[str, File] = {}
        self.by_place: dict[str, File] = {}
        markdown.use(executor)

    def close(self) -> None:
        shutil.rmtree(self.nowhere, ignore_errors=True)

    # What there is ------------------------------------------------------------------------

    def load(self) -> None:
        """Read `mkdocs.yml` and stage the pages.

        Raises:
            ConfigProblem: it can't be used; the site goes on as it was.
        """
        with self.turn:
            previous = self.config, getattr(self, "edition", None)
            try:
                config = _read(self.root, self.nowhere)
                config.plugins.on_startup(command="serve", dirty=False)
                markdown.stager.set(self._stage)
                self.config = config = config.plugins.on_config(config)
            except MkDocsException as error:
                self.config, self.edition = previous
                raise ConfigProblem(str(error)) from None
            config.plugins.on_pre_build(config=config)
            self.context = contextvars.copy_context()
            self._theme = []
            self._arrange()

    def refresh(self) -> None:
        """Stage the pages again: only what changed is worked out."""
        with self.turn:
            self._stage(self.executor.settings, self.edition, executor=self.executor, tolerant=True)
            self._arrange()

    def _stage(self, settings, edition: Edition, *, executor, tolerant: bool) -> Staged:
        self.edition = edition
        self.staged = stage(settings, edition, executor=executor, tolerant=tolerant, kept=self.kept)
        self.tree = self.kept.held(self.staged.docs)
        self.problems = self.staged.problems
        executor.keep(f"{DOCS_FOLDER}/{uri}" for uri in self.tree)
        return self.staged

    def _arrange(self) -> None:
        """Find out which pages and files there are, and what the menu says."""
        self.common = {
            "8<": folder_digest(self.root / SNIPPETS_FOLDER),
            f"{drawings.FOLDER}/": folder_digest(self.root / DOCS_FOLDER / drawings.FOLDER),
            "": digest(
                folder_digest(self.root / "overrides"),
                *(path.read_bytes() for path in self._read_by_all() if path.is_file()),
            ),
        }
        heads = {uri: self._head(uri, data) for uri, data in self.tree.items() if uri.endswith(".md")}
        titles = {uri: head[2].get("title") or _first_heading(head[1]) for uri, head in heads.items()}
        outline = sorted(self.tree), sorted(titles.items(), key=str), self.common[""]
        if outline == self._outline:
            return
        config, self._outline = self.config, outline
        files = get_files(config)
        self.env = config.theme.get_env()
        if not self._theme:
            alone = Files([])
            alone.add_files_from_theme(self.env, config)
            self._theme = list(alone)
        for file in self._theme:
            if file.src_uri not in files.src_uris:
                files.append(file)
        files = config.plugins.on_files(files, config=config)
        set_exclusions(files, config)
        nav = get_navigation(files, config)
        self.nav = config.plugins.on_nav(nav, config=config, files=files)
        self.files, self.by_url, self.by_place = files, {}, {}
        shown = files.documentation_pages(inclusion=InclusionLevel.is_in_serve)
        for file in shown:
            page = file.page or Page(None, file, config)
            if file.src_uri in heads:
                _, page.markdown, page.meta = heads[file.src_uri]
            self.by_url[file.url if file.url not in (".", "./") else ""] = file
        for file in files:
            if not file.is_documentation_page() and file.inclusion.is_in_serve():
                self.by_place[file.dest_uri] = file
        self.shown = shown
        self.env = config.plugins.on_env(self.env, config=config, files=files)
        menu = [(item.title, item.url) for item in self.nav.pages]
        built = [(uri, titles[uri]) for uri in sorted(titles) if not uri.startswith("notebooks/")]
        self.structure = digest(repr(menu), repr(built))

    def _read_by_all(self) -> list[Path]:
        """The files on which every page depends."""
        return [self.root / CONFIG, self.root / DOCS_FOLDER / "glosario.yml"]

    def _head(self, uri: str, data: bytes) -> tuple[bytes, str, dict]:
        known = self._heads.get(uri)
        if known is None or known[0] != data:
            known = self._heads[uri] = data, *meta.get_data(data.decode("utf-8", "replace"))
        return known

    def unlisted(self) -> list[str]:
        """What the menu and the pages say of each other that is not so, in Spanish."""
        config = self.root / CONFIG
        listed = self.kept.nav
        lines = config.read_text("utf-8", "replace").split("\n") if config.is_file() else []
        found = []
        for uri in listed:
            if uri.endswith(".md") and uri not in self.tree:
                line = next((n for n, text in enumerate(lines, 1) if uri in text), 1)
                found.append(f"{CONFIG}:{line}: «nav» nombra {uri}, y esa página no está.")
        if listed:
            for file in self.shown:
                if file.src_uri not in listed and file.inclusion.is_in_nav():
                    found.append(
                        f"{DOCS_FOLDER}/{file.src_uri}:1: no está en «nav», en {CONFIG}: agregala ahí, o "
                        "nadie la encuentra."
                    )
        return found

    # What is served -----------------------------------------------------------------------

    def source(self, url: str) -> str:
        """The page at an address, as a path of the project; "" if there is none."""
        file = self.by_url.get(url)
        return f"{DOCS_FOLDER}/{file.src_uri}" if file else ""

    @property
    def frame(self) -> str:
        """What there is around every page: the templates, the configuration and the menu."""
        return digest(self.structure, self.common[""])

    def version(self, url: str) -> str:
        """What the page at an address depends on; "" if there is none."""
        with self.turn:
            file = self.by_url.get(url)
            data = self.tree.get(file.src_uri) if file else None
            if data is None:
                return ""
            parts = [self.structure, data]
            parts += [said for mark, said in self.common.items() if mark.encode() in data]
            parts += [
                (self.root / name.decode()).read_bytes() for name in _HELD.findall(data) if b"/" in name
            ]
            return digest(*parts, self.executor.version(f"{DOCS_FOLDER}/{file.src_uri}"))

    def page(self, url: str) -> tuple[str, bytes] | None:
        """The page at an address and its version; None if there is none."""
        with self.turn:
            version = self.version(url)
            if not version:
                return None
            known = self._pages.get(url)
            if known is None or known[0] != version:
                text = self.context.copy().run(self._rendered, self.by_url[url])
                known = self._pages[url] = version, text.encode("utf-8", "xmlcharrefreplace")
            return known

    def file(self, place: str) -> tuple[bytes, str] | None:
        """A file that is no page, and its kind; None if there is none."""
        kind = mimetypes.guess_type(place)[0] or "application/octet-stream"
        with self.turn:
            if place in self.tree and not place.endswith(".md"):
                return self.tree[place], kind
            if place == INDEX:
                return self._index(), kind
            file = self.by_place.get(place)
        return (Path(file.abs_src_path).read_bytes(), kind) if file and file.abs_src_path else None

    def missing(self) -> bytes:
        """What is shown where there is nothing."""
        with self.turn:
            context = get_context(self.nav, self.shown, self.config, base_url="/")
            context = self.config.plugins.on_template_context(
                context, template_name="404.html", config=self.config
            )
            return html.readable(self.env.get_template("404.html").render(context)).encode()

    def _rendered(self, file: File) -> str:
        """A page, as `mkdocs.commands.build` makes it."""
        config, page = self.config, file.page
        try:
            self._convert(page)
        except Exception as error:  # whatever it is, it is shown where it can be mended
            logging.getLogger("mkdocs").debug("page", exc_info=True)
            said = str(error) or type(error).__name__
            page.content = errors.render_failure(said, f"{DOCS_FOLDER}/{file.src_uri}")
        page.active = True
        try:
            context = get_context(self.nav, self.shown, config, page)
            template = self.env.get_template(page.meta.get("template", "main.html"))
            context = config.plugins.on_page_context(context, page=page, config=config, nav=self.nav)
            output = template.render(context)
            output = config.plugins.on_post_page(output, page=page, config=config)
        finally:
            page.active = False
        return html.readable(output)

    def _convert(self, page: Page) -> None:
        config, files = self.config, self.files
        page = config.plugins.on_pre_page(page, config=config, files=files)
        page.read_source(config)
        page.markdown = config.plugins.on_page_markdown(
            page.markdown, page=page, config=config, files=files
        )
        page.render(config, files)
        page.content = config.plugins.on_page_content(
            page.content, page=page, config=config, files=files
        )

    def _index(self) -> bytes:
        """The search index, of every page: made when somebody searches, not at each save."""
        config = self.config
        plugin = config.plugins["search" if "search" in config.plugins else "material/search"]
        plugin.on_config(config)  # it begins a new index
        for file in self.shown:
            self.context.copy().run(self._convert, file.page)
            plugin.on_page_context({}, page=file.page, config=config, nav=self.nav)
        folder = Path(self.nowhere)
        plugin.on_post_build(config=config)
        search.finish(folder, self.staged.terms, self.staged.asked)
        return (folder / INDEX).read_bytes()


def _first_heading(text: str) -> str:
    match = re.search(r"^# +(.+)$", text, re.M)
    return match[1] if match else ""


class _Told(logging.Handler):
    def __init__(self):
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


def _read(root: Path, folder: str):
    """The configuration.

    Raises:
        ConfigProblem: in Spanish, with its line if it can be told.
    """
    path = root / CONFIG
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = "no está" if isinstance(error, FileNotFoundError) else f"no se puede leer ({error})"
        raise ConfigProblem(f"{CONFIG}:1: {why}.") from None
    try:
        yaml.compose(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise ConfigProblem(
            f"{CONFIG}:{line}: no es YAML válido; revisá comillas, dos puntos y sangría cerca de esa línea."
        ) from None
    told = _Told()
    log = logging.getLogger("mkdocs")
    log.addHandler(told)
    try:
        return load_config(config_file=str(path), site_dir=folder, site_url="")
    except MkDocsException as error:
        said = told.said or [str(error)]
        raise ConfigProblem("\n".join(_placed(each, text) for each in said)) from None
    finally:
        log.removeHandler(told)


def _placed(said: str, text: str) -> str:
    """What MkDocs says of the configuration, with the line of the key that it is about."""
    match = re.match(r"Config value '([\w.]+)': (.*)", said, re.S)
    key = match[1].split(".")[0] if match else ""
    lines = text.split("\n")
    line = next((n for n, row in enumerate(lines, 1) if key and row.startswith(f"{key}:")), 1)
    about = f"en «{match[1]}», " if match else ""
    return f"{CONFIG}:{line}: {about}MkDocs dice: {match[2] if match else said}"
