"""The index's folder: which files make a generation, and how a generation becomes the one that readers open.

    _MAIN_<generation>.toc              Whoosh's table of contents; its rename is the one commit point
    manifest-<generation>.json          the manifest: every other file, with its length or checksum, and statistics
    ledger-<generation>.json            what became of every source file
    MAIN_<segment>.arrays               a segment, never changed
    MAIN_<segment>.<generation>.dead    its deleted paragraphs, where there are any
    writer.lock                         held by the one writer
    staging/                            what an unfinished run has done so far (`staging`)

Everything a table of contents names is on disk before it is renamed; the folder is synced after. We never read the
table of contents, which is a pickle: it is there for Whoosh.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from search.analysis.tokenizer import ANALYSIS_VERSION
from search.errors import IndexDamaged, IndexLocked, IndexOutdated, OperatorError, StorageError

FORMAT = f"5.{ANALYSIS_VERSION}"
"""The version of what is on disk (docs/index-format.md). An index of any other version has to be built anew."""
# 1: Whoosh's own segments.
# 2: Files of memory-mapped arrays: streams of entries, a vocabulary, variable-byte postings, texts in blocks.
# 3: Lists of the words as written (`forms`). Texts in the order in which they were added (`text_first`).
# 4: Postings lists of middling length are packed; document frequencies and sizes of lists take a byte where it holds
#    them (`large_frequencies`, `form_large`). Texts in blocks of 8 KiB, with a dictionary for each volume.
# 5: Texts in blocks of 3 KiB without zstandard's magic number; volumes can share a dictionary (`volume_dictionary`);
#    sizes of blocks instead of offsets (`block_sizes`, `block_texts`).
LOCK = "writer.lock"
_TOC = re.compile(r"_MAIN_([0-9]+)\.toc")
_OURS = re.compile(r"(?:_MAIN_[0-9]+\.toc.*|manifest-\d+\.json|ledger-\d+\.json|MAIN_\w+(?:\.\d+\.dead|\.arrays))")


@dataclass(frozen=True, slots=True)
class SegmentFiles:
    """A segment of a generation. `length` is the sum of its paragraphs' lengths; `dead` is a file's name, or empty."""

    name: str
    bytes: int
    articles: int
    paragraphs: int
    length: int
    dead: str
    dead_sum: int
    dead_count: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation is made of."""

    generation: int
    updated_at: str
    segments: tuple[SegmentFiles, ...]
    ledger_sum: int
    toc_sum: int

    def names(self) -> set[str]:
        """Every file of the generation."""
        matches_itself = {toc_name(self.generation), manifest_name(self.generation), ledger_name(self.generation)}
        return matches_itself | {s.name for s in self.segments} | {s.dead for s in self.segments if s.dead}


def toc_name(generation: int) -> str:
    """The name that Whoosh gives a table of contents."""
    return f"_MAIN_{generation}.toc"


def manifest_name(generation: int) -> str:
    """The name of a generation's manifest."""
    return f"manifest-{generation}.json"


def ledger_name(generation: int) -> str:
    """The name of a generation's ledger."""
    return f"ledger-{generation}.json"


def latest_generation(folder: Path) -> int | None:
    """The newest generation that was committed; None when there is none."""
    try:
        return max((int(found[1]) for path in folder.iterdir() if (found := _TOC.fullmatch(path.name))), default=None)
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        raise not_a_folder(folder) from None
    except OSError as error:
        raise IndexDamaged(f"the folder {folder} cannot be read: {error.strerror}") from error


def not_a_folder(folder: Path) -> OperatorError:
    """The error for an index that is a file, or below one."""
    return OperatorError(f"The index {folder} is not a folder.", "Name its folder: --index, or STEMMA_INDEX.")


