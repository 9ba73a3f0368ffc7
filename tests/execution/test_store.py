"""What one checkout executed, no other executes; a store that fails is one warning and a local run."""

from __future__ import annotations

import asyncio
import io
import json
import pickle
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

import fsspec
import pytest
from fsspec.implementations.local import LocalFileOpener, LocalFileSystem
from fsspec.implementations.memory import MemoryFileSystem

from livedocs.execution import key as key_module
from livedocs.execution import scheduler, store
from livedocs.execution.cache import Cache, digest, sealed
from livedocs.execution.executor import Executor
from livedocs.execution.progress import Progress
from livedocs.execution.results import CellResult, Execution
from livedocs.execution.store import Store
from livedocs.pages.chapter import Chapter
from livedocs.settings import Settings
from tests.conftest import Project, awaited, fence
from tests.converting import PROVENANCE


class FakeMachines:
    """Gives each block its own code as output, and counts; no kernel is started."""

    slots = 4

    def __init__(self):
        self.executed: list[str] = []
        self.before = lambda chapter: None  # called before each chapter
        self.delay = 0.0
        self.status = "ok"

    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        pass

    async def execute(self, chapter):
        self.before(chapter)
        await asyncio.sleep(self.delay)
        self.executed.append(chapter.path)
        results = tuple(
            CellResult(self.status, [{"output_type": "stream", "name": "stdout", "text": cell.code}])
            for cell in chapter.executed_cells
        )
        return scheduler.Outcome(Execution(results, PROVENANCE))


@pytest.fixture
def machines(monkeypatch) -> FakeMachines:
    fake = FakeMachines()
    monkeypatch.setattr(scheduler, "chosen", lambda settings, progress: fake)
    return fake


class Checkout:
    """A project with pages of one block each, and an executor that shares at an address."""

    def __init__(self, root: Path, address: str, pages: int = 1):
        self.settings = Settings(root, store=address)
        self.chapters = [
            Chapter.parse(fence(f"x = {n}"), f"docs/p{n}.md", root) for n in range(1, pages + 1)
        ]
        self.said = io.StringIO()
        self.executor = Executor(self.settings, Progress(self.said))

    def run(self) -> dict[str, Execution]:
        return self.executor.run(self.chapters)

    @property
    def executed(self) -> list[str]:
        return self.executor.executed

    @property
    def keys(self) -> list[str]:
        return [self.executor.key(chapter) for chapter in self.chapters]

    @property
    def warnings(self) -> list[str]:
        return [line for line in self.said.getvalue().splitlines() if line.startswith("Aviso")]


@pytest.fixture(params=["memory", "folder", "file", "files only"])
def address(request, tmp_path) -> str:
    """An address of each kind: objects, a folder, its URL, and files that can only be written to."""
    if request.param == "files only":
        fsspec.register_implementation("soloarchivos", FilesOnly, clobber=True)
    return {
        "memory": f"memory://{uuid.uuid4().hex}/a",
        "folder": str(tmp_path / "compartida"),
        "file": (tmp_path / "compartida").as_uri(),
        "files only": f"soloarchivos://{tmp_path}/compartida",
    }[request.param]


class FilesOnly(LocalFileSystem):
    """Files that are opened and written to, as those of another machine."""

    protocol = "soloarchivos"

    @classmethod
    def _strip_protocol(cls, path):
        return super()._strip_protocol(str(path).removeprefix("soloarchivos://"))


def checkouts(tmp_path, address, count=2, **changes) -> list[Checkout]:
    return [Checkout(tmp_path / f"copia{n}", address, **changes) for n in range(1, count + 1)]


# Two checkouts ----------------------------------------------------------------------


def test_what_one_checkout_executed_no_other_executes(tmp_path, machines, address):
    first, second = checkouts(tmp_path, address, pages=70)  # more than one request
    ran = first.run()
    assert len(first.executed) == 70 and first.warnings == []
    assert second.run() == ran
    assert second.executed == [] and len(machines.executed) == 70
    assert "70 páginas ya estaban ejecutadas en «" in second.said.getvalue()


