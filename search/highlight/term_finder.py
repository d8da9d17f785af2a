"""Find the words of texts that the terms of a query match.

A compiled loop scans texts and looks each word up in a table of *forms*: the words of the index, as written but with
case folded, that the terms of the query match. Where the table alone cannot tell, the word is analysed by
`search.analysis`, which defines tokens and stems.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from itertools import accumulate
from typing import NamedTuple, TypeAlias
from unicodedata import normalize

import numpy as np
import numpy.typing as npt

from search.analysis.characters import JOINERS
from search.analysis.tokenizer import (
    MAX_WORD,
    PLAIN_HAN_OR_KANA,
    Kind,
    Token,
    character_classes,
    first_character,
    fold,
    fold_table,
    positions_of,
    split_cached,
    stem,
    stems,
)
from search.budget import MARKING, QueryBudget
from search.model import Span, TermForms
from search.query.tree import Slot, Term

Array: TypeAlias = npt.NDArray[np.generic]

SCAN_COST = 4
"""Units of work for each code point of a text that the loop scans."""
RAW_TOKEN_COST, CHARACTER_COST = 10_000, 2_000
"""Units of work for a raw token that a request meets for the first time, and for each of its code points."""
PATTERN_COST = 700
"""Units of work for comparing a word with a pattern."""

MAX_BITS = 64
"""Number of bits that the loop has for the terms of a query: see `bits_needed`."""
SCANNABLE = 0x3000
"""The loop can scan code points below this one: nearly all alphabets in use, and no ideographs or Hangul."""
_NOT_SCANNABLE = re.compile(r"[^\0-\u2fff]")
_WHITE_SPACE = re.compile(r"\s")
_JOINED = re.compile(f"[{re.escape(JOINERS)}#]")


class FoundTerms(NamedTuple):
    """The result of a scan of some texts.

    `spans` has for each text the spans that certainly match. What may match has to be analysed: by the index of the
    text, `in_doubt` has the spans of sequences, and `tokens_in_doubt` those of raw tokens, any part of which may match.
    """

    spans: list[list[Span]]
    in_doubt: dict[int, list[Span]]
    tokens_in_doubt: dict[int, list[Span]]


def windows_around(text: str, spans: list[Span]) -> list[Span]:
    """Return the least windows of a text that have the spans in them, and begin and end at white space. Linear.

    >>> windows_around("one two (three) four", [(4, 6), (9, 12)])
    [(4, 7), (8, 15)]
    """
    gaps = [-1, *[found.start() for found in _WHITE_SPACE.finditer(text)], len(text)]
    windows: list[Span] = []
    for low, high in sorted(spans):
        begin, end = gaps[bisect_left(gaps, low) - 1] + 1, gaps[bisect_left(gaps, high)]
        if windows and begin < windows[-1][1]:
            before, last = windows.pop()
            begin, end = before, max(end, last)
        windows.append((begin, end))
    return windows


def bits_needed(sequences: Sequence[Sequence[Term]]) -> int:
    """Return how many bits sequences take: one for all those of one term together, one for each term of the others."""
    return 1 + sum([len(sequence) for sequence in sequences if len(sequence) > 1])


class TermTable:
    """A hash table of forms for the compiled loop, which finds sequences of terms by the Shift-And algorithm.

    A sequence matches tokens side by side, one for each of its terms; all sequences take at most MAX_BITS. `forms` has
    the forms of each term. `lang` is the language of the texts, or None where the index has one language only.
    """

    def __init__(self, sequences: Sequence[Sequence[Term]], forms: dict[Term, TermForms], lang: str | None) -> None:
        from search.kernels.terms.term_spans import build_term_table  # noqa: PLC0415 - not before anything is marked

        masks: dict[str, list[int]] = {}
        lengths = [1] + [0] * (MAX_BITS - 1)
        self.first = self.last = 1
        bit = 2
        for sequence in sequences:
            if len(sequence) == 1:
                _add_forms(masks, sequence[0], 1, forms, lang)
                continue
            self.first |= bit
            for term in sequence:
                _add_forms(masks, term, bit, forms, lang)
                bit <<= 1
            self.last |= bit >> 1
            lengths[bit.bit_length() - 2] = len(sequence)
        self.lengths = np.array(lengths, np.int64)
        words = [*masks]
        self.has_joined = bool(_JOINED.search("".join(words)))
        words = [normalize("NFD", word) for word in words]  # the loop folds code point by code point
        size = 1 << (4 * len(words)).bit_length()
        self.hashes, self.masks = np.zeros(size, np.uint64), np.zeros((size, 2), np.uint64)
        of_words = np.array([*masks.values()], np.uint64).reshape(-1, 2)
        build_term_table(*_concatenated(words), of_words, self.hashes, self.masks)

    def find(self, texts: Sequence[str]) -> FoundTerms:
        """Return where the sequences of terms occur in texts, for all of which `is_scannable` has to be true."""
        from search.kernels.terms.term_spans import CERTAIN, IN_DOUBT, find_terms  # noqa: PLC0415 - not before marking

        points, bounds = _concatenated(texts)
        rows = np.empty((2 * (len(points) + len(texts)), 4), np.int32)
        n = find_terms(
            points, bounds, *_character_tables(), self.hashes, self.masks, self.first, self.last, self.lengths,
            MAX_WORD, self.has_joined, rows,
        )  # fmt: skip
        found = FoundTerms([[] for _ in texts], {}, {})
        for text, start, end, kind in rows[:n].tolist():
            if kind == CERTAIN:
                found.spans[text].append((start, end))
            else:
                doubts = found.in_doubt if kind == IN_DOUBT else found.tokens_in_doubt
                doubts.setdefault(text, []).append((start, end))
        return found


def _concatenated(texts: Sequence[str]) -> tuple[Array, Array]:
    """Return the code points of all texts, `(n,) uint32`, and where each begins, then n, `(n_texts + 1,) int64`."""
    points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    return points, np.array([0, *accumulate(map(len, texts))], np.int64)


def is_scannable(text: str) -> bool:
    """Tell whether the compiled loop can scan a text."""
    return text.isascii() or not _NOT_SCANNABLE.search(text)


class MatchedToken(NamedTuple):
    """A token that matches a query: those of its stems that match, its folded word, and whether this fits a pattern.

    The first character of a bigram is a token too where its stem matches; it has no word, as the index has none for it.
    """

    token: Token
    stems: AbstractSet[str]
    word: str
    fits_pattern: bool


NO_MATCH: tuple[list[MatchedToken], int] = [], 1
"""`TermFinder.matches` returns this for a plain word that does not match: no tokens, and one position."""


class TermFinder:
    """Analyses raw tokens, and returns the tokens in them that match `stems`, `words` or `patterns`.

    A token matches if one of its stems is among `stems`, or its folded word is among `words`, or one of `patterns`,
    which are functions, returns True for that word. If it is known which folded words can match, `candidates`, other
    plain words are not analysed. Work is charged when a request first meets a raw token, whether or not the analysis
    has cached it, so that the same request always costs the same.
    """

    def __init__(
        self,
        stems: AbstractSet[str],
        words: AbstractSet[str],
        patterns: Sequence[Callable[[str], bool]],
        budget: QueryBudget,
        candidates: AbstractSet[str] | None = None,
    ) -> None:
        self.candidates = candidates
        self.stems, self.words, self.patterns = stems, words, patterns
        self.budget = budget
        self._untagged = words | {stem.rpartition(":")[2] for stem in stems}
        self._known: dict[tuple[str, str], tuple[list[MatchedToken], int]] = {}

    def matches(self, raw: str, lang: str) -> tuple[list[MatchedToken], int]:
        """Return the matching tokens in a raw token of language `lang`, and how many positions its tokens take.

        Raises Spent if the budget does not suffice.
        """
        words = self.candidates
        if words is not None and raw.isascii() and raw.isalnum() and raw[:MAX_WORD].lower() not in words:
            return NO_MATCH
        found = self._known.get((raw, lang))
        if found is None:
            cost = RAW_TOKEN_COST + CHARACTER_COST * min(len(raw), MAX_WORD) + PATTERN_COST * len(self.patterns)
            self.budget.charge_or_raise(cost, MARKING)
            tokens = () if self._is_without(raw) else split_cached(raw)
            matched = [one for token in tokens for one in self._matches(token, lang)]
            found = self._known[raw, lang] = matched, positions_of(raw)
        return found

    def _is_without(self, raw: str) -> bool:
        """Tell whether it can be seen that no token matches: in half a sentence of Chinese or Japanese, as it stands.

        Stems and words are parts of such a text, but for the tag of a stem.
        """
        return (
            not self.patterns
            and PLAIN_HAN_OR_KANA.fullmatch(raw) is not None
            and not any([text in raw for text in self._untagged])  # noqa: C419 - faster than a generator
        )

    def _matches(self, token: Token, lang: str) -> Iterator[MatchedToken]:
        # Without `stems` to compare with, those of the token are not needed; to find them takes long.
        matching = self.stems & {*stems(token, lang)} if self.stems else self.stems
        if matching and token.kind is Kind.BIGRAM:
            of_both = matching & {*stem(token.written, lang)}
            if of_first := matching - of_both:
                yield MatchedToken(first_character(token), of_first, "", False)
            matching = of_both
        word = fold(token.written)
        fits = any(fits(word) for fits in self.patterns)
        if matching or fits or word in self.words:
            yield MatchedToken(token, matching, word, fits)


def _add_forms(
    masks: dict[str, list[int]], term: Term, bit: int, forms: dict[Term, TermForms], lang: str | None
) -> None:
    """Set the bit of a term in the masks of each word that is a form of it: in both, or in the second if it may be one.

    With a language, a form counts only if it has the stem in this language.
    """
    plain, others = forms[term]
    if lang is not None and isinstance(term, Slot) and term.stemmed:
        others = plain | others
        plain = {word for word in plain if _has_stem(word, term, lang)}
    for word in plain:
        masks.setdefault(word, [0, 0])[0] |= bit
    for word in (*plain, *others):
        masks.setdefault(word, [0, 0])[1] |= bit


def _has_stem(word: str, slot: Slot, lang: str) -> bool:
    """Tell whether a folded word without joiners has a stem of a slot in this language."""
    return not _JOINED.search(word) and stem(word, lang)[-1] in slot.terms


@cache
def _character_tables() -> tuple[Array, Array, Array]:
    """Return the tables of `find_terms`: `classes`, `folds` and `pairs`, of each code point below SCANNABLE."""
    from search.kernels.terms.term_spans import CHANGED, CLASS, PAIR, UNSURE  # noqa: PLC0415 - not before anything is marked

    classes = np.frombuffer(character_classes(SCANNABLE), np.uint8)
    folds, pairs = [], list[list[int]]()
    for code, folded in enumerate(fold_table(SCANNABLE)):
        if folded is None:
            folds.append(UNSURE)
        elif len(folded) > 1:
            folds.append(PAIR + len(pairs) | CHANGED)
            pairs.append([*map(ord, folded)])
        else:
            folds.append(ord(folded or "\0") | (0 if folded == chr(code).lower() else CHANGED))
    entries = np.array(folds, np.uint32) | classes.astype(np.uint32) << np.uint32(CLASS)
    return classes, entries, np.array(pairs, np.uint32)
