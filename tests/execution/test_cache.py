"""An entry appears whole or not at all, and a damaged one is a miss."""

import dataclasses
import json
import os
import shutil

import pytest

from livedocs.data import profiles
from livedocs.execution import cache as cache_module
from livedocs.execution import key as key_module
from livedocs.execution.cache import Cache
from livedocs.execution.executor import Executor
from livedocs.pages.chapter import Chapter
from livedocs.settings import Settings

VALUE = {"results": [1, "dos", None], "provenance": {"á": 1}}


def test_what_is_put_comes_back(tmp_path):
    cache = Cache(tmp_path)
    assert cache.get("k") is None
    cache.put("k", VALUE)
    assert cache.get("k") == VALUE


@pytest.mark.parametrize("damage", ["", "{", "[]", "null", '{"digest": "x", "value": {}}'])
def test_a_damaged_entry_is_a_miss(tmp_path, damage):
    cache = Cache(tmp_path)
    cache.put("k", VALUE)
    (tmp_path / "k.json").write_text(damage, "utf-8")
    assert cache.get("k") is None


def test_one_changed_character_is_a_miss(tmp_path):
    cache = Cache(tmp_path)
    cache.put("k", VALUE)
    text = (tmp_path / "k.json").read_text("utf-8")
    (tmp_path / "k.json").write_text(text.replace("dos", "doz"), "utf-8")
    assert cache.get("k") is None


def test_a_failed_write_leaves_nothing_behind(tmp_path, monkeypatch):
    cache = Cache(tmp_path)
    cache.put("k", VALUE)
    monkeypatch.setattr(json, "dump", lambda *a, **k: (_ for _ in ()).throw(OSError("disco lleno")))
    with pytest.raises(OSError, match="disco lleno"):
        cache.put("k", {"otro": 1})
    assert [path.name for path in tmp_path.iterdir()] == ["k.json"]
    assert cache.get("k") == VALUE


def test_the_oldest_entries_go(tmp_path, monkeypatch):
    monkeypatch.setattr(cache_module, "MAX_ENTRIES", 3)
    cache = Cache(tmp_path)
    for number in range(5):
        cache.put(f"k{number}", {"n": number})
    assert len(list(tmp_path.glob("*.json"))) == 3
    assert cache.get("k4") == {"n": 4}


def key(tmp_path, text="```python\nx = 1\n```\n", path="docs/p.md", **changes):
    chapter = Chapter.parse(text, path, tmp_path)
    return Executor(Settings(tmp_path, **changes)).key(chapter)


# What an execution depends on: a miss ----------------------------------------------------

PAGE = "# P\n\n```python\nx = 1\nprint(x)\n```\n\nProsa.\n\n```python\ny = 2\n```\n"
CODE_CHANGES = {
    "a value": PAGE.replace("x = 1", "x = 2"),
    "a comment": PAGE.replace("x = 1", "x = 1  # uno"),
    "a space": PAGE.replace("x = 1", "x  = 1"),
    "an empty line": PAGE.replace("x = 1\n", "x = 1\n\n"),
    "a block more": PAGE + "\n```python\nz = 3\n```\n",
    "a block less": PAGE[: PAGE.index("```python\ny")],
    "the order of the blocks": PAGE.replace("x = 1\nprint(x)", "@").replace("y = 2", "x = 1\nprint(x)").replace("@", "y = 2"),
    "two blocks made one": PAGE.replace("print(x)\n```\n\nProsa.\n\n```python\n", "print(x)\n"),
    "a block that is not run": PAGE.replace("```python\ny", '```{.python notest data-why="a"}\ny'),
    "the error that it announces": PAGE.replace("```python\ny", '```{.python data-raises="ValueError"}\ny'),
    "what fills a gap": PAGE.replace("```python\ny = 2", '```{.python data-gaps="3"}\ny = ▢'),
}  # fmt: skip


@pytest.mark.parametrize("text", CODE_CHANGES.values(), ids=CODE_CHANGES)
def test_other_code_is_a_miss(tmp_path, text):
    assert text != PAGE and key(tmp_path, text) != key(tmp_path, PAGE)


@pytest.mark.parametrize(
    "changes",
    [{"seed": 1}, {"seed": 0}, {"data": "official"}],
    ids=["seed", "seed zero", "official data"],
)
def test_other_settings_that_decide_are_a_miss(tmp_path, changes):
    assert key(tmp_path, **changes) != key(tmp_path)


