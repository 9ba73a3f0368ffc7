"""The course with the libraries to come: does what it says stay true?

    python -m tests.canary                                  # the newest Keras, TensorFlow and NumPy
    python -m tests.canary --versions colab.txt --name colab  # those that a `pip freeze` lists

Makes an environment of its own, executes the course and its claims there, and compares what each
block gave with what it gives here. The report says what changed; with `--issue`, it is also an
issue of the repository, opened or brought up to date by GitHub's command.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tomllib
import venv
from importlib.metadata import version
from pathlib import Path

from packaging.utils import canonicalize_name

from livedocs import locked
from tests import locking

ROOT = Path(__file__).parent.parent
#: What the course is about; with all they need, they go free of what `constraints.txt` pins.
LIBRARIES = ("keras", "tensorflow", "tensorboard", "numpy", "matplotlib")
#: Of those, what is asked for at its newest.
NEWEST = ("keras", "tensorflow", "numpy")
#: Characters of an issue's text; GitHub takes no more than 65 536.
ISSUE = 60_000
LABEL = "canario"


class CanaryError(Exception):
    """The course could not be tried; why, in Spanish."""


def released() -> set[str]:
    """Those libraries and everything they need, as this environment has them."""
    return locking.needed(LIBRARIES, locking.installed())


def asked(constraints: str, versions: dict[str, str]) -> tuple[list[str], list[str]]:
    """What to pin, and what to ask for, in the environment of the libraries to come.

    Args:
        constraints: The text of `constraints.txt`.
        versions: Of the libraries; empty: the newest.
    """
    free = released()
    pinned = [
        line
        for line in constraints.splitlines()
        if canonicalize_name(line.partition("==")[0]) not in free
    ]
    if not versions:
        return pinned, list(NEWEST)
    return pinned, [f"{name}=={versions[name]}" for name in LIBRARIES if name in versions]


def prepare(
    folder: Path, pinned: list[str], wanted: list[str], extras: str = "", regardless: bool = False
) -> Path:
    """The Python of a new environment with the project and what is asked for.

    Args:
        folder: Where to make it.
        pinned: Lines of a file of constraints.
        wanted: Packages to bring up to date, or to a version.
        extras: Of the project, as pip writes them: `[jax,lint]`.
        regardless: Whether to take what is asked for even if the project asks for something newer.

    Raises:
        CanaryError: they can't be installed together with the project.
    """
    folder.mkdir(parents=True, exist_ok=True)
    venv.create(folder / "env", with_pip=True, clear=True)
    python = folder / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    (folder / "constraints.txt").write_text("".join(f"{line}\n" for line in pinned), "utf-8")
    project = ["--editable", f"{ROOT}{extras}"]
    steps = [[*project, *wanted]]
    if regardless:
        needs = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
        others = [one for one in needs if re.match(r"[\w.-]+", one)[0] not in LIBRARIES]
        others += [name for name in LIBRARIES if not any(one.startswith(f"{name}==") for one in wanted)]
        steps = [[*others, *wanted], ["--no-deps", *project]]
    said = ""
    for step in steps:
        command = [
            str(python), "-m", "pip", "install", "--disable-pip-version-check", "--upgrade", "--quiet",
            "--constraint", str(folder / "constraints.txt"), *step,
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True)
        said += done.stdout + done.stderr
        (folder / "setup.log").write_text(said, "utf-8")
        if done.returncode:
            errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            raise CanaryError(
                f"no se pueden instalar con el proyecto: {errors[-1] if errors else done.stderr[-300:]}"
            )
    return python


def differences(python: Path, folder: Path, pages: list[str]) -> str:
    """What each block gives otherwise with another Python, in Markdown; "" if nothing.

    Raises:
        CanaryError: one of the two could not be executed, or compared.
    """
    here, there, changes = folder / "aca.json.gz", folder / "ahi.json.gz", folder / "cambios.md"
    export(sys.executable, here, pages)
    export(python, there, pages)
    command = [
        sys.executable, "-m", "livedocs", "diff", str(here), str(there), "--report", str(changes), "--exit-code",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise CanaryError(f"no se pudo comparar: {done.stderr.strip()[-500:]}")
    return changes.read_text("utf-8") if done.returncode else ""


def export(python: Path | str, file: Path, pages: list[str]) -> None:
    """What each block gives with a Python, in a file.

    Raises:
        CanaryError: nothing could be executed.
    """
    command = [str(python), "-m", "livedocs", "export", str(file), *pages]
    done = subprocess.run(command, cwd=ROOT, env=_env(python), capture_output=True, text=True)
    if done.returncode:
        raise CanaryError(f"no se pudo ejecutar el curso: {done.stderr.strip()[-500:]}")
    print(done.stdout.strip(), file=sys.stderr)


def broken_claims(python: Path) -> list[str]:
    """The tests of what the pages claim that fail with a Python, each on a line."""
    command = [
        str(python), "-m", "pytest", "-q", "--no-header", "-rfE", "--tb=no",
        "-m", "not slow and not benchmark and not rerun", "tests/claims",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, env=_env(python), capture_output=True, text=True)
    failed = re.findall(r"^(?:FAILED|ERROR) (.+)$", done.stdout, re.M)
    if done.returncode > 1 and not failed:
        raise CanaryError(f"no se pudieron correr las pruebas: {(done.stdout + done.stderr)[-500:]}")
    return failed


def _env(python: Path | str) -> dict[str, str]:
    """The environment of a command: the environment's own folder is that of its Python."""
    return {**os.environ, "VENV": str(Path(python).parent.parent), "PYTHONPATH": str(ROOT)}


