"""Ranks words by how likely somebody who typed another word meant them: the noisy channel of spelling correction.

A word is the likelier to be meant, the more paragraphs have it, and the fewer and commoner the slips are that turn it
into what was typed (Kernighan, Church and Gale: A spelling correction program based on a noisy channel model, COLING
1990; Brill and Moore: An improved error model for noisy channel spelling correction, ACL 2000). Slips are those of
Damerau (1964), in the form that edits no part twice (optimal string alignment). Their prices are set by hand: double
and single letters, vowels, letters that sound alike and neighbouring keys are confused more often than others.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

from search.model import WordCount

SLIP = 7.0
"""The number that a slip of price 1 takes from the natural logarithm of a word's likelihood.

A word with such a slip is as likely as one without that e ** SLIP times fewer paragraphs have."""
FIRST_LETTER = 0.3
"""Price added to a slip at the first letter of a word, which people rarely miss."""
SWAP, DOUBLE, EXTRA, MISSING, OTHER = 0.7, 0.5, 1.0, 0.9, 1.1
"""Prices of two letters swapped, of a double letter typed once or a single one twice, of a letter too many, of one that
is missing, and of one in place of another."""
VOWEL, SOUND, KEY = 0.7, 0.75, 0.8
"""Prices of a vowel in place of another, of a letter that sounds like another, of the key beside another."""

MAX_SHIFT = 2
"""Maximum difference between the places of a letter in the two words: the maximum number of edits."""

_VOWELS = frozenset("aeiouy")
_SOUNDS = ("ckq", "csz", "gj", "sx", "vw", "fv", "dt", "bp", "mn", "iy", "lr", "ue")
_SPELLINGS: tuple[tuple[str, str], ...] = (
    *(("f", "ph"), ("k", "ck"), ("c", "ck"), ("s", "sc"), ("k", "ch"), ("sh", "ti"), ("sh", "ci"), ("s", "ps")),
    *(("n", "kn"), ("r", "wr"), ("g", "gh"), ("j", "dg"), ("x", "cs"), ("kw", "qu"), ("oo", "ou"), ("ee", "ea")),
    *(("ei", "ie"), ("shun", "tion"), ("ks", "x"), ("r", "rh"), ("t", "th"), ("u", "ou"), ("u", "oo")),
)
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _pairs(groups: Iterable[str]) -> frozenset[tuple[str, str]]:
    return frozenset((a, b) for group in groups for a in group for b in group if a != b)


_ALIKE = _pairs(_SOUNDS)
_BESIDE = _pairs(row[i : i + 2] for row in _KEYS for i in range(len(row) - 1))
_ABOVE = _pairs(a + b for above, below in pairwise(_KEYS) for i, b in enumerate(below) for a in above[i : i + 2])
_NEIGHBOURS = _BESIDE | _ABOVE
_SPELLED: dict[tuple[str, str], list[tuple[str, str]]] = {}
"""Pairs of spellings that sound alike, one letter or several for one or several, by the last letter of each."""
for _a, _b in (*_SPELLINGS, *((b, a) for a, b in _SPELLINGS)):
    _SPELLED.setdefault((_a[-1], _b[-1]), []).append((_a, _b))


@lru_cache(1 << 12)
def _replaced(typed: str, meant: str) -> float:
    """Return the price of one letter in place of another."""
    if typed in _VOWELS and meant in _VOWELS:
        return VOWEL
    if (typed, meant) in _ALIKE:
        return SOUND
    return KEY if (typed, meant) in _NEIGHBOURS else OTHER


def price(typed: str, meant: str, most: float = math.inf) -> float:
    """Return the least sum of prices of slips that turn `meant` into `typed`. If it is above `most` it may be infinity.

    Slips that move a letter by more than MAX_SHIFT places are not looked for.

    >>> price("recieve", "receive"), price("suport", "support"), price("fone", "phone")
    (0.7, 0.5, 0.75)
    """
    shorter = min(len(typed), len(meant))
    same = next((i for i in range(shorter) if typed[i] != meant[i]), shorter)
    end = next((i for i in range(shorter - same) if typed[-1 - i] != meant[-1 - i]), shorter - same)
    low, end = max(0, same - 1), max(0, end - 1)  # an equal letter stays at each side, to see what is double
    return _price(typed[low : len(typed) - end], meant[low : len(meant) - end], most, first=not low)


def _price(typed: str, meant: str, most: float, *, first: bool) -> float:
    """Return `price` of parts of two words; `first` tells whether the parts begin with the first letters."""
    n = len(meant)
    missing = [0.0, *(_missing(meant, j) for j in range(1, n + 1))]
    rows = [[0.0] + [math.inf] * n]
    for j in range(1, min(n, MAX_SHIFT) + 1):
        rows[0][j] = rows[0][j - 1] + missing[j] + (FIRST_LETTER if first and j == 1 else 0.0)
    for i, x in enumerate(typed, 1):
        above, row = rows[-1], [math.inf] * (n + 1)
        rows.append(row)
        more = FIRST_LETTER if first and i == 1 else 0.0
        extra = (DOUBLE if x in {typed[i - 2 : i - 1] if i > 1 else "", typed[i : i + 1]} else EXTRA) + more
        if i <= MAX_SHIFT:
            row[0] = above[0] + extra
        for j in range(max(1, i - MAX_SHIFT), min(n, i + MAX_SHIFT) + 1):
            y = meant[j - 1]
            if x == y:
                best = above[j - 1]
            else:
                best = above[j - 1] + _replaced(x, y) + (more or (FIRST_LETTER if first and j == 1 else 0.0))
                if i > 1 and j > 1 and x == meant[j - 2] and y == typed[i - 2]:
                    best = min(best, rows[i - 2][j - 2] + SWAP)
            best = min(best, above[j] + extra, row[j - 1] + missing[j])
            for a, b in _SPELLED.get((x, y), ()):
                if typed.endswith(a, 0, i) and meant.endswith(b, 0, j):
                    best = min(best, rows[i - len(a)][j - len(b)] + SOUND)
            row[j] = best
        if min(row) > most and min(above) > most:
            return math.inf
    return round(rows[-1][n], 6)


def _missing(meant: str, j: int) -> float:
    """Return the price of letter j of a word, counted from 1, that was not typed."""
    y = meant[j - 1]
    return DOUBLE if y in {meant[j - 2 : j - 1] if j > 1 else "", meant[j : j + 1]} else MISSING


def ranked(typed: str, words: Iterable[WordCount], limit: int) -> list[tuple[float, WordCount]]:
    """Return up to `limit` words, each after the natural logarithm of its likelihood to be meant, likeliest first.

    The typed word itself is left out.
    """
    found: list[tuple[float, WordCount]] = []
    for one in words:
        if one.word != typed:
            prior, least = math.log(one.paragraphs), found[-1][0] if len(found) == limit else -math.inf
            likely = prior - SLIP * price(typed, one.word, (prior - least) / SLIP)
            if likely > least:
                found = sorted([*found, (likely, one)], key=lambda scored: (-scored[0], scored[1].word))[:limit]
    return found
