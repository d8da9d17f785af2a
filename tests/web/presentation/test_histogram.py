"""The bars beside the results: which periods, how high, and where each leads."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.engine import Statistics
from search.model import FacetCount, Page, SearchRequest, Total
from web import urls
from web.presentation.histogram import BASE, HEIGHT, MAX_BARS, MAX_PRESETS, WIDTH, Histogram, histogram, interval


def drawn(counts: dict[str, int], **asked: Any) -> Histogram | None:  # noqa: ANN401 - fields of a request
    facet = "month" if any("-" in value for value in counts) else "year"
    values = tuple(FacetCount(value, paragraphs) for value, paragraphs in counts.items())
    request = SearchRequest("x", **asked)
    return histogram(Page(request, "x", (), Total(2), 2, (), {facet: values}, 1.0, 1, "2026-01-01T00:00:00Z"))


@given(st.dictionaries(st.integers(1, 9999).map("{:04}".format), st.integers(1, 10**6), min_size=2, max_size=60))
def test_every_year_is_in_one_bar(counts: dict[str, int]) -> None:
    """Whether an archive spans ten years or ten thousand, its bars fit, and nothing is counted twice or lost."""
    found = drawn(counts)
    assert found is not None
    assert len(found.bars) <= MAX_BARS
    assert len(found.presets) <= MAX_PRESETS
    assert sum(bar.paragraphs for bar in found.bars) == sum(counts.values())
    for bar in found.bars:
        within = sum(paragraphs for year, paragraphs in counts.items() if bar.first <= year <= bar.last)
        assert bar.paragraphs == within
        left, across = map(float, re.findall(r"M([\d.]+) 58h([\d.]+)V0h-[\d.]+z", bar.place)[0])
        assert 0 <= left <= left + across <= WIDTH + 0.1
        (height,) = map(float, re.findall(r"v-([\d.]+)h", bar.shape))
        assert (height > BASE) == bool(bar.paragraphs)
        assert height <= HEIGHT
        query = parse_qs(urlsplit(bar.url).query)
        assert (query["date_from"], query["date_to"]) == ([bar.first], [bar.last])
    for one, other in zip(found.bars, found.bars[1:], strict=False):
        assert int(one.last) + 1 == int(other.first)


def test_few_years_are_drawn_by_months() -> None:
    """One bar of a year says nothing of a newspaper's single volume."""
    known = Statistics(1, 1, 1, {}, {}, "1987-02-26", "1987-10", 0)
    assert interval(known) == "month"
    assert interval(Statistics(1, 1, 1, {}, {}, "1950", "1987-10", 0)) == "year"
    found = drawn({"1987-11": 4, "1988-02": 2}, date_from="1987-12")
    assert found is not None
    assert [(bar.first, bar.paragraphs) for bar in found.bars] == [
        *(("1987-11", 4), ("1987-12", 0), ("1988-01", 0), ("1988-02", 2))
    ]
    assert [bar.is_chosen for bar in found.bars] == [False, True, True, True]
    assert found.bars[0].label == "November 1987"
    assert [preset.label for preset in found.presets] == ["1987", "1988"]


def test_periods_are_offered() -> None:
    """A decade in one click; that which is in force is named as such."""
    found = drawn({str(year): 1 for year in range(1950, 1982)}, date_from="1960", date_to="1969")
    assert found is not None
    assert [(one.label, one.is_chosen) for one in found.presets] == [
        *(("1950s", False), ("1960s", True), ("1970s", False), ("1980s", False))
    ]
    assert found.presets[2].url == urls.search(SearchRequest("x", date_from="1970", date_to="1979"))


@pytest.mark.parametrize("counts", [{}, {"1969": 3}, {"1969-07": 3}])
def test_one_period_says_nothing(counts: dict[str, int]) -> None:
    """A single bar is as high as it is wide, whatever it stands for."""
    assert drawn(counts) is None
