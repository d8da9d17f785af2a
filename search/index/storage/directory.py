"""The folder of an index: the files of a generation, and how it becomes the one that readers open.

    _MAIN_<generation>.toc              Whoosh's table of contents; its rename is the one commit point
    manifest-<generation>.json          the segments, with lengths and statistics, and checksums of the other files
    ledger-<generation>.json            what became of every source file
    copies-<generation>.arrays          which articles are copies of one another
    MAIN_<segment>.arrays               a segment, never changed
    MAIN_<segment>.<generation>.dead    its deleted documents, where there are any
    writer.lock                         held by the one writer
    staging/                            the segments of a run that is not finished (`staging`)

All that a table of contents names is on disk before it is renamed; the folder is synced after. It is a pickle, which is
there for Whoosh and never read by us.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from search.analysis.tokenizer import ANALYSIS_VERSION
from search.errors import IndexDamaged, IndexLocked, IndexMissing, IndexOutdated, OperatorError, StorageError
from search.index.storage.column_file import changed_error

T = TypeVar("T")
FORMAT = f"7.{ANALYSIS_VERSION}"
"""The version of the index format and of the analysis. An index of any other version has to be built anew."""
# History of the format (docs/index-format.md describes the present one):
# 1: Whoosh's own segments.
# 2: Files of memory-mapped arrays: token streams, a dictionary, variable-byte postings, texts in blocks.
# 3: Lists of surface forms (`forms`). Texts in the order in which they were added (`text_first`).
# 4: Postings lists of middling length are packed; document frequencies and sizes of lists take a byte where it holds
#    them (`large_frequencies`, `form_large`). Texts in blocks of 8 KiB, with a dictionary for each volume.
# 5: Texts in blocks of 3 KiB without zstandard's magic number; volumes can share a dictionary (`volume_dictionary`);
#    sizes of blocks instead of offsets (`block_sizes`, `block_texts`).
# 6: Words of titles count twice in payloads; how often each term occurs in all (`repeats`, `large_repeats`).
# 7: Signatures of articles (`signatures`, `shingles`), and a file of each generation with the groups of copies.
# Of the analysis:
# 2: Stems carry their language. Arabic letters and digits of all scripts are folded.
# 3: Turkish is stemmed. Persian letters are folded.
# 4: Chinese and Japanese are read by bigrams.
LOCK = "writer.lock"
RETRIES = 10
"""How often opening starts over when a commit removes the generation that was about to be opened."""
_TOC = re.compile(r"_MAIN_([0-9]+)\.toc")
_OURS = re.compile(
    r"(?:_MAIN_[0-9]+\.toc.*|manifest-\d+\.json|ledger-\d+\.json|copies-\d+\.arrays|MAIN_\w+(?:\.\d+\.dead|\.arrays))"
)


@dataclass(frozen=True, slots=True)
class SegmentFiles:
    """A segment as the manifest describes it.

    `bytes` is the size of its file, `length` the sum of its documents' lengths in positions; `dead` is the name of the
    file of its `dead_count` deleted documents, or empty, and `dead_sum` that file's CRC-32.
    """

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
    """The segments of a generation, when it was committed, and the CRC-32 of its ledger and table of contents."""

    generation: int
    updated_at: str
    segments: tuple[SegmentFiles, ...]
    ledger_sum: int
    toc_sum: int

    def names(self) -> set[str]:
        """Return the names of all files of the generation."""
        number = self.generation
        files = {toc_name(number), manifest_name(number), ledger_name(number), copies_name(number)}
        return files | {s.name for s in self.segments} | {s.dead for s in self.segments if s.dead}


def toc_name(generation: int) -> str:
    """Return the name that Whoosh gives the table of contents of a generation."""
    return f"_MAIN_{generation}.toc"


def manifest_name(generation: int) -> str:
    """Return the name of a generation's manifest."""
    return f"manifest-{generation}.json"


def ledger_name(generation: int) -> str:
    """Return the name of a generation's ledger."""
    return f"ledger-{generation}.json"


def copies_name(generation: int) -> str:
    """Return the name of the file with the groups of copies of a generation."""
    return f"copies-{generation}.arrays"


def latest_generation(folder: Path) -> int | None:
    """Return the newest generation that was committed, None when there is none. Raises OperatorError, IndexDamaged."""
    try:
        return max((int(found[1]) for path in folder.iterdir() if (found := _TOC.fullmatch(path.name))), default=None)
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        raise not_a_folder_error(folder) from None
    except OSError as error:
        raise IndexDamaged(f"the folder {folder} cannot be read: {error.strerror}") from error


def not_a_folder_error(folder: Path) -> OperatorError:
    """Return the error for an index whose place is a file, or below one."""
    return OperatorError(f"The index {folder} is not a folder.", "Name its folder: --index, or STEMMA_INDEX.")


