"""A run that is cut at each of its moments: by Ctrl-C, and by the death of the main process.

A `sitecustomize` of the test's own stops the run at the moment, for long enough to cut it there.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from livedocs.execution.results import from_json
from tests.conftest import ROOT, fence, heeding_ctrl_c

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="las señales y /proc son de Linux"),
]

PAUSE = """\
import os, time
import wrapt

module, name, wanted = os.environ["PAUSE"].split("|")

def pause():
    if not os.path.exists(os.environ["PAUSED"]):
        open(os.environ["PAUSED"], "w").close()
        time.sleep(2)

def hook(found):
    def wrapper(wrapped, instance, args, kwargs):
        if wanted in repr(args):
            pause()
        return wrapped(*args, **kwargs)

    if name:
        wrapt.wrap_function_wrapper(found, name, wrapper)
    else:
        pause()

if module:
    wrapt.register_post_import_hook(hook, module)
"""

RUN, BUILD = ("livedocs", "run"), ("mkdocs", "build", "--strict")

#: Of each moment, the command and where it pauses: a module, a function of it, what its call holds.
MOMENTS = {
    "importing": (RUN, "nbclient||"),
    "starting a kernel": (RUN, "livedocs.execution.warm_kernels|_fork|"),
    "preparing a kernel": (RUN, "livedocs.execution.session|Session._set_up|"),
    "running a block": (RUN, "||"),
    "writing the cache": (RUN, "os|replace|.part"),
    "staging": (BUILD, "os|replace|site/docs/q.md"),
    "reading the pages": (BUILD, "mkdocs.structure.pages|Page.render|"),
    "building": (BUILD, "mkdocs.commands.build|_build_page|"),
    "finishing": (BUILD, "livedocs.finishing.search|finish|"),
}  # fmt: skip


class Run:
    """A project, a temporary folder of its own and the commands that are given there."""

    def __init__(self, project, folder: Path):
        self.project, self.folder = project, folder
        self.temporary = folder / "t"
        self.temporary.mkdir()
        (folder / "sitecustomize.py").write_text(PAUSE, "utf-8")
        self.paused, self.go_on = folder / "paused", folder / "go on"
        self.block = (
            "import signal, time\nfrom pathlib import Path\n"
            "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"  # a block may do it
            f"while not Path({str(self.go_on)!r}).exists():\n"
            f"    Path({str(self.paused)!r}).touch()\n    time.sleep(0.1)\nprint('llegó')"
        )

    def env(self, pause: str) -> dict[str, str]:
        return {
            **os.environ,
            "PYTHONPATH": f"{self.folder}:{ROOT}",
            "TMPDIR": str(self.temporary),
            "NO_MKDOCS_2_WARNING": "1",
            "PAUSE": pause,
            "PAUSED": str(self.paused),
        }

    def until(self, command, pause: str) -> subprocess.Popen:
        """The command, once it is at the moment where it pauses."""
        self.paused.unlink(missing_ok=True)
        runner = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=self.project.root, env=self.env(pause), text=True, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=heeding_ctrl_c,
        )  # fmt: skip
        end = time.monotonic() + 120
        while not self.paused.exists():
            if runner.poll() is not None or time.monotonic() > end:
                runner.kill()
                raise AssertionError(f"it never came to that moment: {runner.communicate()[0]}")
            time.sleep(0.02)
        return runner

    def again(self, command) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", *command],
            cwd=self.project.root, env=self.env("||"), capture_output=True, text=True, timeout=120,
        )  # fmt: skip

    def processes(self) -> list[psutil.Process]:
        """Those that live from this run's temporary folder."""
        found = []
        for process in psutil.process_iter():
            try:
                # A kernel has a folder of its own there.
                if process.environ().get("TMPDIR", "").startswith(str(self.temporary)):
                    found.append(process)
            except (psutil.Error, OSError):
                continue
        return [p for p in found if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]

    def left(self) -> list[str]:
        """Folders of kernels, and of sites being built."""
        return sorted(
            path.name
            for place in (self.temporary, self.project.root)
            for path in place.iterdir()
            if path.name.startswith(("kv-", ".site-"))
        )


@pytest.fixture
def run(project, tmp_path) -> Run:
    return Run(project, tmp_path)


def pages(run: Run, command) -> None:
    block = run.block if command == RUN else "print('llegó')"
    run.project.page("p", "# P { #p }\n\n" + fence("x = 1") + fence(block))
    run.project.page("q", "# Q { #q }\n\n" + fence("print('otra')"))


def assert_nothing_half_written(run: Run) -> None:
    cache = run.project.settings().cache
    for path in cache.glob("*") if cache.exists() else ():
        assert path.suffix in (".json", ".lock", ".part"), path.name  # nobody reads the last two
        if path.suffix == ".json":
            entry = json.loads(path.read_text("utf-8"))["value"]
            assert from_json(entry, len(entry["results"]))
    site = run.project.root / "site"
    if site.exists():  # the old one, whole
        assert "la de antes" in (site / "p" / "index.html").read_text("utf-8")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["ctrl-c", "killed"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_run_that_is_cut_leaves_nothing_and_the_next_one_is_right(run, moment, how):
    command, pause = MOMENTS[moment]
    pages(run, command)
    if command == BUILD:  # over an older site
        (run.project.root / "site" / "p").mkdir(parents=True)
        (run.project.root / "site" / "p" / "index.html").write_text("la de antes", "utf-8")
    if moment != "running a block":
        run.go_on.touch()
    runner = run.until(command, pause)
    if how == signal.SIGINT:
        os.killpg(runner.pid, how)  # as the keyboard does; a kernel leads a group of its own
    else:
        runner.kill()
    told, _ = runner.communicate(timeout=60)
    assert runner.returncode not in (0, None)
    if how == signal.SIGINT:
        assert told.count("Se cortó a pedido") == 1 and "Traceback" not in told, told
        assert runner.returncode == (130 if command == RUN else 1)
        assert run.left() == []
    end = time.monotonic() + 20
    while run.processes() and time.monotonic() < end:
        time.sleep(0.1)
    assert run.processes() == [], "a kernel leaves with who started it"
    assert_nothing_half_written(run)

    for part in run.project.settings().cache.glob("*.part"):
        assert how == signal.SIGKILL and moment == "writing the cache"
        os.utime(part, (0, 0))  # the next run, some time later

    run.go_on.touch()
    done = run.again(command)
    assert done.returncode == 0, done.stdout + done.stderr
    assert run.left() == [], "what was left is removed"
    assert not list(run.project.settings().cache.glob("*.part"))
    _, executions, executor = run.project.run("p", "q")
    assert executor.executed == [], "it was kept"
    assert [o["text"] for o in executions[0].results[1].outputs] == ["llegó\n"]
    if command == BUILD:
        assert "llegó" in run.project.html("p") and "otra" in run.project.html("q")
