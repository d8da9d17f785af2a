"""Zips: every member by its name, and none that leads out of it."""

from __future__ import annotations

import io
import itertools
import re
import struct
import time
import zlib
from contextlib import suppress
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from search.errors import UnreadableArticle
from search.sources import Options, Record, RefusedRecord
from search.sources.formats.native import read_native
from search.sources.formats.zip_archive import read_zip
from tests.sources.reader_helpers import opened, read, refusal

TXT = b"T\n\nOne."


def packed(*members: tuple[str, bytes], method: int = ZIP_DEFLATED) -> bytes:
    with ZipFile(data := io.BytesIO(), "w", method) as archive:
        for name, content in members:
            archive.writestr(ZipInfo(name), content, method)
    return data.getvalue()


def reasons(folder: Path, *members: tuple[str, bytes]) -> dict[str, str]:
    found = read(folder, "a.zip", packed(*members))
    return {record.key: record.reason if isinstance(record, RefusedRecord) else "" for record in found}


def test_what_is_packed_twice_is_said(tmp_path: Path) -> None:
    """An archive of archives may hold thousands of articles; none is left out without a word."""
    inner = packed(("a.txt", TXT))
    found = reasons(
        tmp_path, ("a.txt", TXT), ("b.zip", inner), ("c.TXT.gz", b"x"), ("d.jsonl.xz", b"x"), ("e.gz", b"x")
    )
    assert found["a.txt"] == ""
    assert {key for key, reason in found.items() if "packed within" in reason} == {"b.zip", "c.TXT.gz", "d.jsonl.xz"}
    assert found["e.gz"] == "not a format that is read in an archive"


def test_parts_of_a_saved_page(tmp_path: Path) -> None:
    """As in a folder: a browser saves advertisements with a page, which are no articles."""
    pages = ("b/a.html", "b/a_files/ad.html")
    found = reasons(tmp_path, *((page, b"<p>One.") for page in pages), ("a_files/c.txt", TXT), ("_files/d.txt", TXT))
    assert found == dict.fromkeys(("b/a.html", "a_files/c.txt", "_files/d.txt"), "") | {
        "b/a_files/ad.html": "a part of a saved page"
    }


def test_reads(tmp_path: Path) -> None:
    """Keys are the members' names; records of files of many come after a colon."""
    reading = opened(
        tmp_path,
        "a.zip",
        packed(("b/a.txt", TXT), ("c.jsonl", b'{"text": "a"}\n\n{"text": "b", "id": "x"}'), ("d.html", b"<p>One.")),
    )
    assert list(reading.records) == [
        Record("T", None, ("One.",), None, "b/a.txt"),
        Record("a", None, ("a",), None, "c.jsonl:1"),
        Record("b", None, ("b",), None, "c.jsonl:x"),
        Record("d", None, ("One.",), None, "d.html"),
    ]
    assert (reading.format, reading.encoding) == ("zip", "utf-8")


def test_members_that_are_not_read(tmp_path: Path) -> None:
    """Each is named, and what never was an article is not called broken."""
    found = read(tmp_path, "a.zip", packed(("a.png", b""), (".b.txt", TXT), ("__MACOSX/a.txt", TXT), ("c.zip", TXT)))
    assert [(record.key, getattr(record, "ignored", False)) for record in found] == [
        *(("a.png", True), (".b.txt", True), ("__MACOSX/a.txt", True), ("c.zip", False))
    ]


def test_bad_members_do_not_stop_the_others(tmp_path: Path) -> None:
    """Names that lead out of the archive, files that are empty, names that are there twice."""
    found = reasons(tmp_path, ("../a.txt", TXT), ("/b.txt", TXT), ("c\\..\\d.txt", TXT), ("e.txt", b""), ("f.txt", TXT))
    assert list(found) == ["../a.txt", "/b.txt", "c/../d.txt", "e.txt", "f.txt"]
    assert [reason.split()[0] if reason else "" for reason in found.values()] == ["The"] * 4 + [""]
    assert "empty" in found["e.txt"]
    data = packed(("a.txt", TXT), ("b.txt", TXT)).replace(b"b.txt", b"a.txt")
    first, second = read(tmp_path, "a.zip", data)
    assert isinstance(first, Record)
    assert isinstance(second, RefusedRecord)
    assert "repeated id" in second.reason


