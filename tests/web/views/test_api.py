"""The JSON of docs/api: programs rely on every name and type of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from search.engine import Engine
from search.model import Article
from search.settings import Settings
from tests.contract.engines import article, run
from tests.oracle import Oracle
from tests.web.archive import ARTICLES, MANY, NASTY, ODD_ID, PARAGRAPHS
from web import create_app

Ask = Callable[..., Any]


def test_a_search_answers_as_the_interface_says(ask: Ask) -> None:
    """Names, order and types of the answer are the contract."""
    found = ask(q='"military support"', match="any", source="north")
    assert list(found) == [
        *("q", "interpreted", "match", "warnings", "variants", "offers", "offered_query", "total", "total_articles"),
        *("total_articles_elsewhere", "page", "per_page", "total_pages"),
        *("next_cursor", "took_ms", "index", "hits", "suggestion", "relaxations"),
    ]
    assert found["q"] == found["interpreted"] == '"military support"'
    assert found["match"] == "any"
    assert found["warnings"] == []
    assert found["total"] == {"value": 2, "relation": "eq"}
    assert (found["total_articles"], found["page"], found["per_page"], found["total_pages"]) == (1, 1, 10, 1)
    assert found["next_cursor"] is found["suggestion"] is None
    assert found["took_ms"] == round(found["took_ms"], 3) >= 0
    assert found["index"]["generation"] == 1
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found["index"]["updated_at"])
    [first, second] = found["hits"]
    assert {first["paragraph"]["number"], second["paragraph"]["number"]} == {1, 2}


def test_a_search_that_finds_little_says_what_would_find_more(ask: Ask) -> None:
    """A client can offer what the page does: corrections, and with nothing found what asks for less."""
    correction = {"word": "lightouse", "replacement": "lighthouse", "query": "lighthouse", "total": MANY}
    found = ask(q="lightouse")
    assert found["suggestion"] == [correction]
    assert found["relaxations"] == []
    found = ask(q="thanked landing", source="north", date_from="1969")
    assert found["suggestion"] is None
    assert found["relaxations"] == [
        {
            "kind": kind,
            "part": part,
            "parameters": {"q": "thanked landing", "source": "north", "date_from": "1969"} | parameters,
            "total": {"value": total, "relation": "eq"},
        }
        for kind, part, parameters, total in (
            ("any", None, {"match": "any"}, 3),
            ("without", "thanked", {"q": "landing"}, 2),
            ("without", "landing", {"q": "thanked"}, 1),
        )
    ]
    for one in found["relaxations"]:
        assert ask(**one["parameters"])["total"] == one["total"]
    assert ask(q="thanked")["relaxations"] == []


def test_what_is_being_typed_is_completed_and_corrected(client: FlaskClient) -> None:
    """With what each finds, under the filters that are set."""

    def suggest(**parameters: str) -> Any:  # noqa: ANN401 - JSON
        response = client.get("/api/v1/suggest", query_string=parameters)
        assert response.status_code == 200
        return json.loads(response.text)

    assert suggest(q="military sup") == {"completions": [{"text": "military support", "count": 2}], "corrections": []}
    correction = {"word": "millitary", "replacement": "military", "query": "military support", "total": 2}
    assert suggest(q="millitary support") == {"completions": [], "corrections": [correction]}
    assert suggest(q="millitary", source="south") == suggest(q="") == {"completions": [], "corrections": []}
    assert suggest(q='"(') == {"completions": [], "corrections": []}
    for query in ("", "?q=a&page=2", "?q=a&date_from=x"):
        assert client.get(f"/api/v1/suggest{query}").status_code == 400


def test_a_score_is_explained(client: FlaskClient, ask: Ask) -> None:
    """The numbers add up to the score of the search, and a paragraph that is not found says why."""

    def explain(**parameters: str) -> Any:  # noqa: ANN401 - JSON
        return json.loads(client.get("/api/v1/explain", query_string=parameters).text)

    [hit] = ask(q="thanked military")["hits"]
    found = explain(q="thanked military", id=hit["id"])
    assert list(found) == ["id", "matched", "score", "contributions", "missing"]
    assert (found["id"], found["matched"], found["missing"]) == (hit["id"], True, [])
    assert round(found["score"], 6) == hit["score"]
    assert sum(one["value"] for one in found["contributions"]) == pytest.approx(found["score"], rel=1e-9)
    assert [one["clause"] for one in found["contributions"]] == ["thanked", "military"] * 2
    assert list(found["contributions"][0]) == ["clause", "value", "because"]
    assert explain(q="thanked military", id="moon.txt-p1", lang="en") == {
        "id": "moon.txt-p1",
        "matched": False,
        "contributions": [],
        "missing": [
            {"clause": word, "because": "neither its text nor the title of its article has it"}
            for word in ("thanked", "military")
        ],
    }
    for parameters, status in (
        ({"q": "moon"}, 400),
        ({"id": "moon.txt-p1"}, 400),
        ({"q": "moon", "id": "moon.txt"}, 400),
        ({"q": "moon", "id": "nothing-p1"}, 404),
        ({"q": "moon", "id": "moon.txt-p9"}, 400),
        ({"q": "moon", "id": "moon.txt-p1", "page": "1"}, 400),
    ):
        assert client.get("/api/v1/explain", query_string=parameters).status_code == status, parameters


def test_the_scope_of_an_article(ask: Ask) -> None:
    """A program is told of what it has not found, and can ask for it."""
    found = ask(q="thanked nobody")
    assert (found["total"]["value"], found["total_articles_elsewhere"]) == (0, 1)
    wider = ask(q="thanked nobody", scope="article")
    assert [hit["id"][-3:] for hit in wider["hits"]] == ["-p1", "-p2"]
    assert "total_articles_elsewhere" not in wider


def test_similar_articles() -> None:
    """Who has read one article finds the next; itself is none of them."""
    engine = Oracle()
    run(engine, [article(f"a{n}", f"The moon landing {n}, by the crew.", title="Moon landing") for n in range(4)])
    client = create_app(engine, Settings()).test_client()
    found = json.loads(client.get("/api/v1/similar?id=a2").text)
    assert list(found) == ["id", "hits"]
    assert found["id"] == "a2"
    assert sorted(hit["article"]["id"] for hit in found["hits"]) == ["a0", "a1", "a3"]
    assert [hit["score"] for hit in found["hits"]] == sorted((hit["score"] for hit in found["hits"]), reverse=True)
    assert list(found["hits"][0]["article"]) == ["id", "title", "date", "source", "lang", "url"]
    assert len(json.loads(client.get("/api/v1/similar?id=a2&per_page=1").text)["hits"]) == 1


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/api/v1/similar", 400, "bad-parameter"),
        ("/api/v1/similar?id=", 400, "bad-parameter"),
        ("/api/v1/similar?id=moon.txt&per_page=0", 400, "bad-parameter"),
        ("/api/v1/similar?id=moon.txt&q=x", 400, "bad-parameter"),
        ("/api/v1/similar?id=nothing", 404, "no-such-article"),
    ],
)
def test_what_similar_refuses(client: FlaskClient, address: str, status: int, code: str) -> None:
    """As everywhere: no parameter is ignored, and an unknown article is no empty answer."""
    response = client.get(address)
    assert (response.status_code, json.loads(response.text)["code"]) == (status, code)


def test_recent_articles_rank_higher_where_that_is_set(stocked: Engine) -> None:
    """A newsroom wants today's news first; nobody else is to get another order than that of the words."""

    def order(settings: Settings) -> list[str]:
        response = create_app(stocked, settings).test_client().get("/api/v1/search?q=moon+OR+thanked")
        return [hit["article"]["id"] for hit in json.loads(response.text)["hits"]]

    assert order(Settings()) == ["moon.txt", "2025/07/envoy.txt"]
    assert order(Settings(half_life=3_000)) == ["2025/07/envoy.txt", "moon.txt"]


