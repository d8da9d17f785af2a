"""Leaves copies out of what is found: of the matching articles in one group of copies only the first is shown.

The cluster computes the first matching article of each group. Nearly always that is the main article, so the query that
selects what is shown lists only the first articles that are not main articles.
"""

from __future__ import annotations

from typing import NamedTuple

from search.cluster.budgeted_searches import BudgetedSearches
from search.cluster.query_translation import Query, article_having, of_articles

RANK_BIT = 32
"""An article is one number in the script: its rank, shifted left by so many bits, plus its serial number."""
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
"""The scripts (in Painless) of an aggregation over matching articles that are in groups.

Its value has `groups`, the number of groups, and `later`, the first articles of groups, as numbers (see RANK_BIT), that
are not the main articles of their groups.
"""
MAX_TERMS = 1 << 16
"""Maximum number of values of one `terms` query."""


class ClusterFolding(NamedTuple):
    """Which matches of a search are shown when copies are left out, and how many articles are left out."""

    shown: Query
    """A query to be added to that of the matches: those that it selects are shown."""
    articles: int
    """Number of matching articles that are left out."""


def fold_copies(matching: Query, searches: BudgetedSearches) -> ClusterFolding:
    """Return what is left out, as copies, of the paragraphs that a query selects.

    Raises what `Connection.search` does.
    """
    having = {"bool": {"filter": [{"exists": {"field": "group"}}, article_having(matching)]}}
    aggregations = {"copies": {"scripted_metric": FIRST_OF_GROUPS}}
    (answer,) = searches.ask({"size": 0, "track_total_hits": True, "query": having, "aggs": aggregations})
    found = answer["aggregations"]["copies"]["value"] or {"groups": 0, "later": []}
    serials = sorted(article & (1 << RANK_BIT) - 1 for article in found["later"])
    firsts = [{"terms": {"serial": serials[first : first + MAX_TERMS]}} for first in range(0, len(serials), MAX_TERMS)]
    later = {"bool": {"filter": [{"range": {"rank": {"gt": 0}}}], "must_not": firsts}}
    shown = {"bool": {"must_not": [of_articles(later)]}}
    return ClusterFolding(shown, answer["hits"]["total"]["value"] - found["groups"])
