"""What changed between two records, by what the outputs say.

A table is compared by rows, a text by lines and the numbers in them, a diagram by its graph, a
figure by where its points are, an error by its message. How an output is written, its prose and
what the speed of the machine decides are no difference.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from itertools import zip_longest

from livedocs.derived.differences import pictures
from livedocs.derived.differences.record import Block, Page, Record

#: A number in a text; not one that ends a name, as in `dense_3`.
NUMBER = re.compile(
    r"(?<![\w.])[-+−]?(?:(?:\d{1,3}(?:[,_]\d{3})+(?!\d)|\d+)(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?(?!\w)", re.I
)
#: How alike two blocks are, from 0 to 1, when one is the other after an edit.
_ALIKE = 0.5

#: Lines beyond which those that are everywhere stop counting when two texts are aligned.
_LONG = 1000

#: What came of a line, or a row, of two versions of a text.
SAME, CHANGED, OLD, NEW = "same", "changed", "old", "new"


@dataclass(frozen=True)
class Row:
    """A line of a text or a row of a table in its two versions; "" or () where it isn't there."""

    state: str
    old: str | tuple[str, ...] = ""
    new: str | tuple[str, ...] = ""


@dataclass(frozen=True)
class Change:
    """An output that is not the same.

    Attributes:
        kind: What it is: `text`, `warning`, `error`, `summary`, `diagram` or `figure`; `status`, how
            the block ended; `digest`, if one of the sides does not say what it gave.
        old: The output as the first side has it; None if it has none.
        new: The same of the second.
        rows: Its lines or rows, all of them, if both sides have it.
        said: What changed, in a few Spanish words.
    """

    kind: str
    old: dict | None
    new: dict | None
    rows: tuple[Row, ...] = ()
    said: str = ""


@dataclass(frozen=True)
class BlockChange:
    """A block whose outputs changed, or that only one side has.

    Attributes:
        number: Its place in the page, from 1: in the second side, or in the first if it was removed.
        old: The block in the first side; None if it was added.
        new: The block in the second; None if it was removed.
        changes: What changed of what it gave.
    """

    number: int
    old: Block | None
    new: Block | None
    changes: tuple[Change, ...] = ()

    @property
    def block(self) -> Block:
        return self.new or self.old

    @property
    def recoded(self) -> bool:
        """Whether its code is another too."""
        return bool(self.old and self.new and self.old.code != self.new.code)


@dataclass(frozen=True)
class PageChange:
    """A page whose outputs changed.

    Attributes:
        uri: Its address from `docs/`.
        was: The address it had, if it was renamed.
        old: The page in the first side; None if it was added.
        new: The page in the second; None if it was removed.
        blocks: The blocks that changed, if both sides have it.
    """

    uri: str
    old: Page | None
    new: Page | None
    was: str = ""
    blocks: tuple[BlockChange, ...] = ()

    @property
    def page(self) -> Page:
        return self.new or self.old


@dataclass(frozen=True)
class Difference:
    """Two records and what changed.

    Attributes:
        made: Each version, the data and the seed that changed: its name, as it was, as it is.
        pages: The pages that changed, by address.
        same: How many give the same.
        slight: How many outputs differ by no more than the tolerance.
    """

    old: Record
    new: Record
    made: tuple[tuple[str, str, str], ...] = ()
    pages: tuple[PageChange, ...] = ()
    same: int = 0
    slight: int = 0

    def __bool__(self) -> bool:
        return bool(self.pages)


@dataclass
class _Comparison:
    tolerance: float
    slight: int = 0  # outputs that differ by less


def compare(old: Record, new: Record, tolerance: float = 0.0) -> Difference:
    """What changed from one record to another.

    Args:
        old: The first side.
        new: The second.
        tolerance: How much two numbers may differ, in proportion to the larger one, and count as
            the same: 0.001 forgives a tenth of one per cent.
    """
    comparison = _Comparison(tolerance)
    renamed = _renamed(old, new)
    changed, same = [], 0
    for uri in sorted(old.pages.keys() | new.pages.keys()):
        if uri in renamed.values():
            continue
        was = renamed.get(uri, "")
        before, after = old.pages.get(was or uri), new.pages.get(uri)
        blocks = _blocks(before, after, comparison) if before and after else ()
        if before is None or after is None or blocks or was:
            changed.append(PageChange(uri, before, after, was, blocks))
        else:
            same += 1
    return Difference(old, new, _made(old, new), tuple(changed), same, comparison.slight)


def _made(old: Record, new: Record) -> tuple[tuple[str, str, str], ...]:
    told = [
        (name, ", ".join(old.made[name]), ", ".join(new.made[name]))
        for name in old.made
        if set(old.made[name]) != set(new.made[name])
    ]
    if old.seed != new.seed:
        told.append(("seed", str(old.seed), str(new.seed)))
    return tuple(told)


