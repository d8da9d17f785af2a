"""`stemma reindex` as people and scripts meet it: real processes, their output and exit codes."""

from __future__ import annotations

import json
import os
import resource
import subprocess
from pathlib import Path

from search.index.storage.directory import locked
from tests.cli.archive import EVEREST, MOON, one_line, write
from tests.processes.commands import STEMMA, environment, run
from tests.processes.pseudo_terminal import Terminal


def test_reindex_says_what_it_did(archive: Path) -> None:
    """One summary line is what stands in the log of a nightly run."""
    done = run(archive, "reindex")
    assert (done.returncode, done.stderr) == (0, "")
    (line,) = done.stdout.splitlines()
    assert "2 added, 0 updated, 0 removed, 0 unchanged" in line
    assert "2 files found = 2 indexed + 0 read in part + 0 quarantined + 0 ignored" in line


def test_reindex_follows_the_folder(indexed: Path) -> None:
    """Adds, updates and removes in one run; what has not changed is left alone; a second run does nothing."""
    (indexed / "seeds" / "everest.txt").unlink()
    write(
        indexed, {"moon.txt": MOON.replace("watching", "listening"), "new.txt": EVEREST, "newer.txt": EVEREST + "More."}
    )
    report = json.loads(run(indexed, "reindex", "--json").stdout)
    numbers = [report[key] for key in ("committed", "generation", "added", "updated", "moved", "removed")]
    assert numbers == [True, 2, 1, 1, 1, 0]
    again = json.loads(run(indexed, "reindex", "--json").stdout)
    assert (again["committed"], again["unchanged"]) == (False, 3)


def test_reindex_lists_what_it_could_not_read(archive: Path) -> None:
    """One bad file must neither stop the others nor be passed over in silence: exit 1, where, why, what to do."""
    (archive / "seeds" / "bad.txt").write_bytes(b"Caf\xc3\xa9\n\nau lait \xff\n")
    (archive / "seeds" / "notes.odt").write_bytes(b"")
    done = run(archive, "reindex")
    assert done.returncode == 1
    assert "4 files found = 2 indexed + 0 read in part + 1 quarantined + 1 ignored" in done.stdout
    line = one_line(done.stderr)
    assert all(part in line for part in ("seeds/bad.txt", "not UTF-8", "Save it"))
    assert "moon" in run(archive, "search", "armstrong").stdout


def test_a_source_in_a_source(archive: Path) -> None:
    """Who names a folder of a source to bring that part up to date finds each article twice, or refused for its id."""
    (archive / "seeds" / "1969").mkdir()
    write(archive, {"1969/moon.txt": MOON})
    assert run(archive, "reindex", "seeds").stderr == ""
    done = run(archive, "reindex", "seeds/1969")
    (line,) = (line for line in done.stderr.splitlines() if "lies in" in line)
    assert "the source '1969' lies in the source 'seeds': its files are read for both." in line
    assert "--drop 1969" in line


def test_reindex_prints_its_ledger(archive: Path) -> None:
    """A program has to know of every file, and whether the run was committed at all."""
    (archive / "seeds" / "bad.txt").write_bytes(b"\xff")
    done = run(archive, "reindex", "--json")
    report = json.loads(done.stdout)
    ledger = report["ledger"]
    assert report["committed"] is True
    assert ledger["found"] == len(ledger["entries"]) == 3
    assert (ledger["indexed"], ledger["quarantined"], ledger["ignored"]) == (2, 1, 0)
    (bad,) = [entry for entry in ledger["entries"] if entry["outcome"] == "quarantined"]
    assert bad["path"] == "bad.txt"
    assert bad["reason"]
    assert bad["advice"]


def test_a_run_that_read_files_in_part_is_done(archive: Path) -> None:
    """What can be found is there: the exit code is 0, and the run that read the file says once what is missing."""
    lines = ('{"text": "Armstrong walked."}', '{"id": "b"}', '{"text": "Aldrin walked."}')
    (archive / "seeds" / "more.jsonl").write_text("\n".join(lines))
    done = run(archive, "reindex")
    assert done.returncode == 0
    assert "3 files found = 2 indexed + 1 read in part + 0 quarantined + 0 ignored, 1 record refused" in done.stdout
    refused, partial = done.stderr.splitlines()
    assert refused.startswith("stemma: quarantined: seeds/more.jsonl:b: ")
    assert partial == "stemma: read in part: seeds/more.jsonl: 1 of its 3 records could not be read."
    again = run(archive, "reindex")
    assert (again.returncode, again.stderr.splitlines()) == (0, [refused])
    shown = run(archive, "status").stdout
    assert "Quarantined:" not in shown, "no file is, and the line above counts none"
    assert shown.index("Records that cannot be read") < shown.index("more.jsonl:b") < shown.index("Read in part:")
    ledger = json.loads(run(archive, "status", "--json").stdout)["last_run"]
    assert {key: ledger[key] for key in ("found", "indexed", "partial", "quarantined", "ignored")} == {
        "found": 3,
        "indexed": 2,
        "partial": 1,
        "quarantined": 0,
        "ignored": 0,
    }


