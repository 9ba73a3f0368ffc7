"""The workflows ask for what exists, with no more permissions than they need, and publish what was tested."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from livedocs.__main__ import _parser
from livedocs.execution.parts import part_of
from tests.conftest import ROOT

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = sorted((GITHUB / "ISSUE_TEMPLATE").glob("*.yml"))


def load(path: Path) -> dict:
    return yaml.safe_load(path.read_text("utf-8"))


def site() -> dict:
    return load(GITHUB / "workflows" / "site.yml")["jobs"]


def jobs() -> list:
    return [
        pytest.param(job, id=f"{path.stem}-{name}")
        for path in WORKFLOWS
        for name, job in load(path)["jobs"].items()
    ]


def commands(job: dict) -> list[str]:
    """Each line that a job runs, with what the matrix puts in it."""
    lines = [line for step in job["steps"] for line in step.get("run", "").splitlines()]
    matrix = job.get("strategy", {}).get("matrix", {}).get("include", [])
    return lines + [entry["task"] for entry in matrix if "task" in entry]


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):(?!=)", (ROOT / "Makefile").read_text("utf-8"), re.M))


def unknown(lines: list[str]) -> list[str]:
    """The commands of these lines that don't exist."""
    subcommands = next(a.choices for a in _parser()._actions if a.dest == "command")
    text = "\n".join(lines)
    called = re.findall(r"(?:^|[\s;&])make ([\w-]+)", text)
    asked = re.findall(r"python -m livedocs ([\w-]+)", text)
    scripts = re.findall(r"^(\.\S+)", text, re.M)
    return [
        *(f"make {name}" for name in called if name not in targets()),
        *(f"python -m livedocs {name}" for name in asked if name not in subcommands),
        *(name for name in scripts if not (ROOT / name).is_file()),
    ]


def test_there_are_workflows_and_forms():
    assert WORKFLOWS and FORMS


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_each_action_is_a_commit_with_its_version_beside(path):
    used = re.findall(r"^ *(?:- )?uses: *(.*)$", path.read_text("utf-8"), re.M)
    assert used
    for line in used:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), (
            f"{path.name}: «{line}» tiene que ser un commit entero, con su versión en un comentario"
        )


def test_an_action_has_one_commit():
    found: dict[str, set[str]] = {}
    for path in WORKFLOWS:
        for name, pin in re.findall(r"uses: *([\w./-]+)@(.*)$", path.read_text("utf-8"), re.M):
            found.setdefault(name, set()).add(pin)
    assert {name: pins for name, pins in found.items() if len(pins) > 1} == {}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_gives_nothing_by_itself(path):
    workflow = load(path)
    assert workflow["permissions"] == {}
    assert workflow["concurrency"]["group"]


@pytest.mark.parametrize("job", jobs())
def test_a_job_has_an_end_and_says_what_it_may_do(job):
    assert 0 < job["timeout-minutes"] <= 120
    assert job["permissions"] and "write-all" not in str(job["permissions"])


@pytest.mark.parametrize("job", jobs())
def test_what_a_job_calls_exists(job):
    assert unknown(commands(job)) == []


def test_what_ci_run_calls_exists():
    lines = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    assert any(line.startswith("make ") for line in lines)
    assert unknown(lines) == []


def test_each_suite_of_tests_is_run_by_some_job():
    called = {line for job in site().values() for line in commands(job)}
    called |= set((ROOT / ".ci" / "run").read_text("utf-8").splitlines())
    suites = {name for name in targets() if name.startswith("test")} - {"test-real"}  # needs a folder
    assert suites <= {found[1] for line in called if (found := re.match(r"make ([\w-]+)", line))}


def test_what_does_not_exist_is_noticed():
    assert unknown(["make lint", "make nada", "python -m livedocs nada", ".ci/nada"]) == [
        "make nada", "python -m livedocs nada", ".ci/nada",
    ]  # fmt: skip


@pytest.mark.parametrize("job", jobs())
def test_no_expression_is_written_into_a_script(job):
    assert not [line for step in job["steps"] for line in [step.get("run", "")] if "${{" in line]


@pytest.mark.parametrize("job", jobs())
def test_only_who_pushes_keeps_the_credential(job):
    for step in job["steps"]:
        if step.get("uses", "").startswith("actions/checkout@"):
            writes = job["permissions"].get("contents") == "write"
            assert step["with"]["persist-credentials"] is writes


