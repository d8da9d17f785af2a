"""A program that asks a running server: by the client of one file, and by what the description allows and forbids."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.processes.commands import ROOT, environment, run
from tests.web.serving.served import Served
from web.client import Client, ProblemError
from web.openapi import OPERATIONS

EXAMPLES = 10
"""Requests that are drawn for each address and kind of request."""


@pytest.fixture
def client(tmp_path: Path, serve: Callable[..., Served]) -> Client:
    """A client of a server that has the seeds."""
    assert run(tmp_path, "reindex", str(ROOT / "seeds")).returncode == 0
    return Client(f"http://127.0.0.1:{serve(tmp_path).port}/")


def test_a_program_can_use_it_all(client: Client) -> None:
    """Search, look closer, take all, keep a copy: what a program does, without a line about HTTP."""
    ready = client.ready()
    found = client.search("moon landing", per_page=2, facets="year,source", sort="relevance")
    hit = found["hits"][0]
    assert found["total"]["value"] >= 2
    assert sum(one["count"] for one in found["facets"]["source"]) == found["total"]["value"]
    assert client.explain("moon landing", hit["id"])["score"] == pytest.approx(hit["score"], abs=1e-5)
    article = client.article(hit["article"]["id"])
    assert article["paragraphs"][hit["paragraph"]["number"] - 1]["text"] == hit["paragraph"]["text"]
    assert all(one["article"]["id"] != article["id"] for one in client.similar(article["id"])["hits"])
    assert client.article(article["id"], q="moon landing")["paragraphs"][hit["paragraph"]["number"] - 1]["highlights"]
    assert client.suggest("moon lan")["completions"]
    assert [one["id"] for one in client.export("moon landing")][:2] == [one["id"] for one in found["hits"]]
    assert sum(1 for _ in client.export("")) == ready["paragraphs"]
    articles = list(client.articles())
    assert len(articles) == sum(source["articles"] for source in client.sources()["sources"]) > 10
    assert list(client.articles(changed_since=found["index"]["updated_at"])) == articles
    assert list(client.articles(changed_since="2999-01-01")) == []


def test_a_program_can_ask_for_much_at_once(client: Client) -> None:
    """Several searches, lists of values, and what the archive says of words: by the same names as everywhere."""
    first, wrong, second = client.multi_search([{"q": "moon", "fields": ["id"]}, {"q": "("}, {"q": "", "per_page": 1}])
    assert [set(one) for one in first["hits"]] == [{"id"}] * len(first["hits"])  # type: ignore[typeddict-item]
    assert wrong["status"] == 400  # type: ignore[typeddict-item]
    assert second["per_page"] == 1  # type: ignore[typeddict-item]
    facets = client.search("", facets=["source", "lang"], fields=["id"])["facets"]
    assert set(facets) == {"source", "lang"}
    langs = [one["value"] for one in facets["lang"]]
    assert client.search("", lang=langs)["total"] == client.search("")["total"]
    assert client.search("", lang=[f"-{lang}" for lang in langs])["total"]["value"] == 0
    one, other = client.trends("moon", "landing")["series"]
    assert (one["q"], other["q"]) == ("moon", "landing")
    assert sum(point["paragraphs"] for point in one["points"]) + one["undated"] == one["total"]["value"]
    assert one["points"][0]["from"] <= one["points"][-1]["from"]
    rows = list(client.concordance("moon", per_page=2, sort="left"))
    assert len(rows) > 2
    assert rows == list(client.concordance("moon", per_page=100, sort="left"))


def test_a_program_learns_what_is_wrong(client: Client) -> None:
    """The code to act upon, and the words to show."""
    with pytest.raises(ProblemError, match="bad-query: A parenthesis is left open") as caught:
        client.search("(moon")
    assert caught.value.problem["errors"][0]["position"] == 0
    with pytest.raises(ProblemError, match="no-such-article"):
        client.article("../none?a#b")


def test_the_server_keeps_to_its_description(client: Client, tmp_path: Path) -> None:
    """What the description allows is answered as it says, what it forbids is refused: all checks, no failure."""
    address = f"{client.address}/openapi.json"
    program = "from schemathesis.cli import schemathesis; schemathesis()"
    options = ("--checks", "all", "--seed", "1", "--generation-database", "none", "--max-examples", str(EXAMPLES))
    patience = ("--request-timeout", "120")  # an answer that never comes is a failure, a frozen machine is none
    config = ("--config-file", str(ROOT / "schemathesis.toml"))
    command = [sys.executable, "-c", program, *config, "run", address, *options, *patience, "--no-color"]
    done = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert f"Tested: {len(OPERATIONS) - 1}\n" in done.stdout, "all but the description itself"
