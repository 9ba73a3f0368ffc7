"""Folders to measure in: the course, a sample of it, and the same pages as each rival takes them."""

from __future__ import annotations

import json
import re
import shutil
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path

import nbformat
import yaml

from livedocs.derived import gallery
from livedocs.execution.kernel_environment import KERNEL_ENV
from livedocs.pages import anatomy, course
from livedocs.pages.chapter import SNIPPETS_FOLDER, Cell, Chapter, Prose
from livedocs.pages.includes import Includes
from livedocs.settings import Settings

ROOT = Path(__file__).parent.parent
#: The kernel of the notebooks, whichever program executes them.
KERNEL = "keras-en-vivo"

_OPENING = re.compile(r"^(?P<before>[ \t>]*`{3,})\{\.python.*$", re.M)
_LINK = re.compile(r"\]\((?P<target>[^)\s:#]+\.md)(?P<anchor>#[^)\s]*)?\)")


# Which pages ------------------------------------------------------------------------------


def executed(root: Path) -> list[Chapter]:
    """The pages of a project that have something to execute, the gallery among them."""
    settings = Settings(root)
    pages = settings.pages()
    if made := gallery.write(settings):
        pages.append(made)
    chapters = [Chapter.load(page, root) for page in pages]
    return [chapter for chapter in chapters if chapter.executed_cells]


def sample(root: Path, wanted: int) -> list[str]:
    """Some pages of the course that stand for all of it, always the same ones.

    Each class, each guide and the atlas of errors get pages in proportion to their blocks. Of
    each, those in the middle of equal shares, from the page with fewest blocks to that with most.

    Args:
        root: The project.
        wanted: How many.

    Returns:
        Their addresses from `docs/`, in the order of the course.
    """
    groups: dict[str, list[Chapter]] = {}
    for chapter in executed(root):
        group = course.unit_of(chapter.source)
        if group or anatomy.is_error(chapter):
            groups.setdefault(group or anatomy.ATLAS, []).append(chapter)
    nav = course.listed(root / "mkdocs.yml")
    place = {uri: number for number, uri in enumerate(nav)}
    order = sorted(groups, key=lambda g: min(place.get(c.source, len(nav)) for c in groups[g]))
    weights = {group: sum(len(c.executed_cells) for c in groups[group]) for group in order}
    shares = _shared_out(weights, min(wanted, sum(map(len, groups.values()))), groups)
    chosen = []
    for group in order:
        ranked = sorted(groups[group], key=lambda c: (len(c.executed_cells), c.source))
        count = shares[group]
        chosen += [ranked[(2 * n + 1) * len(ranked) // (2 * count)].source for n in range(count)]
    return chosen


def _shared_out(weights: dict[str, int], seats: int, groups: dict[str, list]) -> dict[str, int]:
    """Seats in proportion to weights (Sainte-Laguë), none with more than it has pages."""
    given = dict.fromkeys(weights, 0)
    for _ in range(seats):
        free = [name for name in weights if given[name] < len(groups[name])]
        given[max(free, key=lambda name: weights[name] / (2 * given[name] + 1))] += 1
    return given


# Projects of this engine ------------------------------------------------------------------


def whole(folder: Path) -> Path:
    """A copy of the course, with nothing executed."""
    _fresh(folder)
    shutil.copytree(ROOT / "docs", folder / "docs")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / SNIPPETS_FOLDER, folder / SNIPPETS_FOLDER, ignore=ignored)
    return _ours(folder, (ROOT / "mkdocs.yml").read_text("utf-8"))


def part(folder: Path, pages: Iterable[str]) -> Path:
    """A project with some pages of the course, and no gallery.

    What they include is in them; their links to other pages lead out of the site.
    """
    _fresh(folder)
    pages = list(pages)
    shutil.copytree(ROOT / "docs", folder / "docs", ignore=shutil.ignore_patterns("*.md"))
    for uri in pages:
        page = folder / "docs" / uri
        page.parent.mkdir(parents=True, exist_ok=True)
        text = (ROOT / "docs" / uri).read_text("utf-8-sig")
        text = "\n".join(Includes(ROOT / SNIPPETS_FOLDER).run(text.split("\n")))
        page.write_text(_led_out(text, uri, pages), "utf-8")
    # An error's page leads to the index of them all.
    indexes = {
        "index.md",
        *(f"{anatomy.ATLAS}/index.md" for uri in pages if uri.startswith(f"{anatomy.ATLAS}/")),
    }
    for uri in indexes.difference(pages):
        (folder / "docs" / uri).write_text("# Muestra { #muestra }\n", "utf-8")
    (folder / SNIPPETS_FOLDER).mkdir()
    return _ours(folder, without_nav((ROOT / "mkdocs.yml").read_text("utf-8")))


def _fresh(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)


def _ours(folder: Path, config: str) -> Path:
    """What pages need around them."""
    shutil.copytree(ROOT / "overrides", folder / "overrides")
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "mkdocs.yml").write_text(with_hook_of(ROOT, config), "utf-8")
    return folder


