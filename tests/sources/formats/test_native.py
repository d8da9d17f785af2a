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
from tests.timeouts import in_proportion


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
    "Title\n- 1914 men\n": Record("Title", None, ("- 1914 men",)),
    "Title\n- unknown\n- known": Record("Title", None, ("- unknown", "- known")),
    "Title\n- 12 Monkeys 1995\nOne.": Record("Title", None, ("- 12 Monkeys 1995", "One.")),
    "Title\n- 20250723\nOne.": Record("Title", parse_date("2025-07-23"), ("One.",)),
    "Title\n20250723\nOne.": Record("Title", None, ("20250723", "One.")),
    "Title\n1999\nOne.": Record("Title", None, ("1999", "One.")),
    "Title\n03/04/2025\nOne.": Record("Title", None, ("03/04/2025", "One.")),
    "Title\n23 July 2025": Record("Title", None, ("23 July 2025",)),
    "Title\n23 July 2025, a paragraph\nOne.": Record("Title", None, ("23 July 2025, a paragraph", "One.")),
    "Title\n-- 2025": Record("Title", None, ("-- 2025",)),
    "Title\n0000-00-00\nOne.": Record(
        "Title",
        None,
        ("0000-00-00", "One."),
        missing=("Line 2: '0000-00-00' is not on the calendar; it was read as text.",),
    ),
    "😀\n…": Record("😀", None, ("…",)),
}


CERTAIN = {
    "2025-07-23": "2025-07-23",
    "2025-07": "2025-07",
    "2025-07-23 08:15:11": "2025-07-23 08:15:11",
    "2025-07-23T08:15:11+02:00": "2025-07-23T08:15:11+02:00",
    "2025/07/23": "2025-07-23",
    "23.07.2025": "2025-07-23",
    "23 July 2025": "2025-07-23",
    "July 23, 2025": "2025-07-23",
    "Wednesday, July 23, 2025": "2025-07-23",
    "July 2025": "2025-07",
    "Wed, 23 Jul 2025 08:15:11 GMT": "2025-07-23 08:15:11Z",
}
GUESSED = {
    "03/04/2025": "2025-03-04",
    "circa 1890": "1890",
    "c. 1890": "1890",
    "1890s": "1890",
    "Spring 1998": "1998",
    "1890?": "1890",
}


@pytest.mark.parametrize("text", READ, ids=repr)
def test_reads(text: str) -> None:
    """Archives come from many programs: other ends of lines, spaces and blank lines change no paragraph's number."""
    assert article(text.encode()) == READ[text]


@pytest.mark.parametrize("dash", ["", "- ", "-", "\u2013 ", "\u2014"])
@pytest.mark.parametrize("stated", CERTAIN)
def test_every_form_of_a_certain_date(stated: str, dash: str) -> None:
    """Whoever leaves out the dash, lets a word processor make a long one, or writes the month in words states it."""
    assert article(f"Title\n{dash}{stated}\n\nOne.\n".encode()) == Record(
        "Title", parse_date(CERTAIN[stated]), ("One.",)
    )


@pytest.mark.parametrize("stated", GUESSED)
def test_every_form_of_a_date_that_is_a_guess(stated: str) -> None:
    """With the dash it stands where a date stands, and is read as in every other format."""
    found = article(f"Title\n- {stated}\n\nOne.\n".encode())
    assert (found.date, found.date_guessed, found.paragraphs) == (parse_date(GUESSED[stated]), True, ("One.",))


def test_a_date_in_words_of_another_language() -> None:
    """It is read as in every other format."""
    (found,) = read_native(iter([b"Title\n- 23 Temmuz 2025\nOne."]), "", Options(languages=("en", "tr")), {})
    assert isinstance(found, Record)
    assert (found.date, found.date_guessed, found.paragraphs) == (parse_date("2025-07-23"), True, ("One.",))


@pytest.mark.parametrize(
    "stated", ["- July 23, 2025 8:15 PM", "- Wednesday, 23 July 2025 at 20:15", "23 July 2025, 20:15"]
)
def test_a_date_in_words_with_a_time(stated: str) -> None:
    """Newsrooms write it so; it was a paragraph, and the article had no date without a word."""
    found = article(f"Title\n{stated}\nOne.\nTwo.".encode())
    assert (found.date, found.paragraphs) == (parse_date("2025-07-23 20:15"), ("One.", "Two."))


@pytest.mark.parametrize("stated", ["n/a", "N.A.", "unknown", "undated", "none", "?", "0000-00-00"])
def test_what_stands_for_no_date_is_said(stated: str) -> None:
    """Whoever filters by dates has to know why the article is not there; the line may be a text after all."""
    found = article(f"Title\n- {stated}\n\nOne.\n".encode())
    assert (found.date, found.paragraphs) == (None, (f"- {stated}", "One."))
    assert found.missing[0].startswith(f"Line 2: {stated!r} is not")


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


