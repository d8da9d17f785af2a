"""The overview of the index on the home page: the newest articles, and how articles are spread over time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from search.engine import Snapshot
from search.model import Heading, SearchRequest
from search.service import find
from web.presentation.histogram import period_label

NEWEST = 6
"""Maximum number of newest articles that are listed."""
PERIOD_LENGTHS = (1, 10, 25, 50, 100, 500)
"""Possible lengths of a period, in years."""
MAX_PERIODS = 14
"""Maximum number of periods that are shown."""


class Period(NamedTuple):
    """A period of years: its label, its first and last year, and the number of its articles.

    `share` is this number as a percentage, 1 to 100, of that of the period with the most articles.
    """

    label: str
    first: str
    last: str
    articles: int
    share: int


class Overview(NamedTuple):
    """The headings of the newest articles, the newest first, and the periods that have articles, the earliest first."""

    newest: tuple[Heading, ...]
    periods: tuple[Period, ...]


def overview(snapshot: Snapshot) -> Overview:
    """Compute the overview of a generation of the index, by a search for each period."""
    page = find(snapshot, SearchRequest(group="article", per_page=NEWEST, facets=("year",)))
    years = sorted(int(count.value) for count in page.facets.get("year", ()))
    return Overview(tuple(hit.article for hit in page.hits), tuple(_periods(snapshot, years)))


def _periods(snapshot: Snapshot, years: list[int]) -> Iterator[Period]:
    """Yield the periods that have these years, of the shortest length that gives at most MAX_PERIODS.

    Nothing is yielded if all years are in one period, or if the longest periods are more than MAX_PERIODS.
    """
    fitting = (length for length in PERIOD_LENGTHS if len({year // length for year in years}) <= MAX_PERIODS)
    length = next(fitting, PERIOD_LENGTHS[-1])
    starts = dict.fromkeys(year // length * length for year in years)
    found = []
    for start in starts if 1 < len(starts) <= MAX_PERIODS else ():
        first, last = f"{max(1, start):04}", f"{start + length - 1:04}"
        page = find(snapshot, SearchRequest(date_from=first, date_to=last, per_page=1))
        found.append((period_label(start, length), first, last, page.total_articles))
    most = max((articles for *_, articles in found), default=1)
    for label, first, last, articles in found:
        yield Period(label, first, last, articles, max(1, round(100 * articles / most)))
