"""HTML in fields of JSON and of tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from search.sources.text import fields
from tests.sources.reader_helpers import article, refusal
from tests.timeouts import in_proportion


@pytest.mark.parametrize(
    ("text", "title", "paragraphs"),
    [
        (
            "<p>One &amp; <b>t</b>wo.</p>\n<p>Three<br/>four</p><script>x</script>",
            "A & b",
            ("One & two.", "Three four"),
        ),
        ("<ul><li>One</li><li>two</li></ul>", "A & b", ("One", "two")),
        ("One <em>t</em>wo.\n\nThree.", "A & b", ("One two.", "Three.")),
        ("CO<sub>2</sub>, <code>x</code>", "A & b", ("CO2, x",)),
        ("<script>x()</script>One.", "A & b", ("One.",)),
        (f"<p>One <img src='data:image/png;base64,{'a' * 99_999}'></p>", "A & b", ("One",)),
        ("<table><tr><td>a</td><td>b</td></tr></table><!-- c --><p hidden", "A & b", ("a b", "<p hidden")),
        ("if a < b and c > d: use <div>, AT&amp;T", "A & b", ("if a < b and c > d: use <div>, AT&T",)),
    ],
)
def test_html_in_a_field(tmp_path: Path, text: str, title: str, paragraphs: tuple[str, ...]) -> None:
    """Exports of web sites hold their texts as HTML; a search for "p" or "strong" must not find all of them."""
    found = article(tmp_path, "a.json", json.dumps({"title": "A &amp; b", "text": text}))
    assert (found.title, found.paragraphs) == (title, paragraphs)


@pytest.mark.parametrize(
    ("text", "paragraphs"),
    [
        ('On <time datetime="2020">Monday</time> & <mark>new</mark>.', ["On Monday & new."]),
        ('One<br class="x">two <img src="x.png" alt="y">', ["One", "two"]),
        (
            '<p><img alt="a > <b>b</b>" title=\'c > d\'>One <a href="x>two</a> "three" <b>four</b></p>',
            ['One two "three" four'],
        ),
        ("<!DOCTYPE html><html><body>One</body></html>", ["One"]),
        ("<![CDATA[<?xml version='1.0'?><p>One]]>", ["One"]),
        ("<p>In <st1:place w:st='on'>London</st1:place>, <my-link>two<o:p></o:p></my-link>", ["In London, two"]),
        ("<article><head>One</head><para>two <x>three</x></para><para>four</para>", ["One", "two three", "four"]),
        ("<p>A <button>b</button> <svg><title>x</title></svg>c <script>x</script>d", ["A b c d"]),
        ("&lt;p&gt;One &amp;amp; &lt;b&gt;two&lt;/b&gt;&lt;p&gt;three", ["One & two", "three"]),
        ("<p>One</p>J. D. <j@d.example>, <https://d.example/>", ["One", "J. D. <j@d.example>, <https://d.example/>"]),
    ],
)
def test_html_of_all_kinds_in_a_field(tmp_path: Path, text: str, paragraphs: list[str]) -> None:
    """Tags were shown as text, and words that a tag of no known name stood around were paragraphs of their own."""
    for value in (text, [text]):
        found = article(tmp_path, "a.json", json.dumps({"paragraphs": value}))
        assert list(found.paragraphs) == paragraphs


def test_html_in_which_blank_lines_end_paragraphs(tmp_path: Path) -> None:
    """WordPress keeps its texts so, and one list among them made a single paragraph of all the others."""
    text = "One\ntwo.\n\n<ul>\n<li>three</li>\n</ul>\n\nFour.\n \nFive<br />six.\n\n北京\n大学。\n\n东京"
    wanted = ("One two.", "three", "Four.", "Five six.", "北京大学。", "东京")
    assert article(tmp_path, "a.json", json.dumps({"text": text})).paragraphs == wanted
    text = "<b>One</b>\r\rtwo\v\vthree"
    assert article(tmp_path, "a.json", json.dumps({"text": text})).paragraphs == ("One", "two", "three")
    text = "<p>\n\none\n\n<b>two</b></p><table>\n\n<tr>\n\n<td>a</td>\n\n<td>b</td></tr></table>three\n\nfour"
    assert article(tmp_path, "a.json", json.dumps({"text": text})).paragraphs == ("one two", "a b", "three", "four")


@pytest.mark.parametrize("tag", ["svg", "noscript", "iframe src='x'", "rt", "template"])
def test_html_that_is_cut_within_what_is_not_shown(tmp_path: Path, tag: str) -> None:
    """Nothing closed the element, and all that followed was left out without a word."""
    found = article(tmp_path, "a.json", json.dumps({"text": f"<p>One</p><{tag}><p>two</p>"}))
    assert found.paragraphs == ("One", "two")
    found = article(tmp_path, "a.json", json.dumps({"text": "<p><ruby>漢<rt>kan<rb>字<rt>ji</ruby>は<p>two</p>"}))
    assert found.paragraphs == ("漢字は", "two")


def test_a_title_that_is_no_html_beside_a_text_that_is(tmp_path: Path) -> None:
    """Words between angle brackets were lost from titles of articles about programs."""
    found = article(tmp_path, "a.json", json.dumps({"title": "vector<int> &amp; <T>", "text": "<p>One</p>"}))
    assert found.title == "vector<int> & <T>"


def test_html_in_a_title_alone(tmp_path: Path) -> None:
    """Some exports have marks in titles above plain text; "i" is no word of the title."""
    found = article(tmp_path, "a.json", json.dumps({"title": "A <i>b</i> &amp; c", "text": "AT&amp;T"}))
    assert (found.title, found.paragraphs) == ("A b & c", ("AT&T",))


def test_references_to_characters_without_tags(tmp_path: Path) -> None:
    """Feeds have them in texts without any tag, and who searches for AT&T types no `&amp;`; addresses have `&copy=`."""
    text = "AT&amp;T &#39;s&#x2019; &nbsp;&copy=1 &notit; &unknown; &#0; &amp;lt; &"
    wanted = "AT&T 's’ &copy=1 &notit; &unknown; � &lt; &"
    found = article(tmp_path, "a.json", json.dumps({"title": text, "paragraphs": [text]}))
    assert (found.title, *found.paragraphs) == (wanted, wanted)
    assert article(tmp_path, "a.csv", f'text\n"{text}"\n').title.split() == wanted.split()


def test_html_of_millions_of_tags_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four bytes of a tag are two hundred in memory: a field of 64 MB took over 3 GB."""
    monkeypatch.setattr(fields, "TAGS", 9)
    assert article(tmp_path, "a.json", json.dumps({"title": "<p>" * 10, "text": "<p>a" * 9})).paragraphs == ("a",) * 9
    assert "more than 9 tags" in refusal(tmp_path, "a.json", json.dumps({"text": "<p>a" * 10}))


@pytest.mark.parametrize(
    "piece",
    ['<a b="<a " ', '<a b="<a b=" ', "<a ='", "<a", "<!", "<svg>", "<rt>", "<a:a", "</a", "<p  ", '=""', "]]>", "<? "],
)
def test_work_on_html_is_in_proportion(tmp_path: Path, piece: str) -> None:
    """Tags that are begun and not ended are what a hostile sender writes."""
    with in_proportion():
        article(tmp_path, "a.json", json.dumps({"text": f"<p>One {piece * 200_000}"}))
