"""Which reader a file's ending calls for, and opening a file with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeAlias

from search.errors import UnreadableArticle
from search.sources.decompression import PACKINGS, unpacked
from search.sources.formats.json_files import read_json, read_json_lines
from search.sources.formats.native import read_native
from search.sources.formats.tables import read_table
from search.sources.formats.zip_archive import read_zip
from search.sources.opening import chunks_of, opened
from search.sources.records import Options, Reading, Record, Refused
from search.sources.sandbox.client import read_heavy

Reader: TypeAlias = Callable[[Iterator[bytes], str, Options, dict[str, None]], Iterator[Record | Refused]]

READERS: dict[str, Reader] = {
    "txt": read_native,
    "json": read_json,
    "jsonl": read_json_lines,
    "ndjson": read_json_lines,
    "csv": read_table,
    "tsv": read_table,
    "md": partial(read_heavy, "md"),
    "markdown": partial(read_heavy, "md"),
    "html": partial(read_heavy, "html"),
    "htm": partial(read_heavy, "html"),
    "pdf": partial(read_heavy, "pdf"),
    "docx": partial(read_heavy, "docx"),
    "epub": partial(read_heavy, "epub"),
}
"""The reader of each ending. It takes a stream of bytes and the file's name without endings."""

STREAMED = frozenset({"jsonl", "ndjson", "csv", "tsv"})
"""Files of any length, which are read while their records are used."""

ENDINGS = frozenset(
    {".zip", *(f".{ending}{packing}" for ending in READERS for packing in ("", *(f".{name}" for name in PACKINGS)))}
)
"""The endings of files that can be read, in small letters."""


HEAVY = ("md", "markdown", "html", "htm", "pdf", "docx", "epub")
"""What is read in a process of its own, and takes so long that reading ahead pays."""

MANY_ENDINGS = frozenset({".zip", *(ending for ending in ENDINGS if ending.split(".")[1] in STREAMED)})
"""Those of files of many articles; `.json` may be either."""


def open_source(path: Path, options: Options) -> Reading:
    """Read a file by the ending of its name.

    Raises UnreadableArticle when the file cannot be read. So may going through the records: then the whole file is not
    to be used, neither what came before, for it is damaged, or changed meanwhile.
    """
    kind, packing = _format_of(path.name)
    if f".{kind}{packing and '.'}{packing}" not in ENDINGS:
        message = "The file's name has no ending of a format that is read."
        raise UnreadableArticle(message, "Rename it, or take it out of the folder.")
    encodings: dict[str, None] = {}
    if kind == "zip":
        return Reading("zip", _unique(_zipped(path, options, encodings)), encodings)
    records = _records(path, kind, packing, options, encodings)
    if kind in STREAMED:
        records = _unique(records)
    else:
        whole = list(records)
        records = _unique(iter(whole)) if len(whole) > 1 else iter(whole)
    return Reading(f"{kind}.{packing}" if packing else kind, records, encodings)


def is_heavy(name: str) -> bool:
    """Whether a file of this name is one article that is read in a process of its own."""
    return _format_of(name)[0] in HEAVY


def _format_of(name: str) -> tuple[str, str]:
    """What kind of file a name stands for, and how it is packed, if it is."""
    _, *endings = name.lower().split(".")
    if endings and endings[-1] in PACKINGS:
        return endings[-2] if len(endings) > 1 else "", endings[-1]
    return endings[-1] if endings else "", ""


def _records(
    path: Path, kind: str, packing: str, options: Options, encodings: dict[str, None]
) -> Iterator[Record | Refused]:
    with opened(path) as file:
        chunks = unpacked(packing, file, options) if packing else chunks_of(file)
        yield from READERS[kind](chunks, _stem(path.name, kind), options, encodings)


def _zipped(path: Path, options: Options, encodings: dict[str, None]) -> Iterator[Record | Refused]:
    def read(name: str, chunks: Iterator[bytes]) -> Iterator[Record | Refused] | None:
        kind, packing = _format_of(name)
        if packing or kind not in READERS:
            return None
        return READERS[kind](chunks, _stem(name.rpartition("/")[2], kind), options, encodings)

    with opened(path) as file:
        yield from read_zip(file, options, read)


def _stem(name: str, kind: str) -> str:
    """A file's name without endings, to stand in for a title."""
    stem = name[: name.lower().rfind(f".{kind}")]
    return " ".join(stem.encode("utf-8", "replace").decode().replace("_", " ").split()) or name


def _unique(records: Iterator[Record | Refused]) -> Iterator[Record | Refused]:
    """The records; one whose id an earlier one has is refused."""
    seen: set[str] = set()
    for record in records:
        if isinstance(record, Record):
            if record.key in seen:
                reason = f"An earlier record has the id {record.key!r} too (repeated id)."
                yield Refused(record.key, reason, "Give each record an id of its own, or none at all.")
                continue
            seen.add(record.key)
        yield record
