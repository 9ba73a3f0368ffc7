"""Executions that several machines share: entries like those of the cache, at an address.

The folder of each project stays the first look-up, and its claims the only ones; what is missing
there is looked for here, and what was executed is left here. It is a help and never a condition:
whatever goes wrong is one warning, and the pages run on this machine.

fsspec opens the address (`s3://…` and the like by their own packages). Entries are JSON with their
digest: reading one runs no code of whoever wrote it.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit
from urllib.request import url2pathname

from livedocs.execution.cache import Cache, Entry, opened, sealed

#: Seconds that one request may take before the store counts as down.
PATIENCE = 30.0

#: Seconds during which a store that was down is not asked again.
PAUSE = 300.0

#: Entries asked for in one request, which some file systems serve all at once.
BATCH = 32


class Place(Protocol):
    """Where entries are. Its methods raise whatever the file system behind it raises."""

    def take(self, keys: Iterable[str]) -> dict[str, dict]: ...
    def put(self, key: str, value: dict) -> None: ...
    def remove(self, key: str) -> None: ...
    def entries(self) -> list[Entry]: ...


class Unreachable(Exception):
    """The store can't be used now; the message, in Spanish, says why."""


class _Folder(Cache):
    """A folder of this machine, or one that it has mounted."""

    def take(self, keys: Iterable[str]) -> dict[str, dict]:
        found = {key: self.read(key) for key in keys}
        return {key: value for key, value in found.items() if value is not None}


class _Address:
    """Anything else that fsspec opens."""

    def __init__(self, address: str):
        from fsspec.core import url_to_fs  # it takes a while to import, and few runs need it
        from fsspec.spec import AbstractFileSystem

        # Its own instance: others may have a transaction of theirs under way.
        self._fs, self._root = url_to_fs(address, skip_instance_cache=True, use_listings_cache=False)
        # An object store takes a file in one request, whole; what only has files to write to, doesn't.
        ours = type(self._fs).pipe_file is AbstractFileSystem.pipe_file
        self._whole = self._fs.async_impl or not ours
        self._turn = threading.Lock()  # a transaction is of the whole file system

    def _path(self, key: str) -> str:
        return f"{self._root.rstrip('/')}/{key}.json"

    def take(self, keys: Iterable[str]) -> dict[str, dict]:
        keys = list(keys)
        found = {}
        # `cat` would take what an address may have in it, a «?», for a pattern.
        entries = self._fs.cat_ranges([self._path(key) for key in keys], None, None, on_error="return")
        for key, entry in zip(keys, entries, strict=True):
            if isinstance(entry, FileNotFoundError):
                continue
            if isinstance(entry, Exception):
                raise entry
            if (value := opened(entry)) is not None:
                found[key] = value
        return found

    def put(self, key: str, value: dict) -> None:
        entry = json.dumps(sealed(value), ensure_ascii=False).encode()
        try:
            self._write(self._path(key), entry)
        except FileNotFoundError:
            if self._whole:  # there it is a bucket what is missing: nobody asked for one
                raise
            self._fs.makedirs(self._root, exist_ok=True)
            self._write(self._path(key), entry)

    def _write(self, path: str, entry: bytes) -> None:
        if self._whole:
            self._fs.pipe_file(path, entry)
            return
        with self._turn, self._fs.transaction:  # it is written elsewhere, and then put in its place
            self._fs.pipe_file(path, entry)

    def remove(self, key: str) -> None:
        with suppress(FileNotFoundError):
            self._fs.rm_file(self._path(key))

    def entries(self) -> list[Entry]:
        try:
            listed = self._fs.ls(self._root, detail=True)
        except FileNotFoundError:
            return []
        found = [
            Entry(Path(info["name"]).stem, info["size"] or 0, self._time(info))
            for info in listed
            if info["name"].endswith(".json")
        ]
        return sorted(found, key=lambda entry: entry.used)

    def _time(self, info: dict) -> float:
        """When a file was written: each file system tells it in its own way."""
        for name in ("mtime", "LastModified", "last_modified", "updated", "created"):
            when = info.get(name)
            if isinstance(when, str):
                with suppress(ValueError):
                    when = datetime.fromisoformat(when)
            if isinstance(when, datetime):
                return when.timestamp()
            if isinstance(when, int | float):
                return when
        try:
            return self._fs.modified(info["name"]).timestamp()
        except NotImplementedError:
            return time.time()  # not known: never too old


