"""The oracle: an engine in memory that answers from the texts by brute force and shares no index code with others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from search.budget import QueryBudget
from search.engines import Search, Statistics
from search.errors import IndexMissing
from search.ledger import Ledger, Progress
from search.model import Article, FacetCount, Found, Heading, Portion, Result, Total
from search.query import Node, patterns, scored_stems
from search.ranking import idf
from tests.brute import Paragraph


class Oracle:
    """The engine, and its writer: a run changes a copy of the articles."""

    name, where, full, staged = "oracle", "memory", False, Progress()
    newest: Generation | None = None

    def snapshot(self) -> Generation:
        if self.newest is None:
            raise IndexMissing(self.where)
        return self.newest

    @contextmanager
    def write(self, *, anew: bool = False, run: str = "") -> Iterator[Oracle]:
        self.draft = dict(self.newest.articles) if self.newest and not anew else {}
        self.generation = self.newest.generation + 1 if self.newest else 1
        yield self

    def add(self, article: Article) -> None:
        self.draft[article.id] = article

    def remove(self, file_id: str) -> None:
        self.draft = {a: one for a, one in self.draft.items() if a != file_id and not a.startswith(f"{file_id}:")}

    def stage(self, progress: Progress) -> None: ...

    def commit(self, ledger: Ledger) -> int:
        self.newest = Generation(self.draft, ledger, self.generation)
        return self.generation

    def close(self) -> None: ...


class Generation:
    updated_at = "2026-01-01T00:00:00Z"

    def __init__(self, articles: dict[str, Article], ledger: Ledger, generation: int) -> None:
        self.articles, self.kept, self.generation = articles, ledger, generation
        self.paragraphs = [Paragraph(a, n) for a in articles.values() for n in range(1, len(a.paragraphs) + 1)]

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

    def fetch(self, found: Sequence[Found]) -> list[tuple[Heading, str]]:
        return [(a.heading, a.paragraphs[f.number - 1]) for f in found for a in (self.articles[f.article_id],)]

    def close(self) -> None: ...

    def statistics(self) -> Statistics:
        headings = [a.heading for a in self.articles.values()]
        dates = sorted((h.date.start, h.date.text) for h in headings if h.date)
        ends = (dates[0][1], dates[-1][1]) if dates else (None, None)
        sources, languages = Counter(h.source for h in headings), Counter(h.lang for h in headings)
        return Statistics(len(headings), len(self.paragraphs), 0, dict(sources), dict(languages), *ends)

    def search(self, search: Search, budget: QueryBudget | None = None) -> Result:
        score = self.scores(search.query)

        def key(p: Paragraph) -> tuple[float, float, str, int]:
            start = p.heading.date.start if p.heading.date else 0
            by = -score[p] if search.sort == "relevance" else -start if search.sort == "-date" else start
            return (search.sort != "relevance" and p.heading.date is None, by, p.heading.id, p.number)

        rows = sorted(score, key=key)
        of = Counter(p.heading.id for p in score)
        if search.group == "article":
            rows = sorted({p.heading.id: p for p in reversed(rows)}.values(), key=key)
        cut = rows[search.offset : search.offset + search.limit]
        hits = tuple(Found(p.heading.id, p.number, score[p], of[p.heading.id] - 1) for p in cut)
        facets: dict[str, tuple[FacetCount, ...]] = {}
        for facet in search.facets:
            counts = Counter(value for p in score if (value := p.value(facet)) is not None)
            facets[facet] = tuple(FacetCount(*c) for c in sorted(counts.items(), key=lambda c: (-c[1], c[0])))
        return Result(hits, Total(len(score)), len(of), facets)

    def scores(self, query: Node) -> dict[Paragraph, float]:
        score = {p: 0.0 for p in self.paragraphs if p.matches(query)}
        average = sum(p.length for p in self.paragraphs) / max(1, len(self.paragraphs)) or 1
        for term in (*scored_stems(query), *patterns(query)):
            weight = idf(len(self.paragraphs), sum(p.impact(term, average) > 0 for p in self.paragraphs))
            for p in score:
                score[p] += weight * p.impact(term, average)
        return score
