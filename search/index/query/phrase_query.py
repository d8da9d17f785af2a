"""Queries that are one phrase, or two words near each other, answered with little ado, as `words` does for plain words.

What is found is what `boolean_query` finds. Here one kernel goes from the bytes of the postings to the rows.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from itertools import accumulate, chain
from typing import NamedTuple

import numpy as np

from search.budget import MATCHING, QueryBudget
from search.engine import Search
from search.index.query import term_query as plain
from search.index.query.phrase_matcher import PhraseMatcher, slots_of
from search.index.query.term_query import (
    MOST_STEMS,
    REMEMBERED,
    SegmentTopK,
    TermLookup,
    TermPostings,
    best_rows,
    chosen,
    is_dense,
    is_short,
)
from search.index.segment.doc_values import FacetCounter, Filter
from search.index.segment.phrase_slots import PhraseSlots
from search.index.segment.segment_view import CollectionStatistics, SegmentView
from search.index.storage.column_file import Array
from search.kernels.phrase.phrase_topk import best_standing, standing
from search.model import Result, ScoredParagraph, Total
from search.query import Near, Phrase
from search.ranking import idf

PROMISING = 64
"""Blocks that are scored for a first threshold."""


class Scratch(threading.local):
    """Arrays of a thread that kernels write to."""

    def __init__(self) -> None:
        self.candidates = np.empty(0, np.uint64)
        self.matching = np.empty(0, np.uint64)
        self.nothing = np.empty(0, np.uint64)
        self.docs = np.empty(0, np.int32)
        self.flags = np.empty(0, np.uint8)
        self.proofs = np.empty(0, np.int8)

    def sized(self, blocks: int, postings: int) -> Scratch:
        """For so many blocks, and postings of sparse terms."""
        if len(self.matching) != blocks:
            self.candidates, self.nothing = np.zeros(blocks, np.uint64), np.zeros(blocks, np.uint64)
            self.matching = np.empty(blocks, np.uint64)
        if len(self.docs) < postings:
            self.docs, self.flags = np.empty(2 * postings, np.int32), np.empty(2 * postings, np.uint8)
            self.proofs = np.empty(2 * postings, np.int8)
        return self


_scratch = Scratch()


class PhraseTerms(NamedTuple):
    """Terms as `candidates` takes them, how many are sparse, and in how many paragraphs the rarest is."""

    terms: Array
    order: Array
    checks: Array
    sparse: int
    fewest: int


class SegmentPhraseSearcher:
    """A segment as the kernel of phrases takes it."""

    def __init__(self, part: SegmentView, words: TermLookup, corpus: CollectionStatistics) -> None:
        segment, dense = part.segment, part.dense
        slots = segment.derived(PhraseSlots)
        texts, titles = slots.texts, slots.titles
        self.words = words
        self.segment = segment
        self.dense = dense
        self.term = words.term
        self.resolved = slots.resolved
        self.among = part.among
        self.tables = (
            segment.file.unchecked("postings"), dense.bits, dense.superblock_rank, dense.block_rank, dense.payloads,
            dense.nextword.neighbours, dense.nextword.main_form_only, dense.block_max, dense.cell_max, dense.scales,
            max(1.0, corpus.average / dense.average),
            corpus.impacts, segment.column("lengths"),
        )  # fmt: skip
        self.streams = (segment.plain, texts.units, texts.first, titles.units, titles.first, segment.openings)
        self.texts = (segment.ends, segment.article_of, segment.column("article_first"), *self.streams)
        self.found_in = (
            segment.file.unchecked("postings"), dense.bits, dense.superblock_rank, dense.block_rank,
            dense.nextword.neighbours, dense.nextword.main_form_only,
        )  # fmt: skip

    def rows(
        self,
        matcher: PhraseMatcher,
        weighted: Sequence[tuple[TermPostings, float]],
        live: Array,
        wanted: int,
        facets: FacetCounter,
    ) -> SegmentTopK:
        """The best rows that have what is sought, which has these terms; how many match, in how many articles.

        Only those whose bit in `live` is set, if it has any. Facets of all that match are counted.
        """
        weighted = sorted(weighted, key=is_dense)  # stable
        asked, scratch = self._asked(matcher, [term for term, _ in weighted], None)
        matching = scratch.matching
        if asked.sparse and facets.facets:
            matching.fill(0)
        elif asked.sparse:
            matching = scratch.nothing
        scores, out = np.empty(wanted), np.empty((4, wanted), np.int32)
        n, total, articles = best_standing(
            asked.terms, asked.order, np.array([weight for _, weight in weighted]), asked.checks,
            *matcher.slots, matcher.widths, matcher.distance, matcher.titled, *self.tables, live, *self.texts,
            plain.PRUNED_FROM, PROMISING, scratch.candidates, matching, not facets.facets,
            scratch.docs, scratch.flags, scratch.proofs,
            np.empty(asked.fewest, np.int8), np.empty(asked.fewest, np.int32), scores, out,
        )  # fmt: skip
        facets.add(self.segment, matching)
        return SegmentTopK(out[:, :n], scores[:n], total, articles)

    def _asked(
        self, matcher: PhraseMatcher, terms: Sequence[TermPostings], budget: QueryBudget | None
    ) -> tuple[PhraseTerms, Scratch]:
        """Some terms, sparse ones first, as the kernels take them, and scratch with room for them."""
        rows, lows, highs, frequencies, stems = zip(*terms, strict=True)
        few = [term.frequency for term in terms if term.row < 0]
        places = [0, *accumulate(few)]
        starts = places[:-1] + [0] * (len(rows) - len(few))
        order = sorted(range(len(few)), key=few.__getitem__)
        asked = PhraseTerms(
            np.array([rows, lows, highs, starts, starts]), np.array(order, np.int64),
            matcher.checks(self.dense, stems, budget), len(few), min(frequencies),
        )  # fmt: skip
        return asked, _scratch.sized(self.segment.blocks, places[-1])

    def standing(
        self, matcher: PhraseMatcher, terms: Sequence[TermPostings], live: Array, budget: QueryBudget
    ) -> Array:
        """Return the bitmap of the paragraphs whose text has what is sought, which has these terms; see `rows`."""
        asked, scratch = self._asked(matcher, sorted(terms, key=lambda term: term.row >= 0), budget)  # stable
        matching = (np.zeros if asked.sparse else np.empty)(self.segment.blocks, np.uint64)
        standing(
            asked.terms, asked.order, asked.checks, *matcher.slots, matcher.widths, matcher.distance, False,
            *self.found_in, live, self.segment.article_of, *self.streams, scratch.candidates, matching,
            scratch.docs, scratch.flags, scratch.proofs,
            np.empty(asked.fewest, np.int8), np.empty(asked.fewest, np.int32),
        )  # fmt: skip
        return matching


class PhraseSearcher:
    """All segments of a generation."""

    def __init__(self, parts: Sequence[SegmentPhraseSearcher], corpus: CollectionStatistics) -> None:
        self.parts = parts
        self.corpus = corpus
        self.known: dict[str, tuple[float, list[TermPostings | None]]] = {}

    def weighted(self, stem: str) -> tuple[float, list[TermPostings | None]]:
        """The idf of a stem, and its postings in each segment, None where it does not occur."""
        try:
            return self.known[stem]
        except KeyError:
            if len(self.known) >= REMEMBERED:
                self.known = {}
            terms = [part.term(stem) for part in self.parts]
            frequency = sum(term.frequency for term in terms if term)
            weight = idf(self.corpus.paragraphs, frequency) if frequency else 0.0
            found = self.known[stem] = weight, terms
            return found

    def answer(self, search: Search, budget: QueryBudget, filters: Sequence[Filter] = ()) -> Result | None:
        """The answer to a phrase, or two words near each other, of what meets the filters.

        None when it has to be worked out otherwise, as what is past the budget has to.
        """
        leaf = search.query
        if not is_short(search) or not isinstance(leaf, Phrase | Near) or leaf.title:
            return None
        slots = slots_of(leaf)
        stems = dict.fromkeys(chain.from_iterable([slot.stems for slot in slots]))
        if not 0 < len(stems) <= MOST_STEMS:
            return None
        weighted = list(map(self.weighted, stems))
        asked: list[tuple[SegmentPhraseSearcher, PhraseMatcher, list[tuple[TermPostings, float]]]] = []
        units = 0
        for i, part in enumerate(self.parts):
            resolved = [part.resolved(slot) for slot in slots]
            if not all([slot.entries and slot.stems for slot in resolved]):  # noqa: C419 - faster than a generator
                continue
            terms = [(term, weight) for weight, terms in weighted if (term := terms[i])]
            matcher = PhraseMatcher(part.segment, leaf, resolved)
            units += min([term.frequency for term, _ in terms]) * matcher.price(part.dense)
            if not matcher.quick or max([len(slot.stems) for slot in resolved]) > 1:
                return None
            asked.append((part, matcher, terms))
        if units > budget.left(MATCHING):  # `boolean_query` looks at as many as there are units for
            return None
        budget.charge(units)
        rows: list[ScoredParagraph] = []
        total = articles = 0
        facets = FacetCounter(search.facets)
        for part, matcher, terms in asked:
            best = best_rows(
                partial(part.rows, matcher, terms, part.among(filters)), search, part.segment, facets,
                one=len(self.parts) == 1,
            )  # fmt: skip
            if best is None:
                return None
            more, matching, of = best
            rows += more
            total += matching
            articles += of
        return Result(chosen(rows, search, len(self.parts)), Total(total), articles, facets.result())
