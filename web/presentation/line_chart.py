"""Compute the shapes of an SVG chart with lines over time, which a template then writes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from search.dates import month_at, period_number

WIDTH, HEIGHT = 360, 220
"""Size of the drawing, in units of the SVG; on a phone a unit is about a pixel."""
LEFT, RIGHT, TOP, BOTTOM = 40, 18, 8, 22
"""Margins around the lines, for the labels of the scales, in units of the SVG."""
MARKERS = 40
"""Maximum number of periods for which each point has a marker; more markers would run together."""
X_LABELS, Y_STEPS = 6, 4
"""Number of labels that the scale of time has at most, or twice as many over very long times, and about how many steps
the scale of values has."""
YEAR_ROOM, MONTH_ROOM = 30, 48
"""Smallest distance of a label of a year, and of a month, to those of the first and the last, in units of the SVG."""
YEARS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000)
"""Possible distances between labels, in years, if the periods are years."""
MONTHS = (1, 2, 3, 6, 12)
"""Possible distances between labels, in months, if the periods are months."""


class Label(NamedTuple):
    """A label of a scale, and its coordinate along that scale, in units of the SVG."""

    at: float
    text: str


class ChartLine(NamedTuple):
    """A line: the commands of its SVG path, and the centres (x, y) of its markers."""

    path: str
    markers: list[tuple[float, float]]


class LineChart(NamedTuple):
    """A chart of some lines over the same periods."""

    lines: list[ChartLine]
    order: list[int]
    """Numbers of the lines in the order in which they are drawn: those of small values first, so below others."""
    has_gaps: bool
    """Whether a period between the first and the last is missing, so that lines break."""
    x_labels: list[Label]
    y_labels: list[Label]


def line_chart(periods: Sequence[str], series: Sequence[Sequence[float]], *, percent: bool = False) -> LineChart:
    """Return a chart with a line for each of `series`, which have a value for each of the `periods`.

    The periods are years, `1969`, or months, `1969-07`, ascending; a line has a gap where one is missing. Points at 0
    have no markers, which would cover those of other lines. With `percent` the values are shares, from 0 to 1.
    """
    numbers = [period_number(period) for period in periods]
    first, last = min(numbers, default=0), max(numbers, default=0)
    top, step = _scale(max((value for values in series for value in values), default=0.0), whole=not percent)

    def x(number: int) -> float:
        share = (number - first) / (last - first) if last > first else 0.5
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM), 1)

    lines = []
    for values in series:
        points = [(number, (x(number), y(value))) for number, value in zip(numbers, values, strict=True)]
        lines.append(_line(points, values))
    marks = round(top / step)
    return LineChart(
        lines,
        sorted(range(len(series)), key=lambda i: sum(series[i])),
        last - first + 1 > len(numbers),
        [Label(x(number), text) for number, text in _ticks(first, last, months="-" in periods[0])] if periods else [],
        [Label(y(step * i), _written(step * i, percent=percent)) for i in range(marks + 1)],
    )


def _line(points: list[tuple[int, tuple[float, float]]], values: Sequence[float]) -> ChartLine:
    """Return the line through points, given with the numbers of their periods, and with their values.

    Points that stand alone have markers, and where there are few of them all; but none at 0.
    """
    path: list[str] = []
    markers: list[tuple[float, float]] = []
    for i, (number, place) in enumerate(points):
        follows = i > 0 and points[i - 1][0] == number - 1
        leads = i + 1 < len(points) and points[i + 1][0] == number + 1
        path.append(f"{'L' if follows else 'M'}{place[0]:g} {place[1]:g}")
        if values[i] and (len(points) <= MARKERS or not (follows or leads)):
            markers.append(place)
    return ChartLine("".join(path), markers)


def _scale(most: float, *, whole: bool) -> tuple[float, float]:
    """Return the end of a scale from 0 that has room for a value, and the round distance of its marks."""
    if most <= 0:
        return 1.0, 1.0
    rough = most / Y_STEPS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * unit for unit in (1, 2, 5, 10) if power * unit >= rough * 0.999)
    if whole:
        step = max(step, 1.0)
    return math.ceil(most / step * 0.999) * step, step


def _written(value: float, *, percent: bool) -> str:
    if percent:
        return f"{100 * value:.3g}%"
    for size, unit in ((1_000_000, "m"), (1_000, "k")):
        if value >= size:
            return f"{value / size:g}{unit}"
    return f"{value:g}"


def _ticks(first: int, last: int, *, months: bool) -> list[tuple[int, str]]:
    """Return the numbers of the periods that are labelled, with their labels.

    They are the first and the last, and between them those at round years, or months of the year.
    """
    steps = MONTHS if months else YEARS
    fitting = (step for step in steps if (last - first) // step + 1 <= X_LABELS)
    step = next(fitting, steps[-1])
    numbers = range(-(-first // step) * step, last + 1, step)
    apart = (last - first) * (MONTH_ROOM if months else YEAR_ROOM) / (WIDTH - LEFT - RIGHT)
    between = [number for number in numbers[: 2 * X_LABELS] if min(number - first, last - number) >= apart]
    chosen = dict.fromkeys([first, *between, last])
    return [(number, month_at(number) if months else f"{number:04}") for number in chosen]
