"""Pages as scripts, one after the other, each in a plain new Python: `python plain.py FOLDER`.

It is measured from outside: it needs the standard library only, and stops at the first script that
does not end well. `seconds.json`, in the folder, says what each took.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main(folder: Path) -> int:
    """Run every script of a folder.

    Returns:
        0, or 1 if one failed: then it says which.
    """
    took = {}
    for page in sorted(folder.glob("*/page.py")):
        name = (page.parent / "name.txt").read_text("utf-8")
        with tempfile.TemporaryDirectory(prefix="kv-medida-") as work:
            started = time.perf_counter()
            env = {**os.environ, "KERAS_HOME": f"{work}/.keras", "MPLBACKEND": "agg"}
            done = subprocess.run([sys.executable, str(page)], cwd=work, env=env, check=False)
            took[name] = round(time.perf_counter() - started, 3)
        if done.returncode != 0:
            print(f"{name}: con python terminó con estado {done.returncode}")
            return 1
    (folder / "seconds.json").write_text(json.dumps(took, indent=1), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
