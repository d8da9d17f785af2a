"""Articles, and segments that are merged, to one new segment.

While they come, texts are compressed and tokens numbered: what stays in memory is a number a token, and blocks.
Postings are made from the numbers in the end, so that adding and merging are one path.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from mmap import mmap
from pathlib import Path

import numpy as np

from search.index.storage.column_file import Array, Rows, starts
from search.index.store.compression import Volume
from search.index.store.store_writer import StoreWriter
from search.index.writing.executors import WriterPool
from search.index.writing.lexicon import Coded, Lexicon, LexiconEntry
from search.index.writing.segment_serializer import Content, Written, write_segment
from search.index.writing.term_dictionary import TokenInterner, in_order, vocabulary
from search.kernels.terms.token_numbering import count_codes, expand_codes
from search.model import Article, Heading

PIECE = 1 << 20
"""Codes that are looked up at a time: it bounds what is in memory twice."""


@dataclass(slots=True)
class Chunk:
    """Consecutive titles and paragraphs: codes of one source, and how many each has."""

    source: str | int
    titles: Array
    title_counts: Array
    bodies: Array
    body_counts: Array
    tokens: int = 0
    """For how many tokens it takes memory."""


def in_own_pages(codes: Array) -> Array:
    """A copy in pages of its own: the system gets them back when it goes, which the heap would keep."""
    copy = np.frombuffer(mmap(-1, max(codes.nbytes, 1)), codes.dtype, len(codes))
    copy[:] = codes
    return copy


def joined(chunks: list[tuple[int, Array, Array]]) -> Rows:
    """All rows of codes; each chunk's begin at an offset among all codes, and are let go when they are copied."""
    first = starts(np.concatenate([counts for _, _, counts in chunks]))
    stream, at = np.empty(int(first[-1]), np.int32), 0
    chunks.reverse()
    while chunks:
        offset, codes, _ = chunks.pop()
        np.add(codes, offset, out=stream[at : at + len(codes)])
        at += len(codes)
    return Rows(stream, first)


def expanded(rows: Rows, order: Array, code_first: Array, entries: Array) -> Rows:
    """The rows, in this order, as entries."""
    sizes = np.diff(code_first)
    room = 0
    for begin in range(0, len(rows.stream), PIECE):
        room += int(sizes[rows.stream[begin : begin + PIECE]].sum(dtype=np.int64))
    stream, at = np.empty(room, np.int32), np.empty(len(order) + 1, np.int64)
    expand_codes(rows.stream, rows.first, order, code_first, entries, stream, at)
    return Rows(stream[: at[-1]], at)


DIGEST = 1 << 20
"""Code points that are tokenized at a time."""
AHEAD = 4
"""Digests that may be under way."""
A_TOKEN, A_DISTINCT_TOKEN, A_LETTER, AN_ARTICLE = 10, 400, 12, 700
"""Bytes of memory that each takes with all that goes with it, while its segment is written: measured, rounded up.

Runs are distinct, letters theirs. A title counts as a token of each paragraph that it is lent to.
"""


@dataclass(slots=True)
class _Waiting:
    """What is not tokenized yet: articles of one language."""

    lang: str = ""
    titles: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    paragraphs: list[int] = field(default_factory=list)
    """How many each article has."""
    size: int = 0


