"""A page as a notebook: what it holds, and that it runs by itself, away from the repository."""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest

from livedocs.derived import notebook
from livedocs.execution.executor import Executor
from livedocs.execution.results import CellResult, Execution
from livedocs.pages.chapter import Chapter
from livedocs.settings import Settings
from tests.browser import serving, with_notebooks
from tests.conftest import ROOT

PAGE = """\
---
title: T
---

# Título { #titulo }

Prosa con [un enlace](102-sequential.md#resumen), [otro](#titulo) y `código`{.x}.

```python
print("uno")
```

//// details | Pista
    type: hint

Pensá en `x`.

////

/// note | Ojo
Cuidado.
///

### Ejercicio { #e1 }

/// details | Solución
    type: solution

Antes.

```{.python data-todo="Definí «x»."}
x = 1
```

Después.

```python
y = x
```

///

```{.python check}
assert x == 1
```

```python
print(y + 1)
```

```{.python notest data-why="instala"}
%pip install keras
```

```{.python volatile}
print("tiempo")
```
"""

PROVENANCE = {
    "keras": "3", "backend": "TensorFlow 2", "numpy": "2", "python": "3.11", "data": "datos sintéticos",
    "profile": "synthetic", "blocks": 5, "seconds": 1.0,
}  # fmt: skip


def make(kind, tmp_path, **links):
    chapter = Chapter.parse(PAGE, "docs/clases/p.md", tmp_path)
    results = tuple(
        CellResult("ok", [{"output_type": "stream", "name": "stdout", "text": f"{n}\n"}])
        for n in range(len(chapter.executed_cells))
    )
    return kind(chapter, Execution(results, PROVENANCE), **links)


def text(nb, kind="markdown"):
    return "\n\n".join(cell.source for cell in nb.cells if cell.cell_type == kind)


def test_the_executed_notebook_holds_code_outputs_and_plain_markdown(tmp_path):
    nb = make(notebook.executed, tmp_path)
    assert [c.source for c in nb.cells if c.cell_type == "code"] == [
        'print("uno")', "x = 1", "y = x", "assert x == 1", "print(y + 1)",
        'print("tiempo")',
    ]  # fmt: skip
    assert all(cell.outputs for cell in nb.cells if cell.cell_type == "code")
    prose = text(nb)
    assert prose.startswith("# Título\n\n*Verificado con Keras 3")
    for syntax in ("///", "{ #", "{.x}", "type:", "---"):
        assert syntax not in prose
    assert "<details><summary>Pista</summary>" in prose and "</details>" in prose
    assert "> **Ojo**" in prose and "> Cuidado." in prose
    assert "%pip install keras" in prose
    assert "un enlace, otro" in prose, "without an address of the site, links are text"


def test_links_lead_to_the_published_site(tmp_path):
    nb = make(notebook.executed, tmp_path, site_url="https://s.example/k/", url="clases/p/")
    assert "[un enlace](https://s.example/k/clases/102-sequential/#resumen)" in text(nb)
    assert "[otro](https://s.example/k/clases/p/#titulo)" in text(nb)


def test_the_todo_notebook_has_a_place_to_write_instead_of_each_solution(tmp_path):
    nb = make(notebook.todo, tmp_path)
    code = [cell for cell in nb.cells if cell.cell_type == "code"]
    assert len(code) == 5
    assert "raise NotImplementedError" in code[1].source and "Definí «x»." in code[1].source
    assert code[2].source == "assert x == 1"
    # Whoever runs it whole reaches the end: what uses a solution fails until it is written.
    stops = [cell.source for cell in code if "raises-exception" not in cell.metadata.get("tags", [])]
    assert stops == ['print("uno")', 'print("tiempo")']
    assert "Antes" not in text(nb) and "Después" not in text(nb) and "Pista" in text(nb)
    assert not any(cell.outputs for cell in code)


