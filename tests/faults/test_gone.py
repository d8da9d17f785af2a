"""Folders that cannot be written, cannot be read or are gone: said in one line, and nothing else is lost."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from search.errors import IndexMissing, SourceError
from search.indexing import reindex
from search.model import SearchRequest
from search.service import find
from search.settings import Settings
from tests.faults.harness.commands import Command, indexed_texts, news, opened, powerless, stemma, texts_of, write
from tests.faults.harness.mounts import read_only
from web import create_app

OLD, NEW = news(range(6)), news(range(8), version=1)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A folder with news/ and their index."""
    write(tmp_path / "news", OLD)
    with_engine(tmp_path)
    return tmp_path


def with_engine(folder: Path, at_first: Callable[[], None] = lambda: None) -> int:
    """A run, in the middle of which something happens; how many files it quarantined."""
    engine = opened(folder / "index")
    try:
        told = reindex(engine, [folder / "news"], progress=lambda step: at_first() if step.files == 1 else None)
        return len(told.ledger.of("quarantined"))
    finally:
        engine.close()


@pytest.mark.parametrize("full", [False, True])
def test_an_index_that_cannot_be_written(archive: Path, *, full: bool) -> None:
    """A disk that was remounted read-only after an error can still be searched, checked and copied from."""
    write(archive / "news", NEW, ago=1800)
    with read_only(archive / "index"):
        line = stemma("reindex", "news", *(["--full"] if full else []), cwd=archive).line
        assert "Read-only file system" in line
        assert "permissions" in line
        assert indexed_texts(archive / "index") == texts_of(OLD)
        if full:
            assert stemma("backup", "copy", cwd=archive).code == 0
            assert "Read-only file system" in stemma("restore", "copy", cwd=archive).line
    assert stemma("reindex", "news", cwd=archive).code == 0
    assert indexed_texts(archive / "index") == texts_of(NEW)


def test_somebody_without_permissions(archive: Path) -> None:
    """A run under the wrong user must not look like an empty archive or a broken one."""
    write(archive / "news", NEW, ago=1800)
    (archive / "index").chmod(0o500)
    assert "Permission denied" in stemma("reindex", "news", cwd=archive, before=powerless).line
    done = stemma("search", "version", cwd=archive, before=powerless)
    assert (done.code, done.err) == (0, "")
    (archive / "index").chmod(0)
    assert "Permission denied" in stemma("search", "version", cwd=archive, before=powerless).line
    (archive / "index").chmod(0o700)
    (archive / "news").chmod(0)
    assert "Permission denied" in stemma("reindex", "news", cwd=archive, before=powerless).line
    (archive / "news").chmod(0o700)
    assert indexed_texts(archive / "index") == texts_of(OLD)


def test_an_index_that_goes_away_under_a_server(archive: Path) -> None:
    """Who reads finishes; the next requests say that there is no index, until there is one again."""
    engine = opened(archive / "index")
    client = create_app(engine, Settings(index=archive / "index")).test_client()
    snapshot = engine.snapshot()
    assert client.get("/api/v1/search?q=version").status_code == 200
    shutil.rmtree(archive / "index")
    assert find(snapshot, SearchRequest("version")).total.value == len(OLD)
    article = snapshot.article("0001.txt")
    assert article is not None
    assert "\n".join(article.paragraphs) == texts_of(OLD)["0001.txt"]
    with pytest.raises(IndexMissing):
        engine.snapshot()
    for path in ("/api/v1/search?q=version", "/", "/articles/0001.txt", "/readyz"):
        assert client.get(path).status_code == 503
    (archive / "index").write_text("a file in its place")
    assert client.get("/api/v1/search?q=version").status_code == 503
    (archive / "index").unlink()
    with_engine(archive)
    assert client.get("/api/v1/search?q=version").status_code == 200
    engine.close()


def test_an_index_that_goes_away_under_a_run(archive: Path) -> None:
    """Somebody removes the folder that a run writes to: an error for people, and the next run makes it anew."""
    write(archive / "news", NEW, ago=1800)
    program = (
        "import shutil, sys; from search import indexing; real = indexing.reindex; sys.argv[1:] = ['reindex', 'news']; "
        "indexing.reindex = lambda *a, **k: real(*a, **(k | {'progress': lambda step: "
        "shutil.rmtree('index') if step.files == 1 else None})); from search.cli.main import main; sys.exit(main())"
    )
    line = Command(cwd=archive, program=[sys.executable, "-c", program]).end().line
    assert "No such file or directory" in line
    assert stemma("reindex", "news", cwd=archive).code == 0
    assert indexed_texts(archive / "index") == texts_of(NEW)


@pytest.mark.parametrize("how", ["removed", "unmounted", "a file"])
def test_a_source_that_goes_away_in_the_middle_of_a_run(archive: Path, how: str) -> None:
    """A disk that is unplugged must not take the archive with it; what was indexed stays, and is read again later."""
    news_folder, away = archive / "news", archive / "away"
    write(news_folder, NEW, ago=1800)

    def vanish() -> None:
        news_folder.rename(away)
        if how == "unmounted":
            news_folder.mkdir()
        elif how == "a file":
            news_folder.write_text("")

    assert with_engine(archive, vanish) == len(NEW) - 1
    first = {name: texts_of(NEW)[name] for name in ["0000.txt"]}
    assert indexed_texts(archive / "index") == texts_of(OLD) | first
    with pytest.raises(SourceError):
        with_engine(archive)
    if how == "unmounted":
        news_folder.rmdir()
    elif how == "a file":
        news_folder.unlink()
    away.rename(news_folder)
    assert with_engine(archive) == 0
    assert indexed_texts(archive / "index") == texts_of(NEW)


def test_a_working_directory_that_is_gone(archive: Path) -> None:
    """A shell may stand in a folder that was removed: what needs no such folder works, what does says what is wrong."""
    gone = archive / "gone"
    gone.mkdir()

    # numba loads `coverage` where it is installed, which fails in such a folder; who uses Stemma does not have it
    program = "import sys; sys.modules['coverage'] = None; from search.cli.main import main; sys.exit(main())"

    def there(*arguments: str | Path) -> Command:
        command = [sys.executable, "-c", program]
        return Command(*arguments, program=command, cwd=gone, before=lambda: gone.rmdir() if gone.exists() else None)

    done = there("reindex", archive / "news", "--index", archive / "index").end()
    assert (done.code, done.err) == (0, "")
    for arguments in (["reindex", "news"], ["search", "version"], ["status"], ["check"], ["backup", archive / "copy"]):
        gone.mkdir(exist_ok=True)
        line = there(*arguments).end().line
        assert "What was to be printed" not in line
        assert "index" in line or "news" in line


def test_a_source_that_is_a_loop(archive: Path) -> None:
    """A link to itself is no folder."""
    (archive / "loop").symlink_to(archive / "loop")
    assert "loop" in stemma("reindex", "loop", cwd=archive).line
    assert indexed_texts(archive / "index") == texts_of(OLD)