def read_manifest(folder: Path, generation: int) -> Manifest:
    """Return the manifest of a generation, checked with its table of contents. Raises IndexOutdated, IndexDamaged."""
    name = manifest_name(generation)
    try:
        data = json.loads((folder / name).read_bytes())
        if data["format"] != FORMAT:
            raise IndexOutdated(str(folder), data["format"], FORMAT)
        if data.pop("checksum") != _checksum(data):
            raise changed_error(name)
        segments = tuple(SegmentFiles(**segment) for segment in data["segments"])
        manifest = Manifest(data["generation"], data["updated_at"], segments, data["ledger_sum"], data["toc_sum"])
    except OSError as error:
        raise IndexDamaged(f"{name} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise changed_error(name) from error
    checked_bytes(folder / toc_name(generation), manifest.toc_sum)
    return manifest


def _checksum(data: dict[str, Any]) -> int:
    """Return the CRC-32 of a manifest without its checksum."""
    return zlib.crc32(json.dumps(data).encode())


def checked_bytes(path: Path, checksum: int) -> bytes:
    """Return a file's bytes. Raises IndexDamaged when it cannot be read or has another CRC-32."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise IndexDamaged(f"{path.name} cannot be read: {error.strerror}") from error
    if zlib.crc32(data) != checksum:
        raise changed_error(path.name)
    return data


def open_newest(folder: Path, opening: Callable[[int], T]) -> T:
    """Return `opening(generation)` of the newest generation; start over if a commit removes it meanwhile.

    Raises IndexMissing when there is none, and what `opening` raises.
    """
    for _ in range(RETRIES):
        generation = latest_generation(folder)
        if generation is None:
            raise IndexMissing(str(folder))
        try:
            return opening(generation)
        except (IndexDamaged, IndexOutdated):
            if latest_generation(folder) == generation:
                raise
    raise IndexDamaged("every generation vanished while it was being opened")


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write a manifest to disk, synced."""
    data = json.loads(json.dumps({"format": FORMAT, **asdict(manifest)}))
    write_synced(
        folder / manifest_name(manifest.generation), json.dumps({**data, "checksum": _checksum(data)}).encode()
    )


def write_synced(path: Path, data: bytes) -> None:
    """Write a file and wait until it is on disk (`fsync`)."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def replace_synced(path: Path, data: bytes) -> None:
    """Replace a file's contents atomically, and wait until they are on disk."""
    temporary = path.with_name(f"{path.name}.new")
    write_synced(temporary, data)
    temporary.rename(path)
    sync_folder(path.parent)


def commit(folder: Path, generation: int, toc: bytes) -> None:
    """Make a generation the newest one, durably: sync the folder, and give the table of contents its name."""
    temporary = folder / f"{toc_name(generation)}.new"
    write_synced(temporary, toc)
    sync_folder(folder)
    named = temporary.rename(folder / toc_name(generation))
    try:
        sync_folder(folder)
    except BaseException:
        named.unlink()  # a crash could lose the new name, so the generation is not called committed
        raise


def discard(folder: Path, generation: int, files: Iterable[Path]) -> None:
    """Remove the files of a generation that was given up; none if it is committed.

    Whether it is, only its table of contents tells: an interruption may come right after that has its name.
    """
    if not (folder / toc_name(generation)).exists():
        for path in files:
            path.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Wait until the directory entries of a folder are on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def collect_garbage(folder: Path, kept: set[str]) -> None:
    """Remove the files of older generations and of runs that died: all of an index that are not in `kept`."""
    for path in folder.iterdir():
        if path.name not in kept and _OURS.fullmatch(path.name):
            path.unlink(missing_ok=True)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of the one writer of a folder; it ends with its process. Raises IndexLocked, naming the holder."""
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
                file.truncate(0)  # else the next holder could be described as this process, which may still run


def _holder(text: bytes) -> str:
    """Return a description of the lock's holder from the text of the lock file.

    The text may be of an earlier holder that died: then the description names no process.
    """
    try:
        found = json.loads(text)
        with suppress(PermissionError):
            os.kill(found["pid"], 0)
        return f"process {found['pid']}, for {time.time() - found['since']:.0f} s"
    except (ValueError, KeyError, TypeError, OverflowError, ProcessLookupError):
        return "another process, which has just begun or runs elsewhere"


@contextmanager
def storage_errors(folder: Path) -> Iterator[None]:
    """Turn an OSError, such as that of a full disk, into a StorageError."""
    try:
        yield
    except OSError as error:
        message = f"The index in {folder} cannot be written: {error.strerror or error}."
        raise StorageError(
            message, "Make room or mend the permissions, and run it again; nothing was changed."
        ) from error


class CleanupErrors:
    """Turns an OSError in removing what was replaced, after a commit, into a StorageError that says it is committed.

    An interruption ends the removal and nothing else: the run has come to its end. It is no generator, which an
    interruption before its `yield` would break.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        if not isinstance(error, OSError):
            return isinstance(error, KeyboardInterrupt)  # the next run removes what is left
        message = (
            f"All is written to the index in {self.folder}, but files that it no longer needs cannot be removed: "
            f"{error.strerror or error}."
        )
        raise StorageError(message, "Mend the permissions or the disk; the next run removes them.") from error
