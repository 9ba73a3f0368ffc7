"""A build that finds its pages made gives the same site, and no page that would be another."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Project, fence

PAGE = "# Uno { #uno }\n\nLa capa densa.\n\n## Dos { #dos }\n\n[otra](otra.md#x) y [acá](#uno)\n\n"
LESSON = "---\ntitle: L\nlesson: true\n---\n\n# L { #l }\n\n## Preparar { #preparar }\n\n"


def files(site: Path) -> dict[str, bytes]:
    found = {p.relative_to(site).as_posix(): p.read_bytes() for p in site.rglob("*") if p.is_file()}
    found.pop("sitemap.xml.gz", None)  # it has the time in it
    return found


def build(project: Project, strict: bool = True) -> tuple[dict[str, bytes], str]:
    done = project.build() if strict else project.command("mkdocs", "build")
    assert done.returncode == 0, done.stdout + done.stderr
    return files(project.root / "site"), done.stdout + done.stderr


@pytest.fixture
def made(project):
    project.page("index", "# Inicio\n\n[uno](uno.md)\n")
    project.page("uno", PAGE + fence("print(6 * 7)"))
    project.page("otra", "# Otra { #x }\n")
    project.page("leccion", LESSON + fence("print('lección')") + "[a](uno.md)\n")
    first, _ = build(project)
    return project, first


def emptied(project: Project) -> dict[str, bytes]:
    """The site of a project from nothing kept."""
    for path in (project.root / ".livedocs" / "kept").glob("*"):
        path.unlink()
    return build(project)[0]


def test_the_same_site_comes_of_what_was_kept(made):
    project, first = made
    assert list((project.root / ".livedocs" / "kept").glob("site-*.db"))
    again, _ = build(project)
    assert again == first == emptied(project)


def test_no_page_is_converted_again_but_the_one_that_changed(made):
    project, _ = made
    code = (
        "import sys\nfrom mkdocs.structure.pages import Page\nown = Page.render\n"
        "def render(page, *rest):\n    print('CONVERTED', page.file.src_uri, file=sys.stderr)\n"
        "    return own(page, *rest)\nPage.render = render\n"
    )
    (project.root / "spy.py").write_text(code, "utf-8")
    config = project.root / "mkdocs.yml"
    config.write_text(config.read_text().replace("hooks:\n", "hooks:\n  - spy.py\n"), "utf-8")
    converted = lambda said: sorted(
        line.split()[-1] for line in said.splitlines() if "CONVERTED" in line
    )
    assert "uno.md" in converted(build(project)[1])  # mkdocs.yml changed
    assert converted(build(project)[1]) == []
    (project.root / "docs/otra.md").write_text("# Otra { #x }\n\nMás.\n", "utf-8")
    assert converted(build(project)[1]) == ["otra.md"]


@pytest.mark.parametrize(
    ("name", "before", "after", "shown"),
    [
        ("uno", "6 * 7", "6 * 8", "48"),  # what came of executing it
        ("uno", "La capa densa", "Otra prosa", "Otra prosa"),
        ("leccion", "'lección'", "'cambió'", "cambió"),
    ],
)
def test_what_changes_is_seen(made, name, before, after, shown):
    project, _ = made
    page = project.root / f"docs/{name}.md"
    page.write_text(page.read_text("utf-8").replace(before, after), "utf-8")
    site, _ = build(project)
    assert shown in project.html(name)
    assert site == emptied(project)


def test_a_new_term_of_the_glossary_is_explained(made):
    project, _ = made
    term = (
        "- {en: dense layer, es: capa densa, tooltip: capa densa, what: Cada entrada con cada salida.}\n"
    )
    (project.root / "docs/glosario.yml").write_text(f"terms:\n{term}voice: []\n", "utf-8")
    site, _ = build(project)
    assert "Cada entrada con cada salida" in project.html("uno")
    assert site == emptied(project)


def test_a_page_that_warns_warns_each_time(project):
    project.page("uno", "# Uno { #uno }\n\n[de raíz](/uno/)\n")
    for _ in range(3):
        assert "'/uno/'" in build(project, strict=False)[1]


def test_a_page_that_goes_away_is_missed_by_those_that_lead_to_it(made):
    project, _ = made
    (project.root / "docs/otra.md").unlink()
    done = project.build()
    assert done.returncode != 0 and "otra.md" in done.stdout + done.stderr
