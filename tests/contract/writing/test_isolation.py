"""Nobody sees anything of a run before it is done, and who reads meanwhile goes on reading, on every engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from search.engine import Engine, Snapshot
from search.errors import GenerationGone, IndexMissing
from search.ledger import Ledger
from search.model import Article, SearchRequest
from search.service import find
from tests.contract.archives.corpus import NEW_A, OLD, ask, rows
from tests.contract.archives.expected import EXPECTED, MISSES
from tests.contract.engines import article, is_in_cluster, run

Archive = Callable[..., Snapshot]
COMMITS = {"whoosh": 20, "opensearch": 5}
"""How many generations of each engine readers meet: a cluster agrees upon each step of a commit."""


def state(snapshot: Snapshot, *, ledger: bool = True) -> dict[str, object]:
    """Whatever a reader can see of a generation."""
    queries = (
        "",
        "lamp",
        "keeper",
        "lighthouse",
        '"the lamp"',
        "la*",
        "kepper~",
        "title:beacon",
        "source:south",
        "after:2001",
    )
    pages = [find(snapshot, SearchRequest(q, facets=("source", "lang", "year", "month"))) for q in queries]
    return {
        "pages": [(page.interpreted, page.total, page.total_articles, page.hits, page.facets) for page in pages],
        "articles": [snapshot.article(name) for name in "abcd"],
        "counts": (snapshot.statistics().articles, snapshot.statistics().paragraphs),
        "generation": snapshot.generation,
    } | ({"ledger": snapshot.ledger()} if ledger else {})


def broken() -> Iterator[Article]:
    """Articles that come to a bad end."""
    yield NEW_A
    raise ZeroDivisionError


@pytest.mark.parametrize("anew", [False, True])
def test_abandoned_run(engine: Engine, archive: Archive, *, anew: bool) -> None:
    """A run that is left without commit, in peace or with an exception, leaves everything as it was."""
    before = state(archive(OLD))
    with engine.write(anew=anew) as writer:
        writer.remove("b")
        writer.add(NEW_A)
    assert state(engine.snapshot()) == before
    with pytest.raises(ZeroDivisionError):
        run(engine, broken(), gone=["b"], anew=anew)
    assert state(engine.snapshot()) == before
    assert ask(archive([NEW_A]), "lamp") == rows("b 1, a 1")


def test_abandoned_first_run(engine: Engine, archive: Archive) -> None:
    """A first run that is abandoned leaves no index, and does not stand in the way of the next."""
    with engine.write() as writer:
        writer.add(NEW_A)
    with pytest.raises(IndexMissing):
        engine.snapshot()
    assert ask(archive(OLD), "lamp") == rows("a 2, b 1")


def test_nothing_is_seen_before_the_commit(engine: Engine, archive: Archive) -> None:
    """Readers that come while a run writes get the generation before it."""
    before = state(archive(OLD))
    with engine.write() as writer:
        writer.add(NEW_A)
        assert state(engine.snapshot()) == before
        writer.remove("b")
        assert state(engine.snapshot()) == before
        writer.commit(Ledger())
        assert ask(engine.snapshot(), "lamp") == rows("a 1")


def test_open_snapshot_keeps_answering(engine: Engine, archive: Archive) -> None:
    """A reader in the middle of something keeps its generation, whatever later runs replace, remove and clear away."""
    old = archive(OLD)
    before = state(old)
    archive([NEW_A], gone=["b"])
    assert state(old) == before
    archive([article(name, "Others.") for name in "bcdefghij"])
    archive([article("z", "All is new.")], anew=True)
    assert state(old) == before
    assert ask(engine.snapshot(), "") == rows("z 1")


def test_new_generation_without_restart(engine: Engine, archive: Archive) -> None:
    """A server that asks for the newest generation gets it as soon as it is committed."""
    first = archive(OLD)
    assert engine.snapshot().generation == first.generation
    second = archive([NEW_A])
    assert second.generation > first.generation
    assert ask(engine.snapshot(), "beacon") == rows("a 1")


def test_a_replaced_generation_can_be_opened_for_a_while(engine: Engine, archive: Archive) -> None:
    """Who pages through results must not see rows twice, or miss some, because a run has changed the archive."""
    old = archive(OLD)
    before = state(old, ledger=False)
    archive([NEW_A], gone=["b"])
    newest = archive([article("z", "All is new.")], anew=True)
    again = engine.snapshot_at(old.generation)
    assert (again.generation, again.updated_at) == (old.generation, old.updated_at)
    assert state(again, ledger=False) == before
    assert engine.snapshot_at(newest.generation).generation == newest.generation
    assert ask(engine.snapshot_at(old.generation + 1), "lamp") == rows("a 1")
    for unknown in (0, newest.generation + 1, 10**9):
        with pytest.raises(GenerationGone):
            engine.snapshot_at(unknown)


def test_threads_share_a_snapshot(library: Snapshot) -> None:
    """A server answers several requests at once from one snapshot; each gets its own answer."""
    queries = [*EXPECTED, *MISSES][:: 6 if is_in_cluster(library) else 1]
    alone = [ask(library, query) for query in queries]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(partial(ask, library), queries * 4))
    assert together == alone * 4
    assert any(alone)


def test_readers_meet_commits(lasting: Callable[[Path], Engine], tmp_path: Path) -> None:
    """Whoever asks while runs commit, in this process or another, gets one generation whole and never an error."""
    writing, reading = lasting(tmp_path), lasting(tmp_path)
    names = "abcdef"

    def commit(n: int) -> None:
        run(writing, [article(name, f"Version v{n} of it.", "It stays.") for name in names])

    def read(_turn: int) -> tuple[str, ...]:
        page = find(reading.snapshot(), SearchRequest("version"))
        return tuple(hit.text.text for hit in page.hits)

    commits = COMMITS[writing.name]
    commit(0)
    with ThreadPoolExecutor(1) as writer, ThreadPoolExecutor(2) as readers:
        runs = writer.map(commit, range(1, commits + 1))
        answers = list(readers.map(read, range(10 * commits)))
        assert list(runs) == [None] * commits
    assert {(len(answer), len(set(answer))) for answer in answers} == {(len(names), 1)}
    assert read(0) == (f"Version v{commits} of it.",) * len(names)
