"""What queries are made of, drawn from a sample of the corpus. The same seed and corpus give the same."""

from __future__ import annotations

import random
import re
from collections import Counter
from string import ascii_lowercase

from benchmarks.queries.tree import DISTANCE
from search.dates import year_and_month
from search.model import Article

SAMPLE = 50_000
"""Paragraphs that words are drawn from."""
BANDS = ("common", "middling", "rare")
COMMON, RARE = 0.02, 0.001
"""The share of the sampled paragraphs from which on a word is common, and below which it is rare."""
LEAST = 3
"""Sampled paragraphs that even a rare word stands in; in a small sample one more makes it no longer rare."""
TRIES = 500
"""Paragraphs that are looked at for one that has words of the band side by side."""
SENTENCE = range(8, 21)
"""Words of a sentence that is taken as a query."""

_EDGES = ".,;:!?()[]\"'"
_END = re.compile(r"(?<=[.!?])\s+")
_TOKEN = re.compile(r"[A-Za-z0-9]{1,12}(?:[-&][A-Za-z0-9]{1,12})+")


class Draw:
    """Draws words, bands, phrases and sentences of a sample of the corpus."""

    def __init__(self, articles: list[Article], seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - repeatable, not secret
        texts = [text for article in articles for text in article.paragraphs]
        self.texts = self.random.sample(texts, min(SAMPLE, len(texts)))
        self.words = [[_plain(token) for token in text.split()] for text in self.texts]
        counts = Counter(word for words in self.words for word in set(words) if word)
        common, rare = COMMON * len(self.texts), max(RARE * len(self.texts), LEAST + 1)
        self.band_of = {
            word: "common" if n >= common else "rare" if n < rare else "middling"
            for word, n in counts.items()
            if n >= LEAST
        }
        self.bands = {band: sorted(word for word, of in self.band_of.items() if of == band) for band in BANDS}
        self.years = [int(year_and_month(date)[0]) for article in articles if (date := article.heading.date)]
        self.sources = sorted({article.heading.source for article in articles})

    def word(self, band: str, longer: int = 1) -> str:
        """A word of a band; of any band when it is mixed."""
        words = self.bands[self.random.choice(BANDS) if band == "mixed" else band]
        return self.random.choice(words if longer == 1 else [word for word in words if len(word) > longer])

    def apart(self, n: int, band: str) -> tuple[str, ...]:
        """Words that have nothing to do with each other."""
        words: dict[str, None] = {}
        while len(words) < n:
            words[self.word(band)] = None
        return tuple(words)

    def together(self, n: int, band: str) -> tuple[str, ...]:
        """Words of one paragraph; of none where no paragraph has so many of the band."""
        for _ in range(TRIES):
            known = dict.fromkeys(word for word in self.random.choice(self.words) if word in self.band_of)
            fit = [word for word in known if band in {"mixed", self.band_of[word]}]
            if len(fit) >= n:
                return tuple(self.random.sample(fit, n))
        return self.apart(n, band)

    def side_by_side(self, n: int) -> tuple[str, ...]:
        """Words that stand next to each other, with nothing but spaces between."""
        while True:
            text = self.random.choice(self.texts).split()
            at = self.random.randrange(max(1, len(text) - n + 1))
            found = text[at : at + n]
            if len(found) == n and all(word.isascii() and word.isalpha() for word in found):
                return tuple(word.lower() for word in found)

    def near(self) -> tuple[str, str]:
        """Two different words at most DISTANCE apart."""
        while True:
            words = self.random.choice(self.words)
            pair = self._pair(words)
            if pair:
                return pair

    def _pair(self, words: list[str]) -> tuple[str, str] | None:
        """Two different words at most DISTANCE apart, if the place that is looked at has such."""
        at, gap = self.random.randrange(len(words) or 1), self.random.randint(1, DISTANCE)
        pair = words[at : at + gap + 1 : gap]
        known = len(set(pair)) == 2 and all(word in self.band_of for word in pair)
        return (pair[0], pair[1]) if known else None

    def near_and(self, n: int) -> tuple[tuple[str, str], tuple[str, ...]]:
        """Two words near each other, and others of the same paragraph."""
        while True:
            words = self.random.choice(self.words)
            pair = self._pair(words)
            others = self._others(words, n, pair or ())
            if pair and others:
                return pair, others

    def phrase_and(self, n: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Two words side by side, and others of the same paragraph."""
        while True:
            text = self.random.choice(self.texts).split()
            at = self.random.randrange(max(1, len(text) - 1))
            phrase = tuple(_plain(word) for word in text[at : at + 2] if word.isalpha())
            others = self._others([_plain(word) for word in text], n, phrase)
            if len(phrase) == 2 and all(phrase) and others:
                return phrase, others

    def token_and(self, n: int) -> tuple[str, tuple[str, ...]]:
        """What is more than a word and stands together, as `x-ray` or `AT&T`, and words of the same paragraph."""
        while True:
            text = self.random.choice(self.texts).split()
            tokens = [token for word in text if _TOKEN.fullmatch(token := word.strip(_EDGES))]
            others = self._others([_plain(word) for word in text], n, ())
            if tokens and others:
                return self.random.choice(tokens), others

    def _others(self, words: list[str], n: int, but: tuple[str, ...]) -> tuple[str, ...]:
        """Different words out of these; none where there are not so many."""
        known = [word for word in dict.fromkeys(words) if word in self.band_of and word not in but]
        return tuple(self.random.sample(known, n)) if len(known) >= n else ()

    def sentence(self) -> tuple[str, ...]:
        """The plain words of a sentence."""
        while True:
            sentence = self.random.choice(_END.split(self.random.choice(self.texts)))
            words = tuple(word for token in sentence.split() if (word := _plain(token)))
            if len(words) in SENTENCE:
                return words

    def misspelt(self, word: str | None = None) -> str:
        """A word with one letter wrong, missing or too many; any, when none is given."""
        word = word or self.word("mixed", longer=4)
        at = self.random.randrange(1, len(word))
        letter = self.random.choice(ascii_lowercase)
        return word[:at] + self.random.choice(("", letter, letter + word[at])) + word[at + 1 :]

    def beginning(self) -> str:
        """The first letters of a word, three to five."""
        return self.word("mixed", longer=5)[: self.random.randint(3, 5)]

    def span_of_years(self) -> tuple[int, int]:
        """Up to ten years before and after the date of some article."""
        year, width = self.random.choice(self.years), self.random.randint(0, 10)
        return year - width, year + width


def _plain(token: str) -> str:
    """The word that every engine's tokenizer reads alike, small; empty for anything else."""
    word = token.strip(_EDGES)
    return word.lower() if len(word) > 1 and word.isascii() and word.isalpha() else ""
