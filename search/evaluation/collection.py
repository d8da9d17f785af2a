"""Test collections: which files of a folder hold the documents, queries and judgments, and what is checked of them."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from search.errors import CollectionError
from search.evaluation.collection_files import (
    Document,
    Line,
    json_documents,
    json_queries,
    judgments,
    read_lines,
    sgml_documents,
    topics,
    tsv_queries,
)

FileKind: TypeAlias = Literal["sgml", "jsonl", "topics", "json queries", "tsv queries", "qrels", ""]
"""Kind of a file of a TREC collection; empty for any other file."""

LAYOUTS = (
    "BEIR has corpus.jsonl, queries.jsonl and qrels/test.tsv; TREC has files with documents, "
    "one with topics and one with judgments: docs/ranking.md says how they look."
)
SNIFFED_LINES = 10
"""Lines of a file that tell of which kind it is."""
EVERY = 1_000
"""Documents between two reports of progress."""

ShowProgress: TypeAlias = Callable[[str, int, int], None]
"""A function that is told what is being done, how many are done, and how many there are; 0 where that is not known."""


@dataclass(frozen=True, slots=True)
class Collection:
    """A test collection. Documents are read from the disk each time; queries and judgments are in memory."""

    name: str
    layout: Literal["BEIR", "TREC"]
    files: tuple[Path, ...]
    """Files with documents."""
    queries: dict[str, str]
    """Text of each query by its id."""
    judgments: dict[str, dict[str, int]]
    """Grade of each judged document by query and document. Each query has one judged document at least."""
    warnings: tuple[str, ...] = ()

    def documents(self) -> Iterator[tuple[Line, Document]]:
        """Yield all documents in the order of files and lines, each with the line that it begins in."""
        for path in self.files:
            yield from (json_documents if _kind_by_name(path) == "jsonl" else sgml_documents)(path)


def read_collection(folder: Path) -> Collection:
    """Return the test collection in a folder, of which only queries and judgments are read yet.

    Raise CollectionError for a folder that is none, a line that cannot be read, and two queries of one id.
    """
    if not folder.is_dir():
        raise CollectionError(
            f"There is no folder {str(folder)!r}.", f"Name the folder of a test collection. {LAYOUTS}"
        )
    name = folder.resolve().name
    if (folder / "corpus.jsonl").exists():
        missing = [part for part in ("queries.jsonl", "qrels/test.tsv") if not (folder / part).exists()]
        if missing:
            raise CollectionError(f"{folder} has corpus.jsonl, but not {' and '.join(missing)}.", LAYOUTS)
        queries = _by_id(json_queries(folder / "queries.jsonl"))
        grades = judgments(folder / "qrels" / "test.tsv", columns=3)
        return _judged(Collection(name, "BEIR", (folder / "corpus.jsonl",), queries, grades))
    return _judged(_trec(folder, name))


def _trec(folder: Path, name: str) -> Collection:
    """Return the TREC collection in a folder, whose files are known by how they begin."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    kinds = {path: kind_of(path) for path in paths if not path.name.startswith(".")}

    def only(what: str, *wanted: FileKind) -> Path:
        found = [path for path, kind in kinds.items() if kind in wanted]
        if len(found) == 1:
            return found[0]
        problem = f"Several files of {folder} hold {what}: {found[0]} and {found[1]}." if found else ""
        hint = "Leave one of them in the folder." if found else LAYOUTS
        raise CollectionError(problem or f"{folder} is no test collection: no file of it holds {what}.", hint)

    files = tuple(path for path, kind in kinds.items() if kind in {"sgml", "jsonl"})
    if not files:
        raise CollectionError(f"{folder} is no test collection: no file of it holds documents.", LAYOUTS)
    asked = only("queries", "topics", "json queries", "tsv queries")
    readers = {"topics": topics, "json queries": json_queries, "tsv queries": tsv_queries}
    queries = _by_id(readers[kinds[asked]](asked))
    grades = judgments(only("judgments", "qrels"), columns=4)
    for query_id in [query_id for query_id in queries if query_id not in grades]:
        if (short := query_id.lstrip("0")) in grades and short not in queries:
            queries[short] = queries.pop(query_id)  # topic 051 is 51 in TREC's judgments
    ignored = [str(path.relative_to(folder)) for path, kind in kinds.items() if not kind]
    warnings = (f"Not part of the collection, and ignored: {', '.join(ignored[:5])}.",) if ignored else ()
    return Collection(name, "TREC", files, queries, grades, warnings)


