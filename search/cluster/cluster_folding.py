"""Which matches are left out as copies: those of articles of whose group of copies an earlier article matches too.

The cluster tells, of each group, the first article that matches. Nearly always that is the main one; so only the others
are named in the query of what is left.
"""

from __future__ import annotations

from typing import NamedTuple

from search.cluster.budgeted_searches import BudgetedSearches
from search.cluster.query_translation import Query, article_having, of_articles

RANK_BIT = 32
"""An article is told by its rank, and by its serial number in so many lower bits."""
FIRST_OF_GROUPS = {
    "init_script": "state.first = new HashMap()",
    "map_script": f"""\
long article = (doc['rank'].value << {RANK_BIT}) | doc['serial'].value;
state.first.merge(doc['group'].value.toString(), article, (a, b) -> a < b ? a : b)""",
    "combine_script": "return state.first",
    "reduce_script": f"""\
Map first = new HashMap();
for (part in states) {{ part.forEach((group, article) -> first.merge(group, article, (a, b) -> a < b ? a : b)) }}
List later = new ArrayList(first.values());
later.removeIf(article -> article < {1 << RANK_BIT}L);
return ['groups': first.size(), 'later': later]""",
}
"""How many groups there are, and those of the first articles of groups that are not main articles (Painless)."""
MAX_TERMS = 1 << 16
"""Maximum number of terms of one clause."""


class ClusterFolding(NamedTuple):
    """What is left of the matches of a search, and what is not."""

    shown: Query
    """The query of the paragraphs that are shown, if they match."""
    articles: int
    """How many articles are left out."""


def fold_copies(matching: Query, searches: BudgetedSearches) -> ClusterFolding:
    """Leave copies out of the paragraphs that match a query. Raises what `Connection` does."""
    having = {"bool": {"filter": [{"exists": {"field": "group"}}, article_having(matching)]}}
    aggregations = {"copies": {"scripted_metric": FIRST_OF_GROUPS}}
    (answer,) = searches.ask({"size": 0, "track_total_hits": True, "query": having, "aggs": aggregations})
    found = answer["aggregations"]["copies"]["value"] or {"groups": 0, "later": []}
    serials = sorted(article & (1 << RANK_BIT) - 1 for article in found["later"])
    firsts = [{"terms": {"serial": serials[first : first + MAX_TERMS]}} for first in range(0, len(serials), MAX_TERMS)]
    later = {"bool": {"filter": [{"range": {"rank": {"gt": 0}}}], "must_not": firsts}}
    shown = {"bool": {"must_not": [of_articles(later)]}}
    return ClusterFolding(shown, answer["hits"]["total"]["value"] - found["groups"])
