"""The part of an article that is asked for: one can have a million paragraphs, and nobody reads them all at once."""

from __future__ import annotations

from search.engine import Snapshot
from search.errors import NoSuchArticle, RequestError
from search.model import Portion
from web import urls


def part(snapshot: Snapshot, article_id: str, number: int) -> Portion:
    """The part that holds the paragraph of this number. Raises NoSuchArticle, and RequestError when it has no such."""
    found = snapshot.portion(article_id, urls.part_of(number), urls.PART)
    if found is None:
        raise NoSuchArticle(article_id)
    if number > found.total:
        parameter, message = "paragraph", f"There is no paragraph {number:,} in this article."
        raise RequestError(parameter, message, f"It can be 1 to {found.total:,}.")
    return found
