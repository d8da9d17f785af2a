"""Disks of a size of their own, and disks that cannot be written: mounted, for nothing else is as they are."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

MOUNT, UNMOUNT = "/usr/bin/mount", "/usr/bin/umount"
HOW = "mounting takes root: run `sudo -E env PATH=$PATH make faults`, or `unshare --map-root-user --mount make faults`"


def mount(*arguments: str | Path) -> None:
    """Mount something; where that is not allowed, skip on a laptop, and fail in CI."""
    done = subprocess.run([MOUNT, *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode:
        assert not os.environ.get("CI"), f"{HOW}: {done.stderr}"
        pytest.skip(f"{HOW}: {done.stderr}")


@contextmanager
def disk(place: Path, size: int) -> Iterator[Path]:
    """A small disk at a place."""
    place.mkdir(exist_ok=True)
    mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", place)
    try:
        yield place
    finally:
        subprocess.run([UNMOUNT, "--lazy", place], check=True)


def resize(place: Path, size: int) -> None:
    mount("-o", f"remount,size={size}", place)


@contextmanager
def read_only(place: Path) -> Iterator[Path]:
    """A folder that nobody can write to, root neither."""
    mount("--bind", place, place)
    try:
        mount("-o", "remount,bind,ro", place)
        yield place
    finally:
        subprocess.run([UNMOUNT, "--lazy", place], check=True)


def used(folder: Path) -> int:
    """What a folder takes on a disk of whole pages."""
    return sum(-(-path.stat().st_size // 4096) * 4096 for path in folder.rglob("*") if path.is_file())
