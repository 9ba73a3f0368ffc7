"""The glossary: one YAML file that feeds its page, the tooltips and the check of the prose."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from urllib.parse import quote

import yaml

from livedocs.kept import once
from livedocs.pages.chapter import Chapter, Prose
from livedocs.pages.words import blanked, plain, slug, without_html

#: Where the terms go in the page that asks for it with `glossary: true`.
PLACEHOLDER = "<!-- glosario -->"
#: Of the pages that use a term, as many are named.
SHOWN_USES = 3

#: What a page holds besides words of ours.
NOT_PROSE = re.compile(
    r"^(?P<fence>[`~]{3,}).*?^(?P=fence)[ \t]*$"  # fenced code
    r"|(?P<ticks>`+).+?(?P=ticks)"  # inline code
    r"|\]\([^)\s]*\)"  # where a link leads
    r"|«[^»\n]*»"  # quoted: what others write
    r"|\{ ?[#:.][^}\n]*\}"  # anchors
    r"|<!--.*?-->",
    re.M | re.S,
)


@dataclass(frozen=True)
class Use:
    """A page that uses a term: its title, its path below `docs/` and the section where it first does."""

    title: str
    page: str
    anchor: str


@dataclass(frozen=True)
class Listing:
    """The glossary in Markdown, and the anchors that it gives."""

    text: str
    anchors: list[str]


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

    def listing(self, chapters: Iterable[Chapter] = ()) -> Listing:
        """The glossary page's terms, by letter, each with the pages that use it most.

        Args:
            chapters: The pages to look for the terms in.
        """
        found = self.uses(chapters)
        letters: dict[str, list[dict]] = {}
        for term in sorted(self.terms, key=lambda term: plain(term["es"])):
            letters.setdefault(_letter(term["es"]), []).append(term)
        jump = " ".join(f"[{letter}](#{_letter_anchor(letter)})" for letter in letters)
        parts = [f"{jump}\n{{ .kv-letters }}"]
        for letter, terms in letters.items():
            parts.append(f"### {letter} {{ #{_letter_anchor(letter)} }}")
            for term in terms:
                name = f" · *{term['en']}*" if term["en"] != term["es"] else ""
                what = without_html(_sentence(term["what"]))
                text = f"{without_html(term['es'] + name)} {{ #{anchor(term['es'])} }}\n:   {what}"
                if used := found.get(term["es"]):
                    text += f"\n\n    {_used(term['es'], used)}\n    {{ .kv-uses }}"
                parts.append(text)
        anchors = [*map(_letter_anchor, letters), *(anchor(term["es"]) for term in self.terms)]
        return Listing("\n\n".join(parts), anchors)

    def uses(self, chapters: Iterable[Chapter]) -> dict[str, list[Use]]:
        """Where the prose of some pages uses each term, by the term; first the pages that use it most."""
        counts: dict[str, list[tuple[int, Use]]] = {}
        for chapter in chapters:
            for term, (times, line) in _counted(chapter, self._names).items():
                section = [
                    h.anchor for h in chapter.headings if h.line <= line and h.level > 1 and h.anchor
                ]
                title = chapter.meta.get("title", chapter.name)
                use = Use(title, chapter.source, section[-1] if section else "")
                counts.setdefault(term, []).append((times, use))
        return {
            term: [use for _, use in sorted(found, key=lambda each: -each[0])]
            for term, found in counts.items()
        }

    @cached_property
    def _names(self) -> dict[str, list[tuple[tuple[str, ...], str]]]:
        """Each form of a term, and the term, by the form's first word."""
        names: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for term in self.terms:
            forms = {re.sub(r"\s*\(.*\)", "", term["es"]), re.sub(r"^to ", "", term["en"])}
            for form in {tuple(_stems(form)) for form in (*forms, term.get("tooltip", "")) if form}:
                names.setdefault(form[0], []).append((form, term["es"]))
        return names

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
            text = blanked(NOT_PROSE, part.text)
            for pattern, instead in self._rules:
                for match in pattern.finditer(text):
                    line = part.line + text.count("\n", 0, match.start())
                    found.append(
                        (line, f"{chapter.path}:{line}: dice «{match[0]}»; acá se escribe {instead}.")
                    )
        return [message for _, message in sorted(found)]

    def tooltips(self) -> dict[str, tuple[str, str]]:
        """What to show for each form that carries an explanation and its anchor, by its form in lower case."""
        found = {}
        for term in self.terms:
            if form := term.get("tooltip"):
                meaning = _sentence(term["what"])
                if term["es"].lower() != form.lower():
                    meaning = f"{term['es']}: {meaning[0].lower()}{meaning[1:]}"
                found[form.lower()] = meaning, anchor(term["es"])
        return found


def anchor(term: str) -> str:
    """The anchor of a term on the glossary's page, from its Spanish name: `t-tasa-de-aprendizaje`."""
    return f"t-{slug(term)}"


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _letter(term: str) -> str:
    first = plain(term)[0].upper()
    return first if first.isalpha() else "0–9"


def _letter_anchor(letter: str) -> str:
    return f"letra-{letter.lower()}" if letter.isalpha() else "letra-0"


def _used(term: str, uses: list[Use]) -> str:
    links = []
    for use in uses[:SHOWN_USES]:
        title = re.sub(r"[][]", r"\\\g<0>", without_html(use.title))
        links.append(f"[{title}]({use.page}{f'#{use.anchor}' if use.anchor else ''})")
    text = f"Se usa en {', '.join(links)}"
    if more := len(uses) - len(links):  # what the theme's search does with «q» in an address
        text += f" y [{more} más](?q={quote(term)})"
    return f"{text}."


def _stems(text: str) -> list[str]:
    return [_stem(word) for word in re.findall(r"\w+", plain(text))]


def _stem(word: str) -> str:
    """A word without the ending of its plural; not «loss», which would be «los»."""
    return re.sub(r"(?<=[lnrdj])es$|(?<=[^s])s$", "", word)


@once
def _counted(chapter: Chapter, names: dict) -> dict[str, tuple[int, int]]:
    """For each term in a page's prose: how many times, and the line of the first."""
    found: dict[str, tuple[int, int]] = {}
    for part in chapter.parts:
        if not isinstance(part, Prose):
            continue
        text = blanked(NOT_PROSE, part.text)
        for number, line in enumerate(text.split("\n"), part.line):
            stems = _stems(line)
            for at, stem in enumerate(stems):
                for form, term in names.get(stem, ()):
                    if tuple(stems[at : at + len(form)]) == form:
                        times, first = found.get(term, (0, number))
                        found[term] = (times + 1, first)
    return found


@lru_cache(maxsize=4)
def _read(path: Path, mtime_ns: int) -> Glossary:
    data = yaml.safe_load(path.read_text("utf-8"))
    if not isinstance(data, dict) or not all(isinstance(data.get(k), list) for k in ("terms", "voice")):
        raise ValueError(f"{path.name}: tiene que tener dos listas, «terms» y «voice»; pueden ser [].")
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
