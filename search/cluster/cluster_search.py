"""Searches in the cluster, which matches, ranks and counts; what it cannot compute is computed here from its rows.

The score of each stem is computed by a script from its frequency and the paragraph's length, with the weight that
`search.ranking` gives it. So scores differ from those defined there only by rounding to 32 bits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from search.budget import QueryBudget
from search.cluster.budgeted_searches import BudgetedSearches
from search.cluster.cluster_folding import fold_copies
from search.cluster.connection import Connection
from search.cluster.query_translation import (
    WORDS,
    Query,
    article_having,
    counting,
    elsewhere,
    holding,
    in_articles,
    is_tightened,
    matches,
    of_articles,
)
from search.cluster.schema import document_id
from search.cluster.term_statistics import TermStatistics
from search.engine import MatchStream, ScoringStatistics, Search
from search.model import NOTHING_FOLDED, FacetCount, Folded, Result, ScoredParagraph, Total
from search.query.article_scope import can_be_elsewhere
from search.query.tree import Node, patterns, scored_leaves, scored_stems, typed_words, variant_stems
from search.ranking import (
    K1,
    MAX_FREQUENCY,
    ROWS_BY_DATE,
    ROWS_BY_FORM,
    B,
    form_bonuses,
    query_counts,
    recency,
    term_weight,
    variant_weights,
)

WINDOW = 10_000
"""Number of rows, from the first one, up to which the cluster returns rows: `index.max_result_window`."""
PAGE = ROWS_BY_DATE
"""Number of rows of a stream that are asked for at a time: those that are scored again are in the first page."""
MAX_VALUES = 10_000
"""Maximum number of values of a facet."""
SCORE = """\
double tf = Math.min(_score, params.most);
return params.weight * tf / (tf + params.constant + params.slope * doc['norm'].value)"""
"""The score of one stem (Painless); `_score` is its frequency."""
COUNT_ARTICLES = {
    "init_script": "state.seen = new BitSet()",
    "map_script": "state.seen.set((int) doc['serial'].value)",
    "combine_script": "return state.seen.cardinality()",
    "reduce_script": "long sum = 0; for (count in states) { sum += count } return sum",
}
"""An aggregation (Painless): the exact number of articles, as all paragraphs of an article are in one shard."""
COLUMNS: dict[str, Any] = {"stored_fields": "_none_", "docvalue_fields": ["serial", "number", "start"]}
"""The part of the body of a search that has OpenSearch return three doc values of each row, and no stored field.

