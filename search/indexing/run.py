"""reindex(): brings an index up to date with its source folders, in one run that is visible whole or not at all."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import asdict, replace
from pathlib import Path

from search.engine import Engine, Snapshot, Writer
from search.errors import IndexDamaged, IndexMissing, IndexOutdated, RequestError, SourceError
from search.indexing.dry_run import rehearse
from search.indexing.file_reader import READING
from search.indexing.fingerprints import Key, moves
from search.indexing.prefetch import cores
from search.indexing.report import Report, Step
from search.indexing.sync import Plan, SourceSync, key_of
from search.ledger import Ledger, LedgerEntry, Root
from search.sources import ENDINGS, FoundFile, Options, find_files


def reindex(  # noqa: PLR0913 - each is an option of the command
    engine: Engine,
    roots: Sequence[Path],
    options: Options = Options(),  # noqa: B008 - it is frozen
    *,
    full: bool = False,
    dry_run: bool = False,
    jobs: int = 0,
    progress: Callable[[Step], None] = lambda _step: None,
) -> Report:
    """Bring the index up to date with these folders; sources that it knows from earlier runs stay as they are.

    `full` builds a new index of these and all remembered folders and swaps it in; `dry_run` only reports what would be
    done. `jobs` is how many processes read at once, 0 for one a core. `progress` is told after each file. A run that
    was interrupted goes on where it was, if it is asked for the same.

    Raises RequestError for two sources of one name, SourceError for a folder that is missing or lost more than half of
    its files, and what the engine raises; the index is unchanged then.
    """
    started = time.monotonic()
    index = Path(engine.where)
    places = _places(roots, index)
    reading = json.dumps({"version": READING, **asdict(options)})
    run = json.dumps([places, reading])
    writing: AbstractContextManager[Writer] = rehearse() if dry_run else engine.write(anew=full, run=run)
    with writing as writer:
        snapshot = _newest(engine, full=full)
        known = snapshot.ledger() if snapshot else Ledger()
        sources = _named(places, known, reading, full=full)
        found = _found(sources, index)
        held = {(entry.source, entry.path): entry for entry in known.entries if entry.source in sources}
        moved = {} if full else moves(found, held)
        if not full:
            _check_losses(sources, held, found, moved)
        elsewhere = () if full else tuple(entry for entry in known.entries if entry.source not in sources)
        again = frozenset(name for name in sources if full or _read_otherwise(known.roots.get(name), reading))
        # The articles of a file that only moved are taken from the index, and a reader may make others of it by now.
        taken = {key: was for key, was in moved.items() if was[0] not in again}
        plan = Plan(sources, found, held, elsewhere, taken, options, jobs or cores(), again, full)
        intake = SourceSync(writer, snapshot, plan)
        with closing(intake.ahead):
            intake.take_all(progress)
        entries = sorted((*elsewhere, *intake.entries), key=key_of)
        ledger = Ledger(sources if full else known.roots | sources, tuple(entries))
        changed = snapshot is None or full or not _same(ledger, known)
        generation = writer.commit(ledger) if changed and not dry_run else None
    return intake.report(ledger, generation, time.monotonic() - started)


def _newest(engine: Engine, *, full: bool) -> Snapshot | None:
    """The index as it is; None where there is none to go by."""
    try:
        return engine.snapshot()
    except IndexMissing:
        return None
    except (IndexOutdated, IndexDamaged):
        if full:
            return None
        raise


def _places(roots: Sequence[Path], index: Path) -> dict[str, str]:
    """Each root's name and where it is."""
    places: dict[str, str] = {}
    kept = _resolved(index)
    for root in roots:
        place = _resolved(root)
        if places.setdefault(place.name, str(place)) != str(place):
            message = f"Two sources are called {place.name!r}: {places[place.name]} and {place}."
            raise RequestError("sources", message, "Rename one of the folders: the name is part of the ids.")
        if place == kept or kept in place.parents:
            message = f"The source {str(root)!r} is the folder of the index, or lies in it."
            raise RequestError("sources", message, "Keep the index elsewhere: --index names its folder.")
        if not place.is_dir():
            message = f"There is no folder {str(root)!r}."
            raise SourceError(message, "Name the folder that holds the articles. Nothing was changed.")
    return places


def _resolved(path: Path) -> Path:
    """Where a path leads; as it is when the working directory is gone, or it is a link to itself."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path


def _named(places: dict[str, str], known: Ledger, reading: str, *, full: bool) -> dict[str, Root]:
    """The sources of this run by name. A source alone in its index has no prefix, and keeps to what it began with."""
    if full:
        remembered = {name: root.path for name, root in known.roots.items() if Path(root.path).is_dir()}
        places = remembered | places
    alone = len(known.roots.keys() | places.keys()) == 1
    prefixes = {name: root.prefix for name, root in known.roots.items()}
    return {name: Root(path, prefixes.get(name, "" if alone else f"{name}/"), reading) for name, path in places.items()}


def _read_otherwise(known: Root | None, reading: str) -> bool:
    """Whether what the index has of a source was read with other settings, or by another version."""
    return known is not None and known.reading != reading


def _found(sources: dict[str, Root], index: Path) -> dict[Key, FoundFile]:
    """All files of all sources, in order; the index may be kept in one."""
    return {
        (name, file.path): file
        for name, root in sources.items()
        for file in find_files(Path(root.path), ENDINGS, index)
    }


def _check_losses(
    sources: dict[str, Root], held: dict[Key, LedgerEntry], found: dict[Key, FoundFile], moved: dict[Key, Key]
) -> None:
    """Raises SourceError for a source that lost so much that it rather is not mounted than emptied."""
    for name, root in sources.items():
        had = {key for key, entry in held.items() if key[0] == name and entry.article_id is not None}
        gone = had - found.keys() - set(moved.values())
        if len(gone) * 2 > len(had):
            message = f"{len(gone)} of the {len(had)} files of {root.path!r} are gone."
            raise SourceError(message, "Nothing was changed. If that is right, run `stemma reindex --full`.")


def _same(ledger: Ledger, known: Ledger) -> bool:
    """Whether nothing is worth a new generation: that a file was touched is not."""
    if (ledger.roots, len(ledger.entries)) != (known.roots, len(known.entries)):
        return False
    pairs = zip(ledger.entries, known.entries, strict=True)
    return all(now is was or _untouched(now) == _untouched(was) for now, was in pairs)


def _untouched(entry: LedgerEntry) -> LedgerEntry:
    return replace(entry, mtime=0, generation=0)
