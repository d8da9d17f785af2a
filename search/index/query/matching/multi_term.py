"""Wildcards and misspellings in one segment: which words match, and which docs have one of these words.

Lucene calls them multi-term queries.
"""

from __future__ import annotations

import re
from functools import cached_property
from math import isqrt

import numpy as np

from search.budget import GATHERING, MARKING, QueryBudget
from search.index.query.matching.match_set import NodeMatches
from search.index.segment.phrase_slots import NO_NUMBERS
from search.index.segment.posting_lists import DenseTerms
from search.index.segment.segment_reader import SegmentReader
from search.index.segment.string_table import StringTable
from search.index.segment.surface_forms import SurfaceForms
from search.index.storage.column_file import PAGE, Array
from search.kernels.core.bitmap import count
from search.kernels.terms.dictionary import wildcard_matches
from search.kernels.terms.fuzzy import fuzzy_matches
from search.kernels.terms.multi_term_plan import MIXED, UNFILLED, UNREAD, plan_unions, shortest
from search.kernels.terms.multi_term_union import ROW, TERM, gather
from search.model import TermForms
from search.query.tree import Fuzzy, Slot, Wildcard

WILD = re.compile(r"[*?]")
FUZZY_CAPACITY = 4096
"""Number of matches of a misspelling that there is room for at first: to allocate more takes longer than to fill it."""
MAX_FORMS = 2_000
"""Maximum number of words of a pattern that are listed for highlighting; with more, each word of a text is compared
with the pattern."""
CHUNK = 256
"""Unions between two looks at the budget."""
PATTERN_COST = 60_000
"""Units of work for a pattern, besides those for expanding it and for reading postings."""
PREFIX_COST = 5_000
"""Units of work to look up the range of words with a prefix."""
FUZZY_COST = {1: 30, 2: 1_100}
"""Units of work for a misspelling by the number of its edits, to be multiplied with the square root of the number of
words: the part of the trie of words that is visited grows with that root."""
BYTE_COST, SUFFIX_BYTE_COST = 5, 2
"""Units of work to compare a byte of the dictionary with a wildcard: one that ends with `*` or `?`, and one that ends
with letters, which rule most words out at once."""
FORM_COST = 300
"""Units of work for a form, besides those for its postings."""
LISTING_COST = 1_000
"""Units of work for each word that is listed for highlighting."""


def expand(segment: SegmentReader, leaf: Wildcard | Fuzzy, budget: QueryBudget) -> Array:
    """Return the form_ids, int32, of the words that match a pattern, in no order; none past the budget.

    If there are too many, the most frequent ones are returned.
    """
    cost = _expansion_cost(segment, leaf)
    if cost == PREFIX_COST:
        budget.charge(cost)
    elif not budget.try_charge_or_warn(cost, GATHERING):
        return NO_NUMBERS
    form_ids: Array = segment.column("word_entry")[matching_words(segment, leaf)]
    allowed = budget.take_words(len(form_ids))
    return form_ids if allowed == len(form_ids) else np.sort(form_ids)[:allowed]


def term_forms(segment: SegmentReader, term: Slot | Wildcard | Fuzzy, budget: QueryBudget) -> TermForms | None:
    """Return the words of a segment, folded, that match a term of a query; None if listing them is too much work.

    Listing is too much work if a pattern matches more than MAX_FORMS words, or more than the budget allows.
    """
    if isinstance(term, Slot):
        if not term.stemmed:
            return TermForms({*term.terms})
        forms = segment.forms_cache.get(term, lambda: _stemmed_forms(segment, term))
        budget.charge(LISTING_COST * (len(forms.plain) + len(forms.others)))
        return forms
    cost = _expansion_cost(segment, term)
    if cost > budget.left(MARKING):
        return None
    budget.charge(cost)
    words = matching_words(segment, term)
    if isinstance(words, slice):
        words = np.arange(words.start, words.stop)
    if len(words) > MAX_FORMS or LISTING_COST * len(words) > budget.left(MARKING):
        return None
    budget.charge(LISTING_COST * len(words))
    return TermForms(set(map(segment.strings("word").text, words.tolist())))


