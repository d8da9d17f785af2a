"""What the home page says of the archive: examples that find something, and how the articles spread over the years."""

from __future__ import annotations

from pathlib import Path

import pytest

from search.indexing import reindex
from search.model import SearchRequest
from search.service import find
from search.settings import Settings
from tests.contract.engines import article, run
from tests.oracle import Generation, Oracle
from web import create_app
from web.presentation.examples import Example, examples
from web.presentation.overview import Period, holdings

SEEDS = Path(__file__).parents[3] / "seeds"


def made(snapshot: Generation) -> tuple[Example, ...]:
    return examples(snapshot, find(snapshot, SearchRequest(group="article", per_page=100)).hits)


def archive(*dates: str | None) -> Generation:
    engine = Oracle()
    run(engine, [article(f"{number}.txt", "Some news.", date=date) for number, date in enumerate(dates)])
    return engine.snapshot()


@pytest.fixture(scope="module")
def seeds() -> Generation:
    """The articles that come with Stemma."""
    engine = Oracle()
    reindex(engine, [SEEDS])
    return engine.snapshot()


def test_the_seeds_have_an_example_of_each_kind(seeds: Generation) -> None:
    """The first page that anybody sees: it teaches the language by queries that a person could have typed."""
    words, quote, either, prefix, without, dated = (example.q for example in made(seeds))
    assert words.islower()
    assert len(words.split()) == 2
    assert all(word.istitle() for word in quote.strip('"').split())
    assert either.split()[1] == "OR"
    assert prefix.endswith("*")
    assert without.split()[1].startswith("-")
    assert dated.split()[1].startswith("date:")


def test_each_example_finds_several(seeds: Generation) -> None:
    """One hit, or none, would teach that the service does not work; the same word thrice would be dull."""
    found = made(seeds)
    assert all(find(seeds, SearchRequest(example.q)).total.value > 1 for example in found)
    words = [word for example in found for word in example.q.lower().replace('"', "").split() if word != "or"]
    assert len(set(words)) == len(words)


def test_a_prefix_stands_for_several_words(seeds: Generation) -> None:
    """`Teles*` for one word alone shows nothing that the word itself would not."""
    (prefix,) = [example.q for example in made(seeds) if example.q.endswith("*")]
    hits = find(seeds, SearchRequest(prefix, per_page=100)).hits
    shown = [marked for hit in hits for marked in (hit.title, hit.text)]
    assert len({marked.text[start:end].lower() for marked in shown for start, end in marked.spans}) > 2


def test_either_word_is_from_a_title_of_its_own(seeds: Generation) -> None:
    """Both from one title would find the same article twice."""
    one, other = made(seeds)[2].q.split(" OR ")
    titles = [one_.heading.title for one_ in seeds.articles.values()]
    assert not any(one in title and other in title for title in titles)


@pytest.mark.parametrize("title", ["", "1-2-3", "AT&T", "a b c", "(((", '"', "x" * 1_000_000, "中国", "AND OR NOT"])
def test_archives_without_good_titles_do_without_examples(title: str) -> None:
    """Whatever a title holds, no example is made that cannot be read."""
    engine = Oracle()
    run(engine, [article("a", "Some news.", title=title)])
    assert all(find(engine.snapshot(), SearchRequest(example.q)).total.value for example in made(engine.snapshot()))


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
    with create_app(Oracle(), Settings()).app_context():
        assert list(holdings(snapshot).periods) == expected
    for period in expected:
        page = find(snapshot, SearchRequest(date_from=period.first, date_to=period.last))
        assert page.total_articles == period.articles


def test_a_generation_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Examples take dozens of searches: not at each visit, but again after a reindex."""
    engine = Oracle()
    run(engine, [article("a", "One okapi.", date="1969")])
    client = create_app(engine, Settings()).test_client()
    assert client.get("/").status_code == 200
    with monkeypatch.context() as patch:
        patch.setattr(Generation, "search", None)
        assert client.get("/").status_code == 200
    run(engine, [article("b", "One zebra.", title="Zebra seen")])
    assert "Zebra seen" in client.get("/").text
