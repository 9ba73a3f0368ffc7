"""The process in which `snippets.check` runs a student's file and judges what it defines.

A script, not a module to import: it reads one line of JSON from its input, with the file,
the checker and where to leave the verdict, as JSON too: its exit status and its text.
"""

import importlib.util
import inspect
import json
import linecache
import os
import re
import sys
import tokenize
import traceback
import types
from dataclasses import dataclass
from pathlib import Path

PASSED, NOT_YET, NOT_JUDGED = 0, 1, 2


class Problem(Exception):
    """Why a file can't be judged, in Spanish."""


@dataclass
class Cell:
    """A piece of the student's code.

    Attributes:
        source: The code, as it is.
        name: File name of its code objects.
        where: How a message names it.
        may_raise: Whether its author announced that it raises.
    """

    source: str
    name: str
    where: str
    may_raise: bool = False


def judge(file: Path, homework: Path) -> tuple[int, str]:
    """Status and text of the verdict."""
    notebook = file.suffix.lower() == ".ipynb"
    cells = (
        _cells(file) if notebook else [Cell(_script(file), str(file), f"«{file.name}»")]
    )
    student = types.ModuleType("__main__")
    student.__file__ = str(file)
    if notebook:
        student.display = print
    sys.modules["__main__"], sys.argv = student, [str(file)]
    # Its own folder first, as in any script; and this one, for what the pages teach.
    sys.path[:] = [str(file.parent), *sys.path, str(homework.parent.parent.parent)]
    failures = []
    for cell in cells:
        if failure := _run(cell, student, notebook):
            failures.append(failure)
            if not notebook:
                raise Problem(failure)

    checker = _load(homework)
    defined = vars(student)
    if missing := [name for name in checker.DEFINES if name not in defined]:
        raise Problem(_missing(file, missing, checker.DEFINES, failures))
    options = list(inspect.signature(checker.check).parameters)[len(checker.DEFINES) :]
    try:
        report = checker.check(
            *(defined[name] for name in checker.DEFINES),
            **{name: defined[name] for name in options if name in defined},
        )
        code, text = PASSED if report.passed else NOT_YET, str(report)
    except Exception as error:
        raise Problem(
            f"Lo que define «{file.name}» no se puede juzgar. {_short(error)}\n"
            f"Se espera:\n{_listed(checker.DEFINES, checker.DEFINES)}"
        ) from None
    if failures:
        text += (
            f"\nOjo, algunas celdas fallaron y se siguió de largo:\n{_first(failures)}"
        )
    return code, text


# Reading ------------------------------------------------------------------------------

_NOT_UTF8 = "«{}» no está guardado en UTF-8: abrilo en tu editor y guardalo con esa codificación."


def _script(file: Path) -> str:
    try:
        with tokenize.open(file) as lines:  # as Python reads it
            return lines.read()
    except (UnicodeDecodeError, SyntaxError):
        raise Problem(_NOT_UTF8.format(file.name)) from None


def _cells(file: Path) -> list[Cell]:
    """The code cells of a notebook, those of another language left out."""
    try:
        notebook = json.loads(file.read_text("utf-8-sig"))
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        sources = ["".join(cell["source"]) for cell in cells]
        tags = [cell.get("metadata", {}).get("tags", []) for cell in cells]
    except UnicodeDecodeError:
        raise Problem(_NOT_UTF8.format(file.name)) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Problem(
            f"«{file.name}» no es un notebook de Jupyter que se pueda leer: abrilo y guardalo de nuevo."
        ) from None
    found = []
    for number, (source, tag) in enumerate(zip(sources, tags, strict=True), 1):
        name = f"<celda {number}>"
        where = f"«{file.name}», celda de código {number}"
        found.append(Cell(source, name, where, "raises-exception" in tag))
    return found


_CELL_MAGIC = re.compile(r"\s*%%(\w+).*")
_MAGIC = re.compile(r"([ \t]*)(?:[%!?].*|[\w.]+\?{1,2}\s*)", re.S)

#: Cell magics after which there is Python.
_PYTHON_MAGICS = {"time", "timeit", "capture", "prun", "python", "python3"}


