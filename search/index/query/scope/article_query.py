"""Answers a search in the scope of an article (see `search.query.article_scope`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Literal, NamedTuple

import numpy as np

from search.budget import QueryBudget
from search.engine import MatchStream, Search
from search.index.query.answer import ROWS_AT_ONCE, answer, stream_rows
from search.index.query.boolean_query import BooleanQuery, SegmentMatches
from search.index.query.duplicate_folding import fold_copies
from search.index.query.further_rows import Further, next_best
from search.index.query.matching.bitmap_evaluator import BitmapEvaluator
from search.index.query.matching.match_set import AllDocs
from search.index.query.matching.multi_term import MultiTermMatcher
from search.index.query.scope.article_evaluator import ArticleEvaluator
from search.index.query.segment_searcher import Generation, SegmentSearcher
from search.index.query.weighted_query import WeightedQuery
from search.index.segment.doc_values import FacetCounter
from search.index.storage.column_file import Array
from search.kernels.core.bitmap import count, fill_hits
from search.model import NOTHING_FOLDED, FacetCounts, Result, ScoredParagraph, Total
from search.query.tree import positive_leaves

Part = list[SegmentMatches]
"""A part of the ranking: for each segment the docs whose rows are in this part."""


class ArticleScope:
    """The docs of a segment that match a query in the scope of an article."""

    def __init__(self, searcher: SegmentSearcher, search: Search, budget: QueryBudget) -> None:
        self.searcher = searcher
        self.patterns = MultiTermMatcher(searcher.segment, searcher.dense, budget)
        evaluator = ArticleEvaluator(searcher, self.patterns, budget)
        self.sets = evaluator.sets
        cuts = budget.cuts
        articles = evaluator.meeting(search.query, self.sets.live(searcher.view))
        docs = self.sets.docs(articles)
        with_words, leaves = searcher.no_docs, evaluator.leaves(AllDocs(searcher))
        wanted = dict.fromkeys(positive_leaves(search.query))
        for leaf in wanted:
            with_words = with_words | leaves.matches(leaf, docs).matches_itself
        with_words = with_words & docs
        self.bits = with_words
        if not wanted or budget.cuts == cuts:  # past the budget an article may have words that were not found
            self.bits = with_words | self.sets.docs(articles & ~self.sets.of_docs(with_words))
        """`(n_blocks,) uint64`: the bitmap of all docs that match."""
        space, alone = BitmapEvaluator(searcher, self.patterns, budget).matches(search.query)
        self.alone = space.to_bitmap(alone) & self.bits
        """`(n_blocks,) uint64`: the bitmap of those that meet the query by themselves."""

    def restrict(self, bits: Array) -> None:
        """Leave out the docs that are not in a `(n_blocks,) uint64` bitmap."""
        self.bits, self.alone = self.bits & bits, self.alone & bits

    def part(self, bits: Array) -> SegmentMatches:
        """Return those of the docs that are in the bitmap `bits`, in the form in which a plan ranks them."""
        return SegmentMatches(self.searcher, self.patterns, bits, int(count(bits)))


class Matching(NamedTuple):
    """The docs of all segments that match a search, and what is counted of them."""

    scopes: list[ArticleScope]
    total: Total
    articles: int
    facets: FacetCounts


def _matching(generation: Generation, search: Search, budget: QueryBudget) -> Matching:
    cuts = budget.cuts
    scopes = [ArticleScope(searcher, search, budget) for searcher in generation.segments]
    relation: Literal["eq", "gte"] = "gte" if budget.cuts > cuts else "eq"
    facets = FacetCounter(search.facets)
    total = articles = 0
    for scope in scopes:
        facets.add(scope.searcher.segment, scope.bits)
        total += int(count(scope.bits))
        articles += int(count(scope.sets.of_docs(scope.bits)))
    return Matching(scopes, Total(total, relation), articles, facets.result())


def count_articles(generation: Generation, search: Search, budget: QueryBudget) -> tuple[Total, FacetCounts]:
    """Return how many paragraphs match a search in the scope of an article, and their facets."""
    found = _matching(generation, search, budget)
    return found.total, found.facets


def search_articles(generation: Generation, search: Search, budget: QueryBudget) -> Result:
    """Return the answer to a search in the scope of an article.

    By relevance there are two parts: first the rows of the paragraphs that meet the query by themselves, then all
    others. Each is ranked like a search of its own.
    """
    scopes, total, articles, facets = _matching(generation, search, budget)
    folded = NOTHING_FOLDED
    if search.duplicates == "fold":
        shown, folded = fold_copies(generation, [scope.bits for scope in scopes])
        for scope, kept in zip(scopes, shown, strict=True):
            scope.restrict(kept)
        search = replace(search, duplicates="show")
    hits: list[ScoredParagraph] = []
    offset = search.offset
    for part in _parts(scopes, search):
        asked = replace(search, offset=offset, limit=search.limit - len(hits), facets=())
        if asked.limit <= 0:
            break
        found, n_rows = _ranked(generation, asked, part, budget)
        hits += found
        offset = max(0, offset - n_rows)
    rows = tuple(_recounted(hits, scopes))
    further: Further = ()
    if search.group_limit > 1 and search.group == "article":
        query, matches = WeightedQuery(generation, search), [scope.part(scope.bits) for scope in scopes]
        weights = BooleanQuery(generation, query, budget, matches).weights
        further = next_best(query, rows, matches, weights, [scope.alone for scope in scopes])
    warnings = (*budget.warnings, *budget.remarks)
    return Result(rows, total, articles, facets, warnings, further=further, folded=folded)


def stream_articles(generation: Generation, search: Search, budget: QueryBudget) -> MatchStream:
    """Return all rows of a search in the scope of an article, in the order of `search_articles`."""
    scopes, total, *_ = _matching(generation, search, budget)

    def rows() -> Iterator[ScoredParagraph]:
        for part in _parts(scopes, search):
            query = WeightedQuery(generation, search)
            found = stream_rows(generation, BooleanQuery(generation, query, budget, part), query)
            while some := list(islice(found, ROWS_AT_ONCE)):
                yield from _recounted(some, scopes)

    return MatchStream(total, rows())


def _parts(scopes: list[ArticleScope], search: Search) -> list[Part]:
    """Return the parts of the ranking, in order; by date there is one."""
    if search.sort != "relevance":
        return [[scope.part(scope.bits) for scope in scopes]]
    first, rest = [scope.part(scope.alone) for scope in scopes], []
    for scope in scopes:
        ranked = scope.alone
        if search.group == "article":  # a row is an article, by its best paragraph
            ranked = scope.sets.docs(scope.sets.of_docs(ranked))
        rest.append(scope.part(scope.bits & ~ranked))
    return [first, rest]


def _ranked(
    generation: Generation, search: Search, part: Part, budget: QueryBudget
) -> tuple[tuple[ScoredParagraph, ...], int]:
    """Return the rows of a part that a search asks for, and how many rows the part has."""
    query = WeightedQuery(generation, search)
    found = answer(generation, BooleanQuery(generation, query, budget, part), query, budget)
    if found is None:
        raise AssertionError("a BooleanQuery answers everything")
    return found.hits, found.total_articles if search.group == "article" else found.total.value


def _recounted(rows: Sequence[ScoredParagraph], scopes: Sequence[ArticleScope]) -> list[ScoredParagraph]:
    """Return rows of one part with `more` counted over all parts: the other matching paragraphs of their articles."""
    counted = list(rows)
    for scope in scopes:
        segment = scope.searcher.segment
        first = segment.column("article_first")
        found = [i for i, row in enumerate(rows) if row.locator[0] is segment]
        places = np.array([(rows[i].locator[1], rows[i].number) for i in found], np.int32).reshape(-1, 2)
        docs = (first[places[:, 0]] + places[:, 1] - 1).astype(np.int32)
        described = np.empty((4, len(found)), np.int32)
        fill_hits(docs, scope.bits, segment.article_of, first, described)
        for i, more in zip(found, described[3].tolist(), strict=True):
            counted[i] = rows[i]._replace(more=more)
    return counted
