"""Opening what anybody may have put there."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import re
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from search.errors import UnreadableArticle
from search.sources import ENDINGS, MANY_ENDINGS, Options, check_file_size, find_files, open_source
from search.sources.decompression import MAX_RATIO
from search.sources.formats.markdown import FRONT
from search.sources.formats.zip_document import MEMBERS
from search.sources.opening import open_regular_file


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.zip", "a.html", "a.csv.gz"])
def test_nothing_but_files_is_read(tmp_path: Path, name: str) -> None:
    """A FIFO would wait for a writer for ever; a device would never end."""
    path = tmp_path / name
    cases: list[tuple[Callable[[], object], str]] = [
        (lambda: os.mkfifo(path), "not a regular file"),
        (path.mkdir, "not a regular file"),
        (lambda: path.symlink_to("/dev/zero"), "not a regular file"),
        (lambda: path.symlink_to(path), "Too many levels"),
        (lambda: None, "not there"),
    ]
    for make, reason in cases:
        make()
        with pytest.raises(UnreadableArticle, match=reason):
            list(open_source(path, Options()).records)
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)


def test_a_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It cannot be opened at all, and the reason says so."""
    monkeypatch.chdir(tmp_path)  # names of sockets are short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("a.txt")
        with pytest.raises(UnreadableArticle, match="cannot be read"):
            open_source(Path("a.txt"), Options())


@pytest.mark.parametrize("change", ["grow", "touch", "shrink"])
def test_a_file_that_changes(tmp_path: Path, change: str) -> None:
    """Half of the old and half of the new text is neither."""
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a"}\n' * 3)
    records = open_source(path, Options()).records
    next(records)
    if change == "touch":
        os.utime(path, (1, 1))
    else:
        os.truncate(path, 10 if change == "shrink" else 100)
    with pytest.raises(UnreadableArticle, match="changed while it was read"):
        list(records)


@pytest.mark.parametrize("name", ["a.txt", "a.json", "a.pdf", "a.html", "a.html.gz", "a.txt.xz"])
def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, name: str) -> None:
    """Its size tells, and reading all of a disk image with the wrong ending took the run for ever."""
    path = tmp_path / name
    path.touch()
    os.truncate(path, 1 << 40)
    with pytest.raises(UnreadableArticle, match="larger than"):
        open_source(path, Options())
    for other, size in (("a.jsonl", 1 << 40), ("a.csv.gz", 1 << 40), ("a.zip", 1 << 40), ("a.txt.gz", 1001)):
        check_file_size(other, size, Options(record=1000))


def test_names_in_odd_encodings(tmp_path: Path) -> None:
    """Old disks have them; the name cannot be an id, but reading must not fall over it."""
    for ending in ("txt", "html", "md"):
        path = tmp_path / os.fsdecode(b"caf\xe9." + ending.encode())
        path.write_text("One two three.\n\nFour five.")
        (record,) = open_source(path, Options()).records
        record.title.encode() if hasattr(record, "title") else pytest.fail(str(record))


def test_nothing_stays_open(tmp_path: Path) -> None:
    """A run over a million files has a thousand descriptors."""
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a"}\n' * 3)
    before = len(list(Path("/dev/fd").iterdir()))
    records = [open_source(path, Options()).records for _ in range(50)]
    for each in records[::2]:
        next(each)
    del records, each
    assert len(list(Path("/dev/fd").iterdir())) == before
    with open_regular_file(path) as file:
        assert file.read(1) == b"{"


@pytest.mark.no_cover  # it would take thrice as long, and other tests reach these lines
def test_what_is_read_ahead_ends_with_the_file(tmp_path: Path) -> None:
    """A thread that still reads would take bytes of the next file, which has the same descriptor."""
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"text": "a"}\n' * 100_000, 1))
    before = threading.active_count()
    records = open_source(path, Options()).records
    next(records)
    assert threading.active_count() == before + 1
    del records
    assert threading.active_count() == before
    assert sum(1 for _ in open_source(path, Options()).records) == 100_000
    path.write_bytes(path.read_bytes()[:-5])  # what the thread raises comes out
    assert "damaged" in getattr(list(open_source(path, Options()).records)[-1], "reason", "")


def test_endings(tmp_path: Path) -> None:
    """Every ending that is taken for an article has a reader, and double endings count as one."""
    for name in ("a.txt", "b.JSONL.GZ", "c.tar.gz", "d.gz", "e.zip", "f.md.xz", "g.zip.gz", "htm"):
        (tmp_path / name).write_text("")
    taken = [file.path for file in find_files(tmp_path, ENDINGS) if not file.ignored]
    assert taken == ["a.txt", "b.JSONL.GZ", "e.zip", "f.md.xz"]
    assert MANY_ENDINGS < ENDINGS


@pytest.mark.parametrize("name", ["a", "a.png", "a.tar.gz", "a.zip.gz", "a.gz", ".txt.gz.gz", "txt"])
def test_a_name_without_a_reader(tmp_path: Path, name: str) -> None:
    """Whoever hands such a file over is told, even though `find_files` would have passed over it."""
    (tmp_path / name).write_text("T\n\nOne.")
    with pytest.raises(UnreadableArticle, match="no ending"):
        open_source(tmp_path / name, Options())


def test_formats_are_documented() -> None:
    """Exactly those endings that are read, and the limits that are in force."""
    text = (Path(__file__).parents[2] / "docs" / "formats.md").read_text("utf-8")
    rows = text.partition("|---|---|---|\n")[2].partition("\n\n")[0].splitlines()
    documented = {ending for row in rows for ending in re.findall(r"`(\.\w+)`", row.split("|")[1])}
    assert documented == {ending for ending in ENDINGS if ending.count(".") == 1}
    limits = Options()
    for stated in (
        f"64 MB |\n| a file of another format, as it is | {limits.memory >> 22} MB",
        f"{limits.record >> 20} MB",
        f"{limits.memory >> 20} MB",
        f"{limits.seconds:.0f} s",
        f"{limits.unpacked >> 30} GB; above that, {MAX_RATIO} times",
        f"{MEMBERS:,} |",
        f"{FRONT:,} characters",
    ):
        assert stated in text


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.txt", "a.html", "a.txt.gz"])
def test_a_name_that_says_another_format(tmp_path: Path, name: str) -> None:
    """A spreadsheet saved as `a.csv` was said to name no column, and a packed file not to be in UTF-8."""
    for data, said in (
        (gzip.compress(b"a\nb"), "format gzip"),
        (lzma.compress(b"a\nb"), "format xz"),
        (bz2.compress(b"a\nb"), "format bzip2"),
        (b"PK\3\4\0\0", "format zip, as are .xlsx"),
        (b"%PDF-1.4\n", "format PDF"),
    ):
        (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        with pytest.raises(UnreadableArticle, match=said):
            list(open_source(tmp_path / name, Options()).records)
    (tmp_path / "b.txt").write_bytes(b"BZh is a bank\nOne.")
    assert list(open_source(tmp_path / "b.txt", Options()).records)
