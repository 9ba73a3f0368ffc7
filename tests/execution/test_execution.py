"""Blocks broken on purpose: one clear message each, with file and line; nothing is left behind."""

import io
import os
import tempfile
from pathlib import Path

import pytest

from livedocs.execution.key import ExecutionError
from livedocs.execution.progress import Progress
from livedocs.execution.results import FAILED, NOT_RUN, OK, failure
from tests.conftest import fence


def run_one(project, *blocks, **changes):
    project.page("p", "# P\n\n" + "".join(blocks))
    (chapter,), (execution,), _ = project.run("p", **changes)
    return chapter, execution, failure(chapter, execution)


def text_of(result):
    return "".join(output.get("text", "") for output in result.outputs)


def test_blocks_share_one_session_and_keep_their_outputs(project):
    _, execution, broken = run_one(project, fence("x = 20"), fence("print(x + 1)\nx * 2"))
    assert broken is None
    first, second = execution.results
    assert first.outputs == []
    assert text_of(second) == "21\n"
    assert second.outputs[1]["data"]["text/plain"] == "40"


def test_a_failing_block_says_file_line_code_and_error(project):
    _, execution, broken = run_one(
        project,
        fence("x = 1"),
        fence("y = 2\nprint(nombre_mal_escrito)"),
        fence("z = 3"),
        fence("z = 4"),
    )
    assert [r.status for r in execution.results] == [OK, FAILED, NOT_RUN, NOT_RUN]
    assert str(broken).startswith("docs/p.md:9: ")
    assert "print(nombre_mal_escrito)" in str(broken)
    assert "NameError: name 'nombre_mal_escrito' is not defined" in str(broken)
    assert "los 2 bloques que siguen" in str(broken)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("x = 1", "anuncia «ValueError», pero terminó sin error"),
        ("raise KeyError('a')", "anuncia «ValueError», pero lanzó KeyError"),
        ("raise UnicodeError('subclase')", "anuncia «ValueError», pero lanzó UnicodeError"),
    ],
)
def test_an_expected_exception_must_come_and_be_that_one(project, code, words):
    _, _, broken = run_one(project, fence(code, 'data-raises="ValueError"'))
    assert words in str(broken)


def test_an_expected_exception_is_shown_and_the_page_goes_on(project):
    _, execution, broken = run_one(
        project, fence("raise ValueError('así')", 'data-raises="ValueError"'), fence("print('sigue')")
    )
    assert broken is None
    assert execution.results[0].outputs[0]["evalue"] == "así"
    assert text_of(execution.results[1]) == "sigue\n"


def test_syntax_errors_and_exit_are_failures(project):
    _, _, broken = run_one(project, fence("x = = 1"))
    assert "SyntaxError" in str(broken)
    _, execution, broken = run_one(project, fence("import sys\nsys.exit(3)"), fence("x = 1"))
    assert execution.results[0].status == FAILED
    assert "docs/p.md:" in str(broken)


def test_a_killed_kernel_is_one_message_and_other_pages_finish(project):
    project.page("a", fence("x = 1") + fence("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"))
    project.page("b", fence("print('termina')"))
    chapters, executions, _ = project.run("a", "b", jobs=2)
    assert str(failure(chapters[0], executions[0])).startswith("docs/a.md:5: el kernel murió")
    assert text_of(executions[1].results[0]) == "termina\n"


def test_an_endless_loop_is_cut(project):
    _, _execution, broken = run_one(project, fence("while True:\n    pass"), block_seconds=2)
    assert str(broken).startswith("docs/p.md:3: el bloque lleva más de 2 s")
    assert "bucle" in str(broken)


def test_a_page_that_never_ends_is_cut(project):
    blocks = [fence("import time\ntime.sleep(1.5)")] * 6
    _, _, broken = run_one(project, *blocks, chapter_seconds=3)
    assert "la página lleva más de 3 s" in str(broken)


def test_a_block_that_eats_memory_is_cut(project):
    code = "kept = []\nwhile True:\n    kept.append(bytearray(b'x') * 2**24)"
    _, _, broken = run_one(project, fence(code), memory_mb=600)
    assert str(broken).startswith("docs/p.md:3: el bloque usó más de 600 MiB")


def test_a_block_that_prints_without_end_is_cut(project):
    _, _, broken = run_one(project, fence("while True:\n    print('x' * 1000)"), output_kb=64)
    assert "imprimió más de 64 KiB" in str(broken)


def test_blocks_run_in_an_empty_folder_that_disappears(project, monkeypatch):
    code = (
        "from pathlib import Path\n"
        "print(sorted(p.name for p in Path('.').iterdir()))\n"
        "Path('sobra.txt').write_text('x')\nPath('carpeta').mkdir()"
    )
    before = sorted(path for path in project.root.rglob("*") if ".livedocs" not in path.parts)
    with tempfile.TemporaryDirectory(prefix="t-") as temporary:  # its own: others run meanwhile
        monkeypatch.setattr(tempfile, "tempdir", temporary)
        _, execution, broken = run_one(project, fence(code))
        assert not os.listdir(temporary)
    assert broken is None
    assert text_of(execution.results[0]) == "[]\n"
    after = sorted(path for path in project.root.rglob("*") if ".livedocs" not in path.parts)
    assert [path.name for path in after if path not in before] == ["p.md"]


