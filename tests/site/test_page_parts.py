"""How the parts of an inner page look and behave, on a phone, by keyboard and on paper."""

from __future__ import annotations

import itertools
import re

import pytest

from tests.browser import OPEN_ALL, SIZES, urls

CLASS = "/clases/102-sequential/compilar-y-entrenar/"
#: With many blocks, some of which end in an error, and with the tables of several models.
ERRORS, SUMMARIES = "/errores/datos-con-otra-forma/", "/guias/api-funcional/modelos-dentro-de-modelos/"
#: With diagrams of many boxes, notes of the code, tables that a block prints, and errors.
FULL = ("/clases/103-functional-y-subclassing/saltos/", "/guias/api-funcional/un-grafo/")
NOTES = "/clases/119-losses-metricas-capas-modelos/paso-de-entrenamiento/"
PHONE = {"width": 360, "height": 780}
#: Fonts that readers have: wide, narrow and in between.
FONTS = ("DejaVu Sans", "Liberation Sans", "Noto Sans", "sans-serif", "serif")


@pytest.fixture
def phone(browser):
    context = browser.new_context(
        viewport=PHONE,
        has_touch=True,
        reduced_motion="reduce",
        bypass_csp=True,  # Playwright's waits evaluate text
        permissions=["clipboard-read", "clipboard-write"],
    )
    yield context.new_page()
    context.close()


