"""Publishing: the very site that was built, whole or not at all, on repositories of this disk only."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from livedocs import publish
from livedocs.publish import RECORD, PublishError
from tests.conftest import ROOT

BRANCH = "publicado"
FILES = {"index.html": "Portada\r\n", "_oculta/p.html": "Página", ".bien/ñandú.txt": "ñ", "a b.txt": ""}


class Place:
    """A clone with a built site, and the bare repository that it publishes to."""

    def __init__(self, folder: Path):
        self.bare, self.root = folder / "remoto.git", folder / "clon"
        self.site = self.root / "site"
        subprocess.run(["git", "init", "-q", "--bare", str(self.bare)], check=True)
        subprocess.run(["git", "init", "-q", "-b", "main", str(self.root)], check=True)
        self.git("config", "user.name", "Prueba")
        self.git("config", "user.email", "prueba@example.org")
        self.git("config", "core.autocrlf", "true")
        self.git("remote", "add", "origin", str(self.bare))
        (self.root / "mkdocs.yml").write_text(f'remote_branch: "{BRANCH}" # la del sitio\n', "utf-8")
        (self.root / ".gitignore").write_text("site/\n*.txt\n", "utf-8")
        self.commit("Empieza")
        self.build()

    def git(self, *words: str) -> str:
        done = subprocess.run(["git", *words], cwd=self.root, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "-q", "--allow-empty", "-m", message)

    def build(self, data: str = "official", **files: str) -> None:
        shutil.rmtree(self.site, ignore_errors=True)
        for name, text in (FILES | files).items():
            path = self.site / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        publish.record(self.root, self.site, data)

    def command(self, *arguments: str, **env: str) -> subprocess.CompletedProcess:
        """The command, with nothing but the standard library at hand."""
        return subprocess.run(
            [sys.executable, "-S", "-m", "livedocs", "publish", *arguments],
            cwd=self.root, env={**os.environ, "PYTHONPATH": str(ROOT), **env},
            capture_output=True, text=True,
        )  # fmt: skip

    def refused(self, *arguments: str, **env: str) -> str:
        """What a publication that fails says; nothing may change with it."""
        before = self.state()
        done = self.command(*arguments, **env)
        assert done.returncode == 2 and done.stdout == ""
        assert "Traceback" not in done.stderr and done.stderr.count("\n") == 1, done.stderr
        assert self.state() == before, "nothing half-made"
        return done.stderr.strip()

    def state(self) -> tuple:
        """All that a failure must not change: what is published, the clone's branches and its files."""
        published = subprocess.run(
            ["git", f"--git-dir={self.bare}", "for-each-ref"], capture_output=True, text=True
        )
        if not (self.root / ".git").exists():
            return (published.stdout,)
        kept = [p.relative_to(self.root).as_posix() for p in self.root.rglob("*")]
        files = sorted(p for p in kept if not re.match(r"\.git/(objects|refs/remotes|logs)", p))
        return (
            published.stdout, self.git("for-each-ref", "refs/heads"), self.git("status", "--porcelain"), files,
            self.git("worktree", "list"), (self.root / ".git" / "HEAD").read_text("utf-8"),
        )  # fmt: skip

    def published(self) -> dict[str, bytes]:
        def ask(*words: str) -> bytes:
            command = ["git", f"--git-dir={self.bare}", *words]
            return subprocess.run(command, capture_output=True, check=True).stdout

        names = ask("ls-tree", "-rz", "--name-only", BRANCH).decode().strip("\0").split("\0")
        return {name: ask("show", f"{BRANCH}:{name}") for name in names}

    def hook(self, folder: Path, name: str, script: str) -> None:
        path = folder / "hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
        path.chmod(0o755)


@pytest.fixture
def place(tmp_path, monkeypatch) -> Place:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    return Place(tmp_path)


def test_what_was_built_is_published_to_the_byte(place):
    before = place.state()
    done = place.command()
    assert (done.returncode, done.stderr) == (0, "")
    wanted = {name: text.encode() for name, text in FILES.items()}
    wanted |= {".nojekyll": b"", RECORD: (place.site / RECORD).read_bytes()}
    assert place.published() == wanted
    assert place.state()[1:] == before[1:], "the clone stays as it was"


def test_a_second_publication_replaces_the_first(place):
    assert place.command().returncode == 0
    shutil.rmtree(place.site)
    place.commit("Sigue")
    place.build(**{"nueva.html": "Otra", "index.html": "Portada nueva"})
    (place.site / "a b.txt").unlink()
    publish.record(place.root, place.site, "official")
    assert place.command().returncode == 0
    published = place.published()
    assert published["index.html"] == b"Portada nueva" and "nueva.html" in published
    assert "a b.txt" not in published
    assert json.loads(published[RECORD])["commit"] == place.git("rev-parse", "HEAD")


