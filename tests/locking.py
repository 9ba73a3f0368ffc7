"""Writes `locked.txt`: for each package that is installed, the digests of its files for Linux.

Of a package without wheels it is that of its source, which pip builds; with what it is built is not
compared. The digests are those that the index of packages publishes; the text has no address.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

from livedocs.locked import BASE, TITLE

#: What builds the project itself; pip takes it from here too.
BUILDING = ["setuptools>=77"]
#: The Pythons in which the project runs, in the names of wheels.
PYTHONS = {"py3", *(kind + version for kind in ("py", "cp") for version in ("311", "312", "313"))}
HEAD = (
    "# Lo que «make setup» instala en Linux, con la huella de cada archivo, que pip compara con la del que baja.\n"
    "# Lo escribe «make update»; las versiones son las de constraints.txt.\n"
)


def locked(root: Path, packages: Path, extras: Iterable[str], digests) -> str:
    """The text of `locked.txt`.

    Args:
        root: The project.
        packages: Where an environment with the project and those extras keeps its packages.
        extras: The groups besides that of what is installed always.
        digests: From a name and a version to the file names and SHA-256 digests of its release.

    Raises:
        ValueError: a package has no file for Linux; the message, in Spanish, says which.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    there = installed(packages)
    wanted = {BASE: project["dependencies"] + BUILDING}
    wanted |= {extra: project["optional-dependencies"][extra] for extra in extras}
    text, always = HEAD, set()
    for group, roots in wanted.items():
        names = needed(roots, there) - always
        always |= names if group == BASE else set()
        text += f"{TITLE}{group}\n"
        for name in sorted(names):
            version = there[name].version
            files = digests(name, version)
            found = sorted({sha for file, sha in files if for_linux(file)})
            found = found or sorted({sha for file, sha in files if file.endswith(".tar.gz")})
            if not found:
                raise ValueError(f"{name} {version} no tiene un archivo que sirva en Linux.")
            text += f"{name}=={version}" + "".join(f" \\\n  --hash=sha256:{sha}" for sha in found) + "\n"
    return text


def installed(packages: Path | None = None) -> dict[str, Distribution]:
    """What an environment has, by name: this one, or that which keeps its packages in a folder."""
    found = distributions(path=[str(packages)]) if packages else distributions()
    return {canonicalize_name(each.metadata["Name"]): each for each in found}


def needed(roots: Iterable[str], there: dict[str, Distribution]) -> set[str]:
    """The packages, of those that are there, that some requirements need, and those that these need."""
    found: set[str] = set()
    seen: set[tuple[str, str]] = set()
    pending = [Requirement(text) for text in roots]
    while pending:
        asked = pending.pop()
        name = canonicalize_name(asked.name)
        if name not in there:  # of another system or another Python
            continue
        found.add(name)
        for extra in ("", *asked.extras):
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            for text in there[name].requires or ():
                one = Requirement(text)
                if one.marker is None or any(
                    one.marker.evaluate({"extra": extra, "python_version": python})
                    for python in ("3.11", "3.12", "3.13")
                ):
                    pending.append(one)
    return found


def for_linux(file: str) -> bool:
    """Whether a file of a release is a wheel for Linux with glibc and one of our Pythons."""
    if not file.endswith(".whl"):
        return False
    return any(
        (tag.interpreter in PYTHONS or tag.abi == "abi3")
        and (tag.platform == "any" or tag.platform.startswith(("manylinux", "linux_")))
        for tag in parse_wheel_filename(file)[3]
    )


def published(name: str, version: str) -> list[tuple[str, str]]:
    """The files of a release and their digests, as the index of packages tells them."""
    from pypi_simple import PyPISimple

    with PyPISimple() as index:
        page = index.get_project_page(name)
    return [
        (file.filename, file.digests["sha256"])
        for file in page.packages
        if file.version == version and not file.is_yanked
    ]
