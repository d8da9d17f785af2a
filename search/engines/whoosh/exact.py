"""Queries that are one phrase, or two words near each other, answered with little ado, as `words` does for plain words.

What is found is what `evaluation` finds. Kernels go from the bytes of the postings to the paragraphs that have all the
words, from those to the ones whose texts have the phrase, and from these to the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Literal

import numpy as np

from search.engines import Search
from search.engines.whoosh import evaluation
from search.engines.whoosh.deadline import Deadline
from search.engines.whoosh.evaluation import Corpus
from search.engines.whoosh.matched import PROMISING, Part, found_rows
from search.engines.whoosh.slots import NOWHERE
from search.engines.whoosh.sought import Sought, slots_of
from search.engines.whoosh.words import FREQUENCY, MOST_ROWS, MOST_STEMS, Rows, Scratch, Term, Words
from search.kernels.candidates import candidates
from search.kernels.ranking import ranked
from search.model import Found, Result, Total
from search.query import Near, Phrase
from search.ranking import idf

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
        places = np.array([*chain.from_iterable(terms)], np.int64).reshape(len(terms), -1)
        sparse = sum([term.row < 0 for term in terms])
        scratch = _scratch.sized(self.segment.blocks)
        order = places[:sparse, FREQUENCY].argsort()
        room = int(places[order[-1], FREQUENCY]) + 1 if sparse else 1
        docs, flags = scratch.hits(sparse, room)
        starts = np.arange(len(terms)) * room
        sizes = np.zeros(len(terms), np.int64)
        found = np.empty(min([term.frequency for term in terms]), np.int32)
        n = candidates(
            places, sparse, order, self.blob, self.dense.bits, self.live, scratch.matching, docs, flags, sizes, found
        )
        likely = sought.likely(found[:n], self.dense)
        matching = scratch.touched
        matching.fill(0)
        sought.in_texts(likely, deadline, matching)
        sought.in_titles(likely, deadline, matching)
        scores, out = np.empty(wanted), np.empty((4, wanted), np.int32)
        n, total, articles = ranked(
            matching, evaluation.PRUNED_FROM, PROMISING, places[:, 0].copy(), starts, starts + sizes,
            np.array([weight for _, weight in weighted]), docs.ravel(), flags.ravel(), *self.tables, scores, out,
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