def _renamed(old: Record, new: Record) -> dict[str, str]:
    """Pages that only moved: from where they are to where they were."""
    gone = {uri: page for uri, page in old.pages.items() if uri not in new.pages}
    found = {}
    for uri in sorted(new.pages.keys() - old.pages.keys()):
        codes = [block.code or block.digest for block in new.pages[uri].blocks]
        was = next(
            (w for w, page in gone.items() if [b.code or b.digest for b in page.blocks] == codes), ""
        )
        if was:
            found[uri] = was
            del gone[was]
    return found


# Blocks -------------------------------------------------------------------------------


def _blocks(old: Page, new: Page, comparison: _Comparison) -> tuple[BlockChange, ...]:
    if old.outputs == new.outputs and len(old.blocks) == len(new.blocks):
        return ()
    found = []
    for before, after in _paired(old.blocks, new.blocks):
        number = (after if after is not None else before) + 1
        earlier = old.blocks[before] if before is not None else None
        later = new.blocks[after] if after is not None else None
        if earlier is None or later is None:
            found.append(BlockChange(number, earlier, later))
        elif changes := _changes(earlier, later, comparison):
            found.append(BlockChange(number, earlier, later, changes))
    return tuple(found)


def _paired(old: tuple[Block, ...], new: tuple[Block, ...]) -> list[tuple[int | None, int | None]]:
    """Which block of one page is which of the other: by their code, or by place if it isn't kept."""
    if any(block.shown is None for block in (*old, *new)):
        return list(zip_longest(range(len(old)), range(len(new))))
    matcher = difflib.SequenceMatcher(None, [b.code for b in old], [b.code for b in new], autojunk=False)
    pairs: list[tuple[int | None, int | None]] = []
    for tag, start, end, begin, finish in matcher.get_opcodes():
        if tag == "equal":
            pairs += zip(range(start, end), range(begin, finish), strict=True)
            continue
        waiting = list(range(start, end))
        for after in range(begin, finish):
            alike = next((b for b in waiting if _alike(old[b].code, new[after].code)), None)
            if alike is None:
                pairs.append((None, after))
                continue
            place = waiting.index(alike)
            pairs += [(gone, None) for gone in waiting[:place]]
            pairs.append((alike, after))
            del waiting[: place + 1]
        pairs += [(gone, None) for gone in waiting]
    return pairs


def _alike(old: str, new: str) -> bool:
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE


def _changes(old: Block, new: Block, comparison: _Comparison) -> tuple[Change, ...]:
    if old.digest == new.digest:
        return ()
    if old.shown is None or new.shown is None:
        return (Change("digest", None, None, said="da otra cosa; un lado no guarda las salidas"),)
    changes = []
    if (old.status, old.reason) != (new.status, new.reason):
        said = new.reason or ("antes fallaba" if new.status == "ok" else "ahora no se ejecuta")
        changes.append(Change("status", None, None, said=said))
    if old.volatile or new.volatile:
        return tuple(changes)
    kinds = [[item["kind"] for item in block.shown] for block in (old, new)]
    matcher = difflib.SequenceMatcher(None, *kinds, autojunk=False)
    for tag, start, end, begin, finish in matcher.get_opcodes():
        if tag == "equal":
            for before, after in zip(old.shown[start:end], new.shown[begin:finish], strict=True):
                if before != after and (change := _change(before, after, comparison)):
                    changes.append(change)
            continue
        changes += [Change(i["kind"], i, None, said="ya no está") for i in old.shown[start:end]]
        changes += [Change(i["kind"], None, i, said="es nueva") for i in new.shown[begin:finish]]
    return tuple(changes)


# Outputs ------------------------------------------------------------------------------


def _change(old: dict, new: dict, comparison: _Comparison) -> Change | None:
    """What changed of two outputs of one kind that are not equal; None if nothing that counts."""
    kind = old["kind"]
    if kind == "summary":
        return _summary(old, new)
    if kind == "diagram":
        return _diagram(old, new)
    if kind == "figure":
        said = pictures.difference(old, new)
        return Change(kind, old, new, said=said) if said else None
    before, after = (f"{i['name']}: {i['text']}" if kind == "error" else i["text"] for i in (old, new))
    rows = lines(before, after)
    if all(row.state == SAME for row in rows):
        return None
    if all(row.state == SAME or _near(row.old, row.new, comparison.tolerance) for row in rows):
        comparison.slight += 1
        return None
    return Change(kind, old, new, rows, _said_of_lines(rows))


