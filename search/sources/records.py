"""What readers give, and what they have to know."""

from __future__ import annotations

from dataclasses import dataclass

from search.model import Date


@dataclass(frozen=True, slots=True)
class Record:
    """What a file says of one article.

    `lang` is the language that it states, if it does. `key` names the record within a file of many: its own id, or its
    number from 1; it is empty for a file that is one article.
    """

    title: str
    date: Date | None
    paragraphs: tuple[str, ...]
    lang: str | None = None
    key: str = ""
    date_guessed: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """One record of a file of many that cannot be read; the others go on."""

    key: str
    reason: str
    advice: str


@dataclass(frozen=True, slots=True)
class Options:
    """What readers have to know: names of fields, languages, limits."""

    languages: tuple[str, ...] = ("en",)
