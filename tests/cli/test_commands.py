"""The command line as people and scripts meet it: real processes, their output and exit codes."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import resource
import select
import shutil
import subprocess
import sys
import termios
import time
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from search.cli.arguments import ROWS, Parser, parser
from search.cli.commands import COMMANDS
from search.index.storage.directory import locked
from search.service import MAX_PER_PAGE
from tests.processes import ROOT, STEMMA, environment, run

MOON = "Men on the moon\n- 1969-07-20 20:17:40\n\nArmstrong walked on the moon.\nThe whole world was watching.\n"
EVEREST = "Everest climbed\n- 1953-05-29\n\nHillary and Tenzing walked to the top.\n"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A folder with two articles in seeds/, where commands run."""
    write(tmp_path, {"moon.txt": MOON, "everest.txt": EVEREST})
    return tmp_path


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, indexed: once, to be copied."""
    folder = tmp_path_factory.mktemp("prepared")
    write(folder, {"moon.txt": MOON, "everest.txt": EVEREST})
    assert run(folder, "reindex", "--quiet").returncode == 0
    return folder


@pytest.fixture
def indexed(prepared: Path, tmp_path: Path) -> Path:
    """A folder with two articles in seeds/ and their index, to do with as one likes."""
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    return tmp_path


def write(folder: Path, articles: Mapping[str, str]) -> None:
    (folder / "seeds").mkdir(exist_ok=True)
    for name, text in articles.items():
        (folder / "seeds" / name).write_text(text, "utf-8")


def subparser(name: str) -> Parser:
    """The parser of one command."""
    found = parser().parse_known_args([name, "x"])[0].parser
    assert isinstance(found, Parser)
    return found


def one_line(stderr: str) -> str:
    """The one line that a failure says on stderr."""
    assert "Traceback" not in stderr
    (line,) = stderr.splitlines()
    assert line.startswith("stemma: ")
    return line


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
    assert shown.index("Quarantined:") < shown.index("more.jsonl:b") < shown.index("Read in part:")
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


def test_search_prints_what_it_found(indexed: Path) -> None:
    """Total, how the query was read, and of each hit title, date, id and text: plain when piped."""
    done = run(indexed, "search", "walk -everest")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "1 paragraph in 1 article for: walk AND NOT everest",
        "",
        "1. Men on the moon",
        "   1969-07-20 20:17:40  moon.txt-p1",
        "   Armstrong walked on the moon.",
    ]


def test_search_prints_as_many_as_asked_for(indexed: Path) -> None:
    """-n limits the rows, and says that there are more."""
    lines = run(indexed, "search", "", "-n", "2").stdout.splitlines()
    assert lines[0] == "3 paragraphs in 2 articles for: everything"
    assert [line for line in lines if line[:2] in {"1.", "2.", "3."}] == ["1. Men on the moon", "2. Men on the moon"]
    assert "-n" in lines[-1]


@pytest.mark.parametrize(
    "arguments",
    [
        ("walked moon",),
        ("walked", "moon"),
        ("walked", "moon", "-n", "1"),
        ("-n", "1", "walked", "moon"),
        ("walked", "-n", "1", "moon"),
        ("--", "walked", "moon"),
        ("walked", "-n", "1", "--", "moon", "-everest"),
    ],
)
def test_all_words_are_one_query(indexed: Path, arguments: tuple[str, ...]) -> None:
    """People type words after a command; quotes around them are something to learn only for signs."""
    done = run(indexed, "search", *arguments)
    assert done.returncode == 0
    assert done.stdout.startswith("1 paragraph in 1 article for: walked AND moon")


def test_search_without_words_says_what_to_type(tmp_path: Path) -> None:
    """Everything there is would be a surprise, and a hint of argparse's is none."""
    done = run(tmp_path, "search")
    assert done.returncode == 2
    assert "Write the words of the query" in done.stderr


def test_version(tmp_path: Path) -> None:
    """The first thing that a report of a fault is asked for."""
    done = run(tmp_path, "--version")
    assert (done.returncode, done.stderr) == (0, "")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert done.stdout == f"stemma {version}\n"


def test_help_has_examples() -> None:
    """An example is understood before the usage line is."""
    for command in COMMANDS:
        text = subparser(command).format_help()
        assert "examples:" in text
        assert f"stemma {command}" in text.partition("examples:")[2]


