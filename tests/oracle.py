"""The oracle: an engine in memory that answers from the texts, by brute force. It shares the analysis and the
definition of a score with the others, and no index code; what it answers is what they all have to answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from search.analysis import fold, stems, tokenize
from search.dates import year_and_month
from search.engines import Search, Statistics
from search.errors import IndexMissing
from search.ledger import Ledger
from search.model import Article, FacetCount, Found, Heading, Result, Total
from search.patterns import matcher
from search.query import All, And, Dated, Fuzzy, Lang, Leaf, Near, Node, Not, Or, Phrase, Source, Wildcard, Word
from search.query import is_witness, patterns, scored_stems
from search.ranking import idf, impact


class Text:
    """A text as lists of (position, width, term)."""

    def __init__(self, text: str, lang: str) -> None:
        tokens = tokenize(text)
        self.words = [(t.position, t.width, fold(t.written)) for t in tokens]
        self.stems = [(t.position, t.width, stem) for t in tokens for stem in stems(t, lang)]
        self.length = max((t.position + t.width for t in tokens), default=0)

    def spans(self, phrase: Phrase) -> list[tuple[int, int]]:
        """Every (begin, end) of the phrase, however its slots are filled."""
        chains: list[tuple[int | None, int]] = [(None, 0)]
        for slot in phrase.slots:
            entries = {(p, w) for p, w, term in (self.stems if slot.stemmed else self.words) if term in slot.terms}
            chains = [
                (p if begin is None else begin, p + w)
                for begin, end in chains
                for p, w in entries
                if w == slot.width and (begin is None or 1 <= p - end + 1 <= phrase.slop)
            ]
        return [(begin or 0, end) for begin, end in chains]

    def meets(self, leaf: Leaf) -> bool:
        if isinstance(leaf, Word):
            return any(term in leaf.stems for _, _, term in self.stems)
        if isinstance(leaf, Phrase):
            return bool(self.spans(leaf))
        if isinstance(leaf, Near):
            pairs = [(a, b) for a in self.spans(leaf.left) for b in self.spans(leaf.right)]
            return any(1 <= after[0] - before[1] + 1 <= leaf.distance for a, b in pairs for before, after in ((a, b), (b, a)))
        return self.count(leaf) > 0

    def count(self, term: str | Wildcard | Fuzzy) -> int:
        if isinstance(term, str):
            return sum(term == stem for _, _, stem in self.stems)
        return sum(map(matcher(term), (word for _, _, word in self.words)))


class Paragraph:
    """One paragraph with what it borrows from its article."""

    def __init__(self, article: Article, number: int) -> None:
        self.heading, self.number, self.first = article.heading, number, number == 1
        self.text = Text(article.paragraphs[number - 1], article.heading.lang)
        self.title = Text(article.heading.title, article.heading.lang)
        self.length = self.text.length + self.title.length

    def matches(self, node: Node) -> bool:
        match node:
            case Or():
                return any(self.matches(child) for child in node.children)
            case And():
                witnesses = [child for child in node.children if is_witness(child)]
                return self.lends(node) and (not witnesses or any(self.matches(child) for child in witnesses))
            case Word() | Phrase() | Near() | Wildcard() | Fuzzy():
                return (not node.title and self.text.meets(node)) or (self.first and self.title.meets(node))
        return self.lends(node)

    def lends(self, node: Node) -> bool:
        match node:
            case Or():
                return any(self.lends(child) for child in node.children)
            case And():
                return all(self.lends(child) for child in node.children)
            case Not():
                return not self.excludes(node.child)
            case Word() | Phrase() | Near() | Wildcard() | Fuzzy():
                return (not node.title and self.text.meets(node)) or self.title.meets(node)
            case Source():
                return self.heading.source == node.name
            case Lang():
                return self.heading.lang == node.code
            case Dated():
                return self.heading.date is not None and node.holds(self.heading.date.start, self.heading.date.end)
        return isinstance(node, All)

    def excludes(self, node: Node) -> bool:
        match node:
            case Or():
                return any(self.excludes(child) for child in node.children)
            case And():
                return all(self.excludes(child) for child in node.children)
            case Word() | Phrase() | Near() | Wildcard() | Fuzzy() if not node.title:
                return self.matches(node)
        return self.lends(node)


class Oracle:
    """Engine, snapshot and writer in one."""

    name, where, updated_at = "oracle", "memory", "2026-01-01T00:00:00Z"

    def __init__(self) -> None:
        self.articles: dict[str, Article] = {}
        self.generation = 0
        self.kept = Ledger()
        self.staged: dict[str, Article] = {}

    def snapshot(self) -> Oracle:
        if not self.generation:
            raise IndexMissing(self.where)
        return self

    @contextmanager
    def write(self, *, anew: bool = False) -> Iterator[Oracle]:
        self.staged = {} if anew else dict(self.articles)
        yield self

    def add(self, article: Article) -> None:
        self.staged[article.id] = article

    def remove(self, article_id: str) -> None:
        self.staged.pop(article_id, None)

    def commit(self, ledger: Ledger) -> int:
        self.articles, self.kept = dict(self.staged), ledger
        self.paragraphs = [Paragraph(a, n + 1) for a in self.articles.values() for n in range(len(a.paragraphs))]
        self.generation += 1
        return self.generation

    def close(self) -> None:
        pass

    def ledger(self) -> Ledger:
        return self.kept

    def article(self, article_id: str) -> Article | None:
        return self.articles.get(article_id)

    def fetch(self, found: Sequence[Found]) -> list[tuple[Heading, str]]:
        articles = [(self.articles[f.article_id], f.number) for f in found]
        return [(article.heading, article.paragraphs[number - 1]) for article, number in articles]

    def statistics(self) -> Statistics:
        headings = [a.heading for a in self.articles.values()]
        dates = sorted((h.date.start, h.date.text) for h in headings if h.date)
        ends = (dates[0][1], dates[-1][1]) if dates else (None, None)
        sources, languages = Counter(h.source for h in headings), Counter(h.lang for h in headings)
        return Statistics(len(headings), len(self.paragraphs), 0, dict(sources), dict(languages), *ends)

    def search(self, search: Search) -> Result:
        found = [p for p in self.paragraphs if p.matches(search.query)]
        average = sum(p.length for p in self.paragraphs) / max(1, len(self.paragraphs)) or 1
        score = dict.fromkeys(range(len(found)), 0.0)
        for term in (*scored_stems(search.query), *patterns(search.query)):
            df = sum(p.text.count(term) + p.title.count(term) > 0 for p in self.paragraphs)
            for i, p in enumerate(found):
                score[i] += idf(len(self.paragraphs), df) * impact(p.text.count(term), p.title.count(term), p.length, average)

        def key(i: int) -> tuple[float, float, str, int]:
            date, p = found[i].heading.date, found[i]
            if search.sort == "relevance":
                return (0, -score[i], p.heading.id, p.number)
            return (date is None, (date.start if date else 0) * (-1 if search.sort == "-date" else 1), p.heading.id, p.number)

        order = sorted(range(len(found)), key=key)
        per_article = Counter(p.heading.id for p in found)
        if search.group == "article":
            order = list({found[i].heading.id: i for i in reversed(order)}.values())
            order.sort(key=key)
        rows = order[search.offset : search.offset + search.limit]
        hits = tuple(Found(found[i].heading.id, found[i].number, score[i], per_article[found[i].heading.id] - 1) for i in rows)
        facets = {facet: _counts(found, facet) for facet in search.facets}
        return Result(hits, Total(len(found)), len(per_article), facets)


def _counts(found: list[Paragraph], facet: str) -> tuple[FacetCount, ...]:
    values: Counter[str] = Counter()
    for p in found:
        year, month = year_and_month(p.heading.date) if p.heading.date else (None, None)
        value = {"source": p.heading.source, "lang": p.heading.lang, "year": year, "month": month}[facet]
        if value is not None:
            values[value] += 1
    return tuple(FacetCount(v, n) for v, n in sorted(values.items(), key=lambda item: (-item[1], item[0])))