def test_a_hit_answers_as_the_interface_says(ask: Ask) -> None:
    """A client reads the article, the paragraph and the place of each match off a hit alone."""
    [hit] = ask(q="thanked")["hits"]
    assert hit.pop("score") > 0
    assert hit == {
        "id": "2025/07/envoy.txt-p1",
        "article": {
            "id": "2025/07/envoy.txt",
            "title": "Ankara sends an envoy",
            "date": "2025-07-23T08:15:11",
            "source": "north",
            "lang": "en",
            "url": "/articles/2025/07/envoy.txt",
        },
        "paragraph": {"number": 1, "text": "The envoy thanked the government for military support."},
        "url": "/articles/2025/07/envoy.txt?q=thanked#p1",
        "more_in_article": 0,
        "further": [],
        "highlights": {"title": [], "text": [[10, 17]]},
        "snippet": "The envoy <mark>thanked</mark> the government for military support.",
        "matched_variants": {},
    }
    assert list(hit) == [
        *("id", "article", "paragraph", "url", "more_in_article", "further", "highlights", "snippet"),
        "matched_variants",
    ]


def test_highlights_count_code_points(ask: Ask) -> None:
    """Spans that counted bytes or UTF-16 units would mark the wrong letters after the first emoji."""
    [hit] = ask(q="cheered")["hits"]
    [[start, end]] = hit["highlights"]["text"]
    assert hit["paragraph"]["text"][start:end] == "cheered"


