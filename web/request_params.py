"""Turn the parameters of a request into a SearchRequest. A parameter that cannot be used is an error, never ignored."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, get_args
from urllib.parse import unquote_to_bytes

from search.errors import RequestError
from search.model import Facet, Group, HitField, Match, Scope, SearchRequest, Sort, Switch
from search.service import MAXIMA

PAGE = (
    *("q", "page", "per_page", "sort", "match", "group", "scope", "source", "lang", "date_from", "date_to"),
    "variants",
)
"""Parameters of the search page. An article's page takes them too, to link back to the results."""
ARTICLE = (*PAGE, "paragraph")
API = (*PAGE, "facets", "facet_size", "group_limit", "fields", "snippet")
SUGGEST = ("q", "match", "scope", "variants", "source", "lang", "date_from", "date_to")
EXPLAIN = (*SUGGEST, "group", "id")
LATER = ("cursor",)
"""Parameters of the documented interface that are not implemented yet."""
CHOICES: dict[str, tuple[str, ...]] = {
    "sort": get_args(Sort),
    "match": get_args(Match),
    "group": get_args(Group),
    "scope": get_args(Scope),
    "variants": get_args(Switch),
}
CHOSEN: dict[str, tuple[str, ...]] = {"facets": get_args(Facet), "fields": get_args(HitField)}
"""Parameters that are lists, with the values that these can have."""
NUMBERS = {**MAXIMA, "paragraph": 999_999_999}
"""Parameters that are numbers, with the maximum of each."""
LISTS = ("source", "lang", "facets", "fields")
"""Parameters that are lists of values: with commas, or by repeating the parameter."""
MAX_DIGITS = 9
"""Maximum number of digits of a number; a longer text is refused before it is converted."""


TRACKING = re.compile(r"utm_\w+|[a-z]*clk?id|gbraid|wbraid|igshid?|mc_[ce]id|_ga|_gl")
"""Parameters that social networks, newsletters and advertisers add to any address that is passed on."""


class NotInThisVersion(RequestError):
    """A parameter of the documented interface is not implemented in this version."""

    def __init__(self, parameter: str) -> None:
        super().__init__(parameter, f"{parameter} is not in this version.", "Use page and per_page.")


def read_page(query_string: bytes, allowed: Collection[str]) -> dict[str, str]:
    """Return the parameters of a page by name, as `read` does, without those that track who follows a link."""
    return read(query_string, allowed, TRACKING)


def read(query_string: bytes, allowed: Collection[str], passed_over: re.Pattern[str] | None = None) -> dict[str, str]:
    """Return the parameters of a query string by name, without those whose names match the pattern `passed_over`.

    The values of a list are joined with commas. Raises RequestError for a parameter that is unknown, not UTF-8, or
    repeated and no list.
    """
    values: dict[str, str] = {}
    for piece in query_string.split(b"&"):
        if not piece:
            continue
        raw_name, _, raw_value = piece.partition(b"=")
        name = _decoded(raw_name, "the name of a parameter")
        if passed_over is not None and passed_over.fullmatch(name):
            continue
        if name in LATER:
            raise NotInThisVersion(name)
        if name not in allowed:
            message = f"There is no parameter {name[:60]!r} here."
            hint = f"The parameters are {', '.join(allowed)}." if allowed else "This address takes none."
            raise RequestError(name, message, hint)
        value = _decoded(raw_value, name)
        if name in values:
            if name not in LISTS:
                raise RequestError(name, f"{name} is given twice.", "Give it once.")
            if passed_over is not None:  # the fields of a form that are left empty are sent, too
                value = ",".join(filter(None, (values[name], value)))
            else:
                value = f"{values[name]},{value}"
        values[name] = value
    return values


def _decoded(raw: bytes, name: str) -> str:
    try:
        return unquote_to_bytes(raw.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        raise RequestError(name, f"{name} is not UTF-8.", "Percent-encode the bytes of its UTF-8 form.") from None


def search_request(values: Mapping[str, str]) -> SearchRequest:
    """Return the search for parameters and their values. Raises RequestError for a value that is not allowed."""
    return SearchRequest(**{name: _value(name, text) for name, text in values.items()})


def paragraph(values: Mapping[str, str]) -> int:
    """Return the number of the requested paragraph of an article, from 1; the first if none is given.

    Raises RequestError for anything but a positive number.
    """
    number: int = _value("paragraph", values.get("paragraph", "1"))
    return number or _number("paragraph", "")


def _value(name: str, text: str) -> Any:  # noqa: ANN401 - the fields of SearchRequest are of several types
    if name == "q":
        return text
    if not text:
        raise RequestError(name, f"{name} is empty.", "Give it a value, or leave it out.")
    if name in NUMBERS:
        return _number(name, text)
    if name in CHOICES:
        return _choice(name, text, CHOICES[name])
    if name in CHOSEN:
        return tuple(dict.fromkeys(_choice(name, one, CHOSEN[name]) for one in text.split(",")))
    return text


def _number(name: str, text: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS:
        return int(text)
    raise RequestError(name, f"{name} is {text[:60]!r}.", f"It can be a whole number from 1 to {NUMBERS[name]:,}.")


def _choice(name: str, text: str, choices: tuple[str, ...]) -> str:
    if text in choices:
        return text
    raise RequestError(name, f"{name} is {text[:60]!r}.", f"It can be {', '.join(choices)}.")
