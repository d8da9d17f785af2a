"""The texts that are measured on: JSON Lines of articles, packed with xz, as docs/benchmarks.md describes them."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from pathlib import Path

from search.dates import parse_date
from search.model import Article, Heading


def articles(folder: Path, paragraphs: int) -> list[Article]:
    """Articles of all files of a folder in turn, until there are so many paragraphs."""
    readers = [_read(path) for path in sorted(folder.glob("*.jsonl.xz"))]
    if not readers:
        message = f"There are no .jsonl.xz files in {folder}; name a folder with --corpora."
        raise SystemExit(message)
    found: list[Article] = []
    left = paragraphs
    while readers and left > 0:
        for reader in list(readers):
            article = next(reader, None)
            if article is None:
                readers.remove(reader)
            elif left > 0:
                found.append(article)
                left -= len(article.paragraphs)
    return found


def _read(path: Path) -> Iterator[Article]:
    source = path.name.partition(".")[0]
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            data = json.loads(line)
            date = parse_date(data["date"]) if data["date"] else None
            yield Article(
                Heading(f"{source}/{data['id']}", data["title"], date, source, "en"), tuple(data["paragraphs"])
            )
