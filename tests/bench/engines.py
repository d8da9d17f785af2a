"""The engines that are measured, behind one face: build from articles, and answer a query given as words.

Each answer goes from the query's text to ids and scores of the ten best, with the exact total.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

from search.engines import Search
from search.engines.whoosh import WhooshEngine
from search.ledger import Ledger
from search.model import Article
from search.query import parse

Kind: TypeAlias = Literal["OR", "AND", "phrase"]


class Peer(Protocol):
    """An engine with the texts in it."""

    name: str
    differs: str

    def search(self, kind: Kind, words: Sequence[str]) -> int:
        """The total of a query, after its ten best were found."""


def written(kind: Kind, words: Sequence[str]) -> str:
    """The query as both query languages have it."""
    if kind == "phrase":
        return f'"{" ".join(words)}"'
    return f" {kind} ".join(words)


class Ours:
    """Stemma's engine for one machine."""

    name = "Stemma"
    differs = ""

    def __init__(self, articles: Sequence[Article], folder: Path) -> None:
        self.engine = WhooshEngine(folder / "stemma")
        with self.engine.write(anew=True) as writer:
            for article in articles:
                writer.add(article)
            writer.commit(Ledger())
        self.snapshot = self.engine.snapshot()
        self.size = size_of(folder / "stemma")

    def search(self, kind: Kind, words: Sequence[str]) -> int:
        """Parse, then both totals and the ten best."""
        return self.snapshot.search(Search(parse(written(kind, words)).tree)).total.value


class Tantivy:
    """Tantivy, with its English stemmer, positions, and `count` on."""

    name = "Tantivy"
    differs = "another tokenizer and stemmer; the title is not lent to each paragraph; no total of articles"

    def __init__(self, articles: Sequence[Article], folder: Path) -> None:
        import tantivy  # noqa: PLC0415 - the other engines can be measured without it

        builder = tantivy.SchemaBuilder()
        builder.add_text_field("body", stored=True, tokenizer_name="en_stem")
        builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        place = folder / "tantivy"
        place.mkdir(parents=True, exist_ok=True)
        self.index: Any = tantivy.Index(builder.build(), path=str(place))
        writer = self.index.writer(heap_size=1_000_000_000, num_threads=len(os.sched_getaffinity(0)))
        for article in articles:
            for number, text in enumerate(article.paragraphs, 1):
                writer.add_document(tantivy.Document(body=text, id=f"{article.id}-p{number}"))
        writer.commit()
        writer.wait_merging_threads()
        self.index.reload()
        self.searcher: Any = self.index.searcher()
        self.size = size_of(place)

    def search(self, kind: Kind, words: Sequence[str]) -> int:
        """Parse, then the total and the ten best."""
        query = self.index.parse_query(written(kind, words), ["body"])
        return int(self.searcher.search(query, 10, count=True).count)


def size_of(folder: Path) -> int:
    """Bytes of all files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
