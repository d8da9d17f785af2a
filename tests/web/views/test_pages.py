"""Home and results, read as HTML: what a visitor sees and where each link leads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from search import explained_text, model, service
from search.budget import CHARACTER_COST, UNITS, QueryBudget
from search.engine import Engine
from search.errors import RequestError
from search.model import Article
from search.settings import Settings
from search.suggest.corrections import CANDIDATE_COST
from tests.contract.engines import article, run
from tests.oracle import Oracle
from tests.web.archive import ARTICLES, MANY, ODD_ID, PARAGRAPHS
from tests.web.dom import Dom
from web import create_app
from web.views import pages
from web.views.pages import page_numbers

Page = Callable[..., Dom]


def test_home_says_what_is_in_the_archive(page: Page) -> None:
    """A first visitor sees at once what can be found here."""
    home = page("/")
    figures = home.texts_in("dd")
    assert str(len(ARTICLES)) in figures
    assert str(PARAGRAPHS) in figures
    assert {"20 July 1969", "23 July 2025"} <= set(home.texts_in("time"))
    assert {"north", "south"} <= set(home.texts_in("bdi"))
    assert {"English", "French"} <= set(home.texts_in("bdi"))
    assert "/?q=&group=article&date_from=1999&date_to=1999" in home.links()
    assert "open" in home.all("details")[0], "whoever is new here has to see how to search"
    assert "/articles/2025/07/envoy.txt" in home.links()


def test_home_of_an_empty_archive_says_what_to_do() -> None:
    """The first page that whoever installs Stemma may see."""
    engine: Engine = Oracle()
    run(engine, [])
    client = create_app(engine, Settings()).test_client()
    assert "stemma reindex" in client.get("/").text
    assert "The archive is empty" in client.get("/?q=moon").text


def test_every_page_has_its_landmarks(page: Page) -> None:
    """Whoever listens to a page jumps between them."""
    for path in ("/", "/?q=moon", "/?q=zeppelin", "/articles/moon.txt?q=moon"):
        html = page(path)
        assert len(html.all("h1")) == len(html.all("main")) == len(html.all("header", **{"class": "top"})) == 1, path
        assert html.all("form", role="search", action="/", method="get"), path
        assert html.all("label", **{"for": "q"}), path
        assert html.all("input", id="q", name="q"), path
        assert html.links("#content"), path
        assert [
            name for one in html.all("script") if (name := one.get("src") or "").startswith("/static/complete.js?")
        ], path


def test_only_home_takes_the_focus(page: Page) -> None:
    """On results and articles it would hide the heading from whoever listens to the page."""
    [home] = page("/").all("input", id="q")
    [results] = page("/", q="moon").all("input", id="q")
    assert "autofocus" in home
    assert "autofocus" not in results


def test_results_show_paragraphs_under_their_article(page: Page) -> None:
    """Title, date, source, the marked words, and where they stand."""
    results = page("/", q="landing", group="none")
    assert len(results.all("article")) == 1, "two paragraphs of an article stand under one title"
    assert sorted(results.texts_in("mark")) == ["landing", "landing", "landings"]
    assert "20 July 1969" in results.texts_in("time")
    assert results.all("time", datetime="1969-07-20")
    article = "/articles/moon.txt?q=landing&group=none&result="
    assert {f"{article}1", f"{article}1#p2", f"{article}2#p1"} == set(results.links("/articles"))
    assert "2 paragraphs" in results.text("h1")
    assert "in 1 article" in results.text("span")


def test_the_title_names_the_search(page: Page) -> None:
    """It is what the browser's history and tabs show."""
    assert page("/", q="landing").text("title") == "landing: 2 paragraphs – Stemma"
    assert page("/", q="zeppelin").text("title") == "zeppelin: nothing found – Stemma"
    second = page("/", q="lighthouse", group="none", page="2").text("title")
    assert second == f"lighthouse: {MANY} paragraphs, page 2 of 3 – Stemma"
    assert page("/articles/moon.txt").text("title") == "First landing on the Moon – Stemma"


def test_results_say_how_the_query_was_read(page: Page) -> None:
    """Nobody has to guess what was searched for."""
    results = page("/", q="military -landing !?")
    assert "military AND NOT landing" in results.texts_in("code")
    assert "left out" in results.text("p")


def test_the_box_keeps_the_query(page: Page) -> None:
    """A search is mended, not typed again."""
    [box] = page("/", q='"military support" OR <b>').all("input", id="q")
    assert box["value"] == '"military support" OR <b>'


