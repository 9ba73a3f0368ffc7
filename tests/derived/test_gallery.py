"""The gallery shows what is in `snippets/`, all of it, and what it offers to download runs alone."""

import ast
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from livedocs.derived.gallery import (
    CARDS,
    DOWNLOADS,
    EXAMPLE_LINES,
    PAGE,
    GalleryError,
    render,
    sources,
    where,
    write,
)
from livedocs.pages.chapter import Chapter
from livedocs.settings import Settings
from tests.conftest import ROOT

SOURCES = {path.relative_to(ROOT / "snippets").as_posix(): path for path in sources(ROOT)}
TEXT = render(ROOT)


def entry(path: str) -> str:
    """The part of the page about a file."""
    (found,) = [part for part in re.split(r"^### ", TEXT, flags=re.M) if f'--8<-- "{path}"' in part]
    return found


def test_every_file_of_the_classes_is_there_with_code_download_and_lesson():
    on_disk = {
        f"{path.parent.name}/{path.name}"
        for path in (ROOT / "snippets").rglob("*.py")
        if re.fullmatch(r"c\d+", path.parent.name) and path.name != "__init__.py"
    }
    assert on_disk == set(SOURCES) and len(on_disk) >= 9
    for path in on_disk:
        assert f"({DOWNLOADS}/{path}){{ .md-button download }}" in entry(path)
        assert re.search(r"^Dónde se enseña: \[(Clase \d+|Guía) · .+, «", entry(path), re.M), path


@pytest.mark.parametrize(
    ("path", "lessons"),
    [
        ("c103/res_block.py", ["clases/103-functional-y-subclassing/escribir-clases.md#ejercicio-4"]),
        ("c103/wide_and_deep.py", ["clases/103-functional-y-subclassing/saltos.md#ejercicio-1"]),
        (
            "c119/focal_loss.py",  # its card is one click away from the exercise
            ["clases/119-losses-metricas-capas-modelos/focal-loss.md#ejercicio-1",
             "clases/119-losses-metricas-capas-modelos/homework.md#homework-solucion"],
        ),
    ],
)  # fmt: skip
def test_it_links_to_where_the_pages_teach_it(path, lessons):
    line = next(line for line in entry(path).splitlines() if line.startswith("Dónde se enseña"))
    assert re.findall(r"\]\((.+?)\)", line) == lessons


def test_every_public_name_has_a_card_that_says_what_it_does_and_its_tags():
    cards = re.findall(r'<li class="(.+?)"><a href="#(.+?)">.*?<code>(\w+)</code></a>\n'
                       r"<span>(.+?)</span>\n<small>(.+?)</small></li>", TEXT)  # fmt: skip
    names = [(anchor, name) for _, anchor, name, what, _ in cards if len(what) > 20]
    wanted = []
    for path, source in SOURCES.items():
        tree = ast.parse(source.read_text("utf-8"))
        exported = [
            n for n in tree.body if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "__all__"
        ]
        named = [ast.literal_eval(node.value) for node in exported] or [
            [n.name for n in tree.body if hasattr(n, "name") and not n.name.startswith("_")]
        ]
        wanted += [(re.sub(r"\W|_", "-", path.removesuffix(".py")), name) for name in named[0]]
    assert sorted(names) == sorted(wanted)
    for marks, _, _, _, tags in cards:
        assert len(marks.split()) == len(tags.split(" · ")) >= 2


def test_examples_are_short_and_show_something():
    chapter = Chapter.parse(TEXT, f"docs/{PAGE}", ROOT)
    examples = [cell for cell in chapter.cells if cell.end_line - cell.line > 2]  # not an include
    assert len(examples) >= len(SOURCES)
    assert max(cell.end_line - cell.line - 1 for cell in examples) <= EXAMPLE_LINES
    for path in SOURCES:
        assert re.search(r"print\(|plot_model\(|plt\.show\(", entry(path)), path


# What breaks it -----------------------------------------------------------------------

