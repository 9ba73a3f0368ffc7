"""The site is built, or one line says which page to mend."""

import pytest

from tests.conftest import PAGES_AT_FAULT, first_problem


def test_the_site_is_built(built):
    _, problem = built
    if PAGES_AT_FAULT in problem:
        pytest.skip(f"lo dice la prueba de la página: {first_problem(problem)}")
    assert not problem, f"«mkdocs build --strict» falla: {first_problem(problem)}\n{problem[-3000:]}"


@pytest.mark.parametrize(
    ("printed", "told"),
    [
        ("ERROR - docs/a.md:7: el bloque falló con NameError.\n  > 7 | x\n", "docs/a.md:7: el bloque falló con NameError."),
        ("WARNING - algo\nConfig value 'nav': no existe\n", "Config value 'nav': no existe"),
        ("", "mkdocs no dijo por qué"),
    ],
)  # fmt: skip
def test_a_failed_build_is_told_in_one_line(printed, told):
    assert first_problem(printed) == told


def test_one_typo_is_one_failure(project):
    """The block that fails; every test that needs the site says which page to mend."""
    project.page("rota", "# Rota { #rota }\n\n```python\nprint(nada)\n```\n")
    built = project.build()
    assert built.returncode and PAGES_AT_FAULT in built.stdout
    assert first_problem(built.stdout + built.stderr).startswith(
        "docs/rota.md:4: el bloque falló con NameError"
    )
    tested = project.test("-p", "no:cacheprovider")
    assert "1 failed" in tested.stdout, tested.stdout
