"""Search by brute force: the definitions of `search.query.tree` and `search.ranking`, applied to each text.

It shares no code with any index. Tests compare every engine with it, and it answers searches in small archives while
the compiled loops of the index are not ready.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product

from search.analysis.sentences import sentence_starts
from search.analysis.tokenizer import fold, stems, tokenize
from search.copies import copy_groups, order, signature
from search.dates import year_and_month
from search.engine import MatchStream, ScoringStatistics, Search, TermFrequency
from search.model import (
    Article,
    Facet,
    FacetCount,
    FacetCounts,
    Folded,
    Heading,
    Result,
    ScoredParagraph,
    Total,
    WordCount,
)
from search.query import tree
from search.query.article_scope import can_be_elsewhere
from search.query.term_patterns import matcher
from search.query.tree import (
    Leaf,
    Node,
    Phrase,
    patterns,
    positive_leaves,
    scored_leaves,
    scored_stems,
    typed_words,
    variant_stems,
)
from search.ranking import (
    ROWS_BY_DATE,
    ROWS_BY_FORM,
    TITLE,
    form_bonuses,
    impact,
    query_counts,
    recency,
    term_weight,
    variant_weights,
)


class Text:
    """An analysed text: lists of (position, width, term) of its folded words and of the stems in its language."""

    def __init__(self, text: str, lang: str) -> None:
        tokens = tokenize(text)
        self.words = [(t.position, t.width, fold(t.written)) for t in tokens]
        self.stems = [(t.position, t.width, stem) for t in tokens for stem in stems(t, lang)]
        self.last_stems = [stems(t, lang)[-1] for t in tokens if not t.kind.is_whole]
        """A stem for each word, from which copies are found."""
        self.length = max((t.position + t.width for t in tokens), default=0)
        starts = sentence_starts(text)
        self.sentence = {t.position: bisect_right(starts, t.start) for t in tokens}
        """The number of the sentence that each position is in."""

    def spans(self, phrase: Phrase) -> list[tuple[int, int]]:
        """Return all occurrences of a phrase, each as a half-open range of positions."""
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
        """Tell whether the text meets a leaf."""
        if isinstance(leaf, tree.Word):
            return any(term in leaf.stems for _, _, term in self.stems)
        if isinstance(leaf, Phrase):
            return bool(self.spans(leaf))
        if isinstance(leaf, tree.Near | tree.SameSentence):
            pairs = product(self.spans(leaf.left), self.spans(leaf.right))
            ordered = [(a, b) for pair in pairs for a, b in (pair, pair[::-1]) if a[1] <= b[0]]
            if isinstance(leaf, tree.Near):
                return any(b[0] - a[1] + 1 <= leaf.distance for a, b in ordered)
            return any(self.sentence[a[0]] == self.sentence[b[1] - 1] for a, b in ordered)
        if isinstance(leaf, tree.AtLeast):
            words = leaf.words
            if isinstance(words, Phrase):
                return len(dict(self.spans(words))) >= leaf.count
            begins = {position for position, _, term in self.stems if term in words.stems}
            return len(begins) >= leaf.count
        return self.meets(leaf.leaf) if isinstance(leaf, tree.Lead) else self.count(leaf) > 0

    def count(self, term: str | tree.Wildcard | tree.Fuzzy) -> int:
        """Return the number of occurrences of a stem, or of words that fit a pattern."""
        if isinstance(term, str):
            return sum(term == stem for _, _, stem in self.stems)
        return sum(map(matcher(term), (word for _, _, word in self.words)))


class Paragraph:
    """A paragraph of an article, counted from 1, with the title of the article."""

    def __init__(self, article: Article, number: int) -> None:
        self.heading, self.number = article.heading, number
        self.text = Text(article.paragraphs[number - 1], article.heading.lang)
        self.title = Text(article.heading.title, article.heading.lang)
        self.length = self.text.length + self.title.length

    def impact(self, term: str | tree.Wildcard | tree.Fuzzy, average: float) -> float:
        """Return the impact of a term, before its weight; `average` is the average length of all paragraphs."""
        found = self.text.count(term) + TITLE * self.title.count(term)
        return impact(found if isinstance(term, str) else min(found, 1), self.length, average)

    def value(self, facet: Facet) -> str | None:
        """Return the value that the paragraph has for a facet, None if it has none."""
        year, month = year_and_month(self.heading.date) if self.heading.date else (None, None)
        return {"source": self.heading.source, "lang": self.heading.lang, "year": year, "month": month}[facet]

    def matches(self, node: Node) -> bool:
        """Tell whether a query matches the paragraph: `matches` of `search.query.tree`."""
        if isinstance(node, tree.Or):
            return any(map(self.matches, node.children))
        if isinstance(node, tree.And):
            witnesses = list(filter(tree.is_witness, node.children))
            return self.lends(node) and (not witnesses or any(map(self.matches, witnesses)))
        if isinstance(node, tree.AtLeast):
            return self.text.meets(node)
        if isinstance(node, tree.Lead):
            return self.number == 1 and self.matches(node.leaf)
        if isinstance(node, Leaf):
            return (not node.title and self.text.meets(node)) or (self.number == 1 and self.title.meets(node))
        return self.lends(node)

    def lends(self, node: Node) -> bool:
        """Tell whether the paragraph's text and title together meet a query: `lends` of `search.query.tree`."""
        if isinstance(node, tree.Or | tree.And):
            return (any if isinstance(node, tree.Or) else all)(map(self.lends, node.children))
        if isinstance(node, tree.AtLeast | tree.Lead):
            return self.matches(node)
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
        """Tell whether NOT of a query excludes the paragraph: `excludes` of `search.query.tree`."""
        if isinstance(node, tree.Or | tree.And):
            return (any if isinstance(node, tree.Or) else all)(map(self.excludes, node.children))
        return self.matches(node) if isinstance(node, Leaf) and not node.title else self.lends(node)


