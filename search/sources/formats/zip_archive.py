"""Reader of zips with any number of files of the other formats. Nothing is unpacked to the disk."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import copy
from dataclasses import replace
from pathlib import PurePosixPath
from typing import IO, cast
from urllib.parse import quote
from zipfile import ZipExtFile, ZipFile, ZipInfo

from search.errors import UnreadableArticle
from search.sources.decompression import DamagedFileError, check_ratio
from search.sources.files import PART, is_part_of_page
from search.sources.formats.zip_document import DAMAGE, MEMBERS
from search.sources.opening import CHUNK
from search.sources.records import Options, Records, RefusedRecord

DIRECTORY = 64 << 20
"""Bytes that the list of an archive's files may take; 100,000 with long names take 30 MB."""

_ENTRY = b"PK\1\2"
"""The first four bytes of each entry of the list of files; an entry has 46 bytes at least."""

_AGAIN = "Get or make the archive again; `unzip -t` checks it."
_UTF8 = 1 << 11
"""Flag of a member whose name is in UTF-8."""
_HEX = re.compile(r"%(?=[0-9A-Fa-f]{2})")
"""Matches a `%` that seems to begin an escape; it is replaced, so that no two names become one id."""
_NAME = "Pack the files anew, with names relative to the archive."


def read_zip(file: IO[bytes], options: Options, read: Callable[[str, Iterator[bytes]], Records | None]) -> Records:
    """Yield the records of all members of a zip, in order. Raise UnreadableArticle when the archive is damaged.

    `read` takes the name and the chunks of a member and returns its records, or None for an unknown format.
    """
    try:
        archive = ZipFile(_GuardedFile(file))
    except DAMAGE as error:
        raise UnreadableArticle(f"The archive is damaged: {str(error).rstrip('.')}.", _AGAIN) from None
    with archive:
        members = archive.infolist()
        if len(members) > MEMBERS:
            raise _too_many()
        size = file.seek(0, 2)
        check_ratio(sum(member.file_size for member in members), size, options)
        names = {_name_of(member) for member in members}
        for member in members:
            if not member.filename.endswith("/"):  # a folder
                yield from _member(archive, member, read, names)


class _GuardedFile:
    """The file of an archive, which does not hand out a list of too many files: zipfile takes 500 bytes for each."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes. Raise UnreadableArticle when they are a list of more than MEMBERS files."""
        if size > DIRECTORY:
            raise _too_many()
        data = self.file.read(size)
        if size > MEMBERS * 46 and data.count(_ENTRY) > MEMBERS:
            raise _too_many()
        return data


def _too_many() -> UnreadableArticle:
    """Return the error to raise for an archive of too many files."""
    message = f"The archive holds more than {MEMBERS:,} files."
    return UnreadableArticle(message, "Pack them into several archives, or as one JSON Lines file.")


def _member(
    archive: ZipFile, member: ZipInfo, read: Callable[[str, Iterator[bytes]], Records | None], names: set[str]
) -> Records:
    """Yield the records of one member. An error before the first record refuses the member, a later one is raised.

    `names` are those of all members.
    """
    name = _name_of(member)
    parts = PurePosixPath(name).parts
    key = "".join(map(_as_key, _HEX.sub("%25", name))) or "(no name)"
    if any(part.startswith((".", "~$")) and part != ".." for part in parts) or "__MACOSX" in parts:
        yield RefusedRecord(key, "hidden file", "", ignored=True)
        return
    if is_part_of_page(name, names.__contains__):
        yield RefusedRecord(key, PART, "", ignored=True)
        return
    if not name or name.startswith("/") or ".." in parts:
        yield RefusedRecord(key, "The name leads out of the archive, or there is none.", _NAME)
        return
    records = read(name, _bytes(archive, member))
    if records is None:
        yield RefusedRecord(key, "not a format that is read in an archive", "", ignored=True)
        return
    begun = False
    try:
        for record in records:
            begun = True
            yield replace(record, key=f"{key}:{record.key}" if record.key else key)
    except UnreadableArticle as error:
        if begun:
            raise UnreadableArticle(f"{name}: {error.message}", error.hint) from None
        yield RefusedRecord(key, error.message, error.hint)


def _name_of(member: ZipInfo) -> str:
    """Return the name of a member, with `/` between folders as the standard wants it.

    Many programs write names in UTF-8 without saying so; then the library reads them as those of MS-DOS.
    """
    name = member.filename
    if not member.flag_bits & _UTF8:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode()
    return name.replace("\\", "/")


def _as_key(letter: str) -> str:
    """Return a character of a name as it stands in an id: those that cannot be seen, and `:`, as their UTF-8 in hex.

    >>> _as_key("a"), _as_key(":"), _as_key("\u202e")
    ('a', '%3A', '%E2%80%AE')
    """
    if letter != ":" and (letter.isprintable() or unicodedata.category(letter) == "Zs"):
        return letter
    return quote(letter, safe="", errors="replace")


def _bytes(archive: ZipFile, member: ZipInfo) -> Iterator[bytes]:
    """Yield the bytes of a member. Raise UnreadableArticle; DamagedFileError after the last bytes that can be read."""
    if member.flag_bits & 1:
        raise UnreadableArticle("It is encrypted.", "Pack it without a password.")
    unchecked = copy(member)
    del unchecked.CRC  # else the library looks at the checksum before it hands out the last bytes
    size = checksum = 0
    try:
        with cast("ZipExtFile", archive.open(unchecked)) as stream:
            while piece := stream.read1(CHUNK):
                size += len(piece)
                checksum = zlib.crc32(piece, checksum)
                yield piece
    except NotImplementedError:  # zipfile raises this for a method of compression that it does not know
        message = "It is packed in a way that cannot be read."
        raise UnreadableArticle(message, "Pack it with deflate, as every zip program can.") from None
    except DAMAGE as error:
        reason = str(error).rstrip(".") or "it ends too early"
    else:
        if checksum == member.CRC and size == member.file_size:
            return
        reason = "its checksum is another one"
    if not size:
        raise UnreadableArticle(f"It is damaged: {reason}.", _AGAIN)
    raise DamagedFileError(f"It is damaged; {size:,} of its {member.file_size:,} bytes were read: {reason}.", _AGAIN)
