"""The tables of the page «Medido» say what was measured, and nothing when it was not."""

from __future__ import annotations

import json
import re

import pytest

from livedocs.derived import measured
from livedocs.staging import stage
from tests.conftest import ROOT


def result(**names) -> dict:
    """A result in which each name (`cold_run` for "cold/run") has these seconds, or these figures."""
    of = {}
    for name, given in names.items():
        given = given if isinstance(given, dict) else {"seconds": given}
        if "failed" not in given:
            given = {"rounds": list(range(1, len(next(iter(given.values()))) + 1))} | given
        of[name.replace("__", "/").replace("_", "-")] = given
    return {
        "format": 1, "date": "2026-11-26", "commit": "abc123", "changed": False, "measured": of,
        "machine": {"cores": 2, "usable": 2, "memory_gib": 23.4, "cpu": "Un CPU", "system": "Linux", "load": 0},
        "versions": {"python": "3.11.7", "keras": "3.15.1"}, "sample": ["errores/x.md"], "lesson": "y.md",
    }  # fmt: skip


def table(name: str, found: dict) -> str:
    return measured._TABLES[name](measured._Result(found))


def one(found: dict, start: str) -> measured.Target:
    return next(t for t in measured.targets(found) if t.what.startswith(start))


def test_a_ratio_is_the_median_of_those_of_each_round():
    found = result(lesson__ours=[1.0, 3.0, 9.0], lesson__stock=[10.0, 10.0, 100.0])
    target = one(found, "Probar una lección")
    assert target.value == pytest.approx(0.1) and target.met
    assert "0,10 ×" in table("objetivos", found)


def test_only_rounds_with_both_are_compared():
    found = result(
        lesson__ours={"rounds": [2, 3], "seconds": [5.0, 6.0]},
        lesson__stock={"rounds": [1, 2], "seconds": [1.0, 10.0]},
    )
    assert one(found, "Probar una lección").value == 0.5


def test_a_missed_target_is_said_beside_the_figure():
    found = result(warm__course_ours=[8.4], warm__course_alone=[2.4])
    row = next(line for line in table("objetivos", found).splitlines() if "MkDocs solo" in line)
    assert row.endswith("| hasta 1,50 × | 3,50 × | **no se cumple** |")


def test_what_was_not_measured_is_neither_met_nor_missed():
    found = result()
    assert not any(target.met for target in measured.targets(found))
    assert "no se cumple" not in table("objetivos", found) and "sin medir" in table("objetivos", found)


def test_the_whole_course_counts_if_it_was_measured():
    sample = {"cold__run": [5.0], "cold__plain": [10.0]}
    assert one(result(**sample), "Ejecutar la muestra").value == 0.5
    found = result(**sample, whole__run=[4.0], whole__plain=[10.0])
    assert one(found, "Ejecutar el curso").value == 0.4


def test_who_could_not_be_measured_says_why_in_one_cell():
    found = result(cold__plain=[10.0], cold__mystmd={"failed": "murió | <b>mal</b>\n`x`"})
    row = next(line for line in table("desde-cero", found).splitlines() if "mystmd" in line)
    assert row == "| MyST (`mystmd`) | no se pudo: murió b mal /b x | – |"


def test_growth_is_what_a_lesson_adds_later_against_at_first():
    found = result(scale__10_warm=[2.0], scale__100_warm=[11.0], scale__400_warm=[71.0])
    assert one(found, "Una lección más en un curso grande: ya ejecutado").value == pytest.approx(2.0)
    row = next(line for line in table("cada-leccion", found).splitlines() if "Ya ejecutado" in line)
    assert row == "| Ya ejecutado | 100 ms | 200 ms | 2,00 × |"


def test_the_sizes_of_growth_stand_in_one_row():
    warm = {"seconds": [61.0], "mib": [512.2], "site_mib": [40.0], "kept_mib": [1234.0]}
    found = result(scale__400_warm=warm, scale__400_cold={"seconds": [200.0], "mib": [2000.0]})
    row = table("crecimiento", found).splitlines()[-1]
    assert row == (
        "| 400 | 3 min 20 s | 61,0 s | sin medir | 2\u00a0000 | 512 | sin medir | 40 | 1\u00a0234 |"
    )
    assert one(found, "Memoria al construir 400").met


