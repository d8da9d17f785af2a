"""Named values, as JSON and tables have them, to records."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from search.sources.records import Options, Record, Refused
from search.sources.text.languages import code_of
from search.sources.text.stated_dates import ADVICE, read_date

Value: TypeAlias = object
"""Whatever JSON has."""

TITLE = 80
"""Characters of the first paragraph that stand in for a title."""

_BLANK = re.compile(r"\n[^\S\n]*\n")
_ENDS = re.compile(r"\r\n?")
_ID = re.compile(r"[^\x00-\x20\x7f\ud800-\udfff](?:[^\x00-\x1f\x7f\ud800-\udfff]{0,198}[^\x00-\x20\x7f\ud800-\udfff])?")


class _Wrong(Exception):
    """A value that is not as it must be."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(reason)
        self.refused = (reason, advice)


def record_of(values: Mapping[str, Value], number: int, options: Options) -> Record | Refused:
    """The article that named values describe; `number` names it where they give no id."""
    key = str(number)
    try:
        key = _key(values.get(options.id_field), options.id_field) or key
        paragraphs = _paragraphs(values, options)
        title = " ".join(_text(values.get(options.title_field), options.title_field).split())
        date, guessed = None, False
        stated = values.get(options.date_field)
        if stated is not None and stated != "":
            if isinstance(stated, bool) or not isinstance(stated, str | int | float):
                raise _not(options.date_field, "a date")
            date, guessed = read_date(stated, options.languages)
        lang = code_of(_text(values.get(options.lang_field), options.lang_field))
    except _Wrong as wrong:
        return Refused(key, *wrong.refused)
    except ValueError as error:
        return Refused(key, f"The date: {error}.", f"{ADVICE[:-1]}, or leave it out.")
    return Record(title or beginning(paragraphs[0]), date, paragraphs, lang, key, guessed)


def beginning(text: str) -> str:
    """The first words of a text, in place of a title that is missing."""
    if len(text) <= TITLE:
        return text
    words = text[: TITLE - 1].rpartition(" ")
    return (words[0] or words[2]).rstrip(" ,;:") + "…"


def paragraphs_of(text: str) -> tuple[str, ...]:
    """The paragraphs of a text: between blank lines if there are any, else each line."""
    text = _ENDS.sub("\n", text).strip()
    pieces: Iterable[str] = text.split("\n")
    if _BLANK.search(text):
        pieces = (" ".join(filter(None, map(str.strip, piece.split("\n")))) for piece in _BLANK.split(text))
    return tuple(filter(None, map(str.strip, pieces)))


def _paragraphs(values: Mapping[str, Value], options: Options) -> tuple[str, ...]:
    """The texts of an article; there is at least one."""
    given = values.get(options.paragraphs_field)
    name = options.text_field if given is None else options.paragraphs_field
    value = values.get(options.text_field) if given is None else given
    if value is None:
        message = f"There is neither {options.text_field!r} nor {options.paragraphs_field!r}."
        raise _Wrong(message, "Give each record its text, or set the names of the fields.")
    if isinstance(value, list):
        paragraphs = tuple(filter(None, (" ".join(_text(item, name).split()) for item in value)))
    else:
        paragraphs = paragraphs_of(_text(value, name))
    if not paragraphs:
        message = f"The field {name!r} is empty."
        raise _Wrong(message, "An article has at least one paragraph; write it, or take the record out.")
    return paragraphs


def _text(value: Value, name: str) -> str:
    """A value that has to be text; missing is empty."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _not(name, "text")
    text = str(value)
    if "\0" in text:
        raise _Wrong(f"The field {name!r} holds NUL characters.", "Take them out.")
    try:
        text.encode()
    except UnicodeEncodeError:
        message = f"The field {name!r} holds half a character (a lone surrogate)."
        raise _Wrong(message, "Write the text anew; it was cut in the middle of a character.") from None
    return text


def _key(value: Value, name: str) -> str:
    """A record's own id, which goes into addresses."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _not(name, "text or a whole number")
    key = str(value).strip()
    if not key:
        return ""
    if _ID.fullmatch(key) is None:
        message = f"The field {name!r} is no id: it is longer than 200 characters, or holds some that cannot be seen."
        raise _Wrong(message, "Give the record a short id of letters and digits.")
    return key


def _not(name: str, what: str) -> _Wrong:
    return _Wrong(f"The field {name!r} is not {what}.", "Write it so, or set the names of the fields.")