def _stemmed_forms(segment: SegmentReader, slot: Slot) -> TermForms:
    """Return the words of a segment, folded, that have one of a slot's stems."""
    text, terms = segment.strings("word").text, segment.column("entry_stems")
    plain, others = set[str](), set[str]()
    for stem in slot.terms:
        if (term_id := segment.strings("stem").find(stem)) >= 0:
            form_ids = segment.forms_of_term(term_id)
            # of two stems the last one is that of the folded word: see `search.analysis.tokenizer.stem`
            lasts = terms[segment.term_offsets[form_ids + 1] - 1]
            for word, last in zip(segment.word_of_form[form_ids].tolist(), lasts.tolist(), strict=True):
                (plain if last == term_id else others).add(text(word))
    return TermForms(plain, others)


def _expansion_cost(segment: SegmentReader, leaf: Wildcard | Fuzzy) -> int:
    """Return the units of work to find the words that match a pattern; PREFIX_COST if the pattern is a prefix."""
    words = segment.strings("word")
    if isinstance(leaf, Fuzzy):
        return FUZZY_COST[leaf.edits] * isqrt(len(words))
    prefix, *others = WILD.split(leaf.pattern)
    if leaf.pattern == f"{prefix}*":
        return PREFIX_COST
    low, high = prefix_range(words, prefix)
    n_bytes = int(words.at[high]) - int(words.at[low])
    return PREFIX_COST + 1 + n_bytes * (SUFFIX_BYTE_COST if others[-1] else BYTE_COST)


def matching_words(segment: SegmentReader, leaf: Wildcard | Fuzzy) -> Array | slice:
    """Return the indices in the table `word` of the words that match a pattern.

    The indices are a slice for a prefix, else `(n,) int32`; those for a misspelling are in no order.
    """
    words = segment.strings("word")
    if isinstance(leaf, Fuzzy):
        return segment.expansion_cache.get(leaf, lambda: _fuzzy_words(segment, leaf, FUZZY_CAPACITY))
    prefix, *others = WILD.split(leaf.pattern)
    low, high = prefix_range(words, prefix)
    if leaf.pattern == f"{prefix}*":
        return slice(low, high)

    def wildcard_words() -> Array:
        matches = np.empty(high - low, np.int32)
        n = wildcard_matches(words.blob, words.at, low, high, _code_points(leaf.pattern), _utf8(others[-1]), matches)
        return matches[:n].copy()

    return segment.expansion_cache.get(leaf, wildcard_words)


def prefix_range(words: StringTable, prefix: str) -> tuple[int, int]:
    """Return the number of the first word that begins with a prefix, and that of the word after the last."""
    return words.span(prefix.encode("utf-8", "surrogatepass")) if prefix else (0, len(words))


def _fuzzy_words(segment: SegmentReader, leaf: Fuzzy, capacity: int) -> Array:
    """Return the indices in the table `word` of the words within the edit distance of `leaf`, `(n,) int32`.

    `capacity` is the number of matches that there is room for at first; if there are more, the search is made again.
    """
    words, forms = segment.strings("word"), segment.derived(SurfaceForms)
    vocabulary = words.blob, words.at, segment.column("word_shared"), forms.min_shared, forms.first_letters
    matches = np.empty(capacity, np.int32)
    n = fuzzy_matches(*vocabulary, forms.word_filter, _code_points(leaf.word), _utf8(leaf.word), leaf.edits, matches)
    if n > capacity:
        return _fuzzy_words(segment, leaf, n)
    return matches[:n].copy() if leaf.edits == 1 else np.unique(matches[:n])


def _code_points(text: str) -> Array:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _utf8(text: str) -> Array:
    return np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8)


