"""Long articles are shown in parts, and every link to a paragraph leads to the part that has it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from search.engine import Engine
from search.highlight import UNMARKED
from search.model import Article, Heading
from search.settings import Settings
from tests.contract.engines import LASTING, run
from tests.timeouts import in_proportion
from web import create_app, urls
from web.urls import PART

LONG = 2 * PART + 7


@pytest.fixture(scope="module", params=LASTING)
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of an archive with a long article, and one that just fits."""
    folder = tmp_path_factory.mktemp("parts")
    engine = LASTING[request.param](folder / "index")
    texts = {
        "long.txt": tuple(f"Paragraph of number n{number}." for number in range(1, LONG + 1)),
        "fits.txt": tuple(f"Paragraph of number {number}." for number in range(PART)),
    }
    run(engine, [Article(Heading(name, "A title", None, "s", "en"), paragraphs) for name, paragraphs in texts.items()])
    yield create_app(engine, Settings(index=folder)).test_client()
    engine.close()


def page(client: FlaskClient, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.text


def test_a_part_has_the_paragraphs_of_its_numbers(client: FlaskClient) -> None:
    """A million paragraphs in one page are more than a browser shows, or a server renders while others wait."""
    first, second = page(client, "/articles/long.txt"), page(client, f"/articles/long.txt?paragraph={PART + 3}")
    assert re.findall(r'id="p(\d+)"', first) == [str(number) for number in range(1, PART + 1)]
    assert re.findall(r'id="p(\d+)"', second) == [str(number) for number in range(PART + 1, 2 * PART + 1)]
    assert f"Paragraphs {PART + 1:,} to {2 * PART:,} of {LONG:,}" in second


def test_parts_lead_to_each_other(client: FlaskClient) -> None:
    """Who reads on must reach the end, and come back, without losing the search."""
    url, seen = "/articles/long.txt?q=number", 0
    while True:
        text = page(client, url)
        seen += len(re.findall(r'id="p\d+"', text))
        further = re.search(r'<a rel="next" href="([^"]+)"', text)
        if further is None:
            break
        url = unescape(further[1])
    assert seen == LONG
    back = re.search(r'<a rel="prev" href="([^"]+)"', text)
    assert back
    assert f'id="p{PART + 1}"' in page(client, unescape(back[1]))
    assert "q=number" in unescape(back[1])


@pytest.mark.parametrize("number", [1, PART, PART + 1, LONG])
def test_links_lead_to_the_part_that_has_the_paragraph(client: FlaskClient, number: int) -> None:
    """A link to a paragraph that is on another page leads to the top of the wrong one."""
    found = client.get(f"/api/v1/search?q=n{number}").json
    assert found is not None
    (hit,) = found["hits"]
    assert hit["paragraph"]["number"] == number
    path, _, anchor = hit["url"].partition("#")
    assert f'id="{anchor}"' in page(client, path)
    shown = re.search(r'<a class="number" href="([^"]+)"', page(client, f"/?q=n{number}"))
    assert shown
    path, _, anchor = unescape(shown[1]).partition("#")
    assert f'id="{anchor}"' in page(client, path)


@given(st.integers(1, 10**9))
def test_a_part_is_known_from_the_number_alone(number: int) -> None:
    """Links are written without a look at the article, so that a hundred of them cost nothing."""
    first = urls.first_of_part(number)
    assert first <= number < first + PART
    assert (first - 1) % PART == 0
    path = urls.paragraph(urls.article("x"), "q=a", number)
    assert path.endswith(f"#p{number}")
    assert ("paragraph=" in path) == (first > 1)


def test_an_article_that_fits_is_whole(client: FlaskClient) -> None:
    """Nearly all articles do; nothing of parts is to be seen there."""
    text = page(client, "/articles/fits.txt")
    assert text.count('<p id="p') == PART
    assert "Parts" not in text
    assert "paragraph=" not in text


@pytest.mark.parametrize("value", ["0", "-1", "x", str(LONG + 1), "99999999999999"])
def test_paragraphs_that_there_are_not(client: FlaskClient, value: str) -> None:
    """A mistyped number is told from the right ones."""
    for path in ("/articles/long.txt", "/api/v1/articles/long.txt"):
        assert client.get(f"{path}?paragraph={value}").status_code == 400


def test_programs_read_on(client: FlaskClient) -> None:
    """A program that is given a part has to know how to get the next one."""
    numbers: list[int] = []
    following: int | None = 1
    while following:
        found = client.get(f"/api/v1/articles/long.txt?paragraph={following}").json
        assert found is not None
        assert found["total_paragraphs"] == LONG
        numbers += [one["number"] for one in found["paragraphs"]]
        following = found["next_paragraph"]
    assert numbers == list(range(1, LONG + 1))


@pytest.mark.no_cover  # it would take thrice as long, and other tests reach these lines
def test_marks_of_an_article_are_bounded(engine: Engine, tmp_path: Path) -> None:
    """Marking thousands of misspellings in a long article took minutes, for a client that was long gone."""
    texts = tuple(" ".join(f"w{number * 40 + i:x}q" for i in range(40)) for number in range(PART))
    run(engine, [Article(Heading("many.txt", "A title", None, "s", "en"), texts)])
    misspelt = "+".join(f"w{number:x}~" for number in range(0, 90_000, 100))
    client = create_app(engine, Settings(index=tmp_path)).test_client()
    with in_proportion():
        assert UNMARKED in unescape(page(client, f"/articles/many.txt?q={misspelt}"))
