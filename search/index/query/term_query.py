"""Queries of plain words, joined by OR or by AND: most of what is asked, answered with as little ado as possible.

What is found is what `boolean_query` finds. Here a kernel goes from the bytes of the postings to the rows.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain, repeat
from typing import NamedTuple, TypeAlias

import numpy as np

from search.budget import QueryBudget
from search.engine import Search
from search.index.segment.doc_values import FacetCounter, Filter
from search.index.segment.segment_reader import Segment
from search.index.segment.segment_view import CollectionStatistics, SegmentView
from search.index.storage.column_file import Array
from search.kernels.topk.conjunction import all_of_dense, all_of_sparse
from search.kernels.topk.disjunction import any_of
from search.kernels.topk.rank_bitmap import ranked, scored
from search.model import Result, ScoredParagraph, Total
from search.query import And, Node, Or, Word
from search.ranking import idf

MOST_STEMS = 32
"""Stems of a query that is answered here."""
MOST_ROWS = 2_000
"""Rows that a kernel keeps."""
OF_ARTICLE = 4
"""Rows that are asked for, for each article that is wanted."""
PRUNED_FROM = 1_500
"""Matches of a query that is not of plain words, from which on ceilings are worth their sweep."""
SHORT = 2_048
"""Postings up to which one sparse word is looked for as AND of one, which sets up less than OR; a dense one always."""
REMEMBERED = 1 << 14
"""Stems of a segment whose place is remembered."""
_found = partial(tuple.__new__, ScoredParagraph)  # what Found._make does, in half the time


Rows: TypeAlias = tuple[list[ScoredParagraph], int, int]
"""Rows of a segment, how many paragraphs match there, and in how many articles."""


class SegmentTopK(NamedTuple):
    """The best paragraphs of a segment as `bitmap.describe_best` describes them, their scores, both totals."""

    out: Array
    scores: Array
    total: int
    articles: int


class TermPostings(NamedTuple):
    """Where a stem is: its row if it is dense, else -1, and its postings, the bytes from `low` up to `high`."""

    row: int
    low: int
    high: int
    frequency: int
    number: int


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
            self.nothing = np.zeros(blocks, np.uint64)
            self.once = np.empty(blocks, np.uint64)
            self.twice = np.empty(blocks, np.uint64)
            self.spare = np.empty(blocks, np.uint64)
            self.ranks = np.empty(blocks, np.int32)
            self.ceiling = np.empty(blocks, np.float32)
        return self

    def room(self, postings: int) -> Scratch:
        """For so many postings."""
        if len(self.docs) < postings:
            self.docs, self.flags = np.empty(2 * postings, np.int32), np.empty(2 * postings, np.uint8)
        return self


_scratch = Scratch()


def scratch_of(blocks: int, postings: int) -> Scratch:
    """Return the scratch of this thread, for so many blocks and postings."""
    return _scratch.sized(blocks).room(postings)


class TermLookup:
    """A segment as the kernels of plain words take it."""

    def __init__(self, part: SegmentView, corpus: CollectionStatistics) -> None:
        segment, dense = part.segment, part.dense
        self.part = part
        self.segment = segment
        self.dense = dense
        self.known: dict[str, TermPostings | None] = {}
        self.nothing = np.zeros(segment.blocks, np.uint64)
        self.among = part.among
        bound_scale = max(1.0, corpus.average / dense.average)
        lengths = segment.column("lengths")
        blob = segment.file.unchecked("postings")
        found = (dense.bits, dense.superblock_rank, dense.block_rank, dense.payloads)
        title_only = (dense.title_only_counts, dense.title_only_blocks, dense.title_only_words)
        bounds = (dense.block_max, dense.cell_max, dense.scales, bound_scale)
        self.of_sparse = (
            blob, *found, dense.cell_max, dense.scales, bound_scale, corpus.impacts, lengths,
        )  # fmt: skip
        self.of_dense = (*found, *title_only, *bounds, corpus.impacts, lengths)
        self.of_any = (blob, *self.of_dense)
        self.of_ranked = (blob, *found, *bounds, corpus.impacts, lengths)
        self.of_scored = (blob, *found, corpus.impacts, lengths)
        self.articles = (segment.ends, segment.article_of, segment.column("article_first"))

    def term(self, stem: str) -> TermPostings | None:
        """A stem's postings, checked, or its tables, filled; None when it does not occur."""
        try:
            return self.known[stem]
        except KeyError:
            if len(self.known) >= REMEMBERED:
                self.known = {}
            term = self.known[stem] = self._looked_up(stem)
            return term

    def _looked_up(self, stem: str) -> TermPostings | None:
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
        return TermPostings(row, low, high, int(self.segment.frequencies[number]), number)

    def rows(
        self,
        weighted: Sequence[tuple[TermPostings, float]],
        live: Array,
        wanted: int,
        facets: FacetCounter,
        *,
        every: bool,
    ) -> SegmentTopK:
        """The best rows that have any of the weighted terms, or every one; how many match, in how many articles.

        Only those whose bit in `live` is set, if it has any. Facets of all that match are counted.
        """
        few = [term.frequency for term, _ in weighted if term.row < 0]
        sparse = len(few)
        if 0 < sparse < len(weighted):
            weighted = sorted(weighted, key=is_dense)  # stable
        terms, weights = zip(*weighted, strict=True)
        places = np.array([*chain.from_iterable(terms)], np.int64).reshape(len(terms), -1)  # faster than of tuples
        idfs = np.array(weights)
        scratch = scratch_of(self.segment.blocks, sum(few))
        matching = scratch.matching
        scores, out = np.empty(wanted), np.empty((4, wanted), np.int32)
        if not every and (len(terms) > 1 or sum(few) > SHORT):
            n, total, articles = any_of(
                places, idfs, sparse, *self.of_any, live, *self.articles, scratch.docs, scratch.flags,
                matching, scratch.once, scratch.twice, scratch.ranks, scratch.ceiling, scores, out,
            )  # fmt: skip
        elif sparse:
            if facets.facets:
                matching.fill(0)
            else:
                matching = scratch.nothing
            n, total, articles = all_of_sparse(
                places, idfs, sparse, *self.of_sparse, live, *self.articles, matching, not facets.facets,
                scratch.docs, scratch.flags, scores, out,
            )  # fmt: skip
        else:
            n, total, articles = all_of_dense(
                places, idfs, *self.of_dense, live, *self.articles, matching, scratch.ceiling, scores, out
            )
        facets.add(self.segment, matching)
        return SegmentTopK(out[:, :n], scores[:n], total, articles)


