"""From entries of a segment to bitmaps of the paragraphs that have one: what to read is made ready, then read."""

from __future__ import annotations

import numpy as np

from search.budget import GATHERING, QueryBudget
from search.engines.whoosh.arrays import PAGE, Array
from search.engines.whoosh.postings import Dense
from search.engines.whoosh.segment import Segment
from search.kernels.choosing import MIXED, UNFILLED, UNREAD, divide
from search.kernels.patterns import gather

CHUNK = 256
"""Words between two looks at the budget."""
JOB = 300
"""Units of a word, beside those of its postings."""
STEM, ROW = 0, 2
"""Columns of a job."""


class Gathering:
    """A segment and its tables, as the loops that gather paragraphs take them."""

    def __init__(self, segment: Segment, dense: Dense) -> None:
        self.segment = segment
        self.dense = dense

        forms, file, at = segment.forms, segment.file, segment.column("postings_at")
        self._to_divide = (
            forms.role_of, forms.words_of_stem,
            dense.stems_mask, dense.stems.astype(np.int32), dense.filled,
            at, np.frombuffer(file.unread, np.uint8), file.places["postings"][0], PAGE,
        )  # fmt: skip
        self._to_gather = (
            file.unchecked("postings"), at, *forms.lists, *forms.lesser_of_stem,
            dense.bits, dense.bases, dense.begins, dense.payloads, dense.lents, dense.lent_blocks, dense.lent_words,
        )  # fmt: skip

    def add(self, entries: Array, budget: QueryBudget, own: Array, lent: Array, title: Array) -> None:
        """Set the bits of the paragraphs of these entries (`kernels.patterns`); what is past the budget is left out.

        An empty `title` is not wanted.
        """
        jobs = np.empty((len(entries), 3), np.int32)
        n, needs = divide(entries, *self._to_divide, jobs)
        jobs = jobs[:n]
        if needs & MIXED:
            jobs = jobs[np.argsort(jobs[:, STEM], kind="stable")]
        if needs & UNREAD:
            self._check(jobs)
        prices = self._prices(jobs)
        for low in range(0, len(jobs), CHUNK):
            if not budget.affords(int(prices[low : low + CHUNK].sum()), GATHERING):
                break
            chunk = jobs[low : low + CHUNK]
            if needs & UNFILLED:
                for row in chunk[:, ROW].tolist():
                    if row >= 0:
                        self.dense.fill(row)
            gather(chunk, *self._to_gather, own, lent, title)

    def _prices(self, jobs: Array) -> Array:
        """The units of each job: half of one a posting of a sparse stem; a fifth of one a block of a dense one."""
        sparse = self.segment.frequencies[jobs[:, STEM]] >> 1
        return np.asarray(np.where(jobs[:, ROW] < 0, sparse, self.segment.blocks // 5) + JOB)

    def _check(self, jobs: Array) -> None:
        """Check what is read of the postings."""
        stems = jobs[jobs[:, ROW] < 0, STEM]
        at = self.segment.column("postings_at")
        self.segment.file.check_each("postings", at[stems], at[stems + 1])
