"""From which sizes on the index goes another way to the same answer, or to the same files."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tuning:
    """The thresholds that were found by measuring. Tests set others, so that small indexes go every way."""

    dense_paragraphs: int = 4_096
    """Paragraphs of a segment from which on it has dense terms: below, to unpack postings is as fast."""
    nextword_share: int = 256
    """The neighbours of a term are kept if it stands in more than one of so many paragraphs."""
    nextword_seconds: float = 0.075
    """Seconds of a search after which no more neighbours are worked out: what is found does not depend on it."""
    short_postings: int = 2_048
    """Postings up to which one sparse word is looked for as AND of one, which sets up less than OR."""
    pruned_matches: int = 1_500
    """Matches of a query that is not of plain words, from which on bounds are worth their sweep."""
    listed_paragraphs: int = 2_000
    """Paragraphs up to which each is asked for a phrase, where one loop could look for it in all."""
    few_share: int = 64
    """Where one of so many paragraphs or fewer are left, each is asked: a truth value each is no more than a bitmap."""


MEASURED = Tuning()
"""What every index is opened with, but in tests."""
