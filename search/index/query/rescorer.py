"""Scores the first rows of a search once more: by the words as they were typed, and by dates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from search.engine import Search
from search.index.query.segment_searcher import Generation
from search.index.segment.phrase_slots import PhraseSlots
from search.index.segment.segment_reader import UNDATED, SegmentReader
from search.index.storage.column_file import Array
from search.kernels.jit.argument_types import read_only
from search.kernels.terms.form_marks import mark_forms
from search.model import ScoredParagraph
from search.query.tree import scored_stems, typed_words
from search.ranking import ROWS_BY_DATE, ROWS_BY_FORM, form_bonuses, query_counts, recency


class Rescorer:
    """The second scoring of a search by relevance (see `search.ranking`)."""

    def __init__(self, generation: Generation, search: Search, words: dict[str, tuple[str, ...]]) -> None:
        counts = query_counts(dict.fromkeys(scored_stems(search.query)), search.function_stems)
        bonuses = form_bonuses(words, counts, lambda stem: generation.term_states(stem).weight)
        self.search = search
        self.bonuses = {word: bonus for word, bonus in bonuses.items() if bonus}
        self.n_rows = ROWS_BY_DATE if search.recency else ROWS_BY_FORM

    @classmethod
    def of(cls, generation: Generation, search: Search) -> Rescorer | None:
        """Return what scores the rows of a search once more; None if the order of its rows would stay the same."""
        if search.sort != "relevance" or not search.limit:
            return None
        words = typed_words(search.query) if search.offset < ROWS_BY_FORM else {}
        if not words and (search.recency is None or search.offset >= ROWS_BY_DATE):
            return None
        return cls(generation, search, words)

    def first_search(self) -> Search:
        """Return the search for the rows to score, and for those behind them that are on the page."""
        return replace(self.search, offset=0, limit=max(self.n_rows, self.search.offset + self.search.limit))

    def page(self, rows: Sequence[ScoredParagraph]) -> tuple[ScoredParagraph, ...]:
        """Return the rows of the page, given those of `first_search`."""
        scores = [row.score for row in rows[: self.n_rows]]
        if self.bonuses:
            for i, bonus in enumerate(self._bonuses(rows[:ROWS_BY_FORM])):
                scores[i] += bonus
        if self.search.recency:
            now, half_life = self.search.recency
            for i, row in enumerate(rows[: self.n_rows]):
                segment, article = row.locator
                if (start := int(segment.column("date_start")[article])) != UNDATED:
                    scores[i] *= recency(start, now, half_life)
        best = sorted(range(len(scores)), key=lambda i: (-scores[i], rows[i].article_id, rows[i].number))
        low, high = self.search.offset, self.search.offset + self.search.limit
        again = [rows[i]._replace(score=scores[i]) for i in best[low:high]]
        return (*again, *rows[max(low, self.n_rows) : high])

    def _bonuses(self, rows: Sequence[ScoredParagraph]) -> list[float]:
        """Return what each row gains by the words that its text or title has as they were typed."""
        has = np.zeros((len(rows), len(self.bonuses)), np.uint8)
        of_segment: dict[SegmentReader, list[int]] = defaultdict(list)
        for i, row in enumerate(rows):
            of_segment[row.locator[0]].append(i)
        for segment, at in of_segment.items():
            found = np.zeros((len(at), len(self.bonuses)), np.uint8)
            articles = np.array([rows[i].locator[1] for i in at])
            numbers = np.array([rows[i].number for i in at])
            self._mark(segment, segment.column("article_first")[articles] + numbers - 1, articles, found)
            has[at] = found
        return list((has @ np.array([*self.bonuses.values()])).tolist())

    def _mark(self, segment: SegmentReader, docs: Array, articles: Array, found: Array) -> None:
        """Set found[i, w] to 1 where the text of docs[i], or the title of articles[i], has word w as it was typed."""
        slots = segment.derived(PhraseSlots)
        forms = [slots.forms_of_word(word) for word in self.bonuses]
        form_ids = np.concatenate(forms)
        order = np.argsort(form_ids)
        words = np.repeat(np.arange(len(forms)), [len(of_word) for of_word in forms])[order]
        for streams, texts in ((slots.texts, docs), (slots.titles, articles)):
            mark_forms(
                streams.units, streams.first, segment.first_marker, read_only(texts.astype(np.int64)),
                read_only(form_ids[order]), read_only(words), found,
            )  # fmt: skip
