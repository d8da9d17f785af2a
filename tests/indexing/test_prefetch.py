"""Reading ahead of heavy files."""

from __future__ import annotations

from pathlib import Path

import pytest

from search.indexing import prefetch
from search.indexing.prefetch import WINDOW, Prefetcher
from search.sources import FoundFile, Options, SourceFile


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
