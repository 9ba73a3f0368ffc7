"""Who is measured, and doing what. Each task leaves nothing to the next: it starts from its own folder."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import lessons, projects
from benchmarks.projects import ROOT
from benchmarks.running import Failed, Run, last_words, run, size
from livedocs.execution.kernel_environment import KERNEL_ENV, PASSED
from livedocs.pages.chapter import Chapter
from livedocs.settings import Settings

#: Programs that are installed apart, for the measurement: their packages, as pip asks for them.
RIVALS = {
    "jupyter-book": ["jupyter-book==1.0.4.post1"],
    "mystmd": ["mystmd==1.11.0", "jupyter-server"],
}
#: The lesson on which tests are compared.
LESSON = "clases/102-sequential/compilar-y-entrenar.md"
#: How many lessons are made to see how the engine grows.
SCALES = (10, 100, 400)
#: Seconds after which `save_and_see.py` gives up waiting for what was saved.
PATIENCE = 120

#: No page of the course comes near; a limit of time would stop what is being measured.
_PATIENT = {"LIVEDOCS_BLOCK_SECONDS": "1800", "LIVEDOCS_CHAPTER_SECONDS": "3600"}
_BUILD = [sys.executable, "-m", "mkdocs", "build", "--quiet"]
_RUN = [sys.executable, "-m", "livedocs", "run"]
_TEST = [sys.executable, "-m", "pytest", "docs"]


@dataclass(frozen=True)
class Task:
    """Something to measure.

    Attributes:
        name: As in the result: the section, a bar and who.
        measure: Does it once, with a file for what it prints. Returns figures by kind: `seconds`
            and perhaps `mib`, what its processes held; `site_mib` and `kept_mib`, what it left on
            disk; `pages`, how many it built.
        once: Whether it is measured in the first round only.
    """

    name: str
    measure: Callable[[Path], dict]
    once: bool = False


def ours_env() -> dict[str, str]:
    """The environment of this engine: as it comes, whatever that of who measures says."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LIVEDOCS_")}
    for name in ("SITE_URL", "REPO_URL"):
        kept.pop(name, None)
    return kept | _PATIENT | {"PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"}


def kernel_env() -> dict[str, str]:
    """The environment in which a block runs here, for those who run blocks by themselves."""
    passed = {name: value for name, value in os.environ.items() if name.upper() in PASSED}
    return passed | KERNEL_ENV | {"PYTHONPATH": str(ROOT), "MPLBACKEND": "agg"}


