"""A generation in the cluster, open for reading."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from search.budget import QueryBudget
from search.cluster.cluster_search import ClusterSearch
from search.cluster.cluster_vocabulary import ClusterVocabulary
from search.cluster.connection import Connection
from search.cluster.coordination import StateIndex
from search.cluster.query_translation import ARTICLES, FIRST, PARAGRAPHS, of_articles
from search.cluster.schema import FORMAT, heading_of
from search.cluster.term_statistics import TellingStems, TermStatistics
from search.copies import order
from search.engine import MatchStream, ScoringStatistics, Search, Statistics, Vocabulary
from search.errors import ClusterUnavailable, IndexDamaged, IndexOutdated, OperatorError, RequestError
from search.ledger import Ledger
from search.model import Article, Heading, Portion, Result, ScoredParagraph, TermForms, Total
from search.query.tree import Node, Term
from search.ranking import TELLING_PARAGRAPHS

TOO_MANY_CLAUSES = "maxClauseCount"
"""Part of the error message of a cluster that refuses a query with too many clauses."""
PAGE = 1_000
"""Number of paragraphs that are fetched at a time."""
IN_SOURCE = ("heading", "article", "source", "lang", "date", "start", "end", "guessed", "body", "number", "paragraphs")
"""The fields of a paragraph's `_source` that are read."""


