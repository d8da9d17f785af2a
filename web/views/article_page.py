"""The page of an article, with links to neighbouring results and similar articles, and citations to download."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from flask import Blueprint, Response, render_template, request

from search.budget import QueryBudget
from search.engine import Snapshot
from search.errors import LoopsCompiling, NoSuchArticle, QueryError, RequestError
from search.model import Heading, Marked, Portion, ScoredParagraph, SearchRequest, SimilarArticle
from search.service import parse_request, results_around
from search.similar import similar
from web import current, request_params, urls
from web.headers import abort_if_not_modified, attachment, no_store, no_store_if_out_of_time
from web.presentation import citations
from web.views.article_part import MarkedPart, article_part, marked_part

SIMILAR = 5
"""Maximum number of similar articles that are listed."""

blueprint = Blueprint("articles", __name__)


@blueprint.get("/articles/<id:article_id>")
def article(article_id: str) -> str:
    """Show an article, or a part of a long one, with the words of the search that led to it marked.

    The parameters are those of this search; `paragraph`, the number of a paragraph in the part to show; and `result`,
    the place of the row that was chosen among all results.
    """
    values = request_params.read_page(request.query_string, request_params.ARTICLE)
    number, position = request_params.paragraph(values), request_params.result(values)
    values.pop("paragraph", None)
    values.pop("result", None)
    asked = request_params.search_request(values)
    snapshot = current.snapshot()
    abort_if_not_modified(snapshot)
    found = article_part(snapshot, article_id, number)
    marked, note = _marked(snapshot, asked, found)
    heading, path, state = found.heading, urls.article(article_id), ""
    if values:
        state = urls.encoded_state(urls.state(asked))
    cited = _citation(snapshot, heading)
    return render_template(
        "article.html",
        article=heading,
        title=marked.title,
        paragraphs=marked.paragraphs,
        first=found.first,
        total=found.total,
        path=path,
        state=state,
        part_url=partial(urls.part, path, urls.at_result(state, position) if position else state),
        part_size=urls.PART,
        matches=_numbered(marked.paragraphs, found.first),
        note=note,
        warnings=marked.warnings,
        walk=_walk(snapshot, asked, position, article_id) if position else None,
        similar=_similar(snapshot, article_id),
        copies=snapshot.copies(article_id),
        cited=cited,
        plain=citations.plain(cited),
        meta=citations.meta_tags(cited),
        json_ld=citations.json_ld(cited),
        description=citations.description(found.paragraphs[0]),
        asked=asked,
        form={"q": asked.q},
        back=urls.search(asked, page=asked.page) if values or position else "",
        index=snapshot,
    )


@blueprint.get("/citations/<id:article_id>")
def citation(article_id: str) -> Response:
    """Return the citation of an article in the form that `format` names, as a file to download."""
    values = request_params.read_page(request.query_string, ("format",))
    form = citations.FORMATS[request_params.required_choice(values, "format", tuple(citations.FORMATS))]
    snapshot = current.snapshot()
    abort_if_not_modified(snapshot)
    if (found := snapshot.portion(article_id, 1, 1)) is None:
        raise NoSuchArticle(article_id)
    cited = _citation(snapshot, found.heading)
    file_name = citations.file_name(cited, form.ending)
    return attachment(form.write(cited), f"{form.media_type}; charset=utf-8", file_name)


def _marked(snapshot: Snapshot, asked: SearchRequest, part: Portion) -> tuple[MarkedPart, str]:
    """Return a part of an article with the words of a search marked; if the query cannot be read, unmarked, and why."""
    try:
        return marked_part(snapshot, asked, part), ""
    except QueryError as error:
        return MarkedPart(Marked(part.heading.title), tuple(map(Marked, part.paragraphs)), ()), str(error)


class Matches(NamedTuple):
    """The marks of one paragraph: the numbers of the first and the last one, counted from 1 over the whole page.

    `before` and `after` are the numbers of the paragraphs with marks before and after it, in a circle: the last comes
    before the first.
    """

    first: int
    last: int
    before: int
    after: int


def _numbered(paragraphs: Sequence[Marked], first: int) -> dict[int, Matches]:
    """Return the marks of each paragraph that has any, by its number; `first` is the number of the first paragraph."""
    marked = [(number, len(text.spans)) for number, text in enumerate(paragraphs, first) if text.spans]
    found: dict[int, Matches] = {}
    seen = 0
    for i, (number, marks) in enumerate(marked):
        found[number] = Matches(seen + 1, seen + marks, marked[i - 1][0], marked[(i + 1) % len(marked)][0])
        seen += marks
    return found


class ResultLink(NamedTuple):
    """A link to a neighbouring result: the title of its article, and the URL."""

    title: str
    url: str


class ResultWalk(NamedTuple):
    """The place of an article, from 1, among the results of a search, and links to its neighbours, None for none.

    `total` is the number of results as text, such as `at least 1,200`. It is empty if the article is not at this place
    any more.
    """

    position: int
    total: str
    before: ResultLink | None
    after: ResultLink | None


def _walk(snapshot: Snapshot, asked: SearchRequest, position: int, article_id: str) -> ResultWalk | None:
    """Return where an article stands among the results of a search; None if the search cannot be read.

    The reason is not returned: the note about missing marks, or the page of results, gives it.
    """
    budget = QueryBudget()
    try:
        read = parse_request(snapshot, asked, budget, half_life=current.half_life(), names=current.names())
        around = results_around(snapshot, read.search, position, budget)
    except (QueryError, RequestError):
        return None
    no_store_if_out_of_time(budget)
    if around.here is None or around.here[0].article_id != article_id:
        return ResultWalk(position, "", None, None)
    total = f"{'at least ' if around.relation == 'gte' else ''}{around.rows:,}"
    before, after = (
        _step(asked, row, place) for row, place in ((around.before, position - 1), (around.after, position + 1))
    )
    return ResultWalk(position, total, before, after)


def _step(asked: SearchRequest, row: tuple[ScoredParagraph, Heading] | None, position: int) -> ResultLink | None:
    if row is None:
        return None
    paragraph, heading = row
    state = urls.state(asked, page=(position - 1) // asked.per_page + 1)
    encoded = urls.at_result(urls.encoded_state(state), position)
    return ResultLink(heading.title or heading.id, urls.paragraph(urls.article(heading.id), encoded, paragraph.number))


def _similar(snapshot: Snapshot, article_id: str) -> tuple[SimilarArticle, ...] | None:
    """Return the articles that are most like one; None while the loops that find them are being compiled."""
    budget = QueryBudget()
    try:
        found = similar(snapshot, article_id, SIMILAR, budget)
    except LoopsCompiling:
        no_store()
        return None
    if found is None:
        raise NoSuchArticle(article_id)
    no_store_if_out_of_time(budget)
    return found


def _citation(snapshot: Snapshot, heading: Heading) -> citations.Citation:
    return citations.citation(heading, urls.root(), with_source=len(snapshot.statistics().sources) > 1)