def test_quiet_says_only_what_went_wrong(archive: Path) -> None:
    """Cron mails whatever a job prints."""
    done = run(archive, "reindex", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (archive / "seeds" / "bad.txt").write_bytes(b"\xff")
    done = run(archive, "reindex", "--quiet")
    assert (done.returncode, done.stdout) == (1, "")
    assert "bad.txt" in one_line(done.stderr)


def test_full_builds_anew(indexed: Path) -> None:
    """The way out of a damaged or outdated index."""
    report = json.loads(run(indexed, "reindex", "--full", "--json").stdout)
    assert (report["committed"], report["generation"], report["unchanged"]) == (True, 2, 0)
    (manifest,) = (indexed / "index").glob("manifest-*.json")
    manifest.write_text("{", "utf-8")
    broken = run(indexed, "search", "moon")
    assert broken.returncode == 1
    assert "stemma reindex --full" in one_line(broken.stderr)
    assert run(indexed, "reindex", "--full").returncode == 0
    assert "moon.txt-p1" in run(indexed, "search", "moon").stdout


def test_a_source_that_is_not_there(archive: Path) -> None:
    """A folder that is not mounted must not empty the index."""
    assert run(archive, "reindex").returncode == 0
    done = run(archive, "reindex", "elsewhere")
    assert done.returncode == 1
    assert "elsewhere" in one_line(done.stderr)
    assert "2 indexed" in run(archive, "status").stdout


def test_a_source_is_dropped_by_its_name(archive: Path) -> None:
    """What is gone for good has to be told so, with the default sources or without."""
    (archive / "seeds").rename(archive / "news")
    (archive / "more.jsonl").write_text('{"text": "Armstrong again."}\n')
    assert run(archive, "reindex", "news", "more.jsonl").returncode == 0
    (archive / "more.jsonl").unlink()
    for arguments in (("--full",), (), ("--full", "news")):
        done = run(archive, "reindex", *arguments)
        assert done.returncode == 1
        assert "--drop more.jsonl" in one_line(done.stderr)
    wrong = run(archive, "reindex", "--drop", "mroe.jsonl")
    assert wrong.returncode == 2
    assert "Its sources: news, more.jsonl." in one_line(wrong.stderr)
    done = run(archive, "reindex", "--drop", "more.jsonl")
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 removed" in done.stdout
    assert "2 files found" in run(archive, "reindex", "--full").stdout


def test_a_locked_index(indexed: Path) -> None:
    """The second writer is told who the first one is; readers do not notice either."""
    with locked(indexed / "index"):
        done = run(indexed, "reindex", "--full")
        assert done.returncode == 1
        assert f"process {os.getpid()}" in one_line(done.stderr)
        assert run(indexed, "search", "moon").returncode == 0


def test_a_full_disk(indexed: Path) -> None:
    """Says so and changes nothing. The disk is a limit on the size of files, which fails in the same place."""
    write(indexed, {f"{number}.txt": MOON + f"{'lunar ' * number}\n" * 50 for number in range(40)})

    def fill() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    before = sorted(path.name for path in (indexed / "index").glob("*.toc"))
    done = subprocess.run(
        [*STEMMA, "reindex"],
        cwd=indexed,
        env=environment(),
        preexec_fn=fill,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "index" in one_line(done.stderr)
    assert sorted(path.name for path in (indexed / "index").glob("*.toc")) == before
    assert "2 indexed" in run(indexed, "status").stdout


def test_progress_on_a_terminal(archive: Path) -> None:
    """A long run shows how far it is, and leaves one line behind."""
    code, shown = Terminal(archive, "reindex", TERM="xterm").finish()
    assert code == 0
    assert "[###" in shown
    assert "2 of 2 files" in shown
    assert shown.rpartition("\x1b[K")[2].startswith("Indexed into index: 2 added")
    assert "files" not in Terminal(archive, "reindex", "--full", "--quiet", TERM="xterm").finish()[1]


def test_interrupting_a_run(indexed: Path) -> None:
    """Ctrl-C is a way to say no: nothing changes, nothing is left locked, exit 130."""
    write(indexed, {f"{number}.txt": MOON * 20 for number in range(1000)})
    terminal = Terminal(indexed, "reindex", TERM="xterm")
    terminal.read(until=b"files")
    os.write(terminal.ours, b"\x03")
    code, shown = terminal.finish()
    assert code == 130
    assert "Interrupted. The index is as it was." in shown
    assert "Traceback" not in shown
    assert "2 indexed" in run(indexed, "status").stdout
    for path in (indexed / "seeds").glob("[0-9]*.txt"):
        path.unlink()
    assert run(indexed, "reindex").returncode == 0


def test_a_source_without_articles_is_told(archive: Path) -> None:
    """A folder that is empty, or the wrong one, looked like a run that did what was wanted."""
    (archive / "empty").mkdir()
    assert "'empty' has no article: there is no file in" in one_line(run(archive, "reindex", "empty").stderr)
    (archive / "empty" / "figures.xlsx").touch()
    line = one_line(run(archive, "reindex", "empty").stderr)
    assert "'empty' has no article: none of its files is one. `stemma status` says why" in line
    assert run(archive, "reindex", "seeds", "--drop", "empty").stderr == ""


def test_a_default_that_was_dropped_does_not_come_back(indexed: Path) -> None:
    """Whoever had put an archive in the place of seeds/ had its articles again after the next plain run."""
    (indexed / "archive").mkdir()
    (indexed / "archive" / "one.txt").write_text(MOON)
    assert run(indexed, "reindex", "archive", "--drop", "seeds").returncode == 0
    (indexed / "archive" / "two.txt").write_text(EVEREST)
    assert "1 added, 0 updated, 0 removed, 1 unchanged; 2 files found" in run(indexed, "reindex").stdout


def test_a_forgotten_language_is_told(tmp_path: Path) -> None:
    """An archive in French that is read as English finds few forms of its words, and nobody would know why."""
    text = "Le chat de la voisine est sur le toit, et il ne veut pas en descendre. " * 20
    write(tmp_path, {"a.txt": f"Le chat\n{text}\n"})
    told = "stemma: the articles seem to be in French"
    assert told in run(tmp_path, "reindex").stderr
    assert told not in run(tmp_path, "reindex", "--full", "--quiet").stderr
    assert told not in run(tmp_path, "reindex", "--full", STEMMA_LANGUAGES="en,fr").stderr
