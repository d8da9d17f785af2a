"""Reader of the native format: a line with the title, an optional line with the date, then a paragraph a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from email.errors import MessageError
from email.header import decode_header, make_header

from search.dates import SHAPE, parse_date
from search.errors import UnreadableArticle
from search.sources.opening import read_all
from search.sources.records import Encodings, Options, Record
from search.sources.text.decoding import decode_text
from search.sources.text.stated_dates import LONGEST, StatedDate, first_date, written_date
from search.sources.text.wrapping import is_wrapped, unwrap

_PAGE_END = re.compile(r"\n?\f+")
_COLOUR = re.compile(r"\x1b\[[\d;]{0,19}m|\x1a")
"""Matches a colour of a terminal, and the end of a file of MS-DOS."""
_HEADER = re.compile(r"(?P<name>[A-Z][A-Za-z-]{1,30}):(?:[ \t](?P<value>.*))?")
"""Matches a line of the head of a mail."""
LONG = 4_000
"""Characters of a line of the head of a mail above which words in other encodings stay as they are."""
_SHOWN = frozenset(
    "from to cc newsgroups organization attachments title author byline source section summary keywords".split()
)
"""Lines of it that are read as text; archives of newspapers have some that mails have not."""
_DASH = re.compile(r"[-\u2010-\u2015\u2212]\s*(?=[^\s-])")
"""The dash before a date, also as word processors make it of the one that is typed."""
_ITEM = re.compile(r"(?!(?:1[5-9]|20)\d{6}\Z)\d+(?:\.\d+)?", re.ASCII)
"""A number alone, which is an item of a list rather than seconds since 1970; `20250723` is a date."""
_IMPRECISE = re.compile(
    r"(?:(?:circa|ca?\.?|about|around|early|mid|late|spring|summer|autumn|fall|winter),?\s+|\[|\()?"
    r"\d{4}s?(?:\]|\)|\?)?",
    re.IGNORECASE,
)
"""Matches a year, also one that is not exact: `circa 1890`, `1890s`, `[1890]`."""
_WORDS = re.compile(r"(?:\d{1,2}\.?\s+)?\w+\.?\s+\d{4}")
"""Matches a line that may be a date with the name of a month in another language than English."""
_NO_DATE = re.compile(r"n\.?/?a\.?|n\.?\s?d\.?|unknown|undated|none|null|no date|date unknown|\?+", re.IGNORECASE)
"""Matches a line that people write in place of a date that they do not know, such as `n.d.`"""
_ORNAMENT = re.compile(r"[*=_~#+-]{3,}|\Z")
"""Matches a line that may stand above the title, such as one of stars, or a blank one."""
_FORMAT = "Line 1 is the title, line 2 may be a date such as `- 2025-07-23 08:15:11`, then each line is a paragraph."


def read_native(chunks: Iterator[bytes], _name: str, options: Options, encodings: Encodings) -> Iterator[Record]:
    """Yield the one article of a file in the native format. Raise UnreadableArticle."""
    text, encoding, damage = decode_text(read_all(chunks, options.record), options.languages)
    encodings[encoding] = None
    lines = list(map(str.rstrip, _lines_of(text)))
    start = next((number for number, line in enumerate(lines) if line), None)
    if start is None:
        raise UnreadableArticle("The file is empty.", _FORMAT)
    if mail := _mail(lines[start:]):
        title, stated, lines = mail
        date = first_date([stated] if stated else [], options.languages)
        paragraphs = [line.strip() for line in lines if line]
    else:
        start = next((number for number, line in enumerate(lines) if not _ORNAMENT.fullmatch(line)), start)
        title, lines = lines[start].strip(), lines[start + 1 :]
        paragraphs = [line.strip() for line in lines if line]
        date = _date(paragraphs, options.languages) if paragraphs else StatedDate()
    if date.date and not mail:
        paragraphs = paragraphs[1:]
        lines[next(number for number, line in enumerate(lines) if line)] = ""
    if is_wrapped(lines):
        paragraphs = unwrap([line.strip() for line in lines])
    if not paragraphs:
        raise UnreadableArticle("The file has a title and no paragraphs.", _FORMAT)
    missing = damage + date.missing
    yield Record(title, date.date, tuple(paragraphs), date_guessed=date.guessed, missing=missing)


def _lines_of(text: str) -> list[str]:
    r"""Return the lines of a text, whatever ends them; programs that mistook one kind for another wrote `\r\r\n`.

    Signs are looked for one by one, which is ten times as fast as one pattern for all.
    """
    if "\r" in text:
        text = text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")
    if "\f" in text:
        text = _PAGE_END.sub("\n", text)
    if any(sign in text for sign in "\x1a\x1b"):
        text = _COLOUR.sub("", text)
    return text.split("\n")


def _mail(lines: list[str]) -> tuple[str, str, list[str]] | None:
    """Return the subject, the date as it is written, and the other lines that are read, of a mail; None for a text.

    The lines before the first blank one say who wrote it, and to whom; those for programs are left out.
    """
    end = lines.index("") if "" in lines else len(lines)
    fields: list[tuple[str, list[str]]] = []
    for number, line in enumerate(lines[:end]):
        if fields and line[0] in " \t":
            fields[-1][1].append(line.strip())
        elif found := _HEADER.fullmatch(line):
            fields.append((found["name"], [found["value"] or ""]))
        elif number or not line.startswith("From "):  # as which the mails in a mailbox begin
            return None
    head = {name.lower(): " ".join(pieces) for name, pieces in fields}
    subject = _decoded(head.get("subject", ""))
    if not subject or not head.keys() & {"from", "date"}:
        return None
    shown = [_decoded(f"{name}: {' '.join(pieces)}") for name, pieces in fields if name.lower() in _SHOWN]
    return subject, head.get("date", "").strip(), [part for line in shown for part in (line, "")] + lines[end:]


def _decoded(line: str) -> str:
    """Return a line of the head of a mail in which letters beyond ASCII stand as such."""
    with suppress(ValueError, LookupError, MessageError):
        if "=?" in line and len(line) < LONG:  # work on a longer one would grow with its square
            line = str(make_header(decode_header(line)))
    return " ".join(line.split())


def _date(paragraphs: list[str], languages: tuple[str, ...]) -> StatedDate:
    """Return the date that line 2 is, in whole, and what is wrong with one that cannot be read; none for a text.

    Items of lists begin with a dash as well: of what may be one, only forms that nobody writes there are dates. Without
    a dash it has to be certain, for it may be a paragraph: of a day or a month, and with others after it.
    """
    dash = _DASH.match(paragraphs[0])
    text = paragraphs[0][dash.end() :] if dash else paragraphs[0]
    if len(text) > LONGEST or (not dash and (len(paragraphs) < 2 or text.isdecimal())):
        return StatedDate()
    try:
        return StatedDate(parse_date(text))
    except ValueError as error:
        if SHAPE.fullmatch(text) and (dash or text.count("-") > 1):
            return StatedDate(missing=(f"Line 2: {error}; it was read as text.",))
    try:
        written = None if _ITEM.fullmatch(text) else written_date(text, languages)
    except ValueError:
        written = None
    if written and (dash or not written[1]):
        return StatedDate(*written)
    if not dash or any(paragraph.startswith("-") for paragraph in paragraphs[1:2]):
        return StatedDate()
    if _NO_DATE.fullmatch(text):
        return StatedDate(missing=(f"Line 2: {text!r} is not a date; it was read as text.",))
    found = first_date([text], languages) if _IMPRECISE.fullmatch(text) or _WORDS.fullmatch(text) else StatedDate()
    return StatedDate() if found.missing and not _IMPRECISE.fullmatch(text) else found
