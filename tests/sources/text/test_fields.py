"""Titles and paragraphs that are made of a text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from search.sources.text.fields import TITLE, split_paragraphs, title_from


@given(st.lists(st.text(st.sampled_from("ab"), min_size=1, max_size=50), min_size=1, max_size=20).map(" ".join))
def test_a_title_from_a_text_is_its_beginning(text: str) -> None:
    """A list of results has room for a line, and a word that is cut reads as another one."""
    title = title_from(text)
    assert len(title) <= TITLE
    assert text.startswith(title.removesuffix("…"))
    assert title == text or title.endswith("…")


def test_blank_lines_separate_paragraphs_where_there_are_any() -> None:
    """Text that is wrapped at 80 columns would be a paragraph a line, and no phrase would be found across two."""
    assert split_paragraphs("a\r\nb\n \nc") == ("a b", "c")
    assert split_paragraphs("a\rb\n") == ("a", "b")
    assert split_paragraphs(" \n\n ") == ()
