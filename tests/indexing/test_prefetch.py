"""Reading ahead of heavy files."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from search.indexing import prefetch
from search.indexing.prefetch import WINDOW, Prefetcher
from search.sources import FoundFile, Options, SourceFile, open_source
from tests.faults.harness.hostile_files import slow_pdf


def test_files_are_read_ahead_in_a_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a limit all books of an archive would be in memory at once; a file that is skipped must not block it."""
    opened: list[str] = []

    def open_source(path: Path, options: Options) -> SourceFile:
        opened.append(path.name)
        return SourceFile(path.name, iter(()))

    monkeypatch.setattr(prefetch, "open_source", open_source)
    names = [f"{n:02}.pdf" for n in range(20)]
    files = [FoundFile(name, str(tmp_path / name)) for name in names]
    ahead = Prefetcher(files, Options(), 2)
    assert ahead.open(tmp_path / names[0]).format == names[0]
    assert ahead.open(tmp_path / names[5]).format == names[5]
    assert ahead.open(tmp_path / "new.pdf").format == "new.pdf"
    ahead.close()
    assert len(opened) <= 5 + 1 + 1 + 2 * WINDOW + 1


def test_one_job_reads_nothing_ahead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On one core a process of its own would only take memory."""
    monkeypatch.setattr(prefetch, "open_source", lambda path, _options: SourceFile(path.name, iter(())))
    ahead = Prefetcher([FoundFile("a.pdf", "a.pdf")], Options(), 1)
    assert ahead.open(Path("a.pdf")).format == "a.pdf"
    assert ahead.pool is None
    ahead.close()


def test_the_end_waits_for_no_file(tmp_path: Path) -> None:
    """Ctrl-C must not take the minutes that hostile files may take to be read."""
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        (tmp_path / name).write_bytes(slow_pdf())
    files = [FoundFile(path.name, str(path)) for path in sorted(tmp_path.iterdir())]
    ahead = Prefetcher(files, Options(seconds=300), 2)
    (tmp_path / "small.md").write_text("# Title\n\nText.\n")
    assert ahead.open(tmp_path / "small.md").format == "md"
    assert [future.running() for _, future in ahead.begun] == [True, True, False]
    time.sleep(1)
    began = time.monotonic()
    ahead.close()
    assert time.monotonic() - began < 3
    assert open_source(tmp_path / "small.md", Options()).format == "md"
