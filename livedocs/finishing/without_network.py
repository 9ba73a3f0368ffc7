"""The site without network: what makes it installable, and what its service worker may keep.

A site is kept on the readers' devices if it has the worker and a page that shows what is kept
(`data-kv-kept`). The worker (`docs/assets/trabajador.js`) goes to the root of the site, since it
rules only over what is below it. Beside it, a list says all that may be kept, with the digest of
each file: a version is kept whole or not at all, and no file of another one gets into it.
"""

from __future__ import annotations

import hashlib
import html
import json
import posixpath
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from livedocs.derived import cards, logo, notebook
from livedocs.finishing import completeness
from livedocs.finishing.styles import lighten_asset
from livedocs.pages.anatomy import ATLAS

#: Ours, from the root of the site: the worker as it is written, and what pages say to it.
SOURCE, SCRIPT, PAINTER = "assets/trabajador.js", "assets/sin-conexion.js", "assets/guardado.js"
#: What is made here.
WORKER, LIST, MANIFEST = "sw.js", "assets/sin-conexion.json", "app.webmanifest"
ICONS = {
    "assets/icono-192.png": (192, {}),
    "assets/icono-512.png": (512, {}),
    "assets/icono-recortable-512.png": (512, {"square": True, "scale": 0.72}),
    "assets/icono-180.png": (180, {"square": True, "scale": 0.85}),
}
TOUCH = "assets/icono-180.png"
#: Marks of the page that shows what is kept, and of the first page of a class that can be.
KEPT, KEEP = "data-kv-kept", "data-kv-keep="
#: What searches, the site or for an error: it comes with the first class that is kept.
SEARCH = (
    "search/search_index.json",
    "search.json",
    "assets/javascripts/workers/*.js",
    "assets/javascripts/lunr/min/lunr.stemmer.support.min.js",
    "assets/javascripts/lunr/min/lunr.es.min.js",
    "assets/errores.js",
    "assets/mensajes.js",
)
#: Letters of a digest: enough to tell two versions of a file apart.
_DIGEST = 16
_UNBUILT = '"sin construir"'
_ARTICLE = re.compile(r"<article\b.*?</article>", re.S)
_TITLE = re.compile(r"<title>(.*?)</title>", re.S)
_DESCRIPTION = re.compile(r'<meta name="description" content="([^"]*)"')
_SCRIPTS = re.compile(r'\bdata-kv-scripts="([^"]+)"')
#: A worker that goes away, with all that it kept: for a site that has none any more.
_GONE = """\
addEventListener("install",()=>skipWaiting());
addEventListener("activate",event=>event.waitUntil((async()=>{
for(const name of await caches.keys())if(name.startsWith("keras-en-vivo "+registration.scope+" "))await caches.delete(name);
await registration.unregister();})()));
"""


def finish(site: Path, *, serving: bool = False, local: bool = False) -> None:
    """Make a finished site one that can be kept; nothing is changed after this.

    Args:
        site: Its folder.
        serving: Whether it changes while it is seen: nothing may be kept of it.
        local: Whether it is read as files, which no worker can serve.
    """
    if not (site / SOURCE).is_file():
        return
    source = (site / SOURCE).read_text("utf-8")
    (site / SOURCE).unlink()
    pages = {
        path.relative_to(site).as_posix(): path.read_text("utf-8")
        for path in sorted(site.rglob("*.html"))
        if path != site / "404.html"  # it is shown at any depth
    }
    shows = next((page for page, text in pages.items() if KEPT in text), "")
    if serving or local or not shows or "index.html" not in pages:
        for name in (SCRIPT, PAINTER):
            (site / name).unlink(missing_ok=True)
        if not local:  # who saw a site here that had a worker would go on seeing that one
            (site / WORKER).write_text(_GONE, "utf-8")
        return
    _icons(site)
    (site / MANIFEST).write_text(_json(_manifest(pages["index.html"])), "utf-8")
    for page, text in pages.items():
        pages[page] = _told(page, text)
        (site / page).write_text(pages[page], "utf-8")
    listed = _Listing(site, pages, shows).as_data()
    version = _digest(_json(listed).encode() + source.encode())
    (site / LIST).write_text(_json({"version": version, **listed}), "utf-8")
    (site / WORKER).write_text(source.replace(_UNBUILT, json.dumps(version), 1), "utf-8")
    lighten_asset(site / WORKER)


def _icons(site: Path) -> None:
    for name, (side, how) in ICONS.items():
        (site / name).write_bytes(logo.png(side, **how))


def _manifest(home: str) -> dict:
    """Addresses are relative to the manifest: the site may be below the root of its server."""
    plain, large, cut, _ = ICONS
    icon = lambda name, **more: {
        "src": name, "sizes": "x".join([str(ICONS[name][0])] * 2), "type": "image/png", **more
    }  # fmt: skip
    described = _DESCRIPTION.search(home)
    return {
        "name": cards.SITE,
        "short_name": cards.SITE,
        "description": html.unescape(described[1]) if described else "",
        "lang": "es",
        "dir": "ltr",
        "start_url": "./",
        "scope": "./",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#ffffff",
        "icons": [icon(plain), icon(large), icon(cut, purpose="maskable")],
    }


