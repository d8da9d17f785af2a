"""The time and the number of terms that a query may take."""

from __future__ import annotations

import time

SECONDS = 0.25
MAX_TERMS = 65_536
"""Words of the index that a query's wildcards and misspellings may stand for, all together."""


class Deadline:
    """A query's budget. What it does not allow is left out of the answer, and said so."""

    def __init__(self) -> None:
        self.start = time.monotonic()
        self.terms = MAX_TERMS
        self.cuts = 0
        """How often something was left out."""
        self.warnings: dict[str, None] = {}
        self.remarks: dict[str, None] = {}

    def passed(self, share: float = 1.0) -> bool:
        """Whether this share of the time is up. Who asks leaves out what is left."""
        if not self.late(share):
            return False
        self._cut("The search took too long and was cut short; there may be more results.")
        return True

    def late(self, share: float) -> bool:
        """Whether this share of the time is up, for those who can do without what they would do."""
        return time.monotonic() - self.start >= SECONDS * share

    def remark(self, warning: str) -> None:
        """Tell the reader something besides what was left out."""
        self.remarks[warning] = None

    def allow(self, terms: int) -> int:
        """How many of so many terms may be used."""
        allowed = min(terms, self.terms)
        self.terms -= allowed
        if allowed < terms:
            self._cut(f"A pattern fits more than {MAX_TERMS} words; the most frequent ones were searched.")
        return allowed

    def _cut(self, warning: str) -> None:
        self.warnings[warning] = None
        self.cuts += 1

    @property
    def partial(self) -> bool:
        """Whether anything was left out."""
        return bool(self.warnings)
