"""Paragraphs of a tree of HTML."""

from __future__ import annotations

import pytest

from search.sources.formats.html_blocks import block_texts, parse_html


@pytest.mark.parametrize(
    ("page", "texts"),
    [
        ("<p>a <b>b</b>c<p>d", ["a bc", "d"]),
        ("<p>a<br>b", ["a b"]),
        ("<table><tr><td>a<td>b<tr><td>c</table>", ["a b", "c"]),
        ("<p>a<script>x</script>b<nav><p>y</nav><p>c", ["ab", "c"]),
        ("text<!-- comment --> goes on", ["text goes on"]),
    ],
)
def test_blocks_are_what_a_person_sees(page: str, texts: list[str]) -> None:
    """A word that is cut by a tag is not found, and two that run together are not either."""
    tree = parse_html(page)
    assert tree is not None
    assert block_texts(tree) == texts


def test_an_empty_page_has_no_tree() -> None:
    """Lxml raises an error for one, which would call the file damaged."""
    assert parse_html(" \n") is None