def _told(page: str, text: str) -> str:
    """A page that says it can be installed, and whose script speaks to the worker."""
    base = "../" * page.count("/") or "./"
    scripts = (SCRIPT, PAINTER) if KEPT in text or KEEP in text else (SCRIPT,)
    head = (
        f'<link rel="manifest" href="{base}{MANIFEST}"><link rel="apple-touch-icon" href="{base}{TOUCH}">'
        + "".join(f'<script src="{base}{name}" defer></script>' for name in scripts)
    )
    return text.replace("</head>", f"{head}\n</head>", 1)


class _Listing:
    """What may be kept of a site.

    Args:
        site: Its folder.
        pages: The text of each page, by file.
        shows: The page that shows what is kept, to which who has no network is led.
    """

    def __init__(self, site: Path, pages: dict[str, str], shows: str):
        self.site, self.pages, self.shows = site, pages, shows

    def as_data(self) -> dict:
        """As the worker reads it: files once, and then by their number."""
        shell = list(dict.fromkeys(
            file for page in ("index.html", self.shows) for file in (page, *self.resources(page))
        ))  # fmt: skip
        inside = {page: [f for f in self.resources(page) if f not in shell] for page in self.pages}
        tools = [page for page in self.linked(self.shows) if page not in shell]
        tools += [file for pattern in SEARCH for file in self.files(pattern)]
        tools += [file for page in tools if page in self.pages for file in inside[page]]
        courses = {
            posixpath.dirname(page): self.course(page, inside)
            for page, text in self.pages.items()
            if KEEP in text
        }
        files = list(dict.fromkeys(
            [*shell, *tools, *(f for course in courses.values() for f in course), *self.pages,
             *(file for found in inside.values() for file in found)]
        ))  # fmt: skip
        number = {file: n for n, file in enumerate(files)}
        return {
            "shows": number[self.shows],
            "shell": [number[file] for file in shell],
            "tools": sorted({number[file] for file in tools}),
            "courses": {
                folder: sorted({number[file] for file in course} - {number[file] for file in shell})
                for folder, course in courses.items()
            },
            "inside": {
                number[page]: [number[f] for f in found] for page, found in inside.items() if found
            },
            "titles": {number[page]: self.title(page) for page in self.pages},
            "files": [[file, *self.weighed(file)] for file in files],
        }

    def weighed(self, file: str) -> tuple[str, int]:
        data = (self.site / file).read_bytes()
        return _digest(data), len(data)

    def files(self, pattern: str) -> list[str]:
        found = sorted(path for path in self.site.glob(pattern) if path.is_file())
        return [path.relative_to(self.site).as_posix() for path in found]

    def title(self, page: str) -> str:
        """What a page is called, without the name of the site, which goes last."""
        found = _TITLE.search(self.pages[page])
        text = html.unescape(" ".join(found[1].split())) if found else page
        return text.rpartition(" - ")[0] or text

    def resources(self, page: str) -> list[str]:
        """The files that a page asks for by itself, or to copy a block of it."""
        text = self.pages[page]
        asked = re.findall(r'<(?:script|img|source)\b[^>]*\bsrc="([^"]+)"', text)
        asked += re.findall(
            r'<link\b(?=[^>]*\brel="(?:stylesheet|icon|manifest)")[^>]*\bhref="([^"]+)"', text
        )
        asked += _SCRIPTS.findall(text)
        return self.own(page, asked)

    def linked(self, page: str) -> list[str]:
        """The pages of the site to which the text of a page leads."""
        article = _ARTICLE.search(self.pages[page])
        links = completeness.read(article[0]).links if article else []
        return [file for file in self.own(page, links) if file in self.pages]

    def own(self, page: str, addresses: list[str]) -> list[str]:
        """The files of the site that addresses on a page lead to, once each."""
        found = []
        for address in addresses:
            parts = urlsplit(html.unescape(address))
            if parts.scheme or parts.netloc or not parts.path:
                continue
            path = unquote(parts.path)
            target = posixpath.normpath(posixpath.join(posixpath.dirname(page), path))
            if path.endswith(("/", "/.", "/..")) or path in (".", ".."):
                target = posixpath.normpath(f"{target}/index.html")
            if (self.site / target).is_file():
                found.append(target)
        return list(dict.fromkeys(found))

    def course(self, index: str, inside: dict[str, list[str]]) -> list[str]:
        """A class: its pages, their notebooks, as pages and to take away, and the errors it leads to."""
        folder = posixpath.dirname(index)
        places = (folder, f"{notebook.NOTEBOOKS}/{folder}")
        pages = [page for page in self.pages if page.startswith(tuple(f"{p}/" for p in places))]
        errors = [
            error
            for page in pages
            for error in self.linked(page)
            if error.startswith(f"{ATLAS}/") and error != f"{ATLAS}/index.html"
        ]
        pages = list(dict.fromkeys([*pages, *errors]))
        return [
            *pages,
            *self.files(f"{notebook.DOWNLOADS}/{folder}/**/*"),
            *(file for page in pages for file in inside[page]),
        ]


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:_DIGEST]


def _json(data: dict) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
