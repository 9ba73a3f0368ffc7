"""Whoever pastes an error, as it comes, is led to the section that explains it; what is not here, is said."""

from __future__ import annotations

import gzip
import json
import re
import textwrap
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from livedocs.derived import atlas
from livedocs.pages import anatomy
from livedocs.pages.chapter import Chapter
from tests.conftest import ROOT

#: Errors of Python programs that this course does not explain.
UNRELATED = """\
MemoryError: Unable to allocate 7.45 GiB for an array with shape
OSError: [Errno 28] No space left on device
ModuleNotFoundError: No module named 'pandas'
NameError: name 'total' is not defined
IndexError: list index out of range
KeyError: 'precio'
IndentationError: expected an indented block after 'if' statement on line 3
SyntaxError: invalid syntax. Perhaps you forgot a comma?
TypeError: unsupported operand type(s) for +: 'int' and 'str'
TypeError: 'NoneType' object is not subscriptable
AttributeError: 'list' object has no attribute 'split'
AttributeError: 'DataFrame' object has no attribute 'append'
ValueError: could not convert string to float: 'doce'
ValueError: invalid literal for int() with base 10: '3.5'
RecursionError: maximum recursion depth exceeded in comparison
UnicodeDecodeError: 'utf-8' codec can't decode byte 0xe9 in position 10: invalid continuation byte
PermissionError: [Errno 13] Permission denied: '/etc/hosts'
ConnectionError: HTTPSConnectionPool(host='example.org', port=443): Max retries exceeded with url: /
json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)
sqlite3.OperationalError: no such table: alumnos
django.core.exceptions.ImproperlyConfigured: The SECRET_KEY setting must not be empty.
StopIteration
OverflowError: int too large to convert to float
UnboundLocalError: cannot access local variable 'x' where it is not associated with a value
AssertionError: expected 3 but got 4
TimeoutError: [Errno 110] Connection timed out
SystemExit: 2
subprocess.CalledProcessError: Command '['git', 'push']' returned non-zero exit status 1.
pandas.errors.ParserError: Error tokenizing data. C error: Expected 3 fields in line 4, saw 5
yaml.scanner.ScannerError: mapping values are not allowed here
""".strip().split("\n")

COLAB = """\
---------------------------------------------------------------------------
{kind}                                Traceback (most recent call last)
/tmp/ipython-input-7-1234567890.py in <cell line: 0>()
      1 history = red.fit(
----> 2     entrada, salida, epochs=5)

1 frames
/usr/local/lib/python3.12/dist-packages/keras/src/utils/traceback_utils.py in error_handler(*args, **kwargs)
    120             # To get the full stack trace, call:
    121             # `keras.config.disable_traceback_filtering()`
--> 122             raise e.with_traceback(filtered_tb) from None
    123         finally:
    124             del filtered_tb

{message}
"""
WINDOWS = """\
Traceback (most recent call last):
  File "C:\\Users\\Ana María\\Documentos\\red.py", line 31, in <module>
    red.fit(entrada, salida)
    ~~~~~~~^^^^^^^^^^^^^^^^^
  File "C:\\Users\\Ana María\\entorno\\Lib\\site-packages\\keras\\src\\utils\\traceback_utils.py", line 122, in error_handler
    raise e.with_traceback(filtered_tb) from None
{message}
"""


PASTED = Path(__file__).with_name("pasted")
#: How each error of the atlas begins today: a new Keras that says it otherwise is noticed here.
WORDINGS = Path(__file__).with_name("wordings.json")
SLUGS = sorted(p.stem for p in (ROOT / "docs" / anatomy.ATLAS).glob("*.md") if p.stem != "index")


#: Errors that print the same message, for another reason each: whichever comes first is right.
SAME_MESSAGE = (
    ("capas-creadas-en-call", "tf-variable-adentro"),
    ("capas-creadas-en-call", "capas-escondidas"),
    ("guardar-una-capa-propia", "guardar-un-modelo-propio"),
    ("estado-fuera-de-add-weight", "lista-de-python-en-el-grafo"),
    ("condicion-vector", "call-con-dos-argumentos"),
    ("datos-con-otra-forma", "un-solo-ejemplo"),
    ("sin-gradientes", "una-perdida-para-dos-salidas"),
    ("numpy-adentro-del-grafo", "tf-sobre-keras-input"),
)


def known(site: Path) -> list[dict]:
    """What the finder reads."""
    text = (site / "assets" / "mensajes.js").read_text("utf-8")
    return json.loads(text.split("window.kvMessages=")[1].rstrip(";\n"))


def pasted(slug: str) -> list[str]:
    """What somebody with that error would paste, or say if it shows no message."""
    text = (PASTED / f"{slug}.txt").read_text("utf-8")
    return [variant.strip("\n") for variant in re.split(r"^%%$", text, flags=re.M) if variant.strip()]


def with_other_figures(message: str) -> str:
    """Other shapes, other numbers of layers and of nodes."""
    return re.sub(r"\d+", lambda n: str((int(n[0]) * 7 + 3) % 977), message)


