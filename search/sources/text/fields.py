"""Records from named values, such as objects of JSON and rows of tables."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from search.errors import UnreadableArticle
from search.sources.records import Options, Record, RefusedRecord
from search.sources.text.languages import language_code
from search.sources.text.line_breaks import without_breaks
from search.sources.text.markup import decode_references, is_markup, plain_text, read_markup
from search.sources.text.stated_dates import first_date
from search.sources.text.wrapping import are_paragraphs

TITLE = 80
"""Characters of the first paragraph that stand in for a missing title."""
TAGS = 2_000_000
"""Most tags in a field of HTML, whose pieces take some 400 MB of memory."""

_BLANK = re.compile(r"\n[^\S\n]*\n")
_CONTROLS = "\0\t\n\v\f\r\x1c\x1d\x1e\x1f"
"""NUL, and white space of ASCII but the space. Of all white space of Unicode the space alone is printable."""
_ENDS = re.compile(r"\r\n?|[\v\x85\u2028\u2029]")
"""Ends of lines but for line feeds: of old Macs, of databases such as FileMaker, and of Unicode."""
_ID = re.compile(r"[^\x00-\x20\x7f\ud800-\udfff](?:[^\x00-\x1f\x7f\ud800-\udfff]{0,198}[^\x00-\x20\x7f\ud800-\udfff])?")
"""An id: 1 to 200 characters without control characters and surrogates, and no space at either end."""


@dataclass(frozen=True, slots=True)
class UnreadableValue:
    """A value that cannot be read, with the reason, which is said if it is the value of a field."""

    reason: str


@lru_cache(maxsize=4)
def names_of_fields(options: Options) -> dict[str, str]:
    """Return the names of all fields by these names in lower case: capitals do not matter."""
    names = (options.title_field, options.date_field, options.text_field, options.paragraphs_field)
    return {name.lower(): name for name in (*names, options.id_field, options.lang_field)}


def record_of(values: Mapping[str, object], number: int, options: Options) -> Record | RefusedRecord:
    """Return the article that named values describe; its key is its id, else `number`.

    It is refused without text only. What else cannot be read is left out, and said in `missing`.
    """
    missing: list[str] = []
    stated_key = _id(values.get(options.id_field), options.id_field, missing)
    key = stated_key or str(number)
    try:
        paragraphs = _paragraphs(values, options, missing)
    except UnreadableArticle as error:
        return RefusedRecord(key, error.message, error.hint, states_id=bool(stated_key))
    title = _text(values.get(options.title_field), options.title_field, missing)
    title, markup = read_markup(title)
    title = plain_text(title) if markup and title.count("<") <= TAGS else title
    title = " ".join(title.split()) or title_from(paragraphs[0])
    stated = values.get(options.date_field)
    date = first_date([] if stated is None or stated == "" else [stated], options.languages)
    lang = language_code(_text(values.get(options.lang_field), options.lang_field, missing))
    return Record(title, date.date, paragraphs, lang, key, date.guessed, (*missing, *date.missing), not stated_key)


def title_from(text: str) -> str:
    """Return the first words of a text, at most 80 characters, in place of a missing title."""
    if len(text) <= TITLE:
        return text
    words = text[: TITLE - 1].rpartition(" ")
    return (words[0] or words[2]).rstrip(" ,;:") + "…"


def split_paragraphs(text: str, *, of_html: bool = False) -> tuple[str, ...]:
    """Return the paragraphs of a text: the parts between blank lines if there are blank lines, else the lines.

    Other line breaks are where a line was full, but of a text made of HTML, where they are meant, and of one whose
    lines are too long for that.
    """
    text = _with_line_feeds(text).strip()
    pieces: Sequence[str] = _BLANK.split(text)
    if len(pieces) == 1:
        pieces = text.split("\n")
    elif sum(map(len, lines := [piece.split("\n") for piece in pieces])) > len(pieces):
        if not of_html and are_paragraphs(text.split("\n")):
            pieces = text.split("\n")
        else:
            lines = lines if of_html else [without_breaks(piece).split("\n") for piece in pieces]
            pieces = [" ".join(filter(None, map(str.strip, of_piece))) for of_piece in lines]
    return tuple(filter(None, map(str.strip, pieces)))


def _paragraphs(values: Mapping[str, object], options: Options, missing: list[str]) -> tuple[str, ...]:
    """Return the paragraphs of an article, at least one. Raise UnreadableArticle.

    The text stands in where there are no paragraphs. What cannot be read of them is added to `missing`.
    """
    names = [name for name in (options.paragraphs_field, options.text_field) if values.get(name) is not None]
    if not names:
        message = f"There is neither {options.text_field!r} nor {options.paragraphs_field!r}."
        nested = next((name for name, value in values.items() if _holds_objects(value)), None)
        if nested is not None:
            message = f"{message[:-1]}, and what stands within {f'{nested:.40}'!r} is not looked at."
        raise UnreadableArticle(message, "Give each record its text, or name its field: STEMMA_FIELDS=text=body.")
    bad: list[str] = []
    try:
        return _paragraphs_of(values[names[0]], names[0], bad, missing)
    except UnreadableArticle:
        if len(names) == 1:
            raise
        missing += bad[:1]
        return _paragraphs_of(values[names[1]], names[1], [], missing)


def _holds_objects(value: object) -> bool:
    """Return whether a value is an object, or a list of some."""
    return isinstance(value[0] if isinstance(value, list) and value else value, dict)


def _paragraphs_of(value: object, name: str, bad: list[str], missing: list[str]) -> tuple[str, ...]:
    """Return what `_paragraphs` does, of one field; `bad` gets what is wrong with its items."""
    if isinstance(value, list) and _are_clean(value):  # as nearly all are
        return tuple(cast("list[str]", value))
    items = value if isinstance(value, list) else [value]
    texts = [_text(item, name, bad) for item in items]
    decoded = list(map(read_markup, texts))
    if any(markup for _, markup in decoded):
        if sum(text.count("<") for text, _ in decoded) > TAGS:
            raise UnreadableArticle(f"The field {name!r} holds more than {TAGS:,} tags.", "Split the record.")
        pages = (
            plain_text(_with_line_feeds(whole if markup else text))
            for text, (whole, markup) in zip(texts, decoded, strict=True)
        )
        paragraphs = tuple(part for page in pages for part in split_paragraphs(page, of_html=True))
    elif isinstance(value, list):
        paragraphs = tuple(filter(None, (_one_line(text) for text, _ in decoded)))
    else:
        paragraphs = split_paragraphs(decoded[0][0])
    if not paragraphs and bad:
        raise UnreadableArticle(bad[0], "Write it so, or name another field: STEMMA_FIELDS=text=body.")
    if not paragraphs:
        advice = "An article has at least one paragraph; write it, or take the record out."
        raise UnreadableArticle(f"The field {name!r} is empty.", advice)
    missing += [f"{len(bad):,} of {len(items):,} paragraphs: {bad[0]}"] if isinstance(value, list) and bad else bad
    return paragraphs


def _are_clean(values: list[object]) -> bool:
    """Tell whether values are texts in which nothing is to be replaced, left out or cut.

    They are looked at as one text, for a look at each takes longer.
    """
    try:
        whole = " ".join(cast("list[str]", values))
    except TypeError:
        return False
    return bool(whole) and _is_one_line(whole) and not is_markup(whole) and decode_references(whole) == whole


def _with_line_feeds(text: str) -> str:
    """Return a text whose lines all end with line feeds."""
    if "\r" in text or "\v" in text or (not text.isascii() and any(end in text for end in "\x85\u2028\u2029")):
        return _ENDS.sub("\n", text)
    return text


def _one_line(text: str) -> str:
    """Return a text with one space in place of all white space between two words, and none around it."""
    return text if _is_one_line(text) else " ".join(without_breaks(_ENDS.sub("\n", text)).split())


def _is_one_line(text: str) -> bool:
    """Tell whether a text has no white space but single spaces between words, nor NUL and halves of characters."""
    others = any(control in text for control in _CONTROLS) if text.isascii() else not text.isprintable()
    return not others and "  " not in text and text.strip(" ") == text


def _text(value: object, name: str, missing: list[str]) -> str:
    """Return the value of a field as text, "" for None and for a value that is neither text nor a number.

    NUL and halves of characters (lone surrogates) are replaced. What is wrong is added to `missing`.
    """
    if type(value) is str and value.isascii() and "\0" not in value:  # nearly all are
        return value
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        reason = f"cannot be read: {value.reason}" if isinstance(value, UnreadableValue) else "is not text"
        missing.append(f"The field {name!r} {reason}.")
        return ""
    if isinstance(value, float) and not math.isfinite(value):
        missing.append(f"The field {name!r} is too large a number.")
        return ""
    text = str(value)
    if "\0" in text or _has_halves(text):
        missing.append(f"The field {name!r} holds characters that are none: NUL, or halves of others.")
        return text.replace("\0", "").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _has_halves(text: str) -> bool:
    """Tell whether a text has halves of characters, which cannot be encoded."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _id(value: object, name: str, missing: list[str]) -> str:
    """Return the id of a record, which becomes part of addresses; "" for none, and for one that cannot be."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        missing.append(f"The field {name!r} is not text or a whole number; the record is named by its number.")
        return ""
    key = str(value).strip()
    if key and _ID.fullmatch(key) is None:
        what = "is longer than 200 characters, or holds some that cannot be seen"
        missing.append(f"The field {name!r} {what}; the record is named by its number.")
        return ""
    return key
