"""Thresholds from which on the index takes another way to the same answer, or to the same files."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tuning:
    """Thresholds that were found by measuring. Tests set others, so that small indexes take every way."""

    dense_paragraphs: int = 4_096
    """Paragraphs of a segment from which on it has dense terms. In smaller ones postings are unpacked as fast."""
    nextword_share: int = 256
    """A term is in the nextword index if more than one of so many paragraphs has it."""
    nextword_seconds: float = 0.075
    """Seconds of a search after which no more neighbours of terms are found. The answer does not depend on it."""
    short_postings: int = 2_048
    """Postings up to which a search for one sparse word runs as AND of one, which takes less to set up than OR."""
    pruned_matches: int = 1_500
    """Matches of a query, other than one of plain words, from which on ranking uses upper bounds of blocks."""
    listed_paragraphs: int = 2_000
    """Candidates of a phrase up to which each is verified; for more, one loop intersects postings and verifies."""
    few_share: int = 64
    """A set of at most one of so many paragraphs is a list with a truth value each, which is no more than a bitmap."""


MEASURED = Tuning()
"""The thresholds that every index is opened with, except in tests."""
