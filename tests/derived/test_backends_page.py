"""What runs on other backends, as its page tells it: counted from a result, and never typed."""

import json
from types import SimpleNamespace

import pytest

from livedocs.derived import backends
from livedocs.execution.results import OK, CellResult
from tests import backends as job
from tests.conftest import ROOT

PAGE = {
    "kinds": {"same": 3, "numbers": 2, "different": 1, "unprinted": 1, "elsewhere": 1, "tensorflow": 2},
    "elsewhere": [{"block": 4, "tensorflow": "ValueError", "jax": ""}],
    "different": [{"block": 7, "tensorflow": "a | b", "jax": "c"}],
}
RESULT = {"jax": {"date": "2026-01-02", "versions": {"keras": "3.15.1"}, "data": "synthetic",
                  "pages": {"errores/a.md": PAGE}}}  # fmt: skip
PARTS = [backends.Part("Errores", {"errores/a.md": "Un | error", "errores/b.md": "Otro"})]


def test_the_table_adds_up_the_pages_of_a_part():
    text = backends.listing(RESULT, PARTS)
    assert "| Errores | 7 de 10 | 3 | 2 | 1 |" in text
    assert "- **JAX**: 1 página, el 2026-01-02, con Keras 3.15.1." in text and "PyTorch" not in text


def test_what_is_not_the_same_is_named_with_its_block():
    text = backends.listing(RESULT, PARTS)
    assert (
        "- [Un \\| error](errores/a.md): el bloque 4 no falla (con TensorFlow, da `ValueError`); 2 bloques "
        "piden TensorFlow; el bloque 7 dice ``` c ``` (con TensorFlow, ``` a | b ```)." in text
    )
    assert "[Otro]" not in text


def test_a_part_that_was_not_tried_is_not_counted():
    assert "Guía" not in backends.listing(RESULT, [*PARTS, backends.Part("Guía", {"guias/x.md": "X"})])


@pytest.mark.parametrize("text", ["{", "[]", '{"jax": 3}'])
def test_a_result_that_cannot_be_read_is_one_sentence(tmp_path, text):
    (tmp_path / "docs").mkdir()
    (tmp_path / backends.FILE).write_text(text, "utf-8")
    with pytest.raises(ValueError, match=r"backends\.json: no se puede leer.*hacelo de nuevo"):
        backends.load(tmp_path)


def stream(text: str, name: str = "stdout") -> CellResult:
    return CellResult(OK, [{"output_type": "stream", "name": name, "text": text}])


@pytest.mark.parametrize(
    "ours, theirs, kind",
    [
        (stream("a  1.0\n"), "a 1.0\n", "same"),
        (stream("a 1.0"), "a 2.5", "numbers"),
        (stream("a 1.0"), "a nan", "numbers"),
        (stream("tardó 12 ms"), "tardó 340 ms", "same"),
        (stream("a 1.0"), "b 1.0", "different"),
        (stream(""), "", "unprinted"),
        (stream("x", "stderr"), "x", "unprinted"),
    ],
)
def test_how_two_outputs_differ(ours, theirs, kind):
    assert job.compared(job.printed(ours), theirs) == kind


def test_the_first_line_that_says_something_else():
    assert job.first_difference("a 1\nb 2\n", "a 5\nc 2\n") == ("b 2", "c 2")
    assert job.first_difference("a\n", "a\nmás\n") == ("", "más")


def test_a_run_that_is_cut_leaves_what_there_was(tmp_path, monkeypatch):
    file = tmp_path / backends.FILE
    file.parent.mkdir()
    file.write_text(json.dumps(RESULT), "utf-8")
    pages = {n: SimpleNamespace(path=n, source=f"{n}.md") for n in ("a", "b")}
    runs = SimpleNamespace(run=lambda chapters: {n: SimpleNamespace(results=[]) for n in pages})
    monkeypatch.setattr(job, "SETTINGS", SimpleNamespace(root=tmp_path, data="synthetic"))
    monkeypatch.setattr(job, "CHAPTERS", pages)
    monkeypatch.setattr(job, "Executor", lambda settings: runs)
    monkeypatch.setattr(job, "_versions", lambda backend: {"keras": "3.15.1"})
    monkeypatch.setattr(job, "judged", lambda *args: PAGE)
    monkeypatch.setattr(job, "problems", lambda *args: [])

    def cut(chapter, *args):
        if chapter.path == "b":
            raise KeyboardInterrupt
        return []

    monkeypatch.setattr(job, "ends", cut)
    with pytest.raises(KeyboardInterrupt):
        job.main(["torch", "--jobs", "1"])
    assert json.loads(file.read_text("utf-8")) == RESULT
    monkeypatch.setattr(job, "ends", lambda *args: [])
    assert job.main(["torch"]) == 0
    told = json.loads(file.read_text("utf-8"))
    assert told["jax"] == RESULT["jax"] and told["torch"]["pages"] == {"a.md": PAGE, "b.md": PAGE}


def test_the_result_is_of_pages_that_exist():
    known = json.loads((ROOT / backends.FILE).read_text("utf-8"))
    gone = [
        uri for found in known.values() for uri in found["pages"] if not (ROOT / "docs" / uri).is_file()
    ]
    assert gone == [], "hacelo de nuevo con «python -m tests.backends jax» y «… torch»"
