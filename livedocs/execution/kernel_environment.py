"""The environment of a kernel: what a machine needs to work, and nothing that changes a number.

A variable that an output may depend on has to be in the key of the execution; so it is fixed
here, in `KERNEL_ENV`, and whatever else the user's environment says does not reach a block.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

BACKEND = "tensorflow"

#: One thread each and no GPU: the same bits wherever and however busily it runs.
KERNEL_ENV = {
    "KERAS_BACKEND": BACKEND,
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "CUDA_VISIBLE_DEVICES": "-1",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONIOENCODING": "utf-8",
    "PYTHONNOUSERSITE": "1",
    "LANG": "C.UTF-8",
    "COLUMNS": "96",
    "TZ": "UTC",
}

#: Names that pass from the user's environment: where things are, and how to reach the network.
PASSED = frozenset(
    """
    PATH HOME USER LOGNAME SHELL TEMP TMP VIRTUAL_ENV XDG_CACHE_HOME XDG_RUNTIME_DIR
    LD_LIBRARY_PATH DYLD_LIBRARY_PATH DYLD_FALLBACK_LIBRARY_PATH
    SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT USERPROFILE USERNAME HOMEDRIVE HOMEPATH APPDATA
    LOCALAPPDATA PROGRAMDATA PROGRAMFILES NUMBER_OF_PROCESSORS PROCESSOR_ARCHITECTURE
    HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY
    SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE
    """.split()  # noqa: SIM905
)

#: Names the kernel of a folder, and with it whatever a block starts.
MARK = "LIVEDOCS_KERNEL"

#: Variables that hold the folder of one kernel.
OWN = (MARK, "IPYTHONDIR", "MATPLOTLIBRC", "TMPDIR")


def environment(folder: Path, data: str) -> dict[str, str]:
    """The environment of the kernel that works in `folder`, which gets what this one names.

    `KERAS_HOME` is always the kernel's own: a `keras.json` of the user would change dtypes.
    With the official data, it holds the user's data sets, so that they are fetched only once.
    So is `TMPDIR`: AutoGraph writes each function there, and a kernel that is killed leaves them.
    """
    home, temporary = folder / "keras", folder / "temp"
    for place in (folder / "ipython", home, temporary):
        place.mkdir()
    (folder / "matplotlibrc").touch()  # without a file there, Matplotlib reads the user's
    if data == "official":
        _share_data_sets(home)
    passed = {name: value for name, value in os.environ.items() if name.upper() in PASSED}
    return passed | KERNEL_ENV | {
        "IPYTHONDIR": str(folder / "ipython"),
        "KERAS_HOME": str(home),
        "MATPLOTLIBRC": str(folder / "matplotlibrc"),
        "PYTHONPATH": str(Path(__file__).parent.parent.parent),
        "TMPDIR": str(temporary),
        MARK: folder.name,
    }  # fmt: skip


def _share_data_sets(home: Path) -> None:
    """Let the loaders of Keras find, and leave, their files where the user has them."""
    users = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets"
    # Where links or the user's folder can't be made, each page fetches its own data.
    with contextlib.suppress(OSError):
        users.mkdir(parents=True, exist_ok=True)
        (home / "datasets").symlink_to(users.resolve(), target_is_directory=True)
