"""What goes wrong on the server: a 503 that says what to do, a 500 without a traceback, and the two health checks."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from search.engine import Engine
from search.errors import (
    IndexDamaged,
    IndexLocked,
    IndexMissing,
    IndexOutdated,
    OperatorError,
    StemmaError,
    StorageError,
)
from search.settings import Settings
from tests.oracle import Oracle
from tests.web.dom import problem
from web import create_app


class Failing(Oracle):
    """An engine that cannot open its index."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def snapshot(self) -> Any:  # noqa: ANN401 - it never returns
        raise self.error


def failing(error: Exception) -> FlaskClient:
    engine: Engine = Failing(error)
    return create_app(engine, Settings()).test_client()


OPERATOR_ERRORS = [
    (IndexMissing("/secret/index"), "index-missing", "stemma reindex"),
    (IndexOutdated("/secret/index", 1, 2), "index-outdated", "stemma reindex --full"),
    (IndexDamaged("/secret/index/x.seg is cut short"), "index-damaged", "stemma reindex --full"),
    (StorageError("/secret/index is on a full disk.", "Make room."), "storage", "Make room."),
    (OperatorError("http://user:secret@cluster does not answer.", "Start it."), "unavailable", "Start it."),
]


@pytest.mark.parametrize(("error", "code", "advice"), OPERATOR_ERRORS, ids=lambda value: type(value).__name__)
def test_an_index_that_cannot_be_opened_is_a_503(error: StemmaError, code: str, advice: str) -> None:
    """It says what to do, without paths or passwords of the server to whoever asks."""
    client = failing(error)
    for path in ("/api/v1/search?q=a", "/api/v1/articles/a", "/readyz"):
        found = problem(client, path, 503, code)
        assert advice in found["detail"]
        assert "secret" not in found["detail"]
    for path in ("/", "/?q=a", "/articles/a"):
        response = client.get(path)
        assert response.status_code == 503
        assert advice in response.text
        assert "secret" not in response.text


def test_the_log_gets_the_whole_error(caplog: pytest.LogCaptureFixture) -> None:
    """What visitors are not told, the operator is."""
    failing(IndexMissing("/secret/index")).get("/")
    assert "There is no index in /secret/index." in caplog.text


def test_retry_later_says_when() -> None:
    """Clients back off by themselves."""
    client = failing(IndexLocked("Another process writes."))
    problem(client, "/api/v1/search?q=a", 503, "retry-later")
    assert int(client.get("/api/v1/search?q=a").headers["Retry-After"]) > 0


def test_a_bug_shows_no_traceback() -> None:
    """A bug is a 500 in the usual form; where it is, only the log says."""
    client = failing(ZeroDivisionError("secret"))
    problem(client, "/api/v1/search?q=a", 500, "internal-error")
    response = client.get("/?q=a")
    assert response.status_code == 500
    assert "Something went wrong" in response.text
    assert "secret" not in response.text
    assert "Traceback" not in response.text


def test_alive_is_not_ready() -> None:
    """A process without an index must not be restarted for it, nor be sent visitors."""
    client = failing(IndexMissing("here"))
    assert client.get("/healthz").json == {"status": "ok"}
    problem(client, "/readyz", 503, "index-missing")


def test_ready_has_searched(client: FlaskClient) -> None:
    """A real search over every paragraph, not a file that exists."""
    found = client.get("/readyz").json
    assert found is not None
    assert found["status"] == "ok"
    assert found["paragraphs"] > 0


def test_a_command_to_run_is_set_as_one() -> None:
    """A page is no terminal: the signs around it were shown as they are."""
    page = failing(IndexMissing("/secret/index")).get("/").text
    assert "Run <code>stemma reindex</code> first." in page
    assert "`" not in page
