"""The arrays that loops of queries take, as NamedTuples: terms, patterns, what scores them, scratch, results."""

from __future__ import annotations

from typing import Any, NamedTuple

from search.kernels.jit.argument_types import f32, f64, i32, i64, read, struct, u8, u32, u64, write


class QueryTerms(NamedTuple):
    """The terms of a query in one segment, the sparse ones first."""

    places: Any
    """`(n_terms, 5) int64`: the dense row or -1; where the bytes of the term begin and end in the postings; in how many
    documents the term occurs; its term id."""
    weights: Any
    """`(n_terms,) float64`: what an impact of each term is multiplied with."""
    sparse: Any
    """How many of the terms are sparse."""


class PatternSets(NamedTuple):
    """The wildcards and misspellings of a query in one segment.

    Each is a term that occurs once wherever a word fits it. They add to a score after all other terms.
    """

    bits: Any
    """`(n_patterns, n_blocks) uint64`: for each pattern the bitmap of the documents that have a word that fits it."""
    weights: Any
    """`(n_patterns,) float64`: what an impact of each pattern is multiplied with."""


class Scoring(NamedTuple):
    """How the documents of a segment are scored."""

    impacts: Any
    """`(64 * 256,) float64`: the impact of a term by frequency * 256 + length (see `search.ranking`)."""
    lengths: Any
    """`(n_docs,) uint8`: the length of each document, as `search.ranking` encodes it."""
    bound_scale: Any
    """The factor by which the bounds in `DenseTables` are raised: they were made for another average length."""


class ArticleColumns(NamedTuple):
    """The article of each document of a segment; the documents of an article are neighbours."""

    last_bits: Any
    """`(n_blocks,) uint64`: the bitmap of the last documents of all articles."""
    of_doc: Any
    """`(n_docs,) int32`: the article of each document."""
    first: Any
    """`(n_articles + 1,) uint32`: the first document of each article, and how many documents there are."""


class Scratch(NamedTuple):
    """Arrays of a thread that loops write to; what is in them before does not matter."""

    docs: Any
    """`(>= n_postings,) int32`: room for the documents of all sparse postings of a query."""
    flags: Any
    """`(>= n_postings,) uint8`: room for the payloads of all sparse postings of a query."""
    once: Any
    """`(n_blocks,) uint64`: for the documents that have a term."""
    twice: Any
    """`(n_blocks,) uint64`: for the documents that have two terms."""
    spare: Any
    """`(n_blocks,) uint64`: for a bitmap that nobody reads."""
    ranks: Any
    """`(n_blocks,) int32`: for the rank at which each block begins."""
    bounds: Any
    """`(n_blocks,) float32`: for the most that a document of each block can score."""


class TopK(NamedTuple):
    """The k best documents of a segment, a column each, which a loop fills."""

    scores: Any
    """`(k,) float64`, descending."""
    rows: Any
    """`(4, k) int32`: document, article, number in the article from 1, and how many others of the article match."""


# Arrays of `QueryTerms` are made for each query: a `read_only` view of each would cost time.
QUERY_TERMS = struct(QueryTerms, write(i64, 2), write(f64), i64)
PATTERN_SETS = struct(PatternSets, read(u64, 2), read(f64))
SCORING = struct(Scoring, read(f64), read(u8), f64)
ARTICLE_COLUMNS = struct(ArticleColumns, read(u64), read(i32), read(u32))
SCRATCH = struct(Scratch, write(i32), write(u8), write(u64), write(u64), write(u64), write(i32), write(f32))
TOP_K = struct(TopK, write(f64), write(i32, 2))
