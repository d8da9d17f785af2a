"""Pages about the service: figures of the index with the files that could not be read, and what errors mean."""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint, render_template, request

from search.engine import Snapshot
from search.ledger import Ledger
from web import current, request_params
from web.presentation.error_codes import ERRORS
from web.presentation.formatting import sentence

MAX_FAILURES = 200
"""Maximum number of unreadable files and records that are listed; `stemma status` lists all."""

MAX_IGNORED = 20
"""Maximum number of files without an article that are listed; `stemma status --json` lists all."""

blueprint = Blueprint("status", __name__)


class ReadFailure(NamedTuple):
    """A file or a record that could not be read, or only in part: where it is, the reason, and advice.

    If it is `stale`, its last good version is still in the index.
    """

    where: str
    reason: str
    advice: str
    stale: bool


class Summary(NamedTuple):
    """The outcome of the last reindex: the number of files, in all (`found`) and by outcome, and what went wrong.

    `refused` is the number of records that could not be read, `guessed` that of articles whose date is a guess. The
    files in `failures` and the records in `records` could not be read, `parts` only in part. Each list has at most
    MAX_FAILURES entries, `no_articles` MAX_IGNORED.
    """

    found: int
    indexed: int
    partial: int
    quarantined: int
    ignored: int
    refused: int
    guessed: int
    failures: tuple[ReadFailure, ...]
    records: tuple[ReadFailure, ...]
    parts: tuple[ReadFailure, ...]
    encodings: tuple[ReadFailure, ...]
    """Files whose encoding is a guess; the reason is the encoding."""
    no_articles: tuple[ReadFailure, ...]
    """Files that are ignored, since they hold no article."""


@blueprint.get("/status")
def status() -> str:
    """Show the figures of the newest generation."""
    request_params.read_page(request.query_string, frozenset())
    snapshot = current.snapshot()
    return render_template(
        "status.html",
        statistics=snapshot.statistics(),
        summary=current.once_per_generation(of_last_run, snapshot),
        index=snapshot,
        most=MAX_FAILURES,
    )


@blueprint.get("/errors")
def errors() -> str:
    """Show what each error code means."""
    request_params.read_page(request.query_string, frozenset())
    return render_template("errors.html", errors=ERRORS)


def of_last_run(snapshot: Snapshot) -> Summary:
    """Return the summary of the run of `stemma reindex` that wrote this generation."""
    return summary(snapshot.ledger())


def summary(ledger: Ledger) -> Summary:
    """Return the summary of a ledger."""
    failures: list[ReadFailure] = []
    records: list[ReadFailure] = []
    parts: list[ReadFailure] = []
    no_articles: list[ReadFailure] = []
    encodings: list[ReadFailure] = []
    for entry in ledger.entries:
        place = f"{entry.source}/{entry.path}".encode("utf-8", "backslashreplace").decode()  # a page is UTF-8
        if entry.outcome in {"quarantined", "partial"}:
            stale = entry.outcome == "quarantined" and entry.article_id is not None
            told = failures if entry.outcome == "quarantined" else parts
            told.append(ReadFailure(place, entry.reason, entry.advice, stale))
        elif entry.outcome == "ignored":
            no_articles.append(ReadFailure(place, sentence(entry.reason.rstrip(".")), "", stale=False))
        if entry.encoding_guessed:
            encodings.append(ReadFailure(place, entry.encoding, "", stale=False))
        for one in entry.problems:
            told = records if one.outcome == "quarantined" else parts
            told.append(ReadFailure(f"{place}:{one.key}", one.reason, one.advice, one.stale))
    return Summary(
        found=len(ledger.entries),
        **ledger.counts(),
        refused=ledger.refused,
        guessed=sum(entry.guessed for entry in ledger.entries),
        failures=tuple(failures[:MAX_FAILURES]),
        records=tuple(records[:MAX_FAILURES]),
        parts=tuple(parts[:MAX_FAILURES]),
        encodings=tuple(encodings[:MAX_FAILURES]),
        no_articles=tuple(no_articles[:MAX_IGNORED]),
    )
