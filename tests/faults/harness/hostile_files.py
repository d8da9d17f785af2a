"""Files that somebody made to stop, fill or fool a run."""

from __future__ import annotations

import copy
import gzip
import io
import os
import socket
import zlib
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from tests.sources.formats.test_docx import docx
from tests.sources.formats.test_epub import epub

GIGA = 1 << 30
LAUGHS = (
    b'<!DOCTYPE l [<!ENTITY a0 "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
    + b"]>"
)
ALIASES = (
    "---\na0: &a0 [x, x]\n"
    + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    + "title: *a11\n---\n\nText.\n"
)


def laughing(data: bytes, member: str, at: bytes) -> bytes:
    """A document whose XML names entities that grow by tens."""
    with ZipFile(io.BytesIO(data)) as whole, ZipFile(made := io.BytesIO(), "w", ZIP_DEFLATED) as box:
        for name in whole.namelist():
            text = whole.read(name)
            if name == member:
                assert at in text
                declared = text.index(b"?>") + 2
                text = text[:declared] + LAUGHS + text[declared:].replace(at, at + b"&a11;", 1)
            box.writestr(name, text)
    return made.getvalue()


def zip_bomb(copies: int) -> bytes:
    """A zip whose members all are the same 64 MB of zeros, of which there is only one."""
    with ZipFile(made := io.BytesIO(), "w", ZIP_DEFLATED) as box:
        box.writestr("0.txt", bytes(64 << 20))
        for n in range(1, copies):
            again = copy.copy(box.filelist[0])
            again.filename = again.orig_filename = f"{n}.txt"
            box.filelist.append(again)
    return made.getvalue()


def slow_pdf() -> bytes:
    """A page of a million and a half pieces of text, packed into some KB: half a minute of work."""
    shown = zlib.compress(b"BT /F 9 Tf (a) Tj ET\n" * 1_500_000)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(shown), shown),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    return (
        out
        + head
        + table
        + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(out))
    )


def sparse(path: Path, size: int) -> None:
    """A file of zeros that takes no room."""
    with path.open("wb") as file:
        file.truncate(size)


def gzip_bomb() -> bytes:
    """Some KB that unpack to more than a gigabyte."""
    return gzip.compress(bytes(16 << 20)) * 66


def deep(folder: Path, levels: int, name: str, file: str) -> None:
    """A file so many folders down, further than a path can be written."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir(name, dir_fd=here)
        below = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    handle = os.open(file, os.O_WRONLY | os.O_CREAT, dir_fd=here)
    os.write(handle, b"Deep\n\nDown here.\n")
    os.close(handle)
    os.close(here)


def special_files(folder: Path) -> dict[str, str]:
    """What is no file of text, and what should become of each."""
    (folder / "loop.txt").symlink_to("loop.txt")
    (folder / "round.txt").symlink_to(".")
    (folder / "round").symlink_to(".")
    (folder / "zero.txt").symlink_to("/dev/zero")
    (folder / "nowhere.txt").symlink_to("not there")
    os.mkfifo(folder / "fifo.txt")
    (folder / "locked.txt").write_text("T\n\nOne.\n")
    (folder / "locked.txt").chmod(0)
    with socket.socket(socket.AF_UNIX) as made:
        here = os.open(folder, os.O_RDONLY)
        made.bind(f"/proc/self/fd/{here}/socket.txt")  # a path of a socket must be short
        os.close(here)
    ignored = ("round.txt", "round", "zero.txt", "fifo.txt", "socket.txt")
    return dict.fromkeys(ignored, "ignored") | dict.fromkeys(["loop.txt", "nowhere.txt", "locked.txt"], "quarantined")


def special_names(folder: Path) -> dict[str, str]:
    """Names that terminals, logs and ids trip over."""
    for name in (b"new\nline.txt", b"esc\x1b[31mred\x07.txt", b" .txt", b"-n.txt", b"%s\x7f.txt", b"x" * 251 + b".txt"):
        Path(os.fsdecode(bytes(folder) + b"/" + name)).write_text("T\n\nOne.\n")
    Path(os.fsdecode(bytes(folder) + b"/caf\xe9.txt")).write_text("T\n\nOne.\n")
    good = ("new\nline.txt", "esc\x1b[31mred\x07.txt", " .txt", "-n.txt", "%s\x7f.txt", "x" * 251 + ".txt")
    return dict.fromkeys(good, "indexed") | {"caf\udce9.txt": "quarantined"}


def bombs(folder: Path) -> dict[str, str]:
    """Files that take much more than their size."""
    files = {
        "bomb.zip": zip_bomb(20),
        "overlap.zip": zip_bomb(10),
        "bomb.txt.gz": gzip_bomb(),
        "laughs.docx": laughing(docx(("T", "Title"), ("One.", "")), "word/document.xml", b"<w:t>"),
        "alias.md": ALIASES.encode(),
        "slow.pdf": slow_pdf(),
        "cut.txt": "T\n\nCafé, café, Café".encode()[:-1],
        "nested.json": b"[" * 1_000_000,
        "nested.html": b"<div>" * 200_000,
        "stream.csv": b"text\n" + b'"' + b"x" * 100_000 + b"\n" * 10,
        "laughs.epub": laughing(epub(), "OEBPS/book.opf", b"<dc:title>"),
        "deflated.pdf": b"%PDF-1.4\n1 0 obj\n<< /Length 9 /Filter /FlateDecode >>\nstream\n"
        + zlib.compress(bytes(1 << 20))
        + b"\nendstream\nendobj\n",
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    for name in ("line.txt", "line.jsonl"):
        sparse(folder / name, GIGA)
    found = dict.fromkeys([*files, "line.txt", "line.jsonl"], "quarantined")
    # what their entities stand for is left out, and the rest is read
    return found | dict.fromkeys(["alias.md", "laughs.docx", "laughs.epub", "nested.html"], "")