def test_what_was_found_is_kept_here_and_not_asked_for_again(tmp_path, machines, address):
    first, second = checkouts(tmp_path, address)
    ran = first.run()
    second.run()
    alone = Checkout(tmp_path / "copia2", f"memory://{uuid.uuid4().hex}")
    assert alone.run() == ran and alone.executed == [] and alone.said.getvalue() == ""


def test_a_warm_run_asks_the_store_for_nothing(tmp_path, machines, monkeypatch):
    first = Checkout(tmp_path / "copia1", f"memory://{uuid.uuid4().hex}")
    first.run()
    monkeypatch.setattr(Store, "place", lambda self: pytest.fail("nobody has to open it"))
    again = Checkout(tmp_path / "copia1", first.settings.store)
    again.run()
    assert again.executed == [] and again.warnings == []


def test_two_projects_with_the_engine_share_a_folder(tmp_path):
    """The whole way, with kernels: the second prints what the first executed."""
    pages = "# P\n\n" + fence("print(6 * 7)")
    done = []
    for name in ("uno", "dos"):
        project = Project(tmp_path / name)
        project.page("p", pages)
        done.append(project.command("livedocs", "run", LIVEDOCS_CACHE=str(tmp_path / "compartida")))
    for run in done:
        assert run.returncode == 0, run.stderr
    assert "✓ p: 1 de 1 bloques" in done[0].stderr
    assert "1 página ya estaba ejecutada en «" in done[1].stderr and "✓ p:" not in done[1].stderr
    assert "docs/p.md: ya estaba ejecutada" in done[1].stdout
    (kept,) = (tmp_path / "compartida").glob("*.json")
    assert "42\\n" in kept.read_text("utf-8")
    assert not list((tmp_path / "compartida").glob("*.part"))


def test_a_failure_is_not_shared(tmp_path, machines, address):
    machines.status = "failed"
    first, second = checkouts(tmp_path, address)
    first.run()
    second.run()
    assert len(machines.executed) == 2


def test_afresh_the_store_is_not_looked_at_and_gets_what_came_out(tmp_path, machines, address):
    first, second = checkouts(tmp_path, address)
    first.run()
    spoilt = dict(first.executor.store.get(first.keys))
    ((key, value),) = spoilt.items()
    value["results"][0]["outputs"][0]["text"] = "vieja"
    awaited(first.executor.store.put(key, value))
    second.executor.forget(second.chapters)
    second.run()
    assert second.executed == ["docs/p1.md"]
    ((_, left),) = first.executor.store.get([key])
    assert left["results"][0]["outputs"][0]["text"] == "x = 1"
    second.run()
    assert second.executed == ["docs/p1.md"], "once was asked for"


# What is found there ----------------------------------------------------------------


def whole() -> dict:
    result = {"status": "ok", "outputs": [{"output_type": "stream", "name": "stdout", "text": "ajena"}],
              "seconds": 0.1, "reason": "", "line": 0}  # fmt: skip
    return {"results": [result], "provenance": PROVENANCE}


def changed(**result) -> bytes:
    value = whole()
    value["results"][0] |= result
    return json.dumps(sealed(value)).encode()


class _Bomb:
    def __reduce__(self):
        return pytest.fail, ("an entry was executed",)


