"""Take out of a built site what its HTML marks as decided by the speed of the machine."""

from __future__ import annotations

import gzip
import json
import re
from html.parser import HTMLParser
from pathlib import Path

from livedocs.derived import messages, verified
from livedocs.finishing import without_network
from livedocs.rendering.shown import VOID
from livedocs.rendering.streams import without_chance


class _Remover(HTMLParser):
    """Copies HTML without the elements that carry `data-volatile`."""

    def __init__(self):
        super().__init__(convert_charrefs=False)
        self.kept: list[str] = []
        self.depth = 0  # how deep inside a volatile element

    def handle_starttag(self, tag, attrs):
        if self.depth:
            self.depth += tag not in VOID
        elif any(name == "data-volatile" for name, _ in attrs) and tag not in VOID:
            self.depth = 1
        else:
            self.kept.append(self.get_starttag_text())

    def handle_startendtag(self, tag, attrs):
        if not self.depth:
            self.kept.append(self.get_starttag_text())

    def handle_endtag(self, tag):
        if not self.depth:
            self.kept.append(f"</{tag}>")
        elif tag not in VOID:
            self.depth -= 1

    def _keep(self, text):
        if not self.depth:
            self.kept.append(text)

    def handle_data(self, data):
        self._keep(data)

    def handle_entityref(self, name):
        self._keep(f"&{name};")

    def handle_charref(self, name):
        self._keep(f"&#{name};")

    def handle_comment(self, data):
        self._keep(f"<!--{data}-->")

    def handle_decl(self, decl):
        self._keep(f"<!{decl}>")


def without_volatile(html: str) -> str:
    remover = _Remover()
    remover.feed(html)
    remover.close()
    return "".join(remover.kept)


def _notebook(text: str) -> str:
    """A notebook without the outputs that the page marks volatile, by the same rules."""
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        if "volatile" in cell["metadata"].get("tags", []):
            cell["outputs"] = []
        for output in cell.get("outputs", []):
            for holder, kind in ((output, "text"), (output.get("data", {}), "text/plain")):
                if kind in holder:
                    holder[kind] = without_chance("".join(holder[kind]))
    return json.dumps(notebook)


def _record(text: str) -> str:
    """What was executed, without how long it took."""
    told = json.loads(text)
    for page in told["pages"].values():
        del page["seconds"]
    return json.dumps(told)


def _kept(text: str) -> str:
    """What can be kept on a phone, without the digests and sizes: they follow what is volatile."""
    told = json.loads(text)
    del told["version"]
    told["files"] = [name for name, *_ in told["files"]]
    return json.dumps(told)


#: What depends on the speed of the machine in a page as Markdown, and the sizes that follow it.
_MEASURED = re.compile(
    r"(?<=Salida \(cambia con la máquina\):\n\n)(`{3,})text\n.*?\n\1$|\d+(?:,\d+)? [kM]B", re.M | re.S
)


def _carried(text: str) -> str:
    """A page as Markdown without what the page marks volatile, by the same rules."""
    return without_chance(_MEASURED.sub("", text))


def fingerprint(site: Path) -> dict[str, str | bytes]:
    """What each file of a built site holds once volatile parts are removed."""
    found: dict[str, str | bytes] = {}
    for path in sorted(p for p in site.rglob("*") if p.is_file()):
        name = path.relative_to(site).as_posix()
        if path.suffix == ".html":
            found[name] = without_volatile(path.read_text("utf-8"))
        elif path.suffix == ".ipynb":
            found[name] = _notebook(path.read_text("utf-8"))
        elif path.suffix == ".md":
            found[name] = _carried(path.read_text("utf-8"))
        elif name == verified.FILE:
            found[name] = _record(path.read_text("utf-8"))
        elif name == without_network.LIST:
            found[name] = _kept(path.read_text("utf-8"))
        elif name == without_network.WORKER:
            found[name] = re.sub('(?<=VERSION=")[0-9a-f]{16}', "", path.read_text("utf-8"))
        elif name == messages.SCRIPT:
            found[name] = without_chance(path.read_text("utf-8"))
        elif path.suffix == ".gz":
            found[name] = gzip.decompress(path.read_bytes())
        else:
            found[name] = path.read_bytes()
    return found
