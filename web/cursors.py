"""Cursors: where a search goes on, in the generation of the index that it began in.

A cursor has the generation, a checksum of when that was committed, the page, and a checksum of the search, all in
hexadecimal. It says where to go on, and nothing that has to be kept secret or could not be asked for anyway.
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

_CURSOR = re.compile(r"([0-9a-f]{1,12})-([0-9a-f]{8})-([0-9a-f]{1,4})-([0-9a-f]{8})")


def next_cursor(page: Page) -> str | None:
    """Return the cursor of the page after this one; None after the last, and where MAX_ROWS end."""
    asked, number = page.request, page.request.page + 1
    if number > page.total_pages or number * asked.per_page > MAX_ROWS:
        return None
    return f"{page.generation:x}-{crc32(page.updated_at.encode()):08x}-{number:x}-{_checksum(asked):08x}"


def followed(cursor: str, asked: SearchRequest) -> tuple[SearchRequest, Snapshot]:
    """Return the page of a search that a cursor leads to, and the generation that it belongs to.

    Raises RequestError for a cursor that cannot be read or belongs to another search, and GenerationGone.
    """
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        parameter, message = "cursor", "This is no cursor."
        raise RequestError(parameter, message, "Give next_cursor of an answer as it is.")
    generation, committed, page, checksum = [int(part, 16) for part in found.groups()]
    if checksum != _checksum(asked):
        parameter, message = "cursor", "This cursor is of another search."
        raise RequestError(parameter, message, "Give it with all parameters of the search that it comes from.")
    snapshot = current.snapshot_at(generation)
    if crc32(snapshot.updated_at.encode()) != committed:  # the index was removed and made anew
        raise GenerationGone
    return replace(asked, page=page), snapshot


def _checksum(asked: SearchRequest) -> int:
    """Return a checksum of what tells which rows are on which page of a search."""
    chosen = asked.match, asked.variants, asked.scope, asked.group, asked.sort or "", str(asked.per_page)
    filters = asked.source or "", asked.lang or "", asked.date_from or "", asked.date_to or ""
    return crc32("\n".join((*chosen, *filters, asked.q)).encode("utf-8", "surrogatepass"))
