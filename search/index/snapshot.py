"""A generation of the index, open for reading."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from search.budget import QueryBudget
from search.engine import MatchStream, ScoringStatistics, Search, Statistics, Vocabulary
from search.errors import IndexDamaged, LoopsCompiling
from search.index.segment.copy_groups import CopyGroups
from search.index.segment.segment_reader import SegmentReader
from search.index.segment.segment_view import CollectionStatistics, SegmentTables, SegmentView
from search.index.storage.column_file import Array, changed_error, mapped
from search.index.storage.directory import Manifest, SegmentFiles, checked_bytes, copies_name, ledger_name
from search.index.text_scan import TextScan
from search.index.tuning import Tuning
from search.ledger import Ledger
from search.model import Article, Heading, Portion, Result, ScoredParagraph, TermForms, Total
from search.query.tree import Node, Term

if TYPE_CHECKING:
    from search.index.query.searcher import Searcher
    from search.index.word_lookup import IndexVocabulary


MAX_SCANNED_WORDS = 50_000
"""Maximum number of words of a generation that is searched by brute force while the loops are being compiled."""


class WhooshSnapshot:
    """A generation of the index (see `search.engine.Snapshot`). Nothing changes, so threads share it.

    Segments that the generation `before` had are not opened again.
    """

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        before: WhooshSnapshot | None,
        tuning: Tuning,
        *,
        has_ledger: bool = True,
    ) -> None:
        self.folder = folder
        self.tuning = tuning
        self.manifest = manifest
        self.generation = manifest.generation
        self.updated_at = manifest.updated_at
        paragraphs = sum(files.paragraphs for files in manifest.segments)
        average_length = sum(files.length for files in manifest.segments) / max(1, paragraphs) or 1.0
        self.collection = CollectionStatistics(paragraphs, average_length)
        opened: dict[str, SegmentView] = {view.segment.path.name: view for view in before.views} if before else {}
        self._ledger = mapped(folder / ledger_name(self.generation)) if has_ledger else b""
        self.dead = [_read_dead(folder, files) for files in manifest.segments]
        """The deleted docs of each segment, int32."""
        self.views: list[SegmentView] = [
            self._open(files, dead, opened.get(files.name))
            for files, dead in zip(manifest.segments, self.dead, strict=True)
        ]
        self.copy_groups = CopyGroups(folder / copies_name(self.generation), [view.segment for view in self.views])

    def _open(self, files: SegmentFiles, dead: Array, opened: SegmentView | None) -> SegmentView:
        if opened is None:
            segment = SegmentReader(self.folder / files.name)
            if (segment.paragraphs, segment.articles) != (files.paragraphs, files.articles):
                raise IndexDamaged(f"{files.name} is not the file that was written")
            tables = SegmentTables(segment, self.collection.average_length, self.tuning)
        else:
            segment, tables = opened.segment, opened.tables
        live = segment.all_docs & ~segment.bitmap(dead) if len(dead) else None
        return SegmentView(segment, live, tables)

    @property
    def bytes(self) -> int:
        """The bytes on disk of all segments, their deletions, the ledger and the groups of copies."""
        segments = sum(files.bytes + 4 * files.dead_count for files in self.manifest.segments)
        return segments + len(self._ledger) + len(self.copy_groups.file.map)

    def ledger(self) -> Ledger:
        """Read what became of every source file. Raises IndexDamaged if its checksum is wrong."""
        if zlib.crc32(self._ledger) != self.manifest.ledger_sum:
            raise changed_error(ledger_name(self.generation))
        return Ledger.from_json(json.loads(bytes(self._ledger)))

    def statistics(self) -> Statistics:
        """Return what the generation contains; counted once."""
        return self._statistics

    @cached_property
    def _statistics(self) -> Statistics:
        sources: Counter[str] = Counter()
        languages: Counter[str] = Counter()
        extremes: list[tuple[int, str]] = []
        articles = paragraphs = 0
        for view in self.views:
            segment = view.segment
            live = view.live_articles()
            articles += int(live.sum())
            paragraphs += segment.paragraphs if view.live is None else int(np.bitwise_count(view.live).sum())
            for counter, column in ((sources, "source"), (languages, "lang")):
                counts = np.bincount(segment.column(column)[live], minlength=len(segment.names(column)))
                counter.update({name: int(n) for name, n in zip(segment.names(column), counts, strict=True) if n})
            if len(dated := np.flatnonzero(live & segment.dated)):
                start = segment.column("date_start")[dated]
                dates = [(int(start[i]), segment.heading(int(dated[i])).date) for i in (start.argmin(), start.argmax())]
                extremes += [(second, date.text) for second, date in dates if date]
        return Statistics(
            articles=articles,
            paragraphs=paragraphs,
            size=self.bytes,
            dead=sum(files.dead_count for files in self.manifest.segments),
            sources=dict(sorted(sources.items())),
            languages=dict(sorted(languages.items())),
            earliest=min(extremes)[1] if extremes else None,
            latest=max(extremes)[1] if extremes else None,
        )

    def search(self, search: Search, budget: QueryBudget | None = None) -> Result:
        """Return the answer to a search. Raises LoopsCompiling if it has to wait for compiled loops."""
        return (self._text_scan() or self.searcher).search(search, budget or QueryBudget())

    def stream(self, search: Search, budget: QueryBudget) -> MatchStream:
        """Return all paragraphs that match a search. Raises LoopsCompiling as `search` does."""
        return (self._text_scan() or self.searcher).stream(search, budget)

    def count(self, searches: Sequence[Search], budget: QueryBudget) -> list[Total]:
        """Return how many paragraphs match each of some searches. Raises LoopsCompiling as `search` does."""
        if scan := self._text_scan():
            return [scan.search(search, budget).total for search in searches]
        return [self.searcher.count(search, budget) for search in searches]

    def scoring_statistics(self, query: Node, budget: QueryBudget) -> ScoringStatistics:
        """Return the statistics that the scores of a query are computed from."""
        if scan := self._text_scan():
            return scan.scoring_statistics(query)
        return self.searcher.scoring_statistics(query, budget)

    @property
    def vocabulary(self) -> Vocabulary:
        """The words of the generation."""
        return self._scan.vocabulary if self._text_scan() else self._vocabulary

    @cached_property
    def _vocabulary(self) -> IndexVocabulary:
        from search.index.word_lookup import IndexVocabulary

        return IndexVocabulary(self.views)

    def _text_scan(self) -> TextScan | None:
        """Return what answers while the loops are being compiled, if the generation is small enough; else None."""
        n_words = self.collection.paragraphs * self.collection.average_length
        if "searcher" in vars(self) or n_words > MAX_SCANNED_WORDS:
            return None
        from search.kernels.jit import cache

        return self._scan if cache.is_left_to_others() else None

    @cached_property
    def _scan(self) -> TextScan:
        live = [(view.segment, np.flatnonzero(view.live_articles()).tolist()) for view in self.views]
        return TextScan([segment.read_article(number) for segment, numbers in live for number in numbers])

    @cached_property
    def searcher(self) -> Searcher:
        """The object that searches the segments by compiled loops."""
        from search.index.query.searcher import Searcher

        return Searcher(self.views, self.collection, self.copy_groups)

    def prepare(self) -> None:
        """Compute all that takes long and no query determines, so that processes forked from this one share it."""
        self.searcher.prepare()
        self._vocabulary.prepare()
        self.statistics()

    def fetch(self, found: Sequence[ScoredParagraph]) -> list[tuple[Heading, str]]:
        """Return the heading and the text of each of some paragraphs, in their order."""
        if scan := self._text_scan():
            return scan.fetch(found)
        rows: dict[SegmentReader, list[int]] = {}
        # what was found by brute force, while loops were compiled, has no locator
        places: list[tuple[Any, int]] = [one.locator or self._locate(one.article_id) for one in found]
        for row, (segment, _) in enumerate(places):
            rows.setdefault(segment, []).append(row)
        fetched: dict[int, tuple[Heading, str]] = {}
        for segment, of_segment in rows.items():
            articles = [places[row][1] for row in of_segment]
            texts = segment.texts_at(articles, [found[row].number for row in of_segment])
            headings = {article: segment.heading(article) for article in set(articles)}
            for row, article, text in zip(of_segment, articles, texts, strict=True):
                fetched[row] = headings[article], text
        return [fetched[row] for row in range(len(found))]

    def forms(self, terms: Sequence[Term], budget: QueryBudget) -> dict[Term, TermForms] | None:
        """Return the words of the index that match each of some terms; None if listing them is too much work."""
        if self._text_scan():
            return None
        from search.index.query.matching.multi_term import term_forms

        result: dict[Term, TermForms] = {}
        for term in terms:
            plain, others = set[str](), set[str]()
            for view in self.views:
                if (forms := term_forms(view.segment, term, budget)) is None:
                    return None
                plain |= forms.plain
                others |= forms.others
            result[term] = TermForms(plain, others - plain)
        return result

    def telling_stems(self, article_id: str, limit: int, leave_out: Collection[str]) -> tuple[str, ...] | None:
        """Return the stems that tell most of an article; None if there is no article of this id.

        Raises LoopsCompiling if it has to wait for compiled loops.
        """
        if self._text_scan():
            raise LoopsCompiling
        segment, article = self._locate(article_id)
        return self.searcher.telling_stems(segment, article, limit, leave_out) if segment else None

    def copies(self, article_id: str) -> tuple[Heading, ...]:
        """Return the headings of the other articles of an article's group of copies, the main one first."""
        if scan := self._text_scan():
            return scan.copies(article_id)
        segment, article = self._locate(article_id)
        others = self.copy_groups.others(segment, article) if segment else []
        return tuple([one.heading(number) for one, number in others])

    def _locate(self, article_id: str) -> tuple[SegmentReader | None, int]:
        """Return the segment that has an article, not deleted, and its number there; (None, -1) if none has."""
        for view in self.views:
            article = view.segment.find_article(article_id)
            if article >= 0 and view.is_live(article):
                return view.segment, article
        return None, -1

    def article(self, article_id: str) -> Article | None:
        """Return a whole article; None if there is no article of this id."""
        if scan := self._text_scan():
            return scan.article(article_id)
        segment, article = self._locate(article_id)
        return segment.read_article(article) if segment else None

    def portion(self, article_id: str, first: int, count: int) -> Portion | None:
        """Return up to `count` paragraphs of an article, from number `first` on; None if there is no such article."""
        if scan := self._text_scan():
            return scan.portion(article_id, first, count)
        segment, article = self._locate(article_id)
        if segment is None:
            return None
        low, high = segment.span(article)
        return Portion(segment.heading(article), first, segment.texts(article, first, count), high - low)

    def headings_of(self, file_id: str, after: str, limit: int) -> list[Heading]:
        """Return the headings of up to `limit` articles of a source file whose ids come after a text, by id."""
        if scan := self._text_scan():
            return scan.headings_of(file_id, after, limit)
        found: list[Heading] = []
        whole, number = self._locate(file_id)
        if whole is not None and file_id > after:
            found.append(whole.heading(number))
        for view in self.views:
            segment, numbers = view.segment, view.segment.articles_of_file(file_id)
            first = max(numbers.start, segment.strings("id").lower_bound(after.encode("utf-8", "surrogatepass")))
            later = (number for number in range(first, numbers.stop) if view.is_live(number))
            found += [heading for number in islice(later, limit + 1) if (heading := segment.heading(number)).id > after]
        return sorted(found)[:limit]

    def articles_of(self, file_id: str) -> Iterator[Article]:
        """Yield the articles of a source file: the one that is the whole file, and those that are its records."""
        if (whole := self.article(file_id)) is not None:
            yield whole
        for view in self.views:
            for number in view.segment.articles_of_file(file_id):
                if view.is_live(number):
                    yield view.segment.read_article(number)


def _read_dead(folder: Path, files: SegmentFiles) -> Array:
    """Return the deleted docs of a segment, int32. Raises IndexDamaged if their checksum is wrong."""
    data = checked_bytes(folder / files.dead, files.dead_sum) if files.dead else b""
    return np.frombuffer(data, np.int32)
