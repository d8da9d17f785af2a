"""What the servers are asked for."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from benchmarks import http_load, wrk
from benchmarks.opensearch import OpenSearch, request_of, rows_of
from benchmarks.peers import Unavailable
from benchmarks.queries.tree import And, Near, Not, Or, Phrase, Query, Word
from search.dates import parse_date
from search.model import Article, Heading

A, B, C = map(Word, "abc")


def test_ours_is_asked_as_a_browser_asks() -> None:
    """What is wanted besides the query stands in parameters of its own."""
    assert http_load.ours_of(Query(Or((A, B)))).path == "/api/v1/search?q=a+b&match=any"
    assert http_load.ours_of(Query(And((A, Not(B))), "newest"), "/").path == "/?q=a+-b&match=all&sort=-date"


def test_opensearch_is_asked_for_the_same() -> None:
    """A filter or a NOT that is left out makes less work, or more."""
    body = json.loads(request_of(Query(Or((A, B)), source="rfc", years=(1990, 1991))).body)
    assert body["query"]["bool"]["must"] == [{"match": {"text": {"query": "a b", "operator": "or"}}}]
    assert {"term": {"source": "rfc"}} in body["query"]["bool"]["filter"]
    assert body["track_total_hits"] is True
    tree = And((Or((A, Phrase(("b", "c")))), Not(C), Near(("a", "b"))))
    query = json.loads(request_of(Query(tree, "deep")).body)
    assert query["from"] == 490
    assert query["query"]["bool"]["must_not"] == [{"match": {"text": "c"}}]
    assert query["query"]["bool"]["must"][0]["bool"]["minimum_should_match"] == 1


def test_a_bulk_has_two_lines_for_each_paragraph() -> None:
    """A line break in a text would end its document."""
    article = Article(Heading("rfc/1", "title", parse_date("1990"), "rfc", "en"), ("one\ntwo", "three"))
    rows = list(rows_of([article]))
    assert [row.count("\n") for row in rows] == [2, 2]
    assert json.loads(rows[0].splitlines()[1]) == {
        "article": "rfc/1", "title": "title", "source": "rfc", "text": "one\ntwo",
        "date": str(parse_date("1990").start),
    }  # fmt: skip


def test_servers_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """What disturbs the machine for a while disturbs both, and neither is always first."""
    asked = []

    def load(address: str, requests: Path, clients: int, seconds: int) -> dict[str, float]:
        asked.append(address)
        return {"rate": 30.0 if address == "a" else 10.0, "p50": float(len(asked))}

    monkeypatch.setattr(wrk, "load", load)
    servers = {"ours": ("a", Path("x")), "opensearch": ("b", Path("y"))}
    found = http_load.by_turns(servers, 8, http_load.Load(rounds=2))
    assert asked == ["a", "b", "b", "a"]
    assert found["ratio"] == 3
    assert found["ours"]["p50"] == 2.5


def test_requests_of_the_load_generator_are_lines(tmp_path: Path) -> None:
    """Its script reads them so: a body is all that is left of the line."""
    kept = wrk.keep([wrk.Request("GET", "/?q=a"), wrk.Request("POST", "/x", '{"a": 1}')], tmp_path / "requests")
    assert kept.read_text() == 'GET\t/?q=a\t\nPOST\t/x\t{"a": 1}\n'
    assert wrk.SCRIPT.exists()
    assert wrk.available() == (shutil.which("wrk") is not None)


def test_without_opensearch_the_rest_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A machine without Java measures what it can, and says what it could not."""

    def missing(node: OpenSearch) -> None:
        raise Unavailable("there is no Java")

    monkeypatch.setattr(wrk, "available", lambda: True)
    monkeypatch.setattr(OpenSearch, "fetch", missing)
    assert http_load.beside(tmp_path, tmp_path / "queries", OpenSearch(tmp_path), http_load.Load()) == {}
    assert "OpenSearch is left out: there is no Java" in capsys.readouterr().err
