"""Compressed files: unpacked piece by piece, damaged ones and bombs refused."""

from __future__ import annotations

import gzip
import lzma
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from search.errors import UnreadableArticle
from search.sources import Options, Record, RefusedRecord
from tests.sources.formats.test_docx import docx
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


LINES = b"".join(b'{"text": "%d"}\n' % (number * 7919) for number in range(20_000))


def spoiled(data: bytes, place: int) -> bytes:
    """The data with one byte changed."""
    place %= len(data)
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


@pytest.mark.parametrize("packing", PACK)
@pytest.mark.parametrize("share", [0.3, 0.9, 1])
def test_a_download_that_broke_off(tmp_path: Path, packing: str, share: float) -> None:
    """As of the same file unpacked all records before the cut are read, and it is said that there were more."""
    data = PACK[packing](LINES)
    *good, rest = read(tmp_path, f"a.jsonl.{packing}", data[: int(len(data) * share) - 20])
    whole = read(tmp_path, "a.jsonl", LINES)
    articles = [record for record in good if isinstance(record, Record)]
    assert articles == whole[: len(articles)]
    assert len(articles) >= 20_000 * share * 0.8
    assert len(good) - len(articles) <= 1  # the line that was cut
    assert isinstance(rest, RefusedRecord)
    assert rest.key == "(the rest)"
    assert re.search(r"damaged; it was read up to byte [1-9][\d,]+ of what it holds: it ends before", rest.reason)
    assert rest.advice


@pytest.mark.parametrize("packing", PACK)
def test_damage_in_the_middle(tmp_path: Path, packing: str) -> None:
    """What comes before it is as good as it was; what comes after it may look like text and be none."""
    data = PACK[packing](LINES)
    half = len(data) // 2
    found = read(tmp_path, f"a.jsonl.{packing}", data[:half] + b"!" * 8 + data[half + 8 :])
    texts = [record.paragraphs for record in found if isinstance(record, Record)]
    assert texts[:9_000] == [(str(number * 7919),) for number in range(9_000)]
    assert "damaged" in getattr(found[-1], "reason", "")


@pytest.mark.parametrize("packing", PACK)
@pytest.mark.parametrize("damage", [lambda data: b"!" + data[1:], lambda _: b"hello", lambda data: data[:12]])
def test_damage_at_the_beginning(tmp_path: Path, packing: str, damage: Callable[[bytes], bytes]) -> None:
    """There is nothing before it that could be read."""
    for name in ("a.jsonl", "a.txt", "a.html"):
        reason = refusal(tmp_path, f"{name}.{packing}", damage(PACK[packing](LINES)))
        assert "damaged at its beginning" in reason


@pytest.mark.parametrize("name", ["a.txt.gz", "a.html.gz", "a.md.gz", "a.json.gz"])
def test_a_wrong_checksum(tmp_path: Path, name: str) -> None:
    """All of it is there, and is read; whether it is right nobody can say."""
    text = '{"title": "T", "text": "One."}' if "json" in name else "# T\n\nOne.\n"
    found = article(tmp_path, name, spoiled(gzip.compress(text.encode()), -8))
    assert found.paragraphs[-1].endswith("One.")
    (missing,) = found.missing
    assert "damaged; it was read up to byte" in missing


def test_a_damaged_document(tmp_path: Path) -> None:
    """Of formats that cannot be read in part both reasons are said."""
    reason = refusal(tmp_path, "a.docx.gz", gzip.compress(docx(("T", ""), ("One.", "")))[:-9000])
    assert "it ends before the end of what was packed" in reason
    assert "not the zip that this format is" in reason


@pytest.mark.parametrize("packing", PACK)
def test_garbage_after_the_end(tmp_path: Path, packing: str) -> None:
    """Something was appended that nobody can read; whoever made the file should know, and what is good is read."""
    good, rest = read(tmp_path, f"a.jsonl.{packing}", PACK[packing](b'{"text": "a"}\n') + b"garbage")
    assert isinstance(good, Record)
    assert "damaged; it was read up to byte 14" in getattr(rest, "reason", "")


@pytest.mark.no_cover  # it would take thrice as long, and other tests reach these lines
@pytest.mark.parametrize("packing", PACK)
def test_bombs(tmp_path: Path, packing: str) -> None:
    """A kilobyte that becomes a gigabyte is stopped on the way, whatever it pretends to be."""
    data = PACK[packing](b" \n" * (32 << 20))
    options = Options(unpacked=1 << 20)
    for name in ("a.txt", "a.jsonl", "a.csv", "a.html"):
        found = refusal(tmp_path, f"{name}.{packing}", data, options)
        assert "more than 1 MB" in found or "larger than 1 MB" in found or name == "a.csv"


def test_hundreds_of_thousands_of_empty_streams(tmp_path: Path) -> None:
    """Streams that hold nothing, one after the other, take a moment: they are no way to keep a run busy."""
    data = lzma.compress(b"") * 200_000 + lzma.compress(b'{"text": "One."}')
    began = time.process_time()
    assert len(read(tmp_path, "a.jsonl.xz", data, MANY)) == 1
    assert time.process_time() - began < 2.5  # it takes .4 s; were each copied with a megabyte that follows, 4 s


def test_a_long_stream_is_no_bomb(tmp_path: Path) -> None:
    """An archive may be of any length, as long as it unpacks as text does."""
    lines = b"".join(b'{"text": "%d"}\n' % (number * 7919) for number in range(20_000))
    assert len(read(tmp_path, "a.jsonl.gz", gzip.compress(lines), Options(unpacked=1000))) == 20_000


def test_empty(tmp_path: Path) -> None:
    """A file that was never written is no archive."""
    assert "empty" in refusal(tmp_path, "a.jsonl.gz", b"")
    with pytest.raises(UnreadableArticle, match="damaged"):
        read(tmp_path, "a.txt.xz", b"", MANY)