def paragraphs_of(article: Article) -> list[Paragraph]:
    """Return the paragraphs of an article."""
    return [Paragraph(article, number) for number in range(1, len(article.paragraphs) + 1)]


class TextVocabulary:
    """The words of some paragraphs (see `search.engine.Vocabulary`)."""

    def __init__(self, paragraphs: Sequence[Paragraph]) -> None:
        self.paragraphs = paragraphs
        self.frequency = Counter(w for p in paragraphs for w in {w for _, _, w in (*p.text.words, *p.title.words)})

    def counts(self, words: Sequence[str]) -> list[int]:
        """Return the number of paragraphs that have each of some words."""
        return [self.frequency[word] for word in words]

    def similar(self, word: str, edits: int, limit: int) -> list[WordCount]:
        """Return the most frequent words that are at most `edits` edits from a word."""
        return _most_frequent(self.frequency, matcher(tree.Fuzzy(word, edits)), limit)

    def beginning_with(self, prefix: str, limit: int) -> list[WordCount]:
        """Return the most frequent words that begin with a prefix."""
        return _most_frequent(self.frequency, lambda word: word.startswith(prefix), limit)

    def words_after(self, stems: Sequence[str], prefix: str, limit: int) -> list[WordCount]:
        """Return the words that stand most often right after a word with one of some stems."""
        found: Counter[str] = Counter()
        for text in (p.text for p in self.paragraphs):
            ends = {position + width for position, width, stem in text.stems if stem in stems}
            found.update(word for position, _, word in text.words if position in ends)
        return _most_frequent(found, lambda word: word.startswith(prefix), limit)


def _most_frequent(counts: Mapping[str, int], fits: Callable[[str], bool], limit: int) -> list[WordCount]:
    counted = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return [WordCount(*one) for one in counted if fits(one[0])][:limit]


