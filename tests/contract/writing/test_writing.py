"""What a run of the writer changes, and what nobody sees of it before it is done, on every engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from search.engine import Engine, Snapshot
from search.errors import IndexMissing
from search.ledger import Ledger, LedgerEntry, Root
from search.model import FacetCount, SearchRequest
from search.service import find
from tests.contract.archives.corpus import NEW_A, OLD, ask, rows
from tests.contract.engines import article, run

Archive = Callable[..., Snapshot]


def test_no_index_yet(engine: Engine) -> None:
    """Before the first run there is a plain error that says what to do, again and again."""
    for _ in range(2):
        with pytest.raises(IndexMissing, match="stemma reindex"):
            engine.snapshot()


def test_first_run(engine: Engine, archive: Archive) -> None:
    """What was added is found, fetched and counted; an article that is not there is None."""
    snapshot = archive(OLD)
    assert ask(snapshot, "lamp") == rows("a 2, b 1")
    assert [snapshot.article(one.id) for one in OLD] == list(OLD)
    assert snapshot.article("d") is None
    assert snapshot.article("a-p1") is None
    assert snapshot.statistics().articles == 3
    assert engine.snapshot().generation == snapshot.generation


def test_empty_archive(archive: Archive) -> None:
    """An archive without articles is an index too: it answers with nothing, and takes articles later."""
    snapshot = archive([])
    assert ask(snapshot, "lamp") == ask(snapshot, "") == ask(snapshot, "-lamp") == []
    assert (snapshot.statistics().articles, snapshot.statistics().earliest) == (0, None)
    assert ask(archive(OLD), "lamp") == rows("a 2, b 1")


def test_only_empty_paragraphs(archive: Archive) -> None:
    """Articles without a single word are there, and no average length is divided by."""
    snapshot = archive([article("a", "", title=""), article("b", "…", "", title="!")])
    assert ask(snapshot, "") == rows("a 1, b 1 2")
    assert ask(snapshot, "lamp") == []
    assert ask(archive(OLD[1:]), "lamp") == rows("b 1")


def test_replace(archive: Archive) -> None:
    """An article added again takes the place of the old one: its words, title, number of paragraphs, all of it."""
    archive(OLD)
    snapshot = archive([NEW_A])
    assert snapshot.article("a") == NEW_A
    assert ask(snapshot, "lamp") == rows("b 1, a 1")
    assert ask(snapshot, "beacon") == rows("a 1")
    assert [ask(snapshot, q) for q in ("lighthouse", "old", '"kept the lamp"', "lightho*", "date:2001")] == [[]] * 5
    assert (snapshot.statistics().articles, snapshot.statistics().paragraphs) == (3, 3)
    facets = find(snapshot, SearchRequest("keeper", facets=("source", "year"))).facets
    assert facets == {"source": (FacetCount("south", 1),), "year": (FacetCount("2002", 1),)}


def test_replace_many_times(archive: Archive) -> None:
    """Run after run replaces the same articles without a trace: no copy is left behind in an older part."""
    for n in range(8):
        snapshot = archive([article(name, f"Version v{n} of it.", "It stays.") for name in "abcdef"])
        assert sorted(ask(snapshot, f"version v{n}")) == rows("a 1, b 1, c 1, d 1, e 1, f 1")
        assert ask(snapshot, f"version v{(n or 9) - 1}") == []
        assert len(ask(snapshot, "stays")) == 6


def test_same_id_twice_in_one_archive(archive: Archive) -> None:
    """Ids that look alike are not alike: one begins another, differs in case, or ends like a paragraph's id."""
    names = ("a", "A", "a-p1", "a/b", "a b", "á", "a\u0301")
    snapshot = archive([article(name, f"Number {n}.") for n, name in enumerate(names)])
    assert len(ask(snapshot, "number")) == len(names)
    snapshot = archive([article("a", "Another number.")], gone=["a b"])
    assert sorted(ask(snapshot, "number")) == sorted((name, 1) for name in names if name != "a b")
    assert ask(snapshot, "1") == [("A", 1)]


def test_remove(archive: Archive) -> None:
    """A removed article is gone from answers, counts and facets; removing what is not there does nothing."""
    archive(OLD)
    snapshot = archive([], gone=["a", "x"])
    assert ask(snapshot, "lamp") == rows("b 1")
    assert ask(snapshot, "-lamp") == rows("c 1")
    assert snapshot.article("a") is None
    assert (snapshot.statistics().articles, snapshot.statistics().paragraphs) == (2, 2)
    assert snapshot.statistics().earliest is None


def test_remove_and_bring_back(archive: Archive) -> None:
    """What was removed can come back, in a later run."""
    archive(OLD)
    archive([], gone=["a"])
    assert ask(archive([OLD[0]]), "lamp") == rows("a 2, b 1")


def test_remove_everything(archive: Archive) -> None:
    """The last article can go as well."""
    archive(OLD)
    snapshot = archive([], gone=["a", "b", "c"])
    assert ask(snapshot, "") == []
    assert ask(archive([NEW_A]), "") == rows("a 1")


def test_anew(archive: Archive) -> None:
    """A run from nothing keeps nothing of what was, and counts its generations on."""
    before = archive(OLD)
    snapshot = archive([NEW_A], anew=True)
    assert ask(snapshot, "") == rows("a 1")
    assert snapshot.statistics().articles == 1
    assert snapshot.generation > before.generation


def test_incremental_equals_anew(archive: Archive) -> None:
    """However an archive came about, it finds the same paragraphs."""
    archive([OLD[0], article("d", "A lamp, again.")])
    archive(OLD[1:], gone=["d"])
    grown = archive([NEW_A])
    built = archive([NEW_A, *OLD[1:]], anew=True)
    for query in ("", "lamp", "keeper OR kind", "-lamp", "la*", "title:beacon OR boat"):
        assert sorted(ask(grown, query)) == sorted(ask(built, query))
    assert ask(built, "lamp") == rows("b 1, a 1")


def test_commit_gives_its_generation_and_keeps_its_ledger(engine: Engine) -> None:
    """The next run goes by the ledger of the last one; every field of it comes back."""
    entry = LedgerEntry(
        "north", "ü/a.txt", "quarantined", digest="0" * 64, reason="Line 2: \ud83d is wrong.", advice="Mend it."
    )
    ledger = Ledger({"north": Root("/srv/ä", "north/", "read so")}, (entry, LedgerEntry("north", "b.txt", "ignored")))
    with engine.write() as writer:
        for one in OLD:
            writer.add(one)
        generation = writer.commit(ledger)
    snapshot = engine.snapshot()
    kept = replace(snapshot.ledger(), commits={})  # which the commit adds
    assert (snapshot.generation, kept) == (generation, ledger)
    assert snapshot.updated_at.endswith("Z")
    assert replace(run(engine, []).ledger(), commits={}) == Ledger()


def test_time_does_not_go_back(lasting: Callable[[Path], Engine], tmp_path: Path) -> None:
    """Who asks what changed since the last commit would miss what a machine with a wrong clock commits after it."""
    engine = lasting(tmp_path / "index")
    with engine.write() as writer:
        writer.add(NEW_A)
        writer.commit(Ledger(commits={1: "2999-01-01T00:00:00Z"}))
    assert engine.snapshot().updated_at == "2999-01-01T00:00:00Z"
    assert engine.snapshot().ledger().commits == {writer.generation: "2999-01-01T00:00:00Z"}
    engine.close()