def test_a_notebook_with_diagrams_goes_on_without_graphviz(tmp_path):
    page = "# T\n\n```python\nimport keras\nkeras.utils.plot_model(1)\n```\n\n```python\nkeras.utils.plot_model(2)\n```\n"
    chapter = Chapter.parse(page, "p.md", tmp_path)
    empty = CellResult("ok", [])
    nb = notebook.executed(chapter, Execution((empty, empty), PROVENANCE))
    tags = [cell.metadata.get("tags") for cell in nb.cells if cell.cell_type == "code"]
    assert tags == [["preparation"], ["preparation"], None, None], "versions, and the diagrams"


def test_notebooks_are_the_same_from_build_to_build(tmp_path):
    assert make(notebook.todo, tmp_path) == make(notebook.todo, tmp_path)
    assert make(notebook.executed, tmp_path) == make(notebook.executed, tmp_path)


ASKING = """\
# T

Antes.

```{.python quiz}
print(1)
```

- `1`: es uno.
- ``2`3``: no es, ver [esto](otra.md).
- `3`: tampoco
  es.

```{.python data-gaps="64 | relu"}
x = [▢, "▢"]
```

```python
print(x[0])
```
"""


def asking(kind, tmp_path):
    chapter = Chapter.parse(ASKING, "docs/clases/p.md", tmp_path)
    one = {"output_type": "stream", "name": "stdout", "text": "1\n"}
    return kind(chapter, Execution((CellResult("ok", [one]),) * 3, PROVENANCE))


@pytest.mark.parametrize("kind", [notebook.executed, notebook.todo])
def test_a_quiz_asks_before_the_code_and_explains_below_it(kind, tmp_path):
    cells = asking(kind, tmp_path).cells
    assert cells[0].source.endswith("**¿Qué imprime?** Elegí antes de correrlo: `1`, ``2`3`` o `3`.")
    assert cells[1].source == "print(1)" and bool(cells[1].outputs) == (kind is notebook.executed)
    assert cells[2].source == (
        "<details><summary>Por qué</summary>\n\n- `1`: es uno.\n- ``2`3``: no es, ver esto.\n"
        "- `3`: tampoco\n  es.\n\n</details>"
    )


def test_gaps_are_filled_in_one_notebook_and_to_fill_in_the_other(tmp_path):
    done = [c for c in asking(notebook.executed, tmp_path).cells if c.cell_type == "code"]
    assert [c.source for c in done] == ["print(1)", 'x = [64, "relu"]', "print(x[0])"]
    todo = asking(notebook.todo, tmp_path)
    nbformat.validate(todo)
    _, gaps, whole, after = [c for c in todo.cells if c.cell_type == "code"]
    assert gaps.source == '# Completá cada ▢ y corré esta celda.\nx = [▢, "▢"]'
    assert gaps.metadata.tags == ["gaps", "raises-exception"]
    # Whoever goes on without filling them in runs the next one, folded: what follows needs it.
    assert whole.source.endswith('\nx = [64, "relu"]') and whole.metadata.jupyter.source_hidden
    names: dict = {}
    with pytest.raises(SyntaxError):
        exec(gaps.source, names)
    for cell in (whole, after):
        exec(cell.source, names)


# The first cell -------------------------------------------------------------------------

CHECKER = "import numpy as np\n\n\ndef check():\n    return Other()\n\n\nclass Other:\n    pass\n"


@pytest.fixture
def lesson(tmp_path):
    """A page that shows a checker's whole file and uses it."""
    (tmp_path / "snippets" / "c103").mkdir(parents=True)
    (tmp_path / "snippets" / "c103" / "homework.py").write_text(CHECKER, "utf-8")
    text = '# T\n\n```python\nimport keras\n```\n\n```python\n--8<-- "c103/homework.py"\n```\n\n```python\ncheck()\n```\n'
    chapter = Chapter.parse(text, "docs/clases/p.md", tmp_path)
    empty = CellResult("ok", [])
    execution = Execution((empty,) * 3, PROVENANCE | {"keras": "3.15.1"})

    def write(site_url=""):
        nb = notebook.todo(chapter, execution, site_url, "clases/p/")
        return [cell.source for cell in nb.cells if cell.cell_type == "code"]

    return write