def test_the_form_keeps_every_filter(page: Page) -> None:
    """Searching again must not silently drop what was chosen before."""
    state = {"source": "north", "lang": "en", "date_from": "1960", "date_to": "2025-07", "match": "any"}
    results = page("/", q="moon envoy", sort="date", group="article", **state)
    [box] = results.all("form", role="search")
    assert box["action"] == "/"
    for name, value in {**state, "sort": "date", "group": "article"}.items():
        assert results.all("input", type="hidden", name=name, value=value), name
    chosen = page("/filters", q="moon envoy", **state)
    assert {"north", "en", "any"} <= {box["value"] for box in chosen.all("input") if "checked" in box}
    assert [chosen.all("input", type="text", name=name)[0]["value"] for name in ("date_from", "date_to")] == [
        *("1960", "2025-07")
    ]


def test_filters_in_force_can_be_taken_away(page: Page) -> None:
    """Each is a link to the same search without it."""
    links = page("/", q="landing", source="north", date_from="1969", date_to="1969").links("/?")
    assert "/?q=landing&group=article&date_from=1969&date_to=1969" in links
    assert "/?q=landing&group=article&source=north" in links


def test_each_value_of_a_filter_can_be_taken_away(page: Page) -> None:
    """One value too many must not cost the others; a form's box that is not ticked is no value."""
    results = page("/", q="landing OR lighthouse", source="north,south", lang="-fr,-de")
    assert {"north", "south", "French", "German"} <= {*results.texts_in("bdi")}
    links = results.links("/?")
    assert "/?q=landing%20OR%20lighthouse&group=article&source=south&lang=-fr%2C-de" in links
    assert "/?q=landing%20OR%20lighthouse&group=article&source=north%2Csouth&lang=-fr" in links


def test_articles_elsewhere_are_offered(page: Page) -> None:
    """Two words of one article that stand in different paragraphs were the worst surprise of a search."""
    results = page("/", q="thanked nobody")
    assert "1 article has all words, in different paragraphs" in results.text("span")
    assert results.links("/articles/2025/07/envoy.txt"), "it is shown, under that headline"
    found = page("/", q="thanked nobody", scope="article")
    assert found.text("h1").startswith("2 paragraphs")
    assert "/?q=thanked%20nobody&group=article" in found.links()
    assert found.all("input", type="hidden", name="scope", value="article")
    assert not any("different paragraphs" in text for text in page("/", q="military support").texts_in("a"))


def test_facets_narrow_the_search(page: Page) -> None:
    """A link leads to exactly as many paragraphs as stand beside it."""
    results = page("/", q="moon OR envoy", match="all")
    assert "/?q=moon%20OR%20envoy&group=article&date_from=1960&date_to=1969" in results.links()
    assert "1 paragraph" in page("/", q="moon OR envoy", date_from="1960", date_to="1969").text("h1")


def test_empty_fields_leave_the_address(client: FlaskClient) -> None:
    """A form sends them too; the address that is shared says only what was chosen."""
    response = client.get("/?q=moon&source=&lang=&date_from=1960&sort=")
    assert response.status_code == 302
    assert response.location == "/?q=moon&date_from=1960"
    assert client.get("/?q=").status_code == 200


def test_pages_are_linked(page: Page) -> None:
    """Previous, next and numbers, keeping the rest of the search."""
    second = page("/", q="lighthouse", page="2", source="south", group="none")
    assert second.all("a", rel="prev", href="/?q=lighthouse&group=none&source=south")
    assert second.all("a", rel="next", href="/?q=lighthouse&group=none&source=south&page=3")
    assert second.all("link", rel="next", href="/?q=lighthouse&group=none&source=south&page=3")
    [current] = [link for link in second.all("a") if link.get("aria-current") == "page"]
    assert current["href"] == "/?q=lighthouse&group=none&source=south&page=2"
    last = page("/", q="lighthouse", page="3", group="none")
    assert not last.all("a", rel="next")
    assert len(last.all("p", dir="auto")) == MANY - 20


@pytest.mark.parametrize(
    ("at", "last", "expected"),
    [
        (1, 1, [1]),
        (1, 4, [1, 2, 3, 4]),
        (5, 5, [1, None, 3, 4, 5]),
        (500, 1000, [1, None, 498, 499, 500, 501, 502, None, 1000]),
        (4, 9, [1, 2, 3, 4, 5, 6, None, 9]),
    ],
)
def test_page_numbers_stay_few(at: int, last: int, expected: list[int | None]) -> None:
    """A thousand pages are not a thousand links."""
    assert page_numbers(at, last) == expected


def test_past_the_last_page_there_is_a_way_back(page: Page) -> None:
    """An old link to a page that is gone is no dead end."""
    results = page("/", q="landing", page="9")
    assert "Page 9 lies past the last one, which is 1." in results.text("p")
    assert "/?q=landing&group=article" in results.links()


