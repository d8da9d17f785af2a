"""The part of an article that a request asks for. An article can have a million paragraphs, so parts are bounded."""

from __future__ import annotations

from search.engine import Snapshot
from search.errors import NoSuchArticle, RequestError
from search.model import Portion
from web import urls


def article_part(snapshot: Snapshot, article_id: str, number: int) -> Portion:
    """Return the part of an article that contains its paragraph of this number, counted from 1.

    Raises NoSuchArticle, or RequestError when the article has no such paragraph.
    """
    found = snapshot.portion(article_id, urls.first_of_part(number), urls.PART)
    if found is None:
        raise NoSuchArticle(article_id)
    if number > found.total:
        parameter, message = "paragraph", f"There is no paragraph {number:,} in this article."
        raise RequestError(parameter, message, f"It can be 1 to {found.total:,}.")
    return found