def run_cell(code, folder, **names):
    """Run a cell alone, in `folder`, with modules that are not what they seem."""
    env = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    fake = "".join(f"sys.modules[{name!r}] = {value}\n" for name, value in names.items())
    text = f"import sys, types\n{fake}{code}"
    return subprocess.run(
        [sys.executable, "-c", text], cwd=folder, env=env, capture_output=True, text=True, timeout=120
    )


def keras_of(version, backend="tensorflow"):
    return (
        f"types.SimpleNamespace(__version__={version!r}, "
        f"backend=types.SimpleNamespace(backend=lambda: {backend!r}))"
    )


@pytest.mark.parametrize(
    ("fake", "said", "ends_well"),
    [
        (keras_of("3.15.1"), "Tenés Keras 3.15.1 con tensorflow: es lo verificado.", True),
        (keras_of("3.10.0"), "Tenés Keras 3.10.0 con tensorflow: no es lo verificado", True),
        (keras_of("3.15.1", "jax"), "con jax: no es lo verificado", True),
        (keras_of("2.15.0"), "Tenés Keras 2.15.0 y hace falta Keras 3: %pip install", False),
        ("None", "Falta Keras o su backend", False),
    ],
)
def test_the_first_cell_compares_versions(lesson, tmp_path, fake, said, ends_well):
    done = run_cell(lesson()[0], tmp_path, keras=fake)
    assert said in done.stdout + done.stderr
    assert (done.returncode == 0) == ends_well


def test_without_an_address_the_checker_travels_inside(lesson):
    first, _, checker, _ = lesson()
    assert checker == CHECKER.strip() and "urlretrieve" not in first


def test_the_checker_comes_from_the_site_or_from_beside_the_notebook(lesson, tmp_path):
    site, reader = tmp_path / "sitio", tmp_path / "lector"
    for folder in (site / "notebooks" / "descargas" / "clases", reader):
        folder.mkdir(parents=True)
    (site / "notebooks" / "descargas" / "clases" / "homework_103.py").write_text(CHECKER, "utf-8")
    with serving(site) as address:
        first, _, imported, _ = lesson(address + "/")
        assert imported == "from homework_103 import check"
        done = run_cell(first, reader, keras=keras_of("3.15.1"))
        assert done.returncode == 0 and (reader / "homework_103.py").read_text("utf-8") == CHECKER

    (reader / "homework_103.py").write_text("# mío\n", "utf-8")
    done = run_cell(first, reader, keras=keras_of("3.15.1"))
    assert done.returncode == 0 and (reader / "homework_103.py").read_text("utf-8") == "# mío\n"

    (reader / "homework_103.py").unlink()  # and now there is no network
    done = run_cell(first, reader, keras=keras_of("3.15.1"))
    assert "No se pudo bajar homework_103.py" in done.stdout and done.returncode == 0
    assert "ponelo al lado de este notebook" in done.stdout


# On their own ---------------------------------------------------------------------------

#: What a reader's machine lacks, and the data it would download.
READER = f"""
import sys
import wrapt
sys.modules["pydot"] = sys.modules["pygraphviz"] = None
def offline(keras):
    sys.path.insert(0, {str(ROOT)!r})
    from livedocs.data import profiles as datasets
    datasets.install("synthetic")
    sys.path.remove({str(ROOT)!r})
wrapt.register_post_import_hook(offline, "keras")
"""


