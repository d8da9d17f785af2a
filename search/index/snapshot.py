"""A snapshot: one generation of the index, open for searching and reading."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from search.budget import QueryBudget
from search.engine import Search, Statistics
from search.errors import IndexDamaged
from search.index.query.text_scan import TextScan
from search.index.segment.segment_reader import Segment
from search.index.segment.segment_view import CollectionStatistics, SegmentTables, SegmentView
from search.index.storage.column_file import Array, mapped
from search.index.storage.directory import Manifest, SegmentFiles, changed, checked_bytes, ledger_name
from search.index.tuning import MEASURED, Tuning
from search.ledger import Ledger
from search.model import Article, Heading, Portion, Result, ScoredParagraph, TermForms
from search.query import Term

if TYPE_CHECKING:
    from search.index.query.searcher import Searcher


SMALL = 50_000
"""The most tokens of a generation that is searched by reading its texts while the loops are compiled."""


class WhooshSnapshot:
    """The segments of one generation. It never changes, so threads can share it.

    Segments that `before`, an older snapshot, has open are shared with it.
    """

    def __init__(
        self, folder: Path, manifest: Manifest, before: WhooshSnapshot | None = None, tuning: Tuning = MEASURED
    ) -> None:
        self.folder = folder
        self.tuning = tuning
        self.manifest = manifest
        self.generation = manifest.generation
        self.updated_at = manifest.updated_at
        paragraphs = sum(files.paragraphs for files in manifest.segments)
        average = sum(files.length for files in manifest.segments) / max(1, paragraphs) or 1.0
        self.corpus = CollectionStatistics.of(paragraphs, average)
        opened: dict[str, SegmentView] = {part.segment.path.name: part for part in before.parts} if before else {}
        self._ledger = mapped(folder / ledger_name(self.generation))
        self.dead = [_dead(folder, files) for files in manifest.segments]
        self.parts: list[SegmentView] = [
            self._view(files, dead, opened.get(files.name))
            for files, dead in zip(manifest.segments, self.dead, strict=True)
        ]

    def _view(self, files: SegmentFiles, dead: Array, opened: SegmentView | None) -> SegmentView:
        """Return a segment without its deleted documents; open it if it is not."""
        if opened is None:
            segment = Segment(self.folder / files.name)
            if (segment.paragraphs, segment.articles) != (files.paragraphs, files.articles):
                raise IndexDamaged(f"{files.name} is not the file that was written")
            tables = SegmentTables(segment, self.corpus.average, self.tuning)
        else:
            segment, tables = opened.segment, opened.tables
        live = segment.everything & ~segment.bitmap(dead) if len(dead) else None
        return SegmentView(segment, live, tables)

    @property
    def bytes(self) -> int:
        """The bytes on disk of all segments, their deletions and the ledger."""
        return sum(files.bytes + 4 * files.dead_count for files in self.manifest.segments) + len(self._ledger)

    def ledger(self) -> Ledger:
        """Return what became of every source file. Raises IndexDamaged."""
        if zlib.crc32(self._ledger) != self.manifest.ledger_sum:
            raise changed(ledger_name(self.generation))
        return Ledger.from_json(json.loads(bytes(self._ledger)))

    def statistics(self) -> Statistics:
        """Return counts over all segments, which are made once."""
        return self._statistics

    @cached_property
    def _statistics(self) -> Statistics:
        sources: Counter[str] = Counter()
        languages: Counter[str] = Counter()
        ends: list[tuple[int, str]] = []
        articles = paragraphs = 0
        for part in self.parts:
            segment = part.segment
            live = live_articles(part)
            articles += int(live.sum())
            paragraphs += segment.paragraphs if part.live is None else int(np.bitwise_count(part.live).sum())
            for counter, column in ((sources, "source"), (languages, "lang")):
                counts = np.bincount(segment.column(column)[live], minlength=len(segment.names(column)))
                counter.update({name: int(n) for name, n in zip(segment.names(column), counts, strict=True) if n})
            if len(dated := np.flatnonzero(live & segment.dated)):
                start = segment.column("date_start")[dated]
                texts = segment.strings("date")
                ends += [(int(start[i]), texts.text(int(dated[i]))) for i in (start.argmin(), start.argmax())]
        return Statistics(
            articles=articles,
            paragraphs=paragraphs,
            size=self.bytes,
            dead=sum(files.dead_count for files in self.manifest.segments),
            sources=dict(sorted(sources.items())),
            languages=dict(sorted(languages.items())),
            earliest=min(ends)[1] if ends else None,
            latest=max(ends)[1] if ends else None,
        )

    def search(self, search: Search, budget: QueryBudget | None = None) -> Result:
        """Return the best paragraphs of all segments, with totals and facets."""
        return (self._text_scan() or self.searcher).search(search, budget or QueryBudget())

    def _text_scan(self) -> TextScan | None:
        """Return what searches a small generation by reading its texts, as long as the loops are not compiled."""
        if "searcher" in vars(self) or self.corpus.paragraphs * self.corpus.average > SMALL:
            return None
        from search.kernels.jit import cache

        return self._articles_in_memory if cache.is_left_to_others() else None

    @cached_property
    def _articles_in_memory(self) -> TextScan:
        """All articles of a small generation."""
        alive = [(part.segment, np.flatnonzero(live_articles(part)).tolist()) for part in self.parts]
        return TextScan([article_in(segment, number) for segment, numbers in alive for number in numbers])

    @cached_property
    def searcher(self) -> Searcher:
        """The searcher over all segments."""
        from search.index.query.searcher import Searcher

        return Searcher(self.parts, self.corpus)

    def prepare(self) -> None:
        """Build the tables that all queries need, so that processes forked from this one share them."""
        self.searcher.prepare()
        self.statistics()

    def fetch(self, found: Sequence[ScoredParagraph]) -> list[tuple[Heading, str]]:
        """Return heading and text of each paragraph, read in the order in which the texts are stored."""
        if scan := self._text_scan():
            return scan.fetch(found)
        rows: dict[Segment, list[int]] = {}
        # what was found by reading texts has no locator
        places: list[tuple[Any, int]] = [one.locator or self._place(one.article_id) for one in found]
        for row, (segment, _) in enumerate(places):
            rows.setdefault(segment, []).append(row)
        fetched: dict[int, tuple[Heading, str]] = {}
        for segment, of_segment in rows.items():
            articles = [places[row][1] for row in of_segment]
            texts = segment.texts_at(articles, [found[row].number for row in of_segment])
            heading = segment.heading
            for row, article, text in zip(of_segment, articles, texts, strict=True):
                fetched[row] = heading(article), text.decode("utf-8", "surrogatepass")
        return [fetched[row] for row in range(len(found))]

    def forms(self, terms: Sequence[Term], budget: QueryBudget) -> dict[Term, TermForms] | None:
        """Return the words of each term in all segments; None where they are too many to be listed."""
        if self._text_scan():
            return None
        from search.index.query.multi_term import forms_of

        found: dict[Term, TermForms] = {}
        for term in terms:
            plain, others = set[str](), set[str]()
            for part in self.parts:
                if (forms := forms_of(part.segment, term, budget)) is None:
                    return None
                plain |= forms.plain
                others |= forms.others
            found[term] = TermForms(plain, others - plain)
        return found

    def _place(self, article_id: str) -> tuple[Segment | None, int]:
        """Return the segment that has an article, not deleted, and its article_ord there; None and -1 for none."""
        for part in self.parts:
            article = part.segment.article(article_id)
            if article >= 0 and _is_live(part, article):
                return part.segment, article
        return None, -1

    def article(self, article_id: str) -> Article | None:
        """Return a whole article, None if there is none of this id."""
        if scan := self._text_scan():
            return scan.article(article_id)
        segment, article = self._place(article_id)
        return article_in(segment, article) if segment else None

    def portion(self, article_id: str, first: int, count: int) -> Portion | None:
        """Return `count` paragraphs of an article from number `first` on, None if there is no article of this id."""
        if scan := self._text_scan():
            return scan.portion(article_id, first, count)
        segment, article = self._place(article_id)
        if segment is None:
            return None
        low, high = segment.span(article)
        texts = segment.some_texts(article, first, count)
        return Portion(segment.heading(article), first, _decoded(texts), high - low)

    def articles_of(self, file_id: str) -> Iterator[Article]:
        """Yield the articles of a file: the one of this id, and its records."""
        if (one := self.article(file_id)) is not None:
            yield one
        for part in self.parts:
            for number in part.segment.articles_of_file(file_id):
                if _is_live(part, number):
                    yield article_in(part.segment, number)

    def close(self) -> None:
        """Do nothing: the files are unmapped with the last array that refers to them."""


def article_in(segment: Segment, article: int) -> Article:
    """Return an article of a segment, by its article_ord."""
    return Article(segment.heading(article), _decoded(segment.texts(article)))


def _decoded(texts: Sequence[bytes]) -> tuple[str, ...]:
    return tuple(text.decode("utf-8", "surrogatepass") for text in texts)


def _dead(folder: Path, files: SegmentFiles) -> Array:
    """Return the deleted documents of a segment: ascending doc_ids, int32. Raises IndexDamaged."""
    data = checked_bytes(folder / files.dead, files.dead_sum) if files.dead else b""
    return np.frombuffer(data, np.int32)


def _is_live(part: SegmentView, article: int) -> bool:
    low = part.segment.span(article)[0]
    return part.live is None or bool(part.live[low >> 6] >> np.uint64(low & 63) & np.uint64(1))


def live_articles(part: SegmentView) -> Array:
    """Return for each article whether it is live, `(n_articles,) bool`. Articles are deleted as a whole."""
    first = part.segment.column("article_first")[:-1].astype(np.int64)
    if part.live is None:
        return np.ones(len(first), bool)
    return np.asarray(part.live[first >> 6] >> (first & 63).astype(np.uint64) & np.uint64(1), bool)
