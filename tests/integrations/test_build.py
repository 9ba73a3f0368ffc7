"""The tests, the page and the notebook, end to end, in small projects of their own."""

import html
import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.conftest import ROOT, fence
from tests.volatile import fingerprint

PAGE = """\
---
title: Prueba
lesson: true
---

# Prueba { #prueba }

```python
import keras
from keras import layers

model = keras.Sequential([keras.Input((4,), name="data"), layers.Dense(2, name="out")], name="tiny")
model.summary()
```

```python
keras.utils.plot_model(model, show_shapes=True, show_layer_names=True)
```

```{.python data-alt="Una recta que sube."}
import matplotlib.pyplot as plt
plt.plot([1, 2])
plt.show()
```

```{.python data-raises="ValueError"}
model.fit([[1.0, 2.0, 3.0, 4.0]], [1])
```

```python
import numpy as np

x = np.random.default_rng(0).normal(size=(64, 4))
model.compile(loss="mse")
history = model.fit(x, x[:, :2], epochs=2, verbose=2)
print("</pre><script>alert(1)</script>")
```

```{.python volatile}
import time
print(time.time())
```

/// details | Solución
    type: solution

```{.python data-todo="Definí «answer» con el número de parámetros de «model»."}
answer = model.count_params()
```

El porqué.

///

```{.python check}
assert answer == 10, "Contá también el sesgo."
print("Está bien.")
```
"""


def counts(completed):
    """How many tests passed, failed… as pytest's last line says."""
    line = [line for line in completed.stdout.splitlines() if " in " in line][-1]
    return {word: int(number) for number, word in re.findall(r"(\d+) (\w+)", line)}


@pytest.mark.slow
def test_pytest_then_build_execute_once_and_show_everything(project):
    project.page("prueba", PAGE)
    tested = project.test()
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert counts(tested)["passed"] == 8
    assert "✓ prueba: 8 de 8 bloques" in tested.stdout + tested.stderr
    built = project.build()
    assert built.returncode == 0, built.stderr
    assert "bloques" not in built.stderr, "the build executed what pytest had executed"

    html = project.html("prueba")
    assert 'class="kv-table"' in html and "<dt>Total params</dt>" in html
    assert 'class="kv-diagram"' in html
    assert "Grafo del modelo tiny, 2 capas: data (InputLayer), salida (None, 4); out (Dense)" in html
    assert 'aria-label="Una recta que sube."' in html
    assert "You must call `compile()`" in html and "Traza completa" in html
    assert "<script>alert(1)" not in html and "&lt;/pre&gt;&lt;script&gt;" in html
    assert "datos sintéticos" in html
    assert html.count('class="kv-output') == 7  # the solution prints nothing

    index = json.loads((project.root / "site" / "search" / "search_index.json").read_text("utf-8"))
    assert not [doc for doc in index["docs"] if doc["location"].startswith("notebooks/")]
    text = " ".join(doc.get("error", "") + doc["text"] for doc in index["docs"])
    assert "You must call" in text and "ms/step" not in text

    notebook = (project.root / "site" / "notebooks" / "prueba" / "index.html").read_text("utf-8")
    assert 'class="kv-table"' in notebook and "&lt;/pre&gt;&lt;script&gt;" in notebook
    assert "cdnjs" not in notebook and "mathjax" not in notebook.lower()
    for name in ("prueba-ejecutado", "prueba-para-completar"):
        assert (project.root / "site" / "notebooks" / "descargas" / f"{name}.ipynb").is_file()

    again = project.build()
    assert "bloques" not in again.stderr, "the second build executed something"


def test_a_broken_block_fails_tests_and_build_with_the_same_message(project):
    path = project.page("rota", PAGE.replace("model.summary()", "modelo.summary()"))
    line = path.read_text("utf-8").splitlines().index("modelo.summary()") + 1
    tested = project.test()
    built = project.build()
    assert tested.returncode == 1 and built.returncode != 0
    assert counts(tested) == {"failed": 1, "skipped": 7}
    for output in (tested.stdout, built.stderr):
        assert f"docs/rota.md:{line}: el bloque falló con NameError." in output
        assert "NameError: name 'modelo' is not defined" in output
        assert "modelo.summary()" in output
    assert "Traceback" not in built.stderr
    assert not (project.root / "site").exists()


@pytest.mark.slow
def test_a_failed_build_leaves_the_old_site_as_it_was(project):
    project.page("p", "```python\nprint(1)\n```\n")
    assert project.build().returncode == 0
    before = fingerprint(project.root / "site")
    project.page("p", "```python\nprint(1\n```\n")
    assert project.build().returncode != 0
    project.page("p", "```python\nprint(1)\n")
    built = project.build()
    assert built.returncode != 0
    assert "docs/p.md:1: el bloque de código que se abre acá no se cierra" in built.stderr
    assert fingerprint(project.root / "site") == before


