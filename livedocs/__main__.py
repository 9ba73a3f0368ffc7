"""`python -m livedocs run [page …]`: execute pages and say which fail.

`python -m livedocs downloads FOLDER`: make the zip and the PDFs that the site offers.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from livedocs.chapter import Chapter, ChapterError
from livedocs.execution import ExecutionError, Executor, failure
from livedocs.offline import BuildError, make
from livedocs.printing import PrintError
from livedocs.settings import Settings


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit status: 0 if every block ended as announced."""
    parser = argparse.ArgumentParser(
        prog="python -m livedocs", description="Ejecuta las páginas del sitio y hace lo que se descarga."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="run|downloads")
    run = commands.add_parser("run", help="ejecuta páginas y dice cuáles fallan")
    run.add_argument("pages", nargs="*", type=Path, help="páginas; ninguna: todas las de docs/")
    downloads = commands.add_parser("downloads", help="hace el curso en un zip y el PDF de cada clase")
    downloads.add_argument("folder", type=Path, help="dónde dejarlos; lo que haya ahí se reemplaza")
    chosen = parser.parse_args(arguments)
    try:
        settings = Settings.load()
        if chosen.command == "downloads":
            for line in make(settings, chosen.folder, os.environ.get("SITE_URL", "")):
                print(line)
            return 0
        return _run(settings, [page.resolve() for page in chosen.pages] or settings.pages())
    except BuildError:
        return 1  # MkDocs said why
    except (ExecutionError, PrintError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nSe cortó a pedido. Las páginas que terminaron quedaron guardadas.", file=sys.stderr)
        return 130


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