class Store:
    """The shared executions of an address.

    Args:
        address: A folder, or what fsspec opens.
        warn: Told once, in Spanish, that the store can't be used.
    """

    def __init__(self, address: str, warn: Callable[[str], None]):
        self.address, self.shown = address, shown(address)
        self._warn, self._warned = warn, False
        self._place: Place | None = None
        self._resting = {"leer": 0.0, "escribir": 0.0}  # until when it is not asked to

    def place(self) -> Place:
        """Where the entries are.

        Raises:
            Unreachable: there is nothing to open it with, or it is no address.
        """
        if self._place is None:
            try:
                folder = _local(self.address)
                self._place = _Folder(folder) if folder else _Address(self.address)
            except Exception as error:  # whatever the package behind the protocol raises
                raise Unreachable(said(error)) from None
        return self._place

    def get(self, keys: Iterable[str]) -> Iterator[tuple[str, dict]]:
        """The entries there are of these keys, as they come; none if the store is down."""
        asked = list(keys)
        for start in range(0, len(asked), BATCH):
            if self._rests("leer"):
                return
            some = asked[start : start + BATCH]
            try:
                found = _aside(lambda some=some: self.place().take(some)).result(PATIENCE)
            except Exception as error:
                self._rest("leer", error)
                return
            yield from found.items()

    async def find(self, key: str) -> dict | None:
        """One entry, while others go on; None if there is none or the store is down."""
        if self._rests("leer"):
            return None
        try:
            call = asyncio.wrap_future(_aside(lambda: self.place().take([key])))
            return (await asyncio.wait_for(call, PATIENCE)).get(key)
        except Exception as error:
            self._rest("leer", error)
            return None

    async def put(self, key: str, value: dict) -> None:
        """Leave an entry for others, while others go on."""
        if self._rests("escribir"):
            return
        try:
            call = asyncio.wrap_future(_aside(lambda: self.place().put(key, value)))
            await asyncio.wait_for(call, PATIENCE)
        except Exception as error:
            self._rest("escribir", error)

    def entries(self) -> list[Entry]:
        """What is kept there, the oldest first. It raises whatever the place raises."""
        return self.place().entries()

    def remove(self, key: str) -> None:
        """Remove an entry, if it is there. It raises whatever the place raises."""
        self.place().remove(key)

    def _rests(self, doing: str) -> bool:
        return time.monotonic() < self._resting[doing]

    def _rest(self, doing: str, error: Exception) -> None:
        """Leave the store alone for a while: not written if it is read-only, not at all if down."""
        for what in ("leer", "escribir") if doing == "leer" else ("escribir",):
            self._resting[what] = time.monotonic() + PAUSE
        if self._warned:
            return
        self._warned = True
        why = said(error)
        rest = (
            "Lo que falte se ejecuta en esta máquina."
            if doing == "leer"
            else "Lo que se ejecute queda guardado solo en esta máquina."
        )
        self._warn(f"Aviso: no se puede {doing} en «{self.shown}» ({why}). {rest}")


def shown(address: str) -> str:
    """An address without the credentials that it may carry, for messages."""
    return re.sub(r"(?<=//)[^/@]*@", "", address).partition("?")[0]


def _local(address: str) -> Path | None:
    """The folder that an address names, if it is one of this machine."""
    if "://" not in address:
        return Path(address)
    parts = urlsplit(address)
    if parts.scheme in ("file", "local") and not parts.netloc:
        return Path(url2pathname(parts.path))
    return None


def said(error: BaseException) -> str:
    """What went wrong with a store, in one line."""
    if isinstance(error, Unreachable):
        return str(error)
    if isinstance(error, TimeoutError) and not error.args:
        return f"no contestó en {PATIENCE:.0f} s"
    if isinstance(error, ImportError):
        return f"falta el paquete que abre direcciones como esa: {_line(error)}"
    if isinstance(error, ValueError) and "rotocol" in str(error):
        return f"fsspec no conoce esa clase de dirección: {_line(error)}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"{type(error).__name__}: {_line(error)}"


def _line(error: BaseException) -> str:
    return shown((str(error).strip() or "no dijo por qué").splitlines()[0][:200].rstrip("."))


def _aside(call: Callable) -> Future:
    """What a call gives, from a thread of its own, which keeps no process from ending."""
    future: Future = Future()

    def run() -> None:
        try:
            outcome, tell = call(), future.set_result
        except BaseException as error:
            outcome, tell = error, future.set_exception
        with suppress(InvalidStateError):  # nobody waits for it any more
            tell(outcome)

    threading.Thread(target=run, daemon=True, name="livedocs-store").start()
    return future
