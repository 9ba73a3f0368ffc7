"""The gate: what the manifest promises against what a built site holds.

A generator can lose a page, an output or an anchor and call the build clean. Here everything
that was staged is looked for in the site, and every link of the site is followed within it.
"""

from __future__ import annotations

import html
import posixpath
import re
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

from livedocs.kept import Kept, digest

_TAG = re.compile(r"<(?P<tag>[a-z][a-z0-9]*)\b(?P<attributes>(?:[^>\"']|\"[^\"]*\"|'[^']*')*)>")
_ATTRIBUTE = re.compile(r"([\w:-]+)(?:=(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?")
#: Text of scripts and comments is no markup.
_OPAQUE = re.compile(r"<!--.*?-->|<(script|style|template)\b[^>]*>.*?</\1>", re.S)
_BLOCK = re.compile(r"b[1-9]\d*")
#: The class by which each kind of output is known.
_KINDS = {
    "kv-text": "text",
    "kv-warning": "warning",
    "kv-error": "error",
    "kv-summary": "summary",
    "kv-diagram": "diagram",
    "kv-figure": "figure",
}


@dataclass
class Page:
    """What a built page holds.

    Attributes:
        ids: Anchors.
        outputs: Kinds of output below each executed block, by its anchor.
        links: Addresses of the same site that it asks for, as written.
        painted: How many boxes of outputs it has.
        quizzes: How many questions it asks.
        tooltips: How many terms it explains.
    """

    ids: set[str] = field(default_factory=set)
    outputs: dict[str, list[str]] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    painted: int = 0
    quizzes: int = 0
    tooltips: int = 0


def read(text: str) -> Page:
    """What a page holds, from its HTML."""
    page, block = Page(), ""
    for match in _TAG.finditer(_OPAQUE.sub("", text)):
        found = {
            name: html.unescape(quoted or single or bare)
            for name, quoted, single, bare in _ATTRIBUTE.findall(match["attributes"])
        }
        classes = found.get("class", "").split()
        if name := found.get("id"):
            page.ids.add(name)
        if match["tag"] == "div" and "highlight" in classes:
            block = found.get("id", "")
            if _BLOCK.fullmatch(block):
                page.outputs[block] = []
            else:
                block = ""  # code that was not executed: what follows is not its output
        page.painted += "kv-output" in classes
        page.quizzes += "kv-quiz" in classes
        if block:
            page.outputs[block] += [_KINDS[name] for name in classes if name in _KINDS]
        page.tooltips += match["tag"] == "abbr"
        for name in ("href", "src"):
            if address := found.get(name):
                page.links.append(address)
    return page


def _told(text: str) -> dict:
    """What a page holds, in plain values."""
    others = vars(read(text)).copy()
    return {"ids": sorted(others.pop("ids")), "others": others}


def problems(site: Path, manifest: dict, kept: Kept | None = None) -> list[str]:
    """What a built site lacks, in Spanish; nothing if it is complete.

    Args:
        site: Its folder, finished.
        manifest: As `livedocs.staging` wrote it.
        kept: What its pages held the time before.
    """
    kept = kept or Kept()
    held = {}
    for path in sorted(site.rglob("*.html")):
        text = path.read_text("utf-8")
        told = kept.of(("held", digest(text)), partial(_told, text))
        held[path.relative_to(site).as_posix()] = Page(set(told["ids"]), **told["others"])
    found = []
    for uri, promised in manifest["pages"].items():
        file = _file(promised["url"])
        if file not in held:
            found.append(f"falta la página {promised['url'] or 'de inicio'} ({uri}).")
            continue
        found += [f"{uri}: {told}" for told in _missing(promised, held[file])]
        for link in promised["links"]:
            target, _, anchor = link.partition("#")
            if not (there := manifest["pages"].get(target)):
                found.append(f"{uri}: enlaza a {target}, que no se construye.")
            elif anchor and (page := held.get(_file(there["url"]))) and anchor not in page.ids:
                found.append(f"{uri}: enlaza a {link} y en esa página no hay un ancla «{anchor}».")
    found += [f"falta el archivo {uri}." for uri in manifest["files"] if not _there(site, uri)]
    for file, page in held.items():
        found += [f"{file}: {told}" for told in _dead_links(site, file, page, held)]
    return list(dict.fromkeys(found))


def _missing(promised: dict, page: Page) -> list[str]:
    told = [f"falta el ancla «{anchor}»." for anchor in promised["anchors"] if anchor not in page.ids]
    for number in range(1, promised["blocks"] + 1):
        if f"b{number}" not in page.ids:
            told.append(f"falta el bloque ejecutado {number}.")
    for block, kinds in promised["outputs"].items():
        shown = list(page.outputs.get(block, ()))
        for kind in kinds:
            if kind in shown:
                shown.remove(kind)
            elif block in page.ids:
                told.append(f"al bloque {block[1:]} le falta una salida ({kind}).")
    if page.painted < promised.get("painted", 0):
        told.append(f"muestra {page.painted} salidas y tiene que mostrar {promised['painted']}.")
    if page.quizzes < promised.get("quizzes", 0):
        told.append(f"hace {page.quizzes} preguntas y tiene que hacer {promised['quizzes']}.")
    return told


def _dead_links(site: Path, file: str, page: Page, held: dict[str, Page]) -> list[str]:
    told = []
    for link in page.links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc or not (parts.path or parts.fragment):
            continue
        path = unquote(parts.path)
        if path.startswith("/"):
            if file == "404.html":
                continue  # it is shown at any depth, so its links start at the root of the server
            base = "/".join([".."] * file.count("/"))  # from the root of the site
            path = f"{base}{path}" if base else f".{path}"
        target = posixpath.normpath(posixpath.join(posixpath.dirname(file), path)) if path else file
        if target == "." or path.endswith(("/", "/.", "/..")) or path in (".", ".."):
            target = posixpath.normpath(f"{target}/index.html")
        if not (site / target).is_file():
            told.append(f"el enlace {link} no lleva a ningún lado.")
        elif (
            parts.fragment
            and target in held
            and held[target].ids.isdisjoint({parts.fragment, unquote(parts.fragment)})
        ):  # as a browser looks for it: as written, then decoded
            told.append(f"el enlace {link} lleva a un ancla que no existe.")
    return told


def _file(url: str) -> str:
    """The file of a page, from its address."""
    return url if url.endswith(".html") else f"{url}index.html"


#: Made one with the theme's, or put in another place; a page that still asks for it says so.
_MERGED = re.compile(
    r"assets/(?:(?:keras-en-vivo|recorrido)\.css|(?:trabajador|sin-conexion|guardado)\.js)$"
)


def _there(site: Path, uri: str) -> bool:
    return (site / uri).is_file() or bool(_MERGED.search(uri))
