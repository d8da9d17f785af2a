"""The status page: what the index holds, and what could not be read, with reason and advice."""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint, current_app, render_template, request

from search.engine import Snapshot
from search.ledger import Ledger
from web import current, request_params

MOST = 200
"""Files and records that are listed; `stemma status` lists all."""

REMEMBERED = "stemma.status"

blueprint = Blueprint("status", __name__)


class Trouble(NamedTuple):
    """A file or a record that could not be read. A stale one is served as it last was."""

    where: str
    reason: str
    advice: str
    stale: bool


class Summary(NamedTuple):
    """What became of the files of the last run, in numbers that add up."""

    found: int
    indexed: int
    quarantined: int
    ignored: int
    refused: int
    guessed: int
    troubles: tuple[Trouble, ...]


@blueprint.get("/status")
def status() -> str:
    """The newest generation in figures."""
    request_params.read(request.query_string, frozenset())
    snapshot = current.snapshot()
    return render_template(
        "status.html", statistics=snapshot.statistics(), summary=_remembered(snapshot), index=snapshot, most=MOST
    )


def _remembered(snapshot: Snapshot) -> Summary:
    """Worked out once a generation: a ledger can be long."""
    of, known = current_app.extensions.get(REMEMBERED, (None, None))
    if of is not snapshot or not isinstance(known, Summary):
        known = summary(snapshot.ledger())
        current_app.extensions[REMEMBERED] = (snapshot, known)
    return known


def summary(ledger: Ledger) -> Summary:
    """The figures of a ledger, and the first of what could not be read."""
    troubles = []
    for entry in ledger.entries:
        place = f"{entry.source}/{entry.path}"
        if entry.outcome == "quarantined":
            troubles.append(Trouble(place, entry.reason, entry.advice, entry.article_id is not None))
        troubles += (Trouble(f"{place}:{one.key}", one.reason, one.advice, one.stale) for one in entry.problems)
    return Summary(
        found=len(ledger.entries),
        indexed=len(ledger.of("indexed")),
        quarantined=len(ledger.of("quarantined")),
        ignored=len(ledger.of("ignored")),
        refused=ledger.refused,
        guessed=sum(entry.guessed for entry in ledger.entries),
        troubles=tuple(troubles[:MOST]),
    )
