"""MkDocs hooks: execute the pages before the build, add their notebooks, lighten them.

No logic of its own: what is parsed, executed and painted is decided elsewhere.
"""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path

import nbformat
from mkdocs.exceptions import Abort
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, InclusionLevel, get_files
from mkdocs.structure.toc import get_toc
from mkdocs_jupyter.config import settings as jupyter_settings
from nbconvert.exporters import html as html_exporter
from nbconvert.exporters import templateexporter
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from livedocs import (
    downloads,
    gallery,
    markdown_extension,
    notebook,
    outputs,
    quiz,
    reading,
    standalone,
    stylesheets,
)
from livedocs.cache import cannot_write
from livedocs.chapter import DOCS_FOLDER, SNIPPETS_FOLDER, Chapter, ChapterError
from livedocs.downloads import Download, Downloads, Lesson
from livedocs.execution import ExecutionError, failure
from livedocs.finish import finish, lighter_asset
from livedocs.glossary import PLACEHOLDER, Glossary
from livedocs.notebook import EXECUTED, NOTEBOOKS, TODO
from livedocs.search_index import SEPARATOR, enrich

log = logging.getLogger("mkdocs.livedocs")

SCRIPTS = "assets/bloques"  # the scripts behind «Copiar hasta acá», fetched when they are asked for

#: Of this build. Pages are known by their path below `docs/`: `chapters` holds each one's chapter
#: and execution, `notebooks` the page of each notebook.
_state = {"serving": False, "chapters": {}, "notebooks": {}, "made": {}, "downloads": Downloads()}


def on_startup(command, dirty):
    _state["serving"] = command == "serve"


def on_config(config):
    root = Path(config.config_file_path).parent.resolve()
    if Path(config.docs_dir).resolve() != root / DOCS_FOLDER:
        raise _abort(f"mkdocs.yml: «docs_dir» tiene que ser «{DOCS_FOLDER}»: ahí están las páginas.")
    markdown_extension.complaint.set(lambda error: Abort(str(error)))
    markdown_extension.project_root.set(root)  # wherever the command was given
    includes = config.mdx_configs.get("pymdownx.snippets", {})
    includes["base_path"] = [str(root / folder) for folder in includes.get("base_path", ())]
    # mkdocs-jupyter renders with our template: the site's own styles instead of 270 kB of its.
    jupyter_settings.templates_dir = str(Path(config.config_file_path).parent / "overrides" / "notebook")
    templateexporter.default_filters |= {"kv_cell": _notebook_cell, "kv_code": _notebook_code}
    html_exporter.BeautifulSoup = _AsWritten
    return config


class _AsWritten(str):
    """The page, in place of nbconvert's second reading of it.

    That one adds alternatives and tab stops, which our template has, and takes a third of the
    time of a notebook. It also writes accents as such, as here.
    """

    def __new__(cls, html, features):
        return super().__new__(cls, re.sub("&#([0-9]{3,});", lambda code: chr(int(code[1])), html))

    def select(self, selector):
        return []


def on_pre_build(config):
    """Parse and execute every page before anything of the old site is touched."""
    folder = config.extra.get("downloads")
    try:
        _state["made"] = downloads.find(
            Path(config.config_file_path).parent / folder if folder else None
        )
    except ValueError as error:
        raise Abort(str(error)) from None
    markdown_extension.show_failures.set(_state["serving"])
    runner = markdown_extension.executor()
    runner.forget_failures()
    root = runner.settings.root
    for folder in (Path(config.site_dir), runner.settings.cache.parent):  # known before the wait
        if trouble := cannot_write(folder):
            raise Abort(f"No se puede construir el sitio: {trouble}")
    chapters, problems = {}, []
    built = _built(config)
    for page in runner.settings.pages():
        source = page.relative_to(runner.settings.docs).as_posix()
        if source not in built:
            continue
        try:
            chapters[source] = Chapter.load(page, root)
        except ChapterError as error:
            problems.append(str(error))
    try:
        executions = runner.run(list(chapters.values()))
    except ExecutionError as error:
        raise Abort(f"No se pudo ejecutar ninguna página: {error}") from None
    except KeyboardInterrupt:
        raise Abort("Se cortó a pedido. Las páginas que terminaron quedaron guardadas.") from None
    for chapter in chapters.values():
        if broken := failure(chapter, executions[chapter.path]):
            problems.append(str(broken))
        else:
            problems += quiz.problems(chapter, executions[chapter.path])
    _state["chapters"] = {
        source: (chapter, executions[chapter.path])
        for source, chapter in chapters.items()
        if chapter.cells
    }
    if not problems:
        return
    for problem in problems:
        log.error(problem)
    if not _state["serving"]:
        count = "1 problema" if len(problems) == 1 else f"{len(problems)} problemas"
        raise Abort(f"El sitio no se construyó: {count} en las páginas (arriba, con archivo y línea).")


