"""Articles like one: its most telling words are the query, as in Lucene's MoreLikeThis."""

from __future__ import annotations

from search.analysis.function_words import function_stems
from search.budget import QueryBudget
from search.engine import Search, Snapshot
from search.model import SimilarArticle
from search.query.tree import Or, Word

STEMS = 16
"""Maximum number of stems of an article that are searched for."""


def similar(
    snapshot: Snapshot, article_id: str, limit: int, budget: QueryBudget | None = None
) -> tuple[SimilarArticle, ...] | None:
    """Return up to `limit` articles like another one, best first; None if there is no article of this id.

    The query is the STEMS most telling stems of the article, joined by OR; another article scores as its best
    paragraph.
    """
    light = function_stems(snapshot.statistics().languages)
    stems = snapshot.telling_stems(article_id, STEMS, light)
    if stems is None:
        return None
    if not stems:
        return ()
    words = tuple([Word((stem,)) for stem in stems])
    query = Or(words) if len(words) > 1 else words[0]
    found = snapshot.search(Search(query, 0, limit + 1, group="article"), budget)
    rows = [row for row in found.hits if row.article_id != article_id][:limit]
    headings = [heading for heading, _ in snapshot.fetch(rows)]
    return tuple([SimilarArticle(heading, row.score) for heading, row in zip(headings, rows, strict=True)])
