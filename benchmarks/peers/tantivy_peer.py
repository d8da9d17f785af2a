"""Tantivy, the native engine that ours is compared with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.peers import LIMIT, SNIPPET, Answer, Ask, library
from benchmarks.queries.tree import DISTANCE, And, Fuzzy, Leaf, Near, Phrase, Prefix, Query, Token, leaves, signs
from benchmarks.texts import documents
from search.model import Article

HEAP = 1_000_000_000
"""Bytes that its writer may take: more than it needs, so that it writes few segments."""
FACETS = {"source": {"terms": {"field": "source"}}, "year": {"terms": {"field": "year", "size": 1_000}}}


class Tantivy:
    """One text field with positions, stemmed by `en_stem`; exact totals."""

    name = "tantivy"
    differs = (
        "the title is in the first paragraph only (and in a field of its own); ids are its own addresses; phrases \
are stemmed; NEAR is a phrase with slop, which is not the same; prefix (a regular expression) and fuzzy look at stems \
and give no scores; no grouping by article; one thread a query"
    )
    parallel = True
    slow = False
    count = True
    searcher: Any

    def __init__(self) -> None:
        self.library = library("tantivy", "pip install tantivy")
        self.version = self.library.__version__

    def build(self, articles: Sequence[Article], folder: Path, threads: int) -> None:
        schema = self.library.SchemaBuilder()
        schema.add_unsigned_field("id", stored=True, indexed=False, fast=True)
        schema.add_text_field("title", stored=True, tokenizer_name="en_stem")
        schema.add_text_field("text", stored=True, tokenizer_name="en_stem", index_option="position")
        schema.add_text_field("source", stored=True, fast=True, tokenizer_name="raw", index_option="basic")
        schema.add_integer_field("year", stored=True, indexed=True, fast=True)
        schema.add_integer_field("date", fast=True)
        writer = self.library.Index(schema.build(), path=str(folder)).writer(heap_size=HEAP, num_threads=threads)
        for document in documents(articles):
            row = self.library.Document()
            row.add_unsigned("id", document.number)
            if document.title:
                row.add_text("title", document.title)
                row.add_text("text", document.title)
            row.add_text("text", document.text)
            row.add_text("source", document.source)
            row.add_integer("year", document.year)
            row.add_integer("date", document.date)
            writer.add_document(row)
        writer.commit()
        writer.wait_merging_threads()

    def open(self, folder: Path) -> None:
        self.index = self.library.Index.open(str(folder))
        self.searcher = self.index.searcher()

    def ask(self, query: Query) -> Ask | None:
        if query.extra == "grouped":
            return None
        parse, search, count, offset = self.parser(query), self.searcher.search, self.count, query.offset
        order = "date" if query.extra == "newest" else None

        def ask() -> Answer:
            tree = parse()
            found = search(tree, LIMIT, count, order, offset)
            if query.extra == "facets":
                self.searcher.aggregate(tree, FACETS)
            if query.extra == "snippets":
                self.snippets(tree, found.hits)
            hits = found.hits
            return Answer([place for _, place in hits], [score for score, _ in hits], found.count if count else None)

        return ask

    def parser(self, query: Query) -> Callable[[], Any]:
        """What makes its tree of a query's text; its language cannot say that one word of several is misspelt."""
        tree, parse, fields = query.tree, self.index.parse_query, ["text"]
        fuzzy: dict[str, Any] = {"fuzzy_fields": {"text": (False, 1, True)}}
        if isinstance(tree, Fuzzy):
            return lambda: parse(tree.text, fields, **fuzzy)
        options = {"allow_regexes": any(isinstance(leaf, Prefix) for leaf in leaves(tree))}
        if not any(isinstance(leaf, Fuzzy) for leaf in leaves(tree)):
            text = text_of(query)
            return lambda: parse(text, fields, **options)
        if not isinstance(tree, And):
            raise TypeError(f"{tree} joins a misspelling by OR")
        must = self.library.Occur.Must
        parts = [
            (each.text, fuzzy) if isinstance(each, Fuzzy) else (signs(each, written), options) for each in tree.nodes
        ]
        return lambda: self.library.Query.boolean_query([(must, parse(text, fields, **how)) for text, how in parts])

    def snippets(self, tree: Any, hits: list[tuple[float, Any]]) -> list[str]:  # noqa: ANN401 - a query of its own
        """The stored paragraphs, cut and marked."""
        generator = self.library.SnippetGenerator.create(self.searcher, tree, self.index.schema, "text")
        generator.set_max_num_chars(SNIPPET)
        return [generator.snippet_from_doc(self.searcher.doc(place)).to_html() for _, place in hits]


class Uncounted(Tantivy):
    """The same index, asked for the best ten only: it may skip what cannot be among them."""

    name = "tantivy-uncounted"
    differs = "as tantivy, but no total"
    count = False


def text_of(query: Query) -> str:
    """A query in Tantivy's language."""
    text = signs(query.tree, written)
    filters = [f"+source:{query.source}"] if query.source else []
    if query.years:
        filters.append("+year:[{} TO {}]".format(*query.years))
    return " ".join([f"+({text})", *filters]) if filters else text


def written(leaf: Leaf) -> str:
    """A leaf in Tantivy's language. Raises TypeError for a misspelling, which has no sign there."""
    if isinstance(leaf, Near):
        return f'"{" ".join(leaf.words)}"~{DISTANCE - 1}'
    if isinstance(leaf, Phrase):
        return f'"{" ".join(leaf.words)}"'
    if isinstance(leaf, Prefix):
        return f"text:/{leaf.text}.*/"
    if isinstance(leaf, Fuzzy):
        raise TypeError(f"{leaf} has no sign")
    return f'"{leaf.text}"' if isinstance(leaf, Token) else leaf.text
