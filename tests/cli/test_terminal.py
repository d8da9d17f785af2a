"""What a terminal shows, line by line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.cli.terminal import CONTEXT, AnsiStyle, caret_lines, page_lines, safe
from search.dates import parse_date
from search.model import Heading, Hit, Marked, Page, SearchRequest, Total


def page(*hits: Hit, total: Total, per_page: int = 10) -> Page:
    return Page(SearchRequest("q", per_page=per_page), "q", (), total, 1, hits, {}, 1.0, 1, "2026-01-01T00:00:00Z")


def hit(title: str = "Title", date: str | None = None, text: str = "Text") -> Hit:
    heading = Heading("a.txt", title, parse_date(date) if date else None, "seeds", "en")
    return Hit(heading, 1, 1.0, Marked(title), Marked(text, ((0, 1),)), Marked(text, ((0, 1),)), 0)


@given(st.text())
def test_safe_text_is_one_line_that_steers_nothing(text: str) -> None:
    """Whatever an article holds, it is printed as a line of text."""
    shown = safe(text)
    assert len(f"x{shown}x".splitlines()) == 1
    assert not any(
        ord(c) < 32 or 127 <= ord(c) < 160 or 0x202A <= ord(c) <= 0x202E or 0x2066 <= ord(c) <= 0x2069 for c in shown
    )
    shown.encode()


@given(st.text(st.characters(min_codepoint=32, exclude_categories=("C", "Z"))))
def test_harmless_text_is_left_alone(text: str) -> None:
    """Letters of any script are what an archive is made of."""
    assert safe(text) == text


def test_pieces_are_made_safe_between_the_marks() -> None:
    """Escapes make a text longer; marks have to stay on their letters all the same."""
    marked = Hit(hit().article, 1, 1.0, Marked("T"), Marked(""), Marked("\x1b moon \x1b", ((2, 6),)), 0)
    lines = list(page_lines(page(marked, total=Total(1)), AnsiStyle(on=True)))
    assert lines[-1] == "   \\x1b \x1b[33mmoon\x1b[0m \\x1b"


def test_what_a_page_says_besides_its_hits() -> None:
    """A total that is not exact says so, a missing date too, and that there is more."""
    lines = list(page_lines(page(hit(), total=Total(1200, "gte"), per_page=1), AnsiStyle(on=False)))
    assert lines[0] == "at least 1,200 paragraphs in 1 article for: q"
    assert lines[3].split() == ["undated", "a.txt-p1"]
    assert "-n" in lines[-1]
    assert "-n" not in list(page_lines(page(hit(), total=Total(1)), AnsiStyle(on=False)))[-1]


def test_long_titles_are_cut() -> None:
    """A title of a megabyte must not fill the screen."""
    lines = list(page_lines(page(hit("word " * 9999), total=Total(1)), AnsiStyle(on=False)))
    assert len(lines[2]) < 300


@pytest.mark.parametrize("position", [0, 3, 40, 4999, 9999, 10_000])
def test_the_caret_of_a_long_query_is_in_sight(position: int) -> None:
    """A query of thousands of letters is shown around the fault, and the caret stands below it."""
    query = "".join(chr(ord("a") + at % 26) for at in range(10_000))
    shown, caret = caret_lines(query, position)
    assert len(shown) <= 2 * CONTEXT + 4
    under = shown[len(caret) - 1 :][:1]
    assert under == query[position : position + 1]
