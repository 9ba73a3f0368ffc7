"""Builds `keras-en-vivo-verificadores` from a copy, with setuptools.

In place, setuptools would leave its work here, where the site would take it for code of
the classes; and the name `snippets` is too common for a library that is installed.
"""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from setuptools import build_meta

HERE = Path(__file__).resolve().parent


@contextlib.contextmanager
def _copy():
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder, "keras_en_vivo")
        for file in [*HERE.glob("*.py"), *HERE.glob("c*/*.py")]:
            if file.name != Path(__file__).name:
                target = package / file.relative_to(HERE)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, target)
        for name in ("pyproject.toml", "README.md"):
            shutil.copy(HERE / name, folder)
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Hook of PEP 517; the name of the file that it writes in `wheel_directory`."""
    with _copy():
        return build_meta.build_wheel(wheel_directory, config_settings)


def build_sdist(sdist_directory, config_settings=None):
    """Hook of PEP 517. What it writes builds by itself, as setuptools would."""
    raise NotImplementedError("Instalalo desde la carpeta: pip install ./snippets")