def with_hook_of(root: Path, config: str) -> str:
    """An `mkdocs.yml` that works in another folder with the engine of `root`."""
    hook = "livedocs/integrations/mkdocs.py"
    return _changed(config, rf"^(  - ){re.escape(hook)}$", rf"\g<1>{(root / hook).as_posix()}")


def without_nav(config: str) -> str:
    """An `mkdocs.yml` that lists no pages: MkDocs then takes them by name."""
    return _changed(config, r"^nav:\n(?:[ \t#].*\n|\n)*", "")


def _changed(text: str, pattern: str, new: str) -> str:
    changed, count = re.subn(pattern, new, text, flags=re.M)
    if count != 1:
        raise ValueError(f"mkdocs.yml: no se encontró «{pattern}», que la medición tiene que cambiar.")
    return changed


def _led_out(text: str, uri: str, pages: list[str]) -> str:
    here = Path("/") / Path(uri).parent

    def lead(match: re.Match) -> str:
        target = Path("/") / (here / match["target"])
        known = target.resolve().as_posix().removeprefix("/") in pages
        return match[0] if known else "](https://example.org/)"

    return _LINK.sub(lead, text)


# The same pages without the engine ----------------------------------------------------------


def alone(folder: Path, project: Path) -> Path:
    """The pages of a project for MkDocs with this engine off: the same theme and extensions."""
    _fresh(folder)
    shutil.copytree(project / "docs", folder / "docs")
    shutil.copytree(project / SNIPPETS_FOLDER, folder / SNIPPETS_FOLDER)
    made = project / ".livedocs" / "generated" / gallery.PAGE
    if made.is_file():
        shutil.copy(made, folder / "docs" / gallery.PAGE)
    for page in (folder / "docs").rglob("*.md"):
        text = page.read_text("utf-8-sig")
        page.write_text(_OPENING.sub(r"\g<before>python", text), "utf-8")  # what any highlighter reads
    config = (project / "mkdocs.yml").read_text("utf-8")
    config = _changed(config, r"^hooks:\n(?:[ \t].*\n)+", "")
    config = _changed(config, r"^  - livedocs\n", "")
    # Our templates show what staging wrote in each page: without it, those of the theme.
    config = _changed(config, r"^  custom_dir: overrides\n", "")
    config = config.replace("  - overrides\n", "")
    (folder / "mkdocs.yml").write_text(config, "utf-8")
    return folder


def scripts(folder: Path, chapters: list[Chapter], seed: int) -> Path:
    """Each page as a script: its blocks one after the other, for plain Python."""
    _fresh(folder)
    for number, chapter in enumerate(chapters, 1):
        place = folder / f"{number:03}"
        place.mkdir()
        (place / "page.py").write_text(script(chapter, seed), "utf-8")
        (place / "name.txt").write_text(chapter.path, "utf-8")
    return folder


def script(chapter: Chapter, seed: int) -> str:
    """The blocks of a page, one after the other; those that have to fail do not stop the others."""
    code = [cell.code for cell in chapter.executed_cells]
    parts = [_beginning(seed, keras=any("keras" in text for text in code))]
    return "\n\n".join([*parts, *map(_may_fail, chapter.executed_cells)]) + "\n"


def _beginning(seed: int, keras: bool) -> str:
    """Only what a page's blocks find when they start: its data and its seed."""
    lines = ["import random", "import numpy", f"random.seed({seed})", f"numpy.random.seed({seed})"]
    if keras:
        lines += [
            "import keras", f"keras.utils.set_random_seed({seed})",
            "from livedocs.data import profiles", "profiles.install('synthetic')",
        ]  # fmt: skip
    return "\n".join(lines)


def _may_fail(cell: Cell) -> str:
    if not cell.raises:
        return cell.code
    body = textwrap.indent(cell.code, "    ")
    return f"try:\n{body}\nexcept Exception as error:\n    print(type(error).__name__, error)"


def lesson_with_continuation(folder: Path, chapter: Chapter, seed: int) -> Path:
    """A page as pytest-markdown-docs tests it by itself: each block goes on from those above."""
    _fresh(folder)
    parts = []
    for number, cell in enumerate(chapter.executed_cells):
        info = "python continuation" if number else "python"
        parts.append(f"```{info}\n{_may_fail(cell)}\n```\n")
    (folder / "page.md").write_text("\n".join(parts), "utf-8")
    keras = any("keras" in cell.code for cell in chapter.executed_cells)
    (folder / "conftest.py").write_text(_beginning(seed, keras) + "\n", "utf-8")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -q --markdown-docs\n", "utf-8")
    return folder


