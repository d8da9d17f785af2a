"""Columns of text on a page that a program drew line by line across: each is to be read from top to bottom."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

ROWS = 4
"""Fewest lines with text on both sides of a gap that make it one between columns."""

WIDTH = 20
"""Fewest characters of the median line of a column; what is narrower is a table, whose rows are read across."""

FULL = 0.7
"""Share of the longest line of a column that makes a line a full one; half of those of running text are full."""

DEPTH = 4
"""Columns of columns that are looked for: pages of up to 16 columns."""

_GAP = re.compile(r"(?<=\S)   +(?=\S)")


def has_aligned_starts(starts: Sequence[tuple[float, float]]) -> bool:
    """Return whether text is drawn across columns, by the places (x, y) where pieces of text start, in their order.

    That is so where in several lines a piece follows another one to its right, at one place of the line.
    """
    found: Counter[int] = Counter()
    for (x, y), (next_x, next_y) in pairwise(starts):
        if abs(y - next_y) < 2 and next_x - x > 4 * WIDTH:
            found[round(next_x / 3)] += 1
    return any(count + found[place + 1] >= ROWS for place, count in list(found.items()))


def read_columns(lines: list[str], depth: int = DEPTH) -> list[str]:
    """Return the lines of a page, in which spaces stand where nothing is drawn, with its columns one after the other.

    A line that goes across the gap between columns ends them: what is above it is read before it.
    """
    gap = _gap(lines) if depth else 0
    if not gap:
        return lines
    found: list[str] = []
    held: list[str] = []
    for line in [*lines, None]:
        if line is not None and not line[gap - 2 : gap].strip() and (line[:gap].strip() or line[gap:].strip() or held):
            held.append(line)
            continue
        found += _both_sides(held, gap, depth)
        held = []
        if line is not None:
            found.append(line)
    return found


def _gap(lines: list[str]) -> int:
    """Return where the second column begins, counted in characters; 0 for a page without columns."""
    ends: Counter[int] = Counter()
    for line in lines:
        ends.update(match.end() for match in _GAP.finditer(line))
    for place, _ in ends.most_common(3):
        rows = [line for line in lines if line[:place].strip() and line[place - 1 : place + 2].strip()]
        rows = [line for line in rows if not line[place - 2 : place].strip()]
        if len(rows) < ROWS:
            continue
        left, right = [len(line[:place].strip()) for line in rows], [len(line[place:].strip()) for line in rows]
        full = sum(length >= FULL * max(left) for length in left)
        if full * 2 >= len(rows) and median(left) >= WIDTH and median(right) >= WIDTH:
            return place
    return 0


def _both_sides(lines: list[str], gap: int, depth: int) -> list[str]:
    """Return lines with the text left of a gap before that right of it; as they are where too few have both."""
    both = sum(bool(line[:gap].strip() and line[gap:].strip()) for line in lines)
    if both < ROWS:
        return lines
    left, right = [line[:gap].rstrip() for line in lines], [line[gap:] for line in lines]
    return [*read_columns(left, depth - 1), *read_columns(right, depth - 1)]