@pytest.fixture
def desktop(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def go_to(page, anchor: str) -> None:
    page.evaluate("id => document.getElementById(id).scrollIntoView()", anchor)
    page.wait_for_timeout(400)


# The bar with the current section ---------------------------------------------------------


def test_the_bar_says_where_one_is_and_opens_the_contents_there(phone, address):
    phone.goto(address + CLASS)
    here = phone.locator(".kv-here")
    assert here.inner_text().split("\n") == ["Keras en vivo", "En esta página"]
    go_to(phone, "fit")
    assert here.inner_text() == "Entrenar con fit"
    assert 0 <= here.bounding_box()["y"] < 48  # it stays at the top
    here.tap()
    panel = phone.locator(".md-sidebar--secondary")
    assert panel.is_visible()
    active = panel.locator(".md-nav__link--active")
    assert active.inner_text().strip() == "Entrenar con fit"
    frame, item = panel.bounding_box(), active.bounding_box()
    assert frame["y"] <= item["y"] and item["y"] + item["height"] <= frame["y"] + frame["height"]
    phone.keyboard.press("Escape")
    assert not panel.is_visible()
    assert phone.evaluate("document.activeElement.matches('.kv-here')")
    phone.keyboard.press("Enter")
    panel.get_by_role("link", name="Compilar: pérdida").tap()
    assert not panel.is_visible()
    assert phone.url.endswith("#compile")
    top = phone.evaluate("document.querySelector(':target').getBoundingClientRect().top")
    assert 40 < top < 260


def test_where_the_contents_are_at_the_side_there_is_no_bar(desktop, address):
    desktop.goto(address + CLASS)
    assert not desktop.locator(".kv-here").is_visible()
    assert desktop.locator(".md-sidebar--secondary").is_visible()


@pytest.mark.parametrize("size", SIZES)
def test_nothing_floats_over_the_text(browser, address, size):
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.goto(address + CLASS)
    go_to(page, "fit")
    page.mouse.wheel(0, -200)  # what comes back on the way up
    page.wait_for_timeout(400)
    over = page.evaluate(
        """() => {
          const column = document.querySelector('article').getBoundingClientRect();
          const found = [];
          for (let y = 60; y < innerHeight; y += 24) {
            const seen = document.elementFromPoint(column.left + column.width / 2, y);
            if (seen && !seen.closest('.md-main__inner')) found.push([y, seen.outerHTML.slice(0, 80)]);
          }
          return found;
        }"""
    )
    context.close()
    assert over == []


# Blocks of code --------------------------------------------------------------------------------

BARS = """() => {
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const paper = e => { while (e && rgb(getComputedStyle(e).backgroundColor)[3] === 0) e = e.parentElement;
                       return rgb(getComputedStyle(e || document.body).backgroundColor); };
  return [...document.querySelectorAll('article .highlight')].filter(b => b.checkVisibility()).map(block => {
    const code = block.querySelector('pre').getBoundingClientRect();
    return [...block.querySelectorAll('button')].map(button => {
      const box = button.getBoundingClientRect();
      const [a, b] = [light(rgb(getComputedStyle(button).color)), light(paper(button))].sort((x, y) => y - x);
      return {name: button.ariaLabel, text: button.textContent, contrast: (a + 0.05) / (b + 0.05),
              height: box.height, over: Math.min(box.bottom, code.bottom) - Math.max(box.top, code.top)};
    });
  });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_the_bar_of_a_block_can_be_seen_touched_and_covers_no_code(browser, address, size, scheme):
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    page.goto(address + CLASS)
    blocks = page.evaluate(BARS)
    context.close()
    assert len(blocks) > 15
    for buttons in blocks:
        assert buttons[0]["text"] == "Copiar"
        assert [b["text"] for b in buttons[1:]] in ([], ["Hasta acá"], ["Hasta acá", ""])
        for button in buttons:
            assert button["contrast"] >= 4.5, button
            assert button["height"] >= 24, button
            assert button["over"] <= 0.5, button
            # What is seen is part of what is heard, so that it can be asked for by voice.
            assert button["text"].lower() in button["name"].lower()
    assert sum(len(buttons) == 3 for buttons in blocks) > 15


def test_no_two_buttons_of_a_page_share_a_name(desktop, address, site):
    for url in (CLASS, FULL[1], next(u for u in urls(site) if u.startswith("/notebooks/"))):
        desktop.goto(address + url)
        names = desktop.evaluate(
            "[...document.querySelectorAll('.kv-bar button')].map(b => b.ariaLabel)"
        )
        assert len(names) > 10
        assert len(set(names)) == len(names), url
        assert "Copiar el bloque 2" in names or url.startswith("/notebooks/")


def test_the_only_landmarks_are_those_of_the_page(desktop, address):
    desktop.goto(address + CLASS)
    assert desktop.locator("article nav").count() == 0
    unnamed = desktop.evaluate(
        """[...document.querySelectorAll('nav')].filter(n => !n.ariaLabel && !n.getAttribute('aria-labelledby'))
             .map(n => n.outerHTML.slice(0, 80))"""
    )
    assert unnamed == []


def test_a_copy_is_announced_and_seen(phone, address):
    phone.goto(address + CLASS)
    status = phone.locator(".md-dialog[role=status]")
    assert status.count() == 1  # it is there before it speaks
    button = phone.locator("#b2 .kv-bar button").first
    button.tap()
    phone.wait_for_function("document.querySelector('#b2 .kv-bar button').textContent === 'Copiado ✓'")
    assert status.text_content().strip() == "Copiado el bloque 2"
    assert "load_data()" in phone.evaluate("navigator.clipboard.readText()")
    phone.wait_for_function("document.querySelector('#b2 .kv-bar button').textContent === 'Copiar'")


def test_without_javascript_there_are_no_buttons_that_do_nothing(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + CLASS)
    assert not page.locator(".kv-bar button").first.is_visible()
    context.close()


def test_code_and_its_output_are_one_card(desktop, address):
    desktop.goto(address + CLASS)
    block, output = (desktop.locator(s).bounding_box() for s in ("#b4", "#b4 + .kv-output"))
    assert abs(block["y"] + block["height"] - output["y"]) < 0.6
    assert (block["x"], block["width"]) == (output["x"], output["width"])


# What scrolls, and what does not ---------------------------------------------------------------

SCROLLERS = """() => [...document.querySelectorAll('article :is(pre, code, figure, .kv-scroll, .kv-wide)')]
  .filter(e => e.clientWidth && e.scrollWidth > e.clientWidth + 1
               && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX))
  .map(e => ({what: e.className + ' ' + e.tagName + ' ' + e.textContent.slice(0, 40), focus: e.tabIndex,
              cue: getComputedStyle(e).backgroundImage !== 'none' || e.matches('.kv-goes-on')}))"""


@pytest.mark.parametrize("url", [CLASS, *FULL])
def test_what_scrolls_shows_it_and_is_reached_by_keyboard(phone, address, url):
    phone.goto(address + url)
    phone.evaluate(OPEN_ALL)
    phone.wait_for_timeout(300)
    found = phone.evaluate(SCROLLERS)
    assert found
    assert [each for each in found if each["focus"] != 0 or not each["cue"]] == []


@pytest.mark.parametrize("url", [CLASS, *FULL, NOTES])
def test_printed_text_wraps_unless_it_is_in_columns(phone, address, url):
    phone.goto(address + url)
    phone.evaluate(OPEN_ALL)
    cut = phone.evaluate(
        """[...document.querySelectorAll('.kv-output > pre.kv-text:not(.kv-columns)')]
             .filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent.slice(0, 80))"""
    )
    assert cut == []


def test_the_notes_of_the_code_are_within_the_screen(phone, address):
    phone.goto(address + NOTES)
    phone.evaluate(OPEN_ALL)
    outside = phone.evaluate(
        """() => {
          const found = [];
          for (const note of document.querySelectorAll('.highlight .kv-note')) {
            const box = note.getBoundingClientRect(), code = note.closest('code').getBoundingClientRect();
            if (box.width && (box.right > Math.min(code.right, 360) + 1 || box.left < code.left))
              found.push([note.id, box.right]);
          }
          return found;
        }"""
    )
    assert phone.locator(".highlight .kv-note").count() > 3
    assert outside == []


@pytest.mark.parametrize("url", [CLASS, *FULL])
def test_drawings_are_legible_on_a_phone(phone, address, url):
    """No letter below 10 px: what needs more room than the screen scrolls."""
    phone.goto(address + url)
    phone.evaluate(OPEN_ALL)
    small = phone.evaluate(
        """() => [...document.querySelectorAll('figure:is(.kv-diagram, .kv-figure) svg text')]
             .filter(t => t.textContent.trim())
             .map(t => [t.textContent, parseFloat(getComputedStyle(t).fontSize) * Math.hypot(t.getScreenCTM().a, t.getScreenCTM().b)])
             .filter(([, size]) => size && size < 9.95)"""
    )
    assert small == []


COLLIDING = """font => {
  document.body.style.setProperty('--md-text-font', font);
  const found = [];
  let labels = 0;
  for (const drawing of document.querySelectorAll('.kv-diagram svg')) {
    const boxes = [...drawing.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]);
    labels += boxes.length;
    for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < boxes.length; j++) {
      const [a, b] = [boxes[i][1], boxes[j][1]];
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      // A line is taller than its letters: lines above one another share a little.
      if (across > 0.5 && down > 0.35 * Math.min(a.height, b.height)) found.push([boxes[i][0], boxes[j][0]]);
    }
  }
  return [labels, found];
}"""


@pytest.mark.parametrize("url", FULL)
def test_labels_of_diagrams_never_collide(desktop, address, url):
    desktop.goto(address + url)
    desktop.evaluate(OPEN_ALL)
    for font in FONTS:
        labels, colliding = desktop.evaluate(COLLIDING, font)
        assert labels > 10
        assert colliding == [], font


def test_colliding_labels_are_seen(desktop, address):
    desktop.goto(address + FULL[0])
    desktop.evaluate(
        """() => { const [a, b] = document.querySelectorAll('.kv-diagram svg text');
                   b.setAttribute('x', a.getAttribute('x')); b.setAttribute('y', a.getAttribute('y')); }"""
    )
    assert desktop.evaluate(COLLIDING, FONTS[0])[1] != []


@pytest.mark.slow
def test_no_diagram_is_cut_on_a_desktop(desktop, address, site):
    cut = {}
    for url in urls(site):
        if url.startswith(("/clases/", "/guias/")):
            desktop.goto(address + url)
            desktop.evaluate(OPEN_ALL)
            cut[url] = desktop.evaluate(
                """[...document.querySelectorAll('.kv-diagram')].filter(d => d.scrollWidth > d.clientWidth + 1)
                     .filter(d => !d.matches('.kv-goes-on')).length"""
            )
    assert set(cut.values()) == {0}


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_the_totals_of_a_summary_are_in_columns(browser, address, size):
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.goto(address + SUMMARIES)
    columns = page.evaluate(
        """[...document.querySelectorAll('.kv-summary dl')].filter(l => l.checkVisibility()).map(l =>
             [...l.querySelectorAll('dt + dd')].map(d => Math.round(d.getBoundingClientRect().right)))"""
    )
    context.close()
    assert len(columns) > 1
    assert all(len(set(edges)) == 1 and len(edges) > 1 for edges in columns)


# Names and the keyboard --------------------------------------------------------------------------


def test_the_permalink_is_no_part_of_a_name_nor_a_stop(desktop, address, site):
    for url in (CLASS, next(u for u in urls(site) if u.startswith("/notebooks/"))):
        desktop.goto(address + url)
        assert "¶" not in desktop.locator("article").aria_snapshot()
        assert desktop.evaluate(
            "[...document.querySelectorAll('.headerlink, .anchor-link')].every(a => a.tabIndex === -1)"
        )
    desktop.goto(address + CLASS)
    desktop.keyboard.press("Tab")
    assert desktop.evaluate("document.activeElement.classList.contains('md-skip')")
    desktop.keyboard.press("Enter")
    desktop.keyboard.press("Tab")
    assert desktop.evaluate("document.activeElement.matches('article *:not(.headerlink)')")


def test_headings_take_no_extra_line_on_a_phone(phone, address):
    phone.goto(address + CLASS)
    taller = phone.evaluate(
        """() => [...document.querySelectorAll('article :is(h2, h3):has(> .headerlink)')].filter(h => {
             const before = h.getBoundingClientRect().height, link = h.querySelector('.headerlink');
             link.remove();
             return Math.abs(h.getBoundingClientRect().height - before) > 1;
           }).map(h => h.textContent)"""
    )
    assert taller == []


FOCUSED = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const box = e.getBoundingClientRect();
  const seen = e.checkVisibility({visibilityProperty: true}) && box.right > 0 && box.left < innerWidth;
  return [seen, e.outerHTML.slice(0, 100)];
}"""


