"""How a paragraph is scored: the definition that every engine follows.

BM25F (Robertson, Zaragoza, Taylor: Simple BM25 extension to multiple weighted fields, CIKM 2004) over two fields, the
paragraph's text and the title of its article, which are weighted before the frequency saturates. The score of a
paragraph is the sum over the query's stems that occur in its text or title:

    idf * tf * (K1 + 1) / (tf + K1 * (1 - B + B * length / average)),    tf = in text + TITLE * in title

Lengths are positions in the text plus positions in the title. `average` length, the number of paragraphs and document
frequencies are those of the whole index, whatever its segments.
"""

from __future__ import annotations

import math

K1 = 0.9
"""How slowly repetition saturates. Paragraphs are short: the second occurrence of a word says little."""
B = 0.4
"""How much a long paragraph has to say a word more often. 0 is not at all, 1 is in proportion."""
TITLE = 1.0
"""What an occurrence in the title counts, measured in occurrences in the text."""


def idf(paragraphs: int, frequency: int) -> float:
    """What a stem says that occurs in `frequency` of so many paragraphs; always positive."""
    return math.log(1 + (paragraphs - frequency + 0.5) / (frequency + 0.5))


def impact(in_text: int, in_title: int, length: int, average: float) -> float:
    """What the occurrences of one stem in one paragraph count, before idf: from 0 to K1 + 1."""
    tf = in_text + TITLE * in_title
    return tf * (K1 + 1) / (tf + K1 * (1 - B + B * length / average)) if tf else 0.0
