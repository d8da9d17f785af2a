"""The articles of seeds/: what `make serve` shows on a fresh machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from search.sources import Options, Record, find_files, open_source

ROOT = Path(__file__).parents[2] / "seeds"
FILES = find_files(ROOT, frozenset({".txt"}))
DATE = re.compile(r"- \d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}")


def article_in(path: Path) -> Record:
    (record,) = open_source(path, Options()).records
    assert isinstance(record, Record)
    return record


def test_there_are_enough() -> None:
    """A search over a handful of articles shows neither ranking nor pages nor filters."""
    assert len(FILES) >= 30
    assert not [file.path for file in FILES if file.ignored]


@pytest.mark.parametrize("path", [file.location for file in FILES], ids=lambda path: path.stem)
def test_each_is_in_the_native_format(path: Path) -> None:
    """They are the example of the format to everybody who writes the first file of their own."""
    article = article_in(path)
    title, date, blank, *paragraphs = path.read_text("utf-8").splitlines()
    assert title == article.title
    assert DATE.fullmatch(date)
    assert blank == ""
    assert [line for line in paragraphs if line] == list(article.paragraphs)
    assert article.date is not None
    assert article.date.end - article.date.start == 1
    assert 5 <= len(article.paragraphs) <= 12
    assert all(20 <= len(paragraph.split()) <= 250 for paragraph in article.paragraphs)
    assert path.name.isascii()


def test_no_two_are_the_same() -> None:
    """An article that is there twice makes every search of it look broken."""
    articles = [article_in(file.location) for file in FILES]
    assert len({article.title for article in articles}) == len(articles)
    paragraphs = [paragraph for article in articles for paragraph in article.paragraphs]
    assert len(set(paragraphs)) == len(paragraphs)