def _built(config) -> set[str]:
    """The pages that MkDocs builds: not those that `exclude_docs` names, nor hidden ones."""
    wanted = InclusionLevel.is_in_serve if _state["serving"] else InclusionLevel.is_included
    return {file.src_uri for file in get_files(config).documentation_pages(inclusion=wanted)}


@event_priority(100)  # before mkdocs-jupyter looks for notebooks
def on_files(files, config):
    for file in list(files):
        if file.src_uri.startswith("notebook/mkdocs_"):  # our template: it is no part of the site
            files.remove(file)
    runner = markdown_extension.executor()
    _check_addresses(files)
    offered = _state["downloads"] = _offered(files, config)
    _state["notebooks"] = {}
    folder = runner.settings.cache.parent / NOTEBOOKS
    site_url = config.site_url or ""
    for page, (chapter, execution) in _state["chapters"].items():
        source = files.get_file_from_path(page)
        if source is None or execution.failed:
            continue
        scripts = standalone.scripts(chapter, execution, runner.settings.seed)
        _publish(files, File.generated(config, _scripts_uri(chapter), content=scripts.as_javascript()))
        if not _has_notebook(chapter, execution):
            continue
        # Notebooks link to the published site, whichever edition this build is.
        url = File(source.src_uri, config.docs_dir, config.site_dir, use_directory_urls=True).url
        done = _as_text(notebook.executed(chapter, execution, site_url, url))
        todo = _as_text(notebook.todo(chapter, execution, site_url, url))
        uri = notebook.page_uri(chapter)
        path = folder / uri
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text("utf-8") != done:
            path.write_text(done, "utf-8")
        _publish(files, File(uri, str(folder), config.site_dir, config.use_directory_urls))
        _state["notebooks"][uri] = page
        made = []
        for kind, text in ((EXECUTED, done), (TODO, todo)):
            made.append(Download(notebook.download_uri(chapter, kind), len(text.encode())))
            _publish(files, File.generated(config, made[-1].uri, content=text))
        pdf = offered.pdfs.get(chapter.name)
        offered.lessons.append(Lesson(chapter.meta["title"], source.src_uri, *made, pdf))
        for name in {cell.file for cell in chapter.executed_cells if cell.file}:  # what they import
            path = runner.settings.root / SNIPPETS_FOLDER / name
            uri = notebook.beside_uri(chapter, name)
            _publish(files, File.generated(config, uri, abs_src_path=str(path)))
    for source in gallery.sources(runner.settings.root):
        uri = f"{gallery.DOWNLOADS}/{source.parent.name}/{source.name}"
        _publish(files, File.generated(config, uri, abs_src_path=str(source)))
    return files


def _publish(files, file) -> None:
    """Add a file to the site, unless another one has its address."""
    for other in files:
        if other.dest_uri == file.dest_uri and other.inclusion.is_included():
            if other.abs_src_path and other.abs_src_path == file.abs_src_path:
                return  # two pages of a folder that show the same file of code
            raise _abort(
                f"{other.src_uri}: en esa dirección ({file.dest_uri}) el sitio pone algo suyo; "
                "cambiale el nombre o la carpeta."
            )
    files.append(file)


def _abort(message: str) -> Abort:
    """What to raise for something that the site can't be built with."""
    log.error(message)
    return Abort("El sitio no se construyó (arriba dice por qué).")


def _check_addresses(files) -> None:
    """No two pages of the site may have one address: the second would replace the first."""
    seen = {}
    for file in files.documentation_pages():
        if file.dest_uri in seen:
            raise _abort(
                f"{DOCS_FOLDER}/{seen[file.dest_uri]} y {DOCS_FOLDER}/{file.src_uri} tienen la misma "
                f"dirección ({file.url}); cambiale el nombre a una."
            )
        seen[file.dest_uri] = file.src_uri


def _offered(files, config) -> Downloads:
    """Add what was made beforehand for this build, and the files of code to the local edition."""
    root = Path(config.config_file_path).parent
    offered = Downloads(local=_is_local(config))

    def add(uri: str, path: Path) -> Download:
        _publish(files, File.generated(config, uri, abs_src_path=str(path)))
        return Download(uri, path.stat().st_size)

    if offered.local:
        for path in sorted((root / SNIPPETS_FOLDER).rglob("*.py")):
            offered.snippets.append(add(path.relative_to(root).as_posix(), path))
        return offered
    for name, path in _state["made"].items():
        download = add(f"{downloads.FOLDER}/{name}", path)
        if path.suffix == ".zip":
            offered.course = download
        else:
            offered.pdfs[name.removesuffix(".pdf")] = download
    return offered