def union_forms(
    segment: SegmentReader, dense: DenseTerms, form_ids: Array, budget: QueryBudget, bitmaps: tuple[Array, Array, Array]
) -> None:
    """Set the bits of the docs that have a form of `form_ids`, `(n,) int32`; forms past the budget are left out.

    `bitmaps`, `(n_blocks,) uint64` each, are those of the docs that match themselves, of docs that are known to
    match by the title only, and of all docs of articles whose title matches; the last one is NO_BITMAP if it is not
    wanted.
    """
    forms, file, at = segment.derived(SurfaceForms), segment.file, segment.column("postings_at")
    unions = np.empty((len(form_ids), 3), np.int32)
    n, needs = plan_unions(
        form_ids, forms.packed_roles, forms.form_counts, dense.mask, dense.term_ids.astype(np.int32), dense.ready,
        at, np.frombuffer(file.unread, np.uint8), file.places["postings"][0], PAGE, unions,
    )  # fmt: skip
    unions = unions[:n]
    if needs & MIXED:
        unions = unions[np.argsort(unions[:, TERM], kind="stable")]
    if needs & UNREAD:
        term_ids = unions[unions[:, ROW] < 0, TERM]
        file.check_each("postings", at[term_ids], at[term_ids + 1])
    # in units: 1/2 for each posting of a sparse term, 1/5 for each block of a dense one
    costs = np.where(unions[:, ROW] < 0, segment.doc_freqs[unions[:, TERM]] >> 1, segment.n_blocks // 5) + FORM_COST
    for low in range(0, len(unions), CHUNK):
        if not budget.try_charge_or_warn(int(costs[low : low + CHUNK].sum()), GATHERING):
            break
        chunk = unions[low : low + CHUNK]
        if needs & UNFILLED:
            for row in chunk[:, ROW].tolist():
                if row >= 0:
                    dense.fill(row)
        gather(chunk, file.unchecked("postings"), at, *forms.lists, *forms.other_forms, dense.tables, *bitmaps)


class MultiTermMatch:
    """The docs of a segment that have a word that matches a pattern, as `(n_blocks,) uint64` bitmaps."""

    def __init__(self, segment: SegmentReader, *, title: bool) -> None:
        self.segment = segment
        self.matches_itself = np.zeros(segment.n_blocks, np.uint64)
        """The docs that match by their own text; the first doc of an article by the title, too."""
        self.title_only = np.zeros(segment.n_blocks, np.uint64)
        """Docs that match by the title of their article; some of them may match themselves."""
        self.title = np.zeros(segment.n_blocks if title else 0, np.uint64)
        """All docs of articles whose title matches; NO_BITMAP where it was not asked for."""

    @cached_property
    def any(self) -> Array:
        """The docs that match by text or title."""
        return np.asarray(self.matches_itself | self.title_only)

    @cached_property
    def doc_freq(self) -> int:
        """How many docs match by text or title."""
        return int(count(self.any))

    def node_matches(self, *, title: bool) -> NodeMatches:
        """Return the matches as those of a node; by the title alone, if `title`."""
        if title:
            return NodeMatches(self.title & self.segment.first_docs, self.title)
        return NodeMatches(self.matches_itself, self.any)

    def shortest(self, bits: Array, k: int) -> Array:
        """Return up to k docs, int32, that match and are in a bitmap, the shortest: the best if nothing else scores."""
        docs = np.empty(k, np.int32)
        n = shortest(bits & self.any, self.segment.column("lengths"), *self.segment.shortest, docs)
        return np.asarray(docs[:n])


class MultiTermMatcher:
    """Matches the patterns of one query in a segment, each pattern once."""

    def __init__(self, segment: SegmentReader, dense: DenseTerms, budget: QueryBudget) -> None:
        self.segment = segment
        self.dense = dense
        self.budget = budget
        self._cache: dict[Wildcard | Fuzzy, MultiTermMatch] = {}

    def match(self, leaf: Wildcard | Fuzzy) -> MultiTermMatch:
        """Return the docs that match a pattern; none past the budget."""
        if (known := self._cache.get(leaf)) is not None:
            return known
        found = self._cache[leaf] = MultiTermMatch(self.segment, title=leaf.title)
        if self.budget.try_charge_or_warn(PATTERN_COST, GATHERING):
            form_ids = expand(self.segment, leaf, self.budget)
            bitmaps = found.matches_itself, found.title_only, found.title
            union_forms(self.segment, self.dense, form_ids, self.budget, bitmaps)
        return found
