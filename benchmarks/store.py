"""What was measured, kept after each measurement: one that is cut goes on from there."""

from __future__ import annotations

import json
from pathlib import Path

from livedocs.files import write_if_changed

#: Of `results.json`; `livedocs/derived/measured.py` reads this one.
FORMAT = 1


class Store:
    """Measurements by name and round, on disk.

    Args:
        path: The file where they are.
        of: What they are of (code, versions); those of anything else are forgotten.
    """

    def __init__(self, path: Path, of: str):
        self.path, self.of = path, of
        self.rounds: dict[str, dict[str, dict]] = {}
        try:
            kept = json.loads(path.read_text("utf-8"))
            if kept["of"] == of:
                self.rounds = kept["rounds"]
        except (OSError, ValueError, KeyError, TypeError):
            pass

    def has(self, name: str, number: int) -> bool:
        """Whether a measurement was made and did not fail."""
        return "failed" not in self.rounds.get(name, {}).get(str(number), {"failed": "no está"})

    def put(self, name: str, number: int, measured: dict) -> None:
        self.rounds.setdefault(name, {})[str(number)] = measured
        self._write()

    def forget(self) -> None:
        self.rounds = {}
        self._write()

    def measured(self) -> dict[str, dict]:
        """What came of each: lists by kind of figure, in the order of the rounds; or why there is none.

        Of one that failed in some rounds, those that did not. A round whose number one name has and
        another lacks stays apart: `rounds` says which ones each has.
        """
        found = {}
        for name, rounds in sorted(self.rounds.items()):
            good = {int(n): each for n, each in rounds.items() if "failed" not in each}
            if not good:
                found[name] = {"failed": next(iter(rounds.values()))["failed"]}
                continue
            kinds = sorted({kind for each in good.values() for kind in each})
            found[name] = {"rounds": sorted(good)} | {
                kind: [good[n].get(kind) for n in sorted(good)] for kind in kinds
            }
        return found

    def _write(self) -> None:
        text = json.dumps({"of": self.of, "rounds": self.rounds}, ensure_ascii=False, indent=1)
        write_if_changed(self.path, text.encode())
