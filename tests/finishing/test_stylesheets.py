"""The theme's styles, without what no page can use: what a page may use stays."""

import pytest

from livedocs.finishing.styles import Names, lighten, without_unused_rules

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


def test_one_sheet_without_the_variables_and_icons_that_nobody_reads(tmp_path):
    sheets = tmp_path / "assets" / "stylesheets"
    sheets.mkdir(parents=True)
    links = "".join(
        f'<link rel="stylesheet" href="../assets/{name}.css">'
        for name in ("stylesheets/main.1", "stylesheets/palette.2", "own")
    )
    page = tmp_path / "p" / "index.html"
    page.parent.mkdir()
    page.write_text(f'{links}<p class="shown">', "utf-8")
    (tmp_path / "assets" / "own.css").write_text("p{color:var(--read-by-own)}", "utf-8")
    css = (
        ":root{--icon:url('data:image/svg+xml,<svg/>');--read-by-own:1;--read:2;--only-for-gone:3}"
        ".shown{a:var(--read)}.gone{a:var(--only-for-gone);b:var(--icon)}"
    )
    (sheets / "main.1.css").write_text(css, "utf-8")
    (sheets / "main.1.css.map").write_text("{}", "utf-8")
    (sheets / "palette.2.css").write_text(".shown{b:c}.gone{b:c}", "utf-8")
    lighten(tmp_path, ["assets/own.css"])
    assert [p.name for p in (tmp_path / "assets").rglob("*.*")] == ["main.1.css"]
    assert (sheets / "main.1.css").read_text() == (
        ":root{--read-by-own:1;--read:2}.shown{a:var(--read)}.shown{b:c}p{color:var(--read-by-own)}"
    )
    assert (
        page.read_text()
        == '<link rel="stylesheet" href="../assets/stylesheets/main.1.css"><p class="shown">'
    )
