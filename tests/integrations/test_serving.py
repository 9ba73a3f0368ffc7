"""`python -m livedocs serve`, with a real server and, where it matters, a real browser."""

from __future__ import annotations

import re
import signal
import time
import urllib.error
import urllib.request

import psutil
import pytest

from benchmarks.save_and_see import in_output, look_at, save_and_see, serving
from livedocs.integrations.serving.watching import Watcher
from tests.conftest import fence

SLOW = "import time\ntime.sleep(8)\nprint('lento')"


def get(address: str) -> tuple[int, str]:
    """The status of a page and its text."""
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def printed(text: str) -> str:
    """How a page shows that a block printed a line, and nothing else."""
    return f">{text}</pre>"


def until(condition, seconds: float = 90):
    """What a condition gives, once it is true."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "no pasó lo que se esperaba"
        time.sleep(0.1)
    return found


def page(*codes: str, title: str = "P") -> str:
    return f"# {title} {{ #p }}\n\n" + "".join(map(fence, codes))


def test_a_broken_block_is_told_in_the_page_and_in_the_terminal_until_it_is_mended(project):
    project.page("p", page("print('bien')", "print(nada)"))
    project.page("q", "# Q { #q }\n\n```python\nx = 1\n")
    with serving(project.root) as served:
        until(lambda: "Este bloque falló · docs/p.md:8" in get(served.address + "p/")[1])
        assert "se abre acá no se cierra" in get(served.address + "q/")[1]
        served.wait_for("✗ docs/p.md:8: el bloque falló con NameError.")
        served.wait_for("✗ docs/q.md:3: el bloque de código que se abre acá no se cierra")
        project.page("p", page("print('bien')", "print('arreglado')"))
        served.wait_for("✓ Arreglado: docs/p.md:8: el bloque falló con NameError.")
        project.page("q", page("print('cerrado')"))
        served.wait_for("✓ No queda nada por arreglar.")
        found = get(served.address + "p/")[1]
        assert printed("arreglado") in found
        assert "kv-failed" not in found and "kv-provisional" not in found
        assert "Traceback" not in served.printed()


def test_whatever_changes_the_server_goes_on_and_says_what_happened(project):
    snippet = project.root / "snippets" / "a.py"
    snippet.write_text("x = 'uno'\n", "utf-8")
    project.page("con", '# Con { #c }\n\n```python\n--8<-- "a.py"\nprint(x)\n```\n')
    config = project.root / "mkdocs.yml"
    good = config.read_text("utf-8")
    with serving(project.root) as served:
        shown = lambda place: get(served.address + place)
        until(lambda: printed("uno") in shown("con/")[1])
        nueva = project.page("nueva", page("print('hola')", title="Nueva"))
        served.wait_for("docs/nueva.md es nuevo")
        until(lambda: printed("hola") in shown("nueva/")[1])
        nueva.rename(project.root / "docs" / "otra.md")
        served.wait_for("docs/nueva.md ahora es docs/otra.md")
        until(lambda: shown("nueva/")[0] == 404 and printed("hola") in shown("otra/")[1])
        (project.root / "docs" / "otra.md").unlink()
        served.wait_for("docs/otra.md ya no está")
        until(lambda: shown("otra/")[0] == 404)
        snippet.write_text("x = 'dos'\n", "utf-8")
        served.wait_for("snippets/a.py cambió")
        until(lambda: printed("dos") in shown("con/")[1])

        config.write_text(good + "\nplugins: [\n", "utf-8")
        served.wait_for("✗ mkdocs.yml:")
        assert "no es YAML válido" in served.printed()
        assert shown("con/")[0] == 200, "the site goes on as it was"
        project.page(
            "con", '# Con { #c }\n\nMientras tanto.\n\n```python\n--8<-- "a.py"\nprint(x)\n```\n'
        )
        until(lambda: "Mientras tanto." in shown("con/")[1])
        assert "No queda nada" not in served.printed(), "of the configuration, nothing was mended"
        config.write_text(good.replace("name: material", "name: nadie"), "utf-8")
        line = good.split("\n").index("theme:") + 1
        served.wait_for(f"✗ mkdocs.yml:{line}: en «theme», MkDocs dice: ")
        config.write_text(good.replace("site_name: Keras en vivo", "site_name: Otro nombre"), "utf-8")
        served.wait_for("✓ No queda nada por arreglar.")
        until(lambda: "Otro nombre" in shown("con/")[1])
        assert "Traceback" not in served.printed()


def test_at_first_everything_is_shown_and_what_is_looked_at_comes_first(project):
    for n in range(4):
        project.page(f"a{n}", page("import time\ntime.sleep(3)", f"print('soy a{n}')"))
    project.page("z", page("print('soy z')"))
    with serving(project.root, LIVEDOCS_JOBS="1") as served:
        found = get(served.address + "a3/")[1]
        assert found.count("kv-waiting") == 2 and "Esperando…" in found
        assert "Falta ejecutar 5 páginas" in served.printed()
        listening = urllib.request.urlopen(
            served.address + "_livedocs/news?page=z/&version=", timeout=60
        )
        served.wait_for("✓ z: ")
        assert "✓ a3: " not in served.printed()
        served.wait_for("✓ a3: ")
        listening.close()
        until(lambda: printed("soy a3") in get(served.address + "a3/")[1])
        assert "kv-waiting" not in get(served.address + "a3/")[1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_ending_it_leaves_no_process(project, number):
    project.page("p", page("import subprocess\nsubprocess.Popen(['sleep', '987'])\nwhile True: pass"))
    with serving(project.root) as served:
        mine = psutil.Process(served.process.pid)
        find = lambda: {p.name(): p for p in mine.children(recursive=True)}
        until(lambda: "sleep" in find())
        family = mine.children(recursive=True)
        served.process.send_signal(number)
        served.process.wait(60)
        assert psutil.wait_procs(family, timeout=10)[1] == []
        assert "Traceback" not in served.printed()
        if number == signal.SIGINT:
            assert "Se cortó a pedido" in served.printed()


def test_the_search_and_the_files_of_the_theme_are_there(project):
    project.page("p", page("print('palabra' 'rara')"))
    with serving(project.root) as served:
        until(lambda: "data-kv-scripts" in get(served.address + "p/")[1])
        text = get(served.address + "p/")[1]
        for place in re.findall(r'(?:href|src)="\.\./(assets/[^"#?]+)"', text):
            assert get(served.address + place)[0] == 200, place
        assert "palabrarara" in get(served.address + "search/search_index.json")[1]
        assert get(served.address + "../../etc/passwd")[0] == 404
        assert get(served.address + "%2e%2e/pyproject.toml")[0] == 404
        assert get(served.address + "p")[1] == text, "a folder is found without its bar"


def test_prose_is_seen_without_losing_the_place(project, browser):
    long = "".join(f"Párrafo {n} de la página.\n\n" for n in range(200))
    text = "# P { #p }\n\n" + long + fence("print('salida')")
    file = project.page("p", text)
    with serving(project.root) as served:
        until(lambda: printed("salida") in get(served.address + "p/")[1])
        tab = browser.new_context().new_page()
        look_at(tab, served.address + "p/")
        tab.evaluate("() => { window.same = true; scrollTo(0, 2000); }")
        assert (
            save_and_see(tab, file, text.replace("Párrafo 150 de", "Texto nuevo de"), "Texto nuevo") < 60
        )
        assert tab.evaluate("[window.same, scrollY]") == [True, 2000], "the page was not loaded again"
        removed = text.replace("Párrafo 120 de la página.\n\n", "")
        file.write_text(removed, "utf-8")
        tab.wait_for_function("!document.body.textContent.includes('Párrafo 120 de')")
        assert tab.evaluate("window.same") is True
        assert "Párrafo 150 de" in tab.text_content("article")
        file.write_text(removed + "\n## Título { #titulo }\n\nFin.\n", "utf-8")
        tab.wait_for_function("document.querySelector('#titulo')")
        assert tab.evaluate("window.same") is None, "the contents changed: it was loaded again"
        assert abs(tab.evaluate("scrollY") - 2000) < 50
        file.unlink()
        tab.wait_for_function("document.querySelector('.kv-live').textContent.includes('ya no está')")
        tab.close()


def test_code_is_seen_before_the_whole_page_has_run(project, browser):
    codes = ["print('antes')", SLOW, "a = 1\nprint('cambia', a)", "print('depende', a)"]
    file = project.page("p", page(*codes))
    with serving(project.root) as served:
        until(lambda: printed("depende 1") in get(served.address + "p/")[1], 120)
        tab = browser.new_context().new_page()
        look_at(tab, served.address + "p/")
        line, told = in_output(1)
        codes[2] = f"a = 2\n{line}\nprint('cambia', a)"
        save_and_see(tab, file, page(*codes), told)
        shown = tab.inner_text("article")
        assert "provisorio" in shown and "Esperando…" in shown and "depende 1" not in shown
        tab.wait_for_function("/p: bloque 2 de 4/.test(document.querySelector('.kv-live').textContent)")
        tab.wait_for_function("document.body.textContent.includes('depende 2')")
        tab.wait_for_function("!document.querySelector('.kv-provisional, .kv-waiting')")
        assert tab.is_hidden(".kv-live")
        codes[2] = "raise ValueError('a propósito')"
        save_and_see(tab, file, page(*codes), "Este bloque falló · docs/p.md")
        tab.wait_for_function(
            "document.querySelector('.kv-live--wrong')?.textContent.includes('docs/p.md:14')"
        )
        tab.close()


def test_the_watcher_tells_each_kind_of_change(tmp_path):
    (tmp_path / "docs" / "b").mkdir(parents=True)
    for name in ("uno.md", "dos.md", "b/tres.md"):
        (tmp_path / "docs" / name).write_text(name, "utf-8")
    watcher = Watcher(tmp_path, ["docs", "mkdocs.yml"])
    assert not watcher.changes()
    (tmp_path / "docs" / "uno.md").write_text("otro texto", "utf-8")
    (tmp_path / "docs" / "dos.md").rename(tmp_path / "docs" / "b" / "cuatro.md")
    (tmp_path / "docs" / "b" / "tres.md").unlink()
    (tmp_path / "mkdocs.yml").write_text("", "utf-8")
    for ignored in (".uno.md.swp", "uno.md~", "#uno.md#"):
        (tmp_path / "docs" / ignored).write_text("", "utf-8")
    assert watcher.changes().said() == [
        "docs/uno.md cambió",
        "docs/dos.md ahora es docs/b/cuatro.md",
        "mkdocs.yml es nuevo",
        "docs/b/tres.md ya no está",
    ]
    assert not watcher.changes()
