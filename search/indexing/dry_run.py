"""The writer of a dry run: whatever it is told, the index stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from search.ledger import Ledger, Progress
from search.model import Article


class DryRunWriter:
    """Takes everything and writes nothing."""

    staged = Progress()
    full = False
    generation = 0

    def add(self, article: Article) -> None:
        """Nothing."""

    def remove(self, file_id: str) -> None:
        """Nothing."""

    def stage(self, progress: Progress) -> None:
        """Nothing."""

    def commit(self, ledger: Ledger) -> int:
        """Nothing: there is no generation."""
        raise AssertionError(ledger)


@contextmanager
def rehearse() -> Iterator[DryRunWriter]:
    """As `Engine.write`, without a lock."""
    yield DryRunWriter()
