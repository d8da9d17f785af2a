"""Citations: what reference managers are given has to be read by them, whatever an article is called."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.dates import parse_date
from search.model import Heading
from web.presentation import citations

ROOT = "https://archive.example"
TITLE = "50% of {all} costs & #1 in A_B"


def cited(title: str = TITLE, date: str = "1961-03-14 08:15", article_id: str = "a/b.txt") -> citations.Citation:
    heading = Heading(article_id, title, parse_date(date) if date else None, "gazette", "en")
    return citations.citation(heading, ROOT, with_source=True)


def test_the_plain_citation() -> None:
    """It is what people paste under a quotation."""
    assert citations.plain(cited("Pumps")) == (
        "“Pumps”. gazette, 14 March 1961. https://archive.example/articles/a/b.txt"
    )
    assert citations.plain(cited("Pumps", "")) == "“Pumps”. gazette, undated. https://archive.example/articles/a/b.txt"


def test_a_source_that_is_the_only_one_says_nothing() -> None:
    """The name of the one folder of an archive is no publication."""
    found = citations.citation(Heading("a", "Pumps", None, "seeds", "en"), ROOT, with_source=False)
    assert "seeds" not in citations.plain(found) + citations.bibtex(found) + citations.ris(found)
    assert "seeds" not in json.dumps(citations.meta_tags(found) | citations.json_ld(found))


def test_bibtex_escapes_what_tex_would_take_for_its_own() -> None:
    """An unescaped % takes the rest of the bibliography with it."""
    entry = citations.bibtex(cited())
    assert r"title = {{50\% of \{all\} costs \& \#1 in A\_B}}" in entry
    assert "date = {1961-03-14}" in entry
    assert entry.startswith("@misc{a-b-txt,")


@pytest.mark.parametrize(("date", "day"), [("1961-03-14", "1961/03/14"), ("1961-03", "1961/03/"), ("1961", "1961//")])
def test_ris_has_dates_as_precise_as_they_are_known(date: str, day: str) -> None:
    """A day that nobody knows must not be made up."""
    lines = citations.ris(cited(date=date)).split("\r\n")
    assert f"DA  - {day}" in lines
    assert "PY  - 1961" in lines
    assert lines[0] == "TY  - NEWS"
    assert lines[-2] == "ER  - "


@pytest.mark.parametrize(("date", "parts"), [("1961-03-14", [1961, 3, 14]), ("1961", [1961])])
def test_csl_json(date: str, parts: list[int]) -> None:
    """Zotero, pandoc and citeproc read it."""
    (item,) = json.loads(citations.csl_json(cited(date=date)))
    assert item["issued"] == {"date-parts": [parts]}
    assert (item["title"], item["container-title"]) == (TITLE, "gazette")


@given(st.text(min_size=1), st.text(min_size=1))
def test_no_title_breaks_out_of_its_field(title: str, article_id: str) -> None:
    """A title with a line break or a brace could add fields of its own to a record."""
    found = cited(title, "", article_id)
    assert len(citations.plain(found).splitlines()) == 1
    tags = [line[:6] for line in citations.ris(found).splitlines()]
    assert [tag for tag in tags if tag != "ID  - "] == ["TY  - ", "TI  - ", "T2  - ", "LA  - ", "UR  - ", "ER  - "]
    entry = citations.bibtex(found)
    bare = re.sub(r"\\[{}]", "", entry)
    assert bare.count("{") == bare.count("}")
    assert re.fullmatch(r"[A-Za-z0-9-]+\.bib", citations.file_name(found, "bib"))


def test_coins_describe_an_article() -> None:
    """Zotero reads them off a list of results, in one click for all of them."""
    heading = Heading("a b", "Pumps & wells", parse_date("1961-03"), "gazette", "en")
    fields = parse_qs(citations.coins(heading, ROOT, with_source=True))
    assert fields["rft.title"] == ["Pumps & wells"]
    assert fields["rft.date"] == ["1961-03"]
    assert fields["rft.identifier"] == ["https://archive.example/articles/a%20b"]


@given(st.text(min_size=1), st.text(min_size=1))
def test_coins_give_a_title_and_an_address_back(title: str, article_id: str) -> None:
    """A reference manager splits them at signs that a title can contain too."""
    heading = Heading(article_id, title, None, "", "en")
    cited = citations.citation(heading, ROOT, with_source=False)
    fields = parse_qs(citations.coins(heading, ROOT, with_source=False), errors="surrogatepass", separator="&")
    assert fields["rft.title"] == [cited.title]
    assert fields["rft.identifier"] == [cited.url]
