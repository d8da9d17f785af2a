"""Articles, and segments that are merged, to one new segment.

Everything is kept as streams until the segment is written; postings are made from them in the end, so that adding and
merging are one path.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from search.engines.whoosh.arrays import Array
from search.engines.whoosh.layout import Content, Rows, Written, starts, write_segment
from search.engines.whoosh.vocabulary import Entry, Runs, Vocabulary
from search.model import Article, Heading

DIGEST = 1 << 20
"""Code points that are tokenized at a time."""


@dataclass(slots=True)
class _Chunk:
    """Consecutive rows of numbers of runs, or of entries where `runs` is None; and how many each row has."""

    runs: Runs | None
    numbers: Array
    counts: Array

    def rows(self) -> tuple[Array, Array]:
        """The rows as numbers of entries."""
        return (self.numbers, self.counts) if self.runs is None else self.runs.expanded(self.numbers, self.counts)


@dataclass(slots=True)
class _Waiting:
    """What is not tokenized yet: articles of one language."""

    lang: str = ""
    titles: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    size: int = 0


class SegmentBuilder:
    """Collects articles in any order; each id once, the records of a file one after the other."""

    def __init__(self, pool: ProcessPoolExecutor | None = None) -> None:
        self.pool = pool
        self.headings: list[Heading] = []
        self.sizes: list[int] = []
        self.texts: list[bytes] = []
        self.tokens = 0
        self._numbers: dict[str, int] = {}
        self._dropped: set[int] = set()
        self._vocabulary = Vocabulary()
        self._runs: dict[str, Runs] = {}
        self._waiting = _Waiting()
        self._title_chunks: list[_Chunk] = []
        self._text_chunks: list[_Chunk] = []

    def add(self, article: Article) -> None:
        """Take in one article."""
        heading, waiting = article.heading, self._waiting
        if heading.lang != waiting.lang or waiting.size > DIGEST:
            self._digest()
            waiting = self._waiting = _Waiting(heading.lang)
        self._numbers[heading.id] = len(self.headings)
        self.headings.append(heading)
        self.sizes.append(len(article.paragraphs))
        self.texts += [text.encode("utf-8", "surrogatepass") for text in article.paragraphs]
        waiting.titles.append(heading.title)
        waiting.texts += article.paragraphs
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

    def add_analysed(
        self,
        headings: Sequence[Heading],
        texts: Sequence[Sequence[bytes]],
        entries: Sequence[Entry],
        titles: Rows,
        bodies: Rows,
    ) -> None:
        """Take in articles whose titles and paragraphs are streams over `entries` already."""
        self._digest()
        self._waiting = _Waiting()
        self.headings += headings
        self.sizes += map(len, texts)
        self.texts += itertools.chain.from_iterable(texts)
        numbers = np.fromiter(map(self._vocabulary.number, entries), np.int32, len(entries))
        for chunks, rows in ((self._title_chunks, titles), (self._text_chunks, bodies)):
            chunks.append(_Chunk(None, numbers[rows.stream], np.diff(rows.first).astype(np.int32)))
            self.tokens += len(rows.stream)

    def _digest(self) -> None:
        """Tokenize what waits."""
        waiting = self._waiting
        if not waiting.titles:
            return
        if waiting.lang not in self._runs:
            self._runs[waiting.lang] = Runs(waiting.lang)
        runs = self._runs[waiting.lang]
        numbers, counts = runs.number([*waiting.titles, *waiting.texts])
        split = int(counts[: len(waiting.titles)].sum())
        self._title_chunks.append(_Chunk(runs, numbers[:split], counts[: len(waiting.titles)]))
        self._text_chunks.append(_Chunk(runs, numbers[split:], counts[len(waiting.titles) :]))
        self.tokens += len(numbers)

    def write(self, folder: Path, name: str) -> Written:
        """Write the segment; it is on disk when this returns."""
        return write_segment(folder / name, self.content())

    def content(self) -> Content:
        """What was taken in, in the order of a segment; nothing can be added any more."""
        self._digest()
        for runs in self._runs.values():
            runs.learn(self._vocabulary, self.pool)
        kept = (a for a in range(len(self.headings)) if a not in self._dropped)
        order = sorted(kept, key=lambda a: self.headings[a].id)
        titles, bodies = _joined(self._title_chunks), _joined(self._text_chunks)
        texts = self.texts
        if order != list(range(len(self.headings))):
            paragraphs = np.fromiter(_paragraphs(self.sizes, order), np.int64)
            titles, bodies = titles.gathered(np.array(order)), bodies.gathered(paragraphs)
            texts = [texts[p] for p in paragraphs.tolist()]
        headings = [self.headings[a] for a in order]
        sizes = np.array([self.sizes[a] for a in order], np.int64)
        return Content(headings, sizes, texts, list(self._vocabulary.entries), titles, bodies)


def _joined(chunks: list[_Chunk]) -> Rows:
    """All rows of the chunks, which are let go."""
    streams, counts = zip(*(chunk.rows() for chunk in chunks), strict=True)
    chunks.clear()
    return Rows(np.concatenate(streams), starts(np.concatenate(counts)))


def _paragraphs(sizes: list[int], order: list[int]) -> Iterator[int]:
    """Where each paragraph was among those that were added, articles in this order."""
    begins = [0, *itertools.accumulate(sizes)]
    return itertools.chain.from_iterable(range(begins[a], begins[a + 1]) for a in order)
