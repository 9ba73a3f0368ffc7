"""`python -m benchmarks`: measure, and write the result from which the site's page is made.

Contenders take turns, as many rounds as asked; what counts is the median of the ratios of each
round. Each measurement is kept as soon as it is made: if it is cut, the same command goes on.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import signal
import sys
import time
from datetime import date
from pathlib import Path

from benchmarks import machine
from benchmarks.contenders import LESSON, SCALES, Bench, Task
from benchmarks.projects import ROOT, sample
from benchmarks.running import Failed
from benchmarks.store import FORMAT, Store
from livedocs.derived import measured
from livedocs.files import write_if_changed

SECTIONS = {
    "cold": "una muestra del curso, desde cero",
    "lesson": "las pruebas de una lección",
    "warm": "una construcción que no ejecuta nada",
    "scale": f"cursos de {', '.join(map(str, SCALES))} lecciones hechas por una regla",
    "save": "de guardar a ver, con benchmarks/save_and_see.py",
}


def main(arguments=None) -> int:
    """Command line; returns 0, or 1 if something could not be measured."""
    chosen = _parser().parse_args(arguments)
    result = ROOT / measured.RESULTS
    if chosen.show:
        print(measured.told(measured.load(ROOT)))
        return 0
    work = chosen.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    pages = sample(ROOT, chosen.sample)
    commit, changed = machine.commit(ROOT)
    store = Store(work / "partial.json", _what(pages))
    if chosen.fresh:
        store.forget()
    bench = Bench(work, pages, lambda text: _say(f"  … {text}"))
    plan = _plan(bench, chosen)
    if chosen.plan:
        print(*(f"ronda {number}: {task.name}" for number, task in plan), sep="\n")
        return 0
    if (os.getloadavg()[0] if hasattr(os, "getloadavg") else 0) > 0.7:
        _say("Aviso: la máquina está trabajando en otra cosa; las cifras van a salir peores que quieta.")
    broken = _measure(plan, store, work / "logs")
    found = {
        "format": FORMAT,
        "date": date.today().isoformat(),
        "commit": commit,
        "changed": changed,
        "machine": machine.machine(),
        "versions": machine.versions() | bench.rivals(),
        "sample": pages,
        "lesson": LESSON,
        "measured": store.measured(),
    }
    text = json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    write_if_changed(chosen.out.resolve() if chosen.out else result, text.encode())
    print(measured.told(found))
    for name, why in broken.items():
        print(f"no se pudo medir {name}: {why}", file=sys.stderr)
    return 1 if broken else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Mide el motor contra lo que hay y escribe benchmarks/results.json, con el que se "
        "arma la página «Medido». Guarda cada medida: si se corta, el mismo comando sigue.",
    )
    parser.add_argument("--sample", type=int, default=12, help="de cuántas páginas es la muestra (12)")
    parser.add_argument("--rounds", type=int, default=3, help="cuántas veces se mide cada cosa (3)")
    parser.add_argument(
        "--whole",
        action="store_true",
        help="además, el curso entero desde cero: con python y con el motor",
    )
    parser.add_argument(
        "--only", nargs="+", choices=SECTIONS, metavar="PARTE",
        help="solo estas partes: " + "; ".join(f"{name}, {what}" for name, what in SECTIONS.items()),
    )  # fmt: skip
    parser.add_argument("--fresh", action="store_true", help="olvida lo medido antes")
    parser.add_argument("--plan", action="store_true", help="dice qué mediría, y nada más")
    parser.add_argument("--show", action="store_true", help="dice la última medida guardada, y nada más")
    parser.add_argument("--out", type=Path, help="otro archivo para el resultado")
    parser.add_argument(
        "--work", type=Path, default=ROOT / ".cache" / "bench", help="carpeta de trabajo (.cache/bench)"
    )
    return parser


def _what(pages: list[str]) -> str:
    """What a measurement kept from before has to be of, to be of use now."""
    of = [machine.contents(ROOT), machine.versions(), machine.machine()["cpu"], pages]
    return hashlib.sha256(json.dumps(of).encode()).hexdigest()


def _plan(bench: Bench, chosen) -> list[tuple[int, Task]]:
    """What to measure, in order: round by round; in each, whoever was first goes last next time."""
    wanted = chosen.only or SECTIONS
    tasks = [task for name in SECTIONS if name in wanted for task in getattr(bench, name)()]
    if chosen.whole:
        tasks += bench.whole()
    plan = []
    for number in range(1, chosen.rounds + 1):
        for name in dict.fromkeys(task.name.partition("/")[0] for task in tasks):
            mine = [t for t in tasks if t.name.startswith(f"{name}/") and (number == 1 or not t.once)]
            turn = (number - 1) % len(mine) if mine and name != "scale" else 0
            plan += [(number, task) for task in mine[turn:] + mine[:turn]]
    return plan


def _measure(plan: list[tuple[int, Task]], store: Store, logs: Path) -> dict[str, str]:
    """Measure what is not measured yet; return what could not be, with why.

    Who fails once is not tried again in this run.
    """
    broken: dict[str, str] = {}
    for step, (number, task) in enumerate(plan, 1):
        where = f"[{step}/{len(plan)}] {time.strftime('%H:%M')} ronda {number}, {task.name}"
        if store.has(task.name, number):
            _say(f"{where}: ya estaba")
            continue
        if task.name in broken:
            continue
        _say(where)
        log = logs / f"{task.name.replace('/', '-')}-{number}.txt"
        log.parent.mkdir(parents=True, exist_ok=True)
        try:
            done = task.measure(log)
        except Failed as error:
            broken[task.name] = str(error)
            store.put(task.name, number, {"failed": str(error)})
            _say(f"  ✗ {error} ({log})")
            continue
        store.put(task.name, number, done)
        _say(f"  {done['seconds']:.1f} s" + (f", {done['mib']:.0f} MiB" if "mib" in done else ""))
    return broken


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _stopped(*_) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    for sign in (signal.SIGINT, signal.SIGTERM):  # in the background too, where Ctrl-C is not heard
        signal.signal(sign, _stopped)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        _say("\nSe cortó a pedido. Lo medido quedó guardado: el mismo comando sigue desde ahí.")
        sys.exit(130)
    except ValueError as error:
        _say(str(error))
        sys.exit(2)
