"""Why a paragraph has its score: on every engine the reasons add up, and say for every other what kept it out."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import explain as explaining
from search.budget import QueryBudget
from search.engine import Engine, Snapshot
from search.errors import NoSuchArticle, RequestError
from search.explain import explain
from search.model import SearchRequest, paragraph_id
from search.service import find
from tests.contract.archives.archive_strategies import Question, Run, archives, questions
from tests.contract.engines import run


def reasons(snapshot: Snapshot, q: str, wanted: str, **options: str) -> list[tuple[str, str]]:
    """What kept a paragraph out: each clause with its reason."""
    found = explain(snapshot, SearchRequest(q, **options), wanted, QueryBudget())  # type: ignore[arg-type]
    assert (found.matched, found.score, found.contributions) == (False, 0.0, ())
    return [(one.clause, one.because) for one in found.missing]


def clauses(snapshot: Snapshot, q: str, wanted: str) -> list[str]:
    found = explain(snapshot, SearchRequest(q), wanted, QueryBudget())
    assert (found.matched, found.missing) == (True, ())
    return [one.clause for one in found.contributions]


def test_each_word_has_its_share(library: Snapshot) -> None:
    """By the names that were typed, with how often each stands where, and how rare it is."""
    found = explain(library, SearchRequest("pilot ship"), "harbour-p2", QueryBudget())
    pilot, ship, *typed = found.contributions
    assert [one.clause for one in found.contributions] == ["pilot", "ship", "ship"]
    assert pilot.because.startswith(
        "1 time in the text and 1 time in the title, which counts twice; 5 of 19 paragraphs"
    )
    assert ship.because.startswith("1 time in the text; ")
    assert [one.because for one in typed] == [
        "it stands there as it was typed, which counts among the first 10 results"
    ]
    assert clauses(library, "pil* moved~1", "harbour-p2") == ["pil*", "moved~1"]
    assert clauses(library, '"no ship" NEAR/3 dawn', "harbour-p2")[:2] == ["no", "ship"]
    assert clauses(library, "", "harbour-p2") == []
    the = explain(library, SearchRequest("the ship"), "harbour-p2", QueryBudget()).contributions[0]
    assert the.because.endswith("a function word counts a fifth")
    assert (
        "it counts 2 times"
        in explain(library, SearchRequest("ship ship"), "harbour-p2", QueryBudget()).contributions[0].because
    )


NOWHERE = "neither its text nor the title of its article has it"
NONE = "neither its text nor the title of its article has any of these"
NOT_SO = "it has these words, but not "
KEPT_OUT: list[tuple[str, str, dict[str, str], list[tuple[str, str]]]] = [
    ("ship zebra", "harbour-p2", {}, [("zebra", NOWHERE)]),
    ("zebra", "harbour-p2", {}, [("zebra", NOWHERE)]),
    ("ship -dawn", "harbour-p2", {}, [("NOT dawn", "its text has it, which is excluded")]),
    ("-strike", "harbour-p1", {}, [("NOT strike", "its title has it, which is excluded")]),
    ('ship "ship no"', "harbour-p2", {}, [('"ship no"', f"{NOT_SO}together, in this order")]),
    ("pilots NEAR/1 moved", "harbour-p2", {}, [("pilots NEAR/1 moved", f"{NOT_SO}within 1 words of each other")]),
    ('"ship zebra"', "harbour-p2", {}, [('"ship zebra"', NOWHERE)]),
    ("title:dawn", "harbour-p2", {}, [("title:dawn", "the title of its article does not have it")]),
    ("(zebra OR lion) ship", "harbour-p2", {}, [("zebra OR lion", NONE)]),
    ("ship source:south", "harbour-p2", {}, [("source:south", "it is from the source north")]),
    ("ship", "harbour-p2", {"lang": "de"}, [("filters", "it is in the language en")]),
    ("ship", "harbour-p2", {"date_from": "2025"}, [("filters", "it is of 2024-05-03")]),
    ("after:2025", "salam-p1", {}, [("after:2025", "it has no date")]),
]  # fmt: skip


@pytest.mark.parametrize(("q", "wanted", "filters", "expected"), KEPT_OUT)
def test_what_kept_a_paragraph_out_is_said(
    library: Snapshot, q: str, wanted: str, filters: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    """In words, and clause by clause, so that one knows what to leave out."""
    assert reasons(library, q, wanted, **filters) == expected


def test_a_title_alone_does_not_find_a_later_paragraph(library: Snapshot) -> None:
    """All words are there, and yet it is not found: that is the rule that surprises most."""
    [(clause, because)] = reasons(library, "strike", "harbour-p2")
    assert clause == "strike"
    assert because.startswith("only the title of its article has it")


@pytest.mark.parametrize(
    "wanted", ["harbour", "harbour-p0", "harbour-p99", "-p1", "harbour-p1x", "", "harbour-p9999999999"]
)
def test_an_id_has_to_be_that_of_a_paragraph(library: Snapshot, wanted: str) -> None:
    """Each mistake is told."""
    with pytest.raises((RequestError, NoSuchArticle)):
        explain(library, SearchRequest("ship"), wanted, QueryBudget())


def test_too_much_work_is_refused(library: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half an explanation would add up to another score."""
    monkeypatch.setattr(explaining, "TEXT_COST", 10_000_000)
    with pytest.raises(RequestError, match="too much work"):
        explain(library, SearchRequest("ship"), "harbour-p2", QueryBudget())


@given(archives(), st.lists(questions, min_size=4, max_size=8), st.sampled_from([0, 30, 10_000]))
def test_reasons_add_up_to_the_score(
    on_disk: Callable[[Path], Engine], runs: list[Run], asked: list[Question], half_life: int
) -> None:
    """Whatever is asked of whatever archive: each hit has its score explained, each other paragraph its absence."""
    with TemporaryDirectory() as folder:
        engine = on_disk(Path(folder))
        for step in runs:
            run(engine, step.articles, gone=step.gone, anew=step.anew)
        snapshot = engine.snapshot()
        every = [hit.id for hit in find(snapshot, SearchRequest("", per_page=100)).hits][:12]
        for question in asked:
            request = SearchRequest(question.q, question.match, per_page=100, sort="relevance", group=question.group)
            page = find(snapshot, request, half_life=half_life)
            scores = {paragraph_id(hit.article.id, hit.number): hit.score for hit in page.hits}
            for wanted in dict.fromkeys([*every, *[*scores][:12]]):
                found = explain(snapshot, replace(request, page=1), wanted, QueryBudget(), half_life=half_life)
                assert math.isclose(found.score, sum(one.value for one in found.contributions))
                assert found.matched != bool(found.missing)
                if wanted in scores:
                    assert found.matched
                    assert math.isclose(found.score, scores[wanted], rel_tol=1e-6, abs_tol=1e-9)
                elif page.total.value <= 100 and question.group == "none":
                    assert not found.matched
        engine.close()