def test_search_without_a_match(indexed: Path) -> None:
    """Finding nothing is an answer, not a failure."""
    done = run(indexed, "search", "xylophone")
    assert (done.returncode, done.stdout) == (0, "0 paragraphs in 0 articles for: xylophone\n")


def test_the_most_rows_are_those_of_the_api() -> None:
    """The parser knows the limit without importing the search; the two must not drift apart."""
    assert ROWS == MAX_PER_PAGE


def test_search_as_json_is_what_the_api_answers(indexed: Path) -> None:
    """One format for programs, whichever door they take."""
    found = json.loads(run(indexed, "search", "armstrong", "--json", "-n", "1").stdout)
    assert found["q"] == "armstrong"
    assert found["total"] == {"value": 1, "relation": "eq"}
    assert [hit["id"] for hit in found["hits"]] == ["moon.txt-p1"]
    assert "<mark>Armstrong</mark>" in found["hits"][0]["snippet"]


@pytest.mark.parametrize(
    ("query", "caret"), [('walk "moon', 5), ("titel:bar", 0), ("月 AND", 6), ("a (b", 2), ("before:x", 7), ("a\tOR", 4)]
)
def test_a_query_that_cannot_be_read(indexed: Path, query: str, caret: int) -> None:
    """Exit 2, what is wrong, and a caret in the very column where it went wrong, wide letters or not."""
    done = run(indexed, "search", query)
    assert (done.returncode, done.stdout) == (2, "")
    message, shown, pointer = done.stderr.splitlines()
    assert message.startswith("stemma: ")
    assert shown == f"  {query}".replace("\t", " ")
    assert pointer == " " * (caret + 2) + "^"


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("dance",),
        ("search",),
        ("search", "-n", "3"),
        ("search", "moon", "-n", "0"),
        ("search", "moon", "-n", "101"),
        ("search", "moon", "-n", "many"),
        ("search", "moon", "--ind", "index"),
        ("reindex", "--watch", "--full"),
        ("serve", "extra"),
        ("serve", "--port", "70000"),
        ("serve", "--workers", "none"),
        ("reindex", "a/x", "b/x"),
        ("search", "-,-"),
    ],
)
def test_wrong_usage(indexed: Path, arguments: tuple[str, ...]) -> None:
    """Scripts tell a wrong call (2) from a failed one (1)."""
    for folder in ("a/x", "b/x"):
        (indexed / folder).mkdir(parents=True, exist_ok=True)
    done = run(indexed, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_help_keeps_names() -> None:
    """Names keep their capitals in the help."""
    assert "Serve pages and JSON until stopped." in subparser("serve").format_help()


@pytest.mark.parametrize("query", ["-isis", "-nato", "-n", "--x"])
def test_a_query_that_begins_with_a_dash(tmp_path: Path, query: str) -> None:
    """`-nato` is a query of the language and an option to the shell's customs: say how to write it."""
    for arguments in ((query,), ("moon", query)):
        done = run(tmp_path, "search", *arguments)
        assert done.returncode == 2
        assert "comes after --" in done.stderr.splitlines()[-1]
    assert "comes after" not in run(tmp_path, "status", "--x").stderr


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


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only some systems have a device that is always full")
@pytest.mark.parametrize("arguments", [("search", "moon"), ("search", "moon", "--json"), ("status",), ("--help",)])
def test_output_that_cannot_be_written(indexed: Path, arguments: tuple[str, ...]) -> None:
    """Half an answer in a file, with exit code 0, would be taken for a whole one."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*STEMMA, *arguments],
            cwd=indexed,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    one_line(done.stderr)


@pytest.mark.parametrize("arguments", [("search", ""), ("status", "--json"), ("--help",)])
def test_a_reader_that_stops_reading(indexed: Path, arguments: tuple[str, ...]) -> None:
    """`stemma search … | head -1` is no failure."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*STEMMA, *arguments],
        cwd=indexed,
        env=environment(),
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


def test_closed_output(indexed: Path) -> None:
    """A daemon may run commands without any standard output."""
    command = ["sh", "-c", 'exec "$@" >&- 2>&-', "sh", *STEMMA, "search", "moon"]
    assert subprocess.run(command, cwd=indexed, env=environment(), check=False).returncode == 0


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


def test_status_as_json(indexed: Path) -> None:
    """The same for monitoring, with every file."""
    found = json.loads(run(indexed, "status", "--json").stdout)
    assert (found["engine"], found["generation"], found["articles"], found["paragraphs"]) == ("whoosh", 1, 2, 3)
    assert found["size"] > 0
    assert found["settings_file"] is None
    ledger = found["last_run"]
    assert [entry["article_id"] for entry in ledger["entries"]] == ["everest.txt", "moon.txt"]
    assert ledger["found"] == ledger["indexed"] + ledger["quarantined"] + ledger["ignored"] == 2


def test_flags_and_environment_reach_the_commands(archive: Path) -> None:
    """Settings that only tests read would be worth nothing."""
    assert run(archive, "reindex", "--index", "elsewhere", "seeds").returncode == 0
    assert run(archive, "search", "moon", STEMMA_INDEX="elsewhere").returncode == 0
    assert run(archive, "search", "moon").returncode == 1
    wrong = run(archive, "status", STEMMA_INDX="elsewhere")
    assert wrong.returncode == 2
    assert "indx" in one_line(wrong.stderr)


def test_help_is_instant() -> None:
    """Help that loads a language toolkit first is not asked for twice; nothing heavy may be imported for it."""
    check = "import sys, search.cli; print({'nltk', 'flask', 'whoosh', 'granian', 'numba', 'numpy'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", check], env=environment(), capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_help_shows_every_command() -> None:
    """What the parser takes and what is carried out are two lists; they must be one."""
    shown = parser().format_help()
    assert all(f"\n    {command} " in shown for command in COMMANDS)
    assert "examples:" in shown


