"""The filters of a search as a page of their own, for narrow screens; a script shows the form of it as a panel."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from search.budget import QueryBudget
from search.service import check_paging, find
from web import current, request_params, urls
from web.headers import abort_if_not_modified, no_store_if_out_of_time
from web.presentation.active_filters import FILTERS
from web.presentation.facets import facet_lists, useful_facets
from web.presentation.histogram import histogram

blueprint = Blueprint("filters", __name__)


@blueprint.get("/filters")
def filters() -> str | Response:
    """Show every filter of a search, each with all of its values. The parameters are those of the search page."""
    values = request_params.read_page(request.query_string, request_params.PAGE)
    given = {name: value for name, value in values.items() if value or name == "q"}
    if given != values:
        return redirect(urls.filters_of(given))
    values.setdefault("group", urls.GROUP)
    snapshot = current.snapshot()
    asked = request_params.search_request(values)
    abort_if_not_modified(snapshot)
    check_paging(asked)
    budget = QueryBudget()
    counted = replace(asked, page=1, per_page=1, facets=useful_facets(snapshot.statistics(), asked))
    page = find(snapshot, counted, budget, half_life=current.half_life(), names=current.names())
    no_store_if_out_of_time(budget)
    page = replace(page, request=asked)
    return render_template(
        "filters.html",
        asked=asked,
        form=values,
        dates=histogram(page, urls.filters),
        facets=facet_lists(page, listed=None),
        back=urls.search(asked, page=asked.page),
        clear=urls.search(asked, **{name: urls.DEFAULTS[name] for name in FILTERS}),
    )
