"""The articles of an index, those that changed last first: for programs that keep a copy of what it has.

An article changed when the file that it is of was last read, since a file is read as a whole; its time is that of the
commit, so that nothing that becomes visible later has an earlier time.
"""

from __future__ import annotations

import base64
import binascii
import json
from bisect import bisect_left
from datetime import UTC, datetime
from typing import NamedTuple

from search.engine import Snapshot
from search.errors import RequestError
from search.model import Heading

PAGE_SIZE = 500
"""Maximum number of articles that are listed at a time."""


class ChangedFile(NamedTuple):
    """A file with articles in the index. In their natural order those that changed last come first."""

    age: int
    """Its generation, negative: that in which it was last read."""
    article_id: str
    """What the ids of its articles begin with."""
    changed_at: str
    """Time of the commit of this generation, in ISO 8601 and UTC."""


class ChangedArticle(NamedTuple):
    """An article, and when it changed, in ISO 8601 and UTC."""

    heading: Heading
    changed_at: str


def changed_files(snapshot: Snapshot) -> list[ChangedFile]:
    """Return the files of a snapshot that have articles, those that changed last first, then by the ids of articles."""
    ledger = snapshot.ledger()
    times = ledger.changed_at()
    return sorted(
        ChangedFile(-entry.generation, entry.article_id, times[entry.generation] or snapshot.updated_at)
        for entry in ledger.entries
        if entry.article_id is not None
    )


def changed_articles(
    snapshot: Snapshot, files: list[ChangedFile], changed_since: str, cursor: str
) -> tuple[list[ChangedArticle], str | None]:
    """Return a page of the articles of `files`, those that `changed_files` returns, and the cursor of the next page.

    `changed_since` is a time in ISO 8601, UTC if it says nothing else, or empty for all articles; `cursor` is empty for
    the first page. A cursor says after which article to go on, so it holds for later generations too. The next cursor
    is None after the last page. Raises RequestError for a time or a cursor that cannot be read.
    """
    since = _time(changed_since) if changed_since else ""
    age, file_id, after = _position(cursor) if cursor else (-(1 << 62), "", "")
    last_listed = age, file_id, after
    found: list[ChangedArticle] = []
    for file in files[bisect_left(files, (age, file_id)) :]:
        if file.changed_at < since:
            break
        last = after if (file.age, file.article_id) == (age, file_id) else ""
        for heading in snapshot.headings_of(file.article_id, last, PAGE_SIZE + 1 - len(found)):
            if len(found) == PAGE_SIZE:
                return found, _cursor(*last_listed)
            found.append(ChangedArticle(heading, file.changed_at))
            last_listed = file.age, file.article_id, heading.id
    return found, None


def _time(text: str) -> str:
    """Return a time as ISO 8601 in UTC, to seconds."""
    try:
        time = datetime.fromisoformat(text)
        time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
        return f"{time.replace(microsecond=0, tzinfo=None).isoformat()}Z"
    except (ValueError, OverflowError):
        parameter, message = "changed_since", f"changed_since is {text[:60]!r}."
        raise RequestError(parameter, message, "It is a time such as 2026-11-22T10:00:00Z.") from None


def _cursor(age: int, file_id: str, article_id: str) -> str:
    text = json.dumps([age, file_id, article_id.removeprefix(file_id)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _position(cursor: str) -> tuple[int, str, str]:
    """Return what a cursor was made from: the age and the id of a file, and the id of an article of it."""
    try:
        match json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)):
            case [int(age), str(file_id), str(rest)]:
                return age, file_id, file_id + rest
    except (binascii.Error, ValueError, RecursionError):
        pass
    parameter, message = "cursor", "cursor is not one that this server gave."
    raise RequestError(parameter, message, "Begin anew without it.")
