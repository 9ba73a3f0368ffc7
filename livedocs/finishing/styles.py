"""One style sheet for the site, without the theme's rules that no page can use.

A theme styles everything a site might have; each visit would pay for it, before it can show
a word. A rule stays unless it asks for a class that is in no page and in no script.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import rcssmin
import rjsmin
import tinycss2
from tinycss2.ast import AtRule, Declaration, QualifiedRule

_WORD = re.compile(r"[\w-]+")
_CLASSES = re.compile(r'\bclass="([^"]*)"|\bclass=([^\s">]+)')
_WITH_RULES = {"media", "supports"}
_BARE = {"skip_comments": True, "skip_whitespace": True}


def lighten(site: Path, own: Sequence[str]) -> None:
    """Make the theme's style sheets and the site's one, the theme's part without what is not used.

    A browser asks for several one after the other, and shows nothing until the last comes.

    Args:
        site: A built site; its pages and style sheets are rewritten.
        own: The site's own style sheets, in order, from the site's root.
    """
    pages = {path: path.read_text("utf-8") for path in sorted(site.rglob("*.html"))}
    scripts = [path.read_text("utf-8") for path in sorted((site / "assets").rglob("*.js"))]
    names = Names(pages.values(), scripts)
    theme = sorted((site / "assets" / "stylesheets").glob("*.css"))  # main, then palette
    sheets = {path: without_unused_rules(path.read_text("utf-8"), names) for path in theme}
    mine = [site / name for name in own if (site / name).is_file()]
    ours = "".join(path.read_text("utf-8") for path in mine)
    sheets = without_unused_variables(sheets, [ours, *scripts])
    if not theme:  # another theme, which keeps its own elsewhere
        return
    first, *others = theme
    first.write_text("".join(sheets.values()) + ours, "utf-8")
    for path in (*others, *mine):
        path.unlink()
    for path in theme:
        path.with_suffix(".css.map").unlink(missing_ok=True)  # of the text it was
    gone = "|".join(re.escape(path.name) for path in (*others, *mine))
    link = re.compile(rf'<link rel="stylesheet" href="[^"]*/(?:{gone})">')
    for path, text in pages.items():
        path.write_text(link.sub("", text), "utf-8")


def lighten_asset(path: Path) -> None:
    """A style sheet or script of ours, without comments and idle white space."""
    minify = rcssmin.cssmin if path.suffix == ".css" else rjsmin.jsmin
    path.write_text(minify(path.read_text("utf-8")), "utf-8")


class Names:
    """The class names that a page has, or that a script may give.

    A script may join a name from pieces: one that ends in a hyphen stands for all it begins.
    """

    def __init__(self, pages: Iterable[str], scripts: Iterable[str]):
        self.known: set[str] = set()
        for page in pages:
            for quoted, bare in _CLASSES.findall(page):
                self.known.update((quoted or bare).split())
        words = {word for script in scripts for word in _WORD.findall(script)}
        self.known |= words
        self.starts = tuple(word for word in words if word.endswith("-") and len(word) > 3)

    def __contains__(self, name: str) -> bool:
        return name in self.known or name.startswith(self.starts)


def without_unused_rules(css: str, names: Names) -> str:
    """A style sheet with the rules that some page can use."""

    def usable(rule: QualifiedRule) -> str:
        kept = [s for s in _selectors(rule.prelude) if all(name in names for name in _asked(s))]
        prelude = ",".join(tinycss2.serialize(selector).strip() for selector in kept)
        return f"{prelude}{{{tinycss2.serialize(rule.content)}}}" if kept else ""

    return _rewrite(tinycss2.parse_stylesheet(css, **_BARE), usable)


def _rewrite(rules: list, change: Callable[[QualifiedRule], str]) -> str:
    """Rules as text, each style rule as `change` gives it; what is left empty goes."""
    parts = []
    for rule in rules:
        if isinstance(rule, QualifiedRule):
            parts.append(change(rule))
        elif isinstance(rule, AtRule) and rule.lower_at_keyword in _WITH_RULES:
            if body := _rewrite(tinycss2.parse_rule_list(rule.content, **_BARE), change):
                parts.append(f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{body}}}")
        else:
            parts.append(rule.serialize())
    return "".join(parts)


def _selectors(prelude: list) -> list[list]:
    """The parts of a prelude between its commas."""
    parts: list[list] = [[]]
    for token in prelude:
        if token == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _asked(selector: list) -> list[str]:
    """Classes that an element, or one around it, has to have; those in `:is()` may not be needed."""
    return [
        name.value for dot, name in itertools.pairwise(selector) if dot == "." and name.type == "ident"
    ]


def without_unused_variables(sheets: dict[Path, str], others: list[str]) -> dict[Path, str]:
    """Sheets without the custom properties (icons, most of them) that nobody reads.

    Args:
        sheets: Style sheets by path.
        others: Texts that may name a property too: scripts, the site's own styles.
    """
    before: dict[Path, str] = {}
    while before != sheets:  # one that is gone may have been the only reader of another
        before = sheets
        read = set(re.findall(r"var\(\s*(--[\w-]+)", "".join([*sheets.values(), *others])))
        read |= set(re.findall(r"--[\w-]+", "".join(t for t in others if "var(" not in t)))
        sheets = {path: _without(text, read) for path, text in sheets.items()}
    return sheets


def _without(css: str, read: set[str]) -> str:
    def living(rule: QualifiedRule) -> str:
        if not any("--" in str(getattr(token, "value", "")) for token in rule.content):
            return rule.serialize()
        kept = [
            part.serialize().strip().rstrip(";")
            for part in tinycss2.parse_blocks_contents(rule.content, **_BARE)
            if not (
                isinstance(part, Declaration) and part.name.startswith("--") and part.name not in read
            )
        ]
        return f"{tinycss2.serialize(rule.prelude)}{{{';'.join(kept)}}}" if kept else ""

    return _rewrite(tinycss2.parse_stylesheet(css, **_BARE), living)
