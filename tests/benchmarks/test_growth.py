"""A corpus that is made larger."""

from __future__ import annotations

from itertools import product

from benchmarks.growth import Renaming, grown, sizes
from search.model import Article, Heading


def test_copies_have_words_of_their_own() -> None:
    """Five times the same would be five times the postings of as many words: no corpus grows like that."""
    articles = [
        Article(Heading(f"a/{n}", "title", None, "a", "en"), (f"the {a}{b}{c}ord the", "the the"))
        for n, (a, b, c) in enumerate(product("abcdefghij", repeat=3))
    ]
    made = list(grown(articles, 5_001))
    assert sum(len(article.paragraphs) for article in made) == 5_001
    assert len({article.id for article in made}) == len(made)
    assert made[:1_000] == articles
    changed = [copy.paragraphs != article.paragraphs for copy, article in zip(made[1_000:2_000], articles, strict=True)]
    assert 0.3 < sum(changed) / len(changed) < 0.7
    assert all(text.startswith("the ") and text.endswith(" the") for article in made for text in article.paragraphs)


def test_a_word_is_renamed_alike_wherever_it_stands() -> None:
    """Otherwise phrases of a copy would stand in it once."""
    first, second = Renaming(set(), 1), Renaming(set(), 2)
    text = " ".join(f"{a}{b}ord" for a in "abcdefg" for b in "abcdefg")
    assert first.text(text) == Renaming(set(), 1).text(text)
    assert first.text(text) != second.text(text)
    assert first.text(text).lower() == first.text(text.upper()).lower()


def test_sizes_are_factors_of_the_corpus() -> None:
    """The table's columns grow from left to right."""
    assert sizes([5, 0.25, 1], 1_024_151) == [256_038, 1_024_151, 5_120_755]