def test_nothing_found_offers_ways_on(page: Page) -> None:
    """Each offer is a link to a search that asks for less, with the number of paragraphs that it finds."""
    results = page("/", q="crowd zeppelin", source="north")
    assert "/?q=crowd%20zeppelin&match=any&group=article&source=north" in results.links("/?")
    assert "/?q=crowd&group=article&source=north" in results.links("/?")
    assert {"Any of the words", "Without zeppelin"} <= set(results.texts_in("bdi"))
    assert "1 paragraph" in results.texts_in("span")
    assert "Without the filter north" not in results.texts_in("bdi"), "it finds nothing either"
    assert "/?q=lighthouse&group=article" in page("/", q="lighthouse", source="north").links("/?")
    assert "/?q=&group=article" in page("/", q="", source="nowhere").links("/?"), "nor is an empty query a dead end"
    assert "Without crowd" not in page("/", q="crowd").texts_in("bdi"), "what was found needs no help"


def test_what_was_misspelt_is_offered_first(page: Page) -> None:
    """The likeliest reason of an empty page, with the number of paragraphs that it finds."""
    results = page("/", q="lightouse nubmer")
    assert "/?q=lighthouse%20number&group=article" in results.links("/?q=")
    assert "lightouse" in results.texts_in("bdi"), "the word is named"
    assert f"({MANY} paragraphs)" in results.texts_in("span")
    assert "Did you mean" in results.text("p")
    assert "Any of the words" not in results.texts_in("bdi"), "neither word is in the archive"
    assert "Did you mean" not in page("/", q="xqzw").text("p")
    assert "/?q=lighthouse&group=article&source=south" in page("/", q="lightouse", source="south").links("/?")


def test_each_result_says_why_it_is_one(page: Page) -> None:
    """One link away, on the same page: nobody pays for what they did not ask."""
    results = page("/", q="landing", source="north", group="none")
    [first, _] = [link for link in results.links("/?") if "explain" in link]
    assert first.endswith("#why")
    assert "#" not in first.removesuffix("#why")
    explained = page(first)
    assert "Its score is" in explained.text("p")
    assert "landing" in explained.texts_in("code")
    assert "in the title, which counts twice" in explained.text("li")
    assert len([link for link in explained.links("/?") if "explain" in link]) == 1, "the other one"
    assert not [link for link in page("/", q="landing", sort="date").links("/?") if "explain" in link]
    assert not [link for link in page("/", q="").links("/?") if "explain" in link]


def test_a_paragraph_that_is_not_found_says_why(page: Page) -> None:
    """Whoever knows that it is there wants to know what to leave out."""
    results = page("/", q="landing zeppelin", explain="moon.txt-p1")
    assert "moon.txt-p1 does not match" in results.text("p")
    assert "zeppelin" in results.texts_in("code")


@pytest.mark.parametrize("q", ["landing", ""])
def test_reasons_that_were_asked_for_are_shown(page: Page, q: str) -> None:
    """In any order of results, and without a word that is searched for: whoever follows a link to them wants them."""
    results = page("/", q=q, sort="date", explain="moon.txt-p1")
    assert len(results.all("section", id="why")) == 1
    assert not [link for link in results.links("/?") if "explain" in link]


