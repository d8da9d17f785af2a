"""Reading of one source file into the index, record by record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from search.engine import Snapshot, Writer
from search.errors import UnreadableArticle
from search.indexing.fingerprints import check_unchanged
from search.indexing.long_paragraphs import split_article
from search.ledger import LedgerEntry, Problem
from search.model import Article, Heading
from search.sources import FoundFile, NumberTaken, Record, RefusedRecord, SourceFile, language_of
from search.sources.text.languages import ENOUGH

READER_VERSION = 12
"""Version of how files become articles; after a change of it the next run reads every file anew.

2 cuts long paragraphs, 3 reads parts of documents that were left out before, 4 keeps whether a date is a guess,
5 reads references to characters in fields, and years at the head of pages,
6 reads what is whole of files that are damaged, and dates and entities that were taken for text, 7 tells of PDFs that
are cut within their last change, and keeps no last version of a record beside a later one of its id,
8 joins lines of Chinese and Japanese without a space, 9 reads pages of EPUBs outside of the order of reading, text
after the end of HTML pages, and dates after long dashes, 10 reads words of links in pages, headings of Wikipedia,
and dates of Twitter, and leaves out headers of several lines, 11 reads dialects of Markdown, mails and UTF-16 in
other scripts, and leaves out tables of contents of EPUB 2 and of fields in DOCX, hidden styles and made-up titles,
12 reads HTML of all kinds in fields, dates in more of their forms, and tables without quotation marks, or put together.
"""

SAMPLED = 200
"""Maximum number of articles of a run by which it is told whether they are in another language than was set."""

MAX_PROBLEMS = 100
"""Unreadable records of a file that the ledger names; more are only counted."""

REASON = 1_000
"""Code points of the longest reason that the ledger keeps: a hostile file may be wrong in a million places."""


@dataclass(slots=True)
class _FileCounts:
    """Counts of the records of one file so far, for its entry in the ledger."""

    articles: int = 0
    refused: int = 0
    ignored: int = 0
    guessed: int = 0
    partial: int = 0
    kept: int = 0
    missing: str = ""
    """A sentence that says which part of the article could not be read, for a file that is one article."""
    langs: dict[str, None] = field(default_factory=dict)
    """Languages of the articles so far."""
    problems: list[Problem] = field(default_factory=list)
    keys: dict[str, bool] | None = None
    """Keys of the records so far, with whether one of that key is an article; None for a file that the snapshot has no
    articles of."""
    begun: bool = False
    """Whether the writer has articles of this reading of the file, and none of earlier ones."""

    @classmethod
    def of(cls, entry: LedgerEntry) -> _FileCounts:
        """Return the counts in the entry of a file that was read in part."""
        langs = dict.fromkeys([entry.lang] if entry.lang else ["", " "] if entry.articles else [])
        return cls(
            entry.articles,
            entry.refused,
            entry.ignored,
            entry.guessed,
            entry.partial,
            entry.kept,
            entry.reason if entry.partial and not entry.problems else "",
            langs,
            list(entry.problems),
        )

    @property
    def records(self) -> int:
        """The number of records so far, of whatever outcome."""
        return self.articles - self.kept + self.refused + self.ignored

    def add_problem(self, problem: Problem) -> None:
        """Add a problem, unless there are many already."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(problem)

    def add_key(self, record: Record | RefusedRecord) -> None:
        """Add the key of an article or of a record that cannot be read."""
        if self.keys is None:
            return
        if isinstance(record, Record):
            self.keys[record.key] = True
        elif not record.ignored:
            self.keys.setdefault(record.key, False)

    def keys_without_article(self) -> list[str]:
        """Return the keys of which no record can be read, in the order in which they first came."""
        return [key for key, is_article in (self.keys or {}).items() if not is_article]

    def what_is_missing(self) -> str:
        """Return what could not be read of the file, "" if it was read as a whole."""
        articles = self.articles - self.kept + self.refused
        told = [
            f"{number:,} of its {articles:,} records could {how}."
            for number, how in ((self.refused, "not be read"), (self.partial, "be read in part only"))
            if number
        ]
        return self.missing or " ".join(told)

    def complete(self, entry: LedgerEntry, file: SourceFile) -> LedgerEntry:
        """Return the entry with these counts, and the format and encoding of the file."""
        missing = self.what_is_missing()
        return entry._replace(
            outcome="partial" if missing else entry.outcome,
            reason=missing,
            format=file.format,
            encoding=file.encoding,
            articles=self.articles,
            refused=self.refused,
            ignored=self.ignored,
            guessed=self.guessed,
            partial=self.partial,
            kept=self.kept,
            lang=next(iter(self.langs)) if len(self.langs) == 1 else "",
            problems=tuple(self.problems),
        )


