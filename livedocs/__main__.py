"""`python -m livedocs run [page …]`: execute pages and say which fail."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from livedocs.chapter import Chapter, ChapterError
from livedocs.execution import ExecutionError, Executor, failure
from livedocs.settings import Settings


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit status: 0 if every block ended as announced."""
    parser = argparse.ArgumentParser(
        prog="python -m livedocs", description="Ejecuta las páginas del sitio."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="run")
    run = commands.add_parser("run", help="ejecuta páginas y dice cuáles fallan")
    run.add_argument("pages", nargs="*", type=Path, help="páginas; ninguna: todas las de docs/")
    pages = parser.parse_args(arguments).pages
    try:
        settings = Settings.load()
        return _run(settings, [page.resolve() for page in pages] or settings.pages())
    except (ExecutionError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2


def _run(settings: Settings, pages: list[Path]) -> int:
    chapters, problems = [], []
    for page in pages:
        try:
            chapters.append(Chapter.load(page, settings.root))
        except ChapterError as error:
            problems.append(str(error))
    executor = Executor(settings)
    executions = executor.run(chapters)
    for chapter in chapters:
        execution = executions[chapter.path]
        if broken := failure(chapter, execution):
            problems.append(str(broken))
        elif chapter.path not in executor.executed and chapter.cells:
            seconds = execution.provenance["seconds"]
            print(f"✓ {chapter.path}: ya estaba ejecutada ({seconds} s)")
    for problem in problems:
        print(f"\n{problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
