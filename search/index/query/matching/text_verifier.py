"""Conditions that postings alone cannot tell: how often words stand in a text, and what stands in one sentence of it.

Both are the second phase of Lucene's two-phase iterators: the candidates come from postings, and are few.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

import numpy as np

from search.analysis.sentences import sentence_starts
from search.budget import MARKING, MATCHING, QueryBudget
from search.highlight.highlighter import Highlighter, Passage
from search.index.query.matching.multi_term import term_forms
from search.index.query.matching.phrase_matcher import UNITS_PER_STREAM
from search.index.query.segment_searcher import SegmentSearcher
from search.index.segment.phrase_slots import NO_NUMBERS, lead_units_of
from search.index.segment.posting_lists import decode_postings
from search.index.segment.segment_reader import SegmentReader, bitmap_of
from search.index.storage.column_file import Array
from search.kernels.core.postings_codec import FREQUENCY_MASK
from search.kernels.phrase.scan import scan_count
from search.model import Span, TermForms
from search.query.tree import AtLeast, Phrase, SameSentence, Term, Word

FREQUENCY_COST = 2
"""Units of work for a posting whose frequency is looked at."""
COUNT_COST = 20
"""Units of work for a text in which words are counted, besides one for each of its units."""
TEXT_COST = 6_000
"""Units of work to fetch a text, and to tell its sentences."""
CHUNK = 256
"""Texts that are fetched at a time."""


def with_at_least(searcher: SegmentSearcher, leaf: AtLeast, docs: Array, budget: QueryBudget) -> Array:
    """Return those of `docs`, `(n,) int32`, ascending, whose text has the words of a leaf often enough.

    The frequencies in postings, which count the title too, rule most docs out.
    """
    if not len(docs):
        return docs
    segment = searcher.segment
    if isinstance(leaf.words, Word):
        term_ids = [term.term_id for stem in leaf.words.stems if (term := searcher.term(stem))]
        slots = [np.unique(np.concatenate([NO_NUMBERS, *map(segment.forms_of_term, term_ids)]))]
        widths = [1]
    else:
        resolved = [searcher.slots.resolve(slot) for slot in leaf.words.slots]
        term_ids = list(resolved[0].term_ids)
        slots = [np.array(slot.form_ids, np.int32) for slot in resolved]
        widths = [slot.width for slot in resolved]
    if not term_ids or not all(map(len, slots)):
        return NO_NUMBERS
    if not budget.try_charge_or_warn(FREQUENCY_COST * sum(int(segment.doc_freqs[term_id]) for term_id in term_ids)):
        return NO_NUMBERS
    frequencies = np.zeros(segment.paragraphs, np.int32)
    for term_id in term_ids:
        postings = decode_postings(segment, term_id)
        frequencies[postings.docs] += postings.payloads & FREQUENCY_MASK
    docs = docs[frequencies[docs] >= min(leaf.count, FREQUENCY_MASK)]
    units, first = searcher.texts.units, searcher.texts.first
    docs = docs[: budget.how_many(len(docs), COUNT_COST + len(units) // max(1, segment.paragraphs))]
    found = np.zeros(len(docs), bool)
    offsets = np.cumsum([0, *map(len, slots)], dtype=np.int32)
    opening = bitmap_of(np.array(lead_units_of(slots[0], segment.first_marker)), UNITS_PER_STREAM // 64)
    scan_count(
        docs, units, first, segment.first_marker, offsets, np.concatenate(slots), np.array(widths, np.int32), opening,
        leaf.count, found,
    )  # fmt: skip
    return np.asarray(docs[found])


def docs_with_sentence(segment: SegmentReader, leaf: SameSentence, docs: Array, budget: QueryBudget) -> Array:
    """Return those of `docs`, `(n,) int32`, whose text has a sentence with both sides of a leaf."""
    articles = segment.article_of[docs]
    numbers = docs - segment.column("article_first")[articles].astype(np.int32) + 1

    def passages(low: int, high: int) -> list[Passage]:
        texts = segment.texts_at(articles[low:high].tolist(), numbers[low:high].tolist())
        return [Passage(text, lang) for text, lang in zip(texts, _languages(segment, articles[low:high]), strict=True)]

    return np.asarray(docs[_with_sentence(segment, leaf, passages, len(docs), budget)])


def titles_with_sentence(segment: SegmentReader, leaf: SameSentence, articles: Array, budget: QueryBudget) -> Array:
    """Return those of `articles`, `(n,) int32`, whose title has a sentence with both sides of a leaf."""

    def passages(low: int, high: int) -> list[Passage]:
        titles = map(segment.strings("title").text, articles[low:high].tolist())
        languages = _languages(segment, articles[low:high])
        return [Passage(title, lang, is_title=True) for title, lang in zip(titles, languages, strict=True)]

    return np.asarray(articles[_with_sentence(segment, leaf, passages, len(articles), budget)])


def _languages(segment: SegmentReader, articles: Array) -> Iterator[str]:
    """Yield the code of the language of each of some articles."""
    names = segment.names("lang")
    return (names[code] for code in segment.column("lang")[articles].tolist())


def _with_sentence(
    segment: SegmentReader,
    leaf: SameSentence,
    passages: Callable[[int, int], list[Passage]],
    n_texts: int,
    budget: QueryBudget,
) -> Array:
    """Return `(n_texts,) bool`: whether each text has a sentence with both sides of a leaf.

    `passages` returns the texts from one number up to another. Texts past the budget count as if they had none.
    """

    def forms(terms: Sequence[Term], budget: QueryBudget) -> dict[Term, TermForms] | None:
        found = {term: words for term in terms if (words := term_forms(segment, term, budget))}
        return found if len(found) == len(terms) else None

    found = np.zeros(n_texts, bool)
    words = leaf.left, leaf.right
    apart = all(map(_never_overlaps_itself, words))
    languages = len(segment.names("lang"))
    # Highlighters spend what is left for matching, in a budget of their own: they charge for marking.
    with budget.part(budget.left(MATCHING), MARKING) as own:
        sides = [Highlighter(side, own, forms, languages) for side in (words if apart else (leaf,))]
        for low in range(0, n_texts, CHUNK):
            high = min(low + CHUNK, n_texts)
            affordable = low + own.how_many(high - low, TEXT_COST, MARKING)
            given = passages(low, affordable)
            marked = [side.mark(given) for side in sides]
            for i, passage in enumerate(given):
                # a highlighter of the whole leaf marks only what stands in one sentence
                met = _in_one_sentence(passage.text, marked[0][i], marked[1][i]) if apart else bool(marked[0][i])
                found[low + i] = met
            if affordable < high or any(side.warnings for side in sides):
                break
        is_cut = own.cuts > 0 or any(side.warnings for side in sides)
    if is_cut:
        budget.try_charge_or_warn(budget.units)  # more than is left, so that the budget adds its warning
    return found


def _never_overlaps_itself(phrase: Phrase) -> bool:
    """Tell whether a span of its own marks each place of a phrase: a word that begins it cannot stand in it later."""
    first, *others = [{*slot.terms} for slot in phrase.slots]
    return not others or (phrase.slop == 1 and first.isdisjoint(chain.from_iterable(others)))


def _in_one_sentence(text: str, left: Sequence[Span], right: Sequence[Span]) -> bool:
    """Tell whether a sentence of a text has a whole span of each side, and these do not overlap."""
    if not left or not right:
        return False
    starts = sentence_starts(text)
    ours, others = _by_sentence(left, starts), _by_sentence(right, starts)
    return any(
        others[sentence][0][1] <= start or others[sentence][-1][0] >= end
        for sentence in ours.keys() & others.keys()
        for start, end in ours[sentence]
    )


def _by_sentence(spans: Sequence[Span], starts: list[int]) -> dict[int, list[Span]]:
    """Return the spans that are in one sentence by its number; `starts` is where sentences begin, but for the first."""
    found: dict[int, list[Span]] = {}
    for start, end in spans:
        if (sentence := bisect_right(starts, start)) == bisect_right(starts, end - 1):
            found.setdefault(sentence, []).append((start, end))
    return found
