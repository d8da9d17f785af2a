"""Why a paragraph has the score that it has, or which part of a query kept it out, in words.

The definitions of `search.query.tree` and `search.ranking`, as implemented in `search.brute_force`, are applied to one
paragraph. The index says how frequent the words of the query are, and which paragraphs are among the first rows.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from search.brute_force import Paragraph, article_meets, of_article, term_weights
from search.budget import QueryBudget
from search.engine import ScoringStatistics, Search, Snapshot
from search.errors import NoSuchArticle, QueryError, RequestError
from search.explained_text import ExplainedParagraph, TextWork, too_much
from search.model import Contribution, Explanation, MissingClause, Result, SearchRequest, count, n_rows
from search.names.variant_matcher import plain
from search.query.filters import with_filters
from search.query.interpretation import Parsed
from search.query.parser import conjuncts
from search.query.tree import (
    ALL,
    And,
    AtLeast,
    Dated,
    Fuzzy,
    Lang,
    Lead,
    Leaf,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    SameSentence,
    Source,
    Wildcard,
    Word,
    positive_leaves,
    scored_leaves,
    scored_stems,
    slots_of,
    stems_of,
    typed_words,
    variant_stems,
)
from search.ranking import ROWS_BY_DATE, ROWS_BY_FORM, VARIANT, form_bonuses, query_counts, recency
from search.service import ParsedRequest

PART = 500
"""Number of paragraphs of an article that are fetched at a time."""
_ID = re.compile(r"(?s)(.+)-p([1-9]\d{0,8})")


def explain(
    snapshot: Snapshot, request: SearchRequest, wanted: str, budget: QueryBudget, read: ParsedRequest
) -> Explanation:
    """Return why a paragraph, given by its id, has its score for the query of a request, or why it does not match.

    The score is that of a search by relevance with the filters, the scope and the grouping of the request. `read` is
    what `search.service.parse_request` returns for the request. Raises NoSuchArticle, and RequestError if `wanted` is
    not the id of a paragraph, or if explaining is too much work.
    """
    query = read.search.query
    work = TextWork(budget)
    paragraph = _paragraph(snapshot, wanted, work)
    if request.scope == "article":
        article = _article(snapshot, paragraph, work)
        if not article_meets(article, query) or paragraph not in of_article(article, query):
            return Explanation(wanted, matched=False, score=0.0, missing=_missing(article, paragraph, request, read))
    elif not paragraph.matches(query):
        missing = _missing([paragraph], paragraph, request, read)
        return Explanation(wanted, matched=False, score=0.0, missing=missing)
    search = replace(read.search, offset=0, limit=1, sort="relevance", facets=(), facet_queries={}, recency=None)
    search = replace(search, count_elsewhere=False)
    scoring = _Scoring.of(snapshot.scoring_statistics(query, budget), query, read)
    contributions = [*_of_terms(paragraph, scoring)]
    search = replace(search, offset=_first_row(snapshot, search, paragraph, work), limit=ROWS_BY_FORM)
    if _is_among(paragraph, _result(snapshot, search, budget)):
        contributions += _of_typed_words(paragraph, scoring)
    if (boost := read.search.recency) and paragraph.heading.date:
        search = replace(search, limit=ROWS_BY_DATE, recency=boost)
        if _is_among(paragraph, _result(snapshot, search, budget)):
            gain = recency(paragraph.heading.date.start, *boost) - 1
            value = gain * sum(one.value for one in contributions)
            because = f"recent articles gain: {gain:.1%} of the score for its age"
            contributions.append(Contribution("date", value, because))
    score = sum(one.value for one in contributions)
    return Explanation(wanted, matched=True, score=score, contributions=tuple(contributions))


def _first_row(snapshot: Snapshot, search: Search, paragraph: Paragraph, work: TextWork) -> int:
    """Return the number of the first row of the part of a ranking that a paragraph is in.

    In the scope of an article the paragraphs that meet the query by themselves come first, as a part of their own.
    """
    if search.scope == "paragraph" or paragraph.matches(search.query):
        return 0

    def is_after(row: int) -> bool:
        if not (hits := _result(snapshot, replace(search, offset=row), work.budget).hits):
            return True  # a cluster has no rows so far down
        ((heading, text),) = snapshot.fetch(hits)
        return not ExplainedParagraph(heading, hits[0].number, text, work).matches(search.query)

    found = _result(snapshot, search, work.budget)
    return bisect_left(range(n_rows(found, search.group)), x=True, key=is_after)


def _result(snapshot: Snapshot, search: Search, budget: QueryBudget) -> Result:
    """Return the answer to a search. Raises RequestError where it is cut short."""
    cuts = budget.cuts
    result = snapshot.search(search, budget)
    if budget.cuts > cuts:
        raise too_much()
    return result


def _paragraph(snapshot: Snapshot, wanted: str, work: TextWork) -> ExplainedParagraph:
    """Return a paragraph by its id. Raises RequestError if no paragraph of the article has it, and NoSuchArticle."""
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
    return ExplainedParagraph(found.heading, found.first, found.paragraphs[0], work)


def _article(snapshot: Snapshot, paragraph: ExplainedParagraph, work: TextWork) -> list[Paragraph]:
    """Return all paragraphs of the article of a paragraph; the paragraph itself, as an object, is among them.

    They are fetched PART at a time: an article can have a million, for which the budget is spent long before the end.
    """
    heading, number, title = paragraph.heading, paragraph.number, paragraph.title
    found: list[Paragraph] = []
    total = 1
    while len(found) < total and (part := snapshot.portion(heading.id, len(found) + 1, PART)):
        total = part.total
        found += [
            paragraph if other == number else ExplainedParagraph(heading, other, text, work, title)
            for other, text in enumerate(part.paragraphs, part.first)
        ]
    return found


def _is_among(paragraph: Paragraph, found: Result) -> bool:
    return any((row.article_id, row.number) == (paragraph.heading.id, paragraph.number) for row in found.hits)


class _Scoring(NamedTuple):
    """The weights of the stems and patterns of a query in an index, and how each of them was typed."""

    known: ScoringStatistics
    leaves: Sequence[Word | Phrase | Wildcard | Fuzzy]
    counts: dict[str, float]
    """How much each stem counts that was typed: see `search.ranking.query_counts`."""
    weights: dict[str | Wildcard | Fuzzy, float]
    light: frozenset[str]
    names: dict[str | Wildcard | Fuzzy, str]
    variants: dict[str, str]
    """Maps each stem that only variants have to a clause that names its variant."""

    @classmethod
    def of(cls, known: ScoringStatistics, query: Node, read: ParsedRequest) -> _Scoring:
        """Return the weights of a query by the statistics of an index."""
        leaves, light = scored_leaves(query), read.search.function_stems
        counts = query_counts(scored_stems(leaves), light)
        weights = term_weights(known, query)
        return cls(known, leaves, counts, weights, light, _names(leaves), _variants(leaves, read.parsed))


def _of_terms(paragraph: Paragraph, scoring: _Scoring) -> Iterator[Contribution]:
    """Yield what each stem and pattern of a query adds to the score."""
    known, counts = scoring.known, scoring.counts
    for term, frequency in known.terms.items():
        times = counts.get(term, 1.0) if isinstance(term, str) else 1.0
        value = times * scoring.weights[term] * paragraph.impact(term, known.average_length)
        if value:
            rarity = f"{frequency.paragraphs:,} of {known.paragraphs:,} paragraphs have it"
            length = f"this one has {count(paragraph.length, 'word')}, and {known.average_length:.0f} is the average"
            how = [_found(paragraph, term), rarity, length]
            if isinstance(term, str) and term in scoring.variants:
                how.append(scoring.variants[term])
            elif term in scoring.light and not scoring.light.issuperset(counts):
                how.append("a function word counts a fifth")
            if times > 1:
                how.append(f"it counts {times:g} times, as it was typed")
            yield Contribution(scoring.names[term], value, "; ".join(how))


def _found(paragraph: Paragraph, term: str | Wildcard | Fuzzy) -> str:
    """Return a clause that says how often a paragraph has a stem, or that it has a word that fits a pattern."""
    places = [("in the text", paragraph.text.count(term)), ("in the title", paragraph.title.count(term))]
    if not isinstance(term, str):
        return f"a word fits {' and '.join(where for where, n in places if n)}"
    found = [f"{count(n, 'time')} {where}" for where, n in places if n]
    return " and ".join(found) + (", which counts twice" if places[1][1] else "")


def _names(leaves: Sequence[Leaf]) -> dict[str | Wildcard | Fuzzy, str]:
    """Return how each stem and pattern of the leaves of a query was typed; the stem itself if only that is known."""
    names: dict[str | Wildcard | Fuzzy, str] = {}
    for leaf in leaves:
        if isinstance(leaf, Word):
            names |= {stem: leaf.form or stem.rpartition(":")[2] for stem in leaf.stems}
        elif isinstance(leaf, Wildcard):
            names[leaf] = leaf.pattern
        elif isinstance(leaf, Fuzzy):
            names[leaf] = f"{leaf.word}~{leaf.edits}"
        for slot in () if isinstance(leaf, Word) else slots_of(leaf):
            for stem in slot.stems:
                names.setdefault(stem, stem if slot.stemmed else slot.terms[0])
    return names


def _variants(leaves: Sequence[Leaf], parsed: Parsed) -> dict[str, str]:
    """Return for each stem that only variants have a clause that says which variant it belongs to."""
    found: dict[str, str] = {}
    alone = variant_stems(leaves)
    for typed, variants in parsed.variants:
        for text, leaf in variants:
            for stem in stems_of(leaf):
                if stem in alone:
                    what = "it is" if isinstance(leaf, Word) else f"it is of {plain(text)},"
                    counts = f"which counts at most {VARIANT:.0%} of it"
                    if alone[stem].words > 1:
                        counts += f", shared by its {alone[stem].words} words"
                    found.setdefault(
                        stem, f"{what} another spelling of {plain(typed)}, or another name for it, {counts}"
                    )
    return found


def _of_typed_words(paragraph: Paragraph, scoring: _Scoring) -> Iterator[Contribution]:
    """Yield what each word of a query adds to the score of a paragraph that has it exactly as it was typed."""
    weights = {stem: count * scoring.weights.get(stem, 0.0) for stem, count in scoring.counts.items()}
    words = {word for _, _, word in (*paragraph.text.words, *paragraph.title.words)}
    for word, bonus in form_bonuses(typed_words(scoring.leaves), weights).items():
        if word in words and bonus:
            because = f"it stands there as it was typed, which counts among the first {ROWS_BY_FORM} results"
            yield Contribution(word, bonus, because)


def _missing(
    where: Sequence[Paragraph], paragraph: ExplainedParagraph, request: SearchRequest, read: ParsedRequest
) -> tuple[MissingClause, ...]:
    """Return the parts of a query, and the filters of its request, that a paragraph does not meet.

    `where` has all paragraphs of its article if other paragraphs may meet parts of the query, else only `paragraph`.
    """
    clauses = _clauses(read)
    filters = with_filters(ALL, request)
    clauses += [("filters", node) for node in (filters.children if isinstance(filters, And) else (filters,))]
    if request.scope == "article":
        unmet = [(text, _reason_of_article(paragraph, one)) for text, one in clauses if not article_meets(where, one)]
        because = "its article has it, and other paragraphs of it have the words"
    else:
        unmet = [(text, _reason(paragraph, one)) for text, one in clauses if not paragraph.lends(one)]
        because = "only the title of its article has it, and a title by itself is found with the first paragraph alone"
    return tuple([MissingClause(*one) for one in unmet or [(read.parsed.interpreted, because)]])


def _clauses(read: ParsedRequest) -> list[tuple[str, Node]]:
    """Return the parts of a query, all of which have to be met, each after its text."""
    interpreted, tree = read.parsed.interpreted, read.parsed.tree
    with suppress(QueryError):  # `interpreted` may be too long to be parsed
        if parts := conjuncts(interpreted, match="all", languages=read.languages):
            return [(part.text, part.node) for part in parts]
    return [(interpreted, tree)]


def _reason_of_article(paragraph: ExplainedParagraph, node: Node) -> str:
    """Return why an article does not meet a part of a query."""
    match node:
        case Source() | Lang() | Dated():
            return _reason(paragraph, node)
        case Not():
            return "a paragraph of its article has it, which is excluded"
        case Or():
            return "no paragraph of its article has any of these"
    return "no paragraph of its article has it"


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
        case Lead():
            if paragraph.number > 1:
                return "it is not the first paragraph of its article"
            return "the first paragraph of its article does not have it"
        case AtLeast():
            return f"its text does not have it {count(node.count, 'time')}"
    return _reason_of_words(paragraph, node)


def _reason_of_words(paragraph: ExplainedParagraph, node: Node) -> str:
    """Return why a paragraph, with the title of its article, does not meet a leaf of words."""
    if isinstance(node, Phrase | Near | SameSentence | Word | Wildcard | Fuzzy) and node.title:
        return "the title of its article does not have it"
    if isinstance(node, Phrase | Near | SameSentence) and all(
        paragraph.lends(Phrase((slot,))) for slot in slots_of(node)
    ):
        how = "together, in this order"
        if isinstance(node, Near):
            how = f"within {node.distance} words of each other"
        elif isinstance(node, SameSentence):
            how = "in one sentence"
        return f"it has these words, but not {how}"
    return "neither its text nor the title of its article has it"


def _met(paragraph: ExplainedParagraph, node: Node) -> str:
    """Return a clause that says whether text, title or both meet the first leaf that makes a paragraph meet a node."""
    for leaf in positive_leaves(node):
        if isinstance(leaf, AtLeast | Lead):
            places = [("its text", paragraph.matches(leaf))]
        else:
            in_text = not leaf.title and paragraph.text.meets(leaf)
            places = [("its text", in_text), ("its title", paragraph.title.meets(leaf))]
        if found := [where for where, is_met in places if is_met]:
            return f"{' and '.join(found)} {'have' if len(found) > 1 else 'has'} it"
    return "it is so"
