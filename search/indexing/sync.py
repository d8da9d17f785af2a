"""Decision and work of a run for each file: leave it, move it, read it, quarantine it, or remove its articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from search.engine import Snapshot, Writer
from search.errors import UnreadableArticle
from search.indexing.file_reader import FileReader, shortened
from search.indexing.fingerprints import Key, digest_of, reliable_mtime, unchanged, with_current_stat
from search.indexing.id_conflicts import find_rivals
from search.indexing.prefetch import Prefetcher
from search.indexing.report import Change, Report, Step, Verb
from search.ledger import Ledger, LedgerEntry, Progress, Root, files_of
from search.model import Article
from search.sources import FoundFile, Options, check_file_size, is_heavy
from search.sources.text.languages import unexpected_language

OFTEN = 1_000
"""Unchanged files after which progress is told again."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Input of a SourceSync. Files are named by their source and their path below its root."""

    sources: Mapping[str, Root]
    found: Mapping[Key, FoundFile]
    """All files of these sources, in order."""
    committed: Mapping[Key, LedgerEntry]
    """Entries of these sources in the index."""
    elsewhere: Sequence[LedgerEntry]
    """Entries of other sources in the index, which are kept."""
    moved: Mapping[Key, Key]
    """Files that are new but for their place, each with where it was."""
    copied: frozenset[Key]
    """Those of them whose articles are taken from the index, for reading them would give the same."""
    options: Options
    jobs: int
    """Number of processes that may read at once."""
    again: frozenset[str]
    """Sources of which even unchanged files are read."""
    full: bool
    """Whether the writer begins without the articles of the index."""