CODE = "import keras\n\n\nclass A:\n    pass\n\n\nclass B:\n    pass\n"
CARD = """\
---
title: Dos clases
pieces:
  A: {what: La primera., tags: [capa, regresión]}
  B: {what: La segunda., tags: [capa]}
---

Así se usa:

```python
print(A(), B())
```
"""


@pytest.fixture
def small(tmp_path):
    """A project with one file and its card."""
    for name, text in {
        "snippets/c1/two.py": CODE,
        "snippets/c1/__init__.py": "",
        "snippets/check.py": "def main(): ...\n",
        f"{CARDS}/c1/two.md": CARD,
        f"{CARDS}/etiquetas.yml": "Qué es: {capa: Capas, modelo: Modelos}\nPara qué: [regresión]\n",
        "docs/clase.md": "# Clase 1 — Una { #clase }\n",
        "mkdocs.yml": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def test_the_order_is_that_of_the_code_and_commands_are_no_pieces(small):
    page = render(small)
    assert page.index("**`A`**: La primera.") < page.index("**`B`**: La segunda.")
    assert "main" not in page and "## Capas { #capa }" in page and "## Modelos" not in page
    assert "Dónde se enseña" not in page, "no page includes it"


def test_a_lesson_is_the_nearest_heading_above_the_include(small):
    (small / "docs/clase.md").write_text(
        '# Clase 1 — Una { #clase }\n\n## Antes { #antes }\n\n```text\n;--8<-- "c1/two.py"\n```\n\n'
        '### Acá { #aca }\n\n```python\n# Un comentario\n--8<-- "c1/two.py:class"\n```\n\n## Otra { #otra }\n',
        "utf-8",
    )
    assert "Dónde se enseña: [Clase 1, «Acá»](clase.md#aca).\n" in render(small)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("snippets/c1/two.py", CODE, CODE + "\n\ndef c():\n    pass\n", "snippets/c1/two.py:12: «c» es pública y"),
        ("snippets/c1/two.py", CODE, '__all__ = ["A"]\n' + CODE, "galeria/c1/two.md:5: «B» no es una pieza pública"),
        ("snippets/c1/two.py", "pass", "pass  # \udcf1", "snippets/c1/two.py:1: no es UTF-8"),
        ("snippets/c1/two.py", "class A:", "class A", "snippets/c1/two.py:4: no es Python válido"),
        (f"{CARDS}/c1/two.md", "title: Dos clases\n", "", "galeria/c1/two.md:1: falta «title:»"),
        (f"{CARDS}/c1/two.md", "what: La segunda., ", "", "two.md:5: a «B» le falta «what:»"),
        (f"{CARDS}/c1/two.md", ", tags: [capa]", "", "two.md:5: a «B» le falta «tags:»"),
        (f"{CARDS}/c1/two.md", "regresión", "regresion", "two.md:4: «A» lleva «regresion», que no está en"),
        (f"{CARDS}/c1/two.md", "tags: [capa]", "tags: [capa, modelo]", "two.md:5: «B» lleva una, y solo una"),
        (f"{CARDS}/c1/two.md", "tags: [capa]", "tags: [regresión]", "two.md:5: «B» lleva una, y solo una"),
        (f"{CARDS}/c1/two.md", "```python\nprint(A(), B())\n```\n", "", "falta el ejemplo"),
        (f"{CARDS}/c1/two.md", "print(A(), B())", "x = 1\n" * 13, "two.md:10: el bloque tiene 14 líneas"),
        (f"{CARDS}/c1/two.md", "  A: {", "  A: {{", "no es YAML válido"),
        (f"{CARDS}/etiquetas.yml", "{capa: Capas, modelo: Modelos}", "[capa]", "etiquetas.yml:1: va una pregunta"),
        (f"{CARDS}/etiquetas.yml", "[regresión]", "[capa]", "etiquetas.yml:1: van hasta 20 etiquetas, todas distintas"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_file_and_line(small, file, old, new, said):
    path = small / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8", errors="surrogateescape")
    with pytest.raises(GalleryError) as error:
        render(small)
    assert any(said in problem for problem in error.value.problems), error.value.problems


def test_a_file_without_a_card_and_a_card_without_a_file_are_both_said(small):
    (small / CARDS / "c1/two.md").rename(small / CARDS / "c1/three.md")
    with pytest.raises(GalleryError) as error:
        render(small)
    orphan, missing = error.value.problems
    assert orphan.startswith(f"{CARDS}/c1/three.md:1: es la ficha de un archivo que no está")
    assert missing.startswith(f"snippets/c1/two.py:1: le falta su ficha, {CARDS}/c1/two.md")


def test_the_page_is_written_again_only_when_it_changes(small):
    settings = Settings(small)
    page = write(settings)
    assert page.read_text("utf-8") == render(small)
    before = page.stat().st_mtime_ns
    assert write(settings) == page and page.stat().st_mtime_ns == before
    (small / CARDS / "c1/two.md").unlink()
    with pytest.raises(GalleryError):
        write(settings)
    assert page.stat().st_mtime_ns == before


def test_a_fault_of_an_example_is_told_at_its_card(small):
    settings = Settings(small)
    lines = write(settings).read_text("utf-8").splitlines()
    card = (small / CARDS / "c1/two.md").read_text("utf-8").splitlines()
    row = next(n for n, line in enumerate(card, 1) if line == "```python")
    start = (
        "\n".join(lines).count("\n", 0, "\n".join(lines).rindex("\n".join(card[row - 1 :]).strip())) + 1
    )
    told = where(settings, f"docs/{PAGE}:{start + 1}: el bloque falló.")
    assert told == f"{CARDS}/c1/two.md:{row + 1}: el bloque falló."
    assert where(settings, "docs/otra.md:3: falló.") == "docs/otra.md:3: falló."


# On the site --------------------------------------------------------------------------


def test_the_site_offers_the_very_files(site):
    published = {p.relative_to(site / DOWNLOADS).as_posix() for p in (site / DOWNLOADS).rglob("*.py")}
    assert published == set(SOURCES)
    for path, source in SOURCES.items():
        assert (site / DOWNLOADS / path).read_bytes() == source.read_bytes()


def test_downloads_import_nothing_but_keras_numpy_and_the_standard_library():
    for path, source in SOURCES.items():
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, path
                names = [node.module]
            allowed = {"keras", "numpy", "tensorflow", *sys.stdlib_module_names}
            if path == "c104/homework.py":  # it reads what TensorBoard wrote
                allowed.add("tensorboard")
            assert {name.partition(".")[0] for name in names} <= allowed, path


@pytest.mark.slow
def test_each_download_runs_alone_in_a_new_process(tmp_path):
    def run(item):
        path, source = item
        folder = tmp_path / path.replace("/", "-")
        folder.mkdir()
        shutil.copy(source, folder)
        code = f"import {source.stem} as m; print(*(n for n in dir(m) if not n.startswith('_')))"
        done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True)
        return path, done

    with ThreadPoolExecutor(2) as pool:
        for path, done in pool.map(run, SOURCES.items()):
            assert done.returncode == 0, f"{path}: {done.stderr[-2000:]}"
            # the checker of class 120, on TensorFlow, imports nothing else until it is asked
            named = "check" if path == "c120/homework.py" else "keras"
            assert named in done.stdout.split(), path


def test_choosing_a_tag_leaves_its_pieces_and_no_other(browser, address):
    page = browser.new_context(
        viewport={"width": 360, "height": 740}, java_script_enabled=False
    ).new_page()
    page.goto(f"{address}/snippets/")
    shown = lambda: [li.inner_text() for li in page.locator(".kv-gallery li").all() if li.is_visible()]
    everything = shown()
    page.locator("#t0").focus()
    radios = page.locator(".kv-gallery input")
    assert radios.count() > 8
    for n in range(1, radios.count()):
        page.keyboard.press("ArrowRight")
        tag = page.locator(".kv-gallery label:has(:checked)").inner_text().strip()
        wanted = [text for text in everything if tag in re.split(r" · |\n", text)]
        assert shown() == wanted and 0 < len(wanted) < len(everything), (n, tag)
    page.context.close()
