"""`stemma status`, and what commands say of an index that is not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.archive import one_line
from tests.processes.commands import run


@pytest.mark.parametrize("arguments", [("search", "moon"), ("status",), ("search", "moon", "--json")])
def test_no_index_yet(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """The first thing a newcomer meets says what to do next, and makes nothing."""
    done = run(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert "stemma reindex" in one_line(done.stderr)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("index", ["file", "file/below"])
@pytest.mark.parametrize(
    "arguments",
    [("search", "moon"), ("status",), ("reindex",), ("reindex", "--full"), ("reindex", "--dry-run"), ("serve",)],
)
def test_an_index_that_is_a_file(archive: Path, arguments: tuple[str, ...], index: str) -> None:
    """A wrong --index is named as that; the file is not damaged, and building it anew is not the way out."""
    (archive / "file").write_text("not an index", "utf-8")
    done = run(archive, *arguments, "--index", index)
    assert done.returncode == 1
    line = one_line(done.stderr)
    assert f"{index} is not a folder" in line
    assert "--full" not in line
    assert (archive / "file").read_text("utf-8") == "not an index"


def test_status_shows_what_the_index_holds(indexed: Path) -> None:
    """An operator's first look: where, how much, since when, and what was left out."""
    (indexed / "seeds" / "bad\x1b[2J.txt").write_bytes(b"\xff")
    (indexed / "stemma.toml").write_text('host = "127.0.0.1"\n', "utf-8")
    run(indexed, "reindex")
    done = run(indexed, "status")
    assert (done.returncode, done.stderr) == (0, "")
    rows = dict(
        line.split(maxsplit=1) for line in done.stdout.splitlines() if line and line[0].isupper() and " " in line
    )
    assert rows["Engine"] == "whoosh"
    assert rows["Index"] == "index"
    assert rows["Generation"].startswith("2, committed 20")
    assert (rows["Articles"], rows["Paragraphs"]) == ("2", "3")
    assert rows["Size"].endswith(("kB", "MB"))
    assert rows["Dates"] == "1953-05-29 to 1969-07-20 20:17:40"
    assert (rows["Sources"], rows["Languages"]) == ("seeds (2)", "en (2)")
    assert rows["Settings"] == "stemma.toml"
    assert rows["Last"] == "run    3 files found = 2 indexed + 0 read in part + 1 quarantined + 0 ignored"
    assert r"seeds/bad\x1b[2J.txt: The file is not UTF-8" in done.stdout
    assert "Save it" in done.stdout


def test_ignored_files_are_named(indexed: Path) -> None:
    """A count alone does not say whether the right ones were passed over; thousands of names would bury all else."""
    for number in range(23):
        (indexed / "seeds" / f"{number:02}.odt").touch()
    run(indexed, "reindex")
    _, _, listed = run(indexed, "status").stdout.partition("\nIgnored:\n")
    (line,) = listed.splitlines()
    assert line.startswith("not a format that is read (")
    assert "): seeds/00.odt, seeds/01.odt, " in line
    assert line.endswith("seeds/19.odt and 3 more; `stemma status --json` lists all")


def test_status_as_json(indexed: Path) -> None:
    """The same for monitoring, with every file."""
    found = json.loads(run(indexed, "status", "--json").stdout)
    assert (found["engine"], found["generation"], found["articles"], found["paragraphs"]) == ("whoosh", 1, 2, 3)
    assert found["size"] > 0
    assert found["settings_file"] is None
    ledger = found["last_run"]
    assert [entry["article_id"] for entry in ledger["entries"]] == ["everest.txt", "moon.txt"]
    assert ledger["found"] == ledger["indexed"] + ledger["quarantined"] + ledger["ignored"] == 2
