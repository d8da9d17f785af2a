"""A search over the segments of a generation: match, count, rank, sort, cut; then merge what the segments found."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal

import numpy as np

from search.budget import RANKING, QueryBudget
from search.engines import Search
from search.engines.whoosh.arrays import Array
from search.engines.whoosh.exact import Exact
from search.engines.whoosh.facets import Facets
from search.engines.whoosh.headings import UNDATED
from search.engines.whoosh.matched import Matched, Weights
from search.engines.whoosh.part import NOWHERE, Corpus
from search.engines.whoosh.spaces import listed
from search.engines.whoosh.words import Scorer, best_rows, is_short
from search.kernels.bits import best_of_groups, count_groups, first_in_order
from search.model import Found, Result, Total
from search.query import patterns, scored_stems
from search.ranking import idf

MAX_RANKED = 64
"""Words of a query that make the ranking; it finds what all of them find."""
SCORED, PRUNED = 4.0, 0.5
"""Units of looking for a word in a paragraph that matches; where ceilings leave out most of them."""
PATTERN = 4
"""Words that a pattern is as much work as: it has no ceilings but one."""


class Evaluation:
    """One search."""

    def __init__(self, parts: Sequence[Exact], corpus: Corpus, search: Search, budget: QueryBudget) -> None:
        self.search = search
        self.corpus = corpus
        self.budget = budget
        cuts = budget.cuts
        self.impacts = corpus.impacts
        self.stems = scored_stems(search.query)
        self.patterns = patterns(search.query)
        self.found = [Matched(part, search.query, budget) for part in parts]
        self.partial = budget.cuts > cuts

    def result(self) -> Result:
        """The rows asked for, and the totals."""
        low, high = self.search.offset, self.search.offset + self.search.limit
        total = sum(found.total for found in self.found)
        weights = self._weights(total) if total else {}
        one = len(self.found) == 1
        answers = [self._rows(found, weights, low if one else 0, high) for found in self.found]
        hits = [row for rows, _ in answers for row in rows]
        if not one:
            hits = sorted(hits, key=self._key)[low:high]
        articles = sum([articles for _, articles in answers])
        facets = Facets(self.search.facets)
        for found in self.found:
            facets.add(found.segment, found.bits)
        relation: Literal["eq", "gte"] = "gte" if self.partial else "eq"
        return Result(
            tuple(hits),
            Total(total, relation),
            articles,
            facets.result(),
            (*self.budget.warnings, *self.budget.remarks),
        )

    def _weights(self, total: int) -> Weights:
        """The idf of each stem and pattern that occurs at all; of the rarest, where all are too much work."""
        weights: Weights = {}
        for term in (*self.stems, *self.patterns):
            if frequency := sum(found.frequency(term) for found in self.found):
                weights[term] = idf(self.corpus.paragraphs, frequency)
        each = PRUNED if is_short(self.search) else SCORED
        price = int(each * total) if self.search.sort == "relevance" else 0
        most = min(MAX_RANKED, max(1, self.budget.left(RANKING) // price)) if price else MAX_RANKED
        if len(weights) > most:
            rarest = f"{most} rarest words of the query were" if most > 1 else "rarest word of the query was"
            self.budget.remark(f"Only the {rarest} used to rank what it found.")
            weights = dict(sorted(weights.items(), key=lambda item: -item[1])[:most])
        self.budget.charge(price * sum([1 if isinstance(term, str) else PATTERN for term in weights]))
        return weights

    def _key(self, row: Found) -> tuple[object, ...]:
        """What rows of several segments are sorted by."""
        tie = (row.article_id, row.number)
        if self.search.sort == "relevance":
            return (-row.score, *tie)
        for found in self.found:
            segment = found.segment
            article = segment.article(row.article_id)
            if article >= 0 and found.holds(article):
                start = int(segment.column("date_start")[article])
                return (start == UNDATED, start if self.search.sort == "date" else -start, *tie)
        raise AssertionError(row)

    def _rows(self, found: Matched, weights: Weights, low: int, high: int) -> tuple[list[Found], int]:
        """The best rows of one segment from `low` up to `high`, and how many articles match."""
        wanted = min(high, found.total)
        if is_short(self.search) and wanted:
            if self.search.group == "none" and (shortest := found.shortest(weights, self.impacts, wanted)):
                return found.described(shortest[low:]), count_groups(found.bits, found.segment.ends)
            ask = partial(found.scorer(weights).best, found.bits)
            if weights and (rows := best_rows(ask, self.search, found.segment, Facets(()), one=len(self.found) == 1)):
                return rows[0], rows[2]
        others = self._others(found, found.scorer(weights), wanted, weights)
        return found.described(others[low:]), count_groups(found.bits, found.segment.ends)

    def _others(self, found: Matched, terms: Scorer, wanted: int, weights: Weights) -> list[tuple[int, float]]:
        """The same when they are many, of different articles, sorted by date or of no score."""
        grouped = self.search.group == "article"
        if self.search.sort == "relevance" and weights:
            docs = listed(found.bits)
            scores = terms.score(docs, found.bits)
            if grouped:
                docs, scores = _best_of_articles(docs, scores, found.segment.article_of)
            return _best(docs, scores, wanted)
        order = found.segment.article_order(self.search.sort)
        docs = np.empty(wanted, np.int32)
        first = found.segment.column("article_first")
        n = first_in_order(found.bits, first, order, wanted, grouped, docs)
        docs = docs[:n]
        by_number = np.argsort(docs)
        scores = np.empty(n)
        scores[by_number] = terms.score(docs[by_number], NOWHERE)
        return list(zip(docs.tolist(), scores.tolist(), strict=True))


def _best(docs: Array, scores: Array, wanted: int) -> list[tuple[int, float]]:
    """The best documents by (score descending, document ascending); documents come ascending."""
    if len(docs) > 4 * wanted:
        least = np.partition(scores, len(scores) - wanted)[len(scores) - wanted]
        kept = scores >= least
        docs, scores = docs[kept], scores[kept]
    order = np.argsort(-scores, kind="stable")[:wanted]
    return list(zip(docs[order].tolist(), scores[order].tolist(), strict=True))


def _best_of_articles(docs: Array, scores: Array, article_of: Array) -> tuple[Array, Array]:
    """The best document of each article."""
    best, high = np.empty(len(docs), np.int32), np.empty(len(docs), np.float64)
    n = best_of_groups(docs, scores, article_of, best, high)
    return best[:n], high[:n]
