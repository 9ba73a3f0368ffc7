"""What is kept of a run when the disk is full, when an entry is damaged, when two write at once."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import pytest

from livedocs.execution.cache import Cache
from livedocs.execution.executor import Executor
from livedocs.execution.results import failure, from_json
from livedocs.rendering import outputs
from tests.conftest import ROOT, fence
from tests.execution.test_execution import text_of

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

# The disk is full ------------------------------------------------------------------------


def full_after(limit: int) -> None:
    """For a process to run first: no file of it may be larger, as on a disk that fills up."""
    import resource  # POSIX only

    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


def limited(project, limit: int, *command: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=project.root, env={**os.environ, "PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True, text=True, timeout=120, preexec_fn=lambda: full_after(limit),
    )  # fmt: skip


def kept(project) -> list[str]:
    cache = project.settings().cache
    return sorted(path.name for path in cache.iterdir()) if cache.exists() else []


@pytest.mark.skipif(sys.platform != "linux", reason="el límite de tamaño de los archivos es de POSIX")
@pytest.mark.slow
def test_a_disk_that_fills_up_while_the_cache_is_written(project):
    project.page("p", "# P { #p }\n\n" + fence("print('x' * 200_000)"))
    project.page("q", "# Q { #q }\n\n" + fence("print('cabe')"))
    done = limited(project, 100_000, "livedocs", "run")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("Aviso: no se pudo guardar una ejecución") == 1, done.stderr
    assert "el disco está lleno" in done.stderr and "hacé lugar" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(kept(project)) == 2, "the home page, the one that fits, and no piece of the other"
    again = project.command("livedocs", "run")
    assert again.returncode == 0 and "docs/q.md: ya estaba ejecutada" in again.stdout
    assert "✓ p:" in again.stderr and len(kept(project)) == 3
    assert "docs/p.md: ya estaba ejecutada" in project.command("livedocs", "run").stdout


@pytest.mark.parametrize("step", ["open", "write", "replace"])
def test_no_step_of_keeping_an_execution_leaves_a_piece(project, monkeypatch, capsys, step):
    project.page("p", "# P\n\n" + fence("print('bien')"))

    def full(*_, **__):
        raise FULL

    with monkeypatch.context() as broken:
        if step == "open":
            opened = Path.open
            broken.setattr(
                Path, "open", lambda p, *a, **k: full() if p.suffix == ".part" else opened(p, *a, **k)
            )
        elif step == "write":
            broken.setattr(json, "dump", full)
        else:
            broken.setattr(os, "replace", full)
        (chapter,), (execution,), _ = project.run("p")
    assert failure(chapter, execution) is None, "the page is right all the same"
    told = capsys.readouterr().err
    assert told.count("Aviso:") == 1 and "el disco está lleno" in told
    assert kept(project) == []
    assert project.run("p")[2].executed == ["docs/p.md"]
    assert project.run("p")[2].executed == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="el límite de tamaño de los archivos es de POSIX")
@pytest.mark.parametrize("limit", [30_000, 100_000], ids=["staging", "building"])
def test_a_disk_that_fills_up_while_the_site_is_built(project, limit):
    project.page("p", "# P { #p }\n\n" + fence("print('la de antes')"))
    assert project.build().returncode == 0
    project.page("p", "# P { #p }\n\n" + fence("print('la de ahora')") + "Más prosa.\n\n" * 4000)
    done = limited(project, limit, "mkdocs", "build", "--strict")
    told = done.stdout + done.stderr
    assert done.returncode == 1 and "Traceback" not in told, told
    assert "el disco está lleno" in told and "hacé lugar" in told, told
    assert "la de antes" in project.html("p"), "the old site is as it was"
    assert not list(project.root.glob(".site-*"))
    assert not list((project.root / ".livedocs").rglob("*.tmp"))
    assert project.build().returncode == 0 and "la de ahora" in project.html("p")


# An entry is not what it was -------------------------------------------------------------

WHOLE = {
    "results": [
        {
            "status": "ok", "seconds": 0.5, "reason": "", "line": 0,
            "outputs": [
                {"output_type": "stream", "name": "stdout", "text": "uno\n"},
                {"output_type": "execute_result", "metadata": {}, "execution_count": 1,
                 "data": {"text/plain": "2"}},
                {"output_type": "error", "ename": "E", "evalue": "mal", "traceback": ["uno"]},
            ],
        }
    ],
    "provenance": {
        "keras": "3", "backend": "TensorFlow 2", "numpy": "2", "python": "3.11", "data": "x",
        "profile": "synthetic", "blocks": 1, "seconds": 1.0,
    },
}  # fmt: skip


def without(*path):
    """The entry without what is at a path, or with the last step of it in its place."""
    value = json.loads(json.dumps(WHOLE))
    *steps, last = path
    place = value
    for step in steps:
        place = place[step]
    del place[last]
    return value


def changed(new, *path):
    value = json.loads(json.dumps(WHOLE))
    *steps, last = path
    place = value
    for step in steps:
        place = place[step]
    place[last] = new
    return value


STREAM, VALUE, ERROR = (("results", 0, "outputs", n) for n in range(3))
OTHER_SCHEMAS = {
    "not a list": changed({}, "results"),
    "a block more": changed(WHOLE["results"] * 2, "results"),
    "no status": without("results", 0, "status"),
    "another status": changed("bien", "results", 0, "status"),
    "a new field": changed(1, "results", 0, "nuevo"),
    "seconds as text": changed("0.5", "results", 0, "seconds"),
    "a reason that is a number": changed(3, "results", 0, "reason"),
    "a line as text": changed("3", "results", 0, "line"),
    "outputs as a mapping": changed({"a": 1}, "results", 0, "outputs"),
    "an output that is text": changed("uno", *STREAM),
    "an unknown kind of output": changed("audio", *STREAM, "output_type"),
    "a stream without text": without(*STREAM, "text"),
    "a stream without name": without(*STREAM, "name"),
    "a stream of numbers": changed(3, *STREAM, "text"),
    "a value without data": without(*VALUE, "data"),
    "data as a list": changed([1], *VALUE, "data"),
    "metadata as a list": changed([1], *VALUE, "metadata"),
    "an error without words": without(*ERROR, "evalue"),
    "an error without name": without(*ERROR, "ename"),
    "a traceback as text": changed("uno", *ERROR, "traceback"),
    "a traceback of numbers": changed([1], *ERROR, "traceback"),
    "no provenance": without("provenance"),
    "provenance as text": changed("keras", "provenance"),
    "a version less": without("provenance", "numpy"),
    "no number": changed(float("nan"), "provenance", "seconds"),
    "an endless block": changed(float("inf"), "results", 0, "seconds"),
    "part of a block": changed(1.5, "provenance", "blocks"),
    "duration as text": changed("1 s", "provenance", "seconds"),
    "a version that is a number": changed(3, "provenance", "keras"),
}


def test_the_whole_entry_is_one():
    execution = from_json(WHOLE, 1)
    assert execution and asdict(execution)["provenance"] == WHOLE["provenance"]
    assert "uno" in outputs.render(execution.results[0].outputs)


@pytest.mark.parametrize("entry", OTHER_SCHEMAS.values(), ids=OTHER_SCHEMAS)
def test_an_entry_of_another_schema_is_a_miss(entry):
    assert from_json(entry, 1) is None


@pytest.fixture
def entry(project):
    """A page that was executed, and the file where that is kept."""
    project.page("p", "# P\n\n" + fence("print('bien')"))
    (chapter,), _, executor = project.run("p")
    return project.settings().cache / f"{executor.key(chapter)}.json"


DAMAGES = {
    "empty": lambda data: b"",
    "half": lambda data: data[: len(data) // 2],
    "all but the last byte": lambda data: data[:-1],
    "zeros": lambda data: bytes(len(data)),
    "a bit": lambda data: data[:-40] + bytes([data[-40] ^ 1]) + data[-39:],
    "junk": lambda data: bytes(range(256)) * 9,
    "not UTF-8": lambda data: data.replace(b"bien", b"ma\xf1ana"),
    "twice": lambda data: data * 2,
    "deep": lambda data: b'{"digest":"x","value":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "not a number": lambda data: b'{"digest":"x","value":NaN}',
    "half a character": lambda data: rb'{"digest":"x","value":"\ud800"}',
    "another schema, signed": lambda data: signed(WHOLE | {"provenance": {}}),
    "a version to come, signed": lambda data: signed({"version": 9, "blocks": []}),
    "more blocks, signed": lambda data: signed(WHOLE | {"results": WHOLE["results"] * 2}),
}  # fmt: skip


def signed(value) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        Cache(Path(folder)).put("k", value)
        return Path(folder, "k.json").read_bytes()


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_entry_is_executed_again_and_replaced(project, entry, damage):
    entry.write_bytes(damage(entry.read_bytes()))
    _, (execution,), executor = project.run("p")
    assert executor.executed == ["docs/p.md"] and text_of(execution.results[0]) == "bien\n"
    assert project.run("p")[2].executed == [], "it was replaced"
    assert kept(project) == [entry.name]


def test_an_entry_cut_at_any_byte_is_a_miss(entry):
    data, cache = entry.read_bytes(), Cache(entry.parent)
    assert cache.get(entry.stem)
    for end in range(len(data)):
        entry.write_bytes(data[:end])
        assert cache.get(entry.stem) is None, end


def test_a_folder_in_the_place_of_an_entry_is_a_warning(project, entry, capsys):
    entry.unlink()
    entry.mkdir()
    (chapter,), (execution,), _ = project.run("p")
    assert failure(chapter, execution) is None
    assert "Aviso: no se pudo guardar una ejecución" in capsys.readouterr().err


# Two at once -----------------------------------------------------------------------------


def at_once(project, *commands) -> list[str]:
    """What each of several commands told, started together."""
    started = [
        subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=project.root, env={**os.environ, "PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for command in commands
    ]  # fmt: skip
    told = [process.communicate(timeout=120)[0] for process in started]
    assert [process.returncode for process in started] == [0] * len(started), "\n---\n".join(told)
    return told


def counting_pages(project, count: Path, names: str) -> None:
    for name in names:
        code = f"with open({str(count)!r}, 'a') as f:\n    f.write({name!r})\nimport time\ntime.sleep(0.5)\nprint({name!r})"
        project.page(name, f"# {name} {{ #{name} }}\n\n{fence(code)}")


def test_two_runs_on_one_store_execute_each_page_once(project, tmp_path):
    count = tmp_path / "veces"
    counting_pages(project, count, "abc")
    at_once(project, ("livedocs", "run"), ("livedocs", "run"))
    assert sorted(count.read_text()) == list("abc")
    assert len(kept(project)) == 4 and all(name.endswith(".json") for name in kept(project))


@pytest.mark.slow
def test_two_builds_at_once_are_one_whole_site(project, tmp_path):
    count = tmp_path / "veces"
    counting_pages(project, count, "abcd")
    build = ("mkdocs", "build", "--strict")
    for told in at_once(project, build, build, ("livedocs", "run")):
        assert "Traceback" not in told
    assert sorted(count.read_text()) == list("abcd")
    site = lambda: {
        path.relative_to(project.root / "site").as_posix(): path.read_bytes()
        for path in (project.root / "site").rglob("*")
        if path.is_file() and path.suffix in (".html", ".js", ".css", ".json")
    }
    together = site()
    assert project.build().returncode == 0
    alone = site()
    assert together.keys() == alone.keys()
    assert not list(project.root.glob(".site-*"))
    for name in "abcd":
        assert f">{name}\n" in project.html(name) or f">{name}</pre>" in project.html(name)


def test_a_claim_that_nobody_let_go_is_taken(project, entry):
    """Who held it was killed: the file stays, the lock does not."""
    lock = entry.with_suffix(".lock")
    entry.unlink()
    lock.touch()
    assert project.run("p")[2].executed == ["docs/p.md"]
    assert not lock.exists()
    assert Executor(project.settings()).cache.get(entry.stem)
