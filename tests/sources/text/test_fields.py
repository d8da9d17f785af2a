"""Titles and paragraphs that are made of a text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from search.sources.records import Options, Record
from search.sources.text.fields import TITLE, record_of, split_paragraphs, title_from


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


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(" \t\u00a0\u2028\x85\0")), min_size=1)
)
def test_white_space_between_words_is_one_space(texts: list[str]) -> None:
    """Most paragraphs are in order as they come, and are seen to be so at a glance: the result is the slow way's."""
    texts = [text.replace("<", "") for text in texts]
    record = record_of({"paragraphs": texts}, 1, Options())
    clean = (" ".join(text.replace("\0", "").split()) for text in texts)
    wanted = tuple(text for text in clean if text)
    assert record.paragraphs == wanted if isinstance(record, Record) else not wanted