def variants(message: str) -> dict[str, str]:
    other = with_other_figures(message)
    kind = message.partition(":")[0]
    return {
        "as it is": message,
        "Colab": COLAB.format(kind=kind, message=other),
        "Windows": WINDOWS.format(message=message),
        "wrapped": "\n".join(textwrap.wrap(other, 58)),
    }


@pytest.fixture(scope="module")
def entries(site) -> list[dict]:
    return known(site)


@pytest.fixture(scope="module")
def page(browser, address):
    page = browser.new_context().new_page()
    page.goto(address + "/errores/")
    yield page
    page.close()


def find(page, text: str) -> list[dict]:
    return page.evaluate("text => kvFind(text)", text)


def test_every_message_is_found_however_it_is_pasted(page, entries):
    tried, right, missed = 0, 0, []
    for entry in entries:
        for message in entry["m"]:
            same = {e["u"] for e in entries if any(alike(m, message) for m in e["m"])}
            for name, text in variants(message).items():
                places = [each["u"] for each in find(page, text)]
                tried += 1
                right += bool(same & set(places[:1]))
                if not same & set(places[:3]):
                    missed.append((name, entry["u"], message[:80], places[:3]))
    assert tried > 200
    assert right >= 0.95 * tried, (right, tried)
    assert not missed, missed


def wording(slug: str, entry: dict) -> list[str]:
    """How each message of an error begins, without figures, those of other versions left out."""
    chapter = Chapter.load(ROOT / "docs" / anatomy.ATLAS / f"{slug}.md", ROOT)
    (found,) = atlas.entries([chapter])
    return sorted({re.sub(r"\d+", "#", m)[:90] for m in entry["m"] if m not in found.older})


def alike(one: str, other: str) -> bool:
    """Whether two messages are the same one, said of other shapes and names."""
    one, other = (set(re.findall(r"[A-Za-z]{3,}", told(m))) for m in (one, other))
    return len(one & other) >= 0.7 * len(one | other)


def told(message: str) -> str:
    """What a message says, without where Keras says that it was."""
    parts = message.split("\n\n")
    return parts[1] if "Exception encountered" in parts[0] and len(parts) > 1 else parts[0]


@pytest.mark.parametrize("text", UNRELATED, ids=lambda text: text[:40])
def test_what_is_not_here_is_not_found(page, text):
    assert [(each["u"], each["score"]) for each in find(page, text)] == []


def test_pasting_shows_the_error_first_with_the_words_that_matched(page):
    area = page.get_by_label("Pegá el mensaje de error")
    area.fill("RuntimeError: You must call `compile()` before using the model.")
    page.get_by_role("button", name="Buscar el error").click()
    first = page.locator(".kv-finder li").first
    first.wait_for()
    assert "errores/fit-sin-compile/" in first.locator("a").get_attribute("href")
    assert "compile" in first.inner_text()
    told = page.locator(".kv-finder [role=status]").inner_text()
    assert re.fullmatch(r"Este se parece:|Se parecen \d\. Primero, el que más:", told), told


def test_the_section_about_an_error_comes_before_those_that_show_it(page):
    text = (
        'ValueError: Input 0 of layer "dense" is incompatible with the layer: expected axis -1 of input '
        "shape to have value 784, but received input with shape (None, 28, 28)"
    )
    assert find(page, text)[0]["u"].endswith("errores/columnas-de-mas/")


def test_what_is_not_here_is_said_with_a_search_and_a_report(page):
    page.get_by_label("Pegá el mensaje de error").fill(UNRELATED[0])
    page.get_by_role("button", name="Buscar el error").click()
    page.get_by_text("No lo tenemos").wait_for()
    assert page.locator(".kv-finder li").count() == 0
    told = page.locator(".kv-finder [role=status]")
    asked = parse_qs(urlsplit(told.get_by_role("link").nth(0).get_attribute("href")).query)
    assert "unable allocate gib array" in asked["q"][0]
    report = urlsplit(told.get_by_role("link", name="contanos cuál es").get_attribute("href"))
    fields = parse_qs(report.query)
    assert report.path.endswith("/issues/new") and fields["template"] == ["error-en-una-pagina.yml"]
    assert fields["problem"] == [UNRELATED[0]] and fields["page"] == ["/errores/"]
    assert re.match(r"Keras \d+\.\d+\.\d+, TensorFlow \d+", fields["versions"][0])


def test_there_is_an_atlas():
    assert len(SLUGS) >= 45
    assert {path.stem for path in PASTED.glob("*.txt")} == set(SLUGS)


@pytest.mark.parametrize("slug", SLUGS)
def test_each_error_prints_its_message_or_says_what_is_seen(slug, entries):
    chapter = Chapter.load(ROOT / "docs" / anatomy.ATLAS / f"{slug}.md", ROOT)
    (entry,) = [each for each in entries if each["u"] == f"{anatomy.ATLAS}/{slug}/"]
    silent = chapter.meta["error"].get("silent")
    assert len(pasted(slug)) >= 3
    assert entry["s"] if silent else entry["m"]


