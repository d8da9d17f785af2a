"""Reads lists of variants: a file of synonyms in Solr's format, and the list that comes with Stemma.

A line of Solr's format is `a, b, c`, where each name is also searched for as all others, or `a, b => c, d`, where a and
b are also searched for as c and d. A backslash before a comma, a `=` or another backslash takes away its meaning. Lines
that begin with `#` and empty ones are left out. In the list that comes with Stemma each line begins with `spelling:` or
`alias:`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from search.errors import SettingsError
from search.query.leaves import folded_words
from search.query.lexer import QUOTES, is_chunk

Kind = Literal["spelling", "alias"]
KINDS: tuple[Kind, ...] = ("spelling", "alias")
MAX_LETTERS = 60
"""Maximum number of code points of a variant."""
MAX_WORDS = 10
"""Maximum number of words of a variant."""
MAX_LINES = 100_000
"""Maximum number of lines of a file of synonyms."""
_PIECE = re.compile(r"((?:\\.|[^\\,])*)(?:,|$)")
_ARROW = re.compile(r"((?:\\.|[^\\])*?)=>(.*)")
_ESCAPE = re.compile(r"\\(.)")


class SynonymGroup(NamedTuple):
    """A line of a list: a name of `typed` in a query is also searched for as each of `found`.

    `maps` tells whether the line was written with `=>`: then `typed` has no other variants than `found`.
    """

    kind: Kind
    typed: tuple[str, ...]
    found: tuple[str, ...]
    maps: bool = False


def read_groups(text: str, origin: str, *, marked: bool) -> list[SynonymGroup]:
    """Return the groups of a list. If `marked`, it is the list of Stemma: its lines have kinds, and tests check it.

    Raises SettingsError, with `origin` and the number of the line, for a line that cannot be used.
    """
    groups = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                groups.append(_group(line, marked=marked))
            except ValueError as error:
                message = f"Line {number:,} of {origin} cannot be used: {error}."
                raise SettingsError(message, "Write it as in Türkiye, Turkey or Peking => Beijing.") from None
        if number > MAX_LINES:
            raise SettingsError(f"{origin} has more than {MAX_LINES:,} lines.", "Leave out what nobody searches for.")
    return groups


def _group(line: str, *, marked: bool) -> SynonymGroup:
    """Return the group of a line. Raises ValueError."""
    kind: Kind = "spelling"
    if marked:
        found = next((one for one in KINDS if line.startswith(f"{one}: ")), None)
        if found is None:
            raise ValueError("it does not begin with a kind")
        kind, line = found, line.removeprefix(f"{found}: ")
    if arrow := _ARROW.fullmatch(line):
        return SynonymGroup(
            kind, tuple(_variants(arrow[1], checked=marked)), tuple(_variants(arrow[2], checked=marked)), maps=True
        )
    members = tuple(_variants(line, checked=marked))
    if len(members) < 2:
        raise ValueError("it has only one name")
    return SynonymGroup(kind, members, members)


def _variants(text: str, *, checked: bool) -> Iterator[str]:
    """Yield the variants in a text with commas between them. Raises ValueError for an empty one.

    Unless `checked`, raises ValueError also for one that cannot be searched for.
    """
    for piece in _PIECE.finditer(text):
        variant = " ".join(_ESCAPE.sub(r"\1", piece[1]).split())
        if not variant and piece.end() == len(text) and piece.start() == piece.end():
            continue  # the end after the last piece
        if not variant:
            raise ValueError("there is nothing between two commas")
        if not checked and not is_searchable(variant):
            raise ValueError(f"{variant!r} is not 1 to {MAX_WORDS} words of at most {MAX_LETTERS} characters")
        yield variant


def is_searchable(variant: str) -> bool:
    """Tell whether a variant is one word or up to MAX_WORDS words, without any sign of the query language."""
    if len(variant) > MAX_LETTERS or not 1 <= len(folded_words(variant)) <= MAX_WORDS:
        return False
    if " " in variant:
        return not set(variant) & {*QUOTES, *"*?~"}
    return not set(variant) & {*"*?~"} and is_chunk(variant)
