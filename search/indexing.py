"""reindex(): brings an index up to date with its source folders, in one run that is visible whole or not at all."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from search.engines import Engine, Writer
from search.errors import IndexDamaged, IndexMissing, IndexOutdated, RequestError, SourceError, UnreadableArticle
from search.ledger import Entry, Ledger, Root
from search.model import Article, Heading
from search.sources import FoundFile, Options, Record, find_files, open_source, opened

ENDINGS = frozenset({".txt"})


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did. `ledger` is what the index remembers after it; nothing was written when nothing had changed."""

    committed: bool
    generation: int | None
    added: int
    updated: int
    removed: int
    unchanged: int
    ledger: Ledger
    seconds: float


def reindex(
    engine: Engine,
    roots: Sequence[Path],
    *,
    language: str,
    full: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Report:
    """Bring the index up to date with these folders; sources that it knows from earlier runs stay as they are.

    `full` builds a new index of these and all remembered folders and swaps it in. `progress` is told how many files of
    how many are done. Raises RequestError for two sources of one name, SourceError for a folder that is missing or lost
    more than half of its files, and what the engine raises; the index is unchanged then.
    """
    started = time.monotonic()
    known = _known(engine, full=full)
    sources = _named(roots, known if known is not None else Ledger(), full=full)
    files = {name: find_files(Path(root.path), ENDINGS) for name, root in sources.items()}
    run = _Run(known or Ledger(), sources, files, language, full=full)
    if not full:
        run.check_losses(files)
    total = sum(map(len, files.values()))
    with engine.write(anew=full or known is None) as writer:
        for done, (name, file) in enumerate(((name, file) for name, found in files.items() for file in found), 1):
            run.take(writer, name, file)
            progress(done, total)
        run.remove_vanished(writer)
        ledger = run.ledger()
        changed = known is None or full or ledger != known
        generation = writer.commit(ledger) if changed else None
    seconds = time.monotonic() - started
    return Report(changed, generation, run.added, run.updated, run.removed, run.unchanged, ledger, seconds)


def _known(engine: Engine, *, full: bool) -> Ledger | None:
    """The ledger of the index as it is; None where there is none to go by."""
    try:
        return engine.snapshot().ledger()
    except IndexMissing:
        return None
    except (IndexOutdated, IndexDamaged):
        if full:
            return None
        raise


def _named(roots: Sequence[Path], known: Ledger, *, full: bool) -> dict[str, Root]:
    """The sources of this run by name. A source alone in its index has no prefix, and keeps to what it began with."""
    places: dict[str, str] = {}
    for root in roots:
        place = root.resolve()
        if places.setdefault(place.name, str(place)) != str(place):
            message = f"Two sources are called {place.name!r}: {places[place.name]} and {place}."
            raise RequestError("sources", message, "Rename one of the folders: the name is part of the ids.")
    if full:
        remembered = {name: root.path for name, root in known.roots.items() if Path(root.path).is_dir()}
        places = remembered | places
    alone = len(known.roots.keys() | places.keys()) == 1
    prefixes = {name: root.prefix for name, root in known.roots.items()}
    return {name: Root(path, prefixes.get(name, "" if alone else f"{name}/")) for name, path in places.items()}


class _Run:
    """The entries of one run, and what it counted."""

    def __init__(
        self, known: Ledger, sources: dict[str, Root], files: dict[str, list[FoundFile]], language: str, *, full: bool
    ) -> None:
        self.known = known
        self.sources = sources
        self.language = language
        self.full = full
        self.before = {(entry.source, entry.path): entry for entry in known.entries if entry.source in sources}
        self.elsewhere = () if full else tuple(entry for entry in known.entries if entry.source not in sources)
        self.entries: list[Entry] = []
        there = {(name, file.path) for name, found in files.items() for file in found if not file.ignored}
        kept = (*self.elsewhere, *(entry for key, entry in self.before.items() if key in there and not full))
        self.owners = {entry.article_id: (entry.source, entry.path) for entry in kept if entry.article_id}
        self.added = self.updated = self.removed = self.unchanged = 0

    def check_losses(self, files: dict[str, list[FoundFile]]) -> None:
        """Raises SourceError for a source that lost so much that it rather is not mounted than emptied."""
        for name, found in files.items():
            had = {path for (source, path), entry in self.before.items() if source == name and entry.article_id}
            gone = had - {file.path for file in found}
            if len(gone) * 2 > len(had):
                message = f"{len(gone)} of the {len(had)} articles of {self.sources[name].path!r} are gone."
                raise SourceError(message, "Nothing was changed. If that is right, run `stemma reindex --full`.")

    def take(self, writer: Writer, source: str, file: FoundFile) -> None:
        """Index, skip or quarantine one file."""
        before = self.before.pop((source, file.path), None)
        entry = Entry(source, file.path, "", "ignored", reason=file.ignored)
        if not file.ignored:
            entry = self.read(writer, source, file, before)
        self.entries.append(entry)
        if entry.article_id is not None:
            self.owners[entry.article_id] = (source, file.path)
        elif before is not None:
            self.drop(writer, before)

    def read(self, writer: Writer, source: str, file: FoundFile, before: Entry | None) -> Entry:
        """Index one file unless its bytes are those of before; quarantine it when it cannot be read."""
        article_id = self.sources[source].prefix + file.path
        digest = ""
        try:
            digest = _digest_of(file)
            if before is not None and before.digest == digest and before.outcome == "indexed" and not self.full:
                self.unchanged += 1
                return before
            _check_id(article_id, taken=self.owners.get(article_id, (source, file.path)) != (source, file.path))
            record = _article_in(file, self.language)
        except UnreadableArticle as error:
            # A file that once was good keeps its article: a broken save must not take it from the readers.
            kept = None if before is None or self.full else before.article_id
            return Entry(source, file.path, digest, "quarantined", kept, error.message, error.hint)
        heading = Heading(article_id, record.title, record.date, source, self.language)
        writer.add(Article(heading, record.paragraphs))
        if before is None or before.article_id is None:
            self.added += 1
        else:
            self.updated += 1
        return Entry(source, file.path, digest, "indexed", article_id)

    def remove_vanished(self, writer: Writer) -> None:
        """Remove the articles of files that are no longer there."""
        for entry in self.before.values():
            if not self.full:
                self.drop(writer, entry)

    def drop(self, writer: Writer, entry: Entry) -> None:
        """Remove the article of a file, unless its id is another file's by now: a folder may have become a source."""
        if entry.article_id is not None and entry.article_id not in self.owners:
            writer.remove(entry.article_id)
            self.removed += 1

    def ledger(self) -> Ledger:
        """Every file of every source, in order."""
        roots = self.sources if self.full else self.known.roots | self.sources
        entries = sorted((*self.elsewhere, *self.entries), key=lambda entry: (entry.source, entry.path))
        return Ledger(roots, tuple(entries))


def _digest_of(file: FoundFile) -> str:
    """The SHA-256 of a file's bytes."""
    with opened(file.location) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _article_in(file: FoundFile, language: str) -> Record:
    """The article of a file that is one."""
    (record,) = open_source(file.location, Options(languages=(language,))).records
    assert isinstance(record, Record)  # noqa: S101 - files of many are not among ENDINGS yet
    return record


def _check_id(article_id: str, *, taken: bool) -> None:
    """Raises UnreadableArticle when a path cannot be an id."""
    try:
        article_id.encode()
    except UnicodeEncodeError:
        message = "The file's name is not UTF-8."
        raise UnreadableArticle(message, "Rename the file.") from None
    if taken:
        message = f"Another article has the id {article_id!r}."
        raise UnreadableArticle(message, "Rename the file.")
