"""Lessons made by a rule, as many as asked: how the engine grows is measured with them.

Each is a whole lesson, with its parts, a quiz and an exercise, whose blocks only print and use
NumPy; no two have the same code, so that nothing of one serves another. The n-th is the same
however many are made.

`python -m benchmarks.lessons FOLDER COUNT` writes a project that can be built and served.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import yaml

from benchmarks.projects import ROOT, with_hook_of, without_nav

#: Lessons of a class.
CLASS = 10
FIRST_CLASS = 201

_INDEX = """---
title: Clase {number} — Lecciones de medida {number}
description: Diez lecciones hechas por una regla, para medir el motor.
part: Medida
source: Ninguna; es de medida.
---

# Clase {number}: lecciones de medida { #clase }

## Objetivo { #objetivo }

Medir cuánto tarda el motor con un curso de este tamaño.

## Resultados de aprendizaje { #resultados }

- Ninguno: nadie la estudia.

## Antes de empezar { #requisitos }

Nada.

## Lecciones { #lecciones }

<!-- lecciones -->

## Puntos clave { #puntos-clave }

- Todas tienen los mismos bloques, con otros números.

## Referencias { #referencias }

Ninguna.

## Siguiente clase { #siguiente }

No hay.
"""

_LESSON = """---
title: Medida {number}
description: La lección {number} de las que se hacen para medir.
lesson: true
---

# Medida {number} { #medida }

La lección {number} arma un vector, lo transforma y mira qué quedó. Sus bloques son livianos a
propósito: lo que se mide es el motor, no NumPy. La prosa tiene el largo de la de una lección, con
**negritas**, `código` y [un enlace a su clase](index.md).

## Preparar { #preparar }

```python
import numpy as np

start = {number}
values = np.arange(start, start + 12)
print(values)
```

Son doce enteros seguidos, desde {number}. Todo lo que sigue sale de ellos, así que si cambiás el
primero cambia la página entera.

## Una forma { #forma }

¿Qué forma tiene la tabla que se arma con esos doce valores? Las filas van primero.

```python
table = values.reshape(3, 4)
print(table)
print(table.shape)
```

```{.python quiz}
print(table.T.shape)
```

- `(4, 3)`: trasponer cambia filas por columnas.
- `(3, 4)`: esa es la forma de antes de trasponer.
- `(12,)`: esa es la forma del vector, antes de la tabla.

La traspuesta no copia nada: son los mismos números, leídos en otro orden.

## Sumar por eje { #ejes }

Con `axis=0` se suma hacia abajo y queda un número por columna; con `axis=1`, uno por fila.

```python
by_column = table.sum(axis=0)
by_row = table.sum(axis=1)
print(by_column)
print(by_row)
```

```python
assert by_column.sum() == by_row.sum()
print(by_row.sum())
```

Las dos sumas tienen que dar lo mismo, porque cada número entra una vez en cada una.

## Normalizar { #normalizar }

```python
scaled = (table - table.mean()) / table.std()
print(scaled.round(2))
```

```{.python data-raises="ValueError"}
table.reshape(5, {number} + 3)
```

Doce valores no llenan cinco filas: NumPy lo dice con un `ValueError`, y la página sigue.

/// note | Para tener en cuenta
La media de lo normalizado es cero, salvo por el redondeo.
///

## Ejercicio 1: la mayor de cada fila { #ejercicio-1 }

Guardá en `largest` el mayor valor de cada fila de `table`.

/// details | Pista
    type: hint

Es una reducción por eje, como la suma.

///

/// details | Solución
    type: solution

```{.python data-todo="largest = ..."}
largest = table.max(axis=1)
print(largest)
```

///

```{.python check}
told = "Tiene que haber un valor por fila."
assert largest.shape == (3,), told
print("Está bien: medida {number}")
```
"""


def lesson(number: int) -> str:
    """The Markdown of the n-th lesson, counted from 1."""
    return _LESSON.replace("{number}", str(number))


def lessons(count: int) -> dict[str, str]:
    """The Markdown of each page of a course of so many lessons, by its address from `docs/`."""
    pages = {}
    for number in range(1, count + 1):
        of = FIRST_CLASS + (number - 1) // CLASS
        folder = f"clases/{of}-medida"
        if (number - 1) % CLASS == 0:
            pages[f"{folder}/index.md"] = _INDEX.replace("{number}", str(of))
        pages[f"{folder}/medida-{number:03}.md"] = lesson(number)
    units = sorted({uri.rpartition("/")[0] for uri in pages})
    courses = [{"page": unit, "what": "medir el motor"} for unit in units]
    head = yaml.safe_dump({"title": "Medida", "courses": courses}, allow_unicode=True, sort_keys=False)
    return {"index.md": f"---\n{head}---\n\n# Medida {{ #medida }}\n"} | pages


def project(folder: Path, count: int) -> Path:
    """Write a project with so many lessons: our theme and engine, and a menu with every page.

    Args:
        folder: Where; what was there goes.
        count: How many lessons.
    """
    if folder.exists():
        shutil.rmtree(folder)
    shutil.copytree(ROOT / "docs" / "assets", folder / "docs" / "assets")
    shutil.copytree(ROOT / "overrides", folder / "overrides")
    (folder / "snippets").mkdir()
    shutil.copy(ROOT / "pyproject.toml", folder)
    nav: dict[str, list[str]] = {}
    for uri, text in lessons(count).items():
        page = folder / "docs" / uri
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, "utf-8")
        if "/" in uri:
            nav.setdefault(Path(uri).parent.name, []).append(uri)
    menu = [
        {"Inicio": "index.md"},
        {"Clases": [{f"Clase {name[:3]}": uris} for name, uris in nav.items()]},
    ]
    config = without_nav((ROOT / "mkdocs.yml").read_text("utf-8"))
    config += yaml.safe_dump({"nav": menu}, allow_unicode=True, sort_keys=False)
    (folder / "mkdocs.yml").write_text(with_hook_of(ROOT, config), "utf-8")
    return folder


if __name__ == "__main__":
    if len(sys.argv) != 3 or not sys.argv[2].isdigit():
        sys.exit("Uso: python -m benchmarks.lessons CARPETA CUÁNTAS")
    print(project(Path(sys.argv[1]), int(sys.argv[2])))
