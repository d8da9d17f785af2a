"""Searches that ask for less than one that found nothing, with the number of paragraphs that each finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from search.budget import QueryBudget
from search.engine import SearchReader, Snapshot
from search.model import Relaxation, RelaxationKind, SearchRequest
from search.query.interpretation import AND
from search.query.parser import conjuncts
from search.query.tree import is_witness

MAX_PARTS = 8
"""Maximum number of words, or other parts, of a query that are left out in turn."""


class Looser(NamedTuple):
    """A request that asks for less than another: how it differs, and what it leaves out, if anything."""

    kind: RelaxationKind
    part: str
    request: SearchRequest


def relaxations(
    snapshot: Snapshot, request: SearchRequest, budget: QueryBudget, search_of: SearchReader
) -> list[Relaxation]:
    """Return requests that ask for less than one that finds nothing, with how many paragraphs each finds.

    They are all counted in one call. Those that find nothing either are left out. Raises what `search_of` raises.
    """
    languages = snapshot.statistics().query_languages
    looser = [(one, search) for one in _looser(request, languages) if (search := search_of(one.request))]
    totals = snapshot.count([search for _, search in looser], budget)
    return [Relaxation(*one, total) for (one, _), total in zip(looser, totals, strict=True) if total.value]


def _looser(request: SearchRequest, languages: tuple[str, ...]) -> Iterator[Looser]:
    asked = replace(request, page=1)
    yield from _without_filters(asked)
    parts = conjuncts(asked.q, match=asked.match, languages=languages)
    if asked.match == "all" and sum(is_witness(part.node) for part in parts) > 1:
        yield Looser("any", "", replace(asked, match="any"))
    between = " " if asked.match == "all" else " AND "
    for part in parts[:MAX_PARTS]:
        rest = between.join([other.within(AND) for other in parts if other is not part])
        yield Looser("without", part.text, replace(asked, q=rest))


def _without_filters(asked: SearchRequest) -> Iterator[Looser]:
    dates = ", ".join(dict.fromkeys(filter(None, (asked.date_from, asked.date_to))))
    found = [
        (asked.source, replace(asked, source=None)),
        (asked.lang, replace(asked, lang=None)),
        (dates, replace(asked, date_from=None, date_to=None)),
    ]
    used = [(value, without) for value, without in found if value]
    for value, without in used:
        yield Looser("without_filter", value, without)
    if len(used) > 1:
        bare = replace(asked, source=None, lang=None, date_from=None, date_to=None)
        yield Looser("without_filters", ", ".join(value for value, _ in used), bare)
