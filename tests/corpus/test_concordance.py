"""Key words in context, on every engine."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.budget import QueryBudget
from search.corpus import concordance as module
from search.corpus.concordance import Concordance, ContextOptions, Order, concordance
from search.engine import Engine
from search.errors import QueryError, RequestError
from search.model import SearchRequest
from search.names.names import default_names
from tests.contract.engines import article, run
from tests.oracle import Oracle

ARTICLES = (
    article("b", "They sold the pump to the Élan works.", date="1970", title="On pumps"),
    article("a", "A pump, and another pump: both failed.", "Nothing of it here.", date="1961"),
    article("c", "Who needs a Pump? Åse does.", date="1965"),
)


def ask(engine: Engine, q: str, order: Order = "date", width: int = 2) -> Concordance:
    return concordance(
        engine.snapshot(), SearchRequest(q=q), ContextOptions(order, width), QueryBudget(), default_names()
    )


def shown(found: Concordance) -> list[tuple[str, str, str]]:
    return [(row.left, row.match, row.right) for row in found.rows]


def test_each_match_stands_between_its_neighbours(engine: Engine) -> None:
    """With what stands between the words, as it is written, and no more than there is."""
    run(engine, ARTICLES)
    found = ask(engine, "pump")
    assert shown(found) == [
        ("A ", "pump", ", and another"),
        ("and another ", "pump", ": both failed."),
        ("needs a ", "Pump", "? Åse does."),
        ("sold the ", "pump", " to the"),
    ]
    assert [row.heading.id for row in found.rows] == ["a", "a", "c", "b"]
    assert (found.total.value, found.read, found.complete) == (3, 3, True)


def test_the_order_is_that_of_the_nearest_word(engine: Engine) -> None:
    """Whatever its case and accents: that is how patterns of use are seen."""
    run(engine, ARTICLES)
    assert [left for left, _, _ in shown(ask(engine, "pump", "left"))] == [
        "A ",
        "needs a ",
        "and another ",
        "sold the ",
    ]
    rights = [right for _, _, right in shown(ask(engine, "pump", "right", 1))]
    assert rights == [", and", "? Åse", ": both", " to"]


def test_a_phrase_is_one_match(engine: Engine) -> None:
    """As the search marks it, so the concordance has it."""
    run(engine, ARTICLES)
    assert shown(ask(engine, '"another pump"', width=1)) == [("and ", "another pump", ": both")]


def test_only_so_many_paragraphs_are_read_and_it_says_so(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """At a million paragraphs nobody's query may hold up others, and nobody may take a part for the whole."""
    run(engine, ARTICLES)
    monkeypatch.setattr(module, "MAX_PARAGRAPHS", 1)
    found = ask(engine, "pump", "left")
    assert {row.heading.id for row in found.rows} == {"a"}
    assert (found.total.value, found.read, found.complete) == (3, 1, False)
    monkeypatch.setattr(module, "MAX_PARAGRAPHS", 10)
    monkeypatch.setattr(module, "MAX_MATCHES", 2)
    found = ask(engine, "pump", "left")
    assert (len(found.rows), found.read, found.complete) == (2, 1, False)


def test_what_cannot_be_shown(engine: Engine) -> None:
    """A search for nothing has no key word."""
    run(engine, ARTICLES)
    with pytest.raises(RequestError):
        ask(engine, " ")
    with pytest.raises(QueryError):
        ask(engine, "(pump")
    assert ask(engine, "-pump").rows == ()


@given(st.text("ab .,'-\u0301é今日ไ", max_size=60), st.sampled_from(["date", "left", "right"]), st.integers(1, 4))
def test_context_is_what_stands_beside_the_match(text: str, order: Order, width: int) -> None:
    """Put together again, each row is a part of its text, whatever is between the words."""
    engine: Engine = Oracle()
    run(engine, [article("a", f"{text} key {text}")])
    found = ask(engine, "key", order, width)
    assert len(found.rows) == 1
    for row in found.rows:
        assert row.left + row.match + row.right in f"{text} key {text}"
        assert row.match == "key"
