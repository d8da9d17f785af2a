"""The entries of an Atom feed (RFC 4287), and text that XML can hold."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5

from search.model import Date, Hit, Page
from web import urls
from web.presentation import serializers

UNDATED = "1970-01-01T00:00:00Z"
"""Time of the last update, which Atom requires, of an entry without a date: fixed, so that it never seems new."""
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""A character that XML 1.0 does not allow."""


class FeedEntry(NamedTuple):
    """A paragraph as an entry of a feed. Times are as in RFC 3339; `published` is empty if the article has no date."""

    id: str
    title: str
    updated: str
    published: str
    path: str
    source: str
    lang: str
    text: str


def feed_entries(page: Page) -> list[FeedEntry]:
    """Return an entry for each hit of a page of results, in the same order."""
    state = serializers.state_of_hits(page.request)
    return [_entry(hit, state) for hit in page.hits]


def stable_id(kind: str, name: str) -> str:
    """Return the id, a UUID as a URN, of a feed or an entry. The same kind and name always have the same id."""
    encodable = name.encode("utf-8", "backslashreplace").decode()
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'stemma:{kind}:{encodable}')}"


def xml_characters(text: str) -> str:
    """Return a text with U+FFFD for each character that XML cannot hold."""
    return _NO_XML.sub("\ufffd", text)


def _entry(hit: Hit, state: str) -> FeedEntry:
    heading = hit.article
    published = _moment(heading.date) if heading.date else ""
    path = urls.paragraph(urls.article(heading.id), state, hit.number)
    updated, title = published or UNDATED, heading.title or heading.id
    return FeedEntry(
        stable_id("paragraph", hit.id), title, updated, published, path, heading.source, heading.lang, hit.text.text
    )


def _moment(date: Date) -> str:
    """Return the moment in which a date begins, as Atom writes it (RFC 3339)."""
    return f"{datetime.fromtimestamp(date.start, UTC).replace(tzinfo=None).isoformat()}Z"
