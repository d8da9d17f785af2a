"""The paragraphs that are measured on: real text from a folder of `NAME.jsonl.xz`, one article a line."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from search.dates import parse_date, year_and_month
from search.model import Article, Heading

SETS = {"novels-en": 268_568, "reuters21578": 105_772, "rfc": 649_811}
"""The sets of the 1M set, and their paragraphs."""


NO_DATE = -(1 << 40)
"""Seconds since 1970 that are before every date."""


class Document(NamedTuple):
    """A paragraph as engines take it that know no articles: the first one of each article has the title."""

    number: int
    title: str
    text: str
    source: str
    year: int
    date: int


def read(folder: Path, sets: Iterable[str], paragraphs: int) -> list[Article]:
    """So many paragraphs, from each set in proportion to its size; the first ones of each."""
    sizes = {name: SETS[name] for name in sets}
    whole = sum(sizes.values())
    wanted = min(paragraphs, whole)
    articles: list[Article] = []
    taken = passed = 0
    for name, size in sizes.items():
        passed += size
        share = wanted * passed // whole - taken
        taken += share
        articles += _first(_records(folder / f"{name}.jsonl.xz"), name, share)
    return articles


def _records(path: Path) -> Iterator[dict[str, Any]]:
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _first(records: Iterable[dict[str, Any]], name: str, paragraphs: int) -> Iterator[Article]:
    """Articles until there are so many paragraphs; the last one is cut short."""
    for record in records:
        texts = tuple(record["paragraphs"][:paragraphs])
        paragraphs -= len(texts)
        if texts:
            date = parse_date(record["date"]) if record["date"] else None
            yield Article(Heading(f"{name}/{record['id']}", record["title"], date, name, "en"), texts)
        if not paragraphs:
            return


def save(articles: Iterable[Article], path: Path) -> None:
    """Keep articles where each process can load them quickly."""
    with path.open("w", encoding="utf-8") as file:
        for article in articles:
            heading = article.heading
            date = heading.date and heading.date.text
            file.write(json.dumps([heading.id, heading.title, date, heading.source, article.paragraphs]) + "\n")


def load(path: Path) -> list[Article]:
    """What `save` kept."""
    articles = []
    with path.open(encoding="utf-8") as file:
        for line in file:
            name, title, date, source, texts = json.loads(line)
            articles.append(Article(Heading(name, title, date and parse_date(date), source, "en"), tuple(texts)))
    return articles


def documents(articles: Iterable[Article]) -> Iterator[Document]:
    """The paragraphs of all articles, numbered from 0; `date` is in seconds. No date is older than any."""
    number = 0
    for article in articles:
        heading = article.heading
        year = int(year_and_month(heading.date)[0]) if heading.date else 0
        date = heading.date.start if heading.date else NO_DATE
        for place, text in enumerate(article.paragraphs):
            yield Document(number, "" if place else heading.title, text, heading.source, year, date)
            number += 1


def raw_bytes(articles: Iterable[Article]) -> int:
    """The text in UTF-8: paragraphs, and each title once."""
    return sum(len(text.encode()) for article in articles for text in (article.heading.title, *article.paragraphs))
