"""Defines what an engine reports of its index: its contents, the statistics of its terms, and whether it is sound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from search.query.tree import Fuzzy, Wildcard


@dataclass(frozen=True, slots=True)
class Statistics:
    """Statistics of a generation of an index.

    `size` is in bytes on disk. `sources` and `languages` map each to its number of articles. `earliest` and `latest`
    are the texts of the first and last date, None if no article has one. `dead` is the number of deleted paragraphs (in
    a cluster, of deleted documents) that segments still contain.
    """

    articles: int
    paragraphs: int
    size: int
    sources: dict[str, int]
    languages: dict[str, int]
    earliest: str | None
    latest: str | None
    dead: int = 0

    @property
    def query_languages(self) -> tuple[str, ...]:
        """The codes of the languages that a query is stemmed in: those of the index, or English if it has none."""
        return tuple(self.languages) or ("en",)


class TermFrequency(NamedTuple):
    """The frequency of a stem, or of a pattern, in the texts and titles of an index."""

    paragraphs: int
    """How many paragraphs have it: n of `search.ranking`."""
    occurrences: int
    """How often it occurs in all: cf of `search.ranking`."""


class ScoringStatistics(NamedTuple):
    """The statistics of an index by which paragraphs are scored for one query (see `search.ranking`)."""

    paragraphs: int
    average_length: float
    """The average length of a paragraph with the title of its article, in positions."""
    terms: dict[str | Wildcard | Fuzzy, TermFrequency]
    """The frequency of each stem and pattern of the query that occurs."""


@dataclass(frozen=True, slots=True)
class Damage:
    """A damaged part of an index, what is wrong with it, and what to do about it."""

    part: str
    what: str
    advice: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The result of checking a generation. Counts of articles and paragraphs are None if damage prevented counting.

    `bytes` is the size of the generation.
    """

    generation: int
    files: int
    bytes: int
    articles: int | None
    paragraphs: int | None
    damages: tuple[Damage, ...]
    unit: Literal["file", "shard"] = "file"
    """Whether `files` counts files on a disk or shards of a cluster."""
