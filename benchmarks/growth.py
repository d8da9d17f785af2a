"""More paragraphs than there are: copies of the corpus, in which half of the rarer words are other words.

With mere copies an index would have five times the postings of as many words; a corpus that grows has new words, too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from random import Random
from string import ascii_lowercase
from zlib import crc32

from benchmarks import texts
from benchmarks.queries.draw import RARE, SAMPLE
from search.model import Article

_WORD = re.compile(r"[A-Za-z]{2,}")


def read(corpora: Path, sets: Sequence[str], paragraphs: int) -> Iterator[Article]:
    """So many paragraphs: real ones as far as there are, and copies after that."""
    articles = texts.read(corpora, sets, paragraphs)
    yield from grown(articles, paragraphs) if paragraphs > sum(texts.SETS[name] for name in sets) else articles


def grown(articles: Sequence[Article], paragraphs: int) -> Iterator[Article]:
    """The articles, then copies of them until there are so many paragraphs; the last one is cut short."""
    frequent = _frequent(articles)
    left = paragraphs
    for number in count():
        other = Renaming(frequent, number)
        for article in articles:
            kept = article.paragraphs[:left]
            left -= len(kept)
            if number:
                heading = article.heading._replace(id=f"{article.heading.id}-{number}")
                yield Article(heading, tuple(map(other.text, kept)))
            else:
                yield replace(article, paragraphs=kept)
            if not left:
                return


def _frequent(articles: Sequence[Article]) -> set[str]:
    """The words, small, that are too frequent to be renamed, by a sample."""
    every = [text for article in articles for text in article.paragraphs]
    sample = Random(1).sample(every, min(SAMPLE, len(every)))  # noqa: S311 - repeatable, not secret
    counts = Counter(word for text in sample for word in {word.lower() for word in _WORD.findall(text)})
    return {word for word, n in counts.items() if n >= RARE * len(sample)}


class Renaming:
    """Gives every second of the rarer words, always the same ones, an ending that only this copy has."""

    def __init__(self, frequent: set[str], number: int) -> None:
        self.frequent = frequent
        self.ending = "q" + ascii_lowercase[number % 26]
        self.renamed: dict[str, str] = {}

    def text(self, text: str) -> str:
        """A text of this copy."""
        return _WORD.sub(self._word, text)

    def _word(self, found: re.Match[str]) -> str:
        word = found[0]
        known = self.renamed.get(word)
        if known is None:
            small = word.lower()
            other = small not in self.frequent and crc32(small.encode()) % 2 == 0
            known = self.renamed[word] = word + self.ending if other else word
        return known


def sizes(factors: Sequence[float], paragraphs: int) -> list[int]:
    """How many paragraphs are meant by factors of so many, the least first."""
    return [round(factor * paragraphs) for factor in sorted(factors)]
