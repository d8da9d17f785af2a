"""Turn the parameters of a request into a SearchRequest.

A parameter that cannot be used is an error and not ignored, but for those of TRACKING in the addresses of pages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any, get_args
from urllib.parse import unquote_to_bytes

import orjson

from search.errors import RequestError, UserError
from search.model import Duplicates, Facet, Group, HitField, Match, Scope, SearchRequest, Sort, Switch
from search.service import MAX_ROWS, MAXIMA

PAGE = (
    *("q", "page", "per_page", "sort", "match", "group", "scope", "source", "lang", "date_from", "date_to"),
    *("variants", "duplicates", "snippet"),
)
"""Parameters of the search page. An article's page takes them too, to link back to the results."""
API = (*PAGE, "cursor", "facets", "facet_size", "group_limit", "fields")
"""Parameters of `/api/v1/search`."""
QUERY = ("q", "match", "scope", "variants", "source", "lang", "date_from", "date_to")
"""Parameters that decide what a search finds."""
EXPORT = (*QUERY, "sort", "format")
ARTICLE = (*PAGE, "paragraph", "result")
ARTICLE_JSON = ("q", "match", "variants", "paragraph")
EXPLAIN = (*QUERY, "group", "duplicates", "id")
FORMATS = ("csv", "ndjson")
"""Formats of an export."""
TABLE_FORMATS = ("json", "csv")
"""Formats of trends and of concordances."""
CHANGES = ("changed_since", "cursor")
"""Parameters of the list of articles, `/api/v1/articles`."""
CHOICES: dict[str, tuple[str, ...]] = {
    "sort": get_args(Sort),
    "match": get_args(Match),
    "group": get_args(Group),
    "scope": get_args(Scope),
    "variants": get_args(Switch),
    "duplicates": get_args(Duplicates),
}
CHOSEN: dict[str, tuple[str, ...]] = {"facets": get_args(Facet), "fields": get_args(HitField)}
"""Parameters that are lists of some of these values."""
NUMBERS = {**MAXIMA, "paragraph": 999_999_999, "result": MAX_ROWS}
"""Parameters that are numbers, with the maximum of each."""
LISTS = ("source", "lang", "facets", "fields")
"""Parameters that are lists of values, given with commas between them or by repeating the parameter."""
REPEATED = object()
"""The value of a parameter that a JSON object has more than once."""
MAX_DIGITS = 9
"""Maximum number of digits of a number; a longer text is refused before it is converted."""


TRACKING = re.compile(r"utm_\w+|[a-z]*clk?id|gbraid|wbraid|igshid?|mc_[ce]id|_ga|_gl")
"""Matches the names of parameters that social networks, newsletters and advertisers add to addresses."""


def read_page(query_string: bytes, allowed: Collection[str]) -> dict[str, str]:
    """Return the parameters of a page by name, as `read` does, without those whose names match TRACKING."""
    return read(query_string, allowed, TRACKING)


def read(query_string: bytes, allowed: Collection[str], passed_over: re.Pattern[str] | None = None) -> dict[str, str]:
    """Return the parameters of a query string by name, without those whose names match the pattern `passed_over`.

    The values of a list that is repeated are joined with commas; with `passed_over`, empty ones are left out. Raises
    RequestError for a parameter that is not `allowed`, is not UTF-8, or is repeated though it is no list.
    """
    values: dict[str, str] = {}
    for piece in query_string.split(b"&"):
        if not piece:
            continue
        raw_name, _, raw_value = piece.partition(b"=")
        name = _decoded(raw_name, "the name of a parameter")
        if passed_over is not None and passed_over.fullmatch(name):
            continue
        if name not in allowed:
            raise unknown(name, allowed)
        value = _decoded(raw_value, name)
        if name in values:
            if name not in LISTS:
                raise _given_twice(name)
            if passed_over is not None:  # browsers send the empty fields of a form, too
                value = ",".join(filter(None, (values[name], value)))
            else:
                value = f"{values[name]},{value}"
        values[name] = value
    return values


def unknown(name: str, allowed: Collection[str]) -> RequestError:
    """Return, for the caller to raise, the error for a parameter that is not allowed."""
    hint = f"The parameters are {', '.join(allowed)}." if allowed else "This address takes none."
    return RequestError(name, f"There is no parameter {name[:60]!r} here.", hint)


def _given_twice(name: str) -> RequestError:
    return RequestError(name, f"{name} is given twice.", "Give it once.")