def answer(paragraphs: Sequence[Paragraph], search: Search, groups: Sequence[Sequence[str]] = ()) -> Result:
    """Return the result of a search in all of these paragraphs, as `Snapshot.search` defines it.

    `groups` are those of `groups_of_copies`, for a search that folds copies.
    """
    known = scoring_statistics(paragraphs, search.query)
    weights = term_weights(known, search.query)
    is_elsewhere_asked = search.scope == "paragraph" and search.count_elsewhere
    meeting: dict[str, list[Paragraph]] = {}
    if search.scope == "article" or (is_elsewhere_asked and can_be_elsewhere(search.query)):
        for p in paragraphs:
            meeting.setdefault(p.heading.id, []).append(p)
        meeting = {name: parts for name, parts in meeting.items() if article_meets(parts, search.query)}
    if search.scope == "article":
        matching = [p for parts in meeting.values() for p in of_article(parts, search.query)]
    else:
        matching = [p for p in paragraphs if p.matches(search.query)]
    score = scores(matching, search, weights, known.average_length)
    of = Counter(p.heading.id for p in score)

    def part(p: Paragraph) -> bool:
        """Tell whether a row comes after those of the paragraphs that meet the query by themselves."""
        return search.scope == "article" and search.sort == "relevance" and not p.matches(search.query)

    def key(p: Paragraph) -> tuple[bool, bool, float, str, int]:
        start = p.heading.date.start if p.heading.date else 0
        by = -score[p] if search.sort == "relevance" else -start if search.sort == "-date" else start
        return (part(p), search.sort != "relevance" and p.heading.date is None, by, p.heading.id, p.number)

    folded = later_copies(groups, of) if search.duplicates == "fold" else set()
    rows = sorted((p for p in score if p.heading.id not in folded), key=key)
    by_first_score, first_score = rows, dict(score)
    if search.group == "article":
        rows = sorted({p.heading.id: p for p in reversed(rows)}.values(), key=key)
    if search.sort == "relevance":
        for is_later in (False, True):
            rescore([p for p in rows if part(p) is is_later], score, search, weights)
        rows.sort(key=key)
    cut = rows[search.offset : search.offset + search.limit]
    hits = tuple(ScoredParagraph(p.heading.id, p.number, score[p], of[p.heading.id] - 1) for p in cut)
    further: list[tuple[ScoredParagraph, ...]] = []
    for best in cut if search.group == "article" and search.group_limit > 1 else ():
        name, more = best.heading.id, of[best.heading.id] - 1
        after = [p for p in by_first_score if p.heading.id == name and p is not best][: search.group_limit - 1]
        further.append(tuple(ScoredParagraph(name, p.number, first_score[p], more) for p in after))
    elsewhere = len(meeting.keys() - of.keys()) if is_elsewhere_asked else None
    facets = count_facets(paragraphs, score, search)
    left_out = Folded(sum(of[name] for name in folded), len(folded))
    return Result(hits, Total(len(score)), len(of), facets, (), elsewhere, tuple(further), left_out)


def count_facets(paragraphs: Sequence[Paragraph], matching: Iterable[Paragraph], search: Search) -> FacetCounts:
    """Return how many paragraphs have each value of each facet, the most frequent first, then by name.

    A facet counts the paragraphs of `matching`, but one with a query in `search.facet_queries` counts those that match
    this query.
    """
    facets: FacetCounts = {}
    for facet in search.facets:
        if facet in search.facet_queries:
            own = Search(search.facet_queries[facet], limit=0, facets=(facet,), scope=search.scope)
            facets |= answer(paragraphs, own).facets
        else:
            counts = Counter(value for p in matching if (value := p.value(facet)) is not None)
            facets[facet] = tuple(FacetCount(*c) for c in sorted(counts.items(), key=lambda c: (-c[1], c[0])))
    return facets


def stream(paragraphs: Sequence[Paragraph], search: Search) -> MatchStream:
    """Return all paragraphs that match a search, as `Snapshot.stream` defines it."""
    found = answer(
        paragraphs, replace(search, offset=0, limit=len(paragraphs), group="none", facets=(), duplicates="show")
    )
    return MatchStream(found.total, iter(found.hits))


def groups_of_copies(paragraphs: Sequence[Paragraph]) -> list[list[str]]:
    """Return the ids of the articles of each group of copies (see `search.copies`), the main one first."""
    stems_of: dict[Heading, list[str]] = {}
    for p in paragraphs:
        stems_of.setdefault(p.heading, list(p.title.last_stems)).extend(p.text.last_stems)
    headings = sorted(stems_of, key=order)
    groups = copy_groups([signature(stems_of[heading]) for heading in headings])
    return [[headings[number].id for number in group] for group in groups]


