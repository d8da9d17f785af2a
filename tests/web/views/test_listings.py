"""The lists of sources and articles: whoever keeps a copy by them has what the index has."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from search import ledger as ledger_module
from search.bulk import changes
from search.index import WhooshEngine
from search.indexing import reindex
from search.ledger import Ledger, LedgerEntry
from search.settings import Settings
from tests.contract.engines import ON_DISK
from tests.web.archive import ARTICLES, PARAGRAPHS
from tests.web.dom import problem
from web import create_app


class Clock:
    """The clock of commits, which a test sets."""

    hour = 10

    @classmethod
    def now(cls, _zone: tzinfo) -> datetime:
        return datetime(2026, 11, 22, cls.hour, tzinfo=UTC)


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., FlaskClient]:
    """`archive(hour, name=text)` writes files of a source, has them indexed at this hour, and gives a client."""
    monkeypatch.setattr(ledger_module, "datetime", Clock)
    engine = ON_DISK["whoosh"](tmp_path / "index")
    client = create_app(engine, Settings()).test_client()
    (tmp_path / "seeds").mkdir()

    def write(hour: int, **files: str | None) -> FlaskClient:
        for name, text in files.items():
            path = tmp_path / "seeds" / name.replace("_", ".")
            path.unlink() if text is None else path.write_text(text, "utf-8")
        monkeypatch.setattr(Clock, "hour", hour)
        reindex(engine, [tmp_path / "seeds"])
        return client

    return write


def listed(client: FlaskClient, query: str = "") -> list[tuple[str, str]]:
    """Id and hour of each article of all pages."""
    found: list[tuple[str, str]] = []
    cursor = ""
    while True:
        response = client.get(f"/api/v1/articles?{query}{cursor}")
        assert response.status_code == 200, response.text
        assert response.json is not None
        found += [(one["id"], one["changed_at"][11:13]) for one in response.json["articles"]]
        if response.json["next_cursor"] is None:
            return found
        cursor = f"&cursor={response.json['next_cursor']}"


def records(*names: str) -> str:
    return "".join(json.dumps({"id": name, "title": name, "text": "Some text."}) + "\n" for name in names)


def test_what_changed_last_is_listed_first(archive: Callable[..., FlaskClient]) -> None:
    """A program that asks for what is new since last time gets that, and nothing twice."""
    client = archive(10, a_txt="A\n\nText.\n", b_txt="B\n\nText.\n", c_jsonl=records("x", "y"))
    assert listed(client) == [("a.txt", "10"), ("b.txt", "10"), ("c.jsonl:x", "10"), ("c.jsonl:y", "10")]
    archive(11, b_txt="B\n\nMore text.\n", d_txt="D\n\nText.\n")
    new = [("b.txt", "11"), ("d.txt", "11")]
    assert listed(client) == [*new, ("a.txt", "10"), ("c.jsonl:x", "10"), ("c.jsonl:y", "10")]
    assert listed(client, "changed_since=2026-11-22T11:00:00Z") == new
    assert listed(client, "changed_since=2026-11-22T12:00:00%2B01:00") == new
    assert listed(client, "changed_since=2026-11-22T11:00:01") == []
    archive(12, a_txt=None, c_jsonl=records("y", "z"))
    assert listed(client) == [("c.jsonl:y", "12"), ("c.jsonl:z", "12"), *new]


def test_an_article_of_the_list_is_that_of_a_search(archive: Callable[..., FlaskClient]) -> None:
    """Names mean the same everywhere."""
    client = archive(10, a_txt="A title\n- 2025-07-23\n\nText.\n")
    found = client.get("/api/v1/articles").json
    hit = client.get("/api/v1/search?q=text").json
    assert found is not None
    assert hit is not None
    assert found["articles"] == [{**hit["hits"][0]["article"], "changed_at": "2026-11-22T10:00:00Z"}]
    assert found["index"] == hit["index"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
def test_pages_of_the_list_have_each_article_once(
    archive: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """A border of a page may lie within a file of many, and must lose none of its records."""
    names = [f"r{n}" for n in range(5)]
    client = archive(10, a_txt="A\n\nText.\n", m_jsonl=records(*names), z_txt="Z\n\nText.\n")
    whole = listed(client)
    assert len(whole) == 7
    monkeypatch.setattr(changes, "PAGE_SIZE", size)
    assert listed(client) == whole


def test_a_cursor_outlives_its_generation(archive: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch) -> None:
    """A list is read while the archive changes: what was not listed yet still comes, what changed comes next time."""
    client = archive(10, a_txt="A\n\nText.\n", b_txt="B\n\nText.\n", c_txt="C\n\nText.\n")
    monkeypatch.setattr(changes, "PAGE_SIZE", 1)
    first = client.get("/api/v1/articles").json
    assert first is not None
    archive(11, c_txt="C\n\nMore.\n")
    assert listed(client, f"cursor={first['next_cursor']}") == [("b.txt", "10")]
    since = first["index"]["updated_at"]
    assert ("c.txt", "11") in listed(client, f"changed_since={since}")


def test_nothing_is_missed_when_a_clock_goes_back(archive: Callable[..., FlaskClient]) -> None:
    """A machine that was restored, or whose clock was wrong: who keeps a copy would have the old text for ever."""
    client = archive(11, a_txt="A\n\nText.\n", b_txt="B\n\nText.\n")
    first = client.get("/api/v1/articles").json
    assert first is not None
    archive(9, b_txt="B\n\nMore.\n")
    assert ("b.txt", "11") in listed(client, f"changed_since={first['index']['updated_at']}")
    archive(12, a_txt="A\n\nMore.\n")
    assert listed(client) == [("a.txt", "12"), ("b.txt", "11")]


def test_what_changes_after_a_restore(
    archive: Callable[..., FlaskClient], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a new machine as well: with a lower generation than what was restored it would be passed over."""
    for hour in (10, 11, 12):
        archive(hour, a_txt="A\n\nText.\n", b_txt=f"B\n\nText of {hour}.\n")
    WhooshEngine(tmp_path / "index").backup(tmp_path / "copy", lambda _done, _whole: None)
    engine = WhooshEngine(tmp_path / "other")
    engine.restore(tmp_path / "copy", lambda _done, _whole: None)
    (tmp_path / "seeds" / "a.txt").write_text("A\n\nMore.\n")
    monkeypatch.setattr(Clock, "hour", 13)
    reindex(engine, [tmp_path / "seeds"])
    client = create_app(engine, Settings()).test_client()
    assert listed(client, "changed_since=2026-11-22T13:00:00Z") == [("a.txt", "13")]
    assert listed(client) == [("a.txt", "13"), ("b.txt", "12")]


