"""Pages that no editor would save like this, and one that nobody would write: long."""

from __future__ import annotations

import time

import pytest

from livedocs.derived import notebook, standalone
from livedocs.finishing import completeness, html
from livedocs.pages import reading, writing
from livedocs.pages.chapter import Chapter, ChapterError
from tests.conftest import fence
from tests.converting import Converter

# Not UTF-8 -------------------------------------------------------------------------------

ENCODINGS = {
    "latin-1": "# Año { #a }\n".encode("latin-1"),
    "utf-16": "# Año { #a }\n".encode("utf-16"),
    "cut": "# Año".encode()[:-2],
    "half a character": b"# A\xed\xa0\x80o\n",
    "a picture": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
}


@pytest.mark.parametrize("data", ENCODINGS.values(), ids=ENCODINGS)
def test_a_page_that_is_not_utf8_says_its_line_and_what_to_do(project, data):
    path = project.root / "docs" / "p.md"
    path.write_bytes(b"# P\n\n" + data)
    with pytest.raises(ChapterError, match=r"docs/p\.md:3: .*no es UTF-8; guardá el archivo como UTF-8"):
        Chapter.load(path, project.root)


def test_a_page_that_is_not_utf8_does_not_stop_the_others(project):
    path = project.root / "docs" / "p.md"
    path.write_bytes("# Año { #a }\n\nTexto.\n".encode("latin-1"))
    project.page("q", "# Q { #q }\n\n" + fence("print('sigue')"))
    done = project.command("livedocs", "run")
    assert done.returncode == 1 and "✓ q: 1 de 1 bloques" in done.stderr
    assert done.stderr.count("docs/p.md:1: hay un byte que no es UTF-8") == 1
    built = project.build()
    assert built.returncode == 1 and "docs/p.md:1: hay un byte que no es UTF-8" in built.stderr
    assert "Traceback" not in done.stderr + built.stderr and not (project.root / "site").exists()
    path.write_text("# Año { #a }\n\nTexto.\n", "utf-8")
    assert project.build().returncode == 0 and "Año" in project.html("p")


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"], ids=["Windows", "old Mac", "Unix"])
def test_a_mark_at_the_start_and_any_end_of_line_are_fine(project, end):
    text = "# P { #p }\n\n```python\nprint('bien')\n```\n".replace("\n", end)
    (project.root / "docs" / "p.md").write_bytes(b"\xef\xbb\xbf" + text.encode())
    (chapter,), (execution,), _ = project.run("p")
    assert chapter.cells[0].line == 3 and not execution.failed


# Long ------------------------------------------------------------------------------------

SECTION = """\
## Sección {n} {{ #s{n} }}

Un párrafo con **énfasis**, `código` y un [enlace](#s{n}), que sigue
en otra línea y termina acá.

- uno
- dos, con `x`

```{{.python title="a{n}"}}
x{n} = {n}
y = x{n} + 1
print(y)
```

/// note | Una nota

Texto de la nota.

///

| a | b |
| - | - |
| 1 | 2 |

```text
salida a mano
```

"""


def long_page(lines: int) -> str:
    head = "---\ntitle: Larga\nlesson: true\n---\n\n# Larga { #larga }\n\n"
    body = "".join(SECTION.format(n=n) for n in range(lines // SECTION.count("\n")))
    return head + body


@pytest.fixture(scope="module")
def converter(tmp_path_factory) -> Converter:
    root = tmp_path_factory.mktemp("larga")
    (root / "docs").mkdir()
    (root / "snippets").mkdir()
    return Converter(root)


def steps(converter: Converter, lines: int) -> dict[str, float]:
    """Seconds of each thing that is done with a page of so many lines."""
    path = converter.settings.root / "docs" / f"p{lines}.md"
    path.write_text(long_page(lines), "utf-8")
    took, started = {}, time.process_time()

    def lap(name: str) -> None:
        nonlocal started
        took[name], started = time.process_time() - started, time.process_time()

    chapter = Chapter.load(path, converter.settings.root)
    lap("parse")
    execution = converter.fake.run([chapter])[chapter.path]
    started = time.process_time()
    shown = converter.page(path)
    lap("convert")
    assert shown.count("kv-output") == len(chapter.cells) == lines // SECTION.count("\n")
    writing.problems(chapter)
    lap("writing")
    reading.time(chapter)
    lap("reading")
    standalone.scripts(chapter, execution, 42)
    lap("scripts")
    notebook.todo(chapter, execution)
    lap("notebook")
    html.readable(f"<html><body>{shown}</body></html>")
    lap("readable")
    completeness.read(shown)
    lap("completeness")
    return took


def squared(converter: Converter) -> dict[str, tuple[float, float]]:
    """The steps whose seconds grow faster than the lines: those of a short page, and of a long one."""
    short, long = steps(converter, 2_500), steps(converter, 10_000)
    assert sum(long.values()) < 60, long
    return {
        name: (round(short[name], 2), round(seconds, 2))
        for name, seconds in long.items()
        if seconds > 9 * short[name] and seconds > 0.5
    }


def test_a_page_of_10_000_lines_takes_time_in_proportion(converter):
    """Four times the lines, four times the time: what is squared would take sixteen."""
    steps(converter, 300)  # what is done only once
    if slow := squared(converter):  # what the machine or the collector did is not there twice
        slow = {name: took for name, took in squared(converter).items() if name in slow}
    assert not slow, slow


@pytest.mark.slow
def test_a_page_of_10_000_lines_is_built(project):
    project.page("p", long_page(10_000))
    done = project.build()
    assert done.returncode == 0, done.stderr[-2000:]
    shown = project.html("p")
    count = 10_000 // SECTION.count("\n")
    assert shown.count('class="kv-output') == count and f">{count}\n</pre>" in shown.replace(
        "</pre>", "\n</pre>"
    )
    project.page("p", long_page(10_000).replace("print(y)", "print(y)\nprint(nada)", 1))
    broken = project.command("livedocs", "run")
    assert broken.returncode == 1 and "docs/p.md:20: el bloque falló con NameError" in broken.stderr
