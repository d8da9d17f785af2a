"""Everything that an article or a query says is hostile until it is escaped."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from urllib.parse import quote, quote_from_bytes

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import example, given
from hypothesis import strategies as st

from search.engine import Engine
from search.settings import Settings
from tests.contract.engines import article, run
from tests.oracle import Oracle
from tests.timeouts import in_proportion
from tests.web.archive import ARTICLES, NASTY
from tests.web.dom import Dom
from web import create_app

Page = Callable[..., Dom]

ELEMENTS = """
    html head meta title link body header main footer nav section article aside h1 h2 h3 p ul ol li dl dt dd div span a
    b bdi code mark time form label input select option button details summary svg path circle script figure
    figcaption table thead tbody tr th td g text fieldset legend caption title
"""
"""What our templates are made of. Anything else came from an article or a query."""
ATTRIBUTES = """
    action autocapitalize autocomplete autofocus charset checked class content cx cy d data-day data-panel data-search
    data-title data-url datetime defer dir download enterkeyhint fill focusable for height href id inputmode
    lang media method name open placeholder preserveaspectratio r rel role scope selected spellcheck src start
    stroke stroke-dasharray stroke-width tabindex text-anchor title type value viewbox width x y
    aria-current aria-describedby aria-hidden aria-invalid aria-label aria-labelledby
"""
BROKEN = (
    *("%00", "moon%00landing", "%ff", "%f0%28%8c%28", "%ed%a0%80", "%u0041", "%", "%2", "a%", "\xff"),
    "%0d%0aSet-Cookie:x",
)
QUERY_TEXT = st.text() | st.text('ab"()-~*?:/ <>&\x00\u202eANDORTENR5') | st.from_regex(r"(\w+ (AND|OR|NOT) ){1,4}\w+")
PARTS = st.lists(st.sampled_from([b"q=", b"&", b"=", b"page=", b"1", b"%", b"+", b"a"])).map(b"".join)


def assert_ours(html: str) -> Dom:
    """Nothing is in the page but what templates put there, and no link leaves the site."""
    dom = Dom(html)
    assert {tag for tag, _ in dom.elements} <= set(ELEMENTS.split())
    assert {name for _, attributes in dom.elements for name in attributes} <= set(ATTRIBUTES.split())
    data = dom.all("script", type="application/ld+json")
    assert [json.loads(text)["@type"] for text in dom.texts_in("script")] == ["Article"] * len(data), "data, no code"
    for script in dom.all("script"):
        assert script in data or re.fullmatch(r"/static/[a-z]+\.js\?v=\w+", script["src"] or ""), "only our own files"
    for tag in ("a", "link"):
        for found in dom.all(tag):
            link = found["href"] or ""
            if tag == "link" and found["rel"] == "canonical":  # absolute, as search engines want it, and of this site
                assert link.startswith("http://localhost/"), link
                link = link.removeprefix("http://localhost")
            assert link.startswith(("/", "#")), link
            assert not link.startswith("//"), link
    return dom


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/?q=xylophone", "/articles/nasty.txt", "/articles/nasty.txt?q=xylophone"),
        *("/concordance?q=xylophone", "/trends?q=okapi&q=moon"),
    ],
)
def test_an_article_cannot_become_html(client: FlaskClient, path: str) -> None:
    """Whoever gets an article into the archive must not get a script into its readers' browsers."""
    html = client.get(path).text
    dom = assert_ours(html)
    if "xylophone" in path:
        assert "xylophone" in dom.texts_in("mark")
        assert "<script>alert('x')</script>" in dom.text()


@pytest.mark.parametrize(
    "q", [NASTY, '"><script>alert(1)</script>', "'onfocus='x", "javascript:x", "{{ 7*7 }}", "%3Cb%3E"]
)
@pytest.mark.parametrize("path", ["/", "/articles/moon.txt", "/trends", "/concordance"])
def test_a_query_cannot_become_html(client: FlaskClient, path: str, q: str) -> None:
    """A link with a query in it is the easiest thing to send to somebody."""
    response = client.get(path, query_string={"q": q})
    assert response.status_code in {200, 400}
    dom = assert_ours(response.text)
    [box] = dom.all("input", id="q")
    assert box["value"] == q
    assert "49" not in dom.text("code")


@pytest.mark.parametrize("name", ["source", "lang", "date_from", "sort", "page", "<b>x"])
def test_no_parameter_can_become_html(client: FlaskClient, name: str) -> None:
    """Filters are shown as they were given."""
    response = client.get("/", query_string={"q": "moon", name: '"><script>alert(1)</script>'})
    assert response.status_code in {200, 400}
    assert_ours(response.text)


