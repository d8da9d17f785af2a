"""A text cut short around what a query matched."""

from __future__ import annotations

import re

from search.model import Marked, Span

ELLIPSIS = "…"
_BEGINNING = re.compile(r"\s\S")


def cut(marked: Marked, length: int) -> Marked:
    """A text shortened to at most `length` code points around as many of its matches as fit.

    It begins and ends at words (unless they are very long); an ellipsis more stands where text was left out.
    """
    text, spans = marked.text, marked.spans
    if len(text) <= length:
        return marked
    margin = length // 5
    start = max(0, min(_best_start(spans, length - margin) - margin, len(text) - length))
    start, end = _word_start(text, start, spans, margin), _word_end(text, start + length, spans, margin)
    head = f"{ELLIPSIS} " if start else ""
    tail = f" {ELLIPSIS}" if end < len(text) else ""
    shift = len(head) - start
    kept = [span for span in spans if span[0] < end and span[1] > start]
    if kept and (start or kept[-1][1] > end):
        kept = [(max(low, start) + shift, min(high, end) + shift) for low, high in kept]
    return Marked(head + text[start:end] + tail, tuple(kept))


def _best_start(spans: tuple[Span, ...], length: int) -> int:
    """Where the window begins that holds the most matches; the first of equals."""
    if not spans:
        return 0
    if spans[-1][1] <= spans[0][0] + length:  # one window holds them all
        return spans[0][0]
    best, best_count, last = 0, 0, 0
    for first, (start, _) in enumerate(spans):
        last = max(last, first)
        while last < len(spans) and spans[last][1] <= start + length:
            last += 1
        if last - first > best_count:
            best, best_count = start, last - first
    return best if best_count else spans[0][0]


def _word_start(text: str, at: int, spans: tuple[Span, ...], margin: int) -> int:
    """The first beginning of a word from `at`, if one is near; not past the beginning of a match."""
    if at == 0:
        return 0
    found = _BEGINNING.search(text, at - 1, at + margin)
    place = found.end() - 1 if found else at
    for low, _ in spans:
        if low >= at:
            return min(place, low)
    return place


def _word_end(text: str, at: int, spans: tuple[Span, ...], margin: int) -> int:
    """The last end of a word up to `at`, if one is near; not before the end of a match."""
    if at >= len(text):
        return len(text)
    near = text[at - margin : at + 1]
    words = [near.rstrip()] if near[-1].isspace() else near.rsplit(None, 1)[:-1]
    place = at - margin + len(words[0]) if words and words[0] else at
    for _, high in reversed(spans):
        if high <= at:
            return max(place, high)
    return place
