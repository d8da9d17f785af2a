"""The index's folder: durable writes, the lock of the one writer, and the manifest of each generation.

The rename of Whoosh's table of contents is the one commit point. Everything it names is synced before it, the folder
after it.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC

from search.analysis import ANALYSIS_VERSION
from search.errors import IndexDamaged, IndexLocked, IndexMissing, IndexOutdated, StorageError

INDEX_NAME = "MAIN"
FORMAT = f"1.{ANALYSIS_VERSION}"
"""The version of what is on disk. An index of any other version has to be built anew."""


class DurableStorage(FileStorage):
    """Whoosh's storage, but what is renamed into place is on disk, and so is all that was written before it."""

    def rename_file(self, frm: str, to: str, safe: bool = False) -> None:  # noqa: FBT001, FBT002 - Whoosh's signature
        """Sync every new file of the folder, rename, sync the folder."""
        folder = Path(self.folder)
        for path in folder.iterdir():
            if path.is_file() and path.name != LOCK:
                sync(path)
        sync(folder)
        super().rename_file(frm, to, safe)
        sync(folder)


def sync(path: Path) -> None:
    """Wait until a file or folder is on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


LOCK = "writer.lock"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Be the one writer of a folder. The lock dies with its process. Raises IndexLocked, naming the holder."""
    with (folder / LOCK).open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            message = f"The index in {folder} is being written by {_holder(file.read())}."
            raise IndexLocked(message, "Wait until it is done, or stop that process.") from None
        file.truncate(0)
        file.write(json.dumps({"pid": os.getpid(), "since": time.time()}))
        file.flush()
        yield


def _holder(text: str) -> str:
    try:
        found = json.loads(text)
        return f"process {found['pid']}, for {time.time() - found['since']:.0f} s"
    except (ValueError, KeyError, TypeError):
        return "another process, which has just begun"


def latest_generation(folder: Path) -> int | None:
    """The newest generation that was committed; None when there is none."""
    pattern = TOC._pattern(INDEX_NAME)  # noqa: SLF001 - the name of the table of contents is Whoosh's
    try:
        return max((int(found[1]) for name in os.listdir(folder) if (found := pattern.match(name))), default=None)
    except FileNotFoundError:
        return None


def manifest_path(folder: Path, generation: int) -> Path:
    """Where a generation's manifest is."""
    return folder / f"manifest-{generation}.json"


def read_manifest(folder: Path, generation: int) -> dict[str, Any]:
    """What a generation's writer left about it. Raises IndexMissing, IndexOutdated or IndexDamaged."""
    path = manifest_path(folder, generation)
    try:
        manifest = json.loads(path.read_bytes())
        if manifest["format"] != FORMAT:
            raise IndexOutdated(str(folder), manifest["format"], FORMAT)
    except FileNotFoundError:
        if generation == 0:
            raise IndexMissing(str(folder)) from None
        raise IndexDamaged(f"{path.name} is missing") from None
    except (ValueError, KeyError, TypeError) as error:
        raise IndexDamaged(f"{path.name} cannot be read") from error
    return manifest  # type: ignore[no-any-return]  # JSON of our own


def write_manifest(folder: Path, generation: int, manifest: dict[str, Any]) -> None:
    """Leave what is to be known of a generation; on disk when this returns."""
    path = manifest_path(folder, generation)
    with path.open("w", encoding="ascii") as file:
        json.dump({"format": FORMAT, **manifest}, file)
        file.flush()
        os.fsync(file.fileno())


def drop_manifests(folder: Path, generation: int) -> None:
    """Remove the manifests of all other generations."""
    for path in folder.glob("manifest-*.json"):
        if path != manifest_path(folder, generation):
            path.unlink(missing_ok=True)


@contextmanager
def storage_errors(folder: Path) -> Iterator[None]:
    """Turn what the disk refuses into a StorageError."""
    try:
        yield
    except OSError as error:
        message = f"The index in {folder} cannot be written: {error.strerror or error}."
        raise StorageError(message, "Make room or mend the permissions, and run it again; nothing was changed.") from error
