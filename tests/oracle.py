"""The oracle: an engine in memory that answers from the texts by brute force and shares no index code with others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from types import MappingProxyType

from search.brute_force import (
    Paragraph,
    TextVocabulary,
    answer,
    groups_of_copies,
    paragraphs_of,
    scoring_statistics,
    stream,
)
from search.budget import QueryBudget
from search.engine import MatchStream, Partition, ScoringStatistics, Search, Statistics
from search.errors import GenerationGone, IndexMissing
from search.ledger import Ledger, Progress
from search.model import Article, Heading, Portion, Result, ScoredParagraph, Total
from search.query.tree import Node, Term
from search.ranking import TELLING_PARAGRAPHS, TELLING_STEMS, TITLE, telling, term_weight


class Oracle:
    """The engine, and its writer: a run changes a copy of the articles."""

    name, where, full, staged = "oracle", "memory", False, Progress()
    newest: Generation | None = None
    generations: Mapping[int, Generation] = MappingProxyType({})

    def snapshot(self) -> Generation:
        if self.newest is None:
            raise IndexMissing(self.where)
        return self.newest

    def snapshot_at(self, generation: int) -> Generation:
        if self.newest is None or generation not in self.generations:
            raise GenerationGone
        return self.generations[generation]

    def last_ledger(self) -> Ledger:
        return self.newest.kept if self.newest else Ledger()

    @contextmanager
    def write(self, *, anew: bool = False, run: str = "", part: Partition | None = None) -> Iterator[Oracle]:
        self.draft = dict(self.newest.articles) if self.newest and not anew else {}
        self.generation = self.newest.generation + 1 if self.newest else 1
        yield self

    def add(self, article: Article) -> None:
        self.draft[article.id] = article

    def remove(self, file_id: str) -> None:
        self.draft = {a: one for a, one in self.draft.items() if a != file_id and not a.startswith(f"{file_id}:")}

    def stage(self, progress: Progress) -> None: ...

    def refused(self) -> dict[str, str]:
        return {}

    def commit(self, ledger: Ledger) -> int:
        self.newest = Generation(self.draft, ledger, self.generation)
        self.generations = {**self.generations, self.generation: self.newest}
        return self.generation

    def close(self) -> None: ...


class Generation:
    updated_at = "2026-01-01T00:00:00Z"

    def __init__(self, articles: dict[str, Article], ledger: Ledger, generation: int) -> None:
        self.articles, self.kept, self.generation = articles, ledger, generation
        self.paragraphs = [paragraph for article in articles.values() for paragraph in paragraphs_of(article)]

    def ledger(self) -> Ledger:
        return self.kept

    def article(self, article_id: str) -> Article | None:
        return self.articles.get(article_id)

    def portion(self, article_id: str, first: int, count: int) -> Portion | None:
        if (one := self.articles.get(article_id)) is None:
            return None
        return Portion(one.heading, first, one.paragraphs[first - 1 : first - 1 + count], len(one.paragraphs))

    def articles_of(self, file_id: str) -> Iterator[Article]:
        yield from (one for name, one in self.articles.items() if name == file_id or name.startswith(f"{file_id}:"))

    def headings_of(self, file_id: str, after: str, limit: int) -> list[Heading]:
        return sorted(one.heading for one in self.articles_of(file_id) if one.id > after)[:limit]

    def fetch(self, found: Sequence[ScoredParagraph]) -> list[tuple[Heading, str]]:
        return [(a.heading, a.paragraphs[f.number - 1]) for f in found for a in (self.articles[f.article_id],)]

    def forms(self, terms: Sequence[Term], budget: QueryBudget) -> None:
        """It does not know its words, so every text is taken apart to be marked."""

    def statistics(self) -> Statistics:
        headings = [a.heading for a in self.articles.values()]
        dates = sorted((h.date.start, h.date.text) for h in headings if h.date)
        ends = (dates[0][1], dates[-1][1]) if dates else (None, None)
        sources, languages = Counter(h.source for h in headings), Counter(h.lang for h in headings)
        return Statistics(len(headings), len(self.paragraphs), 0, dict(sources), dict(languages), *ends)

    def search(self, search: Search, budget: QueryBudget | None = None) -> Result:
        return answer(self.paragraphs, search, self.groups)

    def stream(self, search: Search, budget: QueryBudget) -> MatchStream:
        return stream(self.paragraphs, search)

    def count(self, searches: Sequence[Search], budget: QueryBudget) -> list[Total]:
        return [answer(self.paragraphs, search).total for search in searches]

    def scoring_statistics(self, query: Node, budget: QueryBudget) -> ScoringStatistics:
        return scoring_statistics(self.paragraphs, query)

    @cached_property
    def groups(self) -> list[list[str]]:
        return groups_of_copies(self.paragraphs)

    def copies(self, article_id: str) -> tuple[Heading, ...]:
        of = [group for group in self.groups if article_id in group]
        return tuple([self.articles[name].heading for group in of for name in group if name != article_id])

    @cached_property
    def vocabulary(self) -> TextVocabulary:
        return TextVocabulary(self.paragraphs)

    def telling_stems(self, article_id: str, limit: int, leave_out: Collection[str]) -> tuple[str, ...] | None:
        return telling_stems(self.paragraphs, article_id, limit, leave_out)

    def prepare(self) -> None: ...


def telling_stems(
    paragraphs: Sequence[Paragraph], article_id: str, limit: int, leave_out: Collection[str]
) -> tuple[str, ...] | None:
    """Return the stems that tell most of an article, as `Snapshot.telling_stems` defines."""
    own = [p for p in paragraphs if p.heading.id == article_id][:TELLING_PARAGRAPHS]
    if not own:
        return None
    frequencies = Counter(stem for p in own for _, _, stem in p.text.stems)
    for _, _, stem in own[0].title.stems:
        frequencies[stem] += TITLE
    ordered = sorted(frequencies, key=lambda stem: (-frequencies[stem], stem))[:TELLING_STEMS]
    values: dict[str, float] = {}
    for stem in ordered:
        counts = {p: n for p in paragraphs if (n := p.text.count(stem) + p.title.count(stem))}
        if stem not in leave_out and len({p.heading.id for p in counts}) > 1:
            weight = term_weight(len(paragraphs), len(counts), sum(counts.values()))
            values[stem] = telling(frequencies[stem], weight)
    return tuple(sorted(values, key=lambda stem: (-values[stem], stem))[:limit])
