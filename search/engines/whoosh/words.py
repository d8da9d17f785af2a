"""Queries of plain words, joined by OR or by AND: most of what is asked, answered with as little ado as possible.

What is found is what `evaluation` finds. Here a kernel goes from the bytes of the postings to the rows.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from search.engines import Search
from search.engines.whoosh.arrays import Array
from search.kernels.conjunction import all_of_dense, all_of_sparse
from search.kernels.disjunction import any_of
from search.model import Found, Result, Total
from search.query import And, Node, Or, Word
from search.ranking import idf

if TYPE_CHECKING:
    from search.engines.whoosh.evaluation import Corpus
    from search.engines.whoosh.matched import Part

MOST_STEMS = 32
"""Stems of a query that is answered here."""
MOST_ROWS = 200
"""Rows that a kernel keeps sorted."""
REMEMBERED = 1 << 14
"""Stems of a segment whose place is remembered."""
BEHIND = 2
"""Bytes behind the postings that their decoder may look at: the file goes on with its directory."""
NOTHING = np.zeros(0, np.uint64)


class Term(NamedTuple):
    """Where a stem's postings are: its row if it is dense, else -1, and the bytes from `low` up to `high`."""

    number: int
    row: int
    low: int
    high: int
    frequency: int


class Scratch(threading.local):
    """Arrays of a thread that kernels write to, of a word or a number a block."""

    blocks = -1

    def __init__(self) -> None:
        self.sized(0)
        self.docs = np.empty(0, np.int32)
        self.flags = np.empty(0, np.uint8)

    def sized(self, blocks: int) -> Scratch:
        """For so many blocks."""
        if blocks != self.blocks:
            self.blocks = blocks
            self.matching = np.empty(blocks, np.uint64)
            self.touched = np.empty(blocks, np.uint64)
            self.ceiling = np.empty(blocks, np.float32)
        return self

    def hits(self, lists: int, size: int) -> tuple[Array, Array]:
        """Room for so many lists of postings."""
        if len(self.docs) < lists * size:
            self.docs, self.flags = np.empty(2 * lists * size, np.int32), np.empty(2 * lists * size, np.uint8)
        room = slice(lists * size)
        return self.docs[room].reshape(lists, size), self.flags[room].reshape(lists, size)


_scratch = Scratch()


