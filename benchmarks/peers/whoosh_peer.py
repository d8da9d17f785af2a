"""Plain Whoosh: its own field, its own searcher, nothing of ours."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.peers import LIMIT, Answer, Ask, library
from benchmarks.queries.tree import DISTANCE, Fuzzy, Leaf, Near, Phrase, Prefix, Query, Token, operators
from benchmarks.texts import documents
from search.model import Article


class Whoosh:
    """A TEXT field with its stemming analyzer and positions; searched and ranked by whoosh3 itself."""

    name = "whoosh"
    version = "3.54.0"
    differs = (
        "no total (counting runs the query again); its own Porter stemmer, English stop words dropped; NEAR keeps \
the order; the title is in the first paragraph only"
    )
    parallel = False
    slow = True
    searcher: Any

    def __init__(self) -> None:
        names = ("analysis", "fields", "index", "qparser", "scoring")
        self.library = {name: library(f"whoosh.{name}", "pip install whoosh3") for name in names}

    def build(self, articles: Sequence[Article], folder: Path, threads: int) -> None:
        fields = self.library["fields"]
        schema = fields.Schema(
            text=fields.TEXT(analyzer=self.library["analysis"].StemmingAnalyzer(), stored=True, phrase=True),
            source=fields.ID(stored=True, sortable=True),
            year=fields.NUMERIC(int, stored=True, sortable=True),
        )
        writer = self.library["index"].create_in(str(folder), schema).writer(limitmb=512)
        for document in documents(articles):
            text = f"{document.title}\n{document.text}" if document.title else document.text
            writer.add_document(text=text, source=document.source, year=document.year)
        writer.commit()

    def open(self, folder: Path) -> None:
        index = self.library["index"].open_dir(str(folder))
        self.schema = index.schema
        self.searcher = index.searcher()

    def ask(self, query: Query) -> Ask | None:
        parsing = self.library["qparser"]
        if query.extra == "grouped":
            return None
        text = operators(query.tree, written)
        parser = parsing.QueryParser("text", self.schema)
        parser.add_plugin(parsing.FuzzyTermPlugin())
        filters = [f"source:{query.source}"] if query.source else []
        if query.years:
            filters.append("year:[{} TO {}]".format(*query.years))
        facets = ["source", "year"] if query.extra == "facets" else None
        sort = {"sortedby": "year", "reverse": True} if query.extra == "newest" else {}

        def ask() -> Answer:
            restricted = parser.parse(" ".join(filters)) if filters else None
            found = self.searcher.search(
                parser.parse(text), limit=query.offset + LIMIT, filter=restricted, groupedby=facets, **sort
            )
            if query.extra == "snippets":
                for hit in found:
                    hit.highlights("text")
            rows = found[query.offset :]
            return Answer([hit.docnum for hit in rows], [hit.score for hit in rows], None)

        return ask


def written(leaf: Leaf) -> str:
    """A leaf in Whoosh's language."""
    if isinstance(leaf, Near):
        return f'"{" ".join(leaf.words)}"~{DISTANCE}'
    if isinstance(leaf, Phrase):
        return f'"{" ".join(leaf.words)}"'
    if isinstance(leaf, Token):
        return f'"{leaf.text}"'
    return leaf.text + {Prefix: "*", Fuzzy: "~1"}.get(type(leaf), "")
