"""A text cut short around what a query matched."""

from __future__ import annotations

from search.model import Marked, Span

ELLIPSIS = "…"


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
    kept = tuple((max(low, start) + shift, min(high, end) + shift) for low, high in spans if low < end and high > start)
    return Marked(head + text[start:end] + tail, kept)


def _best_start(spans: tuple[Span, ...], length: int) -> int:
    """Where the window begins that holds the most matches; the first of equals."""
    best, best_count, last = 0, 0, 0
    for first, (start, _) in enumerate(spans):
        last = max(last, first)
        while last < len(spans) and spans[last][1] <= start + length:
            last += 1
        if last - first > best_count:
            best, best_count = start, last - first
    return best if best_count else (spans[0][0] if spans else 0)


def _word_start(text: str, at: int, spans: tuple[Span, ...], reach: int) -> int:
    """The first beginning of a word from `at`, if one is near; not past the beginning of a match."""
    if at == 0:
        return 0
    starts = (place for place in range(at, at + reach) if text[place - 1].isspace() and not text[place].isspace())
    limit = next((low for low, _ in spans if low >= at), len(text))
    return min(next(starts, at), limit)


def _word_end(text: str, at: int, spans: tuple[Span, ...], reach: int) -> int:
    """The last end of a word up to `at`, if one is near; not before the end of a match."""
    if at >= len(text):
        return len(text)
    ends = (place for place in range(at, at - reach, -1) if text[place].isspace() and not text[place - 1].isspace())
    limit = max((high for _, high in spans if high <= at), default=0)
    return max(next(ends, at), limit)
