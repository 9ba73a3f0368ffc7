"""Judge a student's homework: `python -m snippets.check 103 mi_homework.py`.

The file, a script or a notebook, is run in a process of its own, in the file's own folder,
as `python mi_homework.py` would: data beside it is found, and what it writes stays there.
The process has limits of time and memory, those of its children included, and is killed
with them. What it prints is kept apart; the verdict comes through a file that only the two
processes know. Keras runs on the backend that was chosen or, if none was, on one that is
installed.

That protects from accidents, not from malice: the file shares a process with the checker,
so run only files that you would run yourself.

It needs this folder, Python, and what the checkers need: Keras, with a backend, and NumPy.
"""

import argparse
import contextlib
import importlib.util
import json
import math
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent

#: Limits of a run: seconds, resident MiB, and bytes kept of what it prints.
SECONDS, MEMORY_MB, OUTPUT = 900, 6144, 4000

#: Characters of a verdict that are shown: a homework may hold a name of a million letters.
VERDICT = 20_000

#: Set in the process that is being judged, to a text that only its descendants have. A
#: notebook that calls `check_file` ends here, and a child that left is found by it.
RUNNING = "SNIPPETS_CHECK_RUNNING"

#: What Keras can train on, the usual one first.
BACKENDS = "tensorflow", "jax", "torch"

PASSED, NOT_YET, NOT_JUDGED = 0, 1, 2

USAGE = """\
Uso: {command} CLASE ARCHIVO [--segundos N]

  CLASE         número de la clase: {classes}
  ARCHIVO       tu homework, un .py o un .ipynb, con los nombres que pide el enunciado
  --segundos N  cuánto esperarlo antes de cortar; por defecto, {seconds}

Por ejemplo: {command} 103 mi_homework.py
Termina con 0 si está aprobado, con 1 si todavía no y con 2 si no se pudo juzgar."""


@dataclass(frozen=True, repr=False)
class Outcome:
    """What was found; a notebook shows it as its text.

    Attributes:
        code: `PASSED`, `NOT_YET` or `NOT_JUDGED`, which are also the exit status.
        text: The checklist or, if it could not be judged, why. In Spanish.
    """

    code: int
    text: str

    def __str__(self):
        return self.text

    __repr__ = __str__


def check_file(
    number: int | str, file: str | Path, seconds: float = SECONDS
) -> Outcome:
    """Run a student's file and judge what it defines.

    Args:
        number: Number of the class, such as 103.
        file: A `.py` or an `.ipynb` that defines the names that the homework asks for.
        seconds: Time limit of the whole run.

    Returns:
        An `Outcome`. Nothing that the file does makes it raise.
    """
    homeworks = _homeworks()
    number, file = str(number).lower().removeprefix("c"), Path(file).absolute()
    if os.environ.get(RUNNING):
        return Outcome(
            NOT_JUDGED,
            "Este homework ya se está revisando: no se revisa de nuevo adentro.",
        )
    if number not in homeworks:
        return _refuse(
            f"No hay verificador de la clase «{number}». Hay de: {', '.join(homeworks)}."
        )
    if not file.exists():
        return _refuse(f"No existe «{file.name}» en {file.parent}. ¿Está bien escrito?")
    if not file.is_file() or file.suffix.lower() not in (".py", ".ipynb"):
        return _refuse(
            f"«{file.name}» no es un archivo .py ni un .ipynb: pasá el de tu homework."
        )
    if not seconds > 0:
        return _refuse("El límite de segundos tiene que ser mayor que 0.")
    backend, missing = _backend()
    if missing:
        return _refuse(missing)
    with tempfile.TemporaryDirectory(
        prefix="check-", ignore_cleanup_errors=True
    ) as folder:
        result = Path(folder) / f"{secrets.token_hex(16)}.json"
        request = {
            "file": str(file),
            "homework": str(homeworks[number]),
            "result": str(result),
        }
        why = _run(request, file, seconds, backend)
        try:
            found = json.loads(result.read_text("utf-8"))
            code, text = int(found["code"]), str(found["text"])
        except (OSError, ValueError, KeyError, TypeError):
            return _refuse(why)
    if len(text) > VERDICT:
        text = f"{text[:VERDICT]}\n… y sigue: son {len(text)} caracteres."
    return Outcome(code, _printable(text))


