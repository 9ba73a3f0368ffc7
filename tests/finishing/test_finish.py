"""The last touches to a page change what it weighs, never what it says."""

import re
from html.parser import HTMLParser

import pytest

from livedocs.finishing.html import readable
from livedocs.finishing.policy import closed
from livedocs.finishing.styles import lighten_asset
from livedocs.rendering.figures import lighter_png
from livedocs.rendering.svg import paint_svg

PAGE = '<!doctype html><html><head><meta charset="utf-8"></head><body>{}</body></html>'


class _Text(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.text = ""
        self.feed(text)

    def handle_data(self, data):
        self.text += data


def _body(html):
    return re.search("<body>(.*)</body>", readable(PAGE.format(html)), re.S)[1]


def test_code_keeps_every_character():
    code = (
        '<div class="highlight"><pre><span></span><code><span class="n">x</span> <span class="o">=</span>'
        ' <span class="p">[</span><span class="s2">&quot;a</span><span class="s2">  b&quot;</span>\n\n'
        '    <span class="c1"># va así</span>\n<span class="kn">import</span></code></pre></div>'
    )
    body = _body(code)
    assert _Text(body).text == "Copiar" + _Text(code).text
    assert body.index("</button>") < body.index("<pre>")
    assert 'class="n"' not in body
    assert '<span class="s2">&quot;a  b&quot;</span>' in body
    assert '<span class="c1" lang="es">' in body
    assert '<code lang="en" translate="no"' in body


def test_text_in_a_notebook_is_code_that_scrolls():
    assert (
        _body("<pre><span></span>a\n</pre>")
        == '<pre><code lang="en" translate="no" tabindex="0">a\n</code></pre>'
    )


def test_words_stay_apart():
    assert (
        _body("<p>uno\n   <em>dos</em>\n tres</p>\n\n<p>x</p>")
        == "<p>uno\n<em>dos</em>\ntres</p><p>x</p>"
    )


def test_output_text_is_untouched():
    pre = '<pre class="kv-text">a\n\n\n   <span data-volatile>1 s</span>\n</pre>'
    assert _body(pre) == pre


def test_tables_scroll_by_keyboard_and_align_without_inline_styles():
    body = _body('<table><tr><td style="text-align: right;">1</td></tr></table>')
    assert body.startswith('<div class="kv-wide" tabindex="0"')
    assert '<td class="kv-right">' in body


def test_the_policy_lists_the_inline_scripts_of_the_page():
    html = closed(
        PAGE.format(
            '<script>a()</script><script src="x.js"></script><script type="application/json">{}</script>'
        )
    )
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)[1]
    assert policy.count("sha256-") == 1
    assert "unsafe" not in policy and "http" not in policy
    assert "'self' file:" in closed(PAGE.format(""), local=True)


def test_assets_lose_comments_and_idle_space(tmp_path):
    for name, before, after in (
        ("a.css", "/* a\n b */\nx {\n  y: calc(1px + 2px);\n}\n", "x{y:calc(1px + 2px)}"),
        ("a.js", "// no\nconst a = `b  //c`;\nif (a) {\n  f(a);\n}\n", "const a=`b  //c`;if(a){f(a);}"),
    ):
        (tmp_path / name).write_text(before, "utf-8")
        lighten_asset(tmp_path / name)
        assert (tmp_path / name).read_text("utf-8") == after


@pytest.mark.parametrize(
    ("drawn", "kept"),
    [
        ('<path d="M 0.123456 -0.02  L 12.98765 3" />', 'd="M 0.1 0 L 13 3"'),
        ('<g id="solo"><path d="M 0 0"/></g>', "<g><path"),
        ('<defs><path id="m" d="M 0 0"/></defs><use xlink:href="#m"/>', 'id="u-m"'),
        ('<text transform="rotate(-0 3.5 4)">a</text>', '<text class="kv-fill-ink">a'),
    ],
)
def test_drawings_lose_what_nobody_sees(drawn, kept):
    svg = paint_svg(
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9pt" height="9pt">{drawn}</svg>',
        "alt",
        "u",
    )
    assert kept in svg


def test_pictures_keep_their_pixels():
    import io

    from PIL import Image

    picture = Image.effect_noise((40, 30), 60).convert("RGBA")
    saved = io.BytesIO()
    picture.save(saved, "PNG")
    lighter = lighter_png(saved.getvalue())
    assert len(lighter) < len(saved.getvalue())
    assert Image.open(io.BytesIO(lighter)).convert("RGBA").tobytes() == picture.tobytes()
    assert lighter_png(b"no es un PNG") == b"no es un PNG"
