"""Text whose lines were cut at a width, as in mail and old files: a paragraph ends at a blank line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from search.sources.text.line_breaks import HYPHEN, compounds_of, joint, space_between

WIDTHS = range(40, 101)
"""Characters of the longest line of a text that was cut at a width."""

ENOUGH = 4
"""Fewest lines that have to have been cut."""

MARGIN = 0.98
"""Share of the lines that are within the margin; an address or a row of a table may reach beyond it."""

FEW = 10
"""Lines of which one at least may be longer than that."""

CUT_WORDS = 0.05
"""Share of the lines with a hyphen at their end above which words were cut; below it these are compounds."""

SHARE = 0.9
"""Share of the lines before another one that were cut; the others end where their writer wanted it."""

TOO_LONG = 200
"""Characters of a line that is longer than those of any text that was cut at a width."""

_HYPHENS = ("-", "\u00ad", "\u2010")
_ITEM = re.compile(r"(?:[•‣▪*+–—-]|\(?\d{1,3}[.)])\s")
"""The beginning of an item of a list, which begins a paragraph."""
_RULE = re.compile(r"([-=*_~])\1{2,}")
"""A line below a heading or between two texts."""


def is_wrapped(lines: Sequence[str]) -> bool:
    """Return whether lines were cut at a width: most are so long that the next word would not have fitted.

    Lines have their indents, and no space at their end: blocks of a text have one right margin. There have to be blank
    lines, or else nothing says where a paragraph ends.
    """
    lengths = sorted(map(len, filter(None, lines)))
    most = len(lengths) - (2 if len(lengths) >= FEW else 1)
    width = lengths[min(int(len(lengths) * MARGIN), most)] if lengths else 0
    if width not in WIDTHS or "" not in (text := list(_trimmed(lines))):
        return False
    pairs = [(line, after) for line, after in pairwise(text) if line and after and not _ITEM.match(after.lstrip())]
    cut = sum(len(line) + 1 + len(after.split(maxsplit=1)[0]) > width for line, after in pairs)
    return cut >= ENOUGH and cut >= SHARE * len(pairs)


def are_paragraphs(lines: Sequence[str]) -> bool:
    """Return whether lines were surely not cut at a width: half of them are longer than any such width, one by far."""
    lengths = list(filter(None, map(len, lines)))
    return max(lengths, default=0) > TOO_LONG and sum(n >= WIDTHS.stop for n in lengths) * 2 >= len(lengths)


def unwrap(lines: Sequence[str]) -> list[str]:
    """Return the paragraphs between blank lines, each on one line; an item of a list is one, too.

    >>> unwrap(["The end", "of a line.", "", "A new", "- item"])
    ['The end of a line.', 'A new', '- item']
    """
    hyphens = sum(line.endswith(_HYPHENS) for line in lines)
    cut_words = hyphens >= ENOUGH and hyphens > CUT_WORDS * sum(map(bool, lines))
    compounds = compounds_of(lines) if cut_words else set()
    found: list[list[str]] = []
    ended = True
    for line in lines:
        if line and (ended or _ITEM.match(line) or _RULE.fullmatch(line)):
            found.append([line])
        elif line:
            pieces = found[-1]
            if pieces[-1].endswith(_HYPHENS) and (cut := HYPHEN.search(pieces[-1])):
                mark = joint(cut, line, compounds)
                if not cut_words and not mark and cut["mark"] != "\u00ad":
                    mark = cut["mark"]
                pieces[-1] = pieces[-1][: cut.end("word")] + mark
            else:
                pieces.append(space_between(pieces[-1], line))
            pieces.append(line)
        ended = not line or _RULE.fullmatch(line) is not None
    return ["".join(pieces) for pieces in found]


def _trimmed(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines without the blank ones at both ends."""
    filled = [number for number, line in enumerate(lines) if line]
    yield from lines[filled[0] : filled[-1] + 1] if filled else ()