lines = st.text(st.characters(exclude_characters="\r\n\f\0\x1a\x1b", exclude_categories=["Cs"]), min_size=1).map(
    str.strip
)


@given(lines.filter(bool), st.none() | st.dates().map(str), st.lists(lines.filter(bool), min_size=1))
def test_what_was_written_is_read(title: str, date: str | None, paragraphs: list[str]) -> None:
    """An article in the native format comes out as it went in."""
    if title.startswith("\ufeff") or (date is None and paragraphs[0].startswith("-")):
        return
    text = "\n".join([title, *([f"- {date}"] if date else []), "", *paragraphs])
    expected = Record(title, parse_date(date) if date else None, tuple(paragraphs))
    assert article(text.encode()) == expected


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\r\r\n", "\f"])
def test_whatever_ends_a_line(end: str) -> None:
    """Paragraphs must not run together, nor come apart where a page of paper ended."""
    found = article(end.join(["Title", "One.", "Two."]).encode())
    assert (found.title, found.paragraphs) == ("Title", ("One.", "Two."))
    lines = textwrap.wrap("the council met on tuesday evening to discuss the repair of the pumping station " * 5, 70)
    text = "\n".join(["Title", "", *lines[:3], f"\f{lines[3]}", *lines[4:], "", "End."])
    assert article(text.encode()).paragraphs == (" ".join(lines), "End.")


def test_what_is_for_terminals_and_old_systems() -> None:
    """Colours, and the sign that ends a file of MS-DOS, are no text."""
    found = article(b"\x1b[1;31mTitle\x1b[0m\r\nOne.\r\n\x1a")
    assert (found.title, found.paragraphs) == ("Title", ("One.",))


def test_ornaments_above_the_title() -> None:
    """A line of stars is no title."""
    assert article(b"*****\n\n  Title  \n*****\nOne.").title == "Title"
    assert article(b"!!!\nOne.").title == "!!!"
    assert article(b"***\n---").title == "***"


MAIL = """From ann@a.example Wed Jul 23 08:15:11 2025
Received: from b.example
 by a.example
From: =?utf-8?q?Ann_B=C3=B6ll?= <ann@a.example>
To: bob@b.example,
\tcarl@c.example
Subject: The harbour
 is quiet
Date: Wed, 23 Jul 2025 08:15:11 +0200

Dear all,
"""


def test_mails() -> None:
    """Archives of lists are full of them; their titles would all be `From:` and an address."""
    found = article(MAIL.encode())
    assert (found.title, found.date) == ("The harbour is quiet", parse_date("2025-07-23 08:15:11+02:00"))
    assert found.paragraphs == (*("From: Ann Böll <ann@a.example>", "To: bob@b.example, carl@c.example", "Dear all,"),)
    long = "\n".join(textwrap.wrap("the council met on tuesday evening to discuss the repair of a station " * 9, 70))
    assert len(article(f"{MAIL}\n{long}\n\n{long}\n".encode()).paragraphs) == 5
    assert article(MAIL.replace("Wed, 23 Jul", "Soon, 23").encode()).missing[0].startswith("Date:")


def test_a_head_that_is_not_of_a_mail() -> None:
    """Archives of newspapers have a date and a subject as mails do, and their titles were left out."""
    found = article(b"TITLE: Harbours\nSUBJECT: Trade\nAUTHOR: Ann\nDATE: 23 July 2025\nX-Mailer: x\n\nOne.")
    assert (found.title, found.date) == ("Trade", parse_date("2025-07-23"))
    assert found.paragraphs == ("TITLE: Harbours", "AUTHOR: Ann", "One.")


@pytest.mark.parametrize(
    "text",
    [
        "Subject: harbours\nText of it.\n",
        "From: the harbour\nTo: the sea\n\nText.",
        "Subject: a\nFrom: b\nand so on\n\nText.",
        "From here on it is text.\nOne.",
        "From:\n\nText.",
    ],
)
def test_texts_that_begin_like_a_mail(text: str) -> None:
    """What no program wrote is read line by line."""
    assert article(text.encode()).title == text.partition("\n")[0]


@pytest.mark.parametrize("piece", ["\n x", " =?utf-8?q?", "\nTo: =?utf-8?q?"])
def test_work_on_the_head_of_a_mail_is_in_proportion(piece: str) -> None:
    """Who sends us a mail may have written a head of any length."""
    with in_proportion():
        found = article(f"From: a\nSubject: b{piece * 300_000}\n\nText.".encode())
    assert found.paragraphs[-1] == "Text."