def test_on_a_phone_the_keyboard_reaches_what_is_on_the_screen_and_nothing_else(phone, address):
    phone.goto(address + CLASS)
    stops = []
    for _ in range(25):
        phone.keyboard.press("Tab")
        stops.append(phone.evaluate(FOCUSED))
    assert [html for seen, html in filter(None, stops) if not seen] == []
    assert any("kv__drawer" in html for _, html in filter(None, stops))
    assert any("kv-here" in html for _, html in filter(None, stops))


def test_the_menu_opens_and_closes_by_keyboard(phone, address):
    phone.goto(address + CLASS)
    menu = phone.get_by_role("button", name="Menú")
    assert menu.get_attribute("aria-expanded") == "false"
    drawer = phone.locator(".md-sidebar--primary")
    hidden = "[...document.querySelectorAll('.md-sidebar--primary a')].every(a => !a.checkVisibility({visibilityProperty: true}))"
    assert phone.evaluate(hidden)
    menu.focus()
    phone.keyboard.press("Enter")
    assert menu.get_attribute("aria-expanded") == "true"
    phone.wait_for_function("document.activeElement.closest('.md-sidebar--primary')")
    assert drawer.bounding_box()["x"] == 0
    phone.keyboard.press("Tab")
    assert phone.evaluate("!!document.activeElement.closest('.md-sidebar--primary')")
    phone.keyboard.press("Escape")
    assert phone.evaluate("document.activeElement.ariaLabel") == "Menú"
    phone.wait_for_function(hidden)