def test_reasons_have_a_budget_of_their_own(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """The searches that took most are those whose results make people ask why."""

    def costly(*args: Any, **options: Any) -> model.Page:  # noqa: ANN401 - those of `find`
        found = service.find(*args, **options)
        args[2].charge(UNITS)
        return found

    monkeypatch.setattr(pages, "find", costly)
    assert "Its score is" in page("/", q="landing", explain="moon.txt-p1").text("p")


def test_what_cannot_be_explained_leaves_the_results(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """The article of a link that was passed on may be gone; what was found is not."""
    notes = {"gone.txt-p1": "no article 'gone.txt'", "<b>": "'<b>' is no id", "moon.txt-p9": "1 to 2"}
    for wanted, note in notes.items():
        shown = page("/", q="landing", explain=wanted)
        assert [text for text in shown.texts_in("p") if note in text], wanted
        assert not shown.all("b")
        assert "2 paragraphs" in shown.text("h1")
    monkeypatch.setattr(explained_text, "TEXT_COST", UNITS)
    assert "too much work" in page("/", q="landing", explain="moon.txt-p1").text("p")


def test_reasons_that_were_cut_short_are_not_kept(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too slow for once is no property of the page: a browser that keeps it would show that until the next run."""

    def slow(*args: Any) -> None:  # noqa: ANN401 - those of `explain`
        args[3].out_of_time = True
        raise RequestError("q", "Too slow.")

    kept = client.get("/?q=landing&explain=moon.txt-p1")
    assert "ETag" in kept.headers
    monkeypatch.setattr(pages, "explain", slow)
    short = client.get("/?q=landing&explain=moon.txt-p1")
    assert "Too slow." in short.text
    assert (short.headers["Cache-Control"], "ETag" in short.headers) == ("no-store", False)


def test_filters_are_counted_as_they_are_shown(page: Page) -> None:
    """A badge that counts what has no chip sends people looking for it."""
    plain = page("/", q="lighthouse", sort="date", group="article")
    assert not plain.all("span", **{"class": "badge"})
    assert "Remove the filter" not in plain.text("span")
    for state in (
        {"match": "any"},
        {"source": "south", "date_from": "1999", "date_to": "1999"},
        {"lang": "en"},
        {"source": "on", "variants": "off"},
        {"lang": "all", "scope": "article"},
    ):
        html = page("/", q="lighthouse", **state)
        number = html.text("span").count("Remove the filter")
        assert str(number) in html.texts_in("span"), state


def test_any_is_a_filter_that_can_be_taken_away(page: Page) -> None:
    """On an empty page, too, where it is the last thing that one remembers."""
    results = page("/", q="zeppelin unicorn", match="any")
    assert "any of them" in results.texts_in("bdi")
    assert "/?q=zeppelin%20unicorn&group=article" in results.links()


def test_nothing_to_narrow_by_shows_nothing(page: Page) -> None:
    """A lone line beside the results looks like something that did not load."""
    assert page("/", q="okapi").texts_in("h2")[:1] == ["When"]
    assert {"When", "Source"} <= set(page("/", q="landing OR lighthouse").texts_in("h2"))
    assert not page("/", q="okapi").all("svg", role="group")


def test_pages_speak_plainly(page: Page) -> None:
    """`Generation 1` and `¶ 9` say nothing to whoever did not build this."""
    for path in ("/", "/?q=landing", "/articles/moon.txt"):
        text = page(path).text()
        assert "generation" not in text
        assert "¶" not in text
        assert "Last updated" in text
    assert "Paragraph 2" in page("/?q=landing").texts_in("bdi")


def test_grouped_results_say_how_many_more(page: Page) -> None:
    """What is folded away is counted; the next best stand there, all others are a link away."""
    results = page("/", q="lighthouse", group="article")
    assert f"{MANY - 1} more in this article" in results.texts_in("summary")
    assert f"All {MANY} in the article" in results.texts_in("a")
    assert len(results.all("p", **{"class": "snippet"})) == 3
    assert len(results.all("article")) == 1


def test_an_article_without_a_title_is_called_by_its_id(page: Page) -> None:
    """A link needs a text to be clicked on."""
    results = page("/", q="okapi")
    assert ODD_ID in results.texts_in("a")


def test_a_guessed_date_is_marked() -> None:
    """03/04/2024 may be in March or in April; what the page shows is not what the document says."""
    engine: Engine = Oracle()
    sure = article("sure", "One okapi.", date="2024-03-04")
    date = sure.heading.date
    assert date is not None
    guess = Article(sure.heading._replace(id="guess", date=date._replace(guessed=True)), sure.paragraphs)
    run(engine, [sure, guess])
    client = create_app(engine, Settings()).test_client()
    assert client.get("/?q=okapi").text.count("(guessed)") == 1
    assert "(guessed)" in client.get("/articles/guess").text
    assert "(guessed)" not in client.get("/articles/sure").text


def test_a_page_shows_the_generation_it_came_from() -> None:
    """A reindex is visible with the next request, without a restart."""
    engine: Engine = Oracle()
    run(engine, [article("a", "One okapi.")])
    client = create_app(engine, Settings()).test_client()
    assert "Nothing found" in client.get("/?q=zebra").text
    run(engine, [article("b", "One zebra.")])
    assert "/articles/b?q=zebra&amp;group=article&amp;result=1#p1" in client.get("/?q=zebra").text


def test_offers_draw_on_the_budget_of_their_page(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each offer is a search of its own: four whole budgets would be four times what a request may take."""
    made: list[QueryBudget] = []

    def budget() -> QueryBudget:
        made.append(QueryBudget())
        return made[-1]

    monkeypatch.setattr(pages, "QueryBudget", budget)
    monkeypatch.setattr(service, "QueryBudget", budget)
    q = "zeppelinq lighthouseq"
    assert client.get("/", query_string={"q": q}).status_code == 200
    (spent,) = made
    assert spent.spent > CHARACTER_COST * len(q) + CANDIDATE_COST


def test_reasons_are_offered_in_every_ranking(page: Page) -> None:
    """The page's own link to the best first says so in its address, and is no other ranking."""
    for sort in ({}, {"sort": "relevance"}):
        assert page("/", q="landing", **sort).links("/?q=landing&"), sort
        assert [link for link in page("/", q="landing", **sort).links("/?") if "explain=" in link], sort
    assert not [link for link in page("/", q="landing", sort="date").links("/?") if "explain=" in link]
