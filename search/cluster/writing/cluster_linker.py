"""Finds which articles of a new generation are copies, by the signatures in their documents (see `search.copies`)."""

from __future__ import annotations

from array import array
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import orjson

from search.cluster.connection import Connection
from search.cluster.query_translation import ARTICLES
from search.cluster.schema import ARTICLE, document_id
from search.cluster.writing.bulk_sender import BulkSender
from search.copies import SLOTS
from search.kernels.terms.minhash import group_copies

PAGE = 10_000
"""Number of articles that are asked for at a time."""
TOGETHER = 1_000
"""Number of articles whose documents are fetched, to be written anew, at a time."""
PADDING = "=="
"""The padding of base64, which the cluster leaves out in the doc values of a binary field; too much does no harm."""
COLUMNS: dict[str, Any] = {
    "stored_fields": "_none_",
    "docvalue_fields": ["serial", "signature", "group", "rank"],
    "sort": [{"start": {"order": "asc", "missing": "_last"}}, {"article": "asc"}],
}
"""The part of the body of a search that names the doc values to return, and the order of `search.copies.order`."""


class Place(NamedTuple):
    """The place of an article among copies."""

    group: int
    """The serial number of the main article."""
    rank: int
    """The place in the order of the group: 0 for the main article."""


class SignedArticles(NamedTuple):
    """The articles of an index with their signatures, in the order of `search.copies.order`."""

    ids: list[str]
    serials: array[int]
    signatures: bytearray
    """1 + SLOTS bytes for each article: its number of shingles, and its slots."""
    places: dict[int, Place]
    """The place that is stored in an article's document, by the article's index in `ids`; most articles have none."""


def link_copies(connection: Connection, index: str, bulk: BulkSender) -> None:
    """Compute the groups of copies, and update `group` and `rank` in the documents of articles where they have changed.

    The index has to be refreshed before, and must not be changed meanwhile. Raises what `bulk` and `connection` do.
    """
    articles = _read(connection, index)
    places = _places(articles)
    changed = [at for at in sorted(articles.places.keys() | places.keys()) if articles.places.get(at) != places.get(at)]
    for first in range(0, len(changed), TOGETHER):
        some = changed[first : first + TOGETHER]
        docs = [{"_id": document_id(articles.serials[at]), "routing": articles.ids[at]} for at in some]
        for at, stored in zip(some, connection.sources(index, docs), strict=True):
            document = stored | _fields(articles, at, places)
            action = {"_id": document_id(document["serial"]), "routing": document["article"]}
            bulk.put(b"%b\n%b\n" % (orjson.dumps({"index": action}), orjson.dumps(document)))
    bulk.flush()


def _read(connection: Connection, index: str) -> SignedArticles:
    """Return what is needed of all articles of an index."""
    articles = SignedArticles([], array("q"), bytearray(), {})
    query = {"bool": {"filter": [ARTICLES]}}
    body = {"query": query, "size": PAGE, "track_total_hits": False, **COLUMNS}
    for hit in connection.hits(index, body):
        fields = hit["fields"]
        if "group" in fields:
            articles.places[len(articles.ids)] = Place(fields["group"][0], fields["rank"][0])
        articles.ids.append(hit["sort"][1])
        articles.serials.append(fields["serial"][0])
        articles.signatures.extend(b64decode(fields["signature"][0] + PADDING))
    return articles


def _places(articles: SignedArticles) -> dict[int, Place]:
    """Return the places of the articles that have copies or are copies, by their indexes in `articles.ids`."""
    columns = np.frombuffer(articles.signatures, np.uint8).reshape(-1, 1 + SLOTS)
    sizes, members = group_copies(np.ascontiguousarray(columns[:, 1:]), np.ascontiguousarray(columns[:, 0]))
    places: dict[int, Place] = {}
    numbers = iter(members.tolist())
    for size in sizes.tolist():
        main = next(numbers)
        places[main] = Place(articles.serials[main], 0)
        for rank in range(1, size):
            places[next(numbers)] = Place(articles.serials[main], rank)
    return places


def _fields(articles: SignedArticles, at: int, places: Mapping[int, Place]) -> dict[str, Any]:
    """Return the fields of an article's document that its `_source` leaves out, or that may have changed."""
    signature = articles.signatures[(1 + SLOTS) * at : (1 + SLOTS) * (at + 1)]
    place = places.get(at)
    return {
        "part": ARTICLE,
        "signature": b64encode(signature).decode(),
        "group": place.group if place else None,
        "rank": place.rank if place else None,
    }
