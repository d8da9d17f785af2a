"""Tiny indexes of given articles, in segments that are not merged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from search.dates import parse_date
from search.index import WhooshEngine
from search.index.snapshot import WhooshSnapshot
from search.index.tuning import MEASURED, Tuning
from search.index.writing import merge
from search.ledger import Ledger
from search.model import Article, Heading

ALL_DENSE = replace(MEASURED, dense_paragraphs=1, nextword_share=1 << 40, nextword_seconds=60.0)
"""Terms in more than 64 paragraphs are dense, and every term has neighbours."""


def article(
    name: str, *paragraphs: str, title: str = "", date: str = "", source: str = "s", lang: str = "en"
) -> Article:
    """An article of some paragraphs."""
    return Article(Heading(name, title, parse_date(date) if date else None, source, lang), paragraphs)


def index(folder: Path, *segments: Sequence[Article], tuning: Tuning = MEASURED) -> WhooshSnapshot:
    """A snapshot with a segment for each of some sequences of articles."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("SMALL", 0), ("DEAD", 2.0), ("SIMILAR", 0)):
            patch.setattr(merge, name, value)
        engine = WhooshEngine(folder, tuning=tuning)
        for articles in segments:
            with engine.write() as writer:
                for one in articles:
                    writer.add(one)
                writer.commit(Ledger())
    snapshot = engine.snapshot()
    assert [view.segment.articles for view in snapshot.views] == list(map(len, segments))
    return snapshot
