"""What the browser asks of the site while it is edited: pages, files and, as they come, news.

MkDocs' own server shows what was built, and makes every request wait while it builds again. This
one has each page made when it is asked for, and tells each browser only of the page that it shows.
"""

from __future__ import annotations

import contextlib
import html
import json
import posixpath
import queue
import threading
import traceback
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

from livedocs.integrations.serving.site import Site

#: Where what is only there while the site is served is, from its root.
OWN = "_livedocs/"
_SCRIPT = Path(__file__).with_name("live.js")
#: Seconds after which a browser that hears nothing is told that the server is still there.
STILL_HERE = 10


class Listener:
    """A browser that shows a page, and what it has to be told."""

    def __init__(self, url: str, version: str):
        self.url, self.version = url, version
        self.news: queue.SimpleQueue[tuple[str, object] | None] = queue.SimpleQueue()


class Server(ThreadingHTTPServer):
    """Serves a site.

    Args:
        address: Host and port.
        site: The site.
        state: What is going on, for who begins to listen.
        opened: Called when browsers begin or cease to show a page.
    """

    daemon_threads = True

    def __init__(
        self,
        address: tuple[str, int],
        site: Site,
        state: Callable[[], dict],
        opened: Callable[[], None],
    ):
        self.site, self.state, self.opened = site, state, opened
        self.ready = threading.Event()  # there is something to show
        self.listeners: list[Listener] = []
        if ":" in address[0]:
            import socket

            self.address_family = socket.AF_INET6
        super().__init__(address, _Handler)
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True
        )

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(self, *exc) -> None:
        self.ready.set()
        for listener in tuple(self.listeners):
            listener.news.put(None)
        self.shutdown()
        self.server_close()

    def tell(self, kind: str, what: object) -> None:
        """Tell every browser something."""
        for listener in tuple(self.listeners):
            listener.news.put((kind, what))

    def tell_versions(self) -> None:
        """Tell the browsers whose page is no longer what they show."""
        for listener in tuple(self.listeners):
            version = self.site.version(listener.url)
            if version != listener.version:
                listener.version = version
                listener.news.put(("page", version))

    def open_pages(self) -> list[str]:
        """The pages that are being looked at, as paths of the project."""
        found = (self.site.source(listener.url) for listener in tuple(self.listeners))
        return list(dict.fromkeys(filter(None, found)))

    def handle_error(self, request, client_address) -> None:
        """A browser that went away in the middle is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def log_message(self, *args) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        # What the address leads to from the root, however many «..» it has.
        place = posixpath.normpath("/" + unquote(parts.path)).lstrip("/")
        place = f"{place}/" if place and parts.path.endswith("/") else place
        try:
            if place == f"{OWN}live.js":
                return self._send(_SCRIPT.read_bytes(), "text/javascript; charset=utf-8")
            self.server.ready.wait()
            if place == f"{OWN}news":
                return self._listen(parse_qs(parts.query))
            self._page_or_file(place)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        except Exception:
            text = traceback.format_exc()
            with contextlib.suppress(OSError):
                self._send(f"<pre>{html.escape(text)}</pre>".encode(), "text/html; charset=utf-8", 500)

    def _page_or_file(self, place: str) -> None:
        site = self.server.site
        url = place.removesuffix("index.html")
        if found := site.page(url):
            version, text = found
            return self._send(_with_script(text, url, version, site.frame), "text/html; charset=utf-8")
        if found := site.file(place):
            data, kind = found
            text = kind.startswith("text/") or kind.endswith(("javascript", "json", "xml"))
            return self._send(data, f"{kind}; charset=utf-8" if text else kind)
        if site.page(f"{place}/"):
            self.send_response(302)
            self.send_header("Location", quote(f"/{place}/"))
            self.send_header("Content-Length", "0")
            return self.end_headers()
        text = _with_script(site.missing(), url, "", site.frame)
        return self._send(text, "text/html; charset=utf-8", 404)

    def _send(self, data: bytes, kind: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-cache")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def _listen(self, asked: dict[str, list[str]]) -> None:
        """News, as they come, until the browser leaves: server-sent events."""
        server = self.server
        url, version = (asked.get(name, [""])[0] for name in ("page", "version"))
        listener = Listener(url, version)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Connection", "close")
        self.end_headers()
        server.listeners.append(listener)
        try:
            server.opened()
            listener.news.put(("state", server.state()))
            server.tell_versions()  # it may have changed since the page was sent
            while True:
                try:
                    news = listener.news.get(timeout=STILL_HERE)
                except queue.Empty:
                    self.wfile.write(b": still here\n\n")
                    self.wfile.flush()
                    continue
                if news is None:
                    return
                kind, what = news
                text = json.dumps(what, ensure_ascii=False)
                self.wfile.write(f"event: {kind}\ndata: {text}\n\n".encode())
                self.wfile.flush()
        finally:
            self.close_connection = True
            server.listeners.remove(listener)
            server.opened()


def _with_script(text: bytes, url: str, version: str, frame: str) -> bytes:
    """A page with the script that keeps it up to date."""
    data = f'data-page="{html.escape(url)}" data-version="{version}" data-frame="{frame}"'
    script = f'<script src="/{OWN}live.js" {data}></script>'.encode()
    before, body, after = text.rpartition(b"</body>")
    return before + script + body + after if body else text + script
