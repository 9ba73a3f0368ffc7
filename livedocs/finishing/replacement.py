"""A site is built beside the old one and takes its place once it is whole.

A generator empties the folder first and then writes for a while: a build that is cut would leave
half a site, and two at once would mix theirs.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path

from filelock import FileLock, Timeout

LOCK = "en-uso.lock"


class Replacement:
    """What will take the place of a built site.

    Args:
        site: The folder of the site, which may not exist yet. It stays as it is until :meth:`take`.

    Attributes:
        folder: Where to build meanwhile.

    Raises:
        OSError: nothing can be written beside it.
    """

    def __init__(self, site: Path):
        self.site = site = site.resolve()
        site.parent.mkdir(parents=True, exist_ok=True)
        _sweep(site)
        self._around = Path(tempfile.mkdtemp(prefix=_prefix(site), dir=site.parent))
        self._lock = FileLock(self._around / LOCK, thread_local=False)  # let go when its process ends
        self._lock.acquire()
        self.folder = self._around / "site"
        self.folder.mkdir()

    def take(self) -> None:
        """Put what was built in the place of the old site, with the hidden files that it had."""
        for _ in range(100):  # another build may be doing the same
            old = Path(tempfile.mkdtemp(dir=self._around)) / "old"
            with contextlib.suppress(FileNotFoundError):
                for hidden in self.site.glob(".*"):  # generators leave them alone, and so do we
                    if not (self.folder / hidden.name).exists():
                        hidden.rename(self.folder / hidden.name)
                self.site.rename(old)
            with contextlib.suppress(FileExistsError, OSError):
                self.folder.rename(self.site)
                break
        else:
            self.folder.rename(self.site)  # it says why not
        self.close()

    def close(self) -> None:
        """Remove what did not take the place of anything."""
        self._lock.release()
        shutil.rmtree(self._around, ignore_errors=True)


def _prefix(site: Path) -> str:
    return f".{site.name}-"


def _sweep(site: Path) -> None:
    """Remove what was left by builds that were killed."""
    for around in site.parent.glob(f"{_prefix(site)}*"):
        lock = around / LOCK
        with contextlib.suppress(OSError, Timeout):
            if lock.is_file() and not around.is_symlink():
                with FileLock(lock, timeout=0, thread_local=False):
                    shutil.rmtree(around, ignore_errors=True)
                shutil.rmtree(around, ignore_errors=True)
