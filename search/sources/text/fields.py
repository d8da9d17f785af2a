"""Records from named values, such as objects of JSON and rows of tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from search.errors import UnreadableArticle
from search.sources.records import Options, Record, RefusedRecord
from search.sources.text.languages import language_code
from search.sources.text.stated_dates import ADVICE, read_date

TITLE = 80
"""Characters of the first paragraph that stand in for a missing title."""

_BLANK = re.compile(r"\n[^\S\n]*\n")
_ENDS = re.compile(r"\r\n?")
_ID = re.compile(r"[^\x00-\x20\x7f\ud800-\udfff](?:[^\x00-\x1f\x7f\ud800-\udfff]{0,198}[^\x00-\x20\x7f\ud800-\udfff])?")
"""An id: 1 to 200 characters without control characters and surrogates, and no space at either end."""


def record_of(values: Mapping[str, object], number: int, options: Options) -> Record | RefusedRecord:
    """Return the article that named values describe; its key is its id, else `number`."""
    key = str(number)
    try:
        key = _id(values.get(options.id_field), options.id_field) or key
        paragraphs = _paragraphs(values, options)
        title = " ".join(_text(values.get(options.title_field), options.title_field).split())
        date, guessed = None, False
        stated = values.get(options.date_field)
        if stated is not None and stated != "":
            if isinstance(stated, bool) or not isinstance(stated, str | int | float):
                raise _wrong_type(options.date_field, "a date")
            date, guessed = read_date(stated, options.languages)
        lang = language_code(_text(values.get(options.lang_field), options.lang_field))
    except UnreadableArticle as error:
        return RefusedRecord(key, error.message, error.hint)
    except ValueError as error:
        return RefusedRecord(key, f"The date: {error}.", f"{ADVICE[:-1]}, or leave it out.")
    return Record(title or title_from(paragraphs[0]), date, paragraphs, lang, key, guessed)


def title_from(text: str) -> str:
    """Return the first words of a text, at most 80 characters, in place of a missing title."""
    if len(text) <= TITLE:
        return text
    words = text[: TITLE - 1].rpartition(" ")
    return (words[0] or words[2]).rstrip(" ,;:") + "…"


def split_paragraphs(text: str) -> tuple[str, ...]:
    """Return the paragraphs of a text: the parts between blank lines if there are blank lines, else the lines."""
    text = _ENDS.sub("\n", text).strip()
    pieces: Iterable[str] = text.split("\n")
    if _BLANK.search(text):
        pieces = (" ".join(filter(None, map(str.strip, piece.split("\n")))) for piece in _BLANK.split(text))
    return tuple(filter(None, map(str.strip, pieces)))


def _paragraphs(values: Mapping[str, object], options: Options) -> tuple[str, ...]:
    """Return the paragraphs of an article, at least one. Raise UnreadableArticle."""
    name = options.paragraphs_field if values.get(options.paragraphs_field) is not None else options.text_field
    value = values.get(name)
    if value is None:
        message = f"There is neither {options.text_field!r} nor {options.paragraphs_field!r}."
        raise UnreadableArticle(message, "Give each record its text, or set the names of the fields.")
    if isinstance(value, list):
        paragraphs = tuple(filter(None, (" ".join(_text(item, name).split()) for item in value)))
    else:
        paragraphs = split_paragraphs(_text(value, name))
    if not paragraphs:
        advice = "An article has at least one paragraph; write it, or take the record out."
        raise UnreadableArticle(f"The field {name!r} is empty.", advice)
    return paragraphs


def _text(value: object, name: str) -> str:
    """Return the value of a field as text, "" for None. Raise UnreadableArticle when it is not text or a number."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _wrong_type(name, "text")
    text = str(value)
    if "\0" in text:
        raise UnreadableArticle(f"The field {name!r} holds NUL characters.", "Take them out.")
    try:
        text.encode()
    except UnicodeEncodeError:
        message = f"The field {name!r} holds half a character (a lone surrogate)."
        advice = "Write the text anew; it was cut in the middle of a character."
        raise UnreadableArticle(message, advice) from None
    return text


def _id(value: object, name: str) -> str:
    """Return the id of a record, which becomes part of addresses; "" for none. Raise UnreadableArticle."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _wrong_type(name, "text or a whole number")
    key = str(value).strip()
    if key and _ID.fullmatch(key) is None:
        message = f"The field {name!r} is no id: it is longer than 200 characters, or holds some that cannot be seen."
        raise UnreadableArticle(message, "Give the record a short id of letters and digits.")
    return key


def _wrong_type(name: str, wanted: str) -> UnreadableArticle:
    """Return the error to raise for a field whose value is of another type."""
    return UnreadableArticle(f"The field {name!r} is not {wanted}.", "Write it so, or set the names of the fields.")