# Notebooks ----------------------------------------------------------------------------------


def notebooks(folder: Path, chapters: list[Chapter]) -> Path:
    """Each page as a notebook with nothing executed, in a folder of its own."""
    _fresh(folder)
    for number, chapter in enumerate(chapters, 1):
        place = folder / f"p{number:02}"
        place.mkdir()
        (place / "page.ipynb").write_text(nbformat.writes(notebook(chapter)) + "\n", "utf-8")
    return folder


def notebook(chapter: Chapter) -> nbformat.NotebookNode:
    """The prose and the blocks of a page; those that have to fail are marked as Jupyter asks."""
    v4 = nbformat.v4
    node = v4.new_notebook()
    node.metadata["kernelspec"] = {"name": KERNEL, "display_name": KERNEL, "language": "python"}
    node.metadata["language_info"] = {"name": "python"}
    node.cells.append(v4.new_markdown_cell(f"# {chapter.meta.get('title', chapter.name)}"))
    for part in chapter.parts:
        if isinstance(part, Prose) and part.text.strip():
            node.cells.append(v4.new_markdown_cell(re.sub(r"^# .*$", "", part.text, flags=re.M)))
        elif isinstance(part, Cell) and part.executed:
            node.cells.append(v4.new_code_cell(part.code))
            if part.raises:
                node.cells[-1].metadata["tags"] = ["raises-exception"]
    for count, cell in enumerate(node.cells):
        cell["id"] = f"c{count}"
    return node


def jupyter(folder: Path, seed: int) -> dict[str, str]:
    """The environment of a program that executes notebooks: the kernel, its data and its seed.

    Args:
        folder: Where the kernel is declared.
        seed: As that of the pages.
    """
    _fresh(folder)
    spec = folder / "data" / "kernels" / KERNEL
    spec.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    env = KERNEL_ENV | {"PYTHONPATH": str(ROOT), "KERAS_HOME": str(folder / "keras")}
    described = {"argv": argv, "display_name": KERNEL, "language": "python", "env": env}
    (spec / "kernel.json").write_text(json.dumps(described), "utf-8")
    startup = folder / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00-data.py").write_text(_beginning(seed, keras=True) + "\n", "utf-8")
    return {"JUPYTER_PATH": str(folder / "data"), "IPYTHONDIR": str(folder / "ipython")}


def mkdocs_jupyter(folder: Path, source: Path) -> Path:
    """A site of Material whose pages are notebooks, which mkdocs-jupyter executes."""
    _fresh(folder)
    shutil.copytree(source, folder / "docs")
    (folder / "docs" / "index.md").write_text("# Muestra\n", "utf-8")
    told = {
        "site_name": "Muestra",
        "theme": {"name": "material", "font": False},
        "plugins": [
            "search",
            {"mkdocs-jupyter": {"execute": True, "allow_errors": False, "cache": False}},
        ],
    }
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(told), "utf-8")
    return folder


def jupyter_book(folder: Path, source: Path) -> Path:
    """A book whose chapters are notebooks; what they gave is kept, as Jupyter Book keeps it."""
    _fresh(folder)
    shutil.copytree(source, folder, dirs_exist_ok=True)
    (folder / "intro.md").write_text("# Muestra\n", "utf-8")
    chapters = [
        {"file": str(p.relative_to(folder).with_suffix(""))} for p in sorted(folder.glob("*/*.ipynb"))
    ]
    toc = {"format": "jb-book", "root": "intro", "chapters": chapters}
    (folder / "_toc.yml").write_text(yaml.safe_dump(toc), "utf-8")
    told = {
        "title": "Muestra",
        "execute": {"execute_notebooks": "cache", "timeout": 1800, "run_in_temp": True},
        "only_build_toc_files": True,
    }
    (folder / "_config.yml").write_text(yaml.safe_dump(told), "utf-8")
    return folder


def myst(folder: Path, source: Path) -> Path:
    """A project of MyST whose pages are notebooks."""
    _fresh(folder)
    shutil.copytree(source, folder, dirs_exist_ok=True)
    (folder / "index.md").write_text("# Muestra\n", "utf-8")
    files = [{"file": "index.md"}]
    files += [{"file": path.relative_to(folder).as_posix()} for path in sorted(folder.glob("*/*.ipynb"))]
    told = {"version": 1, "project": {"title": "Muestra", "toc": files}, "site": {"title": "Muestra"}}
    (folder / "myst.yml").write_text(yaml.safe_dump(told), "utf-8")
    return folder