def _compile(cell: Cell, notebook: bool) -> types.CodeType:
    """The code of a cell, without what only IPython understands.

    A line is taken for a magic only where Python can't read it: `% 2` may also go on with
    the expression of the line before.
    """
    lines = cell.source.splitlines(keepends=True)
    if notebook and (magic := _CELL_MAGIC.match(cell.source)):
        lines = ["\n", *lines[1:]] if magic[1] in _PYTHON_MAGICS else []
    while True:
        try:
            return compile("".join(lines), cell.name, "exec", dont_inherit=True)
        except SyntaxError as error:
            at = (error.lineno or 0) - 1
            magic = notebook and 0 <= at < len(lines) and _MAGIC.fullmatch(lines[at])
            if not magic:
                raise
            lines[at] = f"{magic[1]}pass\n"


# Running ------------------------------------------------------------------------------


def _run(cell: Cell, student: types.ModuleType, notebook: bool) -> str | None:
    """Run a piece of the student's code; what went wrong, if anything did."""
    try:
        code = _compile(cell, notebook)
    except Exception as error:
        line = getattr(error, "lineno", None)
        where = f"{cell.where}, línea {line}" if line else cell.where
        return f"{where}: {type(error).__name__}: {_message(error)}"
    if notebook:  # for whoever asks for the code of a function, as TensorFlow does
        lines = cell.source.splitlines(keepends=True)
        linecache.cache[cell.name] = len(cell.source), None, lines, cell.name
    try:
        exec(code, vars(student))
    except SystemExit as error:
        return f"{_place(cell, error)}: llama a exit() antes de que se pueda juzgar. Sacá esa línea."
    except EOFError as error:
        return f"{_place(cell, error)}: {_short(error)}. Si pide datos con input(), escribilos en el archivo."
    except BaseException as error:
        return None if cell.may_raise else f"{_place(cell, error)}: {_short(error)}"
    return None


def _place(cell: Cell, error: BaseException) -> str:
    """The deepest line of the student's code that an error went through."""
    found = cell.where, None
    for frame, line in traceback.walk_tb(error.__traceback__):
        name = frame.f_code.co_filename
        if name == cell.name:
            found = cell.where, line
        elif name.startswith("<celda "):
            found = f"{cell.where} (por la {name[1:-1]})", line
    where, line = found
    return f"{where}, línea {line}" if line else where


def _message(error: BaseException) -> str:
    try:
        return str(getattr(error, "msg", "") or error)
    except Exception:
        return "(sin mensaje)"


def _short(error: BaseException) -> str:
    """An exception as the last lines of its traceback would say it."""
    try:
        text = "".join(traceback.format_exception_only(error)).strip()
    except Exception:
        text = type(error).__name__
    lines = [line[:300] for line in text.splitlines() if line.strip()]
    return "\n    ".join(lines[:6] + ["…"] * (len(lines) > 6))


# What is missing ----------------------------------------------------------------------


def _load(homework: Path) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(
        f"homework_of_{homework.parent.name}", homework
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _missing(
    file: Path, missing: list[str], defines: dict[str, str], failures: list[str]
) -> str:
    text = f"A «{file.name}» le falta definir:\n{_listed(missing, defines)}"
    if failures:
        text += f"\nEstas celdas fallaron:\n{_first(failures)}"
    return text


def _listed(names, defines: dict[str, str]) -> str:
    return "\n".join(f"  · {name}: {defines[name]}" for name in names)


def _first(failures: list[str], most: int = 5) -> str:
    shown = "\n".join(f"  · {failure}" for failure in failures[:most])
    more = len(failures) - most
    return f"{shown}\n  · y {more} más" if more > 0 else shown


def main() -> None:
    request = json.loads(sys.stdin.readline())
    parent, result = os.getpid(), Path(request["result"])
    try:
        code, text = judge(Path(request["file"]), Path(request["homework"]))
    except Problem as problem:
        code, text = NOT_JUDGED, str(problem)
    except BaseException as error:
        code, text = NOT_JUDGED, f"El verificador no pudo trabajar. {_short(error)}"
    if os.getpid() == parent:  # and not a copy that the student's file made of it
        part = result.with_suffix(".part")
        part.write_text(json.dumps({"code": code, "text": text}), "utf-8")
        os.replace(part, result)
    os._exit(0)  # whatever threads and exit functions the file left


if __name__ == "__main__":
    main()