@pytest.mark.parametrize("data", ["synthetic", "folder"])
def test_other_data_are_published_only_if_asked(place, data):
    place.build(data)
    assert f"se construyó con otros datos ({data})" in place.refused()
    assert place.command("--any-data").returncode == 0
    assert json.loads(place.published()[RECORD])["data"] == data


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (lambda site: shutil.rmtree(site), "site/ no dice de qué se construyó"),
        (lambda site: (site / RECORD).unlink(), "site/ no dice de qué se construyó"),
        (lambda site: (site / RECORD).write_text('{"commit": '), "site/ no dice de qué se construyó"),
        (lambda site: (site / RECORD).write_text("[]"), "site/ no dice de qué se construyó"),
        (lambda site: (site / RECORD).write_text('{"data": "official"}'), "site/ no dice de qué"),
        (lambda site: (site / "index.html").unlink(), "faltan archivos, sobran o cambiaron"),
        (lambda site: (site / "a b.txt").write_text("otra"), "faltan archivos, sobran o cambiaron"),
        (lambda site: (site / "borrador.html").write_text("x"), "faltan archivos, sobran o cambiaron"),
    ],
    ids=["missing", "no record", "cut", "other", "old", "a file less", "changed", "a file more"],
)
def test_a_site_that_is_not_whole_is_refused(place, harm, says):
    harm(place.site)
    assert says in place.refused()
    assert says in place.refused("--any-data"), "other data are allowed, not this"


def test_a_site_of_another_commit_or_of_unconfirmed_changes_is_refused(place):
    place.commit("Sigue")
    assert "no es lo que hay en este commit" in place.refused()
    (place.root / "mkdocs.yml").write_text("site_name: otro\n", "utf-8")
    place.build()
    assert "no es lo que hay en este commit" in place.refused()


def test_without_a_repository_a_remote_or_git(place, tmp_path):
    (tmp_path / "nada").mkdir()
    assert "No se pudo usar git" in str(_raised(lambda: publish._git(tmp_path / "no está", "status")))
    said = place.refused(PATH=str(tmp_path / "nada"))
    assert "falta git" in said
    place.git("remote", "remove", "origin")
    assert "no tiene un remoto «origin»" in place.refused()
    shutil.rmtree(place.root / ".git")
    place.build()
    assert "no hay un repositorio de git" in place.refused(GIT_CEILING_DIRECTORIES=str(tmp_path))


def test_a_remote_that_is_not_there(place):
    shutil.rmtree(place.bare)
    said = place.refused()
    assert "lo publicado sigue como estaba: «git ls-remote» dijo «fatal: " in said


def test_without_a_name_to_sign_with(place):
    place.git("config", "user.useConfigOnly", "true")
    place.git("config", "--unset", "user.email")
    assert "«git commit-tree» dijo «" in place.refused(EMAIL="")


def test_a_push_that_the_remote_rejects(place):
    assert place.command().returncode == 0
    place.commit("Sigue")
    place.build(**{"index.html": "Nueva"})
    place.hook(place.bare, "pre-receive", "exit 1")
    assert "«git push» dijo «[remote rejected]" in place.refused()


@pytest.mark.parametrize("when", ["before the push", "during it"])
@pytest.mark.parametrize("first", [True, False], ids=["nothing was there", "another was there"])
def test_who_published_meanwhile_is_not_run_over(place, monkeypatch, first, when):
    if not first:
        publish.publish(place.root, place.site)
        place.commit("Sigue")
        place.build(**{"index.html": "Nueva"})
    theirs = place.git("commit-tree", "-m", "De otro", place.git("rev-parse", "HEAD^{tree}"))
    place.git("push", "-q", "origin", f"{theirs}:refs/heads/de-otro")
    move = f"--git-dir={place.bare}", "update-ref", f"refs/heads/{BRANCH}", theirs
    if when == "during it":
        place.hook(place.root / ".git", "pre-push", f"unset GIT_DIR; git {' '.join(move)}")
    else:
        make = publish._commit_of
        monkeypatch.setattr(publish, "_commit_of", lambda *given: (make(*given), place.git(*move))[0])
    error = _raised(lambda: publish.publish(place.root, place.site))
    assert str(error).startswith("Alguien publicó mientras tanto")
    assert place.git(f"--git-dir={place.bare}", "rev-parse", BRANCH) == theirs
    assert BRANCH not in place.git("for-each-ref", "refs/heads")


def _raised(call) -> Exception:
    with pytest.raises(PublishError) as raised:
        call()
    return raised.value
