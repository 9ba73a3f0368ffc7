"""Small projects, made on the spot, in which pages are broken on purpose."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml
from filelock import FileLock

from livedocs.execution.executor import Executor
from livedocs.execution.parts import part_of
from livedocs.pages.chapter import Chapter
from livedocs.settings import Settings
from tests.browser import FLAGS, require_chromium, serving

ROOT = Path(__file__).parent.parent


def fence(code: str, attributes: str = "") -> str:
    """A block of a page."""
    opening = "```{.python " + attributes + "}" if attributes else "```python"
    return f"{opening}\n{code}\n```\n\n"


def heeding_ctrl_c() -> None:
    """For a process to run first: what starts in the background inherits that Ctrl-C is ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def awaited(work: Coroutine):
    """What a coroutine gives, in a thread: a browser that is open keeps a loop running in this one."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, work).result()


class Project:
    """A project with our `mkdocs.yml`, theme and engine, and pages of its own."""

    def __init__(self, root: Path):
        self.root = root
        for folder in ("docs", "snippets"):
            (root / folder).mkdir(parents=True)
        shutil.copytree(ROOT / "docs" / "assets", root / "docs" / "assets")
        shutil.copytree(ROOT / "overrides", root / "overrides")
        config = (ROOT / "mkdocs.yml").read_text("utf-8")
        start, end = config.index("\nnav:"), config.index("\nextra_css:")
        config = config[:start] + config[end:]
        config = config.replace(
            "livedocs/integrations/mkdocs.py", str(ROOT / "livedocs/integrations/mkdocs.py")
        )
        (root / "mkdocs.yml").write_text(config, "utf-8")
        shutil.copy(ROOT / "pyproject.toml", root)
        self.page("index", "# Inicio\n")

    def page(self, name: str, text: str) -> Path:
        path = self.root / "docs" / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"), "utf-8")
        return path

    def settings(self, **changes) -> Settings:
        return Settings(self.root, **changes)

    def run(self, *names: str, **changes):
        """Execute pages in this process; return their chapters, executions and the executor."""
        executor = Executor(self.settings(**changes))
        chapters = [Chapter.load(self.root / "docs" / f"{name}.md", self.root) for name in names]
        executions = executor.run(chapters)
        return chapters, [executions[chapter.path] for chapter in chapters], executor

    def command(self, *arguments: str, timeout: int = 300, **env: str) -> subprocess.CompletedProcess:
        """Run a module of this environment in the project, as a contributor would."""
        return subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1", **env},
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    def build(self, **env: str) -> subprocess.CompletedProcess:
        return self.command("mkdocs", "build", "--strict", **env)

    def test(self, *arguments: str, **env: str) -> subprocess.CompletedProcess:
        return self.command("pytest", "docs", *arguments, **env)

    def html(self, name: str) -> str:
        return (self.root / "site" / name / "index.html").read_text("utf-8")


#: Long files whose tests share nothing but the site: each test goes to whichever process is free.
INDEPENDENT = (
    "test_accessibility.py", "test_browser.py", "test_notebook.py", "test_build.py", "test_backends.py",
    "test_serving.py", "test_live.py", "test_page_parts.py", "test_reading_aids.py", "test_shell.py",
    "test_reports.py", "test_walks.py", "test_weight.py",
)  # fmt: skip


def scope_of(nodeid: str) -> str:
    """What keeps a test with those of its file; itself, in the files whose tests share nothing."""
    file = nodeid.split("::")[0]
    return nodeid if file.endswith(INDEPENDENT) else file


def pytest_xdist_make_scheduler(config, log):
    """Shared among processes, the tests of a file stay together, with what they set up once."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return scope_of(nodeid)

    return ByFile(config, log)


def pytest_xdist_auto_num_workers() -> int:
    """One more than the cores: what runs in a browser or in a kernel waits for it."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture
def project(tmp_path) -> Project:
    return Project(tmp_path / "proyecto")


@pytest.fixture(scope="session")
def config() -> dict:
    """The site's `mkdocs.yml`, with the tags that only MkDocs knows read as text."""

    class Loader(yaml.SafeLoader):
        pass

    Loader.add_multi_constructor("!", lambda loader, suffix, node: None)
    return yaml.load((ROOT / "mkdocs.yml").read_text("utf-8"), Loader)


#: How a build ends when the pages themselves are at fault; then their own tests say so.
PAGES_AT_FAULT = "en las páginas (arriba, con archivo y línea)"


