"""Staging: the finished segments of an unfinished run, from which the next run continues after an interruption.

    staging/run.json                which run it is, and upon which generation
    staging/MAIN_<segment>.arrays   a staged segment
    staging/batch-<number>.json     the description of a staged segment, which counts from the rename of this file on

Neither readers nor Whoosh look in here. The commit moves the segments out, and then the folder is removed.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from search.errors import IndexDamaged
from search.index.storage.directory import FORMAT, replace_synced, sync_folder


@dataclass(frozen=True, slots=True)
class StagedSegment:
    """A segment that a run has staged.

    `segment` is the name of its file, `length` the sum of its documents' lengths. `removed` has the ids of
    the files whose articles in earlier segments are deleted, `progress` the JSON of what the run had done by then.
    """

    segment: str
    length: int
    removed: tuple[str, ...]
    progress: dict[str, Any]


class Staging:
    """The segments that one run has staged, numbered from 0.

    A run is known by its name `run`, which the sources determine, by the generation that it starts from, by the format,
    and by whether it builds the index `anew`. If one of these is another, it is another run.
    """

    def __init__(self, index: Path, generation: int, run: str, *, anew: bool) -> None:
        self.folder = index / "staging"
        self.run = {"format": FORMAT, "generation": generation, "run": run, "anew": anew}
        self.count = 0

    def load(self) -> list[StagedSegment]:
        """Return what this run had staged when it was interrupted, in order; remove everything else."""
        try:
            same = json.loads((self.folder / "run.json").read_bytes()) == self.run
        except (OSError, ValueError):
            same = False
        if not same:
            self.clear()
            return []
        staged: list[StagedSegment] = []
        while one := self._read(len(staged)):
            staged.append(one)
        self.count = len(staged)
        named = {"run.json", *map(self._name, range(self.count)), *(one.segment for one in staged)}
        for path in self.folder.iterdir():
            if path.name not in named:  # left over from a segment that was not finished
                path.unlink()
        return staged

    def begin(self) -> None:
        """Make the folder, before the first segment is written into it."""
        if not self.count:
            self.folder.mkdir(exist_ok=True)
            sync_folder(self.folder.parent)
            replace_synced(self.folder / "run.json", json.dumps(self.run).encode())

    def add(self, staged: StagedSegment) -> None:
        """Make a segment whose file is on disk count as staged."""
        replace_synced(self.folder / self._name(self.count), json.dumps(asdict(staged)).encode())
        self.count += 1

    def truncate(self, count: int) -> None:
        """Forget all staged segments but the first `count`."""
        for number in range(count, self.count):
            (self.folder / self._name(number)).unlink()
        self.count = count

    def clear(self) -> None:
        """Remove everything that is staged."""
        self.count = 0
        if self.folder.exists():
            shutil.rmtree(self.folder)

    @staticmethod
    def _name(number: int) -> str:
        return f"batch-{number}.json"

    def _read(self, number: int) -> StagedSegment | None:
        """Return the staged segment of a number; None if it or its file is missing or cannot be read."""
        try:
            data = json.loads((self.folder / self._name(number)).read_bytes())
            staged = StagedSegment(data["segment"], data["length"], tuple(data["removed"]), data["progress"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return staged if (self.folder / staged.segment).is_file() else None


def staged_size(index: Path) -> int:
    """Return the bytes that an interrupted run has staged. Raises IndexDamaged when the folder cannot be read."""
    try:
        return sum(path.stat().st_size for path in (index / "staging").iterdir())
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise IndexDamaged(f"the folder {index / 'staging'} cannot be read: {error.strerror}") from error
