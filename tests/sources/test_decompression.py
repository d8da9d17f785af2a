"""Compressed files: unpacked piece by piece, damaged ones and bombs refused."""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest

from search.errors import UnreadableArticle
from search.sources import Options, Record
from tests.sources.reader_helpers import MANY, article, opened, read, refusal

PACK: dict[str, Callable[[bytes], bytes]] = {"gz": gzip.compress, "xz": lzma.compress}


@pytest.mark.parametrize("packing", PACK)
def test_reads(tmp_path: Path, packing: str) -> None:
    """Whatever is read unpacked is read packed, several streams after one another too."""
    pack = PACK[packing]
    assert article(tmp_path, f"a.TXT.{packing}", pack(b"T\n\nOne.")) == Record("T", None, ("One.",))
    assert article(tmp_path, f"a.b.html.{packing}", pack(b"<p>One.")) == Record("a.b", None, ("One.",))
    reading = opened(tmp_path, f"a.jsonl.{packing}", pack(b'{"text": "a"}\n{"te') + pack(b'xt": "b"}') + b"\0\0\0\0")
    assert [record.key for record in reading.records] == ["1", "2"]
    assert (reading.format, reading.encoding) == (f"jsonl.{packing}", "utf-8")


@pytest.mark.parametrize("packing", PACK)
@pytest.mark.parametrize(
    "damage", [lambda data: data[:-20], lambda data: data[:40] + b"!!!!!!!!" + data[48:], lambda _: b"hello"]
)
def test_damaged(tmp_path: Path, packing: str, damage: Callable[[bytes], bytes]) -> None:
    """Half of an archive must not pass for all of it: going through it ends with the reason."""
    lines = b"".join(b'{"text": "%d"}\n' % (number * 7919) for number in range(20_000))
    data = damage(PACK[packing](lines))
    assert "damaged" in refusal(tmp_path, f"a.jsonl.{packing}", data)


def test_garbage_after_the_end(tmp_path: Path) -> None:
    """Something was appended that nobody can read; whoever made the file should know."""
    for packing, pack in PACK.items():
        assert "damaged" in refusal(tmp_path, f"a.jsonl.{packing}", pack(b'{"text": "a"}\n') + b"garbage")


@pytest.mark.parametrize("packing", PACK)
def test_bombs(tmp_path: Path, packing: str) -> None:
    """A kilobyte that becomes a gigabyte is stopped on the way, whatever it pretends to be."""
    data = PACK[packing](b" \n" * (32 << 20))
    options = Options(unpacked=1 << 20)
    for name in ("a.txt", "a.jsonl", "a.csv", "a.html"):
        found = refusal(tmp_path, f"{name}.{packing}", data, options)
        assert "more than 1 MB" in found or "larger than 1 MB" in found or name == "a.csv"


def test_a_long_stream_is_no_bomb(tmp_path: Path) -> None:
    """An archive may be of any length, as long as it unpacks as text does."""
    lines = b"".join(b'{"text": "%d"}\n' % (number * 7919) for number in range(20_000))
    assert len(read(tmp_path, "a.jsonl.gz", gzip.compress(lines), Options(unpacked=1000))) == 20_000


def test_empty(tmp_path: Path) -> None:
    """A file that was never written is no archive."""
    assert "empty" in refusal(tmp_path, "a.jsonl.gz", b"")
    with pytest.raises(UnreadableArticle, match="damaged"):
        read(tmp_path, "a.txt.xz", b"", MANY)