class SourceSync:
    """Brings the articles of a writer up to date with the files of a plan."""

    def __init__(self, writer: Writer, snapshot: Snapshot | None, plan: Plan) -> None:
        self.writer, self.snapshot, self.plan = writer, snapshot, plan
        self.committed, self.found = plan.committed, plan.found
        self.staged = {entry.file: entry for entry in (*writer.staged.entries, *writer.staged.partial)}
        """Entries that an interrupted run had staged."""
        self.partial = {entry.file: entry for entry in writer.staged.partial}
        """Entries of files of which only the first records were staged; a file is taken out when its turn comes."""
        self.held = ({} if plan.full else dict(plan.committed)) | self.staged
        """Entries of what the writer has; a file is taken out when its turn comes."""
        ignored = {file for file, now in self.found.items() if now.ignored}
        self.gone = [entry for file, entry in self.held.items() if file not in self.found or file in ignored]
        """Entries of what the writer has of files that are not there any more, or are not to be read."""
        self.owners = {file for file, entry in self.held.items() if entry.article_id is not None}
        """Files whose articles are in the index, so that no other may have their ids."""
        self.owners.difference_update(entry.file for entry in self.gone)
        self.owners.update(entry.file for entry in plan.elsewhere if entry.article_id is not None)
        prefixes = {name: root.prefix for name, root in plan.sources.items()}
        self.ids = {file: prefixes[file[0]] + file[1] for file in self.found if file not in ignored}
        kept = (*plan.elsewhere, *self.gone)
        self.ids |= {entry.file: entry.article_id for entry in kept if entry.article_id is not None}
        self.rivals = find_rivals(self.ids)
        """For each file whose id could be that of an article of others, these files."""
        self.prefetcher = Prefetcher(self._heavy_files(dict(self.held)), plan.options, plan.jobs)
        reference = None if plan.full else snapshot
        self.reader = FileReader(writer, reference, plan.options.languages, self.prefetcher.open, self._stage)
        self.entries: list[LedgerEntry] = []
        """New entries of all files so far."""
        self.unstaged: list[LedgerEntry] = []
        self.came: set[Key] = set()
        """Where files were that moved."""
        self.refused: dict[Key, str] = {}
        """Files with articles that the engine does not take, each with the reason, until their turn is over."""
        self.counts: Counter[str] = Counter()
        self.changes: list[Change] = []

    def sync_all(self, progress: Callable[[Step], None]) -> None:
        """Bring every file that was found up to date, and remove the articles of those that are gone."""
        files, size, same = 0, 0, 0
        of_size = sum(file.size for file in self.found.values())
        self._remove_gone()
        for key, file in self.found.items():
            held = self.held.pop(key, None)
            files += 1
            size += file.size
            is_settled = held is self.committed.get(key) and key[0] not in self.plan.again
            if held is not None and is_settled and unchanged(file, held):  # nearly always
                self.entries.append(held)
                same += held.outcome in {"indexed", "partial"}
                if files % OFTEN:
                    continue
            else:
                self._sync_file(key, file, held)
            progress(Step(files, len(self.found), size, of_size, self.reader.articles))
        self._quarantine_refused()
        self.counts["unchanged"] += same
        for key, before in self.committed.items():
            gone = key not in self.found or self.found[key].ignored
            if gone and before.article_id is not None and key not in self.came:
                self._record_change("remove", key)
        progress(Step(files, len(self.found), size, of_size, self.reader.articles, writing=True))

    def _remove_gone(self) -> None:
        """Remove the articles of files that are gone, before any other file gets their ids.

        If the run is interrupted and such a file is back by the next one, its entry says that it has to be read.
        """
        for entry in self.gone:
            if entry.article_id is None:
                continue
            if self._rival(entry.file) is None:  # else an interrupted run has removed them, and read the other file
                self.writer.remove(entry.article_id)
            removed = LedgerEntry(*entry.file, "ignored", reason="gone")
            self.held[entry.file] = removed
            self.unstaged.append(removed)

    def report(self, ledger: Ledger, generation: int | None, seconds: float) -> Report:
        """Return the report of a run with the new ledger; the generation is None when nothing was written."""
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
            unexpected_language=unexpected_language(self.reader.sample, self.plan.options.languages),
            ledger=ledger,
            changes=tuple(self.changes),
            seconds=seconds,
        )

    def _heavy_files(self, held: Mapping[Key, LedgerEntry]) -> Iterator[FoundFile]:
        """Return the heavy files that will be read, as far as size and time tell; `held` is what the writer has now."""
        return (
            file
            for key, file in self.found.items()
            if is_heavy(file.path)
            and not file.ignored
            and not file.unreadable
            and key not in self.plan.copied
            and not ((entry := self._complete_entry(key, held.get(key))) and unchanged(file, entry))
        )

    def _complete_entry(self, key: Key, held: LedgerEntry | None) -> LedgerEntry | None:
        """Return the writer's entry of a file if it is good as long as the file is unchanged, else None."""
        return held if key not in self.partial and (key in self.staged or key[0] not in self.plan.again) else None

    def _sync_file(self, key: Key, file: FoundFile, held: LedgerEntry | None) -> None:
        """Bring one file up to date, of which the writer has `held`, and stage when the writer is full."""
        entry = LedgerEntry(*key, "ignored", reason=file.ignored) if file.ignored else self._entry(key, file, held)
        self.entries.append(entry)
        if entry.article_id is not None:
            self.owners.add(key)
        elif held is not None and held.article_id is not None:
            self.owners.discard(key)
            self.writer.remove(held.article_id)
        self.partial.pop(key, None)
        if not (entry is held and held is self.committed.get(key)):
            self.unstaged.append(entry)
            if self.writer.full:
                self._stage()

    def _entry(self, key: Key, file: FoundFile, held: LedgerEntry | None) -> LedgerEntry:
        """Leave, move, read or quarantine a file; return its new entry. `held` is the writer's entry of it."""
        before = self.committed.get(key)
        if file.unreadable:
            error = UnreadableArticle(file.unreadable, "Mend its permissions, or move it to a shorter path.")
            return self._quarantine(key, file, "", error)
        complete = self._complete_entry(key, held)
        digest = ""
        try:
            if complete is not None and unchanged(file, complete):
                return self._keep_as_is(key, complete)
            file = with_current_stat(file)
            check_file_size(file.path, file.size, self.plan.options)  # the checksum of a terabyte takes an hour
            mtime, found = reliable_mtime(file), digest_of(file)
            if complete is not None and complete.digest == found:
                return self._keep_as_is(key, complete._replace(size=file.size, mtime=mtime))
            self._check_id(key)
            digest = found  # not before: whether the id is another file's is looked at in each run
            entry = LedgerEntry(
                *key,
                "indexed",
                article_id=self._id_of(key),
                size=file.size,
                mtime=mtime,
                digest=digest,
                generation=self.writer.generation,
            )
            was = self.committed[self.plan.moved[key]] if key in self.plan.moved else None
            if was is not None and was.digest != digest:
                was = None  # it has changed since
            if was is not None and key in self.plan.copied:
                return self._move(key, entry, was)
            done = held if held is not None and key in self.partial and held.digest == digest else None
            entry = self.reader.read(file, entry, held, before, done)
        except UnreadableArticle as error:
            judged = digest if with_current_stat(file) == file else ""  # what changed meanwhile is tried again
            return self._quarantine(key, file, judged, error)
        self._record_move(key, was) if was else self._record_update(key)
        return entry

    def _keep_as_is(self, key: Key, entry: LedgerEntry) -> LedgerEntry:
        """Count a file that is as it was when this run or an earlier one read it, and return its entry."""
        if key in self.staged:
            self.counts["resumed"] += 1
            self._record_update(key)
        else:
            self.counts["unchanged"] += entry.outcome in {"indexed", "partial"}
        return entry

    def _move(self, key: Key, entry: LedgerEntry, was: LedgerEntry) -> LedgerEntry:
        """Add the articles of a file that was elsewhere, of the entry `was`, with new ids; return the new entry."""
        if self.snapshot is None or was.article_id is None or entry.article_id is None:
            raise AssertionError(was)
        for article in self.snapshot.articles_of(was.article_id):
            name = entry.article_id + article.id.removeprefix(was.article_id)
            self.writer.add(Article(article.heading._replace(id=name, source=key[0]), article.paragraphs))
            if self.writer.full:
                self._stage(entry._replace(digest=""))  # so that the next run begins the file anew
        self._record_move(key, was)
        return was._replace(
            source=key[0], path=key[1], article_id=entry.article_id, mtime=entry.mtime, generation=entry.generation
        )

    def _quarantine(
        self, key: Key, file: FoundFile, digest: str, error: UnreadableArticle, *, is_refused: bool = False
    ) -> LedgerEntry:
        """Return the entry of a file that cannot be read. Its articles in the index stay.

        They come back if the writer has others of it: an interrupted run staged some, or the engine has refused one.
        """
        before = self.committed.get(key)
        kept = None if before is None or before.article_id is None or self.plan.full or self._rival(key) else before
        entry = LedgerEntry(
            *key,
            "quarantined",
            article_id=kept.article_id if kept else None,
            size=file.size,
            mtime=reliable_mtime(file),
            digest=digest,
            generation=self.writer.generation,
            articles=kept.articles if kept else 0,
            lang=kept.lang if kept else "",
            guessed=kept.guessed if kept else 0,
            kept=kept.articles if kept else 0,
            reason=shortened(error.message),
            advice=error.hint,
        )
        if key in self.staged or is_refused:
            self.reader.restore(self._id_of(key), kept, is_staging=is_refused)
        if before is None or entry != before._replace(mtime=entry.mtime, generation=entry.generation):
            self._record_change("quarantine", key)
        return entry

    def _quarantine_refused(self) -> None:
        """Quarantine the files that were read, and have articles that the engine does not take."""
        while (refused := self.writer.refused()) or (
            self.refused and any(entry.file in self.refused for entry in self.entries)
        ):
            keys = {article_id: key for key, article_id in self.ids.items()}
            for name, reason in refused.items():
                self.refused.setdefault(next(keys[file] for file in files_of(name) if file in keys), reason)
            for entry in [entry for entry in self.entries if entry.file in self.refused]:
                self._quarantine_again(entry, self.refused.pop(entry.file))

    def _quarantine_again(self, entry: LedgerEntry, reason: str) -> None:
        """Replace the entry of a file that was read by one that says why the engine does not take it."""
        key = entry.file
        for change in [change for change in self.changes if (change.source, change.path) == key]:
            self.changes.remove(change)
            self.counts[change.verb] -= 1
        error = UnreadableArticle(f"{reason}.", "The index does not take it, and keeps what it had of the file.")
        quarantined = self._quarantine(key, self.found[key], "", error, is_refused=True)
        for entries in (self.entries, self.unstaged):
            entries[:] = [quarantined if one is entry else one for one in entries]

    def _id_of(self, key: Key) -> str:
        """Return the id of a file's article, which the ids of its records begin with."""
        return self.plan.sources[key[0]].prefix + key[1]

    def _check_id(self, key: Key) -> None:
        """Raise UnreadableArticle when a file's path cannot be an id."""
        article_id = self._id_of(key)
        try:
            article_id.encode()
        except UnicodeEncodeError:
            raise UnreadableArticle("The file's name is not UTF-8.", "Rename the file.") from None
        rival = self._rival(key)
        if rival is None:
            return
        message = f"Another article has the id {article_id!r}, that of {'/'.join(rival)!r}."
        advice = "Rename one of the two files."
        if self.ids[rival] != article_id:
            message = f"Its articles could have the same ids as those of {'/'.join(rival)!r}."
            advice = "Rename one of the two files, so that neither name is the other with a colon and more."
        raise UnreadableArticle(message, advice)

    def _rival(self, key: Key) -> Key | None:
        """Return a file that has the id of this one, or articles whose ids could be those of its articles.

        Of several it is the one that the committed entry names, so that what did not change is told alike.
        """
        rivals = [rival for rival in self.rivals.get(key, ()) if rival in self.owners]
        if len(rivals) > 1 and (before := self.committed.get(key)):
            rivals.sort(key=lambda rival: not before.reason.endswith(f"{'/'.join(rival)!r}."))
        return rivals[0] if rivals else None

    def _record_update(self, key: Key) -> None:
        """Record that a file was added, or updated if the index had articles of it."""
        before = self.committed.get(key)
        self._record_change("add" if before is None or before.article_id is None else "update", key)

    def _record_move(self, key: Key, was: LedgerEntry) -> None:
        """Record that a file was elsewhere, at the place of the entry `was`."""
        self.came.add(was.file)
        self._record_change("move", key, "/".join(was.file))

    def _record_change(self, verb: Verb, key: Key, was: str = "") -> None:
        """Count and list a change for the report."""
        self.counts[verb] += 1
        self.changes.append(Change(verb, *key, was))

    def _stage(self, begun: LedgerEntry | None = None) -> None:
        """Have the writer stage all that was read; `begun` is the entry so far of the file that is being read."""
        self._quarantine_refused()
        partial = self.partial | ({begun.file: begun} if begun else {})
        self.writer.stage(Progress(tuple(self.unstaged), tuple(partial.values())))
        self.unstaged.clear()