#: What AutoGraph does with each function, in kernels that are killed when their page ends.
TEMPORARY = """
import tempfile
kept = tempfile.NamedTemporaryFile(delete=False)
print(kept.name)
"""


@pytest.mark.parametrize(
    "code", [TEMPORARY, "import keras\n" + TEMPORARY], ids=["sin Keras", "con Keras"]
)
@pytest.mark.parametrize("warm", [True, False], ids=["copiado", "nuevo"])
def test_temporary_files_of_a_page_go_with_it(project, code, warm):
    with tempfile.TemporaryDirectory(prefix="t-") as users, pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", users)
        patch.setenv("TMPDIR", users)
        _, execution, broken = run_one(project, fence(code), warm=warm)
        assert broken is None
        assert text_of(execution.results[0]).startswith("…/temp/tmp")
        assert not os.listdir(users)


def test_the_repository_is_out_of_reach_of_blocks(project):
    code = "import sys\nprint([p for p in sys.path if 'proyecto' in p], 'PYTHONPATH' in __import__('os').environ)"
    _, execution, _ = run_one(project, fence(code))
    assert text_of(execution.results[0]) == "[] False\n"


def test_paths_of_this_machine_do_not_reach_a_page(project):
    code = "import os, warnings, json\nprint(os.getcwd())\nwarnings.warn('ojo')\nprint(json.__file__)\njson.loads('{')"
    _, execution, _ = run_one(project, fence(code, 'data-raises="JSONDecodeError"'))
    everything = str(execution.results[0].outputs)
    assert tempfile.gettempdir() not in everything
    assert str(Path(os.__file__).parent) not in everything
    assert "UserWarning: ojo" in everything


def test_streams_keep_their_order_and_come_whole(project):
    code = (
        "import sys, time\nfor k in range(3):\n    print('a', k)\n    time.sleep(0.3)\n"
        "print('b', file=sys.stderr)\nprint('c')"
    )
    _, execution, _ = run_one(project, fence(code))
    found = [(o["name"], o["text"]) for o in execution.results[0].outputs]
    assert found == [("stdout", "a 0\na 1\na 2\n"), ("stderr", "b\n"), ("stdout", "c\n")]


def test_low_level_log_lines_do_not_reach_a_page(project):
    code = "import os\nos.write(2, b'ruido de C++')\nos.write(1, b'ruido de C++')\nprint('limpio')"
    _, execution, _ = run_one(project, fence(code))
    assert [o["text"] for o in execution.results[0].outputs] == ["limpio\n"]


def test_a_figure_without_alternative_text_fails(project):
    code = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
    _, _, broken = run_one(project, fence(code))
    assert "data-alt" in str(broken)
    _, execution, broken = run_one(project, fence(code, 'data-alt="Una recta."'))
    assert broken is None
    assert "image/svg+xml" in execution.results[0].outputs[0]["data"]


def test_each_page_is_executed_once_and_prose_executes_nothing(project):
    project.page("p", "# Uno\n\n" + fence("print(1)"))
    project.page("q", "# Otra\n\n" + fence("print(2)"))
    assert sorted(project.run("p", "q")[2].executed) == ["docs/p.md", "docs/q.md"]
    assert project.run("p", "q")[2].executed == []
    project.page("p", "# Prosa nueva, más larga\n\nHola.\n\n" + fence("print(1)"))
    assert project.run("p", "q")[2].executed == []
    project.page("p", "# Prosa nueva, más larga\n\nHola.\n\n" + fence("print(10)"))
    assert project.run("p", "q")[2].executed == ["docs/p.md"]


def test_a_failed_page_is_not_kept(project):
    project.page("p", fence("raise ValueError('a')"))
    assert project.run("p")[2].executed == ["docs/p.md"]
    assert project.run("p")[2].executed == ["docs/p.md"]


def test_unusable_data_says_so_before_running(project):
    with pytest.raises(ExecutionError, match="LIVEDOCS_DATA"):
        run_one(project, fence("x = 1"), data="no-existe")


def test_progress_shows_page_block_and_seconds():
    stream = io.StringIO()
    progress = Progress(stream)
    progress.update("102", 3, 40)
    progress.finish("102", 40, 40, 12.34)
    assert stream.getvalue() == "▸ 102: bloque 3 de 40, 0 s\n✓ 102: 40 de 40 bloques, 12.3 s\n"


def test_on_a_terminal_progress_is_one_line_that_fits(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    stream = Terminal()
    monkeypatch.setattr(Progress, "_columns", lambda self: 40)
    progress = Progress(stream)
    for block in range(1, 51):
        for name in ("que-api-elegir", "model-subclassing", "api-funcional"):
            progress.update(name, block, 50)
    progress.note("Aviso.")
    progress.finish("api-funcional", 50, 50, 1.0)
    *rewritten, ending = stream.getvalue().split("\r\x1b[2K")
    assert len(rewritten) > 50 and all(len(line) < 40 and "\n" not in line for line in rewritten)
    assert ending == "Aviso.\n✓ api-funcional: 50 de 50 bloques, 1.0 s\n"