Stored fields, even `_id`, lie in compressed blocks, which OpenSearch would unpack for each row.
"""
UNCOUNTED: dict[str, Any] = {"aggs": {}, "track_total_hits": False}
"""Members that replace those of the same names in the body of a search whose totals and facets nobody reads."""
_TIES: list[Any] = [{"article": "asc"}, {"number": "asc"}]
SORTS: dict[str, list[Any]] = {
    "relevance": [{"_score": "desc"}, *_TIES],
    "date": [{"start": {"order": "asc", "missing": "_last"}}, *_TIES],
    "-date": [{"start": {"order": "desc", "missing": "_last"}}, *_TIES],
}


class Row(NamedTuple):
    """A row of a ranking: the id of a document, and what it is sorted by; `start` is in seconds since 1970."""

    document: str
    article: str
    number: int
    score: float
    start: int | None


class QueryScoring(NamedTuple):
    """How the paragraphs of a search are scored."""

    scores: list[Query]
    """A query for each stem and pattern that scores: its score of a paragraph is what the term adds."""
    bonuses: dict[str, float]
    """Maps each word of the query, as it was typed, to what it adds to the score of a paragraph that has this form."""


class ClusterSearch:
    """Searches in one index that does not change. Threads may share it.

    `statistics` are of its terms. It has `paragraphs` paragraphs, whose average length is `average` positions.
    """

    def __init__(
        self, connection: Connection, index: str, statistics: TermStatistics, paragraphs: int, average: float
    ) -> None:
        self._connection, self._index = connection, index
        self._statistics = statistics
        self._paragraphs, self._average = paragraphs, average

    def count(self, searches: Sequence[Search], budget: QueryBudget) -> list[Total]:
        """Return how many paragraphs match each of some searches. Raises what `Connection` does."""
        asking = BudgetedSearches(self._connection, self._index, budget, *[search.query for search in searches])
        answers = asking.ask(*map(counting, map(_whole, searches)))
        return [
            Total(one["hits"]["total"]["value"], "gte" if one["timed_out"] or is_tightened(search.query) else "eq")
            for one, search in zip(answers, searches, strict=True)
        ]

    def scoring_statistics(self, query: Node, budget: QueryBudget) -> ScoringStatistics:
        """Return the statistics that the scores of a query are computed from. Raises what `Connection` does."""
        return self._known(query, BudgetedSearches(self._connection, self._index, budget))

    def _known(self, query: Node, searches: BudgetedSearches) -> ScoringStatistics:
        leaves = scored_leaves(query)
        stems = (*scored_stems(leaves), *variant_stems(leaves))
        found = self._statistics.frequencies(stems, patterns(leaves), searches)
        return ScoringStatistics(self._paragraphs, self._average, found)

    def search(self, search: Search, budget: QueryBudget) -> Result:
        """Return the result of a search, a partial one when the budget's time is up. Raises what `Connection` does."""
        searches = BudgetedSearches(self._connection, self._index, budget, search.query)
        scoring = self._scoring(search, searches)
        whole = _whole(search)
        parts = _parts(search, whole)
        folding = fold_copies(whole, searches) if search.duplicates == "fold" else None
        if folding:
            parts = [_both(part, folding.shown) for part in parts]
        is_whole = parts == [whole]
        facets = {facet: query for facet, query in search.facet_queries.items() if facet in search.facets}
        bodies = [
            _body(search if is_whole else replace(search, limit=0), whole, scoring),
            *(_facet_body(facet, _whole(replace(search, query=query))) for facet, query in facets.items()),
            *([counting(_both(whole, folding.shown))] if folding else []),
        ]
        is_elsewhere_asked = search.scope == "paragraph" and search.count_elsewhere
        can_be = is_elsewhere_asked and can_be_elsewhere(search.query)
        also = counting(elsewhere(search.query)) if can_be and not searches.cut_short else None
        (answer, *others), counted = searches.ask_with(bodies, also)
        if is_whole:
            hits = _hits(search, answer, whole, scoring, searches)
        else:
            hits = _in_parts(search, parts, whole, scoring, searches)
        aggregations = answer["aggregations"] | {
            facet: other["aggregations"][facet] for facet, other in zip(facets, others, strict=False)
        }
        total, folded = answer["hits"]["total"]["value"], NOTHING_FOLDED
        if folding:
            folded = Folded(max(0, total - others[-1]["hits"]["total"]["value"]), folding.articles)
        n_elsewhere = counted["hits"]["total"]["value"] if counted else None if can_be or not is_elsewhere_asked else 0
        return Result(
            tuple(hits),
            Total(total, "gte" if searches.cut_short else "eq"),
            _count_articles(answer),
            {facet: _facet_counts(aggregations[facet]["buckets"]) for facet in search.facets},
            (*budget.warnings, *budget.remarks),
            n_elsewhere,
            _further(search, hits, whole, scoring, searches),
            folded,
        )

    def stream(self, search: Search, budget: QueryBudget) -> MatchStream:
        """Return all paragraphs that match a search, asked for page by page. Raises what `Connection` does."""
        search = replace(search, offset=0, limit=PAGE, group="none", facets=(), facet_queries={})
        searches = BudgetedSearches(self._connection, self._index, budget, search.query)
        scoring = self._scoring(search, searches)
        whole = _whole(search)
        (counted,) = searches.ask(counting(whole))
        total = Total(counted["hits"]["total"]["value"], "gte" if searches.cut_short else "eq")
        patient = BudgetedSearches(self._connection, self._index, None)
        parts = _parts(search, whole)
        return MatchStream(total, (hit for part in parts for hit in _pages(search, part, whole, scoring, patient)))

    def _scoring(self, search: Search, searches: BudgetedSearches) -> QueryScoring:
        known = self._known(search.query, searches)
        leaves = scored_leaves(search.query)
        weights = {term: term_weight(known.paragraphs, *frequency) for term, frequency in known.terms.items()}
        weights.update(variant_weights(variant_stems(leaves), lambda stem: weights.get(stem, 0.0)))
        counts = query_counts(scored_stems(leaves), search.function_stems)
        scores: list[Query] = []
        having: Query
        for term, weight in weights.items():
            if not weight:
                continue
            if isinstance(term, str):
                count, having = counts.get(term, 1.0), {"term": {"score": term}}
            else:
                count, having = 1.0, {"constant_score": {"filter": holding(term)}}
            parameters = {
                "weight": count * weight * (K1 + 1),
                "constant": K1 * (1 - B),
                "slope": K1 * B / self._average,
                "most": MAX_FREQUENCY,
            }
            scores.append({"script_score": {"query": having, "script": {"source": SCORE, "params": parameters}}})
        of_stems = {stem: count * weights.get(stem, 0.0) for stem, count in counts.items()}
        bonuses = form_bonuses(typed_words(leaves), of_stems)
        return QueryScoring(scores, {word: bonus for word, bonus in bonuses.items() if bonus})