def run_away_from_home(nb, folder: Path, beside: list[Path]):
    """Run a notebook with `jupyter nbconvert --execute`, as a reader without our tools.

    `beside`: files of `snippets/` that lie next to it.
    """
    startup = folder / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "reader.py").write_text(READER, "utf-8")
    (folder / "n.ipynb").write_text(nbformat.writes(nb), "utf-8")
    for path in beside:
        name = notebook.file_name(path.relative_to(ROOT / "snippets").as_posix())
        shutil.copy(path, folder / name)
    env = {**os.environ, "IPYTHONDIR": str(folder / "ipython"), "TF_CPP_MIN_LOG_LEVEL": "3"}
    env.pop("PYTHONPATH", None)
    done = subprocess.run(
        [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute",
         "--output", "out.ipynb", "--ExecutePreprocessor.kernel_name=python3", "n.ipynb"],
        cwd=folder, env=env, capture_output=True, text=True, timeout=1800,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return nbformat.read(folder / "out.ipynb", 4)


def errors(cell):
    return [o for o in cell.get("outputs", []) if o.output_type == "error"]


@pytest.mark.rerun
@pytest.mark.parametrize("page", with_notebooks(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_notebooks_of_the_site_run_by_themselves(page, tmp_path):
    settings = Settings.load(ROOT)
    chapter = Chapter.load(page, ROOT)
    execution = Executor(settings).run([chapter])[chapter.path]

    # As published: the checker is a file beside the notebook.
    kinds = {"executed": notebook.executed, "todo": notebook.todo}
    site = "https://sitio.example/"
    beside = [ROOT / "snippets" / cell.file for cell in chapter.cells if cell.file]
    with ThreadPoolExecutor() as pool:  # each waits for a process of its own
        runs = {
            name: pool.submit(
                run_away_from_home, kind(chapter, execution, site), tmp_path / name, beside
            )
            for name, kind in kinds.items()
        }
    for cell in runs["executed"].result().cells:
        announced = "raises-exception" in cell.metadata.get("tags", [])
        assert bool(errors(cell)) == announced, cell.source
    for cell in runs["todo"].result().cells:
        tags = cell.metadata.get("tags", [])
        if "solution" in tags:
            (error,) = errors(cell)
            assert error.ename == "NotImplementedError" and len(error.evalue) > 10
        elif "raises-exception" not in tags:
            assert not errors(cell), cell.source


# Colab ----------------------------------------------------------------------------------


def test_colab_opens_a_notebook_that_the_site_publishes(site, config):
    """The path of each link, below the branch, is a file of the built site."""
    home = (site / "index.html").read_text("utf-8")  # a copy of the project has a repository of its own
    repository = re.search(r'<a href="https://github\.com/([^"]+)"[^>]*class="md-source"', home)[1]
    start = f"https://colab.research.google.com/github/{repository}/blob/{config['remote_branch']}/"
    names = [page.relative_to(ROOT / "docs").with_suffix("") for page in with_notebooks()]
    pages = [site / name / "index.html" for name in names]
    assert len(pages) >= 50
    for page in pages:
        links = re.findall(r'href="(https://colab[^"]+/github/[^"]+)"', page.read_text("utf-8"))
        assert len(links) == 1 and links[0].startswith(start), page
        notebook_file = site / links[0].removeprefix(start)
        assert nbformat.read(notebook_file, 4).cells, links[0]


@pytest.mark.slow
def test_the_links_to_the_repository_are_those_of_the_copy(project):
    project.page(
        "clases/uno", "---\ntitle: Uno\nlesson: true\n---\n\n# Uno\n\n```python\nprint(1)\n```\n"
    )
    project.build(REPO_URL="https://github.com/otra/copia")
    html = project.html("clases/uno")
    assert "colab.research.google.com/github/otra/copia/blob/gh-pages/" in html
    assert 'href="https://github.com/otra/copia/edit/main/docs/clases/uno.md"' in html
    assert "https://github.com/otra/copia/issues/new?" in html
    assert "keras-en-vivo/keras-en-vivo" not in html
    assert 'data-md-component="source"' not in html, "el tema le pediría las estrellas a otro servidor"
    project.build(REPO_URL="https://otro.example/x")
    assert "colab.research" not in project.html("clases/uno")