def test_a_page_that_cannot_be_parsed_fails_the_tests_clearly(project):
    project.page("p", "# a\n\n```{.python data-rases='x'}\nx\n```\n")
    tested = project.test()
    assert tested.returncode != 0
    assert (
        "docs/p.md:3: el atributo «data-rases» no existe. ¿Quisiste escribir «data-raises»?"
        in tested.stdout
    )


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ('```{.python data-raises="ValueError"}\nx = 1\n```\n', "terminó sin error"),
        ('```{.python data-raises="ValueError"}\n[][0]\n```\n', "lanzó IndexError"),
        (
            "```python\nimport pathlib\nflag = pathlib.Path('visto')\n"
            "if not flag.exists():\n    flag.touch()\n    raise TypeError('solo la primera vez')\n```\n",
            "TypeError: solo la primera vez",
        ),
    ],
)
@pytest.mark.slow
def test_announced_errors_and_first_time_errors_are_failures(project, block, words):
    project.page("p", block)
    tested = project.test()
    assert counts(tested) == {"failed": 1}
    assert words in tested.stdout


@pytest.mark.slow
def test_an_include_may_be_shown_as_text(project):
    (project.root / "snippets" / "a.py").write_text("x = 1\n", "utf-8")
    project.page("p", '# P\n\n```text\n;--8<-- "no-existe.py"\n```\n\n```python\n--8<-- "a.py"\n```\n')
    assert project.build().returncode == 0
    html = project.html("p")
    assert "--8&lt;--" in html and "no-existe.py" in html and "kv-failed" not in html


@pytest.mark.slow
def test_a_change_executes_only_what_it_concerns(project):
    snippet = project.root / "snippets" / "suma.py"
    snippet.write_text("def add(a, b):\n    return a + b\n", "utf-8")
    project.page("a", '# A\n\n```python\n--8<-- "suma.py"\nprint(add(1, 2))\n```\n')
    project.page("b", "# B\n\n```python\nprint('b')\n```\n")
    executed = lambda built: sorted(re.findall(r"✓ (\w+):", built.stderr))
    assert executed(project.build()) == ["a", "b"]
    project.page("b", "# Otra prosa\n\nMás.\n\n```python\nprint('b')\n```\n")
    assert executed(project.build()) == []
    project.page("b", "# B\n\n```python\nprint('b2')\n```\n")
    assert executed(project.build()) == ["b"]
    snippet.write_text("def add(a, b):\n    return b + a\n", "utf-8")
    assert executed(project.build()) == ["a"]
    assert "3" in project.html("a")


@pytest.mark.slow
def test_two_cold_builds_are_identical_but_for_what_is_marked_volatile(project):
    project.page("prueba", PAGE)
    built = []
    for _ in range(2):
        shutil.rmtree(project.root / ".cache", ignore_errors=True)
        assert project.build(SOURCE_DATE_EPOCH="1700000000").returncode == 0
        built.append(fingerprint(project.root / "site"))
    first, second = built
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []
    assert "ms/step" in project.html("prueba")


def lesson(title, code="print(1)"):
    return f"---\ntitle: {title}\nlesson: true\n---\n\n# {title}\n\n```python\n{code}\n```\n"


def test_pages_are_known_by_their_path(project):
    """Two pages of the same name, or whose paths look alike, give each its own files."""
    pages = ["x/intro", "y/intro", "p", "p-para-completar", "a/b", "a-b", "unidad/index"]
    for number, page in enumerate(pages):
        project.page(page, lesson(f"Página {number}", f"print('soy {number}')"))
    built = project.build()
    assert built.returncode == 0, built.stderr
    site = project.root / "site"
    for number, page in enumerate(pages):
        name, mine = page.removesuffix("/index"), f"soy {number}"
        html = project.html(name)
        files = re.findall(r'href="([^":]*descargas[^"]*\.ipynb)"', html)
        assert len(files) == 2 and mine in html
        script = re.search(r'data-kv-scripts="([^"]+)"', html)[1]
        shown = re.search(r'href="([^"]+)">Ver el notebook', html)[1]
        for link in (*files, script, f"{shown}index.html"):
            assert mine in (site / name / link).resolve().read_text("utf-8"), (page, link)
        back = re.search(r'href="([^"]+)">volver', project.html(f"notebooks/{name}"))[1]
        assert (site / "notebooks" / name / back).resolve() == (site / name).resolve()
    downloads = sorted((site / "notebooks" / "descargas").rglob("*.ipynb"))
    assert len(downloads) == 2 * len(pages)


