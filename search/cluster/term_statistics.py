"""Statistics of terms in a whole index of the cluster, from which `search.ranking` computes their weights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from functools import cached_property
from typing import TypeAlias

from search.budget import QueryBudget
from search.cluster.budgeted_searches import BudgetedSearches
from search.cluster.connection import ADVICE, Connection
from search.cluster.query_translation import counting, holding
from search.cluster.schema import COUNT, text_terms
from search.engine import TermFrequency
from search.errors import ClusterUnavailable
from search.model import Portion
from search.query.tree import Fuzzy, Wildcard
from search.ranking import TELLING_STEMS, TITLE, telling, term_weight

Frequencies: TypeAlias = dict[str | Wildcard | Fuzzy, TermFrequency]
"""The frequency of each stem and pattern."""
TOGETHER = 50
"""Number of stems for which one request asks whether another article has them."""
CACHED = 1 << 17
"""Number of cached frequencies of a generation past which the cache is emptied."""


class TermStatistics:
    """Frequencies of stems and patterns in an index that does not change. Threads may share it.

    Deleted paragraphs are counted until the cluster merges them away, as in the embedded engine.
    """

    def __init__(self, connection: Connection, index: str, paragraphs: int, shards: int) -> None:
        self._connection, self._index = connection, index
        self._paragraphs, self._shards = paragraphs, shards
        self._known: Frequencies = {}

    def frequencies(
        self, stems: Iterable[str], patterns: Iterable[Wildcard | Fuzzy], searches: BudgetedSearches
    ) -> Frequencies:
        """Return the frequency of each stem and each pattern that occurs. Raises what `Connection` does."""
        wanted = list(dict.fromkeys((*stems, *patterns)))  # a fixed order, as the rounding of sums depends on it
        found = {term: frequency for term in wanted if (frequency := self._known.get(term)) is not None}
        missing = [term for term in wanted if term not in found]
        asked = self._ask([term for term in missing if isinstance(term, str)])
        counted = self._count([term for term in missing if not isinstance(term, str)], searches)
        if len(self._known) > CACHED:
            self._known = {}
        self._known.update(asked if searches.cut_short else asked | counted)
        found |= asked | counted
        return {term: found[term] for term in wanted if found[term].paragraphs}

    def _ask(self, stems: list[str]) -> Frequencies:
        """Return the frequencies of stems: the sums of the term statistics that each shard returns."""
        if not stems:
            return {}
        given = [f"{stem}{COUNT}1" for stem in stems]
        document = {
            "doc": {"score": given, "in_title": given},
            "fields": ["score", "in_title"],
            "term_statistics": True,
            **dict.fromkeys(("field_statistics", "positions", "offsets", "payloads"), False),
        }
        docs = [{"_index": self._index, "routing": routing, **document} for routing in self._routings]
        frequency, occurrences = dict.fromkeys(stems, 0), dict.fromkeys(stems, 0)
        for shard in self._connection.call("POST", "/_mtermvectors", {"docs": docs})["docs"]:
            if (fields := shard.get("term_vectors")) is None:
                raise ClusterUnavailable(self._connection.where, f"cannot answer now: {shard.get('error')}", ADVICE)
            for stem, of_stem in fields.get("score", {}).get("terms", {}).items():
                frequency[stem] += of_stem.get("doc_freq", 0)
                occurrences[stem] += of_stem.get("ttf", 0)
            for stem, of_stem in fields.get("in_title", {}).get("terms", {}).items():
                occurrences[stem] -= of_stem.get("ttf", 0)  # `score` counts the words of titles twice
        return {stem: self._frequency(n, occurrences[stem]) for stem, n in frequency.items()}

    def _count(self, patterns: list[Wildcard | Fuzzy], searches: BudgetedSearches) -> Frequencies:
        """Return the frequencies of patterns; a pattern occurs once in each paragraph that has a word that fits it."""
        bodies = [counting(holding(leaf)) for leaf in patterns]
        found = [answer["hits"]["total"]["value"] for answer in searches.ask(*bodies)]
        return {leaf: self._frequency(n, n) for leaf, n in zip(patterns, found, strict=True)}

    def _frequency(self, paragraphs: int, occurrences: int) -> TermFrequency:
        return TermFrequency(min(paragraphs, self._paragraphs), occurrences)

    @cached_property
    def _routings(self) -> list[str]:
        """A routing value that leads to each shard, found by trial."""
        if self._shards == 1:
            return ["0"]
        routings: dict[int, str] = {}
        trial = 0
        while len(routings) < self._shards:
            path = f"/{self._index}/_search_shards?routing={trial}"
            ((copy, *_),) = self._connection.call("GET", path)["shards"]
            routings.setdefault(copy["shard"], str(trial))
            trial += 1
        return list(routings.values())


class TellingStems:
    """Finds the most telling stems of articles in an index (see `search.engine.Snapshot.telling_stems`)."""

    def __init__(self, connection: Connection, index: str, terms: TermStatistics, paragraphs: int) -> None:
        self._connection, self._index = connection, index
        self._terms, self._paragraphs = terms, paragraphs

    def of(self, portion: Portion, limit: int, leave_out: Collection[str]) -> tuple[str, ...]:
        """Return up to `limit` stems that tell most of an article, best first, without those in `leave_out`.

        `portion` has the first TELLING_PARAGRAPHS paragraphs of the article. Raises what `Connection` does.
        """
        heading = portion.heading
        counts = sum((text_terms(text, heading.lang).stems for text in portion.paragraphs), Counter[str]())
        for stem, count in text_terms(heading.title, heading.lang).stems.items():
            counts[stem] += TITLE * count
        ordered = sorted(counts, key=lambda stem: (-counts[stem], stem))[:TELLING_STEMS]
        wanted = [stem for stem in ordered if stem not in leave_out]
        searches = BudgetedSearches(self._connection, self._index, QueryBudget())
        known = self._terms.frequencies(wanted, (), searches)
        values = {
            stem: telling(counts[stem], term_weight(self._paragraphs, *known[stem])) for stem in wanted if stem in known
        }
        best = sorted(values, key=lambda stem: (-values[stem], stem))
        found: list[str] = []
        for at in range(0, len(best), TOGETHER):
            some = best[at : at + TOGETHER]
            answers = self._connection.search(self._index, *(_in_another(stem, heading.id) for stem in some))
            found += [stem for stem, answer in zip(some, answers, strict=True) if answer["hits"]["total"]["value"]]
            if len(found) >= limit:
                break
        return tuple(found[:limit])


def _in_another(stem: str, article: str) -> dict[str, object]:
    """Return the body of a search that tells whether any other article than `article` has a stem."""
    having = {"filter": [{"term": {"score": stem}}], "must_not": [{"term": {"article": article}}]}
    return {"size": 0, "track_total_hits": 1, "terminate_after": 1, "query": {"bool": having}}