def test_mark_is_the_only_tag_of_a_snippet(ask: Ask) -> None:
    """Clients put snippets into pages as they are: what an article says must not become HTML there."""
    [hit] = ask(q="xylophone")["hits"]
    assert set(re.findall(r"<[^>]*>", hit["snippet"])) == {"<mark>", "</mark>"}
    assert unescape(re.sub(r"</?mark>", "", hit["snippet"])) == hit["paragraph"]["text"]
    assert hit["paragraph"]["text"].startswith(NASTY)
    assert "&lt;script&gt;" in hit["snippet"]


def test_letters_stay_letters(client: FlaskClient) -> None:
    """As escape sequences, text in other scripts takes six times the bytes and cannot be read in a terminal."""
    text = client.get("/api/v1/search?q=cafe").text
    assert "Les cafés étaient fermés." in text
    assert json.loads(text)["total"]["value"] == 1


def test_facets_come_only_when_asked_for(ask: Ask) -> None:
    """They cost time, and a client that did not ask need not skip them."""
    assert "facets" not in ask(q="lighthouse")
    assert ask(q="landing", facets="year,source")["facets"] == {
        "year": [{"value": "1969", "count": 2}],
        "source": [{"value": "north", "count": 2}],
    }


def test_pages_neither_repeat_nor_lose_a_row(ask: Ask) -> None:
    """A client that walks through the pages gets each match once."""
    pages = [ask(q="lighthouse", page=str(page), per_page="10") for page in (1, 2, 3)]
    ids = [hit["id"] for page in pages for hit in page["hits"]]
    assert [len(page["hits"]) for page in pages] == [10, 10, MANY - 20]
    assert len(set(ids)) == len(ids) == pages[0]["total"]["value"] == MANY
    assert pages[0]["total_pages"] == 3
    assert ask(q="lighthouse", page="4")["hits"] == []


def test_an_empty_query_finds_everything_newest_first(ask: Ask) -> None:
    """It is how an archive is browsed; undated articles come last."""
    found = ask(q="", group="article")
    assert found["total"]["value"] == PARAGRAPHS
    assert [hit["article"]["date"] for hit in found["hits"]] == [
        *("2025-07-23T08:15:11", "2024", "1999-05", "1969-07-20"),
        *(None, None),
    ]
    assert found["hits"][0]["url"] == "/articles/2025/07/envoy.txt#p1"


