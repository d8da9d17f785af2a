"""A query tree over one generation, by sets of document numbers: plainly, as `search.query.tree` defines it."""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import TYPE_CHECKING

from search.dates import year_and_month
from search.engines import Search
from search.model import Facet, FacetCount, Found, Result, Total
from search.patterns import matcher
from search.query import (
    All,
    And,
    Dated,
    Fuzzy,
    Lang,
    Leaf,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Slot,
    Source,
    Wildcard,
    Word,
    is_witness,
    patterns,
    scored_stems,
)
from search.ranking import idf, impact

if TYPE_CHECKING:
    from search.engines.whoosh.snapshot import WhooshSnapshot

Docs = set[int]
Spans = dict[int, list[tuple[int, int]]]
"""Document number to half-open ranges of positions."""


def evaluate(snapshot: WhooshSnapshot, search: Search) -> Result:
    """Match, score, sort, cut."""
    sets = Sets(snapshot)
    matching = sets.matches(search.query)
    scores = scored(snapshot, search.query, matching)
    documents, headings = snapshot.documents, snapshot.headings

    def key(number: int) -> tuple[float, float, str, int]:
        stored = documents[number]
        date = headings[stored["article"]].date
        tie = (stored["article"], stored["number"])
        if search.sort == "relevance":
            return (0, -scores[number], *tie)
        return (date is None, (date.start if date else 0) * (-1 if search.sort == "-date" else 1), *tie)

    order = sorted(matching, key=key)
    per_article = Counter(documents[number]["article"] for number in matching)
    if search.group == "article":
        best: dict[str, int] = {}
        for number in order:
            best.setdefault(documents[number]["article"], number)
        order = list(best.values())
    hits = tuple(
        Found(documents[n]["article"], documents[n]["number"], scores[n], per_article[documents[n]["article"]] - 1)
        for n in order[search.offset : search.offset + search.limit]
    )
    facets = {facet: counts(snapshot, matching, facet) for facet in search.facets}
    return Result(hits, Total(len(matching)), len(per_article), facets)


def scored(snapshot: WhooshSnapshot, query: Node, matching: Docs) -> dict[int, float]:
    """The score of each matching paragraph, as `search.ranking` defines it."""
    scores = dict.fromkeys(matching, 0.0)
    terms = [(("text", (stem,)), ("title", (stem,))) for stem in scored_stems(query)]
    for pattern in patterns(query):
        fits = matcher(pattern)
        terms.append(
            tuple((f, tuple(filter(fits, snapshot.vocabulary(f)))) for f in ("text_words", "title_words"))  # type: ignore[arg-type]
        )
    for fields in terms:
        text, title = (
            sum((Counter({n: len(p) for n, p in snapshot.positions(field, term).items()}) for term in words), Counter())
            for field, words in fields
        )
        weight = idf(len(snapshot.documents), len(text.keys() | title.keys()))
        for number in matching & (text.keys() | title.keys()):
            length = snapshot.documents[number]["length"]
            scores[number] += weight * impact(text[number], title[number], length, snapshot.average)
    return scores


def counts(snapshot: WhooshSnapshot, matching: Docs, facet: Facet) -> tuple[FacetCount, ...]:
    """The values of a facet among the matches, most frequent first."""
    values: Counter[str] = Counter()
    for number in matching:
        heading = snapshot.headings[snapshot.documents[number]["article"]]
        year, month = year_and_month(heading.date) if heading.date else (None, None)
        value = {"source": heading.source, "lang": heading.lang, "year": year, "month": month}[facet]
        if value is not None:
            values[value] += 1
    return tuple(FacetCount(v, n) for v, n in sorted(values.items(), key=lambda item: (-item[1], item[0])))


