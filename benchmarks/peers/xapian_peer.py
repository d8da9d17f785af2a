"""Xapian."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.peers import LIMIT, SNIPPET, Answer, Ask, library
from benchmarks.queries.tree import DISTANCE, Fuzzy, Leaf, Near, Phrase, Prefix, Query, Token, leaves, operators
from benchmarks.texts import documents
from search.model import Article

BATCH = 200_000
"""Documents that its writer keeps in memory before it writes; the documented way to index a lot."""
YEAR, SOURCE = 0, 1
"""Slots of values."""


class Xapian:
    """Stems without positions and words with them, as its TermGenerator does by default; compacted after indexing."""

    name = "xapian"
    differs = (
        "totals are estimates (none is compared); phrases and NEAR look at words as written; k1 and b are its own; \
the title is in the first paragraph only; no fuzzy search"
    )
    parallel = False
    slow = True
    database: Any

    def __init__(self) -> None:
        self.library = library("xapian", "apt-get install python3-xapian (and link it into the virtual environment)")
        self.version = self.library.version_string()
        self.stem = self.library.Stem("english")

    def build(self, articles: Sequence[Article], folder: Path, threads: int) -> None:
        os.environ["XAPIAN_FLUSH_THRESHOLD"] = str(BATCH)
        grown, compact = str(folder / "grown"), str(folder / "compact")
        database = self.library.WritableDatabase(grown, self.library.DB_CREATE_OR_OVERWRITE)
        generator = self.library.TermGenerator()
        generator.set_stemmer(self.stem)
        for document in documents(articles):
            row = self.library.Document()
            generator.set_document(row)
            if document.title:
                generator.index_text(document.title)
                generator.increase_termpos()
            generator.index_text(document.text)
            row.set_data(document.text)
            row.add_value(YEAR, self.library.sortable_serialise(document.year))
            row.add_value(SOURCE, document.source)
            row.add_boolean_term(f"XS{document.source}")
            database.add_document(row)
        database.commit()
        database.compact(compact)
        database.close()
        shutil.rmtree(grown)

    def open(self, folder: Path) -> None:
        self.database = self.library.Database(str(folder / "compact"))

    def ask(self, query: Query) -> Ask | None:
        if query.extra == "grouped" or any(isinstance(leaf, Fuzzy) for leaf in leaves(query.tree)):
            return None
        text = text_of(query)
        flags = sum(getattr(self.library.QueryParser, f"FLAG_{name}") for name in ("PHRASE", "BOOLEAN", "WILDCARD"))
        parser = self.parser()
        enquire = self.library.Enquire(self.database)
        if query.extra == "newest":
            enquire.set_sort_by_value(YEAR, reverse=True)
        documents = self.database.get_doccount()

        def ask() -> Answer:
            enquire.set_query(parser.parse_query(text, flags))
            if query.extra == "facets":
                for slot in (YEAR, SOURCE):
                    enquire.add_matchspy(self.library.ValueCountMatchSpy(slot))
                found = enquire.get_mset(0, LIMIT, documents)
                enquire.clear_matchspies()
            else:
                found = enquire.get_mset(query.offset, LIMIT)
            if query.extra == "snippets":
                for match in found:
                    found.snippet(match.document.get_data().decode(), SNIPPET, self.stem)
            rows = [(match.docid, match.weight) for match in found]
            return Answer([row[0] for row in rows], [row[1] for row in rows], None)

        return ask

    def parser(self) -> Any:  # noqa: ANN401 - its own
        """A parser of its query language."""
        parser = self.library.QueryParser()
        parser.set_database(self.database)
        parser.set_stemmer(self.stem)
        parser.set_stemming_strategy(parser.STEM_SOME)
        parser.set_default_op(self.library.Query.OP_AND)
        parser.add_boolean_prefix("source", "XS")
        parser.add_rangeprocessor(self.library.NumberRangeProcessor(YEAR, "year:"))
        return parser


def text_of(query: Query) -> str:
    """A query in Xapian's language."""
    text = operators(query.tree, written)
    if query.source or query.years:
        text = f"({text})"
    if query.source:
        text += f" source:{query.source}"
    if query.years:
        text += " year:{}..{}".format(*query.years)
    return text


def written(leaf: Leaf) -> str:
    """A leaf in Xapian's language."""
    if isinstance(leaf, Near):
        return f" NEAR/{DISTANCE} ".join(leaf.words)
    if isinstance(leaf, Phrase):
        return f'"{" ".join(leaf.words)}"'
    if isinstance(leaf, Token):
        return f'"{leaf.text}"'
    return f"{leaf.text}*" if isinstance(leaf, Prefix) else leaf.text
