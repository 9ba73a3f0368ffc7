"""The project's own environment: which Pythons serve, how it is made, and what to say when it can't be.

It runs before anything is installed, so it needs the standard library only, and it is written
so that an old Python can read it, to be told that it is old.
"""

import hashlib
import importlib.util
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from livedocs import locked
from livedocs.files import cannot_write

#: The oldest Python for which every pinned package has a release, and the newest for which
#: TensorFlow has one. `requires-python` in pyproject.toml says the same (a test compares them).
OLDEST, TOO_NEW = (3, 11, 5), (3, 14)

#: What a first installation costs, measured on Linux; the README says the same.
DOWNLOAD_MB, DISK_MB = 730, 2900

#: Found in an environment in which the project can run, whoever made it.
_NEEDED = ("keras", "tensorflow", "mkdocs", "nbclient", "pytest_markdown_docs")

#: pip's line for a file that it fetches; not for one that only describes it (`.whl.metadata`).
_PACKAGE = re.compile(
    r"(?:Downloading|Using cached) (?:\S*/)?([\w.]+?)-\d\S*(?:\.whl|\.tar\.gz|\.zip) "
    r"\(([\d.]+) (bytes|kB|MB|GB)\)"
)
_UNITS = {"bytes": 1e-6, "kB": 1 / 1000, "MB": 1, "GB": 1000}


class EnvironmentProblem(Exception):
    """The environment could not be made; the message, in Spanish, says why and what to do."""


def python_problem(version, found=sys.executable):
    """What is wrong with a Python for this project, in Spanish; "" if it serves.

    Args:
        version: Its version, as a tuple of whole numbers.
        found: How it is called, for the message.
    """
    if OLDEST <= tuple(version[:3]) < TOO_NEW:
        return ""
    shown = ".".join(map(str, version[:3]))
    why = (
        "TensorFlow todavía no tiene una versión para ese Python"
        if tuple(version) >= TOO_NEW
        else "varios paquetes piden uno más nuevo"
    )
    return (
        f"«{found}» es Python {shown} y acá hace falta entre 3.11.5 y 3.13: {why}. "
        "No se bajó nada. Si tenés otro instalado, decí cuál: make setup PYTHON=python3.12 "
        "(o, sin make: python3.12 -m livedocs setup)."
    )


def find_root(start):
    """The nearest folder, from `start` upwards, that holds `mkdocs.yml`; else `start`."""
    return next((f for f in (start, *start.parents) if (f / "mkdocs.yml").is_file()), start)


def folder(root):
    """Where the environment is: `.venv`, or what `VENV` says."""
    return Path(root) / os.environ.get("VENV", ".venv")


def interpreter(venv):
    """The Python of an environment, on this system."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def serves_already():
    """Whether the running Python has what the project needs, as in an environment made by hand."""
    return all(importlib.util.find_spec(name) for name in _NEEDED)


def ensure(root, asked="", extras=(), out=None):
    """Make the environment if it is missing or old; return its interpreter.

    Args:
        root: Folder of the project.
        asked: The Python to make it with; "" means any that serves. If the environment was made
            with another version, it is made again.
        extras: Names of `[project.optional-dependencies]` to install too.
        out: Where progress is shown; None means `sys.stderr`.

    Raises:
        EnvironmentProblem: this Python does not serve, there is no room, no network…
    """
    root, out = Path(root), out or sys.stderr
    venv = folder(root)
    stamp = venv / ".listo"
    made = _read(stamp)
    if made and asked:
        version = _version_of(asked)
        if list(version[:2]) != made["python"][:2]:
            had = ".".join(map(str, made["python"]))
            wanted = ".".join(map(str, version))
            _say(
                out,
                f"El entorno de {venv.name} es de Python {had} y pediste {wanted}: se hace de nuevo.",
            )
            _check_python(asked)
            shutil.rmtree(venv)
            made = None
    wanted = _digest(root)
    if made and made["digest"] == wanted and set(extras) <= set(made["extras"]):
        return interpreter(venv)
    extras = sorted({*extras, *(made or {}).get("extras", ())})
    python = asked or sys.executable
    version = tuple(made["python"]) if made else _check_python(python)
    _check_room(root)
    ours = not venv.exists()
    try:
        if not made:
            _say(
                out,
                f"Preparando el entorno en {venv.name} con Python {'.'.join(map(str, version))}. "
                f"La primera vez se bajan unos {DOWNLOAD_MB} MB y ocupa unos {_gb(DISK_MB)} GB: "
                "un minuto con una conexión rápida, diez o más con una lenta.",
            )
            _make(python, venv)
        else:
            stamp.unlink()
            _say(out, "Cambiaron las dependencias: poniendo al día el entorno.")
        _install(interpreter(venv), root, extras, out)
        stamp.write_text(
            json.dumps({"python": list(version), "digest": wanted, "extras": extras}), "utf-8"
        )
    except BaseException:
        if ours:
            shutil.rmtree(venv, ignore_errors=True)
        raise
    _say(out, f"Listo: el entorno está en {venv.name}.")
    return interpreter(venv)


def port_problem(address):
    """Why a server can't listen at "host:port", in Spanish; "" if it can."""
    host, _, port = address.rpartition(":")
    if not port.isdigit() or not host:
        return f"«{address}» no es una dirección: escribila como 127.0.0.1:8000."
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            if os.name == "posix":  # as the server does: a port just left is free
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host.strip("[]"), int(port)))
    except (OSError, OverflowError) as error:
        return (
            f"No se puede servir en {address} ({error.strerror if isinstance(error, OSError) else error}): "
            "¿quedó otro servidor abierto? No se ejecutó nada. Cerralo o elegí otro puerto: "
            f"make serve ADDRESS={host}:{(int(port) + 1) % 65536 or 8001}."
        )
    return ""


