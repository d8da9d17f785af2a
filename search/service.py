"""The function `find`, which answers searches of the web page, the JSON API and the terminal, and its steps.

`find` checks the paging, parses the query, adds the filters, asks the engine, and marks what matched.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import chain, islice
from typing import Literal, NamedTuple
from weakref import WeakKeyDictionary

from search.analysis.function_words import function_stems
from search.budget import CHARACTER_COST, RANKING, QueryBudget
from search.engine import Recency, Search, SearchReader, Snapshot
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
"""Maximum number of results on a page."""
MAXIMA = {"page": MAX_ROWS, "per_page": MAX_PER_PAGE, "facet_size": 10_000, "group_limit": 10, "snippet": 10_000}
"""The maximum of each field of a SearchRequest that is a number; the minimum is 1."""
LOOKUP_COST = 10_000
"""Units of work to look up whether an archive has a variant of a name."""
MAX_REMEMBERED = 1 << 14
"""Maximum number of variants for which `_HAS` remembers, per snapshot, whether the archive has them."""
_HAS: WeakKeyDictionary[Snapshot, dict[Word | Phrase, bool]] = WeakKeyDictionary()
"""For each snapshot, and each leaf (a word or a phrase) that was looked up: whether the snapshot has all its words."""
DAY = 86_400
"""A day in seconds."""
FEW = 50
"""If a search finds at most so many paragraphs, its words are checked for misspellings."""
MARKED_FIELDS = {"highlights", "snippet", "matched_variants"}
"""Fields of a hit that need marked texts: if none of them is asked for, no text is marked."""


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

    The search draws on `budget`, by default a new one; what is too much work is left out, with a warning. `half_life`,
    in days, is that of the boost of recent articles (see `search.ranking`); 0 is no boost. `names` finds variants of
    names, by default those that come with Stemma. `snippet` is the maximum length of snippets, in code points, if the
    request has none. Raises QueryError for a query that cannot be read, RequestError for a parameter that cannot be
    used, and whatever the snapshot raises.
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
    few = found <= FEW and result.total.relation == "eq"
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
        suggestion=tuple([one for one in corrections(*asked) if one.total.value > found]) if few and request.q else (),
        relaxations=tuple(relaxations(*asked)) if few and not found else (),
        total_articles_elsewhere=result.articles_elsewhere if search.count_elsewhere else 0,
        variants=named(parsed.variants),
        folded=result.folded,
        offers=offers.names,
        offered=offers.query,
    )


class ResultsAround(NamedTuple):
    """Three successive rows of results, each with the heading of its article; None for a row that does not exist."""

    before: tuple[ScoredParagraph, Heading] | None
    here: tuple[ScoredParagraph, Heading] | None
    after: tuple[ScoredParagraph, Heading] | None
    rows: int
    """How many rows the search has: articles when grouping by article, else paragraphs."""
    relation: Literal["eq", "gte"]
    """Whether `rows` is exact (`eq`), or a lower bound (`gte`)."""


def results_around(snapshot: Snapshot, search: Search, position: int, budget: QueryBudget) -> ResultsAround:
    """Return the row at `position`, counted from 1, among all results of a search, and the rows before and after it.

    The offset and the limit of `search` are ignored. Rows past MAX_ROWS are left out, as no page shows them.
    """
    first = max(1, position - 1)
    limit = min(position + 1, MAX_ROWS) - first + 1
    found = snapshot.search(replace(search, offset=first - 1, limit=limit, facets=(), count_elsewhere=False), budget)
    headings = [heading for heading, _ in snapshot.fetch(found.hits)]
    rows = dict(enumerate(zip(found.hits, headings, strict=True), first))
    before, here, after = (rows.get(place) for place in (position - 1, position, position + 1))
    return ResultsAround(before, here, after, n_rows(found, search.group), found.total.relation)


class Offers(NamedTuple):
    """Other names that a search did not look for, and the query that looks for them; empty if there are none."""

    names: tuple[NameVariants, ...] = ()
    query: str = ""


class ParsedRequest(NamedTuple):
    """A request as it was read: its parsed query, other names to offer, and the search for the engine."""

    parsed: Parsed
    offers: Offers
    search: Search
    languages: tuple[str, ...]
    """The languages that the words of the query are read in."""


def parse_request(
    snapshot: Snapshot, request: SearchRequest, budget: QueryBudget, *, half_life: int, names: Names
) -> ParsedRequest:
    """Parse the query of a request and make the search for the engine; `half_life` and `names` are as in `find`.

    Raises QueryError for a query that cannot be read, and RequestError for a filter that cannot be used.
    """
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
    """Return the other names that an expansion has left out; none if the query would become too long with them."""
    offered = parse(request.q, match=request.match, languages=languages, expand=expansion.with_aliases())
    return Offers(tuple(expansion.offers.values()), offered.interpreted) if offered.variants else Offers()


def search_reader(snapshot: Snapshot, budget: QueryBudget, names: Names | None = None) -> SearchReader:
    """Return a function that reads a request as `find` does, for callers that count what changed requests find.

    That function raises RequestError for a date that cannot be read.
    """

    def read(request: SearchRequest) -> Search | None:
        if not budget.try_charge(CHARACTER_COST * len(request.q), RANKING):
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
    """Parse the query of a request, and add the variants of names in it that the archive has.

    Returns the parsed query and the expansion that added variants; None if the query has no names, or the request wants
    no variants. Raises QueryError for a query that cannot be read.
    """
    languages = snapshot.statistics().query_languages
    read = partial(parse, request.q, match=request.match, languages=languages)
    if request.variants == "off":
        plain = read()  # raises for ALSO in a wrong place, which would be left out
        return (read(expand=without_variants) if "ALSO" in request.q else plain), None
    expansion = names.expansion(request.q, languages, partial(_has, snapshot, budget))
    return read(expand=expansion), expansion


def _has(snapshot: Snapshot, budget: QueryBudget, leaf: Word | Phrase) -> bool | None:
    """Tell whether a snapshot has all words of a leaf, in any inflection; None if the engine cannot tell."""
    budget.charge(LOOKUP_COST)  # even if it is remembered, so that a request always costs the same
    known = _HAS.setdefault(snapshot, {})
    if (has := known.get(leaf)) is None:
        slots = [Slot(slot.stems, slot.stems, stemmed=True) for slot in slots_of(leaf)]
        if (forms := snapshot.forms(slots, QueryBudget())) is None:
            return None
        if len(known) >= MAX_REMEMBERED:
            known.clear()
        has = known[leaf] = all(found.plain or found.others for found in forms.values())
    return has


def check_paging(request: SearchRequest) -> None:
    """Raise RequestError for a number that is out of range, or a page past the first MAX_ROWS results.

    Also raises it for a `group_limit` above 1 without grouping by article, and a `facet_size` without facets.
    """
    for parameter, most in MAXIMA.items():
        value = getattr(request, parameter)
        if value is not None and not 1 <= value <= most:
            raise RequestError(parameter, f"{parameter} is {value}.", f"It can be a whole number from 1 to {most:,}.")
    if request.group_limit > 1 and request.group != "article":
        parameter, message = "group_limit", "Rows have group_limit paragraphs only when they are articles."
        raise RequestError(parameter, message, "Add group=article, or leave it out.")
    if request.facet_size is not None and not request.facets:
        parameter, message = "facet_size", "There are no facets that facet_size could be of."
        raise RequestError(parameter, message, "Add facets, such as facets=year, or leave it out.")
    if request.page * request.per_page > MAX_ROWS:
        parameter, message = "page", f"Page {request.page:,} lies past the first {MAX_ROWS:,} results."
        raise RequestError(parameter, message, "Narrow the search with more words, a source or a date.")


def highlighter_for(snapshot: Snapshot, tree: Node, budget: QueryBudget) -> Highlighter:
    """Return a highlighter that marks what a query tree matches in texts of a snapshot."""
    known = snapshot.statistics()
    languages = len(known.languages) + (known.dead > 0)  # deleted articles may have been in another language
    return Highlighter(tree, budget, snapshot.forms, languages)


def _hits(
    snapshot: Snapshot, result: Result, highlighter: Highlighter, variants: VariantMatcher, snippet: int
) -> tuple[Hit, ...]:
    """Return the rows of a result, each with its further paragraphs, with all texts and titles marked."""
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
    """Return a hit for each paragraph in `found`, with its text and title marked.

    `fetched` has the heading and the text of each paragraph, in the same order. Snippets have at most `snippet` code
    points.
    """
    numbered = zip(found, fetched, strict=True)
    texts = [Passage(text, heading.lang, is_first=one.number == 1) for one, (heading, text) in numbered]
    titles = {heading.id: Passage(heading.title, heading.lang, is_title=True) for heading, _ in fetched}
    spans = highlighter.mark([*texts, *titles.values()])
    in_titles = dict(zip(titles, spans[len(texts) :], strict=True))
    hits = []
    for one, (heading, text), in_text in zip(found, fetched, spans[: len(texts)], strict=True):
        title, marked = Marked(heading.title, in_titles[heading.id]), Marked(text, in_text)
        matched = variants.matched((marked, title), heading.lang)
        hits.append(Hit(heading, one.number, one.score, title, marked, cut(marked, snippet), one.more, matched))
    return hits
