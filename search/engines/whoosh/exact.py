"""Queries that are one phrase, or two words near each other, answered with little ado, as `words` does for plain words.

What is found is what `evaluation` finds. Here one kernel goes from the bytes of the postings to the rows.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import accumulate, chain

import numpy as np

from search.budget import MATCHING, QueryBudget
from search.engines import Search
from search.engines.whoosh import evaluation
from search.engines.whoosh.arrays import Array
from search.engines.whoosh.facets import Facets
from search.engines.whoosh.filters import Filter
from search.engines.whoosh.matched import PROMISING, found_rows
from search.engines.whoosh.part import Corpus, Part
from search.engines.whoosh.sought import Sought, slots_of
from search.engines.whoosh.words import MOST_STEMS, REMEMBERED, Rows, Term, Words, chosen, is_dense, is_short
from search.kernels.standing import best_standing
from search.model import Found, Result, Total
from search.query import Near, Phrase
from search.ranking import idf


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


class Exact:
    """A segment as the kernel of phrases takes it."""

    def __init__(self, part: Part, words: Words, corpus: Corpus) -> None:
        segment, dense = part.segment, part.dense
        texts, titles = segment.slots.texts, segment.slots.titles
        self.segment = segment
        self.dense = dense
        self.term = words.term
        self.filled = segment.slots.filled
        self.among = part.among
        self.tables = (
            segment.file.unchecked("postings"), dense.bits, dense.bases, dense.begins, dense.payloads,
            dense.beside.neighbours, dense.beside.pure, dense.peaks, dense.cells, dense.scales,
            max(1.0, corpus.average / dense.average),
            corpus.impacts, segment.column("lengths"),
        )  # fmt: skip
        self.texts = (
            segment.ends, segment.article_of, segment.column("article_first"), segment.plain, texts.units, texts.first,
            titles.units, titles.first, segment.openings,
        )  # fmt: skip

    def rows(
        self, sought: Sought, weighted: Sequence[tuple[Term, float]], live: Array, wanted: int, facets: Facets
    ) -> Rows:
        """The best rows that have what is sought, which has these terms; how many match, in how many articles.

        Only those whose bit in `live` is set, if it has any. Facets of all that match are counted.
        """
        weighted = sorted(weighted, key=is_dense)  # stable
        rows, lows, highs, frequencies, stems = zip(*[term for term, _ in weighted], strict=True)
        few = [term.frequency for term, _ in weighted if term.row < 0]
        places = [0, *accumulate(few)]
        starts = places[:-1] + [0] * (len(rows) - len(few))
        order = sorted(range(len(few)), key=few.__getitem__)
        scratch = _scratch.sized(self.segment.blocks, places[-1])
        matching = scratch.matching
        if few and facets.facets:
            matching.fill(0)
        elif few:
            matching = scratch.nothing
        scores, out = np.empty(wanted), np.empty((4, wanted), np.int32)
        n, total, articles = best_standing(
            np.array([rows, lows, highs, starts, starts]), np.array(order, np.int64),
            np.array([weight for _, weight in weighted]), sought.checks(self.dense, stems),
            *sought.slots, sought.widths, sought.distance, sought.titled, *self.tables, live, *self.texts,
            evaluation.PRUNED_FROM, PROMISING, scratch.candidates, matching, not facets.facets,
            scratch.docs, scratch.flags, scratch.proofs,
            np.empty(min(frequencies), np.int8), np.empty(min(frequencies), np.int32), scores, out,
        )  # fmt: skip
        facets.add(self.segment, matching)
        return found_rows(self.segment, out[:, :n], scores), total, articles


class Exactly:
    """All segments of a generation."""

    def __init__(self, parts: Sequence[Exact], corpus: Corpus) -> None:
        self.parts = parts
        self.corpus = corpus
        self.known: dict[str, tuple[float, list[Term | None]]] = {}

    def weighted(self, stem: str) -> tuple[float, list[Term | None]]:
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
        leaf, wanted = search.query, search.offset + search.limit
        if not is_short(search) or not isinstance(leaf, Phrase | Near) or leaf.title:
            return None
        slots = slots_of(leaf)
        stems = dict.fromkeys(chain.from_iterable([slot.stems for slot in slots]))
        if not 0 < len(stems) <= MOST_STEMS:
            return None
        weighted = list(map(self.weighted, stems))
        asked: list[tuple[Exact, Sought, list[tuple[Term, float]]]] = []
        units = 0
        for i, part in enumerate(self.parts):
            filled = [part.filled(slot) for slot in slots]
            if not all([slot.entries and slot.stems for slot in filled]):  # noqa: C419 - faster than a generator
                continue
            terms = [(term, weight) for weight, terms in weighted if (term := terms[i])]
            sought = Sought(part.segment, leaf, filled)
            units += min([term.frequency for term, _ in terms]) * sought.price(part.dense)
            if not sought.quick or max([len(slot.stems) for slot in filled]) > 1:
                return None
            asked.append((part, sought, terms))
        if units > budget.left(MATCHING):  # `evaluation` looks at as many as there are units for
            return None
        budget.charge(units)
        rows: list[Found] = []
        total = articles = 0
        facets = Facets(search.facets)
        for part, sought, terms in asked:
            more, matching, of = part.rows(sought, terms, part.among(filters), wanted, facets)
            rows += more
            total += matching
            articles += of
        return Result(chosen(rows, search, len(self.parts)), Total(total), articles, facets.result())
