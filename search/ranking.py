"""How a paragraph is scored: the definition that every engine follows.

BM25 (Robertson and Zaragoza: The Probabilistic Relevance Framework, 2009) over a paragraph's text and its article's
title, whose frequencies are added before they saturate (BM25F with equal weights). The score of a paragraph is the sum
over the query's stems that occur in its text or title:

    idf * tf * (K1 + 1) / (tf + K1 * (1 - B + B * length / average)),    tf = in text + in title

A wildcard or a misspelling is scored as one more stem, which occurs once in each paragraph whose text or title has a
word that fits, however many it has: tf = 1.

`average` length, the number of paragraphs and document frequencies are those of the whole index, whatever its segments.
A frequency counts up to MAX_FREQUENCY, and a length is known to a byte: exactly up to 128, to 9 % beyond.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

K1 = 0.9
"""How slowly repetition saturates. Paragraphs are short: the second occurrence of a word says little."""
B = 0.4
"""How much a long paragraph has to say a word more often. 0 is not at all, 1 is in proportion."""
MAX_FREQUENCY = 63
EXACT = 128
"""Lengths up to this one are exact."""
STEPS = 8
"""Lengths between a length beyond and its double."""

LENGTHS: npt.NDArray[np.float64] = np.concatenate(
    [np.arange(EXACT), np.round(EXACT * 2 ** (np.arange(256 - EXACT) / STEPS))]
)
"""The length that each byte stands for, in positions of the text plus positions of the title."""


def length_bytes(lengths: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """The bytes that lengths are stored as: of the longest length that is no longer."""
    return (np.searchsorted(LENGTHS, lengths, side="right") - 1).astype(np.uint8)


def idf(paragraphs: int, frequency: int) -> float:
    """What a stem says that occurs in `frequency` of so many paragraphs; always positive."""
    return math.log(1 + (paragraphs - frequency + 0.5) / (frequency + 0.5))


def impact(frequency: int, length: int, average: float) -> float:
    """What `frequency` occurrences in a paragraph of this length count, before idf: from 0 to K1 + 1."""
    tf = min(frequency, MAX_FREQUENCY)
    known = LENGTHS[length_bytes(length)]
    return float(tf * (K1 + 1) / (tf + K1 * (1 - B + B * known / average)))


def impact_table(average: float) -> npt.NDArray[np.float64]:
    """The impacts of all frequencies and lengths, indexed by frequency * 256 + byte of the length."""
    tf = np.arange(MAX_FREQUENCY + 1, dtype=np.float64)[:, None]
    return (tf * (K1 + 1) / (tf + K1 * (1 - B + B * LENGTHS[None, :] / average))).ravel()