def test_search_opens_by_keyboard_on_a_phone(phone, address):
    phone.goto(address + CLASS)
    phone.get_by_role("button", name="Buscar").focus()
    phone.keyboard.press("Enter")
    phone.wait_for_function("document.activeElement.name === 'query'")
    phone.keyboard.type("dropout")
    result = phone.locator(".md-search-result__item h2, .md-search-result__item h1").first
    result.wait_for()
    assert result.evaluate("h => getComputedStyle(h, '::before').content") == "none"
    assert result.evaluate("h => getComputedStyle(h).borderTopWidth") == "0px"


def test_terms_are_explained_by_touch_and_keyboard_and_lead_to_the_glossary(phone, address):
    phone.goto(address + CLASS)
    terms = phone.locator("article .kv-term")
    assert terms.count() >= 3
    per_section = phone.evaluate(
        """() => {
          const seen = {}; let section = '';
          for (const e of document.querySelectorAll('article h2, article .kv-term')) {
            if (e.matches('h2')) section = e.id;
            else { const key = section + '/' + e.textContent.toLowerCase(); seen[key] = (seen[key] || 0) + 1; }
          }
          return Math.max(...Object.values(seen));
        }"""
    )
    assert per_section == 1
    term, note = terms.first, phone.locator("#kv-meaning")
    meaning = term.locator("abbr").get_attribute("title")
    term.tap()
    assert note.is_visible() and note.inner_text().startswith(meaning[:-1])
    box = note.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 360
    term.tap()  # touched again, it is closed
    assert not note.is_visible() and term.get_attribute("aria-expanded") == "false"
    term.tap()
    phone.keyboard.press("Escape")
    assert not note.is_visible()
    term.focus()
    phone.keyboard.press("Enter")
    assert note.is_visible() and term.get_attribute("aria-expanded") == "true"
    assert meaning in phone.locator(".md-dialog[role=status]").text_content()
    terms.nth(1).focus()
    phone.keyboard.press("Enter")  # another one, with the first one open
    expanded = [terms.nth(n).get_attribute("aria-expanded") for n in (0, 1)]
    assert note.is_visible() and expanded == ["false", "true"]
    phone.keyboard.press("Escape")
    assert terms.nth(1).get_attribute("aria-expanded") == "false"
    term.focus()
    assert phone.evaluate("document.activeElement.matches('.kv-term')")
    phone.keyboard.press("Space")
    note.get_by_role("link", name="Ver en el glosario").click()
    phone.wait_for_url("**/glosario/#t-*")
    assert phone.locator(":target").count() == 1


