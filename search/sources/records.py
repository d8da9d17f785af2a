"""Results of reading a source file, and the options of readers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from search.model import Date


@dataclass(frozen=True, slots=True)
class Record:
    """One article as a source file states it."""

    title: str
    date: Date | None
    paragraphs: tuple[str, ...]
    lang: str | None = None
    """Two-letter code of the language that the document states, if any."""
    key: str = ""
    """Name of the record within a file of many records: its id, else its number from 1 (of the line, row or element);
    in a zip `member.txt` or `member.jsonl:12`. Empty for a file that is one article."""
    date_guessed: bool = False
    """Whether the date can be read in another way, or is not stated as that of publication."""
    missing: tuple[str, ...] = ()
    """Sentences that say what of the source could not be read, and how much of it; empty when all was read."""
    numbered: bool = field(default=False, compare=False)
    """Whether the key is the number of the record, which states no id of its own."""


@dataclass(frozen=True, slots=True)
class RefusedRecord:
    """A record that cannot be read, in a file of many records, with the reason and advice.

    The other records of the file are read.
    """

    key: str
    reason: str
    advice: str
    ignored: bool = False
    """Whether it is no article at all, such as a picture in a zip, rather than an article that cannot be read."""
    states_id: bool = False
    """Whether the key is the id that the record states."""


def with_missing(record: Record | RefusedRecord, missing: tuple[str, ...]) -> Record | RefusedRecord:
    """Return a record with more sentences on what could not be read of it, put first; a refused one stays as it is."""
    if missing and isinstance(record, Record):
        return replace(record, missing=missing + record.missing)
    return record


Records: TypeAlias = Iterator[Record | RefusedRecord]

Encodings: TypeAlias = dict[str, None]
"""Names of the encodings of a file's text, in the order in which they were found; readers add to it."""


@dataclass(frozen=True, slots=True)
class Options:
    """Options of all readers: the names of fields, the configured languages, and limits."""

    title_field: str = "title"
    date_field: str = "date"
    text_field: str = "text"
    paragraphs_field: str = "paragraphs"
    id_field: str = "id"
    lang_field: str = "lang"
    languages: tuple[str, ...] = ("en",)
    seconds: float = 60.0
    """Seconds that reading one file of a heavy format may take."""
    memory: int = 512 << 20
    """Bytes that the sandbox process may take; one file may have a quarter of it."""
    unpacked: int = 1 << 30
    """Bytes that any compressed file may unpack to; more is accepted only in proportion to its compressed size."""
    record: int = 64 << 20
    """Bytes of the longest line, row or text file."""

    @property
    def document(self) -> int:
        """Bytes of the largest file of a heavy format, as it is."""
        return min(self.memory // 4, self.unpacked)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """An open source file: its format and its records. A file of many articles is read while `records` is iterated."""

    format: str
    records: Records
    encodings: Encodings = field(default_factory=dict)

    @property
    def encoding(self) -> str:
        """The encoding of the text: `utf-8`, or `windows-1254 (guessed)`; complete after the last record.

        Empty for formats that prescribe their encoding. The members of a zip may have several, separated by commas.
        """
        return ", ".join(self.encodings)
