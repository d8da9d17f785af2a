"""Paragraphs of a tree of HTML."""

from __future__ import annotations

import pytest

from search.sources.formats.html_blocks import ATTRIBUTES, block_texts, parse_html
from tests.timeouts import in_proportion


@pytest.mark.parametrize(
    ("page", "texts"),
    [
        ("<p>a <b>b</b>c<p>d", ["a bc", "d"]),
        ("<p>a<br>b", ["a b"]),
        ("<table><tr><td>a<td>b<tr><td>c</table>", ["a b", "c"]),
        ("<p>a<script>x</script>b<nav><p>y</nav><p>c", ["ab", "c"]),
        ("text<!-- comment --> goes on", ["text goes on"]),
        ("<div>a<br>b<br> <br>c<br/>d</div>", ["a b", "c d"]),
        ("<p><ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp>字<rt>ji</rt></ruby>だ", ["漢字だ"]),
        (
            "<p>river<sup><a href=#n>1</a></sup> and sea<a href=#m><sup>2</sup></a>, 5 m<sup>2</sup>",
            ["river 1 and sea 2, 5 m2"],
        ),
        (
            "<p>tides<a href='#2'>2</a> and winds<a href='n.html#3'>[3]</a>, h<a href=#x>ere</a> [<a href='#4'>4</a>]",
            ["tides 2 and winds [3], here [4]"],
        ),
        (
            "<p><sup>1</sup>See there<p><a href='#r'><sup>2</sup></a>Or here, x<sup>2</sup>y",
            ["1 See there", "2 Or here, x2y"],
        ),
        ("<p>a <math><mi>x</mi><mo>=</mo><mn>1</mn></math>", ["a x=1"]),
        ("<p>in <st1:City><st1:place>Rome</st1:place></st1:City>, <o:p></o:p>", ["in Rome,"]),
        (
            "<p>the <x-tip>NATO</x-tip> treaty<picture><img></picture> of <noindex>two</noindex> li<y-z>gh</y-z>ts",
            ["the NATO treaty of two lights"],
        ),
        ("<div><x-card>a</x-card><x-card>b</x-card></div><td><x-p>c</x-p><x-p>d</x-p></td>", ["a", "b", "c", "d"]),
        ("<div><x-a>a <x-b>b</x-b> c</x-a></div>", ["a b c"]),
        ("<x-page><div>a</div><x-line><p>b</x-line></x-page>", ["a", "b"]),
        ("<pre>a\nb\n \nc</pre>d\n\ne<pre><code>f\n\ng</code></pre>", ["a b", "c", "d e", "f g"]),
        ("<x-a><template shadowrootmode=open><p>a</template></x-a><template><p>b</template>c", ["a", "c"]),
        ("<svg><title>a</title></svg>b<p>c", ["b", "c"]),
    ],
)
def test_blocks_are_what_a_person_sees(page: str, texts: list[str]) -> None:
    """A word that is cut by a tag is not found, and two that run together are not either."""
    tree, _ = parse_html(page)
    assert tree is not None
    assert block_texts(tree) == texts


@pytest.mark.parametrize(
    "end", ["</body></html>", "</BODY\n>", "</html >", "</html><html><head><title>t</title></head><body>"]
)
def test_what_stands_after_the_end_of_a_page_is_read(end: str) -> None:
    """Servers put notes after the end of each page, and people put pages into one file; a browser shows them."""
    tree, _ = parse_html(f"<!DOCTYPE html><html><body><p>a<!-- {end} --></p>{end}b<p>c</p>{end}")
    assert tree is not None
    assert block_texts(tree) == ["a", "b", "c"]


def test_an_empty_page_has_no_tree() -> None:
    """Lxml raises an error for one, which would call the file damaged."""
    assert parse_html(" \n") == (None, ())


@pytest.mark.parametrize("page", ["<!-- more -->", "</div>", "<!DOCTYPE html>", "<?php ?>"])
def test_a_page_of_nothing_but_marks_has_no_tree(page: str) -> None:
    """Lxml raises an error for one: a book with such a chapter, or a text with such a line, would be refused."""
    tree, _ = parse_html(page)
    assert tree is None or block_texts(tree) == []


MANY = " ".join(f"a{number}=1" for number in range(50_000))


QUOTED, TAGGED = MANY.replace("=1", '=">"'), MANY.replace("=1", "='<b>'")


@pytest.mark.parametrize(
    "page",
    [
        f"<p {MANY}>text</p>",
        f"<p {QUOTED}>text</p>",
        f"<p {TAGGED}>text</p>",
        f"<p {MANY.replace('=1 ', '/')}>text</p>",
        f"<!-- <b title=' --><p title=don't {MANY}>text</p>",
        f"<script>if (a <b && x=' ')</script><p {MANY}>text</p>",
        f"<script {MANY}></script><p>text</p>",
        f'text<p {MANY} x="',
    ],
    ids=range(8),
)
def test_work_on_attributes_is_in_proportion(page: str) -> None:
    """The parser compares each attribute with those before it: half a megabyte of them took a minute."""
    with in_proportion():
        tree, _ = parse_html(page)
        assert tree is not None
        assert block_texts(tree) == ["text"]
        assert all(len(element.attrib) <= ATTRIBUTES for element in tree.iter())


@pytest.mark.parametrize(
    "piece", ["<a", "<a ", "<a x=", '<a x="', "<a x='", "<!--", "<script", "<script>", "<a/", "< "]
)
def test_work_on_tags_without_an_end_is_in_proportion(piece: str) -> None:
    """Whoever looks for the end of each of a million tags anew reads the page a million times."""
    with in_proportion():
        parse_html(f"start {piece * 200_000}")
