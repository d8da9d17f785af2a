"""Folders that others write to while they are read: no half of an article, no wrong one, and the next run catches up."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from search.errors import SourceError
from search.indexing import Report, Step, reindex
from tests.faults.commands import held, news, opened, texts_of, write
from tests.faults.scenes import ALL, SEED, TOLD

FILES = news(range(6))
FIRST, SECOND, LAST = "0000.txt", "0001.txt", "0005.txt"


def run(folder: Path, at_first: Callable[[], object] = lambda: None) -> Report:
    """A run during which something happens once its first file is read."""
    engine = opened(folder / "index")
    try:
        return reindex(engine, [folder / "news"], progress=lambda step: at_first() if step.files == 1 else None)
    finally:
        engine.close()


@pytest.fixture
def news_folder(tmp_path: Path) -> Path:
    write(tmp_path / "news", FILES)
    return tmp_path / "news"


def fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def endless(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("become", [fifo, folder, endless, Path.unlink], ids=["fifo", "folder", "device", "gone"])
def test_a_file_becomes_something_else(tmp_path: Path, news_folder: Path, become: Callable[[Path], None]) -> None:
    """Between the look at the folder and the reading anything may take a file's place; that must cost only this file."""
    report = run(tmp_path, lambda: become(news_folder / LAST))
    outcomes = {entry.path: entry.outcome for entry in report.ledger.entries}
    assert outcomes == dict.fromkeys(FILES, "indexed") | {LAST: "quarantined"}
    (news_folder / LAST).rmdir() if become is folder else (news_folder / LAST).unlink(missing_ok=True)
    write(news_folder, {LAST: FILES[LAST]})
    assert not run(tmp_path).ledger.of("quarantined")
    assert held(tmp_path / "index") == texts_of(FILES)


def test_a_file_goes_back_to_what_it_was(tmp_path: Path, news_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read is not what the checksum is of: when the file is as before again, that must not pass for read."""
    from search.indexing import reading  # noqa: PLC0415 - to come between two looks at one file

    path, real = news_folder / LAST, reading.open_source

    def between(location: Path, *rest: object) -> object:
        if location == path:
            write(news_folder, {LAST: FILES[LAST].replace("Version v0", "A draft")}, ago=0)
        return real(location, *rest)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(reading, "open_source", between)
        run(tmp_path)
    write(news_folder, {LAST: FILES[LAST]})
    run(tmp_path)
    assert held(tmp_path / "index") == texts_of(FILES)


def test_folders_come_and_go(tmp_path: Path, news_folder: Path) -> None:
    """While a thread writes, grows, cuts, swaps and removes files and folders, only whole versions are taken in."""
    rounds = 200 if ALL else 12
    draw, stop = random.Random(SEED), threading.Event()  # noqa: S311 - repeatable, not secret
    versions = {name: {texts_of(news(range(6), 400, v))[name] for v in range(40)} for name in FILES}
    changes = refused = broken = 0
    problems: list[BaseException] = []

    def disturb() -> None:
        nonlocal changes
        while not stop.is_set():
            name, version = draw.choice(sorted(FILES)), draw.randrange(40)
            text = news(range(6), 400, version)[name]
            below = news_folder / f"box{draw.randrange(3)}"
            match draw.randrange(5):
                case 0:  # in one go
                    write(tmp_path, {f"new-{name}": text}, ago=0)
                    (tmp_path / f"new-{name}").rename(news_folder / name)
                case 1:  # in place, piece by piece
                    with (news_folder / name).open("w") as file:
                        for at in range(0, len(text), 500):
                            file.write(text[at : at + 500])
                            file.flush()
                case 2:
                    (news_folder / name).unlink(missing_ok=True)
                case 3:
                    write(below, {name: text}, ago=0)
                case _:
                    for path in below.glob("*"):
                        path.unlink()
                    if below.exists():
                        below.rmdir()
            changes += 1

    def guarded() -> None:
        try:
            disturb()
        except BaseException as error:  # noqa: BLE001 - told in the end
            problems.append(error)

    for _ in range(rounds):
        stop.clear()
        thread = threading.Thread(target=guarded)
        thread.start()
        try:
            broken += len(run(tmp_path).ledger.of("quarantined"))
        except SourceError as error:  # more than half of the files were gone just then
            assert "are gone" in error.message  # noqa: PT017 - it may not come
            refused += 1
        finally:
            stop.set()
            thread.join()
        if not (tmp_path / "index").exists():
            continue
        for article_id, text in held(tmp_path / "index").items():
            whole = text in versions[article_id.rpartition("/")[2]]
            # written in place, a file may stand still between two pieces for longer than its reading takes
            assert whole or any(v.startswith(text) for v in versions[article_id.rpartition("/")[2]]), article_id
    write(news_folder, FILES)
    for path in news_folder.glob("box*/*"):
        path.unlink()
    engine = opened(tmp_path / "index")
    try:
        reindex(engine, [news_folder])
    except SourceError:
        reindex(engine, [news_folder], full=True)
    engine.close()
    assert problems == []
    assert held(tmp_path / "index") == texts_of(FILES)
    TOLD.append(f"moving files: {changes} changes during {rounds} runs, {refused} refused, {broken} quarantined")


def test_steps_are_told(tmp_path: Path, news_folder: Path) -> None:
    """The tests above change files in the middle of a run only if it says when it is there."""
    steps: list[Step] = []
    engine = opened(tmp_path / "index")
    reindex(engine, [news_folder], progress=steps.append)
    engine.close()
    assert [step.files for step in steps[:2]] == [1, 2]
