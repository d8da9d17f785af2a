"""`stemma search` as people and scripts meet it: real processes, their output and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from search.cli.arguments import ROWS
from search.service import MAX_PER_PAGE
from tests.cli.archive import write
from tests.processes.commands import run
from tests.processes.pseudo_terminal import Terminal


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


def test_the_scope_of_an_article(indexed: Path) -> None:
    """The line that tells of further articles names the option that finds them."""
    lines = run(indexed, "search", "armstrong", "watching").stdout.splitlines()
    assert lines == [
        "0 paragraphs in 0 articles for: armstrong AND watching",
        "1 article has all words, in different paragraphs: --scope article",
        "Any of the words, with OR between them: 2 paragraphs",
        "Without armstrong: 1 paragraph",
        "Without watching: 1 paragraph",
    ]
    wider = run(indexed, "search", "--scope", "article", "armstrong", "watching").stdout.splitlines()
    assert wider[0] == "2 paragraphs in 1 article for: armstrong AND watching"


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


def test_search_without_a_match(indexed: Path) -> None:
    """Finding nothing is an answer, not a failure."""
    done = run(indexed, "search", "xylophone")
    assert (done.returncode, done.stdout) == (0, "0 paragraphs in 0 articles for: xylophone\n")


def test_search_says_what_would_find_more(indexed: Path) -> None:
    """In a terminal there is no link to follow, so each line is a query to type."""
    lines = run(indexed, "search", "armstrng").stdout.splitlines()
    assert lines == ["0 paragraphs in 0 articles for: armstrng", "Did you mean: armstrong (1 paragraph)"]
    lines = run(indexed, "search", "armstrong everest").stdout.splitlines()
    assert lines[1:] == [
        "Any of the words, with OR between them: 2 paragraphs",
        "Without armstrong: 1 paragraph",
        "Without everest: 1 paragraph",
    ]


def test_search_explains_its_results(indexed: Path) -> None:
    """--explain puts the sum below each result, and into the JSON."""
    lines = run(indexed, "search", "armstrong", "--explain").stdout.splitlines()
    assert lines[5].startswith("   score ")
    assert [line.split()[1] for line in lines[6:]] == ["armstrong:", "armstrong:"]
    found = json.loads(run(indexed, "search", "armstrong", "--explain", "--json").stdout)
    (hit,) = found["hits"]
    assert hit["explanation"]["score"] == pytest.approx(hit["score"], abs=1e-6)


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


@pytest.mark.parametrize("query", ["-isis", "-nato", "-n", "--x"])
def test_a_query_that_begins_with_a_dash(tmp_path: Path, query: str) -> None:
    """`-nato` is a query of the language and an option to the shell's customs: say how to write it."""
    for arguments in ((query,), ("moon", query)):
        done = run(tmp_path, "search", *arguments)
        assert done.returncode == 2
        assert "comes after --" in done.stderr.splitlines()[-1]
    assert "comes after" not in run(tmp_path, "status", "--x").stderr


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


def test_a_guessed_date_is_marked(tmp_path: Path) -> None:
    """Who cites an article has to know that 03/04/2024 may be in April; also after the file has moved."""
    rows = (
        {"id": "a", "text": "An okapi.", "date": "03/04/2024"},
        {"id": "b", "text": "An okapi.", "date": "2024-03-04"},
    )
    write(tmp_path, {"a.jsonl": "\n".join(map(json.dumps, rows))})
    for move in (False, True):
        if move:
            (tmp_path / "seeds" / "deep").mkdir()
            (tmp_path / "seeds" / "a.jsonl").rename(tmp_path / "seeds" / "deep" / "a.jsonl")
        assert run(tmp_path, "reindex", "--quiet").returncode == 0
        lines = run(tmp_path, "search", "okapi").stdout
        assert lines.count("2024-03-04 (guessed)") == 1
        assert lines.count("2024-03-04  ") == 1
        hits = json.loads(run(tmp_path, "search", "okapi", "--json").stdout)["hits"]
        assert [hit["article"]["date"] for hit in hits] == ["2024-03-04"] * 2
        assert [hit["article"].get("date_guessed") for hit in hits] == [True, None]
    assert "2024-03-04 to 2024-03-04" in run(tmp_path, "status").stdout
    assert run(tmp_path, "check").returncode == 0


def test_names_are_found_in_other_spellings(indexed: Path) -> None:
    """The terminal says what was added, and how to do without."""
    write(indexed, {"peking.txt": "Opera\n\nPeking saw an opera.\n"})
    assert run(indexed, "reindex").returncode == 0
    lines = run(indexed, "search", "beijing").stdout.splitlines()
    assert lines[0] == "1 paragraph in 1 article for: beijing ALSO Peking"
    assert lines[1] == "Also searched for Peking. --variants off: only for what you typed."
    assert run(indexed, "search", "beijing", "--variants", "off").stdout.startswith("0 paragraphs")
    wrong = run(indexed, "search", "beijing", "--variants", "maybe")
    assert (wrong.returncode, "off, on, alias" in wrong.stderr) == (2, True)
