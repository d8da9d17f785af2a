"""The status page: figures of the index, and the files that could not be read, each with reason and advice."""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint, render_template, request

from search.engine import Snapshot
from search.ledger import Ledger
from web import current, request_params

MAX_FAILURES = 200
"""Maximum number of unreadable files and records that are listed; `stemma status` lists all."""

blueprint = Blueprint("status", __name__)


class ReadFailure(NamedTuple):
    """A file or a record that could not be read. If it is stale, its last good version is still in the index."""

    where: str
    reason: str
    advice: str
    stale: bool


class Summary(NamedTuple):
    """The number of files of the last reindex by outcome, and the first failures."""

    found: int
    indexed: int
    quarantined: int
    ignored: int
    refused: int
    guessed: int
    failures: tuple[ReadFailure, ...]


@blueprint.get("/status")
def status() -> str:
    """Show the figures of the newest generation."""
    request_params.read(request.query_string, frozenset())
    snapshot = current.snapshot()
    return render_template(
        "status.html",
        statistics=snapshot.statistics(),
        summary=current.once_per_generation(_summary, snapshot),
        index=snapshot,
        most=MAX_FAILURES,
    )


def _summary(snapshot: Snapshot) -> Summary:
    return summary(snapshot.ledger())


def summary(ledger: Ledger) -> Summary:
    """Return the summary of a ledger."""
    failures = []
    for entry in ledger.entries:
        place = f"{entry.source}/{entry.path}"
        if entry.outcome == "quarantined":
            failures.append(ReadFailure(place, entry.reason, entry.advice, entry.article_id is not None))
        failures += (ReadFailure(f"{place}:{one.key}", one.reason, one.advice, one.stale) for one in entry.problems)
    return Summary(
        found=len(ledger.entries),
        indexed=len(ledger.of("indexed")),
        quarantined=len(ledger.of("quarantined")),
        ignored=len(ledger.of("ignored")),
        refused=ledger.refused,
        guessed=sum(entry.guessed for entry in ledger.entries),
        failures=tuple(failures[:MAX_FAILURES]),
    )