class TermScorer:
    """The weighted terms of a query in one segment, sparse ones first, and its weighted patterns, a bitmap each."""

    def __init__(
        self, words: TermLookup, weighted: Sequence[tuple[TermPostings, float]], fits: Sequence[tuple[Array, float]]
    ) -> None:
        self.words = words
        self.segment = words.segment
        weighted = sorted(weighted, key=is_dense)  # stable
        few = [term.frequency for term, _ in weighted if term.row < 0]
        terms = [term for term, _ in weighted]
        places = np.array([*chain.from_iterable(terms)], np.int64).reshape(len(terms), len(TermPostings._fields))
        self.terms = (places, np.array([weight for _, weight in weighted], np.float64), len(few))
        stacked = fits[0][0][np.newaxis] if len(fits) == 1 else np.empty((len(fits), self.segment.blocks), np.uint64)
        for p, (bits, _) in enumerate(fits if len(fits) > 1 else ()):
            stacked[p] = bits
        self.fits = (stacked, np.array([weight for _, weight in fits], np.float64))
        self.room = self.segment.blocks, sum(few)

    def best(self, mask: Array, wanted: int, _facets: FacetCounter) -> SegmentTopK:
        """Return the best rows of a bitmap, how many there are, in how many articles: see `rank_bitmap`."""
        scratch = scratch_of(*self.room)
        scores, out = np.empty(wanted), np.empty((4, wanted), np.int32)
        n, total, articles = ranked(
            *self.terms, *self.words.of_ranked, mask, *self.words.articles, *self.fits, PRUNED_FROM,
            scratch.docs, scratch.flags, scratch.spare, scratch.once, scratch.twice, scratch.ranks, scratch.ceiling,
            scores, out,
        )  # fmt: skip
        return SegmentTopK(out[:, :n], scores[:n], total, articles)

    def score(self, docs: Array, mask: Array) -> Array:
        """Return the scores of some paragraphs of a bitmap, which is NOWHERE for all paragraphs; they ascend."""
        scores, scratch = np.empty(len(docs), np.float64), scratch_of(*self.room)
        scored(docs, *self.terms, *self.words.of_scored, mask, *self.fits, scratch.docs, scratch.flags, scores)
        return scores


def found_rows(segment: Segment, out: Array, scores: Array) -> list[ScoredParagraph]:
    """What a kernel described (see `search.kernels.core.bitmap.describe_best`), as others know it."""
    _, of, numbers, others = out.tolist()
    ids, locators = map(segment.strings("id").text, of), zip(repeat(segment), of, strict=False)
    columns = zip(ids, numbers, scores.tolist(), others, locators, strict=False)  # scores to spare
    return list(map(_found, columns))


