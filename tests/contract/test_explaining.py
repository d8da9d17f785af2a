"""Why a paragraph has its score: on every engine the reasons add up, and say for every other what kept it out."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Callable
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import explained_text
from search.budget import QueryBudget
from search.cluster import cluster_search
from search.engine import Engine, Snapshot
from search.errors import NoSuchArticle, RequestError
from search.explain import explain
from search.model import Explanation, SearchRequest, paragraph_id
from search.names.names import default_names
from search.service import find, parse_request
from tests.contract.archives.archive_strategies import FEWER, Question, Run, archives, questions
from tests.contract.engines import article, is_in_cluster, run, tolerance


def explained(snapshot: Snapshot, request: SearchRequest, wanted: str, half_life: int = 0) -> Explanation:
    """The explanation of a paragraph, with the names that come with Stemma."""
    budget = QueryBudget()
    read = parse_request(snapshot, request, budget, half_life=half_life, names=default_names())
    return explain(snapshot, request, wanted, budget, read)


def reasons(snapshot: Snapshot, q: str, wanted: str, **options: str) -> list[tuple[str, str]]:
    """What kept a paragraph out: each clause with its reason."""
    found = explained(snapshot, SearchRequest(q, **options), wanted)  # type: ignore[arg-type]  # the tests' own names
    assert (found.matched, found.score, found.contributions) == (False, 0.0, ())
    return [(one.clause, one.because) for one in found.missing]


def clauses(snapshot: Snapshot, q: str, wanted: str) -> list[str]:
    found = explained(snapshot, SearchRequest(q), wanted)
    assert (found.matched, found.missing) == (True, ())
    return [one.clause for one in found.contributions]


def test_each_word_has_its_share(library: Snapshot) -> None:
    """By the names that were typed, with how often each stands where, and how rare it is."""
    found = explained(library, SearchRequest("pilot ship"), "harbour-p2")
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
    the = explained(library, SearchRequest("the ship"), "harbour-p2").contributions[0]
    assert the.because.endswith("a function word counts a fifth")
    assert "it counts 2 times" in explained(library, SearchRequest("ship ship"), "harbour-p2").contributions[0].because


NOWHERE = "neither its text nor the title of its article has it"
NONE = "neither its text nor the title of its article has any of these"
NOT_SO = "it has these words, but not "
LEFT_OUT = "a paragraph of its article has it, which is excluded"
OTHERS = "its article has it, and other paragraphs of it have the words"
ARTICLE = {"scope": "article"}
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
    ("dawn SAME/s zebra", "harbour-p2", {}, [("dawn SAME/s zebra", NOWHERE)]),
    ("ATLEAST/2 dawn", "harbour-p2", {}, [("ATLEAST/2 dawn", "its text does not have it 2 times")]),
    ("ship -ATLEAST/1 dawn", "harbour-p2", {}, [("NOT ATLEAST/1 dawn", "its text has it, which is excluded")]),
    ("lead:dawn", "harbour-p2", {}, [("lead:dawn", "it is not the first paragraph of its article")]),
    ("lead:zebra", "harbour-p1", {}, [("lead:zebra", "the first paragraph of its article does not have it")]),
    ("dawn zebra", "harbour-p2", ARTICLE, [("zebra", "no paragraph of its article has it")]),
    ("wages -dawn", "harbour-p3", ARTICLE, [("NOT dawn", LEFT_OUT)]),
    ("dawn wages", "harbour-p4", ARTICLE, [("dawn AND wages", OTHERS)]),
    ("dawn wages source:south", "harbour-p3", ARTICLE, [("source:south", "it is from the source north")]),
]  # fmt: skip


@pytest.mark.parametrize(("q", "wanted", "filters", "expected"), KEPT_OUT)
def test_what_kept_a_paragraph_out_is_said(
    library: Snapshot, q: str, wanted: str, filters: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    """In words, and clause by clause, so that one knows what to leave out."""
    assert reasons(library, q, wanted, **filters) == expected


def test_words_of_two_sentences_are_not_in_one(engine: Engine) -> None:
    """They are there, which is why it is asked."""
    snapshot = run(engine, [article("a", "The envoy left. He was thanked.")])
    assert reasons(snapshot, "envoy SAME/s thanked", "a-p1") == [("envoy SAME/s thanked", f"{NOT_SO}in one sentence")]


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
        explained(library, SearchRequest("ship"), wanted)


def test_too_much_work_is_refused(library: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half an explanation would add up to another score."""
    monkeypatch.setattr(explained_text, "TEXT_COST", 10_000_000)
    with pytest.raises(RequestError, match="too much work"):
        explained(library, SearchRequest("ship"), "harbour-p2")


NAMES = [
    article("news", "Suwayda, of which all was said.", "Sweida Sweida.", "The Islamic State came.", title="News"),
    article("more", "Daesh left.", "Of Sweida.", title="More", date="2024-05-03"),
    article("third", "Nothing of it."),
]


