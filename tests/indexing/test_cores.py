"""One index, on however many cores it is built."""

from __future__ import annotations

import json
import lzma
import os
import random
import re
from contextlib import closing
from pathlib import Path

import pytest

from search.index import WhooshEngine
from search.index.store import compression, store_writer
from search.index.writing import executors, segment_builder
from search.indexing import reindex

WORDS = ("whale", "ships", "Käufer", "U.S.", "1.2.3", "ASP.NET", "C++", "al-Sharaa's", "dergileri", "鯨魚", "naïve")


def write_sources(folder: Path) -> None:
    """Write a file of each kind that is read in another way: compressed, plain, many, and some that cannot be read."""
    rng = random.Random(14)

    def text() -> str:
        return " ".join(f"{rng.choice(WORDS)} {rng.choice('abc')}{rng.randrange(3000)}" for _ in range(40))

    def lines() -> str:
        records: list[object] = [
            {"title": text()[:60], "lang": rng.choice(["en", "de", "tr", ""]), "paragraphs": [text() for _ in range(9)]}
            for _ in range(60)
        ]
        records[7], records[30] = "no object", {"title": "No text"}
        return "".join(f"{json.dumps(record)}\n" for record in records)

    folder.mkdir()
    for number in range(30):
        (folder / f"{number}.txt").write_text(f"{text()[:40]}\n\n{text()}\n{text()}\n", "utf-8")
    (folder / "copy.txt").write_text((folder / "3.txt").read_text("utf-8"), "utf-8")
    (folder / "lines.jsonl").write_text(lines(), "utf-8")
    (folder / "packed.jsonl.xz").write_bytes(lzma.compress(lines().encode()))
    (folder / "short.jsonl.xz").write_bytes(lzma.compress(lines().encode())[:-20])
    (folder / "empty.txt").write_text("")
    (folder / "page.html").write_text(f"<title>Page</title><p>{text()}</p>", "utf-8")
    for path in folder.iterdir():
        os.utime(path, (1e9, 1e9))  # the ledger does not trust the time of a change that is just over


def contents(index: Path) -> list[bytes]:
    """Return the bytes of the one segment, of the ledger without its times, and of the copies.

    The name of the segment is drawn.
    """
    segment, ledger, copies = (
        next(index.glob(name)).read_bytes() for name in ("MAIN_*.arrays", "ledger-*.json", "copies-*.arrays")
    )
    timeless = re.sub(rb'"commits": \{[^}]*\}', b"", ledger)
    assert len(timeless) < len(ledger)
    return [segment, timeless, copies]


def test_the_index_is_the_same_on_one_core_and_on_several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever runs side by side, what is built is in the order of the files, byte for byte; so is what is reported."""
    monkeypatch.setattr(executors, "START_PROCESS", 500)
    monkeypatch.setattr(segment_builder, "TOKENIZED_AT_ONCE", 5_000)
    for module in (compression, store_writer):
        monkeypatch.setattr(module, "VOLUME", 50_000)
    source = tmp_path / "source"
    write_sources(source)
    built = []
    for jobs in (1, 2, 4):
        index = tmp_path / f"index-{jobs}"
        with closing(WhooshEngine(index, jobs=jobs)) as engine:
            report = reindex(engine, [source], jobs=jobs)
            assert report.generation == 1
        built.append((contents(index), report.changes))
    assert built[0] == built[1] == built[2]
