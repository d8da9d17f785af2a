"""The score of a paragraph, as every engine computes it.

BM25 (Robertson and Zaragoza: The Probabilistic Relevance Framework, 2009) over a paragraph's text and its article's
title, in which a word counts twice (BM25F: frequencies are added before they saturate), times a factor of burstiness
(of In_expB2; Amati and van Rijsbergen: Probabilistic models of information retrieval based on measuring the divergence
from randomness, 2002). The score of a paragraph is the sum over the query's stems that occur in its text or title:

    count * weight * tf * (K1 + 1) / (tf + K1 * (1 - B + B * length / average)),   tf = in text + TITLE * in title
    weight = ln(1 + (N - n + 0.5) / (n + 0.5)) * ((cf + 1) / n) ** BURSTINESS

N is the number of paragraphs, n that of the paragraphs with the stem, cf how often the stem occurs in all of them,
their titles included. `count` is how often the stem stands in the query; the stem of a function word ("of", "which")
counts FUNCTION_WORD of that, unless the query has no other words.

A variant of what was typed (`turkey ALSO türkiye`) weighs VARIANT of its own weight, or of the largest weight of a stem
that was typed in its place if that is less; so rare variants do not rank before what was typed. A variant of several
words shares this weight among them. Where no paragraph has what was typed, variants have their own weight.

Then the first rows are scored once more, as by a rescorer of Lucene. Each of the first ROWS_BY_FORM gains EXACT_FORM
of count * weight of each word of the query that its text or title has as it was typed. If there is a boost of recent
articles, the scores of the first ROWS_BY_DATE are multiplied by 1 + RECENT * 0.5 ** (age / half-life); the age of an
article is the time from the start of its date to the commit of the generation, at least 0. Undated articles get no
boost. As scores only rise, these rows remain the first.

A wildcard or a misspelling is scored as one more stem, which occurs once in each paragraph whose text or title has a
word that fits, however many it has: tf = 1, cf = n.

These statistics are those of the whole index, not of a segment. Frequencies are capped at MAX_FREQUENCY. Lengths are
stored in a byte: exactly up to 128, rounded down by at most 9 % beyond.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

K1 = 1.2
"""The parameter k1 of BM25: how much repetition counts."""
B = 0.75
"""The parameter b of BM25: how much length counts, from 0 for not at all to 1 for in proportion."""
TITLE = 2
"""How often a word of the title counts."""
BURSTINESS = 0.75
"""How much it counts that a stem occurs many times where it occurs, from 0 for not at all."""
FUNCTION_WORD = 0.2
"""How much a function word counts beside other words."""
EXACT_FORM = 0.05
"""The part of a word's weight that a paragraph gains by having the word as it was typed."""
ROWS_BY_FORM = 10
"""How many of the first rows are scored again by the words as they were typed."""
VARIANT = 0.2
"""The part of the weight of what was typed that a variant of it has at most."""
RECENT = 0.5
"""The part of its score that the paragraph of a new article gains by the boost of recent articles."""
ROWS_BY_DATE = 1_000
"""How many of the first rows are scored again by their dates."""
MAX_FREQUENCY = 63
"""Highest frequency of a term in a paragraph that is told apart from higher ones."""
EXACT = 128
"""Lengths up to this one are stored exactly."""
STEPS = 8
"""Number of stored lengths from any length beyond EXACT to its double."""

TELLING_PARAGRAPHS, TELLING_STEMS = 1_000, 512
"""Number of paragraphs of an article, the first ones, and of their stems, the most frequent ones, among which the stems
that tell most of the article are looked for."""

LENGTHS: npt.NDArray[np.float64] = np.concatenate(
    [np.arange(EXACT), np.round(EXACT * 2 ** (np.arange(256 - EXACT) / STEPS))]
)
"""The length that each byte stands for, `(256,) float64`, in positions of the text plus those of the title."""


def length_bytes(lengths: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """Return the byte that each length is stored as, of the same shape: that of the length rounded down."""
    return (np.searchsorted(LENGTHS, lengths, side="right") - 1).astype(np.uint8)


def idf(paragraphs: int, frequency: int) -> float:
    """Return the inverse document frequency of a term that `frequency` of `paragraphs` paragraphs have; positive."""
    return math.log(1 + (paragraphs - frequency + 0.5) / (frequency + 0.5))


def term_weight(paragraphs: int, frequency: int, occurrences: int) -> float:
    """Return the weight of a term that occurs so many times in all, in `frequency` of so many paragraphs."""
    burstiness: float = ((occurrences + 1) / frequency) ** BURSTINESS
    return idf(paragraphs, frequency) * burstiness


def telling(frequency: float, weight: float) -> float:
    """Return how much a term tells of an article that has it `frequency` times: its weight times BM25's saturation."""
    return weight * frequency * (K1 + 1) / (frequency + K1)


def query_counts(stems: Iterable[str], function_stems: frozenset[str]) -> dict[str, float]:
    """Return how much each distinct stem of a query counts, given its stems as often as they stand in it."""
    counts: dict[str, float] = {}
    for stem in stems:
        counts[stem] = counts.get(stem, 0.0) + 1.0
    if function_stems.isdisjoint(counts) or function_stems.issuperset(counts):
        return counts
    return {stem: count * (FUNCTION_WORD if stem in function_stems else 1.0) for stem, count in counts.items()}


def variant_weights(
    variants: Mapping[str, tuple[Sequence[str], int]], weight: Callable[[str], float]
) -> dict[str, float]:
    """Return the weight of each stem of a variant in a query; `weight` returns the weight of a stem by itself.

    `variants` has for each stem the stems of what was typed, and the number of words of the variant.
    """
    found = {}
    for stem, (typed, words) in variants.items():
        most = max(map(weight, typed))
        found[stem] = (VARIANT * min(weight(stem), most) if most else weight(stem)) / words
    return found


def form_bonuses(words: Mapping[str, Collection[str]], weights: Mapping[str, float]) -> dict[str, float]:
    """Return what each word of a query, as it was typed, adds to the score of a paragraph that has it.

    `words` has the stems of each word, and `weights` what the impacts of each stem are multiplied by.
    """
    return {word: EXACT_FORM * max([weights[stem] for stem in stems]) for word, stems in words.items()}


def recency(start: int, now: float, half_life: float) -> float:
    """Return the factor by which a date that begins at `start` raises a score; times and `half_life` in seconds."""
    return 1 + RECENT * math.exp2(-max(0.0, now - start) / half_life)


def impact(frequency: int, length: int, average: float) -> float:
    """Return the score, before its weight, of a term by its frequency in a paragraph of `length`: 0 to K1 + 1."""
    tf = min(frequency, MAX_FREQUENCY)
    known = LENGTHS[length_bytes(length)]
    return float(tf * (K1 + 1) / (tf + K1 * (1 - B + B * known / average)))


def impact_table(average: float) -> npt.NDArray[np.float64]:
    """Return the impacts of all frequencies and lengths, `(64 * 256,) float64`, at frequency * 256 + length byte."""
    tf = np.arange(MAX_FREQUENCY + 1, dtype=np.float64)[:, None]
    return (tf * (K1 + 1) / (tf + K1 * (1 - B + B * LENGTHS[None, :] / average))).ravel()
