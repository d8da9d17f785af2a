"""Key words in context: every match of a query with the words before and after it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal, NamedTuple, TypeAlias

from search.analysis.tokenizer import find_raw_tokens, fold
from search.budget import MARKING, QueryBudget
from search.engine import Snapshot
from search.errors import RequestError
from search.highlight import Passage
from search.model import Heading, SearchRequest, Span, Total
from search.names.names import Names
from search.service import highlighter_for, parse_request

Order: TypeAlias = Literal["date", "left", "right"]

MAX_PARAGRAPHS = 1_000
"""Maximum number of matching paragraphs whose matches are listed: the earliest ones."""
MAX_MATCHES = 10_000
"""Maximum number of matches that are listed and sorted."""
MAX_WIDTH = 20
"""Maximum number of words on each side of a match."""
WORD = 30
"""Number of code points for each word of context past which the context is cut, as in a text without spaces."""
CONTEXT_COST = 100
"""Units of work for each code point of a text that is split into raw tokens."""


class ContextOptions(NamedTuple):
    """How matches are shown: their order, and how many words on each side (see `concordance`)."""

    order: Order = "date"
    width: int = 8


class ConcordanceRow(NamedTuple):
    """A match, with the context before it and after it, in paragraph `number`, from 1, of an article."""

    heading: Heading
    number: int
    left: str
    match: str
    right: str


class Concordance(NamedTuple):
    """The matches of a query in context, in order.

    `interpreted` is the query as it was read. `total` is how many paragraphs match. Matches were looked for in `read`
    of these paragraphs, the earliest ones.
    """

    interpreted: str
    rows: tuple[ConcordanceRow, ...]
    total: Total
    read: int
    complete: bool
    """Whether `rows` has all matches in the texts of all matching paragraphs."""
    warnings: tuple[str, ...]


class _TokenizedText:
    """A text that is split into raw tokens: its words."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = find_raw_tokens(text)
        self.starts = [start for start, _ in self.words]

    def context(self, match: Span, width: int) -> tuple[str, str]:
        """Return the text of up to `width` words before a match, and that of up to `width` words after it."""
        first, after = bisect_left(self.starts, match[0]), bisect_left(self.starts, match[1])
        begin = self.starts[first - width] if first > width else 0
        end = self.words[after + width - 1][1] if after + width < len(self.words) else len(self.text)
        left, right = self.text[begin : match[0]], self.text[match[1] : end]
        return left[-WORD * width :], right[: WORD * width]


def concordance(
    snapshot: Snapshot, request: SearchRequest, options: ContextOptions, budget: QueryBudget, names: Names
) -> Concordance:
    """Return the matches of a search in the texts of its paragraphs, with words on each side.

    They are the matches in the MAX_PARAGRAPHS earliest paragraphs, at most MAX_MATCHES, as far as the budget goes. By
    `date` they are sorted by the date of their article, then by their place in it. By `right` they are sorted by the
    words after them, the nearest word first, and by `left` by the words before them, the nearest word first, without
    regard to case and accents. Raises QueryError for a query and RequestError for a parameter that cannot be used, also
    for an empty query.
    """
    read = parse_request(snapshot, request, budget, half_life=0, names=names)
    if not read.parsed.interpreted:
        raise RequestError("q", "q is empty.", "Give the words to be shown in context.")
    search = replace(
        read.search, offset=0, limit=MAX_PARAGRAPHS, sort="date", group="none", facets=(), count_elsewhere=False
    )
    found = snapshot.search(search, budget)
    fetched = snapshot.fetch(found.hits)
    highlighter = highlighter_for(snapshot, read.parsed.tree, budget)
    passages = [
        Passage(text, heading.lang, is_first=hit.number == 1)
        for hit, (heading, text) in zip(found.hits, fetched, strict=True)
    ]
    keyed: list[tuple[list[str], ConcordanceRow]] = []
    looked_through = 0
    for hit, (heading, text), spans in zip(found.hits, fetched, highlighter.mark(passages), strict=True):
        if len(keyed) + len(spans) > MAX_MATCHES or not budget.try_charge_or_warn(CONTEXT_COST * len(text), MARKING):
            break
        looked_through += 1
        keyed += _rows(heading, hit.number, _TokenizedText(text), spans, options)
    if options.order != "date":
        keyed.sort(key=lambda pair: pair[0])
    complete = looked_through == found.total.value and found.total.relation == "eq" and not highlighter.warnings
    rows = tuple([row for _, row in keyed])
    warnings = dict.fromkeys((*found.warnings, *budget.warnings, *highlighter.warnings))
    return Concordance(read.parsed.interpreted, rows, found.total, looked_through, complete, tuple(warnings))


def _rows(
    heading: Heading, number: int, text: _TokenizedText, spans: Sequence[Span], options: ContextOptions
) -> Iterator[tuple[list[str], ConcordanceRow]]:
    """Yield the matches of a text, each with the words that it is sorted by."""
    for span in spans:
        left, right = text.context(span, options.width)
        key: list[str] = []
        if options.order == "left":
            key = _words(left)[::-1]
        elif options.order == "right":
            key = _words(right)
        yield key, ConcordanceRow(heading, number, left, text.text[slice(*span)], right)


def _words(context: str) -> list[str]:
    return [fold(context[start:end]) for start, end in find_raw_tokens(context)]
