"""The filters in force, each with a way to be rid of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from search.model import SearchRequest
from web import urls
from web.presentation import formatting

FILTERS = ("match", "source", "lang", "date_from", "date_to")
"""The parameters that have a chip; order and grouping filter nothing."""


class Chip(NamedTuple):
    """A filter in force, and the search without it."""

    label: str
    value: str
    url: str


def chips(asked: SearchRequest) -> list[Chip]:
    """The filters in force."""
    return list(_chips(asked))


def _chips(asked: SearchRequest) -> Iterator[Chip]:
    if asked.match == "any":
        yield Chip("Words", "any of them", urls.search(asked, match="all"))
    if asked.source is not None:
        yield Chip("Source", asked.source, urls.search(asked, source=None))
    if asked.lang is not None:
        yield Chip("Language", formatting.language(asked.lang), urls.search(asked, lang=None))
    if asked.date_from is not None and asked.date_from == asked.date_to:
        yield Chip("Date", asked.date_from, urls.search(asked, date_from=None, date_to=None))
        return
    if asked.date_from is not None:
        yield Chip("From", asked.date_from, urls.search(asked, date_from=None))
    if asked.date_to is not None:
        yield Chip("To", asked.date_to, urls.search(asked, date_to=None))


def in_use(form: Mapping[str, str]) -> int:
    """How many of a form's filters are set: as many as there are chips."""
    used = sum(bool(form.get(name)) and form.get(name) != "all" for name in FILTERS)
    return used - bool(form.get("date_from") and form.get("date_from") == form.get("date_to"))
