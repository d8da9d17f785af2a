"""A generation that was replaced is given back at once."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

from search.index import WhooshEngine
from search.ledger import Ledger
from search.model import Article, Heading, SearchRequest
from search.service import find

QUERIES = ("word", "word thing", '"a word"', "w* thing", "a NEAR/3 word", "title:title", "wort~1", '"a thing" OR word')


def write(engine: WhooshEngine, text: str) -> None:
    """Replace three articles."""
    with engine.write() as writer:
        for number in range(3):
            writer.add(Article(Heading(f"{number}", "The title", None, "s", "en"), (text,)))
        writer.commit(Ledger())


def test_a_replaced_segment_is_released_without_garbage_collection(tmp_path: Path) -> None:
    """A cycle of references keeps files of old generations mapped, on a server that rarely looks for garbage."""
    engine = WhooshEngine(tmp_path / "index")
    write(engine, "A word, and a thing.")
    snapshot = engine.snapshot()
    gc.collect()
    gc.disable()
    try:
        for query in QUERIES:
            assert find(snapshot, SearchRequest(query, facets=("source", "year"))).total.value == 3
            find(snapshot, SearchRequest(query, sort="date", group="article", source="s"))
        snapshot.article("1")
        segment = weakref.ref(snapshot.views[0].segment)
        del snapshot
        write(engine, "A word of another generation.")
        engine.snapshot()
        assert segment() is None
    finally:
        gc.enable()
    engine.close()
