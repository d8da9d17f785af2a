"""The articles of an index, those that changed last first: for programs that keep a copy of what it has.

An article changed when the file that it is of was last read, since a file is read as a whole; its time is that of the
commit, so that nothing that becomes visible later has an earlier time.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import NamedTuple

from search.engine import Snapshot
from search.errors import RequestError
from search.model import Heading

DAY = (
    r"(?:[12]\d{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))"
    r"|(?:[12]\d(?:0[48]|[2468][048]|[13579][26])|(?:12|16|20|24|28)00)-02-29)"
)
"""The pattern of a day of the calendar from 1000 to 2999; its second line is for 29 February."""
TIME = rf"{DAY}(?:T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)?)?"
"""The pattern of `changed_since`: a day, with or without a time and an offset from UTC, in ISO 8601."""
CURSOR = r"\d{1,9}-\d{1,9}-[\s\S]+"
"""The pattern of a cursor: a generation, the length of a file's id, and the id of an article, with hyphens between.

The article's id begins with the file's id, so the length tells where the file's id ends.
"""
PAGE_SIZE = 500
"""Maximum number of articles that are listed at a time."""


class ChangedFile(NamedTuple):
    """A file with articles in the index. In their natural order those that changed last come first."""

    age: int
    """Minus the number of the generation in which the file was last read."""
    article_id: str
    """The text that the ids of all articles of the file begin with."""
    changed_at: str
    """Time of the commit of that generation, in ISO 8601 and UTC."""


class ChangedArticle(NamedTuple):
    """An article, and when it changed, in ISO 8601 and UTC."""

    heading: Heading
    changed_at: str


def changed_files(snapshot: Snapshot) -> list[ChangedFile]:
    """Return the files of a snapshot that have articles: those that changed last first, ties by `article_id`."""
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
    position = _position(cursor) if cursor else (-(1 << 62), "", "")
    listed = list(islice(_articles(snapshot, files, since, position), PAGE_SIZE + 1))
    page = listed[:PAGE_SIZE]
    found = [ChangedArticle(heading, file.changed_at) for file, heading in page]
    if len(listed) == len(page):
        return found, None
    file, heading = page[-1]
    return found, f"{-file.age}-{len(file.article_id)}-{heading.id}"


def _articles(
    snapshot: Snapshot, files: list[ChangedFile], since: str, position: tuple[int, str, str]
) -> Iterator[tuple[ChangedFile, Heading]]:
    """Yield the articles that changed since a time, each with its file, those after a position (see `_position`).

    Of each file at most as many are read as a page may need.
    """
    age, file_id, after = position
    for file in files[bisect_left(files, (age, file_id)) :]:
        if file.changed_at < since:
            return
        last = after if (file.age, file.article_id) == (age, file_id) else ""
        for heading in snapshot.headings_of(file.article_id, last, PAGE_SIZE + 1):
            yield file, heading


def _time(text: str) -> str:
    """Return a time as ISO 8601 in UTC, to seconds."""
    if not re.fullmatch(TIME, text, re.ASCII):
        parameter, message = "changed_since", f"changed_since is {text[:60]!r}."
        raise RequestError(parameter, message, "It is a time such as 2026-11-22T10:00:00Z.")
    time = datetime.fromisoformat(text)
    time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    return f"{time.replace(tzinfo=None).isoformat()}Z"


def _position(cursor: str) -> tuple[int, str, str]:
    """Return what a cursor was made from: the age and the id of a file, and the id of an article of it."""
    if not re.fullmatch(CURSOR, cursor, re.ASCII):
        parameter, message = "cursor", f"cursor is {cursor[:60]!r}."
        raise RequestError(parameter, message, "It is one that this server gave; begin anew without it.")
    generation, length, article_id = cursor.split("-", 2)
    return -int(generation), article_id[: int(length)], article_id
