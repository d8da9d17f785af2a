"""Zips of articles: any number of files of the other formats. Nothing is unpacked to the disk."""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import IO, TypeAlias
from zipfile import BadZipFile, ZipFile, ZipInfo

from search.errors import UnreadableArticle
from search.sources.decompression import check_size
from search.sources.formats.zip_document import MEMBERS
from search.sources.opening import chunks_of
from search.sources.records import Options, Record, Refused

Records: TypeAlias = Iterator[Record | Refused]

_AGAIN = "Get or make the archive again; `unzip -t` checks it."
_NAME = "Pack the files anew, with names relative to the archive."


def read_zip(file: IO[bytes], options: Options, read: Callable[[str, Iterator[bytes]], Records | None]) -> Records:
    """The records of all members, in their order. `read` reads a member by its name; None for none of its formats."""
    try:
        archive = ZipFile(file)
    except (BadZipFile, ValueError, NotImplementedError) as error:  # the last: too new for zipfile
        raise UnreadableArticle(f"The archive is damaged: {error}.", _AGAIN) from None
    with archive:
        members = archive.infolist()
        if len(members) > MEMBERS:
            message = f"The archive holds more than {MEMBERS:,} files."
            raise UnreadableArticle(message, "Pack them into several archives, or as one JSON Lines file.")
        size = file.seek(0, 2)
        check_size(sum(member.file_size for member in members), size, options)
        for member in members:
            if not member.filename.endswith("/"):  # a folder
                yield from _member(archive, member, read)


def _member(archive: ZipFile, member: ZipInfo, read: Callable[[str, Iterator[bytes]], Records | None]) -> Records:
    """The records of one member. What goes wrong before its first one is that member's own."""
    name = member.filename
    key = name.encode("utf-8", "replace").decode() or "(no name)"
    parts = PurePosixPath(name).parts
    if any(part.startswith(".") and part != ".." for part in parts) or "__MACOSX" in parts:
        yield Refused(key, "hidden file", "", ignored=True)
        return
    if not name or name.startswith("/") or ".." in parts or "\\" in name or ":" in name or not name.isprintable():
        yield Refused(key, "The name leads out of the archive, or cannot be an id.", _NAME)
        return
    records = read(name, _bytes(archive, member))
    if records is None:
        yield Refused(key, "not a format that is read in an archive", "", ignored=True)
        return
    begun = False
    try:
        for record in records:
            begun = True
            yield replace(record, key=f"{name}:{record.key}" if record.key else name)
    except UnreadableArticle as error:
        if begun:
            raise UnreadableArticle(f"{name}: {error.message}", error.hint) from None
        yield Refused(key, error.message, error.hint)


def _bytes(archive: ZipFile, member: ZipInfo) -> Iterator[bytes]:
    """A member's bytes. Raises UnreadableArticle when they cannot be had."""
    if member.flag_bits & 1:
        raise UnreadableArticle("It is encrypted.", "Pack it without a password.")
    try:
        with archive.open(member) as stream:
            yield from chunks_of(stream)
    except NotImplementedError:  # zipfile does not know the method
        message = "It is packed in a way that cannot be read."
        raise UnreadableArticle(message, "Pack it with deflate, as every zip program can.") from None
    except (BadZipFile, EOFError, OSError, ValueError, zlib.error, lzma.LZMAError, RuntimeError) as error:
        raise UnreadableArticle(f"It is damaged: {str(error).rstrip('.')}.", _AGAIN) from None