@pytest.mark.parametrize("name", key_module.LIBRARIES)
def test_another_version_of_each_library_is_a_miss(tmp_path, monkeypatch, name):
    base, versions = key(tmp_path), key_module.versions()
    monkeypatch.setattr(key_module, "versions", lambda: {**versions, name: f"{versions[name]}.post1"})
    assert key(tmp_path) != base


@pytest.mark.parametrize("name", key_module.KERNEL_ENV)
def test_each_variable_of_the_kernels_environment_is_a_miss(tmp_path, monkeypatch, name):
    base = key(tmp_path)
    monkeypatch.setitem(key_module.KERNEL_ENV, name, "otro")
    assert key(tmp_path) != base


@pytest.mark.parametrize("name", ["python_version", "system", "machine"])
def test_another_python_or_machine_is_a_miss(tmp_path, monkeypatch, name):
    base = key(tmp_path)
    monkeypatch.setattr(key_module.platform, name, lambda: "otra")
    assert key(tmp_path) != base


def test_another_engine_or_other_synthetic_data_are_a_miss(tmp_path, monkeypatch):
    base = key(tmp_path)
    with monkeypatch.context() as other:
        other.setattr(key_module, "ENGINE", "otro motor")
        assert key(tmp_path) != base
    found = profiles.fingerprint("synthetic")
    monkeypatch.setattr(profiles, "fingerprint", lambda profile: found + "1")
    assert key(tmp_path) != base


def test_what_is_included_is_a_miss_and_what_is_not_is_a_hit(tmp_path):
    (tmp_path / "snippets").mkdir()
    snippet, other = tmp_path / "snippets" / "a.py", tmp_path / "snippets" / "b.py"
    snippet.write_text("# --8<-- [start:f]\nx = 1\n# --8<-- [end:f]\ny = 1\n", "utf-8")
    other.write_text("z = 1\n", "utf-8")
    whole, part = (f'```python\n--8<-- "{name}"\n```\n' for name in ("a.py", "a.py:f"))
    before = key(tmp_path, whole), key(tmp_path, part)
    other.write_text("z = 2\n", "utf-8")
    assert (key(tmp_path, whole), key(tmp_path, part)) == before
    snippet.write_text(snippet.read_text("utf-8").replace("y = 1", "y = 2"), "utf-8")
    assert key(tmp_path, whole) != before[0], "the file is another"
    assert key(tmp_path, part) == before[1], "the section is the same"
    snippet.write_text(snippet.read_text("utf-8").replace("x = 1", "x = 2"), "utf-8")
    assert key(tmp_path, part) != before[1]


def test_each_file_of_a_folder_of_data_counts_and_where_it_is_does_not(tmp_path):
    data, other = tmp_path / "datos", tmp_path / "en otro lado"
    data.mkdir()
    for name in ("mnist", "cifar10", "california_housing", "fashion_mnist"):
        (data / f"{name}.npz").write_bytes(b"uno")
    base = key(tmp_path, data=str(data))
    assert base not in (key(tmp_path), key(tmp_path, data="official"))
    for name in ("mnist", "cifar10", "california_housing", "fashion_mnist"):
        file = data / f"{name}.npz"
        file.write_bytes(b"otro")
        assert key(tmp_path, data=str(data)) != base, name
        file.write_bytes(b"uno")
    assert key(tmp_path, data=str(data)) == base
    shutil.copytree(data, other)
    os.utime(other / "mnist.npz", (1, 1))
    assert key(tmp_path, data=str(other)) == base
    (data / "mnist.npz").unlink()
    assert key(tmp_path, data=str(data)) != base


# What it does not depend on: a hit -------------------------------------------------------

