"""Measures how often did-you-mean offers the word that was meant, for misspelt words of an archive.

    python -m benchmarks.queries.spelling --index INDEX

Half of the slips are drawn at random: a letter too many, missing, replaced, or two swapped, and in a fifth of the words
of eight letters or more two of these. The other half is how people misspell: letters doubled or not, vowels, letters
that sound alike, neighbours on the keyboard, swaps. Words are drawn by the square root of how many paragraphs have
them, since people search for what is neither rare nor everywhere. What finds a hundredth as many paragraphs as the word
has is drawn anew: it is a word itself, or has the stem of one. Right is the word that was meant, or one with the same
stem, of which only the likeliest is offered, since both find the same.
"""

from __future__ import annotations

import argparse
import random
import string
import time
from collections.abc import Iterator
from pathlib import Path

from search.analysis.function_words import function_words
from search.analysis.tokenizer import stem
from search.budget import QueryBudget
from search.engine import Search, Snapshot, open_engine
from search.model import SearchRequest
from search.query.parser import parse
from search.service import search_reader
from search.settings import Settings
from search.suggest import corrections
from search.suggest.corrections import MAX_OFFERED

WORDS = 500
LEAST_PARAGRAPHS, LEAST_LETTERS = 5, 4
LONG = 8
"""Letters of a word from which on it may have two slips."""
VOWELS = "aeiou"
SOUNDS = [
    ("ph", "f"),
    ("f", "ph"),
    ("c", "k"),
    ("k", "c"),
    ("c", "s"),
    ("s", "c"),
    ("s", "z"),
    ("z", "s"),
    ("ie", "ei"),
]
SOUNDS += [("ei", "ie"), ("ck", "k"), ("y", "i"), ("i", "y"), ("gh", "g"), ("wh", "w"), ("kn", "n"), ("mb", "m")]
SOUNDS += [("tion", "sion"), ("ence", "ance"), ("ance", "ence"), ("ible", "able"), ("able", "ible"), ("ough", "off")]
SOUNDS += [("que", "k"), ("x", "ks"), ("th", "t"), ("sc", "s"), ("dge", "ge"), ("ee", "ea"), ("ea", "ee"), ("ou", "u")]
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
NEIGHBOURS = {letter: (row[i - 1 : i] + row[i + 1 : i + 2]) for row in ROWS for i, letter in enumerate(row)}


def at_random(word: str, rng: random.Random) -> str:
    """Return a word with one slip, any letter anywhere."""
    at, letter = rng.randrange(len(word)), rng.choice(string.ascii_lowercase)
    kind = rng.randrange(4)
    if kind == 0:
        return word[:at] + letter + word[at:]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    if kind == 2:
        return word[:at] + letter + word[at + 1 :]
    return word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :]


def as_people_do(word: str, rng: random.Random) -> str:
    """Return a word with one slip of the kinds that people make most."""
    at = rng.randrange(len(word))
    kind = rng.randrange(5)
    if kind == 0:
        doubles = [i for i in range(len(word) - 1) if word[i] == word[i + 1]]
        if doubles and rng.random() < 0.7:
            at = rng.choice(doubles)
            return word[:at] + word[at + 1 :]
        return word[:at] + word[at] + word[at:]
    if kind == 1:
        vowels = [i for i, letter in enumerate(word) if letter in VOWELS]
        if vowels:
            at = rng.choice(vowels)
            return word[:at] + rng.choice(VOWELS) + word[at + 1 :]
    if kind == 2:
        fitting = [(a, b) for a, b in SOUNDS if a in word]
        if fitting:
            return word.replace(*rng.choice(fitting), 1)
    if kind == 3 and word[at] in NEIGHBOURS:
        other = rng.choice(NEIGHBOURS[word[at]])
        return word[:at] + other + word[at + rng.randrange(2) :]
    return word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :]


def draw(snapshot: Snapshot, seed: int) -> Iterator[tuple[str, str, str]]:
    """Yield misspelt words without end: how it was misspelt, the word and what is typed."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    vocabulary, known = snapshot.vocabulary, snapshot.statistics()
    light = {word for lang in known.languages for word in function_words(lang)}
    words = [
        one
        for letter in string.ascii_lowercase
        for one in vocabulary.beginning_with(letter, 1_000_000)
        if one.paragraphs >= LEAST_PARAGRAPHS
        and len(one.word) >= LEAST_LETTERS
        and one.word.isascii()
        and one.word.isalpha()
        and one.word not in light
    ]
    weights = [one.paragraphs**0.5 for one in words]
    while True:
        (one,) = rng.choices(words, weights)
        slip, kind = rng.choice([(at_random, "at random"), (as_people_do, "as people do")])
        typed = slip(one.word, rng)
        if slip is at_random and len(one.word) >= LONG and rng.random() < 0.2:
            typed = slip(typed, rng)
        tree = parse(typed, languages=tuple(known.languages)).tree
        found = max(*vocabulary.counts([typed]), snapshot.count([Search(tree)], QueryBudget())[0].value)
        if found * 100 < one.paragraphs:
            yield kind, one.word, typed


def main() -> None:
    """Measure and print how often the right word is first, and among the first three."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--words", type=int, default=WORDS)
    parser.add_argument("--misses", action="store_true", help="print the words that were not first")
    args = parser.parse_args()
    engine = open_engine(Settings(index=args.index))
    snapshot = engine.snapshot()
    snapshot.prepare()
    (lang, *_) = snapshot.statistics().languages
    drawn = draw(snapshot, args.seed)
    ranks: dict[str, list[int]] = {}
    exact, times = 0, []
    for _ in range(args.words):
        kind, meant, typed = next(drawn)
        began = time.thread_time()
        budget = QueryBudget()
        likely = corrections(snapshot, SearchRequest(typed), budget, search_reader(snapshot, budget))
        offered = [one.replacement for one in likely]
        times.append((time.thread_time() - began) * 1e3)
        same = [stem(one, lang) == stem(meant, lang) for one in offered]
        rank = same.index(True) if any(same) else MAX_OFFERED
        ranks.setdefault(kind, []).append(rank)
        exact += offered[:1] == [meant]
        if rank and args.misses:
            print(f"{meant} {typed}: {offered} ({snapshot.vocabulary.counts([meant, *offered])})")
    every = [rank for of_kind in ranks.values() for rank in of_kind]
    for kind, found in {**ranks, "all": every}.items():
        first, three = (sum(rank < most for rank in found) / len(found) for most in (1, MAX_OFFERED))
        print(f"{kind}: {len(found)} words, first {first:.1%}, among three {three:.1%}")
    times.sort()
    print(f"first, and written as it was meant {exact / len(every):.1%}")
    print(f"ms of CPU p50 {times[len(times) // 2]:.2f}, p99 {times[len(times) * 99 // 100]:.2f}")


if __name__ == "__main__":
    main()
