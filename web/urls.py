"""Build the URLs that Stemma links to, but for fixed ones such as `/status`, which templates write themselves.

Each state of the search page has a URL of its own. A *state*, here, is a search encoded as a query string, or as a
dictionary of its parameters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from flask import request as current_request
from werkzeug.routing import PathConverter

from search.model import Group, SearchRequest
from search.query.filters import write_value
from web import current
from web.request_params import EXPORT, PAGE, QUERY

DEFAULTS = {field.name: field.default for field in fields(SearchRequest) if field.name in PAGE}
"""The value that each parameter of the search page has where it is not given, by name."""
_PLAIN = re.compile(r"(?:[\w~:-][\w.~:-]*/)*[\w~:-][\w.~:-]*", re.ASCII)
"""An article's id that needs no encoding in a path: its characters are allowed there, and no part begins with a dot."""

_QUOTED = {code: quote(chr(code), safe="") for code in range(128)}
"""Each ASCII character, percent-encoded if it needs that: `str.translate` takes a third of the time of `quote`."""

PART = 500
"""Number of paragraphs in a part of an article: on one page, and in one answer of the API."""


class IdConverter(PathConverter):
    """Werkzeug's converter for the part of a route that is an article's id: any text, with slashes and line breaks."""

    regex = "(?s:.+)"
    part_isolating = False


def article(article_id: str) -> str:
    """Return the path of an article's page."""
    return f"/articles/{_in_path(article_id)}"


def article_json(article_id: str) -> str:
    """Return the path of the JSON of an article."""
    return f"/api/v1/articles/{_in_path(article_id)}"


def _in_path(article_id: str) -> str:
    if _PLAIN.fullmatch(article_id):
        return article_id
    # Browsers resolve `..` and servers merge `//` before Stemma sees the path, so in such ids slashes are encoded.
    plain = {"", ".", ".."}.isdisjoint(article_id.split("/"))
    return quote(article_id, safe="/:" if plain else ":")


def paragraph(path: str, state: str, number: int) -> str:
    """Return the URL of paragraph `number`, counted from 1, on the page of its article, whose path is `path`.

    `state` is the encoded search that the page marks and links back to, or empty: see `encoded_state`.
    """
    return f"{part(path, state, number)}#p{number}"


def root() -> str:
    """Return the absolute URL of the site, without a slash at its end: paths are added to it.

    It is the setting `url`, or else the address that the current request was sent to, which its header `Host` tells.
    Headers such as X-Forwarded-Host are not believed.
    """
    return current.settings().url or current_request.url_root.rstrip("/")


def citation(article_id: str, form: str) -> str:
    """Return the URL of the citation of an article in one of the forms of `web.presentation.citations.FORMATS`."""
    return f"/citations/{_in_path(article_id)}?format={form}"


def at_result(state: str, position: int) -> str:
    """Return `state`, an encoded search, with the place of a row, from 1, among all results of the search.

    The page of an article whose URL has it links to the results before and after.
    """
    return f"{state}{'&' if state else ''}result={position}"


def first_of_part(number: int) -> int:
    """Return the number of the first paragraph of the part of an article that contains paragraph `number`, from 1."""
    return (number - 1) // PART * PART + 1


def part(path: str, state: str, number: int) -> str:
    """Return the URL of the page of the part of an article, whose path is `path`, that contains paragraph `number`."""
    url = f"{path}?{state}" if state else path
    return url if number <= PART else f"{url}{'&' if state else '?'}paragraph={number}"


def encoded_state(values: dict[str, str]) -> str:
    """Return the parameters of a search as a query string; empty if there is only an empty query."""
    return "" if values == {"q": ""} else _encoded(values)


GROUP: Group = "article"
"""How the search page groups results if its address does not say."""
ALWAYS = ("q", "group")
"""Parameters that every URL of the search page has. `group` is one because page and API have different defaults for it:
only with it are the same parameters the same search for both."""


def state(request: SearchRequest, **changes: Any) -> dict[str, str]:  # noqa: ANN401 - as in dataclasses.replace
    """Return the parameters of a search on the search page: those of ALWAYS, and each that differs from its default."""
    found = {}
    for name, default in DEFAULTS.items():
        value = changes[name] if name in changes else getattr(request, name)
        if name in ALWAYS or value != default:
            found[name] = str(value)
    return found


def search(request: SearchRequest, **changes: Any) -> str:  # noqa: ANN401 - as in dataclasses.replace
    """Return the URL of a search, to which the changes are made: of its first page unless `page` is among them."""
    return f"/?{_changed(request, changes)}"


def filters(request: SearchRequest, **changes: Any) -> str:  # noqa: ANN401 - as in dataclasses.replace
    """Return the URL of the page with all filters of a search, to which the changes are made."""
    return f"/filters?{_changed(request, changes)}"


