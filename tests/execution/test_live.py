"""Pages executed while they are looked at: nobody waits, and what is shown in the end is a whole run."""

from __future__ import annotations

import re
import time

import pytest

from livedocs.derived.standalone.above import above
from livedocs.execution.ahead import only
from livedocs.execution.executor import Executor
from livedocs.execution.live import LiveExecutor
from livedocs.execution.results import FAILED, OK, WAITING
from livedocs.pages.chapter import Chapter
from tests.conftest import fence

SLOW = "import time\ntime.sleep(6)\nprint('lento')"


@pytest.fixture
def live(project):
    """A live executor, and the pages that it told of, in order."""
    told = []
    with LiveExecutor(project.settings(), above, told.append) as executor:
        executor.told = told
        yield executor


def chapter(project, *codes: str) -> Chapter:
    path = project.page("p", "# P\n\n" + "".join(map(fence, codes)))
    return Chapter.load(path, project.root)


def known(executor, page) -> list[tuple[str, str, str]]:
    """What is known of each block: its status, its mark and what it printed."""
    execution = executor.run([page])[page.path]
    marks = getattr(execution, "marks", ()) or [""] * len(execution.results)
    texts = ["".join(o.get("text", "") for o in r.outputs).strip() for r in execution.results]
    return list(zip([r.status for r in execution.results], marks, texts, strict=True))


def until(executor, page, condition, seconds: float = 90):
    """What is known once it is as it should."""
    end = time.monotonic() + seconds
    while not condition(found := known(executor, page)):
        assert time.monotonic() < end, found
        time.sleep(0.05)
    return found


def whole(found) -> bool:
    return not any(mark for _, mark, _ in found)


def test_nothing_is_waited_for_and_blocks_come_one_by_one(project, live):
    page = chapter(project, "print('uno')", SLOW)
    started = time.monotonic()
    assert known(live, page) == [(WAITING, "waiting", "")] * 2
    assert time.monotonic() - started < 2
    found = until(live, page, lambda found: found[0][0] == OK)
    assert found == [(OK, "provisional", "uno"), (WAITING, "waiting", "")]
    assert until(live, page, whole) == [(OK, "", "uno"), (OK, "", "lento")]
    again = Executor(project.settings())
    assert known(again, page) == [(OK, "", "uno"), (OK, "", "lento")]
    assert again.executed == [], "what is kept is the whole run"


def test_the_block_that_changed_comes_first_and_what_depends_on_it_waits(project, live):
    codes = [
        "a = 1\nprint('uno', a)",
        SLOW,
        "b = 2\nprint('dos', b)",
        "print('tres', a, b)",
        "print('cuatro', a)",
    ]
    until(live, chapter(project, *codes), whole)
    codes[2] = "b = 5\nprint('dos', b)"
    page = chapter(project, *codes)
    assert known(live, page) == [
        (OK, "", "uno 1"),
        (OK, "", "lento"),
        (WAITING, "waiting", ""),
        (WAITING, "waiting", ""),
        (OK, "provisional", "cuatro 1"),
    ]
    found = until(live, page, lambda found: found[2][0] == OK)
    assert found[2] == (OK, "provisional", "dos 5"), "by itself, before the slow one ended"
    assert found[3] == (WAITING, "waiting", "")
    found = until(live, page, whole)
    assert [text for *_, text in found] == ["uno 1", "lento", "dos 5", "tres 1 5", "cuatro 1"]


def test_a_block_that_is_edited_again_does_not_wait_for_what_it_needs(project, live):
    """A kernel that has run it is waiting for the block."""
    needs = "import time\ntime.sleep(4)\na = 1"
    until(live, page := chapter(project, needs, "print(a)"), whole)
    live.open([page.path])
    page = chapter(project, needs, "print(a, 'uno')")
    until(live, page, lambda found: found[1][0] == OK)
    until(live, page, lambda found: live._ready is not None)
    until(live, page, whole)
    time.sleep(8)  # the time that it takes
    page = chapter(project, needs, "print(a, 'dos')")
    known(live, page)
    ready = live._ready
    found = until(live, page, lambda found: found[1][0] == OK)
    assert found[1] == (OK, "provisional", "1 dos"), "before the page could have run"
    assert ready.asked.done()
    assert until(live, page, whole)[1] == (OK, "", "1 dos")
    live.open([])
    until(live, page, lambda found: live._ready is None)


def test_a_page_that_changes_again_drops_what_was_under_way(project, live):
    until(live, first := chapter(project, "print('uno')"), whole)
    slow = chapter(project, "print('uno')", SLOW)
    until(live, slow, lambda found: found[0][0] == OK)
    last = chapter(project, "print('uno')", "print('otro')")
    started = time.monotonic()
    assert until(live, last, whole)[1] == (OK, "", "otro")
    assert live.pending() == 0 and time.monotonic() - started < 60
    assert known(live, first) == [(OK, "", "uno")]
    assert not live.cache.get(live.key(slow)), "it was not run to its end"


def test_a_failure_is_shown_and_can_be_tried_again(project, live):
    page = chapter(
        project, "print('uno')", "import pathlib\nprint(pathlib.Path('/tmp').exists() + nada)"
    )
    found = until(live, page, whole)
    assert [status for status, *_ in found] == [OK, FAILED]
    live.forget_failures([page.path])
    assert live.running(page.path) is False
    assert known(live, page)[1][0] == WAITING and live.running(page.path)
    until(live, page, whole)


def test_a_removed_page_is_not_executed(project, live):
    page = chapter(project, SLOW, "print('no')")
    known(live, page)
    live.keep([])
    assert live.pending() == 0


def test_leaving_ends_the_kernels(project):
    import psutil

    mine = psutil.Process()
    with LiveExecutor(project.settings(), above, lambda page: None) as live:
        page = chapter(project, "import time\ntime.sleep(600)")
        known(live, page)
        end = time.monotonic() + 60
        # What is forked is a child of the process that imported the libraries, a child of this one.
        # Other tests of this process may have a browser open.
        kernels = lambda: {
            child
            for child in set(mine.children(recursive=True)) - set(mine.children())
            if "python" in child.name()
        }
        while not kernels():
            assert time.monotonic() < end
            time.sleep(0.1)
        started = kernels()
    assert psutil.wait_procs(started, timeout=10)[1] == []


def test_only_what_some_blocks_need(project):
    page = chapter(
        project,
        "a = 1\nz = 9",
        "b = a + 1",
        "print(b)",
        "c = 3\nprint('otro')",
        "print(a, c)",
        "print(b, a)",
    )
    thin, whose = only(page, above(page), [2, 4])
    assert [cell.code for cell in thin.executed_cells] == [
        "a = 1\nb = a + 1",
        "print(b)",
        "c = 3",
        "print(a, c)",
    ]
    assert whose == [None, 2, None, 4]
    assert all(re.fullmatch("docs/p.md", each) for each in [thin.path])