class Bench:
    """The tasks of each section; folders are made when they are first needed.

    Args:
        work: Where everything is made.
        sampled: The pages of the sample, from `docs/`.
        say: Told of what takes long and is not measured.
    """

    def __init__(self, work: Path, sampled: list[str], say: Callable[[str], None]):
        self.work, self.sampled, self.say = work, sampled, say
        self.seed = Settings.load(ROOT).seed
        self._made: dict[str, Path] = {}
        self._jupyter: dict[str, str] | None = None

    # Cold ------------------------------------------------------------------------------------

    def cold(self) -> list[Task]:
        """A sample of the course, from nothing executed."""
        return [
            Task("cold/plain", lambda log: self._plain(self.scripts("sample"), log)),
            Task("cold/run", lambda log: self._cold(self.sample("cold"), log, _RUN)),
            Task("cold/build", lambda log: self._cold(self.sample("cold"), log, _BUILD)),
            Task(
                "cold/tests-and-build", lambda log: self._cold(self.sample("cold"), log, _TEST, _BUILD)
            ),
            Task("cold/nbconvert", self._nbconvert),
            Task("cold/mkdocs-jupyter", self._mkdocs_jupyter),
            Task("cold/jupyter-book", self._book_cold),
            Task("cold/mystmd", self._myst),
        ]

    def whole(self) -> list[Task]:
        """The whole course, from nothing executed."""
        return [
            Task("whole/plain", lambda log: self._plain(self.scripts("whole"), log), once=True),
            Task("whole/run", lambda log: self._cold(self.course("cold"), log, _RUN), once=True),
            Task(
                "whole/tests-and-build",
                lambda log: self._cold(self.course("cold"), log, _TEST, _BUILD),
                once=True,
            ),
        ]

    def _plain(self, folder: Path, log: Path) -> dict:
        command = [sys.executable, str(Path(__file__).with_name("plain.py")), str(folder)]
        found = _figures(run(command, folder, log, env=kernel_env()))
        return found | {"by_page": json.loads((folder / "seconds.json").read_text("utf-8"))}

    def _cold(self, project: Path, log: Path, *commands: list[str]) -> dict:
        _forget(project)
        return self._ours(project, log, *commands)

    def _ours(self, project: Path, log: Path, *commands: list[str], memory: bool = False) -> dict:
        """Commands of this engine, one after the other."""
        shutil.rmtree(project / "site", ignore_errors=True)
        runs = [
            run(command, project, log.with_suffix(f".{n}.txt"), env=ours_env(), memory=memory)
            for n, command in enumerate(commands, 1)
        ]
        return _figures(Run(sum(r.seconds for r in runs), max(r.mib for r in runs)))

    def _nbconvert(self, log: Path) -> dict:
        folder = projects.notebooks(self.work / "nbconvert", self.chapters())
        found = sorted(str(path.relative_to(folder)) for path in folder.glob("*/*.ipynb"))
        command = [sys.executable, "-m", "jupyter", "nbconvert", "--execute", "--to", "html", *found]
        command += ["--ExecutePreprocessor.timeout=-1", "--ExecutePreprocessor.startup_timeout=600"]
        return _figures(run(command, folder, log, env=self.jupyter()))

    def _mkdocs_jupyter(self, log: Path) -> dict:
        folder = projects.mkdocs_jupyter(self.work / "mkdocs-jupyter", self.notebooks())
        found = _figures(run(_BUILD, folder, log, env=self.jupyter()))
        return found | {"pages": _pages(folder / "site")}

    def _book_cold(self, log: Path) -> dict:
        program = self.rival("jupyter-book")
        folder = projects.jupyter_book(self.work / "book", self.notebooks())
        return self._book(program, folder, log)

    def _book(self, program: Path, folder: Path, log: Path) -> dict:
        found = _figures(run([str(program), "build", "--all", "."], folder, log, env=self.jupyter()))
        html = folder / "_build" / "html"
        if reports := list((html / "reports").rglob("*.err.log")):
            raise Failed(f"no ejecutó {reports[0].parent.name}: {last_words(reports[0])}")
        return found | {"pages": _pages(html)}

    def _myst(self, log: Path) -> dict:
        program = self.rival("mystmd")
        folder = projects.myst(self.work / "myst", self.notebooks())
        env = self.jupyter() | {"PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}
        try:
            found = _figures(run([str(program), "build", "--html", "--execute"], folder, log, env=env))
        except Failed:
            if "api.mystmd.org" in log.read_text("utf-8", "replace").partition("failed")[0]:
                why = "su sitio pide una plantilla a api.mystmd.org, y no se llega"
                raise Failed(why) from None
            raise
        if "⛔" in (printed := log.read_text("utf-8", "replace")):  # it goes on, and ends well
            raise Failed(printed.partition("⛔")[2].splitlines()[0])
        return found | {"pages": _pages(folder / "_build" / "html")}

    # Tests -----------------------------------------------------------------------------------

    def lesson(self) -> list[Task]:
        """The blocks of one lesson as tests, from nothing executed."""
        return [Task("lesson/stock", self._stock), Task("lesson/ours", self._tested)]

    def _stock(self, log: Path) -> dict:
        chapter = Chapter.load(ROOT / "docs" / LESSON, ROOT)
        folder = projects.lesson_with_continuation(self.work / "lesson-stock", chapter, self.seed)
        env = kernel_env() | {"KERAS_HOME": str(folder / ".keras")}
        return _figures(run([sys.executable, "-m", "pytest", "page.md"], folder, log, env=env))

    def _tested(self, log: Path) -> dict:
        project = self.made("lesson-ours", lambda folder: projects.part(folder, [LESSON]))
        return self._cold(project, log, [*_TEST[:-1], f"docs/{LESSON}"])

    # Warm ------------------------------------------------------------------------------------

    def warm(self) -> list[Task]:
        """A build that executes nothing, of the course and of the sample."""
        return [
            Task("warm/course-ours", lambda log: self._warm(self.course("warm"), log)),
            Task("warm/course-alone", lambda log: self._alone("course", log)),
            Task("warm/sample-ours", lambda log: self._warm(self.sample("warm"), log)),
            Task("warm/sample-alone", lambda log: self._alone("sample", log)),
            Task("warm/sample-jupyter-book", self._book_warm),
        ]

    def _warm(self, project: Path, log: Path, memory: bool = False) -> dict:
        self._executed(project, log)
        found = self._ours(project, log, _BUILD, memory=memory)
        return found | {
            "pages": _pages(project / "site"),
            "site_mib": round(size(project / "site"), 1),
            "kept_mib": round(size(project / ".livedocs"), 1),
        }

    def _executed(self, project: Path, log: Path) -> None:
        """See that a project was executed and built once, with what was executed before."""
        if (project / ".built").is_file():
            return
        before = ROOT / ".livedocs" / "executions"
        if before.is_dir() and not (project / ".livedocs").exists():
            shutil.copytree(before, project / ".livedocs" / "executions")
        self.say(f"preparando {project.name}: lo que falte ejecutar, y una construcción que no se mide")
        for number, command in enumerate((_RUN, _BUILD)):
            run(command, project, log.with_suffix(f".antes{number}.txt"), env=ours_env())
        (project / ".built").touch()

    def _alone(self, which: str, log: Path, memory: bool = False) -> dict:
        project = {"course": self.course, "sample": self.sample}[which]("warm")
        return self._without_engine(f"{which}-alone", project, log, memory)

    def _without_engine(self, name: str, project: Path, log: Path, memory: bool = False) -> dict:
        self._executed(project, log)  # the gallery is written by then
        folder = self.made(name, lambda folder: projects.alone(folder, project))
        shutil.rmtree(folder / "site", ignore_errors=True)
        found = _figures(run(_BUILD, folder, log, env=ours_env(), memory=memory))
        return found | {"pages": _pages(folder / "site"), "site_mib": round(size(folder / "site"), 1)}

    def _book_warm(self, log: Path) -> dict:
        program = self.rival("jupyter-book")
        folder = self.work / "book-warm"
        if not (folder / ".built").is_file():
            projects.jupyter_book(folder, self.notebooks())
            self.say("preparando jupyter-book: ejecuta una vez, que no se mide")
            self._book(program, folder, log.with_suffix(".antes.txt"))
            (folder / ".built").touch()
        return self._book(program, folder, log)

    # Growth ----------------------------------------------------------------------------------

    def scale(self) -> list[Task]:
        """Courses of made lessons: from nothing, with everything executed, and MkDocs alone."""
        tasks = []
        for count in SCALES:
            tasks += [
                Task(f"scale/{count}-cold", lambda log, n=count: self._scale_cold(n, log)),
                Task(f"scale/{count}-warm", lambda log, n=count: self._warm(self.scaled(n), log, True)),
                Task(
                    f"scale/{count}-alone",
                    lambda log, n=count: self._without_engine(f"{n}-alone", self.scaled(n), log, True),
                ),
            ]
        return tasks

    def _scale_cold(self, count: int, log: Path) -> dict:
        project = self.scaled(count)
        _forget(project)
        found = self._ours(project, log, _BUILD, memory=True)
        (project / ".built").touch()
        return found

    def scaled(self, count: int) -> Path:
        return self.made(f"scale-{count}", lambda folder: lessons.project(folder, count))

    # Save and see ----------------------------------------------------------------------------

    def save(self) -> list[Task]:
        """From a save to what it changes in the browser: `save_and_see.py` measures it by itself."""
        return [Task("save/see", self._save_and_see, once=True)]

    def _save_and_see(self, log: Path) -> dict:
        if not Path(__file__).with_name("save_and_see.py").is_file():
            raise Failed("falta benchmarks/save_and_see.py, que mide con un servidor y un navegador")
        command = [sys.executable, "-m", "benchmarks.save_and_see", "--course"]
        command += ["--pages", *map(str, SCALES)]
        took = run(command, ROOT, log, env=ours_env())
        return _figures(took) | {"told": waits(log.read_text("utf-8", "replace"))}

    # Folders ---------------------------------------------------------------------------------

    def made(self, name: str, make: Callable[[Path], Path]) -> Path:
        """A folder of this run, made the first time it is asked for."""
        if name not in self._made:
            self._made[name] = make(self.work / name)
        return self._made[name]

    def sample(self, kind: str) -> Path:
        return self.made(f"sample-{kind}", lambda folder: projects.part(folder, self.sampled))

    def course(self, kind: str) -> Path:
        return self.made(f"course-{kind}", projects.whole)

    def chapters(self) -> list[Chapter]:
        """The pages of the sample, in its order."""
        root = self.sample("cold")
        return [Chapter.load(root / "docs" / uri, root) for uri in self.sampled]

    def scripts(self, which: str) -> Path:
        def make(folder: Path) -> Path:
            chapters = self.chapters() if which == "sample" else projects.executed(self.course("cold"))
            return projects.scripts(folder, chapters, self.seed)

        return self.made(f"scripts-{which}", make)

    def notebooks(self) -> Path:
        return self.made("notebooks", lambda folder: projects.notebooks(folder, self.chapters()))

    def jupyter(self) -> dict[str, str]:
        """The environment of a program that executes notebooks; their kernel has the rest."""
        if self._jupyter is None:
            self._jupyter = projects.jupyter(self.work / "jupyter", self.seed)
        return {n: v for n, v in kernel_env().items() if n != "PYTHONPATH"} | self._jupyter

    def rival(self, name: str) -> Path:
        """The program of a rival, installed in an environment of its own.

        Raises:
            Failed: it can't be installed.
        """
        venv = self.work / f"venv-{name}"
        program = venv / "bin" / {"mystmd": "myst"}.get(name, name)
        if (venv / ".ready").is_file() and program.is_file():
            return program
        self.say(f"instalando {RIVALS[name][0]}, aparte")
        shutil.rmtree(venv, ignore_errors=True)
        log = self.work / "logs" / f"install-{name}.txt"
        try:
            run([sys.executable, "-m", "venv", str(venv)], self.work, log)
            run([str(venv / "bin" / "pip"), "install", "-q", *RIVALS[name]], self.work, log)
        except Failed:
            raise Failed(f"no se pudo instalar {RIVALS[name][0]} (en {log.name} dice por qué)") from None
        (venv / ".ready").touch()
        return program

    def rivals(self) -> dict[str, str]:
        """The version of each rival that is installed."""
        found = {}
        for name, asked in RIVALS.items():
            if (self.work / f"venv-{name}" / ".ready").is_file():
                found[name] = asked[0].partition("==")[2]
        return found


def waits(printed: str) -> dict:
    """What `save_and_see.py` printed, after other lines perhaps: by kind and by size of course.

    Returns:
        Of "prose" and "code", for each number of pages and for "course", the `median` and the
        `worst` seconds; those of what was never seen are how long it was waited for.

    Raises:
        Failed: it is not understood.
    """
    try:
        start = next(n for n in range(len(printed)) if printed.startswith(("{\n", '{"'), n))
        told = json.loads(printed[start:])
        sites = {str(each["pages"]): each for each in told["generated"]}
        if "course" in told:
            sites["course"] = told["course"]
        return {
            kind: {
                size: {of: min(site[kind][of], PATIENCE) for of in ("median", "worst")}
                for size, site in sites.items()
                if site[kind]["saves"]
            }
            for kind in ("prose", "code")
        }
    except (StopIteration, ValueError, KeyError, TypeError) as error:
        raise Failed(f"no se entiende lo que dijo benchmarks/save_and_see.py ({error!r})") from None


def _figures(done: Run) -> dict:
    return {"seconds": round(done.seconds, 3)} | ({"mib": round(done.mib, 1)} if done.mib else {})


def _pages(site: Path) -> int:
    return sum(1 for _ in site.rglob("*.html"))


def _forget(project: Path) -> None:
    for name in (".livedocs", "site", ".cache"):
        shutil.rmtree(project / name, ignore_errors=True)
    (project / ".built").unlink(missing_ok=True)
