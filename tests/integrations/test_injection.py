"""Whatever outputs, names, titles and attributes say, the built site shows it and runs none of it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import html5lib
import pytest

from livedocs.staging import StagingError, stage
from tests.browser import OPEN_ALL, serving
from tests.conftest import Project, fence

#: Elements that take text or run it, each in its own way; `boom` tells where it was.
PAYLOAD = (
    "</pre></code></title></textarea></script><script>boom({0})</script><img src=x onerror=boom({0})>"
    "<svg onload=boom({0})><iframe srcdoc=boom></iframe><a href=javascript:boom({0})>a</a>"
)


def payload(where: str, quotes: bool = True) -> str:
    """A text that runs something wherever it is taken for markup; `where` is a number there."""
    number = PLACES.setdefault(where, len(PLACES) + 1)
    text = PAYLOAD.format(number)
    return f"\"'>{text}" if quotes else text


PLACES: dict[str, int] = {}


def said(text: str) -> str:
    """A value of the front matter."""
    return json.dumps(text, ensure_ascii=False)


def attribute(where: str) -> str:
    """A value of an opening fence, which holds no double quotes."""
    return payload(where, quotes=False).replace("'", "").replace("`", "")


def outputs_page() -> str:
    show = "from IPython.display import display\ndisplay({!r}, raw=True)"
    kinds = {
        kind: fence(show.format({kind: payload(kind), "text/plain": payload(f"{kind}, plain")}))
        for kind in (
            "text/html",
            "text/markdown",
            "text/latex",
            "application/javascript",
            "application/json",
        )
    }
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" onload="boom(1)"><script>boom(1)</script><text id="{0}" '
        'fill="{0}">{0}</text><foreignObject><img src="x" onerror="boom(1)"/></foreignObject></svg>'
    )
    quoted = payload("svg").replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    svg = {"image/svg+xml": drawing.format(quoted)}
    png = {"image/jpeg": 'AAAA" onerror="boom(1)'}
    errors = f"class Error(Exception):\n    pass\n\nraise Error({payload('an error')!r})"
    blocks = [
        fence(f"print({payload('stdout')!r})"),
        fence(f"import sys\nprint('UserWarning: ' + {payload('stderr')!r}, file=sys.stderr)"),
        fence(f"import warnings\nwarnings.warn({payload('a warning')!r})"),
        fence(repr(payload("a value"))),
        *kinds.values(),
        fence(show.format(svg), f'data-alt="{attribute("data-alt")}"'),
        fence(show.format(png), f'data-alt="{attribute("data-alt of a picture")}"'),
        fence(
            f"from IPython.display import display\ndisplay({svg!r}, raw=True, metadata={{'alt': {payload('alt')!r}}})"
        ),
        fence(errors, 'data-raises="Error"'),
        fence(f"# {payload('a comment')}\nname = {payload('code')!r}", f'title="{attribute("title")}"'),
        fence("x = 1", f'notest data-why="{attribute("data-why")}"'),
        fence(f"raise ValueError({payload('an error of the finder')!r})", 'data-raises="ValueError"'),
    ]
    return "".join(blocks)


def lesson(title: str, body: str) -> str:
    return (
        f"---\ntitle: {said(payload(title))}\ndescription: {said(payload(title + ', description'))}\n"
        f"part: {said(payload(title + ', part'))}\nasked: [{said(payload(title + ', asked'))}]\n"
        f"lesson: true\n---\n\n# `{payload(title + ', heading').replace('`', '')}` {{ #{title} }}\n\n"
        f"## `{payload(title + ', section')}` {{ #s-{title} }}\n\n{body}"
    )


QUIZ = (
    "```{{.python quiz}}\nprint({0!r})\n```\n\n- `{0}`: uno, `{1}`.\n- `otra`: dos.\n- `nada`: tres.\n\n"
)
EXERCISE = (
    "## Ejercicio 1 {{ #ejercicio-1 }}\n\n/// details | `{0}`\n    type: solution\n\n"
    '```{{.python data-todo="{1}"}}\ny = 1\n```\n\n///\n\n'
    '```{{.python data-gaps="{2}"}}\nz = ▢\n```\n\n'
)
SUMMARY = (
    "import keras\nnet = keras.Sequential(\n    [keras.Input((2,), name='entrada'), keras.layers.Dense(1, name={0!r})],"
    "\n    name={1!r},\n)\nnet.summary()"
)
TERMS = "terms:\n  - {{en: boomer, es: boomer, what: {0}, tooltip: boomer}}\nvoice: []\n"


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """The site of a project in which everything is hostile."""
    project = Project(tmp_path_factory.mktemp("hostil") / "proyecto")
    names = [payload(name, quotes=False).replace("/", "|") for name in ("layer", "model")]
    code = payload("a quiz").replace("`", "")
    bodies = {
        "uno": outputs_page(),
        "dos": QUIZ.format(code, payload("a reason").replace("`", ""))
        + EXERCISE.format(
            payload("title of a fold").replace("|", ""),
            attribute("data-todo"),
            "'" + attribute("data-gaps") + "'",
        ),
        "tres": fence(SUMMARY.format(*names)),
    }
    unit = "clases/101-hostil"
    project.page(
        f"{unit}/index",
        f"---\ntitle: {said(payload('class'))}\n---\n\n# Hostil {{ #hostil }}\n\n"
        "## Lecciones { #lecciones }\n\n<!-- lecciones -->\n",
    )
    for name, body in bodies.items():
        project.page(f"{unit}/{name}", lesson(name, body))
    project.page(
        "listas",
        f"---\ntitle: {said(payload('lists'))}\nmessages: true\nglossary: true\ndownloads: true\n---\n\n"
        "# Listas { #listas }\n\n<!-- mensajes -->\n\n<!-- glosario -->\n\n## Páginas { #paginas }\n\n<!-- descargas: tabla -->\n\n"
        "<!-- errores por lo que se ve -->\n\n<!-- errores por momento -->\n",
    )
    untitled = payload("a title from the heading").replace("`", "")
    project.page("sin-cabecera", f"# `{untitled}`\n\nEl boomer.\n")
    (project.root / "docs" / "glosario.yml").write_text(TERMS.format(said(payload("a term"))), "utf-8")
    done = project.build()
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return project.root / "site"


@pytest.mark.parametrize("name", ["a<b>", 'a"b', "a'b", "a&amp;b", "a#b", "a?b", "a%20b", "a\nb"])
def test_a_name_that_is_no_address_is_refused(project, name):
    project.page(name, "# P { #p }\n")
    with pytest.raises(StagingError, match="el nombre de un archivo es su dirección, y no lleva «"):
        stage(project.settings())
    assert not (project.settings().build / "site").exists(), "nothing was written"


def active(shown: str) -> list[str]:
    """What a browser would run of a page because of a payload."""
    found = []
    for each in html5lib.parse(shown, namespaceHTMLElements=False).iter():
        if not isinstance(each.tag, str):
            continue
        kind, tag = each.get("type", ""), each.tag.rpartition("}")[2]
        if tag == "script" and "boom(" in (each.text or "") and "json" not in kind:
            found.append(f"<script>: {each.text[:80]}")
        if tag in ("iframe", "object", "embed", "base"):
            found.append(f"<{tag}>")
        for name, value in each.attrib.items():
            name = str(name).lower()
            if (
                name.startswith("on")
                or name == "srcdoc"
                or value.strip().lower().startswith("javascript:")
            ):
                found.append(f"<{tag} {name}={value[:60]}>")
            if name == "src" and value == "x":
                found.append(f"<{tag} src=x>")
    return found


@pytest.mark.slow
def test_no_page_of_the_site_has_anything_active_in_it(built):
    pages = sorted(built.rglob("*.html"))
    assert len(pages) >= 8 and len(PLACES) > 30
    found = {
        path.relative_to(built).as_posix(): told
        for path in pages
        if (told := active(path.read_text("utf-8")))
    }
    assert not found, found
    text = (built / "clases/101-hostil/uno/index.html").read_text("utf-8")
    shown = "".join(html5lib.parse(text, namespaceHTMLElements=False).itertext())
    for where in ("stdout", "stderr", "a value", "an error", "code", "uno"):
        assert f"boom({PLACES[where]})" in shown, f"{where} is shown, as text"


def test_the_check_sees_what_is_active():
    """It would prove nothing if it saw nothing."""
    for quotes in (True, False):
        assert len(active(f"<p>{payload('a test', quotes)}</p>")) >= 5
    assert active(f'<p title="{payload("a test")}">')
    assert not active("<p>&lt;script&gt;boom(1)&lt;/script&gt;</p>")


@pytest.mark.slow
def test_a_browser_that_reads_all_of_it_runs_none(built, browser):
    with serving(built) as address:
        context = browser.new_context()
        context.add_init_script("window.booms = []; window.boom = where => window.booms.push(where)")
        page = context.new_page()
        errors: list[str] = []
        page.on(
            "console", lambda message: errors.append(message.text) if message.type == "error" else None
        )
        page.on("dialog", lambda dialog: errors.append(dialog.message) or dialog.dismiss())
        for path in sorted(built.rglob("index.html")):
            place = path.parent.relative_to(built).as_posix()
            page.goto(
                f"{address}/{'' if place == '.' else place + '/'}".replace("&", "%26").replace(
                    "<", "%3C"
                )
            )
            page.evaluate(OPEN_ALL)
            page.wait_for_timeout(100)
            assert page.evaluate("window.booms") == [], place
        # What scripts write: the search, the finder.
        page.goto(f"{address}/clases/101-hostil/uno/?q=boom")
        page.wait_for_selector(".md-search-result__link")
        page.wait_for_timeout(300)
        assert page.locator(".md-search-result__item").count() >= 1
        assert page.evaluate("window.booms") == [], "the search"
        page.goto(f"{address}/clases/101-hostil/uno/")
        page.locator(".kv-upto").first.click()
        page.wait_for_timeout(300)
        assert page.evaluate("window.booms") == [], "«Hasta acá»"
        refused = [text for text in errors if re.search(r"Content Security Policy|inline", text)]
        assert not refused, "nothing had to be refused: it never was markup"
        context.close()
