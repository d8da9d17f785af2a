"""The schema of the index: what one Whoosh document, a paragraph, is made of.

The names of this module and of its classes stand in the index's table of contents, which is a pickle: they are
permanent.
"""

from __future__ import annotations

from collections.abc import Iterator

from whoosh.fields import ID, STORED, TEXT, Schema


class Terms(TEXT):
    """A field of analysed text: its value is a list of (term, position), as `search.analysis` found them."""

    def index(self, value: list[tuple[str, int]], **_options: object) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Whoosh's postings of one document: term, frequency, weight, encoded positions."""
        positions: dict[str, list[int]] = {}
        for term, position in value:
            positions.setdefault(term, []).append(position)
        for term, found in positions.items():
            yield term.encode(), len(found), float(len(found)), self.format.encode(found)


SCHEMA = Schema(
    article=ID,
    text=Terms(),
    title=Terms(),
    text_words=Terms(),
    title_words=Terms(),
    stored=STORED,
)
"""`text` and `title` hold stems; the other two hold words as written, compounds included, for quotes and patterns."""
