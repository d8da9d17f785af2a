"""Finds the beginnings of sentences: after a mark and white space, or after a mark of a script without spaces.

A full stop after one letter (`J. Smith`, `U.S.`) or after an abbreviation ends none, nor does any mark before a small
letter.
"""

from __future__ import annotations

import re

END = ".!?…؟।॥۔։።"
"""Marks that end a sentence if white space follows."""
CLOSING = "\"'’”“»«›‹)\\]}"  # quotation marks close in one language and open in another
"""Marks that may stand between the end of a sentence and the white space, escaped for a class of characters."""
UNSPACED_END = "。！？｡။។"
"""Marks that end a sentence whatever follows."""
UNSPACED_CLOSING = "\"'’”」』）】》〉〕］｣\ufe00-\ufe0f"
"""Marks that may follow one of these and belong to the sentence before, escaped for a class of characters."""
ABBREVIATIONS = frozenset(
    (
        "mr mrs ms dr prof rev hon st mt jr sr gen col lt sgt capt cmdr adm maj sen rep gov pres fr messrs vs cf viz "
        "al approx dept est fig inc ltd co corp bros vol pp ed eds ca bzw nr hr frl mme mlle sra srta ud uds "
        "jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thurs fri sat sun"
    ).split()
)
"""Words, folded, that a full stop belongs to, mostly, of the languages that have many articles."""
LONGEST_ABBREVIATION = max(map(len, ABBREVIATIONS))

# Possessive, and it matches wherever there is a mark: work stays linear whatever the text is.
_MARK = re.compile(rf"[{END}{UNSPACED_END}]++(?:[\u00a0\u202f]?[{UNSPACED_CLOSING}{CLOSING}])*+(\s*+)")
_LETTERS = re.compile(r"[^\W\d_]*")


def sentence_starts(text: str, first: int = 0, last: int | None = None) -> list[int]:
    """Return the offsets at which the sentences of a text begin, but for the first one, ascending.

    With `first` or `last` they are those after a mark at or after the one offset, and up to the other.

    >>> sentence_starts("Mr. Ford spoke. Who listened?")
    [16]
    """
    # White space that goes on behind `end` is no border there, for what follows it is not seen.
    end = len(text) if last is None else min(len(text), last + 1)
    marks = _MARK.finditer(text, first, end)
    return [found.end() for found in marks if found.end() < end and _is_border(text, found)]


def _is_border(text: str, found: re.Match[str]) -> bool:
    """Tell whether marks, with what closes them and the white space behind, end a sentence."""
    mark, begin = found.start(), found.end()
    if text[mark] in UNSPACED_END:
        return True
    if not found[1] or text[begin].islower():
        return False
    if text[mark] != ".":
        return True
    before = _LETTERS.match(text[max(0, mark - LONGEST_ABBREVIATION - 1) : mark][::-1])
    word = before[0][::-1] if before else ""
    return len(word) != 1 and word.lower() not in ABBREVIATIONS
