"""Earlier generations: those that were replaced a short while ago, kept for whoever is paging through one of them.

    earlier/<generation>/               its files, but for the ledger, as hard links

The links of files that the newest generation has too take no room. A generation was replaced when its folder was made.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from search.errors import IndexDamaged, IndexOutdated
from search.index.storage.directory import Manifest, ledger_name, read_manifest

FOLDER = "earlier"
KEPT_SECONDS = 15 * 60
"""How long after it was replaced a generation can be opened."""
GRACE_SECONDS = 60
"""How much longer its files stay, for whoever has just begun to open them."""


def earlier_folder(folder: Path, generation: int) -> Path:
    """Return the folder of an earlier generation of the index in a folder."""
    return folder / FOLDER / str(generation)


def retain(folder: Path, generation: int) -> None:
    """Keep the files of a generation that has just been replaced, as hard links.

    Nothing is kept of a generation that cannot be read, and nothing that cannot be linked, as on a full disk or a file
    system without hard links. That is no error: whoever pages through the generation has to begin anew.
    """
    try:
        manifest = read_manifest(folder, generation)
    except (IndexDamaged, IndexOutdated):
        return
    kept = earlier_folder(folder, generation)
    with suppress(OSError):
        kept.mkdir(parents=True)
        for name in manifest.names() - {ledger_name(generation)}:
            os.link(folder / name, kept / name)


def can_be_opened(folder: Path, generation: int) -> bool:
    """Tell whether an earlier generation is there, and was replaced less than KEPT_SECONDS ago."""
    try:
        replaced = earlier_folder(folder, generation).stat().st_mtime
    except OSError:
        return False
    return _is_within(KEPT_SECONDS, replaced)


def _is_within(seconds: float, replaced: float) -> bool:
    """Tell whether the time `replaced`, in seconds since 1970, is less than `seconds` from now.

    It can be in the future if the clock was set back.
    """
    return abs(time.time() - replaced) < seconds


def remove_expired(folder: Path, newest: Manifest | None) -> None:
    """Remove earlier generations that can no longer be opened; all if the disk has less room than `newest` takes."""
    kept = list(_kept(folder))
    if not kept:
        return
    needed = sum(segment.bytes for segment in newest.segments) if newest else 0
    is_tight = shutil.disk_usage(folder).free < needed
    for path, replaced in kept:
        if is_tight or not _is_within(KEPT_SECONDS + GRACE_SECONDS, replaced):
            shutil.rmtree(path, ignore_errors=True)


def _kept(folder: Path) -> Iterator[tuple[Path, float]]:
    """Yield the folder of each earlier generation, and when it was replaced, in seconds since 1970."""
    try:
        paths = list((folder / FOLDER).iterdir())
    except FileNotFoundError:
        return
    for path in paths:
        with suppress(FileNotFoundError):  # another process may have removed it just now
            yield path, path.stat().st_mtime