# Notebooks, paper and the myth ----------------------------------------------------------------------


def test_notebooks_have_contents_a_way_on_and_lines_that_can_be_read(desktop, address, site):
    for url in (u for u in urls(site) if u.startswith("/notebooks/")):
        desktop.goto(address + url)
        links = desktop.locator(".md-sidebar--secondary .md-nav__link")
        assert links.count() >= 2 and links.first.is_visible(), url
        assert desktop.locator("article .kv-card__facts a").count() >= 2, url
        longest = desktop.evaluate(
            """() => {
              const pen = document.createElement('canvas').getContext('2d');
              return Math.max(...[...document.querySelectorAll('.kv-notebook__text p')].filter(p => p.innerText.trim()).map(p => {
                const style = getComputedStyle(p);
                pen.font = `${style.fontSize} ${style.fontFamily}`;
                const letter = pen.measureText(p.textContent).width / p.textContent.length;
                return p.getBoundingClientRect().width / letter;
              }));
            }"""
        )
        assert longest <= 86, url  # a line breaks before it is full: some 80


def test_on_paper_outputs_are_no_larger_than_code_and_stay_with_it(desktop, address):
    desktop.goto(address + CLASS)
    desktop.emulate_media(media="print")
    size = "s => parseFloat(getComputedStyle(document.querySelector(s)).fontSize)"
    assert desktop.evaluate(size, ".kv-output pre") <= desktop.evaluate(size, ".highlight code")
    for what, name in itertools.product(("#b4", "#b4 + .kv-output"), ("break-inside",)):
        assert (
            desktop.evaluate(
                "([s, n]) => getComputedStyle(document.querySelector(s)).getPropertyValue(n)",
                [what, name],
            )
            == "avoid"
        )
    assert desktop.evaluate("getComputedStyle(document.querySelector('#b4')).breakAfter") == "avoid"
    assert not desktop.locator(".kv-bar button").first.is_visible()


def test_on_paper_a_long_file_is_a_line_that_says_where_it_is(desktop, address):
    desktop.goto(address + "/clases/102-sequential/homework/")
    desktop.evaluate(OPEN_ALL)
    long_file, line = desktop.locator(".kv-unprinted"), desktop.locator(".kv-on-paper")
    assert long_file.count() == line.count() >= 1
    assert long_file.first.is_visible() and not line.first.is_visible()
    desktop.emulate_media(media="print")
    assert not long_file.first.is_visible() and line.first.is_visible()
    assert re.search(r"\d+ líneas", line.first.inner_text())


def test_the_cheat_sheet_is_one_sheet(desktop, address):
    desktop.goto(address + "/machete/")
    desktop.evaluate("dispatchEvent(new Event('beforeprint'))")
    printed = desktop.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    cells = desktop.locator("article tbody td:not(:first-child)")
    assert cells.count() > 30 and cells.filter(has_not=desktop.locator("a")).count() == 0


def test_what_is_often_read_is_no_warning(project):
    project.page(
        "p",
        "# P {#p}\n\n/// myth | Se lee: «uno»\n\n**Pasa:** otro.\n\n///\n",
    )
    done = project.build()
    assert done.returncode == 0, done.stdout + done.stderr
    assert 'class="admonition myth"' in project.html("p")