SPOILT = {
    "nothing": b"",
    "truncated": json.dumps(sealed(whole())).encode()[:-40],
    "another digest": json.dumps({"digest": "0" * 64, "value": whole()}).encode(),
    "one changed letter": json.dumps(sealed(whole())).encode().replace(b"ajena", b"ajenA"),
    "bytes": bytes(range(256)),
    "a list": b"[]",
    "code": pickle.dumps(_Bomb()),
    "too deep": b"[" * 100_000,
    "deep value": b'{"digest": "x", "value": ' + b"[" * 900 + b"]" * 900 + b"}",
    "another version": json.dumps(sealed({"cells": [], "version": 2})).encode(),
    "a text": json.dumps(sealed("hola")).encode(),
    "no provenance": json.dumps(sealed(whole() | {"provenance": {}})).encode(),
    "seconds that are no number": json.dumps(
        sealed(whole() | {"provenance": PROVENANCE | {"seconds": "<b>"}})
    ).encode(),
    "more blocks": json.dumps(sealed(whole() | {"results": whole()["results"] * 2})).encode(),
    "a failed block": changed(status="failed", reason="ajena"),
    "a block that did not run": changed(status="not_run"),
    "another field": changed(other=1),
    "outputs that are none": changed(outputs=["<script>"]),
    "a line that is a text": changed(line="1"),
    "a reason that is a list": changed(reason=[]),
}


@pytest.mark.parametrize("entry", SPOILT.values(), ids=SPOILT.keys())
@pytest.mark.parametrize("kind", ["memory", "folder"])
def test_a_spoilt_entry_is_a_miss_and_is_replaced(tmp_path, machines, entry, kind):
    address = f"memory://{uuid.uuid4().hex}" if kind == "memory" else str(tmp_path / "compartida")
    first, second = checkouts(tmp_path, address)
    (key,) = first.keys
    fs, root = fsspec.url_to_fs(address)
    fs.makedirs(root, exist_ok=True)
    fs.pipe_file(f"{root}/{key}.json", entry)
    assert first.run()["docs/p1.md"].results[0].outputs[0]["text"] == "x = 1"
    assert first.executed == ["docs/p1.md"] and first.warnings == []
    second.run()
    assert second.executed == [], "the entry was replaced"


def test_a_whole_entry_of_another_is_a_hit(tmp_path, machines):
    """That the tests above miss for what is wrong with their entries, and for nothing else."""
    address = f"memory://{uuid.uuid4().hex}"
    (first,) = checkouts(tmp_path, address, 1)
    awaited(first.executor.store.put(first.keys[0], whole()))
    assert first.run()["docs/p1.md"].results[0].outputs[0]["text"] == "ajena"
    assert first.executed == []


def test_entries_are_as_they_always_were(tmp_path):
    """What was executed before this version is still found: the form of a file has not changed."""
    text = '{"digest": "%s", "value": {"b": [1, "á"], "a": null}}'
    text %= "3d7b0b5ad5b4a1a5bb5ed22a39aa6fbb4a7ce1f0b8bdc7a0dd4c66c9e5d61a5c"
    value = {"b": [1, "á"], "a": None}
    text = text.replace(text[12:76], digest(value))
    (tmp_path / "k.json").write_text(text, "utf-8")
    assert Cache(tmp_path).get("k") == value
    Cache(tmp_path).put("otra", value)
    assert (tmp_path / "otra.json").read_text("utf-8") == text


# Two builds at once -----------------------------------------------------------------