def _whole(search: Search) -> Query:
    """Return the query of the paragraphs that match a search."""
    return in_articles(search.query) if search.scope == "article" else matches(search.query)


def _parts(search: Search, whole: Query) -> list[Query]:
    """Return the parts of a ranking, in order: one, or, by relevance with `scope` article, what matches alone first."""
    if search.scope == "paragraph" or search.sort != "relevance":
        return [whole]
    alone = _both(matches(search.query), whole)
    ranked = of_articles(article_having(alone)) if search.group == "article" else alone
    return [alone, {"bool": {"filter": [whole], "must_not": [ranked]}}]


def _both(one: Query, other: Query) -> Query:
    return {"bool": {"filter": [one, other]}}


def _facet(facet: str) -> dict[str, Any]:
    return {facet: {"terms": {"field": facet, "size": MAX_VALUES}}}


def _facet_body(facet: str, matching: Query) -> dict[str, Any]:
    """Return the body of a search that counts the values of a facet among all that match a query."""
    return {"size": 0, "query": {"bool": {"filter": [matching]}}, "aggs": _facet(facet)}


def _body(search: Search, matching: Query, scoring: QueryScoring) -> dict[str, Any]:
    """Return the body that asks for the rows of a search, and for the articles and facets of all that match."""
    first, last = search.offset, min(search.offset + search.limit, WINDOW)
    if rescored := _rescored(search):
        first, last = 0, max(rescored, last)
    body: dict[str, Any] = {
        "query": {"bool": {"filter": [matching], "should": scoring.scores}},
        "from": min(first, WINDOW),
        "size": max(0, last - first),
        "sort": SORTS[search.sort],
        "track_scores": True,
        "track_total_hits": True,
        **COLUMNS,
        "aggs": {"articles": {"scripted_metric": COUNT_ARTICLES}},
    }
    for facet in search.facets:
        if facet not in search.facet_queries:
            body["aggs"] |= _facet(facet)
    return body | {"collapse": {"field": "article"}} if search.group == "article" else body


def _in_parts(
    search: Search, parts: Sequence[Query], whole: Query, scoring: QueryScoring, searches: BudgetedSearches
) -> list[ScoredParagraph]:
    """Return the rows of a search whose ranking consists of parts, one after another."""
    hits: list[ScoredParagraph] = []
    offset = search.offset
    for at, part in enumerate(parts, 1):
        asked = replace(search, offset=offset, limit=search.limit - len(hits), facets=())
        if asked.limit <= 0:
            break
        is_last = at == len(parts)
        (answer,) = searches.ask(_body(asked, part, scoring) | (UNCOUNTED if is_last else {}))
        hits += _hits(asked, answer, whole, scoring, searches)
        if is_last:
            break
        n_rows = _count_articles(answer) if search.group == "article" else answer["hits"]["total"]["value"]
        offset = max(0, offset - n_rows)
    return hits


def _hits(
    search: Search, answer: dict[str, Any], whole: Query, scoring: QueryScoring, searches: BudgetedSearches
) -> list[ScoredParagraph]:
    """Return the rows that a search asks for, from the answer to its `_body`; `whole` is the query of all matches."""
    rows = [_row(hit) for hit in answer["hits"]["hits"]]
    rescored = _rescored(search)
    counts, words = _look_up(searches, rows, whole, list(scoring.bonuses) if rescored else [])
    if rescored:
        bonuses = {row: sum(scoring.bonuses[word] for word in of_row) for row, of_row in words.items()}
        rows = _rescore(rows, search, bonuses)[search.offset : search.offset + search.limit]
    return [
        ScoredParagraph(row.article, row.number, row.score, counts.get(row.article, 1) - 1, row.document)
        for row in rows
    ]


