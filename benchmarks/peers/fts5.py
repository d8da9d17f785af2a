"""SQLite's full-text search."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from benchmarks.peers import LIMIT, Answer, Ask
from benchmarks.queries.draw import DISTANCE, Query
from benchmarks.texts import documents
from search.model import Article

TABLE = """CREATE VIRTUAL TABLE paragraphs
    USING fts5(title, text, source UNINDEXED, year UNINDEXED, tokenize = 'porter unicode61')"""
WORDS = 48
"""Tokens of a snippet."""
SEARCH = f"SELECT rowid, rank FROM paragraphs WHERE paragraphs MATCH ? {{}} ORDER BY rank LIMIT {LIMIT}"  # noqa: S608 - a number
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
                "INSERT INTO paragraphs (rowid, title, text, source, year) VALUES (?, ?, ?, ?, ?)", documents(articles)
            )
            connection.execute("INSERT INTO paragraphs (paragraphs) VALUES ('optimize')")
        connection.close()

    def open(self, folder: Path) -> None:
        self.connection = sqlite3.connect(folder / "paragraphs.db")
        self.connection.execute(f"PRAGMA mmap_size = {1 << 35}")
        self.connection.execute(f"PRAGMA cache_size = -{1 << 18}")

    def ask(self, query: Query) -> Ask | None:
        quoted = [f'"{word}"' for word in query.words]
        texts = {
            "or": " OR ".join(quoted),
            "and": " AND ".join(quoted),
            "phrase": f'"{" ".join(query.words)}"',
            "near": f"NEAR({' '.join(quoted)}, {DISTANCE - 1})",
            "prefix": f"{quoted[0]} *",
        }
        if query.form not in texts:
            return None
        values: list[object] = [texts[query.form]]
        where = ""
        if query.source:
            where, values = "AND source = ?", [*values, query.source]
        if query.years:
            where, values = "AND year BETWEEN ? AND ?", [*values, *query.years]
        sql = (SNIPPETS if query.extra == "snippets" else SEARCH).format(where)
        execute = self.connection.execute

        def ask() -> Answer:
            rows = execute(sql, values).fetchall()
            if query.extra == "facets":
                for facet in FACETS:
                    execute(facet, values).fetchall()
            return Answer([row[0] for row in rows], [row[1] for row in rows], None)

        return ask
