"""Bring the pinned versions up to date, and show what that changes of what readers see.

    python -m tests.update          # writes constraints.txt and locked.txt, and says what changed
    python -m tests.update --dry    # says it and writes nothing

All that the project needs, with its extras, is installed anew without pins; the course runs there,
and each block is compared with what it gives now.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys

from packaging.utils import canonicalize_name

from livedocs.environment import packages
from livedocs.files import write_if_changed
from livedocs.locked import FILE, versions
from tests import locking
from tests.canary import ROOT, CanaryError, differences, prepare

OURS = "keras-en-vivo"  # it has no pin
#: The extras that are installed with pinned versions.
EXTRAS = ("dask", "jax", "lint", "update")


def constraints(frozen: str, known: dict[str, str]) -> str:
    """The text of `constraints.txt` for what is installed: names and versions, and no address.

    Args:
        frozen: What `pip freeze` says.
        known: The versions of packages that came from a file, by name.
    """
    lines = re.findall(r"^[A-Za-z0-9][\w.-]*==\S+$", frozen, re.M)
    from_files = re.findall(r"^([A-Za-z0-9][\w.-]*) @ ", frozen, re.M)
    lines += [
        f"{name}=={known[canonicalize_name(name)]}"
        for name in from_files
        if canonicalize_name(name) in known
    ]
    return "".join(f"{line}\n" for line in sorted(lines, key=str.lower))


def moved(before: str, after: str) -> list[str]:
    """The packages whose version is another, each on a line."""
    old, new = versions(before), versions(after)
    said = []
    for name in sorted(old | new):
        if name not in old:
            said.append(f"{name}: nueva, {new[name]}")
        elif old[name] != new.get(name):
            said.append(f"{name}: {old[name]} → {new.get(name, 'ya no está')}")
    return said


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 if nothing that readers see changed, 1 if something did, 2 if it failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.update")
    parser.add_argument("pages", nargs="*", help="páginas que comparar; ninguna: todas las de docs/")
    parser.add_argument("--dry", action="store_true", help="decir qué cambia sin escribir nada")
    chosen = parser.parse_args(arguments)
    folder, file = ROOT / ".cache" / "update", ROOT / "constraints.txt"
    before = file.read_text("utf-8")
    try:
        python = prepare(folder, [], locking.BUILDING, f"[{','.join(EXTRAS)}]")
        frozen, named = (
            _asked(python, *words)
            for words in (("freeze", "--exclude", OURS), ("list", "--format=freeze"))
        )
        after = constraints(frozen, versions(named))
        said = moved(before, after)
        print("Versiones:", *(said or ["ninguna cambió"]), sep="\n- ")
        lock = locking.locked(ROOT, packages(python), EXTRAS, locking.published)
        changed = differences(python, folder, chosen.pages)
    except (CanaryError, ValueError, OSError) as error:
        print(f"No se pudo actualizar: {error}", file=sys.stderr)
        return 2
    print(changed or "Ninguna salida cambió.")
    if not chosen.dry:
        write_if_changed(file, after.encode())
        write_if_changed(ROOT / FILE, lock.encode())
        print(
            f"Escritos: constraints.txt y {FILE}. Corré «make test» y «make lint» con lo nuevo antes de "
            "compartirlo."
        )
    return 1 if changed else 0


def _asked(python, *words: str) -> str:
    command = [str(python), "-m", "pip", "--disable-pip-version-check", *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main())
