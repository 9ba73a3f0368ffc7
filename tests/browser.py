"""What the browser tests share: a server that compresses as a real one does, and page lists."""

from __future__ import annotations

import functools
import gzip
import http.server
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from livedocs.derived.promises import address
from livedocs.editions.pdf import FLAGS as FLAGS
from livedocs.editions.pdf import chromium
from livedocs.settings import Settings

SIZES = {"phone": (360, 740), "tablet": (768, 1024), "desktop": (1280, 900)}
HOW_TO = "instalá Chromium (por ejemplo, «apt install chromium») y volvé a correr las pruebas"
COMPRESSIBLE = {".html", ".css", ".js", ".json", ".svg", ".xml", ".ipynb"}
OPEN_ALL = "document.querySelectorAll('details').forEach(d => d.open = true)"


def require_chromium() -> str:
    """Where Chromium is; without it the test is skipped, or fails if it may not be skipped."""
    path = chromium()
    if path is None:
        if os.environ.get("LIVEDOCS_REQUIRE_BROWSER"):
            pytest.fail(f"hace falta un navegador: {HOW_TO}")
        pytest.skip(f"no hay navegador en esta máquina: {HOW_TO}")
    return path


def base(site: Path) -> str:
    """The folder where a built site says that it is published, as `/curso/`: its 404 page leads there."""
    sitemap = site / "sitemap.xml"
    told = sitemap.read_text("utf-8") if sitemap.is_file() else ""
    return min(re.findall(r"<loc>https?://[^/<]+(/[^<]*)</loc>", told), key=len, default="/")


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def translate_path(self, path):
        path = path.removeprefix(base(Path(self.directory)))
        return super().translate_path(f"/{path.removeprefix('/')}")

    def log_message(self, *args):
        pass

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            path = path / "index.html"
        status = 200 if path.is_file() else 404
        body = path.read_bytes() if status == 200 else b"not found"
        self.send_response(status)
        self.send_header("Content-Type", self.guess_type(str(path)))
        if path.suffix in COMPRESSIBLE and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, 6, mtime=0)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder, compressed; gives its address."""
    handler = functools.partial(Handler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def urls(site: Path) -> list[str]:
    """The address of every page of a built site, from its root."""
    pages = [path.parent.relative_to(site).as_posix() for path in site.rglob("index.html")]
    return sorted("/" if page == "." else f"/{page}/" for page in pages)


def with_notebooks() -> list[Path]:
    """The pages that come as notebooks too: the lessons with something to run."""
    pages = Settings.load(Path(__file__).parent.parent).pages()
    texts = {path: path.read_text("utf-8") for path in pages}
    return [p for p, text in texts.items() if "\nlesson: true\n" in text and "\n```" in text]


def expected_urls() -> list[str]:
    """The addresses that the built site has to have, known without building it."""
    settings = Settings.load(Path(__file__).parent.parent)
    found = {
        f"/notebooks/{path.relative_to(settings.docs).with_suffix('').as_posix()}/"
        for path in with_notebooks()
    }
    found.add("/snippets/")  # nobody writes it, nor the reviews of folders of lessons
    found |= {
        f"/{folder}/repaso/"
        for folder in {
            path.parent.relative_to(settings.docs).as_posix()
            for pages in ("clases/*/*.md", "guias/*/*.md", "empezar/*.md")
            for path in settings.docs.glob(pages)
            if "{.python quiz" in path.read_text("utf-8")
        }
    }
    for path in settings.pages():
        found.add("/" + address(path.relative_to(settings.docs).as_posix()))
    return sorted(found)
