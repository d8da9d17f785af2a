"""Scores the first rows of a search once more: by the words as they were typed, and by dates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from search.engine import Recency, Search
from search.index.query.collector import SegmentTopK, rows_among_first
from search.index.query.segment_searcher import SegmentSearcher
from search.index.segment.segment_reader import UNDATED
from search.index.storage.column_file import Array
from search.kernels.terms.typed_forms import rescore
from search.query.tree import Leaf, typed_words
from search.ranking import ROWS_BY_DATE, ROWS_BY_FORM, form_bonuses, recency

NO_BOOSTS = np.empty(0)


class Rescorer:
    """The second scoring of a search by relevance (see `search.ranking`)."""

    def __init__(self, bonuses: dict[str, float], boost: Recency | None) -> None:
        self.forms = list(bonuses)
        """The words of the query as they were typed."""
        self.bonuses = np.array([*bonuses.values()])
        """`(n_forms,) float64`: what each of `forms` adds to the score of a row that has it."""
        self.recency = boost
        self.n_rows = ROWS_BY_DATE if boost else ROWS_BY_FORM
        """How many of the first rows are scored once more."""

    @classmethod
    def of(cls, search: Search, leaves: Sequence[Leaf], weights: Mapping[str, float]) -> Rescorer | None:
        """Return the second scoring of a search; None if it would change nothing that the search asks for.

        `leaves` are those of the query that are scored, `weights` are of their stems.
        """
        n_rows = ROWS_BY_DATE if search.recency else ROWS_BY_FORM
        if search.sort != "relevance" or not search.limit or search.offset >= n_rows:
            return None
        bonuses = form_bonuses(typed_words(leaves), weights)
        return cls(bonuses, search.recency) if bonuses or search.recency else None

    def rescore(self, segments: Sequence[SegmentSearcher], best: Sequence[SegmentTopK]) -> None:
        """Raise the scores of those rows that are among the first of all segments, and sort each segment's rows anew.

        `best` has the rows of each segment, which are changed in place. As scores only rise, the rows that were among
        the first still are.
        """
        by_form, by_date = rows_among_first(segments, best, ROWS_BY_FORM, self.n_rows)
        for segment, topk, n_by_form, n_by_date in zip(segments, best, by_form, by_date, strict=True):
            find = segment.slots.forms_of_word
            forms = [(form_id, word) for word, form in enumerate(self.forms) for form_id in find(form)]
            boosts = _boosts(segment, topk.rows[1, :n_by_date], self.recency) if self.recency else NO_BOOSTS
            rescore(
                *segment.slots.streams, np.array(forms, np.int64).reshape(-1, 2), self.bonuses, n_by_form, boosts,
                topk.rows, topk.scores,
            )  # fmt: skip


def _boosts(segment: SegmentSearcher, articles: Array, boost: Recency) -> Array:
    """Return what the score of a row of each article, int32, is multiplied with, float64."""
    starts = segment.segment.column("date_start")[articles].tolist()
    return np.array([1.0 if start == UNDATED else recency(start, *boost) for start in starts])