def _further(
    search: Search, hits: Sequence[ScoredParagraph], whole: Query, scoring: QueryScoring, searches: BudgetedSearches
) -> tuple[tuple[ScoredParagraph, ...], ...]:
    """Return the next best paragraphs of the article of each row, where a search asks for them."""
    if search.group != "article" or search.group_limit == 1:
        return ()
    asked = replace(search, offset=0, limit=0, group="none", facets=())
    parts = _parts(asked, whole)
    bodies = [
        _body(asked, _both({"term": {"article": hit.article_id}}, part), scoring)
        | {"size": search.group_limit, **UNCOUNTED}
        for hit in hits
        for part in parts
    ]
    found = [[_row(one) for one in answer["hits"]["hits"]] for answer in searches.ask(*bodies)]
    rows = [
        [row for of_part in found[at : at + len(parts)] for row in of_part] for at in range(0, len(found), len(parts))
    ]
    return tuple(
        tuple(
            ScoredParagraph(row.article, row.number, row.score, hit.more, row.document)
            for row in of_hit
            if row.document != hit.locator
        )[: search.group_limit - 1]
        for hit, of_hit in zip(hits, rows, strict=True)
    )


def _pages(
    search: Search, part: Query, whole: Query, scoring: QueryScoring, searches: BudgetedSearches
) -> Iterator[ScoredParagraph]:
    """Yield all rows of a part of a ranking, fetched PAGE at a time; pages fit together, as the index is constant."""
    body = _body(search, part, scoring) | UNCOUNTED
    while True:
        (answer,) = searches.ask(body)
        yield from _hits(search, answer, whole, scoring, searches)
        if len(hits := answer["hits"]["hits"]) < PAGE:
            return
        body["search_after"] = hits[-1]["sort"]
        search = replace(search, offset=PAGE)


def _count_articles(answer: dict[str, Any]) -> int:
    return int(answer["aggregations"]["articles"]["value"] or 0)


def _look_up(
    searches: BudgetedSearches, rows: Sequence[Row], matching: Query, words: Sequence[str]
) -> tuple[dict[str, int], dict[str, list[str]]]:
    """Return the number of matches by article id, and, of the first rows, which of `words` each has, by document id."""
    if not rows:
        return {}, {}
    articles = sorted({row.article for row in rows})
    count = {
        "size": 0,
        "query": _both(matching, {"terms": {"article": articles}}),
        "aggs": {"articles": {"terms": {"field": "article", "size": len(articles)}}},
    }
    first = [row.document for row in rows[:ROWS_BY_FORM]]
    named = [{"bool": {"should": [{"term": {field: word}} for field in WORDS], "_name": word}} for word in words]
    having = {
        "size": len(first),
        "query": {"bool": {"filter": [{"ids": {"values": first}}], "should": named}},
        **COLUMNS,
    }
    counted, *found = searches.ask(count, *([having] if words else []))
    counts = {bucket["key"]: bucket["doc_count"] for bucket in counted["aggregations"]["articles"]["buckets"]}
    hits = [hit for answer in found for hit in answer["hits"]["hits"]]
    return counts, {_document(hit): hit.get("matched_queries", []) for hit in hits}


def _rescore(rows: list[Row], search: Search, bonuses: Mapping[str, float]) -> list[Row]:
    """Return the first rows of a ranking in their new order, scored once more as `search.ranking` defines.

    `bonuses` has what exactly typed words add to the score of a document, by its id.
    """
    rows = [row._replace(score=row.score + bonuses.get(row.document, 0.0)) for row in rows]
    if search.recency:
        for at, row in enumerate(rows[:ROWS_BY_DATE]):
            if row.start is not None:
                rows[at] = row._replace(score=row.score * recency(row.start, *search.recency))
    return sorted(rows, key=lambda row: (-row.score, row.article, row.number))


def _rescored(search: Search) -> int:
    """Return how many of the first rows are scored again, 0 if no row that is asked for is among them."""
    last = ROWS_BY_DATE if search.recency else ROWS_BY_FORM
    return last if search.sort == "relevance" and search.limit and search.offset < last else 0


def _row(hit: dict[str, Any]) -> Row:
    _, article, number = hit["sort"]
    start = hit["fields"].get("start")
    return Row(_document(hit), article, number, hit["_score"], start[0] if start else None)


def _document(hit: dict[str, Any]) -> str:
    return document_id(hit["fields"]["serial"][0], hit["fields"]["number"][0])


def _facet_counts(buckets: list[dict[str, Any]]) -> tuple[FacetCount, ...]:
    counts = [FacetCount(bucket["key"], bucket["doc_count"]) for bucket in buckets]
    return tuple(sorted(counts, key=lambda count: (-count.paragraphs, count.value)))
