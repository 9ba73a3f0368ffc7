"""`python -m tests.attempts`: what whoever writes an exercise runs."""

import sys

from tests import attempts


def test_a_name_that_no_page_has_is_told(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["tests.attempts", "999"])
    assert attempts.main() == 2
    assert "se llama así: 999" in capsys.readouterr().err
