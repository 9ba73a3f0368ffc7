"""What decides an output can't change unnoticed: executions are kept by versions raised by hand."""

from __future__ import annotations

import ast
import hashlib

import pytest

from livedocs.data import profiles
from livedocs.execution import key
from tests.conftest import ROOT

#: For each version: where it is, its name, the code behind it, and what that code was when the
#: version was last thought about.
PINNED = {
    "ENGINE": (
        "livedocs/execution/key.py",
        [
            "execution/cleaning.py", "execution/endings.py", "execution/keras_display.py",
            "execution/kernel_environment.py", "execution/kernel_setup.py", "execution/session.py",
            "data/profiles.py",
        ],
        "122e01a3770915d3",
    ),
    "SYNTHETIC_VERSION": ("livedocs/data/profiles.py", ["data/synthetic/*.py"], "8fee497138fb264f"),
}  # fmt: skip


def meaning(patterns: list[str]) -> str:
    """A digest of what some modules do: comments, docstrings, imports and places do not count."""
    digest = hashlib.sha256()
    for path in (path for pattern in patterns for path in sorted((ROOT / "livedocs").glob(pattern))):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            if isinstance(body, list):
                node.body = [
                    part
                    for part in body
                    if not isinstance(part, ast.Import | ast.ImportFrom)
                    and not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))
                ]
        digest.update(repr(_shape(tree)).encode())
    return digest.hexdigest()[:16]


def _shape(node):
    """A syntax tree without what only some versions of Python write: fields that are empty."""
    if isinstance(node, list):
        return [_shape(part) for part in node]
    if not isinstance(node, ast.AST):
        return node
    fields = {name: _shape(value) for name, value in ast.iter_fields(node)}
    return type(node).__name__, {
        name: value for name, value in fields.items() if value not in (None, [])
    }


@pytest.mark.parametrize("name", PINNED)
def test_a_change_of_what_decides_an_output_is_thought_about(name):
    where, patterns, pinned = PINNED[name]
    found = meaning(patterns)
    assert found == pinned, (
        f"Cambió código que decide lo que muestra un bloque ({', '.join(patterns)}). Si alguna salida puede "
        f"cambiar, cambiá {name} en {where}: todo se ejecuta de nuevo. En los dos casos, poné acá «{found}»."
    )


def test_versions_are_part_of_the_key(tmp_path, monkeypatch):
    from livedocs.pages.chapter import Chapter
    from livedocs.settings import Settings

    chapter = Chapter.parse("```python\nx = 1\n```\n", "docs/p.md", tmp_path)
    keys = {key.key(chapter, Settings(tmp_path))}
    monkeypatch.setattr(key, "ENGINE", "otra")
    keys.add(key.key(chapter, Settings(tmp_path)))
    monkeypatch.setattr(profiles, "SYNTHETIC_VERSION", "otra")
    keys.add(key.key(chapter, Settings(tmp_path)))
    assert len(keys) == 3
