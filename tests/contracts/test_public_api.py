"""What others may build on: names, signatures and a docstring for each."""

import inspect

import pytest

import livedocs

API = {
    "Chapter": (
        "(path: str, parts: tuple[Prose | Cell, ...], meta: dict = <factory>, blocks: tuple[Block, ...] = (), "
        "headings: tuple[Heading, ...] = ()) -> None"
    ),
    "Edition": None,
    "Executor": "(settings: Settings, progress: Progress | None = None, failures: Path | None = None)",
    "Settings": None,
    "Staged": None,
    "finish": "(site: Path, staged: Staged, *, serving: bool = False, kept: Kept | None = None) -> None",
    "stage": (
        "(settings: Settings, edition: Edition | None = None, *, executor: Executor | None = None, "
        "tolerant: bool = False, kept: Kept | None = None) -> Staged"
    ),
}


def test_the_names_are_these():
    assert sorted(livedocs.__all__) == sorted(API)


@pytest.mark.parametrize("name", API)
def test_each_is_documented_and_called_as_promised(name):
    thing = getattr(livedocs, name)
    assert len(inspect.getdoc(thing) or "") > 20, f"a livedocs.{name} le falta su docstring"
    if API[name]:
        signature = str(inspect.signature(thing)).replace("'", "")
        assert signature == API[name], (
            f"cambió cómo se llama a livedocs.{name}: si es a propósito, decilo en CHANGELOG.md y acá"
        )


def test_importing_it_imports_no_generator_and_no_backend():
    import subprocess
    import sys

    code = (
        "import sys, livedocs; livedocs.stage; livedocs.finish; livedocs.Executor\n"
        "print(*sorted({'mkdocs', 'pytest', 'tensorflow', 'keras'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
