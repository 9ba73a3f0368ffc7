"""Staging again, as while the site is served: only what changed is worked out, and the tree is the same."""

from __future__ import annotations

from collections import Counter

import pytest

from livedocs import staging
from livedocs.derived import messages, notebook, promises, standalone, taught
from livedocs.execution.executor import Executor
from livedocs.kept import Kept, once
from livedocs.pages.parser import Parser
from livedocs.staging import lessons
from tests.volatile import fingerprint

LESSON = """\
---
title: Lección {n}
lesson: true
---

# Lección {n} {{ #leccion }}

Prosa {said}.

```python
print("soy {n}")
```
"""


def test_what_is_not_asked_for_twice_in_a_row_is_forgotten():
    kept, made = Kept(), []
    make = lambda: made.append(1) or len(made)
    assert [kept.of("a", make), kept.of("a", make)] == [1, 1]
    kept.turn()
    assert kept.of("a", make) == 1
    kept.turn()
    kept.turn()
    assert kept.of("a", make) == 2


def test_once_is_for_each_chapter_and_for_the_same_objects(tmp_path):
    class Page:
        pass

    asked = []

    @once
    def length(page, *others):
        asked.append(others)
        return len(asked)

    one, other, terms = Page(), Page(), {}
    assert [length(one, terms), length(one, terms), length(other, terms)] == [1, 1, 2]
    assert [length(one, terms), length(one, {})] == [1, 3]


def test_what_takes_long_may_wait_for_another_turn(project):
    """The pages are staged all the same, without their scripts and notebooks."""
    for n in range(3):
        project.page(f"l{n}", LESSON.format(n=n, said="una"))
    executor, kept = Executor(project.settings()), Kept(patience=0)
    stage = lambda: staging.stage(project.settings(), executor=executor, kept=kept)
    scripts = lambda: len(list((stage().docs / "assets" / "bloques").glob("*.js")))
    assert scripts() == 0 or kept.postponed
    for _ in range(8):
        found = scripts()
    assert found == 3 and not kept.postponed
    fresh = staging.stage(project.settings(), executor=executor)
    assert fingerprint(fresh.folder) == fingerprint(stage().folder)


@pytest.fixture
def counted(monkeypatch):
    """How many times each thing was worked out, and of which page."""
    count = Counter()

    def watch(module, name, of):
        real = getattr(module, name)

        def watched(*args, **kwargs):
            count[name, of(*args)] += 1
            return real(*args, **kwargs)

        monkeypatch.setattr(module, name, watched)

    watch(Parser, "chapter", lambda parser: parser.path)
    watch(standalone, "scripts", lambda chapter, *_: chapter.path)
    watch(notebook, "executed", lambda chapter, *_: chapter.path)
    watch(notebook, "todo", lambda chapter, *_: chapter.path)
    watch(promises, "of", lambda chapter, *_: chapter.path)
    watch(messages, "messages", lambda chapters, *_: chapters[0].path)
    watch(lessons, "render", lambda done: "notebook")
    watch(taught, "_matches", lambda data: "taught")
    return count


def test_staging_again_works_out_only_what_changed(project, counted):
    for n in range(4):
        project.page(f"guias/g/l{n}", LESSON.format(n=n, said="de antes"))
    project.page("guias/g/index", "---\ntitle: G\n---\n\n# G { #g }\n\n<!-- lecciones -->\n")
    settings, kept = project.settings(), Kept()
    executor = Executor(settings)
    stage = lambda: staging.stage(settings, executor=executor, kept=kept)
    first = stage()
    counted.clear()
    stage()
    assert counted == {}, "nothing changed"
    project.page("guias/g/l2", LESSON.format(n=2, said="nueva"))
    stage()
    page = "docs/guias/g/l2.md"
    assert {of for _, of in counted} <= {page, "notebook", "taught"}
    assert max(counted.values()) == 1 and counted["chapter", page] == 1
    assert executor.executed.count(page) == 1, "prose executes nothing"
    assert "Prosa nueva" in (first.docs / "guias/g/l2.md").read_text("utf-8")


def test_the_tree_is_the_one_that_is_staged_afresh(project):
    settings, kept = project.settings(), Kept()
    executor = Executor(settings)
    (project.root / "snippets" / "a.py").write_text("x = 1\n", "utf-8")
    project.page("con", '# Con\n\n```python\n--8<-- "a.py"\nprint(x)\n```\n')
    for n in range(3):
        project.page(f"guias/g/l{n}", LESSON.format(n=n, said="de antes"))
    project.page("guias/g/index", "---\ntitle: G\n---\n\n# G { #g }\n")
    staging.stage(settings, executor=executor, kept=kept)
    project.page("guias/g/l1", LESSON.format(n="uno", said="nueva"))
    (project.root / "docs/guias/g/l2.md").unlink()
    project.page("otra", "# Otra\n\n```python\nprint('otra')\n```\n")
    (project.root / "snippets" / "a.py").write_text("x = 2\n", "utf-8")
    again = staging.stage(settings, executor=executor, kept=kept)
    found = fingerprint(again.folder)
    assert found == fingerprint(staging.stage(settings, executor=executor).folder)
    assert "print(x)" in (again.docs / "assets/bloques/con.js").read_text("utf-8")
    assert not (again.docs / "guias/g/l2.md").exists()
    for path in sorted(again.folder.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    assert found == fingerprint(staging.stage(settings, executor=executor).folder), "from nothing"