PROSE_CHANGES = {
    "prose": PAGE.replace("Prosa.", "Otra prosa, **más larga**.\n\n- uno\n- dos"),
    "headings": PAGE.replace("# P", "# Otro { #otro }\n\n## Más { #mas }"),
    "front matter": f'---\ntitle: Otro\ndescription: "De otra cosa."\nlesson: true\n---\n\n{PAGE}',
    "a block's title": PAGE.replace("```python\nx", '```{.python title="otro.py"}\nx'),
    "highlighted lines": PAGE.replace("```python\nx", '```{.python hl_lines="1"}\nx'),
    "an alternative text": PAGE.replace("```python\nx", '```{.python data-alt="Una recta que sube."}\nx'),
    "volatile": PAGE.replace("```python\nx", "```{.python volatile}\nx"),
    "predict": PAGE.replace("```python\nx", "```{.python predict}\nx"),
    "check": PAGE.replace("```python\nx", "```{.python check}\nx"),
    "another name of the language": PAGE.replace("```python", "```py"),
    "another fence": PAGE.replace("```", "~~~"),
    "a block of another language": PAGE.replace("Prosa.", "```text\nsalida a mano\n```"),
    "a block that never ran": PAGE + '\n```{.python notest data-why="a"}\nz = 3\n```\n',
    "what is around a block": PAGE.replace("```python\ny = 2\n```", "/// note | N\n\n```python\ny = 2\n```\n\n///"),
    "indentation": PAGE.replace("```python\ny = 2\n```", "- uno\n\n    ```python\n    y = 2\n    ```"),
    "ends of line": PAGE.replace("\n", "\r\n"),
    "gaps, filled with what was there": PAGE.replace("```python\ny = 2", '```{.python data-gaps="2"}\ny = ▢'),
}  # fmt: skip


@pytest.mark.parametrize("text", PROSE_CHANGES.values(), ids=PROSE_CHANGES)
def test_what_is_said_around_the_code_is_a_hit(tmp_path, text):
    assert text != PAGE and key(tmp_path, text) == key(tmp_path, PAGE)


def test_the_name_of_the_file_and_its_folder_are_a_hit(tmp_path):
    assert key(tmp_path, PAGE, "docs/clases/otra.md") == key(tmp_path, PAGE)
    other = tmp_path / "otro clon"
    other.mkdir()
    assert key(other, PAGE) == key(tmp_path, PAGE)


@pytest.mark.parametrize(
    "changes",
    [
        {"jobs": 1}, {"jobs": 7}, {"warm": 0}, {"block_seconds": 7}, {"chapter_seconds": 7},
        {"memory_mb": 100}, {"output_kb": 1}, {"store": "memory://x"}, {"scheduler": "tcp://x"},
    ],
    ids=str,
)  # fmt: skip
def test_limits_and_how_it_is_run_are_a_hit(tmp_path, changes):
    """A limit changes no output: what goes beyond it fails, and a failure is not kept."""
    assert key(tmp_path, **changes) == key(tmp_path)


def test_every_setting_is_known_to_decide_or_not():
    decide = {"seed", "data"}
    do_not = {"jobs", "warm", "block_seconds", "chapter_seconds", "memory_mb", "output_kb"}
    do_not |= {"store", "scheduler"}  # where executions are kept, and where they are made
    places = {"root"}
    said = {field.name for field in dataclasses.fields(Settings)}
    assert said == decide | do_not | places, "probá acá si la clave depende de la opción nueva"


@pytest.mark.parametrize("name", ["LC_ALL", "KERAS_MAX_EPOCHS", "MPLBACKEND", "COLUMNS", "HOME"])
def test_the_environment_of_the_user_is_a_hit(tmp_path, monkeypatch, name):
    base = key(tmp_path)
    monkeypatch.setenv(name, str(tmp_path))
    assert key(tmp_path) == base


# The same, with a store and kernels ------------------------------------------------------


def test_misses_execute_and_hits_do_not(project):
    """What the keys say is what happens, whatever the order of the pages."""
    fences = "```python\nprint({})\n```\n"
    for name in "ab":
        project.page(name, f"# {name}\n\n" + fences.format(repr(name)))
    assert sorted(project.run("a", "b")[2].executed) == ["docs/a.md", "docs/b.md"]
    assert project.run("b", "a")[2].executed == [], "in another order"
    project.page("c", "---\ntitle: C\n---\n\n# Otra\n\nProsa.\n\n" + fences.format("'a'"))
    _, (copied,), executor = project.run("c")
    assert executor.executed == [], "under another name"
    assert copied.results[0].outputs[0]["text"] == "a\n"
    assert project.run("a", seed=7)[2].executed == ["docs/a.md"]
    assert project.run("a", warm=0, jobs=1, block_seconds=9)[2].executed == []
    assert project.run("a")[2].executed == [], "and both are kept"