def on_page_markdown(markdown, page, config, files):
    """Tell the extension which file it paints, and the theme what the page was made with."""
    if _is_notebook(page.file):
        page.meta = {"search": {"exclude": True}, "hide": ["toc"], "notebook": True}
        source = _state["notebooks"][page.file.src_uri]
        page.meta["chapter_url"] = files.get_file_from_path(source).url
        page.meta["provenance"] = _state["chapters"][source][1].provenance
        return markdown
    source = page.file.src_uri
    if page.meta.get("glossary"):
        terms = Glossary.load(Path(config.docs_dir) / "glosario.yml")
        markdown = markdown.replace(PLACEHOLDER, terms.table())
    if page.meta.get("downloads"):
        markdown = _state["downloads"].fill(markdown)
    on_disk = markdown_extension.executor().settings.docs / source
    markdown_extension.current_page.set(on_disk if page.file.abs_src_path else None)
    if source in _state["chapters"]:
        chapter, execution = _state["chapters"][source]
        page.meta["provenance"] = execution.provenance
        if not execution.failed:
            page.meta["scripts"] = _scripts_uri(chapter)
        if _has_notebook(chapter, execution):
            page.meta["notebook_url"] = files.get_file_from_path(notebook.page_uri(chapter)).url
            page.meta["lesson"] = next(
                lesson for lesson in _state["downloads"].lessons if lesson.page == source
            )
            page.meta["colab"] = _colab(page.meta["lesson"].todo, config)
    return markdown


def on_page_content(html, page, config, files):
    if _is_notebook(page.file):
        # mkdocs-jupyter guesses anchors from the prose; some are not those of the headings.
        page.toc = get_toc([])
        # Styles that nbconvert appends for itself; the site's own are already there.
        return re.sub(r"<style>.*?</style>", "", html, flags=re.S)
    return html


@event_priority(-100)  # whatever others add to a page is there
def on_post_page(output, page, config):
    lesson = _state["chapters"].get(page.file.src_uri)
    if lesson and "minutes" in lesson[0].meta:
        output = reading.show(output, reading.minutes(lesson[0]))
    return finish(output, policy=not _state["serving"], local=_is_local(config))


@event_priority(-100)
def on_post_template(output, template_name, config):
    if _is_local(config):
        return ""  # the page for what is not found and the site map: only servers use them
    return finish(output, policy=not _state["serving"]) if template_name.endswith(".html") else output


@event_priority(-100)  # the search plugin has written its index
def on_post_build(config):
    for name in ("keras-en-vivo.css", "keras-en-vivo.js"):
        asset = Path(config.site_dir) / "assets" / name
        if asset.is_file():
            asset.write_text(lighter_asset(asset.read_text("utf-8")), "utf-8")
    if not _state["serving"]:
        stylesheets.lighten(Path(config.site_dir), "assets/keras-en-vivo.css")
    path = Path(config.site_dir) / "search" / "search_index.json"
    terms = Path(config.docs_dir) / "glosario.yml"
    if path.is_file():
        index = json.loads(path.read_text("utf-8"))
        enrich(index, Glossary.load(terms).terms if terms.is_file() else ())
        index["config"]["separator"] = SEPARATOR
        text = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
        path.write_text(text, "utf-8")
        if _is_local(config):  # a file may not read another, but it may run it
            path.with_suffix(".js").write_text(f"var __index = {text};\n", "utf-8")


def _is_local(config) -> bool:
    """Whether this is the edition to read without a server, whose links name files."""
    return not config.use_directory_urls


def _has_notebook(chapter, execution) -> bool:
    """Lessons (pages that say how many minutes they take) come as notebooks too."""
    return "minutes" in chapter.meta and not execution.failed


def _colab(download: Download, config) -> str:
    """Where Colab opens a notebook: on the branch that the deploy publishes; "" if not known."""
    at = re.fullmatch(r"https://github\.com/([^/]+/[^/]+?)(?:\.git)?/?", config.repo_url or "")
    if not (at and config.remote_branch):
        return ""
    place = f"{at[1]}/blob/{config.remote_branch}"
    return f"https://colab.research.google.com/github/{place}/{download.uri}"


def _scripts_uri(chapter: Chapter) -> str:
    """Where a page finds the scripts of its blocks."""
    return f"{SCRIPTS}/{chapter.name}.js"


def _is_notebook(file) -> bool:
    return file.src_uri in _state["notebooks"]


def _as_text(node) -> str:
    return nbformat.writes(node) + "\n"


def _notebook_code(source: str) -> str:
    """A notebook's code in the markup that the theme styles and gives a copy button."""
    return highlight(source, PythonLexer(), HtmlFormatter(cssclass="highlight", wrapcode=True))


def _notebook_cell(cell) -> str:
    """The outputs of a notebook's cell, painted as on the page (a filter of our template)."""
    tags = cell.get("metadata", {}).get("tags", [])
    try:
        return outputs.render(
            json.loads(json.dumps(cell.get("outputs", []))),
            alt=cell.get("metadata", {}).get("alt", ""),
            volatile="volatile" in tags,
            expected="x" if "raises-exception" in tags else "",
            uid=cell.get("id", "c"),
        )
    except outputs.OutputError as error:  # its page says where
        return outputs.render_failure(str(error), "notebook")