def test_what_is_published_is_what_was_tested():
    build, deploy = site()["build"], site()["deploy"]
    assert (
        set(build["needs"]) == {"lint", "test", "all", "jax", "torch", "dask", "rerun"}
        and deploy["needs"] == "build"
    )
    assert build["if"] == "github.ref == 'refs/heads/main'"
    steps = [step.get("run") or step["uses"].partition("@")[0] for step in build["steps"]]
    made, tested, kept = (
        steps.index(name) for name in ("make site", "make test-site", "actions/upload-artifact")
    )
    assert made < tested < kept == len(steps) - 1
    artifact = build["steps"][kept]["with"]
    assert artifact["path"] == "site" and artifact["if-no-files-found"] == "error"
    assert artifact["include-hidden-files"] is True
    (taken,) = (s["with"] for s in deploy["steps"] if "download-artifact" in s.get("uses", ""))
    assert (taken["name"], taken["path"]) == (artifact["name"], artifact["path"])
    for step in (build["steps"][made], build["steps"][tested]):
        assert step["env"]["LIVEDOCS_DATA"] == "official"


def test_only_publication_may_write_and_it_runs_nothing_else():
    writers = [name for name, job in site().items() if "write" in str(job["permissions"])]
    assert writers == ["deploy"]
    ran = commands(site()["deploy"])
    assert [line for line in ran if not line.startswith("git config ")] == ["python -m livedocs publish"]
    assert site()["deploy"]["concurrency"]["cancel-in-progress"] is False


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
def test_a_form_can_be_shown(path):
    form = load(path)
    if path.name == "config.yml":
        assert isinstance(form["blank_issues_enabled"], bool)
        return
    assert form["name"] and form["description"] and form["body"]
    names = [field["id"] for field in form["body"] if field["type"] != "markdown"]
    assert len(names) == len(set(names)) > 0
    for field in form["body"]:
        assert field["type"] in {"input", "textarea", "checkboxes", "dropdown", "markdown"}
        assert field["type"] == "markdown" or field["attributes"]["label"]
        if field["type"] == "checkboxes":
            assert all(option["label"] for option in field["attributes"]["options"])


def test_the_parts_of_all_the_tests_are_all_of_them():
    parts = site()["all"]["strategy"]["matrix"]["part"]
    scopes = [f"tests/{letter}.py" for letter in "aabbbcdefghij"]
    dealt = [part_of(Counter(scopes), part) for part in parts]
    assert parts == [f"{number}/{len(parts)}" for number in range(1, len(parts) + 1)]
    assert sorted(scope for part in dealt for scope in part) == sorted(set(scopes))
    assert all(dealt)


@pytest.mark.parametrize("part", ["0/4", "5/4", "x", "1", ""])
def test_a_part_that_is_none_is_said(part):
    with pytest.raises(ValueError, match="como 1/4"):
        part_of({"a": 1}, part)


def test_what_was_executed_is_passed_on():
    """Who needs the executions of the pages takes all those of its Python, and executes none again."""
    kept = next(s["with"] for s in site()["pages"]["steps"] if "upload-artifact" in s.get("uses", ""))
    assert kept["path"] == ".livedocs/executions" and kept["include-hidden-files"] is True
    parts = site()["pages"]["strategy"]["matrix"]["part"]
    assert parts == [f"{number}/{len(parts)}" for number in range(1, len(parts) + 1)]
    takers = [name for name, job in site().items() if job.get("needs") == "pages"]
    assert set(takers) == {"test", "all", "rerun", "changes", "outputs"}
    for name in takers:
        steps = site()[name]["steps"]
        (taken,) = (s["with"] for s in steps if "download-artifact" in s.get("uses", ""))
        assert taken["path"] == kept["path"] and taken["merge-multiple"] is True
        assert re.fullmatch(r"ejecuciones-(3\.11|\$\{\{ matrix\.python \}\})-\*", taken["pattern"])


def test_what_changed_is_compared_with_what_main_gave():
    def step(name: str, of: str) -> dict:
        return next(s["with"] for s in site()[of]["steps"] if name in s.get("uses", ""))

    saved, restored = step("cache/save", "outputs"), step("cache/restore", "changes")
    assert saved["path"] == restored["path"]
    assert saved["key"].startswith(restored["restore-keys"])
    assert any(f"make export A={saved['path']}" in line for line in commands(site()["outputs"]))
    assert any(f"make diff A={saved['path']} B=." in line for line in commands(site()["changes"]))
    assert site()["changes"]["if"] == "github.event_name == 'pull_request'"


def test_a_fork_gets_no_secret():
    """Nothing runs with the rights of the repository on what a fork sends."""
    for path in WORKFLOWS:
        text = path.read_text("utf-8")
        assert "pull_request_target" not in text and "secrets." not in text
