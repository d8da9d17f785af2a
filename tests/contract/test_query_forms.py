"""Sentences, counts and first paragraphs: forms that need more of a text than which words it has."""

from __future__ import annotations

from random import Random
from typing import TypeAlias

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search.engine import Snapshot
from search.model import SearchRequest
from search.service import find
from tests.contract.archives.corpus import ask, rows
from tests.contract.engines import ENGINES, article, run
from tests.contract.test_highlighting import bracketed

ARTICLES = (
    article(
        "fire",
        "Police came. The fire was out, and the police left.",
        "A fire broke out! Mr. Fire, of the U.S. Police, said so.",
        "The fire. Police. The fire. Police of the fire police.",
        title="Fire? The police: who else",
    ),
    article(
        "rain", "Rain fell.", "Rain, rain and more rain: the fire was out. Rain.", "第一句火。第二句雨。", title="Rain"
    ),
)


@pytest.fixture(scope="module", params=ENGINES)
def forms(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """The articles above, in an index of each engine."""
    return run(ENGINES[request.param](tmp_path_factory.mktemp("forms") / "index"), ARTICLES)


FOUND = {
    "police SAME/s fire": "fire 1 2 3",
    "police SAME/s came": "fire 1",
    "came SAME/s fire": "",
    "broke SAME/s said": "",
    '"broke out" SAME/s fire': "fire 2",
    '"fire was" SAME/s "police left"': "fire 1",
    '"of the"~2 SAME/s said': "fire 2",
    "fire SAME/s fire": "",
    "police SAME/s police": "fire 3",
    "title:(fire SAME/s police)": "",
    "title:(police SAME/s else)": "fire 1",
    "一 SAME/s 火": "rain 3",
    "一 SAME/s 雨": "",
    "fire -(police SAME/s fire)": "rain 2",
    "ATLEAST/4 rain": "rain 2",
    "ATLEAST/5 rain": "",
    "ATLEAST/3 fire": "fire 3",
    'ATLEAST/2 "the fire"': "fire 3",
    'ATLEAST/3 "the fire"': "fire 3",
    'ATLEAST/4 "the fire"': "",
    "lead:police": "fire 1",
    "lead:(police SAME/s left)": "fire 1",
    "lead:rain OR broke": "fire 2, rain 1",
    "rain -lead:rain": "rain 2",
}


@pytest.mark.parametrize("query", FOUND)
def test_finds(forms: Snapshot, query: str) -> None:
    """An abbreviation ends no sentence, a title counts once, and what a reader counts is what is found."""
    assert sorted(ask(forms, query)) == rows(FOUND[query])


MARKED = {
    ("police SAME/s fire", 1): "Police came. The [fire] was out, and the [police] left.",
    ("police SAME/s fire", 3): "The fire. Police. The fire. [Police] of the [fire] [police].",
    ("ATLEAST/3 fire OR police", 2): "A fire broke out! Mr. Fire, of the U.S. [Police], said so.",
    ("ATLEAST/3 fire", 3): "The [fire]. Police. The [fire]. Police of the [fire] police.",
    ("lead:fire OR police", 1): "[Police] came. The [fire] was out, and the [police] left.",
    ("lead:fire OR police", 3): "The fire. [Police]. The fire. [Police] of the fire [police].",
}


Text: TypeAlias = list[list[str]]
"""The words of each sentence of a paragraph."""
WORDS = ("alpha", "beta", "gamma", "delta")


@pytest.fixture(scope="module", params=ENGINES)
def sentences(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Snapshot, list[Text]]:
    """300 paragraphs of one to four sentences of one to five WORDS, in an index of each engine, and as words."""
    rnd = Random(6)
    texts = [[rnd.choices(WORDS, k=rnd.randint(1, 5)) for _ in range(rnd.randint(1, 4))] for _ in range(300)]
    paragraphs = [" ".join([" ".join(words).capitalize() + "." for words in text]) for text in texts]
    engine = ENGINES[request.param](tmp_path_factory.mktemp("sentences") / "index")
    return run(engine, [article("text", *paragraphs, title="Epsilon")]), texts


@given(*[st.lists(st.sampled_from(WORDS), min_size=1, max_size=3)] * 2)
@example(["alpha", "beta", "alpha"], ["alpha"])
@example(["alpha", "alpha"], ["alpha", "beta"])
def test_quotes_in_one_sentence(sentences: tuple[Snapshot, list[Text]], left: list[str], right: list[str]) -> None:
    """Quotes overlap themselves and each other, and go on in the next sentence: what counts is told by hand."""
    snapshot, texts = sentences
    found = find(snapshot, SearchRequest(f'"{" ".join(left)}" SAME/s "{" ".join(right)}"', per_page=100))
    expected = [number for number, text in enumerate(texts, 1) if any(_has_both(words, left, right) for words in text)]
    assert found.total.value == len(expected)
    assert {hit.number for hit in found.hits} <= {*expected}


def _has_both(words: list[str], left: list[str], right: list[str]) -> bool:
    """Whether a sentence has two quotes side by side, or with other words between them."""
    begins, others = ([i for i in range(len(words)) if words[i : i + len(side)] == side] for side in (left, right))
    return any(i + len(left) <= j or j + len(right) <= i for i in begins for j in others)


@pytest.mark.parametrize(("query", "number"), MARKED)
def test_marks(forms: Snapshot, query: str, number: int) -> None:
    """What is marked is what met the query: not the word of another sentence, nor one that is too rare."""
    hits = {hit.id: hit for hit in find(forms, SearchRequest(query)).hits}
    assert bracketed(hits[f"fire-p{number}"].text) == MARKED[query, number]


APART = (
    article("both", "Armstrong walked.", "Kennedy spoke.", "Nobody sang.", title="Two men", date="1969"),
    article("near", "Armstrong met Kennedy.", "Kennedy left.", title="One meeting", source="south"),
    article("one", "Armstrong slept.", title="Alone"),
    article("titled", "He spoke.", "Armstrong listened.", title="Kennedy"),
)
SCOPED = {
    # query: the rows in the scope of an article, and how many articles are counted elsewhere
    "Armstrong Kennedy": ("near 1, titled 2, both 1, both 2, near 2, titled 1", 1),
    "Armstrong -Kennedy": ("one 1", 0),
    "Kennedy -sang": ("near 2, near 1, titled 1", 0),
    '"Armstrong walked" "Kennedy spoke"': ("both 1, both 2", 1),
    "walked AND (sang OR slept)": ("both 1, both 3", 1),
    "lead:Armstrong Kennedy": ("near 1, both 1, both 2, near 2", 1),
    "Armstrong NEAR/2 met left": ("near 2, near 1", 1),
    "Arm* Kenedy~ source:north": ("titled 2, titled 1, both 1, both 2", 1),
    "ATLEAST/2 Kennedy Armstrong": ("", 0),
    "date:1969": ("both 1, both 2, both 3", 0),
    "Kennedy": ("titled 1, near 2, both 2, near 1", 0),
    "Kennedy OR -slept": ("titled 1, near 2, both 2, near 1", 0),
}


@pytest.fixture(scope="module", params=ENGINES)
def apart(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """Articles whose paragraphs have the words together, or each its own."""
    engine = ENGINES[request.param](tmp_path_factory.mktemp("apart") / "index")
    run(engine, APART[:2])
    return run(engine, APART[2:])


@pytest.mark.parametrize("query", SCOPED)
def test_scope_of_an_article(apart: Snapshot, query: str) -> None:
    """An article that has all words is found, though no paragraph has, and the search of paragraphs tells of it."""
    expected, elsewhere = SCOPED[query]
    assert sorted(ask(apart, query, scope="article")) == sorted(rows(expected))
    assert find(apart, SearchRequest(query)).total_articles_elsewhere == elsewhere
    assert find(apart, SearchRequest(query, scope="article")).total_articles_elsewhere == 0


def test_what_meets_a_query_alone_comes_first(apart: Snapshot) -> None:
    """In the scope of an article as well, a paragraph that says it all is the best answer; pages part nothing."""
    found = ask(apart, "Armstrong Kennedy", scope="article")
    alone = ask(apart, "Armstrong Kennedy")
    assert found[: len(alone)] == alone
    pages = [find(apart, SearchRequest("Armstrong Kennedy", page=n, per_page=1, scope="article")) for n in range(1, 7)]
    assert [(hit.article.id, hit.number) for page in pages for hit in page.hits] == found
    grouped = find(apart, SearchRequest("Armstrong Kennedy", group="article", scope="article"))
    assert {hit.article.id for hit in grouped.hits[:2]} == {"near", "titled"}
    assert [(hit.article.id, hit.more_in_article) for hit in grouped.hits[2:]] == [("both", 1)]
    assert (grouped.total.value, grouped.total_articles) == (6, 3)
