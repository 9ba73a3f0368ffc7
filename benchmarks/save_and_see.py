"""From saving a page to seeing it: what a contributor waits for, in a real server and browser.

    python -m benchmarks.save_and_see                    # 10 and 400 generated lessons
    python -m benchmarks.save_and_see --pages 10         # other sizes
    python -m benchmarks.save_and_see --course --blocks 40

It prints JSON: for each site, the seconds from the end of the write to the new text in the page,
for prose and for the output of a block. The course is copied, with its executions, and never
edited where it is.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from livedocs.derived.promises import address
from livedocs.editions.pdf import FLAGS, chromium
from livedocs.pages.chapter import Cell, Chapter

ROOT = Path(__file__).parent.parent
#: Seconds after which what was saved is given up for lost.
PATIENCE = 120
_LESSON = """\
---
title: Lección {n}
description: Una lección liviana, para medir.
lesson: true
---

# Lección {n} {{ #leccion }}

Prosa de la lección {n}, que lleva a [otra](leccion-{other:03}.md).

## Preparar {{ #preparar }}

```python
x = list(range({n}, {n} + 5))
print(sum(x))
```

## Seguir {{ #seguir }}

Otro poco de prosa, con `código` y una lista:

- una cosa;
- otra.

```python
y = [value * 2 for value in x]
print(y)
```

```python
print(len("no depende de nada"))
```
"""


@dataclass
class Times:
    """Seconds of some saves; those that were never seen count as infinite."""

    seconds: list[float] = field(default_factory=list)
    where: list[str] = field(default_factory=list)

    def add(self, seconds: float, where: str) -> None:
        self.seconds.append(round(seconds, 3))
        self.where.append(where)

    def as_json(self) -> dict:
        if not self.seconds:
            return {"saves": 0}
        return {
            "saves": len(self.seconds),
            "median": round(statistics.median(self.seconds), 3),
            "worst": max(self.seconds),
            "worst_at": self.where[self.seconds.index(max(self.seconds))],
            "each": dict(zip(self.where, self.seconds, strict=True)),
        }


def project(root: Path, pages: int) -> None:
    """A site with our configuration, theme and engine, and so many light lessons."""
    (root / "snippets").mkdir(parents=True)
    shutil.copytree(ROOT / "docs" / "assets", root / "docs" / "assets")
    shutil.copytree(ROOT / "overrides", root / "overrides")
    config = (ROOT / "mkdocs.yml").read_text("utf-8")
    start, end = config.index("\nnav:"), config.index("\nextra_css:")
    hook = "livedocs/integrations/mkdocs.py"
    config = (config[:start] + config[end:]).replace(hook, str(ROOT / hook))
    (root / "mkdocs.yml").write_text(config, "utf-8")
    shutil.copy(ROOT / "pyproject.toml", root)
    (root / "docs" / "index.md").write_text("# Inicio { #inicio }\n", "utf-8")
    guide = root / "docs" / "guias" / "medida"
    guide.mkdir(parents=True)
    (guide / "index.md").write_text(
        "---\ntitle: Medida\n---\n\n# Medida { #medida }\n\n<!-- lecciones -->\n", "utf-8"
    )
    for n in range(pages):
        text = _LESSON.format(n=n, other=(n + 1) % pages)
        (guide / f"leccion-{n:03}.md").write_text(text, "utf-8")


def copy_of_the_course(root: Path) -> None:
    """The course as it is committed or edited, with the executions that are kept."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    for name in listed.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, root / name)
    kept = ROOT / ".livedocs" / "executions"
    if kept.is_dir():
        shutil.copytree(kept, root / ".livedocs" / "executions", ignore=shutil.ignore_patterns("*.lock"))


@dataclass
class Served:
    """A server under way: its address, what it printed, and how long it took to be ready."""

    address: str
    log: Path
    process: subprocess.Popen
    seconds: float

    def printed(self) -> str:
        return self.log.read_text("utf-8")

    def wait_for(self, words: str, seconds: float = PATIENCE) -> None:
        """Wait until the server prints some words."""
        end = time.monotonic() + seconds
        while words not in self.printed():
            if time.monotonic() > end or self.process.poll() is not None:
                raise TimeoutError(f"the server did not print «{words}»:\n{self.printed()[-4000:]}")
            time.sleep(0.05)


@contextlib.contextmanager
def serving(root: Path, **env: str) -> Iterator[Served]:
    """Serve a project as a contributor would."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
    log = root / "servidor.log"
    started = time.monotonic()
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "livedocs", "serve", "--address", place],
            cwd=root, stdout=out, stderr=out,
            env={**os.environ, "PYTHONPATH": str(ROOT), **env},
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )  # fmt: skip
    served = Served(f"http://{place}/", log, process, 0)
    try:
        served.wait_for("El sitio está listo", 300)
        served.seconds = time.monotonic() - started
        yield served
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


@contextlib.contextmanager
def browsing():
    """A page of a browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            yield browser.new_page()
        finally:
            browser.close()


def look_at(page, url: str) -> None:
    """Open a page, and wait until it hears of changes."""
    page.goto(url, wait_until="load")
    page.wait_for_function("document.querySelector('.kv-live')")


def save_and_see(page, file: Path, text: str, seen: str) -> float:
    """Seconds from saving a text to a page that shows some words; infinite if it never does."""
    file.write_text(text, "utf-8")
    started = time.monotonic()
    try:
        page.wait_for_function(
            "words => document.body?.textContent.includes(words)",
            arg=seen, timeout=PATIENCE * 1000, polling=20,
        )  # fmt: skip
    except Exception as error:
        if "Timeout" not in type(error).__name__:
            raise
        return float("inf")
    return time.monotonic() - started


