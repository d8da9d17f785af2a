"""Backups: to copy a generation into a folder of its own, which is an index too, and to bring such a copy back."""

from __future__ import annotations

import os
import secrets
import shutil
import zlib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO

from search.errors import IndexDamaged, IndexMissing, StorageError
from search.index.storage import earlier
from search.index.storage.column_file import ArrayFile
from search.index.storage.directory import (
    CleanupErrors,
    Manifest,
    SegmentFiles,
    checked_bytes,
    collect_garbage,
    commit,
    copies_name,
    discard,
    latest_generation,
    ledger_name,
    manifest_name,
    open_newest,
    read_manifest,
    storage_errors,
    sync_folder,
    write_manifest,
)
from search.index.whoosh_compat.toc import toc_bytes

PIECE = 1 << 20
"""Bytes that are copied at a time."""


def backup(folder: Path, target: Path, progress: Callable[[int, int], None]) -> int:
    """Copy the newest generation into a new folder, check every byte of the copy, and return the generation.

    The copy is consistent whatever is written meanwhile: all files are open before the first is copied, and no file
    ever changes. `progress` is called with the number of bytes that are copied and of all bytes.

    Raises StorageError when the target is there already, cannot be written or is in the index, IndexMissing,
    IndexDamaged.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        message = f"{target} is there already, and not empty."
        raise StorageError(message, "Name a folder that is not there yet. Nothing was changed.")
    unfinished = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    with ExitStack() as stack:
        manifest, files = open_newest(folder, partial(_open_files, folder, stack))
        if target.resolve().is_relative_to(folder.resolve()):
            advice = "Name a folder elsewhere, best on another disk. Nothing was changed."
            raise StorageError(f"{target} is in the folder of the index.", advice)
        with storage_errors(target):
            try:
                unfinished.mkdir(parents=True)
                _copy_all(files, unfinished, progress)
                verify(unfinished, manifest)
                sync_folder(unfinished)
                unfinished.rename(target)
                sync_folder(target.parent)
            except BaseException:
                shutil.rmtree(unfinished, ignore_errors=True)
                raise
    return manifest.generation


def _open_files(folder: Path, stack: ExitStack, generation: int) -> tuple[Manifest, dict[str, IO[bytes]]]:
    """Return a generation's manifest, and all of its files open, so that no commit can take them away."""
    try:
        manifest = read_manifest(folder, generation)
        return manifest, {n: stack.enter_context((folder / n).open("rb")) for n in sorted(manifest.names())}
    except FileNotFoundError as error:
        raise IndexDamaged(f"a file of generation {generation} is missing") from error


def _copy_all(files: dict[str, IO[bytes]], target: Path, progress: Callable[[int, int], None]) -> None:
    done, whole = 0, sum(os.fstat(file.fileno()).st_size for file in files.values())
    for name, file in files.items():
        with (target / name).open("wb") as copy:
            while piece := file.read(PIECE):
                copy.write(piece)
                done += len(piece)
                progress(done, whole)
            copy.flush()
            os.fsync(copy.fileno())


def verify(folder: Path, manifest: Manifest, *, committed: bool = True) -> None:
    """Check every byte of a generation; without its table of contents if it is not committed. Raises IndexDamaged."""
    if committed:
        read_manifest(folder, manifest.generation)
    checked_bytes(folder / ledger_name(manifest.generation), manifest.ledger_sum)
    ArrayFile(folder / copies_name(manifest.generation)).check_all()
    for segment in manifest.segments:
        ArrayFile(folder / segment.name).check_all()
        if segment.dead:
            checked_bytes(folder / segment.dead, segment.dead_sum)


def restore(folder: Path, source: Path, progress: Callable[[int, int], None]) -> int:
    """Make a backup the newest generation of an index whose lock is held; return the generation.

    The backup is checked first. Open snapshots stay as they are; the next one that is opened is of the restored
    generation. Raises IndexMissing, IndexDamaged or IndexOutdated for the backup, and StorageError if the index cannot
    be written.
    """
    saved = latest_generation(source) if source.is_dir() else None
    if saved is None:
        raise IndexMissing(str(source), "backup", "Name a folder that `stemma backup` has made.")
    manifest = read_manifest(source, saved)
    verify(source, manifest)
    newest = latest_generation(folder) or 0
    generation = max(saved, newest + 1)  # the ledger names earlier ones, which must stay so
    segments = tuple(_renamed(segment, generation) for segment in manifest.segments)
    names = {ledger_name(saved): ledger_name(generation), copies_name(saved): copies_name(generation)}
    for old, new in zip(manifest.segments, segments, strict=True):
        names |= {old.name: new.name} | ({old.dead: new.dead} if old.dead else {})
    with storage_errors(folder), ExitStack() as stack:
        files: dict[str, IO[bytes]] = {
            new: stack.enter_context((source / old).open("rb")) for old, new in names.items()
        }
        try:
            _copy_all(files, folder, progress)
            toc = toc_bytes(segments, folder, generation)
            restored = replace(manifest, generation=generation, segments=segments, toc_sum=zlib.crc32(toc))
            write_manifest(folder, restored)
            verify(folder, restored, committed=False)
            earlier.retain(folder, newest)
            commit(folder, generation, toc)
        except BaseException:
            discard(folder, generation, [folder / name for name in (*files, manifest_name(generation))])
            raise
    with CleanupErrors(folder):
        earlier.remove_expired(folder, restored)
        collect_garbage(folder, restored.names())
    return generation


def _renamed(segment: SegmentFiles, generation: int) -> SegmentFiles:
    """Return the segment with new random file names, so that no file of the index is overwritten."""
    name = f"MAIN_{secrets.token_hex(8)}"
    return replace(segment, name=f"{name}.arrays", dead=f"{name}.{generation}.dead" if segment.dead else "")
