"""SQLite's full-text search."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from benchmarks.peers import LIMIT, Answer, Ask
from benchmarks.queries.tree import DISTANCE, Fuzzy, Leaf, Near, Phrase, Prefix, Query, leaves, operators
from benchmarks.texts import documents
from search.model import Article

TABLE = """CREATE VIRTUAL TABLE paragraphs
    USING fts5(title, text, source UNINDEXED, year UNINDEXED, tokenize = 'porter unicode61')"""
WORDS = 48
"""Tokens of a snippet."""
SEARCH = "SELECT rowid, rank FROM paragraphs WHERE paragraphs MATCH ? {where} ORDER BY {order} LIMIT {limit}"
SNIPPETS = SEARCH.replace("rank FROM", f"rank, snippet(paragraphs, 1, '<mark>', '</mark>', '…', {WORDS}) FROM")
FACETS = [
    f"SELECT {name}, count(*) FROM paragraphs WHERE paragraphs MATCH ? GROUP BY 1"  # noqa: S608 - two names
    for name in ("source", "year")
]


class Fts5:
    """A table with the Porter tokenizer, optimized after it was filled; ordered by `rank`, the documented fast way."""

    name = "fts5"
    version = sqlite3.sqlite_version
    differs = (
        "no total; Porter's first stemmer; the title is in the first paragraph only; prefixes are stemmed; filters \
read each match's row; no fuzzy search"
    )
    parallel = False
    slow = False
    connection: sqlite3.Connection

    def build(self, articles: Sequence[Article], folder: Path, threads: int) -> None:
        connection = sqlite3.connect(folder / "paragraphs.db")
        with connection:
            connection.execute(TABLE)
            connection.executemany(
                "INSERT INTO paragraphs (rowid, title, text, source, year) VALUES (?, ?, ?, ?, ?)",
                (document[:5] for document in documents(articles)),
            )
            connection.execute("INSERT INTO paragraphs (paragraphs) VALUES ('optimize')")
        connection.close()

    def open(self, folder: Path) -> None:
        self.connection = sqlite3.connect(folder / "paragraphs.db")
        self.connection.execute(f"PRAGMA mmap_size = {1 << 35}")
        self.connection.execute(f"PRAGMA cache_size = -{1 << 18}")

    def ask(self, query: Query) -> Ask | None:
        if query.extra == "grouped" or any(isinstance(leaf, Fuzzy) for leaf in leaves(query.tree)):
            return None
        values: list[object] = [operators(query.tree, quoted, without="NOT")]
        where = ""
        if query.source:
            where, values = "AND source = ?", [*values, query.source]
        if query.years:
            where, values = "AND year BETWEEN ? AND ?", [*values, *query.years]
        order = "year DESC, rowid" if query.extra == "newest" else "rank"
        limit = f"{LIMIT} OFFSET {query.offset}"
        sql = (SNIPPETS if query.extra == "snippets" else SEARCH).format(where=where, order=order, limit=limit)
        execute = self.connection.execute

        def ask() -> Answer:
            rows = execute(sql, values).fetchall()
            if query.extra == "facets":
                for facet in FACETS:
                    execute(facet, values).fetchall()
            return Answer([row[0] for row in rows], [row[1] for row in rows], None)

        return ask


def quoted(leaf: Leaf) -> str:
    """A leaf in its language."""
    if isinstance(leaf, Phrase):
        return f'"{" ".join(leaf.words)}"'
    if isinstance(leaf, Near):
        return 'NEAR("{}" "{}", {})'.format(*leaf.words, DISTANCE - 1)
    return f'"{leaf.text}" *' if isinstance(leaf, Prefix) else f'"{leaf.text}"'
