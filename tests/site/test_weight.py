"""What a page costs on the line and how soon it can be read."""

from __future__ import annotations

import pytest

from tests.browser import serving, urls

#: kB (1000 bytes) of a first visit, compressed, with everything the page asks for by itself.
PAGE_BUDGET, REFERENCE_BUDGET, NOTEBOOK_BUDGET = 110, 170, 200
#: Pages to look something up in, as long as what there is.
REFERENCES = ("/snippets/", "/glosario/", "/contribuir/", "/errores/")
#: Pages of each kind that are visited.
LONGEST = 15
#: Milliseconds during which a phone's processor can't answer to a finger while a page is opened.
BLOCKED = 600


def _cold_visit(browser, address, url) -> dict[str, float]:
    """kB transferred for each address that a page asks for with an empty cache."""
    context = browser.new_context()
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    names, sizes = {}, {}
    session.on(
        "Network.requestWillBeSent", lambda e: names.update({e["requestId"]: e["request"]["url"]})
    )
    session.on(
        "Network.loadingFinished",
        lambda e: sizes.update({e["requestId"]: e["encodedDataLength"] / 1000}),
    )
    page.goto(address + url, wait_until="networkidle")
    context.close()
    return {names[key].removeprefix(address): size for key, size in sizes.items() if key in names}


def _excess(browser, address, url) -> str:
    budget = PAGE_BUDGET
    if url.startswith("/notebooks/"):
        budget = NOTEBOOK_BUDGET
    elif url in REFERENCES:
        budget = REFERENCE_BUDGET
    sizes = _cold_visit(browser, address, url)
    total = sum(sizes.values())
    if total <= budget:
        return ""
    heaviest = sorted(sizes.items(), key=lambda item: -item[1])[:4]
    return f"{url}: {total:.0f} kB of {budget}: {[(name, round(size)) for name, size in heaviest]}"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["/clases/", "/notebooks/", "others"])
def test_a_cold_visit_stays_within_the_budget(browser, address, site, kind):
    kinds = ("/clases/", "/notebooks/")
    wanted = [
        u for u in urls(site) if (u.startswith(kind) if kind in kinds else not u.startswith(kinds))
    ]
    # What the pages of a kind share weighs the same in all: the longest are the heaviest.
    size = {url: (site / url.strip("/") / "index.html").stat().st_size for url in wanted}
    wanted = sorted(wanted, key=size.get, reverse=True)[:LONGEST]
    assert len(wanted) >= 3
    assert [excess for url in wanted if (excess := _excess(browser, address, url))] == []


def test_a_heavy_page_is_seen(browser, tmp_path):
    import random

    noise = random.Random(0).randbytes(160_000).hex()  # half of it is what gzip leaves
    (tmp_path / "index.html").write_text(f"<!doctype html><title>x</title><p>{noise}</p>", "utf-8")
    with serving(tmp_path) as address:
        assert f"kB of {PAGE_BUDGET}" in _excess(browser, address, "/")


def test_search_costs_nothing_until_somebody_searches(browser, address):
    assert not [name for name in _cold_visit(browser, address, "/") if "search" in name]


@pytest.mark.benchmark
def test_a_class_is_readable_soon_on_a_slow_line_and_does_not_move(browser, address, site):
    """1.6 Mbit/s, 150 ms and a CPU 4 times slower, compressed. The promise is 1.5 s.

    The processor here is shared and noisy: the best of three visits counts.
    """
    for url in urls(site):
        if not url.startswith(("/clases/", "/guias/")) and url != "/":
            continue
        visits = [_vitals(browser, address, url) for _ in range(3)]
        print(url, visits)
        assert min(paint for paint, _ in visits) < 1500, (url, visits)
        assert max(shift for _, shift in visits) <= 0.02, (url, visits)


@pytest.mark.benchmark
def test_a_lesson_answers_to_a_finger_while_it_opens(browser, address, site):
    """Total blocking time on a CPU 4 times slower: of each task, what passes 50 ms. The best of three."""
    for url in urls(site):
        if url.startswith(("/clases/", "/guias/")):
            blocked = [_blocking(browser, address, url) for _ in range(3)]
            print(url, [round(each) for each in blocked])
            assert min(blocked) < BLOCKED, (url, blocked)


def _blocking(browser, address, url) -> float:
    """Milliseconds that the tasks of the main thread take beyond 50 each, until the page is quiet."""
    context = browser.new_context(viewport={"width": 360, "height": 780})
    page = context.new_page()
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.add_init_script(
        """window.blocked = 0;
        new PerformanceObserver(l => l.getEntries().forEach(e => blocked += Math.max(0, e.duration - 50)))
          .observe({type: 'longtask', buffered: true});"""
    )
    page.goto(address + url, wait_until="networkidle")
    page.wait_for_timeout(300)
    found = page.evaluate("blocked")
    context.close()
    return found


def _vitals(browser, address, url) -> tuple[float, float]:
    """Milliseconds to the largest paint, and how much the page moved."""
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    rate = 1.6e6 / 8
    session.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 150, "downloadThroughput": rate, "uploadThroughput": rate},
    )
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.add_init_script(
        """window.vitals = {paint: 0, shift: 0};
        new PerformanceObserver(l => l.getEntries().forEach(e => vitals.paint = e.startTime))
          .observe({type: 'largest-contentful-paint', buffered: true});
        new PerformanceObserver(l => l.getEntries().forEach(e => vitals.shift += e.value))
          .observe({type: 'layout-shift', buffered: true});"""
    )
    page.goto(address + url, wait_until="networkidle")
    page.wait_for_timeout(300)
    found = page.evaluate("[vitals.paint, vitals.shift]")
    context.close()
    return tuple(found)
