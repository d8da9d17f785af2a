"""Warnings of filters that nothing can meet, because they are mistyped or contradict each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from search.analysis.tokenizer import LANGUAGES
from search.dates import parse_date
from search.model import SearchRequest
from search.query import And, Dated, Lang, Node, Not, Or, Source

NAMED = 8
"""Sources or languages that a warning names; there may be thousands."""


def doubts(tree: Node, request: SearchRequest, sources: Collection[str], languages: Collection[str]) -> tuple[str, ...]:
    """Warnings of a search over an archive of these sources and languages."""
    return tuple(dict.fromkeys((*_ordered(request), *_doubts(tree, sources, languages))))


def _ordered(request: SearchRequest) -> Iterator[str]:
    """Whether the dates of the request are the wrong way round. They can be read: `find` has done so."""
    first, last = request.date_from, request.date_to
    if first and last and parse_date(first).start >= parse_date(last).end:
        yield f"date_from, {first}, lies after date_to, {last}."


def _doubts(node: Node, sources: Collection[str], languages: Collection[str]) -> Iterator[str]:
    if isinstance(node, Source) and node.name not in sources:
        yield f"There is no source {node.name!r} here{_but(sources)}{_pattern('source', node.name)}"
    elif isinstance(node, Lang) and node.code not in languages:
        named = f", {LANGUAGES[node.code].capitalize()}," if node.code in LANGUAGES else ""
        yield f"No article is in the language {node.code!r}{named} here{_but(languages)}{_pattern('lang', node.code)}"
    elif isinstance(node, Not):
        yield from _doubts(node.child, sources, languages)
    elif isinstance(node, And | Or):
        if isinstance(node, And) and _apart([child for child in node.children if isinstance(child, Dated)]):
            yield "No date meets all that the query says of dates."
        for child in node.children:
            yield from _doubts(child, sources, languages)


def _but(names: Collection[str]) -> str:
    """Return the end of a sentence that names what there is, instead of what was asked for."""
    if not names:
        return "."
    shown = ", ".join(sorted(names)[:NAMED])
    return f"; there is {shown}{', ...' if len(names) > NAMED else ''}."


def _pattern(field: str, value: str) -> str:
    return f" Wildcards do not work in {field}:, which takes the whole name." if set("*?") & set(value) else ""


def _apart(dates: list[Dated]) -> bool:
    """Whether no interval of time can meet all of these at once."""
    after = max((date.ends_after for date in dates if date.ends_after is not None), default=None)
    by = min((date.ends_by for date in dates if date.ends_by is not None), default=None)
    since = max((date.starts_from for date in dates if date.starts_from is not None), default=None)
    before = min((date.starts_before for date in dates if date.starts_before is not None), default=None)
    ends = by is not None and ((since is not None and since >= by) or (after is not None and after >= by))
    return ends or (since is not None and before is not None and since >= before)