def test_what_people_paste_leads_to_its_error(page):
    tried, missed, late = 0, [], []
    for slug in SLUGS:
        for text in pasted(slug):
            tried += 1
            places = [each["u"].removeprefix("errores/").rstrip("/") for each in find(page, text)[:3]]
            if slug not in places:
                missed.append((slug, text[-90:], places))
            elif slug != places[0] and not any({slug, places[0]} == set(pair) for pair in SAME_MESSAGE):
                late.append((slug, text[-90:], places))
    assert not missed, missed
    assert tried - len(late) >= 0.95 * tried, (len(late), tried, late)


@pytest.mark.parametrize("pair", SAME_MESSAGE, ids=" y ".join)
def test_errors_said_to_print_the_same_message_do(pair, entries):
    one, other = (next(e["m"] for e in entries if e["u"] == f"{anatomy.ATLAS}/{slug}/") for slug in pair)
    last = re.compile(r".*Error: ", re.S)  # of several, one inside another
    said = [
        [set(re.findall(r"[A-Za-z]{3,}", told(last.sub("", m)))) for m in messages]
        for messages in (one, other)
    ]
    assert any(len(a & b) >= 0.8 * min(len(a), len(b)) for a in said[0] for b in said[1])


@pytest.mark.parametrize("slug", SLUGS)
def test_the_wording_of_an_error_is_the_one_that_its_page_explains(slug, entries):
    (entry,) = [each for each in entries if each["u"] == f"{anatomy.ATLAS}/{slug}/"]
    before = json.loads(WORDINGS.read_text("utf-8")).get(slug)
    assert before == wording(slug, entry), (
        f"docs/errores/{slug}.md: el mensaje ya no es el mismo. Mirá si la página lo sigue explicando, "
        "agregá lo que decía en «En otras versiones» y fijá el nuevo con «python -m tests.wordings SITIO»."
    )


@pytest.mark.parametrize("place", ["/", "/404.html"])
def test_the_search_box_shows_it_above_the_rest(browser, address, place):
    page = browser.new_context().new_page()
    page.goto(address + place)
    page.locator("input[name=query]").click()
    page.keyboard.insert_text("ValueError: You must call `compile()` before using the model.")
    link = page.locator(".kv-found a").first
    link.wait_for()
    link.click()
    page.wait_for_url("**/errores/fit-sin-compile/")
    page.close()


@pytest.mark.parametrize(
    ("piece", "slug"),
    [
        ("You must call compile", "fit-sin-compile"),
        ("No gradients provided for any variable", "sin-gradientes"),
        ("la pérdida da nan", "perdida-nan"),
        ("cómo guardo un modelo", ""),
        ("guardar un modelo", ""),
    ],
)
def test_the_search_box_knows_a_piece_of_an_error_from_a_question(browser, address, piece, slug):
    page = browser.new_context().new_page()
    page.goto(address)
    page.locator("input[name=query]").click()
    page.wait_for_function("() => window.kvFind")
    page.keyboard.insert_text(piece)
    if slug:
        link = page.locator(".kv-found a").first
        link.wait_for()
        assert re.search(rf"/errores/({slug})/$", link.get_attribute("href"))
    else:
        page.locator(".md-search-result__item").first.wait_for()
        assert not page.locator(".kv-found").is_visible()
    page.close()


def test_the_finder_is_walked_by_keyboard_and_says_what_it_found(browser, address):
    page = browser.new_context().new_page()
    page.goto(address + "/errores/")
    area = page.get_by_role("search", name="Buscar un error").get_by_label("Pegá el mensaje de error")
    area.focus()
    page.keyboard.insert_text("RuntimeError: You must call `compile()` before using the model.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    status = page.locator(".kv-finder [role=status]")
    page.wait_for_function("() => document.querySelector('.kv-finder [role=status]').textContent")
    assert "parece" in status.inner_text()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.href").endswith("/errores/fit-sin-compile/")
    page.close()


def test_what_the_finder_needs_is_light(site):
    """Under 60 kB compressed, index and code."""
    files = [site / "assets" / name for name in ("mensajes.js", "errores.js")]
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) < 60_000


@pytest.mark.slow
def test_a_long_traceback_is_answered_at_once(browser, address):
    """200 lines, on a CPU 4 times slower: under 50 ms once the messages have been read."""
    page = browser.new_context().new_page()
    page.goto(address + "/errores/")
    frame = '  File "/home/ana/red.py", line 3, in <module>\n    red.fit(entrada, salida, epochs=5)\n'
    text = "Traceback (most recent call last):\n" + frame * 100
    text += "ValueError: You must call `compile()` before using the model."
    assert find(page, text)[0]["u"].endswith("errores/fit-sin-compile/")
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
    taken = page.evaluate(
        """async text => { const times = [];
             for (let n = 0; n < 7; n++) { const t = performance.now(); await kvFind(text); times.push(performance.now() - t); }
             return Math.min(...times); }""",
        text,
    )
    page.close()
    assert taken < 50, taken
