"""Run files in TREC's format: the ranking of each query, as `query Q0 document rank score tag` lines.

https://trec.nist.gov/data/trec_eval.html
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np

from search.evaluation.collection_files import Line, checked_id, read_lines

TAG = "stemma"
"""Name of the system in the last column."""
MAX_DEPTH_READ = 10_000
"""Maximum number of documents of a query in a saved run."""


class RankedDocument(NamedTuple):
    """A document in the ranking of a query. trec_eval sorts by score and ignores ranks, so scores must fall."""

    id: str
    score: float


def falling(scored: Iterable[tuple[str, float]]) -> list[RankedDocument]:
    """Return documents in this order with scores that fall: float32, each the next smaller one where there is a tie.

    >>> [round(one.score, 3) for one in falling([("a", 2.5), ("b", 1.0), ("c", 1.0)])]
    [2.5, 1.0, 1.0]
    """
    ranking, last = [], np.float32(np.inf)
    for document_id, score in scored:
        last = min(np.float32(score), np.nextafter(last, np.float32(-np.inf)))
        ranking.append(RankedDocument(document_id, float(last)))
    return ranking


def run_lines(query_id: str, ranking: Iterable[RankedDocument]) -> Iterator[str]:
    """Yield the lines of a run file for one query; scores keep all digits of a float32."""
    for rank, one in enumerate(ranking, 1):
        yield f"{query_id} Q0 {one.id} {rank} {one.score:.9g} {TAG}\n"


def read_run(path: Path) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield the score of each document of each query, query by query.

    Raise CollectionError for a line that cannot be read, a document twice for one query, more than MAX_DEPTH_READ
    documents of a query, and lines of a query that do not stand together.
    """
    done: set[str] = set()
    for query_id, lines in groupby(map(_parse_line, read_lines(path)), lambda row: row[1]):
        scores: dict[str, float] = {}
        for line, _, document_id, score in lines:
            if query_id in done:
                line.refuse(f"Lines of query {query_id!r} stand apart.", "Sort the file by its first column, stably.")
            if document_id in scores or len(scores) == MAX_DEPTH_READ:
                line.refuse(
                    f"{document_id!r} is there already, or one too many, for query {query_id!r}.",
                    f"A run has up to {MAX_DEPTH_READ:,} documents for each query, each once.",
                )
            scores[document_id] = score
        done.add(query_id)
        yield query_id, scores


def _parse_line(line: Line) -> tuple[Line, str, str, float]:
    """Return the query, the document and the score of a line of a run file, after the line itself."""
    cells = line.text.split()
    if len(cells) == 6 and (score := _number(cells[4])) is not None:
        return line, checked_id(line, cells[0]), checked_id(line, cells[2]), score
    return line.refuse("This is no line of a run.", "It has six columns: query, Q0, document, rank, score and a name.")


def _number(text: str) -> float | None:
    """Return a finite number; None for any other text."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