@dataclass
class FileReader:
    """Reads files into a writer, and takes back what it added of a file that turns out to be unreadable half way."""

    writer: Writer
    snapshot: Snapshot | None
    """The index as it is, from which articles that cannot be read any more are kept."""
    languages: tuple[str, ...]
    open_file: Callable[..., SourceFile]
    """Opens a file, given its path, with `look_ahead` as open_source does. Raises UnreadableArticle."""
    stage: Callable[[LedgerEntry], None]
    """Is called when the writer is full, with the entry so far of the file that is being read."""
    articles: int = 0
    """Number of articles that were read."""
    sample: list[str] = field(default_factory=list)
    """The beginnings of the first articles that do not state one of `languages`, at most SAMPLED."""

    def read(
        self,
        file: FoundFile,
        entry: LedgerEntry,
        held: LedgerEntry | None,
        before: LedgerEntry | None,
        done: LedgerEntry | None,
    ) -> LedgerEntry:
        """Add the articles of a file to the writer, and return `entry` completed. Raise UnreadableArticle.

        `held` is the entry of the articles that the writer has of the file, which are removed. `before` is the entry in
        the snapshot, whose articles come back when the file cannot be read. `done` is the entry so far of a file whose
        first records were staged.
        """
        articles, begun = self.articles, done is not None
        for look_ahead in (False, True):
            counts = _FileCounts.of(done) if done and not look_ahead else _FileCounts()
            counts.keys = {} if before is not None and before.article_id is not None else None
            counts.begun = begun
            try:
                return self._read(file, entry, held, counts, look_ahead=look_ahead)
            except UnreadableArticle as error:
                is_last = look_ahead or not isinstance(error, NumberTaken)
                begun = counts.begun
                if begun:
                    self.restore(f"{entry.article_id}", before if is_last else None)
                if is_last:
                    raise
                self.articles = articles
        raise AssertionError(entry)

    def _read(
        self, file: FoundFile, entry: LedgerEntry, held: LedgerEntry | None, counts: _FileCounts, *, look_ahead: bool
    ) -> LedgerEntry:
        """Add the articles of a file but for those that are counted already, and return the completed entry.

        Raise UnreadableArticle, and then leave in the writer what was added.
        """
        skipped = counts.records
        source = self.open_file(file.location, look_ahead=True) if look_ahead else self.open_file(file.location)
        for number, record in enumerate(source.records):
            counts.add_key(record)
            if number < skipped:
                continue
            if not counts.begun:
                counts.begun = True
                if held is not None and held.article_id is not None:
                    self.writer.remove(held.article_id)
            self._add(f"{entry.article_id}", entry.source, record, counts)
            if self.writer.full:
                self.stage(counts.complete(entry, source))
        check_unchanged(file)  # what was read is what the checksum is of
        if counts.articles == counts.kept:
            raise _no_articles(counts)
        self._keep_last_versions(entry, source, counts)
        return counts.complete(entry, source)

    def _add(self, file_id: str, source: str, record: Record | RefusedRecord, counts: _FileCounts) -> None:
        """Add one record to the writer and to the counts."""
        name = f"{file_id}:{record.key}" if record.key else file_id
        if isinstance(record, Record):
            lang = language_of(record, self.languages)
            title, paragraphs = split_article(record.title, record.paragraphs)
            date = record.date and record.date._replace(guessed=record.date_guessed)
            self.writer.add(Article(Heading(name, title, date, source, lang), paragraphs))
            if record.lang != lang and len(self.sample) < SAMPLED:
                self.sample.append(" ".join(record.paragraphs[:5])[:ENOUGH])
            self.articles += 1
            counts.articles += 1
            counts.guessed += record.date_guessed
            counts.langs[lang] = None
            if record.missing:
                self._add_missing(record, counts)
        elif record.ignored:
            counts.ignored += 1
        else:
            counts.refused += 1
            counts.add_problem(Problem(record.key, shortened(record.reason), record.advice))

    def _add_missing(self, record: Record, counts: _FileCounts) -> None:
        """Count what could not be read of an article."""
        counts.partial += 1
        reason = shortened(" ".join(record.missing))
        if record.key:
            counts.add_problem(Problem(record.key, reason, "", outcome="partial"))
        else:
            counts.missing = reason

    def _keep_last_versions(self, entry: LedgerEntry, source: SourceFile, counts: _FileCounts) -> None:
        """Add the snapshot's versions of the records that cannot be read.

        It is done after the last record, for one that can be read may have the key of an earlier one that cannot.
        """
        added = 0
        stale = set()
        for key in counts.keys_without_article():
            last = self.snapshot.article(f"{entry.article_id}:{key}") if self.snapshot else None
            if last is None:
                continue
            stale.add(key)
            added += 1
            if added <= counts.kept:  # an interrupted run has staged it
                continue
            self.writer.add(last)
            counts.articles += 1
            counts.kept += 1
            counts.langs[last.heading.lang] = None
            if self.writer.full:
                self.stage(counts.complete(entry, source))
        counts.problems = [
            replace(one, stale=True) if one.key in stale and one.outcome == "quarantined" else one
            for one in counts.problems
        ]

    def restore(self, file_id: str, before: LedgerEntry | None, *, is_staging: bool = False) -> None:
        """Remove what was added of a file, and add the articles that the snapshot has of the entry `before`.

        Stage when the writer is full, but if it `is_staging` already.
        """
        self.writer.remove(file_id)
        if self.snapshot is not None and before is not None and before.article_id is not None:
            for article in self.snapshot.articles_of(before.article_id):
                self.writer.add(article)
                if self.writer.full and not is_staging:
                    self.stage(before._replace(digest=""))  # so that the next run begins the file anew


def shortened(reason: str) -> str:
    """Return a reason no longer than REASON."""
    return reason if len(reason) <= REASON else f"{reason[: REASON - 1]}…"


def _no_articles(counts: _FileCounts) -> UnreadableArticle:
    """Return the error to raise for a file of which no record is an article."""
    if not counts.problems:
        return UnreadableArticle("The file holds no articles.", "Add some, or take it out of the folder.")
    first = counts.problems[0]
    reason = f"None of its {counts.refused:,} records can be read; {first.key}: {first.reason}"
    return UnreadableArticle(reason, first.advice)