def test_two_builds_at_once_execute_each_page_twice_at_worst_and_spoil_nothing(
    tmp_path, machines, address
):
    machines.delay = 0.02
    both = checkouts(tmp_path, address, pages=20)
    both[1].chapters.reverse()
    outcomes: dict[int, dict] = {}
    threads = [
        threading.Thread(target=lambda n=n, it=it: outcomes.__setitem__(n, it.run()))
        for n, it in enumerate(both)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes[0] == outcomes[1] and len(outcomes[0]) == 20
    assert max(map(machines.executed.count, machines.executed)) <= 2
    assert len(machines.executed) < 40, "what one had finished, the other did not execute"
    (third,) = checkouts(tmp_path / "otra", address, 1, pages=20)
    third.run()
    assert third.executed == [] and not [w for it in (*both, third) for w in it.warnings]


@pytest.mark.slow
def test_two_processes_at_once_leave_a_sound_store(tmp_path):
    pages = {f"p{n}": "# P\n\n" + fence(f"print({n})") for n in range(3)}
    started = []
    for name in ("uno", "dos"):
        project = Project(tmp_path / name)
        for page, text in pages.items():
            project.page(page, text)
        started.append(
            subprocess.Popen(
                [sys.executable, "-m", "livedocs", "run"],
                cwd=project.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                env=environment(LIVEDOCS_CACHE=str(tmp_path / "compartida")),
            )
        )  # fmt: skip
    for run in started:
        said = run.communicate(timeout=300)[0]
        assert run.returncode == 0 and "Aviso" not in said, said
    shared = Cache(tmp_path / "compartida")
    assert len(shared.entries()) == 3
    for entry in shared.entries():
        assert shared.get(entry.key)["results"][0]["status"] == "ok"


def environment(**more: str) -> dict[str, str]:
    import os

    from tests.conftest import ROOT

    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


# A store that fails -----------------------------------------------------------------


class Faulty(MemoryFileSystem):
    """A memory that does what `fault` says before each request: raise, wait…"""

    protocol = "fallas"
    store: dict = {}  # noqa: RUF012
    pseudo_dirs = [""]  # noqa: RUF012
    reading = staticmethod(lambda: None)
    writing = staticmethod(lambda: None)

    @classmethod
    def _strip_protocol(cls, path):
        return MemoryFileSystem._strip_protocol(str(path).replace("fallas://", "memory://"))

    def cat_file(self, *args, **kwargs):
        type(self).reading()
        return super().cat_file(*args, **kwargs)

    def pipe_file(self, *args, **kwargs):
        type(self).writing()
        return super().pipe_file(*args, **kwargs)


@pytest.fixture
def faulty(monkeypatch):
    fsspec.register_implementation("fallas", Faulty, clobber=True)
    monkeypatch.setattr(Faulty, "store", {})
    monkeypatch.setattr(Faulty, "pseudo_dirs", [""])

    def set_(**faults):
        for name, fault in faults.items():
            monkeypatch.setattr(Faulty, name, staticmethod(fault))

    return set_


def raising(error: Exception):
    def fault():
        raise error

    return fault


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (PermissionError("Access Denied"), "PermissionError: Access Denied"),
        (RuntimeError("clave de ftp://ana:secreta@host mal"), "RuntimeError: clave de ftp://host mal"),
        (ValueError("respuesta rara\ny larga"), "ValueError: respuesta rara"),
    ],
    ids=["down", "forbidden", "with a password", "anything else"],
)
def test_a_store_that_is_down_is_one_warning_and_a_local_run(tmp_path, machines, faulty, error, words):
    faulty(reading=raising(error), writing=raising(error))
    first = Checkout(tmp_path / "copia", "fallas://ana:secreta@a/b?clave=1", pages=5)
    ran = first.run()
    assert len(ran) == len(first.executed) == 5
    assert first.warnings == [
        f"Aviso: no se puede leer en «fallas://a/b» ({words}). Lo que falte se ejecuta en esta máquina."
    ]
    again = Checkout(tmp_path / "copia", "fallas://a/b", pages=5)
    assert again.run() == ran and again.executed == [] and again.warnings == []


def test_a_store_for_reading_only_is_read_and_the_rest_stays_here(tmp_path, machines, faulty):
    first = Checkout(tmp_path / "copia1", "fallas://a", pages=3)
    first.run()
    faulty(writing=raising(PermissionError(13, "Permission denied")))
    second = Checkout(tmp_path / "copia2", "fallas://a", pages=5)
    second.run()
    assert second.executed == ["docs/p4.md", "docs/p5.md"]
    assert second.warnings == [
        "Aviso: no se puede escribir en «fallas://a» (Permission denied). Lo que se ejecute queda "
        "guardado solo en esta máquina."
    ]


