"""What a run does with each file: leaves it, moves it, reads it, quarantines it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from search.engine import Snapshot, Writer
from search.errors import UnreadableArticle
from search.indexing.file_reader import FileReader
from search.indexing.fingerprints import Key, digest_of, looked_at, settled, taken_for_records, unchanged
from search.indexing.prefetch import ReadAhead
from search.indexing.report import Change, Report, Step, Verb
from search.ledger import Ledger, LedgerEntry, Progress, Root
from search.model import Article
from search.sources import FoundFile, Options


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run goes by."""

    sources: Mapping[str, Root]
    found: Mapping[Key, FoundFile]
    """All files of these sources, in order."""
    committed: Mapping[Key, LedgerEntry]
    """What the index has of them."""
    elsewhere: Sequence[LedgerEntry]
    """What it has of other sources, and keeps."""
    moved: Mapping[Key, Key]
    """Files that are new but for their name, each with where it was."""
    options: Options
    jobs: int
    """How many processes may read at once."""
    again: frozenset[str]
    """The sources of which even what did not change is read."""
    full: bool
    """Whether the writer has nothing of what was committed."""


class SourceSync:
    """The files of one run."""

    def __init__(self, writer: Writer, snapshot: Snapshot | None, plan: Plan) -> None:
        self.writer, self.snapshot, self.plan = writer, snapshot, plan
        self.committed, self.found = plan.committed, plan.found
        staged = (*writer.staged.entries, *writer.staged.partial)
        self.fresh = {key_of(entry): entry for entry in staged}
        self.held = ({} if plan.full else dict(plan.committed)) | self.fresh
        """What the writer has of each file that was not come to yet."""
        self.partial = {key_of(entry): entry for entry in writer.staged.partial}
        """Files of which an interrupted run staged only the first records, and which were not come to yet."""
        there = (entry for key, entry in self.held.items() if key in self.found and not self.found[key].ignored)
        kept = (*plan.elsewhere, *there)
        self.owners = {entry.article_id: (entry.source, entry.path) for entry in kept if entry.article_id is not None}
        self.ahead = ReadAhead(self._likely(), plan.options, plan.jobs)
        reference = None if plan.full else snapshot
        self.reader = FileReader(writer, reference, plan.options.languages, self.ahead.open, self._stage)
        self.ambiguous = {
            (name, path): of
            for name in plan.sources
            for path, of in taken_for_records(key[1] for key in self.found if key[0] == name).items()
        }
        self.entries: list[LedgerEntry] = []
        self.unstaged: list[LedgerEntry] = []
        self.counts: Counter[str] = Counter()
        self.changes: list[Change] = []

    def take_all(self, progress: Callable[[Step], None]) -> None:
        """Every file that was found, then those that are gone."""
        files, size, of_size = 0, 0, sum(file.size for file in self.found.values() if not file.ignored)
        for key, file in self.found.items():
            self._take(key, file)
            files += 1
            size += 0 if file.ignored else file.size
            progress(Step(files, len(self.found), size, of_size, self.reader.articles))
        came = set(self.plan.moved.values())
        for key, entry in self.held.items():
            if self._drop(entry) and key not in came:
                self._changed("remove", key)
        progress(Step(files, len(self.found), size, of_size, self.reader.articles, writing=True))

    def _likely(self) -> list[FoundFile]:
        """The files that will be read, by what a look at them says."""
        return [
            file
            for key, file in self.found.items()
            if not file.ignored
            and key not in self.plan.moved
            and not ((held := self._whole(key, self.held.get(key))) and unchanged(file, held))
        ]

    def _whole(self, key: Key, held: LedgerEntry | None) -> LedgerEntry | None:
        """What the writer has of a file, if that is all of it and still good when the file did not change."""
        return held if key not in self.partial and (key in self.fresh or key[0] not in self.plan.again) else None

    def report(self, ledger: Ledger, generation: int | None, seconds: float) -> Report:
        """What was done."""
        count = self.counts
        return Report(
            committed=generation is not None,
            generation=generation,
            added=count["add"],
            updated=count["update"],
            moved=count["move"],
            removed=count["remove"],
            unchanged=count["unchanged"],
            resumed=count["resumed"],
            articles=self.reader.articles,
            ledger=ledger,
            changes=tuple(self.changes),
            seconds=seconds,
        )

    def _take(self, key: Key, file: FoundFile) -> None:
        held = self.held.pop(key, None)
        entry = LedgerEntry(*key, "ignored", reason=file.ignored) if file.ignored else self._entry(key, file, held)
        self.entries.append(entry)
        if entry.article_id is not None:
            self.owners[entry.article_id] = key
        elif held is not None and self._drop(held) and entry.outcome == "ignored":
            self._changed("remove", key)
        self.partial.pop(key, None)
        if not (entry is held and held is self.committed.get(key)):
            self.unstaged.append(entry)
        if self.writer.full:
            self._stage()

    def _entry(self, key: Key, file: FoundFile, held: LedgerEntry | None) -> LedgerEntry:
        """What becomes of one file."""
        before = self.committed.get(key)
        whole = self._whole(key, held)
        digest = ""
        try:
            if whole is not None and unchanged(file, whole):
                return self._left(key, whole)
            file = looked_at(file)
            mtime, digest = settled(file), digest_of(file)
            if whole is not None and whole.digest == digest:
                return self._left(key, replace(whole, size=file.size, mtime=mtime))
            self._check_id(key)
            entry = LedgerEntry(
                *key,
                "indexed",
                article_id=self.plan.sources[key[0]].prefix + key[1],
                size=file.size,
                mtime=mtime,
                digest=digest,
                generation=self.writer.generation,
            )
            if key in self.plan.moved and self.committed[self.plan.moved[key]].digest == digest:
                return self._move(key, entry)
            done = held if held is not None and key in self.partial and held.digest == digest else None
            entry = self.reader.read(file, entry, held, before, done)
        except UnreadableArticle as error:
            judged = digest if looked_at(file) == file else ""  # what changed meanwhile is tried again
            return self._quarantined(key, file, before, judged, error)
        self._changed("add" if before is None or before.article_id is None else "update", key)
        return entry

    def _left(self, key: Key, entry: LedgerEntry) -> LedgerEntry:
        """The entry of a file that is as it was when it was read."""
        self.counts["unchanged"] += entry.outcome == "indexed" and key not in self.fresh
        if key in self.fresh:
            self.counts["resumed"] += 1
            before = self.committed.get(key)
            self._changed("add" if before is None or before.article_id is None else "update", key)
        return entry

    def _move(self, key: Key, entry: LedgerEntry) -> LedgerEntry:
        """Give the articles of a file that was elsewhere their new ids."""
        was = self.committed[self.plan.moved[key]]
        if self.snapshot is None or was.article_id is None or entry.article_id is None:
            raise AssertionError(was)
        for article in self.snapshot.articles_of(was.article_id):
            name = entry.article_id + article.id.removeprefix(was.article_id)
            self.writer.add(Article(article.heading._replace(id=name, source=key[0]), article.paragraphs))
        self._changed("move", key, "/".join(self.plan.moved[key]))
        return replace(
            was, source=key[0], path=key[1], article_id=entry.article_id, mtime=entry.mtime, generation=entry.generation
        )

    def _quarantined(
        self, key: Key, file: FoundFile, before: LedgerEntry | None, digest: str, error: UnreadableArticle
    ) -> LedgerEntry:
        """The entry of a file that cannot be read. What it was before is kept: a broken save must take nothing away."""
        kept = before if before is not None and before.article_id is not None and not self.plan.full else None
        entry = LedgerEntry(
            *key,
            "quarantined",
            article_id=kept.article_id if kept else None,
            size=file.size,
            mtime=settled(file),
            digest=digest,
            generation=self.writer.generation,
            articles=kept.articles if kept else 0,
            lang=kept.lang if kept else "",
            guessed=kept.guessed if kept else 0,
            reason=error.message,
            advice=error.hint,
        )
        if key in self.fresh:
            self.reader.restore(self.plan.sources[key[0]].prefix + key[1], kept)
        self._changed("quarantine", key)
        return entry

    def _drop(self, entry: LedgerEntry) -> bool:
        """Remove the articles of a file, unless their id is another file's by now: a folder may become a source."""
        if entry.article_id is None or self.owners.get(entry.article_id, key_of(entry)) != key_of(entry):
            return False
        self.owners.pop(entry.article_id, None)
        self.writer.remove(entry.article_id)
        return True

    def _check_id(self, key: Key) -> None:
        """Raises UnreadableArticle when a file's path cannot be an id."""
        article_id = self.plan.sources[key[0]].prefix + key[1]
        try:
            article_id.encode()
        except UnicodeEncodeError:
            raise UnreadableArticle("The file's name is not UTF-8.", "Rename the file.") from None
        if self.owners.get(article_id, key) != key:
            raise UnreadableArticle(f"Another article has the id {article_id!r}.", "Rename the file.")
        if key in self.ambiguous:
            message = f"Its name could be taken for a record of {self.ambiguous[key]!r}."
            raise UnreadableArticle(message, "Rename the file, so that there is no colon where that name ends.")

    def _changed(self, verb: Verb, key: Key, was: str = "") -> None:
        self.counts[verb] += 1
        self.changes.append(Change(verb, *key, was))

    def _stage(self, begun: LedgerEntry | None = None) -> None:
        """Put what was read so far out of an interruption's reach; `begun` is the file that is being read."""
        partial = self.partial | ({key_of(begun): begun} if begun else {})
        self.writer.stage(Progress(tuple(self.unstaged), tuple(partial.values())))
        self.unstaged.clear()


def key_of(entry: LedgerEntry) -> Key:
    """The file of an entry."""
    return entry.source, entry.path
