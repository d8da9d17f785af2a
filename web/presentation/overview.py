"""What the home page says of the archive: worked out once a generation, since all of it depends on nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from flask import current_app

from search.engine import Snapshot
from search.model import Heading, SearchRequest
from search.service import find
from web.presentation.examples import Example, examples

KEPT = "stemma.holdings"
"""The key of what was worked out last among the application's extensions."""
SAMPLE = 100
"""Newest articles that examples are made from."""
NEWEST = 6
"""Newest articles that are named."""
STEPS = (1, 10, 25, 50, 100, 500)
"""Years that a period can have."""
MOST = 14
"""Periods that are shown."""


class Period(NamedTuple):
    """Some years and their articles; `share` is of the period that has most, from 1 to 100."""

    label: str
    first: str
    last: str
    articles: int
    share: int


class Holdings(NamedTuple):
    """The newest articles, queries to begin with, and how the articles spread over the years."""

    newest: tuple[Heading, ...]
    examples: tuple[Example, ...]
    periods: tuple[Period, ...]


def holdings(snapshot: Snapshot) -> Holdings:
    """What this generation holds."""
    kept: tuple[Snapshot, Holdings] | None = current_app.extensions.get(KEPT)
    if kept is None or kept[0] is not snapshot:
        kept = current_app.extensions[KEPT] = (snapshot, _look(snapshot))
    return kept[1]


def _look(snapshot: Snapshot) -> Holdings:
    page = find(snapshot, SearchRequest(group="article", per_page=SAMPLE, facets=("year",)))
    newest = tuple(hit.article for hit in page.hits[:NEWEST])
    years = sorted(int(entry.value) for entry in page.facets.get("year", ()))
    return Holdings(newest, examples(snapshot, page.hits), tuple(_periods(snapshot, years)))


def _periods(snapshot: Snapshot, years: list[int]) -> Iterator[Period]:
    """The periods that have articles, as short as fit; none where there is but one."""
    step = next((step for step in STEPS if len({year // step for year in years}) <= MOST), STEPS[-1])
    starts = dict.fromkeys(year // step * step for year in years)
    found = []
    for start in starts if 1 < len(starts) <= MOST else ():
        first, last = f"{max(1, start):04}", f"{start + step - 1:04}"
        page = find(snapshot, SearchRequest(date_from=first, date_to=last, per_page=1))
        found.append((_label(start, step), first, last, page.total_articles))
    most = max((articles for *_, articles in found), default=1)
    for label, first, last, articles in found:
        yield Period(label, first, last, articles, max(1, round(100 * articles / most)))


def _label(start: int, step: int) -> str:
    return {1: f"{start}", 10: f"{start}s"}.get(step, f"{start}–{start + step - 1}")