def test_save_and_see_has_the_median_and_the_worst():
    told = {
        "prose": {"10": {"median": 0.5, "worst": 1.5}},
        "code": {"course": {"median": 2, "worst": 9}},
    }
    found = result(save__see={"seconds": [99.0], "told": [told]})
    assert "| Prosa | 10 páginas | 0,50 s | 1,50 s |" in table("guardar", found)
    assert "| Código | el curso | 2,00 s | 9,00 s |" in table("guardar", found)
    assert one(found, "Ver la prosa").met
    assert not one(found, "Ver el código guardado (el curso), el peor").met


@pytest.mark.parametrize("told", [None, [], {"prose": 3}, {"code": {"10": {"median": "x"}}}])
def test_save_and_see_that_is_not_understood_is_not_measured(told):
    found = result(save__see={"seconds": [1.0], "told": [told]})
    assert table("guardar", found) == "*Sin medir.*"


def test_save_and_see_that_is_missing_says_so():
    found = result(save__see={"failed": "falta benchmarks/save_and_see.py"})
    assert table("guardar", found) == "*Sin medir: falta benchmarks/save_and_see.py.*"


# The page -----------------------------------------------------------------------------------

PAGE = "docs/medido.md"


def test_the_page_asks_for_every_table_and_for_no_other():
    asked = measured._PLACE.findall((ROOT / PAGE).read_text("utf-8"))
    assert sorted(asked) == sorted(measured._TABLES)


def test_the_page_types_no_figure():
    text = (ROOT / PAGE).read_text("utf-8")
    assert not re.search(r"\d+ (?:s|ms|MiB|×|veces)\b", text)


def test_the_committed_result_fills_the_page():
    text = (ROOT / PAGE).read_text("utf-8")
    filled = "\n".join(measured.fills(text, PAGE, ROOT).values())
    if (found := measured.load(ROOT)) is None:
        assert filled.count("Todavía no se midió") == len(measured._TABLES)
        return
    assert "Todavía no se midió" not in filled
    for target in measured.targets(found):
        assert f"| {target.what} | " in filled
    assert found["commit"] in filled and found["date"] in filled


def test_a_project_shows_its_own_result(project):
    project.page(
        "medido", "---\ntitle: M\nmeasured: true\n---\n\n# M { #m }\n\n<!-- medido: pruebas -->\n"
    )
    staged = stage(project.settings())
    assert "*Todavía no se midió: corré `make bench`.*" in (staged.docs / "medido.md").read_text("utf-8")
    path = project.root / measured.RESULTS
    path.parent.mkdir()
    path.write_text(json.dumps(result(lesson__ours=[2.0], lesson__stock=[8.0])), "utf-8")
    text = (stage(project.settings()).docs / "medido.md").read_text("utf-8")
    assert "| Este motor | 2,0 s | 0,25 × |" in text and "measured" not in text


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{\n\n nada", "benchmarks/results.json:3: no es JSON válido; volvé a medir con make bench."),
        (
            '{"format": 0}',
            "benchmarks/results.json:1: es de otra versión; volvé a medir con make bench.",
        ),
        ("[]", "benchmarks/results.json:1: es de otra versión; volvé a medir con make bench."),
    ],
)
def test_a_result_that_cannot_be_read_is_named(tmp_path, written, said):
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / measured.RESULTS).write_text(written, "utf-8")
    with pytest.raises(ValueError) as told:
        measured.fills("<!-- medido: pruebas -->", "docs/x.md", tmp_path)
    assert str(told.value) == said


def test_a_table_that_does_not_exist_is_named_with_its_line(tmp_path):
    (tmp_path / "x.md").write_text("---\na: b\n---\n\n<!-- medido: velocidad -->\n", "utf-8")
    with pytest.raises(ValueError, match=r"^x\.md:5: no hay una tabla «velocidad» de lo medido; hay "):
        measured.fills("\n<!-- medido: velocidad -->\n", "x.md", tmp_path)
