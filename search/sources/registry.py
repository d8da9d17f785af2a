"""Table of readers by file ending, and opening of a file with its reader."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from io import FileIO
from pathlib import Path
from typing import TypeAlias

from search.errors import UnreadableArticle
from search.sources.decompression import COMPRESSIONS, DamagedFileError, decompress
from search.sources.formats.json_files import read_json, read_json_lines
from search.sources.formats.native import read_native
from search.sources.formats.tables import read_table
from search.sources.formats.zip_archive import read_zip
from search.sources.opening import check_size, open_regular_file, read_ahead, read_chunks
from search.sources.records import Encodings, Options, Record, Records, RefusedRecord, SourceFile
from search.sources.sandbox.sandbox_client import read_heavy
from search.sources.signatures import check_signature

Reader: TypeAlias = Callable[[Iterator[bytes], str, Options, Encodings], Records]
"""Reader of a format: takes the chunks of a file, its name without endings, the options, and a dictionary that it adds
the encoding to; yields the records."""

HEAVY = {kind: kind for kind in ("md", "html", "pdf", "docx", "epub")} | {"markdown": "md", "htm": "html"}
"""Endings of heavy formats, with the name of the reader in the sandbox process. One file is one article."""

STREAMED: dict[str, Reader] = {
    "jsonl": read_json_lines,
    "ndjson": read_json_lines,
    "csv": read_table,
    "tsv": read_table,
}
"""Endings of files of any length and of many articles, which are read while their records are used."""

READERS: dict[str, Reader] = {
    "txt": read_native,
    "json": read_json,
    **STREAMED,
    **{ending: partial(read_heavy, kind) for ending, kind in HEAVY.items()},
}
"""The reader of each ending."""

TEXTS = READERS.keys() - {"pdf", "docx", "epub"}
"""Endings of files that are text."""

MANY_ENDINGS = frozenset({".zip", *(f".{ending}{end}" for ending in STREAMED for end in ("", ".gz", ".xz"))})
"""Endings of files of many articles; `.json` may be either."""

ENDINGS = MANY_ENDINGS | {f".{ending}{end}" for ending in READERS for end in ("", ".gz", ".xz")}
"""Endings of all files that can be read, in lower case."""


def open_source(path: Path, options: Options, *, look_ahead: bool = False) -> SourceFile:
    """Open a file with the reader that the ending of its name calls for.

    With `look_ahead` the file is read twice, first to find out which ids its records state, so that a record without
    one is not named like a later one. Without it NumberTaken is raised when that happens.

    Raise UnreadableArticle when the file cannot be read. Iterating the records may raise it too: then no record of the
    file is to be used, for the file is damaged, or changed meanwhile.
    """
    kind, compression = _split_endings(path.name)
    if f".{kind}{compression and '.'}{compression}" not in ENDINGS:
        message = "The file's name has no ending of a format that is read."
        raise UnreadableArticle(message, "Rename it, or take it out of the folder.")
    encodings: Encodings = {}
    records = _read(path, kind, compression, options, encodings)
    if kind not in {"zip", *STREAMED}:
        records = iter(list(records))
    name = f"{kind}.{compression}" if compression else kind
    return SourceFile(
        name, _with_own_keys(records, _stated_ids(path, options) if look_ahead else frozenset()), encodings
    )


def _stated_ids(path: Path, options: Options) -> frozenset[str]:
    """Return the ids that records of a file state and that could be those of records without one."""
    stated = (
        record.key
        for record in _read(path, *_split_endings(path.name), options, {})
        if (not record.numbered if isinstance(record, Record) else record.states_id) and _ends_with_number(record.key)
    )
    return frozenset(stated)


def is_heavy(name: str) -> bool:
    """Return whether a file of this name is one article that the sandbox process reads."""
    return _split_endings(name)[0] in HEAVY


def check_file_size(name: str, size: int, options: Options) -> None:
    """Raise UnreadableArticle when a file of this name and `size` in bytes is too large, so that it need not be read.

    While it is read its size is looked at again, for it may grow, or unpack to more. Packing saves nothing of what
    looks random, so that a file may be a little larger than what it holds; twice as large it never is.
    """
    kind, compression = _split_endings(name)
    if kind in READERS and kind not in STREAMED:
        limit = options.document if kind in HEAVY else options.record
        if size > (2 * limit if compression else limit):
            check_size(size, limit)


def _split_endings(name: str) -> tuple[str, str]:
    """Return the ending that names the format and the ending of the compression, each "" if there is none.

    >>> _split_endings("a.CSV.gz"), _split_endings("a.b.txt"), _split_endings("a")
    (('csv', 'gz'), ('txt', ''), ('', ''))
    """
    _, *endings = name.lower().split(".")
    if endings and endings[-1] in COMPRESSIONS:
        return endings[-2] if len(endings) > 1 else "", endings[-1]
    return endings[-1] if endings else "", ""


def _reader(kind: str) -> Reader:
    """Return the reader of an ending, which refuses a file of another format whose name says that it is a text."""
    read = READERS[kind]
    if kind not in TEXTS:
        return read
    return lambda chunks, name, options, encodings: read(check_signature(chunks), name, options, encodings)


def _read(path: Path, kind: str, compression: str, options: Options, encodings: Encodings) -> Records:
    """Yield the records of a file, given the two endings of its name."""
    with open_regular_file(path) as file:
        if kind == "zip":
            yield from _read_zip(file, options, encodings)
            return
        read, title = _reader(kind), _title_of_name(path.name, kind)
        check_file_size(path.name, os.fstat(file.fileno()).st_size, options)
        if not compression:
            yield from read(read_chunks(file), title, options, encodings)
        elif kind in STREAMED:
            with closing(read_ahead(decompress(compression, file, options))) as chunks:
                yield from _read_up_to_damage(read, chunks, title, options, encodings)
        else:
            yield from _read_up_to_damage(read, decompress(compression, file, options), title, options, encodings)


def _read_up_to_damage(
    read: Reader, chunks: Iterator[bytes], title: str, options: Options, encodings: Encodings
) -> Records:
    """Yield the records of what comes before the damage in a packed file, if there is one, and say so.

    The one article of a file says it itself; after the records of many comes a refusal of the rest.
    """
    damage: list[DamagedFileError] = []

    def good() -> Iterator[bytes]:
        try:
            yield from chunks
        except DamagedFileError as error:
            damage.append(error)

    alone = False
    try:
        for record in read(good(), title, options, encodings):
            alone = isinstance(record, Record) and not record.key
            if damage and isinstance(record, Record) and alone:
                yield replace(record, missing=(damage[0].message, *record.missing))
            else:
                yield record
    except UnreadableArticle as error:
        if not damage:
            raise
        raise UnreadableArticle(f"{damage[0].message} {error.message}", damage[0].hint) from None
    if damage and not alone:
        yield RefusedRecord("(the rest)", damage[0].message, damage[0].hint)


def _read_zip(file: FileIO, options: Options, encodings: Encodings) -> Records:
    """Return the records of the members of a zip."""

    def read_member(name: str, chunks: Iterator[bytes]) -> Records | None:
        kind, compression = _split_endings(name)
        if kind == "zip" or (compression and kind in READERS):
            return iter([RefusedRecord("", "It is packed within the archive, too.", "Unpack it beside the archive.")])
        if kind not in READERS:
            return None
        title = _title_of_name(name.rpartition("/")[2], kind)
        return _read_up_to_damage(_reader(kind), chunks, title, options, encodings)

    return read_zip(file, options, read_member)


def _title_of_name(name: str, kind: str) -> str:
    """Return a file's name without its endings and with spaces for underscores, in place of a missing title."""
    stem = name[: name.lower().rfind(f".{kind}")]
    return " ".join(stem.encode("utf-8", "replace").decode().replace("_", " ").split()) or name


