"""Every URL that is written, in one place. Each state of the search page is its URL."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from werkzeug.routing import PathConverter

from search.model import SearchRequest
from web.request_params import PAGE

DEFAULTS = {field.name: field.default for field in fields(SearchRequest) if field.name in PAGE}


PART = 500
"""Paragraphs of an article that one page shows, and one answer of the API holds: all that most articles have."""


class IdConverter(PathConverter):
    """An article's id in a route: anything at all, slashes and line breaks included."""

    regex = "(?s:.+)"
    part_isolating = False


_PLAIN = re.compile(r"[A-Za-z0-9_~:-][A-Za-z0-9_.~:-]*(?:/[A-Za-z0-9_~:-][A-Za-z0-9_.~:-]*)*")
"""An id that needs no encoding, as most: of what a path has as it is, with no part of dots alone."""


def article(article_id: str) -> str:
    """The path of an article's page."""
    return f"/articles/{_in_path(article_id)}"


def article_json(article_id: str) -> str:
    """The path of an article as JSON."""
    return f"/api/v1/articles/{_in_path(article_id)}"


def _in_path(article_id: str) -> str:
    if _PLAIN.fullmatch(article_id):
        return article_id
    # Browsers resolve `..` and servers merge `//` before anyone can see that they are part of an id.
    plain = {"", ".", ".."}.isdisjoint(article_id.split("/"))
    return quote(article_id, safe="/:" if plain else ":")


def paragraphs(state: dict[str, str]) -> Callable[[str, int], str]:
    """A function from an article's path and a number to the URL of that paragraph on its article's page.

    `state` is the search that the page marks and leads back to.
    """
    query = "" if state == {"q": ""} else f"?{_encoded(state)}"
    further = f"{query or '?'}{'&' if query else ''}paragraph="
    return lambda path, number: f"{path}{query if number <= PART else f'{further}{number}'}#p{number}"


def part_of(number: int) -> int:
    """The first paragraph of the part of an article that holds this one. It does not depend on the article."""
    return (number - 1) // PART * PART + 1


def part(article_id: str, state: dict[str, str], first: int) -> str:
    """The page of the part of an article that begins with this paragraph; `state` as of `paragraphs`."""
    values = state if first == 1 else {**state, "paragraph": str(first)}
    return f"{article(article_id)}?{_encoded(values)}" if values else article(article_id)


def state(request: SearchRequest, **changes: Any) -> dict[str, str]:  # noqa: ANN401 - as in dataclasses.replace
    """The parameters that stand for a search on the search page: the query, and what differs from the default."""
    found = {}
    for name, default in DEFAULTS.items():
        value = changes[name] if name in changes else getattr(request, name)
        if name == "q" or value != default:
            found[name] = str(value)
    return found


def search(request: SearchRequest, **changes: Any) -> str:  # noqa: ANN401 - as in dataclasses.replace
    """The search page for a search with some changes; from the first page again unless `page` is among them."""
    return f"/?{_encoded(state(request, **{'page': 1} | changes))}"


def pattern(request: SearchRequest, *names: str) -> str:
    """The search page for a search with another value of these parameters, which goes where `{0}` stands, `quoted`."""
    values = state(request, **{"page": 1, **dict.fromkeys(names, "")})
    # what is quoted has no braces
    parts = [f"{quoted(name)}={'{0}' if name in names else quoted(value)}" for name, value in values.items()]
    return f"/?{'&'.join(parts)}"


def paged(request: SearchRequest) -> Callable[[int], str]:
    """The search page for other pages of a search: `search`, for a dozen."""
    first, others = search(request), pattern(request, "page").format
    return lambda page: first if page == 1 else others(page)


def search_json(request: SearchRequest) -> str:
    """The same search as JSON."""
    return f"/api/v1/search?{_encoded(state(request))}"


def query(q: str) -> str:
    """The search page for a query."""
    return search(SearchRequest(q=q))


def of_parameters(values: dict[str, str]) -> str:
    """The search page for parameters as they are."""
    return f"/?{_encoded(values)}"


def _encoded(values: dict[str, str]) -> str:
    return "&".join([f"{quoted(name)}={quoted(value)}" for name, value in values.items()])


@lru_cache(1024)
def quoted(text: str) -> str:
    """Percent-encoded: a page has a hundred links that share most of what they say."""
    return quote(text, safe="", errors="surrogatepass")


GLOBALS = {
    "article_json": article_json,
    "article_path": article,
    "query_url": query,
    "search_json": search_json,
    "search_url": search,
}
"""What templates may call."""