def _homeworks() -> dict[str, Path]:
    """The checker of each class, by the class's number."""
    files = sorted(HERE.glob("c*/homework.py"))
    return {file.parent.name.removeprefix("c"): file for file in files}


def _refuse(why: str) -> Outcome:
    return Outcome(NOT_JUDGED, _printable(why))


def _backend() -> tuple[str, str]:
    """The backend for Keras, and why it can't run, if it can't; nothing is imported."""
    if not _installed("keras"):
        return "", f"Falta Keras. Instalalo con un backend: {_install('keras', 'jax')}"
    found = [name for name in BACKENDS if _installed(name)]
    chosen = os.environ.get("KERAS_BACKEND")
    if chosen in BACKENDS and chosen not in found:
        others = (
            f" Está instalado {found[0]}: probá con KERAS_BACKEND={found[0]}."
            if found
            else ""
        )
        return chosen, f"KERAS_BACKEND pide {chosen}, que no está instalado.{others}"
    if chosen:
        return chosen, ""
    if not found:
        names = f"{', '.join(BACKENDS[:-1])} o {BACKENDS[-1]}"
        return (
            "",
            f"Keras necesita un backend ({names}) y no hay ninguno: {_install('jax')}",
        )
    preferred = _preferred()
    return (preferred if preferred in found else found[0]), ""


def _installed(name: str) -> bool:
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return False
    return spec is not None and spec.origin is not None  # an empty folder has none


def _install(*names: str) -> str:
    return f"{Path(sys.executable).name} -m pip install {' '.join(names)}"


def _preferred() -> str | None:
    """The backend in Keras' own settings. Keras writes them without asking if it's there."""
    home = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    try:
        return json.loads(Path(home, "keras.json").read_text("utf-8"))["backend"]
    except (OSError, ValueError, KeyError, TypeError, RuntimeError):
        return None


# The process --------------------------------------------------------------------------


