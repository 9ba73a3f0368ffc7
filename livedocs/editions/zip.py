"""What is made before the published site: the course as a zip that needs no server, and its PDFs.

The zip holds the same pages built with links to files (`mkdocs build --no-directory-urls`);
what else that edition needs to be read from the file system is decided in `mkdocs_hooks.py`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from livedocs.derived.downloads import COURSE, Download
from livedocs.editions.pdf import chromium, print_pages
from livedocs.pages import course
from livedocs.pages.chapter import Chapter
from livedocs.settings import Settings

_README = """\
Keras en vivo
=============

Un curso de Keras 3 en español en el que todo lo que se lee se ejecutó.

Para leerlo, abrí index.html con tu navegador. No hace falta internet.

  index.html           la primera página
  notebooks/descargas  los notebooks de Jupyter: ejecutados y para completar
  snippets             el código de las clases y los verificadores de homework

Para ejecutar el código hace falta Python con Keras:

  python -m pip install keras tensorflow matplotlib notebook

Para revisar tu homework, abrí una terminal en esta carpeta. Por ejemplo, para la Clase 103:

  python -m snippets.check 103 mi_homework.py
"""
#: Of no use to who reads: what debuggers ask for, and the search in Thai, Hindi and Japanese.
_LEFT_OUT = ("*.map", "lunr/wordcut.js", "lunr/tinyseg.js")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say


class BuildError(Exception):
    """The edition for the zip could not be built; MkDocs has already said why."""


def make(settings: Settings, folder: Path, site_url: str = "") -> list[str]:
    """Make the zip and, if there is a browser, the PDF of every class and guide.

    Args:
        settings: The project.
        folder: Where they go. Whatever it held is replaced, once everything is made.
        site_url: Address of the published site, for the links of the PDFs; "" if not known.

    Returns:
        What was made and what was not, in Spanish, one line each.

    Raises:
        BuildError: MkDocs failed; its messages are on the standard error.
        PrintError: the browser failed, in Spanish.
        ValueError: the folder holds something else, which would be lost, in Spanish.
    """
    folder = folder.resolve()
    there = [folder] if folder.is_file() else [p for p in folder.rglob("*") if not p.is_dir()]
    if not all(map(_is_ours, there)):
        raise ValueError(f"{folder}: ahí ya hay otras cosas, y se perderían. Elegí una carpeta nueva.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
        edition, made = Path(scratch) / COURSE, Path(scratch) / "made"
        made.mkdir()
        build(settings.root, edition)
        said = [_said(pack(edition, made / f"{COURSE}.zip"), made)]
        path = chromium()
        if path is None:
            said.append(
                "No se hicieron los PDF: no hay Chromium en esta máquina. Instalalo "
                "(por ejemplo, «apt install chromium») y repetí el comando."
            )
        else:
            pdfs = {made / f"{name}.pdf": pages for name, pages in _printed(settings).items()}
            for pdf, pages in pdfs.items():
                pdf.parent.mkdir(parents=True, exist_ok=True)
                print_pages(path, edition, [edition / page for page in pages], pdf, site_url)
            said += [_said(pdf, made) for pdf in pdfs]
        shutil.rmtree(folder, ignore_errors=True)
        made.rename(folder)
    return said


def build(root: Path, folder: Path) -> None:
    """Build the edition that is read from the file system.

    Raises:
        BuildError: MkDocs failed; its messages are on the standard error.
    """
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--no-directory-urls"]
    env = {**os.environ, "LIVEDOCS_DOWNLOADS": ""}
    if subprocess.run([*command, "--site-dir", str(folder)], cwd=root, env=env).returncode:
        raise BuildError
    (folder / "LEEME.txt").write_text(_README, "utf-8")


def pack(folder: Path, path: Path) -> Path:
    """A folder as a zip, the same for the same contents.

    Args:
        folder: It goes into the zip by its name.
        path: The zip; it appears whole or not at all.
    """
    scratch = path.with_name(f".{path.name}")
    with zipfile.ZipFile(scratch, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for file in sorted(p for p in folder.rglob("*") if p.is_file()):
            if any(map(file.match, _LEFT_OUT)):
                continue
            info = zipfile.ZipInfo(file.relative_to(folder.parent).as_posix(), _EPOCH)
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(info, file.read_bytes(), compresslevel=9)
    scratch.replace(path)
    return path


def _is_ours(path: Path) -> bool:
    return path.suffix == ".pdf" or path.name == f"{COURSE}.zip"


def _printed(settings: Settings) -> dict[str, list[Path]]:
    """The pages that are printed together, by name: classes and guides whole, other lessons alone."""
    chapters = {c.source: c for page in settings.pages() if (c := Chapter.load(page, settings.root))}
    nav = course.listed(settings.root / "mkdocs.yml")
    groups = {
        unit.folder: [unit.index, *unit.pages]
        for unit in course.units(nav, list(chapters))
        if any(chapters[uri].is_lesson for uri in unit.pages)
    }
    together = {uri for uris in groups.values() for uri in uris}
    alone = {c.name: [uri] for uri, c in chapters.items() if c.is_lesson and uri not in together}
    return {
        name: [Path(uri).with_suffix(".html") for uri in uris] for name, uris in (alone | groups).items()
    }


def _said(path: Path, folder: Path) -> str:
    name = path.relative_to(folder).as_posix()
    return f"✓ {name}: {Download(name, path.stat().st_size).size}"
