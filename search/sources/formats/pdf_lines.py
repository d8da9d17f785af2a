"""Paragraphs from the lines of pages: what is printed on each page is left out, and cut words are joined."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from itertools import product

from search.sources.formats.html_blocks import clean_text

_FORMS = re.compile("[\ufb00-\ufdcf\ufdf0-\ufdfc\ufe70-\ufefc]+")
_HYPHEN = re.compile(r"(?P<word>[\w'’]+(?:[-\u2010][\w'’]+)*)(?P<mark>[-\u00ad\u2010])$")
_END = re.compile(r"[.!?:;…。؟][\"'”’»)\]]*$")
_BULLET = re.compile(r"(?:[•‣▪●◦–—*-]|\(?\d{1,3}[.)])\s")
_WORD = re.compile(r"[\w'’]+(?:[-\u2010][\w'’]+)*")
_NUMBER = re.compile(r"\d+")
_COMPOUND = frozenset("self well ill ex all half cross vice non quasi".split())
"""First parts of compounds that keep their hyphen where a line ends."""
_JOINTS = frozenset("and or und oder bis et ou y o e ve veya en of och eller".split())
"""Words before which a hyphen stands for a part of a word that follows, as in `Haupt- und Nebenstraße`."""


def join_lines(pages: list[list[str]]) -> Iterator[str]:
    """Yield the paragraphs of pages of lines: one ends at a blank line, and at the end of a sentence on a short line.

    >>> pages = [["A ﬁne exam-", "ple of a text that", "ends here.", "Then a new one,"], ["which goes on."]]
    >>> list(join_lines(pages))
    ['A fine example of a text that ends here.', 'Then a new one, which goes on.']
    """
    lines = [_FORMS.sub(lambda found: unicodedata.normalize("NFKC", found[0]), line) for line in _without_edges(pages)]
    widths = sorted(len(line) for line in lines if line)
    full = widths[len(widths) * 3 // 4] * 0.8 if widths else 0
    compounds = {word.lower() for line in lines if "-" in line for word in _WORD.findall(line) if "-" in word}
    held: list[str] = []
    last, ended = 0, False
    for line in map(clean_text, lines):
        if held and (not line or _BULLET.match(line) or (ended and last < full)):
            yield "".join(held)
            held = []
        if held and (cut := _HYPHEN.search(held[-1])):
            held[-1] = held[-1][: cut.end("word")] + _joint(cut, line, compounds)
            held.append(line)
        elif line:
            held += [" ", line] if held else [line]
        last, ended = len(line), _END.search(line) is not None
    if held:
        yield "".join(held)


def _joint(cut: re.Match[str], line: str, compounds: set[str]) -> str:
    """Return what stands between a word at the end of a line, which a hyphen follows, and the next line."""
    if cut["mark"] == "\u00ad":
        return ""
    after = _WORD.match(line)
    following = after[0] if after else ""
    if not following:
        return "- "
    if following in _JOINTS:
        return "- "
    word = cut["word"]
    keeps = not following[:1].islower() or len(word) == 1 or "-" in word or word.lower() in _COMPOUND
    return "-" if keeps or f"{word}-{following}".lower() in compounds else ""


def _without_edges(pages: list[list[str]]) -> Iterator[str]:
    """Yield the lines of all pages, without page numbers and the headers and footers of most pages.

    A page keeps the lines that are all it has.
    """
    edges: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for page, lines in enumerate(pages):
        for line, first in [*((line, True) for line in lines[:1]), *((line, False) for line in lines[-1:])]:
            edges[first].update(_shapes(line, page))
    for page, lines in enumerate(pages):
        kept = [
            line
            for place, line in enumerate(lines)
            if place not in {0, len(lines) - 1} or not _is_running(line, page, edges[place == 0], len(pages))
        ]
        yield from kept if any(map(str.strip, kept)) else lines


def _is_running(line: str, page: int, shapes: Counter[str], pages: int) -> bool:
    """Return whether a line at the edge of a page stands on most of them, but for the number of the page."""
    often = max((shapes[shape] for shape in _shapes(line, page)), default=0)
    return often > 1 if line.strip().isdigit() else pages > 2 and often * 2 > pages


def _shapes(line: str, page: int) -> set[str]:
    """Return a line with any of its numbers counted from the page, so that those with page numbers are equal."""
    text = line.strip()
    numbers = [int(number[-9:]) for number in _NUMBER.findall(text)]
    if not text or len(numbers) > 3:
        return {text} - {""}
    frame = _NUMBER.sub("\0", text)
    counted = product(*((f"={number}", f"+{number - page}") for number in numbers))
    return {f"{frame} {' '.join(choice)}" for choice in counted}
