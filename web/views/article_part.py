"""The part of an article that a request asks for. An article can have a million paragraphs, so parts are bounded."""

from __future__ import annotations

from typing import NamedTuple

from search.budget import CHARACTER_COST, QueryBudget
from search.engine import Snapshot
from search.errors import NoSuchArticle, RequestError
from search.highlight import Passage
from search.model import Marked, Portion, SearchRequest
from search.service import highlighter_for, parse_with_names
from web import current, urls
from web.headers import no_store_if_out_of_time


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


class MarkedPart(NamedTuple):
    """The title and the paragraphs of a part of an article, marked, and warnings if marks may be missing."""

    title: Marked
    paragraphs: tuple[Marked, ...]
    warnings: tuple[str, ...]


def marked_part(snapshot: Snapshot, asked: SearchRequest, part: Portion) -> MarkedPart:
    """Return a part of an article with the words of a search marked. Raises QueryError if the query cannot be read."""
    budget = QueryBudget()
    tree = parse_with_names(snapshot, asked, current.names(), budget)[0].tree
    budget.charge(CHARACTER_COST * len(asked.q))
    highlighter = highlighter_for(snapshot, tree, budget)
    title, lang = part.heading.title, part.heading.lang
    texts = enumerate(part.paragraphs, part.first)
    passages = [Passage(text, lang, is_first=number == 1) for number, text in texts]
    passages.insert(0, Passage(title, lang, is_title=True))
    marked = tuple(map(Marked, [title, *part.paragraphs], highlighter.mark(passages)))
    no_store_if_out_of_time(budget)
    return MarkedPart(marked[0], marked[1:], highlighter.warnings)