def test_grouping_counts_the_others(ask: Ask) -> None:
    """One row for each article, and how many of its paragraphs are behind it."""
    found = ask(q="lighthouse", group="article")
    assert [hit["more_in_article"] for hit in found["hits"]] == [MANY - 1]
    assert (found["total"]["value"], found["total_articles"], found["total_pages"]) == (MANY, 1, 1)


def test_a_row_of_an_article_can_have_its_next_best_paragraphs(ask: Ask) -> None:
    """A reader sees at once what else there is, without a search for each article."""
    [hit] = ask(q="lighthouse", group="article", group_limit="3")["hits"]
    every = ask(q="lighthouse", per_page="3")["hits"]
    assert [hit["id"], *(one["id"] for one in hit["further"])] == [one["id"] for one in every]
    assert list(hit["further"][0]) == ["id", "score", "paragraph", "highlights", "snippet"]
    for one, other in zip(hit["further"], every[1:], strict=True):
        assert {name: one[name] for name in one if name != "score"} == {
            name: other[name] for name in one if name != "score"
        }
    assert ask(q="lighthouse", group="article")["hits"][0]["further"] == []


def test_only_the_fields_that_are_asked_for(client: FlaskClient, ask: Ask) -> None:
    """Who lists titles need not take all texts over the wire."""
    every = ask(q="lighthouse", group="article", group_limit="3")
    [hit] = every["hits"]
    some = ask(q="lighthouse", group="article", group_limit="3", fields="score,id,further,snippet")
    assert list(some) == list(every)
    assert some["hits"] == [
        {"id": hit["id"], "score": hit["score"]}
        | {"further": [{name: one[name] for name in ("id", "score", "snippet")} for one in hit["further"]]}
        | {"snippet": hit["snippet"]}
    ]
    repeated = client.get("/api/v1/search?q=lighthouse&fields=id&fields=paragraph").json
    assert repeated is not None
    assert {tuple(one) for one in repeated["hits"]} == {("id", "paragraph")}
    assert ask(q="lighthouse", fields="article")["hits"][0] == {"article": hit["article"]}


def test_a_snippet_has_the_length_that_is_asked_for(ask: Ask) -> None:
    """A list on a phone wants less than a page that shows few."""
    for length in (1, 20, 10_000):
        [hit] = ask(q="military thanked", snippet=str(length))["hits"]
        text = unescape(re.sub(r"</?mark>", "", hit["snippet"]))
        assert len(text.strip("… ")) <= length
        assert (text == hit["paragraph"]["text"]) == (length > len(hit["paragraph"]["text"]))


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"source": "south"}, {"café/été 50%.txt", "lighthouses.txt", ODD_ID}),
        ({"lang": "fr"}, {"café/été 50%.txt"}),
        ({"source": "south,north", "lang": "-en"}, {"café/été 50%.txt"}),
        ({"source": "-north", "lang": "en,de"}, {"lighthouses.txt", ODD_ID}),
        ({"source": '-"north"', "date_from": "2024"}, {"café/été 50%.txt"}),
        ({"date_from": "2024"}, {"café/été 50%.txt", "2025/07/envoy.txt"}),
        ({"date_from": "1960", "date_to": "1999-05-02"}, {"moon.txt", "lighthouses.txt"}),
    ],
)
def test_filters_reach_the_engine(ask: Ask, parameters: dict[str, str], expected: set[str]) -> None:
    """A filter that is read and dropped gives a wrong answer that looks right."""
    found = ask(q="", group="article", **parameters)
    assert {hit["article"]["id"] for hit in found["hits"]} == expected


