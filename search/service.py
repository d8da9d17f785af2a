"""find(): the entry point of every search, for the web page, the JSON API and the terminal.

It checks the paging, parses the query, adds the filters, asks the engine, and marks what matched.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import chain, islice
from typing import Literal, NamedTuple
from weakref import WeakKeyDictionary

from search.analysis.function_words import function_stems
from search.budget import CHARACTER_COST, RANKING, QueryBudget
from search.engine import Recency, Search, Snapshot
from search.errors import QueryError, RequestError
from search.highlight import Highlighter, Passage, cut
from search.model import (
    SNIPPET,
    Heading,
    Hit,
    Marked,
    NameVariants,
    Page,
    Result,
    ScoredParagraph,
    SearchRequest,
    n_rows,
)
from search.names.name_expansion import NameExpansion, without_variants
from search.names.names import Names, default_names
from search.names.variant_matcher import VariantMatcher, named
from search.query.diagnostics import filter_warnings
from search.query.filters import facet_queries, request_filters, restricted, with_filters
from search.query.interpretation import Parsed
from search.query.parser import MAX_LENGTH, parse
from search.query.tree import ALL, Node, Phrase, Slot, Word, slots_of
from search.suggest import corrections, relaxations

MAX_ROWS = 10_000
"""Maximum number of results that can be paged through."""
MAX_PER_PAGE = 100
MAXIMA = {"page": MAX_ROWS, "per_page": MAX_PER_PAGE, "facet_size": 10_000, "group_limit": 10, "snippet": 10_000}
"""The maximum of each number of a request; the minimum is 1."""
LOOKUP_COST = 10_000
"""Units of work to look up whether an archive has a variant."""
MAX_REMEMBERED = 1 << 14
"""Number of variants of which it is remembered whether an archive has them."""
_HAS: WeakKeyDictionary[Snapshot, dict[Word | Phrase, bool]] = WeakKeyDictionary()
"""Whether a snapshot has the words of leaves."""
DAY = 86_400
"""Seconds of a day."""
FEW = 50
"""Paragraphs that a search finds at most for which its words are checked for misspellings."""
MARKED_FIELDS = {"highlights", "snippet", "matched_variants"}
"""Fields of a hit for which its texts are marked."""


def find(  # noqa: PLR0913 - each is a setting of who asks, or of its page
    snapshot: Snapshot,
    request: SearchRequest,
    budget: QueryBudget | None = None,
    *,
    half_life: int = 0,
    names: Names | None = None,
    snippet: int = SNIPPET,
) -> Page:
    """Return one page of results from one generation of an index.

    The search draws on `budget`, by default a new one. `half_life`, in days, is that of the boost of recent
    articles (see `search.ranking`); 0 is no boost. `names` has variants of names, by default those that come with
    Stemma. `snippet` is the length of snippets, in code points, where the request does not say. Raises QueryError for a
    query and RequestError for a parameter that cannot be used, and whatever the snapshot raises.
    """
    started = time.perf_counter()
    check_paging(request)
    budget = budget or QueryBudget()
    names = names or default_names()
    parsed, offers, search, _ = parse_request(snapshot, request, budget, half_life=half_life, names=names)
    known, tree = snapshot.statistics(), search.query
    result = snapshot.search(search, budget)
    is_marked = result.hits and (not request.fields or not MARKED_FIELDS.isdisjoint(request.fields))
    highlighter = highlighter_for(snapshot, parsed.tree if is_marked else ALL, budget)
    hits = _hits(snapshot, result, highlighter, VariantMatcher(parsed.variants), request.snippet or snippet)
    asked = snapshot, request, budget, search_reader(snapshot, budget, names)
    found = result.total.value
    few = found <= FEW and result.total.relation == "eq" and request.q
    return Page(
        request=request,
        interpreted=parsed.interpreted,
        warnings=parsed.warnings
        + filter_warnings(tree, request, known.sources, known.languages)
        + result.warnings
        + highlighter.warnings,
        total=result.total,
        total_articles=result.total_articles,
        hits=hits,
        facets={facet: counts[: request.facet_size] for facet, counts in result.facets.items()},
        took_ms=(time.perf_counter() - started) * 1e3,
        generation=snapshot.generation,
        updated_at=snapshot.updated_at,
        suggestion=tuple([one for one in corrections(*asked) if one.total.value > found]) if few else (),
        relaxations=tuple(relaxations(*asked)) if few and not found else (),
        total_articles_elsewhere=result.articles_elsewhere if search.count_elsewhere else 0,
        variants=named(parsed.variants),
        folded=result.folded,
        offers=offers.names,
        offered=offers.query,
    )


class ResultsAround(NamedTuple):
    """Neighbouring rows of the results of a search, each with the heading of its article; None where there is none."""

    before: tuple[ScoredParagraph, Heading] | None
    here: tuple[ScoredParagraph, Heading] | None
    after: tuple[ScoredParagraph, Heading] | None
    rows: int
    """How many rows the search has: articles when grouping by article, else paragraphs."""
    relation: Literal["eq", "gte"]
    """Whether there are exactly, or at least, so many."""


def results_around(snapshot: Snapshot, search: Search, position: int, budget: QueryBudget) -> ResultsAround:
    """Return the row at a place, counted from 1, of all results of a search, and those before and after it.

    The offset and the limit of the search do not matter. Rows past MAX_ROWS are left out, as no page shows them.
    """
    first = max(1, position - 1)
    limit = min(position + 1, MAX_ROWS) - first + 1
    found = snapshot.search(replace(search, offset=first - 1, limit=limit, facets=(), count_elsewhere=False), budget)
    headings = [heading for heading, _ in snapshot.fetch(found.hits)]
    rows = dict(enumerate(zip(found.hits, headings, strict=True), first))
    before, here, after = (rows.get(place) for place in (position - 1, position, position + 1))
    return ResultsAround(before, here, after, n_rows(found, search.group), found.total.relation)


class Offers(NamedTuple):
    """Other names that a search did not look for, and the query that does; an empty text if there are none."""

    names: tuple[NameVariants, ...] = ()
    query: str = ""


class ParsedRequest(NamedTuple):
    """A request as it is answered: its query as it was read, the names to offer besides, and the search."""

    parsed: Parsed
    offers: Offers
    search: Search
    languages: tuple[str, ...]
    """The languages that the words of the query are read in."""


def parse_request(
    snapshot: Snapshot, request: SearchRequest, budget: QueryBudget, *, half_life: int, names: Names
) -> ParsedRequest:
    """Return what a request asks for; `half_life` and `names` are as in `find`. Raises QueryError and RequestError."""
    budget.charge(CHARACTER_COST * min(len(request.q), MAX_LENGTH))
    parsed, expansion = parse_with_names(snapshot, request, names, budget)
    sort = request.sort or ("-date" if parsed.tree == ALL else "relevance")
    offset = (request.page - 1) * request.per_page
    filters = request_filters(request)
    known = snapshot.statistics()
    search = Search(
        query=restricted(parsed.tree, filters),
        offset=offset,
        limit=request.per_page,
        sort=sort,
        group=request.group,
        facets=request.facets,
        facet_queries=facet_queries(parsed.tree, filters, request.facets),
        function_stems=function_stems(known.languages),
        scope=request.scope,
        group_limit=request.group_limit,
        duplicates=request.duplicates,
        count_elsewhere=request.scope == "paragraph",
    )
    if half_life:
        now = datetime.fromisoformat(snapshot.updated_at).timestamp()
        search = replace(search, recency=Recency(now, half_life * DAY))
    languages = known.query_languages
    offers = _offers(request, languages, expansion) if expansion and expansion.offers else Offers()
    return ParsedRequest(parsed, offers, search, languages)


def _offers(request: SearchRequest, languages: tuple[str, ...], expansion: NameExpansion) -> Offers:
    """Return the other names that an expansion has left out; none where the query has no room for them."""
    offered = parse(request.q, match=request.match, languages=languages, expand=expansion.with_aliases())
    return Offers(tuple(expansion.offers), offered.interpreted) if offered.variants else Offers()


def search_reader(
    snapshot: Snapshot, budget: QueryBudget, names: Names | None = None
) -> Callable[[SearchRequest], Search | None]:
    """Return what reads requests as `find` does, to count what they find, as far as the budget goes.

    It returns the search of a request; None if the query cannot be read, or the budget does not allow for it. It raises
    RequestError for a date that cannot be read.
    """

    def read(request: SearchRequest) -> Search | None:
        if not budget.allows(CHARACTER_COST * len(request.q), RANKING):
            return None
        try:
            parsed, _ = parse_with_names(snapshot, request, names or default_names(), budget)
        except QueryError:  # such as for a query that has become too long
            return None
        return Search(with_filters(parsed.tree, request), scope=request.scope)

    return read


def parse_with_names(
    snapshot: Snapshot, request: SearchRequest, names: Names, budget: QueryBudget
) -> tuple[Parsed, NameExpansion | None]:
    """Parse the query of a request, with the variants of its names, and return what has added these, if anything.

    Only variants that the archive has are added. Raises QueryError.
    """
    languages = snapshot.statistics().query_languages
    read = partial(parse, request.q, match=request.match, languages=languages)
    if request.variants == "off":
        return read(expand=without_variants if "ALSO" in request.q else None), None
    expansion = names.expansion(request.q, languages, partial(_has, snapshot, budget))
    return read(expand=expansion), expansion


def _has(snapshot: Snapshot, budget: QueryBudget, leaf: Word | Phrase) -> bool | None:
    """Tell whether an archive has the words of a leaf, in any inflection; None if it does not know its words."""
    budget.charge(LOOKUP_COST)  # whether it is remembered or not
    known = _HAS.setdefault(snapshot, {})
    if leaf not in known:
        if len(known) >= MAX_REMEMBERED:
            known.clear()
        slots = [Slot(slot.stems, slot.stems, stemmed=True) for slot in slots_of(leaf)]
        forms = snapshot.forms(slots, QueryBudget())
        if forms is None:
            return None
        known[leaf] = all(found.plain or found.others for found in forms.values())
    return known.get(leaf)


def check_paging(request: SearchRequest) -> None:
    """Raise RequestError unless all numbers are in range, and the page is within the first MAX_ROWS results."""
    for parameter, most in MAXIMA.items():
        value = getattr(request, parameter)
        if value is not None and not 1 <= value <= most:
            raise RequestError(parameter, f"{parameter} is {value}.", f"It can be a whole number from 1 to {most:,}.")
    if request.group_limit > 1 and request.group != "article":
        parameter, message = "group_limit", "Rows have group_limit paragraphs only when they are articles."
        raise RequestError(parameter, message, "Add group=article, or leave it out.")
    if request.page * request.per_page > MAX_ROWS:
        parameter, message = "page", f"Page {request.page:,} lies past the first {MAX_ROWS:,} results."
        raise RequestError(parameter, message, "Narrow the search with more words, a source or a date.")


def highlighter_for(snapshot: Snapshot, tree: Node, budget: QueryBudget) -> Highlighter:
    """Return a highlighter that marks the texts of a snapshot for a query tree."""
    known = snapshot.statistics()
    languages = len(known.languages) + (known.dead > 0)  # deleted articles may have been in another language
    return Highlighter(tree, budget, snapshot.forms, languages)


def _hits(
    snapshot: Snapshot, result: Result, highlighter: Highlighter, variants: VariantMatcher, snippet: int
) -> tuple[Hit, ...]:
    """Return the rows of a result, each with its further ones, with their texts and titles marked."""
    found = [*result.hits, *chain.from_iterable(result.further)] if result.further else result.hits
    hits = hits_of(found, snapshot.fetch(found), highlighter, variants, snippet)
    if not result.further:
        return tuple(hits)
    of_articles = hits[: len(result.hits)]
    further = iter(hits[len(result.hits) :])
    sizes = map(len, result.further)
    return tuple([hit._replace(further=tuple(islice(further, n))) for hit, n in zip(of_articles, sizes, strict=True)])


def hits_of(
    found: Sequence[ScoredParagraph],
    fetched: list[tuple[Heading, str]],
    highlighter: Highlighter,
    variants: VariantMatcher,
    snippet: int,
) -> list[Hit]:
    """Return the results with their texts and titles marked; `fetched` has the heading and the text of each."""
    numbered = zip(found, fetched, strict=True)
    texts = [Passage(text, heading.lang, is_first=one.number == 1) for one, (heading, text) in numbered]
    titles = [Passage(heading.title, heading.lang, is_title=True) for heading, _ in fetched]
    spans = highlighter.mark([*texts, *titles])
    hits = []
    for one, (heading, text), in_text, in_title in zip(
        found, fetched, spans[: len(texts)], spans[len(texts) :], strict=True
    ):
        title, marked = Marked(heading.title, in_title), Marked(text, in_text)
        matched = variants.matched((marked, title), heading.lang)
        hits.append(Hit(heading, one.number, one.score, title, marked, cut(marked, snippet), one.more, matched))
    return hits
