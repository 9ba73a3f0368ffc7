"""What was built, written beside it, and its publication: only what was tested, as it was tested.

The standard library and git only: the job that may write to the repository installs nothing, and
runs no page.
"""

import hashlib
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

RECORD = "construccion.json"
REMOTE = "origin"


class PublishError(Exception):
    """The site was not published; the message, in Spanish, says why and what to do."""


def record(root: Path, site: Path, data: str) -> None:
    """Write in a built site the commit and the data that it was built from, and what it holds."""
    made = {
        "commit": _commit(root),
        "changes": bool(_answer(root, "status", "--porcelain")),
        "data": data,
        "files": _digest(site),
    }
    (site / RECORD).write_text(json.dumps(made) + "\n", "utf-8")


def check(root: Path, site: Path, any_data: bool = False) -> None:
    """Refuse a site that is not the one of this commit, whole, with the official data.

    Raises:
        PublishError: what is wrong with it.
    """
    if not (commit := _commit(root)):
        raise PublishError(
            "Acá no hay un repositorio de git con un commit, o falta git: publicá desde un clon del proyecto."
        )
    try:
        made = json.loads((site / RECORD).read_text("utf-8"))
        built_from, data, files = made["commit"], made["data"], made["files"]
        changes = made["changes"]
    except (OSError, ValueError, KeyError, TypeError):
        raise PublishError(
            f"{site.name}/ no dice de qué se construyó (falta {RECORD}, o está mal): construilo con "
            "«make site»."
        ) from None
    if built_from != commit or changes:
        raise PublishError(
            f"{site.name}/ no es lo que hay en este commit: confirmá los cambios y construilo con «make site»."
        )
    if files != _digest(site):
        raise PublishError(
            f"{site.name}/ no es lo que se construyó: faltan archivos, sobran o cambiaron; construilo de "
            "nuevo con «make site»."
        )
    if data != "official" and not any_data:
        raise PublishError(
            f"{site.name}/ se construyó con otros datos ({data}): construilo con los oficiales "
            "(LIVEDOCS_DATA=official make site) o, en una copia tuya, publicalo igual "
            "(python -m livedocs publish --any-data)."
        )


def publish(root: Path, site: Path, any_data: bool = False) -> None:
    """Push a built site to the branch that `remote_branch`, in mkdocs.yml, names.

    The branch gets a single commit, without the earlier ones: a site weighs, and any of them can
    be built again. In the working copy nothing changes, no branch and no file.

    Raises:
        PublishError: it may not be published, or git could not; the old one stays as it was.
    """
    check(root, site, any_data)
    found = re.search(
        r"^remote_branch: *[\"']?([^\s\"'#]+)", (root / "mkdocs.yml").read_text("utf-8"), re.M
    )
    branch = f"refs/heads/{found[1] if found else 'gh-pages'}"
    if not _answer(root, "remote", "get-url", REMOTE):
        raise PublishError(
            f"El repositorio no tiene un remoto «{REMOTE}» adonde subir el sitio: agregalo con "
            f"«git remote add {REMOTE} dirección»."
        )
    published = _git(root, "ls-remote", REMOTE, branch).partition("\t")[0]
    commit = _commit_of(root, site, f"Publica el sitio de {_commit(root)[:12]}")
    # The lease: only over what was there a moment ago.
    _git(
        root, "push", "--quiet", f"--force-with-lease={branch}:{published}", REMOTE, f"{commit}:{branch}"
    )


def _commit_of(root: Path, site: Path, message: str) -> str:
    """A commit that holds a folder and has no branch: if it is not pushed, git forgets it."""
    with tempfile.TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
        files = ("-c", "core.autocrlf=false", f"--work-tree={site}")
        _git(root, *files, "add", "--all", "--force", str(site), **index)
        empty = _git(root, "hash-object", "-w", "--stdin")
        # Otherwise GitHub leaves out what starts with "_".
        _git(root, "update-index", "--add", "--cacheinfo", f"100644,{empty},.nojekyll", **index)
        tree = _git(root, "write-tree", **index)
        return _git(root, "commit-tree", "-m", message, tree)


def _digest(site: Path) -> str:
    """What tells a built site from another: the names and bytes of its files, but for the record."""
    digest = hashlib.sha256()
    for path in sorted(path for path in site.rglob("*") if path.is_file()):
        name = path.relative_to(site).as_posix()
        if name != RECORD:
            digest.update(f"{name}\n{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _commit(root: Path) -> str:
    return _answer(root, "rev-parse", "--verify", "--quiet", "HEAD")


def _answer(root: Path, *words: str) -> str:
    """What git answers; "" if it can't, as where there is no repository."""
    try:
        return _git(root, *words)
    except PublishError:
        return ""


def _git(root: Path, *words: str, **environment: str) -> str:
    """What git answers.

    Raises:
        PublishError: it could not do it.
    """
    try:
        done = subprocess.run(
            ["git", *words], cwd=root, env={**os.environ, "LC_ALL": "C", **environment},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
        )  # fmt: skip
    except OSError as error:
        raise PublishError(
            f"No se pudo usar git ({error.strerror}): instalalo y probá de nuevo."
        ) from None
    if done.returncode == 0:
        return done.stdout.strip()
    if "stale info" in done.stderr or "failed to update ref" in done.stderr:
        raise PublishError(
            "Alguien publicó mientras tanto, y lo suyo queda como está: fijate qué hay y probá de nuevo."
        )
    said = [line.strip(" !") for line in done.stderr.splitlines() if line.strip()] or ["no dijo por qué"]
    why = next((line for line in said if re.match(r"fatal:|error:|\[", line)), said[-1])
    raise PublishError(
        f"No se pudo publicar, y lo publicado sigue como estaba: «git {_verb(words)}» dijo «{why}»."
    )


def _verb(words: tuple[str, ...]) -> str:
    known = ("ls-remote", "add", "hash-object", "update-index", "write-tree", "commit-tree", "push")
    return next((word for word in words if word in known), words[0])
