"""Cursors: short texts by which a client asks for the next page of results, from the generation of the first page.

A cursor has four hexadecimal numbers: the generation, a checksum of the time when it was committed, a number (of the
next page, or of the rows before it), and a checksum of the search. It is not signed, since it holds no secret and leads
to nothing that could not be asked for without it.
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
"""The regular expression of a cursor, with a group for each of its numbers."""
_CURSOR = re.compile(CURSOR)


def next_cursor(page: Page) -> str | None:
    """Return the cursor of the page after `page`; None if that would be past the last page, or past MAX_ROWS rows."""
    asked, number = page.request, page.request.page + 1
    if number > page.total_pages or number * asked.per_page > MAX_ROWS:
        return None
    return write_cursor(number, page.generation, page.updated_at, (*search_key(asked), str(asked.per_page)))


def followed(cursor: str, asked: SearchRequest) -> tuple[SearchRequest, Snapshot]:
    """Return `asked` with the number of the page that a cursor leads to, and the generation to search.

    Raises RequestError for a cursor that cannot be read or is of another search, and GenerationGone for one whose
    generation was replaced too long ago.
    """
    page, snapshot = read_cursor(cursor, (*search_key(asked), str(asked.per_page)))
    return replace(asked, page=page), snapshot


def write_cursor(number: int, generation: int, updated_at: str, key: tuple[str, ...]) -> str:
    """Return a cursor with a number, up to 65,535, of a page or of rows. Only the same `key` can read it again."""
    return f"{generation:x}-{crc32(updated_at.encode()):08x}-{number:x}-{_checksum(key):08x}"


def read_cursor(cursor: str, key: tuple[str, ...]) -> tuple[int, Snapshot]:
    """Return the number that `write_cursor` put into a cursor, and its generation, open for reading.

    Raises RequestError for a cursor that cannot be read or was made with another key, and GenerationGone for one whose
    generation was replaced too long ago.
    """
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise RequestError("cursor", "This is no cursor.", "Give next_cursor of an answer as it is.")
    generation, committed, number, checksum = [int(part, 16) for part in found.groups()]
    if checksum != _checksum(key):
        parameter, message = "cursor", "This cursor is of another search."
        raise RequestError(parameter, message, "Give it with all parameters of the search that it comes from.")
    snapshot = current.snapshot_at(generation)
    if crc32(snapshot.updated_at.encode()) != committed:  # the index was removed and made anew
        raise GenerationGone
    return number, snapshot


def search_key(asked: SearchRequest) -> tuple[str, ...]:
    """Return the texts that decide which rows a search finds, and in which order: a key for `write_cursor`."""
    chosen = asked.match, asked.variants, asked.scope, asked.group, asked.duplicates, asked.sort or ""
    return (*chosen, asked.source or "", asked.lang or "", asked.date_from or "", asked.date_to or "", asked.q)


def _checksum(key: tuple[str, ...]) -> int:
    return crc32("\n".join(key).encode("utf-8", "surrogatepass"))