def report(name: str, versions: dict[str, tuple[str, str]], changed: str, claims: list[str]) -> str:
    """The report, in Markdown.

    Args:
        name: Of the canary.
        versions: Of each library: here and there.
        changed: What changed in the outputs, in Markdown; "" if nothing.
        claims: The tests that fail.
    """
    lines = [f"# Canario: {name}", "", "| Biblioteca | Acá | Ahí |", "| --- | --- | --- |"]
    lines += [f"| {library} | {here} | {there} |" for library, (here, there) in versions.items()]
    lines += ["", "## Afirmaciones", ""]
    lines += [f"- `{claim}`" for claim in claims] or ["Todas siguen siendo ciertas."]
    lines += ["", "## Salidas", "", changed or "Ninguna cambió."]
    return "\n".join(lines) + "\n"


def open_issue(title: str, body: str) -> None:
    """Open an issue with the report, or bring up to date the one that is open."""
    if len(body) > ISSUE:
        body = body[:ISSUE] + "\n\n… El informe sigue: está entero entre los archivos del trabajo.\n"
    gh = ["gh", "issue"]
    listed = [*gh, "list", "--label", LABEL, "--state", "open", "--search", f'"{title}" in:title',
              "--json", "number", "--jq", ".[0].number // empty"]  # fmt: skip
    subprocess.run(["gh", "label", "create", LABEL, "--force"], check=True)
    number = subprocess.run(listed, check=True, capture_output=True, text=True).stdout.strip()
    what = [*gh, "edit", number] if number else [*gh, "create", "--title", title, "--label", LABEL]
    subprocess.run([*what, "--body-file", "-"], check=True, input=body, text=True)


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 if nothing changed, 1 if something did, 2 if it could not be tried."""
    parser = argparse.ArgumentParser(prog="python -m tests.canary")
    parser.add_argument("pages", nargs="*", help="páginas; ninguna: todas las de docs/")
    parser.add_argument("--name", default="lo más nuevo", help="cómo se llama en el informe")
    parser.add_argument("--versions", type=Path, help="una lista «nombre==versión»; sin ella, lo último")
    parser.add_argument("--issue", action="store_true", help="abrir o actualizar el aviso, con gh")
    chosen = parser.parse_args(arguments)
    folder = ROOT / ".cache" / "canary" / re.sub(r"\W+", "-", chosen.name)
    versions = locked.versions(chosen.versions.read_text("utf-8")) if chosen.versions else {}
    title, body, status = f"Canario: {chosen.name}", "", 2
    try:
        text = (ROOT / "constraints.txt").read_text("utf-8")
        # Colab may have them older than the project asks for: that is what is to be tried.
        python = prepare(folder, *asked(text, versions), regardless=bool(versions))
        there = _versions(python)
        changed = differences(python, folder, chosen.pages)
        claims = broken_claims(python)
        both = {name: (version(name), there[name]) for name in LIBRARIES}
        body = report(chosen.name, both, changed, claims)
        status = 1 if changed or claims else 0
    except CanaryError as error:
        body = f"# {title}\n\nNo se pudo probar: {error}\n"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "informe.md").write_text(body, "utf-8")
    print(body)
    if chosen.issue and status:
        open_issue(title, body)
    return status


def _versions(python: Path) -> dict[str, str]:
    code = "from importlib.metadata import version as v\n" + "\n".join(
        f"print({name!r}, v({name!r}))" for name in LIBRARIES
    )
    done = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True)
    return dict(line.split() for line in done.stdout.splitlines())


if __name__ == "__main__":
    sys.exit(main())
