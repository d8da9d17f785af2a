"""What a server and the folder of its index take: memory, open files, maps, bytes of disk (Linux)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple


class Resources(NamedTuple):
    """Of some processes together: bytes of memory, what they share once (Pss), open files, maps of an index's files."""

    memory: int
    descriptors: int
    maps: int


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for path in tasks for child in path.read_text("ascii").split()]


def resources(pids: Iterable[int], index: Path) -> Resources:
    """What these processes, which read an index, take now. Raises OSError if one of them has ended."""
    memory = descriptors = maps = 0
    for pid in pids:
        process = Path(f"/proc/{pid}")
        found = re.search(r"^Pss:\s+(\d+) kB", (process / "smaps_rollup").read_text("ascii"), re.MULTILINE)
        assert found is not None
        memory += int(found[1]) << 10
        descriptors += sum(1 for _ in (process / "fd").iterdir())
        maps += (process / "maps").read_text("utf-8").count(f" {index}/")
    return Resources(memory, descriptors, maps)


def files_of(folder: Path, pattern: str) -> dict[int, int]:
    """The bytes of each file of a folder whose path fits a pattern, by its inode, so that a hard link counts once."""
    found = [path.stat() for path in folder.glob(pattern) if path.is_file()]
    return {status.st_ino: status.st_size for status in found}