class Sets:
    """The three readings of a node (see `search.query.tree`) as sets of document numbers."""

    def __init__(self, snapshot: WhooshSnapshot) -> None:
        self.snapshot = snapshot
        self.all = set(snapshot.documents)
        self.first = {number for number, stored in snapshot.documents.items() if stored["number"] == 1}
        self.known: dict[tuple[Leaf, str], Docs] = {}

    def matches(self, node: Node) -> Docs:
        """Paragraphs that a node matches."""
        match node:
            case Or():
                return set[int]().union(*map(self.matches, node.children))
            case And():
                witnesses = [self.matches(child) for child in node.children if is_witness(child)]
                found = self.lends(node)
                return found & set().union(*witnesses) if witnesses else found
            case Word() | Phrase() | Near() | Wildcard() | Fuzzy():
                text = set() if node.title else self.met(node, "text")
                return text | (self.met(node, "title") & self.first)
        return self.lends(node)

    def lends(self, node: Node) -> Docs:
        """Paragraphs whose text or title meets a node."""
        match node:
            case All():
                return self.all
            case Or():
                return set[int]().union(*map(self.lends, node.children))
            case And():
                return set.intersection(*map(self.lends, node.children))
            case Not():
                return self.all - self.excludes(node.child)
            case Word() | Phrase() | Near() | Wildcard() | Fuzzy():
                return (set() if node.title else self.met(node, "text")) | self.met(node, "title")
        return self.filtered(node)

    def excludes(self, node: Node) -> Docs:
        """Paragraphs that NOT keeps out."""
        match node:
            case Or():
                return set[int]().union(*map(self.excludes, node.children))
            case And():
                return set.intersection(*map(self.excludes, node.children))
            case Word() | Phrase() | Near() | Wildcard() | Fuzzy() if not node.title:
                return self.matches(node)
        return self.lends(node)

    def filtered(self, node: Source | Lang | Dated) -> Docs:
        """Paragraphs of articles that meet a filter."""
        found = set()
        for article, heading in self.snapshot.headings.items():
            if isinstance(node, Source):
                holds = heading.source == node.name
            elif isinstance(node, Lang):
                holds = heading.lang == node.code
            else:
                holds = heading.date is not None and node.holds(heading.date.start, heading.date.end)
            if holds:
                found.update(self.snapshot.paragraphs[article].values())
        return found

    def met(self, leaf: Leaf, field: str) -> Docs:
        """Paragraphs whose text, or whose title, meets a leaf."""
        if (leaf, field) not in self.known:
            self.known[leaf, field] = set(self.read(leaf, field))
        return self.known[leaf, field]

    def read(self, leaf: Leaf, field: str) -> Spans | Docs:
        """The same, from the postings."""
        match leaf:
            case Word():
                return {number for stem in leaf.stems for number in self.snapshot.positions(field, stem)}
            case Phrase():
                return self.phrase(leaf, field)
            case Near():
                left, right = self.phrase(leaf.left, field), self.phrase(leaf.right, field)
                both = left.keys() & right.keys()
                return {n for n in both if any(near(a, b, leaf.distance) for a, b in product(left[n], right[n]))}
        words = filter(matcher(leaf), self.snapshot.vocabulary(f"{field}_words"))
        return {number for word in words for number in self.snapshot.positions(f"{field}_words", word)}

    def phrase(self, phrase: Phrase, field: str) -> Spans:
        """Every place where a phrase stands."""
        spans: Spans = self.slot(phrase.slots[0], field)
        for slot in phrase.slots[1:]:
            following = self.slot(slot, field)
            longer = {
                n: [(a, d) for a, b in spans[n] for c, d in following[n] if 1 <= c - b + 1 <= phrase.slop]
                for n in spans.keys() & following.keys()
            }
            spans = {n: sorted(set(found)) for n, found in longer.items() if found}
        return spans

    def slot(self, slot: Slot, field: str) -> Spans:
        """Every place where one of a slot's terms stands."""
        spans: Spans = {}
        for term in slot.terms:
            for number, positions in self.snapshot.positions(field if slot.stemmed else f"{field}_words", term).items():
                spans.setdefault(number, []).extend((p, p + slot.width) for p in positions)
        return spans


def near(a: tuple[int, int], b: tuple[int, int], distance: int) -> bool:
    """Whether one range follows the other within so many positions."""
    before, after = min(a, b), max(a, b)
    return 1 <= after[0] - before[1] + 1 <= distance
