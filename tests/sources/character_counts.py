"""Accounting for every character of a source: as text, as left out by a rule, or as not read.

In the sources of these tests small letters are to become text, capitals are left out by a rule of docs/formats.md, and
digits are what cannot be read. So what a reader did with each can be counted without knowing how it works.
"""

from __future__ import annotations

import re
from collections import Counter

from search.sources import Record

_MARKUP = re.compile(r"<[^<>]*>")


def letters_of(text: str) -> Counter[str]:
    """Count the letters and digits of a text."""
    return Counter(letter for letter in text if letter.isalnum())


def character_data(markup: str) -> str:
    """The text between the tags of XML or HTML, by a regular expression instead of a parser."""
    return _MARKUP.sub(" ", markup)


def check_all_accounted(source: str, record: Record) -> None:
    """Check that each small letter of a source is in the record, no capital is, and digits only where it says so."""
    counted, read = letters_of(source), letters_of(f"{record.title}\n" + "\n".join(record.paragraphs))
    text = Counter({letter: count for letter, count in counted.items() if letter.islower()})
    left_out = sum(count for letter, count in counted.items() if letter.isupper())
    not_read = sum(count for letter, count in counted.items() if letter.isdigit())
    assert read == text, (text - read, read - text)
    assert read.total() + left_out + not_read == counted.total()
    assert bool(record.missing) == bool(not_read), record.missing
