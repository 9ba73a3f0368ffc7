"""Runs the scripts behind «Copiar hasta acá», each by itself: `python -m tests.standalone`.

A script starts in an empty folder and in a process that holds nothing but imported
libraries: Keras takes seconds to import, so one parent imports it, computes nothing, and
is forked for each script. The data come from the same profile as the pages'.
"""

from __future__ import annotations

import json
import os
import runpy
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

from livedocs.derived import standalone
from livedocs.execution.executor import Executor
from livedocs.execution.kernel_environment import KERNEL_ENV
from livedocs.pages.chapter import Cell, Chapter
from livedocs.settings import Settings

ROOT = Path(__file__).parent.parent
SECONDS = 900  # for one script, on a busy machine


def run_as_a_reader(script: Path) -> subprocess.CompletedProcess:
    """Run a script of somebody's in its folder, with nothing of the project but its data."""
    alone = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from livedocs.data import profiles; profiles.install('synthetic')\n"
        f"sys.path.remove({str(ROOT)!r})\n"
        f"import runpy; runpy.run_path({script.name!r}, run_name='__main__')\n"
    )
    env = {**os.environ, "MPLBACKEND": "agg", "PYTHONDONTWRITEBYTECODE": "1"}
    env.pop("PYTHONPATH", None)
    return subprocess.run(
        [sys.executable, "-c", alone],
        cwd=script.parent,
        env=env,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )


@dataclass(frozen=True)
class Script:
    """The script of a block, and the exception it has to end with, if any."""

    where: str
    text: str
    raises: str | None


def of_page(path: Path, settings: Settings) -> list[Script]:
    """The scripts of a page, as its readers copy them."""
    chapter = Chapter.load(path, settings.root)
    execution = Executor(settings).run([chapter])[chapter.path]
    made = standalone.scripts(chapter, execution, settings.seed)
    cells: tuple[Cell, ...] = chapter.executed_cells
    return [Script(chapter.where(c), made.text(n), c.raises) for n, c in enumerate(cells)]


def of_site(names: list[str] = ()) -> list[Script]:
    """The scripts of the pages whose name holds one of `names`; of all of them without any."""
    settings = Settings.load(ROOT)
    pages = [p for p in settings.pages() if not names or any(name in p.stem for name in names)]
    return [script for page in pages for script in of_page(page, settings)]


def failures(scripts: list[Script], workers: int, report=lambda done, failed: None) -> list[str]:
    """Run scripts in processes of their own; say which did not end as their page does.

    Has to be called in a process that computed nothing yet: see `main`.
    """
    _prepare()
    waiting, running, failed = list(scripts), {}, []
    while waiting or running:
        while waiting and len(running) < workers:
            script, folder = waiting.pop(0), Path(tempfile.mkdtemp(prefix="kv-"))
            pid = os.fork()
            if pid == 0:
                _run(script, folder)
            running[pid] = script, folder, time.monotonic()
        pid, _ = os.waitpid(-1, os.WNOHANG)
        if not pid:
            time.sleep(0.02)
            for pid, (_, _, started) in running.items():
                if time.monotonic() - started > SECONDS:
                    os.kill(pid, 9)
            continue
        script, folder, _ = running.pop(pid)
        if reason := _verdict(script, folder):
            failed.append(f"{script.where}: {reason}")
        shutil.rmtree(folder, ignore_errors=True)
        report(len(scripts) - len(waiting) - len(running), failed)
    return failed


def _prepare() -> None:
    """What a reader has: the libraries, the data of the profile and a way to draw diagrams."""
    import keras  # noqa: F401
    import matplotlib.pyplot  # noqa: F401
    import pydot
    import tensorflow  # noqa: F401

    from livedocs.data import profiles as datasets
    from livedocs.execution import keras_display

    datasets.install(Settings.load(ROOT).data)

    def create(dot, prog=None, format="ps", encoding=None):  # Graphviz from its wheel
        return keras_display._draw(dot.to_string(), format, prog or "dot")

    pydot.Dot.create = create


def _run(script: Script, folder: Path) -> None:
    """In the child: run the script and leave how it ended; never returns."""
    try:
        work = folder / "carpeta"
        work.mkdir()
        path = folder / "script.py"
        path.write_text(script.text, "utf-8")
        os.chdir(work)
        os.environ["KERAS_HOME"] = str(folder / "keras")
        log = os.open(folder / "log", os.O_CREAT | os.O_WRONLY)
        os.dup2(log, 1)
        os.dup2(log, 2)
        end = {"raised": None, "trace": ""}
        try:
            runpy.run_path(str(path), run_name="__main__")
        except BaseException as error:
            end = {"raised": type(error).__name__, "trace": traceback.format_exc()[-1500:]}
        (folder / "end.json").write_text(json.dumps(end), "utf-8")
    finally:
        os._exit(0)


def _verdict(script: Script, folder: Path) -> str:
    """What is wrong with how a script ended; empty if it ended as on its page."""
    try:
        end = json.loads((folder / "end.json").read_text("utf-8"))
    except FileNotFoundError:
        return f"el proceso no terminó bien o pasó los {SECONDS} s"
    if end["raised"] == script.raises:
        return ""
    wanted = script.raises or "ningún error"
    return f"se esperaba {wanted} y fue {end['raised'] or 'ninguno'}\n{end['trace']}"


def main(names: list[str]) -> int:
    if "LIVEDOCS_STANDALONE" not in os.environ:  # once more, with the environment of a kernel
        env = {**os.environ, **KERNEL_ENV, "MPLBACKEND": "agg", "LIVEDOCS_STANDALONE": "1"}
        os.execvpe(sys.executable, [sys.executable, "-m", "tests.standalone", *names], env)
    started = time.monotonic()
    scripts = of_site(names)

    def report(done: int, failed: list[str]) -> None:
        if done % 25 == 0 or done == len(scripts):
            print(f"▸ {done} de {len(scripts)} bloques, {len(failed)} con problemas", flush=True)

    failed = failures(scripts, os.cpu_count() or 1, report)
    for problem in failed:
        print(problem)
    seconds = time.monotonic() - started
    print(f"{len(scripts)} bloques copiados y corridos por sí solos en {seconds:.0f} s.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