def kind_of(path: Path) -> FileKind:
    """Return the kind of a file of a TREC collection, by its name for JSON Lines, else by its first lines."""
    if kind := _kind_by_name(path):
        return kind
    try:
        lines = [line.text.strip("\r\n") for line in islice(read_lines(path), SNIFFED_LINES)]
    except CollectionError:
        return ""
    for line in lines:
        begin = line.lstrip().lower()
        if begin.startswith(("<doc>", "<doc ")):
            return "sgml"
        if begin.startswith("<top>"):
            return "topics"
    if lines and all(line.count("\t") == 1 for line in lines):
        return "tsv queries"
    cells = [line.split() for line in lines]
    return "qrels" if cells and all(len(row) == 4 and row[3].lstrip("-").isdecimal() for row in cells) else ""


def _kind_by_name(path: Path) -> FileKind:
    if ".jsonl" not in path.suffixes:
        return ""
    return "json queries" if path.name.startswith(("queries", "topics")) else "jsonl"


def _by_id(found: Iterable[tuple[Line, str, str]]) -> dict[str, str]:
    """Return the texts of queries by their ids. Raise CollectionError for an id that comes twice."""
    queries: dict[str, str] = {}
    for line, query_id, text in found:
        if query_id in queries:
            line.refuse(f"The query {query_id!r} is there already.", "Give each query an id of its own.")
        queries[query_id] = text
    return queries


def _judged(collection: Collection) -> Collection:
    """Return a collection with its judged queries only; warn of judgments whose query is missing."""
    judged = {query_id: text for query_id, text in collection.queries.items() if query_id in collection.judgments}
    if not judged:
        message = f"No query of {collection.name} has a judgment."
        raise CollectionError(message, "See that queries and judgments are of one collection.")
    lost = [query_id for query_id in collection.judgments if query_id not in judged]
    warnings = (
        (f"Judged queries that are not there, and left out: {len(lost):,}, such as {lost[0]!r}.",) if lost else ()
    )
    return Collection(
        collection.name,
        collection.layout,
        collection.files,
        judged,
        {query_id: collection.judgments[query_id] for query_id in judged},
        collection.warnings + warnings,
    )


def check_documents(collection: Collection, progress: ShowProgress) -> tuple[int, str]:
    """Read all documents once; return how many there are, and a warning of judgments of unknown documents, or "".

    Raise CollectionError for a document that cannot be read, two of one id, no document at all, and when none of the
    relevant documents is in the collection. Takes 8 bytes of memory a document: hashes of the ids.
    """
    hashes = array("q")
    for _, document in collection.documents():
        hashes.append(hash(document.id))
        if len(hashes) % EVERY == 0:
            progress("Reading", len(hashes), 0)
    if not hashes:
        raise CollectionError(f"{collection.name} has no documents.", LAYOUTS)
    distinct, counts = np.unique(np.frombuffer(hashes, np.int64), return_counts=True)
    _refuse_duplicates(collection, distinct[counts > 1])
    judged = [document_id for grades in collection.judgments.values() for document_id in grades]
    known = np.isin(np.fromiter(map(hash, judged), np.int64, len(judged)), distinct)
    unknown = [document_id for document_id, is_known in zip(judged, known, strict=True) if not is_known]
    if len(unknown) == len(judged):
        message = f"No judged document is in the collection; {unknown[0]!r} is not, for one."
        raise CollectionError(message, "See that documents and judgments are of one collection.")
    warning = (
        f"{len(unknown):,} of {len(judged):,} judgments are of documents that are not there, such as "
        f"{unknown[0]!r}; the relevant ones among them count as not found."
        if unknown
        else ""
    )
    return len(hashes), warning


def _refuse_duplicates(collection: Collection, hashes: npt.NDArray[np.int64]) -> None:
    """Raise CollectionError for the first document whose id was there before; its hash is among these."""
    suspects, seen = set(hashes.tolist()), set()
    for line, document in collection.documents() if suspects else ():
        if hash(document.id) in suspects:
            if document.id in seen:
                line.refuse(f"The document {document.id!r} is there already.", "Give each document an id of its own.")
            seen.add(document.id)
