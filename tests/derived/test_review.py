"""The page of all the quizzes of a folder of lessons: made when the site is, and never executed."""

from __future__ import annotations

import json
import re

import html5lib
import pytest

from livedocs.finishing import completeness
from tests.conftest import Project, fence


def quiz(code: str, *options: str) -> str:
    return fence(code, "quiz") + "\n".join(options) + "\n\n"


FIRST = (
    "---\ntitle: Primer modelo\n---\n\n# Primer modelo { #primer }\n\n## Las capas de `Dense` { #capas }\n\n"
    + fence("import pathlib\nout = pathlib.Path('runs.txt')\nx = 40")
    + quiz("print(x + 2)", "- `42`: es la *suma*.\n- `402`: pega, y son números.\n- `40`: ver [dos](dos.md#d).")
    + "### [Más](dos.md) { #mas }\n\n"
    + quiz("print(type(x))", "- `int`: falta `class`.\n- `<class 'int'>`: así.\n- `x`: ver [acá](#capas) y [casa](../../index.md).")
)  # fmt: skip
SECOND = "# Segundo { #d }\n\n" + quiz(
    "print('<b>')", "- `a`: no, es otra.\n- `<b>`: lo que dice.\n- `b`: faltan los ángulos."
)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("repaso") / "proyecto")
    project.page(
        "clases/uno/index",
        "---\ntitle: La clase uno\n---\n\n# Clase uno { #uno }\n\n[Repaso](repaso.md)\n",
    )
    project.page("clases/uno/primero", FIRST)
    project.page("clases/uno/dos", SECOND)
    project.page(
        "clases/sola",
        "# Sola { #sola }\n\n" + quiz("print(1)", "- `1`: es así.\n- `2`: no es.\n- `3`: tampoco es."),
    )
    project.page("guias/otra/index", "# Sin preguntas { #otra }\n\n" + fence("print(1)"))  # fmt: skip
    done = project.build()
    assert done.returncode == 0, done.stdout + done.stderr
    return project


@pytest.fixture(scope="module")
def review(built):
    return html5lib.parse(built.html("clases/uno/repaso"), namespaceHTMLElements=False)


def with_class(tree, name: str) -> list:
    return [e for e in tree.iter() if name in (e.get("class") or "").split()]


def text(element) -> str:
    return re.sub(r"\s+", " ", "".join(element.itertext())).strip()


def test_only_folders_with_quizzes_have_one(built):
    made = [p.parent.relative_to(built.root / "site").as_posix() for p in (built.root / "site").rglob("repaso/index.html")]  # fmt: skip
    assert made == ["clases/uno/repaso"]


def test_each_quiz_is_there_with_where_it_comes_from(review):
    (article,) = [e for e in review.iter("article")]
    assert text(next(article.iter("h1"))).startswith("Repaso: todas las preguntas de La clase uno")
    headings = [h for h in article.iter("h2") if (h.get("id") or "").startswith("pregunta-")]
    assert [h.find("a").get("href") for h in headings] == [
        "../dos/",
        "../primero/#capas",
        "../primero/#mas",
    ]
    assert [text(h.find("a")) for h in headings] == [
        "Segundo",
        "Primer modelo · Las capas de Dense",
        "Primer modelo · Más",
    ]
    assert [text(code).removeprefix("Copiar") for code in with_class(article, "highlight")] == [
        "print('<b>')", "print(x + 2)", "print(type(x))",
    ]  # fmt: skip
    right = [
        text(label)
        for label in article.iter("label")
        if label.find("input").get("data-right") is not None
    ]
    assert right == ["<b>", "42", "<class 'int'>"]
    assert [text(output) for output in with_class(article, "kv-output")] == right, (
        "as they were executed"
    )
    names = [{i.get("name") for i in asked.iter("input")} for asked in with_class(article, "kv-quiz")]
    assert [len(each) for each in names] == [1, 1, 1] and len(set().union(*names)) == 3
    reasons = [text(item) for why in with_class(article, "kv-quiz__why") for item in why]
    assert len(reasons) == 9 and "42: es la suma." in reasons and "402: pega, y son números." in reasons
    ids = [e.get("id") for e in review.iter() if e.get("id")]
    assert len(ids) == len(set(ids))


def test_links_of_the_reasons_lead_where_they_led(review):
    (article,) = [e for e in review.iter("article")]
    found = [a.get("href") for why in with_class(article, "kv-quiz__why") for a in why.iter("a")]
    assert found == ["../dos/#d", "../primero/#capas", "../../../"]


def test_nothing_ran_for_it(built):
    """It gives no notebook nor scripts, and says whose versions those of its pages are."""
    site = built.root / "site"
    assert (
        not list(site.rglob("*repaso*.ipynb"))
        and not (site / "assets/bloques/clases/uno/repaso.js").exists()
    )
    page = built.html("clases/uno/repaso")
    assert "data-kv-scripts" not in page
    assert "4 bloques ejecutados" in page, "those of the two pages that ask"
    assert "Editar esta página" not in page, "there is no file to edit"
    assert "issues/new" in page, "but it may have a problem"


def test_the_gate_counts_its_questions(built):
    manifest = json.loads((built.root / ".livedocs/site/manifest.json").read_text("utf-8"))
    promised = manifest["pages"]["clases/uno/repaso.md"]
    assert (promised["quizzes"], promised["painted"]) == (3, 3)
    assert promised["anchors"] == ["repaso", "pregunta-1", "pregunta-2", "pregunta-3"]
    assert manifest["pages"]["clases/uno/primero.md"]["quizzes"] == 2
    assert completeness.problems(built.root / "site", manifest) == []
    for page, lost in (("clases/uno/repaso", 3), ("clases/uno/primero", 2)):
        path = built.root / "site" / page / "index.html"
        whole = path.read_text("utf-8")
        path.write_text(whole.replace('class="kv-quiz"', 'class="x"', 1), "utf-8")
        told = completeness.problems(built.root / "site", manifest)
        path.write_text(whole, "utf-8")
        assert told == [f"{page}.md: hace {lost - 1} preguntas y tiene que hacer {lost}."]


@pytest.mark.slow
def test_without_a_server_its_links_lead_to_files(built, tmp_path):
    done = built.command(
        "mkdocs", "build", "--strict", "--no-directory-urls", "--site-dir", str(tmp_path / "copia")
    )
    assert done.returncode == 0, done.stdout + done.stderr
    page = (tmp_path / "copia/clases/uno/repaso.html").read_text("utf-8")
    assert 'href="dos.html#d"' in page and 'href="primero.html#capas"' in page


def test_its_place_is_taken(project):
    project.page("clases/uno/primero", FIRST)
    project.page("clases/uno/dos", SECOND)
    project.page("clases/uno/repaso", "# Mío\n")
    done = project.build()
    assert done.returncode != 0
    assert (
        "docs/clases/uno/repaso.md: en esa dirección el sitio pone algo suyo"
        in done.stderr + done.stdout
    )