def _changed(request: SearchRequest, changes: dict[str, Any]) -> str:
    """Return the query string of the first page of a search, to which the changes are made."""
    given = _first_page(request)
    if changes:
        given = given | {
            name: _pair(name, str(value)) if name in ALWAYS or value != DEFAULTS[name] else ""
            for name, value in changes.items()
        }
        return "&".join([given[name] for name in DEFAULTS if given.get(name)])
    return "&".join(given.values())


@lru_cache(64)
def _first_page(request: SearchRequest) -> dict[str, str]:
    """Return the encoded parameters of the first page of a search, by name: a page has dozens of links made of them."""
    return {name: _pair(name, value) for name, value in state(request, page=1).items()}


def filters_of(values: dict[str, str]) -> str:
    """Return the URL of the page of filters for a search with these parameters."""
    return f"/filters?{_encoded(values)}"


def page(search_url: str, number: int) -> str:
    """Return the URL of page `number` of the results whose first page has the URL `search_url`."""
    return search_url if number == 1 else f"{search_url}&page={number}"


def explained(search_url: str, paragraph_id: str) -> str:
    """Return the URL of a page of results, `search_url`, with an explanation of the score of a paragraph."""
    return f"{search_url}&explain={_quoted(paragraph_id)}#why"


def search_json(request: SearchRequest) -> str:
    """Return the URL of the JSON of a page of results."""
    return f"/api/v1/search?{_encoded(state(request))}"


def export(request: SearchRequest, form: str) -> str:
    """Return the URL of the export of a search; `form` is one of `request_params.FORMATS`."""
    kept = {name: value for name, value in state(request).items() if name in EXPORT}
    return f"/api/v1/export?{_encoded({**kept, 'format': form})}"


def trends(queries: Iterable[str], values: Mapping[str, str]) -> str:
    """Return the URL of the page of trends of some queries; `values` are the other parameters."""
    return f"/trends?{_several(queries, values)}"


def trends_json(queries: Iterable[str], values: Mapping[str, str]) -> str:
    """Return the URL of trends of some queries, as JSON unless `format`, among the other parameters, says CSV."""
    return f"/api/v1/trends?{_several(queries, values)}"


def concordance(values: Mapping[str, str], **changes: str) -> str:
    """Return the URL of the page of a concordance with these parameters, to which the changes are made."""
    return f"/concordance?{_encoded({**values, **changes})}"


def concordance_json(values: Mapping[str, str]) -> str:
    """Return the URL of a concordance, as JSON unless `format`, among its parameters, says CSV."""
    return f"/api/v1/concordance?{_encoded(values)}"


def _several(queries: Iterable[str], values: Mapping[str, str]) -> str:
    return "&".join([*[f"q={_quoted(q)}" for q in queries], *map(_pair, values, values.values())])


def shared_state(request: SearchRequest) -> dict[str, str]:
    """Return the parameters of a search that are in QUERY, but for `q`: trends and concordances take them too."""
    return {name: value for name, value in state(request).items() if name in QUERY and name != "q"}


def query(q: str) -> str:
    """Return the URL of the search page for a query without filters."""
    return search(SearchRequest(q=q, group=GROUP))


def of_parameters(values: dict[str, str]) -> str:
    """Return the URL of the search page with these parameters."""
    return f"/?{_encoded(values)}"


def _encoded(values: Mapping[str, str]) -> str:
    return "&".join(map(_pair, values, values.values()))


def _pair(name: str, value: str) -> str:
    """Return a parameter of a query string; `name` has only characters that need no encoding."""
    return f"{name}={_quoted(value)}"


@lru_cache(1024)  # the links of a page share most of their values
def _quoted(value: str) -> str:
    """Return a text percent-encoded for the value of a parameter; halves of characters are encoded too."""
    return value.translate(_QUOTED) if value.isascii() else quote(value, safe="", errors="surrogatepass")


def atom_feed(search_url: str) -> str:
    """Return the URL of the Atom feed of the search whose page of results has the URL `search_url`."""
    parameters = search_url.removeprefix("/?").split("&")
    return f"/feed.atom?{'&'.join([one for one in parameters if one.partition('=')[0] in QUERY])}"


GLOBALS = {
    "article_json": article_json,
    "citation_url": citation,
    "concordance_url": concordance,
    "export_url": export,
    "filter_value": write_value,
    "filters_url": filters,
    "query_url": query,
    "search_json": search_json,
    "search_url": search,
    "shared_state": shared_state,
    "trends_url": trends,
}
"""Functions that templates can call, by the names that these have there."""
FILTERS = {
    "article_path": article,
    "at_result": at_result,
    "explain_url": explained,
    "feed_url": atom_feed,
    "page_url": page,
    "paragraph_url": paragraph,
    "part_url": part,
}
"""Functions that templates call very often, as filters: Jinja calls a filter in a third of the time of a function."""