def test_a_store_that_does_not_answer_costs_one_wait(tmp_path, machines, faulty, monkeypatch):
    monkeypatch.setattr(store, "PATIENCE", 0.3)
    never = threading.Event()
    faulty(reading=lambda: never.wait(60), writing=lambda: never.wait(60))
    first = Checkout(tmp_path / "copia", "fallas://a", pages=80)
    started = time.monotonic()
    first.run()
    assert time.monotonic() - started < 20
    never.set()
    assert len(first.executed) == 80
    assert first.warnings == [
        "Aviso: no se puede leer en «fallas://a» (no contestó en 0 s). Lo que falte se ejecuta en esta "
        "máquina."
    ]


def test_a_slow_store_stops_no_other_page(tmp_path, machines, faulty):
    """Leaving an entry takes 0.4 s: that of forty pages goes on while others are executed."""
    faulty(writing=lambda: time.sleep(0.4))
    first = Checkout(tmp_path / "copia", "fallas://a", pages=40)
    started = time.monotonic()
    first.run()
    assert time.monotonic() - started < 40 * 0.4 / 2
    assert len(Faulty.store) == 40 and first.warnings == []


def test_a_store_that_goes_down_in_the_middle_loses_nothing(tmp_path, machines, faulty):
    left = [3]

    def some():
        left[0] -= 1
        if left[0] < 0:
            raise ConnectionResetError(104, "Connection reset by peer")

    faulty(writing=some)
    first = Checkout(tmp_path / "copia1", "fallas://a", pages=12)
    machines.before = lambda chapter: (
        faulty(reading=raising(ConnectionResetError("x"))) if left[0] < 0 else None
    )
    ran = first.run()
    assert len(ran) == 12 and len(first.warnings) == 1
    assert "Connection reset by peer" in first.warnings[0]
    assert len(first.settings.cache and list(first.settings.cache.glob("*.json"))) == 12
    faulty(reading=lambda: None, writing=lambda: None)
    machines.before = lambda chapter: None
    second = Checkout(tmp_path / "copia2", "fallas://a", pages=12)
    assert second.run() == ran and len(second.executed) == 9 and second.warnings == []


def test_a_store_that_comes_back_is_used_again(tmp_path, machines, faulty, monkeypatch):
    monkeypatch.setattr(store, "PAUSE", 0.0)
    faulty(reading=raising(OSError("x")), writing=raising(OSError("x")))
    first = Checkout(tmp_path / "copia", "fallas://a", pages=1)
    first.run()
    faulty(reading=lambda: None, writing=lambda: None)
    first.chapters = [Chapter.parse(fence("y = 1"), "docs/q.md", tmp_path)]
    first.run()
    assert list(Faulty.store) == [f"/a/{first.keys[0]}.json"] and len(first.warnings) == 1


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("nada://a/b", "fsspec no conoce esa clase de dirección"),
        ("abfs://a/b", "falta el paquete que abre direcciones como esa"),
        ("{file}", "Not a directory"),
    ],
)
def test_an_address_that_nothing_opens_is_one_warning(tmp_path, machines, address, words):
    (tmp_path / "archivo").write_text("", "utf-8")
    first = Checkout(tmp_path / "copia", address.format(file=tmp_path / "archivo"), pages=2)
    first.run()
    assert len(first.executed) == 2
    (warning,) = first.warnings
    assert words in warning and warning.endswith("Lo que falte se ejecuta en esta máquina.")


