"""An entry appears whole or not at all, and a damaged one is a miss."""

import json

import pytest

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


def key(tmp_path, text="```python\nx = 1\n```\n", **changes):
    chapter = Chapter.parse(text, "docs/p.md", tmp_path)
    return Executor(Settings(tmp_path, **changes)).key(chapter)


def test_the_key_holds_what_an_output_depends_on(tmp_path, monkeypatch):
    base = key(tmp_path)
    assert key(tmp_path) == base
    assert (
        key(tmp_path, "# Prosa nueva\n\n```{.python title='a'}\nx = 1\n```\n".replace("'", '"')) == base
    )
    assert key(tmp_path, "```python\nx = 2\n```\n") != base
    assert key(tmp_path, '```{.python data-raises="E"}\nx = 1\n```\n') != base
    assert key(tmp_path, seed=1) != base
    assert key(tmp_path, data="official") != base
    versions = key_module.versions()
    for library in ("keras", "tensorflow", "numpy"):
        monkeypatch.setattr(key_module, "versions", lambda name=library: {**versions, name: "0"})
        assert key(tmp_path) != base
    monkeypatch.setattr(key_module, "versions", lambda: versions)
    monkeypatch.setattr(key_module, "ENGINE", "otro motor")
    assert key(tmp_path) != base


def test_the_key_follows_included_snippets_and_data_files(tmp_path):
    (tmp_path / "snippets").mkdir()
    snippet = tmp_path / "snippets" / "a.py"
    snippet.write_text("x = 1\n", "utf-8")
    page = '```python\n--8<-- "a.py"\n```\n'
    before = key(tmp_path, page)
    snippet.write_text("x = 2\n", "utf-8")
    assert key(tmp_path, page) != before
    data = tmp_path / "datos"
    data.mkdir()
    (data / "mnist.npz").write_bytes(b"uno")
    before = key(tmp_path, data=str(data))
    (data / "mnist.npz").write_bytes(b"otro")
    assert key(tmp_path, data=str(data)) != before
