"""Runs that are interrupted: what they staged is there for the next run of the same name, and for nobody else."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from search.engine import Engine
from search.ledger import Ledger, LedgerEntry, Progress
from search.model import Article
from tests.contract.engines import article

Open = Callable[[Path], Engine]


class Interrupted(Exception):
    """What ends a run before its time."""


A, B, C = (article(name, f"The {name} lamp.", f"A {name} boat.") for name in ("a", "b", "c"))
FIRST = Progress((LedgerEntry("s", "a", "indexed", "a"),), (LedgerEntry("s", "f", "indexed", "f", articles=1),))
SECOND = Progress((LedgerEntry("s", "b", "indexed", "b"),))


def interrupted(engine: Engine, *batches: tuple[Article, Progress], run: str = "it") -> None:
    """A run that stages these and dies with one more article in memory."""
    with suppress(Interrupted), engine.write(run=run) as writer:
        for one, progress in batches:
            writer.add(one)
            writer.stage(progress)
        writer.add(C)
        raise Interrupted


def articles(engine: Engine, *names: str) -> list[str]:
    """Which of these the newest generation has."""
    snapshot = engine.snapshot()
    return [name for name in names if snapshot.article(name)]


def test_the_next_run_goes_on(lasting: Open, tmp_path: Path) -> None:
    """Hours of reading must not be lost to a power cut."""
    engine = lasting(tmp_path)
    interrupted(engine, (A, FIRST), (B, SECOND))
    with engine.write(run="it") as writer:
        assert writer.staged == Progress(FIRST.entries + SECOND.entries)
        writer.add(C)
        writer.commit(Ledger())
    assert articles(engine, "a", "b", "c") == ["a", "b", "c"]
    with engine.write(run="it") as writer:
        assert writer.staged == Progress()


def test_what_was_staged_shows_only_when_the_run_is_whole(lasting: Open, tmp_path: Path) -> None:
    """Half an archive looks like a whole one."""
    engine = lasting(tmp_path)
    with engine.write() as writer:
        writer.add(C)
        writer.commit(Ledger())
    interrupted(engine, (A, FIRST))
    assert articles(engine, "a", "c") == ["c"]
    assert engine.snapshot().statistics().articles == 1


@pytest.mark.parametrize("changed", ["name", "anew", "generation"])
def test_another_run_does_not_get_it(lasting: Open, tmp_path: Path, changed: str) -> None:
    """What was read from other folders, or to replace another generation, does not belong into this one."""
    engine = lasting(tmp_path)
    with engine.write() as writer:
        writer.add(C)
        writer.commit(Ledger())
    interrupted(engine, (A, FIRST))
    if changed == "generation":
        with engine.write(run="other") as writer:
            writer.commit(Ledger())
    with engine.write(run="other" if changed == "name" else "it", anew=changed == "anew") as writer:
        assert writer.staged == Progress()
        writer.commit(Ledger())
    assert articles(engine, "a") == []


def test_what_staged_articles_replaced_stays_away(lasting: Open, tmp_path: Path) -> None:
    """The old text of an article must not come back with the run that goes on."""
    engine = lasting(tmp_path)
    with engine.write() as writer:
        for one in (A, B, article("f:1", "Old."), article("f:2", "Old.")):
            writer.add(one)
        writer.commit(Ledger())
    with suppress(Interrupted), engine.write(run="it") as writer:
        writer.remove("f")
        writer.add(article("f:1", "New."))
        writer.add(article("a", "New."))
        writer.stage(FIRST)
        writer.remove("b")
        writer.add(C)
        writer.stage(SECOND)
        raise Interrupted
    with engine.write(run="it") as writer:
        writer.commit(Ledger())
    snapshot = engine.snapshot()
    assert articles(engine, "a", "b", "c", "f:1", "f:2") == ["a", "c", "f:1"]
    assert {snapshot.article(name).paragraphs for name in ("a", "f:1")} == {("New.",)}  # type: ignore[union-attr]  # None fails, too


def test_a_file_that_turns_out_broken_is_taken_back(lasting: Open, tmp_path: Path) -> None:
    """Records that were staged before the break must not be found."""
    engine = lasting(tmp_path)
    with engine.write() as writer:
        writer.add(article("f:1", "One."))
        writer.stage(FIRST)
        writer.add(article("f:2", "Two."))
        writer.add(article("f:3", "Three."))
        writer.remove("f")
        writer.add(A)
        writer.commit(Ledger())
    assert articles(engine, "a", "f:1", "f:2", "f:3") == ["a"]
    assert engine.snapshot().statistics().articles == 1


def test_a_large_member_that_turns_out_broken(lasting: Open, tmp_path: Path) -> None:
    """To take a file back takes time in proportion to its records, also to those of one member: not hours."""
    engine = lasting(tmp_path)
    with engine.write() as writer:
        for number in range(12_000):
            writer.add(article(f"f:m.jsonl:{number}", "One."))
        began = time.process_time()
        writer.remove("f")
        assert time.process_time() - began < 1.5
        writer.add(A)
        writer.commit(Ledger())
    assert engine.snapshot().statistics().articles == 1


def test_batches_that_replace_everything_become_one(on_disk: Open, tmp_path: Path) -> None:
    """A long run that read everything anew must not leave a segment for each batch: searches go through all."""
    engine = on_disk(tmp_path)
    for _ in range(2):
        with engine.write() as writer:
            for one in (A, B, C):
                writer.add(one)
                writer.stage(FIRST)
            writer.commit(Ledger())
    assert len(list(tmp_path.glob("MAIN_*.arrays"))) == 1


@pytest.mark.parametrize("how", ["flipped", "cut", "gone"])
def test_damage_costs_the_batch_and_what_came_after_it(on_disk: Open, tmp_path: Path, how: str) -> None:
    """A disk that lost a page of what was staged must not get it into the index."""
    engine = on_disk(tmp_path)
    interrupted(engine, (A, FIRST), (B, SECOND), (article("d", "Four."), SECOND))
    segments = sorted((tmp_path / "staging").glob("*.arrays"), key=lambda path: path.stat().st_mtime_ns)
    data = bytearray(segments[1].read_bytes())
    data[len(data) // 3] ^= 1
    if how == "gone":
        segments[1].unlink()
    else:
        segments[1].write_bytes(data if how == "flipped" else data[: len(data) // 2])
    with engine.write(run="it") as writer:
        assert writer.staged == FIRST
        writer.commit(Ledger())
    assert articles(engine, "a", "b", "c", "d") == ["a"]
