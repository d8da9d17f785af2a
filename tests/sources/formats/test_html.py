"""HTML: the main text, its title, date and language."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from search.dates import parse_date
from search.errors import UnreadableArticle
from search.sources import Record
from search.sources.formats.html_blocks import TOO_DEEP
from tests.sources.reader_helpers import article, opened, refusal

ONE = "The council approved the new budget on Monday, after a long debate about the schools of both towns."
TWO = "Two members voted against it, because they would rather have had a new bridge over the river."


def page(body: str, head: str = "", lang: str = "en") -> str:
    return f'<!doctype html><html lang="{lang}"><head><title>T | Site</title>{head}</head><body>{body}</body></html>'


BODY = (
    "<nav><ul><li><a href=/a>Politics</a><li><a href=/b>Sports</a></ul></nav><article><h1>A budget</h1>"
    f"<p>{ONE}</p><p>{TWO.replace('new', '<b>new</b>')}</p></article><footer>Copyright</footer><script>x = 1</script>"
)


def test_main_text(tmp_path: Path) -> None:
    """A menu that is on each page would be found on each page."""
    assert article(tmp_path, "a.html", page(BODY, lang="en-GB")) == Record("A budget", None, (ONE, TWO), "en")


@pytest.mark.parametrize(
    ("head", "date", "guessed"),
    [
        ('<meta property="article:published_time" content="2025-07-23T08:15:11Z">', "2025-07-23T08:15:11Z", False),
        ('<meta name="DC.date" content="23 July 2025">', "2025-07-23", False),
        ('<meta name="date" content="03/04/2025">', "2025-03-04", True),
        (
            '<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2025-07-23"}</script>',
            "2025-07-23",
            False,
        ),
    ],
)
def test_dates(tmp_path: Path, head: str, date: str, guessed: object) -> None:
    """Pages state when they were published in as many ways as there are site generators."""
    found = article(tmp_path, "a.htm", page(BODY, head))
    assert (found.date, found.date_guessed) == (parse_date(date), guessed)


@pytest.mark.parametrize(
    ("head", "date", "guessed", "missing"),
    [
        ('<meta name="date" content="unknown">', None, False, "'unknown' is not a date"),
        ('<meta name="date" content="Spring 1998">', "1998", True, "only 1998 was read"),
        ('<meta name="citation_publication_date" content="1998/05">', "1998-05", False, ""),
        ('<meta name="date" content="12.03.2019 14:05 Uhr">', "2019-03-12 14:05", True, ""),
        (
            (
                '<meta name="date" content="Spring 1998">'
                '<script type="application/ld+json">{"datePublished": "2025-07-23"}</script>'
            ),
            "2025-07-23",
            False,
            "",
        ),
    ],
)
def test_dates_that_cannot_be_read(tmp_path: Path, head: str, date: str | None, guessed: object, missing: str) -> None:
    """A page whose date is nonsense is read all the same, and the next statement of a date may be a better one."""
    found = article(tmp_path, "a.htm", page(BODY, head))
    assert (found.date, found.date_guessed) == (parse_date(date) if date else None, guessed)
    assert bool(found.missing) == bool(missing)
    assert missing in "".join(found.missing)


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("<div><h1>Rope forum</h1></div><main><h2>How to splice</h2>{}</main>", "How to splice - Rope forum"),
        ("<div><h1><a href=/>How to</a></h1></div><main><h2>Splices</h2>{}</main>", "How to splice - Rope forum"),
        ("<div><h1>How to splice</h1></div><main>{}</main>", "How to splice"),
        ("<main><h1>Splices<a class=headerlink href='#splices'>¶</a></h1>{}</main>", "Splices"),
    ],
)
def test_the_name_of_a_site_is_no_title(tmp_path: Path, body: str, title: str) -> None:
    """Else all pages of a site have one title in the results; nor does a sign beside a heading belong to it."""
    data = f"<html><head><title>How to splice - Rope forum</title></head><body>{body.format(f'<p>{ONE}<p>{TWO}')}"
    found = article(tmp_path, "a.html", data)
    assert (found.title, found.paragraphs[-2:]) == (title, (ONE, TWO))


def test_a_page_of_nothing_but_a_menu_is_read(tmp_path: Path) -> None:
    """Some pages put all that they hold into the element of a menu."""
    found = article(tmp_path, "a.html", page(f"<nav><h1>T</h1><p>{ONE}</p></nav><script>x</script>"))
    assert found.paragraphs == (ONE,)


def test_short_pages_are_read_whole(tmp_path: Path) -> None:
    """What looks for the main text finds none in a page of two lines, and there is one."""
    found = article(tmp_path, "a_b.html", "<p>Hello.<p>And good<br>bye.<table><tr><td>a<td>b</table>")
    assert found == Record("a b", None, ("Hello.", "And good bye.", "a b"))


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (page(f"<p>Şehirde {ONE}", '<meta charset="windows-1254">').encode("windows-1254"), "windows-1254"),
        (page(f"<p>Şehirde {ONE}", '<meta charset="iso-8859-1">').encode(), "utf-8"),
        (page(f"<p>Şehirde {ONE}", '<meta charset="nonsense">').encode("windows-1254"), "windows-1254 (guessed)"),
        (page(f"<p>Şehirde {ONE}").encode("utf-16"), "utf-16-le"),
        (
            page(f"<p>Şehirde {ONE}", f'<script>{"x" * 9000}</script><meta charset="cp1254">').encode("cp1254"),
            "windows-1254",
        ),
        (b'<?xml version="1.0" encoding="utf-8"?>' + page(f"<p>Şehirde {ONE}").encode(), "utf-8"),
    ],
)
def test_encodings(tmp_path: Path, data: bytes, encoding: str) -> None:
    """A page says what it is in, and sometimes is wrong."""
    reading = opened(tmp_path, "a.html", data)
    (found,) = reading.records
    assert isinstance(found, Record)
    assert found.paragraphs == (f"Şehirde {ONE}",)
    assert reading.encoding == encoding


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("", "empty"),
        (" ", "empty"),
        ("<html></html>", "no text"),
        (page("<script>document.write('a')</script>"), "no text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "NUL"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, data: bytes | str, reason: str) -> None:
    """An article without text would be found by nobody."""
    assert reason in refusal(tmp_path, "a.html", data)


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 50_000 + ONE,
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + f"<p>&b;{ONE}",
        f"<p>&#xD800;&#0;{ONE}",
        "<p" + " a=b" * 50_000 + f">{ONE}",
    ],
    ids=["deep", "entities", "surrogate", "attributes"],
)
def test_hostile_pages(tmp_path: Path, body: str) -> None:
    """They are read or refused; nothing of it is followed or unfolded."""
    with suppress(UnreadableArticle):
        assert ONE in "\n".join(article(tmp_path, "a.html", body).paragraphs)


def test_elements_that_nobody_closed(tmp_path: Path) -> None:
    """Old pages have hundreds of open `font`; the library stopped at the 256th, and nobody heard of the rest."""
    fonts = [f"<font size=2><p>This is the sentence {number} of an old page." for number in range(1000)]
    found = article(tmp_path, "a.html", "<body>" + "".join(fonts))
    assert (len(found.paragraphs), found.missing) == (1000, ())
    found = article(tmp_path, "a.html", "<body>" + "".join(fonts + fonts))
    assert found.missing == (TOO_DEEP,)
    assert TOO_DEEP in refusal(tmp_path, "a.html", "<b>" * 5000 + "text")