class Words:
    """A segment as the kernels of plain words take it."""

    def __init__(self, part: Part, corpus: Corpus) -> None:
        segment, dense = part.segment, part.dense
        self.segment = segment
        self.dense = dense
        self.term = lru_cache(REMEMBERED)(self._term)
        self.id_of = segment.strings("id").text
        live = NOTHING if part.live is None else part.live
        raised = max(1.0, corpus.average / dense.average)
        lengths, article_of = segment.column("lengths"), segment.article_of
        first, ends = segment.column("article_first"), segment.ends
        blob = segment.file.unchecked("postings", BEHIND)
        found = (dense.bits, dense.begins, dense.bases, dense.payloads)
        owned = (dense.bits, dense.owns, dense.begins, dense.bases, dense.payloads)
        bounds = (dense.peaks, dense.cells, dense.scales, raised)
        self.of_sparse = (blob, *found, corpus.impacts, lengths, live, article_of, first)
        self.of_dense = (*owned, *bounds, corpus.impacts, lengths, live, ends, article_of, first)
        self.of_any = (blob, *self.of_dense)

    def _term(self, stem: str) -> Term | None:
        """A stem's postings, checked, or its tables, filled; None when it does not occur."""
        number = self.segment.strings("stem").find(stem)
        if number < 0:
            return None
        row = self.dense.row_of.get(number, -1)
        at = self.segment.column("postings_at")
        low, high = int(at[number]), int(at[number + 1])
        if row >= 0:
            self.dense.fill(row)
        else:
            self.segment.file.check("postings", low, high)
        return Term(number, row, low, high, self.segment.frequency(number))

    def rows(self, terms: Sequence[tuple[Term, float]], wanted: int, *, every: bool) -> tuple[list[Found], int, int]:
        """The best rows that have any of the weighted terms, or every one; how many match, in how many articles."""
        sparse = [one for one in terms if one[0].row < 0]
        if sparse and len(sparse) < len(terms):
            terms = [*sparse, *(one for one in terms if one[0].row >= 0)]
        places = np.array([term[1:4] for term, _ in terms], np.int64)
        weights = np.array([weight for _, weight in terms])
        scratch = _scratch.sized(self.segment.blocks)
        scores, out = np.empty(wanted), np.empty((4, wanted), np.int32)
        if not every:
            n, total, articles = any_of(
                places, weights, len(sparse), *self.of_any,
                scratch.matching, scratch.touched, scratch.ceiling, scores, out,
            )  # fmt: skip
        elif sparse:
            frequencies = np.array([term.frequency for term, _ in sparse])
            order = frequencies.argsort()
            docs, flags = scratch.hits(len(sparse), int(frequencies[order[0]]) + 1)
            n, total, articles = all_of_sparse(
                places, weights, len(sparse), order, *self.of_sparse, scratch.matching, docs, flags, scores, out
            )
        else:
            n, total, articles = all_of_dense(
                places, weights, *self.of_dense, scratch.matching, scratch.ceiling, scores, out
            )
        _, of, numbers, others = out.tolist()
        id_of = self.id_of
        found = [
            Found(id_of(article), number, score, more)
            for article, number, score, more in zip(of[:n], numbers, scores.tolist(), others, strict=False)
        ]
        return found, total, articles


def answer(parts: Sequence[Words], corpus: Corpus, search: Search) -> Result | None:
    """The answer to a query of plain words; None when it has to be worked out otherwise."""
    wanted = search.offset + search.limit
    if search.sort != "relevance" or search.group != "none" or search.facets or not 0 < wanted <= MOST_ROWS:
        return None
    words, every = _words(search.query)
    if not words or len(words) > MOST_STEMS:
        return None
    found = [[part.term(stem) for stem in words] for part in parts]
    if every is not None and not all(_single(terms, every) for terms in found):
        return None
    weights = [
        idf(corpus.paragraphs, frequency) if (frequency := sum(term.frequency for term in each if term)) else 0.0
        for each in zip(*found, strict=True)
    ]
    rows: list[Found] = []
    total = articles = 0
    for part, terms in zip(parts, found, strict=True):
        there = [(term, weight) for term, weight in zip(terms, weights, strict=True) if term]
        if there and (every is None or all(any(terms[i] for i in group) for group in every)):
            more, matching, of = part.rows(there, wanted, every=every is not None)
            rows += more
            total += matching
            articles += of
    if len(parts) > 1:
        rows.sort(key=lambda row: (-row.score, row.article_id, row.number))
    return Result(tuple(rows[search.offset : wanted]), Total(total), articles)


def _words(query: Node) -> tuple[list[str], list[tuple[int, ...]] | None]:
    """The stems of a query of plain words, none if it is no such, and for AND which of them are those of each word."""
    if isinstance(query, Word):
        return ([] if query.title else list(query.stems)), None
    if not isinstance(query, Or | And):
        return [], None
    stems: dict[str, int] = {}
    groups = []
    for child in query.children:
        if not isinstance(child, Word) or child.title:
            return [], None
        groups.append(tuple(stems.setdefault(stem, len(stems)) for stem in child.stems))
    return list(stems), groups if isinstance(query, And) else None


def _single(terms: Sequence[Term | None], groups: Sequence[tuple[int, ...]]) -> bool:
    """Whether of each word at most one stem occurs: then the word is that stem."""
    return all(len(group) == 1 or sum(terms[i] is not None for i in group) <= 1 for group in groups)