def in_output(n: int) -> tuple[str, str]:
    """A line of code, and what it prints and no code says."""
    return f'print("visto" "-{n}-ahora")', f"visto-{n}-ahora"


def generated(pages: int, saves: int = 10) -> dict:
    """The measures of a site of so many light lessons, all of them executed."""
    with tempfile.TemporaryDirectory(prefix="guardar-y-ver-") as name:
        root = Path(name, "proyecto")
        project(root, pages)
        subprocess.run(
            [sys.executable, "-m", "livedocs", "run"], cwd=root, check=True, capture_output=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        file = root / "docs" / "guias" / "medida" / f"leccion-{pages // 2:03}.md"
        original = file.read_text("utf-8")
        prose, code = Times(), Times()
        with serving(root) as served, browsing() as page:
            look_at(page, f"{served.address}guias/medida/{file.stem}/")
            for n in range(saves):
                told = f"Prosa guardada {n}."
                text = original.replace("Otro poco", f"{told} Otro poco")
                prose.add(save_and_see(page, file, text, told), f"save {n}")
            for n in range(saves):
                line, told = in_output(n)
                text = original.replace("print(y)", f"print(y)\n{line}")
                code.add(save_and_see(page, file, text, told), f"save {n}")
        return {
            "pages": pages,
            "ready": round(served.seconds, 2),
            "prose": prose.as_json(),
            "code": code.as_json(),
        }


def with_line(lines: list[str], cell: Cell, line: str) -> str:
    """A page with one more line in a block: the last, or the first if the block raises."""
    place = cell.line if cell.raises else cell.end_line - 1
    return "\n".join([*lines[:place], f"{cell.prefix}{line}", *lines[place:]])


def blocks_of(root: Path) -> list[tuple[Path, int, Cell]]:
    """The blocks of the course that can print a line more: their page, number and cell."""
    found = []
    for path in sorted((root / "docs").rglob("*.md")):
        chapter = Chapter.load(path, root)
        for number, cell in enumerate(chapter.executed_cells, 1):
            odd = cell.options or cell.gapped or cell.code.lstrip().startswith("%%")
            if not odd and not re.search(r"^\s*;?-+8<-", "\n".join(cell.code.split("\n")[-1:])):
                found.append((path, number, cell))
    return found


def course(blocks: int, saves: int = 5, seed: int = 7) -> dict:
    """The measures of the course: prose of a few pages, and a sample of its blocks.

    Args:
        blocks: How many blocks; 0 means all.
        saves: How many pages get prose.
        seed: Chooses them.
    """
    with tempfile.TemporaryDirectory(prefix="guardar-y-ver-") as name:
        root = Path(name, "curso")
        copy_of_the_course(root)
        every = blocks_of(root)
        choose = random.Random(seed)
        sample = choose.sample(every, min(blocks, len(every))) if blocks else every
        prose, code = Times(), Times()
        with serving(root) as served, browsing() as page:
            for n, (file, _, _) in enumerate(choose.sample(every, saves)):
                text = file.read_text("utf-8")
                look_at(page, served.address + address(file.relative_to(root / "docs").as_posix()))
                told = f"Prosa guardada {n}."
                heading = re.search(r"^## .*$", text, re.M)
                changed = f"{text[: heading.end()]}\n\n{told}\n{text[heading.end() :]}"
                where = file.relative_to(root).as_posix()
                prose.add(save_and_see(page, file, changed, told), where)
                file.write_text(text, "utf-8")
            for n, (file, _, cell) in enumerate(sample):
                text = file.read_text("utf-8")
                look_at(page, served.address + address(file.relative_to(root / "docs").as_posix()))
                line, told = in_output(n)
                changed = with_line(text.split("\n"), cell, line)
                where = f"{file.relative_to(root).as_posix()}:{cell.line}"
                code.add(save_and_see(page, file, changed, told), where)
                print(f"{where}: {code.seconds[-1]:.2f} s", file=sys.stderr, flush=True)
                file.write_text(text, "utf-8")
                with contextlib.suppress(Exception):  # what was under way is given up
                    page.wait_for_function(
                        "words => document.body && !document.body.textContent.includes(words)",
                        arg=told,
                        timeout=20_000,
                    )
        return {
            "blocks": len(every),
            "ready": round(served.seconds, 2),
            "prose": prose.as_json(),
            "code": code.as_json(),
        }


def machine() -> dict:
    """Where it was measured."""
    return {
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "date": time.strftime("%Y-%m-%d"),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description="From saving a page to seeing it.")
    parser.add_argument("--pages", type=int, nargs="*", default=None, help="sizes of generated sites")
    parser.add_argument("--saves", type=int, default=10, help="saves of each kind, in those")
    parser.add_argument("--course", action="store_true", help="measure the course")
    parser.add_argument("--blocks", type=int, default=40, help="blocks of the course; 0: all")
    chosen = parser.parse_args()
    sizes = chosen.pages if chosen.pages is not None else ([] if chosen.course else [10, 400])
    found: dict = {"machine": machine(), "generated": [generated(n, chosen.saves) for n in sizes]}
    if chosen.course:
        found["course"] = course(chosen.blocks)
    print(json.dumps(found, ensure_ascii=False, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