@pytest.mark.parametrize("value", ["x", "1-1", "1-1-", "-1-1-a", "1-x-a", "%D9%A1-1-a", "1234567890-1-a"])
def test_a_cursor_of_somebody_else(client: FlaskClient, value: str) -> None:
    """It is an error, not the first page: that would never end."""
    found = problem(client, f"/api/v1/articles?cursor={value}", 400, "bad-parameter")
    assert found["errors"][0]["parameter"] == "cursor"


@pytest.mark.parametrize(
    "value", ["", "yesterday", "2026-13-01", "2026-02-29", "0001-01-01", "2026-01-01T24:00", "20260101", "2026-01-01Z"]
)
def test_a_time_that_is_none(client: FlaskClient, value: str) -> None:
    """A time that is passed over would list everything, or nothing."""
    found = problem(client, f"/api/v1/articles?changed_since={value}", 400, "bad-parameter")
    assert found["errors"][0]["parameter"] == "changed_since"


def test_a_time_may_be_on_a_leap_day(client: FlaskClient) -> None:
    """The pattern of times has to know the calendar: on one day in four years nobody could synchronise."""
    for year in (2000, 2024, 2028, 2400):
        assert client.get(f"/api/v1/articles?changed_since={year}-02-29T10:00:00Z").status_code == 200
    for year in (1900, 2026, 2100):
        problem(client, f"/api/v1/articles?changed_since={year}-02-29", 400, "bad-parameter")


def test_an_index_of_an_older_version_has_times_too(archive: Callable[..., FlaskClient]) -> None:
    """When its articles changed is not known; a time that is too early would hide them from who asks what is new."""
    entries = tuple(LedgerEntry("s", f"{n}", "indexed", f"{n}", generation=n) for n in (1, 3, 5, 7))
    ledger = Ledger({}, entries, {4: "b", 6: "c"})
    assert ledger.changed_at() == {7: "", 6: "c", 5: "c", 4: "b", 3: "b", 1: "b"}
    assert ledger.committed(7, "d").commits == {7: "d"}, "only times that an entry needs are kept"


def test_sources_are_listed(client: FlaskClient) -> None:
    """A program that offers a filter by source needs their names, and what each brings."""
    found = client.get("/api/v1/sources").json
    assert found is not None
    assert [one["name"] for one in found["sources"]] == ["north", "south"]
    assert sum(one["articles"] for one in found["sources"]) == len(ARTICLES)
    assert sum(one["paragraphs"] for one in found["sources"]) == PARAGRAPHS