def take_terminal() -> None:
    """Become the leader of a session, and standard input its terminal, so that Ctrl-C goes to all of its processes."""
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, folder: Path, *arguments: str, **variables: str) -> None:
        self.ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [*STEMMA, *arguments],
            cwd=folder,
            env=environment(**variables),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            preexec_fn=take_terminal,  # noqa: PLW1509 - no thread of ours runs while tests do
        )
        os.close(theirs)
        self.shown = b""

    def read(self, until: bytes | None = None) -> str:
        """What it shows, to the end or until it shows something."""
        deadline = time.monotonic() + 60
        while (until is None or until not in self.shown) and time.monotonic() < deadline:
            if select.select([self.ours], [], [], 1)[0]:
                try:
                    self.shown += os.read(self.ours, 65536)
                except OSError:  # how Linux says that the other end was closed
                    break
        return self.shown.decode()

    def finish(self) -> tuple[int, str]:
        shown = self.read()
        os.close(self.ours)
        return self.process.wait(60), shown


def test_matches_stand_out_on_a_terminal(indexed: Path) -> None:
    """What matched is seen at a glance; titles are bold."""
    code, shown = Terminal(indexed, "search", "walk moon", TERM="xterm").finish()
    assert code == 0
    assert "\x1b[1mMen on the \x1b[0m\x1b[1;33mmoon\x1b[0m" in shown
    assert "Armstrong \x1b[33mwalked\x1b[0m on the \x1b[33mmoon\x1b[0m." in shown


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_terminals_without_ink(indexed: Path, variables: dict[str, str]) -> None:
    """Whoever wants no colours gets none (no-color.org), nor does a terminal that would show the sequences."""
    assert "\x1b" not in Terminal(indexed, "search", "walk moon", **{"TERM": "xterm", **variables}).finish()[1]


def test_articles_cannot_steer_the_terminal(archive: Path) -> None:
    """An article may come from anybody; its text must not clear the screen, set the title or reorder what is read."""
    write(archive, {"evil.txt": "Evil \x1b]0;owned\x07 \x9b2J\n\nThe moon \x1b[2J is \u202egnorw\u202c here.\n"})
    run(archive, "reindex")
    for query in ("moon", "evil", "title:evil", "gnorw"):
        shown = Terminal(archive, "search", query, TERM="xterm").finish()[1]
        left = shown.replace("\x1b[0m", "").replace("\x1b[1m", "").replace("\x1b[2m", "").replace("\x1b[33m", "")
        assert not set(left.replace("\x1b[1;33m", "")) & set("\x1b\x07\x9b\u202e\u202c")
        assert "\\x1b" in shown


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
