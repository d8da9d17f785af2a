"""Warnings about filters that no article can meet, because they are mistyped or contradict each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from search.analysis.tokenizer import LANGUAGES
from search.model import SearchRequest
from search.query.tree import JOIN_TYPES, And, Dated, Lang, Node, Not, Source

MAX_NAMES = 8
"""Maximum number of sources or languages that a warning lists."""


def filter_warnings(
    tree: Node, request: SearchRequest, sources: Collection[str], languages: Collection[str]
) -> tuple[str, ...]:
    """Return the warnings for a query tree that includes the filters of its request.

    `sources` and `languages` are those of the index.
    """
    return tuple(dict.fromkeys(_warnings(tree, request, sources, languages)))


def _warnings(
    node: Node, request: SearchRequest, sources: Collection[str], languages: Collection[str]
) -> Iterator[str]:
    if isinstance(node, Source) and node.name not in sources:
        yield f"There is no source {node.name!r} here{_alternatives(sources)}{_no_wildcards('source', node.name)}"
    elif isinstance(node, Lang) and node.code not in languages:
        named = f", {LANGUAGES[node.code].capitalize()}," if node.code in LANGUAGES else ""
        ending = f"{_alternatives(languages)}{_no_wildcards('lang', node.code)}"
        yield f"No article is in the language {node.code!r}{named} here{ending}"
    elif isinstance(node, Dated) and node.is_reversed:  # `date:` in a query is one period, so these are the request's
        yield f"date_from, {request.date_from}, lies after date_to, {request.date_to}."
    elif isinstance(node, Not):
        yield from _warnings(node.child, request, sources, languages)
    elif isinstance(node, JOIN_TYPES):
        if isinstance(node, And) and _contradict([child for child in node.children if isinstance(child, Dated)]):
            yield "No date meets all that the query says of dates."
        for child in node.children:
            yield from _warnings(child, request, sources, languages)


def _alternatives(names: Collection[str]) -> str:
    """Return the end of a warning, which lists the names that the index does have."""
    if not names:
        return "."
    shown = ", ".join(sorted(names)[:MAX_NAMES])
    return f"; there is {shown}{', ...' if len(names) > MAX_NAMES else ''}."


def _no_wildcards(field: str, value: str) -> str:
    return f" Wildcards do not work in {field}:, which takes the whole name." if set("*?") & set(value) else ""


def _contradict(dates: list[Dated]) -> bool:
    """Tell whether no interval of time can meet all of these filters at once."""
    after = max((date.ends_after for date in dates if date.ends_after is not None), default=None)
    by = min((date.ends_by for date in dates if date.ends_by is not None), default=None)
    since = max((date.starts_from for date in dates if date.starts_from is not None), default=None)
    before = min((date.starts_before for date in dates if date.starts_before is not None), default=None)
    ends = by is not None and ((since is not None and since >= by) or (after is not None and after >= by))
    return ends or (since is not None and before is not None and since >= before)
