"""Did-you-mean: words of a query that hardly any paragraph has, and the words of the archive that may be meant."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, pairwise
from typing import NamedTuple

from search.budget import QueryBudget
from search.engine import Search, SearchReader, Snapshot, Vocabulary
from search.model import Correction, SearchRequest, WordCount
from search.query.tree import Node
from search.suggest.query_words import QueryWord, query_words
from search.suggest.spelling import SLIP, price, ranked

RARE, MUCH = 50, 100
"""A word that up to RARE paragraphs have may be a misspelling of a word that at least MUCH times as many have."""
NEAR = 1.0
"""Highest price (see `search.suggest.spelling.price`) at which a word that occurs may be a misspelling of another one.

If the likeliest word for one that does not occur costs no more than this, two words without a space are not looked for.
"""
MAX_WORDS = 6
"""Maximum number of words of a query that are looked at."""
MAX_OFFERED = 3
"""Maximum number of replacements of a word that are offered."""
CANDIDATES = {1: 32, 2: 64}
"""Maximum number of words that are compared with a typed one, by the number of edits."""
LONG = 4
"""Minimum number of letters of a word that is compared at two edits, and of a word that is doubted though it occurs."""
APART = 0.9
"""The price of a space too many; a space that is missing costs twice as much."""
CANDIDATE_COST = 20_000
"""Units of work to find a word of the archive and to compare it with a typed one."""


class Replacement(NamedTuple):
    """A word that `text[start:end]` of a query may have been meant for; `likelihood` is a natural logarithm."""

    likelihood: float
    word: str
    start: int
    end: int


class Unfinished(NamedTuple):
    """A word that is being typed, and how frequent the words are that begin with it."""

    end: int
    """Where it ends in the query, in code points."""
    paragraphs: int
    """Number of paragraphs of the most frequent word that begins with it."""


def corrections(
    snapshot: Snapshot,
    request: SearchRequest,
    budget: QueryBudget,
    search_of: SearchReader,
    *,
    unfinished: Unfinished | None = None,
) -> list[Correction]:
    """Return corrections of a query, the likeliest of each word first; none if no word has a likely replacement.

    Each corrected query finds something. Where several words are misspelt, the query of each correction has the
    likeliest replacements of the other words. An `unfinished` word may be the beginning of a longer one. Raises
    QueryError for a query that cannot be split into lexemes, and what `search_of` raises.
    """
    words = list(islice(query_words(request.q), MAX_WORDS))
    if unfinished and unfinished.paragraphs > RARE:
        words = [word for word in words if word.end != unfinished.end]
    doubtful = list(replacements(snapshot, request.q, words, budget, search_of))
    if unfinished:
        least = math.log(unfinished.paragraphs)
        doubtful = [of for of in doubtful if of[0].end != unfinished.end or of[0].likelihood > least]
    if not doubtful:
        return []
    best = {offered[0].start: offered[0] for offered in doubtful}
    asked: list[tuple[Replacement, str]] = []
    for turn in range(MAX_OFFERED):
        for offered in doubtful:
            if turn < len(offered):
                one = offered[turn]
                asked.append((one, _corrected(request.q, {**best, one.start: one})))
    offers: dict[tuple[int, Node], tuple[Replacement, str]] = {}
    searches: dict[tuple[int, Node], Search] = {}
    for one, q in asked:
        if search := search_of(replace(request, q=q)):
            key = one.start, search.query  # of words with one stem, which find the same, the likeliest is enough
            offers.setdefault(key, (one, q))
            searches.setdefault(key, search)
    totals = snapshot.count([*searches.values()], budget)
    return [
        Correction(request.q[one.start : one.end], one.word, q, total, one.end)
        for (one, q), total in zip(offers.values(), totals, strict=True)
        if total.value
    ]


def _corrected(text: str, by_place: dict[int, Replacement]) -> str:
    for _, one in sorted(by_place.items(), reverse=True):
        text = text[: one.start] + one.word + text[one.end :]
    return text


def replacements(
    snapshot: Snapshot, text: str, words: Sequence[QueryWord], budget: QueryBudget, search_of: SearchReader
) -> Iterator[list[Replacement]]:
    """Yield for each of `words` that is doubtful the list of its likely replacements, the likeliest first.

    `text` is the query, of which `words` are words.
    """
    vocabulary = snapshot.vocabulary
    known = vocabulary.counts([word.folded for word in words])
    joined = _joined(text, words, known, vocabulary)
    taken = 0
    for word, count in zip(words, known, strict=True):
        if word.start < taken:
            continue
        found = meant(vocabulary, word.folded, count, budget)
        if found and not count and (inflected := _inflected(snapshot, word, budget, search_of)):
            found = meant(vocabulary, word.folded, inflected, budget)
        offered = [Replacement(likelihood, one, word.start, word.end) for likelihood, one in found]
        if one := joined.get(word.start):
            offered = sorted([*offered, one], reverse=True)
        if offered:
            taken = max(one.end for one in offered)
            yield offered


def meant(vocabulary: Vocabulary, word: str, count: int, budget: QueryBudget) -> list[tuple[float, str]]:
    """Return the words that may have been meant by a word which `count` paragraphs have, each after its likelihood.

    The likelihoods are natural logarithms. A word that occurs may be meant for one that MUCH times as many paragraphs
    have. One that does not occur may be meant for any similar word, or for two words without the space between them.
    """
    if count > RARE or (count and len(word) < LONG):
        return []
    near = _similar(vocabulary, word, 1 if count or len(word) < LONG else 2, budget)
    if count:
        near = [one for one in near if one.paragraphs >= MUCH * count]
    found = [(likely, one.word) for likely, one in ranked(word, near, MAX_OFFERED)]
    if count:
        return [(likely, one) for likely, one in found if price(word, one) <= NEAR]
    if found and price(word, found[0][1]) <= NEAR:
        return found
    return sorted([*found, *_split(vocabulary, word)], reverse=True)[:MAX_OFFERED]


def _similar(vocabulary: Vocabulary, word: str, edits: int, budget: QueryBudget) -> list[WordCount]:
    budget.charge(CANDIDATE_COST * CANDIDATES[edits])
    return vocabulary.similar(word, edits, CANDIDATES[edits])


def _split(vocabulary: Vocabulary, word: str) -> list[tuple[float, str]]:
    """Return the likeliest two words, with a space, that a word may be without it, after their likelihood; or none."""
    cuts = range(2, len(word) - 1)
    counts = vocabulary.counts([part for at in cuts for part in (word[:at], word[at:])])
    found = []
    for at, first, second in zip(cuts, counts[::2], counts[1::2], strict=True):
        if first and second:
            found.append((math.log(min(first, second)) - SLIP * 2 * APART, f"{word[:at]} {word[at:]}"))
    return sorted(found, reverse=True)[:1]


def _joined(
    text: str, words: Sequence[QueryWord], known: Sequence[int], vocabulary: Vocabulary
) -> dict[int, Replacement]:
    """Return the one word that may be meant by two neighbouring words, for each two, by where the first one starts."""
    pairs = [
        (a, b, min(seen, other))
        for (a, seen), (b, other) in pairwise(zip(words, known, strict=True))
        if a.end + 1 == b.start and text[a.end] == " "
    ]
    counts = vocabulary.counts([a.folded + b.folded for a, b, _ in pairs])
    return {
        a.start: Replacement(math.log(count) - SLIP * APART, a.folded + b.folded, a.start, b.end)
        for (a, b, rarer), count in zip(pairs, counts, strict=True)
        if count > MUCH * rarer
    }


def _inflected(snapshot: Snapshot, word: QueryWord, budget: QueryBudget, search_of: SearchReader) -> int:
    """Return how many paragraphs have any inflection of a word, as a search for it finds; 0 for a word in quotes."""
    search = None if word.quoted else search_of(SearchRequest(word.folded, variants="off"))
    return snapshot.count([search], budget)[0].value if search else 0
