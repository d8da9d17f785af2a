"""reindex(): one run that brings an index up to date with its source folders."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import asdict, replace
from pathlib import Path

from search.engine import Engine, Snapshot, Writer
from search.errors import IndexDamaged, IndexMissing, IndexOutdated, RequestError, SourceError
from search.indexing.dry_run import DryRunWriter
from search.indexing.file_reader import READER_VERSION
from search.indexing.fingerprints import Key, find_moves
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
    dry_run: bool = False,
    jobs: int = 0,
    progress: Callable[[Step], None] = lambda _step: None,
) -> Report:
    """Bring the index up to date with these source folders; other sources that it knows stay as they are.

    `full` builds a new index of these and all remembered folders and swaps it in; `dry_run` only reports what would be
    done. `jobs` is how many processes read at once, 0 for one a core. `progress` is called after each file. A run with
    the same arguments as an interrupted one goes on where that was.

    Raise RequestError for two sources of one name, SourceError for a folder that is missing or lost more than half of
    its files, and what the engine raises; the index is unchanged then.
    """
    started = time.monotonic()
    index = Path(engine.where)
    places = _resolve_sources(roots, index)
    reading = json.dumps({"version": READER_VERSION, **asdict(options)})
    run = json.dumps([places, reading])
    writing: AbstractContextManager[Writer] = (
        nullcontext(DryRunWriter()) if dry_run else engine.write(anew=full, run=run)
    )
    with writing as writer:
        snapshot = _open_snapshot(engine, full=full)
        known = snapshot.ledger() if snapshot else Ledger()
        sources = _name_sources(places, known, reading, full=full)
        found = {
            (name, file.path): file
            for name, root in sources.items()
            for file in find_files(Path(root.path), ENDINGS, index)
        }
        committed = {entry.file: entry for entry in known.entries if entry.source in sources}
        moved = {} if full else find_moves(found, committed)
        if not full:
            _check_losses(sources, committed, found, moved)
        elsewhere = () if full else tuple(entry for entry in known.entries if entry.source not in sources)
        read_otherwise = {name for name, root in known.roots.items() if root.reading != reading}
        again = frozenset(sources if full else read_otherwise & sources.keys())
        # The articles of a file that only moved are taken from the index, and a reader may make others of it by now.
        moved = {file: was for file, was in moved.items() if was[0] not in again}
        plan = Plan(sources, found, committed, elsewhere, moved, options, jobs or cores(), again, full)
        sync = SourceSync(writer, snapshot, plan)
        with closing(sync.prefetcher):
            sync.sync_all(progress)
        entries = sorted((*elsewhere, *sync.entries), key=lambda entry: entry.file)
        ledger = Ledger(sources if full else known.roots | sources, tuple(entries))
        changed = snapshot is None or full or not _is_same(ledger, known)
        generation = writer.commit(ledger) if changed and not dry_run else None
    return sync.report(ledger, generation, time.monotonic() - started)


def _open_snapshot(engine: Engine, *, full: bool) -> Snapshot | None:
    """Return the newest generation; None when there is no index, or for a full run when it cannot be read."""
    try:
        return engine.snapshot()
    except IndexMissing:
        return None
    except (IndexOutdated, IndexDamaged):
        if full:
            return None
        raise


def _resolve_sources(roots: Sequence[Path], index: Path) -> dict[str, str]:
    """Return the resolved path of each root by its name. Raise RequestError or SourceError for one that cannot be."""
    places: dict[str, str] = {}
    kept = _resolve(index)
    for root in roots:
        place = _resolve(root)
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


def _resolve(path: Path) -> Path:
    """Return the absolute path without links; the given path when that cannot be told, as for a link to itself."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path


def _name_sources(places: dict[str, str], known: Ledger, reading: str, *, full: bool) -> dict[str, Root]:
    """Return the sources of a run by name; a full run has the remembered ones too.

    A source keeps its prefix of ids. A new one has its name as prefix, or none when it is alone in the index.
    """
    if full:
        remembered = {name: root.path for name, root in known.roots.items() if Path(root.path).is_dir()}
        places = remembered | places
    alone = len(known.roots.keys() | places.keys()) == 1
    prefixes = {name: root.prefix for name, root in known.roots.items()}
    return {name: Root(path, prefixes.get(name, "" if alone else f"{name}/"), reading) for name, path in places.items()}


def _check_losses(
    sources: dict[str, Root], committed: dict[Key, LedgerEntry], found: dict[Key, FoundFile], moved: dict[Key, Key]
) -> None:
    """Raise SourceError for a source that lost more than half of its files: it is rather not mounted than emptied."""
    for name, root in sources.items():
        had = {file for file, entry in committed.items() if file[0] == name and entry.article_id is not None}
        gone = had - found.keys() - set(moved.values())
        if len(gone) * 2 > len(had):
            message = f"{len(gone)} of the {len(had)} files of {root.path!r} are gone."
            raise SourceError(message, "Nothing was changed. If that is right, run `stemma reindex --full`.")


def _is_same(ledger: Ledger, known: Ledger) -> bool:
    """Return whether two ledgers differ at most in the times of files and in when they were read."""
    if (ledger.roots, len(ledger.entries)) != (known.roots, len(known.entries)):
        return False
    return all(
        now is was or now == replace(was, mtime=now.mtime, generation=now.generation)
        for now, was in zip(ledger.entries, known.entries, strict=True)
    )