def read_manifest(folder: Path, generation: int) -> Manifest:
    """The manifest of a generation. Raises IndexOutdated or IndexDamaged."""
    name = manifest_name(generation)
    try:
        data = json.loads((folder / name).read_bytes())
        if data["format"] != FORMAT:
            raise IndexOutdated(str(folder), data["format"], FORMAT)
        if data.pop("checksum") != _checksum(data):
            raise IndexDamaged(f"{name} is cut short or changed")
        segments = tuple(SegmentFiles(**segment) for segment in data["segments"])
        manifest = Manifest(data["generation"], data["updated_at"], segments, data["ledger_sum"], data["toc_sum"])
    except OSError as error:
        raise IndexDamaged(f"{name} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexDamaged(f"{name} is cut short or changed") from error
    if zlib.crc32(checked_bytes(folder / toc_name(generation))) != manifest.toc_sum:
        raise IndexDamaged(f"{toc_name(generation)} is cut short or changed")
    return manifest


def _checksum(data: dict[str, Any]) -> int:
    """The CRC-32 of a manifest without its checksum."""
    return zlib.crc32(json.dumps(data).encode())


def checked_bytes(path: Path) -> bytes:
    """A file's bytes. Raises IndexDamaged when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise IndexDamaged(f"{path.name} cannot be read: {error.strerror}") from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write a manifest; it is on disk when this returns."""
    data = json.loads(json.dumps({"format": FORMAT, **asdict(manifest)}))
    write_synced(
        folder / manifest_name(manifest.generation), json.dumps({**data, "checksum": _checksum(data)}).encode()
    )


def write_synced(path: Path, data: bytes) -> None:
    """Write a file and wait until it is on disk."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def replace_synced(path: Path, data: bytes) -> None:
    """Give a file new contents at once: it is the old one or the new one, and on disk when this returns."""
    temporary = path.with_name(f"{path.name}.new")
    write_synced(temporary, data)
    temporary.rename(path)
    sync_folder(path.parent)


def commit(folder: Path, generation: int, toc: bytes) -> None:
    """The commit: the table of contents gets its name, and nothing before it can be lost any more."""
    temporary = folder / f"{toc_name(generation)}.new"
    write_synced(temporary, toc)
    sync_folder(folder)
    named = temporary.rename(folder / toc_name(generation))
    try:
        sync_folder(folder)
    except OSError:
        named.unlink()  # what may be lost again must not be called committed
        raise


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def collect_garbage(folder: Path, kept: set[str]) -> None:
    """Remove files of ours that no generation needs: of older ones, and of runs that died."""
    for path in folder.iterdir():
        if path.name not in kept and _OURS.fullmatch(path.name):
            path.unlink(missing_ok=True)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Be the one writer of a folder. The lock dies with its process. Raises IndexLocked, naming the holder."""
    with storage_errors(folder):
        file = (folder / LOCK).open("a+b", buffering=0)
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            message = f"The index in {folder} is being written by {_holder(file.read())}."
            raise IndexLocked(message, "Wait until it is done, or stop that process.") from None
        with storage_errors(folder):
            file.truncate(0)
            file.write(json.dumps({"pid": os.getpid(), "since": time.time()}).encode())
        try:
            yield
        finally:
            with suppress(OSError):
                file.truncate(0)  # this process may live on, and must not be named when another one begins


def _holder(text: bytes) -> str:
    """Who signed the lock; a dead process did so before the one that has it now."""
    try:
        found = json.loads(text)
        with suppress(PermissionError):
            os.kill(found["pid"], 0)
        return f"process {found['pid']}, for {time.time() - found['since']:.0f} s"
    except (ValueError, KeyError, TypeError, OverflowError, ProcessLookupError):
        return "another process, which has just begun or runs elsewhere"


@contextmanager
def storage_errors(folder: Path) -> Iterator[None]:
    """Turn what the disk refuses into a StorageError."""
    try:
        yield
    except OSError as error:
        message = f"The index in {folder} cannot be written: {error.strerror or error}."
        raise StorageError(
            message, "Make room or mend the permissions, and run it again; nothing was changed."
        ) from error
