"""Code is parsed from several threads at once, and that is no trouble."""

import gc
import threading
import time

import pytest

from livedocs.pages import syntax

CODE = "x = [[[[[[[1]]]]]]]\n" * 300


class Garbage:
    """Lets other threads go on in the middle of whatever is collecting it."""

    def __init__(self):
        self.itself = self

    def __del__(self):
        time.sleep(0)


@pytest.fixture
def littered():
    before = gc.get_threshold()
    gc.set_threshold(50, 2, 2)
    yield
    gc.set_threshold(*before)


def test_threads_parse_at_once(littered):
    wrong, end = [], time.monotonic() + 2

    def work():
        try:
            while time.monotonic() < end and not wrong:
                Garbage()
                syntax.parse(CODE)
        except SystemError as error:
            wrong.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