def writing_problem(root):
    """Why nothing can be written in the project's folder, in Spanish; "" if it can."""
    trouble = cannot_write(Path(root))
    return trouble and (
        f"No se bajó ni se ejecutó nada: {trouble} Ahí hacen falta {folder(root).name} y .cache; cloná "
        "el repositorio en una carpeta tuya y probá de nuevo."
    )


def _check_room(root):
    if problem := writing_problem(root):
        raise EnvironmentProblem(problem)
    free = shutil.disk_usage(root).free / 1e6
    if free < DISK_MB + DOWNLOAD_MB:
        raise EnvironmentProblem(
            f"No hay lugar: el entorno ocupa unos {_gb(DISK_MB)} GB, más {DOWNLOAD_MB} MB mientras "
            f"se baja, y en este disco quedan {_gb(free)} GB. No se bajó nada; liberá espacio o "
            "cloná el repositorio en otro disco."
        )


def _version_of(python):
    """The version of an interpreter, as a tuple."""
    if python == sys.executable:
        return tuple(sys.version_info[:3])
    try:
        done = subprocess.run(
            [python, "-c", "import sys; print(*sys.version_info[:3])"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return tuple(map(int, done.stdout.split()))
    except (OSError, ValueError, subprocess.CalledProcessError):
        raise EnvironmentProblem(
            f"No se encontró «{python}»: PYTHON tiene que ser un Python instalado, "
            "por ejemplo python3.12, o su ruta."
        ) from None


def _check_python(python):
    version = _version_of(python)
    if problem := python_problem(version, Path(python).name):
        raise EnvironmentProblem(problem)
    return version


def _make(python, venv):
    done = subprocess.run([python, "-m", "venv", str(venv)], capture_output=True, text=True)
    if done.returncode == 0:
        return
    said = done.stdout + done.stderr
    if "ensurepip" in said:
        raise EnvironmentProblem(
            "A este Python le falta el módulo venv, que algunas distribuciones traen aparte. En Debian "
            "o Ubuntu: sudo apt install python3-venv. Después repetí el comando."
        )
    lines = said.strip().splitlines() or ["no dijo por qué"]
    raise EnvironmentProblem(f"No se pudo crear {venv.name}: {lines[-1]}")


def packages(python):
    """Where an environment keeps its packages."""
    venv = Path(python).parent.parent
    return next(venv.glob("lib/python*/site-packages"), venv / "Lib" / "site-packages")


def _install(python, root, extras, out):
    """Install with pip, saying how far it is; its whole output goes to `.cache/setup.log`.

    What `locked.txt` lists goes first, each file compared with its digest; then the project, with
    whatever is not there.
    """
    log = root / ".cache" / "setup.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    what = str(root) + ("[" + ",".join(extras) + "]" if extras else "")
    project = ["--constraint", str(root / "constraints.txt"), "--editable", what]
    steps = [project]
    if text := locked.requirements(root, extras):
        listed = log.with_name(locked.FILE)
        listed.write_text(text, "utf-8")
        steps = [
            ["--require-hashes", "--no-deps", "--requirement", str(listed)],
            ["--no-build-isolation", *project],  # what builds it is there by then
        ]
    pins = (text or (root / "constraints.txt").read_text("utf-8")).count("==")
    with log.open("w", encoding="utf-8") as file, _Counter(out, pins, lambda: packages(python)) as shown:
        failed = any(_pip(python, step, file, shown) for step in steps)
    if failed:
        shown_log = log.relative_to(root).as_posix()
        raise EnvironmentProblem(_why(log.read_text("utf-8", "replace"), shown_log))


def _pip(python, step, file, shown):
    """Run `pip install`, telling of each line that it prints; its exit status."""
    command = [
        str(python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input",
        "--progress-bar", "off", *step,
    ]  # fmt: skip
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": "1"}
    environment.pop("PIP_QUIET", None)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment,
        text=True, encoding="utf-8", errors="replace",
    ) as pip:  # fmt: skip
        try:
            for line in pip.stdout:
                file.write(line)
                shown.line(line)
        except BaseException:
            pip.kill()
            raise
    return pip.returncode


class _Counter:
    """How far pip is, from what it prints and what it has put in place: one line that rewrites itself.

    It is shown by a thread: pip says nothing while it fetches or installs one package after another.
    """

    def __init__(self, out, pins, packages):
        self.out, self.pins, self.packages = out, pins, packages
        self.started = time.monotonic()
        self.fetched, self.megabytes, self.coming = 0, 0.0, 0.0
        self.installing = 0
        self.step = "buscando los paquetes"
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._keep_showing, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.ended.set()
        self.thread.join()
        if self.out.isatty():
            self._show("")

    def line(self, line):
        """Follow a line of pip's."""
        if found := _PACKAGE.search(line):
            self.fetched += 1
            self.megabytes += self.coming
            self.coming = float(found[2]) * _UNITS[found[3]]
            self.step = (
                f"bajando {found[1]} ({_decimal(self.coming)} MB), paquete {self.fetched} de unos {self.pins}; "
                f"van {self.megabytes:.0f} de unos {DOWNLOAD_MB} MB"
            )
        elif line.startswith("Installing collected packages"):
            self.installing = line.count(",") + 1

    def _keep_showing(self):
        while not self.ended.wait(0.25 if self.out.isatty() else 5):
            step = self.step
            if self.installing:
                ready = sum(1 for _ in self.packages().glob("*.dist-info"))
                step = f"instalando: {min(ready, self.installing)} de {self.installing} paquetes listos"
            self._show(f"▸ {time.monotonic() - self.started:.0f} s: {step}")

    def _show(self, text):
        if self.out.isatty():
            width = shutil.get_terminal_size().columns
            self.out.write("\r\x1b[2K" + text[: width - 1])
        else:
            self.out.write(text + "\n")
        self.out.flush()


def _why(log, shown):
    """What made pip fail, in Spanish, from its output."""
    rest = f"Lo que dijo pip está en {shown}."
    if "No space left on device" in log:
        return f"Se llenó el disco mientras se instalaba: hacen falta unos {_gb(DISK_MB)} GB. {rest}"
    if re.search(
        r"NewConnectionError|name resolution|Max retries|ConnectTimeout|ReadTimeout|ProxyError|"
        r"ConnectionResetError|Network is unreachable|Connection (?:broken|refused|aborted)",
        log,
    ):
        return (
            "No se pudo bajar lo que falta: parece que no hay conexión. Revisala (y el proxy, si usás uno) "
            f"y repetí el comando; lo ya bajado no se baja de nuevo. {rest}"
        )
    if "DO NOT MATCH THE HASHES" in log:
        names = re.findall(r"^ {4}([\w.-]+)==\S+ from ", log, re.M)
        return (
            f"Lo que se bajó de {', '.join(names) or 'un paquete'} no es lo que dice {locked.FILE}: no se "
            "instaló. Si cambiaste versiones, corré «make update»; si no, el índice de paquetes que usás da "
            f"otro archivo, o lo tocaron en el camino. {rest}"
        )
    if "ResolutionImpossible" in log or "No matching distribution" in log:
        return (
            "Algún paquete de constraints.txt no tiene una versión para este sistema y este Python. "
            f"Funciona con Linux, macOS con procesador Apple y Windows de 64 bits. {rest}"
        )
    errors = [line for line in log.splitlines() if line.startswith("ERROR")]
    return f"pip no pudo instalar: {errors[-1] if errors else 'no dijo por qué'} {rest}"


def _digest(root):
    """What an environment depends on: the pins and what pyproject.toml asks for."""
    import tomllib

    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    asked = {
        key: project.get("project", {}).get(key) for key in ("dependencies", "optional-dependencies")
    }
    asked["scripts"] = project.get("project", {}).get("entry-points")
    lists = [root / name for name in ("constraints.txt", locked.FILE)]
    text = json.dumps(asked, sort_keys=True)
    text += "".join(path.read_text("utf-8") for path in lists if path.is_file())
    return hashlib.sha256(text.encode()).hexdigest()


def _read(stamp):
    try:
        made = json.loads(stamp.read_text("utf-8"))
        return made if {"python", "digest", "extras"} <= set(made) else None
    except (OSError, ValueError, TypeError):
        return None


def _gb(megabytes):
    return _decimal(megabytes / 1000)


def _decimal(number):
    return f"{number:.1f}".replace(".", ",")


def _say(out, text):
    out.write(text + "\n")
    out.flush()
