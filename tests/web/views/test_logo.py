"""The picture beside the archive's name, which an operator may set."""

from __future__ import annotations

from pathlib import Path

import pytest

from search.errors import SettingsError
from search.settings import Settings
from tests.contract.engines import article, run
from tests.oracle import Oracle
from web import create_app


def test_a_logo_is_served_and_runs_nothing(tmp_path: Path) -> None:
    """A picture can hold scripts; opened by itself, it is under the policy of every page."""
    (tmp_path / "sign.SVG").write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    engine = Oracle()
    run(engine, [article("a", "One okapi.")])
    client = create_app(engine, Settings(name="<b>Zoo", logo=str(tmp_path / "sign.SVG"))).test_client()
    response = client.get("/logo")
    assert response.content_type.startswith("image/svg+xml")
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    assert "ETag" in response.headers
    assert 'src="/logo"' in client.get("/?q=okapi").text
    assert "&lt;b&gt;Zoo" in client.get("/").text


@pytest.mark.parametrize(("name", "text"), [("gone.png", None), ("page.html", "<html>"), ("empty.png", "")])
def test_what_is_no_picture_is_refused_at_the_start(tmp_path: Path, name: str, text: str | None) -> None:
    """An operator learns of a mistyped path from the start, not from a hole in each page."""
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(SettingsError, match=name):
        create_app(Oracle(), Settings(logo=str(tmp_path / name)))


def test_without_a_logo_there_is_no_address() -> None:
    """The sign of Stemma is part of the page."""
    assert create_app(Oracle(), Settings()).test_client().get("/logo").status_code == 404
