"""What words a text has, recognised at a glance: most words of a text were met in another one before.

A *lump* is what stands between two gaps of a text: a word, mostly, with the joiners and full stops that it touches.
Each one is analysed when it is first met; what is remembered of it is how many positions it takes, and, the other way
round, which lumps have a stem or a word. So the lumps of a text that a query asks for are two sets, intersected.
"""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock

from search.analysis import find_runs, fold, stems, tokenize
from search.characters import latin_gaps
from search.quick import plain_stem

REMEMBERED = 1 << 16
"""Lumps of a language: as many as some thousands of pages have, and some 20 MB."""
LONGEST = 32
"""Code points of the longest lump that is remembered; longer ones hardly come twice."""

EDGES = "'.&-_"
"""Joiners that are part of no word at its edges."""


class Lumps:
    """The lumps of a language. For all threads; one that is full is forgotten as a whole, and begun anew."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.widths: dict[str, int] = {}
        """How many positions each lump takes."""
        self.holding: dict[str, list[str]] = {}
        """The lumps that have each stem, and each word as written."""
        self._lock = Lock()

    def learn(self, lumps: Iterable[str]) -> None:
        """Remember some more; what holds a term is known before the lump is."""
        with self._lock:
            for lump in lumps:
                if lump not in self.widths:
                    width, terms = analysed(lump, self.lang)
                    for term in terms:
                        self.holding.setdefault(term, []).append(lump)
                    self.widths[lump] = width


_languages: dict[str, Lumps] = {}


def lumps_of(lang: str) -> Lumps:
    """Those of a language, which the caller keeps as long as it compares texts by them."""
    known = _languages.get(lang)
    if known is None or len(known.widths) >= REMEMBERED:
        known = _languages[lang] = Lumps(lang)
    return known


def analysed(lump: str, lang: str) -> tuple[int, set[str]]:
    """How many positions a lump takes, and all stems and words of it."""
    if len(lump) <= LONGEST and (core := plain(lump)):  # as most are: it takes a quarter of the time
        word = core.lower()
        return 1, {word, *plain_stem(word, lang)}
    tokens = tokenize(lump)
    terms = {term for token in tokens for term in (fold(token.written), *stems(token, lang))}
    return (tokens[-1].position + 1 if tokens else 0), terms


def plain(lump: str) -> str:
    """The word of a lump that is but one, of letters and digits of ASCII, without what it touches; empty for others."""
    core = lump.strip(EDGES)
    return core if core.isascii() and core.isalnum() else ""


def spaced(text: str) -> str:
    """A text with a space for each code point that is in a gap. What is left are lumps, each where it was."""
    if (alike := latin_gaps(text)) is not None:
        return alike
    pieces, at = [], 0
    for start, end in find_runs(text):
        pieces += [" " * (start - at), text[start:end]]
        at = end
    return "".join([*pieces, " " * (len(text) - at)])
