"""`python -m livedocs cache` tells what is kept, and removes what no page and no run needs."""

from __future__ import annotations

import json
import os
import time
import uuid
from pathlib import Path

import pytest

from livedocs.__main__ import main
from livedocs.execution import keeping
from livedocs.execution.cache import Cache, sealed
from livedocs.execution.executor import Executor
from livedocs.execution.store import Store
from livedocs.pages.chapter import Chapter
from tests.conftest import ROOT, awaited, fence

DAY = 86400


@pytest.fixture
def kept(project, monkeypatch):
    """A project with one page, whose execution and five others are kept, 0, 10, 20… days old."""
    monkeypatch.chdir(project.root)
    project.page("p", "# P\n\n" + fence("x = 1"))
    chapter = Chapter.load(project.root / "docs" / "p.md", project.root)
    cache = Cache(project.settings().cache)
    for days in range(0, 50, 10):
        put(cache, f"vieja{days}", days)
    put(cache, Executor(project.settings()).key(chapter), 100)
    return cache


def put(cache: Cache, key: str, days: float) -> None:
    """An entry of some 1 kB that was last used so many days ago."""
    cache.put(key, {"relleno": "x" * 900})
    used = time.time() - days * DAY - 1
    os.utime(cache.folder / f"{key}.json", (used, used))


def names(cache: Cache) -> set[str]:
    return {entry.key for entry in cache.entries() if entry.key.startswith("vieja")}


def of_pages(cache: Cache) -> int:
    return len(cache.entries()) - len(names(cache))


def test_the_command_tells_how_many_how_big_and_of_when(project, kept):
    done = project.command("livedocs", "cache")
    assert done.returncode == 0, done.stderr
    day = time.localtime(kept.entries()[0].used)
    assert done.stdout == (
        f".livedocs/executions: 6 ejecuciones, {6 * (kept.entries()[0].size) / 1000:.1f} kB; ".replace(
            ".", ",").replace(",livedocs", ".livedocs", 1)
        + f"la más vieja se usó el {day.tm_mday}/{day.tm_mon}/{day.tm_year}, y la última, hoy. "
        "De las páginas de ahora están 1 de 1.\n"
    )  # fmt: skip
    assert done.stderr == ""


def test_as_json(kept, capsys, monkeypatch):
    address = f"memory://{uuid.uuid4().hex}"
    monkeypatch.setenv("LIVEDOCS_CACHE", address)
    assert main(["cache", "--json"]) == 0
    here, there = json.loads(capsys.readouterr().out)
    oldest, newest = kept.entries()[0], kept.entries()[-1]
    assert (here["entries"], here["pages"], here["pages_executed"], here["shared"]) == (6, 1, 1, False)
    assert here["bytes"] == sum(entry.size for entry in kept.entries())
    assert here["oldest"] < here["newest"] and oldest.used < newest.used
    assert there == {
        "where": address, "shared": True, "entries": 0, "bytes": 0, "oldest": None, "newest": None,
        "pages": 1, "pages_executed": 0,
    }  # fmt: skip


def test_nothing_kept_yet_is_no_error(project, monkeypatch, capsys):
    monkeypatch.chdir(project.root)
    assert main(["cache"]) == 0
    assert ": 0 ejecuciones, 0 B. De las páginas de ahora están 0 de 0.\n" in capsys.readouterr().out
    assert main(["cache", "prune", "--keep", "0B"]) == 0
    assert "Se borraron 0 ejecuciones (0 B)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        (["--older-than", "15d"], {"vieja0", "vieja10"}),
        (["--older-than", "5w"], {"vieja0", "vieja10", "vieja20", "vieja30"}),
        (["--older-than", "480h"], {"vieja0", "vieja10"}),
        (["--keep", "3kB"], {"vieja0"}),  # with that of the page
        (["--keep", "4,5 kB"], {"vieja0", "vieja10", "vieja20"}),
        (["--keep", "1GB"], {"vieja0", "vieja10", "vieja20", "vieja30", "vieja40"}),
        (["--keep", "1GB", "--older-than", "35d"], {"vieja0", "vieja10", "vieja20", "vieja30"}),
        (["--keep", "0"], {"vieja0"}),
    ],
)
def test_it_removes_by_age_and_the_oldest_by_size(kept, capsys, arguments, left):
    before = len(names(kept))
    assert main(["cache", "prune", *arguments]) == 0
    assert names(kept) == left and of_pages(kept) == 1
    count = before - len(left)
    said = capsys.readouterr().out
    assert f"Se borr{'ó 1 ejecución' if count == 1 else f'aron {count} ejecuciones'} (" in said
    assert f"; quedan {len(left) + 1} (" in said


def test_rehearsed_nothing_is_removed(kept, capsys):
    assert main(["cache", "prune", "--older-than", "15d", "--rehearse"]) == 0
    assert len(names(kept)) == 5
    assert "Se borrarían 3 ejecuciones (" in capsys.readouterr().out