class ClusterSnapshot:
    """A generation: an index that does not change any more. Threads may share it.

    `meta` is the `_meta` object of its mapping. Raises IndexOutdated if its format is another than FORMAT, and
    IndexDamaged if `meta` is incomplete.
    """

    def __init__(self, connection: Connection, state: StateIndex, index: str, meta: dict[str, Any]) -> None:
        if meta.get("format") != FORMAT:
            raise IndexOutdated(connection.where, meta.get("format"), FORMAT)
        self._connection, self._state = connection, state
        self.index = index
        try:
            self.generation = int(meta["generation"])
            self.updated_at = str(meta["updated_at"])
            self.serial = int(meta["serial"])
            counted = meta["statistics"]
            for names in ("sources", "languages"):  # the cluster does not keep the order of keys
                counted[names] = dict(sorted(counted[names].items()))
            self._statistics = Statistics(**counted)
            self.shards = int(meta["shards"])
            average = float(meta["average"])
        except (KeyError, TypeError, ValueError, AttributeError):
            raise IndexDamaged(f"{index} does not say what it holds") from None
        paragraphs = self._statistics.paragraphs
        terms = TermStatistics(connection, index, paragraphs, self.shards)
        self._searching = ClusterSearch(connection, index, terms, paragraphs, average)
        self._telling = TellingStems(connection, index, terms, paragraphs)
        self._vocabulary = ClusterVocabulary(connection, index)

    def statistics(self) -> Statistics:
        """Return the statistics of this generation, as they were counted at its commit."""
        return self._statistics

    def ledger(self) -> Ledger:
        """Return the ledger: the outcome for every source file. Raises IndexDamaged if the ledger is gone."""
        if (data := self._state.read(ledger_name(self.generation))) is None:
            raise IndexDamaged(f"the ledger of generation {self.generation} is gone")
        return Ledger.from_json(data)

    def prepare(self) -> None:
        """Do nothing: the cluster has all that searches need."""

    def search(self, search: Search, budget: QueryBudget | None = None) -> Result:
        """Return the answer to a search. `budget` is a new one by default.

        Raises RequestError if the query has more clauses than the cluster allows, and what `Connection.search` does.
        """
        with bounded():
            return self._searching.search(search, budget or QueryBudget())

    def stream(self, search: Search, budget: QueryBudget) -> MatchStream:
        """Return all paragraphs that match a search.

        Raises what `search` does. Rows are fetched while they are iterated over, which may raise ClusterUnavailable.
        """
        with bounded():
            return self._searching.stream(search, budget)

    def count(self, searches: Sequence[Search], budget: QueryBudget) -> list[Total]:
        """Return how many paragraphs match each of some searches. Raises what `search` does."""
        with bounded():
            return self._searching.count(searches, budget)

    def scoring_statistics(self, query: Node, budget: QueryBudget) -> ScoringStatistics:
        """Return the statistics that the scores of a query are computed from. Raises what `search` does."""
        with bounded():
            return self._searching.scoring_statistics(query, budget)

    @property
    def vocabulary(self) -> Vocabulary:
        """The words of this generation."""
        return self._vocabulary

    def fetch(self, found: Sequence[ScoredParagraph]) -> list[tuple[Heading, str]]:
        """Return the heading and the text of each of some paragraphs, in their order. Raises IndexGone."""
        fetched: list[tuple[Heading, str]] = []
        for at in range(0, len(found), PAGE):
            docs = [{"_id": one.locator, "routing": one.article_id} for one in found[at : at + PAGE]]
            sources = self._connection.sources(self.index, docs)
            fetched += [(heading_of(source), source["body"]["text"]) for source in sources]
        return fetched

    def forms(self, terms: Sequence[Term], budget: QueryBudget) -> dict[Term, TermForms] | None:
        """Return None: the forms of terms are not known here, so the highlighter tokenizes the texts instead."""

    def telling_stems(self, article_id: str, limit: int, leave_out: Collection[str]) -> tuple[str, ...] | None:
        """Return the most telling stems of an article (see `search.engine.Snapshot`); None if there is no such one."""
        portion = self.portion(article_id, 1, TELLING_PARAGRAPHS)
        return self._telling.of(portion, limit, leave_out) if portion else None

    def copies(self, article_id: str) -> tuple[Heading, ...]:
        """Return the headings of the other articles of an article's group of copies, the main one first.

        Empty if the article is in no group, or does not exist.
        """
        own = {"bool": {"filter": [ARTICLES, {"term": {"article": article_id}}, {"exists": {"field": "group"}}]}}
        columns = {"stored_fields": "_none_", "docvalue_fields": ["group"]}
        (answer,) = self._connection.search(self.index, {"query": own, "size": 1, **columns})
        if not (hits := answer["hits"]["hits"]):
            return ()
        members = of_articles({"term": {"group": hits[0]["fields"]["group"][0]}})
        headings = map(heading_of, self._rows({"bool": {"filter": [FIRST, members]}}))
        return tuple(sorted((one for one in headings if one.id != article_id), key=order))

    def article(self, article_id: str) -> Article | None:
        """Return a whole article; None if there is no article of this id."""
        return next(self._articles({"term": {"article": article_id}}), None)

    def portion(self, article_id: str, first: int, count: int) -> Portion | None:
        """Return up to `count` paragraphs of an article, from number `first`; None if there is no such article."""
        wanted = {"range": {"number": {"gte": first, "lt": first + count}}}
        rows = list(self._rows({"bool": {"filter": [{"term": {"article": article_id}}, wanted]}}))
        if not rows:  # `first` is past its end, or there is no such article
            head = list(self._rows({"bool": {"filter": [{"term": {"article": article_id}}, FIRST]}}))
            return Portion(heading_of(head[0]), first, (), head[0]["paragraphs"]) if head else None
        texts = tuple(row["body"]["text"] for row in rows)
        return Portion(heading_of(rows[0]), first, texts, rows[0]["paragraphs"])

    def headings_of(self, file_id: str, after: str, limit: int) -> list[Heading]:
        """Return the headings of up to `limit` articles of a file whose ids come after `after`, in the order of ids."""
        later = {"range": {"article": {"gt": after}}}
        rows = self._rows({"bool": {"filter": [FIRST, of_file(file_id), later]}}, size=min(limit, PAGE))
        return [heading_of(row) for row in islice(rows, limit)]

    def articles_of(self, file_id: str) -> Iterator[Article]:
        """Yield the articles of a file, in the order of ids."""
        return self._articles(of_file(file_id))

    def article_ids(self) -> Iterator[str]:
        """Yield the ids of all articles, in order."""
        return (row["article"] for row in self._rows(FIRST, ("article",)))

    def _articles(self, query: dict[str, Any]) -> Iterator[Article]:
        """Yield the articles whose paragraphs a query finds, in the order of ids.

        The query has to find all paragraphs of each article.
        """
        texts: list[str] = []
        for row in self._rows(query):
            texts.append(row["body"]["text"])
            if row["number"] == row["paragraphs"]:
                yield Article(heading_of(row), tuple(texts))
                texts = []

    def _rows(
        self, query: dict[str, Any], fields: Sequence[str] = IN_SOURCE, size: int = PAGE
    ) -> Iterator[dict[str, Any]]:
        """Yield the `fields` of each paragraph that a query finds, by article id and number; fetch `size` at a time."""
        body = {
            "query": {"bool": {"filter": [PARAGRAPHS, query]}},
            "size": size,
            "sort": [{"article": "asc"}, {"number": "asc"}],
            "_source": fields,
            "track_total_hits": False,
        }
        return (hit["_source"] for hit in self._connection.hits(self.index, body))


@contextmanager
def bounded() -> Iterator[None]:
    """Raise RequestError in place of the error by which the cluster refuses a query with too many clauses."""
    try:
        yield
    except (ClusterUnavailable, OperatorError) as error:
        if TOO_MANY_CLAUSES not in error.message:
            raise
        raise RequestError("q", "The query has more words than the cluster takes.", "Search for fewer.") from None


def ledger_name(generation: int) -> str:
    """Return the name of the document of the state index (see `StateIndex`) that holds a generation's ledger."""
    return f"ledger-{generation}"


def index_name(alias: str, generation: int) -> str:
    """Return the name of the index of a generation of the archive that an alias names."""
    return f"{alias}-{generation:06}"


def generation_of(index: str, alias: str) -> int | None:
    """Return the generation that an index is, or was to be, of the archive that an alias names; None if of none."""
    found = re.fullmatch(rf"{re.escape(alias)}-(\d{{6,}})", index)
    return int(found[1]) if found else None


def of_file(file_id: str) -> dict[str, Any]:
    """Return the query of all documents of a file's articles: their paragraphs, and the articles' own documents."""
    clauses = [{"term": {"article": file_id}}, {"prefix": {"article": f"{file_id}:"}}]
    return {"bool": {"should": clauses, "minimum_should_match": 1}}