def test_names_as_people_write_them(tmp_path: Path) -> None:
    """A Mac writes a narrow space into names, Windows a backslash between folders, many write UTF-8 without a word."""
    found = reasons(tmp_path, ("at 10.04\u202fAM.txt", TXT), ("b: c.txt", TXT), ("d\\e.txt", TXT), ("f\u202e.txt", TXT))
    assert found == {"at 10.04\u202fAM.txt": "", "b%3A c.txt": "", "d/e.txt": "", "f%E2%80%AE.txt": ""}
    data = bytearray(packed(("Brücke.txt", TXT)))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        struct.pack_into("<H", data, data.index(signature) + offset, 0)
    assert [record.key for record in read(tmp_path, "a.zip", bytes(data))] == ["Brücke.txt"]
    old = packed(("Br}cke.txt", TXT)).replace(b"}", b"\x81")  # in the encoding of MS-DOS
    assert [record.key for record in read(tmp_path, "a.zip", old)] == ["Brücke.txt"]
    (locked,) = read(tmp_path, "a.zip", packed(("a/~$x.docx", b"x")))
    assert isinstance(locked, RefusedRecord)
    assert locked.ignored


def test_names_that_differ_have_ids_that_differ(tmp_path: Path) -> None:
    """The second of two files would be refused as there already."""
    names = ["a:b.txt", "a%3Ab.txt", "a%253Ab.txt", "100%.txt", "%:3A.txt", "%%3A3A.txt"]
    found = reasons(tmp_path, *((name, TXT) for name in names))
    assert list(found.values()) == [""] * len(names)
    assert list(found)[:4] == ["a%3Ab.txt", "a%253Ab.txt", "a%25253Ab.txt", "100%.txt"]


def test_a_member_without_a_name(tmp_path: Path) -> None:
    """It cannot be part of an id, and a library falls over it."""
    data = packed(("a.txt", TXT)).replace(b"a.txt", b"\0.txt")  # names end at a NUL
    (record,) = read(tmp_path, "a.zip", data)
    assert isinstance(record, RefusedRecord)
    assert record.key == "(no name)"


def test_damaged_members(tmp_path: Path) -> None:
    """What comes before the damage is read, as of a file that is packed alone, and costs no other member."""
    bad = packed(("a.txt", TXT), ("b.txt", TXT), method=ZIP_STORED).replace(b"One.", b"Two.", 1)
    first, second = read(tmp_path, "a.zip", bad)
    assert first == Record(
        "T",
        None,
        ("Two.",),
        None,
        "a.txt",
        missing=("It is damaged; 7 of its 7 bytes were read: its checksum is another one.",),
    )
    assert isinstance(second, Record)
    lines = b"".join(b'{"text": "%d"}\n' % (number * 7919) for number in range(20_000))
    data = packed(("a.jsonl", lines), ("b.txt", TXT))
    half = len(data) // 2
    *good, rest, other = read(tmp_path, "a.zip", data[:half] + b"!" * 40 + data[half + 40 :])
    texts = [record.paragraphs for record in good if isinstance(record, Record)]
    assert texts[:8_000] == [(str(number * 7919),) for number in range(8_000)]
    assert isinstance(rest, RefusedRecord)
    assert rest.key == "a.jsonl:(the rest)"
    assert re.search(r"damaged; [1-9][\d,]+ of its [\d,]+ bytes were read", rest.reason)
    assert (other.key, isinstance(other, Record)) == ("b.txt", True)
    data = packed(("a.txt", TXT))
    found = reasons_of(tmp_path, data[:36] + b"\xff" * 5 + data[41:])
    assert "It is damaged" in found["a.txt"]


def reasons_of(folder: Path, data: bytes) -> dict[str, str]:
    return {record.key: getattr(record, "reason", "") for record in read(folder, "a.zip", data)}


