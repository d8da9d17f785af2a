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
        self.ids, self.titles, self.dates = (segment.strings(name).text for name in ("id", "title", "date"))
        self.starts, self.ends = segment.column("date_start").data, segment.column("date_end").data
        self.sources, self.languages = segment.column("source").data, segment.column("lang").data
        self.source_names, self.language_names = segment.names("source"), segment.names("lang")

    def of(self, article: int) -> Heading:
        """That of an article."""
        date = self.dates(article)
        return Heading(
            self.ids(article),
            self.titles(article),
            Date(date, self.starts[article], self.ends[article]) if date else None,
            self.source_names[self.sources[article]],
            self.language_names[self.languages[article]],
        )
