"""What reading a file gives: records, refusals, and what readers must know beforehand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from search.model import Date


@dataclass(frozen=True, slots=True)
class Record:
    """What a file says of one article.

    `key` names it within a file of many: its own id, else its number from 1 (of the line, row or element); in a zip
    `member.txt` or `member.jsonl:12`. It is empty for a file that is one article. `lang` is a two-letter code, where
    the document states its language. `date_guessed` says that the date can be read in another way, or is not stated
    as that of publication.
    """

    title: str
    date: Date | None
    paragraphs: tuple[str, ...]
    lang: str | None = None
    key: str = ""
    date_guessed: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """One record of a file of many that cannot be read; the others go on.

    `ignored` marks what is no article and was not taken for one, such as a picture in a zip.
    """

    key: str
    reason: str
    advice: str
    ignored: bool = False


@dataclass(frozen=True, slots=True)
class Options:
    """What readers must know: the names of fields, the configured languages, and limits."""

    title_field: str = "title"
    date_field: str = "date"
    text_field: str = "text"
    paragraphs_field: str = "paragraphs"
    id_field: str = "id"
    lang_field: str = "lang"
    languages: tuple[str, ...] = ("en",)
    seconds: float = 60.0
    """How long one file of a heavy format may take."""
    memory: int = 512 << 20
    """Bytes that the process may take which reads heavy formats; such a file may have a quarter of it."""
    unpacked: int = 1 << 30
    """Bytes that a compressed file may unpack to; above that only in proportion to its size, as text does."""
    record: int = 64 << 20
    """Bytes of one line, row or text file."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that is being read. What is one article has been read; files of many are read while `records` is."""

    format: str
    records: Iterator[Record | Refused]
    encodings: dict[str, None] = field(default_factory=dict)

    @property
    def encoding(self) -> str:
        """What the text was written in, complete after the last record: `utf-8`, or `windows-1254 (guessed)`.

        Empty for formats that settle it themselves. The members of a zip may have several, separated by commas.
        """
        return ", ".join(self.encodings)
