"""Which files a run has to read: by size, time and bytes."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from search.errors import UnreadableArticle
from search.indexing.fingerprints import (
    COARSE,
    SECOND,
    Key,
    check_unchanged,
    digest_of,
    find_moves,
    reliable_mtime,
    unchanged,
    with_current_stat,
)
from search.ledger import LedgerEntry
from search.sources import FoundFile


def found(path: Path) -> FoundFile:
    return with_current_stat(FoundFile(path.name, str(path)))


def test_a_recent_time_is_not_relied_on() -> None:
    """A second change in the same tick of the file system's clock would never be noticed."""
    now = time.time_ns()
    assert reliable_mtime(FoundFile("a", "a", mtime=now)) == 0
    whole = (now - COARSE // 2) // SECOND * SECOND  # a file system without fractions of seconds
    assert reliable_mtime(FoundFile("a", "a", mtime=whole)) == 0
    assert reliable_mtime(FoundFile("a", "a", mtime=whole - SECOND // 2)) == whole - SECOND // 2


def test_only_what_was_read_with_a_reliable_time_is_unchanged(tmp_path: Path) -> None:
    """A file that could not be read is tried again, though nothing about it has changed."""
    (tmp_path / "a").touch()
    file = FoundFile("a", str(tmp_path / "a"), size=3, mtime=5)
    good = LedgerEntry("s", "a", "indexed", size=3, mtime=5, digest="x")
    assert unchanged(file, good)
    for entry in (
        LedgerEntry("s", "a", "quarantined", size=3, mtime=5),
        LedgerEntry("s", "a", "indexed", size=3, mtime=0, digest="x"),
        LedgerEntry("s", "a", "indexed", size=4, mtime=5, digest="x"),
    ):
        assert not unchanged(file, entry)


def test_a_file_that_was_closed_is_noticed(unprivileged: Path) -> None:
    """Its article stays, but the ledger would call it indexed, and a new index would not have it."""
    path = unprivileged / "a.txt"
    path.write_text("one")
    file = found(path)
    entry = LedgerEntry("s", "a.txt", "indexed", size=3, mtime=file.mtime, digest="x")
    assert unchanged(file, entry)
    path.chmod(0)
    assert not unchanged(file, entry)


def test_a_file_that_changed_is_noticed(tmp_path: Path) -> None:
    """The articles of one version would stand beside the checksum of another."""
    path = tmp_path / "a.txt"
    path.write_text("one")
    file = found(path)
    check_unchanged(file)
    path.write_text("other")
    with pytest.raises(UnreadableArticle, match="changed while"):
        check_unchanged(file)


def test_each_old_file_moves_once(tmp_path: Path) -> None:
    """Two copies of a file that is gone are one moved file and one new one, whose articles must not be taken twice."""
    files: dict[Key, FoundFile] = {}
    for name in ("a.txt", "b.txt", "other.txt"):
        (tmp_path / name).write_text("other" if name == "other.txt" else "same!")
        files["s", name] = found(tmp_path / name)
    entry = LedgerEntry("s", "gone.txt", "indexed", size=5, digest=digest_of(files["s", "a.txt"]))
    assert find_moves(files, {entry.file: entry}) == {("s", "a.txt"): ("s", "gone.txt")}


def test_a_moved_file_is_paired_with_the_one_of_its_name(tmp_path: Path) -> None:
    """Of two copies that moved, each can keep what its name made of it, and neither has to be read again."""
    files: dict[Key, FoundFile] = {}
    for name in ("x/a.txt", "x/b.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("same!")
        files["s", name] = with_current_stat(FoundFile(name, str(tmp_path / name)))
    digest = digest_of(files["s", "x/a.txt"])
    known = [LedgerEntry("s", name, "indexed", size=5, digest=digest) for name in ("b.txt", "c.txt", "a.txt")]
    moved = find_moves(files, {entry.file: entry for entry in known})
    assert moved == {("s", "x/a.txt"): ("s", "a.txt"), ("s", "x/b.txt"): ("s", "b.txt")}
