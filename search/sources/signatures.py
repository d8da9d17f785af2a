"""Formats that files are in whatever their names say, by their first bytes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from search.errors import UnreadableArticle

_PACKED = "End its name with {} if that is what it holds, or unpack it."
_UNPACK = "Unpack it; packed files are read as gzip (.gz), xz (.xz) and zip."
_SAVE = "Save it in the format that its name says, or end its name with that of its own."
_SIGNATURES = (
    (b"\x1f\x8b\x08", "gzip", _PACKED.format(".gz")),
    (b"\xfd7zXZ\0", "xz", _PACKED.format(".xz")),
    (b"BZh", "bzip2", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "Zstandard", _UNPACK),
    (b"PK\3\4", "zip, as are .xlsx, .docx and .epub", _SAVE),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Office, .xls or .doc", _SAVE),
    (b"%PDF-", "PDF", _SAVE),
    (b"SQLite format 3\0", "SQLite", _SAVE),
    (b"PAR1", "Parquet", _SAVE),
)
_BZIP2 = b"1AY&SY"
"""Every bzip2 file has these bytes after `BZh` and a digit. A file that begins with `BZh` but lacks them is a text."""


def check_signature(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the chunks of a text. Raise UnreadableArticle when they are a file of another format."""
    first = next(chunks, b"")
    for signature, name, advice in _SIGNATURES:
        if first.startswith(signature) and (name != "bzip2" or first[4:10] == _BZIP2):
            raise UnreadableArticle(f"The file is no text, but in the format {name}.", advice)
    yield from chain([first], chunks)
