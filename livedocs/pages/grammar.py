"""What a page may carry: languages, blocks, attributes and front matter, each with its rules."""

from __future__ import annotations

import difflib

from pygments.lexers import python as python_lexers

#: Languages of fences that are executed; others of the family would show Python that never ran.
LANGUAGES = {"python", "py", "python3"}
PYTHON_FAMILY = (
    python_lexers.PythonLexer,
    python_lexers.Python2Lexer,
    python_lexers.PythonConsoleLexer,
    python_lexers.PythonTracebackLexer,
    python_lexers.Python2TracebackLexer,
)

#: What a fence of another language may carry without braces; with anything else it is no fence.
FENCE_OPTIONS = {"hl_lines", "linenums", "title", "title_mode"}

#: The ``///`` blocks of the site and the options of each, besides `attrs`.
BLOCKS = {
    "details": {"type", "open"},
    "tab": {"new", "select"},
    "note": set(),
    "tip": set(),
    "warning": set(),
    "question": set(),
    "myth": set(),
}
#: The types of a folded block that the site gives a look of its own.
TYPES = {"hint", "solution", "question", "note", "tip", "warning"}

#: What the front matter of a page may say, and what kind of value it takes.
META = {
    "title": (str, "un texto"),
    "description": (str, "un texto"),
    "part": (str, "un texto"),
    "source": (str, "un texto"),
    "lesson": (bool, "«true» o «false»"),
    "hide": (list, "una lista"),
    "asked": (list, "una lista de lo que alguien escribiría para encontrar la página"),
    "search": (dict, "una lista de «clave: valor»"),
    "template": (str, "un texto"),
    "glossary": (bool, "«true» o «false»"),
    "messages": (bool, "«true» o «false»"),
    "backends": (bool, "«true» o «false»"),
    "error": (dict, "una lista de «moment», «silent» y «symptoms»"),
    "verified": (bool, "«true» o «false»"),
    "downloads": (bool, "«true» o «false»"),
    "measured": (bool, "«true» o «false»"),
    "tagline": (str, "un texto"),
    "progress": (bool, "«true» o «false»"),
    "kept": (bool, "«true» o «false»"),
    "courses": (list, "una lista de «page» y «what»"),
    "pieces": (dict, "una lista de «clave: valor»"),
}

#: What a Python fence may carry, and whether it takes a value.
ATTRIBUTES = {
    "data-raises": True,
    "data-why": True,
    "data-alt": True,
    "data-todo": True,
    "data-gaps": True,
    "title": True,
    "hl_lines": True,
    "notest": False,
    "volatile": False,
    "check": False,
    "quiz": False,
    "predict": False,
}
#: Those that fold what the block shows, each in its own way: a block carries one of them.
FOLDING = ("quiz", "predict", "check", "data-gaps")


def meta_problem(meta: dict) -> tuple[str, str] | None:
    """The first key of a front matter that can't be so, and why, in Spanish; None if all can."""
    for key, value in meta.items():
        if key not in META:
            near = difflib.get_close_matches(str(key), META, n=1)
            hint = f" ¿Quisiste escribir «{near[0]}»?" if near else ""
            return str(key), f"la cabecera no lleva «{key}».{hint} Las claves son {', '.join(META)}."
        kind, said = META[key]
        right = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
        if not right or (kind is str and not value.strip()):
            return key, f"«{key}» tiene que ser {said}."
    if meta.get("lesson") and "title" not in meta:
        return "lesson", "una lección se ofrece como notebook: le falta «title», cómo se llama."
    return None
