"""Thresholds at which the index takes another way to the same answer, or to the same files."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tuning:
    """Thresholds that were found by measuring. Tests set others, so that small indexes take every way."""

    dense_paragraphs: int = 4_096
    """Minimum number of paragraphs of a segment that has dense terms. In smaller segments postings are unpacked as
    fast."""
    nextword_share: int = 256
    """A term is in the nextword index if more than one paragraph in this many has it."""
    nextword_seconds: float = 0.075
    """Seconds of a search after which no more neighbours of terms are found. The answer does not depend on it."""
    short_postings: int = 2_048
    """Maximum number of postings of a single sparse word for which the loop for AND is used; to set it up takes less
    time than to set up the loop for OR."""
    pruned_matches: int = 1_500
    """Minimum number of matches for which ranking uses upper bounds of blocks; this is not for queries of plain words.
    """
    listed_paragraphs: int = 2_000
    """Maximum number of candidates of a phrase that are listed and verified; with more, one loop intersects postings
    and verifies."""
    few_share: int = 64
    """A set of docs is kept as a list if it has at most one paragraph in this many: a list, with a bool for each of its
    paragraphs, takes no more memory than a bitmap."""


MEASURED = Tuning()
"""The thresholds that every index is opened with, except in tests."""
