"""`locked.txt`: the files that pip may install, by their digests, in groups.

Like `environment`, it runs before anything is installed: the standard library only.
"""

import re
import sys
from pathlib import Path

FILE = "locked.txt"

#: The group of what is installed always; the others are named as the extras of pyproject.toml.
BASE = "base"

#: Before each group; pip takes it for a comment.
TITLE = "# grupo: "

_PIN = re.compile(r"^([\w.-]+)==(\S+)", re.M)


def groups(text):
    """The lines of each group of `locked.txt`, by name."""
    found = {}
    for part in re.split("^" + TITLE, text, flags=re.M)[1:]:
        name, _, lines = part.partition("\n")
        found[name.strip()] = lines
    return found


def versions(text):
    """The version of each package that a list of pins names, whatever else it says of them."""
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in _PIN.findall(text)}


def requirements(root, extras=()):
    """What pip is to install with digests for some extras, as a file of requirements.

    The digests are those of the files for Linux: elsewhere, and if `constraints.txt` pins other
    versions, there is nothing to compare with, and the text is empty.
    """
    root = Path(root)
    try:
        found = groups((root / FILE).read_text("utf-8"))
    except OSError:
        return ""
    text = "".join(found.get(name, "") for name in (BASE, *extras))
    pinned = versions((root / "constraints.txt").read_text("utf-8"))
    if not sys.platform.startswith("linux") or any(
        pinned.get(name, version) != version for name, version in versions(text).items()
    ):
        return ""
    return text