class NumberTaken(UnreadableArticle):
    """A record states as its id the number of an earlier one without: the file has to be opened with look-ahead."""


def _ends_with_number(key: str) -> bool:
    """Return whether a key could be the number of a record, with `~` after it or a member of a zip before it."""
    return key.rstrip("~")[-1:].isdecimal()


def _with_own_keys(records: Records, stated: frozenset[str]) -> Records:
    """Yield the records, and a refusal in place of each record whose key an earlier one has.

    A record that states no id gives way to those whose ids are `stated`, or were before it: `~` is added to its number.
    Raise NumberTaken when a later record states the number of an earlier one.
    """
    ids: set[str] = set()
    refused: set[str] = set()
    numbers: set[str] = set()
    for record in records:
        key = record.key
        states_id = record.states_id if isinstance(record, RefusedRecord) else not record.numbered
        if states_id and key in numbers:
            message = f"A record states the id {key!r}, which an earlier one has that states none."
            raise NumberTaken(message, "Give each record an id of its own, or none at all.")
        while not states_id and _ends_with_number(key) and (key in stated or key in ids or key in refused):
            key += "~"
        if isinstance(record, RefusedRecord):
            if states_id:
                refused.add(key)
            elif _ends_with_number(key):
                numbers.add(key)
            yield record if key == record.key else replace(record, key=key)
            continue
        if key in ids or key in numbers:
            reason = f"An earlier record has the id {key!r} too (repeated id)."
            yield RefusedRecord(key, reason, "Give each record an id of its own, or none at all.")
            continue
        (numbers if record.numbered else ids).add(key)
        yield record if key == record.key else replace(record, key=key)
