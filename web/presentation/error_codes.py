"""The error codes and their meanings, of which the page `/errors` and a table in docs/api.md are made.

The `type` of a problem is a link to that page.
"""

from __future__ import annotations

from typing import NamedTuple


class ErrorMeaning(NamedTuple):
    """A status and a code that a problem can have, and what it means."""

    status: int
    code: str
    means: str


ERRORS = (
    ErrorMeaning(400, "bad-query", "the query cannot be read"),
    ErrorMeaning(
        400, "bad-parameter", "a parameter is unknown, missing, repeated, empty or has a value that it cannot have"
    ),
    ErrorMeaning(400, "bad-request", "the request cannot be read"),
    ErrorMeaning(404, "no-such-article", "no article of this id is in the index"),
    ErrorMeaning(404, "not-found", "there is nothing at this address"),
    ErrorMeaning(
        405, "method-not-allowed", "the address does not take this method; its header `Allow` names those it takes"
    ),
    ErrorMeaning(
        410,
        "cursor-expired",
        "the cursor is of a state of the index that was replaced too long ago; begin the search anew",
    ),
    ErrorMeaning(413, "body-too-large", "a body of more than 64 KiB"),
    ErrorMeaning(414, "query-too-long", "the part after `?` has more than 32 KiB"),
    ErrorMeaning(415, "no-json", "what was posted is not sent as JSON"),
    ErrorMeaning(500, "internal-error", "a fault of Stemma's; the server's log has it"),
    ErrorMeaning(503, "index-missing", "there is no index yet"),
    ErrorMeaning(503, "index-outdated", "the index was written by another version"),
    ErrorMeaning(503, "index-damaged", "the index is damaged"),
    ErrorMeaning(503, "storage", "the disk does not answer"),
    ErrorMeaning(503, "unavailable", "the service is not set up"),
    ErrorMeaning(
        503, "cluster-unavailable", "the cluster that holds the index is away; `Retry-After` says when to ask again"
    ),
    ErrorMeaning(503, "retry-later", "waiting mends it; `Retry-After` says how long"),
)
"""In the order of docs/api.md, where a test compares them."""
