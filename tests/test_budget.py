"""A request does bounded work, counts it alike on every machine, and says what it left out."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from search import budget
from search.budget import MARKING, UNITS, QueryBudget, Spent, divided
from search.engine import Engine, Snapshot
from search.errors import QueryError
from search.highlight import UNMARKED, Highlighter, Passage
from search.highlight.highlighter import SPAN_COST
from search.model import Article, Heading, SearchRequest
from search.query.parser import parse
from search.service import find
from tests.contract.engines import run
from tests.timeouts import in_proportion


def words(count: int, seed: int = 1) -> list[str]:
    """Some words that look like none that anybody knows."""
    rng = random.Random(seed)
    return ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(4, 9))) for _ in range(count)]


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the strange articles are indexed."""
    return tmp_path_factory.mktemp("strange")


@pytest.fixture(scope="module")
def strange(on_disk: Callable[[Path], Engine], where: Path) -> Snapshot:
    """An article of 1,200 paragraphs and thousands of words, and one of long paragraphs of a single word."""
    rng, known = random.Random(2), words(6_000)
    many = tuple(" ".join(rng.choices(known, k=60)) for _ in range(1_200))
    one = ("word " * 2_000,) * 100
    articles = [
        Article(Heading(f"{name}.txt", "A title", None, "s", "en"), texts)
        for name, texts in (("many", many), ("one", one))
    ]
    return run(on_disk(where), articles)


MISSPELT = " ".join(f"{word}~" for word in words(900, seed=3))
HOSTILE = {
    "misspellings": SearchRequest(MISSPELT, match="any", per_page=100),
    "misspellings without an end": SearchRequest(" ".join(f"{word[:3]}*" for word in words(900, seed=4)), match="any"),
    "marks": SearchRequest("word", per_page=100),
    "marks of a phrase": SearchRequest('"word word"~50 OR word NEAR/90 word', per_page=100),
    "marks of many words": SearchRequest(" ".join(words(900)), match="any", per_page=100),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_query_is_too_much(strange: Snapshot, name: str) -> None:
    """Two clients with such queries took all workers for minutes, and with them everybody's search."""
    spent = QueryBudget()
    with in_proportion():
        page = find(strange, HOSTILE[name], spent)
    assert spent.spent <= UNITS + 50_000_000, "what is charged in any case is bounded, too"
    assert (page.total.relation == "gte") <= bool(page.warnings)


def test_what_is_not_marked_is_said(strange: Snapshot) -> None:
    """An unmarked text looks like one that does not match."""
    page = find(strange, HOSTILE["marks"])
    assert UNMARKED in page.warnings
    assert page.hits[0].text.spans
    assert not page.hits[-1].text.spans
    assert page.total.relation == "eq", "it is found all the same"


@pytest.mark.usefixtures("strange")
@pytest.mark.parametrize("name", HOSTILE)
def test_the_same_work_is_counted_alike(where: Path, on_disk: Callable[[Path], Engine], name: str) -> None:
    """An answer that depends on what a worker happens to remember is another one when the page is loaded again."""
    answers = []
    for fresh in (on_disk(where), on_disk(where)):  # each remembers nothing at first
        for _ in range(2):
            spent = QueryBudget()
            page = find(fresh.snapshot(), HOSTILE[name], spent)
            answers.append((spent.spent, page.total, page.warnings, page.hits))
    assert answers[1:] == answers[:-1]


def test_time_is_the_last_resort(strange: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where units are far from what a machine can do, a request ends all the same, and says that it was cut."""
    monkeypatch.setattr(budget, "SECONDS", 0.0)
    page = find(strange, SearchRequest("word OR (title -nothing)"))
    assert page.total.relation == "gte"
    assert page.warnings


def test_a_refused_share_is_used_up() -> None:
    """Otherwise something small would be done after something large was left out, as it happens to be divided."""
    spent = QueryBudget()
    assert spent.try_charge(UNITS // 2, MARKING)
    with pytest.raises(Spent):
        spent.charge_or_raise(UNITS, MARKING)
    assert not spent.try_charge(1, MARKING)
    assert not spent.partial
    assert not spent.try_charge_or_warn(1)
    assert spent.partial


def test_a_marker_stops_for_good() -> None:
    """Marking every other text would look as if the others did not match."""
    marker = Highlighter(parse("word").tree)
    short, long = Passage("a word", "en"), Passage("word " * (UNITS // SPAN_COST), "en")
    assert marker.mark([short, long, short]) == [((2, 6),), (), ()]
    assert marker.mark([short]) == [()]
    assert marker.warnings == (UNMARKED,)


def test_queries_at_the_limits_are_answered_or_refused(strange: Snapshot) -> None:
    """Whatever is typed gets an answer or an error, however long it is."""
    for query in ("a" * 10_000, "(" * 60 + "a" + ")" * 60, " ".join("ab" for _ in range(1_024)), "a* " * 1_024):
        with in_proportion():
            assert find(strange, SearchRequest(query, match="any")).interpreted
    with pytest.raises(QueryError):
        find(strange, SearchRequest("ab " * 3_400))


def test_what_loops_take_to_compile_is_no_work_of_a_query(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine where nothing is compiled yet, the first answer would be cut short for want of time."""
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    spent = QueryBudget()
    with budget.overlook(), budget.overlook():  # two threads wait for one loop
        clock[0] += 20.0
    assert not spent.late()
    assert not spent.out_of_time
    clock[0] += budget.SECONDS
    assert spent.late()
    assert spent.out_of_time


def test_a_part_of_a_budget_has_its_time_and_is_paid_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else work within a part begins five seconds anew, and an answer cut for want of time is kept by caches."""
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    whole = QueryBudget()
    whole.charge(10)
    with whole.part(500, MARKING) as part:
        assert part.left(MARKING) == 500
        part.charge(300)
        clock[0] += budget.SECONDS
        assert part.late()
    assert (whole.spent, whole.out_of_time, whole.warnings) == (310, True, {})


def test_a_part_that_ends_by_an_error_is_paid_too() -> None:
    """Whoever goes on after it would have work for nothing, as often as they like."""
    whole = QueryBudget()
    with pytest.raises(Spent), whole.part(500, MARKING) as part:
        part.charge_or_raise(600, MARKING)
    assert whole.spent == 500


def test_a_strict_part_ends_at_its_first_cut() -> None:
    """Half a count is of no use: no work is done that would only be thrown away, and nobody is warned of it."""
    budget = QueryBudget(1_000)
    with pytest.raises(Spent), budget.part(100, 1.0, is_strict=True) as own:
        own.how_many(10, 50, 1.0)
    assert not budget.partial
    assert budget.spent <= 100


@pytest.mark.parametrize("count", [1, 2, 20])
def test_the_searches_of_a_request_share_its_budget(count: int) -> None:
    """One that takes all it can leaves half of an even share to each of the others, and all together are bounded."""
    least = UNITS // count // 2
    greedy = 0
    for own in divided(count):
        assert own.left(MARKING) >= least
        greedy += own.left(MARKING)
        own.charge(own.left(MARKING))
    assert UNITS - count <= greedy <= UNITS
    thrifty = [own.left(MARKING) for own in divided(count)]
    assert thrifty == sorted(thrifty)
    assert thrifty[-1] == UNITS
    for own in divided(count):
        own.charge(2 * UNITS)
        assert own.units >= least


def test_the_searches_of_a_request_share_its_time() -> None:
    """The last resort is that of the request."""
    assert len({own.started for own in divided(3)}) == 1
