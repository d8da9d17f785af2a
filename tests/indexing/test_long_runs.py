"""reindex() of articles with very long paragraphs: cut in every format, found, and the same after an upgrade."""

from __future__ import annotations

import json
import os
from contextlib import closing, suppress
from pathlib import Path

import pytest

from search.engine import LocalEngine, open_engine
from search.index import WhooshEngine
from search.index.writing import index_writer
from search.index.writing.index_writer import IndexWriter
from search.indexing import file_reader, long_paragraphs, run
from search.indexing.long_paragraphs import LIMIT
from search.model import Article, SearchRequest
from search.service import find
from search.settings import Settings
from tests.indexing.test_reindex import counts, texts
from tests.indexing.test_reindex import run as reindexed
from tests.oracle import Oracle

LONG = "The ferry left the harbour at nine in the morning. " * 600 + "Nobody saw the lighthouse."
"""Some 30,000 characters, of which the last word is one that nothing else has."""

FILES = {
    "native.txt": f"Title\n\nBefore.\n{LONG}\nAfter.\n",
    "object.json": json.dumps({"title": "Title", "paragraphs": ["Before.", LONG, "After."]}),
    "lines.jsonl": "".join(
        json.dumps({"id": name, "title": "Title", "text": f"Before.\n{text}\nAfter."}) + "\n"
        for name, text in (("long", LONG), ("short", "Short."))
    ),
    "page.md": f"---\ntitle: Title\n---\n\nBefore.\n\n{LONG}\n\nAfter.\n",
    "other.txt": "Title\n\nOne.\nTwo.\n",
}
CUT = ("native.txt", "object.json", "lines.jsonl:long", "page.md")


def write(root: Path) -> Path:
    root.mkdir()
    for name, text in FILES.items():
        (root / name).write_text(text, "utf-8")
    return root


def found(engine: LocalEngine, query: str) -> set[str]:
    hits = find(engine.snapshot(), SearchRequest(q=query, per_page=100)).hits
    return {hit.id for hit in hits}


def articles(engine: LocalEngine) -> dict[str, Article | None]:
    snapshot = engine.snapshot()
    return {name: snapshot.article(name) for name in (*CUT, "lines.jsonl:short", "other.txt")}


def test_long_paragraphs_of_every_format_become_several(tmp_path: Path) -> None:
    """A book on one line is to be found, ranked and shown by its parts, and they have numbers of their own."""
    root = write(tmp_path / "news")
    with closing(open_engine(Settings(index=tmp_path / "index"))) as engine:
        reindexed(engine, root)
        for name in CUT:
            article = engine.snapshot().article(name)
            assert article is not None
            first, *cut, last = article.paragraphs
            assert (first, last, len(cut)) == ("Before.", "After.", 4)
            assert " ".join(cut) == LONG
            assert max(map(len, cut)) <= LIMIT
        assert found(engine, "lighthouse") == {f"{name}-p5" for name in CUT}
        assert found(engine, '"nobody saw the lighthouse"') == {f"{name}-p5" for name in CUT}
        assert found(engine, '"ferry left the harbour at nine"') == {
            f"{name}-p{n}" for name in CUT for n in (2, 3, 4, 5)
        }
        assert engine.check(lambda _done, _whole: None).damages == ()


def test_articles_without_long_paragraphs_keep_their_ids(tmp_path: Path) -> None:
    """Links to them were given away."""
    root = write(tmp_path / "news")
    with closing(open_engine(Settings(index=tmp_path / "index"))) as engine:
        reindexed(engine, root)
        assert found(engine, "short") == {"lines.jsonl:short-p2"}
        assert found(engine, "two") == {"other.txt-p2"}


def test_a_long_title_is_found_by_its_end(tmp_path: Path) -> None:
    """A file without its first line end is all title, and what stands at its end must not be lost."""
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "a.txt").write_text(f"{LONG}\nAfter.\n")
    with closing(open_engine(Settings(index=tmp_path / "index"))) as engine:
        reindexed(engine, tmp_path / "news")
        article = engine.snapshot().article("a.txt")
        assert article is not None
        assert " ".join((article.heading.title, *article.paragraphs)) == f"{LONG} After."
        assert len(article.heading.title) <= LIMIT
        assert found(engine, "lighthouse") == {"a.txt-p3"}


