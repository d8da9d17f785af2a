"""reindex(): one run that brings an index up to date with its source folders."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import asdict
from pathlib import Path

from search.engine import Engine, Partition, Snapshot, Writer
from search.errors import IndexDamaged, IndexMissing, IndexOutdated, RequestError, SourceError
from search.indexing.dry_run import DryRunWriter
from search.indexing.file_reader import READER_VERSION
from search.indexing.fingerprints import Key, file_name, find_moves
from search.indexing.prefetch import cores
from search.indexing.report import Report, Step
from search.indexing.sync import Plan, SourceSync
from search.ledger import Ledger, LedgerEntry, Root
from search.sources import ENDINGS, FoundFile, Options, find_files


def reindex(  # noqa: PLR0913 - each is an option of the command
    engine: Engine,
    roots: Sequence[Path],
    options: Options = Options(),  # noqa: B008 - it is frozen
    *,
    full: bool = False,
    drop: Collection[str] = (),
    dry_run: bool = False,
    jobs: int = 0,
    part: Partition | None = None,
    progress: Callable[[Step], None] = lambda _step: None,
) -> Report:
    """Bring the index up to date with these sources, folders or files; other sources that it knows stay as they are.

    Without any sources, and nothing to `drop`, all that the index knows are brought up to date. `full` builds a new
    index of these and all remembered sources and swaps it in; `drop` names sources to be forgotten, with their
    articles; `dry_run` only reports what would be done. `jobs` is how many processes read at once, 0 for one a core.
    `progress` is called now and then, and after each file that is read. A run with the same arguments as an interrupted
    one goes on where that was.

    With a `part` the run is one of several, on machines of their own and with sources of their own, which make one new
    generation together. A full one has the sources of these parts and no other.

    Raise RequestError for two sources of one name or an unknown one, SourceError for a source that is missing or shrank
    to less than half of its files, and what the engine raises; the index is unchanged then.
    """
    started = time.monotonic()
    if part is not None and (not roots or drop or dry_run):
        message = (
            "A part of a run names the sources that are its own, and only adds to the index or brings it up to date."
        )
        raise RequestError("sources", message, "Name sources, and leave out other options than --full.")
    index = Path(engine.where)
    places = _resolve_sources(roots, index)
    reading = json.dumps({"version": READER_VERSION, **asdict(options)})
    run = json.dumps([places, reading, sorted(drop)])
    writing: AbstractContextManager[Writer] = (
        nullcontext(DryRunWriter()) if dry_run else engine.write(anew=full, run=run, part=part)
    )
    with writing as writer:
        snapshot, known = _last_state(engine, full=full)
        kept_roots = _drop_sources(known, drop, places)
        all_known = (full and part is None) or not (places or drop)
        sources = _name_sources(places, kept_roots, reading, all_known=all_known, is_part=part is not None)
        found = {
            (name, file.path): file
            for name, root in sources.items()
            for file in find_files(Path(root.path), ENDINGS, index)
        }
        named = {*sources, *drop}
        committed = {entry.file: entry for entry in known.entries if entry.source in named}
        if not full:
            found = with_hidden_files(found, committed)
        moved = {} if full else find_moves(found, committed)
        moved_from = set(moved.values())
        gone = [entry for file, entry in committed.items() if file not in found and file not in moved_from]
        _check_losses(sources, known, found, gone, full=full)
        elsewhere = () if full else tuple(entry for entry in known.entries if entry.source not in named)
        read_otherwise = {name for name, root in known.roots.items() if root.reading != reading}
        again = frozenset(sources if full else read_otherwise & sources.keys())
        copied = frozenset(
            key for key, was in moved.items() if was[0] not in read_otherwise and _reads_alike(key, committed[was])
        )
        plan = Plan(sources, found, committed, elsewhere, moved, copied, options, jobs or cores(), again, full)
        sync = SourceSync(writer, snapshot, plan)
        with closing(sync.prefetcher):
            sync.sync_all(progress)
        if part is not None:
            ledger = Ledger(sources, tuple(sorted(sync.entries)), known.commits)
        else:
            entries = sorted((*elsewhere, *sync.entries))
            ledger = Ledger(sources if full else kept_roots | sources, tuple(entries), known.commits)
        changed = snapshot is None or full or part is not None or not _is_same(ledger, known)
        generation = writer.commit(ledger) if changed and not dry_run else None
    return sync.report(ledger, generation, time.monotonic() - started)


def _last_state(engine: Engine, *, full: bool) -> tuple[Snapshot | None, Ledger]:
    """Return the newest generation with its ledger.

    Without an index there are none. For a full run an index that cannot be read still has its ledger, if that can be.
    """
    try:
        snapshot = engine.snapshot()
        return snapshot, snapshot.ledger()
    except IndexMissing:
        return None, Ledger()
    except (IndexOutdated, IndexDamaged):
        if full:
            return None, engine.last_ledger()
        raise


def _resolve_sources(roots: Sequence[Path], index: Path) -> dict[str, str]:
    """Return the resolved path of each root by its name. Raise RequestError or SourceError for one that cannot be."""
    places: dict[str, str] = {}
    kept = _resolve(index)
    for root in roots:
        place = _resolve(root)
        if not place.is_absolute():
            message = f"{str(root)!r} cannot be found: the working directory was removed, or links go in a circle."
            raise SourceError(message, "Change to a folder that is there, or name the whole path. Nothing was changed.")
        _check_name(place)
        if places.setdefault(place.name, str(place)) != str(place):
            raise _same_name(place.name, places[place.name], str(place), "Rename one of them")
        if place == kept or kept in place.parents:
            message = f"The source {str(root)!r} is the folder of the index, or lies in it."
            raise RequestError("sources", message, "Keep the index elsewhere: --index names its folder.")
        if not _is_there(place):
            message = f"There is no folder or file {str(root)!r}."
            raise SourceError(message, "Name what holds the articles. Nothing was changed.")
    return places


def _resolve(path: Path) -> Path:
    """Return the absolute path without links; the given path when that cannot be told, as for a link to itself."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path


