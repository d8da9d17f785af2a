"""What the command line takes, what its help says, and how it answers wrong usage."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from search.cli.arguments import Parser, parser
from search.cli.commands import COMMANDS
from tests.cli.archive import one_line
from tests.processes.commands import ROOT, environment, run


def subparser(name: str) -> Parser:
    """The parser of one command."""
    found = parser().parse_known_args([name, "x"])[0].parser
    assert isinstance(found, Parser)
    return found


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


@pytest.mark.parametrize("options", [("--index", "elsewhere"), ("--index=elsewhere",), ("--json",)])
def test_an_option_before_the_command(indexed: Path, options: tuple[str, ...]) -> None:
    """It was "invalid choice: 'elsewhere'", which does not say that the order is what is wrong."""
    done = run(indexed, *options, "search", "moon")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{options[0]} stands before the command. Options follow it" in done.stderr


def test_help_keeps_names() -> None:
    """Names keep their capitals in the help."""
    assert "Serve pages and JSON until stopped." in subparser("serve").format_help()


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


def test_the_name_alone_shows_the_help(indexed: Path) -> None:
    """It is the first thing that people type, and it said "arguments are required" without saying which there are."""
    done = run(indexed)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Full-text search for archives of articles." in done.stderr
    assert "examples:" in done.stderr