@pytest.fixture
def earlier(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The version that did not cut, until it is undone."""
    monkeypatch.setattr(long_paragraphs, "LIMIT", 1 << 30)
    monkeypatch.setattr(run, "READER_VERSION", file_reader.READER_VERSION - 1)
    return monkeypatch


def test_after_an_upgrade_an_index_is_as_one_made_anew(tmp_path: Path, earlier: pytest.MonkeyPatch) -> None:
    """Files that did not change are left alone otherwise, and would keep their long paragraphs for ever."""
    root = write(tmp_path / "news")
    with (
        closing(open_engine(Settings(index=tmp_path / "index"))) as engine,
        closing(open_engine(Settings(index=tmp_path / "anew"))) as anew,
    ):
        reindexed(engine, root)
        assert found(engine, "lighthouse") == {f"{name}-p2" for name in CUT}
        earlier.undo()
        reindexed(engine, root)
        reindexed(anew, root)
        assert articles(engine) == articles(anew)
        assert not reindexed(engine, root).committed


def test_a_file_that_moves_before_an_upgrade_is_read(tmp_path: Path, earlier: pytest.MonkeyPatch) -> None:
    """Its articles are taken out of the index otherwise, uncut as they are there."""
    root, engine = write(tmp_path / "news"), Oracle()
    reindexed(engine, root)
    earlier.undo()
    (root / "native.txt").rename(root / "renamed.txt")
    reindexed(engine, root)
    assert texts(engine)["renamed.txt"].count("/") == 5
    assert "native.txt" not in texts(engine)


def test_after_an_upgrade_each_source_is_read_when_its_turn_comes(tmp_path: Path, earlier: pytest.MonkeyPatch) -> None:
    """One source a run is common; the run of the first must not make the index forget that the second is old."""
    north, south, engine = write(tmp_path / "north"), write(tmp_path / "south"), Oracle()
    reindexed(engine, north, south)
    earlier.undo()
    reindexed(engine, north)
    assert texts(engine)["north/native.txt"].count("/") == 5
    assert texts(engine)["south/native.txt"].count("/") == 2
    assert counts(reindexed(engine, south)) == (0, len(FILES), 0, 0)
    assert texts(engine)["south/native.txt"].count("/") == 5
    assert not reindexed(engine, north, south).committed


@pytest.mark.parametrize("how", ["moves", "changes"])
def test_what_comes_from_the_index_is_staged_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """A file of millions of records that moves, or changes while it is read, takes no more memory than is allowed."""
    path = tmp_path / "news" / "x" / "a.jsonl"
    path.parent.mkdir(parents=True)
    for name in ("b", "c"):
        (path.parent / f"{name}.txt").write_text("Title\n\nText.\n")
    path.write_text("".join(f'{{"text": "Text {number}."}}\n' for number in range(40)))
    with closing(WhooshEngine(tmp_path / "index")) as engine:
        reindexed(engine, path.parent.parent)
        before = [article.paragraphs for article in engine.snapshot().articles_of("x/a.jsonl")]
    if how == "moves":
        path.rename(path.parent.parent / "a.jsonl")
    else:
        path.write_text(path.read_text().replace("Text", "Other"))
    add, held, stopped = IndexWriter.add, [0], iter([True])

    def noted(writer: IndexWriter, article: Article) -> None:
        add(writer, article)
        held.append(len(writer.builder.headings))
        if how == "changes":
            os.utime(path)
        if len(held) == (20 if how == "moves" else 60) and next(stopped, False):
            raise KeyboardInterrupt

    monkeypatch.setattr(IndexWriter, "add", noted)
    monkeypatch.setattr(index_writer, "OVERHEAD", 0)
    for _ in range(2):
        with closing(WhooshEngine(tmp_path / "index", memory=8 << 10)) as engine, suppress(KeyboardInterrupt):
            reindexed(engine, path.parent.parent)
    assert max(held) < len(before) / 2
    with closing(WhooshEngine(tmp_path / "index")) as engine:
        snapshot, name = engine.snapshot(), "a.jsonl" if how == "moves" else "x/a.jsonl"
        assert [article.paragraphs for article in snapshot.articles_of(name)] == before
        assert engine.check(lambda _done, _whole: None).damages == ()
        assert len(snapshot.ledger().of("quarantined")) == (how == "changes")
