"""The writer of a dry run."""

from __future__ import annotations

from search.ledger import Ledger, Progress
from search.model import Article


class DryRunWriter:
    """A Writer that accepts every call and writes nothing."""

    staged = Progress()
    full = False
    generation = 0

    def add(self, article: Article) -> None:
        """Do nothing."""

    def remove(self, file_id: str) -> None:
        """Do nothing."""

    def refused(self) -> dict[str, str]:
        """Return nothing."""
        return {}

    def stage(self, progress: Progress) -> None:
        """Do nothing."""

    def commit(self, ledger: Ledger) -> int:
        """Raise AssertionError: a dry run never commits."""
        raise AssertionError(ledger)
