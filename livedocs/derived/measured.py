"""What `benchmarks/` measured last, as tables for the page that tells it: no figure is typed there.

A place of a page, `<!-- medido: objetivos -->`, gets the table with that name. Times are kept in
rounds: a ratio is the median of those of each round, in which both were measured one after the other.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

RESULTS = "benchmarks/results.json"
#: Of the file; `benchmarks/store.py` writes this one.
FORMAT = 1
#: Twice the course has to take twice the time: what one more lesson may cost in a big course, in
#: times of what it costs in a small one, to call that linear.
LINEAR = 1.2

_PLACE = re.compile(r"<!-- medido: ([a-z-]+) -->")
_MEASURE = "`make bench`"
_NOTHING = "sin medir"
_UNMEASURED = f"*Todavía no se midió: corré {_MEASURE}.*"

#: Who appears in a table, and how it is called there.
_COLD = {
    "plain": "Python solo, una página tras otra",
    "run": "Este motor: ejecutar",
    "build": "Este motor: ejecutar y construir el sitio",
    "tests-and-build": "Este motor: pruebas y sitio",
    "nbconvert": "`nbconvert --execute`",
    "mkdocs-jupyter": "MkDocs con `mkdocs-jupyter` y `execute: true`",
    "jupyter-book": "Jupyter Book 1",
    "mystmd": "MyST (`mystmd`)",
}
_WHOLE = {name: _COLD[name] for name in ("plain", "run", "tests-and-build")}
_WARM = {
    "course-ours": "El curso, con este motor",
    "course-alone": "El curso, MkDocs con el motor apagado",
    "sample-ours": "La muestra, con este motor",
    "sample-alone": "La muestra, MkDocs con el motor apagado",
    "sample-jupyter-book": "La muestra, Jupyter Book 1",
}
_LESSON = {"stock": "pytest-markdown-docs, con `continuation`", "ours": "Este motor"}
_SAVED = {"prose": "Prosa", "code": "Código"}


class _Result:
    """A result as it was written, read by name."""

    def __init__(self, found: dict):
        self.found = found
        self.measured: dict[str, dict] = found["measured"]

    def seconds(self, name: str) -> float | None:
        return self.middle(name, "seconds")

    def middle(self, name: str, kind: str) -> float | None:
        """The median of a figure; None if there is none."""
        known = [each for each in self.measured.get(name, {}).get(kind, ()) if each is not None]
        return median(known) if known else None

    def ratio(self, one: str, other: str, kind: str = "seconds") -> float | None:
        """How many times the other one takes: the median of the rounds that both have."""
        ones, others = self._by_round(one, kind), self._by_round(other, kind)
        both = [ones[n] / others[n] for n in ones if others.get(n)]
        return median(both) if both else None

    def _by_round(self, name: str, kind: str) -> dict[int, float]:
        mine = self.measured.get(name, {})
        return dict(zip(mine.get("rounds", ()), mine.get(kind, ()), strict=True))

    def why_not(self, name: str) -> str:
        """What to say where a figure would be."""
        why = self.measured.get(name, {}).get("failed")
        return f"no se pudo: {_cell(why)}" if why else _NOTHING

    def per_lesson(self, kind: str, fewer: int, more: int) -> float | None:
        """Seconds that each lesson adds between two sizes of course."""
        start, end = self.seconds(f"scale/{fewer}-{kind}"), self.seconds(f"scale/{more}-{kind}")
        return None if start is None or end is None else (end - start) / (more - fewer)

    @property
    def scales(self) -> list[int]:
        return sorted({int(m[1]) for name in self.measured if (m := re.match(r"scale/(\d+)-", name))})

    def growth(self, kind: str) -> float | None:
        """What a lesson adds to a big course, in times of what it adds to a small one."""
        if len(sizes := self.scales) < 3:
            return None
        small, big = self.per_lesson(kind, *sizes[:2]), self.per_lesson(kind, *sizes[-2:])
        return big / small if big is not None and small and small > 0 else None

    def saved(self, kind: str) -> dict[str, dict[str, float]]:
        """The median and the worst seconds from a save to what it changes, by size of course."""
        told = next((t for t in self.measured.get("save/see", {}).get("told", ()) if t), {})
        sizes = told.get(kind) if isinstance(told, dict) else None
        return {
            str(size): each
            for size, each in (sizes.items() if isinstance(sizes, dict) else ())
            if isinstance(each, dict)
            and all(isinstance(each.get(k), int | float) for k in ("median", "worst"))
        }


@dataclass(frozen=True)
class Target:
    """Something promised.

    Attributes:
        what: Of what, in Spanish.
        most: The most it may be.
        value: What was measured; None if it was not.
        unit: "×", "s" or "MiB".
    """

    what: str
    most: float
    value: float | None
    unit: str = "×"

    @property
    def met(self) -> bool:
        return self.value is not None and self.value <= self.most

    @property
    def verdict(self) -> str:
        return _NOTHING if self.value is None else "se cumple" if self.met else "**no se cumple**"


def load(root: Path) -> dict | None:
    """The last result of a project; None if nothing was measured there.

    Raises:
        ValueError: it can't be read, in Spanish with file and line.
    """
    path = root / RESULTS
    if not path.is_file():
        return None
    try:
        found = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        raise ValueError(f"{RESULTS}:{line}: no es JSON válido; volvé a medir con make bench.") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT or "measured" not in found:
        raise ValueError(f"{RESULTS}:1: es de otra versión; volvé a medir con make bench.")
    return found


def fills(body: str, path: str, root: Path) -> dict[str, str]:
    """What goes in the place of each comment that asks for a table.

    Args:
        body: A page's Markdown, perhaps without its front matter.
        path: Its file, from `root`.
        root: The project, where the result is.

    Raises:
        ValueError: as :func:`load`, or a table is asked for that does not exist.
    """
    found = load(root)
    put = {}
    for match in _PLACE.finditer(body):
        if match[1] not in _TABLES:
            lines = (root / path).read_text("utf-8-sig").splitlines()
            line = next((n for n, text in enumerate(lines, 1) if match[0] in text), 1)
            raise ValueError(
                f"{path}:{line}: no hay una tabla «{match[1]}» de lo medido; hay {', '.join(_TABLES)}."
            )
        put[match[0]] = _TABLES[match[1]](_Result(found)) if found else _UNMEASURED
    return put


def targets(found: dict) -> list[Target]:
    """What the project promises of its times, with what was measured."""
    r = _Result(found)
    # Of the whole course if it was measured; else, of the sample.
    of = "whole" if r.seconds("whole/run") else "cold"
    which = "el curso" if of == "whole" else "la muestra"
    last = r.scales[-1] if r.scales else 400
    listed = [
        Target(f"Ejecutar {which} desde cero, contra Python solo", 0.45, r.ratio(f"{of}/run", f"{of}/plain")),
        Target(
            f"Pruebas y sitio de {which}, contra ejecutar una vez", 1.1,
            r.ratio(f"{of}/tests-and-build", f"{of}/run"),
        ),
        Target(
            "Construir el curso ya ejecutado, contra MkDocs solo", 1.5,
            r.ratio("warm/course-ours", "warm/course-alone"),
        ),
        Target(
            "Probar una lección, contra pytest-markdown-docs", 0.3, r.ratio("lesson/ours", "lesson/stock")
        ),
        Target("Una lección más en un curso grande: desde cero", LINEAR, r.growth("cold")),
        Target("Una lección más en un curso grande: ya ejecutado", LINEAR, r.growth("warm")),
        Target(f"Memoria al construir {last} lecciones ya ejecutadas", 1024, r.middle(f"scale/{last}-warm", "mib"), "MiB"),
    ]  # fmt: skip
    for size, each in r.saved("prose").items():
        listed.append(Target(f"Ver la prosa guardada ({_size(size)}), mediana", 1, each["median"], "s"))
    for size, each in r.saved("code").items():
        listed.append(Target(f"Ver el código guardado ({_size(size)}), mediana", 3, each["median"], "s"))
        listed.append(Target(f"Ver el código guardado ({_size(size)}), el peor", 8, each["worst"], "s"))
    return listed


def told(found: dict | None) -> str:
    """The targets and what was measured, in lines for a terminal."""
    if found is None:
        return "Todavía no se midió: corré make bench."
    return "\n".join(
        f"{t.what}: {_amount(t.value, t.unit)} (objetivo, {_amount(t.most, t.unit)}): {t.verdict.strip('*')}"
        for t in targets(found)
    )


# Tables -----------------------------------------------------------------------------------


def _targets(r: _Result) -> str:
    rows = [
        [t.what, f"hasta {_amount(t.most, t.unit)}", _amount(t.value, t.unit), t.verdict]
        for t in targets(r.found)
    ]
    return _table(["Qué", "Objetivo", "Medido", ""], rows)


def _against(section: str, names: dict[str, str], base: str, than: str) -> Callable[[_Result], str]:
    """A table of seconds and of ratios to one of the contenders."""

    def table(r: _Result) -> str:
        rows = []
        for name, called in names.items():
            took = r.seconds(f"{section}/{name}")
            if took is None:
                rows.append([called, r.why_not(f"{section}/{name}"), "–"])
                continue
            of = r.ratio(f"{section}/{name}", f"{section}/{base}")
            rows.append([called, _time(took), _amount(of, "×")])
        return _table(["Quién", "Tiempo", than], rows)

    return table


def _warm(r: _Result) -> str:
    rows = []
    for name, called in _WARM.items():
        took = r.seconds(key := f"warm/{name}")
        if took is None:
            rows.append([called, r.why_not(key), "–", "–"])
            continue
        base = f"warm/{name.partition('-')[0]}-alone"
        pages = r.middle(key, "pages")
        rows.append([called, _time(took), _amount(r.ratio(key, base), "×"), _number(pages or 0, 0)])
    return _table(["Qué", "Tiempo", "Contra MkDocs solo", "Páginas que hace"], rows)


def _growth(r: _Result) -> str:
    rows = []
    for size in r.scales:
        cold, warm, alone = (f"scale/{size}-{kind}" for kind in ("cold", "warm", "alone"))
        rows.append(
            [
                str(size), *(_time(r.seconds(name)) for name in (cold, warm, alone)),
                *(_number(r.middle(name, "mib"), 0) for name in (cold, warm, alone)),
                _number(r.middle(warm, "site_mib"), 0), _number(r.middle(warm, "kept_mib"), 0),
            ]
        )  # fmt: skip
    head = [
        "Lecciones", "Desde cero", "Ya ejecutado", "MkDocs solo",
        "MiB desde cero", "MiB ya ejecutado", "MiB MkDocs solo", "MiB del sitio", "MiB guardados",
    ]  # fmt: skip
    return _table(head, rows)


def _each_lesson(r: _Result) -> str:
    """What one more lesson costs, between each size and the next."""
    kinds = {"cold": "Desde cero", "warm": "Ya ejecutado", "alone": "MkDocs solo"}
    sizes = r.scales
    steps = list(itertools.pairwise(sizes))
    rows = []
    for kind, called in kinds.items():
        each = [r.per_lesson(kind, *step) for step in steps]
        shown = [_NOTHING if one is None else f"{_number(1000 * one, 0)} ms" for one in each]
        rows.append([called, *shown, _amount(r.growth(kind), "×")])
    return _table(["Qué", *(f"De {a} a {b}" for a, b in steps), "La última contra la primera"], rows)


def _saved(r: _Result) -> str:
    rows = []
    for kind, called in _SAVED.items():
        for size, each in r.saved(kind).items():
            rows.append(
                [called, _size(size), f"{_number(each['median'])} s", f"{_number(each['worst'])} s"]
            )
    if not rows:
        why = r.measured.get("save/see", {}).get("failed")
        return f"*Sin medir{': ' + _cell(why) if why else ''}.*"
    return _table(["Qué se guarda", "Dónde", "Mediana", "El peor"], rows)


def _machine(r: _Result) -> str:
    at, made = r.found["machine"], r.found["versions"]
    cores = f"{at['cores']} núcleos" if at["cores"] != 1 else "1 núcleo"
    if at["usable"] != at["cores"]:
        cores += f", de los que se pudo usar {at['usable']}"
    changed = " con cambios sin guardar" if r.found["changed"] else ""
    rounds = max((len(m.get("rounds", ())) for m in r.measured.values()), default=0)
    lines = [
        f"- **Cuándo**: {r.found['date']}, en el commit `{r.found['commit'] or 'desconocido'}`{changed}.",
        f"- **Dónde**: {at['cpu']}, {cores}, {_number(at['memory_gib'], 0)} GiB de memoria, {at['system']}.",
        f"- **Con qué**: {', '.join(f'{_NAMES.get(name, name)} {number}' for name, number in made.items())}.",
        f"- **Cuántas veces**: {rounds}, por turnos, salvo el curso entero y lo de guardar y ver, que van una vez.",
    ]
    return "\n".join(lines)


def _sample(r: _Result) -> str:
    took = next((m for m in r.measured.get("cold/plain", {}).get("by_page", ()) if m), {})
    rows = [
        [f"`{uri.removesuffix('.md')}`", _time(took.get(f"docs/{uri}"))] for uri in r.found["sample"]
    ]
    return _table(["Página", "Python solo"], rows)


_NAMES = {"python": "Python", "keras": "Keras", "tensorflow": "TensorFlow", "numpy": "NumPy",
          "mkdocs": "MkDocs", "mkdocs-material": "Material"}  # fmt: skip

_TABLES: dict[str, Callable[[_Result], str]] = {
    "objetivos": _targets,
    "curso": _against("whole", _WHOLE, "plain", "Contra Python solo"),
    "desde-cero": _against("cold", _COLD, "plain", "Contra Python solo"),
    "pruebas": _against("lesson", _LESSON, "stock", "Contra pytest-markdown-docs"),
    "ya-ejecutado": _warm,
    "crecimiento": _growth,
    "cada-leccion": _each_lesson,
    "guardar": _saved,
    "maquina": _machine,
    "muestra": _sample,
}


def _table(head: list[str], rows: list[list[str]]) -> str:
    if not rows:
        return f"*Sin medir: corré {_MEASURE}.*"
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    """A text of a program in a cell: nothing in it is Markdown or HTML."""
    clean = re.sub(r"[|`<>\\*\[\]\s]+", " ", text).strip()
    return clean[:120].rstrip(" .")


def _size(size: str) -> str:
    return f"{size} páginas" if size.isdigit() else "el curso"


def _number(value: float | None, decimals: int = 2) -> str:
    if value is None:
        return _NOTHING
    text = f"{value:,.{decimals}f}"
    return text.replace(",", "\u00a0").replace(".", ",")


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return _NOTHING
    decimals = 0 if unit == "MiB" else 2
    return f"{_number(value, decimals)} {unit}"


def _time(seconds: float | None) -> str:
    if seconds is None:
        return _NOTHING
    if seconds < 100:
        return f"{_number(seconds, 1)} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"
