"""Cursors: where a list of results goes on, in the generation of the index that it began in.

A cursor has the generation, a checksum of when that was committed, a number (of a page, or of rows before it), and a
checksum of what was asked, all in hexadecimal. It says where to go on, and nothing that has to be kept secret or could
not be asked for anyway.
"""

from __future__ import annotations

import re
from dataclasses import replace
from zlib import crc32

from search.engine import Snapshot
from search.errors import GenerationGone, RequestError
from search.model import Page, SearchRequest
from search.service import MAX_ROWS
from web import current

CURSOR = r"([0-9a-f]{1,12})-([0-9a-f]{8})-([0-9a-f]{1,4})-([0-9a-f]{8})"
"""What a cursor looks like."""
_CURSOR = re.compile(CURSOR)


def next_cursor(page: Page) -> str | None:
    """Return the cursor of the page after this one; None after the last, and where MAX_ROWS end."""
    asked, number = page.request, page.request.page + 1
    if number > page.total_pages or number * asked.per_page > MAX_ROWS:
        return None
    return write_cursor(number, page.generation, page.updated_at, (*search_key(asked), str(asked.per_page)))


def followed(cursor: str, asked: SearchRequest) -> tuple[SearchRequest, Snapshot]:
    """Return the page of a search that a cursor leads to, and the generation that it belongs to.

    Raises RequestError for a cursor that cannot be read or belongs to another search, and GenerationGone.
    """
    page, snapshot = read_cursor(cursor, (*search_key(asked), str(asked.per_page)))
    return replace(asked, page=page), snapshot


def write_cursor(number: int, generation: int, updated_at: str, key: tuple[str, ...]) -> str:
    """Return the cursor that leads to a number, up to 65,535, in a generation, for whoever asks with the same key."""
    return f"{generation:x}-{crc32(updated_at.encode()):08x}-{number:x}-{_checksum(key):08x}"


def read_cursor(cursor: str, key: tuple[str, ...]) -> tuple[int, Snapshot]:
    """Return the number that a cursor leads to, and the generation that it belongs to.

    Raises RequestError for a cursor that cannot be read or was made with another key, and GenerationGone.
    """
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        parameter, message = "cursor", "This is no cursor."
        raise RequestError(parameter, message, "Give next_cursor of an answer as it is.")
    generation, committed, number, checksum = [int(part, 16) for part in found.groups()]
    if checksum != _checksum(key):
        parameter, message = "cursor", "This cursor is of another search."
        raise RequestError(parameter, message, "Give it with all parameters of the search that it comes from.")
    snapshot = current.snapshot_at(generation)
    if crc32(snapshot.updated_at.encode()) != committed:  # the index was removed and made anew
        raise GenerationGone
    return number, snapshot


def search_key(asked: SearchRequest) -> tuple[str, ...]:
    """Return what tells which rows a search finds, and in which order."""
    chosen = asked.match, asked.variants, asked.scope, asked.group, asked.duplicates, asked.sort or ""
    return (*chosen, asked.source or "", asked.lang or "", asked.date_from or "", asked.date_to or "", asked.q)


def _checksum(key: tuple[str, ...]) -> int:
    return crc32("\n".join(key).encode("utf-8", "surrogatepass"))
