"""What was built, written beside it, and its publication: only what was tested, as it was tested.

The standard library only: the job that may write to the repository installs nothing else than
`ghp-import`, and runs no page.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

RECORD = "construccion.json"


class PublishError(Exception):
    """The site was not published; the message, in Spanish, says why and what to do."""


def record(root: Path, site: Path, data: str) -> None:
    """Write in a built site the commit and the data that it was built from."""
    made = {"commit": _commit(root), "changes": bool(_git(root, "status", "--porcelain")), "data": data}
    (site / RECORD).write_text(json.dumps(made) + "\n", "utf-8")


def check(root: Path, site: Path, any_data: bool = False) -> None:
    """Refuse a site that is not the one of this commit, whole, with the official data.

    Raises:
        PublishError: what is wrong with it.
    """
    try:
        made = json.loads((site / RECORD).read_text("utf-8"))
    except (OSError, ValueError):
        raise PublishError(
            f"{site.name}/ no dice de qué se construyó (falta {RECORD}): construilo con «make site»."
        ) from None
    if made["commit"] != _commit(root) or made["changes"]:
        raise PublishError(
            f"{site.name}/ no es lo que hay en este commit: confirmá los cambios y construilo con «make site»."
        )
    if made["data"] != "official" and not any_data:
        raise PublishError(
            f"{site.name}/ se construyó con otros datos ({made['data']}). Construilo con los oficiales: "
            "LIVEDOCS_DATA=official make site. Para publicarlo igual, en una copia tuya: "
            "python -m livedocs publish --any-data."
        )


def publish(root: Path, site: Path, any_data: bool = False) -> None:
    """Push a built site to the branch that `remote_branch`, in mkdocs.yml, names.

    Raises:
        PublishError: it may not be published, or git could not; the old one stays as it was.
    """
    check(root, site, any_data)
    found = re.search(r"^remote_branch: *(\S+)", (root / "mkdocs.yml").read_text("utf-8"), re.M)
    branch = found[1] if found else "gh-pages"
    command = [
        sys.executable, "-m", "ghp_import", "--no-jekyll", "--force", "--push",
        "--message", f"Publica el sitio de {_commit(root)[:12]}", "--branch", branch, str(site),
    ]  # fmt: skip
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["git no dijo por qué"])[-1]
        raise PublishError(
            f"No se pudo subir a la rama {branch}; lo publicado sigue como estaba: {said}"
        )


def _commit(root: Path) -> str:
    return _git(root, "rev-parse", "HEAD").strip()


def _git(root: Path, *words: str) -> str:
    """What git answers; "" where there is no repository, as in a downloaded copy."""
    try:
        return subprocess.run(["git", *words], cwd=root, capture_output=True, text=True).stdout
    except OSError:
        return ""