def answer(
    parts: Sequence[TermLookup],
    corpus: CollectionStatistics,
    search: Search,
    budget: QueryBudget,
    filters: Sequence[Filter] = (),
) -> Result | None:
    """The answer to a query of plain words, of what meets the filters; None when it has to be worked out otherwise."""
    if not is_short(search):
        return None
    groups = _groups(search.query)
    stems = list(dict.fromkeys(chain.from_iterable(groups)))
    if not 0 < len(stems) <= MOST_STEMS:
        return None
    every = isinstance(search.query, And)
    found = [[part.term(stem) for stem in stems] for part in parts]
    alternatives: list[list[int]] = []
    if every and max(map(len, groups)) > 1:
        places = {stem: i for i, stem in enumerate(stems)}
        alternatives = [[places[stem] for stem in group] for group in groups]
        if not all(_single(terms, alternatives) for terms in found):
            return None
    frequencies = [0] * len(stems)
    for terms in found:
        frequencies = [n + term.frequency if term else n for n, term in zip(frequencies, terms, strict=True)]
    budget.charge(sum(frequencies))  # the loops skip most of the postings of OR, and look up few of AND
    weights = [idf(corpus.paragraphs, n) if n else 0.0 for n in frequencies]
    rows: list[ScoredParagraph] = []
    total = articles = 0
    facets = FacetCounter(search.facets)
    for part, terms in zip(parts, found, strict=True):
        there = [(term, weight) for term, weight in zip(terms, weights, strict=True) if term]
        if not there or (every and len(there) < len(terms) and not _each_occurs(terms, alternatives)):
            continue
        ask = partial(part.rows, there, part.among(filters), every=every)
        best = best_rows(ask, search, part.segment, facets, one=len(parts) == 1)
        if best is None:
            return None
        more, matching, of = best
        rows += more
        total += matching
        articles += of
    return Result(chosen(rows, search, len(parts)), Total(total), articles, facets.result())


def is_short(search: Search) -> bool:
    """Whether the best rows are asked for, and so few that loops keep them."""
    return search.sort == "relevance" and 0 < search.offset + search.limit <= MOST_ROWS


def best_rows(
    ask: Callable[[int, FacetCounter], SegmentTopK],
    search: Search,
    segment: Segment,
    facets: FacetCounter,
    *,
    one: bool,
) -> Rows | None:
    """The rows of a segment that a search wants; None where more would have to be kept to know them.

    `ask` returns so many of the best paragraphs. The first ones of so many articles are the best articles. What comes
    before the page is left out if the segment is the only one.
    """
    wanted = search.offset + search.limit
    grouped = search.group == "article"
    size = min(OF_ARTICLE * wanted, MOST_ROWS) if grouped else wanted
    best = ask(size, facets)
    page = slice(search.offset if one else 0, wanted)
    if not grouped:
        return found_rows(segment, best.out[:, page], best.scores[page]), best.total, best.articles
    while True:
        rows = np.sort(np.unique(best.out[1], return_index=True)[1])
        if len(rows) >= wanted or len(best.scores) == best.total:
            rows = rows[page]
            return found_rows(segment, best.out[:, rows], best.scores[rows]), best.total, best.articles
        if size == MOST_ROWS:
            return None
        size = min(OF_ARTICLE * size, MOST_ROWS)
        best = ask(size, FacetCounter(()))  # which are counted already


def chosen(rows: list[ScoredParagraph], search: Search, segments: int) -> tuple[ScoredParagraph, ...]:
    """The rows asked for of the best ones of each segment."""
    if segments == 1:
        return tuple(rows)
    rows.sort(key=lambda row: (-row.score, row.article_id, row.number))
    return tuple(rows[search.offset : search.offset + search.limit])


def _groups(query: Node) -> list[tuple[str, ...]]:
    """The stems of each of the words that a query is made of; empty for any other query."""
    groups = []
    for word in query.children if isinstance(query, Or | And) else (query,):
        if not isinstance(word, Word) or word.title:
            return []
        groups.append(word.stems)
    return groups


def is_dense(weighted: tuple[TermPostings, float]) -> bool:
    """Whether a term has tables."""
    return weighted[0].row >= 0


def _single(terms: Sequence[TermPostings | None], alternatives: Sequence[Sequence[int]]) -> bool:
    """Whether of each word at most one stem occurs: then the word is that stem."""
    return all(len(group) == 1 or sum(terms[i] is not None for i in group) <= 1 for group in alternatives)


def _each_occurs(terms: Sequence[TermPostings | None], alternatives: Sequence[Sequence[int]]) -> bool:
    """Whether of each word a stem occurs, where not all do; no alternatives are one stem a word."""
    return bool(alternatives) and all(any(terms[i] for i in group) for group in alternatives)
