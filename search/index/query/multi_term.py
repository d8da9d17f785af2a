"""Wildcards and misspellings over one segment: which words fit, and in which paragraphs one of them stands."""

from __future__ import annotations

import re
from functools import cached_property
from math import isqrt

import numpy as np

from search.budget import GATHERING, MARKING, QueryBudget
from search.index.query.match_set import NodeMatches
from search.index.segment.phrase_slots import NOBODY
from search.index.segment.posting_lists import DenseTerms
from search.index.segment.segment_reader import Segment
from search.index.segment.string_table import StringTable
from search.index.segment.surface_forms import SurfaceForms
from search.index.storage.column_file import PAGE, Array
from search.kernels.core.bitmap import count
from search.kernels.terms.dictionary import wildcard_matches
from search.kernels.terms.fuzzy import fuzzy_matches
from search.kernels.terms.multi_term_plan import MIXED, UNFILLED, UNREAD, plan_unions, shortest
from search.kernels.terms.multi_term_union import gather
from search.model import TermForms
from search.query import Fuzzy, Slot, Wildcard

ROOM = 4096
"""Misspellings that there is room for at first: a large array takes longer to get than to fill."""
WILD = re.compile(r"[*?]")
LOOKED_UP = {1: 30, 2: 1_100}
"""Units of a misspelling with so many edits, times the root of the number of words: the tree of words grows so."""
BYTE, ENDING = 5, 2
"""Units of a byte of the dictionary that is compared with a wildcard; where it has an ending, which rules most out."""
PREFIX = 5_000
"""Units of looking up where words begin so."""
MANY = 2_000
"""Words of a pattern up to which they are listed for marking; of more, each word of a text is looked at."""
LISTED = 1_000
"""Units of a word that is listed for marking."""


def expand(segment: Segment, leaf: Wildcard | Fuzzy, budget: QueryBudget) -> Array:
    """The entries that fit, in no order; when they are too many, the most frequent ones, and none past the budget."""
    price = _price(segment, leaf)
    if price == PREFIX:
        budget.charge(price)
    elif not budget.affords(price, GATHERING):
        return NOBODY
    entries: Array = segment.column("word_entry")[_fitting(segment, leaf)]
    allowed = budget.allow(len(entries))
    return entries if allowed == len(entries) else np.sort(entries)[:allowed]


def forms_of(segment: Segment, term: Slot | Wildcard | Fuzzy, budget: QueryBudget) -> TermForms | None:
    """The folded words as which a segment has a term of a query; None where to list them is too much work.

    That is where a pattern fits more than MANY words, and where the budget does not allow for it.
    """
    if isinstance(term, Slot):
        if not term.stemmed:
            return TermForms({*term.terms})
        found = segment.inflected.get(term, lambda: _inflected(segment, term))
        budget.charge(LISTED * (len(found.plain) + len(found.others)))
        return found
    price = _price(segment, term)
    if price > budget.left(MARKING):
        return None
    budget.charge(price)
    places = _fitting(segment, term)
    if isinstance(places, slice):
        places = np.arange(places.start, places.stop)
    if len(places) > MANY or LISTED * len(places) > budget.left(MARKING):
        return None
    budget.charge(LISTED * len(places))
    return TermForms(set(map(segment.strings("word").text, places.tolist())))


def _inflected(segment: Segment, slot: Slot) -> TermForms:
    """The folded words of a segment that have one of some stems."""
    text, stems = segment.strings("word").text, segment.column("entry_stems")
    plain, others = set[str](), set[str]()
    for stem in slot.terms:
        if (number := segment.strings("stem").find(stem)) >= 0:
            entries = segment.entries_of_stem(number)
            # of two stems the last one is that of the folded word: see `search.analysis.stem`
            lasts = stems[segment.stems_first[entries + 1] - 1]
            for place, last in zip(segment.word_of_entry[entries].tolist(), lasts.tolist(), strict=True):
                (plain if last == number else others).add(text(place))
    return TermForms(plain, others)


def _price(segment: Segment, leaf: Wildcard | Fuzzy) -> int:
    """The units of finding out which words fit; PREFIX where it is looked up where they begin and end."""
    words = segment.strings("word")
    if isinstance(leaf, Fuzzy):
        return LOOKED_UP[leaf.edits] * isqrt(len(words))
    prefix, *others = WILD.split(leaf.pattern)
    if leaf.pattern == f"{prefix}*":
        return PREFIX
    low, high = _beginning(words, prefix)
    return PREFIX + 1 + (int(words.at[high]) - int(words.at[low])) * (ENDING if others[-1] else BYTE)


def _fitting(segment: Segment, leaf: Wildcard | Fuzzy) -> Array | slice:
    """Where among the words those are that fit."""
    words = segment.strings("word")
    if isinstance(leaf, Fuzzy):
        return segment.expanded.get(leaf, lambda: _misspellings(segment, leaf, ROOM))
    prefix, *others = WILD.split(leaf.pattern)
    low, high = _beginning(words, prefix)
    if leaf.pattern == f"{prefix}*":
        return slice(low, high)

    def compared() -> Array:
        found = np.empty(high - low, np.int32)
        n = wildcard_matches(words.blob, words.at, low, high, _points(leaf.pattern), _bytes(others[-1]), found)
        return found[:n].copy()

    return segment.expanded.get(leaf, compared)


def _beginning(words: StringTable, prefix: str) -> tuple[int, int]:
    """The words that begin so: from the first up to the second number."""
    return words.span(prefix.encode("utf-8", "surrogatepass")) if prefix else (0, len(words))


