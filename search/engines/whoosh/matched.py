"""What of one segment matches a query, and the weighted terms that score it."""

from __future__ import annotations

from functools import partial
from itertools import accumulate, repeat

import numpy as np

from search.budget import QueryBudget
from search.engines.whoosh.arrays import Array
from search.engines.whoosh.leaves import Leaves
from search.engines.whoosh.matching import Matching
from search.engines.whoosh.part import Part
from search.engines.whoosh.postings import Sparse, Terms
from search.engines.whoosh.segment import Segment
from search.kernels.bits import count, describe, list_bits
from search.kernels.ranking import ranked
from search.kernels.scoring import score_each
from search.model import Found
from search.query import Fuzzy, Node, Wildcard

PROMISING = 64
"""Blocks that are scored for a first threshold."""


_found = partial(tuple.__new__, Found)  # what Found._make does, in half the time


class Matched:
    """What of one segment matches."""

    def __init__(self, part: Part, query: Node, budget: QueryBudget) -> None:
        self.part = part
        self.terms = Terms(part.segment, part.dense)
        self.leaves = Leaves(part.segment, self.terms, budget)
        bits = Matching(part.segment, self.leaves).matches(query)
        self.bits: Array = bits if part.live is None else bits & part.live
        self.total: int = count(self.bits)

    def docs(self) -> Array:
        """The matching documents, ascending."""
        docs = np.empty(self.total, np.int32)
        list_bits(self.bits, docs)
        return docs

    def frequency(self, term: str | Wildcard | Fuzzy) -> int:
        """In how many paragraphs of the segment a term occurs."""
        if not isinstance(term, str):
            return self.leaves.patterns.fitting(term).total
        number = self.terms.number(term)
        return int(self.part.segment.frequencies[number]) if number >= 0 else 0

    def shortest(
        self, weights: dict[str | Wildcard | Fuzzy, float], impacts: Array, wanted: int
    ) -> list[tuple[int, float]]:
        """The best documents of a query that one pattern alone ranks: the shortest. None where others match too.

        So many match at least.
        """
        (term, weight), *more = weights.items() or [("", 0.0)]
        if more or isinstance(term, str):
            return []
        docs = self.leaves.patterns.fitting(term).best(self.bits, wanted)
        if len(docs) < wanted:
            return []
        scores = weight * impacts[256 + self.part.segment.column("lengths")[docs].astype(np.int64)]
        return list(zip(docs.tolist(), scores.tolist(), strict=True))

    def described(self, rows: list[tuple[int, float]]) -> list[Found]:
        """Documents with scores, as others know them."""
        segment = self.part.segment
        docs, scores = np.array([doc for doc, _ in rows], np.int32), np.array([score for _, score in rows])
        out = np.empty((4, len(rows)), np.int32)
        describe(docs, self.bits, segment.article_of, segment.column("article_first"), out)
        return found_rows(segment, out, scores)

    def holds(self, article: int) -> bool:
        """Whether a paragraph of an article matches here."""
        low, high = self.part.segment.span(article)
        return any(self.bits[doc >> 6] >> np.uint64(doc & 63) & np.uint64(1) for doc in range(low, high))


class Weighted:
    """The weighted terms of a query in one segment, as the kernels take them: sparse ones first."""

    def __init__(self, found: Matched, weights: dict[str | Wildcard | Fuzzy, float], impacts: Array) -> None:
        self.part = found.part
        self.impacts = impacts
        rows: list[tuple[int, float]] = []
        sparse: list[tuple[Sparse, float]] = []
        for term, weight in weights.items():
            if not isinstance(term, str):
                sparse.append((found.leaves.patterns.fitting(term).postings, weight))
            elif (number := found.terms.number(term)) >= 0:
                row = found.terms.row(number)
                if row >= 0:
                    rows.append((row, weight))
                else:
                    sparse.append((found.terms.postings(number), weight))
        ends = [0, *accumulate(len(postings.docs) for postings, _ in sparse)]
        none = [0] * len(rows)
        self.rows = np.array([-1] * len(sparse) + [row for row, _ in rows], np.int64)
        self.starts = np.array(ends[:-1] + none, np.int64)
        self.ends = np.array(ends[1:] + none, np.int64)
        self.weights = np.array([weight for _, weight in (*sparse, *rows)], np.float64)
        self.docs = _joined([postings.docs for postings, _ in sparse], np.int32)
        self.payloads = _joined([postings.payloads for postings, _ in sparse], np.uint8)

    def score(self, docs: Array) -> Array:
        """The scores of these documents."""
        scores = np.zeros(len(docs), np.float64)
        dense = self.part.dense
        score_each(
            docs, self.rows, self.starts, self.ends, self.weights, self.docs, self.payloads,
            dense.bits, dense.bases, dense.begins, dense.payloads,
            self.impacts, self.part.segment.column("lengths"), scores,
        )  # fmt: skip
        return scores

    def best(self, bits: Array, wanted: int, average: float, many: int) -> tuple[list[Found], int, int]:
        """The best of a bitmap's paragraphs, how many there are, in how many articles; see `search.kernels.ranking`."""
        segment, dense = self.part.segment, self.part.dense
        scores, out = np.empty(wanted), np.empty((4, wanted), np.int32)
        n, total, articles = ranked(
            bits, many, PROMISING, self.rows, self.starts, self.ends, self.weights, self.docs, self.payloads,
            dense.bits, dense.bases, dense.begins, dense.payloads,
            dense.peaks, dense.cells, dense.scales, max(1.0, average / dense.average),
            self.impacts, segment.column("lengths"), segment.ends, segment.article_of, segment.column("article_first"),
            scores, out,
        )  # fmt: skip
        return found_rows(segment, out[:, :n], scores), total, articles


def found_rows(segment: Segment, out: Array, scores: Array) -> list[Found]:
    """What a kernel described (see `search.kernels.bits.describe_best`), as others know it."""
    _, of, numbers, others = out.tolist()
    locators = zip(repeat(segment), of, strict=False)
    columns = zip(
        map(segment.strings("id").text, of), numbers, scores.tolist(), others, locators, strict=False
    )  # scores to spare
    return list(map(_found, columns))


def _joined(arrays: list[Array], kind: type) -> Array:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays) if arrays else np.zeros(0, kind)