class SegmentBuilder:
    """Collects articles in any order; each id once, the records of a file one after the other.

    A code is what a token is at first: the number of a run of its language, or of an entry of a merged segment.
    """

    def __init__(self, pool: WriterPool | None = None) -> None:
        self.pool = pool or WriterPool(1)
        self.headings: list[Heading] = []
        self.sizes: list[int] = []
        self.texts = StoreWriter(self.pool.texts)
        self.tokens = 0
        self._numbers: dict[str, int] = {}
        self._dropped: set[int] = set()
        self._raw_tokens: dict[str, TokenInterner] = {}
        self._merged: list[Array] = []
        self._lexicon: Lexicon | None = None
        self._waiting = _Waiting()
        self._going: deque[Future[Chunk]] = deque()
        self._chunks: list[Chunk] = []

    def add(self, article: Article) -> None:
        """Take in one article."""
        heading, waiting = article.heading, self._waiting
        if heading.lang != waiting.lang or waiting.size > DIGEST:
            self._digest()
            waiting = self._waiting = _Waiting(heading.lang)
        self._numbers[heading.id] = len(self.headings)
        self.headings.append(heading)
        self.sizes.append(len(article.paragraphs))
        self.texts.add([text.encode("utf-8", "surrogatepass") for text in article.paragraphs])
        waiting.titles.append(heading.title)
        waiting.texts += article.paragraphs
        waiting.paragraphs.append(len(article.paragraphs))
        waiting.size += len(heading.title) + sum(map(len, article.paragraphs))

    def drop(self, file_id: str) -> None:
        """Take back the articles of a file: the one of this id, or its records if they were added last."""
        if (number := self._numbers.pop(file_id, None)) is not None:
            self._dropped.add(number)
        number = len(self.headings) - 1
        while number >= 0 and self.headings[number].id.startswith(f"{file_id}:"):
            self._dropped.add(number)
            number -= 1

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return len(self._dropped) == len(self.headings)

    @property
    def memory(self) -> int:
        """About how many bytes of memory it takes to write what was taken in."""
        raw_tokens = sum(
            raw_tokens.count * A_DISTINCT_TOKEN + raw_tokens.size * A_LETTER for raw_tokens in self._raw_tokens.values()
        )
        return self.tokens * A_TOKEN + raw_tokens + len(self.headings) * AN_ARTICLE + self.texts.size

    def add_analysed(  # noqa: PLR0913, PLR0917 - what a segment is made of
        self,
        headings: Sequence[Heading],
        sizes: Sequence[int],
        dead: Sequence[int],
        volumes: Sequence[Volume],
        entries: Sequence[LexiconEntry],
        titles: Rows,
        bodies: Rows,
    ) -> None:
        """Take in articles in the order of their texts, of which some are `dead`: they are left out.

        Titles and paragraphs are rows over `entries`; `compression` are the texts. A builder that is given any gets
        nothing else.
        """
        begin = len(self.headings)
        self._dropped.update(begin + article for article in dead)
        self.headings += headings
        self.sizes += sizes
        self.texts.adopt(volumes)
        self._lexicon = self._lexicon or Lexicon()
        codes = (self._lexicon.number(*entry) for entry in entries)
        self._merged.append(np.fromiter(codes, np.int32, len(entries)))
        counts = (np.diff(rows.first).astype(np.int32) for rows in (titles, bodies))
        self._chunks.append(Chunk(len(self._merged) - 1, titles.stream, next(counts), bodies.stream, next(counts)))

    def _digest(self) -> None:
        """Tokenize what waits, some time before `content` returns."""
        waiting = self._waiting
        if not waiting.titles:
            return
        raw_tokens = self._raw_tokens.setdefault(waiting.lang, TokenInterner())
        while len(self._going) >= AHEAD:
            self._flush()
        self._going.append(self.pool.tokens.submit(self._tokenized, raw_tokens, waiting))

    def _tokenized(self, raw_tokens: TokenInterner, waiting: _Waiting) -> Chunk:
        known = raw_tokens.count
        numbers, counts = raw_tokens.number([*waiting.titles, *waiting.texts])
        if raw_tokens.count > known:
            self.pool.lexicon_process.learn(waiting.lang, raw_tokens.written(known))
        split = len(waiting.titles)
        at = int(counts[:split].sum())
        title_only = int(counts[:split] @ np.array(waiting.paragraphs, np.int64))
        tokens = len(numbers) + raw_tokens.wide + title_only
        return Chunk(
            waiting.lang, in_own_pages(numbers[:at]), counts[:split], in_own_pages(numbers[at:]), counts[split:], tokens
        )

    def _flush(self) -> None:
        """Wait for the oldest digest."""
        chunk = self._going.popleft().result()
        self._chunks.append(chunk)
        self.tokens += chunk.tokens

    def write(self, folder: Path, name: str) -> Written:
        """Write the segment; it is on disk when this returns."""
        return write_segment(folder / name, self.content(), self.pool.tokens)

    def content(self) -> Content:
        """What was taken in, in the order of a segment; nothing can be added any more."""
        self._digest()
        self._waiting = _Waiting()
        while self._going:
            self._flush()
        lexicon_process = self._lexicon or self.pool.lexicon_process
        coded, widths = lexicon_process.finish()
        self._raw_tokens.clear()
        code_first, entries, offsets = self._codes(coded)
        alive = np.ones(len(self.headings), bool)
        alive[list(self._dropped)] = False
        order = sorted(np.flatnonzero(alive).tolist(), key=lambda a: self.headings[a].id)
        sizes = np.array(self.sizes, np.int64)
        self.texts.finish(None if alive.all() else np.repeat(~alive, sizes))
        first = starts(sizes)
        paragraphs = np.fromiter(itertools.chain.from_iterable(range(first[a], first[a + 1]) for a in order), np.int64)
        titles = joined([(offsets.get(c.source, 0), c.titles, c.title_counts) for c in self._chunks])
        bodies = joined([(offsets.get(c.source, 0), c.bodies, c.body_counts) for c in self._chunks])
        self._chunks.clear()
        chosen = np.array(order, np.int64)
        seen = np.zeros(len(code_first) - 1, np.int64)
        count_codes(titles.stream, titles.first, chosen, seen)
        count_codes(bodies.stream, bodies.first, paragraphs, seen)
        spread = np.repeat(seen, np.diff(code_first))
        frequency = np.bincount(entries, spread, len(widths)).astype(np.int64)
        ordered, plain = in_order(np.array(widths, np.int32), frequency)
        number = np.zeros(len(frequency), np.int32)
        number[ordered] = np.arange(len(ordered), dtype=np.int32)
        entries = number[entries]
        titles, bodies = (
            expanded(titles, chosen, code_first, entries),
            expanded(bodies, paragraphs, code_first, entries),
        )
        return Content(
            [self.headings[a] for a in order],
            sizes[chosen],
            starts(sizes * alive)[chosen],
            self.texts,
            vocabulary(lexicon_process.table(), ordered, plain),
            titles,
            bodies,
        )

    def _codes(self, coded: dict[str, Coded]) -> tuple[Array, Array, dict[str | int, int]]:
        """The entries of all codes, where those of each begin, and the first code of each source that has any."""
        counts, entries, begin = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)], 0
        offsets: dict[str | int, int] = {}
        for lang, of in coded.items():
            offsets[lang] = begin
            counts.append(np.array(of.counts, np.int32))
            entries.append(np.array(of.entries, np.int32))
            begin += len(of.counts)
        for source, numbers in enumerate(self._merged):
            offsets[source] = begin
            counts.append(np.ones(len(numbers), np.int32))
            entries.append(numbers)
            begin += len(numbers)
        return starts(np.concatenate(counts)).astype(np.int32), np.concatenate(entries), offsets
