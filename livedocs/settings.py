"""Where the project is and the limits of a run: `pyproject.toml` and the environment decide."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path

from livedocs.environment import find_root

#: What a field is called in `pyproject.toml` and the environment, where it isn't by its own name.
_OUTSIDE = {"store": "cache"}

#: Settings, by those names, that are no whole numbers.
_TEXTS = frozenset(["data", "cache", "scheduler"])


@dataclass(frozen=True)
class Settings:
    """How chapters are executed.

    Attributes:
        root: Folder of the project; pages are named relative to it.
        data: Data profile: "synthetic", "official" or a folder of `.npz` files.
        jobs: Chapters executed at the same time; 0 means one more than the cores, since each
            waits now and then.
        block_seconds: Time limit of one block.
        chapter_seconds: Time limit of all the blocks of a chapter.
        memory_mb: Resident memory that a chapter's kernel may use, in MiB.
        output_kb: What one block may show (text, figures, errors), in KiB.
        seed: Seed set before the first block of each chapter.
        warm: Whether kernels are forked, where that is safe, from a process that has imported
            the libraries (1), or all start from nothing (0). It changes the time, no output.
        store: Where executions are shared with other machines: a folder or an address that fsspec
            opens; "" means nowhere. Called `cache` in `pyproject.toml`, `LIVEDOCS_CACHE` outside.
        scheduler: The address of the Dask cluster that executes; "" means this machine.
    """

    root: Path
    data: str = "synthetic"
    jobs: int = 0
    block_seconds: int = 120
    chapter_seconds: int = 900
    memory_mb: int = 6144
    output_kb: int = 512
    seed: int = 42
    warm: int = 1
    store: str = ""
    scheduler: str = ""

    @property
    def docs(self) -> Path:
        return self.root / "docs"

    @property
    def build(self) -> Path:
        """What the engine makes. Not `.cache`: some generators empty that one."""
        return self.root / ".livedocs"

    @property
    def cache(self) -> Path:
        """Where this project keeps its executions, whether it shares them or not."""
        return self.build / "executions"

    @property
    def workers(self) -> int:
        return self.jobs or (os.cpu_count() or 1) + 1

    def pages(self) -> list[Path]:
        """Every Markdown page under `docs/` but the hidden ones, which no site shows, by name."""
        found = (path.relative_to(self.docs) for path in self.docs.rglob("*.md"))
        return sorted(
            self.docs / path for path in found if not any(part.startswith(".") for part in path.parts)
        )

    @classmethod
    def load(cls, root: Path | None = None) -> Settings:
        """Defaults, then `[tool.livedocs]`, then `LIVEDOCS_<NAME>`.

        Raises:
            ValueError: an unknown setting or a limit that is not a whole number, in Spanish.
        """
        root = (root or find_root(Path.cwd())).resolve()
        project = root / "pyproject.toml"
        table = {}
        if project.is_file():
            table = tomllib.loads(project.read_text("utf-8")).get("tool", {}).get("livedocs", {})
        known = {_OUTSIDE.get(f.name, f.name) for f in fields(cls)} - {"root"}
        if unknown := set(table) - known:
            raise ValueError(
                f"pyproject.toml: [tool.livedocs] no conoce «{', '.join(sorted(unknown))}»; "
                f"las claves son {', '.join(sorted(known))}."
            )
        for name in known:
            if value := os.environ.get(f"LIVEDOCS_{name.upper()}"):
                table[name] = value if name in _TEXTS else _whole_number(name, value)
        if (data := table.get("data", cls.data)) not in ("synthetic", "official"):
            table["data"] = str((root / Path(data).expanduser()).resolve())
        if store := table.pop("cache", ""):
            table["store"] = (
                store if "://" in store else str((root / Path(store).expanduser()).resolve())
            )
        return replace(cls(root), **table)


def _whole_number(name: str, value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise ValueError(f"LIVEDOCS_{name.upper()}={value!r}: tiene que ser un número entero.") from None
