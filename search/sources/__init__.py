"""Files to articles: one reader for each format.

A reader takes a file's bytes and returns its Text, or raises UnreadableArticle with a reason and advice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from search.sources.files import FoundFile, find_files, unreadable
from search.sources.native import read_native
from search.sources.records import Options, Record, Refused

__all__ = [
    "ENDINGS",
    "FoundFile",
    "Options",
    "Reading",
    "Record",
    "Refused",
    "find_files",
    "language_of",
    "open_source",
    "unreadable",
]

ENDINGS = frozenset({".txt"})


@dataclass
class Reading:
    """A file that was opened: its format, its encoding, and what it holds."""

    format: str
    encoding: str
    records: Iterator[Record | Refused]


def open_source(path: Path, options: Options) -> Reading:  # noqa: ARG001 - this format has no options
    """Open a file. Raises UnreadableArticle."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(error) from None
    return Reading("native", "utf-8", iter([read_native(data)]))


def language_of(record: Record, languages: tuple[str, ...]) -> str:
    """The language that a record states, or the first."""
    return record.lang or languages[0]
