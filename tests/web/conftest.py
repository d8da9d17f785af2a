"""The application over an archive, on each engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from search.engine import Engine
from search.settings import Settings
from tests.contract.engines import ENGINES, run
from tests.web.archive import ARTICLES
from tests.web.browser import browser, open_tab, open_town, site, tabs, town
from tests.web.dom import Dom
from web import create_app

__all__ = ["app", "ask", "browser", "client", "open_tab", "open_town", "page", "site", "stocked", "tabs", "town"]


@pytest.fixture(scope="session", params=ENGINES)
def stocked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine of each kind with the archive in it."""
    engine = ENGINES[request.param](tmp_path_factory.mktemp("web") / "index")
    run(engine, ARTICLES)
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def app(stocked: Engine) -> Flask:
    return create_app(stocked, Settings())


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def page(client: FlaskClient) -> Callable[..., Dom]:
    """`page(path, status, name=value)` asks for a page and takes it apart."""

    def ask(path: str, status: int = 200, **parameters: str) -> Dom:
        response = client.get(path, query_string=parameters or None)
        assert response.status_code == status, response.text
        assert response.content_type == "text/html; charset=utf-8"
        return Dom(response.text)

    return ask


@pytest.fixture
def ask(client: FlaskClient) -> Callable[..., Any]:
    """`ask(name=value)` searches by the API and gives the JSON."""

    def search(**parameters: str) -> Any:  # noqa: ANN401 - JSON is of any type
        response = client.get("/api/v1/search", query_string=parameters)
        assert response.status_code == 200, response.text
        return response.json

    return search
