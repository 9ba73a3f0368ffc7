"""What is kept on disk comes back as it was, or is worked out again."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedocs.kept import MISSING, Kept
from livedocs.shelf import Shelf, _plain, _restored, engine

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(plain)
def test_a_plain_value_is_restored_as_it_was(value):
    found = _restored(_plain(value))
    assert found == value and type(found) is type(value)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "folder" / "a.db"


def keep(path, key, value, version="1"):
    shelf = Shelf(path, version)
    shelf.put(key, value)
    shelf.get(key)
    shelf.turn([key])


@pytest.mark.parametrize(
    "value", ["ñandú", "\ud800", b"\x00\xff", ("a", [b"b", None]), {"bytes": {"x": 1.5}}]
)
def test_another_process_finds_what_was_kept(path, value):
    keep(path, ("page", "x.md", True), value)
    assert Shelf(path, "1").get(("page", "x.md", True)) == value
    assert Shelf(path, "1").get(("page", "x.md", False)) is MISSING
    assert Shelf(path, "2").get(("page", "x.md", True)) is MISSING


def test_what_is_not_plain_is_made_each_time(path):
    made = []
    for _ in range(2):
        kept = Kept(Shelf(path, "1"))
        kept.of("k", lambda: made.append(1) or object())
        kept.turn()
    assert len(made) == 2


def test_what_a_whole_turn_did_not_ask_for_is_dropped(path):
    for name in ("a", "b", "a"):
        kept = Kept(Shelf(path, "1"))
        kept.of(name, lambda: "x" * 1000)
        kept.turn()
    assert Shelf(path, "1").get("a") == "x" * 1000 and Shelf(path, "1").get("b") is MISSING


def test_a_turn_that_is_cut_leaves_what_there_was(path):
    keep(path, "a", 1)
    shelf = Shelf(path, "1")
    shelf.put("b", 2)
    del shelf
    assert Shelf(path, "1").get("a") == 1 and Shelf(path, "1").get("b") is MISSING


def test_a_file_that_is_no_database_is_replaced(path):
    path.parent.mkdir()
    path.write_bytes(b"nada que ver" * 500)
    keep(path, "a", 1)
    assert Shelf(path, "1").get("a") == 1


@pytest.mark.parametrize(
    "junk", [b"\xff\xfe", b"{", b'{"dict": 3}', b'{"a": 1, "b": 2}', b'{"otro": 3}']
)
def test_a_value_that_cannot_be_read_is_made_again(path, junk):
    keep(path, "a", 1)
    with sqlite3.connect(path) as file:
        file.execute("UPDATE kept SET value = ?", (junk,))
    assert Shelf(path, "1").get("a") is MISSING


def test_where_nothing_can_be_written_it_works_all_the_same(tmp_path):
    (tmp_path / "file").touch()
    kept = Kept(Shelf(tmp_path / "file" / "a.db", "1"))
    assert kept.of("a", lambda: 1) == 1
    kept.turn()


def test_two_builds_at_once_do_not_disturb_each_other(path):
    one, other = Shelf(path, "1"), Shelf(path, "1")
    for shelf, name in ((one, "a"), (other, "b")):
        shelf.put(name, name)
        shelf.get(name)
    one.turn(["a"])
    other.turn(["b"])  # it did not ask for the other's: it may drop it, and no more
    assert Shelf(path, "1").get("b") == "b"


def test_the_engine_is_known_by_its_code():
    assert engine() == engine() and len(engine()) == 32
