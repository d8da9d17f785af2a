"""Folders that others write to while they are read: no half of an article, and the next run catches up."""

from __future__ import annotations

import os
import random
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from search.errors import SourceError
from search.index.storage.directory import latest_generation
from search.indexing import Report, Step, reindex
from search.sources import open_source
from tests.faults.harness.commands import indexed_texts, news, opened, texts_of, write
from tests.faults.harness.fault_scenarios import ALL, SEED, SUMMARY

FILES = news(range(6))
LAST = "0005.txt"
ROUNDS = 200 if ALL else 12
VERSIONS = 40
TEXTS = [news(range(6), 400, version) for version in range(VERSIONS)]


def run(folder: Path, at_first: Callable[[], None] = lambda: None) -> Report:
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
    """Between the look at a folder and the reading anything may take a file's place; that costs only this file."""
    report = run(tmp_path, lambda: become(news_folder / LAST))
    outcomes = {entry.path: entry.outcome for entry in report.ledger.entries}
    assert outcomes == dict.fromkeys(FILES, "indexed") | {LAST: "quarantined"}
    (news_folder / LAST).rmdir() if become is folder else (news_folder / LAST).unlink(missing_ok=True)
    write(news_folder, {LAST: FILES[LAST]})
    assert not run(tmp_path).ledger.of("quarantined")
    assert indexed_texts(tmp_path / "index") == texts_of(FILES)


def test_a_file_goes_back_to_what_it_was(tmp_path: Path, news_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read is not what the checksum is of: as before again, it must not pass for read."""
    path = news_folder / LAST

    def between(location: Path, *rest: object) -> object:
        if location == path:
            write(news_folder, {LAST: FILES[LAST].replace("Version v0", "A draft")}, ago=0)
        return open_source(location, *rest)  # type: ignore[arg-type]  # its own

    with monkeypatch.context() as patch:
        patch.setattr("search.indexing.prefetch.open_source", between)
        run(tmp_path)
    write(news_folder, {LAST: FILES[LAST]})
    run(tmp_path)
    assert indexed_texts(tmp_path / "index") == texts_of(FILES)


class Editor:
    """Somebody who writes, grows, cuts, swaps and removes files and folders as fast as the disk lets them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.draw = random.Random(SEED)
        self.changes = 0
        self.problems: list[BaseException] = []
        self.stop = threading.Event()

    def work(self) -> None:
        """Change one thing after the other."""
        try:
            while not self.stop.is_set():
                name, version = self.draw.choice(sorted(FILES)), self.draw.randrange(VERSIONS)
                change = self.draw.choice([*[self.swap, self.type, self.file_away] * 4, self.remove, self.clear_away])
                change(name, TEXTS[version][name], self.folder / f"box{self.draw.randrange(3)}")
                self.changes += 1
        except BaseException as error:  # noqa: BLE001 - told in the end
            self.problems.append(error)

    def swap(self, name: str, text: str, box: Path) -> None:
        new = self.folder.parent / f"new-{name}"
        new.write_text(text)
        new.rename(self.folder / name)

    def type(self, name: str, text: str, box: Path) -> None:
        with (self.folder / name).open("w") as file:
            for at in range(0, len(text), 500):
                file.write(text[at : at + 500])
                file.flush()

    def remove(self, name: str, text: str, box: Path) -> None:
        (self.folder / name).unlink(missing_ok=True)

    def file_away(self, name: str, text: str, box: Path) -> None:
        write(box, {name: text}, ago=0)

    def clear_away(self, name: str, text: str, box: Path) -> None:
        shutil.rmtree(box, ignore_errors=True)


def test_folders_come_and_go(tmp_path: Path, news_folder: Path) -> None:
    """While somebody edits, only what stood in a file at one moment is taken in, and the last run has it all."""
    editor, refused, quarantined = Editor(news_folder), 0, 0
    for _ in range(ROUNDS):
        editor.stop.clear()
        thread = threading.Thread(target=editor.work)
        thread.start()
        try:
            quarantined += len(run(tmp_path).ledger.of("quarantined"))
        except SourceError as error:  # more than half of the files were gone just then
            assert "are gone" in error.message  # noqa: PT017 - it may not come
            refused += 1
        finally:
            editor.stop.set()
            thread.join()
        if latest_generation(tmp_path / "index") is None:
            continue
        for article_id, text in indexed_texts(tmp_path / "index").items():
            name = article_id.rpartition("/")[2]
            # who types may pause for longer than the reading takes: then what stands there is what there is
            assert any(texts_of(texts)[name].startswith(text) for texts in TEXTS), article_id
    shutil.rmtree(news_folder)
    write(news_folder, FILES)
    engine = opened(tmp_path / "index")
    try:
        reindex(engine, [news_folder])
    except SourceError:
        reindex(engine, [news_folder], full=True)
    engine.close()
    assert editor.problems == []
    assert indexed_texts(tmp_path / "index") == texts_of(FILES)
    SUMMARY.append(
        f"moving files: {editor.changes} changes in {ROUNDS} runs, {refused} refused, {quarantined} left out"
    )


def test_steps_are_told(tmp_path: Path, news_folder: Path) -> None:
    """The tests above change files in the middle of a run only if it says when it is there."""
    steps: list[Step] = []
    engine = opened(tmp_path / "index")
    reindex(engine, [news_folder], progress=steps.append)
    engine.close()
    assert [step.files for step in steps[:2]] == [1, 2]
