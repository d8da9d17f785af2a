"""Which words of texts a query asks for, and where they stand.

A compiled loop reads the texts and looks each word up among the *forms*: the words as written, folded, as which the
archive has the terms of the query. What it cannot tell is taken apart by `search.analysis`, which stays the one
definition of tokens and stems.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from itertools import accumulate
from typing import NamedTuple, TypeAlias
from unicodedata import normalize

import numpy as np
import numpy.typing as npt

from search.analysis.characters import JOINERS
from search.analysis.tokenizer import MAX_WORD, Token, character_classes, fold, folded_points, stem, stems, tokens_of
from search.budget import MARKING, QueryBudget
from search.model import Span, TermForms
from search.query import Slot, Term

Array: TypeAlias = npt.NDArray[np.generic]

SCANNED = 4
"""Units of a code point of a text that the loop reads."""
RUN, POINT = 10_000, 2_000
"""Units of a run that this request has not taken apart yet, and of each of its code points."""
COMPARED = 700
"""Units of comparing a word with a pattern."""

MOST_BITS = 64
"""Bits that the loop has for the terms of a query."""
TABLED = 0x3000
"""The code points that the loop knows are those below: all alphabets, and no ideographs."""
_BEYOND = re.compile(r"[^\0-\u2fff]")
_JOINED = re.compile(f"[{re.escape(JOINERS)}#]")


class Spotted(NamedTuple):
    """The spans of each text that are sure to be marked, and the runs in doubt of those texts that have any."""

    spans: list[list[Span]]
    doubts: dict[int, list[Span]]


def bits_of(sequences: Sequence[Sequence[Term]]) -> int:
    """How many bits some sequences of terms take: one for all terms that stand alone, one for each of the others."""
    return 1 + sum([len(sequence) for sequence in sequences if len(sequence) > 1])


class TermTable:
    """What the loop looks for: sequences of terms, of which each is one word of a text, one after the other.

    They take MOST_BITS at most; `forms` has those of each term. Where texts are in several languages, a table is for
    one of them, in which words are stemmed.
    """

    def __init__(self, sequences: Sequence[Sequence[Term]], forms: dict[Term, TermForms], lang: str | None) -> None:
        from search.kernels.terms.term_spans import build_term_table  # noqa: PLC0415 - not before anything is marked

        masks: dict[str, int] = {}
        lengths = [1] + [0] * (MOST_BITS - 1)
        self.first = self.last = 1
        bit = 2
        for sequence in sequences:
            if len(sequence) == 1:
                _add(masks, sequence[0], 1, forms, lang)
                continue
            self.first |= bit
            for term in sequence:
                _add(masks, term, bit, forms, lang)
                bit <<= 1
            self.last |= bit >> 1
            lengths[bit.bit_length() - 2] = len(sequence)
        self.lengths = np.array(lengths, np.int64)
        words = [*masks]
        joined = "".join(words)
        self.joined_too = bool(_JOINED.search(joined))
        if not joined.isascii():  # the loop folds code point by code point
            words = [normalize("NFD", word) for word in words]
            joined = "".join(words)
        points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
        bounds = np.array([0, *accumulate(map(len, words))], np.int64)
        self.hashes, self.masks = np.zeros((2, 1 << (4 * len(words)).bit_length()), np.uint64)
        build_term_table(points, bounds, np.array([*masks.values()], np.uint64), self.hashes, self.masks)

    def find(self, texts: Sequence[str]) -> Spotted:
        """The spans of each text, and the runs in doubt. The texts must be `is_tabled`."""
        from search.kernels.terms.term_spans import find_terms  # noqa: PLC0415 - not before anything is marked

        points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
        bounds = np.array([0, *accumulate(map(len, texts))], np.int64)
        rows = np.empty((len(points) + len(texts), 4), np.int32)
        n = find_terms(
            points, bounds, *_points(), self.hashes, self.masks, self.first, self.last, self.lengths, MAX_WORD,
            self.joined_too, rows,
        )  # fmt: skip
        found = Spotted([[] for _ in texts], {})
        spans, doubts = found
        for text, start, end, sure in rows[:n].tolist():
            if sure:
                spans[text].append((start, end))
            else:
                doubts.setdefault(text, []).append((start, end))
        return found


def is_tabled(text: str) -> bool:
    """Whether the loop knows all code points of a text."""
    return text.isascii() or not _BEYOND.search(text)


class Wanted(NamedTuple):
    """A token with those of its stems that are asked for, its word, and whether that fits a pattern."""

    token: Token
    stems: AbstractSet[str]
    word: str
    fits: bool


class TermFinder:
    """Takes runs of texts apart, and tells which of their tokens have any of some stems, are any of some words, or fit.

    It charges for each run when it first meets it, as if no other request had: so the price is always the same.
    """

    def __init__(
        self,
        stems: AbstractSet[str],
        words: AbstractSet[str],
        fits: Sequence[Callable[[str], bool]],
        budget: QueryBudget,
    ) -> None:
        self.stems, self.words, self.fits = stems, words, fits
        self.budget = budget
        self._known: dict[tuple[str, str], list[Wanted]] = {}

    def wanted(self, run: str, lang: str) -> list[Wanted]:
        """The tokens of a run that are asked for. Raises Spent when that is too much work."""
        found = self._known.get((run, lang))
        if found is None:
            self.budget.draw(RUN + POINT * min(len(run), MAX_WORD) + COMPARED * len(self.fits), MARKING)
            found = self._known[run, lang] = [
                wanted for token in tokens_of(run) if (wanted := self._wanted(token, lang))
            ]
        return found

    def _wanted(self, token: Token, lang: str) -> Wanted | None:
        # a query of patterns alone asks for no stems, and to find those takes long
        own = self.stems & {*stems(token, lang)} if self.stems else self.stems
        word = fold(token.written)
        fitting = any(fits(word) for fits in self.fits)
        return Wanted(token, own, word, fitting) if own or fitting or word in self.words else None


def _add(masks: dict[str, int], term: Term, bit: int, forms: dict[Term, TermForms], lang: str | None) -> None:
    """Set the bit of a term in the masks of the words that are it, in a language where there are several."""
    plain, others = forms[term]
    if lang is not None and isinstance(term, Slot) and term.stemmed:
        others = plain | others
        plain = {word for word in plain if _has(word, term, lang)}
    for word in plain:
        masks[word] = masks.get(word, 0) | bit
    for word in others:
        masks.setdefault(word, 0)


def _has(word: str, slot: Slot, lang: str) -> bool:
    """Whether a word, written as it is folded, has a stem of a slot."""
    return not _JOINED.search(word) and stem(word, lang)[-1] in slot.terms


@cache
def _points() -> tuple[Array, Array]:
    """What the loop knows of code points: what they are, and what they are folded to."""
    from search.kernels.terms.term_spans import CHANGED, CLASS, UNSURE  # noqa: PLC0415 - not before anything is marked

    classes = np.frombuffer(character_classes(TABLED), np.uint8)
    folds = [
        UNSURE if folded is None else ord(folded or "\0") | (0 if folded == chr(code).lower() else CHANGED)
        for code, folded in enumerate(folded_points(TABLED))
    ]
    return classes, np.array(folds, np.uint32) | classes.astype(np.uint32) << np.uint32(CLASS)
