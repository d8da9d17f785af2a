"""Stemma itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.peers import LIMIT, Answer, Ask
from benchmarks.queries.tree import DISTANCE, And, Extra, Fuzzy, Near, Node, Not, Or, Phrase, Prefix, Query
from search.engine import Search, Snapshot, open_engine
from search.index import WhooshEngine
from search.ledger import Ledger
from search.model import Article, Hit, Match, ScoredParagraph, SearchRequest, Total
from search.query.parser import parse
from search.service import find
from search.settings import Settings

EXTRAS: dict[Extra, dict[str, Any]] = {
    "facets": {"facets": ("source", "year")},
    "grouped": {"group": "article"},
    "newest": {"sort": "-date"},
}
"""What is asked of the engine besides the tree."""


def match_of(query: Query) -> Match:
    """How the words are joined that have nothing between them."""
    return "any" if isinstance(query.tree, Or) else "all"


def text_of(query: Query) -> str:
    """A query as people type it; the outermost OR or AND is implied (`match_of`)."""
    tree = query.tree
    text = " ".join(map(_nested, tree.nodes)) if isinstance(tree, And | Or) else _text(tree)
    if query.source:
        text += f" source:{query.source}"
    if query.years:
        text += f" after:{query.years[0] - 1} before:{query.years[1] + 1}"
    return text


def _text(node: Node) -> str:
    if isinstance(node, And | Or):
        return (" " if isinstance(node, And) else " OR ").join(map(_nested, node.nodes))
    if isinstance(node, Not):
        return f"-{_nested(node.node)}"
    if isinstance(node, Near):
        return f" NEAR/{DISTANCE} ".join(node.words)
    if isinstance(node, Phrase):
        return f'"{" ".join(node.words)}"'
    return node.text + {Prefix: "*", Fuzzy: "~1"}.get(type(node), "")


def _nested(node: Node) -> str:
    return f"({_text(node)})" if isinstance(node, And | Or) else _text(node)


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
        match, extras = match_of(query), EXTRAS.get(query.extra, {})
        snapshot, languages = self.snapshot, self.languages
        if query.extra == "snippets":

            def page() -> Answer:
                found = find(snapshot, SearchRequest(text, match))
                return _answer(found.hits, found.total)

            return page

        def search() -> Answer:
            tree = parse(text, match=match, languages=languages).tree
            found = snapshot.search(Search(tree, query.offset, LIMIT, **extras))
            return _answer(found.hits, found.total)

        return search


def _answer(hits: Sequence[Hit | ScoredParagraph], total: Total) -> Answer:
    ids = [hit.id if isinstance(hit, Hit) else (hit.article_id, hit.number) for hit in hits]
    return Answer(ids, [hit.score for hit in hits], total.value if total.relation == "eq" else None)
