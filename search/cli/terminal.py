r"""What a terminal shows: results with their matches marked, where a query went wrong.

Nothing that stands in an article or a file's name may steer the terminal: what could is shown as an escape (`\x1b`).
"""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TextIO

from search.highlight import cut
from search.model import Hit, Marked, Page

_SPACE = re.compile(r"[\t\n\r]")
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, what turns the direction of writing, and halves of characters, which cannot be printed."""

TITLE = 240
"""Code points of a title that are shown."""
CONTEXT = 30
"""Characters of a long query that are shown before and after the place where it went wrong."""


def safe(text: str) -> str:
    r"""A text on one line, without anything that a terminal obeys.

    >>> print(safe("red \x1b[31m alert"))
    red \x1b[31m alert
    """
    return _STEERING.sub(lambda found: ascii(found[0])[1:-1], _SPACE.sub(" ", text))


@dataclass(frozen=True, slots=True)
class Ink:
    """How text stands out: by ANSI sequences on a terminal that wants them, otherwise not at all."""

    on: bool

    @classmethod
    def of(cls, stream: TextIO) -> Ink:
        """The ink for a stream: none where it is no terminal, or the terminal's owner wants none (no-color.org)."""
        return cls(stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb")

    def __call__(self, codes: str, text: str) -> str:
        """A text in bold (`1`), faint (`2`), yellow (`33`) and so on."""
        return f"\x1b[{codes}m{text}\x1b[0m" if self.on and text else text


def page_lines(page: Page, ink: Ink) -> Iterator[str]:
    """A page of results, and how the query was read."""
    least = "at least " if page.total.relation == "gte" else ""
    found = f"{least}{count(page.total.value, 'paragraph')} in {count(page.total_articles, 'article')}"
    yield f"{found} for: {safe(page.interpreted) or 'everything'}"
    for rank, hit in enumerate(page.hits, 1):
        yield ""
        yield from _hit_lines(rank, hit, ink)
    if page.total_pages > page.request.page:
        yield ""
        yield ink("2", f"The first {len(page.hits)} are shown; -n shows up to 100.")


def _hit_lines(rank: int, hit: Hit, ink: Ink) -> Iterator[str]:
    date = hit.article.date.text if hit.article.date else "undated"
    yield f"{rank}. {_marked(cut(hit.title, TITLE), ink, plain='1', match='1;33')}"
    yield ink("2", f"   {safe(date)}  {safe(hit.id)}")
    yield f"   {_marked(hit.snippet, ink, plain='', match='33')}"


def _marked(marked: Marked, ink: Ink, *, plain: str, match: str) -> str:
    """A text with its matches in one ink and the rest in another."""
    shown, at = [], 0
    for start, end in (*marked.spans, (len(marked.text), len(marked.text))):
        between = safe(marked.text[at:start])
        shown += [ink(plain, between) if plain else between, ink(match, safe(marked.text[start:end]))]
        at = end
    return "".join(shown)


def pointed(query: str, position: int) -> tuple[str, str]:
    """A query, and for the line below a caret under the code point at `position`; a long query is shown in part."""
    low, high = max(0, position - CONTEXT), position + CONTEXT
    before = ("…" if low else "") + safe(query[low:position])
    after = safe(query[position:high]) + ("…" if high < len(query) else "")
    return f"  {before}{after}", f"  {' ' * _columns(before)}^"


def _columns(text: str) -> int:
    """How many columns a text takes: two for a wide character, none for a combining one."""
    wide = sum(unicodedata.east_asian_width(character) in {"W", "F"} for character in text)
    return len(text) + wide - sum(unicodedata.category(character) in {"Mn", "Me", "Cf"} for character in text)


def count(value: int, noun: str) -> str:
    """A number and what it counts.

    >>> count(1, "paragraph"), count(1200, "paragraph")
    ('1 paragraph', '1,200 paragraphs')
    """
    return f"{value:,} {noun}{'' if value == 1 else 's'}"


def tell(lines: Iterable[str]) -> None:
    """Say something on stderr, or to nobody where stderr is closed."""
    with suppress(OSError):
        for line in lines:
            print(line, file=sys.stderr)
