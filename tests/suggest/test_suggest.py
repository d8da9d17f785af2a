"""Corrections, completions and looser searches, on an engine that can be counted by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.budget import QueryBudget
from search.engine import Search, Snapshot
from search.errors import QueryError
from search.model import SearchRequest
from search.query.parser import MAX_LENGTH
from search.service import FEW, find, search_reader
from search.suggest import completions, corrections, relaxations, suggest
from search.suggest.completions import typing
from search.suggest.query_words import query_words
from tests.contract.engines import article, run
from tests.oracle import Oracle

ARCHIVE = [
    article(
        "envoy",
        "The envoy thanked the government for military support.",
        "Military supplies came, and support for the military, from Al-Sharaa in Türkiye.",
        "The military supports nobody.",
        title="Ankara sends an envoy",
        date="2025-07-23",
    ),
    article("moon", "The lander stood on the Moon.", "A reincarnation of the Eagle.", date="1969", source="south"),
    article("many", *("A government of lighthouses.",) * 150, title="Lights", source="south"),
    article("typo", "The goverment in person.", "A rein of carnation.", source="south"),
]


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    engine = Oracle()
    run(engine, ARCHIVE)
    return engine.snapshot()


def counting(snapshot: Snapshot) -> tuple[QueryBudget, Callable[[SearchRequest], Search | None]]:
    """A new budget, and what reads requests within it."""
    budget = QueryBudget()
    return budget, search_reader(snapshot, budget)


def corrected(snapshot: Snapshot, q: str, **options: str) -> list[tuple[str, str, str, int]]:
    found = corrections(snapshot, SearchRequest(q, **options), *counting(snapshot))  # type: ignore[arg-type]  # the tests' own names
    return [(one.word, one.replacement, one.query, one.total.value) for one in found]


def completed(snapshot: Snapshot, q: str, **options: str) -> list[tuple[str, int]]:
    typed = typing(snapshot.vocabulary, q)
    if typed is None:
        return []
    request = SearchRequest(q, **options)  # type: ignore[arg-type]  # the tests' own names
    found = completions(snapshot, request, typed, *counting(snapshot))
    return [(one.text, one.total.value) for one in found]


CORRECTED = {
    "militry": "military",
    "militry suport": "military support",
    "military suport": "military support",
    "Suport -moon": "support -moon",
    '"military suport"': '"military support"',
    "Turkiya": "turkiye",
    "al-Shara": "al-sharaa",
    "title:envyo": "title:envoy",
    "lead:envyo": "lead:envoy",
    "lead:(envyo thanked)": "lead:(envoy thanked)",
    "(militry OR moon) thanked": "(military OR moon) thanked",
    "militarysupport": "military support",
    "goverment": "government",
    "reincar nation": "reincarnation",
}


@pytest.mark.parametrize("q", CORRECTED)
def test_a_misspelt_query_is_corrected(snapshot: Snapshot, q: str) -> None:
    """Word by word, where it stands, with all that surrounds it left as it was."""
    first, *_ = corrected(snapshot, q)
    assert first[2] == CORRECTED[q]
    assert first[3] == find(snapshot, SearchRequest(first[2])).total.value > 0


@pytest.mark.parametrize(
    "q",
    [
        *("", "military", "supporting", "moon -suport", "moon NOT (suport OR x)", "source:suoth", "date:2025 moon"),
        *("suppor*", "suport~", "it", "xqzwvut", "1968", "rein carnation", "北京"),
    ],
)
def test_what_is_known_or_like_nothing_is_left_alone(snapshot: Snapshot, q: str) -> None:
    """A suggestion that helps nobody makes people distrust all of them; what is excluded need not be found."""
    assert corrected(snapshot, q) == []


def test_a_correction_finds_something(snapshot: Snapshot) -> None:
    """Under the filters of the request, too: a second empty page is worse than the first."""
    assert corrected(snapshot, "militry lander") == []
    assert corrected(snapshot, "militry", source="south") == []
    assert corrected(snapshot, "militry", source="north")[0][1:] == ("military", "military", 3)
    assert corrected(snapshot, "militry lander", match="any")[0][1:] == ("military", "military lander", 4)


def test_words_with_one_stem_are_offered_once(snapshot: Snapshot) -> None:
    """They find the same."""
    assert [one[1] for one in corrected(snapshot, "suppport")] == ["support"]
    assert [one[1] for one in corrected(snapshot, '"suppports"')] == ["supports", "support"]


def test_a_search_that_finds_little_has_its_corrections(snapshot: Snapshot) -> None:
    """One that finds plenty is not looked at: it costs nothing, and people have what they want."""
    assert find(snapshot, SearchRequest("goverment")).suggestion[0].replacement == "government"
    assert find(snapshot, SearchRequest("militry")).suggestion[0].query == "military"
    assert find(snapshot, SearchRequest("military")).suggestion == ()
    plenty = find(snapshot, SearchRequest("goverment OR lighthouses"))
    assert plenty.total.value > FEW
    assert plenty.suggestion == ()


def test_a_word_is_completed(snapshot: Snapshot) -> None:
    """By frequency, with the number of paragraphs that it finds, and what often stands after the likeliest."""
    assert completed(snapshot, "milit") == [("military", 3), ("military supplies", 1), ("military support", 3)]
    assert completed(snapshot, "Envoy tha") == [("Envoy thanked", 1)]
    assert completed(snapshot, "xyz") == completed(snapshot, "") == completed(snapshot, " ") == []
    assert completed(snapshot, "gov") == [("government", 151), ("goverment", 1)]
    assert completed(snapshot, "gov", source="north") == [("government", 1)]


COMPLETED = {
    "military sup": ["military supplies", "military support"],
    "military ": ["military supplies", "military support"],
    '"military sup': ['"military support"', '"military supplies"'],
    "(moon OR milit": ["(moon OR military supplies)", "(moon OR military support)", "(moon OR military)"],
    "title:env": ["title:envoy"],
    "lead:env": ["lead:envoy"],
    '"military (sup': ['"military (supplies"', '"military (support"'],
    '(moon OR ")) sup': ['(moon OR ")) supplies")', '(moon OR ")) support")'],
    "moon -milit": [],
    "source:sou": [],
    "sup*": [],
    "s?p": [],
    "thanked AND milit": ["thanked AND military", "thanked AND military support"],
    "al": ["al sharaa"],
    "al-s": ["al-sharaa"],
    "tür": ["turkiye"],
}


@pytest.mark.parametrize("q", COMPLETED)
def test_what_is_being_typed_is_completed_where_it_stands(snapshot: Snapshot, q: str) -> None:
    """Inside quotes and parentheses, which it closes, and not where a name of a source or a pattern is being typed."""
    assert sorted(text for text, _ in completed(snapshot, q)) == sorted(COMPLETED[q])


def test_a_word_that_is_being_typed_is_not_misspelt_yet(snapshot: Snapshot) -> None:
    """`lighth` is the beginning of a word; `militr` is of none that is not rare."""

    def replaced(q: str) -> list[str]:
        return [one.replacement for one in suggest(snapshot, SearchRequest(q), *counting(snapshot))[1]]

    assert replaced("lighthose") == ["lighthouses"]
    assert replaced("lighth") == []
    assert replaced("supp") == []  # `a` and `in` are not that near, however frequent
    assert replaced("suport") == ["support"]
    assert replaced("mlitary lighth") == []  # nothing has both
    assert replaced('"militry support') == ["military"]


def loosened(snapshot: Snapshot, q: str, **options: str) -> list[tuple[str, str, str, int]]:
    found = relaxations(snapshot, SearchRequest(q, **options), *counting(snapshot))  # type: ignore[arg-type]  # the tests' own names
    return [(one.kind, one.part, one.request.q, one.total.value) for one in found]


def test_an_empty_result_says_what_would_have_found_something(snapshot: Snapshot) -> None:
    """Without each part, with any of the words, without each filter: what finds nothing, too, is not offered."""
    assert loosened(snapshot, "lander envoy (moon OR supplies)") == [
        ("any", "", "lander envoy (moon OR supplies)", 3),
        ("without", "lander", "envoy (moon OR supplies)", 1),
        ("without", "envoy", "lander (moon OR supplies)", 1),
    ]
    assert loosened(snapshot, "lander", source="north", date_from="1960", date_to="1969") == [
        ("without_filter", "north", "lander", 1),
        ("without_filters", "north, 1960, 1969", "lander", 1),
    ]
    assert loosened(snapshot, "lander", source="north", date_from="1980") == [
        ("without_filters", "north, 1980", "lander", 1)
    ]
    assert loosened(snapshot, "lander -moon eagle", match="any") == [
        ("without", "lander OR eagle", "NOT moon", 156),
        ("without", "NOT moon", "(lander OR eagle)", 2),
    ]
    assert loosened(snapshot, "xyz") == loosened(snapshot, "") == []
    everything = find(snapshot, SearchRequest(" ")).total.value
    for q in ("", " "):
        assert loosened(snapshot, q, source="nowhere") == [("without_filter", "nowhere", q, everything)]
        assert find(snapshot, SearchRequest(q, source="nowhere")).relaxations


def test_looser_searches_come_with_an_empty_page_alone(snapshot: Snapshot) -> None:
    """A result needs no help."""
    assert find(snapshot, SearchRequest("lander envoy")).relaxations
    assert not find(snapshot, SearchRequest("lander")).relaxations


def test_words_are_found_where_they_stand() -> None:
    """A correction puts the word back where it was."""
    text = 'Moon "al-Sharaa met" -x (a OR Öst.erreich) title:Café NOT (no way) wom*'
    found = list(query_words(text))
    assert [text[word.start : word.end] for word in found] == ["Moon", "al-Sharaa", "met", "Öst.erreich", "Café"]
    assert [word.folded for word in found] == ["moon", "al-sharaa", "met", "ost.erreich", "cafe"]
    assert [word.quoted for word in found] == [False, True, True, False, False]


def test_a_query_that_cannot_become_longer_is_answered(snapshot: Snapshot) -> None:
    """What is offered beside an answer must not cost the answer, nor much more time than it."""
    long = " ".join(["militri", *["x" * 99] * 100, "x" * 93])
    assert len(long.replace(" ", "")) == MAX_LENGTH
    page = find(snapshot, SearchRequest(long))
    assert (page.total.value, page.suggestion) == (0, ())


QUERY_TEXT = st.text() | st.text('abmilitry"()-~*?:/ ') | st.from_regex(r"((NOT|OR|title:|\"|\()? ?militry ){1,4}")


@given(QUERY_TEXT)
def test_any_text_can_be_typed(q: str) -> None:
    """What is being typed is rarely a whole query: it is completed or not, and never an error."""
    engine = Oracle()
    run(engine, ARCHIVE[:2])
    snapshot, request = engine.snapshot(), SearchRequest(q)
    completed, corrected = suggest(snapshot, request, *counting(snapshot))
    for query in (*(one.text for one in completed), *(one.query for one in corrected)):
        assert find(snapshot, SearchRequest(query)).total.value > 0
    try:
        page = find(snapshot, request)
    except QueryError:
        return
    for one in page.relaxations:
        assert find(snapshot, one.request).total == one.total
