"""The glossary: one YAML file that feeds its page, the tooltips and the check of the prose."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import yaml

from livedocs.pages.chapter import Chapter, Prose
from livedocs.pages.words import plain

#: Where the table goes in the page that asks for it with `glossary: true`.
PLACEHOLDER = "<!-- glosario -->"

_NOT_PROSE = re.compile(
    r"^(?P<fence>[`~]{3,}).*?^(?P=fence)[ \t]*$"  # fenced code
    r"|(?P<ticks>`+).+?(?P=ticks)"  # inline code
    r"|\]\([^)\s]*\)"  # where a link leads
    r"|«[^»\n]*»"  # quoted: what others write
    r"|\{ ?[#:.][^}\n]*\}"  # anchors
    r"|<!--.*?-->",
    re.M | re.S,
)


@dataclass(frozen=True)
class Glossary:
    """The terms of the site and the habits of its voice, as the YAML file has them."""

    terms: tuple[dict, ...]
    voice: tuple[dict, ...]

    @classmethod
    def load(cls, path: Path) -> Glossary:
        """Read the file.

        Raises:
            ValueError: a term without `en`, `es` or `what`, or a broken expression, in Spanish.
        """
        return _read(path, path.stat().st_mtime_ns)  # every page asks for it

    def table(self) -> str:
        """The glossary page's table, in Markdown, sorted by the Spanish term."""
        rows = [
            f"| {term['es']} | *{term['en']}* | {_sentence(term['what'])} |"
            for term in sorted(self.terms, key=lambda term: _plain(term["es"]))
        ]
        return "\n".join(["| Español | Inglés | Qué es |", "| --- | --- | --- |", *rows])

    # Prose ----------------------------------------------------------------------------

    @cached_property
    def _rules(self) -> list[tuple[re.Pattern, str]]:
        rules = [(p, f"«{t['es']}»") for t in self.terms for p in t.get("avoid", ())]
        rules += [(p, entry["write"]) for entry in self.voice for p in entry["avoid"]]
        return [(re.compile(pattern, re.I), instead) for pattern, instead in rules]

    def problems(self, chapter: Chapter) -> list[str]:
        """What the prose of a page says and this site does not, each with file and line."""
        found = []
        for part in chapter.parts:
            if not isinstance(part, Prose):
                continue
            text = _NOT_PROSE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), part.text)
            for pattern, instead in self._rules:
                for match in pattern.finditer(text):
                    line = part.line + text.count("\n", 0, match.start())
                    found.append(
                        (line, f"{chapter.path}:{line}: dice «{match[0]}»; acá se escribe {instead}.")
                    )
        return [message for _, message in sorted(found)]

    def tooltips(self) -> dict[str, str]:
        """What to show for each form that carries an explanation, by its form in lower case."""
        found = {}
        for term in self.terms:
            if form := term.get("tooltip"):
                meaning = _sentence(term["what"])
                if term["es"].lower() != form.lower():
                    meaning = f"{term['es']}: {meaning[0].lower()}{meaning[1:]}"
                found[form.lower()] = meaning
        return found


def anchor(term: str) -> str:
    """The anchor of a term on the glossary's page, from its Spanish name: `t-tasa-de-aprendizaje`."""
    bare = plain(term).replace("ñ", "n")
    return "t-" + re.sub(r"[^a-z0-9]+", "-", bare).strip("-")


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _plain(text: str) -> str:
    return text.lower().translate(str.maketrans("áéíóúü", "aeiouu"))


@lru_cache(maxsize=4)
def _read(path: Path, mtime_ns: int) -> Glossary:
    data = yaml.safe_load(path.read_text("utf-8"))
    for term in data["terms"]:
        if missing := {"en", "es", "what"} - set(term):
            raise ValueError(f"{path.name}: a «{term}» le falta {', '.join(sorted(missing))}.")
    for entry in (*data["terms"], *data["voice"]):
        for pattern in entry.get("avoid", ()):
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{path.name}: «{pattern}» no es una expresión: {error}.") from None
    return Glossary(tuple(data["terms"]), tuple(data["voice"]))
