"""Lines over time: what is drawn has to be what was counted, and within the drawing."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from web.presentation.line_chart import HEIGHT, WIDTH, line_chart

YEARS = st.lists(st.integers(1, 9999), min_size=1, max_size=60, unique=True).map(sorted)


def test_a_line_breaks_where_a_period_is_missing() -> None:
    """A line over years of which the archive has nothing would make them up."""
    (line,) = line_chart(["1961", "1962", "1970"], [[1, 2, 3]]).lines
    assert re.findall("[ML]", line.path) == ["M", "L", "M"]
    assert len(line.markers) == 3


def test_what_is_nothing_has_no_marker() -> None:
    """In an archive of single years the scale of time was hidden by a row of markers, one query's upon the other's."""
    never, once = line_chart(["1961", "1970", "1980"], [[0, 0, 0], [0, 30_000, 1]]).lines
    assert never.markers == []
    assert len(once.markers) == 2, "one is next to nothing, but something"


def test_scales_begin_at_nothing_and_are_round() -> None:
    """A scale that begins elsewhere makes small differences look large."""
    drawn = line_chart(["1961-01", "1961-02", "1961-03"], [[0, 130, 42]])
    assert [label.text for label in drawn.y_labels] == ["0", "50", "100", "150"]
    assert [label.text for label in drawn.x_labels] == ["1961-01", "1961-02", "1961-03"]
    shares = line_chart(["1850", "1999"], [[0.01, 0.055]], percent=True)
    assert [label.text for label in shares.y_labels] == ["0%", "2%", "4%", "6%"]
    assert [label.text for label in shares.x_labels] == ["1850", "1900", "1950", "1999"]


def test_the_first_and_the_last_period_are_labelled() -> None:
    """Where it begins and ends is the first thing one asks of a scale of time; labels must not run together."""
    drawn = line_chart(["1906", "1950", "1999"], [[1, 2, 3]])
    assert [label.text for label in drawn.x_labels] == ["1906", "1920", "1940", "1960", "1980", "1999"]
    assert [label.text for label in line_chart(["1969"], [[1]]).x_labels] == ["1969"]


def test_what_is_nothing_lies_below_what_is_something() -> None:
    """A query that is never found hid the marks of another at nought: it looked as if that one had no figures."""
    drawn = line_chart(["1961", "1962"], [[5, 0], [0, 0], [1, 0]])
    assert drawn.order == [1, 2, 0]
    assert not drawn.has_gaps
    assert line_chart(["1961", "1963"], [[1, 1]]).has_gaps


@given(YEARS, st.data())
def test_everything_is_within_the_drawing(years: list[int], data: st.DataObject) -> None:
    """What sticks out would lie upon the text beside it."""
    values = data.draw(st.lists(st.integers(0, 10**7), min_size=len(years), max_size=len(years)))
    drawn = line_chart([f"{year:04}" for year in years], [values])
    (line,) = drawn.lines
    points = [(float(x), float(y)) for x, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", line.path)]
    assert len(points) == len(years)
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in [*points, *line.markers])
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert 1 <= len(drawn.x_labels) <= 12
    assert all(0 <= label.at <= WIDTH for label in drawn.x_labels)
    assert all(0 <= label.at <= HEIGHT for label in drawn.y_labels)
