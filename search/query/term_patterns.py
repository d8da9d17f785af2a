"""Match words with wildcards and misspellings."""

from __future__ import annotations

import re
from collections.abc import Callable

from search.query.tree import Fuzzy, Wildcard


def matcher(leaf: Wildcard | Fuzzy) -> Callable[[str], bool]:
    """Return a function that tells whether a folded word fits a wildcard or a misspelling."""
    if isinstance(leaf, Wildcard):
        longest = max(re.split(r"[*?]", leaf.pattern), key=len)
        return lambda word: longest in word and fits_wildcard(leaf.pattern, word)
    length, letters, edits = len(leaf.word), frozenset(leaf.word), leaf.edits
    # Each letter that the other word does not have takes an edit of its own. Most words are ruled out here.
    return lambda word: (
        -edits <= length - len(word) <= edits
        and len(letters.difference(word)) <= edits
        and within_distance(leaf.word, word, edits)
    )


def fits_wildcard(pattern: str, word: str) -> bool:
    """Tell whether a whole word fits a pattern of `*` and `?`.

    On a mismatch only the last `*` takes one more character, so there are at most len(pattern) * len(word) steps, where
    a regular expression would backtrack over all of them.
    """
    at = in_word = resume = 0
    star = -1
    while in_word < len(word):
        if at < len(pattern) and pattern[at] == "*":
            star, resume = at, in_word
            at += 1
        elif at < len(pattern) and pattern[at] in {"?", word[in_word]}:
            at += 1
            in_word += 1
        elif star >= 0:
            resume += 1
            at, in_word = star + 1, resume
        else:
            return False
    return not pattern[at:].strip("*")


def within_distance(a: str, b: str, edits: int) -> bool:
    """Tell whether two words are at most `edits` insertions, deletions, replacements or swaps of neighbours apart.

    Optimal string alignment distance (Damerau 1964, in the restricted form that edits no part twice).
    """
    if abs(len(a) - len(b)) > edits:
        return False
    above: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        older, above, row = above, row, [i]
        for j, y in enumerate(b, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > edits:
            return False
    return row[-1] <= edits
