"""The histogram of dates beside the results. Each bar is a link to the search narrowed to its period."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from search.dates import month_at, parse_date, period_number
from search.engine import Statistics
from search.model import Page, SearchRequest
from web import urls
from web.presentation import formatting

LENGTHS = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000)
"""Possible lengths of the period of a bar, in years."""
MAX_BARS = 32
"""Maximum number of bars, each of which is a few pixels wide."""
PRESET_LENGTHS = (1, 10, 50, 100, 500, 1000)
"""Possible lengths of a preset, in years."""
MAX_PRESETS = 8
"""Maximum number of presets; if the longest periods are more, there are none."""
FEW_YEARS = 3
"""Maximum number of calendar years of an archive whose bars are months."""
WIDTH, HEIGHT, GAP, BASE = 240, 58, 1, 2
"""Width and height of the drawing, gap between bars, and height of a bar without paragraphs, in units of the SVG."""


class Bar(NamedTuple):
    """A period: its label, its first and last date, and how many matching paragraphs it has.

    `is_chosen` tells whether the dates that the search is filtered by contain the period; `url` leads to the search
    narrowed to the period. `shape` is the SVG path of the bar, `place` that of a bar of full height, to point at.
    """

    label: str
    first: str
    last: str
    paragraphs: int
    is_chosen: bool
    url: str
    place: str
    shape: str


class Preset(NamedTuple):
    """A period to choose: its label, the URL of the search narrowed to it, and whether the search is narrowed to it."""

    label: str
    url: str
    is_chosen: bool


class Histogram(NamedTuple):
    """Bars of consecutive periods of one length, and presets: fewer, longer periods that can be chosen by a link."""

    bars: list[Bar]
    presets: list[Preset]


def interval(known: Statistics) -> Literal["year", "month"]:
    """Return the facet that is drawn for an archive: `month` if its dates span at most FEW_YEARS years, else `year`."""
    if known.earliest is None or known.latest is None:
        return "year"
    return "month" if int(known.latest[:4]) - int(known.earliest[:4]) < FEW_YEARS else "year"


def histogram(page: Page, url: Callable[..., str] = urls.search) -> Histogram | None:
    """Return the histogram of the facet `month` or `year` of a page; None if fewer than two periods have matches.

    `url` is a function that makes a URL from a request and changes of its parameters, as `urls.search` does.
    """
    months, years = page.facets.get("month", ()), page.facets.get("year", ())
    counts = {period_number(value): paragraphs for value, paragraphs in (*months, *years)}
    if len(counts) < 2:
        return None
    if months:
        named = ((month_at(at), counts.get(at, 0)) for at in range(min(counts), max(counts) + 1))
        bars = [(month, month, month, paragraphs) for month, paragraphs in named]
    else:
        bars = _periods(counts, LENGTHS, MAX_BARS, empty=True)
    dates = page.request.date_from, page.request.date_to
    by_year = dict.fromkeys([at // 12 for at in counts], 1) if months else counts
    periods = _periods(by_year, PRESET_LENGTHS, MAX_PRESETS, empty=False)
    presets = [
        Preset(label, url(page.request, date_from=first, date_to=last), is_chosen=(first, last) == dates)
        for label, first, last, _ in periods
    ]
    useful = 1 < len(presets) <= MAX_PRESETS and len(presets) < len(bars)
    return Histogram(_drawn(page.request, bars, url), presets if useful else [])


def period_label(start: int, length: int) -> str:
    """Return the name of `length` years from `start` on: for 1, 10 and 25 years 1969, 1960s, 1950–1974."""
    return {1: f"{start}", 10: f"{start}s"}.get(length, f"{start}–{start + length - 1}")


def _periods(
    years: Mapping[int, int], lengths: Sequence[int], most: int, *, empty: bool
) -> list[tuple[str, str, str, int]]:
    """Return consecutive periods of one length: label, first and last year, and the sum of the counts of their years.

    `years` has a count for each year. The length, in years, is the first of `lengths` that makes at most `most`
    periods, or else the last. Periods with a sum of 0 are left out unless `empty` is true.
    """
    first, last = min(years), max(years)
    length = next((length for length in lengths if last // length - first // length < most), lengths[-1])
    sums = dict.fromkeys(range(first // length, last // length + 1), 0)
    for year, paragraphs in years.items():
        sums[year // length] += paragraphs
    return [(*_named(at, length), paragraphs) for at, paragraphs in sums.items() if paragraphs or empty]


@lru_cache(4096)
def _named(at: int, length: int) -> tuple[str, str, str]:
    """Return the label, the first and the last year of the period of `length` years from year `at * length` on."""
    return period_label(at * length, length), f"{max(1, at * length):04}", f"{(at + 1) * length - 1:04}"


@lru_cache(64)
def _edges(n_bars: int) -> tuple[tuple[str, str], ...]:
    """Return the beginning of the SVG path of each of `n_bars` bars, its lower edge, and the end, its upper edge."""
    step = WIDTH / n_bars
    width = f"{step - GAP:.1f}"
    return tuple([(f"M{i * step:.1f} {HEIGHT}h{width}", f"h-{width}z") for i in range(n_bars)])


def _drawn(request: SearchRequest, bars: list[tuple[str, str, str, int]], url: Callable[..., str]) -> list[Bar]:
    most = max(paragraphs for *_, paragraphs in bars)
    undated = url(request, date_from=None, date_to=None)
    found = []
    for (label, first, last, paragraphs), (lower, upper) in zip(bars, _edges(len(bars)), strict=True):
        height = max(2 * BASE, HEIGHT * paragraphs / most) if paragraphs else BASE
        found.append(
            Bar(
                formatting.day(label),
                first,
                last,
                paragraphs,
                _is_within(request, first, last),
                f"{undated}&date_from={first}&date_to={last}",
                f"{lower}V0{upper}",
                f"{lower}v-{height:.1f}{upper}",
            )
        )
    return found


def _is_within(request: SearchRequest, first: str, last: str) -> bool:
    """Tell whether a search has a filter of dates that a period lies within."""
    if request.date_from is None and request.date_to is None:
        return False
    after = request.date_from is None or parse_date(request.date_from).start <= parse_date(first).start
    return after and (request.date_to is None or parse_date(last).end <= parse_date(request.date_to).end)
