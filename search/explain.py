"""Why a paragraph has the score that it has, or which part of a query kept it out, in words.

The definitions of `search.query.tree` and `search.ranking`, as `search.brute_force` has them, are applied to a single
paragraph. The index says how frequent the words of the query are, and which paragraphs are among the first rows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache

from search.analysis.function_words import function_stems
from search.brute_force import Paragraph, Text
from search.budget import CHARACTER_COST, QueryBudget
from search.engine import Recency, ScoringStatistics, Search, Snapshot
from search.errors import NoSuchArticle, RequestError
from search.highlight import Highlighter
from search.model import Contribution, Explanation, Heading, MissingClause, Result, SearchRequest
from search.query.filters import with_filters
from search.query.interpretation import Parsed
from search.query.parser import conjuncts, parse
from search.query.tree import (
    ALL,
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
    positive_leaves,
    scored_stems,
    typed_words,
)
from search.ranking import ROWS_BY_DATE, ROWS_BY_FORM, form_bonuses, query_counts, recency, term_weight

TEXT_COST = 300
"""Units of work for each code point of a text that is analysed."""
DAY = 86_400
"""Seconds of a day."""
_ID = re.compile(r"(?s)(.+)-p([1-9]\d{0,8})")


class ExplainedText(Text):
    """A text whose leaves are found as they are marked, which is quick however often a word stands in it."""

    def __init__(self, text: str, heading: Heading, budget: QueryBudget, *, is_title: bool) -> None:
        budget.charge(TEXT_COST * len(text))
        super().__init__(text, heading.lang)
        self.passage = text, heading.lang, is_title
        self.budget = budget
        self.frequencies = Counter(stem for _, _, stem in self.stems)
        self.meets = cache(self._meets)  # type: ignore[method-assign]  # a leaf is asked for again and again

    def _meets(self, leaf: Leaf) -> bool:
        """Tell whether the text meets a leaf. Raises RequestError where the budget does not allow for it."""
        highlighter = Highlighter(leaf, self.budget)
        (spans,) = highlighter.mark([self.passage])
        if highlighter.warnings:
            parameter, message = "q", "To explain this query is too much work."
            raise RequestError(parameter, message, "Ask for fewer words at a time.")
        return bool(spans)

    def count(self, term: str | Wildcard | Fuzzy) -> int:
        """Return the number of occurrences of a stem, or 1 if some word fits a pattern."""
        return self.frequencies[term] if isinstance(term, str) else int(self.meets(replace(term, title=False)))


class ExplainedParagraph(Paragraph):
    """A paragraph, given with its heading and its text."""

    def __init__(self, heading: Heading, number: int, text: str, budget: QueryBudget) -> None:
        self.heading, self.number = heading, number
        self.text = ExplainedText(text, heading, budget, is_title=False)
        self.title = ExplainedText(heading.title, heading, budget, is_title=True)
        self.length = self.text.length + self.title.length


def explain(
    snapshot: Snapshot, request: SearchRequest, wanted: str, budget: QueryBudget, *, half_life: int = 0
) -> Explanation:
    """Return why a paragraph, given by its id, has its score for the query of a request, or why it does not match.

    The score is that of a search by relevance with the filters and the grouping of the request; `half_life` is that of
    `search.service.find`. Raises QueryError, NoSuchArticle, and RequestError also where it is too much work.
    """
    languages = tuple(snapshot.statistics().languages) or ("en",)
    budget.charge(CHARACTER_COST * len(request.q))
    parsed = parse(request.q, match=request.match, languages=languages)
    query = with_filters(parsed.tree, request)
    paragraph = _paragraph(snapshot, wanted, budget)
    if not paragraph.matches(query):
        return Explanation(wanted, matched=False, score=0.0, missing=_missing(paragraph, request, parsed, languages))
    statistics = snapshot.scoring_statistics(query, budget)
    light = function_stems(languages)
    contributions = [*_of_terms(paragraph, query, light, statistics)]
    search = Search(query, 0, ROWS_BY_FORM, group=request.group, function_stems=light)
    if _is_among(paragraph, snapshot.search(search, budget)):
        contributions += _of_typed_words(paragraph, query, light, statistics)
    if half_life and paragraph.heading.date:
        now = datetime.fromisoformat(snapshot.updated_at).timestamp()
        search = replace(search, limit=ROWS_BY_DATE, recency=Recency(now, half_life * DAY))
        if _is_among(paragraph, snapshot.search(search, budget)):
            gain = recency(paragraph.heading.date.start, now, half_life * DAY) - 1
            value = gain * sum(one.value for one in contributions)
            contributions.append(
                Contribution("date", value, f"recent articles gain: {gain:.1%} of the score for its age")
            )
    score = sum(one.value for one in contributions)
    return Explanation(wanted, matched=True, score=score, contributions=tuple(contributions))


def _paragraph(snapshot: Snapshot, wanted: str, budget: QueryBudget) -> ExplainedParagraph:
    """Return a paragraph by its id. Raises RequestError where that is none, and NoSuchArticle."""
    parts = _ID.fullmatch(wanted)
    if parts is None:
        parameter, message = "id", f"{wanted[:60]!r} is no id of a paragraph."
        raise RequestError(parameter, message, "It is that of the article, -p, and the paragraph's number.")
    found = snapshot.portion(parts[1], int(parts[2]), 1)
    if found is None:
        raise NoSuchArticle(parts[1])
    if not found.paragraphs:
        parameter, message = "id", f"There is no paragraph {parts[2]} in this article."
        raise RequestError(parameter, message, f"It can be 1 to {found.total:,}.")
    return ExplainedParagraph(found.heading, found.first, found.paragraphs[0], budget)


def _is_among(paragraph: Paragraph, found: Result) -> bool:
    return any((row.article_id, row.number) == (paragraph.heading.id, paragraph.number) for row in found.hits)


def _of_terms(
    paragraph: Paragraph, query: Node, light: frozenset[str], known: ScoringStatistics
) -> Iterator[Contribution]:
    """Yield what each stem and pattern of a query adds to the score."""
    counts, names = query_counts(scored_stems(query), light), _names(query)
    for term, frequency in known.terms.items():
        count = counts[term] if isinstance(term, str) else 1.0
        value = count * term_weight(known.paragraphs, *frequency) * paragraph.impact(term, known.average_length)
        if value:
            rarity = f"{frequency.paragraphs:,} of {known.paragraphs:,} paragraphs have it"
            length = f"this one has {_counted(paragraph.length, 'word')}, and {known.average_length:.0f} is the average"
            how = [_found(paragraph, term), rarity, length]
            if isinstance(term, str) and term in light and any(stem not in light for stem in counts):
                how.append("a function word counts a fifth")
            if count > 1:
                how.append(f"it counts {count:g} times, as it was typed")
            yield Contribution(names[term], value, "; ".join(how))


def _found(paragraph: Paragraph, term: str | Wildcard | Fuzzy) -> str:
    """Return how often a paragraph has a stem, in words, or that it has what fits a pattern."""
    places = [("in the text", paragraph.text.count(term)), ("in the title", paragraph.title.count(term))]
    if not isinstance(term, str):
        return f"a word fits {' and '.join(where for where, n in places if n)}"
    found = [f"{_counted(n, 'time')} {where}" for where, n in places if n]
    return " and ".join(found) + (", which counts twice" if places[1][1] else "")


def _counted(value: int, noun: str) -> str:
    return f"{value:,} {noun}{'' if value == 1 else 's'}"


def _names(query: Node) -> dict[str | Wildcard | Fuzzy, str]:
    """Return how each stem and pattern of a query was typed; a stem, where only that is known."""
    names: dict[str | Wildcard | Fuzzy, str] = {}
    for leaf in positive_leaves(query):
        if isinstance(leaf, Word):
            names |= dict.fromkeys(leaf.stems, leaf.form)
        elif isinstance(leaf, Wildcard):
            names[leaf] = leaf.pattern
        elif isinstance(leaf, Fuzzy):
            names[leaf] = f"{leaf.word}~{leaf.edits}"
        for slot in _slots(leaf):
            for stem in slot.stems:
                names.setdefault(stem, stem if slot.stemmed else slot.terms[0])
    return names


def _slots(leaf: Leaf) -> tuple[Slot, ...]:
    if isinstance(leaf, Near):
        return (*leaf.left.slots, *leaf.right.slots)
    return leaf.slots if isinstance(leaf, Phrase) else ()


def _of_typed_words(
    paragraph: Paragraph, query: Node, light: frozenset[str], known: ScoringStatistics
) -> Iterator[Contribution]:
    """Yield what each word of a query adds by standing in a paragraph of the first rows as it was typed."""
    weights = {term: term_weight(known.paragraphs, *frequency) for term, frequency in known.terms.items()}
    counts = query_counts(dict.fromkeys(scored_stems(query)), light)
    words = {word for _, _, word in (*paragraph.text.words, *paragraph.title.words)}
    for word, bonus in form_bonuses(typed_words(query), counts, lambda stem: weights.get(stem, 0.0)).items():
        if word in words and bonus:
            because = f"it stands there as it was typed, which counts among the first {ROWS_BY_FORM} results"
            yield Contribution(word, bonus, because)


def _missing(
    paragraph: ExplainedParagraph, request: SearchRequest, parsed: Parsed, languages: tuple[str, ...]
) -> tuple[MissingClause, ...]:
    """Return the parts of a query, and the filters of its request, that a paragraph does not meet."""
    parts = conjuncts(request.q, match=request.match, languages=languages)
    clauses = [(part.text, part.node) for part in parts] or [(parsed.interpreted, parsed.tree)]
    filters = with_filters(ALL, request)
    clauses += [("filters", node) for node in (filters.children if isinstance(filters, And) else (filters,))]
    unmet = [MissingClause(text, _reason(paragraph, node)) for text, node in clauses if not paragraph.lends(node)]
    if not unmet:
        because = "only the title of its article has it, and a title by itself is found with the first paragraph alone"
        unmet = [MissingClause(parsed.interpreted, because)]
    return tuple(unmet)


def _reason(paragraph: ExplainedParagraph, node: Node) -> str:
    """Return why a paragraph, with the title of its article, does not meet a part of a query."""
    heading = paragraph.heading
    match node:
        case Source():
            return f"it is from the source {heading.source}"
        case Lang():
            return f"it is in the language {heading.lang}"
        case Dated():
            return f"it is of {heading.date.text}" if heading.date else "it has no date"
        case Not():
            return f"{_met(paragraph, node.child)}, which is excluded"
        case Or():
            return "neither its text nor the title of its article has any of these"
        case Phrase() | Near() if not node.title and all(_has(paragraph, slot) for slot in _slots(node)):
            distance = (
                f"within {node.distance} words of each other" if isinstance(node, Near) else "together, in this order"
            )
            return f"it has these words, but not {distance}"
        case Phrase() | Near() | Word() | Wildcard() | Fuzzy() if node.title:
            return "the title of its article does not have it"
    return "neither its text nor the title of its article has it"


def _has(paragraph: ExplainedParagraph, slot: Slot) -> bool:
    return paragraph.lends(Phrase((slot,)))


def _met(paragraph: ExplainedParagraph, node: Node) -> str:
    """Return where the first of the words is that make a paragraph meet a part of a query."""
    for leaf in positive_leaves(node):
        places = [
            ("its text", not leaf.title and paragraph.text.meets(leaf)),
            ("its title", paragraph.title.meets(leaf)),
        ]
        if found := [where for where, is_met in places if is_met]:
            return f"{' and '.join(found)} {'have' if len(found) > 1 else 'has'} it"
    return "it is so"