def _misspellings(segment: Segment, leaf: Fuzzy, room: int) -> Array:
    """The words at most so many edits away."""
    words, forms = segment.strings("word"), segment.derived(SurfaceForms)
    vocabulary = words.blob, words.at, segment.column("word_shared"), forms.least_shared, forms.letters
    found = np.empty(room, np.int32)
    n = fuzzy_matches(*vocabulary, forms.known_words, _points(leaf.word), _bytes(leaf.word), leaf.edits, found)
    if n > room:
        return _misspellings(segment, leaf, n)
    return found[:n].copy() if leaf.edits == 1 else np.unique(found[:n])


def _points(text: str) -> Array:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _bytes(text: str) -> Array:
    return np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8)


CHUNK = 256
"""Words between two looks at the budget."""
JOB = 300
"""Units of a word, beside those of its postings."""
STEM, ROW = 0, 2
"""Columns of a job."""


class TermUnion:
    """A segment and its tables, as the loops that gather paragraphs take them."""

    def __init__(self, segment: Segment, dense: DenseTerms) -> None:
        self.segment = segment
        self.dense = dense

        forms, file, at = segment.derived(SurfaceForms), segment.file, segment.column("postings_at")
        self._to_divide = (
            forms.role_of, forms.words_of_stem,
            dense.stems_mask, dense.stems.astype(np.int32), dense.built,
            at, np.frombuffer(file.unread, np.uint8), file.places["postings"][0], PAGE,
        )  # fmt: skip
        self._to_gather = (
            file.unchecked("postings"), at, *forms.lists, *forms.other_forms_of_stem,
            dense.tables,
        )  # fmt: skip

    def add(self, entries: Array, budget: QueryBudget, matches_itself: Array, title_only: Array, title: Array) -> None:
        """Set the bits of the paragraphs of these entries (`multi_term_union`); what is past the budget is left out.

        An empty `title` is not wanted.
        """
        jobs = np.empty((len(entries), 3), np.int32)
        n, needs = plan_unions(entries, *self._to_divide, jobs)
        jobs = jobs[:n]
        if needs & MIXED:
            jobs = jobs[np.argsort(jobs[:, STEM], kind="stable")]
        if needs & UNREAD:
            self._check(jobs)
        prices = self._prices(jobs)
        for low in range(0, len(jobs), CHUNK):
            if not budget.affords(int(prices[low : low + CHUNK].sum()), GATHERING):
                break
            chunk = jobs[low : low + CHUNK]
            if needs & UNFILLED:
                for row in chunk[:, ROW].tolist():
                    if row >= 0:
                        self.dense.fill(row)
            gather(chunk, *self._to_gather, matches_itself, title_only, title)

    def _prices(self, jobs: Array) -> Array:
        """The units of each job: half of one a posting of a sparse stem; a fifth of one a block of a dense one."""
        sparse = self.segment.frequencies[jobs[:, STEM]] >> 1
        return np.asarray(np.where(jobs[:, ROW] < 0, sparse, self.segment.blocks // 5) + JOB)

    def _check(self, jobs: Array) -> None:
        """Check what is read of the postings."""
        stems = jobs[jobs[:, ROW] < 0, STEM]
        at = self.segment.column("postings_at")
        self.segment.file.check_each("postings", at[stems], at[stems + 1])


PATTERN = 60_000
"""Units of a pattern, beside those of looking for its words and of reading where those stand."""


class MultiTermMatch:
    """The paragraphs where some word fits, as bitmaps: of their own text, and of the title.

    `title_only` is where only the title is known to have one. The title's is empty unless it was asked for.
    """

    def __init__(self, segment: Segment, *, title: bool) -> None:
        self.segment = segment
        self.matches_itself = np.zeros(segment.blocks, np.uint64)
        self.title_only = np.zeros(segment.blocks, np.uint64)
        self.title = np.zeros(segment.blocks if title else 0, np.uint64)

    @cached_property
    def any(self) -> Array:
        """Where text or title have one."""
        return np.asarray(self.matches_itself | self.title_only)

    @cached_property
    def total(self) -> int:
        """In how many paragraphs, of text or title."""
        return int(count(self.any))

    def met(self, *, title: bool) -> NodeMatches:
        """What meets the pattern; by the title alone, if `title`."""
        return (
            NodeMatches(self.title & self.segment.openings, self.title)
            if title
            else NodeMatches(self.matches_itself, self.any)
        )

    def best(self, bits: Array, wanted: int) -> Array:
        """The best paragraphs of a bitmap when nothing else is scored: the shortest ones."""
        segment = self.segment
        bits = bits & self.any
        docs = np.empty(wanted, np.int32)
        n = shortest(bits, segment.column("lengths"), *segment.shortest, docs)
        return np.asarray(docs[:n])


class MultiTermMatcher:
    """What the patterns of one query are met by in a segment; each is worked out once."""

    def __init__(self, segment: Segment, dense: DenseTerms, budget: QueryBudget) -> None:
        self.segment = segment
        self.dense = dense
        self.budget = budget
        self.known: dict[Wildcard | Fuzzy, MultiTermMatch] = {}

    @cached_property
    def none(self) -> MultiTermMatch:
        """What is past the budget."""
        return MultiTermMatch(self.segment, title=True)

    def fitting(self, leaf: Wildcard | Fuzzy) -> MultiTermMatch:
        """Where words fit a pattern."""
        if leaf not in self.known:
            self.known[leaf] = self._looked_up(leaf) if self.budget.affords(PATTERN, GATHERING) else self.none
        return self.known[leaf]

    def _looked_up(self, leaf: Wildcard | Fuzzy) -> MultiTermMatch:
        found = MultiTermMatch(self.segment, title=leaf.title)
        entries = expand(self.segment, leaf, self.budget)
        union_of = TermUnion(self.segment, self.dense)
        union_of.add(entries, self.budget, found.matches_itself, found.title_only, found.title)
        return found
