"""Cut a text short around the spans that a query matches."""

from __future__ import annotations

import re

from search.analysis.sentences import sentence_starts
from search.model import Marked, Span

ELLIPSIS = "…"
"""Stands in a snippet for what is left out before or after it."""
_WORD_START = re.compile(r"\s\S")


def cut(marked: Marked, length: int) -> Marked:
    """Return the passage of a text, of at most `length` code points, that best shows its spans, with the spans in it.

    It begins with a sentence if one begins up to two fifths of the length before the first match, and ends with one if
    one ends in the last two fifths; otherwise it begins and ends with words, unless they are very long. An ellipsis,
    not counted, replaces what is left out.
    """
    text, spans = marked.text, marked.spans
    if len(text) <= length:
        return marked
    margin = length // 5
    first, last = _best_passage(text, spans, length - margin)
    start = max(0, min(first - margin, len(text) - length))
    if start:
        start = _start(text, start, spans, (max(0, first - 2 * margin, last - length), min(first, start + 2 * margin)))
    end = min(len(text), start + length)
    if end < len(text):
        end = _end(text, end, spans, 2 * margin)
    head = f"{ELLIPSIS} " if start else ""
    tail = f" {ELLIPSIS}" if end < len(text) else ""
    shift = len(head) - start
    kept = [span for span in spans if span[0] < end and span[1] > start]
    if kept and (start or kept[-1][1] > end):
        kept = [(max(low, start) + shift, min(high, end) + shift) for low, high in kept]
    return Marked(head + text[start:end] + tail, tuple(kept))


def _best_passage(text: str, spans: tuple[Span, ...], size: int) -> tuple[int, int]:
    """Return where the first match of the best passage of at most `size` code points begins, and where its last ends.

    The best one has the most different matches, then the most matches, then it is the first.
    """
    if not spans:
        return 0, 0
    if spans[-1][1] <= spans[0][0] + size:  # one passage has them all
        return spans[0][0], spans[-1][1]
    words = [text[low:high].lower() for low, high in spans]
    inside: dict[str, int] = {}  # how often each word is in the passage that begins with the span `first`
    best, found, end = (0, 0), (spans[0][0], spans[0][0]), 0
    for first, (start, _) in enumerate(spans):
        while end < len(spans) and spans[end][1] <= start + size:
            inside[words[end]] = inside.get(words[end], 0) + 1
            end += 1
        if (len(inside), end - first) > best:
            best, found = (len(inside), end - first), (start, spans[end - 1][1])
        if end == first:  # a match that is longer than the passage
            end += 1
        elif inside[words[first]] == 1:
            del inside[words[first]]
        else:
            inside[words[first]] -= 1
    return found


def _start(text: str, at: int, spans: tuple[Span, ...], within: tuple[int, int]) -> int:
    """Return the offset at which a snippet begins that would begin at `at`, where it does not begin within a word.

    It is the beginning of the sentence that is nearest to `at` among those that begin `within` these offsets. If there
    is none, it is that of the first word from `at` on, but not past the beginning of a span, or `at` itself.
    """
    earliest, latest = within
    sentences = sentence_starts(text, earliest, latest)
    if not earliest:
        sentences.append(0)
    if sentences:
        return sentences[0] if len(sentences) == 1 else min(sentences, key=lambda place: abs(place - at))
    found = _WORD_START.search(text, at - 1, latest)
    place = found.end() - 1 if found else at
    return next((min(place, low) for low, _ in spans if low >= at), place)


def _end(text: str, at: int, spans: tuple[Span, ...], margin: int) -> int:
    """Return the offset at which a snippet ends that would end at `at`, where it does not end within a word.

    It is the end of the last sentence that ends in the `margin` code points before `at`, or else of the last word that
    does, or `at` itself; no earlier than the last span that ends by then.
    """
    matched = next((high for _, high in reversed(spans) if high <= at), 0)
    earliest = max(matched, at - margin)
    for sentence in reversed(sentence_starts(text, earliest - 1, at + 1)):
        place = earliest - 1 + len(text[earliest - 1 : sentence].rstrip())
        if earliest <= place <= at:
            return place
    near = text[earliest : at + 1]
    words = [near.rstrip()] if near[-1].isspace() else near.rsplit(None, 1)[:-1]
    return earliest + len(words[0]) if words and words[0] else at