def test_encrypted_members(tmp_path: Path) -> None:
    """There is nobody to ask for the password."""
    data = bytearray(packed(("a.txt", TXT)))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        struct.pack_into("<H", data, data.index(signature) + offset, 1)
    (record,) = read(tmp_path, "a.zip", bytes(data))
    assert isinstance(record, RefusedRecord)
    assert "encrypted" in record.reason


def test_unknown_methods(tmp_path: Path) -> None:
    """Some programs pack in ways of their own."""
    data = bytearray(packed(("a.txt", TXT)))
    for signature, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        struct.pack_into("<H", data, data.index(signature) + offset, 97)
    (record,) = read(tmp_path, "a.zip", bytes(data))
    assert isinstance(record, RefusedRecord)
    assert "cannot be read" in record.reason


def test_bombs(tmp_path: Path) -> None:
    """What it would unpack to is known before it does."""
    data = packed(*((f"{number}.txt", b"\0" * (1 << 20)) for number in range(8)))
    assert "more than 1 MB" in refusal(tmp_path, "a.zip", data, Options(unpacked=1 << 20))


def test_no_zip(tmp_path: Path) -> None:
    """Downloads break off."""
    good = packed(("a.txt", TXT))
    for data in (b"", b"hello", good[:-4], good[:30]):
        assert "damaged" in refusal(tmp_path, "a.zip", data)


def zip64(offset: int) -> bytes:
    """A zip of one file, whose place stands in a field of 64 bits."""
    extra = struct.pack("<HHQ", 1, 8, offset)
    local = (
        struct.pack("<4s5H3I2H", b"PK\3\4", 45, 0, 0, 0, 0, zlib.crc32(TXT), len(TXT), len(TXT), 5, 0) + b"a.txt" + TXT
    )
    sizes = zlib.crc32(TXT), len(TXT), len(TXT), 5, len(extra), 0, 0, 0, 0, 0xFFFFFFFF
    entry = struct.pack("<4s6H3I5H2I", b"PK\1\2", 45, 45, 0, 0, 0, 0, *sizes) + b"a.txt" + extra
    return local + entry + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, len(entry), len(local), 0)


def test_offsets_beyond_the_file(tmp_path: Path) -> None:
    """135 bytes ended each run, whatever else was in the folder, and a watch for good."""
    assert isinstance(read(tmp_path, "a.zip", zip64(0))[0], Record)
    for offset in (1 << 31, 1 << 63, (1 << 64) - 1):
        data = zip64(offset)
        found = [record.reason for record in (tried(tmp_path, data) or []) if isinstance(record, RefusedRecord)]
        assert "damaged" in (found[0] if found else refusal(tmp_path, "a.zip", data))


def tried(folder: Path, data: bytes) -> list[Record | RefusedRecord] | None:
    """The records of a zip; None for one that cannot be read as a whole."""
    try:
        return read(folder, "a.zip", data)
    except UnreadableArticle:
        return None


def test_any_field_may_say_anything() -> None:
    """Whatever a library raises for a damaged field has to be said of the file, not end the run."""
    for good in (zip64(0), packed(("a.txt", TXT), ("b/c.txt", TXT))):
        for at, width in itertools.product(range(len(good)), (1, 2, 4, 8)):
            for value in (0, 1, 1 << (8 * width - 1), (1 << 8 * width) - 1):
                data = (good[:at] + value.to_bytes(width, "little") + good[at + width :])[: len(good)]
                with suppress(UnreadableArticle):
                    list(
                        read_zip(io.BytesIO(data), Options(), lambda _, chunks: read_native(chunks, "", Options(), {}))
                    )


def test_a_list_of_too_many_files_is_not_parsed(tmp_path: Path) -> None:
    """Three million entries took half a minute and more than a gigabyte, only to be refused."""
    entry = struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    for number in (100_001, 3_000_000):
        end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 65535, 65535, number * len(entry), 0, 0)
        began = time.process_time()
        assert "more than 100,000 files" in refusal(tmp_path, "a.zip", entry * number + end)
        assert time.process_time() - began < 2