def _check_name(place: Path) -> None:
    """Raise RequestError when the name of a folder or file cannot be that of a source, which addresses contain."""
    if not place.name:
        message = f"{str(place)!r} has no name that a source could have."
        raise RequestError("sources", message, "Name a folder below it.")
    try:
        place.name.encode()
    except UnicodeEncodeError:
        message = f"The name of the source {str(place)!r} is not UTF-8."
        raise RequestError("sources", message, "Rename it: searches and addresses contain the name.") from None


def _same_name(name: str, one: str, other: str, advice: str) -> RequestError:
    """Return the error to raise for two sources of one name."""
    message = f"Two sources are called {name!r}: {one} and {other}."
    return RequestError("sources", message, f"{advice}: the name is part of the ids.")


def _is_there(place: Path) -> bool:
    """Return whether something is at a path, as far as the system lets us see."""
    try:
        return place.exists()
    except OSError:
        return True  # listing it will say what is wrong


def _drop_sources(known: Ledger, drop: Collection[str], places: dict[str, str]) -> dict[str, Root]:
    """Return the remembered sources but those to be forgotten. Raise RequestError for one that cannot be."""
    for name in drop:
        if name not in known.roots:
            there = ", ".join(known.roots) or "none"
            raise RequestError("drop", f"The index knows no source {name!r}.", f"Its sources: {there}.")
        if name in places:
            message = f"The source {name!r} cannot be dropped and indexed in one run."
            raise RequestError("drop", message, "Drop it first; then index it.")
    return {name: root for name, root in known.roots.items() if name not in drop}


