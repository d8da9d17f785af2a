"""Titles and paragraphs that are made of a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.sources.records import Options, Record
from search.sources.text import fields
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
    assert split_paragraphs("a\vb\u2028c\u2029d\x85e") == ("a", "b", "c", "d", "e")  # FileMaker writes `\v` into fields
    assert split_paragraphs(" \n\n ") == ()


def test_blank_lines_beside_lines_that_are_paragraphs() -> None:
    """A blank line below the name of the author made one paragraph of a whole article of a newspaper."""
    short, long = "The harbour is quiet. " * 6, "The harbour is quiet. " * 12
    lines = ("By Ann", short.strip(), long.strip(), short.strip(), long.strip())
    assert split_paragraphs("\n\n".join([lines[0], "\n".join(lines[1:])])) == lines
    wrapped = "\n".join(["The harbour is quiet, and the ships of the fleet lie still in it. " * 2] * 4)
    assert len(split_paragraphs(f"By Ann\n\n{wrapped}\n\n{wrapped}")) == 3  # at 133 characters, as printers did


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


PIECES = (
    "a",
    "b c",
    "é",
    " ",
    "\n",
    "\t",
    "\0",
    "\xa0",
    "\u2028",
    "\u200c",
    "\ud800",
    "&",
    "&amp;",
    "&no;",
    "<br>",
    "</b",
    ">",
)


@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=4).map("".join) | st.text(max_size=4) | st.integers()))
def test_paragraphs_that_need_nothing_are_told_from_the_others(values: list[str | int]) -> None:
    """All paragraphs of an article are looked at as one text, and what that overlooks would never be mended."""
    options = Options()
    found = record_of({"paragraphs": values}, 1, options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fields, "_are_clean", lambda _: False)
        assert found == record_of({"paragraphs": values}, 1, options)
