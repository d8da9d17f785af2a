"""Links from a search that finds little: corrections of its words, and searches that ask for less."""

from __future__ import annotations

from typing import NamedTuple

from search.engine import Statistics
from search.model import Page, Relaxation, Total
from web import urls


class OfferedSearch(NamedTuple):
    """A link to a search: its text, how many paragraphs the search finds, such as `3 paragraphs`, and its URL."""

    text: str
    found: str
    url: str


def corrected(page: Page) -> list[OfferedSearch]:
    """Return links to the corrected queries of a page of results, each once, the likeliest first."""
    return [
        OfferedSearch(query, total.in_words, urls.search(page.request, q=query))
        for query, total in page.corrected_queries.items()
    ]


def looser(page: Page, known: Statistics) -> list[OfferedSearch]:
    """Return links to searches that ask for less than that of `page`, which found nothing; the last finds all."""
    offers = [OfferedSearch(_name(one), one.total.in_words, urls.search(one.request)) for one in page.relaxations]
    if known.paragraphs:
        all_of_them = Total(known.paragraphs).in_words
        offers.append(OfferedSearch("See everything, newest first", all_of_them, urls.query("")))
    return offers


def _name(one: Relaxation) -> str:
    return {
        "without": f"Without {one.part}",
        "any": "Any of the words",
        "without_filter": f"Without the filter {one.part}",
        "without_filters": "Without filters",
    }[one.kind]
