"""The canary asks for what it says, and its report and its issue say what changed."""

import json
import os
import stat
import subprocess

import pytest

from livedocs import locked
from tests import canary, update
from tests.conftest import ROOT

CONSTRAINTS = (ROOT / "constraints.txt").read_text("utf-8")


def test_the_newest_goes_free_of_what_is_pinned_and_the_rest_does_not():
    pinned, wanted = canary.asked(CONSTRAINTS, {})
    names = {line.partition("==")[0].lower() for line in pinned}
    assert wanted == ["keras", "tensorflow", "numpy"]
    assert not names & {"keras", "tensorflow", "numpy", "ml-dtypes", "protobuf"}
    assert {"mkdocs", "nbclient", "pytest"} <= names


def test_the_versions_of_a_freeze_are_those_asked_for():
    freeze = (
        "# generado\nabsl-py==1.4.0\nkeras==3.99.0\nTensorFlow==9.1\ntorch @ file:///x\nnumpy==5.0\n"
    )
    assert locked.versions(freeze)["tensorflow"] == "9.1" and "torch" not in locked.versions(freeze)
    _, wanted = canary.asked(CONSTRAINTS, locked.versions(freeze))
    assert wanted == ["keras==3.99.0", "tensorflow==9.1", "numpy==5.0"]


def test_the_report_says_what_changed():
    versions = {"keras": ("3.15.1", "3.99.0")}
    calm = canary.report("x", versions, "", [])
    assert "| keras | 3.15.1 | 3.99.0 |" in calm
    assert "Todas siguen siendo ciertas." in calm and "Ninguna cambió." in calm
    loud = canary.report("x", versions, "- bloque 3: 1 → 2", ["tests/claims/test_c103.py::test_a"])
    assert "bloque 3" in loud and "`tests/claims/test_c103.py::test_a`" in loud and "Ninguna" not in loud


@pytest.fixture
def gh(tmp_path, monkeypatch):
    """GitHub's command, that writes down what it is told and answers as the test says."""
    log = tmp_path / "log"
    command = tmp_path / "gh"
    command.write_text(
        f"#!{os.sys.executable}\nimport json, os, sys\n"
        f"text = sys.stdin.read() if '--body-file' in sys.argv else ''\n"
        f"open({str(log)!r}, 'a').write(json.dumps([sys.argv[1:], text]) + '\\n')\n"
        "if 'list' in sys.argv: print(os.environ.get('OPEN', ''))\n"
    )
    command.chmod(command.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return lambda: [json.loads(line) for line in log.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("number, verb", [("", "create"), ("12", "edit")])
def test_there_is_one_issue(gh, monkeypatch, number, verb):
    monkeypatch.setenv("OPEN", number)
    canary.open_issue("Canario: x", "ñ" * 70_000)
    words, text = gh()[-1]
    assert words[:2] == ["issue", verb] and (not number or words[2] == number)
    assert len(text) < 65_536 and "El informe sigue" in text


@pytest.mark.parametrize(
    "trouble, changed, claims, status",
    [
        ("", "", [], 0),
        ("", "- algo", [], 1),
        ("", "", ["tests/claims/x"], 1),
        ("no hay red", "", [], 2),
    ],
)
def test_how_it_ends(monkeypatch, tmp_path, trouble, changed, claims, status):
    """Without the environment and the executions, which take minutes."""

    def prepare(folder, pinned, wanted, regardless):
        assert not regardless
        if trouble:
            raise canary.CanaryError(trouble)
        return tmp_path / "env" / "bin" / "python"

    (tmp_path / "constraints.txt").write_text(CONSTRAINTS, "utf-8")
    monkeypatch.setattr(canary, "ROOT", tmp_path)
    monkeypatch.setattr(canary, "prepare", prepare)
    monkeypatch.setattr(canary, "differences", lambda *_: changed)
    monkeypatch.setattr(canary, "broken_claims", lambda _: claims)
    monkeypatch.setattr(canary, "_versions", lambda _: dict.fromkeys(canary.LIBRARIES, "9"))
    assert canary.main(["--name", "de prueba"]) == status
    told = (tmp_path / ".cache" / "canary" / "de-prueba" / "informe.md").read_text("utf-8")
    assert (trouble or changed or (claims and claims[0]) or "Ninguna cambió.") in told


@pytest.mark.parametrize("regardless", [False, True])
def test_older_libraries_than_the_project_asks_for_are_tried_if_they_are_asked_for(
    monkeypatch, tmp_path, regardless
):
    ran = []

    def run(command, **_):
        ran.append(command[command.index("--constraint") + 2 :])
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(canary.venv, "create", lambda *_, **__: None)
    monkeypatch.setattr(canary.subprocess, "run", run)
    canary.prepare(tmp_path, [], ["keras==3.10.0"], regardless=regardless)
    if not regardless:
        assert ran == [["--editable", str(canary.ROOT), "keras==3.10.0"]]
        return
    others, project = ran
    assert project == ["--no-deps", "--editable", str(canary.ROOT)]
    assert "keras==3.10.0" in others and not any(one.startswith("keras>") for one in others)
    assert any(one.startswith("mkdocs-material>") for one in others)
    assert others[-5:-1] == [name for name in canary.LIBRARIES if name != "keras"]


def test_an_update_pins_what_was_installed_without_addresses():
    frozen = (
        "-e git+https://example.org/x@abc#egg=keras_en_vivo\nKeras==9.0\nzipp==3.1\n"
        "torch @ file:///opt/torch.whl\nabsl-py==2.5\n"
    )
    assert (
        update.constraints(frozen, {"torch": "2.13.0"})
        == "absl-py==2.5\nKeras==9.0\ntorch==2.13.0\nzipp==3.1\n"
    )


def test_an_update_says_what_moved():
    moved = update.moved("a==1\nb==1\n", "a==2\nc==1\n")
    assert moved == ["a: 1 → 2", "b: 1 → ya no está", "c: nueva, 1"]