def lines(old: str, new: str) -> tuple[Row, ...]:
    """The lines of two texts: those that differ in their numbers only are one, changed."""
    sides = [[line.rstrip() for line in text.split("\n")] for text in (old, new)]
    bare = [[skeleton(line) for line in side] for side in sides]
    rows = []
    matcher = difflib.SequenceMatcher(None, *bare, autojunk=max(map(len, bare)) > _LONG)
    for tag, start, end, begin, finish in matcher.get_opcodes():
        before, after = sides[0][start:end], sides[1][begin:finish]
        if tag == "equal":
            for one, other in zip(before, after, strict=True):
                same = " ".join(one.split()) == " ".join(other.split())
                rows.append(Row(SAME if same else CHANGED, one, other))
            continue
        rows += [Row(OLD, line) for line in before]
        rows += [Row(NEW, "", line) for line in after]
    return tuple(rows)


def skeleton(text: str) -> str:
    """A line without its numbers, nor how many spaces align them."""
    return " ".join(NUMBER.sub("#", text).split())


def numbers(row: Row) -> list[tuple[str, str]]:
    """The numbers of a changed line that are others, as they were and as they are."""
    pairs = zip(NUMBER.findall(row.old), NUMBER.findall(row.new), strict=True)
    return [(old, new) for old, new in pairs if old != new]


def value(number: str) -> float:
    """What a number that :data:`NUMBER` found is worth."""
    return float(number.replace(",", "").replace("_", "").replace("−", "-"))


def _near(old: str, new: str, tolerance: float) -> bool:
    if not tolerance or skeleton(old) != skeleton(new):
        return False
    pairs = [(value(a), value(b)) for a, b in numbers(Row(CHANGED, old, new))]
    return all(abs(a - b) <= tolerance * max(abs(a), abs(b)) for a, b in pairs)


def _said_of_lines(rows: tuple[Row, ...]) -> str:
    apart = [row for row in rows if row.state != SAME]
    if [row.state for row in apart] == [OLD, NEW]:
        return f"«{apart[0].old.strip()}» → «{apart[1].new.strip()}»"
    moved = [pair for row in rows if row.state == CHANGED for pair in numbers(row)]
    parts = []
    if moved:
        (old, new), *others = moved
        more = f" y otros {len(others)} números" if len(others) > 1 else " y otro número"
        parts.append(f"{old} → {new}{more if others else ''}")
    for state, one, many in (
        (OLD, "una línea menos", "{} líneas menos"),
        (NEW, "una línea más", "{} líneas más"),
    ):
        if count := sum(row.state == state for row in rows):
            parts.append(one if count == 1 else many.format(count))
    return ", ".join(parts)


def _summary(old: dict, new: dict) -> Change | None:
    before, after = old["data"], new["data"]
    if before == after:
        return None
    rows = (
        [] if before["columns"] == after["columns"] else _cells([before["columns"]], [after["columns"]])
    )
    rows += _cells(before["rows"], after["rows"]) + _cells(before["totals"], after["totals"])
    if before["title"] != after["title"]:
        rows.insert(0, Row(CHANGED, (before["title"],), (after["title"],)))
    parts = []
    for row in rows:
        if row.state == CHANGED:
            name = row.new[0]
            parts += [
                f"{name}: {a or 'nada'} → {b or 'nada'}"
                for a, b in zip_longest(row.old, row.new, fillvalue="")
                if a != b
            ]
        elif row.state != SAME:
            parts.append(f"{'sin' if row.state == OLD else 'con'} {(row.old or row.new)[0]}")
    more = f" y {len(parts) - 2} cambios más" if len(parts) > 3 else ""
    shown = parts[:2] if more else parts
    return Change("summary", old, new, tuple(rows), "; ".join(shown) + more)


def _cells(old: list, new: list) -> list[Row]:
    """The rows of two tables, those with the same first cell side by side."""
    before, after = [tuple(map(str, row)) for row in old], [tuple(map(str, row)) for row in new]
    rows = []
    for tag, start, end, begin, finish in difflib.SequenceMatcher(
        None, [row[0] for row in before], [row[0] for row in after], autojunk=False
    ).get_opcodes():
        if tag == "equal":
            pairs = zip(before[start:end], after[begin:finish], strict=True)
            rows += [Row(SAME if one == other else CHANGED, one, other) for one, other in pairs]
            continue
        rows += [Row(OLD, row, ()) for row in before[start:end]]
        rows += [Row(NEW, (), row) for row in after[begin:finish]]
    return rows


def _diagram(old: dict, new: dict) -> Change | None:
    """Two diagrams: by the graph that they tell, and by what is written on them."""
    if old["alt"] == new["alt"] and pictures.labels(old["data"]) == pictures.labels(new["data"]):
        return None
    rows = tuple(
        row
        for row in lines(*(re.sub(r"(?<=[;:.]) ", "\n", each["alt"]) for each in (old, new)))
        if row.state != SAME
    )
    return Change("diagram", old, new, rows, _said_of_lines(rows) or "se dibuja con otros textos")
