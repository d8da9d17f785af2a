"""The native format: what is a title, a date, a paragraph, and what cannot be read."""

from __future__ import annotations

import textwrap
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.dates import parse_date
from search.errors import UnreadableArticle
from search.sources import Options, Record
from search.sources.formats.native import read_native
from tests.strategies import texts


def article(data: bytes, encodings: dict[str, None] | None = None) -> Record:
    (record,) = read_native(iter([data]), "name", Options(), {} if encodings is None else encodings)
    return record


DATE = parse_date("2025-07-23 08:15:11")

READ: dict[str, Record] = {
    "Title\n- 2025-07-23 08:15:11\n\nOne.\nTwo.\n": Record("Title", DATE, ("One.", "Two.")),
    "Title\n- 2025-07-23 08:15:11\nOne.\n\n\nTwo.": Record("Title", DATE, ("One.", "Two.")),
    "Title\r\n- 2025-07-23 08:15:11\r\n\r\nOne.\r\n": Record("Title", DATE, ("One.",)),
    "Title\r- 2025-07-23 08:15:11\rOne.": Record("Title", DATE, ("One.",)),
    "\ufeffTitle\n-2025-07-23 08:15:11\nOne.": Record("Title", DATE, ("One.",)),
    "\n\n  Title \t\n\n-  2025-07-23 08:15:11 \n\u00a0\n  One. \n \t\n": Record("Title", DATE, ("One.",)),
    "Title\nOne.\nTwo.": Record("Title", None, ("One.", "Two.")),
    "Title\n- 2025\nOne.": Record("Title", parse_date("2025"), ("One.",)),
    "Title\n- not a date, a paragraph\n- 2025-07-23": Record(
        "Title", None, ("- not a date, a paragraph", "- 2025-07-23")
    ),
    "- 2025-07-23\nOne.": Record("- 2025-07-23", None, ("One.",)),
    "Title\none line\u2028still the same\x0band still": Record(
        "Title", None, ("one line\u2028still the same\x0band still",)
    ),
    "Title\n- 2025-13-01\nOne.": Record(
        "Title",
        None,
        ("- 2025-13-01", "One."),
        missing=("Line 2: '2025-13-01' is not on the calendar; it was read as text.",),
    ),
    "Title\n- 23 July 2025\nOne.": Record("Title", parse_date("2025-07-23"), ("One.",)),
    "Title\n- 3 eggs and a pike\n- 2 loaves": Record("Title", None, ("- 3 eggs and a pike", "- 2 loaves")),
    "Title\n- 1914: war begins\n- 1918: it ends": Record("Title", None, ("- 1914: war begins", "- 1918: it ends")),
    "Title\n- 1914 men were lost\n": Record("Title", None, ("- 1914 men were lost",)),
    "Title\n- 1552396800\nOne.": Record("Title", None, ("- 1552396800", "One.")),
    "😀\n…": Record("😀", None, ("…",)),
}


@pytest.mark.parametrize("text", READ, ids=repr)
def test_reads(text: str) -> None:
    """Archives come from many programs: other ends of lines, spaces and blank lines change no paragraph's number."""
    assert article(text.encode()) == READ[text]


def test_a_text_cut_at_a_width() -> None:
    """Mail and old files are; a phrase that goes over the end of a line has to be found."""
    one, two = ("The council met on Tuesday evening to discuss the repair of the pumping station. " * n for n in (3, 5))
    text = "\n\n".join(textwrap.fill(text, 72) for text in (one, two))
    found = article(f"Title\n- 2025-07-23\n\n{text}\n".encode())
    assert found == Record("Title", parse_date("2025-07-23"), (one.strip(), two.strip()))


def test_a_broken_byte() -> None:
    """It must not cost the article, nor go unsaid."""
    found = article("Title\nOne été, two étés, and more".encode() + b" \xe9.")
    assert found.paragraphs == ("One été, two étés, and more \ufffd.",)
    assert found.missing == ("1 place is not UTF-8 and cannot be read.",)


@pytest.mark.parametrize(
    ("data", "message", "hint"),
    [
        (b"", "empty", "Line 1 is the title"),
        (b"\xef\xbb\xbf \n\r\n\t", "empty", "Line 1 is the title"),
        (b"Title", "no paragraphs", "Line 1 is the title"),
        (b"Title\n- 2025-07-23 08:15:11\n\n", "no paragraphs", "Line 1 is the title"),
        (b"Title\nOne \xc3\xa9t\xe9.", "not UTF-8: byte 13 is 0xe9", "Save it in the encoding UTF-8"),
        (b"\xef\xbb\xbfTitle\nOne \xe9t\xe9.", "not UTF-8: byte 10", "Save it in the encoding UTF-8"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "NUL bytes", "take it out"),
    ],
)
def test_what_cannot_be_read(data: bytes, message: str, hint: str) -> None:
    """Whoever supplied the file is told what is wrong with it and what to do."""
    with pytest.raises(UnreadableArticle) as caught:
        article(data)
    assert message in caught.value.message
    assert hint in caught.value.hint


@given(st.binary(max_size=60) | texts.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_an_article_or_unreadable(data: bytes) -> None:
    """One broken file must not stop the run over all others."""
    with suppress(UnreadableArticle):
        found = article(data)
        assert found.title
        assert found.paragraphs
        assert all(paragraph == paragraph.strip() != "" for paragraph in found.paragraphs)
        assert not any(end in paragraph for paragraph in found.paragraphs for end in "\r\n")


lines = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), min_size=1).map(str.strip)


@given(lines.filter(bool), st.none() | st.dates().map(str), st.lists(lines.filter(bool), min_size=1))
def test_what_was_written_is_read(title: str, date: str | None, paragraphs: list[str]) -> None:
    """An article in the native format comes out as it went in."""
    if title.startswith("\ufeff") or (date is None and paragraphs[0].startswith("-")):
        return
    text = "\n".join([title, *([f"- {date}"] if date else []), "", *paragraphs])
    expected = Record(title, parse_date(date) if date else None, tuple(paragraphs))
    assert article(text.encode()) == expected