def test_what_a_run_may_be_using_stays(kept, capsys):
    """What was used a moment ago, what some process has claimed, what the pages of now need."""
    (kept.folder / "vieja40.lock").touch()
    old = kept.folder / "viejo.part"
    old.touch()
    os.utime(old, (time.time() - DAY, time.time() - DAY))
    (kept.folder / "nuevo.part").touch()
    assert main(["cache", "prune", "--keep", "0B", "--older-than", "0h"]) == 0
    assert names(kept) == {"vieja0", "vieja40"} and of_pages(kept) == 1
    assert [path.name for path in kept.folder.glob("*.part")] == ["nuevo.part"]
    assert "No se llega a 0B: lo que queda es de las páginas de ahora" in capsys.readouterr().out


def test_pruning_during_a_run_takes_nothing_from_it(project, kept, capsys):
    """The block itself prunes: its page is being executed, another has just been."""
    project.page("a", "# A\n\n" + fence("x = 'a'"))
    project.run("a")
    (project.root / "docs" / "a.md").unlink()  # not a page of now any more
    prune = (
        "import subprocess, sys\n"
        "subprocess.run(\n"
        "    [sys.executable, '-m', 'livedocs', 'cache', 'prune', '--keep', '0B'],\n"
        f"    cwd={str(project.root)!r}, env={{'PYTHONPATH': {str(ROOT)!r}}}, check=True,\n"
        "    stdout=subprocess.DEVNULL,\n"
        ")"
    )
    project.page("b", "# B\n\n" + fence(prune))
    _, (execution,), executor = project.run("b")
    assert execution.failed is None and executor.executed == ["docs/b.md"]
    assert names(kept) == {"vieja0"} and of_pages(kept) == 3


@pytest.mark.parametrize("kind", ["memory", "folder"])
def test_the_shared_address_is_pruned_only_if_it_is_asked_for(
    project, kept, capsys, monkeypatch, tmp_path, kind
):
    address = f"memory://{uuid.uuid4().hex}" if kind == "memory" else str(tmp_path / "compartida")
    monkeypatch.setenv("LIVEDOCS_CACHE", address)
    shared = Store(address, print)
    for key in ("una", "otra"):
        awaited(shared.put(key, {"a": 1}))
    monkeypatch.setattr(keeping, "RECENT", -1)
    assert main(["cache", "prune", "--older-than", "15d"]) == 0
    assert len(shared.entries()) == 2 and names(kept) == {"vieja0", "vieja10"}
    size = len(json.dumps(sealed({"a": 1})))
    capsys.readouterr()
    assert main(["cache", "prune", "--shared", "--keep", f"{size}B"]) == 0
    assert len(shared.entries()) == 1 and names(kept) == {"vieja0", "vieja10"}
    assert f"«{address}»; queda 1 ({size} B)." in capsys.readouterr().out
    assert main(["cache", "prune", "--shared", "--keep", "0"]) == 0
    assert shared.entries() == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "falta decir qué borrar: --older-than 30d"),
        (["--older-than", "30"], "«30» no es una edad: van horas, días o semanas, como 12h, 30d o 8w."),
        (["--older-than", "-3d"], "no es una edad"),
        (["--keep", "mucho"], "«mucho» no es un tamaño: va en kB, MB o GB, como 500MB."),
        (["--keep", "5TB"], "no es un tamaño"),
        (["--keep", "5MB", "--shared"], "no hay una dirección compartida: decí cuál en LIVEDOCS_CACHE."),
    ],
)
def test_what_is_not_understood_removes_nothing(kept, capsys, arguments, words):
    if arguments[1:] == ["-3d"]:
        arguments = ["--older-than=-3d"]
    assert main(["cache", "prune", *arguments]) == 2
    assert words in capsys.readouterr().err and len(names(kept)) == 5


def test_an_address_that_is_down_is_told_and_the_folder_too(kept, capsys, monkeypatch, tmp_path):
    (tmp_path / "archivo").touch()
    for address, words in {
        "nada://u:clave@x": "no conoce",
        str(tmp_path / "archivo"): "Not a dir",
    }.items():
        monkeypatch.setenv("LIVEDOCS_CACHE", address)
        assert main(["cache"]) == 1
        told = capsys.readouterr()
        assert "6 ejecuciones" in told.out and words in told.err and "clave" not in told.err
        assert main(["cache", "prune", "--shared", "--keep", "0"]) == 1
        assert words in capsys.readouterr().err


def test_what_was_removed_is_executed_again_and_nothing_else(project, tmp_path):
    project.page("a", "# A\n\n" + fence("print(1)"))
    project.page("b", "# B\n\n" + fence("print(2)"))
    _, before, executor = project.run("a", "b")
    gone = executor.cache.entries()[0]
    executor.cache.remove(gone.key)
    _, after, executor = project.run("a", "b")
    assert len(executor.executed) == 1
    assert [e.results[0].outputs for e in before] == [e.results[0].outputs for e in after]


def test_a_page_that_can_not_be_read_stops_nothing(project, kept, capsys):
    project.page("mal", "# M\n\n```python\nsin cerrar\n")
    assert main(["cache"]) == 0
    assert "están 1 de 1" in capsys.readouterr().out


def test_of_many_entries_the_oldest_go_by_themselves(tmp_path, monkeypatch):
    monkeypatch.setattr("livedocs.execution.cache.MAX_ENTRIES", 3)
    cache = Cache(tmp_path)
    for days in (1, 5, 3, 2, 4):
        put(cache, f"vieja{days}", days)
    cache.put("nueva", {})
    assert {Path(p).stem for p in tmp_path.glob("*.json")} == {"nueva", "vieja1", "vieja2"}
