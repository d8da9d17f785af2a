r"""Output for people: results with their matches marked, and the place of an error in a query.

Control characters in articles and file names never reach the terminal: they are shown as escapes (`\x1b`).
"""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TextIO

from search.highlight import cut
from search.model import Explanation, Hit, Marked, NameVariants, Page, count

_SPACE = re.compile(r"[\t\n\r]")
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, what turns the direction of writing, and halves of characters, which cannot be printed."""

TITLE = 240
"""Code points of a title that are shown at most."""
CONTEXT = 30
"""Characters of a long query that are shown before and after the place of an error."""


def safe(text: str) -> str:
    r"""Return a text on one line, with escapes in place of control characters.

    >>> print(safe("red \x1b[31m alert"))
    red \x1b[31m alert
    """
    return _STEERING.sub(lambda found: ascii(found[0])[1:-1], _SPACE.sub(" ", text))


@dataclass(frozen=True, slots=True)
class AnsiStyle:
    """Style of text by ANSI escape sequences, or no style when `on` is false."""

    on: bool

    @classmethod
    def of(cls, stream: TextIO) -> AnsiStyle:
        """Return the style for a stream: none when it is no terminal, or the user wants none (no-color.org)."""
        return cls(stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb")

    def __call__(self, codes: str, text: str) -> str:
        """Return a text in a style of ANSI: bold (`1`), faint (`2`), yellow (`33`), or several as in `1;33`."""
        return f"\x1b[{codes}m{text}\x1b[0m" if self.on and text else text


def page_lines(page: Page, style: AnsiStyle, explanations: Sequence[Explanation] = ()) -> Iterator[str]:
    """Yield the lines of a page: the number of results and the query as it was read, then each result.

    `explanations` are those of the results, in their order, or none.
    """
    found = f"{page.total.in_words} in {count(page.total_articles, 'article')}"
    yield f"{found} for: {safe(page.interpreted) or 'everything'}"
    if page.variants:
        yield style("2", f"Also searched for {_names(page.variants)}. --variants off: only for what you typed.")
    if page.offered:
        yield style("2", f"Also search for {_names(page.offers)}? Type: {safe(page.offered)}")
    if folded := page.folded.paragraphs:
        yield f"{count(folded, 'paragraph')} of copies {'is' if folded == 1 else 'are'} left out."
    if page.total_articles_elsewhere:
        more = count(page.total_articles_elsewhere, "more article" if page.total_articles else "article")
        verb = "has" if page.total_articles_elsewhere == 1 else "have"
        yield f"{more} {verb} all words, in different paragraphs: --scope article"
    yield from _offer_lines(page)
    for rank, hit in enumerate(page.hits, 1):
        yield ""
        yield from _hit_lines(rank, hit, style)
        for why in explanations[rank - 1 : rank]:
            yield from _explanation_lines(why, style)
    if page.total_pages > page.request.page:
        yield ""
        shown = "first is" if len(page.hits) == 1 else f"first {len(page.hits)} are"
        yield style("2", f"The {shown} shown; -n shows up to 100.")


def _offer_lines(page: Page) -> Iterator[str]:
    """Yield a line for each corrected query, and where nothing was found for each that asks for less."""
    for query, total in page.corrected_queries.items():
        yield f"Did you mean: {safe(query)} ({total.in_words})"
    for one in page.relaxations:
        name = f"Without {safe(one.part)}" if one.kind == "without" else "Any of the words, with OR between them"
        yield f"{name}: {one.total.in_words}"


def _names(groups: Iterable[NameVariants]) -> str:
    return safe(", ".join([name for _, variants in groups for name in variants]))


def _hit_lines(rank: int, hit: Hit, style: AnsiStyle) -> Iterator[str]:
    """Yield the lines of one result: title, date and id, snippet."""
    date = hit.article.date.text if hit.article.date else "undated"
    date += " (guessed)" if hit.article.date and hit.article.date.guessed else ""
    yield f"{rank}. {_marked(cut(hit.title, TITLE), style, plain='1', match='1;33')}"
    yield style("2", f"   {safe(date)}  {safe(hit.id)}")
    yield f"   {_marked(hit.snippet, style, plain='', match='33')}"


def _explanation_lines(why: Explanation, style: AnsiStyle) -> Iterator[str]:
    """Yield the score of a result, and a line for each of its contributions."""
    yield style("2", f"   score {why.score:.3f}")
    for one in why.contributions:
        yield style("2", f"   {one.value:8.3f}  {safe(one.clause)}: {safe(one.because)}")


def _marked(marked: Marked, style: AnsiStyle, *, plain: str, match: str) -> str:
    """Return a text with its matches in the style `match` and the rest in the style `plain`."""
    shown, at = [], 0
    for start, end in (*marked.spans, (len(marked.text), len(marked.text))):
        between = safe(marked.text[at:start])
        shown += [style(plain, between) if plain else between, style(match, safe(marked.text[start:end]))]
        at = end
    return "".join(shown)


def caret_lines(query: str, position: int) -> tuple[str, str]:
    """Return a query and a line with a caret under the code point at `position`; a long query is cut around it."""
    low, high = max(0, position - CONTEXT), position + CONTEXT
    before = ("…" if low else "") + safe(query[low:position])
    after = safe(query[position:high]) + ("…" if high < len(query) else "")
    return f"  {before}{after}", f"  {' ' * _columns(before)}^"


def _columns(text: str) -> int:
    """Return how many columns a text takes: two for a wide character, none for a combining one."""
    wide = sum(unicodedata.east_asian_width(character) in {"W", "F"} for character in text)
    return len(text) + wide - sum(unicodedata.category(character) in {"Mn", "Me", "Cf"} for character in text)


def tell(lines: Iterable[str]) -> None:
    """Print lines on stderr; do nothing when stderr is closed."""
    with suppress(OSError):
        for line in lines:
            print(line, file=sys.stderr)