@pytest.fixture(scope="session")
def built(tmp_path_factory, worker_id) -> tuple[Path, str]:
    """The site as `mkdocs build` makes it, once for all the processes that share the tests.

    Executions come from the cache if they are there. With `LIVEDOCS_SITE`, the site in that folder.

    Returns:
        Its folder, and what the build printed if it failed; "" if it did not.
    """
    if given := os.environ.get("LIVEDOCS_SITE"):
        return Path(given).resolve(), ""
    shared = tmp_path_factory.getbasetemp()
    shared = shared if worker_id == "master" else shared.parent
    folder, outcome = shared / "sitio", shared / "sitio.listo"
    with FileLock(shared / "sitio.lock"):
        if not outcome.exists():
            done = subprocess.run(
                [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
                cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            )  # fmt: skip
            outcome.write_text(done.stdout[-20_000:] if done.returncode else "", "utf-8")
    return folder, outcome.read_text("utf-8")


@pytest.fixture(scope="session")
def site(built) -> Path:
    """The folder of the site; without a site, the test is skipped and says which page to mend."""
    folder, problem = built
    if problem:
        pytest.skip(f"no hay sitio que probar: {first_problem(problem)}")
    return folder


def first_problem(printed: str) -> str:
    """The page and line to mend, from what a failed build printed; its last line if it names none."""
    found = re.search(r"docs/\S+\.md:\d+: [^\n]*", printed)
    return found[0] if found else (printed.strip().splitlines() or ["mkdocs no dijo por qué"])[-1]


#: Files of many tests that train, execute or drive a browser: how many of them, spread over the
#: file, `make test` runs. The others wait for `make test-all`, which runs them all.
SAMPLED = {
    "test_accessibility.py": 3, "test_browser.py": 2, "test_build.py": 3, "test_c119.py": 16, "test_check.py": 16,
    "test_claims_119.py": 2, "test_completeness.py": 6, "test_converted.py": 2, "test_execution.py": 8, "test_exercises_start.py": 0, "test_exercises_subclassing.py": 0,
    "test_faults.py": 12, "test_faults_kernels.py": 4, "test_faults_store.py": 10, "test_finder.py": 8, "test_homework_101.py": 3, "test_homework_102.py": 0,
    "test_homework_103.py": 3, "test_homework_104.py": 0, "test_homework_120.py": 3, "test_lessons.py": 3,
    "test_page_parts.py": 3, "test_progress.py": 2, "test_reading_aids.py": 3, "test_search.py": 16, "test_serving.py": 1, "test_live.py": 2,
    "test_shell.py": 3, "test_site.py": 3, "test_warm_kernels.py": 3,
}  # fmt: skip


def pytest_addoption(parser):
    parser.addoption(
        "--part", metavar="K/N", help="Corre una de N partes, para repartirlas: --part 1/4, 2/4…"
    )


@pytest.hookimpl(tryfirst=True)  # before the tests that are slow are left out
def pytest_collection_modifyitems(config, items):
    """Beyond its sample a file is slow; with a site given, only the tests that look at it."""
    if part := config.getoption("--part"):
        scopes = [scope_of(item.nodeid) for item in items]
        try:
            mine = part_of(Counter(scopes), part)
        except ValueError as error:
            raise pytest.UsageError(str(error)) from None
        items[:] = [item for item, scope in zip(items, scopes, strict=True) if scope in mine]
    for name, wanted in SAMPLED.items():
        mine = [i for i in items if i.path.name == name and not i.get_closest_marker("slow")]
        for number, item in enumerate(mine):
            if wanted * number // len(mine) == wanted * (number - 1) // len(mine):
                item.add_marker("slow")
    if os.environ.get("LIVEDOCS_SITE"):
        items[:] = [item for item in items if "site" in getattr(item, "fixturenames", ())]


@pytest.fixture(scope="session")
def address(site):
    with serving(site) as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    path = require_chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        new_context = opened.new_context

        def patient_context(*, keeping=False, **options):
            """A context that waits for a busy machine; without a worker that keeps pages, if not asked."""
            context = new_context(**options)
            if not keeping:  # a page that was kept would be seen instead of the one that is tested
                context.add_init_script("delete Navigator.prototype.serviceWorker")
            context.set_default_timeout(180_000)
            return context

        opened.new_context = patient_context
        yield opened
        opened.close()
