"""How a paragraph meets a query tree, by brute force: the rule of titles of `search.query.tree`, read off the texts."""

from __future__ import annotations

from itertools import product

from search.analysis import fold, stems, tokenize
from search.dates import year_and_month
from search.model import Article, Facet
from search.patterns import matcher
from search.query import tree
from search.query.tree import Leaf, Node, Phrase
from search.ranking import impact


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
            table = self.stems if slot.stemmed else self.words
            places = {(p, p + w) for p, w, term in table if term in slot.terms and w == slot.width}
            chains = [
                (low if begin is None else begin, high)
                for (begin, end), (low, high) in product(chains, places)
                if begin is None or 1 <= low - end + 1 <= phrase.slop
            ]
        return [(begin or 0, end) for begin, end in chains]

    def meets(self, leaf: Leaf) -> bool:
        if isinstance(leaf, tree.Word):
            return any(term in leaf.stems for _, _, term in self.stems)
        if isinstance(leaf, Phrase):
            return bool(self.spans(leaf))
        if isinstance(leaf, tree.Near):
            pairs = product(self.spans(leaf.left), self.spans(leaf.right))
            return any(1 <= b[0] - a[1] + 1 <= leaf.distance for pair in pairs for a, b in (pair, pair[::-1]))
        return self.count(leaf) > 0

    def count(self, term: str | tree.Wildcard | tree.Fuzzy) -> int:
        if isinstance(term, str):
            return sum(term == stem for _, _, stem in self.stems)
        return sum(map(matcher(term), (word for _, _, word in self.words)))


class Paragraph:
    """One paragraph with what it borrows from its article."""

    def __init__(self, article: Article, number: int) -> None:
        self.heading, self.number = article.heading, number
        self.text = Text(article.paragraphs[number - 1], article.heading.lang)
        self.title = Text(article.heading.title, article.heading.lang)
        self.length = self.text.length + self.title.length

    def impact(self, term: str | tree.Wildcard | tree.Fuzzy, average: float) -> float:
        found = self.text.count(term) + self.title.count(term)
        return impact(found if isinstance(term, str) else min(found, 1), self.length, average)

    def value(self, facet: Facet) -> str | None:
        year, month = year_and_month(self.heading.date) if self.heading.date else (None, None)
        return {"source": self.heading.source, "lang": self.heading.lang, "year": year, "month": month}[facet]

    def matches(self, node: Node) -> bool:
        if isinstance(node, tree.Or):
            return any(map(self.matches, node.children))
        if isinstance(node, tree.And):
            witnesses = list(filter(tree.is_witness, node.children))
            return self.lends(node) and (not witnesses or any(map(self.matches, witnesses)))
        if isinstance(node, Leaf):
            return (not node.title and self.text.meets(node)) or (self.number == 1 and self.title.meets(node))
        return self.lends(node)

    def lends(self, node: Node) -> bool:
        if isinstance(node, tree.Or | tree.And):
            return (any if isinstance(node, tree.Or) else all)(map(self.lends, node.children))
        if isinstance(node, Leaf):
            return (not node.title and self.text.meets(node)) or self.title.meets(node)
        date = self.heading.date
        return (
            isinstance(node, tree.All)
            or (isinstance(node, tree.Not) and not self.excludes(node.child))
            or (isinstance(node, tree.Source) and self.heading.source == node.name)
            or (isinstance(node, tree.Lang) and self.heading.lang == node.code)
            or (isinstance(node, tree.Dated) and date is not None and node.holds(date.start, date.end))
        )

    def excludes(self, node: Node) -> bool:
        if isinstance(node, tree.Or | tree.And):
            return (any if isinstance(node, tree.Or) else all)(map(self.excludes, node.children))
        return self.matches(node) if isinstance(node, Leaf) and not node.title else self.lends(node)
