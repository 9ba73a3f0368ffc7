"""What ``--8<--`` brings from `snippets/`: as pymdownx.snippets does, without its silences.

That one skips a file that includes itself, ends an unclosed section at the end of the file,
shortens a range of lines to what there is and follows symbolic links to anywhere.
"""

from __future__ import annotations

import re
from pathlib import Path

from markdown import Markdown
from pymdownx.snippets import SnippetExtension, SnippetMissingError, SnippetPreprocessor


class IncludeError(Exception):
    """Why something can't be included, in Spanish."""


class Includes(SnippetPreprocessor):
    """Expands the includes of a piece of a page, with :meth:`run`.

    Args:
        folder: Where included files are, and have to be.

    Raises:
        IncludeError, SnippetMissingError: from :meth:`run`; :meth:`said` puts it into words.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        extension = SnippetExtension(base_path=[str(folder)], check_paths=True, dedent_subsections=True)
        super().__init__(extension.getConfigs(), Markdown())

    def get_snippet_path(self, path: str) -> str | None:
        found = super().get_snippet_path(path)
        if found is None:
            return None
        if not Path(found).resolve().is_relative_to(self.folder.resolve()):
            raise IncludeError(f"«{path}» es un enlace a un archivo de otra carpeta")
        if Path(found).is_dir():
            raise IncludeError(f"«{path}» es una carpeta")
        if found in self.seen:
            raise IncludeError(f"«{path}» se incluye a sí mismo")
        return found

    def select_snippet_lines(self, lines: list[str], target: dict) -> list[str]:
        path, section = target["path"], target["section"]
        total = len(lines) - (lines[-1:] == [""])  # a file that ends with a line ending
        wanted = [0]
        for edge, shift in ((target["start"], 1), (target["end"], 0)):  # starts are counted from 0
            wanted += [n + shift if n >= 0 else total - len(lines) - n for n in edge if n is not None]
        if max(wanted) > total:
            raise IncludeError(f"«{path}» tiene {total} líneas, y se pide la {max(wanted)}")
        if section:
            marks = [
                m["type"]
                for m in map(self.match_section, lines)
                if m and m["name"] == section and not m["escape"]
            ]
            if marks and marks != ["start", "end"]:
                raise IncludeError(
                    f"en «{path}» la sección «{section}» no se abre y se cierra una vez, "
                    f"con «# --8<-- [start:{section}]» y «# --8<-- [end:{section}]»"
                )
        return super().select_snippet_lines(lines, target)

    def said(self, text: str, error: Exception) -> str:
        """What to tell whoever wrote the include in `text`."""
        if isinstance(error, IncludeError):
            return f"no se puede incluir: {error}."
        wanted = re.findall(r"8<-+[ \t]+[\"']([^\"']+)", text)
        names = " ni ".join(f"«{name}»" for name in wanted) or "el archivo"
        why = "no es texto en UTF-8" if isinstance(error, UnicodeDecodeError) else "no está"
        if isinstance(error, SnippetMissingError) and "section" in str(error):
            why = "no tiene esa sección"
        return f"no se puede incluir {names}: {why}. Se busca en «{self.folder.name}/»; revisá el nombre y la sección."
