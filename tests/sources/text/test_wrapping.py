"""Lines that were cut at a width, and lines that were not."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.sources.text.wrapping import is_wrapped, unwrap
from tests.timeouts import in_proportion

words = st.lists(st.text("abcdef", min_size=1, max_size=9), min_size=120, max_size=150).map(" ".join)


@settings(max_examples=40)
@given(st.lists(words, min_size=2, max_size=5), st.integers(50, 90))
def test_what_was_wrapped_is_put_together(paragraphs: list[str], width: int) -> None:
    """No phrase that goes over the end of a line would be found, and each line would be a hit of its own."""
    lines = "\n\n".join(textwrap.fill(text, width) for text in paragraphs).split("\n")
    assert is_wrapped(lines)
    assert unwrap(lines) == paragraphs


PROSE = textwrap.wrap("the council met on tuesday evening to discuss the repair of the old pumping station " * 5, 70)


@pytest.mark.parametrize(
    "lines",
    [
        ["one line of a poem", "and another one", "", "a third which is longer than those", "and the last"],
        PROSE,
        [f"a paragraph of its own, number {number}, of about the width of all the others" for number in range(9)],
        [line for number in range(9) for line in (f"paragraph {number} " + "word " * 12, "")],
        ["x" * 3000, "", "y" * 60, "z" * 60],
        [],
        [""],
    ],
    ids=["poem", "without blank lines", "a paragraph a line", "blank lines between", "long lines", "nothing", "blank"],
)
def test_other_lines_are_paragraphs(lines: list[str]) -> None:
    """The native format has a paragraph a line; they must not run together."""
    assert not is_wrapped(lines)


def test_what_is_indented_has_the_same_margin() -> None:
    """A quotation in an old file is indented; its lines are shorter, and cut where all others are."""
    quote = [f"    {line}" for line in textwrap.wrap(" ".join(PROSE), 66)]
    assert is_wrapped([*PROSE, "", *quote])
    assert is_wrapped([*quote, "", *PROSE, "", "    - one item", "    - another"])


def test_items_of_a_list_stay_apart() -> None:
    """They are short, and each says something else."""
    lines = [*PROSE, "", *PROSE, "- one item", "- two", "  items", ""]
    assert is_wrapped(lines)
    assert unwrap(lines)[2:] == ["- one item", "- two   items"]


def test_lines_below_headings_stay_apart() -> None:
    """A heading is no part of the text after it."""
    assert unwrap(["A heading", "-----", "text of", "two lines"]) == ["A heading", "-----", "text of two lines"]


def test_one_long_line_makes_no_difference() -> None:
    """An address, or a row of a table, reaches beyond the margin, and a whole book was read line by line."""
    lines = [*PROSE, "", *PROSE, "", "see http://example.org/" + "x" * 90]
    assert is_wrapped(lines)
    assert len(unwrap(lines)) == 3


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["a drawing-", "room in the house", *["of both towns"] * 99], "a drawing-room in the house"),
        (["the Haupt-", "und Nebenstraße"], "the Haupt- und Nebenstraße"),
        (
            ["the har-", "bour of An-", "glia was qui-", "et, well-", "known and Anglo-", "Saxon"],
            "the harbour of Anglia",
        ),
        (["har\u00ad", "bour"], "harbour"),
        (["1914 -", "1918"], "1914 - 1918"),
    ],
)
def test_hyphens_at_the_ends_of_lines(lines: list[str], text: str) -> None:
    """Programs that wrap text end a line within a compound; where many lines end so, words were cut."""
    assert unwrap(lines)[0].startswith(text)
    assert "well-known and Anglo-Saxon" in unwrap(lines)[0] or "well-" not in lines


def test_work_on_a_line_that_is_longer_than_the_others_is_in_proportion() -> None:
    """One line may be as long as the file; for a hyphen at its end all its letters were looked at from each of them."""
    lines = ["word " * 11 + "wordwo"] * 100 + ["a" * 200_000 + ".-", "next", "", "x"]
    assert is_wrapped(lines)
    with in_proportion():
        assert unwrap(lines)[-1] == "x"
