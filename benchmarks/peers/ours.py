"""Stemma itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.peers import LIMIT, Answer, Ask
from benchmarks.queries.draw import DISTANCE, Query
from search.engines import Search, Snapshot, open_engine
from search.engines.whoosh import WhooshEngine
from search.ledger import Ledger
from search.model import Article, Found, Hit, Match, SearchRequest, Total
from search.query import parse
from search.searching import find
from search.settings import Settings


def text_of(query: Query) -> str:
    """A query as people type it; OR and AND are implied."""
    words = " ".join(query.words)
    text = {
        "phrase": f'"{words}"',
        "near": f" NEAR/{DISTANCE} ".join(query.words),
        "prefix": f"{words}*",
        "fuzzy": f"{words}~1",
    }.get(query.form, words)
    if query.source:
        text += f" source:{query.source}"
    if query.years:
        text += f" after:{query.years[0] - 1} before:{query.years[1] + 1}"
    return text


class Ours:
    """The query parsed, the snapshot searched, both totals exact; with snippets the whole of find()."""

    name = "ours"
    version = "this commit"
    differs = "stems by NLTK's Snowball; quotes, prefixes and misspellings look at words as written, unstemmed; the \
title is lent to each paragraph of its article; totals of paragraphs and of articles"
    parallel = True
    slow = False
    snapshot: Snapshot
    languages: tuple[str, ...]

    def build(self, articles: Sequence[Article], folder: Path, threads: int) -> None:
        with WhooshEngine(folder).write(anew=True) as writer:
            for article in articles:
                writer.add(article)
            writer.commit(Ledger())

    def open(self, folder: Path) -> None:
        self.snapshot = open_engine(Settings(index=folder)).snapshot()
        self.languages = tuple(self.snapshot.statistics().languages)

    def ask(self, query: Query) -> Ask | None:
        text = text_of(query)
        match: Match = "any" if query.form == "or" else "all"
        snapshot, languages = self.snapshot, self.languages
        if query.extra == "snippets":

            def page() -> Answer:
                found = find(snapshot, SearchRequest(text, match))
                return _answer(found.hits, found.total)

            return page

        def search() -> Answer:
            tree = parse(text, match=match, languages=languages).tree
            found = snapshot.search(Search(tree, limit=LIMIT, facets=("source", "year") if query.extra else ()))
            return _answer(found.hits, found.total)

        return search


def _answer(hits: Sequence[Hit | Found], total: Total) -> Answer:
    ids = [hit.id if isinstance(hit, Hit) else (hit.article_id, hit.number) for hit in hits]
    return Answer(ids, [hit.score for hit in hits], total.value if total.relation == "eq" else None)
