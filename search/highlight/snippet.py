"""Cut a text short around the spans that a query matched."""

from __future__ import annotations

import re

from search.model import Marked, Span

ELLIPSIS = "…"
_WORD_START = re.compile(r"\s\S")


def cut(marked: Marked, length: int) -> Marked:
    """Return a text shortened to at most `length` code points around as many of its spans as possible.

    It is cut between words, unless they are very long. An ellipsis, not counted, replaces what is left out.
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
    """Return the offset of the window of this length with the most spans, the first of several."""
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
    """Return the offset at which a snippet begins that would begin at `at`, so that it does not begin within a word.

    It is the offset of the first word that begins less than `margin` code points after `at`; `at` itself if no word
    does. If a span begins between `at` and there, it is the offset of the first such span.
    """
    if at == 0:
        return 0
    found = _WORD_START.search(text, at - 1, at + margin)
    place = found.end() - 1 if found else at
    for low, _ in spans:
        if low >= at:
            return min(place, low)
    return place


def _word_end(text: str, at: int, spans: tuple[Span, ...], margin: int) -> int:
    """Return the offset at which a snippet ends that would end at `at`, so that it does not end within a word.

    It is the last end of a word in the `margin` code points before `at`, or `at` itself; `at` if no word ends there. If
    a span ends between there and `at`, it is the end of the last such span.
    """
    if at >= len(text):
        return len(text)
    near = text[at - margin : at + 1]
    words = [near.rstrip()] if near[-1].isspace() else near.rsplit(None, 1)[:-1]
    place = at - margin + len(words[0]) if words and words[0] else at
    for _, high in reversed(spans):
        if high <= at:
            return max(place, high)
    return place
