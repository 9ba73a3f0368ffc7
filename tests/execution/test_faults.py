"""Faults that once passed in silence, hung or ended a whole run: one message each, with its block."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from livedocs.execution.cleaning import Cleaner
from livedocs.execution.executor import Executor
from livedocs.execution.kernel_environment import environment
from livedocs.execution.results import FAILED, NOT_RUN, OK, failure, says_nothing
from livedocs.pages.chapter import Chapter
from tests.conftest import ROOT, fence, heeding_ctrl_c
from tests.execution.test_execution import run_one, text_of

FIGURE = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"


def statuses(execution):
    return [result.status for result in execution.results]


# What a block may show ----------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        "print('x' * 70_000)",
        "for _ in range(70):\n    print('x' * 1000)",
        "from IPython.display import HTML\nHTML('x' * 70_000)",
        "raise ValueError('x' * 70_000)",
        "'x' * 70_000",
        "from IPython.display import display\ndisplay({'image/png': 'A' * 70_000}, raw=True)",
    ],
    ids=["one print", "many", "html", "error", "value", "picture"],
)
@pytest.mark.parametrize("after", [[], ["print('sigue')"]], ids=["last", "not last"])
def test_a_block_that_shows_too_much_is_the_one_that_fails(project, code, after):
    _, execution, broken = run_one(
        project, fence(code, 'data-alt="Un ruido de prueba."'), *map(fence, after), output_kb=64
    )
    assert statuses(execution) == [FAILED, *[NOT_RUN] * len(after)]
    assert re.match(r"docs/p.md:3: el bloque (imprimió|mostró) más de 64 KiB", str(broken))
    assert not list(project.settings().cache.glob("*.json")), "nothing of it is kept"


def test_what_is_shown_and_replaced_does_not_count(project):
    code = (
        "from IPython.display import clear_output, display\n"
        "for _ in range(20):\n    clear_output()\n    print('x' * 10_000)\n"
        "handle = display('y', display_id=True)\n"
        "for _ in range(20):\n    handle.update('y' * 10_000)"
    )
    assert run_one(project, fence(code), output_kb=64)[2] is None


def test_cleaning_a_long_word_takes_no_time(tmp_path):
    clean = Cleaner(tmp_path / "trabajo", tmp_path)
    home = str(Path.home())
    picture = "base64," + "A" * 300_000 + home + "A" * 300_000
    started = time.monotonic()
    for text in ("x" * 500_000, "/ipykernel_1" * 40_000, picture):
        assert clean.text(text) == text
    assert time.monotonic() - started < 5
    shown = {"output_type": "display_data", "data": {"image/png": home * 9, "text/plain": home + "/a"}}
    assert clean.outputs([shown])[0]["data"] == {"image/png": home * 9, "text/plain": "~/a"}
    assert clean.text('File "/tmp/ipykernel_12/345.py", line 1') == 'File "<bloque>", line 1'


def test_what_chance_and_the_engine_put_in_a_trace_is_not_shown(tmp_path):
    clean = Cleaner(tmp_path / "trabajo", tmp_path)
    for place in (f"{tmp_path}/temp/", "/tmp/", ""):
        name = f"{place}__autograph_generated_filehv_xplz3.py"
        assert clean.text(f"File \x1b[32m{name}:26, in f") == (
            "File \x1b[32m…/__autograph_generated_file….py:26, in f"
        )
    theirs = '  File "<frozen runpy>", line 88, in _run_code\n\n'
    for engine in (tmp_path, "/otra/parte"):  # with the project, or installed somewhere else
        ours = "".join(
            f'  File "{engine}/livedocs/execution/{file}.py", line {line}, in {name}\n\n'
            for file, line, name in (("warm_kernels", 184, "<module>"), ("session", 156, "_serve"))
        )
        shown = clean.text(f"Detected at node a:\n{theirs}{ours}{theirs}")
        assert shown == f"Detected at node a:\n{theirs * 2}"


# How a block ends ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "raises", "words"),
    [
        ("exit()", "", "llama a exit()"),
        ("!false\n!true", "", "el comando «false» falló (terminó con código 1)"),
        ("import sys\nsys.stdout = None", "", "cambia sys.stdout y no lo devuelve"),
        ("get_ipython().run_cell('1/0')\nx = 1", "", "mostró un error (ZeroDivisionError"),
        (
            "class ValueError(Exception): pass\nraise ValueError('a')",
            "ValueError",
            "anuncia «ValueError», el de Python, pero lanzó __main__.ValueError",
        ),
        (
            "get_ipython().run_cell('raise ValueError()')\nraise KeyError('a')",
            "ValueError",
            "pero lanzó KeyError",
        ),
        (
            "from IPython.display import display\ndisplay({'text/plain': 3.5}, raw=True)",
            "",
            "el motor no pudo con este bloque",
        ),
    ],
)
def test_a_block_that_ends_badly_is_the_one_that_fails(project, code, raises, words):
    attributes = f'data-raises="{raises}"' if raises else ""
    _, execution, broken = run_one(project, fence(code, attributes), fence("print('sigue')"))
    assert statuses(execution) == [FAILED, NOT_RUN]
    assert re.match(r"docs/p.md:[3-6]: ", str(broken)) and words in str(broken)


@pytest.mark.parametrize(
    ("code", "raises"),
    [
        ("get_ipython().run_cell('1/0')\nraise ValueError('a')", "ValueError"),
        ("class Mine(Exception): pass\nraise Mine('a')", "Mine"),
        ("import json\njson.loads('{')", "JSONDecodeError"),
        ("x = = 1", "SyntaxError"),
        ("%%capture found\nprint('callado')", ""),
        ("!echo hola", ""),
        ("import threading\nt = threading.Thread(target=print, args=('a',))\nt.start()\nt.join()", ""),
    ],
)
def test_a_block_that_ends_as_announced_passes(project, code, raises):
    attributes = f'data-raises="{raises}"' if raises else ""
    _, execution, broken = run_one(project, fence(code, attributes), fence("print('sigue')"))
    assert broken is None and text_of(execution.results[1]) == "sigue\n"


def test_a_thread_that_speaks_late_is_blamed_on_its_block(project):
    _, execution, broken = run_one(
        project,
        fence("x = 1"),
        fence(
            "import threading, time\n\ndef speak():\n    for _ in range(20):\n        time.sleep(0.1)\n"
            "        print('tarde')\n\nthreading.Thread(target=speak).start()"
        ),
        fence("time.sleep(0.8)\nprint('dos')"),
        fence("x = 2"),
    )
    assert statuses(execution) == [OK, FAILED, OK, NOT_RUN]
    assert str(broken).startswith("docs/p.md:7: ") and "esperalo" in str(broken)
    assert text_of(execution.results[2]) == "dos\n"


@pytest.mark.parametrize(
    ("seconds", "times"), [(0.5, 1), (60, 0)], ids=["it ends soon", "it goes on in silence"]
)
def test_a_thread_of_the_last_block_is_not_lost(project, seconds, times):
    code = (
        f"import threading, time\n\ndef speak():\n    time.sleep({seconds})\n    print('tarde')\n\n"
        "threading.Thread(target=speak).start()"
    )
    _, execution, broken = run_one(project, fence("x = 1"), fence(code))
    assert statuses(execution) == [OK, FAILED]
    assert str(broken).startswith("docs/p.md:7: ") and "esperalo" in str(broken)
    assert not list(project.settings().cache.glob("*.json")), "nothing of it is kept"


def test_a_thread_that_goes_on_is_blamed_on_the_block_that_started_it(project):
    code = "import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()"
    _, execution, _ = run_one(project, fence("x = 1"), fence(code), fence("print('fin')"))
    assert statuses(execution) == [OK, FAILED, OK]


@pytest.mark.parametrize(
    "code",
    [
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
        "from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor(2)\n"
        "print(sum(pool.map(abs, range(9))))",
        "import threading, time\nthreading.Thread(target=time.sleep, args=(0.5,)).start()",
    ],
    ids=["a daemon", "a pool", "one that ends in silence"],
)
def test_a_script_would_end_with_these_threads_and_so_does_a_page(project, code):
    assert run_one(project, fence(code))[2] is None


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("while True:\n        print('x' * 1000)\n        time.sleep(0.001)", "esperalo"),
        ("os.kill(os.getpid(), 9)", "el kernel murió"),
    ],
    ids=["endless", "death"],
)
def test_what_a_thread_of_the_last_block_breaks_is_told_of_it(project, code, reason):
    code = f"import os, threading, time\n\ndef late():\n    {code}\n\nthreading.Timer(0.3, late).start()"
    _, execution, broken = run_one(project, fence("x = 1"), fence(code), output_kb=64)
    assert statuses(execution) == [OK, FAILED]
    assert str(broken).startswith("docs/p.md:7: ") and reason in str(broken)


# Text that no file can hold -----------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "half"),
    [
        (r"print('\ud800')", r"\ud800"),
        (r"print('a\udfff', file=__import__('sys').stderr)", r"\udfff"),
        (r"print(__import__('os').fsdecode(b'caf\xe9'))", r"\udce9"),
        (r"__import__('IPython').display.HTML('<b>\ud83d</b>')", r"\ud83d"),
    ],
    ids=["stdout", "stderr", "a file's name", "html"],
)
def test_half_a_character_is_one_sentence(project, code, half):
    _, execution, broken = run_one(project, fence("x = 1"), fence(code), fence("print('sigue')"))
    assert statuses(execution) == [OK, FAILED, NOT_RUN]
    assert str(broken).startswith(f"docs/p.md:7: el bloque muestra «{half}», la mitad de un carácter")
    assert half in json.dumps(execution.results[1].outputs, ensure_ascii=False).replace("\\\\", "\\")
    str(broken).encode("utf-8")


def test_half_a_character_in_an_error_is_that_error(project):
    code = r"raise ValueError('\ud800')"
    _, _, broken = run_one(project, fence(code))
    assert str(broken).startswith("docs/p.md:4: el bloque falló con ValueError")
    assert str(broken).endswith("ValueError: \\ud800")
    _, _, broken = run_one(project, fence(code, 'data-raises="ValueError"'))
    assert "la mitad de un carácter" in str(broken), "it would be shown"


@pytest.mark.parametrize("code", [r"'\ud800'", r"print(ascii('\ud800'))", r"print('\U0001f600 ñ')"])
def test_whole_characters_and_their_escapes_are_shown(project, code):
    _, execution, broken = run_one(project, fence(code))
    assert broken is None
    assert execution.results[0].outputs and len(list(project.settings().cache.glob("*.json"))) == 1


# Alternative texts --------------------------------------------------------------------


def test_a_figure_that_lost_its_description_fails_at_once(project):
    assert run_one(project, fence(FIGURE, 'data-alt="Una recta que sube."'))[2] is None
    project.page("q", "# Q\n\n" + fence(FIGURE, 'data-alt="Otra frase, de otra página."'))
    project.page("p", "# P\n\n" + fence(FIGURE))
    (p, q), executions, executor = project.run("p", "q")
    assert executor.executed == [], "it is judged, not executed"
    assert "no dice qué muestra" in str(failure(p, executions[0]))
    assert failure(q, executions[1]) is None
    project.page("p", "# P\n\n" + fence(FIGURE, 'data-alt="imagen"'))
    (p,), (execution,), _ = project.run("p")
    assert "data-alt=«imagen» no dice qué muestra" in str(failure(p, execution))


@pytest.mark.slow
def test_the_tests_and_the_build_hear_it_too(project):
    project.page("p", "# P { #p }\n\n" + fence(FIGURE, 'data-alt="Una recta que sube."'))
    assert project.test().returncode == 0
    project.page("p", "# P { #p }\n\n" + fence(FIGURE) + fence("print('sigue')"))
    done = project.test()
    assert done.returncode == 1 and "1 failed, 1 passed" in done.stdout
    assert "docs/p.md:3: el bloque dibuja una figura" in done.stdout
    built = project.build()
    assert built.returncode == 1 and "docs/p.md:3: el bloque dibuja una figura" in built.stderr


def test_an_alternative_text_has_to_say_something():
    for alt in (
        "imagen",
        "Gráfico.",
        "Una imagen",
        "figura1.png",
        "…",
        "La figura del gráfico",
        "Curva",
    ):
        assert says_nothing(alt), alt
    for alt in ("Una recta.", "Dos nubes de puntos", "La pérdida baja y se aplana."):
        assert not says_nothing(alt), alt


# The environment ----------------------------------------------------------------------


def test_the_environment_of_the_user_does_not_decide(project, monkeypatch):
    for name, value in {
        "PYTHONOPTIMIZE": "1", "KERAS_MAX_EPOCHS": "1", "KERAS_FLOATX": "float16", "TF_XLA_FLAGS": "x",
        "MPLBACKEND": "agg", "LIVEDOCS_BLOCK_SECONDS": "600", "LC_ALL": "C", "COSA": "1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    code = (
        "import os\nnames = 'PYTHONOPTIMIZE KERAS_MAX_EPOCHS KERAS_FLOATX TF_XLA_FLAGS LC_ALL COSA '\n"
        "names += 'LIVEDOCS_BLOCK_SECONDS'\nprint([n for n in names.split() if n in os.environ])\n"
        "print('PATH' in os.environ)"
    )
    for opening in ("", "import os\nos.environ['AHORA'] = 'un kernel de los comunes'"):
        project.page("p", "# P\n\n" + fence(opening or "x = 1") + fence(code))
        _, (execution,), _ = project.run("p")
        assert text_of(execution.results[1]) == "[]\nTrue\n"
    assert "AssertionError" in str(run_one(project, fence("assert False"))[2])


def test_official_data_are_the_users_but_not_their_configuration(tmp_path, monkeypatch):
    home = tmp_path / "casa"
    (home / "datasets").mkdir(parents=True)
    (home / "datasets" / "mnist.npz").write_bytes(b"datos")
    (home / "keras.json").write_text('{"floatx": "float16"}')
    monkeypatch.setenv("KERAS_HOME", str(home))
    for data in ("official", "synthetic"):
        folder = tmp_path / data
        folder.mkdir()
        env = environment(folder, data)
        found = Path(env["KERAS_HOME"])
        assert found == folder / "keras" and not (found / "keras.json").exists()
        assert (found / "datasets" / "mnist.npz").exists() == (data == "official")
    if sys.platform == "linux":  # what Keras downloads stays with the user
        (tmp_path / "official" / "keras" / "datasets" / "cifar10.npz").write_bytes(b"")
        assert (home / "datasets" / "cifar10.npz").exists()


# Nobody and nothing is left ------------------------------------------------------------

ESCAPES = {
    "session": "import subprocess\np = subprocess.Popen(['sleep', '300'], start_new_session=True)\nprint(p.pid)",
    "no environment": (
        "import subprocess\n"
        "p = subprocess.Popen(['/bin/sleep', '300'], start_new_session=True, env={}, cwd='/')\nprint(p.pid)"
    ),
    "orphan": (
        "import subprocess\n"
        "print(subprocess.run(['sh', '-c', 'setsid sleep 300 >/dev/null 2>&1 & echo $!'],\n"
        "    capture_output=True, text=True).stdout)"
    ),
    "double fork": (
        "import os, time\nreads, writes = os.pipe()\n"
        "if os.fork() == 0:\n    os.setsid()\n    if (child := os.fork()) == 0:\n"
        "        os.chdir('/')\n        time.sleep(300)\n"
        "    os.write(writes, str(child).encode())\n    os._exit(0)\n"
        "time.sleep(0.3)\nprint(os.read(reads, 20).decode())"
    ),
}
ESCAPES["no trace"] = ESCAPES["double fork"].replace(
    "time.sleep(300)", "os.closerange(0, 99)\n        os.execve('/bin/sleep', ['sleep', '300'], {})"
)
KILLED = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"


@pytest.mark.skipif(sys.platform != "linux", reason="«sleep», «setsid» y la adopción son de Linux")
@pytest.mark.parametrize(
    ("name", "ending"),
    [(name, ending) for name in ESCAPES for ending in ("x = 1", KILLED)],
    ids=[f"{name}, {how}" for name in ESCAPES for how in ("the page ends", "its kernel is killed")],
)
@pytest.mark.parametrize("warm", [1, 0], ids=["forked", "ordinary"])
def test_no_process_survives_its_page(project, name, ending, warm):
    _, execution, _ = run_one(project, fence(ESCAPES[name]), fence(ending), warm=warm)
    pid = int(text_of(execution.results[0]).split()[-1])  # after what 3.12 says of forks
    assert not psutil.pid_exists(pid), "nor a zombie of it"


@pytest.mark.skipif(sys.platform != "linux", reason="la adopción es de Linux")
def test_the_orphans_of_a_page_are_no_trouble_for_another(project, tmp_path):
    survivor, killed = tmp_path / "sigue", tmp_path / "murió"
    wait = "import time\nwhile not Path({!r}).exists():\n    time.sleep(0.1)\n"
    project.page(
        "p",
        "# P\n\n"
        + fence("import subprocess\nfrom pathlib import Path\n" + ESCAPES["double fork"])
        + fence("own = subprocess.Popen(['sleep', '300'], start_new_session=True, env={}, cwd='/')")
        + fence(f"Path({str(survivor)!r}).touch()\n" + wait.format(str(killed)))
        + fence("time.sleep(1)\nprint(own.poll())"),
    )
    project.page(
        "q",
        "# Q\n\n"
        + fence("from pathlib import Path\n" + wait.format(str(survivor)))
        + fence(ESCAPES["no trace"])
        + fence(f"Path({str(killed)!r}).touch()\n" + KILLED),
    )
    (p, q), (lives, dies), _ = project.run("p", "q", jobs=2)
    assert failure(p, lives) is None and "el kernel murió" in str(failure(q, dies))
    assert text_of(lives.results[3]).split() == ["None"], "what the other page started goes on"
    for result in (lives.results[0], dies.results[1]):
        assert not psutil.pid_exists(int(text_of(result).split()[-1]))


@pytest.mark.skipif(sys.platform != "linux", reason="la adopción es de Linux")
def test_what_this_process_starts_is_not_taken_for_an_orphan(project):
    with subprocess.Popen(["sleep", "300"], start_new_session=True) as before:
        run_one(project, fence(KILLED))
        assert before.poll() is None
        before.kill()


def start(project, temporary, *arguments):
    """A run in a session of its own, once its page is being executed."""
    runner = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=project.root,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": temporary, "NO_MKDOCS_2_WARNING": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=heeding_ctrl_c,
    )
    begun = project.root / "empezo"
    for _ in range(600):
        if begun.exists():
            begun.unlink()
            return runner
        time.sleep(0.1)
    raise AssertionError(runner.communicate()[0])


@pytest.fixture
def endless(project):
    code = f"from pathlib import Path\nimport time\nPath({str(project.root)!r}, 'empezo').touch()\n"
    project.page("p", "# P { #p }\n\n" + fence(code + "time.sleep(300)"))
    return project


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("livedocs", "run"), 130),
        (("mkdocs", "build", "--strict"), 1),
        (("pytest", "docs"), 130),
    ],
)
def test_ctrl_c_is_one_sentence(endless, arguments, status):
    with tempfile.TemporaryDirectory(prefix="t-") as temporary:
        runner = start(endless, temporary, *arguments)
        os.killpg(runner.pid, signal.SIGINT)
        told, _ = runner.communicate(timeout=60)
        assert runner.returncode == status
        assert told.count("Se cortó a pedido") == 1 and "Traceback" not in told, told
        assert "Exception" not in told and "Interrupt" not in told, told
        assert not [name for name in os.listdir(temporary) if name.startswith("kv-")]


@pytest.mark.slow
def test_a_run_that_is_ended_or_killed_leaves_no_folder(endless):
    with tempfile.TemporaryDirectory(prefix="t-") as temporary:

        def folders():
            return [name for name in os.listdir(temporary) if name.startswith("kv-")]

        runner = start(endless, temporary, "livedocs", "run")
        assert folders()
        runner.terminate()
        told, _ = runner.communicate(timeout=60)
        assert runner.returncode == 128 + signal.SIGTERM and "Traceback" not in told
        assert not folders()

        runner = start(endless, temporary, "livedocs", "run")
        runner.kill()
        runner.communicate(timeout=60)
        (left,) = folders()
        alive = start(endless, temporary, "livedocs", "run")  # the next run removes it
        assert left not in folders() and len(folders()) == 1
        other = endless.command("livedocs", "run", "docs/index.md", TMPDIR=temporary)
        assert other.returncode == 0 and len(folders()) == 1, "not the folder of one that runs"
        alive.terminate()
        alive.communicate(timeout=60)


# The cache and those who share it -------------------------------------------------------


def test_a_cache_that_cannot_be_used_is_one_warning(project, capsys):
    cache = project.settings().cache
    cache.parent.mkdir(parents=True)
    cache.write_text("no es una carpeta")
    for name in "pq":
        project.page(name, f"# P\n\n{fence(f'print({name!r})')}")
    chapters, executions, _ = project.run("p", "q")
    assert [failure(c, e) for c, e in zip(chapters, executions, strict=True)] == [None, None]
    told = capsys.readouterr().err
    assert told.count("Aviso: no se puede escribir en") == 1
    assert told.index("Aviso") < told.index("✓"), "before the wait"


def test_a_site_that_cannot_be_written_is_known_before_executing(project):
    project.page("p", "# P { #p }\n\n" + fence("print('ejecutada')"))
    (project.root / ".livedocs").write_text("no es una carpeta")
    done = project.build()
    assert done.returncode == 1 and "no se puede escribir en" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr and "bloque 1" not in done.stderr


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"results": [], "provenance": {}},
        {"results": [{"status": "ok"}], "provenance": {}},
        {"results": [{"status": "ok", "outputs": [{}], "otra": 1}], "provenance": {}},
        {"results": [{"status": "bien", "outputs": []}], "provenance": "keras"},
        ["results"],
    ],
)
def test_an_entry_of_another_version_is_a_miss(project, value):
    project.page("p", fence("print(1)"))
    (chapter,), _, executor = project.run("p")
    path = project.settings().cache / f"{executor.key(chapter)}.json"
    whole = json.loads(path.read_text("utf-8"))["value"]
    executor.cache.put(executor.key(chapter), value)
    assert project.run("p")[2].executed == ["docs/p.md"]
    executor.cache.put(executor.key(chapter), whole | {"provenance": {}})
    assert project.run("p")[2].executed == ["docs/p.md"]


@pytest.mark.slow
def test_two_processes_execute_each_page_once(project, tmp_path):
    count = tmp_path / "veces"
    for name in "abc":
        code = (
            f"with open({str(count)!r}, 'a') as f:\n    f.write({name!r})\nimport time\ntime.sleep(0.5)"
        )
        project.page(name, f"# P\n\n{fence(code)}")
    project.page(
        "d", "# P\n\n" + fence(f"open({str(count)!r}, 'a').write('d')\nraise ValueError('mal')")
    )
    done = project.test("-n2")
    assert done.returncode == 1 and "1 failed, 3 passed" in done.stdout, done.stdout
    assert sorted(count.read_text()) == list("abcd")
    kept = list(project.settings().cache.iterdir())
    assert len(kept) == 3 and all(path.suffix == ".json" for path in kept), "failures are not kept"
    project.test("-n2")
    assert sorted(count.read_text()) == list("abcdd")


# Tests of pages --------------------------------------------------------------------------


def test_a_page_that_cannot_be_read_does_not_hide_the_others(project):
    project.page("a", "# A\n\n```python\nx = 1\n")
    project.page("b", "# B\n\n" + fence("print(1)"))
    project.page("c", "# C\n\n" + fence("raise ValueError('otra')"))
    done = project.test()
    assert done.returncode == 1 and "2 failed, 1 passed" in done.stdout
    assert "docs/a.md:3: el bloque de código que se abre acá no se cierra" in done.stdout
    assert "ValueError: otra" in done.stdout and "Traceback" not in done.stdout


def test_hidden_pages_are_nobodys(project):
    project.page("p", "# P { #p }\n\n" + fence("print(1)"))
    project.page(".borradores/q", "# Q\n\n```python\nsin cerrar\n")
    (project.root / "docs" / ".oculta.md").write_text("```python\nsin cerrar\n")
    assert [path.name for path in project.settings().pages()] == ["index.md", "p.md"]
    assert project.build().returncode == 0


# Random numbers ----------------------------------------------------------------------------


@pytest.mark.slow
def test_numbers_drawn_before_keras_are_those_of_any_kernel(project):
    code = (
        "import random\nimport numpy as np\nprint(np.random.rand(), random.random())\n"
        "import keras\nprint(np.random.rand(), random.random(), float(keras.random.normal(())))"
    )
    _, forked, _ = run_one(project, fence(code))
    _, ordinary, _ = run_one(project, fence(code + "\nimport os\nos.environ['A'] = 'otro kernel'"))
    assert text_of(forked.results[0]) == text_of(ordinary.results[0])
    assert len(set(text_of(forked.results[0]).split())) == 5, "and none comes twice"


def test_a_verdict_on_the_page_executes_nothing_again(project):
    project.page("p", fence(FIGURE))
    chapter = Chapter.load(project.root / "docs" / "p.md", project.root)
    executor = Executor(project.settings())
    assert executor.run([chapter])[chapter.path].failed
    assert executor.executed == ["docs/p.md"]
    assert executor.run([chapter])[chapter.path].failed
    assert executor.executed == ["docs/p.md"]