def _name_sources(
    places: dict[str, str], known: dict[str, Root], reading: str, *, all_known: bool, is_part: bool
) -> dict[str, Root]:
    """Return the sources of a run by name, those that the index knows first; all of these with `all_known`.

    A source keeps its prefix of ids. A new folder has its name as prefix, or none when it is alone in the index and
    this run is not a part of one (`is_part`); a file has none, for its name is its path. Raise SourceError for a
    remembered source that is not there.
    """
    named: dict[str, Root] = {}
    alone = len(known.keys() | places.keys()) == 1 and not is_part
    for name in dict.fromkeys((*known, *places)):
        root = known.get(name)
        place = places.get(name, root.path if root and all_known else None)
        if place is None:
            continue
        if not _is_there(Path(place)):
            message = f"The source {name!r} is not there: {place}."
            hint = f"Mount it, or forget it and its articles with `stemma reindex --drop {name}`. Nothing was changed."
            raise SourceError(message, hint)
        prefix = "" if alone or Path(place).is_file() else f"{name}/"
        named[name] = Root(place, root.prefix if root else prefix, reading)
    return named


def with_hidden_files(found: dict[Key, FoundFile], committed: dict[Key, LedgerEntry]) -> dict[Key, FoundFile]:
    """Return what was found, and the known files below folders that cannot be listed, which may still be there."""
    closed = {key: file for key, file in found.items() if file.unreadable}
    if not closed:
        return found
    hidden: dict[Key, FoundFile] = {}
    for key, entry in committed.items():
        source, path = key
        ends = [end.start() for end in re.finditer("/", path)]
        if folder := next((closed[source, path[:end]] for end in ends if (source, path[:end]) in closed), None):
            hidden[key] = FoundFile(
                path,
                folder.place + path.removeprefix(folder.path),
                entry.reason if entry.outcome == "ignored" else "",
                unreadable=f"It is in a folder that cannot be read, {folder.path!r}.",
            )
    order = {name: number for number, name in enumerate(dict.fromkeys(name for name, _ in found))}
    return dict(sorted((hidden | found).items(), key=lambda item: (order[item[0][0]], item[0][1])))


def _reads_alike(key: Key, was: LedgerEntry) -> bool:
    """Return whether reading a file again would give what it gave at another place.

    The ending decides how a file is read, and its name may be its title. Records that are kept though they cannot be
    read any more are kept at their place only.
    """
    return file_name(key) == file_name(was.file) and not was.kept


def _check_losses(
    sources: dict[str, Root], known: Ledger, found: dict[Key, FoundFile], gone: Sequence[LedgerEntry], *, full: bool
) -> None:
    """Raise SourceError for a source that shrank to less than half of its files: it rather is not mounted than emptied.

    `gone` are the entries of the files that it lost. One that lost more than half, but has as many others instead, is
    in order: a dump was replaced by the next one. A full run, by which its user says that it is right, is refused only
    for a source that has no file left at all. Raise RequestError when the files are others because another folder has
    the source's name.
    """
    lost_files = Counter(entry.source for entry in gone if entry.article_id is not None)
    if not lost_files:
        return
    had_files = Counter(entry.source for entry in known.entries if entry.article_id is not None)
    left = Counter(name for (name, _), file in found.items() if not (file.ignored or file.unreadable))
    for name, root in sources.items():
        lost, had = lost_files[name], had_files[name]
        drop = f"forget the source with `stemma reindex --drop {name}`"
        if lost * 2 > had and (before := known.roots[name].path) != root.path and _is_there(Path(before)):
            other = f"{before}, which the index knows,"
            raise _same_name(name, other, root.path, f"Rename one of the folders, or {drop}")
        if lost and full and not left[name]:
            message = f"All files of {root.path!r} are gone."
            raise SourceError(message, f"Nothing was changed. Mount it, or {drop}.")
        if lost * 2 > had > left[name] * 2 and not full:
            message = f"{lost} of the {had} files of {root.path!r} are gone."
            right = "run `stemma reindex --full`" if left[name] else drop
            raise SourceError(message, f"Nothing was changed. Mount it, or if that is right, {right}.")


def _is_same(ledger: Ledger, known: Ledger) -> bool:
    """Return whether two ledgers differ at most in the times of files and in when they were read."""
    if (ledger.roots, len(ledger.entries)) != (known.roots, len(known.entries)):
        return False
    return all(
        now is was or now == was._replace(mtime=now.mtime, generation=now.generation)
        for now, was in zip(ledger.entries, known.entries, strict=True)
    )
