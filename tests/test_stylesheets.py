"""The theme's styles, without what no page can use: what a page may use stays."""

import pytest

from livedocs.stylesheets import Names, lighten, without_unused_rules

NAMES = Names(
    ['<p class="shown other">', "<a class=bare>"],
    ['e.className = "from-script"; f(`joined--${x}`)'],
)


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        (".shown{color:red}", ".shown{color:red}"),
        (".bare{a:b}.gone{c:d}", ".bare{a:b}"),
        (".from-script{a:b}", ".from-script{a:b}"),
        (".joined--any{a:b}", ".joined--any{a:b}"),
        (".shown,.gone,.shown .gone{a:b}", ".shown{a:b}"),
        (".shown:not(.gone){a:b}", ".shown:not(.gone){a:b}"),
        (":is(.gone,p) a:hover{a:b}", ":is(.gone,p) a:hover{a:b}"),
        ("p>a[href^=x]::before{content:'.gone'}", "p>a[href^=x]::before{content:'.gone'}"),
        ("@media print{.gone{a:b}}", ""),
        ("@media print{.gone{a:b}.shown{a:b}}", "@media print{.shown{a:b}}"),
        ("@keyframes gone{0%{a:b}to{a:c}}", "@keyframes gone{0%{a:b}to{a:c}}"),
        ("@charset 'utf-8';.gone{a:b}", "@charset 'utf-8';"),
        ("/*! aviso */.shown{a:b}", ".shown{a:b}"),
    ],
)
def test_only_rules_for_classes_that_are_nowhere_go(css, kept):
    assert without_unused_rules(css, NAMES).replace('"', "'") == kept


def test_variables_that_nobody_reads_go_with_their_icons(tmp_path):
    sheets = tmp_path / "assets" / "stylesheets"
    sheets.mkdir(parents=True)
    (tmp_path / "index.html").write_text('<p class="shown">', "utf-8")
    (tmp_path / "assets" / "own.css").write_text("p{color:var(--read-by-own)}", "utf-8")
    css = (
        ":root{--icon:url('data:image/svg+xml,<svg/>');--read-by-own:1;--read:2;--only-for-gone:3}"
        ".shown{a:var(--read)}.gone{a:var(--only-for-gone);b:var(--icon)}"
    )
    (sheets / "main.css").write_text(css, "utf-8")
    (sheets / "main.css.map").write_text("{}", "utf-8")
    lighten(tmp_path)
    assert (sheets / "main.css").read_text() == ":root{--read-by-own:1;--read:2}.shown{a:var(--read)}"
    assert not (sheets / "main.css.map").exists()
    lighten(tmp_path)  # nothing else goes the second time
    assert (sheets / "main.css").read_text() == ":root{--read-by-own:1;--read:2}.shown{a:var(--read)}"