@pytest.mark.parametrize(
    "q",
    [
        "%00",
        "moon%00landing",
        "%ff",
        "%f0%28%8c%28",
        "%ed%a0%80",
        "%u0041",
        "%",
        "%2",
        "a%",
        "\xff",
        "%0d%0aSet-Cookie:x",
    ],
)
@pytest.mark.parametrize(
    "path", ["/?q=", "/api/v1/search?q=", "/articles/moon.txt?q=", "/articles/", "/api/v1/articles/"]
)
def test_broken_bytes_are_no_server_error(client: FlaskClient, path: str, q: str) -> None:
    """Scanners send these all day long."""
    response = client.get(path + q)
    assert response.status_code in {200, 400, 404}
    assert "Set-Cookie" not in response.headers
    assert "Traceback" not in response.text


@pytest.fixture(scope="module")
def oracle_client() -> FlaskClient:
    engine: Engine = Oracle()
    run(engine, ARTICLES)
    return create_app(engine, Settings()).test_client()


QUERY_TEXT = (
    st.text() | st.text(alphabet='ab"()-~*?:/ <>&\x00\u202eANDORTENR5') | st.from_regex(r"(\w+ (AND|OR|NOT) ){1,4}\w+")
)


@given(q=QUERY_TEXT)
@example(q="\ud800")
def test_any_query_is_answered_or_refused(oracle_client: FlaskClient, q: str) -> None:
    """A query never gives a 500, in JSON, on the results page or on an article's."""
    encoded = quote(q, errors="surrogatepass", safe="")
    for path in (f"/?q={encoded}", f"/articles/moon.txt?q={encoded}", f"/api/v1/search?q={encoded}"):
        response = oracle_client.get(path)
        assert response.status_code in {200, 400}, response.text
        if path.startswith("/api"):
            found = json.loads(response.text)
            assert (response.status_code == 200) == ("hits" in found)
        else:
            assert_ours(response.text)


@given(
    raw=st.binary(max_size=60)
    | st.lists(st.sampled_from([b"q=", b"&", b"=", b"page=", b"1", b"%", b"+", b"a"])).map(b"".join)
)
def test_any_query_string_is_answered_or_refused(oracle_client: FlaskClient, raw: bytes) -> None:
    """Whatever bytes stand after the question mark."""
    encoded = quote_from_bytes(raw, safe="&=+%;")
    for path in ("/", "/api/v1/search", "/articles/moon.txt", "/api/v1/articles/moon.txt"):
        assert oracle_client.get(f"{path}?{encoded}").status_code in {200, 302, 400}


@given(path=st.text(max_size=40))
def test_any_path_is_answered_or_refused(oracle_client: FlaskClient, path: str) -> None:
    """Whatever stands before the question mark."""
    encoded = quote(path, errors="surrogatepass", safe="/")
    for prefix in ("/articles/x", "/api/v1/articles/x", "/static/", "/x"):
        assert oracle_client.get(prefix + encoded).status_code in {200, 404}


def client_of(*texts: str, title: str = "A title") -> FlaskClient:
    engine: Engine = Oracle()
    run(engine, [article("a", *texts, title=title)])
    return create_app(engine, Settings()).test_client()


def test_a_megabyte_in_one_word_is_shown() -> None:
    """Data that somebody pasted into an article: results stay small, the article comes whole, neither takes long."""
    client = client_of("x" * 1_000_000 + " okapi", title="y" * 1_000_000)
    with in_proportion():
        results = client.get("/?q=okapi").text
        whole = client.get("/articles/a?q=okapi").text
    assert len(results) < 20_000
    assert "x" * 1_000_000 in whole
    assert "<mark>okapi</mark>" in whole


def test_direction_marks_stay_in_their_element(client: FlaskClient) -> None:
    """An unclosed right-to-left override in a title must not turn the rest of the page around."""
    dom = Dom(client.get("/?q=xylophone").text)
    assert all(heading.get("dir") == "auto" for heading in dom.all("h2") if heading)
    assert any("\u202eevil" in text for text in dom.texts_in("a"))
    assert all(p.get("dir") == "auto" for p in Dom(client.get("/articles/nasty.txt").text).all("p") if p.get("id"))


def test_nothing_is_trusted(app: Flask) -> None:
    """One `|safe` is all that a script needs; there is none, and autoescape is on for every template."""
    assert app.jinja_env.loader is not None
    names = [name for name in app.jinja_env.list_templates() if name.endswith(".html")]
    assert len(names) >= 6
    for name in names:
        source, _, _ = app.jinja_env.loader.get_source(app.jinja_env, name)
        assert "|safe" not in source.replace(" ", ""), name
        assert "autoescape" not in source, name
        assert "style=" not in source, name
        assert app.select_jinja_autoescape(name)
