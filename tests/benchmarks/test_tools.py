"""What `make bench` measures with: lessons, projects, contenders' inputs, the clock and what it keeps."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import yaml

from benchmarks import lessons, machine, projects
from benchmarks.__main__ import main
from benchmarks.contenders import LESSON, Bench, waits
from benchmarks.running import Failed, run, size
from benchmarks.store import Store
from livedocs.pages import course, writing
from livedocs.pages.chapter import Chapter
from tests.conftest import ROOT, fence


def chapter(text: str) -> Chapter:
    return Chapter.parse(text, "docs/x.md", ROOT)


# Lessons ----------------------------------------------------------------------------------


def test_so_many_lessons_are_made_as_asked_and_the_first_ones_are_always_the_same():
    few, many = lessons.lessons(10), lessons.lessons(25)
    assert sum("medida-" in uri for uri in few) == 10
    assert sum("medida-" in uri for uri in many) == 25
    assert {uri: text for uri, text in many.items() if uri in few and uri != "index.md"} == {
        uri: text for uri, text in few.items() if uri != "index.md"
    }


def test_no_execution_of_a_lesson_serves_another():
    chapters = [chapter(lessons.lesson(number)) for number in range(1, 401, 7)]
    assert len({each.code_digest for each in chapters}) == len(chapters)


@pytest.mark.parametrize("number", [1, 400])
def test_the_blocks_of_a_lesson_end_as_it_says(number):
    made = Chapter.parse(lessons.lesson(number), "docs/clases/201-medida/m.md", ROOT)
    assert writing.problems(made) == []
    names: dict = {}
    for cell in made.executed_cells:
        if cell.raises:
            with pytest.raises(Exception, match="cannot reshape") as told:
                exec(cell.code, names)
            assert type(told.value).__name__ == cell.raises
        else:
            exec(cell.code, names)
    assert sum(bool(cell.options) for cell in made.cells) == 1


def test_a_made_project_lists_its_pages_and_has_our_hook(tmp_path):
    project = lessons.project(tmp_path / "p", 12)
    nav = course.listed(project / "mkdocs.yml")
    assert len(nav) == 1 + 2 + 12 and all((project / "docs" / uri).is_file() for uri in nav)
    read = [Chapter.load(project / "docs" / uri, project) for uri in nav]
    assert read[0].meta["courses"] == [
        {"page": f"clases/{number}-medida", "what": "medir el motor"} for number in (201, 202)
    ]
    assert str(ROOT / "livedocs/integrations/mkdocs.py") in (project / "mkdocs.yml").read_text("utf-8")


# The same pages for each contender ----------------------------------------------------------


def test_the_sample_is_of_all_the_course():
    pages = projects.sample(ROOT, 12)
    assert len(set(pages)) == 12
    folders = {uri.split("/")[0] for uri in pages}
    assert folders >= {"clases", "guias", "errores"}, folders
    assert len({course.unit_of(uri) for uri in pages if uri.startswith("clases/")}) >= 5, pages


def test_a_class_with_more_blocks_gives_more_pages():
    shares = projects._shared_out({"a": 60, "b": 20, "c": 20}, 5, {k: [0] * 9 for k in "abc"})
    assert shares == {"a": 3, "b": 1, "c": 1}
    assert projects._shared_out({"a": 90, "b": 1}, 3, {"a": [0], "b": [0] * 9}) == {"a": 1, "b": 2}


def test_plain_python_runs_every_block_and_goes_on_after_one_that_has_to_fail(tmp_path):
    text = (
        fence("x = 1") + fence("x / 0\ny = 2", 'data-raises="ZeroDivisionError"') + fence("print(x + 1)")
    )
    made = projects.scripts(tmp_path / "s", [chapter(text + fence("z", 'notest data-why="no"'))], 42)
    done = run([sys.executable, str(made / "001" / "page.py")], tmp_path, tmp_path / "log")
    assert (tmp_path / "log").read_text().splitlines() == ["ZeroDivisionError division by zero", "2"]
    assert done.seconds > 0


def test_a_page_without_keras_does_not_pay_for_it():
    assert "keras" not in projects.script(chapter(fence("print(1)")), 42)
    assert "keras" in projects.script(chapter(fence("import keras")), 42)


def test_a_script_that_fails_is_named(tmp_path):
    made = projects.scripts(tmp_path / "s", [chapter(fence("1 / 0"))], 42)
    with pytest.raises(Failed, match=r"docs/x\.md: con python terminó con estado 1"):
        run([sys.executable, str(ROOT / "benchmarks/plain.py"), str(made)], tmp_path, tmp_path / "log")


def test_notebooks_say_which_blocks_have_to_fail():
    node = projects.notebook(chapter("# T\n\nhola\n\n" + fence("1") + fence("1/0", 'data-raises="E"')))
    code = [cell for cell in node.cells if cell.cell_type == "code"]
    assert [cell.source for cell in code] == ["1", "1/0"]
    assert code[1].metadata.tags == ["raises-exception"] and "tags" not in code[0].metadata


def test_the_tests_of_others_see_what_the_blocks_above_defined(tmp_path):
    text = fence("x = 1") + fence("raise KeyError(x)", 'data-raises="KeyError"') + fence("assert x == 1")
    folder = projects.lesson_with_continuation(tmp_path / "l", chapter(text), 42)
    run([sys.executable, "-m", "pytest", "page.md"], folder, tmp_path / "log")
    assert "3 passed" in (tmp_path / "log").read_text()


def test_with_the_engine_off_the_same_pages_are_left_and_nothing_of_ours(tmp_path):
    project = lessons.project(tmp_path / "p", 3)
    folder = projects.alone(tmp_path / "alone", project)
    config = (folder / "mkdocs.yml").read_text("utf-8")
    assert "integrations/mkdocs.py" not in config and "\n  - livedocs\n" not in config
    assert "pymdownx.superfences" in config and "name: material" in config
    mine, theirs = (sorted(p.name for p in (f / "docs").rglob("*.md")) for f in (project, folder))
    assert mine == theirs
    page = (folder / "docs/clases/201-medida/medida-001.md").read_text("utf-8")
    assert "{.python" not in page and page.count("```python") == len(chapter(lessons.lesson(1)).cells)


def test_a_part_of_the_course_has_its_pages_whole_and_leads_out_to_the_others(tmp_path):
    project = projects.part(tmp_path / "p", [LESSON])
    own = Chapter.load(project / "docs" / LESSON, project)
    assert own.code_digest == Chapter.load(ROOT / "docs" / LESSON, ROOT).code_digest
    text = (project / "docs" / LESSON).read_text("utf-8")
    assert "https://example.org/" in text and "](index.md" not in text
    assert "nav" not in yaml.safe_load((project / "mkdocs.yml").read_text("utf-8").replace("!ENV", ""))


def test_every_section_has_tasks_with_names_of_their_own(tmp_path):
    bench = Bench(tmp_path, [LESSON], print)
    sections = (bench.cold, bench.lesson, bench.warm, bench.scale, bench.save, bench.whole)
    names = [task.name for section in sections for task in section()]
    assert len(names) == len(set(names)) and {"cold/plain", "whole/run", "scale/400-warm"} <= set(names)


def test_what_save_and_see_prints_is_read_by_kind_and_size():
    each = {"saves": 2, "median": 0.5, "worst": float("inf"), "each": {"a": 1}}
    told = {
        "machine": {}, "generated": [{"pages": 10, "ready": 1, "prose": each, "code": {"saves": 0}}],
        "course": {"blocks": 3, "ready": 1, "prose": each, "code": {"saves": 1, "median": 3, "worst": 7}},
    }  # fmt: skip
    found = waits("docs/x.md:3: 0.5 s\n" + json.dumps(told, indent=1) + "\n")
    seen = {"median": 0.5, "worst": 120}
    assert found == {
        "prose": {"10": seen, "course": seen}, "code": {"course": {"median": 3, "worst": 7}}
    }  # fmt: skip
    for printed in ("", "{}", "{\n nada", '{"generated": 3}'):
        with pytest.raises(Failed, match="no se entiende lo que dijo"):
            waits(printed)


# The clock, and what is kept ----------------------------------------------------------------


def test_a_command_is_timed_with_the_memory_of_all_its_processes(tmp_path):
    hungry = "import time; x = bytearray(80 * 2**20); time.sleep(1.2)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hungry!r}])"
    done = run([sys.executable, "-c", parent], tmp_path, tmp_path / "log", memory=True)
    assert done.seconds >= 1.2 and 80 < done.mib < 200


def test_a_command_that_fails_says_its_last_words(tmp_path):
    with pytest.raises(Failed, match="terminó con estado 3: se rompió"):
        run(
            [sys.executable, "-c", "print('se rompió\\n'); raise SystemExit(3)"],
            tmp_path, tmp_path / "log",
        )  # fmt: skip
    with pytest.raises(Failed, match="no se pudo arrancar «no-existe»"):
        run(["no-existe"], tmp_path, tmp_path / "log")


def test_a_command_that_takes_too_long_is_ended(tmp_path):
    sleeper = (
        f"import time, os; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(99)"
    )
    with pytest.raises(Failed, match="no terminó en 2 s"):
        run([sys.executable, "-c", sleeper], tmp_path, tmp_path / "log", limit=2)
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text()}").exists()


def test_what_was_measured_is_kept_until_the_code_changes(tmp_path):
    path = tmp_path / "p.json"
    store = Store(path, "a")
    store.put("cold/run", 1, {"seconds": 2.0})
    store.put("cold/run", 2, {"failed": "se cayó"})
    again = Store(path, "a")
    assert again.has("cold/run", 1) and not again.has("cold/run", 2) and not again.has("cold/plain", 1)
    assert again.measured()["cold/run"] == {"rounds": [1], "seconds": [2.0]}
    assert Store(path, "b").rounds == {}
    path.write_text("{", "utf-8")
    assert Store(path, "a").rounds == {}


def test_what_failed_every_time_says_why(tmp_path):
    store = Store(tmp_path / "p.json", "a")
    store.put("cold/mystmd", 1, {"failed": "no se pudo instalar"})
    assert store.measured() == {"cold/mystmd": {"failed": "no se pudo instalar"}}


def test_the_size_of_a_folder_is_that_of_its_files(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_bytes(bytes(3 * 2**20))
    assert size(tmp_path) == 3.0 and size(tmp_path / "no") == 0.0


def test_the_machine_says_what_a_reader_needs():
    found = machine.machine()
    assert found["cores"] >= found["usable"] >= 1 and found["memory_gib"] > 0
    assert found["cpu"] and found["system"]
    assert {"python", "keras", "mkdocs"} <= machine.versions().keys()


# The command --------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def a_sample_that_takes_no_time(monkeypatch):
    """Choosing it parses the whole course."""
    monkeypatch.setattr("benchmarks.__main__.sample", lambda root, wanted: [LESSON] * wanted)


def test_turns_change_from_round_to_round(tmp_path, capsys):
    assert main(["--plan", "--work", str(tmp_path), "--only", "lesson", "save", "--rounds", "2"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "ronda 1: lesson/stock", "ronda 1: lesson/ours", "ronda 1: save/see",
        "ronda 2: lesson/ours", "ronda 2: lesson/stock",
    ]  # fmt: skip


def test_a_cut_measurement_goes_on_and_writes_its_result(tmp_path, monkeypatch):
    calls = []

    def stock(self, log):
        calls.append("stock")
        return {"seconds": 10.0}

    def ours(self, log):
        calls.append("ours")
        if len(calls) == 2:
            raise KeyboardInterrupt
        return {"seconds": 2.0}

    monkeypatch.setattr(Bench, "_stock", stock)
    monkeypatch.setattr(Bench, "_tested", ours)
    asked = [
        "--work",
        str(tmp_path),
        "--out",
        str(tmp_path / "r.json"),
        "--only",
        "lesson",
        "--rounds",
        "1",
    ]
    with pytest.raises(KeyboardInterrupt):
        main(asked)
    assert main(asked) == 0 and calls == ["stock", "ours", "ours"]
    found = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert found["measured"]["lesson/stock"] == {"rounds": [1], "seconds": [10.0]}
    assert len(found["sample"]) == 12 and found["machine"]["cores"] >= 1


def test_who_fails_is_said_and_does_not_stop_the_others(tmp_path, monkeypatch, capsys):
    def broken(self, log):
        raise Failed("se cayó")

    monkeypatch.setattr(Bench, "_stock", broken)
    monkeypatch.setattr(Bench, "_tested", lambda self, log: {"seconds": 2.0})
    asked = ["--work", str(tmp_path), "--out", str(tmp_path / "r.json"), "--only", "lesson"]
    assert main(asked) == 1
    assert "no se pudo medir lesson/stock: se cayó" in capsys.readouterr().err
    found = json.loads((tmp_path / "r.json").read_text("utf-8"))["measured"]
    assert found["lesson/stock"] == {"failed": "se cayó"}
    assert found["lesson/ours"]["seconds"] == [2.0, 2.0, 2.0]
