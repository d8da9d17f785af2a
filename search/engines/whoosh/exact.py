"""Queries that are one phrase, or two words near each other, answered with little ado, as `words` does for plain words.

What is found is what `evaluation` finds. Kernels go from the bytes of the postings to the paragraphs that have all the
words, from those to the ones whose texts have the phrase, and from these to the rows.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import accumulate, chain
from typing import Literal

import numpy as np

from search.engines import Search
from search.engines.whoosh import evaluation
from search.engines.whoosh.deadline import Deadline
from search.engines.whoosh.evaluation import Corpus
from search.engines.whoosh.matched import PROMISING, Part, found_rows
from search.engines.whoosh.slots import NOWHERE
from search.engines.whoosh.sought import Sought, slots_of
from search.engines.whoosh.words import MOST_ROWS, MOST_STEMS, Rows, Term, Words
from search.kernels.candidates import candidates
from search.kernels.ranking import ranked
from search.model import Found, Result, Total
from search.query import Near, Phrase
from search.ranking import idf


class Scratch(threading.local):
    """Arrays of a thread that kernels write to."""

    def __init__(self) -> None:
        self.candidates = np.empty(0, np.uint64)
        self.matching = np.empty(0, np.uint64)
        self.docs = np.empty(0, np.int32)
        self.flags = np.empty(0, np.uint8)

    def sized(self, blocks: int, postings: int) -> Scratch:
        """For so many blocks, and postings of sparse terms."""
        if len(self.matching) != blocks:
            self.candidates, self.matching = np.empty(blocks, np.uint64), np.empty(blocks, np.uint64)
        if len(self.docs) < postings:
            self.docs, self.flags = np.empty(2 * postings, np.int32), np.empty(2 * postings, np.uint8)
        return self


_scratch = Scratch()


class Exact:
    """A segment as the kernels of phrases take it."""

    def __init__(self, part: Part, words: Words, corpus: Corpus) -> None:
        segment, dense = part.segment, part.dense
        self.segment = segment
        self.dense = dense
        self.term = words.term
        self.live = NOWHERE if part.live is None else part.live
        self.blob = segment.file.unchecked("postings")
        self.tables = (
            dense.bits, dense.bases, dense.begins, dense.payloads, dense.peaks, dense.cells, dense.scales,
            max(1.0, corpus.average / dense.average), corpus.impacts, segment.column("lengths"), segment.ends,
            segment.article_of, segment.column("article_first"),
        )  # fmt: skip

    def rows(self, sought: Sought, weighted: Sequence[tuple[Term, float]], wanted: int, deadline: Deadline) -> Rows:
        """The best rows that have what is sought, which has these terms; how many match, in how many articles."""
        weighted = sorted(weighted, key=_is_dense)  # stable
        terms = [term for term, _ in weighted]
        few = [term.frequency for term in terms if term.row < 0]
        starts = [0, *accumulate(few)]
        order = sorted(range(len(few)), key=few.__getitem__)
        none = [0] * (len(terms) - len(few))
        lists = np.array(
            [
                [term.row for term in terms],
                [term.low for term in terms],
                [term.high for term in terms],
                starts[:-1] + none,
                starts[:-1] + none,
            ],
            np.int64,
        )
        scratch = _scratch.sized(self.segment.blocks, starts[-1])
        found = np.empty(min([term.frequency for term in terms]), np.int32)
        matching = scratch.matching
        matching.fill(0)
        n = candidates(
            lists, np.array(order, np.int64), self.blob, self.dense.bits, self.live,
            scratch.candidates, scratch.docs, scratch.flags, found,
        )  # fmt: skip
        left = sought.sifted(found[:n], self.dense, matching)
        sought.in_texts(left, deadline, matching)
        sought.in_titles(left, deadline, matching)
        scores, out = np.empty(wanted), np.empty((4, wanted), np.int32)
        n, total, articles = ranked(
            matching, evaluation.PRUNED_FROM, PROMISING, lists[0], lists[3], lists[4],
            np.array([weight for _, weight in weighted]), scratch.docs, scratch.flags, *self.tables, scores, out,
        )  # fmt: skip
        return found_rows(self.segment, out[:, :n], scores), total, articles


def answer_exact(parts: Sequence[Exact], corpus: Corpus, search: Search) -> Result | None:
    """The answer to a phrase, or two words near each other; None when it has to be worked out otherwise."""
    leaf, wanted = search.query, search.offset + search.limit
    if search.sort != "relevance" or search.group != "none" or search.facets or not 0 < wanted <= MOST_ROWS:
        return None
    if not isinstance(leaf, Phrase | Near) or leaf.title:
        return None
    slots = slots_of(leaf)
    stems = list(dict.fromkeys(chain.from_iterable([slot.stems for slot in slots])))
    if not 0 < len(stems) <= MOST_STEMS:
        return None
    known = [[part.term(stem) for stem in stems] for part in parts]
    filled = [[part.segment.slots.filled(slot) for slot in slots] for part in parts]
    if any(len(slot.stems) > 1 for each in filled for slot in each):
        return None
    frequencies = [sum([term.frequency for term in each if term]) for each in zip(*known, strict=True)]
    weights = [idf(corpus.paragraphs, frequency) if frequency else 0.0 for frequency in frequencies]
    deadline = Deadline()
    rows: list[Found] = []
    total = articles = 0
    for part, terms, each in zip(parts, known, filled, strict=True):
        if not all(slot.entries and slot.stems for slot in each):
            continue
        sought = Sought(part.segment, leaf, each)
        if not sought.quick:
            return None
        weighted = [(term, weight) for term, weight in zip(terms, weights, strict=True) if term]
        more, matching, of = part.rows(sought, weighted, wanted, deadline)
        rows += more
        total += matching
        articles += of
    if len(parts) > 1:
        rows.sort(key=lambda row: (-row.score, row.article_id, row.number))
    relation: Literal["eq", "gte"] = "gte" if deadline.partial else "eq"
    return Result(
        tuple(rows[search.offset : wanted]),
        Total(total, relation),
        articles,
        {},
        (*deadline.warnings, *deadline.remarks),
    )


def _is_dense(weighted: tuple[Term, float]) -> bool:
    return weighted[0].row >= 0