def _decoded(raw: bytes, name: str) -> str:
    try:
        return unquote_to_bytes(raw.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        raise RequestError(name, f"{name} is not UTF-8.", "Percent-encode the bytes of its UTF-8 form.") from None


def parsed_json(body: bytes) -> object:
    """Return what a JSON text says. A member that an object has several times has the value REPEATED.

    Raises UserError for what is no JSON in UTF-8, or is nested too deeply.
    """
    try:
        orjson.loads(body)  # which is strict, but takes the last of several members of one name
        return json.loads(body, object_pairs_hook=_members, parse_int=orjson.loads)
    except orjson.JSONDecodeError as error:
        raise UserError(f"The body is no JSON: {error}.", "Send a JSON object in UTF-8.") from None
    except RecursionError:
        message = "The body has too many brackets inside each other."
        raise UserError(message, 'Send an object such as {"q": "moon"}.') from None


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members: dict[str, object] = {}
    for name, value in pairs:
        members[name] = REPEATED if name in members else value
    return members


def from_json(found: Any, allowed: Collection[str]) -> dict[str, str]:  # noqa: ANN401 - whatever JSON can be
    """Return the parameters that a JSON object has, as `read` returns those of a query string.

    `found` is what `parsed_json` returns. An array is the same as a parameter that is repeated. Raises RequestError for
    a parameter that is not `allowed`, has a value of a wrong type, or is there twice, and UserError if `found` is no
    JSON object.
    """
    if not isinstance(found, dict):
        raise UserError("The search is no JSON object.", 'Send one, such as {"q": "moon"}.')
    return {name: _text(name, value, allowed) for name, value in found.items()}


def _text(name: str, value: object, allowed: Collection[str]) -> str:
    """Return the value of a parameter in JSON as it would stand in a query string."""
    if name not in allowed:
        raise unknown(name, allowed)
    if value is REPEATED:
        raise _given_twice(name)
    if name in NUMBERS:
        if type(value) is int:  # bool is a subclass of int
            return str(value)
        raise RequestError(name, f"{name} is no whole number.", f"It can be one from 1 to {NUMBERS[name]:,}.")
    if isinstance(value, str):
        return value
    if name not in LISTS:
        raise RequestError(name, f"{name} is no text.", "Write it in quotation marks.")
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return ",".join(value)
    raise RequestError(name, f"{name} is neither a text nor an array of texts.", 'Write it as in ["a", "b"].')


def search_request(values: Mapping[str, str]) -> SearchRequest:
    """Return the search for parameters and their values. Raises RequestError for a value that is not allowed."""
    return SearchRequest(**{name: _value(name, text) for name, text in values.items()})


WORDS = "Give the words to search for; an empty q finds everything."
"""Advice to a client that has given no `q`."""
TYPED = "Give what has been typed so far."
"""Advice to a client that has given no `q` to be completed."""


def read_search(query_string: bytes, allowed: Collection[str], hint: str) -> SearchRequest:
    """Return the search of a query string. Raises what `read` does, and RequestError, with `hint`, without `q`."""
    values = read(query_string, allowed)
    required(values, "q", hint)
    return search_request(values)


def required(values: Mapping[str, str], name: str, hint: str) -> str:
    """Return the value of a parameter. Raises RequestError with `hint` if it is missing, or empty and not `q`."""
    if name not in values or not (values[name] or name == "q"):
        raise RequestError(name, f"{name} is missing.", hint)
    return values[name]


def paragraph(values: Mapping[str, str]) -> int:
    """Return the number of the requested paragraph of an article, from 1; the first if none is given.

    Raises RequestError for anything but a positive number.
    """
    number: int = _value("paragraph", values.get("paragraph", "1"))
    return number


def required_choice(values: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    """Return the value of a parameter. Raises RequestError where it is missing, empty or not among the choices."""
    return choice(name, required(values, name, _one_of(choices)), choices)


def table_format(text: str) -> str:
    """Return the requested format of a table. Raises RequestError for one that is not among TABLE_FORMATS."""
    return choice("format", text, TABLE_FORMATS)


def result(values: Mapping[str, str]) -> int | None:
    """Return the place of a row among the results of its search, from 1; None if none is given.

    Raises RequestError for anything but a number from 1 to MAX_ROWS.
    """
    if "result" not in values:
        return None
    number: int = _value("result", values["result"])
    return number


def _value(name: str, text: str) -> Any:  # noqa: ANN401 - the fields of SearchRequest are of several types
    if name == "q":
        return text
    if not text:
        raise RequestError(name, f"{name} is empty.", "Give it a value, or leave it out.")
    if name in NUMBERS:
        return whole_number(name, text, NUMBERS[name])
    if name in CHOICES:
        return choice(name, text, CHOICES[name])
    if name in CHOSEN:
        return tuple(dict.fromkeys(choice(name, one, CHOSEN[name]) for one in text.split(",")))
    return text


def whole_number(name: str, text: str, most: int) -> int:
    """Return `text`, the value of a parameter, as a whole number. Raises RequestError if it is not from 1 to `most`."""
    if text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS and 1 <= int(text) <= most:
        return int(text)
    raise RequestError(name, f"{name} is {text[:60]!r}.", f"It can be a whole number from 1 to {most:,}.")


def choice(name: str, text: str, choices: tuple[str, ...]) -> str:
    """Return `text`, the value of a parameter, as it is. Raises RequestError if it is not among the choices."""
    if text in choices:
        return text
    raise RequestError(name, f"{name} is {text[:60]!r}.", _one_of(choices))


def _one_of(choices: tuple[str, ...]) -> str:
    return f"It can be {', '.join(choices)}."
