"""One file into the index, record by record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from search.engine import Snapshot, Writer
from search.errors import UnreadableArticle
from search.indexing.fingerprints import check_same
from search.indexing.long_paragraphs import in_pieces
from search.ledger import LedgerEntry, Problem
from search.model import Article, Heading
from search.sources import FoundFile, Reading, Record, Refused, language_of

READING = 2
"""Raised whenever the same bytes become other articles: then the next run reads every file anew. 2 cuts paragraphs."""

MOST_PROBLEMS = 100
"""Records of a file that are named in the ledger when they cannot be read; more are counted."""


@dataclass(slots=True)
class _Tally:
    """What of a file was read so far. `known` are the keys of its articles, where a record may be kept as it was."""

    articles: int = 0
    refused: int = 0
    ignored: int = 0
    guessed: int = 0
    langs: dict[str, None] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    known: set[str] | None = None

    @classmethod
    def of(cls, entry: LedgerEntry) -> _Tally:
        """Where the entry of a file that was read in part left off."""
        langs = dict.fromkeys([entry.lang] if entry.lang else ["", " "] if entry.articles else [])
        return cls(entry.articles, entry.refused, entry.ignored, entry.guessed, langs, list(entry.problems))

    def entry(self, entry: LedgerEntry, reading: Reading) -> LedgerEntry:
        """The entry with all of this."""
        return replace(
            entry,
            format=reading.format,
            encoding=reading.encoding,
            articles=self.articles,
            refused=self.refused,
            ignored=self.ignored,
            guessed=self.guessed,
            lang=next(iter(self.langs)) if len(self.langs) == 1 else "",
            problems=tuple(self.problems),
        )


class FileReader:
    """Reads files into a writer, and takes back what it gave when a file turns out to be broken half way."""

    def __init__(
        self,
        writer: Writer,
        snapshot: Snapshot | None,
        languages: tuple[str, ...],
        open_file: Callable[[Path], Reading],
        stage: Callable[[LedgerEntry], None],
    ) -> None:
        self.writer = writer
        self.snapshot = snapshot
        self.languages = languages
        self.open = open_file
        self.stage = stage
        self.articles = 0

    def read(
        self,
        file: FoundFile,
        entry: LedgerEntry,
        held: LedgerEntry | None,
        before: LedgerEntry | None,
        done: LedgerEntry | None,
    ) -> LedgerEntry:
        """Add the articles of a file in place of those that the writer has of it (`held`); the entry, completed.

        `before` is what the snapshot has of the file: that comes back when the file cannot be read. `done` is the entry
        so far of a file whose first records were staged. Raises UnreadableArticle.
        """
        reading = self.open(file.location)
        tally = _Tally.of(done) if done else _Tally()
        tally.known = set() if before is not None and before.article_id is not None else None
        skipped = tally.articles + tally.refused + tally.ignored
        started = done is not None
        try:
            for number, record in enumerate(reading.records):
                if number < skipped:
                    continue
                if not started:
                    started = True
                    if held is not None and held.article_id is not None:
                        self.writer.remove(held.article_id)
                self._take(f"{entry.article_id}", entry.source, record, tally)
                if self.writer.full:
                    self.stage(tally.entry(entry, reading))
            check_same(file)  # what was read is what the checksum is of
            if not tally.articles:
                raise _empty(tally)
        except UnreadableArticle:
            if started:
                self.restore(f"{entry.article_id}", before)
            raise
        return tally.entry(entry, reading)

    def _take(self, file_id: str, source: str, record: Record | Refused, tally: _Tally) -> None:
        name = f"{file_id}:{record.key}" if record.key else file_id
        if isinstance(record, Record):
            lang = language_of(record, self.languages)
            title, paragraphs = in_pieces(record.title, record.paragraphs)
            self.writer.add(Article(Heading(name, title, record.date, source, lang), paragraphs))
            self.articles += 1
            tally.articles += 1
            tally.guessed += record.date_guessed
            tally.langs[lang] = None
            if tally.known is not None:
                tally.known.add(record.key)
        elif record.ignored:
            tally.ignored += 1
        else:
            tally.refused += 1
            stale = self._kept(name, record.key, tally)
            if len(tally.problems) < MOST_PROBLEMS:
                tally.problems.append(Problem(record.key, record.reason, record.advice, stale))

    def _kept(self, name: str, key: str, tally: _Tally) -> bool:
        """Keep the last good version of a record that cannot be read; whether there is one."""
        if self.snapshot is None or tally.known is None or key in tally.known:
            return False
        last = self.snapshot.article(name)
        if last is None:
            return False
        self.writer.add(last)
        tally.known.add(key)
        tally.articles += 1
        tally.langs[last.heading.lang] = None
        return True

    def restore(self, file_id: str, before: LedgerEntry | None) -> None:
        """Take back what was added of a file, and put back what was there before."""
        self.writer.remove(file_id)
        if self.snapshot is not None and before is not None and before.article_id is not None:
            for article in self.snapshot.articles_of(before.article_id):
                self.writer.add(article)


def _empty(tally: _Tally) -> UnreadableArticle:
    """What to say of a file of which nothing can be indexed."""
    if not tally.problems:
        return UnreadableArticle("The file holds no articles.", "Add some, or take it out of the folder.")
    first = tally.problems[0]
    reason = f"None of its {tally.refused:,} records can be read; {first.key}: {first.reason}"
    return UnreadableArticle(reason, first.advice)
