"""`python -m livedocs cache`: what is kept, here and at the shared address, and what can go."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from livedocs.execution.cache import Cache, Entry
from livedocs.execution.key import ExecutionError, key
from livedocs.execution.store import Store, said
from livedocs.pages.chapter import Chapter
from livedocs.settings import Settings

#: Seconds since an entry was last used during which it may be of a run under way.
RECENT = 3600

_AGES = {"h": 3600, "d": 86400, "w": 7 * 86400}
_SIZES = {"": 1, "B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9}


@dataclass(frozen=True)
class _Where:
    """One of the places where executions are kept."""

    name: str
    shared: bool
    place: Cache | Store
    claimed: frozenset[str] = frozenset()


def seconds(text: str) -> float:
    """An age, "30d" for instance, in seconds.

    Raises:
        ValueError: it is none, in Spanish.
    """
    found = re.fullmatch(r"(\d+)([hdw])", text.strip())
    if not found:
        raise ValueError(f"«{text}» no es una edad: van horas, días o semanas, como 12h, 30d o 8w.")
    return int(found[1]) * _AGES[found[2]]


def octets(text: str) -> float:
    """A size, "500MB" for instance, in bytes.

    Raises:
        ValueError: it is none, in Spanish.
    """
    found = re.fullmatch(r"(\d+(?:[.,]\d+)?)\s*([kKMG]?B|)", text.strip())
    if not found:
        raise ValueError(f"«{text}» no es un tamaño: va en kB, MB o GB, como 500MB.")
    return float(found[1].replace(",", ".")) * _SIZES[found[2].upper()]


def report(settings: Settings, chapters: Iterable[Chapter], as_json: bool = False) -> int:
    """Print how many executions each place keeps, what they weigh and of when they are.

    Args:
        chapters: The pages of now, to tell how many of theirs are there.

    Returns:
        The exit status: 1 if a place could not be read.
    """
    wanted = _keys(settings, chapters)
    told, status = [], 0
    for where in _places(settings):
        try:
            entries = where.place.entries()
        except Exception as error:  # whatever the package behind an address raises
            _complain(where, error)
            status = 1
            continue
        told.append(_summary(where, entries, wanted))
    print(json.dumps(told, ensure_ascii=False, indent=1) if as_json else "\n".join(map(_line, told)))
    return status


def prune(
    settings: Settings,
    chapters: Iterable[Chapter],
    *,
    older_than: str | None = None,
    keep: str | None = None,
    shared: bool = False,
    rehearse: bool = False,
) -> int:
    """Remove executions by age, and the least recently used ones beyond a size.

    Those of the pages of now stay, and those that a run may be using.

    Args:
        older_than: As `seconds` reads it; None means whatever their age.
        keep: As `octets` reads it; None means whatever they weigh.
        shared: At the shared address, not in the project's folder.
        rehearse: Say what would go, and remove nothing.

    Returns:
        The exit status: 1 if the place can't be read or written.

    Raises:
        ValueError: what to remove is not said, or there is no such place; in Spanish.
    """
    if older_than is None and keep is None:
        raise ValueError(
            "falta decir qué borrar: --older-than 30d (lo que no se usó en 30 días) o --keep 500MB "
            "(lo más viejo, hasta que pese eso)."
        )
    age = seconds(older_than) if older_than is not None else None
    most = octets(keep) if keep is not None else None
    where = next((where for where in _places(settings) if where.shared == shared), None)
    if where is None:
        raise ValueError("no hay una dirección compartida: decí cuál en LIVEDOCS_CACHE.")
    protected = _keys(settings, chapters) | where.claimed
    gone, weight = 0, 0
    try:
        entries = where.place.entries()
        left = sum(entry.size for entry in entries)
        for entry in _removable(entries, protected, age, most):
            if not rehearse:
                where.place.remove(entry.key)
            gone, weight, left = gone + 1, weight + entry.size, left - entry.size
        if not rehearse and not shared:
            where.place.remove_drafts(time.time() - RECENT)
    except Exception as error:  # whatever the package behind an address raises
        _complain(where, error)
        return 1
    stay = len(entries) - gone
    verb = (
        ("Se borraría" if gone == 1 else "Se borrarían")
        if rehearse
        else ("Se borró" if gone == 1 else "Se borraron")
    )
    print(
        f"{verb} {_executions(gone)} ({_weight(weight)}) de «{where.name}»; "
        f"{'queda' if stay == 1 else 'quedan'} {stay} ({_weight(left)})."
    )
    if most is not None and left > most:
        print(
            f"No se llega a {keep}: lo que queda es de las páginas de ahora, o se usó hace menos de una hora."
        )
    return 0


def _removable(
    entries: list[Entry], protected: set[str], age: float | None, most: float | None
) -> list[Entry]:
    """The entries that may go, the least recently used first."""
    now = time.time()
    left = sum(entry.size for entry in entries)
    found = []
    for entry in entries:
        if entry.key in protected or now - entry.used < RECENT:
            continue
        if (age is not None and now - entry.used > age) or (most is not None and left > most):
            found.append(entry)
            left -= entry.size
    return found


def _places(settings: Settings) -> list[_Where]:
    """The project's folder and, if there is one, the shared address."""
    cache = Cache(settings.cache)
    name = settings.cache.relative_to(settings.root).as_posix()
    found = [_Where(name, False, cache, cache.claimed())]
    if settings.store:
        store = Store(settings.store, print)
        found.append(_Where(store.shown, True, store))
    return found


def _keys(settings: Settings, chapters: Iterable[Chapter]) -> set[str]:
    """Of the pages of now; none where they can't be told."""
    try:
        return {key(chapter, settings) for chapter in chapters if chapter.executed_cells}
    except (ExecutionError, ValueError, OSError) as error:
        raise ValueError(str(error)) from None


def _summary(where: _Where, entries: list[Entry], wanted: set[str]) -> dict:
    times = [
        datetime.fromtimestamp(entry.used).astimezone().isoformat("T", "seconds") for entry in entries
    ]
    return {
        "where": where.name,
        "shared": where.shared,
        "entries": len(entries),
        "bytes": sum(entry.size for entry in entries),
        "oldest": times[0] if times else None,
        "newest": times[-1] if times else None,
        "pages": len(wanted),
        "pages_executed": len(wanted & {entry.key for entry in entries}),
    }


def _line(told: dict) -> str:
    """A summary in words."""
    line = f"{told['where']}: {_executions(told['entries'])}, {_weight(told['bytes'])}"
    if told["oldest"]:
        verb = "se guardó" if told["shared"] else "se usó"
        line += f"; la más vieja {verb} {_day(told['oldest'])}, y la última, {_day(told['newest'])}"
    return f"{line}. De las páginas de ahora están {told['pages_executed']} de {told['pages']}."


def _day(moment: str) -> str:
    day = datetime.fromisoformat(moment).date()
    today = datetime.now().astimezone().date()
    if day == today:
        return "hoy"
    return "ayer" if day == today - timedelta(days=1) else f"el {day.day}/{day.month}/{day.year}"


def _executions(count: int) -> str:
    return "1 ejecución" if count == 1 else f"{count} ejecuciones"


def _weight(size: float) -> str:
    """Bytes, as they are read in Spanish."""
    unit = next((unit for unit in ("GB", "MB", "kB") if size >= _SIZES[unit.upper()]), "B")
    return f"{size / _SIZES[unit.upper()]:.{0 if unit == 'B' else 1}f} {unit}".replace(".", ",")


def _complain(where: _Where, error: Exception) -> None:
    print(f"No se puede usar «{where.name}» ({said(error)}).", file=sys.stderr)
