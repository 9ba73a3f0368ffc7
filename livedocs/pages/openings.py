"""The opening line of a fence: its language and its attributes, or what is wrong with it."""

from __future__ import annotations

import difflib
import re

from markdown.extensions.attr_list import get_attrs_and_remainder
from pygments.lexers import find_lexer_class_by_name
from pygments.util import ClassNotFound
from pymdownx.superfences import RE_OPTIONS

from livedocs.pages.grammar import ATTRIBUTES, FENCE_OPTIONS, FOLDING, LANGUAGES, PYTHON_FAMILY

_ATTRIBUTE = re.compile(r"(?P<key>[^\s=\"']+)(?:=(?:\"(?P<value>[^\"]*)\"|(?P<bare>[^\s\"]+)))?(?=\s|$)")


class OpeningError(Exception):
    """An opening that its author has to mend; the message, in Spanish, says how."""


def read_opening(info: str, opening: re.Match | None) -> tuple[str | None, dict[str, str]]:
    """Language and attributes of an opening fence; language None: not Python.

    Args:
        info: What follows the fence.
        opening: The same as SuperFences understands it, which decides what the page shows.

    Raises:
        OpeningError: what is wrong with it.
    """
    if info.startswith("{"):
        if not info.endswith("}"):
            raise OpeningError("falta la llave que cierra «}» en la apertura del bloque.")
        if "`" in info:
            raise OpeningError("la apertura de un bloque no puede llevar comillas invertidas; usá «…».")
        body = info[1:-1].strip()
        words = body.split(maxsplit=1)
        if not words or not words[0].startswith("."):
            classes = [value for key, value in get_attrs_and_remainder(info[1:-1])[0] if key == "."]
            if "python" in body.lower() or classes:
                raise OpeningError("el lenguaje va primero y con punto: escribí «{.python …}».")
            return None, {}
        language, rest = words[0][1:], words[1] if len(words) > 1 else ""
    else:
        language, _, rest = info.replace("\t", " ").partition(" ")
        if "{" in rest and language.lower() in LANGUAGES:
            raise OpeningError("usá una sola forma de apertura: «```python» o «```{.python atributo}».")
    name = language.lower()
    if name in LANGUAGES:
        return name, _attributes(rest.strip())
    _check_language(name, info)
    options = {found["key"] for found in RE_OPTIONS.finditer((opening and opening["options"]) or "")}
    if opening is None or opening["unrecognized"] or options - FENCE_OPTIONS:
        raise OpeningError(
            f'no se entiende la apertura «{info}»: van el lenguaje y, si hace falta, title="…".'
        )
    return None, {}


def _check_language(name: str, info: str) -> None:
    """Refuse what looks like Python and would not run, and what nobody highlights."""
    if not name:
        return
    try:
        lexer = find_lexer_class_by_name(name)
    except ClassNotFound:
        like_python = name.lstrip(".{").startswith(("py", "ipy")) or difflib.get_close_matches(
            name, LANGUAGES, cutoff=0.7
        )
        wanted = "python" if like_python else "text"
        why = "no se ejecuta ni se colorea" if like_python else "no es un lenguaje que se coloree"
        raise OpeningError(f"«{info}» {why}; escribí «```{wanted}».") from None
    if issubclass(lexer, PYTHON_FAMILY):
        raise OpeningError(
            f"los bloques «{name}» no se ejecutan; escribí el código como «```python» y "
            "la salida aparece sola."
        )


def _attributes(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    position = 0
    while position < len(text):
        match = _ATTRIBUTE.match(text, position)
        if not match:
            raise OpeningError(
                f"no se entiende «{text[position:]}» en la apertura del bloque; "
                'los valores van entre comillas dobles: data-why="…".'
            )
        key = match["key"]
        value = match["value"] if match["value"] is not None else match["bare"]
        if key == "data-options":
            raise OpeningError(
                "«data-options» ya no existe: dejá «quiz» solo y escribí las opciones en una lista debajo "
                "del bloque, «- `lo que imprime`: por qué», una por línea."
            )
        if key not in ATTRIBUTES:
            near = difflib.get_close_matches(key, ATTRIBUTES, n=1)
            hint = f" ¿Quisiste escribir «{near[0]}»?" if near else ""
            raise OpeningError(
                f"el atributo «{key}» no existe.{hint} Los que hay: {', '.join(ATTRIBUTES)}."
            )
        if ATTRIBUTES[key] and not value:
            raise OpeningError(f'a «{key}» le falta el valor: escribí {key}="…".')
        if not ATTRIBUTES[key] and value is not None:
            raise OpeningError(f"«{key}» va solo, sin valor.")
        found[key] = value or ""
        position = match.end()
        while position < len(text) and text[position].isspace():
            position += 1
    if "notest" in found and "data-why" not in found:
        raise OpeningError('un bloque con «notest» tiene que decir por qué no se ejecuta: data-why="…".')
    folding = [f"«{key}»" for key in FOLDING if key in found]
    if len(folding) > 1:
        raise OpeningError(
            f"{' y '.join(folding)} no van juntos: cada uno pliega el bloque a su manera."
        )
    if folding and "notest" in found:
        raise OpeningError(f"un bloque con «notest» no se ejecuta: no puede llevar {folding[0]}.")
    if "quiz" in found and {"data-raises", "volatile"} & set(found):
        raise OpeningError("un «quiz» no falla e imprime siempre lo mismo.")
    if "notest" in found and "data-raises" in found:
        raise OpeningError("un bloque con «notest» no se ejecuta: no puede llevar «data-raises».")
    return found
