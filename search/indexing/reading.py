"""One file into the index, record by record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from search.engines import Snapshot, Writer
from search.errors import UnreadableArticle
from search.ledger import Entry, Problem
from search.model import Article, Heading
from search.sources import FoundFile, Options, Record, Refused, language_of, open_source

MOST_PROBLEMS = 100
"""Records of a file that are named in the ledger when they cannot be read; more are counted."""


class FileReader:
    """Reads files into a writer, and takes back what it gave when a file turns out to be broken half way."""

    def __init__(
        self, writer: Writer, snapshot: Snapshot | None, options: Options, stage: Callable[[Entry], None]
    ) -> None:
        self.writer = writer
        self.snapshot = snapshot
        self.options = options
        self.stage = stage
        self.articles = 0

    def read(
        self, file: FoundFile, entry: Entry, held: Entry | None, before: Entry | None, done: Entry | None
    ) -> Entry:
        """Add the articles of a file in place of those that the writer has of it (`held`); the entry, completed.

        `before` is what the snapshot has of the file: that comes back when the file cannot be read. `done` is the entry
        so far of a file whose first records were staged. Raises UnreadableArticle.
        """
        reading = open_source(file.location, self.options)
        entry = replace(entry, format=reading.format)
        so_far = done or entry
        started = done is not None
        try:
            skipped = so_far.articles + so_far.refused
            for number, record in enumerate(reading.records):
                if number < skipped:
                    continue
                if not started:
                    started = True
                    if held is not None and held.article_id is not None:
                        self.writer.remove(held.article_id)
                so_far = self._refused(so_far, record) if isinstance(record, Refused) else self._added(so_far, record)
                if self.writer.full:
                    self.stage(so_far)
            if not so_far.articles:
                raise _empty(so_far)
        except UnreadableArticle:
            if started:
                self.restore(f"{entry.article_id}", before)
            raise
        return replace(so_far, encoding=reading.encoding)

    def _added(self, entry: Entry, record: Record) -> Entry:
        lang = language_of(record, self.options.languages)
        name = f"{entry.article_id}:{record.key}" if record.key else f"{entry.article_id}"
        self.writer.add(Article(Heading(name, record.title, record.date, entry.source, lang), record.paragraphs))
        self.articles += 1
        return replace(
            entry,
            articles=entry.articles + 1,
            lang=lang if not entry.articles or entry.lang == lang else "",
            guessed=entry.guessed + record.date_guessed,
        )

    def _refused(self, entry: Entry, record: Refused) -> Entry:
        """Count a record that cannot be read, and name it."""
        problems = entry.problems
        if len(problems) < MOST_PROBLEMS:
            problems = (*problems, Problem(record.key, record.reason, record.advice))
        return replace(entry, refused=entry.refused + 1, problems=problems)

    def restore(self, file_id: str, before: Entry | None) -> None:
        """Take back what was added of a file, and put back what was there before."""
        self.writer.remove(file_id)
        if self.snapshot is not None and before is not None and before.article_id is not None:
            for article in self.snapshot.articles_of(before.article_id):
                self.writer.add(article)


def _empty(entry: Entry) -> UnreadableArticle:
    """What to say of a file of which nothing can be indexed."""
    if not entry.problems:
        return UnreadableArticle("The file holds no articles.", "Add some, or take it out of the folder.")
    first = entry.problems[0]
    reason = f"None of its {entry.refused:,} records can be read; {first.key}: {first.reason}"
    return UnreadableArticle(reason, first.advice)
