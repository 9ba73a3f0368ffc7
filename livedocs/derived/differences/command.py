"""`python -m livedocs export` and `python -m livedocs diff`: what they print and how they end."""

from __future__ import annotations

import sys
from pathlib import Path

from livedocs.derived.differences import compare, record, report, report_html
from livedocs.execution.key import ExecutionError
from livedocs.files import write_if_changed
from livedocs.settings import Settings

_REPORTS = {".html": report_html.page, ".md": report.markdown}


def export(root: Path, file: Path, pages: list[Path]) -> int:
    """Write the record of a project; returns the exit status."""
    try:
        made = record.of_project(Settings.load(root), only=[page.resolve() for page in pages])
        made.write(file)
    except (record.RecordError, ExecutionError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    blocks = [block for page in made.pages.values() for block in page.blocks]
    failed = sum(block.status != record.OK for block in blocks)
    ending = f"; bloques que no terminaron bien: {failed}" if failed else ""
    print(f"{file}: {len(made.pages)} páginas, {len(blocks)} bloques{ending}. {report.common(made)}.")
    return 0


def diff(old: Path, new: Path, reports: list[Path], tolerance: float, exit_code: bool) -> int:
    """Compare two sides and tell what changed; returns the exit status."""
    unknown = next((path for path in reports if path.suffix not in _REPORTS), None)
    if unknown:
        print(f"{unknown}: el informe se escribe en .html o en .md; cambiale el final.", file=sys.stderr)
        return 2
    if not 0 <= tolerance < 1:
        print("--tolerance va de 0 a 1: 0.001 es uno por mil.", file=sys.stderr)
        return 2
    try:
        difference = compare.compare(record.load(old), record.load(new), tolerance)
        for path in reports:
            write_if_changed(path, _REPORTS[path.suffix](difference).encode())
    except (record.RecordError, ExecutionError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"no se puede escribir el informe: {error}.", file=sys.stderr)
        return 2
    print(report.terminal(difference))
    return 1 if exit_code and difference else 0
