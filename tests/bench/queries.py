"""Queries drawn from the texts: each is a list of words, and how they are joined is the engine's to say."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence

from search.model import Article

WORD = re.compile(r"[a-z]{2,}")


class Drawn:
    """Words by how many of a sample's paragraphs have them; `seed` decides every draw."""

    def __init__(self, articles: Sequence[Article], seed: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - a seeded sample
        paragraphs = [text.lower() for article in articles for text in article.paragraphs]
        self.sample = self.rng.sample(paragraphs, min(len(paragraphs), 50_000))
        frequency = Counter(word for text in self.sample for word in set(WORD.findall(text)))
        self.words = [word for word, n in frequency.most_common() if n > 1]

    def mixed(self, count: int) -> list[str]:
        """Common, middling and rare words: ranks are drawn evenly on a logarithmic scale."""
        return [self.words[int(len(self.words) ** self.rng.random()) - 1] for _ in range(count)]

    def common(self, count: int) -> list[str]:
        """Words among the 300 most frequent."""
        return self.rng.sample(self.words[:300], count)

    def phrase(self, count: int) -> list[str]:
        """Words that stand side by side somewhere."""
        while True:
            words = self.rng.choice(self.sample).split()
            at = self.rng.randrange(max(1, len(words) - count))
            found = words[at : at + count]
            if len(found) == count and all(WORD.fullmatch(word) for word in found):
                return found