@pytest.mark.parametrize(
    ("q", "wanted", "clause", "because"),
    [
        ("Suwayda", "news-p2", "sweida", "it is another spelling of Suwayda, or another name for it, which counts at "),
        ('daesh ALSO "Islamic State"', "news-p3", "islamic", "it is of Islamic State, another spelling of daesh, "),
    ],
)
def test_a_variant_says_of_what_it_is_one(engine: Engine, q: str, wanted: str, clause: str, because: str) -> None:
    """Who did not type the word asks first of all why it was found; and it counts less."""
    snapshot = run(engine, NAMES)
    found = explained(snapshot, SearchRequest(q), wanted)
    hits = {paragraph_id(hit.article.id, hit.number): hit.score for hit in find(snapshot, SearchRequest(q)).hits}
    assert found.contributions[0].clause == clause
    assert because in found.contributions[0].because
    assert math.isclose(found.score, hits[wanted], rel_tol=tolerance(snapshot))


def test_variants_are_left_out_where_they_were(engine: Engine) -> None:
    """The explanation is of the search that was made."""
    found = explained(run(engine, NAMES), SearchRequest("Suwayda", variants="off"), "news-p2")
    assert [one.clause for one in found.missing] == ["Suwayda"]


def test_in_the_scope_of_an_article_scores_add_up_too(engine: Engine) -> None:
    """Past the rows that have all words, those of other articles are scored by words as typed anew."""
    pairs = [article(f"a{n:02}", "The ships sail.", "A pilot steers.", "Tea.", title="T") for n in range(8)]
    alone = [article(f"b{n:02}", "Pilots of ships.") for n in range(13)]
    snapshot = run(engine, [*pairs, *alone])
    request = SearchRequest("ships pilot -dawn", scope="article", sort="relevance", per_page=100)
    hits = find(snapshot, request, half_life=30).hits
    assert len(hits) == 13 + 2 * 8
    hits = hits[:: 5 if is_in_cluster(snapshot) else 1]
    for hit in hits:
        found = explained(snapshot, request, paragraph_id(hit.article.id, hit.number), half_life=30)
        assert math.isclose(found.score, hit.score, rel_tol=tolerance(snapshot))
    typed = [hit for hit in hits if len(explained(snapshot, request, hit.id).contributions) > 1]
    assert len({hit.article.id[0] for hit in typed}) == 2


def test_what_is_past_the_rows_of_a_cluster_is_explained(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """It returns the first 10,000: the place of a paragraph was looked for further down too, which was a 500."""
    monkeypatch.setattr(cluster_search, "WINDOW", 2)
    snapshot = run(engine, [article(f"a{n}", "The ships sail.", "A pilot steers.") for n in range(12)])
    assert explained(snapshot, SearchRequest("ships pilot", scope="article"), "a3-p2").matched


def test_a_long_article_is_explained_as_a_whole(engine: Engine) -> None:
    """In the scope of an article each of its texts is asked for each word: that must not be too much for some pages."""
    words = [f"{first}{second}{number}" for number, (first, second) in enumerate(product("bdfglmnprs", "aeiouaeio"))]
    texts = [" ".join([*words[at : at + 12], "harbour"]) for at in range(len(words) - 12)]
    snapshot = run(engine, [article("long", *texts * 2)])
    request = SearchRequest("harbour -sharaa~1 -tresor~1 -lighthouse -zeppel* -quays -xylo*", scope="article")
    assert explained(snapshot, request, "long-p9").matched


def test_no_more_of_an_article_is_read_than_can_be_explained(on_disk: Callable[[Path], Engine], tmp_path: Path) -> None:
    """All of an article of a million paragraphs was in memory before it was refused as too much work."""
    snapshot = run(on_disk(tmp_path), [article("long", *["x" * 1_000] * 20_000)])
    tracemalloc.start()
    with pytest.raises(RequestError, match="too much work"):
        explained(snapshot, SearchRequest("tea", scope="article"), "long-p1")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


def test_phrases_of_a_long_article_are_explained(engine: Engine) -> None:
    """Their words stand in its title and in each of many paragraphs: to analyse them there anew would be too much."""
    texts = [f"shanghai and/or ship cafés Nr. {number}" for number in range(300)]
    snapshot = run(engine, [article("long", *texts, title="Häuser pilots cafés grün strasse move")])
    request = SearchRequest('Häuser NOT "and/or the" NOT "shanghai ships the" NOT "cafés 16 cafés"', scope="article")
    assert explained(snapshot, request, "long-p1").matched


@FEWER
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
            request = SearchRequest(
                question.q, question.match, per_page=100, sort="relevance", group=question.group, scope=question.scope
            )
            page = find(snapshot, request, half_life=half_life)
            scores = {paragraph_id(hit.article.id, hit.number): hit.score for hit in page.hits}
            for wanted in dict.fromkeys([*every, *[*scores][:12]]):
                found = explained(snapshot, request, wanted, half_life)
                assert math.isclose(found.score, sum(one.value for one in found.contributions))
                assert found.matched != bool(found.missing)
                if wanted in scores:
                    assert found.matched
                    assert math.isclose(found.score, scores[wanted], rel_tol=1e-6, abs_tol=1e-9)
                elif page.total.value <= 100 and question.group == "none":
                    assert not found.matched
        engine.close()
