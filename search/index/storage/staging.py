"""Unfinished runs: what a run had finished when it was interrupted, for the next one to go on after.

    staging/run.json                what is being done, upon which generation
    staging/MAIN_<segment>.arrays   a batch's segment
    staging/batch-<number>.json     what the batch is made of; the batch counts from its rename on

Neither readers nor Whoosh look in here. The commit moves segments out, and then all of this goes.
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
class Batch:
    """A segment with what belongs to it. `removed` are files whose articles in earlier segments are gone."""

    segment: str
    length: int
    removed: tuple[str, ...]
    progress: dict[str, Any]


class Staging:
    """The batches of one run."""

    def __init__(self, index: Path, generation: int, run: str, *, anew: bool) -> None:
        self.folder = index / "staging"
        self.run = {"format": FORMAT, "generation": generation, "run": run, "anew": anew}
        self.batches = 0

    def found(self) -> list[Batch]:
        """The finished batches of this very run, in order; those of any other are thrown away."""
        try:
            same = json.loads((self.folder / "run.json").read_bytes()) == self.run
        except (OSError, ValueError):
            same = False
        if not same:
            self.clear()
            return []
        batches: list[Batch] = []
        while batch := self._batch(len(batches)):
            batches.append(batch)
        self.batches = len(batches)
        named = {"run.json", *(f"batch-{n}.json" for n in range(len(batches))), *(batch.segment for batch in batches)}
        for path in self.folder.iterdir():
            if path.name not in named:  # of a batch that was not finished
                path.unlink()
        return batches

    def _batch(self, number: int) -> Batch | None:
        """Batch `number`, if it is whole."""
        try:
            data = json.loads((self.folder / f"batch-{number}.json").read_bytes())
            batch = Batch(data["segment"], data["length"], tuple(data["removed"]), data["progress"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return batch if (self.folder / batch.segment).is_file() else None

    def begin(self) -> None:
        """Be ready for a segment."""
        if not self.batches:
            self.folder.mkdir(exist_ok=True)
            sync_folder(self.folder.parent)
            replace_synced(self.folder / "run.json", json.dumps(self.run).encode())

    def add(self, batch: Batch) -> None:
        """Finish a batch; its segment is on disk."""
        replace_synced(self.folder / f"batch-{self.batches}.json", json.dumps(asdict(batch)).encode())
        self.batches += 1

    def drop_from(self, batch: Batch) -> None:
        """Forget a batch and all that came after it."""
        numbers = [n for n in range(self.batches) if (found := self._batch(n)) and found.segment == batch.segment]
        for number in range(min(numbers, default=0), self.batches):
            (self.folder / f"batch-{number}.json").unlink()
        self.batches = min(numbers, default=0)

    def clear(self) -> None:
        """Forget everything."""
        self.batches = 0
        if self.folder.exists():
            shutil.rmtree(self.folder)


def staged_bytes(index: Path) -> int:
    """How many bytes an unfinished run has left. Raises IndexDamaged when its folder cannot be read."""
    try:
        return sum(path.stat().st_size for path in (index / "staging").iterdir())
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise IndexDamaged(f"the folder {index / 'staging'} cannot be read: {error.strerror}") from error
