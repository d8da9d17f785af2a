"""Scores the first rows of a search once more: by the words as they were typed, and by dates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from search.engine import Search
from search.index.query.collector import scored
from search.index.query.segment_searcher import Generation
from search.index.segment.phrase_slots import PhraseSlots
from search.index.segment.segment_reader import UNDATED, SegmentReader
from search.index.storage.column_file import Array
from search.kernels.terms.typed_forms import add_bonuses
from search.model import ScoredParagraph
from search.query.tree import scored_stems, typed_words
from search.ranking import ROWS_BY_DATE, ROWS_BY_FORM, form_bonuses, query_counts, recency


class Rescorer:
    """The second scoring of a search by relevance (see `search.ranking`)."""

    def __init__(self, generation: Generation, search: Search, words: dict[str, tuple[str, ...]]) -> None:
        counts = query_counts(dict.fromkeys(scored_stems(search.query)), search.function_stems)
        self.search = search
        self.one_segment = len(generation.segments) == 1
        self.bonuses = form_bonuses(words, counts, lambda stem: generation.term_states(stem).weight)
        self.n_rows = ROWS_BY_DATE if search.recency else ROWS_BY_FORM

    @classmethod
    def of(cls, generation: Generation, search: Search) -> Rescorer | None:
        """Return what scores the rows of a search once more; None if their order would stay the same."""
        n_rows = ROWS_BY_DATE if search.recency else ROWS_BY_FORM
        if search.sort != "relevance" or not search.limit or search.offset >= n_rows:
            return None
        words = typed_words(search.query)
        if not words and search.recency is None:
            return None
        return cls(generation, search, words)

    def first_search(self) -> Search:
        """Return the search for the rows to score, and for those behind them that are on the page."""
        search = self.search
        limit = max(self.n_rows, search.offset + search.limit)
        if (search.offset, search.limit) == (0, limit):
            return search
        scope, elsewhere = search.scope, search.count_elsewhere
        query, sort, group, stems = search.query, search.sort, search.group, search.function_stems
        return Search(query, 0, limit, sort, group, search.facets, stems, None, scope, elsewhere)

    def page(self, rows: Sequence[ScoredParagraph]) -> tuple[ScoredParagraph, ...]:
        """Return the rows of the page, given those of `first_search`."""
        scores = np.array([row.score for row in rows[: self.n_rows]])
        if self.bonuses and rows:
            self._add_bonuses(rows[:ROWS_BY_FORM], scores)
        if self.search.recency:
            _raise_recent(rows[: self.n_rows], scores, *self.search.recency)
        order = sorted(
            [(-score, row.article_id, row.number, row) for score, row in zip(scores.tolist(), rows, strict=False)]
        )
        low, high = self.search.offset, self.search.offset + self.search.limit
        again = [scored((name, n, -score, row.more, row.locator)) for score, name, n, row in order[low:high]]
        return (*again, *rows[max(low, self.n_rows) : high])

    def _add_bonuses(self, rows: Sequence[ScoredParagraph], scores: Array) -> None:
        """Add to the score of each row what it gains by the words that its text or title has as they were typed."""
        if self.one_segment:
            self._add_in_segment(rows, scores[: len(rows)])
            return
        for segment in {row.locator[0] for row in rows}:
            at = [i for i, row in enumerate(rows) if row.locator[0] is segment]
            raised = scores[at]
            self._add_in_segment([rows[i] for i in at], raised)
            scores[at] = raised

    def _add_in_segment(self, rows: Sequence[ScoredParagraph], scores: Array) -> None:
        """Do what `_add_bonuses` does, for rows of one segment."""
        segment: SegmentReader = rows[0].locator[0]
        slots = segment.derived(PhraseSlots)
        forms = [slots.forms_of_word(word) for word in self.bonuses]
        word_of = [word for word, form_ids in enumerate(forms) for _ in form_ids]
        add_bonuses(
            *slots.streams,
            np.array([[row.locator[1] for row in rows], [row.number for row in rows]]),
            np.concatenate(forms), np.array(word_of, np.int64), np.array([*self.bonuses.values()]), scores,
        )  # fmt: skip


def _raise_recent(rows: Sequence[ScoredParagraph], scores: Array, now: float, half_life: float) -> None:
    """Multiply each score by the factor that the date of its row gives."""
    for i, row in enumerate(rows):
        segment, article = row.locator
        if (start := int(segment.column("date_start")[article])) != UNDATED:
            scores[i] *= recency(start, now, half_life)
