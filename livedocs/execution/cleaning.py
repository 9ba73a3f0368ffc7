"""What a kernel returned, without what only this machine or this moment put in it."""

from __future__ import annotations

import os
import re
import site
import sys
import sysconfig
from pathlib import Path


def whole_streams(outputs: list) -> list[dict]:
    """Join consecutive pieces of the same stream: where they were cut depends on timing."""
    joined: list[dict] = []
    for output in map(dict, outputs):
        last = joined[-1] if joined else {}
        if output["output_type"] == "stream" and last.get("name") == output["name"]:
            last["text"] += output["text"]
        else:
            joined.append(output)
    return joined


def strip_ansi(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[ -/]*[@-~]", "", text)


_HALVES = re.compile("[\ud800-\udfff]")


def half_of_a_pair(value: object) -> str:
    """The first half of a surrogate pair in the text that some outputs hold; "" if there is none."""
    if isinstance(value, str):
        return found[0] if (found := _HALVES.search(value)) else ""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return next(filter(None, map(half_of_a_pair, value)), "")
    return ""


#: Pictures inside a text, and kinds of output that are nothing else.
_ENCODED = re.compile(r"(base64,\s?[A-Za-z0-9+/=\n]{100,})")
_PICTURES = frozenset(["image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"])

#: The file that a block's code pretends to be in. From the start of a word, and with an end in
#: sight: in a long text without spaces, anything else takes minutes.
_TEMPORARY = re.compile(r'(?<!\S)("?)\S*?ipykernel_\d+\S{0,80}?\.py')

#: The file that AutoGraph writes a traced function in, with a name by chance.
_AUTOGRAPH = re.compile(r"(?:[…/][^\s\x1b]{0,300}?)?(__autograph_generated_file)\w{8}(?=\.py)")

#: What TensorFlow tells of where an operation was made: the lines about this engine, which a
#: reader's kernel has not, and that change with it.
_OWN_FRAME = re.compile(r'^ *File "[^"\n]*/livedocs/execution/\w+\.py", line \d+, in \S+\n+', re.M)


class Cleaner:
    """Takes out of what a kernel returned this machine's paths, and what no file can hold."""

    def __init__(self, work: Path, root: Path):
        paths = sysconfig.get_paths()
        packages = {paths["purelib"], paths["platlib"], *site.getsitepackages()}
        places = {str(work): ".", str(work.parent): "…", str(root): "…", str(Path.home()): "~"}
        places |= dict.fromkeys((paths["stdlib"], paths["platstdlib"], sys.prefix), "…")
        places |= dict.fromkeys(packages, "…")
        places |= {os.path.realpath(place): shown for place, shown in places.items()}
        # The longest first: site-packages lies inside the prefix.
        self.places = sorted(places.items(), key=lambda item: -len(item[0]))

    def text(self, text: str) -> str:
        # Encoded pictures hold no paths, but any six letters may turn up in one.
        pieces = _ENCODED.split(text) if "base64," in text else [text]
        pieces[::2] = map(self._plain, pieces[::2])
        return _HALVES.sub(lambda half: f"\\u{ord(half[0]):x}", "".join(pieces))

    def _plain(self, text: str) -> str:
        for place, shown in self.places:
            if len(place) > 1:
                text = text.replace(place, shown)
        text = _TEMPORARY.sub(r"\1<bloque>", text) if "ipykernel_" in text else text
        if "__autograph_generated" in text:
            text = _AUTOGRAPH.sub(r"…/\1…", text)
        return _OWN_FRAME.sub("", text) if "/livedocs/execution/" in text else text

    def outputs(self, outputs: list) -> list[dict]:
        return [self._walk(dict(output)) for output in outputs]

    def _walk(self, value):
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {k: item if k in _PICTURES else self._walk(item) for k, item in value.items()}
        if isinstance(value, list):
            return [self._walk(item) for item in value]
        return value
