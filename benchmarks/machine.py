"""On what it was measured: the machine, the versions and the commit."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

import psutil

#: What the figures depend on the most.
PACKAGES = (
    "keras", "tensorflow", "numpy", "mkdocs", "mkdocs-material", "mkdocs-jupyter", "nbconvert",
    "nbclient", "pytest", "pytest-markdown-docs",
)  # fmt: skip
#: What a measured time depends on; the result itself does not count.
MEASURED = (
    "livedocs", "benchmarks/*.py", "docs", "snippets", "overrides", "mkdocs.yml", "pyproject.toml",
)  # fmt: skip


def machine() -> dict:
    """Cores, memory, processor and system.

    Returns:
        `cores`, those of the machine; `usable`, those this process may use; `memory_gib`; `cpu`;
        `system`; `load`, how many processes were working in the last minute.
    """
    affinity = getattr(os, "sched_getaffinity", None)
    return {
        "cores": os.cpu_count() or 1,
        "usable": len(affinity(0)) if affinity else os.cpu_count() or 1,
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "cpu": _cpu(),
        "system": _system(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else 0.0,
    }


def versions() -> dict[str, str]:
    """Python's and those of the packages that are installed."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def commit(root: Path) -> tuple[str, bool]:
    """The commit of a clone, short, and whether something that a time depends on is not in it.

    "" where git can't tell.
    """
    short = _git(root, "rev-parse", "--short=10", "HEAD").strip()
    return short, bool(short and _git(root, "status", "--porcelain", "--", *MEASURED))


def contents(root: Path) -> str:
    """A digest of all that a measured time depends on, whichever commit it is in."""
    text = _git(root, "ls-files", "-s", "--", *MEASURED) + _git(root, "diff", "--", *MEASURED)
    return hashlib.sha256(text.encode()).hexdigest()


def _git(root: Path, *words: str) -> str:
    try:
        done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout if done.returncode == 0 else ""


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _system() -> str:
    if hasattr(platform, "freedesktop_os_release"):
        try:
            named = platform.freedesktop_os_release().get("PRETTY_NAME")
            return f"{named}, {platform.system()} {platform.release().split('-')[0]}"
        except OSError:
            pass
    return f"{platform.system()} {platform.release()}"