def test_a_repeated_filter_is_a_list(client: FlaskClient, ask: Ask) -> None:
    """Forms send each box that is ticked as a parameter of its own."""
    repeated = client.get("/api/v1/search?q=landing+OR+lighthouse&source=north&source=south&facets=year&facets=source")
    commas = ask(q="landing OR lighthouse", source="north,south", facets="year,source")
    assert repeated.json is not None
    for name in ("total", "hits", "facets"):
        assert repeated.json[name] == commas[name]


def test_a_facet_counts_what_its_own_filter_leaves_out(ask: Ask) -> None:
    """Who has chosen a value sees what another one would find; the other facets count what is found."""
    found = ask(q="landing OR lighthouse", source="north", facets="source,year")
    every = ask(q="landing OR lighthouse", facets="source")
    assert found["facets"]["source"] == every["facets"]["source"]
    assert {one["value"] for one in every["facets"]["source"]} == {"north", "south"}
    assert found["facets"]["year"] == [{"value": "1969", "count": 2}]
    dated = ask(q="landing OR lighthouse", date_from="1999", facets="source,year")
    assert dated["facets"] == {
        "source": [{"value": "south", "count": MANY}],
        "year": ask(q="landing OR lighthouse", facets="year")["facets"]["year"],
    }


def test_facets_can_be_cut_to_their_most_frequent_values(ask: Ask) -> None:
    """An archive can have thousands of sources."""
    every = ask(q="", facets="source,year")["facets"]
    assert len(every["year"]) > 1
    assert ask(q="", facets="source,year", facet_size="1")["facets"] == {name: of[:1] for name, of in every.items()}


def test_sort_and_match_reach_the_engine(ask: Ask) -> None:
    """As above."""
    assert ask(q="envoy crowd")["total"]["value"] == 0
    dates = [hit["article"]["date"] for hit in ask(q="envoy crowd", match="any", sort="date")["hits"]]
    assert dates == sorted(dates)
    assert len(set(dates)) == 2


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article.id)
def test_urls_of_articles_lead_there(client: FlaskClient, ask: Ask, article: Article) -> None:
    """An id may hold slashes, spaces, other scripts, `..` and whatever else a file name can."""
    [url] = {hit["article"]["url"] for hit in ask(q="", per_page="100")["hits"] if hit["article"]["id"] == article.id}
    assert url.isascii()
    assert "/../" not in url, "a browser would resolve it"
    assert "//" not in url, "a proxy would merge them"
    found = client.get(f"/api/v1{url}").json
    assert found is not None
    assert found["url"] == url
    assert [paragraph["text"] for paragraph in found["paragraphs"]] == list(article.paragraphs)
    for form in (url, f"/articles/{quote(article.id)}"):
        assert client.get(form).status_code == 200, form


def test_an_article_answers_as_the_interface_says(client: FlaskClient) -> None:
    """Names, order and types of the answer are the contract."""
    found = client.get("/api/v1/articles/moon.txt").json
    assert found is not None
    of = ["id", "title", "date", "source", "lang", "url"]
    assert list(found) == [*of, "paragraphs", "total_paragraphs", "next_paragraph", "index"]
    assert (found["total_paragraphs"], found["next_paragraph"]) == (len(found["paragraphs"]), None)
    assert found["id"] == "moon.txt"
    assert found["date"] == "1969-07-20"
    assert found["paragraphs"][1] == {"id": "moon.txt-p2", "number": 2, "text": "Six landings followed."}
    assert found["index"]["generation"] == 1


@pytest.mark.parametrize("path", ["/", "/?q=moon", "/articles/moon.txt", "/api/v1/search?q=a", "/healthz", "/readyz"])
def test_head_answers_like_get_without_a_body(client: FlaskClient, path: str) -> None:
    """Monitors and link checkers ask so."""
    get, head = client.get(path), client.head(path)
    assert head.status_code == get.status_code == 200
    assert head.data == b""
    assert head.content_type == get.content_type
