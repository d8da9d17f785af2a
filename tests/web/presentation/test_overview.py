"""What the home page says of the archive: how the articles spread over the years."""

from __future__ import annotations

import pytest

from search.model import SearchRequest
from search.service import find
from search.settings import Settings
from tests.contract.engines import article, run
from tests.oracle import Generation, Oracle
from web import create_app
from web.presentation.overview import Period, overview


def archive(*dates: str | None) -> Generation:
    engine = Oracle()
    run(engine, [article(f"{number}.txt", "Some news.", date=date) for number, date in enumerate(dates)])
    return engine.snapshot()


PERIODS: list[tuple[tuple[str | None, ...], list[Period]]] = [
    (("1969", "1969-07", None), []),
    (("1969", "1970-07", "1970"), [Period("1969", "1969", "1969", 1, 50), Period("1970", "1970", "1970", 2, 100)]),
    (
        tuple(str(year) for year in range(1961, 1981)),
        [
            *(Period("1960s", "1960", "1969", 9, 90), Period("1970s", "1970", "1979", 10, 100)),
            Period("1980s", "1980", "1989", 1, 10),
        ],
    ),
    (("0001", "2020"), [Period("1", "0001", "0001", 1, 100), Period("2020", "2020", "2020", 1, 100)]),
]


@pytest.mark.parametrize(("dates", "expected"), PERIODS)
def test_periods_are_as_short_as_fit(dates: tuple[str | None, ...], expected: list[Period]) -> None:
    """What is in an archive, at a glance: a few bars, whether it spans two years or two thousand."""
    snapshot = archive(*dates)
    assert list(overview(snapshot).periods) == expected
    for period in expected:
        page = find(snapshot, SearchRequest(date_from=period.first, date_to=period.last))
        assert page.total_articles == period.articles


def test_a_generation_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Periods take a dozen searches: not at each visit, but again after a reindex."""
    engine = Oracle()
    run(engine, [article("a", "One okapi.", date="1969")])
    client = create_app(engine, Settings()).test_client()
    assert client.get("/").status_code == 200
    with monkeypatch.context() as patch:
        patch.setattr(Generation, "search", None)
        assert client.get("/").status_code == 200
    run(engine, [article("b", "One zebra.", title="Zebra seen")])
    assert "Zebra seen" in client.get("/").text