def test_two_pages_with_one_address_are_an_error(project):
    project.page("a", "# A\n")
    project.page("a/index", "# B\n")
    built = project.build()
    assert built.returncode != 0 and "Traceback" not in built.stderr
    assert "docs/a/index.md y docs/a.md tienen la misma dirección (a/)" in built.stderr


def test_a_page_that_is_excluded_publishes_nothing(project):
    project.page("borrador", lesson("Borrador", "raise TypeError('no se ejecuta')"))
    project.page(".oculta/q", "```python\nx = (\n```\n")
    project.page("sigue", lesson("Sigue"))
    path = project.root / "mkdocs.yml"
    path.write_text(
        path.read_text("utf-8").replace("exclude_docs: |", "exclude_docs: |\n  borrador.md"), "utf-8"
    )
    built = project.build()
    assert built.returncode == 0, built.stderr
    names = [p.relative_to(project.root / "site").as_posix() for p in (project.root / "site").rglob("*")]
    assert any("sigue" in name for name in names)
    assert not [name for name in names if "borrador" in name or "oculta" in name]


def test_building_from_another_folder_builds_the_same(project, tmp_path):
    (project.root / "snippets" / "a.py").write_text("x = 'incluido'\n", "utf-8")
    project.page("p", lesson("P", '--8<-- "a.py"\nprint(x)'))
    elsewhere = tmp_path / "otro"
    elsewhere.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", str(project.root / "mkdocs.yml")],
        cwd=elsewhere, capture_output=True, text=True, timeout=300,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "incluido" in project.html("p") and "Ver el notebook" in project.html("p")
    assert (project.root / ".livedocs" / "executions").is_dir() and not list(elsewhere.iterdir())


def test_a_block_that_would_not_be_seen_stops_the_build_with_its_line(project):
    project.page("p", "# P\n\n    ```python\n    x = 1\n    ```\n")
    built = project.build()
    assert built.returncode != 0 and "Traceback" not in built.stderr
    assert "docs/p.md:3: la página no muestra este bloque como código" in built.stderr


def test_serving_shows_the_failure_on_the_page(project, monkeypatch):
    """What `mkdocs serve` builds: the page in red, the log with file and line, no exception."""
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    from livedocs.integrations import markdown as markdown_extension

    project.page("p", "# P\n\n```python\nprint(nada)\n```\n\n```python\nx = 1\n```\n")
    project.page("q", "# Q\n\n```python\nx = 1\n")
    monkeypatch.chdir(project.root)
    monkeypatch.setattr(markdown_extension, "_executors", {})
    config = load_config(str(project.root / "mkdocs.yml"))
    config.plugins.on_startup(command="serve", dirty=False)
    build(config, serve_url="http://localhost/")
    html = project.html("p")
    assert "Este bloque falló · docs/p.md:4" in html and "No se ejecutó" in html
    assert "Este bloque falló · docs/q.md:3" in project.html("q")


def test_a_class_is_a_folder_of_lessons(project):
    """Its index lists them with their minutes, and knows where each section went."""
    folder = "clases/101-uno"
    project.page(
        f"{folder}/index",
        "---\ntitle: Uno\n---\n\n# Uno { #uno }\n\n## Lecciones { #lecciones }\n\n<!-- lecciones -->\n",
    )
    exercise = (
        "## Ejercicio 1 { #ejercicio-1 }\n\n/// details | Solución\n    type: solution\n\n"
        + fence("x = 1", 'data-todo="x"')
        + "///\n"
    )
    for name, title, body in (("b", "Beta", exercise), ("a", "Alfa", "## Parte { #parte }\n")):
        project.page(
            f"{folder}/{name}",
            f"---\ntitle: {title}\ndescription: De {title}.\nlesson: true\n---\n\n# {title} {{ #{name} }}\n\n"
            f"{fence('print(1)')}{body}",
        )
    project.page("clases/otra", lesson("Otra", "print(2)"))
    done = project.build()
    assert done.returncode == 0, done.stderr
    index = project.html(folder)
    assert index.index(">Alfa</a>") < index.index(">Beta</a>"), "sin menú, por nombre"
    assert "De Beta." in index and "1 min de lectura, 1 de práctica" in index
    moved = json.loads(html.unescape(re.search(r"data-kv-moved='([^']+)'", index)[1]))
    assert moved == {"a": "a/", "b": "b/", "parte": "a/", "ejercicio-1": "b/"}
    page = project.html(f"{folder}/b")
    assert 'href="../">Uno</a>' in page, "la lección lleva a su clase"
    assert "Ejercicios hechos" in page and "Ejercicios hechos" not in project.html(f"{folder}/a")
    for name in ("a", "b"):
        for kind in ("ejecutado", "para-completar"):
            assert (project.root / f"site/notebooks/descargas/{folder}/{name}-{kind}.ipynb").is_file()