def test_an_entry_appears_whole_or_not_at_all(tmp_path, machines, monkeypatch):
    """Where a file can only be opened and written to, what is cut leaves nothing with its name."""
    fsspec.register_implementation("soloarchivos", FilesOnly, clobber=True)
    address = f"soloarchivos://{tmp_path}/compartida"
    first = Checkout(tmp_path / "copia1", address)
    write = LocalFileOpener.write

    def half(self, data):
        write(self, data[: len(data) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(LocalFileOpener, "write", half, raising=False)
    first.run()
    assert "No space left on device" in first.warnings[0]
    assert list((tmp_path / "compartida").glob("*.json")) == []
    monkeypatch.setattr(LocalFileOpener, "write", write, raising=False)
    second = Checkout(tmp_path / "copia2", address)
    second.run()
    assert second.executed and list((tmp_path / "compartida").glob("*.json"))


def test_a_folder_that_is_only_for_reading_is_a_hit(tmp_path, monkeypatch):
    Cache(tmp_path).put("k", {"a": 1})
    monkeypatch.setattr("os.utime", lambda path: raising(PermissionError(13, "Permission denied"))())
    assert Cache(tmp_path).get("k") == {"a": 1}


def test_entries_of_a_folder_may_be_read_by_others(tmp_path):
    """As any other file of whoever writes it: a shared folder is of several people."""
    Cache(tmp_path / "c").put("k", {"a": 1})
    (tmp_path / "f").touch()
    assert (tmp_path / "c" / "k.json").stat().st_mode == (tmp_path / "f").stat().st_mode


# How it is asked for ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("s3://balde/keras", "s3://balde/keras"),
        ("memory://x", "memory://x"),
        ("otra", "{root}/otra"),
        ("/otra", "/otra"),
        ("~/otra", "{home}/otra"),
        ("", ""),
    ],
)
def test_the_address_is_a_folder_or_what_fsspec_opens(tmp_path, monkeypatch, given, taken):
    taken = taken.format(root=tmp_path.resolve(), home=Path.home())
    monkeypatch.setenv("LIVEDOCS_CACHE", given)
    assert Settings.load(tmp_path).store == taken
    monkeypatch.delenv("LIVEDOCS_CACHE")
    (tmp_path / "pyproject.toml").write_text(f"[tool.livedocs]\ncache = '{given}'\n", "utf-8")
    assert Settings.load(tmp_path).store == taken
    assert Settings.load(tmp_path).cache == tmp_path.resolve() / ".livedocs" / "executions"


def test_without_an_address_nothing_is_shared_and_fsspec_is_not_imported(tmp_path):
    code = (
        "import sys; from pathlib import Path; from livedocs.execution.executor import Executor\n"
        "from livedocs.settings import Settings\n"
        f"assert Executor(Settings(Path({str(tmp_path)!r}))).store is None\n"
        "assert not {'fsspec', 'distributed', 'dask'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_versions_are_read_again_when_something_is_installed(tmp_path, monkeypatch):
    (tmp_path / "paquetes").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path / "paquetes"))
    before = key_module.versions()
    assert key_module.versions() == before
    newer = tmp_path / "paquetes" / "keras-99.0.dist-info"
    newer.mkdir()
    (newer / "METADATA").write_text("Metadata-Version: 2.1\nName: keras\nVersion: 99.0\n", "utf-8")
    assert key_module.versions() == before | {"keras": "99.0"}


# Parts of the course ----------------------------------------------------------------


@pytest.mark.slow
def test_parts_run_apart_leave_the_whole_course_executed(tmp_path):
    for name, arguments in {"uno": ("--part", "1/2"), "dos": ("--part", "2/2"), "todo": ()}.items():
        project = Project(tmp_path / name)
        for page in ("a", "b"):
            project.page(page, "# P\n\n" + fence(f"print('{page}')"))
        done = project.command(
            "livedocs", "run", *arguments, LIVEDOCS_CACHE=str(tmp_path / "compartida")
        )
        assert done.returncode == 0, done.stderr
    assert "2 páginas ya estaban ejecutadas" in done.stderr and " bloques, " not in done.stderr
    done = project.command("livedocs", "run", "--part", "3/2")
    assert done.returncode == 2 and "como 1/4" in done.stderr
