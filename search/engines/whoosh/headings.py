"""What is known of each article of a segment: read one by one, for every row that is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from search.model import Date, Heading

if TYPE_CHECKING:
    from search.engines.whoosh.segment import Segment


UNDATED = np.iinfo(np.int64).max
"""Where an article without a date begins."""


class Headings:
    """The headings of a segment; its columns are looked up once."""

    def __init__(self, segment: Segment) -> None:
        self.texts = tuple(segment.strings(name).text for name in ("id", "title", "date"))
        self.dates = segment.column("date_start").data, segment.column("date_end").data
        self.codes = segment.column("source").data, segment.column("lang").data
        self.names = segment.names("source"), segment.names("lang")

    def of(self, article: int) -> Heading:
        """That of an article."""
        (ids, titles, dates), (starts, ends), (sources, languages) = self.texts, self.dates, self.codes
        source_names, language_names = self.names
        text = dates(article)
        date = Date(text, starts[article], ends[article]) if text else None
        source, lang = source_names[sources[article]], language_names[languages[article]]
        return Heading(ids(article), titles(article), date, source, lang)