def _run(request: dict, file: Path, seconds: float, backend: str) -> str:
    """Run the judge to its end or to a limit; why there is no verdict, if there is none."""
    output, mark = _Tail(), secrets.token_hex(16)
    process = subprocess.Popen(
        [sys.executable, "-P", str(HERE / "_judge.py")],
        cwd=file.parent,
        env={
            **os.environ,
            RUNNING: mark,
            "KERAS_BACKEND": backend,
            "MPLBACKEND": "Agg",  # a window would wait for somebody to close it
            "PYTHONUNBUFFERED": "1",
            "PYTHONIOENCODING": "utf-8:backslashreplace",
            "TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "3"),
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    reader = threading.Thread(target=output.read, args=(process.stdout,), daemon=True)
    reader.start()
    try:
        with contextlib.suppress(OSError), process.stdin as pipe:
            pipe.write(json.dumps(request).encode() + b"\n")
        why = _wait(process, mark, file.name, seconds)
    finally:
        _kill(process, mark)
    reader.join(2)
    return f"{why}{output}"


def _wait(process, mark: str, name: str, seconds: float) -> str:
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.25)
            return f"«{name}» {_ending(process.returncode)}"
        if time.monotonic() > deadline:
            return (
                f"«{name}» lleva más de {seconds:g} s y se cortó: ¿hay un bucle que no termina, o algo que "
                "espera? Si solo le falta tiempo, subí el límite con --segundos."
            )
        if _memory_mb(_family(process.pid, mark)) > MEMORY_MB:
            return (
                f"«{name}» usó más de {MEMORY_MB} MiB de memoria, con sus procesos, y se cortó: "
                "achicá los datos."
            )


def _ending(status: int) -> str:
    if status >= 0:
        return f"terminó el proceso antes de tiempo (código {status}): ¿llama a os._exit()?"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = str(-status)
    if name == "SIGKILL":
        return "se cortó desde afuera (SIGKILL): casi siempre es falta de memoria. Achicá los datos."
    return f"hizo caer a Python ({name}): buscá qué biblioteca lo provoca, corriéndolo por partes."


def _family(pid: int, mark: str) -> list[int]:
    """A process and all that descend from it, where the system tells it in `/proc`.

    A child may leave the group, the session and its parent; what it inherits of the
    environment stays with it.
    """
    found, mine = [pid], f"{RUNNING}={mark}".encode()
    with contextlib.suppress(OSError):
        for entry in os.scandir("/proc"):
            if entry.name.isdecimal() and int(entry.name) != pid:
                with contextlib.suppress(OSError):
                    if mine in Path(entry.path, "environ").read_bytes():
                        found.append(int(entry.name))
    return found


def _memory_mb(pids: list[int]) -> float:
    """Memory of some processes; what they share counts once, if there might be too much."""
    total = sum(map(_resident_mb, pids))
    if len(pids) == 1 or total <= MEMORY_MB:
        return total
    return sum(map(_share_mb, pids))


def _resident_mb(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    except (OSError, ValueError, IndexError, AttributeError):
        return 0.0


def _share_mb(pid: int) -> float:
    """As the one above, but a page that `n` processes share counts as `1 / n`."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return (
            next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
            / 1024
        )
    except (OSError, ValueError, IndexError, StopIteration):
        return _resident_mb(pid)


def _kill(process, mark: str) -> None:
    """End a process and those that it started, and those that these did."""
    if os.name == "nt":
        tree = ["taskkill", "/F", "/T", "/PID", str(process.pid)]
        subprocess.run(tree, capture_output=True, check=False)
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for _ in range(50):  # one may be starting another just now
        left = _family(process.pid, mark)[1:]
        for pid in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        if not left:
            return
        time.sleep(0.02)


# What it printed ----------------------------------------------------------------------


class _Tail:
    """The end of what a process prints, however much it is."""

    def __init__(self):
        self.kept = b""

    def read(self, pipe) -> None:
        while chunk := pipe.read1(65_536):
            self.kept = (self.kept + chunk)[-OUTPUT:]

    def __str__(self):
        text = self.kept.decode("utf-8", "backslashreplace").replace("\b", "")
        lines = [line[:160] for line in text.splitlines() if line.strip()][-8:]
        if not lines:
            return ""
        return "\nLo último que imprimió:\n" + "\n".join(
            f"  | {line}" for line in lines
        )


def _printable(text: str) -> str:
    """Text without what would move a terminal's cursor or its colours."""
    return "".join(
        c if c in "\n\N{NO-BREAK SPACE}" or c.isprintable() else ascii(c)[1:-1]
        for c in text
    )


# The command --------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise ValueError(message)


def _usage() -> str:
    command = Path(sys.argv[0]).stem
    if __name__ == "__main__":
        command = f"python -m {__spec__.name}" if __spec__ else "python check.py"
    return USAGE.format(
        command=command, classes=", ".join(_homeworks()), seconds=SECONDS
    )


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    for stream in (sys.stdout, sys.stderr):  # a terminal may not know «✔»
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    parser = _Parser(add_help=False)
    parser.add_argument("-h", "--help", action="store_true")
    parser.add_argument("number", nargs="?")
    parser.add_argument("file", nargs="?")
    parser.add_argument("--segundos", type=float, default=SECONDS)
    try:
        given = parser.parse_args(arguments)
    except ValueError:
        given = None
    if given and given.help:
        print(_usage())
        return PASSED
    if not given or not given.file or math.isnan(given.segundos):
        print(f"No se entiende el pedido.\n\n{_usage()}", file=sys.stderr)
        return NOT_JUDGED
    try:
        outcome = check_file(given.number, given.file, given.segundos)
    except KeyboardInterrupt:
        outcome = Outcome(NOT_JUDGED, "Se cortó la revisión.")
    print(outcome, file=sys.stderr if outcome.code == NOT_JUDGED else sys.stdout)
    return outcome.code


if __name__ == "__main__":
    sys.exit(main())