def later_copies(groups: Sequence[Sequence[str]], matching: Collection[str]) -> set[str]:
    """Return the ids of the articles to leave out: in each group of copies all in `matching` but the first."""
    return {name for group in groups for name in [one for one in group if one in matching][1:]}


def article_meets(paragraphs: Sequence[Paragraph], node: Node) -> bool:
    """Tell whether an article, given as all its paragraphs, meets a query (see `search.query.article_scope`)."""
    if isinstance(node, tree.Or | tree.And):
        return (any if isinstance(node, tree.Or) else all)(article_meets(paragraphs, child) for child in node.children)
    if isinstance(node, tree.Not):
        return not article_meets(paragraphs, node.child)
    return any(p.lends(node) for p in paragraphs)


def of_article(paragraphs: Sequence[Paragraph], query: Node) -> Sequence[Paragraph]:
    """Return which paragraphs match, given those of an article that meets a query: see `search.query.article_scope`.

    They are those that match one of its positive leaves; all, if none does.
    """
    leaves = positive_leaves(query)
    return [p for p in paragraphs if any(map(p.matches, leaves))] or paragraphs


def scoring_statistics(paragraphs: Sequence[Paragraph], query: Node) -> ScoringStatistics:
    """Return the statistics that the scores of a query are computed from: see `Snapshot.scoring_statistics`."""
    terms: dict[str | tree.Wildcard | tree.Fuzzy, TermFrequency] = {}
    leaves = scored_leaves(query)
    for term in (*scored_stems(leaves), *variant_stems(leaves), *patterns(leaves)):
        found = [n for p in paragraphs if (n := p.text.count(term) + p.title.count(term))]
        if found:
            terms[term] = TermFrequency(len(found), sum(found) if isinstance(term, str) else len(found))
    average = sum(p.length for p in paragraphs) / max(1, len(paragraphs)) or 1
    return ScoringStatistics(len(paragraphs), average, terms)


def term_weights(known: ScoringStatistics, query: Node) -> dict[str | tree.Wildcard | tree.Fuzzy, float]:
    """Return the weight of each stem and pattern of a query that occurs, given its statistics."""
    weights = {term: term_weight(known.paragraphs, *found) for term, found in known.terms.items()}
    return weights | variant_weights(variant_stems(scored_leaves(query)), lambda stem: weights.get(stem, 0.0))


def scores(
    matching: Sequence[Paragraph],
    search: Search,
    weights: Mapping[str | tree.Wildcard | tree.Fuzzy, float],
    average: float,
) -> dict[Paragraph, float]:
    """Return the score of each paragraph that matches a search; `average` is the average length of all paragraphs."""
    score = dict.fromkeys(matching, 0.0)
    counts = query_counts(scored_stems(scored_leaves(search.query)), search.function_stems)
    for term, weight in weights.items():
        count = counts.get(term, 1.0) if isinstance(term, str) else 1.0
        for p in score:
            score[p] += count * weight * p.impact(term, average)
    return score


def rescore(
    rows: Sequence[Paragraph],
    score: dict[Paragraph, float],
    search: Search,
    weights: Mapping[str | tree.Wildcard | tree.Fuzzy, float],
) -> None:
    """Raise the scores of the first rows, as `search.ranking` defines."""
    leaves = scored_leaves(search.query)
    counts = query_counts(scored_stems(leaves), search.function_stems)
    weights_of_stems = {stem: count * weights.get(stem, 0.0) for stem, count in counts.items()}
    bonuses = form_bonuses(typed_words(leaves), weights_of_stems)
    for p in rows[:ROWS_BY_FORM]:
        words = {word for _, _, word in (*p.text.words, *p.title.words)}
        score[p] += sum(bonus for word, bonus in bonuses.items() if word in words)
    if search.recency:
        for p in rows[:ROWS_BY_DATE]:
            score[p] *= recency(p.heading.date.start, *search.recency) if p.heading.date else 1
