"""Write down how the errors of the atlas begin in a built site: python -m tests.wordings SITE."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.site.test_finder import SLUGS, WORDINGS, known, wording


def main(site: Path) -> None:
    entries = {entry["u"]: entry for entry in known(site)}
    found = {slug: wording(slug, entries[f"errores/{slug}/"]) for slug in SLUGS}
    WORDINGS.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
