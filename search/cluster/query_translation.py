"""Translates a query tree to the query DSL of OpenSearch: the definitions of `search.query.tree`, rule by rule.

Every public function but `counting` returns a query for filter context, which scores nothing. "The query of" some
paragraphs, or of some articles, is the one that selects them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any, TypeAlias

from search.cluster.schema import ARTICLE, HOLE, PARAGRAPH, SAME, SENTENCE_END, SENTENCE_START, at_positions
from search.query.tree import (
    LEAF_TYPES,
    All,
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
    Slot,
    Source,
    Wildcard,
    Word,
    is_witness,
    positive_leaves,
)

Query: TypeAlias = dict[str, Any]

FIRST: Query = {"term": {"number": 1}}
PARAGRAPHS: Query = {"term": {"part": PARAGRAPH}}
ARTICLES: Query = {"term": {"part": ARTICLE}}
EVERY: Query = {"match_all": {}}
WORDS = ("matches_word", "in_title_word")
"""The fields of the words of text and title."""
NOTHING: Query = {"match_none": {}}
NOWHERE = "nowhere"
"""A term that no text has: it has none of the prefixes of words and stems, `=`, `~` and `^`."""
MAX_ARRANGEMENTS = 1_000
"""Maximum number of ways to space out the slots of a loose phrase that a query lists; past it, see `_loose`."""


def counting(query: Query) -> dict[str, Any]:
    """Return the body of a search that counts the documents that a query selects."""
    return {"size": 0, "track_total_hits": True, "query": {"bool": {"filter": [query]}}}


def is_tightened(node: Node) -> bool:
    """Tell whether a query has a loose phrase whose first slots have to stand side by side here: see `_loose`."""
    match node:
        case And() | Or():
            return any(map(is_tightened, node.children))
        case Not():
            return is_tightened(node.child)
        case Lead():
            return is_tightened(node.leaf)
        case Near() | SameSentence():
            return is_tightened(node.left) or is_tightened(node.right)
        case Phrase():
            return _listed_gaps(node) < len(node.slots) - 2
    return False


def matches(node: Node) -> Query:
    """Return the query of the paragraphs that a node matches."""
    if isinstance(node, Or):
        return _any(map(matches, node.children))
    if isinstance(node, And):
        witnesses = [child for child in node.children if is_witness(child)]
        if not witnesses:
            return _all([PARAGRAPHS, lends(node)])
        if len(witnesses) == 1:  # it has to match; what matches also lends
            return _all([matches(witnesses[0]), *(lends(child) for child in node.children if child != witnesses[0])])
        return _all([*map(lends, node.children), _any(map(matches, witnesses))])
    return by_itself(node) if isinstance(node, LEAF_TYPES) else _all([PARAGRAPHS, lends(node)])


def article_meets(node: Node) -> Query:
    """Return the query of the articles that meet a node (see `search.query.article_scope`)."""
    if isinstance(node, Or):
        return _any(map(article_meets, node.children))
    if isinstance(node, And):
        return _all(map(article_meets, node.children))
    if isinstance(node, Not):
        excluded = article_meets(node.child)
        return NOTHING if is_tightened(node.child) else {"bool": {"filter": [ARTICLES], "must_not": [excluded]}}
    return article_having(anywhere(node)) if isinstance(node, LEAF_TYPES) else _all([ARTICLES, lends(node)])


def in_articles(node: Node) -> Query:
    """Return the query of the paragraphs that a node matches in the scope of an article."""
    meeting = of_articles(article_meets(node))
    if not (leaves := positive_leaves(node)):
        return meeting
    having = _any(map(by_itself, dict.fromkeys(leaves)))
    return _all([meeting, _any([having, {"bool": {"must_not": [of_articles(article_having(having))]}}])])


def elsewhere(node: Node) -> Query:
    """Return the query of the articles that meet a node, but have no paragraph that matches it."""
    return {"bool": {"filter": [article_meets(node)], "must_not": [article_having(matches(node))]}}


def article_having(query: Query) -> Query:
    """Return the query of the articles that have a paragraph which a query of paragraphs selects."""
    return {"has_child": {"type": PARAGRAPH, "query": query}}


def of_articles(query: Query) -> Query:
    """Return the query of all paragraphs of the articles that a query of articles selects."""
    return {"has_parent": {"parent_type": ARTICLE, "query": query}}


def lends(node: Node) -> Query:
    """Return the query of the paragraphs whose text and title together meet a node: *lends* of `search.query.tree`."""
    match node:
        case Or():
            return _any(map(lends, node.children))
        case And():
            return _all(map(lends, node.children))
        case Not():  # what is not found in full must not be let in
            return NOTHING if is_tightened(node.child) else {"bool": {"must_not": [_excludes(node.child)]}}
        case All():
            return EVERY
        case Source():
            return {"term": {"source": node.name}}
        case Lang():
            return {"term": {"lang": node.code}}
        case Dated():
            return _dated(node)
    return anywhere(node)


def _excludes(node: Node) -> Query:
    """Return the query of the paragraphs that NOT of a node excludes: *excludes* of `search.query.tree`."""
    if isinstance(node, Or):
        return _any(map(_excludes, node.children))
    if isinstance(node, And):
        return _all(map(_excludes, node.children))
    return by_itself(node) if isinstance(node, LEAF_TYPES) and not node.title else lends(node)


def by_itself(leaf: Leaf) -> Query:
    """Return the query of the paragraphs whose text meets a leaf, and of first paragraphs whose title meets it.

    This is *own* of `search.query.tree`.
    """
    if isinstance(leaf, Lead):
        return _all([FIRST, by_itself(leaf.leaf)])
    if isinstance(leaf, AtLeast):
        return _repeated(leaf)
    if leaf.title:
        return _all([FIRST, anywhere(leaf)])
    if isinstance(leaf, Phrase | Near | SameSentence):
        return _any([_standing(leaf, "terms"), _all([FIRST, _standing(leaf, "title_terms")])])
    return {"terms": {"matches": leaf.stems}} if isinstance(leaf, Word) else _fitting(leaf, "matches_word")


def anywhere(leaf: Leaf) -> Query:
    """Return the query of the paragraphs whose text or title meets a leaf: *any* of `search.query.tree`.

    A leaf with `title=True` has to be met by the title.
    """
    if isinstance(leaf, Lead | AtLeast):
        return by_itself(leaf)
    if isinstance(leaf, Phrase | Near | SameSentence):
        fields = ("title_terms",) if leaf.title else ("terms", "title_terms")
        return _any([_standing(leaf, field) for field in fields])
    if isinstance(leaf, Word):
        return {"terms": {"in_title" if leaf.title else "score": leaf.stems}}
    return _fitting(leaf, "in_title_word") if leaf.title else holding(leaf)


def holding(pattern: Wildcard | Fuzzy) -> Query:
    """Return the query of the paragraphs whose score a pattern adds to: their text or title has a word that fits."""
    return _any([_fitting(pattern, field) for field in WORDS])


def _fitting(leaf: Wildcard | Fuzzy, field: str) -> Query:
    """Return the query of the paragraphs with a word in a field that fits a pattern."""
    if isinstance(leaf, Wildcard):
        return {"wildcard": {field: {"value": leaf.pattern.replace("\\", "\\\\")}}}
    # The default rewrite method would match the best 50 terms only.
    fuzzy = {"value": leaf.word, "fuzziness": leaf.edits, "transpositions": True, "rewrite": "constant_score"}
    return {"fuzzy": {field: fuzzy}}


def _dated(node: Dated) -> Query:
    bounds: dict[str, dict[str, int]] = {"start": {}, "end": {}}
    for field, operator, bound in (
        ("end", "gt", node.ends_after),
        ("start", "lt", node.starts_before),
        ("end", "lte", node.ends_by),
        ("start", "gte", node.starts_from),
    ):
        if bound is not None:
            bounds[field][operator] = bound
    return _all([{"exists": {"field": "start"}}, *({"range": {f: limits}} for f, limits in bounds.items() if limits)])


def _standing(leaf: Phrase | Near | SameSentence, field: str) -> Query:
    """Return the query of the paragraphs where a phrase, or both phrases of a NEAR or SAME, stand in a field.

    The field is `terms` or `title_terms`.
    """
    if isinstance(leaf, Phrase):
        if leaf.slop == 1 or len(leaf.slots) == 1:
            return {"match_phrase": {field: _units(leaf.slots)}}
        return {"intervals": {field: _loose(leaf)}}
    left, right = _loose(leaf.left), _loose(leaf.right)
    if isinstance(leaf, Near):
        either = _one_of([_ordered(*both, leaf.distance - 1) for both in ((left, right), (right, left))])
    else:
        # a minimal interval from a start to an end (Lucene's `not_containing` is wrong where intervals overlap)
        sentence = _ordered(_beside(SENTENCE_START), _beside(SENTENCE_END))
        either = _one_of([_ordered(*both, within=sentence) for both in ((left, right), (right, left))])
    return {"intervals": {field: either}}


def _repeated(leaf: AtLeast) -> Query:
    """Return the query of the paragraphs in whose text a word or a phrase begins at `leaf.count` places or more."""
    if isinstance(leaf.words, Phrase):
        one = _beside(_units(leaf.words.slots))
    else:
        one = _beside(SAME.join(kind + stem for stem in leaf.words.stems for kind in ("~", "^")))
    # Lucene makes one repeating source of equal intervals in order: they follow each other, and may overlap
    return {"intervals": {"terms": {"all_of": {"intervals": [one] * leaf.count, "ordered": True}}}}


def _units(slots: Sequence[Slot], gaps: Sequence[int] = ()) -> str:
    """Return the text of a phrase for the analyzer `positions`: the terms of each position, separated by spaces.

    `gaps[i]` is the number of holes, positions that any word may fill, before `slots[i + 1]`: by default none.
    """
    units: list[str] = []
    for at, slot in enumerate(slots):
        units += [HOLE] * (gaps[at - 1] if gaps and at else 0)
        kind = "~" if slot.stemmed else "="
        parts = [at_positions(kind + term, slot.width) for term in slot.terms]
        units += [SAME.join(same) for same in zip(*parts, strict=True)]
    return " ".join(units)


def _loose(phrase: Phrase) -> Query:
    """Return the intervals rule for a phrase, each of whose slots is at most `slop` positions after the one before.

    An intervals query bounds the sum of all gaps, not each gap. So each combination of gaps is listed, but for the last
    gap. If that would be more than MAX_ARRANGEMENTS, the first slots of the phrase have to stand side by side.
    """
    *others, last = phrase.slots
    if phrase.slop == 1 or not others:
        return _beside(_units(phrase.slots))
    listed = _listed_gaps(phrase)
    tight = (0,) * (len(others) - 1 - listed)
    spaced = [_beside(_units(others, tight + gaps)) for gaps in product(range(phrase.slop), repeat=listed)]
    return _ordered(_one_of(spaced), _beside(_units([last])), phrase.slop - 1)


def _listed_gaps(phrase: Phrase) -> int:
    """Return of how many gaps of a phrase, the last one left out, all combinations are listed: see `_loose`."""
    listed = max(0, len(phrase.slots) - 2)
    while phrase.slop**listed > MAX_ARRANGEMENTS:
        listed -= 1
    return listed


def _beside(units: str) -> Query:
    return {"match": {"query": units, "ordered": True, "max_gaps": 0}}


def _ordered(first: Query, second: Query, max_gaps: int = -1, *, within: Query | None = None) -> Query:
    """Return the intervals rule where `first` stands before `second` without an overlap.

    At most `max_gaps` positions are between them (any number if -1). With `within` both are inside such an interval.
    """
    if first == second:  # else Lucene makes one repeating source of both, which may overlap and has other gaps
        ((kind, rule),) = second.items()
        second = {kind: {**rule, "filter": {"not_containing": _beside(NOWHERE)}}}
    rules: Query = {"intervals": [first, second], "ordered": True, "max_gaps": max_gaps}
    if within:
        rules["filter"] = {"contained_by": within}
    return {"all_of": rules}


def _one_of(intervals: Sequence[Query]) -> Query:
    return intervals[0] if len(intervals) == 1 else {"any_of": {"intervals": intervals}}


def _all(queries: Iterable[Query]) -> Query:
    several = list(queries)
    return several[0] if len(several) == 1 else {"bool": {"filter": several}}


def _any(queries: Iterable[Query]) -> Query:
    """Return the query of what at least one of some queries selects; `terms` queries of one field become one clause."""
    terms: dict[str, dict[str, None]] = {}
    several: list[Query] = []
    for query in queries:
        if "terms" in query:
            ((field, values),) = query["terms"].items()
            terms.setdefault(field, {}).update(dict.fromkeys(values))
        else:
            several.append(query)
    several += [{"terms": {field: list(values)}} for field, values in terms.items()]
    return several[0] if len(several) == 1 else {"bool": {"should": several, "minimum_should_match": 1}}
